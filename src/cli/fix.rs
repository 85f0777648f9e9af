//! `probity check --fix`: fixes made in memory until nothing more can be fixed, then
//! each file replaced whole, if it is still what was checked.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::Path;

use super::Output;
use super::place::Place;
use crate::emit::counted;
use crate::error::plain;
use crate::finding::{Finding, Report};
use crate::fix::{apply, choose, unified};
use crate::judge::{Repeats, masked, safe};
use crate::run::{Origin, Task};
use crate::text::{Encoding, Span, decode_part};

/// A fix can make room for another, but not for ever.
const PASSES: usize = 10;

/// How fixes are made.
pub(super) struct Fixing<'f> {
    /// Whether they are only shown.
    pub dry_run: bool,
    /// Whether a rule's words are never shown.
    pub hides: &'f dyn Fn(&str) -> bool,
    /// Checks documents; each report holds what a report to the user would hold.
    pub check: &'f dyn Fn(Vec<Task>) -> anyhow::Result<Report>,
    /// Where messages go.
    pub output: &'f Output,
}

/// What came of it.
pub(super) struct Fixed {
    /// What is left to report; of a dry run, what is there now.
    pub report: Report,
    /// Whether a file was changed, or would be.
    pub changed: bool,
    /// Whether a file that could have been fixed was not.
    pub trouble: bool,
}

/// A document on its way.
struct Draft {
    task: usize,
    original: Vec<u8>,
    now: Vec<u8>,
    encoding: Encoding,
    /// What nobody may see, in bytes of `original` and of `now`.
    masks: (Vec<Span>, Vec<Span>),
    /// What was done, a line each.
    done: Vec<String>,
    /// Why nothing is changed after all.
    refused: Option<String>,
}

