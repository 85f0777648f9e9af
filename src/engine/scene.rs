//! The words around a hit, and whether phrases fit there.
//!
//! Only the stretch around a hit is cut into words: for most of a text nobody
//! ever asks.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::compiled::{Compiled, ListId};
use super::pieces::Piece;
use super::prepared::Prepared;
use super::presence::WordSet;
use super::steps::WordId;
use super::told::Told;
use crate::pack::Shape;
use crate::text::{Sentences, Span, TokenKind, is_word_char, word_number};

/// A stretch of tokens by index, half open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    pub start: usize,
    pub end: usize,
}

impl Run {
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The longer of two, and of equally long ones the later.
    pub fn max_by_len(self, other: Self) -> Self {
        let rank = |run: Self| (run.end - run.start, run.end);
        if rank(self) > rank(other) { self } else { other }
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    Mark(char),
    Handle,
    Link,
}

/// A word or mark of folded text.
#[derive(Clone, Copy, Debug)]
pub struct Tok {
    /// Bytes of the folded text.
    pub span: Span,
    pub kind: Kind,
    pub word: WordId,
    /// [`word_number`] of it.
    pub number: u64,
    /// Counts up at every sentence of the block.
    pub sentence: usize,
    /// Whether the token is part of a hashtag.
    pub in_tag: bool,
}

/// The tokens around the place that is looked at.
pub struct Scene<'a> {
    pub(super) compiled: &'a Compiled,
    pub(super) field: &'a Prepared<'a>,
    sentences: Sentences<'a>,
    /// The words of the field.
    pub words: WordSet,
    /// Whether phrases are left out that cannot stand there.
    pub shortcuts: bool,
    /// Bytes of the field.
    pub(super) block: Span,
    pub(super) tokens: Vec<Tok>,
    pub(super) present: Present,
    /// By sentence of the block: its words.
    of_sentence: Vec<WordSet>,
    /// Where phrases of a list start in this block, and where each ends.
    pub(super) spots: RefCell<FxHashMap<ListId, Rc<Spots>>>,
    /// Answers of [`Scene::ends`] and [`Scene::starts`] that took some looking.
    pub(super) ends: RefCell<FxHashMap<(ListId, usize), Places>>,
    pub(super) starts: RefCell<FxHashMap<(ListId, usize), Places>>,
    /// How tokens are written, once asked for.
    shapes: RefCell<Vec<Option<Shape>>>,
    /// What is known of the hit that was judged last.
    pub(super) told: Told,
    /// The points of one run in some tables.
    points: RefCell<(Run, Vec<(usize, i32)>)>,
}

/// Words of the block as bits: what it lacks does not stand there.
#[derive(Default)]
pub(super) struct Present([u64; 8]);

impl Present {
    fn add(&mut self, word: WordId) {
        self.0[word as usize / 64 % 8] |= 1 << (word % 64);
    }

    pub fn may_hold(&self, word: WordId) -> bool {
        self.0[word as usize / 64 % 8] & (1 << (word % 64)) != 0
    }
}

pub(super) type Spots = Vec<(usize, Places)>;

/// Some places, by token; `None` for none.
pub(super) type Places = Option<Rc<[usize]>>;

/// Memory of a scene that the next one takes over.
#[derive(Debug, Default)]
pub struct SceneMemory {
    tokens: Vec<Tok>,
    of_sentence: Vec<WordSet>,
    shapes: Vec<Option<Shape>>,
    points: Vec<(usize, i32)>,
    told: Told,
}

impl<'a> Scene<'a> {
    pub fn new(compiled: &'a Compiled, field: &'a Prepared<'a>) -> Self {
        Self::within(compiled, field, SceneMemory::default())
    }

    /// A scene in memory of another.
    pub fn within(compiled: &'a Compiled, field: &'a Prepared<'a>, memory: SceneMemory) -> Self {
        let SceneMemory { mut tokens, of_sentence, mut shapes, mut points, mut told } = memory;
        tokens.clear();
        shapes.clear();
        points.clear();
        told.clear();
        Self {
            compiled,
            field,
            words: WordSet::full(),
            shortcuts: true,
            sentences: Sentences::new(field.text, field.wrapped),
            block: Span::new(0, 0),
            tokens,
            present: Present::default(),
            of_sentence,
            spots: RefCell::default(),
            ends: RefCell::default(),
            starts: RefCell::default(),
            shapes: RefCell::new(shapes),
            told,
            points: RefCell::new((Run::default(), points)),
        }
    }

