//! HTML: what a visitor of the page reads, and the attributes that are read
//! out, shown beside the page in search results, or followed.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::text::{Lines, MappedText, Span};

use super::arguments::Argument;
use super::directives::{Comment, by_blocks};
use super::document::{DocumentNotice, Field};
use super::flow::{Cuts, Flow};
use super::front_matter;
use super::html_tokens::{Piece, Tag, Token, tokens};
use super::keys::Chosen;
use super::markdown::Parts;
use super::shortcodes::{self, Markup};

/// Elements whose content is not prose.
const SKIPPED: &[&str] = &[
    "script", "style", "template", "noscript", "code", "pre", "svg", "math", "xmp", "iframe",
    "noembed", "noframes", "object", "canvas",
];

/// Elements that start on a line of their own.
#[rustfmt::skip]
const BLOCKS: &[&str] = &[
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "legend", "li", "main",
    "menu", "nav", "ol", "optgroup", "option", "p", "pre", "search", "section", "select", "summary",
    "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "title", "tr", "ul", "xmp",
];

/// Attributes that people read or hear, and the field each becomes. A `title`
/// is shown as a tooltip; `title` is the title of the page.
const READ_ATTRIBUTES: &[(&str, &str)] = &[
    ("alt", "alt"),
    ("title", "tooltip"),
    ("aria-label", "aria-label"),
    ("aria-description", "aria-description"),
    ("placeholder", "placeholder"),
];

/// `<meta>` names whose content is text for people. `twitter:card`,
/// `og:image` and their like are not.
const READ_META: &[&str] = &[
    "description",
    "og:title",
    "og:description",
    "og:image:alt",
    "og:site_name",
    "twitter:title",
    "twitter:description",
    "twitter:image:alt",
];

/// Reads a page of a site: front matter, then HTML with template calls in it.
pub(super) fn read_page(source: &str, chosen: &Chosen) -> Parts {
    let mut parts = Parts::default();
    let body = front_matter::read(source, chosen, &mut parts);
    let mut calls = shortcodes::find(source, body, Markup::Html);
    // A script that is written without spaces has braces that call nothing.
    calls.cuts.retain(|cut| !ends_script(&source[cut.range()]));
    let template_comments = shortcodes::comments(source, &calls.cuts);
    // A comment for us that is alone on its lines leaves nothing behind.
    let blanked = shortcodes::alone(source, &template_comments);
    let masked = shortcodes::mask(source, &calls.cuts, &blanked);
    calls.cuts.retain(|cut| blanked.binary_search(cut).is_err());
    let cuts = Cuts::new(source, calls.cuts);
    let mut page = Page::new(source, &cuts);
    page.feed(&masked[body..], body, Extent::File);
    page.arguments(calls.arguments);
    let shown = std::mem::take(&mut page.shown);
    let (fields, mut comments, notices) = page.finish();
    comments.extend(template_comments.into_iter().filter(|comment| {
        let before = shown.partition_point(|text| text.start <= comment.span.start);
        before.checked_sub(1).is_some_and(|before| shown[before].end >= comment.span.end)
    }));
    comments.sort_by_key(|comment| comment.span);
    parts.directives.extend(by_blocks(source, &comments, &fields));
    parts.fields.extend(fields);
    parts.notices.extend(notices);
    parts
}

fn ends_script(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), b"</").any(|at| {
        let name = text.as_bytes().get(at + 2..at + 8).unwrap_or_default();
        name.eq_ignore_ascii_case(b"script")
            || name.get(..5).is_some_and(|n| n.eq_ignore_ascii_case(b"style"))
    })
}

/// Reads a part of HTML of which nobody sees only what a browser shows. Also returns the
/// stretches that a browser would swallow: comments, and what stands behind a tag, comment
/// or element that is never closed.
pub(super) fn read_all(source: &str, part: Span) -> (Vec<Field>, Vec<Span>) {
    let cuts = Cuts::default();
    let mut page = Page { swallowed: Some(Vec::new()), ..Page::new(source, &cuts) };
    page.feed(&source[part.range()], part.start, Extent::File);
    let swallowed = page.swallowed.take().unwrap_or_default();
    (page.finish().0, swallowed)
}

