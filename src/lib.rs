//! probity checks texts against policies.
//!
//! Packs (TOML) are read and compiled to an [`engine::Engine`]; files are read
//! into [`input::Document`]s; the engine scans their fields; [`judge`] turns what
//! it found into [`finding::Finding`]s; [`emit`] writes them. `docs/architecture.md`
//! has the picture.

pub mod changes;
pub mod cli;
pub mod clock;
pub mod config;
pub mod count;
pub mod coverage;
pub mod dates;
pub mod emit;
pub mod engine;
pub mod error;
pub mod examples;
pub mod facts;
pub mod file_names;
pub mod finding;
pub mod fix;
pub mod input;
pub mod judge;
pub mod lsp;
pub mod pack;
pub mod record;
pub mod replace;
pub mod run;
pub mod scan;
pub mod suppress;
pub mod syntax;
pub mod text;
pub mod validate;
