//! The records of a document by the facts that hold for them: rows of one table can
//! be judged by different rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::Run;
use super::engines::Judged;
use crate::engine::{
    Alone, Around, Engine, FieldScan, Found, ListId, Prepared, RecordPlan, RuleState, Tally,
};
use crate::error::Error;
use crate::facts::{FactOrigin, FactValue, Facts};
use crate::input::{Document, Field, Format};
use crate::pack::{Rule, Within};
use crate::record::Record;
use crate::text::{OffsetMap, Span};

/// A rule that could not be judged, or not wholly.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lacking {
    pub rule: String,
    /// Facts nobody has set.
    pub missing: Vec<String>,
    /// Columns the table does not have.
    pub columns: Vec<String>,
    /// Whether a part was judged all the same.
    pub partly: bool,
}

/// The records of a document, grouped. There is always one group.
#[derive(Debug, Default)]
pub(super) struct Groups {
    judged: Vec<Arc<Judged>>,
    /// By record; empty where all are in the first group.
    of_record: Vec<usize>,
    /// Facts that records state by something that is no value of theirs: in how many
    /// records, the first of them, and the place of the value there.
    pub unreadable: BTreeMap<String, (usize, usize, usize)>,
}

impl Groups {
    /// Groups the records of a document with these facts.
    ///
    /// # Errors
    ///
    /// Where the packs cannot be compiled.
    pub fn new(run: &Run, document: &Document, facts: &Facts) -> Result<Self, Error> {
        let mut groups = Self::default();
        // Every row of a table has the same columns; items of a list have keys of their
        // own.
        let most = if document.format == Format::Csv { 1 } else { usize::MAX };
        let mut columns = document
            .records
            .iter()
            .filter(|record| !record.unreliable && record.number.is_some())
            .take(most);
        let states = |record: &Record| {
            run.set
                .stated_facts()
                .flat_map(|fact| &fact.fields)
                .any(|field| record.position(field).is_some())
        };
        if !columns.any(states) {
            groups.add(run, facts)?;
            return Ok(groups);
        }
        let mut known: BTreeMap<Vec<(String, Option<FactValue>)>, usize> = BTreeMap::new();
        for (at, record) in document.records.iter().enumerate() {
            let stated = run.set.stated(record, facts);
            for fact in stated.iter().filter(|fact| fact.value.is_none()) {
                groups.unreadable.entry(fact.fact.clone()).or_insert((0, at, fact.at)).0 += 1;
            }
            let stated: Vec<_> = stated.into_iter().map(|fact| (fact.fact, fact.value)).collect();
            let group = if let Some(&group) = known.get(&stated) {
                group
            } else {
                let mut of_row = facts.clone();
                for (name, value) in &stated {
                    match value {
                        Some(value) => of_row.set(name, value.clone(), FactOrigin::Column),
                        None => of_row.set_unreadable(name, FactOrigin::Column),
                    }
                }
                let group = groups.add(run, &of_row)?;
                known.insert(stated, group);
                group
            };
            groups.of_record.push(group);
        }
        Ok(groups)
    }

    /// The group of these facts, a new one where no group is judged alike.
    fn add(&mut self, run: &Run, facts: &Facts) -> Result<usize, Error> {
        let judged = run.engines.judged(run, facts)?;
        let alike = |known: &Arc<Judged>| {
            Arc::ptr_eq(known, &judged)
                || (Arc::ptr_eq(&known.engine, &judged.engine) && known.active == judged.active)
        };
        if let Some(group) = self.judged.iter().position(alike) {
            return Ok(group);
        }
        self.judged.push(judged);
        Ok(self.judged.len() - 1)
    }

    /// A group.
    pub fn get(&self, group: usize) -> &Judged {
        &self.judged[group]
    }

    fn each(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().map(Arc::as_ref)
    }

    /// The engine of each group.
    pub fn engines(&self) -> Vec<&Engine> {
        self.each().map(|judged| judged.engine.as_ref()).collect()
    }

    /// The one group of a document whose records state no facts: the facts of the
    /// document alone decide what is judged.
    pub fn only(&self) -> Option<&Judged> {
        self.judged.first().filter(|_| self.of_record.is_empty()).map(Arc::as_ref)
    }

    fn of_record(&self, at: usize) -> usize {
        self.of_record.get(at).copied().unwrap_or(0)
    }

