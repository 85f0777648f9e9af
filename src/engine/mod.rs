//! The scan: packs compiled, texts searched. Uses no threads, files or clocks,
//! and cannot fail once the packs are compiled.

mod activation;
mod anchors;
mod both;
mod compile;
mod compile_finds;
mod compile_lists;
mod compiled;
mod counting;
mod few;
mod frequency;
mod keys;
mod lines;
mod look;
mod matcher;
mod memory;
mod neighbours;
mod patterns;
mod phrases;
mod pieces;
mod places;
mod prepared;
mod presence;
mod prospects;
mod record;
mod replacing;
mod scales;
mod scan;
mod scene;
mod settle;
#[cfg(test)]
mod shortcut_tests;
mod steps;
#[cfg(test)]
pub(crate) mod testing;
mod told;
mod walk;
mod weigh;
mod weigh_points;
mod weigh_table;
mod weigh_text;
mod word_ids;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use activation::{Activation, RuleState, failed};
pub use both::{Both, in_turn};
pub use compiled::{ListId, RuleId};
pub use matcher::{Matcher, RawHit};
pub use memory::Memory;
pub use prepared::Prepared;
pub use replacing::Put;
pub use scan::{Alone, Around, Found};
pub use settle::{Counted, Tally};
pub use weigh::Evidence;
pub use weigh_text::scaled;

use crate::error::Error;
use crate::facts::{FactValue, Facts};
use crate::pack::{Find, Most, Needs, PackSet, Rule, What, Within};
use crate::record::Record;
use compiled::{Compiled, CompiledWhat, FindId};
use presence::WordSet;
pub use record::RecordPlan;
use record::RecordScene;
use scan::Scanner;

/// Packs ready to scan texts with.
#[derive(Debug)]
pub struct Engine {
    set: Arc<PackSet>,
    compiled: Compiled,
}

impl Engine {
    /// Compiles packs for documents with these facts: the rules and finds that are judged
    /// under them, and the lists they name (own Ministers, approved accounts).
    /// Documents for which [`engine_key`] differs need another engine.
    ///
    /// # Errors
    ///
    /// Where the terms are too large for an automaton.
    pub fn new(set: Arc<PackSet>, facts: &Facts) -> Result<Self, Error> {
        Self::of_rules(set, facts, &|_| true)
    }

    /// The same, what can be done at once done by `both`.
    ///
    /// # Errors
    ///
    /// As [`Engine::new`].
    pub fn new_by(both: Both, set: Arc<PackSet>, facts: &Facts) -> Result<Self, Error> {
        Self::of_wanted(set, facts, &|_| true, both)
    }

    /// The same for some rules only: the others find nothing.
    ///
    /// # Errors
    ///
    /// As [`Engine::new`].
    pub fn of_rules(
        set: Arc<PackSet>,
        facts: &Facts,
        wanted: &(dyn Fn(&Rule) -> bool + Sync),
    ) -> Result<Self, Error> {
        Self::of_wanted(set, facts, wanted, in_turn)
    }

    fn of_wanted(
        set: Arc<PackSet>,
        facts: &Facts,
        wanted: &(dyn Fn(&Rule) -> bool + Sync),
        both: Both,
    ) -> Result<Self, Error> {
        // What is never judged under these facts needs no place in the automaton.
        let judged = |rule: &Rule, find: Option<&Find>| match find {
            None => wanted(rule) && activation::is_judged(rule, facts),
            Some(find) => activation::is_find_judged(find, facts),
        };
        let compiled = compile::compile(&set, facts, &judged, both)?;
        Ok(Self { set, compiled })
    }

    /// The same for documents with any facts for which [`named_facts`] are the same, which
    /// takes more memory and work a text than an engine made for their facts.
    ///
    /// # Errors
    ///
    /// As [`Engine::new`].
    pub fn of_all(both: Both, set: Arc<PackSet>, facts: &Facts) -> Result<Self, Error> {
        let wanted = |rule: &Rule, _: Option<&Find>| rule.off.is_none();
        let compiled = compile::compile(&set, facts, &wanted, both)?;
        Ok(Self { set, compiled })
    }

    /// The packs.
    pub fn set(&self) -> &Arc<PackSet> {
        &self.set
    }

    /// The rule of an id, and the index of its pack.
    pub fn rule(&self, id: RuleId) -> (usize, &Rule) {
        let (pack, index) = self.compiled.rules[id];
        (pack, &self.set.packs()[pack].rules[index])
    }

