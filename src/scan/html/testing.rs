//! A made-up scan for the tests of reports.

use std::collections::BTreeMap;

use crate::coverage::{Coverage, coverage};
use crate::finding::{CitationReport, NotJudged, Notice, PackReport, RuleReport};
use crate::judge::SeverityOverrides;
use crate::pack::{PackSet, Severity, load_shipped};
use crate::scan::model::{ColumnRead, Count, FileSummary, Group, ScanFinding, ScanPlace, Summary};

const OFFICES: [&str; 4] = ["North", "South & East", "עברית", ""];
pub const RULES: [(&str, Severity); 4] = [
    ("crm-notes/religion", Severity::Error),
    ("crm-notes/health", Severity::Warning),
    ("crm-notes/insult", Severity::Warning),
    ("crm-notes/stale", Severity::Note),
];

/// A pack that is shipped, as reports show it.
pub fn duties() -> Vec<Coverage> {
    let mut faults = Vec::new();
    let pack = load_shipped("crm-notes", &mut faults).unwrap();
    let set = PackSet::assemble(vec![pack], &mut faults);
    let all: Vec<usize> = (0..set.packs().len()).collect();
    coverage(&set, &all, &SeverityOverrides::default())
}

/// A scan that stopped half-way, of three files with a hostile name among them.
pub fn report() -> (Summary, Vec<ScanFinding>, Vec<Coverage>) {
    let findings: Vec<ScanFinding> = (0..120).map(finding).collect();
    let mut by_group: BTreeMap<String, Group> = BTreeMap::new();
    for (at, office) in OFFICES.into_iter().enumerate() {
        let at = at as u64;
        by_group.insert(
            office.to_owned(),
            Group {
                records: 4000 - at * 900,
                records_found: 130 - at * 30,
                by_rule: RULES.iter().map(|(rule, _)| ((*rule).to_owned(), 40 - at * 9)).collect(),
            },
        );
    }
    let by_month = (0..20_u64)
        .filter(|at| *at != 7)
        .map(|at| {
            let month = format!("{}-{:02}", 2025 + at / 12, at % 12 + 1);
            let group = Group {
                records: 500 + at * 13,
                records_found: 4 + (at * 7) % 31,
                by_rule: BTreeMap::new(),
            };
            (month, group)
        })
        .collect();
    let count = |findings, records| Count { findings, records };
    let summary = Summary {
        files: files(),
        records: 12_345,
        cells: 31_209,
        bytes: 48_123_456,
        findings: [(Severity::Error, 120), (Severity::Warning, 240), (Severity::Note, 27)].into(),
        records_found: 312,
        by_rule: RULES
            .iter()
            .zip([count(131, 120), count(98, 96), count(90, 70), count(68, 40)])
            .map(|((rule, _), count)| ((*rule).to_owned(), count))
            .collect(),
        by_column: [
            ("Notes".to_owned(), count(250, 220)),
            ("Description".to_owned(), count(137, 92)),
        ]
        .into(),
        group_by: Some("Office".to_owned()),
        by_group,
        by_month,
        sample: None,
        notices: vec![
            notice(
                "crm/old.xlsx",
                None,
                "the workbook needs a password, so nothing in it was read",
                true,
            ),
            notice(
                "crm/contacts.csv",
                Some(90_211),
                "a quote is never closed; the rest of the file was not read",
                true,
            ),
            notice(
                "crm/contacts.csv",
                Some(4),
                "the column `Notes` stands twice; both were read",
                false,
            ),
        ],
        not_judged: vec![NotJudged {
            rule: "crm-notes/beyond-owner".to_owned(),
            missing: vec!["records.owner".to_owned()],
            columns: vec!["Shared With".to_owned()],
            partly: false,
            documents: 3,
        }],
        packs: vec![PackReport {
            id: "crm-notes".to_owned(),
            version: "2026.2".to_owned(),
            digest: "4f".repeat(32).into(),
            origin: "shipped with probity".to_owned(),
            rules: 41,
        }],
        rules: RULES.iter().map(|(rule, _)| ((*rule).to_owned(), about(rule))).collect(),
        revealed: false,
        unlisted: 387 - findings.len() as u64,
    };
    (summary, findings, duties())
}