    /// Its memory, for the next.
    pub fn into_memory(self) -> SceneMemory {
        SceneMemory {
            tokens: self.tokens,
            of_sentence: self.of_sentence,
            shapes: self.shapes.into_inner(),
            points: self.points.into_inner().1,
            told: self.told,
        }
    }

    /// How a token is written, which `look` finds out.
    pub fn shape_once(&self, at: usize, look: impl FnOnce() -> Shape) -> Shape {
        let mut shapes = self.shapes.borrow_mut();
        if shapes.len() < self.tokens.len() {
            shapes.resize(self.tokens.len(), None);
        }
        match shapes.get_mut(at) {
            Some(shape) => *shape.get_or_insert_with(look),
            None => look(),
        }
    }

    /// The points of a run in a table, which `weigh` adds up: several finds ask for them
    /// in turn.
    pub fn points_once(&self, table: usize, run: Run, weigh: impl FnOnce() -> i32) -> i32 {
        let known = |(of, points): &(Run, Vec<(usize, i32)>)| {
            let known = points.iter().filter(|_| *of == run).find(|(other, _)| *other == table);
            known.map(|(_, points)| *points)
        };
        if let Some(points) = known(&self.points.borrow()) {
            return points;
        }
        let points = weigh();
        let (of, all) = &mut *self.points.borrow_mut();
        if *of != run {
            *of = run;
            all.clear();
        }
        all.push((table, points));
        points
    }

    /// Looks at `span` (bytes of the folded text) and returns its tokens; `None`
    /// where it is inside a link, address or handle.
    pub fn look_at(&mut self, span: Span) -> Option<Run> {
        let at = self.field.to_field(span).start;
        self.load_around(at);
        let start = self.tokens.partition_point(|token| token.span.end <= span.start);
        let first = self.tokens.get(start)?;
        if first.span.start > span.start || !matches!(first.kind, Kind::Word | Kind::Mark(_)) {
            return None;
        }
        let len =
            self.tokens[start..].iter().take_while(|token| token.span.start < span.end).count();
        Some(Run { start, end: start + len })
    }

    /// Looks at the block that holds `at` (bytes of the field).
    pub fn load_around(&mut self, at: usize) {
        if !(self.block.start <= at && at < self.block.end) || self.tokens.is_empty() {
            self.load(at);
        }
    }

    /// The tokens of the block that was looked at last.
    pub fn tokens(&self) -> &[Tok] {
        &self.tokens
    }

    /// The bytes of the folded text that a run covers.
    pub fn span(&self, run: Run) -> Span {
        match (
            self.tokens.get(run.start),
            run.end.checked_sub(1).and_then(|last| self.tokens.get(last)),
        ) {
            (Some(first), Some(last)) if run.start < run.end => {
                Span::new(first.span.start, last.span.end)
            }
            (Some(first), _) => Span::new(first.span.start, first.span.start),
            _ => Span::new(0, 0),
        }
    }

    /// The sentence of a token as a run.
    pub fn sentence(&self, at: usize) -> Run {
        let Some(token) = self.tokens.get(at) else { return Run { start: at, end: at } };
        let start = self.tokens.partition_point(|other| other.sentence < token.sentence);
        let end = self.tokens.partition_point(|other| other.sentence <= token.sentence);
        Run { start, end }
    }

    /// The whole block as a run.
    pub fn block(&self) -> Run {
        Run { start: 0, end: self.tokens.len() }
    }

    /// `run` with so many words to either side. Marks between them do not count.
    pub fn words_around(&self, run: Run, words: usize) -> Run {
        let is_word = |at: usize| !matches!(self.tokens[at].kind, Kind::Mark(_));
        let mut reach = run;
        let mut left = words;
        while reach.start > 0 && left > 0 {
            reach.start -= 1;
            left -= usize::from(is_word(reach.start));
        }
        left = words;
        while reach.end < self.tokens.len() && left > 0 {
            left -= usize::from(is_word(reach.end));
            reach.end += 1;
        }
        reach
    }

