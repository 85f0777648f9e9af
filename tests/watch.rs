//! `probity check --watch`, driven as a writer would. Nothing waits for a time: each step
//! waits for the line that must come.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

mod common;

use common::Stage;

/// A machine can be slow; a test that waits this long has failed.
const LIMIT: Duration = Duration::from_mins(2);

struct Watch {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
}

fn lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines() {
            if sender.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    receiver
}

impl Watch {
    fn start(stage: &Stage, args: &[&str]) -> Self {
        let all = [&["check", "--watch", "--format", "concise"], args].concat();
        let mut child = stage.command(&all).spawn().unwrap();
        let out = lines(child.stdout.take().unwrap());
        let err = lines(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    /// Waits for the end of the next check; gives its number and count, and what it printed.
    fn next(&self) -> (String, Vec<String>, Vec<String>) {
        let mut said = Vec::new();
        loop {
            let line = self.err.recv_timeout(LIMIT).expect("the check comes to its end");
            if let Some(line) = line.strip_prefix("---- ") {
                let count = line.split(';').next().unwrap().to_owned();
                let mut report: Vec<String> = self.out.try_iter().collect();
                // The reader of the other stream may be a step behind.
                let findings = count.contains(" finding") && !count.contains(": 0 ");
                if findings && report.is_empty() {
                    report.push(self.out.recv_timeout(LIMIT).expect("there is a report"));
                }
                return (count, report, said);
            }
            said.push(line);
        }
    }

    fn count(&self) -> String {
        self.next().0
    }

    fn interrupt(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const PACK: [&str; 3] = ["--isolated", "--pack", "../packs/words.toml"];

#[test]
fn a_draft_is_checked_again_when_it_changes() {
    let stage = Stage::with("posts/a.md", "\u{1f600} We promise it.\n");
    let watch = Watch::start(&stage, &[&PACK[..], &["posts"]].concat());
    let (count, report, _) = watch.next();
    assert_eq!(count, "check 1: 1 finding");
    assert!(report[0].starts_with("posts/a.md:1:3"), "{report:?}");

    stage.write("posts/a.md", "Nothing.\n");
    assert_eq!(watch.count(), "check 2: 0 findings");
    // As editors do: another file takes the place.
    stage.write("posts/.a.md.new", "We promise it.\n");
    fs::rename(stage.work().join("posts/.a.md.new"), stage.work().join("posts/a.md")).unwrap();
    assert_eq!(watch.count(), "check 3: 1 finding");
    fs::remove_file(stage.work().join("posts/a.md")).unwrap();
    assert_eq!(watch.count(), "check 4: 0 findings");
    // A folder that was not there when the watch began, put in place with all in it.
    stage.write("new/b.md", "We promise it.\n");
    fs::rename(stage.work().join("new"), stage.work().join("posts/new")).unwrap();
    assert_eq!(watch.count(), "check 5: 1 finding");
    stage.write("posts/new/b.md", "Nothing.\n");
    assert_eq!(watch.count(), "check 6: 0 findings");
    assert_eq!(watch.interrupt(), Some(0));
}

#[test]
fn settings_and_packs_are_read_again() {
    let stage = Stage::with("posts/a.md", "We promise it.\n");
    stage.write("probity.toml", "packs = [\"../packs/words.toml\"]\n");
    let watch = Watch::start(&stage, &["posts"]);
    assert_eq!(watch.count(), "check 1: 1 finding");
    stage.write("probity.toml", "packs = [\"../packs/words.toml\"\n");
    assert_eq!(watch.count(), "check 2: nothing was checked");
    stage.write(
        "probity.toml",
        "packs = [\"../packs/words.toml\"]\n[severity]\n\"words/promise\" = \"off\"\n",
    );
    assert_eq!(watch.count(), "check 3: 0 findings");
    let pack = stage.work().join("../packs/words.toml");
    let text = fs::read_to_string(&pack).unwrap();
    fs::write(&pack, "[pack\n").unwrap();
    assert_eq!(watch.count(), "check 4: nothing was checked");
    fs::write(&pack, text).unwrap();
    assert_eq!(watch.count(), "check 5: 0 findings");
    stage.write("probity.toml", "packs = [\"../packs/words.toml\"]\n");
    assert_eq!(watch.count(), "check 6: 1 finding");
    stage.write(
        "probity-suppressions.toml",
        "[[suppress]]\npaths = [\"posts/a.md\"]\nrule = \"words/promise\"\nreason = \"agreed\"\n",
    );
    let (count, _, said) = watch.next();
    assert_eq!(count, "check 7: 0 findings", "{said:?}");
    fs::remove_file(stage.work().join("probity-suppressions.toml")).unwrap();
    assert_eq!(watch.count(), "check 8: 1 finding");
    assert_eq!(watch.interrupt(), Some(1), "the last check found something");
}

#[test]
fn what_the_run_writes_starts_no_other() {
    let stage = Stage::with("a.md", "We promise it.\n");
    let args = [&PACK[..], &["--format", "json=report.json", "."]].concat();
    let watch = Watch::start(&stage, &args);
    assert_eq!(watch.count(), "check 1: 1 finding");
    // Changes come in order: had the report started a check, it would be the second, and
    // would come before what is found in this.
    for round in 2..5 {
        stage.write("a.md", "We promise it. ".repeat(round) + "\n");
        assert_eq!(watch.count(), format!("check {round}: {round} findings"));
        assert!(stage.read("report.json").contains("\"findings\""));
    }
    assert_eq!(watch.interrupt(), Some(1));
}

#[test]
fn what_cannot_be_watched_is_said_at_once() {
    let stage = Stage::with("a.md", "Nothing.\n");
    for (args, why) in [
        (&["--fix", "a.md"][..], "cannot be used with"),
        (&["--dump-config", "a.md"], "cannot be used with"),
        (&["-"], "standard input"),
        (&["--format", "sarfi", "a.md"], "Did you mean `sarif`?"),
    ] {
        let outcome = stage.run(&[&["check", "--watch"], args].concat());
        assert_eq!(outcome.exit, Some(2), "{args:?}");
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    }
}

#[test]
fn files_of_facts_and_lists_wake_it() {
    let stage = Stage::with("posts/a.md", "We promise it.\n");
    fs::create_dir_all(stage.work().join("../packs/more/terms")).unwrap();
    let list = stage.work().join("../packs/more/terms/list.txt");
    fs::write(&list, "nothing at all\n").unwrap();
    let table = list.with_extension("tsv");
    fs::write(&table, "nor this\n").unwrap();
    let pack = "[pack]\nid = \"more\"\ntitle = \"More\"\nversion = \"1.0.0\"\nfamilies = [\"more\"]\n\
                ask = \"Ask.\"\n[[fact]]\nname = \"names\"\ntype = \"list\"\nabout = \"Names\"\n\
                [[source]]\nid = \"s\"\ntitle = \"S\"\nverified = true\n\
                [lists.a]\nfiles = [\"terms/list.txt\", \"terms/list.tsv\"]\n\
                [[rule]]\nid = \"more/a\"\ntitle = \"A\"\nseverity = \"warning\"\nmessage = \"A.\"\n\
                help = \"B.\"\ncites = [{ source = \"s\", at = \"1\" }]\nlist = \"a\"\n\
                bad = [\"«nothing at all»\"]\ngood = [\"a\"]\n";
    fs::write(stage.work().join("../packs/more/more.toml"), pack).unwrap();
    stage.write(
        "probity.toml",
        "packs = [\"../packs/words.toml\", \"../packs/more/more.toml\"]\n[facts]\nnames = { file = \"facts/names.txt\" }\n",
    );
    stage.write("facts/names.txt", "one\n");
    let watch = Watch::start(&stage, &["posts"]);
    assert_eq!(watch.count(), "check 1: 1 finding");
    stage.write("facts/names.txt", "one\ntwo\n");
    assert_eq!(watch.count(), "check 2: 1 finding");
    fs::write(&list, "promise it\n").unwrap();
    assert_eq!(watch.count(), "check 3: 2 findings");
    fs::write(&list, "nothing at all\n").unwrap();
    assert_eq!(watch.count(), "check 4: 1 finding");
    fs::write(&table, "promise it\n").unwrap();
    assert_eq!(watch.count(), "check 5: 2 findings");
    assert_eq!(watch.interrupt(), Some(1));
}
