//! Reports that no file was read for.

use probity::finding::{
    CitationReport, DocumentReport, Edit, Finding, Fix, Location, Notice, OtherColumns, Report,
    RuleReport, SuppressedBy, Suppression,
};
use probity::pack::Severity;
use probity::text::Span;

pub fn place(line: usize, text: &str) -> Location {
    Location {
        bytes: Span::new(10, 13),
        line,
        column: 3,
        end_line: line,
        end_column: 6,
        units: OtherColumns { bytes: 7, end_bytes: 10, utf16: 4, end_utf16: 7 },
        text: text.to_owned(),
        label: String::new(),
    }
}

pub fn finding(at: usize, severity: Severity) -> Finding {
    Finding {
        document: 0,
        path: "a.md".into(),
        places: vec![place(at + 1, "words")],
        rule: "p/rule".into(),
        severity,
        message: "“words” are wrong.".into(),
        related: Vec::new(),
        field: "body".into(),
        record: None,
        about_whole: false,
        fingerprint: format!("1:{at:024x}"),
        secret: None,
        suppression: None,
        fix: None,
        fails: severity == Severity::Error,
        excerpt: Vec::new(),
    }
}

fn cite(url: &str, verified: bool) -> CitationReport {
    CitationReport {
        title: "A policy".into(),
        at: Some("1".into()),
        publisher: None,
        date: None,
        url: Some(url.into()),
        verified,
    }
}

pub fn report(findings: Vec<Finding>) -> Report {
    let path = findings.first().map_or("a.md".to_owned(), |finding| finding.path.clone());
    let rule = RuleReport {
        pack: "p".into(),
        title: "A rule".into(),
        help: "Write other words.".into(),
        ask: Some("Ask the office.".into()),
        cites: vec![
            cite("https://example.org/unread", false),
            cite("https://example.org/read", true),
        ],
    };
    Report {
        documents: vec![DocumentReport {
            path,
            format: "markdown",
            encoding: "utf-8",
            fields: 1,
            facts: std::sync::Arc::default(),
        }],
        rules: [("p/rule".to_owned(), rule)].into(),
        findings,
        ..Report::default()
    }
}

pub fn accepted(by: SuppressedBy, reason: Option<&str>) -> Suppression {
    Suppression {
        by,
        reason: reason.map(str::to_owned),
        owner: Some("press office".into()),
        until: Some("2027-03-31".into()),
    }
}

/// One of each: open with a fix, accepted in the file, in the baseline.
pub fn mixed() -> Report {
    let mut findings: Vec<Finding> = (0..3).map(|at| finding(at, Severity::Error)).collect();
    findings[0].fix = Some(Fix {
        title: "write “terms”".into(),
        joined: None,
        edits: vec![Edit { place: place(1, "words"), old: "words".into(), new: "terms".into() }],
    });
    findings[1].suppression = Some(accepted(SuppressedBy::Comment, Some("a quote of the law")));
    findings[2].suppression = Some(accepted(SuppressedBy::Baseline, None));
    let mut report = report(findings);
    report.baseline = true;
    report.notices.push(Notice {
        path: "b.md".into(),
        line: Some(3),
        message: "the front matter does not parse".into(),
        unchecked: true,
    });
    report
}

/// Text that means something in some format.
const HOSTILE: &str = "x\r\n::set-output name=a::b\n##[add-path]c %0A::error::d ]]> <b>&amp;</b> \
    <!-- | `code` [link](https://evil.example) ![i](x) @user org/repo#1 \"'=1+1 \
    \u{202e}right\u{2066} \u{1b}[31m \u{0} \u{fffe} \\ {{ 7*7 }} {% raw %} /close";

/// A report in which everything that can come from outside is hostile.
pub fn hostile() -> Report {
    let mut bad = finding(0, Severity::Error);
    bad.path = HOSTILE.into();
    bad.field = HOSTILE.into();
    bad.record = Some(1);
    bad.message = HOSTILE.into();
    bad.places = vec![place(1, HOSTILE), place(2, HOSTILE)];
    bad.related = vec![place(3, HOSTILE)];
    bad.related[0].label = HOSTILE.into();
    bad.fix = Some(Fix {
        title: HOSTILE.into(),
        joined: None,
        edits: vec![Edit { place: place(1, HOSTILE), old: HOSTILE.into(), new: HOSTILE.into() }],
    });
    let mut silent = bad.clone();
    silent.fingerprint = "1:1".into();
    silent.suppression = Some(Suppression {
        by: SuppressedBy::SideFile,
        reason: Some(HOSTILE.into()),
        owner: Some(HOSTILE.into()),
        until: None,
    });
    let many = (2..40).map(|at| Finding { fingerprint: format!("1:{at}"), ..bad.clone() });
    let findings = [bad.clone(), silent].into_iter().chain(many).collect();
    let mut report = report(findings);
    let rule = report.rules.get_mut("p/rule").unwrap();
    rule.title = HOSTILE.into();
    rule.help = HOSTILE.into();
    rule.ask = Some(HOSTILE.into());
    rule.cites = vec![cite(HOSTILE, true), cite("javascript:alert(1)", true)];
    rule.cites[0].title = HOSTILE.into();
    report.notices = [true, false]
        .map(|unchecked| Notice {
            path: HOSTILE.into(),
            line: Some(1),
            message: HOSTILE.into(),
            unchecked,
        })
        .into();
    report
}
