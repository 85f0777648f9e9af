//! Weighs texts as a whole, on tables that packs bring: for what is said in so many ways
//! that no list of phrases holds it.

#[cfg(test)]
mod load_tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::compiled::{Compiled, CompiledFind, CompiledWhat, FindId, RuleId};
use super::look::Look;
use super::scan::{Found, Scanner};
use super::weigh::{Evidence, WORTH_SHOWING, points_of};
use super::weigh_table::CompiledWeights;
use crate::pack::{Feature, Item, Seat, Shape, cut};
use crate::text::{Span, join, stem, word_number};

/// Up to so many bytes (folded) a text is weighed as one, beyond that paragraph by
/// paragraph, and a longer paragraph in parts: points add up, and those of a long text
/// would say more of its length than of what it says. Most posts and notes are shorter.
const LONGEST: usize = 2_000;
/// So many points a table must bring by itself for a finding beside one that has the same
/// table added: about four in ten are right there.
const OWN_REASON: i32 = -50;
/// How many words are shown that spoke for a finding.
const SHOWN: usize = 3;

/// What is weighed at once: bytes of folded text.
fn loads(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let len = if rest.len() <= LONGEST && at == 0 {
            rest.len()
        } else {
            // Folding leaves a line break only between paragraphs.
            let paragraph = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let most = rest.ceil_char_boundary(LONGEST);
            if paragraph <= most {
                paragraph
            } else {
                rest[..most].rfind(' ').map_or(most, |space| space + 1)
            }
        };
        let load = Span::new(at, at + len);
        at += len;
        Some(load)
    })
}

/// How many points more are asked of each of so many parts of a text, so that a long text
/// is not found guilty the sooner for having many.
fn more_for(parts: usize) -> i32 {
    #[expect(clippy::cast_precision_loss, reason = "no text has more than 2^53 parts")]
    points_of(parts as f64)
}

/// How much what is seen counts in a text of so many words and marks, in 256ths: as
/// √(30 ÷ (words + 5)), so that a text does not have the more points the longer it is, and
/// a short one that says little else is heard. Fitted with that, tables judge texts they
/// have not seen better than without. A heading of three words is no loud post.
pub fn scale(words: usize) -> u32 {
    const MOST: u32 = 256 + 256 / 4;
    let words = u32::try_from(words).unwrap_or(u32::MAX).saturating_add(5);
    ((30 << 16) / words).isqrt().min(MOST)
}

/// Points so many 256ths over.
pub fn scaled(points: i32, scale: u32) -> i32 {
    let points = (i64::from(points) * i64::from(scale)).div_euclid(256);
    i32::try_from(points).unwrap_or(if points < 0 { i32::MIN } else { i32::MAX })
}

/// Everything that is seen in a load, with the word at which it is (bytes of the load).
fn see<'t>(load: &'t str, see: &mut impl FnMut(Feature<'t>, Option<Span>)) {
    see(Feature::new(Seat::Always, Item::Shape(Shape::Nothing)), None);
    let edge = Item::Shape(Shape::Edge);
    let of_two = |seat, item, other| Feature { seat, item, other: Some(other) };
    let mut before = edge;
    let mut before_that = None;
    for span in cut(load) {
        let word = &load[span.range()];
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        let item = if is_number { Item::Shape(Shape::Number) } else { Item::Word(word) };
        see(Feature::new(Seat::Word, item), Some(span));
        if !is_number {
            see(Feature::new(Seat::Stem, Item::Word(stem(word))), Some(span));
        }
        see(of_two(Seat::Pair, before, item), Some(span));
        if let Some(first) = before_that.replace(before) {
            see(of_two(Seat::Skip, first, item), Some(span));
        }
        before = item;
    }
    see(of_two(Seat::Pair, before, edge), None);
    if let Some(first) = before_that {
        see(of_two(Seat::Skip, first, edge), None);
    }
}

/// The same by [`Feature::key`], for which each word is numbered once.
fn keys(load: &str, tell: &mut impl FnMut(u64, Option<Span>)) {
    tell(Feature::new(Seat::Always, Item::Shape(Shape::Nothing)).key(), None);
    let (edge, any_number) =
        (Item::Shape(Shape::Edge).number(), Item::Shape(Shape::Number).number());
    let [of_word, of_stem, of_pair, of_skip] =
        [Seat::Word, Seat::Stem, Seat::Pair, Seat::Skip].map(Seat::number);
    let (mut before, mut skip) = (edge, None);
    for span in cut(load) {
        let word = &load[span.range()];
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        let number = if is_number { any_number } else { word_number(word.as_bytes()) };
        tell(join(of_word, number), Some(span));
        if !is_number {
            tell(join(of_stem, word_number(stem(word).as_bytes())), Some(span));
        }
        tell(join(join(of_pair, before), number), Some(span));
        if let Some(skip) = skip.replace(join(of_skip, before)) {
            tell(join(skip, number), Some(span));
        }
        before = number;
    }
    tell(join(join(of_pair, before), edge), None);
    if let Some(skip) = skip {
        tell(join(skip, edge), None);
    }
}

