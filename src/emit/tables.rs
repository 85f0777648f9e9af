//! What becomes of each duty as tables: CSV for spreadsheets, Markdown for pages.

use super::coverage::{by_source, coverage_summary, places, source_line, way, ways};
use crate::coverage::{Coverage, CoveringRule, Status};
use crate::finding::CitationReport;

const COLUMNS: [&str; 11] = [
    "pack",
    "number",
    "source",
    "place",
    "checked against the source",
    "duty",
    "status",
    "rules",
    "ask yourself",
    "cannot be checked",
    "not checked yet",
];

/// A row a duty, then a row for each rule that no duty names. It begins with a
/// byte-order mark, without which Excel reads UTF-8 as something else.
pub fn coverage_csv(packs: &[Coverage]) -> String {
    let mut out = String::from("\u{feff}");
    row(&mut out, COLUMNS);
    for pack in packs {
        for duty in &pack.duties {
            let rules: Vec<String> = duty.rules.iter().map(rule_cell).collect();
            let asked = match duty.checklist.as_deref() {
                Some([]) => "the questions of the checklist".to_owned(),
                questions => questions.unwrap_or_default().join("; "),
            };
            let number = duty.number.to_string();
            let (source, place, read) = cite_cells(&duty.cites);
            row(
                &mut out,
                [
                    &pack.pack,
                    &number,
                    &source,
                    &place,
                    read,
                    &duty.text,
                    status(duty.status),
                    &rules.join("; "),
                    &asked,
                    duty.not_checkable.as_deref().unwrap_or_default(),
                    duty.not_yet.as_deref().unwrap_or_default(),
                ],
            );
        }
        for rule in &pack.other_rules {
            let (source, place, read) = cite_cells(&rule.cites);
            let cell = rule_cell(rule);
            let status = "rule of no duty listed here";
            row(&mut out, [&pack.pack, "", &source, &place, read, "", status, &cell, "", "", ""]);
        }
    }
    out
}

/// A table a source.
pub fn coverage_markdown(packs: &[Coverage]) -> String {
    let mut out = String::new();
    for pack in packs {
        out.push_str(&format!(
            "## {} ({} {})\n\n{}\n",
            plain(&pack.title),
            plain(&pack.pack),
            plain(&pack.version),
            coverage_summary(&pack.summary)
        ));
        for (source, duties) in by_source(&pack.duties) {
            out.push_str(&format!("\n### {}\n\n", plain(&source_line(source))));
            if let Some(url) = source.and_then(|source| source.url.as_ref()) {
                out.push_str(&format!("<{url}>\n\n"));
            }
            out.push_str("| | Duty | Where | What becomes of it |\n|---:|---|---|---|\n");
            for duty in duties {
                let ways = ways(duty).into_iter().map(|(label, text)| format!("{label}: {text}"));
                out.push_str(&format!(
                    "| {} | {} | {} | {} |\n",
                    duty.number,
                    plain(&duty.text),
                    lines(places(duty, source)),
                    lines(ways)
                ));
            }
        }
        if !pack.other_rules.is_empty() {
            out.push_str("\n### Rules that belong to no duty listed here\n\n");
            out.push_str("| Rule | Where |\n|---|---|\n");
            for rule in &pack.other_rules {
                let (label, text) = way(rule);
                let places = rule.cites.iter().map(super::coverage::cited);
                out.push_str(&format!(
                    "| {} | {} |\n",
                    plain(&format!("{label}: {text}")),
                    lines(places)
                ));
            }
        }
        out.push('\n');
    }
    out.pop();
    out
}

fn lines(of: impl IntoIterator<Item = String>) -> String {
    of.into_iter().map(|line| plain(&line)).collect::<Vec<_>>().join("<br>")
}

/// A text on one line of Markdown that means nothing but itself.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    out
}

fn rule_cell(rule: &CoveringRule) -> String {
    match &rule.off {
        Some(reason) => format!("{} (off: {reason})", rule.id),
        None => format!("{} ({}): {}", rule.id, rule.severity.name(), rule.title),
    }
}

/// The titles, the places, and whether they were read.
fn cite_cells(cites: &[CitationReport]) -> (String, String, &'static str) {
    let mut titles: Vec<&str> = Vec::new();
    for cite in cites {
        if !titles.contains(&cite.title.as_str()) {
            titles.push(&cite.title);
        }
    }
    let places: Vec<&str> = cites.iter().filter_map(|cite| cite.at.as_deref()).collect();
    let read = match cites.iter().filter(|cite| cite.verified).count() {
        _ if cites.is_empty() => "",
        0 => "no",
        count if count == cites.len() => "yes",
        _ => "in part",
    };
    (titles.join("; "), places.join("; "), read)
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Rules => "checked by rules",
        Status::Partly => "checked by rules in part",
        Status::Checklist => "asked in the checklist",
        Status::Off => "its rules are switched off",
        Status::NotYet => "not checked yet",
        Status::NotCheckable => "cannot be checked",
    }
}

fn row<'c>(out: &mut String, cells: impl IntoIterator<Item = &'c str>) {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    out.push_str(&cells.join(","));
    out.push('\n');
}

/// A cell that a spreadsheet takes for text, never for a formula, and that holds
/// together wherever the reader separates cells.
fn cell(text: &str) -> String {
    let formula = text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', ';', '"', '\t', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_text_in_a_spreadsheet() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a, b", "\"a, b\""),
            ("a; b", "\"a; b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("+44", "'+44"),
            ("-1", "'-1"),
            ("@SUM(1,2)", "\"'@SUM(1,2)\""),
            ("\tx", "\"'\tx\""),
            (" =1", "' =1"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    #[test]
    fn markdown_means_nothing_but_itself() {
        assert_eq!(plain("a | b_c <d> [e]\n`f`"), r"a \| b\_c &lt;d> \[e\] \`f\`");
    }
}
