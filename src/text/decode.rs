//! Bytes of a file to text, and places in the text back to bytes of the file.

use std::fmt;

use encoding_rs::WINDOWS_1252;

use super::counts::Counts;
use super::detect::{by_mark, mostly_utf8, utf16_without_mark};
use super::{MappedText, OffsetMap, Span};

const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";
const UTF16LE_BOM: &[u8] = b"\xFF\xFE";
const UTF16BE_BOM: &[u8] = b"\xFE\xFF";

/// The encodings that drafts and exports come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark.
    Utf8,
    /// UTF-16, low byte first: what Excel calls "Unicode text".
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252, which holds ISO 8859-1 too: older Excel and Outlook.
    Windows1252,
}

impl Encoding {
    /// The encoding that `label` names, in any case, with any separators.
    pub fn from_label(label: &str) -> Option<Self> {
        let bare: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
        match bare.to_ascii_lowercase().as_str() {
            "utf8" | "utf8sig" | "ascii" | "usascii" => Some(Self::Utf8),
            "utf16" | "utf16le" | "ucs2" | "unicode" => Some(Self::Utf16Le),
            "utf16be" => Some(Self::Utf16Be),
            "windows1252" | "cp1252" | "1252" | "ansi" | "latin1" | "iso88591" => {
                Some(Self::Windows1252)
            }
            _ => None,
        }
    }

    /// The name people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// A text as bytes, without a byte-order mark; `None` where the encoding has no such
    /// character.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        Some(match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Windows1252 => {
                let (bytes, _, replaced) = WINDOWS_1252.encode(text);
                return (!replaced).then(|| bytes.into_owned());
            }
        })
    }

    /// The byte-order mark a file in this encoding may start with.
    pub fn bom(self) -> &'static [u8] {
        match self {
            Self::Utf8 => UTF8_BOM,
            Self::Utf16Le => UTF16LE_BOM,
            Self::Utf16Be => UTF16BE_BOM,
            Self::Windows1252 => b"",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text of a file, and the way back to its bytes.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The text, without a byte-order mark.
    pub text: String,
    /// What the bytes were read as.
    pub encoding: Encoding,
    /// Where bytes could not be read, each as one U+FFFD; spans of `text`.
    pub malformed: Vec<Span>,
    /// Length of the byte-order mark, in bytes of the file.
    bom: usize,
    /// Length of the file in bytes.
    file_len: usize,
    back: Back,
}

/// How a place in the text becomes a place in the file, after the mark.
#[derive(Clone, Debug)]
enum Back {
    /// UTF-8: mapped, at no cost where nothing was malformed.
    Mapped(OffsetMap),
    /// One byte a character.
    Chars(Counts),
    /// Two bytes a UTF-16 code unit.
    Units(Counts),
}

impl Decoded {
    /// A text that is its own file, in UTF-8.
    pub fn of_text(text: String) -> Self {
        let (file_len, back) = (text.len(), Back::Mapped(OffsetMap::identity()));
        Self { text, encoding: Encoding::Utf8, malformed: Vec::new(), bom: 0, file_len, back }
    }

    /// The bytes of the file that `span` of the text was read from. A span
    /// that cuts a character is widened to the whole of it.
    pub fn to_file(&self, span: Span) -> Span {
        let start = self.floor(span.start);
        let end = self.ceil(span.end).max(start);
        let in_body = match &self.back {
            Back::Mapped(map) => map.to_source(Span::new(start, end)),
            Back::Chars(counts) => {
                let place = |offset| counts.before(&self.text, offset).chars;
                Span::new(place(start), place(end))
            }
            Back::Units(counts) => {
                let place = |offset| 2 * counts.before(&self.text, offset).units;
                Span::new(place(start), place(end))
            }
        };
        // An odd byte at the end of UTF-16 is one U+FFFD but not two bytes.
        let clamp = |offset: usize| (self.bom + offset).min(self.file_len);
        Span::new(clamp(in_body.start), clamp(in_body.end))
    }

    /// The text, without a byte-order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Length of the file in bytes.
    pub fn file_len(&self) -> usize {
        self.file_len
    }

    /// Whether the file starts with a byte-order mark.
    pub fn has_bom(&self) -> bool {
        self.bom > 0
    }

    fn floor(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        (0..=offset).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(0)
    }

    fn ceil(&self, offset: usize) -> usize {
        let last = self.text.len();
        (offset..last).find(|&at| self.text.is_char_boundary(at)).unwrap_or(last)
    }
}

/// Decodes a file: as `forced` says, else by its byte-order mark, else by what
/// its bytes can be. Never fails: what is malformed becomes U+FFFD.
pub fn decode(bytes: Vec<u8>, forced: Option<Encoding>) -> Decoded {
    let encoding =
        forced.or_else(|| by_mark(&bytes)).or_else(|| utf16_without_mark(&bytes)).unwrap_or(
            Encoding::Utf8, // Only a guess: see below.
        );
    let bom = if bytes.starts_with(encoding.bom()) { encoding.bom().len() } else { 0 };
    match encoding {
        Encoding::Utf8 => decode_utf8(bytes, bom, forced.is_some()),
        Encoding::Utf16Le => decode_utf16(&bytes, bom, encoding, u16::from_le_bytes),
        Encoding::Utf16Be => decode_utf16(&bytes, bom, encoding, u16::from_be_bytes),
        Encoding::Windows1252 => decode_1252(&bytes),
    }
}

