//! A stream of bytes, cut where records start.
//!
//! The parts are decoded as they come, and no more of a file is held than its longest
//! record and one part. Where the cuts fall never changes what a record says.

use std::io::{self, Read};

use crate::input::{Layout, Rows};
use crate::text::{Decoded, Encoding, Span, decode_part};

use super::midway::encoding;

/// How much of a file is read at once, in bytes.
pub const CHUNK: usize = 256 * 1024;

/// A record longer than this, in bytes, is one whose quote was never closed, or no
/// record at all.
const LONGEST: usize = 64 * 1024 * 1024;

/// Some whole records.
#[derive(Debug)]
pub struct Chunk {
    /// Their text, and the way back to bytes behind `base`.
    pub source: Decoded,
    /// Bytes of the (unpacked) file before them.
    pub base: usize,
    /// Line breaks before them.
    pub lines: u64,
    /// Records before them.
    pub records: u64,
    /// Where in the text the records start, behind a header.
    pub start: usize,
    /// A record that is too long, and so was cut: what was wrong with it.
    pub overlong: bool,
}

/// Reads a file part by part.
pub struct Chunks<R> {
    reader: R,
    /// What was read and not passed on yet.
    buffer: Vec<u8>,
    /// Bytes of the file before the buffer.
    base: usize,
    lines: u64,
    records: u64,
    ended: bool,
    /// Why no more could be read; told once what came before has been passed on.
    failed: Option<io::Error>,
    /// Whether not all could be read.
    broken: bool,
    size: usize,
    encoding: Encoding,
    hasher: blake3::Hasher,
}

impl<R: Read> Chunks<R> {
    /// Starts to read, in this encoding or the one that the first bytes tell.
    ///
    /// # Errors
    ///
    /// Where nothing can be read.
    pub fn new(reader: R, forced: Option<Encoding>, size: usize) -> io::Result<Self> {
        let mut chunks = Self {
            reader,
            buffer: Vec::new(),
            base: 0,
            lines: 0,
            records: 0,
            ended: false,
            failed: None,
            broken: false,
            size: size.max(16),
            encoding: Encoding::Utf8,
            hasher: blake3::Hasher::new(),
        };
        // How a file is written must not depend on how it is cut.
        chunks.fill(CHUNK);
        if let Some(error) = chunks.failed.take_if(|_| chunks.buffer.is_empty()) {
            return Err(error);
        }
        chunks.encoding = forced.unwrap_or_else(|| encoding(&chunks.buffer));
        let mark = chunks.encoding.bom();
        if chunks.buffer.starts_with(mark) {
            chunks.base = mark.len();
            chunks.buffer.drain(..mark.len());
        }
        Ok(chunks)
    }

    /// How the file is written.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Bytes read so far.
    pub fn read_bytes(&self) -> usize {
        self.base + self.buffer.len()
    }

    /// BLAKE3 of the bytes; empty where not all of them were read, as the digest of a
    /// part would name no file that anybody has.
    pub fn digest(&self) -> String {
        if self.ended && !self.broken {
            self.hasher.finalize().to_hex().to_string()
        } else {
            String::new()
        }
    }

    /// The text of the first part, to see what is in it; nothing is passed on.
    pub fn peek(&self) -> Decoded {
        decode_part(self.buffer[..self.whole_lines()].to_vec(), self.encoding)
    }

    /// Reads until so many bytes wait, or the file ends or cannot be read on.
    fn fill(&mut self, wanted: usize) {
        while !self.ended && self.buffer.len() < wanted {
            let before = self.buffer.len();
            let room = (wanted - before).min(CHUNK) as u64;
            let read = (&mut self.reader).take(room).read_to_end(&mut self.buffer);
            // What came before an error was read all the same.
            self.hasher.update(&self.buffer[before..]);
            self.ended = !matches!(read, Ok(1..));
            self.failed = read.err();
            self.broken = self.failed.is_some();
        }
    }

    /// Where the last line break of the buffer ends; all of it at the end of the file.
    fn whole_lines(&self) -> usize {
        if self.ended {
            return self.buffer.len();
        }
        match self.encoding {
            Encoding::Utf8 | Encoding::Windows1252 => {
                let newline = memchr::memrchr(b'\n', &self.buffer);
                // Only files without any `\n` end their lines with `\r`; the one that
                // ends the buffer may be half of `\r\n`.
                newline.map_or_else(
                    || {
                        let known = &self.buffer[..self.buffer.len().saturating_sub(1)];
                        memchr::memrchr(b'\r', known).map_or(0, |at| at + 1)
                    },
                    |at| at + 1,
                )
            }
            Encoding::Utf16Le => self.last_unit([b'\n', 0]),
            Encoding::Utf16Be => self.last_unit([0, b'\n']),
        }
    }

    fn last_unit(&self, unit: [u8; 2]) -> usize {
        let units = self.buffer.chunks_exact(2).rposition(|bytes| bytes == unit);
        units.map_or(0, |at| 2 * at + 2)
    }

    /// The next whole records, as `ends` finds them: given a text and whether it goes
    /// on, where the last whole record ends and how many there are.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read on. What came before was passed on.
    pub fn next(
        &mut self,
        mut ends: impl FnMut(&str, bool) -> (usize, u64),
    ) -> io::Result<Option<Chunk>> {
        let mut wanted = self.size;
        loop {
            self.fill(wanted);
            if self.buffer.is_empty() {
                return self.failed.take().map_or(Ok(None), Err);
            }
            let mut lines = self.whole_lines();
            let overlong = !self.ended && self.buffer.len() >= LONGEST;
            if lines == 0 && overlong {
                lines = self.buffer.len() & !1;
            }
            let mut source = decode_part(self.buffer[..lines].to_vec(), self.encoding);
            let (mut end, mut records) = ends(&source.text, !self.ended);
            let cut = end == 0 && overlong;
            if cut {
                end = memchr::memchr(b'\n', source.text.as_bytes())
                    .map_or(source.text.len(), |at| at + 1);
                records = 1;
            }
            if end == 0 && !self.ended {
                wanted = (wanted.max(self.buffer.len()) * 2).min(LONGEST);
                continue;
            }
            let taken = if end == source.text.len() {
                lines
            } else {
                source.to_file(Span::new(end, end)).start
            };
            source.text.truncate(end);
            let chunk = Chunk {
                base: self.base,
                lines: self.lines,
                records: self.records,
                start: 0,
                overlong: cut,
                source,
            };
            self.buffer.drain(..taken);
            self.base += taken;
            self.lines += line_breaks(&chunk.source.text);
            self.records += records;
            return Ok(Some(chunk));
        }
    }
}

/// How many lines of `text` end.
fn line_breaks(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let ends_line = |&at: &usize| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n');
    memchr::memchr2_iter(b'\n', b'\r', bytes).filter(ends_line).count() as u64
}

/// Where the last whole row of a table ends, line end included, and how many rows stand
/// from byte `start` on. A row that may go on behind the text is not whole.
pub fn whole_rows(text: &str, start: usize, layout: &Layout, goes_on: bool) -> (usize, u64) {
    let mut rows = Rows::new(text, start, layout.delimiter);
    let mut cells = Vec::new();
    let mut count = 0;
    while rows.read(&mut cells) {
        let open = cells.last().is_some_and(|cell| cell.unclosed);
        if open && goes_on {
            return (cells.first().map_or(0, |cell| cell.span.start), count);
        }
        count += 1;
    }
    (text.len(), count)
}
