//! Findings drawn for a person: the words, why, the paragraph, what to do
//! instead, whom to ask.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::escape::file_name;
use super::{Emitter, counted, left_out};
use crate::finding::{CitationReport, Excerpt, Finding, Report, RuleReport};
use crate::judge::safe;
use crate::pack::Severity;

/// Draws findings with their lines.
#[derive(Clone, Debug)]
pub struct Full {
    /// How snippets are drawn, colours included.
    pub renderer: Renderer,
}

impl Emitter for Full {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        // What a rule has to say is said once a document, not at every place.
        let mut said: BTreeSet<(usize, &str)> = BTreeSet::new();
        for finding in report.shown() {
            let first =
                finding.suppression.is_none() && said.insert((finding.document, &finding.rule));
            let about = report.rules.get(&finding.rule).filter(|_| first);
            let drawn = self.renderer.render(&[group(finding, about)]);
            writeln!(out, "{}\n", with_place(drawn, finding))?;
        }
        Ok(())
    }
}

fn group<'r>(finding: &'r Finding, about: Option<&'r RuleReport>) -> Group<'r> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let level = match (&finding.suppression, finding.severity) {
        (None, _) => level,
        (Some(_), Severity::Error) => level.with_name("accepted error"),
        (Some(_), Severity::Warning) => level.with_name("accepted warning"),
        (Some(_), Severity::Note) => level.with_name("accepted note"),
    };
    let mut group = Group::with_title(level.primary_title(&finding.message).id(&finding.rule));
    // The words themselves first, then what made them a finding.
    let (own, others): (Vec<_>, Vec<_>) =
        finding.excerpt.iter().partition(|excerpt| excerpt.marks.iter().any(|mark| mark.primary));
    for excerpt in own.into_iter().chain(others) {
        group = group.element(snippet(&finding.path, excerpt));
    }
    let place = match (finding.record, finding.field.as_str()) {
        (None, "body") => None,
        (None, _) if finding.rule.starts_with("suppress/") => None,
        (None, "") => Some("the file as a whole".to_owned()),
        (None, field) => Some(format!("the `{}`", safe(field))),
        (Some(record), "") => Some(format!("record {record} as a whole")),
        (Some(record), field) => Some(format!("record {record}, column `{}`", safe(field))),
    };
    if let Some(place) = place {
        group = group.element(Level::NOTE.with_name("where").message(place));
    }
    if let Some(suppression) = &finding.suppression {
        group = group.element(Level::NOTE.with_name("accepted").message(suppression.in_words()));
        return group;
    }
    if let Some(fix) = &finding.fix {
        group = group.element(Level::HELP.with_name("fix").message(&fix.title));
    }
    let Some(about) = about else { return group };
    for cite in citations(&about.cites) {
        group = group.element(Level::NOTE.with_name("policy").message(cite));
    }
    group = group.element(Level::HELP.with_name("instead").message(&about.help));
    if let Some(ask) = &about.ask {
        group = group.element(Level::NOTE.with_name("if unsure").message(ask));
    }
    group
}

/// Puts the true line and column behind the arrow: the renderer counts in the
/// excerpt, where characters are escaped and long lines shortened.
fn with_place(drawn: String, finding: &Finding) -> String {
    let path = file_name(&finding.path);
    let place = &finding.places[0];
    let written = || {
        let title = drawn.find('\n')?;
        let arrow = title + drawn[title..].find("--> ")?;
        let start = arrow + drawn[arrow..].find(&path)? + path.len();
        let digits = |byte: &u8| byte.is_ascii_digit() || *byte == b':';
        let len = drawn.as_bytes()[start..].iter().take_while(|byte| digits(byte)).count();
        Some(start..start + len)
    };
    match written() {
        Some(range) => {
            let (before, after) = (&drawn[..range.start], &drawn[range.end..]);
            format!("{before}:{}:{}{after}", place.line, place.column)
        }
        None => drawn,
    }
}

fn snippet<'r>(
    path: &'r str,
    excerpt: &'r Excerpt,
) -> Snippet<'r, annotate_snippets::Annotation<'r>> {
    let mut snippet =
        Snippet::source(&excerpt.text).line_start(excerpt.line).path(file_name(path)).fold(false);
    for mark in &excerpt.marks {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(mark.span.range());
        snippet = snippet.annotation(if mark.label.is_empty() {
            annotation
        } else {
            annotation.label(mark.label.as_str())
        });
    }
    snippet
}

