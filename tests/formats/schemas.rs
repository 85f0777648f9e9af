//! What readers of the formats ask for: the schema of SARIF as it is published, and
//! schemas made from the documentation of readers.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use quick_xml::events::Event;
use serde_json::{Value, json};

pub fn assert_fits(schema: &Value, value: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
}

/// The schema of SARIF 2.1.0 that OASIS publishes. It is read where cargo keeps the sources
/// of `serde-sarif`, which brings it: the text is not ours to copy.
static SARIF: LazyLock<Value> = LazyLock::new(|| {
    let about = String::from_utf8(cargo(&["-vV"])).unwrap();
    // What is only needed elsewhere was not fetched.
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let manifest = concat!("--manifest-path=", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let metadata =
        ["metadata", "--format-version=1", "--offline", "--filter-platform", host, manifest];
    let metadata: Value = serde_json::from_slice(&cargo(&metadata)).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let schema = std::fs::read(manifest.with_file_name("src").join("schema.json")).unwrap();
    let mut schema: Value = serde_json::from_slice(&schema).unwrap();
    // The expressions for languages have a bracket too many for a strict reader; probity
    // writes no language.
    for of in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][of]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    schema
});

fn cargo(args: &[&str]) -> Vec<u8> {
    let outcome = Command::new(env!("CARGO")).args(args).output().unwrap();
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    outcome.stdout
}

/// Holds a report to the standard, and to what GitHub asks for beyond it.
pub fn assert_code_scanning(value: &Value) {
    assert_sarif(value);
    assert_fits(&code_scanning_schema(), value);
}

/// Holds a report to the standard, and to a reader that knows each property by its name.
pub fn assert_sarif(value: &Value) {
    assert_fits(&SARIF, value);
    let read: serde_sarif::sarif::Sarif = serde_json::from_value(value.clone()).unwrap();
    let results = |log: &Value| log["runs"][0]["results"].as_array().map(Vec::len);
    assert_eq!(results(&serde_json::to_value(&read).unwrap()), results(value));
}

/// What GitHub's documentation of code scanning asks for, and what probity holds itself to:
/// nothing that is not said here is written.
#[allow(clippy::too_many_lines, reason = "a schema is a table")]
fn code_scanning_schema() -> Value {
    let text = json!({
        "type": "object", "required": ["text"],
        "properties": { "text": { "type": "string", "minLength": 1 }, "markdown": { "type": "string", "minLength": 1 } },
        "additionalProperties": false,
    });
    let at_least = |least: i64| json!({ "type": "integer", "minimum": least });
    let region = json!({
        "type": "object",
        "required": ["startLine", "startColumn", "endLine", "endColumn"],
        "properties": {
            "startLine": at_least(1), "startColumn": at_least(1), "endLine": at_least(1),
            "endColumn": at_least(1), "byteOffset": at_least(0), "byteLength": at_least(0),
        },
        "dependentRequired": { "byteOffset": ["byteLength"] },
        "additionalProperties": false,
    });
    // No space, control or other character that an address has to escape.
    let artifact = json!({
        "type": "object", "required": ["uri"],
        "properties": {
            "uri": { "type": "string", "pattern": "^(file:///)?([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$" },
            "uriBaseId": { "const": "SRCROOT" },
        },
        "additionalProperties": false,
    });
    let physical = json!({
        "type": "object", "required": ["artifactLocation", "region"],
        "properties": { "artifactLocation": artifact, "region": region },
        "additionalProperties": false,
    });
    let location = json!({
        "type": "object", "required": ["physicalLocation"],
        "properties": { "physicalLocation": physical, "id": at_least(0), "message": text, "logicalLocations": { "type": "array" } },
        "additionalProperties": false,
    });
    let level = json!({ "enum": ["none", "note", "warning", "error"] });
    let suppression = json!({
        "type": "object", "required": ["kind", "justification"],
        "properties": {
            "kind": { "enum": ["inSource", "external"] }, "status": { "enum": ["accepted", "underReview", "rejected"] },
            "justification": { "type": "string", "minLength": 1 }, "properties": { "type": "object" },
        },
        "additionalProperties": false,
    });
    let fix = json!({
        "type": "object", "required": ["description", "artifactChanges"],
        "properties": {
            "description": text,
            "artifactChanges": { "type": "array", "minItems": 1, "items": {
                "type": "object", "required": ["artifactLocation", "replacements"],
                "properties": {
                    "artifactLocation": artifact,
                    "replacements": { "type": "array", "minItems": 1, "items": {
                        "type": "object", "required": ["deletedRegion"],
                        "properties": { "deletedRegion": region, "insertedContent": { "type": "object", "required": ["text"] } },
                        "additionalProperties": false,
                    } },
                },
                "additionalProperties": false,
            } },
        },
    });
    let result = json!({
        "type": "object",
        "required": ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
        "properties": {
            "ruleId": { "type": "string" }, "ruleIndex": at_least(0), "level": level, "message": text,
            "locations": { "type": "array", "minItems": 1, "maxItems": 1, "items": location },
            "relatedLocations": { "type": "array", "maxItems": 100, "items": location },
            "partialFingerprints": { "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" } },
            "suppressions": { "type": "array", "items": suppression },
            "baselineState": { "enum": ["new", "unchanged", "updated", "absent"] },
            "fixes": { "type": "array", "items": fix },
            "properties": { "type": "object" },
        },
        "additionalProperties": false,
    });
    let rule = json!({
        "type": "object", "required": ["id", "shortDescription", "fullDescription", "help"],
        "properties": {
            "id": { "type": "string" }, "shortDescription": text, "fullDescription": text, "help": text,
            "helpUri": { "type": "string", "pattern": "^https?://[!-~]+$" }, "properties": { "type": "object" },
        },
        "additionalProperties": false,
    });
    let notification = json!({ "type": "object", "required": ["message", "level"], "properties": { "message": text, "level": level } });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object", "required": ["$schema", "version", "runs"],
        "properties": {
            "version": { "const": "2.1.0" },
            "runs": { "type": "array", "minItems": 1, "maxItems": 20, "items": {
                "type": "object", "required": ["tool", "results", "columnKind", "invocations"],
                "properties": {
                    "tool": { "type": "object", "required": ["driver"], "properties": { "driver": {
                        "type": "object", "required": ["name", "semanticVersion", "rules"],
                        "properties": { "rules": { "type": "array", "maxItems": 25000, "items": rule } },
                    } } },
                    "columnKind": { "enum": ["utf16CodeUnits", "unicodeCodePoints"] },
                    "results": { "type": "array", "maxItems": 5000, "items": result },
                    "invocations": { "type": "array", "items": {
                        "type": "object", "required": ["executionSuccessful"],
                        "properties": {
                            "toolExecutionNotifications": { "type": "array", "items": notification },
                            "toolConfigurationNotifications": { "type": "array", "items": notification },
                        },
                    } },
                },
            } },
        },
    })
}

