//! Types and rules without I/O.

mod change;
mod face;
mod licence;
mod metadata;
mod offline;
mod state;

pub use change::ChangeKind;
pub(crate) use face::date_words;
pub use face::{Known, face_lines, fill_face, valid_to};
pub use licence::{HolderKind, Licence, VersionLine};
pub use metadata::{FORMAT, Metadata, SignedLicence};
pub use offline::{OfflineCheck, OfflineError, verify_file, verify_offline};
pub use state::{AnnulGround, DeregisterGround, IllegalChange, LicenceState, Operation, Verdict};
