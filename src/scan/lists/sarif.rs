//! The list of findings as SARIF 2.1.0.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::emit::{citation, plain};
use crate::finding::RuleReport;
use crate::pack::Severity;
use crate::scan::figures;
use crate::scan::model::{ScanFinding, Summary};

/// How many results a SARIF file holds at most; services that take such files refuse
/// longer ones.
pub const SARIF_MOST: usize = 5000;

/// Writes findings as SARIF 2.1.0: the first [`SARIF_MOST`], and how many more there are.
///
/// A text file is given by line, with the bytes of the words as annotations of the
/// place (one region may not be a line and a range of bytes at once); a workbook by
/// sheet and cell, as a logical location. Bytes count in the unpacked file.
pub fn sarif(summary: &Summary, findings: &[ScanFinding], out: &mut dyn Write) -> io::Result<()> {
    let listed = &findings[..findings.len().min(SARIF_MOST)];
    let rules = rules(summary, listed);
    let index = |rule: &str| rules.binary_search_by(|(name, _)| (*name).cmp(rule)).ok();
    let left_out =
        figures::findings(summary).max(findings.len() as u64).saturating_sub(listed.len() as u64);
    let mut notifications: Vec<Value> = summary.notices.iter().map(notification).collect();
    if left_out > 0 {
        notifications.push(json!({
            "level": "warning",
            "message": { "text": format!(
                "{} are counted and not listed here.",
                figures::counted(left_out, "more finding")
            ) },
        }));
    }
    let descriptors: Vec<Value> =
        rules.iter().map(|(name, rule)| descriptor(name, *rule)).collect();
    let results: Vec<Value> =
        listed.iter().map(|finding| result(finding, index(&finding.rule))).collect();
    let value = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "probity",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": descriptors,
            } },
            "invocations": [{
                "executionSuccessful": !summary.incomplete(),
                "toolExecutionNotifications": notifications,
                "toolConfigurationNotifications":
                    summary.not_judged.iter().map(not_judged).collect::<Vec<_>>(),
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {
                "records": summary.records,
                "recordsFound": summary.records_found,
                "findings": figures::findings(summary),
                "unlisted": left_out,
                "sample": summary.sample,
                "revealed": summary.revealed,
                "packs": summary.packs,
            },
        }],
    });
    writeln!(out, "{}", plain(&serde_json::to_string_pretty(&value)?))
}

/// The rules by name: those described, and those only seen.
fn rules<'r>(
    summary: &'r Summary,
    listed: &'r [ScanFinding],
) -> Vec<(&'r str, Option<&'r RuleReport>)> {
    let mut names: Vec<&str> = summary.rules.keys().map(String::as_str).collect();
    names.extend(listed.iter().map(|finding| finding.rule.as_str()));
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| (name, summary.rules.get(name))).collect()
}

fn descriptor(name: &str, rule: Option<&RuleReport>) -> Value {
    let Some(rule) = rule else { return json!({ "id": name }) };
    let mut help = rule.help.clone();
    if let Some(ask) = &rule.ask {
        help.push_str("\n\nIf unsure: ");
        help.push_str(ask);
    }
    for cite in &rule.cites {
        help.push_str("\n\nPolicy: ");
        help.push_str(&citation(cite));
    }
    let mut value = json!({
        "id": name,
        "shortDescription": { "text": rule.title },
        "help": { "text": help },
        "properties": { "pack": rule.pack },
    });
    // One that nobody has checked is no address to send people to.
    let page = rule.cites.iter().filter(|cite| cite.verified).find_map(|cite| cite.url.as_ref());
    if let (Some(page), Some(object)) = (page, value.as_object_mut()) {
        object.insert("helpUri".to_owned(), json!(page));
    }
    value
}

