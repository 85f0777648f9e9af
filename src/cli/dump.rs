//! `probity check --dump-config`: the settings that hold for a file or folder, and where
//! each comes from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::args::CheckArgs;
use super::packs::Warnings;
use super::ready::{facts, fail_on};
use super::workspace::{Settings, Workspace};
use super::{Exit, Output};
use crate::config::{FILE_NAME, FailOn, Place};
use crate::emit::plain;
use crate::error::Error;
use crate::facts::FactValue;
use crate::judge::safe;
use crate::pack::{PackSet, shipped_names};

/// Rises with every change that could break a reader of the JSON.
const SCHEMA_VERSION: u32 = 1;

/// Where a setting comes from.
#[derive(Clone, Debug)]
pub(super) enum From {
    /// A line of a file.
    File(Place),
    CommandLine,
    /// The pack that declares the fact.
    Pack(String),
    Default,
}

/// A setting.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// The table it is in; none at the top.
    pub table: Option<&'static str>,
    pub key: String,
    pub value: Value,
    pub from: From,
}

pub(super) fn dump(args: &CheckArgs, output: &Output) -> anyhow::Result<Exit> {
    let as_json = match args.format.last().map(String::as_str) {
        None | Some("full") => false,
        Some("json") => true,
        Some(other) => {
            return Err(Error::Usage(format!(
                "`--dump-config` is written for people or with `--format json`, not as `{other}`"
            ))
            .into());
        }
    };
    let mut paths = args.paths.clone();
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let mut workspace = Workspace::new(&args.packs);
    let mut numbers = Vec::new();
    for path in &mut paths {
        if path.as_path() == Path::new("-") {
            *path = PathBuf::from(&args.stdin_filename);
        }
        // What holds for a folder is what holds for a file of it that no table is about.
        numbers.push(if path.is_dir() {
            workspace.settings_of_folder(path)?
        } else {
            workspace.settings_of(path)?
        });
    }
    let settings = workspace.finish(Warnings::Count, output)?;
    let sets: Vec<&PackSet> = settings.iter().map(|settings| settings.set.as_ref()).collect();
    let facts = facts(&args.set, &sets)?;
    let mut texts = Vec::new();
    let mut values = Vec::new();
    for (path, number) in paths.iter().zip(numbers) {
        let dump = Dump {
            path,
            settings: &settings[number],
            all: all(args, &settings[number], path, &facts[number]),
        };
        if as_json {
            values.push(dump.json());
        } else {
            texts.push(dump.text());
        }
    }
    let text = if as_json {
        format!("{}\n", plain(&serde_json::to_string_pretty(&values)?))
    } else {
        texts.join("\n")
    };
    output.print(&text)?;
    Ok(Exit::Clean)
}

/// Every setting for a path, in the order in which one would write them.
fn all(
    args: &CheckArgs,
    settings: &Settings,
    path: &Path,
    said: &[(String, FactValue)],
) -> Vec<Setting> {
    let Settings { config, set, .. } = settings;
    let mut all = vec![packs(&args.packs.pack, settings)];
    let mut add = |table, key: &str, value: Value, from| {
        all.push(Setting { table, key: key.to_owned(), value, from });
    };
    let level = fail_on(args.fail_on, config);
    let from = match (args.fail_on, &config.fail_on_place) {
        (Some(_), _) => From::CommandLine,
        (None, place) => place.clone().map_or(From::Default, From::File),
    };
    add(None, "fail_on", json!(level_name(level)), from);
    let (value, from) = match &config.exclude {
        Some(globs) => (json!(globs.written), From::File(globs.place.clone())),
        None => (json!([]), From::Default),
    };
    add(None, "exclude", value, from);
    let named = config.for_path(path).filter(|table| !table.fields.is_empty());
    let (mut fields, mut from) = (Vec::new(), From::Default);
    for table in named {
        fields.extend(table.fields.iter().cloned());
        from = table.fields_place.clone().map_or(from, From::File);
    }
    if !args.field.is_empty() {
        (fields, from) = (args.field.clone(), From::CommandLine);
    }
    add(None, "fields", json!(fields), from);
    let configured = config.facts_for(path);
    for fact in set.facts() {
        let said = said.iter().rfind(|(name, _)| *name == fact.name);
        let (value, from) = match (said, configured.get(fact.name.as_str()), &fact.default) {
            (Some((_, value)), ..) => (value, From::CommandLine),
            (None, Some((value, place, _)), _) => (*value, From::File((*place).clone())),
            (None, None, Some(value)) => (value, From::Pack(declaring(set, &fact.name))),
            (None, None, None) => continue,
        };
        add(Some("facts"), &fact.name, json!(value), from);
    }
    for (name, severity) in &config.severity {
        let value = json!(severity.map_or("off", |severity| severity.name()));
        let from = config.severity_places.get(name).cloned().map_or(From::Default, From::File);
        add(Some("severity"), name, value, from);
    }
    all
}

