//! Findings that no pack makes: probity's own, about what was written for it.

use super::excerpt::{self, ToMark};
use super::{Fingerprints, location, shown};
use crate::finding::Finding;
use crate::pack::Severity;
use crate::text::{Decoded, Lines, Span};

/// A place in a file at which a rule of probity's own holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faulty {
    /// The rule's full name.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Bytes of the decoded text.
    pub span: Span,
    /// The problem, in one sentence, safe to show.
    pub message: String,
    /// What tells it from others of its kind; no words of the text.
    pub about: String,
}

/// Turns them into findings in the order given. `hidden` are stretches nobody may see,
/// sorted and apart.
pub fn built_in(
    path: &str,
    source: &Decoded,
    hidden: &[Span],
    faulty: Vec<Faulty>,
) -> Vec<Finding> {
    if faulty.is_empty() {
        return Vec::new();
    }
    let text = source.text();
    let lines = Lines::new(text);
    let mut fingerprints = Fingerprints::default();
    faulty
        .into_iter()
        .map(|Faulty { rule, severity, span, message, about }| {
            let mark = ToMark { span, primary: true, label: String::new() };
            let words = shown(text, span, hidden);
            Finding {
                document: 0,
                path: path.to_owned(),
                places: vec![location(source, &lines, span, words, "")],
                rule: rule.to_owned(),
                severity,
                message,
                related: Vec::new(),
                field: "comment".to_owned(),
                record: None,
                about_whole: false,
                fingerprint: fingerprints.of_words("comment", rule, &about),
                secret: None,
                suppression: None,
                fix: None,
                fails: false,
                excerpt: excerpt::excerpts(text, &lines, &[mark], hidden),
            }
        })
        .collect()
}
