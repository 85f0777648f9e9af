//! What somebody has accepted: in comments, in files beside the texts, in the baseline.

use std::fs;

use serde_json::Value;

mod common;

use common::{Outcome, Stage};

const WORDS: [&str; 2] = ["--pack", "../packs/words.toml"];
const SECRETS: [&str; 2] = ["--pack", "../packs/secrets.toml"];
const DAY: [&str; 2] = ["--set", "as_of=2026-11-22"];

fn run(stage: &Stage, command: &str, more: &[&str]) -> Outcome {
    let mut args = vec![command];
    args.extend(WORDS.iter().chain(&SECRETS).chain(&DAY));
    args.extend(more);
    stage.run(&args)
}

fn check(stage: &Stage, more: &[&str]) -> Outcome {
    run(stage, "check", more)
}

/// The findings of a run as `line:column rule`, with `+` where they are accepted.
fn found(stage: &Stage, more: &[&str]) -> Vec<String> {
    let mut args = vec!["--format", "json"];
    args.extend(more);
    let report = check(stage, &args).json();
    let one = |finding: &Value| {
        let place = &finding["places"][0];
        let mark = if finding["suppression"].is_null() { "" } else { "+" };
        let rule = finding["rule"].as_str().unwrap();
        format!("{mark}{}:{} {rule}", place["line"], place["column"])
    };
    report["findings"].as_array().unwrap().iter().map(one).collect()
}

#[track_caller]
fn of_file(name: &str, text: &str, expected: &[&str]) {
    for text in [text.to_owned(), text.replace('\n', "\r\n")] {
        assert_eq!(found(&Stage::with(name, &text), &[name]), expected, "{text:?}");
    }
}

#[test]
fn a_comment_accepts_what_it_reaches_and_no_more() {
    of_file(
        "a.md",
        "😀 We promise e\u{301}. <!-- probity: allow words/promise -- x -->\nWe promise.\n",
        &["+1:3 words/promise", "2:1 words/promise"],
    );
    of_file(
        "a.md",
        "We promise.\n\n<!-- probity: allow words/promise -- x -->\n\nWe promise,\nI promise.\n\n\
         We promise.\n",
        &["1:1 words/promise", "+5:1 words/promise", "+6:1 words/promise", "8:1 words/promise"],
    );
    of_file(
        "a.html",
        "<!-- probity: allow words/promise -- x -->\n<p>We promise.\n<p>We promise.\n",
        &["+2:4 words/promise", "3:4 words/promise"],
    );
    of_file(
        "a.md",
        "---\n# probity: allow words/promise -- x\ntitle: We promise\nsummary: We promise\n---\n",
        &["+3:8 words/promise", "4:10 words/promise"],
    );
    of_file(
        "a.md",
        "+++\ntitle = 'We promise' # probity: allow words/promise -- x\nsummary = 'We promise'\n+++\n",
        &["+2:10 words/promise", "3:12 words/promise"],
    );
    of_file(
        "a.md",
        "{# probity: allow words/promise -- x #}\nWe promise {{/* probity: allow words/colour -- x */}} a white man.\n",
        &["+2:1 words/promise", "+2:57 words/colour"],
    );
    of_file(
        "a.txt",
        "We promise.\nprobity: allow words/promise -- x\nWe promise.\n\nWe promise.\n",
        &["1:1 words/promise", "+3:1 words/promise", "5:1 words/promise"],
    );
}

#[test]
fn a_whole_file_a_family_and_an_old_name_can_be_named() {
    let text = "We promise a white man.\n\n<!-- probity: allow-file NAME -- x -->\n\nWe promise.\n";
    let with = |name: &str| text.replace("NAME", name);
    of_file(
        "a.md",
        &with("words"),
        &["+1:1 words/promise", "+1:14 words/colour", "+5:1 words/promise"],
    );
    of_file(
        "a.md",
        &with("words/vow"),
        &["+1:1 words/promise", "1:14 words/colour", "+5:1 words/promise"],
    );
    of_file(
        "a.md",
        &with("words/promise, words/colour"),
        &["+1:1 words/promise", "+1:14 words/colour", "+5:1 words/promise"],
    );
}

#[test]
fn what_stands_in_code_does_nothing() {
    of_file(
        "a.md",
        "```\n<!-- probity: allow-file words -- x -->\n```\n\nWe promise `<!-- probity: allow words/promise -- x -->`.\n",
        &["5:1 words/promise"],
    );
    // Comments of templates neither, where the code is HTML.
    for code in [
        "<pre>\n{% comment %}probity: allow-file words -- x{% endcomment %}\n</pre>",
        "<pre>{# probity: allow-file words -- x #}</pre>",
        "a <code>{# probity: allow-file words -- x #}</code> b",
        "<script>{# probity: allow-file words -- x #}</script>",
    ] {
        of_file("a.md", &format!("We promise.\n\n{code}\n"), &["1:1 words/promise"]);
    }
}

