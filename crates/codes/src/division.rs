//! Administrative divisions (行政区划, GB/T 2260 and the statistical codes below it).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::civil::Date;

use crate::lists::UseLevel;
use crate::normalize::{first_bad, normalize};

/// A division code, kept as its twelve digits; shown in its shortest form (6, 9 or 12 digits).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DivisionCode(u64);

/// Level of a division; the codes are those of 行使层级.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 国家, code 000000
    Nation,
    /// 省、自治区、直辖市、特别行政区
    Province,
    /// 市、州、盟、地区
    Prefecture,
    /// 县、区、旗、县级市
    County,
    /// 乡、镇、街道 (9 digits)
    Township,
    /// 村、社区 (12 digits)
    Village,
}

impl Level {
    /// The 行使层级 of this level.
    pub const fn use_level(self) -> UseLevel {
        match self {
            Self::Nation => UseLevel::Nation,
            Self::Province => UseLevel::Province,
            Self::Prefecture => UseLevel::Prefecture,
            Self::County => UseLevel::County,
            Self::Township => UseLevel::Township,
            Self::Village => UseLevel::Village,
        }
    }

    /// Chinese label.
    pub const fn label(self) -> &'static str {
        self.use_level().label()
    }
}

/// What is wrong with a division code or a file of divisions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DivisionError {
    #[error("请填写行政区划代码。")]
    Empty,
    #[error("行政区划代码应为 6、9 或 12 位，您填写了 {0} 位。")]
    Length(usize),
    #[error("行政区划代码第 {position} 位“{found}”不是数字。")]
    Character { position: usize, found: char },
    #[error("行政区划代码“{0}”的层级不连续：上级部分为零而下级部分不为零。")]
    Gap(String),
    #[error("区划数据第 {line} 行有误：{why}")]
    Line { line: usize, why: String },
    #[error("区划数据超过 {0} 行，请分地区导入。")]
    TooMany(usize),
}

impl DivisionError {
    /// Stable English word for logs and interfaces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Length(_) => "length",
            Self::Character { .. } => "character",
            Self::Gap(_) => "gap",
            Self::Line { .. } => "line",
            Self::TooMany(_) => "too_many",
        }
    }
}

impl DivisionCode {
    /// The state as a whole, `000000`.
    pub const NATION: Self = Self(0);

    /// Reads 6, 9 or 12 digits; trailing zeros are padding.
    pub fn parse(input: &str) -> Result<Self, DivisionError> {
        let text = normalize(input);
        let length = text.chars().count();
        if length == 0 {
            return Err(DivisionError::Empty);
        }
        if let Some((position, found)) = first_bad(&text, |c| c.is_ascii_digit()) {
            return Err(DivisionError::Character { position, found });
        }
        if !matches!(length, 6 | 9 | 12) {
            return Err(DivisionError::Length(length));
        }
        let number: u64 = format!("{text:0<12}")
            .parse()
            .map_err(|_| DivisionError::Length(length))?;
        let code = Self(number);
        // A part below must not be set under a part that is zero: 510002 or 000100 do not exist.
        let parts = [
            number / 10_000_000_000,
            number / 100_000_000 % 100,
            number / 1_000_000 % 100,
        ];
        let county_gap = (parts[0] == 0 && number != 0) || (parts[1] == 0 && parts[2] != 0);
        let below = number % 1_000_000;
        let village_gap = below != 0 && (below / 1_000 == 0 || parts[1] == 0);
        if county_gap || village_gap {
            Err(DivisionError::Gap(text))
        } else {
            Ok(code)
        }
    }

    /// The level the code stands for.
    pub const fn level(self) -> Level {
        if self.0 == 0 {
            Level::Nation
        } else if self.0.is_multiple_of(10_000_000_000) {
            Level::Province
        } else if self.0.is_multiple_of(100_000_000) {
            Level::Prefecture
        } else if self.0.is_multiple_of(1_000_000) {
            Level::County
        } else if self.0.is_multiple_of(1_000) {
            Level::Township
        } else {
            Level::Village
        }
    }

