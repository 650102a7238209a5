//! The proof bundle that an applicant downloads: `bundle.json`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Result, TlogError, format};
use crate::hash::{Hash, from_base64, to_base64};
use crate::leaf::{
    CaseKey, Field, FieldDigests, Leaf, LeafKind, LeafText, actor_message, case_ref, commitments,
    minute_text, parse_minute,
};
use crate::note::NoteVerifier;
use crate::proof::TlogProof;

/// Version mark of the file.
pub const BUNDLE_FORMAT: &str = "gov-case-bundle/v1";
/// Largest bundle read, bytes.
pub const BUNDLE_BYTES_MAX: usize = 16 * 1024 * 1024;
const EVENTS_MAX: usize = 10_000;
/// A log per year.
const LOGS_MAX: usize = 1_000;

/// Everything that a case's holder needs to check its history without the platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`BUNDLE_FORMAT`].
    pub format: String,
    /// Secret of the case.
    #[serde(with = "b64")]
    pub case_key: CaseKey,
    /// Events in order, from seq 0.
    pub events: Vec<BundleEvent>,
    /// Looks of officers at the data of the case ([`LeafKind::Access`]), in order, from seq 0 of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<BundleEvent>,
    /// The newest checkpoint of each yearly log from that of the first event on, oldest first: up to here the platform says that
    /// these are all events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
}

/// One event of the case with its proofs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleEvent {
    /// Minute line of the leaf, `2026-08-21T09:31Z`.
    pub minute: String,
    /// Fields in byte order of their names.
    pub fields: Vec<BundleField>,
    /// `.tlog-proof` text in the SHA-256 log.
    pub proof: String,
    /// The same in the SM3 twin, if the platform runs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof_sm3: Option<String>,
}

/// A field; an erased one has neither salt nor value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleField {
    /// Name.
    pub name: String,
    /// Value, absent after erasure. `Some(Null)` is the JSON null.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub value: Option<Value>,
    /// Salt, absent after erasure.
    #[serde(default, with = "b64_option", skip_serializing_if = "Option::is_none")]
    pub salt: Option<Hash>,
    /// SHA-256 digest.
    #[serde(with = "b64")]
    pub d: Hash,
    /// SM3 digest.
    #[serde(with = "b64")]
    pub e: Hash,
}

/// Tells an absent value from an explicit null.
fn present<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(d).map(Some)
}

impl BundleField {
    /// The private fields of a leaf.
    pub fn of(leaf: &Leaf) -> Result<Vec<Self>> {
        let field = |field: &Field| {
            let value = serde_json::from_str(&field.value)
                .map_err(|e| TlogError::Field(format!("{}: {e}", field.name)))?;
            Ok(Self {
                name: field.name.clone(),
                value: Some(value),
                salt: Some(field.salt),
                d: field.digests.d,
                e: field.digests.e,
            })
        };
        leaf.fields.iter().map(field).collect()
    }

    /// True if salt and value were erased.
    pub fn is_erased(&self) -> bool {
        self.salt.is_none() && self.value.is_none()
    }

    /// Erases the field: only the digests stay.
    pub fn erase(&mut self) {
        self.salt = None;
        self.value = None;
    }

    fn digests(&self) -> FieldDigests {
        FieldDigests {
            d: self.d,
            e: self.e,
        }
    }
}

impl BundleEvent {
    /// Puts a leaf and its proofs into bundle form.
    pub fn new(leaf: &Leaf, proof: &TlogProof, proof_sm3: Option<&TlogProof>) -> Result<Self> {
        Ok(Self {
            minute: minute_text(leaf.text.minute),
            fields: BundleField::of(leaf)?,
            proof: proof.to_string(),
            proof_sm3: proof_sm3.map(ToString::to_string),
        })
    }

    /// Value of a field that is present and not erased.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|f| f.name == name)?.value.as_ref()
    }

    /// The leaf text that these digests stand for, as event `seq` of this kind of the case.
    pub fn leaf_text(&self, kind: LeafKind, key: &CaseKey, seq: u64) -> Result<LeafText> {
        let minute = parse_minute(&self.minute).ok_or_else(|| format("分钟", &self.minute))?;
        let digests: Vec<FieldDigests> = self.fields.iter().map(BundleField::digests).collect();
        let (commit, commit_sm3) = commitments(kind, &digests);
        let case_ref = case_ref(kind, key, seq);
        Ok(LeafText {
            kind,
            minute,
            case_ref,
            commit,
            commit_sm3,
        })
    }

    /// Checks the officer's own SM2 signature inside the event.
    pub fn verify_actor_sig(&self, officer_key: &[u8; 65]) -> Result<()> {
        let missing = || TlogError::Untrusted("actor_sig".into());
        let text = self
            .value("actor_sig")
            .and_then(Value::as_str)
            .ok_or_else(missing)?;
        let signature = from_base64(text).ok_or_else(missing)?;
        let digests: Vec<(&str, FieldDigests)> = self
            .fields
            .iter()
            .map(|f| (f.name.as_str(), f.digests()))
            .collect();
        let message = actor_message(LeafKind::Case, digests.iter().map(|(n, d)| (*n, d)));
        NoteVerifier::sm2("actor", officer_key)?.verify(&message, &signature)
    }
}

impl Bundle {
    /// A bundle of these events.
    pub fn new(case_key: CaseKey, events: Vec<BundleEvent>) -> Self {
        Self {
            format: BUNDLE_FORMAT.into(),
            case_key,
            events,
            access: Vec::new(),
            logs: Vec::new(),
        }
    }

    /// With the looks at its data.
    #[must_use]
    pub fn with_access(mut self, access: Vec<BundleEvent>) -> Self {
        self.access = access;
        self
    }

    /// With the newest checkpoints of the logs.
    #[must_use]
    pub fn with_logs(mut self, logs: Vec<String>) -> Self {
        self.logs = logs;
        self
    }

    /// Reads `bundle.json`, bounded in size.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        if json.len() > BUNDLE_BYTES_MAX {
            return Err(format("证明包", "过大"));
        }
        let bundle: Self =
            serde_json::from_slice(json).map_err(|e| format("证明包", e.to_string()))?;
        let many = bundle.events.len().max(bundle.access.len()) > EVENTS_MAX;
        if bundle.format != BUNDLE_FORMAT || many || bundle.logs.len() > LOGS_MAX {
            return Err(format("证明包", "版本或事件数"));
        }
        Ok(bundle)
    }

    /// Writes `bundle.json`, indented for people.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map_err(|e| format("证明包", e.to_string()))
    }
}

mod b64 {
    use super::{Hash, from_base64, to_base64};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(hash: &Hash, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&to_base64(hash))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Hash, D::Error> {
        let text = String::deserialize(d)?;
        let bytes = from_base64(&text).and_then(|b| b.try_into().ok());
        bytes.ok_or_else(|| D::Error::custom("应为 32 字节的 base64"))
    }
}

mod b64_option {
    use super::{Hash, b64};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(hash: &Option<Hash>, s: S) -> Result<S::Ok, S::Error> {
        match hash {
            Some(hash) => b64::serialize(hash, s),
            None => s.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Hash>, D::Error> {
        #[derive(Deserialize)]
        struct Wrapped(#[serde(with = "b64")] Hash);
        Ok(Option::<Wrapped>::deserialize(d)?.map(|w| w.0))
    }
}
