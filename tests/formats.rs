//! What the formats for build servers, code hosts and spreadsheets hold to, whatever
//! was scanned.

use std::collections::BTreeSet;
use std::path::Path;

use probity::emit::{
    Csv, Emitter, GitHub, GitLab, JUnit, Json, Markdown, Rdjson, RdjsonLines, Root, Sarif,
    Template, json_schema,
};
use probity::finding::{ChangesReport, Edit, Finding, Report, SuppressedBy};
use probity::pack::Severity;
use serde_json::{Value, json};

mod common;
#[path = "formats/made_up.rs"]
mod made_up;
#[path = "formats/schemas.rs"]
mod schemas;

use common::{Outcome, Stage, copy, fixtures};
use made_up::{accepted, finding, hostile, mixed, place, report};
use schemas::{
    assert_code_quality, assert_code_scanning, assert_fits, assert_junit, assert_sarif,
    rdjson_schema,
};

fn written(emitter: &dyn Emitter, report: &Report) -> String {
    let mut out = Vec::new();
    emitter.emit(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn value(emitter: &dyn Emitter, report: &Report) -> Value {
    serde_json::from_str(&written(emitter, report)).unwrap()
}

fn sarif() -> Sarif {
    Sarif { root: Root::default() }
}

fn formats_stage() -> Stage {
    let stage = Stage::new();
    copy(&fixtures().join("formats.in"), &stage.work());
    stage
}

#[test]
fn reports_fit_the_schemas_of_those_who_read_them() {
    let stage = formats_stage();
    let run =
        |format: &str| stage.check("words", &["--format", format, "maß 1.md", "b.txt", "gone.txt"]);
    assert_code_scanning(&run("sarif").json());
    assert_code_quality(&run("gitlab").stdout);
    assert_fits(&rdjson_schema(), &run("rdjson").json());
    assert_junit(&stage.check("words", &["--format", "junit", ".", "gone.txt"]).stdout);
    for report in [mixed(), hostile(), Report::default()] {
        assert_code_scanning(&value(&sarif(), &report));
        assert_code_quality(&written(&GitLab { root: Root::default() }, &report));
        assert_fits(&rdjson_schema(), &value(&Rdjson, &report));
        assert_fits(&json_schema(), &value(&Json, &report));
        assert_junit(&written(&JUnit, &report));
    }
}

/// `scan` writes the place of a cell in an export, also where a file could not be read.
#[test]
fn a_list_of_a_bulk_scan_fits_the_schema_of_sarif() {
    let stage = Stage::new();
    stage.write("a b.csv", "id,note\n1,\"🌧 he is a practising Catholic\"\n2,\"unclosed\n");
    let outcome =
        stage.run(&["scan", "--pack", "crm-notes", "--format", "sarif", "a b.csv", "gone.csv"]);
    assert_eq!(outcome.exit, Some(2));
    let list = outcome.json();
    assert_eq!(list["runs"][0]["results"].as_array().unwrap().len(), 1);
    assert_sarif(&list);
}

/// The columns of one text in every unit, worked out by hand. In line 3 an emoji of one
/// character, two UTF-16 units and four bytes and an accent of its own stand before the
/// words; in line 4 four Hebrew letters of two bytes each and a space.
#[test]
fn every_format_counts_columns_in_its_own_unit() {
    let stage = formats_stage();
    let run = |args: &[&str]| stage.check("words", &[args, &["maß 1.md"]].concat());
    let places = |value: &Value, path: &[&str]| -> Vec<[u64; 4]> {
        let list = value.as_array().unwrap().iter();
        list.map(|item| {
            let range = path.iter().fold(item, |item, key| &item[*key]);
            let at = |end: &str, of: &str| range[end][of].as_u64().unwrap();
            let (start, end) =
                if range["begin"].is_object() { ("begin", "end") } else { ("start", "end") };
            [at(start, "line"), at(start, "column"), at(end, "line"), at(end, "column")]
        })
        .collect()
    };
    let characters = [[3, 9, 3, 19], [4, 6, 4, 17], [5, 5, 6, 8]];
    let bytes = [[3, 13, 3, 23], [4, 10, 4, 21], [5, 5, 6, 8]];
    let gitlab = run(&["--format", "gitlab"]).json();
    assert_eq!(places(&gitlab, &["location", "positions"]), characters);
    let rdjson = run(&["--format", "rdjson"]).json();
    assert_eq!(places(&rdjson["diagnostics"], &["location", "range"]), bytes);
    let sarif = run(&["--format", "sarif"]).json();
    let regions: Vec<_> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["locations"][0]["physicalLocation"]["region"].clone())
        .collect();
    let region = |[line, column, end_line, end_column]: [u64; 4], offset: u64, length: u64| {
        json!({
            "startLine": line, "startColumn": column, "endLine": end_line,
            "endColumn": end_column, "byteOffset": offset, "byteLength": length,
        })
    };
    assert_eq!(
        regions,
        [
            region(characters[0], 35, 10),
            region(characters[1], 56, 11),
            region(characters[2], 82, 11)
        ]
    );
    stage.write("units.j2", "{% for f in findings %}{% for p in f.places %}{{ p.column }} {{ p.column_utf8 }} {{ p.column_utf16 }} {{ p.end_column_utf16 }};{% endfor %}{% endfor %}");
    let units = run(&["--format", "template", "--template", "units.j2"]).stdout;
    assert_eq!(units, "9 13 10 20;6 10 6 17;5 5 5 8;");
}

#[test]
fn hostile_text_is_text_in_every_format() {
    let report = hostile();
    let root = Root::default;
    let template = "{% for f in findings %}{{ f.path }} {{ f.message }} {{ f.places[0].text }} {{ f.field }} {{ f.fix.edits[0].new }}\n{% endfor %}";
    let template = Template::new("t.txt", template).unwrap();
    let formats: [(&str, Box<dyn Emitter>); 10] = [
        ("json", Box::new(Json)),
        ("github", Box::new(GitHub { root: root() })),
        ("sarif", Box::new(sarif())),
        ("gitlab", Box::new(GitLab { root: root() })),
        ("junit", Box::new(JUnit)),
        ("rdjson", Box::new(Rdjson)),
        ("rdjsonl", Box::new(RdjsonLines)),
        ("markdown", Box::new(Markdown)),
        ("csv", Box::new(Csv)),
        ("template", Box::new(template)),
    ];
    for (name, emitter) in formats {
        let text = written(emitter.as_ref(), &report);
        let odd = |c: char| {
            c.is_control() && c != '\n' && !(c == '\r' && name == "csv")
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert_eq!(text.find(odd), None, "{name}: {text}");
        assert!(text.contains("set-output"), "{name}");
        for line in text.lines() {
            let line = line.trim_start();
            let own = ["::error title=probity", "::notice title=probity"];
            let allowed = name == "github" && own.iter().any(|own| line.starts_with(own));
            assert!(!line.starts_with("::") || allowed, "{name}: {line}");
            // The runner takes a line for one command only.
            if !allowed && !matches!(name, "csv" | "markdown" | "template") {
                assert!(!line.contains("##["), "{name}: {line}");
            }
        }
    }
}

#[test]
fn a_workflow_command_is_read_back_as_it_was_meant() {
    let text = written(&GitHub { root: Root::default() }, &hostile());
    let first = text.lines().nth(1).unwrap();
    let (properties, message) = first.strip_prefix("::error ").unwrap().split_once("::").unwrap();
    let names: Vec<_> = properties.split(',').map(|pair| pair.split_once('=').unwrap().0).collect();
    assert_eq!(names, ["title", "file", "line", "endLine", "col", "endColumn"]);
    let back = message.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    assert!(back.contains("%0A::error::d ]]> <b>"), "{back}");
    assert_eq!(back.lines().count(), 3, "{back}");
}

#[test]
fn markdown_of_hostile_text_is_one_table_of_five_columns() {
    let text = written(&Markdown, &hostile());
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 2 + 39);
    for row in &rows {
        let bars = row.match_indices('|').filter(|(at, _)| !row[..*at].ends_with('\\')).count();
        assert_eq!(bars, 6, "{row}");
    }
    // What a Markdown reader makes of it.
    let options = pulldown_cmark::Options::all();
    for event in pulldown_cmark::Parser::new_ext(&text, options) {
        use pulldown_cmark::{Event, Tag};
        match event {
            Event::Html(html) | Event::InlineHtml(html) => assert_eq!(&*html, "<br>"),
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) | Event::Code(_) => {
                panic!("{event:?} in {text}")
            }
            Event::Text(text) => assert!(!text.contains("@user") && !text.contains("#1"), "{text}"),
            _ => {}
        }
    }
}