    /// The next code above by structure; the table may have no entry for it.
    pub const fn above(self) -> Option<Self> {
        let unit = match self.level() {
            Level::Nation => return None,
            Level::Province => return Some(Self::NATION),
            Level::Prefecture => 10_000_000_000,
            Level::County => 100_000_000,
            Level::Township => 1_000_000,
            Level::Village => 1_000,
        };
        Some(Self(self.0 - self.0 % unit))
    }

    /// Whether `other` is this division or lies within it.
    pub fn contains(self, other: Self) -> bool {
        let mut at = Some(other);
        while let Some(code) = at {
            if code == self {
                return true;
            }
            at = code.above();
        }
        false
    }

    /// First six digits: the county, or what stands above it.
    pub fn six(self) -> String {
        format!("{:06}", self.0 / 1_000_000)
    }

    /// First nine digits, for GB/T 39046 (n..9).
    pub fn nine(self) -> String {
        format!("{:09}", self.0 / 1_000)
    }

    /// All twelve digits, for the national exchange.
    pub fn twelve(self) -> String {
        format!("{:012}", self.0)
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self.level() {
            Level::Village => self.twelve(),
            Level::Township => self.nine(),
            _ => self.six(),
        })
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DivisionCode({self})")
    }
}

impl FromStr for DivisionCode {
    type Err = DivisionError;
    fn from_str(input: &str) -> Result<Self, DivisionError> {
        Self::parse(input)
    }
}
serde_as_text!(DivisionCode);

/// One division, for the time its code and name were in force.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Division {
    /// Its code.
    pub code: DivisionCode,
    /// Its own name, e.g. `广安区`.
    pub name: String,
    /// First day in force; `None` if unknown.
    pub valid_from: Option<Date>,
    /// Last day in force; `None` while in force.
    pub valid_to: Option<Date>,
}

impl Division {
    /// Level by its code.
    pub const fn level(&self) -> Level {
        self.code.level()
    }

    /// Whether the entry was in force on `day`.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }

    /// Names such as 市辖区 or 省直辖县级行政区划 only hold a place in the numbering.
    pub fn is_placeholder(&self) -> bool {
        self.name.ends_with("直辖县级行政区划") || matches!(self.name.as_str(), "县" | "市辖区")
    }
}

/// A table of divisions: the national one, and the national one with a caller's additions.
#[derive(Debug, Clone)]
pub struct Divisions {
    /// Entries by code and first day in force; codes may have several entries over time.
    entries: BTreeMap<(DivisionCode, Option<Date>), Division>,
    /// Codes directly below a code, ascending.
    below: BTreeMap<DivisionCode, Vec<DivisionCode>>,
}

static NATIONAL: LazyLock<Divisions> = LazyLock::new(|| {
    let mut table = Divisions {
        entries: BTreeMap::new(),
        below: BTreeMap::new(),
    };
    for text in [
        include_str!("../data/divisions.txt"),
        include_str!("../data/divisions-streets.txt"),
    ] {
        // The embedded text is proved whole by a test.
        if let Ok(divisions) = read(text) {
            table.add(divisions);
        }
    }
    table
});

const MAX_LINES: usize = 1_000_000;

