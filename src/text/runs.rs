//! Stretches of bytes of one kind, found many bytes at a time: words, for the most part.

use super::Span;

/// How many bytes are looked at together: as many as a number has bits.
const BLOCK: usize = u64::BITS as usize;

/// Walks over the longest stretches of bytes of one kind.
#[derive(Debug)]
pub struct Runs<'t, F> {
    bytes: &'t [u8],
    is_in: F,
    /// Where the block starts that was looked at last.
    block: usize,
    /// The places in it, from there, at which a stretch starts or ends; without those that
    /// were passed.
    edges: u64,
    /// Whether its last byte is in a stretch.
    is_open: u64,
    /// All bits where ends are asked for, and none where only starts are.
    ends: u64,
}

/// The stretches of bytes for which `is_in` is true, and that start at `from` or behind
/// it. It is false for zero.
pub fn runs<F: Fn(u8) -> bool>(bytes: &[u8], from: usize, is_in: F) -> Runs<'_, F> {
    let mut runs = Runs { bytes, is_in, block: from, edges: 0, is_open: 0, ends: u64::MAX };
    runs.look();
    runs
}

/// Where the stretches start of bytes for which `is_in` is true. It is false for zero.
pub fn run_starts<F: Fn(u8) -> bool>(bytes: &[u8], is_in: F) -> impl Iterator<Item = usize> {
    let mut runs = Runs { bytes, is_in, block: 0, edges: 0, is_open: 0, ends: 0 };
    runs.look();
    std::iter::from_fn(move || runs.edge())
}

impl<F: Fn(u8) -> bool> Runs<'_, F> {
    /// Finds the edges in the block.
    #[inline]
    fn look(&mut self) {
        let rest = self.bytes.get(self.block..).unwrap_or_default();
        let bits = if let Some(block) = rest.first_chunk::<BLOCK>() {
            self.bits(block)
        } else {
            let mut block = [0; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.bits(&block)
        };
        self.edges = (bits ^ (bits << 1 | self.is_open)) & (bits | self.ends);
        self.is_open = bits >> (BLOCK - 1);
    }

    /// By bit, whether a byte is in a stretch.
    #[inline]
    fn bits(&self, block: &[u8; BLOCK]) -> u64 {
        // Written so that many bytes are compared at once: first a byte for each, then
        // the lowest bits of eight of them pushed together.
        let mut flags = [0_u8; BLOCK];
        for (flag, byte) in flags.iter_mut().zip(block) {
            *flag = u8::from((self.is_in)(*byte));
        }
        let (eights, _) = flags.as_chunks::<8>();
        eights.iter().rev().fold(0, |bits, eight| {
            let pushed = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080);
            bits << 8 | pushed >> 56
        })
    }

    #[inline]
    fn edge(&mut self) -> Option<usize> {
        while self.edges == 0 {
            // Behind the last byte nothing is in a stretch.
            if self.block >= self.bytes.len() {
                return None;
            }
            self.block += BLOCK;
            self.look();
        }
        let at = self.block + self.edges.trailing_zeros() as usize;
        self.edges &= self.edges - 1;
        Some(at)
    }
}

impl<F: Fn(u8) -> bool> Iterator for Runs<'_, F> {
    type Item = Span;

    #[inline]
    fn next(&mut self) -> Option<Span> {
        let start = self.edge()?;
        let end = self.edge()?;
        Some(Span::new(start, end))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn stretches_are_found_whole(
            text in "[ab ]{0,80}([ab]{60,70}[ ]{60,70}){0,2}[ab ]{0,140}",
            from in 0_usize..200,
        ) {
            let bytes = text.as_bytes();
            let from = from.min(bytes.len());
            let is_in = |byte: u8| byte != b' ' && byte != 0;
            let mut expected = Vec::new();
            let mut at = from;
            for run in bytes[from..].chunk_by(|one, other| is_in(*one) == is_in(*other)) {
                if is_in(run[0]) {
                    expected.push(Span::new(at, at + run.len()));
                }
                at += run.len();
            }
            prop_assert_eq!(&runs(bytes, from, is_in).collect::<Vec<_>>(), &expected);
            let starts: Vec<usize> = runs(bytes, 0, is_in).map(|run| run.start).collect();
            prop_assert_eq!(run_starts(bytes, is_in).collect::<Vec<_>>(), starts);
        }
    }
}
