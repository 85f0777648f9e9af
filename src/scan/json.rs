//! Records of JSON, found and read without building a tree.
//!
//! [`shape()`] tells how a file holds its records, [`Elements`] finds where each of them
//! ends in text that arrives in pieces, and [`read()`] gives the values of one record,
//! every string with the way back to its bytes.

mod elements;
mod shape;
mod values;

pub use elements::Elements;
pub use shape::{JsonShape, shape};
pub use values::{JsonString, JsonValue, read, strings};

/// How deep arrays and objects may lie in one another.
pub const NESTING: usize = 128;

/// A fault in JSON and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (byte {at})")]
pub struct JsonError {
    /// Byte of the file, from 0.
    pub at: usize,
    /// What is wrong there.
    pub fault: JsonFault,
}

/// What is wrong with a text that should be JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// More than [`NESTING`].
    #[error("arrays and objects lie more than {NESTING} deep in one another")]
    TooDeep,
    /// The place is where it starts.
    #[error("a string does not end")]
    UnclosedString,
    /// The place is where the text ends.
    #[error("the text ends inside an array or object")]
    Unclosed,
    /// A bracket that closes nothing, or the wrong kind.
    #[error("`{0}` closes nothing that is open")]
    Unmatched(char),
    /// A backslash with something behind it that means nothing.
    #[error("a backslash is followed by something that is no escape")]
    Escape,
    /// Half of a character, written as `\ud83d` without its other half.
    #[error("half of a surrogate pair stands alone")]
    LoneSurrogate,
    /// Something else is expected here, in words.
    #[error("{0} is expected")]
    Expected(&'static str),
    /// More text where there should be none.
    #[error("more follows where the JSON should end")]
    Follows,
}

impl JsonFault {
    fn at(self, at: usize) -> JsonError {
        JsonError { at, fault: self }
    }
}
