//! Tests of [`super`].

use proptest::prelude::*;

use super::*;
use crate::pack::Severity;
use crate::scan::compare_text::SHOWN;
use crate::scan::model::{ColumnRead, FileSummary, ScanPlace, Summary};

fn finding(rule: &str, fingerprint: &str, record: u64) -> ScanFinding {
    ScanFinding {
        file: "notes.csv".to_owned(),
        sheet: None,
        record,
        line: record + 1,
        cell: None,
        column: "note".to_owned(),
        id: None,
        group: None,
        month: None,
        rule: rule.to_owned(),
        severity: Severity::Warning,
        message: "names a religion".to_owned(),
        places: vec![ScanPlace { bytes: Some(0..4), chars: 0..4, text: "Xxxx".to_owned() }],
        fingerprint: fingerprint.to_owned(),
    }
}

fn plain_list(findings: &[ScanFinding]) -> String {
    findings.iter().map(|one| serde_json::to_string(one).unwrap() + "\n").collect()
}

fn changes(new: u64, gone: u64, still: u64) -> Changes {
    Changes { new, gone, still, ..Changes::default() }
}

#[test]
fn findings_are_told_apart_by_fingerprint_and_counted_by_rule() {
    let old = [finding("crm/religion", "1:a", 1), finding("crm/race", "1:b", 2)];
    let new = [finding("crm/religion", "1:a", 7), finding("crm/health", "1:c", 8)];
    let compared = compare(plain_list(&old).as_bytes(), &new, &Scope::default()).unwrap();
    assert_eq!(compared.all, changes(1, 1, 1));
    let rules: Vec<_> = compared.by_rule.iter().map(|(rule, count)| (&**rule, *count)).collect();
    assert_eq!(
        rules,
        [
            ("crm/health", changes(1, 0, 0)),
            ("crm/race", changes(0, 1, 0)),
            ("crm/religion", changes(0, 0, 1))
        ]
    );
    assert_eq!(compared.new[0].record, 8);
    assert_eq!((&*compared.gone[0].rule, compared.gone[0].line), ("crm/race", 3));
    let text = text(&compared);
    assert!(text.starts_with("Since the older list: 1 new, 1 gone, 1 still there.\n"), "{text}");
    assert!(text.contains("\nNew:\n  notes.csv, record 8, line 9, column note: crm/health\n"));
    assert!(!text.contains("did not read"), "{text}");
    let json = serde_json::to_value(&compared).unwrap();
    assert_eq!(json["gone"][0]["fingerprint"], "1:b");
}

#[test]
fn records_that_only_one_list_identifies_are_told() {
    let identified = ScanFinding { id: Some("7".to_owned()), ..finding("crm/race", "1:b", 1) };
    let plain = finding("crm/race", "1:a", 1);
    let told = |old: &[&ScanFinding], new: &[&ScanFinding]| {
        let old: Vec<ScanFinding> = old.iter().map(|&one| one.clone()).collect();
        text(&compare(plain_list(&old).as_bytes(), new.iter().copied(), &Scope::default()).unwrap())
    };
    let notice = "names no identifiers";
    let text = told(&[&plain], &[&identified]);
    assert!(text.contains("The older list names no identifiers (`--id-field`)"), "{text}");
    let text = told(&[&identified], &[&plain]);
    assert!(text.contains("The new list names no identifiers (`--id-field`)"), "{text}");
    for (old, new) in [
        (vec![&plain], vec![&plain]),
        (vec![&identified], vec![&identified]),
        // Some records lack one.
        (vec![&plain, &identified], vec![&identified]),
        (vec![], vec![&identified]),
        (vec![&identified], vec![]),
    ] {
        let text = told(&old, &new);
        assert!(!text.contains(notice), "{text}");
    }
}

/// A scan that read one column and left another out, with these rules.
fn scope(read: &str, unread: &str, rules: &[(&str, &str, bool)]) -> (Summary, Scope) {
    let file = FileSummary {
        columns: vec![ColumnRead { name: read.to_owned(), why: String::new() }],
        unread: vec![unread.to_owned()],
        ..FileSummary::default()
    };
    let summary = Summary { files: vec![file], ..Summary::default() };
    let scope = Scope::of(&summary, rules.iter().copied());
    (summary, scope)
}

