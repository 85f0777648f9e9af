//! Text, byte for byte, with some spans replaced.

use std::io::{self, BufRead, BufReader, Read, Write};

use super::{Copied, CopyError, REMOVED, Redaction};
use crate::text::Encoding;

/// Copies a text from `reader` to `writer` with the places of `file` replaced; every
/// other byte is copied as it is. Holds no more of it than a buffer.
///
/// # Errors
///
/// Where reading or writing fails, and where these are not the bytes that were scanned;
/// what was written by then must be thrown away.
pub fn copy(file: &Redaction, reader: impl Read, writer: impl Write) -> Result<Copied, CopyError> {
    let encoding = file.encoding.unwrap_or(Encoding::Utf8);
    let quotes = matches!(file.format.as_str(), "csv" | "tsv");
    let mut copier = Copier {
        reader: BufReader::with_capacity(256 * 1024, reader),
        writer,
        before: blake3::Hasher::new(),
        after: blake3::Hasher::new(),
        at: 0,
        written: 0,
    };
    let removed = spelled(REMOVED, encoding);
    let quote = spelled("\"", encoding);
    for span in &file.spans {
        copier.copy(span.start.saturating_sub(copier.at))?;
        let mut seen = Quotes { quote: &quote, part: Vec::new(), run: 0, alone: false };
        copier.skip(span.end.saturating_sub(copier.at), &mut |bytes| seen.take(bytes))?;
        copier.write(&removed)?;
        if !quotes || !seen.ends_odd() {
            continue;
        }
        // A quote inside a quoted cell is two; the place may end with the first.
        let next = if seen.run % 2 == 1 { copier.unit(quote.len())? } else { Vec::new() };
        if next == quote && !seen.alone {
            continue;
        }
        // A quote that stands alone closed the cell, and must go on doing so.
        copier.write(&quote)?;
        if next != quote {
            copier.write(&next)?;
        }
    }
    copier.copy(usize::MAX)?;
    copier.writer.flush().map_err(CopyError::Write)?;
    let copied = Copied {
        before: copier.before.finalize().to_hex().to_string(),
        after: copier.after.finalize().to_hex().to_string(),
        bytes_before: copier.at as u64,
        bytes_after: copier.written,
        removed: file.spans.len() as u64,
        not_replaced: 0,
        not_read: Vec::new(),
    };
    if copied.before == file.digest { Ok(copied) } else { Err(CopyError::Changed) }
}

/// ASCII as it is written in an encoding.
fn spelled(ascii: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 | Encoding::Windows1252 => ascii.as_bytes().to_vec(),
        Encoding::Utf16Le => ascii.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => ascii.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

/// The quotes of a stretch of CSV.
struct Quotes<'q> {
    /// A quote as it is written.
    quote: &'q [u8],
    /// The begin of a character that came in parts.
    part: Vec<u8>,
    /// How many quotes there are at the end of what was seen.
    run: usize,
    /// Whether there was a quote that is not one of two.
    alone: bool,
}

impl Quotes<'_> {
    fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.part.push(byte);
            if self.part.len() < self.quote.len() {
                continue;
            }
            if self.part == self.quote {
                self.run += 1;
            } else {
                self.alone |= self.run % 2 == 1;
                self.run = 0;
            }
            self.part.clear();
        }
    }

    fn ends_odd(&self) -> bool {
        self.alone || self.run % 2 == 1
    }
}

/// Copies bytes and counts them.
struct Copier<R, W> {
    reader: BufReader<R>,
    writer: W,
    before: blake3::Hasher,
    after: blake3::Hasher,
    /// Bytes read.
    at: usize,
    /// Bytes written.
    written: u64,
}

