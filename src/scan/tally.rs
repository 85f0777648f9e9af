//! Counting what a scan finds, as it comes.

use std::collections::BTreeMap;

use crate::engine::{Counted, Tally};
use crate::error::Error;
use crate::finding::{NotJudged, Notice};
use crate::input::Ragged;
use crate::judge::rule_report;
use crate::pack::{Needs, PackSet};
use crate::text::Encoding;

use super::model::{Count, Sample, ScanFinding, Summary};
use super::part::{Part, SharedFile};
use super::pipeline::Event;

/// Counts events and passes findings on.
#[derive(Debug)]
pub struct Counter<'s> {
    set: &'s PackSet,
    summary: Summary,
    /// The file whose parts come now.
    file: Option<SharedFile>,
    /// The last record in which something was found, anywhere and by what it is counted
    /// under: findings come record by record.
    last: BTreeMap<Key, (usize, u64)>,
    /// Findings that count only where the file holds more of them.
    pending: BTreeMap<Counted, Pending>,
    not_judged: BTreeMap<(String, Vec<String>, Vec<String>, bool), usize>,
    ragged: Option<(Ragged, u64)>,
    malformed: Option<(u64, u64)>,
    /// Whether the file has characters beyond ASCII that are as its encoding asks.
    encoded: bool,
    /// The line where UTF-16 begins in a file that is something else.
    doubled: Option<u64>,
    /// The line where text of one byte a character begins in UTF-16.
    halved: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Any,
    Rule(String),
    Column(String),
    Group(String),
    GroupRule(String, String),
    Month(String),
    MonthRule(String, String),
}

#[derive(Debug, Default)]
struct Pending {
    tally: Tally,
    findings: Vec<ScanFinding>,
    /// Whether enough was found; later findings are passed on at once.
    enough: bool,
}

impl<'s> Counter<'s> {
    /// Starts with what is known beforehand: packs, notices, what is grouped.
    pub fn new(set: &'s PackSet, summary: Summary) -> Self {
        Self {
            set,
            summary,
            file: None,
            last: BTreeMap::new(),
            pending: BTreeMap::new(),
            not_judged: BTreeMap::new(),
            ragged: None,
            malformed: None,
            encoded: false,
            doubled: None,
            halved: None,
        }
    }

    /// Says that files come now that are judged by these packs.
    pub fn judge_by(&mut self, set: &'s PackSet) {
        self.set = set;
    }

    /// Takes in an event; `list` gets the findings, in order.
    ///
    /// # Errors
    ///
    /// Where `list` fails.
    pub fn take(
        &mut self,
        event: Event,
        list: &mut dyn FnMut(&ScanFinding) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match event {
            Event::Begins(about, file) => {
                self.summary.files.push(*about);
                self.file = Some(file);
                Ok(())
            }
            Event::Notice(notice) => {
                self.summary.notices.push(notice);
                Ok(())
            }
            Event::Part(part) => self.part(*part, list),
            Event::Ends(digest, bytes) => {
                if let Some(file) = self.summary.files.last_mut() {
                    file.digest = digest;
                    // Sheets of one workbook are one file.
                    let counted = self.summary.files.iter().rev().skip(1);
                    let path = &self.summary.files[self.summary.files.len() - 1].path;
                    let again = counted.take_while(|file| file.path == *path).count() > 0;
                    if !again {
                        self.summary.bytes += bytes;
                    }
                }
                if let Some(file) = self.summary.files.last_mut() {
                    file.bytes = bytes;
                }
                self.end_of_file();
                Ok(())
            }
        }
    }

