//! `probity init`.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use anyhow::Context;

use super::args::Purpose;
use super::{Exit, Output};
use crate::config::FILE_NAME;
use crate::error::Error;

const POSTS: &str = r#"# What `probity check` does in this folder. `probity schema config` describes every key.

packs = ["civil-service-code", "platforms", "public-sector-data"]

# The least severity that makes the exit code 1: "error", "warning", "note" or "never".
fail_on = "error"

[facts]
# "official" for a departmental account, "personal" for your own.
account = "official"
# Where the posts go. How long they may be depends on it.
platform = ["x"]
# Names and handles of the Ministers you work for. Without them only their
# offices ("our Minister", "the Home Secretary") are recognised. A long list can
# stand in a file, one a line: own_ministers = { file = "ministers.txt" }
own_ministers = []
# Subjects of theirs that are in dispute.
own_topics = []
"#;

const POSTS_US: &str = r#"# What `probity check` does in this folder. `probity schema config` describes every key.

packs = ["dhs-110-01", "hatch-act", "platforms", "public-sector-data"]

# The least severity that makes the exit code 1: "error", "warning", "note" or "never".
fail_on = "error"

[facts]
# "official" for an agency's account, "personal" for your own.
account = "official"
# Where the posts go. How long they may be depends on it.
platform = ["x"]
# What the account is for: "public-affairs", "situational-awareness", "operational" or
# "intelligence". DHS has rules of its own for each.
use = "public-affairs"
# Your component, where you work for DHS: "CBP", "FEMA", "TSA", "USCG", ...
# component = "FEMA"
# Whether a personal post is written on duty or in a federal building.
# on_duty = false
"#;

const CONTENT: &str = r#"# What `probity check` does in this repository. `probity schema config` describes every key.

packs = ["civil-service-code"]

# The least severity that makes the exit code 1: "error", "warning", "note" or "never".
fail_on = "error"

# Files to leave out, as globs relative to this file.
exclude = ["drafts/private"]

[facts]
account = "official"
own_ministers = []

# Later tables win over earlier ones.
[[path]]
glob = ["social/**"]
facts = { kind = "post" }

# [[path]]
# glob = ["guidance/markings.md"]
# facts = { about_markings = true }
"#;

const NOTES: &str = r#"# What `probity check` does in this folder. `probity schema config` describes every key.

packs = ["crm-notes"]

# The least severity that makes the exit code 1: "error", "warning", "note" or "never".
fail_on = "error"

[facts]
kind = "note"

# The columns of CSV files that hold notes.
[[path]]
glob = ["*.csv"]
fields = ["notes"]
"#;

pub(super) fn init(purpose: Purpose, force: bool, output: &Output) -> anyhow::Result<Exit> {
    let text = match purpose {
        Purpose::Posts => POSTS,
        Purpose::PostsUs => POSTS_US,
        Purpose::Content => CONTENT,
        Purpose::Notes => NOTES,
    };
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let mut file = match options.open(FILE_NAME) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(Error::Usage(format!(
                "there is a {FILE_NAME} here already; `--force` writes over it"
            ))
            .into());
        }
        result => result.with_context(|| format!("cannot write {FILE_NAME}"))?,
    };
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {FILE_NAME}"))?;
    output.print(&format!(
        "Wrote {FILE_NAME}. Fill in the facts, then run `probity check` on a file or folder.\n"
    ))?;
    Ok(Exit::Clean)
}
