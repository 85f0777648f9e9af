//! Findings as a table for spreadsheets.

use std::io;

use super::escape::{csv_row, file_name, one_line};
use super::full::citation;
use super::{Emitter, NOT_CHECKED};
use crate::finding::{Finding, Report, SuppressedBy};

const COLUMNS: [&str; 23] = [
    "file",
    "line",
    "column",
    "end line",
    "end column",
    "bytes",
    "field",
    "record",
    "severity",
    "rule",
    "title",
    "message",
    "words",
    "instead",
    "if unsure",
    "policy",
    "fix",
    "accepted by",
    "reason",
    "owner",
    "until",
    "fingerprint",
    "pack",
];

/// A row a finding, accepted ones too, behind a row for everything that was not
/// checked. It begins with a byte-order mark, without which Excel reads UTF-8 as
/// something else. Columns count characters; `bytes` is a half-open range of the file.
#[derive(Clone, Copy, Debug)]
pub struct Csv;

impl Emitter for Csv {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all("\u{feff}".as_bytes())?;
        csv_row(COLUMNS.into_iter(), out)?;
        for notice in report.notices.iter().filter(|notice| notice.unchecked) {
            let mut cells: [String; COLUMNS.len()] = Default::default();
            cells[0] = file_name(&notice.path);
            cells[1] = notice.line.map_or_else(String::new, |line| line.to_string());
            "error".clone_into(&mut cells[8]);
            NOT_CHECKED.clone_into(&mut cells[9]);
            cells[11] = one_line(&notice.message);
            csv_row(cells.iter().map(String::as_str), out)?;
        }
        for finding in &report.findings {
            let cells = cells(report, finding);
            csv_row(cells.iter().map(String::as_str), out)?;
        }
        Ok(())
    }
}

fn cells(report: &Report, finding: &Finding) -> [String; COLUMNS.len()] {
    let place = finding.places.first();
    let number = |of: fn(&crate::finding::Location) -> usize| {
        place.map_or_else(String::new, |place| of(place).to_string())
    };
    let rule = report.rules.get(&finding.rule);
    let words: Vec<String> = finding.places.iter().map(|place| one_line(&place.text)).collect();
    let policy: Vec<String> =
        rule.map_or_else(Vec::new, |rule| rule.cites.iter().map(citation).collect());
    let accepted = finding.suppression.as_ref();
    let optional = |text: Option<&String>| text.map_or_else(String::new, |text| one_line(text));
    [
        file_name(&finding.path),
        number(|place| place.line),
        number(|place| place.column),
        number(|place| place.end_line),
        number(|place| place.end_column),
        place
            .map_or_else(String::new, |place| format!("{}-{}", place.bytes.start, place.bytes.end)),
        file_name(&finding.field),
        finding.record.map_or_else(String::new, |record| record.to_string()),
        finding.severity.name().to_owned(),
        finding.rule.clone(),
        optional(rule.map(|rule| &rule.title)),
        one_line(&finding.message),
        words.join(" | "),
        optional(rule.map(|rule| &rule.help)),
        optional(rule.and_then(|rule| rule.ask.as_ref())),
        one_line(&policy.join("; ")),
        optional(finding.fix.as_ref().map(|fix| &fix.title)),
        accepted.map_or("", |accepted| by(accepted.by)).to_owned(),
        optional(accepted.and_then(|accepted| accepted.reason.as_ref())),
        optional(accepted.and_then(|accepted| accepted.owner.as_ref())),
        optional(accepted.and_then(|accepted| accepted.until.as_ref())),
        finding.fingerprint.clone(),
        rule.map_or_else(String::new, |rule| rule.pack.clone()),
    ]
}

/// Where a finding is accepted, as the JSON says it.
fn by(by: SuppressedBy) -> &'static str {
    match by {
        SuppressedBy::Comment => "comment",
        SuppressedBy::SideFile => "side-file",
        SuppressedBy::Baseline => "baseline",
    }
}