/// Citations, a line each; places in one document share a line.
fn citations(cites: &[CitationReport]) -> Vec<String> {
    let mut lines: Vec<(&CitationReport, String)> = Vec::new();
    for cite in cites {
        let known = lines
            .iter_mut()
            .find(|(first, _)| first.title == cite.title && first.verified == cite.verified);
        match (known, &cite.at) {
            (Some((_, line)), Some(at)) => line.push_str(&format!("; {at}")),
            (Some(_), None) => {}
            (None, _) => lines.push((cite, citation(cite))),
        }
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

/// A citation in one line. One that nobody has checked says so first.
pub fn citation(cite: &CitationReport) -> String {
    let mut text = String::new();
    if !cite.verified {
        text.push_str("(not checked against the source) ");
    }
    text.push_str(&cite.title);
    if let Some(at) = &cite.at {
        text.push_str(", ");
        text.push_str(at);
    }
    text
}

/// What a run comes to, in a few lines.
pub fn summary(report: &Report) -> String {
    let mut out = trouble(report);
    let severities = [Severity::Error, Severity::Warning, Severity::Note];
    let counts: Vec<_> = severities
        .into_iter()
        .map(|severity| (report.count(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| counted(count, severity.name()))
        .collect();
    let accepted = report.accepted();
    let found = match counts.is_empty() {
        true if accepted > 0 => "Nothing else found".to_owned(),
        true => "Nothing found".to_owned(),
        false => format!("Found {}", counts.join(", ")),
    };
    if accepted > 0 {
        let are = if accepted == 1 { "is" } else { "are" };
        let hint = if report.show_accepted { "" } else { " (`--show-accepted` shows them)" };
        out.push_str(&format!("{} {are} accepted{hint}.\n", counted(accepted, "finding")));
    }
    out.push_str(&format!("{found} in {}.", counted(report.documents.len(), "file")));
    if report.incomplete() {
        out.push_str(" Not everything could be checked.");
    }
    let fixable = report.open().filter(|finding| finding.fix.is_some()).count();
    if fixable > 0 {
        out.push_str(&format!(" {} can be fixed with `--fix`.", counted(fixable, "finding")));
    }
    out.push('\n');
    out.push_str(
        &report
            .changes
            .as_ref()
            .map_or_else(String::new, |changes| format!("{}\n", safe(&left_out(changes)))),
    );
    out
}

/// What could not be checked or judged, and what readers should know.
pub fn trouble(report: &Report) -> String {
    let mut out = String::new();
    for notice in &report.notices {
        let line = notice.line.map_or_else(String::new, |line| format!(":{line}"));
        let kind = if notice.unchecked { "not checked" } else { "note" };
        out.push_str(&format!(
            "{kind}: {}{line}: {}\n",
            file_name(&notice.path),
            safe(&notice.message)
        ));
    }
    out.push_str(&not_judged(report));
    out
}

/// How many rules that were not judged are named. Of more, how many there are in which
/// pack tells a reader more.
const NAMED: usize = 8;

/// The rules that want for facts or columns, and how to set facts: first those for which
/// most rules wait.
fn not_judged(report: &Report) -> String {
    let mut rules: BTreeMap<bool, BTreeSet<&str>> = BTreeMap::new();
    let mut waiting: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut columns: BTreeMap<&[String], BTreeSet<&str>> = BTreeMap::new();
    for rule in &report.not_judged {
        if !rule.missing.is_empty() {
            rules.entry(rule.partly).or_default().insert(&rule.rule);
        }
        for fact in &rule.missing {
            waiting.entry(fact).or_default().insert(&rule.rule);
        }
        if !rule.columns.is_empty() {
            columns.entry(&rule.columns).or_default().insert(&rule.rule);
        }
    }
    let mut out = String::new();
    for (columns, rules) in &columns {
        let what = if columns.len() == 1 { "column" } else { "columns" };
        let columns: Vec<_> = columns.iter().map(|column| format!("`{}`", safe(column))).collect();
        out.push_str(&format!(
            "Not judged, without the {what} {}: {}\n",
            columns.join(", "),
            named(rules)
        ));
    }
    for (partly, rules) in &rules {
        let what = if *partly { "Judged only in part" } else { "Not judged, for want of facts" };
        out.push_str(&format!("{what}: {}\n", named(rules)));
    }
    if waiting.is_empty() {
        return out;
    }
    out.push_str("Say what you know, or write it under [facts] in probity.toml (`probity init`)");
    let many = rules.values().any(|rules| rules.len() > NAMED);
    out.push_str(if many { "; `--format json` names the rules:\n" } else { ":\n" });
    let mut waiting: Vec<_> = waiting
        .into_iter()
        .map(|(fact, rules)| {
            let way = report.ways.get(fact).map_or("…", |way| way);
            (Reverse(rules.len()), format!("--set {fact}={way}"))
        })
        .collect();
    waiting.sort();
    for (Reverse(rules), way) in waiting {
        let rules = if many { format!("  ({})", counted(rules, "rule")) } else { String::new() };
        out.push_str(&format!("  {way}{rules}\n"));
    }
    out
}

/// Rules by name, or by pack where they are many.
fn named(rules: &BTreeSet<&str>) -> String {
    if rules.len() <= NAMED {
        return rules.iter().copied().collect::<Vec<_>>().join(", ");
    }
    let mut families: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in rules {
        let family = rule.split_once('/').map_or(*rule, |(family, _)| family);
        *families.entry(family).or_default() += 1;
    }
    let families: Vec<_> =
        families.iter().map(|(family, count)| format!("{count} of {family}")).collect();
    format!("{} ({})", counted(rules.len(), "rule"), families.join(", "))
}
