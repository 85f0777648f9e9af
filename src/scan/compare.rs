//! What is new, gone and still there since an older scan.

use std::borrow::Borrow;
use std::collections::{BTreeMap, hash_map};
use std::io::{self, BufRead};

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde_json::Value;

pub use super::compare_scope::Scope;
pub use super::compare_text::text;
use super::json_lines::{LineEnd, Lines};
use super::model::ScanFinding;

/// The version of the list of findings, as its header says in `schema`.
pub const LIST_VERSION: u64 = 1;

/// Bytes a line of an older list can have.
const LINE_LIMIT: usize = 256 << 20;

/// New findings that a comparison names one by one. All are counted, and all stand in
/// the new list; those that are gone stand nowhere else and are all named.
pub const LISTED: usize = 10_000;

/// What is new, gone and still there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// All rules together.
    pub all: Changes,
    /// By rule.
    pub by_rule: BTreeMap<String, Changes>,
    /// The first [`LISTED`] new findings, in the order of the scan.
    pub new: Vec<Place>,
    /// Every finding that is gone, in the order of the older list. Where the same
    /// fingerprint stood several times, these are its last places.
    pub gone: Vec<Place>,
    /// Findings that the older scan counted but did not list (`--max-findings`); what is
    /// called new may have been among them.
    pub unlisted_before: u64,
    /// Whether the older scan had left something unread, or read only a sample.
    pub partial_before: bool,
    /// Whether the new scan did; for the caller to say. What is called gone may then
    /// only not have been read.
    pub partial_now: bool,
    /// Whether the older list says at its end what was scanned. One that does not was cut,
    /// and what is called new may have stood behind the cut.
    pub ended_before: bool,
    /// Packs that both scans used and that have changed: their ids, and their versions
    /// then and now.
    pub packs_changed: Vec<(String, String, String)>,
    /// Whether findings of the older and of the new scan have identifiers of records.
    #[serde(skip)]
    pub identified: [bool; 2],
}

/// How many findings changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Not in the older list.
    pub new: u64,
    /// In the older list only.
    pub gone: u64,
    /// In both.
    pub still: u64,
    /// In the older list only, in a column or of a rule that the new scan left out.
    pub left_out: u64,
    /// Not in the older list, in a column or of a rule that the older scan left out.
    pub first_scanned: u64,
}

/// Where a finding is. The words are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The rule's full name.
    pub rule: String,
    /// As in [`ScanFinding`], like all that follows.
    pub file: String,
    /// The sheet, in workbooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The record, from 1 behind the header.
    pub record: u64,
    /// The line, from 1.
    pub line: u64,
    /// The cell, in workbooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The column.
    pub column: String,
    /// The fingerprint.
    pub fingerprint: String,
}

/// Why lists cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// The older list cannot be read on.
    #[error("cannot read the older list behind line {line}: {cause}")]
    Read {
        /// The line before, from 1; 0 at the start.
        line: u64,
        /// Why.
        cause: io::Error,
    },
    /// A line that is not what a list of findings holds.
    #[error("line {line} of the older list {why}")]
    Line {
        /// The line, from 1.
        line: u64,
        /// What is wrong, to be read behind the line.
        why: &'static str,
    },
    /// A list in a later format.
    #[error(
        "line {line} of the older list says that it is of version {found} of the format; this \
         version of probity knows version {LIST_VERSION}"
    )]
    Newer {
        /// The line, from 1.
        line: u64,
        /// The version of the format.
        found: u64,
    },
    /// Fingerprints that are made in another way, so that none could be equal.
    #[error(
        "the fingerprint in line {line} of the older list begins with `{found}`, and here they \
         begin with `{expected}`: another version of probity made them in another way; scan \
         the older export again with this one"
    )]
    Method {
        /// The line, from 1.
        line: u64,
        /// The version of the method in the older list.
        found: String,
        /// The version elsewhere.
        expected: String,
    },
}

/// Compares a new scan, which looked at `now`, with the list of an older one: JSON Lines,
/// as written by `--format jsonl`. Lines that are no findings are passed over.
pub fn compare(
    old: impl BufRead,
    new: impl IntoIterator<Item = impl Borrow<ScanFinding>>,
    now: &Scope,
) -> Result<Comparison, CompareError> {
    let mut older = Older::read(old)?;
    for finding in new {
        older.meet(finding.borrow())?;
    }
    Ok(older.finish(now))
}

/// Whether a finding was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was not.
    New,
    /// It was.
    Still,
}

/// An older list, held against a new scan finding by finding as these stream past. Of
/// the list, fingerprints, rules and places are kept; no words.
#[derive(Debug, Default)]
pub struct Older {
    findings: Vec<OldFinding>,
    /// Where the findings of a fingerprint that are not yet met begin and end.
    queues: FxHashMap<Box<str>, Queue>,
    names: Names,
    /// What stands before the `:` of fingerprints, and the line where that was seen.
    method: Option<(String, u64)>,
    /// What the older scan looked at.
    before: Scope,
    /// New findings by rule and column.
    new: BTreeMap<(usize, usize), u64>,
    comparison: Comparison,
}