#[test]
fn csv_of_hostile_text_has_as_many_cells_in_every_row_and_no_formula() {
    let text = written(&Csv, &hostile());
    let mut reader = csv_core::Reader::new();
    let (mut fields, mut ends) = (vec![0; 1 << 16], vec![0; 64]);
    let (mut input, mut rows) = (text.trim_start_matches('\u{feff}').as_bytes(), 0);
    loop {
        let (result, read, _, cells) = reader.read_record(input, &mut fields, &mut ends);
        input = &input[read..];
        match result {
            csv_core::ReadRecordResult::Record => {
                assert_eq!(cells, 23);
                rows += 1;
                let mut from = 0;
                for &end in &ends[..cells] {
                    let cell = std::str::from_utf8(&fields[from..end]).unwrap();
                    assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "{cell}");
                    from = end;
                }
            }
            csv_core::ReadRecordResult::InputEmpty => {}
            csv_core::ReadRecordResult::End => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(rows, 1 + 1 + 40);
}

#[test]
fn a_link_in_a_message_of_sarif_is_no_link() {
    let value = value(&sarif(), &hostile());
    let result = &value["runs"][0]["results"][0];
    let text = result["message"]["text"].as_str().unwrap();
    assert!(text.contains(r"\[link\](https://evil.example)"), "{text}");
    assert!(value["runs"][0]["tool"]["driver"]["rules"][0].get("helpUri").is_none());
}

#[test]
fn sarif_tells_what_is_accepted_what_is_new_and_how_to_mend_it() {
    let value = value(&sarif(), &mixed());
    let run = &value["runs"][0];
    let results = run["results"].as_array().unwrap();
    let states: Vec<_> =
        results.iter().map(|result| result["baselineState"].as_str().unwrap()).collect();
    assert_eq!(states, ["new", "new", "unchanged"]);
    // In every result or in none, as the standard has it.
    assert_eq!(results[0]["suppressions"], json!([]));
    let accepted = &results[1]["suppressions"][0];
    assert_eq!(accepted["kind"], "inSource");
    assert_eq!(accepted["justification"], "a quote of the law");
    assert_eq!(accepted["properties"], json!({ "owner": "press office", "until": "2027-03-31" }));
    assert_eq!(results[2]["suppressions"][0]["kind"], "external");
    let change = &results[0]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["insertedContent"]["text"], "terms");
    assert_eq!(change["deletedRegion"]["byteOffset"], 10);
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(rule["helpUri"], "https://example.org/read");
    assert!(!rule["help"]["markdown"].as_str().unwrap().contains("unread"));
    let notice = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notice["level"], "error");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    // Nobody asked for a baseline: nothing is new or old.
    let plain = self::value(&sarif(), &report(vec![finding(0, Severity::Note)]));
    assert!(plain["runs"][0]["results"][0].get("baselineState").is_none());
}

