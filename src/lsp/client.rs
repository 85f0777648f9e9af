//! What the editor can do.

use serde_json::Value;

use super::positions::Encoding;

/// What the editor can do, as far as it makes a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "the protocol has one switch for each ability")]
pub(super) struct Client {
    /// What columns count.
    pub encoding: Encoding,
    /// It asks for diagnostics and can be told to ask again; nothing is sent unasked.
    pub pulls: bool,
    /// It shows places that belong to a diagnostic.
    pub related: bool,
    /// Edits can name the version of the text they are for.
    pub versioned_edits: bool,
    /// Hovers can be Markdown.
    pub markdown: bool,
    /// It can be asked to watch files.
    pub watches: bool,
}

impl Client {
    /// Reads the capabilities a client sends.
    pub fn new(capabilities: &Value) -> Self {
        let at = |pointer: &str| capabilities.pointer(pointer);
        let says = |pointer: &str| at(pointer).and_then(Value::as_bool).unwrap_or(false);
        let lists = |pointer: &str, wanted: &str| {
            let list = at(pointer).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|item| item == wanted))
        };
        let encoding = if lists("/general/positionEncodings", "utf-8") {
            Encoding::Utf8
        } else {
            Encoding::Utf16
        };
        Self {
            encoding,
            pulls: at("/textDocument/diagnostic").is_some_and(Value::is_object)
                && says("/workspace/diagnostics/refreshSupport"),
            related: says("/textDocument/publishDiagnostics/relatedInformation")
                || says("/textDocument/diagnostic/relatedInformation"),
            versioned_edits: says("/workspace/workspaceEdit/documentChanges"),
            markdown: lists("/textDocument/hover/contentFormat", "markdown"),
            watches: says("/workspace/didChangeWatchedFiles/dynamicRegistration"),
        }
    }
}
