//! The texts that are open, as their editor last said.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::positions::{Encoding, offset_at};
use super::protocol::{Change, OpenedDocument};
use super::{Draft, Purpose, uri};
use crate::config::FILE_NAME;
use crate::input::{Format, is_data, is_known};
use crate::text::Lines;

/// A text that is open in an editor.
#[derive(Debug)]
pub(super) struct Document {
    /// Its address, as the editor writes it.
    pub uri: String,
    /// The number the editor gave to this state of it.
    pub version: i32,
    /// All of it, with a byte-order mark if the editor shows one.
    pub text: Arc<String>,
    /// What the editor takes it for: `markdown`, `plaintext`.
    language: String,
}

impl Document {
    /// A text as it was opened.
    pub fn new(opened: OpenedDocument) -> Self {
        let OpenedDocument { uri, language, version, text } = opened;
        Self { uri, version, text: Arc::new(text), language }
    }

    /// Makes changes, each to what the one before has left.
    pub fn change(&mut self, changes: Vec<Change>, version: Option<i32>, encoding: Encoding) {
        for change in changes {
            let Some(range) = change.range else {
                self.text = Arc::new(change.text);
                continue;
            };
            let lines = Lines::new(&self.text);
            let start = offset_at(&self.text, &lines, range.start, encoding);
            let end = offset_at(&self.text, &lines, range.end, encoding);
            drop(lines);
            let (start, end) = (start.min(end), start.max(end));
            Arc::make_mut(&mut self.text).replace_range(start..end, &change.text);
        }
        self.version = version.unwrap_or(self.version);
    }

    /// The text as it is to be checked; `None` where it is nothing that is checked. A
    /// text without a file counts as one in `folder`.
    pub fn draft(&self, folder: &Path) -> Option<Draft> {
        let path = match uri::to_path(&self.uri) {
            Some(path) => path,
            None => folder.join(uri::untitled(&self.uri)?),
        };
        let purpose = purpose(&path, &self.language)?;
        Some(Draft { path, purpose, text: Arc::clone(&self.text) })
    }

    /// The file it is, if it is one.
    pub fn path(&self) -> Option<PathBuf> {
        uri::to_path(&self.uri)
    }
}

/// What a text is. The ending of a known name counts before the language, so that the
/// editor and the command line read a file in one way.
fn purpose(path: &Path, language: &str) -> Option<Purpose> {
    if path.file_name().is_some_and(|name| name == FILE_NAME) {
        return Some(Purpose::Settings);
    }
    // Whoever checks it knows whether somebody asks for a data file.
    if is_known(path) || is_data(path) {
        return Some(Purpose::Content(None));
    }
    let format = match language.to_ascii_lowercase().as_str() {
        "markdown" | "mdx" | "gfm" | "quarto" | "rmd" => Format::Markdown,
        "html" | "xhtml" | "liquid" | "njk" | "nunjucks" | "jinja-html" | "django-html" => {
            Format::Html
        }
        "plaintext" | "text" | "txt" => Format::Text,
        "csv" | "tsv" => Format::Csv,
        _ => return None,
    };
    Some(Purpose::Content(Some(format)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::protocol::{Position, Range};
    use super::*;

    fn document(uri: &str, language: &str, text: &str) -> Document {
        Document::new(OpenedDocument {
            uri: uri.into(),
            language: language.into(),
            version: 1,
            text: text.into(),
        })
    }

    fn change(start: (u32, u32), end: (u32, u32), text: &str) -> Change {
        let at = |(line, character)| Position { line, character };
        Change { range: Some(Range { start: at(start), end: at(end) }), text: text.into() }
    }

    #[test]
    fn changes_follow_each_other() {
        let mut text = document("file:///a.md", "markdown", "one\r\n😀 two\nthree");
        text.change(
            vec![
                change((1, 3), (1, 6), "2"),
                change((0, 3), (1, 0), " "),
                change((9, 9), (9, 9), "!"),
                change((0, 3), (0, 0), "1"),
            ],
            Some(7),
            Encoding::Utf16,
        );
        assert_eq!((text.text.as_str(), text.version), ("1 😀 2\nthree!", 7));
        text.change(vec![Change { range: None, text: "new".into() }], None, Encoding::Utf16);
        assert_eq!((text.text.as_str(), text.version), ("new", 7));
    }

    #[test]
    fn names_say_more_than_languages() {
        let purpose = |uri: &str, language: &str| {
            document(uri, language, "").draft(Path::new("/w")).map(|draft| draft.purpose)
        };
        let content = |format| Some(Purpose::Content(format));
        assert_eq!(purpose("file:///a.txt", "markdown"), content(None));
        assert_eq!(purpose("file:///a.webc", "html"), content(Some(Format::Html)));
        assert_eq!(purpose("file:///a.njk", "jinja"), content(None));
        assert_eq!(purpose("untitled:Untitled-1", "markdown"), content(Some(Format::Markdown)));
        assert_eq!(purpose("untitled:Untitled-1", "rust"), None);
        assert_eq!(purpose("file:///a.rs", "rust"), None);
        assert_eq!(purpose("git:/a.md", "markdown"), None);
        assert_eq!(purpose("file:///w/probity.toml", "toml"), Some(Purpose::Settings));
    }

    proptest! {
        #[test]
        fn any_change_can_be_made(
            text in "[a\r\né😀]{0,20}",
            places in prop::collection::vec((0u32..5, 0u32..9), 4),
            new in "[b\n😀]{0,3}",
        ) {
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                let mut document = document("file:///a.md", "", &text);
                let changes =
                    vec![change(places[0], places[1], &new), change(places[2], places[3], "")];
                document.change(changes, Some(2), encoding);
            }
        }
    }
}
