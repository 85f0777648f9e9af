//! Weighs what stands beside a hit, on tables that packs bring.

use std::cell::RefCell;

use super::compiled::FindId;
use super::scene::{Kind, Run, Scene};
use super::weigh_table::{CompiledWeights, Numbered};
use crate::pack::{Feature, Item, NEAR, Seat, Shape};
use crate::text::{Span, join};

/// How far around a hit words count, in tokens to either side.
const REACH: usize = 20;
/// Among how many words behind a hit [`Seat::Next`] looks for one with a class.
pub(super) const NEXT: usize = 4;
/// How many points make a word worth showing.
pub(super) const WORTH_SHOWING: i32 = 50;
/// How many such words are shown.
const SHOWN: usize = 2;

fn numbered(item: Item<'_>) -> Numbered<'_> {
    (item, item.number())
}

/// The words around a hit that count for it, each with its number.
struct Sights<'s> {
    table: &'s CompiledWeights,
    scene: &'s Scene<'s>,
    run: Run,
    /// The first token that counts, and the first that no longer does.
    from: usize,
    to: usize,
    /// By token, from the first.
    numbers: Vec<u64>,
}

/// Up to so many bytes a text is short, as most of those are that tables were made from.
const SHORT: usize = 300;
/// No text makes hits need more points than this beyond those of a short one: a long note
/// does say more than a short one.
const MOST_MORE: i32 = 120;

/// How many points make something so many times as likely: 100 for each time that it is e
/// times as many.
pub(super) fn points_of(times: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a length is small")]
    let points = (100.0 * times.max(1.0).ln()).round() as i32;
    points
}

/// How many points more a hit needs in a text of so many bytes: a long one holds more
/// words that can be taken for what a rule is about, and each is another chance to be wrong.
pub(super) fn more_in(bytes: usize) -> i32 {
    #[expect(clippy::cast_precision_loss, reason = "no text is longer than 2^53 bytes")]
    let times = bytes as f64 / SHORT as f64;
    points_of(times).min(MOST_MORE)
}

/// A hit on the scales.
pub struct Weighing<'w> {
    pub table: &'w CompiledWeights,
    /// The place of the table among all.
    pub number: usize,
    /// The rule whose find it is.
    pub rule: &'w str,
    /// The list that was searched for.
    pub list: &'w str,
}

