//! Where the elements of a top-level array end.

use std::ops::Range;

use memchr::memchr2;

use super::{JsonError, JsonFault, JsonShape, NESTING};

/// Finds the elements of a top-level array, or values that follow one another, in text
/// that arrives in pieces. Looks at brackets and quotes only: what stands between them
/// is judged when the element is read, so that one bad record does not cost the others.
/// For the same reason it does not ask for commas.
#[derive(Clone, Debug)]
pub struct Elements {
    /// Bytes of the file that were seen.
    at: usize,
    within: Within,
    state: State,
    /// Where the present element starts.
    start: usize,
    /// Where the present string starts.
    quote: usize,
    open: Open,
    /// Whether the array has ended and the object around it has not.
    around: bool,
}

/// What the elements stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// An array that is the whole file.
    Array,
    /// An array behind `name =`; a semicolon may follow.
    Assigned,
    /// An array that is a value of an object.
    Object,
    /// Nothing: values one after the other.
    Sequence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Between,
    /// In an array or object, between strings.
    Inside,
    String,
    /// Behind a backslash.
    Escape,
    /// A number or word that is an element itself.
    Scalar,
    /// Behind everything.
    Behind,
}

/// The arrays and objects that are open.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    depth: usize,
    /// A bit for each, 1 for objects; the innermost is the lowest.
    objects: u128,
}

impl Open {
    fn push(&mut self, bracket: u8) -> Result<(), JsonFault> {
        if self.depth == NESTING {
            return Err(JsonFault::TooDeep);
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(bracket == b'{');
        Ok(())
    }

    fn pop(&mut self, bracket: u8) -> Result<(), JsonFault> {
        let object = self.objects & 1 == 1;
        if self.depth == 0 || object != (bracket == b'}') {
            return Err(JsonFault::Unmatched(char::from(bracket)));
        }
        self.depth -= 1;
        self.objects >>= 1;
        Ok(())
    }
}

impl Elements {
    /// Of a file of this shape. The first piece starts at [`Elements::place`].
    pub fn new(shape: &JsonShape) -> Self {
        let (within, at) = match shape {
            JsonShape::Array { at } => (Within::Array, *at),
            JsonShape::Assigned { at, .. } => (Within::Assigned, *at),
            JsonShape::Items { at, .. } => (Within::Object, *at),
            JsonShape::Object { at } => (Within::Sequence, *at),
            JsonShape::Lines | JsonShape::Unknown => (Within::Sequence, 0),
        };
        let (state, open) = (State::Between, Open::default());
        Self { at, within, state, start: at, quote: at, open, around: false }
    }

    /// Of the rest of a file of this shape, from the start of a record on.
    pub fn within(shape: &JsonShape) -> Self {
        let whole = Self::new(shape);
        Self { at: 0, start: 0, quote: 0, ..whole }
    }

    /// The byte of the file at which the next piece starts.
    pub fn place(&self) -> usize {
        self.at
    }

    /// The byte of the file from which on the text is still needed: where the element
    /// starts that has not ended yet.
    pub fn needed(&self) -> usize {
        match self.state {
            State::Between | State::Behind => self.at,
            _ if self.around => self.at,
            _ => self.start,
        }
    }

    /// Looks at the next piece, which may be cut anywhere, and appends the bytes of the
    /// file of each element that ends in it. After an error the places mean nothing any
    /// more; elements that were found before it are good.
    pub fn feed(&mut self, piece: &str, found: &mut Vec<Range<usize>>) -> Result<(), JsonError> {
        let bytes = piece.as_bytes();
        let base = self.at;
        let mut next = 0;
        while let Some(&byte) = bytes.get(next) {
            let at = base + next;
            match self.state {
                State::Inside => {
                    let structural = |byte: &u8| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']');
                    match bytes[next..].iter().position(structural) {
                        Some(0) => self.bracket(byte, at, found)?,
                        Some(skipped) => {
                            next += skipped;
                            continue;
                        }
                        None => next = bytes.len() - 1,
                    }
                }
                State::String => match memchr2(b'"', b'\\', &bytes[next..]) {
                    Some(0) if byte == b'\\' => self.state = State::Escape,
                    Some(0) => self.string_ends(at + 1, found),
                    Some(skipped) => {
                        next += skipped;
                        continue;
                    }
                    None => next = bytes.len() - 1,
                },
                State::Escape => self.state = State::String,
                State::Between => self.begin(byte, at)?,
                State::Scalar => {
                    if matches!(byte, b',' | b'"' | b'{' | b'}' | b'[' | b']')
                        || byte.is_ascii_whitespace()
                    {
                        found.push(self.start..at);
                        self.state = State::Between;
                        continue;
                    }
                }
                State::Behind => {
                    let semicolon = byte == b';' && self.within == Within::Assigned;
                    if !semicolon && !byte.is_ascii_whitespace() {
                        return Err(JsonFault::Follows.at(at));
                    }
                }
            }
            next += 1;
        }
        self.at = base + bytes.len();
        Ok(())
    }

    /// Whether no record can follow: the array has ended.
    pub fn ended(&self) -> bool {
        self.around || self.state == State::Behind
    }

    /// Says that the file ends here: gives a last number or word of a sequence, and an
    /// error where something is still open.
    pub fn finish(&mut self, found: &mut Vec<Range<usize>>) -> Result<(), JsonError> {
        match self.state {
            State::String | State::Escape => Err(JsonFault::UnclosedString.at(self.quote)),
            State::Inside => Err(JsonFault::Unclosed.at(self.at)),
            State::Scalar | State::Between if self.within != Within::Sequence => {
                Err(JsonFault::Unclosed.at(self.at))
            }
            State::Scalar => {
                found.push(self.start..self.at);
                self.state = State::Between;
                Ok(())
            }
            State::Between | State::Behind => Ok(()),
        }
    }

