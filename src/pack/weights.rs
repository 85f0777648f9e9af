//! Tables of weights: how much each thing beside a hit speaks for the rule or against it.
//!
//! Points add up, as on a scorecard: 100 points make it e times as likely that the hit
//! is what the rule is about (the coefficients of a logistic regression, in hundredths).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::check::{Reader, owned, placed};
use super::model::Find;
use super::set::PackSet;
use crate::syntax::{self, Diagnostic, SourceFile, View};
use crate::text::Span;

/// Where something is seen, from the hit. Words and marks count as places; none lies
/// outside the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seat {
    /// Everywhere: said of every hit.
    Always,
    /// The rule whose find it is.
    Rule,
    /// The list that was searched for.
    List,
    /// In the hit itself.
    Hit,
    /// So many places before it, from 1.
    Left(u8),
    /// So many places behind it, from 1.
    Right(u8),
    /// Right before it and right behind it: two items.
    Between,
    /// The first word with a class among those right behind it.
    Next,
    /// Somewhere before it.
    Before,
    /// Somewhere behind it.
    After,
    /// On either side.
    Around,
}

/// How far [`Seat::Left`] and [`Seat::Right`] reach.
pub const NEAR: u8 = 3;

/// How a word or place is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// The end of the sentence.
    Edge,
    /// With a capital at its start.
    Capital,
    /// In capitals, of two letters or more.
    Capitals,
    /// In small letters.
    Small,
    /// With a digit at its start.
    Number,
    /// Of two digits: an age more often than not.
    TwoDigits,
    /// A mark, not a word.
    Mark,
    /// A link, address or handle.
    Link,
    /// Nothing of the kind.
    Nothing,
}

impl Shape {
    const ALL: &'static [(&'static str, Self)] = &[
        (":edge", Self::Edge),
        (":Capital", Self::Capital),
        (":CAPITALS", Self::Capitals),
        (":small", Self::Small),
        (":number", Self::Number),
        (":two-digits", Self::TwoDigits),
        (":mark", Self::Mark),
        (":link", Self::Link),
        (":nothing", Self::Nothing),
    ];
}

/// What is seen at a [`Seat`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item<'a> {
    /// A folded word or a mark; a rule or list by its name.
    Word(&'a str),
    /// A word of this list.
    Class(&'a str),
    /// How it is written.
    Shape(Shape),
}

impl<'a> Item<'a> {
    fn read(written: &'a str) -> Option<Self> {
        if let Some(name) = written.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
            return Some(Self::Class(name));
        }
        if written.len() > 1 && written.starts_with(':') {
            let shape = Shape::ALL.iter().find(|(name, _)| *name == written);
            return shape.map(|(_, shape)| Self::Shape(*shape));
        }
        Some(Self::Word(written))
    }
}

impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Class(name) => write!(f, "<{name}>"),
            Self::Shape(shape) => {
                let name = Shape::ALL.iter().find(|(_, known)| known == shape);
                f.write_str(name.map_or("", |(name, _)| name))
            }
        }
    }
}

/// Something seen beside a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature<'a> {
    /// Where.
    pub seat: Seat,
    /// What.
    pub item: Item<'a>,
    /// What stands behind the hit, for [`Seat::Between`].
    pub other: Option<Item<'a>>,
}

impl<'a> Feature<'a> {
    /// One item at a seat.
    pub fn new(seat: Seat, item: Item<'a>) -> Self {
        Self { seat, item, other: None }
    }

    /// Reads a feature as tables spell it, such as `left1 he`; `None` where it is none.
    pub fn read(written: &'a str) -> Option<Self> {
        let mut words = written.split(' ').filter(|word| !word.is_empty());
        let seat = words.next()?;
        let at = |side: &str| {
            let at: u8 = seat.strip_prefix(side)?.parse().ok()?;
            (1..=NEAR).contains(&at).then_some(at)
        };
        let seat = match seat {
            "always" => Seat::Always,
            "rule" => Seat::Rule,
            "list" => Seat::List,
            "hit" => Seat::Hit,
            "between" => Seat::Between,
            "next" => Seat::Next,
            "before" => Seat::Before,
            "after" => Seat::After,
            "around" => Seat::Around,
            _ => at("left").map(Seat::Left).or_else(|| at("right").map(Seat::Right))?,
        };
        let mut item = || Item::read(words.next()?);
        let read = match seat {
            Seat::Always => Self::new(seat, Item::Shape(Shape::Nothing)),
            Seat::Between => Self { seat, item: item()?, other: Some(item()?) },
            _ => Self::new(seat, item()?),
        };
        words.next().is_none().then_some(read)
    }

