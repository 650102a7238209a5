//! Errors of keys, certificates, seals and signatures.

/// Result of this crate.
pub type Result<T, E = SealError> = std::result::Result<T, E>;

/// Why something could not be signed, read or believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Key material is malformed or outside the group.
    #[error("密钥不正确：{0}")]
    Key(&'static str),
    /// The signing module refused.
    #[error("签名失败：{0}")]
    Sign(String),
    /// A signature does not verify.
    #[error("签名验证不通过：{0}")]
    Signature(&'static str),
    /// Bytes do not have the expected structure.
    #[error("{what}格式不正确：{why}")]
    Format {
        /// Which structure.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A certificate is not acceptable.
    #[error("证书不可信：{0}")]
    Certificate(String),
    /// Decryption failed: wrong key, nonce, associated data, or changed ciphertext.
    #[error("解密失败：密钥不符或密文被改动")]
    Decrypt,
    /// Input is larger than this crate handles.
    #[error("数据过大：{0}")]
    TooLarge(&'static str),
}

pub(crate) fn format(what: &'static str, why: impl Into<String>) -> SealError {
    SealError::Format {
        what,
        why: why.into(),
    }
}