#[test]
fn every_fault_is_reported_at_its_place() {
    for (comment, rule, column) in [
        ("allow words/promise", "suppress/no-reason", 6),
        ("allow words/promise -- ...", "suppress/no-reason", 6),
        ("allow words/promize -- x", "suppress/unknown-rule", 21),
        ("allow words -- x", "suppress/malformed", 21),
        ("allow suppress/unused -- x", "suppress/malformed", 21),
        ("allow words/promise because", "suppress/malformed", 21),
        ("ignore words/promise -- x", "suppress/malformed", 15),
        ("allow words/promise -- x (until: 2026-11-21)", "suppress/expired", 48),
        ("allow words/promise -- x (until: tomorrow)", "suppress/malformed", 48),
        // Days that no calendar has are no end that never comes.
        ("allow words/promise -- x until 2026-11-31", "suppress/malformed", 46),
        ("allow words/promise -- x, until 2027-13-01.", "suppress/malformed", 47),
        ("allow words/promise -- x until 2027-02", "suppress/malformed", 46),
        ("allow words/promise -- x until 31/11/26", "suppress/malformed", 46),
    ] {
        let text = format!("<!-- probity: {comment} -->\n\nWe promise.\n");
        of_file("a.md", &text, &[&format!("1:{column} {rule}"), "3:1 words/promise"]);
    }
    // 😀, a space, ten letters, a space, two characters of é, a stop and a space.
    of_file(
        "a.md",
        "😀 We promise e\u{301}. <!-- probity: allow words/promise -- x (until: 2026-01-01) -->\n",
        &["1:3 words/promise", "1:65 suppress/expired"],
    );
    let unused = "<!-- probity: allow words/promise, words/colour -- x -->\n\nWe promise.\n";
    of_file("a.md", unused, &["1:36 suppress/unused", "+3:1 words/promise"]);
    of_file(
        "a.md",
        "Tea.\n\n<!-- probity: allow words/promise -- x -->\n",
        &["3:21 suppress/unused"],
    );
    let stage = Stage::with("a.md", unused);
    assert_eq!(check(&stage, &["a.md"]).exit, Some(0), "a warning");
    assert_eq!(check(&stage, &["a.md", "--fail-on", "warning"]).exit, Some(1));
    let close =
        check(&Stage::with("a.md", "<!-- probity: allow words/promize -- x -->"), &["a.md"]);
    assert!(close.stdout.contains("did you mean `words/promise`?"), "{}", close.stdout);
}

/// A row with more cells than the head loses them, and kept what they said to itself.
#[test]
fn comments_behind_the_last_cell_of_a_row_count() {
    let table =
        |cell: &str| format!("| a | b |\n|---|---|\n| We promise | x | {cell}\n| c | d |\n");
    let accepts = "<!-- probity: allow words/promise -- x -->";
    of_file("a.md", &table(accepts), &["+3:3 words/promise"]);
    of_file("a.md", &table(&format!("{accepts} |")), &["+3:3 words/promise"]);
    of_file("a.md", &table(&format!("z | y {accepts} | z")), &["+3:3 words/promise"]);
    let unused = "<!-- b --> <!-- probity: allow words/colour -- x --> |";
    of_file("a.md", &table(unused), &["3:3 words/promise", "3:51 suppress/unused"]);
}

#[test]
fn a_reason_may_name_a_version() {
    let text = "We promise. <!-- probity: allow words/promise -- as it was until 1.2 -->\n";
    of_file("a.md", text, &["+1:1 words/promise"]);
}

#[test]
fn a_suppression_holds_through_its_last_day() {
    let until =
        "We promise. <!-- probity: allow words/promise -- x (owner: y, until: 2026-11-22) -->\n";
    of_file("a.md", until, &["+1:1 words/promise"]);
    let short = "We promise. <!-- probity: allow words/promise -- x, until 2026-11-21 -->\n";
    of_file("a.md", short, &["1:1 words/promise", "1:59 suppress/expired"]);
    // A text cannot turn the calendar back.
    let back = format!("---\nprobity:\n  as_of: 2020-01-01\n---\n{short}");
    let stage = Stage::with("a.md", back);
    let args = ["check", "--pack", "../packs/words.toml", "--format", "concise", "a.md"];
    assert!(stage.run(&args).stdout.contains("suppress/expired"));
}

