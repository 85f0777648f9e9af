//! Scans exports as the program does, without the program.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, LazyLock};

use probity::config::Config;
use probity::input::ReadOptions;
use probity::pack::{PackSet, load_shipped, shipped_names};
use probity::run::{Engines, Run, Suppressions};
use probity::scan::columns::Wanted;
use probity::scan::container::Limits;
use probity::scan::part::Keys;
use probity::scan::pipeline::{Event, Input, Setup, scan};
use probity::scan::sample::Sampling;

/// The packs for notes; words are shown.
pub static SHOWN: LazyLock<Run> = LazyLock::new(|| run(true));
/// The packs for notes; words are masked.
pub static MASKED: LazyLock<Run> = LazyLock::new(|| run(false));

fn run(reveal: bool) -> Run {
    let mut faults = Vec::new();
    let packs = shipped_names()
        .filter(|name| ["crm-notes", "public-sector-data"].contains(name))
        .filter_map(|name| load_shipped(name, &mut faults))
        .collect();
    let set = PackSet::assemble(packs, &mut faults);
    assert!(faults.is_empty());
    Run {
        set: Arc::new(set),
        config: Config::default(),
        facts: Vec::new(),
        read: ReadOptions::default(),
        reveal,
        today: None,
        part: None,
        engines: Engines::default(),
        suppressions: Suppressions::default(),
    }
}

/// How an export is scanned.
pub struct How<'d> {
    pub wanted: Wanted,
    pub keys: Keys,
    pub sampling: Sampling<'d>,
    pub chunk: usize,
    pub threads: usize,
    pub redacts: bool,
}

impl Default for How<'_> {
    fn default() -> Self {
        Self {
            wanted: Wanted::default(),
            keys: Keys::default(),
            sampling: Sampling::All,
            chunk: 1 << 20,
            threads: 2,
            redacts: false,
        }
    }
}

/// Scans a file as `export`; `take` gets what comes of it.
pub fn scan_file(run: &Run, path: &Path, how: &How<'_>, take: &mut dyn FnMut(Event)) {
    let (stop, progress) = (AtomicBool::new(false), AtomicU64::new(0));
    let setup = Setup {
        run,
        wanted: how.wanted.clone(),
        keys: how.keys.clone(),
        encoding: None,
        no_header: false,
        sampling: how.sampling,
        limits: Limits::default(),
        chunk: how.chunk,
        threads: how.threads,
        redacts: how.redacts,
        stop: &stop,
        progress: &progress,
    };
    let inputs = [Input { path: path.to_owned(), name: "export".into() }];
    scan(&setup, &inputs, &mut |event| {
        take(event);
        Ok(())
    })
    .unwrap();
}

/// A file that is there until it is dropped.
pub fn file(bytes: &[u8], ending: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}
