//! Content repositories: many small pages with front matter and shortcodes, data files
//! with texts under some of their keys, tables of schedulers, and input that means harm.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use probity::input::{InputError, ReadOptions, read};
use probity::run::{Origin, Task};
use serde_json::{Value, json};

mod common;
#[path = "content/sites.rs"]
mod sites;
#[path = "content/strings.rs"]
mod strings;

use common::{Stage, api, shown};

/// Writes so many files in the manner of a site: pages in folders, includes, data.
fn repository(stage: &Stage, pages: usize) {
    const SENTENCES: &[&str] = &[
        "The ferry sails at nine.",
        "We promise to mend the gate. 👍",
        "Café hours are on the board.",
        "I guarantee a seat for everyone.",
        "A white paper came out on Friday.",
        "The shop says [hello](https://example.org/a \"We promise\").",
    ];
    let pick = |at: usize, by: usize| SENTENCES[(at / 3 * 7 + by) % SENTENCES.len()];
    for at in 0..pages {
        let (front, ending) = match at % 3 {
            0 => (
                format!(
                    "---\ntitle: \"Page {at}: {}\"\ntags: [a, b]\n---\n",
                    pick(at, 1).replace('"', "'")
                ),
                "md",
            ),
            1 => (
                format!(
                    "+++\ntitle = 'Page {at}'\n[image]\nalt = \"I guarantee caf\\u00e9\"\n+++\n"
                ),
                "md",
            ),
            _ => (
                format!("{{\"title\": \"Page {at}\", \"summary\": \"we \\u0070romise\"}}\n"),
                "html",
            ),
        };
        let body = match ending {
            "md" => format!(
                "\n# {}\r\n\n{{{{< figure src=\"a.png\" caption=\"{}\" >}}}}\n\n{}\n\n{{% if x %}}{}{{% endif %}}\n\n```\nwe promise\n```\n",
                pick(at, 2),
                pick(at, 3).replace('"', "'"),
                pick(at, 4),
                pick(at, 5)
            ),
            _ => format!(
                "<p>{}</p>\n{{% include box.html alt=\"we promise\" %}}<!-- we promise -->{{{{ content }}}}\n",
                pick(at, 2)
            ),
        };
        stage.write(&format!("content/{}/{}/page-{at}.{ending}", at % 7, at % 31), front + &body);
    }
    for at in 0..40 {
        let mut data = String::new();
        for post in 0..20 {
            writeln!(
                data,
                "- text: '{}'\n  platform: x\n  alt: |\n    {}",
                pick(at, post),
                pick(post, at)
            )
            .unwrap();
        }
        stage.write(&format!("_data/posts-{at}.yml"), data);
        stage.write(
            &format!("_data/more-{at}.json"),
            json!({"a": [{"text": pick(at, 9)}]}).to_string(),
        );
    }
    stage.write("package.json", "{\"description\": \"we promise\"}");
}

#[test]
fn a_repository_is_reported_byte_for_byte_whatever_the_threads() {
    let stage = Stage::new();
    repository(&stage, 2000);
    let run =
        |threads: &str| stage.check("words", &["--format", "json", "--threads", threads, "."]);
    let (one, eight) = (run("1"), run("8"));
    assert_eq!(one.exit, Some(1), "{}", one.stderr);
    assert!(one.stdout == eight.stdout && one.stderr == eight.stderr);
    let report = one.json();
    assert_eq!(report["documents"].as_array().unwrap().len(), 2080);
    assert_eq!(report["notices"], json!([]));
    let mut fields: BTreeMap<String, usize> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let field = finding["field"].as_str().unwrap();
        let generic = probity::input::any_item(field).into_owned();
        *fields.entry(generic).or_default() += 1;
    }
    for field in ["title", "image.alt", "summary", "figure.caption", "body", "tooltip", "box.alt"] {
        assert!(fields.contains_key(field), "{field}: {fields:?}");
    }
    for field in ["[*].text", "[*].alt", "a[*].text"] {
        assert!(fields.contains_key(field), "{field}: {fields:?}");
    }
}

/// Findings as `field line:column text`.
fn found(report: &Value) -> Vec<String> {
    let one = |finding: &Value, shown: String| {
        let place = shown.split_once(' ').map_or(String::new(), |(_, place)| place.to_owned());
        format!("{} {place}", finding["field"].as_str().unwrap())
    };
    let findings = report["findings"].as_array().unwrap();
    findings.iter().zip(shown(report)).map(|(finding, shown)| one(finding, shown)).collect()
}

