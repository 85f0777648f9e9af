//! Which values of front matter and data files are published text: by the keys that
//! lead to them.

use std::borrow::Cow;

use crate::record::bare_name;

/// Keys whose values people read, in front matter and in data files, without letter
/// case, spaces, `_` and `-`.
#[rustfmt::skip]
const TEXT_KEYS: &[&str] = &[
    "title", "linktitle", "subtitle", "heading", "headline", "description", "metadescription",
    "summary", "excerpt", "abstract", "lead", "lede", "intro", "teaser", "tagline", "alt",
    "imagealt", "alttext", "imagealttext", "imagedescription", "caption", "imagecaption",
    "seotitle", "seodescription", "metatitle", "ogtitle", "ogdescription", "twittertitle",
    "twitterdescription", "socialtitle", "socialdescription", "socialtext", "sharetext", "tweet",
    "post", "firstcomment", "btnlabel", "buttonlabel", "buttontext",
];

/// Keys whose values people read in data files. In front matter they mean too many
/// other things.
#[rustfmt::skip]
const DATA_KEYS: &[&str] = &[
    "text", "body", "content", "message", "copy", "posttext", "tweettext", "comment", "quote",
    "question", "answer", "transcript", "arialabel", "blurb", "standfirst", "strapline",
    "linktext",
];

/// Keys that are for programs and translators where all others hold words of a site.
const NO_TRANSLATION: &[&str] = &["id", "description", "hash", "leftdelim", "rightdelim"];

/// A step on the way from the top of a file to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'p> {
    /// The value of a key.
    Key(&'p str),
    /// An item of a list, from 0.
    Item(usize),
}

/// What a step of a pattern takes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// A key; `*` in it stands for any letters. Bare, as [`bare_name`] makes it.
    Key(String),
    /// An item, or any.
    Item(Option<usize>),
    /// Any steps, and none.
    Any,
}

/// A pattern of keys: `title`, `posts[*].text`, `**.alt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyPattern(Vec<Part>);

impl KeyPattern {
    /// Reads a pattern. There is none that cannot be read: what is no `*` and no item
    /// is a key.
    pub fn new(written: &str) -> Self {
        let mut parts = Vec::new();
        for segment in written.split('.') {
            let (key, items) = items_behind(segment.trim());
            match key {
                "" => {}
                "**" => parts.push(Part::Any),
                key => parts.push(Part::Key(bare_name(key))),
            }
            parts.extend(items.into_iter().map(Part::Item));
        }
        Self(parts)
    }

    /// Whether the value at the end of `path` is meant. Where the pattern names no item,
    /// a list stands for its items.
    pub fn takes(&self, path: &[Step]) -> bool {
        let parts = &self.0;
        // The parts that may come next, as a set.
        let mut next = vec![false; parts.len() + 1];
        next[0] = true;
        self.pass_any(&mut next);
        for step in path {
            let mut after = vec![false; parts.len() + 1];
            for at in (0..=parts.len()).filter(|&at| next[at]) {
                let part = parts.get(at);
                match (part, step) {
                    (Some(Part::Key(wanted)), Step::Key(key)) => {
                        after[at + 1] |= key_matches(wanted, &bare_name(key));
                    }
                    (Some(Part::Item(wanted)), Step::Item(item)) => {
                        after[at + 1] |= wanted.is_none_or(|wanted| wanted == *item);
                    }
                    (Some(Part::Any), _) | (_, Step::Item(_)) => after[at] = true,
                    _ => {}
                }
            }
            self.pass_any(&mut after);
            next = after;
        }
        next[parts.len()]
    }

    /// `**` may stand for nothing.
    fn pass_any(&self, next: &mut [bool]) {
        for (at, part) in self.0.iter().enumerate() {
            if next[at] && *part == Part::Any {
                next[at + 1] = true;
            }
        }
    }
}

