//! What is found in all parts of a field, put together.

use std::collections::{BTreeMap, BTreeSet};

use super::compiled::{Compiled, CompiledWhat, RuleId};
use super::scan::{Found, Scanner};
use crate::pack::{Merge, Needs, Rule, Within};
use crate::text::Span;

impl Scanner<'_> {
    /// Puts the findings of all parts of a field together: those that overlap
    /// as one, without rules that yield, merged where a rule says so.
    pub fn settle(&self, mut found: Vec<Found>) -> Vec<Found> {
        found.sort_by(|a, b| {
            (
                a.rule,
                a.spans[0].start,
                std::cmp::Reverse(a.spans[0].end),
                std::cmp::Reverse(a.severity),
                a.find,
            )
                .cmp(&(
                    b.rule,
                    b.spans[0].start,
                    std::cmp::Reverse(b.spans[0].end),
                    std::cmp::Reverse(b.severity),
                    b.find,
                ))
        });
        // An absence, and most counts, are about a text, not about the words they
        // are shown at.
        let (found, whole): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|found| self.compiled.finds[found.find].what.has_own_places());
        let whole = self.without_lesser_counts(&whole);
        let mut kept: Vec<Found> = Vec::with_capacity(found.len());
        for next in found {
            match kept.last_mut() {
                // Both start at or behind the last one kept, so only it can overlap the next.
                Some(last) if last.rule == next.rule && last.spans[0].overlaps(next.spans[0]) => {
                    last.spans[0] = last.spans[0].join(next.spans[0]);
                    last.put_of_one(&next);
                    if next.severity > last.severity {
                        last.severity = next.severity;
                        last.related = next.related;
                        last.find = next.find;
                    }
                }
                _ => kept.push(next),
            }
        }
        let kept = self.without_yielding(self.enough(kept));
        let mut merged: Vec<Found> = Vec::with_capacity(kept.len());
        for next in kept {
            let merge = self.rule(next.rule).merge;
            let with = merged.last_mut().filter(|last| {
                last.rule == next.rule
                    && match merge {
                        Merge::Place => false,
                        Merge::Sentence => last.sentence == next.sentence,
                        Merge::Field => true,
                    }
            });
            match with {
                None => merged.push(next),
                Some(last) => last.absorb(next),
            }
        }
        merged.iter_mut().filter(|found| found.spans.len() > 1).for_each(Found::tidy);
        let placed = merged.len();
        for one in self.without_yielding(whole) {
            let other = self.tell_apart(&mut merged[..placed], one);
            merged.extend(other);
        }
        merged.sort();
        merged
    }

    /// Too many of something where a part of it has been found already is the same
    /// finding, though it may matter more; returns the count where it is another.
    fn tell_apart(&self, merged: &mut [Found], whole: Found) -> Option<Found> {
        let what = &self.compiled.finds[whole.find].what;
        // A weight adds nothing to words that are found by themselves.
        if matches!(what, CompiledWhat::Text { .. }) {
            let known = merged.iter().any(|found| found.rule == whole.rule);
            return (!known).then_some(whole);
        }
        let of_things = matches!(what, CompiledWhat::Count { unit, .. } if !unit.is_length());
        let by_field = self.rule(whole.rule).merge == Merge::Field;
        let told = merged.iter_mut().find(|found| {
            let near = || found.spans.iter().any(|span| span.overlaps(whole.spans[0]));
            of_things && found.rule == whole.rule && (by_field || near())
        });
        let Some(told) = told else { return Some(whole) };
        if whole.severity > told.severity {
            told.severity = whole.severity;
            told.find = whole.find;
            told.counted = whole.counted;
        }
        None
    }

    /// Leaves out of several counts of one thing, under the same facts, all but
    /// the one that matters most: six hashtags are not also three.
    fn without_lesser_counts(&self, found: &[Found]) -> Vec<Found> {
        let same = |a: &Found, b: &Found| {
            let (one, other) = (&self.compiled.finds[a.find], &self.compiled.finds[b.find]);
            match (&one.what, &other.what) {
                (CompiledWhat::Count { unit: a, .. }, CompiledWhat::Count { unit: b, .. }) => {
                    one.rule == other.rule && a == b && one.when == other.when
                }
                _ => false,
            }
        };
        let rank = |found: &Found| (found.severity, std::cmp::Reverse(found.find));
        let lesser = |one: &Found| found.iter().any(|b| same(one, b) && rank(b) > rank(one));
        found.iter().filter(|one| !lesser(one)).cloned().collect()
    }

    /// Leaves out what is too little to count in its sentence or field. What must
    /// be enough in a record or a document is for the caller, who sees all of it.
    fn enough(&self, mut found: Vec<Found>) -> Vec<Found> {
        let needs = |found: &Found| {
            needs(self.compiled, self.rule(found.rule), found)
                .filter(|(_, needs)| matches!(needs.within, Within::Sentence | Within::Field))
        };
        if !found.iter().any(|found| needs(found).is_some()) {
            return found;
        }
        let scope = |found: &Found, with: Counted, needs: Needs| match needs.within {
            Within::Sentence => (with, Some(found.sentence)),
            _ => (with, None),
        };
        let mut tallies: BTreeMap<(Counted, Option<Span>), Tally> = BTreeMap::new();
        for found in &found {
            if let Some((with, needs)) = needs(found) {
                tallies.entry(scope(found, with, needs)).or_default().add(found);
            }
        }
        found.retain_mut(|found| {
            let Some((with, needs)) = needs(found) else { return true };
            let Some(tally) = tallies.get(&scope(found, with, needs)) else { return false };
            found.counted = Some((tally.count(needs), 0));
            tally.is_enough(needs)
        });
        found
    }

    /// Leaves out what another rule has found in the same sentence already.
    fn without_yielding(&self, mut found: Vec<Found>) -> Vec<Found> {
        // What must be enough in a record or a document may yet be dropped.
        let certain = |found: &&Found| {
            needs(self.compiled, self.rule(found.rule), found)
                .is_none_or(|(_, needs)| !matches!(needs.within, Within::Record | Within::Document))
        };
        let stronger: BTreeSet<(Span, RuleId)> =
            found.iter().filter(certain).map(|found| (found.sentence, found.rule)).collect();
        let by_name =
            |name: &str| (0..self.compiled.rules.len()).find(|&id| self.rule(id).id == name);
        let mut yields: BTreeMap<RuleId, Vec<RuleId>> = BTreeMap::new();
        found.retain(|found| {
            let to = yields.entry(found.rule).or_insert_with(|| {
                self.rule(found.rule)
                    .yields_to
                    .iter()
                    .filter_map(|(name, _)| by_name(name))
                    .collect()
            });
            !to.iter().any(|&rule| stronger.contains(&(found.sentence, rule)))
        });
        found
    }
}

