//! The values of one record.

use memchr::memchr2;

use super::{JsonError, JsonFault, NESTING};
use crate::text::{MappedText, OffsetMap, Span};

/// A value that is not an array or object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonValue {
    /// A string.
    String(JsonString),
    /// A number, `true` or `false`, as it is written. `null` is no value.
    Other {
        /// As in [`JsonString::path`].
        path: String,
        /// As it is written.
        text: String,
    },
}

/// A string of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonString {
    /// The keys that lead to it, joined with dots; items of arrays are `[*]`:
    /// `posts[*].text`.
    pub path: String,
    /// What it says.
    pub text: String,
    /// From bytes of `text` to bytes of the file.
    pub map: OffsetMap,
}

/// Every string of one value of JSON, in order. `offset` is where `object` starts in the
/// file, in bytes.
pub fn strings(object: &str, offset: usize) -> Result<Vec<JsonString>, JsonError> {
    let mut values = Vec::new();
    read(object, offset, &mut values)?;
    let string = |value| match value {
        JsonValue::String(string) => Some(string),
        JsonValue::Other { .. } => None,
    };
    Ok(values.into_iter().filter_map(string).collect())
}

/// Appends every string, number and boolean of one value of JSON to `found`, in order.
/// `offset` is where `object` starts in the file, in bytes.
///
/// What was found before a fault stays. Faults inside a string (an escape that is none,
/// half of a surrogate pair) do not end the reading: such an escape is kept as it is
/// written, half a pair becomes U+FFFD, and the first of them is the error.
pub fn read(object: &str, offset: usize, found: &mut Vec<JsonValue>) -> Result<(), JsonError> {
    let mut reader =
        Reader { text: object, at: 0, offset, path: String::new(), depth: 0, found, minor: None };
    reader.skip_space();
    reader.value()?;
    reader.skip_space();
    if reader.at < object.len() {
        return Err(reader.fault(JsonFault::Follows));
    }
    reader.minor.map_or(Ok(()), Err)
}

