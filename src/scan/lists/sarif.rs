//! The list of findings as SARIF 2.1.0.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::emit::sarif_parts::{
    SARIF_MOST, descriptor, level, log, message, not_judged, notification, tool, unlisted,
};
use crate::emit::{plain, uri};
use crate::finding::RuleReport;
use crate::scan::figures;
use crate::scan::model::{ScanFinding, Summary};

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
    let mut notifications: Vec<Value> = summary
        .notices
        .iter()
        .map(|notice| notification(notice, &artifact(&notice.path)))
        .collect();
    if left_out > 0 {
        notifications.push(unlisted(&figures::counted(left_out, "more finding")));
    }
    let descriptors: Vec<Value> =
        rules.iter().map(|(name, rule)| descriptor(name, *rule)).collect();
    let results: Vec<Value> =
        listed.iter().map(|finding| result(finding, index(&finding.rule))).collect();
    let mut run = Map::new();
    run.insert("tool".to_owned(), tool(&descriptors));
    run.insert(
        "invocations".to_owned(),
        json!([{
            "executionSuccessful": !summary.incomplete(),
            "toolExecutionNotifications": notifications,
            "toolConfigurationNotifications":
                summary.not_judged.iter().map(not_judged).collect::<Vec<_>>(),
        }]),
    );
    run.insert("columnKind".to_owned(), json!("unicodeCodePoints"));
    run.insert("results".to_owned(), Value::Array(results));
    run.insert(
        "properties".to_owned(),
        json!({
            "records": summary.records,
            "recordsFound": summary.records_found,
            "findings": figures::findings(summary),
            "unlisted": left_out,
            "sample": summary.sample,
            "revealed": summary.revealed,
            "packs": summary.packs,
        }),
    );
    writeln!(out, "{}", plain(&serde_json::to_string_pretty(&log(&run))?))
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

fn result(finding: &ScanFinding, rule: Option<usize>) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), artifact(&finding.file));
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
        "level": level(finding.severity),
        "message": message(&finding.message),
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

/// A file by its address.
fn artifact(path: &str) -> Value {
    json!({ "uri": uri(path) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Severity;
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
}
