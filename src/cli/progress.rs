//! How far a long scan is, for those who watch.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Output;
use super::scan::watched;

/// A bar on a terminal; nothing where standard error is read by a program.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar for files of so many bytes on disk.
    pub fn new(bytes: u64, output: &Output) -> Self {
        let bar = watched().then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr_with_hz(5));
            let template = if output.err_colour {
                "{bar:30.cyan} {bytes} of {total_bytes}, {bytes_per_sec}, {msg}, {eta} left"
            } else {
                "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {msg}, {eta} left"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        });
        Self { bar }
    }

    /// Shows what was read and found. Packed files hold more than their size says.
    pub fn show(&mut self, read: u64, found: u64) {
        if let Some(bar) = &self.bar {
            if bar.length().is_some_and(|length| length < read) {
                bar.set_length(read);
            }
            bar.set_position(read);
            bar.set_message(format!("{found} findings"));
        }
    }

    /// Takes the bar away.
    pub fn done(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
