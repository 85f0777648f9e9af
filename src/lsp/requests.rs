//! What editors ask about a text, and the answers. A request waits until the state of
//! the text it is about has been checked.

use std::io;

use lsp_server::{ErrorCode, RequestId};
use serde_json::{Value, json};

use super::actions::actions;
use super::diagnostics::{Checked, not_checked};
use super::hover::hover;
use super::protocol::{ActionParams, HoverParams, Position, PullParams, Range};
use super::server::Server;
use super::settings::Told;
use super::uri;
use super::worker::{Outcome, Task};
use crate::finding::Report;

/// A question about a text.
#[derive(Debug)]
pub(super) enum Ask {
    /// What stands here?
    Hover(Position),
    /// What can be done here, of these kinds?
    Actions(Range, Option<Vec<String>>),
    /// What was found, unless it is what it was?
    Pull(Option<String>),
}

/// What came of a text.
#[derive(Debug)]
pub(super) struct Known {
    /// What was found; none where nothing was checked.
    report: Option<Report>,
    /// What the editor shows.
    diagnostics: Vec<Value>,
}

impl Ask {
    /// The text a request is about, and the question; `None` for methods that are not
    /// known.
    pub fn read(method: &str, params: Value) -> Option<serde_json::Result<(String, Self)>> {
        Some(match method {
            "textDocument/hover" => serde_json::from_value(params)
                .map(|asked: HoverParams| (asked.document.uri, Self::Hover(asked.position))),
            "textDocument/codeAction" => {
                serde_json::from_value(params).map(|ActionParams { document, range, context }| {
                    (document.uri, Self::Actions(range, context.only))
                })
            }
            "textDocument/diagnostic" => serde_json::from_value(params)
                .map(|asked: PullParams| (asked.document.uri, Self::Pull(asked.previous))),
            _ => return None,
        })
    }

    /// The answer where there is no text, or nothing in it is checked.
    fn nothing(&self) -> Value {
        match self {
            Self::Hover(_) => Value::Null,
            Self::Actions(..) => json!([]),
            Self::Pull(_) => json!({ "kind": "full", "items": [] }),
        }
    }
}

impl Server {
    /// Answers a question, now or when its text has been checked.
    pub fn ask(&mut self, uri: &str, id: RequestId, ask: Ask) -> io::Result<()> {
        let Some(open) = self.documents.get_mut(uri) else { return self.answer(id, ask.nothing()) };
        if open.result.is_some() {
            return self.reply(uri, id, &ask);
        }
        // Somebody looks at this place now; diagnostics can wait for a pause in writing.
        let hurry = !matches!(ask, Ask::Pull(_));
        open.waiting.push((id, ask));
        if hurry {
            self.tell_worker(Task::Hurry(uri.to_owned()));
        }
        Ok(())
    }

    fn reply(&mut self, uri: &str, id: RequestId, ask: &Ask) -> io::Result<()> {
        let open = self.documents.get(uri);
        let Some((open, known)) = open.and_then(|open| Some((open, open.result.as_ref()?))) else {
            return self.answer(id, ask.nothing());
        };
        let answer = match (ask, &known.report) {
            (Ask::Pull(previous), _) => {
                let name = open.revision.to_string();
                if previous.as_ref() == Some(&name) {
                    json!({ "kind": "unchanged", "resultId": name })
                } else {
                    json!({ "kind": "full", "resultId": name, "items": known.diagnostics })
                }
            }
            (ask, None) => ask.nothing(),
            (ask, Some(report)) => {
                let checked = Checked {
                    uri,
                    version: open.document.version,
                    text: &open.document.text,
                    report,
                    client: self.client,
                };
                match ask {
                    Ask::Hover(at) => hover(&checked, *at),
                    Ask::Actions(range, only) => actions(&checked, *range, only.as_deref()).into(),
                    Ask::Pull(_) => Value::Null,
                }
            }
        };
        self.answer(id, answer)
    }

