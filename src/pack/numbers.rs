//! Tables of weights as numbers.
//!
//! To number a table takes longer than to check a draft, so those that come with probity
//! are numbered when it is built: `build.rs` reads this file, too.

use super::feature::{Feature, Item, Seat};
use crate::text::{stem, word_number};

/// Most points of a line, for or against.
pub const MOST_POINTS: i32 = 100_000;

/// The points of a line, and what they are for.
pub fn parts(line: &str) -> (&str, &str) {
    line.split_once([' ', '\t']).unwrap_or((line, ""))
}

/// What the lines of a table say; those that say nothing are left out.
pub fn features<'t>(
    lines: impl Iterator<Item = &'t str>,
) -> impl Iterator<Item = (Feature<'t>, i32)> {
    lines.filter_map(|line| {
        let (count, feature) = parts(line);
        let count = count.parse::<i32>().ok()?;
        Some((Feature::read(feature).ok()?, count.clamp(-MOST_POINTS, MOST_POINTS)))
    })
}

/// The number of a word, and that of its stem.
pub fn spelled(word: &str) -> [u64; 2] {
    [word_number(word.as_bytes()), word_number(stem(word).as_bytes())]
}

/// What has points, by numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Each [`Feature::key`] that has points, rising.
    pub keys: Vec<u64>,
    /// By their places there.
    pub points: Vec<i32>,
    /// The words that have points in a text as a whole, each with its stem ([`spelled`]),
    /// rising.
    pub words: Vec<[u64; 2]>,
    /// What has points beside hits: the number of the first item, and the place of the
    /// seat among [`Seat::BESIDE`].
    pub beside: Vec<(u64, u8)>,
}

impl Numbers {
    /// Numbers features. Points of one that comes twice add up.
    pub fn new<'f>(features: impl Iterator<Item = (Feature<'f>, i32)>) -> Self {
        let mut numbers = Self::default();
        let mut all: Vec<(u64, i32)> = Vec::new();
        for (feature, points) in features {
            if let (Seat::Word, Item::Word(word)) = (feature.seat, feature.item) {
                numbers.words.push(spelled(word));
            }
            if let Some(at) = Seat::BESIDE.iter().position(|seat| *seat == feature.seat) {
                numbers.beside.push((feature.item.number(), at as u8));
            }
            all.push((feature.key(), points));
        }
        numbers.words.sort_unstable();
        all.sort_unstable_by_key(|&(key, _)| key);
        all.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 = if same { kept.1.saturating_add(next.1) } else { kept.1 };
            same
        });
        (numbers.keys, numbers.points) = all.into_iter().unzip();
        numbers
    }

    /// Writes them down, for [`Numbers::read`].
    pub fn write(&self) -> Vec<u8> {
        let counts = [self.keys.len(), self.words.len(), self.beside.len()];
        let mut bytes: Vec<u8> =
            counts.iter().flat_map(|&count| (count as u64).to_le_bytes()).collect();
        bytes.extend(self.keys.iter().flat_map(|key| key.to_le_bytes()));
        bytes.extend(self.points.iter().flat_map(|points| points.to_le_bytes()));
        bytes.extend(self.words.as_flattened().iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(self.beside.iter().flat_map(|(number, _)| number.to_le_bytes()));
        bytes.extend(self.beside.iter().map(|&(_, seat)| seat));
        bytes
    }

    /// Reads what [`Numbers::write`] wrote; `None` where it did not.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (counts, rest) = bytes.split_at_checked(3 * size_of::<u64>())?;
        let counts: Vec<usize> = u64s(counts).map(|count| count as usize).collect();
        let [keys, words, beside] = counts[..] else { return None };
        let (keys, rest) = rest.split_at_checked(keys * size_of::<u64>())?;
        let (points, rest) = rest.split_at_checked(keys.len() / 2)?;
        let (words, rest) = rest.split_at_checked(words * 2 * size_of::<u64>())?;
        let (numbers, seats) = rest.split_at_checked(beside * size_of::<u64>())?;
        let words: Vec<u64> = u64s(words).collect();
        Some(Self {
            keys: u64s(keys).collect(),
            points: points.as_chunks().0.iter().map(|it| i32::from_le_bytes(*it)).collect(),
            words: words.as_chunks().0.to_vec(),
            beside: u64s(numbers).zip(seats.iter().copied()).collect(),
        })
    }
}

fn u64s(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    bytes.as_chunks().0.iter().map(|it| u64::from_le_bytes(*it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let written = ["always", "word he", "word voted", "left1 he", "between he she", "left1 he"];
        let features = written.iter().map(|it| Feature::read(it).unwrap());
        let numbers = Numbers::new(features.zip([3, -5, 7, 11, -13, 17]));
        assert_eq!((numbers.keys.len(), numbers.words.len(), numbers.beside.len()), (5, 2, 3));
        let left = Feature::read("left1 he").unwrap().key();
        let at = numbers.keys.binary_search(&left).unwrap();
        assert_eq!(numbers.points[at], 28);
        let bytes = numbers.write();
        assert_eq!(Numbers::read(&bytes), Some(numbers));
        assert_eq!(Numbers::read(&bytes[..30]), None);
        assert_eq!(Numbers::read(&Numbers::default().write()), Some(Numbers::default()));
    }
}
