//! `probity coverage`.

use std::path::Path;

use super::args::{ConfigArgs, CoverageFormat, PackArgs};
use super::packs::{Loaded, load, load_each};
use super::{Exit, Output};
use crate::coverage::coverage as of_packs;
use crate::emit::{coverage_csv, coverage_markdown, coverage_text};
use crate::error::Error;
use crate::pack::shipped_names;
use crate::syntax::nearest;

/// Lines longer than this are hard to read; shorter than this, they fall apart.
const WIDTHS: (usize, usize) = (40, 100);

pub(super) fn coverage(
    name: Option<&str>,
    format: CoverageFormat,
    args: &PackArgs,
    output: &Output,
) -> anyhow::Result<Exit> {
    let (Loaded { config, set }, at) = match name {
        None => (load(args, output)?, None),
        Some(name) => named(name, args, output)?,
    };
    // A pack is what it says and what it builds on.
    let packs = match at {
        Some(at) => set.with_extended(at),
        None => (0..set.packs().len()).collect(),
    };
    let packs = of_packs(&set, &packs, &config.severity);
    let text = match format {
        CoverageFormat::Text => coverage_text(&packs, width()),
        CoverageFormat::Json => format!("{}\n", serde_json::to_string_pretty(&packs)?),
        CoverageFormat::Markdown => coverage_markdown(&packs),
        CoverageFormat::Csv => coverage_csv(&packs),
    };
    output.print(&text)?;
    Ok(Exit::Clean)
}

/// The pack of that name among those in use, for all files or for some paths, or else the packs that a shipped
/// name, file or folder stands for. These are read without `probity.toml`, which
/// is about others.
fn named(name: &str, args: &PackArgs, output: &Output) -> anyhow::Result<(Loaded, Option<usize>)> {
    let mut all = load_each(args, output)?;
    let place = |loaded: &Loaded| loaded.set.packs().iter().position(|pack| pack.id == name);
    let found = all.iter().enumerate().find_map(|(of, loaded)| Some((of, place(loaded)?)));
    if let Some((of, at)) = found {
        return Ok((all.swap_remove(of), Some(at)));
    }
    let packs = all.iter().flat_map(|loaded| loaded.set.packs());
    let elsewhere = shipped_names().any(|known| known == name) || Path::new(name).exists();
    if let Some(close) = nearest(name, packs.map(|pack| pack.id.as_str()))
        && !elsewhere
    {
        return Err(Error::Usage(format!(
            "no pack in use has the id `{name}`; did you mean `{close}`?"
        ))
        .into());
    }
    let alone = ConfigArgs { config: None, isolated: true };
    let args = PackArgs { pack: vec![name.to_owned()], config: alone };
    Ok((load(&args, output)?, None))
}

/// How wide a line may be: what `COLUMNS` says, or the terminal is.
pub(super) fn width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let (least, most) = WIDTHS;
    said.or_else(terminal).unwrap_or(80).clamp(least, most)
}
