//! A check made ready: settings and packs read, documents found, what is accepted known.

use crate::file_names::path_of;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::civil::Date;

use super::args::{CheckArgs, FailArg, ReadAs};
use super::diff::{Since, base_and_paths, changed};
use super::packs::Warnings;
use super::review::overdue;
use super::workspace::{Settings, Workspace};
use super::{Output, accepted, fact_file};
use crate::config::{Config, FailOn, whole};
use crate::error::Error;
use crate::facts::FactValue;
use crate::finding::Notice;
use crate::input::{
    Format, ReadOptions, WalkOptions, field_fault, is_data, is_data_of_site, is_for_tools, walk,
};
use crate::pack::{PackSet, Severity};
use crate::run::{Assigned, Checked, Origin, Run, Suppressions, Task, check_all, in_threads};
use crate::suppress::SideFile;
use crate::text::Encoding;

/// A check that can begin.
pub(super) struct Ready {
    /// One for each of the settings; there is at least one.
    pub runs: Vec<Run>,
    /// The documents.
    pub tasks: Vec<Assigned>,
    /// What changed, where only that is asked for.
    pub since: Option<Since>,
    notices: Vec<Notice>,
    threads: Option<usize>,
    fail_on: Option<FailArg>,
}

impl Ready {
    /// Checks documents.
    pub fn check(&self, tasks: Vec<Assigned>) -> anyhow::Result<Checked> {
        let notices = self.notices.clone();
        // Documents that are checked again are only some: others may need a pack.
        let all = tasks.len() == self.tasks.len();
        let work = || check_all(&self.runs, tasks, notices, self.since.is_some());
        let mut checked = match self.threads {
            None => work()?,
            Some(threads) => in_threads(threads, work)??,
        };
        if all {
            checked.report.notices.append(&mut checked.idle);
            checked.report.notices.sort();
        }
        Ok(checked)
    }

    /// The run of a document of a report. Files of suppressions have none; they are given
    /// the first.
    pub fn run_of(&self, checked: &Checked, document: usize) -> &Run {
        let run = checked.run_of.get(document).and_then(|&run| self.runs.get(run));
        run.unwrap_or(&self.runs[0])
    }

    /// Documents as they are now, each with the run it had.
    pub fn assigned(&self, tasks: Vec<Task>) -> Vec<Assigned> {
        let known = self.numbers();
        let run_of = |task: &Task| {
            let known = known.get(&(task.name.as_str(), place(task)));
            known.map_or(0, |&at| self.tasks[at].run)
        };
        tasks.into_iter().map(|task| Assigned { run: run_of(&task), task }).collect()
    }

    /// The number of each document, by its name and place: where documents are checked
    /// again, it is some of them only.
    fn numbers(&self) -> BTreeMap<(&str, &Path), usize> {
        let tasks = self.tasks.iter().enumerate().rev();
        tasks.map(|(at, one)| ((one.task.name.as_str(), place(&one.task)), at)).collect()
    }

    /// The numbers of these documents among all.
    pub fn numbers_of(&self, tasks: &[Task]) -> Vec<usize> {
        let known = self.numbers();
        let unknown = self.tasks.len();
        let number = |task: &Task| known.get(&(task.name.as_str(), place(task))).copied();
        tasks.iter().map(|task| number(task).unwrap_or(unknown)).collect()
    }

    /// The day for which a document of a report is checked.
    pub fn day_of(&self, checked: &Checked, document: usize) -> Option<Date> {
        self.run_of(checked, document).day()
    }

    /// Says of each finding whether it makes the exit code 1.
    pub fn weigh(&self, checked: &mut Checked) {
        let mut report = std::mem::take(&mut checked.report);
        for finding in &mut report.findings {
            let of_side_file = || {
                let path = &report.documents.get(finding.document)?.path;
                self.runs[0].suppressions.config_of(path)
            };
            let config = match checked.run_of.get(finding.document) {
                Some(_) => &self.run_of(checked, finding.document).config,
                None => of_side_file().unwrap_or(&self.runs[0].config),
            };
            let fail_on = fail_on(self.fail_on, config);
            finding.fails = finding.suppression.is_none() && fail_on.counts(finding.severity);
        }
        checked.report = report;
    }
}

/// Where a document is; settings go by that.
fn place(task: &Task) -> &Path {
    match &task.origin {
        Origin::File(path) | Origin::Read { path, .. } => path,
        Origin::Bytes(_) => Path::new(&task.name),
    }
}

