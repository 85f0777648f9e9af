//! What was read, what was not, and with which rules.

use super::details::cites;
use super::table::{Cell, Head, Kind, head, name, prose, section, table, text};
use super::{ROWS_MOST, Report, left_out};
use crate::coverage::{Coverage, DutyReport, Status};
use crate::emit::{coverage_summary, ways};
use crate::finding::{NotJudged, Notice};
use crate::scan::figures::{file_name, named, number, size, why};
use crate::scan::model::FileSummary;

/// Columns of a file that are named; a table can have thousands.
const COLUMNS_MOST: usize = 60;

const FILES: [Head<'static>; 6] = [
    head("File", Kind::Row),
    head("Read as", Kind::Choice),
    head("Records", Kind::Figure),
    head("Findings", Kind::Figure),
    head("Columns scanned, and why", Kind::Text),
    head("Columns not scanned", Kind::Text),
];

/// The files and their columns.
pub fn files(report: &Report) -> String {
    let files = &report.summary.files;
    if files.is_empty() {
        return section("files", "Files and columns", "<p>No file was read.</p>\n");
    }
    let rows: Vec<Vec<Cell>> = files
        .iter()
        .take(ROWS_MOST)
        .map(|file| {
            let read_as = match &file.encoding {
                Some(encoding) => format!("{}, {}", text(&file.format), text(encoding)),
                None => text(&file.format),
            };
            let unread: Vec<&str> = file.unread.iter().map(String::as_str).collect();
            vec![
                Cell::html(name(&file_name(file))),
                Cell::html(read_as),
                Cell::number(file.records),
                Cell::number(file.findings),
                Cell::html(scanned(file)),
                Cell::html(if unread.is_empty() { "none".to_owned() } else { names(&unread) }),
            ]
        })
        .collect();
    let mut body = table("file-list", "Files in the order in which they were read", &FILES, &rows);
    body.push_str(&left_out(files.len()));
    section("files", "Files and columns", &body)
}

/// The columns that were scanned, those with one reason together.
fn scanned(file: &FileSummary) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for column in &file.columns {
        match reasons.iter_mut().find(|(reason, _)| *reason == column.why) {
            Some((_, columns)) => columns.push(&column.name),
            None => reasons.push((&column.why, vec![&column.name])),
        }
    }
    if reasons.is_empty() {
        return "<strong>none</strong>".to_owned();
    }
    let items: String = reasons
        .iter()
        .map(|(reason, columns)| format!("<li>{} ({})</li>", names(columns), text(&why(reason))))
        .collect();
    format!("<ul class=\"plain\">{items}</ul>")
}

fn names(of: &[&str]) -> String {
    let mut parts: Vec<String> = of.iter().take(COLUMNS_MOST).map(|one| name(named(one))).collect();
    if of.len() > COLUMNS_MOST {
        parts.push(format!("{} more", number((of.len() - COLUMNS_MOST) as u64)));
    }
    parts.join(", ")
}

