//! Hashtags that a screen reader cannot take apart, and hashtags in the middle.

use std::sync::OnceLock;

use rustc_hash::FxHashSet;
use unicode_segmentation::UnicodeSegmentation;

use super::emoji::is_emoji;
use super::words::{HEADS, ONE, SMALL, TAILS, WORDS};
use crate::text::{Span, TokenKind, split_hashtag, tokens};

/// The longest stretch of small letters that is taken apart, in bytes: longer
/// ones are no words, and the search is quadratic in the words of a stretch.
const LONGEST: usize = 80;

/// Capitals by themselves are an abbreviation up to this length (`UNICEF`).
const ABBREVIATION: usize = 8;

/// Hashtags of several words with no capitals to part them.
pub(super) fn run_together(text: &str) -> Vec<Span> {
    let tags = tokens(text).into_iter().filter(|token| token.kind == TokenKind::Hashtag);
    tags.filter(|tag| is_run_together(tag.name(text))).map(|tag| tag.span).collect()
}

fn is_run_together(name: &str) -> bool {
    split_hashtag(name).into_iter().any(|piece| is_piece_run_together(&name[piece.range()]))
}

fn is_piece_run_together(piece: &str) -> bool {
    let shouted = piece.len() > ABBREVIATION && piece.bytes().all(|b| b.is_ascii_uppercase());
    let small = piece.bytes().skip(1).all(|b| b.is_ascii_lowercase());
    let letters = piece.starts_with(|c: char| c.is_ascii_alphabetic());
    letters && (shouted || small) && are_words(&piece.to_ascii_lowercase())
}

/// What stands in the lexicon in small letters and is written in capitals.
const CAPITALS: &[&str] = &["hiv", "nhs", "uk"];

/// Words that may be an abbreviation and may be none (`hearing aids`): nobody can say
/// how they are written.
const EITHER: &[&str] = &["aids", "gov", "id"];

/// The name of a hashtag with a capital at the start of each of its words. `None` where
/// that changes nothing, and where the words could also be parted elsewhere.
pub fn camel_case(name: &str) -> Option<String> {
    let mut out = String::with_capacity(name.len());
    let mut at = 0;
    for span in split_hashtag(name) {
        let piece = &name[span.range()];
        out.push_str(&name[at..span.start]);
        at = span.end;
        let small = piece.to_ascii_lowercase();
        let plain = piece.bytes().all(|byte| byte.is_ascii_alphabetic());
        if plain && is_piece_run_together(piece) {
            for word in sure_words(&small)? {
                out.push_str(&capitalised(word)?);
            }
        } else if !piece.starts_with(char::is_lowercase) {
            out.push_str(piece);
        } else if plain && (is_common(piece) || lexicon().one.contains(piece)) {
            out.push_str(&capitalised(piece)?);
        } else {
            return None;
        }
    }
    out.push_str(&name[at..]);
    (out != name).then_some(out)
}

