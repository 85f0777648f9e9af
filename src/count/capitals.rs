//! Words in capitals that are not abbreviations.

use unicode_segmentation::UnicodeSegmentation;

use super::hashtags::is_common;
use super::prose;
use crate::text::{Span, tokens};

/// So many words in capitals in a row are a sentence that is shouted.
const RUN: usize = 3;

/// Words of so many capitals or more and nothing else but apostrophes: `AB12CD`
/// and `FOO_BAR` are codes. A word without a vowel, or alone in brackets behind
/// what it is short for, is an abbreviation.
pub(super) fn words(text: &str, least: usize) -> Vec<Span> {
    let mut places = Vec::new();
    for (start, stretch, _) in prose(text, &tokens(text)) {
        for (at, word) in stretch.unicode_word_indices() {
            let behind = &stretch[at + word.len()..];
            let bracketed = stretch[..at].ends_with('(') && behind.starts_with(')');
            if letters(word).is_some_and(|count| count >= least) && has_vowel(word) && !bracketed {
                places.push(Span::new(start + at, start + at + word.len()));
            }
        }
    }
    places
}

/// How many letters a word in capitals has; `None` for any other word.
fn letters(word: &str) -> Option<usize> {
    let letters = word.chars().filter(|c| !matches!(c, '\'' | '’'));
    letters.clone().all(char::is_uppercase).then(|| letters.count())
}

fn has_vowel(word: &str) -> bool {
    !word.is_ascii() || word.bytes().any(|b| b"AEIOUY".contains(&b))
}

/// Three words in capitals or more in a row on one line, half of them common
/// ones and one of these of four letters or more.
pub(super) fn runs(text: &str) -> Vec<Span> {
    let mut places = Vec::new();
    for (start, stretch, _) in prose(text, &tokens(text)) {
        let mut run: Vec<(usize, &str)> = Vec::new();
        for (at, word) in stretch.unicode_word_indices() {
            let parted = run.last().is_some_and(|&(before, last)| {
                stretch[before + last.len()..at].contains(['\n', '\r'])
            });
            let shouted = letters(word).is_some();
            if parted || !shouted {
                places.extend(shouting(&run, start));
                run.clear();
            }
            if shouted {
                run.push((at, word));
            }
        }
        places.extend(shouting(&run, start));
    }
    places
}

/// The place of a run of words in capitals, if it is no row of abbreviations.
fn shouting(run: &[(usize, &str)], start: usize) -> Option<Span> {
    let (&(first, _), &(last, word)) = (run.first()?, run.last()?);
    let common = run.iter().map(|(_, word)| word.to_lowercase()).filter(|word| is_common(word));
    let (common, long) =
        common.fold((0, false), |(n, long), word| (n + 1, long || word.len() >= 4));
    (run.len() >= RUN && 2 * common >= run.len() && long)
        .then(|| Span::new(start + first, start + last + word.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shouted_sentences_are_told_from_abbreviations() {
        let cases: &[(&str, &[&str])] = &[
            ("THE LIBRARY IS CLOSED. See you", &["THE LIBRARY IS CLOSED"]),
            ("IMPORTANT: APPLY TODAY", &["IMPORTANT: APPLY TODAY"]),
            ("CALL THIS NUMBER NOW", &["CALL THIS NUMBER NOW"]),
            ("UNICEF, NATO, UNESCO and HM GOV", &[]),
            ("NHS UK GP", &[]),
            ("OPEN DAY", &[]),
            ("OPEN\nDAY\nTODAY", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> = runs(text).iter().map(|span| &text[span.range()]).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn abbreviations_that_show_are_left_out() {
        let cases: &[(&str, usize, &[&str])] = &[
            ("HMRC and MHCLG met NATO (FCDO)", 4, &["NATO"]),
            ("IMPORTANT: UNICEF", 8, &["IMPORTANT"]),
            ("DON’T AB12CD #CLOSE", 4, &["DON’T"]),
        ];
        for (text, least, expected) in cases {
            let found: Vec<&str> = words(text, *least).iter().map(|s| &text[s.range()]).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }
}
