//! The months: a bar plot, and the same figures in a table.

use super::table::{Cell, Head, Kind, head, prose, section, table};
use crate::scan::figures::{counted, number, rate, rate_words};
use crate::scan::model::{Group, Summary};

/// A plot of more months cannot be read; the table has all.
const MOST: usize = 36;

const HEADS: [Head<'static>; 4] = [
    head("Month", Kind::Row),
    head("Records scanned", Kind::Figure),
    head("Records with findings", Kind::Figure),
    head("With findings, of every 1,000", Kind::Figure),
];

/// The section; empty where no record has a month.
pub fn months(summary: &Summary) -> String {
    if summary.by_month.is_empty() {
        return String::new();
    }
    let mut body = plot(&drawn(summary));
    let dated =
        summary.by_month.values().fold(0_u64, |sum, month| sum.saturating_add(month.records));
    let undated = summary.records.saturating_sub(dated);
    let note = if undated > 0 {
        format!("; {} without a date are not among them", counted(undated, "record"))
    } else {
        String::new()
    };
    let rows: Vec<Vec<Cell>> = summary
        .by_month
        .iter()
        .map(|(month, group)| {
            vec![
                Cell::text(month),
                Cell::number(group.records),
                Cell::number(group.records_found),
                Cell::rate(group.records_found, group.records),
            ]
        })
        .collect();
    body.push_str(&table("months", &format!("Records by month{note}"), &HEADS, &rows));
    section("by-month", "By month", &body)
}

/// The latest months, those between them without records included.
fn drawn(summary: &Summary) -> Vec<(String, Option<&Group>)> {
    let of = |month: &str| -> Option<u32> {
        let (year, month) = month.split_once('-')?;
        let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
        (year <= 9999 && (1..=12).contains(&month)).then(|| year * 12 + month - 1)
    };
    let known: Vec<(u32, &Group)> = summary
        .by_month
        .iter()
        .filter_map(|(month, group)| of(month).map(|month| (month, group)))
        .collect();
    let Some(last) = known.iter().map(|(month, _)| *month).max() else { return Vec::new() };
    let earliest = last.saturating_sub(MOST as u32 - 1);
    let first =
        known.iter().map(|(month, _)| *month).filter(|&at| at >= earliest).min().unwrap_or(last);
    (first..=last)
        .map(|month| {
            let group = known.iter().find(|(at, _)| *at == month).map(|(_, group)| *group);
            (format!("{:04}-{:02}", month / 12, month % 12 + 1), group)
        })
        .collect()
}

fn plot(months: &[(String, Option<&Group>)]) -> String {
    const HEIGHT: u64 = 180;
    // One month alone is no picture.
    if months.len() < 2 {
        return String::new();
    }
    let found = |group: Option<&Group>| group.map_or(0, |group| group.records_found);
    let most = months.iter().map(|(_, group)| found(*group)).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let top = round_up(most);
    let step = (760 / months.len()).min(60);
    // Room for the longest figure at the axis, about 8 units a digit.
    let left = 16 + 8 * number(top).len();
    let width = left + step * months.len() + 8;
    let mut bars = String::new();
    for line in [0, 1, 2] {
        let (y, value) = (20 + HEIGHT - HEIGHT * line / 2, top / 2 * line);
        bars.push_str(&format!(
            "<line class=\"grid\" x1=\"{left}\" x2=\"{width}\" y1=\"{y}\" y2=\"{y}\"/>\
             <text class=\"axis\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
            left - 6,
            y + 4,
            number(value)
        ));
    }
    // A label is about 56 units wide, a figure about 8 a digit.
    let every = 62_usize.div_ceil(step);
    let all_figures = number(most).len() * 8 + 4 <= step;
    for (at, (month, group)) in months.iter().enumerate() {
        let x = left + at * step;
        let middle = x + step / 2;
        let value = found(*group);
        let height = (u128::from(value) * u128::from(HEIGHT)).div_ceil(u128::from(top));
        let y = 20 + u128::from(HEIGHT) - height;
        bars.push_str(&format!(
            "<rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{height}\"/>\n",
            x + step / 8,
            step - step / 4
        ));
        if all_figures && value > 0 {
            bars.push_str(&format!(
                "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                y.saturating_sub(5),
                number(value)
            ));
        }
        if at % every == 0 {
            bars.push_str(&format!(
                "<text class=\"axis\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{month}</text>\n",
                HEIGHT + 38
            ));
        }
    }
    let said = said(months);
    format!(
        "<figure>\n<svg class=\"plot\" viewBox=\"0 0 {width} {}\" role=\"img\" aria-labelledby=\"plot-title plot-said\">\n\
         <title id=\"plot-title\">Records with findings by month</title>\n\
         <desc id=\"plot-said\">{}</desc>\n{bars}</svg>\n\
         <figcaption>Records with findings by month. {} The table below has the same figures.</figcaption>\n</figure>\n",
        HEIGHT + 48,
        prose(&said),
        prose(&said)
    )
}

