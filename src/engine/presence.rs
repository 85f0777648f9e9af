//! Which words a text holds, and which it must hold for a phrase to stand in it.
//!
//! Most hits come to nothing because the rest of their phrase, or every cue that could
//! govern them, lacks a word. That is known before the text around a hit is looked at.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::compiled::{CompiledList, ListId};
use super::frequency::Frequency;
use super::steps::{Sequence, SequenceId, Step, WordId};
use crate::text::{is_word_byte, is_word_char, runs, word_number};

/// The words of a text as a bitmap of hashes: what it lacks does not stand there, what
/// it holds may.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WordSet([u64; WordSet::BITS / 64]);

impl WordSet {
    const BITS: usize = 2048;
    /// Texts longer than this, in bytes, hold too many words for the set to say much.
    pub const LONGEST: usize = 8 * 1024;

    /// The set of no word.
    pub const fn empty() -> Self {
        Self([0; Self::BITS / 64])
    }

    /// The set of all words.
    pub const fn full() -> Self {
        Self([u64::MAX; Self::BITS / 64])
    }

    /// The set of the words of a folded text of ASCII.
    pub fn of(text: &str) -> Self {
        let mut words = Self::empty();
        for word in runs(text.as_bytes(), 0, is_word_byte) {
            words.add(word_number(&text.as_bytes()[word.range()]));
        }
        words
    }

    /// Adds the word of a hash.
    #[inline]
    pub fn add(&mut self, hash: u64) {
        let bit = Self::bit(hash);
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    /// A word has the highest bits of its hash for the filter on word starts.
    #[inline]
    fn bit(hash: u64) -> usize {
        (hash >> 32) as usize % Self::BITS
    }

    fn holds(&self, bit: usize) -> bool {
        self.0[bit / 64] & (1 << (bit % 64)) != 0
    }

    fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(one, other)| *one |= other);
    }

    /// What of it is not zero, each part with its place.
    fn parts(&self) -> Box<[(u8, u64)]> {
        let parts = (0..).zip(self.0).filter(|&(_, part)| part != 0);
        parts.collect()
    }
}

/// What phrases and lists ask of the words of a text.
#[derive(Debug)]
pub struct Required {
    /// Words of which one must be there, as the parts of a [`WordSet`] that are not zero:
    /// most sets hold few words.
    sets: Vec<Box<[(u8, u64)]>>,
    /// Each a bit of a [`WordSet`] that must be there, or, from [`WordSet::BITS`] on, one
    /// of the sets.
    clauses: Vec<u32>,
    /// By phrase, where its clauses start; they end where those of the next start.
    of_phrase: Vec<u32>,
    /// By list: the clause without which no phrase of it stands, if there is one.
    of_list: Vec<Option<u32>>,
}

impl Required {
    /// Works out what every phrase and list asks for.
    pub fn new(
        words: &FxHashMap<Box<str>, WordId>,
        frequency: &Frequency,
        sequences: &[Sequence],
        lists: &[CompiledList],
    ) -> Self {
        let mut spelled = vec![None; words.len() + 1];
        #[allow(clippy::iter_over_hash_type, reason = "each word goes to its own place")]
        for (word, &id) in words {
            let bare = word.strip_prefix('\'').unwrap_or(word);
            if !bare.is_empty() && bare.chars().all(is_word_char) {
                let number = WordSet::bit(word_number(bare.as_bytes())) as u32;
                spelled[id as usize] = Some(Clause { number, cost: frequency.per_million(bare) });
            }
        }
        let mut maker = Maker {
            words: spelled,
            sequences,
            lists,
            known: vec![Known::NotYet; lists.len()],
            shared: FxHashMap::default(),
            sets: Vec::new(),
            numbers: FxHashMap::default(),
        };
        let mut clauses = Vec::new();
        let mut of_phrase = Vec::with_capacity(sequences.len() + 1);
        let mut of_one = Vec::new();
        for sequence in sequences {
            of_phrase.push(clauses.len() as u32);
            of_one.clear();
            of_one.extend(sequence.steps.iter().filter_map(|step| maker.step(step)));
            of_one.retain(|clause| clause.cost < Clause::USELESS);
            of_one.sort_by_key(|clause| clause.cost);
            clauses.extend(of_one.iter().take(Clause::MOST).map(|clause| clause.number));
        }
        of_phrase.push(clauses.len() as u32);
        let of_list =
            (0..lists.len()).map(|list| maker.list(list).map(|clause| clause.number)).collect();
        let sets = maker.sets.iter().map(WordSet::parts).collect();
        Self { sets, clauses, of_phrase, of_list }
    }

    /// Whether a phrase can stand in a text with these words.
    pub fn phrase(&self, id: SequenceId, words: &WordSet) -> bool {
        let (from, to) = (self.of_phrase[id] as usize, self.of_phrase[id + 1] as usize);
        self.clauses[from..to].iter().all(|&clause| self.met(clause, words))
    }

    /// The rarest of what a phrase asks for that these words do not have.
    pub fn besides(&self, id: SequenceId, words: &WordSet) -> Asks {
        let (from, to) = (self.of_phrase[id] as usize, self.of_phrase[id + 1] as usize);
        let mut asked = self.clauses[from..to].iter().copied();
        asked.find(|&clause| !self.met(clause, words)).map_or(Asks::NOTHING, Asks)
    }

