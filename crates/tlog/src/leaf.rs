//! Leaves: five public lines that commit to salted fields under SHA-256 and SM3.
//!
//! A leaf carries no name, number or plain hash of a person's data. Deleting a field's salt and value
//! erases it for good (个人信息保护法 第四十七条); its digests stay, so the rest still verifies.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use crate::canonical::to_canonical;
use crate::error::{Result, TlogError, format};
use crate::hash::{Hash, TreeHash, hash_from_base64, to_base64};
use crate::kept::salt_of;

/// Secret of one case (or other stream of events), given to the applicant on the receipt.
pub type CaseKey = [u8; 32];

/// Most fields in a leaf.
pub const FIELDS_MAX: usize = 64;
/// Largest canonical value of a field, bytes.
pub const VALUE_BYTES_MAX: usize = 64 * 1024;

/// What a leaf records; the header line and all hash labels differ per kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeafKind {
    /// An event of a case.
    Case,
    /// Somebody looked at a person's data, on a legal basis.
    Access,
    /// A licence was issued, changed or revoked.
    Licence,
    /// Rules, roles or the item catalogue changed.
    Policy,
    /// Restore, rollback cleared, key change, backup drill, a bad rating answered.
    Ops,
}

impl LeafKind {
    /// Every kind.
    pub const ALL: [LeafKind; 5] = [
        LeafKind::Case,
        LeafKind::Access,
        LeafKind::Licence,
        LeafKind::Policy,
        LeafKind::Ops,
    ];

    /// First line of the leaf.
    pub fn header(self) -> &'static str {
        match self {
            LeafKind::Case => "gov-case-event/v1",
            LeafKind::Access => "gov-access-event/v1",
            LeafKind::Licence => "gov-licence-event/v1",
            LeafKind::Policy => "gov-policy-event/v1",
            LeafKind::Ops => "gov-ops-event/v1",
        }
    }

    /// Fields that every leaf of the kind has.
    pub fn mandatory(self) -> &'static [&'static str] {
        match self {
            LeafKind::Case => &[
                "case_no",
                "seq",
                "event",
                "prev",
                "prev_sm3",
                "actor",
                "actor_role",
                "organ",
                "time",
                "policy_version",
                "state_before",
                "state_after",
                "files",
                "basis",
            ],
            _ => &["seq", "event", "prev", "prev_sm3", "actor", "time", "basis"],
        }
    }

    /// Further fields allowed; kinds beside case events are open.
    pub fn optional(self) -> Option<&'static [&'static str]> {
        match self {
            LeafKind::Case => Some(&[
                "applicant",
                "opinion",
                "delegate_of",
                "request_id",
                "actor_sig",
            ]),
            _ => None,
        }
    }

    /// A hash that has taken in the domain label of one of the events' sub-hashes: header ‖ `part`.
    fn labelled<D: Digest>(self, part: &[u8]) -> D {
        let mut digest = D::new();
        digest.update(self.header());
        digest.update(part);
        digest
    }
}

/// Pseudonym of event `seq`: HMAC-SHA256(key, "<header>/ref\0" ‖ u64be seq). Holders of the key can
/// enumerate it; for anybody else two events of a case have nothing in common.
pub fn case_ref(kind: LeafKind, key: &CaseKey, seq: u64) -> Hash {
    let mut block = [0u8; 64];
    // HMAC pads a 32-byte key with zeroes to the block, which is what `new` takes.
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(kind.header().as_bytes());
    mac.update(b"/ref\0");
    mac.update(&seq.to_be_bytes());
    mac.finalize().into_bytes().into()
}

/// Salted digest of a file for the `files` field: SM3("gov-case-event/v1/file\0" ‖ salt ‖ digest).
pub fn file_digest(salt: &Hash, content_digest: &[u8]) -> Hash {
    let mut h = Sm3::new();
    h.update(b"gov-case-event/v1/file\0");
    h.update(salt);
    h.update(content_digest);
    h.finalize().into()
}

/// The two digests of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldDigests {
    /// SHA-256 digest d_i.
    pub d: Hash,
    /// SM3 digest e_i, independent of d_i.
    pub e: Hash,
}

