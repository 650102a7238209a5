//! Who there is.

use serde::{Deserialize, Serialize};
use tongban_kernel::{Actor, EnterpriseId, OfficerId, OrganId, PersonId, Post};

/// What is known of a natural person; sealed at rest. Names of members follow `uc_person` of the exchange tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonProfile {
    pub user_name: String,
    /// GA/T 2000.156, 111 = 居民身份证.
    pub cert_type: String,
    pub cert_no: String,
    #[serde(default)]
    pub user_mobile: String,
    #[serde(default)]
    pub address: String,
}

/// An enterprise or other organisation. Public register data, not sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnterpriseProfile {
    pub id: EnterpriseId,
    /// 统一社会信用代码, GB 32100.
    pub uscc: String,
    pub name: String,
    #[serde(default)]
    pub legal_name: String,
    #[serde(default)]
    pub address: String,
}

/// An organ (机构).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganProfile {
    pub id: OrganId,
    /// 统一社会信用代码, GB 32100.
    pub code: String,
    pub name: String,
    pub short_name: String,
    /// Division code, 6 digits.
    pub division: String,
    pub phone: Option<String>,
}

/// An officer with the posts held now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerProfile {
    pub id: OfficerId,
    pub organ: OrganId,
    pub organ_name: String,
    pub staff_no: String,
    pub name: String,
    pub posts: Vec<Post>,
}

/// A living session: who acts, and how they are addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    pub actor: Actor,
    /// Masked for citizens (张*), whole for officers.
    pub display_name: String,
    /// The organ or enterprise acted for.
    pub acting_for: Option<String>,
    /// The person behind a citizen session.
    pub person: Option<PersonId>,
}

/// 张三 → 张*, 欧阳娜娜 → 欧***: the first character stays (GB/T 35273 de-identification in display).
pub fn mask_name(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_string() + &"*".repeat(letters.count().clamp(1, 4)),
        None => String::new(),
    }
}

/// Keeps the first four and last four characters of a long number: 3401**********012X.
pub fn mask_number(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    if letters.len() < 10 {
        return "*".repeat(letters.len());
    }
    let shown = |range: &[char]| range.iter().collect::<String>();
    let (head, tail) = (shown(&letters[..4]), shown(&letters[letters.len() - 4..]));
    format!("{head}{}{tail}", "*".repeat(letters.len() - 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_shows_no_more_than_it_must() {
        assert_eq!(mask_name("张三"), "张*");
        assert_eq!(mask_name("䶮"), "䶮*");
        assert_eq!(mask_name(""), "");
        assert_eq!(mask_number("11010519491231002X"), "1101**********002X");
        assert_eq!(mask_number("12345"), "*****");
    }
}
