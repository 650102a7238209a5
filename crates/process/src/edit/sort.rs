//! The kinds of element that can be put in, and what they are called in a file.

/// A kind of element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    User,
    Service,
    Script,
    Rule,
    Send,
    Receive,
    Manual,
    Call,
    Sub,
    Exclusive,
    Parallel,
    Inclusive,
    /// An intermediate event that a time triggers.
    Wait,
    End,
}

/// Kinds of task that can become one another.
pub const TASKS: [Sort; 7] = [
    Sort::User,
    Sort::Service,
    Sort::Script,
    Sort::Rule,
    Sort::Send,
    Sort::Receive,
    Sort::Manual,
];
/// Kinds of gateway that can become one another.
pub const GATEWAYS: [Sort; 3] = [Sort::Exclusive, Sort::Parallel, Sort::Inclusive];

impl Sort {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::User,
        Self::Service,
        Self::Script,
        Self::Rule,
        Self::Send,
        Self::Receive,
        Self::Manual,
        Self::Call,
        Self::Sub,
        Self::Exclusive,
        Self::Parallel,
        Self::Inclusive,
        Self::Wait,
        Self::End,
    ];

    /// Its element in BPMN.
    #[must_use]
    pub const fn element(self) -> &'static str {
        match self {
            Self::User => "userTask",
            Self::Service => "serviceTask",
            Self::Script => "scriptTask",
            Self::Rule => "businessRuleTask",
            Self::Send => "sendTask",
            Self::Receive => "receiveTask",
            Self::Manual => "manualTask",
            Self::Call => "callActivity",
            Self::Sub => "subProcess",
            Self::Exclusive => "exclusiveGateway",
            Self::Parallel => "parallelGateway",
            Self::Inclusive => "inclusiveGateway",
            Self::Wait => "intermediateCatchEvent",
            Self::End => "endEvent",
        }
    }

    /// The kind that an element of BPMN is.
    #[must_use]
    pub fn of(element: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.element() == element)
    }

    /// What the ids of new ones begin with.
    pub(super) const fn stem(self) -> &'static str {
        match self {
            Self::Exclusive | Self::Parallel | Self::Inclusive => "gateway",
            Self::Sub => "sub",
            Self::Wait => "event",
            Self::End => "end",
            _ => "task",
        }
    }

    pub(super) fn is_gateway(self) -> bool {
        GATEWAYS.contains(&self)
    }

    /// Width and height of its shape.
    pub(super) const fn size(self) -> (f64, f64) {
        match self {
            Self::Exclusive | Self::Parallel | Self::Inclusive => (50.0, 50.0),
            Self::Wait | Self::End => (36.0, 36.0),
            Self::Sub => (300.0, 140.0),
            _ => (110.0, 80.0),
        }
    }
}

/// Elements of BPMN between which sequence flows run.
pub(super) fn is_flow_node(element: &str) -> bool {
    matches!(
        element,
        "startEvent"
            | "endEvent"
            | "intermediateCatchEvent"
            | "intermediateThrowEvent"
            | "boundaryEvent"
            | "task"
            | "eventBasedGateway"
            | "complexGateway"
            | "transaction"
            | "adHocSubProcess"
    ) || Sort::of(element).is_some()
}

/// Elements of BPMN that hold others.
pub(super) fn is_scope(element: &str) -> bool {
    matches!(
        element,
        "process" | "subProcess" | "transaction" | "adHocSubProcess"
    )
}

/// Elements of BPMN on which events may sit.
pub(super) fn is_activity(element: &str) -> bool {
    is_flow_node(element) && !element.ends_with("Event") && !element.ends_with("Gateway")
}
