//! How a suppression is written in a comment.

use jiff::civil::Date;

use crate::dates;
use crate::text::Span;

/// What a comment asks for. Spans are bytes of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Whether it is about the whole file.
    pub whole_file: bool,
    /// The rules it names, as written.
    pub rules: Vec<Span>,
    /// The reason, if one is given.
    pub reason: Option<Span>,
    /// Who answers for it.
    pub owner: Option<Span>,
    /// The last day on which it holds, and where that is written.
    pub until: Option<(Date, Span)>,
}

/// Why a comment cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// In one sentence, without words of the comment.
    pub message: &'static str,
    pub span: Span,
}

const NO_VERB: &str = "this comment says neither `allow` nor `allow-file`";
const NO_RULE: &str = "this suppression names no rule";
const NO_COMMA: &str = "rules are parted by commas, and ` -- ` stands before the reason";
const NOT_LAST: &str =
    "`(owner: …, until: …)` must be the last thing in a suppression, behind the reason";
const NO_KEY: &str = "only `owner` and `until` can stand in the brackets behind a reason";
const TWICE: &str = "this says `owner` or `until` a second time";
const NO_VALUE: &str = "this says `owner` or `until` and leaves out what";
const NO_DAY: &str = "the last day of a suppression is written as `2027-03-31`";

/// Reads the content of a comment, from the name `probity` on.
pub(super) fn parse(content: &str) -> Result<Request, Malformed> {
    let all = Span::new(0, content.len());
    let fail = |message: &'static str, span: Span| Err(Malformed { message, span });
    let Some(colon) = content.find(':') else { return fail(NO_VERB, all) };
    if !content[..colon].trim().eq_ignore_ascii_case("probity") {
        return fail(NO_VERB, all);
    }
    let verb = first_word(content, colon + 1);
    let whole_file = match &content[verb.range()] {
        "allow" => false,
        "allow-file" => true,
        "" => return fail(NO_VERB, all),
        _ => return fail(NO_VERB, verb),
    };
    let (names, reason) = match separator(content, verb.end) {
        Some(dash) => (Span::new(verb.end, dash.start), Some(Span::new(dash.end, content.len()))),
        None => (Span::new(verb.end, content.len()), None),
    };
    let mut rules = Vec::new();
    let mut at = names.start;
    for name in content[names.range()].split(',') {
        let span = trimmed(content, Span::new(at, at + name.len()));
        at += name.len() + 1;
        if content[span.range()].contains(char::is_whitespace) {
            return fail(NO_COMMA, span);
        }
        if !span.is_empty() {
            rules.push(span);
        }
    }
    if rules.is_empty() {
        return fail(NO_RULE, all);
    }
    let mut request = Request { whole_file, rules, reason: None, owner: None, until: None };
    if let Some(reason) = reason {
        behind_dash(content, trimmed(content, reason), &mut request)?;
    }
    Ok(request)
}

/// The reason, and who and until when.
fn behind_dash(content: &str, whole: Span, request: &mut Request) -> Result<(), Malformed> {
    let mut reason = whole;
    let text = &content[whole.range()];
    // A full stop behind the brackets changes nothing.
    let closed = text.trim_end_matches(['.', ';', ' ']);
    let group = if closed.ends_with(')') { closed.rfind('(') } else { None };
    if let Some(open) = group {
        let inner = Span::new(whole.start + open + 1, whole.start + closed.len() - 1);
        if is_group(&content[inner.range()]) {
            self::group(content, inner, request)?;
            reason = trimmed(content, Span::new(whole.start, whole.start + open));
        }
    }
    if request.until.is_none() {
        reason = trailing_day(content, reason, request)?;
    }
    // An end that nobody reads would be an end that never comes.
    let text = content[reason.range()].to_lowercase();
    if text.contains("until:") || text.contains("owner:") {
        return Err(Malformed { message: NOT_LAST, span: reason });
    }
    if content[reason.range()].contains(char::is_alphanumeric) {
        request.reason = Some(reason);
    }
    Ok(())
}

/// Whether what stands in brackets is meant to say who and until when.
fn is_group(inner: &str) -> bool {
    inner.split(',').any(|item| {
        let key = item.split_once(':').map(|(key, _)| key.trim().to_lowercase());
        key.is_some_and(|key| {
            !key.contains(' ')
                && crate::syntax::nearest(&key, ["owner", "until"]).is_some_and(|_| key.len() > 3)
        })
    })
}

