//! Bytes in, fields out. Knows how files are written, and no rules.

mod csv;
mod csv_columns;
mod csv_dialect;
mod csv_rows;
mod document;
mod flow;
mod front_matter;
mod front_toml;
mod front_yaml;
mod gitignore;
mod html;
mod html_tokens;
mod markdown;
mod markdown_links;
mod plain;
mod read;
mod scalar;
mod shortcodes;
mod walk;

#[cfg(test)]
mod markdown_tests;
#[cfg(test)]
mod testing;

pub use csv::{Layout, Ragged, Table, read_rows, tell_repeated, tell_unclosed};
pub use csv_columns::{TEXT_COLUMNS, bare_name, missing_column, names};
pub use csv_dialect::dialect;
pub use csv_rows::{Cell, Rows};
pub use html::html_cell;
pub use document::{Document, DocumentNotice, Field, Format};
pub use read::{InputError, ReadOptions, read};
pub use walk::{Target, WalkNotice, WalkOptions, walk};
