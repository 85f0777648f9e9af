//! `probity baseline`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::accepted::{InUse, folder_of, from_here, new_key, read_baseline};
use super::args::{BaselineArgs, CheckArgs};
use super::place::Place;
use super::ready::{Ready, ready};
use super::taken::{real, refuse_settings, settings_of};
use super::{Exit, Output};
use crate::config::{NamedFile, whole};
use crate::emit::{counted, trouble};
use crate::error::{Error, plain};
use crate::finding::Report;
use crate::run::{Checked, Run};
use crate::suppress::baseline::{Applied, BASELINE_NAME, Baseline, Entry, may_accept};
use crate::suppress::{is_built_in, iso_day};

/// What was done to a baseline.
#[derive(Debug, Default)]
struct Changes {
    added: usize,
    removed: usize,
    renamed: usize,
}

pub(super) fn baseline(args: &BaselineArgs, output: &Output) -> anyhow::Result<Exit> {
    let check = CheckArgs {
        paths: if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() },
        stdin_filename: "<stdin>".to_owned(),
        set: args.set.clone(),
        encoding: args.encoding.clone(),
        field: args.field.clone(),
        no_ignore: args.no_ignore,
        threads: args.threads,
        packs: args.packs.clone(),
        no_baseline: true,
        ..CheckArgs::default()
    };
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return Err(Error::Usage(
            "a baseline is about files; standard input has no name to keep".into(),
        )
        .into());
    }
    if let Some(day) = args.until.as_ref().filter(|day| iso_day(day).is_none()) {
        return Err(
            Error::Usage(format!("`--until {day}` is no day; write it as 2027-03-31")).into()
        );
    }
    let mut checked_files = BTreeSet::new();
    let ready = ready(&check, output, &mut |files| {
        checked_files = files.iter().map(|path| real(path)).collect();
        Ok(())
    })?;
    let target = target(args, &ready.runs)?;
    let settings = settings_of(&ready.runs, &args.set);
    refuse_settings("the baseline", std::iter::once(target.as_path()), &settings)?;
    if checked_files.contains(&real(&target)) {
        let target = target.display();
        let why = format!("{target} is being checked; the baseline needs a file of its own");
        return Err(Error::Usage(why).into());
    }
    // The baseline is read before anything is checked, so that trouble is told at once.
    let in_use = existing(&target, args)?.unwrap_or_else(|| InUse {
        path: target.clone(),
        folder: folder_of(&target),
        baseline: Baseline::default(),
    });
    let mut checked = ready.check(ready.tasks.clone())?;
    let applied = in_use.apply_to(&ready, &mut checked, args.baseline_renames);
    let (after, changes) = if args.prune {
        pruned(&in_use, &ready, &checked, &applied)
    } else {
        let mut new = Entry {
            reason: args.reason.clone(),
            owner: args.owner.clone(),
            until: args.until.clone(),
            ..Entry::default()
        };
        updated(&in_use, &ready, &checked, &applied, &mut new)
    };
    let text = after.text()?;
    write(&target, &text).map_err(|error| {
        Error::Usage(format!("cannot write {}: {}", target.display(), plain(&error)))
    })?;
    let report = &checked.report;
    tell(&ready.runs, report, &target, &after, &changes, output)?;
    Ok(if report.incomplete() { Exit::Trouble } else { Exit::Clean })
}

/// Where the baseline is: what the command line says, or the settings of the files, or
/// beside these.
fn target(args: &BaselineArgs, runs: &[Run]) -> Result<PathBuf, Error> {
    if let Some(path) = &args.baseline {
        return Ok(path.clone());
    }
    let mut named: Vec<&NamedFile> =
        runs.iter().filter_map(|run| run.config.baseline.as_ref()).collect();
    named.dedup_by(|one, other| one.path == other.path);
    match named[..] {
        [] => Ok(runs.first().map(|run| run.config.root()).unwrap_or_default().join(BASELINE_NAME)),
        [only] => Ok(only.path.clone()),
        [one, other, ..] => Err(Error::Usage(format!(
            "the settings of these files name more than one baseline ({} at {}, {} at {}); \
             check them one after the other, or name one with `--baseline`",
            one.name, one.place, other.name, other.place
        ))),
    }
}

