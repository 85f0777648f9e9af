//! Exports that are broken, hostile or not what they seem, through the binary: the
//! message says what and where, what can be scanned is, nothing is left half written,
//! and a run that did not scan everything ends with 2.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const HEAD: &str = "id,office,note\n";
const FOUND: &str = "1,Leeds,She is a practising Catholic.\n";

struct Outcome {
    exit: Option<i32>,
    /// Standard output, wrapped lines joined.
    out: String,
    err: String,
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probity"));
    command.current_dir(folder).args(["scan", "--isolated", "--pack", "crm-notes"]).args(args);
    command.stdin(Stdio::null()).env("NO_COLOR", "1");
    command
}

fn scan(folder: &Path, args: &[&str]) -> Outcome {
    let output = command(folder, args).output().unwrap();
    let joined = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let err = joined(&output.stderr);
    assert!(!err.contains("panicked"), "{err}");
    let left: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!left.iter().any(|path| path.extension().is_some_and(|end| end == "part")), "{left:?}");
    Outcome { exit: output.status.code(), out: joined(&output.stdout), err }
}

/// Scans one file and asks for the exit code, the number of findings and some words.
fn holds(name: &str, bytes: &[u8], args: &[&str], exit: i32, findings: u64, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let list = ["--format=jsonl=list.jsonl", "--format=summary", name];
    let outcome = scan(folder.path(), &[&list[..], args].concat());
    assert_eq!(outcome.exit, Some(exit), "{name}: {}{}", outcome.out, outcome.err);
    for words in words {
        assert!(outcome.out.contains(words), "{name}: {words:?} is not in {}", outcome.out);
    }
    let list = fs::read_to_string(folder.path().join("list.jsonl")).unwrap();
    let found = list.lines().filter(|line| line.contains("\"rule\":\"crm/religion\"")).count();
    assert_eq!(found as u64, findings + u64::from(findings > 0 && summary_names(&list)), "{name}");
}

/// The summary, the last line, may name the rule too.
fn summary_names(list: &str) -> bool {
    list.lines().last().is_some_and(|line| line.contains("\"rule\":\"crm/religion\""))
}

fn many(from: usize, to: usize) -> String {
    (from..to).map(|id| format!("{id},Leeds,Rang about the bins on Mill Lane.\n")).collect()
}

#[test]
fn quotes_that_are_never_closed() {
    let rest = many(2, 60_000);
    let text = format!("{HEAD}{FOUND}{rest}60000,York,\"He is a practising Catholic.\n");
    holds("end.csv", text.as_bytes(), &[], 2, 2, &["end.csv, line 60001: a quote opened on line"]);
    let text = format!("id,\"office,note\n{FOUND}{rest}");
    holds(
        "head.csv",
        text.as_bytes(),
        &[],
        2,
        1,
        &["head.csv, line 1: a quote opened in the header"],
    );
}

#[test]
fn headers_that_are_not_as_they_should_be() {
    let twice = format!("id,note,note\n{FOUND}");
    holds(
        "twice.csv",
        twice.as_bytes(),
        &[],
        1,
        1,
        &["twice.csv, line 1: 2 columns are called `note`"],
    );
    let rows = format!("{FOUND}2,York,Rang about the bins again today.\n");
    let words = ["bare.csv, line 1: the first row looks like a record", "2 records"];
    holds("bare.csv", rows.as_bytes(), &[], 1, 1, &words);
    holds("bare.csv", rows.as_bytes(), &["--no-header"], 1, 1, &["column 3", "2 records"]);
    let wide = format!("{HEAD}{FOUND}2{}\n{FOUND}", ",x".repeat(9_999));
    holds("wide.csv", wide.as_bytes(), &[], 2, 2, &["wide.csv, line 3: the row on line 3"]);
    let names: Vec<String> = (0..10_000).map(|at| format!("c{at}")).collect();
    let wide =
        format!("{}\n{}x\n", names.join(","), "She is a practising Catholic.,".repeat(9_999));
    holds("names.csv", wide.as_bytes(), &[], 1, 9_999, &["1 record"]);
}

