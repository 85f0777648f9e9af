//! The whole program seen from outside: `fixtures/<case>.toml` says a command
//! and what comes of it, `fixtures/<case>.in/` holds the files it runs on.
//!
//! ```toml
//! about = "one sentence"
//! args = ["check", "--isolated", "--pack", "../packs/words.toml", "draft.txt"]
//! files = "places"          # the `.in` folder of another case; its own otherwise
//! stdin = "text"            # nothing otherwise
//! writes = ["report.json"]  # files the run must leave behind, and no others
//!
//! exit = 1                  # from here on `PROBITY_BLESS=1` writes
//! stdout = '''
//! '''
//! ```
//!
//! A snapshot records and does not judge: read what a blessing changed.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

mod common;

use common::{Outcome, Stage, copy, files_below, fixtures};

/// A fixture as it stands in its file.
struct Case {
    name: String,
    args: Vec<String>,
    files: String,
    stdin: String,
    writes: Vec<String>,
    /// What must come of it, in the order of [`Case::found`].
    expected: Vec<(String, String)>,
    /// The file up to `exit`.
    head: String,
}

fn cases() -> Vec<Case> {
    let mut names: Vec<String> = fs::read_dir(fixtures())
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".toml").map(str::to_owned)
        })
        .collect();
    names.sort();
    names.into_iter().map(|name| read(&name)).collect()
}

fn read(name: &str) -> Case {
    let text = fs::read_to_string(fixtures().join(format!("{name}.toml"))).unwrap();
    let table: toml::Table =
        text.parse().unwrap_or_else(|error| panic!("fixtures/{name}.toml: {error}"));
    let known = ["about", "args", "files", "stdin", "writes", "exit", "stdout", "stderr", "file"];
    for key in table.keys() {
        assert!(known.contains(&key.as_str()), "fixtures/{name}.toml: what is `{key}`?");
    }
    let list = |key: &str| -> Vec<String> {
        let items = table.get(key).and_then(toml::Value::as_array).into_iter().flatten();
        items.map(|item| item.as_str().unwrap().to_owned()).collect()
    };
    let string = |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or_default();
    let writes = list("writes");
    let mut expected = vec![
        ("exit".to_owned(), table.get("exit").map(ToString::to_string).unwrap_or_default()),
        ("stdout".to_owned(), string("stdout").to_owned()),
        ("stderr".to_owned(), string("stderr").to_owned()),
    ];
    for file in &writes {
        let content =
            table.get("file").and_then(|files| files.get(file)).and_then(|it| it.as_str());
        expected.push((format!("file {file}"), content.unwrap_or_default().to_owned()));
    }
    let own = if fixtures().join(format!("{name}.in")).exists() { name } else { "" };
    let files = if table.contains_key("files") { string("files") } else { own };
    Case {
        name: name.to_owned(),
        args: list("args"),
        files: files.to_owned(),
        stdin: string("stdin").to_owned(),
        writes,
        expected,
        head: text.split("\nexit = ").next().unwrap().trim_end().to_owned(),
    }
}

impl Case {
    fn stage(&self) -> Stage {
        let stage = Stage::new();
        if !self.files.is_empty() {
            copy(&fixtures().join(format!("{}.in", self.files)), &stage.work());
        }
        stage
    }

    fn run(&self, stage: &Stage) -> Outcome {
        stage.run_with(&self.args, self.stdin.as_bytes())
    }

    /// What came of it, with everything that changes from release to release
    /// taken out.
    fn found(&self) -> Vec<(String, String)> {
        let stage = self.stage();
        let before = files_below(&stage.work());
        let outcome = self.run(&stage);
        let exit = outcome.exit.map_or("killed".to_owned(), |code| code.to_string());
        let mut found = vec![
            ("exit".to_owned(), exit),
            ("stdout".to_owned(), stable(&outcome.stdout)),
            ("stderr".to_owned(), stable(&outcome.stderr)),
        ];
        let after = files_below(&stage.work());
        for file in &self.writes {
            let there = after.contains(file);
            let content = if there { stage.read(file) } else { "(was not written)".to_owned() };
            found.push((format!("file {file}"), stable(&content)));
        }
        for file in
            after.iter().filter(|file| !before.contains(file) && !self.writes.contains(file))
        {
            found.push((format!("file {file}"), "(nobody expects it)".to_owned()));
        }
        found
    }

