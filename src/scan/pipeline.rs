//! Files to parts, parts to workers, results in order.
//!
//! One thread reads and cuts; the workers take records apart and scan them; the caller
//! gets what came of each part in the order of the files. So many parts are under way
//! at a time, and no more: what is held does not grow with the files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};

use crate::error::Error;
use crate::finding::Notice;
use crate::run::Run;
use crate::text::Encoding;

use super::columns::Wanted;
use super::container::Limits;
use super::feed::Feeder;
use super::model::FileSummary;
use super::part::{Keys, Part, SharedFile};
use super::sample::Sampling;

/// A file to scan.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// As shown to people.
    pub name: String,
}

/// How files are scanned.
#[derive(Debug)]
pub struct Setup<'s> {
    /// The packs, the facts and what is shown.
    pub run: &'s Run,
    /// Which columns are read.
    pub wanted: Wanted,
    /// Which columns say whose and of when a record is.
    pub keys: Keys,
    /// The encoding of all text files, where the caller knows it.
    pub encoding: Option<Encoding>,
    /// Whether tables have no header.
    pub no_header: bool,
    /// Which records are scanned.
    pub sampling: Sampling<'s>,
    /// How far archives may be unpacked.
    pub limits: Limits,
    /// How much of a text is scanned at once, in bytes.
    pub chunk: usize,
    /// How many threads scan.
    pub threads: usize,
    /// Whether copies are made without what is found: then it is looked for what is found
    /// only once that is gone.
    pub redacts: bool,
    /// Set to stop: what is under way is finished, and the rest is said not to be.
    pub stop: &'s AtomicBool,
    /// Bytes read so far, unpacked.
    pub progress: &'s AtomicU64,
}

/// What the caller is told, in the order of the files.
#[derive(Debug)]
pub enum Event {
    /// A file, a member of an archive or a sheet begins.
    Begins(Box<FileSummary>, SharedFile),
    /// Some of its records were scanned.
    Part(Box<Part>),
    /// It ends: the digest of its bytes, and their number.
    Ends(String, u64),
    /// Something people must know.
    Notice(Notice),
}

/// Scans files. `take` gets what came of them, in order; where it fails, nothing more
/// is read.
///
/// # Errors
///
/// Where the packs cannot be compiled, threads cannot be started, or `take` fails.
pub fn scan(
    setup: &Setup<'_>,
    inputs: &[Input],
    take: &mut dyn FnMut(Event) -> Result<(), Error>,
) -> Result<(), Error> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(setup.threads)
        .build()
        .map_err(|error| Error::Usage(format!("cannot start the threads: {error}")))?;
    let tickets = Tickets::new(setup.threads * 2 + 2);
    let (sender, results) = mpsc::channel::<(u64, Result<Event, Error>)>();
    let mut failed = None;
    std::thread::scope(|threads| {
        threads.spawn(|| {
            pool.in_place_scope(|workers| {
                let mut feeder = Feeder::new(setup, sender, &tickets);
                for input in inputs {
                    feeder.input(workers, input);
                }
            });
        });
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (number, result) in results {
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&next) {
                next += 1;
                tickets.give_back();
                if failed.is_some() {
                    continue;
                }
                if let Err(error) = result.and_then(&mut *take) {
                    setup.stop.store(true, Ordering::Relaxed);
                    failed = Some(error);
                }
            }
        }
    });
    failed.map_or(Ok(()), Err)
}

/// Where parts are scanned.
pub(super) type Workers<'w, 'scope> = &'w rayon::Scope<'scope>;

/// As many parts as may be under way.
#[derive(Debug)]
pub(super) struct Tickets {
    free: Mutex<usize>,
    given_back: Condvar,
}

impl Tickets {
    fn new(free: usize) -> Self {
        Self { free: Mutex::new(free), given_back: Condvar::new() }
    }

    pub fn take(&self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.given_back.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
    }

    fn give_back(&self) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.given_back.notify_one();
    }
}
