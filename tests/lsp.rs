//! The language server, driven by an editor over its standard streams. Nothing waits
//! for a time: each test waits for the message that must come.

mod common;
#[path = "lsp/editor.rs"]
mod editor;

use common::Stage;
use editor::{Editor, shown, uri};
use globset::Glob;
use serde_json::{Value, json};

/// A smiley is 2 units of UTF-16 and 4 bytes; é is 1 and 2; e with an accent of its own
/// is 2 and 3.
const TEXT: &str = "😀 é We promise it.\r\nHe is e\u{301} of black descent.\r\n";

fn at(line: u32, character: u32) -> Value {
    json!({ "line": line, "character": character })
}

fn change(start: (u32, u32), end: (u32, u32), text: &str) -> Value {
    json!({ "range": { "start": at(start.0, start.1), "end": at(end.0, end.1) }, "text": text })
}

fn capabilities() -> Value {
    json!({
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true },
            "hover": { "contentFormat": ["markdown", "plaintext"] },
        },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    })
}

#[test]
fn a_text_is_opened_edited_asked_about_and_closed() {
    let stage = Stage::new();
    let file = uri(&stage.work().join("a draft 😀.md"));
    let (mut editor, server) =
        Editor::start(&stage, &["--isolated", "--pack", "../packs/words.toml"], capabilities());
    assert_eq!(server["capabilities"]["positionEncoding"], "utf-16");
    assert!(server["capabilities"].get("diagnosticProvider").is_none());

    editor.open(&file, "markdown", TEXT);
    let found = editor.diagnostics(&file, 1);
    assert_eq!(shown(&found), ["0:5-0:15 words/promise", "1:12-1:17 words/colour"]);
    assert_eq!(found[0]["source"], "probity");
    assert_eq!((&found[0]["severity"], &found[1]["severity"]), (&json!(1), &json!(2)));
    assert_eq!(found[0]["message"], "“We promise” promises something on behalf of the office.");
    // Only the paragraph of the first was read by somebody.
    assert_eq!(found[0]["codeDescription"]["href"], "https://example.org/handbook");
    assert!(found[1].get("codeDescription").is_none());

    // Behind the last letter is still there; elsewhere is nothing.
    let hover = |editor: &mut Editor, line, character| {
        let params = json!({ "textDocument": { "uri": file }, "position": at(line, character) });
        editor.request("textDocument/hover", params)["result"].clone()
    };
    assert_eq!(hover(&mut editor, 0, 4), Value::Null);
    let note = hover(&mut editor, 1, 17);
    assert_eq!(note["range"], found[1]["range"]);
    assert_eq!(note["contents"]["kind"], "markdown");
    assert_eq!(
        note["contents"]["value"],
        "**Warning** words/colour: Colour of skin\n\n“black” is said of a person here.\n\n\
         **Instead:** Leave it out.\n\n**Policy:**\n\n\
         - (not checked against the source) Hearsay, page 2\n\
         - (not checked against the source) Handbook of tests (Test office, 1 May 2026) \
         <https://example.org/handbook>\n\n**Unsure?** Ask the data office."
    );

    // "We" becomes "They", in front of it one smiley more; then a line is put in front.
    let changes = json!([
        change((0, 5), (0, 7), "They"),
        change((0, 0), (0, 2), "😀😀"),
        change((0, 0), (0, 0), "I guarantee 😀\n"),
    ]);
    editor.change(&file, 2, changes);
    let found = editor.diagnostics(&file, 2);
    assert_eq!(shown(&found), ["0:0-0:11 words/promise", "2:12-2:17 words/colour"]);

    let range = json!({ "start": at(0, 3), "end": at(0, 3) });
    let params = json!({ "textDocument": { "uri": file }, "range": range, "context": { "diagnostics": [] } });
    let actions = editor.request("textDocument/codeAction", params)["result"].clone();
    let actions = actions.as_array().unwrap();
    let titles: Vec<&str> = actions.iter().map(|it| it["title"].as_str().unwrap()).collect();
    assert_eq!(
        titles,
        [
            "Accept words/promise here, and say why",
            "Accept words/promise in this file, and say why"
        ]
    );
    assert_eq!(actions[0]["kind"], "quickfix");
    assert_eq!(actions[0]["diagnostics"][0], found[0]);
    let edit = &actions[0]["edit"]["documentChanges"][0];
    assert_eq!(edit["textDocument"], json!({ "uri": file, "version": 2 }));
    // I guarantee and a smiley: 12 letters and 2 units.
    assert_eq!(
        edit["edits"],
        json!([{
            "range": { "start": at(0, 14), "end": at(0, 14) },
            "newText": " <!-- probity: allow words/promise -- … -->",
        }])
    );

    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": file } }));
    assert_eq!(editor.published(&file), Vec::<Value>::new());
    assert_eq!(hover(&mut editor, 0, 3), Value::Null);
    editor.shut_down();
}

