//! Exports that are cut where no line ends, or cannot be, and what is said of the rest.

use std::fmt::Write as _;

mod common;

use common::{Outcome, Stage};

/// More records than are read at once.
const RECORDS: usize = 6_000;

fn records(between: &str) -> String {
    let mut text = String::new();
    for number in 0..RECORDS {
        let emoji = if number % 7 == 0 { "\u{1f600} " } else { "" };
        let comma = if number == 0 { "" } else { "," };
        let note = format!("{emoji}Rang. He is Sikh, file {number}");
        write!(text, "{comma}{between}{{\"Contact ID\": {number}, \"Notes\": \"{note}\"}}")
            .unwrap();
    }
    text
}

fn scan(name: &str, bytes: impl AsRef<[u8]>, more: &[&str]) -> Outcome {
    let stage = Stage::with(name, bytes);
    let args = ["scan", "--pack", "crm-notes", "--max-findings", "1", name];
    stage.run(&[&args[..], more].concat())
}

fn assert_all(outcome: &Outcome, records: &str) {
    assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
    let said = format!("{records} records have findings: {records} findings");
    assert!(outcome.stdout.contains(&said), "{}", outcome.all());
}

#[test]
fn json_without_line_breaks_is_read_as_records() {
    for between in ["", "\n"] {
        let all = records(between);
        for (name, text) in [
            ("a.json", format!("[{all}]")),
            ("b.json", format!("[\n{all}]")),
            ("c.json", format!("{{\"@odata.context\": \"x\", \"value\": [{all}]}}")),
            ("d.js", format!("window.YTD.tweets.part0 = [{all}]")),
        ] {
            assert_all(&scan(name, text, &["--field", "Notes"]), "6,000");
        }
    }
}

#[test]
fn names_of_columns_can_be_longer_than_what_is_read_at_once() {
    let mut text = String::from("Contact ID,Notes");
    for number in 0..30_000 {
        write!(text, ",column number {number}").unwrap();
    }
    text.push_str("\n1,He is Sikh\n2,He is Sikh\n");
    assert_all(&scan("wide.csv", text, &["--field", "Notes"]), "2");
}

#[test]
fn lines_of_utf16_can_end_with_carriage_returns() {
    let mut text = String::from("Contact ID,Notes\r");
    for number in 0..RECORDS {
        write!(text, "{number},Rang twice about the bins. He is Sikh\r").unwrap();
    }
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_all(&scan("cr.csv", [&b"\xfe\xff"[..], &bytes].concat(), &[]), "6,000");
}

#[test]
fn emoji_do_not_hide_that_text_is_utf16() {
    let mut text = String::from("Contact ID,Notes\r\n");
    for number in 0..200 {
        write!(text, "{number},\u{1f600} He is Sikh\r\n").unwrap();
    }
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_all(&scan("emoji.csv", bytes, &[]), "200");
}

#[test]
fn what_is_not_scanned_is_said() {
    let stage = Stage::with("ex/april.tsv", "Contact ID\tNotes\n1\tok\n");
    stage.write("ex/march.txt", "Contact ID\tNotes\n1\tHe is Sikh\n");
    let folder = stage.run(&["scan", "ex"]);
    assert!(folder.stdout.contains("ex/march.txt: this file was not scanned"), "{}", folder.all());
    let both = stage.run(&["scan", "ex", "--field", "Notes", "--exclude-field", "notes"]);
    assert_eq!(both.exit, Some(2), "{}", both.all());
    assert!(both.all().contains("asked for by --field and left out"), "{}", both.all());
    let none =
        stage.run(&["scan", "ex", "--exclude-field", "Notes", "--exclude-field", "Contact ID"]);
    assert!(none.stdout.contains("No text was scanned"), "{}", none.all());
}

#[test]
fn a_statement_in_the_name_of_a_column_is_told() {
    let text = "C-1,Jane Roe,He is Sikh\nC-2,Tom Poe,Asked for the map\nC-3,Ann Lee,Sent it\n";
    let outcome = scan("small.csv", text, &[]);
    assert!(outcome.stdout.contains("--no-header"), "{}", outcome.all());
    let all = scan("small.csv", text, &["--no-header"]);
    assert!(all.stdout.contains("small.csv: 3 records, 1 finding"), "{}", all.all());
}

#[test]
fn records_without_a_readable_date_have_a_month() {
    let mut text = String::from("Contact ID,Date,Notes\n");
    for day in 1..=28 {
        writeln!(text, "{day},{day:02}/03/2024,He is Sikh").unwrap();
    }
    let outcome = scan("dates.csv", &text, &["--date-field", "Date"]);
    let row = |name: &str| {
        let line = outcome.stdout.lines().find(|line| line.trim_start().starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)).map(str::to_owned)
    };
    assert_eq!(row("2024-03").as_deref(), Some("17"), "{}", outcome.all());
    assert_eq!(row("unknown").as_deref(), Some("11"), "{}", outcome.all());
}

#[test]
fn control_characters_hide_no_word() {
    let text = "Contact ID,Notes\n1,He is Mus\0lim\n2,He is a devout M\u{7}uslim man\n";
    assert_all(&scan("control.csv", text, &["--field", "Notes"]), "2");
}

#[test]
fn a_comparison_calls_nothing_gone_that_was_not_looked_for() {
    let stage = Stage::with(
        "notes.csv",
        "Contact ID,Notes,Remarks\n1,He is Sikh,Tel. NI number AB 12 34 56 C\n2,Rang,She is Muslim\n",
    );
    let common = ["scan", "--id-field", "Contact ID", "--field", "Notes", "notes.csv"];
    let all = [&common[..], &["--field", "Remarks"]].concat();
    let pack = |name| ["--pack", name];
    let list = ["--format", "jsonl=old.jsonl"];
    let outcome =
        stage.run(&[&all[..], &pack("crm-notes"), &pack("public-sector-data"), &list].concat());
    assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
    let against = ["--compare", "old.jsonl"];
    let said = |args: &[&[&str]], expected: &str| {
        let outcome = stage.run(&args.concat());
        assert!(outcome.stdout.contains(expected), "{expected}: {}", outcome.all());
        outcome.stdout
    };
    let both = [pack("crm-notes"), pack("public-sector-data")].concat();
    let text = said(&[&all, &both, &against], "0 new, 0 gone, 4 still there.");
    assert!(!text.contains("leaves out"), "{text}");
    let text = said(&[&all, &pack("crm-notes"), &against], "0 new, 0 gone, 3 still there.");
    assert!(text.contains("1 finding of the older list"), "{text}");
    let text = said(&[&common, &both, &against], "0 new, 0 gone, 1 still there.");
    assert!(text.contains("3 findings of the older list"), "{text}");
    // What the older scan left out is not new, either.
    stage.run(&[&common[..], &pack("crm-notes"), &list].concat());
    let text = said(&[&all, &both, &against], "0 new, 0 gone, 1 still there.");
    assert!(text.contains("3 findings (in columns or of rules that the older scan"), "{text}");
    // A list that was cut says nothing of that.
    let cut = stage.read("old.jsonl").lines().take(1).collect::<String>();
    stage.write("old.jsonl", cut);
    let text = said(&[&all, &both, &against], "3 new, 0 gone, 1 still there.");
    assert!(text.contains("it was cut short"), "{text}");
}
