//! Tests on what stands beside a text: a column, a key of front matter.

use super::check::{Reader, owned, values};
use crate::dates::Order;
use crate::syntax::{Key, Kind, Spec, View};
use crate::text::Span;

/// A test on one field of the record, or on any of several.
#[derive(Clone, Debug)]
pub struct RecordTest {
    /// The fields; one of them must pass.
    pub fields: Vec<String>,
    /// What must hold of its value; all of them.
    pub value: Vec<ValueTest>,
    /// Where the test stands in the pack.
    pub span: Span,
}

/// What must hold of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueTest {
    /// It is there, and something is in it.
    Filled,
    /// The field exists and nothing is in it.
    Blank,
    /// The field does not exist, or nothing is in it.
    Missing,
    /// It can be read as a date.
    Date,
    /// Something is in it that cannot be read as a date.
    NotDate,
    /// Every part of it is one of these.
    In(Vec<String>),
    /// A part of it is none of these.
    NotIn(Vec<String>),
    /// Every part of it is one of the values of a fact.
    InFact(String),
    /// A part of it is none of the values of a fact.
    NotInFact(String),
    /// A regular expression matches somewhere in it.
    Matches(String),
    /// A regular expression matches nowhere in it.
    Lacks(String),
    /// It is the same as another field.
    SameAs(String),
    /// It differs from another field.
    DiffersFrom(String),
    /// It is a date more than so many days before another: that of a field, or of
    /// the day the check is made.
    OlderThan {
        /// Days.
        days: i64,
        /// The field; `as_of` if `None`.
        before: Option<String>,
    },
    /// It is a later date than that of a field, or than the day of the check.
    LaterThan(Option<String>),
    /// It has fewer characters.
    ShorterThan(usize),
    /// It has more characters.
    LongerThan(usize),
    /// As a number it is smaller than that of another field.
    Below(String),
    /// It holds a phrase of a list.
    Has(String),
}

impl ValueTest {
    /// The fields besides its own that it reads.
    pub fn other_field(&self) -> Option<&str> {
        match self {
            Self::SameAs(field)
            | Self::DiffersFrom(field)
            | Self::Below(field)
            | Self::LaterThan(Some(field))
            | Self::OlderThan { before: Some(field), .. } => Some(field),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn other_field_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::SameAs(field)
            | Self::DiffersFrom(field)
            | Self::Below(field)
            | Self::LaterThan(Some(field))
            | Self::OlderThan { before: Some(field), .. } => Some(field),
            _ => None,
        }
    }

    /// The fact whose values it reads.
    pub fn fact(&self) -> Option<&str> {
        match self {
            Self::InFact(fact) | Self::NotInFact(fact) => Some(fact),
            _ => None,
        }
    }
}

/// The word for the day the check is made.
pub const AS_OF: &str = "as_of";

const STATES: &[&str] = &["filled", "blank", "missing", "date", "not-date"];

/// The keys of a test.
pub(super) const RECORD_TEST: Spec = Spec {
    name: "a record test",
    about: "What must hold of a column or of a key of front matter.",
    keys: &[
        Key::required("field", Kind::Texts, "The field; one of several may pass."),
        Key::optional("is", Kind::Choice(STATES), "Whether something is in it."),
        Key::optional("in", Kind::Texts, "Every part of the value is one of these."),
        Key::optional("not_in", Kind::Texts, "A part of the value is none of these."),
        Key::optional("in_fact", Kind::Text, "Every part is one of the values of this fact."),
        Key::optional("not_in_fact", Kind::Text, "A part is none of the values of this fact."),
        Key::optional("matches", Kind::Text, "A regular expression that matches in the value."),
        Key::optional("lacks", Kind::Text, "A regular expression that matches nowhere in it."),
        Key::optional("same_as", Kind::Text, "Another field with the same value."),
        Key::optional("differs_from", Kind::Text, "Another field with another value."),
        Key::optional("older_than", Kind::Whole, "A date more than so many days back."),
        Key::optional(
            "before",
            Kind::Text,
            "The field from whose date `older_than` counts; the day of the check otherwise.",
        ),
        Key::optional("later_than", Kind::Text, "A field with an earlier date, or `as_of`."),
        Key::optional("shorter_than", Kind::Whole, "Fewer characters than this."),
        Key::optional("longer_than", Kind::Whole, "More characters than this."),
        Key::optional("below", Kind::Text, "A field with a greater number."),
        Key::optional("has", Kind::Text, "The value holds a phrase of this list."),
    ],
};