fn list_of(findings: &[ScanFinding], summary: &Summary) -> String {
    let end = serde_json::json!({ "type": "summary", "summary": summary });
    format!("{}{end}\n", plain_list(findings))
}

#[test]
fn what_was_not_looked_for_is_neither_gone_nor_new() {
    let old = [finding("crm/religion", "1:a", 1), finding("crm/race", "1:b", 2)];
    let rules = [("crm-notes", "crm/religion", true), ("crm-notes", "crm/race", true)];
    let (summary, same) = scope("note", "extra", &rules);
    let list = list_of(&old, &summary);
    let told = |list: &str, new: &[ScanFinding], now: &Scope| {
        let compared = compare(list.as_bytes(), new, now).unwrap();
        let Changes { new, gone, still, left_out, first_scanned } = compared.all;
        let named = (compared.new.len() as u64, compared.gone.len() as u64);
        assert_eq!(named, (new, gone));
        ([new, gone, still, left_out, first_scanned], text(&compared))
    };
    let (counts, text) = told(&list, &old[..1], &same);
    assert_eq!(counts, [0, 1, 1, 0, 0]);
    assert!(!text.contains("cut short") && !text.contains("leaves out"), "{text}");
    // The column was left out this time.
    let (_, other) = scope("extra", "note", &rules);
    let elsewhere = ScanFinding { column: "extra".into(), ..finding("crm/race", "1:d", 3) };
    let (counts, text) = told(&list, &[elsewhere], &other);
    assert_eq!(counts, [0, 0, 0, 2, 1]);
    assert!(text.contains("2 findings of the older list (in columns"), "{text}");
    assert!(text.contains("1 finding (in columns or of rules that the older scan"), "{text}");
    // One of the rules was switched off.
    let off = [rules[0], ("crm-notes", "crm/race", false)];
    let (_, without) = scope("note", "extra", &off);
    assert_eq!(told(&list, &[], &without).0, [0, 1, 0, 1, 0]);
    let (counts, text) = told(&plain_list(&old), &[], &same);
    assert_eq!(counts, [0, 2, 0, 0, 0]);
    assert!(text.contains("it was cut short"), "{text}");
}

#[test]
fn a_fingerprint_counts_as_often_as_it_stands() {
    let old: Vec<_> = (1..=3).map(|record| finding("a/b", "1:a", record)).collect();
    let compared = compare(plain_list(&old).as_bytes(), &old[..1], &Scope::default()).unwrap();
    assert_eq!(compared.all, changes(0, 2, 1));
    assert_eq!(compared.gone.iter().map(|place| place.record).collect::<Vec<_>>(), [2, 3]);
    let compared = compare(plain_list(&old[..1]).as_bytes(), &old, &Scope::default()).unwrap();
    assert_eq!(compared.all, changes(2, 0, 1));
}

