//! What is kept of an application, sealed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongban_accounts::PersonProfile;
use tongban_forms::{Answers, Evidence};

/// A draft not touched for this long is deleted; its owner is told before, in days.
pub const DRAFT_DAYS: i64 = 90;

/// A draft: everything answered so far, what was verified, and how the situation questions were answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftContent {
    #[serde(default)]
    pub answers: Answers,
    #[serde(default)]
    pub evidence: Evidence,
    /// Situation question → chosen option.
    #[serde(default)]
    pub situation: Vec<(String, String)>,
    /// Token of the window that saved last; its own later saves are no conflict.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub editor: String,
}

/// An application as it was submitted; never changed except by supplements, which are events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submitted {
    /// Shape of this document.
    pub version: u32,
    /// The draft, frozen when it was submitted; it stays in its own row.
    #[serde(skip)]
    pub draft: DraftContent,
    /// What was sent: visible fields only. Its canonical JSON is what the log commits to.
    #[serde(skip_serializing)]
    pub submission: Value,
    /// The person who applied or acted as agent.
    pub person: PersonProfile,
    /// Name and code of the enterprise, if one applied.
    pub enterprise: Option<(String, String)>,
}

impl Submitted {
    /// As it is stored, with the canonical JSON of the submission put in as it is.
    pub fn to_json(&self, submission: &str) -> serde_json::Result<String> {
        let mut json = serde_json::to_string(self)?;
        json.pop();
        json.push_str(",\"submission\":");
        json.push_str(submission);
        json.push('}');
        Ok(json)
    }
    /// 申请者名称: the enterprise, else the person.
    pub fn applyer_name(&self) -> &str {
        self.enterprise
            .as_ref()
            .map_or(&self.person.user_name, |(name, _)| name)
    }
    /// 申请者证件号码.
    pub fn applyer_code(&self) -> &str {
        self.enterprise
            .as_ref()
            .map_or(&self.person.cert_no, |(_, code)| code)
    }
}
