//! `probity coverage`: every format tells the same story, no cell of a
//! spreadsheet is a formula, and lines fit the terminal.

use std::collections::BTreeMap;

use serde_json::Value;

mod common;

use common::Stage;

const PACKS: [&str; 6] =
    ["coverage", "--isolated", "--pack", "../packs/duties.toml", "--pack", "../packs/words.toml"];

fn run(more: &[&str]) -> common::Outcome {
    let args: Vec<&str> = PACKS.iter().copied().chain(more.iter().copied()).collect();
    let outcome = Stage::new().run(&args);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.stderr);
    outcome
}

/// The rows of a CSV text.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv_core::Reader::new();
    let (mut out, mut ends) = (vec![0; text.len() + 1], vec![0; 64]);
    let mut rows = Vec::new();
    let mut rest = text.trim_start_matches('\u{feff}').as_bytes();
    loop {
        let (result, read, _, count) = reader.read_record(rest, &mut out, &mut ends);
        rest = &rest[read..];
        match result {
            csv_core::ReadRecordResult::Record => {
                let mut start = 0;
                let cells = ends[..count].iter().map(|&end| {
                    let cell = String::from_utf8(out[start..end].to_vec()).unwrap();
                    start = end;
                    cell
                });
                rows.push(cells.collect());
            }
            csv_core::ReadRecordResult::InputEmpty => {}
            csv_core::ReadRecordResult::End => return rows,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn every_format_tells_the_same_story() {
    let packs = run(&["--format", "json"]).json();
    let packs = packs.as_array().unwrap();
    let rows = rows(&run(&["--format", "csv"]).stdout);
    let text = run(&[]).stdout;
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let markdown = run(&["--format", "markdown"]).stdout;
    let mut count = 0;
    for pack in packs {
        let summary = &pack["summary"];
        let counted = |key: &str| summary[key].as_u64().unwrap();
        let kinds = ["rules", "partly", "checklist", "off", "not_yet", "not_checkable"];
        assert_eq!(kinds.iter().map(|kind| counted(kind)).sum::<u64>(), counted("duties"));
        let mut of_kind: BTreeMap<String, u64> = BTreeMap::new();
        for duty in pack["duties"].as_array().unwrap() {
            *of_kind.entry(duty["status"].as_str().unwrap().replace('-', "_")).or_default() += 1;
            let number = duty["number"].to_string();
            let row = rows.iter().find(|row| row[0] == pack["pack"] && row[1] == number).unwrap();
            let words = duty["text"].as_str().unwrap();
            assert_eq!(row[5].trim_start_matches('\''), words);
            assert!(flat.contains(&format!("{number}. {words}")), "{words}");
            assert!(markdown.contains(&format!("| {number} | ")));
            for rule in duty["rules"].as_array().unwrap() {
                let id = rule["id"].as_str().unwrap();
                assert!(row[7].contains(id) && flat.contains(id) && markdown.contains(id), "{id}");
                if let Value::String(reason) = &rule["off"] {
                    assert!(row[7].contains(reason) && flat.contains(reason), "{reason}");
                }
            }
            count += 1;
        }
        for (kind, count) in of_kind {
            assert_eq!(counted(&kind), count, "{kind}");
        }
        for rule in pack["other_rules"].as_array().unwrap() {
            let id = rule["id"].as_str().unwrap();
            assert!(rows.iter().any(|row| row[1].is_empty() && row[7].contains(id)), "{id}");
            assert!(flat.contains(id) && markdown.contains(id), "{id}");
        }
    }
    assert!(count > 5);
}

#[test]
fn cells_are_no_formulas_and_rows_have_one_length() {
    let rows = rows(&run(&["--format", "csv"]).stdout);
    assert!(rows.len() > 5);
    for row in &rows {
        assert_eq!(row.len(), rows[0].len(), "{row:?}");
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
    assert!(rows.iter().flatten().any(|cell| cell.starts_with("'-")));
}

#[test]
fn lines_fit_the_terminal() {
    for (columns, most) in [("50", 50), ("90", 90), ("10", 40), ("400", 100), ("wide", 80)] {
        let output = Stage::new().command(&PACKS).env("COLUMNS", columns).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= most && longest + 25 > most, "{columns}: {longest}");
    }
}

#[test]
fn a_pack_in_use_is_named_by_its_id() {
    let stage = Stage::new();
    stage.write("office.toml", "[pack]\nid = 'our-office'\ntitle = 'Ours'\nversion = '1'\n");
    for settings in [
        "packs = ['office.toml']\n",
        "packs = ['crm-notes']\n[[path]]\nglob = 'posts/**'\npacks = ['office.toml']\n",
    ] {
        stage.write("probity.toml", settings);
        let outcome = stage.run(&["coverage", "our-office"]);
        assert_eq!(outcome.exit, Some(0), "{settings}: {}", outcome.stderr);
        assert!(outcome.stdout.starts_with("our-office 1: Ours"), "{}", outcome.stdout);
    }
}
