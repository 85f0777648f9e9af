//! The command line. Only here standard output and standard error are named.

mod accepted;
mod args;
mod audit;
mod baseline;
mod check;
mod coverage;
mod diff;
mod dump;
mod explain;
mod explain_at;
mod fact_file;
mod fix;
mod git;
mod init;
mod list;
mod lsp;
mod man;
mod packs;
mod place;
mod progress;
mod ready;
mod redact;
mod reports;
mod review;
mod runner;
mod scan;
mod scan_lists;
mod scan_own;
mod scan_runs;
mod taken;
mod test;
mod watch;
mod workspace;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use annotate_snippets::Renderer;
use clap::{CommandFactory, Parser};

use crate::error::Error;
use crate::syntax::{Diagnostic, Level, json_schema};
use args::{AuditCommand, Cli, Colour, Command, SchemaOf};

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Nothing at or above the fail level.
    Clean = 0,
    /// Findings at or above the fail level.
    Findings = 1,
    /// Something could not be read, or made no sense.
    Trouble = 2,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    if let Some(name) = name_read_as_option() {
        let text = format!(
            "`{}` is the name of a file here, and would be read as an option; write `--` \
             before names",
            crate::judge::safe(&name.to_string_lossy())
        );
        let error = anyhow::Error::from(Error::Usage(text));
        return ExitCode::from(Output::new(Colour::Auto).report(&error) as u8);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help and versions this way too; those are no trouble.
            let exit = if error.use_stderr() { Exit::Trouble } else { Exit::Clean };
            if exit == Exit::Trouble && odd(&error.to_string()) {
                let text = crate::judge::safe(&error.to_string());
                let _ = io::stderr().lock().write_all(runner::tame(&text).as_bytes());
                return ExitCode::from(exit as u8);
            }
            return match error.print() {
                Ok(()) => ExitCode::from(exit as u8),
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    ExitCode::from(exit as u8)
                }
                Err(_) => ExitCode::from(Exit::Trouble as u8),
            };
        }
    };
    let output = Output::new(cli.color);
    let exit = dispatch(cli.command, &output).unwrap_or_else(|error| output.report(&error));
    ExitCode::from(exit as u8)
}

/// What stands where options do and is the name of a file: hooks hand over names as they
/// are, and nobody who names a file may choose the settings of a check.
fn name_read_as_option() -> Option<OsString> {
    let options = std::env::args_os().skip(1).take_while(|word| word != "--");
    let mut names =
        options.filter(|word| word.len() > 1 && word.as_encoded_bytes().starts_with(b"-"));
    names.find(|word| Path::new(word).symlink_metadata().is_ok())
}

/// Whether a message repeats characters of the command line that a terminal
/// would obey; clap writes them as they came.
fn odd(text: &str) -> bool {
    crate::judge::safe(text) != text || runner::tame(text) != text
}

fn dispatch(command: Command, output: &Output) -> anyhow::Result<Exit> {
    match command {
        Command::Check(args) => check::check(&args, output),
        Command::Baseline(args) => baseline::baseline(&args, output),
        Command::Scan(args) => scan::scan(&args, output),
        Command::Explain(args) => explain::explain(&args, output),
        Command::Packs { packs, format } => list::packs(&packs, format, output),
        Command::Rules { packs, format } => list::rules(&packs, format, output),
        Command::Coverage { name, packs, format } => {
            coverage::coverage(name.as_deref(), format, &packs, output)
        }
        Command::Audit { command: AuditCommand::Verify { file, last, format } } => {
            audit::verify(&file, last.as_deref(), format, output)
        }
        Command::Lsp(args) => lsp::lsp(args),
        Command::Test { packs, config } => test::test(packs, config, output),
        Command::Init { purpose, force } => init::init(purpose, force, output),
        Command::Schema { of } => {
            let schema = match of {
                SchemaOf::Pack => json_schema(&crate::pack::PACK_FILE, "A probity pack"),
                SchemaOf::Config => json_schema(&crate::config::CONFIG_FILE, "probity.toml"),
                SchemaOf::Report => crate::emit::json_schema(),
                SchemaOf::Suppressions => {
                    json_schema(&crate::suppress::SIDE_FILE, crate::suppress::SIDE_FILE_NAME)
                }
            };
            output.print(&format!("{}\n", serde_json::to_string_pretty(&schema)?))?;
            Ok(Exit::Clean)
        }
        Command::Man { folder } => man::man(folder.as_deref(), output),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "probity", &mut script);
            output.write(&script)?;
            Ok(Exit::Clean)
        }
    }
}

/// Standard output and standard error.
struct Output {
    /// Whether standard output takes colours.
    out_colour: bool,
    /// Whether standard error takes colours.
    err_colour: bool,
}

impl Output {
    fn new(colour: Colour) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let wants = |is_terminal: bool| match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => is_terminal && !plain && !dumb,
        };
        Self {
            out_colour: wants(io::stdout().is_terminal()),
            err_colour: wants(io::stderr().is_terminal()),
        }
    }

    fn renderer(colour: bool) -> Renderer {
        if colour { Renderer::styled() } else { Renderer::plain() }
    }

    /// Writes to standard output. A reader that has seen enough is no trouble.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = anstream::AutoStream::new(io::stdout().lock(), self.choice());
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    fn choice(&self) -> anstream::ColorChoice {
        if self.out_colour { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never }
    }

    fn print(&self, text: &str) -> io::Result<()> {
        self.write(runner::tame(text).as_bytes())
    }

    /// Writes to standard error; there is nowhere to say that it failed.
    fn say(&self, text: &str) {
        let choice = if self.err_colour {
            anstream::ColorChoice::Always
        } else {
            anstream::ColorChoice::Never
        };
        let mut stderr = anstream::AutoStream::new(io::stderr().lock(), choice);
        let _ = stderr.write_all(runner::tame(text).as_bytes());
    }

    /// Says why the work could not be done.
    /// Faults in packs and configuration as people read them.
    fn draw(&self, faults: &[Diagnostic]) -> String {
        crate::emit::draw_quoting(faults, &Self::renderer(self.err_colour), &runner::is_quotable)
    }

    fn report(&self, error: &anyhow::Error) -> Exit {
        if let Some(Error::Faults(faults)) = error.downcast_ref() {
            self.say(&self.draw(faults));
            let count = faults.iter().filter(|fault| fault.level == Level::Fault).count();
            self.say(&format!(
                "{} in packs or configuration; nothing was checked.\n",
                crate::emit::counted(count, "fault")
            ));
        } else {
            self.say(&format!("error: {}\n", crate::judge::safe(&format!("{error:#}"))));
        }
        Exit::Trouble
    }
}
