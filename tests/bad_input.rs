//! Files that cannot live in a repository, made at run time, and input that
//! means harm. Nothing panics, nothing is lost, nothing raw reaches a terminal,
//! and a run that did not check everything ends with 2.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};

use serde_json::json;

mod common;

use common::{Stage, shown};

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Name, bytes, exit code, findings as `rule line:column text`, and words of a
/// notice (none where empty).
type Row<'a> = (&'a str, &'a [u8], i32, &'a [&'a str], &'a str);

fn check(rows: &[Row<'_>]) {
    let mut failures = Vec::new();
    for &(name, bytes, exit, findings, notice) in rows {
        let stage = Stage::with(name, bytes);
        let outcome = stage.check("words", &["--format", "json", name]);
        let report = outcome.json();
        let notices: Vec<&str> = report["notices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|notice| notice["message"].as_str().unwrap())
            .collect();
        let told = if notice.is_empty() {
            notices.is_empty()
        } else {
            notices.len() == 1 && notices[0].contains(notice) && outcome.stderr.contains(notices[0])
        };
        if outcome.exit != Some(exit) || shown(&report) != findings || !told {
            failures.push(format!(
                "{name}: exit {:?}, {:?}, {notices:?}\n{}",
                outcome.exit,
                shown(&report),
                outcome.stderr
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn encodings_are_told_apart() {
    let text = "Café 👍 – we promise.\r\nI guarantee";
    let found = ["words/promise 1:10 we promise", "words/promise 2:1 I guarantee"];
    let marked = format!("\u{feff}{text}");
    check(&[
        ("utf8.txt", text.as_bytes(), 1, &found, ""),
        ("utf8-bom.txt", marked.as_bytes(), 1, &found, ""),
        ("le-bom.txt", &utf16(&marked, u16::to_le_bytes), 1, &found, ""),
        ("be-bom.txt", &utf16(&marked, u16::to_be_bytes), 1, &found, ""),
        ("le.txt", &utf16(text, u16::to_le_bytes), 1, &found, ""),
        ("be.txt", &utf16(text, u16::to_be_bytes), 1, &found, ""),
        (
            "1252.txt",
            b"Caf\xE9 \x80 \x96 we promise.\r\nI guarantee",
            1,
            &found,
            "this is not UTF-8, so it was read as Windows-1252",
        ),
    ]);
}

/// Byte offsets are of the file on disk, worked out by hand.
#[test]
fn bytes_are_counted_in_the_encoding_of_the_file() {
    let text = "é👍 we promise";
    for (name, bytes, start, end) in [
        ("a.txt", text.as_bytes().to_vec(), 7, 17),
        ("a.txt", format!("\u{feff}{text}").into_bytes(), 10, 20),
        // The mark, é, two surrogates, a space: five units of two bytes.
        ("a.txt", utf16(&format!("\u{feff}{text}"), u16::to_le_bytes), 10, 30),
        ("a.txt", utf16(&format!("\u{feff}{text}"), u16::to_be_bytes), 10, 30),
        ("a.txt", b"\xE9\x80 we promise".to_vec(), 3, 13),
    ] {
        let stage = Stage::with(name, &bytes);
        let report = stage.report("words", &[name]);
        let place = &report["findings"][0]["places"][0];
        assert_eq!(place["bytes"], json!({ "start": start, "end": end }), "{report:#}");
        assert_eq!((&place["line"], &place["column"]), (&json!(1), &json!(4)));
    }
}

#[test]
fn what_is_not_text_or_not_whole_is_told() {
    check(&[
        ("empty.txt", b"", 0, &[], ""),
        ("empty.md", b"", 0, &[], ""),
        ("empty.csv", b"", 0, &[], ""),
        ("header.csv", b"id,notes\n", 0, &[], ""),
        ("blank.html", b"\n\n", 0, &[], ""),
        ("bom.txt", b"\xEF\xBB\xBF", 0, &[], ""),
        ("nul.txt", b"we promise\0\0 x", 2, &[], "this is not a text file"),
        ("draft.pdf", b"%PDF-1.7 we promise", 2, &[], "this is not a text file but a PDF"),
        ("book.xlsx", b"PK\x03\x04 we promise", 2, &[], "a ZIP archive (XLSX and DOCX are too)"),
        (
            "faults.txt",
            b"caf\xC3\xA9 na\xC3\xAFve \xFF we promise \xE2\x82 I guarantee",
            2,
            &["words/promise 1:14 we promise", "words/promise 1:27 I guarantee"],
            "2 places are not valid UTF-8",
        ),
        (
            "odd.txt",
            b"\xFF\xFEw\0e\0 \0p\0r\0o\0m\0i\0s\0e\0 \0x",
            2,
            &["words/promise 1:1 we promise"],
            "one place is not valid UTF-16LE",
        ),
    ]);
}

/// A fault inside the words does not hide what stands beside them.
#[test]
fn a_byte_that_is_no_text_inside_a_word_is_told() {
    let stage = Stage::with("a.txt", b"we pro\xFFmise, caf\xC3\xA9, we promise");
    let outcome = stage.check("words", &["--format", "concise", "a.txt"]);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stdout.starts_with("a.txt:1:20: error"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("not checked: a.txt:1: one place is not valid UTF-8"));
}

/// One line of 48 MB: found at its end, shown in short.
#[test]
fn an_endless_line_is_read_to_its_end() {
    for (name, before) in [("a.txt", ""), ("a.csv", "notes\n")] {
        let mut text = before.to_owned();
        text.push_str(&"all quiet here ".repeat(48 * 1024 * 1024 / 15));
        let column = text.len() - before.len() + 1;
        text.push_str("we promise and so on and so on");
        let stage = Stage::with(name, &text);
        let line = 1 + usize::from(name == "a.csv");
        let outcome = stage.check("words", &["--format", "concise", "--format", "full=out", name]);
        assert_eq!(outcome.exit, Some(1), "{}", outcome.stderr);
        assert!(outcome.stdout.starts_with(&format!("{name}:{line}:{column}: error")));
        let full = stage.read("out");
        assert!(full.len() < 2_000 && full.contains('…') && full.contains("we promise and so"));
    }
}

#[test]
fn a_thousand_findings_in_one_line_are_all_told() {
    let stage = Stage::with("a.md", "We promise, and é. ".repeat(20_000));
    let outcome = stage.check("words", &["--format", "concise", "a.md"]);
    assert_eq!(outcome.stdout.lines().count(), 20_000);
    let last = 1 + 18 * 19_999 + 19_999;
    let expected = format!("a.md:1:{last}: error");
    assert!(outcome.stdout.lines().last().unwrap().starts_with(&expected));
}

/// The words of an attack never reach a terminal as they are.
#[test]
fn control_characters_of_a_draft_are_never_written_raw() {
    let name = "draft\u{1b}[31m\u{202e}.txt";
    let text = "\u{1b}[2J\u{1b}]0;owned\u{7} we pro\u{202e}mise \u{9b}31m \u{2066}I guarantee\u{2069} \u{8}\u{7f}\n\
                --- we promise\u{85} \u{feff}x\n::error::we promise %0A\n";
    let stage = Stage::with(name, text);
    stage.write("a.csv", format!("no\u{1b}tes,x\n\"{text}\",y\n"));
    stage.write("b.md", format!("---\ntitle: x\nprobity:\n  k\u{202e}ind: \u{1b}[1m\n---\n{text}"));
    stage.write("c.csv", format!("no\u{1b}tes,x\n\"{text}"));
    for format in ["full", "concise", "json", "jsonl"] {
        let outcome = stage.check("words", &["--format", format, "."]);
        let found = outcome.stdout.matches("words/promise").count();
        assert!(found >= 16, "{format}: only {found} in {}", outcome.stdout);
        for (stream, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
            let raw = |c: &char| {
                (c.is_control() && *c != '\n')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
            };
            if let Some(c) = text.chars().find(raw) {
                let at = text.find(c).unwrap();
                let before: String = text[..at].chars().rev().take(60).collect();
                let before: String = before.chars().rev().collect();
                panic!("{format}: {c:?} is in {stream} behind {before:?}");
            }
        }
    }
    let unknown = stage.check("words", &["no\u{1b}[31mwhere\u{202e}.txt"]);
    assert!(!unknown.all().contains(['\u{1b}', '\u{202e}']), "{}", unknown.all());
}

fn raw_in(text: &str) -> Option<char> {
    let raw = |c: &char| {
        c.is_control() && *c != '\n' || matches!(c, '\u{200f}' | '\u{202a}'..='\u{202e}')
    };
    text.chars().find(raw)
}

fn assert_nothing_raw(stage: &Stage, runs: &[&[&str]]) {
    let mut failures = Vec::new();
    for args in runs {
        let all = stage.run_with(args, b"we promise").all();
        if let Some(c) = raw_in(&all) {
            failures.push(format!("{c:?} is in the output of {args:?}:\n{all:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The same for what stands on the command line and in configuration.
#[test]
fn control_characters_of_arguments_and_configuration_are_never_written_raw() {
    let stage = Stage::with("a.txt", "we promise");
    stage.write(
        "bad\u{202e}.toml",
        "[pack]\nid = \"x\u{202e}y\"\ntitle = 1\nversion = \"1\"\n\"k\u{200f}\" = 1\n# \u{202e}\n",
    );
    stage.write(
        "probity.toml",
        "packs = [\"../packs/words.toml\"]\n[severity]\n\"x\\u001b[31m\" = \"off\"\n",
    );
    let words = ["--isolated", "--pack", "../packs/words.toml"];
    let check = |more: &[&'static str]| [&["check"], &words[..], more].concat();
    assert_nothing_raw(
        &stage,
        &[
            &["check", "--isolated", "--pack", "bad\u{202e}.toml", "a.txt"],
            &["check", "--isolated", "--pack", "no\u{1b}such", "a.txt"],
            &check(&["--set", "\u{1b}[1m=x", "a.txt"]),
            &check(&["--format", "\u{1b}[1m", "a.txt"]),
            &check(&["--format", "json=no\u{202e}where/x", "a.txt"]),
            &check(&["--stdin-filename", "\u{1b}[1m\u{202e}", "-"]),
            &check(&["--fail-on", "\u{1b}[1m\u{202e}", "-"]),
            &["explain", "--isolated", "no\u{202e}rule"],
            &["check", "a.txt"],
        ],
    );
}

/// A pack can come with a pull request; it is refused or shown safely.
#[test]
fn control_characters_of_packs_are_never_written_raw() {
    let stage = Stage::with("a.txt", "we promise");
    stage.write(
        "rule.toml",
        "[pack]\nid = \"x\"\ntitle = \"\\u001b[31m\"\nversion = \"1\\u202e\"\nfamilies = [\"x\"]\nask = \"\\u001b[1m\"\n\
         [[source]]\nid = \"s\"\ntitle = \"\\u202e\"\nverified = true\n\
         [[rule]]\nid = \"x/y\"\ntitle = \"\\u001b\"\nseverity = \"error\"\nmessage = \"\\u001b[2J {match}\"\n\
         help = \"\\u202e\"\ncites = [{ source = \"s\", at = \"\\u0007\" }]\nterms = [\"promise\"]\n\
         bad = [\"a «promise» \\u001b[31m\"]\ngood = [\"x\"]\n[[checklist]]\ntext = \"\\u001b\"\n",
    );
    assert_nothing_raw(
        &stage,
        &[
            &["check", "--isolated", "--pack", "rule.toml", "--checklist", "a.txt"],
            &["check", "--isolated", "--pack", "rule.toml", "--format", "concise", "a.txt"],
            &["check", "--isolated", "--pack", "rule.toml", "--format", "json", "a.txt"],
            &["explain", "--isolated", "--pack", "rule.toml", "x/y"],
            &["explain", "--isolated", "--pack", "rule.toml", "x"],
            &["rules", "--isolated", "--pack", "rule.toml"],
            &["packs", "--isolated", "--pack", "rule.toml"],
            &["test", "--isolated", "rule.toml"],
        ],
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_trouble() {
    let stage = Stage::with("a.txt", "We promise.\n".repeat(50_000));
    for (format, colour) in [
        ("full", "never"),
        ("full", "always"),
        ("concise", "never"),
        ("json", "never"),
        ("jsonl", "never"),
    ] {
        let args = [
            "check",
            "--isolated",
            "--pack",
            "../packs/words.toml",
            "--color",
            colour,
            "--format",
            format,
            "a.txt",
        ];
        let mut child = stage.command(&args).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty());
        // The pipe is closed now, with most of the report unread.
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let exit = child.wait().unwrap().code();
        assert!(!stderr.contains("panicked") && !stderr.contains("Broken pipe"), "{stderr}");
        assert_eq!(exit, Some(1), "{format}: {stderr}");
    }
    for args in
        [&["rules"][..], &["completions", "bash"], &["schema", "pack"], &["--help"], &["--version"]]
    {
        let mut child = stage.command(args).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let exit = child.wait().unwrap().code();
        assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
        assert_eq!(exit, Some(0), "{args:?}: {stderr}");
    }
}

/// What stands where a report goes stays what it is: a link, a device, its
/// permissions.
#[cfg(unix)]
#[test]
fn a_report_takes_the_place_of_nothing_but_a_file() {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};

    let stage = Stage::new();
    stage.write("a.txt", "We promise");
    stage.write("real.json", "old");
    symlink("real.json", stage.work().join("link.json")).unwrap();
    fs::set_permissions(stage.work().join("real.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let made =
        std::process::Command::new("mkfifo").arg(stage.work().join("pipe")).status().unwrap();
    assert!(made.success());
    let pipe = stage.work().join("pipe");
    let reader = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
    let outcome =
        stage.check("words", &["--format", "json=link.json", "--format", "jsonl=pipe", "a.txt"]);
    assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
    assert!(reader.join().unwrap().contains("words/promise"));
    assert!(fs::symlink_metadata(stage.work().join("pipe")).unwrap().file_type().is_fifo());
    assert!(fs::symlink_metadata(stage.work().join("link.json")).unwrap().is_symlink());
    assert!(fs::read_to_string(stage.work().join("real.json")).unwrap().contains("words/promise"));
    let mode = fs::metadata(stage.work().join("real.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// One wrong `=FILE` must not cost a team its settings.
#[test]
fn a_report_does_not_take_the_place_of_settings() {
    let stage = Stage::with("a.txt", "we promise");
    stage.write("base.toml", "fail_on = 'error'\n");
    let config = "extends = 'base.toml'\npacks = ['p.toml']\nbaseline = 'b.json'\n";
    stage.write("probity.toml", config);
    stage.write("p.toml", stage.read("../packs/words.toml"));
    stage.write("b.json", "{\"version\": 1, \"findings\": []}");
    stage.write("probity-suppressions.toml", "");
    for name in ["probity.toml", "base.toml", "p.toml", "b.json", "./probity-suppressions.toml"] {
        let before = stage.read(name);
        let outcome = stage.run(&["check", "--format", &format!("json={name}"), "a.txt"]);
        assert_eq!(outcome.exit, Some(2), "{name}: {}", outcome.all());
        assert!(outcome.stderr.contains("a file of its own"), "{}", outcome.stderr);
        assert_eq!(stage.read(name), before);
    }
}

/// One slip makes nonsense of what follows; nobody reads a hundred faults for it.
#[test]
fn a_file_that_is_no_toml_gives_a_handful_of_faults() {
    let stage = Stage::with("a.txt", "we promise");
    let found = |config: String| {
        stage.write("probity.toml", config);
        let outcome = stage.run(&["check", "a.txt"]);
        assert_eq!(outcome.exit, Some(2));
        outcome.stderr
    };
    let json = found("{\n".to_owned() + &"  \"a\": [\n".repeat(200));
    assert!(json.contains("5 faults"), "{json}");
    let [from, to] = ["<", ">"].map(|mark| mark.repeat(7));
    let merge = found(format!("{from} HEAD\npacks = []\n=======\n{to} main\n"));
    assert!(merge.contains("a merge is not finished"), "{merge}");
    assert!(merge.contains("probity.toml:1:1") && merge.contains("1 fault "), "{merge}");
}

/// A report that cannot be written takes nothing else with it.
#[test]
fn the_other_reports_are_written_when_one_cannot_be() {
    let stage = Stage::with("a.txt", "we promise");
    let formats = [
        "--format",
        "json=nowhere/out.json",
        "--format",
        "jsonl=out.jsonl",
        "--format",
        "concise",
        "a.txt",
    ];
    let outcome = stage.check("words", &formats);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stderr.contains("cannot write nowhere/out.json"), "{}", outcome.stderr);
    assert!(outcome.stdout.starts_with("a.txt:1:1: error"), "{:?}", outcome.stdout);
    assert!(stage.work().join("out.jsonl").exists());
    assert!(outcome.stderr.contains("Found 1 error"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("os error"), "{}", outcome.stderr);
}

#[test]
fn a_report_replaces_the_one_before_it_whole() {
    let stage = Stage::with("a.txt", "we promise");
    stage.write("out.json", "old ".repeat(10_000));
    assert_eq!(stage.check("words", &["--format", "json=out.json", "a.txt"]).exit, Some(1));
    let report: serde_json::Value = serde_json::from_str(&stage.read("out.json")).unwrap();
    assert_eq!(report["summary"]["errors"], 1);
    assert_eq!(common::files_below(&stage.work()), ["a.txt", "out.json"]);
}

#[test]
fn no_report_takes_the_place_of_what_says_how_to_check() {
    let stage = Stage::with("a.txt", "we promise");
    let settings = "packs = [\"civil-service-code\"]\n\
                    [facts]\nown_ministers = { file = \"ministers.txt\" }\n";
    stage.write("probity.toml", settings);
    stage.write("ministers.txt", "Ada Byron\n");
    stage.write("topics.txt", "ferries\n");
    stage.write("probity-suppressions.toml", "");
    let set = ["--set", "own_topics=file:topics.txt"];
    for name in ["probity.toml", "probity-suppressions.toml", "ministers.txt", "topics.txt"] {
        let before = stage.read(name);
        let format = format!("json={name}");
        let outcome = stage.run(&[&["check", "a.txt", "--format", &format][..], &set[..]].concat());
        assert_eq!(outcome.exit, Some(2), "{name}: {}", outcome.all());
        assert!(outcome.stderr.contains("says how to check"), "{}", outcome.stderr);
        assert_eq!(stage.read(name), before);
    }
}

/// Defaults in the place of settings that cannot be read would pass over them in silence.
#[test]
fn settings_that_are_no_file_are_told() {
    for name in ["probity.toml", "probity-suppressions.toml"] {
        let stage = Stage::with("a.txt", "Nothing.");
        fs::create_dir(stage.work().join(name)).unwrap();
        let outcome = stage.run(&["check", "a.txt"]);
        assert_eq!(outcome.exit, Some(2), "{name}: {}", outcome.all());
        assert!(outcome.stderr.contains(&format!("{name}: is a directory")), "{}", outcome.stderr);
        #[cfg(unix)]
        {
            fs::remove_dir(stage.work().join(name)).unwrap();
            std::os::unix::fs::symlink("nowhere", stage.work().join(name)).unwrap();
            let outcome = stage.run(&["check", "a.txt"]);
            assert_eq!(outcome.exit, Some(2), "{name}: {}", outcome.all());
        }
    }
}

/// Whoever sends a change says which files are read, and many can read the log.
#[test]
fn a_pipeline_quotes_nothing_from_beside_the_repository() {
    let stage = Stage::with("a.txt", "we promise");
    let beside = tempfile::tempdir().unwrap();
    let secret = beside.path().join("secret.env");
    fs::write(&secret, "TOKEN=hunter2\n").unwrap();
    stage.write("own.toml", "TOKEN=hunter2\n");
    let secret = secret.to_str().unwrap().replace('\\', "/");
    for setting in ["extends", "packs", "suppressions", "baseline"] {
        let list = matches!(setting, "packs" | "suppressions");
        for (file, inside) in [(secret.as_str(), false), ("own.toml", true)] {
            let value = if list { format!("[\"{file}\"]") } else { format!("\"{file}\"") };
            stage.write("probity.toml", format!("{setting} = {value}\n"));
            let run = |pipeline: bool| {
                let mut command = stage.command(&["check", "a.txt"]);
                if pipeline {
                    command.env("CI", "true");
                }
                let output = command.output().unwrap();
                String::from_utf8(output.stderr).unwrap()
            };
            let (there, here) = (run(true), run(false));
            assert_eq!(there.contains("hunter2"), here.contains("hunter2") && inside, "{there}");
            assert!(there.contains(file.rsplit('/').next().unwrap()), "{setting}: {there}");
        }
    }
}

#[test]
fn a_pattern_of_keys_whose_brackets_do_not_match_is_told() {
    let stage = Stage::with("a.yaml", "posts:\n  - text: we promise\n");
    stage.write(
        "probity.toml",
        "packs = [\"../packs/words.toml\"]\n[[path]]\nglob = \"*.yaml\"\nfields = [\"alt\", \"posts[.text\", \"\"]\n",
    );
    let outcome = stage.run(&["check", "a.yaml"]);
    assert_eq!(outcome.exit, Some(2), "{}", outcome.all());
    for told in ["probity.toml:4:18", "the brackets of `posts[.text` do not match", "no column"] {
        assert!(outcome.all().contains(told), "{told}: {}", outcome.all());
    }
    for field in ["posts[.text", "a]", " "] {
        let outcome = stage.check("words", &["--field", field, "a.yaml"]);
        assert_eq!(outcome.exit, Some(2), "{}", outcome.all());
    }
    let outcome = stage.check("words", &["--field", "posts[*].text", "a.yaml"]);
    assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_file_or_folder_that_may_not_be_read_is_told() {
        let stage = Stage::with("site/closed.txt", "we promise");
        stage.write("site/open.txt", "we promise");
        stage.write("site/sub/a.txt", "we promise");
        let close = |name: &str, mode: u32| {
            fs::set_permissions(stage.work().join(name), fs::Permissions::from_mode(mode)).unwrap();
        };
        close("site/closed.txt", 0);
        close("site/sub", 0);
        // Root reads everything; then there is nothing to see here.
        let closed = fs::read(stage.work().join("site/closed.txt")).is_err();
        let outcome = stage.check("words", &["--format", "concise", "site"]);
        close("site/sub", 0o755);
        if closed {
            assert_eq!(outcome.exit, Some(2));
            assert!(outcome.stdout.starts_with("site/open.txt:1:1: error"));
            assert_eq!(
                outcome.stderr.matches("not checked: site/").count(),
                2,
                "{}",
                outcome.stderr
            );
        }
    }

    #[test]
    fn links_in_a_circle_end_the_walk() {
        let stage = Stage::with("site/a.txt", "we promise");
        let link = |to: &str, at: &str| symlink(to, stage.work().join(at)).unwrap();
        link("..", "site/up");
        link("loop", "site/loop");
        link("nowhere.txt", "site/dangling.txt");
        let outcome = stage.check("words", &["--format", "concise", "site"]);
        assert_eq!(outcome.exit, Some(1), "{}", outcome.stderr);
        assert_eq!(outcome.stdout.lines().count(), 1, "{}", outcome.stdout);
        assert_eq!(outcome.stderr.matches("this symbolic link was not followed").count(), 2);

        let named = stage.check("words", &["--format", "concise", "site/up", "site/loop"]);
        assert_eq!(named.exit, Some(2));
        assert!(named.stdout.contains("a.txt:1:1: error"), "{}", named.stdout);
        assert!(named.stderr.contains("not checked: site/loop"), "{}", named.stderr);
    }

    #[test]
    fn a_link_that_is_named_is_not_told_as_passed_over() {
        let stage = Stage::with("real/a.txt", "we promise");
        fs::create_dir(stage.work().join("site")).unwrap();
        symlink("../real/a.txt", stage.work().join("site/one.txt")).unwrap();
        symlink("../real", stage.work().join("site/two")).unwrap();
        for named in ["site/one.txt", "./site/two"] {
            let outcome = stage.check("words", &["--format", "concise", "site", named]);
            let told = outcome.stderr.matches("this symbolic link was not followed").count();
            assert_eq!((outcome.exit, told), (Some(1), 1), "{}", outcome.all());
        }
    }

    #[test]
    fn a_pipe_in_a_folder_is_told_and_not_waited_for() {
        let stage = Stage::with("site/a.txt", "we promise");
        let pipe = stage.work().join("site/b.txt");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let outcome = stage.check("words", &["--format", "concise", "site"]);
        assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
        let told = "site/b.txt: this is a pipe, a socket or a device, and was not read";
        assert!(outcome.stderr.contains(told), "{}", outcome.all());
    }

    #[test]
    fn names_that_are_not_unicode_are_read() {
        use std::os::unix::ffi::OsStrExt as _;
        let stage = Stage::new();
        let name = std::ffi::OsStr::from_bytes(b"caf\xE9.txt");
        fs::write(stage.work().join(name), "we promise").unwrap();
        let outcome = stage.check("words", &["--format", "concise", "."]);
        assert_eq!(outcome.exit, Some(1));
        assert!(outcome.stdout.contains("caf<0xE9>.txt:1:1: error"), "{}", outcome.stdout);
        let args = [
            "check".as_ref(),
            "--isolated".as_ref(),
            "--pack".as_ref(),
            "../packs/words.toml".as_ref(),
            name,
        ];
        assert_eq!(stage.run(&args).exit, Some(1));
    }
}

#[test]
fn packs_and_configuration_that_cannot_be_read_are_told() {
    let stage = Stage::with("a.txt", "x");
    stage.write("binary.toml", b"\xFF\xFE\x00");
    stage.write(
        "marked.toml",
        format!(
            "\u{feff}{}",
            fs::read_to_string(stage.work().join("../packs/words.toml")).unwrap()
        ),
    );
    stage.write("syntax.toml", "[pack\nid = \"x\"\n= 3\n[[rule]]\nid = 'a\n");
    stage.write("folder/readme.md", "no pack");
    stage.write("none.toml", "exclude = ['*.txt']\n");
    stage.write("turned.toml", "exclude = ['!a.txt']\n");
    stage.write("windows.toml", "[[path]]\nglob = 'archive\\**'\n");
    for (args, exit, says) in [
        (&["check", "--isolated", "--pack", "binary.toml", "a.txt"][..], 2, "it is not UTF-8"),
        (&["check", "--isolated", "--pack", "marked.toml", "a.txt"], 0, ""),
        (&["check", "--isolated", "--pack", "syntax.toml", "a.txt"], 2, "this is not valid TOML"),
        (
            &["check", "--isolated", "--pack", "folder", "a.txt"],
            2,
            "there is no pack (`.toml` file) in",
        ),
        (&["check", "--config", "nowhere.toml", "a.txt"], 2, "cannot read nowhere.toml"),
        (&["check", "--config", "syntax.toml", "a.txt"], 2, "this is not valid TOML"),
        (&["check", "--config", "marked.toml", "--isolated", "a.txt"], 2, "cannot be used with"),
        (&["check"], 2, "required"),
        (&["chek", "a.txt"], 2, "similar subcommand"),
        (
            &["check", "--isolated", "--set", "account=offical", "a.txt"],
            2,
            "must be one of official, personal (did you mean `official`?)",
        ),
        (
            &["check", "--config", "none.toml", "--force-exclude", "a.txt"],
            0,
            "leaves out every file",
        ),
        (&["check", "--config", "turned.toml", "a.txt"], 2, "cannot be turned round with `!`"),
        (&["check", "--config", "windows.toml", "a.txt"], 2, "folders are parted by `/`"),
        (&["check", "--fail-on", "eror", "a.txt"], 2, "possible values"),
    ] {
        let outcome = stage.run(args);
        assert_eq!(outcome.exit, Some(exit), "{args:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(says), "{args:?}: {}", outcome.stderr);
        assert!(exit == 0 || outcome.stdout.is_empty(), "{}", outcome.stdout);
    }
}

/// Settings may be written for shipped packs, or packs of one's own, that one command does
/// without; what no pack at all knows is wrong whatever is in use.
#[test]
fn settings_of_packs_that_are_not_in_use_are_left_alone() {
    let stage = Stage::with("a.txt", "x");
    stage.write(
        "probity.toml",
        "packs = ['hatch-act', '../packs/words.toml']\n[facts]\naccount = 'official'\n\
         [severity]\n'hatch' = 'note'\n'words/promise' = 'note'\n",
    );
    for args in [
        &["check", "--pack", "crm-notes", "--set", "kind=note", "a.txt"][..],
        &["check", "--pack", "platforms", "a.txt"],
        &["test", "crm-notes"],
        &["rules", "--pack", "crm-notes"],
    ] {
        let outcome = stage.run(args);
        assert_eq!(outcome.exit, Some(0), "{args:?}: {}", outcome.stderr);
    }
    let on_the_command_line =
        stage.run(&["check", "--pack", "crm-notes", "--set", "account=official", "a.txt"]);
    assert_eq!(on_the_command_line.exit, Some(2), "{}", on_the_command_line.stderr);
    for (settings, says) in [
        ("[facts]\nacount = 'official'\n", "`acount`; did you mean `account`?"),
        ("[severity]\n'hatc' = 'note'\n", "did you mean `hatch`?"),
    ] {
        stage.write("probity.toml", settings);
        let outcome = stage.run(&["check", "--pack", "crm-notes", "a.txt"]);
        assert_eq!(outcome.exit, Some(2), "{settings}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(says), "{settings}: {}", outcome.stderr);
    }
}

/// However a file is named, it stands where its name does.
#[test]
fn files_come_in_the_order_of_their_names() {
    let stage = Stage::with("a.txt", "we promise");
    stage.write("b/c.txt", "we promise");
    let outcome = stage.check("words", &["--format", "concise", "a.txt", "."]);
    let names: Vec<_> = outcome.stdout.lines().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(names, ["a.txt", "b/c.txt"]);
}

/// A few hundred bytes of nonsense in every format, and what the program does.
#[test]
fn nonsense_in_every_format_is_survived() {
    let pieces = [
        "---\n",
        "title: \"",
        "{{< ",
        "{%",
        "<p title='",
        "<!--",
        "&#x110000;",
        "```\n",
        "\"",
        ",",
        "\r",
        "\n\n",
        "\u{0}",
        "\u{feff}",
        "we promise",
        "|",
        "[a](",
        "![",
        "<script>",
        "+++\n",
        "{",
        "\\",
        "\u{202e}",
        "é",
        "👍",
    ];
    let stage = Stage::new();
    let mut seed: u64 = 42;
    for file in 0..60 {
        let mut text = String::new();
        for _ in 0..40 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(pieces[usize::try_from(seed >> 33).unwrap() % pieces.len()]);
        }
        let ending = ["md", "html", "csv", "txt", "tsv", "mdx"][file % 6];
        stage.write(&format!("{file}.{ending}"), text);
    }
    let outcome = stage.check("words", &["--format", "json", "."]);
    assert!(matches!(outcome.exit, Some(1 | 2)), "{:?} {}", outcome.exit, outcome.stderr);
    let report = outcome.json();
    let told = report["documents"].as_array().unwrap().len()
        + report["notices"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|n| n["message"].as_str().unwrap().starts_with("this is not a text"))
            .count();
    assert_eq!(told, 60);
}

/// The faults of a pack as `message @ marked words`, in the order of the file.
fn faults_of(pack: &str) -> Vec<String> {
    let stage = Stage::with("a.txt", "x");
    stage.write("pack.toml", pack);
    let outcome = stage.run(&["check", "--isolated", "--pack", "pack.toml", "a.txt"]);
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    let mut faults = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(message) = line.strip_prefix("error: ") else { continue };
        let place = lines[at + 1].split_once("pack.toml:").unwrap().1;
        let (row, column) = place.split_once(':').unwrap();
        let (row, column): (usize, usize) = (row.parse().unwrap(), column.parse().unwrap());
        let marked = lines[at + 1..].iter().find(|line| line.contains('^')).unwrap();
        let marks = marked.chars().filter(|&c| c == '^').count();
        let row = pack.lines().nth(row - 1).unwrap();
        let words: String = row.chars().skip(column - 1).take(marks).collect();
        faults.push(format!("{message} @ {words}"));
    }
    assert_eq!(outcome.exit == Some(2), !faults.is_empty(), "{}", outcome.stderr);
    faults
}

const HEAD: &str = "[pack]\nid = \"x\"\ntitle = \"X\"\nversion = \"1\"\nfamilies = [\"x\"]\n\
                    [[source]]\nid = \"s\"\ntitle = \"S\"\nverified = true\n\
                    [lists.near]\nterms = [\"near\"]\n";

const RULE: &str =
    "[[rule]]\nid = \"x/y\"\ntitle = \"Y\"\nseverity = \"note\"\nmessage = \"m\"\nhelp = \"h\"\n";

/// Parts of packs and the faults of each.
fn check_faults(start: &str, rows: &[(&str, &[&str])]) {
    let mut failures = Vec::new();
    for (part, expected) in rows {
        let faults = faults_of(&format!("{HEAD}{start}{part}\n"));
        if faults != *expected {
            failures.push(format!("{part}\n  expected {expected:#?}\n  but      {faults:#?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn keys_about_hits_say_nothing_beside_records() {
    let own = "record = [{ field = \"a\", is = \"blank\" }]\n";
    let find = format!("[[rule.find]]\n{own}");
    let text = "[[rule.find]]\nterms = [\"a\"]\n";
    for (key, value) in [
        ("unless", "[{ list = \"near\" }]"),
        ("requires", "[{ list = \"near\" }]"),
        ("shields", "[\"near\"]"),
        ("skip_quoted", "true"),
        ("name_fields", "[\"first_name\"]"),
        ("needs", "{ hits = 2 }"),
        ("yields_to", "[\"x/z\"]"),
    ] {
        let other = "[[rule]]\nid = \"x/z\"\ntitle = \"Z\"\nseverity = \"note\"\n\
                     message = \"m\"\nhelp = \"h\"\nterms = [\"z\"]\n";
        let whole =
            format!("`{key}` is about hits in a text, and this rule looks only at records @ {key}");
        let alone = match key {
            "name_fields" | "needs" | "yields_to" => whole.clone(),
            _ => format!("`{key}` narrows a hit in a text, and this find has none @ {key}"),
        };
        check_faults(
            RULE,
            &[
                (&format!("{key} = {value}\n{own}{other}"), &[&alone]),
                (&format!("{key} = {value}\n{find}{find}{other}"), &[&whole]),
                (&format!("{key} = {value}\n{find}{text}{other}"), &[]),
                (&format!("{key} = {value}\n{own}{text}{other}"), &[]),
            ],
        );
    }
}

/// Many records of one kind can be told once; what is near in a text cannot be asked of them.
#[test]
fn records_are_counted_over_records_and_documents() {
    let own = "record = [{ field = \"a\", is = \"blank\" }]\n";
    let find = format!("[[rule.find]]\n{own}");
    for (within, counts) in
        [("sentence", false), ("field", false), ("record", true), ("document", true)]
    {
        let needs = format!("needs = {{ hits = 2, within = \"{within}\" }}\n");
        let whole = "`needs` is about hits in a text, and this rule looks only at records @ needs";
        let part =
            "this find looks only at records: `needs` counts within `record` or `document` @ needs";
        let of = |fault| if counts { Vec::new() } else { vec![fault] };
        check_faults(
            RULE,
            &[
                (&format!("{needs}{own}"), &of(whole)),
                (&format!("{needs}{find}{find}"), &of(whole)),
                (&format!("{find}{needs}"), &of(part)),
            ],
        );
    }
}

#[test]
fn a_duty_that_no_question_asks_for_is_told() {
    let start = "[[checklist]]\ntext = \"Why?\"\ncites = [{ source = \"s\", at = \"1\" }]\n\
                 [[duty]]\ntext = \"D.\"\n";
    check_faults(
        start,
        &[
            ("cites = [{ source = \"s\", at = \"1\" }]\nchecklist = true", &[]),
            (
                "cites = [{ source = \"s\", at = \"1.1\" }]\nchecklist = true",
                &["no question cites this place @ checklist"],
            ),
            (
                "cites = [{ source = \"s\" }]\nchecklist = true",
                &["no question cites this place @ checklist"],
            ),
            ("checklist = true", &["no question cites this place @ checklist"]),
            ("checklist = \"Why?\"", &[]),
        ],
    );
    let blank = "[[duty]]\ntext = \" \"\nnot_yet = \"x\"";
    check_faults("", &[(blank, &["`text` must say what the duty is @ text"])]);
}

#[test]
fn marks_in_a_record_stand_around_whole_values() {
    let start = format!("{RULE}record = [{{ field = \"a\", matches = \"b\" }}]\n");
    let row = |value: &str| format!("bad = [{{ text = \"\", record = {{ a = \"{value}\" }} }}]");
    let fault =
        |value: &str| format!("in a record, marks stand around a whole value @ \"{value}\"");
    for value in ["«a b»", "a b", "«»"] {
        check_faults(&start, &[(&row(value), &[])]);
    }
    for value in ["a «b»", "«a» b", "«a» «b»", "«»a b", "«a b»«»"] {
        check_faults(&start, &[(&row(value), &[&fault(value)])]);
    }
}

#[test]
fn rules_that_never_hold_are_told() {
    check_faults(
        RULE,
        &[
            (
                "terms = [\"a\"]\nfrom = 2026-02-01\nuntil = 2026-01-31",
                &["the rule holds from 2026-02-01 until 2026-01-31, so never @ until"],
            ),
            ("terms = [\"a\"]\nfrom = 2026-02-01\nuntil = 2026-02-01", &[]),
            ("terms = [\"a\"]\nneeds = {}", &["`needs` asks for nothing @ {}"]),
            (
                "terms = [\"a\"]\nneeds = { hits = \"2\" }",
                &["`hits` must be a whole number @ \"2\""],
            ),
            ("terms = [\"a\"]\nneeds = { finds = 2 }", &["the rule has only one find @ finds"]),
            (
                "needs = { finds = 3 }\n[[rule.find]]\nterms = [\"a\"]\n[[rule.find]]\nterms = [\"b\"]",
                &["the rule has only 2 finds @ finds"],
            ),
            (
                "needs = { finds = 2 }\n[[rule.find]]\nterms = [\"a\"]\n[[rule.find]]\nterms = [\"b\"]",
                &[],
            ),
            (
                "[[rule.find]]\nterms = [\"a\"]\nneeds = { finds = 2 }",
                &["a find is only one @ finds"],
            ),
            ("record = []", &["`record` tests nothing @ record"]),
            ("terms = [\"a\"]\nrecord = []", &["`record` tests nothing @ record"]),
            ("record = []\n[[rule.find]]\nterms = [\"a\"]", &["`record` tests nothing @ record"]),
            (
                "terms = [\"a\"]\nname_fields = [\"_\"]\nfields = [\"\"]",
                &["`_` is not the name of a field @ \"_\"", "`` is not the name of a field @ \"\""],
            ),
            (
                "[[rule.find]]\nterms = [\"a\"]\nfields = [\"-\"]",
                &["`-` is not the name of a field @ \"-\""],
            ),
        ],
    );
    let fact = "[[fact]]\nabout = \"x\"\n";
    check_faults(
        fact,
        &[
            (
                "name = \"as_of\"\ntype = \"date\"\ndefault = \"2026-01-01\"",
                &["a pack cannot give `as_of` a default @ default"],
            ),
            (
                "name = \"date\"\ntype = \"date\"\ndefault = \"2026-01-01\"",
                &["a pack cannot give `date` a default @ default"],
            ),
            ("name = \"date\"\ntype = \"date\"\nfields = [\"day\"]", &[]),
            (
                "name = \"f\"\ntype = \"text\"\nfields = [\" . \"]",
                &["` . ` is not the name of a field @ \" . \""],
            ),
        ],
    );
}

#[test]
fn record_tests_that_say_nothing_are_told() {
    let facts = "[[fact]]\nname = \"n\"\ntype = \"number\"\nabout = \"x\"\n\
                 [[fact]]\nname = \"t\"\ntype = \"text\"\nabout = \"x\"\n";
    let nothing = |shorter: u8| {
        format!("nothing that is filled has fewer than {shorter} characters @ shorter_than")
    };
    for (test, fault) in [
        (
            "is = \"blank\", matches = \"x\"",
            "`matches` never holds where the value is blank @ matches",
        ),
        ("is = \"missing\", in = [\"x\"]", "`in` never holds where the value is missing @ in"),
        ("is = \"filled\", matches = \"x\"", ""),
        ("is = \"date\", older_than = 3, before = \"as_of\"", ""),
        ("is = 3", "`is` must be one of `filled`, `blank`, `missing`, `date`, `not-date` @ 3"),
        ("matches = 3", "`matches` must be a string in quotes @ 3"),
        ("matches = \"(\"", "this is not a regular expression: unclosed group @ \"(\""),
        ("matches = \"\"", "this regular expression matches every value @ \"\""),
        ("lacks = \"x*\"", "this regular expression matches every value @ \"x*\""),
        ("lacks = \"^(x|y)?$\"", ""),
        ("shorter_than = 0", &nothing(0)),
        ("shorter_than = 1", &nothing(1)),
        ("shorter_than = 2", ""),
        (
            "shorter_than = 6, longer_than = 5",
            "no value is longer than 5 and shorter than 6 @ shorter_than",
        ),
        ("shorter_than = 7, longer_than = 5", ""),
        ("in = []", "`in` lists no value @ in"),
        ("not_in = []", "`not_in` lists no value @ not_in"),
        (
            "in = [\"a\", \"b; c\"]",
            "this can never match: parts of a value end at `,` `;` and `|` @ \"b; c\"",
        ),
        (
            "not_in = \"b|c\"",
            "this can never match: parts of a value end at `,` `;` and `|` @ \"b|c\"",
        ),
        ("in = [\"a\", \" \"]", "no part of a value is blank @ \" \""),
        ("same_as = \"A-b\"", "`same_as` compares `A-b` with itself @ \"A-b\""),
        ("differs_from = \"a_b\"", "`differs_from` compares `a_b` with itself @ \"a_b\""),
        ("below = \"a_b\"", "`below` compares `a_b` with itself @ \"a_b\""),
        ("later_than = \"a_b\"", "`later_than` compares `a_b` with itself @ \"a_b\""),
        ("older_than = 3, before = \"a_b\"", "`before` compares `a_b` with itself @ \"a_b\""),
        ("later_than = \"\"", "`` is not the name of a field @ \"\""),
        ("same_as = \"_\"", "`_` is not the name of a field @ \"_\""),
        ("later_than = \"as-of\"", "the day of the check is not written `as-of` @ \"as-of\""),
        (
            "older_than = 3, before = \"asof\"",
            "the day of the check is not written `asof` @ \"asof\"",
        ),
        ("later_than = \"as_of\"", ""),
        ("before = \"c\"", "`before` says from where `older_than` counts @ before"),
        ("in_fact = \"t\"", ""),
        (
            "in_fact = \"n\"",
            "the fact `n` is not of the type `text`, `list`, `one-of` or `some-of` @ n",
        ),
        (
            "not_in_fact = \"n\"",
            "the fact `n` is not of the type `text`, `list`, `one-of` or `some-of` @ n",
        ),
    ] {
        let part = format!("record = [{{ field = [\"a_b\", \"n\"], {test} }}]\n{facts}");
        let faults: &[&str] = if fault.is_empty() { &[] } else { &[fault] };
        check_faults(RULE, &[(&part, faults)]);
    }
    check_faults(
        RULE,
        &[
            (
                "record = [{ field = \"a\" }]",
                &["this test says nothing about the field @ { field = \"a\" }"],
            ),
            ("record = [{ field = [], is = \"blank\" }]", &["`field` names no field @ field"]),
            (
                "record = [{ field = [\"a\", \". -\"], is = \"blank\" }]",
                &["`. -` is not the name of a field @ \". -\""],
            ),
            (
                "record = [{ field = 3, is = \"blank\" }]",
                &["`field` must be a string or a list of strings @ 3"],
            ),
        ],
    );
}