#[test]
fn nothing_is_called_unused_that_could_not_be_judged() {
    let stage = Stage::with(
        "a.md",
        "<!-- probity: allow words/promise -- x -->\n<!-- probity: allow csc/personal-attack -- x -->\n\nTea.\n",
    );
    assert_eq!(found(&stage, &["a.md"]), ["1:21 suppress/unused"], "the other pack is not in use");
    stage.write("probity.toml", "[severity]\n\"words/promise\" = \"off\"\n");
    assert_eq!(found(&stage, &["a.md"]), [""; 0]);
    stage.write("probity.toml", "[severity]\nsuppress = \"error\"\n");
    assert_eq!(check(&stage, &["a.md"]).exit, Some(1));
    stage.write("probity.toml", "[severity]\n\"suppress/unused\" = \"off\"\n");
    assert_eq!(found(&stage, &["a.md"]), [""; 0]);
    stage.write("probity.toml", "[severity]\n\"suppress/unusd\" = \"off\"\n");
    let outcome = check(&stage, &["a.md"]);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stderr.contains("did you mean `suppress/unused`?"), "{}", outcome.stderr);
}

#[test]
fn accepted_findings_do_not_count_and_can_be_shown() {
    let text = "We promise. <!-- probity: allow words/promise -- agreed  line (owner: press office, until: 2027-03-31) -->\n";
    let stage = Stage::with("a.md", text);
    let outcome = check(&stage, &["a.md"]);
    assert_eq!(outcome.exit, Some(0));
    assert!(!outcome.stdout.contains("words/promise"), "{}", outcome.stdout);
    assert!(outcome.all().contains("1 finding is accepted (`--show-accepted` shows them)."));
    let shown = check(&stage, &["a.md", "--show-accepted"]);
    assert_eq!(shown.exit, Some(0));
    assert!(shown.stdout.contains("accepted error[words/promise]"), "{}", shown.stdout);
    let why = "accepted: by a comment: agreed line (owner: press office, until: 2027-03-31)";
    assert!(shown.stdout.contains(why), "{}", shown.stdout);
    let report = check(&stage, &["a.md", "--format", "json"]).json();
    assert_eq!(
        report["findings"][0]["suppression"],
        serde_json::json!({
            "by": "comment", "reason": "agreed line", "owner": "press office", "until": "2027-03-31",
        })
    );
    assert_eq!(report["summary"]["accepted"], 1);
    assert_eq!(report["summary"]["errors"], 0);
    assert_eq!(check(&stage, &["a.md", "--no-suppressions"]).exit, Some(1));
}

#[test]
fn a_reason_never_shows_what_a_rule_masks() {
    let stage = Stage::with(
        "a.md",
        "Card 4539 5787 6362 1486. <!-- probity: allow secret/card -- 4539 5787 6362 1486 is made up (owner: Zoroastrian) -->\n\n\
         <!-- probity: allow secret/card -- 4539578763621486 -->\n<!-- probity: allow 4539578763621486 -- x -->\n",
    );
    stage.write("n.csv", "id,notes\n1,Zoroastrian\n");
    stage.write(
        "probity-suppressions.toml",
        "[[suppress]]\npaths = \"n.csv\"\nrule = \"secret/faith\"\nreason = \"Zoroastrian, he said\"\nowner = \"4539 5787 6362 1486\"\n\n\
         [[suppress]]\npaths = \"n.csv\"\nrule = \"words/promise\"\nreason = \"Zoroastrian\"\n",
    );
    for format in ["full", "concise", "json", "jsonl"] {
        let outcome = check(&stage, &[".", "--show-accepted", "--format", format]);
        assert!(outcome.stdout.contains("suppress/unused"), "{format}: {}", outcome.all());
        for word in ["4539", "1486", "Zoroastrian"] {
            assert!(!outcome.all().contains(word), "{format}: {}", outcome.all());
        }
    }
    run(&stage, "baseline", &[]);
    let baseline = stage.read("probity-baseline.json");
    assert!(!baseline.contains("4539") && !baseline.contains("Zoro"), "{baseline}");
}

#[test]
fn output_is_the_same_on_any_number_of_threads() {
    let stage = Stage::new();
    for at in 0..40 {
        let text = format!(
            "We promise. <!-- probity: allow words/promise -- {at} -->\n\nA white man.\n\n<!-- probity: allow words/promise -- y -->\n"
        );
        stage.write(&format!("posts/{at}.md"), text);
    }
    stage.write(
        "probity-suppressions.toml",
        "[[suppress]]\npaths = [\"posts/1*.md\"]\nrule = [\"words/colour\", \"words/promise\"]\nreason = \"x\"\n",
    );
    let one = check(&stage, &["posts", "--threads", "1", "--format", "json"]).stdout;
    assert_eq!(one, check(&stage, &["posts", "--threads", "8", "--format", "json"]).stdout);
    assert!(one.contains("side-file") && one.contains("suppress/unused"));
}

