//! The scan: literals, then the phrases around them, then what stands near.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::activation::Activation;
use super::compiled::{
    Compiled, CompiledCondition, CompiledFind, CompiledWhat, FindId, ListId, RuleId,
};
use super::counting::Counting;
use super::matcher::RawHit;
use super::memory::Memory;
use super::neighbours::Neighbours;
use super::prepared::Prepared;
use super::presence::WordSet;
use super::prospects::Prospects;
use super::record::{Holds, RecordScene};
use super::replacing::Put;
use super::scene::{Run, Scene, SceneMemory, all_places};
use super::weigh::{Evidence, Gathering, Weighing};
use crate::pack::{Merge, Needs, PackSet, Place, Rule, Severity, Side, Within};
use crate::record::{FieldName, Record, name_number};
use crate::text::{Disguise, Span, is_word_char};

/// A rule that holds at a place of one field. Spans are bytes of the field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The words the rule is about: several where findings are put together.
    pub spans: Vec<Span>,
    /// The rule.
    pub rule: RuleId,
    /// The find of the rule.
    pub find: FindId,
    /// How much it matters.
    pub severity: Severity,
    /// Places that made it a finding, with what stands there.
    pub related: Vec<(Span, String)>,
    /// Hidden and look-alike characters inside the words, in order.
    pub disguises: Vec<char>,
    /// What was counted and the most that is allowed.
    pub counted: Option<(usize, usize)>,
    /// The finds that were put together in it, this one included, by their place in
    /// the rule.
    pub finds: Vec<usize>,
    /// What would mend it, in the order of the places.
    pub puts: Vec<Put>,
    /// Whether finds would put different things in the same place, so that nothing is.
    disputed: bool,
    /// The sentence it is in.
    sentence: Span,
}

/// What stands in the fields of the same record or document. It is asked only where
/// a hit has a condition that looks so far.
pub trait Around: fmt::Debug + Sync {
    /// How often a list stands in the record or in the document, the scanned field
    /// included.
    fn places(&self, list: ListId, within: Within) -> usize;
}

/// A field with nothing around it.
#[derive(Debug)]
pub struct Alone;

impl Around for Alone {
    fn places(&self, _: ListId, _: Within) -> usize {
        0
    }
}

/// One scan of one field, or of a part of a very long one.
pub struct Scanner<'a> {
    pub set: &'a PackSet,
    pub compiled: &'a Compiled,
    pub active: &'a Activation,
    pub field: &'a Prepared<'a>,
    pub field_name: &'a str,
    /// The names by which it can be meant, once a find asks for any.
    pub field_names: OnceCell<FieldName>,
    pub around: &'a dyn Around,
    pub record: &'a Record,
    /// Where weighed hits are gathered, if anybody asks for them.
    pub gathering: Option<&'a Gathering>,
    /// Whether to leave out what cannot come to anything; makes no difference to what is
    /// found.
    pub shortcuts: bool,
}

impl<'a> Scanner<'a> {
    /// Everything found through literals that start in `from..to` (bytes of the
    /// folded text), and with `rest` what is not found through literals. Cut anywhere,
    /// the parts give what the whole gives.
    pub fn part(&self, part: (usize, usize), rest: bool) -> Vec<Found> {
        self.part_in(part, rest, &mut Memory::default())
    }

    /// The same in memory of the scan before.
    pub fn part_in(
        &self,
        (from, to): (usize, usize),
        rest: bool,
        memory: &mut Memory,
    ) -> Vec<Found> {
        let mut hits = std::mem::take(&mut memory.hits);
        hits.clear();
        let mut look = Look::new(self, std::mem::take(&mut memory.scene));
        let text = self.field.folded.text();
        if !self.shortcuts {
            self.compiled.matcher.hits_unfiltered(text, from, to, &mut hits);
        } else if let Some(pieces) = self.field.pieces().filter(|_| (from, to) == (0, text.len())) {
            let mut words = WordSet::empty();
            self.compiled.matcher.hits_and_words(text, pieces, &mut words, &mut hits);
            look.scene.words = words;
        } else {
            self.compiled.matcher.hits(text, from, to, &mut hits);
        }
        let mut found = Vec::new();
        for &hit in &hits {
            self.hit(&mut look, hit, &mut found);
        }
        if rest {
            self.rest(&mut look, &mut found);
        }
        memory.hits = hits;
        memory.scene = look.scene.into_memory();
        found
    }

