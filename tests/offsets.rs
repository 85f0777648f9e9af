//! A finding carries the bytes of the file as it is on disk, whatever stands
//! around it, whatever the encoding and whatever the format.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use encoding_rs::WINDOWS_1252;
use probity::finding::Report;
use probity::input::ReadOptions;
use probity::pack::PackSet;
use probity::text::{Encoding, is_invisible};
use proptest::prelude::*;

mod common;

use common::api;

const PACK: &str = r##"
[pack]
id = "planted"
title = "One phrase that is planted"
version = "1"
families = ["planted"]

[[rule]]
id = "planted/phrase"
title = "Planted"
severity = "error"
message = "{match}"
help = "x"
terms = ["minister's naive promise"]
bad = ["the «minister's naive promise»"]
good = ["x"]

[[rule]]
id = "planted/number"
title = "Planted"
severity = "error"
message = "{match}"
help = "x"
regex = '\b(?P<value>\d{4}-\d{4})\b'
bad = ["no. «1234-5678»"]
good = ["x"]

[[rule]]
id = "planted/tag"
title = "Planted"
severity = "error"
message = "{match}"
help = "x"
terms = ["#PlantedTag", "@planted"]
bad = ["«#PlantedTag» «@planted»"]
good = ["x"]
"##;

static SET: LazyLock<Arc<PackSet>> = LazyLock::new(|| api::set(&[("planted.toml", PACK)]));

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16LeMarked,
    Utf16Be,
    Utf16BeMarked,
    Windows1252,
}

const WRITTEN: [Written; 7] = [
    Written::Utf8,
    Written::Utf8Marked,
    Written::Utf16Le,
    Written::Utf16LeMarked,
    Written::Utf16Be,
    Written::Utf16BeMarked,
    Written::Windows1252,
];

impl Written {
    /// `None` where the encoding has no such characters.
    fn encode(self, text: &str) -> Option<Vec<u8>> {
        let units = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
        Some(match self {
            Self::Utf8 | Self::Utf8Marked => text.as_bytes().to_vec(),
            Self::Utf16Le | Self::Utf16LeMarked => units(u16::to_le_bytes),
            Self::Utf16Be | Self::Utf16BeMarked => units(u16::to_be_bytes),
            Self::Windows1252 => {
                let (bytes, _, replaced) = WINDOWS_1252.encode(text);
                return (!replaced).then(|| bytes.into_owned());
            }
        })
    }

    fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8Marked => b"\xEF\xBB\xBF",
            Self::Utf16LeMarked => b"\xFF\xFE",
            Self::Utf16BeMarked => b"\xFE\xFF",
            _ => b"",
        }
    }

    /// What has to be said, because a short text does not always tell.
    fn said(self) -> Option<Encoding> {
        match self {
            Self::Utf16Le => Some(Encoding::Utf16Le),
            Self::Utf16Be => Some(Encoding::Utf16Be),
            Self::Windows1252 => Some(Encoding::Windows1252),
            _ => None,
        }
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapper {
    Text,
    Markdown,
    FrontMatter,
    Html,
    Attribute,
    Csv,
    PlainCsv,
    Shortcode,
    Yaml,
    YamlBlock,
    Toml,
    Json,
}

const WRAPPERS: [Wrapper; 12] = [
    Wrapper::Text,
    Wrapper::Markdown,
    Wrapper::FrontMatter,
    Wrapper::Html,
    Wrapper::Attribute,
    Wrapper::Csv,
    Wrapper::PlainCsv,
    Wrapper::Shortcode,
    Wrapper::Yaml,
    Wrapper::YamlBlock,
    Wrapper::Toml,
    Wrapper::Json,
];

impl Wrapper {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "a.txt",
            Self::Markdown | Self::FrontMatter | Self::Shortcode => "a.md",
            Self::Yaml | Self::YamlBlock => "a.yml",
            Self::Toml => "a.toml",
            Self::Json => "a.json",
            Self::Html | Self::Attribute => "a.html",
            Self::Csv | Self::PlainCsv => "a.csv",
        }
    }

    fn frame(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("", ""),
            Self::Markdown => {
                ("---\ntitle: caf\u{e9}\n---\n\n# H\n\n> - q ", " **b** `c`\n\n```\nx\n```\n")
            }
            Self::FrontMatter => {
                ("---\nslug: x\ntitle: \"\\u00e9 \\\"x\\\" ", " \\n\"\n---\nbody\n")
            }
            Self::Html => {
                ("<!doctype html><title>t</title><style>p{}</style>\r\n<p>&amp; ", " <b>x</b></p>")
            }
            Self::Attribute => ("<p>x</p><img src=x alt=\"&lt;x&gt; ", "\">"),
            Self::Csv => ("\u{201c}id\u{201d},notes,x\r\n1,\"\"\"a\"\" ", " \"\"b\"\"\",c\r\n"),
            Self::Shortcode => ("x {{< figure src=\"caf\u{e9}\" alt=\"\\\"x\\\" ", "\" >}} y\n"),
            Self::Yaml => (
                "# \u{e9}\r\nposts:\r\n- &a {id: 1}\r\n- text: \"\\u00e9 ",
                " \\n\"\r\n  x: *a\r\n",
            ),
            Self::YamlBlock => ("a:\n  text: |-\n    \u{e9} ", "\n\n    end\nb: c\n"),
            Self::Toml => ("# \u{e9}\n[[posts]]\nid = 1\n[[posts]]\ntext = \"\\u00e9 ", " \\n\"\n"),
            Self::Json => ("{\"\u{e9}\": [{\"id\": 1}, {\"text\": \"\\u00e9\\/ ", " \\n\"}]}\r\n"),
            Self::PlainCsv => ("id;notes\r\n1;a ", "\r\n2;b\r\n"),
        }
    }

    /// Text that cannot stand there is written another way.
    fn write(self, text: &str) -> String {
        match self {
            Self::Text => text.to_owned(),
            Self::Markdown => text.replace("\r\n", "\n").replace('\n', "\n>   "),
            Self::FrontMatter | Self::PlainCsv | Self::Shortcode | Self::Yaml | Self::Toml => {
                text.replace("\r\n", " ").replace('\n', " ").replace(['"', ';'], "")
            }
            // A byte order mark cannot stand in a block.
            Self::YamlBlock => text.replace("\r\n", " ").replace('\n', " ").replace('\u{feff}', ""),
            Self::Json => {
                let quoted = serde_json::to_string(text).unwrap();
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Html => text.replace('&', "&amp;").replace('<', "&lt;"),
            Self::Attribute => text.replace('&', "&amp;").replace('"', "&quot;"),
            Self::Csv => text.replace('"', "\"\""),
        }
    }

    /// Other ways to write the planted words there, mark-up inside them.
    fn dress(self, planted: &str, how: usize) -> String {
        let plain = self.write(planted);
        match (self, how % 4) {
            (Self::Markdown, 1) => plain.replacen("na", "n**a**", 1).replacen('5', "*5*", 1),
            (Self::Markdown, 2) | (Self::Html | Self::Attribute, 3) => {
                plain.replacen('n', "&#110;", 1).replacen('5', "&#x35;", 1)
            }
            (Self::Html, 1) => {
                plain.replacen("na", "n<b class='x'>a</b>", 1).replacen('5', "<i>5</i>", 1)
            }
            (Self::Html, 2) => plain.replacen("na", "n<!-- x -->a", 1),
            // Not the letter of an escape that already stands there (`\n`).
            (Self::Json, 1 | 2) => {
                match plain.match_indices('n').find(|&(at, _)| !plain[..at].ends_with('\\')) {
                    Some((at, letter)) => {
                        format!("{}\\u006E{}", &plain[..at], &plain[at + letter.len()..])
                    }
                    None => plain,
                }
                .replacen('5', "\\u0035", 1)
            }
            (Self::Toml | Self::Yaml, 1 | 2) => {
                plain.replacen('n', "\\u006e", 1).replacen('5', "\\U00000035", 1)
            }
            (Self::FrontMatter, 1) => plain.replacen('n', "\\u006e", 1).replacen('5', "\\x35", 1),
            _ => plain,
        }
    }
}

fn check(bytes: &[u8], name: &str, encoding: Option<Encoding>) -> Report {
    let mut run = api::run(&SET);
    run.read = ReadOptions { encoding, ..ReadOptions::default() };
    run.check(api::tasks(&[(name, bytes)]), Vec::new()).unwrap()
}

