//! Tables of weights, ready to use.

use super::compiled::{CompiledList, ListId};
use super::keys::Keys;
use super::steps::{Sequence, Step, WordId};
use super::weigh_points::{Fixed, Seats};
use crate::pack::{Item, Numbers, Weights};

/// A table of weights, ready to use.
#[derive(Debug)]
pub struct CompiledWeights {
    /// The name of the table.
    pub name: String,
    /// The table whose points a text as a whole gets, too.
    pub plus: Option<usize>,
    /// Names of the classes, by bit.
    pub classes: Vec<String>,
    /// By class: [`Item::number`].
    pub(super) class_numbers: Vec<u64>,
    /// By word, up to the last with a class: the classes it belongs to.
    of_word: Vec<u64>,
    /// Every [`Feature::key`] that has points.
    keys: Keys,
    /// By their places there.
    points: Vec<i32>,
    /// Where the things that stand beside hits have points.
    pub(super) seats: Seats,
    /// The points of shapes and classes there.
    pub(super) fixed: Fixed,
    /// The words that have points in a text as a whole, by their numbers, each with that
    /// of its stem.
    pub(super) words: Vec<[u64; 2]>,
}

/// By word, up to the last with a class: the classes it belongs to, as bits. `classes` are
/// the lists that are classes of a table.
pub(super) fn classes_of_words(
    classes: impl Iterator<Item = ListId>,
    lists: &[CompiledList],
    sequences: &[Sequence],
) -> Vec<u64> {
    let mut of_word: Vec<u64> = Vec::new();
    for (bit, list) in classes.enumerate().take(u64::BITS as usize) {
        for &id in &lists[list].sequences {
            if let [step] = &*sequences[id].steps {
                each_word(step, &mut |word| {
                    let word = word as usize;
                    of_word.resize(of_word.len().max(word + 1), 0);
                    of_word[word] |= 1 << bit;
                });
            }
        }
    }
    of_word
}

impl CompiledWeights {
    /// A table, without any other; `of_word` are the classes of its words
    /// ([`classes_of_words`]).
    pub fn new(
        name: String,
        points: Option<&Weights>,
        classes: Vec<String>,
        of_word: Vec<u64>,
    ) -> Self {
        let class_numbers = classes.iter().map(|name| Item::Class(name).number()).collect();
        let Numbers { keys, points, words, beside } =
            points.map(Weights::numbers).unwrap_or_default();
        let keys = Keys::new(keys);
        let seats = Seats::new(&beside);
        let mut table = Self {
            name,
            plus: None,
            classes,
            class_numbers,
            of_word,
            keys,
            points,
            seats,
            fixed: Fixed::default(),
            words,
        };
        table.fixed = Fixed::new(&table);
        table
    }

    pub(super) fn classes_of(&self, word: WordId) -> u64 {
        if word == 0 { 0 } else { self.of_word.get(word as usize).copied().unwrap_or(0) }
    }

    pub(super) fn names(&self, mut classes: u64) -> impl Iterator<Item = Numbered<'_>> {
        std::iter::from_fn(move || {
            let bit = (classes != 0).then(|| classes.trailing_zeros() as usize)?;
            classes &= classes - 1;
            Some((Item::Class(&self.classes[bit]), self.class_numbers[bit]))
        })
    }

    /// All points, by [`Feature::key`], rising.
    pub(super) fn all(&self) -> impl Iterator<Item = (u64, i32)> + '_ {
        self.keys.all().iter().copied().zip(self.points.iter().copied())
    }

    /// The points of a [`Feature::key`].
    pub(super) fn worth(&self, key: u64) -> i32 {
        self.keys.place(key).map_or(0, |at| self.points[at])
    }
}

fn each_word(step: &Step, see: &mut dyn FnMut(WordId)) {
    match step {
        Step::Word { id, .. } => see(*id),
        Step::AnyOf(words) => words.iter().for_each(|(id, _)| see(*id)),
        Step::Group(ways) => {
            for way in ways.iter() {
                if let [step] = &**way {
                    each_word(step, see);
                }
            }
        }
        _ => {}
    }
}

/// Something that is seen, with [`Item::number`].
pub(super) type Numbered<'s> = (Item<'s>, u64);