#[test]
fn wrapped_findings_headers_summaries_marks_and_blank_lines_are_read() {
    let one = serde_json::to_string(&finding("a/b", "1:a", 1)).unwrap();
    let list = format!(
        "\u{feff}{{\"type\":\"header\",\"header\":{{\"schema\":1}}}}\r\n\r\n\
         {{\"type\":\"finding\",\"finding\":{one}}}\r\n{one}\r\n\
         {{\"type\":\"notice\",\"line\":\"what\"}}\n\
         {{\"type\":\"summary\",\"summary\":{{\"unlisted\":2,\"incomplete\":true}}}}"
    );
    let compared =
        compare(list.as_bytes(), &[finding("a/b", "1:a", 1)], &Scope::default()).unwrap();
    assert_eq!(compared.all, changes(0, 1, 1));
    assert_eq!((compared.unlisted_before, compared.partial_before), (2, true));
    let text = text(&Comparison { partial_now: true, ..compared });
    for words in ["leaves out 2 findings", "The older scan did not", "This scan did not"] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn flat_summaries_say_what_they_left_out() {
    let list = "{\"type\":\"summary\",\"unlisted\":4,\"sample\":{\"of\":9},\"notices\":[]}\n";
    let compared = compare(list.as_bytes(), &[] as &[ScanFinding], &Scope::default()).unwrap();
    assert_eq!((compared.unlisted_before, compared.partial_before), (4, true));
}

fn fault(list: &[u8]) -> String {
    compare(list, &[finding("a/b", "1:a", 1)], &Scope::default()).unwrap_err().to_string()
}

#[test]
fn a_list_that_is_none_is_an_error_with_its_line() {
    let good = plain_list(&[finding("a/b", "1:a", 1)]);
    for (line, words) in [
        ("{\"file\":\"x", "line 2 of the older list is not JSON"),
        ("rule,file,record", "line 2 of the older list is not JSON"),
        ("[1]", "line 2 of the older list is not a JSON object"),
        ("{\"note\":\"secret\"}", "line 2 of the older list is no finding"),
        ("{\"type\":\"finding\",\"finding\":3}", "line 2 of the older list is no finding"),
        ("{\"type\":\"header\",\"header\":{\"schema\":2}}", "line 2 of the older list says"),
        ("{\"type\":\"header\",\"schema\":2}", "is of version 2 of the format"),
        (&good.replace("1:a", "2:a"), "in line 2 of the older list begins with `2`"),
    ] {
        let said = fault(format!("{good}{line}\n").as_bytes());
        assert!(said.contains(words), "{line}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(good.encode_utf16().flat_map(u16::to_le_bytes));
    assert!(fault(&utf16).contains("line 1 of the older list is UTF-16"));
}

#[test]
fn fingerprints_of_another_method_are_an_error_and_not_all_new() {
    let old = plain_list(&[finding("a/b", "2:a", 1)]);
    let said = fault(old.as_bytes());
    assert!(said.contains("line 1") && said.contains("`2`") && said.contains("`1`"), "{said}");
}

#[test]
fn names_from_files_cannot_steer_a_terminal_or_break_a_line() {
    let mut odd = finding("a/b", "1:a", 1);
    odd.column = "no\nte\u{1b}[31m".to_owned();
    let shown = text(&compare(&b""[..], &[odd], &Scope::default()).unwrap());
    assert!(shown.contains("column no te<U+001B>[31m: a/b\n"), "{shown}");
}

#[test]
fn a_long_list_is_counted_whole_and_shown_in_part() {
    let new = (1..=LISTED as u64 + 5).map(|n| finding("a/b", &format!("1:{n}"), n));
    let compared = compare(&b""[..], new, &Scope::default()).unwrap();
    assert_eq!((compared.all.new, compared.new.len()), (LISTED as u64 + 5, LISTED));
    assert!(text(&compared).ends_with(&format!("  and {} more\n", LISTED + 5 - SHOWN)));
}

proptest! {
    #[test]
    fn counts_are_those_of_multisets(
        old in proptest::collection::vec((0..4_u8, 0..3_u8), 0..40),
        new in proptest::collection::vec((0..4_u8, 0..3_u8), 0..40),
    ) {
        let all = |list: &[(u8, u8)]| -> Vec<ScanFinding> {
            list.iter()
                .map(|(rule, words)| finding(&format!("a/r{rule}"), &format!("1:{rule}{words}"), 1))
                .collect()
        };
        let compared = compare(plain_list(&all(&old)).as_bytes(), all(&new), &Scope::default()).unwrap();
        let mut expected = BTreeMap::<String, Changes>::new();
        for rule in 0..4 {
            for words in 0..3 {
                let times = |list: &[(u8, u8)]| {
                    list.iter().filter(|one| **one == (rule, words)).count() as u64
                };
                let still = times(&old).min(times(&new));
                let of_rule = expected.entry(format!("a/r{rule}")).or_default();
                of_rule.still += still;
                of_rule.new += times(&new) - still;
                of_rule.gone += times(&old) - still;
            }
        }
        expected.retain(|_, changes| *changes != Changes::default());
        prop_assert_eq!(&compared.by_rule, &expected);
        prop_assert_eq!(compared.gone.len() as u64, compared.all.gone);
        prop_assert_eq!(compared.new.len() as u64, compared.all.new);
    }

    #[test]
    fn no_bytes_make_it_fail_in_another_way(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = compare(&bytes[..], &[finding("a/b", "1:a", 1)], &Scope::default());
    }
}
