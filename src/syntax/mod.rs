//! TOML files as their authors spelled them: every key described once, every
//! fault found at once and placed. Packs and `probity.toml` are read with it.

mod diagnostic;
mod one_a_line;
mod spec;
mod view;

pub use diagnostic::{Diagnostic, Level, SourceFile, nearest};
pub use one_a_line::one_a_line;
pub use spec::{Key, Kind, Spec, check, json_schema};
pub use view::{Text, View, as_text, as_whole, parse};
