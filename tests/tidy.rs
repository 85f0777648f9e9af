//! Rules about the source itself, read from it: which part may know which, who
//! may touch the world, and what no file may hold.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

mod common;

use common::files_below;

/// The parts from the bottom up. A part may know those in lines below its own.
const LAYERS: &[&[&str]] = &[
    &["text", "dates", "file_names"],
    &["syntax", "facts", "record", "count", "validate"],
    &["error", "clock", "replace"],
    &["pack", "input"],
    &["engine"],
    &["finding"],
    &["judge"],
    &["changes"],
    &["coverage", "fix"],
    &["emit"],
    &["suppress"],
    &["config"],
    &["run"],
    &["scan"],
    &["lsp"],
    &["examples"],
    &["cli"],
];

/// Parts that must not touch the world.
const CORE: &[&str] = &[
    "text",
    "dates",
    "file_names",
    "syntax",
    "facts",
    "record",
    "count",
    "validate",
    "pack",
    "engine",
    "finding",
    "judge",
    "changes",
    "fix",
    "replace",
];

/// A file of the source without its tests.
struct Source {
    name: String,
    part: String,
    /// Line numbers and lines, without comments and strings' worth of tests.
    lines: Vec<(usize, String)>,
    all: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let is_rust = |name: &String| Path::new(name).extension().is_some_and(|end| end == "rs");
    for name in files_below(&root).into_iter().filter(is_rust) {
        let all = fs::read_to_string(root.join(&name)).unwrap();
        let part = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let is_test =
            ["_tests.rs", "/tests.rs", "/testing.rs"].iter().any(|end| name.ends_with(end));
        let code = all.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = code
            .lines()
            .enumerate()
            .filter(|(_, line)| !is_test && !line.trim_start().starts_with("//"))
            .map(|(at, line)| (at + 1, line.to_owned()))
            .collect();
        sources.push(Source { name, part, lines, all });
    }
    assert!(sources.len() > 40);
    sources
}

fn layer(part: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&part))
}

/// The parts that a line names with `crate::`, also inside braces.
fn named(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let inner = rest.strip_prefix('{').map_or(rest, |rest| rest.split('}').next().unwrap());
        let many = if rest.starts_with('{') { inner.split(',').collect() } else { vec![inner] };
        for one in many {
            let word = one.trim();
            let end =
                word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
            if layer(&word[..end]).is_some() {
                parts.push(&word[..end]);
            }
        }
    }
    parts
}

#[test]
fn dependencies_point_down() {
    let mut offences = String::new();
    for source in sources() {
        if matches!(source.part.as_str(), "lib" | "main") {
            continue;
        }
        let Some(own) = layer(&source.part) else {
            writeln!(
                offences,
                "src/{}: the part `{}` has no place in LAYERS",
                source.name, source.part
            )
            .unwrap();
            continue;
        };
        for (at, line) in &source.lines {
            for other in named(line).into_iter().filter(|other| *other != source.part) {
                let theirs = layer(other).unwrap();
                if theirs >= own {
                    let where_to = if theirs == own { "sideways" } else { "up" };
                    writeln!(
                        offences,
                        "src/{}:{at}: `{}` looks {where_to} to `{other}`",
                        source.name, source.part
                    )
                    .unwrap();
                }
            }
        }
    }
    assert!(offences.is_empty(), "{offences}");
}

fn assert_named_only_in(words: &[&str], allowed: &dyn Fn(&str) -> bool, what: &str) {
    let mut offences = String::new();
    for source in sources().iter().filter(|source| !allowed(&source.name)) {
        for (at, line) in &source.lines {
            for word in words.iter().filter(|word| line.contains(**word)) {
                writeln!(offences, "src/{}:{at}: {word}: {}", source.name, line.trim()).unwrap();
            }
        }
    }
    assert!(offences.is_empty(), "{what}\n{offences}");
}

#[test]
fn the_core_touches_nothing() {
    let core = |name: &str| {
        let part = name.split('/').next().unwrap().trim_end_matches(".rs");
        !CORE.contains(&part)
    };
    assert_named_only_in(
        &[
            "std::fs",
            "fs::",
            "std::thread",
            "thread::",
            "rayon",
            "SystemTime",
            "Instant",
            "clock::",
            "std::env",
            "env::",
            "std::net",
            "std::process",
            "Mutex",
            "RwLock",
            "AtomicU",
            "thread_local",
        ],
        &core,
        "the core does no I/O, has no threads, clocks or paths",
    );
}

