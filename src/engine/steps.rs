//! Phrases as the scan reads them: steps, and by what a phrase is looked up.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::compiled::{Anchor, ListId};

/// Index of a phrase.
pub type SequenceId = usize;
/// Number of a word or mark; 0 is every one that no phrase holds.
pub type WordId = u32;

/// One step of a compiled phrase.
#[derive(Clone, Debug)]
pub enum Step {
    Word {
        id: WordId,
        case: CaseTest,
    },
    /// One of some words, in the order of their ids.
    AnyOf(Arc<[(WordId, CaseTest)]>),
    Group(Arc<[Box<[Step]>]>),
    /// A step that may be missing, or stand up to so often in a row.
    UpTo {
        step: Arc<Step>,
        most: usize,
    },
    Mark(WordId),
    Slot(ListId),
    Hit,
    Gap {
        least: usize,
        most: usize,
    },
    Capitalised,
    Number,
    Handle,
    Link,
    Start,
    End,
    NotWord(WordId),
    NotSlot(ListId),
}

/// What the letter case of a word must be.
#[derive(Clone, Debug)]
pub enum CaseTest {
    Any,
    /// Capitals at these bytes of the folded word.
    Capitals(Arc<[u16]>),
    /// Capitals at these bytes and nowhere else.
    Exact(Arc<[u16]>),
    /// Small letters, or a capital at the start of a sentence, or all capitals.
    Sentence,
}

impl Step {
    /// Whether it only looks at the words beside the phrase.
    fn looks(&self) -> bool {
        matches!(self, Self::NotWord(_) | Self::NotSlot(_))
    }
}

/// A phrase.
#[derive(Debug)]
pub struct Sequence {
    pub steps: Arc<[Step]>,
    /// Where `<T>` stands.
    pub hit: Option<usize>,
}

impl Sequence {
    /// What is only looked at before the phrase, and the rest.
    pub fn without_front(&self) -> (&[Step], &[Step]) {
        self.steps.split_at(self.steps.iter().take_while(|step| step.looks()).count())
    }

    /// What is only looked at behind the phrase, behind the rest.
    pub fn without_back(&self) -> (&[Step], &[Step]) {
        let behind = self.steps.iter().rev().take_while(|step| step.looks()).count();
        self.steps.split_at(self.steps.len() - behind)
    }
}

/// What steps can start or end with: one of some words, or of some lists. Neither
/// where it can be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Edge {
    pub words: Vec<WordId>,
    pub slots: Vec<ListId>,
}

impl Edge {
    /// What `steps` start with.
    pub fn first(steps: &[Step]) -> Self {
        let mut edge = Self::default();
        edge.set_first(steps);
        edge
    }

    /// Makes it what `steps` start with.
    pub fn set_first(&mut self, steps: &[Step]) {
        self.set(steps.iter(), Self::first);
    }

    /// What `steps` end with.
    pub fn last(steps: &[Step]) -> Self {
        let mut edge = Self::default();
        edge.set_last(steps);
        edge
    }

    /// Makes it what `steps` end with.
    pub fn set_last(&mut self, steps: &[Step]) {
        self.set(steps.iter().rev(), Self::last);
    }

    fn set<'s>(&mut self, steps: impl Iterator<Item = &'s Step>, of_way: fn(&[Step]) -> Self) {
        self.words.clear();
        self.slots.clear();
        if !self.take(steps, of_way) {
            self.words.clear();
            self.slots.clear();
        }
        self.words.sort_unstable();
        self.words.dedup();
        self.slots.sort_unstable();
        self.slots.dedup();
    }

    /// Whether it can be anything.
    pub fn is_open(&self) -> bool {
        self.words.is_empty() && self.slots.is_empty()
    }

    /// Whether a word can stand there, as far as words alone say it.
    pub fn may_be(&self, word: WordId) -> bool {
        !self.slots.is_empty() || self.words.is_empty() || self.words.binary_search(&word).is_ok()
    }

    /// Takes in what the steps can begin with, seen from an edge; `false` where that
    /// can be anything.
    fn take<'s>(
        &mut self,
        steps: impl Iterator<Item = &'s Step>,
        of_way: fn(&[Step]) -> Self,
    ) -> bool {
        for step in steps {
            let (step, may_be_missing) = match step {
                // These take no word.
                Step::Start | Step::End | Step::NotWord(_) | Step::NotSlot(_) => continue,
                Step::UpTo { step, .. } => (&**step, true),
                step => (step, false),
            };
            match step {
                Step::Word { id, .. } | Step::Mark(id) => self.words.push(*id),
                Step::AnyOf(words) => self.words.extend(words.iter().map(|(id, _)| *id)),
                Step::Slot(list) => self.slots.push(*list),
                Step::Group(ways) => {
                    for way in &**ways {
                        let of_way = of_way(way);
                        if of_way.is_open() {
                            return false;
                        }
                        self.words.extend(of_way.words);
                        self.slots.extend(of_way.slots);
                    }
                }
                _ => return false,
            }
            if !may_be_missing {
                return true;
            }
        }
        false
    }
}

