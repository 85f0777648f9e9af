//! What stands beside a text: rows of one table are judged as each would be alone,
//! and findings about values stand at the bytes of the file.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use probity::finding::Finding;
use probity::pack::PackSet;
use proptest::prelude::*;

mod common;

use common::api;

static SET: LazyLock<Arc<PackSet>> = LazyLock::new(|| api::fixture_packs(&["records"]));

const HEADER: &str = "use_type,authority,last contact date,Created,Issues,mobile phone,\
                      shared with,owner office,notes,first_name,reply_to";

/// Cells by column, each with values that some rule minds.
const CELLS: [&[&str]; 11] = [
    &["operational", "Public Affairs", "", "social media"],
    &["", "6 U.S.C. 112"],
    &["2024-10-01", "2026-10-01", "", "01/07/2026", "soon"],
    &["2020-01-01", "2026-11-01", ""],
    &["Immigration", "Football; \"x\"", "secure borders, Immigration"],
    &["", "202-555-0147"],
    &["PSO", "CBP", ""],
    &["PSO", "pso "],
    &["Christian rang about AB123456", "He is Christian é", "a mob of elites", "fine", ""],
    &["Christian", "Ann"],
    &["you are all vermin", "thanks"],
];

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

fn table(rows: &[Vec<String>]) -> String {
    let mut out = format!("{HEADER}\n");
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        writeln!(out, "{}", cells.join(",")).unwrap();
    }
    out
}

fn findings(bytes: &[u8]) -> Vec<Finding> {
    let mut run = api::run(&SET);
    run.facts = api::facts(&[("as_of", "2026-11-21")]);
    run.check(api::tasks(&[("a.csv", bytes)]), Vec::new()).unwrap().findings
}

/// What was found in which row, without what only a whole file can tell.
fn told(findings: &[Finding], row: Option<u64>) -> BTreeSet<(u64, String, String, String)> {
    findings
        .iter()
        .filter(|finding| finding.rule != "rec/many")
        .map(|finding| {
            let row = row.unwrap_or_else(|| finding.record.unwrap());
            let words = finding.places[0].text.clone();
            (row, finding.rule.clone(), finding.field.clone(), words)
        })
        .collect()
}

fn row() -> impl Strategy<Value = Vec<String>> {
    let cell = |values: &'static [&'static str]| prop::sample::select(values);
    CELLS.map(cell).to_vec().prop_map(|row| row.into_iter().map(str::to_owned).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_are_judged_as_each_would_be_alone(rows in prop::collection::vec(row(), 1..8)) {
        let together = told(&findings(table(&rows).as_bytes()), None);
        let mut alone = BTreeSet::new();
        for (at, row) in rows.iter().enumerate() {
            let text = table(std::slice::from_ref(row));
            alone.extend(told(&findings(text.as_bytes()), Some(at as u64 + 1)));
        }
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn values_are_found_at_the_bytes_of_the_file(rows in prop::collection::vec(row(), 1..4)) {
        let text = table(&rows);
        let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let plain = findings(text.as_bytes());
        let wide = findings(&utf16);
        prop_assert_eq!(plain.len(), wide.len());
        for (one, other) in plain.iter().zip(&wide) {
            prop_assert_eq!(&one.rule, &other.rule);
            let (here, there) = (&one.places[0], &other.places[0]);
            prop_assert_eq!((here.line, here.column), (there.line, there.column));
            prop_assert_eq!(&one.fingerprint, &other.fingerprint);
            let written = &text[here.bytes.start..here.bytes.end];
            let units: Vec<u16> = utf16[there.bytes.start..there.bytes.end]
                .chunks(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            prop_assert_eq!(written, String::from_utf16(&units).unwrap());
            // A doubled quote stands for one.
            prop_assert!(here.text == written || written.contains("\"\""), "{:?} {written:?}", here.text);
        }
    }
}

#[test]
fn hits_are_counted_over_the_whole_file_and_told_once() {
    let row = |notes: &str| {
        let mut row = vec![String::new(); CELLS.len()];
        row[8] = notes.to_owned();
        row
    };
    let of = |rows: &[Vec<String>]| -> Vec<String> {
        let found = findings(table(rows).as_bytes());
        found.into_iter().filter(|f| f.rule == "rec/many").map(|f| f.message).collect()
    };
    assert_eq!(of(&[row("AB123456"), row("AB123457")]), Vec::<String>::new());
    let three = [row("AB123456"), row("AB123457 twice AB123458"), row("nothing")];
    assert_eq!(of(&three), ["This holds 3 case numbers."]);
}

/// Rows of two uses, for which the rules have other finds.
const TWO_USES: &str = r#"
    [pack]
    id = "two"
    title = "Two"
    version = "1"
    families = ["n"]

    [[fact]]
    name = "use"
    type = "one-of"
    values = ["a", "b"]
    fields = ["use"]
    about = "The use."

    [[rule]]
    id = "n/extra"
    title = "Extra"
    severity = "note"
    message = "Extra."
    help = "None."
    when = { use = "b" }
    terms = ["never there"]

    [[rule]]
    id = "n/both"
    title = "Both"
    severity = "error"
    message = "Both."
    help = "None."
    needs = { finds = 2, within = "document" }
    [[rule.find]]
    terms = ["mob"]
    [[rule.find]]
    terms = ["elites"]

    [[rule]]
    id = "n/cases"
    title = "Cases"
    severity = "error"
    message = "{count} cases."
    help = "None."
    [[rule.find]]
    terms = ["case"]
    needs = { hits = 3, within = "document" }

    [[rule]]
    id = "n/shy"
    title = "Shy"
    severity = "error"
    message = "Shy."
    help = "None."
    terms = ["quiet"]
    yields_to = ["n/both", "n/loud"]

    [[rule]]
    id = "n/loud"
    title = "Loud"
    severity = "error"
    message = "Loud."
    help = "None."
    terms = ["shout"]
    needs = { hits = 2, within = "sentence" }
"#;

#[test]
fn what_is_needed_is_counted_over_rows_of_every_use() {
    let set = api::set(&[("two.toml", TWO_USES)]);
    let rules = |text: &str| -> Vec<String> {
        let tasks = api::tasks(&[("a.csv", text.as_bytes())]);
        let report = api::run(&set).check(tasks, Vec::new()).unwrap();
        report.findings.into_iter().map(|f| format!("{} {}", f.rule, f.message)).collect()
    };
    assert_eq!(rules("use,notes\na,mob\nb,mob\n"), Vec::<String>::new());
    assert_eq!(rules("use,notes\na,mob\nb,elites\n"), ["n/both Both.", "n/both Both."]);
    assert_eq!(rules("use,notes\na,case\nb,case\nb,case\n"), ["n/cases 3 cases."]);
}

#[test]
fn a_rule_yields_only_to_what_is_told() {
    let set = api::set(&[("two.toml", TWO_USES)]);
    let rules = |text: &str| -> Vec<String> {
        let tasks = api::tasks(&[("a.txt", text.as_bytes())]);
        let report = api::run(&set).check(tasks, Vec::new()).unwrap();
        report.findings.into_iter().map(|f| f.rule).collect()
    };
    assert_eq!(rules("quiet shout"), ["n/shy"]);
    assert_eq!(rules("quiet shout shout"), ["n/loud", "n/loud"]);
    assert_eq!(rules("quiet mob"), ["n/shy"]);
}
