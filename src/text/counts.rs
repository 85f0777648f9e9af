//! How many characters stand before a place, without counting from the start
//! every time.

/// Bytes of text between two checkpoints. A question costs at most this many
/// bytes of counting, and the table costs 16 bytes for each of them.
const STEP: usize = 4 * 1024;

/// Characters before every 4th KiB of a text. The text itself is not kept:
/// ask with the text the table was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    checkpoints: Vec<Count>,
}

/// What has been counted up to a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Unicode scalar values.
    pub chars: usize,
    /// UTF-16 code units: one a scalar value, two beyond U+FFFF.
    pub units: usize,
}

impl Counts {
    /// Counts all of `text` once.
    pub fn new(text: &str) -> Self {
        let mut sum = Count::default();
        let checkpoints = text.as_bytes().chunks(STEP).map(|chunk| {
            let here = sum;
            sum = sum.plus(Count::of(chunk));
            here
        });
        Self { checkpoints: checkpoints.collect() }
    }

    /// What stands in `text` before byte `offset`. A character that `offset`
    /// cuts counts as standing before it.
    pub fn before(&self, text: &str, offset: usize) -> Count {
        let offset = offset.min(text.len());
        let step = (offset / STEP).min(self.checkpoints.len().saturating_sub(1));
        let known = self.checkpoints.get(step).copied().unwrap_or_default();
        known.plus(Count::of(&text.as_bytes()[step * STEP..offset]))
    }
}

impl Count {
    /// Counts the first bytes of characters, so a chunk may start and end in
    /// the middle of one.
    pub fn of(bytes: &[u8]) -> Self {
        let chars = bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        let astral = bytes.iter().filter(|&&byte| byte >= 0xF0).count();
        Self { chars, units: chars + astral }
    }

    fn plus(self, other: Self) -> Self {
        Self { chars: self.chars + other.chars, units: self.units + other.units }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_with_counting_from_the_start() {
        let text = "aé€😀\n".repeat(STEP / 3);
        let counts = Counts::new(&text);
        for (offset, _) in text.char_indices().step_by(997) {
            let before = &text[..offset];
            let expected =
                Count { chars: before.chars().count(), units: before.encode_utf16().count() };
            assert_eq!(counts.before(&text, offset), expected, "at {offset}");
        }
        assert_eq!(counts.before(&text, usize::MAX).chars, text.chars().count());
        assert_eq!(Counts::new("").before("", 7), Count::default());
    }
}
