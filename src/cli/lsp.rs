//! `probity lsp`.

use crate::file_names::name_of;
use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::accepted::{Baselines, side_files};
use super::args::{Colour, LspArgs};
use super::packs::Warnings;
use super::ready::facts;
use super::workspace::{Settings, Workspace};
use super::{Exit, Output};
use crate::error::Error;
use crate::finding::Report;
use crate::input::{ReadOptions, is_data, is_data_of_site, is_for_tools};
use crate::lsp::{Checker, Draft, Purpose, serve};
use crate::run::{Assigned, Origin, Run, Suppressions, Task};
use crate::suppress::{Fault, SIDE_FILE_NAME, SideFile};
use crate::syntax::SourceFile;
use crate::text::{Encoding, decode};

pub(super) fn lsp(args: LspArgs) -> anyhow::Result<Exit> {
    // Facts are held against the packs later, when there is an editor to tell.
    let checker = Drafts {
        args,
        output: Output::new(Colour::Never),
        identities: BTreeMap::new(),
        runs: BTreeMap::new(),
    };
    let folder = std::env::current_dir().unwrap_or_default();
    let input = Box::new(BufReader::new(io::stdin()));
    match serve(input, Box::new(io::stdout()), Box::new(checker), folder) {
        Ok(true) => Ok(Exit::Clean),
        // The protocol asks for 1 where `exit` comes without `shutdown`.
        Ok(false) => Ok(Exit::Findings),
        // The editor is gone.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Findings),
        Err(error) => Err(error.into()),
    }
}

/// What tells settings apart.
type Identity = (PathBuf, Vec<usize>);

/// Checks texts of editors: finds the settings of each, and keeps what was read.
struct Drafts {
    args: LspArgs,
    output: Output,
    /// By file, the settings that hold for it.
    identities: BTreeMap<PathBuf, Identity>,
    /// By settings, what checks the texts under them, or why nothing can.
    runs: BTreeMap<Identity, Result<Run, Arc<Error>>>,
}

impl Checker for Drafts {
    fn check(&mut self, draft: &Draft) -> Result<Option<Report>, Arc<Error>> {
        let isolated = self.args.packs.config.isolated;
        let run = self.run_for(&draft.path)?;
        let Purpose::Content(format) = draft.purpose else { return Ok(None) };
        if draft.path.file_name().is_some_and(|name| name == SIDE_FILE_NAME) {
            return of_side_file(run, draft).map(Some).map_err(Arc::new);
        }
        // As a walk would have it: a tool's own settings are no text for readers.
        if is_for_tools(&draft.path) {
            return Ok(None);
        }
        let is_offered = format.is_none() && is_data(&draft.path) && !is_data_of_site(&draft.path);
        if run.config.excludes(&draft.path) || (is_offered && !run.config.asks_for(&draft.path)) {
            return Ok(None);
        }
        run.read.format = format;
        // A server runs for days.
        run.today = Some(crate::clock::today());
        let task = Task {
            name: name_of(&draft.path),
            origin: Origin::Bytes(draft.text.as_bytes().to_vec()),
        };
        // What is accepted can change at any time, and is read in no time.
        let runs = std::slice::from_mut(run);
        let assigned = [Assigned { run: 0, task: task.clone() }];
        let side_files = side_files(runs, isolated, &assigned)?.into();
        runs[0].suppressions = Suppressions { side_files, ..Suppressions::default() };
        let baselines = Baselines::of_settings(runs)?;
        let mut report = runs[0].check(vec![task], Vec::new())?;
        baselines.accept(runs[0].day(), &mut report);
        Ok(Some(report))
    }

    fn reload(&mut self) {
        self.identities.clear();
        self.runs.clear();
    }
}

impl Drafts {
    /// What checks a file.
    fn run_for(&mut self, path: &Path) -> Result<&mut Run, Arc<Error>> {
        let args = &self.args;
        let mut workspace = Workspace::new(&args.packs);
        let identity = match self.identities.get(path) {
            Some(known) => known.clone(),
            None => workspace.identity(path)?,
        };
        self.identities.insert(path.to_owned(), identity.clone());
        let run = self.runs.entry(identity).or_insert_with(|| {
            // A fault anywhere in the run is for the editor to show.
            new_run(path, workspace, args, &self.output).map_err(|error| {
                Arc::new(
                    error.downcast().unwrap_or_else(|error| Error::Usage(format!("{error:#}"))),
                )
            })
        });
        run.as_mut().map_err(|error| Arc::clone(error))
    }
}

/// What is wrong with a file of suppressions by itself. What it silences, only a check of
/// the files can say.
fn of_side_file(run: &mut Run, draft: &Draft) -> Result<Report, Error> {
    let source = decode(draft.text.as_bytes().to_vec(), Some(Encoding::Utf8));
    let file =
        Arc::new(SourceFile { name: name_of(&draft.path), text: source.text.clone().into() });
    let folder = draft.path.parent().map(Path::to_owned).unwrap_or_default();
    let mut faults = Vec::new();
    let side = SideFile::read(&file, folder, source, &[&run.set], &mut faults);
    if !faults.is_empty() {
        return Err(Error::Faults(faults));
    }
    run.today = Some(crate::clock::today());
    run.suppressions = Suppressions { side_files: [side].into(), ..Suppressions::default() };
    let mut report = run.check(Vec::new(), Vec::new())?;
    // Other files may have packs of their own, which have the rule.
    if run.config.paths.iter().any(|table| table.packs.is_some()) {
        report.findings.retain(|finding| finding.rule != Fault::UnknownRule.rule());
    }
    Ok(report)
}

/// Reads the packs of a file.
fn new_run(
    path: &Path,
    mut workspace: Workspace<'_>,
    args: &LspArgs,
    output: &Output,
) -> anyhow::Result<Run> {
    let at = workspace.settings_of(path)?;
    let mut settings = workspace.finish(Warnings::Count, output)?;
    let Settings { config, set, engines } = settings.swap_remove(at);
    Ok(Run {
        facts: facts(&args.set, &[&set])?.pop().unwrap_or_default(),
        set,
        config,
        // The editor has decoded the text.
        read: ReadOptions { encoding: Some(Encoding::Utf8), ..ReadOptions::default() },
        reveal: false,
        today: None,
        part: None,
        engines,
        suppressions: Suppressions::default(),
    })
}
