//! Two things to be done, in turn or at once: which of it, those who have threads say.

/// Does both of two things.
pub type Both = fn(&mut dyn FnMut(), &mut (dyn FnMut() + Send));

/// One after the other.
pub fn in_turn(one: &mut dyn FnMut(), other: &mut (dyn FnMut() + Send)) {
    one();
    other();
}

/// What two things come to.
pub(super) fn results<A, B: Send>(
    both: Both,
    one: impl FnOnce() -> A,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    let (mut one, mut other) = (Some(one), Some(other));
    let (mut of_one, mut of_other) = (None, None);
    both(&mut || of_one = one.take().map(|one| one()), &mut || {
        of_other = other.take().map(|other| other());
    });
    of_one.zip(of_other).expect("both are done")
}
