//! The rules of packs, checked against the facts and the rules of the others.

use std::collections::BTreeSet;

use super::model::{FactKind, FactTest, Find, Most, Rule, What};
use super::set::PackSet;
use crate::syntax::Diagnostic;

impl PackSet {
    pub(super) fn check_rules(&self, faults: &mut Vec<Diagnostic>) {
        let rule_names: Vec<&str> = self.rules().map(|(_, rule)| rule.id.as_str()).collect();
        for (_, rule) in self.rules() {
            for (name, span) in &rule.yields_to {
                if self.rule(name).is_none() {
                    faults.push(
                        Diagnostic::fault(&rule.file, *span, format!("there is no rule `{name}`"))
                            .label("unknown")
                            .did_you_mean(name, rule_names.iter().copied()),
                    );
                } else if self.yields_back(name, &rule.id) {
                    faults.push(
                        Diagnostic::fault(
                            &rule.file,
                            *span,
                            format!("`{}` yields to itself, so it is never heard", rule.id),
                        )
                        .label("in a circle"),
                    );
                }
            }
            let whens = std::iter::once(&rule.when)
                .chain(rule.levels.iter().map(|(when, _)| when))
                .chain(rule.finds.iter().map(|find| &find.when));
            for test in whens.flatten() {
                self.check_test(rule, test, faults);
            }
            for find in &rule.finds {
                self.check_most(rule, find, faults);
            }
            if let Some(name) = &rule.during {
                let fits = |kind: &FactKind| *kind == FactKind::Periods;
                self.check_named_fact(rule, name, rule.span.start, (&fits, "`periods`"), faults);
            }
            self.check_tested_facts(rule, faults);
            for example in rule.bad.iter().chain(&rule.good) {
                for (name, value) in &example.facts {
                    let wrong = match self.fact(name) {
                        None => Some(format!("no pack declares the fact `{name}`")),
                        Some(fact) => {
                            fact.kind.refuses(value).map(|why| format!("the fact `{name}` {why}"))
                        }
                    };
                    if let Some(message) = wrong {
                        faults.push(
                            Diagnostic::fault(&rule.file, example.span, message)
                                .label("in the facts of this example")
                                .did_you_mean(
                                    name,
                                    self.facts
                                        .iter()
                                        .map(|fact| fact.name.as_str())
                                        .filter(|known| known != name),
                                ),
                        );
                    }
                }
            }
        }
    }

    /// A fact that says how much is allowed exists and is a number.
    fn check_most(&self, rule: &Rule, find: &Find, faults: &mut Vec<Diagnostic>) {
        let What::Count { most: Most::Fact(name), .. } = &find.what else { return };
        let numbers = self.facts.iter().filter(|fact| fact.kind == FactKind::Whole);
        let numbers: Vec<&str> = numbers.map(|fact| fact.name.as_str()).collect();
        if numbers.contains(&name.as_str()) {
            return;
        }
        let message = match self.fact(name) {
            Some(_) => format!("the fact `{name}` is not a number"),
            None => format!("no pack declares the fact `{name}`"),
        };
        faults.push(
            Diagnostic::fault(&rule.file, find.span, message)
                .label("asked for here")
                .did_you_mean(name, numbers),
        );
    }

    /// The facts with which tests on records compare values hold texts.
    fn check_tested_facts(&self, rule: &Rule, faults: &mut Vec<Diagnostic>) {
        let fits = |kind: &FactKind| {
            use FactKind::{List, OneOf, SomeOf, Text};
            matches!(kind, Text | List | OneOf(_) | SomeOf(_))
        };
        // A test beside `[[rule.find]]` tables is part of each of them.
        let mut seen = BTreeSet::new();
        for test in rule.finds.iter().flat_map(|find| &find.record) {
            let start = test.span.start;
            let from = start + rule.file.text[start..].find("in_fact").unwrap_or(0);
            for name in test.value.iter().filter_map(|value| value.fact()) {
                if seen.insert((start, name)) {
                    let kinds = "`text`, `list`, `one-of` or `some-of`";
                    self.check_named_fact(rule, name, from, (&fits, kinds), faults);
                }
            }
        }
    }

    /// A fact that a rule names by itself, at `from` or behind, exists and is of a
    /// kind that fits.
    fn check_named_fact(
        &self,
        rule: &Rule,
        name: &str,
        from: usize,
        (fits, kinds): (&dyn Fn(&FactKind) -> bool, &str),
        faults: &mut Vec<Diagnostic>,
    ) {
        let place = rule.file.text[from..]
            .find(name)
            .map_or(rule.span, |at| crate::text::Span::new(from + at, from + at + name.len()));
        let fault = match self.fact(name) {
            None => format!("no pack declares the fact `{name}`"),
            Some(fact) if !fits(&fact.kind) => {
                format!("the fact `{name}` is not of the type {kinds}")
            }
            Some(_) => return,
        };
        faults.push(
            Diagnostic::fault(&rule.file, place, fault)
                .label("asked for here")
                .did_you_mean(name, self.facts.iter().map(|fact| fact.name.as_str())),
        );
    }

    fn check_test(&self, rule: &Rule, test: &FactTest, faults: &mut Vec<Diagnostic>) {
        let place = |word: &str| {
            let from = rule.span.start;

            rule.file.text[from..]
                .find(word)
                .map_or(rule.span, |at| crate::text::Span::new(from + at, from + at + word.len()))
        };
        match self.fact(&test.fact).map(|fact| &fact.kind) {
            None => faults.push(
                Diagnostic::fault(
                    &rule.file,
                    place(&test.fact),
                    format!("no pack declares the fact `{}`", test.fact),
                )
                .label("asked for here")
                .did_you_mean(&test.fact, self.facts.iter().map(|fact| fact.name.as_str())),
            ),
            Some(FactKind::OneOf(values) | FactKind::SomeOf(values)) => {
                for value in test.values.iter().filter(|value| !values.contains(value)) {
                    faults.push(
                        Diagnostic::fault(
                            &rule.file,
                            place(value),
                            format!("the fact `{}` is never `{value}`", test.fact),
                        )
                        .label("asked for here")
                        .help(format!("its values are {}", values.join(", ")))
                        .did_you_mean(value, values.iter().map(String::as_str)),
                    );
                }
            }
            Some(_) => {}
        }
    }

    /// Whether `from`, or a rule it yields to, yields to `rule` (or is it).
    fn yields_back(&self, from: &str, rule: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut queue = vec![from];
        while let Some(name) = queue.pop() {
            if name == rule {
                return true;
            }
            if seen.insert(name)
                && let Some((_, next)) = self.rule(name)
            {
                queue.extend(next.yields_to.iter().map(|(name, _)| name.as_str()));
            }
        }
        false
    }
}
