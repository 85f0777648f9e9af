//! Phrases compared with the text, step by step, on and back.

use super::few::Few;
use super::phrases::each;
use super::scene::{Kind, Run, Scene, Tok};
use super::steps::{CaseTest, Step, WordId};
use crate::text::Span;

/// Under what a phrase is compared with the text.
#[derive(Clone, Copy)]
pub(super) struct Walk {
    /// The words `<T>` stands for.
    pub hit: Option<Run>,
    /// The sentence that it may not leave.
    pub sentence: usize,
}

/// What of a phrase is still to be found.
enum Rest<'s> {
    Nothing,
    Steps(&'s [Step], &'s Rest<'s>),
    /// A step up to so many more times.
    Again(&'s Step, usize, &'s Rest<'s>),
}

impl Scene<'_> {
    /// The runs that steps back from a token and steps on from a token make, in the
    /// sentence of the token `inside`.
    pub(super) fn runs(
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

    /// Tells `visit` every place where `steps` can end when they start at token `at`;
    /// returns whether they can. A place may be told more than once.
    pub(super) fn forward(
        &self,
        steps: &[Step],
        at: usize,
        walk: Walk,
        visit: &mut dyn FnMut(usize),
    ) -> bool {
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
    pub(super) fn backward(
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
