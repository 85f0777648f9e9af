//! What we read of the messages of the Language Server Protocol 3.17. The crate
//! `lsp-types` had its last release in 2024 and its addresses are no paths; this is the
//! little that is needed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A place between two characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(super) struct Position {
    /// The line, from 0.
    pub line: u32,
    /// The column, from 0, in the units that were agreed on.
    pub character: u32,
}

/// A stretch of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(super) struct Range {
    pub start: Position,
    pub end: Position,
}

impl Range {
    /// Whether two stretches share a place, be it only their ends.
    pub fn touches(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Opened {
    #[serde(rename = "textDocument")]
    pub document: OpenedDocument,
}

#[derive(Debug, Deserialize)]
pub(super) struct OpenedDocument {
    pub uri: String,
    #[serde(rename = "languageId", default)]
    pub language: String,
    pub version: i32,
    pub text: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Changed {
    #[serde(rename = "textDocument")]
    pub document: VersionedDocument,
    #[serde(rename = "contentChanges")]
    pub changes: Vec<Change>,
}

#[derive(Debug, Deserialize)]
pub(super) struct VersionedDocument {
    pub uri: String,
    pub version: Option<i32>,
}

/// A stretch of the text and what stands there now; the whole text without a stretch.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    pub range: Option<Range>,
    pub text: String,
}

/// The message is about a text.
#[derive(Debug, Deserialize)]
pub(super) struct About {
    #[serde(rename = "textDocument")]
    pub document: DocumentName,
}

#[derive(Debug, Deserialize)]
pub(super) struct DocumentName {
    pub uri: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct HoverParams {
    #[serde(rename = "textDocument")]
    pub document: DocumentName,
    pub position: Position,
}

#[derive(Debug, Deserialize)]
pub(super) struct ActionParams {
    #[serde(rename = "textDocument")]
    pub document: DocumentName,
    pub range: Range,
    #[serde(default)]
    pub context: ActionContext,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ActionContext {
    pub only: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PullParams {
    #[serde(rename = "textDocument")]
    pub document: DocumentName,
    #[serde(rename = "previousResultId")]
    pub previous: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WatchedParams {
    pub changes: Vec<DocumentName>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FoldersParams {
    pub event: FoldersEvent,
}

#[derive(Debug, Deserialize)]
pub(super) struct FoldersEvent {
    #[serde(default)]
    pub added: Vec<DocumentName>,
    #[serde(default)]
    pub removed: Vec<DocumentName>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CancelParams {
    pub id: lsp_server::RequestId,
}

#[derive(Debug, Deserialize)]
pub(super) struct InitializeParams {
    #[serde(default)]
    pub capabilities: Value,
    #[serde(rename = "workspaceFolders", default)]
    pub folders: Option<Vec<DocumentName>>,
    #[serde(rename = "rootUri", default)]
    pub root: Option<String>,
}
