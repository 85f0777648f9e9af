//! From packs to what a scan runs on.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::anchors::Anchors;
use super::both::{self, Both};
use super::compiled::{Anchor, Compiled, CompiledFind, CompiledList, CompiledWhat, FindId, ListId};
use super::frequency::Frequency;
use super::matcher::Matcher;
use super::patterns::{Pattern, Patterns};
use super::presence::{Required, WordSet};
use super::scales::Scales;
use super::steps::{CaseTest, Sequence, WordId};
use super::told::CueIndex;
use super::weigh_table::CompiledWeights;
use super::weigh_text::TextFind;
use super::word_ids::WordIds;
use crate::error::Error;
use crate::facts::Facts;
use crate::pack::{Expression, Find, PackSet, Rule, What};
use crate::record::{bare_name, name_number};

/// A table of weights before its words are known.
pub(super) struct OpenTable {
    /// The pack that holds it.
    pub owner: usize,
    pub name: String,
    /// The lists of its classes, with their names.
    pub classes: Vec<(String, ListId)>,
    /// The table that it adds.
    pub plus: Option<usize>,
}

/// A table of weights with the classes of its words.
pub(super) struct Classed {
    pub table: OpenTable,
    pub of_word: Vec<u64>,
}

impl Classed {
    fn compiled(self, set: &PackSet) -> CompiledWeights {
        let OpenTable { owner, name, classes, plus } = self.table;
        let table = set.weights(owner, &name).map(|(_, table)| table);
        let classes = classes.into_iter().map(|(name, _)| name).collect();
        let mut compiled = CompiledWeights::new(name, table, classes, self.of_word);
        compiled.plus = plus;
        compiled
    }
}

/// The tables by which finds weigh texts, and those that these add, rising.
fn tables_of_texts<'f>(
    finds: impl Iterator<Item = &'f CompiledFind>,
    weights: &[CompiledWeights],
) -> Vec<usize> {
    let own = finds.filter_map(|find| find.weigh).map(|(table, _)| table);
    let all: BTreeSet<usize> =
        own.flat_map(|table| std::iter::once(table).chain(weights[table].plus)).collect();
    all.into_iter().collect()
}

pub(super) fn bare(names: &[String]) -> Vec<String> {
    names.iter().map(|name| bare_name(name)).collect()
}

/// Compiles the rules that are `wanted`, and their finds that are, for documents in which
/// the facts that name lists have these values; `both` does what can be done at once.
///
/// # Errors
///
/// Where the terms are too large for an automaton.
pub fn compile(
    set: &PackSet,
    facts: &Facts,
    wanted: &Wanted<'_>,
    both: Both,
) -> Result<Compiled, Error> {
    let frequency = Frequency::new();
    let (laid, ()) = both::results(
        both,
        || LaidOut::new(set, facts, &frequency, wanted),
        // What takes longest of a regular expression, ready when it is asked for.
        || {
            for regex in expressions(set, wanted) {
                regex.gate();
            }
        },
    );
    let LaidOut { mut compiler, finds, patterns, rules, name_fields } = laid;
    let by_what = ByWhat::new(&finds, compiler.lists.len());
    compiler.index();
    let near: BTreeSet<ListId> = finds.iter().flat_map(CompiledFind::looked_for_near).collect();
    let tables = compiler.with_classes();
    let ((weights, scales), searched) = both::results(
        both,
        || {
            let weights: Vec<_> = tables.into_iter().map(|table| table.compiled(set)).collect();
            let tables = tables_of_texts(by_what.text.iter().map(|&id| &finds[id]), &weights);
            let scales = Scales::new(tables, &weights, &frequency);
            (weights, scales)
        },
        || {
            let Anchors { literals, mut by_literal, besides, beside_hit, capitals, holders } =
                compiler.anchors(&by_what.lists, &near);
            let Compiler { words, sequences, lists, .. } = &compiler;
            let (required, matcher) = both::results(
                both,
                || {
                    let required = Required::new(words, &frequency, sequences, lists);
                    let of_literals = literals.iter().zip(&mut by_literal);
                    of_literals.for_each(|(literal, anchors)| sort(anchors, literal, &required));
                    required
                },
                || Matcher::new(&literals),
            );
            let matcher = matcher.map_err(|error| Error::TooManyTerms(error.to_string()))?;
            let anchors = Anchors { literals, by_literal, besides, beside_hit, capitals, holders };
            Ok((anchors, required, matcher))
        },
    );
    let (anchors, required, matcher) = searched?;
    let Anchors { literals, by_literal: anchors, besides, beside_hit, capitals, holders } = anchors;
    let token_lists = (0..compiler.lists.len())
        .filter(|&list| {
            let asked = !by_what.lists[list].is_empty() || holders[list].any(|_| true);
            asked && compiler.lists[list].has_tokens()
        })
        .collect();
    let mut compiled = Compiled {
        always: Vec::new(),
        text_finds: Vec::new(),
        cues: CueIndex::new(compiler.lists.len()),
        scales,
        weights,
        word_ids: WordIds::new(&compiler.words),
        words: compiler.words,
        sequences: compiler.sequences,
        lists: compiler.lists,
        finds,
        list_finds: by_what.lists,
        anchors,
        besides,
        beside_hit,
        capitals,
        literals,
        required,
        holders,
        matcher,
        patterns: Patterns::new(patterns),
        pattern_finds: by_what.patterns,
        other_finds: by_what.others,
        record_finds: by_what.records,
        token_lists,
        rules,
        name_fields,
    };
    name_points(set, &mut compiled, by_what.text);
    Ok(compiled)
}

