//! Code Quality reports of GitLab.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use super::escape::one_line;
use super::{Emitter, NOT_CHECKED, Root, plain};
use crate::finding::Report;
use crate::pack::Severity;

/// A JSON array with an entry a finding that nobody has accepted, and an entry for
/// everything that was not checked. Columns count characters.
#[derive(Clone, Debug)]
pub struct GitLab {
    /// Where paths count from.
    pub root: Root,
}

impl Emitter for GitLab {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        // GitLab takes two entries with one fingerprint for one.
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut fingerprint = |parts: [&str; 3]| {
            let mut hasher = blake3::Hasher::new();
            for part in parts {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
            let count = seen.entry(hasher.finalize().to_hex().to_string()).or_default();
            *count += 1;
            hasher.update(&(*count as u64).to_le_bytes());
            hasher.finalize().to_hex().chars().take(32).collect::<String>()
        };
        let mut entries: Vec<Value> = Vec::new();
        for notice in report.notices.iter().filter(|notice| notice.unchecked) {
            let path = self.path(&notice.path);
            entries.push(json!({
                "description": format!("Not checked: {}", one_line(&notice.message)),
                "check_name": NOT_CHECKED,
                "fingerprint": fingerprint([NOT_CHECKED, &path, &notice.message]),
                "severity": "major",
                "location": { "path": path, "lines": { "begin": notice.line.unwrap_or(1) } },
            }));
        }
        for finding in report.open() {
            let Some(place) = finding.places.first() else { continue };
            let path = self.path(&finding.path);
            entries.push(json!({
                "description": one_line(&finding.message),
                "check_name": finding.rule,
                "fingerprint": fingerprint([&finding.rule, &path, &finding.fingerprint]),
                "severity": match finding.severity {
                    Severity::Error => "major",
                    Severity::Warning => "minor",
                    Severity::Note => "info",
                },
                "location": {
                    "path": path,
                    "positions": {
                        "begin": { "line": place.line, "column": place.column },
                        "end": { "line": place.end_line, "column": place.end_column },
                    },
                },
            }));
        }
        writeln!(out, "{}", plain(&serde_json::to_string_pretty(&entries)?))
    }
}

impl GitLab {
    /// GitLab refuses an entry without a path.
    fn path(&self, shown: &str) -> String {
        if shown.is_empty() { ".".to_owned() } else { self.root.path(shown).into_owned() }
    }
}