#[test]
fn everything_has_its_one_place() {
    let cli = |name: &str| name.starts_with("cli/");
    assert_named_only_in(
        &["stdout", "stderr", "println!", "eprintln!", "print!", "stdin()"],
        &cli,
        "only `cli` names the standard streams",
    );
    let threads = |name: &str| {
        name.starts_with("run/")
            || matches!(name, "scan/pipeline.rs" | "scan/feed.rs" | "lsp/wire.rs" | "lsp/worker.rs")
    };
    assert_named_only_in(
        &["rayon", "std::thread"],
        &threads,
        "threads are named in `run`, the pipeline of `scan` and what feeds it, the reader and the worker of `lsp` only",
    );
    let files = |name: &str| {
        name.starts_with("cli/")
            || name.starts_with("scan/container")
            || matches!(
                name,
                "run/mod.rs" | "input/walk.rs" | "input/gitignore.rs" | "scan/feed.rs"
            )
            || name.starts_with("scan/audit")
    };
    assert_named_only_in(
        &["std::fs", "fs::", "File::"],
        &files,
        "files are opened in `cli`, `run`, the walk and the containers only",
    );
    let errors = |name: &str| name.starts_with("cli/") || name == "main.rs";
    assert_named_only_in(&["anyhow"], &errors, "`anyhow` is for `cli` and `main` only");
    let clock = |name: &str| name == "clock.rs";
    assert_named_only_in(
        &["Zoned::now", "Timestamp::now", "::now()"],
        &clock,
        "the clock is read in `clock` only",
    );
    assert_named_only_in(
        &["SystemTime", "Instant::", "std::net", "TcpStream", "std::env::var"],
        &cli,
        "nothing asks for the time or the network",
    );
}

#[test]
fn nothing_gives_up_without_a_reason() {
    assert_named_only_in(
        &[
            ".unwrap()",
            "panic!(",
            "todo!(",
            "unimplemented!(",
            "dbg!(",
            ".unwrap_err()",
            ".expect(\"\")",
        ],
        &|_| false,
        "`unwrap` is for tests; an `expect` says why it is safe",
    );
    assert_named_only_in(&["unsafe ", "static mut"], &|_| false, "no unsafe code");
}

/// Paths of somebody's machine, and what was left behind in a hurry.
#[test]
fn no_file_holds_a_path_of_a_machine() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (home, users, work) =
        (["/ho", "me/"].concat(), ["/Use", "rs/"].concat(), ["/wo", "rk/"].concat());
    let temp = ["/tm", "p/"].concat();
    let mut offences = String::new();
    for folder in ["src", "tests", "rules", "fixtures", "docs", "benches", ".github"] {
        if !root.join(folder).exists() {
            continue;
        }
        for name in files_below(&root.join(folder)) {
            let Ok(text) = fs::read_to_string(root.join(folder).join(&name)) else { continue };
            for (at, line) in text.lines().enumerate() {
                for path in [&home, &users, &work, &temp] {
                    // As the start of a path, not as a part of an address.
                    let found = line.match_indices(path.as_str()).any(|(at, _)| {
                        !line[..at].ends_with(|c: char| {
                            c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '}' | '*')
                        })
                    });
                    if found {
                        writeln!(offences, "{folder}/{name}:{}: {}", at + 1, line.trim()).unwrap();
                    }
                }
                for left in [
                    concat!("<<<<", "<<< "),
                    concat!(">>>>", ">>> "),
                    concat!("FIX", "ME"),
                    concat!("XX", "X:"),
                ] {
                    if line.contains(left) {
                        writeln!(offences, "{folder}/{name}:{}: {left}", at + 1).unwrap();
                    }
                }
            }
        }
    }
    assert!(offences.is_empty(), "{offences}");
}

#[test]
fn every_file_says_what_it_is_and_has_a_size_one_can_read() {
    let mut offences = String::new();
    for source in sources() {
        if !source.all.starts_with("//! ") {
            writeln!(offences, "src/{} does not start with `//!`", source.name).unwrap();
        }
        for (at, line) in source.all.lines().enumerate() {
            if line.ends_with([' ', '\t']) || line.contains('\t') && !line.contains('"') {
                writeln!(offences, "src/{}:{}: white space", source.name, at + 1).unwrap();
            }
        }
        if source.lines.len() > 900 {
            writeln!(offences, "src/{}: {} lines", source.name, source.lines.len()).unwrap();
        }
    }
    assert!(offences.is_empty(), "{offences}");
}
