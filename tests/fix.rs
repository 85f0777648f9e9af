//! Fixes from the outside: what is written into files, what is left alone, and what is
//! only shown.

use std::fs;
use std::sync::{Arc, LazyLock};

use encoding_rs::WINDOWS_1252;
use probity::finding::Location;
use probity::fix::{apply, choose};
use probity::pack::PackSet;
use probity::text::{Encoding, decode};
use proptest::prelude::*;

mod common;

use common::{Stage, api};

fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn the_examples_of_the_fixture_pack_hold() {
    let stage = Stage::new();
    let outcome = stage.run(&["test", "--isolated", "../packs/wording.toml"]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    assert!(!outcome.stderr.contains("warning"), "{}", outcome.stderr);
}

#[test]
fn files_are_fixed_and_the_rest_is_reported() {
    let stage = Stage::with("a.txt", "🎉 We utilise it.\r\nGo #voteearly, 1234-5678\r\n");
    stage.write("b.txt", "We use it.\n");
    let before = fs::metadata(stage.work().join("b.txt")).unwrap().modified().unwrap();
    let outcome = stage.check("wording", &["--fix", "."]);
    assert_eq!(stage.read("a.txt"), "🎉 We use it.\r\nGo #VoteEarly, 1234-5678\r\n");
    assert_eq!(stage.read("b.txt"), "We use it.\n");
    assert_eq!(fs::metadata(stage.work().join("b.txt")).unwrap().modified().unwrap(), before);
    assert_eq!(
        outcome.stderr,
        "fixed: a.txt:1: write use (wording/plain)\n\
         fixed: a.txt:2: write #VoteEarly (wording/tag)\n\
         Fixed 2 findings in 1 file.\n"
    );
    // The number is left, masked, at its place in the fixed file.
    assert_eq!(outcome.exit, Some(1));
    assert!(outcome.stdout.contains("a.txt:2:16"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("####-####"), "{}", outcome.stdout);
    assert!(!outcome.all().contains("1234"), "{}", outcome.all());
    // Again, and nothing is left to fix.
    let again = stage.check("wording", &["--fix", "."]);
    assert_eq!(again.stderr, "Nothing was fixed.\n");
    assert_eq!(stage.read("a.txt"), "🎉 We use it.\r\nGo #VoteEarly, 1234-5678\r\n");
}

#[test]
fn what_is_masked_once_is_masked_in_code_and_comments() {
    let stage =
        Stage::with("a.md", "Go #voteearly, 1234-5678. `1234-5678` <!-- see 1234-5678 -->\n");
    for more in [&["--fix", "--dry-run"][..], &[], &["--format", "concise"], &["--format", "json"]]
    {
        let outcome = stage.check("wording", &[more, &["a.md"]].concat());
        assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
        assert!(!outcome.all().contains("1234"), "{}", outcome.all());
    }
}

#[test]
fn a_clean_file_after_the_fix_exits_with_0() {
    let stage = Stage::with("a.md", "---\ntitle: We utilise it\n---\n\nWe **utilise** it.\n");
    let outcome = stage.check("wording", &["--fix", "a.md"]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    assert_eq!(stage.read("a.md"), "---\ntitle: We use it\n---\n\nWe **use** it.\n");
}

#[test]
fn a_dry_run_shows_a_diff_and_changes_nothing() {
    let text = "One 1234-5678\nWe utilise it. \u{1b}[31m\nThree\n";
    let stage = Stage::with("a.txt", text);
    let outcome = stage.check("wording", &["--fix", "--dry-run", "a.txt"]);
    assert_eq!(outcome.exit, Some(1));
    assert_eq!(stage.read("a.txt"), text);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "--- a.txt",
            "+++ a.txt",
            "@@ -1,3 +1,3 @@",
            " One ####-####",
            "-We utilise it. <U+001B>[31m"
        ],
        "{}",
        outcome.stdout
    );
    assert!(outcome.stderr.contains("Would fix 1 finding in 1 file; nothing was changed."));
    assert!(!outcome.all().contains('\u{1b}') && !outcome.all().contains("1234"));
    // The report of what is there now goes to standard error.
    assert!(outcome.stderr.contains("fix: write use"), "{}", outcome.stderr);
    // A warning alone would not fail the run; that something would change does.
    let stage = Stage::with("b.txt", "Go #voteearly\n");
    assert_eq!(stage.check("wording", &["b.txt"]).exit, Some(0));
    assert_eq!(stage.check("wording", &["--fix", "--dry-run", "b.txt"]).exit, Some(1));
    let stage = Stage::with("c.txt", "Nothing here\n");
    let outcome = stage.check("wording", &["--fix", "--dry-run", "c.txt"]);
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(0), ""));
    assert_eq!(stage.check("wording", &["--dry-run", "c.txt"]).exit, Some(2));
}

