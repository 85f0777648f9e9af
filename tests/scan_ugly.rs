//! Exports as products and people really leave them: what is in them is found, and what is
//! not read is said.

use std::io::Write as _;

mod common;

use common::Stage;
use serde_json::Value;

const SAYS: &str = "She is a practising Catholic";

/// Scans files; the list of findings and the summary, and the exit code.
fn scan(stage: &Stage, args: &[&str]) -> (Vec<Value>, Value, Option<i32>) {
    let fixed = ["scan", "--isolated", "--pack", "crm-notes", "--format", "json"];
    let outcome = stage.run(&[&fixed[..], args].concat());
    let json = outcome.json();
    let findings = json["findings"].as_array().unwrap();
    let religion = findings.iter().filter(|finding| finding["rule"] == "crm/religion");
    (religion.cloned().collect(), json["summary"].clone(), outcome.exit)
}

fn scan_one(name: &str, bytes: impl AsRef<[u8]>) -> (Vec<Value>, Value, Option<i32>) {
    scan(&Stage::with(name, bytes), &[name])
}

fn notices(summary: &Value) -> String {
    summary["notices"].to_string()
}

fn encode(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn texts_in_base64_inside_bodies_are_read_and_taken_out() {
    let html = encode(&format!("<p>{SAYS}.</p>"));
    let csv = format!(
        "id,note\n1,\"<p>See <a href=\"\"data:text/html;base64,{html}\"\">this</a></p>\"\n\
         2,\"see data:text/plain;base64,{} end\"\n\
         3,\"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{}\n\"\n",
        encode(SAYS),
        encode(SAYS)
    );
    let stage = Stage::with("a.csv", &csv);
    let (found, ..) = scan(&stage, &["a.csv", "--redact-to", "out"]);
    let records: Vec<_> = found.iter().map(|it| it["record"].as_u64().unwrap()).collect();
    assert_eq!(records, [1, 2, 3]);
    let copy = stage.read("out/a.csv");
    let expected = csv.replace(&html, "[removed]").replace(&encode(SAYS), "[removed]");
    assert_eq!(copy, expected);
    let bytes = &found[1]["places"][0]["bytes"];
    let range = bytes["start"].as_u64().unwrap() as usize..bytes["end"].as_u64().unwrap() as usize;
    assert_eq!(csv[range], encode(SAYS));
}

#[test]
fn encodings_that_change_at_the_start_are_told() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let rows = format!("2,{SAYS}.\n").repeat(5);
    for (first, rest) in [
        (format!("id,note\n1,{SAYS}.\n").into_bytes(), wide(&rows)),
        (format!("id,note\n1,{SAYS}.\n").into_bytes(), {
            rows.encode_utf16().flat_map(u16::to_be_bytes).collect()
        }),
        (wide(&format!("\u{feff}id,note\n1,{SAYS}.\n")), rows.clone().into_bytes()),
    ] {
        let (found, summary, exit) = scan_one("a.csv", [first, rest].concat());
        assert_eq!(exit, Some(2), "{summary}");
        assert!(notices(&summary).contains("the encoding changes midway"), "{summary}");
        assert_eq!(found[0]["record"], 1, "{summary}");
        assert_eq!(found[0]["column"], "note");
    }
    let chinese = format!(
        "\u{feff}id,note\n1,{SAYS}.\n2,{}\n",
        "客户要求回电话，谈谈垃圾收集的事情。".repeat(200)
    );
    let (found, _, exit) = scan_one("a.csv", wide(&chinese));
    assert_eq!((found.len(), exit), (1, Some(1)));
}

#[test]
fn what_came_before_the_damage_is_scanned() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let rows = (0..500).map(|at| format!("{at},{SAYS} {}.\n", at * 7919 % 1009));
    gzip.write_all(("id,note\n".to_owned() + &rows.collect::<String>()).as_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    let stage = Stage::with("a.csv.gz", &packed[..packed.len() - 40]);
    let (found, summary, exit) = scan(&stage, &["a.csv.gz"]);
    assert_eq!(exit, Some(2));
    assert!(found.len() > 100, "{summary}");
    assert!(notices(&summary).contains("it ends too early"), "{summary}");
    assert_eq!(summary["files"][0]["digest"], "");
}

