//! What rules put in place of the words they find, from TOML to the model.

use std::collections::BTreeMap;

use super::check::Reader;
use super::model::{Example, Find, Most, Replace, What, words_key};
use super::phrase::{self, Atom, Phrase};
use crate::count::Unit;
use crate::replace::Maker;
use crate::syntax::{Diagnostic, Text, View};

impl Reader<'_, '_> {
    /// What a find would write instead.
    pub(super) fn replace(&mut self, view: View<'_>, what: &What) -> Option<Replace> {
        let key = ["replace", "rewrite"].into_iter().find(|key| view.has(key))?;
        if view.has("replace") && view.has("rewrite") {
            self.fault(
                view.place("rewrite"),
                "a find says `replace` or `rewrite`, not both",
                "which of them counts?",
            );
            return None;
        }
        if !self.can_replace(view, key, what) {
            return None;
        }
        if let Some(maker) = view.text("rewrite") {
            return Maker::by_name(maker.value).map(Replace::Made);
        }
        if let Some(wording) = view.text("replace") {
            return self.wording(wording).then(|| Replace::Wording(wording.value.to_owned()));
        }
        self.by_term(view.table("replace")?).map(Replace::ByTerm)
    }

    /// Whether what is found has words that can be replaced.
    fn can_replace(&mut self, view: View<'_>, key: &str, what: &What) -> bool {
        let why = match what {
            What::List(_) | What::Pattern { .. } => return true,
            What::Missing { .. } => "what is missing cannot be replaced",
            What::Text { .. } => "a text that is weighed has no one wording",
            What::Record => "a find about the record has no words that could be replaced",
            What::Count { .. } if key == "replace" => "what is counted has no one wording",
            What::Count { of, most: Most::Number(0), by_sentence: false, .. }
                if !Unit::by_name(of).is_some_and(Unit::is_length) =>
            {
                return true;
            }
            What::Count { .. } => "only a count of things with `most = 0` finds each by itself",
        };
        let label = if matches!(what, What::Count { .. }) && key == "replace" {
            "`rewrite` makes one of the words"
        } else {
            "here it says nothing"
        };
        self.fault(view.place(key), why, label);
        false
    }

    /// Whether a wording can stand in a sentence.
    fn wording(&mut self, wording: Text<'_>) -> bool {
        let why = if wording.value.trim().is_empty() {
            "a fix writes something instead: this is empty"
        } else if wording.value.contains(char::is_control) {
            "a fix stays on its line: this has a line break or tab"
        } else if wording.value.trim() != wording.value {
            "the spaces around the words stay as they are: remove these"
        } else {
            return true;
        };
        self.fault(wording.span, why, "cannot be put in place of words");
        false
    }

    fn by_term(&mut self, table: View<'_>) -> Option<BTreeMap<String, (String, String)>> {
        let mut wordings: BTreeMap<String, (String, String)> = BTreeMap::new();
        let mut whole = true;
        for (term, value) in table.entries() {
            // A phrase with a fault has been named where it was read as a term.
            let Ok(phrases) = phrase::parse(term.value) else { continue };
            if !matches!(phrases.as_slice(), [Phrase::Words(atoms)] if atoms.iter().all(is_plain)) {
                self.fault(
                    term.span,
                    "what is replaced by a table is plain words",
                    "no groups, slots, gaps, handles, links or hashtags",
                )
                .help =
                    Some("give each spelling a line, or use `terms` with one `replace`".to_owned());
                whole = false;
                continue;
            }
            let Some(wording) = crate::syntax::as_text(value) else { continue };
            whole &= self.wording(wording);
            let entry = (term.value.to_owned(), wording.value.to_owned());
            if let Some((other, _)) = wordings.insert(words_key(term.value), entry) {
                let message = format!("`{}` and `{other}` are the same words", term.value);
                self.fault(term.span, message, "replaced twice");
                whole = false;
            }
        }
        for (_, value) in table.entries() {
            let Some(wording) = crate::syntax::as_text(value) else { continue };
            if wordings.contains_key(&words_key(wording.value)) {
                let message = format!("`{}` is itself replaced by this table", wording.value);
                self.fault(wording.span, message, "a fix would never end");
                whole = false;
            }
        }
        whole.then_some(wordings)
    }

    /// Fixes are of words that may be shown, and examples show them.
    pub(super) fn check_fixes(
        &mut self,
        view: View<'_>,
        id: Text<'_>,
        finds: &[Find],
        bad: &[Example],
        good: &[Example],
    ) {
        let fixes = finds.iter().any(|find| find.replace.is_some());
        if fixes && view.flag("redact").unwrap_or(false) {
            let message = "the words of a rule with `redact` are never shown, so there is no fix";
            self.fault(view.place("redact"), message, "hides what a fix would show");
        }
        for example in good.iter().filter(|example| example.fixed.is_some()) {
            self.fault(
                example.span,
                "nothing is found in a good example, so nothing is fixed",
                "remove `fixed`",
            );
        }
        let shown = bad.iter().filter(|example| example.fixed.is_some()).count();
        if shown > 0 && !fixes && finds.len() == view.tables("find").len().max(1) {
            for example in bad.iter().filter(|example| example.fixed.is_some()) {
                self.fault(
                    example.span,
                    "no find of this rule says `replace` or `rewrite`",
                    "so `fixed` is never true",
                );
            }
        }
        if fixes && shown == 0 && !bad.is_empty() {
            let message = format!("no example of the rule `{}` shows its fix", id.value);
            let diagnostic = if self.raw.shipped {
                Diagnostic::fault(&self.raw.file, id.span, message)
            } else {
                Diagnostic::warning(&self.raw.file, id.span, message)
            };
            let help = "give a `bad` example `fixed`: its text after the fix";
            self.push(diagnostic.label("nobody can see what it does").help(help));
        }
    }
}

/// Whether a part of a phrase is what it says.
fn is_plain(atom: &Atom<'_>) -> bool {
    matches!(atom, Atom::Word { .. } | Atom::Mark(_))
}
