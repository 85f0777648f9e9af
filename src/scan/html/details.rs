//! What to do about each rule, and findings by group and column.

use super::table::{Cell, Head, Kind, head, name, prose, section, table, text};
use super::{ROWS_MOST, Report, RuleRow, left_out, severity};
use crate::finding::CitationReport;
use crate::scan::figures::{counted, named, number};
use crate::scan::model::{Group, Summary};

/// Offices named beside a rule; the table has all.
const NAMED: usize = 5;

/// What to do, whom to ask and where it is written, rule by rule.
pub fn rules(report: &Report) -> String {
    if report.rules.is_empty() {
        return String::new();
    }
    let mut body = String::new();
    for (at, rule) in report.rules.iter().enumerate() {
        body.push_str(&format!(
            "<h3 id=\"rule-{}\" tabindex=\"-1\">{}</h3>\n<dl class=\"rule\">\n",
            at + 1,
            text(report.title(rule.name))
        ));
        body.push_str(&about(report, rule));
        body.push_str("</dl>\n");
    }
    section("what-to-do", "What to do", &body)
}

fn about(report: &Report, rule: &RuleRow) -> String {
    let mut out = String::new();
    let mut line = |label: &str, html: &str| {
        out.push_str(&format!("<dt>{label}</dt><dd>{html}</dd>\n"));
    };
    let found = format!(
        "in {}, {} in all",
        counted(rule.count.records, "record"),
        counted(rule.count.findings, "finding")
    );
    line("Found", &found);
    if let Some(at) = places(report.summary, rule.name) {
        line("Where", &at);
    }
    let known = report.summary.rules.get(rule.name);
    if let Some(known) = known {
        line("What to do", &prose(&known.help));
        if let Some(ask) = &known.ask {
            line("Whom to ask", &prose(ask));
        }
        if known.cites.is_empty() {
            line("Paragraph", "The rule names none.");
        } else {
            line("Paragraph", &cites(&known.cites));
        }
    }
    let version = known
        .and_then(|known| report.summary.packs.iter().find(|pack| pack.id == known.pack))
        .map_or_else(String::new, |pack| {
            format!(", of {} {}", text(&pack.id), text(&pack.version))
        });
    let severity = rule.severity.map_or_else(String::new, |of| format!(" ({})", severity(of)));
    line("Rule", &format!("<code>{}</code>{severity}{version}", text(rule.name)));
    out
}

