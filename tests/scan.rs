//! What must hold of `probity scan` for all inputs: where a file is cut, how it is
//! encoded, quoted and packed, and how many threads read it never changes the findings.

use std::io::Write;
use std::path::Path;

use probity::scan::model::{ScanFinding, Summary};
use probity::scan::part::Keys;
use probity::scan::sample::{Census, Sampling};
use probity::scan::tally::Counter;
use proptest::prelude::*;

mod common;

use common::exports::{How, SHOWN, file, scan_file};

fn keys() -> Keys {
    Keys { id: Some("id".into()), group: Some("office".into()), ..Keys::default() }
}

/// Scans a file and returns what was found and counted.
fn scanned(path: &Path, chunk: usize, threads: usize) -> (Vec<ScanFinding>, Summary) {
    let how = How { keys: keys(), chunk, threads, ..How::default() };
    counted(path, &how, None)
}

fn counted(path: &Path, how: &How<'_>, of: Option<u64>) -> (Vec<ScanFinding>, Summary) {
    let mut found = Vec::new();
    let mut counter = Counter::new(&SHOWN.set, Summary::default());
    scan_file(&SHOWN, path, how, &mut |event| {
        counter
            .take(event, &mut |finding| {
                found.push(finding.clone());
                Ok(())
            })
            .unwrap();
    });
    (found, counter.finish(of))
}

/// Notes of which some say what they should not, and names of offices.
const NOTES: &[&str] = &[
    "She is a practising Catholic.",
    "Rang about the white paper; \"quite cross\", she said",
    "Bins missed again\nhe is Romanian, prefers mornings",
    "naïve café, £5, déjà vu — “quoted”",
    "",
    "Mum is Sikh, dad lapsed Methodist",
    "a, b; c\td",
];

/// Rows of an export: id, note, office.
fn rows() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0..NOTES.len(), 0..3_usize), 0..40)
}