    /// Judges the phrases that stand around a literal.
    fn hit(&self, look: &mut Look<'_, 'a>, hit: RawHit, found: &mut Vec<Found>) {
        let literal = Span::new(hit.start, hit.end);
        let text = self.field.folded.text();
        let mut beside = Neighbours::new(self.compiled, text, literal);
        let prospects = Prospects::new(self.compiled, self.active);
        let mut known = None;
        let anchors = &self.compiled.anchors[hit.literal];
        let (mut at, mut others) = (0, 0);
        while let Some(anchor) = anchors.get(at) {
            // Said of most anchors of most literals by one look at a bit.
            if self.shortcuts && at == others {
                others = anchor.others as usize;
                if !self.compiled.required.has(anchor.asks, &look.scene.words) {
                    at = others;
                    continue;
                }
            }
            at += 1;
            let mut may_be = || {
                self.has_capitals(literal.start, anchor.capitals)
                    && prospects.anchor(anchor, &mut beside, &look.scene.words)
            };
            if !self.active.lists[anchor.list] || (self.shortcuts && !may_be()) {
                continue;
            }
            let Some(run) = known.or_else(|| look.scene.look_at(literal)) else { return };
            known = Some(run);
            for &run in &*look.scene.anchored(anchor, run) {
                self.phrase(look, anchor.list, run, found);
            }
        }
    }

    /// Whether a literal has the capitals that an anchor asks for. What is folded to
    /// several letters is one character.
    fn has_capitals(&self, start: usize, capitals: usize) -> bool {
        self.compiled.capitals[capitals].iter().all(|&at| {
            let at = start + usize::from(at);
            let written = self.field.to_field(Span::new(at, at + 1));
            self.field.text.get(written.range()).is_some_and(|c| c.chars().any(char::is_uppercase))
        })
    }

    /// Judges a phrase of a list, and the phrases that hold it in a slot.
    fn phrase(&self, look: &mut Look<'_, 'a>, list: ListId, run: Run, found: &mut Vec<Found>) {
        let span = self.field.to_field(look.scene.span(run));
        let prospects = Prospects::new(self.compiled, self.active);
        for &id in &self.compiled.list_finds[list] {
            let words = (&look.scene.words, look.scene.words_beside(run.start));
            // Whether a cue stands there is seen when it is judged, for all finds at once.
            if self.active.finds[id] && (!self.shortcuts || prospects.find(id, words)) {
                found.extend(look.judge(id, span, Some(run)));
            }
        }
        for (outer, run) in look.scene.held(list, run) {
            if self.active.lists[outer] {
                self.phrase(look, outer, run, found);
            }
        }
    }

    /// Everything that is not found through literals: regular expressions,
    /// handles, links, hashtags, counts and absences.
    fn rest(&self, look: &mut Look<'_, 'a>, found: &mut Vec<Found>) {
        self.patterns(look, found);
        for &list in &self.compiled.token_lists {
            for span in self.field.token_places(self.compiled, list).collect::<Vec<_>>() {
                let run = look.run_of(span);
                for &id in &self.compiled.list_finds[list] {
                    if self.active.finds[id] {
                        found.extend(look.judge(id, span, Some(run)));
                    }
                }
                for (outer, run) in look.scene.held(list, run) {
                    if self.active.lists[outer] {
                        self.phrase(look, outer, run, found);
                    }
                }
            }
        }
        for &id in &self.compiled.other_finds {
            // Counting takes as long as all else, and many counts are of a field or two.
            if !self.active.finds[id] || !self.reads_field(id) {
                continue;
            }
            match self.compiled.finds[id].what {
                CompiledWhat::Count { most: Some(most), unit, by_sentence, except } => {
                    let counting = Counting { unit, most, by_sentence, except };
                    counting.find(look, id, found);
                }
                CompiledWhat::Missing { list, within } => {
                    found.extend(self.missing(look, id, list, within));
                }
                _ => {}
            }
        }
        self.whole_text(look, found);
    }

