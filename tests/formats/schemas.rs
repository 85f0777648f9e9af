//! What readers of the formats ask for: schemas as they are published, and schemas made
//! from the documentation of readers where there is none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
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

/// The schema of SARIF 2.1.0 that OASIS publishes. `serde-sarif` brings it.
static SARIF: LazyLock<Value> = LazyLock::new(|| {
    let schema = std::fs::read(sources("serde-sarif").join("src/schema.json")).unwrap();
    let mut schema: Value = serde_json::from_slice(&schema).unwrap();
    // The expressions for languages have a bracket too many for a strict reader; probity
    // writes no language.
    for of in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][of]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    schema
});

/// The fourth schema of `JUnit` that Jenkins published. `junit-report` brings it.
static JENKINS: LazyLock<String> = LazyLock::new(|| {
    std::fs::read_to_string(sources("junit-report").join("tests/JUnit.xsd")).unwrap()
});

/// Where cargo keeps the sources of a package. What is in them is read there: the text is
/// not ours to copy.
fn sources(package: &str) -> PathBuf {
    let about = String::from_utf8(cargo(&["-vV"])).unwrap();
    // What is only needed elsewhere was not fetched.
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let manifest = concat!("--manifest-path=", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let metadata =
        ["metadata", "--format-version=1", "--offline", "--filter-platform", host, manifest];
    let metadata: Value = serde_json::from_slice(&cargo(&metadata)).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|known| known["name"] == package).unwrap();
    Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned()
}

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

/// Holds a report to what the documentation of GitLab says of one (CI/CD, Testing, Code
/// Quality, “Code Quality report format”).
pub fn assert_code_quality(text: &str) {
    // “The GitLab parser does not allow a byte order mark at the beginning of the file.”
    assert!(!text.starts_with('\u{feff}'));
    // “… must contain a single JSON array. Each object in that array must have at least the
    // following properties.”
    let report: Value = serde_json::from_str(text).unwrap();
    assert_fits(&code_quality_schema(), &report);
    // “A unique fingerprint to identify this specific code quality violation.”
    let entries = report.as_array().unwrap();
    let fingerprints: BTreeSet<_> =
        entries.iter().map(|entry| entry["fingerprint"].as_str()).collect();
    assert_eq!(fingerprints.len(), entries.len(), "{text}");
}

/// The table in that section, and nothing besides: “Code Quality only processes the fields
/// listed previously.” Columns are the one thing more that `CodeClimate` has.
fn code_quality_schema() -> Value {
    let line = json!({ "type": "integer", "minimum": 1 });
    let position = json!({ "type": "object", "required": ["line"], "properties": { "line": line, "column": line }, "additionalProperties": false });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "array", "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                // “A human-readable description of the code quality violation.”
                "description": { "type": "string", "minLength": 1 },
                // “A unique name representing the check, or rule, associated with this violation.”
                "check_name": { "type": "string", "minLength": 1 },
                "fingerprint": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
                // “One of info, minor, major, critical, or blocker.”
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": { "type": "object", "required": ["path"],
                    "properties": {
                        // “… expressed as a relative path in the repository. Don't prefix
                        // with ./.”
                        "path": { "type": "string", "minLength": 1, "not": { "pattern": "^(\\./|/)" } },
                        "lines": { "type": "object", "required": ["begin"], "properties": { "begin": line, "end": line } },
                        "positions": { "type": "object", "required": ["begin"], "properties": { "begin": position, "end": position } },
                    },
                    // “location.lines.begin or location.positions.begin.line: the line on
                    // which the code quality violation occurred” (an integer).
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

/// What the schema of the xunit plugin of Jenkins knows (junit-10.xsd): of each element,
/// the attributes it must have, and those it may have.
const JUNIT_10: [(&str, &[&str], &[&str]); 6] = [
    ("testsuites", &[], &["name", "time", "tests", "failures", "errors"]),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &[
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
    ),
    ("testcase", &["name"], &["time", "classname", "group"]),
    ("failure", &[], &["type", "message"]),
    ("error", &[], &["type", "message"]),
    ("skipped", &[], &["type", "message"]),
];

/// Holds XML of `JUnit` to the schema of Jenkins, and to what a later one and a strict
/// reader ask for: attributes that are known, names that are unique in their suite, and
/// counts that are true.
pub fn assert_junit(text: &str) {
    let schema = uppsala::parse(&JENKINS).unwrap();
    let validator = uppsala::XsdValidator::from_schema(&schema).unwrap();
    let errors = validator.validate(&uppsala::parse(text).unwrap());
    assert!(errors.is_empty(), "{errors:?}\n{text}");

    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<String> = Vec::new();
    // Tests, failures, errors and skipped tests: of all suites, and of the one that is open.
    let (mut all, mut seen, mut said) = ([0; 4], [0; 4], [0; 4]);
    let mut all_said = [0; 3];
    let mut names = BTreeSet::new();
    loop {
        let event = reader.read_event().unwrap();
        let (start, empty) = match &event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                if open.pop().as_deref() == Some("testsuite") {
                    assert_eq!(said, seen, "{text}");
                    all.iter_mut().zip(seen).for_each(|(all, seen)| *all += seen);
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
        let count = |name: &str| attribute(name).unwrap().parse::<usize>().unwrap();
        let (must, may) = JUNIT_10
            .iter()
            .find_map(|(known, must, may)| (*known == name).then_some((*must, *may)))
            .unwrap_or_default();
        assert!(must.iter().all(|name| attribute(name).is_some()), "{text}");
        for found in start.attributes() {
            let found = found.unwrap();
            let found = found.key.as_ref();
            assert!(must.iter().chain(may).any(|known| *known == found), "{name} {found}");
        }
        match (open.last().map(String::as_str), name.as_str()) {
            (None, "testsuites") => all_said = ["tests", "failures", "errors"].map(count),
            (Some("testsuites"), "testsuite") => {
                assert!(!attribute("name").unwrap().is_empty());
                said = ["tests", "failures", "errors", "skipped"].map(count);
                seen = [0; 4];
                names.clear();
            }
            (Some("testsuite"), "testcase") => {
                assert!(!attribute("classname").unwrap().is_empty());
                assert!(names.insert(attribute("name").unwrap()), "{text}");
                seen[0] += 1;
            }
            (Some("testcase"), "failure") => seen[1] += 1,
            (Some("testcase"), "error") => seen[2] += 1,
            (Some("testcase"), "skipped") => seen[3] += 1,
            (Some("testcase"), "system-out") => {}
            other => panic!("{other:?} in {text}"),
        }
        if !empty {
            open.push(name);
        }
    }
    assert!(open.is_empty());
    assert_eq!(all_said, all[..3], "{text}");
}
