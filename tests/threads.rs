//! The same bytes of output however many threads there are, and however a long
//! text is cut into parts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use probity::facts::FactValue;
use probity::finding::Finding;
use probity::pack::{PackSet, Severity};
use probity::run::Task;
use proptest::prelude::*;

mod common;

use common::api;

/// Rules of every kind: see the packs.
static SET: LazyLock<Arc<PackSet>> = LazyLock::new(|| {
    api::fixture_packs(&["words", "facts", "scopes", "counts", "tokens", "secrets", "merge"])
});

/// Words that set rules off, and what may stand between them.
const VOCABULARY: &[&str] = &[
    "we promise",
    "I guarantee",
    "We",
    "promise",
    "minister said",
    "white",
    "black",
    "of black descent",
    "identifies as white",
    "a white man",
    "white paper",
    "Black Friday",
    "White Embassy",
    "woman",
    "anchor",
    "with words",
    "with sentence",
    "with paragraph",
    "with field",
    "with record",
    "with document",
    "without words",
    "without sentence",
    "without paragraph",
    "without field",
    "without record",
    "without document",
    "after it",
    "twice",
    "call us",
    "@helpdesk",
    "https://www.gov.uk/x",
    "@PartyHQ",
    "party.example.org/a",
    "#VoteLabour",
    "#voteearly",
    "#GoToryGo",
    "Labour",
    "Tory",
    "4539 5787 6362 1486",
    "4539-5787-6362-1487",
    "Zoroastrian",
    "called",
    "hooray",
    "my view",
    "tomorrow’s budget",
    "Jo Bloggs",
    "see overleaf",
    "oath",
    "vow",
    "pledge",
    "mild oath",
    "!",
    ".",
    ". ",
    "? ",
    ",",
    ":",
    "\n",
    "\n\n",
    "\r\n",
    " ",
    " ",
    " ",
    " and ",
    "é",
    "👍",
    "\u{200b}",
    "“",
    "”",
    "Dr.",
    "e\u{301}",
    "ｗｅ promise",
    "we pro\u{ad}mise",
];

fn check(tasks: Vec<Task>, threads: usize, part: Option<usize>) -> String {
    let mut run = api::run(&SET);
    run.reveal = false;
    run.part = part;
    run.facts = api::facts(&[("account", "official")]);
    run.facts.push(("embargo".into(), FactValue::Bool(true)));
    run.facts.push(("ministers".into(), FactValue::list(["Jo Bloggs".into()])));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    api::json(&pool.install(|| run.check(tasks, Vec::new())).unwrap())
}

/// One text as a draft, a page, and the cells of an export.
fn documents(words: &[&str]) -> Vec<Task> {
    let text = words.join(" ");
    let cell = |part: &[&str]| part.join(" ").replace('"', "");
    let mut csv = "post,comment,id\n".to_owned();
    for record in words.chunks(9) {
        let middle = record.len() / 2;
        writeln!(csv, "\"{}\",\"{}\",1", cell(&record[..middle]), cell(&record[middle..])).unwrap();
    }
    let page = format!(
        "---\ntitle: {:?}\n---\n{text}",
        cell(&words[..words.len().min(3)]).replace(char::is_control, " ")
    );
    api::tasks(&[
        ("a.txt", text.as_bytes()),
        ("b.md", page.as_bytes()),
        ("c.csv", csv.as_bytes()),
        ("d.html", format!("<p>{text}</p>").as_bytes()),
        ("e.txt", b"\xFF\x00\x00"),
    ])
}

/// The first lines that differ, for people.
fn first_difference(one: &str, other: &str) -> String {
    let same = one.lines().zip(other.lines()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let lines: Vec<&str> = text.lines().skip(same.saturating_sub(8)).take(30).collect();
        lines.join("\n")
    };
    format!("{}\n======\n{}", around(one), around(other))
}

fn assert_same(words: &[&str]) -> Result<usize, TestCaseError> {
    let whole = check(documents(words), 1, Some(usize::MAX));
    for (threads, part) in [
        (8, Some(usize::MAX)),
        (1, Some(7)),
        (8, Some(7)),
        (1, Some(64)),
        (8, Some(64)),
        (8, Some(1000)),
        (8, None),
    ] {
        let other = check(documents(words), threads, part);
        prop_assert!(
            whole == other,
            "{} threads, parts of {:?}, {:?}\n{}",
            threads,
            part,
            words,
            first_difference(&whole, &other)
        );
    }
    Ok(whole.matches("\"fingerprint\"").count())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn threads_and_parts_change_nothing(
        words in prop::collection::vec(prop::sample::select(VOCABULARY.to_vec()), 1..120),
    ) {
        assert_same(&words)?;
    }
}

