//! The points of a hit, added up without naming what brings them: most words beside most
//! hits bring none.

use super::scene::{Kind, Run, Scene, Tok};
use super::weigh::{NEXT, is_said, reach, shape};
use super::weigh_table::CompiledWeights;
use crate::pack::{Feature, Item, NEAR, Seat, Shape};
use crate::text::join;

/// Where things have points, as far as a glance tells: the seats by the highest bits of
/// the number of a thing.
#[derive(Debug)]
pub struct Seats {
    /// By slot: the seats as bits.
    slots: Vec<u16>,
    shift: u32,
}

impl Seats {
    const HIT: u16 = 1;
    const NEXT: u16 = 1 << 1;
    const BEFORE: u16 = 1 << 2;
    const AFTER: u16 = 1 << 3;
    const AROUND: u16 = 1 << 4;
    const BETWEEN: u16 = 1 << 5;

    fn left(at: u8) -> u16 {
        1 << (5 + at)
    }

    fn right(at: u8) -> u16 {
        1 << (5 + NEAR + at)
    }

    /// With room for the things of so many features.
    pub fn new(features: usize) -> Self {
        let bits = (2 * features).next_power_of_two().ilog2().clamp(6, 16);
        Self { slots: vec![0; 1 << bits], shift: u64::BITS - bits }
    }

    /// Notes that a feature has points; `number` is that of its first item.
    pub fn add(&mut self, feature: &Feature<'_>, number: u64) {
        let seat = match feature.seat {
            Seat::Hit => Self::HIT,
            Seat::Next => Self::NEXT,
            Seat::Before => Self::BEFORE,
            Seat::After => Self::AFTER,
            Seat::Around => Self::AROUND,
            Seat::Between => Self::BETWEEN,
            Seat::Left(at) => Self::left(at),
            Seat::Right(at) => Self::right(at),
            Seat::Always | Seat::Rule | Seat::List | Seat::Word | Seat::Stem | Seat::Pair => return,
        };
        self.slots[(number >> self.shift) as usize] |= seat;
    }

    /// The seats at which a thing may have points.
    #[inline]
    fn of(&self, number: u64) -> u16 {
        self.slots[(number >> self.shift) as usize]
    }
}

/// Points under way.
struct Sum<'t> {
    table: &'t CompiledWeights,
    sum: i32,
}

impl Sum<'_> {
    /// Adds what a thing has at a seat.
    #[inline]
    fn add(&mut self, bit: u16, seat: Seat, number: u64) {
        if self.table.seats.of(number) & bit != 0 {
            self.add_sure(seat, number);
        }
    }

    #[inline]
    fn add_sure(&mut self, seat: Seat, number: u64) {
        self.sum = self.sum.saturating_add(self.table.worth(join(seat.number(), number)));
    }

    /// The same of all classes of a word.
    fn classes(&mut self, bit: u16, seat: Seat, mut classes: u64) {
        while classes != 0 {
            self.add(bit, seat, self.table.class_numbers[classes.trailing_zeros() as usize]);
            classes &= classes - 1;
        }
    }

    /// The word or mark at a place, its classes and its shape.
    fn place(&mut self, scene: &Scene<'_>, at: Option<usize>, bit: u16, seat: Seat) {
        let Some(at) = at else { return self.add(bit, seat, number_of(Shape::Edge)) };
        let token = &scene.tokens()[at];
        if is_said(scene, at) {
            self.add(bit, seat, token.number);
        }
        self.add(bit, seat, number_of(shape(scene, at)));
        self.classes(bit, seat, self.table.classes_of(token.word));
    }

    /// The classes and the shape of a place, for [`Seat::Between`].
    fn each_item(&self, scene: &Scene<'_>, at: Option<usize>, mut tell: impl FnMut(u64)) {
        let Some(at) = at else { return tell(number_of(Shape::Edge)) };
        let token = &scene.tokens()[at];
        let mut classes = self.table.classes_of(token.word);
        while classes != 0 {
            tell(self.table.class_numbers[classes.trailing_zeros() as usize]);
            classes &= classes - 1;
        }
        tell(match token.kind {
            Kind::Mark(',' | '(' | ')' | ':' | '/' | '-' | '"') => token.number,
            _ => number_of(shape(scene, at)),
        });
    }
}

