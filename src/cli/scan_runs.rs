//! The settings of the files of a scan: each file is judged under its own, and what is
//! found is counted together.

use std::ops::Range;
use std::sync::Arc;

use super::args::ScanArgs;
use super::ready::{facts, fail_on};
use super::review::overdue;
use super::workspace::Settings;
use crate::config::FailOn;
use crate::coverage::{Coverage, coverage};
use crate::error::Error;
use crate::finding::{Notice, PackReport};
use crate::input::ReadOptions;
use crate::judge::overridden;
use crate::pack::PackSet;
use crate::run::{Engines, Run, Suppressions, day_of_check};

/// The runs of a scan, and which files each has.
#[derive(Debug)]
pub(super) struct Runs {
    /// One for each settings that differ.
    pub all: Vec<Run>,
    /// Which findings fail a run.
    pub fail_on: Vec<FailOn>,
    /// Files that follow one another and have the same run, in the order of the files.
    pub stretches: Vec<Stretch>,
    /// The columns that hold what the packs call by another name.
    pub mapped: Vec<String>,
}

/// Files that follow one another, and the number of their run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub run: usize,
    pub files: Range<usize>,
}

impl Runs {
    /// The runs for files whose settings have these numbers. Where there is no file, the
    /// first settings are taken.
    ///
    /// # Errors
    ///
    /// Where a fact or a column is named that no pack knows.
    pub fn new(
        args: &ScanArgs,
        numbers: &[usize],
        settings: Vec<Settings>,
    ) -> anyhow::Result<Self> {
        let (mut used, stretches) = parted(numbers, settings);
        let mapped = mapped(args, &mut used)?;
        let sets: Vec<&PackSet> = used.iter().map(|it| &*it.set).collect();
        let facts = facts(&args.set, &sets)?;
        let today = crate::clock::today();
        let fail_on = used.iter().map(|it| fail_on(args.fail_on, &it.config)).collect();
        let run = |(settings, facts): (Settings, _)| Run {
            set: settings.set,
            config: settings.config,
            facts,
            read: ReadOptions::default(),
            reveal: args.reveal,
            today: Some(today),
            part: None,
            // Those there are were compiled without the mapping.
            engines: if mapped.is_empty() { settings.engines } else { Engines::default() },
            suppressions: Suppressions::default(),
        };
        let all = used.into_iter().zip(facts).map(run).collect();
        Ok(Self { all, fail_on, stretches, mapped })
    }

    /// The packs of all runs, each once.
    pub fn packs(&self) -> Vec<PackReport> {
        each_once(self.all.iter().flat_map(Run::packs))
    }

    /// What is said of packs that somebody should look at again.
    pub fn overdue(&self) -> Vec<Notice> {
        let today = crate::clock::today();
        each_once(self.all.iter().flat_map(|run| {
            overdue(&run.set, day_of_check(&run.facts, &run.config).unwrap_or(today))
        }))
    }

    /// The rules of all runs: their packs, their names, and whether they are switched on.
    pub fn rules(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        self.all.iter().flat_map(|run| {
            run.set.rules().filter_map(|(pack, rule)| {
                let severity = overridden(&run.config.severity, &rule.id, rule.severity);
                let is_on = rule.off.is_none() && severity.is_some();
                Some((&*run.set.packs().get(pack)?.id, &*rule.id, is_on))
            })
        })
    }

    /// What becomes of the duties of each pack.
    pub fn coverage(&self) -> Vec<Coverage> {
        let mut all: Vec<Coverage> = Vec::new();
        for run in &self.all {
            let packs: Vec<usize> = (0..run.set.packs().len()).collect();
            for pack in coverage(&run.set, &packs, &run.config.severity) {
                if !all.iter().any(|it| it.pack == pack.pack && it.digest == pack.digest) {
                    all.push(pack);
                }
            }
        }
        all
    }
}

fn each_once<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut all = Vec::new();
    for item in items {
        if !all.contains(&item) {
            all.push(item);
        }
    }
    all
}

/// The settings that differ, and the files that follow one another under the same.
fn parted(numbers: &[usize], settings: Vec<Settings>) -> (Vec<Settings>, Vec<Stretch>) {
    let mut used: Vec<Settings> = Vec::new();
    let mut stretches: Vec<Stretch> = Vec::new();
    for (at, &number) in numbers.iter().enumerate() {
        let of_file = &settings[number];
        let run = used.iter().position(|known| known.fits(of_file)).unwrap_or_else(|| {
            used.push(of_file.clone());
            used.len() - 1
        });
        match stretches.last_mut() {
            Some(last) if last.run == run => last.files.end = at + 1,
            _ => stretches.push(Stretch { run, files: at..at + 1 }),
        }
    }
    if used.is_empty() {
        used.extend(settings.into_iter().next());
    }
    (used, stretches)
}

/// Tells the packs which columns hold what they ask for; returns the columns.
fn mapped(args: &ScanArgs, settings: &mut [Settings]) -> anyhow::Result<Vec<String>> {
    let mut columns = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for written in &args.map {
        let Some((column, name)) = written.rsplit_once('=') else {
            return Err(Error::Usage(format!(
                "`--map {written}` has no `=`; write `--map COLUMN=NAME`"
            ))
            .into());
        };
        let (column, name) = (column.trim(), name.trim());
        if names.contains(&name) {
            return Err(Error::Usage(format!("`--map` names two columns for `{name}`")).into());
        }
        names.push(name);
        let known: Vec<String> = settings
            .iter()
            .flat_map(|it| {
                let facts = it.set.facts().iter().map(|fact| fact.name.clone());
                it.set.record_fields().into_iter().chain(facts).collect::<Vec<_>>()
            })
            .collect();
        let mut is_known = false;
        for it in &mut *settings {
            is_known |= Arc::make_mut(&mut it.set).map_column(column, name);
        }
        if !is_known {
            let close = crate::syntax::nearest(name, known.iter().map(String::as_str))
                .map_or_else(String::new, |close| format!("; did you mean `{close}`?"));
            return Err(Error::Usage(format!(
                "no pack in use asks for a fact or a column `{name}`{close}"
            ))
            .into());
        }
        columns.push(column.to_owned());
    }
    Ok(columns)
}
