//! Letters that are signs: mathematical bold, circled, squared, fullwidth and
//! the like, used to write words that a screen reader then spells out or skips.

use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

use super::emoji::holds;
use crate::text::Span;

/// So many such letters are a word and not a sign (`ᵗʰ`, `ℝ`, `Ⓜ`).
const WORD: usize = 3;

/// Stretches of styled letters that hold a word. Words with nothing but space
/// and punctuation between them are one stretch.
pub(super) fn letters(text: &str) -> Vec<Span> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut found: Vec<Span> = Vec::new();
    let mut open: Option<(Span, usize)> = None;
    let mut close = |open: Option<(Span, usize)>| {
        found.extend(open.filter(|&(_, letters)| letters >= WORD).map(|(span, _)| span));
    };
    for (word, letters) in words(text) {
        match (open, letters) {
            // A plain word parts two stretches.
            (_, 0) => {
                close(open);
                open = None;
            }
            (Some((span, before)), _) if is_gap(&text[span.end..word.start]) => {
                open = Some((span.join(word), before + letters));
            }
            _ => {
                close(open);
                open = Some((word, letters));
            }
        }
    }
    close(open);
    found
}

fn is_gap(between: &str) -> bool {
    !between.contains(['\n', '\r']) && !between.contains(char::is_alphanumeric)
}

/// Runs of letters in order, each with its number of styled letters: none where
/// a plain letter is among them.
fn words(text: &str) -> Vec<(Span, usize)> {
    let japanese = text.chars().any(|c| {
        matches!(c.script(), Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul)
    });
    let mut words: Vec<(Span, Word)> = Vec::new();
    let mut pieces = text.grapheme_indices(true).peekable();
    while let Some((at, cluster)) = pieces.next() {
        let Some(kind) = kind(cluster, japanese) else { continue };
        let mut word = Word::default();
        word.add(kind);
        let mut end = at + cluster.len();
        while let Some(&(_, next)) = pieces.peek()
            && let Some(kind) = self::kind(next, japanese)
        {
            word.add(kind);
            end += next.len();
            pieces.next();
        }
        words.push((Span::new(at, end), word));
    }
    words.into_iter().map(|(span, word)| (span, word.styled(&text[span.range()]))).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    /// A letter of no style that stands for one in small capitals.
    Stand,
    Styled,
    /// A small capital or raised letter that phonetic spelling has too.
    Phonetic,
    /// A pair of regional indicators.
    Region,
}

#[derive(Default)]
struct Word {
    plain: usize,
    stand: usize,
    styled: usize,
    phonetic: usize,
    region: usize,
}

impl Word {
    fn add(&mut self, kind: Kind) {
        match kind {
            Kind::Plain => self.plain += 1,
            Kind::Stand => self.stand += 1,
            Kind::Styled => self.styled += 1,
            Kind::Phonetic => self.phonetic += 1,
            Kind::Region => self.region += 1,
        }
    }

    /// How many styled letters the word is made of.
    fn styled(&self, written: &str) -> usize {
        if self.region > 0 {
            let letters = written.chars().count();
            let flags = written.graphemes(true).all(is_flag);
            return if flags || self.plain + self.stand > 0 { 0 } else { letters };
        }
        let signs = self.styled + self.phonetic;
        // Phonetic spelling mixes its letters with plain ones, and a word is
        // not written in small capitals with more plain letters than those.
        if self.plain > 0 || self.styled == 0 || signs < self.stand {
            return 0;
        }
        signs + self.stand
    }
}

fn kind(cluster: &str, japanese: bool) -> Option<Kind> {
    let first = cluster.chars().next()?;
    let code = u32::from(first);
    let struck = |c: char| matches!(u32::from(c), 0x0332..=0x0338 | 0x20DD..=0x20E0);
    Some(match code {
        0x1F1E6..=0x1F1FF => Kind::Region,
        // What makes it an emoji makes it no letter: `Ⓜ️`, `🅰️`.
        _ if cluster.contains('\u{FE0F}') => return None,
        0xFF21..=0xFF3A | 0xFF41..=0xFF5A if japanese => Kind::Plain,
        _ if holds(STYLED, first) => Kind::Styled,
        _ if holds(PHONETIC, first) => Kind::Phonetic,
        _ if first.is_alphanumeric() && cluster.chars().skip(1).any(struck) => Kind::Styled,
        // The generators of small capitals have none for these.
        _ if matches!(cluster, "s" | "x" | "q" | "ǫ" | "ғ" | "o" | "v" | "w" | "z" | "c") => {
            Kind::Stand
        }
        _ if first.is_alphabetic() => Kind::Plain,
        _ => return None,
    })
}

/// Small capitals, raised and lowered letters; letterlike symbols; letters in
/// brackets, circles and squares; fullwidth and mathematical letters. Sorted.
#[rustfmt::skip]
const STYLED: &[(u32, u32)] = &[
    (0x1D00, 0x1D22), (0x1D2C, 0x1D6A), (0x1D9B, 0x1DBF), (0x2071, 0x2071), (0x207F, 0x207F),
    (0x2090, 0x209C), (0x2102, 0x2102), (0x210A, 0x2113), (0x2115, 0x2115), (0x2119, 0x211D),
    (0x2124, 0x2124), (0x2128, 0x2128), (0x212C, 0x212D), (0x212F, 0x2131), (0x2133, 0x2134),
    (0x2139, 0x2139), (0x249C, 0x24E9), (0xA730, 0xA731), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A),
    (0x1D400, 0x1D7CB), (0x1F110, 0x1F12B), (0x1F130, 0x1F149), (0x1F150, 0x1F169),
    (0x1F170, 0x1F189),
];