#[test]
fn columns_are_bytes_where_the_editor_likes() {
    let stage = Stage::new();
    let file = uri(&stage.work().join("a.txt"));
    let mut capabilities = capabilities();
    capabilities["general"] = json!({ "positionEncodings": ["utf-16", "utf-8"] });
    let (mut editor, server) =
        Editor::start(&stage, &["--isolated", "--pack", "../packs/words.toml"], capabilities);
    assert_eq!(server["capabilities"]["positionEncoding"], "utf-8");
    editor.open(&file, "plaintext", TEXT);
    let found = editor.diagnostics(&file, 1);
    assert_eq!(shown(&found), ["0:8-0:18 words/promise", "1:13-1:18 words/colour"]);
    // The accent goes; a mark at the start counts 3 bytes.
    let changes = json!([change((1, 7), (1, 9), ""), change((0, 0), (0, 0), "\u{feff}")]);
    editor.change(&file, 2, changes);
    let found = editor.diagnostics(&file, 2);
    assert_eq!(shown(&found), ["0:11-0:21 words/promise", "1:11-1:16 words/colour"]);
    // A text for which the editor sends all of it.
    editor.change(&file, 3, json!([{ "text": "\u{202b}עברית\u{202c} I promise" }]));
    // The marks are 3 bytes each, the letters 2: 3 + 10 + 3 + 1.
    assert_eq!(shown(&editor.diagnostics(&file, 3)), ["0:17-0:26 words/promise"]);
    editor.shut_down();
}

#[test]
fn texts_without_a_file_and_of_other_languages() {
    let stage = Stage::new();
    let mut editor = Editor::with_words(&stage, capabilities());
    // In Markdown code is no text.
    editor.open("untitled:Untitled-1", "markdown", "`I promise` I promise");
    let found = editor.diagnostics("untitled:Untitled-1", 1);
    assert_eq!(shown(&found), ["0:12-0:21 words/promise"]);
    editor.open("untitled:Untitled-2", "rust", "I promise");
    assert!(editor.diagnostics("untitled:Untitled-2", 1).is_empty());
    // What cannot be checked is said at its line.
    editor.open("untitled:a.md", "markdown", "---\ntitle: [\n---\nI promise");
    let found = editor.diagnostics("untitled:a.md", 1);
    assert!(shown(&found).contains(&"3:0-3:9 words/promise".to_owned()), "{found:?}");
    let notice = found.iter().find(|it| it["code"] == "notice").unwrap();
    assert!(notice["message"].as_str().unwrap().starts_with("not checked: "), "{notice}");
    let page = uri(&stage.work().join("page.njk"));
    editor.open(&page, "html", "<p title=\"x\">I <b>pro</b>mise</p>");
    assert_eq!(shown(&editor.diagnostics(&page, 1)), ["0:13-0:29 words/promise"]);
    editor.shut_down();
}

#[test]
fn masked_words_are_shown_nowhere() {
    let stage = Stage::new();
    let args = ["--isolated", "--pack", "../packs/secrets.toml"];
    let (mut editor, _) = Editor::start(&stage, &args, capabilities());
    let file = uri(&stage.work().join("a.md"));
    editor.open(&file, "markdown", "He is Zoroastrian.\n");
    let found = editor.diagnostics(&file, 1);
    assert_eq!(shown(&found), ["0:6-0:17 secret/faith"]);
    let document = json!({ "uri": file });
    let hover = json!({ "textDocument": document, "position": at(0, 8) });
    let note = editor.request("textDocument/hover", hover);
    let range = json!({ "start": at(0, 8), "end": at(0, 8) });
    let asked =
        json!({ "textDocument": document, "range": range, "context": { "diagnostics": found } });
    let actions = editor.request("textDocument/codeAction", asked);
    for said in [&json!(found), &note, &actions] {
        assert!(!said.to_string().contains("oroastria"), "{said}");
    }
    editor.shut_down();
}

