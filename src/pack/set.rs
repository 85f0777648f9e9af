//! Packs put together: what they share is found and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::model::{FactDeclaration, FactKind, FactTest, Find, List, Most, Pack, Rule, What};
use super::record_test::AS_OF;
use crate::facts::FactValue;
use crate::record::SCHEDULED;
use crate::syntax::Diagnostic;

/// The packs in use, in the order they were asked for.
#[derive(Clone, Debug, Default)]
pub struct PackSet {
    pub(super) packs: Vec<Arc<Pack>>,
    /// For each pack, the packs whose lists it sees: itself first.
    pub(super) scopes: Vec<Vec<usize>>,
    pub(super) facts: Vec<FactDeclaration>,
    /// So many of the packs, the first ones, somebody has named.
    named: usize,
}

/// The name of the fact that says what kind of text is checked. Every pack may
/// ask for it.
pub const KIND: &str = "kind";

/// The fact that says on which day the text is published.
pub const DATE: &str = "date";

/// The fact that says which number of `01/07/2026` is the day.
pub const DATE_ORDER: &str = "date_order";

/// The facts that every pack may ask for.
fn common_facts() -> Vec<FactDeclaration> {
    let fact = |name: &str, kind: FactKind, fields: &[&str], about: &str| FactDeclaration {
        name: name.to_owned(),
        kind,
        default: None,
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        about: about.to_owned(),
    };
    let one_of = |values: &[&str]| FactKind::OneOf(values.iter().map(|&v| v.to_owned()).collect());
    vec![
        fact(
            KIND,
            one_of(&["post", "page", "note", "record"]),
            &[],
            "What is checked: a post, a page, a note about a person, or a record of work.",
        ),
        fact(AS_OF, FactKind::Date, &[], "The day for which the check is made; today otherwise."),
        fact(
            DATE,
            FactKind::Date,
            SCHEDULED,
            "The day on which the text is published; the day of the check otherwise.",
        ),
        fact(
            DATE_ORDER,
            one_of(&["day-first", "month-first"]),
            &[],
            "How dates such as 01/07/2026 are meant.",
        ),
    ]
}

/// A fact that a record states.
#[derive(Clone, Debug)]
pub struct Stated {
    /// The fact.
    pub fact: String,
    /// Its value; `None` where what the record says is no value of the fact.
    pub value: Option<FactValue>,
    /// The place of the field among the values of the record.
    pub at: usize,
}

impl PackSet {
    /// Puts packs together and reports every fault between them. The set can be
    /// used only where no fault was found.
    pub fn assemble(packs: Vec<Pack>, faults: &mut Vec<Diagnostic>) -> Self {
        Self::share(packs.into_iter().map(Arc::new).collect(), faults)
    }

    /// The same of packs that may be part of other sets as well.
    pub fn share(packs: Vec<Arc<Pack>>, faults: &mut Vec<Diagnostic>) -> Self {
        let mut set = Self { packs, scopes: Vec::new(), facts: common_facts(), named: 0 };
        set.find_scopes(faults);
        set.gather_facts(faults);
        set.check_names(faults);
        set.check_rules(faults);
        set.check_duties(faults);
        set.apply_changes(faults);
        set.check_lists(faults);
        set.check_weights(faults);
        set
    }

    /// The packs, in the order they were asked for.
    pub fn packs(&self) -> &[Arc<Pack>] {
        &self.packs
    }

    /// Notes that somebody has named the first packs, so many of them; the others are
    /// those they build on.
    #[must_use]
    pub fn naming(mut self, named: usize) -> Self {
        self.named = named;
        self
    }

    /// The packs that somebody has named, by their index; none where all shipped packs
    /// are in use because nobody has named any.
    pub fn named(&self) -> std::ops::Range<usize> {
        0..self.named.min(self.packs.len())
    }

    /// Every rule with the index of its pack, in the order of the packs.
    pub fn rules(&self) -> impl Iterator<Item = (usize, &Rule)> {
        self.packs
            .iter()
            .enumerate()
            .flat_map(|(at, pack)| pack.rules.iter().map(move |rule| (at, rule)))
    }

    /// The rule of that name, old names included.
    pub fn rule(&self, name: &str) -> Option<(usize, &Rule)> {
        self.rules()
            .find(|(_, rule)| rule.id == name || rule.aliases.iter().any(|alias| alias == name))
    }

    /// The facts that any pack asks for.
    pub fn facts(&self) -> &[FactDeclaration] {
        &self.facts
    }

    /// The declaration of a fact.
    pub fn fact(&self, name: &str) -> Option<&FactDeclaration> {
        self.facts.iter().find(|fact| fact.name == name)
    }

    /// The list a pack means by a name, and the pack that holds it.
    pub fn list(&self, pack: usize, name: &str) -> Option<(usize, &List)> {
        self.scopes[pack].iter().find_map(|&at| {
            self.packs[at].lists.iter().find(|list| list.name == name).map(|list| (at, list))
        })
    }

