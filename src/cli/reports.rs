//! The reports of a check, each in its place.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Output;
use super::check::Sink;
use super::place::Place;
use super::runner::{Runner, root, runner, step_summary, tame};
use crate::emit::{
    Concise, Csv, Emitter, Full, GitHub, GitLab, JUnit, Json, JsonLines, Markdown, Rdjson,
    RdjsonLines, Sarif, Template,
};
use crate::error::{Error, plain};
use crate::finding::Report;

/// The format where none is asked for.
pub(super) fn default_format(template: bool) -> &'static str {
    match runner() {
        _ if template => "template",
        Some(Runner::GitHub) => "github",
        Some(Runner::GitLab) | None => "full",
    }
}

/// The reports that are asked for.
pub(super) struct Reports {
    sinks: Vec<Sink>,
    template: Option<(PathBuf, Template)>,
}

impl Reports {
    /// Reads the template, where there is one.
    pub fn new(sinks: Vec<Sink>, template: Option<&Path>) -> anyhow::Result<Self> {
        let wanted = sinks.iter().any(|sink| sink.format == "template");
        let template = match template {
            Some(path) if wanted => Some((path.to_owned(), read(path)?)),
            None if !wanted => None,
            Some(_) => {
                return Err(Error::Usage(
                    "`--template` is for `--format template`, which is not asked for".into(),
                )
                .into());
            }
            None => {
                return Err(
                    Error::Usage("`--format template` needs `--template FILE`".into()).into()
                );
            }
        };
        Ok(Self { sinks, template })
    }

    /// The files that are going to be written.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.sinks.iter().filter_map(|sink| sink.file.as_deref())
    }

    /// The template that is going to be filled in.
    pub fn template(&self) -> Option<&Path> {
        self.template.as_ref().map(|(path, _)| path.as_path())
    }

    /// Whether a person reads standard output.
    pub fn text_shown(&self) -> bool {
        self.sinks.iter().any(|sink| sink.format == "full" && sink.file.is_none())
    }

    /// Writes every report; one that cannot be written takes no other with it. `aside`
    /// says that standard output is taken.
    pub fn emit(&self, report: &Report, output: &Output, aside: bool) -> anyhow::Result<()> {
        let mut result = Ok(());
        let mut failed = |what: &str, error: &io::Error| {
            let message = format!("cannot write {what}: {}", plain(error));
            let before = std::mem::replace(&mut result, Ok(()));
            result = before.and(Err(anyhow::Error::from(Error::Usage(message))));
        };
        for sink in &self.sinks {
            let colours = if aside { output.err_colour } else { output.out_colour };
            let colour = sink.file.is_none() && colours;
            let emitter = self.emitter(sink.format, colour);
            let emitter = emitter.as_ref();
            if let Some(path) = &sink.file {
                if let Err(error) = to_file(emitter, report, path) {
                    failed(&path.display().to_string(), &error);
                }
                continue;
            }
            if aside {
                let mut text = Vec::new();
                emitter.emit(report, &mut text)?;
                output.say(&String::from_utf8_lossy(&text));
            } else if let Err(error) = to_stdout(emitter, sink.format, report, output) {
                failed("the report", &error);
            }
            if let (Some(path), "github") = (step_summary(), sink.format)
                && let Err(error) = append(&Markdown, report, &path)
            {
                failed("the step summary", &error);
            }
        }
        result
    }

    fn emitter(&self, format: &str, colour: bool) -> Box<dyn Emitter> {
        match (format, &self.template) {
            ("concise", _) => Box::new(Concise),
            ("json", _) => Box::new(Json),
            ("jsonl", _) => Box::new(JsonLines),
            ("github", _) => Box::new(GitHub { root: root() }),
            ("sarif", _) => Box::new(Sarif { root: root() }),
            ("gitlab", _) => Box::new(GitLab { root: root() }),
            ("junit", _) => Box::new(JUnit),
            ("rdjson", _) => Box::new(Rdjson),
            ("rdjsonl", _) => Box::new(RdjsonLines),
            ("markdown", _) => Box::new(Markdown),
            ("csv", _) => Box::new(Csv),
            ("template", Some((_, template))) => Box::new(template.clone()),
            _ => Box::new(Full { renderer: Output::renderer(colour) }),
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Template> {
    let name = path.display().to_string();
    let bytes =
        std::fs::read(path).map_err(|cause| Error::Read { path: path.to_owned(), cause })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::Usage(format!("the template {name} is not UTF-8")))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(Template::new(&name, text).map_err(|fault| Error::Faults(vec![*fault]))?)
}

fn to_stdout(
    emitter: &dyn Emitter,
    format: &str,
    report: &Report,
    output: &Output,
) -> io::Result<()> {
    let mut stdout =
        BufWriter::new(anstream::AutoStream::new(io::stdout().lock(), output.choice()));
    // Standard output is a log there, and no format but its own has commands in it.
    let written = if runner() == Some(Runner::GitHub) && format != "github" {
        let mut bytes = Vec::new();
        emitter.emit(report, &mut bytes)?;
        stdout.write_all(tame(&String::from_utf8_lossy(&bytes)).as_bytes())
    } else {
        emitter.emit(report, &mut stdout)
    };
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn to_file(emitter: &dyn Emitter, report: &Report, path: &Path) -> io::Result<()> {
    let mut place = Place::create(path)?;
    emitter.emit(report, &mut place)?;
    place.finish()
}

/// Adds a report to a file that others write to, too, with one write.
fn append(emitter: &dyn Emitter, report: &Report, path: &Path) -> io::Result<()> {
    let mut bytes = Vec::new();
    // A heading in the middle of somebody's line is none.
    if std::fs::read(path).is_ok_and(|before| before.last().is_some_and(|&last| last != b'\n')) {
        bytes.extend(b"\n\n");
    }
    emitter.emit(report, &mut bytes)?;
    bytes.push(b'\n');
    File::options().append(true).create(true).open(path)?.write_all(&bytes)
}
