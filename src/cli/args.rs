//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Checks drafts and notes against policy packs. Nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(name = "probity", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check drafts, pages and notes.
    Check(Box<CheckArgs>),
    /// Accept the findings that are there today, so that only new ones count.
    Baseline(Box<BaselineArgs>),
    /// Scan record exports of any size: findings by cell, masked, with a summary.
    Scan(Box<ScanArgs>),
    /// Say what a rule asks for and where it comes from, or what holds at a place of a file.
    Explain(ExplainArgs),
    /// List the packs in use.
    Packs {
        #[command(flatten)]
        packs: PackArgs,
        /// How to write the list.
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// List the rules in use.
    Rules {
        #[command(flatten)]
        packs: PackArgs,
        /// How to write the list.
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// Show what becomes of each duty of a policy: checked by rules, asked, or not checked.
    Coverage {
        /// A pack: its id, a shipped name, a file or a folder. Those in use otherwise.
        #[arg(value_name = "PACK")]
        name: Option<String>,
        #[command(flatten)]
        packs: PackArgs,
        /// How to write the table.
        #[arg(long, value_enum, default_value_t = CoverageFormat::Text)]
        format: CoverageFormat,
    },
    /// Look after the record of runs that `probity scan --audit-log` keeps.
    Audit {
        /// What to do.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Check texts in an editor while they are written: a language server on standard input
    /// and output.
    Lsp(LspArgs),
    /// Run the examples inside packs.
    Test {
        /// Packs to test: shipped names, files or folders. Those in use otherwise.
        packs: Vec<String>,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Write a `probity.toml` for a use.
    Init {
        /// What is going to be checked.
        #[arg(value_enum)]
        purpose: Purpose,
        /// Write over an existing file.
        #[arg(long)]
        force: bool,
    },
    /// Print a JSON Schema, for editors and programs.
    Schema {
        /// Of what.
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// Write manual pages.
    Man {
        /// The folder to write to: a page for probity and one for each command. Without it,
        /// the page of probity is printed.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Print completions for a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

/// What to do with a record of runs.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Find every edit, gap and change of order in it. Exits 0 if it is whole, 1 if it is
    /// broken, 2 if it cannot be read.
    Verify {
        /// The file.
        file: PathBuf,
        /// A hash of this log that was kept elsewhere; finds entries cut off at the end, too.
        #[arg(long, value_name = "HASH")]
        last: Option<String>,
        /// How to write the result.
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
}

/// What `probity check` can be told.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct CheckArgs {
    /// Files and folders; `-` is standard input. This folder for `--diff` and
    /// `--dump-config` without any.
    #[arg(required_unless_present_any = ["diff", "dump_config"], value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Report only findings that touch lines changed since BASE: a branch, tag or commit, of
    /// which the last state shared with yours counts. Without BASE: the target of the merge
    /// request in a pipeline of GitHub Actions or GitLab CI; in one that has no target,
    /// everything; elsewhere what is not committed yet.
    #[arg(long, value_name = "BASE", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "the option, and its value")]
    pub diff: Option<Option<OsString>>,
    /// Leave out what `exclude` in `probity.toml` leaves out of folders, even if it is named,
    /// and data files that a search would not take.
    #[arg(long)]
    pub force_exclude: bool,
    /// Check nothing; print the settings that hold for each PATH, and where they come from.
    /// With `--format json`, for programs.
    #[arg(long, conflicts_with = "diff")]
    pub dump_config: bool,
    /// Check again whenever a file below PATH or a setting changes, until Ctrl-C; the exit
    /// code is that of the last check.
    #[arg(long, conflicts_with_all = ["fix", "dump_config"])]
    pub watch: bool,
    /// The name to give standard input; its ending tells the format, and its place the
    /// settings.
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub stdin_filename: String,
    /// How to write the report, to standard output or `=FILE`; may be repeated: full, concise,
    /// json, jsonl, github, sarif, gitlab, junit, rdjson, rdjsonl, markdown, csv or template
    /// [default: full; github on GitHub Actions. On GitLab CI it is full too, and the Code
    /// Quality report is written with `--format full --format
    /// gitlab=gl-code-quality-report.json`].
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub format: Vec<String>,
    /// The template for `--format template`, in the language of Jinja.
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// The least severity that makes the exit code 1 [default: error].
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailArg>,
    /// Set a fact, such as `account=official`; several values as `own_ministers=ONE,TWO`,
    /// or from a file with one a line as `own_ministers=file:ministers.txt`.
    #[arg(long, value_name = "FACT=VALUE")]
    pub set: Vec<String>,
    /// Read files as this format, whatever their names end with.
    #[arg(long, value_enum)]
    pub read_as: Option<ReadAs>,
    /// Decode files as this encoding, whatever their bytes look like.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Columns of CSV files, keys of data files (`posts[*].text`) or further keys of
    /// front matter to check; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub field: Vec<String>,
    /// Check files that `.gitignore` and `.ignore` leave out, too.
    #[arg(long)]
    pub no_ignore: bool,
    #[command(flatten)]
    pub fixes: FixArgs,
    /// Show the words found by rules that mask them.
    #[arg(long)]
    pub reveal: bool,
    /// Show the questions that no check of a text can answer.
    #[arg(long)]
    pub checklist: bool,
    /// Accept the findings in this baseline, whatever the configuration says.
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    pub baseline: Option<PathBuf>,
    /// Use no baseline.
    #[arg(long)]
    pub no_baseline: bool,
    /// Look for files of the baseline that are gone under other names.
    #[arg(long, conflicts_with = "no_baseline")]
    pub baseline_renames: bool,
    /// Pass over all suppressions, in comments and in files; the baseline is used.
    #[arg(long)]
    pub no_suppressions: bool,
    /// Show the findings that somebody has accepted, too, and why.
    #[arg(long)]
    pub show_accepted: bool,
    /// How many threads to use; all cores otherwise.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub packs: PackArgs,
}

/// What `probity baseline` can be told.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct BaselineArgs {
    /// Files and folders; this folder otherwise.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The file to write [default: what `baseline` in probity.toml says, or
    /// probity-baseline.json beside it].
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Add findings that are new to the baseline and remove those that are gone.
    #[arg(long, conflicts_with_all = ["prune", "force"])]
    pub update: bool,
    /// Only remove findings that are gone.
    #[arg(long, conflicts_with = "force")]
    pub prune: bool,
    /// Write over a baseline that is there already, and forget what it says.
    #[arg(long)]
    pub force: bool,
    /// Look for files of the baseline that are gone under other names.
    #[arg(long)]
    pub baseline_renames: bool,
    /// Why the findings that are added are accepted.
    #[arg(long, value_name = "TEXT", conflicts_with = "prune")]
    pub reason: Option<String>,
    /// Who answers for those that are added.
    #[arg(long, value_name = "NAME", conflicts_with = "prune")]
    pub owner: Option<String>,
    /// The last day on which those that are added are accepted, as 2027-03-31.
    #[arg(long, value_name = "DAY", conflicts_with = "prune")]
    pub until: Option<String>,
    /// Set a fact, as in `probity check`.
    #[arg(long, value_name = "FACT=VALUE")]
    pub set: Vec<String>,
    /// Decode files as this encoding, whatever their bytes look like.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Columns of CSV files to check; may be repeated.
    #[arg(long, value_name = "COLUMN")]
    pub field: Vec<String>,
    /// Check files that `.gitignore` and `.ignore` leave out, too.
    #[arg(long)]
    pub no_ignore: bool,
    /// How many threads to use; all cores otherwise.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub packs: PackArgs,
}

/// What `probity lsp` can be told.
#[derive(Clone, Debug, Args)]
pub struct LspArgs {
    /// Speak over standard input and output, as it always does; some editors ask for it.
    #[arg(long)]
    pub stdio: bool,
    /// Set a fact, as in `probity check`.
    #[arg(long, value_name = "FACT=VALUE")]
    pub set: Vec<String>,
    /// The process of the editor, which some editors tell; the server ends when its input does.
    #[arg(long = "clientProcessId", hide = true, value_name = "ID")]
    pub client: Option<u64>,
    #[command(flatten)]
    pub packs: PackArgs,
}

/// What becomes of fixes.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct FixArgs {
    /// Write what rules know to be right into the files, and report what is left. With `-`
    /// the fixed text goes to standard output and the report to standard error.
    #[arg(long)]
    pub fix: bool,
    /// With `--fix`, change nothing and print what would change; exits 1 if anything would.
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
}

/// What `probity scan` can be told.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Files and folders: CSV, TSV, JSON Lines, JSON, XLSX, XLS, ODS, and gzip, zstd and zip
    /// of them.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to write the findings, to standard output or `=FILE`; may be repeated: csv, jsonl,
    /// json, sarif, html, or summary.
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "summary")]
    pub format: Vec<String>,
    /// Columns to scan, and no others; may be repeated.
    #[arg(long, value_name = "COLUMN")]
    pub field: Vec<String>,
    /// Columns not to scan; may be repeated.
    #[arg(long, value_name = "COLUMN")]
    pub exclude_field: Vec<String>,
    /// Scan the columns of free text that this product exports: dynamics, salesforce, hubspot,
    /// suitecrm, zendesk, hootsuite, buffer or sprout.
    #[arg(long, value_name = "PRODUCT")]
    pub preset: Option<String>,
    /// The column that says which record it is; shown with each finding.
    #[arg(long, value_name = "COLUMN")]
    pub id_field: Option<String>,
    /// Count by what stands in this column, such as an office.
    #[arg(long, value_name = "COLUMN")]
    pub group_by: Option<String>,
    /// The column with the date of a record; findings are counted by month.
    #[arg(long, value_name = "COLUMN")]
    pub date_field: Option<String>,
    /// Say that a column holds what the packs call by this name: a fact, or a field that a
    /// rule reads, as in `Last Contact=last_contact_date`; may be repeated.
    #[arg(long, value_name = "COLUMN=NAME")]
    pub map: Vec<String>,
    /// The tables have no header; their columns are `column 1`, `column 2` and so on.
    #[arg(long)]
    pub no_header: bool,
    /// Decode text files as this encoding, whatever their bytes look like.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Set a fact, as in `probity check`.
    #[arg(long, value_name = "FACT=VALUE")]
    pub set: Vec<String>,
    /// Scan only so many records, drawn from all files by chance, the same ones each time; the
    /// summary says between which bounds the rate of the whole lies.
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..),
        conflicts_with_all = ["compare", "redact_to"]
    )]
    pub sample: Option<u64>,
    /// Leave out what `exclude` in `probity.toml` leaves out of folders, even if it is named.
    #[arg(long)]
    pub force_exclude: bool,
    /// List no more findings than this; all are counted.
    #[arg(long, value_name = "N")]
    pub max_findings: Option<u64>,
    /// The least severity that makes the exit code 1 [default: error].
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailArg>,
    /// Show the words that were found; they are masked otherwise.
    #[arg(long)]
    pub reveal: bool,
    /// How many threads to use; all cores otherwise.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Append a record of this run to a log; `probity audit verify` checks it.
    #[arg(long, value_name = "FILE")]
    pub audit_log: Option<PathBuf>,
    /// The name to put into that record.
    #[arg(long, value_name = "NAME", requires = "audit_log")]
    pub audit_user: Option<String>,
    /// Say what is new, gone and still there since this list (jsonl) of an earlier scan.
    #[arg(long, value_name = "FILE")]
    pub compare: Option<PathBuf>,
    /// Copy the files to this folder with the words that rules about people's data found
    /// replaced by `[removed]`, and write what was replaced to `redaction.json` there.
    #[arg(long, value_name = "DIR")]
    pub redact_to: Option<PathBuf>,
    #[command(flatten)]
    pub packs: PackArgs,
}

