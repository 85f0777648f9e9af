//! Texts that an export holds as base64.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// With or without `=` at the end, as exporters write it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Fewer characters than this are more often a name or a reference than a text.
const SHORTEST: usize = 24;

/// The text of a cell that is written as base64 (RFC 4648), as the bodies of notes and
/// messages are in some exports; `None` where it is none, or no text: a picture, or words
/// that only use the same letters.
pub fn base64_cell(cell: &str) -> Option<String> {
    let cell = cell.trim_ascii();
    let digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let bytes = cell.as_bytes();
    // Nearly every cell is prose, which has a space in its first words.
    if bytes.len() < SHORTEST || !bytes[..SHORTEST].iter().all(|&byte| digit(byte)) {
        return None;
    }
    if !bytes.iter().all(|&byte| digit(byte) || matches!(byte, b'\r' | b'\n')) {
        return None;
    }
    let digits: Vec<u8> = bytes.iter().copied().filter(|&byte| digit(byte)).collect();
    let text = String::from_utf8(LENIENT.decode(digits).ok()?).ok()?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let odd = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    let prose = !text.contains(odd) && text.trim().contains(char::is_whitespace);
    prose.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded() {
        let encoded = "UmFuZyBhYm91dCB0aGUgYmlucywgbmHDr3ZlIGNhZsOpLg==";
        let text = "Rang about the bins, naïve café.";
        assert_eq!(base64_cell(encoded).as_deref(), Some(text));
        assert_eq!(base64_cell(encoded.trim_end_matches('=')).as_deref(), Some(text));
        let wrapped = format!(" {}\r\n{}\r\n", &encoded[..32], &encoded[32..]);
        assert_eq!(base64_cell(&wrapped).as_deref(), Some(text));
    }

    #[test]
    fn what_only_looks_like_it_is_left_alone() {
        for cell in [
            "",
            "Internationalisierungsmassnahmen",
            "UmFuZyBhYm91dCB0aGUgYmlucywgbm and some words",
            "https://example.org/a/b/c/d/e/f/g",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
            "dGhpc2lzb25lbG9uZ3dvcmRvbmx5",
            "=======================================",
        ] {
            assert_eq!(base64_cell(cell), None, "{cell}");
        }
    }
}
