//! What earlier scans wrote, met while a folder is searched for exports. Scanned as
//! records, it would be found again and counted twice.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::redact::{RECEIPT, shown};
use crate::file_names;
use crate::finding::Notice;
use crate::input::Target;
use crate::scan::audit::Entry;
use crate::scan::lists;
use crate::scan::model::ScanFinding;

/// Bytes of a file that tell whether it is a list of findings.
const HEAD: u64 = 256 * 1024;

/// Takes out of the files of a scan what earlier scans wrote, unless it, or the folder of
/// copies in which it is, was named in `paths`; also returns what to say of it.
pub(super) fn leave_out(paths: &[PathBuf], targets: Vec<Target>) -> (Vec<Target>, Vec<Notice>) {
    let named: Vec<PathBuf> = paths.iter().map(real).collect();
    let mut receipts: BTreeMap<PathBuf, Option<Vec<String>>> = BTreeMap::new();
    let mut copies: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut notices = Vec::new();
    let mut notice = |path: String, what: &str| {
        let message = format!("not scanned: {what}; name it to have it scanned");
        notices.push(Notice { path, line: None, message, unchecked: false });
    };
    let mut kept = Vec::new();
    for target in targets {
        if named.contains(&real(&target.path)) {
            kept.push(target);
        } else if let Some(folder) = copied_below(&target.path, &named, &mut receipts) {
            *copies.entry(folder).or_default() += 1;
        } else if is_own(&target.path) {
            notice(target.name, "an earlier run of probity wrote this list");
        } else {
            kept.push(target);
        }
    }
    for (folder, count) in copies {
        let files = if count == 1 { "file" } else { "files" };
        let what = format!("{count} {files} in this folder are redacted copies with their receipt");
        notice(file_names::name_of(&folder), &what);
    }
    (kept, notices)
}

fn real(path: &PathBuf) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.clone())
}

/// The folder of redacted copies to which a file belongs, where that was not named.
fn copied_below(
    path: &Path,
    named: &[PathBuf],
    receipts: &mut BTreeMap<PathBuf, Option<Vec<String>>>,
) -> Option<PathBuf> {
    for folder in path.ancestors().skip(1) {
        // Whoever names the folder wants to know what is left in its copies.
        if folder.as_os_str().is_empty() || named.contains(&real(&folder.to_owned())) {
            return None;
        }
        let receipt = receipts.entry(folder.to_owned()).or_insert_with(|| copies_of(folder));
        let Some(copies) = receipt else { continue };
        let way = shown(path.strip_prefix(folder).unwrap_or(path));
        // A copy of an archive is listed by its members.
        let is_copy = |copy: &String| {
            copy.strip_prefix(&way).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // Other files may have been put beside the copies.
        if way == RECEIPT || copies.iter().any(is_copy) {
            return Some(folder.to_owned());
        }
    }
    None
}

/// The copies in a folder, by its receipt, if there is one.
fn copies_of(folder: &Path) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Receipt {
        tool: String,
        files: Vec<Copy>,
    }
    #[derive(Deserialize)]
    struct Copy {
        copy: String,
    }
    let text = std::fs::read(folder.join(RECEIPT)).ok()?;
    let receipt: Receipt = serde_json::from_slice(&text).ok()?;
    (receipt.tool == "probity").then(|| receipt.files.into_iter().map(|file| file.copy).collect())
}

/// Whether a file is a list of findings, an audit log or a receipt that probity wrote.
fn is_own(path: &Path) -> bool {
    if path.ends_with(RECEIPT) && path.parent().is_some_and(|it| copies_of(it).is_some()) {
        return true;
    }
    let Ok(mut file) = File::open(path) else { return false };
    let mut bytes = Vec::new();
    if (&mut file).take(HEAD).read_to_end(&mut bytes).is_err() {
        return false;
    }
    let mut header = Vec::new();
    if lists::csv_header(&mut header).is_ok() && bytes.starts_with(&header) {
        return true;
    }
    let head = String::from_utf8_lossy(&bytes);
    if let Some(list) = head.strip_prefix("{\"findings\":[") {
        return list.starts_with("\n],\"summary\":") || first_is::<ScanFinding>(list);
    }
    let begins = head.get(..head.floor_char_boundary(400)).unwrap_or_default();
    if begins.contains("\"$schema\"") && begins.contains("sarif") {
        let mut bytes = bytes.clone();
        let read = file.read_to_end(&mut bytes).is_ok();
        let log: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        return read && log["runs"][0]["tool"]["driver"]["name"] == "probity";
    }
    let line = head.lines().next().unwrap_or_default();
    // Where nothing was found, the summary is the only line.
    line.starts_with("{\"summary\":{") && line.contains("\"not_judged\":")
        || first_is::<ScanFinding>(line)
        || first_is::<Entry>(line)
}

/// Whether a text of JSON begins with such a value.
fn first_is<T: for<'de> Deserialize<'de>>(text: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    matches!(values.next(), Some(Ok(_)))
}
