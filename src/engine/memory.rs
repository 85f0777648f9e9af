//! Memory of a scan that the next one takes over: a note is scanned in less time than it
//! takes to ask for all that memory anew.

use super::matcher::RawHit;
use super::pieces::Piece;
use super::scene::SceneMemory;
use crate::text::Folded;

/// Memory for the scans of one thread, one after the other. It makes no difference to what
/// is found.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) folded: Folded,
    pub(super) pieces: Vec<Piece>,
    pub(super) hits: Vec<RawHit>,
    pub(super) scene: SceneMemory,
}
