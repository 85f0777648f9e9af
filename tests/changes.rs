//! `probity check --diff`, in real repositories.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

mod common;

use common::{Outcome, Stage};

const PROMISES: &str = "We promise one.\n\nWe promise two.\n\nWe promise three.\n";

/// A repository in the folder of a stage.
struct Repository {
    stage: Stage,
    /// Settings of the user that would change what Git says.
    settings: Option<PathBuf>,
}

impl Repository {
    /// With these files committed on the branch `main`.
    fn with(files: &[(&str, &str)]) -> Self {
        let repository = Self { stage: Stage::new(), settings: None };
        repository.git(&["init", "-q", "-b", "main"]);
        for (name, text) in files {
            repository.stage.write(name, text);
        }
        if !files.is_empty() {
            repository.commit("first");
        }
        repository
    }

    fn git(&self, args: &[&str]) {
        let (fine, said) = git_in(&self.stage.work(), args);
        assert!(fine, "git {args:?}: {said}");
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// `probity check --diff` in a folder of the repository.
    fn check_in(&self, folder: &str, args: &[&str], change: &dyn Fn(&mut Command)) -> Outcome {
        let pack = self.stage.work().join("../packs/words.toml");
        let mut all = vec!["check", "--isolated", "--pack", pack.to_str().unwrap()];
        all.extend(["--format", "json"]);
        all.extend(args);
        let mut command = self.stage.command(&all);
        command.current_dir(self.stage.work().join(folder));
        clean(&mut command);
        if let Some(settings) = &self.settings {
            command.env("GIT_CONFIG_GLOBAL", settings);
        }
        change(&mut command);
        let mut child = command.spawn().unwrap();
        drop(child.stdin.take().map(|mut stdin| stdin.write_all(b"")));
        let output = child.wait_with_output().unwrap();
        let outcome = Outcome {
            exit: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
        outcome
    }

    fn check(&self, args: &[&str]) -> Outcome {
        self.check_in(".", args, &|_| {})
    }

    /// The findings of a check, as `path:line`.
    fn found(&self, args: &[&str]) -> Vec<String> {
        places(&self.check(args).json())
    }
}

/// Runs Git; whether it went well, and what it said.
fn git_in(folder: &Path, args: &[&str]) -> (bool, String) {
    let mut command = Command::new("git");
    command.args(args).current_dir(folder);
    clean(&mut command);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), text + &String::from_utf8_lossy(&output.stdout))
}

/// Without settings of this machine.
fn clean(command: &mut Command) {
    let nowhere = if cfg!(windows) { "NUL" } else { "/dev/null" };
    command.env("GIT_CONFIG_GLOBAL", nowhere).env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{who}_NAME"), "Jo")
            .env(format!("GIT_{who}_EMAIL"), "jo@example.org");
    }
    for name in ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "GIT_DIR", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
}

fn places(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let one = |finding: &Value| {
        format!("{}:{}", finding["path"].as_str().unwrap(), finding["places"][0]["line"])
    };
    findings.map(one).collect()
}

fn left_out(report: &Value) -> (u64, u64) {
    let changes = &report["summary"]["changes"];
    let count = |key: &str| changes[key].as_u64().unwrap();
    (count("unchanged_documents"), count("unchanged_findings"))
}

#[test]
fn only_lines_that_changed_are_reported() {
    let repository = Repository::with(&[("a.md", PROMISES), ("b.md", PROMISES)]);
    assert_eq!(repository.check(&["."]).exit, Some(1));
    let nothing = repository.check(&["--diff"]);
    assert_eq!((nothing.exit, left_out(&nothing.json())), (Some(0), (2, 0)));
    repository.stage.write("a.md", PROMISES.replace("two", "2"));
    let outcome = repository.check(&["--diff"]);
    assert_eq!(outcome.exit, Some(1));
    assert_eq!(places(&outcome.json()), ["a.md:3"]);
    assert_eq!(left_out(&outcome.json()), (1, 2));
    assert!(
        outcome
            .stderr
            .contains("1 file did not change; 2 findings on unchanged lines were left out"),
        "{}",
        outcome.stderr
    );
    // A line that is as it should be, and one that is gone.
    repository.stage.write("a.md", PROMISES.replace("\n\nWe promise two.", "\nWe hope so."));
    let outcome = repository.check(&["--diff"]);
    assert_eq!((outcome.exit, left_out(&outcome.json())), (Some(0), (1, 2)));
    // What is staged counts as what is not.
    repository.git(&["add", "-A"]);
    repository.stage.write("b.md", format!("We promise none.\r\n{PROMISES}"));
    repository.git(&["add", "-A"]);
    assert_eq!(repository.found(&["--diff"]), ["b.md:1"]);
}