impl Weighing<'_> {
    /// The points of every hit: of all that are weighed, of the rule and of the list.
    pub fn always(&self) -> i32 {
        let always = Feature::new(Seat::Always, Item::Shape(Shape::Nothing));
        let [rule, list] = [(Seat::Rule, self.rule), (Seat::List, self.list)]
            .map(|(seat, name)| Feature::new(seat, Item::Word(name)));
        let features = [always, rule, list];
        let points = features.iter().map(|feature| self.table.worth(feature.key()));
        points.fold(0, i32::saturating_add)
    }

    /// The points of everything that is seen beside a hit, each named; [`Self::always`]
    /// and [`CompiledWeights::beside`] come to the same.
    fn points(&self, scene: &Scene<'_>, run: Run) -> i32 {
        let mut sum: i32 = 0;
        self.see(scene, run, &mut |_, key, _| {
            sum = sum.saturating_add(self.table.worth(key));
        });
        sum
    }

    /// Whether a hit has so many points; `always` are those of every hit.
    pub fn is_enough(&self, scene: &Scene<'_>, run: Run, always: i32, least: i32) -> bool {
        let beside = scene.points_once(self.number, run, || self.table.beside(scene, run));
        let points = always.saturating_add(beside);
        if cfg!(test) {
            assert_eq!(points, self.points(scene, run), "points by number and by name");
        }
        points >= least
    }

    /// The words that spoke most for the hit, as runs, in the order of the text.
    pub fn speak_for(&self, scene: &Scene<'_>, run: Run) -> Vec<Run> {
        let mut by_token: Vec<(i32, usize)> = Vec::new();
        self.see(scene, run, &mut |_, key, token| {
            let Some(token) = token else { return };
            let worth = self.table.worth(key);
            if worth == 0 {
                return;
            }
            match by_token.iter_mut().find(|(_, at)| *at == token) {
                Some((sum, _)) => *sum += worth,
                None => by_token.push((worth, token)),
            }
        });
        let is_word = |at: usize| scene.tokens()[at].kind == Kind::Word;
        by_token.retain(|&(sum, at)| sum >= WORTH_SHOWING && is_word(at));
        by_token.sort_unstable_by_key(|&(sum, at)| (std::cmp::Reverse(sum), at));
        by_token.truncate(SHOWN);
        let mut runs: Vec<Run> =
            by_token.into_iter().map(|(_, at)| Run { start: at, end: at + 1 }).collect();
        runs.sort_unstable();
        runs
    }

    /// What is seen beside a hit, as tables of weights spell it.
    pub fn features(&self, scene: &Scene<'_>, run: Run) -> Vec<String> {
        let mut features = Vec::new();
        self.see(scene, run, &mut |feature, key, _| {
            debug_assert_eq!(feature.key(), key, "{feature}");
            features.push(feature.to_string());
        });
        features
    }

    /// Everything that is seen beside a hit, each thing once, with its [`Feature::key`]
    /// and the token that it is seen at where it is one.
    fn see<'s>(
        &'s self,
        scene: &'s Scene<'_>,
        run: Run,
        see: &mut impl FnMut(Feature<'s>, u64, Option<usize>),
    ) {
        let mut one = |seat: Seat, (item, number): Numbered<'s>, at| {
            see(Feature::new(seat, item), join(seat.number(), number), at);
        };
        let sights = Sights::new(self.table, scene, run);
        one(Seat::Always, numbered(Item::Shape(Shape::Nothing)), None);
        one(Seat::Rule, numbered(Item::Word(self.rule)), None);
        one(Seat::List, numbered(Item::Word(self.list)), None);
        for at in run.start..run.end {
            one(Seat::Hit, sights.word(at), None);
        }
        one(Seat::Hit, numbered(Item::Shape(shape(scene, run.start))), None);
        for near in 1..=NEAR {
            let at = run.start.checked_sub(usize::from(near)).filter(|&at| at >= sights.from);
            sights.place(at, Seat::Left(near), &mut one);
            if at.is_none() {
                break;
            }
        }
        for near in 1..=NEAR {
            let at = Some(run.end + usize::from(near) - 1).filter(|&at| at < sights.to);
            sights.place(at, Seat::Right(near), &mut one);
            if at.is_none() {
                break;
            }
        }
        sights.next(&mut one);
        sights.bags(&mut one);
        let left = sights.items(run.start.checked_sub(1).filter(|&at| at >= sights.from));
        let right = sights.items(Some(run.end).filter(|&at| at < sights.to));
        for (item, number) in left {
            let key = join(Seat::Between.number(), number);
            for &(other, number) in &right {
                let other = Some(other);
                see(Feature { seat: Seat::Between, item, other }, join(key, number), None);
            }
        }
    }
}

impl<'s> Sights<'s> {
    fn new(table: &'s CompiledWeights, scene: &'s Scene<'s>, run: Run) -> Self {
        let (from, to) = reach(scene, run);
        let numbers = scene.tokens()[from..to].iter().map(|token| token.number).collect();
        Self { table, scene, run, from, to, numbers }
    }

