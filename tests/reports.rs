//! What a report may and must say, whatever its format.

use std::collections::BTreeSet;

use serde_json::Value;

mod common;

use common::{Stage, copy, fixtures, shown};

const FORMATS: [&str; 12] = [
    "full", "concise", "json", "jsonl", "github", "sarif", "gitlab", "junit", "rdjson", "rdjsonl",
    "markdown", "csv",
];

/// Two values of one shape: nothing in any format may tell which one it was.
#[test]
fn words_that_are_masked_are_in_no_format_and_leave_no_trace() {
    let note = |card: &str| {
        format!(
            "id,notes\n1,\"Zoroastrian: {card}. He called the Zoroastrian.\"\n2,He called; {card} and {card}\n"
        )
    };
    let values = ["4539-5787-6362-1486", "4024-0071-4489-3822"];
    for format in FORMATS {
        let outputs = values.map(|value| {
            let stage = Stage::with("notes.csv", note(value));
            stage.write("page.md", format!("---\ntitle: \"{value}\"\n---\n# A Zoroastrian\n\nHe called a [Zoroastrian](https://example.org/{value}).\n"));
            let outcome = stage.check("secrets", &["--format", format, "."]);
            assert_eq!(outcome.exit, Some(1), "{}", outcome.stderr);
            outcome.all()
        });
        assert_eq!(outputs[0], outputs[1], "{format} differs with the value");
        for word in ["Zoroastrian", "zoroastrian", values[0], "4539", "1486"] {
            assert!(!outputs[0].contains(word), "{format} shows {word}:\n{}", outputs[0]);
        }
        // Where the text is Markdown, every mark is escaped.
        let shown = outputs[0].replace('\\', "").replace("&#8203;", "");
        assert!(shown.contains("####-####-####-####"), "{format}: {shown}");
    }
}

/// A rule without a mask that finds words around masked ones must not show them.
#[test]
fn words_around_masked_ones_do_not_show_them() {
    let stage = Stage::with("a.txt", "He is a Zoroastrian priest.");
    let pack = "[pack]\nid = \"p\"\ntitle = \"x\"\nversion = \"1\"\nfamilies = [\"p\"]\n\
        [[rule]]\nid = \"p/priest\"\ntitle = \"x\"\nseverity = \"error\"\nmessage = \"“{match}”\"\nhelp = \"x\"\n\
        terms = [\"Zoroastrian priest\"]\nbad = [\"«Zoroastrian priest»\"]\ngood = [\"x\"]\n";
    stage.write("priest.toml", pack);
    for format in FORMATS {
        let outcome =
            stage.check("secrets", &["--pack", "priest.toml", "--format", format, "a.txt"]);
        assert!(outcome.stdout.contains("p/priest"), "{}", outcome.all());
        assert!(!outcome.all().contains("Zoroastrian"), "{format}:\n{}", outcome.all());
    }
}

#[test]
fn reveal_shows_the_words() {
    let stage = Stage::with("a.txt", "A Zoroastrian with 4539 5787 6362 1486.");
    for format in FORMATS {
        let all = stage.check("secrets", &["--reveal", "--format", format, "a.txt"]).all();
        assert!(all.contains("Zoroastrian") && all.contains("4539 5787 6362 1486"), "{all}");
    }
}

fn fingerprints(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect()
}

/// Otherwise accepting one finding would accept others with it.
#[test]
fn every_finding_of_a_document_has_a_fingerprint_of_its_own() {
    let stage =
        Stage::with("a.csv", "notes,comment\nwe promise,we promise\nwe promise,x\nx,we promise\n");
    stage.write("b.csv", "notes\n4539-5787-6362-1486\n4024-0071-4489-3822\n");
    stage
        .write("c.html", "<p>we promise</p><img alt='we promise'><img alt='we promise'>we promise");
    for (pack, name, count) in
        [("words", "a.csv", 4), ("secrets", "b.csv", 2), ("words", "c.html", 4)]
    {
        let prints = fingerprints(&stage.report(pack, &[name]));
        assert_eq!(prints.len(), count, "{name}");
        let different: BTreeSet<_> = prints.iter().collect();
        assert_eq!(different.len(), count, "{name}: {prints:?}");
    }
}

