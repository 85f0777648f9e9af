//! The summary of a scan for people at a terminal.

mod page;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::figures::{
    counted, file_count, file_name, findings, named, number, overall_rate, rate, rate_words, short,
    size, why,
};
use super::model::{FileSummary, Group, Sample, Summary};
use crate::finding::Notice;
use crate::pack::Severity;
use page::{Page, Row};

/// Rows of a table, files and notices; more do not fit a screen. The HTML report has all.
const MOST: usize = 20;
/// Months, the latest.
const MONTHS: usize = 24;

/// The summary in plain words and tables. No line is wider than `width` columns (at least
/// 40), and nothing that identifies a person is in it, as far as names of files, columns
/// and groups do not.
pub fn terminal(summary: &Summary, width: usize, colour: bool) -> String {
    let mut page = Page::new(width, colour);
    files(&mut page, summary);
    rules(&mut page, summary);
    groups(&mut page, summary);
    columns(&mut page, summary);
    months(&mut page, summary);
    not_judged(&mut page, summary);
    notices(&mut page, summary);
    result(&mut page, summary);
    page.out
}

fn files(page: &mut Page, summary: &Summary) {
    if summary.files.is_empty() {
        return;
    }
    page.heading("Files, and the columns that were scanned");
    for file in summary.files.iter().take(MOST) {
        let line = format!(
            "{}: {}, {}",
            short(&file_name(file), 200),
            counted(file.records, "record"),
            counted(file.findings, "finding")
        );
        page.prose(2, &line);
        for line in read(file) {
            page.prose(4, &line);
        }
    }
    page.more(summary.files.len(), MOST, "file");
}

/// The columns of a file, those with one reason together.
fn read(file: &FileSummary) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for column in &file.columns {
        match reasons.iter_mut().find(|(reason, _)| *reason == column.why) {
            Some((_, columns)) => columns.push(&column.name),
            None => reasons.push((&column.why, vec![&column.name])),
        }
    }
    let mut lines: Vec<String> = reasons
        .iter()
        .map(|(reason, columns)| {
            format!("scanned {} ({})", names(columns), short(&why(reason), 80))
        })
        .collect();
    if lines.is_empty() {
        lines.push("no column was scanned".to_owned());
    }
    if !file.unread.is_empty() {
        let unread: Vec<&str> = file.unread.iter().map(String::as_str).collect();
        lines.push(format!("not scanned: {}", names(&unread)));
    }
    lines
}

fn names(of: &[&str]) -> String {
    let mut parts: Vec<String> = of.iter().take(8).map(|name| short(named(name), 40)).collect();
    if of.len() > parts.len() {
        parts.push(format!("{} more", number((of.len() - parts.len()) as u64)));
    }
    parts.join(", ")
}

const RATE: &str = "of 1,000";

fn rules(page: &mut Page, summary: &Summary) {
    if summary.by_rule.is_empty() {
        return;
    }
    let mut rules: Vec<_> = summary.by_rule.iter().collect();
    rules.sort_by_key(|(_, count)| Reverse((count.records, count.findings)));
    page.heading("By rule");
    let rows: Vec<Row> = rules
        .iter()
        .take(MOST)
        .map(|(rule, count)| Row {
            name: short(rule, 200),
            figures: vec![
                number(count.records),
                rate_words(rate(count.records, summary.records)),
                number(count.findings),
            ],
            value: count.records,
        })
        .collect();
    page.table(&["rule", "records", RATE, "findings"], &rows);
    page.more(rules.len(), MOST, "rule");
}

fn group_row(name: &str, group: &Group) -> Row {
    Row {
        name: short(named(name), 200),
        figures: vec![
            number(group.records_found),
            rate_words(rate(group.records_found, group.records)),
            number(group.records),
        ],
        value: group.records_found,
    }
}

fn groups(page: &mut Page, summary: &Summary) {
    let Some(by) = &summary.group_by else { return };
    if summary.by_group.is_empty() {
        return;
    }
    let mut groups: Vec<_> = summary.by_group.iter().collect();
    groups.sort_by_key(|(_, group)| Reverse((group.records_found, group.records)));
    page.heading(&format!("By {}", short(named(by), 60)));
    let rows: Vec<Row> =
        groups.iter().take(MOST).map(|(name, group)| group_row(name, group)).collect();
    page.table(&["", "records", RATE, "scanned"], &rows);
    page.more(groups.len(), MOST, "group");
}

