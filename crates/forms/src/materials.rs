//! Materials: which documents are needed, and which are still missing or not good enough.

use serde::Serialize;

use crate::document::{Material, Need};
use crate::read::Reading;
use crate::value::Grade;
use crate::words::{Arg, Lang, Words, message};

/// One document that is there: uploaded, scanned at the counter, or taken from a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Identifier of the material it is for.
    pub material: String,
    /// Trust grade.
    pub grade: Grade,
    /// Media type and bytes of each file; empty when a licence is used without a file.
    pub files: Vec<(String, u64)>,
    /// Licence type when an electronic licence stands in (免提交).
    pub licence: Option<String>,
}

/// Why a material is not yet in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyMissing {
    /// Nothing was handed in.
    Absent,
    /// The trust grade is too low.
    GradeTooLow {
        /// Best grade that is there.
        have: Grade,
        /// Grade that is needed.
        need: Grade,
    },
    /// More files than allowed.
    TooManyFiles {
        /// Files that are there.
        now: usize,
    },
    /// A file of another type.
    TypeNotAccepted {
        /// Its media type.
        media_type: String,
    },
    /// A file is too large.
    TooLarge,
}

/// A material that is not yet in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingMaterial {
    /// Identifier of the material.
    pub id: String,
    /// Name.
    pub name: Words,
    /// Why.
    pub why: WhyMissing,
    /// May be handed in after acceptance (容缺受理).
    pub tolerable: bool,
    /// Licence type that would do instead.
    pub from_licence: Option<String>,
    max_files: u32,
    max_bytes: u64,
}

impl MissingMaterial {
    /// The sentence for people.
    pub fn text(&self, lang: Lang) -> String {
        let mut args = vec![("name", Arg::Words(self.name.clone()))];
        let mut plain = |name, text: String| args.push((name, Arg::Plain(text)));
        let id = match &self.why {
            WhyMissing::Absent => "material.absent",
            WhyMissing::GradeTooLow { have, need } => {
                plain("have", format!("{have:?}"));
                plain("need", format!("{need:?}"));
                "material.grade"
            }
            WhyMissing::TooManyFiles { now } => {
                plain("max", self.max_files.to_string());
                plain("now", now.to_string());
                "material.files"
            }
            WhyMissing::TypeNotAccepted { media_type } => {
                plain("type", media_type.chars().take(60).collect());
                "material.type"
            }
            WhyMissing::TooLarge => {
                plain("max", (self.max_bytes / (1024 * 1024)).to_string());
                "material.bytes"
            }
        };
        message(id, "", &args, lang)
    }
}

impl Material {
    /// True when files of this media type are accepted; `image/*` accepts every image.
    pub fn accepts(&self, media_type: &str) -> bool {
        let media_type = media_type
            .split(';')
            .next()
            .unwrap_or("")
            .trim()
            .to_ascii_lowercase();
        self.accept.is_empty()
            || self
                .accept
                .iter()
                .any(|pattern| match pattern.strip_suffix("/*") {
                    Some(class) => media_type.split_once('/').is_some_and(|(c, _)| c == class),
                    None => *pattern == media_type,
                })
    }
}

impl Reading<'_> {
    /// Materials that apply to these answers, and whether each is needed.
    pub fn materials(&self) -> impl Iterator<Item = (&Material, bool)> {
        let shown = self
            .form
            .materials
            .iter()
            .filter(|m| self.holds(m.show_if.as_ref(), &[]));
        shown.filter_map(|m| {
            let needed = self.needed(&m.need, &[]);
            // A conditional material whose condition does not hold is not asked for at all.
            (needed || !matches!(m.need, Need::If(_))).then_some((m, needed))
        })
    }

    /// Everything about materials that is not in order yet.
    pub fn missing_materials(&self, received: &[Received]) -> Vec<MissingMaterial> {
        let mut out = Vec::new();
        for (material, needed) in self.materials() {
            let there: Vec<&Received> = received
                .iter()
                .filter(|r| r.material == material.id)
                .collect();
            if let Some(why) = why_missing(material, needed, &there) {
                out.push(MissingMaterial {
                    id: material.id.clone(),
                    name: material.name.clone(),
                    why,
                    tolerable: material.tolerable,
                    from_licence: material.from_licence.clone(),
                    max_files: material.max_files,
                    max_bytes: material.max_bytes,
                });
            }
        }
        out
    }
}

fn why_missing(material: &Material, needed: bool, there: &[&Received]) -> Option<WhyMissing> {
    let licence = |r: &&&Received| r.licence.is_some() && r.licence == material.from_licence;
    let filed = |r: &&&Received| !r.files.is_empty();
    let usable: Vec<&&Received> = there.iter().filter(|r| licence(r) || filed(r)).collect();
    let Some(best) = usable.iter().map(|r| r.grade).max() else {
        return needed.then_some(WhyMissing::Absent);
    };
    if best < material.min_grade {
        return Some(WhyMissing::GradeTooLow {
            have: best,
            need: material.min_grade,
        });
    }
    let files: Vec<&(String, u64)> = there.iter().flat_map(|r| &r.files).collect();
    if files.len() > material.max_files as usize {
        return Some(WhyMissing::TooManyFiles { now: files.len() });
    }
    if let Some((media_type, _)) = files.iter().find(|(t, _)| !material.accepts(t)) {
        return Some(WhyMissing::TypeNotAccepted {
            media_type: media_type.clone(),
        });
    }
    files
        .iter()
        .any(|(_, bytes)| *bytes > material.max_bytes)
        .then_some(WhyMissing::TooLarge)
}
