//! The baseline: findings that were there when somebody began to check, accepted until
//! they are mended.
//!
//! Fingerprints name findings without offsets, so edits elsewhere and another order of
//! rows change nothing. The words of rules that mask them are no part of a fingerprint;
//! counted only, a new identifier could take the place of an old one unseen. So the
//! baseline names those findings by a digest of the words under a key of its own, which
//! stands in the baseline: reports that leave the repository cannot be searched for an
//! identifier by trying all of them, and whoever has the baseline has the texts as well.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::grammar;
use crate::finding::{Finding, Report, SuppressedBy, Suppression};
use crate::judge::safe;
use crate::pack::BUILT_IN_FAMILY;
use crate::syntax::{Diagnostic, SourceFile};
use crate::text::Span;

/// The name it has where nobody says another.
pub const BASELINE_NAME: &str = "probity-baseline.json";

/// Rises with every change that could break a reader.
pub const BASELINE_VERSION: u64 = 1;

/// What a baseline says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The key of fingerprints of rules that mask their words, where there are any.
    pub key: Option<[u8; 32]>,
    /// Sorted by path, rule, field and fingerprint.
    pub entries: Vec<Entry>,
}

/// An accepted finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Relative to the folder of the baseline, parted by `/`.
    pub path: String,
    /// The rule's full name.
    pub rule: String,
    /// The field it is in.
    pub field: String,
    /// The fingerprint of the finding, or one under the key of the baseline.
    pub fingerprint: String,
    /// Why it is accepted, if somebody has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "it has been read before the rest")]
    version: u64,
    #[serde(default)]
    key: Option<String>,
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

