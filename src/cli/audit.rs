//! `probity audit`.

use std::path::Path;

use serde_json::json;

use super::args::ListFormat;
use super::{Exit, Output};
use crate::emit::{counted, plain};
use crate::judge::safe;
use crate::scan::audit::{Verified, verify as read_log};

pub(super) fn verify(
    file: &Path,
    last: Option<&str>,
    format: ListFormat,
    output: &Output,
) -> anyhow::Result<Exit> {
    let verified = read_log(file, last)?;
    let path = file.display().to_string();
    let text = match format {
        ListFormat::Text => safe(&in_words(&path, &verified)),
        ListFormat::Json => in_json(&path, &verified)?,
    };
    output.print(&text)?;
    Ok(if verified.whole() { Exit::Clean } else { Exit::Findings })
}

fn in_json(path: &str, verified: &Verified) -> serde_json::Result<String> {
    let mut value = json!(verified);
    value["file"] = json!(path);
    value["whole"] = json!(verified.whole());
    for (line, fault) in verified.breaks.iter().enumerate() {
        value["breaks"][line]["message"] = json!(format!("line {} {}", fault.line, fault.damage));
    }
    Ok(format!("{}\n", plain(&serde_json::to_string_pretty(&value)?)))
}

fn in_words(path: &str, verified: &Verified) -> String {
    let mut out = String::new();
    let entries = match verified.entries {
        1 => "1 entry".to_owned(),
        many => format!("{many} entries"),
    };
    let span = match (verified.first, verified.last) {
        (Some(first), Some(last)) if first == last => format!(", of {first}"),
        (Some(first), Some(last)) => format!(", from {first} to {last}"),
        _ => String::new(),
    };
    if !verified.whole() {
        let places = counted(verified.breaks.len(), "place");
        out.push_str(&format!("{path} is broken in {places}:\n"));
        for fault in &verified.breaks {
            out.push_str(&format!("  line {} {}\n", fault.line, fault.damage));
        }
        out.push_str(&format!("Sound in themselves: {entries}{span}.\n"));
        return out;
    }
    out.push_str(&format!("{path} is whole: {entries}{span}.\n"));
    match verified.kept {
        Some(kept) if kept.since == 0 => {
            out.push_str("The hash you kept is that of the last entry: nothing was cut off.\n");
        }
        Some(kept) => out.push_str(&format!(
            "The hash you kept is that of entry {}: nothing was cut off up to there. Recorded since: {}.\n",
            kept.sequence, kept.since
        )),
        None => out.push_str(
            "Whether entries were cut off at the end cannot be seen without a hash kept elsewhere (--last HASH).\n",
        ),
    }
    if let Some(hash) = &verified.last_hash {
        out.push_str(&format!(
            "\nKeep this hash where nobody who can write the log can change it:\n  {hash}\n"
        ));
    }
    out
}
