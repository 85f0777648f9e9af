//! Bulk scanning: record exports of any size, streamed.
//!
//! Files are opened ([`container`]), cut where records start ([`chunks`], [`sheets`],
//! [`json`]), scanned in parallel and handed on in order ([`pipeline`], [`part`]), counted
//! ([`tally`]) and written ([`lists`], [`tables`], [`html`]). [`audit`] keeps a record of
//! runs, [`compare`] holds one against an earlier one.

mod again;
pub mod audit;
pub mod chunks;
pub mod columns;
pub mod compare;
mod compare_scope;
mod compare_text;
pub mod container;
mod feed;
mod feed_workbook;
mod figures;
mod header;
pub mod html;
pub mod json;
mod json_lines;
pub mod json_rows;
pub mod lists;
mod midway;
pub mod model;
pub mod part;
pub mod pipeline;
pub mod redact;
pub mod sample;
pub mod sheet_rows;
pub mod sheets;
pub mod shown;
pub mod tables;
pub mod tally;
mod told;