/// Reads `owner: press office, until: 2027-03-31`. A comma may stand in a value.
fn group(content: &str, inner: Span, request: &mut Request) -> Result<(), Malformed> {
    let fail = |message: &'static str, span: Span| Err(Malformed { message, span });
    let mut items: Vec<(Span, Span)> = Vec::new();
    let mut at = inner.start;
    for item in content[inner.range()].split(',') {
        let span = trimmed(content, Span::new(at, at + item.len()));
        at += item.len() + 1;
        let text = &content[span.range()];
        match (text.split_once(':'), items.last_mut()) {
            (Some((key, _)), _) => {
                let value = Span::new(span.start + key.len() + 1, span.end);
                let key = trimmed(content, Span::new(span.start, span.start + key.len()));
                items.push((key, trimmed(content, value)));
            }
            (None, Some((key, value))) if content[key.range()].eq_ignore_ascii_case("owner") => {
                value.end = span.end;
            }
            (None, _) => return fail(NO_KEY, span),
        }
    }
    for (key, value) in items {
        let name = content[key.range()].to_ascii_lowercase();
        let known = match name.as_str() {
            "owner" => request.owner.is_some(),
            "until" => request.until.is_some(),
            _ => return fail(NO_KEY, key),
        };
        if known {
            return fail(TWICE, key);
        }
        if !content[value.range()].contains(char::is_alphanumeric) {
            return fail(NO_VALUE, key);
        }
        if name == "owner" {
            request.owner = Some(value);
        } else {
            let Some(day) = iso_day(&content[value.range()]) else { return fail(NO_DAY, value) };
            request.until = Some((day, value));
        }
    }
    Ok(())
}

/// A reason may end with the last day: `agreed line, until 2027-03-31`.
fn trailing_day(content: &str, reason: Span, request: &mut Request) -> Result<Span, Malformed> {
    let text = &content[reason.range()];
    let Some(at) = text.to_ascii_lowercase().rfind("until") else { return Ok(reason) };
    let parted = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    let behind = &text[at + "until".len()..];
    if !parted || !behind.starts_with(char::is_whitespace) {
        return Ok(reason);
    }
    let start = reason.start + at + "until".len();
    let day = trimmed(content, Span::new(start, reason.end));
    let written = content[day.range()].trim_end_matches('.');
    if let Some(until) = iso_day(written) {
        request.until = Some((until, Span::new(day.start, day.start + written.len())));
        let before = text[..at].trim_end().trim_end_matches([',', ';']).trim_end();
        return Ok(Span::new(reason.start, reason.start + before.len()));
    }
    // Something else that is a day is an end, too, and not to be passed over; so is one that
    // no calendar has, such as the 31st of November.
    if is_like_day(written) || dates::readings(written).next().is_some() {
        return Err(Malformed { message: NO_DAY, span: day });
    }
    Ok(reason)
}

/// Whether this is written as a day or month is in numbers: some of them with a year, or
/// three. `1.2` is a version.
fn is_like_day(written: &str) -> bool {
    let parts: Vec<&str> = written.split(['-', '/', '.']).collect();
    let are_numbers =
        parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let has_year = parts.iter().any(|part| part.len() == 4);
    are_numbers && (has_year && parts.len() > 1 || parts.len() == 3 && !written.contains('.'))
}

/// A day as `2027-03-31` and in no other way.
pub fn iso_day(written: &str) -> Option<Date> {
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    (written.len() == 10 && written.bytes().enumerate().all(shape))
        .then(|| written.parse().ok())
        .flatten()
}

/// The dash between rules and reason: two hyphens, or the dash that word processors
/// make of them, behind white space.
fn separator(content: &str, from: usize) -> Option<Span> {
    let rest = &content[from..];
    let mut before = ' ';
    for (at, c) in rest.char_indices() {
        let dash = match c {
            '-' if rest[at..].starts_with("--") => {
                rest[at..].len() - rest[at..].trim_start_matches('-').len()
            }
            '\u{2013}' | '\u{2014}' => c.len_utf8(),
            _ => 0,
        };
        if dash > 0 && before.is_whitespace() {
            return Some(Span::new(from + at, from + at + dash));
        }
        before = c;
    }
    None
}

fn first_word(content: &str, from: usize) -> Span {
    let rest = &content[from..];
    let word = rest.trim_start();
    let start = from + (rest.len() - word.len());
    let len = word.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(word.len());
    Span::new(start, start + len)
}

