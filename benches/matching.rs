//! How fast literals are found, side by side with other ways to find the same
//! literals, and how long one draft takes from start to exit.
//!
//! `cargo bench` prints a table of medians and of ratios to the first row.
//! Read the ratios: the rows are measured in turn, so that a machine that slows
//! down slows all of them. `PROBITY_BENCH_TEXT=FILE` measures on a text of yours
//! instead of the generated notes; `PROBITY_BENCH_MB=N` sets their size.

#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]
#![allow(clippy::cast_precision_loss, reason = "figures are rounded for reading")]

#[path = "common/notes.rs"]
mod notes;

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use probity::engine::{Alone, Engine, FieldScan, Memory, Prepared, RawHit};
use probity::facts::{FactOrigin, FactValue, Facts};
use probity::pack::{PackSet, load_shipped, shipped_names};
use probity::record::Record;
use probity::text::{Folded, is_word_char};

const ROUNDS: usize = 7;

fn main() {
    // `cargo test --benches` only wants to see that it builds and runs.
    let quick = std::env::args().any(|argument| argument == "--test");
    let engine = engine();
    let text = text(quick);
    println!(
        "{} literals of the shipped packs, {:.1} MB of notes, median of {ROUNDS} rounds",
        engine.literals().len(),
        text.len() as f64 / 1e6
    );
    matching(&engine, &text);
    doubling(&text);
    if !quick {
        startup();
    }
}

fn engine() -> Engine {
    engine_of(&facts("note"), &|_| true)
}

/// An engine of the shipped rules for whose place among all rules `keep` is true.
fn engine_of(facts: &Facts, keep: &dyn Fn(usize) -> bool) -> Engine {
    let mut faults = Vec::new();
    let mut packs: Vec<_> =
        shipped_names().filter_map(|name| load_shipped(name, &mut faults)).collect();
    for (at, rule) in packs.iter_mut().flat_map(|pack| &mut pack.rules).enumerate() {
        if !keep(at) {
            rule.off = Some("not in this row".into());
        }
    }
    let set = PackSet::assemble(packs, &mut faults);
    assert!(faults.is_empty(), "the shipped packs have faults");
    Engine::new(Arc::new(set), facts).expect("the shipped packs compile")
}

/// What twice as many rules cost a byte: every second rule, the others, and all.
fn doubling(text: &str) {
    let lines: Vec<&str> = text.lines().collect();
    for kind in ["note", "post"] {
        let facts = facts(kind);
        let scan = |engine: &Engine| {
            let active = engine.activate(&facts);
            let (record, memory) = (Record::default(), &mut Memory::default());
            lines
                .iter()
                .map(|line| {
                    let field = Prepared::within(line, false, memory);
                    let scan = FieldScan {
                        field: &field,
                        name: "notes",
                        active: &active,
                        around: &Alone,
                        record: &record,
                    };
                    let found = engine.scan_in(&scan, memory).len();
                    field.give_back(memory);
                    found
                })
                .sum()
        };
        let even = engine_of(&facts, &|at| at % 2 == 0);
        let odd = engine_of(&facts, &|at| at % 2 == 1);
        let all = engine_of(&facts, &|_| true);
        println!(
            "\n{} literals for a {kind}, {} and {} in the halves",
            all.literals().len(),
            even.literals().len(),
            odd.literals().len()
        );
        table(
            &mut [
                ("every second rule", Box::new(|| scan(&even))),
                ("the other rules", Box::new(|| scan(&odd))),
                ("all rules", Box::new(|| scan(&all))),
            ],
            text.len(),
        );
    }
}

/// Facts under which most rules are judged.
fn facts(kind: &str) -> Facts {
    let mut facts = Facts::default();
    for (name, value) in [("kind", kind), ("account", "official"), ("use", "situational-awareness")]
    {
        facts.set(name, FactValue::Text(value.into()), FactOrigin::CommandLine);
    }
    facts
}

/// A row: its name, and what is timed. The result is printed beside it.
type Row<'r> = (&'r str, Box<dyn FnMut() -> usize + 'r>);

/// Runs every row once a round, in turn, and prints medians and ratios.
fn table(rows: &mut [Row<'_>], bytes: usize) {
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); rows.len()];
    let mut results = vec![0; rows.len()];
    for round in 0..=ROUNDS {
        for (at, (_, run)) in rows.iter_mut().enumerate() {
            let start = Instant::now();
            results[at] = black_box(run());
            // The first round warms caches and is not counted.
            if round > 0 {
                times[at].push(start.elapsed());
            }
        }
    }
    let medians: Vec<f64> = times
        .iter_mut()
        .map(|of_row| {
            of_row.sort();
            of_row[of_row.len() / 2].as_secs_f64()
        })
        .collect();
    println!("\n{:44} {:>9} {:>10} {:>9}", "", "MB/s", "time", "ratio");
    for (at, (name, _)) in rows.iter().enumerate() {
        println!(
            "{name:44} {:>9.0} {:>8.1}ms {:>8.2}x   {} results",
            bytes as f64 / 1e6 / medians[at],
            medians[at] * 1e3,
            medians[at] / medians[0],
            results[at]
        );
    }
}

