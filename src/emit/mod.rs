//! Reports as people and machines read them. An emitter decides nothing, so no
//! two formats can tell different stories of a run.

mod concise;
mod coverage;
mod diagnostics;
mod full;
mod json;
mod tables;

use std::io;

pub use concise::Concise;
pub(crate) use coverage::ways;
pub use coverage::{coverage_summary, coverage_text};
pub use diagnostics::draw;
pub use full::{Full, citation, summary};
pub(crate) use json::plain;
pub use json::{Json, JsonLines, SCHEMA_VERSION, json_schema};
pub use tables::{coverage_csv, coverage_markdown};

use crate::finding::Report;

/// Writes a finished [`Report`] in one format.
pub trait Emitter {
    /// Writes the whole report.
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()>;
}

/// `1 file`, `2 files`.
pub fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}
