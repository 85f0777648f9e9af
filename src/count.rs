//! What a rule can count in a text: its length as a platform counts it, and
//! the hashtags, links, emoji and capitals that guides put a number on.

mod asides;
mod capitals;
mod emoji;
mod hashtags;
mod length;
mod pictures;
mod posts;
mod styled;
mod symbols;
mod words;

pub use asides::asides;
pub use hashtags::camel_case;
pub use posts::posts;
pub use styled::plain_letters;
use unicode_segmentation::UnicodeSegmentation;

use crate::text::{Span, Token, TokenKind, tokens};

/// What is counted. The first six measure the text and have no places; the
/// others count things that stand somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Unicode code points (Threads, Instagram, `YouTube`, `TikTok`, Facebook).
    Characters,
    /// Extended grapheme clusters of UAX #29 (Bluesky).
    Graphemes,
    /// UTF-16 code units (`LinkedIn`).
    Utf16,
    /// Bytes of UTF-8 (the second limit of Bluesky).
    Bytes,
    /// Weighted characters of `twitter-text` configuration 3: NFC, links 23,
    /// an emoji 2, characters above U+10FF mostly 2 (X).
    XWeighted,
    /// Grapheme clusters, web links 23, of a remote mention the local part.
    Mastodon,
    /// Words of UAX #29, those joined by a hyphen as one; a handle or hashtag
    /// is one word, a link or e-mail address none.
    Words,
    /// Hashtags.
    Hashtags,
    /// Handles.
    Mentions,
    /// Links; e-mail addresses only after `mailto:`.
    Links,
    /// Emoji, a sequence (flag, family, skin tone, keycap) as one.
    Emoji,
    /// Exclamation marks of prose.
    Exclamations,
    /// Words of prose with four letters or more, all of them capitals, but not
    /// those without a vowel or alone in brackets. Which others are acronyms is
    /// for the caller to say; the places are there for that.
    AllCapsWords,
    /// The same with eight letters or more.
    LongAllCapsWords,
    /// Three words in capitals or more in a row, half of them common ones and
    /// one of these of four letters or more.
    AllCapsRuns,
    /// Capital letters of prose.
    Capitals,
    /// Sentences of UAX #29 that hold a letter or digit, not cut after titles,
    /// initials and the usual abbreviations.
    Sentences,
    /// Hashtags of several words with no capitals to part them.
    RunTogetherHashtags,
    /// Hashtags with prose behind them on their line.
    HashtagsInside,
    /// Stretches of mathematical, circled, fullwidth and other styled letters
    /// that hold a word.
    StyledLetters,
    /// Emoji that stand three times or more on one line.
    EmojiRepeats,
    /// Emoji between the words of one sentence, those that stand together as one.
    EmojiInside,
    /// Rows of four signs or more, and faces made of signs.
    SymbolRuns,
    /// Characters that X refuses: U+FEFF, U+FFFE and U+FFFF.
    XRefused,
}

impl Unit {
    /// Every unit and what a pack calls it.
    pub const NAMES: [(&'static str, Self); 24] = [
        ("characters", Self::Characters),
        ("graphemes", Self::Graphemes),
        ("utf16", Self::Utf16),
        ("bytes", Self::Bytes),
        ("x-weighted", Self::XWeighted),
        ("mastodon", Self::Mastodon),
        ("words", Self::Words),
        ("hashtags", Self::Hashtags),
        ("mentions", Self::Mentions),
        ("links", Self::Links),
        ("emoji", Self::Emoji),
        ("exclamations", Self::Exclamations),
        ("all-caps-words", Self::AllCapsWords),
        ("long-all-caps-words", Self::LongAllCapsWords),
        ("all-caps-runs", Self::AllCapsRuns),
        ("capitals", Self::Capitals),
        ("sentences", Self::Sentences),
        ("run-together-hashtags", Self::RunTogetherHashtags),
        ("hashtags-inside", Self::HashtagsInside),
        ("styled-letters", Self::StyledLetters),
        ("emoji-repeats", Self::EmojiRepeats),
        ("emoji-inside", Self::EmojiInside),
        ("symbol-runs", Self::SymbolRuns),
        ("x-refused", Self::XRefused),
    ];

    /// The unit a pack calls `name`.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, unit)| unit)
    }

