//! The same through the library: packs from text, runs over bytes.

use std::sync::Arc;

use probity::config::Config;
use probity::emit::{Emitter as _, Json};
use probity::facts::FactValue;
use probity::finding::Report;
use probity::input::ReadOptions;
use probity::pack::{Pack, PackSet, Raw, read_pack};
use probity::run::{Engines, Origin, Run, Suppressions, Task};
use probity::syntax::{Level, SourceFile};

/// Packs from their TOML, put together; they must be whole.
pub fn set(packs: &[(&str, &str)]) -> Arc<PackSet> {
    let mut faults = Vec::new();
    let packs: Vec<Pack> = packs
        .iter()
        .filter_map(|(name, text)| {
            let file =
                Arc::new(SourceFile { name: (*name).to_owned(), text: (*text).to_owned().into() });
            let read = |path: &str| Err(format!("{path} is not there"));
            read_pack(
                &Raw { file, origin: (*name).to_owned(), shipped: false, read: &read },
                &mut faults,
            )
        })
        .collect();
    let set = PackSet::assemble(packs, &mut faults);
    faults.retain(|fault| fault.level == Level::Fault);
    assert!(faults.is_empty(), "{faults:#?}");
    Arc::new(set)
}

/// Packs of the fixtures.
pub fn fixture_packs(names: &[&str]) -> Arc<PackSet> {
    let folder = super::fixtures().join("packs");
    let read = |name: &&str| std::fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap();
    let texts: Vec<String> = names.iter().map(read).collect();
    let packs: Vec<(&str, &str)> =
        names.iter().copied().zip(texts.iter().map(String::as_str)).collect();
    set(&packs)
}

/// A run with these packs and nothing else.
pub fn run(set: &Arc<PackSet>) -> Run {
    Run {
        today: None,
        engines: Engines::default(),
        suppressions: Suppressions::default(),
        set: Arc::clone(set),
        config: Config::default(),
        facts: Vec::new(),
        read: ReadOptions::default(),
        reveal: true,
        part: None,
    }
}

/// Facts as texts.
pub fn facts(of: &[(&str, &str)]) -> Vec<(String, FactValue)> {
    of.iter()
        .map(|(name, value)| ((*name).to_owned(), FactValue::Text((*value).to_owned())))
        .collect()
}

/// Documents from names and bytes.
pub fn tasks(of: &[(&str, &[u8])]) -> Vec<Task> {
    of.iter()
        .map(|(name, bytes)| Task {
            name: (*name).to_owned(),
            origin: Origin::Bytes(bytes.to_vec()),
        })
        .collect()
}

/// A report as JSON.
pub fn json(report: &Report) -> String {
    let mut out = Vec::new();
    Json.emit(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