#[test]
fn new_files_are_changed_as_a_whole() {
    let repository = Repository::with(&[("a.md", PROMISES), (".gitignore", "*.txt\n")]);
    repository.stage.write("new.md", "We promise.\n");
    repository.stage.write("staged.md", "We promise.\n");
    repository.git(&["add", "staged.md"]);
    repository.stage.write("ignored.txt", "We promise.\n");
    fs::remove_file(repository.stage.work().join("a.md")).unwrap();
    assert_eq!(repository.found(&["--diff", "."]), ["new.md:1", "staged.md:1"]);
    assert_eq!(repository.found(&["ignored.txt", "--diff"]), ["ignored.txt:1"]);
    // What Git was told to forget is new, too.
    repository.git(&["checkout", "-q", "--", "a.md"]);
    repository.git(&["rm", "-q", "--cached", "a.md"]);
    assert_eq!(repository.found(&["--diff", "a.md"]).len(), 3);
    // Nothing was ever committed.
    let repository = Repository::with(&[]);
    repository.stage.write("new.md", "We promise.\n");
    assert_eq!(repository.found(&["--diff"]), ["new.md:1"]);
    let outcome = repository.check(&["--diff", "main"]);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stderr.contains("no such revision"), "{}", outcome.stderr);
}

#[test]
fn a_branch_is_compared_from_where_it_left() {
    let repository = Repository::with(&[("a.md", PROMISES), ("main.md", "Quiet.\n")]);
    repository.git(&["switch", "-q", "-c", "topic"]);
    repository.stage.write("a.md", format!("{PROMISES}\nWe promise four.\n"));
    repository.commit("topic");
    repository.git(&["switch", "-q", "main"]);
    repository.stage.write("main.md", "We promise on main.\n");
    repository.commit("main goes on");
    repository.git(&["switch", "-q", "topic"]);
    for args in [
        &["--diff", "main"][..],
        &["--diff=main", "."],
        &["--diff", "main", "a.md"],
        &[".", "--diff", "main"],
    ] {
        assert_eq!(repository.found(args), ["a.md:7"], "{args:?}");
    }
    assert_eq!(repository.found(&["--diff"]), [""; 0]);
    // The state that a pipeline checks out: the topic merged into main.
    repository.git(&["switch", "-q", "--detach", "main"]);
    repository.git(&["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
    assert_eq!(repository.found(&["--diff", "main"]), ["a.md:7"]);
    assert_eq!(repository.found(&["--diff", "HEAD^1"]), ["a.md:7"]);
    repository.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    let outcome = repository.check_in(".", &["--diff"], &|command| {
        command.env("GITHUB_BASE_REF", "main");
    });
    assert_eq!(places(&outcome.json()), ["a.md:7"]);
    assert_eq!(outcome.json()["summary"]["changes"]["since"], "`origin/main`");
}

#[test]
fn renamed_files_keep_their_lines() {
    let long = (1..40).map(|n| format!("Line {n} stays.\n")).collect::<String>();
    let repository =
        Repository::with(&[("old.md", &format!("We promise.\n{long}")), ("b.md", PROMISES)]);
    repository.git(&["mv", "old.md", "new name.md"]);
    repository.stage.write("new name.md", format!("We promise.\n{long}I guarantee it.\n"));
    repository.git(&["mv", "b.md", "c.md"]);
    repository.git(&["add", "-A"]);
    let report = repository.check(&["--diff"]).json();
    assert_eq!(places(&report), ["new name.md:41"]);
    assert_eq!(left_out(&report), (1, 1));
}

#[cfg(target_os = "linux")]
#[test]
fn odd_names_are_found() {
    use std::os::unix::ffi::OsStrExt;
    let repository = Repository::with(&[("a.md", "Quiet.\n")]);
    let names: [&[u8]; 6] = [
        b"new\nline.md",
        b"caf\xe9.md",
        b"quo\"te\\.md",
        b"tab\there.md",
        "caf\u{e9} \u{1f600}.md".as_bytes(),
        b" b/c => {d}.md",
    ];
    let path = |name: &[u8]| {
        let path = repository.stage.work().join(std::ffi::OsStr::from_bytes(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    };
    for name in names {
        fs::write(path(name), PROMISES).unwrap();
    }
    repository.commit("odd names");
    for name in names {
        fs::write(path(name), PROMISES.replace("three", "3")).unwrap();
    }
    let report = repository.check(&["--diff"]).json();
    let lines: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|it| &it["places"][0]["line"]).collect();
    assert_eq!(lines, [5; 6], "{report:#}");
    assert_eq!(left_out(&report), (1, 12));
}

#[test]
fn a_shallow_clone_works_or_says_what_to_fetch() {
    let repository = Repository::with(&[("a.md", PROMISES)]);
    repository.git(&["switch", "-q", "-c", "topic"]);
    repository.stage.write("a.md", PROMISES.replace("one", "1"));
    repository.commit("topic");
    repository.git(&["switch", "-q", "main"]);
    repository.stage.write("b.md", "Quiet.\n");
    repository.commit("main goes on");
    let clone = repository.stage.work().join("../clone");
    let from = format!("file://{}", repository.stage.work().display());
    let work = repository.stage.work();
    let git = |folder: &Path, args: &[&str]| {
        let (fine, said) = git_in(folder, args);
        assert!(fine, "git {args:?}: {said}");
    };
    git(
        &work,
        &["clone", "-q", "--depth", "1", "--branch", "topic", &from, clone.to_str().unwrap()],
    );
    let check = |args: &[&str]| repository.check_in("../clone", args, &|_| {});
    fs::write(clone.join("a.md"), PROMISES.replace("one", "1").replace("two", "2")).unwrap();
    assert_eq!(places(&check(&["--diff"]).json()), ["a.md:3"]);
    let outcome = check(&["--diff", "origin/main"]);
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(2), ""));
    for words in ["git fetch origin main", "shallow", "--unshallow", "fetch-depth: 0"] {
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    }
    // The branch is there, but not the commit where the topic left it.
    git(&clone, &["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    let outcome = check(&["--diff", "origin/main"]);
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(2), ""));
    assert!(outcome.stderr.contains("this clone is shallow"), "{}", outcome.stderr);
    git(
        &clone,
        &["fetch", "-q", "--unshallow", "origin", "topic", "main:refs/remotes/origin/main"],
    );
    assert_eq!(places(&check(&["--diff", "origin/main"]).json()), ["a.md:1", "a.md:3"]);
}

#[test]
fn a_merge_that_is_under_way_is_checked() {
    let repository = Repository::with(&[("a.md", PROMISES)]);
    repository.git(&["switch", "-q", "-c", "topic"]);
    repository.stage.write("a.md", PROMISES.replace("two", "zwei"));
    repository.commit("topic");
    repository.git(&["switch", "-q", "main"]);
    repository.stage.write("a.md", PROMISES.replace("two", "deux"));
    repository.commit("main");
    let (merged, _) = git_in(&repository.stage.work(), &["merge", "topic"]);
    assert!(!merged);
    // Line 4 is ours; 3 and 5 to 7 hold the marks and what comes in.
    assert_eq!(repository.found(&["--diff"]), ["a.md:6"]);
    repository.stage.write("a.md", PROMISES.replace("two", "deux oder zwei"));
    assert_eq!(repository.found(&["--diff"]), ["a.md:3"]);
}

#[test]
fn worktrees_subfolders_and_hooks_work() {
    let repository =
        Repository::with(&[("a.md", PROMISES), ("sub/b.md", PROMISES), ("sub/c.md", "Quiet.\n")]);
    repository.stage.write("a.md", PROMISES.replace("one", "1"));
    repository.stage.write("sub/b.md", PROMISES.replace("two", "2"));
    let places_in = |folder: &str, args: &[&str], change: &dyn Fn(&mut Command)| {
        let outcome = repository.check_in(folder, args, change);
        assert!(outcome.exit.is_some_and(|exit| exit < 2), "{outcome:?}");
        places(&outcome.json())
    };
    assert_eq!(places_in("sub", &["--diff"], &|_| {}), ["b.md:3"]);
    assert_eq!(places_in("sub", &["--diff", ".."], &|_| {}), ["../a.md:1", "../sub/b.md:3"]);
    assert_eq!(places_in("..", &["--diff", "work/sub"], &|_| {}), ["work/sub/b.md:3"]);
    // A hook is run with these, as Git sets them.
    let hook = |command: &mut Command| {
        command.env("GIT_DIR", ".git").env("GIT_INDEX_FILE", ".git/next-index-1.lock");
        command.env("GIT_DIFF_OPTS", "-u9").env("GIT_EXTERNAL_DIFF", "false");
    };
    assert_eq!(places_in("sub", &["--diff"], &hook), ["b.md:3"]);
    repository.git(&["worktree", "add", "-q", "../tree"]);
    let tree = repository.stage.work().join("../tree/a.md");
    fs::write(tree, PROMISES.replace("three", "3")).unwrap();
    assert_eq!(places_in("../tree", &["--diff"], &|_| {}), ["a.md:5"]);
    assert_eq!(places_in("../tree", &["--diff", "main"], &|_| {}), ["a.md:5"]);
}

#[test]
fn settings_of_the_user_change_nothing() {
    let long = (1..40).map(|n| format!("Line {n} stays.\n")).collect::<String>();
    let mut repository =
        Repository::with(&[("a.md", PROMISES), ("old.md", &format!("We promise.\n{long}"))]);
    repository.stage.write(
        "../settings",
        "[diff]\n\tnoprefix = true\n\tmnemonicPrefix = true\n\texternal = false\n\
         \tinterHunkContext = 9\n\tcontext = 9\n\trenames = false\n\trelative = true\n\
         \talgorithm = patience\n\trenameLimit = 1\n\torderFile = missing\n\twordRegex = x\n\tcolorMoved = zebra\n\
         [color]\n\tui = always\n[core]\n\tquotePath = false\n\tpager = false\n\
         \tattributesFile = ../attributes\n[diff \"odd\"]\n\tcommand = false\n\ttextconv = false\n",
    );
    repository.stage.write("../attributes", "*.md diff=odd\n");
    repository.settings = Some(repository.stage.work().join("../settings"));
    repository.stage.write("a.md", PROMISES.replace("one", "1").replace("three", "3"));
    repository.git(&["mv", "old.md", "café.md"]);
    repository.stage.write("café.md", format!("We promise.\n{long}I guarantee it.\n"));
    repository.git(&["add", "café.md"]);
    assert_eq!(repository.found(&["--diff"]), ["a.md:1", "a.md:5", "café.md:41"]);
}

#[test]
fn changes_reach_what_depends_on_them() {
    let page = "---\ntitle: A page\naccount: personal\n---\n\nHooray! My view. We promise. Yes! No! Perhaps!\n";
    let post = "Yes! No!\n\nPerhaps! Well! Good!\n\nWe promise.\n";
    let table = "id,notes\n1,We promise.\n2,\"We promise\nit! Yes! No!\"\n3,We promise.\n";
    let repository =
        Repository::with(&[("page.md", page), ("post.txt", post), ("rows.csv", table)]);
    let changed = |name: &str, text: String| {
        repository.stage.write(name, text);
        let places = repository.found(&["--diff", name]);
        repository.git(&["checkout", "-q", "--", name]);
        places
    };
    // The title states no fact; only the count is a matter of the whole file.
    assert_eq!(changed("page.md", page.replace("A page", "Page")).len(), 1);
    assert_eq!(changed("rows.csv", table.replace("No!", "Oh!")), ["rows.csv:3", "rows.csv:4"]);
    assert_eq!(changed("rows.csv", table.replace("id,", "nr,")).len(), 4);
    // Too many exclamation marks are a matter of the whole text.
    assert_eq!(changed("post.txt", post.replace("Well!", "Hm!")), ["post.txt:1"]);
    assert_eq!(changed("post.txt", post.replace("We promise.", "We promise!")).len(), 2);
    // Facts change what everything means; `probity` in front matter states them.
    let stated = page.replace("account: personal", "probity: { kind: page }");
    assert_eq!(changed("page.md", stated).len(), 2);
    // What Git takes for no text, and lines that Git does not know.
    let wide: Vec<u8> =
        format!("\u{feff}{post}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(repository.stage.work().join("wide.txt"), &wide).unwrap();
    repository.stage.write("mac.txt", "We promise.\rWe guarantee it.\r");
    repository.commit("odd encodings");
    fs::write(repository.stage.work().join("wide.txt"), [&wide[..], b"!\0"].concat()).unwrap();
    repository.stage.write("mac.txt", "We promise.\rWe guarantee it!\r");
    assert_eq!(
        repository.found(&["--diff"]),
        ["mac.txt:1", "mac.txt:2", "wide.txt:1", "wide.txt:5"]
    );
}

/// Rules of which one find is about places and another about the whole text.
const MIXED: &str = r#"[pack]
id = "p"
title = "P"
version = "1.0.0"
families = ["p"]
[[rule]]
id = "p/tags"
title = "Hashtags"
severity = "note"
message = "A hashtag."
help = "Write capitals."
rewrite = "camel-case"
count = { of = "run-together-hashtags", most = 0 }
bad = [{ text = "Join «#nhsjobs»", fixed = "Join #NHSJobs" }]
good = ["Join #NHSJobs"]
[[rule]]
id = "p/calm"
title = "Calm"
severity = "note"
message = "Not calm."
help = "Be calm."
one_per = "field"
bad = [{ text = "«hooray», we made it", fixed = "well, we made it" }]
good = ["We made it"]
[[rule.find]]
replace = { hooray = "well" }
[[rule.find]]
count = { of = "exclamations", most = 1 }
"#;

#[test]
fn what_has_places_of_its_own_counts_where_they_changed() {
    let post = "A\nB #nhsjobs\nHooray it is done\n";
    let repository = Repository::with(&[("y.txt", post)]);
    repository.stage.write("../packs/p.toml", MIXED);
    let pack = repository.stage.work().join("../packs/p.toml");
    let pack = pack.to_str().unwrap();
    let found = |text: &str| {
        repository.stage.write("y.txt", text);
        repository.found(&["--pack", pack, "--diff"])
    };
    let fixed = |text: &str| {
        repository.stage.write("y.txt", text);
        repository.check(&["--pack", pack, "--diff", "--fix"]);
        repository.stage.read("y.txt")
    };
    let with = |line: &str| format!("{post}{line}\n");
    assert_eq!(found(&with("C")), [""; 0]);
    assert_eq!(fixed(&with("C")), with("C"));
    assert_eq!(found(&with("C #nhsjobs")), ["y.txt:4"]);
    assert_eq!(fixed(&with("C #nhsjobs")), with("C #NHSJobs"));
    // Put together with an old place, a new one counts and comes first: a code host shows
    // nothing on old lines. Only the new one is mended.
    assert_eq!(found(&with("Oh hooray")), ["y.txt:4"]);
    assert_eq!(fixed(&with("Oh hooray")), with("Oh well"));
    // How many there are is a matter of the whole text.
    let loud = "Yes! No!\n\nC\n";
    repository.stage.write("y.txt", loud);
    repository.commit("loud");
    let mut twice = found(&format!("{loud}D\n"));
    twice.dedup();
    assert_eq!(twice, ["y.txt:1"]);
    // A row of a table changes as a whole.
    let table = "id,text\n1,Join #nhsjobs\n2,\"Hooray,\nit is done\"\n";
    repository.stage.write("t.csv", table);
    repository.commit("a table");
    repository.stage.write("t.csv", table.replace("done", "made"));
    assert_eq!(repository.found(&["--pack", pack, "--diff", "t.csv"]), ["t.csv:3"]);
    // Where other facts are stated, every finding counts with all of its fix.
    let page = |head: &str| format!("---\n{head}\n---\n\nJoin #nhsjobs\n");
    repository.stage.write("p.md", page("title: A page"));
    repository.commit("a page");
    repository.stage.write("p.md", page("probity: { kind: page }"));
    repository.check(&["--pack", pack, "--diff", "--fix", "p.md"]);
    assert_eq!(
        repository.stage.read("p.md"),
        page("probity: { kind: page }").replace("nhsjobs", "NHSJobs")
    );
}

/// Whichever rule begins first, findings stand in the order of the places they are shown at.
#[test]
fn what_is_shown_elsewhere_keeps_the_order_of_lines() {
    let repository = Repository::with(&[("y.txt", "Hooray it is done\nB\n")]);
    repository.stage.write("../packs/p.toml", MIXED);
    let pack = repository.stage.work().join("../packs/p.toml");
    let pack = pack.to_str().unwrap();
    repository.stage.write("y.txt", "Hooray it is done\nB #nhsjobs\nHooray, again\n");
    assert_eq!(repository.found(&["--pack", pack, "--diff"]), ["y.txt:2", "y.txt:3"]);
}

#[test]
fn faults_of_suppressions_beside_the_texts_count_where_their_lines_changed() {
    let entry =
        |reason: &str| format!("[[suppress]]\npaths = '*.md'\nrule = 'words/promise'\n{reason}\n");
    let repository =
        Repository::with(&[("probity-suppressions.toml", &entry("")), ("a.md", PROMISES)]);
    let found = || {
        let pack = repository.stage.work().join("../packs/words.toml");
        let mut command = repository.stage.command(&[
            "check",
            "--pack",
            pack.to_str().unwrap(),
            "--format",
            "json",
            "--diff",
        ]);
        clean(&mut command);
        places(&serde_json::from_slice(&command.output().unwrap().stdout).unwrap())
    };
    repository.stage.write("a.md", PROMISES.replace("one", "1"));
    let of_text = found();
    assert_eq!(of_text.len(), 1, "{of_text:?}");
    assert!(of_text[0].starts_with("a.md:"), "{of_text:?}");
    // The second entry is new.
    repository.stage.write("probity-suppressions.toml", entry("") + &entry("owner = 'x'"));
    let both = found();
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(both.contains(&"probity-suppressions.toml:5".to_owned()), "{both:?}");
}

#[test]
fn settings_that_changed_are_told() {
    let repository = Repository::with(&[
        ("probity.toml", "packs = [\"../packs/words.toml\"]\n"),
        ("a.md", PROMISES),
    ]);
    repository
        .stage
        .write("probity.toml", "packs = [\"../packs/words.toml\"]\nfail_on = \"note\"\n");
    repository.stage.write("a.md", PROMISES.replace("one", "1"));
    let mut command = repository.stage.command(&["check", "--diff"]);
    clean(&mut command);
    let output = command.output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout.contains("note: probity.toml: this changed, too"), "{stdout}");
}

/// What somebody had accepted, or nobody may do, ends with the file that says so.
#[test]
fn settings_that_are_gone_are_told() {
    let repository = Repository::with(&[
        ("probity.toml", "packs = [\"../packs/words.toml\"]\nbaseline = \"known.json\"\n"),
        ("known.json", "{\"version\": 1, \"findings\": []}\n"),
        ("docs/probity.toml", "fail_on = \"note\"\n"),
        ("docs/probity-suppressions.toml", "\n"),
        ("docs/a.md", PROMISES),
    ]);
    for name in ["docs/probity.toml", "docs/probity-suppressions.toml"] {
        fs::remove_file(repository.stage.work().join(name)).unwrap();
    }
    repository.stage.write("known.json", "{\"version\": 1, \"findings\": [ ]}\n");
    let mut command = repository.stage.command(&["check", "--diff"]);
    clean(&mut command);
    let stdout = String::from_utf8(command.output().unwrap().stdout).unwrap();
    for name in ["docs/probity.toml", "docs/probity-suppressions.toml", "known.json"] {
        assert!(stdout.contains(&format!("note: {name}: this changed, too")), "{name}: {stdout}");
    }
    assert!(!stdout.contains("note: probity.toml:"), "{stdout}");
}

#[test]
fn what_cannot_be_told_is_an_error() {
    // The root of a stage looks like a repository, and is none.
    let none = Repository { stage: Stage::with("a.md", PROMISES), settings: None };
    let outcome = none.check(&["--diff"]);
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(2), ""));
    assert!(outcome.stderr.contains("`--diff` needs a Git repository"), "{}", outcome.stderr);

    let repository = Repository::with(&[("a.md", PROMISES), ("docs/b.md", PROMISES)]);
    repository.git(&["branch", "docs"]);
    repository.git(&["branch", "topic"]);
    repository.git(&["switch", "-q", "--orphan", "other"]);
    repository.stage.write("c.md", PROMISES);
    repository.commit("unrelated");
    repository.git(&["switch", "-q", "main"]);
    let outside = repository.stage.work().join("../outside.md");
    fs::write(&outside, PROMISES).unwrap();
    for (args, words) in [
        (&["--diff", ""][..], "the BASE of `--diff` is empty"),
        (&["--diff=", "."], "the BASE of `--diff` is empty"),
        (&["--diff", "nowhere"], "no such revision here, nor such a path"),
        (&["--diff", "origin/main"], "git fetch origin main:refs/remotes/origin/main"),
        (&["--diff=--output=x", "."], "no such revision"),
        (&["--diff=main..topic", "."], "no such revision"),
        (&["--diff", "docs"], "both a path and a revision"),
        (&["--diff", "other"], "unrelated"),
        (&["-", "--diff"], "standard input"),
        (&["--diff", "topic", ".", "../outside.md"], "outside of the repository"),
        (&["--diff", "topic", "../outside.md"], "needs a Git repository"),
    ] {
        let outcome = repository.check(args);
        assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(outcome.stderr.contains(words), "{args:?}: {}", outcome.stderr);
    }
    assert!(!repository.stage.work().join("x").exists());
    // A path that is no revision is a path.
    repository.stage.write("docs/b.md", PROMISES.replace("one", "1"));
    repository.git(&["branch", "-q", "-D", "docs"]);
    assert_eq!(repository.found(&["--diff", "docs"]), ["docs/b.md:1"]);
    // A file that is not there is told as always.
    let outcome = repository.check(&["gone.md", "--diff"]);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stdout.contains("there is no such file"), "{}", outcome.stdout);

    let outcome = repository.check_in(".", &["--diff"], &|command| {
        command.env("PATH", "");
    });
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stderr.contains("it does not start"), "{}", outcome.stderr);
}

