//! From what the engine found to what is reported: places in the file, messages,
//! fingerprints, excerpts, and the order of it all.

mod built_in;
mod excerpt;
mod fingerprint;
mod fix;
mod repeats;

use std::collections::BTreeMap;

pub use built_in::{Faulty, built_in};
pub use excerpt::{masked, safe};
pub use fingerprint::Fingerprints;
pub use fix::narrowed;
pub use repeats::Repeats;

use crate::engine::{Counted, Engine, Found, Tally};
use crate::finding::{CitationReport, Finding, Location, OtherColumns, RuleReport};
use crate::input::{Document, Format};
use crate::pack::{Needs, Pack, Rule, Severity, Within};
use crate::text::{Decoded, Lines, Span};
use excerpt::ToMark;

/// Severities that configuration gives rules, by full name or family; `None`
/// switches a rule off.
pub type SeverityOverrides = BTreeMap<String, Option<Severity>>;

/// What a rule's severity becomes under overrides; `Err(())` if it is off.
pub fn overridden(
    overrides: &SeverityOverrides,
    rule: &str,
    severity: Severity,
) -> Option<Severity> {
    let family = rule.split('/').next().unwrap_or(rule);
    match overrides.get(rule).or_else(|| overrides.get(family)) {
        None => Some(severity),
        Some(changed) => *changed,
    }
}

/// What is needed to judge the findings of one document.
#[derive(Debug)]
pub struct Judge<'a> {
    /// The engines that found them; rules have one id in all of them.
    pub engines: &'a [&'a Engine],
    /// By field, the engine that scanned it.
    pub of_field: &'a [usize],
    /// Severities from configuration.
    pub overrides: &'a SeverityOverrides,
    /// Whether words of rules marked `redact` are shown.
    pub reveal: bool,
    /// Stretches of the source outside of every field that nobody may see.
    pub hidden: &'a [Span],
}

/// A rule that holds at a cell of a table that is read in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellFinding {
    /// Index of the field among those of the part.
    pub field: usize,
    /// The rule's full name.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// The problem, in one plain sentence.
    pub message: String,
    /// The words the rule is about (bytes of the field's text), as they may be shown.
    pub places: Vec<(Span, String)>,
    /// How much of it must be found in the whole table before any of it counts, what it
    /// is counted with, and what it adds.
    pub needs: Option<(Counted, Needs, Tally)>,
    /// The record.
    pub record: Option<u64>,
}

impl Judge<'_> {
    /// Turns what was found in the cells of some rows into findings in the order of
    /// their places.
    pub fn cells(&self, document: &Document, found: &[Vec<Found>]) -> Vec<CellFinding> {
        let mut findings = Vec::new();
        for (at, (field, of_field)) in document.fields.iter().zip(found).enumerate() {
            let engine = self.engines[self.of_field[at]];
            // A list of findings goes through many hands: no words of a record stand in it.
            let spans = || of_field.iter().flat_map(|found| found.spans.iter().copied());
            let hidden = if self.reveal { Vec::new() } else { joined(spans().collect()) };
            for found in of_field {
                let (_, rule) = engine.rule(found.rule);
                let Some(severity) = overridden(self.overrides, &rule.id, found.severity) else {
                    continue;
                };
                let needs =
                    engine.needs(found).filter(|(_, needs)| needs.within == Within::Document);
                let needs = needs.map(|(with, needs)| {
                    let mut tally = Tally::default();
                    tally.add(found);
                    (with, needs, tally)
                });
                let place = |span: Span| (span, shown(&field.text, span, &hidden));
                findings.push(CellFinding {
                    field: at,
                    rule: rule.id.clone(),
                    severity,
                    message: message(engine, found, &field.text, &hidden),
                    places: found.spans.iter().map(|&span| place(span)).collect(),
                    needs,
                    record: field.record,
                });
            }
        }
        // Values of records stand behind the texts of all rows.
        findings.sort_by_key(|finding| {
            let field = &document.fields[finding.field];
            (field.record, field.map.to_source(finding.places[0].0), finding.rule.clone())
        });
        findings
    }

    /// Turns what was found in the fields of a document (in their order) into
    /// findings in the order of the file. `index` is the document's place in the
    /// report.
    pub fn document(
        &self,
        index: usize,
        document: &Document,
        found: &[Vec<Found>],
    ) -> Vec<Finding> {
        if found.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let lines = Lines::new(document.source.text());
        let masks = self.masks(document, found);
        let redacted = self.redacted(document, found);
        let mut findings: Vec<Finding> = Vec::new();
        let mut fingerprints = Fingerprints::default();
        for (at, (field, of_field)) in document.fields.iter().zip(found).enumerate() {
            let engine = self.engines[self.of_field[at]];
            // Where another rule masks words, no rule shows them.
            let hidden = self.hidden(of_field);
            for found in of_field {
                let (_, rule) = engine.rule(found.rule);
                let Some(severity) = overridden(self.overrides, &rule.id, found.severity) else {
                    continue;
                };
                let to_source = |span: Span| field.map.to_source(span);
                let place = |span: Span, label: &str| {
                    let text = shown(&field.text, span, &hidden);
                    location(&document.source, &lines, to_source(span), text, label)
                };
                let mut marks: Vec<ToMark> = found
                    .spans
                    .iter()
                    .map(|&span| ToMark {
                        span: to_source(span),
                        primary: true,
                        label: String::new(),
                    })
                    .collect();
                marks.extend(found.related.iter().map(|(span, label)| ToMark {
                    span: to_source(*span),
                    primary: false,
                    label: label.clone(),
                }));
                let (fingerprint, secret) =
                    fingerprints.next(&field.name, rule, &field.text, found);
                findings.push(Finding {
                    document: index,
                    path: document.name.clone(),
                    places: found.spans.iter().map(|&span| place(span, "")).collect(),
                    rule: rule.id.clone(),
                    severity,
                    message: message(engine, found, &field.text, &hidden),
                    related: found
                        .related
                        .iter()
                        .map(|(span, label)| place(*span, label))
                        .collect(),
                    field: field.name.clone(),
                    record: field.record.filter(|_| document.format == Format::Csv),
                    about_whole: engine.is_about_whole(found),
                    fingerprint,
                    secret,
                    suppression: None,
                    fix: fix::fix(found, rule, field, &redacted, |span| place(span, "")),
                    fails: false,
                    excerpt: excerpt::excerpts(document.source.text(), &lines, &marks, &masks),
                });
            }
        }
        findings.sort_by(|a, b| {
            (&a.places[0].bytes, &a.rule, &a.fingerprint).cmp(&(
                &b.places[0].bytes,
                &b.rule,
                &b.fingerprint,
            ))
        });
        findings
    }

    /// Every stretch of the document (decoded text) that nobody may see.
    pub fn masks(&self, document: &Document, found: &[Vec<Found>]) -> Vec<Span> {
        if self.reveal {
            return Vec::new();
        }
        let mut masks = self.redacted(document, found);
        masks.extend_from_slice(self.hidden);
        joined(masks)
    }

    /// Every stretch of the document (decoded text) that rules marked `redact` found.
    fn redacted(&self, document: &Document, found: &[Vec<Found>]) -> Vec<Span> {
        let mut masks = Vec::new();
        for (field, of_field) in document.fields.iter().zip(found) {
            for found in of_field.iter().filter(|found| self.rule(found).redact) {
                masks.extend(found.spans.iter().map(|&span| field.map.to_source(span)));
            }
        }
        joined(masks)
    }

    /// Stretches of a field that nobody may see, sorted.
    fn hidden(&self, found: &[Found]) -> Vec<Span> {
        let hidden: Vec<Span> = found
            .iter()
            .filter(|found| !self.reveal && self.rule(found).redact)
            .flat_map(|found| found.spans.iter().copied())
            .collect();
        joined(hidden)
    }

    fn rule(&self, found: &Found) -> &Rule {
        self.engines[0].rule(found.rule).1
    }
}

