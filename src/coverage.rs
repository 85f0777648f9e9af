//! What becomes of each duty of a pack: checked by rules, put to the author, or
//! not checked, and whether anybody has read the place that is cited.

use serde::Serialize;

use crate::finding::CitationReport;
use crate::judge::{SeverityOverrides, citations, overridden};
use crate::pack::{Duty, Pack, PackSet, Questions, Rule, Severity};

/// The duties of one pack.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// The id of the pack.
    pub pack: String,
    /// The name people know it by.
    pub title: String,
    /// The author's version.
    pub version: String,
    /// BLAKE3 of the pack and its lists.
    pub digest: String,
    /// Those of one source together.
    pub duties: Vec<DutyReport>,
    /// The rules of the pack that no duty names.
    pub other_rules: Vec<CoveringRule>,
    /// How many duties there are of each kind.
    pub summary: Counts,
}

/// A duty and what becomes of it.
#[derive(Clone, Debug, Serialize)]
pub struct DutyReport {
    /// From 1.
    pub number: usize,
    /// The duty.
    pub text: String,
    /// What becomes of it, in a word.
    pub status: Status,
    /// Where the source says so.
    pub cites: Vec<CitationReport>,
    /// The rules that check it, those switched off included.
    pub rules: Vec<CoveringRule>,
    /// The questions that put it to the author; `None` if nothing does, empty if
    /// the checklist does as a whole.
    pub checklist: Option<Vec<String>>,
    /// Why a check cannot decide it.
    pub not_checkable: Option<String>,
    /// What could be checked and is not.
    pub not_yet: Option<String>,
}

/// A rule as the table of duties shows it.
#[derive(Clone, Debug, Serialize)]
pub struct CoveringRule {
    /// Its full name.
    pub id: String,
    /// A few words.
    pub title: String,
    /// Severity under packs and configuration, where no fact says otherwise.
    pub severity: Severity,
    /// Why it is switched off, if it is.
    pub off: Option<String>,
    /// The paragraphs it rests on.
    pub cites: Vec<CitationReport>,
}

/// What becomes of a duty, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Rules check it.
    Rules,
    /// Rules check a part of it.
    Partly,
    /// Only the checklist asks for it.
    Checklist,
    /// Rules would check it, and all of them are switched off.
    Off,
    /// It could be checked, and is not.
    NotYet,
    /// No check of a text can decide it.
    NotCheckable,
}

/// How many duties there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All of them.
    pub duties: usize,
    /// Of [`Status::Rules`].
    pub rules: usize,
    /// Of [`Status::Partly`].
    pub partly: usize,
    /// Of [`Status::Checklist`].
    pub checklist: usize,
    /// Of [`Status::Off`].
    pub off: usize,
    /// Of [`Status::NotYet`].
    pub not_yet: usize,
    /// Of [`Status::NotCheckable`].
    pub not_checkable: usize,
    /// Those that cite something, and nothing that was checked against its source.
    pub unverified: usize,
    /// Those that cite nothing.
    pub uncited: usize,
    /// Rules that no duty names.
    pub other_rules: usize,
}

impl DutyReport {
    /// Whether any citation was checked against its source.
    pub fn verified(&self) -> bool {
        self.cites.iter().any(|cite| cite.verified)
    }
}

impl Counts {
    fn of(duties: &[DutyReport], other_rules: usize) -> Self {
        let with = |status| duties.iter().filter(|duty| duty.status == status).count();
        let uncited = duties.iter().filter(|duty| duty.cites.is_empty()).count();
        Self {
            duties: duties.len(),
            rules: with(Status::Rules),
            partly: with(Status::Partly),
            checklist: with(Status::Checklist),
            off: with(Status::Off),
            not_yet: with(Status::NotYet),
            not_checkable: with(Status::NotCheckable),
            unverified: duties.iter().filter(|duty| !duty.verified()).count() - uncited,
            uncited,
            other_rules,
        }
    }

    /// These and others together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            duties: self.duties + other.duties,
            rules: self.rules + other.rules,
            partly: self.partly + other.partly,
            checklist: self.checklist + other.checklist,
            off: self.off + other.off,
            not_yet: self.not_yet + other.not_yet,
            not_checkable: self.not_checkable + other.not_checkable,
            unverified: self.unverified + other.unverified,
            uncited: self.uncited + other.uncited,
            other_rules: self.other_rules + other.other_rules,
        }
    }
}