/// What is seen of the rule for which a text is weighed.
fn rule_feature(rule: &str) -> Feature<'_> {
    Feature::new(Seat::Rule, Item::Word(rule))
}

/// The points of a key in some tables.
fn worth(tables: &[&CompiledWeights], key: u64) -> i32 {
    tables.iter().map(|table| table.worth(key)).fold(0, i32::saturating_add)
}

/// The words that bring points by some tables, with these, in the order of the load.
fn words(tables: &[&CompiledWeights], load: &str) -> Vec<(Span, i32)> {
    let mut seen = FxHashSet::default();
    let mut words: Vec<(Span, i32)> = Vec::new();
    keys(load, &mut |key, place| {
        let Some(place) = place else { return };
        let worth = worth(tables, key);
        if worth == 0 || !seen.insert(key) {
            return;
        }
        match words.last_mut().filter(|(last, _)| *last == place) {
            Some((_, points)) => *points = points.saturating_add(worth),
            None => words.push((place, worth)),
        }
    });
    words
}

/// A find that weighs texts, with what is the same for all texts.
#[derive(Debug)]
pub struct TextFind {
    pub id: FindId,
    rule: RuleId,
    /// The fewest points that count.
    least: i32,
    /// With fewer points than these the other finds of the rule do not count.
    veto: Option<i32>,
    own: Column,
    /// The table that its own adds.
    plus: Option<Column>,
}

/// A table on the scales.
#[derive(Clone, Copy, Debug)]
struct Column {
    table: usize,
    /// Its place among the sums of a text; `None` where it is not on the scales.
    at: Option<usize>,
    /// The points of the rule.
    of_rule: i32,
}

impl Column {
    fn points(self, sums: &[i32]) -> i32 {
        self.at.map_or(0, |at| sums[at]).saturating_add(self.of_rule)
    }
}

impl TextFind {
    /// A find of a rule of this name; `None` where it does not weigh.
    pub fn new(compiled: &Compiled, id: FindId, rule: &str) -> Option<Self> {
        let (own, least) = compiled.finds[id].weigh?;
        let column = |table: usize| Column {
            table,
            at: compiled.scales.tables.binary_search(&table).ok(),
            of_rule: compiled.weights[table].worth(rule_feature(rule).key()),
        };
        let plus = compiled.weights[own].plus.map(column);
        let CompiledFind { rule, veto, .. } = compiled.finds[id];
        Some(Self { id, rule, least, veto, own: column(own), plus })
    }

    /// How many points a text has beyond those that are enough.
    fn beyond(&self, sums: &[i32]) -> i32 {
        let added = self.plus.map_or(0, |plus| plus.points(sums));
        self.own.points(sums).saturating_add(added).saturating_sub(self.least)
    }

    /// Whether a text speaks against what the other finds of its rule find there, and has
    /// too few points, of which so many more are asked, for a finding itself.
    fn vetoes(&self, sums: &[i32], more: i32) -> bool {
        let is_told = self.beyond(sums).saturating_sub(more) >= 0;
        let points = || self.plus.unwrap_or(self.own).points(sums);
        self.veto.is_some_and(|veto| !is_told && points() < veto)
    }

    /// Its table, and the one that this adds.
    fn tables(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.own).chain(self.plus).map(|column| column.table)
    }
}

/// What is weighed at once.
#[derive(Debug)]
pub struct Load {
    /// Bytes of the folded text.
    part: Span,
    /// How much what is seen in it counts, in 256ths.
    scale: u32,
    /// Its points in the tables that are on the [scales](super::scales::Scales).
    sums: Vec<i32>,
}

/// A load that has enough points for a find.
struct Heavy<'c> {
    find: &'c TextFind,
    /// The points of its own table.
    own: i32,
    /// How many points it has beyond those that are enough.
    beyond: i32,
}

