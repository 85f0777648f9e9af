//! What others build on: the action, the workflows, the hooks, the job for GitLab, manual
//! pages and completions, and what is in the package.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use saphyr_parser::{Event, Parser};

mod common;

use common::Stage;

fn text(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The scalars of a YAML file, each with the keys that lead to it; items of lists have none.
fn scalars(name: &str) -> Vec<(Vec<String>, String)> {
    let text = text(name);
    let mut found = Vec::new();
    // Of each mapping that is open, the key that waits for its value; `None` for a list.
    let mut open: Vec<Option<Option<String>>> = Vec::new();
    let close = |open: &mut Vec<Option<Option<String>>>| {
        if let Some(Some(key)) = open.last_mut() {
            *key = None;
        }
    };
    for event in Parser::new_from_str(&text) {
        match event.unwrap_or_else(|error| panic!("{name}: {error}")).0 {
            Event::MappingStart(..) => open.push(Some(None)),
            Event::SequenceStart(..) => open.push(None),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                close(&mut open);
            }
            Event::Scalar(value, ..) => {
                if let Some(Some(key @ None)) = open.last_mut() {
                    *key = Some(value.into_owned());
                } else {
                    let keys = open.iter().flatten().flatten().cloned().collect();
                    found.push((keys, value.into_owned()));
                    close(&mut open);
                }
            }
            _ => {}
        }
    }
    assert!(!found.is_empty(), "{name}");
    found
}

const YAML: [&str; 5] = [
    "action.yml",
    "docs/gitlab-ci.yml",
    ".pre-commit-hooks.yaml",
    ".github/workflows/ci.yml",
    ".github/workflows/release.yml",
];

#[test]
fn no_script_holds_text_of_an_input() {
    let mut scripts = 0;
    for name in YAML {
        for (keys, value) in scalars(name) {
            if keys.last().is_some_and(|key| key == "run") {
                scripts += 1;
                assert!(!value.contains("${{"), "{name}: {value}");
            }
        }
    }
    assert!(scripts > 8, "{scripts}");
}

#[test]
fn hooks_name_arguments_that_exist() {
    let stage = Stage::with("a.md", "Nothing.\n");
    let entries: Vec<String> = scalars(".pre-commit-hooks.yaml")
        .into_iter()
        .filter(|(keys, _)| keys.last().is_some_and(|key| key == "entry"))
        .map(|(_, entry)| entry)
        .collect();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        let mut words: Vec<&str> = entry.split(' ').collect();
        assert_eq!(words.remove(0), "probity");
        words.extend(["--isolated", "--pack", "../packs/words.toml", "a.md"]);
        let outcome = stage.run(&words);
        assert_eq!(outcome.exit, Some(0), "{entry}: {}", outcome.stderr);
    }
}

#[test]
fn hooks_take_data_files_that_a_search_would_take() {
    let patterns: BTreeSet<String> = scalars(".pre-commit-hooks.yaml")
        .into_iter()
        .filter(|(keys, _)| keys.last().is_some_and(|key| key == "files"))
        .map(|(_, pattern)| pattern)
        .collect();
    assert_eq!(patterns.len(), 1);
    let pattern = regex::Regex::new(patterns.first().unwrap()).unwrap();
    let files = [
        ("_data/a.yml", "text: We promise it.\n", true),
        ("posts/b.toml", "text = 'We promise it.'\n", true),
        ("c.njk", "We promise it.\n", true),
        (".github/workflows/d.yaml", "description: We promise it.\n", false),
        ("package.json", "{\"description\": \"We promise it.\"}", false),
    ];
    let stage = Stage::new();
    stage.write(
        "probity.toml",
        "packs = [\"../packs/words.toml\"]\n[[path]]\nglob = \"posts/**\"\nfields = [\"text\"]\n",
    );
    let mut args = vec!["check", "--force-exclude", "--format", "concise"];
    for (name, text, _) in files {
        assert!(pattern.is_match(name), "{name}");
        stage.write(name, text);
        args.push(name);
    }
    let outcome = stage.run(&args);
    for (name, _, is_taken) in files {
        assert_eq!(outcome.stdout.contains(&format!("{name}:1:")), is_taken, "{}", outcome.all());
    }
    // Whoever names a file alone means it.
    let named = stage.run(&["check", "--format", "concise", "package.json"]);
    assert_eq!(named.exit, Some(1), "{}", named.all());
}

