//! The summary of a scan for people at a terminal.

use std::cmp::Reverse;

use unicode_normalization::char::is_combining_mark;

use super::figures::{
    counted, file_count, file_name, findings, named, number, overall_rate, rate, rate_words, short,
    size, why,
};
use super::model::{FileSummary, Group, Sample, Summary};
use crate::finding::Notice;
use crate::pack::Severity;

/// A line shorter than this cannot hold a table.
const NARROWEST: usize = 40;
/// Prose wider than this is hard to read.
const PROSE: usize = 100;
/// Rows of a table, files and notices; more do not fit a screen. The HTML report has all.
const MOST: usize = 20;
/// Months, the latest.
const MONTHS: usize = 24;
/// The widest name in a table and the longest bar.
const NAME: usize = 48;
const BAR: usize = 24;

/// The summary in plain words and tables. No line is wider than `width` columns (at least
/// 40), and nothing that identifies a person is in it, as far as names of files, columns
/// and groups do not.
pub fn terminal(summary: &Summary, width: usize, colour: bool) -> String {
    let mut page = Page { out: String::new(), width: width.max(NARROWEST), colour };
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

/// What is written, and how.
struct Page {
    out: String,
    width: usize,
    colour: bool,
}

#[derive(Clone, Copy)]
enum Style {
    Bold,
    Bar,
    Alert,
}

impl Page {
    fn styled(&self, text: &str, style: Style) -> String {
        let code = match style {
            Style::Bold => "1",
            Style::Bar => "36",
            Style::Alert => "1;31",
        };
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn heading(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        for line in wrapped(text, 0, self.width.min(PROSE)) {
            self.out.push_str(&self.styled(&line, Style::Bold));
            self.out.push('\n');
        }
    }

    /// Prose that begins at a column and goes on two further in.
    fn prose(&mut self, indent: usize, text: &str) {
        for (at, line) in wrapped(text, indent + 2, self.width.min(PROSE)).into_iter().enumerate() {
            let by = if at == 0 { indent } else { indent + 2 };
            self.out.push_str(&" ".repeat(by));
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    fn alert(&mut self, text: &str) {
        for line in wrapped(text, 0, self.width.min(PROSE)) {
            self.out.push_str(&self.styled(&line, Style::Alert));
            self.out.push('\n');
        }
    }

    /// A table: names, figures, and a bar for one of the figures. Figures that do not fit
    /// are left out from the right, and the bar before them.
    fn table(&mut self, heads: &[&str], rows: &[Row]) {
        let figures = heads.len().saturating_sub(1);
        let of = |row: &Row, at: usize| row.figures.get(at).map_or(0, |figure| columns_of(figure));
        let mut widths: Vec<usize> = (0..figures)
            .map(|at| {
                let head = heads.get(at + 1).map_or(0, |head| columns_of(head));
                rows.iter().map(|row| of(row, at)).max().unwrap_or(0).max(head)
            })
            .collect();
        let wanted = rows.iter().map(|row| columns_of(&row.name)).max().unwrap_or(0);
        let wanted = wanted.max(heads.first().map_or(0, |head| columns_of(head))).min(NAME);
        // Of a name, so much must be seen.
        let least = wanted.min(14);
        let used = |widths: &[usize]| widths.iter().map(|width| width + 2).sum::<usize>();
        while widths.len() > 1 && 2 + least + used(&widths) > self.width {
            widths.pop();
        }
        let room = self.width.saturating_sub(2 + used(&widths));
        let name = wanted.min(room);
        let bar = room.saturating_sub(name + 2).min(BAR);
        let bar = if bar < 4 { 0 } else { bar };
        let most = rows.iter().map(|row| row.value).max().unwrap_or(0);
        let mut line = format!("  {}", padded(heads.first().copied().unwrap_or_default(), name));
        for (width, head) in widths.iter().zip(heads.iter().skip(1)) {
            line.push_str(&format!("  {}", right(head, *width)));
        }
        self.out.push_str(line.trim_end());
        self.out.push('\n');
        for row in rows {
            let mut line = format!("  {}", padded(&row.name, name));
            for (width, figure) in widths.iter().zip(&row.figures) {
                line.push_str(&format!("  {}", right(figure, *width)));
            }
            let long = length(row.value, most, bar);
            if long > 0 {
                line.push_str(&format!("  {}", self.styled(&"█".repeat(long), Style::Bar)));
            }
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    fn more(&mut self, all: usize, shown: usize, what: &str) {
        if all > shown {
            let more = format!("… and {}", counted((all - shown) as u64, &format!("more {what}")));
            self.prose(2, &more);
        }
    }
}

/// A row of a table.
struct Row {
    name: String,
    figures: Vec<String>,
    /// What the bar is drawn from.
    value: u64,
}

/// The part of a bar; what is there at all can be seen.
fn length(value: u64, most: u64, bar: usize) -> usize {
    if value == 0 || most == 0 || bar == 0 {
        return 0;
    }
    let long = u128::from(value) * bar as u128 / u128::from(most);
    usize::try_from(long).unwrap_or(bar).clamp(1, bar)
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

fn not_judged(page: &mut Page, summary: &Summary) {
    if summary.not_judged.is_empty() {
        return;
    }
    page.heading("Rules not judged, and what they lack");
    for rule in summary.not_judged.iter().take(MOST) {
        let lacks: Vec<String> = rule
            .missing
            .iter()
            .map(|fact| short(fact, 80))
            .chain(rule.columns.iter().map(|column| format!("column {}", short(column, 80))))
            .collect();
        let partly = if rule.partly { " (judged in part)" } else { "" };
        page.prose(2, &format!("{}{partly}: {}", short(&rule.rule, 120), lacks.join(", ")));
    }
    page.more(summary.not_judged.len(), MOST, "rule");
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

/// How many columns of a terminal a text takes.
fn columns_of(text: &str) -> usize {
    text.chars().map(columns_of_char).sum()
}

fn columns_of_char(c: char) -> usize {
    match c {
        ' '..='~' => 1,
        '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => 0,
        _ if is_combining_mark(c) => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2600}'..='\u{27bf}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f000}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// A text cut in its middle to so many columns: paths and rules differ at their ends.
fn cut(text: &str, width: usize) -> String {
    if columns_of(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let (front, back) = (room / 2, room - room / 2);
    let fit = |chars: &mut dyn Iterator<Item = char>, room: usize| {
        let mut used = 0;
        chars
            .take_while(|&c| {
                used += columns_of_char(c);
                used <= room
            })
            .collect::<Vec<char>>()
    };
    let head = fit(&mut text.chars(), front);
    let tail = fit(&mut text.chars().rev(), back);
    let mut out: String = head.into_iter().collect();
    if width > 0 {
        out.push('…');
    }
    out.extend(tail.into_iter().rev());
    out
}

fn padded(text: &str, width: usize) -> String {
    let cut = cut(text, width);
    let rest = width.saturating_sub(columns_of(&cut));
    format!("{cut}{}", " ".repeat(rest))
}

fn right(text: &str, width: usize) -> String {
    let rest = width.saturating_sub(columns_of(text));
    format!("{}{text}", " ".repeat(rest))
}

/// Lines of at most `width` less the indent, broken at spaces, and in words only where
/// one is longer than a line.
fn wrapped(text: &str, indent: usize, width: usize) -> Vec<String> {
    let room = width.saturating_sub(indent).max(2);
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let len = columns_of(word);
        if used > 0 && used + 1 + len > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            let len = columns_of_char(c);
            if used + len > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += len;
        }
    }
    if used > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scan::html::testing::report;
    use crate::scan::model::Count;

    #[test]
    fn tables_are_aligned_and_say_it_all() {
        let (summary, ..) = report();
        let text = terminal(&summary, 80, false);
        for line in [
            "  crm/contacts.csv: 9,000 records, 300 findings\n",
            "    scanned Notes, Description (its name says that it holds text)\n",
            "    not scanned: Id, Owner, Created On\n",
            "  rule                records  of 1,000  findings\n",
            "  crm-notes/religion      120       9.7       131  ████████████████████████\n",
            "  (empty)             40      30.8    1,300  ███████\n",
            "312 records have findings: 387 findings in all (120 errors, 240 warnings, 27 notes).\n",
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

    #[test]
    fn names_are_cut_in_the_middle() {
        let check = |text: &str, width, expected: &str| assert_eq!(cut(text, width), expected);
        check("abcdefgh", 8, "abcdefgh");
        check("abcdefgh", 5, "ab…gh");
        check("日本語日本語", 6, "日…語");
        check("abc", 0, "");
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
