//! TOML front matter.

use toml::de::{DeTable, DeValue};

use crate::text::Span;

use super::front_matter::{Matter, Use, use_of};
use super::scalar::{self, Style};
use crate::facts::FactValue;

/// Reads `text`. What stands before and after a fault is read all the same.
pub(super) fn read(text: &str, matter: &mut Matter) -> bool {
    let (table, faults) = DeTable::parse_recoverable(text);
    table_values(table.get_ref(), &mut Vec::new(), matter);
    if let Some(fault) = faults.first() {
        let at = fault.span().map_or(0, |span| span.start);
        matter.fault("TOML", fault.message(), at);
    }
    true
}

fn table_values(table: &DeTable, path: &mut Vec<String>, matter: &mut Matter) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        values(value.get_ref(), value.span().into(), false, path, matter);
        path.pop();
    }
}

/// Reads a value. The depth of the recursion is bounded by the parser.
fn values(value: &DeValue, span: Span, listed: bool, path: &mut Vec<String>, matter: &mut Matter) {
    let raw = matter.raw(span).to_owned();
    let inner = within_quotes(&raw, span);
    match value {
        DeValue::Table(_) | DeValue::Array(_) => {}
        DeValue::String(text) => matter.value(path, text, inner),
        _ => matter.value(path, &raw, inner),
    }
    match value {
        DeValue::Table(table) if table.is_empty() => matter.value(path, "", span),
        DeValue::Table(table) => table_values(table, path, matter),
        DeValue::Array(array) => {
            matter.list(path, array.len(), span);
            for item in array {
                matter.begin_item(path);
                values(item.get_ref(), item.span().into(), true, path, matter);
                matter.end_item();
            }
        }
        DeValue::String(text) => match use_of(path) {
            Use::Text(name) => {
                let at = matter.shift(span).start;
                let built = scalar::map(text, matter.raw(span), at, Style::Toml);
                matter.field(name, built);
            }
            Use::Fact(name) => {
                let value = FactValue::Text(text.to_string());
                matter.fact(&name, in_list(value, listed, text), span);
            }
            Use::Nothing => {}
        },
        other => {
            if let Use::Fact(name) = use_of(path) {
                let raw = matter.raw(span).to_owned();
                let value = match other {
                    DeValue::Boolean(value) => FactValue::Bool(*value),
                    DeValue::Integer(digits) => {
                        i64::from_str_radix(digits.as_str(), digits.radix())
                            .map_or_else(|_| FactValue::Text(raw.clone()), FactValue::Integer)
                    }
                    _ => FactValue::Text(raw.clone()),
                };
                matter.fact(&name, in_list(value, listed, &raw), span);
            }
        }
    }
}

/// The place of a value without the quotes around it. A line end behind three opening
/// quotes is no part of the text.
fn within_quotes(raw: &str, span: Span) -> Span {
    let quotes = |len: usize| raw.len() >= 2 * len && raw.starts_with(['"', '\'']);
    let trebled = raw.starts_with("\"\"\"") || raw.starts_with("'''");
    if trebled && quotes(3) {
        let text = &raw[3..raw.len() - 3];
        let line_end =
            if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with('\n')) };
        Span::new(span.start + 3 + line_end, span.end - 3)
    } else if quotes(1) {
        Span::new(span.start + 1, span.end - 1)
    } else {
        span
    }
}

fn in_list(value: FactValue, listed: bool, text: &str) -> FactValue {
    if listed { FactValue::List(vec![text.to_owned()]) } else { value }
}

#[cfg(test)]
mod tests {
    use super::super::markdown::read as read_markdown;

    #[test]
    fn values_stand_between_their_quotes() {
        for (written, place) in [
            ("\"a\"", "a"),
            ("'a'", "a"),
            ("''", ""),
            ("\"\"\"a\"\"\"", "a"),
            ("'''a'''", "a"),
            ("''''''", ""),
            ("\"\"\"\na\nb\"\"\"", "a\nb"),
            ("'''\r\né'''", "é"),
            ("\"\"\"a\"\"\"\"", "a\""),
            ("12", "12"),
        ] {
            let source = format!("+++\nk = {written}\n+++\n");
            let values = read_markdown(&source).values;
            assert_eq!(&source[values[0].span.range()], place, "{source:?}");
        }
    }
}
