//! What is put in place of words that were found: a wording that keeps their letter
//! case, or something made of them. Where it is not sure what is right, nothing is.

use unicode_script::{Script, UnicodeScript};

use crate::count::{camel_case, plain_letters};
use crate::text::{Span, TokenKind, tokens};

/// Makes what is put in place of words out of the words themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Maker {
    /// A hashtag with a capital at the start of each word.
    CamelCase,
    /// Plain letters for mathematical, circled and other styled ones.
    PlainLetters,
    /// The words without characters that nobody can see.
    RemoveHidden,
}

impl Maker {
    /// Every maker as spelled in packs.
    pub const NAMES: &'static [&'static str] = &["camel-case", "plain-letters", "remove-hidden"];

    /// The maker of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "camel-case" => Self::CamelCase,
            "plain-letters" => Self::PlainLetters,
            "remove-hidden" => Self::RemoveHidden,
            _ => return None,
        })
    }

    /// What it does, for people: what follows "the fix …".
    pub const fn about(self) -> &'static str {
        match self {
            Self::CamelCase => {
                "writes a capital at the start of each word of the hashtag, where it is sure \
                 where the words part"
            }
            Self::PlainLetters => {
                "writes plain letters, where each styled letter has one of its own"
            }
            Self::RemoveHidden => {
                "removes characters that nobody can see, but for those that a script or an \
                 emoji needs"
            }
        }
    }

    /// What to put in place of `span` of `text`; `None` where that is not sure, or would
    /// change nothing.
    pub fn make(self, text: &str, span: Span) -> Option<String> {
        let words = text.get(span.range())?;
        match self {
            Self::CamelCase => {
                let found = tokens(words);
                let [tag] = found.as_slice() else { return None };
                if tag.kind != TokenKind::Hashtag || tag.span.len() != words.len() {
                    return None;
                }
                let name = tag.name(words);
                let sign = words.strip_suffix(name)?;
                Some(format!("{sign}{}", camel_case(name)?))
            }
            Self::PlainLetters => plain_letters(words),
            Self::RemoveHidden => without_hidden(text, span),
        }
    }
}

/// The words without hidden characters that do nothing where they stand.
fn without_hidden(text: &str, span: Span) -> Option<String> {
    let words = &text[span.range()];
    let mut out = String::with_capacity(words.len());
    for (at, c) in words.char_indices() {
        let here = span.start + at;
        let before = text[..here].chars().rev().find(|&c| !is_hidden(c));
        let behind = text[here + c.len_utf8()..].chars().find(|&c| !is_hidden(c));
        let idle = [before, behind].into_iter().flatten().all(needs_none);
        // No text may hold these two, whatever stands around them.
        let never = matches!(c, '\u{fffe}' | '\u{ffff}');
        let goes = never || (is_hidden(c) && idle);
        if !goes {
            out.push(c);
        }
    }
    (out != words).then_some(out)
}

/// Characters that nobody can see and that only some scripts and emoji need: soft
/// hyphens, zero-width characters and direction marks. Variation selectors and tags
/// always belong to the character before them.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}' | '\u{180e}')
}

/// Whether a character needs no hidden one beside it: Latin, Greek and Cyrillic letters,
/// digits, space and the signs of ordinary prose.
fn needs_none(c: char) -> bool {
    let plain = matches!(c.script(), Script::Latin | Script::Greek | Script::Cyrillic);
    plain
        || c.is_ascii()
        || c.is_whitespace()
        || matches!(c, '\u{2010}'..='\u{2027}' | '\u{a1}'..='\u{bf}' | '\u{fffe}' | '\u{ffff}')
}

/// A wording that is put in place of words, in their letter case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// As the author writes it. A capital in it stays a capital.
    pub text: String,
    /// Whether the words it stands for have capitals of their own (`OAP`): theirs then
    /// say nothing about the sentence.
    pub of_capitals: bool,
}

impl Wording {
    /// The wording as it has to stand in place of `span` of `text`; `None` where nobody
    /// can be sure.
    pub fn in_place_of(&self, text: &str, span: Span) -> Option<String> {
        let words = text.get(span.range())?;
        if words.contains(['\n', '\r']) || !fits_article(&text[..span.start], words, &self.text) {
            return None;
        }
        let new = self.in_case_of(text, span, words)?;
        (new != words).then_some(new)
    }