/// Phrases by what stands at one of their edges. A phrase is filed under each of the
/// words and lists that can stand there.
#[derive(Debug)]
pub struct Index<T> {
    pub by_word: FxHashMap<WordId, Vec<T>>,
    pub by_slot: Vec<(ListId, Vec<T>)>,
    /// Where anything may stand there.
    pub open: Vec<T>,
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        Self { by_word: FxHashMap::default(), by_slot: Vec::new(), open: Vec::new() }
    }
}

impl<T: Copy> Index<T> {
    pub fn file(&mut self, edge: &Edge, item: T) {
        if edge.is_open() {
            self.open.push(item);
        }
        for &word in &edge.words {
            self.by_word.entry(word).or_default().push(item);
        }
        for &slot in &edge.slots {
            match self.by_slot.iter_mut().find(|(list, _)| *list == slot) {
                Some((_, items)) => items.push(item),
                None => self.by_slot.push((slot, vec![item])),
            }
        }
    }

    /// What is filed under a word, and under the lists that `fits` says stand there.
    pub fn at(&self, word: WordId, fits: impl Fn(ListId) -> bool) -> impl Iterator<Item = T> {
        let by_word = if word == 0 { None } else { self.by_word.get(&word) };
        by_word
            .into_iter()
            .flatten()
            .chain(
                self.by_slot
                    .iter()
                    .filter(move |(list, _)| fits(*list))
                    .flat_map(|(_, items)| items),
            )
            .chain(&self.open)
            .copied()
    }

    /// What is filed under a word.
    #[inline]
    pub fn under(&self, word: WordId) -> &[T] {
        if word == 0 { &[] } else { self.by_word.get(&word).map_or(&[], Vec::as_slice) }
    }

    /// Whether everything is filed under words.
    pub fn is_only_words(&self) -> bool {
        self.open.is_empty() && self.by_slot.is_empty()
    }

    /// Whether nothing is filed under a word, nor under what would have to be tried.
    pub fn lacks(&self, word: WordId) -> bool {
        self.is_only_words() && (word == 0 || !self.by_word.contains_key(&word))
    }
}

/// Phrases by the rarest of their words, or by a list in one of their slots, with the
/// step at which that stands.
#[derive(Debug, Default)]
pub struct Rarest {
    pub by_word: FxHashMap<WordId, Vec<(SequenceId, usize)>>,
    pub by_slot: Vec<(ListId, Vec<(SequenceId, usize)>)>,
    /// Phrases of neither, such as `<Cap> <Cap>`.
    pub open: Vec<SequenceId>,
}

/// Phrases by what stands before or behind one of their steps, whichever says more.
#[derive(Debug)]
pub struct Sides<T> {
    pub left: Index<T>,
    pub right: Index<T>,
}

impl<T> Default for Sides<T> {
    fn default() -> Self {
        Self { left: Index::default(), right: Index::default() }
    }
}

impl<T: Copy> Sides<T> {
    /// Files a phrase by what stands beside its step `at`. `costs` says how often each
    /// word is met.
    pub fn file(&mut self, steps: &[Step], at: usize, item: T, costs: &[u64]) {
        let left = Edge::last(&steps[..at]);
        let right = Edge::first(&steps[at + 1..]);
        // A word is looked up faster than a list, and anything is everywhere.
        let effort = |edge: &Edge| {
            let kind = match (edge.is_open(), edge.slots.is_empty()) {
                (true, _) => 2,
                (_, false) => 1,
                (_, true) => 0,
            };
            (kind, edge.words.iter().map(|&word| costs[word as usize]).sum::<u64>())
        };
        if effort(&left) <= effort(&right) {
            self.left.file(&left, item);
        } else {
            self.right.file(&right, item);
        }
    }
}

impl<T> Sides<T> {
    /// Everything, in no order; what is filed twice comes twice.
    // Which of them comes first makes no difference.
    #[allow(clippy::iter_over_hash_type, reason = "callers ask whether one exists")]
    pub fn all(&self) -> impl Iterator<Item = &T> {
        [&self.left, &self.right].into_iter().flat_map(|side| {
            let of_words = side.by_word.values();
            let of_slots = side.by_slot.iter().map(|(_, items)| items);
            of_words.chain(of_slots).chain(std::iter::once(&side.open)).flatten()
        })
    }
}

impl Sides<Anchor> {
    /// Whether a phrase of a list for which `test` is true is found through this one.
    pub fn any(&self, test: impl Fn(ListId) -> bool) -> bool {
        self.all().any(|anchor| test(anchor.list))
    }
}
