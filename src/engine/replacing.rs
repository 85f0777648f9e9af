//! What a find would write in place of the words it found.

use std::collections::BTreeMap;

use super::lines::is_quoted;
use crate::pack::{Find, PackSet, Replace, What, words_key};
use crate::replace::{Maker, Wording};
use crate::text::Span;

/// What is to stand in place of a stretch of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Put {
    /// Bytes of the field.
    pub span: Span,
    /// What to put there.
    pub new: String,
}

/// A [`Replace`] with what its lists say about capitals.
#[derive(Debug)]
pub enum Replacing {
    Wording(Wording),
    ByTerm(BTreeMap<String, Wording>),
    Made(Maker),
}

/// What a find of a pack would write, if anything.
pub fn of(set: &PackSet, pack: usize, find: &Find) -> Option<Replacing> {
    Some(match find.replace.as_ref()? {
        Replace::Made(maker) => Replacing::Made(*maker),
        Replace::Wording(text) => {
            let of_capitals = match &find.what {
                What::List(name) => has_capitals(set, pack, name),
                // Without `(?i)` an expression says its own letter case.
                What::Pattern { regex, .. } => !regex.written.starts_with("(?i)"),
                _ => true,
            };
            Replacing::Wording(Wording { text: text.clone(), of_capitals })
        }
        Replace::ByTerm(wordings) => {
            let wording = |(term, text): &(String, String)| Wording {
                text: text.clone(),
                of_capitals: term.contains(char::is_uppercase),
            };
            Replacing::ByTerm(
                wordings.iter().map(|(key, entry)| (key.clone(), wording(entry))).collect(),
            )
        }
    })
}

/// Whether any phrase of a list asks for a capital. The packs have been checked: no
/// list includes itself.
fn has_capitals(set: &PackSet, pack: usize, name: &str) -> bool {
    let Some((owner, list)) = set.list(pack, name) else { return true };
    list.fact.is_some()
        || list.entries.iter().any(|entry| entry.written().contains(char::is_uppercase))
        || list.include.iter().any(|(name, _)| has_capitals(set, owner, name))
}

impl Replacing {
    /// What to put in place of `span` of a field; `None` where nobody can be sure, and
    /// where it would change nothing. `in_tag` says that it is a part of a hashtag.
    pub fn put(&self, text: &str, span: Span, in_tag: bool) -> Option<String> {
        let wording = match self {
            Self::Made(maker) => return maker.make(text, span),
            Self::Wording(wording) => wording,
            Self::ByTerm(wordings) => wordings.get(&words_key(text.get(span.range())?))?,
        };
        // A word of a hashtag is no word of a sentence, and nobody changes what
        // somebody else has said.
        if in_tag || is_quoted(text, span) {
            return None;
        }
        wording.in_place_of(text, span)
    }
}
