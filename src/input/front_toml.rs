//! TOML of front matter and data files.

use toml::de::{DeTable, DeValue};

use crate::text::Span;

use super::matter::{Matter, Use, fact_of};
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
        matter.not_comment(key.span().into());
        let start = key.span().start;
        // Of tables in an array each has a header of its own.
        let headers = matches!(value.get_ref(), DeValue::Array(items) if items.first().is_some_and(
            |item| item.get_ref().is_table() && matter.raw(item.span().into()).starts_with('[')
        ));
        if !headers {
            matter.entry(Span::new(start, end_of(value.get_ref(), value.span().end).max(start)));
        }
        path.push(key.get_ref().to_string());
        values(value.get_ref(), value.span().into(), false, path, matter);
        path.pop();
    }
}

/// Where a value ends. That of a table with a header of its own is the header.
fn end_of(value: &DeValue, end: usize) -> usize {
    match value {
        DeValue::Table(table) => {
            let ends = table.iter().map(|(_, value)| end_of(value.get_ref(), value.span().end));
            ends.fold(end, usize::max)
        }
        DeValue::Array(items) => {
            items.iter().map(|item| end_of(item.get_ref(), item.span().end)).fold(end, usize::max)
        }
        _ => end,
    }
}

/// Reads a value. The depth of the recursion is bounded by the parser.
fn values(value: &DeValue, span: Span, listed: bool, path: &mut Vec<String>, matter: &mut Matter) {
    let raw = matter.raw(span).to_owned();
    let inner = within_quotes(&raw, span);
    if !matches!(value, DeValue::Table(_) | DeValue::Array(_)) {
        matter.not_comment(span);
    }
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
            for (index, item) in array.iter().enumerate() {
                let is_mapping = matches!(item.get_ref(), DeValue::Table(_));
                let start = item.span().start;
                matter.entry(Span::new(start, end_of(item.get_ref(), item.span().end).max(start)));
                matter.begin_item(path, index, is_mapping, start);
                values(item.get_ref(), item.span().into(), true, path, matter);
                matter.end_item();
            }
        }
        DeValue::String(text) => match matter.use_of(path) {
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
            if let Some(name) = fact_of(path) {
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
    // What a fault left open has no quote at its end.
    let quoted = |quote: &str| {
        let is = raw.len() >= 2 * quote.len() && raw.starts_with(quote) && raw.ends_with(quote);
        is.then_some(quote.len())
    };
    if let Some(len) = quoted("\"\"\"").or_else(|| quoted("'''")) {
        let text = &raw[len..raw.len() - len];
        let line_end =
            if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with('\n')) };
        Span::new(span.start + len + line_end, span.end - len)
    } else if let Some(len) = quoted("\"").or_else(|| quoted("'")) {
        Span::new(span.start + len, span.end - len)
    } else {
        span
    }
}

fn in_list(value: FactValue, listed: bool, text: &str) -> FactValue {
    if listed { FactValue::list(vec![text.to_owned()]) } else { value }
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_markdown;

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
