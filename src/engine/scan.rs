//! The scan: literals, then the phrases around them, then what stands near.

use std::cell::OnceCell;
use std::fmt;

use super::activation::Activation;
use super::compiled::{Compiled, CompiledWhat, FindId, ListId, RuleId};
use super::counting::Counting;
use super::look::Look;
use super::matcher::RawHit;
use super::memory::Memory;
use super::neighbours::Neighbours;
use super::patterns::Begins;
use super::prepared::Prepared;
use super::presence::WordSet;
use super::prospects::Prospects;
use super::replacing::Put;
use super::scene::Run;
use super::weigh::Gathering;
use super::weigh_text::Loads;
use crate::pack::{PackSet, Severity, Within};
use crate::record::{FieldName, Record};
use crate::text::Span;

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
    pub(super) disputed: bool,
    /// The sentence it is in.
    pub(super) sentence: Span,
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
    /// What the texts of the field weigh, once a find asks for it.
    pub loads: Loads,
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
        found.retain(|one| !self.is_vetoed(one));
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
            if !self.active.finds[id] || (self.shortcuts && !prospects.find(id, words)) {
                continue;
            }
            // Most hits have too few points, or no cue at all, and most finds ask for one.
            let asks_for_cue = !self.compiled.finds[id].cues.is_empty();
            if self.shortcuts
                && asks_for_cue
                && (look.is_too_light(id, run) || look.scene.lacks_cues(list, run))
            {
                continue;
            }
            found.extend(look.judge(id, span, Some(run)));
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
        let begins = OnceCell::new();
        for pattern in open {
            let id = self.compiled.pattern_finds[pattern];
            let CompiledWhat::Pattern { validator } = self.compiled.finds[id].what else {
                continue;
            };
            if !self.active.finds[id] || !self.reads_field(id) {
                continue;
            }
            let pattern = self.compiled.patterns.get(pattern);
            if self.shortcuts && !pattern.may_match(begins.get_or_init(|| Begins::of(&plain))) {
                continue;
            }
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

    pub(super) fn rule(&self, id: RuleId) -> &'a crate::pack::Rule {
        let (pack, index) = self.compiled.rules[id];
        &self.set.packs()[pack].rules[index]
    }
}
