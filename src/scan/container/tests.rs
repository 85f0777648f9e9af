//! Tests of reading archives, built here byte by byte.

use std::io::{Cursor, Write};
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// Text that does not pack to nothing.
fn notes(rows: usize) -> Vec<u8> {
    (0..rows)
        .flat_map(|row| format!("{row},{},called back\n", row * 7919 % 1013).into_bytes())
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default();
        if name.ends_with('/') {
            writer.add_directory(*name, options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

struct File {
    _folder: TempDir,
    path: PathBuf,
}

fn file(bytes: &[u8]) -> File {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    File { _folder: folder, path }
}

type Members = Vec<(String, Vec<u8>)>;

/// What is passed on of `bytes`, as far as it can be read, and the faults in words.
fn read_within(bytes: &[u8], limits: &Limits) -> (Members, Vec<String>) {
    let file = file(bytes);
    let mut members = Vec::new();
    let result = open(&file.path, "file", limits, &mut |mut member| {
        let mut bytes = Vec::new();
        let result = member.reader.read_to_end(&mut bytes);
        members.push((member.name, bytes));
        result.map(|_| ())
    });
    let faults = match result {
        Ok(()) => Vec::new(),
        Err(error) => {
            assert!(error.stopped.is_none());
            error.faults.iter().map(Fault::to_string).collect()
        }
    };
    (members, faults)
}

fn read(bytes: &[u8]) -> (Members, Vec<String>) {
    read_within(bytes, &Limits::default())
}

fn whole(bytes: &[u8]) -> (Members, Vec<String>) {
    (vec![("file".to_owned(), bytes.to_vec())], Vec::new())
}

#[test]
fn plain_and_packed_files_give_the_same_bytes() {
    let text = notes(50_000);
    assert_eq!(read(b""), whole(b""));
    assert_eq!(read(&text), whole(&text));
    assert_eq!(read(&gzip(&text)), whole(&text));
    assert_eq!(read(&zstd(&text)), whole(&text));
    assert_eq!(read(&gzip(b"")), whole(b""));
}

#[test]
fn members_and_frames_follow_one_another() {
    let text = notes(9_000);
    let (one, other) = text.split_at(70_001);
    let members = [gzip(one), gzip(b""), gzip(other), vec![0; 700_000]].concat();
    assert_eq!(read(&members), whole(&text));
    let skipped = b"\x5A\x2A\x4D\x18\x03\0\0\0abc".to_vec();
    let frames = [skipped.clone(), zstd(one), skipped, zstd(other)].concat();
    assert_eq!(read(&frames), whole(&text));
}

#[test]
fn an_archive_gives_its_files_by_name() {
    let notes = notes(400);
    let bytes = zipped(&[
        ("b/", b""),
        ("b/notes.csv", &notes),
        ("__MACOSX/b/._notes.csv", b"\0\x05"),
        (".DS_Store", b"\0\0"),
        ("more.csv.gz", &gzip(&notes)),
        ("a.csv", b"id,note\n1,hello\n"),
        ("empty.csv", b""),
        ("inner.zip", &zipped(&[("a.csv", b"1")])),
        ("table.xlsx", &zipped(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"")])),
        ("twice.gz", &gzip(&gzip(b"1"))),
    ]);
    let (members, faults) = read(&bytes);
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    let expected =
        ["file/a.csv", "file/b/notes.csv", "file/empty.csv", "file/more.csv.gz", "file/table.xlsx"];
    assert_eq!(names, expected);
    assert_eq!(members[1].1, notes);
    assert_eq!(members[3].1, notes);
    assert_eq!(
        faults,
        [
            "file/inner.zip is a ZIP archive inside a packed file and was not read",
            "file/twice.gz is a gzip file inside a packed file and was not read",
        ]
    );
    assert_eq!(read(&zipped(&[])), (Vec::new(), Vec::new()));
}

#[test]
fn workbooks_stay_whole_and_other_documents_are_told() {
    let xlsx = zipped(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")]);
    assert_eq!(read(&xlsx), whole(&xlsx));
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    let ods = zipped(&[("mimetype", kind), ("content.xml", b"")]);
    assert_eq!(read(&ods), whole(&ods));
    let docx = zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"")]);
    assert_eq!(
        read(&docx),
        (Vec::new(), vec!["file is a Word document and was not read".to_owned()])
    );
    let (members, faults) = read(b"7z\xBC\xAF\x27\x1C\0\x04");
    assert_eq!(
        (members.len(), faults),
        (0, vec!["file is a 7-Zip archive and was not read".to_owned()])
    );
}

#[test]
fn encrypted_and_damaged_members_leave_the_others_readable() {
    let text = notes(3_000);
    let mut bytes =
        zipped(&[("a.csv", &text), ("b.csv", &text), ("c.csv", b"fine"), ("d.csv", b"odd")]);
    // The flag of encryption of `b.csv`, in its own header and in the directory.
    let places: Vec<usize> =
        (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"b.csv")).collect();
    bytes[places[0] - 24] |= 1;
    bytes[places[1] - 38] |= 1;
    // A byte of `a.csv`, far behind its start.
    bytes[places[0] - 200] ^= 0x55;
    let (members, faults) = read(&bytes);
    assert_eq!(members.len(), 3);
    assert_eq!(
        members[1..],
        [("file/c.csv".to_owned(), b"fine".to_vec()), ("file/d.csv".to_owned(), b"odd".to_vec()),]
    );
    assert!(!members[0].1.is_empty(), "what stands before the damage is read");
    assert_eq!(faults.len(), 2);
    assert!(faults[0].starts_with("file/a.csv is damaged: "), "{faults:?}");
    assert!(faults[1].starts_with("file/b.csv is encrypted"), "{faults:?}");
}

