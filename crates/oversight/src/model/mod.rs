//! Levels, facets, ratings, indices.

mod rectification;

use jiff::Timestamp;
use jiff::civil::Date;
use tongban_codes::lists::Satisfaction;
use tongban_kernel::{CaseId, OrganId, RatingId};

pub use rectification::{Finding, Rectification, Rectified, RectifyWay};

/// The five levels of 国办发〔2019〕51号. The national tables and the national interface count in opposite directions, so
/// numbers are converted at the border only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// 非常满意.
    VerySatisfied,
    /// 满意.
    Satisfied,
    /// 基本满意.
    FairlySatisfied,
    /// 不满意.
    Dissatisfied,
    /// 非常不满意.
    VeryDissatisfied,
}

impl Level {
    /// Best first.
    pub const ALL: [Self; 5] = [
        Self::VerySatisfied,
        Self::Satisfied,
        Self::FairlySatisfied,
        Self::Dissatisfied,
        Self::VeryDissatisfied,
    ];

    /// The value of GB/T 39046, table 9.
    pub const fn national(self) -> Satisfaction {
        match self {
            Self::VerySatisfied => Satisfaction::VerySatisfied,
            Self::Satisfied => Satisfaction::Satisfied,
            Self::FairlySatisfied => Satisfaction::FairlySatisfied,
            Self::Dissatisfied => Satisfaction::Dissatisfied,
            Self::VeryDissatisfied => Satisfaction::VeryDissatisfied,
        }
    }
    /// Code of GB/T 39046: 1 is the best. Stored and recorded.
    pub const fn code(self) -> u8 {
        match self {
            Self::VerySatisfied => 1,
            Self::Satisfied => 2,
            Self::FairlySatisfied => 3,
            Self::Dissatisfied => 4,
            Self::VeryDissatisfied => 5,
        }
    }
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }
    /// Code of the 好差评 interface and of our forms: 5 is the best.
    pub const fn interface_code(self) -> u8 {
        6 - self.code()
    }
    pub fn from_interface_code(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| level.interface_code() == code)
    }
    /// 差评.
    pub const fn is_bad(self) -> bool {
        self.national().is_negative()
    }
}

/// What the rating is about; the facets of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// 整体满意度.
    Overall,
    /// 办事效率.
    Efficiency,
    /// 指南精确度.
    Guide,
    /// 便捷度.
    Convenience,
    /// 平台操作性.
    Platform,
}

impl Tag {
    pub const ALL: [Self; 5] = [
        Self::Overall,
        Self::Efficiency,
        Self::Guide,
        Self::Convenience,
        Self::Platform,
    ];
    /// The code in rows, forms and the interface.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overall => "overall",
            Self::Efficiency => "efficiency",
            Self::Guide => "guide",
            Self::Convenience => "convenience",
            Self::Platform => "platform",
        }
    }
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tag| tag.code() == code)
    }
}

/// A rating as its giver sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    pub id: RatingId,
    pub case: CaseId,
    pub level: Level,
    pub tags: Vec<Tag>,
    pub text: String,
    /// 评价渠道, code.
    pub channel: String,
    pub rated_at: Timestamp,
    /// The day by which a bad one must be dealt with.
    pub rectify_by: Option<Date>,
    /// How it was dealt with.
    pub rectified: Option<Rectified>,
}

/// A rating in the list of officers: nobody's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatingLine {
    pub rating: Rating,
    pub project_no: String,
    pub task_name: String,
    pub organ: OrganId,
}

/// The indices over all ratings in sight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Ratings by level, best first.
    pub by_level: [u64; 5],
    /// 差评整改: all, still open, open and late.
    pub rectifications: u64,
    pub open: u64,
    pub overdue: u64,
}

impl Summary {
    pub fn total(&self) -> u64 {
        self.by_level.iter().sum()
    }
    /// 好评率 = (非常满意 + 满意 + 基本满意) ÷ all, in tenths of a per cent, rounded down so that 100 % means all; `None`
    /// without ratings.
    pub fn good_per_mille(&self) -> Option<u64> {
        let good: u64 = self.by_level.iter().take(3).sum();
        (good * 1_000).checked_div(self.total())
    }
    /// 差评整改率 = dealt with ÷ all that were opened, in tenths of a per cent.
    pub fn rectified_per_mille(&self) -> Option<u64> {
        (self.rectifications.saturating_sub(self.open) * 1_000).checked_div(self.rectifications)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_countings_meet_at_the_border() {
        for level in Level::ALL {
            assert_eq!(level.national().code(), level.code().to_string());
            assert_eq!(
                level.national().interface_code(),
                level.interface_code().to_string()
            );
            assert_eq!(Level::from_code(level.code()), Some(level));
            assert_eq!(
                Level::from_interface_code(level.interface_code()),
                Some(level)
            );
        }
        assert_eq!(Level::from_code(0), None);
        assert_eq!(Level::from_interface_code(6), None);
        assert!(Level::from_interface_code(1).is_some_and(Level::is_bad));
    }

    #[test]
    fn no_ratings_are_no_rate_and_one_bad_one_is_seen() {
        assert_eq!(Summary::default().good_per_mille(), None);
        assert_eq!(Summary::default().rectified_per_mille(), None);
        let many = Summary {
            by_level: [9_999, 0, 0, 0, 1],
            rectifications: 4,
            open: 1,
            overdue: 0,
        };
        assert_eq!(many.good_per_mille(), Some(999));
        assert_eq!(many.rectified_per_mille(), Some(750));
    }
}
