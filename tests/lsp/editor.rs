//! An editor that talks to the real program.
#![allow(clippy::needless_pass_by_value, reason = "messages are made where they are sent")]

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::Stage;

/// Nothing takes this long; a message that does not come is a failure, not a wait.
const PATIENCE: Duration = Duration::from_mins(2);

/// An editor with a server.
pub struct Editor {
    child: Child,
    stdin: Option<ChildStdin>,
    incoming: Receiver<Value>,
    /// Messages nobody has asked for yet.
    waiting: VecDeque<Value>,
    next: i32,
}

impl Editor {
    /// Starts the server with these arguments, and says nothing.
    pub fn silent(stage: &Stage, args: &[&str]) -> Self {
        let mut all = vec!["lsp"];
        all.extend(args);
        let mut child = stage.command(&all).spawn().unwrap();
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, incoming) = channel();
        std::thread::spawn(move || {
            loop {
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    if stdout.read_line(&mut line).unwrap() == 0 {
                        return;
                    }
                    let Some((name, value)) = line.trim_end().split_once(": ") else { break };
                    assert_eq!(name, "Content-Length");
                    length = value.parse().unwrap();
                }
                let mut body = vec![0; length];
                stdout.read_exact(&mut body).unwrap();
                if sender.send(serde_json::from_slice(&body).unwrap()).is_err() {
                    return;
                }
            }
        });
        Self { child, stdin, incoming, waiting: VecDeque::new(), next: 1 }
    }

    /// Starts the server and says what the editor can do; gives what the server can.
    pub fn start(stage: &Stage, args: &[&str], capabilities: Value) -> (Self, Value) {
        let mut editor = Self::silent(stage, args);
        let folder = json!({ "uri": uri(&stage.work()), "name": "work" });
        let params = json!({
            "processId": null,
            "rootUri": null,
            "workspaceFolders": [folder],
            "capabilities": capabilities,
        });
        let answer = editor.request("initialize", params);
        editor.notify("initialized", json!({}));
        (editor, answer["result"].clone())
    }

    /// One with the words of the fixtures.
    pub fn with_words(stage: &Stage, capabilities: Value) -> Self {
        Self::start(stage, &["--isolated", "--pack", "../packs/words.toml"], capabilities).0
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    pub fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks, and does not wait.
    pub fn ask(&mut self, method: &str, params: Value) -> i32 {
        let id = self.next;
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Asks, and waits for the answer.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer_to(id)
    }

    pub fn answer_to(&mut self, id: i32) -> Value {
        self.wait(|message| message["id"] == id && message.get("method").is_none())
    }

    /// The first message, of those that came or are to come, that is wanted.
    pub fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.waiting.iter().position(&wanted) {
            return self.waiting.remove(at).unwrap();
        }
        loop {
            let message = self
                .incoming
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("no such message came; these did: {:#?}", self.waiting));
            assert_eq!(message["jsonrpc"], "2.0");
            if wanted(&message) {
                return message;
            }
            self.waiting.push_back(message);
        }
    }

    /// Whether a message came that nobody asked for.
    pub fn has_heard(&self, wanted: impl Fn(&Value) -> bool) -> bool {
        self.waiting.iter().any(wanted)
    }

    pub fn open(&mut self, uri: &str, language: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub fn change(&mut self, uri: &str, version: i32, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
    }

    /// What the server shows in a state of a text.
    pub fn diagnostics(&mut self, uri: &str, version: i32) -> Vec<Value> {
        let message = self.wait(|message| {
            let params = &message["params"];
            message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri
                && params["version"] == version
        });
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// What the server shows in a file, whatever its state.
    pub fn published(&mut self, uri: &str) -> Vec<Value> {
        let message = self.wait(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
        });
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// The exit code, after everything was said. The server must not have panicked.
    pub fn end(mut self) -> i32 {
        drop(self.stdin.take());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!said.contains("panicked"), "{said}");
        self.child.wait().unwrap().code().unwrap()
    }

    /// Takes leave as an editor should.
    pub fn shut_down(mut self) {
        let answer = self.request("shutdown", Value::Null);
        assert_eq!(answer["result"], Value::Null);
        assert!(answer.get("error").is_none(), "{answer}");
        self.notify("exit", Value::Null);
        assert_eq!(self.end(), 0);
    }
}

impl Drop for Editor {
    /// A test that fails leaves no server behind.
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

/// The address of a file.
pub fn uri(path: &Path) -> String {
    let text = path.to_str().unwrap().replace('\\', "/").replace(' ', "%20");
    let text = text.replace("😀", "%F0%9F%98%80");
    if text.starts_with('/') { format!("file://{text}") } else { format!("file:///{text}") }
}

/// `line:column-line:column code` of each diagnostic.
pub fn shown(diagnostics: &[Value]) -> Vec<String> {
    let place = |at: &Value| format!("{}:{}", at["line"], at["character"]);
    let one = |diagnostic: &Value| {
        let range = &diagnostic["range"];
        let code = diagnostic["code"].as_str().unwrap();
        format!("{}-{} {code}", place(&range["start"]), place(&range["end"]))
    };
    diagnostics.iter().map(one).collect()
}
