//! Front matter: the block of YAML, TOML or JSON before a Markdown body.

use crate::text::Span;

use super::document::DocumentNotice;
use super::keys::Chosen;
use super::markdown::Parts;
use super::matter::Matter;
use super::{front_json, front_toml, front_yaml};

/// A language of front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// YAML.
    Yaml,
    /// TOML.
    Toml,
    /// JSON.
    Json,
    /// A program, which is not run, and not read.
    Script,
}

/// Reads the front matter of `source` into `parts` and gives the start of the
/// body.
pub(super) fn read(source: &str, chosen: &Chosen, parts: &mut Parts) -> usize {
    let Some((language, inner, body)) = find(source) else {
        return 0;
    };
    let text = &source[inner.range()];
    let mut matter = Matter::of_front_matter(source, inner.start, chosen, parts);
    let is_matter = match language {
        Language::Yaml => front_yaml::read(text, &mut matter),
        Language::Json => front_json::read(text, &mut matter),
        Language::Toml => front_toml::read(text, &mut matter),
        Language::Script => {
            let span = Span::new(0, source.find('\n').unwrap_or(source.len()));
            let message = "front matter that is a program is not checked".to_owned();
            matter.parts.notices.push(DocumentNotice {
                message,
                span: Some(span),
                unchecked: false,
            });
            true
        }
    };
    if is_matter && matches!(language, Language::Yaml | Language::Toml) {
        matter.comments(inner);
    }
    matter.finish();
    if is_matter { body } else { 0 }
}

/// The language of the front matter of a text without a byte-order mark, and the byte
/// where the body starts.
pub fn front_matter(source: &str) -> Option<(Language, usize)> {
    find(source).map(|(language, _, body)| (language, body))
}

/// The language, the bytes between the fences and the start of the body.
fn find(source: &str) -> Option<(Language, Span, usize)> {
    if source.starts_with('{') {
        return json(source);
    }
    let mut lines = lines_with_end(source);
    let (first, start) = lines.next()?;
    // Eleventy takes the name of a language behind the first fence.
    let (language, fences) = match first {
        "---toml" => (Language::Toml, ["---", "---"]),
        "---json" => (Language::Json, ["---", "---"]),
        "---js" | "---javascript" => (Language::Script, ["---", "---"]),
        "---" | "---yaml" | "---yml" => (Language::Yaml, ["---", "..."]),
        "+++" => (Language::Toml, ["+++", "+++"]),
        _ => return None,
    };
    let mut end = start;
    for (line, next) in lines {
        if fences.contains(&line) {
            return Some((language, Span::new(start, end), next));
        }
        end = next;
    }
    None
}

/// Lines without their ends and trailing white space, each with the place
/// where the next one starts.
fn lines_with_end(source: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = source.get(at..).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let end = if rest[len..].starts_with("\r\n") { 2 } else { 1 };
        at += (len + end).min(rest.len());
        Some((rest[..len].trim_end(), at))
    })
}

