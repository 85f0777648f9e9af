//! Suppressions in the text itself.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Fault;
use super::grammar::{self, Malformed, Request};
use super::names::Name;
use crate::finding::{Finding, SuppressedBy, Suppression};
use crate::input::{Directive, Document, Reach};
use crate::judge::{Faulty, SeverityOverrides, shown};
use crate::pack::PackSet;
use crate::text::Span;

/// What is known about the rules of a document once it has been judged.
pub struct Judged<'a> {
    /// Whether a rule was judged there, and wholly.
    pub wholly: &'a dyn Fn(&str) -> bool,
    /// The packs.
    pub set: &'a PackSet,
}

impl Judged<'_> {
    /// Whether it can be said that there is nothing to silence under a name.
    pub(super) fn tells_of(&self, name: &Name) -> bool {
        match name {
            Name::Rule(rule) => (self.wholly)(rule),
            Name::Family(_) => {
                let mut rules = self.set.rules().filter(|(_, rule)| name.covers(&rule.id));
                rules.all(|(_, rule)| (self.wholly)(&rule.id))
            }
            Name::Elsewhere | Name::BuiltIn | Name::Unknown(_) => false,
        }
    }
}

/// A rule that a comment accepts at a place.
#[derive(Debug)]
struct Accepted {
    name: Name,
    /// Where the name stands in the decoded text.
    span: Span,
    /// Bytes of the file; `None` for the whole file.
    reach: Option<Span>,
    /// Index into the suppressions.
    by: usize,
    /// Whether it is alone on its line and nothing stands behind it.
    before_nothing: bool,
    used: bool,
}

/// The suppressions of a document that hold, and what is wrong with the others.
#[derive(Debug, Default)]
pub struct Comments {
    accepted: Vec<Accepted>,
    suppressions: Vec<Suppression>,
    faults: Vec<(Fault, Span, String, String)>,
}

impl Comments {
    /// Reads the comments of a document. `hidden` are stretches of the decoded text that
    /// nobody may see, sorted and apart; `day` is that of the check.
    pub fn read(document: &Document, set: &PackSet, hidden: &[Span], day: Option<Date>) -> Self {
        let mut comments = Self::default();
        for directive in &document.directives {
            comments.one(document, directive, set, hidden, day);
        }
        comments
    }

