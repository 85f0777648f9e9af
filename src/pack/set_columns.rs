//! What packs ask of the columns of a table and the keys of front matter.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::model::{FactDeclaration, Rule};
use super::record_test::{AS_OF, ValueTest};
use super::set::{DATE, DATE_ORDER, PackSet, Stated};
use crate::dates::Order;
use crate::facts::{FactValue, Facts};
use crate::record::{Record, same_name};

impl PackSet {
    /// The fields of records that rules test or facts are stated by, as spelled in
    /// packs.
    pub fn record_fields(&self) -> BTreeSet<String> {
        let tests = self.rules().flat_map(|(_, rule)| &rule.finds).flat_map(|find| &find.record);
        tests
            .flat_map(|test| {
                let others = test.value.iter().filter_map(|value| value.other_field());
                test.fields.iter().cloned().chain(others.map(str::to_owned))
            })
            .chain(self.rules().flat_map(|(_, rule)| rule.name_fields.iter().cloned()))
            .chain(self.stated_facts().flat_map(|fact| fact.fields.iter().cloned()))
            .collect()
    }

    /// Says that the column `column` holds what the packs call `name`: a fact, or a field
    /// that a rule reads. Returns whether they call anything so.
    pub fn map_column(&mut self, column: &str, name: &str) -> bool {
        let mut known = false;
        for fact in &mut self.facts {
            if same_name(&fact.name, name) || fact.fields.iter().any(|field| same_name(field, name))
            {
                fact.fields.insert(0, column.to_owned());
                known = true;
            }
        }
        let rules = self.packs.iter_mut().flat_map(|pack| &mut Arc::make_mut(pack).rules);
        for rule in rules {
            let tests = rule.finds.iter_mut().flat_map(|find| &mut find.record);
            let of_tests = tests.flat_map(|test| {
                let others = test.value.iter_mut().filter_map(ValueTest::other_field_mut);
                test.fields.iter_mut().chain(others)
            });
            // The columns of names stand beside each other; a test asks for its own.
            for field in of_tests.chain(&mut rule.name_fields) {
                if same_name(field, name) {
                    column.clone_into(field);
                    known = true;
                }
            }
        }
        known
    }

    /// The facts that columns and front matter can state. The day of publication is
    /// asked for only where a rule has its days.
    pub fn stated_facts(&self) -> impl Iterator<Item = &FactDeclaration> {
        let dated = |rule: &Rule| rule.during.is_some() || rule.days != (None, None);
        let any = self.rules().any(|(_, rule)| dated(rule));
        self.facts.iter().filter(move |fact| fact.name != DATE || any)
    }

    /// The facts that tests on records ask for.
    pub fn facts_of_records(&self) -> BTreeSet<&str> {
        let tests = self.rules().flat_map(|(_, rule)| &rule.finds).flat_map(|find| &find.record);
        tests
            .flat_map(|test| &test.value)
            .filter_map(|value| value.fact())
            .chain([AS_OF, DATE_ORDER])
            .collect()
    }

    /// The facts that a record states, and their values.
    pub fn stated(&self, record: &Record, facts: &Facts) -> Vec<Stated> {
        let order = match facts.get(DATE_ORDER) {
            Some(FactValue::Text(name)) => Order::by_name(name),
            _ => None,
        };
        self.stated_facts()
            .filter_map(|fact| {
                let fields = fact.fields.iter().filter_map(|field| record.position(field));
                let at =
                    fields.into_iter().find(|&at| !record.values[at].text.trim().is_empty())?;
                let value = fact.kind.of_field(&record.values[at].text, order);
                Some(Stated { fact: fact.name.clone(), value, at })
            })
            .collect()
    }
}
