//! The first page: whether all was scanned, the key figures, and the rules.

use std::collections::BTreeMap;

use super::table::{Cell, Head, Kind, head, name, prose, section, table, text};
use super::{Report, severity};
use crate::finding::Notice;
use crate::pack::Severity;
use crate::scan::columns::FOR_RULES;
use crate::scan::figures::{counted, file_count, findings, number, overall_rate, rate_words, size};
use crate::scan::model::{FileSummary, Group, Summary};

/// Notices and files named on the first page; the sections have all.
const NAMED: usize = 5;

/// The heading, which says the result.
pub fn heading(summary: &Summary) -> String {
    let of = if summary.sample.is_some() { "sampled records" } else { "records" };
    let (found, all) = (summary.records_found, summary.records);
    let have = if found == 1 { "has" } else { "have" };
    format!("Scan of records: {} of {} {of} {have} findings", number(found), number(all))
}

/// What was scanned and whether all of it was.
pub fn state(report: &Report) -> String {
    let summary = report.summary;
    let mut out = String::new();
    let unchecked: Vec<&Notice> =
        summary.notices.iter().filter(|notice| notice.unchecked).collect();
    if !unchecked.is_empty() {
        let things = match unchecked.len() {
            1 => "One thing was not scanned".to_owned(),
            many => format!("{} things were not scanned", number(many as u64)),
        };
        out.push_str(&format!(
            "<div class=\"alert\">\n<p><strong>Not everything was scanned.</strong> {things}, \
             and whatever is in there is missing from every figure of this report:</p>\n<ul>\n"
        ));
        for notice in unchecked.iter().take(NAMED) {
            out.push_str(&format!("<li>{}</li>\n", notice_line(notice)));
        }
        if unchecked.len() > NAMED {
            let more = number((unchecked.len() - NAMED) as u64);
            out.push_str(&format!("<li><a href=\"#skipped\">{more} more</a></li>\n"));
        }
        out.push_str("</ul>\n</div>\n");
    }
    if let Some(sample) = &summary.sample {
        out.push_str(&format!(
            "<div class=\"alert\"><p><strong>Only a sample was scanned:</strong> {} of {}. \
             All counts below are of the sample.</p></div>\n",
            number(sample.records),
            counted(sample.of, "record")
        ));
    }
    if summary.revealed {
        out.push_str(
            "<div class=\"alert\"><p><strong>This report shows the words themselves</strong>, \
             those of sensitive rules included. Keep it as safe as the records.</p></div>\n",
        );
    }
    out.push_str(&format!("<p class=\"lede\">{}</p>\n", scanned(report)));
    if unchecked.is_empty() && !summary.files.is_empty() {
        let what = if summary.sample.is_some() {
            "Every record of the sample was scanned"
        } else {
            "Every record was scanned"
        };
        let in_part = |file: &FileSummary| {
            !file.unread.is_empty() || file.columns.iter().any(|column| column.why == FOR_RULES)
        };
        let columns = if summary.files.iter().any(in_part) {
            ", in the columns that hold text; <a href=\"#files\">other columns were not \
             scanned</a>"
        } else {
            ", in every column"
        };
        out.push_str(&format!("<p>{what}{columns}.</p>\n"));
    }
    if !summary.not_judged.is_empty() {
        let (were, say) = match summary.not_judged.len() {
            1 => ("was", "It says"),
            _ => ("were", "They say"),
        };
        out.push_str(&format!(
            "<p><a href=\"#not-judged\">{} {were} not judged</a>, or only in part, because \
             something is not known. {say} nothing about the records.</p>\n",
            counted(summary.not_judged.len() as u64, "rule")
        ));
    }
    out
}

/// A notice in a line of HTML.
fn notice_line(notice: &Notice) -> String {
    let message = prose(&notice.message);
    let line = notice.line.map_or_else(String::new, |line| format!(", line {line}"));
    if notice.path.is_empty() {
        return message;
    }
    format!("{}{line}: {message}", name(&notice.path))
}

