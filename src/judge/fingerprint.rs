//! Names for findings that survive edits elsewhere.

use std::collections::BTreeMap;

use crate::engine::Found;
use crate::pack::Rule;
use crate::text::Folded;

/// The version of the method, at the front of every fingerprint.
const VERSION: &str = "1";

/// Hands out fingerprints for the findings of one document, in the order of their
/// places. A fingerprint is a digest of the rule, the folded words, the name of
/// the field and how many equal findings came before: never of offsets, which
/// move when text above does.
#[derive(Debug, Default)]
pub struct Fingerprints {
    /// By field, rule and words.
    seen: BTreeMap<(String, String, String), usize>,
}

impl Fingerprints {
    /// The fingerprint of the next finding. The words of a rule marked `redact`
    /// are left out: an identifier could be guessed back from its digest.
    pub fn next(&mut self, field: &str, rule: &Rule, text: &str, found: &Found) -> String {
        let words = if rule.redact {
            String::new()
        } else {
            let words: Vec<_> = found
                .spans
                .iter()
                .map(|span| Folded::new(&text[span.range()]).text().to_owned())
                .collect();
            words.join("\u{1f}")
        };
        let count =
            self.seen.entry((field.to_owned(), rule.id.clone(), words.clone())).or_insert(0);
        *count += 1;
        let mut hasher = blake3::Hasher::new();
        for part in [VERSION, &rule.id, field, &words, &count.to_string()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        format!("{VERSION}:{}", &hasher.finalize().to_hex()[..24])
    }
}
