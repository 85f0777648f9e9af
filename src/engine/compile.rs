//! From packs to what the scan runs on: dense ids, one automaton, words as numbers.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::activation::{is_find_judged, is_judged};
use super::anchors::Anchors;
use super::frequency::Frequency;
use super::matcher::Matcher;
use super::patterns::{Pattern, Patterns};
use super::presence::Required;
use super::record::{CompiledTest, CompiledValue};
use super::replacing::{self, Replacing};
use super::steps::{CaseTest, Edge, Index, Rarest, Sequence, SequenceId, Sides, Step, WordId};
use super::weigh::CompiledWeights;
use super::weigh_text::Scales;
use super::word_ids::WordIds;
use crate::count::Unit;
use crate::error::Error;
use crate::facts::{FactValue, Facts};
use crate::pack::phrase::{self, Atom, Phrase};
use crate::pack::{
    Case, Condition, Find, Gate, List, Most, Needs, PackSet, Place, RecordTest, Rule, Severity,
    Side, ValueTest, What, When, Within,
};
use crate::record::bare_name;
use crate::validate::Validator;

/// Index of a rule in the rule table.
pub type RuleId = usize;
/// Index of a list.
pub type ListId = usize;
/// Index of a find.
pub type FindId = usize;

/// A list with its includes flattened, indexed for every way it is asked.
#[derive(Debug, Default)]
pub struct CompiledList {
    /// Its name in the pack.
    pub name: String,
    pub sequences: Vec<SequenceId>,
    /// Phrases by what they start with.
    pub first: Index<SequenceId>,
    /// Phrases by what they end with.
    pub last: Index<SequenceId>,
    /// Phrases with `<T>` by what stands before or behind it.
    pub around: Sides<SequenceId>,
    /// Phrases without `<T>` by their rarest part; for lists that are looked for near
    /// something.
    pub rarest: Rarest,
    pub handles: FxHashSet<String>,
    pub any_handle: bool,
    pub domains: FxHashSet<String>,
    pub any_link: bool,
    pub tags: FxHashSet<String>,
    pub any_tag: bool,
    /// Hashtags with a list in them: letters before, the forms of the list, letters behind.
    pub tag_slots: Vec<(String, ListId, String)>,
    /// Its plain phrases as they look inside a hashtag, if it can stand in one.
    pub tag_forms: FxHashSet<String>,
    /// Facts without which the list is not whole.
    pub missing_facts: Vec<String>,
}

impl CompiledList {
    /// Whether the list holds handles, links or hashtags.
    pub fn has_tokens(&self) -> bool {
        self.any_handle
            || self.any_link
            || self.any_tag
            || !(self.handles.is_empty()
                && self.domains.is_empty()
                && self.tags.is_empty()
                && self.tag_slots.is_empty())
    }
}

/// A condition with its list resolved.
#[derive(Debug)]
pub struct CompiledCondition {
    pub list: ListId,
    pub within: Within,
    pub side: Side,
    pub at_least: usize,
    pub label: Option<String>,
}

/// What a find looks for, resolved.
#[derive(Debug)]
pub enum CompiledWhat {
    List(ListId),
    /// The expressions stand in [`Compiled::patterns`], in the order of
    /// [`Compiled::pattern_finds`].
    Pattern {
        validator: Option<&'static Validator>,
    },
    Count {
        unit: Unit,
        /// `None` where nobody has set the fact that says it.
        most: Option<usize>,
        by_sentence: bool,
        except: Option<ListId>,
    },
    Missing {
        list: ListId,
        within: Within,
    },
    /// The text as a whole, weighed.
    Text,
    Record,
}

