//! Finds, compiled, and the tables of weights that they name.

use super::compile::{Classed, Compiler, OpenTable, bare};
use super::compiled::{CompiledCondition, CompiledFind, CompiledWhat, RuleId};
use super::patterns::Pattern;
use super::record::{CompiledTest, CompiledValue};
use super::replacing;
use super::weigh_table::classes_of_words;
use crate::count::Unit;
use crate::facts::FactValue;
use crate::pack::{Condition, Find, Gate, Most, RecordTest, ValueTest, What};

impl Compiler<'_> {
    pub(super) fn find(
        &mut self,
        pack: usize,
        (rule, nth): (RuleId, usize),
        find: &Find,
        patterns: &mut Vec<Pattern>,
    ) -> CompiledFind {
        let what = match &find.what {
            What::List(name) => CompiledWhat::List(self.list(pack, name)),
            What::Pattern { regex, validate } => {
                patterns.push(Pattern::new(&regex.written, regex.gate().clone()));
                CompiledWhat::Pattern {
                    validator: validate.as_deref().and_then(crate::validate::by_name),
                }
            }
            What::Count { of, most, by_sentence, except } => CompiledWhat::Count {
                unit: Unit::by_name(of).unwrap_or(Unit::Characters),
                most: self.most(most),
                by_sentence: *by_sentence,
                except: except.as_deref().map(|name| self.list(pack, name)),
            },
            What::Missing { list, within } => {
                CompiledWhat::Missing { list: self.list(pack, list), within: *within }
            }
            What::Text { sentences } => CompiledWhat::Text { sentences: *sentences },
            What::Record => CompiledWhat::Record,
        };
        let record: Vec<_> = find.record.iter().map(|test| self.record_test(pack, test)).collect();
        let requires: Vec<_> =
            find.requires.iter().map(|condition| self.condition(pack, condition)).collect();
        let unless = find.unless.iter().map(|condition| self.condition(pack, condition)).collect();
        let cues: Vec<_> = find.cues.iter().map(|name| self.list(pack, name)).collect();
        let shields = find.shields.iter().map(|name| self.list(pack, name)).collect();
        let mut missing_facts = match (&find.what, &what) {
            (
                What::Count { most: Most::Fact(fact), .. },
                CompiledWhat::Count { most: None, .. },
            ) => vec![fact.clone()],
            _ => Vec::new(),
        };
        let searched = match what {
            CompiledWhat::List(list) | CompiledWhat::Missing { list, .. } => Some(list),
            _ => None,
        };
        let tested = find.record.iter().flat_map(|test| &test.value);
        for fact in tested.filter_map(ValueTest::fact) {
            if self.facts.get(fact).is_none() && !missing_facts.iter().any(|known| known == fact) {
                missing_facts.push(fact.to_owned());
            }
        }
        for list in searched
            .into_iter()
            .chain(requires.iter().map(|condition| condition.list))
            .chain(cues.iter().copied())
        {
            for fact in &self.lists[list].missing_facts {
                if !missing_facts.contains(fact) {
                    missing_facts.push(fact.clone());
                }
            }
        }
        CompiledFind {
            rule,
            nth,
            what,
            record,
            cues,
            shields,
            requires,
            unless,
            places: find.places.clone(),
            skip_quoted: find.skip_quoted,
            weigh: find
                .weigh
                .as_ref()
                .and_then(|weigh| Some((self.table(pack, &weigh.by)?, weigh.least))),
            veto: find.weigh.as_ref().and_then(|weigh| weigh.veto),
            severity: find.severity,
            message: find.message.clone(),
            when: find.when.clone(),
            needs: find.needs,
            fields: bare(&find.fields),
            rule_fields: Vec::new(),
            replacing: replacing::of(self.set, pack, find),
            missing_facts,
        }
    }

    /// A find that is not wanted: only its place is kept, and what it
    /// waits for.
    pub(super) fn idle_find(&mut self, (rule, nth): (RuleId, usize), find: &Find) -> CompiledFind {
        let what = match find.what {
            What::Record => CompiledWhat::Record,
            _ => CompiledWhat::List(self.empty_list()),
        };
        CompiledFind {
            rule,
            nth,
            what,
            record: Vec::new(),
            cues: Vec::new(),
            shields: Vec::new(),
            requires: Vec::new(),
            unless: Vec::new(),
            places: Vec::new(),
            skip_quoted: false,
            weigh: None,
            veto: None,
            severity: None,
            message: None,
            when: find.when.clone(),
            needs: None,
            fields: Vec::new(),
            rule_fields: Vec::new(),
            replacing: None,
            missing_facts: Vec::new(),
        }
    }

    /// The number of a table of weights, whose classes are compiled first.
    fn table(&mut self, pack: usize, name: &str) -> Option<usize> {
        let (owner, table) = self.set.weights(pack, name)?;
        let set = self.set;
        let is_same = |at| set.weights(at, name).is_some_and(|(_, known)| known.is_same(table));
        let is_known = |known: &OpenTable| {
            known.name == table.name && (known.owner == owner || is_same(known.owner))
        };
        if let Some(known) = self.tables.iter().position(is_known) {
            return Some(known);
        }
        let classes = table.classes.iter();
        let classes = classes.map(|(name, _)| (name.clone(), self.list(owner, name))).collect();
        // What is added adds nothing itself, or there are faults.
        let is_last =
            |plus: &&String| set.weights(owner, plus).is_some_and(|(_, it)| it.plus.is_none());
        let plus = table.plus.as_ref().map(|(plus, _)| plus).filter(is_last);
        let plus = plus.and_then(|plus| self.table(owner, plus));
        self.tables.push(OpenTable { owner, name: table.name.clone(), classes, plus });
        Some(self.tables.len() - 1)
    }

    /// The tables of weights, each with the classes of its words.
    pub(super) fn with_classes(&mut self) -> Vec<Classed> {
        let classed = |table: OpenTable| {
            let lists = table.classes.iter().map(|(_, list)| *list);
            let of_word = classes_of_words(lists, &self.lists, &self.sequences);
            Classed { table, of_word }
        };
        std::mem::take(&mut self.tables).into_iter().map(classed).collect()
    }

    fn most(&self, most: &Most) -> Option<usize> {
        match most {
            Most::Number(number) => Some(*number),
            Most::Fact(fact) => match self.facts.get(fact)? {
                FactValue::Integer(number) => Some(usize::try_from(*number).unwrap_or(0)),
                _ => None,
            },
        }
    }

    fn record_test(&mut self, pack: usize, test: &RecordTest) -> CompiledTest {
        let pattern = |regex: &String| Pattern::new(regex, Gate::default());
        let value = test
            .value
            .iter()
            .map(|value| match value {
                ValueTest::Matches(regex) => {
                    CompiledValue::Pattern { pattern: pattern(regex), wanted: true }
                }
                ValueTest::Lacks(regex) => {
                    CompiledValue::Pattern { pattern: pattern(regex), wanted: false }
                }
                ValueTest::Has(list) => CompiledValue::Has(self.list(pack, list)),
                plain => CompiledValue::Plain(plain.clone()),
            })
            .collect();
        CompiledTest { fields: test.fields.clone(), value }
    }

    fn condition(&mut self, pack: usize, condition: &Condition) -> CompiledCondition {
        CompiledCondition {
            list: self.list(pack, &condition.list),
            within: condition.within,
            side: condition.side,
            at_least: condition.at_least,
            label: condition.label.clone(),
        }
    }
}
