//! A table for pull requests and step summaries.

use std::cmp::Reverse;
use std::io;

use super::escape::{file_name, markdown, shortened};
use super::{Emitter, counted, left_out, words_beside};
use crate::finding::{Finding, Report};
use crate::pack::Severity;

/// A comment on GitHub holds 65,536 characters; what does not fit is counted.
const MOST: usize = 60_000;

/// A headline, the findings that nobody has accepted as a table (the worst first), and
/// what was not checked or not judged. Columns count characters.
///
/// Whatever was scanned means nothing but itself: no HTML, links, mentions or
/// references, and no cells of the table.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

impl Emitter for Markdown {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let mut text = format!("### probity: {}\n", headline(report));
        let mut left = MOST;
        let unchecked: Vec<String> = report
            .notices
            .iter()
            .filter(|notice| notice.unchecked)
            .map(|notice| {
                let line = notice.line.map_or_else(String::new, |line| format!(":{line}"));
                format!("- {}{line}: {}\n", name(&notice.path), cut(&notice.message))
            })
            .collect();
        section(&mut text, &mut left, "\n**Not checked**\n\n", unchecked, "file or place");
        let mut findings: Vec<&Finding> = report.open().collect();
        findings.sort_by_key(|finding| Reverse(finding.severity));
        let head = "\n| | Where | What | Instead | Rule |\n|---|---|---|---|---|\n";
        let rows = findings.into_iter().map(|finding| row(report, finding)).collect();
        section(&mut text, &mut left, head, rows, "finding");
        let accepted = report.findings.len() - report.open().count();
        if accepted > 0 {
            text.push_str(&format!("\n{} accepted.\n", counted(accepted, "finding")));
        }
        if let Some(changes) = &report.changes {
            text.push_str(&format!("\n{}\n", cut(&left_out(changes))));
        }
        let not_judged = report
            .not_judged
            .iter()
            .map(|rule| {
                let how = if rule.partly { ", in part" } else { "" };
                let wants: Vec<_> =
                    rule.missing.iter().chain(&rule.columns).map(|name| cut(name)).collect();
                format!("- {}{how}: wants {}\n", cut(&rule.rule), wants.join(", "))
            })
            .collect();
        section(&mut text, &mut left, "\n**Not judged**\n\n", not_judged, "rule");
        out.write_all(text.as_bytes())
    }
}

/// Adds lines under a head, as many as there is room for.
fn section(text: &mut String, left: &mut usize, head: &str, lines: Vec<String>, what: &str) {
    if lines.is_empty() {
        return;
    }
    text.push_str(head);
    let all = lines.len();
    let mut written = 0;
    for line in lines {
        let Some(rest) = left.checked_sub(line.chars().count()) else { break };
        *left = rest;
        text.push_str(&line);
        written += 1;
    }
    if written < all {
        *left = 0;
        text.push_str(&format!(
            "\n{} not shown here.\n",
            counted(all - written, &format!("more {what}"))
        ));
    }
}

fn headline(report: &Report) -> String {
    let severities = [Severity::Error, Severity::Warning, Severity::Note];
    let counts: Vec<String> = severities
        .into_iter()
        .map(|severity| (report.count(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| counted(count, severity.name()))
        .collect();
    let found = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    let files = counted(report.documents.len(), "file");
    let not_all = if report.incomplete() { "; not everything could be checked" } else { "" };
    format!("{found} in {files}{not_all}")
}

fn row(report: &Report, finding: &Finding) -> String {
    let place = finding
        .places
        .first()
        .map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
    let mut what = cut(&finding.message);
    if let Some(words) = words_beside(finding) {
        what.push_str(&format!("<br>“{}”", markdown(&words)));
    }
    let help = report.rules.get(&finding.rule).map_or_else(String::new, |rule| cut(&rule.help));
    format!(
        "| {} | {}{place} | {what} | {help} | {} |\n",
        finding.severity.name(),
        name(&finding.path),
        markdown(&finding.rule)
    )
}

fn name(path: &str) -> String {
    markdown(&file_name(path))
}

fn cut(text: &str) -> String {
    markdown(&shortened(text, 400))
}