/// Which rules are compiled, and which of their finds.
pub type Wanted<'w> = dyn Fn(&Rule, Option<&Find>) -> bool + Sync + 'w;

/// The regular expressions of what is wanted.
fn expressions<'s>(
    set: &'s PackSet,
    wanted: &'s Wanted<'_>,
) -> impl Iterator<Item = &'s Expression> {
    let rules = set.rules().map(|(_, rule)| rule).filter(|rule| wanted(rule, None));
    let finds = rules.flat_map(|rule| rule.finds.iter().map(move |find| (rule, find)));
    finds.filter(|(rule, find)| wanted(rule, Some(find))).filter_map(|(_, find)| match &find.what {
        What::Pattern { regex, .. } => Some(regex),
        _ => None,
    })
}

/// The rules and what they look for, before it is known how that is searched for.
struct LaidOut<'s> {
    compiler: Compiler<'s>,
    finds: Vec<CompiledFind>,
    patterns: Vec<Pattern>,
    rules: Vec<(usize, usize)>,
    name_fields: Vec<Box<[u64]>>,
}

impl<'s> LaidOut<'s> {
    fn new(
        set: &'s PackSet,
        facts: &'s Facts,
        frequency: &'s Frequency,
        wanted: &Wanted<'_>,
    ) -> Self {
        let mut compiler = Compiler {
            set,
            facts,
            frequency,
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
        let (mut finds, mut patterns) = (Vec::new(), Vec::new());
        let (mut rules, mut name_fields) = (Vec::new(), Vec::new());
        for (pack, of) in set.packs().iter().enumerate() {
            for (index, rule) in of.rules.iter().enumerate() {
                let is_wanted = wanted(rule, None);
                for (nth, find) in rule.finds.iter().enumerate().filter(|_| is_wanted) {
                    let place = (rules.len(), nth);
                    let find = if wanted(rule, Some(find)) {
                        compiler.find(pack, place, find, &mut patterns)
                    } else {
                        compiler.idle_find(place, find)
                    };
                    finds.push(CompiledFind { rule_fields: bare(&rule.fields), ..find });
                }
                rules.push((pack, index));
                name_fields.push(rule.name_fields.iter().map(|name| name_number(name)).collect());
            }
        }
        Self { compiler, finds, patterns, rules, name_fields }
    }
}

/// The finds by what they look for.
#[derive(Default)]
struct ByWhat {
    /// By list.
    lists: Vec<Vec<FindId>>,
    patterns: Vec<FindId>,
    text: Vec<FindId>,
    records: Vec<FindId>,
    others: Vec<FindId>,
}

impl ByWhat {
    fn new(finds: &[CompiledFind], lists: usize) -> Self {
        let mut by_what = Self { lists: vec![Vec::new(); lists], ..Self::default() };
        for (id, find) in finds.iter().enumerate() {
            let same = match find.what {
                CompiledWhat::List(list) => &mut by_what.lists[list],
                CompiledWhat::Pattern { .. } => &mut by_what.patterns,
                CompiledWhat::Count { .. } | CompiledWhat::Missing { .. } => &mut by_what.others,
                CompiledWhat::Text { .. } => &mut by_what.text,
                CompiledWhat::Record => &mut by_what.records,
            };
            same.push(id);
        }
        by_what
    }
}

/// Works out the points that the names of rules and lists bring: the same for every hit and
/// every text.
fn name_points(set: &PackSet, compiled: &mut Compiled, text_finds: Vec<FindId>) {
    let rule = |find: &CompiledFind| {
        let (pack, rule) = compiled.rules[find.rule];
        set.packs()[pack].rules[rule].id.as_str()
    };
    let always = |find| compiled.weighing(find, rule(find)).map_or(0, |weighing| weighing.always());
    let always = compiled.finds.iter().map(always).collect();
    let text_find = |id| TextFind::new(compiled, id, rule(&compiled.finds[id]));
    let text_finds = text_finds.into_iter().filter_map(text_find).collect();
    (compiled.always, compiled.text_finds) = (always, text_finds);
}

/// Works out what each anchor of a literal asks for besides, and puts those that ask for
/// the same together: they are left out together.
fn sort(anchors: &mut [Anchor], literal: &str, required: &Required) {
    let words = WordSet::of(literal);
    for anchor in &mut *anchors {
        anchor.asks = required.besides(anchor.sequence, &words);
    }
    anchors.sort_by_key(|anchor| anchor.asks);
    let mut others = 0;
    for same in anchors.chunk_by_mut(|one, other| one.asks == other.asks) {
        others += same.len() as u32;
        for anchor in same {
            anchor.others = others;
        }
    }
}

pub(super) struct Compiler<'s> {
    pub(super) set: &'s PackSet,
    pub(super) facts: &'s Facts,
    pub(super) frequency: &'s Frequency,
    /// By word: how often it is met.
    pub(super) costs: Vec<u64>,
    pub(super) words: FxHashMap<Box<str>, WordId>,
    pub(super) sequences: Vec<Sequence>,
    pub(super) lists: Vec<CompiledList>,
    /// The list of nothing, once it was needed.
    pub(super) nothing: Option<ListId>,
    /// By pack: the lists it names.
    pub(super) ids: Vec<FxHashMap<Box<str>, ListId>>,
    /// The lists that stand in slots of phrases.
    pub(super) in_slots: BTreeSet<ListId>,
    /// Places of capitals, each once.
    pub(super) capitals: FxHashMap<Box<[u16]>, Arc<[u16]>>,
    /// Memory for the words of a step.
    pub(super) scratch: Vec<(WordId, CaseTest)>,
    /// Tables of weights by the pack that holds them, with the lists of their classes.
    pub(super) tables: Vec<OpenTable>,
}
