//! The ids of the words of texts.

use rustc_hash::FxHashMap;

use super::compiled::Compiled;
use super::keys::Keys;
use super::steps::WordId;
use crate::text::word_number;

/// The ids of words by their numbers: a short word is all there in its number, and most
/// words of a text are short.
#[derive(Debug)]
pub struct WordIds {
    numbers: Keys,
    /// By their places there.
    ids: Vec<WordId>,
}

impl WordIds {
    /// The longest word that has a number of its own, in bytes.
    const SHORT: usize = 8;

    /// Numbers words.
    pub fn new(words: &FxHashMap<Box<str>, WordId>) -> Self {
        #[allow(clippy::iter_over_hash_type, reason = "they are sorted")]
        let numbered = words.iter().map(|(word, &id)| (word_number(word.as_bytes()), id));
        let mut numbered: Vec<(u64, WordId)> = numbered.collect();
        numbered.sort_unstable();
        // Of two long words with one number, either says that it has to be looked up.
        numbered.dedup_by_key(|(number, _)| *number);
        let (numbers, ids) = numbered.into_iter().unzip();
        Self { numbers: Keys::new(numbers), ids }
    }
}

impl Compiled {
    /// The id of a word or mark of folded text; `None` where no phrase holds it.
    pub fn word_id(&self, word: &[u8]) -> Option<WordId> {
        self.numbered_id(word, word_number(word))
    }

    /// The same of a word with this [`word_number`].
    #[inline]
    pub fn numbered_id(&self, word: &[u8], number: u64) -> Option<WordId> {
        let id = self.word_ids.ids[self.word_ids.numbers.place(number)?];
        if word.len() <= WordIds::SHORT {
            return Some(id);
        }
        self.words.get(std::str::from_utf8(word).ok()?).copied()
    }
}
