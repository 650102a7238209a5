//! A person's identity document: type code of GA/T 2000.156 and a number checked by that type.

use jiff::civil::Date;

use crate::mask;
use crate::normalize::normalize;
use crate::permit::{
    ForeignerResidenceId, HmtResidenceId, MainlandTravelPermit, Passport, PermitError, TaiwanPermit,
};
use crate::resident::{ResidentId, ResidentIdError, Sex};

code_enum! {
    /// 证件类型 (GA/T 2000.156). Only 111 was read in a source; the others are in common use.
    DocumentKind in "cert_type_person" {
        ResidentId = "111" "居民身份证",
        TemporaryResidentId = "112" "临时居民身份证",
        HouseholdRegister = "113" "户口簿",
        ResidencePermit = "154" "居住证",
        Passport = "414" "普通护照",
        TaiwanPermit = "511" "台湾居民来往大陆通行证",
        MainlandTravelPermit = "516" "港澳居民来往内地通行证",
        ForeignerResidenceId = "553" "外国人永久居留身份证",
        Other = "990" "其他",
    }
}

/// A document whose number fits its type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub enum PersonDocument {
    /// 111
    ResidentId(ResidentId),
    /// 112, carries the citizen number
    TemporaryResidentId(ResidentId),
    /// 113, carries the citizen number
    HouseholdRegister(ResidentId),
    /// 154 held by a citizen away from home
    ResidencePermit(ResidentId),
    /// 154 held by a resident of Hong Kong, Macao or Taiwan (number 81…, 82…, 83…)
    HmtResidence(HmtResidenceId),
    /// 414
    Passport(Passport),
    /// 511
    TaiwanPermit(TaiwanPermit),
    /// 516
    MainlandTravelPermit(MainlandTravelPermit),
    /// 553
    ForeignerResidenceId(ForeignerResidenceId),
    /// 990: 2 to 50 letters and digits, nothing more is known
    Other(OtherNumber),
}

/// Number of a document of unknown type: letters and digits of any script, normalised.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherNumber(Box<str>);

impl OtherNumber {
    fn parse(input: &str) -> Result<Self, DocumentError> {
        let text = normalize(input);
        let length = text.chars().count();
        if length == 0 {
            return Err(DocumentError::Empty);
        }
        let fits = (2..=50).contains(&length) && text.chars().all(|c| c.is_alphanumeric());
        if fits {
            Ok(Self(text.into_boxed_str()))
        } else {
            Err(DocumentError::OtherForm)
        }
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for OtherNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OtherNumber({})", mask::id_number(&self.0))
    }
}

/// Why a document is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    #[error("不认识的证件类型代码“{0}”。")]
    UnknownKind(String),
    #[error("请填写证件号码。")]
    Empty,
    #[error("证件号码应为 2 至 50 位字母或数字。")]
    OtherForm,
    #[error(transparent)]
    ResidentId(#[from] ResidentIdError),
    #[error(transparent)]
    Permit(#[from] PermitError),
}

impl DocumentError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownKind(_) => "unknown_kind",
            Self::Empty => "empty",
            Self::OtherForm => "form",
            Self::ResidentId(error) => error.code(),
            Self::Permit(error) => error.code(),
        }
    }
}

impl PersonDocument {
    /// Reads a number by the type code (`111` …); birth dates must not be later than `today`.
    pub fn parse(kind_code: &str, number: &str, today: Date) -> Result<Self, DocumentError> {
        let document = Self::read(kind_of(kind_code)?, number)?;
        match (document.birth_date(), &document) {
            (Some(born), Self::HmtResidence(_) | Self::ForeignerResidenceId(_)) if born > today => {
                Err(PermitError::BornInFuture(born).into())
            }
            (Some(born), _) if born > today => Err(ResidentIdError::BornInFuture(born).into()),
            _ => Ok(document),
        }
    }

