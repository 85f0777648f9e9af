//! The JSON Schema of reports.

use serde_json::{Value, json};

use super::SCHEMA_VERSION;
use crate::pack::Severity;

/// The JSON Schema of the output of [`super::Json`].
pub fn json_schema() -> Value {
    let text = json!({ "type": "string" });
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
            "findings": { "type": "array", "items": finding() },
            "notices": { "type": "array", "items": { "type": "object", "required": ["path", "message", "unchecked"] } },
            "not_judged": { "type": "array", "items": { "type": "object", "required": ["rule", "missing", "partly", "documents"] } },
            "summary": {
                "type": "object",
                "properties": {
                    "changes": {
                        "type": "object",
                        "description": "With `--diff`: what was left out because it did not change.",
                        "required": ["since", "commit", "unchanged_documents", "unchanged_findings"],
                    },
                },
                "required": ["documents", "errors", "warnings", "notes", "accepted", "incomplete"],
            },
        },
        "required": ["schema", "tool", "packs", "documents", "rules", "findings", "notices", "not_judged", "summary"],
    })
}

fn location() -> Value {
    let span = json!({
        "type": "object",
        "description": "Bytes of the file as it is on disk, end exclusive.",
        "properties": { "start": { "type": "integer" }, "end": { "type": "integer" } },
        "required": ["start", "end"],
    });
    json!({
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
    })
}

fn finding() -> Value {
    let text = json!({ "type": "string" });
    let location = location();
    json!({
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
            "suppression": suppression(),
            "fix": fix(&location),
        },
        "required": ["document", "path", "places", "rule", "severity", "message", "field", "fingerprint"],
    })
}

fn suppression() -> Value {
    json!({
        "type": "object",
        "description": "Why the finding is accepted; it is not counted in `summary`, and never makes the exit code 1.",
        "properties": {
            "by": { "enum": ["comment", "side-file", "baseline"], "description": "Where it is accepted." },
            "reason": { "type": "string" },
            "owner": { "type": "string", "description": "Who answers for it." },
            "until": {
                "type": "string",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                "description": "The last day on which it holds.",
            },
        },
        "required": ["by"],
    })
}

fn fix(location: &Value) -> Value {
    let edit = json!({
        "type": "object",
        "properties": {
            "place": location,
            "new": { "type": "string", "description": "What is to stand there." },
        },
        "required": ["place", "new"],
    });
    json!({
        "type": "object",
        "description": "A change of the file that mends the finding.",
        "properties": {
            "title": { "type": "string", "description": "What it does, in a few words." },
            "edits": {
                "type": "array",
                "items": edit,
                "minItems": 1,
                "description": "In order, not overlapping; all are made or none.",
            },
        },
        "required": ["title", "edits"],
    })
}
