//! Values of facts that stand in files, one a line.

use std::path::Path;

use super::packs::read_text;
use crate::config::values_in;
use crate::error::plain;
use crate::facts::FactValue;
use crate::pack::{FactDeclaration, PackSet};

/// Before a path, where a value would stand.
const SIGN: &str = "file:";

/// The files that values behind `--set` come from.
pub(super) fn named_in(settings: &[String]) -> impl Iterator<Item = &Path> {
    let values = settings.iter().filter_map(|setting| setting.split_once('='));
    values.filter_map(|(_, value)| value.trim().strip_prefix(SIGN)).map(str::trim).map(Path::new)
}

/// The value somebody wrote behind `--set NAME=`; says why there is none.
pub(super) fn value(
    set: &PackSet,
    fact: &FactDeclaration,
    written: &str,
) -> Result<FactValue, String> {
    let name = &fact.name;
    let Some(path) = written.trim().strip_prefix(SIGN).map(str::trim) else {
        if fact.kind.takes_several() && is_path_after_at(written.trim()) {
            return Err(format!(
                "`{}` would be a handle; to take the values of `{name}` from a file write `--set {name}={SIGN}{}`",
                written.trim(),
                &written.trim()[1..]
            ));
        }
        return fact.kind.read(written).map_err(|why| format!("the fact `{name}` {why}"));
    };
    if path.is_empty() {
        return Err(format!("`--set {name}={SIGN}` names no file"));
    }
    if !fact.kind.takes_several() {
        return Err(format!("the fact `{name}` takes one value, not the lines of a file"));
    }
    let value = read_text(Path::new(path))
        .map_err(|error| plain(&error))
        .and_then(|text| values_in(&text))
        .map_err(|why| format!("the values of `{name}` cannot come from {path}: {why}"))?;
    set.check_fact(name, &value).map_err(|why| format!("{path}: {why}"))?;
    Ok(value)
}

/// Other programs take `@names.txt` for a file. Here it would be a handle that
/// nobody has, and the rule that needs the names would find nothing.
fn is_path_after_at(written: &str) -> bool {
    let ending =
        |end: &str| written.len() > end.len() && written.to_ascii_lowercase().ends_with(end);
    written.starts_with('@')
        && !written.contains(',')
        && (written.contains(['/', '\\']) || [".txt", ".csv"].into_iter().any(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_no_paths() {
        for (written, expected) in [
            ("@JaneSmithMP", false),
            ("@jane.smith", false),
            ("@jane@social.example", false),
            ("@a,@b.txt", false),
            ("Jane/Example", false),
            ("@ministers.txt", true),
            ("@lists/ministers", true),
            (r"@lists\Ministers.TXT", true),
        ] {
            assert_eq!(is_path_after_at(written), expected, "{written}");
        }
    }
}
