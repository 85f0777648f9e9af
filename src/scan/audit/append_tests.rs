//! Tests of adding to a log.

use std::fs;
use std::io::{Error, ErrorKind};

use tempfile::TempDir;

use super::*;

/// A run, told apart from others by its number of records.
pub(super) fn run(records: u64) -> NewEntry {
    NewEntry {
        when: Timestamp::from_second(1_800_000_000 + i64::try_from(records).unwrap()).unwrap(),
        tool: "0.1.0".to_owned(),
        command: Kind::Scan,
        user: records.is_multiple_of(2).then(|| "j.doe".to_owned()),
        packs: vec![PackUsed {
            id: "crm-notes".to_owned(),
            version: "1.2".to_owned(),
            digest: "ab".repeat(32),
        }],
        inputs: vec![Input {
            path: "exports/notes.csv".to_owned(),
            sheet: None,
            bytes: 12_345,
            digest: "cd".repeat(32),
        }],
        records,
        findings: BTreeMap::from([(Severity::Error, 2), (Severity::Note, 1)]),
        by_rule: BTreeMap::from([("crm/religion".to_owned(), 3)]),
        suppressions: Vec::new(),
        sample: None,
        incomplete: false,
        revealed: false,
    }
}

/// The lines of a log of so many runs.
pub(super) fn lines(runs: u64) -> Vec<String> {
    let mut previous = GENESIS.to_owned();
    (1..=runs)
        .map(|sequence| {
            let (entry, line) = seal(Entry {
                schema: SCHEMA_VERSION,
                sequence,
                run: run(sequence),
                previous: previous.clone(),
                hash: String::new(),
            })
            .unwrap();
            previous = entry.hash;
            line
        })
        .collect()
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    (folder, path)
}