    fn part(
        &mut self,
        part: Part,
        list: &mut dyn FnMut(&ScanFinding) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.summary.records += part.records;
        self.summary.cells += part.cells;
        if let Some(file) = self.summary.files.last_mut() {
            file.records += part.records;
        }
        for (group, records) in part.groups {
            self.summary.by_group.entry(group).or_default().records += records;
        }
        for (month, records) in part.months {
            self.summary.by_month.entry(month).or_default().records += records;
        }
        for NotJudged { rule, missing, columns, partly, .. } in part.not_judged {
            self.not_judged.entry((rule, missing, columns, partly)).or_insert(1);
        }
        if let Some((new, line)) = part.ragged {
            let (ragged, _) = self.ragged.get_or_insert((Ragged { count: 0, ..new }, line));
            ragged.count += new.count;
            ragged.missing |= new.missing;
            ragged.longer |= new.longer;
        }
        if let Some((count, line)) = part.malformed {
            self.malformed.get_or_insert((0, line)).0 += count;
        }
        self.encoded |= part.encoded;
        self.doubled = self.doubled.or(part.doubled);
        self.halved = self.halved.or(part.halved);
        if let Some((line, to_the_end)) = part.unclosed {
            let message = if to_the_end {
                crate::input::tell_unclosed(usize::try_from(line).unwrap_or(usize::MAX))
            } else {
                format!(
                    "a quote opened on line {line} is not closed within 64 MiB; the line was read \
                     as if it were closed there"
                )
            };
            self.notice(Some(line), message, true);
        }
        for (line, message) in part.faults {
            self.notice(Some(line), message, true);
        }
        for (finding, needs) in part.findings {
            match needs {
                None => self.found(&finding, list)?,
                Some((with, needs, tally)) => {
                    self.count_pending(finding, with, needs, &tally, list)?;
                }
            }
        }
        Ok(())
    }

    /// A finding that counts only where there is enough of it in the file. Where hits
    /// are counted, so many of a kind are one finding, shown where they begin.
    fn count_pending(
        &mut self,
        finding: ScanFinding,
        with: Counted,
        needs: Needs,
        tally: &Tally,
        list: &mut dyn FnMut(&ScanFinding) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let pending = self.pending.entry(with).or_default();
        pending.tally.join(tally);
        if pending.enough {
            return if needs.hits == 0 { self.found(&finding, list) } else { Ok(()) };
        }
        if needs.hits == 0 || pending.findings.is_empty() {
            pending.findings.push(finding);
        }
        if !pending.tally.is_enough(needs) {
            return Ok(());
        }
        pending.enough = true;
        for finding in std::mem::take(&mut pending.findings) {
            self.found(&finding, list)?;
        }
        Ok(())
    }

    fn found(
        &mut self,
        finding: &ScanFinding,
        list: &mut dyn FnMut(&ScanFinding) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let record = (self.summary.files.len(), finding.record);
        let mut is_new = |key: Key| self.last.insert(key, record) != Some(record);
        let rule = &finding.rule;
        let first = is_new(Key::Any);
        let first_of_rule = is_new(Key::Rule(rule.clone()));
        let first_of_column = is_new(Key::Column(finding.column.clone()));
        for (of, by, key, key_rule) in [
            (
                &finding.group,
                &mut self.summary.by_group,
                Key::Group as fn(String) -> Key,
                Key::GroupRule as fn(String, String) -> Key,
            ),
            (&finding.month, &mut self.summary.by_month, Key::Month, Key::MonthRule),
        ] {
            let Some(name) = of else { continue };
            let group = by.entry(name.clone()).or_default();
            group.records_found += u64::from(is_new(key(name.clone())));
            if is_new(key_rule(name.clone(), rule.clone())) {
                *group.by_rule.entry(rule.clone()).or_default() += 1;
            }
        }
        let summary = &mut self.summary;
        summary.records_found += u64::from(first);
        *summary.findings.entry(finding.severity).or_default() += 1;
        let count = |count: &mut Count, first: bool| {
            count.findings += 1;
            count.records += u64::from(first);
        };
        count(summary.by_rule.entry(rule.clone()).or_default(), first_of_rule);
        count(summary.by_column.entry(finding.column.clone()).or_default(), first_of_column);
        if let Some(file) = summary.files.last_mut() {
            file.findings += 1;
        }
        if !summary.rules.contains_key(rule)
            && let Some((pack, about)) = self.set.rule(rule)
        {
            let about = rule_report(&self.set.packs()[pack], about);
            summary.rules.insert(rule.clone(), about);
        }
        list(finding)
    }

