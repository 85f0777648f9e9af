//! Tests on the record beside a text.

use std::sync::Arc;

use super::activation::{Activation, RuleState};
use super::compiled::{Compiled, FindId, ListId};
use super::patterns::Pattern;
use super::places::all_places;
use super::prepared::Prepared;
use super::presence::WordSet;
use super::scan::Found;
use crate::dates::{self, Order};
use crate::facts::{FactValue, Facts};
use crate::pack::{AS_OF, DATE_ORDER, ValueTest};
use crate::record::Record;
use crate::text::Span;

/// A test on a record, resolved.
#[derive(Debug)]
pub struct CompiledTest {
    /// The fields of which one must pass.
    pub fields: Vec<String>,
    /// What must hold of its value.
    pub value: Vec<CompiledValue>,
}

/// What must hold of a value, resolved.
#[derive(Debug)]
pub enum CompiledValue {
    /// Needs nothing but the record and the facts.
    Plain(ValueTest),
    /// A regular expression matches, or not.
    Pattern { pattern: Pattern, wanted: bool },
    /// A phrase of a list stands in it.
    Has(ListId),
}

/// Where a test on a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// At this one of its values.
    At(usize),
    /// Of the record as a whole: the field is not there.
    Whole,
}

/// The finds that can hold in records with the same fields, whatever stands in them.
/// Most tables lack most columns that rules ask for.
#[derive(Debug)]
pub struct RecordPlan {
    names: Vec<Arc<str>>,
    /// Rising.
    pub finds: Vec<FindId>,
}

impl RecordPlan {
    /// The plan for records with the fields of this one. `finds` are those that are
    /// judged.
    pub fn new(scene: &RecordScene<'_>, finds: impl Iterator<Item = FindId>) -> Self {
        let names = scene.record.values.iter().map(|value| Arc::clone(&value.name)).collect();
        Self { names, finds: finds.filter(|&find| scene.may_hold(find)).collect() }
    }

    /// Whether it is about records such as this one.
    pub fn suits(&self, record: &Record) -> bool {
        let same = |(one, other): (&Arc<str>, &Arc<str>)| Arc::ptr_eq(one, other) || one == other;
        let names = record.values.iter().map(|value| &value.name);
        self.names.len() == record.values.len() && self.names.iter().zip(names).all(same)
    }
}

/// A record and the facts that hold for it.
pub struct RecordScene<'a> {
    pub compiled: &'a Compiled,
    pub record: &'a Record,
    pub facts: &'a Facts,
}

