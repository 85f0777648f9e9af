//! What an editor offers to do about findings.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::client::Client;
use super::diagnostics::Checked;
use super::protocol::{Position, Range};
use super::suppression::{Reach, suppression_comment};
use crate::emit::one_line;
use crate::finding::{Finding, Fix};
use crate::text::{Lines, Span};

/// The kind of the action that makes all fixes.
pub(super) const FIX_ALL: &str = "source.fixAll.probity";

/// No menu has actions for more findings than this.
const MOST: usize = 20;

/// The actions for a stretch of a text, of the kinds asked for.
pub(super) fn actions(checked: &Checked<'_>, range: Range, only: Option<&[String]>) -> Vec<Value> {
    let wants =
        |kind: &str| only.is_none_or(|only| only.iter().any(|asked| is_kind_of(kind, asked)));
    let mut actions = Vec::new();
    if wants("quickfix") {
        let mut findings = checked.findings_at(range);
        findings.truncate(MOST);
        let fixable: Vec<(&Finding, &Fix)> = findings
            .iter()
            .filter_map(|&finding| Some((finding, finding.fix.as_ref()?)))
            .filter(|(_, fix)| still_fits(checked, fix))
            .collect();
        let preferred = fixable.len() == 1;
        for (finding, fix) in fixable {
            let edits = edits(checked, fix).into_iter().map(|(_, edit)| edit).collect();
            let mut action = action(checked, &one_line(&fix.title), "quickfix", edits);
            action["diagnostics"] = json!([checked.diagnostic(finding)]);
            action["isPreferred"] = preferred.into();
            actions.push(action);
        }
        let mut offered: Vec<(&str, Value)> = Vec::new();
        for finding in findings {
            accept(checked, finding, &mut offered, &mut actions);
        }
    }
    if wants(FIX_ALL) {
        let (count, edits) = all_fixes(checked);
        if count > 0 {
            let title = match count {
                1 => "Make the 1 fix of probity".to_owned(),
                _ => format!("Make all {count} fixes of probity"),
            };
            actions.push(action(checked, &title, FIX_ALL, edits));
        }
    }
    actions
}

/// Offers to accept a finding by a comment, here and in the whole file.
fn accept<'a>(
    checked: &Checked<'_>,
    finding: &'a Finding,
    offered: &mut Vec<(&'a str, Value)>,
    actions: &mut Vec<Value>,
) {
    let Some(document) = checked.report.documents.get(finding.document) else { return };
    let (name, format) = (&document.path, document.format);
    let places: Vec<Span> = finding.places.iter().map(|place| place.bytes).collect();
    for (reach, said) in [(Reach::Here, "here"), (Reach::File, "in this file")] {
        let comment =
            suppression_comment(name, format, &finding.rule, checked.text, &places, reach);
        let Some((offset, text)) = comment else { continue };
        let at = offset_position(checked, offset);
        let edit = json!({ "range": Range { start: at, end: at }, "newText": text });
        // Findings of one rule on one line are accepted by one comment.
        if offered.iter().any(|(rule, known)| *rule == finding.rule && *known == edit) {
            continue;
        }
        offered.push((&finding.rule, edit.clone()));
        let title = format!("Accept {} {said}, and say why", finding.rule);
        let mut action = action(checked, &title, "quickfix", vec![edit]);
        action["diagnostics"] = json!([checked.diagnostic(finding)]);
        actions.push(action);
    }
}

fn offset_position(checked: &Checked<'_>, offset: usize) -> Position {
    super::positions::position_at(&Lines::new(checked.text), offset, checked.client.encoding)
}

