//! The words around a hit, and whether phrases fit there.
//!
//! Only the stretch around a hit is cut into words: for most of a text nobody
//! ever asks.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::compiled::{Anchor, Beside, Compiled, ListId};
use super::few::Few;
use super::pieces::Piece;
use super::prepared::Prepared;
use super::presence::WordSet;
use super::steps::{CaseTest, SequenceId, Sides, Step, WordId};
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
    fn overlaps(self, other: Self) -> bool {
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
    field: &'a Prepared<'a>,
    sentences: Sentences<'a>,
    /// The words of the field.
    pub words: WordSet,
    /// Whether phrases are left out that cannot stand there.
    pub shortcuts: bool,
    /// Bytes of the field.
    block: Span,
    tokens: Vec<Tok>,
    present: Present,
    /// By sentence of the block: its words.
    of_sentence: Vec<WordSet>,
    /// Where phrases of a list start in this block, and where each ends.
    spots: RefCell<FxHashMap<ListId, Rc<Spots>>>,
    /// Answers of [`Scene::ends`] and [`Scene::starts`] that took some looking.
    ends: RefCell<FxHashMap<(ListId, usize), Places>>,
    starts: RefCell<FxHashMap<(ListId, usize), Places>>,
    /// How tokens are written, once asked for.
    shapes: RefCell<Vec<Option<Shape>>>,
    /// What is known of the hit that was judged last.
    pub(super) told: Told,
    /// The points of one run in some tables.
    points: RefCell<(Run, Vec<(usize, i32)>)>,
}

/// Words of the block as bits: what it lacks does not stand there.
#[derive(Default)]
struct Present([u64; 8]);

impl Present {
    fn add(&mut self, word: WordId) {
        self.0[word as usize / 64 % 8] |= 1 << (word % 64);
    }

    fn may_hold(&self, word: WordId) -> bool {
        self.0[word as usize / 64 % 8] & (1 << (word % 64)) != 0
    }
}

type Spots = Vec<(usize, Places)>;

/// Some places, by token; `None` for none.
type Places = Option<Rc<[usize]>>;

fn each(places: &Places) -> impl Iterator<Item = usize> + '_ {
    places.iter().flat_map(|places| places.iter().copied())
}

/// Under what a phrase is compared with the text.
#[derive(Clone, Copy)]
struct Walk {
    /// The words `<T>` stands for.
    hit: Option<Run>,
    /// The sentence that it may not leave.
    sentence: usize,
}