impl Scanner<'_> {
    /// The finds that weigh the field.
    fn text_finds(&self) -> impl Iterator<Item = &TextFind> {
        let is_asked = |find: &&TextFind| self.active.finds[find.id] && self.reads_field(find.id);
        self.compiled.text_finds.iter().filter(is_asked)
    }

    /// What the field weighs: nothing, where it is one word. Such as an address says
    /// nothing that its own phrases do not; signs in a row are words.
    fn loads(&self) -> &[Load] {
        self.loads.get_or_init(|| {
            let written = self.field.text.trim();
            if written.contains(char::is_alphanumeric) && !written.contains(char::is_whitespace) {
                return Vec::new();
            }
            let text = self.field.folded.text();
            let parts: Vec<Span> = loads(text).collect();
            // A short part of a long text, such as a heading, is no short text.
            let most = if parts.len() > 1 { 256 } else { u32::MAX };
            let load = |part| {
                let pieces = self.field.pieces_in(part);
                let scale = scale(pieces.len()).min(most);
                Load { part, scale, sums: self.compiled.scales.points(text, &pieces, scale) }
            };
            parts.into_iter().map(load).collect()
        })
    }

    /// Whether the text speaks against words that were found in it.
    pub(super) fn is_vetoed(&self, found: &Found) -> bool {
        let what = &self.compiled.finds[found.find].what;
        if !matches!(what, CompiledWhat::List(_) | CompiledWhat::Pattern { .. }) {
            return false;
        }
        let vetoes = |find: &&TextFind| find.rule == found.rule && find.veto.is_some();
        let mut finds = self.text_finds().filter(vetoes).peekable();
        if finds.peek().is_none() {
            return false;
        }
        let starts = |load: &Load| self.field.to_field(load.part).start;
        let before = self.loads().partition_point(|load| starts(load) <= found.spans[0].start);
        let around = before.checked_sub(1).map(|at| &self.loads()[at]);
        let more = more_for(self.loads().len());
        around.is_some_and(|load| finds.any(|find| find.vetoes(&load.sums, more)))
    }

    /// Weighs the field for all finds that weigh texts.
    pub(super) fn whole_text(&self, look: &mut Look<'_, '_>, found: &mut Vec<Found>) {
        if self.text_finds().next().is_none() {
            return;
        }
        let more = more_for(self.loads().len());
        for load in self.loads() {
            let mut heavy: Vec<Heavy<'_>> =
                self.text_finds().filter_map(|find| self.heavy(find, load, more)).collect();
            // What is wrong with a text is told once, by the rule that it is most about,
            // unless another has its own reasons.
            heavy.sort_by_key(|one| Reverse(one.beyond));
            let mut told: Vec<usize> = Vec::new();
            for Heavy { find, own, .. } in heavy {
                let plus = find.plus.map(|plus| plus.table);
                if plus.is_some_and(|plus| told.contains(&plus)) && own < OWN_REASON {
                    continue;
                }
                if let Some(hit) = self.tell(look, find, load.part) {
                    found.push(hit);
                    told.extend(plus);
                }
            }
        }
    }

    /// Whether a load has enough points for a find.
    fn heavy<'f>(&self, find: &'f TextFind, load: &Load, more: i32) -> Option<Heavy<'f>> {
        if self.gathering.is_some() {
            self.gather_text(find, load, more);
        }
        let beyond = find.beyond(&load.sums).saturating_sub(more);
        (beyond >= 0).then(|| Heavy { find, own: find.own.points(&load.sums), beyond })
    }

    /// Gathers a load with what is seen in it.
    fn gather_text(&self, find: &TextFind, &Load { part, scale, .. }: &Load, more: i32) {
        let Some(gathering) = self.gathering else { return };
        let rule = self.rule(self.compiled.finds[find.id].rule).id.as_str();
        let load = &self.field.folded.text()[part.range()];
        let mut features = BTreeSet::from([rule_feature(rule).to_string()]);
        see(load, &mut |feature, _| {
            features.insert(feature.to_string());
        });
        gathering.borrow_mut().push(Evidence {
            find: find.id,
            rule: rule.to_owned(),
            table: self.compiled.weights[find.own.table].name.clone(),
            span: self.field.to_field(part),
            features: features.into_iter().collect(),
            scale,
            more,
        });
    }

    /// What is found in a load that has enough points: the sentence that says most.
    fn tell(&self, look: &mut Look<'_, '_>, find: &TextFind, part: Span) -> Option<Found> {
        let tables: Vec<&CompiledWeights> =
            find.tables().map(|at| &self.compiled.weights[at]).collect();
        let load = &self.field.folded.text()[part.range()];
        let in_text = |word: Span| Span::new(part.start + word.start, part.start + word.end);
        let mut words: Vec<(Span, i32)> = words(&tables, load)
            .into_iter()
            .map(|(word, points)| (self.field.to_field(in_text(word)), points))
            .collect();
        let mut sentences: BTreeMap<Span, i32> = BTreeMap::new();
        for &(word, points) in &words {
            *sentences.entry(look.sentence_at(word)).or_default() += points;
        }
        let most = sentences.iter().max_by_key(|&(&span, &points)| (points, Reverse(span)));
        let (&sentence, _) = most?;
        let mut one = look.judge(find.id, sentence, None)?;
        words.retain(|&(word, points)| {
            let said = &self.field.text[word.range()];
            points >= WORTH_SHOWING && said.contains(char::is_alphanumeric)
        });
        words.sort_by_key(|&(word, points)| (Reverse(points), word));
        words.truncate(SHOWN);
        words.sort_unstable();
        one.related.extend(words.into_iter().map(|(word, _)| (word, String::new())));
        Some(one)
    }
}