    fn patterns(&self, look: &mut Look<'_, 'a>, found: &mut Vec<Found>) {
        let plain = self.field.plain();
        let open = self.compiled.patterns.open(&plain, self.shortcuts);
        for pattern in open {
            let id = self.compiled.pattern_finds[pattern];
            let CompiledWhat::Pattern { validator } = self.compiled.finds[id].what else {
                continue;
            };
            if !self.active.finds[id] || !self.reads_field(id) {
                continue;
            }
            let pattern = self.compiled.patterns.get(pattern);
            let Some(regex) = pattern.regex() else { continue };
            // The group `value`, where there is one, is what is meant.
            let has_value = regex.capture_names().flatten().any(|name| name == "value");
            let mut at = 0;
            while let Some(whole) = regex.find_at(&plain, at) {
                at = whole.end();
                let value = if has_value {
                    regex
                        .captures_at(&plain, whole.start())
                        .and_then(|groups| groups.name("value").or_else(|| groups.get(0)))
                } else {
                    Some(whole)
                };
                let Some(value) = value else { continue };
                if value.is_empty()
                    || validator.is_some_and(|validator| !validator.accepts(value.as_str()))
                {
                    continue;
                }
                let span = self.field.plain_to_field(Span::new(value.start(), value.end()));
                found.extend(look.judge(id, span, None));
            }
        }
    }

    /// Whether a find is about the field at all.
    pub(super) fn reads_field(&self, id: FindId) -> bool {
        let find = &self.compiled.finds[id];
        let names = || self.field_names.get_or_init(|| FieldName::new(self.field_name));
        let reads = |fields: &[String]| {
            fields.is_empty() || fields.iter().any(|name| names().is_meant_by(name))
        };
        reads(&find.fields) && reads(&find.rule_fields)
    }

