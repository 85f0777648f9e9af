// Starts `probity lsp` and connects it to VS Code. All else is done by the server.
"use strict";

const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

// Of data files the server checks those that hold texts for readers.
const LANGUAGES = [
  "markdown", "mdx", "plaintext", "html", "liquid", "nunjucks", "csv", "tsv", "yaml", "toml", "json",
];

/** The server of this window, if one was started. */
let client;

/** What one window does comes after what it did before. */
let last = Promise.resolve();

function inTurn(work) {
  last = last.then(work, work);
  return last;
}

/**
 * The folder the server runs in. Windows looks for a program there before it looks at the
 * PATH, and no folder of a workspace may say which program is started.
 */
function workingFolder(context, command) {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const safe = process.platform !== "win32" || path.isAbsolute(command);
  return safe && folder?.scheme === "file" ? folder.fsPath : context.extensionPath;
}

function newClient(context) {
  const settings = vscode.workspace.getConfiguration("probity");
  const command = settings.get("path", "probity");
  const server = {
    command,
    args: ["lsp", ...settings.get("arguments", [])],
    options: { cwd: workingFolder(context, command) },
  };
  const drafts = LANGUAGES.flatMap((language) => [
    { scheme: "file", language },
    { scheme: "untitled", language },
  ]);
  return new LanguageClient("probity", "probity", server, {
    documentSelector: [...drafts, { scheme: "file", pattern: "**/probity.toml" }],
  });
}

async function start(context) {
  client = newClient(context);
  try {
    await client.start();
  } catch (error) {
    const settings = "Open settings";
    // The client throws texts, too.
    const why = String(error?.message ?? error).replace(/\.$/, "");
    const message = `probity cannot be started: ${why}. Is it installed, and does the setting "probity.path" name it?`;
    vscode.window.showErrorMessage(message, settings).then((choice) => {
      if (choice === settings) {
        vscode.commands.executeCommand("workbench.action.openSettings", "probity.path");
      }
    });
  }
}

async function stop() {
  const running = client;
  client = undefined;
  // One that never started cannot be stopped, and need not be.
  if (running?.isRunning()) {
    await running.stop();
  }
}

async function activate(context) {
  const restart = () =>
    inTurn(async () => {
      await stop();
      await start(context);
    });
  context.subscriptions.push(
    vscode.commands.registerCommand("probity.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (["probity.path", "probity.arguments"].some((name) => change.affectsConfiguration(name))) {
        restart();
      }
    }),
  );
  await inTurn(() => start(context));
}

function deactivate() {
  return inTurn(stop);
}

module.exports = { activate, deactivate };