    /// How many rules there are.
    pub fn rule_count(&self) -> usize {
        self.compiled.rules.len()
    }

    /// The message of a find: its own, or its rule's.
    pub fn message(&self, found: &Found) -> &str {
        match &self.compiled.finds[found.find].message {
            Some(message) => message,
            None => &self.rule(found.rule).1.message,
        }
    }

    /// Whether a finding is about a text as a whole, not about the words it is shown at:
    /// what the text lacks, how much of something it has, or what must be found often
    /// enough in all of it.
    pub fn is_about_whole(&self, found: &Found) -> bool {
        let far =
            |within: Within| matches!(within, Within::Field | Within::Record | Within::Document);
        !self.compiled.finds[found.find].what.has_own_places()
            || self.needs(found).is_some_and(|(_, needs)| far(needs.within))
    }

    /// How far an absence reaches, if that is what was found.
    pub fn absent_within(&self, found: &Found) -> Option<Within> {
        match self.compiled.finds[found.find].what {
            CompiledWhat::Missing { within, .. } => Some(within),
            _ => None,
        }
    }

    /// The literals that are searched for, folded, in the order of their ids.
    pub fn literals(&self) -> &[String] {
        &self.compiled.literals
    }

    /// The lists whose phrases are found through a literal, with how many of them
    /// are: what a scan has to look at wherever the literal stands.
    pub fn lists_at(&self, literal: usize) -> BTreeMap<&str, usize> {
        let mut lists = BTreeMap::new();
        for anchor in &self.compiled.anchors[literal] {
            *lists.entry(self.compiled.lists[anchor.list].name.as_str()).or_default() += 1;
        }
        lists
    }

    /// The automaton over [`Engine::literals`], and what decides where it runs.
    pub fn matcher(&self) -> &Matcher {
        &self.compiled.matcher
    }

    /// Which rules are judged under these facts.
    pub fn activate(&self, facts: &Facts) -> Activation {
        activation::activate(&self.compiled, &self.set, facts)
    }

    /// How often a list stands in a field.
    pub fn places(&self, field: &Prepared<'_>, list: ListId) -> usize {
        places::all_places(&self.compiled, field, list, WordSet::full()).len()
    }

    /// Judges what a record holds beside its texts. Each finding comes with the
    /// place of its field among the values of the record, if the record has it; its
    /// one span is the whole value.
    pub fn scan_record(
        &self,
        record: &Record,
        active: &Activation,
        plan: &RecordPlan,
    ) -> Vec<(Option<usize>, Found)> {
        let scene = RecordScene { compiled: &self.compiled, record, facts: &active.facts };
        if plan.suits(record) {
            return record::record(&scene, active, plan.finds.iter().copied());
        }
        record::record(&scene, active, self.judged_of_records(active))
    }

    /// What [`Engine::scan_record`] has to look at in records with the fields of this
    /// one; it makes no difference to what is found.
    pub fn plan_for(&self, record: &Record, active: &Activation) -> RecordPlan {
        let scene = RecordScene { compiled: &self.compiled, record, facts: &active.facts };
        RecordPlan::new(&scene, self.judged_of_records(active))
    }

