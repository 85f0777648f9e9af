//! The list of findings for spreadsheets and programs.

mod sarif;

use std::io::{self, Write};

pub use sarif::sarif;

use super::model::{ScanFinding, ScanPlace};
pub use crate::emit::sarif_parts::SARIF_MOST;
use crate::emit::{csv_row as csv_row_of, plain};

const COLUMNS: [&str; 16] = [
    "file",
    "sheet",
    "record",
    "line",
    "cell",
    "column",
    "id",
    "group",
    "month",
    "rule",
    "severity",
    "message",
    "words",
    "characters",
    "bytes",
    "fingerprint",
];

/// The first row of the list. It begins with a byte-order mark, without which Excel
/// reads UTF-8 as something else.
pub fn csv_header(out: &mut dyn Write) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    csv_row_of(COLUMNS.into_iter(), out)
}

/// One finding as a row of CSV (RFC 4180, lines end with CR LF). No cell of it is a
/// formula to a spreadsheet, and control and direction characters are spelled out.
///
/// `characters` and `bytes` are half-open ranges `120-131`, one for each of the words;
/// characters count from 0 in the text of the cell, bytes in the unpacked file.
pub fn csv_row(finding: &ScanFinding, out: &mut dyn Write) -> io::Result<()> {
    let joined = |with: &str, of: &dyn Fn(&ScanPlace) -> Option<String>| {
        finding.places.iter().filter_map(of).collect::<Vec<_>>().join(with)
    };
    let range = |range: &std::ops::Range<usize>| format!("{}-{}", range.start, range.end);
    let (record, line) = (finding.record.to_string(), finding.line.to_string());
    let words = joined(" | ", &|place| Some(place.text.clone()));
    let chars = joined("; ", &|place| Some(range(&place.chars)));
    let bytes = joined("; ", &|place| place.bytes.as_ref().map(range));
    let optional = |cell: &'_ Option<String>| cell.clone().unwrap_or_default();
    let cells = [
        finding.file.as_str(),
        &optional(&finding.sheet),
        &record,
        &line,
        &optional(&finding.cell),
        &finding.column,
        &optional(&finding.id),
        &optional(&finding.group),
        &optional(&finding.month),
        &finding.rule,
        finding.severity.name(),
        &finding.message,
        &words,
        &chars,
        &bytes,
        &finding.fingerprint,
    ];
    csv_row_of(cells.into_iter(), out)
}

/// One finding as a line of JSON. Control, direction and invisible characters are
/// written as escapes, so the value is the same and a terminal does not obey it.
pub fn json_line(finding: &ScanFinding, out: &mut dyn Write) -> io::Result<()> {
    let json = serde_json::to_string(finding)?;
    out.write_all(plain(&json).as_bytes())?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::emit::{csv_cell, is_formula};
    use crate::pack::Severity;
    use crate::scan::html::testing as made_up;

    fn written(finding: &ScanFinding) -> String {
        let mut out = Vec::new();
        csv_row(finding, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The cells of the first row.
    fn cells(csv: &str) -> Vec<String> {
        let mut reader = csv_core::Reader::new();
        let (mut out, mut ends) = (vec![0; csv.len() + 1], vec![0; 64]);
        let (_, _, _, count) = reader.read_record(csv.as_bytes(), &mut out, &mut ends);
        let mut start = 0;
        ends[..count]
            .iter()
            .map(|&end| {
                let cell = String::from_utf8(out[start..end].to_vec()).unwrap();
                start = end;
                cell
            })
            .collect()
    }

    #[test]
    fn the_header_names_every_cell() {
        let mut header = Vec::new();
        csv_header(&mut header).unwrap();
        let header = String::from_utf8(header).unwrap();
        assert!(header.starts_with("\u{feff}file,sheet,record,line,"), "{header}");
        assert!(header.ends_with("fingerprint\r\n"));
        let (_, findings, _) = made_up::report();
        assert_eq!(cells(&written(&findings[0])).len(), COLUMNS.len());
    }

    #[test]
    fn no_cell_is_a_formula_and_quotes_are_doubled() {
        let check = |text: &str, expected: &str| assert_eq!(csv_cell(text), expected, "{text:?}");
        check("plain", "plain");
        check("two words", "two words");
        check("a,b", "\"a,b\"");
        check("a;b", "\"a;b\"");
        check("say \"hi\"", "\"say \"\"hi\"\"\"");
        check("=1+1", "\"'=1+1\"");
        check("  =1+1", "\"'  =1+1\"");
        check("\u{a0}+1", "\"'\u{a0}+1\"");
        check("@SUM(A1)", "\"'@SUM(A1)\"");
        check("-5", "\"'-5\"");
        check("＝1", "\"'＝1\"");
        check("\tx", "\"'\tx\"");
        check("\rx", "\"'<U+000D>x\"");
        check("a\u{0}\u{202e}b", "a<U+0000><U+202E>b");
    }

    fn any_finding() -> impl Strategy<Value = ScanFinding> {
        let text = || "(\\PC|[=+@\t\r\n\"', ;-]|\u{202e}|\u{0}){0,12}";
        (text(), text(), text(), text(), any::<u64>(), any::<bool>()).prop_map(
            |(file, column, id, words, record, workbook)| ScanFinding {
                file,
                sheet: workbook.then(|| column.clone()),
                record,
                line: record,
                cell: workbook.then(|| "C12".to_owned()),
                column,
                id: Some(id.clone()),
                group: Some(id),
                month: None,
                rule: "notes/religion".to_owned(),
                severity: Severity::Warning,
                message: words.clone(),
                places: vec![ScanPlace { bytes: Some(3..9), chars: 0..4, text: words }],
                fingerprint: "1:abc".to_owned(),
            },
        )
    }

    proptest! {
        #[test]
        fn a_row_is_one_row_and_no_cell_of_it_a_formula(finding in any_finding()) {
            let csv = written(&finding);
            prop_assert!(csv.ends_with("\r\n"));
            let cells = cells(&csv);
            prop_assert_eq!(cells.len(), COLUMNS.len());
            for (cell, name) in cells.iter().zip(COLUMNS) {
                prop_assert!(!is_formula(cell), "{}: {:?}", name, cell);
            }
            prop_assert_eq!(&cells[15], "1:abc");
        }

        #[test]
        fn a_line_of_json_is_one_line_and_reads_back_the_same(finding in any_finding()) {
            let mut out = Vec::new();
            json_line(&finding, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            prop_assert_eq!(text.matches('\n').count(), 1);
            prop_assert!(!text.trim_end_matches('\n').contains(|c: char| c.is_control()));
            let back: ScanFinding = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(back, finding);
        }
    }
}