/// GitLab's documentation of the report.
pub fn code_quality_schema() -> Value {
    let line = json!({ "type": "integer", "minimum": 1 });
    let position = json!({ "type": "object", "required": ["line"], "properties": { "line": line, "column": line }, "additionalProperties": false });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "array", "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": { "type": "string", "minLength": 1 },
                "check_name": { "type": "string", "minLength": 1 },
                "fingerprint": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": { "type": "object", "required": ["path"],
                    "properties": {
                        "path": { "type": "string", "minLength": 1, "not": { "pattern": "^\\./" } },
                        "lines": { "type": "object", "required": ["begin"], "properties": { "begin": line, "end": line } },
                        "positions": { "type": "object", "required": ["begin"], "properties": { "begin": position, "end": position } },
                    },
                    "oneOf": [{ "required": ["lines"] }, { "required": ["positions"] }],
                    "additionalProperties": false,
                },
            },
            "additionalProperties": false,
        },
    })
}

pub fn rdjson_schema() -> Value {
    let number = json!({ "type": "integer", "minimum": 1 });
    let position = json!({ "type": "object", "required": ["line"], "properties": { "line": number, "column": number }, "additionalProperties": false });
    let range = json!({ "type": "object", "required": ["start"], "properties": { "start": position, "end": position }, "additionalProperties": false });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object", "required": ["source", "diagnostics"],
        "properties": { "diagnostics": { "type": "array", "items": {
            "type": "object", "required": ["message", "location"],
            "properties": {
                "message": { "type": "string" },
                "location": { "type": "object", "required": ["path"], "properties": { "path": { "type": "string" }, "range": range }, "additionalProperties": false },
                "severity": { "enum": ["ERROR", "WARNING", "INFO"] },
                "code": { "type": "object", "required": ["value"], "properties": { "value": { "type": "string" }, "url": { "type": "string" } }, "additionalProperties": false },
                "suggestions": { "type": "array", "items": { "type": "object", "required": ["range", "text"], "properties": { "range": range, "text": { "type": "string" } }, "additionalProperties": false } },
            },
            "additionalProperties": false,
        } } },
    })
}

/// Reads XML of `JUnit` to the end, as a strict reader would: known elements in their
/// places, the attributes they must have, and counts that are true.
pub fn assert_junit(text: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<String> = Vec::new();
    let mut said: Vec<[usize; 4]> = Vec::new();
    let mut seen: Vec<[usize; 4]> = Vec::new();
    let mut names = BTreeSet::new();
    loop {
        let event = reader.read_event().unwrap();
        let (start, empty) = match &event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                if open.pop().as_deref() == Some("testsuite") {
                    let (said, seen) = (said.pop().unwrap(), seen.pop().unwrap());
                    assert_eq!(said, seen, "{text}");
                }
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let name = start.name().as_ref().to_owned();
        let attribute = |name: &str| -> Option<String> {
            let found = start.try_get_attribute(name).unwrap()?;
            let text = found.value.to_string();
            Some(quick_xml::escape::unescape(&text).unwrap().into_owned())
        };
        let counts = || {
            ["tests", "failures", "errors", "skipped"]
                .map(|name| attribute(name).unwrap().parse::<usize>().unwrap())
        };
        let parent = open.last().map(String::as_str);
        match (parent, name.as_str()) {
            (None, "testsuites") => said.push(counts()),
            (Some("testsuites"), "testsuite") => {
                assert!(!attribute("name").unwrap().is_empty());
                said.push(counts());
                seen.push([0; 4]);
                names.clear();
            }
            (Some("testsuite"), "testcase") => {
                assert!(attribute("classname").is_some() && attribute("file").is_some());
                assert!(names.insert(attribute("name").unwrap()), "{text}");
                seen.last_mut().unwrap()[0] += 1;
            }
            (Some("testcase"), "failure") => seen.last_mut().unwrap()[1] += 1,
            (Some("testcase"), "error") => seen.last_mut().unwrap()[2] += 1,
            (Some("testcase"), "skipped") => seen.last_mut().unwrap()[3] += 1,
            (Some("testcase"), "system-out") => {}
            other => panic!("{other:?} in {text}"),
        }
        if !empty {
            open.push(name);
        }
    }
    assert!(open.is_empty() && seen.is_empty());
}