#[test]
fn standard_input_is_printed_fixed_and_the_report_goes_to_standard_error() {
    let stage = Stage::new();
    let run = |args: &[&str], text: &str| {
        let mut all = vec!["check", "--isolated", "--pack", "../packs/wording.toml"];
        all.extend(args);
        stage.run_with(&all, text.as_bytes())
    };
    let outcome = run(&["--fix", "-"], "We utilise it,\r\n1234-5678");
    assert_eq!(outcome.stdout, "We use it,\r\n1234-5678");
    assert_eq!(outcome.exit, Some(1));
    assert!(outcome.stderr.contains("Fixed 1 finding in 1 file."), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("wording/number"), "{}", outcome.stderr);
    let outcome = run(&["--fix", "-"], "Nothing to do");
    assert_eq!((outcome.stdout.as_str(), outcome.exit), ("Nothing to do", Some(0)));
    let outcome = run(&["--fix", "--dry-run", "-"], "We utilise it");
    assert!(outcome.stdout.starts_with("--- <stdin>\n+++ <stdin>\n@@ -1 +1 @@\n-We utilise"));
    let outcome = run(&["--fix", "--format", "json", "-"], "We utilise it");
    assert_eq!(outcome.stdout, "We use it");
    assert!(outcome.stderr.contains("\"findings\": []"), "{}", outcome.stderr);
}