impl FieldDigests {
    /// Digests of a field; `value` is canonical JSON.
    pub fn compute(kind: LeafKind, salt: &Hash, name: &str, value: &str) -> Self {
        let length = (name.len() as u32).to_be_bytes();
        let (mut d, mut e): (Sha256, Sm3) =
            (kind.labelled(b"/field\0"), kind.labelled(b"/field-sm3\0"));
        for part in [salt.as_slice(), &length, name.as_bytes(), value.as_bytes()] {
            d.update(part);
            e.update(part);
        }
        Self {
            d: d.finalize().into(),
            e: e.finalize().into(),
        }
    }
}

/// The two commitments over a list of field digests, in byte order of the names.
pub fn commitments<'a>(
    kind: LeafKind,
    digests: impl IntoIterator<Item = &'a FieldDigests>,
) -> (Hash, Hash) {
    let mut commit: Sha256 = kind.labelled(b"/commit\0");
    let mut commit_sm3: Sm3 = kind.labelled(b"/commit-sm3\0");
    for digest in digests {
        commit.update(digest.d);
        commit_sm3.update(digest.e);
    }
    (commit.finalize().into(), commit_sm3.finalize().into())
}

/// A private field with what is needed to check it later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name, `[a-z0-9_]+`.
    pub name: String,
    /// Canonical JSON.
    pub value: String,
    /// Random salt of this field alone.
    pub salt: Hash,
    /// Its digests.
    pub digests: FieldDigests,
}

/// A finished leaf: the public text, and the private fields that the case keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Public part, what the log stores.
    pub text: LeafText,
    /// Private part, in byte order of the names.
    pub fields: Vec<Field>,
}

impl Leaf {
    /// Leaf hash in a tree; the next event's `prev` (SHA-256) or `prev_sm3`.
    pub fn hash<H: TreeHash>(&self) -> Hash {
        H::leaf(self.text.to_string().as_bytes())
    }
}

/// The public five lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafText {
    /// Kind of event.
    pub kind: LeafKind,
    /// Minutes since the epoch, UTC; coarse on purpose.
    pub minute: u32,
    /// Pseudonym.
    pub case_ref: Hash,
    /// SHA-256 commitment.
    pub commit: Hash,
    /// SM3 commitment.
    pub commit_sm3: Hash,
}

impl std::fmt::Display for LeafText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}\n{}", self.kind.header(), minute_text(self.minute))?;
        for hash in [&self.case_ref, &self.commit, &self.commit_sm3] {
            writeln!(f, "{}", to_base64(hash))?;
        }
        Ok(())
    }
}

impl LeafText {
    /// Parses a log entry; refuses whatever would not print back byte for byte.
    pub fn parse(entry: &[u8]) -> Result<Self> {
        let bad = || format("日志条目", "应为五行公开记录");
        let text = std::str::from_utf8(entry).map_err(|_| bad())?;
        let mut lines = text.strip_suffix('\n').ok_or_else(bad)?.split('\n');
        let header = lines.next().ok_or_else(bad)?;
        let kind = LeafKind::ALL
            .into_iter()
            .find(|k| k.header() == header)
            .ok_or_else(bad)?;
        let minute = lines.next().and_then(parse_minute).ok_or_else(bad)?;
        let mut hash = || lines.next().and_then(hash_from_base64).ok_or_else(bad);
        let parsed = Self {
            kind,
            minute,
            case_ref: hash()?,
            commit: hash()?,
            commit_sm3: hash()?,
        };
        if lines.next().is_none() && parsed.to_string() == text {
            Ok(parsed)
        } else {
            Err(bad())
        }
    }
}

/// `2026-08-21T09:31Z` of minutes since the epoch.
pub fn minute_text(minute: u32) -> String {
    let (days, rest) = (i64::from(minute / 1440), minute % 1440);
    // Civil date from days, by the usual 400-year-era arithmetic.
    let z = days + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}Z",
        rest / 60,
        rest % 60
    )
}