struct Reader<'r> {
    text: &'r str,
    at: usize,
    offset: usize,
    path: String,
    depth: usize,
    found: &'r mut Vec<JsonValue>,
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
                let MappedText { text, map } = self.string()?;
                self.found.push(JsonValue::String(JsonString {
                    path: self.path.clone(),
                    text,
                    map,
                }));
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

    fn object(&mut self) -> Result<(), JsonError> {
        self.skip_space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.skip_space();
            if self.byte() != Some(b'"') {
                return self.expect(b'"', "a key in quotes");
            }
            let key = self.string()?.text;
            self.skip_space();
            self.expect(b':', "a colon")?;
            self.skip_space();
            let len = self.path.len();
            if len > 0 {
                self.path.push('.');
            }
            self.path.push_str(&key);
            self.value()?;
            self.path.truncate(len);
            self.skip_space();
            if self.take(b'}') {
                return Ok(());
            }
            self.expect(b',', "a comma or `}`")?;
        }
    }

    fn array(&mut self) -> Result<(), JsonError> {
        let len = self.path.len();
        self.path.push_str("[*]");
        self.skip_space();
        if !self.take(b']') {
            loop {
                self.skip_space();
                self.value()?;
                self.skip_space();
                if self.take(b']') {
                    break;
                }
                self.expect(b',', "a comma or `]`")?;
            }
        }
        self.path.truncate(len);
        Ok(())
    }

    /// A number or word. `NaN` and `Infinity`, which some programs write, pass.
    fn scalar(&mut self) -> Result<(), JsonError> {
        let rest = &self.text.as_bytes()[self.at..];
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let len = rest.iter().take_while(|byte| part(byte)).count();
        let text = &self.text[self.at..self.at + len];
        match text {
            "null" => {}
            "true" | "false" | "NaN" | "Infinity" | "-Infinity" => self.other(text.to_owned()),
            "" if rest.is_empty() => return Err(self.fault(JsonFault::Unclosed)),
            _ if text.trim_start_matches('-').starts_with(|char: char| char.is_ascii_digit())
                && text.parse::<f64>().is_ok() =>
            {
                self.other(text.to_owned());
            }
            _ => return Err(self.fault(JsonFault::Expected("a value"))),
        }
        self.at += len;
        Ok(())
    }

    fn other(&mut self, text: String) {
        self.found.push(JsonValue::Other { path: self.path.clone(), text });
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        strings(text, 0).unwrap().into_iter().map(|string| (string.path, string.text)).collect()
    }

    fn pair(path: &str, text: &str) -> (String, String) {
        (path.to_owned(), text.to_owned())
    }

    #[test]
    fn strings_have_their_paths() {
        let text = r#" {"tweet":{"full_text":"hi","id":5,"tags":["a",["b"]]},
            "posts":[{"text":"one"},{"text":""}],"x":null, "é\n":"z"} "#;
        assert_eq!(
            pairs(text),
            [
                pair("tweet.full_text", "hi"),
                pair("tweet.tags[*]", "a"),
                pair("tweet.tags[*][*]", "b"),
                pair("posts[*].text", "one"),
                pair("posts[*].text", ""),
                pair("é\n", "z"),
            ]
        );
        assert_eq!(pairs("\"x\""), [pair("", "x")]);
        let mut values = Vec::new();
        read("{\"a\":-1.5e3,\"b\":[true,null,NaN]}", 0, &mut values).unwrap();
        let other = |path: &str, text: &str| {
            let (path, text) = pair(path, text);
            JsonValue::Other { path, text }
        };
        assert_eq!(values, [other("a", "-1.5e3"), other("b[*]", "true"), other("b[*]", "NaN")]);
    }

    #[test]
    fn escapes_lead_back_to_their_bytes() {
        let source = r#"{"a":"caf\u00e9 \ud83d\ude00\n\"x\" \/"}"#;
        let string = strings(source, 100).unwrap().remove(0);
        assert_eq!(string.text, "café 😀\n\"x\" /");
        let back = |words: &str| {
            let start = string.text.find(words).unwrap();
            let span = string.map.to_source(Span::new(start, start + words.len()));
            &source[span.start - 100..span.end - 100]
        };
        assert_eq!(back("café"), r"caf\u00e9");
        assert_eq!(back("😀"), r"\ud83d\ude00");
        assert_eq!(back("\"x\""), r#"\"x\""#);
    }

    #[test]
    fn faults_have_their_place_and_what_came_before_stays() {
        let fault = |text: &str| {
            let mut values = Vec::new();
            let error = read(text, 10, &mut values).unwrap_err();
            (values.len(), error.at - 10, error.fault)
        };
        assert_eq!(fault(r#"{"a":"1","b":"2"#), (1, 13, JsonFault::UnclosedString));
        assert_eq!(fault(r#"{"a":"1","b":"#), (1, 13, JsonFault::Unclosed));
        assert_eq!(fault(r#"{"a":"1""#), (1, 8, JsonFault::Unclosed));
        assert_eq!(fault(r#"{"a" 1}"#), (0, 5, JsonFault::Expected("a colon")));
        assert_eq!(fault("{a:1}"), (0, 1, JsonFault::Expected("a key in quotes")));
        assert_eq!(fault("[1,]"), (1, 3, JsonFault::Expected("a value")));
        assert_eq!(fault("[01x]"), (0, 1, JsonFault::Expected("a value")));
        assert_eq!(fault("{} {}"), (0, 3, JsonFault::Follows));
        assert_eq!(fault(&"[".repeat(500)), (0, NESTING, JsonFault::TooDeep));
        assert_eq!(fault(r#"["\q","\ud83d","x"]"#), (3, 2, JsonFault::Escape));
        assert_eq!(fault(r#"["\ud83d\u0041"]"#), (1, 2, JsonFault::LoneSurrogate));
        assert_eq!(fault(r#"["\u00g0"]"#), (1, 2, JsonFault::Escape));
        assert_eq!(
            fault("[\"\\é\"]").2.at(3).to_string(),
            "a backslash is followed by something that is no escape (byte 3)"
        );
        let mut values = Vec::new();
        read(r#"["a\ude00\u0041"]"#, 0, &mut values).unwrap_err();
        let JsonValue::String(string) = &values[0] else { panic!() };
        assert_eq!(string.text, "a\u{FFFD}A");
    }

    /// Every string of a value, in order.
    fn reference(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
        match value {
            Value::String(text) => found.push(pair(path, text)),
            Value::Array(items) => {
                for item in items {
                    reference(item, &format!("{path}[*]"), found);
                }
            }
            Value::Object(entries) => {
                for (key, value) in entries {
                    let dot = if path.is_empty() { "" } else { "." };
                    reference(value, &format!("{path}{dot}{key}"), found);
                }
            }
            _ => {}
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<String>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-zé\"]{1,4}", inner, 0..4)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn strings_are_those_of_serde(value in json(), pretty: bool, ascii: bool) {
            let mut text = if pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            if ascii {
                let escape = |char: char| {
                    let units = char.encode_utf16(&mut [0; 2]).to_vec();
                    units.iter().map(|unit| format!("\\u{unit:04X}")).collect::<String>()
                };
                text = text.chars().map(|char| if char.is_ascii() { char.to_string() } else { escape(char) }).collect();
            }
            let mut expected = Vec::new();
            reference(&value, "", &mut expected);
            prop_assert_eq!(pairs(&text), expected);
        }

        #[test]
        fn every_character_leads_to_bytes_that_mean_it(text: String, offset in 0_usize..1000) {
            let source = Value::from(vec![text]).to_string();
            let string = strings(&source, offset).unwrap().remove(0);
            for (start, char) in string.text.char_indices() {
                let span = string.map.to_source(Span::new(start, start + char.len_utf8()));
                let written = &source[span.start - offset..span.end - offset];
                let back: String = serde_json::from_str(&format!("\"{written}\"")).unwrap();
                prop_assert_eq!(back, char.to_string());
            }
        }

        #[test]
        fn any_text_is_read_or_told(text in "[\\[{}\\],:\"\\\\au0d8-e.é \n]{0,40}") {
            let mut values = Vec::new();
            let fault = read(&text, 0, &mut values).err();
            prop_assert!(fault.is_none_or(|error| error.at <= text.len()));
            if serde_json::from_str::<Value>(&text).is_ok() {
                prop_assert_eq!(fault, None, "{}", text);
            }
        }
    }
}
