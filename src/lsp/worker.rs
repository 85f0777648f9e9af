//! Texts are checked on a thread of their own, when their writer pauses.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::server::Event;
use super::{Checker, Draft};
use crate::error::Error;
use crate::finding::Report;

/// A text that changes again within this time is not checked in between.
const PAUSE: Duration = Duration::from_millis(150);

/// What the worker is told.
#[derive(Debug)]
pub(super) enum Task {
    /// Check a text; what was to be checked under the same address no longer is.
    Check {
        uri: String,
        /// Which state of the text it is.
        revision: u64,
        draft: Draft,
        /// Whether to begin without waiting for a pause.
        at_once: bool,
    },
    /// Somebody waits for the result.
    Hurry(String),
    /// Nobody wants the result any more.
    Drop(String),
    /// Configuration or packs may have changed.
    Reload,
}

/// What came of a check.
#[derive(Debug)]
pub(super) struct Outcome {
    pub uri: String,
    pub revision: u64,
    pub result: Result<Option<Report>, Arc<Error>>,
}

/// Starts the worker; it ends when nobody can tell it anything any more.
pub(super) fn start(checker: Box<dyn Checker>, events: Sender<Event>) -> Sender<Task> {
    let (tell, tasks) = channel();
    std::thread::spawn(move || Worker { checker, waiting: BTreeMap::new() }.run(&tasks, &events));
    tell
}

struct Waiting {
    revision: u64,
    draft: Draft,
    at_once: bool,
}

struct Worker {
    checker: Box<dyn Checker>,
    waiting: BTreeMap<String, Waiting>,
}

impl Worker {
    fn run(mut self, tasks: &Receiver<Task>, events: &Sender<Event>) {
        loop {
            // All that is known by now; a newer state of a text takes the place of an older.
            while let Ok(task) = tasks.try_recv() {
                self.take(task);
            }
            let urgent = self.waiting.iter().find(|(_, waiting)| waiting.at_once);
            let uri = if let Some((uri, _)) = urgent {
                uri.clone()
            } else if let Some(uri) = self.waiting.keys().next().cloned() {
                match tasks.recv_timeout(PAUSE) {
                    Ok(task) => {
                        self.take(task);
                        continue;
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        // The pause is there, and holds for all texts.
                        self.waiting.values_mut().for_each(|waiting| waiting.at_once = true);
                        uri
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            } else {
                match tasks.recv() {
                    Ok(task) => self.take(task),
                    Err(_) => return,
                }
                continue;
            };
            let Some(Waiting { revision, draft, .. }) = self.waiting.remove(&uri) else { continue };
            let result = self.check(&draft);
            if events.send(Event::Checked(Outcome { uri, revision, result })).is_err() {
                return;
            }
        }
    }

    fn take(&mut self, task: Task) {
        match task {
            Task::Check { uri, revision, draft, at_once } => {
                self.waiting.insert(uri, Waiting { revision, draft, at_once });
            }
            Task::Hurry(uri) => {
                if let Some(waiting) = self.waiting.get_mut(&uri) {
                    waiting.at_once = true;
                }
            }
            Task::Drop(uri) => {
                self.waiting.remove(&uri);
            }
            Task::Reload => self.checker.reload(),
        }
    }

    /// A fault of ours in one text must not take the server from all others.
    fn check(&mut self, draft: &Draft) -> Result<Option<Report>, Arc<Error>> {
        catch_unwind(AssertUnwindSafe(|| self.checker.check(draft))).unwrap_or_else(|_| {
            self.checker.reload();
            let message = "probity failed on this text, which is a fault in probity itself";
            Err(Arc::new(Error::Usage(message.to_owned())))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::Purpose;
    use super::*;

    /// Finds nothing, remembers what it saw, and fails on `panic`.
    struct Fake(Sender<String>);

    impl Checker for Fake {
        fn check(&mut self, draft: &Draft) -> Result<Option<Report>, Arc<Error>> {
            assert_ne!(draft.text.as_str(), "panic");
            self.0.send(draft.text.to_string()).unwrap();
            Ok(None)
        }

        fn reload(&mut self) {
            self.0.send("reload".to_owned()).unwrap();
        }
    }

    fn check(uri: &str, revision: u64, text: &str, at_once: bool) -> Task {
        let draft = Draft {
            path: PathBuf::from("a.md"),
            purpose: Purpose::Content(None),
            text: Arc::new(text.to_owned()),
        };
        Task::Check { uri: uri.to_owned(), revision, draft, at_once }
    }

    /// What was seen and what came of it, for tasks that are all known at the start.
    fn run(tasks: Vec<Task>) -> (Vec<String>, Vec<u64>) {
        let ((tell, told), (see, seen), (send, events)) = (channel(), channel(), channel());
        for task in tasks {
            tell.send(task).unwrap();
        }
        drop(tell);
        Worker { checker: Box::new(Fake(see)), waiting: BTreeMap::new() }.run(&told, &send);
        drop(send);
        let revision = |event| match event {
            Event::Checked(outcome) => outcome.revision,
            other => panic!("{other:?}"),
        };
        (seen.iter().collect(), events.iter().map(revision).collect())
    }

    #[test]
    fn only_the_newest_state_is_checked() {
        let tasks = vec![
            check("a", 1, "one", true),
            check("b", 2, "two", true),
            check("a", 3, "three", true),
            check("c", 4, "four", true),
            Task::Drop("c".to_owned()),
            Task::Reload,
        ];
        let seen = ["reload", "three", "two"].map(str::to_owned).to_vec();
        assert_eq!(run(tasks), (seen, vec![3, 2]));
    }

    #[test]
    fn what_waits_for_a_pause_can_be_hurried() {
        let waits = vec![check("a", 1, "one", false), check("b", 2, "two", false)];
        assert_eq!(run(waits), (Vec::new(), Vec::new()));
        let hurried = vec![
            check("a", 1, "one", false),
            check("b", 2, "two", false),
            Task::Hurry("b".to_owned()),
            Task::Hurry("none".to_owned()),
        ];
        assert_eq!(run(hurried), (vec!["two".to_owned()], vec![2]));
    }

    #[test]
    fn a_pause_is_enough() {
        let ((see, seen), (send, events)) = (channel(), channel());
        let tell = start(Box::new(Fake(see)), send);
        tell.send(check("a", 1, "one", false)).unwrap();
        assert!(matches!(events.recv(), Ok(Event::Checked(Outcome { revision: 1, .. }))));
        assert_eq!(seen.recv().unwrap(), "one");
    }

    #[test]
    fn a_fault_of_ours_takes_nothing_else_with_it() {
        let tasks = vec![check("a", 1, "panic", true), check("b", 2, "two", true)];
        let (seen, revisions) = run(tasks);
        assert_eq!((seen, revisions), (vec!["reload".into(), "two".into()], vec![1, 2]));
    }
}
