//! Through which words each phrase is found.
//!
//! Every phrase that is searched for has an anchor: its rarest stretch of words,
//! the list in one of its slots, or each way to spell one of its groups. A list in
//! a slot is anchored once, however many phrases hold it.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::compile::Compiler;
use super::compiled::{Anchor, Beside, FindId, ListId};
use super::presence::Asks;
use super::steps::{CaseTest, Sequence, SequenceId, Sides, Step};

impl Compiler<'_> {
    /// The literals of every list that is searched for, and where each stands. The
    /// lists that are looked for `near` something get their index.
    pub(super) fn anchors(
        &mut self,
        list_finds: &[Vec<FindId>],
        near: &BTreeSet<ListId>,
    ) -> Anchors {
        // Words are numbered from 1.
        let mut words = vec![Spelled::default(); self.words.len() + 1];
        #[allow(clippy::iter_over_hash_type, reason = "each word goes to its own place")]
        for (word, &id) in &self.words {
            words[id as usize] = Spelled {
                word: word.to_string(),
                cost: self.costs[id as usize],
                clitic: word.starts_with('\''),
            };
        }
        let mut search = Search {
            words,
            costs: vec![None; self.lists.len()],
            searched: list_finds.iter().map(|finds| !finds.is_empty()).collect(),
            anchored: vec![false; self.lists.len()],
            indexed: vec![false; self.lists.len()],
            literals: FxHashMap::default(),
            anchors: Vec::new(),
            literal: String::new(),
            edges: Beside::default(),
            places: Vec::new(),
            besides: FxHashMap::from_iter([(Beside::default(), 0)]),
            capitals: FxHashMap::from_iter([(Vec::new(), 0)]),
            holders: self.lists.iter().map(|_| Sides::default()).collect(),
        };
        for (list, finds) in list_finds.iter().enumerate() {
            if !finds.is_empty() {
                self.anchor_list(list, &mut search);
            }
        }
        for &list in near {
            self.index_rarest(list, &mut search);
        }
        let beside_hit = self
            .sequences
            .iter()
            .map(|sequence| {
                let at = sequence.hit?;
                Some(search.beside(&sequence.steps, at, at + 1) as u32)
            })
            .map(Option::unwrap_or_default)
            .collect();
        let mut literals: Vec<_> =
            in_order(search.literals).into_iter().zip(search.anchors).collect();
        // The first bytes part most of them, and are compared at once.
        literals.sort_by_cached_key(|(literal, _)| head(literal));
        for same in literals.chunk_by_mut(|(one, _), (other, _)| head(one) == head(other)) {
            same.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        }
        let (literals, by_literal) = literals.into_iter().unzip();
        Anchors {
            literals,
            by_literal,
            besides: in_order(search.besides),
            beside_hit,
            capitals: in_order(search.capitals),
            holders: search.holders,
        }
    }

    /// What it costs to search for every phrase of a list.
    fn list_cost(&self, list: ListId, search: &mut Search) -> u64 {
        if let Some(cost) = search.costs[list] {
            return cost;
        }
        // Handles, links and hashtags are found by themselves.
        let mut cost: u64 = 0;
        for &id in &self.lists[list].sequences {
            cost = cost.saturating_add(self.best_anchor(&self.sequences[id].steps, search).0);
        }
        search.costs[list] = Some(cost);
        cost
    }

    /// The rarest part of a phrase, and what it costs to search for it.
    fn best_anchor(&self, steps: &[Step], search: &mut Search) -> (u64, Option<AnchorAt>) {
        let mut best = (NEVER, None);
        let mut offer = |cost: u64, at: AnchorAt| {
            if cost < best.0 {
                best = (cost, Some(at));
            }
        };
        stretches(steps, &search.words, |from, to, cost| offer(cost, AnchorAt::Literal(from, to)));
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Slot(inner) => {
                    let cost = self.list_cost(*inner, search);
                    // What is searched for anyway costs a look at the words beside it.
                    let cost = if search.searched[*inner] { cost / 8 } else { cost };
                    offer(cost, AnchorAt::Slot(at, *inner));
                }
                Step::AnyOf(words) => {
                    let cost = words.iter().fold(0, |cost: u64, (id, _)| {
                        let word = &search.words[*id as usize];
                        cost.saturating_add(if word.clitic { NEVER } else { word.cost })
                    });
                    offer(cost, AnchorAt::Group(at));
                }
                Step::Group(ways) => {
                    let cost = ways.iter().fold(0, |cost: u64, way| {
                        cost.saturating_add(self.best_anchor(way, search).0)
                    });
                    offer(cost, AnchorAt::Group(at));
                }
                _ => {}
            }
        }
        best
    }

    /// Anchors every phrase of a list, once.
    fn anchor_list(&mut self, list: ListId, search: &mut Search) {
        if std::mem::replace(&mut search.anchored[list], true) {
            return;
        }
        for id in self.lists[list].sequences.clone() {
            let steps = self.sequences[id].steps.clone();
            self.anchor_phrase(list, id, &steps, search);
        }
    }

    /// Anchors a phrase at its rarest part: a stretch of words, the list in a slot,
    /// or each way to spell a group. A phrase without any (`<Cap> <Cap>`) is only
    /// ever looked for in slots. `steps` are those of the phrase, some of its choices
    /// of a word already made: step for step they ask for no less.
    fn anchor_phrase(&mut self, list: ListId, id: SequenceId, steps: &[Step], search: &mut Search) {
        match self.best_anchor(steps, search).1 {
            None => {}
            Some(AnchorAt::Literal(from, to)) => {
                let anchor = Anchor {
                    list,
                    sequence: id,
                    step: from,
                    beside: search.beside(steps, from, to),
                    whole: steps.len() == to - from,
                    capitals: search.capitals(&steps[from..to]),
                    asks: Asks::NOTHING,
                    others: 0,
                };
                let anchors = search.anchors(&steps[from..to]);
                match anchors.last_mut() {
                    // The same word with and without a capital.
                    Some(last)
                        if Anchor { capitals: 0, ..*last } == Anchor { capitals: 0, ..anchor } =>
                    {
                        if last.capitals != anchor.capitals {
                            last.capitals = 0;
                        }
                    }
                    _ => anchors.push(anchor),
                }
            }
            Some(AnchorAt::Slot(step, inner)) => {
                let beside = search.beside(steps, step, step + 1);
                let anchor = Anchor {
                    list,
                    sequence: id,
                    step,
                    beside,
                    whole: false,
                    capitals: 0,
                    asks: Asks::NOTHING,
                    others: 0,
                };
                search.holders[inner].file(steps, step, anchor, &self.costs);
                self.anchor_list(inner, search);
            }
            Some(AnchorAt::Group(at)) => match &steps[at] {
                Step::AnyOf(words) => {
                    let mut chosen = steps.to_vec();
                    for (word, case) in &**words {
                        chosen[at] = Step::Word { id: *word, case: case.clone() };
                        self.anchor_phrase(list, id, &chosen, search);
                    }
                }
                Step::Group(ways) => {
                    for way in &**ways {
                        let (derived, chosen) = self.chosen(steps, at, way);
                        self.anchor_phrase(list, derived, &chosen, search);
                    }
                }
                _ => {}
            },
        }
    }
}

