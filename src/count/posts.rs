//! Threads: several posts drafted in one text, each with its number (`1/4`, `2/`, `(3/4)`).

use crate::text::Span;

/// More posts than this are no thread, but a list or a table.
const MOST: usize = 50;

/// A number of a post in a thread: which it is, and of how many if that is said.
type Mark = (usize, Option<usize>);

/// The posts of a thread that `text` holds, in bytes of it and in order; the text as one
/// where it is no thread. A thread has every number from one to its last, the same one
/// each time it is told, at the start of a line or at the end of one. What stands before
/// the first is part of it.
pub fn posts(text: &str) -> Vec<Span> {
    let whole = Span::new(0, text.len());
    if !text.contains('/') {
        return vec![whole];
    }
    let mut starts = vec![0];
    let mut ends = Vec::new();
    let (mut first, mut leading, mut trailing) = (None, None, None);
    let mut at = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let written = line.trim();
        if let Some(mark) = at_start(written) {
            match (leading, mark) {
                (None, (1, _)) => leading = Some(mark),
                (Some((seen, of)), (number, again)) if number == seen + 1 && of == again => {
                    leading = Some(mark);
                    starts.push(at);
                }
                _ => {}
            }
        }
        // "Please share 1/2. The sea is cold" begins a thread in the middle of its line.
        if starts.len() == 1 && leading.is_none() && first.is_none() {
            first = written.split(' ').find_map(|word| number(word.trim_end_matches(['.', ':'])));
            leading = first.filter(|mark| matches!(mark, (1, Some(_))));
        }
        if let Some(mark) = at_end(written) {
            match (trailing, mark) {
                (None, (1, _)) => {
                    trailing = Some(mark);
                    ends.push(at + line.len());
                }
                (Some((seen, of)), (number, again)) if number == seen + 1 && of == again => {
                    trailing = Some(mark);
                    ends.push(at + line.len());
                }
                _ => {}
            }
        }
        at += line.len();
    }
    let complete = |mark: Option<Mark>| {
        mark.is_some_and(|(number, of)| number > 1 && of.is_none_or(|of| of == number))
    };
    if complete(leading) {
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        return starts.iter().zip(ends).map(|(&start, end)| trimmed(text, start, end)).collect();
    }
    if complete(trailing) {
        if let Some(last) = ends.last_mut() {
            *last = text.len();
        }
        let starts = [0].into_iter().chain(ends.iter().copied());
        return starts.zip(&ends).map(|(start, &end)| trimmed(text, start, end)).collect();
    }
    vec![whole]
}

/// A post without the lines that part it from its neighbours.
fn trimmed(text: &str, start: usize, end: usize) -> Span {
    let written = &text[start..end];
    let from = start + (written.len() - written.trim_start().len());
    Span::new(from, from + written.trim().len())
}

/// The number at the start of a line, behind emoji and other signs.
fn at_start(line: &str) -> Option<Mark> {
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '/');
    number(line.split([' ', '\u{a0}', '\t']).next()?.trim_end_matches([')', ']', ':', '.']))
}

fn at_end(line: &str) -> Option<Mark> {
    let line = line.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '/');
    let word = line.rsplit([' ', '\u{a0}', '\t']).next()?;
    number(word.trim_start_matches(['(', '['])).filter(|(_, of)| of.is_some())
}

/// `2/4` and `2/`.
fn number(word: &str) -> Option<Mark> {
    let (number, of) = word.trim_start_matches(['(', '[']).split_once('/')?;
    let count = |digits: &str| {
        let short = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|count| short && (1..=MOST).contains(count))
    };
    let of = of.trim_end_matches([')', ']']);
    let (number, of) = (count(number)?, if of.is_empty() { None } else { Some(count(of)?) });
    of.is_none_or(|of| number <= of && of > 1).then_some((number, of))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        posts(text).into_iter().map(|span| &text[span.range()]).collect()
    }

    #[test]
    fn threads_are_cut_into_their_posts() {
        assert_eq!(cut("1/2 Up.\n2/2 Down."), ["1/2 Up.", "2/2 Down."]);
        assert_eq!(
            cut("🧵 1/3 Up.\n\n2/3 And.\nOn.\n3/3 Down."),
            ["🧵 1/3 Up.", "2/3 And.\nOn.", "3/3 Down."]
        );
        assert_eq!(cut("A thread.\n1/ Up\n2/ Down"), ["A thread.\n1/ Up", "2/ Down"]);
        assert_eq!(cut("Up (1/2)\nDown (2/2)"), ["Up (1/2)", "Down (2/2)"]);
        assert_eq!(
            cut("Please share 1/2. It is cold.\n2/2 Bye."),
            ["Please share 1/2. It is cold.", "2/2 Bye."]
        );
    }

    #[test]
    fn what_is_no_thread_is_one_post() {
        for text in [
            "",
            "2/3 of homes are warm.\n1/3 is not.",
            "Open 1/6 to 2/6.",
            "1/2 a cup of flour\n3/4 of milk",
            "1/3 Up.\n2/3 And on.",
            "and/or\n1/1 done",
            "1/2 term starts\n2/12 it ends",
        ] {
            assert_eq!(cut(text), [text]);
        }
    }
}
