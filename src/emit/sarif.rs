//! Reports as SARIF 2.1.0, with what GitHub code scanning asks for besides.

use std::cmp::Reverse;
use std::io;

use serde_json::{Map, Value, json};

use super::escape::uri;
use super::sarif_parts::{
    SARIF_MOST, descriptor, level, log, message, not_judged, notification, tool, unlisted,
};
use super::{Emitter, Root, counted, plain};
use crate::finding::{Finding, Fix, Location, Report, SuppressedBy, Suppression};

/// The name of the folder that relative addresses count from.
const BASE: &str = "SRCROOT";

/// GitHub keeps so many places of a result.
const MOST_PLACES: usize = 100;

/// SARIF 2.1.0.
///
/// Lines and columns count from 1 in Unicode characters, ends are exclusive, and
/// `byteOffset` counts bytes of the file as it is on disk. Addresses are relative to
/// the root of the repository, which is not named: that would tell of the machine.
/// Accepted findings are there with their suppressions; where a baseline accepted
/// some, every result says whether it is new.
#[derive(Clone, Debug)]
pub struct Sarif {
    /// Where paths count from.
    pub root: Root,
}

impl Emitter for Sarif {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let listed = listed(report);
        let names: Vec<&str> = rule_names(report, &listed);
        let baseline = report.baseline;
        // The standard (3.27.23) wants them in every result or in none.
        let suppressions = listed.iter().any(|finding| finding.suppression.is_some());
        let results: Vec<Value> = listed
            .iter()
            .map(|finding| {
                let index = names.binary_search(&finding.rule.as_str()).ok();
                self.result(finding, index, baseline, suppressions)
            })
            .collect();
        let rules: Vec<Value> =
            names.iter().map(|name| descriptor(name, report.rules.get(*name))).collect();
        let mut notifications: Vec<Value> = report
            .notices
            .iter()
            .map(|notice| notification(notice, &self.artifact(&notice.path)))
            .collect();
        let left_out = report.findings.len() - listed.len();
        if left_out > 0 {
            notifications.push(unlisted(&counted(left_out, "more finding")));
        }
        let mut run = Map::new();
        run.insert("tool".to_owned(), tool(&rules));
        run.insert(
            "originalUriBaseIds".to_owned(),
            json!({ BASE: { "description": { "text": "The root of the repository, or the folder of the check where there is none." } } }),
        );
        run.insert(
            "invocations".to_owned(),
            json!([{
                "executionSuccessful": !report.incomplete(),
                "toolExecutionNotifications": notifications,
                "toolConfigurationNotifications":
                    report.not_judged.iter().map(not_judged).collect::<Vec<_>>(),
            }]),
        );
        run.insert("columnKind".to_owned(), json!("unicodeCodePoints"));
        run.insert("newlineSequences".to_owned(), json!(["\r\n", "\n", "\r"]));
        run.insert("results".to_owned(), Value::Array(results));
        run.insert(
            "properties".to_owned(),
            json!({ "documents": report.documents.len(), "unlisted": left_out, "packs": report.packs }),
        );
        writeln!(out, "{}", plain(&serde_json::to_string_pretty(&log(&run))?))
    }
}

/// The findings in their order; where they are too many, the worst that nobody has
/// accepted.
fn listed(report: &Report) -> Vec<&Finding> {
    let mut order: Vec<usize> = (0..report.findings.len()).collect();
    if order.len() > SARIF_MOST {
        let findings = &report.findings;
        order.sort_by_key(|&at| {
            (findings[at].suppression.is_some(), Reverse(findings[at].severity))
        });
        order.truncate(SARIF_MOST);
        order.sort_unstable();
    }
    order.into_iter().filter_map(|at| report.findings.get(at)).collect()
}