fn trimmed(content: &str, span: Span) -> Span {
    let text = &content[span.range()];
    let start = span.start + (text.len() - text.trim_start().len());
    Span::new(start, (span.start + text.trim_end().len()).max(start))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `verb rules | reason | owner | until`, or the fault and its place.
    fn shown(content: &str) -> String {
        match parse(content) {
            Err(Malformed { message, span }) => format!("! {message} @ {}", &content[span.range()]),
            Ok(request) => {
                let text = |span: Span| content[span.range()].to_owned();
                let rules: Vec<_> = request.rules.iter().map(|&span| text(span)).collect();
                format!(
                    "{}{} | {} | {} | {}",
                    if request.whole_file { "file " } else { "" },
                    rules.join(" "),
                    request.reason.map(text).unwrap_or_default(),
                    request.owner.map(text).unwrap_or_default(),
                    request.until.map(|(day, _)| day.to_string()).unwrap_or_default()
                )
            }
        }
    }

    #[test]
    fn suppressions_are_read() {
        for (content, expected) in [
            ("probity: allow a/b -- agreed", "a/b | agreed |  | "),
            ("Probity:allow a/b,c/d -- x", "a/b c/d | x |  | "),
            ("probity: allow-file csc -- x\n  y", "file csc | x\n  y |  | "),
            (
                "probity: allow a/b -- agreed line (owner: press office, Leeds, until: 2027-03-31)",
                "a/b | agreed line | press office, Leeds | 2027-03-31",
            ),
            ("probity: allow a/b -- x (until: 2027-03-31).", "a/b | x |  | 2027-03-31"),
            (
                "probity: allow a/b -- agreed line, press office, until 2027-03-31",
                "a/b | agreed line, press office |  | 2027-03-31",
            ),
            ("probity: allow a/b -- x until 2027-03-31 (owner: y)", "a/b | x | y | 2027-03-31"),
            ("probity: allow a/b -- wait until Easter", "a/b | wait until Easter |  | "),
            ("probity: allow a/b -- see (note 3: x)", "a/b | see (note 3: x) |  | "),
            ("probity: allow a/b — é😀x", "a/b | é😀x |  | "),
            ("probity: allow a/b – x -- y", "a/b | x -- y |  | "),
            ("probity: allow a/b", "a/b |  |  | "),
            ("probity: allow a/b -- ?!", "a/b |  |  | "),
            ("probity: allow a/b -- (owner: x)", "a/b |  | x | "),
            ("probity: allow a/b -- until 2027-03-31", "a/b |  |  | 2027-03-31"),
        ] {
            assert_eq!(shown(content), expected, "{content}");
        }
    }

    #[test]
    fn what_cannot_be_understood_has_its_place() {
        for (content, expected, place) in [
            ("probity: ignore a/b -- x", NO_VERB, "ignore"),
            ("probity allow a/b", NO_VERB, "probity allow a/b"),
            ("probity:", NO_VERB, "probity:"),
            ("probity: allow -- x", NO_RULE, "probity: allow -- x"),
            ("probity: allow a/b because", NO_COMMA, "a/b because"),
            ("probity: allow a/b, c/d e -- x", NO_COMMA, "c/d e"),
            ("probity: allow a/b -- x (untl: 2027-03-31)", NO_KEY, "untl"),
            ("probity: allow a/b -- x (owner: y, why: z)", NO_KEY, "why"),
            ("probity: allow a/b -- x (until: 2027-02-30)", NO_DAY, "2027-02-30"),
            ("probity: allow a/b -- x (until: 31/03/2027)", NO_DAY, "31/03/2027"),
            ("probity: allow a/b -- x until 31 March 2027", NO_DAY, "31 March 2027"),
            ("probity: allow a/b -- (until: 2027-03-31) x", NOT_LAST, "(until: 2027-03-31) x"),
            ("probity: allow a/b -- x (owner: )", NO_VALUE, "owner"),
            ("probity: allow a/b -- x (owner: a, owner: b)", TWICE, "owner"),
        ] {
            assert_eq!(shown(content), format!("! {expected} @ {place}"), "{content}");
        }
    }

    proptest! {
        #[test]
        fn any_comment_is_read(
            parts in prop::collection::vec(prop::sample::select(vec![
                "probity", ":", " ", "allow", "-file", "a/b", ",", "--", "—", "é😀", "(", ")",
                "owner", "until", "2027-03-31", "\n", "İ", "ẞ", ".", "-",
            ]), 0..16),
            text in "\\PC{0,20}",
        ) {
            for content in [parts.concat(), format!("probity: allow a/b -- {}", parts.concat()), text] {
                let _ = shown(&content);
            }
        }
    }
}
