//! Check-character algorithms, as functions of the body without its check character.
//!
//! All return `None` when the body has the wrong length or a character outside the alphabet.

/// The 31 characters of GB 32100: digits and letters without I, O, S, V, Z.
pub const USCC_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const ALNUM: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

fn value_in(alphabet: &[u8], c: u8) -> Option<u32> {
    alphabet
        .iter()
        .position(|a| *a == c)
        .and_then(|i| u32::try_from(i).ok())
}

fn char_of(alphabet: &[u8], value: u32) -> Option<char> {
    alphabet
        .get(usize::try_from(value).ok()?)
        .copied()
        .map(char::from)
}

/// Check character of a unified social credit code (GB 32100-2015): body of 17, weights 3^i mod 31.
pub fn uscc(body: &str) -> Option<char> {
    if body.len() != 17 {
        return None;
    }
    let mut weight = 1;
    let mut sum = 0;
    for c in body.bytes() {
        sum = (sum + value_in(USCC, c)? * weight) % 31;
        weight = weight * 3 % 31;
    }
    char_of(USCC, (31 - sum) % 31)
}

/// Check character of an organisation code (GB 11714-1997): body of 8.
pub fn org_code(body: &str) -> Option<char> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    if body.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (c, weight) in body.bytes().zip(WEIGHTS) {
        sum += value_in(ALNUM, c)? * weight;
    }
    match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char_of(ALNUM, digit),
    }
}

/// Check character of a citizen number (GB 11643-1999, ISO 7064 MOD 11-2): body of 17 digits.
pub fn resident_id(body: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if body.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (c, weight) in body.bytes().zip(WEIGHTS) {
        sum += char::from(c).to_digit(10)? * weight;
    }
    char_of(b"10X98765432", sum % 11)
}

/// ISO 7064 MOD 37,36 over digits and capital letters (GB/T 36904 licence identifiers, 办件编号).
pub fn mod_37_36(body: &str) -> Option<char> {
    if body.is_empty() {
        return None;
    }
    let mut product = 36;
    for c in body.bytes() {
        let sum = match (product + value_in(ALNUM, c)?) % 36 {
            0 => 36,
            sum => sum,
        };
        product = sum * 2 % 37;
    }
    char_of(ALNUM, (37 - product) % 36)
}
