//! Faults in packs and configuration, drawn like findings.

use annotate_snippets::{AnnotationKind, Level as Drawn, Origin, Renderer, Snippet};

use crate::judge::safe;
use crate::syntax::{Diagnostic, Level};

/// Draws diagnostics in the order of their files and places.
pub fn draw(diagnostics: &[Diagnostic], renderer: &Renderer) -> String {
    draw_quoting(diagnostics, renderer, &|_| true)
}

/// Draws diagnostics; of a file whose lines may not be quoted (by its name), only the place
/// is shown.
pub fn draw_quoting(
    diagnostics: &[Diagnostic],
    renderer: &Renderer,
    is_quotable: &dyn Fn(&str) -> bool,
) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| (&diagnostic.file.name, diagnostic.span, &diagnostic.message));
    let mut out = String::new();
    for diagnostic in sorted {
        let level = match diagnostic.level {
            Level::Fault => Drawn::ERROR,
            Level::Warning => Drawn::WARNING,
        };
        // Only the lines around the place are shown, so that a control character
        // elsewhere in the file cannot reach the terminal.
        let text = &diagnostic.file.text;
        let end = text.floor_char_boundary(diagnostic.span.end.min(text.len()));
        let start = text.floor_char_boundary(diagnostic.span.start.min(end));
        let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let last = text[end..].find('\n').map_or(text.len(), |at| end + at);
        let before = safe(&text[first..start]);
        let marked = safe(&text[start..end]);
        let shown = format!("{before}{marked}{}", safe(text[end..last].trim_end_matches('\r')));
        let line = text[..first].bytes().filter(|&byte| byte == b'\n').count() + 1;
        let mark = AnnotationKind::Primary.span(before.len()..before.len() + marked.len());
        let mark =
            if diagnostic.label.is_empty() { mark } else { mark.label(diagnostic.label.as_str()) };
        let title = level.primary_title(safe(&diagnostic.message));
        let path = safe(&diagnostic.file.name);
        let mut group = if is_quotable(&diagnostic.file.name) {
            title.element(Snippet::source(shown).line_start(line).path(path).annotation(mark))
        } else {
            let column = text[first..start].chars().count() + 1;
            title.element(Origin::path(path).line(line).char_column(column))
        };
        if let Some(help) = &diagnostic.help {
            group = group.element(Drawn::HELP.message(safe(help)));
        }
        out.push_str(&renderer.render(&[group]));
        out.push_str("\n\n");
    }
    out
}
