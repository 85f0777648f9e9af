//! Settings by file, suppressions, baselines, fixes and `--diff`, used together.

use std::process::Command;

mod common;

use common::{Outcome, Stage};

fn git(stage: &Stage, args: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
        .args(args)
        .current_dir(stage.work())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR")
        .output()
        .unwrap();
    assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn check(stage: &Stage, args: &[&str]) -> Outcome {
    stage.run(&[&["check", "--format", "concise"], args].concat())
}

#[test]
fn fixes_stay_on_the_lines_that_changed_of_each_file() {
    let stage = Stage::with("probity.toml", "packs = ['../packs/wording.toml']\n");
    git(&stage, &["init", "-q", "-b", "main"]);
    stage.write("a.md", "a\n\nb\n\nc\n");
    stage.write("b.md", "a\n\nb\n\nWe utilise it.\n");
    git(&stage, &["add", "-A"]);
    git(&stage, &["commit", "-q", "-m", "first"]);
    // What is fixed in one file does not make the lines count that changed in another.
    stage.write("a.md", "a\n\nb\n\nWe utilise c.\n");
    stage.write("b.md", "We utilise a.\n\nb\n\nWe utilise it.\n");
    stage.write("c.md", "We utilise a.\n\nb\n\nWe utilise it.\n");
    for args in [&["--diff", "--fix", "a.md", "b.md", "c.md"][..], &["--diff", "--fix", "."]] {
        let outcome = check(&stage, args);
        assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
        assert_eq!(stage.read("a.md"), "a\n\nb\n\nWe use c.\n");
        assert_eq!(stage.read("b.md"), "We use a.\n\nb\n\nWe utilise it.\n");
        assert_eq!(stage.read("c.md"), "We use a.\n\nb\n\nWe use it.\n");
    }
    stage.write("a.md", "a\n\nb\n\nNothing.\n");
    stage.write("b.md", "We utilise a.\n\nb\n\nWe utilise it.\n");
    assert_eq!(check(&stage, &["--diff", "--fix"]).exit, Some(0));
    assert_eq!(stage.read("b.md"), "We use a.\n\nb\n\nWe utilise it.\n");
}

#[test]
fn a_file_of_suppressions_has_the_settings_of_its_own_place() {
    let settings = "packs = ['../packs/words.toml']\n[[path]]\nglob = ['archive/**']\n\
                    fail_on = 'never'\nseverity = { suppress = 'note' }\n";
    let stage = Stage::with("probity.toml", settings);
    let side = "[[suppress]]\npaths = ['*.md']\nrule = 'words/promise'\n";
    stage.write("probity-suppressions.toml", side);
    stage.write("archive/a.md", "Fine.\n");
    stage.write("b.md", "Fine.\n");
    // Whichever file is checked, and whichever first.
    let expected = "probity-suppressions.toml:1:1: error[suppress/no-reason]";
    for paths in [&["."][..], &["b.md"], &["archive"], &["b.md", "archive"]] {
        let outcome = check(&stage, paths);
        assert!(outcome.stdout.starts_with(expected), "{paths:?}: {}", outcome.all());
        assert_eq!(outcome.exit, Some(1), "{paths:?}");
    }
    // A table that is about it is heard.
    let of_it = "[[path]]\nglob = ['probity-suppressions.toml']\nfail_on = 'never'\n\
                 severity = { suppress = 'warning' }\n";
    stage.write("probity.toml", settings.to_owned() + of_it);
    let outcome = check(&stage, &["."]);
    assert!(outcome.stdout.contains("warning[suppress/no-reason]"), "{}", outcome.all());
    assert_eq!(outcome.exit, Some(0));
    let junit = stage.run(&["check", "--format", "junit", "."]);
    assert!(junit.stdout.contains("failures=\"0\""), "{}", junit.stdout);
}

#[test]
fn reasons_are_masked_whichever_file_is_first() {
    let stage = Stage::with("a/probity.toml", "packs = ['../../packs/words.toml']\n");
    stage.write("b/probity.toml", "packs = ['../../packs/secrets.toml']\n");
    stage.write("a/a.md", "Fine.\n");
    stage.write("b/b.md", "Fine.\n");
    let side = "[[suppress]]\npaths = ['b']\nrule = ['secret/card']\n\
                reason = 'card 4539 5787 6362 1486'\nuntil = 2020-01-01\n";
    stage.write("probity-suppressions.toml", side);
    for format in ["full", "json", "sarif"] {
        let outcome = stage.run(&["check", "--format", format, "."]);
        assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
        assert!(!outcome.all().contains("4539"), "{}", outcome.all());
    }
}

#[test]
fn the_last_day_goes_by_the_settings_of_each_file() {
    let packs = "packs = ['../../packs/words.toml']\n[facts]\nas_of = ";
    let stage = Stage::with("a/probity.toml", format!("{packs}'2026-01-01'\n"));
    stage.write("b/probity.toml", format!("{packs}'2027-01-01'\n"));
    stage.write("a/a.md", "We promise.\n");
    stage.write("b/b.md", "We promise.\n");
    let outcome = stage.run(&[
        "baseline",
        "--baseline",
        "base.json",
        "--reason",
        "old",
        "--until",
        "2026-06-30",
        ".",
    ]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    let outcome = check(&stage, &["--baseline", "base.json", "."]);
    assert!(outcome.stdout.contains("b/b.md:1:1"), "{}", outcome.all());
    assert!(!outcome.stdout.contains("a/a.md:1:1"), "{}", outcome.all());
    stage.write(
        "probity-suppressions.toml",
        "[[suppress]]\npaths = ['b']\nrule = 'words/promise'\nreason = 'x'\nuntil = 2026-06-30\n",
    );
    let outcome = check(&stage, &["."]);
    assert!(outcome.stdout.contains("b/b.md:1:1"), "{}", outcome.all());
    assert!(!outcome.stdout.contains("suppress/unused"), "{}", outcome.all());
}

/// The forms of other tools mean here what they mean there.
#[test]
fn globs_may_begin_in_the_folder_of_the_settings() {
    for glob in ["no", "/no", "./no", "no/", "/no/**", "./no/*.md"] {
        let stage = Stage::with("no/a.md", "We promise it.\n");
        stage.write("b.md", "We promise it.\n");
        let settings = |more: &str| {
            stage.write("probity.toml", format!("packs = [\"../packs/words.toml\"]\n{more}"));
        };
        let found = || {
            let report = stage.run(&["check", "--format", "json", "."]).json();
            report["summary"]["errors"].as_u64().unwrap()
        };
        settings(&format!("exclude = [\"{glob}\"]\n"));
        assert_eq!(found(), 1, "{glob}");
        settings(&format!(
            "[[path]]\nglob = \"{glob}\"\n[path.severity]\n\"words/promise\" = \"off\"\n"
        ));
        assert_eq!(found(), 1, "{glob}");
        settings("");
        stage.write(
            "probity-suppressions.toml",
            format!("[[suppress]]\npaths = \"{glob}\"\nrule = \"words/promise\"\nreason = \"x\"\n"),
        );
        assert_eq!(found(), 1, "{glob}");
    }
}