/// What came of holding findings against a baseline. Indices are those of its entries.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Those that accept a finding, with the index of the finding.
    pub matched: BTreeMap<usize, usize>,
    /// Those whose last day has passed and whose findings are still there.
    pub expired: BTreeMap<usize, usize>,
    /// Those that match nothing.
    pub unmatched: BTreeSet<usize>,
    /// Files that were found under another name: the old and the new.
    pub renamed: BTreeMap<String, String>,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    ///
    /// Where it is damaged or from a newer version, at its place.
    pub fn read(file: &Arc<SourceFile>) -> Result<Self, Diagnostic> {
        let text = &file.text;
        let fault = |error: &serde_json::Error| {
            if let Some(mut fault) = Diagnostic::of_conflict(file) {
                fault.message = format!("this baseline is damaged: {}", fault.message);
                return fault.help("keep the findings of both sides, with a comma behind each but the last, and remove the marks; `probity baseline --prune` then puts them in order");
            }
            let at = offset(text, error.line(), error.column());
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or(&what);
            Diagnostic::fault(file, at, format!("this baseline is damaged: {what}"))
                .label("here")
                .help("take it from version control, or write it anew with `probity baseline --force`")
        };
        let Version { version } = serde_json::from_str(text).map_err(|error| fault(&error))?;
        let of_version = || {
            let at = text.find("\"version\"").unwrap_or(0);
            let rest = &text[at..];
            Span::new(at, at + rest.find(['\n', '\r']).unwrap_or(rest.len()))
        };
        if version > BASELINE_VERSION {
            let message = format!(
                "this baseline has version {version}, written by a newer probity; this one reads version {BASELINE_VERSION}"
            );
            return Err(Diagnostic::fault(file, of_version(), message)
                .label("the version")
                .help("use the newer probity everywhere, or write the baseline anew with `probity baseline --force`"));
        }
        if version == 0 {
            let message = "there is no version 0 of baselines".to_owned();
            return Err(Diagnostic::fault(file, of_version(), message).label("the version"));
        }
        let File { key, findings: mut entries, .. } =
            serde_json::from_str(text).map_err(|error| fault(&error))?;
        let key = match key {
            None => None,
            Some(written) => Some(key_of(&written).ok_or_else(|| {
                let at = text.find(&written).unwrap_or(0);
                let message = "the key of a baseline is 64 hexadecimal digits".to_owned();
                Diagnostic::fault(file, Span::new(at, at + written.len()), message).label("here")
            })?),
        };
        for entry in &mut entries {
            if let Some(until) = entry.until.as_ref().filter(|day| grammar::iso_day(day).is_none())
            {
                let at = text.find(until.as_str()).unwrap_or(0);
                let span = Span::new(at, (at + until.len()).min(text.len()));
                let message = "the last day of a suppression is written as `2027-03-31`".to_owned();
                return Err(Diagnostic::fault(file, span, message).label("here"));
            }
            entry.reason = entry.reason.take().filter(|reason| !reason.trim().is_empty());
        }
        entries.sort();
        Ok(Self { key, entries })
    }

    /// The file: sorted, one finding a line, the same for the same findings.
    ///
    /// # Errors
    ///
    /// Where a value cannot be written as JSON, which no text can be.
    pub fn text(&self) -> serde_json::Result<String> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort();
        let mut out = format!("{{\n  \"version\": {BASELINE_VERSION},\n");
        if let Some(key) = &self.key {
            let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            out.push_str(&format!("  \"key\": \"{key}\",\n"));
        }
        out.push_str("  \"findings\": [");
        for (at, entry) in entries.iter().enumerate() {
            out.push_str(if at == 0 { "\n    " } else { ",\n    " });
            out.push_str(&crate::emit::plain(&serde_json::to_string(entry)?));
        }
        out.push_str(if entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        Ok(out)
    }

    /// The entry that would accept a finding.
    pub fn entry_of(&self, path: String, finding: &Finding) -> Entry {
        Entry {
            path,
            rule: finding.rule.clone(),
            field: finding.field.clone(),
            fingerprint: self.fingerprint(finding),
            ..Entry::default()
        }
    }

    /// The fingerprint of a finding in this baseline.
    fn fingerprint(&self, finding: &Finding) -> String {
        match (&finding.secret, &self.key) {
            (Some(secret), Some(key)) => {
                format!("k1:{}", &blake3::keyed_hash(key, &secret.0).to_hex()[..24])
            }
            // Without a key nothing was written of such findings, and nothing matches.
            (Some(_), None) => String::new(),
            (None, _) => finding.fingerprint.clone(),
        }
    }

    /// Accepts the findings that the baseline has. `paths` are those of the documents,
    /// relative to its folder, and `day` says for which day each is checked. `gone` says whether a file is there no more; with it, a
    /// file is looked for under another name where that is not ambiguous.
    pub fn apply(
        &self,
        report: &mut Report,
        paths: &[String],
        day: &dyn Fn(usize) -> Option<Date>,
        gone: Option<&dyn Fn(&str) -> bool>,
    ) -> Applied {
        let mut open: BTreeMap<(&str, &str, &str, String), Vec<usize>> = BTreeMap::new();
        for (at, finding) in report.findings.iter().enumerate() {
            if let Some(path) = paths.get(finding.document).filter(|_| may_accept(finding)) {
                let key = (
                    path.as_str(),
                    finding.rule.as_str(),
                    finding.field.as_str(),
                    self.fingerprint(finding),
                );
                open.entry(key).or_default().push(at);
            }
        }
        for found in open.values_mut() {
            found.reverse();
        }
        let mut applied = Applied::default();
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let key = (
                entry.path.as_str(),
                entry.rule.as_str(),
                entry.field.as_str(),
                entry.fingerprint.clone(),
            );
            match open.get_mut(&key).and_then(Vec::pop) {
                Some(finding) => pairs.push((at, finding)),
                None => {
                    applied.unmatched.insert(at);
                }
            }
        }
        if let Some(gone) = gone {
            let known: BTreeSet<&str> = self.entries.iter().map(|e| e.path.as_str()).collect();
            let gone: BTreeSet<&str> = known.iter().copied().filter(|path| gone(path)).collect();
            let mut unknown: BTreeMap<&str, BTreeMap<Told<'_>, Vec<usize>>> = BTreeMap::new();
            for ((path, rule, field, fingerprint), found) in &open {
                if !known.contains(path) && !found.is_empty() {
                    let told = (*rule, *field, fingerprint.as_str());
                    unknown.entry(path).or_default().insert(told, found.clone());
                }
            }
            for (old, new) in renames(&self.entries, &applied.unmatched, &gone, &unknown) {
                let Some(found) = unknown.get_mut(new.as_str()) else { continue };
                for at in applied.unmatched.clone() {
                    let entry = &self.entries[at];
                    let told =
                        (entry.rule.as_str(), entry.field.as_str(), entry.fingerprint.as_str());
                    if entry.path == old
                        && let Some(finding) = found.get_mut(&told).and_then(Vec::pop)
                    {
                        applied.unmatched.remove(&at);
                        pairs.push((at, finding));
                    }
                }
                applied.renamed.insert(old, new);
            }
        }
        drop(open);
        for (at, finding) in pairs {
            let entry = &self.entries[at];
            let until = entry.until.as_deref().and_then(grammar::iso_day);
            let of = report.findings.get(finding).and_then(|finding| day(finding.document));
            if until.is_some_and(|until| of.is_some_and(|day| day > until)) {
                applied.expired.insert(at, finding);
                continue;
            }
            applied.matched.insert(at, finding);
            if let Some(finding) = report.findings.get_mut(finding) {
                finding.suppression = Some(Suppression {
                    by: SuppressedBy::Baseline,
                    reason: entry.reason.as_deref().map(one_line),
                    owner: entry.owner.as_deref().map(one_line),
                    until: entry.until.clone(),
                });
            }
        }
        applied
    }
}

