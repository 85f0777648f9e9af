//! Faults in configuration and packs, as editors show them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::positions::{Encoding, position_at};
use super::protocol::Range;
use crate::config::whole;
use crate::emit::{counted, one_line};
use crate::error::{Error, plain};
use crate::syntax::{Diagnostic, Level};
use crate::text::Lines;

/// What is wrong with configuration or packs.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Diagnostics by file.
    pub files: BTreeMap<PathBuf, Vec<Value>>,
    /// The first of them, and where it is.
    pub first: Option<(PathBuf, Range)>,
    /// All of it in one sentence.
    pub message: String,
}

impl Told {
    /// Says what is wrong, at its places.
    pub fn new(error: &Error, encoding: Encoding) -> Self {
        let mut told = Self::default();
        match error {
            Error::Faults(faults) => {
                for fault in faults {
                    told.add(fault, encoding);
                }
                told.message = in_words(faults);
            }
            Error::Read { path, cause } => {
                let path = whole(path);
                let message = format!("this file cannot be read: {}", plain(cause));
                let diagnostic = diagnostic(Range::default(), Level::Fault, &message);
                told.first = Some((path.clone(), Range::default()));
                told.files.insert(path, vec![diagnostic]);
                told.message = one_line(&error.to_string());
            }
            other => told.message = one_line(&other.to_string()),
        }
        told
    }

    fn add(&mut self, fault: &Diagnostic, encoding: Encoding) {
        // Shipped packs and their lists are no files.
        let path = whole(Path::new(&fault.file.name));
        if !path.is_file() {
            return;
        }
        let lines = Lines::new(&fault.file.text);
        let place = |offset: usize| position_at(&lines, offset, encoding);
        let range = Range { start: place(fault.span.start), end: place(fault.span.end) };
        let mut message = one_line(&fault.message);
        if let Some(help) = &fault.help {
            message.push_str(&format!("\n{}", one_line(help)));
        }
        if self.first.is_none() && fault.level == Level::Fault {
            self.first = Some((path.clone(), range));
        }
        let diagnostics = self.files.entry(path).or_default();
        let diagnostic = diagnostic(range, fault.level, &message);
        if !diagnostics.contains(&diagnostic) {
            diagnostics.push(diagnostic);
        }
    }
}

fn diagnostic(range: Range, level: Level, message: &str) -> Value {
    let severity = if level == Level::Fault { 1 } else { 2 };
    json!({
        "range": range,
        "severity": severity,
        "code": "configuration",
        "source": "probity",
        "message": message,
    })
}

fn in_words(faults: &[Diagnostic]) -> String {
    let mut grave = faults.iter().filter(|fault| fault.level == Level::Fault);
    let Some(first) = grave.next() else { return "packs or configuration have faults".to_owned() };
    let lines = Lines::new(&first.file.text);
    let (name, line) = (one_line(&first.file.name), lines.position(first.span.start).line);
    let message = one_line(&first.message);
    match grave.count() {
        0 => format!("{name}:{line}: {message}"),
        more => format!("{name}:{line}: {message} (and {})", counted(more, "more fault")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::syntax::SourceFile;
    use crate::text::Span;

    #[test]
    fn faults_stand_at_their_places() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("probity.toml");
        std::fs::write(&path, "x").unwrap();
        let text = "a = 1\n\"😀\" = 2\n".to_owned();
        let file = Arc::new(SourceFile { name: path.display().to_string(), text: text.into() });
        let fault = |span, message: &str| Diagnostic::fault(&file, span, message);
        let error = Error::Faults(vec![
            fault(Span::new(6, 12), "there is no key `\u{202e}`").help("leave it out"),
            fault(Span::new(0, 1), "nor `a`"),
        ]);
        let told = Told::new(&error, Encoding::Utf16);
        let [first, _] = told.files[&path].as_slice() else { panic!("{told:?}") };
        assert_eq!(first["range"]["end"], json!({ "line": 1, "character": 4 }));
        assert_eq!(first["message"], "there is no key `<U+202E>`\nleave it out");
        assert!(
            told.message.ends_with("probity.toml:2: there is no key `<U+202E>` (and 1 more fault)"),
            "{told:?}"
        );
    }
}