#[test]
fn a_broken_first_line_does_not_hide_the_others() {
    let line = format!("{{\"id\":2,\"note\":\"{SAYS}.\"}}\n");
    let deep = format!("{{\"note\":{}\"x\"{}}}\n", "[".repeat(200), "]".repeat(200));
    for broken in ["{\"id\":1,\"note\":\"cut off\n", &deep] {
        let (found, summary, exit) = scan_one("a.jsonl", broken.to_owned() + &line + &line);
        assert_eq!((found.len(), exit), (2, Some(2)), "{summary}");
        assert_eq!(summary["notices"][0]["line"], 1, "{summary}");
    }
}

#[test]
fn columns_that_rules_ask_for_are_not_called_unread() {
    let csv = "id,notes,opted out,Spoken To On\n1,Rang about the bins again,no,2010-01-01\n";
    let stage = Stage::with("a.csv", csv);
    let args = ["a.csv", "--map", "Spoken To On=last_contact_date", "--set", "as_of=2026-11-21"];
    let (_, summary, _) = scan(&stage, &args);
    let file = &summary["files"][0];
    let unread: Vec<_> = file["unread"].as_array().unwrap().iter().collect();
    assert!(!unread.contains(&&Value::from("Spoken To On")), "{file}");
    assert!(file["columns"].to_string().contains("Spoken To On"), "{file}");
    assert!(unread.contains(&&Value::from("id")), "{file}");
}

#[test]
fn names_of_columns_are_masked_like_what_stands_below_them() {
    let csv = format!("id,note,She is a practising Catholic\n1,{SAYS}.,{SAYS}.\n");
    let stage = Stage::with("a.csv", &csv);
    let json = format!("{{\"note\":\"{SAYS}.\",\"She is a practising Catholic\":\"{SAYS}.\"}}\n");
    stage.write("b.jsonl", json);
    let formats = ["csv", "jsonl", "json", "sarif", "html", "summary"];
    let files: Vec<String> =
        formats.iter().map(|name| format!("--format={name}=r.{name}")).collect();
    let mut args = vec!["a.csv", "b.jsonl", "--field", "note", "--field"];
    args.extend(["She is a practising Catholic", "--audit-log=log", "--redact-to=out"]);
    args.extend(files.iter().map(String::as_str));
    let all = ["scan", "--isolated", "--pack", "crm-notes"];
    let outcome = stage.run(&[&all[..], &args].concat());
    assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
    let mut written: Vec<String> =
        formats.iter().map(|name| stage.read(&format!("r.{name}"))).collect();
    written.extend([stage.read("log"), stage.read("out/redaction.json"), outcome.all()]);
    for text in &written {
        assert!(!text.contains("Catholic"), "{text}");
    }
    assert!(written[2].contains("\"column\":\"She is a practising XXXXXXXX\""), "{}", written[2]);
    let (found, ..) =
        scan(&stage, &["b.jsonl", "--reveal", "--field", "She is a practising Catholic"]);
    assert!(found.iter().any(|it| it["column"] == "She is a practising Catholic"), "{found:?}");
    // In names of columns that are not there.
    let outcome = stage.run(&[&all[..], &["a.csv", "--field", "x"]].concat());
    assert!(!outcome.all().contains("Catholic"), "{}", outcome.all());
}

#[test]
fn files_are_judged_under_the_settings_of_their_folder() {
    let stage = Stage::with("a.csv", format!("id,note\n1,{SAYS}.\n"));
    stage.write("probity.toml", "packs = [\"crm-notes\"]\n");
    let quiet = "extends = \"../probity.toml\"\n[severity]\n\"crm/religion\" = \"note\"\n";
    stage.write("b/probity.toml", quiet);
    stage.write("b/b.csv", format!("id,note\n1,{SAYS}.\n"));
    stage.write("c/probity.toml", "packs = [\"public-sector-data\"]\n");
    stage.write("c/c.csv", "id,note\n1,Her NI number is AB123456C\n");
    let outcome = stage.run(&["scan", ".", "--format", "json"]);
    let json = outcome.json();
    let shown: Vec<String> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {} {}", it["file"], it["rule"], it["severity"]).replace('"', ""))
        .collect();
    assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
    for expected in
        ["a.csv crm/religion error", "b/b.csv crm/religion note", "c/c.csv data/nino error"]
    {
        assert!(shown.iter().any(|it| it == expected), "{expected}: {shown:?}");
    }
    assert!(!shown.iter().any(|it| it.starts_with("c/c.csv crm")), "{shown:?}");
    assert_eq!(json["summary"]["records"], 3);
    let packs = json["summary"]["packs"].to_string();
    assert!(packs.contains("crm-notes") && packs.contains("public-sector-data"), "{packs}");
    // A finding that is none to fail by does not fail.
    assert_eq!(stage.run(&["scan", "b"]).exit, Some(0));
    assert_eq!(stage.run(&["scan", "b", "--sample", "1"]).exit, Some(0));
    let outcome = stage.run(&["scan", "b", "c", "--redact-to", "out"]);
    assert_eq!(outcome.exit, Some(1), "{}", outcome.all());
    assert!(!stage.read("out/c/c.csv").contains("AB123456C"));
    assert!(!stage.read("out/b/b.csv").contains("Catholic"));
}