/// A find, resolved.
#[derive(Debug)]
pub struct CompiledFind {
    pub rule: RuleId,
    /// Its place among the finds of its rule, the same in every engine.
    pub nth: usize,
    pub what: CompiledWhat,
    pub record: Vec<CompiledTest>,
    pub cues: Vec<ListId>,
    pub shields: Vec<ListId>,
    pub requires: Vec<CompiledCondition>,
    pub unless: Vec<CompiledCondition>,
    pub places: Vec<Place>,
    pub skip_quoted: bool,
    /// The table by which its hits are weighed, and the fewest points that count.
    pub weigh: Option<(usize, i32)>,
    pub severity: Option<Severity>,
    pub message: Option<String>,
    pub when: When,
    /// How much of it must be found before any of it counts.
    pub needs: Option<Needs>,
    /// The fields it is about, by their bare names; all where there are none.
    pub fields: Vec<String>,
    /// The same for its rule.
    pub rule_fields: Vec<String>,
    /// What it would write instead.
    pub replacing: Option<Replacing>,
    /// Facts named by its lists that nobody has set.
    pub missing_facts: Vec<String>,
}

impl CompiledFind {
    /// The lists that are looked for near a hit or in a value, not searched for.
    fn looked_for_near(&self) -> impl Iterator<Item = ListId> + '_ {
        let conditions = self.requires.iter().chain(&self.unless).map(|condition| condition.list);
        let values =
            self.record.iter().flat_map(|test| &test.value).filter_map(|value| match value {
                CompiledValue::Has(list) => Some(*list),
                _ => None,
            });
        let own = match self.what {
            CompiledWhat::Missing { list, .. } => Some(list),
            CompiledWhat::Count { except, .. } => except,
            _ => None,
        };
        conditions.chain(self.shields.iter().copied()).chain(values).chain(own)
    }
}

/// Where in a phrase of a list a literal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The list the phrase belongs to.
    pub list: ListId,
    /// The phrase.
    pub sequence: SequenceId,
    /// The step at which the literal starts.
    pub step: usize,
    /// What must stand beside it: an index into [`Compiled::besides`].
    pub beside: usize,
    /// Whether the literal is all of the phrase.
    pub whole: bool,
    /// Where the literal must have capitals: an index into [`Compiled::capitals`].
    pub capitals: usize,
}

/// What must stand right before and right behind a literal or a slot. Asked before the
/// text around a hit is cut into words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Beside {
    pub left: Edge,
    pub right: Edge,
}

/// All packs, compiled.
#[derive(Debug)]
pub struct Compiled {
    pub words: FxHashMap<Box<str>, WordId>,
    pub word_ids: WordIds,
    pub sequences: Vec<Sequence>,
    pub lists: Vec<CompiledList>,
    pub finds: Vec<CompiledFind>,
    /// The finds that search for a list.
    pub list_finds: Vec<Vec<FindId>>,
    /// By literal.
    pub anchors: Vec<Vec<Anchor>>,
    /// What stands beside literals, slots and `<T>`. The first entry asks for nothing.
    pub besides: Vec<Beside>,
    /// By phrase: what stands beside its `<T>`, an index into `besides`.
    pub beside_hit: Vec<u32>,
    /// Where literals must have capitals, by byte. The first entry asks for none.
    pub capitals: Vec<Vec<u16>>,
    /// By list: the phrases that are found through it in one of their slots, by what
    /// stands beside that slot. Literals of the list stand in the automaton once,
    /// however many phrases have such a slot.
    pub holders: Vec<Sides<Anchor>>,
    pub literals: Vec<String>,
    /// Which words phrases ask for.
    pub required: Required,
    pub matcher: Matcher,
    pub patterns: Patterns,
    pub pattern_finds: Vec<FindId>,
    pub other_finds: Vec<FindId>,
    /// The finds that are about nothing but the record.
    pub record_finds: Vec<FindId>,
    /// The finds that weigh a text as a whole.
    pub text_finds: Vec<FindId>,
    /// What they weigh by.
    pub scales: Scales,
    /// The tables of weights in use.
    pub weights: Vec<CompiledWeights>,
    /// Lists that stand for handles, links or hashtags and are searched for.
    pub token_lists: Vec<ListId>,
    /// The pack of each rule.
    pub rules: Vec<(usize, usize)>,
}