    /// The group of each field.
    pub fn of_fields(&self, document: &Document) -> Vec<usize> {
        let at = |field: &Field| {
            field.record.and_then(|number| usize::try_from(number - 1).ok()).unwrap_or(0)
        };
        document.fields.iter().map(|field| self.of_record(at(field))).collect()
    }

    /// Judges the records themselves. Each finding is about a value; the value joins
    /// the fields of the document.
    pub fn scan_records(
        &self,
        document: &mut Document,
        of_field: &mut Vec<usize>,
        found: &mut Vec<Vec<Found>>,
    ) {
        if !self.judged.iter().any(|judged| judged.engine.reads_records()) {
            return;
        }
        let mut fields = Vec::new();
        let mut plans: Vec<Option<RecordPlan>> = Vec::new();
        plans.resize_with(self.judged.len(), || None);
        for (at, record) in document.records.iter().enumerate() {
            let group = self.of_record(at);
            let Judged { engine, active, .. } = self.get(group);
            let plan = plans[group].get_or_insert_with(|| engine.plan_for(record, active));
            for (place, of_value) in engine.scan_record(record, active, plan) {
                let value = place.map(|at| &record.values[at]);
                let name = value.map_or_else(String::new, |value| value.name.to_string());
                let text = value.map_or_else(String::new, |value| value.text.clone());
                let start = Span::new(record.start, record.start);
                let span = value.map_or(start, |value| value.span);
                let map = OffsetMap::of_whole(text.len(), span);
                fields.push(Field { name, text, map, wrapped: false, record: record.number });
                of_field.push(group);
                found.push(vec![of_value]);
            }
        }
        document.fields.append(&mut fields);
    }

    /// Leaves out what is too little to count in its record or document; `whole` says
    /// whether the document is all there.
    pub fn keep_enough(
        &self,
        document: &Document,
        of_field: &[usize],
        found: &mut [Vec<Found>],
        whole: bool,
    ) {
        let needs = |group: usize, found: &Found| {
            let engine = &self.judged[group].engine;
            let (with, needs) = engine.needs(found)?;
            let counts = match needs.within {
                Within::Record => true,
                Within::Document => whole,
                _ => false,
            };
            counts.then_some((with, needs))
        };
        let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
        let scope = |field: &Field, within: Within| match within {
            Within::Record => field.record,
            _ => None,
        };
        for ((field, &group), of_field) in document.fields.iter().zip(of_field).zip(&*found) {
            for found in of_field {
                if let Some((with, needs)) = needs(group, found) {
                    let key = (with, scope(field, needs.within));
                    tallies.entry(key).or_default().add(found);
                }
            }
        }
        if tallies.is_empty() {
            return;
        }
        let mut told = BTreeSet::new();
        for ((field, &group), of_field) in document.fields.iter().zip(of_field).zip(found) {
            of_field.retain_mut(|found| {
                let Some((with, needs)) = needs(group, found) else { return true };
                let key = (with, scope(field, needs.within));
                let Some(tally) = tallies.get(&key) else { return false };
                found.counted = Some((tally.count(needs), 0));
                // So many of a kind are one finding, shown where they begin.
                tally.is_enough(needs) && (needs.hits == 0 || told.insert(key))
            });
        }
    }

    /// Whether a rule was judged for any record, as far as it could be.
    pub fn judges(&self, rule: &str) -> bool {
        self.each().any(|Judged { engine, active, .. }| {
            active.rules.iter().enumerate().any(|(id, state)| {
                matches!(state, RuleState::Judged { .. }) && engine.rule(id).1.id == rule
            })
        })
    }

    /// The rules of some packs that the facts rule out for every record; `None` where one
    /// of their rules is judged, or would be if somebody set a fact.
    pub fn ruled_out(&self, packs: &[usize]) -> Option<Vec<&Rule>> {
        let mut out = Vec::new();
        for Judged { engine, active, .. } in self.each() {
            for (id, state) in active.rules.iter().enumerate() {
                let (pack, rule) = engine.rule(id);
                match state {
                    _ if !packs.contains(&pack) => {}
                    RuleState::Judged { .. } | RuleState::NotJudged { .. } => return None,
                    RuleState::NotApplicable => out.push(rule),
                    RuleState::Off { .. } => {}
                }
            }
        }
        Some(out).filter(|out| !out.is_empty())
    }

