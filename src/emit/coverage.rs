//! What becomes of each duty, for people at a terminal; and the words that the
//! other formats share with it.

use super::{citation, counted};
use crate::coverage::{Counts, Coverage, CoveringRule, DutyReport};
use crate::finding::CitationReport;

/// The duties of packs, by source, wrapped to so many columns.
pub fn coverage_text(packs: &[Coverage], width: usize) -> String {
    let mut out = String::new();
    for pack in packs {
        out.push_str(&wrapped(
            &format!("{} {}: {}", pack.pack, pack.version, pack.title),
            "",
            "  ",
            width,
        ));
        for (source, duties) in by_source(&pack.duties) {
            out.push('\n');
            out.push_str(&wrapped(&source_line(source), "", "  ", width));
            if let Some(url) = source.and_then(|source| source.url.as_ref()) {
                out.push_str(&format!("{url}\n"));
            }
            for duty in duties {
                out.push('\n');
                let number = format!("{:>3}. ", duty.number);
                out.push_str(&wrapped(&duty.text, &number, "     ", width));
                for place in places(duty, source) {
                    out.push_str(&wrapped(&place, "     ", "       ", width));
                }
                for (label, text) in ways(duty) {
                    let line = format!("{label}: {text}");
                    out.push_str(&wrapped(&line, "     - ", "       ", width));
                }
            }
        }
        if !pack.other_rules.is_empty() {
            out.push_str("\nRules that belong to no duty listed here\n\n");
            for rule in &pack.other_rules {
                let (label, text) = way(rule);
                out.push_str(&wrapped(&format!("{label}: {text}"), "     - ", "       ", width));
                for cite in &rule.cites {
                    out.push_str(&wrapped(&cited(cite), "       ", "         ", width));
                }
            }
        }
        out.push('\n');
        out.push_str(&wrapped(&coverage_summary(&pack.summary), "", "", width));
        out.push('\n');
    }
    if packs.len() > 1 {
        let all = packs.iter().fold(Counts::default(), |sum, pack| sum.and(pack.summary));
        let line = format!("In all {} packs: {}", packs.len(), coverage_summary(&all));
        out.push_str(&wrapped(&line, "", "", width));
    } else {
        out.pop();
    }
    out
}

/// What it comes to, in a sentence or two.
pub fn coverage_summary(counts: &Counts) -> String {
    let mut parts = Vec::new();
    let mut add = |count: usize, one: &str, many: &str| {
        if count > 0 {
            parts.push(format!("{count} {}", if count == 1 { one } else { many }));
        }
    };
    add(counts.rules, "is checked by rules", "are checked by rules");
    add(counts.partly, "is checked by rules in part", "are checked by rules in part");
    add(counts.checklist, "is asked in the checklist", "are asked in the checklist");
    add(counts.off, "has its rules switched off", "have their rules switched off");
    add(counts.not_yet, "could be checked and is not yet", "could be checked and are not yet");
    add(counts.not_checkable, "cannot be checked in a text", "cannot be checked in a text");
    let mut out = if parts.is_empty() {
        "No duties are listed.".to_owned()
    } else {
        let of = if counts.duties == 1 { "duty" } else { "duties" };
        format!("Of {} {of}, {}.", counts.duties, parts.join(", "))
    };
    if counts.unverified > 0 {
        let rest = if counts.unverified == 1 { "rests" } else { "rest" };
        out.push_str(&format!(
            " {} {rest} on citations that nobody has checked against the source.",
            counts.unverified
        ));
    }
    if counts.uncited > 0 {
        let name = if counts.uncited == 1 { "names" } else { "name" };
        out.push_str(&format!(" {} {name} no source.", counts.uncited));
    }
    if counts.other_rules > 0 {
        let belong = if counts.other_rules == 1 { "belongs" } else { "belong" };
        let rules = counted(counts.other_rules, "rule");
        out.push_str(&format!(" {rules} {belong} to no duty listed here."));
    }
    out
}

/// Duties by the first source they cite, in the order of the pack.
pub(super) fn by_source(duties: &[DutyReport]) -> Vec<(Option<&CitationReport>, Vec<&DutyReport>)> {
    let mut groups: Vec<(Option<&CitationReport>, Vec<&DutyReport>)> = Vec::new();
    for duty in duties {
        let source = duty.cites.first();
        match groups.iter_mut().find(|(known, _)| same_source(*known, source)) {
            Some((_, duties)) => duties.push(duty),
            None => groups.push((source, vec![duty])),
        }
    }
    groups
}

