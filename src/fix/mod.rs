//! Fixes made: which of them, and what becomes of the bytes of a file. No files are
//! touched here.

mod diff;

pub use diff::unified;

use std::collections::BTreeMap;

use crate::finding::{Edit, Finding, Fix};
use crate::text::Encoding;

/// The findings of one document whose fixes can be made together, in their order:
/// where two overlap, the first is made.
pub fn choose<'r>(findings: impl IntoIterator<Item = &'r Finding>) -> Vec<(&'r Finding, &'r Fix)> {
    // By where they start, where the chosen edits end.
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut chosen = Vec::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        let free = |edit: &Edit| {
            let bytes = edit.place.bytes;
            let before = taken.range(..bytes.end.max(bytes.start + 1)).next_back();
            before.is_none_or(|(&start, &end)| {
                end <= bytes.start && (start, end) != (bytes.start, bytes.end)
            })
        };
        if fix.edits.is_empty() || !fix.edits.iter().all(free) {
            continue;
        }
        taken.extend(fix.edits.iter().map(|edit| (edit.place.bytes.start, edit.place.bytes.end)));
        chosen.push((finding, fix));
    }
    chosen
}

/// The bytes of a file with fixes made that do not overlap. `None` where something else
/// stands in one of their places than was checked, or the encoding cannot say it:
/// then nothing may be changed.
pub fn apply(bytes: &[u8], encoding: Encoding, fixes: &[&Fix]) -> Option<Vec<u8>> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| edit.place.bytes);
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        let place = edit.place.bytes;
        if bytes.get(place.range())? != encoding.encode(&edit.old)? {
            return None;
        }
        out.extend_from_slice(bytes.get(at..place.start)?);
        out.append(&mut encoding.encode(&edit.new)?);
        at = place.end;
    }
    out.extend_from_slice(bytes.get(at..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Location, OtherColumns};
    use crate::pack::Severity;
    use crate::text::Span;

    fn edit(start: usize, old: &str, new: &str) -> Edit {
        let place = Location {
            bytes: Span::new(start, start + old.len()),
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            units: OtherColumns::default(),
            text: String::new(),
            label: String::new(),
        };
        Edit { place, old: old.to_owned(), new: new.to_owned() }
    }

    fn finding(edits: Vec<Edit>) -> Finding {
        Finding {
            document: 0,
            path: "a.txt".to_owned(),
            places: vec![edits[0].place.clone()],
            rule: "a/b".to_owned(),
            severity: Severity::Note,
            message: String::new(),
            related: Vec::new(),
            field: "body".to_owned(),
            record: None,
            about_whole: false,
            fingerprint: String::new(),
            secret: None,
            suppression: None,
            fix: Some(Fix { title: String::new(), edits, joined: None }),
            fails: false,
            excerpt: Vec::new(),
        }
    }

    fn fixed(text: &str, findings: &[Finding]) -> Option<String> {
        let fixes: Vec<&Fix> = choose(findings).into_iter().map(|(_, fix)| fix).collect();
        let bytes = apply(text.as_bytes(), Encoding::Utf8, &fixes)?;
        Some(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn the_first_of_those_that_overlap_is_made() {
        let one = finding(vec![edit(0, "ab", "X")]);
        let overlapping = finding(vec![edit(1, "bc", "Y"), edit(4, "e", "Z")]);
        let beside = finding(vec![edit(2, "cd", "")]);
        let same = finding(vec![edit(0, "ab", "Q")]);
        assert_eq!(fixed("abcde", &[one.clone(), overlapping, beside, same]).unwrap(), "Xe");
        let later = finding(vec![edit(4, "e", "5"), edit(2, "c", "3")]);
        assert_eq!(fixed("abcde", &[later, one]).unwrap(), "X3d5");
        assert_eq!(fixed("abcde", &[]).unwrap(), "abcde");
    }

    #[test]
    fn nothing_is_changed_where_something_else_stands() {
        assert_eq!(fixed("abcde", &[finding(vec![edit(1, "x", "y")])]), None);
        assert_eq!(fixed("ab", &[finding(vec![edit(1, "bc", "y")])]), None);
        let latin = finding(vec![edit(0, "a", "→")]);
        assert_eq!(apply(b"a", Encoding::Windows1252, &[latin.fix.as_ref().unwrap()]), None);
    }
}
