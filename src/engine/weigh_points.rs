//! The points of a hit, added up without naming what brings them: most words beside most
//! hits bring none.

use super::scene::{Kind, Run, Scene, Tok};
use super::weigh::{self, is_said, reach, shape};
use super::weigh_table::CompiledWeights;
use crate::pack::{Item, NEAR, Seat, Shape};
use crate::text::join;

/// Where things have points, as far as a glance tells: the seats by the highest bits of
/// the number of a thing.
#[derive(Debug)]
pub struct Seats {
    /// By slot: the seats as bits.
    slots: Vec<u16>,
    shift: u32,
}

/// The place of a seat among [`Seat::BESIDE`].
type At = usize;
const HIT: At = 0;
const NEXT: At = 1;
const BEFORE: At = 2;
const AFTER: At = 3;
const AROUND: At = 4;
const BETWEEN: At = 5;

/// The place of [`Seat::Left`].
const fn left(near: u8) -> At {
    const { assert!(NEAR == 3, "as in Seat::BESIDE") };
    BETWEEN + near as usize
}

/// The place of [`Seat::Right`].
const fn right(near: u8) -> At {
    BETWEEN + (NEAR + near) as usize
}

/// The points of shapes and classes at each seat: there are few of them, and every word
/// has one.
#[derive(Debug, Default)]
pub struct Fixed {
    /// By seat, so many in a row: by shape, then by class.
    points: Vec<i32>,
    row: usize,
}

impl Fixed {
    /// Those of a table.
    pub fn new(table: &CompiledWeights) -> Self {
        let shapes = Shape::ALL.iter().map(|&(_, shape)| (shape as usize, number_of(shape)));
        let classes = table.class_numbers.iter().copied().zip(Shape::ALL.len()..);
        let items: Vec<(usize, u64)> =
            shapes.chain(classes.map(|(number, at)| (at, number))).collect();
        let row = items.len();
        let mut points = vec![0; Seat::BESIDE.len() * row];
        for (at, seat) in Seat::BESIDE.iter().enumerate() {
            for &(item, number) in &items {
                points[at * row + item] = table.worth(join(seat.number(), number));
            }
        }
        Self { points, row }
    }

    #[inline]
    fn shape(&self, at: At, shape: Shape) -> i32 {
        self.points[at * self.row + shape as usize]
    }

    /// The points of some classes.
    #[inline]
    fn classes(&self, at: At, mut classes: u64) -> i32 {
        let points = &self.points[at * self.row + Shape::ALL.len()..(at + 1) * self.row];
        let mut sum = 0_i32;
        while classes != 0 {
            sum = sum.saturating_add(points[classes.trailing_zeros() as usize]);
            classes &= classes - 1;
        }
        sum
    }
}

impl Seats {
    /// Those of [`Numbers::beside`](crate::pack::Numbers::beside).
    pub fn new(beside: &[(u64, u8)]) -> Self {
        let bits = (2 * beside.len()).next_power_of_two().ilog2().clamp(6, 16);
        let mut seats = Self { slots: vec![0; 1 << bits], shift: u64::BITS - bits };
        for &(number, at) in beside {
            seats.add(number, At::from(at));
        }
        seats
    }

    /// Notes that something has points at a seat; `number` is that of the first item.
    fn add(&mut self, number: u64, at: At) {
        self.slots[(number >> self.shift) as usize] |= 1 << at;
    }

    /// The seats at which a thing may have points, as bits.
    #[inline]
    fn of(&self, number: u64) -> u16 {
        self.slots[(number >> self.shift) as usize]
    }

    /// Whether a thing may have points at a seat.
    #[inline]
    fn has(&self, number: u64, at: At) -> bool {
        self.of(number) & (1 << at) != 0
    }
}

/// Points under way.
struct Sum<'t> {
    table: &'t CompiledWeights,
    sum: i32,
}

impl Sum<'_> {
    /// Adds what a word or mark has at a seat.
    #[inline]
    fn word(&mut self, at: At, number: u64) {
        if self.table.seats.has(number, at) {
            self.add_sure(at, number);
        }
    }

    #[inline]
    fn add_sure(&mut self, at: At, number: u64) {
        self.add(self.table.worth(join(Seat::BESIDE[at].number(), number)));
    }

    #[inline]
    fn add(&mut self, points: i32) {
        self.sum = self.sum.saturating_add(points);
    }

    fn shape(&mut self, at: At, shape: Shape) {
        self.add(self.table.fixed.shape(at, shape));
    }

    fn classes(&mut self, at: At, classes: u64) {
        self.add(self.table.fixed.classes(at, classes));
    }

    /// The word or mark at a place, its classes and its shape.
    fn place(&mut self, scene: &Scene<'_>, place: Option<usize>, at: At) {
        let Some(place) = place else { return self.shape(at, Shape::Edge) };
        let token = &scene.tokens()[place];
        if is_said(scene, place) {
            self.word(at, token.number);
        }
        self.shape(at, shape(scene, place));
        self.classes(at, self.table.classes_of(token.word));
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
            sum.word(HIT, token.number);
        }
        sum.shape(HIT, shape(scene, run.start));
        for near in 1..=NEAR {
            let at = run.start.checked_sub(usize::from(near)).filter(|&at| at >= from);
            sum.place(scene, at, left(near));
            if at.is_none() {
                break;
            }
        }
        for near in 1..=NEAR {
            let at = Some(run.end + usize::from(near) - 1).filter(|&at| at < to);
            sum.place(scene, at, right(near));
            if at.is_none() {
                break;
            }
        }
        let words = tokens[run.end..to.min(run.end + weigh::NEXT)].iter();
        let mut classes = words
            .take_while(|token| token.kind == Kind::Word)
            .map(|token| self.classes_of(token.word));
        match classes.find(|&classes| classes != 0) {
            Some(classes) => sum.classes(NEXT, classes),
            None => sum.shape(NEXT, Shape::Nothing),
        }
        self.bags(scene, run, (from, to), &mut sum);
        let left = run.start.checked_sub(1).filter(|&at| at >= from);
        let right = Some(run.end).filter(|&at| at < to);
        let mut between = 0_i32;
        sum.each_item(scene, left, |number| {
            if self.seats.has(number, BETWEEN) {
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
        let sides = [(BEFORE, from..run.start), (AFTER, run.end..to)];
        for (side, (seat, range)) in sides.into_iter().enumerate() {
            let here = &tokens[range];
            for (at, token) in here.iter().enumerate() {
                let seats = self.seats.of(token.number) & (1 << seat | 1 << AROUND);
                let classes = self.classes_of(token.word);
                if (seats == 0 && classes & !seen[side] == 0)
                    || !matches!(token.kind, Kind::Word | Kind::Mark(_))
                {
                    continue;
                }
                let is_among =
                    |tokens: &[Tok]| tokens.iter().any(|other| other.number == token.number);
                if seats != 0 && !is_among(&here[..at]) {
                    if seats & 1 << seat != 0 {
                        sum.add_sure(seat, token.number);
                    }
                    if seats & 1 << AROUND != 0 && (side == 0 || !is_among(before)) {
                        sum.add_sure(AROUND, token.number);
                    }
                }
                let fresh = classes & !seen[side];
                sum.classes(seat, fresh);
                sum.classes(AROUND, fresh & !seen[0]);
                seen[side] |= classes;
            }
        }
    }
}