    /// Reads a stored document, without the comparison with today.
    pub fn read(kind: DocumentKind, number: &str) -> Result<Self, DocumentError> {
        Ok(match kind {
            DocumentKind::ResidentId => Self::ResidentId(number.parse()?),
            DocumentKind::TemporaryResidentId => Self::TemporaryResidentId(number.parse()?),
            DocumentKind::HouseholdRegister => Self::HouseholdRegister(number.parse()?),
            DocumentKind::ResidencePermit => match number.parse::<ResidentId>() {
                Err(ResidentIdError::HmtResident) => Self::HmtResidence(number.parse()?),
                other => Self::ResidencePermit(other?),
            },
            DocumentKind::Passport => Self::Passport(Passport::parse(number)?),
            DocumentKind::TaiwanPermit => Self::TaiwanPermit(TaiwanPermit::parse(number)?),
            DocumentKind::MainlandTravelPermit => {
                Self::MainlandTravelPermit(MainlandTravelPermit::parse(number)?)
            }
            DocumentKind::ForeignerResidenceId => Self::ForeignerResidenceId(number.parse()?),
            DocumentKind::Other => Self::Other(OtherNumber::parse(number)?),
        })
    }

    /// The type.
    pub const fn kind(&self) -> DocumentKind {
        match self {
            Self::ResidentId(_) => DocumentKind::ResidentId,
            Self::TemporaryResidentId(_) => DocumentKind::TemporaryResidentId,
            Self::HouseholdRegister(_) => DocumentKind::HouseholdRegister,
            Self::ResidencePermit(_) | Self::HmtResidence(_) => DocumentKind::ResidencePermit,
            Self::Passport(_) => DocumentKind::Passport,
            Self::TaiwanPermit(_) => DocumentKind::TaiwanPermit,
            Self::MainlandTravelPermit(_) => DocumentKind::MainlandTravelPermit,
            Self::ForeignerResidenceId(_) => DocumentKind::ForeignerResidenceId,
            Self::Other(_) => DocumentKind::Other,
        }
    }

    /// The number, normalised.
    pub fn number(&self) -> &str {
        match self {
            Self::ResidentId(id)
            | Self::TemporaryResidentId(id)
            | Self::HouseholdRegister(id)
            | Self::ResidencePermit(id) => id.as_str(),
            Self::HmtResidence(id) => id.as_str(),
            Self::Passport(id) => id.as_str(),
            Self::TaiwanPermit(id) => id.as_str(),
            Self::MainlandTravelPermit(id) => id.as_str(),
            Self::ForeignerResidenceId(id) => id.as_str(),
            Self::Other(id) => id.as_str(),
        }
    }

    /// The number masked for lists.
    pub fn masked(&self) -> String {
        match self {
            Self::HmtResidence(id) => id.masked(),
            Self::Passport(id) => id.masked(),
            Self::TaiwanPermit(id) => id.masked(),
            Self::MainlandTravelPermit(id) => id.masked(),
            Self::ForeignerResidenceId(id) => id.masked(),
            Self::Other(id) => mask::id_number(id.as_str()),
            Self::ResidentId(id)
            | Self::TemporaryResidentId(id)
            | Self::HouseholdRegister(id)
            | Self::ResidencePermit(id) => id.masked(),
        }
    }

    /// The citizen number, where the document carries one.
    pub const fn resident_id(&self) -> Option<&ResidentId> {
        match self {
            Self::ResidentId(id)
            | Self::TemporaryResidentId(id)
            | Self::HouseholdRegister(id)
            | Self::ResidencePermit(id) => Some(id),
            _ => None,
        }
    }

    /// Birth date, where the number tells it.
    pub fn birth_date(&self) -> Option<Date> {
        match self {
            Self::HmtResidence(id) => id.birth_date(),
            Self::ForeignerResidenceId(id) => id.birth_date(),
            _ => self.resident_id().and_then(ResidentId::birth_date),
        }
    }

    /// Sex, where the number tells it.
    pub fn sex(&self) -> Option<Sex> {
        match self {
            Self::HmtResidence(id) => Some(id.sex()),
            Self::ForeignerResidenceId(id) => id.sex(),
            _ => self.resident_id().map(ResidentId::sex),
        }
    }
}

fn kind_of(code: &str) -> Result<DocumentKind, DocumentError> {
    let code = normalize(code);
    DocumentKind::from_code(&code)
        .ok_or_else(|| DocumentError::UnknownKind(code.chars().take(16).collect()))
}

/// Stored form: the column names of the exchange tables in short.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: DocumentKind,
    number: String,
}

impl From<PersonDocument> for Wire {
    fn from(document: PersonDocument) -> Self {
        Self {
            kind: document.kind(),
            number: document.number().to_owned(),
        }
    }
}

impl TryFrom<Wire> for PersonDocument {
    type Error = DocumentError;
    fn try_from(wire: Wire) -> Result<Self, DocumentError> {
        Self::read(wire.kind, &wire.number)
    }
}
