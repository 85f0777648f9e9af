//! Reports for programs. The shape is versioned and described by a JSON Schema.

use std::borrow::Cow;
use std::io;

use serde_json::{Value, json};

use super::Emitter;
use crate::finding::{Finding, Report};
use crate::pack::Severity;
use crate::text::is_invisible;

/// Rises with every change that could break a reader of the JSON.
pub const SCHEMA_VERSION: u32 = 1;

/// One JSON object.
#[derive(Clone, Copy, Debug)]
pub struct Json;

/// One JSON object a line: a header, the findings, the notices, a summary.
#[derive(Clone, Copy, Debug)]
pub struct JsonLines;

fn tool() -> Value {
    json!({ "name": "probity", "version": env!("CARGO_PKG_VERSION") })
}

fn summary(report: &Report) -> Value {
    let mut summary = json!({
        "documents": report.documents.len(),
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "notes": report.count(Severity::Note),
        "accepted": report.accepted(),
        "incomplete": report.incomplete(),
    });
    if let Some(changes) = &report.changes {
        summary["changes"] = json!(changes);
    }
    summary
}

/// The whole report.
pub(super) fn value(report: &Report) -> Value {
    json!({
        "schema": SCHEMA_VERSION,
        "tool": tool(),
        "packs": report.packs,
        "documents": report.documents,
        "rules": report.rules,
        "findings": report.findings,
        "notices": report.notices,
        "not_judged": report.not_judged,
        "summary": summary(report),
    })
}

impl Emitter for Json {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "{}", plain(&serde_json::to_string_pretty(&value(report))?))
    }
}

impl Emitter for JsonLines {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let mut line = |kind: &str, key: &str, value: &Value| -> io::Result<()> {
            let value = json!({ "type": kind, key: value });
            writeln!(out, "{}", plain(&serde_json::to_string(&value)?))
        };
        line(
            "header",
            "header",
            &json!({ "schema": SCHEMA_VERSION, "tool": tool(), "packs": report.packs, "rules": report.rules }),
        )?;
        for document in &report.documents {
            line("document", "document", &json!(document))?;
        }
        for finding in &report.findings {
            line("finding", "finding", &finding_value(finding))?;
        }
        for notice in &report.notices {
            line("notice", "notice", &json!(notice))?;
        }
        for rule in &report.not_judged {
            line("not_judged", "not_judged", &json!(rule))?;
        }
        line("summary", "summary", &summary(report))
    }
}

/// JSON with every control, direction and invisible character as an escape, and the
/// bracket of `##[`, which the log of GitHub Actions obeys wherever it stands.
/// They stand in strings only, so the value stays the same, and neither a terminal nor
/// a log that the JSON is sent to obeys a file name.
pub(crate) fn plain(json: &str) -> Cow<'_, str> {
    let odd = |c: char| c != '\n' && (c.is_control() || is_invisible(c));
    let json: Cow<'_, str> =
        if json.contains("##[") { json.replace("##[", "##\\u005b").into() } else { json.into() };
    // Asked for every line of a report, and most are ASCII.
    if json.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) || !json.contains(odd) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if odd(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out.into()
}

fn finding_value(finding: &Finding) -> Value {
    json!(finding)
}