#[test]
fn items_of_data_files_are_records_with_facts_of_their_own() {
    let stage = Stage::new();
    stage.write(
        "queue.yml",
        "date: 2024-06-01\nposts:\n- text: Proud to launch 1\n  scheduled_at: 2024-06-05 10:00\n\
         - {text: Proud to launch 2, scheduled_at: 2023-06-05}\n- text: Proud to launch 3\n\
         text: Proud to launch 4\n",
    );
    let report = stage.report("records", &["queue.yml"]);
    assert_eq!(
        found(&report),
        [
            "posts[0].text 3:9 Proud to launch",
            "posts[2].text 6:9 Proud to launch",
            "text 7:7 Proud to launch"
        ]
    );
    assert_eq!(report["documents"][0]["facts"]["kind"], json!(["post", "format"]));
}

#[test]
fn tables_of_schedulers_are_posts_on_the_day_they_go_out() {
    let stage = Stage::new();
    let shapes = [
        (
            "hootsuite.csv",
            "2024-06-05 10:00,Proud to launch,https://x.example\n2023-06-05 10:00,Proud to launch,\n",
            "Message 1:18",
        ),
        (
            "buffer.csv",
            "Text,Image URL,Posting Time\nProud to launch,,2024-06-05 10:00\nProud to launch,,2023-06-05 10:00\n",
            "Text 2:1",
        ),
        (
            "sprout.csv",
            "date,time_24hr,message_text,link\r\n05 June 2024,10:00,\"👍 Proud\nto launch\",\r\n05 June 2023,10:00,Proud to launch,\r\n",
            "message_text 2:23",
        ),
    ];
    for (name, text, place) in shapes {
        stage.write(name, text);
        let report = stage.report("records", &[name]);
        let found = found(&report);
        assert_eq!(found.len(), 1, "{name} {found:?}");
        assert!(found[0].starts_with(place), "{name} {found:?}");
        assert_eq!(report["documents"][0]["facts"]["kind"], json!(["post", "format"]), "{name}");
    }
    // Contact notes stay notes.
    stage.write("notes.csv", "date,notes,channel\n2024-06-05,Proud to launch,phone\n");
    let report = stage.report("records", &["notes.csv"]);
    assert_eq!(report["documents"][0]["facts"]["kind"], json!(["note", "format"]));
}

#[test]
fn first_comments_and_alternative_texts_are_published() {
    let stage = Stage::with(
        "a.csv",
        "Post copy,Publish at,LinkedIn first comment,Image 2 alt text,Owner\n\
         Hello,2026-01-02,we promise,I guarantee,we promise\n",
    );
    let report = stage.report("words", &["a.csv"]);
    assert_eq!(
        found(&report),
        ["LinkedIn first comment 2:18 we promise", "Image 2 alt text 2:29 I guarantee"]
    );
    stage.write(
        "a.json",
        "{\"image\": {\"altText\": \"we promise\"}, \"firstComment\": \"I guarantee\"}",
    );
    let report = stage.report("words", &["a.json"]);
    assert_eq!(found(&report), ["image.altText 1:24 we promise", "firstComment 1:55 I guarantee"]);
}