    /// The packs whose lists and weights a pack can name, itself first.
    pub(super) fn scope(&self, pack: usize) -> &[usize] {
        &self.scopes[pack]
    }

    /// A pack and those it builds on, itself first.
    pub fn with_extended(&self, pack: usize) -> Vec<usize> {
        let mut packs = vec![pack];
        let mut next = 0;
        while let Some(&at) = packs.get(next) {
            next += 1;
            for (base, _) in &self.packs[at].extends {
                let found = self.packs.iter().position(|pack| pack.id == *base);
                packs.extend(found.filter(|found| !packs.contains(found)));
            }
        }
        packs
    }

    fn find_scopes(&mut self, faults: &mut Vec<Diagnostic>) {
        for at in 0..self.packs.len() {
            let mut scope = vec![at];
            let mut next = 0;
            while let Some(&pack) = scope.get(next) {
                next += 1;
                for (base, span) in &self.packs[pack].extends {
                    let found = self.packs.iter().position(|pack| pack.id == *base);
                    let file = &self.packs[pack].file;
                    match found {
                        Some(base) if base == at => faults.push(
                            Diagnostic::fault(file, *span, "packs extend one another in a circle")
                                .label("back to where it began"),
                        ),
                        Some(base) if !scope.contains(&base) => scope.push(base),
                        None if pack == at => faults.push(
                            Diagnostic::fault(
                                file,
                                *span,
                                format!("there is no pack `{base}` to extend"),
                            )
                            .label("not among the packs in use")
                            .did_you_mean(base, self.packs.iter().map(|pack| pack.id.as_str())),
                        ),
                        // Known already, or reported with the pack that says so.
                        _ => {}
                    }
                }
            }
            self.scopes.push(scope);
        }
    }

    fn gather_facts(&mut self, faults: &mut Vec<Diagnostic>) {
        for pack in &self.packs {
            for fact in &pack.facts {
                match self.facts.iter_mut().find(|known| known.name == fact.name) {
                    None => self.facts.push(fact.clone()),
                    Some(known) => {
                        known.fields.extend(fact.fields.iter().cloned());
                        known.default = known.default.take().or_else(|| fact.default.clone());
                        match (&mut known.kind, &fact.kind) {
                            (FactKind::OneOf(values), FactKind::OneOf(more))
                            | (FactKind::SomeOf(values), FactKind::SomeOf(more)) => {
                                for value in more {
                                    if !values.contains(value) {
                                        values.push(value.clone());
                                    }
                                }
                            }
                            (one, other) if one == other => {}
                            _ => {
                                let span =
                                    pack.file.text.find(&format!("\"{}\"", fact.name)).map_or_else(
                                        || crate::text::Span::new(0, 0),
                                        |at| crate::text::Span::new(at, at + fact.name.len() + 2),
                                    );
                                faults.push(
                                    Diagnostic::fault(
                                        &pack.file,
                                        span,
                                        format!(
                                            "another pack declares the fact `{}` with another type",
                                            fact.name
                                        ),
                                    )
                                    .label("declared here"),
                                );
                            }
                        }
                    }
                }
            }
        }
    }

