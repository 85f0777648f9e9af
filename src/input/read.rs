//! One file: how it is written, and what it says.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::record::Record;
use crate::text::{Decoded, Encoding, decode, looks_binary};

use super::document::{Document, DocumentNotice, Format};
use super::keys::Chosen;
use super::markdown::Parts;
use super::{csv, data, html, markdown, plain};

/// How to read a file where its name and bytes do not say, or say it wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Read the file as this, whatever its name ends with.
    pub format: Option<Format>,
    /// Decode the file as this, whatever its bytes look like.
    pub encoding: Option<Encoding>,
    /// The columns of CSV to read, the keys of data files to read, and the keys of
    /// front matter to read besides those that are known; a `!` in front leaves one
    /// out. Case, spaces, `_` and `-` make no difference. Empty: those known to hold
    /// text; of a table without any, all.
    pub fields: Vec<String>,
    /// The columns of CSV that rules and facts ask for, besides those that are read
    /// as texts. Spelled as above.
    pub record_fields: Arc<BTreeSet<String>>,
}

/// Why a file could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The bytes are not text.
    #[error("this is not a text file{}", kind.map(|kind| format!(" but {kind}")).unwrap_or_default())]
    Binary {
        /// What it is instead, with its article, where that is known.
        kind: Option<&'static str>,
    },
    /// A column asked for is not in the header.
    #[error("there is no column `{wanted}`{}", other_columns(available, nearest.as_deref()))]
    MissingColumn {
        /// The name asked for.
        wanted: String,
        /// The header.
        available: Vec<String>,
        /// The column whose name is most like it.
        nearest: Option<String>,
    },
}

/// Reads one file. `name` is what people are shown; its ending says how the
/// file is written.
pub fn read(name: &str, bytes: Vec<u8>, options: &ReadOptions) -> Result<Document, InputError> {
    let utf16 = matches!(options.encoding, Some(Encoding::Utf16Le | Encoding::Utf16Be));
    if !utf16 && looks_binary(&bytes) {
        return Err(InputError::Binary { kind: kind_of(&bytes) });
    }
    let extension = extension(name);
    let format = options.format.unwrap_or_else(|| format_of(&extension));
    let source = decode(bytes, options.encoding);
    let mut parts = Parts::default();
    let mut records = Vec::new();
    let mut is_queue = false;
    match format {
        Format::Text => (parts.fields, parts.directives) = plain::read(&source.text),
        Format::Markdown => {
            let chosen = Chosen::front_matter(&options.fields);
            parts = markdown::read(&source.text, &chosen, extension == "mdx");
        }
        Format::Yaml | Format::Toml | Format::Json => {
            (parts, is_queue) = data::read(name, &source.text, format, options);
            records = std::mem::take(&mut parts.items);
        }
        Format::Html => {
            parts = html::read_page(&source.text, &Chosen::front_matter(&options.fields));
        }
        Format::Csv => {
            let tabs = matches!(&*extension, "tsv" | "tab");
            let table;
            (table, is_queue, parts.notices) = csv::read(&source.text, tabs, options)?;
            parts.fields = table.fields;
            records = table.records;
        }
    }
    let Parts { fields, facts, values, mut directives, mut notices, .. } = parts;
    directives.sort_by_key(|directive| directive.span);
    if matches!(format, Format::Text | Format::Markdown | Format::Html) {
        records.push(Record { values, ..Record::default() });
    }
    notices.splice(0..0, encoding_notices(&source, options));
    Ok(Document {
        name: name.to_owned(),
        format,
        source,
        fields,
        records,
        is_queue,
        facts,
        directives,
        notices,
    })
}

/// The ending of a file name, in lower case; empty if there is none.
pub(super) fn extension(name: &str) -> String {
    let extension = Path::new(name).extension();
    extension.map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default()
}

fn format_of(extension: &str) -> Format {
    match extension {
        "md" | "markdown" | "mdx" => Format::Markdown,
        "html" | "htm" | "xhtml" | "njk" | "liquid" => Format::Html,
        "csv" | "tsv" | "tab" => Format::Csv,
        "yaml" | "yml" => Format::Yaml,
        "toml" => Format::Toml,
        "json" => Format::Json,
        _ => Format::Text,
    }
}

fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: &[(&[u8], &str)] = &[
        (b"%PDF-", "a PDF; copy its text into a file, or export it as text"),
        (b"PK\x03\x04", "a ZIP archive (XLSX and DOCX are too); export it as CSV or text"),
        (b"\xD0\xCF\x11\xE0", "an old Office file; export it as CSV or text"),
        (b"\x1F\x8B", "compressed with gzip; unpack it first"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"GIF8", "a picture"),
    ];
    KINDS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|&(_, kind)| kind)
}

fn encoding_notices(source: &Decoded, options: &ReadOptions) -> Vec<DocumentNotice> {
    let mut notices = Vec::new();
    if source.encoding == Encoding::Windows1252 && options.encoding.is_none() {
        let message = "this is not UTF-8, so it was read as Windows-1252".to_owned();
        notices.push(DocumentNotice { message, span: None, unchecked: false });
    }
    if let [first, ..] = source.malformed[..] {
        let places = match source.malformed.len() {
            1 => "one place is".to_owned(),
            count => format!("{count} places are"),
        };
        let message = format!("{places} not valid {} and could not be read", source.encoding);
        notices.push(DocumentNotice { message, span: Some(first), unchecked: true });
    }
    notices
}

