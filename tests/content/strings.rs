//! Strings of data files back to the bytes they were written with.

use probity::input::{Field, ReadOptions, read};
use probity::text::Span;
use proptest::prelude::*;
use serde_json::Value;

fn fields(name: &str, bytes: &[u8], asked: &[&str]) -> Vec<Field> {
    let options = ReadOptions {
        fields: asked.iter().map(ToString::to_string).collect(),
        ..ReadOptions::default()
    };
    read(name, bytes.to_vec(), &options).unwrap().fields
}

/// Every character of the field leads to bytes that are it, or stand for it.
fn leads_back(name: &str, text: &str, expected: &str, asked: &[&str]) -> Result<(), TestCaseError> {
    let found = fields(name, text.as_bytes(), asked);
    if expected.trim().is_empty() {
        prop_assert_eq!(found.len(), 0);
        return Ok(());
    }
    prop_assert_eq!(found.len(), 1, "{}", text);
    let field = &found[0];
    prop_assert_eq!(&field.text, expected, "{}", text);
    let marked = text.starts_with('\u{feff}');
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut last = 0;
    for (start, char) in field.text.char_indices() {
        let span = field.map.to_source(Span::new(start, start + char.len_utf8()));
        let written = body.get(span.range());
        prop_assert!(written.is_some(), "{:?} {:?}", char, text);
        prop_assert!(span.start >= last, "{}", text);
        last = span.start;
        let written = written.unwrap_or_default();
        let itself = written.len() == char.len_utf8() && written.starts_with(char);
        let escaped = written.starts_with('\\') || written == "''";
        let line_end = char.is_whitespace() && written.trim().is_empty();
        prop_assert!(
            itself || escaped || line_end,
            "{:?} is {:?} in {:?} {}",
            char,
            written,
            text,
            marked
        );
    }
    Ok(())
}

/// Words with what is awkward to write.
fn awkward() -> impl Strategy<Value = String> {
    let parts = vec![
        "a",
        "we promise",
        "é",
        "e\u{301}",
        "😀",
        "שלום",
        "\"",
        "'",
        "''",
        "\\",
        "\\n",
        ": ",
        " #",
        "- ",
        "{{",
        "}",
        "[",
        "]",
        ",",
        "&a",
        "*a",
        "!",
        "|",
        ">",
        "%",
        "@",
        "`",
        "\t",
        "\u{a0}",
        "\u{2028}",
        "\u{85}",
        "/",
        "?",
        "~",
        "null",
        "1",
        "=",
        "\u{200b}",
    ];
    prop::collection::vec(prop::sample::select(parts), 1..10).prop_map(|parts| parts.concat())
}

fn lines() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-zé😀'\": #\\[\\]{},&*!|>%@`-]{0,12}[a-zé😀]", 1..4)
}

proptest! {
    #[test]
    fn json_strings_lead_to_their_bytes(text in awkward(), ascii: bool, marked: bool) {
        let mut value = Value::from(text.clone()).to_string();
        if ascii {
            let escape = |char: char| {
                let mut units = [0; 2];
                char.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
            };
            value = value.chars().map(|c| if c.is_ascii() { c.to_string() } else { escape(c) }).collect();
        }
        let mark = if marked { "\u{feff}" } else { "" };
        let source = format!("{mark}{{\"é\":[1,{{\"posts\":[{{\"text\":{value},\"id\":\"x\"}}]}}]}}\r\n");
        leads_back("a.json", &source, &text, &[])?;
    }

    #[test]
    fn toml_strings_lead_to_their_bytes(text in awkward(), marked: bool) {
        let value = toml::Value::String(text.clone()).to_string();
        let mark = if marked { "\u{feff}" } else { "" };
        let source = format!("{mark}# é\r\n[[posts]]\r\nid = 'x'\r\n[[posts]]\r\ntext = {value}\r\n");
        leads_back("a.toml", &source, &text, &["posts[1].text"])?;
    }

    #[test]
    fn yaml_strings_lead_to_their_bytes(text in awkward(), single: bool, marked: bool) {
        // A tab, and what YAML takes for a line end, cannot stand in single quotes as
        // they are.
        let plain = !text.contains(['\t', '\u{85}', '\u{2028}']) && text.trim() == text;
        let value = if single && plain {
            format!("'{}'", text.replace('\'', "''"))
        } else {
            let escape = |c: char| match c {
                '"' | '\\' => format!("\\{c}"),
                '\t' => "\\t".to_owned(),
                '\u{85}' => "\\N".to_owned(),
                '\u{a0}' => "\\_".to_owned(),
                '\u{2028}' => "\\L".to_owned(),
                '😀' => "\\U0001F600".to_owned(),
                c => c.to_string(),
            };
            format!("\"{}\"", text.chars().map(escape).collect::<String>())
        };
        let mark = if marked { "\u{feff}" } else { "" };
        let source = format!("{mark}# é\nposts:\n- id: x\n- {{text: {value}, id: y}}\n");
        leads_back("a.yml", &source, &text, &[])?;
    }

    #[test]
    fn yaml_blocks_lead_to_their_bytes(lines in lines(), ends in prop::sample::select(vec!["\n", "\r\n"]), tagged: bool) {
        let block: String = lines.iter().map(|line| format!("      {line}{ends}")).collect();
        let head = if tagged { "!!str &a " } else { "" };
        let source = format!("é: 1{ends}posts:{ends}  - text: {head}|2-{ends}{block}    id: x{ends}");
        let found = fields("a.yml", source.as_bytes(), &[]);
        prop_assert_eq!(found.len(), 1, "{:?}", source);
        // What the indentation is, the parser knows; the words are those of the lines.
        let words: Vec<&str> = found[0].text.lines().map(str::trim_start).collect();
        let expected: Vec<&str> = lines.iter().map(|line| line.trim_start()).collect();
        prop_assert_eq!(words, expected);
        leads_back("a.yml", &source, &found[0].text.clone(), &[])?;
    }

    #[test]
    fn any_data_file_is_read(
        name in prop::sample::select(vec!["a.yml", "a.toml", "a.json", "a.html", "a.md"]),
        parts in prop::collection::vec(prop::sample::select(vec![
            "text", ": ", " = ", "é", "\"", "'", "\n", "\r\n", "  ", "|", ">", "- ", "\\", "\\u00e9", "{",
            "}", "[", "]", "#", ",", "&a ", "*a", "<<: ", "!!str ", "😀", "\t", "\"\"\"", "'''", "---\n",
            "probity", "null", "1", "\u{feff}", "{{< f alt=\"", "\" >}}", "{% raw %}", "{% endraw %}", "{#",
        ]), 0..30),
        asked in prop::sample::select(vec![vec![], vec!["**"], vec!["[*].text", "!**.a"]]),
    ) {
        let source = parts.concat();
        let options = ReadOptions {
            fields: asked.iter().map(ToString::to_string).collect(),
            ..ReadOptions::default()
        };
        let document = read(name, source.as_bytes().to_vec(), &options).unwrap();
        for field in &document.fields {
            for (start, char) in field.text.char_indices() {
                let span = field.map.to_source(Span::new(start, start + char.len_utf8()));
                prop_assert!(document.source.text.get(span.range()).is_some());
            }
        }
        prop_assert!(document.fields.is_sorted_by_key(|field| field.record));
        prop_assert!(document.fields.iter().all(|field| document.record_of(field).is_some()));
    }
}
