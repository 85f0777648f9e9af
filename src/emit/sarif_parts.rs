//! What every SARIF 2.1.0 file of ours has in common, whatever was read for it.

use serde_json::{Map, Value, json};

use super::escape::{markdown, one_line, shortened};
use super::full::citation;
use crate::finding::{NotJudged, Notice, RuleReport};
use crate::pack::Severity;

/// How many results a SARIF file holds at most; services that take such files refuse
/// or leave out what is beyond.
pub const SARIF_MOST: usize = 5000;

/// GitHub takes so many characters of a description; `help` has all of it.
const MOST_DESCRIBED: usize = 1000;

/// A file with one run.
pub(crate) fn log(run: &Map<String, Value>) -> Value {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    })
}

/// The tool with its rules.
pub(crate) fn tool(rules: &[Value]) -> Value {
    json!({ "driver": {
        "name": "probity",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    } })
}

/// The level of a severity.
pub(crate) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A message. In its text `[words](address)` would be a link, so where something looks
/// like one, brackets are escaped as the standard says (3.11.6).
pub(crate) fn message(text: &str) -> Value {
    let text = one_line(text);
    let text = if text.contains("](") {
        text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    } else {
        text
    };
    json!({ "text": text })
}

/// A rule with its help, for people and as Markdown.
pub(crate) fn descriptor(name: &str, rule: Option<&RuleReport>) -> Value {
    // GitHub refuses a rule without a description and help.
    let Some(rule) = rule else {
        let text = json!({ "text": name });
        return json!({
            "id": name, "shortDescription": text, "fullDescription": text, "help": text,
        });
    };
    let mut help = rule.help.clone();
    let mut marked = markdown(&rule.help);
    if let Some(ask) = &rule.ask {
        help.push_str(&format!("\n\nIf unsure: {ask}"));
        marked.push_str(&format!("\n\n**If unsure:** {}", markdown(ask)));
    }
    for cite in &rule.cites {
        let text = citation(cite);
        help.push_str(&format!("\n\nPolicy: {text}"));
        let shown = markdown(&text);
        let shown = match address(cite.url.as_deref()).filter(|_| cite.verified) {
            Some(url) => format!("[{shown}](<{url}>)"),
            None => shown,
        };
        marked.push_str(&format!("\n\n**Policy:** {shown}"));
    }
    let mut value = json!({
        "id": name,
        "shortDescription": { "text": shortened(&rule.title, MOST_DESCRIBED) },
        "fullDescription": { "text": shortened(&rule.help, MOST_DESCRIBED) },
        "help": { "text": help, "markdown": marked },
        "properties": { "pack": rule.pack, "tags": [rule.pack] },
    });
    if let (Some(page), Some(object)) = (page(rule), value.as_object_mut()) {
        object.insert("helpUri".to_owned(), json!(page));
    }
    value
}

/// The page of the first paragraph that somebody has checked. One that nobody has is
/// no address to send people to.
pub(crate) fn page(rule: &RuleReport) -> Option<&str> {
    let mut checked = rule.cites.iter().filter(|cite| cite.verified);
    checked.find_map(|cite| address(cite.url.as_deref()))
}

/// An address on the web that is written as one.
fn address(url: Option<&str>) -> Option<&str> {
    let plain = |c: char| c.is_ascii_graphic() && !"<>\"{}|\\^`".contains(c);
    url.filter(|url| {
        (url.starts_with("https://") || url.starts_with("http://")) && url.chars().all(plain)
    })
}

/// Something about the run that people must know, at its place.
pub(crate) fn notification(notice: &Notice, artifact: &Value) -> Value {
    let mut physical = json!({ "artifactLocation": artifact });
    if let (Some(line), Some(object)) = (notice.line, physical.as_object_mut()) {
        object.insert("region".to_owned(), json!({ "startLine": line.max(1) }));
    }
    json!({
        "level": if notice.unchecked { "error" } else { "note" },
        "message": message(&notice.message),
        "locations": [{ "physicalLocation": physical }],
    })
}

/// How many results are not listed.
pub(crate) fn unlisted(counted: &str) -> Value {
    json!({
        "level": "warning",
        "message": { "text": format!("{counted} are counted and not listed here.") },
    })
}

/// A rule nobody could judge.
pub(crate) fn not_judged(rule: &NotJudged) -> Value {
    let missing: Vec<&str> = rule.missing.iter().chain(&rule.columns).map(String::as_str).collect();
    let how = if rule.partly { "judged only in part" } else { "not judged" };
    let text = format!("{} was {how}, for want of: {}", rule.rule, missing.join(", "));
    json!({
        "level": "warning",
        "message": message(&text),
        "associatedRule": { "id": rule.rule },
    })
}
