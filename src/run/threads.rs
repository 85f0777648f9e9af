//! Work done side by side.

use std::panic::resume_unwind;
use std::thread;

use rayon::prelude::*;

use crate::error::Error;

/// More threads than this only cost memory, and starting them takes minutes.
const MOST_THREADS: usize = 256;

/// How many threads to use: as many as were asked for, at least one, or one a core.
pub fn threads(asked: Option<usize>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or_else(cores).clamp(1, MOST_THREADS)
}

/// Does work with so many threads, at least one.
///
/// # Errors
///
/// Where the threads cannot be started.
pub fn in_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.clamp(1, MOST_THREADS))
        .build()
        .map_err(|error| Error::Usage(format!("cannot start the threads: {error}")))?;
    Ok(pool.install(work))
}

/// Does the same to each of a few things, side by side, and keeps their order.
pub fn each<T: Send, R: Send>(things: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    things.into_par_iter().map(work).collect()
}

/// Does two things at once where a run uses more than one thread. Not by the threads that
/// judge documents: one that waits there judges another document meanwhile, which may wait
/// for the very engine that is being made.
pub fn at_once(one: &mut dyn FnMut(), other: &mut (dyn FnMut() + Send)) {
    if rayon::current_num_threads() == 1 {
        one();
        return other();
    }
    thread::scope(|scope| {
        let other = scope.spawn(other);
        one();
        other.join().unwrap_or_else(|panic| resume_unwind(panic));
    });
}