    fn one(
        &mut self,
        document: &Document,
        directive: &Directive,
        set: &PackSet,
        hidden: &[Span],
        day: Option<Date>,
    ) {
        let source = document.source.text();
        let base = directive.content.start;
        let place = |span: Span| Span::new(base + span.start, base + span.end);
        let words = |span: Span| {
            shown(source, place(span), hidden).split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let Request { whole_file, rules, reason, owner, until } =
            match grammar::parse(&source[directive.content.range()]) {
                Ok(request) => request,
                Err(Malformed { message, span }) => {
                    return self.fault(Fault::Malformed, place(span), message, "");
                }
            };
        let (reach, before_nothing) = match directive.reach {
            _ if whole_file => (None, false),
            Reach::Line(span) | Reach::Next(span) => (Some(document.source.to_file(span)), false),
            Reach::Nothing => {
                let end =
                    document.source.to_file(Span::new(directive.span.end, directive.span.end));
                (Some(end), true)
            }
        };
        let mut accepted = Vec::new();
        for span in rules {
            let name = Name::of(&source[place(span).range()], &[set]);
            match &name {
                Name::Unknown(close) => {
                    let close = close
                        .as_ref()
                        .map_or_else(String::new, |close| format!("; did you mean `{close}`?"));
                    let message = if words(span).contains('*') || words(span) == "all" {
                        "each rule that is allowed must be named".to_owned()
                    } else {
                        format!("no pack has a rule `{}`{close}", words(span))
                    };
                    self.fault(Fault::UnknownRule, place(span), &message, "");
                }
                Name::BuiltIn => {
                    let message = "what is wrong with suppressions cannot be allowed; set its severity in probity.toml";
                    self.fault(Fault::Malformed, place(span), message, "");
                }
                Name::Family(family) if !whole_file => {
                    let message = format!(
                        "`{family}` is a family, which can be allowed for a whole file only (`allow-file`); name the rule"
                    );
                    self.fault(Fault::Malformed, place(span), &message, family);
                }
                _ => {
                    let (by, span) = (self.suppressions.len(), place(span));
                    accepted.push(Accepted { name, span, reach, by, before_nothing, used: false });
                }
            }
        }
        let Some(reason) = reason else {
            let message = "this suppression gives no reason, so it does not hold";
            return self.fault(Fault::NoReason, directive.content, message, "");
        };
        if let Some((until, span)) = until
            && day.is_some_and(|day| day > until)
        {
            let message = format!("this suppression ended on {until}");
            return self.fault(Fault::Expired, place(span), &message, &until.to_string());
        }
        if accepted.is_empty() {
            return;
        }
        self.suppressions.push(Suppression {
            by: SuppressedBy::Comment,
            reason: Some(words(reason)),
            owner: owner.map(words),
            until: until.map(|(day, _)| day.to_string()),
        });
        self.accepted.append(&mut accepted);
    }

    fn fault(&mut self, fault: Fault, span: Span, message: &str, about: &str) {
        self.faults.push((fault, span, message.to_owned(), about.to_owned()));
    }

    /// Accepts the findings that the comments are about: those of which every place
    /// begins or ends in the reach of one.
    pub fn accept(&mut self, findings: &mut [Finding]) {
        if self.accepted.is_empty() {
            return;
        }
        let mut by_rule: BTreeMap<String, Reaches> = BTreeMap::new();
        for finding in findings.iter_mut().filter(|finding| finding.suppression.is_none()) {
            if !by_rule.contains_key(&finding.rule) {
                by_rule.insert(finding.rule.clone(), Reaches::of(&self.accepted, &finding.rule));
            }
            let Some(reaches) = by_rule.get(&finding.rule) else { continue };
            let places = finding.places.iter().map(|place| reaches.around(place.bytes));
            let around: Option<Vec<usize>> = places.collect();
            let used = around.or_else(|| reaches.whole_file.map(|at| vec![at])).unwrap_or_default();
            if let Some(&first) = used.first() {
                finding.suppression = self.suppressions.get(self.accepted[first].by).cloned();
            }
            for at in used {
                self.accepted[at].used = true;
            }
        }
    }

    /// What is wrong with the comments, in the order of their places.
    pub fn faults(&self, judged: &Judged<'_>, overrides: &SeverityOverrides) -> Vec<Faulty> {
        let mut faults: Vec<_> = self.faults.clone();
        for accepted in self.accepted.iter().filter(|accepted| !accepted.used) {
            if !judged.tells_of(&accepted.name) {
                continue;
            }
            let (Name::Rule(name) | Name::Family(name)) = &accepted.name else { continue };
            let message = if accepted.before_nothing {
                format!("nothing stands behind this suppression of `{name}`")
            } else {
                format!("there is no finding of `{name}` for this suppression to silence")
            };
            faults.push((Fault::Unused, accepted.span, message, name.clone()));
        }
        faults.sort_by_key(|(fault, span, ..)| (*span, *fault));
        let told = faults.into_iter().filter_map(|(fault, span, message, about)| {
            let severity = fault.severity_under(overrides)?;
            Some(Faulty { rule: fault.rule(), severity, span, message, about })
        });
        told.collect()
    }
}

/// Where findings of one rule are accepted.
#[derive(Debug)]
struct Reaches {
    /// By their starts, with their place among all that are accepted.
    parts: Vec<(Span, usize)>,
    /// For each of them, the one of it and those before it that reaches farthest.
    farthest: Vec<usize>,
    whole_file: Option<usize>,
}

impl Reaches {
    fn of(accepted: &[Accepted], rule: &str) -> Self {
        let mut parts = Vec::new();
        let mut whole_file = None;
        for (at, accepted) in accepted.iter().enumerate().filter(|(_, it)| it.name.covers(rule)) {
            match accepted.reach {
                Some(reach) if !accepted.before_nothing => parts.push((reach, at)),
                Some(_) => {}
                None => whole_file = whole_file.or(Some(at)),
            }
        }
        parts.sort_unstable();
        let mut farthest: Vec<usize> = Vec::with_capacity(parts.len());
        for (at, (span, _)) in parts.iter().enumerate() {
            let best = farthest.last().copied().filter(|&best| parts[best].0.end >= span.end);
            farthest.push(best.unwrap_or(at));
        }
        Self { parts, farthest, whole_file }
    }

    /// What accepts a finding at this place.
    fn around(&self, place: Span) -> Option<usize> {
        let at = |offset: usize| {
            let before = self.parts.partition_point(|(span, _)| span.start <= offset);
            let (span, at) = self.parts[*self.farthest.get(before.checked_sub(1)?)?];
            (offset <= span.end).then_some(at)
        };
        at(place.start).or_else(|| at(place.end.saturating_sub(1).max(place.start)))
    }
}
