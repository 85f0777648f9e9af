//! Hits judged: what must stand beside them, and what must not.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::activation::RuleState;
use super::compiled::{CompiledCondition, CompiledWhat, FindId, ListId, RuleId};
use super::lines::{is_quoted, stands};
use super::places::all_places;
use super::record::RecordScene;
use super::replacing::Put;
use super::scan::{Found, Scanner};
use super::scene::{Run, Scene, SceneMemory};
use super::weigh::{Evidence, Weighing, more_in};
use crate::pack::{Side, Within};
use crate::record::name_number;
use crate::text::{Disguise, Span, is_word_char};

/// The questions that are asked about one field.
pub(super) struct Look<'s, 'a> {
    pub(super) scan: &'s Scanner<'a>,
    pub(super) scene: Scene<'a>,
    places: BTreeMap<ListId, Vec<Span>>,
    /// The names of what stands in the record, by [`name_number`], once asked for.
    columns: OnceCell<Vec<u64>>,
}

impl<'s, 'a> Look<'s, 'a> {
    pub(super) fn new(scan: &'s Scanner<'a>, memory: SceneMemory) -> Self {
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
                _ => self.scene.longest_of_each(&find.cues, run),
            }?;
            self.cue_labels(cue, run, &mut related);
        }
        // Most hits have no cue, or too few points; what stands near takes longer to look for.
        let weighed = self.weighing(id);
        if self.is_light(id, weighed.as_ref(), run) {
            return None;
        }
        if self.is_name(find.rule, span) {
            return None;
        }
        // A text that is weighed has no words of its own beside which others stand.
        let own = match find.what {
            CompiledWhat::Text { .. } => Span::new(span.start, span.start),
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
        let Some(RuleState::Judged { severity, .. }) = scan.active.rules.get(find.rule) else {
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
        let least = find.weigh.filter(|_| !matches!(find.what, CompiledWhat::Text { .. }))?.1;
        let rule = scan.rule(find.rule).id.as_str();
        let more = more_in(scan.field.text.len());
        Some((scan.compiled.weighing(find, rule)?, least.saturating_add(more)))
    }

    /// Whether a hit has too few points to be judged.
    pub(super) fn is_too_light(&self, id: FindId, run: Run) -> bool {
        self.is_light(id, self.weighing(id).as_ref(), run)
    }

    /// The same; where hits are gathered, light ones are too.
    fn is_light(&self, id: FindId, weighed: Option<&(Weighing<'_>, i32)>, run: Run) -> bool {
        self.scan.gathering.is_none() && !self.has_weight(id, weighed, run)
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
            scale: 256,
            more: more_in(self.scan.field.text.len()),
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
    pub(super) fn run_of(&mut self, span: Span) -> Run {
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
