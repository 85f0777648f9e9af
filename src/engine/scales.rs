//! The points of a text in all tables by which texts are weighed.

use std::cmp::Ordering;
use std::ops::Range;

use super::frequency::Frequency;
use super::keys::Keys;
use super::pieces::Piece;
use super::weigh_table::CompiledWeights;
use super::weigh_text::scaled;
use crate::pack::{Feature, Item, Seat, Shape, spelled};
use crate::text::{join, stem, word_number};

/// The points of all tables by which texts are weighed, so that a text is read once for
/// all of them.
#[derive(Debug)]
pub struct Scales {
    /// Every [`Feature::key`] that has points.
    keys: Keys,
    /// By their places there, where their points start; they end where those of the next
    /// start.
    starts: Vec<u32>,
    /// The tables, by their numbers here, and the points there.
    points: Vec<(u32, i32)>,
    /// The tables, in the order of their numbers here.
    pub(super) tables: Vec<usize>,
    /// The numbers of all words that have points, and of common ones.
    words: Keys,
    /// By their places there: the places of the word and of its stem among the keys.
    of_word: Vec<[u32; 2]>,
    /// By their places there: where the points of the word and its stem together start
    /// among `both`; they end where those of the next start.
    both_starts: Vec<u32>,
    /// As `points`.
    both: Vec<(u32, i32)>,
}

impl Scales {
    /// The place of what has no points.
    const NOWHERE: u32 = u32::MAX;

    /// Puts tables together.
    pub fn new(tables: Vec<usize>, of: &[CompiledWeights], frequency: &Frequency) -> Self {
        let of_table = |(number, &table): (usize, &usize)| {
            of[table].all().map(move |(key, points)| (key, number as u32, points))
        };
        let mut all: Vec<(u64, u32, i32)> = tables.iter().enumerate().flat_map(of_table).collect();
        // A stable sort sees that each table is in order already.
        all.sort_by_key(|&(key, table, _)| (key, table));
        let (mut keys, mut starts) = (Vec::new(), Vec::new());
        for (at, &(key, ..)) in all.iter().enumerate() {
            if keys.last() != Some(&key) {
                keys.push(key);
                starts.push(at as u32);
            }
        }
        starts.push(all.len() as u32);
        let points = all.into_iter().map(|(_, table, points)| (table, points)).collect();
        let keys = Keys::new(keys);
        // The stems of common words are looked for once, here.
        let common = frequency.words().filter(|_| !tables.is_empty()).map(spelled);
        let mut words: Vec<[u64; 2]> =
            tables.iter().flat_map(|&table| &of[table].words).copied().chain(common).collect();
        words.sort_by_key(|[word, _]| *word);
        words.dedup_by_key(|[word, _]| *word);
        let place = |seat: Seat, number| {
            keys.place(join(seat.number(), number)).map_or(Self::NOWHERE, |at| at as u32)
        };
        let of_word = words
            .iter()
            .map(|&[word, stem]| [place(Seat::Word, word), place(Seat::Stem, stem)])
            .collect();
        let words = Keys::new(words.into_iter().map(|[word, _]| word).collect());
        let (both_starts, both) = (Vec::with_capacity(words.all().len() + 1), Vec::new());
        let mut scales = Self { keys, starts, points, tables, words, of_word, both_starts, both };
        for at in 0..scales.of_word.len() {
            scales.both_starts.push(scales.both.len() as u32);
            let [word, stem] = scales.of_word[at];
            if word != Self::NOWHERE && stem != Self::NOWHERE {
                scales.add_both(word as usize, stem as usize);
            }
        }
        scales.both_starts.push(scales.both.len() as u32);
        scales
    }

    /// Adds the points of two keys together, by table.
    fn add_both(&mut self, one: usize, other: usize) {
        let (mut one, mut other) = (self.range(one), self.range(other));
        while let (Some(&(first, points)), Some(&(second, more))) =
            (self.points.get(one.start).filter(|_| !one.is_empty()), self.points.get(other.start))
            && !other.is_empty()
        {
            self.both.push(match first.cmp(&second) {
                Ordering::Less => (first, points),
                Ordering::Greater => (second, more),
                Ordering::Equal => (first, points.saturating_add(more)),
            });
            one.start += usize::from(first <= second);
            other.start += usize::from(second <= first);
        }
        self.both.extend_from_slice(&self.points[one]);
        self.both.extend_from_slice(&self.points[other]);
    }

    /// Where the points of a key stand.
    fn range(&self, place: usize) -> Range<usize> {
        self.starts[place] as usize..self.starts[place + 1] as usize
    }