/// What is wrong with the name of a column or a pattern of keys as somebody wrote it.
pub fn field_fault(written: &str) -> Option<String> {
    if written.trim().is_empty() {
        return Some("this names no column and no key".to_owned());
    }
    let mut open = 0_usize;
    let is_balanced = written.chars().all(|c| {
        match c {
            '[' => open += 1,
            ']' if open == 0 => return false,
            ']' => open -= 1,
            _ => {}
        }
        true
    });
    (!is_balanced || open > 0)
        .then(|| format!("the brackets of `{written}` do not match; write `posts[*].text`"))
}

/// A key and the `[…]` behind it.
fn items_behind(segment: &str) -> (&str, Vec<Option<usize>>) {
    let mut key = segment;
    let mut items = Vec::new();
    while let Some((before, item)) = key.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        match item {
            "*" | "" => items.push(None),
            digits if let Ok(item) = digits.parse() => items.push(Some(item)),
            _ => break,
        }
        key = before;
    }
    items.reverse();
    (key, items)
}

/// Whether a key is `wanted`, in which `*` stands for any letters.
fn key_matches(wanted: &str, key: &str) -> bool {
    let mut parts = wanted.split('*');
    let Some(mut rest) = parts.next().and_then(|first| key.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// What is asked for: which keys hold published text.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen {
    wanted: Vec<KeyPattern>,
    left_out: Vec<KeyPattern>,
    /// Keys that are taken wherever they stand.
    known: Vec<&'static [&'static str]>,
}

impl Chosen {
    /// For front matter: the keys that are known, and those asked for.
    pub fn front_matter(fields: &[String]) -> Self {
        let (wanted, left_out) = patterns(fields);
        Self { wanted, left_out, known: vec![TEXT_KEYS] }
    }

    /// For a data file: the keys asked for, else those that are known.
    pub fn data(fields: &[String]) -> Self {
        let (wanted, left_out) = patterns(fields);
        let known = if wanted.is_empty() { vec![TEXT_KEYS, DATA_KEYS] } else { Vec::new() };
        Self { wanted, left_out, known }
    }

    /// For a file of translations: the keys asked for, else all that hold words.
    pub fn translation(fields: &[String]) -> Self {
        let mut chosen = Self::data(fields);
        if !chosen.is_asked() {
            chosen.wanted.push(KeyPattern(vec![Part::Any]));
            let out = |key: &&str| KeyPattern(vec![Part::Any, Part::Key((*key).to_owned())]);
            chosen.left_out.extend(NO_TRANSLATION.iter().map(out));
        }
        chosen
    }

    /// Whether somebody named keys.
    pub fn is_asked(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Whether the value at the end of `path` is published text.
    pub fn takes(&self, path: &[Step]) -> bool {
        let last = path.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(bare_name(key)),
            Step::Item(_) => None,
        });
        let known = last.is_some_and(|last| {
            // `cover_alt`, `hero-image-alt`: of `…alt` only what is a word of its own.
            self.known.iter().any(|keys| keys.contains(&&*last))
                || (!self.known.is_empty() && ends_with_alt(path))
        });
        let taken = known || self.wanted.iter().any(|pattern| pattern.takes(path));
        taken && !self.left_out.iter().any(|pattern| pattern.takes(path))
    }
}

/// Whether the last key ends with the word `alt`.
fn ends_with_alt(path: &[Step]) -> bool {
    let last = path.iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(*key),
        Step::Item(_) => None,
    });
    last.is_some_and(|key| {
        key.strip_suffix("Alt").is_some_and(|rest| rest.ends_with(|c: char| c.is_lowercase()))
            || ["_alt", "-alt", "_alt_text", "-alt-text"].iter().any(|end| key.ends_with(end))
    })
}

/// The patterns asked for, and those behind a `!`.
fn patterns(fields: &[String]) -> (Vec<KeyPattern>, Vec<KeyPattern>) {
    let (out, wanted): (Vec<&String>, Vec<&String>) =
        fields.iter().partition(|field| field.starts_with('!'));
    let wanted = wanted.into_iter().map(|field| KeyPattern::new(field)).collect();
    let out = out.into_iter().map(|field| KeyPattern::new(field.trim_start_matches('!'))).collect();
    (wanted, out)
}

