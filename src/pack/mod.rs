//! Packs: policies as rules. Knows no document.

mod check;
mod gate;
mod load;
mod model;
pub mod phrase;
mod set;
mod spec;

pub use check::{Raw, fact_value, read_pack, unmark};
pub use load::{SHIPPED, load_shipped, shipped_names};
pub use model::{
    Adjustment, Case, ChecklistItem, Citation, Condition, Entry, Example, FactDeclaration,
    FactKind, FactTest, Find, Gate, List, Merge, Pack, Place, Rule, Severity, Side, Source, What,
    When, Within,
};
pub use set::{KIND, PackSet};
pub use spec::PACK_FILE;
