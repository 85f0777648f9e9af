//! Redacted copies: nothing that was replaced is found again, and nothing else changes.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use probity::scan::columns::Wanted;
use probity::scan::model::{ScanFinding, Summary};
use probity::scan::redact::{REMOVED, Redaction, Redactor, copy_text};
use probity::scan::tally::Counter;
use proptest::prelude::*;
use serde_json::Value;

mod common;

use common::Stage;
use common::exports::{How, MASKED, file, scan_file};

/// Scans a file; what was found, and what is to be replaced.
fn scanned(path: &Path, chunk: usize) -> (Vec<ScanFinding>, Redaction) {
    let wanted = Wanted { fields: vec!["notes".to_owned()], ..Wanted::default() };
    let how = How { wanted, chunk, redacts: true, ..How::default() };
    let mut found = Vec::new();
    let mut counter = Counter::new(&MASKED.set, Summary::default());
    let mut redactor = Redactor::new(&MASKED.set);
    scan_file(&MASKED, path, &how, &mut |event| {
        redactor.see(&event);
        counter
            .take(event, &mut |finding| {
                found.push(finding.clone());
                Ok(())
            })
            .unwrap();
    });
    assert!(!counter.finish(None).incomplete());
    (found, redactor.finish().remove(0))
}

/// A file and its redacted copy: what was found in both, and the bytes of the copy.
fn redacted(
    bytes: &[u8],
    ending: &str,
    chunk: usize,
) -> (Vec<ScanFinding>, Vec<ScanFinding>, Vec<u8>) {
    let original = file(bytes, ending);
    let (found, redaction) = scanned(original.path(), chunk);
    let mut copy = Vec::new();
    let copied = copy_text(&redaction, bytes, &mut copy).unwrap();
    assert_eq!(copied.after, blake3::hash(&copy).to_hex().to_string());
    let again = scanned(file(&copy, ending).path(), chunk).0;
    (found, again, copy)
}

/// Statements of which one is found only where the other is gone.
#[test]
fn nothing_is_found_behind_what_was_found() {
    let stage = Stage::with(
        "notes.csv",
        "Contact ID,Notes\n4,Luo or Kikuyu? Luo. dont mix up again. Otieno acct\n\
         7,\"He is a black man. twins, one came out dark & one light, got in papers\"\n",
    );
    let args = ["scan", "--pack", "crm-notes", "--field", "Notes"];
    let first = stage.run(&[&args[..], &["notes.csv", "--redact-to", "out"]].concat());
    assert_eq!(first.exit, Some(1), "{}", first.all());
    let second = stage.run(&[&args[..], &["out/notes.csv"]].concat());
    assert_eq!(second.exit, Some(0), "{}\n{}", second.all(), stage.read("out/notes.csv"));
}

/// Notes of which some say what they should not.
const NOTES: &[&str] = &[
    "She is a practising Catholic.",
    "Rang about the white paper; \"quite cross\", she said",
    "Bins missed again\nhe is Romanian, prefers mornings",
    "naïve café, £5, déjà vu — “quoted”",
    "",
    "Mum is Sikh, dad lapsed Methodist",
    "a, b; c\td",
    "He said \"I am Muslim\"",
    "Her NI number is AB123456C",
    "\"Polish\" is what her mother is; she is \"Polish\" too",
    "é — she is Jewish; é",
];

fn rows() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..NOTES.len(), 0..30)
}

#[derive(Clone, Copy, Debug)]
enum Quoting {
    Needed,
    Always,
    /// The first rows only where needed, the others always.
    Mixed,
}