/// Small capitals and raised letters of the phonetic alphabet. Sorted.
#[rustfmt::skip]
const PHONETIC: &[(u32, u32)] = &[
    (0x0262, 0x0262), (0x026A, 0x026A), (0x0274, 0x0274), (0x0276, 0x0276), (0x0280, 0x0280),
    (0x028F, 0x028F), (0x0299, 0x0299), (0x029C, 0x029C), (0x029F, 0x029F), (0x02B0, 0x02B8),
    (0x02E1, 0x02E3),
];

/// The same with plain letters for styled ones. `None` where there are none, and where
/// one of them has no plain letter of its own (`ᴀ`, `🅽`) or says more than a letter
/// does (`c̶u̶t̶`).
pub fn plain_letters(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        match kind(cluster, false) {
            None | Some(Kind::Plain | Kind::Stand) => out.push_str(cluster),
            Some(Kind::Styled | Kind::Phonetic | Kind::Region) => {
                let mut plain = cluster.nfkc();
                let letter = plain.next().filter(|c| c.is_alphanumeric())?;
                let first = cluster.chars().next()?;
                if plain.next().is_some() || letter == first || holds(STYLED, letter) {
                    return None;
                }
                out.push(letter);
            }
        }
    }
    (out != text).then_some(out)
}

/// Whether a pair of regional indicators is the flag of a country or territory.
fn is_flag(cluster: &str) -> bool {
    let letter = |c: char| u8::try_from(u32::from(c).wrapping_sub(0x1F1E6)).ok().map(|n| n + b'A');
    let code: Option<Vec<u8>> = cluster.chars().map(letter).collect();
    code.is_some_and(|code| {
        std::str::from_utf8(&code)
            .is_ok_and(|code| code.len() == 2 && FLAGS.split(' ').any(|flag| flag == code))
    })
}

/// The codes of ISO 3166-1 with the few others that have a flag (Unicode CLDR).
const FLAGS: &str = "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ \
BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CQ CR CU CV CW CX CY CZ DE \
DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP \
GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM \
KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS \
MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG \
TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM \
ZW";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_can_be_searched() {
        for table in [STYLED, PHONETIC] {
            assert!(table.is_sorted() && table.iter().all(|(first, last)| first <= last));
        }
    }

    #[test]
    fn words_of_signs_are_seen_and_signs_are_not() {
        let cases: &[(&str, &[&str])] = &[
            ("Join 𝗻𝗼𝘄", &["𝗻𝗼𝘄"]),
            ("𝓣𝓱𝓮 𝓷𝓮𝔀 form is live", &["𝓣𝓱𝓮 𝓷𝓮𝔀"]),
            ("𝗜 𝗮𝗺, here", &["𝗜 𝗮𝗺"]),
            ("ᴀᴘᴘʟʏ today", &["ᴀᴘᴘʟʏ"]),
            ("ʙʀᴇᴀᴋɪɴɢ ɴᴇᴡs", &["ʙʀᴇᴀᴋɪɴɢ ɴᴇᴡs"]),
            ("Ⓞⓟⓔⓝ now", &["Ⓞⓟⓔⓝ"]),
            ("🅽🅴🆆 rules", &["🅽🅴🆆"]),
            ("🆂🆃🅾🅿 now", &["🆂🆃🅾🅿"]),
            ("🄽🄴🅆 rules", &["🄽🄴🅆"]),
            ("ＦＲＥＥ entry", &["ＦＲＥＥ"]),
            ("ＮＨＫの番組", &[]),
            ("t̶h̶i̶s̶ is gone", &["t̶h̶i̶s̶"]),
            ("ᵗʰᵃⁿᵏˢ", &["ᵗʰᵃⁿᵏˢ"]),
            ("the 5ᵗʰ and 1ˢᵗ, 20 m², H₂O, x ∈ ℝ, 𝑥 = 2", &[]),
            ("The ™ mark, © 2025, Café, façade and 中文", &[]),
            ("[ˈbɜːmɪŋəm], Ⓜ️ 🅿️ 🅰️", &[]),
            ("🇬🇧 🇫🇷🇩🇪 flags", &[]),
            ("🇭🇪🇱🇵 us", &["🇭🇪🇱🇵"]),
            ("№ 5 ½ Ⅷ ﬁn", &[]),
            ("Tŷ, Ειδήσεις, Новости", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> = letters(text).iter().map(|span| &text[span.range()]).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn styled_letters_become_plain_where_each_has_one() {
        let cases = [
            ("𝗻𝗼𝘄", Some("now")),
            ("𝓣𝓱𝓮 𝓷𝓮𝔀", Some("The new")),
            ("Ⓞⓟⓔⓝ", Some("Open")),
            ("ＦＲＥＥ ＥＮＴＲＹ", Some("FREE ENTRY")),
            ("ᵗʰᵃⁿᵏ ʸᵒᵘ", Some("thank you")),
            ("𝐂𝐚𝐟𝐞\u{301}", Some("Café")),
            ("𝗜 𝗮𝗺, 🎉 𝗵𝗲𝗿𝗲", Some("I am, 🎉 here")),
            // Small capitals, negative squares and flags have no plain form.
            ("ᴀᴘᴘʟʏ", None),
            ("🅽🅴🆆", None),
            ("🇭🇪🇱🇵", None),
            // A letter in brackets is three characters, and what is struck out is no word.
            ("⒜⒝⒞", None),
            ("c̶u̶t̶", None),
            ("now", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(plain_letters(text).as_deref(), expected, "{text}");
        }
    }
}
