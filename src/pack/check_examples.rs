//! Examples, from TOML to the model.

use toml::Spanned;
use toml::de::DeValue;

use super::check::{Reader, fact_value, owned};
use super::model::{Example, Find, Severity};
use crate::syntax::{self, Diagnostic, Text, View};
use crate::text::Span;

impl Reader<'_, '_> {
    /// Examples say what must be found, and there are some.
    pub(super) fn check_examples(
        &mut self,
        id: Text<'_>,
        finds: &[Find],
        bad: &[Example],
        good: &[Example],
    ) {
        for example in bad.iter().filter(|example| {
            example.marks.is_empty()
                && example.record.is_empty()
                && finds.iter().all(|find| !find.what.is_about_text())
        }) {
            let diagnostic = Diagnostic::fault(
                &self.raw.file,
                example.span,
                "this example does not say what must be found",
            )
            .label("no «marks»")
            .help("put « and » around the words the rule must find");
            self.push(diagnostic);
        }
        for example in good.iter().filter(|example| {
            !example.marks.is_empty() || example.record.iter().any(|(_, _, marked)| *marked)
        }) {
            self.fault(
                example.span,
                "a good example has no «marks»: nothing is found in it",
                "remove the marks",
            );
        }
        if bad.is_empty() || good.is_empty() {
            let message = format!(
                "the rule `{}` has no {} example",
                id.value,
                if bad.is_empty() { "bad" } else { "good" }
            );
            let help = "`bad` shows what is found, `good` what looks alike and is not";
            let diagnostic = if self.raw.shipped {
                Diagnostic::fault(&self.raw.file, id.span, message)
            } else {
                Diagnostic::warning(&self.raw.file, id.span, message)
            };
            self.push(diagnostic.label("nobody can see what it does").help(help));
        }
    }

    pub(super) fn examples(&mut self, view: View<'_>, key: &str) -> Vec<Example> {
        let items = view.items(key);
        items.into_iter().filter_map(|item| self.example(item)).collect()
    }

    fn example(&mut self, item: &Spanned<DeValue<'_>>) -> Option<Example> {
        let span = Span::from(item.span());
        let table = View::of(item);
        let written = match table {
            None => syntax::as_text(item).map(|text| text.value.to_owned()),
            Some(table) => owned(table.text("text")),
        };
        let facts = table.and_then(|table| table.table("facts")).map(|facts| {
            facts
                .entries()
                .filter_map(|(name, value)| Some((name.value.to_owned(), fact_value(value)?)))
                .collect()
        });
        let severity = table
            .and_then(|table| table.text("severity"))
            .and_then(|text| Severity::by_name(text.value));
        let mut record = Vec::new();
        let mut paired = true;
        if let Some(values) = table.and_then(|table| table.table("record")) {
            for (name, value) in values.entries() {
                let Some(value) = syntax::as_text(value) else { continue };
                match unmark(value.value) {
                    Some((text, marks)) => {
                        // A finding in a record is always at the whole of a value.
                        if !matches!(marks[..], [] | [Span { start: 0, .. }])
                            || marks.iter().any(|mark| mark.end != text.len())
                        {
                            self.fault(
                                value.span,
                                "in a record, marks stand around a whole value",
                                "marked in part, or twice",
                            );
                        }
                        record.push((name.value.to_owned(), text, !marks.is_empty()));
                    }
                    None => paired = false,
                }
            }
        }
        if let Some((text, marks)) = unmark(&written?).filter(|_| paired) {
            let facts = facts.unwrap_or_default();
            let field = table.and_then(|table| owned(table.text("field")));
            let fixed = table.and_then(|table| owned(table.text("fixed")));
            return Some(Example { text, marks, facts, field, record, severity, fixed, span });
        }
        self.fault(
            span,
            "every « needs its », and marks do not stand inside marks",
            "in this example",
        );
        None
    }
}

/// Takes the «marks» out of an example and returns what they marked. `None`
/// where they do not pair up.
pub fn unmark(written: &str) -> Option<(String, Vec<Span>)> {
    let mut text = String::with_capacity(written.len());
    let mut marks = Vec::new();
    let mut open = None;
    for c in written.chars() {
        match (c, open) {
            ('«', None) => open = Some(text.len()),
            ('»', Some(start)) => {
                marks.push(Span::new(start, text.len()));
                open = None;
            }
            ('«' | '»', _) => return None,
            _ => text.push(c),
        }
    }
    open.is_none().then_some((text, marks))
}
