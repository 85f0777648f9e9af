//! The language server: texts as they stand in editors, checked while people write.
//!
//! One thread reads messages, one checks texts, and the main loop ([`serve`]) owns all
//! state: it hears both over one channel and alone writes answers. What is found comes
//! from a [`Checker`], which knows configuration and packs.

mod actions;
mod client;
mod diagnostics;
mod documents;
mod hover;
mod positions;
mod protocol;
mod requests;
mod server;
mod settings;
mod suppression;
mod uri;
mod wire;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;

pub use server::serve;

use crate::error::Error;
use crate::finding::Report;
use crate::input::Format;

/// A text as it stands in an editor.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The file it is or will be; a text without a file has a name in a folder of the
    /// workspace.
    pub path: PathBuf,
    /// What to do with it.
    pub purpose: Purpose,
    /// The text, with a byte-order mark if the editor shows one.
    pub text: Arc<String>,
}

/// What is to be done with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It is content to check, in this format, or in the one its name says.
    Content(Option<Format>),
    /// It is a configuration: what is on disk is read, and its faults are told.
    Settings,
}

/// Checks texts under the configuration that holds for them. It reads configuration and
/// packs when they are first needed, and keeps them until told to read them anew.
pub trait Checker: Send {
    /// Checks a text; `None` where its configuration leaves it out, and for
    /// [`Purpose::Settings`].
    ///
    /// # Errors
    ///
    /// Where configuration or packs cannot be used.
    fn check(&mut self, draft: &Draft) -> Result<Option<Report>, Arc<Error>>;

    /// Forgets configuration and packs: files may have changed.
    fn reload(&mut self);
}