fn columns(page: &mut Page, summary: &Summary) {
    if summary.by_column.is_empty() {
        return;
    }
    let mut columns: Vec<_> = summary.by_column.iter().collect();
    columns.sort_by_key(|(_, count)| Reverse((count.records, count.findings)));
    page.heading("By column");
    let rows: Vec<Row> = columns
        .iter()
        .take(MOST)
        .map(|(column, count)| Row {
            name: short(named(column), 200),
            figures: vec![number(count.records), number(count.findings)],
            value: count.records,
        })
        .collect();
    page.table(&["column", "records", "findings"], &rows);
    page.more(columns.len(), MOST, "column");
}

fn months(page: &mut Page, summary: &Summary) {
    if summary.by_month.is_empty() {
        return;
    }
    page.heading("By month");
    let skipped = summary.by_month.len().saturating_sub(MONTHS);
    let rows: Vec<Row> =
        summary.by_month.iter().skip(skipped).map(|(name, group)| group_row(name, group)).collect();
    page.table(&["month", "records", RATE, "scanned"], &rows);
    page.more(skipped, 0, "earlier month");
}

/// Rules that lack the same stand together: one fact can be what many wait for.
fn not_judged(page: &mut Page, summary: &Summary) {
    /// Rules that are named for each lack.
    const NAMED: usize = 3;
    let mut by_lack: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for rule in &summary.not_judged {
        let facts = rule.missing.iter().map(|fact| format!("fact {}", short(fact, 80)));
        let columns = rule.columns.iter().map(|column| format!("column {}", short(column, 80)));
        let lack: Vec<String> = facts.chain(columns).collect();
        let partly = if rule.partly { " (judged in part)" } else { "" };
        let name = format!("{}{partly}", short(&rule.rule, 120));
        by_lack.entry(lack.join(", ")).or_default().push(name);
    }
    if by_lack.is_empty() {
        return;
    }
    page.heading("Rules not judged, and what they lack");
    for (lack, rules) in by_lack.iter().take(MOST) {
        let named = rules.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = match rules.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {}", counted(more as u64, "more rule")),
        };
        page.prose(2, &format!("{lack}: {named}{more}"));
    }
    page.more(by_lack.len(), MOST, "group");
    page.prose(2, "(--set FACT=VALUE sets a fact, --map COLUMN=NAME names a column)");
}

fn notices(page: &mut Page, summary: &Summary) {
    let (skipped, other): (Vec<&Notice>, Vec<&Notice>) =
        summary.notices.iter().partition(|notice| notice.unchecked);
    for (heading, notices) in [("To know", other), ("Not scanned", skipped)] {
        if notices.is_empty() {
            continue;
        }
        page.heading(heading);
        for notice in notices.iter().take(MOST) {
            let line = notice.line.map_or_else(String::new, |line| format!(", line {line}"));
            let place = if notice.path.is_empty() {
                String::new()
            } else {
                format!("{}{line}: ", short(&notice.path, 200))
            };
            page.prose(2, &format!("{place}{}", short(&notice.message, 400)));
        }
        page.more(notices.len(), MOST, "notice");
    }
}

/// What it comes to. Last, where people look first.
fn result(page: &mut Page, summary: &Summary) {
    page.heading("Result");
    page.prose(
        0,
        &format!(
            "Scanned {} with {} of text in {}, {}.",
            counted(summary.records, "record"),
            counted(summary.cells, "cell"),
            counted(file_count(summary), "file"),
            size(summary.bytes)
        ),
    );
    // Settings may leave out the pack that somebody counts on.
    let packs: Vec<&str> = summary.packs.iter().map(|pack| pack.id.as_str()).collect();
    if !packs.is_empty() {
        page.prose(0, &format!("Packs: {}.", packs.join(", ")));
    }
    let by_severity: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter_map(|severity| {
            let count = summary.findings.get(&severity).filter(|count| **count > 0)?;
            Some(counted(*count, severity.name()))
        })
        .collect();
    let found = findings(summary);
    if summary.records == 0 {
        page.prose(0, "No record was scanned, so this says nothing about what the files hold.");
    } else if summary.cells == 0 {
        page.prose(0, "No text was scanned, so this says nothing about what the files hold.");
    } else if found == 0 {
        page.prose(0, "Nothing was found.");
    } else {
        let have = if summary.records_found == 1 { "has" } else { "have" };
        page.prose(
            0,
            &format!(
                "{} {have} findings: {} in all ({}).",
                counted(summary.records_found, "record"),
                counted(found, "finding"),
                by_severity.join(", ")
            ),
        );
    }
    if summary.unlisted > 0 {
        let line = format!(
            "{} not in the list of findings.",
            match summary.unlisted {
                1 => "1 of them is".to_owned(),
                many => format!("{} of them are", number(many)),
            }
        );
        page.prose(0, &line);
    }
    match &summary.sample {
        Some(sample) => page.prose(0, &sampled(sample)),
        None if summary.records > 0 => {
            let rate = rate_words(overall_rate(summary));
            page.prose(0, &format!("That is {rate} of every 1,000 records."));
        }
        None => {}
    }
    if summary.revealed {
        page.alert("The words of sensitive rules are shown in the lists and reports of this scan.");
    }
    if summary.incomplete() {
        page.alert("NOT EVERYTHING WAS SCANNED: see \"Not scanned\" above.");
    }
}

