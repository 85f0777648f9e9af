//! `probity explain --at FILE:LINE:COLUMN`: what holds at a place of a file.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::{ExplainArgs, ListFormat};
use super::dump::{From, declaring, in_one_line, packs, place};
use super::packs::Warnings;
use super::ready::facts;
use super::workspace::{Settings, Workspace};
use super::{Exit, Output};
use crate::config::Place;
use crate::emit::{counted, plain};
use crate::error::{Error, plain as plain_error};
use crate::facts::{FactOrigin, FactValue};
use crate::finding::Finding;
use crate::pack::shipped_names;
use crate::run::{AtPlace, FactAt, RuleAt, Run, StateAt, Suppressions, Wanted, WeighedAt};

/// How many parts of what was weighed are shown.
const MOST_FEATURES: usize = 12;

pub(super) fn explain_at(at: &OsStr, args: &ExplainArgs, output: &Output) -> anyhow::Result<Exit> {
    let (path, wanted) = read_place(at)?;
    let metadata = std::fs::metadata(&path).map_err(|error| {
        Error::Usage(format!("cannot read {}: {}", path.display(), plain_error(&error)))
    })?;
    if !metadata.is_file() {
        return Err(Error::Usage(format!("{} is not a file", path.display())).into());
    }
    let mut workspace = Workspace::new(&args.packs);
    let excluded = workspace.excludes(&path)?;
    let number = workspace.settings_of(&path)?;
    let mut all = workspace.finish(Warnings::Count, output)?;
    let settings = all.swap_remove(number);
    let facts = facts(&args.set, &[&settings.set])?.pop().unwrap_or_default();
    let run = Run {
        set: settings.set.clone(),
        config: settings.config.clone(),
        facts,
        read: crate::input::ReadOptions::default(),
        reveal: args.reveal,
        today: Some(crate::clock::today()),
        part: None,
        engines: settings.engines.clone(),
        suppressions: Suppressions::default(),
    };
    let name = path.strip_prefix(".").unwrap_or(&path).display().to_string();
    let about = About {
        at: run.at(&path, &name, wanted)?,
        name,
        path: &path,
        wanted,
        excluded,
        args,
        settings: &settings,
        run: &run,
    };
    let text = match args.format {
        ListFormat::Text => about.text(),
        ListFormat::Json => {
            format!("{}\n", plain(&serde_json::to_string_pretty(&about.json())?))
        }
    };
    output.print(&text)?;
    Ok(if about.at.report.incomplete() { Exit::Trouble } else { Exit::Clean })
}

/// The file and the place that somebody wrote. File names can have colons, too: of the
/// ways to read it, the first counts whose file is there.
fn read_place(written: &OsStr) -> Result<(PathBuf, Wanted), Error> {
    let bytes = written.as_encoded_bytes();
    let split = |bytes: &[u8]| -> Option<(usize, usize)> {
        let at = bytes.iter().rposition(|&byte| byte == b':')?;
        let digits = bytes.get(at + 1..)?;
        let number = std::str::from_utf8(digits).ok()?;
        let fits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        // No file has more lines than that.
        fits.then(|| (at, number.parse().unwrap_or(usize::MAX)))
    };
    let mut ways: Vec<(PathBuf, Wanted)> = Vec::new();
    if let Some((end, last)) = split(bytes) {
        if let Some((start, line)) = split(&bytes[..end]) {
            ways.push((front(written, start), Wanted { line, column: Some(last) }));
        }
        ways.push((front(written, end), Wanted { line: last, column: None }));
    }
    ways.retain(|(path, _)| !path.as_os_str().is_empty());
    let there = ways.iter().position(|(path, _)| path.exists());
    if ways.is_empty() {
        return Err(Error::Usage(format!(
            "`--at {}` names no place; write it as `--at FILE:LINE` or `--at FILE:LINE:COLUMN`",
            written.display()
        )));
    }
    Ok(ways.swap_remove(there.unwrap_or(0)))
}

/// The first bytes of what somebody wrote, up to a colon.
#[cfg(unix)]
fn front(written: &OsStr, end: usize) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(&written.as_bytes()[..end]))
}

#[cfg(not(unix))]
fn front(written: &OsStr, end: usize) -> PathBuf {
    // Names that are not Unicode cannot be cut here; they are shown and not found.
    let written = written.to_string_lossy();
    PathBuf::from(written.get(..end).unwrap_or_default())
}

struct About<'a> {
    at: AtPlace,
    name: String,
    path: &'a Path,
    wanted: Wanted,
    excluded: bool,
    args: &'a ExplainArgs,
    settings: &'a Settings,
    run: &'a Run,
}