    /// An absence.
    fn missing(
        &self,
        look: &mut Look<'_, 'a>,
        id: FindId,
        list: ListId,
        within: Within,
    ) -> Option<Found> {
        let far = matches!(within, Within::Record | Within::Document);
        if !look.places(list).is_empty() || (far && self.around.places(list, within) > 0) {
            return None;
        }
        let text = self.field.text;
        let start = text.len() - text.trim_start().len();
        let line = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = text.floor_char_boundary(line.min(start + 80));
        if text[start..end].trim().is_empty() {
            return None;
        }
        look.judge(id, Span::new(start, start + text[start..end].trim_end().len()), None)
    }

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
        if matches!(what, CompiledWhat::Text) {
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

    pub(super) fn rule(&self, id: RuleId) -> &'a crate::pack::Rule {
        let (pack, index) = self.compiled.rules[id];
        &self.set.packs()[pack].rules[index]
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

/// The questions that are asked about one field.
pub(super) struct Look<'s, 'a> {
    pub(super) scan: &'s Scanner<'a>,
    scene: Scene<'a>,
    places: BTreeMap<ListId, Vec<Span>>,
    /// The names of what stands in the record, by [`name_number`], once asked for.
    columns: OnceCell<Vec<u64>>,
}

impl<'s, 'a> Look<'s, 'a> {
    fn new(scan: &'s Scanner<'a>, memory: SceneMemory) -> Self {
        let mut scene = Scene::within(scan.compiled, scan.field, memory);
        scene.shortcuts = scan.shortcuts;
        Self { scan, scene, places: BTreeMap::new(), columns: OnceCell::new() }
    }

    /// Every place of a list in the field.
    pub(super) fn places(&mut self, list: ListId) -> &[Span] {
        let (scan, scene) = (self.scan, &self.scene);
        self.places.entry(list).or_insert_with(|| {
            if !scan.compiled.required.list(list, &scene.words) {
                return Vec::new();
            }
            scene
                .places_in_field(list)
                .unwrap_or_else(|| all_places(scan.compiled, scan.field, list, scene.words.clone()))
        })
    }

    /// Judges one hit of one find. `span` is bytes of the field; `run` its tokens
    /// if they are known.
    pub(super) fn judge(&mut self, id: FindId, span: Span, run: Option<Run>) -> Option<Found> {
        let scan = self.scan;
        let find = &scan.compiled.finds[id];
        let rule = scan.rule(find.rule);
        if !scan.reads_field(id) {
            return None;
        }
        let run = run.unwrap_or_else(|| self.run_of(span));
        let in_tag = self.scene.tokens().get(run.start).is_some_and(|token| token.in_tag);
        if (in_tag && !rule.hashtags) || !self.suits(id, span) {
            return None;
        }
        let mut related = Vec::new();
        if !find.cues.is_empty() {
            let cue = match find.what {
                CompiledWhat::List(list) => self.scene.longest_cue(list, run, &find.cues),
                _ => find
                    .cues
                    .iter()
                    .filter_map(|&list| self.scene.cue(list, run))
                    .max_by_key(|cue| cue.end - cue.start),
            }?;
            self.cue_labels(cue, run, &mut related);
        }
        if self.is_name(find.rule, span) {
            return None;
        }
        // A text that is weighed has no words of its own beside which others stand.
        let own = match find.what {
            CompiledWhat::Text => Span::new(span.start, span.start),
            _ => span,
        };
        for condition in &find.requires {
            let places = self.near(condition, own, run, condition.at_least);
            if places.len() < condition.at_least
                && self.elsewhere(condition) + places.len() < condition.at_least
            {
                return None;
            }
            let label = condition.label.clone().unwrap_or_default();
            related.extend(places.into_iter().map(|place| (place, label.clone())));
        }
        // Most hits have no cue, and lack what must stand near; shields are many, and take
        // longer than a weight.
        let weighed = self.weighing(id);
        if scan.gathering.is_none() && !self.has_weight(id, weighed.as_ref(), run) {
            return None;
        }
        if self.scene.is_shielded(&find.shields, run) {
            return None;
        }
        for condition in &find.unless {
            let places = self.near(condition, own, run, condition.at_least);
            if places.len() + self.elsewhere(condition) >= condition.at_least {
                return None;
            }
        }
        if let Some((weighing, _)) = &weighed {
            if scan.gathering.is_some() {
                self.gather(id, weighing, (span, run));
                if !self.has_weight(id, weighed.as_ref(), run) {
                    return None;
                }
            }
            // Where nothing but its weight makes it a finding, the words that speak most
            // for it are told.
            if find.cues.is_empty() {
                let words = weighing.speak_for(&self.scene, run).into_iter();
                let words = words.map(|word| scan.field.to_field(self.scene.span(word)));
                related.extend(words.map(|place| (place, String::new())));
            }
        }
        let Some(super::activation::RuleState::Judged { severity, .. }) =
            scan.active.rules.get(find.rule)
        else {
            return None;
        };
        let folded = self.scene.span(run);
        let disguises = scan
            .field
            .folded
            .disguises_in(folded)
            .map(|Disguise { written, .. }| written)
            .collect();
        let sentence = self.sentence_span(run, span);
        let put = find.replacing.as_ref().and_then(|replacing| {
            let new = replacing.put(scan.field.text, span, in_tag)?;
            Some(Put { span, new })
        });
        Some(Found {
            puts: put.into_iter().collect(),
            disputed: false,
            spans: vec![span],
            rule: find.rule,
            find: id,
            severity: find.severity.unwrap_or(*severity),
            related,
            disguises,
            counted: None,
            finds: vec![find.nth],
            sentence,
        })
    }

    /// Whether a hit stands where its find asks for, beside a record as it asks for.
    fn suits(&self, id: FindId, span: Span) -> bool {
        let find = &self.scan.compiled.finds[id];
        let text = self.scan.field.text;
        (find.places.is_empty() || find.places.iter().any(|&place| stands(text, span, place)))
            && !(find.skip_quoted && is_quoted(text, span))
            && (find.record.is_empty() || self.record().holds(id).is_some())
    }

    /// The scales for the hits of a find, if they are weighed, and the fewest points.
    fn weighing(&self, id: FindId) -> Option<(Weighing<'a>, i32)> {
        let scan = self.scan;
        let find = &scan.compiled.finds[id];
        let least = find.weigh.filter(|_| !matches!(find.what, CompiledWhat::Text))?.1;
        let rule = scan.rule(find.rule).id.as_str();
        Some((scan.compiled.weighing(find, rule)?, least))
    }

    /// Whether a hit has the points it needs.
    fn has_weight(&self, id: FindId, weighed: Option<&(Weighing<'_>, i32)>, run: Run) -> bool {
        let always = self.scan.compiled.always[id];
        weighed.is_none_or(|(weighing, least)| weighing.is_enough(&self.scene, run, always, *least))
    }

    /// Gathers a hit that has no cue with what is seen beside it.
    fn gather(&self, id: FindId, weighing: &Weighing<'_>, (span, run): (Span, Run)) {
        let Some(gathering) = self.scan.gathering else { return };
        if !self.scan.compiled.finds[id].cues.is_empty() {
            return;
        }
        gathering.borrow_mut().push(Evidence {
            find: id,
            rule: weighing.rule.to_owned(),
            table: weighing.table.name.clone(),
            span,
            features: weighing.features(&self.scene, run),
        });
    }

    fn record(&self) -> RecordScene<'a> {
        RecordScene {
            compiled: self.scan.compiled,
            record: self.scan.record,
            facts: &self.scan.active.facts,
        }
    }

    /// Whether the words are a name that the record holds in one of the fields that a rule
    /// leaves alone, letter for letter.
    fn is_name(&self, rule: RuleId, span: Span) -> bool {
        let fields = &self.scan.compiled.name_fields[rule];
        let words = &self.scan.field.text[span.range()];
        if fields.is_empty() || !words.starts_with(char::is_uppercase) {
            return false;
        }
        let values = &self.scan.record.values;
        let columns = self
            .columns
            .get_or_init(|| values.iter().map(|value| name_number(&value.name)).collect());
        let of_field = |field: &u64| Some(&values[columns.iter().position(|at| at == field)?].text);
        fields.iter().filter_map(of_field).any(|name| {
            name.match_indices(words).any(|(at, _)| {
                let word = |c: char| is_word_char(c);
                !name[..at].ends_with(word) && !name[at + words.len()..].starts_with(word)
            })
        })
    }

    /// The sentence of words that were not found as a literal.
    pub(super) fn sentence_at(&mut self, span: Span) -> Span {
        let run = self.run_of(span);
        self.sentence_span(run, span)
    }

    fn sentence_span(&self, run: Run, span: Span) -> Span {
        let sentence = self.scene.sentence(run.start);
        if sentence.start == sentence.end {
            return span;
        }
        self.scan.field.to_field(self.scene.span(sentence))
    }

    /// The tokens under a span of the field that was not found as a literal.
    fn run_of(&mut self, span: Span) -> Run {
        let field = self.scan.field;
        let from = field.to_folded(span.start);
        let to = field.to_folded(span.end).max(from);
        self.scene.load_around(span.start);
        let tokens = self.scene.tokens();
        let start = tokens.partition_point(|token| token.span.end <= from);
        let len = tokens[start..].iter().take_while(|token| token.span.start < to).count();
        Run { start, end: start + len }
    }

    /// The words of a cue beside the hit, as places of their own.
    fn cue_labels(&self, cue: Run, hit: Run, related: &mut Vec<(Span, String)>) {
        for run in [Run { start: cue.start, end: hit.start }, Run { start: hit.end, end: cue.end }]
        {
            if run.start < run.end {
                related.push((self.scan.field.to_field(self.scene.span(run)), String::new()));
            }
        }
    }

    /// Where a condition holds (bytes of the field); at most `most` places.
    fn near(
        &mut self,
        condition: &CompiledCondition,
        span: Span,
        run: Run,
        most: usize,
    ) -> Vec<Span> {
        let reach = match condition.within {
            Within::Words(words) => self.scene.words_around(run, words),
            Within::Sentence if !self.scene.may_stand_beside(condition.list, run.start) => {
                return Vec::new();
            }
            Within::Sentence => self.scene.sentence(run.start),
            Within::Paragraph => self.scene.block(),
            Within::Field | Within::Record | Within::Document => {
                let side = condition.side;
                let places = self.places(condition.list);
                // Sorted by where they start.
                let (from, to) = match side {
                    Side::Either => (0, places.len()),
                    Side::Before => (0, places.partition_point(|place| place.start < span.start)),
                    Side::After => {
                        (places.partition_point(|place| place.start < span.end), places.len())
                    }
                };
                return places[from..to]
                    .iter()
                    .copied()
                    .filter(|place| !place.overlaps(span))
                    .take(most)
                    .collect();
            }
        };
        let reach = match condition.side {
            Side::Either => reach,
            Side::Before => Run { start: reach.start, end: run.start },
            Side::After => Run { start: run.end, end: reach.end },
        };
        if reach.start >= reach.end {
            return Vec::new();
        }
        let field = self.scan.field;
        self.scene
            .places(condition.list, reach, Some(run), most)
            .into_iter()
            .map(|place| field.to_field(self.scene.span(place)))
            .collect()
    }

    /// How often a list is present in the other fields a condition reaches.
    fn elsewhere(&self, condition: &CompiledCondition) -> usize {
        if !matches!(condition.within, Within::Record | Within::Document) {
            return 0;
        }
        let here = self.places.get(&condition.list).map_or(0, Vec::len);
        self.scan.around.places(condition.list, condition.within).saturating_sub(here)
    }
}

/// Judges what a record holds beside its texts.
pub fn record(
    scene: &RecordScene<'_>,
    active: &Activation,
    finds: impl Iterator<Item = FindId>,
) -> Vec<(Option<usize>, Found)> {
    let RecordScene { compiled, record, .. } = *scene;
    let mut all: Vec<(Option<usize>, Found)> = Vec::new();
    for id in finds {
        let find = &compiled.finds[id];
        let Some(super::activation::RuleState::Judged { severity, .. }) =
            active.rules.get(find.rule)
        else {
            continue;
        };
        let place = match scene.holds(id) {
            None => continue,
            Some(Holds::Whole) => None,
            Some(Holds::At(at)) => Some(at),
        };
        let len = place.map_or(0, |at| record.values[at].text.len());
        let severity = find.severity.unwrap_or(*severity);
        let known = all
            .iter_mut()
            .find(|(other, found)| *other == place && found.rule == find.rule)
            .map(|(_, found)| found);
        match known {
            Some(known) if severity > known.severity => {
                known.severity = severity;
                known.find = id;
            }
            Some(_) => {}
            None => all.push((
                place,
                Found {
                    spans: vec![Span::new(0, len)],
                    rule: find.rule,
                    find: id,
                    severity,
                    related: Vec::new(),
                    disguises: Vec::new(),
                    counted: None,
                    finds: vec![find.nth],
                    puts: Vec::new(),
                    disputed: false,
                    sentence: Span::new(0, len),
                },
            )),
        }
    }
    all
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

/// Whether a hit stands on its line as a place asks.
fn stands(text: &str, span: Span, place: Place) -> bool {
    /// How far along its line a hit is looked around, in bytes.
    const REACH: usize = 1024;
    let from = text.ceil_char_boundary(span.start.saturating_sub(REACH));
    let to = text.floor_char_boundary((span.end + REACH).min(text.len()));
    let line_start = text[from..span.start].rfind(['\n', '\r']).map_or(from, |at| from + at + 1);
    let line_end = text[span.end..to].find(['\n', '\r']).map_or(to, |at| span.end + at);
    let frame =
        |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '#' | '>' | '"' | '“' | '”' | '•');
    let before = text[line_start..span.start].trim_matches(frame);
    let behind = text[span.end..line_end].trim_matches(frame);
    let dash = |c: char| matches!(c, '-' | '–' | '—' | ':' | '|' | '/');
    let open = before.chars().next_back();
    let close = behind.chars().next();
    match place {
        Place::Alone => {
            let bare = |text: &str| text.chars().all(|c| !is_word_char(c));
            bare(before) && bare(behind)
        }
        Place::LineStart => before.is_empty() && close.is_some_and(dash),
        Place::LineEnd => {
            behind.trim_end_matches(['.', ']', ')']).is_empty() && open.is_some_and(dash)
        }
        Place::Bracketed => matches!(
            (open, close),
            (Some('('), Some(')')) | (Some('['), Some(']')) | (Some('{'), Some('}'))
        ),
        Place::First => before.is_empty(),
        Place::Last => behind.is_empty(),
    }
}

/// Whether a hit stands inside quotation marks that hold at least four words:
/// somebody else's sentence, not a word held up with tongs.
pub(super) fn is_quoted(text: &str, span: Span) -> bool {
    const REACH: usize = 600;
    let from = text.ceil_char_boundary(span.start.saturating_sub(REACH));
    let to = text.floor_char_boundary((span.end + REACH).min(text.len()));
    let before = &text[from..span.start];
    let behind = &text[span.end..to];
    let curly = || {
        let open = before.rfind('“')?;
        let closed = before.rfind('”');
        let end = behind.find('”')?;
        (closed.is_none_or(|closed| closed < open)).then_some((from + open, span.end + end))
    };
    let straight = || {
        let odd = before.matches('"').count() % 2 == 1;
        let open = before.rfind('"')?;
        let end = behind.find('"')?;
        odd.then_some((from + open, span.end + end))
    };
    curly()
        .or_else(straight)
        .is_some_and(|(open, end)| text[open..end].split_whitespace().count() >= 4)
}

impl Compiled {
    /// Whether a find has nothing to look for while facts are missing.
    pub fn empty_without_facts(&self, id: FindId) -> bool {
        let find: &CompiledFind = &self.finds[id];
        let empty = |list: ListId| {
            let of = &self.lists[list];
            !of.missing_facts.is_empty() && of.sequences.is_empty() && !of.has_tokens()
        };
        let searched = match find.what {
            CompiledWhat::List(list) => empty(list),
            CompiledWhat::Count { most, .. } => most.is_none(),
            _ => false,
        };
        searched || find.requires.iter().any(|condition| empty(condition.list))
    }
}
