//! The report of a scan as one HTML file: read without a network and without scripts,
//! by eye, by ear and on paper.

mod details;
mod evidence;
mod list;
mod months;
mod overview;
mod table;
#[cfg(test)]
pub(in crate::scan) mod testing;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::figures;
use super::model::{Count, ScanFinding, Summary};
use crate::coverage::Coverage;
use crate::pack::Severity;
use table::{prose, text};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// How many findings the report lists at most.
pub const LISTED_MOST: usize = 10_000;
/// How many rows any other table has at most.
const ROWS_MOST: usize = 1000;

/// What the sections are made from.
struct Report<'r> {
    summary: &'r Summary,
    findings: &'r [ScanFinding],
    coverage: &'r [Coverage],
    /// The rules that found something, those in most records first.
    rules: Vec<RuleRow<'r>>,
    anchors: BTreeMap<&'r str, usize>,
}

/// A rule that found something.
struct RuleRow<'r> {
    name: &'r str,
    count: Count,
    /// The highest with which it is listed, or else what its pack says.
    severity: Option<Severity>,
}

impl<'r> Report<'r> {
    fn new(summary: &'r Summary, findings: &'r [ScanFinding], coverage: &'r [Coverage]) -> Self {
        let mut severities: BTreeMap<&str, Severity> = BTreeMap::new();
        for finding in findings {
            let known = severities.entry(&finding.rule).or_insert(finding.severity);
            *known = finding.severity.max(*known);
        }
        for pack in coverage {
            let covering = pack.duties.iter().flat_map(|duty| &duty.rules);
            for rule in covering.chain(&pack.other_rules) {
                severities.entry(&rule.id).or_insert(rule.severity);
            }
        }
        let mut rules: Vec<RuleRow> = summary
            .by_rule
            .iter()
            .map(|(name, count)| RuleRow {
                name,
                count: *count,
                severity: severities.get(name.as_str()).copied(),
            })
            .collect();
        rules.sort_by_key(|rule| std::cmp::Reverse((rule.count.records, rule.count.findings)));
        let anchors = rules.iter().enumerate().map(|(at, rule)| (rule.name, at + 1)).collect();
        Self { summary, findings, coverage, rules, anchors }
    }

    /// A few words for a rule, or else its name.
    fn title(&self, rule: &'r str) -> &'r str {
        let known = self.summary.rules.get(rule).map(|rule| rule.title.as_str());
        let in_packs = || {
            let duties = self.coverage.iter().flat_map(|pack| &pack.duties);
            let others = self.coverage.iter().flat_map(|pack| &pack.other_rules);
            duties
                .flat_map(|duty| &duty.rules)
                .chain(others)
                .find(|known| known.id == rule)
                .map(|known| known.title.as_str())
        };
        known.or_else(in_packs).filter(|title| !title.is_empty()).unwrap_or(rule)
    }

    /// A rule's title, linked to what is said of it.
    fn rule_link(&self, rule: &'r str) -> String {
        let title = text(self.title(rule));
        match self.anchors.get(rule) {
            Some(at) => format!("<a href=\"#rule-{at}\">{title}</a>"),
            None => title,
        }
    }

    /// The column of identifiers, offices, sheets: whether the list has it.
    fn any(&self, has: impl Fn(&ScanFinding) -> bool) -> bool {
        self.findings.iter().take(LISTED_MOST).any(has)
    }
}

/// Writes the report. It depends on nothing but what is handed in, so the same scan
/// gives the same bytes.
///
/// # Errors
/// Those of the writer.
pub fn html(
    summary: &Summary,
    findings: &[ScanFinding],
    coverage: &[Coverage],
    out: &mut dyn Write,
) -> io::Result<()> {
    let report = Report::new(summary, findings, coverage);
    let heading = overview::heading(summary);
    let nonce = nonce(summary);
    let sections = [
        ("by-rule", "By rule", overview::rules(&report)),
        ("what-to-do", "What to do", details::rules(&report)),
        ("by-group", "By group", details::groups(&report)),
        ("by-column", "By column", details::columns(&report)),
        ("by-month", "By month", months::months(summary)),
        ("files", "Files and columns", evidence::files(&report)),
        ("skipped", "What was skipped and why", evidence::notices(&report)),
        ("not-judged", "Rules not judged", evidence::not_judged(&report)),
        ("versions", "Rules, versions and digests", evidence::versions(&report)),
        ("coverage", "What the rules cover", evidence::coverage(&report)),
        ("how-to-find", "How to find a record", list::how_to_find(&report)),
        // Last, for it is long.
        ("list", "List of findings", list::before(&report)),
    ];
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; base-uri 'none'; \
         form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{heading}</title>\n<style nonce=\"{nonce}\">\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#in-short\">Skip to the report</a>\n\
         <header>\n<h1>{heading}</h1>\n{}</header>\n\
         <main>\n{}<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>\n<ol>\n",
        overview::state(&report),
        overview::in_short(&report)
    )?;
    for (id, name, _) in sections.iter().filter(|(.., body)| !body.is_empty()) {
        let name = if *id == "by-group" { details::by_group(summary) } else { prose(name) };
        writeln!(out, "<li><a href=\"#{id}\">{name}</a></li>")?;
    }
    writeln!(out, "</ol>\n</nav>")?;
    for (.., body) in &sections {
        out.write_all(body.as_bytes())?;
    }
    list::rows(&report, out)?;
    writeln!(
        out,
        "</main>\n<footer>\n<p>Made by probity {}. {} This file asks nothing of any network \
         and can be read without it.</p>\n</footer>\n\
         <script nonce=\"{nonce}\">\n{SCRIPT}</script>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION"),
        overview::shown(summary)
    )
}

