//! Bulk scanning: record exports of any size, streamed.

pub mod container;
pub mod json;
pub mod model;
pub mod sheets;