    fn notice(&mut self, line: Option<u64>, message: String, unchecked: bool) {
        let path = self.summary.files.last().map(|file| file.path.clone()).unwrap_or_default();
        let line = line.and_then(|line| usize::try_from(line).ok());
        self.summary.notices.push(Notice { path, line, message, unchecked });
    }

    fn end_of_file(&mut self) {
        self.pending.clear();
        if let (Some((ragged, line)), Some(file)) = (self.ragged.take(), self.file.take()) {
            let at = usize::try_from(line).unwrap_or(usize::MAX);
            let (message, unchecked) = file.layout.tell_ragged(&ragged, at);
            let message = file.shown.message(message);
            self.notice(Some(line), message, unchecked);
        }
        let encoded = std::mem::take(&mut self.encoded);
        if let Some((count, line)) = self.malformed.take() {
            let encoding = self.summary.files.last().and_then(|file| file.encoding.as_deref());
            let utf8 = encoding == Some(Encoding::Utf8.name());
            let places = match count {
                1 => format!("one place, on line {line}, is"),
                _ => format!("{count} places, the first on line {line}, are"),
            };
            if utf8 && !encoded {
                let message = "this is not UTF-8, so it was read as Windows-1252";
                self.notice(None, message.into(), false);
            } else if utf8 {
                let message = format!(
                    "the encoding changes midway: {places} not UTF-8 like the rest, and was read \
                     as Windows-1252; accents in names may be wrong there"
                );
                self.notice(Some(line), message, true);
            } else {
                let message = format!("{places} not valid in the encoding of the file");
                self.notice(Some(line), message, true);
            }
        }
        if let Some(line) = self.halved.take() {
            let message = "the encoding changes midway: from here on text is not in UTF-16 (two of \
                           its characters were read as one), and words in it were not found; \
                           convert the file to one encoding and scan that";
            self.notice(Some(line), message.into(), true);
        }
        if let Some(line) = self.doubled.take() {
            let message = "the encoding changes midway: from here on text is in UTF-16 (every \
                           second byte is zero), and words in it were not found; convert the file \
                           to one encoding and scan that";
            self.notice(Some(line), message.into(), true);
        }
    }

    /// The summary. `sample` says how many records there are where a sample was asked for;
    /// one of all of them is none.
    pub fn finish(mut self, sample: Option<u64>) -> Summary {
        self.summary.not_judged = self
            .not_judged
            .into_iter()
            .map(|((rule, missing, columns, partly), documents)| NotJudged {
                rule,
                missing,
                columns,
                partly,
                documents,
            })
            .collect();
        if let Some(of) = sample.filter(|&of| of > self.summary.records) {
            self.summary.sample =
                Some(wilson(self.summary.records_found, self.summary.records, of));
        }
        self.summary
    }
}

/// What so many of a sample say of the whole: Wilson's score interval for 95 in 100
/// (E. B. Wilson, 1927), in records of 1,000.
#[allow(clippy::cast_precision_loss, reason = "nobody has 2^52 records")]
fn wilson(found: u64, records: u64, of: u64) -> Sample {
    const Z: f64 = 1.959_963_984_540_054;
    let n = records as f64;
    if records == 0 {
        return Sample { records, of, per_thousand: 0.0, low: 0.0, high: 1000.0 };
    }
    let p = found as f64 / n;
    let denominator = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / denominator;
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / denominator;
    let rounded = |share: f64| (share.clamp(0.0, 1.0) * 1_000_000.0).round() / 1000.0;
    Sample {
        records,
        of,
        per_thousand: rounded(p),
        low: rounded(centre - half),
        high: rounded(centre + half),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_textbook() {
        // 10 of 100: Wilson gives 5.5 % to 17.4 %.
        let sample = wilson(10, 100, 5000);
        assert!((sample.per_thousand - 100.0).abs() < 0.1);
        assert!((sample.low - 55.2).abs() < 0.2 && (sample.high - 174.4).abs() < 0.2, "{sample:?}");
        assert!(wilson(0, 100, 100).low.abs() < 1e-9);
        assert!(wilson(0, 0, 0).high > 999.0);
    }
}