/// A path as it is shown: `posts[3].text`.
pub(super) fn shown(path: &[Step]) -> String {
    let mut shown = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                if !shown.is_empty() {
                    shown.push('.');
                }
                shown.push_str(key);
            }
            Step::Item(item) => shown.push_str(&format!("[{item}]")),
        }
    }
    shown
}

/// A path of which the items do not matter: `posts[*].text`.
pub fn any_item(name: &str) -> Cow<'_, str> {
    if !name.contains('[') {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(open) = rest.find('[') {
        let (before, after) = rest.split_at(open + 1);
        out.push_str(before);
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        rest = after;
        if digits > 0 && after[digits..].starts_with(']') {
            out.push('*');
            rest = &after[digits..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(pattern: &str, path: &[Step]) -> bool {
        KeyPattern::new(pattern).takes(path)
    }

    #[test]
    fn patterns_name_values_by_their_way() {
        use Step::{Item, Key};
        let text = [Key("posts"), Item(3), Key("Text")];
        for pattern in [
            "posts[*].text",
            "posts[3].text",
            "posts.text",
            "**.text",
            "**",
            "*.text",
            "p*s.t*",
            "posts[].text",
            "**[*].text",
            "posts.**",
            "posts[3].**.text",
        ] {
            assert!(takes(pattern, &text), "{pattern}");
        }
        for pattern in [
            "text",
            "posts",
            "posts[2].text",
            "posts[*][*].text",
            "[*].text",
            "post.text",
            "",
            "posts[x].text",
            "**.tex",
            "*",
            "posts[*].text.more",
            "posts[*].*.text",
        ] {
            assert!(!takes(pattern, &text), "{pattern}");
        }
        assert!(takes("[*].text", &[Item(0), Key("text")]));
        assert!(takes("text", &[Item(0), Key("text")]));
        assert!(takes("first comment", &[Key("First_Comment")]));
        assert!(takes("tags", &[Key("tags"), Item(1)]));
        assert!(takes("a[*][1]", &[Key("a"), Item(7), Item(1)]));
    }

    #[test]
    fn stars_of_a_long_pattern_take_linear_time() {
        let deep: Vec<Step> = (0..60).map(|_| Step::Key("a")).collect();
        assert!(!takes(&"**.".repeat(200), &[]) || takes("**", &deep));
        assert!(!takes(&format!("{}b", "**.a.".repeat(40)), &deep));
        assert!(!key_matches(&"*a".repeat(30), &format!("{}b", "a".repeat(2000))));
    }

    #[test]
    fn known_keys_are_taken_at_any_depth_until_others_are_asked_for() {
        use Step::Key;
        let known = Chosen::data(&[]);
        for key in ["text", "altText", "alt-text", "heroAlt", "cover_alt", "First comment"] {
            assert!(known.takes(&[Key("a"), Key(key)]), "{key}");
        }
        for key in ["default", "salt", "url", "id", "texts"] {
            assert!(!known.takes(&[Key("a"), Key(key)]), "{key}");
        }
        let asked = Chosen::data(&["a.b".to_owned()]);
        assert!(asked.takes(&[Key("a"), Key("b")]) && !asked.takes(&[Key("text")]));
        let less = Chosen::data(&["!**.text".to_owned()]);
        assert!(!less.takes(&[Key("text")]) && less.takes(&[Key("title")]));
        let more = Chosen::front_matter(&["pitch".to_owned()]);
        assert!(more.takes(&[Key("pitch")]) && more.takes(&[Key("title")]));
        assert!(!more.takes(&[Key("text")]));
    }

    #[test]
    fn items_are_shown_and_left_out() {
        let path = [Step::Key("posts"), Step::Item(3), Step::Key("text")];
        assert_eq!(shown(&path), "posts[3].text");
        assert_eq!(any_item("posts[3].text"), "posts[*].text");
        assert_eq!(any_item("a[x][12]["), "a[x][*][");
    }
}
