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
    /// Whether records can end within lines.
    within_lines: bool,
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
            within_lines: false,
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
        // Names of columns can be longer than what is read at once. JSON needs no lines.
        let is_open = |byte: Option<&u8>| matches!(byte, Some(b'{' | b'['));
        let mut visible = chunks.buffer.iter().filter(|byte| **byte > b' ');
        if !is_open(visible.next()) {
            while !chunks.ended
                && chunks.buffer.len() < LONGEST
                && chunks.whole_lines(chunks.buffer.len()) == 0
            {
                chunks.fill((chunks.buffer.len() * 2).min(LONGEST));
            }
        }
        Ok(chunks)
    }

    /// Says that records can end within lines, as those of JSON can.
    pub fn end_within_lines(&mut self) {
        self.within_lines = true;
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

    /// The whole lines at the start, to see what is in them; nothing is passed on.
    pub fn peek(&self) -> Decoded {
        self.decode(self.whole_lines(self.buffer.len()))
    }

    /// All text that was read at the start, of which the last line may go on.
    pub fn peek_within_lines(&self) -> Decoded {
        self.decode(self.whole_characters(self.buffer.len()))
    }

    fn decode(&self, len: usize) -> Decoded {
        decode_part(self.buffer[..len].to_vec(), self.encoding)
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

    /// Whether the file ends with the first bytes of the buffer.
    fn ends_with(&self, len: usize) -> bool {
        self.ended && len == self.buffer.len()
    }

    /// Where the last line break in the first bytes of the buffer ends; behind all of them
    /// where the file ends there.
    fn whole_lines(&self, len: usize) -> usize {
        if self.ends_with(len) {
            return len;
        }
        let bytes = &self.buffer[..len];
        // Only files without any `\n` end their lines with `\r`; the one that ends the
        // buffer may be half of `\r\n`.
        match self.encoding {
            Encoding::Utf8 | Encoding::Windows1252 => {
                let newline = memchr::memrchr(b'\n', bytes);
                let end =
                    newline.or_else(|| memchr::memrchr(b'\r', &bytes[..len.saturating_sub(1)]));
                end.map_or(0, |at| at + 1)
            }
            Encoding::Utf16Le | Encoding::Utf16Be => {
                let unit = |byte| self.unit(byte);
                let newline = last_unit(bytes, unit(b'\n'));
                let known = &bytes[..(len & !1).saturating_sub(2)];
                newline.or_else(|| last_unit(known, unit(b'\r'))).unwrap_or(0)
            }
        }
    }

    /// An ASCII character as the file writes it in UTF-16.
    fn unit(&self, byte: u8) -> [u8; 2] {
        if self.encoding == Encoding::Utf16Be { [0, byte] } else { [byte, 0] }
    }

    /// Where the last whole character in the first bytes of the buffer ends; behind all of
    /// them where the file ends there. A `\r` may be half of a line end.
    fn whole_characters(&self, len: usize) -> usize {
        if self.ends_with(len) {
            return len;
        }
        let bytes = &self.buffer[..len];
        match self.encoding {
            Encoding::Utf8 | Encoding::Windows1252 => {
                let open = bytes.iter().rev().take(3).position(|&byte| byte >= 0xC0);
                let cut = |back: usize| {
                    let lead = bytes[len - 1 - back];
                    lead.leading_ones() as usize > back + 1
                };
                let end = open.filter(|&back| cut(back)).map_or(len, |back| len - 1 - back);
                end - usize::from(bytes[..end].ends_with(b"\r"))
            }
            Encoding::Utf16Le | Encoding::Utf16Be => {
                let len = len & !1;
                let last = bytes[..len].last_chunk::<2>();
                let goes_on = |unit: &[u8; 2]| {
                    let high = unit[usize::from(self.encoding == Encoding::Utf16Le)];
                    (0xD8..0xDC).contains(&high) || *unit == self.unit(b'\r')
                };
                if last.is_some_and(goes_on) { len - 2 } else { len }
            }
        }
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
            // More may wait, behind a record that was cut.
            let seen = self.buffer.len().min(wanted);
            let goes_on = !self.ends_with(seen);
            let mut whole = if self.within_lines {
                self.whole_characters(seen)
            } else {
                self.whole_lines(seen)
            };
            let overlong = goes_on && seen >= LONGEST;
            if whole == 0 && overlong {
                whole = seen & !1;
            }
            let mut source = self.decode(whole);
            let (mut end, mut records) = ends(&source.text, goes_on);
            let cut = end == 0 && overlong;
            if cut {
                end = memchr::memchr(b'\n', source.text.as_bytes())
                    .map_or(source.text.len(), |at| at + 1);
                records = 1;
            }
            if end == 0 && goes_on {
                wanted = (wanted.max(seen) * 2).min(LONGEST);
                continue;
            }
            let taken = if end == source.text.len() {
                whole
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

/// Where the last of such units of UTF-16 ends.
fn last_unit(bytes: &[u8], unit: [u8; 2]) -> Option<usize> {
    bytes.chunks_exact(2).rposition(|bytes| bytes == unit).map(|at| 2 * at + 2)
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
