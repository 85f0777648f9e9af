//! A comparison in words, for a terminal.

use std::collections::BTreeMap;

use super::compare::{Changes, Comparison, Place};
use crate::emit::counted;
use crate::judge::safe;

/// Lines of each kind.
pub(super) const SHOWN: usize = 20;

/// A comparison for a terminal.
pub fn text(comparison: &Comparison) -> String {
    let Changes { new, gone, still, left_out, first_scanned } = comparison.all;
    let mut out = format!("Since the older list: {new} new, {gone} gone, {still} still there.\n");
    let [before, now] = comparison.identified;
    let lacking = if now { "older" } else { "new" };
    for (holds, caution) in [
        (
            new > 0 && gone > 0 && before != now,
            format!(
                "The {lacking} list names no identifiers (`--id-field`) and the other does, so \
                 records could not be matched; what is new or gone here may be neither."
            ),
        ),
        (
            left_out > 0,
            format!(
                "{} of the older list (in columns or of rules that this scan leaves out) may \
                 still be there.",
                findings(left_out)
            ),
        ),
        (
            first_scanned > 0,
            format!(
                "{} (in columns or of rules that the older scan left out) may have been there \
                 then.",
                findings(first_scanned)
            ),
        ),
        (
            !comparison.ended_before,
            "The older list does not end with a summary: it was cut short, or lines were taken \
             out. What is new here may have stood there."
                .to_owned(),
        ),
        (
            comparison.unlisted_before > 0,
            format!(
                "The older list leaves out {} that its scan counted; what is new here may be among them.",
                findings(comparison.unlisted_before),
            ),
        ),
        (
            comparison.partial_before,
            "The older scan did not read everything; what is new here may have been there."
                .to_owned(),
        ),
        (
            comparison.partial_now,
            "This scan did not read everything; what is gone here may still be there.".to_owned(),
        ),
    ] {
        if holds {
            out.push_str(&format!("{caution}\n"));
        }
    }
    for (id, then, today) in &comparison.packs_changed {
        let versions =
            if then == today { String::new() } else { format!(" ({then} then, {today} now)") };
        out.push_str(&one_line(&safe(&format!(
            "The rules of {id} are not what they were{versions}; what is new or gone may be so \
             for that reason."
        ))));
        out.push('\n');
    }
    out.push_str(&rules(&comparison.by_rule));
    for (title, places, all) in [("New", &comparison.new, new), ("Gone", &comparison.gone, gone)] {
        if places.is_empty() {
            continue;
        }
        out.push_str(&format!("\n{title}:\n"));
        for place in places.iter().take(SHOWN) {
            out.push_str(&format!("  {}\n", one_line(&safe(&in_words(place)))));
        }
        let more = all.saturating_sub(places.len().min(SHOWN) as u64);
        if more > 0 {
            out.push_str(&format!("  and {more} more\n"));
        }
    }
    out
}

fn findings(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "finding")
}

fn rules(by_rule: &BTreeMap<String, Changes>) -> String {
    let listed =
        by_rule.iter().filter(|(_, changes)| changes.new + changes.gone + changes.still > 0);
    let rows: Vec<(String, &Changes)> =
        listed.map(|(rule, changes)| (one_line(&safe(rule)), changes)).collect();
    if rows.is_empty() {
        return String::new();
    }
    let width = rows.iter().map(|(rule, _)| rule.chars().count()).max().unwrap_or(0);
    let mut out =
        format!("\n  {:width$}  {:>9}  {:>9}  {:>11}\n", "", "new", "gone", "still there");
    for (rule, Changes { new, gone, still, .. }) in rows {
        out.push_str(&format!("  {rule:width$}  {new:>9}  {gone:>9}  {still:>11}\n"));
    }
    out
}

fn in_words(place: &Place) -> String {
    let mut out = place.file.clone();
    if let Some(sheet) = &place.sheet {
        out.push_str(&format!(", sheet {sheet}"));
    }
    out.push_str(&format!(", record {}", place.record));
    match &place.cell {
        Some(cell) => out.push_str(&format!(", cell {cell}")),
        None => out.push_str(&format!(", line {}", place.line)),
    }
    out.push_str(&format!(", column {}: {}", place.column, place.rule));
    out
}

/// Names of columns can hold newlines; a place stays on its line.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\t'], " ")
}