    /// A number by which it is looked up. Two features have the same only by an
    /// accident of 64 bits.
    pub fn key(&self) -> u64 {
        let mut hasher = FxHasher::default();
        (self.seat, self.item, self.other).hash(&mut hasher);
        hasher.finish()
    }
}

impl fmt::Display for Feature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seat = match self.seat {
            Seat::Always => return f.write_str("always"),
            Seat::Left(at) => return write!(f, "left{at} {}", self.item),
            Seat::Right(at) => return write!(f, "right{at} {}", self.item),
            Seat::Rule => "rule",
            Seat::List => "list",
            Seat::Hit => "hit",
            Seat::Between => "between",
            Seat::Next => "next",
            Seat::Before => "before",
            Seat::After => "after",
            Seat::Around => "around",
        };
        write!(f, "{seat} {}", self.item)?;
        self.other.map_or(Ok(()), |other| write!(f, " {other}"))
    }
}

/// A table of weights.
#[derive(Clone, Debug)]
pub struct Weights {
    /// Its name in the pack.
    pub name: String,
    /// What it weighs.
    pub about: String,
    /// The lists whose words are classes.
    pub classes: Vec<(String, Span)>,
    /// The points of each feature, by [`Feature::key`].
    pub points: Vec<(u64, i32)>,
}

/// How many points a hit needs, and by which table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weigh {
    /// The name of a [`Weights`].
    pub by: String,
    /// The fewest points.
    pub least: i32,
    /// Where the table is named.
    pub span: Span,
}

/// Most classes of a table: each is a bit.
const MOST_CLASSES: usize = 64;

impl Reader<'_, '_> {
    pub(super) fn weights(&mut self, name: &str, view: View<'_>) -> Weights {
        let classes = placed(view.texts("classes"));
        if let Some((_, span)) = classes.get(MOST_CLASSES) {
            let message = format!("a table of weights has at most {MOST_CLASSES} classes");
            self.fault(*span, message, "one too many");
        }
        let mut points = Vec::new();
        if let Some(file) = view.text("file") {
            match self.beside(file.value) {
                Ok(source) => self.points(&source, &mut points),
                Err(why) => {
                    let message = format!("cannot read the weights `{}`: {why}", file.value);
                    self.fault(file.span, message, "named here");
                }
            }
        }
        let about = owned(view.text("about")).unwrap_or_default();
        Weights { name: name.to_owned(), about, classes, points }
    }

    /// One feature a line, its points before it.
    fn points(&mut self, file: &Arc<SourceFile>, points: &mut Vec<(u64, i32)>) {
        let before = points.len();
        for (line, span) in syntax::one_a_line(&file.text) {
            let read = line.split_once([' ', '\t']).and_then(|(count, feature)| {
                Some((Feature::read(feature.trim())?.key(), count.parse::<i32>().ok()?))
            });
            if let Some((key, count)) = read {
                points.push((key, count.clamp(-100_000, 100_000)));
                continue;
            }
            let fault = Diagnostic::fault(file, span, "this is no weight")
                .label("in this line")
                .help("write points and what they are for, such as `35 left1 he` or `-80 next <thing>`");
            self.push(fault);
        }
        if points.len() == before {
            let end = file.text.floor_char_boundary(file.text.len().min(1));
            let fault = Diagnostic::fault(file, Span::new(0, end), "this file holds no weights");
            self.push(fault);
        }
    }

    /// What a find or rule says of weights.
    pub(super) fn weigh(&mut self, view: View<'_>) -> Option<Weigh> {
        match (view.text("weights"), view.whole("points")) {
            (Some(by), Some(least)) => Some(Weigh {
                by: by.value.to_owned(),
                least: i32::try_from(least.clamp(-1_000_000, 1_000_000)).unwrap_or(0),
                span: by.span,
            }),
            (Some(by), None) if !view.has("points") => {
                self.fault(by.span, "`weights` needs `points`: the fewest that count", "here");
                None
            }
            (None, Some(_)) if !view.has("weights") => {
                let place = view.place("points");
                self.fault(place, "`points` needs `weights`: the table they are from", "here");
                None
            }
            _ => None,
        }
    }
}

impl PackSet {
    /// The weights a pack means by a name, and the pack that holds them.
    pub fn weights(&self, pack: usize, name: &str) -> Option<(usize, &Weights)> {
        self.scope(pack).iter().find_map(|&at| {
            self.packs()[at]
                .weights
                .iter()
                .find(|table| table.name == name)
                .map(|table| (at, table))
        })
    }

