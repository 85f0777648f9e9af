//! The phrases of a pack: words, with slots for what may vary.
//!
//! | written | means |
//! |---|---|
//! | `white paper` | these words, in any case, across line breaks and hyphens |
//! | `Polish` | a capital in the phrase must be a capital in the text |
//! | `(is\|was\|are)` | one of these |
//! | `is (a\|an)? member` | the group may be missing; so may a slot, a mark or a letter before `?` |
//! | `canvass(es\|ed\|ing)?` | a group inside a word |
//! | `<place>` | any entry of the list `place` |
//! | `<T>` | the words the rule has found (in cues and shields) |
//! | `<Cap>` `<num>` `<handle>` `<link>` | a word with a capital, a number, `@name`, a link |
//! | `_` `_{0,3}` | any one word, up to three words |
//! | `<adjective>{0,2}` | up to two entries of a list |
//! | `^` `$` | start or end of a sentence, line or label |
//! | `!word` `!<list>` | at an end of the phrase: the next word is not this |
//! | `@name` `@*` `domain:gov.uk` `domain:*` `#Tag` `#vote<party>` | handles, links, hashtags |
//! | `\(` | a sign that is meant literally |

use std::borrow::Cow;

use super::spell::{any_of, atoms, check_order, expand, gather, is_straight, straight, words};
use crate::text::{Folded, Span, is_word_char};

/// How many ways one phrase may be spelled out; more is a slip of the author.
pub(super) const MOST_SPELLINGS: usize = 2_000;

/// Longest gap, in words, that `_{m,n}` may span.
const LONGEST_GAP: usize = 12;

/// What a phrase stands for once its groups are spelled out. It borrows from the phrase
/// as it is written: engines read tens of thousands of them at each start.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Phrase<'t> {
    /// Words in a row.
    Words(Vec<Atom<'t>>),
    /// `@name` in lower case without the `@`; `None` for any handle.
    Handle(Option<String>),
    /// A link whose host is this or ends in it; `None` for any link.
    Domain(Option<String>),
    /// A hashtag, compared without case and without `_`.
    Tag {
        /// Letters before the slot.
        before: String,
        /// A list whose entries may stand in the middle.
        slot: Option<&'t str>,
        /// Letters after the slot.
        after: String,
        /// Whether any hashtag will do.
        any: bool,
    },
}