/// The rows as CSV, all cells in quotes or only those that need them.
fn csv(rows: &[(usize, usize)], quoted: bool, end: &str) -> String {
    let cell = |text: &str| {
        if quoted || text.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    let mut csv = format!("id,notes,office{end}");
    for (at, (note, office)) in rows.iter().enumerate() {
        let office = ["North", "South", ""][*office];
        csv += &format!("{},{},{}{end}", at + 1, cell(NOTES[*note]), cell(office));
    }
    csv
}

/// Record, rule, column, group and words of a finding.
type Told = (u64, String, String, Option<String>, Vec<String>);

/// What is found, without where it stands in bytes.
fn told(found: &[ScanFinding]) -> Vec<Told> {
    found
        .iter()
        .map(|finding| {
            let words = finding.places.iter().map(|place| place.text.clone()).collect();
            let ScanFinding { record, rule, column, group, .. } = finding.clone();
            (record, rule, column, group, words)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn cuts_threads_and_spelling_change_nothing(
        rows in rows(),
        chunk in 16_usize..400,
        threads in 1_usize..4,
        crlf in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let plain = csv(&rows, false, end);
        let whole = file(plain.as_bytes(), ".csv");
        let (expected, summary) = scanned(whole.path(), 1 << 20, 1);
        // The same file, cut anywhere.
        let (cut, of_cut) = scanned(whole.path(), chunk, threads);
        prop_assert_eq!(&cut, &expected);
        prop_assert_eq!(of_cut, summary.clone());
        // The bytes of every place are the words.
        for place in expected.iter().flat_map(|finding| &finding.places) {
            let bytes = place.bytes.clone().unwrap();
            let words = plain[bytes].replace("\"\"", "\"");
            let safe = words.replace('\n', "␊").replace('\r', "␍");
            prop_assert!(place.text == words || place.text.chars().count() == safe.chars().count(), "{:?} {:?}", place.text, words);
        }
        // Other quotes, encodings and packing.
        let quoted = file(csv(&rows, true, end).as_bytes(), ".csv");
        prop_assert_eq!(told(&scanned(quoted.path(), chunk, threads).0), told(&expected));
        let units: Vec<u8> = std::iter::once(0xFEFF)
            .chain(plain.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let utf16 = file(&units, ".csv");
        let (of_utf16, _) = scanned(utf16.path(), chunk, threads);
        prop_assert_eq!(told(&of_utf16), told(&expected));
        for place in of_utf16.iter().flat_map(|finding| &finding.places) {
            let bytes = place.bytes.clone().unwrap();
            let read: Vec<u16> = units[bytes]
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            prop_assert_eq!(String::from_utf16(&read).unwrap().chars().count() > 0, true);
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(plain.as_bytes()).unwrap();
        let packed = file(&gzip.finish().unwrap(), ".csv.gz");
        let (of_packed, _) = scanned(packed.path(), chunk, threads);
        prop_assert_eq!(told(&of_packed), told(&expected));
    }

    #[test]
    fn json_says_the_same_as_csv(rows in rows(), chunk in 16_usize..400) {
        let table = file(csv(&rows, false, "\n").as_bytes(), ".csv");
        let (expected, _) = scanned(table.path(), 1 << 20, 1);
        let objects: Vec<String> = rows
            .iter()
            .enumerate()
            .map(|(at, (note, office))| {
                let office = ["North", "South", ""][*office];
                serde_json::json!({"id": (at + 1).to_string(), "notes": NOTES[*note], "office": office})
                    .to_string()
            })
            .collect();
        let lines = file((objects.join("\n") + "\n").as_bytes(), ".jsonl");
        prop_assert_eq!(told(&scanned(lines.path(), chunk, 2).0), told(&expected));
        let array = file(format!("[\n{}\n]\n", objects.join(",\n")).as_bytes(), ".json");
        prop_assert_eq!(told(&scanned(array.path(), chunk, 2).0), told(&expected));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_sample_finds_what_the_whole_finds_there(
        rows in rows(),
        size in 1_usize..30,
        chunk in 16_usize..400,
        threads in 1_usize..4,
        json in any::<bool>(),
    ) {
        let table = if json {
            let line = |(at, (note, _)): (usize, &(usize, usize))| {
                format!("{}\n", serde_json::json!({ "id": at.to_string(), "notes": NOTES[*note] }))
            };
            file(rows.iter().enumerate().map(line).collect::<String>().as_bytes(), ".jsonl")
        } else {
            file(csv(&rows, false, "\n").as_bytes(), ".csv")
        };
        let all = scanned(table.path(), 1 << 20, 1);
        let mut how = How { keys: keys(), chunk, threads, ..How::default() };
        how.sampling = Sampling::Count;
        let mut census = Census::default();
        scan_file(&SHOWN, table.path(), &how, &mut |event| census.take(&event));
        prop_assert_eq!(census.records(), all.1.records);
        let drawn = census.draw(size);
        how.sampling = Sampling::Drawn(&drawn);
        let (found, summary) = counted(table.path(), &how, Some(census.records()));
        prop_assert_eq!(summary.records, (size as u64).min(all.1.records));
        // Where the sample is the whole, there is nothing to guess.
        let of = summary.sample.map(|sample| sample.of);
        prop_assert_eq!(of, (summary.records < all.1.records).then_some(all.1.records));
        // The same findings, to the byte, of the records that were drawn.
        let again = counted(table.path(), &How { chunk: 1 << 20, threads: 1, ..how }, None);
        prop_assert_eq!(&found, &again.0);
        let seed = probity::scan::sample::seed("export", None);
        let expected: Vec<ScanFinding> =
            all.0.into_iter().filter(|finding| drawn.holds(seed, finding.record)).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn html_in_cells_is_read_and_leads_back() {
    let note =
        r"<p>Rang twice.</p><p>She is a <b>practising</b>&nbsp;Cath&#111;lic &amp; quiet</p>";
    let csv = format!("id,notes,office\n1,\"{note}\",North\n");
    let (found, _) = scanned(file(csv.as_bytes(), ".csv").path(), 1 << 20, 1);
    assert_eq!(found.len(), 1, "{found:?}");
    let place = &found[0].places[0];
    assert_eq!(place.text, "Catholic");
    assert_eq!(&csv[place.bytes.clone().unwrap()], "Cath&#111;lic");
    let chars: String = note.chars().skip(place.chars.start).take(place.chars.len()).collect();
    assert_eq!(chars, "Cath&#111;lic");
    let hidden = "id,notes\n1,\"<p>Rang <!-- é He is Romanian --> twice</p>\"\n";
    let (found, _) = scanned(file(hidden.as_bytes(), ".csv").path(), 1 << 20, 1);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(&hidden[found[0].places[0].bytes.clone().unwrap()], "Romanian");
    // A sum or an arrow is no markup.
    let plain = "id,notes,office\n1,He is Romanian; 3 < 4 & so on -> b<a,South\n";
    let (found, summary) = scanned(file(plain.as_bytes(), ".csv").path(), 1 << 20, 1);
    assert_eq!((found.len(), summary.records), (1, 1));
}

#[test]
fn base64_in_cells_is_read_and_leads_to_the_cell() {
    // "She is a practising Catholic." and "<p>She is a <b>practising</b> Catholic.</p>"
    for body in [
        "U2hlIGlzIGEgcHJhY3Rpc2luZyBDYXRob2xpYy4=",
        "PHA+U2hlIGlzIGEgPGI+cHJhY3Rpc2luZzwvYj4gQ2F0aG9saWMuPC9wPg==",
    ] {
        let csv = format!("id,filling,office\n1,{body},North\n2,{body},South\n");
        let json = format!("{{\"id\": \"1\", \"filling\": \"{body}\"}}\n");
        for (text, ending, count) in [(csv, ".csv", 2), (json, ".jsonl", 1)] {
            let (found, _) = scanned(file(text.as_bytes(), ending).path(), 1 << 20, 1);
            assert_eq!(found.len(), count, "{found:?}");
            for place in found.iter().flat_map(|finding| &finding.places) {
                assert_eq!(place.text, "Catholic");
                assert_eq!(&text[place.bytes.clone().unwrap()], body);
                assert_eq!(place.chars, 0..body.len());
            }
        }
    }
}

#[test]
fn a_column_to_group_by_that_is_not_there_makes_no_group() {
    let csv = "id,notes\n1,He is Romanian\n";
    let (found, summary) = scanned(file(csv.as_bytes(), ".csv").path(), 1 << 20, 1);
    assert_eq!(found.len(), 1);
    assert!(summary.by_group.is_empty() && summary.incomplete(), "{summary:?}");
}
