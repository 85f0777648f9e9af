//! Files whose encoding changes midway, as those do to which another program appends.

use crate::text::{Encoding, encoding_of_parts};

/// The encoding that the first bytes of a file tell. A file that turns to UTF-16 starts as
/// something else.
pub(super) fn encoding(first: &[u8]) -> Encoding {
    /// Bytes of UTF-16 in which a zero stands: its first names of columns, or their ends.
    const START: usize = 32;
    let found = encoding_of_parts(first);
    let start = &first[..first.len().min(START)];
    let is_text = |byte: &u8| *byte >= b' ' || matches!(byte, b'\t' | b'\r' | b'\n');
    let marked = first.starts_with(found.bom());
    let single = start.iter().all(is_text) && std::str::from_utf8(start).is_ok();
    if single && !marked { Encoding::Utf8 } else { found }
}

/// Where UTF-16 begins in what was read as something else: every second byte is zero.
pub(super) fn doubled(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(0, text).find(|&at| {
        let run = text.get(at..at + 8).unwrap_or_default();
        run.len() == 8 && run.chunks(2).all(|pair| matches!(pair, [0, other] if *other != 0))
    })
}

/// Where text of one byte a character begins in what was read as UTF-16: both bytes of
/// every character are such. Of Chinese characters two in five are; so many in a row are
/// none.
pub(super) fn halved(text: &str) -> Option<usize> {
    const RUN: usize = 32;
    let single = |byte: u32| matches!(byte, 0x20..=0x7e | 0x09 | 0x0a | 0x0d);
    let (mut start, mut run) = (0, 0);
    for (at, char) in text.char_indices() {
        let unit = u32::from(char);
        if !single(unit >> 8) || !single(unit & 0xff) {
            run = 0;
            continue;
        }
        if run == 0 {
            start = at;
        }
        run += 1;
        if run == RUN {
            return Some(start);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_where_encodings_change_are_found() {
        assert_eq!(doubled(b"id,note\n1\0,\0n\0o\0t\0e\0"), Some(9));
        assert_eq!(doubled(b"a\0b \0\0\0\0\0\0\0\0"), None);
        // Two letters are read as one character, the first as its lower byte.
        let pair = char::from_u32(u32::from(b'e') << 8 | u32::from(b'h')).unwrap();
        let text = format!("ab {}", pair.to_string().repeat(40));
        assert_eq!(halved(&text), Some(3));
        assert_eq!(halved(&pair.to_string().repeat(31)), None);
        assert_eq!(halved("plain text that is what it says it is, all along"), None);
    }

    #[test]
    fn the_first_bytes_tell_the_encoding() {
        let wide: Vec<u8> = "id,note\n1,x y z".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(encoding(&wide), Encoding::Utf16Le);
        assert_eq!(
            encoding(&[b"id,note,and,more,names,of,columns\n", &*wide].concat()),
            Encoding::Utf8
        );
        assert_eq!(encoding(b""), Encoding::Utf8);
        assert_eq!(encoding(b"\xff\xfea\0"), Encoding::Utf16Le);
    }
}