#[test]
fn configuration_is_read_again_when_it_changes() {
    let stage = Stage::new();
    stage.write("probity.toml", "packs = [\"../packs/words.toml\"]\n");
    stage.write(
        "site/probity.toml",
        "packs = [\"../../packs/words.toml\"]\n[severity]\n\"words/promise\" = \"off\"\n",
    );
    let mut capabilities = capabilities();
    capabilities["workspace"]["didChangeWatchedFiles"] = json!({ "dynamicRegistration": true });
    let (mut editor, _) = Editor::start(&stage, &[], capabilities);
    let asked = editor.wait(|message| message["method"] == "client/registerCapability");
    editor.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": null }));
    let watchers = &asked["params"]["registrations"][0]["registerOptions"]["watchers"];
    let globs: Vec<_> = watchers
        .as_array()
        .unwrap()
        .iter()
        .map(|watcher| Glob::new(watcher["globPattern"].as_str().unwrap()).unwrap())
        .map(|glob| glob.compile_matcher())
        .collect();
    for name in ["probity.toml", "site/probity-suppressions.toml", "probity-baseline.json"] {
        assert!(globs.iter().any(|glob| glob.is_match(name)), "{name} is not watched");
    }

    let file = uri(&stage.work().join("a.md"));
    let other = uri(&stage.work().join("site/b.md"));
    editor.open(&file, "markdown", "I promise\n");
    editor.open(&other, "markdown", "I promise\n");
    assert_eq!(shown(&editor.diagnostics(&file, 1)), ["0:0-0:9 words/promise"]);
    assert!(editor.diagnostics(&other, 1).is_empty());

    // Broken: said in the file, in the texts under it, and once as a message.
    let settings = uri(&stage.work().join("probity.toml"));
    stage.write("probity.toml", "packs = [\"../packs/words.toml\"]\n# é😀\nsevrity = 1\n");
    let changed = json!({ "changes": [{ "uri": settings, "type": 2 }] });
    editor.notify("workspace/didChangeWatchedFiles", changed.clone());
    let faults = editor.published(&settings);
    assert_eq!(shown(&faults), ["2:0-2:7 configuration"]);
    assert!(faults[0]["message"].as_str().unwrap().contains("did you mean `severity`?"));
    let found = editor.diagnostics(&file, 1);
    assert_eq!(shown(&found), ["0:0-0:0 configuration"]);
    assert!(found[0]["message"].as_str().unwrap().starts_with("not checked: "));
    assert_eq!(found[0]["relatedInformation"][0]["location"]["uri"], settings);
    let message = editor.wait(|message| message["method"] == "window/showMessage");
    assert_eq!(message["params"]["type"], 1);
    assert!(editor.diagnostics(&other, 1).is_empty());

    // Mended, and otherwise than before.
    stage.write(
        "probity.toml",
        "packs = [\"../packs/words.toml\"]\n[severity]\n\"words/promise\" = \"note\"\n",
    );
    editor.notify("workspace/didChangeWatchedFiles", changed);
    assert_eq!(editor.published(&settings), Vec::<Value>::new());
    let found = editor.diagnostics(&file, 1);
    assert_eq!((shown(&found).len(), &found[0]["severity"]), (1, &json!(3)));
    editor.shut_down();
}

