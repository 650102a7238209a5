//! The working days of one year as a set of bits, so that counting is arithmetic.

use jiff::civil::Date;

const WORDS: usize = 6;

/// Bit `i` is set if day `i` of the year (from 0) is a working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct YearBits([u64; WORDS]);

impl YearBits {
    /// Asks `is_working` for each day of the year.
    pub(crate) fn of(year: i16, is_working: impl Fn(Date) -> bool) -> Self {
        let mut words = [0; WORDS];
        let mut day = Date::new(year, 1, 1).ok();
        let mut index = 0;
        while let Some(date) = day.filter(|date| date.year() == year) {
            if let Some(word) = words.get_mut(index / 64)
                && is_working(date)
            {
                *word |= 1 << (index % 64);
            }
            index += 1;
            day = date.tomorrow().ok();
        }
        Self(words)
    }

    pub(crate) fn contains(&self, index: u32) -> bool {
        let word = usize::try_from(index / 64)
            .ok()
            .and_then(|at| self.0.get(at));
        word.is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Working days with index in `from..to`.
    pub(crate) fn count(&self, from: u32, to: u32) -> u32 {
        self.words_in(from, to)
            .map(|(_, word)| word.count_ones())
            .sum()
    }

    /// Index of the `n`-th (from 1) working day at or after `from`; or how many there were.
    pub(crate) fn nth_from(&self, from: u32, n: u32) -> Result<u32, u32> {
        let mut seen = 0;
        for (base, mut word) in self.words_in(from, u32::MAX) {
            let here = word.count_ones();
            if seen + here < n {
                seen += here;
                continue;
            }
            for _ in 1..n - seen {
                word &= word - 1;
            }
            return Ok(base + word.trailing_zeros());
        }
        Err(seen)
    }

    /// Index of the `n`-th (from 1) working day before `to`, backwards; or how many there were.
    pub(crate) fn nth_back(&self, to: u32, n: u32) -> Result<u32, u32> {
        let all = self.count(0, to);
        if all < n {
            Err(all)
        } else {
            self.nth_from(0, all - n + 1)
        }
    }

    /// The words with the bits outside `from..to` cleared, each with the index of its first bit.
    fn words_in(&self, from: u32, to: u32) -> impl Iterator<Item = (u32, u64)> {
        (0_u32..).step_by(64).zip(self.0).map(move |(base, word)| {
            let low = from.saturating_sub(base);
            let high = to.saturating_sub(base);
            let below = if low >= 64 { u64::MAX } else { (1 << low) - 1 };
            let above = if high >= 64 { 0 } else { u64::MAX << high };
            (base, word & !below & !above)
        })
    }
}
