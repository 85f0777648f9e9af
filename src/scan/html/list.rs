//! The list of findings, and how to find a record by it.

use std::io::{self, Write};

use super::table::{CLOSE, Cell, Head, Kind, code, head, name, open, row, text};
use super::{LISTED_MOST, Report, severity};
use crate::scan::figures::{counted, findings, named, number};
use crate::scan::model::ScanFinding;

/// How to get from a row of the list to the record.
pub fn how_to_find(report: &Report) -> String {
    if report.findings.is_empty() {
        return String::new();
    }
    let first = if report.any(|finding| finding.id.is_some()) {
        "<li>Take the <b>Id</b> from the <a href=\"#list\">list of findings</a> and look it up \
         in the system that the export came from. Correct the record there, not in the \
         export.</li>\n"
    } else {
        "<li>The scan was not told which column identifies a record (<code>--id-field</code>), \
         so look for the record in the export as below. Correct it in the system that the export \
         came from.</li>\n"
    };
    let mut body = format!("<ol>\n{first}");
    if report.any(|finding| finding.cell.is_some()) {
        body.push_str(
            "<li>In a workbook, open the sheet that is named and go to the <b>cell</b> (press \
             Ctrl+G and type it). If you cannot see it, its sheet, row or column is \
             hidden.</li>\n",
        );
    }
    if report.any(|finding| finding.cell.is_none()) {
        body.push_str(
            "<li>In a text file such as CSV, <b>record</b> 1 is the first below the header, so \
             a spreadsheet shows record 12 in its row 13. <b>Line</b> is the line in a text \
             editor; a note of many lines takes many, so the two differ.</li>\n",
        );
    }
    body.push_str(
        "<li>The <b>column</b> says in which field the words are. A file inside an archive is \
         written as <code>export.zip/notes.csv</code>.</li>\n</ol>\n",
    );
    super::table::section("how-to-find", "How to find a record", &body)
}

/// The list up to its table; [`rows`] goes on.
pub fn before(report: &Report) -> String {
    let mut out = "<section aria-labelledby=\"list\">\n\
                   <h2 id=\"list\" tabindex=\"-1\">List of findings</h2>\n"
        .to_owned();
    let listed = report.findings.len().min(LISTED_MOST);
    let all = findings(report.summary).max(report.findings.len() as u64);
    let left_out = all.saturating_sub(listed as u64);
    if listed == 0 {
        out.push_str(if left_out > 0 {
            "<p>None of the findings is listed here; all are counted above.</p>\n"
        } else {
            "<p>There are none.</p>\n"
        });
    } else if left_out > 0 {
        let are = if left_out == 1 { "is" } else { "are" };
        out.push_str(&format!(
            "<p><strong>The first {} are listed; {} more {are} counted above and not listed \
             here.</strong></p>\n",
            counted(listed as u64, "finding"),
            number(left_out)
        ));
    } else {
        out.push_str(&format!("<p>{} in all.</p>\n", counted(all, "finding")));
    }
    if listed > 0 && !report.summary.revealed {
        out.push_str(
            "<p>Words of sensitive rules are shown by their shape only: the length is right, \
             the letters and digits are not.</p>\n",
        );
    }
    out
}

/// The table of findings and the end of its section. Written row by row, for there can
/// be many.
pub fn rows(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if !report.findings.is_empty() {
        let optional = [
            report.any(|finding| finding.sheet.is_some()),
            report.any(|finding| finding.id.is_some()),
            report.any(|finding| finding.group.is_some()),
        ];
        let by = report.summary.group_by.as_deref().map_or("Group", named);
        let heads = columns(optional, by);
        let caption = "Findings in the order of the files";
        out.write_all(open("findings", caption, &heads).as_bytes())?;
        for finding in report.findings.iter().take(LISTED_MOST) {
            out.write_all(row(&heads, &cells(report, finding, optional)).as_bytes())?;
        }
        out.write_all(CLOSE.as_bytes())?;
    }
    writeln!(out, "</section>")
}

fn columns([sheet, id, group]: [bool; 3], by: &str) -> Vec<Head<'_>> {
    [
        (true, head("File", Kind::Choice)),
        (sheet, head("Sheet", Kind::Choice)),
        (true, head("Record", Kind::Row)),
        (true, head("Line or cell", Kind::Figure)),
        (true, head("Column", Kind::Choice)),
        (id, head("Id", Kind::Text)),
        (group, head(by, Kind::Choice)),
        (true, head("Rule", Kind::Choice)),
        (true, head("Severity", Kind::Choice)),
        (true, head("Words", Kind::Text)),
    ]
    .into_iter()
    .filter_map(|(shown, head)| shown.then_some(head))
    .collect()
}

fn cells<'r>(
    report: &Report<'r>,
    finding: &'r ScanFinding,
    [sheet, id, group]: [bool; 3],
) -> Vec<Cell> {
    let optional = |value: &Option<String>| Cell::text(value.as_deref().unwrap_or_default());
    let place = match &finding.cell {
        Some(cell) => Cell::sorted_by(text(cell), finding.line),
        None => Cell::number(finding.line),
    };
    let words: Vec<String> =
        finding.places.iter().take(20).map(|place| code(&place.text)).collect();
    let more = finding.places.len().saturating_sub(words.len()) as u64;
    let more = if more > 0 { format!(" and {} more", number(more)) } else { String::new() };
    [
        (true, Cell::html(name(&finding.file))),
        (sheet, optional(&finding.sheet)),
        (true, Cell::number(finding.record)),
        (true, place),
        (true, Cell::html(name(named(&finding.column)))),
        (id, optional(&finding.id)),
        (group, Cell::text(named(finding.group.as_deref().unwrap_or_default()))),
        (true, Cell::html(report.rule_link(&finding.rule))),
        (true, Cell::sorted_by(severity(finding.severity), finding.severity as u64)),
        (true, Cell::html(format!("{}{more}", words.join(" … ")))),
    ]
    .into_iter()
    .filter_map(|(shown, cell)| shown.then_some(cell))
    .collect()
}