impl<R: Read, W: Write> Copier<R, W> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), CopyError> {
        self.after.update(bytes);
        self.written += bytes.len() as u64;
        self.writer.write_all(bytes).map_err(CopyError::Write)
    }

    /// Copies so many bytes, or what there is.
    fn copy(&mut self, bytes: usize) -> Result<(), CopyError> {
        let Self { reader, writer, before, after, at, written } = self;
        each_part(reader, bytes, &mut |part| {
            before.update(part);
            after.update(part);
            *at += part.len();
            *written += part.len() as u64;
            writer.write_all(part).map_err(CopyError::Write)
        })
    }

    /// Leaves so many bytes out, or what there is; `see` gets them.
    fn skip(&mut self, bytes: usize, see: &mut dyn FnMut(&[u8])) -> Result<(), CopyError> {
        let Self { reader, before, at, .. } = self;
        each_part(reader, bytes, &mut |part| {
            before.update(part);
            *at += part.len();
            see(part);
            Ok(())
        })
    }

    /// The next so many bytes, which are not copied.
    fn unit(&mut self, bytes: usize) -> Result<Vec<u8>, CopyError> {
        let mut unit = Vec::with_capacity(bytes);
        self.skip(bytes, &mut |part| unit.extend_from_slice(part))?;
        Ok(unit)
    }
}

/// Reads so many bytes, or what there is, part by part.
fn each_part<R: Read>(
    reader: &mut BufReader<R>,
    mut bytes: usize,
    take: &mut dyn FnMut(&[u8]) -> Result<(), CopyError>,
) -> Result<(), CopyError> {
    while bytes > 0 {
        let part = match reader.fill_buf() {
            Ok(part) => part,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyError::Read(error)),
        };
        if part.is_empty() {
            break;
        }
        let some = part.get(..bytes).unwrap_or(part);
        take(some)?;
        let len = some.len();
        reader.consume(len);
        bytes -= len;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::copy as copy_of;
    use super::*;
    use crate::scan::redact::testing;

    /// The copy of a text of this format without some words of it.
    fn copied(text: &str, format: &str, words: &[&str]) -> String {
        let spans: Vec<Range<usize>> = words
            .iter()
            .map(|words| {
                let start = text.find(words).unwrap();
                start..start + words.len()
            })
            .collect();
        let file = testing::of_text(text.as_bytes(), format, spans);
        let mut copy = Vec::new();
        copy_of(&file, text.as_bytes(), &mut copy).unwrap();
        String::from_utf8(copy).unwrap()
    }

    #[test]
    fn quotes_stay_in_pairs() {
        // The text of the cell is `a "b" c`; the place is `b"`, of which only the first
        // quote is known.
        assert_eq!(copied("x,\"a \"\"b\"\" c\",y", "csv", &["b\""]), "x,\"a \"\"[removed] c\",y");
        assert_eq!(copied("x,\"a \"\"b\"\"\",y", "csv", &["b\""]), "x,\"a \"\"[removed]\",y");
        assert_eq!(copied("x,\"a \"\"b\"\" c\",y", "csv", &["\"\"b"]), "x,\"a [removed]\"\" c\",y");
        assert_eq!(copied("\"\"\"b\"\"\"", "csv", &["\"\"b\""]), "\"[removed]\"");
        assert_eq!(copied("\"a \"\"b\"\", c\"", "csv", &["b\"\", c"]), "\"a \"\"[removed]\"");
        // What follows a closing quote belongs to the cell.
        assert_eq!(copied("\"a b\"c,\"d\"", "csv", &["b\"c"]), "\"a [removed]\",\"d\"");
        assert_eq!(copied("\"a b\"c,\"d\"", "csv", &["b\""]), "\"a [removed]\"c,\"d\"");
        assert_eq!(copied("a 5\" b,c", "csv", &["5", "b"]), "a [removed]\" [removed],c");
        // In JSON a quote is no pair.
        assert_eq!(copied(r#"{"a":"\"b\""}"#, "jsonl", &["b\\\""]), r#"{"a":"\"[removed]"}"#);
    }

    #[test]
    fn a_file_that_changed_is_no_copy() {
        let file = testing::of_text(b"one", "csv", std::iter::once(0..1).collect());
        for other in ["two", "one more", "o", ""] {
            let result = copy_of(&file, other.as_bytes(), io::sink());
            assert!(matches!(result, Err(CopyError::Changed)), "{other}");
        }
    }

    #[test]
    fn a_full_disk_is_said() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let file = testing::of_text(b"one", "csv", Vec::new());
        let result = copy_of(&file, b"one".as_slice(), Full);
        assert!(matches!(result, Err(CopyError::Write(_))));
    }
}
