//! JSON, read without building a tree, with the place of everything in it.

use memchr::memchr2;

use crate::text::{MappedText, Span};

/// How deep arrays and objects may lie in one another.
pub const NESTING: usize = 128;

/// A fault in JSON and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (byte {at})")]
pub struct JsonError {
    /// Byte of the file, from 0.
    pub at: usize,
    /// What is wrong there.
    pub fault: JsonFault,
}

/// What is wrong with a text that should be JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// More than [`NESTING`].
    #[error("arrays and objects lie more than {NESTING} deep in one another")]
    TooDeep,
    /// The place is where it starts.
    #[error("a string does not end")]
    UnclosedString,
    /// The place is where the text ends.
    #[error("the text ends inside an array or object")]
    Unclosed,
    /// A bracket that closes nothing, or the wrong kind.
    #[error("`{0}` closes nothing that is open")]
    Unmatched(char),
    /// A backslash with something behind it that means nothing.
    #[error("a backslash is followed by something that is no escape")]
    Escape,
    /// Half of a character, written as `\ud83d` without its other half.
    #[error("half of a surrogate pair stands alone")]
    LoneSurrogate,
    /// Something else is expected here, in words.
    #[error("{0} is expected")]
    Expected(&'static str),
    /// More text where there should be none.
    #[error("more follows where the JSON should end")]
    Follows,
}

impl JsonFault {
    /// The fault at a byte of the file.
    pub fn at(self, at: usize) -> JsonError {
        JsonError { at, fault: self }
    }
}

/// Takes what stands in a value of JSON, in order. Spans are bytes of the file; those
/// of strings have their quotes.
pub trait JsonVisitor {
    /// A key; its value comes next.
    fn key(&mut self, key: String, span: Span);
    /// The value of the last key has ended.
    fn end_key(&mut self);
    /// An object starts here.
    fn begin_object(&mut self) {}
    /// An object has ended.
    fn end_object(&mut self, _span: Span) {}
    /// An array starts here.
    fn begin_array(&mut self);
    /// An item of an array, counted from 0, comes next and starts at byte `at`.
    fn item(&mut self, _item: usize, _is_object: bool, _at: usize) {}
    /// It has ended.
    fn end_item(&mut self) {}
    /// An array of so many items has ended.
    fn end_array(&mut self, items: usize, span: Span);
    /// A string.
    fn string(&mut self, built: MappedText, span: Span);
    /// A number or word, as it is written; `null` too.
    fn scalar(&mut self, text: &str, span: Span);
}

/// Reads one value of JSON. `offset` is where `text` starts in the file, in bytes.
///
/// What was taken before a fault stays; keys, objects and arrays that are open then are
/// not ended. Faults inside a string (an escape that is none, half of a surrogate pair)
/// do not end the reading: such an escape is kept as it is written, half a pair becomes
/// U+FFFD, and the first of them is the error.
pub fn read_json(
    text: &str,
    offset: usize,
    visitor: &mut dyn JsonVisitor,
) -> Result<(), JsonError> {
    let mut reader = Reader { text, at: 0, offset, depth: 0, visitor, minor: None };
    reader.skip_space();
    reader.value()?;
    reader.skip_space();
    if reader.at < text.len() {
        return Err(reader.fault(JsonFault::Follows));
    }
    reader.minor.map_or(Ok(()), Err)
}

struct Reader<'r> {
    text: &'r str,
    at: usize,
    offset: usize,
    depth: usize,
    visitor: &'r mut dyn JsonVisitor,
    /// The first fault that did not end the reading.
    minor: Option<JsonError>,
}