fn other_columns(available: &[String], nearest: Option<&str>) -> String {
    let nearest = nearest.map_or(".".to_owned(), |name| format!("; did you mean `{name}`?"));
    let names: Vec<_> = available.iter().map(|name| format!("`{name}`")).collect();
    format!("{nearest} The columns are {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::Span;

    fn read_default(name: &str, bytes: &[u8]) -> Document {
        read(name, bytes.to_vec(), &ReadOptions::default()).unwrap()
    }

    /// The bytes of the file under `needle`, which stands in the named field.
    fn file_bytes<'b>(document: &Document, bytes: &'b [u8], field: &str, needle: &str) -> &'b [u8] {
        let field = document.fields.iter().find(|found| found.name == field).unwrap();
        let start = field.text.find(needle).unwrap();
        let source = field.map.to_source(Span::new(start, start + needle.len()));
        &bytes[document.source.to_file(source).range()]
    }

    #[test]
    fn the_ending_says_the_format() {
        for (name, format) in [
            ("a.md", Format::Markdown),
            ("dir.md/a", Format::Text),
            ("A.MDX", Format::Markdown),
            ("a.b.XHTML", Format::Html),
            ("a.tsv", Format::Csv),
            ("-", Format::Text),
            ("", Format::Text),
        ] {
            assert_eq!(read_default(name, b"x").format, format, "{name}");
        }
        let options = ReadOptions { format: Some(Format::Html), ..ReadOptions::default() };
        assert_eq!(read("a.md", b"<p>x".to_vec(), &options).unwrap().fields[0].text, "x");
    }

    #[test]
    fn offsets_are_of_the_file_on_disk() {
        let text =
            "\u{feff}---\r\ntitle: \"caf\u{e9} \\\"x\\\"\"\r\n---\r\n**wh**ite &amp; \u{20ac}";
        let document = read_default("a.md", text.as_bytes());
        let found = |field, needle| file_bytes(&document, text.as_bytes(), field, needle);
        assert_eq!(found("title", "café \"x"), "café \\\"x".as_bytes());
        assert_eq!(found("body", "white"), b"wh**ite");
        assert_eq!(found("body", "& €"), "&amp; €".as_bytes());

        let text = "\u{feff}id\tnotes\r\n1\t\"\u{1f600} \"\"a\"\"\"\r\n";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let document = read_default("a.csv", &utf16);
        assert_eq!(document.fields[0].record, Some(1));
        assert_eq!(file_bytes(&document, &utf16, "notes", "😀 "), b"\x3D\xD8\x00\xDE \0");
        assert_eq!(file_bytes(&document, &utf16, "notes", "a\""), b"a\0\"\0");

        let latin = b"id,notes\n1,caf\xE9 \x80\n";
        let document = read_default("a.csv", latin);
        assert_eq!(file_bytes(&document, latin, "notes", "é €"), b"\xE9 \x80");
        assert!(!document.notices[0].unchecked);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let error = |bytes: &[u8]| {
            read("a.txt", bytes.to_vec(), &ReadOptions::default()).unwrap_err().to_string()
        };
        assert_eq!(error(b"a\0\0b"), "this is not a text file");
        assert!(error(b"%PDF-1.7").starts_with("this is not a text file but a PDF;"));
        let document = read_default("a.txt", b"caf\xC3\xA9 \xFF");
        assert!(document.notices[0].unchecked);
        let message = "one place is not valid UTF-8 and could not be read";
        assert_eq!(document.notices[0].message, message);
    }

    /// A quadratic step anywhere would make this take minutes.
    #[test]
    fn long_files_of_one_line_take_linear_time() {
        for (name, part) in [
            ("a.md", "some *words* and `code` "),
            ("a.html", "some <b>words</b> &amp; "),
            ("a.html", "<p x="),
            ("a.csv", "a \"word\","),
            ("a.csv", "\"\""),
            ("a.txt", "café "),
            ("a.md", "<p x=\n\n"),
        ] {
            read_default(name, part.repeat(2_000_000 / part.len()).as_bytes());
        }
        let front = format!("---\ntitle: \"{}\"\n---\n", "é \\u0041 ".repeat(100_000));
        assert_eq!(read_default("a.md", front.as_bytes()).fields.len(), 1);
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let markup = b"<>&;\"'\r\n{}[]()*_`-#|,+:! a\\~^=/\xC3\xA9".to_vec();
        prop::collection::vec(
            prop_oneof![1 => any::<u8>(), 9 => prop::sample::select(markup)],
            0..120,
        )
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(
            bytes in bytes(),
            name in prop::sample::select(vec!["a.md", "a.html", "a.csv", "a.tsv", "a.txt"]),
            encoding in prop::option::of(prop::sample::select(vec![
                Encoding::Utf8, Encoding::Utf16Le, Encoding::Windows1252,
            ])),
        ) {
            let options = ReadOptions { encoding, ..ReadOptions::default() };
            let Ok(document) = read(name, bytes.clone(), &options) else { return Ok(()) };
            for field in &document.fields {
                for (start, char) in field.text.char_indices() {
                    let source = field.map.to_source(Span::new(start, start + char.len_utf8()));
                    prop_assert!(document.source.text.get(source.range()).is_some());
                    let file = document.source.to_file(source);
                    prop_assert!(file.start <= file.end && file.end <= bytes.len());
                }
            }
        }
    }
}