/// Decodes a part of a file whose encoding is known, without a byte-order mark. Bytes
/// that are not UTF-8 where it should be are read one by one as Windows-1252 and listed
/// as malformed: exports are glued together from several systems. Where a file is cut
/// between two lines makes no difference.
pub fn decode_part(bytes: Vec<u8>, encoding: Encoding) -> Decoded {
    match encoding {
        Encoding::Utf8 => decode_utf8_or_1252(bytes),
        Encoding::Utf16Le => decode_utf16(&bytes, 0, encoding, u16::from_le_bytes),
        Encoding::Utf16Be => decode_utf16(&bytes, 0, encoding, u16::from_be_bytes),
        Encoding::Windows1252 => decode_1252(&bytes),
    }
}

fn decode_utf8_or_1252(bytes: Vec<u8>) -> Decoded {
    let file_len = bytes.len();
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Decoded::of_text(text),
        Err(error) => error.into_bytes(),
    };
    let mut built = MappedText::default();
    let mut malformed = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        built.push_copied(chunk.valid(), at);
        at += chunk.valid().len();
        for byte in chunk.invalid() {
            let here = built.text.len();
            let (read, _) = WINDOWS_1252.decode_without_bom_handling(std::slice::from_ref(byte));
            built.push_replaced(&read, Span::new(at, at + 1));
            malformed.push(Span::new(here, built.text.len()));
            at += 1;
        }
    }
    let MappedText { text, map } = built;
    let back = Back::Mapped(map);
    Decoded { text, encoding: Encoding::Utf8, malformed, bom: 0, file_len, back }
}

fn decode_utf8(mut bytes: Vec<u8>, bom: usize, forced: bool) -> Decoded {
    let file_len = bytes.len();
    bytes.drain(..bom);
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Decoded { bom, file_len, ..Decoded::of_text(text) },
        Err(error) => error.into_bytes(),
    };
    if !forced && bom == 0 && !mostly_utf8(&bytes) {
        return decode_1252(&bytes);
    }
    let mut built = MappedText::default();
    let mut malformed = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        built.push_copied(chunk.valid(), at);
        at += chunk.valid().len();
        let bad = chunk.invalid().len();
        if bad > 0 {
            let here = built.text.len();
            built.push_replaced("\u{FFFD}", Span::new(at, at + bad));
            malformed.push(Span::new(here, built.text.len()));
            at += bad;
        }
    }
    let MappedText { text, map } = built;
    Decoded { text, encoding: Encoding::Utf8, malformed, bom, file_len, back: Back::Mapped(map) }
}

fn decode_1252(bytes: &[u8]) -> Decoded {
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    let text = text.into_owned();
    Decoded {
        back: Back::Chars(Counts::new(&text)),
        text,
        encoding: Encoding::Windows1252,
        malformed: Vec::new(),
        bom: 0,
        file_len: bytes.len(),
    }
}