/// Plants words and says where they must be found; `None` where the encoding
/// cannot hold the text.
fn plant(
    wrapper: Wrapper,
    written: Written,
    (before, planted, after): (&str, &str, &str),
    how: usize,
) -> Option<(Vec<u8>, Range<usize>)> {
    let (open, close) = wrapper.frame();
    let head = format!("{open}{} ", wrapper.write(before));
    let dressed = wrapper.dress(planted, how);
    let tail = format!(" {}{close}", wrapper.write(after));
    let mut bytes = written.mark().to_vec();
    bytes.extend(written.encode(&head)?);
    let start = bytes.len();
    bytes.extend(written.encode(&dressed)?);
    let end = bytes.len();
    bytes.extend(written.encode(&tail)?);
    Some((bytes, start..end))
}

fn assert_found(
    wrapper: Wrapper,
    written: Written,
    parts: (&str, &str, &str),
    how: usize,
) -> Result<(), TestCaseError> {
    let Some((bytes, expected)) = plant(wrapper, written, parts, how) else { return Ok(()) };
    let report = check(&bytes, wrapper.name(), written.said());
    let context = || {
        format!("{wrapper:?} {written:?} {parts:?} {how}: {:?}", String::from_utf8_lossy(&bytes))
    };
    prop_assert!(
        report.notices.iter().all(|notice| !notice.unchecked),
        "{:?} {}",
        report.notices,
        context()
    );
    prop_assert_eq!(report.findings.len(), 1, "{}", context());
    let places = &report.findings[0].places;
    prop_assert_eq!(places.len(), 1, "{}", context());
    prop_assert_eq!(places[0].bytes.range(), expected, "{}", context());
    Ok(())
}

/// The planted words as somebody might write them.
fn planted() -> impl Strategy<Value = String> {
    let phrase = (
        prop::sample::select(vec![
            "minister's",
            "minister’s",
            "Minister’s",
            "m\u{ed}nister's",
            "mi\u{301}nister's",
            "mini\u{ad}ster's",
            "ｍｉｎｉｓｔｅｒ＇ｓ",
            "MINISTER’S",
        ]),
        prop::sample::select(vec![" ", "  ", "\r\n", "\n", "\u{a0}", "-", " \u{200b}"]),
        prop::sample::select(vec![
            "naive",
            "na\u{ef}ve",
            "nai\u{308}ve",
            "n\u{200b}a\u{2060}ive",
            "Naïve",
            "ｎaive",
        ]),
        prop::sample::select(vec![" ", "\u{2009}", "\t", "\u{2011}"]),
        prop::sample::select(vec![
            "promise",
            "pro\u{200d}mise",
            "promi\u{17f}e",
            "Promise",
            "prom\u{ad}ise",
            "prom\u{456}se",
        ]),
    )
        .prop_map(|(a, b, c, d, e)| {
            // A capital on a new line starts a sentence, and no phrase crosses that.
            let c = if b.contains('\n') { c.to_lowercase() } else { c.to_owned() };
            format!("{a}{b}{c}{d}{e}")
        });
    prop_oneof![
        6 => phrase,
        2 => prop::sample::select(vec!["1234-5678", "１２３４-5678", "1234\u{2011}5678", "12\u{200b}34-5678"]).prop_map(str::to_owned),
        2 => prop::sample::select(vec!["#PlantedTag", "#planted_tag", "＃plantedTAG", "@planted", "＠Planted"]).prop_map(str::to_owned),
    ]
}

fn filler() -> impl Strategy<Value = String> {
    let words = vec![
        "hay",
        "é",
        "e\u{301}",
        "👍🏽",
        "👩\u{200d}👩\u{200d}👧",
        "שלום",
        "العربية",
        "ｆｕｌｌ",
        "“quoted”",
        "\r\n",
        "\r\n\r\n",
        "\n",
        "中文",
        "it’s",
        "x\u{200b}y",
        "\"q\"",
        "end.",
        "€",
        "ß",
        "\u{feff}",
        "a & b",
    ];
    prop::collection::vec(prop::sample::select(words), 0..12).prop_map(|words| words.join(" "))
}