/// Names that stand in thousands of findings, kept once.
#[derive(Debug, Default)]
struct Names {
    all: Vec<Box<str>>,
    numbers: FxHashMap<Box<str>, usize>,
}

#[derive(Debug)]
struct OldFinding {
    rule: usize,
    file: usize,
    sheet: Option<usize>,
    column: usize,
    record: u64,
    line: u64,
    cell: Option<Box<str>>,
    /// The fingerprint goes along, to be named if the finding is gone.
    fingerprint: Box<str>,
    /// The next with the same fingerprint.
    next: Option<usize>,
    met: bool,
}

#[derive(Debug)]
struct Queue {
    first: Option<usize>,
    last: usize,
}

impl Names {
    fn number(&mut self, name: &str) -> usize {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.all.len();
        self.all.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }

    fn name(&self, number: usize) -> String {
        self.all.get(number).map_or_else(String::new, |name| String::from(&**name))
    }
}

impl Older {
    /// Reads an older list.
    pub fn read(old: impl BufRead) -> Result<Self, CompareError> {
        let mut older = Self::default();
        let mut lines = Lines::new(old, LINE_LIMIT);
        loop {
            let at = lines.number();
            let end = lines.advance().map_err(|cause| CompareError::Read { line: at, cause })?;
            let line = lines.number();
            match end {
                None => return Ok(older),
                Some(LineEnd::TooLong) => {
                    return Err(CompareError::Line { line, why: "is too long for a finding" });
                }
                Some(LineEnd::Newline | LineEnd::File) => older.line(line, lines.bytes())?,
            }
        }
    }

