//! Tests of reading a log that somebody may have changed.

use proptest::prelude::*;

use super::append_tests::{lines, run};
use super::verify::{Break, Damage, Verified, verify};
use super::{AuditError, Entry, GENESIS, seal};

fn read(text: impl AsRef<[u8]>, expected: Option<&str>) -> Verified {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    verify(file.path(), expected).unwrap()
}

fn breaks(text: impl AsRef<[u8]>) -> Vec<Break> {
    read(text, None).breaks
}

fn at(line: u64, damage: Damage) -> Break {
    Break { line, damage }
}

fn hash(line: &str) -> String {
    serde_json::from_str::<Entry>(line).unwrap().hash
}

/// A line with a hash of its own, after a change.
fn again(line: &str, change: impl FnOnce(&mut Entry)) -> String {
    let mut entry: Entry = serde_json::from_str(line).unwrap();
    change(&mut entry);
    seal(entry).unwrap().1
}

#[test]
fn a_whole_log_says_what_it_holds() {
    let log = lines(3);
    let verified = read(log.concat(), None);
    assert!(verified.whole());
    assert_eq!(verified.entries, 3);
    assert_eq!((verified.first, verified.last), (Some(run(1).when), Some(run(3).when)));
    assert_eq!(verified.last_hash, Some(hash(&log[2])));
    assert_eq!(read("", None), Verified::default());
}

#[test]
fn a_kept_hash_finds_what_was_cut_off() {
    let log = lines(5);
    let kept = hash(&log[3]);
    let verified = read(log.concat(), Some(&kept.to_uppercase()));
    let found = verified.kept.unwrap();
    assert!(verified.whole());
    assert_eq!((found.line, found.sequence, found.since), (4, 4, 1));
    assert_eq!(read(log[..3].concat(), Some(&kept)).breaks, [at(3, Damage::Cut)]);
    assert_eq!(read("", Some(&kept)).breaks, [at(0, Damage::Cut)]);
    // A log written anew from its start hangs together, but is another.
    let mut other = again(&log[0], |entry| entry.run.records += 1);
    let previous = hash(&other);
    other += &again(&log[1], |entry| entry.previous = previous);
    assert!(read(&other, None).whole());
    assert_eq!(read(&other, Some(&hash(&log[1]))).breaks, [at(2, Damage::Cut)]);
}

#[test]
fn what_is_no_hash_and_what_is_no_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("none")] {
        assert!(verify(&path, None).is_err());
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    for text in ["", "12ab", &"g".repeat(64)] {
        assert!(matches!(verify(file.path(), Some(text)), Err(AuditError::NotAHash(_))));
    }
}

#[test]
fn every_broken_place_is_told() {
    let mut log = lines(12);
    log[1] = log[1].replace("\"records\":2", "\"records\":20");
    log[6] = "what?\n".to_owned();
    log.swap(8, 9);
    log.remove(3);
    log.push("[]\n".to_owned());
    log.push("{\"schema\":7,\"sequence\":14}\n".to_owned());
    log.push("\n".to_owned());
    assert_eq!(
        breaks(log.concat()),
        [
            at(2, Damage::Edited),
            at(4, Damage::Missing { from: 4, to: 4, count: 1 }),
            at(6, Damage::NotJson),
            at(9, Damage::Moved { sequence: 9 }),
            at(12, Damage::NotEntry),
            at(13, Damage::Version { found: 7 }),
            at(14, Damage::NotJson),
        ]
    );
}

#[test]
fn a_line_missing_beside_a_damaged_one_is_counted() {
    let mut log = lines(8);
    log[3] = "{}\n".to_owned();
    log.remove(4);
    assert_eq!(
        breaks(log.concat()),
        [at(4, Damage::NotEntry), at(5, Damage::Missing { from: 4, to: 5, count: 1 })]
    );
}

