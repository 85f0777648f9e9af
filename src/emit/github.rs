//! Workflow commands: the annotations of GitHub Actions.

use std::cmp::Reverse;
use std::io;

use super::escape::{file_name, log, one_line};
use super::{Emitter, Root, counted, words_beside};
use crate::finding::{Finding, Location, Report};
use crate::pack::Severity;

/// So many annotations of a level GitHub shows for a step; it drops the rest unsaid.
const MOST: usize = 10;

/// `::error file=…::message`, the worst first. What GitHub would not show follows as
/// plain lines of the log, with a notice of how many there are.
///
/// A log shows neither the file nor the title of a command, so the message begins with
/// the place and the rule.
///
/// Columns are given where a finding ends on its line, in characters: GitHub documents
/// no unit, and refuses columns of several lines.
#[derive(Clone, Debug)]
pub struct GitHub {
    /// Where paths count from.
    pub root: Root,
}

/// What becomes a command, or a line of the log.
struct Item<'r> {
    level: Severity,
    title: String,
    /// The file and the line; empty where it is about none.
    path: &'r str,
    line: Option<usize>,
    place: Option<&'r Location>,
    message: String,
}

impl Emitter for GitHub {
    fn emit(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let mut items = items(report);
        items.sort_by_key(|item| Reverse(item.level));
        let of = |level| items.iter().filter(|item| item.level == level).count();
        let levels = [Severity::Error, Severity::Warning, Severity::Note];
        let over = levels.into_iter().any(|level| of(level) > MOST);
        // The notice of the rest is an annotation too.
        let most = |level| if over && level == Severity::Note { MOST - 1 } else { MOST };
        let mut rest = Vec::new();
        for level in levels {
            for (at, item) in items.iter().filter(|item| item.level == level).enumerate() {
                if at < most(level) {
                    writeln!(out, "{}", self.command(item))?;
                } else {
                    rest.push(item);
                }
            }
        }
        if !rest.is_empty() {
            writeln!(
                out,
                "::notice title=probity::{}; GitHub shows {MOST} of a level, the rest is in the \
                 log of this step.",
                counted(rest.len(), "more result")
            )?;
        }
        for item in rest {
            let line = format!("{}: {}", item.level.name(), one_line(&told(item, item.path)));
            writeln!(out, "{}", log(&line))?;
        }
        Ok(())
    }
}

fn items(report: &Report) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    // What was not checked stands before the errors that were found.
    for notice in report.notices.iter().filter(|notice| notice.unchecked) {
        items.push(Item {
            level: Severity::Error,
            title: "probity (not checked)".to_owned(),
            path: &notice.path,
            line: notice.line,
            place: None,
            message: format!("not checked: {}", notice.message),
        });
    }
    for finding in report.open() {
        items.push(Item {
            level: finding.severity,
            title: format!("probity ({})", finding.rule),
            path: &finding.path,
            line: finding.places.first().map(|place| place.line),
            place: finding.places.first(),
            message: message(report, finding),
        });
    }
    for notice in report.notices.iter().filter(|notice| !notice.unchecked) {
        // One without a line may be about a pack, which is no file of the repository.
        let path = if notice.line.is_some() { notice.path.as_str() } else { "" };
        let message = match path {
            "" => format!("{}: {}", file_name(&notice.path), notice.message),
            _ => notice.message.clone(),
        };
        items.push(Item {
            level: Severity::Note,
            title: "probity".to_owned(),
            path,
            line: notice.line,
            place: None,
            message,
        });
    }
    items
}

/// The message behind its place, of which `path` is the file.
fn told(item: &Item<'_>, path: &str) -> String {
    let place = match (item.line, item.place) {
        _ if path.is_empty() => return item.message.clone(),
        (_, Some(place)) => format!(":{}:{}", place.line, place.column),
        (Some(line), None) => format!(":{line}"),
        (None, None) => String::new(),
    };
    format!("{}{place}: {}", file_name(path), item.message)
}

fn message(report: &Report, finding: &Finding) -> String {
    let mut text = format!("{}: {}", finding.rule, one_line(&finding.message));
    if let Some(words) = words_beside(finding) {
        text.push_str(&format!(" “{words}”"));
    }
    if let Some(rule) = report.rules.get(&finding.rule) {
        text.push_str("\nInstead: ");
        text.push_str(&one_line(&rule.help));
        if let Some(ask) = &rule.ask {
            text.push_str("\nIf unsure: ");
            text.push_str(&one_line(ask));
        }
    }
    text
}

impl GitHub {
    fn command(&self, item: &Item<'_>) -> String {
        let level = match item.level {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut text = format!("::{level} title={}", property(&item.title));
        let path = self.root.path(item.path);
        if !item.path.is_empty() {
            let path = file_name(&path);
            text.push_str(&format!(",file={}", property(&path)));
            if let Some(line) = item.line {
                text.push_str(&format!(",line={line}"));
            }
            if let Some(place) = item.place {
                text.push_str(&format!(",endLine={}", place.end_line));
                if place.line == place.end_line {
                    let (start, end) = (place.column, place.end_column);
                    text.push_str(&format!(",col={start},endColumn={end}"));
                }
            }
        }
        text.push_str("::");
        text.push_str(&data(&told(item, &path)));
        text
    }
}

/// Text behind the second `::`, as the runner reads it back. The lines are our own.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(one_line).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_runner_reads_back_is_the_text() {
        assert_eq!(data("50% %0A\nb"), "50%25 %250A%0Ab");
        assert_eq!(data("a\rb"), "a<U+000D>b");
        assert_eq!(property("a:b,c::d%"), "a%3Ab%2Cc%3A%3Ad%25");
        assert_eq!(property("x\u{202e}"), "x<U+202E>");
    }
}