/// What of a phrase is still to be found.
enum Rest<'s> {
    Nothing,
    Steps(&'s [Step], &'s Rest<'s>),
    /// A step up to so many more times.
    Again(&'s Step, usize, &'s Rest<'s>),
}

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

    /// Where the phrases of `list` that start at token `at` end; longest first.
    fn ends(&self, list: ListId, at: usize) -> Places {
        let of = &self.compiled.lists[list];
        let token = self.tokens.get(at)?;
        if !of.has_tokens() && of.first.lacks(token.word) {
            return None;
        }
        let hard = !of.first.is_only_words();
        if hard && let Some(known) = self.ends.borrow().get(&(list, at)) {
            return known.clone();
        }
        let walk = Walk { hit: None, sentence: token.sentence };
        let mut ends = Few::default();
        for id in of.first.at(token.word, |slot| self.ends(slot, at).is_some()) {
            if !self.may_stand(id, at) {
                continue;
            }
            // What must not stand before the phrase stands before `at`.
            let (before, rest) = self.compiled.sequences[id].without_front();
            if self.backward(before, at, walk, &mut |_| {}) {
                self.forward(rest, at, walk, &mut |end| ends.push(end));
            }
        }
        if let Some(end) = of.has_tokens().then(|| self.special_at(list, at)).flatten() {
            ends.push(end);
        }
        ends.tidy();
        let ends: Places = (!ends.is_empty()).then(|| ends.iter().rev().copied().collect());
        if hard {
            self.ends.borrow_mut().insert((list, at), ends.clone());
        }
        ends
    }

    /// Where the phrases of `list` that end before token `at` start; longest first.
    fn starts(&self, list: ListId, at: usize) -> Places {
        let of = &self.compiled.lists[list];
        let token = self.tokens.get(at.checked_sub(1)?)?;
        if !of.has_tokens() && of.last.lacks(token.word) {
            return None;
        }
        let hard = !of.last.is_only_words();
        if hard && let Some(known) = self.starts.borrow().get(&(list, at)) {
            return known.clone();
        }
        let walk = Walk { hit: None, sentence: token.sentence };
        let mut starts = Few::default();
        for id in of.last.at(token.word, |slot| self.starts(slot, at).is_some()) {
            if !self.may_stand(id, at - 1) {
                continue;
            }
            let (rest, behind) = self.compiled.sequences[id].without_back();
            if self.forward(behind, at, walk, &mut |_| {}) {
                self.backward(rest, at, walk, &mut |start| starts.push(start));
            }
        }
        if let Some(start) = of.has_tokens().then(|| self.special_before(list, at)).flatten() {
            starts.push(start);
        }
        starts.tidy();
        let starts: Places = (!starts.is_empty()).then(|| Rc::from(&*starts));
        if hard {
            self.starts.borrow_mut().insert((list, at), starts.clone());
        }
        starts
    }

    /// Where a handle, link or hashtag of `list` that starts at token `at` ends.
    fn special_at(&self, list: ListId, at: usize) -> Option<usize> {
        let place = self.field.to_field(self.tokens.get(at)?.span).start;
        let special = self.field.specials_from(place).next()?;
        if special.span.start != place || !self.field.token_is_in(self.compiled, list, special) {
            return None;
        }
        let end = self.field.to_folded(special.span.end);
        let len = self.tokens[at..].iter().take_while(|token| token.span.start < end).count();
        Some(at + len)
    }

    /// Where a handle, link or hashtag of `list` that ends before token `at` starts.
    fn special_before(&self, list: ListId, at: usize) -> Option<usize> {
        let last = self.tokens.get(at.checked_sub(1)?)?.span;
        let special = self.field.specials_from(self.field.to_field(last).start).next()?;
        let (start, end) =
            (self.field.to_folded(special.span.start), self.field.to_folded(special.span.end));
        if last.start < start
            || last.end > end
            || self.tokens.get(at).is_some_and(|next| next.span.start < end)
            || !self.field.token_is_in(self.compiled, list, special)
        {
            return None;
        }
        let len =
            self.tokens[..at].iter().rev().take_while(|token| token.span.start >= start).count();
        Some(at - len)
    }

    /// Whether the sentence of a token holds the words that a phrase asks for: none goes
    /// beyond its sentence.
    fn may_stand(&self, id: SequenceId, at: usize) -> bool {
        self.compiled.required.phrase(id, self.words_beside(at))
    }

    /// Whether the sentence of a token holds the words that any phrase of a list asks for.
    pub fn may_stand_beside(&self, list: ListId, at: usize) -> bool {
        self.compiled.required.list(list, self.words_beside(at))
    }

    /// The words of the sentence of a token, or more.
    pub fn words_beside(&self, at: usize) -> &WordSet {
        let token = self.tokens.get(at).filter(|_| self.shortcuts);
        token.and_then(|token| self.of_sentence.get(token.sentence)).unwrap_or(&self.words)
    }

    /// The runs of the phrase that an anchor says may stand around a literal.
    pub fn anchored(&self, anchor: &Anchor, literal: Run) -> Few<Run> {
        if !self.may_stand(anchor.sequence, literal.start) {
            return Few::default();
        }
        let steps = &self.compiled.sequences[anchor.sequence].steps;
        let (before, behind) = steps.split_at(anchor.step);
        self.runs((before, literal.start), (behind, literal.start), literal.start, None)
    }

    /// The phrases that have `run`, a phrase of `list`, in the slot through which
    /// they are found.
    pub fn held(&self, list: ListId, run: Run) -> Vec<(ListId, Run)> {
        let mut held = Vec::new();
        self.each_around(&self.compiled.holders[list], run, &mut |anchor| {
            if self.may_stand(anchor.sequence, run.start) && self.fits(anchor.beside, run) {
                let around = self.around(anchor.sequence, anchor.step, run, None);
                held.extend(around.iter().map(|&run| (anchor.list, run)));
            }
            false
        });
        held
    }

    /// Whether the words beside a run can be what must stand there.
    fn fits(&self, beside: usize, run: Run) -> bool {
        let Beside { left, right } = &self.compiled.besides[beside];
        let fits = || left.may_be(self.word_before(run)) && right.may_be(self.word_behind(run));
        !self.shortcuts || fits()
    }

    /// The word right before a run.
    pub fn word_before(&self, run: Run) -> WordId {
        run.start.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.word)
    }

    /// The word right behind a run.
    pub fn word_behind(&self, run: Run) -> WordId {
        self.tokens.get(run.end).map_or(0, |token| token.word)
    }

    fn is_before(&self, list: ListId, run: Run) -> bool {
        self.starts(list, run.start).is_some()
    }

    fn is_behind(&self, list: ListId, run: Run) -> bool {
        self.ends(list, run.end).is_some()
    }

    /// The runs of a phrase around `run`, which fills its step `slot`.
    fn around(&self, id: SequenceId, slot: usize, run: Run, hit: Option<Run>) -> Few<Run> {
        let steps = &self.compiled.sequences[id].steps;
        self.runs((&steps[..slot], run.start), (&steps[slot + 1..], run.end), run.start, hit)
    }

    /// The runs that steps back from a token and steps on from a token make, in the
    /// sentence of the token `inside`.
    fn runs(
        &self,
        (before, start): (&[Step], usize),
        (behind, end): (&[Step], usize),
        inside: usize,
        hit: Option<Run>,
    ) -> Few<Run> {
        let (mut runs, mut starts, mut ends) = (Few::default(), Few::default(), Few::default());
        let Some(token) = self.tokens.get(inside) else { return runs };
        let walk = Walk { hit, sentence: token.sentence };
        // The shorter side sooner says no.
        let is_back_shorter = before.len() <= behind.len();
        if is_back_shorter && !self.backward(before, start, walk, &mut |start| starts.push(start)) {
            return runs;
        }
        if !self.forward(behind, end, walk, &mut |end| ends.push(end)) {
            return runs;
        }
        if !is_back_shorter {
            self.backward(before, start, walk, &mut |start| starts.push(start));
        }
        for &end in &*ends {
            starts.iter().for_each(|&start| runs.push(Run { start, end }));
        }
        runs.tidy();
        runs
    }

    /// The longest phrase with `<T>` of `list` that fits around `hit`.
    pub fn cue(&self, list: ListId, hit: Run) -> Option<Run> {
        if !self.may_stand_beside(list, hit.start) {
            return None;
        }
        let mut longest: Option<Run> = None;
        self.each_around(&self.compiled.lists[list].around, hit, &mut |id| {
            let runs = self.cue_runs(id, hit);
            longest = longest.into_iter().chain(runs.iter().copied()).reduce(Run::max_by_len);
            false
        });
        longest
    }

    /// Tells `see` everything that is filed under what stands beside `hit`, until it says
    /// that this is enough; returns whether it did.
    pub(super) fn each_around<T: Copy>(
        &self,
        sides: &Sides<T>,
        hit: Run,
        see: &mut dyn FnMut(T) -> bool,
    ) -> bool {
        let left = sides.left.under(self.word_before(hit));
        if left.iter().copied().any(&mut *see) {
            return true;
        }
        let right = sides.right.under(self.word_behind(hit));
        if right.iter().copied().any(&mut *see) {
            return true;
        }
        for (list, items) in &sides.left.by_slot {
            if self.is_before(*list, hit) && items.iter().copied().any(&mut *see) {
                return true;
            }
        }
        for (list, items) in &sides.right.by_slot {
            if self.is_behind(*list, hit) && items.iter().copied().any(&mut *see) {
                return true;
            }
        }
        sides.left.open.iter().chain(&sides.right.open).copied().any(see)
    }

    /// Where a phrase with `<T>` fits around `hit`.
    pub(super) fn cue_runs(&self, id: SequenceId, hit: Run) -> Few<Run> {
        match self.compiled.sequences[id].hit {
            Some(at)
                if self.may_stand(id, hit.start)
                    && self.fits(self.compiled.beside_hit[id] as usize, hit) =>
            {
                self.around(id, at, hit, Some(hit))
            }
            _ => Few::default(),
        }
    }

    /// Whether a phrase of `list` covers `hit`.
    pub fn shielded(&self, list: ListId, hit: Run) -> bool {
        if !self.may_stand_beside(list, hit.start) {
            return false;
        }
        let around = &self.compiled.lists[list].around;
        if self.each_around(around, hit, &mut |id| !self.cue_runs(id, hit).is_empty()) {
            return true;
        }
        let sentence = self.sentence(hit.start);
        let spots = self.spots(list);
        let to = spots.partition_point(|&(start, _)| start <= hit.start);
        spots[..to]
            .iter()
            .rev()
            .take_while(|&&(start, _)| start >= sentence.start)
            .any(|(_, ends)| each(ends).next().is_some_and(|end| end >= hit.end))
    }

    /// The first places in `within` where a phrase of `list` stands, without
    /// those that overlap `hit`; at most `most` of them.
    pub fn places(&self, list: ListId, within: Run, hit: Option<Run>, most: usize) -> Vec<Run> {
        let mut found = Vec::new();
        let mut at = within.start;
        let fits = |at: usize, end: usize| {
            let run = Run { start: at, end };
            end > at && end <= within.end && hit.is_none_or(|hit| !run.overlaps(hit))
        };
        let spots = self.spots(list);
        let from = spots.partition_point(|&(start, _)| start < at);
        for (start, ends) in &spots[from..] {
            if *start >= within.end || found.len() >= most {
                break;
            }
            if *start >= at
                && let Some(end) = each(ends).find(|&end| fits(*start, end))
            {
                found.push(Run { start: *start, end });
                at = end;
            }
        }
        found
    }

    /// Where the phrases of `list` stand in the whole field (bytes of the field); `None`
    /// where the block that was looked at last is not all of it.
    pub fn places_in_field(&self, list: ListId) -> Option<Vec<Span>> {
        let is_whole = !self.tokens.is_empty() && self.block == Span::new(0, self.field.text.len());
        is_whole.then(|| {
            let runs = self.places(list, self.block(), None, usize::MAX).into_iter();
            let mut places: Vec<Span> =
                runs.map(|run| self.field.to_field(self.span(run))).collect();
            places.sort_unstable();
            places
        })
    }

    /// Where phrases of a list that is looked for near something start in this block,
    /// and where each ends; longest first.
    fn spots(&self, list: ListId) -> Rc<Spots> {
        let known = self.spots.borrow().get(&list).map(Rc::clone);
        known.unwrap_or_else(|| {
            let spots = Rc::new(self.spots_of(list));
            self.spots.borrow_mut().insert(list, Rc::clone(&spots));
            spots
        })
    }

    fn spots_of(&self, list: ListId) -> Spots {
        if !self.compiled.required.list(list, &self.words) {
            return Vec::new();
        }
        let of = &self.compiled.lists[list];
        let mut runs: Vec<Run> = Vec::new();
        let mut fixed = |at: usize, phrases: &[(SequenceId, usize)]| {
            for &(id, step) in phrases.iter().filter(|(id, _)| self.may_stand(*id, at)) {
                let (before, behind) = self.compiled.sequences[id].steps.split_at(step);
                runs.extend(&*self.runs((before, at), (behind, at), at, None));
            }
        };
        let by_word = &of.rarest.by_word;
        if by_word.len() < self.tokens.len() {
            #[allow(clippy::iter_over_hash_type, reason = "what is found is sorted")]
            for (&word, phrases) in by_word.iter().filter(|(word, _)| self.present.may_hold(**word))
            {
                let here = self.tokens.iter().enumerate().filter(|(_, token)| token.word == word);
                here.for_each(|(at, _)| fixed(at, phrases));
            }
        } else {
            for (at, token) in self.tokens.iter().enumerate().filter(|(_, token)| token.word != 0) {
                by_word.get(&token.word).into_iter().for_each(|phrases| fixed(at, phrases));
            }
        }
        let may_stand = |id: SequenceId| self.compiled.required.phrase(id, &self.words);
        for &id in of.rarest.open.iter().filter(|id| may_stand(**id)) {
            let (before, behind) = self.compiled.sequences[id].without_front();
            for at in 0..self.tokens.len() {
                runs.extend(&*self.runs((before, at), (behind, at), at, None));
            }
        }
        if of.has_tokens() {
            let special = |at| self.special_at(list, at).map(|end| Run { start: at, end });
            runs.extend((0..self.tokens.len()).filter_map(special));
        }
        for (slot, phrases) in &of.rarest.by_slot {
            for (start, ends) in &*self.spots(*slot) {
                for end in each(ends) {
                    for &(id, step) in phrases.iter().filter(|(id, _)| self.may_stand(*id, *start))
                    {
                        runs.extend(&*self.around(id, step, Run { start: *start, end }, None));
                    }
                }
            }
        }
        runs.sort_unstable_by_key(|run| (run.start, std::cmp::Reverse(run.end)));
        runs.dedup();
        runs.chunk_by(|a, b| a.start == b.start)
            .map(|runs| (runs[0].start, Some(runs.iter().map(|run| run.end).collect())))
            .collect()
    }

    /// Tells `visit` every place where `steps` can end when they start at token `at`;
    /// returns whether they can. A place may be told more than once.
    fn forward(&self, steps: &[Step], at: usize, walk: Walk, visit: &mut dyn FnMut(usize)) -> bool {
        self.on(&Rest::Steps(steps, &Rest::Nothing), at, walk, visit)
    }

    fn on(&self, rest: &Rest<'_>, at: usize, walk: Walk, visit: &mut dyn FnMut(usize)) -> bool {
        let (step, rest) = match *rest {
            Rest::Nothing => {
                visit(at);
                return true;
            }
            Rest::Steps([], rest) => return self.on(rest, at, walk, visit),
            Rest::Steps([step, steps @ ..], rest) => (step, Rest::Steps(steps, rest)),
            Rest::Again(step, most, rest) => {
                let missing = self.on(rest, at, walk, visit);
                if most == 0 {
                    return missing;
                }
                let again = Rest::Again(step, most - 1, rest);
                let once = Rest::Steps(std::slice::from_ref(step), &again);
                return self.on(&once, at, walk, visit) || missing;
            }
        };
        let rest = &rest;
        let here = self.tokens.get(at).filter(|token| token.sentence == walk.sentence);
        match step {
            Step::Start => self.is_start(at) && self.on(rest, at, walk, visit),
            Step::End => self.is_end(at) && self.on(rest, at, walk, visit),
            Step::NotWord(word) if here.is_some_and(|token| token.word == *word) => false,
            Step::NotSlot(list) if here.is_some() && self.ends(*list, at).is_some() => false,
            Step::NotWord(_) | Step::NotSlot(_) => self.on(rest, at, walk, visit),
            Step::Hit => walk
                .hit
                .filter(|hit| hit.start == at)
                .is_some_and(|hit| self.on(rest, hit.end, walk, visit)),
            Step::Slot(list) => {
                let mut found = false;
                let ends = here.and_then(|_| self.ends(*list, at));
                for end in each(&ends) {
                    found |= self.on(rest, end, walk, visit);
                }
                found
            }
            // Every way is tried: each can end at another place.
            Step::Group(ways) => {
                let word = here.map_or(0, |token| token.word);
                let mut found = false;
                for way in ways.iter().filter(|way| may_be(way.first(), word)) {
                    found |= self.on(&Rest::Steps(way, rest), at, walk, visit);
                }
                found
            }
            Step::UpTo { step, most } => self.on(&Rest::Again(step, *most, rest), at, walk, visit),
            Step::Gap { least, most } => {
                for taken in 0..=*most {
                    if taken >= *least && self.on(rest, at + taken, walk, visit) {
                        return true;
                    }
                    let word =
                        |token: &Tok| token.sentence == walk.sentence && token.kind == Kind::Word;
                    if !self.tokens.get(at + taken).is_some_and(word) {
                        return false;
                    }
                }
                false
            }
            _ => here.is_some() && self.is(step, at) && self.on(rest, at + 1, walk, visit),
        }
    }

    /// Tells `visit` every place where `steps` can start when they end before token
    /// `at`; returns whether they can.
    fn backward(
        &self,
        steps: &[Step],
        at: usize,
        walk: Walk,
        visit: &mut dyn FnMut(usize),
    ) -> bool {
        self.back(&Rest::Steps(steps, &Rest::Nothing), at, walk, visit)
    }

    fn back(&self, rest: &Rest<'_>, at: usize, walk: Walk, visit: &mut dyn FnMut(usize)) -> bool {
        let (step, rest) = match *rest {
            Rest::Nothing => {
                visit(at);
                return true;
            }
            Rest::Steps([], rest) => return self.back(rest, at, walk, visit),
            Rest::Steps([steps @ .., step], rest) => (step, Rest::Steps(steps, rest)),
            Rest::Again(step, most, rest) => {
                let missing = self.back(rest, at, walk, visit);
                if most == 0 {
                    return missing;
                }
                let again = Rest::Again(step, most - 1, rest);
                let once = Rest::Steps(std::slice::from_ref(step), &again);
                return self.back(&once, at, walk, visit) || missing;
            }
        };
        let rest = &rest;
        let before = |at: usize| {
            let last = at.checked_sub(1)?;
            self.tokens.get(last).filter(|token| token.sentence == walk.sentence).map(|_| last)
        };
        match step {
            Step::Start => self.is_start(at) && self.back(rest, at, walk, visit),
            Step::End => self.is_end(at) && self.back(rest, at, walk, visit),
            Step::NotWord(word)
                if before(at).is_some_and(|last| self.tokens[last].word == *word) =>
            {
                false
            }
            Step::NotSlot(list) if before(at).is_some() && self.starts(*list, at).is_some() => {
                false
            }
            Step::NotWord(_) | Step::NotSlot(_) => self.back(rest, at, walk, visit),
            Step::Hit => walk
                .hit
                .filter(|hit| hit.end == at)
                .is_some_and(|hit| self.back(rest, hit.start, walk, visit)),
            Step::Slot(list) => {
                let mut found = false;
                let starts = before(at).and_then(|_| self.starts(*list, at));
                for start in each(&starts) {
                    found |= self.back(rest, start, walk, visit);
                }
                found
            }
            Step::Group(ways) => {
                let word = before(at).map_or(0, |last| self.tokens[last].word);
                let mut found = false;
                for way in ways.iter().filter(|way| may_be(way.last(), word)) {
                    found |= self.back(&Rest::Steps(way, rest), at, walk, visit);
                }
                found
            }
            Step::UpTo { step, most } => {
                self.back(&Rest::Again(step, *most, rest), at, walk, visit)
            }
            Step::Gap { least, most } => {
                let mut found = false;
                for taken in 0..=*most {
                    let Some(start) = at.checked_sub(taken) else { break };
                    found |= taken >= *least && self.back(rest, start, walk, visit);
                    if !before(start).is_some_and(|last| self.tokens[last].kind == Kind::Word) {
                        break;
                    }
                }
                found
            }
            _ => before(at)
                .is_some_and(|last| self.is(step, last) && self.back(rest, last, walk, visit)),
        }
    }

    /// Whether one token is what a step asks for.
    fn is(&self, step: &Step, at: usize) -> bool {
        let token = &self.tokens[at];
        match step {
            Step::Word { id, case } => token.word == *id && self.case_fits(case, at),
            // The words are in the order of their ids.
            Step::AnyOf(words) => {
                let from = words.partition_point(|(id, _)| *id < token.word);
                let here = words[from..].iter().take_while(|(id, _)| *id == token.word);
                here.map(|(_, case)| case).any(|case| self.case_fits(case, at))
            }
            Step::Mark(mark) => token.word == *mark,
            Step::Capitalised => token.kind == Kind::Word && self.is_capitalised(at),
            Step::Number => {
                token.kind == Kind::Word
                    && self.folded(at).starts_with(|c: char| c.is_ascii_digit())
            }
            Step::Handle => token.kind == Kind::Handle,
            Step::Link => token.kind == Kind::Link,
            _ => false,
        }
    }

    /// A token as it stands in the folded text.
    pub fn folded(&self, at: usize) -> &str {
        &self.field.folded.text()[self.tokens[at].span.range()]
    }

    /// A token as it is written.
    pub fn written(&self, at: usize) -> &str {
        &self.field.text[self.field.to_field(self.tokens[at].span).range()]
    }

    /// Whether a word has a capital that means something: where a whole sentence
    /// is in capitals, none does.
    fn is_capitalised(&self, at: usize) -> bool {
        self.written(at).chars().next().is_some_and(char::is_uppercase) && !self.is_shouted(at)
    }

    /// Whether the sentence of a token has no small letter.
    fn is_shouted(&self, at: usize) -> bool {
        let sentence = self.sentence(at);
        let span = self.field.to_field(self.span(sentence));
        self.field.text.get(span.range()).is_some_and(|text| !text.chars().any(char::is_lowercase))
    }

    fn case_fits(&self, case: &CaseTest, at: usize) -> bool {
        let token = self.tokens[at];
        let upper_at = |offset: u16| {
            let place = token.span.start + usize::from(offset);
            let source = self.field.to_field(Span::new(place, place + 1));
            self.field.text.get(source.range()).is_some_and(|c| c.chars().any(char::is_uppercase))
        };
        match case {
            CaseTest::Any => true,
            CaseTest::Capitals(places) => places.iter().all(|&place| upper_at(place)),
            CaseTest::Exact(places) => {
                places.iter().all(|&place| upper_at(place))
                    && self.written(at).chars().filter(|c| c.is_uppercase()).count() == places.len()
            }
            CaseTest::Sentence => {
                let written = self.written(at);
                let first_is_small = !written.chars().next().is_some_and(char::is_uppercase);
                let all_capitals =
                    written.chars().nth(1).is_some() && written.chars().all(|c| !c.is_lowercase());
                first_is_small || all_capitals || self.is_start(at)
            }
        }
    }

    /// Whether a sentence, line, label or item starts at token `at`.
    fn is_start(&self, at: usize) -> bool {
        let Some(last) = at.checked_sub(1) else { return true };
        let before = self.tokens[last];
        let Some(token) = self.tokens.get(at) else { return true };
        let gap = self.gap(last);
        if token.sentence != before.sentence || self.breaks_line(gap) {
            return true;
        }
        match before.kind {
            // `std::rc` and `rc.boot` are one name, `Religion:Sikh` is a label.
            Kind::Mark('.' | '!' | '?' | ';' | '#' | '>') => !gap.is_empty(),
            Kind::Mark(':') => {
                last.checked_sub(1).is_none_or(|at| self.tokens[at].kind != Kind::Mark(':'))
            }
            Kind::Mark('-' | '•' | '(' | '[' | '|' | '=' | '~' | '·') => true,
            _ => false,
        }
    }

    /// Whether a sentence, line, clause or item ends before token `at`.
    fn is_end(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else { return true };
        let before = at.checked_sub(1).map(|last| (self.tokens[last], self.gap(last)));
        if before
            .is_some_and(|(before, gap)| before.sentence != token.sentence || self.breaks_line(gap))
        {
            return true;
        }
        match token.kind {
            Kind::Mark('.' | ':') => {
                let runs_on = self.tokens.get(at + 1).is_some() && self.gap(at).is_empty();
                !runs_on
            }
            Kind::Mark(',' | ';' | '!' | '?' | ')' | ']' | '|' | '-' | '•' | '&' | '+' | '/') => {
                true
            }
            _ => false,
        }
    }

    /// Whether a line break that means something stands in a gap.
    fn breaks_line(&self, gap: &str) -> bool {
        !self.field.wrapped && gap.contains('\n')
    }

    /// What stands between token `at` and the next.
    fn gap(&self, at: usize) -> &str {
        let from = self.field.to_field(self.tokens[at].span).end;
        let to = self
            .tokens
            .get(at + 1)
            .map_or(self.block.end, |next| self.field.to_field(next.span).start);
        self.field.text.get(from..to.max(from)).unwrap_or_default()
    }
}

/// Whether a word can be what a way of a group has at its edge, as far as that is seen at
/// a glance.
fn may_be(edge: Option<&Step>, word: WordId) -> bool {
    match edge {
        Some(Step::Word { id, .. } | Step::Mark(id)) => *id == word,
        _ => true,
    }
}

/// Where the phrases of a list stand in a whole field (bytes of the field).
/// `words` are those of the field, or all.
pub fn all_places(
    compiled: &Compiled,
    field: &Prepared<'_>,
    list: ListId,
    words: WordSet,
) -> Vec<Span> {
    let mut scene = Scene::new(compiled, field);
    scene.words = words;
    let mut places = Vec::new();
    let mut at = 0;
    while at < field.text.len() {
        let end = scene.load(at);
        places.extend(
            scene
                .places(list, scene.block(), None, usize::MAX)
                .into_iter()
                .map(|run| field.to_field(scene.span(run)))
                // What overlaps the next block is found there.
                .filter(|place| at <= place.start && place.start < end),
        );
        at = end.max(at + 1);
        while !field.text.is_char_boundary(at) {
            at += 1;
        }
    }
    places.sort_unstable();
    places
}