#[test]
fn encodings_and_marks_are_kept() {
    let text = "Café 🎉 we utilise it\r\n";
    let stage = Stage::with("a.txt", utf16(text));
    stage.write("b.txt", format!("\u{feff}{text}"));
    let (latin, _, _) = WINDOWS_1252.encode("Café – we utilise it, naïve as ever, déjà vu\r\n");
    stage.write("c.txt", &latin);
    let outcome = stage.check("wording", &["--fix", "."]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    let read = |name: &str| fs::read(stage.work().join(name)).unwrap();
    assert_eq!(read("a.txt"), utf16("Café 🎉 we use it\r\n"));
    assert_eq!(read("b.txt"), "\u{feff}Café 🎉 we use it\r\n".as_bytes());
    let (latin, _, _) = WINDOWS_1252.encode("Café – we use it, naïve as ever, déjà vu\r\n");
    assert_eq!(read("c.txt"), *latin);
}

#[test]
fn no_fix_is_offered_where_its_characters_mean_something() {
    let cases = [
        // A file name, the text, and what it becomes.
        ("a.csv", "id,note\n1,It is plain sailing\n", None),
        ("b.csv", "id,note\n1,\"It is plain sailing, so\"\n", None),
        ("c.csv", "id;note\n1;It is plain sailing\n", Some("id;note\n1;It is \"easy\", we say\n")),
        (
            "d.csv",
            "id,note\n1,\"We utilise \"\"it\"\"\"\n",
            Some("id,note\n1,\"We use \"\"it\"\"\"\n"),
        ),
        ("a.html", "<p>Ask the Office of Works</p>", None),
        ("b.html", "<p>Ask&nbsp;utilise &amp; it</p>", Some("<p>Ask&nbsp;use &amp; it</p>")),
        ("c.html", "<img alt='In utilise'>", Some("<img alt='In use'>")),
        ("a.md", "---\ntitle: \"It is plain sailing\"\n---\n", None),
        ("b.md", "Ask the Office of Works\n", None),
        ("c.md", "We **uti**lise it\n", None),
        ("d.md", "> leave in\n> order to go\n", None),
        ("a.txt", "It is plain sailing", Some("It is \"easy\", we say")),
        ("b.txt", "Ask the Office of Works", Some("Ask Works & Roads <Office>")),
    ];
    for (name, text, expected) in cases {
        let stage = Stage::with(name, text);
        let report = stage.report("wording", &["--fix", name]);
        assert_eq!(stage.read(name), expected.unwrap_or(text), "{name}");
        let left = report["findings"].as_array().unwrap();
        assert_eq!(left.is_empty(), expected.is_some(), "{name}: {report}");
        assert!(left.iter().all(|finding| finding["fix"].is_null()), "{name}: {report}");
    }
}

#[test]
fn json_tells_the_fix_and_its_schema_allows_it() {
    let stage = Stage::with("a.txt", "é 🎉 We utilise it");
    let report = stage.report("wording", &["a.txt"]);
    let fix = &report["findings"][0]["fix"];
    assert_eq!(fix["title"], "write use");
    assert_eq!(fix["edits"][0]["new"], "use");
    // `é 🎉 We ` is 2+1+4+1+3 bytes and 7 characters.
    assert_eq!(fix["edits"][0]["place"]["bytes"], serde_json::json!({ "start": 11, "end": 18 }));
    assert_eq!(fix["edits"][0]["place"]["column"], 8);
    let schema = stage.run(&["schema", "report"]).json();
    assert!(jsonschema::is_valid(&schema, &report));
}

#[test]
fn a_file_that_cannot_be_fixed_is_left_and_said() {
    let stage = Stage::with("a.txt", "We utilise it\n");
    let path = stage.work().join("a.txt");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let outcome = stage.check("wording", &["--fix", "a.txt"]);
    assert_eq!(outcome.exit, Some(2), "{}", outcome.all());
    assert!(outcome.stderr.contains("not fixed: a.txt: it is read-only"), "{}", outcome.stderr);
    assert_eq!(stage.read("a.txt"), "We utilise it\n");
    // Bytes that are no text would not come back as they were.
    let bytes =
        [b"We utilise it \xF0\x9F\x8E and \xE2\x82\xAC\n".as_slice(), "é".repeat(40).as_bytes()]
            .concat();
    stage.write("b.txt", &bytes);
    let outcome = stage.check("wording", &["--fix", "b.txt"]);
    assert_eq!(fs::read(stage.work().join("b.txt")).unwrap(), bytes, "{}", outcome.all());
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let stage = Stage::with("real.txt", "We utilise it\n");
    let (real, link) = (stage.work().join("real.txt"), stage.work().join("link.txt"));
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.txt", &link).unwrap();
    let outcome = stage.check("wording", &["--fix", "link.txt", "real.txt"]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    assert_eq!(stage.read("real.txt"), "We use it\n");
    assert!(fs::symlink_metadata(&link).unwrap().file_type().is_symlink());
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(stage.work()).unwrap().count(), 2);
}

#[cfg(unix)]
#[test]
fn a_file_name_is_shown_on_one_line() {
    let stage = Stage::with("a\n+b\u{1b}.txt", "We utilise it\n");
    let outcome = stage.check("wording", &["--fix", "--dry-run", "--format", "concise", "."]);
    assert!(
        outcome.stdout.starts_with("--- a<U+000A>+b<U+001B>.txt\n+++ a<U+000A>+b<U+001B>.txt\n")
    );
    assert!(outcome.stderr.contains("would fix: a<U+000A>+b<U+001B>.txt:1: write use"));
}

const HEAD: &str = r#"
[pack]
id = "p"
title = "P"
version = "1"
families = ["p"]
"#;

fn rule(name: &str, body: &str) -> String {
    format!(
        "\n[[rule]]\nid = \"p/{name}\"\ntitle = \"T\"\nseverity = \"error\"\nmessage = \"M\"\nhelp = \"H\"\ngood = [\"x\"]\n{body}\n"
    )
}

#[test]
fn fixes_that_call_for_each_other_end_and_change_nothing() {
    let pack = [
        HEAD,
        &rule("a", "terms = [\"black\"]\nreplace = \"white\"\nbad = [{ text = \"«black»\", fixed = \"white\" }]"),
        &rule("b", "terms = [\"white\"]\nreplace = \"black\"\nbad = [{ text = \"«white»\", fixed = \"black\" }]"),
        // This one finds what it writes, so its fix is never offered.
        &rule("c", "terms = [\"foo\"]\nreplace = \"foo bar\"\nbad = [{ text = \"«foo»\", fixed = \"foo bar\" }]"),
    ]
    .concat();
    let stage = Stage::with("a.txt", "black\n");
    stage.write("c.txt", "foo\n");
    stage.write("p.toml", pack);
    let run = |args: &[&str]| {
        let mut all = vec!["check", "--isolated", "--pack", "p.toml", "--fix"];
        all.extend(args);
        stage.run(&all)
    };
    let outcome = run(&["a.txt"]);
    assert_eq!(outcome.exit, Some(2), "{}", outcome.all());
    assert!(outcome.stderr.contains("not fixed: a.txt: after 10 rounds"), "{}", outcome.stderr);
    assert_eq!(stage.read("a.txt"), "black\n");
    let outcome = run(&["c.txt"]);
    assert_eq!((outcome.exit, stage.read("c.txt").as_str()), (Some(1), "foo\n"));
    let tested = stage.run(&["test", "--isolated", "p.toml"]);
    assert_eq!(tested.exit, Some(1));
    assert!(tested.stdout.contains("nothing in the places of its fixes"), "{}", tested.stdout);
}

#[test]
fn one_fix_can_make_room_for_the_next() {
    let pack = [
        HEAD,
        &rule("a", "terms = [\"very big\"]\nreplace = \"huge\"\nbad = [{ text = \"«very big»\", fixed = \"huge\" }]"),
        &rule("b", "terms = [\"big truck\"]\nreplace = \"lorry\"\nbad = [{ text = \"«big truck»\", fixed = \"lorry\" }]"),
        &rule("c", "terms = [\"huge truck\"]\nreplace = \"juggernaut\"\nbad = [{ text = \"«huge truck»\", fixed = \"juggernaut\" }]"),
    ]
    .concat();
    let stage = Stage::with("a.txt", "The very big truck and the big truck\n");
    stage.write("p.toml", pack);
    let outcome = stage.run(&["check", "--isolated", "--pack", "p.toml", "--fix", "a.txt"]);
    assert_eq!(stage.read("a.txt"), "The juggernaut and the lorry\n", "{}", outcome.all());
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
}

#[test]
fn faults_of_fixes_are_named() {
    let cases = [
        ("terms = [\"a b\"]\nrewrite = \"camel-cas\"", "did you mean `camel-case`"),
        ("terms = [\"a b\"]\nreplase = \"c\"", "did you mean `replace`"),
        ("terms = [\"a b\"]\nreplace = \" c\"", "the spaces around the words"),
        ("terms = [\"a b\"]\nreplace = \"\"", "this is empty"),
        ("terms = [\"a b\"]\nreplace = \"c\\nd\"", "a fix stays on its line"),
        ("terms = [\"a b\"]\nreplace = \"c\"\nrewrite = \"camel-case\"", "not both"),
        ("terms = [\"a b\"]\nreplace = \"c\"\nredact = true", "are never shown"),
        ("terms = [\"a b\"]\nreplace = { a = \"c\" }", "looks for one thing"),
        ("replace = { \"a (b|c)\" = \"d\" }", "plain words"),
        ("replace = { A = \"d\", a = \"e\" }", "are the same words"),
        ("replace = { a = \"b\", b = \"c\" }", "is itself replaced"),
        ("count = { of = \"words\", most = 3 }\nrewrite = \"plain-letters\"", "`most = 0`"),
        ("count = { of = \"hashtags\", most = 0 }\nreplace = \"c\"", "no one wording"),
        ("missing = { terms = [\"a\"] }\nreplace = \"c\"", "cannot be replaced"),
        ("terms = [\"a b\"]\nbad = [{ text = \"«a b»\", fixed = \"c\" }]", "no find of this rule"),
    ];
    for (body, expected) in cases {
        let bad = if body.contains("bad =") { "" } else { "\nbad = [\"«a b»\"]" };
        let (keys, tables) = (body, "");
        let stage =
            Stage::with("p.toml", [HEAD, &rule("a", &format!("{keys}{bad}{tables}"))].concat());
        stage.write("a.txt", "a b");
        let outcome = stage.run(&["check", "--isolated", "--pack", "p.toml", "a.txt"]);
        assert_eq!(outcome.exit, Some(2), "{body}: {}", outcome.all());
        let said = outcome.stderr.to_lowercase();
        assert!(said.contains(&expected.to_lowercase()), "{body}: {}", outcome.stderr);
    }
    // A rule of one's own that shows no fix is told so, and works.
    let pack = [HEAD, &rule("a", "terms = [\"a b\"]\nreplace = \"c\"\nbad = [\"«a b»\"]")].concat();
    let stage = Stage::with("p.toml", pack);
    let outcome = stage.run(&["test", "--isolated", "p.toml"]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    assert!(outcome.stderr.contains("no example of the rule `p/a` shows its fix"));
}

#[test]
fn explain_shows_what_is_written() {
    let stage = Stage::new();
    let explain = |rule: &str| {
        stage.run(&["explain", "--isolated", "--pack", "../packs/wording.toml", rule]).stdout
    };
    let plain = explain("wording/plain");
    assert!(plain.contains("  - OAPs → older people\n"), "{plain}");
    assert!(plain.contains("      fixed: Leave to go\n"), "{plain}");
    assert!(explain("wording/name").contains("  - writes “Works & Roads <Office>”\n"));
    assert!(explain("wording/tag").contains("capital at the start of each word"));
    assert!(!explain("wording/number").contains("Fixes"));
}

static SET: LazyLock<Arc<PackSet>> = LazyLock::new(|| api::fixture_packs(&["wording"]));

/// A file of some kind around a text.
fn wrapped(kind: usize, text: &str) -> (&'static str, String) {
    match kind {
        0 => ("a.txt", text.to_owned()),
        1 => ("a.md", text.to_owned()),
        2 => ("a.md", format!("---\ntitle: {text}\nsummary: \"{text}\"\n---\n{text}")),
        3 => ("a.html", format!("<h1 title=\"{text}\">{text}</h1>")),
        4 => ("a.csv", format!("id,note\n1,\"{text}\"\n2,{text}\n")),
        _ => ("a.csv", format!("note;id\n{text};'x'\n")),
    }
}

fn encoded(kind: usize, text: &str) -> Option<(Vec<u8>, Encoding)> {
    Some(match kind {
        0 => (text.as_bytes().to_vec(), Encoding::Utf8),
        1 => ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), Encoding::Utf8),
        2 => (utf16(text), Encoding::Utf16Le),
        _ => {
            let (bytes, _, lost) = WINDOWS_1252.encode(text);
            (!lost).then(|| (bytes.into_owned(), Encoding::Windows1252))?
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// A fix that is offered changes its own bytes and no others, and its rule finds
    /// nothing there afterwards; so do all fixes of a file together.
    #[test]
    fn a_fix_mends_its_place_and_nothing_else(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "utilise", "Utilise", "UTILISE", "in order to", "in\norder to", "OAPs", "an individual",
            "individuals", "#voteearly", "#mentalhealthatwork", "the Office of Works", "Office of Works",
            "plain sailing", "1234-5678", "🎉", "👩‍👧", "e\u{301}", "é", "«", ",", ";", "\"", "'", "&amp;",
            "&", "<b>", "**", "_", "\r\n", "\n\n", "# ", "- ", ": ", ". ", "\u{200b}", "\u{ad}", "a", "“We", "all",
            "must”", "\\", "{{< x >}}", "`", "\t",
        ]), 1..14),
        gaps in prop::collection::vec(prop::sample::select(vec![" ", " ", " ", ""]), 14),
        kind in 0_usize..6,
        encoding in 0_usize..4,
    ) {
        let text: String = pieces.iter().zip(&gaps).flat_map(|(piece, gap)| [*piece, *gap]).collect();
        let (name, text) = wrapped(kind, &text);
        let Some((bytes, said)) = encoded(encoding, &text) else { return Ok(()) };
        let mut run = api::run(&SET);
        run.read.encoding = Some(said);
        let check = |bytes: &[u8]| run.check(api::tasks(&[(name, bytes)]), Vec::new()).unwrap();
        let report = check(&bytes);
        let fixable: Vec<_> = report.findings.iter().filter(|one| one.fix.is_some()).collect();
        for finding in &fixable {
            prop_assert_ne!(finding.rule.as_str(), "wording/number");
            let fix = finding.fix.as_ref().unwrap();
            let fixed = apply(&bytes, said, &[fix]).expect("the bytes are those that were checked");
            let [edit] = fix.edits.as_slice() else { panic!("one edit a place") };
            let place = edit.place.bytes;
            let tail = bytes.len() - place.end;
            prop_assert!(fixed.starts_with(&bytes[..place.start]));
            prop_assert!(fixed.ends_with(&bytes[place.end..]));
            let end = fixed.len() - tail;
            let middle = decode(fixed[place.start..end].to_vec(), Some(said)).text;
            prop_assert_eq!(&middle, &edit.new);
            let again = check(&fixed);
            for other in again.findings.iter().filter(|other| other.rule == finding.rule) {
                for there in &other.places {
                    let apart = there.bytes.end <= place.start || there.bytes.start >= end;
                    prop_assert!(apart, "{} again in {text:?}", finding.rule);
                }
            }
        }
        // All together: each in its place, moved by those before it.
        let chosen = choose(fixable);
        let fixes: Vec<_> = chosen.iter().map(|(_, fix)| *fix).collect();
        let fixed = apply(&bytes, said, &fixes).expect("the bytes are those that were checked");
        let again = check(&fixed);
        let mut edits: Vec<_> =
            chosen.iter().map(|(finding, fix)| (&fix.edits[0], &finding.rule)).collect();
        edits.sort_by_key(|(edit, _)| edit.place.bytes);
        let (mut added, mut taken) = (0, 0);
        for (edit, rule) in edits {
            let start = edit.place.bytes.start + added - taken;
            added += said.encode(&edit.new).unwrap().len();
            taken += edit.place.bytes.len();
            let end = edit.place.bytes.end + added - taken;
            for other in again.findings.iter().filter(|other| other.rule == *rule) {
                let apart = |place: &Location| place.bytes.end <= start || place.bytes.start >= end;
                prop_assert!(other.places.iter().all(apart), "{rule} again in {text:?}");
            }
        }
    }
}