#[test]
fn fingerprints_survive_edits_elsewhere() {
    let before = Stage::with("a.md", "We promise.\n\nI guarantee it. We promise!\n");
    let after = Stage::with(
        "a.md",
        "---\ntitle: New\n---\n# Heading\n\nNew text.\n\nwe **promise**.\n\nAnd:  I\nguarantee it. We promise!\n",
    );
    let (before, after) = (before.report("words", &["a.md"]), after.report("words", &["a.md"]));
    assert_eq!(shown(&before).len(), 3);
    assert_eq!(fingerprints(&before), fingerprints(&after));
    assert!(fingerprints(&before).iter().all(|print| print.starts_with("1:")));
}

/// The place a person clicks on is the place a program reads.
#[test]
fn full_and_concise_name_the_places_of_the_json() {
    let stage = Stage::with("escaped.txt", "a\u{200b}b\u{200b}c we promise\n");
    stage.write("long.txt", format!("{}we promise {}", "hay ".repeat(200), "hay ".repeat(200)));
    stage.write("tab.txt", "\tand\twe promise\n");
    stage.write("emoji.txt", "👩‍💻 e\u{301}é we promise\n");
    stage.write("wide.txt", "全角 we promise\n");
    stage.write(
        "far.txt",
        format!("with field\n{}\nan anchor\n\nanchor\n\n\n\n\n\n\n\nwith field", "x\n".repeat(9)),
    );
    let mut failures = Vec::new();
    for (pack, name) in [
        ("words", "escaped.txt"),
        ("words", "long.txt"),
        ("words", "tab.txt"),
        ("words", "emoji.txt"),
        ("words", "wide.txt"),
        ("scopes", "far.txt"),
    ] {
        let report = stage.report(pack, &[name]);
        let expected: Vec<String> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| {
                let place = &finding["places"][0];
                format!("{name}:{}:{}", place["line"], place["column"])
            })
            .collect();
        assert!(!expected.is_empty(), "{name}");
        let concise = stage.check(pack, &["--format", "concise", name]).stdout;
        let found: Vec<_> = concise.lines().map(|line| line.split(": ").next().unwrap()).collect();
        assert_eq!(found, expected);
        let full = stage.check(pack, &[name]).stdout;
        let found: Vec<_> = full
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("--> ").map(str::to_owned))
            .collect();
        if found != expected {
            failures.push(format!("{name}: full says {found:?}, not {expected:?}\n{full}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A message is one sentence on one line, also where the words go over a line end.
#[test]
fn messages_stay_on_one_line() {
    for text in ["We\npromise", "We\r\npromise", "We\r\n  promise", "We  promise", "We\tpromise"] {
        let stage = Stage::with("a.txt", text);
        let report = stage.report("words", &["a.txt"]);
        let message = &report["findings"][0]["message"];
        assert_eq!(message, "“We promise” promises something on behalf of the office.", "{text:?}");
        let words = report["findings"][0]["places"][0]["text"].as_str().unwrap();
        assert!(!words.contains("<U+"), "{text:?} is shown as {words:?}");
    }
}

#[test]
fn a_fact_that_is_missing_is_named_with_the_way_to_set_it() {
    let outcome = Stage::with("a.txt", "my view").check("facts", &["a.txt"]);
    for words in ["facts/own-account", "--set account=official|personal", "--set embargo=yes|no"] {
        assert!(outcome.stdout.contains(words), "no {words:?} in:\n{}", outcome.stdout);
    }
}

/// One absence is one finding, not one for every field that is not to blame. A row of a
/// table is a text of its own.
#[test]
fn an_absence_is_told_once() {
    let stage = Stage::with("a.csv", "post,body\nAsk us,x\nAsk somebody,y\n");
    let report = stage.report("counts", &["--field", "post", "--field", "body", "a.csv"]);
    let count = |rule: &str| shown(&report).iter().filter(|line| line.starts_with(rule)).count();
    assert_eq!(count("count/contact-document"), 2, "{:#?}", shown(&report));
    assert_eq!(count("count/contact-record"), 2, "{:#?}", shown(&report));
    assert_eq!(count("count/contact-field"), 4, "{:#?}", shown(&report));
}

/// `within = 3` counts words; a comma is none.
#[test]
fn a_reach_in_words_counts_words() {
    let found = |text: &str| shown(&Stage::with("a.txt", text).report("scopes", &["a.txt"]));
    assert_eq!(found("with words one two three anchor"), [""; 0]);
    assert_eq!(found("with words one two anchor"), ["scope/with-words 1:1 with words"]);
    assert_eq!(found("with words, one – two: anchor"), ["scope/with-words 1:1 with words"]);
    assert_eq!(found("an anchor, and (so) with words"), ["scope/with-words 1:21 with words"]);
}

/// A fact can change how much a finding matters.
#[test]
fn levels_give_the_severity() {
    for (set, severity) in [("account=official", "error"), ("account=personal", "note")] {
        let report = Stage::with("a.txt", "Hooray").report("facts", &["--set", set, "a.txt"]);
        assert_eq!(report["findings"][0]["severity"], severity, "{set}");
    }
}

#[test]
fn the_packs_of_the_fixtures_pass_their_own_examples() {
    for pack in ["words", "facts", "scopes", "counts", "tokens", "secrets"] {
        let outcome = Stage::new().run(&["test", "--isolated", &format!("../packs/{pack}.toml")]);
        assert_eq!(outcome.exit, Some(0), "{pack}: {}", outcome.stdout);
    }
}

/// An example of a rule that reads only titles is a title.
#[test]
fn examples_stand_in_a_field_their_rule_reads() {
    let pack = "[pack]\nid = \"p\"\ntitle = \"x\"\nversion = \"1\"\nfamilies = [\"p\"]\n\
        [[rule]]\nid = \"p/title\"\ntitle = \"x\"\nseverity = \"error\"\nmessage = \"x\"\nhelp = \"x\"\n\
        fields = [\"title\"]\nterms = [\"promise\"]\nbad = [\"a «promise»\"]\ngood = [\"x\"]\n";
    let stage = Stage::with("p.toml", pack);
    let outcome = stage.run(&["test", "--isolated", "p.toml"]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.stdout);
}

#[test]
fn a_path_is_shown_as_it_was_meant() {
    let stage = Stage::with("site/a.md", "we promise");
    for (arg, shown) in [
        (".", "site/a.md:"),
        ("./site", "site/a.md:"),
        ("site/", "site/a.md:"),
        ("./site/a.md", "site/a.md:"),
    ] {
        let outcome = stage.check("words", &["--format", "concise", arg]);
        assert!(outcome.stdout.starts_with(shown), "{arg}: {}", outcome.stdout);
    }
}

#[test]
fn completions_are_written_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let outcome = Stage::new().run(&["completions", shell]);
        assert_eq!(outcome.exit, Some(0));
        for word in ["probity", "check", "stdin-filename", "fail-on"] {
            assert!(outcome.stdout.contains(word), "{shell} has no {word}");
        }
    }
}

/// What is not `check` works without a configuration, and `--help` names it all.
#[test]
fn help_names_every_command() {
    let outcome = Stage::new().run(&["--help"]);
    assert_eq!(outcome.exit, Some(0));
    for word in ["check", "explain", "packs", "rules", "test", "init", "schema", "completions"] {
        assert!(outcome.stdout.contains(&format!("  {word} ")), "{}", outcome.stdout);
    }
    assert_eq!(Stage::new().run(&[""; 0]).exit, Some(2));
    assert_eq!(
        Stage::new().run(&["--version"]).stdout.trim(),
        concat!("probity ", env!("CARGO_PKG_VERSION"))
    );
}

/// Colours only where they are wanted.
#[test]
fn colours_obey() {
    let stage = Stage::with("a.txt", "we promise");
    assert!(!stage.check("words", &["a.txt"]).stdout.contains('\u{1b}'));
    assert!(stage.check("words", &["--color", "always", "a.txt"]).stdout.contains('\u{1b}'));
    let to_file = ["--color", "always", "--format", "full=out.txt", "a.txt"];
    stage.check("words", &to_file);
    assert!(!stage.read("out.txt").contains('\u{1b}'));
}

/// The configuration is found above the folder, and globs stay relative to it.
#[test]
fn configuration_is_found_above_up_to_the_repository() {
    let stage = Stage::new();
    copy(&fixtures().join("config-above.in"), &stage.work());
    let run = |folder: &str, args: &[&str]| {
        let mut command = stage.command(args);
        command.current_dir(stage.work().join(folder)).output().unwrap()
    };
    let output = run("deep/er", &["check", "--format", "json", "x.txt"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["documents"][0]["facts"]["kind"][0], "page", "{report:#}");
    assert_eq!(report["packs"][0]["id"], "words");
    stage.write("deep/.git/HEAD", "x");
    let output = run("deep/er", &["packs", "--format", "json"]);
    let packs: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_ne!(packs[0]["id"], "words", "the search goes on above the repository");
}

/// The first thing a newcomer reads must be what the command above it prints.
#[test]
fn the_sample_in_the_readme_is_what_the_program_prints() {
    let readme = include_str!("../README.md");
    let (_, sample) = readme.split_once("```text\n").unwrap();
    let (sample, _) = sample.split_once("```").unwrap();
    let stage = Stage::new();
    copy(&fixtures().join("drafts"), &stage.work().join("fixtures/drafts"));
    let outcome = stage.run(&["check", "--isolated", "fixtures/drafts"]);
    // A blank line ends a finding: the sample is a whole one.
    let sample = format!("{sample}\n");
    assert!(outcome.stdout.contains(&sample), "{sample}\n{}", outcome.stdout);
}

/// No finding is the word of a model that nobody can read.
#[test]
fn explain_shows_the_points_behind_a_finding() {
    let stage = Stage::with("n.csv", "id,note\n1,\"He is a practising Catholic, she said\"\n");
    let args = ["explain", "--at", "n.csv:2", "--isolated", "--pack", "crm-notes"];
    let text = stage.run(&args);
    assert_eq!(text.exit, Some(0), "{}", text.all());
    let (_, below) = text.stdout.split_once("Found here:\n").unwrap();
    let line = below.lines().find(|line| line.contains(" points by `")).unwrap();
    assert!(line.starts_with("    ") && line.contains(" are enough: "), "{line}");
    let json = stage.run(&[&args[..], &["--format", "json"]].concat()).json();
    let (found, weighed) = (json["found"].as_array().unwrap(), json["weighed"].as_array().unwrap());
    assert_eq!(found.len(), weighed.len());
    let all: Vec<&Value> = weighed.iter().flat_map(|of| of.as_array().unwrap()).collect();
    assert!(!all.is_empty(), "{json}");
    for one in all {
        let points = |of: &Value| of["points"].as_i64().unwrap();
        let sum: i64 = one["features"].as_array().unwrap().iter().map(points).sum();
        assert_eq!(points(one), sum, "{one}");
        assert!(points(one) >= one["least"].as_i64().unwrap(), "{one}");
    }
}

#[test]
fn a_pack_of_which_no_rule_applies_is_told() {
    let stage = Stage::with("n.txt", "He is a Muslim.");
    stage.write("m.txt", "She is a Muslim.");
    stage.write("n.csv", "notes\nHe called.\n");
    let told = |args: &[&str]| {
        let outcome = stage.run(&[&["check", "--isolated", "--format", "json"][..], args].concat());
        assert_eq!(outcome.exit, Some(0), "{args:?}: {}", outcome.stderr);
        let report = outcome.json();
        let notices = report["notices"].as_array().unwrap().iter();
        let notices = notices.filter(|it| it["message"].as_str().unwrap().contains("no rule of"));
        let shown = notices.map(|it| {
            assert_eq!(it["unchecked"], false);
            format!("{}: {}", it["path"].as_str().unwrap(), it["message"].as_str().unwrap())
        });
        shown.collect::<Vec<String>>()
    };
    let why = ": `kind` is `post`, going by the format of the file; where that is wrong, say \
               what it is, for example `--set kind=note`";
    let crm = ["--pack", "crm-notes"];
    let of_crm = format!("n.txt: no rule of `crm-notes` applies to this file{why}");
    assert_eq!(told(&[&crm[..], &["n.txt"]].concat()), [of_crm.as_str()]);
    // One for all files, and none about the pack where it applies to one of them.
    let both = told(&[&crm[..], &["n.txt", "m.txt"]].concat());
    let more = "m.txt: no rule of `crm-notes` applies to this file, nor to one more file";
    assert_eq!(both, [format!("{more}{why}")]);
    let mixed = told(&[&crm[..], &["n.txt", "n.csv"]].concat());
    assert_eq!(mixed, [format!("n.txt: no rule of any pack in use applies to this file{why}")]);
    let with_others = told(&[&crm[..], &["--pack", "hatch-act", "n.txt"]].concat());
    assert_eq!(with_others, [of_crm.as_str()]);
    // Nobody asks for every shipped pack.
    assert!(told(&["n.txt"]).is_empty());
    let people = stage.run(&["check", "--isolated", "--pack", "crm-notes", "n.txt"]);
    assert!(people.stdout.contains("note: n.txt: no rule of `crm-notes`"), "{}", people.stdout);
}

/// One wrong `=FILE` must not cost a team its pack, its lists or a draft.
#[test]
fn nothing_that_is_written_takes_the_place_of_a_pack_or_its_lists() {
    let stage = Stage::with("a.txt", "fine words");
    stage.write("n.csv", "id,notes\n1,fine words\n");
    stage.write("terms/x.txt", "fine words\n");
    stage.write("terms/names.txt", "Ada Byron\n");
    stage.write(
        "p.toml",
        "[pack]\nid = 'p'\ntitle = 'P'\nversion = '1.0.0'\nfamilies = ['p']\n\
         [lists.x]\nfiles = ['terms/x.txt']\n\
         [[fact]]\nname = 'names'\ntype = 'list'\nabout = 'Names'\n\
         [[rule]]\nid = 'p/x'\ntitle = 'X'\nseverity = 'error'\nmessage = 'X.'\nhelp = 'Y.'\n\
         list = 'x'\nbad = ['«fine words»']\ngood = ['a']\n",
    );
    let settings = "packs = ['p.toml']\n[facts]\nnames = { file = 'terms/names.txt' }\n";
    stage.write("probity.toml", settings);
    let places =
        ["p.toml", "terms/x.txt", "./terms/../terms/x.txt", "terms/names.txt", "probity.toml"];
    for name in places {
        let before = stage.read(name);
        let format = format!("csv={name}");
        for args in [
            &["check", "a.txt", "--format", &format][..],
            &["scan", "n.csv", "--format", &format],
            &["scan", "n.csv", "--audit-log", name],
            &["baseline", "a.txt", "--force", "--baseline", name],
        ] {
            let outcome = stage.run(args);
            assert_eq!(outcome.exit, Some(2), "{args:?}: {}", outcome.all());
            let why = "says how to check; ";
            assert!(outcome.stderr.contains(why), "{args:?}: {}", outcome.stderr);
            assert_eq!(stage.read(name), before, "{args:?}");
        }
    }
    let outcome = stage.run(&["baseline", "a.txt", "--force", "--baseline", "a.txt"]);
    assert_eq!(outcome.exit, Some(2), "{}", outcome.all());
    assert!(outcome.stderr.contains("a.txt is being checked"), "{}", outcome.stderr);
    assert_eq!(stage.read("a.txt"), "fine words");
    // A place of its own is one, also where something was before.
    for args in [&["check", "a.txt", "--format", "csv=out.csv"][..], &["baseline", "a.txt"]] {
        assert_ne!(stage.run(args).exit, Some(2));
    }
    assert_eq!(stage.run(&["baseline", "a.txt", "--force"]).exit, Some(0));
}
