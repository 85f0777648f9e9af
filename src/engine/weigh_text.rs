//! Weighs texts as a whole, on tables that packs bring: for what is said in so many ways
//! that no list of phrases holds it.

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
/// have not seen better than without.
pub fn scale(words: usize) -> u32 {
    let words = u32::try_from(words).unwrap_or(u32::MAX).saturating_add(5);
    ((30 << 16) / words).isqrt()
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
            let scales = &self.compiled.scales;
            let load = |part| Load { part, sums: scales.points(text, &self.field.pieces_in(part)) };
            loads(text).map(load).collect()
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
        for Load { part, sums } in self.loads() {
            let part = *part;
            let mut heavy: Vec<Heavy<'_>> =
                self.text_finds().filter_map(|find| self.heavy(find, part, sums, more)).collect();
            // What is wrong with a text is told once, by the rule that it is most about,
            // unless another has its own reasons.
            heavy.sort_by_key(|one| Reverse(one.beyond));
            let mut told: Vec<usize> = Vec::new();
            for Heavy { find, own, .. } in heavy {
                let plus = find.plus.map(|plus| plus.table);
                if plus.is_some_and(|plus| told.contains(&plus)) && own < OWN_REASON {
                    continue;
                }
                if let Some(hit) = self.tell(look, find, part) {
                    found.push(hit);
                    told.extend(plus);
                }
            }
        }
    }

    /// Whether a load has enough points for a find.
    fn heavy<'f>(
        &self,
        find: &'f TextFind,
        part: Span,
        sums: &[i32],
        more: i32,
    ) -> Option<Heavy<'f>> {
        if self.gathering.is_some() {
            self.gather_text(find, part, more);
        }
        let beyond = find.beyond(sums).saturating_sub(more);
        (beyond >= 0).then(|| Heavy { find, own: find.own.points(sums), beyond })
    }

    /// Gathers a load with what is seen in it.
    fn gather_text(&self, find: &TextFind, part: Span, more: i32) {
        let Some(gathering) = self.gathering else { return };
        let rule = self.rule(self.compiled.finds[find.id].rule).id.as_str();
        let load = &self.field.folded.text()[part.range()];
        let mut features = BTreeSet::from([rule_feature(rule).to_string()]);
        see(load, &mut |feature, _| {
            features.insert(feature.to_string());
        });
        let scale = scale(self.field.pieces_in(part).len());
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

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::super::pieces::pieces;
    use super::super::scales::Seen;
    use super::*;
    use crate::engine::Engine;
    use crate::engine::testing::{scan_by, set_of};
    use crate::facts::Facts;

    const PACK: &str = r#"
        [pack]
        id = "p"
        title = "P"
        version = "1"
        families = ["p"]

        [lists.slogan]
        terms = ["Reds out"]

        [weights.sides]
        file = "sides.tsv"

        [[rule]]
        id = "p/sides"
        title = "Sides"
        severity = "error"
        message = "m"
        help = "h"
        [[rule.find]]
        list = "slogan"
        [[rule.find]]
        weigh = "text"
        weights = "sides"
        points = 100
        veto = -500
        severity = "warning"
        unless = [{ list = "match", within = "field" }]
        [lists.match]
        terms = ["kick-off"]
    "#;

    const SIDES: &str = "
        -260 always
        60 word red
        60 word reds
        30 stem vot
        7 stem red
        3 word redding
        2 pair :edge vote
        4 pair red :edge
        80 pair vote red
        90 word never
        5 pair . never
        70 word :number
        200 word #
        100 word again
        -300 word parody
    ";

    static ENGINE: LazyLock<Engine> =
        LazyLock::new(|| Engine::new(set_of(PACK, SIDES), &Facts::default()).unwrap());

    fn found(text: &str) -> Vec<Found> {
        scan_by((PACK, SIDES), text, Engine::scan)
    }

    fn places(text: &str) -> Vec<&str> {
        found(text).iter().map(|found| &text[found.spans[0].range()]).collect()
    }

    #[test]
    fn what_a_text_holds_adds_up_and_counts_once() {
        for (text, is_found) in [
            ("Vote Red. Never!", true),
            ("Vote Red.", false),
            ("Again, again, again, again", false),
            ("We vote Red again.", true),
            ("Voted. Reds, again.", false),
            ("Reds, again, 2 times.", true),
            ("Kick-off soon! Vote Red again.", false),
            ("Vote Red again at kick-off.", false),
            ("", false),
        ] {
            assert_eq!(!found(text).is_empty(), is_found, "{text}");
        }
    }

    #[test]
    fn a_text_silences_words_it_speaks_against() {
        assert_eq!(places("Reds out, we say."), ["Reds out"]);
        assert_eq!(places("Reds out: the parody."), [""; 0]);
        // Each part of a long text speaks for itself.
        let filler = "All is well here. ".repeat(130);
        let long = format!("Reds out, it says.\n\n{filler}\n\nReds out: the parody.");
        assert_eq!(places(&long), ["Reds out"]);
        assert!(long.find("Reds out") == Some(0) && found(&long)[0].spans[0].start == 0);
    }

    proptest! {
        #[test]
        fn keys_are_those_of_what_is_seen(load in "[ab#é'\n2]{0,3}( [ab.é'3_]{0,12}){0,6}") {
            let (mut seen, mut numbered) = (Vec::new(), Vec::new());
            see(&load, &mut |feature, place| seen.push((feature.key(), place)));
            keys(&load, &mut |key, place| numbered.push((key, place)));
            prop_assert_eq!(seen, numbered);
        }

        #[test]
        fn points_are_those_of_what_is_seen(
            load in "((red|reds|redding|vote|votes|voting|never|x|2nd|#|'s|\\.)[ '\n]?){0,12}",
        ) {
            let engine = &*ENGINE;
            let [table] = &engine.compiled.weights[..] else { panic!("one table") };
            let mut seen = FxHashSet::default();
            let mut sum = 0;
            see(&load, &mut |feature, _| {
                let counts = feature.seat != Seat::Always && seen.insert(feature.key());
                sum += if counts { table.worth(feature.key()) } else { 0 };
            });
            let pieces = pieces(&load);
            let points = engine.compiled.scales.points(&load, &pieces);
            prop_assert_eq!(points, [scaled(sum, scale(pieces.len())) - 260]);
        }

        #[test]
        fn a_thing_is_new_once(things in prop::collection::vec(0_usize..5000, 0..200)) {
            let (mut seen, mut known) = (Seen::new(), FxHashSet::default());
            for thing in things {
                prop_assert_eq!(seen.add(thing), known.insert(thing));
            }
        }
    }

    #[test]
    fn a_table_that_is_added_counts_for_every_find_that_asks_for_it() {
        let pack = PACK.replace("file = \"sides.tsv\"", "file = \"sides.tsv\"\nplus = \"mood\"");
        let pack = format!("{pack}\n[weights.mood]\nfile = \"sides.tsv\"\n");
        // The same table twice: every point counts twice.
        let found = |text: &str| scan_by((&pack, SIDES), text, Engine::scan);
        assert!(found("Reds.").is_empty());
        assert!(scan_by((PACK, SIDES), "Vote Red.", Engine::scan).is_empty());
        let [one] = &found("Vote Red.")[..] else { panic!("it is found") };
        let told: Vec<&str> =
            one.related.iter().map(|(place, _)| &"Vote Red."[place.range()]).collect();
        assert_eq!(told, ["Vote", "Red"]);
    }

    #[test]
    fn what_is_wrong_is_told_by_the_rule_that_it_is_most_about() {
        let other = r#"
            [weights.mood]
            file = "sides.tsv"
            [[rule]]
            id = "p/other"
            title = "Other"
            severity = "error"
            message = "m"
            help = "h"
            weigh = "text"
            weights = "sides"
            points = -210
        "#;
        let pack = PACK.replace("file = \"sides.tsv\"", "file = \"sides.tsv\"\nplus = \"mood\"");
        let pack = format!("{pack}{other}");
        let rules = |points: i32, text: &str| -> Vec<String> {
            let sides = format!("{SIDES}\n{points} rule p/other");
            scan_by((&pack, &sides), text, |engine, scan| {
                let found = engine.scan(scan);
                found.iter().map(|one| engine.rule(one.rule).1.id.clone()).collect()
            })
        };
        assert_eq!(rules(-180, "Vote Red."), ["p/sides"]);
        assert_eq!(rules(-120, "Vote Red."), ["p/sides", "p/other"]);
        // Where the first is excused, the second is told.
        assert_eq!(rules(-180, "Vote Red, never at kick-off."), ["p/other"]);
    }

    #[test]
    fn the_sentence_that_says_most_is_shown_with_its_words() {
        let text = "Rain 🌧 today. Never vote Red. Not again.";
        assert_eq!(places(text), ["Never vote Red."]);
        let told: Vec<&str> =
            found(text)[0].related.iter().map(|(place, _)| &text[place.range()]).collect();
        assert_eq!(told, ["Never", "Red", "again"]);
    }

    #[test]
    fn words_that_are_found_by_themselves_are_told_alone() {
        assert_eq!(places("Reds out. Vote Red again."), ["Reds out"]);
    }

    #[test]
    fn paragraphs_of_a_long_text_are_weighed_by_themselves() {
        let apart = |filler: usize| {
            format!("We vote Red.\n\n{}\n\nNever again.", "So it is. ".repeat(filler))
        };
        assert_eq!(places(&apart(1)).len(), 1);
        assert!(places(&apart(400)).is_empty());
        let both = |mark: &str| {
            format!(
                "We vote Red again{mark}.\n\n{}Never Reds again{mark}.",
                "So it is. ".repeat(400)
            )
        };
        // Of more parts more is asked.
        assert_eq!(places(&both("")), [""; 0]);
        assert_eq!(found(&both(" #")).len(), 2, "{:?}", places(&both(" #")));
    }

    #[test]
    fn one_word_is_not_weighed() {
        let found =
            |text: &str| scan_by((PACK, "200 word red\n200 word 😀"), text, Engine::scan).len();
        let texts = ["red", " red\n", "#never-red", "never red", "a\nred", "😀😁"];
        assert_eq!(texts.map(found), [0, 0, 0, 1, 1, 1]);
    }
}