/// A checkout has nothing that is not committed, so a check of that would always pass.
#[test]
fn a_pipeline_without_a_target_checks_everything() {
    let repository = Repository::with(&[("a.md", PROMISES)]);
    for name in ["GITHUB_ACTIONS", "GITLAB_CI", "CI"] {
        let outcome = repository.check_in(".", &["--diff"], &|command| {
            command.env(name, "true").env("GITHUB_BASE_REF", "");
        });
        assert_eq!(outcome.exit, Some(1), "{name}: {}", outcome.all());
        assert_eq!(places(&outcome.json()), ["a.md:1", "a.md:3", "a.md:5"], "{name}");
        assert!(outcome.stderr.contains("has no target to compare with"), "{}", outcome.stderr);
    }
}

const QUEUE: &str = "account: official\nposts:\n  - text: We promise one.\n    alt: A gate.\n  - text: We promise two.\n    alt: We promise 2.\n  - text: We promise three.\n";

#[test]
fn changes_of_data_files_touch_their_item() {
    let repository = Repository::with(&[("a.yml", QUEUE)]);
    let found = |from: &str, to: &str| {
        repository.stage.write("a.yml", QUEUE.replace(from, to));
        repository.found(&["--diff", "a.yml"])
    };
    assert_eq!(found("gate", "gate"), [""; 0]);
    // What stands beside a text can make a finding of it.
    assert_eq!(found("A gate.", "A wall."), ["a.yml:3"]);
    assert_eq!(found("two", "2"), ["a.yml:5", "a.yml:6"]);
    assert_eq!(found("  - text: We promise one.\n    alt: A gate.\n", ""), [""; 0]);
    assert_eq!(found("We promise three.", "We hope so."), [""; 0]);
    assert_eq!(found("three.\n", "three.\n  - text: We promise four.\n"), ["a.yml:8"]);
}

