//! Why a stream could not be read, or not to its end.

use std::fmt;
use std::io;

/// What is in the way. Its words follow the name of the file: `notes.zip is damaged`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// The system does not let us.
    #[error("cannot be read: {1}")]
    Unreadable(io::ErrorKind, String),
    /// A password is asked for.
    #[error("is encrypted; unpack it with its password and scan what comes out")]
    Encrypted,
    /// The bytes are not what they should be.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// More came out than a limit lets through.
    #[error("was read up to a limit and no further: it unpacks to more than {0}")]
    TooLarge(String),
    /// The file is shorter than it was when it was opened.
    #[error("became shorter while it was read: {read} of {size} bytes were there")]
    Shrunk {
        /// Bytes read.
        read: u64,
        /// Bytes when it was opened.
        size: u64,
    },
    /// Something that is no text, or that we do not look into.
    #[error("{0} and was not read")]
    NotRead(String),
}

impl Trouble {
    /// What an error of a reader means.
    pub(super) fn of(error: &io::Error) -> Self {
        if let Some(trouble) = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            return trouble.clone();
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged("it ends too early".to_owned()),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                Self::Damaged(error.to_string())
            }
            kind => Self::Unreadable(kind, error.to_string()),
        }
    }

    pub(super) fn nested(what: &str) -> Self {
        Self::NotRead(format!("is {what} inside a packed file"))
    }

    pub(super) fn foreign(what: &str) -> Self {
        Self::NotRead(format!("is {what}"))
    }

    fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Unreadable(kind, _) => *kind,
            Self::Damaged(_) => io::ErrorKind::InvalidData,
            Self::TooLarge(_) => io::ErrorKind::FileTooLarge,
            Self::Shrunk { .. } => io::ErrorKind::UnexpectedEof,
            Self::Encrypted | Self::NotRead(_) => io::ErrorKind::Unsupported,
        }
    }
}

impl From<Trouble> for io::Error {
    fn from(trouble: Trouble) -> Self {
        Self::new(trouble.kind(), trouble)
    }
}

/// Whether a reader stopped because a limit was passed.
pub fn is_limit(error: &io::Error) -> bool {
    matches!(Trouble::of(error), Trouble::TooLarge(_))
}

/// A stream that was not read, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// As in [`super::Member::name`].
    pub name: String,
    /// What is in the way.
    pub trouble: Trouble,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.name, self.trouble)
    }
}

/// What could not be read of a file. What is not named here was read.
#[derive(Debug, Default)]
pub struct ContainerError {
    /// The streams that were not read to their end, in the order of reading.
    pub faults: Vec<Fault>,
    /// The error with which the visitor stopped the reading.
    pub stopped: Option<io::Error>,
}

impl ContainerError {
    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty() && self.stopped.is_none()
    }
}

impl fmt::Display for ContainerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(formatter, "{separator}{fault}")?;
        }
        match &self.stopped {
            Some(error) if self.faults.is_empty() => write!(formatter, "{error}"),
            Some(error) => write!(formatter, "; {error}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ContainerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.stopped.as_ref().map(|error| error as _)
    }
}