    fn bless(&self, found: &[(String, String)]) {
        let mut text = format!("{}\n\n", self.head);
        let mut in_files = false;
        for (key, value) in found {
            match key.strip_prefix("file ") {
                Some(file) => {
                    text.push_str(if in_files { "" } else { "\n[file]\n" });
                    in_files = true;
                    writeln!(text, "{} = {}", quoted(file), quoted(value)).unwrap();
                }
                None if key == "exit" => writeln!(text, "exit = {value}").unwrap(),
                None if value.is_empty() => {}
                None => writeln!(text, "{key} = {}", quoted(value)).unwrap(),
            }
        }
        fs::write(fixtures().join(format!("{}.toml", self.name)), text).unwrap();
    }
}

/// A string of TOML: as it stands where that can be, escaped otherwise.
fn quoted(text: &str) -> String {
    let odd = |c: char| c.is_control() && c != '\n';
    if text.contains('\n') && !text.contains("'''") && !text.contains(odd) {
        return format!("'''\n{text}'''");
    }
    toml::Value::String(text.to_owned()).to_string()
}

/// Without digests and the version of the program.
fn stable(text: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let mut line = line.to_owned();
        for key in ["\"digest\": \"", "\"digest\":\"", "  digest "] {
            while let Some(at) = line.find(key).map(|at| at + key.len()) {
                let len = line[at..].bytes().take_while(u8::is_ascii_hexdigit).count();
                if len == 0 {
                    break;
                }
                line.replace_range(at..at + len, "[DIGEST]");
            }
        }
        out.push_str(&line);
    }
    for (before, after) in [
        ("\"name\":\"probity\",\"version\":\"", "\""),
        ("\"name\": \"probity\",\n    \"version\": \"", "\""),
    ] {
        out =
            out.replace(&format!("{before}{version}{after}"), &format!("{before}[VERSION]{after}"));
    }
    out
}

/// The lines that differ, with two lines around them.
fn difference(expected: &str, found: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) =
        (expected.split_inclusive('\n').collect(), found.split_inclusive('\n').collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - same;
    let tail =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut out = String::new();
    let mut show = |sign: char, lines: &[&str]| {
        for line in lines {
            let end = if line.ends_with('\n') { "" } else { " (no line end)\n" };
            write!(out, "    {sign} {}{end}", line.replace('\r', "\\r")).unwrap();
        }
    };
    show(' ', &old[same.saturating_sub(2)..same]);
    show('-', &old[same..old.len() - tail]);
    show('+', &new[same..new.len() - tail]);
    show(' ', &old[old.len() - tail..(old.len() - tail + 2).min(old.len())]);
    out
}

#[test]
fn fixtures_hold() {
    let bless = std::env::var_os("PROBITY_BLESS").is_some_and(|value| value == "1");
    let mut failures = String::new();
    let cases = cases();
    assert!(!cases.is_empty());
    for case in &cases {
        let found = case.found();
        if found == case.expected {
            continue;
        }
        if bless {
            case.bless(&found);
            continue;
        }
        writeln!(failures, "fixtures/{}.toml: probity {}", case.name, case.args.join(" ")).unwrap();
        let keys = case.expected.iter().chain(&found).map(|(key, _)| key);
        let mut seen: Vec<&String> = Vec::new();
        for key in keys {
            let of = |list: &[(String, String)]| {
                let entry = list.iter().find(|(other, _)| other == key);
                entry.map(|(_, value)| value.clone()).unwrap_or_default()
            };
            let (old, new) = (of(&case.expected), of(&found));
            if old != new && !seen.contains(&key) {
                seen.push(key);
                writeln!(failures, "  {key}:\n{}", difference(&old, &new)).unwrap();
            }
        }
    }
    assert!(
        failures.is_empty(),
        "(- expected, + found; PROBITY_BLESS=1 accepts what was found)\n{failures}"
    );
}

#[test]
fn every_folder_of_files_belongs_to_a_case() {
    let used: Vec<String> = cases().into_iter().map(|case| case.files).collect();
    for entry in fs::read_dir(fixtures()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(case) = name.strip_suffix(".in") {
            assert!(used.iter().any(|used| used == case), "no case uses fixtures/{name}");
        }
    }
}

fn schema(of: &str) -> jsonschema::Validator {
    let schema = Stage::new().run(&["schema", of]).json();
    jsonschema::validator_for(&schema).unwrap()
}

fn complaints(schema: &jsonschema::Validator, value: &Value) -> Vec<String> {
    let one =
        |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
    schema.iter_errors(value).map(one).collect()
}

/// Every report that a case writes as JSON, with the case.
fn reports() -> Vec<(Case, Value)> {
    let mut reports = Vec::new();
    for case in cases() {
        let stage = case.stage();
        let outcome = case.run(&stage);
        let texts = std::iter::once(outcome.stdout)
            .chain(case.writes.iter().map(|file| stage.read(file)))
            .collect::<Vec<_>>();
        for text in texts {
            if let Ok(report @ Value::Object(_)) = serde_json::from_str(&text)
                && report.get("findings").is_some()
            {
                reports.push((read(&case.name), report));
            }
        }
    }
    reports
}