#[test]
fn facts_of_data_files_are_felt_where_they_hold() {
    let pack = "[pack]\nid = \"p\"\ntitle = \"P\"\nversion = \"1.0.0\"\nfamilies = [\"p\"]\n[[fact]]\n\
                name = \"account\"\ntype = \"one-of\"\nvalues = [\"official\", \"campaign\"]\n\
                fields = [\"account\"]\nabout = \"Whose account posts this.\"\n[[rule]]\nid = \"p/vow\"\n\
                title = \"Vows\"\nseverity = \"error\"\nmessage = \"A vow.\"\nhelp = \"Leave it out.\"\n\
                terms = [\"we promise\"]\nwhen = { account = \"official\" }\n\
                bad = [{ text = \"«We promise»\", facts = { account = \"official\" } }]\n\
                good = [\"We hope\"]\n";
    let queue = "posts:\n  - text: We promise one.\n    account: official\n  - text: We promise two.\n    account: official\n";
    let around = QUEUE;
    let repository = Repository::with(&[("a.yml", queue), ("b.yml", around)]);
    repository.stage.write("../packs/p.toml", pack);
    let found = |name: &str, text: &str| {
        repository.stage.write(name, text);
        let pack = repository.stage.work().join("../packs/p.toml");
        let outcome = repository.check(&[
            "--pack",
            pack.to_str().unwrap(),
            "--diff",
            "--set",
            "as_of=2026-05-01",
            name,
        ]);
        let report = outcome.json();
        let own: Vec<String> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["rule"] == "p/vow")
            .map(|finding| finding["places"][0]["line"].to_string())
            .collect();
        own.join(" ")
    };
    assert_eq!(found("a.yml", queue), "");
    let from = queue.replacen("account: official", "account: campaign", 1);
    repository.stage.write("a.yml", &from);
    repository.commit("campaign");
    assert_eq!(found("a.yml", queue), "2");
    assert_eq!(found("b.yml", &around.replace("official", "campaign")), "");
    repository.commit("campaign around");
    assert_eq!(found("b.yml", around), "3 5 6 7");
    // A fact that is taken away from an item is felt in that item.
    let own = "posts:\n  - text: We promise one.\n    account: campaign\n  - text: We promise two.\n    account: campaign\naccount: official\n";
    repository.stage.write("b.yml", own);
    repository.commit("facts");
    let without =
        |before: &str| own.replacen(&format!("{before}\n    account: campaign"), before, 1);
    assert_eq!(found("b.yml", &without("one.")), "2");
    assert_eq!(found("b.yml", &without("two.")), "4");
}

