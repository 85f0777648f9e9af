//! Reports in a form of the user's own, from a template.

use std::io;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, UndefinedBehavior, Value as Variable};
use serde_json::Value;

use super::escape::{csv_cell, file_name, markdown, one_line, uri, xml};
use super::{Emitter, json};
use crate::finding::{Location, Report};
use crate::syntax::{Diagnostic, SourceFile};
use crate::text::Span;

/// Steps that a template may take, and more for each finding: no template runs for
/// ever, and none that lists findings runs out.
const FUEL: u64 = 10_000_000;
const FUEL_A_FINDING: u64 = 10_000;

/// A template in the language of Jinja. It sees the report as the JSON has it, with
/// every text on one line and nothing in it that a terminal obeys; it can read no
/// other file. Where its name says HTML, XML or JSON (`report.html`, `report.html.j2`),
/// values are escaped for that.
#[derive(Clone, Debug)]
pub struct Template {
    file: Arc<SourceFile>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// Where it is none, at its place.
    pub fn new(name: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let file = Arc::new(SourceFile { name: name.to_owned(), text: text.to_owned().into() });
        match environment().template_from_named_str(name, text) {
            Ok(_) => Ok(Self { file }),
            Err(error) => Err(Box::new(diagnostic(&file, &error))),
        }
    }
}

impl Emitter for Template {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let variables = Variable::from(Serde(variables(report)));
        let mut environment = environment();
        let findings = report.findings.len() as u64;
        environment.set_fuel(Some(FUEL.saturating_add(FUEL_A_FINDING.saturating_mul(findings))));
        let text = environment
            .render_named_str(&self.file.name, &self.file.text, variables)
            .map_err(|error| {
                let line = error.line().map_or_else(String::new, |line| format!(", line {line}"));
                let name = file_name(&self.file.name);
                io::Error::other(format!("the template {name}{line}: {}", reason(&error)))
            })?;
        out.write_all(text.as_bytes())
    }
}

fn environment<'t>() -> Environment<'t> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let mut syntax = SyntaxConfig::builder();
    // A line that holds only a tag leaves no blank line behind.
    syntax.keep_trailing_newline(true).trim_blocks(true).lstrip_blocks(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    let safe = Variable::from_safe_string;
    environment.add_filter("markdown", move |text: String| safe(markdown(&text)));
    environment.add_filter("csv", move |text: String| safe(csv_cell(&text).into_owned()));
    environment.add_filter("xml", move |text: String| safe(xml(&text)));
    environment.add_filter("uri", |text: String| uri(&text));
    environment
}

/// What went wrong, without the lines around it.
fn reason(error: &Error) -> String {
    let kind = error.kind().to_string();
    one_line(&match error.detail() {
        Some(detail) => format!("{kind}: {detail}"),
        None => kind,
    })
}

fn diagnostic(file: &Arc<SourceFile>, error: &Error) -> Diagnostic {
    let text = &file.text;
    let line = error.line().unwrap_or(1).max(1);
    let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
    let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let inside = |at: usize| at <= text.len() && text.is_char_boundary(at);
    let span = error
        .range()
        .filter(|range| range.start < range.end && inside(range.start) && inside(range.end))
        .map_or(Span::new(start, end), |range| Span::new(range.start, range.end));
    Diagnostic::fault(file, span, reason(error)).label("here")
}

/// The report as [`super::Json`] has it, with columns in other units beside.
fn variables(report: &Report) -> Value {
    let mut value = json::value(report);
    if let Some(findings) = value.get_mut("findings").and_then(Value::as_array_mut) {
        for (value, finding) in findings.iter_mut().zip(&report.findings) {
            for (key, places) in [("places", &finding.places), ("related", &finding.related)] {
                let Some(values) = value.get_mut(key).and_then(Value::as_array_mut) else {
                    continue;
                };
                for (value, place) in values.iter_mut().zip(places) {
                    add_units(value, place);
                }
            }
        }
    }
    tame(&mut value, "");
    value
}

fn add_units(value: &mut Value, place: &Location) {
    let Some(object) = value.as_object_mut() else { return };
    let units = &place.units;
    for (key, column) in [
        ("column_utf8", units.bytes),
        ("end_column_utf8", units.end_bytes),
        ("column_utf16", units.utf16),
        ("end_column_utf16", units.end_utf16),
    ] {
        object.insert(key.to_owned(), column.into());
    }
}

/// Puts every text on one line, without characters that a terminal would obey.
fn tame(value: &mut Value, key: &str) {
    match value {
        Value::String(text) => {
            *text = match key {
                "path" | "field" => file_name(text),
                _ => one_line(text),
            };
        }
        Value::Array(items) => items.iter_mut().for_each(|item| tame(item, key)),
        Value::Object(object) => object.iter_mut().for_each(|(key, item)| tame(item, key)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(name: &str, text: &str) -> Result<String, String> {
        let template = Template::new(name, text).map_err(|fault| fault.message.clone())?;
        let mut out = Vec::new();
        template.emit(&Report::default(), &mut out).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_template_fills_in_and_escapes() {
        assert_eq!(rendered("a.txt", "{{ summary.errors }} errors\n").unwrap(), "0 errors\n");
        assert_eq!(rendered("a.html.j2", "{{ '<b>' }}").unwrap(), "&lt;b&gt;");
        assert_eq!(rendered("a.txt", "{{ '<b>' }}").unwrap(), "<b>");
        assert_eq!(rendered("a.md", "{{ '@x' | markdown }}").unwrap(), "@&#8203;x");
        assert_eq!(rendered("a.csv", "{{ '=1' | csv }}").unwrap(), "\"'=1\"");
        assert_eq!(rendered("a.xml", "{{ ']]>' | xml }}").unwrap(), "]]&gt;");
        assert_eq!(rendered("a.txt", "{{ 'a b' | uri }}").unwrap(), "a%20b");
    }

    #[test]
    fn a_fault_has_its_line() {
        let fault = Template::new("a.txt", "one\n{% for x in %}\n").unwrap_err();
        assert!((4..=18).contains(&fault.span.start), "{fault:?}");
        let error = rendered("a.txt", "one\n{{ mesage }}\n").unwrap_err();
        assert!(error.contains("a.txt, line 2: undefined value"), "{error}");
        for file in ["{% include 'b.txt' %}", "{% import 'b.txt' as b %}", "{% extends 'b.txt' %}"]
        {
            let error = rendered("a.txt", file).unwrap_err();
            assert!(error.contains("not found"), "{error}");
        }
    }

    #[test]
    fn no_template_runs_for_ever() {
        let endless =
            "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
        let error = rendered("a.txt", endless).unwrap_err();
        assert!(error.contains("fuel"), "{error}");
    }
}