/// Records of the binary kind of workbook ([MS-XLSB] 2.1.4).
fn records(records: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, data) in records {
        let mut kind = *kind;
        // The number as it is read: its bytes, the lower first.
        bytes.push((kind & 0xff) as u8);
        kind >>= 8;
        if kind > 0 {
            bytes.push(kind as u8);
        }
        let mut len = data.len();
        loop {
            let more = len > 0x7f;
            bytes.push((len & 0x7f) as u8 | if more { 0x80 } else { 0 });
            len >>= 7;
            if !more {
                break;
            }
        }
        bytes.extend(data);
    }
    bytes
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = (units.len() as u32).to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

fn xlsb(comments: bool) -> Vec<u8> {
    let of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships><Relationship Id=\"rId1\" Type=\"{of}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let bundle = [vec![1, 0, 0, 0, 1, 0, 0, 0], wide("rId1"), wide("Notes")].concat();
    let book =
        records(&[(0x0183, vec![]), (0x019c, bundle), (0x0190, vec![]), (0x019d, vec![0; 4])]);
    let cell = |column: u32, text: &str| {
        (6, [column.to_le_bytes().to_vec(), vec![0; 4], wide(text)].concat())
    };
    let row = |row: u32| (0, [row.to_le_bytes().to_vec(), vec![0; 13]].concat());
    let sheet = records(&[
        (0x0181, vec![]),
        (0x0194, vec![0; 16]),
        (0x0191, vec![]),
        row(0),
        cell(0, "id"),
        cell(1, "note"),
        row(41),
        cell(0, "1"),
        cell(1, SAYS),
        (0x0192, vec![]),
    ]);
    let (root, of_book) = (
        relation("officeDocument", "xl/workbook.bin"),
        relation("worksheet", "worksheets/sheet1.bin"),
    );
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", of_book.as_bytes()),
        ("xl/worksheets/sheet1.bin", &sheet),
    ];
    if comments {
        parts.push(("xl/comments1.bin", b"x"));
    }
    zipped(&parts)
}

#[test]
fn binary_workbooks_are_read_and_their_comments_are_said_not_to_be() {
    let (found, summary, exit) = scan_one("a.xlsb", xlsb(false));
    assert_eq!((found.len(), exit), (1, Some(1)), "{summary}");
    assert_eq!(found[0]["cell"], "B42", "{summary}");
    assert_eq!(summary["files"][0]["format"], "xlsb");
    assert_eq!(summary["files"][0]["sheet"], "Notes");
    assert_eq!(notices(&summary).matches("hidden").count(), 1, "{summary}");
    let (found, summary, exit) = scan_one("a.xlsb", xlsb(true));
    assert_eq!((found.len(), exit), (1, Some(2)), "{summary}");
    assert!(notices(&summary).contains("comments or text boxes that are not read"), "{summary}");
    // Cut and changed bytes end in a message, never in a panic.
    let whole = xlsb(false);
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x5a;
        scan_one("a.xlsb", &bytes);
        if at % 49 == 0 {
            scan_one("a.xlsb", &whole[..at]);
        }
    }
}

