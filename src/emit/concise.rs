//! One line a finding, for editors and `grep`.

use std::io;

use super::Emitter;
use super::escape::file_name;
use crate::finding::Report;

/// `path:line:column: severity[rule] message`.
#[derive(Clone, Copy, Debug)]
pub struct Concise;

impl Emitter for Concise {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        for finding in report.shown() {
            let place = &finding.places[0];
            let accepted = finding.suppression.as_ref();
            let why = accepted.map(|it| format!(" [accepted {}]", it.in_words()));
            writeln!(
                out,
                "{}:{}:{}: {}{}[{}] {}{}",
                file_name(&finding.path),
                place.line,
                place.column,
                if accepted.is_some() { "accepted " } else { "" },
                finding.severity.name(),
                finding.rule,
                finding.message.replace('\n', " "),
                why.unwrap_or_default().replace('\n', " ")
            )?;
        }
        Ok(())
    }
}
