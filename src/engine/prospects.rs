//! Whether anything can come of a literal, before the text around it is looked at.
//!
//! Nearly every text holds words that some rule searches for, and nearly none has a
//! finding: no cue can govern the word, or what must stand near it does not. The answer
//! may be wrong in one way only: something may seem possible that is not.

use super::activation::Activation;
use super::compiled::{Anchor, Beside, Compiled, FindId, ListId};
use super::neighbours::{Neighbour, Neighbours};
use super::presence::WordSet;
use super::steps::{Edge, Index, SequenceId, Sides, WordId};
use super::told::CueOf;
use crate::pack::Within;

/// What can come of literals under some facts.
#[derive(Clone, Copy)]
pub struct Prospects<'s> {
    compiled: &'s Compiled,
    active: &'s Activation,
}

/// One of `CompiledList::first` and `CompiledList::last`.
type Of = fn(&Compiled, ListId) -> &Index<SequenceId>;

/// The words right before and right behind a phrase; `None` where they are not known.
pub type Around = Option<(WordId, WordId)>;

impl<'s> Prospects<'s> {
    pub fn new(compiled: &'s Compiled, active: &'s Activation) -> Self {
        Self { compiled, active }
    }

    /// Whether a literal can lead to a finding through an anchor, in a text with these
    /// words.
    pub fn anchor(&self, anchor: &Anchor, beside: &mut Neighbours<'_>, words: &WordSet) -> bool {
        let Beside { left, right } = &self.compiled.besides[anchor.beside];
        self.compiled.required.phrase(anchor.sequence, words)
            && (left.is_open() || self.fits(left, last, beside.left(), words))
            && (right.is_open() || self.fits(right, first, beside.right(), words))
            && {
                let around = if anchor.whole { around(beside) } else { None };
                self.list(anchor.list, around, words)
            }
    }

    /// Whether what stands beside a literal can be what must stand there.
    fn fits(&self, wanted: &Edge, edge: Of, there: Neighbour, words: &WordSet) -> bool {
        match there {
            Neighbour::Unsure => true,
            Neighbour::Other => self.may_end(wanted, edge, 0, words),
            Neighbour::Word(word) => self.may_end(wanted, edge, word, words),
        }
    }

    fn may_end(&self, wanted: &Edge, edge: Of, word: WordId, words: &WordSet) -> bool {
        wanted.is_open()
            || wanted.words.binary_search(&word).is_ok()
            || wanted.slots.iter().any(|&list| {
                self.compiled.required.list(list, words) && self.may_be(list, edge, word)
            })
    }

    /// Whether a phrase of a list can lead to a finding.
    fn list(&self, list: ListId, around: Around, words: &WordSet) -> bool {
        let compiled = self.compiled;
        let mut may_be = false;
        for &id in &compiled.list_finds[list] {
            if self.find(id, (words, words)) {
                if compiled.finds[id].cues.is_empty() {
                    return true;
                }
                may_be = true;
            }
        }
        let cue = |&(id, _): &CueOf| compiled.required.phrase(id, words);
        (may_be && self.any(compiled.cues_of(list), around, words, cue))
            || self.any(&compiled.holders[list], around, words, |anchor: &Anchor| {
                self.active.lists[anchor.list]
                    && self.beside(anchor.beside, around, words)
                    && compiled.required.phrase(anchor.sequence, words)
                    && self.list(anchor.list, None, words)
            })
    }

    /// Whether what a find searches for can be a finding, in a text with these words and
    /// a sentence with those, if one of its cues is there or it has none.
    pub fn find(&self, id: FindId, (words, sentence): (&WordSet, &WordSet)) -> bool {
        let required = &self.compiled.required;
        self.active.finds[id]
            && self.compiled.finds[id].requires.iter().all(|condition| match condition.within {
                Within::Record | Within::Document => true,
                _ if condition.at_least == 0 => true,
                Within::Sentence => required.list(condition.list, sentence),
                _ => required.list(condition.list, words),
            })
    }

    /// Whether a phrase that is filed by what stands beside it passes a test.
    fn any<T: Copy>(
        &self,
        sides: &Sides<T>,
        around: Around,
        words: &WordSet,
        test: impl Fn(&T) -> bool,
    ) -> bool {
        let Some((left, right)) = around else { return sides.all().any(test) };
        let fits = |list: ListId, edge: Of, word: WordId| {
            self.compiled.required.list(list, words) && self.may_be(list, edge, word)
        };
        sides.left.at(left, |list| fits(list, last, left)).any(|item| test(&item))
            || sides.right.at(right, |list| fits(list, first, right)).any(|item| test(&item))
    }

    /// Whether what must stand beside a phrase can, where it is known what does.
    fn beside(&self, beside: usize, around: Around, words: &WordSet) -> bool {
        let Some((before, behind)) = around else { return true };
        let Beside { left, right } = &self.compiled.besides[beside];
        self.may_end(left, last, before, words) && self.may_end(right, first, behind, words)
    }

    /// Whether a phrase of a list can have a word at its edge.
    fn may_be(&self, list: ListId, edge: Of, word: WordId) -> bool {
        let index = edge(self.compiled, list);
        self.compiled.lists[list].has_tokens()
            || !index.open.is_empty()
            || (word != 0 && index.by_word.contains_key(&word))
            || index.by_slot.iter().any(|(inner, _)| self.may_be(*inner, edge, word))
    }
}

fn around(beside: &mut Neighbours<'_>) -> Around {
    let word = |neighbour: Neighbour| match neighbour {
        Neighbour::Word(word) => Some(word),
        Neighbour::Other => Some(0),
        Neighbour::Unsure => None,
    };
    Some((word(beside.left())?, word(beside.right())?))
}

fn first(compiled: &Compiled, list: ListId) -> &Index<SequenceId> {
    &compiled.lists[list].first
}

fn last(compiled: &Compiled, list: ListId) -> &Index<SequenceId> {
    &compiled.lists[list].last
}