impl Compiler<'_> {
    /// Files every phrase of a list by its rarest part, once.
    fn index_rarest(&mut self, list: ListId, search: &mut Search) {
        if std::mem::replace(&mut search.indexed[list], true) {
            return;
        }
        for id in self.lists[list].sequences.clone() {
            let Sequence { steps, hit } = &self.sequences[id];
            if hit.is_none() {
                let steps = steps.clone();
                self.file_rarest(list, id, &steps, search);
            }
        }
    }

    fn file_rarest(&mut self, list: ListId, id: SequenceId, steps: &[Step], search: &mut Search) {
        /// What a mark costs: it stands in most sentences.
        const MARK: u64 = 50_000;
        let mut best = (NEVER, 0);
        for (at, step) in steps.iter().enumerate() {
            let cost = match step {
                Step::Word { id, .. } => search.words[*id as usize].cost,
                Step::AnyOf(words) => words
                    .iter()
                    .map(|(id, _)| search.words[*id as usize].cost)
                    .fold(0, u64::saturating_add),
                Step::Mark(_) => MARK,
                Step::Slot(inner) => self.list_cost(*inner, search),
                Step::Group(ways) => ways
                    .iter()
                    .map(|way| self.best_anchor(way, search).0)
                    .fold(0, u64::saturating_add),
                _ => NEVER,
            };
            if cost < best.0 {
                best = (cost, at);
            }
        }
        let (cost, at) = best;
        let rarest = &mut self.lists[list].rarest;
        if cost == NEVER {
            rarest.open.push(id);
            return;
        }
        match &steps[at] {
            Step::Word { id: word, .. } | Step::Mark(word) => {
                rarest.by_word.entry(*word).or_default().push((id, at));
            }
            Step::AnyOf(words) => {
                for (word, _) in &**words {
                    rarest.by_word.entry(*word).or_default().push((id, at));
                }
            }
            Step::Slot(inner) => {
                match rarest.by_slot.iter_mut().find(|(slot, _)| slot == inner) {
                    Some((_, items)) => items.push((id, at)),
                    None => rarest.by_slot.push((*inner, vec![(id, at)])),
                }
                self.index_rarest(*inner, search);
            }
            Step::Group(ways) => {
                for way in &**ways {
                    let (id, chosen) = self.chosen(steps, at, way);
                    self.file_rarest(list, id, &chosen, search);
                }
            }
            _ => {}
        }
    }

    /// A phrase with one of the ways of its group at `at`, as a phrase of its own.
    fn chosen(&mut self, steps: &[Step], at: usize, way: &[Step]) -> (SequenceId, Arc<[Step]>) {
        let chosen: Arc<[Step]> =
            steps[..at].iter().chain(way).chain(&steps[at + 1..]).cloned().collect();
        self.sequences.push(Sequence { steps: Arc::clone(&chosen), hit: None });
        (self.sequences.len() - 1, chosen)
    }
}

