//! Numbers, filed so that it is seen at a glance whether one is among them: for what is
//! asked of every word of every text.

/// Some numbers, of which the highest bits tell most apart.
#[derive(Debug)]
pub struct Keys {
    /// The highest bits of the numbers, as bits.
    filter: Vec<u64>,
    /// By somewhat fewer of them, where their like start among the numbers; they end
    /// where the next start.
    buckets: Vec<u32>,
    /// Rising.
    all: Vec<u64>,
    /// How far the bits of a bucket lie from the lowest.
    shift: u32,
}

impl Keys {
    /// So many bits more than the number of a bucket has that of a bit in the filter.
    const FINER: u32 = 2;

    /// Files numbers, each once, rising.
    pub fn new(all: Vec<u64>) -> Self {
        let bits = all.len().next_power_of_two().ilog2().max(u64::BITS.ilog2() - Self::FINER);
        let shift = u64::BITS - bits;
        let mut filter = vec![0; (1 << (bits + Self::FINER)) / 64];
        let mut buckets = vec![0; (1 << bits) + 1];
        for &key in &all {
            let slot = (key >> (shift - Self::FINER)) as usize;
            filter[slot / 64] |= 1 << (slot % 64);
            buckets[(key >> shift) as usize + 1] += 1;
        }
        let mut end = 0;
        for bucket in &mut buckets {
            end += *bucket;
            *bucket = end;
        }
        Self { filter, buckets, all, shift }
    }

    /// The place of a number among them.
    #[inline]
    pub fn place(&self, key: u64) -> Option<usize> {
        // Most are told apart here, which takes no call.
        let slot = (key >> (self.shift - Self::FINER)) as usize;
        let bits = self.filter.get(slot / 64).copied().unwrap_or_default();
        if bits & (1 << (slot % 64)) == 0 { None } else { self.place_in(slot >> Self::FINER, key) }
    }

    fn place_in(&self, bucket: usize, key: u64) -> Option<usize> {
        let (from, to) = (self.buckets[bucket] as usize, self.buckets[bucket + 1] as usize);
        self.all[from..to].iter().position(|&other| other == key).map(|at| from + at)
    }

    /// All of them, rising.
    pub fn all(&self) -> &[u64] {
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::text::spread;

    proptest! {
        #[test]
        fn each_is_found_at_its_place(
            numbers in prop::collection::btree_set(0_u64..400, 0..120),
            spreads in any::<bool>(),
        ) {
            let number = |number: u64| if spreads { spread(number) } else { number };
            let all: BTreeSet<u64> = numbers.iter().map(|&it| number(it)).collect();
            let keys = Keys::new(all.iter().copied().collect());
            for other in (0..400).map(number) {
                prop_assert_eq!(keys.place(other), all.iter().position(|&key| key == other));
            }
        }
    }
}
