//! Things of which there is mostly one, kept without asking for memory.

use std::ops::Deref;

/// How many are kept without.
const FEW: usize = 4;

/// Some things, mostly few.
#[derive(Debug, Default)]
pub struct Few<T> {
    first: [T; FEW],
    len: usize,
    /// All of them, where there are more.
    many: Vec<T>,
}

impl<T: Copy + Ord> Few<T> {
    /// Adds a thing.
    pub fn push(&mut self, thing: T) {
        match self.first.get_mut(self.len).filter(|_| self.many.is_empty()) {
            Some(place) => {
                *place = thing;
                self.len += 1;
            }
            None => self.many().push(thing),
        }
    }

    /// Puts them in order, each once.
    pub fn tidy(&mut self) {
        if self.len < 2 {
            return;
        }
        let many = self.many();
        many.sort_unstable();
        many.dedup();
    }

    /// All of them, where there is room for more.
    fn many(&mut self) -> &mut Vec<T> {
        if self.many.is_empty() {
            self.many.extend(&self.first[..self.len]);
        }
        &mut self.many
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        if self.many.is_empty() { &self.first[..self.len] } else { &self.many }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn few_and_many_are_kept(things in prop::collection::vec(0_u8..9, 0..12)) {
            let mut few = Few::default();
            for &thing in &things {
                few.push(thing);
            }
            prop_assert_eq!(&*few, &things[..]);
            few.tidy();
            let tidy: Vec<u8> = things.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
            prop_assert_eq!(&*few, &tidy[..]);
        }
    }
}
