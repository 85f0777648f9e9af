//! Words that make a sentence long but not hard: what stands in brackets, and the items
//! of a list behind a colon.

use crate::text::Span;

/// So many commas or semicolons behind a colon part the items of a list.
const LIST: usize = 2;

/// The asides of one sentence, in bytes of it and in order.
pub fn asides(sentence: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut open = None;
    for (at, character) in sentence.char_indices() {
        match character {
            '(' | '[' if open.is_none() => open = Some(at),
            ')' | ']' => found.extend(open.take().map(|from| Span::new(from, at))),
            // Times and addresses have colons, too.
            ':' if open.is_none() && sentence[at + 1..].starts_with(char::is_whitespace) => {
                let rest = &sentence[at..];
                if rest.matches([',', ';']).count() >= LIST {
                    found.push(Span::new(at, sentence.len()));
                    return found;
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(sentence: &str) -> Vec<&str> {
        asides(sentence).into_iter().map(|span| &sentence[span.range()]).collect()
    }

    #[test]
    fn brackets_and_lists_are_asides() {
        assert_eq!(cut("Open (from 9 to 5) daily [ring first]."), ["(from 9 to 5", "[ring first"]);
        assert_eq!(
            cut("We found: a boot, a hat and, oddly, a fish."),
            [": a boot, a hat and, oddly, a fish."]
        );
    }

    #[test]
    fn a_clause_behind_a_colon_is_none() {
        for sentence in ["It is late: go home, please.", "At 10:30, then, (we", "See a:b, c, d) e"]
        {
            assert_eq!(cut(sentence), [""; 0], "{sentence}");
        }
    }
}
