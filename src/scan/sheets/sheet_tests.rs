//! Workbooks made by hand, read event by event.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        let stored = zip::CompressionMethod::Stored;
        let options = match *name {
            "mimetype" => SimpleFileOptions::default().compression_method(stored),
            _ => SimpleFileOptions::default(),
        };
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn relations(relations: &[(&str, &str, &str)]) -> String {
    let one = |(id, kind, target): &(&str, &str, &str)| {
        format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
    };
    format!(
        "<?xml version=\"1.0\"?><Relationships>{}</Relationships>",
        relations.iter().map(one).collect::<String>()
    )
}

/// A workbook with one visible sheet and a hidden one.
fn xlsx(first: &str, second: &str) -> Vec<u8> {
    let workbook = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><workbook xmlns:r=\"r\"><workbookPr/>\
        <sheets><sheet name=\"Notes &amp; more\" sheetId=\"1\" r:id=\"rId1\"/>\
        <sheet name=\"Old\" sheetId=\"2\" state=\"veryHidden\" r:id=\"rId2\"/></sheets></workbook>";
    let strings = "<sst uniqueCount=\"99999999999999\"><si><t>name</t></si>\
        <si><r><t xml:space=\"preserve\">called </t></r><r><t>back</t></r><rPh><t>kana</t></rPh></si>\
        <si><t>a_x000D_\nb &lt;&#233;</t></si></sst>";
    let styles = "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd\\/mm\\/yyyy\"/></numFmts>\
        <cellStyleXfs><xf numFmtId=\"46\"/></cellStyleXfs>\
        <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>";
    let comments = "<comments><authors><author>Jo</author></authors><commentList>\n\
        <comment ref=\"B2\" authorId=\"0\"><text>\n<r><t>Jo:</t></r>\n<r><t xml:space=\"preserve\"> ask again</t></r></text></comment>\
        <comment ref=\"A3\"><text><t>[Threaded comment] is ill</t></text></comment></commentList></comments>";
    let threads = "<ThreadedComments><threadedComment ref=\"A3\"><text>is ill</text></threadedComment>\
        <threadedComment ref=\"A3\"><text>better now</text></threadedComment></ThreadedComments>";
    package(&[
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", &relations(&[("rId1", "officeDocument", "xl/workbook.xml")])),
        ("xl/workbook.xml", workbook),
        (
            "xl/_rels/workbook.xml.rels",
            &relations(&[
                ("rId1", "worksheet", "worksheets/sheet1.xml"),
                ("rId2", "worksheet", "/xl/worksheets/sheet2.xml"),
                ("rId3", "sharedStrings", "sharedStrings.xml"),
                ("rId4", "styles", "Styles.xml"),
            ]),
        ),
        ("xl/sharedStrings.xml", strings),
        ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", first),
        ("xl/worksheets/sheet2.xml", second),
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            &relations(&[
                ("rId1", "comments", "../comments1.xml"),
                ("rId2", "threadedComment", "../threadedComments/threadedComment1.xml"),
            ]),
        ),
        ("xl/comments1.xml", comments),
        ("xl/threadedComments/threadedComment1.xml", threads),
    ])
}

const FIRST: &str = "<worksheet><dimension ref=\"C9:A1\"/><cols><col hidden=\"1\" min=\"2\" max=\"2\"/></cols><sheetData>\
    <row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"inlineStr\"><is><t>note</t></is></c></row>\
    <row r=\"2\" hidden=\"1\"><c r=\"B2\" t=\"s\"><v>1</v></c><c t=\"e\"><v>#SPILL!</v></c><c><f>A1+1</f><v>0.30000000000000004</v></c></row>\
    <row r=\"900\"><c r=\"AB900\" s=\"1\"><v>45943</v></c><c r=\"AC900\" s=\"2\"><v>45943.5</v></c>\
    <c r=\"AD900\" t=\"b\"><v>1</v></c><c r=\"AE900\" t=\"str\"><f>x</f><v>a&amp;b</v></c><c r=\"AF900\" s=\"1\"/></row>\
    <row><c t=\"s\"><v>2</v></c></row></sheetData><hyperlinks/></worksheet>";
const SECOND: &str =
    "<worksheet><sheetData><row r=\"5\"><c r=\"A5\"><v>7</v></c></row></sheetData></worksheet>";

