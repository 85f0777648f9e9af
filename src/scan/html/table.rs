//! Tables and texts of the report. All that comes from outside goes through [`text`].

use crate::scan::figures::{number, rate, rate_words, short};

/// Scanned text longer than this is cut: a cell can hold megabytes.
const LONGEST: usize = 300;

/// Text for an element or an attribute in double quotes, safe to show and cut where it
/// is long.
pub fn text(text: &str) -> String {
    escaped(&short(text, LONGEST))
}

/// Text of packs and of this program, in full; what stands `so` is set as code.
pub fn prose(text: &str) -> String {
    let text = escaped(&short(text, usize::MAX));
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text;
    }
    let coded = |(at, part): (usize, &&str)| {
        if at.is_multiple_of(2) { (*part).to_owned() } else { format!("<code>{part}</code>") }
    };
    parts.iter().enumerate().map(coded).collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // HTML has no way to write these; parsers call them an error.
            '\u{fdd0}'..='\u{fdef}' => out.push('\u{fffd}'),
            _ if u32::from(c) & 0xfffe == 0xfffe => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

/// Scanned text within a sentence: its direction stays its own.
pub fn name(of: &str) -> String {
    format!("<bdi{}>{}</bdi>", long(of), text(of))
}

/// Scanned words as they are.
pub fn code(of: &str) -> String {
    format!("<code{}>{}</code>", long(of), text(of))
}

/// Words that may be broken anywhere; others are broken at spaces alone, or columns
/// would shrink to a letter.
fn long(text: &str) -> &'static str {
    let longest = text.split_whitespace().map(|word| word.chars().count()).max();
    if longest.unwrap_or(0) > 24 { " class=\"long\"" } else { "" }
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Head<'h> {
    /// What stands above it.
    pub label: &'h str,
    /// How its cells are treated.
    pub kind: Kind,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The name of the row.
    Row,
    /// Text.
    Text,
    /// Text of which few kinds stand in the table, so that one can be chosen.
    Choice,
    /// A figure.
    Figure,
}

/// A column.
pub const fn head(label: &str, kind: Kind) -> Head<'_> {
    Head { label, kind }
}

/// A cell: what it shows, as HTML, and what it is sorted by where that is another.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    html: String,
    sort: Option<String>,
}

impl Cell {
    /// Scanned text.
    pub fn text(of: &str) -> Self {
        Self { html: name(of), sort: None }
    }

    /// HTML as it is.
    pub fn html(html: String) -> Self {
        Self { html, sort: None }
    }

    /// A count.
    pub fn number(value: u64) -> Self {
        Self { html: number(value), sort: Some(value.to_string()) }
    }

    /// So many of every 1,000.
    pub fn rate(found: u64, of: u64) -> Self {
        let rate = rate(found, of);
        Self { html: rate_words(rate), sort: Some(format!("{:.6}", rate.unwrap_or(-1.0))) }
    }

    /// Something that is sorted by a figure.
    pub fn sorted_by(html: String, figure: u64) -> Self {
        Self { html, sort: Some(figure.to_string()) }
    }

    /// A count with a bar, a part of the longest, that says the same to the eye.
    pub fn bar(value: u64, most: u64) -> Self {
        let tenths = u128::from(value.min(most)) * 1000 / u128::from(most.max(1));
        // What is there at all can be seen.
        let tenths = if value > 0 { tenths.max(8) } else { 0 };
        let html = format!(
            "<span class=\"barred\"><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" \
             aria-hidden=\"true\" focusable=\"false\">\
             <rect width=\"{}.{}\" height=\"10\"/></svg> <span>{}</span></span>",
            tenths / 10,
            tenths % 10,
            number(value)
        );
        Self { html, sort: Some(value.to_string()) }
    }
}

/// A table, to its first row.
pub fn open(id: &str, caption: &str, heads: &[Head<'_>]) -> String {
    let mut out = format!(
        "<div class=\"scroll\" role=\"group\" aria-labelledby=\"{id}-caption\" tabindex=\"0\">\
         <table id=\"{id}\"><caption id=\"{id}-caption\">{caption}</caption>\n<thead><tr>"
    );
    for head in heads {
        let more = match head.kind {
            Kind::Figure => " class=\"figure\"",
            Kind::Choice => " data-choose",
            Kind::Row | Kind::Text => "",
        };
        out.push_str(&format!("<th scope=\"col\"{more}>{}</th>", text(head.label)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    out
}

/// A row of it.
pub fn row(heads: &[Head<'_>], cells: &[Cell]) -> String {
    let mut out = "<tr>".to_owned();
    for (head, cell) in heads.iter().zip(cells) {
        let sort =
            cell.sort.as_ref().map_or_else(String::new, |sort| format!(" data-sort=\"{sort}\""));
        let html = &cell.html;
        out.push_str(&match head.kind {
            Kind::Row => format!("<th scope=\"row\"{sort}>{html}</th>"),
            Kind::Text | Kind::Choice => format!("<td{sort}>{html}</td>"),
            Kind::Figure => format!("<td class=\"figure\"{sort}>{html}</td>"),
        });
    }
    out.push_str("</tr>\n");
    out
}

/// The end of it.
pub const CLOSE: &str = "</tbody></table></div>\n";

/// A whole table. Its caption is HTML.
pub fn table(id: &str, caption: &str, heads: &[Head<'_>], rows: &[Vec<Cell>]) -> String {
    let mut out = open(id, caption, heads);
    for cells in rows {
        out.push_str(&row(heads, cells));
    }
    out.push_str(CLOSE);
    out
}

/// A section with its heading.
pub fn section(id: &str, heading: &str, body: &str) -> String {
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\" tabindex=\"-1\">{heading}</h2>\n{body}</section>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        let check = |scanned: &str, expected: &str| assert_eq!(text(scanned), expected);
        check(
            "</script><b a='x' c=\"y\">&amp;",
            "&lt;/script&gt;&lt;b a=&#39;x&#39; c=&quot;y&quot;&gt;&amp;amp;",
        );
        check("a\u{202e}b\u{0}", "a&lt;U+202E&gt;b&lt;U+0000&gt;");
        check("a\nb", "a b");
        check("a\u{ffff}b", "a\u{fffd}b");
        assert_eq!(prose("say `<b>` and `x"), "say `&lt;b&gt;` and `x");
        assert_eq!(prose("say `<b>` now"), "say <code>&lt;b&gt;</code> now");
        assert!(text(&"x".repeat(10_000)).chars().count() <= LONGEST);
    }

    #[test]
    fn bars_are_parts_of_the_longest() {
        let check = |value, most, width: &str| {
            let bar = Cell::bar(value, most).html;
            assert!(bar.contains(&format!("width=\"{width}\"")), "{bar}");
        };
        check(0, 10, "0.0");
        check(1, 100_000, "0.8");
        check(5, 10, "50.0");
        check(10, 10, "100.0");
        check(11, 10, "100.0");
        check(u64::MAX, u64::MAX, "100.0");
        check(3, 0, "0.8");
    }
}