    /// The word or mark of a token.
    fn word(&self, at: usize) -> Numbered<'s> {
        (Item::Word(self.scene.folded(at)), self.numbers[at - self.from])
    }

    fn classes(&self, at: usize) -> impl Iterator<Item = Numbered<'s>> + use<'s> {
        self.table.names(self.table.classes_of(self.scene.tokens()[at].word))
    }

    /// The word or mark at a place, its classes and its shape; `None` beyond the sentence.
    fn place(
        &self,
        at: Option<usize>,
        seat: Seat,
        one: &mut impl FnMut(Seat, Numbered<'s>, Option<usize>),
    ) {
        let Some(at) = at else { return one(seat, numbered(Item::Shape(Shape::Edge)), None) };
        if is_said(self.scene, at) {
            one(seat, self.word(at), Some(at));
        }
        one(seat, numbered(Item::Shape(shape(self.scene, at))), Some(at));
        self.classes(at).for_each(|class| one(seat, class, Some(at)));
    }

    /// The classes and the shape of a place.
    fn items(&self, at: Option<usize>) -> Vec<Numbered<'s>> {
        let Some(at) = at else { return vec![numbered(Item::Shape(Shape::Edge))] };
        let mut items: Vec<_> = self.classes(at).collect();
        items.push(match self.scene.tokens()[at].kind {
            // Which mark it is tells more than that it is one.
            Kind::Mark(',' | '(' | ')' | ':' | '/' | '-' | '"') => self.word(at),
            _ => numbered(Item::Shape(shape(self.scene, at))),
        });
        items
    }

    /// The first word behind the hit that has a class.
    fn next(&self, one: &mut impl FnMut(Seat, Numbered<'s>, Option<usize>)) {
        for at in self.run.end..self.to.min(self.run.end + NEXT) {
            let token = self.scene.tokens()[at];
            if token.kind != Kind::Word {
                break;
            }
            if self.table.classes_of(token.word) != 0 {
                self.classes(at).for_each(|class| one(Seat::Next, class, Some(at)));
                return;
            }
        }
        one(Seat::Next, numbered(Item::Shape(Shape::Nothing)), None);
    }

    /// The words and classes on either side, each once.
    fn bags(&self, one: &mut impl FnMut(Seat, Numbered<'s>, Option<usize>)) {
        let mut seen = [0, 0];
        let before = self.from..self.run.start;
        let sides = [(Seat::Before, before.clone()), (Seat::After, self.run.end..self.to)];
        for (side, (seat, range)) in sides.into_iter().enumerate() {
            for at in range.clone() {
                if !is_said(self.scene, at) {
                    continue;
                }
                let word = self.word(at);
                let first = |range: std::ops::Range<usize>| {
                    let range = range.start - self.from..range.end - self.from;
                    !self.numbers[range].contains(&word.1)
                };
                let new = first(range.start..at);
                if new {
                    one(seat, word, Some(at));
                }
                if new && (side == 0 || first(before.clone())) {
                    one(Seat::Around, word, Some(at));
                }
                let classes = self.table.classes_of(self.scene.tokens()[at].word);
                let fresh = classes & !seen[side];
                self.table.names(fresh).for_each(|class| one(seat, class, Some(at)));
                let fresh = fresh & !seen[0];
                self.table.names(fresh).for_each(|class| one(Seat::Around, class, Some(at)));
                seen[side] |= classes;
            }
        }
    }
}

/// The first token that counts for a hit, and the first behind it that no longer does.
pub(super) fn reach(scene: &Scene<'_>, run: Run) -> (usize, usize) {
    let sentence = scene.sentence(run.start);
    let from = sentence.start.max(run.start.saturating_sub(REACH));
    let to = sentence.end.min(run.end + REACH).max(run.end);
    (from, to)
}

/// Whether a token is a word or mark, not a link, address or handle.
pub(super) fn is_said(scene: &Scene<'_>, at: usize) -> bool {
    matches!(scene.tokens()[at].kind, Kind::Word | Kind::Mark(_))
}

/// How a token is written.
pub(super) fn shape(scene: &Scene<'_>, at: usize) -> Shape {
    scene.shape_once(at, || shape_of(scene, at))
}

fn shape_of(scene: &Scene<'_>, at: usize) -> Shape {
    match scene.tokens()[at].kind {
        Kind::Mark(_) => return Shape::Mark,
        Kind::Handle | Kind::Link => return Shape::Link,
        Kind::Word => {}
    }
    let mut letters = scene.written(at).chars();
    let Some(first) = letters.next() else { return Shape::Nothing };
    if first.is_numeric() {
        let digits = scene.folded(at).bytes();
        let two = digits.len() == 2 && digits.clone().all(|byte| byte.is_ascii_digit());
        if two { Shape::TwoDigits } else { Shape::Number }
    } else if !first.is_uppercase() {
        Shape::Small
    } else if letters.clone().next().is_some() && letters.all(|c| !c.is_lowercase()) {
        Shape::Capitals
    } else {
        Shape::Capital
    }
}

/// A hit with all that is seen beside it, for making tables of weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The find.
    pub find: FindId,
    /// Its rule.
    pub rule: String,
    /// The table of weights.
    pub table: String,
    /// The words found: bytes of the field.
    pub span: Span,
    /// What is seen, as tables of weights spell it.
    pub features: Vec<String>,
    /// How much each thing that is seen counts, in 256ths. What is said of every hit
    /// ([`Seat::Always`]) and of a rule counts as it is.
    pub scale: u32,
    /// How many points more are asked in a text as long as this.
    pub more: i32,
}

impl Evidence {
    /// How much something that is seen counts, in 256ths.
    pub fn counts(&self, feature: &str) -> u32 {
        if feature == "always" || feature.starts_with("rule ") { 256 } else { self.scale }
    }
}

/// Where hits are gathered with what is seen beside them.
pub type Gathering = RefCell<Vec<Evidence>>;

#[cfg(test)]
mod tests {
    use crate::engine::testing::scan_by;
    use crate::engine::{Engine, Evidence, FieldScan, Found};

