//! One line a finding, for editors and `grep`.

use std::io;

use super::Emitter;
use crate::finding::Report;
use crate::judge::safe;

/// `path:line:column: severity[rule] message`.
#[derive(Clone, Copy, Debug)]
pub struct Concise;

impl Emitter for Concise {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        for finding in &report.findings {
            let place = &finding.places[0];
            writeln!(
                out,
                "{}:{}:{}: {}[{}] {}",
                safe(&finding.path).replace('\n', "<U+000A>"),
                place.line,
                place.column,
                finding.severity.name(),
                finding.rule,
                finding.message.replace('\n', " ")
            )?;
        }
        Ok(())
    }
}