/// All fixes that do not get in each other's way, in the order of the text. Of two that
/// do, the first is made; the other can be made once its place has been read anew.
fn all_fixes(checked: &Checked<'_>) -> (usize, Vec<Value>) {
    let mut fixes: Vec<&Fix> = checked.findings().filter_map(|it| it.fix.as_ref()).collect();
    fixes.retain(|fix| still_fits(checked, fix) && !fix.edits.is_empty());
    fixes.sort_by_key(|fix| fix.edits.first().map(|edit| edit.place.bytes));
    let mut taken: BTreeMap<usize, (usize, Value)> = BTreeMap::new();
    let mut count = 0;
    for fix in fixes {
        let edits = edits(checked, fix);
        let free = edits.iter().all(|(span, _)| {
            let before = taken.range(..=span.start).next_back();
            let behind = taken.range(span.start..).next();
            before.is_none_or(|(&start, &(end, _))| end <= span.start && start != span.start)
                && behind.is_none_or(|(&start, _)| span.end <= start && start != span.start)
        });
        // Two changes at one place cannot be told apart later; such a fix is made alone.
        let mut starts: Vec<usize> = edits.iter().map(|(span, _)| span.start).collect();
        starts.dedup();
        if free && starts.len() == edits.len() {
            count += 1;
            taken.extend(edits.into_iter().map(|(span, edit)| (span.start, (span.end, edit))));
        }
    }
    (count, taken.into_values().map(|(_, edit)| edit).collect())
}

/// Whether the text still has what a fix is to replace.
fn still_fits(checked: &Checked<'_>, fix: &Fix) -> bool {
    let fits = |span: Span, old: &str| checked.text.get(span.range()) == Some(old);
    fix.edits.iter().all(|edit| fits(edit.place.bytes, &edit.old))
}

fn edits(checked: &Checked<'_>, fix: &Fix) -> Vec<(Span, Value)> {
    let edit = |edit: &crate::finding::Edit| {
        let range = checked.range(&edit.place);
        (edit.place.bytes, json!({ "range": range, "newText": edit.new }))
    };
    fix.edits.iter().map(edit).collect()
}

fn action(checked: &Checked<'_>, title: &str, kind: &str, edits: Vec<Value>) -> Value {
    json!({ "title": title, "kind": kind, "edit": workspace_edit(checked, edits) })
}

fn workspace_edit(checked: &Checked<'_>, edits: Vec<Value>) -> Value {
    let Client { versioned_edits, .. } = checked.client;
    if versioned_edits {
        let document = json!({ "uri": checked.uri, "version": checked.version });
        json!({ "documentChanges": [{ "textDocument": document, "edits": edits }] })
    } else {
        let mut changes = serde_json::Map::new();
        changes.insert(checked.uri.to_owned(), edits.into());
        json!({ "changes": changes })
    }
}

