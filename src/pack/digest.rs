//! What a pack was made of, as a number.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};

use crate::syntax::SourceFile;

/// BLAKE3 of a pack file and the files it names, in hexadecimal. Worked out when somebody
/// asks: most reports are read by people and do not show it.
#[derive(Clone, Debug, Default)]
pub struct Digest(Arc<Files>);

#[derive(Debug, Default)]
struct Files {
    /// In the order in which they were read.
    files: Vec<Arc<SourceFile>>,
    digest: OnceLock<String>,
}

impl Digest {
    /// Of files, in this order.
    pub(super) fn of(files: Vec<Arc<SourceFile>>) -> Self {
        Self(Arc::new(Files { files, digest: OnceLock::new() }))
    }

    /// The names of the files it is of: the pack, and what it names beside itself.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.files.iter().map(|file| file.name.as_str())
    }
}

impl From<String> for Digest {
    fn from(digest: String) -> Self {
        Self(Arc::new(Files { files: Vec::new(), digest: OnceLock::from(digest) }))
    }
}

impl Deref for Digest {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.digest.get_or_init(|| {
            let mut hasher = blake3::Hasher::new();
            for file in &self.0.files {
                hasher.update(file.text.as_bytes());
            }
            hasher.finalize().to_hex().to_string()
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Eq for Digest {}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}