/// Whether a baseline can accept a finding. Faults of suppressions are to be mended.
pub fn may_accept(finding: &Finding) -> bool {
    finding.suppression.is_none() && finding.rule.split('/').next() != Some(BUILT_IN_FAMILY)
}

/// What is told of a finding besides its path.
type Told<'a> = (&'a str, &'a str, &'a str);

/// The files that are gone and those that hold most of what they held: only where each
/// is the best for the other, and no second is as good.
fn renames(
    entries: &[Entry],
    unmatched: &BTreeSet<usize>,
    gone: &BTreeSet<&str>,
    unknown: &BTreeMap<&str, BTreeMap<Told<'_>, Vec<usize>>>,
) -> Vec<(String, String)> {
    let mut wanted: BTreeMap<Told<'_>, BTreeMap<&str, usize>> = BTreeMap::new();
    for entry in unmatched.iter().map(|&at| &entries[at]) {
        if gone.contains(entry.path.as_str()) {
            let told = (entry.rule.as_str(), entry.field.as_str(), entry.fingerprint.as_str());
            *wanted.entry(told).or_default().entry(&entry.path).or_default() += 1;
        }
    }
    let mut shared: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (new, found) in unknown {
        for (told, places) in found {
            for (old, count) in wanted.get(told).into_iter().flatten() {
                *shared.entry((old, new)).or_default() += places.len().min(*count);
            }
        }
    }
    // The best of each, unless a second is as good.
    let mut of_old: BTreeMap<&str, (usize, Option<&str>)> = BTreeMap::new();
    let mut of_new: BTreeMap<&str, (usize, Option<&str>)> = BTreeMap::new();
    for ((old, new), count) in shared {
        for (best, one, other) in [(&mut of_old, old, new), (&mut of_new, new, old)] {
            let known = best.entry(one).or_insert((0, None));
            if count > known.0 {
                *known = (count, Some(other));
            } else if count == known.0 {
                known.1 = None;
            }
        }
    }
    of_old
        .iter()
        .filter_map(|(old, (_, new))| {
            let new = (*new)?;
            let back = of_new.get(new)?.1?;
            (back == *old).then(|| ((*old).to_owned(), new.to_owned()))
        })
        .collect()
}

fn one_line(text: &str) -> String {
    safe(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn key_of(written: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    if written.len() != 64 || !written.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(written.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(key)
}

/// The place of a line and column as the parser of JSON counts them.
fn offset(text: &str, line: usize, column: usize) -> Span {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = text.floor_char_boundary((start + column.saturating_sub(1)).min(text.len()));
    let len = text[at..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    Span::new(at, at + len)
}
