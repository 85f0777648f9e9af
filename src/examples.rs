//! The examples inside packs, run through the engine that users run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::engine::{Alone, Engine, FieldScan, Found, Prepared, Put, RuleState, Tally, engine_key};
use crate::error::Error;
use crate::facts::{FactOrigin, FactValue, Facts};
use crate::pack::{Example, KIND, PackSet, Rule, Severity};
use crate::record::{Record, RecordValue};
use crate::run::each;
use crate::text::{Lines, Span};

/// What came of the examples of a set of packs.
#[derive(Debug, Default)]
pub struct ExampleOutcome {
    /// How many hold.
    pub passed: usize,
    /// The others, in the order of the packs.
    pub failures: Vec<ExampleFailure>,
}

/// An example that does not hold.
#[derive(Debug)]
pub struct ExampleFailure {
    /// The rule it belongs to.
    pub rule: String,
    /// The pack's file and the line of the example.
    pub place: String,
    /// Its text.
    pub text: String,
    /// What should have been found.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for ExampleFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} at {}", self.rule, self.place)?;
        writeln!(f, "  text:     {}", self.text.replace('\n', "\\n"))?;
        writeln!(f, "  expected: {}", self.expected)?;
        writeln!(f, "  found:    {}", self.found)
    }
}

/// The facts of an example: what it says itself, then pack defaults. Where an
/// example does not say what kind of text it is, it is the first kind its rule
/// is about.
fn facts_of(set: &PackSet, rule: &Rule, example: &Example) -> Facts {
    let mut facts = Facts::default();
    let kind = rule
        .when
        .iter()
        .find(|test| test.fact == KIND && !test.negated)
        .and_then(|test| test.values.first().cloned())
        .unwrap_or_else(|| "post".to_owned());
    facts.set(KIND, FactValue::Text(kind), FactOrigin::Format);
    for fact in set.facts() {
        if let Some(default) = &fact.default {
            facts.set(&fact.name, default.clone(), FactOrigin::PackDefault);
        }
    }
    for (name, value) in &example.facts {
        facts.set(name, value.clone(), FactOrigin::CommandLine);
    }
    for stated in set.stated(&record_of(example), &facts) {
        match stated.value {
            Some(value) => facts.set(&stated.fact, value, FactOrigin::FrontMatter),
            None => facts.set_unreadable(&stated.fact, FactOrigin::FrontMatter),
        }
    }
    facts
}

/// What stands beside the text of an example. Its spans lead nowhere.
fn record_of(example: &Example) -> Record {
    let values = example.record.iter().map(|(name, text, _)| RecordValue {
        name: name.as_str().into(),
        text: text.clone(),
        span: Span::default(),
    });
    Record { number: Some(1), values: values.collect(), ..Record::default() }
}

/// Runs every example of every rule that is not switched off.
///
/// # Errors
///
/// Where the packs cannot be compiled.
pub fn run_examples(set: &Arc<PackSet>) -> Result<ExampleOutcome, Error> {
    let rules: Vec<&Rule> = set.rules().map(|(_, rule)| rule).filter(|r| r.off.is_none()).collect();
    let mut outcome = ExampleOutcome::default();
    for of_rule in each(rules, |rule| examples_of(set, rule)) {
        let of_rule = of_rule?;
        outcome.passed += of_rule.passed;
        outcome.failures.extend(of_rule.failures);
    }
    Ok(outcome)
}

/// Runs the examples of one rule, in an engine of that rule and of those it yields
/// to: the others cannot change what it finds, and compiling them takes time.
fn examples_of(set: &Arc<PackSet>, rule: &Rule) -> Result<ExampleOutcome, Error> {
    let wanted = |other: &Rule| {
        other.id == rule.id
            || rule.yields_to.iter().any(|(name, _)| {
                other.id == *name || other.aliases.iter().any(|alias| alias == name)
            })
    };
    let mut outcome = ExampleOutcome::default();
    let mut engines = BTreeMap::new();
    let bad = rule.bad.iter().map(|example| (true, example));
    let good = rule.good.iter().map(|example| (false, example));
    for (bad, example) in bad.chain(good) {
        let facts = facts_of(set, rule, example);
        let key = engine_key(set, &facts);
        let engine = if let Some(engine) = engines.get(&key) {
            engine
        } else {
            let engine = Engine::of_rules(Arc::clone(set), &facts, &wanted)?;
            engines.entry(key).or_insert(engine)
        };
        match judge(engine, rule, bad, example, &facts) {
            None => outcome.passed += 1,
            Some(failure) => outcome.failures.push(failure),
        }
    }
    Ok(outcome)
}