/// A table of weights before its words are known.
struct OpenTable {
    /// The pack that holds it.
    owner: usize,
    name: String,
    /// The lists of its classes, with their names.
    classes: Vec<(String, ListId)>,
}

fn bare(names: &[String]) -> Vec<String> {
    names.iter().map(|name| bare_name(name)).collect()
}

/// Compiles the rules that are `wanted` for documents in which the facts that name
/// lists have these values.
///
/// # Errors
///
/// Where the terms take more than 4 GiB.
pub fn compile(
    set: &PackSet,
    facts: &Facts,
    wanted: &dyn Fn(&Rule) -> bool,
) -> Result<Compiled, Error> {
    let frequency = Frequency::new();
    let mut compiler = Compiler {
        set,
        facts,
        frequency: &frequency,
        costs: vec![0],
        words: FxHashMap::default(),
        sequences: Vec::new(),
        lists: Vec::new(),
        nothing: None,
        ids: vec![FxHashMap::default(); set.packs().len()],
        in_slots: BTreeSet::new(),
        capitals: FxHashMap::default(),
        scratch: Vec::new(),
        tables: Vec::new(),
    };
    let mut finds = Vec::new();
    let mut patterns = Vec::new();
    let mut rules = Vec::new();
    for (pack, of) in set.packs().iter().enumerate() {
        for (index, rule) in of.rules.iter().enumerate() {
            // What is never judged under these facts needs no place in the automaton.
            let judged = wanted(rule) && is_judged(rule, facts);
            for (nth, find) in rule.finds.iter().enumerate().filter(|_| judged) {
                let place = (rules.len(), nth);
                let find = if is_find_judged(find, facts) {
                    compiler.find(pack, place, find, &mut patterns)
                } else {
                    compiler.idle_find(place, find)
                };
                finds.push(CompiledFind { rule_fields: bare(&rule.fields), ..find });
            }
            rules.push((pack, index));
        }
    }
    let mut list_finds = vec![Vec::new(); compiler.lists.len()];
    let mut pattern_finds = Vec::new();
    let mut other_finds = Vec::new();
    let mut record_finds = Vec::new();
    let mut text_finds = Vec::new();
    for (id, find) in finds.iter().enumerate() {
        match find.what {
            CompiledWhat::List(list) => list_finds[list].push(id),
            CompiledWhat::Pattern { .. } => pattern_finds.push(id),
            CompiledWhat::Count { .. } | CompiledWhat::Missing { .. } => other_finds.push(id),
            CompiledWhat::Text => text_finds.push(id),
            CompiledWhat::Record => record_finds.push(id),
        }
    }
    compiler.index();
    let near: BTreeSet<ListId> = finds.iter().flat_map(CompiledFind::looked_for_near).collect();
    let Anchors { literals, by_literal: anchors, besides, beside_hit, capitals, holders } =
        compiler.anchors(&list_finds, &near);
    let required = Required::new(&compiler.words, &frequency, &compiler.sequences, &compiler.lists);
    let matcher =
        Matcher::new(&literals).map_err(|error| Error::TooManyTerms(error.to_string()))?;
    let token_lists = (0..compiler.lists.len())
        .filter(|&list| {
            let asked = !list_finds[list].is_empty() || holders[list].any(|_| true);
            asked && compiler.lists[list].has_tokens()
        })
        .collect();
    let weights = compiler.compiled_weights();
    let mut tables: Vec<usize> = text_finds
        .iter()
        .filter_map(|&id: &FindId| finds[id].weigh.map(|(table, _)| table))
        .collect();
    tables.sort_unstable();
    tables.dedup();
    let scales = Scales::new(tables, &weights);
    Ok(Compiled {
        text_finds,
        scales,
        weights,
        word_ids: WordIds::new(&compiler.words),
        words: compiler.words,
        sequences: compiler.sequences,
        lists: compiler.lists,
        finds,
        list_finds,
        anchors,
        besides,
        beside_hit,
        capitals,
        literals,
        required,
        holders,
        matcher,
        patterns: Patterns::new(patterns),
        pattern_finds,
        other_finds,
        record_finds,
        token_lists,
        rules,
    })
}