impl Found {
    /// Takes in a later finding of the same rule; [`Found::tidy`] follows.
    fn absorb(&mut self, next: Self) {
        if next.severity > self.severity {
            self.severity = next.severity;
            self.find = next.find;
        }
        self.finds.extend(next.finds);
        self.spans.extend(next.spans);
        self.related.extend(next.related);
        self.disguises.extend(next.disguises);
        self.puts.extend(next.puts);
    }

    /// Settles what is put in place of words that `next`, which is joined with this
    /// finding, has found as well: the words of the longest hit, and nothing where two
    /// finds would write different things or each has words of its own.
    fn put_of_one(&mut self, next: &Self) {
        let whole = self.spans[0];
        self.puts.extend(next.puts.iter().cloned());
        self.puts.retain(|put| put.span == whole);
        self.puts.dedup();
        self.disputed |= self.puts.len() > 1;
        if self.disputed {
            self.puts.clear();
        }
    }

    /// Puts the places of findings that were put together in order, each once.
    fn tidy(&mut self) {
        self.spans.sort_unstable();
        self.spans.dedup();
        self.puts.sort_unstable();
        self.puts.dedup();
        let mut seen = BTreeSet::new();
        let spans = &self.spans;
        self.related.retain(|related| {
            spans.binary_search(&related.0).is_err() && seen.insert(related.clone())
        });
    }
}

/// What hits are counted together: those of a rule, or of one find of it by its place
/// in the rule.
pub type Counted = (RuleId, Option<usize>);

/// How much must be found before a finding counts, and with what it is counted.
pub fn needs(compiled: &Compiled, rule: &Rule, found: &Found) -> Option<(Counted, Needs)> {
    let find = &compiled.finds[found.find];
    let own = find.needs.map(|needs| ((found.rule, Some(find.nth)), needs));
    own.or_else(|| rule.needs.map(|needs| ((found.rule, None), needs)))
}

/// What has been found of a rule in some place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    finds: BTreeSet<usize>,
    hits: usize,
}

impl Tally {
    /// Adds a finding.
    pub fn add(&mut self, found: &Found) {
        self.finds.extend(&found.finds);
        self.hits += found.spans.len();
    }

    /// Adds what was found elsewhere.
    pub fn join(&mut self, other: &Self) {
        self.finds.extend(&other.finds);
        self.hits += other.hits;
    }

    /// Whether a rule that needs so much counts.
    pub fn is_enough(&self, needs: Needs) -> bool {
        self.finds.len() >= needs.finds && self.hits >= needs.hits
    }

    /// The number for `{count}`.
    pub fn count(&self, needs: Needs) -> usize {
        if needs.hits > 0 { self.hits } else { self.finds.len() }
    }
}