/// Minutes since the epoch of `2026-08-21T09:31Z`; strict.
pub fn parse_minute(text: &str) -> Option<u32> {
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute) = (part(11, 13)?, part(14, 16)?);
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
    let minutes = u32::try_from(days * 1440 + hour * 60 + minute).ok()?;
    (minute_text(minutes) == text).then_some(minutes)
}

/// Collects the fields of an event and makes its leaf.
///
/// `seq` and `time` are set by the builder; `prev` and `prev_sm3` by [`LeafBuilder::after`].
#[derive(Debug, Clone)]
pub struct LeafBuilder {
    kind: LeafKind,
    key: CaseKey,
    seq: u64,
    fields: Vec<(String, Value)>,
}

impl LeafBuilder {
    /// Event 0 of a stream: both `prev` are 32 zero bytes.
    pub fn first(kind: LeafKind, key: &CaseKey) -> Self {
        Self::after(kind, key, 0, &[0; 32], &[0; 32])
    }

    /// Event `seq`, following the leaf with these hashes in the SHA-256 and SM3 trees.
    pub fn after(kind: LeafKind, key: &CaseKey, seq: u64, prev: &Hash, prev_sm3: &Hash) -> Self {
        let mut builder = Self {
            kind,
            key: *key,
            seq,
            fields: Vec::with_capacity(20),
        };
        builder.push("seq", seq.into());
        builder.push("prev", to_base64(prev).into());
        builder.push("prev_sm3", to_base64(prev_sm3).into());
        builder
    }

    fn push(&mut self, name: &str, value: Value) {
        self.fields.push((name.to_owned(), value));
    }

    /// Adds a field; names and completeness are checked when the leaf is made.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.push(name, value.into());
        self
    }

    /// Fixes time and salts. `time_ms` is milliseconds since the epoch; `salt` gives 32 fresh random
    /// bytes per call.
    pub fn seal(self, time_ms: i64, mut salt: impl FnMut() -> Hash) -> Result<LeafDraft> {
        self.seal_by(time_ms, |_| salt())
    }

    /// As [`LeafBuilder::seal`], with salts that follow from one secret of 32 fresh random bytes
    /// ([`salt_of`]), so that [`Kept`](crate::Kept) need not keep each.
    pub fn seal_under(self, time_ms: i64, secret: &Hash) -> Result<LeafDraft> {
        let kind = self.kind;
        self.seal_by(time_ms, |name| salt_of(kind, secret, name))
    }

    fn seal_by(mut self, time_ms: i64, mut salt: impl FnMut(&str) -> Hash) -> Result<LeafDraft> {
        self.push("time", time_ms.into());
        let minute = u32::try_from(time_ms.div_euclid(60_000))
            .map_err(|_| TlogError::Field(format!("time {time_ms}")))?;
        self.fields
            .sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        check_names(self.kind, self.fields.iter().map(|(n, _)| n.as_str()))?;
        let mut fields = Vec::with_capacity(self.fields.len() + 1);
        for (name, value) in self.fields {
            let salt = salt(&name);
            fields.push(make_field(self.kind, name, &value, salt)?);
        }
        Ok(LeafDraft {
            kind: self.kind,
            key: self.key,
            seq: self.seq,
            minute,
            fields,
        })
    }

    /// Makes the leaf without an officer's own signature.
    pub fn build(self, time_ms: i64, salt: impl FnMut() -> Hash) -> Result<Leaf> {
        Ok(self.seal(time_ms, salt)?.finish())
    }
}

fn make_field(kind: LeafKind, name: String, value: &Value, salt: Hash) -> Result<Field> {
    let value = to_canonical(value)?;
    if value.len() > VALUE_BYTES_MAX {
        return Err(TlogError::Field(format!("{name} 过大")));
    }
    let digests = FieldDigests::compute(kind, &salt, &name, &value);
    Ok(Field {
        name,
        value,
        salt,
        digests,
    })
}