    /// What a pack calls the unit.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|&&(_, unit)| unit == self).map_or("", |&(name, _)| name)
    }

    /// Whether the unit measures the text instead of counting things in it.
    pub const fn is_length(self) -> bool {
        matches!(
            self,
            Self::Characters
                | Self::Graphemes
                | Self::Utf16
                | Self::Bytes
                | Self::XWeighted
                | Self::Mastodon
        )
    }
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub total: usize,
    /// Where each stands, in bytes of the text and in order; empty for
    /// lengths.
    pub places: Vec<Span>,
}

impl Counted {
    /// The places of the things beyond the first `max`.
    pub fn over(&self, max: usize) -> &[Span] {
        self.places.get(max..).unwrap_or_default()
    }
}

/// Counts `unit` in `text`.
pub fn count(text: &str, unit: Unit) -> Counted {
    let places = match unit {
        Unit::Characters
        | Unit::Graphemes
        | Unit::Utf16
        | Unit::Bytes
        | Unit::XWeighted
        | Unit::Mastodon => {
            let (total, _) = length::measure(text, unit, usize::MAX);
            return Counted { total, places: Vec::new() };
        }
        Unit::Words => words(text),
        Unit::Hashtags => of_kind(text, TokenKind::Hashtag),
        Unit::Mentions => of_kind(text, TokenKind::Handle),
        Unit::Links => of_kind(text, TokenKind::Url),
        Unit::Emoji => emojis(text),
        Unit::Exclamations => prose_chars(text, |c| matches!(c, '!' | '！' | '‼' | '⁉')),
        Unit::AllCapsWords => capitals::words(text, 4),
        Unit::LongAllCapsWords => capitals::words(text, 8),
        Unit::AllCapsRuns => capitals::runs(text),
        Unit::Capitals => prose_chars(text, char::is_uppercase),
        Unit::Sentences => sentences(text),
        Unit::RunTogetherHashtags => hashtags::run_together(text),
        Unit::HashtagsInside => hashtags::inside(text),
        Unit::StyledLetters => styled::letters(text),
        Unit::EmojiRepeats => pictures::repeats(text),
        Unit::EmojiInside => pictures::inside(text),
        Unit::SymbolRuns => symbols::runs(text),
        Unit::XRefused => x_refused(text),
    };
    Counted { total: places.len(), places }
}

/// The bytes of `text` beyond `max`: of a length, all from the first grapheme
/// cluster (or link) that does not fit whole; of things, from the first too
/// many to the last. `None` where `max` is kept.
pub fn overflow(text: &str, unit: Unit, max: usize) -> Option<Span> {
    if unit.is_length() {
        let (_, over) = length::measure(text, unit, max);
        return over.map(|from| Span::new(from, text.len()));
    }
    match count(text, unit).over(max) {
        [] => None,
        [first, .., last] => Some(first.join(*last)),
        [only] => Some(*only),
    }
}

fn of_kind(text: &str, kind: TokenKind) -> Vec<Span> {
    let found = tokens(text).into_iter();
    found.filter(|token| token.kind == kind).map(|token| token.span).collect()
}

/// The stretches between `tokens`, which are in order, each with the token
/// after it.
fn prose<'t>(
    text: &'t str,
    tokens: &'t [Token],
) -> impl Iterator<Item = (usize, &'t str, Option<&'t Token>)> {
    let starts = std::iter::once(0).chain(tokens.iter().map(|token| token.span.end));
    starts.enumerate().map(|(place, start)| {
        let next = tokens.get(place);
        let end = next.map_or(text.len(), |token| token.span.start);
        (start, &text[start..end], next)
    })
}

/// Every character of prose that satisfies `of`.
fn prose_chars(text: &str, of: impl Fn(char) -> bool) -> Vec<Span> {
    let mut places = Vec::new();
    for (start, stretch, _) in prose(text, &tokens(text)) {
        let hits = stretch.char_indices().filter(|&(_, c)| of(c));
        places.extend(hits.map(|(at, c)| Span::new(start + at, start + at + c.len_utf8())));
    }
    places
}

fn words(text: &str) -> Vec<Span> {
    let mut words: Vec<Span> = Vec::new();
    for (start, stretch, token) in prose(text, &tokens(text)) {
        for (at, word) in stretch.unicode_word_indices() {
            let span = Span::new(start + at, start + at + word.len());
            match words.last_mut() {
                Some(last) if is_hyphen(&text[last.end..span.start]) => *last = last.join(span),
                _ => words.push(span),
            }
        }
        let counts = |token: &&Token| matches!(token.kind, TokenKind::Handle | TokenKind::Hashtag);
        words.extend(token.filter(counts).map(|token| token.span));
    }
    words
}