/// The packs in use.
pub(super) fn packs(named: &[String], settings: &Settings) -> Setting {
    let (value, from) = match &settings.config.packs {
        _ if !named.is_empty() => (json!(named), From::CommandLine),
        Some(list) => {
            let names: Vec<&String> = list.names.iter().map(|(name, _)| name).collect();
            (json!(names), From::File(list.place.clone()))
        }
        None => (json!(shipped_names().collect::<Vec<_>>()), From::Default),
    };
    Setting { table: None, key: "packs".to_owned(), value, from }
}

/// The pack that gives a fact its value where nobody else does.
pub(super) fn declaring(set: &PackSet, fact: &str) -> String {
    let declares = |pack: &&Arc<crate::pack::Pack>| {
        pack.facts.iter().any(|known| known.name == fact && known.default.is_some())
    };
    set.packs().iter().find(declares).map(|pack| pack.id.clone()).unwrap_or_default()
}

fn level_name(level: FailOn) -> &'static str {
    match level {
        FailOn::Severity(severity) => severity.name(),
        FailOn::Never => "never",
    }
}

struct Dump<'d> {
    path: &'d Path,
    settings: &'d Settings,
    all: Vec<Setting>,
}

impl Dump<'_> {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn text(&self) -> String {
        let config = &self.settings.config;
        let mut out = format!("# Settings for {}\n", in_one_line(&self.name()));
        let files: Vec<String> =
            config.files.iter().rev().map(|file| in_one_line(&file.name)).collect();
        out.push_str(&match files.split_first() {
            None => format!("# There is no {FILE_NAME} for it.\n"),
            Some((nearest, [])) => format!("# from {nearest}\n"),
            Some((nearest, bases)) => {
                format!("# from {nearest}, which builds on {}\n", bases.join(", "))
            }
        });
        if config.excludes(self.path) {
            out.push_str("# It is left out of folders, by `exclude`.\n");
        }
        out.push('\n');
        let mut table = None;
        for setting in &self.all {
            if setting.table != table {
                table = setting.table;
                out.push_str(&format!("\n[{}]\n", table.unwrap_or_default()));
            }
            let line = format!("{} = {}", key(&setting.key), toml(&setting.value));
            out.push_str(&in_one_line(&format!("{line:<40}  # {}", setting.from.in_words())));
            out.push('\n');
        }
        for table in &config.paths {
            let applies = if self.path.is_dir() {
                "holds for some files here or elsewhere"
            } else if table.globs.matches(self.path) {
                "holds for this file"
            } else {
                "is not about this file"
            };
            let globs = toml(&json!(table.globs.written));
            let line = format!("# [[path]] {globs} {applies} ({})", table.globs.place);
            out.push_str(&format!("\n{}", in_one_line(&line)));
        }
        if !config.paths.is_empty() {
            out.push('\n');
        }
        out
    }

    fn json(&self) -> Value {
        let config = &self.settings.config;
        let mut value = json!({
            "schema": SCHEMA_VERSION,
            "path": self.name(),
            "files": config.files.iter().map(|file| &file.name).collect::<Vec<_>>(),
            "excluded": config.excludes(self.path),
            "facts": Map::new(),
            "severity": Map::new(),
            "path_tables": config.paths.iter().map(|table| json!({
                "glob": table.globs.written,
                "from": place(&table.globs.place),
                "matches": !self.path.is_dir() && table.globs.matches(self.path),
            })).collect::<Vec<_>>(),
        });
        for setting in &self.all {
            let entry = json!({ "value": setting.value, "from": setting.from.json() });
            match setting.table {
                Some(table) => value[table][&setting.key] = entry,
                None => value[&setting.key] = entry,
            }
        }
        value
    }
}

impl From {
    pub fn in_words(&self) -> String {
        match self {
            Self::File(place) => place.to_string(),
            Self::CommandLine => "command line".to_owned(),
            Self::Pack(pack) => format!("default of the pack `{pack}`"),
            Self::Default => "default".to_owned(),
        }
    }

    pub fn json(&self) -> Value {
        match self {
            Self::File(at) => place(at),
            Self::CommandLine => json!({ "origin": "command-line" }),
            Self::Pack(pack) => json!({ "origin": "pack-default", "pack": pack }),
            Self::Default => json!({ "origin": "default" }),
        }
    }
}

/// A text that may be shown, in one line: names of files can hold line ends.
pub(super) fn in_one_line(text: &str) -> String {
    safe(&text.replace('\n', "<U+000A>").replace('\r', "<U+000D>"))
}

/// A place as JSON.
pub(super) fn place(at: &Place) -> Value {
    json!({ "origin": "file", "file": at.file.name, "line": at.line() })
}

/// A key of TOML.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { toml(&json!(name)) }
}

/// A value of TOML, in one line.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        // The escapes of JSON are escapes of TOML, too.
        other => plain(&other.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_add_no_lines() {
        assert_eq!(in_one_line("a\npacks = []\r.md"), "a<U+000A>packs = []<U+000D>.md");
        assert!(!in_one_line("\u{1b}[31m\u{202e}").contains(['\u{1b}', '\u{202e}']));
        assert_eq!(toml(&json!(["a\"b\\", true, 3])), r#"["a\"b\\", true, 3]"#);
        assert_eq!((key("a_b-1"), key("csc/x")), ("a_b-1".into(), "\"csc/x\"".into()));
    }
}
