//! What a finding is about, shown where it stands.

use serde_json::{Value, json};

use super::diagnostics::{Checked, is_web_address};
use super::protocol::{Position, Range};
use crate::emit::{as_markdown, one_line};
use crate::finding::{CitationReport, Finding};

/// More findings than this at one place would be a page, not a note.
const MOST: usize = 5;

/// The note for a place; null where nothing was found.
pub(super) fn hover(checked: &Checked<'_>, at: Position) -> Value {
    let findings = checked.findings_at(Range { start: at, end: at });
    let Some(first) = findings.first() else { return Value::Null };
    let ranges = checked.ranges(first);
    let range = ranges.into_iter().find(|range| range.start <= at && at <= range.end);
    let markdown = checked.client.markdown;
    let notes: Vec<String> =
        findings.iter().take(MOST).map(|finding| note(checked, finding, markdown)).collect();
    let (kind, between) =
        if markdown { ("markdown", "\n\n---\n\n") } else { ("plaintext", "\n\n") };
    json!({ "contents": { "kind": kind, "value": notes.join(between) }, "range": range })
}

/// What a finding says, what to do instead, where it comes from and whom to ask. Words of
/// the text and of packs mean nothing but themselves.
fn note(checked: &Checked<'_>, finding: &Finding, markdown: bool) -> String {
    let say = |text: &str| if markdown { as_markdown(text) } else { one_line(text) };
    let strong = |text: &str| if markdown { format!("**{text}**") } else { text.to_owned() };
    let severity = match finding.severity.name() {
        "error" => "Error",
        "warning" => "Warning",
        _ => "Note",
    };
    let mut out = format!("{} {}", strong(severity), say(&finding.rule));
    let Some(rule) = checked.rule(finding) else {
        return format!("{out}\n\n{}", say(&finding.message));
    };
    out.push_str(&format!(": {}\n\n{}", say(&rule.title), say(&finding.message)));
    out.push_str(&format!("\n\n{} {}", strong("Instead:"), say(&rule.help)));
    if !rule.cites.is_empty() {
        out.push_str(&format!("\n\n{}\n", strong("Policy:")));
        for cite in &rule.cites {
            out.push_str(&format!("\n- {}", citation(cite, &say)));
            if let Some(url) = cite.url.as_deref().filter(|url| is_web_address(url)) {
                let link = if markdown { format!("<{url}>") } else { url.to_owned() };
                out.push_str(&format!(" {link}"));
            }
        }
    }
    if let Some(ask) = &rule.ask {
        out.push_str(&format!("\n\n{} {}", strong("Unsure?"), say(ask)));
    }
    out
}

/// `Title, paragraph (publisher, date)`; said in front where nobody has checked it.
fn citation(cite: &CitationReport, say: &dyn Fn(&str) -> String) -> String {
    let mut out = say(&crate::emit::citation(cite));
    let of: Vec<String> =
        [&cite.publisher, &cite.date].into_iter().flatten().map(|text| say(text)).collect();
    if !of.is_empty() {
        out.push_str(&format!(" ({})", of.join(", ")));
    }
    out
}