#[test]
fn submodules_are_compared_with_the_commit_that_was_theirs() {
    let theme = Repository::with(&[("old.md", "We promise it.\n"), ("a.md", "Nothing.\n")]);
    let site = Repository::with(&[("index.md", "Nothing.\n")]);
    let url = theme.stage.work();
    site.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url.to_str().unwrap(),
        "themes/plain",
    ]);
    site.commit("a theme");
    assert_eq!(site.found(&["--diff"]), Vec::<String>::new());
    // All of it came with the last commit.
    assert_eq!(site.found(&["--diff", "HEAD~"]), ["themes/plain/old.md:1"]);
    site.stage.write("themes/plain/a.md", "Nothing.\nWe promise it.\n");
    site.stage.write("themes/plain/new.md", "We promise it.\n");
    let expected = ["themes/plain/a.md:2", "themes/plain/new.md:1"];
    assert_eq!(site.found(&["--diff"]), expected);
    // Committed there, and not yet noted here; then noted.
    let inside = site.stage.work().join("themes/plain");
    for args in [&["add", "-A"][..], &["commit", "-q", "-m", "inside"]] {
        assert!(git_in(&inside, args).0);
    }
    assert_eq!(site.found(&["--diff"]), expected);
    site.commit("a newer theme");
    assert_eq!(site.found(&["--diff"]), Vec::<String>::new());
    // That is when it left: nothing since then.
    site.git(&["branch", "before", "HEAD~"]);
    assert_eq!(site.found(&["--diff", "before"]), expected);
}

#[test]
fn what_people_may_copy_holds_no_name_that_a_shell_obeys() {
    let repository = Repository::with(&[("a.md", "Nothing.\n")]);
    for name in ["origin/$(id)", "origin/a;id", "--output=a/b", "origin/a b"] {
        let outcome = repository.check(&[&format!("--diff={name}")]);
        assert_eq!(outcome.exit, Some(2));
        assert!(!outcome.stderr.contains("git fetch origin"), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("git fetch --"), "{}", outcome.stderr);
    }
    let outcome = repository.check(&["--diff=HEAD~1..HEAD"]);
    assert!(outcome.stderr.contains("write no range"), "{}", outcome.stderr);
}
