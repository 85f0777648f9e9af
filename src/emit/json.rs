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
    json!({
        "documents": report.documents.len(),
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "notes": report.count(Severity::Note),
        "incomplete": report.incomplete(),
    })
}

impl Emitter for Json {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let value = json!({
            "schema": SCHEMA_VERSION,
            "tool": tool(),
            "packs": report.packs,
            "documents": report.documents,
            "rules": report.rules,
            "findings": report.findings,
            "notices": report.notices,
            "not_judged": report.not_judged,
            "summary": summary(report),
        });
        writeln!(out, "{}", plain(&serde_json::to_string_pretty(&value)?))
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

/// JSON with every control, direction and invisible character as an escape.
/// They stand in strings only, so the value stays the same, and a terminal that
/// the JSON is sent to does not obey a file name.
pub(crate) fn plain(json: &str) -> Cow<'_, str> {
    let odd = |c: char| c != '\n' && (c.is_control() || is_invisible(c));
    if !json.contains(odd) {
        return json.into();
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

/// The JSON Schema of [`Json`]'s output.
pub fn json_schema() -> Value {
    let span = json!({
        "type": "object",
        "description": "Bytes of the file as it is on disk, end exclusive.",
        "properties": { "start": { "type": "integer" }, "end": { "type": "integer" } },
        "required": ["start", "end"],
    });
    let location = json!({
        "type": "object",
        "properties": {
            "bytes": span,
            "line": { "type": "integer", "minimum": 1 },
            "column": { "type": "integer", "minimum": 1, "description": "In Unicode characters." },
            "end_line": { "type": "integer", "minimum": 1 },
            "end_column": { "type": "integer", "minimum": 1 },
            "text": { "type": "string", "description": "The words; masked where the rule says so." },
            "label": { "type": "string" },
        },
        "required": ["bytes", "line", "column", "end_line", "end_column", "text"],
    });
    let text = json!({ "type": "string" });
    let finding = json!({
        "type": "object",
        "properties": {
            "document": { "type": "integer", "description": "Index into `documents`." },
            "path": text,
            "places": { "type": "array", "items": location, "minItems": 1 },
            "rule": text,
            "severity": { "enum": Severity::NAMES },
            "message": text,
            "related": { "type": "array", "items": location },
            "field": text,
            "record": { "type": "integer", "minimum": 1 },
            "fingerprint": text,
        },
        "required": ["document", "path", "places", "rule", "severity", "message", "field", "fingerprint"],
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A report of probity",
        "type": "object",
        "properties": {
            "schema": { "const": SCHEMA_VERSION },
            "tool": { "type": "object", "properties": { "name": text, "version": text }, "required": ["name", "version"] },
            "packs": { "type": "array", "items": { "type": "object", "required": ["id", "version", "digest", "origin", "rules"] } },
            "documents": { "type": "array", "items": { "type": "object", "required": ["path", "format", "encoding", "fields", "facts"] } },
            "rules": { "type": "object", "additionalProperties": { "type": "object", "required": ["pack", "title", "help", "cites"] } },
            "findings": { "type": "array", "items": finding },
            "notices": { "type": "array", "items": { "type": "object", "required": ["path", "message", "unchecked"] } },
            "not_judged": { "type": "array", "items": { "type": "object", "required": ["rule", "missing", "partly", "documents"] } },
            "summary": { "type": "object", "required": ["documents", "errors", "warnings", "notes", "incomplete"] },
        },
        "required": ["schema", "tool", "packs", "documents", "rules", "findings", "notices", "not_judged", "summary"],
    })
}