#[test]
fn what_is_added_is_what_is_read() {
    let (_folder, path) = folder();
    let mut entries = Vec::new();
    for records in 1..=5 {
        let before = fs::read(&path).unwrap_or_default();
        entries.push(append(&path, run(records)).unwrap());
        assert!(fs::read(&path).unwrap().starts_with(&before));
    }
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, lines(5).concat());
    let read: Vec<Entry> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, entries);
    assert!(text.starts_with(r#"{"schema":1,"sequence":1,"when":"2027-01-15T08:00:01Z","#));
    assert_eq!(entries[0].previous, GENESIS);
    assert_eq!(entries[4].previous, entries[3].hash);
}

/// The recipe of the documentation, done by hand.
#[test]
fn the_hash_is_of_the_line_without_it() {
    let line = lines(1).remove(0);
    let (before, hash) = line.trim_end().split_once(",\"hash\":\"").unwrap();
    let hash = hash.strip_suffix("\"}").unwrap();
    assert_eq!(blake3::hash(format!("{before}}}").as_bytes()).to_hex().as_str(), hash);
}

#[test]
fn names_of_files_cannot_steer_a_terminal() {
    let (_folder, path) = folder();
    let mut entry = run(1);
    entry.inputs[0].path = "a\u{202e}\u{9b}31m\nb.csv".to_owned();
    append(&path, entry.clone()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(r"a\u202e\u009b31m\nb.csv"), "{text}");
    assert!(verify(&path, None).unwrap().whole());
    assert_eq!(serde_json::from_str::<Entry>(&text).unwrap().run, entry);
    append(&path, run(2)).unwrap();
}

#[test]
fn nothing_is_chained_to_a_damaged_end() {
    let (_folder, path) = folder();
    let whole = lines(3).concat();
    for (text, words) in [
        (whole.trim_end().to_owned(), "was cut short"),
        (whole[..whole.len() - 40].to_owned(), "was cut short"),
        (whole.replace("\"records\":3", "\"records\":4"), "was changed after it was written"),
        (format!("{whole}\n"), "is not JSON"),
        (format!("{whole}{{}}\n"), "is not an entry"),
        (format!("{whole}{{\"schema\":2}}\n"), "has version 2"),
    ] {
        fs::write(&path, &text).unwrap();
        let error = append(&path, run(4)).unwrap_err();
        assert!(matches!(error, AuditError::Damaged { .. }));
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_last_line_longer_than_a_step_is_found() {
    let (_folder, path) = folder();
    let mut long = run(1);
    long.inputs = vec![long.inputs[0].clone(); 3000];
    for records in 0..3 {
        append(&path, NewEntry { records, ..long.clone() }).unwrap();
    }
    append(&path, run(9)).unwrap();
    let verified = verify(&path, None).unwrap();
    assert!(verified.whole());
    assert_eq!(verified.entries, 4);
}

#[test]
fn those_who_add_at_once_wait_for_each_other() {
    let (_folder, path) = folder();
    std::thread::scope(|scope| {
        for start in [0, 1000] {
            let path = &path;
            scope.spawn(move || {
                for records in start..start + 40 {
                    append(path, run(records)).unwrap();
                }
            });
        }
    });
    let verified = verify(&path, None).unwrap();
    assert_eq!(verified.breaks, []);
    assert_eq!(verified.entries, 80);
}

/// A log on a disk with little room.
struct Full {
    log: io::Cursor<Vec<u8>>,
    room: usize,
    cannot_cut: bool,
    cannot_sync: bool,
}

impl Read for Full {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.log.read(to)
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.log.seek(to)
    }
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(ErrorKind::StorageFull.into());
        }
        let written = self.log.write(&bytes[..bytes.len().min(self.room)])?;
        self.room -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log for Full {
    fn cut(&mut self, len: u64) -> io::Result<()> {
        if self.cannot_cut {
            return Err(Error::other("gone"));
        }
        self.log.get_mut().truncate(usize::try_from(len).unwrap());
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.cannot_sync) { Err(Error::other("bad disk")) } else { Ok(()) }
    }
}

#[test]
fn a_full_disk_leaves_the_log_as_it_was() {
    let before = lines(2).concat().into_bytes();
    let full = |room, cannot_cut, cannot_sync| Full {
        log: io::Cursor::new(before.clone()),
        room,
        cannot_cut,
        cannot_sync,
    };
    for room in [0, 1, 100, lines(3)[2].len() - 1] {
        let mut log = full(room, false, false);
        let error = add(&mut log, Path::new("audit.jsonl"), run(3)).unwrap_err();
        assert!(matches!(error, AuditError::Write { left: false, .. }));
        assert!(error.to_string().ends_with("the log is as it was"), "{error}");
        assert_eq!(log.log.get_ref(), &before);
        log.room = usize::MAX;
        add(&mut log, Path::new("audit.jsonl"), run(3)).unwrap();
        assert_eq!(log.log.into_inner(), lines(3).concat().into_bytes());
    }
    let mut log = full(usize::MAX, false, true);
    let error = add(&mut log, Path::new("audit.jsonl"), run(3)).unwrap_err();
    assert!(error.to_string().contains("bad disk"), "{error}");
    assert_eq!(log.log.get_ref(), &before);
    let error = add(&mut full(9, true, false), Path::new("audit.jsonl"), run(3)).unwrap_err();
    assert!(error.to_string().contains("part of a line may stand at its end"), "{error}");
}

#[test]
fn a_place_that_cannot_be_written_is_an_error() {
    let (folder, path) = folder();
    append(&path, run(1)).unwrap();
    let before = fs::read(&path).unwrap();
    for wrong in [folder.path().to_owned(), path.join("log"), folder.path().join("no/log")] {
        let error = append(&wrong, run(2)).unwrap_err();
        assert!(error.to_string().contains("audit log"), "{error}");
    }
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    // Whoever may do everything may write here, too; then there is nothing to see.
    if OpenOptions::new().write(true).open(&path).is_err() {
        assert!(matches!(append(&path, run(2)), Err(AuditError::Io { what: "open", .. })));
        assert_eq!(fs::read(&path).unwrap(), before);
    }
    assert!(verify(&path, None).unwrap().whole());
}

#[test]
fn a_summary_becomes_an_entry() {
    let summary = Summary {
        files: vec![FileSummary { path: "a.xlsx".into(), bytes: 7, ..FileSummary::default() }],
        records: 3,
        by_rule: BTreeMap::from([(
            "crm/religion".to_owned(),
            super::super::model::Count { findings: 2, records: 1 },
        )]),
        sample: Some(Sample { records: 3, of: 30, ..Sample::default() }),
        revealed: true,
        ..Summary::default()
    };
    let entry = NewEntry::of_scan(Timestamp::UNIX_EPOCH, &summary);
    assert_eq!(entry.by_rule["crm/religion"], 2);
    assert_eq!(entry.sample, Some(SampleSize { records: 3, of: 30 }));
    assert_eq!((entry.inputs[0].bytes, entry.revealed, entry.incomplete), (7, true, false));
}