impl About<'_> {
    /// Where a fact comes from.
    fn origin(&self, fact: &FactAt) -> (String, Value) {
        let configured = self.run.config.facts_for(self.path);
        let in_file = configured.get(fact.name.as_str()).map(|(_, place, _)| *place);
        match (fact.origin, &fact.stated, in_file) {
            (FactOrigin::Configuration | FactOrigin::PathConfiguration, _, Some(at)) => {
                (at.to_string(), place(at))
            }
            (FactOrigin::FrontMatter, Some((line, key)), _) => (
                format!("{}:{line}, `{key}`{}", self.name, self.in_front_matter()),
                json!({ "origin": "front-matter", "line": line, "key": key }),
            ),
            (FactOrigin::Column, Some((line, column)), _) => (
                if self.is_data() {
                    format!("{}:{line}, `{column}`", self.name)
                } else {
                    format!("{}:{line}, column `{column}`", self.name)
                },
                json!({ "origin": "column", "line": line, "column": column }),
            ),
            (FactOrigin::PackDefault, ..) => {
                let from = From::Pack(declaring(&self.run.set, &fact.name));
                (from.in_words(), from.json())
            }
            (FactOrigin::CommandLine, ..) => {
                (From::CommandLine.in_words(), From::CommandLine.json())
            }
            (FactOrigin::Format, ..) => (
                format!("read as {}", self.at.format),
                json!({ "origin": "format", "format": self.at.format }),
            ),
            (origin, ..) => (String::new(), json!({ "origin": origin })),
        }
    }

    /// Whether it is a data file: all of it is keys and values.
    fn is_data(&self) -> bool {
        matches!(self.at.format, "yaml" | "toml" | "json")
    }

    fn in_front_matter(&self) -> &'static str {
        if self.is_data() { "" } else { " in front matter" }
    }

    /// The lines of configuration that decide something here, each with what it does.
    fn lines(&self) -> Vec<(&Place, String)> {
        let config = &self.run.config;
        let mut lines: Vec<(&Place, String)> = Vec::new();
        let from_line = self.args.packs.pack.is_empty();
        if let Some(list) = config.packs.as_ref().filter(|_| from_line) {
            lines.push((&list.place, "packs".to_owned()));
        }
        if let Some(place) = &config.fail_on_place {
            lines.push((place, "fail_on".to_owned()));
        }
        if let Some(globs) = config.exclude.as_ref().filter(|_| self.excluded) {
            lines.push((&globs.place, "exclude, which leaves it out of folders".to_owned()));
        }
        for table in config.for_path(self.path) {
            lines.push((&table.globs.place, "[[path]], which is about this file".to_owned()));
            if let Some(place) = &table.fields_place {
                lines.push((place, "fields".to_owned()));
            }
        }
        let won = |fact: &&FactAt| {
            matches!(fact.origin, FactOrigin::Configuration | FactOrigin::PathConfiguration)
        };
        let configured = config.facts_for(self.path);
        for fact in self.at.facts.iter().filter(won) {
            if let Some((_, place, _)) = configured.get(fact.name.as_str()) {
                lines.push((place, format!("the fact `{}`", fact.name)));
            }
        }
        for (name, place) in &config.severity_places {
            lines.push((place, format!("the severity of `{name}`")));
        }
        let rank = |place: &Place| {
            config.files.iter().position(|file| std::sync::Arc::ptr_eq(file, &place.file))
        };
        lines.sort_by_key(|(place, what)| (rank(place), place.span.start, what.clone()));
        lines
    }

    fn unused_packs(&self) -> Vec<&'static str> {
        let used = |name: &&str| self.run.set.packs().iter().any(|pack| pack.id == **name);
        shipped_names().filter(|name| !used(name)).collect()
    }

    fn place_name(&self) -> String {
        let column = self.wanted.column.map_or_else(String::new, |column| format!(":{column}"));
        format!("{}:{}{column}", self.name, self.wanted.line)
    }

    fn text(&self) -> String {
        let mut out = Text::default();
        out.line(&format!("{} (read as {})", self.place_name(), self.at.format));
        let fields: Vec<String> =
            self.at.fields.iter().map(|field| format!("the `{field}`")).collect();
        out.line(&match fields.as_slice() {
            [] => "No text that is checked stands here: markup, code, an address, a column or key that is not read, or nothing.".to_owned(),
            fields => format!("In {}.", fields.join(" and ")),
        });
        if let Some(record) = self.at.record {
            out.line(&match self.at.columns.join(", ") {
                none if none.is_empty() => format!("Record {record}."),
                columns => format!("Record {record}; facts and rules read {columns} beside it."),
            });
        } else if self.is_data() && !self.at.columns.is_empty() {
            out.line(&format!("Beside it stand {}.", self.at.columns.join(", ")));
        } else if !self.at.columns.is_empty() {
            out.line(&format!("Its front matter has {}.", self.at.columns.join(", ")));
        }
        if self.excluded {
            out.line("The file is left out of folders; it is checked only when it is named.");
        }
        out.head("Packs");
        let packs = packs(&self.args.packs.pack, self.settings);
        let ids: Vec<&str> = self.run.set.packs().iter().map(|pack| pack.id.as_str()).collect();
        out.item(&format!("in use: {} ({})", ids.join(", "), packs.from.in_words()));
        let unused = self.unused_packs();
        if !unused.is_empty() {
            out.item(&format!("shipped, but not in use here: {}", unused.join(", ")));
        }
        out.head("Facts");
        for fact in &self.at.facts {
            let value = match FactValue::words(&fact.value).join(", ") {
                none if none.is_empty() => "none".to_owned(),
                value => value,
            };
            out.item(&format!("{} = {value} ({})", fact.name, self.origin(fact).0));
        }
        self.rules(&mut out);
        out.head("Found here");
        if self.at.findings.is_empty() {
            out.item("nothing");
        }
        for (finding, weighed) in self.at.findings.iter().zip(&self.at.weighed) {
            out.item(&found(finding));
            for one in weighed {
                out.weighed(one);
            }
        }
        let lines = self.lines();
        if !lines.is_empty() {
            out.head("Lines of configuration that apply");
            for (place, what) in lines {
                out.item(&format!("{place}: {what}"));
            }
        }
        for notice in self.at.report.notices.iter().filter(|notice| notice.unchecked) {
            out.line(&format!("Not checked: {}", notice.message));
        }
        out.out
    }

    fn rules(&self, out: &mut Text) {
        let mut judged = Vec::new();
        let mut others: BTreeMap<(u8, String), Vec<&str>> = BTreeMap::new();
        for rule in &self.at.rules {
            let (rank, why) = match &rule.state {
                StateAt::Judged { .. } => {
                    judged.push(rule);
                    continue;
                }
                StateAt::NotJudged { missing, columns } => (0, lacking(missing, columns)),
                StateAt::SwitchedOff => (1, self.switched_off(rule)),
                StateAt::Off(reason) => (2, format!("switched off by a pack: {reason}")),
                StateAt::OtherFields(fields) => {
                    (3, format!("for other texts: {}", fields.join(", ")))
                }
                StateAt::NotApplicable { because } => (4, because.join("; ")),
            };
            others.entry((rank, why)).or_default().push(&rule.id);
        }
        let place = if self.at.fields.is_empty() { "in texts of this file" } else { "here" };
        out.head(&format!("Judged {place} ({})", counted(judged.len(), "rule")));
        for rule in judged {
            let StateAt::Judged { severity, without } = &rule.state else { continue };
            let mut line = format!("{} ({})", rule.id, severity.name());
            if let Some(place) = self.run.config.severity_place(&rule.id) {
                let own = rule.severity.name();
                line.push_str(&format!(", by {place}; `{own}` in its pack"));
            }
            if !without.is_empty() {
                line.push_str(&format!(", in part: nobody has set {}", without.join(", ")));
            }
            out.item(&line);
        }
        if !others.is_empty() {
            let count = others.values().map(Vec::len).sum();
            out.head(&format!("Not judged {place} ({})", counted(count, "rule")));
        }
        for ((_, why), rules) in others {
            out.item(&format!("{}: {why}", rules.join(", ")));
        }
    }

    fn switched_off(&self, rule: &RuleAt) -> String {
        let place = self.run.config.severity_place(&rule.id);
        place.map_or_else(|| "switched off".to_owned(), |place| format!("switched off by {place}"))
    }

    fn json(&self) -> Value {
        let facts = self.at.facts.iter().map(|fact| {
            (fact.name.clone(), json!({ "value": fact.value, "from": self.origin(fact).1 }))
        });
        let facts: serde_json::Map<_, _> = facts.collect();
        let lines = self.lines().into_iter().map(|(at, what)| {
            let mut value = place(at);
            value["about"] = json!(what);
            value
        });
        let packs = packs(&self.args.packs.pack, self.settings);
        json!({
            "schema": 1,
            "path": self.name,
            "line": self.wanted.line,
            "column": self.wanted.column,
            "format": self.at.format,
            "excluded": self.excluded,
            "fields": self.at.fields,
            "record": self.at.record,
            "columns": self.at.columns,
            "packs": {
                "in_use": self.run.set.packs().iter().map(|pack| &pack.id).collect::<Vec<_>>(),
                "from": packs.from.json(),
                "not_in_use": self.unused_packs(),
            },
            "facts": facts,
            "rules": self.at.rules.iter().map(|rule| self.rule_json(rule)).collect::<Vec<_>>(),
            "found": self.at.findings,
            "weighed": self.at.weighed.iter().map(|of| of.iter().map(weighed_json).collect()).collect::<Vec<Value>>(),
            "configuration": lines.collect::<Vec<_>>(),
            "notices": self.at.report.notices,
        })
    }

    fn rule_json(&self, rule: &RuleAt) -> Value {
        let mut value = match &rule.state {
            StateAt::Judged { severity, without } => {
                json!({ "state": "judged", "severity": severity, "without": without })
            }
            StateAt::NotJudged { missing, columns } => {
                json!({ "state": "not-judged", "missing": missing, "columns": columns })
            }
            StateAt::NotApplicable { because } => {
                json!({ "state": "not-applicable", "because": because })
            }
            StateAt::OtherFields(fields) => json!({ "state": "other-fields", "fields": fields }),
            StateAt::Off(reason) => json!({ "state": "off", "because": [reason] }),
            StateAt::SwitchedOff => json!({ "state": "switched-off" }),
        };
        value["rule"] = json!(rule.id);
        value["pack_severity"] = json!(rule.severity);
        if let Some(at) = self.run.config.severity_place(&rule.id) {
            value["severity_from"] = place(at);
        }
        value
    }
}