    /// The points of a load in each table; each thing counts once, and so many 256ths
    /// (`scale`). What rules are named is for the caller to add. `pieces` are its words and marks, with their places in
    /// the text.
    pub(super) fn points(&self, text: &str, pieces: &[Piece], scale: u32) -> Vec<i32> {
        let mut tally = Tally { scales: self, sums: vec![0; self.tables.len()], seen: Seen::new() };
        let add = |tally: &mut Tally<'_>, key: u64| {
            // Most words have no points.
            if let Some(place) = self.keys.place(key) {
                tally.add(place);
            }
        };
        let [of_word, of_stem, of_pair, of_skip] =
            [Seat::Word, Seat::Stem, Seat::Pair, Seat::Skip].map(Seat::number);
        let edge = Item::Shape(Shape::Edge).number();
        let (mut before, mut skip) = (edge, None);
        for &Piece { span, number } in pieces {
            let mut number = number;
            if text.as_bytes()[span.start].is_ascii_digit() {
                number = Item::Shape(Shape::Number).number();
                add(&mut tally, join(of_word, number));
            } else if let Some(at) = self.words.place(number) {
                tally.add_word(at);
            } else {
                // A rare word may share its stem with one that has points.
                let stem = stem(&text[span.range()]);
                let whole = stem.len() == span.len();
                let stem = if whole { number } else { word_number(stem.as_bytes()) };
                add(&mut tally, join(of_stem, stem));
            }
            add(&mut tally, join(join(of_pair, before), number));
            if let Some(skip) = skip.replace(join(of_skip, before)) {
                add(&mut tally, join(skip, number));
            }
            before = number;
        }
        add(&mut tally, join(join(of_pair, before), edge));
        if let Some(skip) = skip {
            add(&mut tally, join(skip, edge));
        }
        for sum in &mut tally.sums {
            *sum = scaled(*sum, scale);
        }
        add(&mut tally, Feature::new(Seat::Always, Item::Shape(Shape::Nothing)).key());
        tally.sums
    }
}

/// The points of a load, under way.
struct Tally<'s> {
    scales: &'s Scales,
    sums: Vec<i32>,
    seen: Seen,
}

impl Tally<'_> {
    /// Adds the points of a key by its place, once.
    fn add(&mut self, place: usize) {
        if !self.seen.add(place) {
            return;
        }
        let Scales { starts, points, .. } = self.scales;
        self.add_all(&points[starts[place] as usize..starts[place + 1] as usize]);
    }

    /// Adds the points of a word and of its stem, by the place of the word.
    fn add_word(&mut self, at: usize) {
        let scales = self.scales;
        match scales.of_word[at] {
            [Scales::NOWHERE, Scales::NOWHERE] => {}
            [one, Scales::NOWHERE] | [Scales::NOWHERE, one] => self.add(one as usize),
            [word, stem] => {
                // Who has seen the word has seen its stem.
                if self.seen.add(word as usize) {
                    let (from, to) = (scales.both_starts[at], scales.both_starts[at + 1]);
                    let both = from as usize..to as usize;
                    let is_new = self.seen.add(stem as usize);
                    let (all, range) = if is_new {
                        (&scales.both, both)
                    } else {
                        (&scales.points, scales.range(word as usize))
                    };
                    self.add_all(&all[range]);
                }
            }
        }
    }

    fn add_all(&mut self, points: &[(u32, i32)]) {
        for &(table, points) in points {
            let sum = &mut self.sums[table as usize];
            *sum = sum.saturating_add(points);
        }
    }
}

/// What was seen in a load already.
pub(super) struct Seen {
    /// The lowest bits of each, as bits: most things are new.
    bits: [u64; Self::BITS / 64],
    /// The first of them, and the others: few loads see more.
    first: [u32; Self::FIRST],
    more: Vec<u32>,
    len: usize,
}

impl Seen {
    const BITS: usize = 2048;
    const FIRST: usize = 64;

    pub fn new() -> Self {
        let (bits, first) = ([0; Self::BITS / 64], [0; Self::FIRST]);
        Self { bits, first, more: Vec::new(), len: 0 }
    }

    /// Adds a thing; returns whether it is new.
    #[inline]
    pub fn add(&mut self, thing: usize) -> bool {
        let (at, bit) = (thing % Self::BITS / 64, 1 << (thing % 64));
        let thing = thing as u32;
        let known = || self.first[..self.len].contains(&thing) || self.more.contains(&thing);
        if self.bits[at] & bit != 0 && known() {
            return false;
        }
        self.bits[at] |= bit;
        if self.len < Self::FIRST {
            self.first[self.len] = thing;
            self.len += 1;
        } else {
            self.more.push(thing);
        }
        true
    }
}
