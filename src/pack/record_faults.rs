//! Record tests that can never hold, or hold of everything.

use super::check::Reader;
use super::record_test::{AS_OF, RECORD_TEST};
use crate::record::{bare_name, same_name};
use crate::syntax::{Diagnostic, Text, View};
use crate::text::Span;

/// The keys that name another field.
const OTHER_FIELDS: &[&str] = &["same_as", "differs_from", "before", "later_than", "below"];

/// Where a part of a value ends.
const SEPARATORS: &[char] = &[',', ';', '|', '\n'];

impl Reader<'_, '_> {
    /// Adds the faults of one test that its keys alone do not show.
    pub(super) fn check_record_test(&mut self, view: View<'_>) {
        self.check_fields(view, "field");
        let tests_nothing = RECORD_TEST
            .keys
            .iter()
            .filter(|key| key.name != "field")
            .all(|key| !view.has(key.name));
        if tests_nothing {
            let end =
                self.raw.file.text.floor_char_boundary(view.span.end.min(view.span.start + 80));
            self.fault(
                Span::new(view.span.start, end),
                "this test says nothing about the field",
                "it needs `is`, `in`, `matches`, `older_than` or another of its keys",
            );
        }
        self.check_blank(view);
        for key in ["in", "not_in"] {
            self.check_members(view, key);
        }
        for key in OTHER_FIELDS {
            self.check_other_field(view, key);
        }
        self.check_length(view);
    }

    /// A name of nothing but what makes no difference is the name of no field.
    pub(super) fn check_fields(&mut self, view: View<'_>, key: &str) {
        if view.has(key) && view.items(key).is_empty() {
            self.fault(view.place(key), format!("`{key}` names no field"), "empty");
        }
        for name in view.texts(key) {
            self.check_field(name);
        }
    }

    fn check_field(&mut self, name: Text<'_>) -> bool {
        let is_name = !bare_name(name.value).is_empty();
        if !is_name {
            self.fault(
                name.span,
                format!("`{}` is not the name of a field", name.value),
                "spaces, `_`, `-` and `.` make no difference in names",
            );
        }
        is_name
    }

    /// Nothing else holds of a value that is not there.
    fn check_blank(&mut self, view: View<'_>) {
        let Some(state) = view.text("is").filter(|is| matches!(is.value, "blank" | "missing"))
        else {
            return;
        };
        let other = view.entries().map(|(key, _)| key).find(|key| {
            !matches!(key.value, "field" | "is")
                && RECORD_TEST.keys.iter().any(|known| known.name == key.value)
        });
        if let Some(other) = other {
            self.fault(
                other.span,
                format!("`{}` never holds where the value is {}", other.value, state.value),
                "a test of a value",
            )
            .help = Some("make them tests of two finds, or leave one out".to_owned());
        }
    }

    fn check_members(&mut self, view: View<'_>, key: &str) {
        if view.has(key) && view.items(key).is_empty() {
            self.fault(view.place(key), format!("`{key}` lists no value"), "empty");
        }
        for member in view.texts(key) {
            if member.value.trim().is_empty() {
                self.fault(member.span, "no part of a value is blank", "can never match");
            } else if member.value.trim().contains(SEPARATORS) {
                self.fault(
                    member.span,
                    "this can never match: parts of a value end at `,` `;` and `|`",
                    "write each part by itself",
                );
            }
        }
    }

    fn check_other_field(&mut self, view: View<'_>, key: &str) {
        let Some(other) = view.text(key) else { return };
        let may_be_day = matches!(key, "before" | "later_than");
        if !self.check_field(other) || may_be_day && other.value == AS_OF {
            return;
        }
        if may_be_day && same_name(other.value, AS_OF) {
            let diagnostic = Diagnostic::fault(
                &self.raw.file,
                other.span,
                format!("the day of the check is not written `{}`", other.value),
            )
            .label("read as the name of a field")
            .help(format!("did you mean `{AS_OF}`?"));
            self.push(diagnostic);
        } else if view.texts("field").iter().any(|field| same_name(field.value, other.value)) {
            self.fault(
                other.span,
                format!("`{key}` compares `{}` with itself", other.value),
                "the field that is tested",
            );
        }
    }

    fn check_length(&mut self, view: View<'_>) {
        let Some(shorter) = view.whole("shorter_than").filter(|length| *length >= 0) else {
            return;
        };
        let message = match view.whole("longer_than") {
            // A blank value passes no test but `is`.
            _ if shorter < 2 => {
                format!("nothing that is filled has fewer than {shorter} characters")
            }
            Some(longer) if shorter <= longer.saturating_add(1) => {
                format!("no value is longer than {longer} and shorter than {shorter}")
            }
            _ => return,
        };
        self.fault(view.place("shorter_than"), message, "never holds");
    }
}