/// The files and packs, in a sentence.
fn scanned(report: &Report) -> String {
    let summary = report.summary;
    let mut paths: Vec<&str> = summary.files.iter().map(|file| file.path.as_str()).collect();
    paths.dedup();
    let mut named: Vec<String> = paths.iter().take(NAMED).map(|path| name(path)).collect();
    if paths.len() > NAMED {
        let more = number((paths.len() - NAMED) as u64);
        named.push(format!("<a href=\"#files\">{more} more</a>"));
    }
    let files = counted(file_count(summary), "file");
    let list = if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) };
    let packs: Vec<String> = summary
        .packs
        .iter()
        .map(|pack| format!("{} {}", text(&pack.id), text(&pack.version)))
        .collect();
    let rules: usize = summary.packs.iter().map(|pack| pack.rules).sum();
    let by = if packs.is_empty() {
        String::new()
    } else {
        format!(", against {} of {}", counted(rules as u64, "rule"), packs.join(", "))
    };
    format!(
        "probity checked {} in {files}{list}, {} in all{by}.",
        counted(summary.records, "record"),
        size(summary.bytes)
    )
}

/// Whether the words can be seen.
pub fn shown(summary: &Summary) -> &'static str {
    if summary.revealed {
        "It shows the words themselves."
    } else {
        "The words of sensitive rules are shown by their shape only."
    }
}

/// The key figures and how to take them.
pub fn in_short(report: &Report) -> String {
    let summary = report.summary;
    let mut body = "<dl class=\"key\">\n".to_owned();
    let mut figure = |label: &str, value: String, more: String| {
        let more = if more.is_empty() { more } else { format!("<dd class=\"more\">{more}</dd>") };
        body.push_str(&format!("<div><dt>{label}</dt><dd>{value}</dd>{more}</div>\n"));
    };
    let of = summary
        .sample
        .as_ref()
        .map_or_else(String::new, |sample| format!("of {}", number(sample.of)));
    figure("Records scanned", number(summary.records), of);
    figure("Records with findings", number(summary.records_found), String::new());
    let interval = summary.sample.as_ref().map_or_else(String::new, |sample| {
        format!(
            "between {} and {} in 95 of 100 such samples",
            rate_words(Some(sample.low)),
            rate_words(Some(sample.high))
        )
    });
    figure("With findings, of every 1,000", rate_words(overall_rate(summary)), interval);
    let by_severity: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter_map(|severity| {
            let count = summary.findings.get(&severity).filter(|count| **count > 0)?;
            Some(counted(*count, severity.name()))
        })
        .collect();
    figure("Findings", number(findings(summary)), by_severity.join(", "));
    body.push_str("</dl>\n");
    body.push_str(&most(report));
    if !report.findings.is_empty() {
        body.push_str(
            "<p>Where each is: <a href=\"#list\">list of findings</a>. \
             <a href=\"#how-to-find\">How to find a record</a>.</p>\n",
        );
    }
    body.push_str(
        "<p class=\"soft\">A record is one row of an export. A finding is a place in a record \
         at which a rule says that a person must look; it is no verdict. A record can have many \
         findings. An <span class=\"error\">error</span> should not be kept or published, a \
         <span class=\"warning\">warning</span> needs a person to look, a note could be \
         better.</p>\n",
    );
    section("in-short", "In short", &body)
}

/// What is found most and where, in sentences.
fn most(report: &Report) -> String {
    let summary = report.summary;
    if report.rules.is_empty() {
        return "<p>No rule found anything. That says what the rules looked for, in the words \
                they know; it does not prove that there is nothing.</p>\n"
            .to_owned();
    }
    let items: Vec<String> = report
        .rules
        .iter()
        .take(3)
        .map(|rule| {
            let link = report.rule_link(rule.name);
            format!("{link} ({})", counted(rule.count.records, "record"))
        })
        .collect();
    let mut out = format!("<p>Found in the most records: {}.", items.join("; "));
    if let Some(by) = summary.group_by.as_ref().filter(|_| summary.by_group.len() > 1) {
        out.push_str(&top_groups(by, &summary.by_group));
    }
    out.push_str("</p>\n");
    out
}

