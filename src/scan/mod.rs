//! Bulk scanning: record exports of any size, streamed.

pub mod model;
