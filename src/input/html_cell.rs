//! Cells of exports that hold HTML.

use super::document::Field;
use super::html::read_all;
use crate::text::Span;

/// How deep comments and unclosed tags are followed that stand in each other.
const DEEPEST: usize = 8;

/// The texts of a cell that holds HTML, as a mail program or an editor wrote it; `None`
/// where it is plain text. An export hands on what a browser hides, so comments, code and
/// what stands behind an unclosed tag are read, too; not scripts and styles, nor comments
/// that only Word reads (`<!--[if mso]>`), which hold its settings.
pub fn html_cell(text: &str) -> Option<Vec<Field>> {
    if !looks_like_html(text) {
        return None;
    }
    let (mut fields, mut swallowed) = read_all(text, Span::new(0, text.len()));
    let is_hidden = !swallowed.is_empty();
    for _ in 0..DEEPEST {
        for part in std::mem::take(&mut swallowed) {
            if !text[part.range()].starts_with("[if") {
                let (read, deeper) = read_all(text, part);
                fields.extend(read);
                swallowed.extend(deeper);
            }
        }
    }
    if is_hidden {
        fields.sort_by_key(|field| field.map.to_source(Span::new(0, 0)).start);
    }
    Some(fields)
}

/// Whether there is a tag or an entity of those that editors write.
fn looks_like_html(text: &str) -> bool {
    const TAGS: &[&str] = &[
        "p", "div", "br", "span", "b", "i", "u", "a", "ul", "ol", "li", "table", "tr", "td",
        "html", "body", "strong", "em", "font", "h1", "h2", "h3", "o:p",
    ];
    const ENTITIES: &[&str] =
        &["nbsp;", "amp;", "lt;", "gt;", "quot;", "apos;", "rsquo;", "lsquo;", "ndash;", "mdash;"];
    memchr::memchr2_iter(b'<', b'&', text.as_bytes()).any(|at| {
        let rest = &text[at + 1..];
        if text.as_bytes()[at] == b'&' {
            return rest.starts_with('#') || ENTITIES.iter().any(|name| rest.starts_with(name));
        }
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(rest.len());
        let closes = rest[len..].starts_with(['>', ' ', '/', '\n', '\r', '\t']);
        closes && TAGS.contains(&&*rest[..len].to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(cell: &str) -> Vec<String> {
        let fields = html_cell(cell).unwrap_or_default();
        fields.iter().map(|field| field.text.trim().to_owned()).collect()
    }

    #[test]
    fn what_a_browser_hides_is_read() {
        for (cell, expected) in [
            ("<p>Rang.<!-- He is Sikh --> Back</p>", &["Rang. Back", "He is Sikh"][..]),
            ("<p>Rang.<!-- <b>He</b> is<p>Sikh --></p>", &["Rang.", "He is\n\nSikh"]),
            ("<pre>He is Sikh</pre><p><code>x</code></p>", &["He is Sikh\n\nx"]),
            ("<p>Rang.</p><!-- He is Sikh", &["Rang.", "!-- He is Sikh"]),
            ("<p>Rang.</p><p title='He is Sikh", &["Rang.", "p title='He is Sikh"]),
            ("<p>Rang.</p><style>p{} He is Sikh", &["Rang.", "p{} He is Sikh"]),
            ("<p>Rang.</p><style>p{}</style><script>1</script>", &["Rang."]),
            ("<p>Rang.</p><!--[if mso]><b>Grid Accent</b><![endif]-->", &["Rang."]),
        ] {
            assert_eq!(texts(cell), expected, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn a_word_is_read_wherever_it_stands(
            before in "(<p>|<!--|-->|<b |\"|'|>|<|/|=|x|<pre>|</p>| ){0,8}"
        ) {
            let cell = format!("<p>{before} Sikh ");
            let unread = cell.contains("<b ") || cell.contains('=');
            prop_assert!(unread || texts(&cell).iter().any(|text| text.contains("Sikh")), "{}", cell);
        }
    }
}