    fn in_case_of(&self, text: &str, span: Span, words: &str) -> Option<String> {
        let starts = starts_sentence(&text[..span.start]);
        if self.text.contains(char::is_uppercase) {
            // Only its start can be wrong: `eBay`.
            let small = self.text.starts_with(char::is_lowercase);
            return (!small || starts == Some(false)).then(|| self.text.clone());
        }
        if self.of_capitals {
            let start = starts?;
            return Some(if start { capitalised(&self.text) } else { self.text.clone() });
        }
        let letters = || words.chars().filter(|c| c.is_alphabetic());
        if letters().all(|c| !c.is_uppercase()) {
            return Some(self.text.clone());
        }
        if !letters().any(char::is_lowercase) {
            // `I` at the start of a sentence is no word in capitals.
            return (letters().count() > 1).then(|| self.text.to_uppercase());
        }
        let first = words.starts_with(char::is_uppercase);
        let others = letters().filter(|c| c.is_uppercase()).count();
        // Capitals inside words may be a name, and those of every word a title.
        (first && others == 1).then(|| capitalised(&self.text))
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// Whether a sentence starts behind `before`; `None` behind a line that does not end in
/// a full stop, where both can be.
fn starts_sentence(before: &str) -> Option<bool> {
    let opening = |c: char| matches!(c, '"' | '“' | '‘' | '\'' | '(' | '[' | '*' | '_');
    let bare = before.trim_end_matches(opening);
    let text = bare.trim_end();
    let gap = &bare[text.len()..];
    match text.chars().next_back() {
        None => Some(true),
        Some('.' | '!' | '?' | '…') if !gap.is_empty() => Some(true),
        Some(_) if gap.matches('\n').count() > 1 => Some(true),
        Some(_) if gap.contains(['\n', '\r']) => None,
        // A bullet, a number, a colon: a label may go on in either case.
        Some(c) if !c.is_alphanumeric() && !matches!(c, ',' | ';' | ')' | '-') => None,
        Some(_) => Some(false),
    }
}

/// Whether an article right before the words stays right: `an individual` does not
/// become `an person`. Letters are all one can go by.
fn fits_article(before: &str, words: &str, new: &str) -> bool {
    let word = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    if !["a", "an"].iter().any(|article| word.eq_ignore_ascii_case(article)) {
        return true;
    }
    let vowel = |text: &str| {
        let first = text.chars().find(|c| c.is_alphanumeric());
        first.map(|c| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'h' | '8'))
    };
    let unsure = |text: &str| {
        // `a use`, `an hour`, `an MP`: the letter does not say how it sounds.
        let mut letters = text.chars().filter(|c| c.is_alphanumeric());
        let first = letters.next().unwrap_or('x');
        matches!(first.to_ascii_lowercase(), 'u' | 'h' | 'e' | 'o') && vowel(text) == Some(true)
            || letters.next().is_some_and(char::is_uppercase)
    };
    vowel(words) == vowel(new) && !unsure(words) && !unsure(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span_of(text: &str, words: &str) -> Span {
        let at = text.find(words).unwrap();
        Span::new(at, at + words.len())
    }

    #[test]
    fn makers_lead_back_to_their_names() {
        let made: Vec<_> = Maker::NAMES.iter().filter_map(|name| Maker::by_name(name)).collect();
        assert_eq!(made, [Maker::CamelCase, Maker::PlainLetters, Maker::RemoveHidden]);
        assert_eq!(Maker::by_name("camel"), None);
    }

    #[test]
    fn a_wording_keeps_the_case() {
        let cases = [
            ("Please utilise it.", "utilise", "use", false, Some("use")),
            ("Utilise it.", "Utilise", "use", false, Some("Use")),
            ("PLEASE UTILISE IT", "UTILISE", "use", false, Some("USE")),
            ("Done. In order to go", "In order to", "to", false, Some("To")),
            ("The Old Age Pensioner", "Old Age Pensioner", "older person", false, None),
            ("We uTilise", "uTilise", "use", false, None),
            ("for OAPs here", "OAPs", "older people", true, Some("older people")),
            ("OAPs say", "OAPs", "older people", true, Some("Older people")),
            ("Good news\nOAPs say", "OAPs", "older people", true, None),
            ("Ask the nhs", "nhs", "NHS", false, Some("NHS")),
            ("on Ebay", "Ebay", "eBay", true, Some("eBay")),
            ("Ebay is", "Ebay", "eBay", true, None),
            ("in\norder to", "in\norder to", "to", false, None),
            ("we use it", "use", "use", false, None),
            // Articles that would be wrong afterwards, or might be.
            ("an individual", "individual", "person", false, None),
            ("a purchase", "purchase", "buy", false, Some("buy")),
            ("a sum", "sum", "hour", false, None),
            ("An endeavour", "endeavour", "attempt", false, None),
            ("a 🎉 utilise", "utilise", "use", false, Some("use")),
        ];
        for (text, words, wording, of_capitals, expected) in cases {
            let wording = Wording { text: wording.to_owned(), of_capitals };
            let made = wording.in_place_of(text, span_of(text, words));
            assert_eq!(made.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn makers_make_only_what_is_sure() {
        use Maker::{CamelCase, PlainLetters, RemoveHidden};
        let cases = [
            ("Go #voteearly now", "#voteearly", CamelCase, Some("#VoteEarly")),
            ("Go ＃voteearly now", "＃voteearly", CamelCase, Some("＃VoteEarly")),
            ("voteearly", "voteearly", CamelCase, None),
            ("#voteearly #x", "#voteearly #x", CamelCase, None),
            ("Join 𝗻𝗼𝘄", "𝗻𝗼𝘄", PlainLetters, Some("now")),
            ("a\u{feff}b", "\u{feff}", RemoveHidden, Some("")),
            ("a\u{feff}\u{200b}b", "\u{feff}\u{200b}", RemoveHidden, Some("")),
            ("\u{fffe} Apply", "\u{fffe}", RemoveHidden, Some("")),
            ("co\u{ad}operate", "co\u{ad}operate", RemoveHidden, Some("cooperate")),
            ("👨\u{200d}👩", "👨\u{200d}👩", RemoveHidden, None),
            ("❤\u{fe0f}", "❤\u{fe0f}", RemoveHidden, None),
            ("می\u{200c}خواهم", "می\u{200c}خواهم", RemoveHidden, None),
            ("ไทย\u{200b}ไทย", "ไทย\u{200b}ไทย", RemoveHidden, None),
            ("plain", "plain", RemoveHidden, None),
        ];
        for (text, words, maker, expected) in cases {
            assert_eq!(maker.make(text, span_of(text, words)).as_deref(), expected, "{text}");
        }
        assert_eq!(CamelCase.make("é", Span::new(0, 1)), None);
    }
}
