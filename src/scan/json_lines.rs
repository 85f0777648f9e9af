//! Lines of a file of any size, one at a time.

use std::io::{self, BufRead, ErrorKind};

use memchr::memchr;

/// How a line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// With a newline.
    Newline,
    /// With the file.
    File,
    /// It goes on past the limit; what was read of it is gone.
    TooLong,
}

/// Reads lines up to a limit, so that a file without newlines does not fill memory.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    limit: usize,
    number: u64,
    bytes: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Lines of at most `limit` bytes without their newline.
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self { reader, limit, number: 0, bytes: Vec::new() }
    }

    /// The number of the line read last, from 1; 0 before the first.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The bytes of the line read last, without the newline.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads the next line; `None` at the end.
    pub(super) fn advance(&mut self) -> io::Result<Option<LineEnd>> {
        self.bytes.clear();
        let mut too_long = false;
        let mut any = false;
        loop {
            let part = match self.reader.fill_buf() {
                Ok(part) => part,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if part.is_empty() && !any {
                return Ok(None);
            }
            if !any {
                any = true;
                self.number += 1;
            }
            let newline = memchr(b'\n', part);
            let end = newline.unwrap_or(part.len());
            let at_end_of_file = part.is_empty();
            too_long |= self.bytes.len() + end > self.limit;
            if too_long {
                self.bytes = Vec::new();
            } else {
                self.bytes.extend_from_slice(&part[..end]);
            }
            self.reader.consume(newline.map_or(end, |at| at + 1));
            if newline.is_some() || at_end_of_file {
                return Ok(Some(match (too_long, newline) {
                    (true, _) => LineEnd::TooLong,
                    (false, Some(_)) => LineEnd::Newline,
                    (false, None) => LineEnd::File,
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_newlines_the_file_or_the_limit() {
        for buffer in 1..20 {
            let text = "one\n\nmuch too long\nfour";
            let reader = io::BufReader::with_capacity(buffer, text.as_bytes());
            let mut lines = Lines::new(reader, 5);
            let mut seen = Vec::new();
            while let Some(end) = lines.advance().unwrap() {
                let text = String::from_utf8(lines.bytes().to_vec()).unwrap();
                seen.push((lines.number(), text, end));
            }
            let expected = [
                (1, "one", LineEnd::Newline),
                (2, "", LineEnd::Newline),
                (3, "", LineEnd::TooLong),
                (4, "four", LineEnd::File),
            ]
            .map(|(number, text, end)| (number, text.to_owned(), end));
            assert_eq!(seen, expected);
        }
    }
}