    /// Whether words have what is asked for.
    #[inline]
    pub fn has(&self, asks: Asks, words: &WordSet) -> bool {
        asks == Asks::NOTHING || self.met(asks.0, words)
    }

    /// Whether any phrase of a list can.
    pub fn list(&self, list: ListId, words: &WordSet) -> bool {
        self.of_list[list].is_none_or(|clause| self.met(clause, words))
    }

    #[inline]
    fn met(&self, clause: u32, words: &WordSet) -> bool {
        let clause = clause as usize;
        match clause.checked_sub(WordSet::BITS) {
            None => words.holds(clause),
            Some(set) => {
                self.sets[set].iter().any(|&(at, part)| words.0[usize::from(at)] & part != 0)
            }
        }
    }
}

/// One of the things that a phrase asks for, told apart from the others because most texts
/// lack it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asks(u32);

impl Asks {
    /// Nothing that is worth a look.
    pub const NOTHING: Self = Self(u32::MAX);
}

/// Words of which one must be there.
#[derive(Clone, Copy)]
struct Clause {
    /// A bit of a [`WordSet`], or, from [`WordSet::BITS`] on, one of the sets.
    number: u32,
    /// How often one of them is met.
    cost: u64,
}

impl Clause {
    /// How many of its clauses a phrase keeps: the rarest.
    const MOST: usize = 5;
    /// A clause that is met so often says nothing.
    const USELESS: u64 = 150_000;
}

/// What a list asks for, which may be nothing.
#[derive(Clone, Copy)]
enum Known {
    NotYet,
    Clause(Option<Clause>),
}

struct Maker<'c> {
    /// By word: its bit, and how often it is met; `None` for marks.
    words: Vec<Option<Clause>>,
    sequences: &'c [Sequence],
    lists: &'c [CompiledList],
    /// By list, once known.
    known: Vec<Known>,
    /// By step, as the place where it is kept.
    shared: FxHashMap<*const (), Option<Clause>>,
    /// Each once.
    sets: Vec<WordSet>,
    numbers: FxHashMap<WordSet, u32>,
}

impl Maker<'_> {
    /// The rarest of what must be there for steps to be taken.
    fn rarest(&mut self, steps: &[Step]) -> Option<Clause> {
        steps.iter().filter_map(|step| self.step(step)).min_by_key(|clause| clause.cost)
    }

    fn step(&mut self, step: &Step) -> Option<Clause> {
        match step {
            Step::Word { id, .. } => self.words[*id as usize],
            Step::AnyOf(words) => self.once(Arc::as_ptr(words).cast(), |maker| {
                maker.one_of(words.iter(), |maker, (id, _)| maker.words[*id as usize])
            }),
            Step::Group(ways) => self.once(Arc::as_ptr(ways).cast(), |maker| {
                maker.one_of(ways.iter(), |maker, way| maker.rarest(way))
            }),
            Step::Slot(list) => self.list(*list),
            _ => None,
        }
    }

    /// What a step asks for that phrases share, worked out once.
    fn once(
        &mut self,
        step: *const (),
        make: impl FnOnce(&mut Self) -> Option<Clause>,
    ) -> Option<Clause> {
        if let Some(known) = self.shared.get(&step) {
            return *known;
        }
        let clause = make(self);
        self.shared.insert(step, clause);
        clause
    }

    /// One of several clauses; none where one of them asks for nothing.
    fn one_of<T>(
        &mut self,
        things: impl Iterator<Item = T>,
        mut clause_of: impl FnMut(&mut Self, T) -> Option<Clause>,
    ) -> Option<Clause> {
        let (mut all, mut cost, mut bits) = (WordSet::empty(), 0_u64, 0);
        let mut last = 0;
        for thing in things {
            let clause = clause_of(self, thing)?;
            match (clause.number as usize).checked_sub(WordSet::BITS) {
                None => all.0[clause.number as usize / 64] |= 1 << (clause.number % 64),
                Some(set) => all.join(&self.sets[set]),
            }
            bits += usize::from(clause.number != last || bits == 0);
            last = clause.number;
            cost = cost.saturating_add(clause.cost);
        }
        if bits == 1 {
            return Some(Clause { number: last, cost });
        }
        let next = (WordSet::BITS + self.sets.len()) as u32;
        let number = *self.numbers.entry(all).or_insert_with_key(|all| {
            self.sets.push(all.clone());
            next
        });
        Some(Clause { number, cost })
    }

    /// What must be there for any phrase of a list to stand. Handles, links and hashtags
    /// are no words.
    fn list(&mut self, list: ListId) -> Option<Clause> {
        if let Known::Clause(known) = self.known[list] {
            return known;
        }
        let of = &self.lists[list];
        let clause = if of.has_tokens() {
            None
        } else {
            let sequences = self.sequences;
            self.one_of(of.sequences.iter(), |maker, &id| maker.rarest(&sequences[id].steps))
        };
        self.known[list] = Known::Clause(clause);
        clause
    }
}
