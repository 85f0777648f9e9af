//! Bulk scanning: record exports of any size, streamed.
//!
//! Files are opened ([`container`]), cut where records start ([`chunks`], [`sheets`],
//! [`json`]), scanned in parallel and handed on in order ([`pipeline`], [`part`]), counted
//! ([`tally`]) and written ([`lists`], [`tables`], [`html`]). [`audit`] keeps a record of
//! runs, [`compare`] holds one against an earlier one.

mod figures;
pub mod html;
pub mod lists;
pub mod model;
pub mod tables;