fn result(finding: &ScanFinding, rule: Option<usize>) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), json!({ "uri": uri(&finding.file) }));
    let (logical, full) = match (&finding.sheet, &finding.cell) {
        (sheet, Some(cell)) => {
            let sheet = sheet.as_deref().unwrap_or_default();
            (cell.clone(), format!("{sheet}!{cell}"))
        }
        (Some(sheet), None) => (finding.column.clone(), format!("{sheet}!row {}", finding.line)),
        (None, None) => {
            physical.insert("region".to_owned(), json!({ "startLine": finding.line.max(1) }));
            (finding.column.clone(), format!("record {}/{}", finding.record, finding.column))
        }
    };
    let bytes: Vec<Value> = finding
        .places
        .iter()
        .filter_map(|place| place.bytes.as_ref())
        .map(|bytes| {
            json!({ "byteOffset": bytes.start, "byteLength": bytes.end.saturating_sub(bytes.start) })
        })
        .collect();
    let mut location = Map::new();
    location.insert("physicalLocation".to_owned(), Value::Object(physical));
    location.insert(
        "logicalLocations".to_owned(),
        json!([{ "name": logical, "fullyQualifiedName": full, "kind": "cell" }]),
    );
    if !bytes.is_empty() {
        location.insert("annotations".to_owned(), Value::Array(bytes));
    }
    let words: Vec<&str> = finding.places.iter().map(|place| place.text.as_str()).collect();
    let mut result = json!({
        "ruleId": finding.rule,
        "level": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": finding.message },
        "locations": [location],
        "partialFingerprints": { "probity/v1": finding.fingerprint },
        "properties": {
            "record": finding.record,
            "column": finding.column,
            "id": finding.id,
            "group": finding.group,
            "month": finding.month,
            "words": words,
        },
    });
    if let (Some(index), Some(object)) = (rule, result.as_object_mut()) {
        object.insert("ruleIndex".to_owned(), json!(index));
    }
    result
}

fn notification(notice: &crate::finding::Notice) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&notice.path) } });
    if let (Some(line), Some(object)) = (notice.line, physical.as_object_mut()) {
        object.insert("region".to_owned(), json!({ "startLine": line.max(1) }));
    }
    json!({
        "level": if notice.unchecked { "error" } else { "note" },
        "message": { "text": notice.message },
        "locations": [{ "physicalLocation": physical }],
    })
}

fn not_judged(rule: &crate::finding::NotJudged) -> Value {
    let missing: Vec<&str> = rule.missing.iter().chain(&rule.columns).map(String::as_str).collect();
    let how = if rule.partly { "judged only in part" } else { "not judged" };
    json!({
        "level": "warning",
        "message": { "text": format!("{} was {how}, for want of: {}", rule.rule, missing.join(", ")) },
        "associatedRule": { "id": rule.rule },
    })
}

/// A path as an address: relative where the path is, with everything escaped that
/// means something in one.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut out = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::html::testing as made_up;

    fn written(summary: &Summary, findings: &[ScanFinding]) -> Value {
        let mut out = Vec::new();
        sarif(summary, findings, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn places_are_lines_of_text_files_and_cells_of_workbooks() {
        let (summary, findings, _) = made_up::report();
        let value = written(&summary, &findings);
        let run = &value["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), findings.len());
        for (result, finding) in results.iter().zip(&findings) {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            let rule = &run["tool"]["driver"]["rules"][index];
            assert_eq!(rule["id"], json!(finding.rule));
            let location = &result["locations"][0];
            let region = &location["physicalLocation"]["region"];
            assert!(region.get("byteOffset").is_none());
            if let Some(cell) = &finding.cell {
                assert!(region.is_null());
                let full = format!("{}!{cell}", finding.sheet.as_deref().unwrap());
                assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], json!(full));
            } else {
                assert_eq!(region["startLine"], json!(finding.line));
                let bytes = finding.places[0].bytes.as_ref().unwrap();
                assert_eq!(location["annotations"][0]["byteOffset"], json!(bytes.start));
                assert_eq!(location["annotations"][0]["byteLength"], json!(bytes.len()));
            }
            assert_eq!(result["partialFingerprints"]["probity/v1"], json!(finding.fingerprint));
        }
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], json!(false));
        assert_eq!(invocation["toolExecutionNotifications"][0]["level"], json!("error"));
    }

    #[test]
    fn what_is_not_listed_is_counted() {
        let (mut summary, findings, _) = made_up::report();
        let many: Vec<_> = findings.iter().cycle().take(SARIF_MOST + 7).cloned().collect();
        summary.findings = [(Severity::Warning, many.len() as u64 + 3)].into();
        summary.unlisted = 3;
        let value = written(&summary, &many);
        let run = &value["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), SARIF_MOST);
        assert_eq!(run["properties"]["unlisted"], json!(10));
        let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        let last = notes.last().unwrap()["message"]["text"].as_str().unwrap();
        assert_eq!(last, "10 more findings are counted and not listed here.");
    }

    #[test]
    fn paths_are_addresses() {
        let check = |path: &str, expected: &str| assert_eq!(uri(path), expected);
        check("a b/ä#1.csv", "a%20b/%C3%A4%231.csv");
        check("/data/x.csv", "file:///data/x.csv");
        check(r"C:\data\x.csv", "C%3A/data/x.csv");
        check("export.zip/notes.csv", "export.zip/notes.csv");
    }
}
