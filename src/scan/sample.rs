//! Scanning a sample: all records are counted first, then those that are drawn are
//! scanned.

use std::collections::BinaryHeap;

use super::pipeline::Event;

/// Which records are scanned.
#[derive(Clone, Copy, Debug)]
pub enum Sampling<'d> {
    /// Every one.
    All,
    /// None: they are only counted.
    Count,
    /// Those that were drawn.
    Drawn(&'d Drawn),
}

/// How many records there are, table by table.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// The seed of each table and its records.
    tables: Vec<(u64, u64)>,
}

/// The records that were drawn: those with the lowest numbers in a shuffle. Which these
/// are depends on the names of the files and the places of the records alone, so that a
/// sample can be drawn again.
#[derive(Clone, Copy, Debug)]
pub struct Drawn {
    /// The highest number that was drawn; without one, nothing was.
    last: Option<u64>,
}

/// What tells the records of one table from those of others.
pub fn seed(name: &str, sheet: Option<&str>) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in [name, sheet.unwrap_or_default()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut start = [0; 8];
    start.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(start)
}

/// The number of a record (from 1) in the shuffle: the output function of `SplitMix64`
/// (Steele, Lea and Flood, 2014), which meets every number once.
fn number(seed: u64, record: u64) -> u64 {
    let mut z = seed.wrapping_add(record.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Census {
    /// Takes in an event of a scan that only counts.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Begins(_, file) => self.tables.push((file.seed, 0)),
            Event::Part(part) => {
                if let Some((_, records)) = self.tables.last_mut() {
                    *records += part.records;
                }
            }
            Event::Ends(..) | Event::Notice(_) => {}
        }
    }

    /// How many records there are.
    pub fn records(&self) -> u64 {
        self.tables.iter().map(|(_, records)| records).sum()
    }

    /// Draws so many of them, or all where there are no more.
    pub fn draw(&self, size: usize) -> Drawn {
        let mut lowest = BinaryHeap::new();
        if size > 0 {
            for &(seed, records) in &self.tables {
                for number in (1..=records).map(|record| number(seed, record)) {
                    if lowest.len() < size {
                        lowest.push(number);
                    } else if lowest.peek().is_some_and(|&highest| number < highest) {
                        lowest.pop();
                        lowest.push(number);
                    }
                }
            }
        }
        Drawn { last: lowest.peek().copied() }
    }
}

impl Drawn {
    /// Whether a record (from 1) of the table with this seed was drawn.
    pub fn holds(&self, seed: u64, record: u64) -> bool {
        self.last.is_some_and(|last| number(seed, record) <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_drawn_as_were_asked_for_from_all_tables() {
        let census =
            Census { tables: vec![(seed("a.csv", None), 1000), (seed("b.csv", Some("S")), 9000)] };
        assert_eq!(census.records(), 10_000);
        for size in [0, 1, 7, 500, 10_000, 20_000] {
            let drawn = census.draw(size);
            let of: Vec<usize> = census
                .tables
                .iter()
                .map(|&(seed, records)| {
                    (1..=records).filter(|&record| drawn.holds(seed, record)).count()
                })
                .collect();
            assert_eq!(of.iter().sum::<usize>(), size.min(10_000), "{size}");
            if size == 500 {
                // 50 of a table with a tenth of the records, give or take four deviations.
                assert!((22..=78).contains(&of[0]), "{of:?}");
            }
        }
    }
}