fn same_source(one: Option<&CitationReport>, other: Option<&CitationReport>) -> bool {
    let key = |cite: &CitationReport| {
        (cite.title.clone(), cite.publisher.clone(), cite.date.clone(), cite.url.clone())
    };
    one.map(key) == other.map(key)
}

/// A source by its title, publisher and date.
pub(super) fn source_line(source: Option<&CitationReport>) -> String {
    let Some(source) = source else { return "No source named".to_owned() };
    let more = [&source.publisher, &source.date].into_iter().flatten();
    more.fold(source.title.clone(), |line, part| format!("{line}, {part}"))
}

/// The places that a duty cites, a line each, without the title of the source
/// it is listed under.
pub(super) fn places(duty: &DutyReport, under: Option<&CitationReport>) -> Vec<String> {
    duty.cites
        .iter()
        .map(|cite| match (&cite.at, same_source(Some(cite), under)) {
            (Some(at), true) => format!("{at} ({})", read(cite)),
            (None, true) => format!("({})", read(cite)),
            (_, false) => cited(cite),
        })
        .collect()
}

/// A citation in full, and whether anybody has read the place.
pub(super) fn cited(cite: &CitationReport) -> String {
    let known = CitationReport { verified: true, ..cite.clone() };
    format!("{} ({})", citation(&known), read(cite))
}

pub(super) fn read(cite: &CitationReport) -> &'static str {
    if cite.verified { "checked against the source" } else { "not checked against the source" }
}

/// What becomes of a duty: a few words and what they are about, in order.
pub(crate) fn ways(duty: &DutyReport) -> Vec<(&'static str, String)> {
    let mut ways: Vec<_> = duty.rules.iter().map(way).collect();
    match duty.checklist.as_deref() {
        None => {}
        Some([]) => ways.push(("ask yourself", "the questions of the checklist".to_owned())),
        Some(questions) => {
            ways.extend(questions.iter().map(|question| ("ask yourself", question.clone())));
        }
    }
    ways.extend(duty.not_checkable.iter().map(|why| ("cannot be checked", why.clone())));
    ways.extend(duty.not_yet.iter().map(|why| ("not checked yet", why.clone())));
    ways
}

/// A rule in a line.
pub(super) fn way(rule: &CoveringRule) -> (&'static str, String) {
    match &rule.off {
        Some(reason) => ("rule switched off", format!("{}, {}. {reason}", rule.id, rule.title)),
        None => ("rule", format!("{} ({}), {}", rule.id, rule.severity.name(), rule.title)),
    }
}

/// Breaks a text into lines of at most so many characters, where it has spaces.
fn wrapped(text: &str, first: &str, rest: &str, width: usize) -> String {
    let mut out = first.to_owned();
    let mut column = first.chars().count();
    let mut empty = true;
    for word in text.split_whitespace() {
        let len = word.chars().count();
        if !empty && column + 1 + len > width {
            out.push('\n');
            out.push_str(rest);
            column = rest.chars().count();
            empty = true;
        }
        if !empty {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += len;
        empty = false;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_words_never_do() {
        let check = |text: &str, expected: &str| {
            assert_eq!(wrapped(text, "- ", "  ", 12), expected, "{text}");
        };
        check("one two three four", "- one two\n  three four\n");
        check("", "- \n");
        check("https://example.org/long and more", "- https://example.org/long\n  and more\n");
        check("äöü äöü äöü", "- äöü äöü\n  äöü\n");
    }

    #[test]
    fn a_summary_counts_one_and_many() {
        let check = |counts: Counts, expected: &str| {
            assert_eq!(coverage_summary(&counts), expected);
        };
        check(Counts::default(), "No duties are listed.");
        check(
            Counts { duties: 1, rules: 1, unverified: 1, ..Counts::default() },
            "Of 1 duty, 1 is checked by rules. 1 rests on citations that nobody has checked against the source.",
        );
        check(
            Counts {
                duties: 31,
                rules: 18,
                checklist: 4,
                not_yet: 2,
                not_checkable: 7,
                unverified: 4,
                other_rules: 1,
                ..Counts::default()
            },
            "Of 31 duties, 18 are checked by rules, 4 are asked in the checklist, 2 could be checked and are not yet, 7 cannot be checked in a text. 4 rest on citations that nobody has checked against the source. 1 rule belongs to no duty listed here.",
        );
    }
}