/// A JSON object at the very start. `{{` is a shortcode and `{%` a tag.
fn json(source: &str) -> Option<(Language, Span, usize)> {
    if !source[1..].trim_start().starts_with('"') {
        return None;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in source.bytes().enumerate() {
        match byte {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((Language::Json, Span::new(0, at + 1), at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::document::DocumentNotice;
    use super::super::testing::read_markdown;
    use super::*;
    use crate::facts::FactValue;
    use crate::record::RecordValue;

    /// Fields as `name: text`, and each word of the text found at its place.
    fn check(source: &str, expected: &[&str]) {
        for source in [source.to_owned(), source.replace('\n', "\r\n")] {
            let parts = read_markdown(&source);
            assert_eq!(parts.notices, [], "{source:?}");
            let shown = parts.fields.iter().map(|field| format!("{}: {}", field.name, field.text));
            assert_eq!(shown.collect::<Vec<_>>(), expected, "{source:?}");
            for field in &parts.fields {
                for (start, char) in field.text.char_indices() {
                    let place = field.map.to_source(Span::new(start, start + char.len_utf8()));
                    let found = &source[place.range()];
                    let itself = found.starts_with(char) && found.len() == char.len_utf8();
                    let written = found.starts_with('\\') || found == "''";
                    let line_end = found.trim().is_empty() && char.is_whitespace();
                    assert!(itself || written || line_end, "{char:?} is {found:?} in {source:?}");
                }
            }
        }
    }

    #[test]
    fn yaml_strings_lead_to_their_bytes() {
        check("---\ntitle: Caf\u{e9} # no\n---\nb", &["title: Caf\u{e9}", "body: b"]);
        check(
            "---\ntitle: \"a \\\"\u{e9}\\u0041\\\" \\\n  b\n\n  c d\n  e\"\n---\n",
            &["title: a \"\u{e9}A\" b\nc d e"],
        );
        check("---\nTitle: 'it''s\n  so'\n---\n", &["title: it's so"]);
        check(
            "---\nsummary: plain é\n  folded\n\n  more\nx: 1\n---\n",
            &["summary: plain é folded\nmore"],
        );
        check("---\ntitle: |2  # c\n    é x\n   y\n\n\nx: y\n---\n", &["title:   é x\n y\n"]);
        check("---\ntitle: |-\n\n  é\n\n  y\n---\n", &["title: \né\n\ny"]);
        check(
            "---\ntitle: >-\n  fold é\n  on\n\n  next\n    more\n  end\n---\n",
            &["title: fold é on\nnext\n  more\nend"],
        );
        check("---\ntitle: >+\n\n  a\n  b\n\n\nx: y\n---\n", &["title: \na b\n\n\n"]);
        check(
            "---\ntitle: !!str &a x\ntweet: *a\nother: no\n...\nb",
            &["title: x", "tweet: x", "body: b"],
        );
    }

    #[test]
    fn nested_keys_and_lists_are_named_by_their_path() {
        check(
            "---\nSEO:\n  Description: d\nimage: {alt: i, src: s}\ntweet: [a, \"b\"]\n---\n",
            &["seo.description: d", "image.alt: i", "tweet: a", "tweet: b"],
        );
        check(
            "---\nresources:\n- title: a\n  src: b\n- title: c\nsocial-text: d\n---\n",
            &["resources.title: a", "resources.title: c", "social-text: d"],
        );
    }

    #[test]
    fn toml_and_json_are_read_too() {
        check(
            "+++\ntitle = \"a \\\"\\u00e9\\\" é\"\ndraft = true\n[image]\nalt = 'c:\\d'\n+++\nb",
            &["title: a \"\u{e9}\" é", "image.alt: c:\\d", "body: b"],
        );
        check(
            "+++\ntweet = ['a', \"b\"]\n[[resources]]\ntitle = \"x\"\n+++\n",
            &["tweet: a", "tweet: b", "resources.title: x"],
        );
        check(
            "{\n \"title\": \"a \\\"b\\\" \\u00e9\\/\", \"n\": {\"alt\": \"é}\"}\n}\nb",
            &["title: a \"b\" é/", "n.alt: é}", "body: b"],
        );
        let parts = read_markdown("+++\ntitle = \"\"\"\nl1\nl2 \\\n   l3\"\"\"\n+++\n");
        assert_eq!(parts.fields[0].text, "l1\nl2 l3");
        assert_eq!(parts.fields[0].map.to_source(Span::new(6, 8)), Span::new(27, 29));
    }

    #[test]
    fn the_probity_table_holds_facts() {
        let yaml = "---\nprobity:\n  use: public-affairs\n  official: yes\n  draft: true\n  \
                    limit: 3\n  own_topics: [tax, \"é x\"]\n  date: 2027-01-01\n---\n";
        let toml = "+++\n[probity]\nuse = 'public-affairs'\nofficial = 'yes'\ndraft = true\n\
                    limit = 3\nown_topics = ['tax', \"é x\"]\ndate = 2027-01-01\n+++\n";
        let text = |text: &str| FactValue::Text(text.to_owned());
        for source in [yaml, toml] {
            let facts = read_markdown(source).facts;
            let values: Vec<_> = facts.iter().map(|(k, (v, _))| (k.as_str(), v.clone())).collect();
            assert_eq!(
                values,
                [
                    ("date", text("2027-01-01")),
                    ("draft", FactValue::Bool(true)),
                    ("limit", FactValue::Integer(3)),
                    ("official", text("yes")),
                    ("own_topics", FactValue::list(vec!["tax".to_owned(), "é x".to_owned()])),
                    ("use", text("public-affairs")),
                ]
            );
            assert!(source[facts["use"].1.range()].contains("public-affairs"));
            assert_eq!(&source[facts["limit"].1.range()], "3");
        }
    }

    /// The values as `name=text`, and the notices.
    fn values(source: &str) -> (Vec<String>, Vec<DocumentNotice>) {
        let parts = read_markdown(source);
        let one = |value: &RecordValue| format!("{}={}", value.name, value.text);
        (parts.values.iter().map(one).collect(), parts.notices)
    }

    #[test]
    fn lists_show_how_many_items_are_filled() {
        let expected = [
            "images.alt=x",
            "images.src=a; b; c",
            "images.count=3",
            "images.alt.filled=1",
            "images.src.filled=3",
        ];
        for source in [
            "---\nimages:\n- {alt: '', src: a}\n- {alt: x, src: b}\n- {src: c}\n---\n",
            "+++\nimages = [{alt = '', src = 'a'}, {alt = 'x', src = 'b'}, {src = 'c'}]\n+++\n",
            "+++\n[[images]]\nalt = ''\nsrc = 'a'\n[[images]]\nalt = 'x'\nsrc = 'b'\n\
             [[images]]\nsrc = 'c'\n+++\n",
        ] {
            assert_eq!(values(source), (expected.map(str::to_owned).to_vec(), Vec::new()));
        }
        for (source, expected) in [
            ("---\nk: []\n---\n", ["k=", "k.count=0"].as_slice()),
            ("+++\nk = []\n+++\n", &["k=", "k.count=0"]),
            ("---\nk: {}\n---\n", &["k="]),
            ("---\nk: [a, '', b]\n---\n", &["k=a; b", "k.count=3"]),
            ("---\nk: [{a: ''}, {a: ~}]\n---\n", &["k.a=", "k.count=2", "k.a.filled=0"]),
            (
                "---\nk: [{a: [x, y]}, {a: []}]\n---\n",
                &["k.a=x; y", "k.count=2", "k.a.count=2", "k.a.filled=1"],
            ),
            ("---\nk: [a]\nk.count: 7\n---\n", &["k=a", "k.count=7"]),
        ] {
            assert_eq!(values(source).0, expected, "{source:?}");
        }
    }

    #[test]
    fn aliases_stand_for_what_they_name() {
        for (source, expected) in [
            (
                "---\na: &t [x, y]\nk: *t\n---\n",
                ["a=x; y", "k=x; y", "a.count=2", "k.count=2"].as_slice(),
            ),
            ("---\na: &t {b: c}\nk: *t\n---\n", &["a.b=c", "k.b=c"]),
            (
                "---\nb: &b {x: 1, y: 2}\nk:\n  <<: *b\n  y: 3\n---\n",
                &["b.x=1", "b.y=2", "k.y=3", "k.x=1"],
            ),
            (
                "---\nb: &b {x: 1}\nc: &c {x: 2, y: 2}\nk: {<<: [*b, *c]}\n---\n",
                &["b.x=1", "c.x=2", "c.y=2", "k.x=1", "k.y=2"],
            ),
            ("---\na: &a {b: *a}\n---\n", &["a.b="]),
        ] {
            assert_eq!(values(source), (expected.iter().map(|&v| v.to_owned()).collect(), vec![]));
        }
        let mut bomb = "---\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..9 {
            let all = vec![format!("*a{}", n - 1); 9].join(", ");
            bomb += &format!("a{n}: &a{n} [{all}]\n");
        }
        assert!(values(&format!("{bomb}---\n")).1[0].unchecked);
        let deep = format!("---\na: {}{}\n---\n", "[".repeat(100), "]".repeat(100));
        assert!(values(&deep).1[0].unchecked);
    }

    #[test]
    fn of_repeated_keys_the_first_counts_and_all_texts_are_checked() {
        let source = "---\ntitle: a\nuse: 1\ntitle: b\nx: {y: 1}\nx: {y: 2}\n---\n";
        let (found, notices) = values(source);
        assert_eq!(found, ["title=a", "use=1", "x.y=1"]);
        let messages: Vec<_> = notices.iter().map(|notice| notice.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "the front matter has `title` a second time on line 4; the first counts",
                "the front matter has `x` a second time on line 6; the first counts",
            ]
        );
        assert!(notices.iter().all(|notice| !notice.unchecked));
        let texts = read_markdown(source).fields.into_iter().map(|field| field.text);
        assert_eq!(texts.collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn faults_are_told_and_the_body_is_read() {
        for (source, line) in [
            ("---\ntitle: a\nx: b: c\n---\nbody", 3),
            ("---\r\ntitle: \"é\r\n---\r\nbody", 2),
            ("+++\ntitle = \"a\"\nx = \n+++\nbody", 3),
        ] {
            let parts = read_markdown(source);
            let bodies = parts.fields.iter().filter(|field| field.name == "body");
            assert_eq!(
                bodies.map(|field| &*field.text).collect::<Vec<_>>(),
                ["body"],
                "{source:?}"
            );
            assert!(parts.notices[0].unchecked);
            assert!(
                parts.notices[0].message.contains(&format!("line {line}:")),
                "{:?}",
                parts.notices
            );
        }
    }

    #[test]
    fn what_is_not_front_matter_is_body() {
        for (source, body) in [
            ("---\n\ntext\n\n---\n", "text"),
            ("--- \ntext", "text"),
            ("{{< x >}} text", "\u{FFFC} text"),
            ("text\n---\ntitle: x\n---\n", "text\n\ntitle: x"),
            ("{\"open", "{\"open"),
        ] {
            let parts = read_markdown(source);
            assert_eq!(parts.notices, [], "{source:?}");
            assert_eq!(parts.fields.len(), 1, "{source:?}");
            assert_eq!(parts.fields[0].text, body, "{source:?}");
        }
        assert!(read_markdown("---\n---\n").fields.is_empty());
    }

    proptest! {
        #[test]
        fn any_front_matter_is_read(
            fence in prop::sample::select(vec!["---", "+++", "{"]),
            parts in prop::collection::vec(prop::sample::select(vec![
                "title", ": ", " = ", "é", "\"", "'", "\n", "\r\n", "  ", "|", ">", "-", "\\", "n",
                "\\u00e9", "{", "}", "[", "]", "#", ",", "&a ", "*a", "!!str ", "alt: ", "😀", "\t",
                "\"\"\"", "'''", "probity:", "[probity]", "? ", "%", "\0", "\r", "...", "---", "1",
            ]), 0..24),
        ) {
            let source = format!("{fence}\n{}\n{fence}\nbody", parts.concat());
            for field in read_markdown(&source).fields {
                for (start, char) in field.text.char_indices() {
                    let place = field.map.to_source(Span::new(start, start + char.len_utf8()));
                    prop_assert!(source.get(place.range()).is_some());
                }
            }
        }
    }
}