#[test]
fn data_files_of_every_encoding_are_read() {
    let stage = Stage::new();
    let text = "posts:\r\n- text: \"é👍 we promise\"\r\n";
    let marked = format!("\u{feff}{text}");
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| marked.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    for bytes in [
        text.as_bytes().to_vec(),
        marked.clone().into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ] {
        stage.write("a.yml", bytes);
        assert_eq!(found(&stage.report("words", &["a.yml"])), ["posts[0].text 2:13 we promise"]);
    }
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_checked() {
    let bomb = {
        let mut text = "text: we promise\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..9 {
            let all = vec![format!("*a{}", n - 1); 9].join(", ");
            writeln!(text, "a{n}: &a{n} [{all}]").unwrap();
        }
        text
    };
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(50_000), close.repeat(50_000));
    let rows: &[(&str, String, usize, &str)] = &[
        ("a.yml", "text: we promise\nb: c: d\n".into(), 1, "this is not valid YAML (line 2:"),
        (
            "a.json",
            "{\"text\": \"we promise\", \"x\": }".into(),
            1,
            "this is not valid JSON (line 1:",
        ),
        ("a.toml", "text = 'we promise'\nx =\n".into(), 1, "this is not valid TOML (line 2:"),
        (
            "a.toml",
            "text = 'we promise'\ntext = 'I guarantee'\n".into(),
            1,
            "this is not valid TOML (line 2:",
        ),
        (
            "a.md",
            "{\"title\": \"we promise\", x}\nI guarantee".into(),
            2,
            "the front matter is not valid JSON",
        ),
        (
            "a.html",
            "---\ntitle: we promise\nx: y: z\n---\n<p>I guarantee".into(),
            2,
            "the front matter is not valid YAML",
        ),
        ("bomb.yml", bomb, 1, "too much in aliases"),
        ("deep.yml", format!("a: {}", deep("[", "]")), 0, "recursion limit"),
        ("deep.json", deep("{\"text\":[", "]}"), 0, "deep in one another"),
        ("deep.toml", format!("text = {}", deep("[", "]")), 0, "recursion"),
        ("keys.toml", format!("{}a = 1", "a.".repeat(50_000)), 0, "recursion"),
        (
            "deep.md",
            format!("---\na: {}\n---\nwe promise", deep("{b: ", "}")),
            1,
            "recursion limit",
        ),
    ];
    for (name, text, findings, told) in rows {
        let stage = Stage::with(name, text);
        let outcome = stage.check("words", &["--format", "json", name]);
        let report = outcome.json();
        assert_eq!(outcome.exit, Some(2), "{name} {}", outcome.stderr);
        assert_eq!(report["findings"].as_array().unwrap().len(), *findings, "{name} {text:.80}");
        assert!(outcome.stderr.contains(told), "{name} {}", outcome.stderr);
    }
    for (name, text) in [
        ("deep.html", format!("{}we promise", "<div>".repeat(50_000))),
        ("deep.md", format!("{}we promise", "> ".repeat(20_000))),
        ("list.md", format!("{}we promise", "- ".repeat(20_000))),
        ("calls.md", format!("{}\n\nwe promise", "{{< a \"{% raw %}".repeat(20_000))),
    ] {
        let stage = Stage::with(name, text);
        let outcome = stage.check("words", &["--format", "json", name]);
        assert!(matches!(outcome.exit, Some(0..=2)), "{name} {}", outcome.stderr);
    }
}

#[test]
fn keys_that_stand_twice_are_told_and_all_texts_are_checked() {
    for (name, text) in [
        ("a.yml", "text: we promise\ntext: I guarantee\n"),
        ("a.json", "{\"text\": \"we promise\",\n\"text\": \"I guarantee\"}"),
    ] {
        let stage = Stage::with(name, text);
        let outcome = stage.check("words", &["--format", "json", name]);
        assert_eq!(outcome.exit, Some(1));
        assert_eq!(outcome.json()["findings"].as_array().unwrap().len(), 2);
        assert!(outcome.stderr.contains("this file has `text` a second time on line 2"));
    }
}

