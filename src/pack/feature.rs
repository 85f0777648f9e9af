//! What can be seen beside a hit, as tables of weights spell it.

use std::fmt;

use crate::text::{join, spread, word_number};

/// Where something is seen, from the hit. Words and marks count as places; none lies
/// outside the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Somewhere in a text that is weighed as a whole.
    Word,
    /// The same, its ending left off ([`crate::text::stem`]).
    Stem,
    /// Side by side in such a text: two items.
    Pair,
    /// With one word or mark between them in such a text: two items.
    Skip,
}

impl Seat {
    /// Those beside hits and in them.
    pub const BESIDE: [Self; 6 + 2 * NEAR as usize] = [
        Self::Hit,
        Self::Next,
        Self::Before,
        Self::After,
        Self::Around,
        Self::Between,
        Self::Left(1),
        Self::Left(2),
        Self::Left(3),
        Self::Right(1),
        Self::Right(2),
        Self::Right(3),
    ];

    /// As tables spell them.
    pub const NAMES: &'static [&'static str] = &[
        "always", "rule", "list", "hit", "left1", "left2", "left3", "right1", "right2", "right3",
        "between", "next", "before", "after", "around", "word", "stem", "pair", "skip",
    ];

    /// A number of its own, for [`Feature::key`].
    pub fn number(self) -> u64 {
        let (kind, place) = match self {
            Self::Always => (1, 0),
            Self::Rule => (2, 0),
            Self::List => (3, 0),
            Self::Hit => (4, 0),
            Self::Left(at) => (5, at),
            Self::Right(at) => (6, at),
            Self::Between => (7, 0),
            Self::Next => (8, 0),
            Self::Before => (9, 0),
            Self::After => (10, 0),
            Self::Around => (11, 0),
            Self::Word => (12, 0),
            Self::Pair => (13, 0),
            Self::Stem => (14, 0),
            Self::Skip => (15, 0),
        };
        spread(kind | u64::from(place) << 8)
    }

    fn by_name(name: &str) -> Option<Self> {
        let at = |side: &str| {
            let at = name.strip_prefix(side)?;
            (1..=NEAR).find(|known| known.to_string() == at)
        };
        Some(match name {
            "always" => Self::Always,
            "rule" => Self::Rule,
            "list" => Self::List,
            "hit" => Self::Hit,
            "between" => Self::Between,
            "next" => Self::Next,
            "before" => Self::Before,
            "after" => Self::After,
            "around" => Self::Around,
            "word" => Self::Word,
            "stem" => Self::Stem,
            "pair" => Self::Pair,
            "skip" => Self::Skip,
            _ => at("left").map(Self::Left).or_else(|| at("right").map(Self::Right))?,
        })
    }
}

