//! Reports as people and machines read them. An emitter decides nothing, so no
//! two formats can tell different stories of a run.

mod concise;
mod coverage;
mod csv;
mod diagnostics;
mod escape;
mod full;
mod github;
mod gitlab;
mod json;
mod json_schema;
mod junit;
mod markdown;
mod rdjson;
mod root;
mod sarif;
pub(crate) mod sarif_parts;
mod tables;
mod template;

use std::io;

pub use concise::Concise;
pub(crate) use coverage::ways;
pub use coverage::{coverage_summary, coverage_text};
pub use csv::Csv;
pub use diagnostics::{draw, draw_quoting};
#[cfg(test)]
pub(crate) use escape::{csv_cell, is_formula};
pub(crate) use escape::{csv_row, log, markdown as as_markdown, one_line, uri};
pub use full::{Full, citation, summary, trouble};
pub use github::GitHub;
pub use gitlab::GitLab;
pub(crate) use json::plain;
pub use json::{Json, JsonLines, SCHEMA_VERSION};
pub use json_schema::json_schema;
pub use junit::JUnit;
pub use markdown::Markdown;
pub use rdjson::{Rdjson, RdjsonLines};
pub use root::Root;
pub use sarif::Sarif;
pub use tables::{coverage_csv, coverage_markdown};
pub use template::Template;

use crate::finding::{ChangesReport, Finding, Report};

/// The name of a rule, in formats that know only rules, for what was not checked.
const NOT_CHECKED: &str = "not-checked";

/// Writes a finished [`Report`] in one format.
pub trait Emitter {
    /// Writes the whole report.
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()>;
}

/// The words that were found, where the message does not name them; not safe to print
/// as they are.
fn words_beside(finding: &Finding) -> Option<String> {
    let words: Vec<String> = finding.places.iter().map(|place| one_line(&place.text)).collect();
    let words = words.join(" … ");
    let told = words.trim().is_empty() || finding.message.contains(words.trim());
    (!told).then(|| escape::shortened(&words, 80).into_owned())
}

/// `1 file`, `2 files`.
pub fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}

/// What a report on changes leaves out, as a sentence; not safe to print as it is.
pub(crate) fn left_out(changes: &ChangesReport) -> String {
    let commit = changes
        .commit
        .as_deref()
        .map_or_else(String::new, |commit| format!(" ({})", commit.get(..12).unwrap_or(commit)));
    let were = if changes.unchanged_findings == 1 { "was" } else { "were" };
    format!(
        "Compared with {}{commit}: {} did not change; {} on unchanged lines {were} left out.",
        changes.since,
        counted(changes.unchanged_documents, "file"),
        counted(changes.unchanged_findings, "finding"),
    )
}