/// A text long enough for parts of every size, with findings of every rule.
#[test]
fn threads_and_parts_change_nothing_in_a_long_text() {
    let mut state: u64 = 7;
    let words: Vec<&str> = (0..3_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            VOCABULARY[usize::try_from(state >> 33).unwrap() % VOCABULARY.len()]
        })
        .collect();
    let count = assert_same(&words).unwrap_or_else(|error| panic!("{error}"));
    assert!(count > 1_000, "only {count} findings");
    let report = check(documents(&words), 2, None);
    let mut silent = Vec::new();
    for (_, rule) in SET.rules() {
        if !report.contains(&format!("\"rule\": \"{}\"", rule.id)) {
            silent.push(&rule.id);
        }
    }
    // A long text has an anchor and a contact everywhere; these say that it has none.
    silent.retain(|id| {
        !matches!(
            id.as_str(),
            "scope/without-field"
                | "scope/without-document"
                | "count/contact-document"
                | "count/contact-field"
        )
    });
    assert!(silent.is_empty(), "nothing sets off {silent:?}");
}

/// Many documents, each of them small, in their order.
#[test]
fn documents_come_in_their_order() {
    let tasks = || -> Vec<Task> {
        (0..200)
            .flat_map(|at| {
                let name = format!("{:03}.txt", 199 - at);
                let text = format!(
                    "{} we promise {}",
                    "hay ".repeat(at * 7 % 50),
                    VOCABULARY[at % VOCABULARY.len()]
                );
                api::tasks(&[(&name, text.as_bytes())])
            })
            .collect()
    };
    let one = check(tasks(), 1, None);
    assert_eq!(one, check(tasks(), 8, None));
    let places: Vec<_> =
        (0..200).map(|at| one.find(&format!("\"path\": \"{at:03}.txt\"")).unwrap()).collect();
    assert!(
        places.is_sorted_by(|a, b| a > b),
        "documents are reported in the order they were given"
    );
}

/// The whole program with `--threads`.
#[test]
fn the_program_prints_the_same_bytes_with_any_number_of_threads() {
    let stage = common::Stage::new();
    for (at, words) in VOCABULARY.chunks(4).enumerate() {
        stage.write(&format!("{at}.md"), words.join(" ").repeat(50));
    }
    for format in ["full", "concise", "json", "jsonl"] {
        let one = stage.check("words", &["--threads", "1", "--format", format, "."]).all();
        for threads in ["2", "8"] {
            assert_eq!(
                one,
                stage.check("words", &["--threads", threads, "--format", format, "."]).all()
            );
        }
    }
}

/// What the facts of a page make of the packs is kept for those that have the same, by
/// runs with other severities too. There are more facts here than are kept.
#[test]
fn what_is_kept_for_the_same_facts_is_what_each_page_is_told() {
    let accounts = ["", "  account: official\n", "  account: personal\n", "  embargo: yes\n"];
    let page = |at: usize| {
        let tone = at / 2 % 350;
        let account = accounts[at % accounts.len()];
        let text = "Hooray, we promise the Secretary of State with words.";
        let page = format!("---\nprobity:\n  tone: t{tone}\n{account}---\n{text}\n");
        (format!("{at}.md"), page)
    };
    let pages: Vec<(String, String)> = (0..800).map(page).collect();
    let tasks = |pages: &[(String, String)]| {
        let pages: Vec<_> = pages.iter().map(|(name, text)| (&**name, text.as_bytes())).collect();
        api::tasks(&pages)
    };
    let mut together = api::run(&SET);
    let severities = [None, Some(("facts/cheer", None)), Some(("facts", Some(Severity::Note)))];
    for severity in severities {
        together.config.severity =
            severity.map(|(rule, it)| (rule.to_owned(), it)).into_iter().collect();
        let all = together.check(tasks(&pages), Vec::new()).unwrap();
        assert_eq!(all.documents.len(), pages.len());
        let mut not_judged: BTreeMap<String, usize> = BTreeMap::new();
        for (at, page) in pages.iter().enumerate().step_by(37) {
            let mut alone = api::run(&SET);
            alone.config.severity.clone_from(&together.config.severity);
            let alone = alone.check(tasks(std::slice::from_ref(page)), Vec::new()).unwrap();
            assert_eq!(alone.documents[0].facts, all.documents[at].facts, "{}", page.1);
            let of_page: Vec<_> = all.findings.iter().filter(|it| it.document == at).collect();
            let told = |it: &Finding| (it.rule.clone(), it.severity, it.places[0].bytes);
            let here: Vec<_> = of_page.into_iter().map(told).collect();
            assert_eq!(alone.findings.iter().map(told).collect::<Vec<_>>(), here, "{}", page.1);
            for rule in alone.not_judged {
                *not_judged.entry(rule.rule).or_default() += 1;
            }
        }
        let some = together
            .check(tasks(&pages.iter().step_by(37).cloned().collect::<Vec<_>>()), Vec::new());
        let some = some.unwrap().not_judged.into_iter();
        let mut of_some: BTreeMap<String, usize> = BTreeMap::new();
        for rule in some {
            *of_some.entry(rule.rule).or_default() += rule.documents;
        }
        assert_eq!(of_some, not_judged);
    }
}