impl Reader<'_> {
    fn fault(&self, fault: JsonFault) -> JsonError {
        fault.at(self.offset + self.at)
    }

    /// Notes a fault at `at` bytes of the text and reads on.
    fn note(&mut self, at: usize, fault: JsonFault) {
        self.minor.get_or_insert(fault.at(self.offset + at));
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes `byte` if it is next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.byte() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Takes what must be next.
    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), JsonError> {
        if self.take(byte) {
            return Ok(());
        }
        let end = self.at == self.text.len();
        Err(self.fault(if end { JsonFault::Unclosed } else { JsonFault::Expected(what) }))
    }

    /// Reads a value. The depth of the recursion is bounded by [`NESTING`].
    fn value(&mut self) -> Result<(), JsonError> {
        match self.byte() {
            Some(b'{' | b'[') if self.depth == NESTING => Err(self.fault(JsonFault::TooDeep)),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => {
                let from = self.at;
                let built = self.string()?;
                self.visitor.string(built, self.span_from(from));
                Ok(())
            }
            _ => self.scalar(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<(), JsonError>) -> Result<(), JsonError> {
        self.at += 1;
        self.depth += 1;
        read(self)?;
        self.depth -= 1;
        Ok(())
    }

    /// What was read from byte `from` of the text on.
    fn span_from(&self, from: usize) -> Span {
        Span::new(self.offset + from, self.offset + self.at)
    }

    fn object(&mut self) -> Result<(), JsonError> {
        let start = self.at - 1;
        self.visitor.begin_object();
        self.skip_space();
        if self.take(b'}') {
            self.visitor.end_object(self.span_from(start));
            return Ok(());
        }
        loop {
            self.skip_space();
            if self.byte() != Some(b'"') {
                return self.expect(b'"', "a key in quotes");
            }
            let from = self.at;
            let key = self.string()?.text;
            let place = self.span_from(from);
            self.skip_space();
            self.expect(b':', "a colon")?;
            self.skip_space();
            self.visitor.key(key, place);
            self.value()?;
            self.visitor.end_key();
            self.skip_space();
            if self.take(b'}') {
                self.visitor.end_object(self.span_from(start));
                return Ok(());
            }
            self.expect(b',', "a comma or `}`")?;
        }
    }

    fn array(&mut self) -> Result<(), JsonError> {
        let start = self.at - 1;
        let mut items = 0;
        self.visitor.begin_array();
        self.skip_space();
        if !self.take(b']') {
            loop {
                self.skip_space();
                self.visitor.item(items, self.byte() == Some(b'{'), self.offset + self.at);
                self.value()?;
                self.visitor.end_item();
                items += 1;
                self.skip_space();
                if self.take(b']') {
                    break;
                }
                self.expect(b',', "a comma or `]`")?;
            }
        }
        self.visitor.end_array(items, self.span_from(start));
        Ok(())
    }

    /// A number or word. `NaN` and `Infinity`, which some programs write, pass.
    fn scalar(&mut self) -> Result<(), JsonError> {
        let rest = &self.text.as_bytes()[self.at..];
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let len = rest.iter().take_while(|byte| part(byte)).count();
        let text = &self.text[self.at..self.at + len];
        match text {
            "null" | "true" | "false" | "NaN" | "Infinity" | "-Infinity" => {}
            "" if rest.is_empty() => return Err(self.fault(JsonFault::Unclosed)),
            _ if text.trim_start_matches('-').starts_with(|char: char| char.is_ascii_digit())
                && text.parse::<f64>().is_ok() => {}
            _ => return Err(self.fault(JsonFault::Expected("a value"))),
        }
        let from = self.at;
        self.at += len;
        self.visitor.scalar(text, self.span_from(from));
        Ok(())
    }

    /// A string, from its opening quote on. Line ends and tabs that should have been
    /// escaped are taken as they are.
    fn string(&mut self) -> Result<MappedText, JsonError> {
        let mut built = MappedText::default();
        let quote = self.at;
        self.at += 1;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let Some(len) = memchr2(b'"', b'\\', rest) else {
                self.at = quote;
                return Err(self.fault(JsonFault::UnclosedString));
            };
            let end = self.at + len;
            built.push_copied(&self.text[self.at..end], self.offset + self.at);
            self.at = end;
            if rest.get(len) == Some(&b'"') {
                self.at += 1;
                return Ok(built);
            }
            self.escape(&mut built);
        }
    }

    /// What a backslash and the characters behind it stand for.
    fn escape(&mut self, built: &mut MappedText) {
        let start = self.at;
        let (char, len) = match self.text.as_bytes().get(start + 1) {
            Some(b'n') => ('\n', 2),
            Some(b't') => ('\t', 2),
            Some(b'r') => ('\r', 2),
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{C}', 2),
            Some(byte @ (b'"' | b'\\' | b'/')) => (char::from(*byte), 2),
            Some(b'u') if let Some(unit) = self.unit(start) => self.character(start, unit),
            _ => {
                self.note(start, JsonFault::Escape);
                built.push_copied("\\", self.offset + start);
                self.at += 1;
                return;
            }
        };
        let source = Span::new(self.offset + start, self.offset + start + len);
        built.push_replaced(char.encode_utf8(&mut [0; 4]), source);
        self.at += len;
    }

    /// The character of `unit`, which stands at `start`, with the other half of its pair
    /// where it has one; and its bytes.
    fn character(&mut self, start: usize, unit: u16) -> (char, usize) {
        let second = if (0xD800..0xDC00).contains(&unit) { self.unit(start + 6) } else { None };
        let units = [Some(unit), second].into_iter().flatten();
        if let Some(Ok(char)) = char::decode_utf16(units).next() {
            return (char, if u32::from(char) > 0xFFFF { 12 } else { 6 });
        }
        self.note(start, JsonFault::LoneSurrogate);
        (char::REPLACEMENT_CHARACTER, 6)
    }

    /// The number of the escape `\u0041` at `at`.
    fn unit(&self, at: usize) -> Option<u16> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        hexadecimal.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    }
}