impl Reader<'_, '_> {
    /// The tests of a find.
    pub(super) fn record_tests(&mut self, view: View<'_>) -> Vec<RecordTest> {
        if view.has("record") && view.items("record").is_empty() {
            self.fault(view.place("record"), "`record` tests nothing", "empty");
        }
        view.tables("record").into_iter().map(|test| self.record_test(test)).collect()
    }

    fn record_test(&mut self, view: View<'_>) -> RecordTest {
        let mut tests = Vec::new();
        let text = |key: &str| owned(view.text(key));
        let count = |key: &str| view.whole(key).and_then(|whole| usize::try_from(whole).ok());
        tests.extend(view.text("is").and_then(|state| match state.value {
            "filled" => Some(ValueTest::Filled),
            "blank" => Some(ValueTest::Blank),
            "missing" => Some(ValueTest::Missing),
            "date" => Some(ValueTest::Date),
            "not-date" => Some(ValueTest::NotDate),
            _ => None,
        }));
        if view.has("in") {
            tests.push(ValueTest::In(values(view.texts("in"))));
        }
        if view.has("not_in") {
            tests.push(ValueTest::NotIn(values(view.texts("not_in"))));
        }
        tests.extend(text("in_fact").map(ValueTest::InFact));
        tests.extend(text("not_in_fact").map(ValueTest::NotInFact));
        for (key, make) in [
            ("matches", ValueTest::Matches as fn(String) -> ValueTest),
            ("lacks", ValueTest::Lacks as fn(String) -> ValueTest),
        ] {
            let Some(regex) = view.text(key) else { continue };
            // The tests have looked at those of shipped packs.
            if self.raw.shipped {
                tests.push(make(regex.value.to_owned()));
                continue;
            }
            let everywhere = regex_syntax::parse(regex.value).is_ok_and(|hir| {
                let properties = hir.properties();
                properties.minimum_len() == Some(0) && properties.look_set().is_empty()
            });
            if everywhere {
                self.fault(
                    regex.span,
                    "this regular expression matches every value",
                    "it matches even the empty text",
                );
                continue;
            }
            match regex::Regex::new(regex.value) {
                Ok(_) => tests.push(make(regex.value.to_owned())),
                Err(error) => {
                    let why = error.to_string();
                    let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    self.fault(
                        regex.span,
                        format!("this is not a regular expression: {why}"),
                        "in this regular expression",
                    );
                }
            }
        }
        tests.extend(text("same_as").map(ValueTest::SameAs));
        tests.extend(text("differs_from").map(ValueTest::DiffersFrom));
        match (view.whole("older_than"), text("before")) {
            (Some(days), before) => {
                let before = before.filter(|field| field != AS_OF);
                tests.push(ValueTest::OlderThan { days, before });
            }
            (None, Some(_)) => {
                self.fault(
                    view.place("before"),
                    "`before` says from where `older_than` counts",
                    "there is no `older_than` here",
                );
            }
            (None, None) => {}
        }
        tests.extend(
            text("later_than")
                .map(|field| ValueTest::LaterThan(Some(field).filter(|field| field != AS_OF))),
        );
        tests.extend(count("shorter_than").map(ValueTest::ShorterThan));
        tests.extend(count("longer_than").map(ValueTest::LongerThan));
        tests.extend(text("below").map(ValueTest::Below));
        tests.extend(text("has").map(ValueTest::Has));
        self.check_record_test(view);
        let fields = values(view.texts("field"));
        RecordTest { fields, value: tests, span: view.span }
    }
}

/// Whether a fact's value names days: `2024-05-25/2024-07-04`.
pub fn period(written: &str) -> Option<(jiff::civil::Date, jiff::civil::Date)> {
    let (from, to) = written.split_once('/')?;
    let day = |text: &str| crate::dates::read(text, None::<Order>);
    let (from, to) = (day(from)?, day(to)?);
    (from <= to).then_some((from, to))
}