    const PACK: &str = r#"
        [pack]
        id = "p"
        title = "P"
        version = "1"
        families = ["p"]

        [lists.people]
        terms = ["Polish", "Turkish Cypriots?"]
        [lists.human]
        terms = ["(wo)?man", "tiler", "old boy"]
        [lists.thing]
        terms = ["restaurant"]
        [lists.said]
        terms = ["calls himself <T>"]

        [weights.company]
        file = "company.tsv"
        classes = ["human", "thing"]

        [[rule]]
        id = "p/people"
        title = "People"
        severity = "error"
        message = "m"
        help = "h"
        weights = "company"
        points = -100
        [[rule.find]]
        list = "people"
        weights = "company"
        points = 100
        [[rule.find]]
        list = "people"
        cues = ["said"]
    "#;

    const COMPANY: &str = "
        0 always
        120 next <human>
        -150 next <thing>
        60 before he
        45 around he
        90 between :edge ,
        70 hit :CAPITALS
        -500 after ironically
    ";

    fn scan<T>(text: &str, ask: impl FnOnce(&Engine, &FieldScan<'_>) -> T) -> T {
        scan_by((PACK, COMPANY), text, ask)
    }

    fn found(text: &str) -> Vec<Found> {
        scan(text, Engine::scan)
    }

    #[test]
    fn points_of_all_that_stands_beside_a_hit_add_up() {
        for (text, is_found) in [
            ("Polish tiler, two jobs.", true),
            ("Booked the Polish restaurant.", false),
            ("Polish.", false),
            ("He rang. Polish.", false),
            ("He rang, Polish I think.", true),
            ("Polish, two jobs.", false),
            ("POLISH, TWO JOBS.", true),
            ("Turkish Cypriot woman next door.", true),
            ("A Polish hotel with a tiler.", true),
            ("A Polish hotel, and a tiler.", false),
            // What speaks against a hit silences a cue too.
            ("The dog calls himself Polish.", true),
            ("The dog calls himself Polish, ironically.", false),
        ] {
            assert_eq!(!found(text).is_empty(), is_found, "{text}");
        }
    }

    #[test]
    fn a_hit_in_a_long_text_needs_more_points_but_not_ever_more() {
        let is_found = |hit: &str, filler: usize| {
            !found(&format!("{hit}. {}", "It rains. ".repeat(filler))).is_empty()
        };
        // 120 points and 180, where 100 are enough.
        let [weak, strong] = ["Polish tiler", "He rang: Polish tiler"];
        for (hit, filler, expected) in [
            (weak, 5, true),
            (weak, 28, true),
            (weak, 60, false),
            (strong, 28, true),
            (strong, 60, true),
            (strong, 3_000, true),
            ("He rang, Polish I think", 60, false),
        ] {
            assert_eq!(is_found(hit, filler), expected, "{hit} {filler}");
        }
    }

    #[test]
    fn the_words_that_spoke_are_told() {
        let text = "He rang: Polish tiler again.";
        let found = found(text);
        let told: Vec<&str> =
            found[0].related.iter().map(|(place, _)| &text[place.range()]).collect();
        assert_eq!(told, ["He", "tiler"]);
        assert_eq!(&text[found[0].spans[0].range()], "Polish");
    }

    #[test]
    fn what_is_beyond_the_sentence_or_far_away_does_not_count() {
        let far = "x ".repeat(super::REACH - 1);
        assert!(!found(&format!("he {far}Polish")).is_empty());
        assert!(found(&format!("he {far}x Polish")).is_empty());
        assert!(found("Ask him if he came. Polish paper today").is_empty());
    }

    #[test]
    fn evidence_is_spelled_as_in_tables() {
        let evidence = scan("He met an OLD Polish tiler @home.", Engine::evidence);
        let [Evidence { rule, features, span, .. }] = &evidence[..] else {
            panic!("{evidence:?}");
        };
        assert_eq!((rule.as_str(), span.start), ("p/people", 14));
        for feature in [
            "always",
            "rule p/people",
            "list people",
            "hit polish",
            "hit :Capital",
            "left1 old",
            "left1 :CAPITALS",
            "left3 met",
            "right1 tiler",
            "right1 <human>",
            "right2 :link",
            "next <human>",
            "before he",
            "around he",
            "after <human>",
            "between :CAPITALS <human>",
        ] {
            assert!(features.iter().any(|known| known == feature), "{feature} of {features:?}");
        }
        let mut once = features.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), features.len(), "{features:?}");
    }
}