fn sampled(sample: &Sample) -> String {
    format!(
        "Only a sample was scanned: {} of {}. Of every 1,000 records about {} have findings; the \
         true figure lies between {} and {} in 95 of 100 such samples.",
        number(sample.records),
        counted(sample.of, "record"),
        rate_words(Some(sample.per_thousand)),
        rate_words(Some(sample.low)),
        rate_words(Some(sample.high))
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::page::{NARROWEST, columns_of};
    use super::*;
    use crate::scan::html::testing::report;
    use crate::scan::model::Count;

    #[test]
    fn tables_are_aligned_and_say_it_all() {
        let (summary, ..) = report();
        let text = terminal(&summary, 80, false);
        for line in [
            "  crm/contacts.csv: 9,000 records, 300 findings\n",
            "    scanned Notes, Description (the name says that there is text)\n",
            "    not scanned: Id, Owner, Created On\n",
            "  rule                records  of 1,000  findings\n",
            "  crm-notes/religion      120       9.7       131  ████████████████████████\n",
            "  (empty)            40      30.8    1,300  ███████\n",
            "312 records have findings: 387 findings in all (120 errors, 240 warnings, 27\nnotes).\n",
            "That is 25.3 of every 1,000 records.\n",
        ] {
            assert!(
                text.contains(line) || text.contains(&line.replace("  (", "(")),
                "{line}\n{text}"
            );
        }
        assert!(text.ends_with("NOT EVERYTHING WAS SCANNED: see \"Not scanned\" above.\n"));
        assert!(!text.contains('\u{1b}'));
        assert!(!text.contains('\u{202e}'));
    }

    #[test]
    fn colours_change_nothing_else() {
        let (summary, ..) = report();
        let plain = terminal(&summary, 72, false);
        let mut coloured = terminal(&summary, 72, true);
        assert!(coloured.contains("\u{1b}[1mBy rule\u{1b}[0m"));
        for code in ["1", "36", "1;31", "0"] {
            coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(coloured, plain);
    }

    #[test]
    fn a_sample_gives_its_interval() {
        let sample = Sample { records: 10, of: 2000, per_thousand: 25.34, low: 19.4, high: 1000.0 };
        let summary = Summary { records: 10, sample: Some(sample), ..Summary::default() };
        let text = terminal(&summary, 200, false).replace('\n', " ");
        assert!(text.contains("10 of 2,000 records. Of every 1,000 records about 25.3 have"));
        assert!(text.contains("between 19.4 and 1,000.0 in 95 of 100"));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal(
            width in 0_usize..160,
            names in prop::collection::vec("(\\PC|[日本語é\u{301}\u{202e}\t\n ]){0,60}", 1..6),
            values in prop::collection::vec(any::<u64>(), 6),
        ) {
            let (mut summary, ..) = report();
            for (name, &value) in names.iter().zip(&values) {
                let half = value / 8;
                summary.by_rule.insert(name.clone(), Count { findings: half, records: half });
                summary.by_column.insert(name.clone(), Count { findings: half, records: half });
                let group =
                    Group { records: half, records_found: half / 2, ..Group::default() };
                summary.by_group.insert(name.clone(), group.clone());
                summary.by_month.insert(name.clone(), group);
                if let Some(file) = summary.files.first_mut() {
                    file.path.push_str(name);
                    file.unread.push(name.clone());
                }
                if let Some(notice) = summary.notices.first_mut() {
                    notice.message.push_str(name);
                }
            }
            let text = terminal(&summary, width, false);
            for line in text.lines() {
                prop_assert!(columns_of(line) <= width.max(NARROWEST), "{width}: {line}");
            }
        }
    }
}
