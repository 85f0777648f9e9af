//! The lists and reports of a scan, written while it goes on.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use super::Output;
use super::check::Sink;
use super::place::Place;
use crate::coverage::Coverage;
use crate::error::{Error, plain};
use crate::scan::html::html;
use crate::scan::lists;
use crate::scan::model::{ScanFinding, Summary};
use crate::scan::tables::terminal;

/// Findings that reports which are made at the end hold; the rest is counted.
const KEPT: usize = 10_000;

/// The lists of findings, and the reports that are made at the end.
pub(super) struct Lists {
    open: Vec<List>,
    /// For reports that are made at the end.
    kept: Vec<ScanFinding>,
    keeps: bool,
    /// Whether the summary goes to standard output.
    pub summary_shown: bool,
}

struct List {
    format: &'static str,
    out: Out,
    /// Whether nothing was listed yet.
    first: bool,
    /// Whether nobody reads any more.
    closed: bool,
}

enum Out {
    Stdout(BufWriter<anstream::AutoStream<io::Stdout>>),
    File(PathBuf, Place),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(_, place) => place.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(_, place) => place.flush(),
        }
    }
}

impl List {
    /// Writes; a closed pipe is no trouble, a full disk is.
    fn write(&mut self, work: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
        if self.closed {
            return Ok(());
        }
        match work(&mut self.out) {
            Ok(()) => Ok(()),
            Err(error)
                if error.kind() == io::ErrorKind::BrokenPipe
                    && matches!(self.out, Out::Stdout(_)) =>
            {
                self.closed = true;
                Ok(())
            }
            Err(error) => {
                let what = match &self.out {
                    Out::Stdout(_) => "the findings".to_owned(),
                    Out::File(path, _) => path.display().to_string(),
                };
                Err(Error::Usage(format!("cannot write {what}: {}", plain(&error))))
            }
        }
    }
}

impl Lists {
    pub fn open(formats: Vec<Sink>, output: &Output) -> anyhow::Result<Self> {
        let mut lists = Vec::new();
        let mut summary_shown = false;
        for Sink { format: name, file } in formats {
            let out = match file {
                Some(path) => {
                    let place = Place::create(&path).map_err(|error| {
                        Error::Usage(format!("cannot write {}: {}", path.display(), plain(&error)))
                    })?;
                    Out::File(path, place)
                }
                None if name == "summary" => {
                    summary_shown = true;
                    continue;
                }
                None => Out::Stdout(BufWriter::new(anstream::AutoStream::new(
                    io::stdout(),
                    output.choice(),
                ))),
            };
            lists.push(List { format: name, out, first: true, closed: false });
        }
        for list in &mut lists {
            let format = list.format;
            list.write(|out| match format {
                "csv" => lists::csv_header(out),
                "json" => out.write_all(b"{\"findings\":["),
                _ => Ok(()),
            })?;
        }
        let keeps = lists.iter().any(|list| matches!(list.format, "html" | "sarif"));
        Ok(Self { open: lists, kept: Vec::new(), keeps, summary_shown })
    }

    pub fn finding(&mut self, finding: &ScanFinding) -> Result<(), Error> {
        if self.keeps && self.kept.len() < KEPT {
            self.kept.push(finding.clone());
        }
        for list in &mut self.open {
            let (format, first) = (list.format, std::mem::take(&mut list.first));
            list.write(|out| match format {
                "csv" => lists::csv_row(finding, out),
                "jsonl" => lists::json_line(finding, out),
                "json" => {
                    out.write_all(if first { b"\n" } else { b",\n" })?;
                    serde_json::to_writer(out, finding).map_err(io::Error::from)
                }
                _ => Ok(()),
            })?;
        }
        Ok(())
    }

    pub fn finish(&mut self, summary: &Summary, coverage: &[Coverage]) -> Result<(), Error> {
        for mut list in std::mem::take(&mut self.open) {
            let (format, kept) = (list.format, &self.kept);
            list.write(|out| match format {
                "summary" => out.write_all(terminal(summary, 100, false).as_bytes()),
                "jsonl" => {
                    let line = serde_json::json!({ "type": "summary", "summary": summary });
                    writeln!(out, "{line}")
                }
                "json" => {
                    out.write_all(b"\n],\"summary\":")?;
                    serde_json::to_writer(&mut *out, summary)?;
                    out.write_all(b"}\n")
                }
                "sarif" => lists::sarif(summary, kept, out),
                "html" => html(summary, kept, coverage, out),
                _ => Ok(()),
            })?;
            list.write(|out| out.flush())?;
            if let Out::File(path, place) = list.out {
                place.finish().map_err(|error| {
                    Error::Usage(format!("cannot write {}: {}", path.display(), plain(&error)))
                })?;
            }
        }
        Ok(())
    }
}
