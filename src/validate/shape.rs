//! Matched text without its separators, and the questions every check asks.

/// The longest number of any kind is the IBAN of 34 characters.
const CAPACITY: usize = 34;

/// Letters in upper case and digits of a matched text; separators are gone.
/// On the stack, because a check may run on every long number of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compact {
    bytes: [u8; CAPACITY],
    length: usize,
}

impl Compact {
    /// `None` if `matched` holds anything but ASCII letters, digits and the
    /// separators people type in numbers, or is longer than any number.
    pub fn new(matched: &str) -> Option<Self> {
        let mut compact = Self { bytes: [0; CAPACITY], length: 0 };
        for c in matched.chars() {
            if c.is_ascii_alphanumeric() {
                *compact.bytes.get_mut(compact.length)? = c.to_ascii_uppercase() as u8;
                compact.length += 1;
            } else if !is_separator(c) {
                return None;
            }
        }
        Some(compact)
    }

    /// The characters left, all ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The same as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The values of `N` digits, if that is all there is and they are not all
    /// alike: `000 000 0000` passes most check sums and is never a person.
    pub fn digits<const N: usize>(&self) -> Option<[u32; N]> {
        let bytes: &[u8; N] = self.as_bytes().try_into().ok()?;
        (is_digits(bytes) && !is_uniform(bytes)).then(|| bytes.map(value))
    }
}

/// [`Compact::digits`] of `matched`.
pub(super) fn digits<const N: usize>(matched: &str) -> Option<[u32; N]> {
    Compact::new(matched)?.digits()
}

/// Spaces of several widths, hyphens and dashes, and what labels leave behind.
fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | '-' | '.' | '/' | '(' | ')' | '+' | '#' | ':'
            | '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{2010}'..='\u{2015}' | '\u{202F}' | '\u{2212}'
    )
}

/// ASCII digits only, one or more.
pub(super) fn is_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// All bytes alike.
pub(super) fn is_uniform(bytes: &[u8]) -> bool {
    bytes.windows(2).all(|pair| pair[0] == pair[1])
}

/// The value of an ASCII digit.
pub(super) fn value(digit: u8) -> u32 {
    u32::from(digit.wrapping_sub(b'0'))
}

/// The number written by `digits`, each below 10. Meant for a few digits.
pub(super) fn number(digits: &[u32]) -> u32 {
    digits.iter().fold(0, |sum, digit| sum * 10 + digit)
}

/// The sum of `digits` times `weights`, pair by pair.
pub(super) fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_dropped_and_anything_else_refused() {
        let cases = [
            ("943 476-5919", Some("9434765919")),
            ("ab 12.34\u{A0}56\u{2011}c", Some("AB123456C")),
            ("+44 (0)20", Some("44020")),
            ("", Some("")),
            ("12_3", None),
            ("１２", None),
            ("12345678901234567890123456789012345", None),
        ];
        for (matched, expected) in cases {
            let compact = Compact::new(matched);
            assert_eq!(compact.as_ref().map(Compact::as_str), expected, "{matched}");
        }
    }
}