fn weighed_json(one: &WeighedAt) -> Value {
    let WeighedAt { rule: _, table, points, least, features, span: _ } = one;
    let features =
        features.iter().map(|(feature, points)| json!({ "feature": feature, "points": points }));
    json!({ "table": table, "points": points, "least": least, "features": features.collect::<Vec<_>>() })
}

fn lacking(missing: &[String], columns: &[String]) -> String {
    let mut why = Vec::new();
    if !missing.is_empty() {
        why.push(format!("nobody has set {}", missing.join(", ")));
    }
    if !columns.is_empty() {
        why.push(format!("the table has no column {}", columns.join(", ")));
    }
    why.join("; ")
}

/// A finding in a line.
fn found(finding: &Finding) -> String {
    let place = finding.places.first();
    let at = place.map_or_else(String::new, |place| format!("{}:{}: ", place.line, place.column));
    let mut line = format!("{at}{}[{}] {}", finding.severity.name(), finding.rule, finding.message);
    if finding.field.is_empty() && finding.record.is_none() {
        line.push_str(" (about the file as a whole)");
    }
    if let Some(accepted) = &finding.suppression {
        let reason = accepted.reason.as_deref().unwrap_or("no reason given");
        let by = json!(accepted.by);
        line.push_str(&format!(
            "; accepted by {}: {reason}",
            by.as_str().unwrap_or_default().replace('-', " ")
        ));
    }
    line
}