/// The part of a phrase through which it is found.
enum AnchorAt {
    /// A stretch of words: the steps from here up to, not including, there.
    Literal(usize, usize),
    /// The list in the slot at a step.
    Slot(usize, ListId),
    /// Each way to spell the group at a step.
    Group(usize),
}

/// The cost of what cannot be searched for.
const NEVER: u64 = u64::MAX;

/// What [`Compiler::anchors`] finds.
pub(super) struct Anchors {
    pub literals: Vec<String>,
    pub by_literal: Vec<Vec<Anchor>>,
    pub besides: Vec<Beside>,
    pub beside_hit: Vec<u32>,
    pub capitals: Vec<Vec<u16>>,
    pub holders: Vec<Sides<Anchor>>,
}

/// A word of the phrases.
#[derive(Clone, Default)]
struct Spelled {
    word: String,
    cost: u64,
    /// Whether it is the end of a word, such as `'s`.
    clitic: bool,
}

/// Anchors under construction.
struct Search {
    /// By word.
    words: Vec<Spelled>,
    /// By list: what it costs to search for it, once known.
    costs: Vec<Option<u64>>,
    /// By list: whether a find searches for it anyway.
    searched: Vec<bool>,
    /// By list: whether its phrases have their anchors.
    anchored: Vec<bool>,
    /// By list: whether its phrases are filed by their rarest parts.
    indexed: Vec<bool>,
    /// Literals, numbered.
    literals: FxHashMap<String, usize>,
    /// By literal.
    anchors: Vec<Vec<Anchor>>,
    /// Memory for a literal, for what stands beside it, and for its capitals.
    literal: String,
    edges: Beside,
    places: Vec<u16>,
    /// What stands beside literals, slots and `<T>`, numbered.
    besides: FxHashMap<Beside, usize>,
    /// Where literals have capitals, numbered.
    capitals: FxHashMap<Vec<u16>, usize>,
    holders: Vec<Sides<Anchor>>,
}