/// Where a piece of HTML ends, which says what an unclosed tag swallows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// With the file.
    File,
    /// With a block of Markdown: more text follows and is read.
    Block,
}

/// The readable parts of a page, as they are found.
#[derive(Debug)]
pub(super) struct Page<'c> {
    /// The body. Markdown adds its own text to it.
    pub flow: Flow<'c>,
    /// Everything but the body.
    pub fields: Vec<Field>,
    pub notices: Vec<DocumentNotice>,
    /// Comments for us that are no part of an element that is not read.
    comments: Vec<Comment>,
    /// The stretches of text that are read, in order.
    shown: Vec<Span>,
    /// The stretches of text in elements that are not read, in order.
    pub unread: Vec<Span>,
    /// The decoded text of the whole file; spans lead to it.
    source: &'c str,
    /// Its lines, once a notice has asked for them.
    lines: OnceCell<Lines<'c>>,
    cuts: &'c Cuts,
    skipping: Option<Skipping>,
    title: Option<Flow<'c>>,
    /// Where all text is wanted, the stretches that a browser swallows.
    swallowed: Option<Vec<Span>>,
}

/// Inside an element that is not read.
#[derive(Debug)]
struct Skipping {
    name: String,
    /// Open elements of that name.
    depth: usize,
    start: Span,
}

impl<'c> Page<'c> {
    pub fn new(source: &'c str, cuts: &'c Cuts) -> Self {
        Self {
            flow: Flow::new(cuts),
            fields: Vec::new(),
            notices: Vec::new(),
            comments: Vec::new(),
            shown: Vec::new(),
            unread: Vec::new(),
            source,
            lines: OnceCell::new(),
            cuts,
            skipping: None,
            title: None,
            swallowed: None,
        }
    }

    /// Reads `html`, which stands in the source at `base`.
    pub fn feed(&mut self, html: &str, base: usize, extent: Extent) {
        for token in tokens(html) {
            match token {
                Token::Comment(_) if self.skipping.is_some() => {}
                Token::Text(pieces) => {
                    let unread = self.skipping.is_some();
                    if let (Some(first), Some(last)) = (pieces.first(), pieces.last()) {
                        let (start, end) = (base + first.span().start, base + last.span().end);
                        let stretches = if unread { &mut self.unread } else { &mut self.shown };
                        stretches.push(Span::new(start, end));
                    }
                    if unread {
                        continue;
                    }
                    let flow = self.title.as_mut().unwrap_or(&mut self.flow);
                    append(flow, html, base, &pieces);
                }
                Token::Start(tag) => self.start(&tag, html, base),
                Token::End { name } => self.end(&name),
                Token::Comment(span) => {
                    let inner = Span::new(base + span.start + 4, base + span.end - 3);
                    let span = Span::new(base + span.start, base + span.end);
                    self.comments.extend(Comment::of(self.source, span, inner));
                    self.swallowed.iter_mut().for_each(|swallowed| swallowed.push(inner));
                }
                Token::Unclosed { what, span } => {
                    let rest = Span::new(base + span.start + 1, base + html.len());
                    self.swallowed.iter_mut().for_each(|swallowed| swallowed.push(rest));
                    self.unclosed(
                        &format!("a {what}"),
                        Span::new(base + span.start, base + span.end),
                    );
                }
            }
        }
        if extent == Extent::File
            && let Some(skipping) = self.skipping.take()
        {
            let rest = Span::new(skipping.start.end, base + html.len());
            self.swallowed.iter_mut().for_each(|swallowed| swallowed.push(rest));
            self.unclosed(&format!("`<{}>`", skipping.name), skipping.start);
        }
    }