/// Lines for a terminal.
#[derive(Default)]
struct Text {
    out: String,
}

impl Text {
    fn line(&mut self, text: &str) {
        self.out.push_str(&format!("{}\n", in_one_line(text)));
    }

    fn head(&mut self, text: &str) {
        self.out.push_str(&format!("\n{}:\n", in_one_line(text)));
    }

    fn item(&mut self, text: &str) {
        self.out.push_str(&format!("  - {}\n", in_one_line(text)));
    }

    /// The points of a finding, and what brings or takes most of them.
    fn weighed(&mut self, one: &WeighedAt) {
        let WeighedAt { table, points, least, features, .. } = one;
        let mut text = format!("{points} points by `{table}`, and {least} are enough");
        for (at, (feature, points)) in features.iter().take(MOST_FEATURES).enumerate() {
            text.push_str(if at == 0 { ": " } else { ", " });
            text.push_str(&format!("{points:+} {feature}"));
        }
        let rest = &features[features.len().min(MOST_FEATURES)..];
        if !rest.is_empty() {
            let sum: i64 = rest.iter().map(|&(_, points)| i64::from(points)).sum();
            text.push_str(&format!(", {sum:+} in {} smaller parts", rest.len()));
        }
        self.out.push_str(&format!("    {}\n", in_one_line(&text)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        for (written, path, line, column) in [
            ("a.md:3:4", "a.md", 3, Some(4)),
            ("a.md:3", "a.md", 3, None),
            ("no:such:3:4", "no:such", 3, Some(4)),
            ("C:\\a.md:3", "C:\\a.md", 3, None),
            // The file `Cargo.toml` is there, the file `Cargo.toml:1` is not.
            ("Cargo.toml:1", "Cargo.toml", 1, None),
            ("a:99999999999999999999999", "a", usize::MAX, None),
        ] {
            let (found, wanted) = read_place(OsStr::new(written)).unwrap();
            assert_eq!(found, Path::new(path), "{written}");
            assert_eq!(wanted, Wanted { line, column }, "{written}");
        }
        for written in ["", "a.md", "a.md:", ":3", "a.md:x", "a.md:-1"] {
            let read = read_place(OsStr::new(written));
            assert!(read.is_err(), "{written}: {read:?}");
        }
    }
}