fn rule_names<'r>(report: &'r Report, listed: &[&'r Finding]) -> Vec<&'r str> {
    let mut names: Vec<&str> = report.rules.keys().map(String::as_str).collect();
    names.extend(listed.iter().map(|finding| finding.rule.as_str()));
    names.sort_unstable();
    names.dedup();
    names
}

fn in_baseline(finding: &Finding) -> bool {
    finding.suppression.as_ref().is_some_and(|accepted| accepted.by == SuppressedBy::Baseline)
}

impl Sarif {
    fn artifact(&self, path: &str) -> Value {
        let uri = uri(&self.root.path(path));
        // An absolute address has no base.
        if uri.starts_with("file:") {
            json!({ "uri": uri })
        } else {
            json!({ "uri": uri, "uriBaseId": BASE })
        }
    }

    fn result(
        &self,
        finding: &Finding,
        rule: Option<usize>,
        baseline: bool,
        suppressions: bool,
    ) -> Value {
        let mut result = Map::new();
        result.insert("ruleId".to_owned(), json!(finding.rule));
        if let Some(index) = rule {
            result.insert("ruleIndex".to_owned(), json!(index));
        }
        result.insert("level".to_owned(), json!(level(finding.severity)));
        result.insert("message".to_owned(), message(&finding.message));
        let mut places = finding.places.iter();
        if let Some(first) = places.next() {
            let mut location = self.location(finding, first);
            if let Some(object) = location.as_object_mut() {
                object.extend(logical(finding));
            }
            result.insert("locations".to_owned(), json!([location]));
        }
        let related: Vec<Value> = places
            .chain(&finding.related)
            .take(MOST_PLACES)
            .enumerate()
            .map(|(at, place)| {
                let mut location = self.location(finding, place);
                if let Some(object) = location.as_object_mut() {
                    object.insert("id".to_owned(), json!(at));
                    let text = if place.label.is_empty() { &place.text } else { &place.label };
                    object.insert("message".to_owned(), message(text));
                }
                location
            })
            .collect();
        if !related.is_empty() {
            result.insert("relatedLocations".to_owned(), Value::Array(related));
        }
        result
            .insert("partialFingerprints".to_owned(), json!({ "probity/v1": finding.fingerprint }));
        if suppressions {
            let accepted: Vec<Value> = finding.suppression.iter().map(suppression).collect();
            result.insert("suppressions".to_owned(), Value::Array(accepted));
        }
        if baseline {
            let state = if in_baseline(finding) { "unchanged" } else { "new" };
            result.insert("baselineState".to_owned(), json!(state));
        }
        if let Some(fix) = &finding.fix {
            result.insert("fixes".to_owned(), json!([self.fix(finding, fix)]));
        }
        let words: Vec<&str> =
            finding.places.iter().take(MOST_PLACES).map(|place| place.text.as_str()).collect();
        result.insert(
            "properties".to_owned(),
            json!({ "field": finding.field, "record": finding.record, "words": words }),
        );
        Value::Object(result)
    }

    fn location(&self, finding: &Finding, place: &Location) -> Value {
        json!({ "physicalLocation": {
            "artifactLocation": self.artifact(&finding.path),
            "region": region(place),
        } })
    }

    fn fix(&self, finding: &Finding, fix: &Fix) -> Value {
        let replacements: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| {
                json!({
                    "deletedRegion": region(&edit.place),
                    "insertedContent": { "text": edit.new },
                })
            })
            .collect();
        json!({
            "description": message(&fix.title),
            "artifactChanges": [{
                "artifactLocation": self.artifact(&finding.path),
                "replacements": replacements,
            }],
        })
    }
}

/// Where in a file of several texts it is.
fn logical(finding: &Finding) -> Map<String, Value> {
    let mut out = Map::new();
    let full = match (finding.record, finding.field.as_str()) {
        (None, "body" | "") => return out,
        (None, field) => field.to_owned(),
        (Some(record), "") => format!("record {record}"),
        (Some(record), field) => format!("record {record}/{field}"),
    };
    let name = if finding.field.is_empty() { &full } else { &finding.field };
    out.insert(
        "logicalLocations".to_owned(),
        json!([{ "name": name, "fullyQualifiedName": full, "kind": "member" }]),
    );
    out
}

/// The four fields of lines and columns, and the same place in bytes of the file.
fn region(place: &Location) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
        "byteOffset": place.bytes.start,
        "byteLength": place.bytes.end.saturating_sub(place.bytes.start),
    })
}

fn suppression(accepted: &Suppression) -> Value {
    let kind = match accepted.by {
        SuppressedBy::Comment => "inSource",
        SuppressedBy::SideFile | SuppressedBy::Baseline => "external",
    };
    let reason = match (&accepted.reason, accepted.by) {
        (Some(reason), _) => reason.as_str(),
        (None, SuppressedBy::Baseline) => "In the baseline.",
        (None, _) => "No reason was given.",
    };
    let mut value = json!({
        "kind": kind,
        "status": "accepted",
        "justification": super::escape::one_line(reason),
    });
    let bag = [("owner", &accepted.owner), ("until", &accepted.until)];
    let bag: Map<String, Value> = bag
        .into_iter()
        .filter_map(|(key, text)| Some((key.to_owned(), json!(text.as_ref()?))))
        .collect();
    if let (false, Some(object)) = (bag.is_empty(), value.as_object_mut()) {
        object.insert("properties".to_owned(), Value::Object(bag));
    }
    value
}
