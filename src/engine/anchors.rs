//! Through which words each phrase is found.
//!
//! Every phrase that is searched for has an anchor: its rarest stretch of words,
//! the list in one of its slots, or each way to spell one of its groups. A list in
//! a slot is anchored once, however many phrases hold it.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::compile::{
    Anchor, Compiler, FindId, Holders, ListId, Sequence, SequenceId, Step, WordId, edge_words, put,
};

impl Compiler<'_> {
    /// The literals of every list that is searched for, and where each stands.
    pub(super) fn anchors(&mut self, list_finds: &[Vec<FindId>]) -> Anchors {
        let spelled = self.words.iter().map(|(word, &id)| (id, word.to_string())).collect();
        let mut search = Search {
            spelled,
            costs: vec![None; self.lists.len()],
            anchored: vec![false; self.lists.len()],
            literals: BTreeMap::new(),
            holders: self.lists.iter().map(|_| Holders::default()).collect(),
        };
        for (list, finds) in list_finds.iter().enumerate() {
            if !finds.is_empty() {
                self.anchor_list(list, &mut search);
            }
        }
        let (literals, by_literal) = search.literals.into_iter().unzip();
        Anchors { literals, by_literal, holders: search.holders }
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
        for (literal, step) in stretches(steps, &search.spelled) {
            offer(literal_cost(&literal), AnchorAt::Literal { literal, step });
        }
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Slot(inner) => {
                    offer(self.list_cost(*inner, search), AnchorAt::Slot(at, *inner));
                }
                Step::AnyOf(_) | Step::Group(_) => {
                    let cost = ways(step).iter().fold(0, |cost: u64, way| {
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
            self.anchor_phrase(list, id, search);
        }
    }

    /// Anchors a phrase at its rarest part: a stretch of words, the list in a slot,
    /// or each way to spell a group. A phrase without any (`<Cap> <Cap>`) is only
    /// ever looked for in slots.
    fn anchor_phrase(&mut self, list: ListId, id: SequenceId, search: &mut Search) {
        let steps = self.sequences[id].steps.clone();
        match self.best_anchor(&steps, search).1 {
            None => {}
            Some(AnchorAt::Literal { literal, step }) => {
                search.literals.entry(literal).or_default().push(Anchor {
                    list,
                    sequence: id,
                    step,
                });
            }
            Some(AnchorAt::Slot(step, inner)) => {
                let anchor = Anchor { list, sequence: id, step };
                let left = edge_words(
                    step.checked_sub(1).and_then(|before| steps.get(before)),
                    <[Step]>::last,
                );
                let right = edge_words(steps.get(step + 1), <[Step]>::first);
                let holders = &mut search.holders[inner];
                match (left.as_slice(), right.as_slice()) {
                    ([], []) => holders.open.push(anchor),
                    ([], right) => put(&mut holders.by_right, right, anchor),
                    (left, _) => put(&mut holders.by_left, left, anchor),
                }
                self.anchor_list(inner, search);
            }
            Some(AnchorAt::Group(group)) => {
                for way in ways(&steps[group]) {
                    let spelled_out: Vec<Step> = steps[..group]
                        .iter()
                        .chain(&way)
                        .chain(&steps[group + 1..])
                        .cloned()
                        .collect();
                    let derived = self.sequences.len();
                    self.sequences.push(Sequence { steps: spelled_out.into(), hit: None });
                    self.anchor_phrase(list, derived, search);
                }
            }
        }
    }
}

/// The part of a phrase through which it is found.
enum AnchorAt {
    /// A stretch of words that starts at a step.
    Literal { literal: String, step: usize },
    /// The list in the slot at a step.
    Slot(usize, ListId),
    /// Each way to spell the group at a step.
    Group(usize),
}

/// The cost of what cannot be searched for.
const NEVER: u64 = u64::MAX;

/// Words that stand in nearly every sentence.
const COMMON: &[&str] = &[
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "been", "before", "being", "but", "by", "can", "could", "did", "do", "does", "for", "from",
    "get", "go", "good", "got", "had", "has", "have", "he", "her", "him", "his", "i", "if", "in",
    "into", "is", "it", "its", "just", "like", "made", "make", "me", "more", "my", "new", "no",
    "not", "now", "of", "on", "one", "only", "or", "our", "out", "over", "people", "said", "she",
    "should", "so", "some", "take", "than", "that", "the", "their", "them", "then", "there",
    "they", "this", "time", "to", "two", "up", "us", "use", "used", "using", "very", "was", "we",
    "were", "what", "when", "where", "which", "who", "will", "with", "would", "you", "your",
];

/// Roughly how often a word is met in a million words: short words are common,
/// long ones rare. Only the order matters.
fn word_cost(word: &str) -> u64 {
    if COMMON.binary_search(&word).is_ok() {
        return 8_000;
    }
    match word.len() {
        0..=2 => 2_000,
        3 => 400,
        4 => 150,
        5 => 60,
        6 => 30,
        _ => 15,
    }
}

/// Roughly how often a literal is met: as its rarest word, and half of that for
/// each word beside it.
fn literal_cost(literal: &str) -> u64 {
    let rarest = literal.split(' ').map(word_cost).min().unwrap_or(NEVER);
    let more = literal.split(' ').count().saturating_sub(1).min(8);
    (rarest >> more).max(1)
}

/// What [`Compiler::anchors`] finds.
pub(super) struct Anchors {
    pub literals: Vec<String>,
    pub by_literal: Vec<Vec<Anchor>>,
    pub holders: Vec<Holders>,
}

/// Anchors under construction.
struct Search {
    spelled: FxHashMap<WordId, String>,
    /// By list: what it costs to search for it, once known.
    costs: Vec<Option<u64>>,
    /// By list: whether its phrases have their anchors.
    anchored: Vec<bool>,
    literals: BTreeMap<String, Vec<Anchor>>,
    holders: Vec<Holders>,
}

/// The ways to spell a group.
fn ways(step: &Step) -> Vec<Vec<Step>> {
    match step {
        Step::Group(ways) => ways.iter().map(|way| way.to_vec()).collect(),
        Step::AnyOf(words) => words
            .iter()
            .map(|(id, case)| vec![Step::Word { id: *id, case: case.clone() }])
            .collect(),
        _ => Vec::new(),
    }
}

/// The stretches of words of a phrase, as they stand in folded text, each with
/// the step at which it starts.
fn stretches(steps: &[Step], spelled: &FxHashMap<WordId, String>) -> Vec<(String, usize)> {
    let mut stretches: Vec<(String, usize)> = Vec::new();
    let mut open = false;
    for (at, step) in steps.iter().enumerate() {
        let Step::Word { id, .. } = step else {
            open = false;
            continue;
        };
        let word = spelled.get(id).map(String::as_str).unwrap_or_default();
        let clitic = word.starts_with('\'');
        match stretches.last_mut().filter(|_| open) {
            Some((stretch, _)) => {
                if !clitic {
                    stretch.push(' ');
                }
                stretch.push_str(word);
            }
            // A literal starts with a letter or digit; `'s` alone cannot.
            None if clitic => {}
            None => {
                stretches.push((word.to_owned(), at));
                open = true;
            }
        }
    }
    stretches
}