#[test]
fn files_that_hold_nothing() {
    let nothing = "No record was scanned";
    holds("none.csv", b"", &[], 0, 0, &["none.csv: is empty", nothing]);
    holds("none.json", b"", &[], 0, 0, &["none.json: is empty", nothing]);
    holds("mark.csv", b"\xEF\xBB\xBF", &[], 0, 0, &[nothing]);
    holds("head.csv", HEAD.as_bytes(), &[], 0, 0, &["scanned note", nothing]);
}

#[test]
fn encodings_that_change() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let plain = format!("{HEAD}{FOUND}");
    holds("wide.csv", &utf16(&plain), &[], 1, 1, &["1 record"]);
    let mut text =
        format!("{plain}2,K\u{f6}ln,{}\n", "Rang about the bins. ".repeat(500)).into_bytes();
    text.extend(b"3,K\xF6ln,He is a practising Catholic.\n");
    let words =
        ["mixed.csv, line 4: the encoding changes midway: one place, on line 4, is not UTF-8"];
    holds("mixed.csv", &text, &[], 2, 2, &words);
    holds(
        "1252.csv",
        b"id,note\n1,K\xF6ln: she is a practising Catholic.\n",
        &[],
        1,
        1,
        &["1252.csv: this is not UTF-8, so it was read as Windows-1252"],
    );
    let mut text = format!("{plain}{}", many(2, 2_000)).into_bytes();
    text.extend(utf16(&format!("2000,{FOUND}")));
    holds("glued.csv", &text, &[], 2, 2, &["glued.csv, line 2001: the encoding changes midway"]);
    let text =
        b"id,note\n1,She is a practising\0 Catholic.\n2,\0\0\0\n3,\0He is a practising Catholic.\n";
    holds("zero.csv", text, &[], 1, 2, &["3 records"]);
}

#[test]
fn json_that_is_cut() {
    let one = r#"{"id":1,"note":"She is a practising Catholic."}"#;
    let cut = format!(r#"[{one},{{"id":2,"note":"He is a practising Cath"#);
    holds(
        "cut.json",
        cut.as_bytes(),
        &[],
        2,
        1,
        &["cut.json, line 1: the file ends inside this record"],
    );
    let cut = format!("{one}\n{{\"id\":2,\"note\":oops}}\n{one}\n{{\"id");
    let words = ["cut.jsonl, line 2: this record is not sound JSON", "cut.jsonl, line 4: "];
    holds("cut.jsonl", cut.as_bytes(), &[], 2, 2, &words);
    holds("deep.json", &b"[".repeat(100_000), &[], 2, 0, &["deep.json, line 1: ", "128 deep"]);
}

#[test]
fn bombs_and_damaged_archives() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(format!("{HEAD}{FOUND}").as_bytes()).unwrap();
    for _ in 0..80 {
        gzip.write_all(&vec![b'0'; 1 << 20]).unwrap();
    }
    let bomb = gzip.finish().unwrap();
    let words = ["bomb.csv.gz: was read up to a limit and no further: it unpacks to more than 200"];
    holds("bomb.csv.gz", &bomb, &[], 2, 1, &words);

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in [("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>")] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let whole = zip.finish().unwrap().into_inner();
    holds("book.xlsx", &whole, &[], 2, 0, &["book.xlsx: no sheet was found in this workbook"]);
    holds("cut.xlsx", &whole[..whole.len() / 2], &[], 2, 0, &["cut.xlsx: is damaged"]);
    // What Excel makes of a workbook with a password: an old container with this in it.
    let mut locked = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    locked.resize(4096, 0);
    holds("odd.xls", &locked, &[], 2, 0, &["odd.xls: the workbook is damaged"]);
}

#[test]
fn columns_that_are_not_there() {
    let text = format!("{HEAD}{FOUND}");
    let text = text.as_bytes();
    let near =
        "a.csv: there is no column `nots`; did you mean `note`? The columns are `id`, `office`";
    holds("a.csv", text, &["--field", "nots"], 2, 0, &[near, "No record was scanned"]);
    for option in ["--id-field", "--group-by", "--date-field"] {
        holds("a.csv", text, &[option, "nots"], 2, 1, &[near]);
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), text).unwrap();
    let outcome = scan(folder.path(), &["--preset", "hubspott", "a.csv"]);
    assert_eq!(outcome.exit, Some(2));
    assert!(
        outcome.err.contains("no preset `hubspott`. Did you mean `hubspot`?"),
        "{}",
        outcome.err
    );
}