/// A word of the lexicon as it is written in a hashtag.
fn capitalised(word: &str) -> Option<String> {
    if EITHER.contains(&word) {
        return None;
    }
    if CAPITALS.contains(&word) {
        return Some(word.to_ascii_uppercase());
    }
    let mut letters = word.chars();
    let first = letters.next()?;
    Some(first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// The words of a piece in small letters, where they can be parted in one way only:
/// `expertsexchange` has two. That a word is made of shorter ones (`into`) is no doubt.
fn sure_words(piece: &str) -> Option<Vec<&str>> {
    let ends = ends_of_words(piece, None)?;
    let borders = &ends[..ends.len() - 1];
    let other = |&border: &usize| {
        ends_of_words(piece, Some(border)).is_some_and(|other| other.len() <= ends.len() + 1)
    };
    if borders.iter().any(other) {
        return None;
    }
    let starts = std::iter::once(0).chain(borders.iter().copied());
    Some(starts.zip(&ends).map(|(start, &end)| &piece[start..end]).collect())
}

/// Where the words of the likeliest reading of a piece end; of those that part no
/// words at `border`, if there is one.
fn ends_of_words(piece: &str, border: Option<usize>) -> Option<Vec<usize>> {
    let lexicon = lexicon();
    // By place: the reading so far, and where its last word starts.
    let mut best: Vec<Option<(Reading<'_>, usize)>> = vec![None; piece.len() + 1];
    best[0] = Some((Reading::default(), 0));
    for from in (0..piece.len()).filter(|&from| Some(from) != border) {
        let Some((reading, _)) = best[from] else { continue };
        for to in from + 1..=piece.len().min(from + lexicon.longest) {
            let word = &piece[from..to];
            let large = lexicon.words.contains(word);
            if large || SMALL.binary_search(&word).is_ok() || lexicon.one.contains(word) {
                let next = reading.with(word, large);
                if best[to].is_none_or(|(known, _)| next.is_better(known)) {
                    best[to] = Some((next, from));
                }
            }
        }
    }
    let mut ends = Vec::new();
    let mut at = piece.len();
    while at > 0 {
        let (_, from) = best[at]?;
        ends.push(at);
        at = from;
    }
    ends.reverse();
    (!ends.is_empty()).then_some(ends)
}

/// The words a piece is made of, as far as it has been read.
#[derive(Clone, Copy, Default)]
struct Reading<'t> {
    words: usize,
    /// How many of them are of [`WORDS`], and of three letters or more.
    large: usize,
    longest: usize,
    first: &'t str,
    last: &'t str,
    /// Whether one of them is `a`, which stands in too many words.
    with_a: bool,
}

impl<'t> Reading<'t> {
    fn with(self, word: &'t str, large: bool) -> Self {
        Self {
            words: self.words + 1,
            large: self.large + usize::from(large && word.len() > 2),
            longest: if large { self.longest.max(word.len()) } else { self.longest },
            first: if self.words == 0 { word } else { self.first },
            last: word,
            with_a: self.with_a || word == "a",
        }
    }

    /// Fewer words, and more of them large, are likelier to be meant.
    fn is_better(self, other: Self) -> bool {
        (other.words, self.large) > (self.words, other.large)
    }

    /// Whether these, which are `letters` long together, are words of their own
    /// rather than parts of one.
    fn are_several(self, letters: usize) -> bool {
        let compound = self.words == 2
            && (HEADS.binary_search(&self.first).is_ok()
                || TAILS.binary_search(&self.last).is_ok());
        // `wearehiring` has one large word only, but so have few single words
        // of that length.
        let enough = self.large >= 2 || (self.words >= 3 && letters >= 9 && !self.with_a);
        enough && self.longest >= 4 && self.first != "a" && self.last != "a" && !compound
    }
}

/// Whether `piece`, in small letters, is several English words in a row.
fn are_words(piece: &str) -> bool {
    let lexicon = lexicon();
    let singular = piece.strip_suffix('s').unwrap_or(piece);
    if piece.len() > LONGEST || [piece, singular].iter().any(|one| lexicon.one.contains(one)) {
        return false;
    }
    let mut best: Vec<Option<Reading<'_>>> = vec![None; piece.len() + 1];
    best[0] = Some(Reading::default());
    for from in 0..piece.len() {
        let Some(reading) = best[from] else { continue };
        for to in from + 1..=piece.len().min(from + lexicon.longest) {
            let word = &piece[from..to];
            let large = lexicon.words.contains(word);
            if large || SMALL.binary_search(&word).is_ok() {
                let next = reading.with(word, large);
                if best[to].is_none_or(|known| next.is_better(known)) {
                    best[to] = Some(next);
                }
            }
        }
    }
    best[piece.len()].is_some_and(|reading| reading.are_several(piece.len()))
}

/// Whether `word`, in small letters, is one of the common words.
pub(super) fn is_common(word: &str) -> bool {
    lexicon().words.contains(word) || SMALL.binary_search(&word).is_ok()
}

struct Lexicon {
    words: FxHashSet<&'static str>,
    one: FxHashSet<&'static str>,
    longest: usize,
}

fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| Lexicon {
        words: WORDS.split_whitespace().collect(),
        one: ONE.split_whitespace().collect(),
        longest: WORDS.split_whitespace().map(str::len).max().unwrap_or(0),
    })
}

/// Hashtags with prose behind them on their line.
pub(super) fn inside(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut from = text.len();
    let mut prose_behind = false;
    for token in tokens(text).iter().rev() {
        let gap = &text[token.span.end..from];
        from = token.span.start;
        match gap.find(['\n', '\r']) {
            Some(line_end) => prose_behind = holds_words(&gap[..line_end]),
            None => prose_behind = prose_behind || holds_words(gap),
        }
        if prose_behind && token.kind == TokenKind::Hashtag {
            found.push(token.span);
        }
    }
    found.reverse();
    found
}

