//! `probity check`.

use std::path::{Path, PathBuf};

use super::accepted::Baselines;
use super::args::CheckArgs;
use super::fix::{Fixed, Fixing};
use super::ready::ready;
use super::reports::{Reports, default_format};
use super::runner::{Runner, runner};
use super::taken::{real, refuse_settings, settings_of};
use super::{Exit, Output, dump, watch};
use crate::emit::summary;
use crate::error::Error;
use crate::finding::Report;
use crate::pack::Pack;
use crate::run::{Run, Task};

const FORMATS: &[&str] = &[
    "full", "concise", "json", "jsonl", "github", "sarif", "gitlab", "junit", "rdjson", "rdjsonl",
    "markdown", "csv", "template",
];

/// A format and where it goes.
pub(super) struct Sink {
    pub format: &'static str,
    pub file: Option<PathBuf>,
}

pub(super) fn check(args: &CheckArgs, output: &Output) -> anyhow::Result<Exit> {
    if args.dump_config {
        return dump::dump(args, output);
    }
    if args.watch {
        return watch::watch(args, output);
    }
    Ok(check_once(args, output)?.0)
}

/// The reports that a command line asks for.
pub(super) fn sinks_of(args: &CheckArgs) -> anyhow::Result<Vec<Sink>> {
    if args.format.is_empty() {
        return Ok(vec![Sink { format: default_format(args.template.is_some()), file: None }]);
    }
    sinks(&args.format, FORMATS)
}

/// One check, and how many findings it reports that nobody has accepted.
pub(super) fn check_once(args: &CheckArgs, output: &Output) -> anyhow::Result<(Exit, usize)> {
    let reports = Reports::new(sinks_of(args)?, args.template.as_deref())?;
    let ready = ready(args, output, &mut |files| refuse_overwriting(&reports, files))?;
    let baselines = Baselines::of(args, &ready.runs)?;
    if reports.files().next().is_some() {
        let mut settings = settings_of(&ready.runs, &args.set);
        settings.extend(baselines.paths().map(real));
        refuse_settings("the report", reports.files(), &settings)?;
    }
    let check = |tasks: Vec<Task>| -> anyhow::Result<Report> {
        let numbers = ready.since.as_ref().map(|_| ready.numbers_of(&tasks));
        let mut checked = ready.check(ready.assigned(tasks))?;
        baselines.apply(&ready, &mut checked, args.baseline_renames);
        if let (Some(since), Some(numbers)) = (&ready.since, &numbers) {
            // A fix checks some documents again; what changed is known by document.
            for task in &mut checked.task_of {
                *task = numbers[*task];
            }
            since.keep_touched(&mut checked, &ready.runs);
        }
        ready.weigh(&mut checked);
        checked.report.show_accepted = args.show_accepted;
        Ok(checked.report)
    };
    let tasks: Vec<Task> = ready.tasks.iter().map(|assigned| assigned.task.clone()).collect();
    let mut fixed = Fixed { report: Report::default(), changed: false, trouble: false };
    if args.fixes.fix {
        let masks = |run: &Run, rule: &str| run.set.rule(rule).is_some_and(|(_, it)| it.redact);
        let hides = |rule: &str| !args.reveal && ready.runs.iter().any(|run| masks(run, rule));
        let fixing = Fixing { dry_run: args.fixes.dry_run, hides: &hides, check: &check, output };
        fixed = fixing.run(&tasks)?;
    } else {
        fixed.report = check(tasks)?;
    }
    let Fixed { report, changed, trouble } = fixed;
    // Standard output is taken by the fixed text, or by what would change.
    let aside = args.fixes.fix
        && (args.fixes.dry_run || args.paths.iter().any(|path| path == Path::new("-")));
    let written = reports.emit(&report, output, aside);
    finish(args, &ready.runs, &report, &reports, output, aside);
    written?;
    if !args.watch {
        // The process is about to end; taking the packs apart again would cost a tenth
        // of a short run.
        std::mem::forget(ready);
    }
    let would_change = args.fixes.dry_run && changed;
    let exit = if trouble || report.incomplete() {
        Exit::Trouble
    } else if would_change || report.findings.iter().any(|finding| finding.fails) {
        Exit::Findings
    } else {
        Exit::Clean
    };
    Ok((exit, report.open().count()))
}

/// A report never takes the place of a draft, nor of another report.
fn refuse_overwriting(reports: &Reports, files: &[PathBuf]) -> anyhow::Result<()> {
    if reports.files().next().is_none() {
        return Ok(());
    }
    let mut taken: Vec<PathBuf> = files.iter().map(|path| real(path)).collect();
    taken.sort();
    let template = reports.template().map(real);
    let mut written = Vec::new();
    for path in reports.files() {
        let place = real(path);
        if taken.binary_search(&place).is_ok() || template.as_ref() == Some(&place) {
            let what =
                if template.as_ref() == Some(&place) { "the template" } else { "being checked" };
            return Err(Error::Usage(format!(
                "{} is {what}; the report needs a file of its own",
                path.display()
            ))
            .into());
        }
        if written.contains(&place) {
            return Err(
                Error::Usage(format!("two reports cannot both go to {}", path.display())).into()
            );
        }
        written.push(place);
    }
    Ok(())
}

/// What a person reads behind the findings. It goes to standard error where a
/// program reads standard output.
fn finish(
    args: &CheckArgs,
    runs: &[Run],
    report: &Report,
    reports: &Reports,
    output: &Output,
    aside: bool,
) {
    let mut text = summary(report);
    if args.checklist {
        let mut asked: Vec<&Pack> = Vec::new();
        for pack in runs.iter().flat_map(|run| run.set.packs()) {
            let is_known = asked.iter().any(|it| it.id == pack.id && *it.digest == *pack.digest);
            if !is_known && !pack.checklist.is_empty() {
                asked.push(pack);
            }
        }
        for pack in asked {
            text.push_str(&format!("\nAsk yourself ({}):\n", pack.title));
            for item in &pack.checklist {
                text.push_str(&format!("  - {}\n", item.text));
            }
        }
    }
    if args.format.is_empty() && runner() == Some(Runner::GitLab) {
        text.push_str(
            "For the report of GitLab: --format full --format gitlab=gl-code-quality-report.json\n",
        );
    }
    if reports.text_shown() && !aside {
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