fn number_of(shape: Shape) -> u64 {
    Item::Shape(shape).number()
}

impl CompiledWeights {
    /// The points of everything that stands beside a hit and in it, without those that
    /// every hit of its find has.
    pub(super) fn beside(&self, scene: &Scene<'_>, run: Run) -> i32 {
        let (from, to) = reach(scene, run);
        let tokens = scene.tokens();
        let mut sum = Sum { table: self, sum: 0 };
        for token in &tokens[run.start..run.end] {
            sum.add(Seats::HIT, Seat::Hit, token.number);
        }
        sum.add(Seats::HIT, Seat::Hit, number_of(shape(scene, run.start)));
        for near in 1..=NEAR {
            let at = run.start.checked_sub(usize::from(near)).filter(|&at| at >= from);
            sum.place(scene, at, Seats::left(near), Seat::Left(near));
            if at.is_none() {
                break;
            }
        }
        for near in 1..=NEAR {
            let at = Some(run.end + usize::from(near) - 1).filter(|&at| at < to);
            sum.place(scene, at, Seats::right(near), Seat::Right(near));
            if at.is_none() {
                break;
            }
        }
        let words = tokens[run.end..to.min(run.end + NEXT)].iter();
        let mut classes = words
            .take_while(|token| token.kind == Kind::Word)
            .map(|token| self.classes_of(token.word));
        match classes.find(|&classes| classes != 0) {
            Some(classes) => sum.classes(Seats::NEXT, Seat::Next, classes),
            None => sum.add(Seats::NEXT, Seat::Next, number_of(Shape::Nothing)),
        }
        self.bags(scene, run, (from, to), &mut sum);
        let left = run.start.checked_sub(1).filter(|&at| at >= from);
        let right = Some(run.end).filter(|&at| at < to);
        let mut between = 0_i32;
        sum.each_item(scene, left, |number| {
            if self.seats.of(number) & Seats::BETWEEN != 0 {
                let key = join(Seat::Between.number(), number);
                sum.each_item(scene, right, |number| {
                    between = between.saturating_add(self.worth(join(key, number)));
                });
            }
        });
        sum.sum.saturating_add(between)
    }

    /// The words and classes on either side, each once.
    fn bags(&self, scene: &Scene<'_>, run: Run, (from, to): (usize, usize), sum: &mut Sum<'_>) {
        let tokens = scene.tokens();
        let before = &tokens[from..run.start];
        let mut seen = [0, 0];
        let sides = [
            (Seat::Before, Seats::BEFORE, from..run.start),
            (Seat::After, Seats::AFTER, run.end..to),
        ];
        for (side, (seat, bit, range)) in sides.into_iter().enumerate() {
            let here = &tokens[range];
            for (at, token) in here.iter().enumerate() {
                let seats = self.seats.of(token.number) & (bit | Seats::AROUND);
                let classes = self.classes_of(token.word);
                if (seats == 0 && classes & !seen[side] == 0)
                    || !matches!(token.kind, Kind::Word | Kind::Mark(_))
                {
                    continue;
                }
                let is_among =
                    |tokens: &[Tok]| tokens.iter().any(|other| other.number == token.number);
                if seats != 0 && !is_among(&here[..at]) {
                    if seats & bit != 0 {
                        sum.add_sure(seat, token.number);
                    }
                    if seats & Seats::AROUND != 0 && (side == 0 || !is_among(before)) {
                        sum.add_sure(Seat::Around, token.number);
                    }
                }
                let fresh = classes & !seen[side];
                sum.classes(bit, seat, fresh);
                sum.classes(Seats::AROUND, Seat::Around, fresh & !seen[0]);
                seen[side] |= classes;
            }
        }
    }
}