    fn judged_of_records<'a>(&'a self, active: &'a Activation) -> impl Iterator<Item = FindId> {
        self.compiled.record_finds.iter().copied().filter(|&id| active.finds[id])
    }

    /// Whether [`Engine::scan_record`] can ever find something.
    pub fn reads_records(&self) -> bool {
        !self.compiled.record_finds.is_empty()
    }

    /// The rules that cannot be judged at all because a table has no such columns,
    /// with the columns. `record` is any of its records.
    pub fn without_columns(
        &self,
        record: &Record,
        active: &Activation,
    ) -> BTreeMap<RuleId, Vec<String>> {
        let scene = RecordScene { compiled: &self.compiled, record, facts: &active.facts };
        let mut rules: BTreeMap<RuleId, Vec<String>> = BTreeMap::new();
        let mut judged: BTreeSet<RuleId> = BTreeSet::new();
        for (id, find) in self.compiled.finds.iter().enumerate().filter(|(id, _)| active.finds[*id])
        {
            let mut columns: Vec<String> = scene.absent(id).map(str::to_owned).collect();
            if columns.is_empty() {
                judged.insert(find.rule);
            }
            rules.entry(find.rule).or_default().append(&mut columns);
        }
        rules.retain(|rule, columns| {
            columns.sort();
            columns.dedup();
            !judged.contains(rule)
        });
        rules
    }

    /// How much must be found before this counts, and what it is counted with: what
    /// its find asks for, or else its rule.
    pub fn needs(&self, found: &Found) -> Option<(Counted, Needs)> {
        settle::needs(&self.compiled, self.rule(found.rule).1, found)
    }

    /// Switches off rules, so that none yields to a rule nobody will hear of.
    pub fn switch_off(&self, active: &mut Activation, off: impl Fn(&Rule) -> bool) {
        for (id, find) in self.compiled.finds.iter().enumerate() {
            if off(self.rule(find.rule).1) {
                active.finds[id] = false;
            }
        }
    }

    /// Scans a part of a field: literals that start in `from..to` (bytes of the
    /// folded text), and with `rest` what is not found through literals.
    pub fn scan_part(&self, scan: &FieldScan<'_>, part: (usize, usize), rest: bool) -> Vec<Found> {
        self.scanner(scan).part(part, rest)
    }

    /// Every hit that is weighed and has no cue, and every text that is, with all that
    /// is seen beside or in it, however few points it has: what a table of weights is
    /// made from.
    pub fn evidence(&self, scan: &FieldScan<'_>) -> Vec<Evidence> {
        let gathering = weigh::Gathering::default();
        let scanner = Scanner { gathering: Some(&gathering), ..self.scanner(scan) };
        scanner.part((0, scan.field.folded.text().len()), true);
        gathering.into_inner()
    }

    /// Puts the parts of a field together; see [`Engine::scan`].
    pub fn settle(&self, scan: &FieldScan<'_>, found: Vec<Found>) -> Vec<Found> {
        self.scanner(scan).settle(found)
    }

    /// Scans a whole field. Findings come in the order of their places.
    pub fn scan(&self, scan: &FieldScan<'_>) -> Vec<Found> {
        self.scan_in(scan, &mut Memory::default())
    }

    /// The same in memory of the scan before.
    pub fn scan_in(&self, scan: &FieldScan<'_>, memory: &mut Memory) -> Vec<Found> {
        let scanner = self.scanner(scan);
        let whole = (0, scan.field.folded.text().len());
        scanner.settle(scanner.part_in(whole, true, memory))
    }

    /// The same without what only saves time.
    #[cfg(test)]
    fn scan_plainly(&self, scan: &FieldScan<'_>) -> Vec<Found> {
        let scanner = Scanner { shortcuts: false, ..self.scanner(scan) };
        scanner.settle(scanner.part((0, scan.field.folded.text().len()), true))
    }

    fn scanner<'a>(&'a self, scan: &'a FieldScan<'a>) -> Scanner<'a> {
        Scanner {
            set: &self.set,
            compiled: &self.compiled,
            active: scan.active,
            field: scan.field,
            field_name: scan.name,
            field_names: OnceCell::new(),
            loads: weigh_text::Loads::default(),
            record: scan.record,
            around: scan.around,
            gathering: None,
            shortcuts: true,
        }
    }
}

/// Documents with equal keys can share an engine; see [`engine_key`].
pub type EngineKey = (Vec<bool>, NamedFacts);

/// The values of the facts that name lists and limits, in the order of the packs, and
/// which of those that fields of records are compared with are set.
pub type NamedFacts = (Vec<Option<FactValue>>, Vec<bool>);

/// What decides which engine a document needs: which rules and finds are judged under its
/// facts, and the values of the facts that name lists and limits.
pub fn engine_key(set: &PackSet, facts: &Facts) -> EngineKey {
    let judged = set.rules().flat_map(|(_, rule)| {
        let judged = activation::is_judged(rule, facts);
        let of_find = move |find| judged && activation::is_find_judged(find, facts);
        std::iter::once(judged).chain(rule.finds.iter().map(of_find))
    });
    (judged.collect(), named_facts(set, facts))
}

/// The values of the facts that are part of what is searched for; see [`Engine::of_all`].
pub fn named_facts(set: &PackSet, facts: &Facts) -> NamedFacts {
    let lists = set.packs().iter().flat_map(|pack| &pack.lists);
    let named = lists.filter_map(|list| list.fact.as_ref());
    let finds = set.rules().flat_map(|(_, rule)| &rule.finds);
    let limits = finds.filter_map(|find| match &find.what {
        What::Count { most: Most::Fact(fact), .. } => Some(fact),
        _ => None,
    });
    let values = named.chain(limits).map(|fact| facts.get(fact).cloned()).collect();
    let compared = set.facts_of_records();
    (values, compared.iter().map(|fact| facts.get(fact).is_some()).collect())
}

