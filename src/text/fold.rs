//! Folding: one spelling for everything a reader takes for the same words.
//!
//! Folded text is lower case and has no accents, no invisible characters, one
//! kind of apostrophe and dash, no quotation marks; spaces and single line breaks are one
//! space, a blank line is one `\n`, a hyphen inside a word is a space and a
//! hashtag is split at its capitals. Letters of other alphabets that look
//! Latin are read as Latin, but only in words that mix the two.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};
use unicode_script::{Script, UnicodeScript};

use super::{MappedText, OffsetMap, Span, split_hashtag};

/// A text in its folded spelling and the way back.
#[derive(Debug, Default)]
pub struct Folded {
    text: String,
    map: OffsetMap,
    disguises: Vec<Disguise>,
}

/// A character inside a word that readers do not see, or take for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disguise {
    /// Where its effect is in the folded text; empty for a hidden character.
    pub span: Span,
    /// The character as written.
    pub written: char,
}

impl Folded {
    /// Folds a text.
    pub fn new(text: &str) -> Self {
        let mut folded = Self::default();
        folded.refill(text);
        folded
    }

    /// Folds another text into the same memory.
    pub fn refill(&mut self, text: &str) {
        let mut folder = Folder {
            out: std::mem::take(&mut self.text),
            map: std::mem::take(&mut self.map),
            disguises: std::mem::take(&mut self.disguises),
            separator: None,
        };
        folder.out.clear();
        folder.out.reserve(text.len());
        folder.map.clear();
        folder.disguises.clear();
        folder.run(text);
        *self = Self { text: folder.out, map: folder.map, disguises: folder.disguises };
    }

    /// The folded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// From bytes of the folded text to bytes of the text that was folded.
    pub fn map(&self) -> &OffsetMap {
        &self.map
    }

    /// Hidden and look-alike characters in or at the edges of `span` (bytes of
    /// the folded text).
    pub fn disguises_in(&self, span: Span) -> impl Iterator<Item = Disguise> + '_ {
        let from = self.disguises.partition_point(|disguise| disguise.span.start < span.start);
        self.disguises[from..].iter().copied().take_while(move |d| d.span.start < span.end)
    }
}

/// Text as regular expressions see it.
#[derive(Debug)]
pub struct Plain;

impl Plain {
    /// The text without invisible characters, with spaces, quotes, dashes, digits
    /// and letters of other widths and styles in their ASCII form. Letter case,
    /// accents, white space and other alphabets stay.
    pub fn of(text: &str) -> MappedText {
        let mut plain = MappedText::default();
        let mut buffer = [0; 4];
        for (at, c) in text.char_indices() {
            let source = Span::new(at, at + c.len_utf8());
            if c.is_ascii() {
                plain.push_copied(c.encode_utf8(&mut buffer), at);
            } else if is_invisible(c) {
            } else if let Some(ascii) = plain_punctuation(c) {
                plain.push_replaced(ascii.encode_utf8(&mut buffer), source);
            } else if c.is_whitespace() {
                plain.push_replaced(" ", source);
            } else {
                let mut parts = None;
                decompose_compatible(c, |part| {
                    parts = match parts {
                        None => Some(part),
                        Some(_) => Some('\u{80}'),
                    };
                });
                match parts.filter(char::is_ascii) {
                    Some(ascii) => plain.push_replaced(ascii.encode_utf8(&mut buffer), source),
                    None => plain.push_copied(c.encode_utf8(&mut buffer), at),
                }
            }
        }
        plain
    }
}

/// Whether a character can be part of a word.
pub fn is_word_char(c: char) -> bool {
    if c.is_ascii() {
        return is_word_byte(c as u8);
    }
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Whether a byte is a character of ASCII that can be part of a word.
#[inline]
pub fn is_word_byte(byte: u8) -> bool {
    // Many of them are compared at once where that is spelled with numbers.
    let (letter, digit) = ((byte | 0x20).wrapping_sub(b'a'), byte.wrapping_sub(b'0'));
    letter < 26 || digit < 10 || byte == b'_'
}

/// Whether a character leaves no mark where it stands: zero-width characters,
/// soft hyphens, direction controls, variation selectors and tags, and control characters
/// that are no white space.
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
            | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The ASCII form of punctuation that comes in many shapes.
fn plain_punctuation(c: char) -> Option<char> {
    Some(match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{2b9}' | '\u{2032}' | '\u{60}'
        | '\u{b4}' | '\u{ff07}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2033}'
        | '\u{ff02}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        _ => return None,
    })
}

