//! Readers that count, and stop where they must.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Limits, Trouble};

/// Less than this is never taken for a bomb.
const HARMLESS: u64 = 64 << 20;

/// What the readers of one file know together. The reader may be on another thread
/// than the one that opened the file.
#[derive(Clone, Debug, Default)]
pub(in crate::scan) struct Watch(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Bytes of the file; not known of pipes.
    size: Option<u64>,
    /// Bytes read from disk.
    packed: AtomicU64,
    /// Bytes unpacked, of all members.
    unpacked: AtomicU64,
    /// The first thing that went wrong with the present member. Kept here because
    /// decoders wrap the errors of what they read from, and some lose them.
    trouble: Mutex<Option<Trouble>>,
}

impl Watch {
    /// Of a file of `size` bytes, where that is known.
    pub fn new(size: Option<u64>) -> Self {
        Self(Arc::new(Shared { size, ..Shared::default() }))
    }

    /// Bytes of the file.
    pub fn size(&self) -> Option<u64> {
        self.0.size
    }

    /// Takes what went wrong.
    pub fn take(&self) -> Option<Trouble> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Remembers what went wrong, unless something did before, and gives the first.
    fn keep(&self, trouble: Trouble) -> Trouble {
        let mut kept = self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert(trouble).clone()
    }
}

/// The file on disk.
#[derive(Debug)]
pub(super) struct Source {
    file: File,
    at: u64,
    watch: Watch,
}

impl Source {
    pub fn new(file: File, watch: Watch) -> Self {
        Self { file, at: 0, watch }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.at += read as u64;
        self.watch.0.packed.fetch_add(read as u64, Ordering::Relaxed);
        match self.watch.size() {
            Some(size) if read == 0 && !buffer.is_empty() && self.at < size => {
                Err(self.watch.keep(Trouble::Shrunk { read: self.at, size }).into())
            }
            _ => Ok(read),
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}

/// Passes on a stream up to its limits. Once it has failed it fails for good, so that
/// nobody takes a part for the whole.
#[derive(Debug)]
pub(in crate::scan) struct Guard<R> {
    inner: R,
    watch: Watch,
    failed: Option<Trouble>,
    /// None for streams that were never packed.
    limits: Option<Limits>,
    /// Packed bytes of this member; of the whole file as far as it was read, if none.
    packed: Option<u64>,
    unpacked: u64,
}

impl<R> Guard<R> {
    /// Of a stream that was not packed.
    pub fn plain(inner: R, watch: Watch) -> Self {
        Self { inner, watch, failed: None, limits: None, packed: None, unpacked: 0 }
    }

    /// Of what is unpacked from the file itself.
    pub fn counted(inner: R, limits: Limits, watch: Watch) -> Self {
        Self { limits: Some(limits), ..Self::plain(inner, watch) }
    }

    /// Of a member that takes `packed` bytes of the archive.
    pub fn member(inner: R, limits: Limits, watch: Watch, packed: u64) -> Self {
        Self { packed: Some(packed), ..Self::counted(inner, limits, watch) }
    }

    /// Of a part that takes `packed` bytes of a file which somebody else watches.
    pub fn part(inner: R, limits: Limits, packed: u64) -> Self {
        Self::member(inner, limits, Watch::new(Some(u64::MAX)), packed)
    }

    fn over(&mut self, read: usize) -> Option<Trouble> {
        let limits = self.limits?;
        let read = read as u64;
        self.unpacked += read;
        let shared = &self.watch.0;
        let total = shared.unpacked.fetch_add(read, Ordering::Relaxed) + read;
        if total > limits.expanded {
            return Some(Trouble::TooLarge(format!("{} bytes", limits.expanded)));
        }
        let from_disk = shared.packed.load(Ordering::Relaxed);
        let packed = self.packed.unwrap_or(from_disk);
        let bomb = |unpacked: u64, packed: u64| {
            unpacked > HARMLESS && unpacked > limits.ratio.saturating_mul(packed)
        };
        // The whole is asked about too: members of an archive may share their bytes.
        if bomb(self.unpacked, packed) || bomb(total, shared.size.unwrap_or(from_disk)) {
            let ratio = limits.ratio;
            return Some(Trouble::TooLarge(format!("{ratio} times its packed size, as bombs do")));
        }
        None
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(trouble) = &self.failed {
            return Err(trouble.clone().into());
        }
        let trouble = match self.inner.read(buffer) {
            Ok(read) => match self.over(read) {
                None => return Ok(read),
                Some(trouble) => trouble,
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => Trouble::of(&error),
        };
        let trouble = self.watch.keep(trouble);
        self.failed = Some(trouble.clone());
        Err(trouble.into())
    }
}