impl Search {
    /// The number of what must stand beside the steps `from..to` of a phrase.
    fn beside(&mut self, steps: &[Step], from: usize, to: usize) -> usize {
        self.edges.left.set_last(&steps[..from]);
        self.edges.right.set_first(&steps[to..]);
        number(&mut self.besides, &self.edges)
    }

    /// What is found through a stretch of words.
    fn anchors(&mut self, steps: &[Step]) -> &mut Vec<Anchor> {
        write_literal(steps, &self.words, &mut self.literal);
        let at = number(&mut self.literals, &self.literal);
        if at == self.anchors.len() {
            // Most literals belong to one phrase.
            self.anchors.push(Vec::with_capacity(1));
        }
        &mut self.anchors[at]
    }

    /// The number of the capitals that a stretch of words asks for.
    fn capitals(&mut self, steps: &[Step]) -> usize {
        self.places.clear();
        let mut at = 0;
        for step in steps {
            let Step::Word { id, case } = step else { continue };
            let word = &self.words[*id as usize];
            at += usize::from(at > 0 && !word.clitic);
            if let CaseTest::Capitals(places) | CaseTest::Exact(places) = case {
                self.places.extend(places.iter().map(|place| at as u16 + place));
            }
            at += word.word.len();
        }
        number(&mut self.capitals, &self.places)
    }
}

/// The number of a thing, which is copied where it has none yet.
fn number<T: Clone + Eq + Hash>(numbered: &mut FxHashMap<T, usize>, thing: &T) -> usize {
    if let Some(&number) = numbered.get(thing) {
        return number;
    }
    let next = numbered.len();
    numbered.insert(thing.clone(), next);
    next
}

/// Things in the order of their numbers.
#[allow(clippy::iter_over_hash_type, reason = "sorted at once")]
fn in_order<T>(numbered: FxHashMap<T, usize>) -> Vec<T> {
    let mut all: Vec<(usize, T)> = numbered.into_iter().map(|(thing, at)| (at, thing)).collect();
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, thing)| thing).collect()
}

/// Offers every stretch of words of a phrase: its first step, the one behind its
/// last, and roughly how often it is met: as its rarest word, and half of that for
/// each word beside it.
fn stretches(steps: &[Step], words: &[Spelled], mut offer: impl FnMut(usize, usize, u64)) {
    let mut open: Option<(usize, u64, u32)> = None;
    for (at, step) in steps.iter().enumerate() {
        let word = match step {
            Step::Word { id, .. } => Some(&words[*id as usize]),
            _ => None,
        };
        open = match (open, word) {
            (Some((from, cost, more)), Some(word)) if !word.clitic => {
                Some((from, cost.min(word.cost), more + 1))
            }
            (Some(stretch), Some(_)) => Some(stretch),
            // A literal starts with a letter or digit; `'s` alone cannot.
            (None, Some(word)) => (!word.clitic).then_some((at, word.cost, 0)),
            (Some((from, cost, more)), None) => {
                offer(from, at, (cost >> more.min(8)).max(1));
                None
            }
            (None, None) => None,
        };
    }
    if let Some((from, cost, more)) = open {
        offer(from, steps.len(), (cost >> more.min(8)).max(1));
    }
}

/// The first bytes of a literal, in the order of literals.
fn head(literal: &str) -> u64 {
    let mut bytes = [0; 8];
    let len = literal.len().min(bytes.len());
    bytes[..len].copy_from_slice(&literal.as_bytes()[..len]);
    u64::from_be_bytes(bytes)
}

/// Writes a stretch of words as it stands in folded text.
fn write_literal(steps: &[Step], words: &[Spelled], literal: &mut String) {
    literal.clear();
    for step in steps {
        if let Step::Word { id, .. } = step {
            let word = &words[*id as usize];
            if !literal.is_empty() && !word.clitic {
                literal.push(' ');
            }
            literal.push_str(&word.word);
        }
    }
}