/// The groups with most records of a rule.
fn places(summary: &Summary, rule: &str) -> Option<String> {
    summary.group_by.as_ref()?;
    let mut groups: Vec<(&str, u64)> = summary
        .by_group
        .iter()
        .filter_map(|(value, group)| Some((named(value), *group.by_rule.get(rule)?)))
        .filter(|(_, records)| *records > 0)
        .collect();
    groups.sort_by_key(|(_, records)| std::cmp::Reverse(*records));
    let mut parts: Vec<String> = groups
        .iter()
        .take(NAMED)
        .map(|(value, records)| format!("{}: {}", name(value), counted(*records, "record")))
        .collect();
    if groups.len() > NAMED {
        let more = number((groups.len() - NAMED) as u64);
        parts.push(format!("<a href=\"#group-rules\">{more} more</a>"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Citations as a list, the places in one document together. One that nobody has read
/// says so first and is no link.
pub fn cites(cites: &[CitationReport]) -> String {
    let mut documents: Vec<(&CitationReport, Vec<String>)> = Vec::new();
    for cite in cites {
        let same = |(first, _): &&mut (&CitationReport, _)| {
            let key = |cite: &CitationReport| (cite.verified, cite.title.clone());
            key(first) == key(cite)
        };
        match documents.iter_mut().find(same) {
            Some((_, places)) => places.extend(cite.at.as_ref().map(|at| linked(at, cite))),
            None if cite.at.is_none() => documents.push((cite, Vec::new())),
            None => documents.push((cite, cite.at.iter().map(|at| linked(at, cite)).collect())),
        }
    }
    let items: String = documents
        .iter()
        .map(|(cite, places)| format!("<li>{}</li>", citation(cite, places)))
        .collect();
    format!("<ul class=\"plain\">{items}</ul>")
}

fn citation(cite: &CitationReport, places: &[String]) -> String {
    let title = if places.is_empty() { linked(&cite.title, cite) } else { prose(&cite.title) };
    let more: String = [&cite.publisher, &cite.date]
        .into_iter()
        .flatten()
        .map(|part| format!(", {}", prose(part)))
        .collect();
    let places = if places.is_empty() { String::new() } else { format!(": {}", places.join("; ")) };
    if cite.verified {
        return format!("{title}{more}{places}");
    }
    format!(
        "<span class=\"unchecked\"><strong>Not checked against the source</strong>, so no \
         authority: {title}{more}{places}</span>"
    )
}

/// A text that leads to the source, where that is on the web and somebody has read it.
fn linked(text: &str, cite: &CitationReport) -> String {
    let web = |url: &&String| url.starts_with("https://") || url.starts_with("http://");
    match cite.url.as_ref().filter(web).filter(|_| cite.verified) {
        Some(url) => {
            format!("<a href=\"{}\" rel=\"noreferrer\">{}</a>", self::text(url), prose(text))
        }
        None => prose(text),
    }
}

/// The heading of the groups, as HTML.
pub fn by_group(summary: &Summary) -> String {
    match &summary.group_by {
        Some(by) => format!("By {}", name(by)),
        None => "By group".to_owned(),
    }
}

const COUNTS: [Head<'static>; 3] = [
    head("Records scanned", Kind::Figure),
    head("Records with findings", Kind::Figure),
    head("With findings, of every 1,000", Kind::Figure),
];
const GROUP_RULES: [Head<'static>; 3] = [
    head("Rule", Kind::Choice),
    head("Records", Kind::Figure),
    head("Of every 1,000 records there", Kind::Figure),
];

/// How many records of each group have findings, and of which rules.
pub fn groups(report: &Report) -> String {
    let summary = report.summary;
    let Some(by) = &summary.group_by else { return String::new() };
    let mut groups: Vec<(&String, &Group)> = summary.by_group.iter().collect();
    groups.sort_by_key(|(_, group)| std::cmp::Reverse((group.records_found, group.records)));
    let most = groups.iter().map(|(_, group)| group.records_found).max().unwrap_or(0);
    let rows: Vec<Vec<Cell>> = groups
        .iter()
        .take(ROWS_MOST)
        .map(|(value, group)| {
            vec![
                Cell::html(name(named(value))),
                Cell::number(group.records),
                Cell::bar(group.records_found, most),
                Cell::rate(group.records_found, group.records),
            ]
        })
        .collect();
    let heads: Vec<Head<'_>> = [head(named(by), Kind::Row)].into_iter().chain(COUNTS).collect();
    let caption = format!("Records by {}, those with most findings first", name(by));
    let mut body = table("groups", &caption, &heads, &rows);
    body.push_str(&left_out(groups.len()));
    let mut pairs: Vec<(&String, &Group, &String, u64)> = groups
        .iter()
        .flat_map(|(value, group)| {
            group.by_rule.iter().map(move |(rule, records)| (*value, *group, rule, *records))
        })
        .filter(|(.., records)| *records > 0)
        .collect();
    pairs.sort_by_key(|(.., records)| std::cmp::Reverse(*records));
    if !pairs.is_empty() {
        let rows: Vec<Vec<Cell>> = pairs
            .iter()
            .take(ROWS_MOST)
            .map(|(value, group, rule, records)| {
                vec![
                    Cell::html(name(named(value))),
                    Cell::html(report.rule_link(rule)),
                    Cell::number(*records),
                    Cell::rate(*records, group.records),
                ]
            })
            .collect();
        let heads: Vec<Head<'_>> =
            [head(named(by), Kind::Row)].into_iter().chain(GROUP_RULES).collect();
        let caption = format!("What was found, by {} and rule", name(by));
        body.push_str(&table("group-rules", &caption, &heads, &rows));
        body.push_str(&left_out(pairs.len()));
    }
    section("by-group", &by_group(summary), &body)
}

const COLUMNS: [Head<'static>; 3] = [
    head("Column", Kind::Row),
    head("Records with findings", Kind::Figure),
    head("Findings", Kind::Figure),
];

/// How often something was found in each column, of all files together.
pub fn columns(report: &Report) -> String {
    let mut columns: Vec<_> = report.summary.by_column.iter().collect();
    if columns.is_empty() {
        return String::new();
    }
    columns.sort_by_key(|(_, count)| std::cmp::Reverse((count.records, count.findings)));
    let most = columns.iter().map(|(_, count)| count.records).max().unwrap_or(0);
    let rows: Vec<Vec<Cell>> = columns
        .iter()
        .take(ROWS_MOST)
        .map(|(column, count)| {
            vec![
                Cell::html(name(named(column))),
                Cell::bar(count.records, most),
                Cell::number(count.findings),
            ]
        })
        .collect();
    let mut body =
        table("columns", "Columns in which something was found, of all files", &COLUMNS, &rows);
    body.push_str(&left_out(columns.len()));
    section("by-column", "By column", &body)
}