/// `drop-in` is one word to a reader, two to UAX #29.
fn is_hyphen(between: &str) -> bool {
    matches!(between, "-" | "\u{2010}" | "\u{2011}")
}

fn emojis(text: &str) -> Vec<Span> {
    if text.is_ascii() {
        return Vec::new();
    }
    let found = text.grapheme_indices(true).filter(|(_, cluster)| emoji::is_emoji(cluster));
    found.map(|(at, cluster)| Span::new(at, at + cluster.len())).collect()
}

fn x_refused(text: &str) -> Vec<Span> {
    let refused = text.match_indices(['\u{FEFF}', '\u{FFFE}', '\u{FFFF}']);
    refused.map(|(at, character)| Span::new(at, at + character.len())).collect()
}

fn sentences(text: &str) -> Vec<Span> {
    let mut sentences: Vec<Span> = Vec::new();
    let mut open = false;
    for (at, piece) in text.split_sentence_bound_indices() {
        let trimmed = piece.trim();
        if !trimmed.contains(char::is_alphanumeric) {
            continue;
        }
        let start = at + (piece.len() - piece.trim_start().len());
        let span = Span::new(start, start + trimmed.len());
        match sentences.last_mut() {
            Some(last) if open => *last = last.join(span),
            _ => sentences.push(span),
        }
        let ends_line = piece[piece.trim_end().len()..].contains(['\n', '\r', '\u{2029}']);
        open = !ends_line && ends_in_abbreviation(trimmed);
    }
    sentences
}

