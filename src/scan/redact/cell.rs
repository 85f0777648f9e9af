//! Cells of a sheet that hold no string of their own: numbers, dates, truths, and what
//! formulas come to.

use std::ops::Range;

use quick_xml::events::{BytesStart, Event};

use super::xml::{Done, Edit};
use super::{REMOVED, joined};
use crate::scan::sheets::{attribute, cell_place};

/// Characters that one string in a formula can have, and a formula as a whole
/// (Excel specifications and limits).
const LONGEST_STRING: usize = 255;
const LONGEST_FORMULA: usize = 8_192;

/// Where the cells stand that are met: by what they say, else behind the one before.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// From 1.
    row: u32,
    /// Of the next cell, from 0.
    column: u32,
}

impl Grid {
    /// Row (from 1) and column (from 0) of the cell that an element begins, if it does.
    pub fn meet(&mut self, start: &BytesStart<'_>) -> Option<(u32, u32)> {
        match start.local_name().as_ref() {
            "row" => {
                let said = attribute(start, "r").and_then(|row| row.parse().ok());
                self.row = said.unwrap_or_else(|| self.row.saturating_add(1));
                self.column = 0;
                None
            }
            "c" => {
                let place = attribute(start, "r").and_then(|name| cell_place(&name));
                let column = place.map_or(self.column, |(_, column)| column);
                self.column = column.saturating_add(1);
                Some((self.row, column))
            }
            _ => None,
        }
    }
}

/// A cell in which something is to be replaced.
#[derive(Debug)]
pub(super) struct OpenCell {
    /// Whether its text is one that cells share, which is replaced where that stands.
    pub of_shared: bool,
    /// Whether its text stands in it in runs.
    pub is_inline: bool,
    /// The element begins here.
    start: usize,
    /// What stands in front of the names of elements: `x:`.
    prefix: String,
    name: String,
    /// The attributes that it keeps, as they are written.
    attributes: String,
    /// The text as people see it, with the words replaced.
    text: String,
    /// How many places were replaced, and in which text.
    places: u64,
    was: String,
    formula: Option<Formula>,
    end: usize,
}

#[derive(Debug)]
struct Formula {
    /// As it is written, with its element.
    raw: Range<usize>,
    source: String,
    /// Whether other cells have it too, or their values from it.
    spreads: bool,
}

impl OpenCell {
    /// Of a start tag, the bytes of which are `raw`, and the places of its text.
    pub fn new(
        start: &BytesStart<'_>,
        raw: &Range<usize>,
        text: &str,
        spans: &[Range<usize>],
    ) -> Self {
        let kind = attribute(start, "t").unwrap_or_default();
        let full = start.name().as_ref().to_owned();
        let prefix =
            full.rsplit_once(':').map_or(String::new(), |(before, _)| format!("{before}:"));
        // How the value is written changes; what Excel says of it elsewhere does not fit.
        let mut attributes = start.attributes();
        let attributes = attributes
            .with_checks(false)
            .flatten()
            .filter(|attribute| !matches!(attribute.key.as_ref(), "t" | "cm" | "vm"))
            .map(|attribute| {
                let quote = if attribute.value.contains('"') { '\'' } else { '"' };
                format!(" {}={quote}{}{quote}", attribute.key.as_ref(), attribute.value)
            })
            .collect();
        Self {
            of_shared: kind == "s",
            is_inline: kind == "inlineStr",
            start: raw.start,
            prefix,
            name: attribute(start, "r").unwrap_or_default(),
            attributes,
            text: replaced(text, spans),
            places: joined(spans.to_vec()).len() as u64,
            was: text.to_owned(),
            formula: None,
            end: 0,
        }
    }