/// What the plot shows, in a sentence or two.
fn said(months: &[(String, Option<&Group>)]) -> String {
    let with = months.iter().filter_map(|(month, group)| group.map(|group| (month, group)));
    let Some((month, most)) = with
        .clone()
        // Of equals, the first.
        .rev()
        .max_by_key(|(_, group)| group.records_found)
    else {
        return String::new();
    };
    let mut said = format!(
        "The most are in {month}: {} of {} ({} of every 1,000).",
        number(most.records_found),
        counted(most.records, "record"),
        rate_words(rate(most.records_found, most.records)),
    );
    let without = months.len() - with.count();
    if without > 0 {
        let months = counted(without as u64, "month");
        let have = if without == 1 { "has" } else { "have" };
        said.push_str(&format!(" {months} in between {have} no records."));
    }
    said
}

/// The next even figure that reads well at an axis.
fn round_up(value: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for step in [2, 4, 6, 8, 10] {
            match unit.checked_mul(step) {
                Some(top) if top >= value => return top,
                Some(_) => {}
                None => return value,
            }
        }
        let Some(next) = unit.checked_mul(10) else { return value };
        unit = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(months: &[(&str, u64, u64)]) -> Summary {
        let by_month = months
            .iter()
            .map(|&(month, records, records_found)| {
                (month.to_owned(), Group { records, records_found, ..Group::default() })
            })
            .collect();
        Summary { by_month, records: 100, ..Summary::default() }
    }

    #[test]
    fn months_without_records_are_gaps_and_the_latest_are_drawn() {
        let check = |months: &[(&str, u64, u64)], first: &str, count: usize| {
            let summary = summary(months);
            let drawn = drawn(&summary);
            assert_eq!(drawn.first().map_or("", |(month, _)| month), first);
            assert_eq!(drawn.len(), count);
        };
        check(&[], "", 0);
        check(&[("2025-11", 5, 1), ("2026-02", 5, 1)], "2025-11", 4);
        check(&[("1999-01", 5, 1), ("2026-01", 5, 1), ("2026-02", 5, 1)], "2026-01", 2);
        check(&[("soon", 1, 1), ("2026-13", 1, 1), ("2026-02", 5, 1)], "2026-02", 1);
        check(&[("99999999-01", 1, 1)], "", 0);
    }

    #[test]
    fn plots_say_what_they_show() {
        let html = months(&summary(&[("2025-11", 50, 1), ("2026-01", 30, 12)]));
        assert!(html.contains("The most are in 2026-01: 12 of 30 records (400.0 of every 1,000). 1 month in between has no records."), "{html}");
        assert!(html.contains("20 records without a date are not among them"), "{html}");
        assert!(!months(&summary(&[("2025-11", 50, 0), ("2026-01", 30, 0)])).contains("<svg"));
        let huge = months(&summary(&[("2025-11", u64::MAX / 2, u64::MAX / 2), ("2026-01", 3, 2)]));
        assert!(huge.contains("<svg"));
    }

    #[test]
    fn axes_end_at_round_figures() {
        for (value, top) in [(1, 2), (2, 2), (7, 8), (9, 10), (11, 20), (312, 400), (1000, 1000)] {
            assert_eq!(round_up(value), top);
        }
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }
}