/// Whether the full stop at the end belongs to the last word.
fn ends_in_abbreviation(sentence: &str) -> bool {
    const SHORT: [&str; 19] = [
        "mr", "mrs", "ms", "mx", "dr", "prof", "rev", "hon", "st", "sgt", "lt", "col", "gen",
        "capt", "no", "vs", "e.g", "i.e", "approx",
    ];
    let Some(rest) = sentence.strip_suffix('.') else { return false };
    let word = rest.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or(rest);
    let initial = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_uppercase() && c != 'I');
    // A sentence that ends in "no" is rarer than `No. 10`, but it is written
    // in lower case.
    let number = word == "no";
    initial || (!number && SHORT.iter().any(|short| short.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FAMILY: &str = "👨‍👩‍👧‍👦";

    fn totals(cases: &[(&str, Unit, usize)]) {
        let mut failures = Vec::new();
        for (text, unit, expected) in cases {
            let counted = count(text, *unit);
            if counted.total != *expected {
                failures.push(format!(
                    "{} {text:?}: {} not {expected}",
                    unit.name(),
                    counted.total
                ));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn names_lead_back_to_their_units() {
        for (name, unit) in Unit::NAMES {
            assert_eq!(Unit::by_name(name), Some(unit));
            assert_eq!(unit.name(), name);
        }
        assert_eq!(Unit::by_name("letters"), None);
    }

    #[test]
    fn x_weighs_characters() {
        use Unit::XWeighted as X;
        totals(&[
            ("This is a test.", X, 15),
            (&"a".repeat(281), X, 281),
            (&"の".repeat(160), X, 320),
            (&format!("{}{}", "a".repeat(270), "🔥".repeat(6)), X, 282),
            (&["https://example.org/a/very/long/path"; 10].join(" "), X, 239),
            ("http://test.com", X, 23),
            ("test.com", X, 23),
            ("Test https://test.com test https://test.com test.com test", X, 86),
            ("\u{10000}\u{10FFFF}", X, 4),
            ("저찀쯿쿿", X, 8),
            ("H🐱☺", X, 5),
            (FAMILY, X, 2),
            ("👍🏽🇬🇧1\u{FE0F}\u{20E3}", X, 6),
            ("cafe\u{301}", X, 4),
            ("“Don’t” – it’s…", X, 16),
            ("a@example.org", X, 13),
            ("http://localhost ftp://a.org mailto:a@b.org", X, 43),
            ("one\r\ntwo\n", X, 8),
            ("", X, 0),
        ]);
    }

    /// What the published cases of `twitter-text` hold about lengths.
    #[test]
    fn x_weighs_as_its_own_library() {
        use Unit::XWeighted as X;
        let link = |path: &str| format!("https://example.com/{path}");
        totals(&[
            // Letters, and the edges of the ranges that weigh one.
            (&"a".repeat(280), X, 280),
            (&"あ".repeat(140), X, 280),
            ("\u{10FF}\u{1100}", X, 3),
            ("\u{2000}\u{200D}\u{200E}\u{2010}\u{201F}\u{2020}", X, 8),
            ("\u{2032}\u{2037}\u{2031}\u{2038}", X, 6),
            ("ÀÖ Ωμέγα Жук עברית العربية ไทย हिन्दी", X, 37),
            ("ｈｅｌｌｏ", X, 10),
            ("\u{FF5E}\u{FFE5}", X, 4),
            ("𠮷野家", X, 6),
            // Composed before it is weighed.
            ("e\u{301}", X, 1),
            ("\u{1112}\u{1161}\u{11AB}", X, 2),
            ("か\u{3099}", X, 2),
            // An emoji is two, however many code points it takes.
            ("😷👾😡🔥💩", X, 10),
            ("🙋🏽👨\u{200D}🎤", X, 4),
            ("H🐱☺👨\u{200D}👩\u{200D}👧\u{200D}👦", X, 7),
            ("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", X, 2),
            ("🏳\u{FE0F}\u{200D}🌈", X, 2),
            ("❤\u{FE0F}", X, 2),
            ("#\u{FE0F}\u{20E3}", X, 2),
            ("1\u{20E3}", X, 2),
            ("🇬🇧🇺🇸", X, 4),
            ("©®", X, 2),
            ("™", X, 2),
            // Every web link is 23, whatever its length and with or without
            // a scheme.
            (&link(&"x".repeat(300)), X, 23),
            ("https://t.co/abcdefghij", X, 23),
            ("t.co/abcdefghij", X, 23),
            ("http://x.org", X, 23),
            ("HTTP://EXAMPLE.COM", X, 23),
            ("www.gov.uk", X, 23),
            ("gov.uk/renew", X, 23),
            ("gov.uk", X, 6),
            ("nhs.uk and youtube.tv", X, 34),
            ("service.gov.uk", X, 23),
            ("example.com?q=1", X, 23),
            ("https://example.com:8080/a?b=c#d", X, 23),
            ("https://en.wikipedia.org/wiki/Bank_(river)", X, 23),
            ("(https://example.com/a).", X, 26),
            ("https://example.com/a, https://example.com/b!", X, 49),
            ("検索https://example.com/aを見る", X, 33),
            ("https://例え.jp", X, 23),
            ("https://bücher.de", X, 23),
            ("http://localhost/a", X, 18),
            ("http://127.0.0.1/a", X, 18),
            ("ftp://example.com", X, 17),
            ("press@example.com", X, 17),
            ("@name #tag $TAG", X, 15),
            ("file.txt report.pdf", X, 19),
        ]);
    }

    #[test]
    fn bluesky_counts_graphemes_and_bytes() {
        totals(&[
            (&"a".repeat(301), Unit::Graphemes, 301),
            (&FAMILY.repeat(301), Unit::Graphemes, 301),
            (&FAMILY.repeat(200), Unit::Graphemes, 200),
            (&FAMILY.repeat(200), Unit::Bytes, 5000),
            (&"中".repeat(100), Unit::Graphemes, 100),
            ("one\r\ntwo", Unit::Graphemes, 7),
        ]);
    }

    #[test]
    fn mastodon_counts_links_as_23_and_mentions_by_their_local_part() {
        use Unit::Mastodon as M;
        let link = |length: usize| format!("https://example.org/{}", "x".repeat(length - 20));
        totals(&[
            (&"a".repeat(501), M, 501),
            (&format!("{} {}", "a".repeat(478), link(90)), M, 502),
            (&format!("{} @tenletters@example.social", "a".repeat(490)), M, 502),
            (&format!("{}\n{}", "a".repeat(475), link(100)), M, 499),
            ("gov.uk @name @name.bsky.social", M, 30),
            (FAMILY, M, 1),
        ]);
    }

    #[test]
    fn other_platforms_count_units_and_code_points() {
        totals(&[
            (&"a".repeat(3001), Unit::Utf16, 3001),
            ("𝗻𝗼𝘄", Unit::Utf16, 6),
            ("𝗻𝗼𝘄", Unit::Characters, 3),
            (&"é".repeat(501), Unit::Characters, 501),
            ("e\u{301}", Unit::Characters, 2),
        ]);
    }

    #[test]
    fn things_are_counted_where_they_stand() {
        totals(&[
            ("🔥🔥🔥 Fire season is here", Unit::Emoji, 3),
            ("Join 👏👏👏 us 🙌🙌 today", Unit::Emoji, 5),
            ("Our 🐟 plan is 🐠 a great 🐡 success 🐳 overall", Unit::Emoji, 4),
            ("The ™ mark © 1 #️⃣", Unit::Emoji, 1),
            ("#Apply #Now #Jobs #Leeds #Team #WeAreHiring #Fair", Unit::Hashtags, 7),
            ("Apply #today to #join the #team", Unit::Hashtags, 3),
            ("No hashtag at all is #1", Unit::Hashtags, 0),
            ("@a and @b@c.org, d@e.org", Unit::Mentions, 2),
            ("gov.uk https://x.org/!", Unit::Links, 2),
            ("Go! https://x.org/#!/a Now!!", Unit::Exclamations, 3),
            ("THE LIBRARY IS CLOSED", Unit::AllCapsWords, 2),
            ("DON’T #CLOSE GOV.UK AB12CD Élan ÉLAN", Unit::AllCapsWords, 2),
            ("NASA announced", Unit::AllCapsWords, 1),
            ("The NHS and #NHS", Unit::Capitals, 4),
            ("Our drop-in is at 3,000 places: https://x.org #Now @us", Unit::Words, 8),
            ("", Unit::Words, 0),
            ("Mr. Reed met J. Smith. He left! Why? e.g. This…", Unit::Sentences, 4),
            ("See No. 10 first. I said no. Then we left.", Unit::Sentences, 3),
            ("One\ntwo\n\n…\n", Unit::Sentences, 2),
        ]);
    }

    #[test]
    fn the_overflow_starts_at_the_first_thing_too_many() {
        let cases = [
            ("abcdef", Unit::Characters, 4, Some("ef")),
            ("abcd", Unit::Characters, 4, None),
            ("abc", Unit::Bytes, 0, Some("abc")),
            ("ab🔥c", Unit::XWeighted, 3, Some("🔥c")),
            ("ab🔥c", Unit::XWeighted, 4, Some("c")),
            ("ab👍🏽c", Unit::Utf16, 4, Some("👍🏽c")),
            (
                "go https://example.org/x now",
                Unit::XWeighted,
                25,
                Some("https://example.org/x now"),
            ),
            ("go https://example.org/x now", Unit::XWeighted, 26, Some(" now")),
            ("a\r\nb", Unit::Graphemes, 2, Some("b")),
            ("#A b #C d #E f", Unit::Hashtags, 1, Some("#C d #E")),
            ("#A b #C d", Unit::Hashtags, 1, Some("#C")),
            ("#A", Unit::Hashtags, 1, None),
            ("", Unit::Hashtags, 0, None),
        ];
        for (text, unit, max, expected) in cases {
            let found = overflow(text, unit, max).map(|span| &text[span.range()]);
            assert_eq!(found, expected, "{} {text}", unit.name());
        }
        assert_eq!(count("!a!b!", Unit::Exclamations).over(2), [Span::new(4, 5)]);
    }

    /// Places are in order, apart and on characters, and overflows agree with them.
    fn check_sound(text: &str, max: usize) {
        for (name, unit) in Unit::NAMES {
            let counted = count(text, unit);
            let over = overflow(text, unit, max);
            assert_eq!(over.is_some(), counted.total > max, "{name}");
            if !unit.is_length() {
                assert_eq!(counted.total, counted.places.len(), "{name}");
            }
            assert!(counted.places.windows(2).all(|pair| pair[0].end <= pair[1].start), "{name}");
            for span in counted.places.iter().copied().chain(over) {
                assert!(text.get(span.range()).is_some_and(|part| !part.is_empty()), "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn counts_agree_with_overflows(
            text in "([a-cA-C1é中\u{301}🔥👍\u{1F3FD}\u{200D}\u{FE0F}\r\n ./:@#!-]|http://|\\.org|[𝗻ⓞᴡʟsｗ🇬🇧~=>*_()°^—★\u{336}\u{FEFF}]|#mental|health){0,40}",
            max in 0_usize..60,
        ) {
            check_sound(&text, max);
        }

        #[test]
        fn so_they_do_in_any_text(text in any::<String>(), max in 0_usize..60) {
            check_sound(&text, max);
        }
    }
}
