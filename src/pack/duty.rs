//! Duties of a source, and what a pack does about each of them.

use super::check::{Reader, owned, placed};
use super::model::{Citation, Source};
use super::set::PackSet;
use crate::syntax::{Diagnostic, View};
use crate::text::Span;

/// Something that a source asks for.
#[derive(Clone, Debug)]
pub struct Duty {
    /// The duty, in one plain sentence.
    pub text: String,
    /// Where the source says so.
    pub cites: Vec<Citation>,
    /// The rules that check it.
    pub rules: Vec<(String, Span)>,
    /// The questions that put it to the author.
    pub checklist: Questions,
    /// Why no check of a text can decide it, or that part of it.
    pub not_checkable: Option<String>,
    /// What could be checked and is not.
    pub not_yet: Option<String>,
}

/// Which questions of the checklist put a duty to the author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Questions {
    /// None.
    None,
    /// Those that cite the same place. Where the key stands in the pack.
    SamePlace(Span),
    /// These.
    These(Vec<(String, Span)>),
}

impl Reader<'_, '_> {
    pub(super) fn duty(&mut self, view: View<'_>, sources: &[Source]) -> Option<Duty> {
        let questions = placed(view.texts("checklist"));
        let checklist = match view.flag("checklist") {
            Some(true) => Questions::SamePlace(view.place("checklist")),
            _ if questions.is_empty() => Questions::None,
            _ => Questions::These(questions),
        };
        for key in ["not_checkable", "not_yet"] {
            if view.text(key).is_some_and(|text| text.value.trim().is_empty()) {
                self.fault(view.place(key), format!("`{key}` must say why"), "empty");
            }
        }
        if view.text("text").is_some_and(|text| text.value.trim().is_empty()) {
            self.fault(view.place("text"), "`text` must say what the duty is", "empty");
        }
        let rules = placed(view.texts("rules"));
        if rules.is_empty()
            && checklist == Questions::None
            && !view.has("not_checkable")
            && !view.has("not_yet")
        {
            let (span, text) = (view.span, view.text("text"));
            self.fault(
                text.map_or(span, |text| text.span),
                "this duty does not say what becomes of it",
                "give it `rules`, `checklist`, `not_checkable` or `not_yet`",
            );
        }
        Some(Duty {
            text: owned(view.text("text"))?,
            cites: self.cites(view, sources),
            rules,
            checklist,
            not_checkable: owned(view.text("not_checkable")),
            not_yet: owned(view.text("not_yet")),
        })
    }
}

impl PackSet {
    /// Holds what duties name against the pack and those it extends. Other packs
    /// in use do not count: a pack must be whole without them.
    pub(super) fn check_duties(&self, faults: &mut Vec<Diagnostic>) {
        for (at, pack) in self.packs.iter().enumerate() {
            let scope = || self.scopes[at].iter().map(|&pack| &self.packs[pack]);
            let questions = || scope().flat_map(|pack| &pack.checklist).map(|item| &*item.text);
            for duty in &pack.duties {
                for (name, span) in &duty.rules {
                    match self.rule(name) {
                        Some((owner, _)) if self.scopes[at].contains(&owner) => {}
                        Some((owner, _)) => faults.push(
                            Diagnostic::fault(
                                &pack.file,
                                *span,
                                format!(
                                    "`{name}` is a rule of a pack that this one does not extend"
                                ),
                            )
                            .label("named by this duty")
                            .help(format!("add `{}` to `extends`", self.packs[owner].id)),
                        ),
                        None => faults.push(
                            Diagnostic::fault(
                                &pack.file,
                                *span,
                                format!(
                                    "there is no rule `{name}` in this pack or those it extends"
                                ),
                            )
                            .label("named by this duty")
                            .did_you_mean(
                                name,
                                scope().flat_map(|pack| &pack.rules).map(|rule| &*rule.id),
                            ),
                        ),
                    }
                }
                match &duty.checklist {
                    Questions::None => {}
                    Questions::SamePlace(span) => {
                        let asks = |cite: &Citation| cite.is_among(&duty.cites);
                        // The report looks for them among the pack's own, too.
                        if !pack.checklist.iter().any(|item| item.cites.iter().any(asks)) {
                            let message = if questions().next().is_none() {
                                "the pack has no `[[checklist]]` that could ask this"
                            } else {
                                "no question cites this place"
                            };
                            faults.push(
                                Diagnostic::fault(&pack.file, *span, message)
                                    .label("nobody is asked"),
                            );
                        }
                    }
                    Questions::These(asked) => {
                        for (text, span) in asked {
                            if questions().all(|known| known != text) {
                                faults.push(
                                    Diagnostic::fault(
                                        &pack.file,
                                        *span,
                                        "the checklist has no such question",
                                    )
                                    .label("named by this duty")
                                    .help("write the `text` of a `[[checklist]]` table, or `true`")
                                    .did_you_mean(text, questions()),
                                );
                            }
                        }
                    }
                }
            }
        }
    }
}
