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
    stage.write("-b.md", "Nothing.\n");
    let separators = scalars(".pre-commit-hooks.yaml")
        .into_iter()
        .filter(|(keys, value)| keys.last().is_some_and(|key| key == "args") && value == "--");
    assert_eq!(separators.count(), 2);
    let entries: Vec<String> = scalars(".pre-commit-hooks.yaml")
        .into_iter()
        .filter(|(keys, _)| keys.last().is_some_and(|key| key == "entry"))
        .map(|(_, entry)| entry)
        .collect();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        let mut words: Vec<&str> = entry.split(' ').collect();
        assert_eq!(words.remove(0), "probity");
        // Behind what is set for the hook, a name is a name.
        assert_eq!(stage.run(&[&words[..], &["--", "-b.md"]].concat()).exit, Some(0), "{entry}");
        words.extend(["--isolated", "--pack", "../packs/words.toml", "a.md"]);
        let outcome = stage.run(&words);
        assert_eq!(outcome.exit, Some(0), "{entry}: {}", outcome.stderr);
    }
}

/// Hooks hand over names of files as they are, and whoever sends a change chooses them.
#[test]
fn a_name_that_is_an_option_chooses_nothing() {
    let stage = Stage::with("a.md", "We promise it.\n");
    stage.write("evil.toml", "fail_on = \"never\"\n");
    stage.write("notes.txt", "Nothing.\n");
    for name in ["--config=evil.toml", "--format=csv=notes.txt", "-a.md", "--fix"] {
        stage.write(name, "x = 1\n");
        let words = ["check", "--isolated", "--pack", "../packs/words.toml"];
        let outcome = stage.run(&[&words[..], &["a.md", name]].concat());
        assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(2), ""), "{name}");
        assert!(outcome.stderr.contains("is the name of a file here"), "{}", outcome.stderr);
        let outcome = stage.run(&[&words[..], &["--", "a.md", name]].concat());
        assert_eq!(outcome.exit, Some(1), "{name}: {}", outcome.all());
    }
    assert_eq!(stage.read("notes.txt"), "Nothing.\n");
    assert_eq!(stage.read("a.md"), "We promise it.\n");
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
    // What cargo-binstall makes of its templates, for each archive that a release has.
    let release = text(".github/workflows/release.yml");
    let targets: BTreeSet<&str> =
        release.split("{ target: ").skip(1).map(|rest| rest.split(',').next().unwrap()).collect();
    assert!(targets.len() > 6, "{targets:?}");
    let action = text("action.yml");
    let downloads = action.split(") target=").skip(1).map(|rest| rest.split(' ').next().unwrap());
    for target in downloads {
        assert!(targets.contains(target), "the action downloads {target}");
    }
    let binstall = &package["metadata"]["binstall"];
    for target in targets {
        let windows = target.contains("windows");
        let rendered = |key: &str| {
            let values = [
                ("{ repo }", "https://example.org/probity"),
                ("{ version }", "1.2.3"),
                ("{ name }", "probity"),
                ("{ bin }", "probity"),
                ("{ target }", target),
                ("{ binary-ext }", if windows { ".exe" } else { "" }),
            ];
            let template = binstall[key].as_str().unwrap().to_owned();
            let text =
                values.iter().fold(template, |text, (name, value)| text.replace(name, value));
            assert!(!text.contains(['{', '}']), "{text}");
            text
        };
        let archive = format!("probity-1.2.3-{target}");
        assert_eq!(
            rendered("pkg-url"),
            format!("https://example.org/probity/releases/download/v1.2.3/{archive}.tar.gz")
        );
        let bin = if windows { "probity.exe" } else { "probity" };
        assert_eq!(rendered("bin-dir"), format!("{archive}/{bin}"));
    }
    assert_eq!(binstall["pkg-fmt"].as_str(), Some("tgz"));
    assert!(release.contains("tar -czf \"$name.tar.gz\" \"$name\""));
    assert!(release.contains("name=\"probity-${TAG#v}-$TARGET\""));
    assert!(action.contains("name=\"probity-$version-$target\""));
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