/// Names sorted, unique, well formed, allowed for the kind, none of the mandatory ones missing.
pub(crate) fn check_names<'a>(
    kind: LeafKind,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Result<()> {
    let bad = |name: &str| Err(TlogError::Field(name.to_owned()));
    let mandatory = kind.mandatory();
    let mut last = "";
    let mut found = 0;
    for (count, name) in names.enumerate() {
        let formed = name
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        let required = mandatory.contains(&name);
        let allowed = required || kind.optional().is_none_or(|o| o.contains(&name));
        if !formed || !allowed || name <= last || name.len() > 64 || count >= FIELDS_MAX {
            return bad(name);
        }
        found += usize::from(required);
        last = name;
    }
    if found == mandatory.len() {
        Ok(())
    } else {
        bad("缺少必填字段")
    }
}

/// An event whose fields and salts are fixed; an officer may still sign it.
#[derive(Debug, Clone)]
pub struct LeafDraft {
    kind: LeafKind,
    key: CaseKey,
    seq: u64,
    minute: u32,
    fields: Vec<Field>,
}

impl LeafDraft {
    /// What the officer's own key signs, so that not even the operator can invent the decision:
    /// "<header>/actor-sig\0" ‖ commit ‖ commit_sm3, both over the fields without `actor_sig`.
    pub fn message_to_sign(&self) -> Vec<u8> {
        actor_message(
            self.kind,
            self.fields.iter().map(|f| (f.name.as_str(), &f.digests)),
        )
    }

    /// Adds the officer's signature (raw SM2 r‖s) as the field `actor_sig`.
    pub fn with_actor_sig(mut self, signature: &[u8; 64], salt: Hash) -> Result<Self> {
        let value = Value::String(to_base64(signature));
        let field = make_field(self.kind, "actor_sig".into(), &value, salt)?;
        match self
            .fields
            .binary_search_by(|f| f.name.as_bytes().cmp(b"actor_sig"))
        {
            Ok(_) => return Err(TlogError::Field("actor_sig 重复".into())),
            Err(at) => self.fields.insert(at, field),
        }
        Ok(self)
    }

    /// The finished leaf.
    pub fn finish(self) -> Leaf {
        let (commit, commit_sm3) = commitments(self.kind, self.fields.iter().map(|f| &f.digests));
        let case_ref = case_ref(self.kind, &self.key, self.seq);
        let text = LeafText {
            kind: self.kind,
            minute: self.minute,
            case_ref,
            commit,
            commit_sm3,
        };
        Leaf {
            text,
            fields: self.fields,
        }
    }
}

/// Message under the officer's signature, from all fields of the event.
pub(crate) fn actor_message<'a>(
    kind: LeafKind,
    fields: impl Iterator<Item = (&'a str, &'a FieldDigests)>,
) -> Vec<u8> {
    let unsigned = fields
        .filter(|(name, _)| *name != "actor_sig")
        .map(|(_, digests)| digests);
    let (commit, commit_sm3) = commitments(kind, unsigned);
    let mut message = [kind.header().as_bytes(), b"/actor-sig\0"].concat();
    message.extend_from_slice(&commit);
    message.extend_from_slice(&commit_sm3);
    message
}

/// Entry that anchors the SM3 twin in the SHA-256 log: "gov-sm3-checkpoint/v1\n" ‖ signed note.
pub fn sm3_checkpoint_entry(note: &crate::note::Note) -> Vec<u8> {
    format!("gov-sm3-checkpoint/v1\n{note}").into_bytes()
}

/// Header of leaf 0 of a year's log.
const PREVIOUS_LOG: &str = "gov-previous-log/v1\n";

/// Leaf 0 of a year's log: "gov-previous-log/v1\n" ‖ final checkpoint of the year before.
pub fn previous_log_entry(note: &crate::note::Note) -> Vec<u8> {
    format!("{PREVIOUS_LOG}{note}").into_bytes()
}

/// The final checkpoint in such a leaf, not yet believed; `None` for other entries.
pub fn previous_log(entry: &[u8]) -> Option<crate::checkpoint::Checkpoint> {
    let note = std::str::from_utf8(entry)
        .ok()?
        .strip_prefix(PREVIOUS_LOG)?;
    let note = crate::note::Note::parse(note).ok()?;
    crate::checkpoint::Checkpoint::parse(note.text()).ok()
}
