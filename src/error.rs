//! Why the work could not be done.

use std::path::PathBuf;

use crate::syntax::Diagnostic;

/// Why the work could not be done. A file that could not be read is a notice of
/// the report instead; a run without usable packs or configuration is this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Packs or configuration with faults; each has its place.
    #[error("{}", faults_in_words(.0))]
    Faults(Vec<Diagnostic>),
    /// The terms of all packs together do not fit an automaton.
    #[error("the terms of these packs are too large to search for: {0}")]
    TooManyTerms(String),
    /// A pack or configuration file that cannot be read.
    #[error("cannot read {}: {}", path.display(), plain(cause))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A request that makes no sense, in one sentence.
    #[error("{0}")]
    Usage(String),
}

fn faults_in_words(faults: &[Diagnostic]) -> String {
    match faults.len() {
        1 => "1 fault in packs or configuration".to_owned(),
        many => format!("{many} faults in packs or configuration"),
    }
}

/// An error of the operating system without its number.
pub fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
