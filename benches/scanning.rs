//! How fast `probity scan` reads an export, side by side with programs that only look
//! for words or count lines, and how much memory it takes.
//!
//! `cargo bench --bench scanning` writes exports of generated notes to the temporary
//! folder and prints a table; `PROBITY_BENCH_MB=N` sets their size (two sizes are
//! measured, the second ten times the first), `PROBITY_BENCH_TEXT=FILE` takes the notes
//! from the lines of a text of yours. `rg` is measured where it is installed, with every
//! word that the packs search for. Read the ratios: rows are measured in turn.

#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]
#![allow(clippy::cast_precision_loss, reason = "figures are rounded for reading")]

#[path = "common/notes.rs"]
mod notes;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use probity::engine::Engine;
use probity::facts::{FactOrigin, FactValue, Facts};
use probity::pack::{PackSet, load_shipped, shipped_names};

const ROUNDS: usize = 3;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    let asked = std::env::var("PROBITY_BENCH_MB").ok().and_then(|text| text.parse().ok());
    let small = if quick { 100_000 } else { asked.unwrap_or(10) * 1_000_000 };
    let folder = std::env::temp_dir().join(format!("probity-scanning-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    let terms = folder.join("terms.txt");
    std::fs::write(&terms, literals().join("\n")).expect("the temporary folder can be written");
    for size in [small, small * 10] {
        let export = folder.join(format!("export-{size}.csv"));
        write_export(&export, size).expect("the temporary folder can be written");
        measure(&export, &terms);
        if quick {
            break;
        }
    }
    // Best effort: the system clears its temporary folder.
    let _ = std::fs::remove_dir_all(folder);
}

/// Every word the notes packs search for.
fn literals() -> Vec<String> {
    let mut faults = Vec::new();
    let packs = shipped_names()
        .filter(|name| *name == "crm-notes")
        .filter_map(|name| load_shipped(name, &mut faults))
        .collect();
    let set = Arc::new(PackSet::assemble(packs, &mut faults));
    let mut facts = Facts::default();
    facts.set("kind", FactValue::Text("note".into()), FactOrigin::CommandLine);
    Engine::new(set, &facts).expect("the shipped packs compile").literals().to_vec()
}

fn write_export(path: &Path, size: usize) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "Id,Name,Office,Created,Notes")?;
    let text = match std::env::var_os("PROBITY_BENCH_TEXT") {
        Some(path) => std::fs::read_to_string(path)?,
        None => notes::notes(size.min(4_000_000)),
    };
    let mut written = 0;
    for (at, line) in text.lines().cycle().enumerate() {
        if written >= size {
            break;
        }
        let note = line.replace('"', "\"\"");
        let (office, day) = (["North", "South", "East", "West"][at % 4], at % 28 + 1);
        let row = format!("C{at:07},Ann Example,{office},2026-03-{day:02},\"{note}\"");
        written += row.len() + 1;
        writeln!(out, "{row}")?;
    }
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
}

/// A row: its name, the program, its arguments.
type Row<'r> = (&'r str, &'r str, Vec<String>);

fn measure(export: &Path, terms: &Path) {
    let probity = env!("CARGO_BIN_EXE_probity");
    let path = export.display().to_string();
    let scan = |more: &[&str]| {
        let report = export.with_extension("jsonl").display().to_string();
        let mut arguments: Vec<String> = ["scan", "--isolated", "--fail-on", "never"]
            .iter()
            .chain(more)
            .map(ToString::to_string)
            .collect();
        arguments.extend([format!("--format=jsonl={report}"), path.clone()]);
        arguments
    };
    let rg: Vec<String> = ["-c", "-i", "-w", "-F", "-f"].iter().map(ToString::to_string).collect();
    let rg = [rg, vec![terms.display().to_string(), path.clone()]].concat();
    let notes = ["--pack", "crm-notes"];
    let mut rows: Vec<Row<'_>> = vec![
        (
            "scan, notes pack, one thread",
            probity,
            scan(&[&notes[..], &["--threads", "1"]].concat()),
        ),
        ("scan, notes pack, all cores", probity, scan(&notes)),
        ("scan, all packs, all cores", probity, scan(&[])),
        ("wc -l", "wc", vec!["-l".to_owned(), path.clone()]),
    ];
    if run("rg", &["--version".to_owned()]).is_some() {
        rows.push(("rg -c -i -w -F -f, the same words", "rg", rg));
    }
    let mut times: Vec<Vec<(Duration, u64)>> = vec![Vec::new(); rows.len()];
    for _ in 0..ROUNDS {
        for (at, (_, program, arguments)) in rows.iter().enumerate() {
            if let Some(measured) = run(program, arguments) {
                times[at].push(measured);
            }
        }
    }
    let bytes = std::fs::metadata(export).map_or(0, |data| data.len()) as f64;
    println!("\n{:.0} MB of notes, best of {ROUNDS} rounds", bytes / 1e6);
    println!("{:40} {:>9} {:>10} {:>9} {:>10}", "", "MB/s", "time", "ratio", "memory");
    let best =
        |at: usize| times[at].iter().map(|(time, _)| time.as_secs_f64()).fold(f64::MAX, f64::min);
    for (at, (name, ..)) in rows.iter().enumerate() {
        let memory = times[at].iter().map(|(_, memory)| *memory).max().unwrap_or(0);
        println!(
            "{name:40} {:>9.0} {:>8.0}ms {:>8.2}x {:>7} MB",
            bytes / 1e6 / best(at),
            best(at) * 1e3,
            best(at) / best(0),
            memory / 1024
        );
    }
}

/// How long a program runs, and its peak memory in KiB where the system says it.
fn run(program: &str, arguments: &[String]) -> Option<(Duration, u64)> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        // What the last look misses is what was taken in the last few milliseconds.
        let said = std::fs::read_to_string(&status).unwrap_or_default();
        let line = said.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok());
        peak = peak.max(now.unwrap_or(0));
        if child.try_wait().ok()?.is_some() {
            return Some((start.elapsed(), peak));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