    /// What of these texts, which are no part of the fields, rules find that mask it.
    pub fn masked_in(&self, text: &str) -> Vec<Span> {
        self.found_in(text, |rule| rule.redact)
    }

    /// What of these texts, which are no part of the fields, some rules find.
    pub fn found_in(&self, text: &str, of: impl Fn(&Rule) -> bool) -> Vec<Span> {
        let prepared = Prepared::new(text, true);
        let record = Record::default();
        let mut masked = Vec::new();
        for Judged { engine, active, .. } in self.each() {
            let around = &Alone;
            let scan =
                FieldScan { field: &prepared, name: "body", active, around, record: &record };
            let found = engine.scan(&scan).into_iter();
            let found = found.filter(|found| of(engine.rule(found.rule).1));
            masked.extend(found.flat_map(|found| found.spans));
        }
        masked
    }

    /// The rules that could not be judged, or not wholly, but for those that are off.
    pub fn not_judged(&self, document: &Document, off: impl Fn(&Rule) -> bool) -> Vec<Lacking> {
        let mut lacking: BTreeMap<usize, Lacking> = BTreeMap::new();
        let mut judged: BTreeSet<usize> = BTreeSet::new();
        let is_table = document.format == Format::Csv;
        for (group, Judged { engine, active, .. }) in self.each().enumerate() {
            let record = (0..document.records.len())
                .find(|&at| {
                    is_table && self.of_record(at) == group && !document.records[at].unreliable
                })
                .map(|at| &document.records[at]);
            let mut columns =
                record.map(|record| engine.without_columns(record, active)).unwrap_or_default();
            for (id, state) in active.rules.iter().enumerate() {
                let (missing, mut partly) = match state {
                    RuleState::NotJudged { missing } => (missing.as_slice(), false),
                    RuleState::Judged { partly_without, .. } => (partly_without.as_slice(), true),
                    RuleState::NotApplicable | RuleState::Off { .. } => continue,
                };
                let columns = columns.remove(&id).unwrap_or_default();
                partly &= columns.is_empty();
                if partly {
                    judged.insert(id);
                }
                if !missing.is_empty() || !columns.is_empty() {
                    let entry = lacking.entry(id).or_default();
                    entry.missing.extend_from_slice(missing);
                    entry.columns.extend(columns);
                }
            }
        }
        let engine = &self.judged[0].engine;
        lacking
            .into_iter()
            .filter(|(id, _)| !off(engine.rule(*id).1))
            .map(|(id, mut lacking)| {
                for names in [&mut lacking.missing, &mut lacking.columns] {
                    names.sort();
                    names.dedup();
                }
                lacking.rule.clone_from(&engine.rule(id).1.id);
                lacking.partly = judged.contains(&id);
                lacking
            })
            .collect()
    }
}

/// How often lists stand in the fields of a document and of its records, counted
/// when somebody asks.
#[derive(Debug)]
pub(super) struct Presences<'a> {
    engine: &'a Engine,
    fields: &'a [Field],
    known: Mutex<BTreeMap<(ListId, Option<u64>), usize>>,
}

impl<'a> Presences<'a> {
    pub fn new(engine: &'a Engine, fields: &'a [Field]) -> Self {
        Self { engine, fields, known: Mutex::default() }
    }

    fn places(&self, list: ListId, record: Option<u64>) -> usize {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&count) = known().get(&(list, record)) {
            return count;
        }
        // Fields come record by record.
        let mut fields = self.fields;
        if record.is_some() {
            let from = fields.partition_point(|field| field.record < record);
            let to = fields.partition_point(|field| field.record <= record);
            fields = &fields[from..to];
        }
        let count = fields
            .iter()
            .map(|field| self.engine.places(&Prepared::new(&field.text, field.wrapped), list))
            .sum();
        known().insert((list, record), count);
        count
    }
}

/// What stands around one field.
#[derive(Debug)]
pub(super) struct AroundField<'a> {
    pub all: &'a Presences<'a>,
    pub record: Option<u64>,
}

impl Around for AroundField<'_> {
    fn places(&self, list: ListId, within: Within) -> usize {
        match (within, self.record) {
            // In a table each row is a text of its own.
            (Within::Record | Within::Document, Some(record)) => {
                self.all.places(list, Some(record))
            }
            (Within::Document, None) => self.all.places(list, None),
            _ => 0,
        }
    }
}
