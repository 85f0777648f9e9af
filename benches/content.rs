//! Ten thousand small pages of a content repository: how many a second are found, read
//! and judged, side by side with a loop that reads the same files and runs one regular
//! expression a list of terms over them.
//!
//! Read the ratio: the rows are measured in turn. `PROBITY_BENCH_FILES=N` sets how many
//! pages there are.

#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]
#![allow(clippy::cast_precision_loss, reason = "figures are rounded for reading")]

#[path = "common/notes.rs"]
mod notes;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use probity::config::Config;
use probity::engine::Engine;
use probity::facts::{FactOrigin, FactValue, Facts};
use probity::input::{ReadOptions, WalkOptions, walk};
use probity::pack::{PackSet, load_shipped, shipped_names};
use probity::run::{Engines, Run, Suppressions, Task};
use rayon::prelude::*;
use regex::Regex;

const ROUNDS: usize = 5;

/// Terms in a list: what a pack holds in one, more or less.
const LIST: usize = 40;

fn main() {
    // `cargo test --benches` only wants to see that it builds and runs.
    let quick = std::env::args().any(|argument| argument == "--test");
    let asked = std::env::var("PROBITY_BENCH_FILES").ok().and_then(|count| count.parse().ok());
    let count = asked.unwrap_or(if quick { 50 } else { 10_000 });
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let bytes = pages(folder.path(), count);
    let set = shipped();
    let lists = lists(&set);
    println!(
        "{count} pages, {:.1} MB, {} lists of {LIST} terms, median of {ROUNDS} rounds",
        bytes as f64 / 1e6,
        lists.len()
    );
    let run = run(&set);
    let rounds = if quick { 1 } else { ROUNDS };
    let mut times: [Vec<Duration>; 2] = Default::default();
    let mut results = [0, 0];
    for round in 0..=rounds {
        let rows: [&dyn Fn() -> usize; 2] =
            [&|| baseline(folder.path(), &lists), &|| checked(folder.path(), &run)];
        for (at, row) in rows.iter().enumerate() {
            let start = Instant::now();
            results[at] = black_box(row());
            // The first round warms caches and is not counted.
            if round > 0 {
                times[at].push(start.elapsed());
            }
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let medians = times.each_mut().map(median);
    println!("\n{:44} {:>9} {:>10} {:>9}", "", "files/s", "time", "ratio");
    for (at, name) in ["read, one regex a list", "probity check, shipped packs"].iter().enumerate()
    {
        println!(
            "{name:44} {:>9.0} {:>8.1}ms {:>8.2}x   {} results",
            count as f64 / medians[at],
            medians[at] * 1e3,
            medians[at] / medians[0],
            results[at]
        );
    }
}

/// Writes so many pages with front matter and shortcodes; gives their size.
fn pages(folder: &Path, count: usize) -> usize {
    let text = notes::notes(count * 700);
    let mut lines = text.lines().cycle();
    let mut size = 0;
    for at in 0..count {
        let mut line = || lines.next().unwrap_or_default();
        let page = format!(
            "---\ntitle: \"Page {at}\"\ndescription: >-\n  {}\ntags: [news, ferry]\ndate: 2026-03-14\n---\n\n\
             # Page {at}\n\n{} {}\n\n{{{{< figure src=\"a.png\" caption=\"{}\" >}}}}\n\n- {}\n- [{}](/a)\n",
            line(),
            line(),
            line(),
            line(),
            line(),
            line()
        );
        let place = folder.join(format!("content/{}", at % 97));
        fs::create_dir_all(&place).expect("a folder can be made");
        fs::write(place.join(format!("{at}.md")), &page).expect("a page can be written");
        size += page.len();
    }
    size
}

fn shipped() -> Arc<PackSet> {
    let mut faults = Vec::new();
    let packs = shipped_names().filter_map(|name| load_shipped(name, &mut faults)).collect();
    let set = PackSet::assemble(packs, &mut faults);
    assert!(faults.is_empty(), "the shipped packs have faults");
    Arc::new(set)
}

/// The terms of the shipped packs for a page, as somebody would write them down: one
/// expression a list.
fn lists(set: &Arc<PackSet>) -> Vec<Regex> {
    let mut facts = Facts::default();
    facts.set("kind", FactValue::Text("page".into()), FactOrigin::CommandLine);
    let engine = Engine::new(Arc::clone(set), &facts).expect("the shipped packs compile");
    let expression = |terms: &[String]| {
        let terms: Vec<_> = terms.iter().map(|term| regex::escape(term)).collect();
        Regex::new(&format!(r"(?i)\b(?:{})\b", terms.join("|"))).expect("terms are expressions")
    };
    engine.literals().chunks(LIST).map(expression).collect()
}

fn run(set: &Arc<PackSet>) -> Run {
    Run {
        set: Arc::clone(set),
        config: Config::default(),
        facts: Vec::new(),
        read: ReadOptions::default(),
        reveal: false,
        today: None,
        part: None,
        engines: Engines::default(),
        suppressions: Suppressions::default(),
    }
}

fn checked(folder: &Path, run: &Run) -> usize {
    let (targets, _) = walk(&[folder.to_path_buf()], &WalkOptions::default());
    let tasks = targets.into_iter().map(Task::from).collect();
    run.check(tasks, Vec::new()).expect("the shipped packs compile").findings.len()
}

fn baseline(folder: &Path, lists: &[Regex]) -> usize {
    let files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    files
        .par_iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .map(|text| lists.iter().map(|list| list.find_iter(&text).count()).sum::<usize>())
        .sum()
}
