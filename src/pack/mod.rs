//! Packs: policies as rules. Knows no document.

mod check;
mod check_examples;
mod check_find;
mod check_replace;
mod check_rule;
mod digest;
mod duty;
mod fact_kind;
mod feature;
mod gate;
mod gate_edges;
mod heads;
mod load;
mod model;
mod numbers;
pub mod phrase;
mod record_faults;
mod record_test;
mod review;
mod set;
mod set_changes;
mod set_columns;
mod set_lists;
mod set_rules;
mod spec;
mod spell;
mod weights;

pub use check::{Raw, fact_value, read_pack};
pub use check_examples::unmark;
pub use digest::Digest;
pub use duty::{Duty, Questions};
pub use feature::{Feature, Item, NEAR, NoFeature, Seat, Shape};
pub use gate::{Expression, Gate, begins_with, folds_to_ascii};
pub use heads::{Heads, WordHeads};
pub use load::{SHIPPED, load_shipped, shipped_names};
pub use model::{
    Adjustment, BUILT_IN_FAMILY, Case, ChecklistItem, Citation, Condition, Entry, Example,
    FactDeclaration, FactKind, FactTest, Find, List, Merge, Most, Needs, Pack, Place, Replace,
    Rule, Severity, Side, Source, What, When, Within, words_key,
};
pub use numbers::{Numbers, spelled};
pub use record_test::{AS_OF, RecordTest, ValueTest, period};
pub use set::{DATE, DATE_ORDER, KIND, PackSet, Stated};
pub use spec::PACK_FILE;
pub use spell::cut;
pub use weights::{Weigh, Weights};
