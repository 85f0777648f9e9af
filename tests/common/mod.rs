//! Runs the real program, in a folder of its own.
#![allow(dead_code, reason = "every test file uses another part of it")]

pub mod api;
pub mod exports;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The folder of fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A folder `work` to run the program in, with `packs` beside it. Nothing above
/// is looked at: the root of both is the root of a repository.
pub struct Stage {
    root: TempDir,
}

impl Stage {
    /// An empty stage.
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("probity-").tempdir().unwrap();
        for folder in [".git", "work"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        copy(&fixtures().join("packs"), &root.path().join("packs"));
        Self { root }
    }

    /// A stage with one file.
    pub fn with(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let stage = Self::new();
        stage.write(name, bytes);
        stage
    }

    /// The folder the program runs in.
    pub fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Writes a file below the folder.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.work().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Reads a file below the folder.
    pub fn read(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.work().join(name)).unwrap()).unwrap()
    }

    /// The program, ready to be started in the folder.
    pub fn command<A: AsRef<std::ffi::OsStr>>(&self, args: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_probity"));
        command
            .args(args)
            .current_dir(self.work())
            .env("NO_COLOR", "1")
            .env_remove("COLUMNS")
            .env_remove("RUST_BACKTRACE")
            // The tests themselves may run on a build server.
            .env_remove("CI")
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITHUB_STEP_SUMMARY")
            .env_remove("GITLAB_CI")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end. It must never panic.
    pub fn run<A: AsRef<std::ffi::OsStr>>(&self, args: &[A]) -> Outcome {
        self.run_with(args, b"")
    }

    /// The same, with something on standard input.
    pub fn run_with<A: AsRef<std::ffi::OsStr>>(&self, args: &[A], stdin: &[u8]) -> Outcome {
        let mut child = self.command(args).spawn().unwrap();
        // A program that does not read its input may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        let output = child.wait_with_output().unwrap();
        let outcome = Outcome {
            exit: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        };
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
        outcome
    }

    /// `probity check --isolated` with a pack of the fixtures.
    pub fn check(&self, pack: &str, args: &[&str]) -> Outcome {
        let pack = format!("../packs/{pack}.toml");
        let mut all = vec!["check", "--isolated", "--pack", &pack];
        all.extend(args);
        self.run(&all)
    }

    /// The JSON report of [`Stage::check`].
    pub fn report(&self, pack: &str, args: &[&str]) -> Value {
        let mut all = vec!["--format", "json"];
        all.extend(args);
        self.check(pack, &all).json()
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    pub exit: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    /// Everything that was written.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Files below a folder, as paths with `/`, in order.
pub fn files_below(folder: &Path) -> Vec<String> {
    fn collect(folder: &Path, prefix: &str, into: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().unwrap().is_dir() {
                collect(&entry.path(), &format!("{name}/"), into);
            } else {
                into.push(name);
            }
        }
    }
    let mut files = Vec::new();
    collect(folder, "", &mut files);
    files.sort();
    files
}

/// The findings of a JSON report as `rule line:column text`.
pub fn shown(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let place = &finding["places"][0];
            format!(
                "{} {}:{} {}",
                finding["rule"].as_str().unwrap(),
                place["line"],
                place["column"],
                place["text"].as_str().unwrap()
            )
        })
        .collect()
}