    /// Takes in an event inside the cell, the bytes of which are `raw`; returns whether
    /// the cell ends with it.
    pub fn meet(&mut self, event: &Event<'_>, raw: &Range<usize>, xml: &str) -> bool {
        match event {
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == "f" => {
                let kind = attribute(start, "t").unwrap_or_default();
                let reach = attribute(start, "ref").unwrap_or_default();
                let alone = reach.is_empty() || reach.eq_ignore_ascii_case(&self.name);
                let spreads = kind == "dataTable" || !alone;
                self.formula = Some(Formula { raw: raw.clone(), source: String::new(), spreads });
            }
            Event::End(end) => match (end.local_name().as_ref(), &mut self.formula) {
                ("f", Some(formula)) => {
                    formula.raw.end = raw.end;
                    xml.get(formula.raw.clone())
                        .unwrap_or_default()
                        .clone_into(&mut formula.source);
                }
                ("c", _) => {
                    self.end = raw.end;
                    return true;
                }
                _ => {}
            },
            _ => {}
        }
        false
    }

    /// The cell as it is to be; none where its text is replaced in its runs.
    pub fn edit(&self, done: &mut Done) -> Option<Edit> {
        if self.is_inline {
            return None;
        }
        let Self { prefix, attributes, .. } = self;
        let text = escaped(&self.text);
        let cell = match &self.formula {
            None => format!(
                "<{prefix}c{attributes} t=\"inlineStr\"><{prefix}is><{prefix}t \
                 xml:space=\"preserve\">{text}</{prefix}t></{prefix}is></{prefix}c>"
            ),
            Some(formula) => {
                let formula = if formula.spreads {
                    // It will bring back what it came to, here or in other cells.
                    done.left += self.places;
                    formula.source.clone()
                } else {
                    format!("<{prefix}f>{}</{prefix}f>", escaped(&string_formula(&self.text)))
                };
                format!(
                    "<{prefix}c{attributes} t=\"str\">{formula}<{prefix}v>{text}</{prefix}v>\
                     </{prefix}c>"
                )
            }
        };
        *done.texts.entry(self.was.clone()).or_default() += self.places;
        Some((self.start..self.end, cell))
    }
}

/// A text with places, in characters, replaced.
fn replaced(text: &str, spans: &[Range<usize>]) -> String {
    let mut built = String::with_capacity(text.len());
    for (at, char) in text.chars().enumerate() {
        match spans.iter().find(|span| span.contains(&at)) {
            Some(span) if span.start == at => built.push_str(REMOVED),
            Some(_) => {}
            None => built.push(char),
        }
    }
    built
}

/// A formula that comes to a text. So the cell keeps its place among those that are
/// worked out, which a list of its own names.
fn string_formula(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let strings: Vec<String> = chars
        .chunks(LONGEST_STRING)
        .map(|part| format!("\"{}\"", part.iter().collect::<String>().replace('"', "\"\"")))
        .collect();
    let formula = strings.join("&");
    if formula.chars().count() < LONGEST_FORMULA { formula } else { format!("\"{REMOVED}\"") }
}

/// A text as XML holds it, characters that it cannot hold as `_x0007_`.
fn escaped(text: &str) -> String {
    let mut built = String::with_capacity(text.len());
    for (at, char) in text.char_indices() {
        match char {
            '&' => built.push_str("&amp;"),
            '<' => built.push_str("&lt;"),
            '>' => built.push_str("&gt;"),
            '\t' | '\n' => built.push(char),
            _ if u32::from(char) < 0x20 => built.push_str(&format!("_x{:04X}_", u32::from(char))),
            // What only looks like such an escape is no escape.
            '_' if is_escape(&text[at..]) => built.push_str("_x005F_"),
            _ => built.push(char),
        }
    }
    built
}

fn is_escape(text: &str) -> bool {
    let digits = text.get(2..6).is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()));
    text.starts_with("_x") && digits && text.get(6..7) == Some("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_replaced_and_written_as_formulas_and_xml() {
        assert_eq!(replaced("ab cd é", &[3..5, 6..7]), "ab [removed] [removed]");
        assert_eq!(string_formula("a \"b\""), "\"a \"\"b\"\"\"");
        let long = string_formula(&"x".repeat(300));
        assert_eq!(long, format!("\"{}\"&\"{}\"", "x".repeat(255), "x".repeat(45)));
        assert_eq!(string_formula(&"x".repeat(9_000)), "\"[removed]\"");
        assert_eq!(escaped("a<&>\r_x000D_é_x"), "a&lt;&amp;&gt;_x000D__x005F_x000D_é_x");
    }
}
