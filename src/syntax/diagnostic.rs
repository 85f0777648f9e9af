//! A fault in a file that somebody wrote for us.

use std::borrow::Cow;
use std::sync::Arc;

use crate::text::Span;

/// A file of TOML or of terms, kept for drawing diagnostics.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SourceFile {
    /// The name shown to people.
    pub name: String,
    /// The whole text.
    pub text: Cow<'static, str>,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth mending; the file is used all the same.
    Warning,
    /// The file cannot be used.
    Fault,
}

/// A fault in a pack or configuration file, at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the file can be used all the same.
    pub level: Level,
    /// The file it is in.
    pub file: Arc<SourceFile>,
    /// Bytes of the file.
    pub span: Span,
    /// What is wrong, in one line.
    pub message: String,
    /// What stands beside the marked bytes.
    pub label: String,
    /// The way out, if we can name one.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A fault: the file cannot be used.
    pub fn fault(file: &Arc<SourceFile>, span: Span, message: impl Into<String>) -> Self {
        Self {
            level: Level::Fault,
            file: Arc::clone(file),
            span,
            message: message.into(),
            label: String::new(),
            help: None,
        }
    }

    /// The fault of a file that cannot be read, if the marks of a merge stand in it.
    pub fn of_conflict(file: &Arc<SourceFile>) -> Option<Self> {
        let mut at = 0;
        let mark = file.text.split_inclusive('\n').find_map(|line| {
            let start = at;
            at += line.len();
            let is_mark = ["<<<<<<<", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
            is_mark.then(|| Span::new(start, start + line.trim_end().len()))
        })?;
        let message = "a merge is not finished here: both sides stand in this file";
        let help = "keep what is right of both, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`";
        Some(Self::fault(file, mark, message).label("from the merge").help(help))
    }

    /// A warning: the file is used all the same.
    pub fn warning(file: &Arc<SourceFile>, span: Span, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::fault(file, span, message) }
    }

    /// Adds the words that stand beside the marked bytes.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean" where one of `known` is close to `written`.
    #[must_use]
    pub fn did_you_mean<'k>(self, written: &str, known: impl IntoIterator<Item = &'k str>) -> Self {
        match nearest(written, known) {
            Some(close) => self.help(format!("did you mean `{close}`?")),
            None => self,
        }
    }
}

/// The one of `known` that `written` was probably meant to be. Close is a
/// distance of at most a third of the letters, moves of neighbours counted once.
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let limit = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| {
            let distance =
                strsim::damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase());
            (distance, name)
        })
        .filter(|(distance, name)| {
            *distance <= limit || (written.len() >= 4 && name.ends_with(written))
        })
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names_slips_and_nothing_else() {
        let known = ["severity", "message", "terms", "csc/personal-attack"];
        assert_eq!(nearest("sevrity", known), Some("severity"));
        assert_eq!(nearest("mesage", known), Some("message"));
        assert_eq!(nearest("personal-attack", known), Some("csc/personal-attack"));
        assert_eq!(nearest("colour", known), None);
    }
}
