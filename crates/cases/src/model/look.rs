//! Who looked at the data of a case (个人信息保护法 第四十五条: the person may know; 第五十四条: compliance is audited).

use jiff::{SignedDuration, Timestamp};
use tongban_kernel::Post;

/// For so long another look of the same officer at the same thing for the same purpose counts as the same look: a page shown again floods nothing.
pub const SAME_LOOK: SignedDuration = SignedDuration::from_hours(1);

/// A look of an officer at the personal data of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub seq: u32,
    pub at: Timestamp,
    pub organ_name: String,
    /// Key of the post in which the officer looked.
    pub post: String,
    /// What was looked at: [`OBJECT_CASE`], `file/<id>` or `document/<id>`.
    pub object: String,
    /// What for: the step of the work, or the act of looking itself.
    pub purpose: String,
    /// Legal basis of the permit.
    pub basis: String,
}

impl Look {
    /// The post in words.
    pub fn post_label(&self) -> &str {
        match Post::from_key(&self.post) {
            Some(post) => post.label(),
            None => &self.post,
        }
    }
}

/// The application with everything typed into it.
pub const OBJECT_CASE: &str = "case";