/// The duties of packs, by their index in the set. Configuration may give rules
/// other severities or switch them off.
pub fn coverage(set: &PackSet, packs: &[usize], overrides: &SeverityOverrides) -> Vec<Coverage> {
    // Any pack's duty counts: a house pack may name rules of the pack it extends.
    let named: Vec<&str> = set
        .packs()
        .iter()
        .flat_map(|pack| &pack.duties)
        .flat_map(|duty| &duty.rules)
        .filter_map(|(name, _)| set.rule(name))
        .map(|(_, rule)| rule.id.as_str())
        .collect();
    packs
        .iter()
        .map(|&at| {
            let pack = &set.packs()[at];
            let duties: Vec<DutyReport> = by_source(&pack.duties)
                .into_iter()
                .enumerate()
                .map(|(index, duty)| duty_report(set, at, index + 1, duty, overrides))
                .collect();
            let other_rules: Vec<CoveringRule> = pack
                .rules
                .iter()
                .filter(|rule| !named.contains(&rule.id.as_str()))
                .map(|rule| covering(pack, rule, overrides))
                .collect();
            Coverage {
                pack: pack.id.clone(),
                title: pack.title.clone(),
                version: pack.version.clone(),
                digest: pack.digest.to_string(),
                summary: Counts::of(&duties, other_rules.len()),
                duties,
                other_rules,
            }
        })
        .collect()
}

/// Duties whose first citation is of the same source together; otherwise in the
/// order of the pack.
fn by_source(duties: &[Duty]) -> Vec<&Duty> {
    let source = |duty: &Duty| duty.cites.first().map(|cite| cite.source.clone());
    let mut sources = Vec::new();
    for duty in duties {
        if !sources.contains(&source(duty)) {
            sources.push(source(duty));
        }
    }
    let mut sorted: Vec<&Duty> = duties.iter().collect();
    sorted.sort_by_key(|duty| sources.iter().position(|known| *known == source(duty)));
    sorted
}

fn duty_report(
    set: &PackSet,
    at: usize,
    number: usize,
    duty: &Duty,
    overrides: &SeverityOverrides,
) -> DutyReport {
    let pack = &set.packs()[at];
    let mut rules: Vec<CoveringRule> = Vec::new();
    for (owner, rule) in duty.rules.iter().filter_map(|(name, _)| set.rule(name)) {
        if rules.iter().all(|known| known.id != rule.id) {
            rules.push(covering(&set.packs()[owner], rule, overrides));
        }
    }
    let checklist = match &duty.checklist {
        Questions::None => None,
        Questions::These(questions) => {
            Some(questions.iter().map(|(text, _)| text.clone()).collect())
        }
        Questions::SamePlace(_) => Some(
            pack.checklist
                .iter()
                .filter(|item| item.cites.iter().any(|cite| cite.is_among(&duty.cites)))
                .map(|item| item.text.clone())
                .collect(),
        ),
    };
    let (off, on): (Vec<_>, Vec<_>) = rules.iter().partition(|rule| rule.off.is_some());
    let more = duty.not_yet.is_some() || duty.not_checkable.is_some();
    let status = if !on.is_empty() && (more || !off.is_empty()) {
        Status::Partly
    } else if !on.is_empty() {
        Status::Rules
    } else if checklist.is_some() {
        Status::Checklist
    } else if !off.is_empty() {
        Status::Off
    } else if duty.not_yet.is_some() {
        Status::NotYet
    } else {
        Status::NotCheckable
    };
    DutyReport {
        number,
        text: duty.text.clone(),
        status,
        cites: citations(pack, &duty.cites),
        rules,
        checklist,
        not_checkable: duty.not_checkable.clone(),
        not_yet: duty.not_yet.clone(),
    }
}

fn covering(pack: &Pack, rule: &Rule, overrides: &SeverityOverrides) -> CoveringRule {
    let severity = overridden(overrides, &rule.id, rule.severity);
    let off = match (&rule.off, severity) {
        (Some(reason), _) => Some(reason.clone()),
        (None, None) => Some("It is off in probity.toml.".to_owned()),
        (None, Some(_)) => None,
    };
    CoveringRule {
        id: rule.id.clone(),
        title: rule.title.clone(),
        severity: severity.unwrap_or(rule.severity),
        off,
        cites: citations(pack, &rule.cites),
    }
}