    fn check_names(&self, faults: &mut Vec<Diagnostic>) {
        let mut ids = BTreeSet::new();
        for pack in &self.packs {
            if !ids.insert(&pack.id) {
                let at = pack.file.text.find("id").unwrap_or(0);
                faults.push(
                    Diagnostic::fault(
                        &pack.file,
                        crate::text::Span::new(at, at),
                        format!("two packs in use have the id `{}`", pack.id),
                    )
                    .label("one of them"),
                );
            }
        }
        let mut names: BTreeMap<&str, &Rule> = BTreeMap::new();
        for (_, rule) in self.rules() {
            for name in std::iter::once(&rule.id).chain(&rule.aliases) {
                if let Some(other) = names.insert(name, rule)
                    && !std::ptr::eq(other, rule)
                {
                    faults.push(
                        Diagnostic::fault(
                            &rule.file,
                            rule.span,
                            format!("another pack has a rule `{name}`"),
                        )
                        .label("named twice")
                        .help(format!("the other one is in {}", other.file.name)),
                    );
                }
            }
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

    fn check_rules(&self, faults: &mut Vec<Diagnostic>) {
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

    /// Carries out `[[adjust]]` and `[[add]]`.
    fn apply_changes(&mut self, faults: &mut Vec<Diagnostic>) {
        for at in 0..self.packs.len() {
            let scope = self.scopes[at].clone();
            let file = Arc::clone(&self.packs[at].file);
            for change in self.packs[at].adjustments.clone() {
                let known: Vec<String> = scope
                    .iter()
                    .filter(|&&pack| pack != at)
                    .flat_map(|&pack| self.packs[pack].rules.iter().map(|rule| rule.id.clone()))
                    .collect();
                let owner = scope.iter().copied().find(|&pack| {
                    pack != at && self.packs[pack].rules.iter().any(|rule| rule.id == change.rule)
                });
                let Some(owner) = owner else {
                    faults.push(
                        Diagnostic::fault(
                            &file,
                            change.span,
                            format!("no extended pack has a rule `{}`", change.rule),
                        )
                        .label("unknown")
                        .did_you_mean(&change.rule, known.iter().map(String::as_str)),
                    );
                    continue;
                };
                let shields: Vec<String> = change.shields.clone();
                for shield in &shields {
                    if !self.packs[at].lists.iter().any(|list| list.name == *shield) {
                        faults.push(
                            Diagnostic::fault(
                                &file,
                                change.span,
                                format!("this pack has no list `{shield}`"),
                            )
                            .label("for this rule")
                            .did_you_mean(
                                shield,
                                self.packs[at].lists.iter().map(|list| list.name.as_str()),
                            ),
                        );
                    }
                }
                let lists: Vec<List> = self.packs[at]
                    .lists
                    .iter()
                    .filter(|list| shields.contains(&list.name))
                    .cloned()
                    .collect();
                let from = self.packs[at].id.clone();
                // The lists that these shields name are lists of this pack.
                if !lists.is_empty() && !self.scopes[owner].contains(&at) {
                    self.scopes[owner].push(at);
                }
                let base = Arc::make_mut(&mut self.packs[owner]);
                let mut names = Vec::new();
                for mut list in lists {
                    list.name = format!("{from}/{}", list.name);
                    names.push(list.name.clone());
                    if !base.lists.iter().any(|known| known.name == list.name) {
                        base.lists.push(list);
                    }
                }
                let Some(rule) = base.rules.iter_mut().find(|rule| rule.id == change.rule) else {
                    continue;
                };
                if let Some(severity) = change.severity {
                    rule.severity = severity;
                    rule.levels.clear();
                    for find in &mut rule.finds {
                        find.severity = None;
                    }
                }
                if change.off {
                    rule.off = Some(change.reason.clone());
                }
                rule.help = change.help.clone().unwrap_or_else(|| rule.help.clone());
                rule.ask = change.ask.clone().or_else(|| rule.ask.clone());
                for find in &mut rule.finds {
                    find.shields.extend(names.iter().cloned());
                }
            }
            self.apply_additions(at, &scope, faults);
        }
    }

    /// Carries out the `[[add]]` tables of one pack.
    fn apply_additions(&mut self, at: usize, scope: &[usize], faults: &mut Vec<Diagnostic>) {
        let file = Arc::clone(&self.packs[at].file);
        for (name, addition) in self.packs[at].additions.clone() {
            let owner = scope.iter().copied().find(|&pack| {
                pack != at && self.packs[pack].lists.iter().any(|list| list.name == name)
            });
            // What was added may name lists of the pack that adds it.
            if let Some(owner) = owner
                && !self.scopes[owner].contains(&at)
            {
                self.scopes[owner].push(at);
            }
            let list = owner.and_then(|pack| {
                let lists = &mut Arc::make_mut(&mut self.packs[pack]).lists;
                lists.iter_mut().find(|list| list.name == name)
            });
            if let Some(list) = list {
                list.entries.extend(addition.entries);
            } else {
                let span = addition
                    .entries
                    .first()
                    .map_or(crate::text::Span::new(0, 0), |entry| entry.span);
                faults.push(
                    Diagnostic::fault(&file, span, format!("no extended pack has a list `{name}`"))
                        .label("added to it here"),
                );
            }
        }
    }

    /// Checks a value that somebody wants to give a fact.
    pub fn check_fact(&self, name: &str, value: &FactValue) -> Result<(), String> {
        match self.fact(name) {
            None => {
                let close =
                    crate::syntax::nearest(name, self.facts.iter().map(|fact| fact.name.as_str()));
                Err(match close {
                    Some(close) => format!(
                        "no pack in use asks for the fact `{name}`; did you mean `{close}`?"
                    ),
                    None => format!("no pack in use asks for the fact `{name}`"),
                })
            }
            Some(fact) => {
                if let Some(why) = fact.kind.refuses(value) {
                    return Err(format!("the fact `{name}` {why}"));
                }
                let names_phrases = self
                    .packs
                    .iter()
                    .flat_map(|pack| &pack.lists)
                    .any(|list| list.fact.as_deref() == Some(name));
                if names_phrases {
                    for word in value.words() {
                        super::phrase::parse(&super::phrase::of_fact(&word)).map_err(|fault| {
                            format!("the fact `{name}` cannot be `{word}`: {}", fault.message)
                        })?;
                    }
                }
                Ok(())
            }
        }
    }
}