#[test]
fn what_is_accepted_is_silent_and_what_rules_know_is_offered() {
    let stage = Stage::new();
    let settings = "packs = [\"../packs/wording.toml\"]\nbaseline = \"known.json\"\n\
                    [[path]]\nglob = \"loose/**\"\nseverity = { \"wording/plain\" = \"note\" }\n";
    stage.write("probity.toml", settings.replace("baseline", "# baseline"));
    stage.write("known.md", "In order to go\n");
    let accepted = stage.run(&["baseline", "known.md", "--baseline", "known.json"]);
    assert_eq!(accepted.exit, Some(0), "{}", accepted.all());
    stage.write("probity.toml", settings);
    stage.write(
        "probity-suppressions.toml",
        "[[suppress]]\npaths = [\"side.md\"]\nrule = \"wording/plain\"\nreason = \"a quote\"\n",
    );
    let (mut editor, _) = Editor::start(&stage, &[], capabilities());
    let comment = "<!-- probity: allow wording/plain -- a quote -->";
    for (name, text, found) in [
        ("known.md", "In order to go\n".to_owned(), &[][..]),
        ("side.md", "We utilise it\n".to_owned(), &[]),
        ("comment.md", format!("We utilise it {comment}\n"), &[]),
        ("loose/a.md", "We utilise it\n".to_owned(), &[3]),
        ("new.md", "\u{1f600} We utilise it in order to go\n".to_owned(), &[1, 1]),
    ] {
        let file = uri(&stage.work().join(name));
        editor.open(&file, "markdown", &text);
        let diagnostics = editor.diagnostics(&file, 1);
        let severities: Vec<_> = diagnostics.iter().map(|it| it["severity"].clone()).collect();
        assert_eq!(severities, found, "{name}: {diagnostics:?}");
    }
    let file = uri(&stage.work().join("new.md"));
    let range = json!({ "start": at(0, 7), "end": at(0, 7) });
    let params = json!({ "textDocument": { "uri": file }, "range": range, "context": { "diagnostics": [] } });
    let actions = editor.request("textDocument/codeAction", params)["result"].clone();
    let fix = &actions[0];
    assert_eq!((&fix["kind"], &fix["isPreferred"]), (&json!("quickfix"), &json!(true)), "{fix}");
    // A smiley is two units, "We" and spaces four.
    assert_eq!(
        fix["edit"]["documentChanges"][0]["edits"],
        json!([{ "range": { "start": at(0, 6), "end": at(0, 13) }, "newText": "use" }])
    );
    let all = actions.as_array().unwrap().iter().find(|it| it["kind"] == "source.fixAll.probity");
    let edits = all.map(|all| all["edit"]["documentChanges"][0]["edits"].clone());
    assert_eq!(edits.and_then(|edits| edits.as_array().map(Vec::len)), Some(2), "{actions}");
    editor.shut_down();
}

#[test]
fn a_configuration_is_checked_where_it_is_open() {
    let stage = Stage::new();
    stage.write("probity.toml", "packs = []\npacks = 1\n");
    let (mut editor, _) = Editor::start(&stage, &[], capabilities());
    let settings = uri(&stage.work().join("probity.toml"));
    editor.open(&settings, "toml", "packs = []\npacks = 1\n");
    let faults = editor.diagnostics(&settings, 1);
    assert!(!faults.is_empty() && faults.iter().all(|fault| fault["code"] == "configuration"));
    stage.write("probity.toml", "packs = [\"../packs/words.toml\"]\n");
    editor.change(&settings, 2, json!([{ "text": "packs = [\"../packs/words.toml\"]\n" }]));
    editor.notify("textDocument/didSave", json!({ "textDocument": { "uri": settings } }));
    editor.wait(|message| {
        message["params"]["version"] == 2 && message["params"]["diagnostics"] == json!([])
    });
    editor.shut_down();
}

#[test]
fn a_file_of_suppressions_is_checked_where_it_is_open() {
    let stage = Stage::new();
    stage.write("probity.toml", "packs = [\"../packs/words.toml\"]\n");
    let entry = |more: &str| format!("[[suppress]]\npaths = \"a.md\"\n{more}\n");
    let sound = entry("rule = \"words/promise\"\nreason = \"x\"\n");
    let ended = entry("rule = \"words/promise\"\nreason = \"x\"\nuntil = 2020-01-01\n");
    let unknown = entry("rule = \"words/promis\"\n");
    let (mut editor, _) = Editor::start(&stage, &[], capabilities());
    let file = uri(&stage.work().join("probity-suppressions.toml"));
    editor.open(&file, "toml", &format!("{sound}{ended}{unknown}"));
    let faults = shown(&editor.diagnostics(&file, 1));
    for told in ["suppress/expired", "suppress/unknown-rule", "suppress/no-reason"] {
        assert!(faults.iter().any(|fault| fault.ends_with(told)), "{told}: {faults:?}");
    }
    assert_eq!(faults.len(), 3, "{faults:?}");
    editor.change(&file, 2, json!([{ "text": sound }]));
    editor.wait(|message| {
        message["params"]["version"] == 2 && message["params"]["diagnostics"] == json!([])
    });
    editor.shut_down();
}

