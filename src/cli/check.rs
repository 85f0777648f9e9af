//! `probity check`.

use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::args::{CheckArgs, FailArg, ReadAs};
use super::packs::{Loaded, load};
use super::place::Place;
use super::review::overdue;
use super::{Exit, Output, fact_file};
use crate::config::FailOn;
use crate::emit::{Concise, Emitter, Full, Json, JsonLines, summary};
use crate::error::Error;
use crate::facts::FactValue;
use crate::finding::{Notice, Report};
use crate::input::{Format, ReadOptions, WalkOptions, walk};
use crate::pack::{AS_OF, PackSet, Severity};
use crate::run::{Engines, Origin, Run, Task, in_threads, plain};
use crate::text::Encoding;

const FORMATS: &[&str] = &["full", "concise", "json", "jsonl"];

/// A format and where it goes.
pub(super) struct Sink {
    pub format: &'static str,
    pub file: Option<PathBuf>,
}

pub(super) fn check(args: &CheckArgs, output: &Output) -> anyhow::Result<Exit> {
    let sinks = sinks(&args.format, FORMATS)?;
    let Loaded { config, set } = load(&args.packs, output)?;
    let facts = facts(&args.set, &set)?;
    let read = read_options(args)?;
    let fail_on = fail_on(args.fail_on, &config);
    let (mut tasks, mut notices) = tasks(args, &config)?;
    if tasks.is_empty() && notices.is_empty() {
        output.say("note: there was no file to check; a folder is searched for Markdown, HTML, text and CSV files\n");
    }
    refuse_overwriting(&sinks, &tasks)?;
    let today = crate::clock::today();
    notices.extend(overdue(&set, day_of_check(&facts, &config).unwrap_or(today)));
    let run = Run {
        set,
        config,
        facts,
        read,
        reveal: args.reveal,
        today: Some(today),
        part: None,
        engines: Engines::default(),
    };
    let tasks = std::mem::take(&mut tasks);
    let report = match args.threads {
        None => run.check(tasks, notices)?,
        Some(threads) => in_threads(threads, || run.check(tasks, notices))??,
    };
    let written = emit(&report, &sinks, output);
    finish(args, &run, &report, &sinks, output);
    written?;
    // The process is about to end; taking the packs apart again would cost a tenth
    // of a short run.
    std::mem::forget(run);
    Ok(if report.incomplete() {
        Exit::Trouble
    } else if report.findings.iter().any(|finding| fail_on.counts(finding.severity)) {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// What makes the exit code 1.
pub(super) fn fail_on(asked: Option<FailArg>, config: &crate::config::Config) -> FailOn {
    match asked {
        None => config.fail_on.unwrap_or(FailOn::Severity(Severity::Error)),
        Some(FailArg::Error) => FailOn::Severity(Severity::Error),
        Some(FailArg::Warning) => FailOn::Severity(Severity::Warning),
        Some(FailArg::Note) => FailOn::Severity(Severity::Note),
        Some(FailArg::Never) => FailOn::Never,
    }
}

/// The day for which the check is made, where the command line or the configuration
/// says it for all files.
pub(super) fn day_of_check(
    facts: &[(String, FactValue)],
    config: &crate::config::Config,
) -> Option<jiff::civil::Date> {
    let written = facts.iter().rfind(|(name, _)| name == AS_OF).map(|(_, value)| value);
    let configured = || config.facts.iter().find(|(name, ..)| name == AS_OF);
    let value = written.or_else(|| configured().map(|(_, value, _)| value))?;
    value.words().first().and_then(|word| crate::dates::read(word, None))
}

/// A report never takes the place of a draft, nor of another report.
fn refuse_overwriting(sinks: &[Sink], tasks: &[Task]) -> anyhow::Result<()> {
    let real = |path: &Path| {
        std::fs::canonicalize(path)
            .or_else(|_| std::path::absolute(path))
            .unwrap_or_else(|_| path.to_owned())
    };
    let mut taken: Vec<PathBuf> = tasks
        .iter()
        .filter_map(|task| match &task.origin {
            Origin::File(path) => Some(real(path)),
            Origin::Bytes(_) => None,
        })
        .collect();
    taken.sort();
    let mut reports = Vec::new();
    for path in sinks.iter().filter_map(|sink| sink.file.as_ref()) {
        let place = real(path);
        if taken.binary_search(&place).is_ok() {
            return Err(Error::Usage(format!(
                "{} is being checked; the report needs a file of its own",
                path.display()
            ))
            .into());
        }
        if reports.contains(&place) {
            return Err(
                Error::Usage(format!("two reports cannot both go to {}", path.display())).into()
            );
        }
        reports.push(place);
    }
    Ok(())
}

/// What a person reads behind the findings. It goes to standard error where a
/// program reads standard output.
fn finish(args: &CheckArgs, run: &Run, report: &Report, sinks: &[Sink], output: &Output) {
    let mut text = summary(report);
    if args.checklist {
        for pack in run.set.packs().iter().filter(|pack| !pack.checklist.is_empty()) {
            text.push_str(&format!("\nAsk yourself ({}):\n", pack.title));
            for item in &pack.checklist {
                text.push_str(&format!("  - {}\n", item.text));
            }
        }
    }
    let full = sinks.iter().any(|sink| sink.format == "full" && sink.file.is_none());
    if full {
        // A closed pipe has been dealt with; nothing else can be done about output.
        let _ = output.print(&text);
    } else {
        output.say(&text);
    }
}

/// The formats of a command line, each with its place, of those that are `known`.
pub(super) fn sinks(
    formats: &[String],
    known: &'static [&'static str],
) -> anyhow::Result<Vec<Sink>> {
    let mut sinks = Vec::new();
    for written in formats {
        let (name, file) = match written.split_once('=') {
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (written.as_str(), None),
        };
        let Some(format) = known.iter().find(|known| **known == name) else {
            let close = crate::syntax::nearest(name, known.iter().copied())
                .map_or_else(String::new, |close| format!(" Did you mean `{close}`?"));
            return Err(Error::Usage(format!(
                "there is no format `{name}`.{close} The formats are {}.",
                known.join(", ")
            ))
            .into());
        };
        if file.as_ref().is_some_and(|file| file.as_os_str().is_empty()) {
            return Err(
                Error::Usage(format!("`--format {written}` names no file behind the `=`")).into()
            );
        }
        sinks.push(Sink { format, file });
    }
    if sinks.iter().filter(|sink| sink.file.is_none()).count() > 1 {
        return Err(Error::Usage("only one format can go to standard output; give the others a file, as in `--format json=report.json`".into()).into());
    }
    Ok(sinks)
}

pub(super) fn facts(written: &[String], set: &PackSet) -> anyhow::Result<Vec<(String, FactValue)>> {
    let mut facts = Vec::new();
    for setting in written {
        let Some((name, value)) = setting.split_once('=') else {
            return Err(Error::Usage(format!(
                "`--set {setting}` has no `=`; write `--set FACT=VALUE`"
            ))
            .into());
        };
        let name = name.trim();
        let Some(fact) = set.fact(name) else {
            let Err(message) = set.check_fact(name, &FactValue::Bool(true)) else { continue };
            return Err(Error::Usage(message).into());
        };
        let value = fact_file::value(set, fact, value).map_err(Error::Usage)?;
        facts.push((name.to_owned(), value));
    }
    Ok(facts)
}

fn read_options(args: &CheckArgs) -> anyhow::Result<ReadOptions> {
    let encoding = match &args.encoding {
        None => None,
        Some(label) => Some(Encoding::from_label(label).ok_or_else(|| {
            Error::Usage(format!("there is no encoding `{label}`; those known are utf-8, utf-16le, utf-16be and windows-1252"))
        })?),
    };
    Ok(ReadOptions {
        format: args.read_as.map(|format| match format {
            ReadAs::Text => Format::Text,
            ReadAs::Markdown => Format::Markdown,
            ReadAs::Html => Format::Html,
            ReadAs::Csv => Format::Csv,
        }),
        encoding,
        fields: args.field.clone(),
        ..ReadOptions::default()
    })
}

/// The documents to check, and what could not be found.
fn tasks(
    args: &CheckArgs,
    config: &crate::config::Config,
) -> anyhow::Result<(Vec<Task>, Vec<Notice>)> {
    let (stdin, paths): (Vec<_>, Vec<_>) =
        args.paths.iter().cloned().partition(|path| path == Path::new("-"));
    let (targets, walked) =
        walk(&paths, &WalkOptions { no_ignore: args.no_ignore, exports: false });
    let mut tasks: Vec<Task> = Vec::new();
    if !stdin.is_empty() {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        tasks.push(Task { name: args.stdin_filename.clone(), origin: Origin::Bytes(bytes) });
    }
    tasks.extend(
        targets.into_iter().filter(|target| !config.excludes(&target.path)).map(Task::from),
    );
    let notices = walked
        .into_iter()
        .map(|notice| Notice {
            path: notice.path,
            line: None,
            message: notice.message,
            unchecked: notice.unchecked,
        })
        .collect();
    Ok((tasks, notices))
}

/// Writes every report; one that cannot be written takes no other with it.
fn emit(report: &Report, sinks: &[Sink], output: &Output) -> anyhow::Result<()> {
    let mut result = Ok(());
    for sink in sinks {
        let colour = sink.file.is_none() && output.out_colour;
        let emitter: Box<dyn Emitter> = match sink.format {
            "concise" => Box::new(Concise),
            "json" => Box::new(Json),
            "jsonl" => Box::new(JsonLines),
            _ => Box::new(Full { renderer: Output::renderer(colour) }),
        };
        if let Some(path) = &sink.file {
            if let Err(error) = to_file(emitter.as_ref(), report, path) {
                let message = format!("cannot write {}: {}", path.display(), plain(&error));
                result = result.and(Err(Error::Usage(message).into()));
            }
        } else {
            let mut stdout =
                BufWriter::new(anstream::AutoStream::new(io::stdout().lock(), output.choice()));
            match emitter.emit(report, &mut stdout).and_then(|()| stdout.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
                Ok(()) => {}
                Err(error) => {
                    let message = format!("cannot write the report: {}", plain(&error));
                    result = result.and(Err(Error::Usage(message).into()));
                }
            }
        }
    }
    result
}

fn to_file(emitter: &dyn Emitter, report: &Report, path: &Path) -> io::Result<()> {
    let mut place = Place::create(path)?;
    emitter.emit(report, &mut place)?;
    place.finish()
}
