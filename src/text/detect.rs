//! What the bytes of a file tell about how it is written.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use super::decode::Encoding;

/// How much of a file decides whether it is UTF-16 or not text at all.
const SAMPLE: usize = 8 * 1024;

/// Whether the file is not text: it has the signature of another format, or
/// NUL bytes in its first 8 KiB that UTF-16 does not explain.
pub fn looks_binary(bytes: &[u8]) -> bool {
    const MAGIC: &[&[u8]] = &[
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x1F\x8B",
        b"\xFF\xD8\xFF",
        b"GIF87a",
        b"GIF89a",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        b"7z\xBC\xAF\x27\x1C",
        b"\x28\xB5\x2F\xFD",
        b"\x7FELF",
        b"\xFF\xFE\x00\x00",
    ];
    if MAGIC.iter().any(|magic| bytes.starts_with(magic)) {
        return true;
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    memchr::memchr(0, sample).is_some()
        && !matches!(by_mark(bytes), Some(Encoding::Utf16Le | Encoding::Utf16Be))
        && utf16_without_mark(bytes).is_none()
}

/// The encoding whose byte-order mark the file starts with.
pub(super) fn by_mark(bytes: &[u8]) -> Option<Encoding> {
    [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be]
        .into_iter()
        .find(|encoding| bytes.starts_with(encoding.bom()))
}

/// The encoding of a file that is read in parts: by its mark, else UTF-16 where its
/// first bytes can be nothing else, else UTF-8.
pub fn encoding_of_parts(first: &[u8]) -> Encoding {
    by_mark(first).or_else(|| utf16_without_mark(first)).unwrap_or(Encoding::Utf8)
}

/// UTF-16 of any text in English has a NUL in nearly every second byte, always
/// on the same side; one pair in ten is asked for, to leave room for emoji and
/// other scripts (seven in ten of a few words, where one stray NUL weighs
/// much). Binary tables of numbers pass that too, so what the sample decodes to
/// must also look like text.
pub(super) fn utf16_without_mark(bytes: &[u8]) -> Option<Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    let pairs = sample.len() / 2;
    let nuls = |side: usize| sample.iter().skip(side).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    let asked = if pairs < 16 { (pairs * 7).max(14) } else { pairs };
    // The other byte of some characters is zero, too: that of half an emoji, for one.
    let few = |other: usize, of: usize| other * 8 <= of;
    let (encoding, read): (_, fn([u8; 2]) -> u16) = if odd * 10 >= asked && few(even, odd) {
        (Encoding::Utf16Le, u16::from_le_bytes)
    } else if even * 10 >= asked && few(odd, even) {
        (Encoding::Utf16Be, u16::from_be_bytes)
    } else {
        return None;
    };
    let odd_char = |char: &Result<char, _>| match char {
        Ok(char) => char.is_control() && !char.is_whitespace(),
        Err(_) => true,
    };
    let units = sample.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
    // The sample may cut a pair of surrogates, hence the one.
    let odd_chars = char::decode_utf16(units).filter(odd_char).count();
    (odd_chars <= 1 && odd_chars * 4 < pairs).then_some(encoding)
}

/// Whether bytes that are not valid UTF-8 are UTF-8 with faults rather than
/// Windows-1252. Letters of 1252 form a valid sequence only by a rare accident
/// (`Ã©`), so one sequence a fault is proof enough; between none and that, a
/// detector that knows letter statistics decides.
pub(super) fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut sequences, mut faults) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        let leads = chunk.valid().bytes().filter(|&byte| byte >= 0xC0);
        sequences += leads.count();
        faults += usize::from(!chunk.invalid().is_empty());
    }
    if sequences == 0 || sequences >= faults {
        return sequences > 0;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow) == encoding_rs::UTF_8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_files_are_recognised() {
        let tables: Vec<u8> = (0..4000_u32).flat_map(u32::to_le_bytes).collect();
        for bytes in [b"%PDF-1.7".as_slice(), b"PK\x03\x04", b"a\0b", &tables] {
            assert!(looks_binary(bytes), "{:?}", &bytes[..4.min(bytes.len())]);
        }
        assert!(!looks_binary(b"A draft.\n"));
    }
}
