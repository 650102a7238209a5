//! 差评整改: what an organ finds and does about a bad rating (国办发〔2019〕51号: 谁办理、谁负责; verify, rectify, answer).

use jiff::Timestamp;
use jiff::civil::Date;

use super::RatingLine;

macro_rules! keyed {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $key:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The key in rows, forms and the record.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }
            pub fn from_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.key() == key)
            }
        }
    };
}

keyed! {
    /// 核实结果. That a rating was malicious is not for the rated organ to say and is not among them.
    Finding {
        /// 属实.
        Confirmed = "confirmed",
        /// 部分属实.
        Partly = "partly",
        /// 不属实 (误评).
        Unfounded = "unfounded",
    }
}

keyed! {
    /// 整改方式.
    RectifyWay {
        /// 立行立改.
        AtOnce = "at-once",
        /// 建台账限期整改, finished now.
        Planned = "planned",
        /// 解释说明.
        Explained = "explained",
    }
}

/// How a rectification was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rectified {
    pub at: Timestamp,
    pub by_whom: String,
    pub finding: Finding,
    pub way: RectifyWay,
    /// What the applicant is told.
    pub reply: String,
}

/// A rectification with its rating; nobody's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rectification {
    pub line: RatingLine,
    pub opened_at: Timestamp,
    /// Last day.
    pub due_on: Date,
    /// `None`: open.
    pub closed: Option<Rectified>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back() {
        for finding in Finding::ALL {
            assert_eq!(Finding::from_key(finding.key()), Some(*finding));
        }
        for way in RectifyWay::ALL {
            assert_eq!(RectifyWay::from_key(way.key()), Some(*way));
        }
        assert_eq!(Finding::from_key("malicious"), None);
    }
}