    /// Answers a question about a state of a text that is gone.
    pub fn outdated(&mut self, id: RequestId, ask: &Ask) -> io::Result<()> {
        let message = "the text has changed";
        if matches!(ask, Ask::Pull(_)) {
            let data = json!({ "retriggerRequest": true });
            return self.fail_with(id, ErrorCode::ServerCancelled, message, data);
        }
        self.fail(&id, ErrorCode::ContentModified, message)
    }

    /// Takes what came of a check, shows it, and answers who waited for it.
    pub fn checked(&mut self, outcome: Outcome) -> io::Result<()> {
        let Outcome { uri, revision, result } = outcome;
        let client = self.client;
        let Some(open) = self.documents.get_mut(&uri) else { return Ok(()) };
        if open.revision != revision {
            return Ok(());
        }
        let version = open.document.version;
        let mut log = None;
        let mut broken = None;
        let (report, mut diagnostics) = match result {
            Ok(None) => (None, Vec::new()),
            Ok(Some(report)) => {
                let said = not_judged(&report);
                if said != open.not_judged {
                    open.not_judged.clone_from(&said);
                    log = Some(said).filter(|said| !said.is_empty());
                }
                let text = &open.document.text;
                let checked = Checked { uri: &uri, version, text, report: &report, client };
                let diagnostics = checked.diagnostics();
                (Some(report), diagnostics)
            }
            Err(error) => {
                let told = Told::new(&error, client.encoding);
                let is_settings =
                    open.document.path().is_some_and(|path| told.files.contains_key(&path));
                // The faults themselves stand in files of settings.
                let diagnostics =
                    if is_settings { Vec::new() } else { vec![not_checked(&told, client)] };
                broken = Some(told);
                (None, diagnostics)
            }
        };
        let waiting = std::mem::take(&mut open.waiting);
        if let Some(told) = broken {
            self.tell_broken(told)?;
        }
        let own = self.faulty.get(&uri).cloned().unwrap_or_default();
        if !client.pulls {
            diagnostics.extend(own);
            self.publish(&uri, Some(version), &diagnostics)?;
        }
        if let Some(open) = self.documents.get_mut(&uri) {
            open.result = Some(Known { report, diagnostics });
        }
        if let Some(said) = log {
            self.log(3, &format!("{uri}: {said}"))?;
        }
        for (id, ask) in waiting {
            self.reply(&uri, id, &ask)?;
        }
        Ok(())
    }

    /// Shows what is wrong with configuration or packs, in their files and as a message.
    fn tell_broken(&mut self, told: Told) -> io::Result<()> {
        for (path, faults) in told.files {
            // Where the file is open, the editor knows it by the name it gave it.
            let open = self.documents.values().map(|open| &open.document);
            let open = open.filter(|document| document.path().as_ref() == Some(&path));
            let uri = open.map(|document| document.uri.clone()).next();
            let uri = uri.unwrap_or_else(|| uri::from_path(&path));
            if self.faulty.get(&uri) != Some(&faults) {
                self.publish(&uri, None, &faults)?;
                self.faulty.insert(uri, faults);
            }
        }
        if self.said.insert(told.message.clone()) {
            self.show(&format!("probity checks nothing here: {}", told.message))?;
        }
        Ok(())
    }
}

/// The rules that could not be judged, and what it takes.
fn not_judged(report: &Report) -> String {
    if report.not_judged.is_empty() {
        return String::new();
    }
    let mut facts: Vec<&str> =
        report.not_judged.iter().flat_map(|rule| rule.missing.iter().map(String::as_str)).collect();
    facts.sort_unstable();
    facts.dedup();
    let rules = crate::emit::counted(report.not_judged.len(), "rule");
    if facts.is_empty() {
        return format!("{rules} not judged, or only in part");
    }
    format!("{rules} not judged, or only in part, for want of the facts {}", facts.join(", "))
}
