//! What a stream is, by its first bytes.

/// How many bytes are looked at. A tar archive is told by byte 257 on.
pub(super) const HEAD: usize = 512;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, or an old workbook (XLS), which is a file of its own kind.
    Plain,
    Gzip,
    Zstd,
    /// A ZIP archive; workbooks (XLSX, ODS) are such.
    Zip,
    /// Something we do not unpack, in words.
    Foreign(&'static str),
}

/// The kind of the stream that starts with `head`.
pub(super) fn kind(head: &[u8]) -> Kind {
    const FOREIGN: [(&[u8], &str); 6] = [
        (b"\xFD7zXZ\0", "packed with xz"),
        (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
        (b"Rar!\x1A\x07", "a RAR archive"),
        (b"%PDF-", "a PDF document"),
        (b"\x04\x22\x4D\x18", "packed with LZ4"),
        (b"SQLite format 3\0", "a SQLite database"),
    ];
    if head.starts_with(b"PK\x03\x04")
        || head.starts_with(b"PK\x05\x06")
        || head.starts_with(b"PK\x07\x08")
    {
        return Kind::Zip;
    }
    if head.starts_with(b"\x1F\x8B") {
        return Kind::Gzip;
    }
    // A file may start with a frame to be skipped: 0x184D2A50 to 0x184D2A5F.
    let skippable = head.first().is_some_and(|first| first & 0xF0 == 0x50)
        && head.get(1..4) == Some(b"\x2A\x4D\x18");
    if skippable || head.starts_with(b"\x28\xB5\x2F\xFD") {
        return Kind::Zstd;
    }
    // Three letters and a digit would be too little to tell bzip2 from a text.
    if head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY") {
        return Kind::Foreign("packed with bzip2");
    }
    if head.get(257..262) == Some(b"ustar") {
        return Kind::Foreign("a tar archive");
    }
    let found = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic));
    found.map_or(Kind::Plain, |(_, what)| Kind::Foreign(what))
}

/// Whether a ZIP archive of which only the first bytes can be seen is a workbook: by
/// the name of its first entry, otherwise by its own name.
pub(super) fn seems_workbook(head: &[u8], name: &str) -> bool {
    const FIRST: [&[u8]; 4] = [b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/"];
    const ODS: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst").to_lowercase();
    if [".xlsx", ".xlsm", ".ods"].iter().any(|ending| name.ends_with(ending)) {
        return true;
    }
    // Word documents start with the same entries; their own names are told apart.
    if [".docx", ".docm", ".pptx", ".zip"].iter().any(|ending| name.ends_with(ending)) {
        return false;
    }
    let first = head.get(30..).unwrap_or_default();
    FIRST.iter().any(|entry| first.starts_with(entry))
        || (first.starts_with(b"mimetype") && first.get(8..54) == Some(ODS))
}