/// What `probity explain` can be told.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A rule (`csc/personal-attack`), a family of rules (`csc`) or a pack
    /// (`civil-service-code`).
    #[arg(required_unless_present = "at", conflicts_with = "at")]
    pub name: Option<String>,
    /// A place: say which facts and rules hold there, why, and what was found. Lines and
    /// columns (in characters) are counted from 1.
    #[arg(long, value_name = "FILE:LINE[:COLUMN]")]
    pub at: Option<OsString>,
    /// Set a fact, as in `probity check`.
    #[arg(long, value_name = "FACT=VALUE", requires = "at", conflicts_with = "name")]
    pub set: Vec<String>,
    /// Show the words found by rules that mask them.
    #[arg(long, requires = "at", conflicts_with = "name")]
    pub reveal: bool,
    /// How to write what holds at a place.
    #[arg(long, value_enum, default_value_t = ListFormat::Text, requires = "at", conflicts_with = "name")]
    pub format: ListFormat,
    #[command(flatten)]
    pub packs: PackArgs,
}

/// Which packs.
#[derive(Clone, Debug, Default, Args)]
pub struct PackArgs {
    /// Use only these packs: a shipped name, a file or a folder; may be repeated.
    #[arg(long, value_name = "PACK")]
    pub pack: Vec<String>,
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Which configuration.
#[derive(Clone, Debug, Default, Args)]
pub struct ConfigArgs {
    /// Use this configuration file for every file instead of the nearest `probity.toml`.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use no configuration file.
    #[arg(long, conflicts_with = "config")]
    pub isolated: bool,
}

/// How to write a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How to write a table of duties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CoverageFormat {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// For a page.
    Markdown,
    /// For a spreadsheet.
    Csv,
}

/// The least severity that makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailArg {
    /// Errors only.
    Error,
    /// Warnings and errors.
    Warning,
    /// Everything.
    Note,
    /// Findings never make it 1.
    Never,
}

/// Formats a file can be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReadAs {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// Records separated by commas, tabs or semicolons.
    Csv,
    /// A data file in YAML.
    Yaml,
    /// A data file in TOML.
    Toml,
    /// A data file in JSON.
    Json,
}

/// What is going to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Purpose {
    /// Draft posts of a UK department.
    Posts,
    /// Draft posts of a US federal agency.
    PostsUs,
    /// Pages of a content repository.
    Content,
    /// Notes about people.
    Notes,
}

/// What a schema is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A pack.
    Pack,
    /// `probity.toml`.
    Config,
    /// The output of `--format json`.
    Report,
    /// `probity-suppressions.toml`.
    Suppressions,
}