#[test]
fn cut_files_are_read_up_to_the_cut() {
    let text = notes(60_000);
    for packed in [gzip(&text), zstd(&text)] {
        let (members, faults) = read(&packed[..packed.len() / 2]);
        assert!(members[0].1.len() > 1_000 && text.starts_with(&members[0].1));
        assert_eq!(faults, ["file is damaged: it ends too early"]);
    }
    let archive = zipped(&[("a.csv", &text)]);
    let (members, faults) = read(&archive[..archive.len() - 30]);
    assert!(members.is_empty() && faults[0].starts_with("file is damaged: "), "{faults:?}");
    let (members, faults) = read(&[gzip(&text), b"trailing".to_vec()].concat());
    assert_eq!(members[0].1, text);
    assert_eq!(faults, ["file is damaged: other bytes follow behind its packed data"]);
}

#[test]
fn wrong_checksums_are_damage() {
    let text = notes(1_000);
    for (packed, behind) in [(gzip(&text), 6), (zstd(&text), 2)] {
        let mut packed = packed;
        let at = packed.len() - behind;
        packed[at] ^= 1;
        let (members, faults) = read(&packed);
        assert_eq!(members[0].1, text);
        assert!(faults[0].starts_with("file is damaged: "), "{faults:?}");
    }
}

#[test]
fn bombs_stop_and_the_rest_is_read() {
    let blanks = vec![b' '; 80 << 20];
    let bytes =
        zipped(&[("bomb.csv", &blanks), ("fine.csv", b"1,2\n"), ("next.csv.gz", &gzip(b"3"))]);
    let (members, faults) = read(&bytes);
    let kept = members[0].1.len();
    assert!((60 << 20..65 << 20).contains(&kept), "{kept}");
    assert!(faults[0].starts_with("file/bomb.csv was read up to a limit"), "{faults:?}");
    let (members, faults) = read(&gzip(&blanks));
    assert!(members[0].1.len() < 65 << 20);
    assert_eq!(faults.len(), 1);
    let roomy = Limits { ratio: 2_000, ..Limits::default() };
    assert_eq!(read_within(&gzip(&blanks), &roomy).0[0].1.len(), blanks.len());
}

#[test]
fn limits_on_size_and_members_are_told() {
    let text = notes(1_000);
    let limits = Limits { expanded: 100, ..Limits::default() };
    let opened = file(&gzip(&text));
    let mut limit = false;
    let result = open(&opened.path, "file", &limits, &mut |mut member| {
        let error = std::io::copy(&mut member.reader, &mut std::io::sink()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        limit = is_limit(&error);
        // Said all the same.
        Ok(())
    });
    assert!(limit && result.unwrap_err().to_string().contains("more than 100 bytes"));
    assert_eq!(read_within(&text, &limits), whole(&text), "what is not packed has no limit");

    let limits = Limits { members: 1, ..Limits::default() };
    let (members, faults) = read_within(&zipped(&[("b", b"2"), ("a", b"1")]), &limits);
    assert_eq!(members, [("file/a".to_owned(), b"1".to_vec())]);
    assert!(faults[0].contains("more than 1 members (2)"), "{faults:?}");
}

#[test]
fn a_file_that_shrinks_is_told_and_visitors_can_stop() {
    let text = notes(50_000);
    let opened = file(&text);
    let mut got = Vec::new();
    let result = open(&opened.path, "file", &Limits::default(), &mut |mut member| {
        let mut some = [0; 1000];
        member.reader.read_exact(&mut some)?;
        got.extend_from_slice(&some);
        std::fs::OpenOptions::new().write(true).open(&opened.path)?.set_len(2_000)?;
        member.reader.read_to_end(&mut got)?;
        Ok(())
    });
    let error = result.unwrap_err();
    let size = text.len() as u64;
    assert_eq!(error.faults[0].trouble, Trouble::Shrunk { read: 2_000, size });
    assert_eq!(got, text[..2_000]);

    let opened = file(&zipped(&[("a", b"1"), ("b", b"2")]));
    let mut seen = 0;
    let result = open(&opened.path, "file", &Limits::default(), &mut |_| {
        seen += 1;
        Err(io::ErrorKind::StorageFull.into())
    });
    let error = result.unwrap_err();
    assert_eq!((seen, error.faults.len()), (1, 0));
    assert_eq!(error.stopped.unwrap().kind(), io::ErrorKind::StorageFull);
}

#[test]
fn what_is_not_there_is_told() {
    let folder = TempDir::new().unwrap();
    let visit: Visit<'_> = &mut |_| Ok(());
    let none = open(&folder.path().join("none"), "none", &Limits::default(), visit).unwrap_err();
    assert!(none.to_string().starts_with("none cannot be read: "), "{none}");
    let error = open(folder.path(), "folder", &Limits::default(), visit).unwrap_err();
    assert_eq!(error.to_string(), "folder is a folder and was not read");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn damage_never_panics(seed: Vec<u8>, places: Vec<(u16, u8)>, kind in 0..3_u8, cut: u16) {
        let mut bytes = match kind {
            0 => gzip(&seed),
            1 => zstd(&seed),
            _ => zipped(&[("a.csv", &seed), ("b.csv.gz", &gzip(&seed))]),
        };
        let len = bytes.len();
        for (at, value) in places {
            bytes[usize::from(at) % len] ^= value;
        }
        bytes.truncate(len.max(1) - usize::from(cut) % 4);
        let _ = read(&bytes);
    }
}