/// Slow in proportion to the square of its length, this would take hours.
#[test]
fn one_line_of_twenty_megabytes_takes_linear_time() {
    let mut text = "some *words* and `code` {{< x y=\"z\" >}} ".repeat(500_000);
    text.push_str("we promise");
    let stage = Stage::with("a.md", &text);
    let report = stage.report("words", &["a.md"]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    let place = &report["findings"][0]["places"][0];
    assert_eq!((&place["line"], &place["column"]), (&json!(1), &json!(text.len() - 9)));
}

/// As it is on disk when the file is gone between the walk and the reading.
#[test]
fn a_file_that_is_gone_is_told() {
    let stage = Stage::with("a.md", "we promise");
    let path: PathBuf = stage.work().join("gone.md");
    let task = |name: &str, path| Task { name: name.to_owned(), origin: Origin::File(path) };
    let tasks = vec![task("a.md", stage.work().join("a.md")), task("gone.md", path.clone())];
    fs::write(&path, "we promise").unwrap();
    fs::remove_file(&path).unwrap();
    let report = api::run(&api::fixture_packs(&["words"])).check(tasks, Vec::new()).unwrap();
    assert_eq!(report.findings.len(), 1);
    assert!(report.incomplete());
    assert!(report.notices[0].message.starts_with("cannot be read: "), "{:?}", report.notices);
}

#[cfg(target_os = "linux")]
#[test]
fn names_of_files_bring_nothing_into_the_output() {
    use std::os::unix::ffi::OsStrExt;
    let stage = Stage::new();
    let folder = stage.work().join("_data");
    fs::create_dir(&folder).unwrap();
    for name in [&b"a\n::error::x\x1b[31m.md"[..], b"b\xff\xfe.yml", b"c\r\nd.json"] {
        let text =
            if name.ends_with(b"json") { "{\"text\": \"we promise\"}" } else { "text: we promise" };
        fs::write(folder.join(std::ffi::OsStr::from_bytes(name)), text).unwrap();
    }
    for format in ["full", "concise", "jsonl", "json"] {
        let outcome = stage.check("words", &["--format", format, "."]);
        assert_eq!(outcome.exit, Some(1), "{}", outcome.stderr);
        let all = outcome.all();
        assert!(!all.contains('\x1b') && !all.contains('\r'), "{all:?}");
        assert!(!all.lines().any(|line| line.starts_with("::")), "{all}");
    }
}

#[test]
fn a_column_that_is_not_there_is_an_error_and_a_key_a_notice() {
    let asked = |fields: &[&str]| ReadOptions {
        fields: fields.iter().map(ToString::to_string).collect(),
        ..ReadOptions::default()
    };
    let table = |fields: &[&str]| read("a.csv", b"id,text\n1,x\n".to_vec(), &asked(fields));
    let error = table(&["headline"]).unwrap_err();
    assert!(matches!(error, InputError::MissingColumn { .. }));
    // A list for data files is no list of columns.
    for fields in [&["posts[*].text"][..], &["**.alt", "!**.id"], &["seo.title"]] {
        let document = table(fields).unwrap();
        let names: Vec<_> = document.fields.iter().map(|field| &*field.name).collect();
        assert_eq!((names, document.notices.len()), (vec!["text"], 0), "{fields:?}");
    }
    let document = table(&["posts[*].text", "headline", "ID"]).unwrap();
    assert_eq!(document.fields[0].name, "id");
    assert_eq!(document.fields.len(), 1);
    assert_eq!(
        document.notices[0].message,
        "`fields` names `headline`, and this table has no such column"
    );
    let document =
        read("a.yml", b"nav: [{label: x}]\n".to_vec(), &asked(&["posts[*].text"])).unwrap();
    assert_eq!(
        document.notices[0].message,
        "none of the keys that `fields` names is in this file, so nothing in it was checked; it \
         has texts under `nav[*].label`"
    );
    assert!(!document.notices[0].unchecked);
}

#[test]
fn data_files_are_taken_where_the_settings_of_their_folder_ask() {
    let stage = Stage::new();
    for folder in ["social", "social/old", "other"] {
        fs::create_dir_all(stage.work().join(folder)).unwrap();
        let text = "posts:\n  - text: we promise\n    note: we promise\n";
        stage.write(&format!("{folder}/queue.yml"), text);
    }
    stage.write("social/table.csv", "id,text\n1,we promise\n");
    stage.write("probity.toml", "packs = [\"../packs/words.toml\"]\n");
    stage.write(
        "social/probity.toml",
        "extends = [\"../probity.toml\"]\nexclude = [\"old\"]\n[[path]]\nglob = \"**\"\n\
         fields = [\"posts[*].note\"]\n",
    );
    let expected = ["social/queue.yml 3 posts[0].note", "social/table.csv 2 text"];
    let found = |args: &[&str]| -> Vec<String> {
        let mut all = vec!["check", "--format", "json"];
        all.extend(args);
        let report = stage.run(&all).json();
        let one = |finding: &Value| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            format!("{} {} {}", text("path"), finding["places"][0]["line"], text("field"))
        };
        report["findings"].as_array().unwrap().iter().map(one).collect()
    };
    assert_eq!(found(&["."]), expected);
    assert_eq!(found(&["social"]), expected);
    assert_eq!(found(&["--isolated", "--pack", "../packs/words.toml", "."]).len(), 1);
    // Named, it is read by what is known.
    assert_eq!(found(&["other/queue.yml"]), ["other/queue.yml 2 posts[0].text"]);
    let dump = stage.run(&["check", "--dump-config", "social/queue.yml"]);
    assert!(dump.stdout.contains("posts[*].note"), "{}", dump.all());
    assert!(dump.stdout.contains("social/probity.toml:5"), "{}", dump.stdout);
    let at = |place: &str| {
        let outcome = stage.run(&["explain", "--at", place]);
        assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
        outcome.stdout
    };
    let here = at("social/queue.yml:3:14");
    assert!(here.contains("(read as yaml)\nIn the `posts[0].note`."), "{here}");
    assert!(here.contains("words/promise") && here.contains("probity.toml:5: fields"), "{here}");
    assert!(!here.contains("Record") && !here.contains("column `"), "{here}");
    assert!(at("social/queue.yml:2").contains("No text that is checked stands here"));
}