const NOTICES: [Head<'static>; 3] =
    [head("File", Kind::Row), head("Line", Kind::Figure), head("What and why", Kind::Text)];

/// What was skipped, and what else people must know.
pub fn notices(report: &Report) -> String {
    let (skipped, other): (Vec<&Notice>, Vec<&Notice>) =
        report.summary.notices.iter().partition(|notice| notice.unchecked);
    let mut body = String::new();
    let mut add = |id: &str, caption: &str, notices: &[&Notice]| {
        let rows: Vec<Vec<Cell>> = notices
            .iter()
            .take(ROWS_MOST)
            .map(|notice| {
                let path =
                    if notice.path.is_empty() { "–".to_owned() } else { name(&notice.path) };
                let line = notice.line.map_or_else(
                    || Cell::sorted_by("–".to_owned(), 0),
                    |line| Cell::number(line as u64),
                );
                vec![Cell::html(path), line, Cell::html(prose(&notice.message))]
            })
            .collect();
        body.push_str(&table(id, caption, &NOTICES, &rows));
        body.push_str(&left_out(notices.len()));
    };
    if !skipped.is_empty() {
        add("skipped-list", "Not scanned", &skipped);
    }
    if !other.is_empty() {
        add("notice-list", "Scanned, with something to know", &other);
    }
    if body.is_empty() {
        body.push_str("<p>Nothing was skipped.</p>\n");
    } else if skipped.is_empty() {
        body.insert_str(0, "<p>Nothing was skipped.</p>\n");
    }
    section("skipped", "What was skipped and why", &body)
}

const NOT_JUDGED: [Head<'static>; 4] = [
    head("Rule", Kind::Row),
    head("Judged", Kind::Choice),
    head("Not known", Kind::Text),
    head("Columns that are missing", Kind::Text),
];

/// The rules nobody could judge and what they lack.
pub fn not_judged(report: &Report) -> String {
    let rules = &report.summary.not_judged;
    if rules.is_empty() {
        return String::new();
    }
    let code = |names: &[String]| -> String {
        let names: Vec<String> =
            names.iter().map(|name| format!("<code>{}</code>", text(name))).collect();
        if names.is_empty() { "–".to_owned() } else { names.join(", ") }
    };
    let row = |rule: &NotJudged| {
        let judged = if rule.partly { "in part" } else { "not at all" };
        vec![
            Cell::html(format!("<code>{}</code>", text(&rule.rule))),
            Cell::text(judged),
            Cell::html(code(&rule.missing)),
            Cell::html(code(&rule.columns)),
        ]
    };
    let rows: Vec<Vec<Cell>> = rules.iter().take(ROWS_MOST).map(row).collect();
    let mut body = "<p>These rules say nothing about the records until somebody says what they \
                    lack: a fact (<code>--set</code> or <code>probity.toml</code>), or the column \
                    in which it stands.</p>\n"
        .to_owned();
    body.push_str(&table("not-judged-list", "Rules that could not be judged", &NOT_JUDGED, &rows));
    body.push_str(&left_out(rules.len()));
    section("not-judged", "Rules not judged", &body)
}

const PACKS: [Head<'static>; 5] = [
    head("Pack", Kind::Row),
    head("Version", Kind::Text),
    head("Rules", Kind::Figure),
    head("Loaded from", Kind::Text),
    head("Digest (BLAKE3)", Kind::Text),
];
const DIGESTS: [Head<'static>; 3] =
    [head("File", Kind::Row), head("Size", Kind::Figure), head("Digest (BLAKE3)", Kind::Text)];

/// The packs and files with their digests.
pub fn versions(report: &Report) -> String {
    let summary = report.summary;
    let digest = |digest: &str| {
        let html = format!("<span class=\"digest\">{}</span>", text(digest));
        Cell::html(if digest.is_empty() { "–".to_owned() } else { html })
    };
    let rows: Vec<Vec<Cell>> = summary
        .packs
        .iter()
        .map(|pack| {
            let known = report.coverage.iter().find(|known| known.pack == pack.id);
            let title = known.map_or_else(String::new, |known| format!(": {}", text(&known.title)));
            vec![
                Cell::html(format!("<code>{}</code>{title}", text(&pack.id))),
                Cell::text(&pack.version),
                Cell::number(pack.rules as u64),
                Cell::text(&pack.origin),
                digest(&pack.digest),
            ]
        })
        .collect();
    let mut body = format!(
        "<p>Made by probity {}. A digest is the fingerprint of a file: the same bytes give the \
         same digest.</p>\n",
        env!("CARGO_PKG_VERSION")
    );
    body.push_str(&table("packs", "Packs of rules that were used", &PACKS, &rows));
    // The sheets of a workbook are one file.
    let mut files: Vec<&FileSummary> = Vec::new();
    for file in &summary.files {
        if files.last().is_none_or(|last| last.path != file.path || last.digest != file.digest) {
            files.push(file);
        }
    }
    let rows: Vec<Vec<Cell>> = files
        .iter()
        .take(ROWS_MOST)
        .map(|file| {
            vec![
                Cell::html(name(&file.path)),
                Cell::sorted_by(size(file.bytes), file.bytes),
                digest(&file.digest),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let caption = "Files that were read, unpacked where they were packed";
        body.push_str(&table("digests", caption, &DIGESTS, &rows));
        body.push_str(&left_out(files.len()));
    }
    section("versions", "Rules, versions and digests", &body)
}

const DUTIES: [Head<'static>; 4] = [
    head("Duty", Kind::Row),
    head("What becomes of it", Kind::Choice),
    head("How", Kind::Text),
    head("Where the source says so", Kind::Text),
];

/// What becomes of each duty of the packs.
pub fn coverage(report: &Report) -> String {
    if report.coverage.is_empty() {
        return String::new();
    }
    let mut body = "<p>Each pack lists the duties of its sources, and says which of them a check \
                    of texts can look after. What is not checked here must be looked after by \
                    people.</p>\n"
        .to_owned();
    for (at, pack) in report.coverage.iter().enumerate() {
        body.push_str(&duties(at + 1, pack));
    }
    section("coverage", "What the rules cover", &body)
}

fn duties(at: usize, pack: &Coverage) -> String {
    let title = if pack.title.is_empty() { &pack.pack } else { &pack.title };
    let mut out = format!(
        "<h3>{} ({} {})</h3>\n<p>{}</p>\n",
        text(title),
        text(&pack.pack),
        text(&pack.version),
        prose(&coverage_summary(&pack.summary))
    );
    let rows: Vec<Vec<Cell>> = pack.duties.iter().map(duty).collect();
    if !rows.is_empty() {
        let caption = format!("Duties of {}", text(title));
        out.push_str(&table(&format!("duties-{at}"), &caption, &DUTIES, &rows));
    }
    if !pack.other_rules.is_empty() {
        let items: String = pack
            .other_rules
            .iter()
            .map(|rule| {
                let off = rule
                    .off
                    .as_ref()
                    .map_or_else(String::new, |off| format!(", switched off: {}", prose(off)));
                format!("<li>{} (<code>{}</code>){off}</li>\n", text(&rule.title), text(&rule.id))
            })
            .collect();
        out.push_str(&format!(
            "<p>Rules of this pack that belong to no duty listed here:</p>\n<ul>\n{items}</ul>\n"
        ));
    }
    out
}

fn duty(duty: &DutyReport) -> Vec<Cell> {
    let status = match duty.status {
        Status::Rules => "checked",
        Status::Partly => "checked in part",
        Status::Checklist => "asked in the checklist",
        Status::Off => "switched off",
        Status::NotYet => "not checked yet",
        Status::NotCheckable => "cannot be checked",
    };
    let items: String = ways(duty)
        .iter()
        .map(|(label, text)| format!("<li>{}: {}</li>", prose(label), prose(text)))
        .collect();
    let sources =
        if duty.cites.is_empty() { "No source named".to_owned() } else { cites(&duty.cites) };
    vec![
        Cell::html(format!("{}. {}", duty.number, prose(&duty.text))),
        Cell::text(status),
        Cell::html(format!("<ul class=\"plain\">{items}</ul>")),
        Cell::html(sources),
    ]
}
