//! The words inside a hashtag.

use crate::text::Span;

/// What a character is to the split.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Upper,
    /// Any other letter, with the marks on it.
    Lower,
    Digit,
    /// An underscore or joiner: between words, part of none.
    Gap,
}

/// The words of a hashtag's name (without its sign), as spans of `name`: cut at
/// capitals, digits and underscores. `NHSWinter` is NHS and Winter, `MPsForEU`
/// MPs, For and EU, `GE2024` GE and 2024. `votelabour` stays one: no
/// dictionary is asked.
pub fn split_hashtag(name: &str) -> Vec<Span> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    let mut before: Option<(usize, Class)> = None;
    let mut capitals = 0_usize;
    let mut rest = name.char_indices().map(|(at, c)| (at, class(c))).peekable();
    while let Some((at, class)) = rest.next() {
        let next = rest.peek().map(|&(_, next)| next);
        let cuts = match (before.map(|(_, class)| class), class) {
            (Some(previous), Class::Digit) => previous != Class::Digit,
            (Some(previous), Class::Lower) => matches!(previous, Class::Digit | Class::Gap),
            // The last capital of a run starts the next word, unless what
            // follows is the single `s` of a plural: `NHSWinter`, `MPsForEU`.
            (Some(Class::Upper), Class::Upper) => {
                next == Some(Class::Lower) && !plural(&name[at..], capitals + 1)
            }
            (None, _) | (_, Class::Gap) | (Some(_), Class::Upper) => true,
        };
        if cuts {
            words.extend(start.map(|start| Span::new(start, at)));
            start = (class != Class::Gap).then_some(at);
            capitals = 0;
        } else if start.is_none() {
            start = Some(at);
        }
        if class == Class::Upper {
            capitals += 1;
        }
        before = Some((at, class));
    }
    words.extend(start.map(|start| Span::new(start, name.len())));
    words
}

/// Whether `rest`, which starts at the last of `capitals` capitals, goes on
/// with an `s` that ends the word.
fn plural(rest: &str, capitals: usize) -> bool {
    let mut after = rest.chars().skip(1);
    capitals >= 2
        && after.next() == Some('s')
        && after.next().is_none_or(|c| class(c) != Class::Lower)
}

fn class(c: char) -> Class {
    match c {
        '_' | '\u{200C}' | '\u{200D}' | '\u{B7}' | '\u{30FB}' => Class::Gap,
        c if c.is_uppercase() => Class::Upper,
        c if c.is_numeric() => Class::Digit,
        _ => Class::Lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_cut_at_capitals_digits_and_underscores() {
        let cases: &[(&str, &[&str])] = &[
            ("VoteLabour", &["Vote", "Labour"]),
            ("NHSWinter", &["NHS", "Winter"]),
            ("GE2024", &["GE", "2024"]),
            ("votelabour", &["votelabour"]),
            ("NHS", &["NHS"]),
            ("MPsForEU", &["MPs", "For", "EU"]),
            ("MPs", &["MPs"]),
            ("vote_labour__now", &["vote", "labour", "now"]),
            ("_x_", &["x"]),
            ("2024Election", &["2024", "Election"]),
            ("5G", &["5", "G"]),
            ("IVote", &["I", "Vote"]),
            ("ÉcoleÉlite", &["École", "Élite"]),
            ("中文", &["中文"]),
            ("", &[]),
            ("___", &[]),
        ];
        for (name, expected) in cases {
            let words: Vec<&str> = split_hashtag(name).iter().map(|w| &name[w.range()]).collect();
            assert_eq!(words, *expected, "{name}");
        }
    }
}
