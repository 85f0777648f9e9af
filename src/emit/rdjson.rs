//! The diagnostic format of reviewdog.

use std::io;

use serde_json::{Map, Value, json};

use super::escape::markdown;
use super::sarif_parts::page;
use super::{Emitter, NOT_CHECKED, plain};
use crate::finding::{Edit, Finding, Location, Notice, Report};
use crate::pack::Severity;

/// One object with all diagnostics.
///
/// Columns count bytes of UTF-8, ends are exclusive. Messages are Markdown, for that is
/// how reviewdog posts them: scanned text in them mentions and links nobody. A fix of
/// several edits is a suggestion only as one change, for each would be taken by itself.
#[derive(Clone, Copy, Debug)]
pub struct Rdjson;

/// One diagnostic a line.
#[derive(Clone, Copy, Debug)]
pub struct RdjsonLines;

fn source() -> Value {
    json!({ "name": "probity" })
}

impl Emitter for Rdjson {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let value =
            json!({ "source": source(), "diagnostics": diagnostics(report).collect::<Vec<_>>() });
        writeln!(out, "{}", plain(&serde_json::to_string_pretty(&value)?))
    }
}

impl Emitter for RdjsonLines {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        for mut diagnostic in diagnostics(report) {
            diagnostic.insert("source".to_owned(), source());
            writeln!(out, "{}", plain(&serde_json::to_string(&diagnostic)?))?;
        }
        Ok(())
    }
}

fn diagnostics(report: &Report) -> impl Iterator<Item = Map<String, Value>> {
    let unchecked = report.notices.iter().filter(|notice| notice.unchecked);
    unchecked.map(not_checked).chain(report.open().map(|finding| diagnostic(report, finding)))
}

fn not_checked(notice: &Notice) -> Map<String, Value> {
    let mut location = Map::new();
    location.insert("path".to_owned(), json!(notice.path));
    if let Some(line) = notice.line {
        location.insert("range".to_owned(), json!({ "start": { "line": line } }));
    }
    let mut value = Map::new();
    value
        .insert("message".to_owned(), json!(format!("Not checked: {}", markdown(&notice.message))));
    value.insert("location".to_owned(), Value::Object(location));
    value.insert("severity".to_owned(), json!("ERROR"));
    value.insert("code".to_owned(), json!({ "value": NOT_CHECKED }));
    value
}

fn diagnostic(report: &Report, finding: &Finding) -> Map<String, Value> {
    let rule = report.rules.get(&finding.rule);
    let mut message = markdown(&finding.message);
    if let Some(rule) = rule {
        message.push_str(&format!("\n\nInstead: {}", markdown(&rule.help)));
    }
    let mut code = Map::new();
    code.insert("value".to_owned(), json!(finding.rule));
    if let Some(page) = rule.and_then(page) {
        code.insert("url".to_owned(), json!(page));
    }
    let mut location = Map::new();
    location.insert("path".to_owned(), json!(finding.path));
    if let Some(place) = finding.places.first() {
        location.insert("range".to_owned(), range(place));
    }
    let severity = match finding.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note => "INFO",
    };
    let mut value = Map::new();
    value.insert("message".to_owned(), json!(message));
    value.insert("location".to_owned(), Value::Object(location));
    value.insert("severity".to_owned(), json!(severity));
    value.insert("code".to_owned(), Value::Object(code));
    let change = finding.fix.as_ref().and_then(|fix| match fix.edits.as_slice() {
        [edit] => Some(edit),
        _ => fix.joined.as_ref(),
    });
    if let Some(Edit { place, new, .. }) = change {
        let suggestion = json!([{ "range": range(place), "text": new }]);
        value.insert("suggestions".to_owned(), suggestion);
    }
    value
}

fn range(place: &Location) -> Value {
    json!({
        "start": { "line": place.line, "column": place.units.bytes },
        "end": { "line": place.end_line, "column": place.units.end_bytes },
    })
}
