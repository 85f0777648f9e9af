//! Tables of weights, ready to use.

use super::compiled::{CompiledList, ListId};
use super::keys::Keys;
use super::steps::{Sequence, Step, WordId};
use super::weigh_points::{Fixed, Seats};
use crate::pack::{Item, Seat, Weights};
use crate::text::{stem, word_number};

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
    pub(super) words: Vec<(u64, u64)>,
}

/// The number of a word, and that of its stem.
pub(super) fn spelled(word: &str) -> (u64, u64) {
    (word_number(word.as_bytes()), word_number(stem(word).as_bytes()))
}

impl CompiledWeights {
    /// A table with its classes resolved, without any other.
    pub fn new(
        name: String,
        points: Option<&Weights>,
        classes: Vec<(String, ListId)>,
        lists: &[CompiledList],
        sequences: &[Sequence],
    ) -> Self {
        let mut of_word: Vec<u64> = Vec::new();
        for (bit, (_, list)) in classes.iter().enumerate().take(u64::BITS as usize) {
            for &id in &lists[*list].sequences {
                if let [step] = &*sequences[id].steps {
                    each_word(step, &mut |word| {
                        let word = word as usize;
                        of_word.resize(of_word.len().max(word + 1), 0);
                        of_word[word] |= 1 << bit;
                    });
                }
            }
        }
        let classes: Vec<String> = classes.into_iter().map(|(name, _)| name).collect();
        let class_numbers = classes.iter().map(|name| Item::Class(name).number()).collect();
        let mut sums: Vec<(u64, i32)> = Vec::new();
        let mut words = Vec::new();
        // A table is read once, which takes longer than all else here.
        let features: Vec<_> = points.into_iter().flat_map(Weights::points).collect();
        let mut seats = Seats::new(features.len());
        for (feature, points) in features {
            if let (Seat::Word, Item::Word(word)) = (feature.seat, feature.item) {
                words.push(spelled(word));
            }
            seats.add(&feature, feature.item.number());
            sums.push((feature.key(), points));
        }
        sums.sort_unstable_by_key(|&(key, _)| key);
        sums.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 = if same { kept.1.saturating_add(next.1) } else { kept.1 };
            same
        });
        let (keys, points) = sums.into_iter().unzip();
        let keys = Keys::new(keys);
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