#[test]
fn reports_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let text = format!("{HEAD}{FOUND}");
    fs::write(&path, &text).unwrap();
    let fails = |args: &[&str], words: &str| {
        let outcome = scan(folder.path(), args);
        assert_eq!(outcome.exit, Some(2), "{args:?}");
        assert!(outcome.err.contains(words), "{}", outcome.err);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        outcome
    };
    fails(&["--format=csv=a.csv", "a.csv"], "a.csv is an input of this scan or named for two");
    fails(&["--format=csv=./a.csv", "."], "a.csv is an input of this scan");
    fails(&["--format=csv=b", "--format=html=b", "a.csv"], "named for two reports");
    fails(&["--format=csv", "--format=json", "a.csv"], "only one format can go to standard output");
    fails(&["--format=csv=none/b.csv", "a.csv"], "cannot write none/b.csv: no such file");
    #[cfg(target_os = "linux")]
    {
        for format in ["csv", "jsonl", "json", "sarif", "html"] {
            let to = format!("--format={format}=/dev/full");
            let outcome = fails(&[&to, "a.csv"], "cannot write /dev/full: no space left");
            let told = format!("{}{}", outcome.out, outcome.err);
            assert!(told.contains("1 record has findings"), "{told}");
        }
        for format in ["summary", "csv", "html"] {
            let full = fs::File::options().write(true).open("/dev/full").unwrap();
            let mut command = command(folder.path(), &["--format", format, "a.csv"]);
            let output = command.stdout(full).output().unwrap();
            let err = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{err}");
            assert!(err.contains("no space left"), "{err}");
        }
    }
}

#[test]
fn values_that_mean_harm() {
    let folder = tempfile::tempdir().unwrap();
    let row = |id: &str, office: &str| format!("{id},{office},She is a practising Catholic.\n");
    let text = [
        HEAD.to_owned(),
        row("=cmd|' /c calc'!A0", "+1+1"),
        row("</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>"),
        row("\"\u{1b}[31mred\u{7}\u{202e}\"", "@SUM(1)"),
    ];
    fs::write(folder.path().join("a.csv"), text.concat()).unwrap();
    let args = ["--id-field=id", "--group-by=office", "a.csv", "--format=csv=list.csv"];
    let outcome = scan(folder.path(), &[&args[..], &["--format=html=a.html"]].concat());
    assert_eq!(outcome.exit, Some(1), "{}", outcome.err);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let (list, page) = (read("list.csv"), read("a.html"));
    for cell in ["\"'=cmd|' /c calc'!A0\"", "\"'+1+1\"", "\"'@SUM(1)\"", "<U+001B>[31mred<U+0007>"]
    {
        assert!(list.contains(cell), "{cell}: {list}");
    }
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x"));
    for text in [&page, &list, &outcome.out, &outcome.err] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']));
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_trouble() {
    use std::io::BufRead as _;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), format!("{HEAD}{}", FOUND.repeat(30_000))).unwrap();
    let mut command = command(folder.path(), &["--format=csv", "a.csv"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(line.contains("file,sheet,record"));
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(!err.contains("panicked") && err.contains("30,000 records have findings"), "{err}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_scan_says_what_was_not_scanned() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), format!("{HEAD}{}", FOUND.repeat(1_000_000))).unwrap();
    fs::write(folder.path().join("b.csv"), format!("{HEAD}{FOUND}")).unwrap();
    let args = ["--threads=1", "--format=json=a.json", "--format=html=a.html", "a.csv", "b.csv"];
    let mut command = command(folder.path(), &args);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // Once findings are on disk, the scan is under way.
    let part = folder.path().join(format!("a.json.{}.part", child.id()));
    while fs::metadata(&part).map_or(0, |data| data.len()) == 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{err}");
    let json = fs::read_to_string(folder.path().join("a.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let notices = report["summary"]["notices"].to_string();
    assert!(notices.contains("stopped: the records behind number"), "{notices}");
    assert!(notices.contains("not scanned: the scan was stopped before it"), "{notices}");
    let page = fs::read_to_string(folder.path().join("a.html")).unwrap();
    assert!(page.trim_end().ends_with("</html>"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
}