fn events(bytes: &[u8], kind: Workbook) -> (Vec<SheetEvent>, Vec<String>) {
    let mut events = Vec::new();
    let result = read(Cursor::new(bytes), kind, &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    });
    let faults = result.err().map(|error| error.faults).unwrap_or_default();
    (events, faults.iter().map(SheetFault::to_string).collect())
}

fn start(name: &str, hidden: bool) -> SheetEvent {
    SheetEvent::Start { name: name.to_owned(), hidden }
}

fn row(row: u32, cells: &[(u32, &str)]) -> SheetEvent {
    let cells = cells.iter().map(|(column, text)| (*column, (*text).to_owned())).collect();
    SheetEvent::Row { row, cells }
}

fn comment(row: u32, column: u32, text: &str) -> SheetEvent {
    SheetEvent::Comment { row, column, text: text.to_owned() }
}

#[test]
fn xlsx_is_read_with_what_people_do_not_see() {
    let (events, faults) = events(&xlsx(FIRST, SECOND), Workbook::Xlsx);
    assert_eq!(faults, Vec::<String>::new());
    let expected = [
        start("Notes & more", false),
        row(1, &[(0, "name"), (2, "note")]),
        row(2, &[(1, "called back"), (2, "#SPILL!"), (3, "0.3")]),
        row(900, &[(27, "2025-10-13"), (28, "2025-10-13T12:00:00"), (29, "TRUE"), (30, "a&b")]),
        row(901, &[(0, "a\r\nb <é")]),
        comment(3, 0, "is ill"),
        comment(3, 0, "better now"),
        comment(2, 1, "Jo: ask again"),
        start("Old", true),
        row(5, &[(0, "7")]),
    ];
    assert_eq!(events, expected);
}

#[test]
fn a_damaged_sheet_does_not_cost_the_others() {
    let cut = &FIRST[..FIRST.find("<row r=\"900\">").unwrap() + 70];
    let (all, faults) = events(&xlsx(cut, SECOND), Workbook::Xlsx);
    assert!(all.contains(&row(2, &[(1, "called back"), (2, "#SPILL!"), (3, "0.3")])));
    assert!(all.contains(&row(900, &[(27, "2025-10-13")])) && all.contains(&row(5, &[(0, "7")])));
    assert!(all.contains(&comment(2, 1, "Jo: ask again")));
    assert_eq!(
        faults,
        ["the sheet \"Notes & more\" is damaged: it ends too early (behind row 900)"]
    );
    let lost = "<worksheet><sheetData><row><c t=\"s\"><v>77</v></c></row></sheetData></worksheet>";
    let (_, faults) = events(&xlsx(lost, SECOND), Workbook::Xlsx);
    assert!(faults[0].contains("1 cells refer to shared strings"), "{faults:?}");
}

#[test]
fn other_files_are_told() {
    let faults = |bytes: &[u8], kind| events(bytes, kind).1.join("");
    let whole = xlsx(FIRST, SECOND);
    assert!(
        faults(&whole[..whole.len() / 2], Workbook::Xlsx).starts_with("the workbook is damaged: ")
    );
    assert!(faults(b"PK\x03\x04", Workbook::Ods).starts_with("the workbook is damaged: "));
    assert!(faults(&package(&[("a", "b")]), Workbook::Xlsx).contains("lists no sheets"));
    let binary = relations(&[("rId1", "officeDocument", "xl/workbook.bin")]);
    assert!(faults(&package(&[("_rels/.rels", &binary)]), Workbook::Xlsx).contains("XLSB"));
    assert!(faults(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Workbook::Xls).contains("is damaged"));
    assert!(faults(&encrypted(), Workbook::Xls).contains("protected by a password"));
}

/// An XLSX with a password.
fn encrypted() -> Vec<u8> {
    compound("EncryptedPackage", Vec::new())
}