fn csv(rows: &[usize], quoting: Quoting, delimiter: char, end: &str) -> String {
    let cell = |at: usize, text: &str| {
        let always = match quoting {
            Quoting::Needed => false,
            Quoting::Always => true,
            Quoting::Mixed => at % 3 == 2,
        };
        if always || text.contains([delimiter, '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    let mut csv = format!("id{delimiter}notes{delimiter}office{end}");
    for (at, note) in rows.iter().enumerate() {
        csv += &format!("{at}{delimiter}{}{delimiter}North{end}", cell(at, NOTES[*note]));
    }
    csv
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Written {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16Be,
    Windows1252,
}

fn encoded(text: &str, written: Written) -> Vec<u8> {
    let units = || std::iter::once(0xFEFF).chain(text.encode_utf16());
    match written {
        Written::Utf8 => text.as_bytes().to_vec(),
        Written::Utf8Marked => format!("\u{FEFF}{text}").into_bytes(),
        Written::Utf16Le => units().flat_map(u16::to_le_bytes).collect(),
        Written::Utf16Be => units().flat_map(u16::to_be_bytes).collect(),
        Written::Windows1252 => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
    }
}

/// The file with every place of the findings replaced, a second way.
fn spliced(bytes: &[u8], found: &[ScanFinding], removed: &[u8]) -> Vec<u8> {
    let mut gone = vec![false; bytes.len() + 1];
    for place in found.iter().flat_map(|finding| &finding.places) {
        gone[place.bytes.clone().unwrap()].fill(true);
    }
    let mut copy = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        match gone[at] {
            true if at == 0 || !gone[at - 1] => copy.extend_from_slice(removed),
            true => {}
            false => copy.push(*byte),
        }
    }
    copy
}

/// The cells of CSV, as an independent reader sees them.
fn cells(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter as u8).build();
    let (mut all, mut row, mut input) = (Vec::new(), Vec::new(), text.as_bytes());
    loop {
        let mut out = vec![0; text.len() + 8];
        let (result, read, written) = reader.read_field(input, &mut out);
        input = &input[read..];
        match result {
            csv_core::ReadFieldResult::Field { record_end } => {
                row.push(String::from_utf8(out[..written].to_vec()).unwrap());
                if record_end {
                    all.push(std::mem::take(&mut row));
                }
            }
            csv_core::ReadFieldResult::InputEmpty => {}
            csv_core::ReadFieldResult::OutputFull => panic!("there was room"),
            csv_core::ReadFieldResult::End => return all,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn copies_of_tables_differ_in_the_words_only(
        rows in rows(),
        chunk in 16_usize..400,
        quoting in prop::sample::select(vec![Quoting::Needed, Quoting::Always, Quoting::Mixed]),
        delimiter in prop::sample::select(vec![',', ';', '\t']),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        written in prop::sample::select(vec![
            Written::Utf8,
            Written::Utf8Marked,
            Written::Utf16Le,
            Written::Utf16Be,
            Written::Windows1252,
        ]),
    ) {
        let text = csv(&rows, quoting, delimiter, end);
        let bytes = encoded(&text, written);
        let (found, again, copy) = redacted(&bytes, ".csv", chunk);
        prop_assert!(again.is_empty(), "{:?}", again);
        let tells = rows.iter().filter(|&&note| [0, 5].contains(&note)).count();
        prop_assert!(found.len() >= tells, "{:?}", found);
        let mark = encoded("", written).len();
        let removed = encoded(REMOVED, written)[mark..].to_vec();
        prop_assert_eq!(&copy, &spliced(&bytes, &found, &removed));
        // The table has its rows and cells, and the notes lack the words.
        if written == Written::Utf8 {
            let copy = cells(&String::from_utf8(copy).unwrap(), delimiter);
            let mut expected = cells(&text, delimiter);
            for finding in found.iter().rev() {
                let note = &mut expected[finding.record as usize][1];
                for place in finding.places.iter().rev() {
                    let chars: Vec<char> = note.chars().collect();
                    let part = |range: &[char]| range.iter().collect::<String>();
                    let (before, after) = (&chars[..place.chars.start], &chars[place.chars.end..]);
                    *note = format!("{}{REMOVED}{}", part(before), part(after));
                }
            }
            prop_assert_eq!(copy, expected);
        }
    }

    #[test]
    fn copies_of_json_differ_in_the_words_only(
        rows in rows(),
        chunk in 16_usize..400,
        escaped in any::<bool>(),
        array in any::<bool>(),
        end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let objects: Vec<String> = rows
            .iter()
            .enumerate()
            .map(|(at, note)| {
                let object = serde_json::json!({ "id": at, "notes": NOTES[*note] }).to_string();
                if escaped { escape(&object) } else { object }
            })
            .collect();
        let text = if array {
            format!("[{end}{}{end}]{end}", objects.join(&format!(",{end}")))
        } else {
            objects.iter().map(|object| format!("{object}{end}")).collect()
        };
        // A file without a record has no column to read.
        prop_assume!(!rows.is_empty());
        let ending = if array { ".json" } else { ".jsonl" };
        let (found, again, copy) = redacted(text.as_bytes(), ending, chunk);
        prop_assert!(again.is_empty(), "{:?}", again);
        let tells = rows.iter().filter(|&&note| [0, 5].contains(&note)).count();
        prop_assert!(found.len() >= tells, "{:?}", found);
        prop_assert_eq!(&copy, &spliced(text.as_bytes(), &found, REMOVED.as_bytes()));
        let copy = String::from_utf8(copy).unwrap();
        if array {
            let values: Vec<Value> = serde_json::from_str(&copy).unwrap();
            prop_assert_eq!(values.len(), rows.len());
        } else {
            for line in copy.lines() {
                serde_json::from_str::<Value>(line).unwrap();
            }
        }
    }
}

/// JSON with everything outside ASCII, and some of it, as `\u0041`.
fn escape(json: &str) -> String {
    let mut units = [0; 2];
    json.chars()
        .map(|char| match char {
            'S' | 'h' | 'é' | '—' | '“' | '”' | 'ï' | 'à' | '£' => char
                .encode_utf16(&mut units)
                .iter()
                .map(|unit| format!("\\u{unit:04x}"))
                .collect::<String>(),
            _ => char.to_string(),
        })
        .collect()
}

const EXPORT: &str =
    "id,notes,office\n1,\"She is a \"\"practising Catholic\"\", rang\",North\n2,bins,South\n";

fn redact(stage: &Stage, args: &[&str]) -> common::Outcome {
    let mut all = vec!["scan", "--isolated", "--pack", "crm-notes", "--fail-on", "never"];
    all.extend(["--redact-to", "out"]);
    all.extend(args);
    stage.run(&all)
}

fn receipt(stage: &Stage) -> Value {
    serde_json::from_str(&stage.read("out/redaction.json")).unwrap()
}

#[test]
fn a_body_in_base64_is_taken_out_whole() {
    let csv = b"id,notes\n1,U2hlIGlzIGEgcHJhY3Rpc2luZyBDYXRob2xpYy4=\n2,Rang about the bins\n";
    let (found, again, copy) = redacted(csv, ".csv", 1 << 20);
    assert_eq!((found.len(), again.len()), (1, 0));
    assert_eq!(copy, b"id,notes\n1,[removed]\n2,Rang about the bins\n");
}

#[test]
fn files_are_copied_below_the_folder_with_a_receipt() {
    let stage = Stage::with("exports/north/a.csv", EXPORT);
    stage.write("exports/clean.csv", "id,notes\n1,bins missed again this week\n");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(EXPORT.as_bytes()).unwrap();
    stage.write("exports/b.csv.gz", gzip.finish().unwrap());
    let outcome = redact(&stage, &["exports", "--max-findings", "0"]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    let copy = stage.read("out/exports/north/a.csv");
    assert!(!copy.contains("Catholic") && copy.contains(REMOVED), "{copy}");
    assert_eq!(stage.read("out/exports/b.csv"), copy);
    assert_eq!(stage.read("out/exports/clean.csv"), stage.read("exports/clean.csv"));
    assert_eq!(stage.read("exports/north/a.csv"), EXPORT);
    assert_eq!(
        common::files_below(&stage.work().join("out")).len(),
        4,
        "nothing else is left behind"
    );
    let receipt = receipt(&stage);
    assert_eq!(receipt["files"].as_array().unwrap().len(), 3);
    let packed = &receipt["files"][0];
    assert_eq!(packed["source"], "exports/b.csv.gz");
    assert_eq!(packed["copy"], "exports/b.csv");
    assert_eq!(packed["unpacked"], true);
    assert_eq!(packed["before"], blake3::hash(EXPORT.as_bytes()).to_hex().as_str());
    assert_eq!(packed["after"], blake3::hash(copy.as_bytes()).to_hex().as_str());
    assert!(packed["replaced"].as_object().unwrap().contains_key("crm/religion"), "{packed}");
    assert_eq!(receipt["packs"][0]["id"], "crm-notes");
    assert!(receipt["packs"][0]["digest"].is_string());
}

#[test]
fn nothing_is_overwritten() {
    let stage = Stage::with("a.csv", EXPORT);
    for (args, out) in [
        (vec!["--redact-to", "."], "a.csv"),
        (vec!["--redact-to", "../work"], "a.csv"),
        (vec!["--redact-to", ".."], "a.csv"),
        (vec!["--redact-to", "a.csv"], "a.csv"),
    ] {
        let mut all = vec!["scan", "--isolated", "--pack", "crm-notes", "a.csv"];
        all.extend(args);
        let outcome = stage.run(&all);
        assert_eq!(outcome.exit, Some(2), "{}", outcome.all());
        assert_eq!(stage.read(out), EXPORT);
    }
    stage.write("out/a.csv", "mine");
    assert_eq!(redact(&stage, &["a.csv"]).exit, Some(2));
    assert_eq!(stage.read("out/a.csv"), "mine");
    assert_eq!(common::files_below(&stage.work().join("out")), ["a.csv"]);
    fs::remove_file(stage.work().join("out/a.csv")).unwrap();
    assert_eq!(redact(&stage, &["a.csv"]).exit, Some(0));
    // A second time the copies are there.
    assert_eq!(redact(&stage, &["a.csv"]).exit, Some(2));
}

#[test]
fn paths_that_lead_up_stay_below_the_folder() {
    let stage = Stage::with("sub/x.txt", "");
    stage.write("a.csv", EXPORT);
    let absolute = stage.work().join("a.csv");
    for path in ["sub/../a.csv", absolute.to_str().unwrap()] {
        assert_eq!(redact(&stage, &[path]).exit, Some(0));
        assert_eq!(
            common::files_below(&stage.work().join("out")),
            ["a.csv", "redaction.json"],
            "{path}"
        );
        fs::remove_dir_all(stage.work().join("out")).unwrap();
    }
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
fn what_is_not_written_is_said() {
    // An archive of which a part was not read is not written.
    let archive = zipped(&[("a.csv", EXPORT.as_bytes()), ("b.pdf", b"%PDF-1.7 and so on")]);
    let stage = Stage::with("a.zip", archive);
    // The quote is never closed: not all of it was scanned as it is.
    stage.write("b.csv", "id,notes\n1,\"bins missed again");
    stage.write("c.csv", EXPORT);
    let outcome = redact(&stage, &["."]);
    assert_eq!(outcome.exit, Some(2), "{}", outcome.all());
    assert!(outcome.all().contains("no redacted copy was written"), "{}", outcome.all());
    let receipt = receipt(&stage);
    let names: Vec<_> = receipt["not_written"].as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 2, "{receipt}");
    assert_eq!(names[0]["source"], "a.zip");
    assert!(names[0]["why"].as_str().unwrap().contains("a.zip/b.pdf"), "{receipt}");
    assert_eq!(names[1]["source"], "b.csv");
    assert_eq!(common::files_below(&stage.work().join("out")), ["c.csv", "redaction.json"]);
}

#[test]
fn files_in_archives_are_copied_into_an_archive() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(EXPORT.as_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    let book = workbook();
    let archive = zipped(&[
        ("north/a.csv", EXPORT.as_bytes()),
        ("../../up.csv", EXPORT.as_bytes()),
        ("b.csv.gz", &packed),
        ("clean.csv", b"id,notes\n1,bins missed again this week\n"),
        ("book.xlsx", &book),
    ]);
    let stage = Stage::with("all.zip", archive);
    let outcome = redact(&stage, &["all.zip"]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    assert_eq!(common::files_below(&stage.work().join("out")), ["all.zip", "redaction.json"]);
    let copy = fs::read(stage.work().join("out/all.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&copy)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["up.csv", "b.csv", "book.xlsx", "clean.csv", "north/a.csv"]);
    for name in ["up.csv", "b.csv", "north/a.csv"] {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        assert!(text.contains(REMOVED) && !text.contains("Catholic"), "{text}");
        assert!(text.ends_with(", rang\",North\n2,bins,South\n"), "{text}");
    }
    let receipt = receipt(&stage);
    let files = receipt["files"].as_array().unwrap();
    assert_eq!(files.len(), 5, "{receipt}");
    assert_eq!(files[1]["source"], "all.zip/b.csv.gz");
    assert_eq!(files[1]["copy"], "all.zip/b.csv");
    assert_eq!(files[1]["unpacked"], true);
    let again = ["scan", "--isolated", "--pack", "crm-notes", "out/all.zip"];
    assert_eq!(stage.run(&again).exit, Some(0));
}

/// A workbook with one sheet: shared and inline strings, a number and a comment.
fn workbook() -> Vec<u8> {
    let of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = |inner: &str| format!("<Relationships>{inner}</Relationships>");
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{of}/{kind}\" Target=\"{target}\"/>")
    };
    let parts = [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        ("_rels/.rels", relations(&relation("rId1", "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"Notes\" r:id=\"rId1\"/></sheets></workbook>".into(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relations(
                &(relation("rId1", "worksheet", "worksheets/sheet1.xml")
                    + &relation("rId2", "sharedStrings", "sharedStrings.xml")),
            ),
        ),
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>id</t></si><si><t>notes</t></si><si><r><rPr><b/></rPr><t>She is a \
             practising Cath</t></r><r><t xml:space=\"preserve\">olic &amp; kind</t></r></si>\
             </sst>"
                .into(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\">\
             <v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\" s=\"4\" t=\"s\"><v>2</v>\
             </c></row><row r=\"3\"><c r=\"A3\"><v>2</v></c><c r=\"B3\" t=\"inlineStr\"><is><t>Mum is \
             Sikh, rang</t></is></c></row></sheetData></worksheet>"
                .into(),
        ),
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            relations(&relation("rId1", "comments", "../comments1.xml")),
        ),
        (
            "xl/comments1.xml",
            "<comments><commentList><comment ref=\"B2\"><text><t>He is Muslim, ring back</t></text>\
             </comment></commentList></comments>"
                .into(),
        ),
        ("xl/styles.xml", "<styleSheet><!-- as it was --></styleSheet>".into()),
    ];
    let parts: Vec<(&str, &[u8])> =
        parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    zipped(&parts)
}

fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (name, text)
        })
        .collect()
}

#[test]
fn workbooks_keep_everything_but_the_words() {
    let before = workbook();
    let stage = Stage::with("a.xlsx", &before);
    let outcome = redact(&stage, &["a.xlsx", "--field", "notes"]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    let after = fs::read(stage.work().join("out/a.xlsx")).unwrap();
    let (before, after) = (parts(&before), parts(&after));
    assert_eq!(before.len(), after.len());
    for ((name, was), (name_after, is)) in before.iter().zip(&after) {
        assert_eq!(name, name_after);
        let changes = ["sharedStrings.xml", "sheet1.xml", "comments1.xml"]
            .iter()
            .any(|part| name.ends_with(part));
        assert_eq!(was != is, changes, "{name}: {is}");
        assert_eq!(was.matches('<').count(), is.matches('<').count(), "{name}: {is}");
        for word in ["Catholic", "olic &amp;", "Sikh", "Muslim"] {
            assert!(!is.contains(word) || word.starts_with("olic"), "{name}: {is}");
        }
        assert_eq!(is.contains("&amp; kind"), name.ends_with("sharedStrings.xml"));
    }
    let receipt = receipt(&stage);
    assert_eq!(receipt["files"][0]["not_replaced"], 0, "{receipt}");
    let again = stage.run(&[
        "scan",
        "--isolated",
        "--pack",
        "crm-notes",
        "--field",
        "notes",
        "--format",
        "json",
        "out/a.xlsx",
    ]);
    assert_eq!(again.exit, Some(0), "{}", again.all());
    assert_eq!(again.json()["findings"].as_array().unwrap().len(), 0, "{}", again.all());
}

/// The workbook with other rows below its header, and perhaps another part.
fn with_rows(rows: &str, part: Option<(&str, &str)>) -> Vec<u8> {
    let mut all = parts(&workbook());
    for (name, text) in &mut all {
        if name.ends_with("sheet1.xml") {
            let (head, rest) = text.split_once("<row r=\"2\">").unwrap();
            let (_, tail) = rest.rsplit_once("</row>").unwrap();
            *text = format!("{head}{rows}{tail}");
        }
        if name.ends_with("comments1.xml") {
            *text = text.replace("He is Muslim, ring back", "ring back");
        }
    }
    all.extend(part.map(|(name, text)| (name.to_owned(), text.to_owned())));
    let all: Vec<(&str, &[u8])> =
        all.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zipped(&all)
}

/// Redacts it and returns the sheet of the copy, the receipt and the exit code.
fn redacted_rows(rows: &str, part: Option<(&str, &str)>) -> (String, Value, Option<i32>) {
    let stage = Stage::with("a.xlsx", with_rows(rows, part));
    let outcome = redact(&stage, &["a.xlsx", "--field", "notes", "--pack", "public-sector-data"]);
    let copy = parts(&fs::read(stage.work().join("out/a.xlsx")).unwrap());
    let (_, sheet) = copy.iter().find(|(name, _)| name.ends_with("sheet1.xml")).unwrap();
    let again = ["scan", "--isolated", "--pack", "crm-notes", "--pack", "public-sector-data"];
    let again = stage.run(&[&again[..], &["--field", "notes", "out/a.xlsx"]].concat());
    assert_eq!(again.exit, Some(0), "{}", again.all());
    (sheet.clone(), receipt(&stage), outcome.exit)
}

#[test]
fn numbers_and_formulas_in_workbooks_are_replaced() {
    let string = "t=\"inlineStr\"><is><t xml:space=\"preserve\">[removed]</t></is></c>";
    for (cell, expected) in [
        (
            "<c r=\"B3\" s=\"4\"><v>4539578763621486</v></c>",
            format!("<c r=\"B3\" s=\"4\" {string}"),
        ),
        ("<c s=\"4\" t=\"n\"><v> 4539578763621486 </v></c>", format!("<c s=\"4\" {string}")),
        (
            "<c r=\"B3\" cm=\"1\"><f>C1&amp;1</f><v>4539578763621486</v></c>",
            "<c r=\"B3\" t=\"str\"><f>\"[removed]\"</f><v>[removed]</v></c>".to_owned(),
        ),
        (
            "<c r=\"B3\" t=\"str\"><f t=\"shared\" si=\"0\"/><v>She is a practising Catholic \
             &amp; kind</v></c>",
            "&amp; kind\"</f><v>".to_owned(),
        ),
    ] {
        let rows = format!("<row r=\"3\"><c r=\"A3\"><v>2</v></c>{cell}</row>");
        let (sheet, receipt, exit) = redacted_rows(&rows, None);
        assert!(sheet.contains(&expected), "{sheet}");
        assert!(!sheet.contains("4539578763621486") && !sheet.contains("Catholic"), "{sheet}");
        assert!(sheet.contains("<c r=\"A3\"><v>2</v></c>"), "{sheet}");
        assert_eq!((&receipt["files"][0]["not_replaced"], exit), (&Value::from(0), Some(0)));
    }
}

#[test]
fn formulas_that_would_bring_words_back_are_told() {
    let rows = "<row r=\"3\"><c r=\"B3\" t=\"str\"><f t=\"shared\" ref=\"B3:B9\" si=\"0\">C3&amp;1</f>\
                <v>She is a practising Catholic</v></c></row>";
    let (sheet, receipt, exit) = redacted_rows(rows, None);
    assert!(!sheet.contains("Catholic") && sheet.contains("ref=\"B3:B9\""), "{sheet}");
    assert_eq!((&receipt["files"][0]["not_replaced"], exit), (&Value::from(1), Some(2)));
}

#[test]
fn parts_that_keep_copies_of_cells_are_told() {
    let rows = "<row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><t>Mum is Sikh</t></is></c></row>";
    let cache = "xl/pivotCache/pivotCacheRecords1.xml";
    let (_, receipt, exit) = redacted_rows(rows, Some((cache, "<r><s v=\"Mum is Sikh\"/></r>")));
    assert_eq!((&receipt["files"][0]["not_read"][0], exit), (&Value::from(cache), Some(2)));
}

#[test]
fn a_first_row_that_is_a_record_is_replaced_too() {
    let string = |cell: &str, text: &str| {
        format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let mut all = parts(&workbook());
    for (name, text) in &mut all {
        if name.ends_with("sheet1.xml") {
            let (head, _) = text.split_once("<row").unwrap();
            *text = format!(
                "{head}<row r=\"1\">{}{}</row><row r=\"2\">{}{}</row></sheetData></worksheet>",
                string("A1", "x@example.org"),
                string("B1", "She is a practising Catholic."),
                string("A2", "y@example.org"),
                string("B2", "Rang about the bins again today.")
            );
        }
    }
    let all: Vec<(&str, &[u8])> =
        all.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let stage = Stage::with("a.xlsx", zipped(&all));
    let outcome = redact(&stage, &["a.xlsx"]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    let copy = parts(&fs::read(stage.work().join("out/a.xlsx")).unwrap());
    let (_, sheet) = copy.iter().find(|(name, _)| name.ends_with("sheet1.xml")).unwrap();
    assert!(!sheet.contains("Catholic") && sheet.contains("Rang about the bins"), "{sheet}");
}

#[test]
fn words_beside_the_cells_of_a_sheet_are_told() {
    for (beside, exit) in [
        ("<autoFilter><filters><filter val=\"Mum is Sikh, rang\"/></filters></autoFilter>", 2),
        ("<headerFooter><oddHeader>All sikh tenants</oddHeader></headerFooter>", 2),
        ("<headerFooter><oddHeader>Page 1</oddHeader></headerFooter>", 0),
    ] {
        let mut all = parts(&workbook());
        for (name, text) in &mut all {
            if name.ends_with("sheet1.xml") {
                *text = text.replace("</sheetData>", &format!("</sheetData>{beside}"));
            }
        }
        let all: Vec<(&str, &[u8])> =
            all.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        let stage = Stage::with("a.xlsx", zipped(&all));
        let outcome = redact(&stage, &["a.xlsx", "--field", "notes"]);
        assert_eq!(outcome.exit, Some(exit), "{beside}: {}", outcome.all());
        assert_eq!(outcome.all().contains("xl/worksheets/sheet1.xml"), exit == 2);
    }
}

#[test]
fn old_copies_of_threads_in_comments_are_replaced() {
    let mut all = parts(&workbook());
    for (name, text) in &mut all {
        if name.ends_with("sheet1.xml.rels") {
            let end = "</Relationships>";
            let of = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment";
            let thread = format!(
                "<Relationship Id=\"rId2\" Type=\"{of}\" Target=\"../threadedComments/t1.xml\"/>"
            );
            *text = text.replace(end, &(thread + end));
        }
        if name.ends_with("comments1.xml") {
            let note = "[Threaded comment]\n\nComment:\n    He is Muslim,\n    ring back";
            *text = text.replace("He is Muslim, ring back", note);
        }
    }
    let thread = "<ThreadedComments><threadedComment ref=\"B2\"><text>He is Muslim,\nring back</text>\
                  </threadedComment></ThreadedComments>";
    all.push(("xl/threadedComments/t1.xml".into(), thread.into()));
    let all: Vec<(&str, &[u8])> =
        all.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let stage = Stage::with("a.xlsx", zipped(&all));
    let outcome = redact(&stage, &["a.xlsx", "--field", "notes"]);
    assert_eq!(outcome.exit, Some(0), "{}", outcome.all());
    for (name, text) in parts(&fs::read(stage.work().join("out/a.xlsx")).unwrap()) {
        assert!(!text.contains("Muslim"), "{name}: {text}");
    }
}

#[test]
fn an_opt_out_is_not_taken_out() {
    let stage = Stage::with(
        "a.csv",
        "id,notes,do_not_contact,last_contact\n1,He is Sikh and rang again,yes,2009-01-01\n",
    );
    assert_eq!(redact(&stage, &["a.csv", "--set", "kind=note"]).exit, Some(0));
    let copy = stage.read("out/a.csv");
    assert!(copy.contains(",yes,2009-01-01") && !copy.contains("Sikh"), "{copy}");
}