#[test]
fn faults_of_packs_stand_in_the_packs() {
    let stage = Stage::new();
    stage.write("probity.toml", "packs = [\"x/../packs/ours.toml\"]\n");
    let pack = "[pack]\nid = \"ours\"\ntitle = \"é😀\"\nversion = \"1.0.0\"\nfamilies = [\"ours\"]\n[[rul]]\n";
    stage.write("packs/ours.toml", pack);
    stage.write("x/y", "");
    let (mut editor, _) = Editor::start(&stage, &[], capabilities());
    let (file, pack) = (stage.work().join("a.md"), stage.work().join("packs/ours.toml"));
    editor.open(&uri(&file), "markdown", "x");
    let faults = editor.published(&uri(&pack));
    assert!(shown(&faults).contains(&"5:2-5:5 configuration".to_owned()), "{faults:?}");
    // Closing the pack takes nothing away: it is as broken as before.
    editor.open(&uri(&pack), "toml", "");
    let open = editor.diagnostics(&uri(&pack), 1);
    assert_eq!(open, faults);
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(&pack) } }));
    assert_eq!(editor.published(&uri(&pack)), faults);
    editor.shut_down();
}

#[test]
fn editors_that_ask_for_diagnostics_are_told_nothing_unasked() {
    let stage = Stage::new();
    let mut capabilities = capabilities();
    capabilities["textDocument"]["diagnostic"] = json!({ "dynamicRegistration": true });
    capabilities["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
    let (mut editor, server) =
        Editor::start(&stage, &["--isolated", "--pack", "../packs/words.toml"], capabilities);
    assert_eq!(server["capabilities"]["diagnosticProvider"]["interFileDependencies"], false);
    let file = uri(&stage.work().join("a.md"));
    let pull =
        |previous: Value| json!({ "textDocument": { "uri": file }, "previousResultId": previous });
    editor.open(&file, "markdown", "I promise\n");
    let report = editor.request("textDocument/diagnostic", pull(Value::Null))["result"].clone();
    assert_eq!(report["kind"], "full");
    assert_eq!(shown(report["items"].as_array().unwrap()), ["0:0-0:9 words/promise"]);
    let again = editor.request("textDocument/diagnostic", pull(report["resultId"].clone()));
    assert_eq!(again["result"], json!({ "kind": "unchanged", "resultId": report["resultId"] }));

    // What is asked of a state that is gone is to be asked again.
    editor.change(&file, 2, json!([{ "text": "We guarantee\n" }]));
    let gone = editor.ask("textDocument/diagnostic", pull(Value::Null));
    editor.change(&file, 3, json!([{ "text": "x We guarantee\n" }]));
    let answer = editor.answer_to(gone);
    // A slow machine may have checked the second state before the third came.
    if answer.get("result").is_none() {
        assert_eq!(answer["error"]["code"], -32802);
        assert_eq!(answer["error"]["data"]["retriggerRequest"], true);
    }
    let report = editor.request("textDocument/diagnostic", pull(Value::Null))["result"].clone();
    assert_eq!(shown(report["items"].as_array().unwrap()), ["0:2-0:14 words/promise"]);
    editor.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    editor.wait(|message| message["method"] == "workspace/diagnostic/refresh");
    let published = |message: &Value| message["method"] == "textDocument/publishDiagnostics";
    assert!(!editor.has_heard(published));
    editor.shut_down();
}

#[test]
fn nonsense_is_answered_and_outlived() {
    let stage = Stage::new();
    let mut editor = Editor::silent(&stage, &["--isolated", "--pack", "../packs/words.toml"]);
    let code = |message: &Value| message["error"]["code"].as_i64();
    let early = editor.request("textDocument/hover", json!({}));
    assert_eq!(code(&early), Some(-32002));
    let wrong = editor.request("initialize", json!("all"));
    assert_eq!(code(&wrong), Some(-32602));
    let right = editor.request("initialize", json!({ "capabilities": { "general": 7 } }));
    assert!(right["result"]["capabilities"].is_object());
    assert_eq!(code(&editor.request("initialize", json!({ "capabilities": {} }))), Some(-32600));

    editor.raw(b"Content-Length: 9\r\n\r\n{\"id\": 1,");
    assert_eq!(
        code(&editor.wait(|message| message["id"].is_null() && message.get("method").is_none())),
        Some(-32700)
    );
    editor.raw(b"Content-Length: 2\r\n\r\n[]");
    assert_eq!(
        code(&editor.wait(|message| message["id"].is_null() && message.get("method").is_none())),
        Some(-32600)
    );
    editor.raw(b"Length: none\r\n\r\n");
    assert_eq!(
        code(&editor.wait(|message| message["id"].is_null() && message.get("method").is_none())),
        Some(-32700)
    );
    assert_eq!(code(&editor.request("no/such\u{1b}[2Jmethod", json!({}))), Some(-32601));
    assert_eq!(
        code(&editor.request("textDocument/hover", json!({ "position": at(0, 0) }))),
        Some(-32602)
    );
    let minus = json!({ "textDocument": { "uri": "file:///a.md" }, "position": { "line": -1, "character": 0 } });
    assert_eq!(code(&editor.request("textDocument/hover", minus)), Some(-32602));

    // Notifications cannot be answered; what they say wrong is written to the log.
    for (method, params) in [
        ("textDocument/didOpen", json!({ "textDocument": 1 })),
        (
            "textDocument/didChange",
            json!({ "textDocument": { "uri": "file:///not-open.md", "version": 1 }, "contentChanges": [] }),
        ),
        ("workspace/didChangeWatchedFiles", json!({ "changes": [{}] })),
        ("$/cancelRequest", json!({ "id": [] })),
    ] {
        editor.notify(method, params);
        editor.wait(|message| message["method"] == "window/logMessage");
    }
    editor.notify("textDocument/willSave", json!(null));
    editor.notify("$/cancelRequest", json!({ "id": "never sent" }));

    // Places that are none, in a text that is open twice.
    let file = uri(&stage.work().join("a.md"));
    editor.open(&file, "markdown", "x");
    editor.open(&file, "markdown", "I promise");
    let changes = json!([change((9, 9), (2, 2), "!"), change((0, u32::MAX), (0, 3), "")]);
    editor.change(&file, 2, changes);
    assert!(editor.diagnostics(&file, 2).is_empty());
    let params = json!({
        "textDocument": { "uri": file },
        "range": { "start": at(7, 7), "end": at(0, 0) },
        "context": { "only": ["source.fixAll", "", "quickfix.x"] },
    });
    assert_eq!(editor.request("textDocument/codeAction", params)["result"], json!([]));
    editor.shut_down();
}

#[test]
fn exit_codes_are_those_of_the_protocol() {
    let stage = Stage::new();
    // The editor is gone before it said anything, or without taking leave.
    assert_eq!(Editor::silent(&stage, &[]).end(), 1);
    let mut editor = Editor::silent(&stage, &["--stdio"]);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.end(), 1);
    let mut editor = Editor::with_words(&stage, json!({}));
    editor.request("shutdown", Value::Null);
    let late = editor.request("textDocument/hover", json!({}));
    assert_eq!(late["error"]["code"], -32600);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.end(), 0);
}

#[test]
fn faults_of_the_command_line_are_told_to_the_editor() {
    let stage = Stage::new();
    let args = ["--isolated", "--pack", "../packs/none.toml"];
    let (mut editor, _) = Editor::start(&stage, &args, json!({}));
    let file = uri(&stage.work().join("a.md"));
    editor.open(&file, "markdown", "x");
    assert_eq!(shown(&editor.diagnostics(&file, 1)), ["0:0-0:0 configuration"]);
    let message = editor.wait(|message| message["method"] == "window/showMessage");
    assert!(message["params"]["message"].as_str().unwrap().contains("none.toml"), "{message}");
    editor.shut_down();
}
