//! Text and the places in it. Knows neither rules nor files.

mod bounds;
mod counts;
mod decode;
mod detect;
mod fold;
mod lines;
mod number;
mod offset_map;
mod runs;
mod segment;
mod span;
mod stem;
mod tokens;

pub use decode::{Decoded, Encoding, decode, decode_part};
pub use detect::{encoding_of_parts, looks_binary};
pub use fold::{Disguise, Folded, Plain, is_invisible, is_word_byte, is_word_char};
pub use lines::{Lines, Position};
pub use number::{join, number_at, spread, word_number};
pub use offset_map::{MappedText, OffsetMap};
pub use runs::{Runs, run_starts, runs};
pub use segment::Sentences;
pub use span::Span;
pub use stem::stem;
pub use tokens::{Token, TokenKind, split_hashtag, tokens};