#[test]
fn reports_fit_their_schema() {
    let schema = schema("report");
    let reports = reports();
    assert!(reports.len() > 5, "only {}", reports.len());
    for (case, report) in &reports {
        assert_eq!(complaints(&schema, report), [""; 0], "{}", case.name);
    }
    for wrong in [json!({}), json!([])] {
        assert!(!complaints(&schema, &wrong).is_empty());
    }
}

/// TOML as JSON; dates become strings, as editors see them.
fn as_json(text: &str) -> Value {
    fn value(of: &toml::Value) -> Value {
        match of {
            toml::Value::Datetime(date) => Value::String(date.to_string()),
            toml::Value::Array(items) => items.iter().map(value).collect(),
            toml::Value::Table(table) => {
                table.iter().map(|(key, of)| (key.clone(), value(of))).collect()
            }
            other => serde_json::to_value(other).unwrap(),
        }
    }
    value(&toml::Value::Table(text.parse().unwrap()))
}

#[test]
fn packs_fit_their_schema() {
    let schema = schema("pack");
    for file in files_below(&fixtures().join("packs")) {
        let text = fs::read_to_string(fixtures().join("packs").join(&file)).unwrap();
        assert_eq!(complaints(&schema, &as_json(&text)), [""; 0], "{file}");
    }
    for name in probity::pack::shipped_names().map(|name| format!("{name}.toml")) {
        let (_, text) = probity::pack::SHIPPED.iter().find(|(path, _)| *path == name).unwrap();
        assert_eq!(complaints(&schema, &as_json(text)), [""; 0], "rules/{name}");
    }
    let faults = fs::read_to_string(fixtures().join("faults.in/broken.toml")).unwrap();
    assert!(!complaints(&schema, &as_json(&faults)).is_empty());
}

#[test]
fn configuration_fits_its_schema() {
    let schema = schema("config");
    let mut count = 0;
    for file in files_below(&fixtures()).iter().filter(|file| file.ends_with("probity.toml")) {
        let text = fs::read_to_string(fixtures().join(file)).unwrap();
        let found = complaints(&schema, &as_json(&text));
        // The schema knows no packs, so it cannot know names of rules and facts.
        let faulty = ["config-faults.in/", "config-fact-files-faults.in/"];
        let whole = !faulty.iter().any(|folder| file.starts_with(folder));
        assert_eq!(found.is_empty(), whole, "{file}: {found:?}");
        count += 1;
    }
    assert!(count > 1);
    for purpose in ["posts", "posts-us", "content", "notes"] {
        let stage = Stage::new();
        assert_eq!(stage.run(&["init", purpose]).exit, Some(0));
        assert_eq!(complaints(&schema, &as_json(&stage.read("probity.toml"))), [""; 0]);
    }
}

/// Lines and columns are counted here once more, from the bytes alone.
#[test]
fn every_place_leads_back_to_its_words() {
    let mut count = 0;
    for (case, report) in reports() {
        let folder = case.stage();
        for finding in report["findings"].as_array().unwrap() {
            let path = finding["path"].as_str().unwrap();
            let bytes = match fs::read(folder.work().join(path)) {
                Ok(bytes) => bytes,
                Err(_) => case.stdin.clone().into_bytes(),
            };
            let places = finding["places"].as_array().unwrap().iter();
            let related = finding.get("related").and_then(Value::as_array).into_iter().flatten();
            for place in places.chain(related) {
                let at =
                    |key: &str| usize::try_from(place["bytes"][key].as_u64().unwrap()).unwrap();
                let context = format!("{}: {finding:#}", case.name);
                let words = std::str::from_utf8(&bytes[at("start")..at("end")]).expect(&context);
                for (offset, line, column) in
                    [("start", "line", "column"), ("end", "end_line", "end_column")]
                {
                    let before = std::str::from_utf8(&bytes[..at(offset)]).expect(&context);
                    let before = before.trim_start_matches('\u{feff}');
                    let last = before.rsplit('\n').next().unwrap();
                    assert_eq!(place[line], 1 + before.matches('\n').count(), "{context}");
                    assert_eq!(place[column], 1 + last.chars().count(), "{context}");
                }
                // What is escaped, masked or shortened is not the words themselves.
                let text = place["text"].as_str().unwrap();
                if !text.contains(['<', '#', 'X', '\n'])
                    && !words.contains(['*', '\\', '&', '"', '<'])
                {
                    assert_eq!(text, words, "{context}");
                }
                count += 1;
            }
        }
    }
    assert!(count > 30, "only {count}");
}
