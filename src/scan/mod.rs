//! Bulk scanning: record exports of any size, streamed.

pub mod audit;
pub mod compare;
mod json_lines;
pub mod model;
