//! `probity scan`.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::args::ScanArgs;
use super::check::{Sink, sinks};
use super::coverage::width;
use super::packs::Warnings;
use super::progress::Progress;
use super::redact::Copies;
use super::scan_lists::Lists;
use super::scan_own;
use super::scan_runs::{Runs, Stretch};
use super::taken::{real, refuse_settings, settings_of};
use super::workspace::Workspace;
use super::{Exit, Output};
use crate::error::{Error, plain};
use crate::finding::Notice;
use crate::input::{WalkOptions, walk};
use crate::record::same_name;
use crate::scan::audit::{self, NewEntry};
use crate::scan::chunks::CHUNK;
use crate::scan::columns::{Wanted, presets};
use crate::scan::compare::{self, Comparison, Older, Scope};
use crate::scan::container::Limits;
use crate::scan::model::Summary;
use crate::scan::part::Keys;
use crate::scan::pipeline::{self, Event, Input, Setup};
use crate::scan::redact::Redactor;
use crate::scan::sample::{Census, Drawn, Sampling};
use crate::scan::tables::terminal;
use crate::scan::tally::Counter;
use crate::text::Encoding;

/// How findings can be written.
const FORMATS: &[&str] = &["summary", "csv", "jsonl", "json", "sarif", "html"];

pub(super) fn scan(args: &ScanArgs, output: &Output) -> anyhow::Result<Exit> {
    let wanted = wanted(args)?;
    let encoding = encoding(args)?;
    let formats = sinks(&args.format, FORMATS)?;
    let mut workspace = Workspace::new(&args.packs);
    let (inputs, numbers, mut notices) = inputs(args, &mut workspace)?;
    let runs = Runs::new(args, &numbers, workspace.finish(Warnings::Count, output)?)?;
    let plan = |folder: &PathBuf| Copies::plan(folder, &args.paths, &inputs);
    let copies = args.redact_to.as_ref().map(plan).transpose()?;
    refuse_overwriting(args, &formats, &inputs, copies.as_ref())?;
    let reports = written(args, &formats);
    refuse_settings("a report", reports, &settings_of(&runs.all, &args.set))?;
    notices.extend(runs.overdue());
    let mut older = args.compare.as_deref().map(older).transpose()?;
    let mut lists = Lists::open(formats, output)?;
    let summary = Summary {
        notices,
        packs: runs.packs(),
        revealed: args.reveal,
        group_by: args.group_by.clone(),
        ..Summary::default()
    };
    let first = &runs.all[0];
    let mut counter = Counter::new(&first.set, summary);
    let (stop, read_bytes) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut setup = Setup {
        run: first,
        wanted,
        keys: keys(args, &runs.mapped),
        encoding,
        no_header: args.no_header,
        sampling: Sampling::All,
        limits: Limits::default(),
        chunk: CHUNK,
        threads: crate::run::threads(args.threads),
        redacts: copies.is_some(),
        stop: &stop,
        progress: &read_bytes,
    };
    stop_at_interrupt()?;
    let size = inputs.iter().filter_map(|input| input.path.metadata().ok()).map(|data| data.len());
    let passes = if args.sample.is_some() { 2 } else { 1 };
    let mut progress = Progress::new(passes * size.sum::<u64>(), output);
    let sample = match args.sample {
        None => None,
        Some(size) => {
            let show = &mut |read| progress.show(read, 0);
            Some(draw(size, &mut setup, &runs, &inputs, show)?)
        }
    };
    setup.sampling = sample.as_ref().map_or(Sampling::All, |(drawn, _)| Sampling::Drawn(drawn));
    let mut found: u64 = 0;
    let mut unlisted: u64 = 0;
    let mut fails = false;
    let mut redactor = copies.as_ref().map(|_| Redactor::new(&first.set));
    let scanned = each_run(&mut setup, &runs, &inputs, &mut |run, event| {
        counter.judge_by(&runs.all[run].set);
        if INTERRUPTED.load(Ordering::Relaxed) {
            stop.store(true, Ordering::Relaxed);
        }
        if let Some(redactor) = &mut redactor {
            redactor.judge_by(&runs.all[run].set);
            redactor.see(&event);
        }
        counter.take(event, &mut |finding| {
            found += 1;
            fails |= runs.fail_on[run].counts(finding.severity);
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
    let mut summary = counter.finish(sample.map(|(_, of)| of));
    summary.unlisted = unlisted;
    if let (Some(copies), Some(redactor)) = (&copies, redactor) {
        let stopped = || INTERRUPTED.load(Ordering::Relaxed);
        copies.write(&inputs, &redactor.finish(), &mut summary, &stopped)?;
    }
    // A report that cannot be written does not cost the summary.
    let written = lists.finish(&summary, &runs.coverage());
    let compared = older.map(|older| older.finish(&Scope::of(&summary, runs.rules())));
    tell(&summary, compared, lists.summary_shown, output)?;
    record(args, &summary)?;
    written?;
    // The process is about to end; taking the packs apart again would cost time.
    std::mem::forget(runs);
    Ok(exit(&summary, fails))
}

fn exit(summary: &Summary, fails: bool) -> Exit {
    if summary.incomplete() {
        Exit::Trouble
    } else if fails {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

/// Scans the files, each under its own run; `take` gets the number of the run, too.
fn each_run<'r>(
    setup: &mut Setup<'r>,
    runs: &'r Runs,
    inputs: &[Input],
    take: &mut dyn FnMut(usize, Event) -> Result<(), Error>,
) -> Result<(), Error> {
    for Stretch { run, files } in &runs.stretches {
        setup.run = &runs.all[*run];
        pipeline::scan(setup, &inputs[files.clone()], &mut |event| take(*run, event))?;
    }
    Ok(())
}

/// Counts the records and draws so many of them; also returns how many there are. What
/// is wrong with the files is said when they are scanned.
fn draw<'r>(
    size: u64,
    setup: &mut Setup<'r>,
    runs: &'r Runs,
    inputs: &[Input],
    show: &mut dyn FnMut(u64),
) -> Result<(Drawn, u64), Error> {
    let mut census = Census::default();
    setup.sampling = Sampling::Count;
    let (stop, read) = (setup.stop, setup.progress);
    each_run(setup, runs, inputs, &mut |_, event| {
        if INTERRUPTED.load(Ordering::Relaxed) {
            stop.store(true, Ordering::Relaxed);
        }
        census.take(&event);
        show(read.load(Ordering::Relaxed));
        Ok(())
    })?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    Ok((census.draw(size), census.records()))
}

fn keys(args: &ScanArgs, mapped: &[String]) -> Keys {
    let (id, group, date) = (&args.id_field, &args.group_by, &args.date_field);
    Keys { id: id.clone(), group: group.clone(), date: date.clone(), mapped: mapped.to_vec() }
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
    comparison: Option<Comparison>,
    shown: bool,
    output: &Output,
) -> anyhow::Result<()> {
    let mut text = terminal(summary, width(), output.out_colour && shown);
    if let Some(mut comparison) = comparison {
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
    let both = |name: &&String| args.exclude_field.iter().any(|other| same_name(name, other));
    if let Some(name) = args.field.iter().find(both) {
        return Err(Error::Usage(format!(
            "the column `{name}` is asked for by --field and left out by --exclude-field"
        ))
        .into());
    }
    Ok(Wanted { fields: args.field.clone(), excluded: args.exclude_field.clone(), preset })
}

fn encoding(args: &ScanArgs) -> anyhow::Result<Option<Encoding>> {
    let Some(label) = &args.encoding else { return Ok(None) };
    let encoding = Encoding::from_label(label).ok_or_else(|| {
        Error::Usage(format!("there is no encoding `{label}`; those known are utf-8, utf-16le, utf-16be and windows-1252"))
    })?;
    Ok(Some(encoding))
}

/// The files to scan, the numbers of their settings, and what could not be found.
fn inputs(
    args: &ScanArgs,
    workspace: &mut Workspace<'_>,
) -> anyhow::Result<(Vec<Input>, Vec<usize>, Vec<Notice>)> {
    // Exports are often kept out of version control.
    let (targets, walked) = walk(&args.paths, &WalkOptions { no_ignore: true, exports: true });
    let (targets, left_out) = scan_own::leave_out(&args.paths, targets);
    let (mut inputs, mut numbers) = (Vec::new(), Vec::new());
    for target in targets {
        let is_named = args.paths.contains(&target.path);
        if is_named && !args.force_exclude || !workspace.excludes(&target.path)? {
            numbers.push(workspace.settings_of(&target.path)?);
            inputs.push(Input { path: target.path, name: target.name });
        }
    }
    let mut notices: Vec<Notice> = walked.into_iter().map(Notice::from).collect();
    if inputs.is_empty() && notices.is_empty() {
        let path = args.paths.first().map(|path| path.display().to_string()).unwrap_or_default();
        notices.push(Notice {
            path,
            line: None,
            message: "there is no export to scan here: no CSV, TSV, JSON, XLSX, XLS or ODS file, nor an archive of them".into(),
            unchecked: true,
        });
    }
    notices.extend(left_out);
    Ok((inputs, numbers, notices))
}

/// The files that a scan writes besides copies.
fn written<'a>(args: &'a ScanArgs, formats: &'a [Sink]) -> impl Iterator<Item = &'a Path> {
    formats.iter().filter_map(|format| format.file.as_deref()).chain(args.audit_log.as_deref())
}

/// A report never takes the place of an export, nor of another report.
fn refuse_overwriting(
    args: &ScanArgs,
    formats: &[Sink],
    inputs: &[Input],
    copies: Option<&Copies>,
) -> anyhow::Result<()> {
    let mut taken: Vec<PathBuf> = inputs.iter().map(|input| real(&input.path)).collect();
    taken.extend(args.compare.as_deref().map(real));
    taken.extend(copies.iter().flat_map(|copies| copies.files()).map(|path| real(&path)));
    for path in written(args, formats) {
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

/// Whether somebody watches.
pub(super) fn watched() -> bool {
    io::stderr().is_terminal()
}