impl Fixing<'_> {
    /// Makes the fixes of all documents.
    pub fn run(&self, tasks: &[Task]) -> anyhow::Result<Fixed> {
        let first = (self.check)(tasks.to_vec())?;
        let mut drafts = self.drafts(tasks, &first);
        let mut latest: Option<Report> = None;
        for _ in 0..PASSES {
            let changed = pass(tasks, &mut drafts, latest.as_ref().unwrap_or(&first));
            if changed.is_empty() {
                break;
            }
            let again = changed.iter().map(|&at| drafts[at].task(tasks)).collect();
            let report = (self.check)(again)?;
            for at in changed {
                let draft = &mut drafts[at];
                draft.masks.1 = self.masks(&report, &tasks[draft.task].name);
            }
            latest = Some(report);
        }
        if let Some(report) = &latest {
            refuse_endless(tasks, &mut drafts, report);
        }
        drafts.retain(|draft| draft.refused.is_some() || draft.now != draft.original);
        if self.dry_run {
            self.show(tasks, &drafts)?;
        } else {
            for draft in &mut drafts {
                if let Origin::File(path) = &tasks[draft.task].origin
                    && draft.refused.is_none()
                    && let Err(why) = replace(path, &draft.original, &draft.now)
                {
                    draft.refused = Some(why);
                }
            }
            print_input(tasks, &drafts)?;
        }
        self.tell(tasks, &drafts);
        let changed = drafts.iter().any(|draft| draft.refused.is_none());
        let trouble = drafts.iter().any(|draft| draft.refused.is_some());
        let report =
            if changed && !self.dry_run { (self.check)(tasks_now(tasks, &drafts))? } else { first };
        Ok(Fixed { report, changed, trouble })
    }

    /// The documents that have fixes, with the bytes that were checked.
    fn drafts(&self, tasks: &[Task], report: &Report) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, task) in tasks.iter().enumerate() {
            named.entry(&task.name).or_default().push(at);
        }
        let mut seen = BTreeSet::new();
        for finding in report.open().filter(|finding| finding.fix.is_some()) {
            if !seen.insert(finding.document) {
                continue;
            }
            let Some(document) = report.documents.get(finding.document) else { continue };
            let (Some(encoding), Some(of_name)) =
                (Encoding::from_label(document.encoding), named.get(document.path.as_str()))
            else {
                continue;
            };
            let masks = self.masks(report, &document.path);
            let mut draft = Draft {
                task: of_name[0],
                original: Vec::new(),
                now: Vec::new(),
                encoding,
                masks: (masks.clone(), masks),
                done: Vec::new(),
                refused: None,
            };
            if of_name.len() > 1 {
                draft.refused = Some("another file is shown by the same name".to_owned());
            } else {
                match &tasks[draft.task].origin {
                    Origin::Bytes(bytes) | Origin::Read { bytes, .. } => {
                        draft.original.clone_from(bytes);
                    }
                    Origin::File(path) => match std::fs::read(path) {
                        Ok(bytes) => draft.original = bytes,
                        Err(error) => {
                            draft.refused = Some(format!("cannot be read: {}", plain(&error)));
                        }
                    },
                }
            }
            draft.now.clone_from(&draft.original);
            drafts.push(draft);
        }
        drafts
    }

    /// What rules that mask their words found in a document, in order.
    fn masks(&self, report: &Report, name: &str) -> Vec<Span> {
        let of_document = report.findings.iter().filter(|finding| finding.path == name);
        let masked = of_document.filter(|finding| (self.hides)(&finding.rule));
        let mut spans: Vec<Span> =
            masked.flat_map(|finding| &finding.places).map(|place| place.bytes).collect();
        spans.sort_unstable();
        spans
    }

    /// Shows what would change.
    fn show(&self, tasks: &[Task], drafts: &[Draft]) -> io::Result<()> {
        for draft in drafts.iter().filter(|draft| draft.refused.is_none()) {
            let old = shown(&draft.original, draft.encoding, &draft.masks.0);
            let new = shown(&draft.now, draft.encoding, &draft.masks.1);
            self.output.print(&unified(&on_one_line(&tasks[draft.task].name), &old, &new))?;
        }
        Ok(())
    }

    /// Says what was fixed, and what could not be.
    fn tell(&self, tasks: &[Task], drafts: &[Draft]) {
        let (mut fixes, mut files) = (0, 0);
        for draft in drafts {
            let name = on_one_line(&tasks[draft.task].name);
            if let Some(why) = &draft.refused {
                self.output.say(&format!("not fixed: {name}: {}\n", safe(why)));
                continue;
            }
            let verb = if self.dry_run { "would fix" } else { "fixed" };
            for line in &draft.done {
                self.output.say(&format!("{verb}: {name}:{line}\n"));
            }
            fixes += draft.done.len();
            files += 1;
        }
        let (fixes, files) = (counted(fixes, "finding"), counted(files, "file"));
        let text = match (self.dry_run, drafts.iter().any(|draft| draft.refused.is_none())) {
            (true, true) => format!("Would fix {fixes} in {files}; nothing was changed.\n"),
            (false, true) => format!("Fixed {fixes} in {files}.\n"),
            (_, false) => "Nothing was fixed.\n".to_owned(),
        };
        self.output.say(&text);
    }
}

impl Draft {
    /// The document with the fixes made so far.
    fn task(&self, tasks: &[Task]) -> Task {
        let task = &tasks[self.task];
        let bytes = self.now.clone();
        let origin = match &task.origin {
            Origin::File(path) | Origin::Read { path, .. } => {
                Origin::Read { path: path.clone(), bytes }
            }
            Origin::Bytes(_) => Origin::Bytes(bytes),
        };
        Task { name: task.name.clone(), origin }
    }
}

/// Prints what was read from standard input, fixed or not: nothing may get lost.
fn print_input(tasks: &[Task], drafts: &[Draft]) -> io::Result<()> {
    for (at, task) in tasks.iter().enumerate() {
        if let Origin::Bytes(bytes) = &task.origin {
            let draft = drafts.iter().find(|draft| draft.task == at);
            let fixed = draft.filter(|draft| draft.refused.is_none());
            print_bytes(fixed.map_or(bytes, |draft| &draft.now))?;
        }
    }
    Ok(())
}

/// The documents as they are now.
fn tasks_now(tasks: &[Task], drafts: &[Draft]) -> Vec<Task> {
    let mut now = tasks.to_vec();
    for draft in drafts.iter().filter(|draft| draft.refused.is_none()) {
        if let Origin::Bytes(bytes) = &mut now[draft.task].origin {
            bytes.clone_from(&draft.now);
        }
    }
    now
}

/// The open findings of a report by document.
fn open_by_name(report: &Report) -> BTreeMap<&str, Vec<&Finding>> {
    let mut by_name: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in report.open().filter(|finding| finding.fix.is_some()) {
        by_name.entry(&finding.path).or_default().push(finding);
    }
    by_name
}