/// One step of a phrase.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Atom<'t> {
    /// A word, folded, with the places (bytes of the folded word) that must be
    /// capitals in the text.
    Word {
        /// The folded word.
        folded: Cow<'t, str>,
        /// Places of capitals.
        capitals: Vec<u16>,
    },
    /// One of several words, each as in `Word`.
    AnyOf(Vec<(Cow<'t, str>, Vec<u16>)>),
    /// One of several phrases.
    Group(Vec<Vec<Atom<'t>>>),
    /// A step that may be missing, or stand several times in a row.
    UpTo {
        /// The step.
        step: Box<Atom<'t>>,
        /// How often at most.
        most: usize,
    },
    /// A punctuation mark, folded.
    Mark(char),
    /// An entry of a list.
    Slot(&'t str),
    /// The words the rule has found.
    Hit,
    /// Any words.
    Gap {
        /// At least so many.
        least: usize,
        /// At most so many.
        most: usize,
    },
    /// A word that starts with a capital.
    Capitalised,
    /// A number.
    Number,
    /// A handle such as `@name`.
    Handle,
    /// A link.
    Link,
    /// The start of a sentence, line, label or list item.
    Start,
    /// The end of one.
    End,
    /// Not this word next (or before, at the front of a phrase).
    NotWord(Cow<'t, str>),
    /// Not an entry of this list next (or before).
    NotSlot(&'t str),
}

/// What is wrong with a phrase, and where (bytes of the phrase).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhraseFault {
    /// Bytes of the phrase.
    pub span: Span,
    /// In one line.
    pub message: String,
}

/// Reads a phrase and spells out its groups.
pub fn parse(written: &str) -> Result<Vec<Phrase<'_>>, PhraseFault> {
    let whole = Span::new(0, written.len());
    let fault = |message: &str| PhraseFault { span: whole, message: message.into() };
    let trimmed = written.trim();
    if let Some(name) = trimmed.strip_prefix('@') {
        return match name {
            "*" => Ok(vec![Phrase::Handle(None)]),
            _ if !name.is_empty() && !name.contains(char::is_whitespace) => {
                Ok(vec![Phrase::Handle(Some(name.to_lowercase()))])
            }
            _ => Err(fault("a handle is `@` and a name without spaces")),
        };
    }
    if let Some(host) = trimmed.strip_prefix("domain:") {
        let host = host.trim().trim_start_matches("www.").to_lowercase();
        return match host.as_str() {
            "*" => Ok(vec![Phrase::Domain(None)]),
            _ if host.is_empty() || host.contains(['/', ' ', ':']) => {
                Err(fault("a domain is a host name such as `gov.uk`, without `https://` or a path"))
            }
            _ => Ok(vec![Phrase::Domain(Some(host))]),
        };
    }
    if trimmed.starts_with('#') && trimmed.len() > 1 {
        return tag(&trimmed[1..]).ok_or_else(|| {
            fault("a hashtag is `#` and letters, with at most one `<list>` among them")
        });
    }
    // Most entries of a list are plain words.
    if is_plain(trimmed.as_bytes()) && !trimmed.is_empty() {
        return Ok(vec![Phrase::Words(words(trimmed).collect())]);
    }
    let mut parser = Parser { text: written, at: 0 };
    let sequence = parser.sequence(0)?;
    if is_straight(&sequence) {
        let atoms = straight(sequence).map_err(fault)?;
        check_order(&atoms).map_err(fault)?;
        return Ok(vec![Phrase::Words(atoms)]);
    }
    let mut spellings = vec![Vec::new()];
    expand(&sequence, &mut spellings).map_err(|()| PhraseFault {
        span: whole,
        message: format!("this phrase can be spelled in more than {MOST_SPELLINGS} ways"),
    })?;
    let mut phrases = Vec::with_capacity(spellings.len());
    for pieces in spellings {
        let atoms = atoms(pieces).map_err(fault)?;
        check_order(&atoms).map_err(fault)?;
        phrases.push(Phrase::Words(atoms));
    }
    phrases.dedup();
    Ok(phrases)
}

/// A value of a fact that names phrases, written as a phrase: handles, links and
/// hashtags have their sign, anything else is plain words.
pub fn of_fact(word: &str) -> Cow<'_, str> {
    if word.starts_with(['@', '#']) || word.starts_with("domain:") {
        return Cow::Borrowed(word);
    }
    let mut literal = String::with_capacity(word.len());
    for c in word.chars() {
        if matches!(c, '(' | ')' | '|' | '<' | '{' | '}' | '?' | '!' | '^' | '$' | '_' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    Cow::Owned(literal)
}

/// Whether there is nothing but ASCII letters, digits and spaces.
pub(super) fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| *byte == b' ' || byte.is_ascii_alphanumeric())
}

fn tag(name: &str) -> Option<Vec<Phrase<'_>>> {
    let plain = |text: &str| -> Option<String> {
        text.chars().all(is_word_char).then(|| text.to_lowercase().replace('_', ""))
    };
    if name == "*" {
        let any =
            Phrase::Tag { before: String::new(), slot: None, after: String::new(), any: true };
        return Some(vec![any]);
    }
    let (before, slot, after) = match name.split_once('<') {
        None => (plain(name)?, None, String::new()),
        Some((before, rest)) => {
            let (slot, after) = rest.split_once('>')?;
            (plain(before)?, Some(slot), plain(after)?)
        }
    };
    Some(vec![Phrase::Tag { before, slot, after, any: false }])
}

#[derive(Clone, Debug)]
pub(super) enum Node<'t> {
    Text(&'t str),
    Space,
    Special(Atom<'t>),
    OneOf(Vec<Vec<Node<'t>>>),
    Repeat(Box<Node<'t>>, usize, usize),
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn fault<T>(&self, from: usize, message: impl Into<String>) -> Result<T, PhraseFault> {
        let end = self.at.max(from + 1).min(self.text.len());
        let span = Span::new(from.min(end), self.text.ceil_char_boundary(end));
        Err(PhraseFault { span, message: message.into() })
    }

    /// Reads up to the end, or up to `|` or `)` inside a group.
    fn sequence(&mut self, depth: usize) -> Result<Vec<Node<'t>>, PhraseFault> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            let from = self.at;
            match c {
                '|' | ')' if depth > 0 => break,
                ')' => {
                    return self
                        .fault(from, "this `)` closes nothing; write `\\)` for the sign itself");
                }
                '|' => {
                    return self
                        .fault(from, "`|` belongs inside `( )`; write `\\|` for the sign itself");
                }
                '(' => {
                    let alone = depth == 0 && matches!(nodes.last(), None | Some(Node::Space));
                    let step = if alone { self.plain_group() } else { None };
                    nodes.push(match step {
                        Some(step) => Node::Special(step),
                        None => self.group(depth)?,
                    });
                }
                '<' => nodes.push(Node::Special(self.slot()?)),
                '!' if starts_word(&nodes) => {
                    self.bump();
                    nodes.push(Node::Special(self.negation()?));
                }
                '_' if starts_word(&nodes) => {
                    self.bump();
                    nodes.push(Node::Special(Atom::Gap { least: 1, most: 1 }));
                }
                '^' => {
                    self.bump();
                    nodes.push(Node::Special(Atom::Start));
                }
                '$' if self.text[self.at + 1..].trim_start().is_empty()
                    || self.text[self.at + 1..].starts_with(['|', ')']) =>
                {
                    self.bump();
                    nodes.push(Node::Special(Atom::End));
                }
                '?' => {
                    self.bump();
                    match nodes.pop() {
                        Some(node @ (Node::OneOf(_) | Node::Special(_))) => {
                            nodes.push(Node::Repeat(Box::new(node), 0, 1));
                        }
                        Some(Node::Text(text)) if !text.is_empty() => {
                            let last = text.floor_char_boundary(text.len() - 1);
                            let (text, last) = text.split_at(last);
                            if !text.is_empty() {
                                nodes.push(Node::Text(text));
                            }
                            nodes.push(Node::Repeat(Box::new(Node::Text(last)), 0, 1));
                        }
                        _ => return self.fault(from, "`?` follows what may be missing: a letter, a mark, a `( )` or a `< >`; write `\\?` for the sign itself"),
                    }
                }
                '{' => self.repeat(&mut nodes)?,
                c if c.is_whitespace() => {
                    self.bump();
                    nodes.push(Node::Space);
                }
                _ => nodes.push(Node::Text(self.plain()?)),
            }
        }
        // Only here is it known what stands beside a group.
        if depth == 0 {
            gather(&mut nodes);
        }
        Ok(nodes)
    }

    /// A word, or one sign.
    fn plain(&mut self) -> Result<&'t str, PhraseFault> {
        let from = self.at;
        while let Some(c) = self.peek() {
            if is_word_char(c) && (c != '_' || self.at > from) {
                self.bump();
                continue;
            }
            if self.at > from {
                break;
            }
            self.check_passed_over()?;
            self.bump();
            if c == '\\' {
                self.check_passed_over()?;
                let sign = self.at;
                if self.bump().is_none() {
                    return self.fault(from, "`\\` stands before the sign it keeps literal");
                }
                return Ok(&self.text[sign..self.at]);
            }
            break;
        }
        Ok(&self.text[from..self.at])
    }

    /// A group of nothing but plain words that stands between two spaces, as most do, or
    /// before `?`: the step that [`gather`] would make of it.
    fn plain_group(&mut self) -> Option<Atom<'t>> {
        let inner = &self.text[self.at + 1..];
        let len = inner.bytes().position(|byte| byte != b'|' && !is_plain(&[byte]))?;
        let mut behind = inner[len..].strip_prefix(')')?;
        behind = behind.strip_prefix('?').unwrap_or(behind);
        if !behind.is_empty() && !behind.starts_with(char::is_whitespace) {
            return None;
        }
        let step = any_of(&inner[..len])?;
        self.at += len + 2;
        Some(step)
    }

    /// A mark that folding leaves out, standing by itself, could never match.
    fn check_passed_over(&self) -> Result<(), PhraseFault> {
        let quote = |c: char| matches!(c, '"' | '*' | '“' | '”' | '«' | '»');
        let sticks = |c: Option<char>| c.is_some_and(|c| is_word_char(c) || quote(c));
        let before = self.text[..self.at].chars().next_back();
        let mut behind = self.text[self.at..].chars();
        match behind.next() {
            Some(c) if quote(c) && !sticks(before) && !sticks(behind.next()) => Err(PhraseFault {
                span: Span::new(self.at, self.at + c.len_utf8()),
                message: "quotation marks and `*` are passed over, so a phrase cannot ask for them"
                    .into(),
            }),
            _ => Ok(()),
        }
    }

    fn group(&mut self, depth: usize) -> Result<Node<'t>, PhraseFault> {
        let from = self.at;
        if depth > 8 {
            return self.fault(from, "groups are nested too deep");
        }
        self.bump();
        let mut ways = Vec::new();
        loop {
            ways.push(self.sequence(depth + 1)?);
            match self.bump() {
                Some('|') => {}
                Some(')') => return Ok(Node::OneOf(ways)),
                _ => {
                    self.at = from + 1;
                    return self
                        .fault(from, "this `(` is never closed; write `\\(` for the sign itself");
                }
            }
        }
    }

    fn slot(&mut self) -> Result<Atom<'t>, PhraseFault> {
        let from = self.at;
        let rest: &'t str = &self.text[from + 1..];
        let Some(len) = rest.find('>') else {
            self.at = from + 1;
            return self.fault(from, "this `<` is never closed; write `\\<` for the sign itself");
        };
        let name = &rest[..len];
        self.at = from + len + 2;
        match name {
            "T" => Ok(Atom::Hit),
            "Cap" => Ok(Atom::Capitalised),
            "num" => Ok(Atom::Number),
            "handle" => Ok(Atom::Handle),
            "link" => Ok(Atom::Link),
            _ if is_list_name(name) => Ok(Atom::Slot(name)),
            _ => self.fault(from, format!("`{name}` cannot be the name of a list (small letters, digits and `-`); the fixed slots are <T>, <Cap>, <num>, <handle> and <link>")),
        }
    }

    fn negation(&mut self) -> Result<Atom<'t>, PhraseFault> {
        let from = self.at;
        match self.peek() {
            Some('<') => match self.slot()? {
                Atom::Slot(name) => Ok(Atom::NotSlot(name)),
                _ => self.fault(from, "`!` stands before a word or a list"),
            },
            Some(c) if is_word_char(c) => {
                let word = self.plain()?;
                let small = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
                Ok(Atom::NotWord(if small {
                    Cow::Borrowed(word)
                } else {
                    Cow::Owned(Folded::new(word).text().to_owned())
                }))
            }
            _ => self.fault(
                from.saturating_sub(1),
                "`!` stands before a word or a list; write `\\!` for the sign itself",
            ),
        }
    }

    fn repeat(&mut self, nodes: &mut Vec<Node<'t>>) -> Result<(), PhraseFault> {
        let from = self.at;
        let rest = &self.text[from + 1..];
        let bounds = rest.find('}').and_then(|len| {
            self.at = from + len + 2;
            let (least, most) = rest[..len].split_once(',')?;
            Some((least.trim().parse::<usize>().ok()?, most.trim().parse::<usize>().ok()?))
        });
        let Some((least, most)) =
            bounds.filter(|(least, most)| least <= most && *most <= LONGEST_GAP)
        else {
            return self
                .fault(from, format!("a repeat is written `{{0,3}}`, at most {LONGEST_GAP}"));
        };
        match nodes.pop() {
            Some(Node::Special(Atom::Gap { .. })) => {
                nodes.push(Node::Special(Atom::Gap { least, most }));
                Ok(())
            }
            Some(
                node @ (Node::OneOf(_)
                | Node::Special(
                    Atom::Slot(_) | Atom::Capitalised | Atom::AnyOf(_) | Atom::Group(_),
                )),
            ) => {
                nodes.push(Node::Repeat(Box::new(node), least, most));
                Ok(())
            }
            _ => self.fault(from, "`{ }` follows `_`, a `( )` or a `< >`"),
        }
    }
}

