//! What is accepted in each document, and what becomes of suppressions over a whole run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::{Groups, Outcome, Run};
use crate::config::{Config, whole};
use crate::facts::FactValue;
use crate::finding::{DocumentReport, Finding, Report};
use crate::input::Document;
use crate::judge::{Repeats, built_in, joined, overridden, shown};
use crate::pack::AS_OF;
use crate::suppress::{Beside, Comments, Judged, SideFile, SideUse, literal_part};
use crate::text::Span;

/// What a run knows of suppressions besides the comments it will meet.
#[derive(Clone, Debug, Default)]
pub struct Suppressions {
    /// Files of suppressions, those that count first in front.
    pub side_files: Arc<[SideFile]>,
    /// By file of suppressions, the configuration that holds for the file itself; that of
    /// the first run where there is none.
    pub side_configs: Vec<Config>,
    /// Whether suppressions are passed over, so that every finding counts.
    pub ignored: bool,
    /// The files and folders that are checked, absolute.
    pub checked: Vec<PathBuf>,
}

impl Suppressions {
    /// The configuration that holds for a file of suppressions, by the name shown.
    pub fn config_of(&self, name: &str) -> Option<&Config> {
        let at = self.side_files.iter().position(|side| side.name == name)?;
        self.side_configs.get(at)
    }
}

impl Run {
    /// The day for which the run is made: what the command line or the configuration
    /// says for all files, or the day it is. A text cannot say it, or nothing in it
    /// would ever end.
    pub fn day(&self) -> Option<Date> {
        day_of_check(&self.facts, &self.config).or(self.today)
    }

    /// Stretches of comments for us that nobody may see: a reason can hold the very
    /// words it is about.
    pub(super) fn hidden_in_comments(&self, document: &Document, groups: &Groups) -> Vec<Span> {
        if self.reveal {
            return Vec::new();
        }
        let mut hidden = Vec::new();
        for directive in &document.directives {
            let base = directive.content.start;
            let found = groups.masked_in(&document.source.text[directive.content.range()]);
            hidden.extend(found.iter().map(|span| Span::new(base + span.start, base + span.end)));
        }
        joined(hidden)
    }

    /// Accepts findings of a document, and adds what is wrong with its comments. Nobody
    /// may see what is masked, wherever it stands.
    pub(super) fn accept(
        &self,
        document: &Document,
        path: &Path,
        groups: &Groups,
        (masks, repeats): (&[Span], &Repeats),
        outcome: &mut Outcome,
    ) {
        let none = document.directives.is_empty() && self.suppressions.side_files.is_empty();
        if self.suppressions.ignored || none {
            return;
        }
        let Outcome { findings, not_judged, side_use, .. } = outcome;
        let wholly = |rule: &str| {
            let severity = self.set.rule(rule).map(|(_, rule)| rule.severity);
            let on = severity.is_some_and(|severity| {
                overridden(&self.config.severity, rule, severity).is_some()
            });
            on && groups.judges(rule) && !not_judged.iter().any(|lacking| lacking.rule == rule)
        };
        let judged = Judged { wholly: &wholly, set: &self.set };
        let day = self.day();
        let mut comments = Comments::read(document, &self.set, masks, day);
        comments.accept(findings);
        let hide = |text: &str| {
            let mut hidden = if self.reveal { Vec::new() } else { groups.masked_in(text) };
            hidden.extend(repeats.places(text));
            let hidden = joined(hidden);
            shown(text, Span::new(0, text.len()), &hidden)
        };
        if !self.suppressions.side_files.is_empty() {
            let path = whole(path);
            for (at, side) in self.suppressions.side_files.iter().enumerate() {
                if let Ok(path) = path.strip_prefix(&side.folder) {
                    let of = Beside { at, path, day, judged: &judged, hide: &hide };
                    side.accept(&of, findings, side_use);
                }
            }
        }
        let faults = comments.faults(&judged, &self.config.severity);
        if !faults.is_empty() {
            findings.extend(built_in(&document.name, &document.source, masks, faults));
            findings.sort_by(|a, b| order(a).cmp(&order(b)));
        }
    }

    /// Adds what is wrong with files of suppressions, each as a document of its own.
    /// `masks` says whether any rule in use masks its words.
    pub(super) fn tell_of_side_files(&self, side_use: &SideUse, masks: bool, report: &mut Report) {
        if self.suppressions.ignored {
            return;
        }
        for (at, side) in self.suppressions.side_files.iter().enumerate() {
            let whole = |glob: &str| {
                let start = whole(&side.folder.join(literal_part(glob)));
                self.suppressions.checked.iter().any(|checked| start.starts_with(checked))
            };
            let config = self.suppressions.side_configs.get(at).unwrap_or(&self.config);
            let day = day_of_check(&self.facts, config).or(self.today);
            let faults = side.faults(at, day, side_use, &whole, &config.severity);
            if faults.is_empty() {
                continue;
            }
            let hidden = if self.reveal || !masks { Vec::new() } else { side.hidden() };
            let mut findings = built_in(&side.name, &side.source, &hidden, faults);
            for finding in &mut findings {
                finding.document = report.documents.len();
            }
            report.findings.append(&mut findings);
            report.documents.push(DocumentReport {
                path: side.name.clone(),
                format: "toml",
                encoding: side.source.encoding.name(),
                fields: 0,
                facts: Arc::default(),
            });
        }
    }
}

/// The day for which the check is made, where the command line or the configuration
/// says it for all files.
pub fn day_of_check(facts: &[(String, FactValue)], config: &Config) -> Option<Date> {
    let written = facts.iter().rfind(|(name, _)| name == AS_OF).map(|(_, value)| value);
    let configured = || config.facts.iter().find(|(name, ..)| name == AS_OF);
    let value = written.or_else(|| configured().map(|(_, value, _)| value))?;
    value.words().first().and_then(|word| crate::dates::read(word, None))
}

fn order(finding: &Finding) -> (Option<Span>, &str, &str) {
    let place = finding.places.first().map(|place| place.bytes);
    (place, &finding.rule, &finding.fingerprint)
}