    fn begin(&mut self, byte: u8, at: usize) -> Result<(), JsonError> {
        self.start = at;
        match byte {
            b'{' | b'[' => {
                self.state = State::Inside;
                self.open.push(byte).map_err(|fault| fault.at(at))?;
            }
            b'"' => (self.state, self.quote) = (State::String, at),
            b']' if self.within == Within::Object => {
                (self.state, self.around) = (State::Inside, true);
            }
            b']' if self.within != Within::Sequence => self.state = State::Behind,
            b'}' | b']' => return Err(JsonFault::Unmatched(char::from(byte)).at(at)),
            b',' => {}
            _ if byte.is_ascii_whitespace() => {}
            _ => self.state = State::Scalar,
        }
        Ok(())
    }

    /// A bracket or quote in an array or object.
    fn bracket(
        &mut self,
        byte: u8,
        at: usize,
        found: &mut Vec<Range<usize>>,
    ) -> Result<(), JsonError> {
        match byte {
            b'"' => (self.state, self.quote) = (State::String, at),
            b'{' | b'[' => self.open.push(byte).map_err(|fault| fault.at(at))?,
            b'}' if self.around && self.open.depth == 0 => self.state = State::Behind,
            _ => {
                self.open.pop(byte).map_err(|fault| fault.at(at))?;
                if self.open.depth == 0 && !self.around {
                    found.push(self.start..at + 1);
                    self.state = State::Between;
                }
            }
        }
        Ok(())
    }

    fn string_ends(&mut self, end: usize, found: &mut Vec<Range<usize>>) {
        if self.around || self.open.depth > 0 {
            self.state = State::Inside;
        } else {
            found.push(self.start..end);
            self.state = State::Between;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::shape;
    use super::*;

    /// The elements of `text`, which is fed in pieces of `len` characters.
    fn elements(text: &str, len: usize) -> (Vec<&str>, Option<JsonError>) {
        let mut elements = Elements::new(&shape(text));
        let mut found = Vec::new();
        let mut rest = &text[elements.place()..];
        let mut fault = None;
        while !rest.is_empty() && fault.is_none() {
            let end = rest.char_indices().nth(len).map_or(rest.len(), |(at, _)| at);
            fault = elements.feed(&rest[..end], &mut found).err();
            rest = &rest[end..];
            assert!(elements.needed() <= text.len());
        }
        let fault = fault.or_else(|| elements.finish(&mut found).err());
        (found.into_iter().map(|range| &text[range]).collect(), fault)
    }

    #[test]
    fn elements_of_arrays_in_all_their_places() {
        let expected = ["{\"a]\\\"\":[1,{}]}", "2.5", "\"x,\"", "[[]]", "null"];
        let inside = "{\"a]\\\"\":[1,{}]}, 2.5,\"x,\"\n,[[]],null";
        for text in [
            format!("[{inside}]"),
            format!("\u{FEFF} [{inside} ]\n"),
            format!("window.YTD.tweets.part0 = [ {inside} ];\n"),
            format!(r#"{{"id":"outbox.json","n":[],"orderedItems":[{inside}],"more":"]{{"}}"#),
        ] {
            for len in [1, 2, 7, 1000] {
                assert_eq!(elements(&text, len), (expected.to_vec(), None), "{text}");
            }
        }
        assert_eq!(elements("{\n\"a\":1}\n{\"b\":2}", 3).0, ["{\n\"a\":1}", "{\"b\":2}"]);
        assert_eq!(elements("[]", 1), (vec![], None));
    }

    #[test]
    fn faults_have_their_place_and_leave_what_was_found() {
        let one = |text| elements(text, 4).1.map(|error| (error.at, error.fault));
        assert_eq!(one("[1,\"ab"), Some((3, JsonFault::UnclosedString)));
        assert_eq!(one("[1,{\"a\":"), Some((8, JsonFault::Unclosed)));
        assert_eq!(one("[1"), Some((2, JsonFault::Unclosed)));
        assert_eq!(one("[{]"), Some((2, JsonFault::Unmatched(']'))));
        assert_eq!(one("[1] 2"), Some((4, JsonFault::Follows)));
        // The first bytes do not always show that more follows.
        let mut wrapped =
            Elements::new(&JsonShape::Items { key: "orderedItems".to_owned(), at: 17 });
        let fault = wrapped.feed("1],\"x\":\"]\"} {\"b\":2}", &mut Vec::new());
        assert_eq!(fault, Err(JsonFault::Follows.at(29)));
        assert_eq!(elements("[{\"a\":1},{\"b", 5).0, ["{\"a\":1}"]);
        let deep = "[".repeat(1000);
        assert_eq!(one(deep.as_str()), Some((1 + NESTING, JsonFault::TooDeep)));
        let fine = format!("[{}{}]", "[".repeat(NESTING), "]".repeat(NESTING));
        assert_eq!(one(fine.as_str()), None);
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(text in "[\\[{}\\],:\"\\\\a1é \n]{0,30}", len in 1_usize..5) {
            let array = format!("[{text}");
            prop_assert_eq!(elements(&array, len), elements(&array, 1000));
        }

        #[test]
        fn elements_are_those_of_serde(values in prop::collection::vec(".{0,6}", 0..6)) {
            let objects: Vec<_> = values.iter().map(|text| serde_json::json!({ text: [text] })).collect();
            let text = serde_json::to_string(&objects).unwrap();
            let (found, fault) = elements(&text, 3);
            prop_assert_eq!(fault, None);
            let found: Vec<serde_json::Value> =
                found.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
            prop_assert_eq!(found, objects);
        }
    }
}