/// Makes the fixes of a report that can be made together; returns the drafts that
/// changed.
fn pass(tasks: &[Task], drafts: &mut [Draft], report: &Report) -> Vec<usize> {
    let by_name = open_by_name(report);
    let mut changed = Vec::new();
    for (at, draft) in drafts.iter_mut().enumerate() {
        let Some(findings) = by_name.get(tasks[draft.task].name.as_str()) else { continue };
        let chosen = choose(findings.iter().copied());
        if draft.refused.is_some() || chosen.is_empty() {
            continue;
        }
        let fixes: Vec<_> = chosen.iter().map(|(_, fix)| *fix).collect();
        let Some(fixed) = apply(&draft.now, draft.encoding, &fixes) else {
            draft.refused = Some("it was changed while it was being checked".to_owned());
            continue;
        };
        let line = |(finding, fix): &(&Finding, &crate::finding::Fix)| {
            let line = fix.edits.first().map_or(1, |edit| edit.place.line);
            format!("{line}: {} ({})", fix.title, finding.rule)
        };
        draft.done.extend(chosen.iter().map(line));
        draft.now = fixed;
        changed.push(at);
    }
    changed
}

/// Leaves documents alone in which fixes call for fixes again and again.
fn refuse_endless(tasks: &[Task], drafts: &mut [Draft], report: &Report) {
    let by_name = open_by_name(report);
    for draft in drafts.iter_mut().filter(|draft| draft.refused.is_none()) {
        if let Some(findings) = by_name.get(tasks[draft.task].name.as_str()) {
            let rules: BTreeSet<&str> = findings.iter().map(|one| one.rule.as_str()).collect();
            let rules: Vec<&str> = rules.into_iter().collect();
            draft.refused = Some(format!(
                "after {PASSES} rounds there is still something to fix; see what {} write",
                rules.join(", ")
            ));
        }
    }
}

/// Puts the fixed bytes into the place of a file that is still what was checked.
fn replace(path: &Path, original: &[u8], fixed: &[u8]) -> Result<(), String> {
    let cannot = |what: &str, error: &io::Error| format!("cannot be {what}: {}", plain(error));
    let there = std::fs::read(path).map_err(|error| cannot("read", &error))?;
    // Another name may lead to the same file.
    if there == fixed {
        return Ok(());
    }
    if there != original {
        return Err("it was changed while it was being fixed".to_owned());
    }
    let metadata = std::fs::metadata(path).map_err(|error| cannot("read", &error))?;
    if metadata.permissions().readonly() {
        return Err("it is read-only".to_owned());
    }
    let written = |error: io::Error| cannot("written", &error);
    let mut place = Place::create(path).map_err(written)?;
    place.write_all(fixed).map_err(written)?;
    place.finish().map_err(written)
}

/// A name as it may be shown, without line breaks: what is said is a line each.
fn on_one_line(name: &str) -> String {
    safe(name).replace('\n', "<U+000A>")
}

/// A text of a file as it may be shown.
fn shown(bytes: &[u8], encoding: Encoding, masks: &[Span]) -> String {
    let decoded = |from: usize, to: usize| {
        let piece = bytes.get(from..to).unwrap_or_default();
        decode_part(piece.to_vec(), encoding).text
    };
    let mark = encoding.bom();
    let mut at = if bytes.starts_with(mark) { mark.len() } else { 0 };
    let within = || masks.iter().filter(|mask| mask.end <= bytes.len());
    let words: Vec<String> = within().map(|mask| decoded(mask.start, mask.end)).collect();
    let repeats = Repeats::of(words.iter().map(String::as_str));
    let mut text = String::new();
    let mut push = |clear: &str, hidden: &str| {
        let mut at = 0;
        for place in repeats.places(clear) {
            text.push_str(&clear[at..place.start]);
            text.push_str(&masked(&clear[place.range()]));
            at = place.end;
        }
        text.push_str(&clear[at..]);
        text.push_str(&masked(hidden));
    };
    for mask in within() {
        let start = mask.start.max(at);
        if start < mask.end {
            push(&decoded(at, start), &decoded(start, mask.end));
            at = mask.end;
        }
    }
    push(&decoded(at, bytes.len()), "");
    safe(&text)
}

/// Writes to standard output as it is. A reader that has seen enough is no trouble.
fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