#[test]
fn a_line_with_a_hash_made_anew_does_not_fit_the_chain() {
    let log = lines(5);
    for line in 0..4 {
        let mut forged = log.clone();
        forged[line] = again(&log[line], |entry| entry.run.records += 1);
        assert_eq!(breaks(forged.concat()), [at(line as u64 + 2, Damage::Unchained)]);
    }
    let mut forged = log.clone();
    forged[1] = again(&log[1], |entry| entry.sequence = 4);
    assert_eq!(
        breaks(forged.concat()),
        [at(2, Damage::Misnumbered { sequence: 4, expected: 2 }), at(3, Damage::Unchained)]
    );
    let first = again(&log[0], |entry| entry.previous = GENESIS.replace('0', "1"));
    assert_eq!(breaks(first)[0], at(1, Damage::Unchained));
    let greatest = again(&log[0], |entry| {
        entry.sequence = u64::MAX;
        entry.previous = String::new();
    });
    let gap = Damage::Missing { from: 1, to: u64::MAX - 1, count: u64::MAX - 1 };
    assert_eq!(breaks(&greatest), [at(1, gap)]);
    assert!(!breaks(greatest.repeat(2) + &log[0]).is_empty());
}

#[test]
fn a_log_saved_by_an_editor_or_in_two_halves_is_broken() {
    let log = lines(2);
    let windows = log.concat().replace('\n', "\r\n");
    assert_eq!(breaks(windows), [at(1, Damage::Edited), at(2, Damage::Edited)]);
    let text = log.concat();
    assert_eq!(breaks(text.trim_end()), [at(2, Damage::HalfLine)]);
    assert_eq!(breaks(&text[..text.len() - 90]), [at(2, Damage::HalfLine)]);
}

#[test]
fn lines_say_in_words_what_is_wrong() {
    let said = |from, to, count| Damage::Missing { from, to, count }.to_string();
    assert_eq!(said(3, 3, 1), "stands where entry 3 should come first, which is missing");
    assert!(said(3, 5, 3).contains("entries 3 to 5 should come first, which are missing"));
    assert!(said(3, 5, 1).contains("of which 1 is missing"));
}

/// One thing done to a log.
#[derive(Clone, Debug)]
enum Change {
    Byte(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index),
    Cut(prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    use prop::sample::Index;
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        any::<Index>().prop_map(Change::Remove),
        (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::Swap(one, other)),
        (any::<Index>(), any::<Index>()).prop_map(|(one, to)| Change::Repeat(one, to)),
        any::<Index>().prop_map(Change::Cut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_untouched_log_is_whole(runs in 0..40_u64) {
        let log = lines(runs);
        let last = log.last().map(|line| hash(line));
        let verified = read(log.concat(), last.as_deref());
        prop_assert_eq!(verified.breaks, []);
        prop_assert_eq!(verified.entries, runs);
    }

    #[test]
    fn any_one_change_is_found(runs in 1..12_u64, change in change()) {
        let log = lines(runs);
        let last = hash(log.last().unwrap());
        let mut lines = log.clone();
        let mut bytes = None;
        match change {
            Change::Byte(at, byte) => {
                let mut text = log.concat().into_bytes();
                let at = at.index(text.len());
                text[at] = byte;
                bytes = Some(text);
            }
            Change::Remove(at) => drop(lines.remove(at.index(log.len()))),
            Change::Swap(one, other) => lines.swap(one.index(log.len()), other.index(log.len())),
            Change::Repeat(one, to) => {
                lines.insert(to.index(log.len() + 1), log[one.index(log.len())].clone());
            }
            Change::Cut(at) => {
                let text = log.concat();
                bytes = Some(text.as_bytes()[..at.index(text.len())].to_vec());
            }
        }
        let changed = bytes.unwrap_or_else(|| lines.concat().into_bytes());
        let same = changed == log.concat().into_bytes();
        prop_assert_eq!(read(&changed, Some(&last)).whole(), same);
        // Without a kept hash, only what is cut off at a line's end goes unseen.
        let cut = log.concat().into_bytes().starts_with(&changed)
            && changed.last().is_none_or(|byte| *byte == b'\n');
        prop_assert_eq!(read(&changed, None).whole(), same || cut);
    }

    #[test]
    fn no_bytes_make_it_fail_in_another_way(
        parts in prop::collection::vec(
            prop_oneof![
                any::<Vec<u8>>(),
                (0..6_usize).prop_map(|at| lines(6)[at].clone().into_bytes()),
                Just(b"{\"schema\":1}\n".to_vec()),
            ],
            0..10,
        )
    ) {
        read(parts.concat(), None);
    }
}