#[test]
fn inputs_and_outputs_of_the_action_are_described_and_used() {
    let (docs, action) = (text("docs/ci.md"), text("action.yml"));
    let mut count = 0;
    for (keys, _) in scalars("action.yml") {
        let [part, name, last] = keys.as_slice() else { continue };
        if last != "description" {
            continue;
        }
        count += 1;
        assert!(docs.contains(&format!("`{name}`")), "docs/ci.md does not name `{name}`");
        if part == "inputs" {
            assert!(action.contains(&format!("inputs.{name}")), "{name} is not used");
        }
    }
    assert_eq!(count, 11);
}

#[test]
fn every_command_has_a_page() {
    let stage = Stage::new();
    let outcome = stage.run(&["man", "pages/man1"]);
    assert_eq!((outcome.exit, outcome.all().as_str()), (Some(0), ""));
    let help = stage.run(&["--help"]).stdout;
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<&str> = names.map(|line| line.split_whitespace().next().unwrap()).collect();
    assert!(names.len() > 12, "{names:?}");
    for name in names.iter().filter(|name| **name != "help") {
        let page = stage.read(&format!("pages/man1/probity-{name}.1"));
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
    }
    assert!(stage.read("pages/man1/probity-audit-verify.1").contains("HASH"));
    assert_eq!(stage.run(&["man"]).stdout, stage.read("pages/man1/probity.1"));
    let left = common::files_below(&stage.work());
    assert!(left.iter().all(|name| name.ends_with(".1")), "{left:?}");

    // One page cannot be put in its place, so none is.
    fs::create_dir_all(stage.work().join("other/probity-scan.1")).unwrap();
    let outcome = stage.run(&["man", "other"]);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stderr.contains("cannot write the pages to other"), "{}", outcome.stderr);
    assert_eq!(common::files_below(&stage.work().join("other")), Vec::<String>::new());
}

#[test]
fn every_shell_has_completions() {
    let stage = Stage::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let outcome = stage.run(&["completions", shell]);
        assert_eq!(outcome.exit, Some(0), "{shell}");
        assert!(outcome.stdout.contains("force-exclude"), "{shell}");
    }
}

#[test]
fn the_package_and_releases_have_one_set_of_names() {
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let package = &manifest["package"];
    let include = package["include"].as_array().unwrap();
    for part in ["/src/**", "/rules/**", "/README.md", "/CHANGELOG.md", "/LICENSE-*"] {
        assert!(include.iter().any(|it| it.as_str() == Some(part)), "{part}");
    }
    let binstall = &package["metadata"]["binstall"];
    assert!(
        binstall["pkg-url"]
            .as_str()
            .unwrap()
            .ends_with("/v{ version }/{ name }-{ version }-{ target }.tar.gz")
    );
    assert!(text(".github/workflows/release.yml").contains("name=\"probity-${TAG#v}-$TARGET\""));
    assert!(text("action.yml").contains("name=\"probity-$version-$target\""));
    let docker = text("Dockerfile");
    assert!(docker.contains("ENTRYPOINT [\"probity\"]") && docker.contains("\nUSER 10001"));
    for line in docker.lines().filter(|line| line.starts_with("FROM ")) {
        let tag = line.split(' ').nth(1).unwrap().split_once(':').unwrap().1;
        assert!(tag.starts_with(|c: char| c.is_ascii_digit()), "{line} is not pinned");
    }
}

/// What VS Code starts the extension for, the extension hands to the server; of data files
/// it waits for a configuration.
#[test]
fn the_extension_is_of_this_version_and_starts_for_what_it_checks() {
    let manifest: serde_json::Value =
        serde_json::from_str(&text("docs/editors/vscode/package.json")).unwrap();
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    let code = text("docs/editors/vscode/extension.js");
    let languages = code.split("const LANGUAGES = [").nth(1).unwrap().split(']').next().unwrap();
    let languages: BTreeSet<&str> = languages.split('"').skip(1).step_by(2).collect();
    let data = BTreeSet::from(["yaml", "toml", "json"]);
    let mut started = data.clone();
    for event in manifest["activationEvents"].as_array().unwrap() {
        started.extend(event.as_str().unwrap().strip_prefix("onLanguage:"));
    }
    assert_eq!(started, languages);
    let pattern = "workspaceContains:**/probity.toml";
    assert!(manifest["activationEvents"].as_array().unwrap().iter().any(|it| it == pattern));
    let settings = &manifest["contributes"]["configuration"]["properties"];
    for name in ["probity.path", "probity.arguments"] {
        assert!(settings[name].is_object() && code.contains(&format!("\"{name}\"")), "{name}");
    }
}