/// The scripts of a file, in order.
#[cfg(unix)]
fn scripts(name: &str, key: &str) -> Vec<String> {
    let all = scalars(name).into_iter();
    all.filter(|(keys, _)| keys.last().is_some_and(|last| last == key))
        .map(|(_, script)| script)
        .collect()
}

/// Runs a script as a build server does, with probity where it looks for it.
#[cfg(unix)]
fn run_script(
    stage: &Stage,
    shell: &[&str],
    script: &str,
    env: &[(&str, &str)],
) -> common::Outcome {
    let bin = stage.work().join("../runner/probity/bin");
    fs::create_dir_all(&bin).unwrap();
    let link = bin.join("probity");
    if !link.exists() {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_probity"), &link).unwrap();
    }
    let mut path = bin.clone().into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let mut command = std::process::Command::new(shell[0]);
    command.args(&shell[1..]).arg(script).current_dir(stage.work());
    for name in ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_BASE_REF", "GITHUB_STEP_SUMMARY"] {
        command.env_remove(name);
    }
    command.env("RUNNER_TEMP", stage.work().join("../runner")).env("PATH", path);
    command.env("GITHUB_OUTPUT", stage.work().join("../output"));
    let output = command.envs(env.iter().copied()).output().unwrap();
    common::Outcome {
        exit: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[cfg(unix)]
const BASH: [&str; 6] = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"];

#[cfg(unix)]
const INPUTS: [&str; 8] = [
    "INPUT_PATHS",
    "INPUT_PACKS",
    "INPUT_CONFIG",
    "INPUT_FAIL_ON",
    "INPUT_FORMAT",
    "INPUT_SARIF_FILE",
    "INPUT_DIFF_BASE",
    "INPUT_ARGS",
];

/// The step that checks, with some inputs set; what it writes for later steps, too.
#[cfg(unix)]
fn action(stage: &Stage, inputs: &[(&str, &str)]) -> (common::Outcome, String) {
    let script = scripts("action.yml", "run").pop().unwrap();
    let mut env: Vec<(&str, &str)> = INPUTS.iter().map(|name| (*name, "")).collect();
    env.push(("GITHUB_ACTIONS", "true"));
    env.extend(inputs);
    let _ = fs::remove_file(stage.work().join("../output"));
    let outcome = run_script(stage, &BASH, &script, &env);
    (outcome, fs::read_to_string(stage.work().join("../output")).unwrap_or_default())
}

#[cfg(unix)]
#[test]
fn the_action_takes_inputs_for_what_they_are() {
    let stage = Stage::with("a b.md", "We promise it.\n");
    stage.write("-c.md", "Nothing.\n");
    stage.write("*.md", "Nothing.\n");
    let words = ("INPUT_PACKS", "../packs/words.toml\r\n");
    let (found, said) = action(&stage, &[words, ("INPUT_PATHS", "a b.md\r\n\n-c.md\n*.md\n")]);
    assert_eq!((found.exit, said.as_str()), (Some(1), "exit-code=1\n"), "{}", found.all());
    assert!(found.stdout.contains(",file=work/a b.md,line=1,"), "{}", found.all());
    assert!(found.stderr.contains("in 3 files"), "{}", found.all());
    let (none, said) =
        action(&stage, &[words, ("INPUT_FAIL_ON", "never"), ("INPUT_PATHS", "a b.md")]);
    assert_eq!((none.exit, said.as_str()), (Some(0), "exit-code=0\n"), "{}", none.all());
    for evil in [
        "$(touch pwned)",
        "`touch pwned`",
        "; touch pwned",
        "a\"; touch pwned; \"",
        "| touch pwned",
    ] {
        for name in INPUTS {
            action(&stage, &[words, ("INPUT_PATHS", "."), (name, evil)]);
            let left = common::files_below(&stage.work());
            assert!(!left.iter().any(|file| file == "pwned"), "{name}: {evil}");
            for file in left.iter().filter(|file| file.contains("touch")) {
                // A report of that name.
                fs::remove_file(stage.work().join(file)).unwrap();
            }
        }
    }
    // A base cannot be an option, nor a second input.
    let (odd, said) = action(&stage, &[words, ("INPUT_DIFF_BASE", "--output=pwned")]);
    assert_eq!((odd.exit, said.as_str()), (Some(2), "exit-code=2\n"), "{}", odd.all());
    let (odd, said) = action(&stage, &[("INPUT_SARIF_FILE", "a.sarif\nexit-code=0")]);
    assert_eq!((odd.exit, said.as_str()), (Some(2), ""), "{}", odd.all());
}

/// Whoever sends a change can send a report with it.
#[cfg(unix)]
#[test]
fn the_action_names_no_report_of_another_run() {
    let stage = Stage::with("a.md", "We promise it.\n");
    let words = ("INPUT_PACKS", "../packs/words.toml");
    let inputs = [words, ("INPUT_PATHS", "a.md"), ("INPUT_SARIF_FILE", "out.sarif")];
    stage.write("out.sarif", "{\"evil\": 1}\n");
    let (found, said) = action(&stage, &inputs);
    assert_eq!(said, "exit-code=1\nsarif=out.sarif\n", "{}", found.all());
    assert!(found.stdout.starts_with("::error "), "{}", found.all());
    assert!(stage.read("out.sarif").contains("words/promise"));
    let (fault, said) = action(&stage, &[&inputs[..], &[("INPUT_CONFIG", "gone.toml")]].concat());
    assert_eq!((fault.exit, said.as_str()), (Some(2), "exit-code=2\n"), "{}", fault.all());
    // What is checked is no place for a report.
    let over = [words, ("INPUT_SARIF_FILE", "a.md")];
    let (refused, said) = action(&stage, &over);
    assert_eq!((refused.exit, said.as_str()), (Some(2), "exit-code=2\n"), "{}", refused.all());
    assert_eq!(stage.read("a.md"), "We promise it.\n");
    // Without paths it is the whole repository.
    let (found, said) = action(&stage, &[words]);
    assert_eq!((found.exit, said.as_str()), (Some(1), "exit-code=1\n"), "{}", found.all());
}

#[cfg(unix)]
#[test]
fn the_action_downloads_releases_and_nothing_else() {
    let stage = Stage::new();
    let download = scripts("action.yml", "run").swap_remove(1);
    let versions = ["../0.1.0", "0.1.0\n1", "0.1", "v", "0.1.0-a/b", "0.1.0 -o x", "$(id)"];
    for version in versions {
        let env = [("INPUT_VERSION", version), ("RUNNER_OS", "Linux"), ("RUNNER_ARCH", "X64")];
        let outcome = run_script(&stage, &BASH, &download, &env);
        assert_eq!(outcome.exit, Some(2), "{version}: {}", outcome.all());
        assert!(outcome.stderr.contains("must be that of a release"), "{}", outcome.all());
    }
}

#[cfg(unix)]
#[test]
fn the_job_for_gitlab_takes_variables_for_what_they_are() {
    let stage = Stage::with("a b.md", "We promise it.\n");
    stage.write("*.md", "Nothing.\n");
    let job = scripts("docs/gitlab-ci.yml", "script").pop().unwrap();
    let run = |args: &str, paths: &str| {
        let env = [("PROBITY_ARGS", args), ("PROBITY_PATHS", paths), ("GITLAB_CI", "true")];
        run_script(&stage, &["sh", "-ec"], &job, &env)
    };
    let found = run("--pack\r\n../packs/words.toml\r\n", "a b.md\r\n*.md\n");
    assert_eq!(found.exit, Some(1), "{}", found.all());
    assert!(stage.read("gl-code-quality-report.json").contains("words/promise"));
    assert!(stage.read("probity-junit.xml").contains("tests=\"2\""));
    let all = run("--isolated\n--pack\n../packs/words.toml", "");
    assert!(
        all.stderr.contains("in 2 files") || all.stdout.contains("in 2 files"),
        "{}",
        all.all()
    );
    let odd = run("--isolated", "$(touch pwned)\n-x");
    assert_eq!(odd.exit, Some(2), "{}", odd.all());
    assert!(!stage.work().join("pwned").exists());
}