#[test]
fn other_formats_tell_what_is_accepted_too() {
    let report = mixed();
    let gitlab = value(&GitLab { root: Root::default() }, &report);
    let names: Vec<_> =
        gitlab.as_array().unwrap().iter().map(|entry| entry["check_name"].clone()).collect();
    assert_eq!(names, ["not-checked", "p/rule"]);
    let rdjson = value(&Rdjson, &report);
    let diagnostics = rdjson["diagnostics"].as_array().unwrap();
    assert_eq!(diagnostics.len(), 2);
    let suggestion = &diagnostics[1]["suggestions"][0];
    assert_eq!(suggestion["text"], "terms");
    assert_eq!(suggestion["range"]["start"], json!({ "line": 1, "column": 7 }));
    let junit = written(&JUnit, &report);
    assert!(junit.contains("tests=\"4\" failures=\"1\" errors=\"1\""), "{junit}");
    assert_eq!(junit.matches("<skipped>accepted: ").count(), 2, "{junit}");
    assert!(written(&Markdown, &report).contains("2 findings accepted."));
    let csv = written(&Csv, &report);
    assert!(csv.contains(",comment,a quote of the law,press office,2027-03-31,"), "{csv}");
    assert_eq!(written(&GitHub { root: Root::default() }, &report).lines().count(), 2);
}