#[test]
fn sheets_with_nothing_but_comments_are_read() {
    let of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships><Relationship Id=\"rId1\" Type=\"{of}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let parts = [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"N\" r:id=\"rId1\"/></sheets></workbook>".into(),
        ),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>".into()),
        ("xl/worksheets/_rels/sheet1.xml.rels", relation("comments", "../comments/comment1.xml")),
        (
            "xl/comments/comment1.xml",
            format!(
                "<comments><commentList><comment ref=\"B2\"><text><t>{SAYS}</t></text></comment></commentList></comments>"
            ),
        ),
    ];
    let parts: Vec<(&str, &[u8])> =
        parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let stage = Stage::with("a.xlsx", zipped(&parts));
    let (found, summary, exit) = scan(&stage, &["a.xlsx", "--redact-to", "out"]);
    assert_eq!((found.len(), exit), (1, Some(1)), "{summary}");
    let (found, summary, _) = scan(&stage, &["out/a.xlsx"]);
    assert_eq!(found.len(), 0, "{summary}");
}

#[test]
fn a_column_that_is_filled_late_is_read() {
    let early: String = (1..=250).map(|id| format!("{id},Bins missed,,\n")).collect();
    let late = format!("251,Rang,{SAYS}.,yes\n");
    let stage = Stage::with("a.csv", format!("id,note,Extra,opted out\n{early}{late}"));
    let (found, summary, exit) = scan(&stage, &["a.csv", "--redact-to", "out"]);
    assert_eq!((found.len(), exit), (1, Some(1)), "{summary}");
    assert_eq!(found[0]["column"], "Extra");
    let columns = summary["files"][0]["columns"].to_string();
    assert!(columns.contains(r#"{"name":"Extra","why":"empty at first"}"#), "{columns}");
    // What rules ask for as a value does not become text because it comes late.
    assert!(!columns.contains(r#""opted out","why":"empty"#), "{columns}");
    assert!(!stage.read("out/a.csv").contains("Catholic"));
    let told = stage.run(&["scan", "--isolated", "--pack", "crm-notes", "a.csv"]).all();
    assert!(told.contains("empty in the first rows"), "{told}");
}

#[test]
fn what_probity_wrote_into_a_folder_is_no_export() {
    let text = format!("id,note\n1,{SAYS}.\n");
    let stage = Stage::with("crm/a.csv", &text);
    stage.write("crm/clean.csv", "id,note\n1,Rang about the bins\n");
    let reports = [
        "--format=csv=crm/list.csv",
        "--format=jsonl=crm/list.jsonl",
        "--format=json=crm/list.json",
        "--format=sarif=crm/sarif.json",
        "--audit-log=crm/audit.jsonl",
    ];
    let run = |args: &[&str]| {
        let fixed = ["scan", "--isolated", "--pack", "crm-notes"];
        stage.run(&[&fixed[..], args, &reports].concat())
    };
    for args in [&["crm/clean.csv"][..], &["crm", "--redact-to=crm/out"], &["crm"], &["crm"]] {
        let outcome = run(args);
        let found = i32::from(args[0] == "crm");
        assert_eq!(outcome.exit, Some(found), "{args:?}: {}", outcome.all());
    }
    stage.write("crm/out/new.csv", "id,note\n1,Nothing said\n");
    let (found, summary, _) = scan(&stage, &["crm"]);
    let read: Vec<_> = summary["files"].as_array().unwrap().iter().map(|it| &it["path"]).collect();
    assert_eq!(read, ["crm/a.csv", "crm/clean.csv", "crm/out/new.csv"]);
    assert_eq!(found.len(), 1);
    for name in ["list.csv", "list.jsonl", "list.json", "sarif.json", "audit.jsonl"] {
        assert!(notices(&summary).contains(&format!("crm/{name}")), "{}", notices(&summary));
    }
    assert!(notices(&summary).contains("3 files in this folder are redacted copies"), "{summary}");
    // Whoever names them has them read.
    for (named, files) in [("crm/list.csv", 1), ("crm/out/crm/a.csv", 1), ("crm/out", 3)] {
        let (_, summary, _) = scan(&stage, &[named]);
        assert_eq!(summary["files"].as_array().unwrap().len(), files, "{named}: {summary}");
    }
    // An export is never taken for a report, and never overwritten.
    assert_eq!(run(&["crm", "--format=html=crm/a.csv"]).exit, Some(2));
    assert_eq!(stage.read("crm/a.csv"), text);
}
