//! Bulk scanning: record exports of any size, streamed.
//!
//! Files are opened ([`container`]), cut where records start ([`chunks`], [`sheets`],
//! [`json`]), scanned in parallel and handed on in order ([`pipeline`], [`part`]), and
//! counted ([`tally`]).

pub mod chunks;
pub mod columns;
pub mod container;
pub mod json;
pub mod json_rows;
pub mod model;
pub mod part;
pub mod pipeline;
pub mod sheet_rows;
pub mod sheets;
pub mod tally;
pub mod audit;
pub mod compare;
mod json_lines;
mod figures;
pub mod html;
pub mod lists;
pub mod tables;