fn notice(path: &str, line: Option<usize>, message: &str, unchecked: bool) -> Notice {
    Notice { path: path.to_owned(), line, message: message.to_owned(), unchecked }
}

fn about(rule: &str) -> RuleReport {
    let cite = |title: &str, verified| CitationReport {
        title: title.to_owned(),
        at: Some("paragraph 4.2".to_owned()),
        publisher: Some("Office of the Made-up Commissioner".to_owned()),
        date: Some("2024-05".to_owned()),
        url: Some("https://example.org/guide?a=1&b=2".to_owned()),
        verified,
    };
    RuleReport {
        pack: "crm-notes".to_owned(),
        title: match rule {
            "crm-notes/religion" => "A person's religion is stated",
            "crm-notes/health" => "A person's health is described",
            "crm-notes/insult" => "A person is called names",
            _ => "A record nobody has used for years",
        }
        .to_owned(),
        help: "Take the statement out, unless the person gave it and the case needs it.".to_owned(),
        ask: Some("The privacy officer of your department.".to_owned()),
        cites: vec![
            cite("Guide to Records", true),
            cite("Handbook nobody has read", rule == "crm-notes/stale"),
        ],
    }
}

fn files() -> Vec<FileSummary> {
    let column = |name: &str, why: &str| ColumnRead { name: name.to_owned(), why: why.to_owned() };
    let file = |path: &str, format: &str, records, findings| FileSummary {
        path: path.to_owned(),
        sheet: None,
        format: format.to_owned(),
        encoding: Some("UTF-8".to_owned()),
        digest: "0a".repeat(32),
        bytes: records * 3800,
        records,
        findings,
        columns: vec![
            column("Notes", "by name"),
            column("Description", "by name"),
            column("Field 7", "by content"),
        ],
        unread: vec!["Id".to_owned(), "Owner".to_owned(), "Created On".to_owned()],
    };
    vec![
        file("crm/contacts.csv", "csv", 9000, 300),
        FileSummary {
            sheet: Some("Cases".to_owned()),
            encoding: None,
            ..file("crm/cases.xlsx", "xlsx", 3000, 80)
        },
        file("crm/</script><img src=x onerror=alert(1)>\u{202e}.csv", "csv", 345, 7),
    ]
}

fn finding(at: usize) -> ScanFinding {
    let (rule, severity) = RULES[at % RULES.len()];
    let workbook = at % 3 == 1;
    let file = match at % 3 {
        0 => "crm/contacts.csv",
        1 => "crm/cases.xlsx",
        _ => "crm/</script><img src=x onerror=alert(1)>\u{202e}.csv",
    };
    ScanFinding {
        file: file.to_owned(),
        sheet: workbook.then(|| "Cases".to_owned()),
        record: at as u64 * 17 + 1,
        line: at as u64 * 23 + 2,
        cell: workbook.then(|| format!("F{}", at * 23 + 2)),
        column: if at.is_multiple_of(2) { "Notes" } else { "Description" }.to_owned(),
        id: Some(format!("CAS-{:06}", at * 7919)),
        group: Some(OFFICES[at % OFFICES.len()].to_owned()),
        month: Some("2026-02".to_owned()),
        rule: rule.to_owned(),
        severity,
        message: "This states somebody's religion".to_owned(),
        places: vec![ScanPlace {
            bytes: (!workbook).then_some(at * 400..at * 400 + 12),
            chars: 10..22,
            text: "XXXXXX XXXXX".to_owned(),
        }],
        fingerprint: format!("1:{at:016x}"),
    }
}