/// Latin letters that Unicode does not take apart.
fn plain_letter(c: char) -> Option<&'static str> {
    Some(match c {
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ß' | 'ẞ' => "ss",
        'þ' | 'Þ' => "th",
        _ => return None,
    })
}

/// The Latin letter that a letter of another alphabet looks like, if there is one.
fn look_alike(c: char) -> Option<char> {
    if matches!(c.script(), Script::Latin | Script::Common | Script::Inherited) {
        return None;
    }
    let mut buffer = [0; 4];
    let mut skeleton = unicode_security::skeleton(c.encode_utf8(&mut buffer));
    match (skeleton.next(), skeleton.next()) {
        (Some(latin), None) if latin.is_ascii_alphabetic() => Some(latin.to_ascii_lowercase()),
        _ => None,
    }
}

struct Folder {
    out: String,
    map: OffsetMap,
    disguises: Vec<Disguise>,
    /// White space not written yet, and whether it holds a blank line.
    separator: Option<Separator>,
}

#[derive(Clone, Copy)]
struct Separator {
    source: Span,
    newlines: usize,
}

impl Folder {
    fn run(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            at = match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => {
                    self.space(at, 1, usize::from(byte == b'\n'));
                    at + 1
                }
                b'-' => self.dash(text, at, 1),
                b'#' => self.hashtag(text, at),
                b'`' | b'\'' => self.quote(text, at, 1, '\''),
                b'"' | b'*' => self.quote(text, at, 1, char::from(byte)),
                0x20..0x7f => self.ascii_run(text, at),
                _ => self.other(text, at),
            };
        }
    }

    /// Copies ASCII letters, digits and most punctuation, up to the first byte
    /// that needs a thought.
    fn ascii_run(&mut self, text: &str, from: usize) -> usize {
        self.flush();
        let bytes = &text.as_bytes()[from..];
        // A single space between plain characters is as plain as they are.
        let plain = |at: usize| bytes.get(at).is_some_and(|&byte| PLAIN[usize::from(byte)]);
        let mut len = 0;
        while plain(len) || (bytes.get(len) == Some(&b' ') && plain(len + 1)) {
            len += 1;
        }
        let here = self.out.len();
        self.map.copied(here, from);
        self.out.push_str(&text[from..from + len]);
        self.out[here..].make_ascii_lowercase();
        // A letter that follows may stand in a word with letters that only look Latin.
        from + len
    }

    fn space(&mut self, at: usize, len: usize, newlines: usize) {
        match &mut self.separator {
            Some(separator) => {
                separator.source.end = at + len;
                separator.newlines += newlines;
            }
            None => {
                self.separator = Some(Separator { source: Span::new(at, at + len), newlines });
            }
        }
    }

    /// Writes the white space that is due.
    fn flush(&mut self) {
        let Some(Separator { source, newlines }) = self.separator.take() else { return };
        let here = self.out.len();
        if source.len() == 1 {
            self.map.copied(here, source.start);
        } else {
            self.map.replaced(here, source);
        }
        self.out.push(if newlines > 1 { '\n' } else { ' ' });
    }

    fn replaced_char(&mut self, c: char, at: usize, len: usize) -> usize {
        self.flush();
        let here = self.out.len();
        if len == c.len_utf8() {
            self.map.copied(here, at);
        } else {
            self.map.replaced(here, Span::new(at, at + len));
        }
        self.out.push(c);
        at + len
    }

    /// A hyphen between two letters or digits is a space; any other stays.
    fn dash(&mut self, text: &str, at: usize, len: usize) -> usize {
        let inside = self.separator.is_none()
            && self.out.chars().next_back().is_some_and(is_word_char)
            && next_visible(&text[at + len..]).is_some_and(is_word_char);
        self.replaced_char(if inside { ' ' } else { '-' }, at, len)
    }

    /// Quotation marks and the stars of emphasis do not part words; only inside a
    /// word (`isn't`, `5*3`) do they stay.
    fn quote(&mut self, text: &str, at: usize, len: usize, plain: char) -> usize {
        let inside = self.separator.is_none()
            && self.out.chars().next_back().is_some_and(is_word_char)
            && next_visible(&text[at + len..]).is_some_and(is_word_char);
        if inside { self.replaced_char(plain, at, len) } else { at + len }
    }

    /// Writes `#` and, where it starts a hashtag of several words, parts them.
    fn hashtag(&mut self, text: &str, at: usize) -> usize {
        let starts = self.separator.is_some()
            || !self.out.chars().next_back().is_some_and(|c| is_word_char(c) || c == '&');
        let after = self.replaced_char('#', at, 1);
        if !starts {
            return after;
        }
        let name_len = text[after..].find(|c: char| !is_word_char(c)).unwrap_or(text.len() - after);
        let name = &text[after..after + name_len];
        if !name.is_ascii() {
            return after;
        }
        for (index, word) in split_hashtag(name).into_iter().enumerate() {
            if index > 0 {
                let place = after + word.start;
                let here = self.out.len();
                self.map.replaced(here, Span::new(place, place));
                self.out.push(' ');
            }
            let here = self.out.len();
            self.map.copied(here, after + word.start);
            self.out.push_str(&name[word.range()]);
            self.out[here..].make_ascii_lowercase();
        }
        after + name_len
    }

    /// Everything that is not ASCII.
    fn other(&mut self, text: &str, at: usize) -> usize {
        let Some(c) = text[at..].chars().next() else { return text.len() };
        let len = c.len_utf8();
        if is_invisible(c) {
            self.hidden(text, at, c);
            return at + len;
        }
        if c.is_whitespace() {
            self.space(
                at,
                len,
                if c == '\u{2029}' { 2 } else { usize::from(c == '\u{85}' || c == '\u{2028}') },
            );
            return at + len;
        }
        match plain_punctuation(c) {
            Some('-') => return self.dash(text, at, len),
            Some(plain) => return self.quote(text, at, len, plain),
            None => {}
        }
        self.flush();
        let here = self.out.len();
        let source = Span::new(at, at + len);
        if is_combining_mark(c) {
            // The accent belongs to the letter before it.
            self.map.extend_last(here, source.end);
            return at + len;
        }
        if let Some(latin) = look_alike(c).filter(|_| mixes_with_latin(text, at)) {
            self.map.replaced(here, source);
            self.out.push(latin);
            self.disguises.push(Disguise { span: Span::new(here, here + 1), written: c });
            return at + len;
        }
        self.map.replaced(here, source);
        if let Some(plain) = plain_letter(c) {
            self.out.push_str(plain);
        } else {
            let out = &mut self.out;
            decompose_compatible(c, |part| {
                if !is_combining_mark(part) {
                    out.extend(part.to_lowercase().filter(|&c| !is_combining_mark(c)));
                }
            });
            let styled = self.out[here..].chars().all(|c| c.is_ascii_alphabetic())
                && !self.out[here..].is_empty()
                && !matches!(c.script(), Script::Latin);
            if styled {
                let span = Span::new(here, self.out.len());
                self.disguises.push(Disguise { span, written: c });
            }
        }
        if self.out.len() == here {
            self.map.drop_last();
        }
        at + len
    }

    /// Leaves out a character nobody sees, and remembers it where it splits a word.
    fn hidden(&mut self, text: &str, at: usize, c: char) {
        let before = self.separator.is_none()
            && self.out.chars().next_back().is_some_and(char::is_alphanumeric);
        if before && next_visible(&text[at..]).is_some_and(char::is_alphanumeric) {
            let here = self.out.len();
            self.disguises.push(Disguise { span: Span::new(here, here), written: c });
        }
    }
}