/// Whether a kind is `asked` or one below it: `source.fixAll.probity` is a `source`.
fn is_kind_of(kind: &str, asked: &str) -> bool {
    let rest = kind.strip_prefix(asked);
    rest.is_some_and(|rest| asked.is_empty() || rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{DocumentReport, Edit, Location, OtherColumns, Report};
    use crate::pack::Severity;

    /// The place of `words` in a text of one line.
    fn place(text: &str, words: &str) -> Location {
        let start = text.find(words).unwrap();
        let end = start + words.len();
        let utf16 = |at: usize| text[..at].encode_utf16().count() + 1;
        Location {
            bytes: Span::new(start, end),
            line: 1,
            column: text[..start].chars().count() + 1,
            end_line: 1,
            end_column: text[..end].chars().count() + 1,
            units: OtherColumns {
                bytes: start + 1,
                end_bytes: end + 1,
                utf16: utf16(start),
                end_utf16: utf16(end),
            },
            text: words.to_owned(),
            label: String::new(),
        }
    }

    fn finding(text: &str, words: &str, new: Option<&str>) -> Finding {
        let edit = |new: &str| Edit {
            place: place(text, words),
            old: words.to_owned(),
            new: new.to_owned(),
        };
        Finding {
            document: 0,
            path: "a.md".into(),
            places: vec![place(text, words)],
            rule: "a/b".into(),
            severity: Severity::Error,
            message: "no".into(),
            related: Vec::new(),
            field: "body".into(),
            record: None,
            about_whole: false,
            fingerprint: "1".into(),
            secret: None,
            suppression: None,
            fix: new.map(|new| Fix {
                title: format!("write {new}"),
                edits: vec![edit(new)],
                joined: None,
            }),
            fails: false,
            excerpt: Vec::new(),
        }
    }

    fn report(findings: Vec<Finding>) -> Report {
        let document = DocumentReport {
            path: "a.md".into(),
            format: "markdown",
            encoding: "utf-8",
            fields: 1,
            facts: std::sync::Arc::default(),
        };
        Report { documents: vec![document], findings, ..Report::default() }
    }

    /// `kind title edits` of each action.
    fn offered(text: &str, report: &Report, range: (u32, u32), only: Option<&str>) -> Vec<String> {
        let client = Client::default();
        let checked = Checked { uri: "file:///a.md", version: 3, text, report, client };
        let at = |character| Position { line: 0, character };
        let range = Range { start: at(range.0), end: at(range.1) };
        let only = only.map(|only| vec![only.to_owned()]);
        let actions = actions(&checked, range, only.as_deref());
        let show = |action: &Value| {
            let edits = action["edit"]["changes"]["file:///a.md"].as_array().unwrap();
            let edit = |edit: &Value| {
                let range = &edit["range"];
                let (start, end) = (&range["start"]["character"], &range["end"]["character"]);
                format!(" {start}-{end}={}", edit["newText"].as_str().unwrap())
            };
            let preferred = if action["isPreferred"] == true { "!" } else { "" };
            let edits: String = edits.iter().map(edit).collect();
            let kind = action["kind"].as_str().unwrap();
            format!("{kind}{preferred} {}:{edits}", action["title"].as_str().unwrap())
        };
        actions.iter().map(show).collect()
    }

    #[test]
    fn fixes_are_offered_where_they_fit() {
        // A smiley is two units.
        let text = "😀 #votenow and leverage";
        let vote = finding(text, "#votenow", Some("#VoteNow"));
        let use_ = finding(text, "leverage", Some("use"));
        let report = report(vec![vote, use_]);
        let here = offered(text, &report, (5, 5), None);
        assert_eq!(here[0], "quickfix! write #VoteNow: 3-11=#VoteNow");
        let all = "source.fixAll.probity Make all 2 fixes of probity: 3-11=#VoteNow 16-24=use";
        assert_eq!(here.last().unwrap(), all);
        assert_eq!(
            offered(text, &report, (0, 24), Some("quickfix"))[0],
            "quickfix write #VoteNow: 3-11=#VoteNow"
        );
        for only in ["source", "source.fixAll", "source.fixAll.probity"] {
            assert_eq!(offered(text, &report, (0, 0), Some(only)), [all]);
        }
        for only in ["source.fix", "refactor", "source.fixAll.probity.more"] {
            assert_eq!(offered(text, &report, (0, 24), Some(only)), Vec::<String>::new());
        }
    }

    #[test]
    fn fixes_that_no_longer_fit_are_not_offered() {
        let text = "😀 #votenow";
        let report = report(vec![finding(text, "#votenow", Some("#VoteNow"))]);
        for changed in ["😀 #voteNow", "😀", "x😀 #votenow"] {
            let offered = offered(changed, &report, (0, 20), None);
            assert!(offered.iter().all(|action| !action.contains("write")), "{offered:?}");
            assert!(offered.iter().all(|action| !action.contains("fixAll")), "{offered:?}");
        }
    }

    #[test]
    fn of_fixes_that_overlap_the_first_is_made() {
        let text = "a bc d";
        let fixes = [
            ("bc", Some("x")),
            ("c d", Some("y")),
            ("bc d", Some("z")),
            ("a", Some("v")),
            ("d", None),
        ];
        let findings = fixes.map(|(words, new)| finding(text, words, new)).to_vec();
        let fix_all = offered(text, &report(findings), (0, 0), Some("source"));
        assert_eq!(fix_all, ["source.fixAll.probity Make all 2 fixes of probity: 0-1=v 2-4=x"]);
    }

    #[test]
    fn one_comment_accepts_all_of_a_rule_on_a_line() {
        let text = "bad and worse";
        let report = report(vec![finding(text, "bad", None), finding(text, "worse", None)]);
        let offered = offered(text, &report, (0, 13), None);
        assert_eq!(offered.len(), 2, "{offered:?}");
        assert!(offered[0].ends_with(": 13-13= <!-- probity: allow a/b -- … -->"), "{offered:?}");
    }
}
