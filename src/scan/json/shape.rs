//! How a file of JSON holds its records.

use super::Elements;

/// How a file holds its records. `at` is the byte of the file from which on
/// [`Elements`] looks: behind the `[` of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonShape {
    /// One value a line.
    Lines,
    /// An array of records.
    Array {
        /// Behind the `[`.
        at: usize,
    },
    /// An array inside an object: `{ "orderedItems": [` of Mastodon's `outbox.json`,
    /// `{ "@odata.context": …, "value": [` of Dynamics.
    Items {
        /// The key.
        key: String,
        /// Behind the `[`.
        at: usize,
    },
    /// An array behind an assignment: `window.YTD.tweets.part0 = [` of X's `tweets.js`.
    Assigned {
        /// What it is assigned to.
        name: String,
        /// Behind the `[`.
        at: usize,
    },
    /// An object, or several, not one a line.
    Object {
        /// Where it starts.
        at: usize,
    },
    /// Nothing that looks like records of JSON.
    Unknown,
}

/// The shape of a file by its first bytes; some KiB are enough. An object that runs on
/// beyond `head` without a line end is taken for the first of several lines, since a
/// line that is the whole file reads the same.
pub fn shape(head: &str) -> JsonShape {
    let at =
        after_space(head, if head.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 });
    match head.as_bytes().get(at) {
        Some(b'[' | b'{') => value(head, at),
        Some(byte) if byte.is_ascii_alphabetic() => assigned(head, at),
        _ => JsonShape::Unknown,
    }
}

fn value(head: &str, at: usize) -> JsonShape {
    let array = head[at..].starts_with('[');
    let first = first_value(head, at);
    if let Some(end) = first {
        let next = after_space(head, end);
        let between = head.get(end..next).unwrap_or_default();
        let more = matches!(head.as_bytes().get(next), Some(b'[' | b'{'));
        if more && between.contains(['\n', '\r']) && !head[at..end].contains('\n') {
            return JsonShape::Lines;
        }
        if more && !array {
            return JsonShape::Object { at };
        }
    }
    if array {
        return JsonShape::Array { at: at + 1 };
    }
    if let Some(items) = items(head, at) {
        return items;
    }
    match first {
        None if !head[at..].contains('\n') => JsonShape::Lines,
        _ => JsonShape::Object { at },
    }
}

/// `window.YTD.tweets.part0 = [`, `var data = {`.
fn assigned(head: &str, at: usize) -> JsonShape {
    let Some(equals) = head[at..].find('=').map(|found| at + found) else {
        return JsonShape::Unknown;
    };
    let name = head[at..equals].trim();
    let part_of_name = |char: char| char.is_alphanumeric() || "._$ []\"'".contains(char);
    let value = after_space(head, equals + 1);
    match head.as_bytes().get(value) {
        Some(b'[') if name.chars().all(part_of_name) => {
            JsonShape::Assigned { name: name.to_owned(), at: value + 1 }
        }
        Some(b'{') if name.chars().all(part_of_name) => JsonShape::Object { at: value },
        _ => JsonShape::Unknown,
    }
}

/// The array of records of an object that wraps one.
fn items(head: &str, at: usize) -> Option<JsonShape> {
    let bytes = head.as_bytes();
    let mut odata = false;
    let mut at = at + 1;
    loop {
        let start = after_space(head, at);
        if bytes.get(start) != Some(&b'"') {
            return None;
        }
        let end = first_value(head, start)?;
        let key = &head[start + 1..end - 1];
        let colon = after_space(head, end);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let value = after_space(head, colon + 1);
        odata |= key.starts_with("@odata.");
        let wraps = key == "orderedItems" || (odata && key == "value");
        if wraps && bytes.get(value) == Some(&b'[') {
            return Some(JsonShape::Items { key: key.to_owned(), at: value + 1 });
        }
        let comma = after_space(head, first_value(head, value)?);
        if bytes.get(comma) != Some(&b',') {
            return None;
        }
        at = comma + 1;
    }
}

/// Where the value ends that starts at `at`; none where it runs on beyond `head`.
fn first_value(head: &str, at: usize) -> Option<usize> {
    let mut found = Vec::new();
    let mut elements = Elements::new(&JsonShape::Object { at });
    // A fault behind the value is of no matter.
    let _ = elements.feed(head.get(at..)?, &mut found);
    found.first().map(|range| range.end)
}

fn after_space(head: &str, at: usize) -> usize {
    let rest = head.get(at..).unwrap_or_default();
    let space = |byte: &u8| byte.is_ascii_whitespace();
    at + rest.bytes().take_while(space).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told_apart() {
        let lines = [
            "{\"a\":1}\n{\"a\":2}\n",
            "{\"a\":1}\r\n\r\n{\"a\":2}",
            "{\"a\":\"a line longer than what is seen of it",
            "[\"a\",\"b\"]\n[\"c\",\"d\"]\n",
            "\u{FEFF}{\"orderedItems\":[1]}\n{\"orderedItems\":[2]}",
        ];
        for text in lines {
            assert_eq!(shape(text), JsonShape::Lines, "{text}");
        }
        assert_eq!(shape("[{\"a\":1},"), JsonShape::Array { at: 1 });
        assert_eq!(shape("\u{FEFF}\n[\n1,\n2]\n"), JsonShape::Array { at: 5 });
        assert_eq!(shape("{\n  \"a\": 1,\n  \"b\": \"long"), JsonShape::Object { at: 0 });
        assert_eq!(shape("{\"a\":1}\n"), JsonShape::Object { at: 0 });
        assert_eq!(shape("{\n\"a\":1}\n{\n\"a\":2}"), JsonShape::Object { at: 0 });
        for text in ["", "id,note\n1,x", "<p>", "12 = 3", "title = \"a\"\n[part]", "\"", "nul"] {
            assert_eq!(shape(text), JsonShape::Unknown, "{text}");
        }
    }

    #[test]
    fn archives_of_posts_are_known() {
        let outbox = "{\"@context\":\"https://www.w3.org/ns/activitystreams\",\n \
                      \"id\":\"outbox.json\",\"totalItems\":2,\"orderedItems\": [{\"id\":1},";
        let at = outbox.rfind('[').unwrap() + 1;
        assert_eq!(shape(outbox), JsonShape::Items { key: "orderedItems".to_owned(), at });
        let name = "window.YTD.tweets.part0".to_owned();
        assert_eq!(
            shape("window.YTD.tweets.part0 = [\n  {\n"),
            JsonShape::Assigned { name, at: 27 }
        );
        let odata = "{\"@odata.context\":\"x\",\"value\":[{\"a\":1},{\"b";
        assert_eq!(shape(odata), JsonShape::Items { key: "value".to_owned(), at: 31 });
        assert_eq!(shape("{\"value\":[{\"a\":1}]}"), JsonShape::Object { at: 0 });
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_shape(text in "[\\[{}\\],:\"\\\\a=é \n]{0,40}") {
            let _ = shape(&text);
        }
    }
}
