//! Several runs, one report: files under different settings, checked together.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::groups::Lacking;
use super::idle;
use super::{Outcome, Run, Task};
use crate::changes::DocumentLines;
use crate::error::Error;
use crate::finding::{Finding, NotJudged, Notice, Report};
use crate::judge::rule_report;
use crate::pack::PackSet;
use crate::suppress::{Fault, SideUse};

/// A document to check, and which of several runs checks it.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// Index of the run.
    pub run: usize,
    /// The document.
    pub task: Task,
}

/// What came of several runs.
#[derive(Debug, Default)]
pub struct Checked {
    /// The report of all of them together.
    pub report: Report,
    /// By document of the report, the index of the run that checked it.
    pub run_of: Vec<usize>,
    /// By document of the report, the index of its task.
    pub task_of: Vec<usize>,
    /// By document of the report, what stands on which line; empty where nobody asked.
    pub lines: Vec<DocumentLines>,
    /// What is to be said of packs of which no rule applies, where these documents are
    /// all there are.
    pub idle: Vec<Notice>,
}

/// Checks documents, each by the run it is assigned to, and reports them in the order
/// given: files under different settings make one report, the same however many threads
/// there are. `lines` asks for [`Checked::lines`].
///
/// # Errors
///
/// Where the packs cannot be compiled.
pub fn check_all(
    runs: &[Run],
    tasks: Vec<Assigned>,
    mut notices: Vec<Notice>,
    lines: bool,
) -> Result<Checked, Error> {
    let asked: Vec<_> = runs.iter().map(|run| Arc::new(run.set.record_fields())).collect();
    let outcomes: Vec<(usize, Outcome)> = tasks
        .into_par_iter()
        .map(|Assigned { run, task }| Ok((run, runs[run].one(task, &asked[run], lines)?)))
        .collect::<Result<_, Error>>()?;
    let mut checked = Checked::default();
    let report = &mut checked.report;
    for pack in runs.iter().flat_map(Run::packs) {
        if !report.packs.contains(&pack) {
            report.packs.push(pack);
        }
    }
    // Documents that follow each other mostly share what is said of them.
    let mut not_judged: Vec<(Arc<[Lacking]>, usize)> = Vec::new();
    let mut side_use = SideUse::default();
    let mut idle = Vec::new();
    for (task, (run, mut outcome)) in outcomes.into_iter().enumerate() {
        side_use.join(std::mem::take(&mut outcome.side_use));
        if let Some(document) = outcome.document {
            idle.push(std::mem::take(&mut outcome.idle));
            for finding in &mut outcome.findings {
                finding.document = report.documents.len();
                notices.extend(tell_rule(report, &runs[run].set, finding));
            }
            report.documents.push(document);
            checked.run_of.push(run);
            checked.task_of.push(task);
            checked.lines.extend(outcome.lines);
        }
        report.findings.append(&mut outcome.findings);
        notices.append(&mut outcome.notices);
        match &mut not_judged[..] {
            [.., (last, count)] if Arc::ptr_eq(last, &outcome.not_judged) => *count += 1,
            _ => not_judged.push((outcome.not_judged, 1)),
        }
    }
    // All runs have the same files of suppressions.
    if let Some(run) = runs.first() {
        let before = report.findings.len();
        let masks = runs.iter().any(|run| run.set.rules().any(|(_, rule)| rule.redact));
        run.tell_of_side_files(&side_use, masks, report);
        for finding in &report.findings.split_off(before) {
            notices.extend(tell_rule(report, &run.set, finding));
            report.findings.push(finding.clone());
        }
    }
    let paths = report.documents.iter().map(|document| document.path.as_str());
    checked.idle = idle::tell(&paths.zip(idle.iter().map(Arc::as_ref)).collect::<Vec<_>>());
    notices.sort();
    notices.dedup();
    report.notices = notices;
    let mut by_rule: BTreeMap<&Lacking, usize> = BTreeMap::new();
    for (entries, count) in &not_judged {
        for entry in entries.iter() {
            *by_rule.entry(entry).or_default() += count;
        }
    }
    report.not_judged = by_rule
        .into_iter()
        .map(|(lacking, documents)| (lacking.clone(), documents))
        .map(|(Lacking { rule, missing, columns, partly }, documents)| NotJudged {
            rule,
            missing,
            columns,
            partly,
            documents,
        })
        .collect();
    let way = |name: &String| {
        let fact = runs.iter().find_map(|run| run.set.fact(name))?;
        Some((name.clone(), fact.kind.way()))
    };
    report.ways = report.not_judged.iter().flat_map(|rule| &rule.missing).filter_map(way).collect();
    Ok(checked)
}

/// Adds what the report says about the rule of a finding. Packs that change what other
/// packs say of a rule can hold for some files only; a report has one text for it.
fn tell_rule(report: &mut Report, set: &PackSet, finding: &Finding) -> Option<Notice> {
    let of_pack = set.rule(&finding.rule);
    let about = match of_pack {
        Some((pack, rule)) => rule_report(&set.packs()[pack], rule),
        None => Fault::by_rule(&finding.rule)?.report(),
    };
    match report.rules.get(&finding.rule) {
        None => {
            report.rules.insert(finding.rule.clone(), about);
            None
        }
        Some(known) if *known == about => None,
        Some(_) => Some(Notice {
            path: finding.path.clone(),
            line: None,
            message: format!(
                "the packs in use here say other things about `{}` than those of files before; \
                 the report says what was said first",
                finding.rule
            ),
            unchecked: false,
        }),
    }
}
