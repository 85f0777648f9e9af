//! What tests of the engine share.

use std::sync::Arc;

use crate::engine::{Alone, Engine, FieldScan, Prepared};
use crate::facts::Facts;
use crate::pack::{PackSet, Raw, read_pack};
use crate::record::Record;
use crate::syntax::SourceFile;

/// A pack of a text; each file that it names reads as `beside`.
pub fn set_of(pack: &str, beside: &str) -> Arc<PackSet> {
    let mut faults = Vec::new();
    let file = Arc::new(SourceFile { name: "p.toml".into(), text: pack.to_owned().into() });
    let read = |_: &str| Ok(beside.to_owned().into());
    let raw = Raw { file, origin: String::new(), shipped: false, read: &read };
    let packs = read_pack(&raw, &mut faults).into_iter().collect();
    let set = PackSet::assemble(packs, &mut faults);
    assert!(faults.iter().all(|fault| fault.message.contains("example")), "{faults:?}");
    Arc::new(set)
}

/// Scans a text under facts, with nothing around it.
pub fn ask<T>(
    engine: &Engine,
    facts: &Facts,
    text: &str,
    ask: impl FnOnce(&Engine, &FieldScan<'_>) -> T,
) -> T {
    let (field, record) = (Prepared::new(text, false), Record::default());
    let scan = FieldScan {
        field: &field,
        name: "notes",
        active: &engine.activate(facts),
        around: &Alone,
        record: &record,
    };
    ask(engine, &scan)
}

/// Scans a text by a pack with one table of weights.
pub fn scan_by<T>(
    (pack, table): (&str, &str),
    text: &str,
    question: impl FnOnce(&Engine, &FieldScan<'_>) -> T,
) -> T {
    let engine = Engine::new(set_of(pack, table), &Facts::default()).unwrap();
    ask(&engine, &Facts::default(), text, question)
}
