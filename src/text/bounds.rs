//! Where sentences end by the rules of UAX #29, for the letters of western Europe.
//!
//! Nearly every text of a public servant is written in them, and a table of all of
//! Unicode has no place in the innermost loop.

use std::iter::Peekable;

/// What a character is to the rules; their names for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Upper,
    Lower,
    Numeric,
    ATerm,
    STerm,
    Close,
    Sp,
    SContinue,
    Lf,
    Cr,
    Other,
}

/// The class of a character, or `None` for one that is left to the full tables.
fn class(c: char) -> Option<Class> {
    Some(match c {
        'a'..='z' | 'ª' | 'µ' | 'º' | 'ß'..='ö' | 'ø'..='ÿ' => Class::Lower,
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' => Class::Upper,
        '0'..='9' => Class::Numeric,
        '.' => Class::ATerm,
        '!' | '?' => Class::STerm,
        '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | '«' | '»' | '\u{2018}'..='\u{201f}' => {
            Class::Close
        }
        ' ' | '\t' | '\u{b}' | '\u{c}' | '\u{a0}' => Class::Sp,
        ',' | '-' | ':' | ';' | '–' | '—' => Class::SContinue,
        '\n' => Class::Lf,
        '\r' => Class::Cr,
        '\u{80}'..='\u{9f}' | '\u{ad}' => return None,
        '\0'..='\u{ff}' | '…' | '€' | '•' => Class::Other,
        _ => return None,
    })
}

/// Whether a byte is an ASCII character that ends no sentence.
static QUIET: [bool; 256] = {
    let mut quiet = [false; 256];
    let mut byte = 0;
    while byte < 0x80 {
        quiet[byte] = !matches!(byte as u8, b'.' | b'!' | b'?' | b'\n' | b'\r');
        byte += 1;
    }
    quiet
};

/// The characters of a text from a byte on, each with its place in the text.
fn chars_from(text: &str, from: usize) -> Peekable<impl Iterator<Item = (usize, char)>> {
    text[from..].char_indices().map(move |(at, c)| (from + at, c)).peekable()
}

/// Where the sentences of `text` end, in bytes; `None` where it holds a character that
/// is left to the full tables.
pub fn western(text: &str) -> Option<Vec<usize>> {
    let mut ends = Vec::new();
    let mut chars = chars_from(text, 0);
    let mut before = Class::Other;
    loop {
        // Most of a text says nothing but what stands before the next sign.
        let from = chars.peek().map_or(text.len(), |&(at, _)| at);
        let quiet =
            text.as_bytes()[from..].iter().take_while(|byte| QUIET[usize::from(**byte)]).count();
        if quiet > 0 {
            before = class(char::from(text.as_bytes()[from + quiet - 1]))?;
            chars = chars_from(text, from + quiet);
        }
        let Some((at, c)) = chars.next() else { break };
        let this = class(c)?;
        let term = match this {
            Class::Cr if chars.peek().is_some_and(|&(_, next)| next == '\n') => continue,
            Class::Cr | Class::Lf => {
                ends.push(at + 1);
                before = this;
                continue;
            }
            Class::ATerm | Class::STerm => this,
            _ => {
                before = this;
                continue;
            }
        };
        let letter_before = matches!(before, Class::Upper | Class::Lower);
        before = term;
        // SB9, SB10: what closes, and spaces, belong to the sentence that ends.
        let mut apart = false;
        for wanted in [Class::Close, Class::Sp] {
            while let Some(&(_, next)) = chars.peek()
                && class(next)? == wanted
            {
                chars.next();
                before = wanted;
                apart = true;
            }
        }
        let Some(&(next_at, next)) = chars.peek() else { break };
        let goes_on = match class(next)? {
            // SB8a; a line break ends the sentence behind itself.
            Class::SContinue | Class::ATerm | Class::STerm | Class::Cr | Class::Lf => true,
            // SB6
            Class::Numeric if !apart && term == Class::ATerm => true,
            // SB7
            Class::Upper if !apart && term == Class::ATerm && letter_before => true,
            // SB8
            _ if term == Class::ATerm => small_letter_next(&text[next_at..])?,
            _ => false,
        };
        if !goes_on {
            ends.push(next_at);
        }
    }
    if ends.last() != Some(&text.len()) && !text.is_empty() {
        ends.push(text.len());
    }
    Some(ends)
}

/// Whether the next letter, or what ends a sentence or line before it, is a small letter.
fn small_letter_next(text: &str) -> Option<bool> {
    for c in text.chars() {
        match class(c)? {
            Class::Lower => return Some(true),
            Class::Upper | Class::ATerm | Class::STerm | Class::Cr | Class::Lf => {
                return Some(false);
            }
            _ => {}
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn it_is_what_the_full_tables_say(
            text in "([a-zA-Z.?! ]|[\\x00-\\x7f]|[à-öÀ-Ö\u{a0}-\u{ac}\u{ae}-ÿ]|[‘-‟…€•–—]){0,24}",
        ) {
            let full: Vec<usize> = text
                .split_sentence_bound_indices()
                .map(|(start, sentence)| start + sentence.len())
                .collect();
            prop_assert_eq!(western(&text), Some(full), "{:?}", text);
        }
    }

    #[test]
    fn other_letters_are_left_to_the_full_tables() {
        assert_eq!(western("Привет."), None);
        assert_eq!(western("soft\u{ad}hyphen"), None);
    }
}
