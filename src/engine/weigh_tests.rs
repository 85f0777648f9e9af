//! What tests of weights share.

use std::sync::Arc;

use crate::engine::{Alone, Engine, FieldScan, Prepared};
use crate::facts::Facts;
use crate::pack::{PackSet, Raw, read_pack};
use crate::record::Record;
use crate::syntax::SourceFile;

/// Scans a text by a pack with one table of weights.
pub fn scan_by<T>(
    (pack, table): (&str, &str),
    text: &str,
    ask: impl FnOnce(&Engine, &FieldScan<'_>) -> T,
) -> T {
    let mut faults = Vec::new();
    let file = Arc::new(SourceFile { name: "p.toml".into(), text: pack.into() });
    let read = |_: &str| Ok(table.to_owned());
    let raw = Raw { file, origin: String::new(), shipped: false, read: &read };
    let packs = read_pack(&raw, &mut faults).into_iter().collect();
    let set = PackSet::assemble(packs, &mut faults);
    assert!(faults.iter().all(|fault| fault.message.contains("example")), "{faults:?}");
    let engine = Engine::new(Arc::new(set), &Facts::default()).unwrap();
    let active = engine.activate(&Facts::default());
    let (field, record) = (Prepared::new(text, false), Record::default());
    let scan = FieldScan {
        field: &field,
        name: "notes",
        active: &active,
        around: &Alone,
        record: &record,
    };
    ask(&engine, &scan)
}