    /// Whether text that comes now is inside an element that is not read.
    pub fn is_skipping(&self) -> bool {
        self.skipping.is_some()
    }

    /// Ends a block of Markdown: an inline `<code>` does not reach beyond.
    pub fn end_block(&mut self) {
        self.skipping = None;
        self.flow.end_block();
    }

    /// Adds a field whose value stands in the source at `base`.
    pub fn add_field(&mut self, name: &str, html: &str, base: usize, value: &[Piece]) {
        let mut flow = Flow::new(self.cuts);
        append_verbatim(&mut flow, html, base, value);
        self.add_flow(name, flow);
    }

    /// Adds the texts in the arguments of calls that stand where people read.
    pub fn arguments(&mut self, arguments: Vec<Argument>) {
        let met: BTreeSet<usize> = self.flow.met().iter().copied().collect();
        let read: Vec<_> = arguments.into_iter().filter(|one| met.contains(&one.call)).collect();
        for Argument { name, built, .. } in read {
            if !built.text.trim().is_empty() {
                let MappedText { text, map } = built;
                self.fields.push(Field { name, text, map, wrapped: true, record: None });
            }
        }
    }

    /// The body and all other fields, in the order of the source, comments for us, and
    /// notices.
    pub fn finish(mut self) -> (Vec<Field>, Vec<Comment>, Vec<DocumentNotice>) {
        self.end_title();
        let body = std::mem::replace(&mut self.flow, Flow::new(self.cuts));
        self.add_flow("body", body);
        let mut fields = self.fields;
        fields.sort_by_key(|field| field.map.to_source(Span::new(0, 0)).start);
        (fields, self.comments, self.notices)
    }

    fn add_flow(&mut self, name: &str, flow: Flow<'c>) {
        let built = flow.finish();
        if !built.text.trim().is_empty() {
            let (text, map) = (built.text, built.map);
            self.fields.push(Field {
                name: name.to_owned(),
                text,
                map,
                wrapped: true,
                record: None,
            });
        }
    }

