//! Words as numbers: what is looked up for every word of every text.

/// Odd, and its bits are as good as random: multiplied by it, every number has another.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The first eight bytes of a word as one number, zeros behind a shorter one.
#[inline]
fn head(word: &[u8]) -> u64 {
    let len = word.len();
    // Two halves that overlap: what both hold stands at the same place in either.
    let beyond = |half: usize| 8 * (len - half) as u32;
    if let Some(head) = word.first_chunk::<8>() {
        u64::from_le_bytes(*head)
    } else if let (Some(first), Some(last)) = (word.first_chunk::<4>(), word.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        u64::from(first) | u64::from(last) << beyond(4)
    } else if let (Some(first), Some(last)) = (word.first_chunk::<2>(), word.last_chunk::<2>()) {
        let (first, last) = (u16::from_le_bytes(*first), u16::from_le_bytes(*last));
        u64::from(first) | u64::from(last) << beyond(2)
    } else {
        word.first().map_or(0, |&byte| u64::from(byte))
    }
}

/// A number of a whole word; two words have the same only by an accident of 64 bits. The
/// highest bits are the best.
#[inline]
pub fn word_number(word: &[u8]) -> u64 {
    let first = spread(head(word) ^ word.len() as u64);
    match word.get(8..) {
        Some(rest) if !rest.is_empty() => {
            rest.chunks(8).fold(first, |number, chunk| join(number, head(chunk)))
        }
        _ => first,
    }
}

/// [`word_number`] of `len` bytes of a text, without a look at each byte of a short word.
#[inline]
pub fn number_at(text: &[u8], at: usize, len: usize) -> u64 {
    match text[at..].first_chunk::<8>() {
        Some(head) if len <= 8 => {
            let unwanted = u64::BITS - 8 * len.max(1) as u32;
            spread(u64::from_le_bytes(*head) << unwanted >> unwanted ^ len as u64)
        }
        _ => word_number(&text[at..at + len]),
    }
}

/// A number of two, one after the other.
#[inline]
pub fn join(first: u64, second: u64) -> u64 {
    spread(first.rotate_left(23) ^ second)
}

/// A number for each number, the highest bits of which tell those apart that are near
/// each other.
#[inline]
pub fn spread(number: u64) -> u64 {
    number.wrapping_mul(SPREAD)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn heads_are_the_first_bytes(word in prop::collection::vec(any::<u8>(), 0..20)) {
            let mut bytes = [0; 8];
            let len = word.len().min(8);
            bytes[..len].copy_from_slice(&word[..len]);
            prop_assert_eq!(head(&word), u64::from_le_bytes(bytes));
        }

        #[test]
        fn a_word_of_a_text_has_its_number(text in "[ab]{1,24}", at in 0_usize..24, len in 1_usize..24) {
            let at = at.min(text.len() - 1);
            let len = len.min(text.len() - at);
            let word = &text.as_bytes()[at..at + len];
            prop_assert_eq!(number_at(text.as_bytes(), at, len), word_number(word));
        }

        #[test]
        fn words_have_numbers_of_their_own(one in "[ab]{0,20}", other in "[ab]{0,20}") {
            let same = word_number(one.as_bytes()) == word_number(other.as_bytes());
            prop_assert_eq!(same, one == other);
            let (a, b) = (word_number(one.as_bytes()), word_number(other.as_bytes()));
            prop_assert_eq!(join(a, b) == join(b, a), one == other);
        }
    }
}