/// The message with its blanks filled in, and what is odd about the words.
fn message(engine: &Engine, found: &Found, text: &str, hidden: &[Span]) -> String {
    // A message is one line, wherever the author broke his.
    let words = shown(text, found.spans[0], hidden);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut message = engine.message(found).replace("{match}", &words);
    if let Some((total, most)) = found.counted {
        message =
            message.replace("{count}", &total.to_string()).replace("{most}", &most.to_string());
    }
    let mut odd: Vec<String> = found.disguises.iter().map(|&c| disguise(c)).collect();
    odd.sort();
    odd.dedup();
    if !odd.is_empty() {
        message.push_str(&format!(" (written with {})", odd.join(" and ")));
    }
    message
}

/// Spans in order, those that overlap as one.
pub fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => out.push(span),
        }
    }
    out
}

/// What is odd about a character, in words.
fn disguise(c: char) -> String {
    let code = format!("U+{:04X}", u32::from(c));
    if crate::text::is_invisible(c) {
        format!("a hidden character, {code}")
    } else {
        format!("{c}, {code}, which only looks like an ordinary letter")
    }
}

fn location(of: &Decoded, lines: &Lines<'_>, source: Span, text: String, label: &str) -> Location {
    let start = lines.position(source.start);
    let end = lines.position(source.end);
    Location {
        bytes: of.to_file(source),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        units: OtherColumns {
            bytes: start.column_bytes,
            end_bytes: end.column_bytes,
            utf16: start.column_utf16,
            end_utf16: end.column_utf16,
        },
        text,
        label: label.to_owned(),
    }
}

/// The words of a span as they may be shown: masked where they are `hidden`,
/// and no longer than anybody reads. A count can run over a whole document.
pub fn shown(text: &str, span: Span, hidden: &[Span]) -> String {
    let end = text.floor_char_boundary(span.end.min(span.start + 400));
    let mut out = String::new();
    let mut at = span.start;
    let first = hidden.partition_point(|hide| hide.end <= span.start);
    for hide in hidden[first..].iter().take_while(|hide| hide.start < end) {
        let (from, to) = (hide.start.max(at), hide.end.min(end));
        if from < to {
            out.push_str(&safe(&text[at..from]));
            out.push_str(&masked(&text[from..to]));
            at = to;
        }
    }
    out.push_str(&safe(&text[at.min(end)..end]));
    out
}

/// What a report says about a rule, whichever finding it is.
pub fn rule_report(pack: &Pack, rule: &Rule) -> RuleReport {
    RuleReport {
        pack: pack.id.clone(),
        title: rule.title.clone(),
        help: rule.help.clone(),
        ask: rule.ask.clone().or_else(|| pack.ask.clone()),
        cites: citations(pack, &rule.cites),
    }
}

/// Citations with the titles of their sources.
pub fn citations(pack: &Pack, cites: &[crate::pack::Citation]) -> Vec<CitationReport> {
    cites
        .iter()
        .filter_map(|cite| {
            let source = pack.sources.iter().find(|source| source.id == cite.source)?;
            Some(CitationReport {
                title: source.title.clone(),
                at: cite.at.clone(),
                publisher: source.publisher.clone(),
                date: source.date.clone(),
                url: source.url.clone(),
                verified: cite.verified,
            })
        })
        .collect()
}