    fn line(&mut self, line: u64, bytes: &[u8]) -> Result<(), CompareError> {
        let wrong = |why| CompareError::Line { line, why };
        if line == 1 && (bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])) {
            return Err(wrong("is UTF-16; save the list as UTF-8"));
        }
        let mark = if line == 1 { "\u{feff}".as_bytes() } else { b"" };
        let bytes = bytes.strip_prefix(mark).unwrap_or(bytes);
        if bytes.trim_ascii().is_empty() {
            return Ok(());
        }
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|_| wrong("is not JSON; was the list cut short or changed?"))?;
        if !value.is_object() {
            return Err(wrong("is not a JSON object"));
        }
        match value.get("type").and_then(Value::as_str) {
            None => self.older(line, &value),
            Some("finding") => self.older(line, value.get("finding").unwrap_or(&value)),
            Some(kind) => self.about(line, kind, &value),
        }
    }

    /// What a header or a summary says of the list.
    fn about(&mut self, line: u64, kind: &str, value: &Value) -> Result<(), CompareError> {
        for part in [Some(value), value.get(kind)].into_iter().flatten() {
            if let Some(found) = part.get("schema").and_then(Value::as_u64)
                && found > LIST_VERSION
            {
                return Err(CompareError::Newer { line, found });
            }
            if kind == "summary" {
                self.before.read(part);
                let unlisted = part.get("unlisted").and_then(Value::as_u64).unwrap_or(0);
                let counted = &mut self.comparison.unlisted_before;
                *counted = counted.saturating_add(unlisted);
                let says = |key: &str| part.get(key).and_then(Value::as_bool) == Some(true);
                let notices = part.get("notices").and_then(Value::as_array);
                let unchecked = notices
                    .into_iter()
                    .flatten()
                    .any(|notice| notice.get("unchecked").and_then(Value::as_bool) == Some(true));
                let sample = part.get("sample").is_some_and(|sample| !sample.is_null());
                self.comparison.partial_before |= unchecked || sample || says("incomplete");
            }
        }
        Ok(())
    }

    fn older(&mut self, line: u64, value: &Value) -> Result<(), CompareError> {
        let wrong = |why| CompareError::Line { line, why };
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let number = |key: &str| value.get(key).and_then(Value::as_u64);
        let fingerprint = text("fingerprint")
            .ok_or_else(|| wrong("is no finding of a scan: it has no `fingerprint`"))?;
        let rule =
            text("rule").ok_or_else(|| wrong("is no finding of a scan: it has no `rule`"))?;
        let file =
            text("file").ok_or_else(|| wrong("is no finding of a scan: it has no `file`"))?;
        let record =
            number("record").ok_or_else(|| wrong("is no finding of a scan: it has no `record`"))?;
        self.same_method(fingerprint, Some(line))?;
        self.comparison.identified[0] |= text("id").is_some();
        let names = &mut self.names;
        let finding = OldFinding {
            rule: names.number(rule),
            file: names.number(file),
            sheet: text("sheet").map(|sheet| names.number(sheet)),
            column: names.number(text("column").unwrap_or_default()),
            record,
            line: number("line").unwrap_or(0),
            cell: text("cell").map(Into::into),
            fingerprint: fingerprint.into(),
            next: None,
            met: false,
        };
        let at = self.findings.len();
        self.findings.push(finding);
        match self.queues.entry(fingerprint.into()) {
            hash_map::Entry::Vacant(queue) => {
                queue.insert(Queue { first: Some(at), last: at });
            }
            hash_map::Entry::Occupied(mut queue) => {
                let queue = queue.get_mut();
                if let Some(last) = self.findings.get_mut(queue.last) {
                    last.next = Some(at);
                }
                queue.last = at;
            }
        }
        Ok(())
    }

    /// Holds the method of a fingerprint against that of those before. `line` is none
    /// for findings of the new scan.
    fn same_method(&mut self, fingerprint: &str, line: Option<u64>) -> Result<(), CompareError> {
        let own = fingerprint.split_once(':').map_or("", |(method, _)| method);
        match (&self.method, line) {
            (Some((before, _)), _) if before == own => Ok(()),
            (Some((before, _)), Some(line)) => {
                Err(CompareError::Method { line, found: own.to_owned(), expected: before.clone() })
            }
            (Some((before, line)), None) => Err(CompareError::Method {
                line: *line,
                found: before.clone(),
                expected: own.to_owned(),
            }),
            (None, Some(line)) => {
                self.method = Some((own.to_owned(), line));
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// Takes the next finding of the new scan, and says whether it was there before.
    /// Where a fingerprint stands several times, as many are still there as are in both.
    pub fn meet(&mut self, finding: &ScanFinding) -> Result<Standing, CompareError> {
        self.same_method(&finding.fingerprint, None)?;
        let queue = self.queues.get_mut(finding.fingerprint.as_str());
        let older = queue.and_then(|queue| {
            let older = self.findings.get_mut(queue.first?)?;
            older.met = true;
            queue.first = older.next;
            Some(older)
        });
        let standing = if older.is_some() { Standing::Still } else { Standing::New };
        let comparison = &mut self.comparison;
        comparison.identified[1] |= finding.id.is_some();
        if !comparison.by_rule.contains_key(&finding.rule) {
            comparison.by_rule.insert(finding.rule.clone(), Changes::default());
        }
        let of_rule = comparison.by_rule.get_mut(&finding.rule);
        for changes in of_rule.into_iter().chain([&mut comparison.all]) {
            match standing {
                Standing::New => changes.new += 1,
                Standing::Still => changes.still += 1,
            }
        }
        if standing == Standing::New {
            let names = &mut self.names;
            let at = (names.number(&finding.rule), names.number(&finding.column));
            *self.new.entry(at).or_default() += 1;
        }
        if standing == Standing::New && comparison.new.len() < LISTED {
            comparison.new.push(Place {
                rule: finding.rule.clone(),
                file: finding.file.clone(),
                sheet: finding.sheet.clone(),
                record: finding.record,
                line: finding.line,
                cell: finding.cell.clone(),
                column: finding.column.clone(),
                fingerprint: finding.fingerprint.clone(),
            });
        }
        Ok(standing)
    }

    /// What the comparison comes to, once the new scan is through, which looked at `now`.
    pub fn finish(self, now: &Scope) -> Comparison {
        let Self { findings, names, before, new, mut comparison, .. } = self;
        comparison.ended_before = before.is_said();
        comparison.packs_changed = before.changed(now);
        for (&(rule, column), &count) in &new {
            let (rule, column) = (names.name(rule), names.name(column));
            if !before.holds(&rule, &column, now) {
                let of_rule = comparison.by_rule.entry(rule).or_default();
                for changes in [of_rule, &mut comparison.all] {
                    changes.new -= count;
                    changes.first_scanned += count;
                }
            }
        }
        comparison.new.retain(|place| before.holds(&place.rule, &place.column, now));
        for old in findings.into_iter().filter(|old| !old.met) {
            let place = Place {
                rule: names.name(old.rule),
                file: names.name(old.file),
                sheet: old.sheet.map(|sheet| names.name(sheet)),
                record: old.record,
                line: old.line,
                cell: old.cell.map(String::from),
                column: names.name(old.column),
                fingerprint: old.fingerprint.into(),
            };
            let of_rule = comparison.by_rule.entry(place.rule.clone()).or_default();
            let is_gone = now.holds(&place.rule, &place.column, &before);
            for changes in [of_rule, &mut comparison.all] {
                changes.gone += u64::from(is_gone);
                changes.left_out += u64::from(!is_gone);
            }
            if is_gone {
                comparison.gone.push(place);
            }
        }
        comparison
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