/// A compound file (MS-CFB) with one stream of up to 100 sectors.
fn compound(name: &str, mut stream: Vec<u8>) -> Vec<u8> {
    // Shorter streams would have to lie in another one.
    stream.resize(stream.len().next_multiple_of(512).max(4096), 0);
    let sectors = (stream.len() / 512) as u32;
    let mut header = vec![0xFF_u8; 512];
    header[..80].fill(0);
    header[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    header[24..34].copy_from_slice(&[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]);
    for (at, number) in [(44, 1), (48, 1), (56, 4096), (60, END), (68, END), (76, 0)] {
        header[at..at + 4].copy_from_slice(&u32::to_le_bytes(number));
    }
    let chain = (3..2 + sectors).chain([END]);
    let mut table: Vec<u8> =
        [0xFFFF_FFFD, END].into_iter().chain(chain).flat_map(u32::to_le_bytes).collect();
    table.resize(512, 0xFF);
    let mut directory = vec![0_u8; 512];
    let entries = [("Root Entry", 5, END, 0), (name, 2, 2, stream.len() as u32)];
    for (entry, (name, kind, first, len)) in directory.chunks_mut(128).zip(entries) {
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..units.len()].copy_from_slice(&units);
        entry[64] = units.len() as u8 + 2;
        entry[66] = kind;
        entry[68..80].fill(0xFF);
        entry[116..120].copy_from_slice(&first.to_le_bytes());
        entry[120..124].copy_from_slice(&len.to_le_bytes());
    }
    [header, table, directory, stream].concat()
}

/// The end of a chain of sectors.
const END: u32 = 0xFFFF_FFFE;