    pub(super) fn check_weights(&self, faults: &mut Vec<Diagnostic>) {
        for (at, pack) in self.packs().iter().enumerate() {
            for table in &pack.weights {
                for (name, span) in &table.classes {
                    if self.list(at, name).is_none() {
                        faults.push(self.no_list(at, name, &pack.file, *span));
                    }
                }
            }
        }
        for (pack, rule) in self.rules() {
            for Weigh { by, span, .. } in
                rule.finds.iter().filter_map(|find: &Find| find.weigh.as_ref())
            {
                if self.weights(pack, by).is_none() {
                    let known = self.scope(pack).iter().flat_map(|&at| &self.packs()[at].weights);
                    let fault = Diagnostic::fault(
                        &rule.file,
                        *span,
                        format!("there are no weights `{by}`"),
                    )
                    .label("asked for here")
                    .did_you_mean(by, known.map(|table| table.name.as_str()));
                    faults.push(fault);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_written_as_they_are_read() {
        for written in [
            "always",
            "rule crm/race",
            "list race-colour",
            "hit polish",
            "hit :CAPITALS",
            "left1 he",
            "left2 :edge",
            "right3 <human>",
            "right1 :",
            "right1 <",
            "between :edge ,",
            "between <be> :small",
            "next :nothing",
            "before mrs",
            "after <thing>",
            "around #",
        ] {
            let feature = Feature::read(written).unwrap();
            assert_eq!(feature.to_string(), written);
        }
    }

    const PACK: &str = r#"
        [pack]
        id = "p"
        title = "P"
        version = "1"
        families = ["p"]
        [lists.near]
        terms = ["he"]
        [weights.w]
        file = "w.tsv"
        classes = ["near"]
        [[rule]]
        id = "p/r"
        title = "R"
        severity = "error"
        message = "m"
        help = "h"
        terms = ["polish"]
        weights = "w"
        points = -5
        bad = ["he is «polish»"]
        good = ["x"]
    "#;

    fn faults(pack: &str, file: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let source = Arc::new(SourceFile { name: "p.toml".into(), text: pack.into() });
        let read = |path: &str| {
            (path == "w.tsv").then(|| file.to_owned()).ok_or_else(|| "not there".to_owned())
        };
        let raw = super::super::check::Raw {
            file: source,
            origin: String::new(),
            shipped: false,
            read: &read,
        };
        let packs = super::super::check::read_pack(&raw, &mut faults).into_iter().collect();
        PackSet::assemble(packs, &mut faults);
        faults.into_iter().map(|fault| format!("{} {}", fault.file.name, fault.message)).collect()
    }

    #[test]
    fn a_sound_table_has_no_faults() {
        let table = "# Points\n-130 always\n  80 before <near>\r\n\n45\tleft1 he  # he\n";
        assert_eq!(faults(PACK, table), [""; 0]);
    }

    #[test]
    fn what_is_wrong_is_told_where_it_stands() {
        let good = "1 always";
        let cases: &[(&str, &str, &str, &str)] = &[
            ("", "", "12 left9 he", "w.tsv this is no weight"),
            ("", "", "many always", "w.tsv this is no weight"),
            ("", "", "always", "w.tsv this is no weight"),
            ("", "", "# nothing", "w.tsv this file holds no weights"),
            ("w.tsv", "v.tsv", good, "p.toml cannot read the weights `v.tsv`: not there"),
            ("points = -5", "", good, "p.toml `weights` needs `points`: the fewest that count"),
            (
                "weights = \"w\"",
                "",
                good,
                "p.toml `points` needs `weights`: the table they are from",
            ),
            ("weights = \"w\"", "weights = \"v\"", good, "p.toml there are no weights `v`"),
            ("[\"near\"]", "[\"neat\"]", good, "p.toml there is no list `neat`"),
            ("points = -5", "points = \"5\"", good, "p.toml `points` must be a whole number"),
        ];
        for (old, new, table, expected) in cases {
            assert_eq!(
                faults(&PACK.replace(old, new), table).first().map(String::as_str),
                Some(*expected)
            );
        }
    }

    #[test]
    fn what_is_no_feature_is_none() {
        for written in [
            "",
            "left1",
            "left9 he",
            "left0 he",
            "between he",
            "near he",
            "left1 he is",
            "hit :Big",
        ] {
            assert_eq!(Feature::read(written), None, "{written}");
        }
    }
}