/// What a scan of one field needs.
#[derive(Debug)]
pub struct FieldScan<'a> {
    /// The field, made ready.
    pub field: &'a Prepared<'a>,
    /// Its name.
    pub name: &'a str,
    /// Which rules are judged.
    pub active: &'a Activation,
    /// What stands in the fields around it.
    pub around: &'a dyn Around,
    /// The record it belongs to.
    pub record: &'a Record,
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::testing::{ask, set_of};
    use super::*;

    /// Phrases that are found through every kind of anchor.
    const PACK: &str = r#"
        [pack]
        id = "anchors"
        title = "Anchors"
        version = "1"
        families = ["a"]

        [lists.place]
        terms = ["mosque", "old mosque", "place of worship"]

        [lists.kin]
        terms = ["his (mum|mother)", "her dad", "'s"]

        [[rule]]
        id = "a/phrases"
        title = "Phrases"
        severity = "error"
        message = "Found."
        help = "Delete."
        terms = [
            "zealous", "of a zealous", "zealous is", "(goes|went|is going) to zealous (man|men)",
            "minister 's zealous", "attends (the|a)? <place>", "<kin> prays _{0,2} at <place>",
            "is <place> , zealous", "<place> again $", "^ went there", "!not mosque of",
            "of (is|a) of", "a _ of is",
        ]
    "#;

    static ENGINE: LazyLock<Engine> =
        LazyLock::new(|| Engine::new(set_of(PACK, ""), &Facts::default()).unwrap());

    #[test]
    fn documents_for_which_other_finds_are_judged_get_another_engine() {
        const PACK: &str = r#"
            [pack]
            id = "finds"
            title = "Finds"
            version = "1"
            families = ["f"]

            [[fact]]
            name = "account"
            type = "one-of"
            values = ["official", "personal"]
            about = "Whose account posts this."

            [[rule]]
            id = "f/words"
            title = "Words"
            severity = "error"
            message = "Found."
            help = "Delete."

            [[rule.find]]
            terms = ["always"]

            [[rule.find]]
            terms = ["sometimes"]
            when = { account = "official" }
        "#;
        let set = set_of(PACK, "");
        let of = |account: Option<&str>| {
            let mut facts = Facts::default();
            if let Some(account) = account {
                let origin = crate::facts::FactOrigin::CommandLine;
                facts.set("account", FactValue::Text(account.into()), origin);
            }
            let [own, shared] = [Engine::new_by, Engine::of_all]
                .map(|make| make(in_turn, Arc::clone(&set), &facts).unwrap())
                .map(|engine| ask(&engine, &facts, "Always and sometimes.", Engine::scan).len());
            assert_eq!(own, shared, "{account:?}");
            (engine_key(&set, &facts), own)
        };
        let (official, personal, nobody) = (of(Some("official")), of(Some("personal")), of(None));
        assert_eq!([official.1, personal.1, nobody.1], [2, 1, 1]);
        assert_ne!(official.0, personal.0);
        assert_ne!(official.0, nobody.0);
    }

    proptest! {
        /// Anchors and what they ask of their neighbours only save time: wherever a
        /// phrase stands, a finding does.
        #[test]
        fn no_phrase_is_lost(words in prop::collection::vec((
            prop::sample::select(vec![
                "zealous", "Zealous", "of", "a", "is", "to", "goes", "went", "going", "man", "men",
                "minister", "'s", "attends", "the", "mosque", "old", "place", "worship", "his",
                "mum", "her", "dad", "prays", "at", "again", "there", "not", "é", "x_1", "#",
            ]),
            prop::sample::select(vec![
                " ", " ", " ", " ", "  ", "\n", ", ", ". ", "-", "", "\u{ad} ", " \u{200b}", "\t",
                "\u{a0}", " (", "'", "’",
            ]),
        ), 1..24)) {
            let text: String = words.iter().flat_map(|(word, gap)| [*word, *gap]).collect();
            let found = ask(&ENGINE, &Facts::default(), &text, Engine::scan);
            let field = Prepared::new(&text, false);
            let list = (0..ENGINE.compiled.lists.len())
                .find(|&list| !ENGINE.compiled.list_finds[list].is_empty())
                .unwrap();
            for place in places::all_places(&ENGINE.compiled, &field, list, WordSet::full()) {
                let covered = found.iter().flat_map(|found| &found.spans);
                prop_assert!(
                    covered.clone().any(|span| span.start <= place.start && place.end <= span.end),
                    "{:?} in {text:?}",
                    &text[place.range()]
                );
            }
        }
    }
}