/// The same without what Windows-1252 cannot say.
fn plain_filler() -> impl Strategy<Value = String> {
    let words = vec![
        "hay",
        "é",
        "“quoted”",
        "\r\n",
        "\r\n\r\n",
        "\n",
        "it’s",
        "\"q\"",
        "end.",
        "€",
        "ß",
        "a & b",
    ];
    prop::collection::vec(prop::sample::select(words), 0..12).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn bytes_at_a_finding_are_the_planted_words(
        wrapper in prop::sample::select(WRAPPERS.to_vec()),
        written in prop::sample::select(WRITTEN.to_vec()),
        before in filler(), words in planted(), after in filler(), how in 0_usize..4,
    ) {
        assert_found(wrapper, written, (&before, &words, &after), how)?;
    }

    #[test]
    fn so_they_are_in_windows_1252(
        wrapper in prop::sample::select(WRAPPERS.to_vec()),
        before in plain_filler(), after in plain_filler(), how in 0_usize..4,
        words in prop::sample::select(vec![
            "minister's naive promise", "minister’s naïve promise", "minister’s\r\nnaïve promise", "MINISTER’S NAÏVE PROMISE", "mini\u{ad}ster's naive\u{a0}promise",
            "1234-5678", "#PlantedTag", "@planted",
        ]),
    ) {
        assert_found(wrapper, Written::Windows1252, (&before, words, &after), how)?;
    }

    /// Whatever is found anywhere lies on whole characters of the file.
    #[test]
    fn places_lie_on_whole_characters(
        bits in prop::collection::vec(prop::sample::select(vec![
            "minister's", "naive", "promise", " ", "\u{301}", "\u{200b}", "1234", "-", "5678", "#", "PlantedTag", "@planted",
            "<b>", "</b>", "*", "`", "\"", ",", "\r\n", "&#110;", "é", "👍", "&", ";", "\n\n", "ｎ", "\u{feff}", "---\n", "title: ",
        ]), 0..40),
        name in prop::sample::select(vec!["a.txt", "a.md", "a.html", "a.csv"]),
        written in prop::sample::select(WRITTEN.to_vec()),
    ) {
        let text = bits.concat();
        let Some(body) = written.encode(&text) else { return Ok(()) };
        let mark = written.mark().len();
        let bytes = [written.mark(), &body].concat();
        let mut edges = vec![mark];
        for c in text.chars() {
            edges.push(edges.last().unwrap() + written.encode(&c.to_string()).unwrap().len());
        }
        for finding in check(&bytes, name, written.said()).findings {
            for place in finding.places.iter().chain(&finding.related) {
                let span = place.bytes;
                prop_assert!(span.start < span.end && span.end <= bytes.len(), "{:?}", finding);
                prop_assert!(edges.contains(&span.start) && edges.contains(&span.end), "{:?} {:?}", text, finding);
            }
        }
    }
}

/// Every wrapper with every encoding, once and by hand.
#[test]
fn every_wrapper_and_encoding_is_right_once() {
    for wrapper in WRAPPERS {
        for written in WRITTEN {
            for how in 0..4 {
                for words in ["minister’s naïve promise", "1234-5678", "#PlantedTag"] {
                    if let Err(error) =
                        assert_found(wrapper, written, ("é “x” \r\n\r\n", words, "€ y."), how)
                    {
                        panic!("{error}");
                    }
                }
            }
        }
    }
}

/// A phrase is found wherever it stands in a paragraph of any length.
#[test]
fn a_long_paragraph_hides_nothing() {
    let phrase = "minister's naive promise";
    let mut lost = Vec::new();
    for start in (7_000..9_500).chain(15_000..17_000).step_by(3) {
        let before = "hay ".repeat(start / 4 + 1);
        let before = &before[before.len() - start..];
        let text = format!("{before} {phrase} {}", "hay ".repeat(3_000));
        let report = check(text.as_bytes(), "a.txt", None);
        match report.findings.as_slice() {
            [finding] => assert_eq!(&text[finding.places[0].bytes.range()], phrase),
            _ => lost.push(start),
        }
    }
    assert!(lost.is_empty(), "not found at {lost:?}");
}

/// What stands between the letters of a word is part of it; what stands around
/// the word is not.
#[test]
fn invisible_characters_inside_are_in_the_span_and_outside_are_not() {
    for (text, words) in [
        ("a \u{200b}1234-5678\u{200b} b", "1234-5678"),
        ("a 1234-\u{200b}5678 b", "1234-\u{200b}5678"),
        ("\u{feff}\u{feff}minister's naive promise\u{ad}", "minister's naive promise"),
    ] {
        let report = check(text.as_bytes(), "a.txt", None);
        let found: Vec<_> =
            report.findings.iter().map(|finding| &text[finding.places[0].bytes.range()]).collect();
        let bare: Vec<_> = found.iter().map(|found| found.trim_matches(is_invisible)).collect();
        assert_eq!(bare, [words], "{text:?}");
    }
}