/// A wording in an address would lead nowhere.
#[test]
fn addresses_of_links_are_left_alone() {
    let links = "[utilise](utilise) [a](/utilise/a.md) [b](<utilise it> 'utilise')\n\n[r]\n\n\
                 [r]: utilise \"t\"\n\n<a href=\"utilise.html\">c</a> <https://x.org/utilise> \
                 [d](mailto:?subject=utilise)\n";
    let stage = Stage::with("a.md", links);
    let outcome =
        stage.run(&["check", "--isolated", "--pack", "../packs/wording.toml", "--fix", "a.md"]);
    let fixed = links.replacen("[utilise]", "[use]", 1).replacen("'utilise'", "'use'", 1);
    assert_eq!(stage.read("a.md"), fixed, "{}", outcome.all());
    // The subject of a mail is read, and mended by hand.
    assert_eq!(outcome.stdout.matches("error[").count(), 1, "{}", outcome.all());
    assert!(outcome.stdout.contains("a.md:7:"), "{}", outcome.all());
    let html = "<p><a href='/utilise'>utilise</a></p>";
    let stage = Stage::with("a.html", html);
    let outcome =
        stage.run(&["check", "--isolated", "--pack", "../packs/wording.toml", "--fix", "a.html"]);
    assert_eq!(stage.read("a.html"), "<p><a href='/utilise'>use</a></p>", "{}", outcome.all());
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
}

