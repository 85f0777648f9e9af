//! Whether phrases of lists fit at a place, and around a hit.

use std::rc::Rc;

use super::compiled::{Anchor, Beside, ListId};
use super::few::Few;
use super::scene::{Places, Run, Scene};
use super::steps::{SequenceId, Sides};
use super::walk::Walk;

/// All of some places.
pub(super) fn each(places: &Places) -> impl Iterator<Item = usize> + '_ {
    places.iter().flat_map(|places| places.iter().copied())
}

impl Scene<'_> {
    /// Where the phrases of `list` that start at token `at` end; longest first.
    pub(super) fn ends(&self, list: ListId, at: usize) -> Places {
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
    pub(super) fn starts(&self, list: ListId, at: usize) -> Places {
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
    pub(super) fn special_at(&self, list: ListId, at: usize) -> Option<usize> {
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
    pub(super) fn may_stand(&self, id: SequenceId, at: usize) -> bool {
        self.compiled.required.phrase(id, self.words_beside(at))
    }

    /// Whether the sentence of a token holds the words that any phrase of a list asks for.
    pub fn may_stand_beside(&self, list: ListId, at: usize) -> bool {
        self.compiled.required.list(list, self.words_beside(at))
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

    fn is_before(&self, list: ListId, run: Run) -> bool {
        self.starts(list, run.start).is_some()
    }

    fn is_behind(&self, list: ListId, run: Run) -> bool {
        self.ends(list, run.end).is_some()
    }

    /// The runs of a phrase around `run`, which fills its step `slot`.
    pub(super) fn around(
        &self,
        id: SequenceId,
        slot: usize,
        run: Run,
        hit: Option<Run>,
    ) -> Few<Run> {
        let steps = &self.compiled.sequences[id].steps;
        self.runs((&steps[..slot], run.start), (&steps[slot + 1..], run.end), run.start, hit)
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
}