    fn start(&mut self, tag: &Tag, html: &str, base: usize) {
        let span = Span::new(base + tag.span.start, base + tag.span.end);
        if let Some(skipping) = &mut self.skipping {
            skipping.depth += usize::from(skipping.name == tag.name && !tag.self_closing);
            return;
        }
        self.attributes(tag, html, base);
        let name = tag.name.as_str();
        if BLOCKS.contains(&name) {
            self.flow.end_block();
        }
        match name {
            "br" => self.flow.line_break(span),
            "code" if self.swallowed.is_none() => self.flow.object(span),
            "title" => self.title = Some(Flow::new(self.cuts)),
            _ => {}
        }
        // Only in SVG and MathML does a slash close the element.
        let closed = tag.self_closing && matches!(name, "svg" | "math");
        let skipped = match &self.swallowed {
            None => SKIPPED.contains(&name),
            Some(_) => matches!(name, "script" | "style"),
        };
        if skipped && !closed {
            self.skipping = Some(Skipping { name: name.to_owned(), depth: 1, start: span });
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(skipping) = &mut self.skipping {
            skipping.depth -= usize::from(skipping.name == name);
            if skipping.depth > 0 {
                return;
            }
            self.skipping = None;
        }
        if name == "title" {
            self.end_title();
        }
        if BLOCKS.contains(&name) {
            self.flow.end_block();
        }
    }

    fn end_title(&mut self) {
        if let Some(title) = self.title.take() {
            self.add_flow("title", title);
        }
    }

    fn attributes(&mut self, tag: &Tag, html: &str, base: usize) {
        for (at, attribute) in tag.attributes.iter().enumerate() {
            // Of two attributes of one name, the first holds.
            if tag.attributes[..at.min(64)].iter().any(|before| before.name == attribute.name) {
                continue;
            }
            let read = READ_ATTRIBUTES.iter().find(|(name, _)| *name == attribute.name);
            if let Some((_, field)) = read {
                self.add_field(field, html, base, &attribute.value);
            } else if attribute.name == "href" && matches!(&*tag.name, "a" | "area") {
                self.add_field("link", html, base, &attribute.value);
            } else if is_label(tag, &attribute.name, html) {
                self.add_field("label", html, base, &attribute.value);
            } else if attribute.name == "content"
                && tag.name == "meta"
                && let Some(name) = meta_name(tag, html)
            {
                self.add_field(name, html, base, &attribute.value);
            }
        }
    }

    fn unclosed(&mut self, what: &str, span: Span) {
        let lines = self.lines.get_or_init(|| Lines::new(self.source));
        let line = lines.position(span.start).line;
        self.notices.push(DocumentNotice {
            message: format!(
                "{what} opened on line {line} is never closed, so the text after it was not read"
            ),
            span: Some(span),
            unchecked: true,
        });
    }
}

/// Whether an attribute is what stands on a button, above a group of choices, or names
/// subtitles.
fn is_label(tag: &Tag, attribute: &str, html: &str) -> bool {
    match (&*tag.name, attribute) {
        ("option" | "optgroup" | "track", "label") => true,
        ("input", "value") => tag.attributes.iter().any(|other| {
            let written = |kind: &Piece| match kind {
                Piece::Copied(span) => html[span.range()].trim().to_ascii_lowercase(),
                Piece::Replaced(..) => String::new(),
            };
            other.name == "type"
                && other
                    .value
                    .iter()
                    .map(written)
                    .any(|it| matches!(&*it, "submit" | "button" | "reset"))
        }),
        _ => false,
    }
}

/// The field a `<meta>` becomes, if its content is for people.
fn meta_name(tag: &Tag, html: &str) -> Option<&'static str> {
    let names = tag.attributes.iter().filter(|a| matches!(&*a.name, "name" | "property"));
    names.flat_map(|attribute| &attribute.value).find_map(|piece| match piece {
        Piece::Copied(span) => {
            let name = html[span.range()].trim();
            READ_META.iter().find(|known| known.eq_ignore_ascii_case(name)).copied()
        }
        Piece::Replaced(..) => None,
    })
}

fn append(flow: &mut Flow, html: &str, base: usize, pieces: &[Piece]) {
    for piece in pieces {
        match piece {
            Piece::Copied(span) => flow.markup(&html[span.range()], base + span.start),
            Piece::Replaced(text, span) => {
                flow.replaced(text, Span::new(base + span.start, base + span.end));
            }
        }
    }
}

