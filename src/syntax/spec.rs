//! What may stand in a file. One description serves three readers: the check
//! that finds every fault at once, the JSON Schema that editors use, and the
//! people who read either.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::de::DeValue;

use super::{Diagnostic, SourceFile, View};
use crate::text::Span;

/// The keys a table may have.
#[derive(Debug)]
pub struct Spec {
    /// What messages call the table.
    pub name: &'static str,
    /// One sentence for editors.
    pub about: &'static str,
    /// Every key, in the order an author would write them.
    pub keys: &'static [Key],
}

/// One key of a table.
#[derive(Debug)]
pub struct Key {
    /// As spelled.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// Whether a table without it is faulty.
    pub required: bool,
    /// One sentence for editors.
    pub about: &'static str,
}

impl Key {
    /// A key that may be left out.
    pub const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, required: false, about }
    }

    /// A key that must be there.
    pub const fn required(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, required: true, about }
    }
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A string.
    Text,
    /// A string or a list of strings.
    Texts,
    /// `true` or `false`.
    Flag,
    /// A string, a list of strings, `true` or `false`.
    TextsOrFlag,
    /// A whole number, not negative.
    Whole,
    /// A whole number, negative or not.
    Signed,
    /// A date without a time.
    Date,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A word of the list, or a list of such words.
    Choices(&'static [&'static str]),
    /// A whole number or one of a few words.
    WholeOr(&'static [&'static str]),
    /// A whole number, or the name of something that has one.
    WholeOrName,
    /// The value of a fact: string, list of strings, flag or number.
    Fact,
    /// A table.
    Table(&'static Spec),
    /// A list of tables (or one table).
    Tables(&'static Spec),
    /// A list whose members are strings or tables.
    TextsOrTables(&'static Spec),
    /// A table whose keys the author makes up, each with such a table.
    Named(&'static Spec),
    /// A table whose keys the author makes up, each with the value of a fact
    /// or `{ not = … }`.
    Facts,
    /// A table whose keys the author makes up, each with the value of a fact
    /// or `{ file = … }`.
    FactsOrFiles,
    /// A table whose keys the author makes up, each one of a few words.
    NamedChoice(&'static [&'static str]),
    /// A table whose keys the author makes up, each with a string.
    NamedText,
    /// A string, or such a table of strings.
    TextOrNamedText,
}

impl Kind {
    fn expected(self) -> String {
        match self {
            Self::Text => "a string in quotes".into(),
            Self::Texts => "a string or a list of strings".into(),
            Self::Flag => "`true` or `false`".into(),
            Self::TextsOrFlag => "a string, a list of strings, `true` or `false`".into(),
            Self::Whole | Self::Signed => "a whole number".into(),
            Self::Date => "a date such as 2027-03-31".into(),
            Self::Choice(words) | Self::NamedChoice(words) => format!("one of {}", listed(words)),
            Self::Choices(words) => format!("one or more of {}", listed(words)),
            Self::WholeOr(words) => format!("a whole number or one of {}", listed(words)),
            Self::WholeOrName => "a whole number or the name of a fact".into(),
            Self::Fact => "a string, a list of strings, `true`, `false` or a number".into(),
            Self::Table(_) | Self::Named(_) | Self::Facts | Self::FactsOrFiles => "a table".into(),
            Self::NamedText => "a table of strings".into(),
            Self::TextOrNamedText => "a string in quotes or a table of strings".into(),
            Self::Tables(_) => "a list of tables".into(),
            Self::TextsOrTables(_) => "a list of strings or tables".into(),
        }
    }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Reports every unknown or missing key and every value of the wrong kind.
pub fn check(file: &Arc<SourceFile>, table: View<'_>, spec: &Spec, faults: &mut Vec<Diagnostic>) {
    for (key, value) in table.entries() {
        match spec.keys.iter().find(|known| known.name == key.value) {
            Some(known) => check_value(file, value, key.value, known.kind, faults),
            None => faults.push(
                Diagnostic::fault(
                    file,
                    key.span,
                    format!("{} has no key `{}`", spec.name, key.value),
                )
                .label("unknown key")
                .help(format!(
                    "the keys are {}",
                    listed(&spec.keys.iter().map(|known| known.name).collect::<Vec<_>>())
                ))
                .did_you_mean(key.value, spec.keys.iter().map(|known| known.name)),
            ),
        }
    }
    for key in spec.keys.iter().filter(|key| key.required && !table.has(key.name)) {
        faults.push(
            Diagnostic::fault(
                file,
                head(file, table.span),
                format!("{} needs `{}`", spec.name, key.name),
            )
            .label(format!("`{}` is missing", key.name))
            .help(key.about),
        );
    }
}

/// Characters that a file somebody wrote has no use for, and that a terminal
/// would obey. Examples and terms may hold joiners and other invisible ones.
fn hidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The first line of a table's place, so that a fault of a whole table is not
/// drawn over all of its lines.
fn head(file: &SourceFile, span: Span) -> Span {
    let text = &file.text[span.range()];
    let end = text.find(['\n', '\r']).unwrap_or(text.len());
    Span::new(span.start, span.start + end)
}

fn check_value(
    file: &Arc<SourceFile>,
    value: &Spanned<DeValue<'_>>,
    key: &str,
    kind: Kind,
    faults: &mut Vec<Diagnostic>,
) {
    let span = Span::from(value.span());
    let wrong = |span: Span, faults: &mut Vec<Diagnostic>| {
        faults.push(
            Diagnostic::fault(
                file,
                head(file, span),
                format!("`{key}` must be {}", kind.expected()),
            )
            .label(format!("expected {}", kind.expected())),
        );
    };
    match (kind, value.get_ref()) {
        (
            Kind::Text
            | Kind::Texts
            | Kind::TextsOrFlag
            | Kind::TextsOrTables(_)
            | Kind::TextOrNamedText
            | Kind::Fact,
            DeValue::String(text),
        ) if text.contains(hidden) => {
            let code = text.chars().find(|&c| hidden(c)).map_or(0, u32::from);
            faults.push(
                Diagnostic::fault(
                    file,
                    head(file, span),
                    format!("`{key}` holds a character that nobody can see, U+{code:04X}"),
                )
                .label("remove it"),
            );
        }
        (
            Kind::Text
            | Kind::Texts
            | Kind::TextsOrFlag
            | Kind::TextsOrTables(_)
            | Kind::TextOrNamedText
            | Kind::Fact
            | Kind::WholeOrName,
            DeValue::String(_),
        )
        | (Kind::Flag | Kind::TextsOrFlag | Kind::Fact, DeValue::Boolean(_)) => {}
        (
            Kind::Whole | Kind::Signed | Kind::WholeOr(_) | Kind::WholeOrName | Kind::Fact,
            DeValue::Integer(_),
        ) => match super::view::as_whole(value) {
            Some(number) if number >= 0 || matches!(kind, Kind::Fact | Kind::Signed) => {}
            _ => wrong(span, faults),
        },
        (Kind::Date, DeValue::Datetime(date)) if date.date.is_some() && date.time.is_none() => {}
        (
            Kind::Choice(words) | Kind::Choices(words) | Kind::WholeOr(words),
            DeValue::String(word),
        ) => check_choice(file, key, words, word, span, kind, faults),
        (Kind::Texts | Kind::TextsOrFlag | Kind::Fact, DeValue::Array(items)) => {
            for item in items.iter().filter(|item| !matches!(item.get_ref(), DeValue::String(_))) {
                wrong(item.span().into(), faults);
            }
        }
        (Kind::Choices(words), DeValue::Array(items)) => {
            for item in items {
                match item.get_ref() {
                    DeValue::String(word) => {
                        check_choice(file, key, words, word, item.span().into(), kind, faults);
                    }
                    _ => wrong(item.span().into(), faults),
                }
            }
        }
        (Kind::Table(spec) | Kind::Tables(spec), DeValue::Table(_)) => {
            if let Some(table) = View::of(value) {
                check(file, table, spec, faults);
            }
        }
        (Kind::Tables(spec) | Kind::TextsOrTables(spec), DeValue::Array(items)) => {
            for item in items {
                match (View::of(item), item.get_ref()) {
                    (Some(table), _) => check(file, table, spec, faults),
                    (None, DeValue::String(_)) if matches!(kind, Kind::TextsOrTables(_)) => {}
                    _ => wrong(item.span().into(), faults),
                }
            }
        }
        (
            Kind::Named(_)
            | Kind::Facts
            | Kind::FactsOrFiles
            | Kind::NamedChoice(_)
            | Kind::NamedText
            | Kind::TextOrNamedText,
            DeValue::Table(_),
        ) => {
            check_named(file, value, kind, faults);
        }
        _ => wrong(span, faults),
    }
}

fn check_choice(
    file: &Arc<SourceFile>,
    key: &str,
    words: &[&'static str],
    word: &str,
    span: Span,
    kind: Kind,
    faults: &mut Vec<Diagnostic>,
) {
    if !words.contains(&word) {
        faults.push(
            Diagnostic::fault(file, span, format!("`{key}` cannot be `{word}`"))
                .label(format!("expected {}", kind.expected()))
                .did_you_mean(word, words.iter().copied()),
        );
    }
}

/// Tables whose keys are the author's own names.
fn check_named(
    file: &Arc<SourceFile>,
    value: &Spanned<DeValue<'_>>,
    kind: Kind,
    faults: &mut Vec<Diagnostic>,
) {
    let Some(table) = View::of(value) else { return };
    for (name, item) in table.entries() {
        match (kind, View::of(item)) {
            (Kind::Named(spec), Some(inner)) => check(file, inner, spec, faults),
            (Kind::NamedChoice(words), None) => {
                check_value(file, item, name.value, Kind::Choice(words), faults);
            }
            (Kind::NamedText | Kind::TextOrNamedText, None) => {
                check_value(file, item, name.value, Kind::Text, faults);
            }
            (Kind::Facts, Some(inner)) => check(file, inner, &NOT, faults),
            (Kind::FactsOrFiles, Some(inner)) => check(file, inner, &VALUES, faults),
            (Kind::Facts | Kind::FactsOrFiles, None) => {
                check_value(file, item, name.value, Kind::Fact, faults);
            }
            _ => faults.push(
                Diagnostic::fault(
                    file,
                    Span::from(item.span()),
                    format!("`{}` has a value of the wrong kind", name.value),
                )
                .label("expected a table"),
            ),
        }
    }
}

const NOT: Spec = Spec {
    name: "a negated condition",
    about: "Holds when the fact has none of these values.",
    keys: &[Key::required("not", Kind::Fact, "The values the fact must not have.")],
};

const VALUES: Spec = Spec {
    name: "`{ file = … }`",
    about: "The values of a fact that takes several, from a file.",
    keys: &[Key::required("file", Kind::Text, "The file, with one value a line.")],
};

/// The description as a JSON Schema (draft 2020-12).
pub fn json_schema(spec: &Spec, title: &str) -> Value {
    let mut schema = table_schema(spec);
    if let Value::Object(object) = &mut schema {
        object.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        object.insert("title".into(), title.into());
    }
    schema
}

fn table_schema(spec: &Spec) -> Value {
    let properties: Map<String, Value> = spec
        .keys
        .iter()
        .map(|key| {
            let mut schema = kind_schema(key.kind);
            if let Value::Object(object) = &mut schema {
                object.insert("description".into(), key.about.into());
            }
            (key.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<_> =
        spec.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "description": spec.about,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn kind_schema(kind: Kind) -> Value {
    let one_or_more = |one: Value| json!({ "anyOf": [one, { "type": "array", "items": one }] });
    let fact = || {
        json!({ "anyOf": [
            { "type": ["string", "boolean", "integer"] },
            { "type": "array", "items": { "type": "string" } },
        ] })
    };
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Texts => one_or_more(json!({ "type": "string" })),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::TextsOrFlag => json!({ "anyOf": [
            { "type": ["string", "boolean"] },
            { "type": "array", "items": { "type": "string" } },
        ] }),
        Kind::Whole => json!({ "type": "integer", "minimum": 0 }),
        Kind::Signed => json!({ "type": "integer" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Choices(words) => one_or_more(json!({ "enum": words })),
        Kind::WholeOr(words) => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "enum": words }] })
        }
        Kind::WholeOrName => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string" }] })
        }
        Kind::Fact => fact(),
        Kind::Table(spec) => table_schema(spec),
        Kind::Tables(spec) => one_or_more(table_schema(spec)),
        Kind::TextsOrTables(spec) => json!({
            "type": "array",
            "items": { "anyOf": [{ "type": "string" }, table_schema(spec)] },
        }),
        Kind::Named(spec) => {
            json!({ "type": "object", "additionalProperties": table_schema(spec) })
        }
        Kind::Facts => json!({
            "type": "object",
            "additionalProperties": { "anyOf": [fact(), table_schema(&NOT)] },
        }),
        Kind::FactsOrFiles => json!({
            "type": "object",
            "additionalProperties": { "anyOf": [fact(), table_schema(&VALUES)] },
        }),
        Kind::NamedChoice(words) => {
            json!({ "type": "object", "additionalProperties": { "enum": words } })
        }
        Kind::NamedText => {
            json!({ "type": "object", "additionalProperties": { "type": "string" } })
        }
        Kind::TextOrNamedText => json!({ "anyOf": [
            { "type": "string" },
            { "type": "object", "additionalProperties": { "type": "string" } },
        ] }),
    }
}
