//! A field made ready for the scan.

use std::borrow::Cow;

use super::compiled::{Compiled, ListId};
use super::memory::Memory;
use super::pieces::{Piece, fill, pieces_in};
use super::presence::WordSet;
use crate::text::{Folded, MappedText, Plain, Span, Token, TokenKind, tokens};

/// A field, folded, with its links, handles and hashtags found.
#[derive(Debug)]
pub struct Prepared<'t> {
    /// The text of the field.
    pub text: &'t str,
    /// The same, folded.
    pub folded: Folded,
    /// Links, addresses, handles and hashtags (bytes of the field).
    pub specials: Vec<Token>,
    /// Whether a single line break means no more than a space.
    pub wrapped: bool,
    plain: Option<MappedText>,
    /// The words and marks of a short text.
    pieces: Vec<Piece>,
}

impl<'t> Prepared<'t> {
    /// Makes a field ready. `wrapped` says that a single line break means no more
    /// than a space.
    pub fn new(text: &'t str, wrapped: bool) -> Self {
        Self::within(text, wrapped, &mut Memory::default())
    }

    /// The same in memory of another.
    pub fn within(text: &'t str, wrapped: bool, memory: &mut Memory) -> Self {
        let plain = (!text.is_ascii()).then(|| Plain::of(text));
        let mut folded = std::mem::take(&mut memory.folded);
        folded.refill(text);
        let mut pieces = std::mem::take(&mut memory.pieces);
        pieces.clear();
        if folded.text().len() <= WordSet::LONGEST {
            fill(folded.text(), &mut pieces);
        }
        Self { text, folded, specials: tokens(text), wrapped, plain, pieces }
    }

    /// Gives its memory back, for the next.
    pub fn give_back(self, memory: &mut Memory) {
        memory.folded = self.folded;
        memory.pieces = self.pieces;
    }

    /// The words and marks of the folded text; `None` where it is so long that only parts
    /// of it are asked for.
    pub(super) fn pieces(&self) -> Option<&[Piece]> {
        let text = self.folded.text();
        (text.len() <= WordSet::LONGEST).then_some(self.pieces.as_slice())
    }

    /// The words and marks of a part of the folded text.
    pub(super) fn pieces_in(&self, part: Span) -> Cow<'_, [Piece]> {
        pieces_in(self.folded.text(), part, self.pieces())
    }

    /// From bytes of the folded text to bytes of the field.
    pub fn to_field(&self, folded: Span) -> Span {
        self.folded.map().to_source(folded)
    }

    /// From a byte of the field to the byte of the folded text that stands for it.
    pub fn to_folded(&self, at: usize) -> usize {
        self.folded.map().to_derived(at, self.folded.text().len())
    }

    /// The text as regular expressions see it: visible characters only, digits
    /// and punctuation in their ASCII form.
    pub fn plain(&self) -> Cow<'_, str> {
        match &self.plain {
            Some(plain) => Cow::Borrowed(&plain.text),
            None => Cow::Borrowed(self.text),
        }
    }

    /// From bytes of the plain text to bytes of the field.
    pub fn plain_to_field(&self, span: Span) -> Span {
        self.plain.as_ref().map_or(span, |plain| plain.map.to_source(span))
    }

    /// The links, handles and hashtags that end behind `at` (bytes of the field).
    pub fn specials_from(&self, at: usize) -> impl Iterator<Item = &Token> {
        let from = self.specials.partition_point(|token| token.span.end <= at);
        self.specials[from..].iter()
    }

    /// Where handles, links and hashtags of a list stand (bytes of the field).
    pub fn token_places<'a>(
        &'a self,
        compiled: &'a Compiled,
        list: ListId,
    ) -> impl Iterator<Item = Span> + 'a {
        let wanted = compiled.lists[list].has_tokens();
        self.specials
            .iter()
            .filter(move |token| wanted && self.token_is_in(compiled, list, token))
            .map(|token| token.span)
    }

    /// Whether a handle, link or hashtag is one of a list.
    pub fn token_is_in(&self, compiled: &Compiled, list: ListId, token: &Token) -> bool {
        let of = &compiled.lists[list];
        match token.kind {
            TokenKind::Handle => {
                of.any_handle || {
                    let name = token.name(self.text).to_lowercase();
                    let local = name.split('@').next().unwrap_or_default();
                    of.handles.contains(&name) || of.handles.contains(local)
                }
            }
            TokenKind::Url => {
                of.any_link
                    || token.host(self.text).is_some_and(|host| {
                        let mut rest: &str = &host;
                        loop {
                            if of.domains.contains(rest) {
                                return true;
                            }
                            match rest.split_once('.') {
                                Some((_, parent)) => rest = parent,
                                None => return false,
                            }
                        }
                    })
            }
            TokenKind::Email => false,
            TokenKind::Hashtag => {
                of.any_tag || {
                    let name = Folded::new(token.name(self.text)).text().replace(['_', ' '], "");
                    of.tags.contains(&name)
                        || of.tag_slots.iter().any(|(before, slot, after)| {
                            name.strip_prefix(before.as_str())
                                .and_then(|rest| rest.strip_suffix(after.as_str()))
                                .is_some_and(|middle| {
                                    compiled.lists[*slot].tag_forms.contains(middle)
                                })
                        })
                }
            }
        }
    }
}
