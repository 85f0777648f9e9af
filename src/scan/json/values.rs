//! The values of one record.

use super::JsonError;
use crate::input::{JsonVisitor, read_json};
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
    read_json(object, offset, &mut Paths { path: String::new(), lens: Vec::new(), found })
}

/// Keeps every value with the path that leads to it.
struct Paths<'f> {
    path: String,
    /// How long the path was before each step of it.
    lens: Vec<usize>,
    found: &'f mut Vec<JsonValue>,
}

impl Paths<'_> {
    fn enter(&mut self, parts: &[&str]) {
        self.lens.push(self.path.len());
        self.path.extend(parts.iter().copied());
    }

    fn leave(&mut self) {
        self.path.truncate(self.lens.pop().unwrap_or(0));
    }
}

impl JsonVisitor for Paths<'_> {
    fn key(&mut self, key: String, _: Span) {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.enter(&[dot, &key]);
    }

    fn end_key(&mut self) {
        self.leave();
    }

    fn begin_array(&mut self) {
        self.enter(&["[*]"]);
    }

    fn end_array(&mut self, _: usize, _: Span) {
        self.leave();
    }

    fn string(&mut self, MappedText { text, map }: MappedText, _: Span) {
        self.found.push(JsonValue::String(JsonString { path: self.path.clone(), text, map }));
    }

    fn scalar(&mut self, text: &str, _: Span) {
        if text != "null" {
            let (path, text) = (self.path.clone(), text.to_owned());
            self.found.push(JsonValue::Other { path, text });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::{JsonFault, NESTING};
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