/// Reads settings and packs and finds the documents; `before` is asked once the files are
/// known that will be read.
pub(super) fn ready(
    args: &CheckArgs,
    output: &Output,
    before: &mut dyn FnMut(&[PathBuf]) -> anyhow::Result<()>,
) -> anyhow::Result<Ready> {
    let read = read_options(args)?;
    let (base, paths) = base_and_paths(args)?;
    if args.diff.is_some() && base.is_none() {
        output.say(
            "note: this pipeline has no target to compare with, so `--diff` leaves nothing out; \
             name a base, as in `--diff origin/main`\n",
        );
    }
    let mut workspace = Workspace::new(&args.packs);
    let (tasks, mut notices) = tasks(args, &paths, &mut workspace)?;
    let found = !tasks.is_empty();
    let tasks = assigned(args, &paths, tasks, &mut workspace)?;
    let files = tasks.iter().filter_map(|assigned| match &assigned.task.origin {
        Origin::File(path) => Some(path.clone()),
        Origin::Bytes(_) | Origin::Read { .. } => None,
    });
    before(&files.collect::<Vec<_>>())?;
    let (tasks, since) = match base {
        None => (tasks, None),
        Some(base) => {
            let (tasks, since) = changed(base, tasks)?;
            (tasks, Some(since))
        }
    };
    if tasks.is_empty() && notices.is_empty() && since.is_none() {
        output.say(if found {
            "note: `exclude` in probity.toml leaves out every file there was to check, or they are data files for tools\n"
        } else {
            "note: there was no file to check; a folder is searched for Markdown, HTML, text and CSV files, and for data files that `fields` asks for\n"
        });
    }
    let configs = workspace.configs();
    let mut runs = runs(args, &read, workspace.finish(Warnings::Count, output)?)?;
    for run in &runs {
        notices.extend(run.day().into_iter().flat_map(|day| overdue(&run.set, day)));
    }
    notices.extend(since.iter().flat_map(|since| since.changed_settings(&runs)));
    let mut suppressions =
        Suppressions { ignored: args.no_suppressions, ..Suppressions::default() };
    if !args.no_suppressions {
        let isolated = args.packs.config.isolated;
        suppressions.side_files = accepted::side_files(&runs, isolated, &tasks)?.into();
        let config = |side: &SideFile| config_beside(&configs, &whole(Path::new(&side.name)));
        suppressions.side_configs = suppressions.side_files.iter().filter_map(config).collect();
    }
    // Of files that were not looked at, nobody can say that nothing is found in them.
    let checked: Vec<PathBuf> = match &since {
        None => paths.iter().map(|path| whole(path)).collect(),
        Some(_) => tasks.iter().map(|assigned| whole(place(&assigned.task))).collect(),
    };
    suppressions.checked = checked;
    suppressions.checked.sort();
    for run in &mut runs {
        run.suppressions = suppressions.clone();
    }
    Ok(Ready { runs, tasks, since, notices, threads: args.threads, fail_on: args.fail_on })
}

/// One run for each of the settings.
fn runs(args: &CheckArgs, read: &ReadOptions, settings: Vec<Settings>) -> anyhow::Result<Vec<Run>> {
    let sets: Vec<&PackSet> = settings.iter().map(|settings| settings.set.as_ref()).collect();
    let facts = facts(&args.set, &sets)?;
    let today = Some(crate::clock::today());
    let runs = settings.into_iter().zip(facts).map(|(settings, facts)| Run {
        set: settings.set,
        config: settings.config,
        facts,
        read: read.clone(),
        reveal: args.reveal,
        today,
        part: None,
        engines: settings.engines,
        suppressions: Suppressions::default(),
    });
    Ok(runs.collect())
}

/// The documents with the settings that hold for them, but for those that these leave
/// out. A file that is named is checked all the same, unless somebody asks otherwise.
fn assigned(
    args: &CheckArgs,
    paths: &[PathBuf],
    tasks: Vec<Task>,
    workspace: &mut Workspace<'_>,
) -> anyhow::Result<Vec<Assigned>> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut named: Option<BTreeSet<PathBuf>> = None;
    let mut assigned = Vec::new();
    for task in tasks {
        let path = match &task.origin {
            Origin::File(path) | Origin::Read { path, .. } => path.clone(),
            Origin::Bytes(_) => path_of(&task.name),
        };
        if workspace.excludes(&path)? {
            let named = named.get_or_insert_with(|| paths.iter().map(|it| real(it)).collect());
            let is_named = matches!(task.origin, Origin::Bytes(_)) || named.contains(&real(&path));
            if args.force_exclude || !is_named {
                continue;
            }
        }
        let passed_over = is_for_tools(&path)
            || (is_data(&path) && !is_data_of_site(&path) && !workspace.asks_for(&path)?);
        // Hooks name all files; who says how to read one, or what, means it.
        if args.force_exclude && passed_over && args.read_as.is_none() && args.field.is_empty() {
            continue;
        }
        assigned.push(Assigned { run: workspace.settings_of(&path)?, task });
    }
    Ok(assigned)
}