pub(super) struct Compiler<'s> {
    set: &'s PackSet,
    facts: &'s Facts,
    frequency: &'s Frequency,
    /// By word: how often it is met.
    pub(super) costs: Vec<u64>,
    pub(super) words: FxHashMap<Box<str>, WordId>,
    pub(super) sequences: Vec<Sequence>,
    pub(super) lists: Vec<CompiledList>,
    /// The list of nothing, once it was needed.
    nothing: Option<ListId>,
    /// By pack: the lists it names.
    ids: Vec<FxHashMap<Box<str>, ListId>>,
    /// The lists that stand in slots of phrases.
    in_slots: BTreeSet<ListId>,
    /// Places of capitals, each once.
    capitals: FxHashMap<Box<[u16]>, Arc<[u16]>>,
    /// Memory for the words of a step.
    scratch: Vec<(WordId, CaseTest)>,
    /// Tables of weights by the pack that holds them, with the lists of their classes.
    tables: Vec<OpenTable>,
}

impl Compiler<'_> {
    fn find(
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
            What::Text => CompiledWhat::Text,
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

    /// A find that is not judged under these facts: only its place is kept, and what it
    /// waits for.
    fn idle_find(&mut self, (rule, nth): (RuleId, usize), find: &Find) -> CompiledFind {
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
        let is_known = |known: &OpenTable| known.owner == owner && known.name == table.name;
        if let Some(known) = self.tables.iter().position(is_known) {
            return Some(known);
        }
        let classes = table.classes.iter();
        let classes = classes.map(|(name, _)| (name.clone(), self.list(owner, name))).collect();
        self.tables.push(OpenTable { owner, name: table.name.clone(), classes });
        Some(self.tables.len() - 1)
    }

    fn compiled_weights(&mut self) -> Vec<CompiledWeights> {
        let tables = std::mem::take(&mut self.tables);
        let compiled = |OpenTable { owner, name, classes }: OpenTable| {
            let table = self.set.weights(owner, &name).map(|(_, table)| table);
            CompiledWeights::new(name, table, classes, &self.lists, &self.sequences)
        };
        tables.into_iter().map(compiled).collect()
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

    /// The id of a list, compiling it and what it needs first. The packs have
    /// been checked: the list exists and needs no list that needs it.
    fn list(&mut self, pack: usize, name: &str) -> ListId {
        if let Some(&id) = self.ids[pack].get(name) {
            return id;
        }
        let set = self.set;
        let Some((owner, list)) = set.list(pack, name) else {
            return self.empty_list();
        };
        let known = self.ids[owner].get(name).copied();
        let id = known.unwrap_or_else(|| {
            let mut compiled = CompiledList { name: list.name.clone(), ..CompiledList::default() };
            self.missing_facts(owner, list, &mut compiled.missing_facts);
            each_phrase((set, self.facts), owner, list, &mut |owner, phrase, case| {
                self.phrase(owner, phrase, case, &mut compiled);
            });
            self.lists.push(compiled);
            self.lists.len() - 1
        });
        self.ids[owner].insert(name.into(), id);
        self.ids[pack].insert(name.into(), id);
        id
    }

    /// The id of the list of nothing.
    fn empty_list(&mut self) -> ListId {
        *self.nothing.get_or_insert_with(|| {
            self.lists.push(CompiledList::default());
            self.lists.len() - 1
        })
    }

    /// A list that stands in a slot.
    fn slot(&mut self, owner: usize, name: &str) -> ListId {
        let id = self.list(owner, name);
        self.in_slots.insert(id);
        id
    }

    fn missing_facts(&self, owner: usize, list: &List, missing: &mut Vec<String>) {
        missing.extend(list.fact.iter().filter(|fact| self.facts.get(fact).is_none()).cloned());
        for (name, _) in &list.include {
            if let Some((owner, list)) = self.set.list(owner, name) {
                self.missing_facts(owner, list, missing);
            }
        }
    }

    fn phrase(
        &mut self,
        owner: usize,
        phrase: &Phrase<'_>,
        case: Case,
        compiled: &mut CompiledList,
    ) {
        match phrase {
            Phrase::Words(atoms) => {
                let steps: Arc<[Step]> =
                    atoms.iter().map(|atom| self.step(owner, atom, case)).collect();
                let hit = steps.iter().position(|step| matches!(step, Step::Hit));
                compiled.sequences.push(self.sequences.len());
                self.sequences.push(Sequence { steps, hit });
            }
            Phrase::Handle(None) => compiled.any_handle = true,
            Phrase::Handle(Some(name)) => {
                compiled.handles.insert(name.clone());
            }
            Phrase::Domain(None) => compiled.any_link = true,
            Phrase::Domain(Some(host)) => {
                compiled.domains.insert(host.clone());
            }
            Phrase::Tag { any: true, .. } => compiled.any_tag = true,
            Phrase::Tag { before, slot: None, .. } => {
                compiled.tags.insert(before.clone());
            }
            Phrase::Tag { before, slot: Some(name), after, .. } => {
                let id = self.list(owner, name);
                if let Some((owner, list)) = self.set.list(owner, name)
                    && self.lists[id].tag_forms.is_empty()
                {
                    let forms = &mut self.lists[id].tag_forms;
                    each_phrase((self.set, self.facts), owner, list, &mut |_, phrase, _| {
                        if let Phrase::Words(atoms) = phrase {
                            forms.extend(tag_forms(atoms));
                        }
                    });
                }
                compiled.tag_slots.push((before.clone(), id, after.clone()));
            }
        }
    }

    fn step(&mut self, owner: usize, atom: &Atom<'_>, case: Case) -> Step {
        match atom {
            Atom::Word { folded, capitals } => {
                Step::Word { id: self.word(folded), case: self.case_test(case, capitals) }
            }
            Atom::AnyOf(words) => {
                let mut known = std::mem::take(&mut self.scratch);
                known.extend(
                    words
                        .iter()
                        .map(|(word, capitals)| (self.word(word), self.case_test(case, capitals))),
                );
                // Looked up by id.
                known.sort_by_key(|(id, _)| *id);
                let step = Step::AnyOf(known.drain(..).collect());
                self.scratch = known;
                step
            }
            Atom::Group(ways) => Step::Group(
                ways.iter()
                    .map(|way| way.iter().map(|atom| self.step(owner, atom, case)).collect())
                    .collect(),
            ),
            Atom::UpTo { step, most } => {
                Step::UpTo { step: Arc::new(self.step(owner, step, case)), most: *most }
            }
            Atom::Mark(mark) => Step::Mark(self.word(mark.encode_utf8(&mut [0; 4]))),
            Atom::Slot(name) => Step::Slot(self.slot(owner, name)),
            Atom::Hit => Step::Hit,
            Atom::Gap { least, most } => Step::Gap { least: *least, most: *most },
            Atom::Capitalised => Step::Capitalised,
            Atom::Number => Step::Number,
            Atom::Handle => Step::Handle,
            Atom::Link => Step::Link,
            Atom::Start => Step::Start,
            Atom::End => Step::End,
            Atom::NotWord(word) => Step::NotWord(self.word(word)),
            Atom::NotSlot(name) => Step::NotSlot(self.slot(owner, name)),
        }
    }

    fn word(&mut self, word: &str) -> WordId {
        if let Some(&id) = self.words.get(word) {
            return id;
        }
        let id = self.words.len() as WordId + 1;
        self.words.insert(word.into(), id);
        self.costs.push(self.frequency.per_million(word));
        id
    }

    /// Files phrases by their edges: those with `<T>` by what stands beside it, and those
    /// of lists in slots by what they start and end with.
    fn index(&mut self) {
        let mut edge = Edge::default();
        for (list, of) in self.lists.iter_mut().enumerate() {
            let in_slot = self.in_slots.contains(&list);
            for &id in &of.sequences {
                let Sequence { steps, hit } = &self.sequences[id];
                if let Some(at) = *hit {
                    of.around.file(steps, at, id, &self.costs);
                } else if in_slot {
                    edge.set_first(steps);
                    of.first.file(&edge, id);
                    edge.set_last(steps);
                    of.last.file(&edge, id);
                }
            }
        }
    }

    fn case_test(&mut self, case: Case, capitals: &[u16]) -> CaseTest {
        match case {
            Case::Any => CaseTest::Any,
            Case::Exact => CaseTest::Exact(self.places(capitals)),
            Case::Sentence if capitals.is_empty() => CaseTest::Sentence,
            Case::Smart if capitals.is_empty() => CaseTest::Any,
            Case::Smart | Case::Sentence => CaseTest::Capitals(self.places(capitals)),
        }
    }

    /// Places of capitals: most words share theirs with others.
    fn places(&mut self, capitals: &[u16]) -> Arc<[u16]> {
        if let Some(known) = self.capitals.get(capitals) {
            return Arc::clone(known);
        }
        let places: Arc<[u16]> = capitals.into();
        self.capitals.insert(capitals.into(), Arc::clone(&places));
        places
    }
}

/// Shows every phrase of a list and of those it includes, with the pack that means it
/// and how letter case counts there.
fn each_phrase(
    (set, facts): (&PackSet, &Facts),
    owner: usize,
    list: &List,
    see: &mut dyn FnMut(usize, &Phrase<'_>, Case),
) {
    for entry in &list.entries {
        entry.phrases().iter().for_each(|phrase| see(owner, phrase, list.case));
    }
    let value = list.fact.as_ref().and_then(|fact| facts.get(fact));
    for word in value.into_iter().flat_map(FactValue::words) {
        // A value that makes no phrase was refused when it was set.
        let written = phrase::of_fact(&word);
        let phrases = phrase::parse(&written).unwrap_or_default();
        for phrase in &phrases {
            see(owner, phrase, list.case);
        }
    }
    for (name, _) in &list.include {
        if let Some((owner, list)) = set.list(owner, name) {
            each_phrase((set, facts), owner, list, see);
        }
    }
}

/// How the spellings of a phrase look inside a hashtag; none where it is more
/// than words, or has too many spellings to be a name.
fn tag_forms(atoms: &[Atom<'_>]) -> Vec<String> {
    let mut forms = vec![String::new()];
    for atom in atoms {
        let (atom, most, optional) = match atom {
            Atom::UpTo { step, most } => (&**step, *most, true),
            atom => (atom, 1, false),
        };
        let words: Vec<&str> = match atom {
            Atom::Word { folded, .. } => vec![folded],
            Atom::AnyOf(words) => words.iter().map(|(word, _)| &**word).collect(),
            _ => return Vec::new(),
        };
        let mut longer = forms;
        forms = if optional { longer.clone() } else { Vec::new() };
        for _ in 0..most {
            longer = longer
                .iter()
                .flat_map(|form| {
                    words.iter().map(move |word| format!("{form}{}", word.replace(['\'', '_'], "")))
                })
                .collect();
            forms.extend_from_slice(&longer);
            if forms.len() > 64 {
                return Vec::new();
            }
        }
    }
    forms
}