/// A fix of several edits is no list of suggestions, each to be taken by itself.
#[test]
fn a_fix_of_several_edits_is_no_suggestion() {
    let mut report = mixed();
    let edits = &mut report.findings[0].fix.as_mut().unwrap().edits;
    edits.push(Edit { place: place(2, "x"), old: "x".into(), new: "y".into() });
    assert!(value(&Rdjson, &report)["diagnostics"][1].get("suggestions").is_none());
    // Unless it can be made as one.
    let joined = Edit { place: place(2, "x"), old: "x y".into(), new: "y y".into() };
    report.findings[0].fix.as_mut().unwrap().joined = Some(joined);
    let suggestions = &value(&Rdjson, &report)["diagnostics"][1]["suggestions"];
    assert_eq!(suggestions.as_array().unwrap().len(), 1);
    assert_eq!(suggestions[0]["text"], "y y");
}

#[test]
fn github_gets_ten_of_a_level_and_the_log_the_rest() {
    let levels = [(25, Severity::Note), (3, Severity::Warning), (12, Severity::Error)];
    let findings = levels
        .into_iter()
        .flat_map(|(count, severity)| (0..count).map(move |at| finding(at, severity)))
        .collect();
    let text = written(&GitHub { root: Root::default() }, &report(findings));
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!([count("::error"), count("::warning"), count("::notice")], [10, 3, 10]);
    assert!(text.contains("::notice title=probity::18 more results;"), "{text}");
    assert_eq!([count("error: a.md:"), count("note: a.md:")], [2, 16]);
    assert!(text.starts_with("::error"));
    let ten = report((0..10).map(|at| finding(at, Severity::Note)).collect());
    assert_eq!(written(&GitHub { root: Root::default() }, &ten).lines().count(), 10);
}

