//! XML as `JUnit` has it, for the test views of build servers.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::escape::{file_name, one_line, xml};
use super::full::citation;
use super::{Emitter, NOT_CHECKED};
use crate::finding::{Finding, Notice, Report};

/// A test suite a file, a test case a finding. A finding that makes the check fail is a
/// failure, a lesser one a test that passes with the finding as its output, an
/// accepted one a skipped test, and what was not checked an error: the report fails
/// where the check does. A clean file is one test that passes.
///
/// Only what the schemas of Jenkins know is written, so no case has a `file` or a `line`:
/// the file is its class, and the place stands behind the message.
#[derive(Clone, Copy, Debug)]
pub struct JUnit;

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn written(self) -> String {
        let Self { tests, failures, errors, .. } = self;
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"")
    }
}

/// A file and what is to be said about it.
#[derive(Default)]
struct Suite<'r> {
    path: &'r str,
    notices: Vec<&'r Notice>,
    findings: Vec<&'r Finding>,
}

impl Emitter for JUnit {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let mut all = Counts::default();
        let mut body = String::new();
        for suite in suites(report) {
            let (counts, cases) = Self::suite(report, &suite);
            all.tests += counts.tests;
            all.failures += counts.failures;
            all.errors += counts.errors;
            body.push_str(&format!(
                "  <testsuite name=\"{}\" {} skipped=\"{}\">\n{cases}  </testsuite>\n",
                xml(&file_name(suite.path)),
                counts.written(),
                counts.skipped
            ));
        }
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"probity\" {}>", all.written())?;
        out.write_all(body.as_bytes())?;
        writeln!(out, "</testsuites>")
    }
}

/// The files in the order of the run, then those that were never read.
fn suites(report: &Report) -> Vec<Suite<'_>> {
    let mut suites: Vec<Suite<'_>> = report
        .documents
        .iter()
        .map(|document| Suite { path: &document.path, ..Suite::default() })
        .collect();
    for finding in &report.findings {
        if let Some(suite) = suites.get_mut(finding.document) {
            suite.findings.push(finding);
        }
    }
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, document) in report.documents.iter().enumerate() {
        known.entry(&document.path).or_insert(at);
    }
    for notice in report.notices.iter().filter(|notice| notice.unchecked) {
        let at = *known.entry(&notice.path).or_insert_with(|| {
            suites.push(Suite { path: &notice.path, ..Suite::default() });
            suites.len() - 1
        });
        if let Some(suite) = suites.get_mut(at) {
            suite.notices.push(notice);
        }
    }
    suites
}

impl JUnit {
    fn suite(report: &Report, suite: &Suite<'_>) -> (Counts, String) {
        let mut counts = Counts::default();
        let mut out = String::new();
        let path = xml(&file_name(suite.path));
        let mut names = Names::default();
        let mut case = |name: &str, inside: &str| {
            counts.tests += 1;
            let name = xml(&names.next(name));
            let start = format!("    <testcase name=\"{name}\" classname=\"{path}\"");
            match inside {
                "" => out.push_str(&format!("{start}/>\n")),
                _ => out.push_str(&format!("{start}>\n      {inside}\n    </testcase>\n")),
            }
        };
        let (mut errors, mut failures, mut skipped) = (0, 0, 0);
        for notice in &suite.notices {
            errors += 1;
            let message = xml(&one_line(&notice.message));
            let start = format!("<error message=\"{message}\" type=\"{NOT_CHECKED}\"");
            let inside = match notice.line {
                Some(line) => format!("{start}>at {path}:{line}</error>"),
                None => format!("{start}/>"),
            };
            case(NOT_CHECKED, &inside);
        }
        for finding in &suite.findings {
            let message = xml(&one_line(&finding.message));
            let inside = if let Some(accepted) = &finding.suppression {
                skipped += 1;
                let reason = accepted.reason.as_deref().unwrap_or("in the baseline");
                // In an older schema this has no message; Jenkins shows the text without one.
                format!("<skipped>accepted: {}</skipped>", xml(&one_line(reason)))
            } else if finding.fails {
                failures += 1;
                let kind = finding.severity.name();
                let text = xml(&text(report, finding));
                format!("<failure message=\"{message}\" type=\"{kind}\">{text}</failure>")
            } else {
                format!("<system-out>{}</system-out>", xml(&text(report, finding)))
            };
            case(&finding.rule, &inside);
        }
        if suite.notices.is_empty() && suite.findings.is_empty() {
            case("nothing found", "");
        }
        (Counts { failures, errors, skipped, ..counts }, out)
    }
}

/// Test cases are known by their names from run to run, so no line is part of one.
#[derive(Default)]
struct Names {
    used: BTreeMap<String, usize>,
}

impl Names {
    fn next(&mut self, name: &str) -> String {
        let count = self.used.entry(name.to_owned()).or_default();
        *count += 1;
        if *count == 1 { name.to_owned() } else { format!("{name} #{count}") }
    }
}

/// All there is to say, no line of which begins with what was scanned.
fn text(report: &Report, finding: &Finding) -> String {
    let mut lines = Vec::new();
    let place = finding
        .places
        .first()
        .map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
    lines.push(format!(
        "{}: {} (at {}{place})",
        finding.severity.name(),
        one_line(&finding.message),
        file_name(&finding.path)
    ));
    if let Some(rule) = report.rules.get(&finding.rule) {
        let mut said = BTreeSet::new();
        for cite in rule.cites.iter().map(citation) {
            if said.insert(cite.clone()) {
                lines.push(format!("policy: {}", one_line(&cite)));
            }
        }
        lines.push(format!("instead: {}", one_line(&rule.help)));
        if let Some(ask) = &rule.ask {
            lines.push(format!("if unsure: {}", one_line(ask)));
        }
    }
    lines.join("\n")
}
