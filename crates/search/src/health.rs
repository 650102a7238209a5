//! An index seen from outside, while another process may be using it.

use std::fs;
use std::path::Path;

use crate::index::{Build, Index};
use crate::types::Health;

impl Index {
    /// Looks at the index in a folder and changes nothing, so that another process may be using it.
    #[must_use]
    pub fn inspect(dir: impl AsRef<Path>) -> Health {
        let root = dir.as_ref();
        let broken = |reason: String| Health::Broken { reason };
        let name = match fs::read_to_string(root.join("CURRENT")) {
            Ok(name) => name,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Health::Absent,
            Err(e) => return broken(e.to_string()),
        };
        let number = name.strip_prefix("build-").map(str::parse::<u64>);
        if !matches!(number, Some(Ok(_))) {
            return broken("CURRENT 的内容不对".to_owned());
        }
        let build = match Build::open(&root.join(&name)) {
            Ok(build) => build,
            Err(reason) => return broken(reason),
        };
        Health::Whole {
            documents: build.reader.searcher().num_docs(),
        }
    }
}
