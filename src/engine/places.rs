//! Where phrases of a list stand that is looked for near something.

use std::rc::Rc;

use super::compiled::{Compiled, ListId};
use super::phrases::each;
use super::prepared::Prepared;
use super::presence::WordSet;
use super::scene::{Run, Scene, Spots};
use super::steps::SequenceId;
use crate::text::Span;

impl Scene<'_> {
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
    pub(super) fn spots(&self, list: ListId) -> Rc<Spots> {
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