/// The next character that readers see. Looks at most 64 characters ahead: a longer
/// run of hidden ones is no word, and looking on from each would never end.
fn next_visible(text: &str) -> Option<char> {
    text.chars().take(64).find(|&c| !is_invisible(c))
}

/// Whether the word around `at` holds a Latin letter as well. Looks at most 40
/// characters each way: longer runs are not words.
fn mixes_with_latin(text: &str, at: usize) -> bool {
    let latin = |c: char| c.is_alphabetic() && c.script() == Script::Latin;
    let in_word = |c: &char| is_word_char(*c) || is_invisible(*c);
    text[..at].chars().rev().take_while(in_word).take(40).any(latin)
        || text[at..].chars().take_while(in_word).take(40).any(latin)
}

/// ASCII bytes that are copied (in lower case) without a thought.
static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x21;
    while byte < 0x7f {
        table[byte] = !matches!(byte as u8, b'-' | b'#' | b'`' | b'\'' | b'"' | b'*');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(Folded::new(text).text(), expected, "{text:?}");
    }

    #[test]
    fn one_spelling_for_the_same_words() {
        check("He is  WHITE", "he is white");
        check("white\nHouse", "white house");
        check("one\n\ntwo\r\n \r\nthree", "one\ntwo\nthree");
        check("Jehovah’s Witness", "jehovah's witness");
        check("African‑American, non-Muslim", "african american, non muslim");
        check("OFFICIAL – SENSITIVE", "official - sensitive");
        check("Māori and Sinn Féin", "maori and sinn fein");
        check("Ma\u{304}ori", "maori");
        check("mus\u{200b}lim", "muslim");
        check("\0mus\0lim\u{7}, \u{1b}white\u{7f}", "muslim, white");
        check("a “white” *paper* isn’t 'here'", "a white paper isn't here");
        check("workers' \"rights\"", "workers rights");
        check("ｗｈｉｔｅ", "white");
        check("muѕlіm", "muslim"); // Cyrillic ѕ and і
        check("привет", "привет");
        check("#VoteLabour now #votelabour a#B", "#vote labour now #votelabour a#b");
    }

    #[test]
    fn disguises_are_remembered() {
        let folded = Folded::new("a mus\u{200b}lіm here");
        let seen: Vec<_> = folded.disguises_in(Span::new(2, 8)).map(|d| d.written).collect();
        assert_eq!(seen, ['\u{200b}', 'і']);
        assert_eq!(folded.disguises_in(Span::new(9, 13)).count(), 0);
    }

    #[test]
    fn spans_lead_back_to_the_written_words() {
        let text = "He  is “Ｗhite”, non\u{2011}Muslim";
        let folded = Folded::new(text);
        let place = |word: &str| {
            let start = folded.text().find(word).unwrap();
            &text[folded.map().to_source(Span::new(start, start + word.len())).range()]
        };
        assert_eq!(place("white"), "Ｗhite");
        assert_eq!(place("muslim"), "Muslim");
        assert_eq!(place("non muslim"), "non\u{2011}Muslim");
        assert_eq!(place("he is"), "He  is");
        assert_eq!(place("is white"), "is “Ｗhite");
    }

    proptest! {
        #[test]
        fn every_span_lands_on_characters(text in "\\PC{0,40}|[a-zA-Zéѕі# \\-\\n\u{200b}’]{0,40}|[a-z \\x00-\\x1f]{0,40}") {
            let folded = Folded::new(&text);
            let bounds: Vec<_> =
                folded.text().char_indices().map(|(at, _)| at).chain([folded.text().len()]).collect();
            for pair in bounds.windows(2) {
                let back = folded.map().to_source(Span::new(pair[0], pair[1]));
                prop_assert!(text.get(back.range()).is_some(), "{text:?} {back:?}");
            }
        }

        #[test]
        fn folding_folded_text_changes_nothing(text in "[a-zA-Zéß\\-,. ]{0,40}") {
            let once = Folded::new(&text);
            let twice = Folded::new(once.text());
            prop_assert_eq!(once.text(), twice.text());
        }
    }
}
