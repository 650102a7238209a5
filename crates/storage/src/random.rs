//! Randomness and ids are given, never taken.

use std::cell::RefCell;
use std::sync::Arc;

use jiff::Timestamp;
use tongban_kernel::TypedId;

/// Where random bytes come from.
pub trait Random: Send + Sync + 'static {
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator, asked for many bytes at once.
#[derive(Debug, Clone, Copy)]
pub struct OsRandom;

/// Bytes drawn ahead per thread: a submission wants some twenty small pieces, and each question costs a system call.
const AHEAD: usize = 1_024;

struct Drawn {
    bytes: [u8; AHEAD],
    left: usize,
}

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; AHEAD], left: 0 }) };
}

fn draw(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect(
        "the operating system has randomness; without it nothing may be signed or numbered",
    );
}

impl Random for OsRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > 64 {
            return draw(bytes);
        }
        DRAWN.with_borrow_mut(|drawn| {
            if drawn.left < bytes.len() {
                draw(&mut drawn.bytes);
                drawn.left = AHEAD;
            }
            let from = drawn.left - bytes.len();
            let given = &mut drawn.bytes[from..drawn.left];
            bytes.copy_from_slice(given);
            // What was given out does not stay behind.
            given.fill(0);
            drawn.left = from;
        });
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_piece_is_given_out_twice_or_left_empty() {
        let ids = Ids::new(OsRandom);
        let mut seen = HashSet::new();
        for _ in 0..500 {
            assert!(seen.insert(ids.bytes::<32>().to_vec()));
            assert!(seen.insert(ids.bytes::<12>().to_vec()));
            assert!(seen.insert(ids.bytes::<100>().to_vec()));
        }
        assert!(seen.iter().all(|piece| piece.iter().any(|byte| *byte != 0)));
        let other = std::thread::spawn(|| Ids::new(OsRandom).bytes::<32>().to_vec());
        assert!(seen.insert(other.join().expect("no panic")));
    }
}