const TABLE: &str = "id,notes\n1,A white man.\n2,A white man. We promise.\n3,Zoroastrian\n";

#[test]
fn a_file_beside_the_texts_accepts_what_it_says() {
    let stage = Stage::with("t/n.csv", TABLE);
    let with = |keys: &str| {
        let text = format!("[[suppress]]\npaths = \"t\"\nreason = \"x\"\n{keys}\n");
        stage.write("probity-suppressions.toml", text);
        found(&stage, &["t"])
    };
    let (one, two) = ("2:5 words/colour", "3:5 words/colour");
    let (promise, faith) = ("3:16 words/promise", "4:3 secret/faith");
    let plus = |finding: &str| format!("+{finding}");
    assert_eq!(with("rule = 'words/colour'"), [&plus(one), &plus(two), promise, faith]);
    assert_eq!(with("rule = 'words'"), [&plus(one), &plus(two), &plus(promise), faith]);
    assert_eq!(with("rule = 'words/colour'\nrecord = 2"), [one, &plus(two), promise, faith]);
    assert_eq!(
        with(
            "rule = ['words/colour', 'words/promise']\nwords = ['WE  promise', 'Black']\nfield = 'notes'"
        ),
        [one, two, &plus(promise), faith, "4:9 suppress/unused"],
    );
    assert_eq!(with("rule = 'secret/faith'\nrecord = 3"), [one, two, promise, &plus(faith)]);
    let report = check(&stage, &["t", "--format", "json", "--no-suppressions"]).json();
    let fingerprint = report["findings"][1]["fingerprint"].as_str().unwrap();
    let keys = format!("rule = 'words/colour'\nfingerprint = '{fingerprint}'");
    assert_eq!(with(&keys), [one, &plus(two), promise, faith]);
    assert_eq!(
        with("rule = 'words/colour'\nuntil = 2026-11-21"),
        [one, two, promise, faith, "5:9 suppress/expired"]
    );
    assert_eq!(
        with("rule = 'words/color'"),
        [one, two, promise, faith, "4:8 suppress/unknown-rule"]
    );
    stage.write("probity-suppressions.toml", "[[suppress]]\npaths = 't'\nrule = 'words/colour'\n");
    assert_eq!(found(&stage, &["t"]), [one, two, promise, faith, "1:1 suppress/no-reason"]);
}

#[test]
fn a_suppression_is_unused_only_where_all_its_files_were_checked() {
    let stage = Stage::with("t/a.csv", "id,notes\n1,Tea.\n");
    stage.write("t/b.csv", "id,notes\n1,Tea.\n");
    let toml = "[[suppress]]\npaths = 't/*.csv'\nrule = 'words/colour'\nreason = 'x'\n\n\
                [[suppress]]\npaths = 't/gone.csv'\nrule = 'words/colour'\nreason = 'x'\n";
    stage.write("probity-suppressions.toml", toml);
    assert_eq!(found(&stage, &["t/a.csv"]), [""; 0]);
    assert_eq!(found(&stage, &["t"]), ["3:8 suppress/unused", "8:8 suppress/unused"]);
    assert_eq!(found(&stage, &["."]).len(), 2);
    stage.write("t/b.csv", "id,notes\n1,A white man.\n");
    assert_eq!(found(&stage, &["t"]), ["+2:5 words/colour", "8:8 suppress/unused"]);
}

#[test]
fn files_of_suppressions_are_found_beside_above_and_by_name() {
    let stage = Stage::with("t/n.csv", "id,notes\n1,A white man. We promise.\n");
    let of = |rule: &str, paths: &str| {
        format!("[[suppress]]\npaths = '{paths}'\nrule = '{rule}'\nreason = 'x'\n")
    };
    stage.write("t/probity-suppressions.toml", of("words/colour", "*.csv"));
    stage.write("accepted/more.toml", of("words/promise", "../t/n.csv"));
    assert_eq!(found(&stage, &["t"]), ["+2:5 words/colour", "2:16 words/promise"]);
    stage.write("accepted.toml", of("words/promise", "t/n.csv"));
    stage.write("probity.toml", "suppressions = ['accepted.toml']\n");
    assert_eq!(found(&stage, &["t"]), ["+2:5 words/colour", "+2:16 words/promise"]);
    assert_eq!(found(&stage, &["t", "--isolated"]), ["2:5 words/colour", "2:16 words/promise"]);
    stage.write("probity.toml", "suppressions = ['nowhere.toml']\n");
    let outcome = check(&stage, &["t"]);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stderr.contains("probity.toml:1:17"), "{}", outcome.stderr);
}