#[test]
fn xls_is_read_with_hidden_sheets() {
    let record = |kind: u16, data: &[u8]| {
        [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
    };
    let begin = |kind: u8| record(0x0809, &[0, 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let end = record(0x000A, &[]);
    let sheet = |place: usize| {
        let place = (place as u32).to_le_bytes();
        record(0x0085, &[&place[..], &[1, 0, 3, 0], b"Old"].concat())
    };
    let label = [&[4_u8, 0, 2, 0, 0, 0, 11, 0, 0][..], b"called back"].concat();
    let number = [&[4_u8, 0, 3, 0, 0, 0][..], &2.5_f64.to_le_bytes()].concat();
    let place = [begin(5), sheet(0), end.clone()].concat().len();
    let cells =
        [begin(0x10), record(0x0204, &label), record(0x0203, &number), end.clone()].concat();
    let stream = [begin(5), sheet(place), end, cells].concat();
    let (events, faults) = events(&compound("Workbook", stream), Workbook::Xls);
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(events, [start("Old", true), row(5, &[(2, "called back"), (3, "2.5")])]);
}

fn ods(content: &str, manifest: &str) -> Vec<u8> {
    package(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content),
    ])
}

const CONTENT: &str = "<office:document-content><office:automatic-styles>\
    <style:style style:name=\"ta1\"><style:table-properties table:display=\"true\"/></style:style>\
    <style:style style:name=\"ta2\"><style:table-properties table:display=\"false\"/></style:style>\
    </office:automatic-styles><office:body><office:spreadsheet>\
    <table:table table:name=\"Notes\" table:style-name=\"ta1\"><table:shapes><text:p>shape</text:p></table:shapes>\
    <table:table-row table:visibility=\"collapse\"><table:table-cell office:value-type=\"string\"><text:p>a<text:s text:c=\"2\"/>b</text:p><text:p>c &amp; <text:span>d</text:span></text:p>\
    <office:annotation><dc:creator>Jo</dc:creator><text:p>ask</text:p><text:p>again</text:p></office:annotation></table:table-cell>\
    <table:table-cell table:number-columns-repeated=\"2\"/><table:table-cell table:number-columns-repeated=\"2\" office:value-type=\"float\" office:value=\"3.5\"><text:p>3.50</text:p></table:table-cell></table:table-row>\
    <table:table-row table:number-rows-repeated=\"1000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>\
    <table:table-row table:number-rows-repeated=\"2\"><table:table-cell office:value-type=\"date\" office:date-value=\"2026-11-22\"><text:p>22/11/26</text:p></table:table-cell>\
    <table:covered-table-cell office:value-type=\"float\" office:value=\"7\"/></table:table-row>\
    <table:table-row table:number-rows-repeated=\"1047574\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>\
    </table:table><table:table table:name=\"Old\" table:style-name=\"ta2\"><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>\
    </office:spreadsheet></office:body></office:document-content>";

#[test]
fn ods_is_read_as_a_stream() {
    let (all, faults) = events(&ods(CONTENT, "<manifest/>"), Workbook::Ods);
    assert_eq!(faults, Vec::<String>::new());
    let expected = [
        start("Notes", false),
        row(1, &[(0, "a  b\nc & d"), (3, "3.50"), (4, "3.50")]),
        comment(1, 0, "ask\nagain"),
        row(1002, &[(0, "2026-11-22"), (1, "7")]),
        row(1003, &[(0, "2026-11-22"), (1, "7")]),
        start("Old", true),
        row(1, &[(0, "x")]),
    ];
    assert_eq!(all, expected);
    let cut = &CONTENT[..CONTENT.find("22/11").unwrap()];
    let (all, faults) = events(&ods(cut, "<manifest/>"), Workbook::Ods);
    assert_eq!(all[..3], expected[..3]);
    assert_eq!(faults, ["the sheet \"Notes\" is damaged: it ends too early (behind row 1003)"]);
    let manifest = "<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let (_, faults) = events(&ods(CONTENT, manifest), Workbook::Ods);
    assert!(faults[0].contains("protected by a password"), "{faults:?}");
}

#[test]
fn bombs_stop_and_visitors_can_stop() {
    let text = format!(
        "<worksheet><sheetData><row><c t=\"str\"><v>{}</v></c></row></sheetData></worksheet>",
        " ".repeat(70 << 20)
    );
    let (all, faults) = events(&xlsx(&text, SECOND), Workbook::Xlsx);
    assert!(faults[0].contains("unpacks like a bomb"), "{faults:?}");
    assert!(all.contains(&row(5, &[(0, "7")])));
    let mut seen = 0;
    let result = read(Cursor::new(xlsx(FIRST, SECOND)), Workbook::Xlsx, &mut |_| {
        seen += 1;
        if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((result, seen), (Ok(()), 2));
}

#[test]
fn kinds_and_names() {
    assert_eq!(workbook_kind(&xlsx(FIRST, SECOND), "a"), Some(Workbook::Xlsx));
    assert_eq!(workbook_kind(&ods(CONTENT, ""), "a"), Some(Workbook::Ods));
    assert_eq!(workbook_kind(&encrypted(), "a.xlsx"), Some(Workbook::Xls));
    assert_eq!(workbook_kind(b"id,note", "a.xlsx"), None);
    for (name, place) in
        [("A1", (1, 0)), ("Z9", (9, 25)), ("AA10", (10, 26)), ("XFD1048576", (1_048_576, 16_383))]
    {
        assert_eq!(cell_name(place.0, place.1), name);
        assert_eq!(cell_place(name), Some(place));
    }
    for name in ["", "A", "1", "A1B", "é1", "AAAAAAAAAAAA1", "A99999999999"] {
        assert_eq!(cell_place(name), None, "{name}");
    }
}

#[test]
fn rows_that_repeat_without_end_are_cut_and_told() {
    let content =
        CONTENT.replace("number-rows-repeated=\"2\"", "number-rows-repeated=\"1048576\"").replace(
            "<table:covered-table-cell ",
            "<table:covered-table-cell table:number-columns-repeated=\"16384\" ",
        );
    let (events, faults) = events(&ods(&content, "<manifest/>"), Workbook::Ods);
    let rows = events.iter().filter(|event| matches!(event, SheetEvent::Row { .. })).count();
    assert!((100..100_000).contains(&rows), "{rows}");
    let [fault] = &faults[..] else { panic!("{faults:?}") };
    assert!(fault.contains("row 1002 is repeated 1047575 times"), "{fault}");
    // What stands behind is still read.
    assert_eq!(events.last(), Some(&row(1, &[(0, "x")])));
    // A column filled down to the end of the sheet is no bomb.
    let content = CONTENT.replace("number-rows-repeated=\"2\"", "number-rows-repeated=\"1000000\"");
    assert_eq!(self::events(&ods(&content, "<manifest/>"), Workbook::Ods).1, Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn damaged_xml_never_panics(at in 0_usize..2000, with in "[<>/&;\"rvct0-9A-Z]{0,4}", first: bool) {
        let damage = |text: &str| {
            let place = at % text.len();
            format!("{}{with}{}", &text[..place], text.get(place + with.len()..).unwrap_or_default())
        };
        if first {
            events(&xlsx(&damage(FIRST), SECOND), Workbook::Xlsx);
        } else {
            events(&ods(&damage(CONTENT), "<manifest/>"), Workbook::Ods);
        }
    }

    #[test]
    fn places_lead_back(row in 1..=1_048_576_u32, column in 0..16_384_u32) {
        prop_assert_eq!(cell_place(&cell_name(row, column)), Some((row, column)));
    }
}