#[test]
fn data_files_are_fixed_where_reading_them_again_proves_it() {
    let json = "{\"posts\": [\r\n  {\"text\": \"\\ud83d\\ude00 caf\\u00e9: we utilise it\", \"id\": \"utilise\"},\r\n  \
                {\"text\": \"plain sailing\", \"alt\": \"\\u0075tilise\"}\r\n]}\r\n";
    let stage = Stage::with("a.json", json);
    let yaml = "# we utilise\nposts:\n  - text: We utilise 😀 it # utilise\n    alt: 'it''s plain sailing'\n  \
                - text: plain sailing\n    alt: \"plain sailing\"\n  - text: |\n      we utilise\n  \
                - &a {text: in order to utilise}\n  - *a\n";
    stage.write("a.yml", yaml);
    let toml = "[[posts]]\ntext = \"we utilise \\\"it\\\"\"\n[[posts]]\ntext = \"plain sailing\"\nalt = 'plain sailing'\n";
    stage.write("a.toml", toml);
    let outcome = stage.check("wording", &["--fix", "a.json", "a.yml", "a.toml"]);
    assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
    // Quotes would end the string of JSON, and an escape is not the words themselves.
    assert_eq!(stage.read("a.json"), json.replace("we utilise", "we use"));
    assert_eq!(
        stage.read("a.yml"),
        yaml.replace("We utilise 😀", "We use 😀")
            .replace("it''s plain sailing", "it''s \"easy\", we say")
            .replace("      we utilise", "      we use")
            .replace("in order to utilise", "to use")
    );
    assert_eq!(
        stage.read("a.toml"),
        toml.replace("we utilise", "we use").replace("'plain sailing'", "'\"easy\", we say'")
    );
}

