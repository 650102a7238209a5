//! Errors of the log; the texts are shown to citizens and auditors.

/// Result of this crate.
pub type Result<T, E = TlogError> = std::result::Result<T, E>;

/// Why a piece of the log could not be built, read or believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogError {
    /// Text or bytes do not have the published format.
    #[error("{what}格式不正确：{why}")]
    Format {
        /// Which document.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A proof does not lead to the stated root.
    #[error("{0}证明与树根不符")]
    Proof(&'static str),
    /// A signature of a known key does not verify.
    #[error("签名验证不通过：{0}")]
    Signature(String),
    /// No signature of a trusted key is present.
    #[error("没有可信密钥的签名：{0}")]
    Untrusted(String),
    /// Index or size outside the tree.
    #[error("序号超出范围：{0}")]
    Range(String),
    /// A mandatory field is missing, or a field is unknown, repeated or too large.
    #[error("事件字段不正确：{0}")]
    Field(String),
    /// A stored hash or tile that is needed is not there.
    #[error("缺少已存的哈希：层 {level}，序号 {index}")]
    Missing {
        /// Level of the tree (leaves are 0) or of the tile.
        level: u8,
        /// Index within the level.
        index: u64,
    },
    /// The signing module refused.
    #[error("签名失败：{0}")]
    Signer(String),
}

pub(crate) fn format(what: &'static str, why: impl Into<String>) -> TlogError {
    TlogError::Format {
        what,
        why: why.into(),
    }
}