/// The office with the most records with findings; of several with as many, all are named
/// up to a bound, those with the highest rate first.
fn top_groups(by: &str, groups: &BTreeMap<String, Group>) -> String {
    let most = groups.values().map(|group| group.records_found).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let mut top: Vec<_> = groups.iter().filter(|(_, group)| group.records_found == most).collect();
    // As many of fewer records is the higher rate.
    top.sort_by_key(|(_, group)| group.records);
    let value = |value: &str| name(crate::scan::figures::named(value));
    if let [(only, group)] = top[..] {
        return format!(
            " The {} with the most records with findings is {}: {} of {}.",
            name(by),
            value(only),
            number(most),
            number(group.records)
        );
    }
    let mut named: Vec<String> = top
        .iter()
        .take(NAMED)
        .map(|(it, group)| format!("{} ({} of {})", value(it), number(most), number(group.records)))
        .collect();
    if top.len() > NAMED {
        named.push(format!("{} more", number((top.len() - NAMED) as u64)));
    }
    let last = named.pop().unwrap_or_default();
    format!(
        " By {}, as many records with findings, the most, are those of {} and {last}.",
        name(by),
        named.join(", ")
    )
}

const RULES: [Head<'static>; 5] = [
    head("Rule", Kind::Row),
    head("Severity", Kind::Choice),
    head("Records", Kind::Figure),
    head("Of every 1,000 records", Kind::Figure),
    head("Findings", Kind::Figure),
];

/// How often each rule found something.
pub fn rules(report: &Report) -> String {
    if report.rules.is_empty() {
        return String::new();
    }
    let most = report.rules.iter().map(|rule| rule.count.records).max().unwrap_or(0);
    let rows: Vec<Vec<Cell>> = report
        .rules
        .iter()
        .map(|rule| {
            let rank = rule.severity.map_or(0, |severity| severity as u64 + 1);
            vec![
                Cell::html(report.rule_link(rule.name)),
                Cell::sorted_by(rule.severity.map_or_else(String::new, severity), rank),
                Cell::bar(rule.count.records, most),
                Cell::rate(rule.count.records, report.summary.records),
                Cell::number(rule.count.findings),
            ]
        })
        .collect();
    let caption = "Rules that found something, those in the most records first";
    section("by-rule", "By rule", &table("rules", caption, &RULES, &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn top(groups: &[(&str, u64, u64)]) -> String {
        let groups = groups.iter().map(|&(name, records_found, records)| {
            (name.to_owned(), Group { records, records_found, ..Group::default() })
        });
        let html = top_groups("Office", &groups.collect());
        // Without the markup around names.
        let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        parts.collect()
    }

    #[test]
    fn offices_with_as_many_records_found_are_all_named() {
        assert!(top(&[("Leeds", 6, 104), ("York", 5, 9)]).contains("is Leeds: 6 of 104."));
        let two = top(&[("Leeds", 6, 104), ("Ely", 2, 3), ("York", 6, 96)]);
        assert!(two.ends_with("are those of York (6 of 96) and Leeds (6 of 104)."), "{two}");
        let names: Vec<String> = (1..=8).map(|at| format!("O{at}")).collect();
        let many: Vec<_> = names.iter().map(|name| (&**name, 1, 2)).collect();
        assert!(top(&many).ends_with(", O5 (1 of 2) and 3 more."), "{}", top(&many));
        assert_eq!(top(&[("Leeds", 0, 104), ("York", 0, 96)]), "");
    }
}