/// Whether the next character would start a word.
fn starts_word(nodes: &[Node<'_>]) -> bool {
    !matches!(nodes.last(), Some(Node::Text(text)) if text.chars().next_back().is_some_and(is_word_char))
}

fn is_list_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(phrase: &Phrase<'_>) -> String {
        let Phrase::Words(atoms) = phrase else { return format!("{phrase:?}") };
        let parts: Vec<_> = atoms
            .iter()
            .map(|atom| match atom {
                Atom::Word { folded, capitals } if capitals.is_empty() => folded.to_string(),
                Atom::Word { folded, capitals } => format!("{folded}{capitals:?}"),
                Atom::AnyOf(words) => {
                    words.iter().map(|(word, _)| &**word).collect::<Vec<_>>().join("|")
                }
                Atom::Group(ways) => ways
                    .iter()
                    .map(|way| show(&Phrase::Words(way.clone())))
                    .collect::<Vec<_>>()
                    .join("|"),
                Atom::UpTo { step, most } => {
                    format!("[{}]{most}", show(&Phrase::Words(vec![(**step).clone()])))
                }
                Atom::Mark(c) => c.to_string(),
                Atom::Slot(name) => format!("<{name}>"),
                Atom::Hit => "<T>".into(),
                Atom::Gap { least, most } => format!("_{{{least},{most}}}"),
                Atom::Capitalised => "<Cap>".into(),
                Atom::Number => "<num>".into(),
                Atom::Handle => "<handle>".into(),
                Atom::Link => "<link>".into(),
                Atom::Start => "^".into(),
                Atom::End => "$".into(),
                Atom::NotWord(word) => format!("!{word}"),
                Atom::NotSlot(name) => format!("!<{name}>"),
            })
            .collect();
        parts.join(" ")
    }

    fn check(written: &str, expected: &[&str]) {
        let found: Vec<_> = parse(written).unwrap().iter().map(show).collect();
        assert_eq!(found, expected, "{written}");
    }

    #[test]
    fn phrases_are_spelled_out() {
        check("white paper", &["white paper"]);
        check("Polish-born", &["polish[0] born"]);
        check("canvass(es|ed|ing)?", &["canvass|canvassed|canvasses|canvassing"]);
        check("is (a|an)? <T>", &["is [a|an]1 <T>"]);
        check("(sounds?|looks) <T>", &["looks|sound|sounds <T>"]);
        check("(kick them|throw them) out", &["kick them|throw them out"]);
        check("isn’t <T>", &["isn 't <T>"]);
        check("attends (the)? <place>", &["attends [the]1 <place>"]);
        check("shop(keepers?| keepers?)", &["shopkeeper|shopkeepers|shop keeper|shop keepers"]);
        check("(<adj>{0,2} kids?|shop(girl)?)", &["[<adj>]2 kid|kids|shop|shopgirl"]);
        check("mothers? of", &["mother|mothers of"]);
        check("^ <adj>{0,2} <T> , mid", &["^ [<adj>]2 <T> , mid"]);
        check("<adj>{1,3} <T>", &["<adj> [<adj>]2 <T>"]);
        check("<T>('s)? (x)?wife$", &["<T> wife|xwife $", "<T> 's wife|xwife $"]);
        check("say _{0,3} but", &["say _{0,3} but"]);
        check("<T> !school", &["<T> !school"]);
        check("'s", &["'s"]);
        check("<T>-born", &["<T> born"]);
        check("half-<T>", &["half <T>"]);
        check("<T>'s (wife|party)", &["<T> 's party|wife"]);
        check("^ <T>, mid", &["^ <T> , mid"]);
        check(r"\(U//FOUO\)", &["( u[0] / / fouo[0, 1, 2, 3] )"]);
        check("Jehovah's Witness", &["jehovah[0] 's witness[0]"]);
        check("Religion :", &["religion[0] :"]);
    }

    #[test]
    fn handles_links_and_tags_are_their_own_kind() {
        check("@UKLabour", &["Handle(Some(\"uklabour\"))"]);
        check("domain:www.GOV.uk", &["Domain(Some(\"gov.uk\"))"]);
        assert!(matches!(&parse("#Vote<party>").unwrap()[..],
            [Phrase::Tag { before, slot: Some(slot), .. }] if before == "vote" && *slot == "party"));
    }

    #[test]
    fn signs_that_touch_words_lose_no_word() {
        check("^foo bar", &["^ foo bar"]);
        check("bar foo$", &["bar foo $"]);
        check("!no foo", &["!no foo"]);
        check("'tis the season", &["tis the season"]);
        assert!(parse("two <animal>s").unwrap_err().message.contains("whole words"));
        assert!(parse("pre<T>").unwrap_err().message.contains("whole words"));
        assert!(parse("say _{0,3}but").unwrap_err().message.contains("whole words"));
    }

    #[test]
    fn faults_name_their_place() {
        let fault = |written: &str| {
            let fault = parse(written).unwrap_err();
            (fault.span.start, fault.message)
        };
        assert_eq!(fault("a (b").0, 2);
        assert_eq!(fault("a <b").0, 2);
        assert_eq!(fault("a) b").0, 1);
        assert!(fault("a <Place> b").1.contains("cannot be the name"));
        assert!(fault("_ a").1.contains("between words"));
        assert!(fault("a !b c").1.contains('!'));
        assert!(
            fault("(a|b|c|d|e|f|g)(a|b|c|d|e|f|g)(a|b|c|d|e|f|g)(a|b|c|d|e|f|g)")
                .1
                .contains("more than")
        );
        assert!(fault("").1.contains("no words"));
        assert!(fault("the * mark").1.contains("passed over"));
        assert!(fault(r"(a|\*) b").1.contains("passed over"));
    }
}