#[test]
fn several_changes_of_one_line_are_one_suggestion() {
    let line = "é We utilise it and utilise that.";
    let stage = Stage::with("a.txt", format!("{line}\n"));
    stage.write(
        "../packs/joined.toml",
        "[pack]\nid = \"h\"\ntitle = \"H\"\nversion = \"1.0.0\"\nfamilies = [\"h\"]\nask = \"Ask.\"\n\
         [[source]]\nid = \"s\"\ntitle = \"S\"\nverified = true\n\
         [[rule]]\nid = \"h/a\"\ntitle = \"A\"\nseverity = \"warning\"\nmessage = \"A.\"\nhelp = \"B.\"\n\
         cites = [{ source = \"s\", at = \"1\" }]\none_per = \"sentence\"\n\
         bad = [\"We «utilise» it\"]\ngood = [\"a\"]\n[rule.replace]\nutilise = \"use\"\n",
    );
    let edits = &stage.report("joined", &["a.txt"])["findings"][0]["fix"]["edits"];
    assert_eq!(edits.as_array().map(Vec::len), Some(2), "{edits}");
    let report = stage.check("joined", &["--format", "rdjson", "a.txt"]).json();
    let suggestions = report["diagnostics"][0]["suggestions"].as_array().unwrap();
    let [suggestion] = suggestions.as_slice() else { panic!("{suggestions:?}") };
    let column = |end: &str| {
        usize::try_from(suggestion["range"][end]["column"].as_u64().unwrap()).unwrap() - 1
    };
    let mut fixed = line.to_owned();
    fixed.replace_range(column("start")..column("end"), suggestion["text"].as_str().unwrap());
    assert_eq!(fixed, "é We use it and use that.");
}
