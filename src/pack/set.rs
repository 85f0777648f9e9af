//! Packs put together: what they share is found and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::model::{FactDeclaration, FactKind, List, Pack, Rule};
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