impl Divisions {
    /// All provinces, prefectures and counties (民政部 2024), and the streets of a few counties.
    pub fn national() -> &'static Self {
        &NATIONAL
    }

    /// The national table with more: streets of the own city, a fictional region, history.
    ///
    /// One division per line, `code<TAB>name[<TAB>valid_from[<TAB>valid_to]]`; `#` begins a
    /// remark. An entry with the code and first day of an existing one replaces it.
    pub fn with_extra(extra: &str) -> Result<Self, DivisionError> {
        Self::national().extended(extra)
    }

    /// This table with more; see [`Divisions::with_extra`].
    pub fn extended(&self, extra: &str) -> Result<Self, DivisionError> {
        let mut table = self.clone();
        table.add(read(extra)?);
        Ok(table)
    }

    fn add(&mut self, divisions: Vec<Division>) {
        for division in divisions {
            self.entries
                .insert((division.code, division.valid_from), division);
        }
        self.below.clear();
        let mut last = None;
        for (code, _) in self.entries.keys() {
            if last.replace(*code) != Some(*code) {
                let parent = self.parent_code(*code).unwrap_or(DivisionCode::NATION);
                if *code != DivisionCode::NATION {
                    self.below.entry(parent).or_default().push(*code);
                }
            }
        }
    }

    /// Nearest code above that the table knows.
    fn parent_code(&self, code: DivisionCode) -> Option<DivisionCode> {
        let mut above = code.above();
        while let Some(candidate) = above {
            if self.get(candidate).is_some() {
                return Some(candidate);
            }
            above = candidate.above();
        }
        None
    }

    fn history(&self, code: DivisionCode) -> impl DoubleEndedIterator<Item = &Division> {
        self.entries
            .range((code, None)..=(code, Some(Date::MAX)))
            .map(|(_, division)| division)
    }

    /// The latest entry of a code, in force or not.
    pub fn get(&self, code: DivisionCode) -> Option<&Division> {
        self.history(code).next_back()
    }

    /// The entry of a code that was in force on `day`.
    pub fn get_on(&self, code: DivisionCode, day: Date) -> Option<&Division> {
        self.history(code)
            .rev()
            .find(|division| division.is_valid_on(day))
    }

    /// The division above, leaving out levels the table does not have.
    pub fn parent(&self, code: DivisionCode) -> Option<&Division> {
        self.parent_code(code).and_then(|parent| self.get(parent))
    }

    /// Divisions directly below, by code; for [`DivisionCode::NATION`] the provinces.
    pub fn children(&self, code: DivisionCode) -> impl Iterator<Item = &Division> {
        self.below
            .get(&code)
            .into_iter()
            .flatten()
            .filter_map(|child| self.get(*child))
    }

    /// From the province down to the division itself; empty if the code is unknown.
    pub fn path(&self, code: DivisionCode) -> Vec<&Division> {
        let mut path = Vec::new();
        let mut at = self.get(code);
        while let Some(division) = at {
            path.push(division);
            at = self.parent(division.code);
        }
        path.reverse();
        path
    }

    /// `四川省广安市广安区`; place holders and repeated names (北京市北京市) are left out.
    pub fn full_name(&self, code: DivisionCode) -> Option<String> {
        let path = self.path(code);
        path.last()?;
        let mut names: Vec<&str> = Vec::new();
        for division in &path {
            let holds_place = division.is_placeholder() && division.code != code;
            if !holds_place && names.last() != Some(&division.name.as_str()) {
                names.push(&division.name);
            }
        }
        Some(names.concat())
    }

    /// Divisions whose name contains `text`, by code, at most `limit`.
    pub fn find(&self, text: &str, limit: usize) -> Vec<&Division> {
        let text = text.trim();
        if text.is_empty() {
            return Vec::new();
        }
        self.iter()
            .filter(|division| division.name.contains(text))
            .take(limit)
            .collect()
    }

    /// Every entry, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Division> {
        self.entries.values()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the table has no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn read(text: &str) -> Result<Vec<Division>, DivisionError> {
    let mut divisions = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if index >= MAX_LINES {
            return Err(DivisionError::TooMany(MAX_LINES));
        }
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let division = read_line(line);
        divisions.push(division.map_err(|why| DivisionError::Line {
            line: index + 1,
            why,
        })?);
    }
    Ok(divisions)
}

fn read_line(line: &str) -> Result<Division, String> {
    let mut fields = line.split('\t').map(str::trim);
    let code = fields.next().unwrap_or("");
    let code = DivisionCode::parse(code).map_err(|error| error.to_string())?;
    let name = fields.next().unwrap_or("");
    if name.is_empty() || name.chars().count() > 100 {
        return Err("名称应为 1 至 100 字，与代码之间用制表符分隔。".to_owned());
    }
    let mut date = || match fields.next().unwrap_or("") {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| format!("“{text}”不是 YYYY-MM-DD 形式的日期。")),
    };
    let (valid_from, valid_to): (Option<Date>, Option<Date>) = (date()?, date()?);
    if matches!((valid_from, valid_to), (Some(from), Some(to)) if to < from) {
        return Err("停用日期早于启用日期。".to_owned());
    }
    Ok(Division {
        code,
        name: name.to_owned(),
        valid_from,
        valid_to,
    })
}