/// A word that scanned text cannot know beforehand: only scripts and styles that bear
/// it run, should markup ever slip through.
fn nonce(summary: &Summary) -> String {
    let all = format!("{summary:?}");
    let digest = blake3::hash(all.as_bytes()).to_hex();
    digest.chars().take(32).collect()
}

/// The severity as a word with its colour.
fn severity(of: Severity) -> String {
    format!("<span class=\"{0}\">{0}</span>", of.name())
}

/// The note below a table that is cut.
fn left_out(rows: usize) -> String {
    let more = rows.saturating_sub(ROWS_MOST) as u64;
    if more == 0 {
        return String::new();
    }
    format!(
        "<p class=\"soft\">{} left out here.</p>\n",
        match more {
            1 => "1 more row is".to_owned(),
            _ => format!("{} more rows are", figures::number(more)),
        }
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::testing::report;
    use super::*;
    use crate::scan::model::ColumnRead;

    fn written(summary: &Summary, findings: &[ScanFinding], coverage: &[Coverage]) -> String {
        let mut out = Vec::new();
        html(summary, findings, coverage, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_stranger_finds_the_answers() {
        let (summary, findings, coverage) = report();
        let page = written(&summary, &findings, &coverage);
        for part in [
            // What came of it, and that it is not whole.
            "<h1>Scan of records: 312 of 12,345 records have findings</h1>",
            "<strong>Not everything was scanned.</strong> 2 things were not scanned",
            "the workbook needs a password",
            // How many hold religion, in which office, under which rule and version.
            "<dt>Found</dt><dd>in 120 records, 131 findings in all</dd>",
            "<bdi>North</bdi>: 40 records; <bdi>South &amp; East</bdi>: 31 records",
            "<code>crm-notes/religion</code> (<span class=\"error\">error</span>), of crm-notes 2026.2",
            "How to find a record",
            // Whose word it is.
            "<strong>Not checked against the source</strong>, so no authority: Handbook",
            "The privacy officer of your department.",
            // What is not in it.
            "The first 120 findings are listed; 267 more are counted above",
            "<code>records.owner</code>",
            "<bdi>Id</bdi>, <bdi>Owner</bdi>, <bdi>Created On</bdi>",
            "the cells look like written text",
        ] {
            assert!(page.contains(part), "{part}");
        }
        let unchecked = page.split("Not checked against the source").nth(1).unwrap();
        assert!(!unchecked.split("</li>").next().unwrap().contains("<a "));
    }

    #[test]
    fn nothing_scanned_is_markup() {
        let (summary, findings, coverage) = report();
        let page = written(&summary, &findings, &coverage);
        assert_eq!(page.matches("</script>").count(), 1);
        assert!(!page.contains("<img"));
        assert!(!page.contains('\u{202e}'));
        assert!(
            page.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&lt;U+202E&gt;.csv")
        );
        // Nothing is fetched.
        for fetched in [" src=", "@import", "url(", "<link", "<iframe", "http-equiv=\"refresh"] {
            let page = page.replace("&lt;img src=x", "");
            assert!(!page.contains(fetched), "{fetched}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn hostile_names_change_no_markup(hostile in "(\\PC|[<>&\"'`=/\n\t]|\u{0}|\u{202e}|-->|</script>){1,40}") {
            let page = |name: &str| {
                let (mut summary, mut findings, _) = report();
                // One that says nothing is called so.
                let name = format!("x{name}");
                for file in &mut summary.files {
                    file.path.clone_from(&name);
                    file.unread = vec![name.clone()];
                    file.columns = vec![ColumnRead { name: name.clone(), why: name.clone() }];
                }
                for finding in &mut findings {
                    finding.file.clone_from(&name);
                    finding.column.clone_from(&name);
                    finding.group = Some(name.clone());
                    finding.id = Some(name.clone());
                    for place in &mut finding.places {
                        place.text.clone_from(&name);
                    }
                }
                for notice in &mut summary.notices {
                    notice.path.clone_from(&name);
                }
                let group = summary.by_group["North"].clone();
                summary.by_group = [(name.clone(), group.clone())].into();
                summary.by_month = [(name.clone(), group)].into();
                summary.by_column = [(name.clone(), Count::default())].into();
                summary.group_by = Some(name.clone());
                written(&summary, &findings, &[])
            };
            let (hostile, plain) = (page(&hostile), page("y"));
            for mark in ['<', '>'] {
                prop_assert_eq!(hostile.matches(mark).count(), plain.matches(mark).count());
            }
            prop_assert!(!hostile.contains(['\u{202e}', '\u{0}']), "not spelled out");
        }
    }

    #[test]
    fn headings_ids_and_links_hold_together() {
        let (summary, findings, coverage) = report();
        let page = written(&summary, &findings, &coverage);
        assert_eq!(page.matches("<h1>").count(), 1);
        let ids: Vec<&str> =
            page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids.len(), "an id stands twice");
        for attribute in [" href=\"#", " aria-labelledby=\""] {
            for to in page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                for to in to.split(' ') {
                    assert!(ids.contains(&to), "{attribute}{to}");
                }
            }
        }
        assert_eq!(page.matches("<table").count(), page.matches("<caption").count());
        // What stands open is closed.
        for element in ["section", "table", "div", "dl", "dd", "ul", "li", "p", "h3", "bdi"] {
            let opened = page.matches(&format!("<{element}>")).count()
                + page.matches(&format!("<{element} ")).count();
            assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
        }
    }

    #[test]
    fn an_empty_scan_and_a_sample_say_so() {
        let mut summary = Summary::default();
        let page = written(&summary, &[], &[]);
        assert!(page.contains("No rule found anything"), "{page}");
        assert!(page.contains("No file was read"));
        assert!(page.contains("There are none."));
        summary.sample = Some(crate::scan::model::Sample {
            records: 2000,
            of: 100_000,
            per_thousand: 25.3,
            low: 19.4,
            high: 32.9,
        });
        let page = written(&summary, &[], &[]);
        assert!(page.contains("Only a sample was scanned:</strong> 2,000 of 100,000 records."));
        assert!(page.contains("between 19.4 and 32.9 in 95 of 100 such samples"));
        assert!(!page.contains("all records"));
    }

    #[test]
    fn long_lists_are_cut_and_what_is_left_out_is_counted() {
        let (mut summary, findings, coverage) = report();
        let many: Vec<_> = findings.iter().cycle().take(LISTED_MOST + 5).cloned().collect();
        summary.findings = [(Severity::Note, many.len() as u64)].into();
        let page = written(&summary, &many, &coverage);
        assert!(page.contains("The first 10,000 findings are listed; 5 more are counted"));
        let group = summary.by_group["North"].clone();
        summary.by_group = (0..1500).map(|at| (format!("office {at}"), group.clone())).collect();
        let page = written(&summary, &findings, &coverage);
        assert!(page.contains("500 more rows are left out here."));
    }
}
