//! The table of elements: one macro writes the document struct and the list that quality reports and guides walk.

use super::item::ServiceItem;
use super::lists::TaskType;

/// Whether the exchange tables require an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Required of every item.
    Required,
    /// Required except for public services (公共服务事项 have no power source).
    RequiredOfPowers,
    Optional,
}

impl Need {
    /// Whether an item of this type must have the element.
    pub fn binds(self, task_type: TaskType) -> bool {
        match self {
            Self::Required => true,
            Self::RequiredOfPowers => task_type != TaskType::PublicService,
            Self::Optional => false,
        }
    }
}

/// Section of the full guide that an element belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Identity,
    Organ,
    Limits,
    Conditions,
    Materials,
    Flow,
    Fees,
    Results,
    Channels,
    Contact,
    Remedies,
    Links,
}

impl Group {
    /// Every section in reading order.
    pub const ALL: &'static [Self] = &[
        Self::Identity,
        Self::Organ,
        Self::Limits,
        Self::Conditions,
        Self::Materials,
        Self::Flow,
        Self::Fees,
        Self::Results,
        Self::Channels,
        Self::Contact,
        Self::Remedies,
        Self::Links,
    ];

    /// The heading.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Identity => "基本信息",
            Self::Organ => "实施主体",
            Self::Limits => "办理时限",
            Self::Conditions => "受理条件",
            Self::Materials => "申请材料",
            Self::Flow => "办理流程",
            Self::Fees => "收费",
            Self::Results => "审批结果",
            Self::Channels => "办理方式",
            Self::Contact => "窗口与咨询",
            Self::Remedies => "权利与救济",
            Self::Links => "系统关联",
        }
    }
}

/// One element of the item model.
pub struct Element {
    /// Identifier: the column name of the national exchange.
    pub name: &'static str,
    /// Chinese label.
    pub label: &'static str,
    pub group: Group,
    pub need: Need,
    /// Whether the item has the element.
    pub present: fn(&ServiceItem) -> bool,
    /// One line for a table; `None` when absent.
    pub shown: fn(&ServiceItem) -> Option<String>,
}

impl std::fmt::Debug for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Element")
            .field("name", &self.name)
            .field("need", &self.need)
            .finish()
    }
}

macro_rules! elements {
    ($(#[$meta:meta])* $name:ident {
        $($group:ident { $($(#[$fmeta:meta])* $field:ident : $ty:ty, $label:literal, $need:ident;)+ })+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// 事项名称.
            pub task_name: String,
            /// 事项类型.
            pub task_type: TaskType,
            $($(
                #[doc = $label]
                $(#[$fmeta])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$ty>,
            )+)+
            /// 扩展字段: what the source says and the model has no place for, kept as it is.
            #[serde(default, skip_serializing_if = "Map::is_empty")]
            pub extend_field: Map<String, Value>,
        }

        impl $name {
            /// A document that knows only its name and type; everything else is 未公布.
            pub fn new(task_name: impl Into<String>, task_type: TaskType) -> Self {
                Self {
                    task_name: task_name.into(),
                    task_type,
                    $($($field: None,)+)+
                    extend_field: Map::new(),
                }
            }
        }

        /// Every element besides name, type and extension field, in reading order.
        pub static ELEMENTS: &[$crate::model::elements::Element] = &[$($(
            $crate::model::elements::Element {
                name: stringify!($field),
                label: $label,
                group: $crate::model::elements::Group::$group,
                need: $crate::model::elements::Need::$need,
                present: |item| item.$field.is_some(),
                shown: |item| item.$field.as_ref().and_then($crate::model::show::Show::show),
            },
        )+)+];
    };
}
pub(super) use elements;

pub use super::item::ELEMENTS;