impl RecordScene<'_> {
    /// Whether every test of a find holds, and where the first of them does.
    pub fn holds(&self, find: FindId) -> Option<Holds> {
        let mut first = None;
        for test in &self.compiled.finds[find].record {
            let place = self.test(test)?;
            first.get_or_insert(place);
        }
        first
    }

    /// Whether a find can hold in a record with these fields.
    fn may_hold(&self, find: FindId) -> bool {
        self.compiled.finds[find].record.iter().all(|test| {
            let without = || test.value.iter().all(|test| self.value(test, None));
            test.fields.iter().any(|field| self.record.position(field).is_some() || without())
        })
    }

    /// The fields without which a find cannot be judged here.
    pub fn absent(&self, find: FindId) -> impl Iterator<Item = &str> {
        self.compiled.finds[find].record.iter().flat_map(|test| {
            let absent = |field: &&str| self.record.position(field).is_none();
            let asks_for_absence = test
                .value
                .iter()
                .any(|value| matches!(value, CompiledValue::Plain(ValueTest::Missing)));
            let none = !asks_for_absence && test.fields.iter().all(|field| absent(&field.as_str()));
            let own = test.fields.first().filter(|_| none).map(String::as_str);
            let others = test.value.iter().filter_map(|value| match value {
                CompiledValue::Plain(test) => test.other_field(),
                _ => None,
            });
            own.into_iter().chain(others.filter(absent))
        })
    }

    fn test(&self, test: &CompiledTest) -> Option<Holds> {
        test.fields.iter().find_map(|field| {
            let place = self.record.position(field);
            // What a row that was pushed to the right seems to lack may be there.
            if place.is_none() && self.record.unreliable {
                return None;
            }
            let value = place.map(|at| self.record.values[at].text.trim());
            test.value
                .iter()
                .all(|test| self.value(test, value))
                .then_some(place.map_or(Holds::Whole, Holds::At))
        })
    }

    fn value(&self, test: &CompiledValue, value: Option<&str>) -> bool {
        let filled = value.filter(|value| !value.is_empty());
        if let CompiledValue::Plain(
            test @ (ValueTest::Filled | ValueTest::Blank | ValueTest::Missing),
        ) = test
        {
            return match test {
                ValueTest::Filled => filled.is_some(),
                ValueTest::Blank => value.is_some_and(str::is_empty),
                _ => filled.is_none(),
            };
        }
        let Some(value) = filled else { return false };
        match test {
            CompiledValue::Plain(test) => self.plain(test, value),
            CompiledValue::Pattern { pattern, wanted } => {
                pattern.regex().is_some_and(|regex| regex.is_match(value) == *wanted)
            }
            CompiledValue::Has(list) => {
                let value = Prepared::new(value, false);
                !all_places(self.compiled, &value, *list, WordSet::full()).is_empty()
            }
        }
    }

    /// A test on a value in which something stands.
    fn plain(&self, test: &ValueTest, value: &str) -> bool {
        let other = |field: &str| self.record.text(field).map(str::trim).filter(|v| !v.is_empty());
        let one_of = |part: &str, known: &[String]| {
            known.iter().any(|known| known.trim().to_lowercase() == part.to_lowercase())
        };
        match test {
            ValueTest::Date => self.date(value).is_some(),
            ValueTest::NotDate => self.date(value).is_none(),
            ValueTest::In(known) => parts(value).all(|part| one_of(part, known)),
            ValueTest::NotIn(known) => parts(value).any(|part| !one_of(part, known)),
            ValueTest::InFact(fact) => {
                let known = self.facts.get(fact).map(FactValue::words);
                known.is_some_and(|known| parts(value).all(|part| one_of(part, &known)))
            }
            ValueTest::NotInFact(fact) => {
                let known = self.facts.get(fact).map(FactValue::words);
                known.is_some_and(|known| parts(value).any(|part| !one_of(part, &known)))
            }
            ValueTest::SameAs(field) => {
                other(field).is_some_and(|other| other.to_lowercase() == value.to_lowercase())
            }
            ValueTest::DiffersFrom(field) => {
                other(field).is_some_and(|other| other.to_lowercase() != value.to_lowercase())
            }
            ValueTest::OlderThan { days, before } => {
                let until = self.other_date(before.as_deref());
                self.date(value).zip(until).is_some_and(|(date, until)| {
                    date.until(until).is_ok_and(|span| i64::from(span.get_days()) > *days)
                })
            }
            ValueTest::LaterThan(field) => {
                let from = self.other_date(field.as_deref());
                self.date(value).zip(from).is_some_and(|(date, from)| date > from)
            }
            ValueTest::ShorterThan(length) => value.chars().count() < *length,
            ValueTest::LongerThan(length) => value.chars().count() > *length,
            ValueTest::Below(field) => {
                let number = |text: &str| text.replace(',', "").parse::<f64>().ok();
                let bound = other(field).and_then(number);
                number(value).zip(bound).is_some_and(|(number, bound)| number < bound)
            }
            // Answered before, or resolved to something else.
            ValueTest::Filled
            | ValueTest::Blank
            | ValueTest::Missing
            | ValueTest::Matches(_)
            | ValueTest::Lacks(_)
            | ValueTest::Has(_) => false,
        }
    }

    fn other_date(&self, field: Option<&str>) -> Option<jiff::civil::Date> {
        match field {
            Some(field) => self.record.text(field).and_then(|text| self.date(text)),
            None => as_of(self.facts),
        }
    }

    fn date(&self, written: &str) -> Option<jiff::civil::Date> {
        let order = match self.facts.get(DATE_ORDER) {
            Some(FactValue::Text(name)) => Order::by_name(name),
            _ => None,
        };
        dates::read(written, order)
    }
}

/// Judges what a record holds beside its texts.
pub fn record(
    scene: &RecordScene<'_>,
    active: &Activation,
    finds: impl Iterator<Item = FindId>,
) -> Vec<(Option<usize>, Found)> {
    let RecordScene { compiled, record, .. } = *scene;
    let mut all: Vec<(Option<usize>, Found)> = Vec::new();
    for id in finds {
        let find = &compiled.finds[id];
        let Some(RuleState::Judged { severity, .. }) = active.rules.get(find.rule) else {
            continue;
        };
        let place = match scene.holds(id) {
            None => continue,
            Some(Holds::Whole) => None,
            Some(Holds::At(at)) => Some(at),
        };
        let len = place.map_or(0, |at| record.values[at].text.len());
        let severity = find.severity.unwrap_or(*severity);
        let known = all
            .iter_mut()
            .find(|(other, found)| *other == place && found.rule == find.rule)
            .map(|(_, found)| found);
        match known {
            Some(known) if severity > known.severity => {
                known.severity = severity;
                known.find = id;
            }
            Some(_) => {}
            None => all.push((
                place,
                Found {
                    spans: vec![Span::new(0, len)],
                    rule: find.rule,
                    find: id,
                    severity,
                    related: Vec::new(),
                    disguises: Vec::new(),
                    counted: None,
                    finds: vec![find.nth],
                    puts: Vec::new(),
                    disputed: false,
                    sentence: Span::new(0, len),
                },
            )),
        }
    }
    all
}

/// The day for which a check is made.
pub fn as_of(facts: &Facts) -> Option<jiff::civil::Date> {
    day(facts, AS_OF)
}

/// The value of a fact that is a day.
pub fn day(facts: &Facts, name: &str) -> Option<jiff::civil::Date> {
    match facts.get(name)? {
        FactValue::Text(text) => dates::read(text, None),
        _ => None,
    }
}

/// The parts of a value that lists several things.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    value.split([';', ',', '|', '\n']).map(str::trim).filter(|part| !part.is_empty())
}