/// The baseline that is there already. One is not written over by accident.
fn existing(path: &Path, args: &BaselineArgs) -> Result<Option<InUse>, Error> {
    let is_there = path.try_exists().unwrap_or(true);
    if args.force || (!is_there && !args.prune) {
        return Ok(None);
    }
    if !args.update && !args.prune {
        return Err(Error::Usage(format!(
            "{} is there already; `--update` adds what is new and removes what is gone, `--prune` only removes, `--force` begins anew",
            from_here(&whole(path))
        )));
    }
    read_baseline(path).map(Some)
}

/// The baseline without what matches nothing any more.
fn pruned(
    in_use: &InUse,
    ready: &Ready,
    checked: &Checked,
    applied: &Applied,
) -> (Baseline, Changes) {
    let stale = in_use.stale(ready, checked, applied);
    let mut changes = Changes { removed: stale.len(), ..Changes::default() };
    let entries = kept(in_use, &stale, applied, &mut changes);
    (Baseline { key: in_use.baseline.key, entries }, changes)
}

/// The entries that stay, under the names their files have now.
fn kept(
    in_use: &InUse,
    stale: &BTreeSet<usize>,
    applied: &Applied,
    changes: &mut Changes,
) -> Vec<Entry> {
    let entries = in_use.baseline.entries.iter().enumerate();
    let kept = entries.filter(|(at, _)| !stale.contains(at)).map(|(at, entry)| {
        let mut entry = entry.clone();
        let is_found = applied.matched.contains_key(&at) || applied.expired.contains_key(&at);
        if let Some(new) = applied.renamed.get(&entry.path).filter(|_| is_found) {
            entry.path.clone_from(new);
            changes.renamed += 1;
        }
        entry
    });
    kept.collect()
}

/// The baseline with every finding that is open. What has been said about those that
/// were there already stays.
fn updated(
    in_use: &InUse,
    ready: &Ready,
    checked: &Checked,
    applied: &Applied,
    new: &mut Entry,
) -> (Baseline, Changes) {
    let report = &checked.report;
    let (mut after, mut changes) = pruned(in_use, ready, checked, applied);
    let ended: BTreeSet<usize> = applied.expired.values().copied().collect();
    let open = || {
        let findings = report.findings.iter().enumerate();
        findings.filter(|(at, finding)| may_accept(finding) && !ended.contains(at))
    };
    if after.key.is_none() && open().any(|(_, finding)| finding.secret.is_some()) {
        after.key = Some(new_key());
    }
    let paths = in_use.paths(report);
    for (_, finding) in open() {
        let Some(path) = paths.get(finding.document) else { continue };
        let entry = after.entry_of(path.clone(), finding);
        after.entries.push(Entry {
            reason: new.reason.clone(),
            owner: new.owner.clone(),
            until: new.until.clone(),
            ..entry
        });
        changes.added += 1;
    }
    (after, changes)
}

/// Writes the file whole or not at all, and not where nothing changed.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if std::fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    let mut place = Place::create(path)?;
    place.write_all(text.as_bytes())?;
    place.finish()
}

fn tell(
    runs: &[Run],
    report: &Report,
    target: &Path,
    after: &Baseline,
    changes: &Changes,
    output: &Output,
) -> std::io::Result<()> {
    output.say(&trouble(report));
    let files: BTreeSet<&str> = after.entries.iter().map(|entry| entry.path.as_str()).collect();
    let mut out = format!(
        "{}: {} in {}",
        crate::judge::safe(&from_here(&whole(target))),
        counted(after.entries.len(), "accepted finding"),
        counted(files.len(), "file")
    );
    let told = [(changes.added, "new"), (changes.removed, "removed"), (changes.renamed, "renamed")];
    let told: Vec<String> = told
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    out.push_str(&if told.is_empty() {
        ", none changed.\n".to_owned()
    } else {
        format!(": {}.\n", told.join(", "))
    });
    let faults = report.open().filter(|finding| is_built_in(&finding.rule)).count();
    if faults > 0 {
        out.push_str(&format!(
            "{} of suppressions cannot be accepted; `probity check` shows what to mend.\n",
            counted(faults, "fault")
        ));
    }
    let target_path = whole(target);
    let named = runs.iter().filter_map(|run| run.config.baseline.as_ref());
    if !named.into_iter().any(|named| named.path == target_path) {
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned());
        out.push_str(&format!(
            "To use it, write `baseline = \"{}\"` into probity.toml, or check with `--baseline`.\n",
            crate::judge::safe(&name.unwrap_or_default())
        ));
    }
    output.print(&out)
}
