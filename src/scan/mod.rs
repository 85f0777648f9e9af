//! Bulk scanning: record exports of any size, streamed.

mod figures;
pub mod html;
pub mod lists;
pub mod model;
pub mod tables;
