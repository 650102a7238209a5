//! What can be wrong with a form document, in words for the person who writes forms.

use std::fmt;

/// A mistake and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormError {
    /// JSON pointer into the document, such as `/pages/0/sections/1/fields/2/element`.
    pub path: String,
    /// What is wrong.
    pub kind: FormErrorKind,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() {
            "/"
        } else {
            &self.path
        };
        write!(f, "{path}：{}", self.kind)
    }
}

impl std::error::Error for FormError {}

/// Kinds of mistakes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormErrorKind {
    /// Not JSON, or nested too deep.
    #[error("不是有效的 JSON：{0}")]
    Json(String),
    /// The text is longer than allowed.
    #[error("文件太大，最多 {0} 字节")]
    TooLarge(usize),
    /// Another version of the format.
    #[error("不支持的表单格式版本“{0}”，应为 \"1\"")]
    Version(String),
    /// A member is missing.
    #[error("缺少“{0}”")]
    Missing(&'static str),
    /// A value has the wrong shape.
    #[error("这里应为{0}")]
    Shape(&'static str),
    /// A member that is not known.
    #[error("不认识的属性“{0}”，请检查拼写")]
    UnknownKey(String),
    /// A bad identifier.
    #[error("标识“{0}”不合规则：小写字母开头，只含小写字母、数字、下划线或短横线，最多 40 个字符")]
    BadId(String),
    /// Used twice.
    #[error("标识“{0}”重复")]
    DuplicateId(String),
    /// Too many of something.
    #[error("{0}太多，最多 {1} 个")]
    TooMany(&'static str, usize),
    /// Unknown data element.
    #[error("没有数据元“{0}”")]
    UnknownElement(String),
    /// A condition names a field that is not there.
    #[error("条件引用了不存在的字段“{0}”")]
    UnknownField(String),
    /// A condition names a field inside a group from outside.
    #[error("字段“{0}”在重复组内，组外的条件不能引用它；可以引用组本身（行数）")]
    InsideGroup(String),
    /// Conditions depend on each other.
    #[error("条件互相依赖成环：{0}")]
    Circular(String),
    /// A condition nested too deep or too large.
    #[error("条件太复杂：最多 {0} 层、{1} 个节点")]
    ConditionSize(usize, usize),
    /// An operator that is not known.
    #[error("不认识的条件运算“{0}”")]
    UnknownOperator(String),
    /// Two sides that cannot be compared.
    #[error("条件两边的类型不能比较：{0}")]
    Incomparable(String),
    /// A literal that is not an option of the field.
    #[error("“{0}”不是字段“{1}”的选项")]
    NotAChoice(String, String),
    /// Choices are missing.
    #[error("数据元“{0}”没有值域，字段要写 choices")]
    NoChoices(String),
    /// A rule does not fit the data element.
    #[error("规则“{0}”不适用于这种数据元")]
    RuleMisfit(String),
    /// A verified prefill inside a group.
    #[error("重复组内的字段不能用核验预填")]
    PrefillInGroup,
    /// Groups inside groups.
    #[error("重复组内不能再有重复组")]
    NestedGroup,
    /// Rules exclude each other.
    #[error("规则互相矛盾：{0}")]
    Contradiction(String),
    /// No answers can make the field appear.
    #[error("没有任何回答能让它显示，条件永远不成立")]
    Unreachable,
    /// A label is missing.
    #[error("缺少{0}的文字")]
    MissingWords(&'static str),
    /// Too many questions on a page.
    #[error("本页有 {0} 个问题，超过 7 个，建议分页")]
    CrowdedPage(usize),
    /// Same element and subject twice.
    #[error("与字段“{0}”是同一主体的同一数据元，是否重复提问")]
    AskedTwice(String),
    /// No English words.
    #[error("没有英文文字")]
    Untranslated,
    /// A page without fields.
    #[error("这一页没有字段")]
    EmptyPage,
}
