//! What stands right beside a literal, known before the text around it is cut into words.

use super::compiled::Compiled;
use super::steps::WordId;
use crate::text::{Span, is_word_byte};

/// The words right before and right behind a literal, looked up when asked for.
pub struct Neighbours<'s> {
    compiled: &'s Compiled,
    text: &'s str,
    literal: Span,
    left: Option<Neighbour>,
    right: Option<Neighbour>,
}

/// What stands beside a literal.
#[derive(Clone, Copy)]
pub enum Neighbour {
    /// A word or mark of the phrases.
    Word(WordId),
    /// Nothing, or a word or mark that no phrase holds.
    Other,
    /// Something that has to be looked at properly.
    Unsure,
}

impl<'s> Neighbours<'s> {
    pub fn new(compiled: &'s Compiled, text: &'s str, literal: Span) -> Self {
        Self { compiled, text, literal, left: None, right: None }
    }

    /// What stands right before the literal.
    pub fn left(&mut self) -> Neighbour {
        match self.left {
            Some(there) => there,
            None => *self.left.insert(self.word_before()),
        }
    }

    /// What stands right behind the literal.
    pub fn right(&mut self) -> Neighbour {
        match self.right {
            Some(there) => there,
            None => *self.right.insert(self.word_behind()),
        }
    }

    fn word_before(&self) -> Neighbour {
        let before = self.text.as_bytes()[..self.literal.start].trim_ascii_end();
        let start = before.iter().rposition(|&byte| !is_word_byte(byte)).map_or(0, |at| at + 1);
        let edge = start.checked_sub(1).map(|at| before[at]);
        self.word(&before[start..], edge)
    }

    fn word_behind(&self) -> Neighbour {
        let behind = self.text.as_bytes()[self.literal.end..].trim_ascii_start();
        let end = behind.iter().position(|&byte| !is_word_byte(byte)).unwrap_or(behind.len());
        self.word(&behind[..end], behind.get(end).copied())
    }

    /// `edge` is the byte beyond the word.
    fn word(&self, word: &[u8], edge: Option<u8>) -> Neighbour {
        if edge.is_some_and(|edge| !edge.is_ascii() || edge == b'\'') {
            return Neighbour::Unsure;
        }
        // Where no word stands there is a mark, or nothing.
        let mark = [edge.unwrap_or_default()];
        let word = if word.is_empty() { &mark } else { word };
        self.compiled.word_id(word).map_or(Neighbour::Other, Neighbour::Word)
    }
}