/// Appends an attribute's value, in which white space stays as it is.
fn append_verbatim(flow: &mut Flow, html: &str, base: usize, pieces: &[Piece]) {
    for piece in pieces {
        match piece {
            Piece::Copied(span) => flow.copied(&html[span.range()], base + span.start),
            Piece::Replaced(text, span) => {
                flow.replaced(text, Span::new(base + span.start, base + span.end));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(source: &str) -> (Vec<Field>, Vec<DocumentNotice>) {
        let cuts = Cuts::default();
        let mut page = Page::new(source, &cuts);
        page.feed(source, 0, Extent::File);
        let (fields, _, notices) = page.finish();
        (fields, notices)
    }

    fn check(html: &str, expected: &[(&str, &str)]) {
        let (fields, notices) = read(html);
        let found: Vec<_> = fields.iter().map(|f| (f.name.as_str(), f.text.as_str())).collect();
        assert_eq!(found, expected, "{html:?}");
        assert_eq!(notices, [], "{html:?}");
    }

    fn body(html: &str, expected: &str) {
        check(html, &[("body", expected)]);
    }

    #[test]
    fn blocks_and_lines_are_parted() {
        body(
            "<p>One\r\n  two</p>\r\n<p>Three<br>\nfour<br/><br>five</p>",
            "One\ntwo\n\nThree\nfour\n\nfive",
        );
        body("<ul><li>a<li>b</ul>c<table><tr><td>d<td>e", "a\n\nb\n\nc\n\nd\n\ne");
        body("<b>bo</b>ld &amp; <i>it</i>", "bold & it");
        body("a<p><!-- no --></p><hr>b", "a\n\nb");
        body("x&nbsp;y &#x41; &lt;p&gt;", "x\u{a0}y A <p>");
    }

    #[test]
    fn code_and_scripts_are_not_read() {
        body("a<script>if (a<b) x('</p>')</script> b<style>p{}</style>", "a b");
        body("use <code>foo</code>, or<code>x</code>now", "use \u{FFFC}, or \u{FFFC} now");
        body("a<pre>b<pre>c</pre>d</pre>e", "a\n\ne");
        body("a<svg><title>no</title><text>no</text></svg>b<svg/>c", "abc");
        body("a<noscript><p>no</noscript><template><p>no</p></template>b", "ab");
    }

    #[test]
    fn attributes_and_meta_become_fields() {
        check(
            "<title>Our &amp; page</title><meta content='A d' name=Description>\
             <meta property=og:title content=\"OG\"><meta name=viewport content=no>\
             <a href='/x?a=1&amp;b=2' title=Tip>go</a><img alt='A &quot;cat&quot;' alt=no src=x>",
            &[
                ("title", "Our & page"),
                ("description", "A d"),
                ("og:title", "OG"),
                ("link", "/x?a=1&b=2"),
                ("tooltip", "Tip"),
                ("body", "go"),
                ("alt", "A \"cat\""),
            ],
        );
    }

    #[test]
    fn what_is_swallowed_is_told() {
        for (html, line) in [("a\n<!-- b", 2), ("<pre>x", 1), ("a\r\n\r\n<p class='>b", 3)] {
            let notices = read(html).1;
            assert_eq!(notices.len(), 1, "{html:?}");
            assert!(notices[0].unchecked);
            let told = format!("opened on line {line} is never closed");
            assert!(notices[0].message.contains(&told), "{}", notices[0].message);
        }
    }

    #[test]
    fn every_character_leads_to_its_source() {
        let html = "<p title='é&amp;ü'>caf\u{e9}\r\n<b>&eacute;t\u{e9}</b> 😀&#128512;</p>";
        let (fields, _) = read(html);
        let [tooltip, body] = &fields[..] else { panic!("{fields:?}") };
        assert_eq!(tooltip.text, "é&ü");
        assert_eq!(body.text, "café\nété 😀😀");
        let source = |needle: &str| {
            let start = body.text.rfind(needle).unwrap();
            &html[body.map.to_source(Span::new(start, start + needle.len())).range()]
        };
        assert_eq!(source("été"), "&eacute;t\u{e9}");
        assert_eq!(source("😀"), "&#128512;");
        assert_eq!(source("\n"), "\n");
        assert_eq!(source("caf"), "caf");
    }

    proptest! {
        #[test]
        fn copied_characters_are_found_in_the_source(
            parts in prop::collection::vec(prop::sample::select(vec![
                "a", "é", "😀", "e\u{301}", "&amp;", "&", "<p>", "</p>", "<b>", "</b>", "<br>",
                "<!--", "-->", "<code>", "</code>", " ", "\r\n", "\r", "\n", "\t", "<a href='é&lt;'>",
                "<title>", "</title>", "<img alt=\"ü&quot;\r\n\">", "<script>", "</script>", "<p x='",
            ]), 0..24),
        ) {
            let html = parts.concat();
            super::super::testing::check_fields(&html, &read(&html).0);
        }

        #[test]
        fn any_text_is_read(html in "\\PC*|[<>/=\"'!a-c& \n-]{0,40}") {
            super::super::testing::check_fields(&html, &read(&html).0);
        }
    }
}
