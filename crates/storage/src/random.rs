//! Randomness and ids are given, never taken.

use std::sync::Arc;

use jiff::Timestamp;
use tongban_kernel::TypedId;

/// Where random bytes come from.
pub trait Random: Send + Sync + 'static {
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect(
            "the operating system has randomness; without it nothing may be signed or numbered",
        );
    }
}

/// Makes ids and salts; cheap to clone.
#[derive(Clone)]
pub struct Ids(Arc<dyn Random>);

impl Ids {
    pub fn new(random: impl Random) -> Self {
        Self(Arc::new(random))
    }
    /// A fresh id (UUIDv7, RFC 9562 §5.7) of the moment `at`.
    pub fn id<T: TypedId>(&self, at: Timestamp) -> T {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
        T::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid())
    }
    /// Fresh random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }
    /// A fresh random token of 256 bits as 64 hex digits.
    pub fn token(&self) -> String {
        hex::encode(self.bytes::<32>())
    }
}