#[test]
fn a_file_of_suppressions_with_faults_is_not_used() {
    for (keys, message) in [
        ("path = 'a'", "did you mean `paths`?"),
        ("paths = '[a'", "not a glob"),
        ("paths = 'a'\nuntil = 'soon'", "a date such as 2027-03-31"),
        ("paths = 'a'\nrecord = 0", "counted from 1"),
        ("paths = 'a'\nwords = 'x'", "masks its words"),
        ("paths = 'a'\nfingerprint = 'x'", "masks its words"),
        ("paths = 'a'\n]", "not valid TOML"),
    ] {
        let stage = Stage::with("n.csv", TABLE);
        let text = format!("[[suppress]]\nrule = 'secret/faith'\nreason = 'x'\n{keys}\n");
        stage.write("probity-suppressions.toml", text);
        let outcome = check(&stage, &["n.csv"]);
        assert_eq!(outcome.exit, Some(2), "{keys}");
        assert!(outcome.stderr.contains(message), "{keys}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("probity-suppressions.toml:"), "{}", outcome.stderr);
    }
    let stage = Stage::with("n.csv", TABLE);
    stage.write("probity-suppressions.toml", b"\xff\xfe\xfd".as_slice());
    assert_eq!(check(&stage, &["n.csv"]).exit, Some(2));
}

/// A stage with a baseline that the configuration names.
fn accepted(name: &str, text: &str) -> Stage {
    let stage = Stage::with(name, text);
    assert_eq!(run(&stage, "baseline", &[]).exit, Some(0));
    stage.write("probity.toml", "baseline = 'probity-baseline.json'\n");
    assert_eq!(check(&stage, &["."]).exit, Some(0));
    stage
}

/// What is accepted in one of two files whose names differ in bytes that are no text
/// says nothing of the other.
#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_unicode_stay_apart_in_a_baseline() {
    use std::os::unix::ffi::OsStrExt as _;
    let stage = Stage::new();
    let [one, other] = [&b"caf\xe9.md"[..], b"caf\xe8.md"]
        .map(|name| stage.work().join(std::ffi::OsStr::from_bytes(name)));
    std::fs::write(&one, "We promise.\n").unwrap();
    assert_eq!(run(&stage, "baseline", &[]).exit, Some(0));
    stage.write("probity.toml", "baseline = 'probity-baseline.json'\n");
    assert_eq!(entries(&stage), ["caf<0xE9>.md words/promise"]);
    assert_eq!(found(&stage, &["."]), ["+1:1 words/promise"]);
    std::fs::rename(&one, &other).unwrap();
    assert_eq!(found(&stage, &["."]), ["1:1 words/promise"]);
    // A file that is there is not gone.
    std::fs::write(&one, "We hope.\n").unwrap();
    assert_eq!(run(&stage, "baseline", &["--prune", "other.md"]).exit, Some(2));
    assert_eq!(entries(&stage), ["caf<0xE9>.md words/promise"]);
    assert_eq!(run(&stage, "baseline", &["--prune"]).exit, Some(0));
    assert_eq!(entries(&stage), [""; 0]);
}