/// Whether there is a letter or digit that is no part of an emoji.
pub(super) fn holds_words(prose: &str) -> bool {
    prose
        .graphemes(true)
        .any(|cluster| cluster.starts_with(char::is_alphanumeric) && !is_emoji(cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_run_together_are_seen() {
        let several = [
            "workinggovernment",
            "nationalapprenticeshipweek",
            "mentalhealthatwork",
            "mentalhealth",
            "climatechange",
            "leedsjobs",
            "getinvolved",
            "modernslaveryact",
            "socialcare",
            "askaminister",
            "Mentalhealthawarenessweek",
            "MentalhealthWeek",
            "nhsjobs",
            "WORLDMENTALHEALTHDAY",
            "timetotalk2025",
            "keyworkers",
            "netzero",
            "wearehiring",
        ];
        let clear = [
            "WorldMentalHealthDay",
            "NHS",
            "nhs",
            "Leeds",
            "leeds",
            "gdpr",
            "GDPR",
            "UNICEF",
            "COVID19",
            "budget2025",
            "ModernSlaveryAct",
            "apprenticeships",
            "volunteering",
            "sustainability",
            "wellbeing",
            "together",
            "afternoon",
            "artwork",
            "newcastle",
            "manchester",
            "sunderland",
            "southampton",
            "weekend",
            "football",
            "fundraising",
            "wildflowers",
            "highlights",
            "parkrun",
            "safeguarding",
            "mental_health",
            "iechydmeddwl",
            "santémentale",
            "中文",
            "Budget",
        ];
        for name in several {
            assert!(is_run_together(name), "{name}");
        }
        for name in clear {
            assert!(!is_run_together(name), "{name}");
        }
    }

    #[test]
    fn words_get_their_capitals_where_it_is_sure() {
        let cases = [
            ("voteearly", Some("VoteEarly")),
            ("workinggovernment", Some("WorkingGovernment")),
            ("nationalapprenticeshipweek", Some("NationalApprenticeshipWeek")),
            ("mentalhealthatwork", Some("MentalHealthAtWork")),
            ("BLACKHISTORYMONTH", Some("BlackHistoryMonth")),
            ("MentalhealthWeek", Some("MentalHealthWeek")),
            ("timetotalk2025", Some("TimeToTalk2025")),
            ("nhsjobs", Some("NHSJobs")),
            // Two ways to part it, and a word that may be an abbreviation.
            ("expertsexchange", None),
            ("Worldaidsday", None),
            // Nothing to do, or nothing known.
            ("WorldMentalHealthDay", None),
            ("iechydmeddwl", None),
            ("santémentale", None),
            ("leeds", Some("Leeds")),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(camel_case(name).as_deref(), expected, "{name}");
        }
        for tag in ["mentalhealth", "climatechange", "getinvolved", "keyworkers", "wearehiring"] {
            let fixed = camel_case(tag).unwrap();
            assert!(!is_run_together(&fixed) && fixed.eq_ignore_ascii_case(tag), "{fixed}");
        }
    }

    #[test]
    fn a_very_long_tag_is_left_alone() {
        assert!(!is_run_together(&"work".repeat(50_000)));
    }

    #[test]
    fn the_lists_are_in_order_and_apart() {
        assert!([SMALL, HEADS, TAILS].iter().all(|list| list.is_sorted()));
        for list in [WORDS, ONE] {
            assert!(list.split_whitespace().is_sorted());
            assert!(list.split_whitespace().all(|w| w.bytes().all(|b| b.is_ascii_lowercase())));
        }
        for word in ONE.split_whitespace() {
            assert!(!lexicon().words.contains(word), "{word} needs no entry");
        }
    }

    #[test]
    fn tags_at_the_end_are_not_inside() {
        let cases: &[(&str, &[&str])] = &[
            ("Apply #today to #join the #team", &["#today", "#join"]),
            ("Apply by Friday. #LeedsJobs #Apprentices", &[]),
            ("Apply by Friday. #LeedsJobs @us 🎉 https://x.org\nMore below", &[]),
            ("#LeedsJobs: apply", &["#LeedsJobs"]),
            ("#A #B 🎉 go", &["#A", "#B"]),
            ("#A 1️⃣", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> = inside(text).iter().map(|span| &text[span.range()]).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }
}
