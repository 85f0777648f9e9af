//! Names for findings that survive edits elsewhere.

use std::collections::BTreeMap;

use crate::engine::Found;
use crate::finding::Secret;
use crate::input::any_item;
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
    /// The same, of the words of rules that mask them.
    masked: BTreeMap<(String, String, String), usize>,
}

impl Fingerprints {
    /// The fingerprint of the next finding. The words of a rule marked `redact`
    /// are left out: an identifier could be guessed back from its digest. What tells
    /// them apart stands beside it, for those who can keep a secret.
    pub fn next(
        &mut self,
        field: &str,
        rule: &Rule,
        text: &str,
        found: &Found,
    ) -> (String, Option<Secret>) {
        // Lists are put in another order, and their texts are the same.
        let field = &*any_item(field);
        let words: Vec<_> = found
            .spans
            .iter()
            .map(|span| Folded::new(&text[span.range()]).text().to_owned())
            .collect();
        let words = words.join("\u{1f}");
        if !rule.redact {
            return (self.of_words(field, &rule.id, &words), None);
        }
        let fingerprint = self.of_words(field, &rule.id, "");
        let count = count(&mut self.masked, field, &rule.id, &words);
        let secret = Secret(*digest(&rule.id, field, &words, count).as_bytes());
        (fingerprint, Some(secret))
    }

    /// The fingerprint of a finding of these words.
    pub fn of_words(&mut self, field: &str, rule: &str, words: &str) -> String {
        let count = count(&mut self.seen, field, rule, words);
        format!("{VERSION}:{}", &digest(rule, field, words, count).to_hex()[..24])
    }
}

fn count(
    seen: &mut BTreeMap<(String, String, String), usize>,
    field: &str,
    rule: &str,
    words: &str,
) -> usize {
    let count = seen.entry((field.to_owned(), rule.to_owned(), words.to_owned())).or_insert(0);
    *count += 1;
    *count
}

fn digest(rule: &str, field: &str, words: &str, count: usize) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in [VERSION, rule, field, words, &count.to_string()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize()
}