/// The baseline without its key: `path rule fingerprint` of each finding.
fn entries(stage: &Stage) -> Vec<String> {
    let value: Value = serde_json::from_str(&stage.read("probity-baseline.json")).unwrap();
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let one = |entry: &Value| format!("{} {}", text(entry, "path"), text(entry, "rule"));
    value["findings"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_baseline_accepts_what_was_there_and_nothing_new() {
    let stage = accepted("posts/a.md", "We promise 😀.\n\nA white man.\n\nWe promise.\n");
    stage.write(
        "posts/a.md",
        "Tea.\r\n\r\nA white man.\r\n\r\nWe promise.\r\n\r\nMore. We promise 😀.\r\n",
    );
    assert_eq!(
        found(&stage, &["."]),
        ["+3:3 words/colour", "+5:1 words/promise", "+7:7 words/promise"]
    );
    stage.write("posts/a.md", "A white man. I promise. We promise. We promise.\n");
    assert_eq!(
        found(&stage, &["posts/a.md"]),
        ["+1:3 words/colour", "1:14 words/promise", "+1:25 words/promise", "+1:37 words/promise"]
    );
    assert_eq!(check(&stage, &["."]).exit, Some(1));
    assert_eq!(check(&stage, &[".", "--no-baseline", "--fail-on", "never"]).exit, Some(0));
    assert_eq!(
        found(&stage, &[".", "--no-baseline"]).iter().filter(|it| it.starts_with('+')).count(),
        0
    );
}

#[test]
fn rows_can_be_put_in_another_order() {
    let stage = accepted("n.csv", TABLE);
    let before = stage.read("probity-baseline.json");
    stage.write("n.csv", "id,notes\n3,Zoroastrian\n2,A white man. We promise.\n1,A white man.\n");
    assert!(found(&stage, &["."]).iter().all(|finding| finding.starts_with('+')));
    assert_eq!(run(&stage, "baseline", &["--update"]).exit, Some(0));
    assert_eq!(stage.read("probity-baseline.json"), before);
}

#[test]
fn a_new_identifier_does_not_slip_in_under_an_old_one() {
    let (old, new) = ("4539 5787 6362 1486", "4111 1111 1111 1111");
    let stage = accepted("n.csv", &format!("id,notes\n1,Card {old}\n"));
    stage.write("n.csv", format!("id,notes\n0,Card {new}\n1,Card {old}\n"));
    assert_eq!(found(&stage, &["."]), ["2:8 secret/card", "+3:8 secret/card"]);
    stage.write("n.csv", format!("id,notes\n1,Card {new}\n"));
    assert_eq!(found(&stage, &["."]), ["2:8 secret/card"]);
    // Two baselines of one text have different keys, and so nothing in common to search.
    let other = accepted("n.csv", &format!("id,notes\n1,Card {old}\n"));
    assert_ne!(other.read("probity-baseline.json"), stage.read("probity-baseline.json"));
}

#[test]
fn what_is_gone_is_told_and_pruned() {
    let stage = Stage::with("a.md", "We promise. A white man.\n");
    stage.write("b.md", "We promise.\n");
    assert_eq!(run(&stage, "baseline", &["--reason", "before us"]).exit, Some(0));
    stage.write("probity.toml", "baseline = 'probity-baseline.json'\n");
    stage.write("a.md", "A white man.\n");
    let outcome = check(&stage, &["a.md"]);
    assert_eq!(outcome.exit, Some(0));
    assert!(
        outcome.all().contains("one finding of the baseline is not there any more"),
        "{}",
        outcome.all()
    );
    stage.write("b.md", "Tea.\n");
    // What was not checked is not touched.
    assert_eq!(run(&stage, "baseline", &["--prune", "a.md"]).exit, Some(0));
    assert_eq!(entries(&stage), ["a.md words/colour", "b.md words/promise"]);
    fs::remove_file(stage.work().join("b.md")).unwrap();
    stage.write("a.md", "A white man. We promise.\n");
    assert_eq!(run(&stage, "baseline", &["--prune"]).exit, Some(0));
    assert_eq!(entries(&stage), ["a.md words/colour"]);
    assert_eq!(run(&stage, "baseline", &["--update", "--owner", "us"]).exit, Some(0));
    let text = stage.read("probity-baseline.json");
    assert_eq!(entries(&stage), ["a.md words/colour", "a.md words/promise"]);
    assert_eq!(text.matches("before us").count(), 1, "{text}");
    assert_eq!(text.matches("\"owner\":\"us\"").count(), 1, "{text}");
    // A rule that is not judged says nothing about what is gone.
    stage.write("a.md", "Tea.\n");
    stage.write("probity.toml", "baseline = 'probity-baseline.json'\n[severity]\nwords = 'off'\n");
    assert_eq!(run(&stage, "baseline", &["--prune"]).exit, Some(0));
    assert_eq!(entries(&stage).len(), 2);
    assert_eq!(run(&stage, "baseline", &[]).exit, Some(2), "not written over by accident");
    assert_eq!(run(&stage, "baseline", &["--force"]).exit, Some(0));
    assert_eq!(entries(&stage), [""; 0]);
}

#[test]
fn files_are_found_under_another_name_when_asked() {
    let stage = accepted("a.md", "We promise. A white man.\n");
    stage.write("b.md", "Tea.\n");
    fs::create_dir(stage.work().join("neu é")).unwrap();
    fs::rename(stage.work().join("a.md"), stage.work().join("neu é/c.md")).unwrap();
    assert_eq!(check(&stage, &["."]).exit, Some(1));
    assert_eq!(check(&stage, &[".", "--baseline-renames"]).exit, Some(0));
    assert_eq!(run(&stage, "baseline", &["--update", "--baseline-renames"]).exit, Some(0));
    assert_eq!(entries(&stage), ["neu é/c.md words/colour", "neu é/c.md words/promise"]);
    // Two files that are as good: nobody can say which it was.
    stage.write("d.md", "We promise. A white man.\n");
    stage.write("e.md", "We promise. A white man.\n");
    fs::remove_file(stage.work().join("neu é/c.md")).unwrap();
    assert_eq!(
        found(&stage, &[".", "--baseline-renames"]).iter().filter(|it| it.starts_with('+')).count(),
        0
    );
}

#[test]
fn a_baseline_is_the_same_from_every_folder() {
    let stage = accepted("posts/a.md", "We promise.\n");
    let before = stage.read("probity-baseline.json");
    assert!(before.contains("\"path\":\"posts/a.md\""), "{before}");
    let words = stage.work().join("../packs/words.toml");
    let mut command = stage.command(&["check", "--pack"]);
    command.arg(&words).arg("a.md").current_dir(stage.work().join("posts"));
    assert_eq!(command.output().unwrap().status.code(), Some(0));
    let absolute = stage.work().join("posts/a.md");
    assert_eq!(check(&stage, &[absolute.to_str().unwrap()]).exit, Some(0));
    let stdin = ["check", "--pack", "../packs/words.toml", "--stdin-filename", "posts/a.md", "-"];
    assert_eq!(stage.run_with(&stdin, b"We promise.\n").exit, Some(0));
    assert_eq!(stage.run_with(&stdin, b"I promise.\n").exit, Some(1));
}

#[test]
fn entries_end_on_their_last_day() {
    let stage = Stage::with("a.md", "We promise.\n");
    assert_eq!(run(&stage, "baseline", &["--until", "2026-11-22"]).exit, Some(0));
    let with = |day: &str| {
        let day = format!("as_of={day}");
        stage.run(&[
            "check",
            "--pack",
            "../packs/words.toml",
            "--baseline",
            "probity-baseline.json",
            "--set",
            &day,
            "a.md",
        ])
    };
    assert_eq!(with("2026-11-22").exit, Some(0));
    let ended = with("2026-11-23");
    assert_eq!(ended.exit, Some(1));
    assert!(ended.all().contains("the last day has passed for 1 finding"), "{}", ended.all());
    assert_eq!(run(&stage, "baseline", &["--force", "--until", "31/03/2027"]).exit, Some(2));
}

#[test]
fn faults_of_suppressions_are_not_accepted() {
    let text = "We promise. <!-- probity: allow words/promise -->\n\nA white man. <!-- probity: allow words/colour -- x -->\n";
    let stage = Stage::with("a.md", text);
    let outcome = run(&stage, "baseline", &[]);
    assert!(
        outcome.stdout.contains("1 fault of suppressions cannot be accepted"),
        "{}",
        outcome.stdout
    );
    assert_eq!(entries(&stage), ["a.md words/promise"]);
}

#[test]
fn a_baseline_that_cannot_be_used_is_told_at_its_place() {
    let entry =
        "{\"path\":\"a.md\",\"rule\":\"words/promise\",\"field\":\"body\",\"fingerprint\":\"1:0\"";
    for (text, message, place) in [
        ("{\"version\": 2, \"findings\": []}", "written by a newer probity", ":1:2"),
        ("{\n  \"version\": 1,\n  \"findings\": [}\n", "damaged", ":3:16"),
        ("", "damaged", ":1:1"),
        ("{\"version\": 1}", "damaged: missing field `findings`", ":1:"),
        (
            &format!("{{\"version\":1,\"findings\":[{entry},\"x\":1}}]}}"),
            "unknown field `x`",
            ":1:",
        ),
        (
            &format!("{{\"version\":1,\"key\":\"é\",\"findings\":[{entry}}}]}}"),
            "64 hexadecimal",
            ":1:21",
        ),
        (
            &format!("{{\"version\":1,\"findings\":[\n{entry},\"until\":\"soon\"}}]}}"),
            "is written as `2027-03-31`",
            ":2:",
        ),
        (&"<".repeat(7), "damaged", ":1:1"),
        (
            &format!("{{\"version\":1,\"findings\":[\n<<<<<<<\n{entry}}}\n=======\n>>>>>>>\n]}}"),
            "a merge is not finished",
            ":2:1",
        ),
    ] {
        let stage = Stage::with("a.md", "We promise.\n");
        stage.write("b.json", text);
        let outcome = check(&stage, &["--baseline", "b.json", "a.md"]);
        assert_eq!(outcome.exit, Some(2), "{text}");
        assert!(outcome.stderr.contains(message), "{text}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(&format!("b.json{place}")), "{text}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, "");
        assert_eq!(run(&stage, "baseline", &["--update", "--baseline", "b.json"]).exit, Some(2));
        assert_eq!(stage.read("b.json"), text, "a baseline that cannot be read stays");
    }
    let stage = Stage::with("a.md", "We promise.\n");
    assert_eq!(check(&stage, &["--baseline", "nowhere.json", "a.md"]).exit, Some(2));
    stage.write("probity.toml", "baseline = 'nowhere.json'\n");
    let outcome = check(&stage, &["a.md"]);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stderr.contains("probity.toml:1:12"), "{}", outcome.stderr);
    assert_eq!(run(&stage, "baseline", &["--baseline", "nowhere/b.json"]).exit, Some(2));
}

#[test]
fn the_rules_about_suppressions_are_explained() {
    for name in ["expired", "malformed", "no-reason", "unknown-rule", "unused"] {
        let outcome = Stage::new().run(&["explain", "--isolated", &format!("suppress/{name}")]);
        assert_eq!(outcome.exit, Some(0));
        assert!(outcome.stdout.contains("Instead: "), "{}", outcome.stdout);
    }
    let rules = Stage::new().run(&["rules", "--isolated"]).stdout;
    assert!(rules.contains("\nsuppress/unused "), "{rules}");
    let rules = Stage::new().run(&["rules", "--isolated", "--format", "json"]).json();
    let ids: Vec<_> = rules.as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    assert!(ids.contains(&&Value::from("suppress/expired")), "{ids:?}");
    let family = Stage::new().run(&["explain", "--isolated", "suppress"]);
    assert!(family.stdout.contains("suppress/no-reason (error)"), "{}", family.all());
    let outcome = Stage::new().run(&["explain", "--isolated", "suppress/unusd"]);
    assert!(outcome.stderr.contains("did you mean `suppress/unused`?"), "{}", outcome.stderr);
    let pack = "[pack]\nid = 'x'\ntitle = 'X'\nversion = '1'\nfamilies = ['suppress']\n";
    let stage = Stage::with("x.toml", pack);
    let outcome = stage.run(&["check", "--isolated", "--pack", "x.toml", "-"]);
    assert!(outcome.stderr.contains("probity's own rules"), "{}", outcome.stderr);
}

#[test]
fn comments_in_data_files_reach_their_entry() {
    of_file(
        "a.yml",
        "# probity: allow words/promise -- the list is older than the rule\nold:\n  - text: we promise\n\
         posts:\n  - text: 😀 we promise # probity: allow words/promise -- x\n    alt: we promise\n  \
         # probity: allow words/promise -- y\n  - text: >\n      # probity: allow words -- no\n      \
         we promise\n    alt: we promise\n  - text: we promise\n",
        &[
            "+3:11 words/promise",
            "+5:13 words/promise",
            "6:10 words/promise",
            "+10:7 words/promise",
            "+11:10 words/promise",
            "12:11 words/promise",
        ],
    );
    of_file(
        "a.toml",
        "# probity: allow-file words/colour -- x\n[[posts]]\ntext = \"caf\\u00e9: we promise\" \
         # probity: allow words/promise -- x\n[[posts]]\ntext = '''\n# probity: allow words/promise -- no\n\
         we promise'''\n",
        &["1:23 suppress/unused", "+3:20 words/promise", "7:1 words/promise"],
    );
    // The second document of a file is its own, and what JSON has is no comment.
    of_file(
        "b.yaml",
        "text: we promise\n---\n# probity: allow words/promise -- x\ntext: we promise\n",
        &["1:7 words/promise", "+4:7 words/promise"],
    );
    of_file(
        "a.json",
        "{\"text\": \"# probity: allow words/promise -- x\",\n\"alt\": \"we promise\"}\n",
        &["2:9 words/promise"],
    );
}

#[test]
fn side_files_name_keys_of_data_files() {
    let stage = Stage::with(
        "a.json",
        "{\"posts\": [\n{\"text\": \"we promise\", \"alt\": \"we promise\"},\n{\"text\": \"we promise\"}]}",
    );
    for (field, expected) in [
        ("alt", ["2:11 words/promise", "+2:32 words/promise", "3:11 words/promise"]),
        ("posts.text", ["+2:11 words/promise", "2:32 words/promise", "+3:11 words/promise"]),
        ("posts[1].text", ["2:11 words/promise", "2:32 words/promise", "+3:11 words/promise"]),
    ] {
        let entry = format!(
            "[[suppress]]\npaths = \"a.json\"\nrule = \"words/promise\"\nfield = \"{field}\"\n\
             reason = \"older than the rule\"\n"
        );
        stage.write("probity-suppressions.toml", entry);
        assert_eq!(found(&stage, &["a.json"]), expected, "{field}");
    }
}
