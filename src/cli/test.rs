//! `probity test`: the examples inside packs.

use super::args::{ConfigArgs, PackArgs};
use super::packs::{Loaded, Warnings, load_saying};
use super::review::say_overdue;
use super::{Exit, Output};
use crate::emit::counted;
use crate::examples::run_examples;

pub(super) fn test(
    packs: Vec<String>,
    config: ConfigArgs,
    output: &Output,
) -> anyhow::Result<Exit> {
    let args = PackArgs { pack: packs, config };
    let Loaded { set, .. } = load_saying(&args, Warnings::Full, output)?;
    say_overdue(&set, crate::clock::today(), output);
    let outcome = run_examples(&set)?;
    let mut text = String::new();
    for failure in &outcome.failures {
        text.push_str(&format!("{failure}\n"));
    }
    text.push_str(&format!(
        "{} of {} hold in {}.\n",
        outcome.passed,
        counted(outcome.passed + outcome.failures.len(), "example"),
        counted(set.packs().len(), "pack"),
    ));
    output.print(&text)?;
    Ok(if outcome.failures.is_empty() { Exit::Clean } else { Exit::Findings })
}
