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
