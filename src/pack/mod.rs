//! Packs: policies as rules. Knows no document.

mod check;
mod check_rule;
mod fact_kind;
mod gate;
mod load;
mod model;
pub mod phrase;
mod set;
mod set_lists;
mod spec;
mod spell;

pub use check::{Raw, fact_value, read_pack};
pub use check_rule::unmark;
pub use load::{SHIPPED, load_shipped, shipped_names};
pub use model::{
    Adjustment, Case, ChecklistItem, Citation, Condition, Entry, Example, FactDeclaration,
    FactKind, FactTest, Find, Gate, List, Merge, Most, Pack, Place, Rule, Severity, Side, Source,
    What, When, Within,
};
pub use set::{KIND, PackSet};
pub use spec::PACK_FILE;
pub use spell::cut;