/// Why something written is no feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoFeature<'a> {
    /// There is no such seat.
    Seat(&'a str),
    /// The seat says nothing of what is seen there.
    Short(&'a str),
    /// A word too many.
    Long(&'a str),
    /// There is no such shape.
    Shape(&'a str),
    /// A class that is not between `<` and `>`.
    Class(&'a str),
    /// What is not told apart in texts that are weighed as a whole.
    Unseen(&'a str),
}

/// How far [`Seat::Left`] and [`Seat::Right`] reach.
pub const NEAR: u8 = 3;

/// How a word or place is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// With their names.
    pub const ALL: &'static [(&'static str, Self)] = &[
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A folded word or a mark; a rule or list by its name.
    Word(&'a str),
    /// A word of this list.
    Class(&'a str),
    /// How it is written.
    Shape(Shape),
}

impl<'a> Item<'a> {
    /// A number of its own, for [`Feature::key`].
    pub fn number(self) -> u64 {
        match self {
            Self::Word(word) => word_number(word.as_bytes()),
            Self::Class(name) => join(0xfe, word_number(name.as_bytes())),
            Self::Shape(shape) => join(0xff, shape as u64),
        }
    }

    fn read(written: &'a str) -> Result<Self, NoFeature<'a>> {
        if let Some(name) = written.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
            return Ok(Self::Class(name));
        }
        if written.len() > 1 && written.starts_with(':') {
            let shape = Shape::ALL.iter().find(|(name, _)| *name == written);
            return shape.map(|(_, shape)| Self::Shape(*shape)).ok_or(NoFeature::Shape(written));
        }
        if written.len() > 1 && written.contains(['<', '>']) {
            return Err(NoFeature::Class(written));
        }
        Ok(Self::Word(written))
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
    /// What stands behind the hit, for [`Seat::Between`]; the second, for [`Seat::Pair`]
    /// and [`Seat::Skip`].
    pub other: Option<Item<'a>>,
}

impl<'a> Feature<'a> {
    /// One item at a seat.
    pub fn new(seat: Seat, item: Item<'a>) -> Self {
        Self { seat, item, other: None }
    }

    /// Reads a feature as tables spell it, such as `left1 he`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(written: &'a str) -> Result<Self, NoFeature<'a>> {
        if let Some(plain) = Self::plain(written) {
            return Ok(plain);
        }
        let mut words = written.split_whitespace();
        let named = words.next().unwrap_or_default();
        let seat = Seat::by_name(named).ok_or(NoFeature::Seat(named))?;
        let mut item = || {
            let written = words.next().ok_or(NoFeature::Short(named))?;
            let item = Item::read(written)?;
            let of_text = matches!(seat, Seat::Word | Seat::Stem | Seat::Pair | Seat::Skip);
            let seen = match item {
                Item::Word(word) => !word.starts_with(|c: char| c.is_ascii_digit()),
                Item::Shape(Shape::Number) => seat != Seat::Stem,
                Item::Shape(Shape::Edge) => matches!(seat, Seat::Pair | Seat::Skip),
                _ => false,
            };
            if of_text && !seen { Err(NoFeature::Unseen(written)) } else { Ok(item) }
        };
        let read = match seat {
            Seat::Always => Self::new(seat, Item::Shape(Shape::Nothing)),
            Seat::Between | Seat::Pair | Seat::Skip => {
                Self { seat, item: item()?, other: Some(item()?) }
            }
            _ => Self::new(seat, item()?),
        };
        words.next().map_or(Ok(read), |more| Err(NoFeature::Long(more)))
    }

    /// A feature of small letters, as most are.
    fn plain(written: &'a str) -> Option<Self> {
        let (seat, item) = written.split_once(' ')?;
        let small = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        let seat = Seat::by_name(seat)?;
        let of_two = matches!(seat, Seat::Between | Seat::Pair | Seat::Skip);
        match item.split_once(' ') {
            Some((item, other)) => (of_two && small(item) && small(other)).then_some(Self {
                seat,
                item: Item::Word(item),
                other: Some(Item::Word(other)),
            }),
            None => (!of_two && seat != Seat::Always && small(item))
                .then_some(Self::new(seat, Item::Word(item))),
        }
    }

    /// Its items.
    pub fn items(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        std::iter::once(self.item).chain(self.other)
    }

    /// A number by which it is looked up: those of its seat and its items, joined. Two
    /// features have the same only by an accident of 64 bits.
    pub fn key(&self) -> u64 {
        self.items().fold(self.seat.number(), |key, item| join(key, item.number()))
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
            Seat::Word => "word",
            Seat::Stem => "stem",
            Seat::Pair => "pair",
            Seat::Skip => "skip",
        };
        write!(f, "{seat} {}", self.item)?;
        self.other.map_or(Ok(()), |other| write!(f, " {other}"))
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
            "word :number",
            "stem vot",
            "pair :edge vote",
            "skip vote red",
            "skip red :edge",
        ] {
            let feature = Feature::read(written).unwrap();
            assert_eq!(feature.to_string(), written);
        }
    }

    #[test]
    fn what_is_no_feature_is_none() {
        for written in [
            "",
            "left1",
            "left9 he",
            "left0 he",
            "left01 he",
            "left+1 he",
            "word 12",
            "stem 2nd",
            "pair vote 12",
            "between he",
            "near he",
            "left1 he is",
            "hit :Big",
            "left1 <he",
            "pair vote",
            "skip vote",
            "word",
            "word <party>",
            "pair he :Capital",
            "word :edge",
            "stem",
            "stem :number",
        ] {
            assert!(Feature::read(written).is_err(), "{written}");
        }
    }
}