    /// Looks at the block that starts at or holds `at` (bytes of the field) and
    /// returns where it ends.
    pub fn load(&mut self, at: usize) -> usize {
        let (block, wide, ends) = self.sentences.block_at(at);
        self.block = block;
        self.tokens.clear();
        self.present = Present::default();
        self.of_sentence.clear();
        self.spots.get_mut().clear();
        self.ends.get_mut().clear();
        self.starts.get_mut().clear();
        self.shapes.get_mut().clear();
        self.points.get_mut().1.clear();
        self.told.clear();
        let from = self.field.to_folded(wide.start);
        let to = self.field.to_folded(wide.end).max(from);
        let text = self.field.folded.text();
        let pieces = self.field.pieces_in(Span::new(from, to));
        self.tokens.reserve(pieces.len());
        // Where sentences and what is no prose start and end is led to the folded text, for
        // that is less than to lead every word to the field.
        let to_folded = |at: usize| self.field.to_folded(at);
        let end_of = |sentence: usize| ends.get(sentence).map_or(usize::MAX, |&end| to_folded(end));
        let mut sentence = 0;
        let mut sentence_end = end_of(0);
        self.of_sentence.push(WordSet::empty());
        let mut specials = self.field.specials_from(wide.start).map(|special| {
            let (start, end) = (to_folded(special.span.start), to_folded(special.span.end));
            (special.kind, start, end)
        });
        let mut special = specials.next();
        let mut skip_to = 0;
        for &Piece { span, number } in &*pieces {
            if span.start < skip_to {
                continue;
            }
            while sentence_end <= span.start {
                sentence += 1;
                sentence_end = end_of(sentence);
                self.of_sentence.push(WordSet::empty());
            }
            while special.is_some_and(|(.., end)| end <= span.start) {
                special = specials.next();
            }
            let mut in_tag = false;
            if let Some((kind, _, end)) = special.filter(|(_, start, _)| *start <= span.start) {
                let kind = match kind {
                    TokenKind::Handle => Some(Kind::Handle),
                    TokenKind::Url | TokenKind::Email => Some(Kind::Link),
                    TokenKind::Hashtag => None,
                };
                if let Some(kind) = kind {
                    skip_to = end.max(span.end);
                    let span = Span::new(span.start, skip_to);
                    let number = word_number(&text.as_bytes()[span.range()]);
                    self.tokens.push(Tok { span, kind, word: 0, number, sentence, in_tag: false });
                    continue;
                }
                in_tag = true;
            }
            let spelled = &text.as_bytes()[span.range()];
            let first = match spelled[0] {
                byte if byte.is_ascii() => char::from(byte),
                _ => text[span.range()].chars().next().unwrap_or(' '),
            };
            let is_word = is_word_char(first) || (first == '\'' && spelled.len() > 1);
            let kind = if is_word { Kind::Word } else { Kind::Mark(first) };
            let word = self.compiled.numbered_id(spelled, number).unwrap_or(0);
            self.present.add(word);
            if is_word {
                let bare = if first == '\'' { word_number(&spelled[1..]) } else { number };
                self.of_sentence[sentence].add(bare);
            }
            self.tokens.push(Tok { span, kind, word, number, sentence, in_tag });
        }
        block.end
    }

    /// The words of the sentence of a token, or more.
    pub fn words_beside(&self, at: usize) -> &WordSet {
        let token = self.tokens.get(at).filter(|_| self.shortcuts);
        token.and_then(|token| self.of_sentence.get(token.sentence)).unwrap_or(&self.words)
    }

    /// The word right before a run.
    pub fn word_before(&self, run: Run) -> WordId {
        run.start.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.word)
    }

    /// The word right behind a run.
    pub fn word_behind(&self, run: Run) -> WordId {
        self.tokens.get(run.end).map_or(0, |token| token.word)
    }

    /// A token as it stands in the folded text.
    pub fn folded(&self, at: usize) -> &str {
        &self.field.folded.text()[self.tokens[at].span.range()]
    }

    /// A token as it is written.
    pub fn written(&self, at: usize) -> &str {
        &self.field.text[self.field.to_field(self.tokens[at].span).range()]
    }
}
