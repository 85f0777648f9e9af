//! What was found, as editors show it in the text.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::client::Client;
use super::positions::range_of;
use super::protocol::{Position, Range};
use super::settings::Told;
use super::uri;
use crate::emit::{counted, one_line};
use crate::finding::{Finding, Location, Notice, Report, RuleReport};
use crate::pack::Severity;
use crate::text::Lines;

/// No text gets more diagnostics than this; editors become slow long before.
const MOST: usize = 1_000;

/// A text that was checked, and what was found in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checked<'a> {
    pub uri: &'a str,
    pub version: i32,
    pub text: &'a str,
    pub report: &'a Report,
    pub client: Client,
}

impl<'a> Checked<'a> {
    /// Where a finding stands.
    pub fn ranges(&self, finding: &Finding) -> Vec<Range> {
        finding.places.iter().map(|place| self.range(place)).collect()
    }

    /// A place as the editor counts.
    pub fn range(&self, place: &Location) -> Range {
        range_of(place, self.text, self.client.encoding)
    }

    /// The findings nobody has accepted. A report can be about other files, too, such as
    /// those beside the text that say what is accepted.
    pub fn findings(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        self.report.open().filter(|finding| finding.document == 0)
    }

    /// The findings nobody has accepted that stand at `range`, or end or begin there.
    pub fn findings_at(&self, range: Range) -> Vec<&'a Finding> {
        let there =
            |finding: &&Finding| self.ranges(finding).into_iter().any(|place| place.touches(range));
        self.findings().filter(there).collect()
    }

    /// What is known about the rule of a finding.
    pub fn rule(&self, finding: &Finding) -> Option<&'a RuleReport> {
        self.report.rules.get(&finding.rule)
    }

    /// Everything to show in the text, in the order of the text.
    pub fn diagnostics(&self) -> Vec<Value> {
        let mut findings: Vec<&Finding> = self.findings().collect();
        let more = findings.len().saturating_sub(MOST);
        if more > 0 {
            // The sort is stable: of equal severity those that come first are shown.
            findings.sort_by_key(|finding| Reverse(finding.severity));
            findings.truncate(MOST);
            findings.sort_by_key(|finding| finding.places.first().map(|place| place.bytes));
        }
        let own = |notice: &&Notice| {
            self.report.documents.first().is_none_or(|document| document.path == notice.path)
        };
        let notices = self.report.notices.iter().filter(own);
        let mut diagnostics: Vec<Value> = notices.map(|notice| self.notice(notice)).collect();
        diagnostics.extend(findings.into_iter().map(|finding| self.diagnostic(finding)));
        if more > 0 {
            let message = format!("{} not shown here", counted(more, "more finding"));
            diagnostics.push(plain(Range::default(), 3, "more", &message));
        }
        diagnostics
    }

    /// A finding.
    pub fn diagnostic(&self, finding: &Finding) -> Value {
        let mut places = finding.places.iter();
        let range = places.next().map(|place| self.range(place)).unwrap_or_default();
        let mut value = plain(range, severity(finding.severity), &finding.rule, &finding.message);
        let href = self.rule(finding).and_then(verified_address);
        if let Some(href) = href {
            value["codeDescription"] = json!({ "href": href });
        }
        if self.client.related {
            let others = places.map(|place| (place, "also about these words"));
            let made = finding.related.iter().map(|place| (place, "because of these words"));
            let related: Vec<Value> = others
                .chain(made)
                .map(|(place, otherwise)| {
                    let message =
                        if place.label.is_empty() { otherwise } else { place.label.as_str() };
                    json!({
                        "location": { "uri": self.uri, "range": self.range(place) },
                        "message": one_line(message),
                    })
                })
                .collect();
            if !related.is_empty() {
                value["relatedInformation"] = related.into();
            }
        }
        value["data"] = json!({
            "fingerprint": finding.fingerprint,
            "fixable": finding.fix.is_some(),
        });
        value
    }

    /// What could not be checked, or should be known, at its line.
    fn notice(&self, notice: &Notice) -> Value {
        let lines = Lines::new(self.text);
        let line = notice.line.unwrap_or(1);
        let span = lines.line_span(line);
        let at = |offset| super::positions::position_at(&lines, offset, self.client.encoding);
        let (start, end) = match notice.line {
            Some(_) => (at(span.start), at(span.end)),
            None => (Position::default(), Position::default()),
        };
        let (severity, kind) = if notice.unchecked { (2, "not checked: ") } else { (3, "") };
        let message = format!("{kind}{}", one_line(&notice.message));
        plain(Range { start, end }, severity, "notice", &message)
    }
}

/// What a text shows that could not be checked for faults elsewhere.
pub(super) fn not_checked(told: &Told, client: Client) -> Value {
    let message = format!("not checked: {}", told.message);
    let mut value = plain(Range::default(), 1, "configuration", &message);
    if let Some((path, range)) = told.first.as_ref().filter(|_| client.related) {
        let location = json!({ "uri": uri::from_path(path), "range": range });
        value["relatedInformation"] = json!([{ "location": location, "message": "here" }]);
    }
    value
}

fn plain(range: Range, severity: u8, code: &str, message: &str) -> Value {
    json!({
        "range": range,
        "severity": severity,
        "code": code,
        "source": "probity",
        "message": message,
    })
}

/// Errors, warnings, and what is only said.
fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    }
}

/// Where the paragraph can be read, if somebody has.
fn verified_address(rule: &RuleReport) -> Option<&str> {
    let verified = rule.cites.iter().filter(|cite| cite.verified);
    verified.filter_map(|cite| cite.url.as_deref()).find(|url| is_web_address(url))
}

/// Whether an address leads to a page and can be written anywhere.
pub(super) fn is_web_address(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && url.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\\'))
}