fn matching(engine: &Engine, text: &str) {
    let folded = Folded::new(text);
    let folded_text = folded.text();
    let literals = engine.literals();
    let dfa = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .build(literals)
        .expect("the literals fit a DFA");
    let chosen = AhoCorasick::new(literals).expect("the literals fit an automaton");
    let alternation = {
        let mut sorted: Vec<_> = literals.iter().map(|literal| regex::escape(literal)).collect();
        sorted.sort_by_key(|literal| std::cmp::Reverse(literal.len()));
        regex::RegexBuilder::new(&format!(r"\b(?:{})\b", sorted.join("|")))
            .size_limit(1 << 30)
            .dfa_size_limit(1 << 28)
            .build()
            .expect("the literals fit a regular expression")
    };
    let whole_words = |automaton: &AhoCorasick| {
        automaton
            .find_overlapping_iter(folded_text)
            .filter(|found| {
                !folded_text[..found.start()].chars().next_back().is_some_and(is_word_char)
                    && !folded_text[found.end()..].chars().next().is_some_and(is_word_char)
            })
            .count()
    };
    let active = engine.activate(&facts("note"));
    let no_record = Record::default();
    let lines: Vec<&str> = text.lines().collect();
    let mut hits: Vec<RawHit> = Vec::new();
    table(
        &mut [
            (
                "word filter, then aho-corasick where it passes",
                Box::new(|| {
                    hits.clear();
                    engine.matcher().hits(folded_text, 0, folded_text.len(), &mut hits);
                    hits.len()
                }),
            ),
            ("aho-corasick DFA over everything", Box::new(|| whole_words(&dfa))),
            ("aho-corasick as the crate chooses", Box::new(|| whole_words(&chosen))),
            // An alternation reports one of several overlapping matches, so it finds fewer.
            ("regex alternation", Box::new(|| alternation.find_iter(folded_text).count())),
            ("folding alone", Box::new(|| Folded::new(text).text().len())),
            (
                "the whole scan, a note at a time",
                Box::new(|| {
                    let memory = &mut Memory::default();
                    lines
                        .iter()
                        .map(|line| {
                            let field = Prepared::within(line, false, memory);
                            let scan = FieldScan {
                                field: &field,
                                name: "notes",
                                active: &active,
                                around: &Alone,
                                record: &no_record,
                            };
                            let found = engine.scan_in(&scan, memory).len();
                            field.give_back(memory);
                            found
                        })
                        .sum()
                }),
            ),
        ],
        folded_text.len(),
    );
}

/// One draft from process start to exit, beside a program that does nothing.
fn startup() {
    let probity = env!("CARGO_BIN_EXE_probity");
    let draft = std::env::temp_dir().join(format!("probity-bench-{}.txt", std::process::id()));
    std::fs::write(
        &draft,
        "Proud of our apprentices. Applications close on Friday: https://www.gov.uk/apply\n",
    )
    .expect("the temporary folder can be written");
    let run = |program: &str, arguments: &[&str]| {
        let status = Command::new(program)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        usize::from(status.is_ok())
    };
    let path = draft.display().to_string();
    let mut rows: Vec<Row<'_>> = vec![
        (
            "probity check draft.txt, all packs",
            Box::new(|| run(probity, &["check", "--isolated", &path])),
        ),
        ("probity --version", Box::new(|| run(probity, &["--version"]))),
    ];
    if run("rg", &["--version"]) == 1 {
        rows.push(("rg --version", Box::new(|| run("rg", &["--version"]))));
    }
    table(&mut rows, 80);
    drop(rows);
    // Best effort: the system clears its temporary folder.
    let _ = std::fs::remove_file(draft);
}

/// A text of the reader's choice, or generated notes.
fn text(quick: bool) -> String {
    if let Some(path) = std::env::var_os("PROBITY_BENCH_TEXT") {
        return std::fs::read_to_string(path).expect("PROBITY_BENCH_TEXT names a text file");
    }
    let megabytes = std::env::var("PROBITY_BENCH_MB").ok().and_then(|text| text.parse().ok());
    let size = if quick { 50_000 } else { megabytes.unwrap_or(8) * 1_000_000 };
    notes::notes(size)
}
