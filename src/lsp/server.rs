//! The main loop: it hears the editor and the worker, and alone answers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::FIX_ALL;
use super::client::Client;
use super::documents::Document;
use super::protocol::{
    About, CancelParams, Changed, FoldersParams, InitializeParams, Opened, WatchedParams,
};
use super::requests::{Ask, Known};
use super::wire::{Incoming, read_aside, write_error};
use super::worker::{self, Outcome, Task};
use super::{Checker, Purpose, uri};

/// What the main loop hears.
#[derive(Debug)]
pub(super) enum Event {
    /// The editor says something.
    Incoming(Incoming),
    /// A text was checked.
    Checked(Outcome),
    /// The editor will say no more.
    End,
}

/// Serves one editor until it says `exit` or goes away; texts without a file and without
/// a workspace count as standing in `folder`. Tells whether the editor took its leave
/// properly, by `shutdown` first.
///
/// # Errors
///
/// Where the editor cannot be written to.
pub fn serve(
    input: Box<dyn BufRead + Send>,
    output: Box<dyn Write>,
    checker: Box<dyn Checker>,
    folder: PathBuf,
) -> io::Result<bool> {
    let (sender, events) = channel();
    read_aside(input, sender.clone());
    let mut server = Server {
        output,
        worker: worker::start(checker, sender),
        phase: Phase::New,
        client: Client::default(),
        folders: Vec::new(),
        folder,
        documents: BTreeMap::new(),
        revision: 0,
        requests: 0,
        faulty: BTreeMap::new(),
        said: BTreeSet::new(),
    };
    while let Ok(event) = events.recv() {
        match event {
            Event::Incoming(Incoming::Message(Message::Notification(Notification {
                method,
                ..
            }))) if method == "exit" => break,
            Event::Incoming(incoming) => server.hear(incoming)?,
            Event::Checked(outcome) => server.checked(outcome)?,
            Event::End => break,
        }
    }
    Ok(server.phase == Phase::ShutDown)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

/// A text that is open.
#[derive(Debug)]
pub(super) struct Open {
    pub document: Document,
    /// Which state of the text, under which state of the settings.
    pub revision: u64,
    /// What came of that state, once it is known.
    pub result: Option<Known>,
    /// Requests that wait for it.
    pub waiting: Vec<(RequestId, Ask)>,
    /// What was last said of rules that could not be judged.
    pub not_judged: String,
}

/// All state of the server.
pub(super) struct Server {
    output: Box<dyn Write>,
    pub worker: Sender<Task>,
    phase: Phase,
    pub client: Client,
    /// The folders of the workspace, in the order of the editor.
    folders: Vec<PathBuf>,
    /// Stands for them where there is none.
    folder: PathBuf,
    /// By address.
    pub documents: BTreeMap<String, Open>,
    revision: u64,
    /// How many requests the editor was sent.
    requests: i32,
    /// By address, the faults that are shown in files of settings.
    pub faulty: BTreeMap<String, Vec<Value>>,
    /// Messages that were shown since settings were read.
    pub said: BTreeSet<String>,
}

impl Server {
    fn hear(&mut self, incoming: Incoming) -> io::Result<()> {
        match incoming {
            Incoming::Malformed { id, code, message } => {
                write_error(&mut *self.output, id.as_ref(), code, &message)
            }
            Incoming::Message(Message::Request(request)) => self.request(request),
            Incoming::Message(Message::Notification(notification)) => {
                // Before the start and behind the end, nothing is said but `exit`.
                if self.phase == Phase::Running { self.notification(notification) } else { Ok(()) }
            }
            // Whether the editor watches files or not, there is nothing more to do.
            Incoming::Response | Incoming::Message(Message::Response(_)) => Ok(()),
        }
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        match (self.phase, method.as_str()) {
            (Phase::New, "initialize") => self.initialize(id, params),
            (Phase::New, _) => {
                self.fail(&id, ErrorCode::ServerNotInitialized, "`initialize` comes first")
            }
            (Phase::ShutDown, _) => {
                self.fail(&id, ErrorCode::InvalidRequest, "behind `shutdown` comes `exit`")
            }
            (Phase::Running, "initialize") => {
                self.fail(&id, ErrorCode::InvalidRequest, "`initialize` comes only once")
            }
            (Phase::Running, "shutdown") => {
                self.phase = Phase::ShutDown;
                for open in std::mem::take(&mut self.documents).into_values() {
                    for (id, _) in open.waiting {
                        self.fail(&id, ErrorCode::RequestCanceled, "the server is shutting down")?;
                    }
                }
                self.answer(id, Value::Null)
            }
            (Phase::Running, method) => match Ask::read(method, params) {
                None => {
                    let message = format!("there is no method `{}`", crate::emit::one_line(method));
                    self.fail(&id, ErrorCode::MethodNotFound, &message)
                }
                Some(Err(error)) => self.fail(&id, ErrorCode::InvalidParams, &error.to_string()),
                Some(Ok((uri, ask))) => self.ask(&uri, id, ask),
            },
        }
    }

    fn initialize(&mut self, id: RequestId, params: Value) -> io::Result<()> {
        let params: InitializeParams = match serde_json::from_value(params) {
            Ok(params) => params,
            Err(error) => return self.fail(&id, ErrorCode::InvalidParams, &error.to_string()),
        };
        self.client = Client::new(&params.capabilities);
        let named = params.folders.unwrap_or_default().into_iter().map(|folder| folder.uri);
        self.folders = named.filter_map(|uri| uri::to_path(&uri)).collect();
        if self.folders.is_empty() {
            self.folders.extend(params.root.and_then(|uri| uri::to_path(&uri)));
        }
        self.phase = Phase::Running;
        let mut capabilities = json!({
            "positionEncoding": self.client.encoding.name(),
            "textDocumentSync": { "openClose": true, "change": 2, "save": { "includeText": false } },
            "hoverProvider": true,
            "codeActionProvider": { "codeActionKinds": ["quickfix", FIX_ALL] },
            "workspace": {
                "workspaceFolders": { "supported": true, "changeNotifications": true },
            },
        });
        if self.client.pulls {
            capabilities["diagnosticProvider"] = json!({
                "identifier": "probity",
                "interFileDependencies": false,
                "workspaceDiagnostics": false,
            });
        }
        let server = json!({ "name": "probity", "version": env!("CARGO_PKG_VERSION") });
        self.answer(id, json!({ "capabilities": capabilities, "serverInfo": server }))
    }

    fn notification(&mut self, notification: Notification) -> io::Result<()> {
        let Notification { method, params } = notification;
        let read = match method.as_str() {
            "initialized" => self.watch().map(Ok),
            "textDocument/didOpen" => self.with(params, Self::opened),
            "textDocument/didChange" => self.with(params, Self::changed),
            "textDocument/didClose" => self.with(params, |server, about| server.closed(&about)),
            "textDocument/didSave" => self.with(params, |server, about| server.saved(&about)),
            "workspace/didChangeWatchedFiles" => {
                self.with(params, |server, watched| server.files_changed(&watched))
            }
            "workspace/didChangeWorkspaceFolders" => self.with(params, Self::folders_changed),
            "workspace/didChangeConfiguration" => self.reload().map(Ok),
            "$/cancelRequest" => self.with(params, |server, cancel| server.cancelled(&cancel)),
            _ => Ok(Ok(())),
        }?;
        match read {
            Ok(()) => Ok(()),
            Err(error) => self.log(1, &format!("{method} makes no sense: {error}")),
        }
    }

    /// Does something with what a message says, if it can be understood.
    fn with<T: DeserializeOwned>(
        &mut self,
        params: Value,
        work: impl FnOnce(&mut Self, T) -> io::Result<()>,
    ) -> io::Result<serde_json::Result<()>> {
        match serde_json::from_value(params) {
            Ok(params) => work(self, params).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    fn opened(&mut self, opened: Opened) -> io::Result<()> {
        let document = Document::new(opened.document);
        let uri = document.uri.clone();
        self.close(&uri)?;
        let open = Open {
            document,
            revision: 0,
            result: None,
            waiting: Vec::new(),
            not_judged: String::new(),
        };
        self.documents.insert(uri.clone(), open);
        self.check(&uri, true)
    }

    fn changed(&mut self, changed: Changed) -> io::Result<()> {
        let uri = changed.document.uri;
        let encoding = self.client.encoding;
        let Some(open) = self.documents.get_mut(&uri) else {
            return self.log(1, "a text was changed that is not open");
        };
        open.document.change(changed.changes, changed.document.version, encoding);
        let waiting = std::mem::take(&mut open.waiting);
        for (id, ask) in waiting {
            self.outdated(id, &ask)?;
        }
        self.check(&uri, false)
    }

    fn closed(&mut self, about: &About) -> io::Result<()> {
        self.close(&about.document.uri)
    }

    /// Forgets a text, and takes from the editor what was shown in it.
    fn close(&mut self, uri: &str) -> io::Result<()> {
        let Some(open) = self.documents.remove(uri) else { return Ok(()) };
        self.tell_worker(Task::Drop(uri.to_owned()));
        for (id, ask) in open.waiting {
            self.outdated(id, &ask)?;
        }
        // Faults of settings stay: they are about the file, open or not.
        let faults = self.faulty.get(uri).cloned().unwrap_or_default();
        self.publish(uri, None, &faults)
    }

    fn saved(&mut self, about: &About) -> io::Result<()> {
        let is_toml = |path: &Path| path.extension().is_some_and(|end| end == "toml");
        let settings = uri::to_path(&about.document.uri).is_some_and(|path| is_toml(&path));
        if settings { self.reload() } else { Ok(()) }
    }

    fn files_changed(&mut self, watched: &WatchedParams) -> io::Result<()> {
        // A draft that is being written is no list of a pack.
        let drafts = |uri: &str| {
            let open = self.documents.get(uri);
            let draft = open.and_then(|open| open.document.draft(&self.folder));
            draft.is_some_and(|draft| draft.purpose != Purpose::Settings)
        };
        if watched.changes.iter().all(|change| drafts(&change.uri)) {
            return Ok(());
        }
        self.reload()
    }

    fn folders_changed(&mut self, folders: FoldersParams) -> io::Result<()> {
        let paths = |names: Vec<super::protocol::DocumentName>| {
            names.into_iter().filter_map(|name| uri::to_path(&name.uri)).collect::<Vec<_>>()
        };
        let removed = paths(folders.event.removed);
        self.folders.retain(|folder| !removed.contains(folder));
        for added in paths(folders.event.added) {
            if !self.folders.contains(&added) {
                self.folders.push(added);
            }
        }
        self.reload()
    }

    fn cancelled(&mut self, cancel: &CancelParams) -> io::Result<()> {
        let mut found = false;
        for open in self.documents.values_mut() {
            let before = open.waiting.len();
            open.waiting.retain(|(id, _)| *id != cancel.id);
            found |= open.waiting.len() < before;
        }
        if found {
            self.fail(&cancel.id, ErrorCode::RequestCanceled, "cancelled")?;
        }
        Ok(())
    }

    /// Reads configuration and packs anew, and checks every text under them.
    fn reload(&mut self) -> io::Result<()> {
        self.tell_worker(Task::Reload);
        self.said.clear();
        for uri in std::mem::take(&mut self.faulty).into_keys() {
            self.publish(&uri, None, &[])?;
        }
        let uris: Vec<String> = self.documents.keys().cloned().collect();
        for uri in uris {
            self.check(&uri, true)?;
        }
        if self.client.pulls {
            self.send_request("workspace/diagnostic/refresh", Value::Null)?;
        }
        Ok(())
    }

    /// Asks the editor to say when files change that settings come from.
    fn watch(&mut self) -> io::Result<()> {
        if !self.client.watches {
            return Ok(());
        }
        // Settings, packs and files of suppressions; lists; the baseline as it is mostly named.
        let watchers: Vec<Value> = ["**/*.toml", "**/*.txt", "**/*.tsv", "**/*baseline*.json"]
            .iter()
            .map(|glob| json!({ "globPattern": glob }))
            .collect();
        let method = "workspace/didChangeWatchedFiles";
        let registration = json!({
            "id": "probity-settings",
            "method": method,
            "registerOptions": { "watchers": watchers },
        });
        self.send_request("client/registerCapability", json!({ "registrations": [registration] }))
    }

    /// Has the present state of a text checked.
    fn check(&mut self, uri: &str, at_once: bool) -> io::Result<()> {
        self.revision += 1;
        let folder = self.folders.first().unwrap_or(&self.folder).clone();
        let Some(open) = self.documents.get_mut(uri) else { return Ok(()) };
        open.revision = self.revision;
        open.result = None;
        let (uri, revision) = (uri.to_owned(), self.revision);
        let Some(draft) = open.document.draft(&folder) else {
            return self.checked(Outcome { uri, revision, result: Ok(None) });
        };
        self.tell_worker(Task::Check { uri, revision, draft, at_once });
        Ok(())
    }

    /// The worker lives as long as the server.
    pub fn tell_worker(&self, task: Task) {
        let _ = self.worker.send(task);
    }

    /// Shows what stands in a text; `version` says for which state of it.
    pub fn publish(
        &mut self,
        uri: &str,
        version: Option<i32>,
        diagnostics: &[Value],
    ) -> io::Result<()> {
        let mut params = json!({ "uri": uri, "diagnostics": diagnostics });
        if let Some(version) = version {
            params["version"] = version.into();
        }
        self.notify("textDocument/publishDiagnostics", params)
    }

    /// Shows people a message.
    pub fn show(&mut self, message: &str) -> io::Result<()> {
        self.notify("window/showMessage", json!({ "type": 1, "message": message }))
    }

    /// Writes to the log of the editor: 1 what went wrong, 3 what is good to know.
    pub fn log(&mut self, kind: u8, message: &str) -> io::Result<()> {
        let message = crate::judge::safe(message);
        self.notify("window/logMessage", json!({ "type": kind, "message": message }))
    }

    fn notify(&mut self, method: &str, params: Value) -> io::Result<()> {
        let notification = Notification { method: method.to_owned(), params };
        Message::from(notification).write(&mut self.output)
    }

    fn send_request(&mut self, method: &str, params: Value) -> io::Result<()> {
        self.requests = self.requests.wrapping_add(1);
        let id = RequestId::from(self.requests);
        Message::from(Request { id, method: method.to_owned(), params }).write(&mut self.output)
    }

    pub fn answer(&mut self, id: RequestId, result: Value) -> io::Result<()> {
        Message::from(Response::new_ok(id, result)).write(&mut self.output)
    }

    pub fn fail(&mut self, id: &RequestId, code: ErrorCode, message: &str) -> io::Result<()> {
        write_error(&mut *self.output, Some(id), code, message)
    }

    pub fn fail_with(
        &mut self,
        id: RequestId,
        code: ErrorCode,
        message: &str,
        data: Value,
    ) -> io::Result<()> {
        let mut response = Response::new_err(id, code as i32, message.to_owned());
        if let Err(error) = &mut response.response_result {
            error.data = Some(data);
        }
        Message::from(response).write(&mut self.output)
    }
}