#[test]
fn sarif_lists_the_worst_where_there_are_too_many() {
    let mut findings: Vec<Finding> = (0..5010).map(|at| finding(at, Severity::Note)).collect();
    findings[5009].severity = Severity::Error;
    findings[0].suppression = Some(accepted(SuppressedBy::Comment, Some("x")));
    let value = value(&sarif(), &report(findings));
    let run = &value["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 5000);
    assert_eq!(results[4999]["level"], "error");
    assert!(results.iter().all(|result| result.get("suppressions").is_none()));
    assert_eq!(run["properties"]["unlisted"], 10);
    let notices = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let text = notices.last().unwrap()["message"]["text"].as_str().unwrap();
    assert_eq!(text, "10 more findings are counted and not listed here.");
}

#[test]
fn markdown_fits_into_a_comment() {
    let many = report((0..5000).map(|at| finding(at, Severity::Error)).collect());
    let text = written(&Markdown, &many);
    assert!(text.chars().count() < 65_536);
    assert!(text.contains("more findings not shown here."), "{}", &text[text.len() - 200..]);
}

#[test]
fn markdown_says_what_was_left_out_because_it_did_not_change() {
    let mut some = report(vec![finding(0, Severity::Error)]);
    some.changes = Some(ChangesReport {
        since: "origin/<b>".to_owned(),
        commit: Some("0123456789abcdef".to_owned()),
        unchanged_documents: 3,
        unchanged_findings: 1,
    });
    let text = written(&Markdown, &some);
    let line = "Compared with origin/&lt;b&gt; (0123456789ab): 3 files did not change; \
                1 finding on unchanged lines was left out.";
    assert!(text.lines().any(|found| found == line), "{text}");
}

/// A name of bytes that are no text leads to its file.
#[cfg(target_os = "linux")]
#[test]
fn addresses_in_sarif_are_those_of_the_bytes() {
    use std::os::unix::ffi::OsStrExt as _;
    let stage = Stage::new();
    for name in [&b"caf\xe9.md"[..], b"caf\xe8.md"] {
        let path = stage.work().join(std::ffi::OsStr::from_bytes(name));
        std::fs::write(path, "We promise.\n").unwrap();
    }
    let value = stage.check("words", &["--format", "sarif", "."]).json();
    let results = value["runs"][0]["results"].as_array().unwrap().iter();
    let uris: Vec<_> = results
        .map(|result| &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        .collect();
    assert_eq!(uris, ["work/caf%E8.md", "work/caf%E9.md"]);
}

#[test]
fn equal_findings_in_gitlab_stay_apart() {
    let report = report(vec![finding(0, Severity::Error); 3]);
    let value = value(&GitLab { root: Root::default() }, &report);
    let prints: BTreeSet<_> = value
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["fingerprint"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(prints.len(), 3);
}

fn on(server: &str, stage: &Stage, args: &[&str], more: &[(&str, &Path)]) -> Outcome {
    let all = [&["check", "--isolated", "--pack", "../packs/words.toml"], args].concat();
    let mut command = stage.command(&all);
    command.env(server, "true");
    for (name, value) in more {
        command.env(name, value);
    }
    let output = command.output().unwrap();
    Outcome {
        exit: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn on_github_the_fitting_format_is_chosen_and_the_summary_appended() {
    let stage = formats_stage();
    let summary = stage.work().join("summary.md");
    stage.write("summary.md", "earlier\n");
    let with = [("GITHUB_STEP_SUMMARY", summary.as_path())];
    let outcome = on("GITHUB_ACTIONS", &stage, &["b.txt", "maß 1.md"], &with);
    assert_eq!(outcome.exit, Some(1));
    assert!(outcome.stdout.starts_with("::error title=probity (words/promise),file=work/ma"));
    // The log shows the message alone: it says where, which rule, and which words.
    let message = outcome.stdout.lines().next().unwrap().split_once("::work/").unwrap().1;
    assert!(message.starts_with("maß 1.md:3:9: words/promise: "), "{message}");
    assert!(outcome.stderr.contains("Found 3 errors"), "{}", outcome.stderr);
    let text = stage.read("summary.md");
    assert!(text.starts_with("earlier\n### probity: 3 errors, 1 warning"), "{text}");
    // Another format is what was asked for, and leaves the summary alone.
    let outcome = on("GITHUB_ACTIONS", &stage, &["--format", "json", "b.txt"], &with);
    assert_eq!(outcome.json()["summary"]["warnings"], 1);
    assert_eq!(stage.read("summary.md"), text);
    // What another step left in the middle of a line stays a line of its own.
    stage.write("summary.md", "earlier");
    on("GITHUB_ACTIONS", &stage, &["b.txt"], &with);
    assert!(stage.read("summary.md").starts_with("earlier\n\n### probity: "));
    // A summary that cannot be written is no secret.
    let folder = stage.work();
    let with = [("GITHUB_STEP_SUMMARY", folder.as_path())];
    let outcome = on("GITHUB_ACTIONS", &stage, &["b.txt"], &with);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stderr.contains("cannot write the step summary"), "{}", outcome.stderr);
}

#[test]
fn on_gitlab_the_log_is_text_and_the_report_is_hinted_at() {
    let stage = formats_stage();
    let outcome = on("GITLAB_CI", &stage, &["b.txt"], &[]);
    assert!(outcome.stdout.contains("warning[words/colour]"), "{}", outcome.stdout);
    assert!(outcome.all().contains("--format gitlab=gl-code-quality-report.json"));
    assert!(!stage.work().join("gl-code-quality-report.json").exists());
    let args = ["--format", "full", "--format", "gitlab=gl.json", "b.txt"];
    let outcome = on("GITLAB_CI", &stage, &args, &[]);
    assert!(!outcome.all().contains("gl-code-quality-report.json"));
    let value: Value = serde_json::from_str(&stage.read("gl.json")).unwrap();
    assert_eq!(value[0]["location"]["path"], "work/b.txt");
}

/// On GitHub Actions both streams are a log that obeys commands.
#[cfg(unix)]
#[test]
fn no_text_on_github_is_a_command() {
    let name = "::set-env name=X::y\n::error::z.txt";
    let stage = Stage::with(name, "::stop-commands::x\nwe promise ##[add-path]/x ::error::y\n");
    stage.write("t.j2", "{% for f in findings %}::error::mine\n{{ f.path }} ##[x]\n{% endfor %}");
    let formats = [
        "full", "concise", "json", "jsonl", "sarif", "gitlab", "junit", "rdjson", "rdjsonl",
        "markdown", "csv",
    ];
    for format in formats {
        let outcome =
            on("GITHUB_ACTIONS", &stage, &["--format", format, ".", "::add-mask::gone"], &[]);
        assert_eq!(outcome.exit, Some(2), "{}", outcome.stderr);
        for line in outcome.all().lines() {
            assert!(!line.trim_start().starts_with("::"), "{format}: {line}");
            assert!(!line.contains("##["), "{format}: {line}");
        }
    }
    let all =
        on("GITHUB_ACTIONS", &stage, &["--format", "template", "--template", "t.j2", "."], &[]);
    assert!(all.stdout.lines().all(|line| !line.starts_with("::") && !line.contains("##[")));
    // What clap has to say repeats what was typed.
    let outcome = on("GITHUB_ACTIONS", &stage, &["--fail-on", "x\n::error::y", "."], &[]);
    assert!(outcome.stderr.lines().all(|line| !line.trim_start().starts_with("::")));
}

#[test]
fn several_formats_are_written_at_once() {
    let stage = formats_stage();
    let outcome = stage.check(
        "words",
        &[
            "--format",
            "concise",
            "--format",
            "sarif=out.sarif",
            "--format",
            "junit=junit.xml",
            "--format",
            "markdown=comment.md",
            "b.txt",
        ],
    );
    assert_eq!(outcome.exit, Some(0));
    assert!(outcome.stdout.starts_with("b.txt:1:11: warning[words/colour]"));
    assert_code_scanning(&serde_json::from_str(&stage.read("out.sarif")).unwrap());
    assert_junit(&stage.read("junit.xml"));
    assert!(stage.read("comment.md").starts_with("### probity: 1 warning"));
}

/// A template that fails on the way leaves what was there.
#[test]
fn a_template_that_fails_leaves_the_old_report() {
    let stage = formats_stage();
    stage.write("out.txt", "the old report");
    stage.write("t.j2", "some text\n{{ nothing.here }}\n");
    let outcome =
        stage.check("words", &["--format", "template=out.txt", "--template", "t.j2", "b.txt"]);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stderr.contains("the template t.j2, line 2"), "{}", outcome.stderr);
    assert_eq!(stage.read("out.txt"), "the old report");
    let outcome = stage.check("words", &["--template", "gone.j2", "b.txt"]);
    assert_eq!(outcome.exit, Some(2));
    assert!(outcome.stderr.contains("gone.j2"), "{}", outcome.stderr);
    stage.write("latin.j2", b"caf\xe9");
    let outcome = stage.check("words", &["--template", "latin.j2", "b.txt"]);
    assert!(outcome.stderr.contains("the template latin.j2 is not UTF-8"), "{}", outcome.stderr);
}
