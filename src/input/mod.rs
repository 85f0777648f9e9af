//! Bytes in, fields out. Knows how files are written, and no rules.

mod arguments;
mod csv;
mod csv_columns;
mod csv_dialect;
mod csv_rows;
mod data;
mod directives;
mod document;
mod encoded;
mod flow;
mod front_json;
mod front_matter;
mod front_toml;
mod front_yaml;
mod gitignore;
mod html;
mod html_cell;
mod html_tokens;
mod json;
mod keys;
mod markdown;
mod markdown_links;
mod matter;
mod notation;
mod passed_over;
mod plain;
mod read;
mod scalar;
mod scheduler;
mod shortcodes;
mod silent;
mod values;
mod walk;

#[cfg(test)]
mod directive_tests;
#[cfg(test)]
mod markdown_tests;
#[cfg(test)]
mod testing;

pub use csv::{Layout, Ragged, Table, read_rows, tell_repeated, tell_unclosed};
pub use csv_columns::{TEXT_COLUMNS, bare_name, missing_column, names};
pub use csv_dialect::dialect;
pub use csv_rows::{Cell, Rows};
pub use document::{Directive, Document, DocumentNotice, Field, Format, Reach};
pub use encoded::{base64_cell, base64_parts};
pub use front_matter::{Language, front_matter};
pub use html_cell::html_cell;
pub use json::{JsonError, JsonFault, JsonVisitor, NESTING, read_json};
pub use keys::{any_item, field_fault};
pub use read::{InputError, ReadOptions, read};
pub use scheduler::SCHEDULERS;
pub use walk::{
    Target, WalkNotice, WalkOptions, is_data, is_data_of_site, is_for_tools, is_known, walk,
};