fn judge(
    engine: &Engine,
    rule: &Rule,
    bad: bool,
    example: &Example,
    facts: &Facts,
) -> Option<ExampleFailure> {
    let active = engine.activate(facts);
    let id = (0..engine.rule_count()).find(|&id| engine.rule(id).1.id == rule.id)?;
    let fail = |expected: String, found: String| {
        let line = Lines::new(&rule.file.text).position(example.span.start).line;
        Some(ExampleFailure {
            rule: rule.id.clone(),
            place: format!("{}:{line}", rule.file.name),
            text: example.text.clone(),
            expected,
            found,
        })
    };
    if let RuleState::NotJudged { missing } = &active.rules[id] {
        return fail(
            "to be judged".into(),
            format!("not judged: the fact {} is not set in this example", missing.join(", ")),
        );
    }
    let record = record_of(example);
    let field = Prepared::new(&example.text, false);
    // A rule that reads only some fields is shown in one of them.
    let name = example.field.as_ref().or(rule.fields.first()).map_or("body", String::as_str);
    let scan = FieldScan { field: &field, name, active: &active, around: &Alone, record: &record };
    let mut found: Vec<_> =
        engine.scan(&scan).into_iter().filter(|found| found.rule == id).collect();
    let plan = engine.plan_for(&record, &active);
    let beside = engine.scan_record(&record, &active, &plan);
    let beside: Vec<_> = beside.into_iter().filter(|(_, found)| found.rule == id).collect();
    let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
    for found in &found {
        if let Some((with, _)) = engine.needs(found) {
            tallies.entry(with).or_default().add(found);
        }
    }
    // An example is a document of one field.
    found.retain(|found| {
        engine.needs(found).is_none_or(|(with, needs)| tallies[&with].is_enough(needs))
    });
    let mut spans: Vec<Span> = found.iter().flat_map(|found| found.spans.iter().copied()).collect();
    spans.sort_unstable();
    let mut places: Vec<usize> = beside.iter().filter_map(|(place, _)| *place).collect();
    places.sort_unstable();
    places.dedup();
    let marked: Vec<usize> = (0..example.record.len()).filter(|&at| example.record[at].2).collect();
    let counts = rule.finds.iter().any(|find| find.what.is_about_text());
    let unmarked = bad && example.marks.is_empty() && marked.is_empty();
    let right = if unmarked && (counts || !example.record.is_empty()) {
        !spans.is_empty() || !beside.is_empty()
    } else {
        spans == example.marks && places == marked && (bad || beside.is_empty())
    };
    if !right {
        let show = |spans: &[Span], places: &[usize]| {
            let mut parts = Vec::new();
            if !spans.is_empty() {
                parts.push(words(&example.text, spans));
            }
            parts.extend(places.iter().map(|&at| {
                let (name, text, _) = &example.record[at];
                format!("{name} «{text}»")
            }));
            if parts.is_empty() { "nothing".to_owned() } else { parts.join(" ") }
        };
        let mut shown = show(&spans, &places);
        if beside.iter().any(|(place, _)| place.is_none()) {
            shown.push_str(" (and the record as a whole)");
        }
        return fail(show(&example.marks, &marked), shown);
    }
    let worst = found.iter().chain(beside.iter().map(|(_, found)| found)).map(|f| f.severity).max();
    match (example.severity, worst) {
        (Some(wanted), Some(worst)) if wanted != worst => {
            return fail(
                format!("severity {}", Severity::name(wanted)),
                format!("severity {}", Severity::name(worst)),
            );
        }
        _ => {}
    }
    let (expected, shown) = fix_fails((engine, id), &scan, example, found)?;
    fail(expected, shown)
}

/// What should have come of the fixes of an example, and what did, where that is not
/// the same.
fn fix_fails(
    (engine, id): (&Engine, usize),
    scan: &FieldScan<'_>,
    example: &Example,
    found: Vec<Found>,
) -> Option<(String, String)> {
    let mut puts: Vec<Put> = found.into_iter().flat_map(|found| found.puts).collect();
    puts.sort();
    puts.dedup();
    let (fixed, places) = fixed(&example.text, &puts);
    if let Some(wanted) = example.fixed.as_ref().filter(|wanted| **wanted != fixed) {
        let shown = |text: &str| {
            if text == example.text {
                return "no fix".to_owned();
            }
            format!("fixed: {}", text.replace('\n', "\\n"))
        };
        return Some((shown(wanted), shown(&fixed)));
    }
    let field = Prepared::new(&fixed, false);
    let scan = FieldScan { field: &field, ..*scan };
    let again = engine.scan(&scan).into_iter().filter(|found| found.rule == id);
    let again: Vec<Span> = again
        .flat_map(|found| found.spans)
        .filter(|span| places.iter().any(|place| place.overlaps(*span)))
        .collect();
    let shown = || format!("{} in «{fixed}»", words(&fixed, &again));
    (!again.is_empty()).then(|| ("nothing in the places of its fixes".to_owned(), shown()))
}

/// A text with all fixes made, and where what they wrote stands in it.
fn fixed(text: &str, puts: &[Put]) -> (String, Vec<Span>) {
    let mut out = String::new();
    let mut places = Vec::new();
    let mut at = 0;
    for put in puts {
        // The first of two that overlap is made.
        if put.span.start < at {
            continue;
        }
        out.push_str(&text[at..put.span.start]);
        let start = out.len();
        out.push_str(&put.new);
        places.push(Span::new(start, out.len()));
        at = put.span.end;
    }
    out.push_str(&text[at..]);
    (out, places)
}

fn words(text: &str, spans: &[Span]) -> String {
    spans.iter().map(|span| format!("«{}»", &text[span.range()])).collect::<Vec<_>>().join(" ")
}