fn decode_utf16(bytes: &[u8], bom: usize, encoding: Encoding, read: fn([u8; 2]) -> u16) -> Decoded {
    let pairs = bytes[bom..].chunks_exact(2);
    let trailing = !pairs.remainder().is_empty();
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut malformed = Vec::new();
    let units = pairs.map(|pair| read([pair[0], pair[1]]));
    let replace = |text: &mut String| {
        text.push(char::REPLACEMENT_CHARACTER);
        Span::new(text.len() - char::REPLACEMENT_CHARACTER.len_utf8(), text.len())
    };
    for char in char::decode_utf16(units) {
        match char {
            Ok(char) => text.push(char),
            Err(_) => malformed.push(replace(&mut text)),
        }
    }
    if trailing {
        malformed.push(replace(&mut text));
    }
    let back = Back::Units(Counts::new(&text));
    Decoded { text, encoding, malformed, bom, file_len: bytes.len(), back }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::looks_binary;
    use super::*;

    fn encode(text: &str, encoding: Encoding, bom: bool) -> Vec<u8> {
        let mut bytes = if bom { encoding.bom().to_vec() } else { Vec::new() };
        match encoding {
            Encoding::Utf8 => bytes.extend(text.bytes()),
            Encoding::Utf16Le => bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Encoding::Utf16Be => bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
            Encoding::Windows1252 => bytes.extend(&*WINDOWS_1252.encode(text).0),
        }
        bytes
    }

    /// Every character, and every span between two, leads to its own bytes.
    fn check_places(bytes: &[u8], decoded: &Decoded) {
        for (start, char) in decoded.text.char_indices() {
            if char == char::REPLACEMENT_CHARACTER {
                continue;
            }
            let file = decoded.to_file(Span::new(start, start + char.len_utf8()));
            let expected = encode(&char.to_string(), decoded.encoding, false);
            assert_eq!(&bytes[file.range()], expected, "{char:?} at {start}");
        }
    }

    #[test]
    fn encodings_are_recognised() {
        let french = "Le caf\u{e9} est pr\u{ea}t, d\u{e9}j\u{e0} \u{20ac}5";
        let cases: &[(&[u8], Encoding)] = &[
            (b"plain", Encoding::Utf8),
            (b"", Encoding::Utf8),
            (french.as_bytes(), Encoding::Utf8),
            (&encode(french, Encoding::Utf8, true), Encoding::Utf8),
            (&encode(french, Encoding::Windows1252, false), Encoding::Windows1252),
            (&encode(french, Encoding::Utf16Le, true), Encoding::Utf16Le),
            (&encode(french, Encoding::Utf16Be, true), Encoding::Utf16Be),
            (&encode(french, Encoding::Utf16Le, false), Encoding::Utf16Le),
            (&encode(french, Encoding::Utf16Be, false), Encoding::Utf16Be),
        ];
        for &(bytes, encoding) in cases {
            assert!(!looks_binary(bytes), "{bytes:?}");
            let decoded = decode(bytes.to_vec(), None);
            assert_eq!(decoded.encoding, encoding, "{bytes:?}");
            assert!(decoded.malformed.is_empty());
            assert!(["plain", "", french].contains(&&*decoded.text), "{}", decoded.text);
            check_places(bytes, &decoded);
        }
    }

    #[test]
    fn valid_utf8_is_not_copied() {
        let bytes = "déjà vu".as_bytes().to_vec();
        let address = bytes.as_ptr();
        assert_eq!(decode(bytes, None).text.as_ptr(), address);
    }

    #[test]
    fn a_few_faults_in_utf8_are_listed() {
        let bytes = b"caf\xC3\xA9 \xFF and \xE2\x82 na\xC3\xAFve".to_vec();
        let decoded = decode(bytes.clone(), None);
        assert_eq!(decoded.encoding, Encoding::Utf8);
        assert_eq!(decoded.text, "café \u{FFFD} and \u{FFFD} naïve");
        let places: Vec<_> = decoded.malformed.iter().map(|&span| decoded.to_file(span)).collect();
        assert_eq!(places, [Span::new(6, 7), Span::new(12, 14)]);
        check_places(&bytes, &decoded);
    }

    #[test]
    fn utf16_faults_and_an_odd_byte_are_listed() {
        let mut bytes = encode("a", Encoding::Utf16Le, true);
        bytes.extend([0x00, 0xD8]);
        bytes.extend(encode("b", Encoding::Utf16Le, false));
        bytes.push(0x41);
        let decoded = decode(bytes.clone(), None);
        assert_eq!(decoded.text, "a\u{FFFD}b\u{FFFD}");
        let places: Vec<_> = decoded.malformed.iter().map(|&span| decoded.to_file(span)).collect();
        assert_eq!(places, [Span::new(4, 6), Span::new(8, 9)]);
        check_places(&bytes, &decoded);
    }

    #[test]
    fn labels_are_read_loosely() {
        for (label, encoding) in [
            ("UTF-8", Some(Encoding::Utf8)),
            ("utf_16-le", Some(Encoding::Utf16Le)),
            ("windows-1252", Some(Encoding::Windows1252)),
            ("ISO-8859-1", Some(Encoding::Windows1252)),
            ("shift_jis", None),
        ] {
            assert_eq!(Encoding::from_label(label), encoding, "{label}");
        }
        assert_eq!(Encoding::from_label(&Encoding::Utf16Be.to_string()), Some(Encoding::Utf16Be));
    }

    proptest! {
        #[test]
        fn places_lead_back_in_every_encoding(text in "[ -~éß€\r\n\u{301}中😀👩\u{200d}]{0,60}") {
            for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be] {
                for bom in [true, false] {
                    let bytes = encode(&text, encoding, bom);
                    let decoded = decode(bytes.clone(), Some(encoding));
                    prop_assert_eq!(&decoded.text, &text);
                    check_places(&bytes, &decoded);
                    let all = decoded.to_file(Span::new(0, text.len()));
                    prop_assert_eq!(all, Span::new(bytes.len() - encode(&text, encoding, false).len(), bytes.len()));
                }
            }
        }

        #[test]
        fn any_bytes_decode(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            forced in prop::option::of(prop::sample::select(vec![
                Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Windows1252,
            ])),
            span in (0_usize..700, 0_usize..700),
        ) {
            looks_binary(&bytes);
            let decoded = decode(bytes.clone(), forced);
            let file = decoded.to_file(Span::new(span.0.min(span.1), span.0.max(span.1)));
            prop_assert!(file.start <= file.end && file.end <= bytes.len());
            let mut last = decoded.to_file(Span::new(0, 0)).start;
            for (start, char) in decoded.text.char_indices() {
                let here = decoded.to_file(Span::new(start, start + char.len_utf8()));
                prop_assert!(here.start == last && here.end > here.start);
                last = here.end;
            }
            prop_assert_eq!(last, bytes.len());
        }
    }
}
