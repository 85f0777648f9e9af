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

pub use crate::input::{JsonError, JsonFault, NESTING};