/// What holds for a file of suppressions itself: the nearest configuration of those that
/// were read, with what its tables say of the file.
fn config_beside(configs: &[(PathBuf, Config)], path: &Path) -> Option<Config> {
    let above = |(file, _): &&(PathBuf, Config)| {
        file.parent().is_some_and(|folder| path.starts_with(folder))
    };
    let nearest = configs.iter().filter(above).max_by_key(|(file, _)| file.components().count());
    let (_, config) = nearest.or(configs.first())?;
    Some(config.with_tables(&config.deciding(path)))
}

/// What makes the exit code 1.
pub(super) fn fail_on(asked: Option<FailArg>, config: &crate::config::Config) -> FailOn {
    asked.map_or(config.fail_on.unwrap_or(FailOn::Severity(Severity::Error)), FailOn::from)
}

impl From<FailArg> for FailOn {
    fn from(asked: FailArg) -> Self {
        match asked {
            FailArg::Error => Self::Severity(Severity::Error),
            FailArg::Warning => Self::Severity(Severity::Warning),
            FailArg::Note => Self::Severity(Severity::Note),
            FailArg::Never => Self::Never,
        }
    }
}

/// The facts of the command line, for each set of packs those it asks for.
pub(super) fn facts(
    written: &[String],
    sets: &[&PackSet],
) -> anyhow::Result<Vec<Vec<(String, FactValue)>>> {
    let mut facts = vec![Vec::new(); sets.len()];
    for setting in written {
        let Some((name, value)) = setting.split_once('=') else {
            return Err(Error::Usage(format!(
                "`--set {setting}` has no `=`; write `--set FACT=VALUE`"
            ))
            .into());
        };
        let name = name.trim();
        let mut known = false;
        for (set, facts) in sets.iter().zip(&mut facts) {
            let Some(fact) = set.fact(name) else { continue };
            known = true;
            let value = fact_file::value(set, fact, value).map_err(Error::Usage)?;
            facts.push((name.to_owned(), value));
        }
        if let Some(set) = sets.first().filter(|_| !known)
            && let Err(message) = set.check_fact(name, &FactValue::Bool(true))
        {
            return Err(Error::Usage(message).into());
        }
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
    if let Some(why) = args.field.iter().find_map(|field| field_fault(field)) {
        return Err(Error::Usage(format!("--field: {why}")).into());
    }
    Ok(ReadOptions {
        format: args.read_as.map(|format| match format {
            ReadAs::Text => Format::Text,
            ReadAs::Markdown => Format::Markdown,
            ReadAs::Html => Format::Html,
            ReadAs::Csv => Format::Csv,
            ReadAs::Yaml => Format::Yaml,
            ReadAs::Toml => Format::Toml,
            ReadAs::Json => Format::Json,
        }),
        encoding,
        fields: args.field.clone(),
        ..ReadOptions::default()
    })
}

/// The documents that paths stand for, and what could not be found. Of data files that
/// a walk comes across, those are taken that their settings ask for.
fn tasks(
    args: &CheckArgs,
    paths: &[PathBuf],
    workspace: &mut Workspace<'_>,
) -> anyhow::Result<(Vec<Task>, Vec<Notice>)> {
    let (stdin, paths): (Vec<_>, Vec<_>) =
        paths.iter().cloned().partition(|path| path == Path::new("-"));
    let (targets, walked) =
        walk(&paths, &WalkOptions { no_ignore: args.no_ignore, exports: false });
    let mut tasks: Vec<Task> = Vec::new();
    if !stdin.is_empty() {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        tasks.push(Task { name: args.stdin_filename.clone(), origin: Origin::Bytes(bytes) });
    }
    for target in targets {
        if !target.only_if_asked || workspace.asks_for(&target.path)? {
            tasks.push(Task::from(target));
        }
    }
    let notices = walked.into_iter().map(Notice::from).collect();
    Ok((tasks, notices))
}
