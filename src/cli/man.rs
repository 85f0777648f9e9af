//! `probity man`: manual pages, made from what the command line knows of itself.

use std::io::{self, Write as _};
use std::path::Path;

use clap::{Command, CommandFactory as _};

use super::args::Cli;
use super::place::Place;
use super::{Exit, Output};
use crate::error::{Error, plain};

/// Writes a page for the program and one for each of its commands into a folder, or
/// without one the page of the program to standard output.
pub(super) fn man(folder: Option<&Path>, output: &Output) -> anyhow::Result<Exit> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    match folder {
        None => output.write(&page(&program)?)?,
        Some(folder) => {
            let mut pages = Vec::new();
            collect(&program, &mut pages)?;
            write(folder, &pages).map_err(|error| {
                let place = folder.display();
                Error::Usage(format!("cannot write the pages to {place}: {}", plain(&error)))
            })?;
        }
    }
    Ok(Exit::Clean)
}

/// The pages of a command and of those below it, by the names of their files.
fn collect(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    pages.push((format!("{name}.1"), page(command)?));
    let shown = command.get_subcommands().filter(|below| !below.is_hide_set());
    shown.into_iter().try_for_each(|below| collect(below, pages))
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let source = concat!("probity ", env!("CARGO_PKG_VERSION"));
    clap_mangen::Man::new(command.clone()).source(source).render(&mut page)?;
    Ok(page)
}

/// Every page is written beside its place before the first is put there: what fails,
/// a full disk or a place that cannot be written to, fails before anything has changed.
fn write(folder: &Path, pages: &[(String, Vec<u8>)]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut places = Vec::new();
    for (name, page) in pages {
        let mut place = Place::create(&folder.join(name))?;
        place.write_all(page)?;
        place.flush()?;
        places.push(place);
    }
    places.into_iter().try_for_each(Place::finish)
}
