//! `probity scan`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::args::ScanArgs;
use super::check::{Sink, day_of_check, facts, fail_on, sinks};
use super::coverage::width;
use super::packs::{Loaded, load};
use super::place::Place;
use super::progress::Progress;
use super::redact::Copies;
use super::review::overdue;
use super::{Exit, Output};
use crate::coverage::coverage;
use crate::error::Error;
use crate::finding::Notice;
use crate::input::{ReadOptions, WalkOptions, walk};
use crate::run::{Engines, Run, plain};
use crate::scan::audit::{self, NewEntry};
use crate::scan::chunks::CHUNK;
use crate::scan::columns::{Wanted, presets};
use crate::scan::compare::{self, Older};
use crate::scan::container::Limits;
use crate::scan::html::html;
use crate::scan::lists;
use crate::scan::model::{ScanFinding, Summary};
use crate::scan::part::Keys;
use crate::scan::pipeline::{self, Input, Setup};
use crate::scan::redact::Redactor;
use crate::scan::tables::terminal;
use crate::scan::tally::Counter;
use crate::text::Encoding;

/// How findings can be written.
const FORMATS: &[&str] = &["summary", "csv", "jsonl", "json", "sarif", "html"];

/// Findings that reports which are made at the end hold; the rest is counted.
const KEPT: usize = 10_000;

pub(super) fn scan(args: &ScanArgs, output: &Output) -> anyhow::Result<Exit> {
    let wanted = wanted(args)?;
    let encoding = encoding(args)?;
    let formats = sinks(&args.format, FORMATS)?;
    let Loaded { config, set } = load(&args.packs, output)?;
    let facts = facts(&args.set, &set)?;
    let fail_on = fail_on(args.fail_on, &config);
    let (inputs, mut notices) = inputs(args, &config);
    let copies = match &args.redact_to {
        None => None,
        Some(folder) => Some(Copies::plan(folder, &args.paths, &inputs, args.no_header)?),
    };
    refuse_overwriting(args, &formats, &inputs, copies.as_ref())?;
    let today = crate::clock::today();
    notices.extend(overdue(&set, day_of_check(&facts, &config).unwrap_or(today)));
    let run = Run {
        set,
        config,
        facts,
        read: ReadOptions::default(),
        reveal: args.reveal,
        today: Some(today),
        part: None,
        engines: Engines::default(),
    };
    let mut older = match &args.compare {
        None => None,
        Some(path) => Some(older(path)?),
    };
    let mut lists = Lists::open(formats, output)?;
    let summary = Summary {
        notices,
        packs: run.packs(),
        revealed: args.reveal,
        group_by: args.group_by.clone(),
        ..Summary::default()
    };
    let mut counter = Counter::new(&run.set, summary);
    let (stop, read_bytes) = (AtomicBool::new(false), AtomicU64::new(0));
    let setup = Setup {
        run: &run,
        wanted,
        keys: keys(args),
        encoding,
        no_header: args.no_header,
        limits: Limits::default(),
        chunk: CHUNK,
        threads: crate::run::threads(args.threads),
        stop: &stop,
        progress: &read_bytes,
    };
    stop_at_interrupt()?;
    let size = inputs.iter().filter_map(|input| input.path.metadata().ok()).map(|data| data.len());
    let mut progress = Progress::new(size.sum(), output);
    let mut found: u64 = 0;
    let mut unlisted: u64 = 0;
    let mut redactor = copies.as_ref().map(|_| Redactor::new(&run.set));
    let scanned = pipeline::scan(&setup, &inputs, &mut |event| {
        if INTERRUPTED.load(Ordering::Relaxed) {
            stop.store(true, Ordering::Relaxed);
        }
        if let Some(redactor) = &mut redactor {
            redactor.see(&event);
        }
        counter.take(event, &mut |finding| {
            found += 1;
            if let Some(older) = &mut older {
                older.meet(finding).map_err(|error| Error::Usage(error.to_string()))?;
            }
            if args.max_findings.is_some_and(|most| found > most) {
                unlisted += 1;
                return Ok(());
            }
            lists.finding(finding)
        })?;
        progress.show(read_bytes.load(Ordering::Relaxed), found);
        Ok(())
    });
    progress.done();
    scanned?;
    let mut summary = counter.finish(None);
    summary.unlisted = unlisted;
    if let (Some(copies), Some(redactor)) = (&copies, redactor) {
        let stopped = || INTERRUPTED.load(Ordering::Relaxed);
        copies.write(&inputs, &redactor.finish(), &mut summary, &stopped)?;
    }
    // A report that cannot be written does not cost the summary.
    let written = lists.finish(&summary, &run);
    tell(&summary, older, lists.summary_shown, output)?;
    record(args, &summary)?;
    written?;
    let failing = summary.findings.keys().any(|&severity| fail_on.counts(severity));
    // The process is about to end; taking the packs apart again would cost time.
    std::mem::forget(run);
    Ok(if summary.incomplete() {
        Exit::Trouble
    } else if failing {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

fn keys(args: &ScanArgs) -> Keys {
    let (id, group, date) = (&args.id_field, &args.group_by, &args.date_field);
    Keys { id: id.clone(), group: group.clone(), date: date.clone() }
}

/// Appends this run to the audit log, where there is one.
fn record(args: &ScanArgs, summary: &Summary) -> anyhow::Result<()> {
    let Some(path) = &args.audit_log else { return Ok(()) };
    let mut entry = NewEntry::of_scan(crate::clock::this_second(), summary);
    entry.user.clone_from(&args.audit_user);
    audit::append(path, entry).map_err(|error| Error::Usage(error.to_string()))?;
    Ok(())
}

/// What a person reads at the end. It goes to standard error where a program reads
/// standard output.
fn tell(
    summary: &Summary,
    older: Option<Older>,
    shown: bool,
    output: &Output,
) -> anyhow::Result<()> {
    let mut text = terminal(summary, width(), output.out_colour && shown);
    if let Some(mut comparison) = older.map(Older::finish) {
        comparison.partial_now = summary.incomplete();
        text.push('\n');
        text.push_str(&compare::text(&comparison));
    }
    if shown {
        let printed = output.print(&text);
        printed.map_err(|error| Error::Usage(format!("cannot write: {}", plain(&error))))?;
    } else {
        output.say(&text);
    }
    Ok(())
}

/// Whether somebody pressed Ctrl-C.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// What is under way is finished and reported; at the second Ctrl-C the process ends.
fn stop_at_interrupt() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Trouble as i32);
        }
    })?;
    Ok(())
}

