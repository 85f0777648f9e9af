//! Weighs texts as a whole, on tables that packs bring: for what is said in so many ways
//! that no list of phrases holds it.

mod loads;

#[cfg(test)]
mod load_tests;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rustc_hash::FxHashSet;

use super::compiled::{Compiled, CompiledFind, CompiledWhat, FindId, RuleId};
use super::look::Look;
use super::pieces::Piece;
use super::scan::{Found, Scanner};
use super::weigh::{Evidence, WORTH_SHOWING};
use super::weigh_table::CompiledWeights;
use crate::pack::{Feature, Item, Seat, Shape};
use crate::text::{Span, Token, TokenKind, join, stem, word_number};

/// So many points a table must bring by itself for a finding beside one that has the same
/// table added: about four in ten are right there.
const OWN_REASON: i32 = -50;
/// How many words are shown that spoke for a finding.
const SHOWN: usize = 3;

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

/// Everything that is seen in the words and marks of a load, with the word at which it is
/// (bytes of the text).
fn see<'t>(text: &'t str, said: &[Piece], see: &mut impl FnMut(Feature<'t>, Option<Span>)) {
    see(Feature::new(Seat::Always, Item::Shape(Shape::Nothing)), None);
    let edge = Item::Shape(Shape::Edge);
    let of_two = |seat, item, other| Feature { seat, item, other: Some(other) };
    let mut before = edge;
    let mut before_that = None;
    for &Piece { span, .. } in said {
        let word = &text[span.range()];
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
fn keys(text: &str, said: &[Piece], tell: &mut impl FnMut(u64, Option<Span>)) {
    tell(Feature::new(Seat::Always, Item::Shape(Shape::Nothing)).key(), None);
    let (edge, any_number) =
        (Item::Shape(Shape::Edge).number(), Item::Shape(Shape::Number).number());
    let [of_word, of_stem, of_pair, of_skip] =
        [Seat::Word, Seat::Stem, Seat::Pair, Seat::Skip].map(Seat::number);
    let (mut before, mut skip) = (edge, None);
    for &Piece { span, number } in said {
        let word = &text[span.range()];
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        let number = if is_number { any_number } else { number };
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

/// The words that bring points by some tables, with these, in the order of the text.
fn words(tables: &[&CompiledWeights], text: &str, said: &[Piece]) -> Vec<(Span, i32)> {
    let mut seen = FxHashSet::default();
    let mut words: Vec<(Span, i32)> = Vec::new();
    keys(text, said, &mut |key, place| {
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
    /// Whether stretches of sentences are weighed, too.
    sentences: bool,
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
        let CompiledFind { rule, veto, ref what, .. } = compiled.finds[id];
        let sentences = matches!(what, CompiledWhat::Text { sentences: true });
        Some(Self { id, rule, least, sentences, veto, own: column(own), plus })
    }

    /// How many points a load has beyond those that are enough.
    fn beyond(&self, load: &Load) -> i32 {
        let added = self.plus.map_or(0, |plus| plus.points(&load.sums));
        let points = self.own.points(&load.sums).saturating_add(added);
        points.saturating_sub(self.least).saturating_sub(load.more)
    }

    /// Whether a load speaks against what the other finds of its rule find there, and has
    /// too few points for a finding itself.
    fn vetoes(&self, load: &Load) -> bool {
        let points = || self.plus.unwrap_or(self.own).points(&load.sums);
        self.veto.is_some_and(|veto| self.beyond(load) < 0 && points() < veto)
    }

    /// Its table, and the one that this adds.
    fn tables(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.own).chain(self.plus).map(|column| column.table)
    }
}

/// What is weighed at once: a text, a part of a long one, or a stretch of sentences.
#[derive(Debug)]
pub struct Load {
    /// Bytes of the folded text.
    part: Span,
    /// How much what is seen in it counts, in 256ths.
    scale: u32,
    /// How many points more are asked of it, as there are others.
    more: i32,
    /// Its points in the tables that are on the [scales](super::scales::Scales).
    sums: Vec<i32>,
}

/// What a field weighs.
#[derive(Debug, Default)]
pub struct Loads {
    /// The text, or the parts of a long one, in order.
    all: OnceCell<Vec<Load>>,
    /// The stretches of sentences in it.
    stretches: OnceCell<Vec<Load>>,
}

/// A load that has enough points for a find.
struct Heavy<'c> {
    find: &'c TextFind,
    load: &'c Load,
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

    /// Links and addresses (bytes of the field).
    fn addresses(&self) -> impl Iterator<Item = Span> + '_ {
        let is_address = |token: &&Token| matches!(token.kind, TokenKind::Url | TokenKind::Email);
        self.field.specials.iter().filter(is_address).map(|token| token.span)
    }

    /// The words and marks of a part of the folded text that are weighed: not those of links
    /// and addresses, which say where something stands, and would lengthen a text.
    fn said(&self, part: Span) -> Cow<'_, [Piece]> {
        let mut addresses = self.addresses().map(|Span { start, end }| {
            Span::new(self.field.to_folded(start), self.field.to_folded(end))
        });
        let mut said = self.field.pieces_in(part);
        let mut address = addresses.next();
        if address.is_some() {
            said.to_mut().retain(|piece| {
                while address.is_some_and(|address| address.end <= piece.span.start) {
                    address = addresses.next();
                }
                address.is_none_or(|address| piece.span.end <= address.start)
            });
        }
        said
    }

    /// What a part of the folded text weighs of which these words and marks are weighed.
    fn load(&self, part: Span, said: &[Piece], most: u32, more: i32) -> Load {
        let scale = scale(said.len()).min(most);
        let sums = self.compiled.scales.points(self.field.folded.text(), said, scale);
        Load { part, scale, more, sums }
    }

    /// What the field weighs: nothing, where it is one word. Such as an address says
    /// nothing that its own phrases do not; signs in a row are words.
    fn loads(&self) -> &[Load] {
        self.loads.all.get_or_init(|| {
            let written = self.field.text.trim();
            if written.contains(char::is_alphanumeric) && !written.contains(char::is_whitespace) {
                return Vec::new();
            }
            let parts = loads::parts(self.field.folded.text());
            // A short part of a long text, such as a heading, is no short text.
            let most = if parts.len() > 1 { loads::OF_PART } else { u32::MAX };
            let more = loads::more_for(parts.len());
            parts.iter().map(|&part| self.load(part, &self.said(part), most, more)).collect()
        })
    }

    /// What the stretches of sentences weigh of a text that is weighed as one. Most people
    /// say what breaks a rule among what does not, and points of all of it add up to little.
    fn stretches(&self) -> &[Load] {
        self.loads.stretches.get_or_init(|| {
            let [Load { part, .. }] = *self.loads() else { return Vec::new() };
            let said = self.said(part);
            let (stretches, more) = loads::stretches(self.field.folded.text(), &said);
            let load = |range: Range<usize>| {
                let said = &said[range];
                let ends = said.first().zip(said.last());
                let part = ends.map_or(part, |(first, last)| first.span.join(last.span));
                self.load(part, said, loads::OF_PART, more)
            };
            stretches.into_iter().map(load).collect()
        })
    }

    /// Whether the text speaks against words that were found in it: as a whole, and in every
    /// stretch that holds them.
    pub(super) fn is_vetoed(&self, found: &Found) -> bool {
        let what = &self.compiled.finds[found.find].what;
        if !matches!(what, CompiledWhat::List(_) | CompiledWhat::Pattern { .. }) {
            return false;
        }
        let vetoes = |find: &&TextFind| find.rule == found.rule && find.veto.is_some();
        let finds: Vec<&TextFind> = self.text_finds().filter(vetoes).collect();
        if finds.is_empty() {
            return false;
        }
        let at = found.spans[0].start;
        // Links and addresses are not weighed, so nothing speaks against one.
        if self.addresses().any(|address| address.range().contains(&at)) {
            return false;
        }
        let speaks_against = |load: &Load| finds.iter().any(|find| find.vetoes(load));
        let starts = |load: &Load| self.field.to_field(load.part).start;
        let before = self.loads().partition_point(|load| starts(load) <= at);
        let around = before.checked_sub(1).map(|at| &self.loads()[at]);
        around.is_some_and(speaks_against)
            && (!finds.iter().any(|find| find.sentences)
                || self
                    .stretches()
                    .iter()
                    .filter(|load| self.field.to_field(load.part).range().contains(&at))
                    .all(speaks_against))
    }

    /// Weighs the field for all finds that weigh texts.
    pub(super) fn whole_text(&self, look: &mut Look<'_, '_>, found: &mut Vec<Found>) {
        if self.text_finds().next().is_none() {
            return;
        }
        for load in self.loads() {
            self.weigh(look, std::slice::from_ref(load), |_| true, found);
        }
        let by_sentences = |rule| self.text_finds().any(|it| it.sentences && it.rule == rule);
        // A text that has been found fault with is not taken apart for more. Those that
        // weights are made from are told as wholes.
        if self.gathering.is_none()
            && self.text_finds().any(|find| find.sentences)
            && !found.iter().any(|one| by_sentences(one.rule) && !self.is_vetoed(one))
        {
            self.weigh(look, self.stretches(), |find| find.sentences, found);
        }
    }

    /// Weighs some loads for some finds.
    fn weigh(
        &self,
        look: &mut Look<'_, '_>,
        loads: &[Load],
        is_asked: impl Fn(&TextFind) -> bool,
        found: &mut Vec<Found>,
    ) {
        let mut heavy: Vec<Heavy<'_>> = Vec::new();
        for find in self.text_finds().filter(|find| is_asked(find)) {
            heavy.extend(loads.iter().filter_map(|load| self.heavy(find, load)));
        }
        // What is wrong with a text is told once, by the rule that it is most about,
        // unless another has its own reasons.
        heavy.sort_by_key(|one| Reverse(one.beyond));
        let (mut told, mut rules): (Vec<usize>, Vec<RuleId>) = (Vec::new(), Vec::new());
        for Heavy { find, load, own, .. } in heavy {
            let plus = find.plus.map(|plus| plus.table);
            if rules.contains(&find.rule)
                || plus.is_some_and(|plus| told.contains(&plus)) && own < OWN_REASON
            {
                continue;
            }
            if let Some(hit) = self.tell(look, find, load.part) {
                found.push(hit);
                told.extend(plus);
                rules.push(find.rule);
            }
        }
    }

    /// Whether a load has enough points for a find.
    fn heavy<'f>(&self, find: &'f TextFind, load: &'f Load) -> Option<Heavy<'f>> {
        if self.gathering.is_some() {
            self.gather_text(find, load);
        }
        let beyond = find.beyond(load);
        (beyond >= 0).then(|| Heavy { find, load, own: find.own.points(&load.sums), beyond })
    }

    /// Gathers a load with what is seen in it.
    fn gather_text(&self, find: &TextFind, &Load { part, scale, more, .. }: &Load) {
        let Some(gathering) = self.gathering else { return };
        let rule = self.rule(self.compiled.finds[find.id].rule).id.as_str();
        let mut features = BTreeSet::from([rule_feature(rule).to_string()]);
        see(self.field.folded.text(), &self.said(part), &mut |feature, _| {
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
        let mut words: Vec<(Span, i32)> =
            words(&tables, self.field.folded.text(), &self.said(part))
                .into_iter()
                .map(|(word, points)| (self.field.to_field(word), points))
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