fn wanted(args: &ScanArgs) -> anyhow::Result<Wanted> {
    let preset = match &args.preset {
        None => None,
        Some(name) => Some(Wanted::preset(name).ok_or_else(|| {
            let close = crate::syntax::nearest(name, presets())
                .map_or_else(String::new, |close| format!(" Did you mean `{close}`?"));
            let known = presets().collect::<Vec<_>>().join(", ");
            Error::Usage(format!("there is no preset `{name}`.{close} The presets are {known}."))
        })?),
    };
    Ok(Wanted { fields: args.field.clone(), excluded: args.exclude_field.clone(), preset })
}

fn encoding(args: &ScanArgs) -> anyhow::Result<Option<Encoding>> {
    let Some(label) = &args.encoding else { return Ok(None) };
    let encoding = Encoding::from_label(label).ok_or_else(|| {
        Error::Usage(format!("there is no encoding `{label}`; those known are utf-8, utf-16le, utf-16be and windows-1252"))
    })?;
    Ok(Some(encoding))
}

/// The files to scan, and what could not be found.
fn inputs(args: &ScanArgs, config: &crate::config::Config) -> (Vec<Input>, Vec<Notice>) {
    // Exports are often kept out of version control.
    let (targets, walked) = walk(&args.paths, &WalkOptions { no_ignore: true, exports: true });
    let inputs: Vec<Input> = targets
        .into_iter()
        .filter(|target| !config.excludes(&target.path))
        .map(|target| Input { path: target.path, name: target.name })
        .collect();
    let mut notices: Vec<Notice> = walked
        .into_iter()
        .map(|notice| Notice {
            path: notice.path,
            line: None,
            message: notice.message,
            unchecked: notice.unchecked,
        })
        .collect();
    if inputs.is_empty() && notices.is_empty() {
        let path = args.paths.first().map(|path| path.display().to_string()).unwrap_or_default();
        notices.push(Notice {
            path,
            line: None,
            message: "there is no export to scan here: no CSV, TSV, JSON, XLSX, XLS or ODS file, nor an archive of them".into(),
            unchecked: true,
        });
    }
    (inputs, notices)
}

/// A report never takes the place of an export, nor of another report.
fn refuse_overwriting(
    args: &ScanArgs,
    formats: &[Sink],
    inputs: &[Input],
    copies: Option<&Copies>,
) -> anyhow::Result<()> {
    let real = |path: &Path| {
        std::fs::canonicalize(path)
            .or_else(|_| std::path::absolute(path))
            .unwrap_or_else(|_| path.to_owned())
    };
    let mut taken: Vec<PathBuf> = inputs.iter().map(|input| real(&input.path)).collect();
    taken.extend(args.compare.as_deref().map(real));
    taken.extend(copies.iter().flat_map(|copies| copies.files()).map(|path| real(&path)));
    let written = formats.iter().filter_map(|format| format.file.as_deref());
    for path in written.chain(args.audit_log.as_deref()) {
        let place = real(path);
        if taken.contains(&place) {
            return Err(Error::Usage(format!(
                "{} is an input of this scan or named for two reports; give each report a file of \
                 its own",
                path.display()
            ))
            .into());
        }
        taken.push(place);
    }
    Ok(())
}

fn older(path: &Path) -> anyhow::Result<Older> {
    let open = File::open(path).map_err(|error| {
        Error::Usage(format!("cannot read {}: {}", path.display(), plain(&error)))
    })?;
    let older = Older::read(BufReader::new(open))
        .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
    Ok(older)
}

/// The lists of findings, and the reports that are made at the end.
struct Lists {
    open: Vec<List>,
    /// For reports that are made at the end.
    kept: Vec<ScanFinding>,
    keeps: bool,
    /// Whether the summary goes to standard output.
    summary_shown: bool,
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
    fn open(formats: Vec<Sink>, output: &Output) -> anyhow::Result<Self> {
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

    fn finding(&mut self, finding: &ScanFinding) -> Result<(), Error> {
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

    fn finish(&mut self, summary: &Summary, run: &Run) -> Result<(), Error> {
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
                "html" => {
                    let packs: Vec<usize> = (0..run.set.packs().len()).collect();
                    html(summary, kept, &coverage(&run.set, &packs, &run.config.severity), out)
                }
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

/// Whether somebody watches.
pub(super) fn watched() -> bool {
    io::stderr().is_terminal()
}
