//! Markdown: what a reader of the published page reads.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::text::Span;

use super::directives::by_blocks;
use super::document::{Directive, DocumentNotice, Field};
use super::flow::Cuts;
use super::front_matter;
use super::html::{Extent, Page};
use super::keys::Chosen;
use super::markdown_links::{OpenLink, Target, inline_target, reference_target};
use super::notation::{self, Notation};
use super::shortcodes::{self, Markup};
use crate::facts::FactValue;
use crate::record::{Record, RecordValue};

/// What a Markdown file is made of.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub fields: Vec<Field>,
    pub facts: BTreeMap<String, (FactValue, Span)>,
    /// Every value of the front matter.
    pub values: Vec<RecordValue>,
    /// The records of a data file.
    pub items: Vec<Record>,
    /// Comments for us, those of the front matter first.
    pub directives: Vec<Directive>,
    pub notices: Vec<DocumentNotice>,
}

/// Reads a Markdown file: front matter, then the body.
pub(super) fn read(source: &str, chosen: &Chosen, is_mdx: bool) -> Parts {
    let mut parts = Parts::default();
    let body = front_matter::read(source, chosen, &mut parts);
    let calls = shortcodes::find(source, body, Markup::Markdown);
    let notation = notation::find(source, body, &calls.cuts, is_mdx);
    let template_comments = shortcodes::comments(source, &calls.cuts);
    let mut cuts = apart(calls.cuts, &notation);
    let mut masked = Cow::Borrowed(source);
    if !cuts.is_empty() {
        // A comment for us that is alone on its lines leaves nothing behind.
        let mut blanked = shortcodes::alone(source, &template_comments);
        blanked.extend(&notation.blanks);
        blanked.sort();
        masked = Cow::Owned(shortcodes::mask(source, &cuts, &blanked));
        cuts.retain(|cut| blanked.binary_search(cut).is_err());
    }
    let cuts = Cuts::new(source, cuts);
    // The parser loses text after a CR that stands alone in a heading.
    if lone_returns(source).next().is_some() {
        let mut at = 0;
        let line_ends = masked.split_inclusive('\r').map(|line| {
            at += line.len();
            let alone = line.ends_with('\r') && source.as_bytes().get(at) != Some(&b'\n');
            if alone { format!("{}\n", &line[..line.len() - 1]) } else { line.to_owned() }
        });
        masked = Cow::Owned(line_ends.collect());
    }
    let mut reader = Reader {
        source: &masked,
        body,
        page: Page::new(source, &cuts),
        links: Vec::new(),
        references: BTreeSet::new(),
        image: None,
        code_block: false,
        code: Vec::new(),
        html_lines: None,
        cell_end: 0,
    };
    reader.events();
    reader.page.arguments(calls.arguments);
    let mut code = reader.code;
    code.append(&mut reader.page.unread);
    code.sort_unstable();
    let (fields, mut comments, notices) = reader.page.finish();
    comments.extend(template_comments.into_iter().filter(|comment| {
        let before = code.partition_point(|code| code.start <= comment.span.start);
        before.checked_sub(1).is_none_or(|before| code[before].end < comment.span.end)
    }));
    comments.sort_by_key(|comment| comment.span);
    parts.directives.extend(by_blocks(source, &comments, &fields));
    parts.fields.extend(fields);
    parts.notices.extend(notices);
    parts
}

/// Calls and notation together, in order. A list of attributes may hold calls.
fn apart(calls: Vec<Span>, notation: &Notation) -> Vec<Span> {
    let mut cuts = [&notation.blanks[..], &notation.objects].concat();
    cuts.sort();
    let is_inside = |call: &Span| {
        let before = cuts.partition_point(|cut| cut.start <= call.start);
        before.checked_sub(1).is_some_and(|before| cuts[before].end > call.start)
    };
    let calls: Vec<Span> = calls.into_iter().filter(|call| !is_inside(call)).collect();
    cuts.extend(calls);
    cuts.sort();
    cuts
}

/// The places of CRs that no LF follows: line ends of old Macs.
fn lone_returns(source: &str) -> impl Iterator<Item = usize> {
    let bytes = source.as_bytes();
    memchr::memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n'))
}

struct Reader<'s> {
    /// The source with its shortcodes masked; offsets are those of the source.
    source: &'s str,
    /// Where the body starts.
    body: usize,
    page: Page<'s>,
    /// The links and images around this place, outermost first.
    links: Vec<OpenLink>,
    /// Starts of the definitions whose address has been read.
    references: BTreeSet<usize>,
    /// In an image, whether its text has begun.
    image: Option<bool>,
    code_block: bool,
    /// Every stretch of code, in order: what looks like a comment there is none.
    code: Vec<Span>,
    /// The lines of the HTML block around this place.
    html_lines: Option<Vec<Span>>,
    /// Where the last cell ended.
    cell_end: usize,
}

impl Reader<'_> {
    fn events(&mut self) {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_GFM;
        let source = self.source;
        let mut events = Parser::new_ext(&source[self.body..], options).into_offset_iter();
        while let Some((event, range)) = events.next() {
            let span = Span::new(self.body + range.start, self.body + range.end);
            if let Event::Start(
                tag @ (Tag::Link { id, link_type, .. } | Tag::Image { id, link_type, .. }),
            ) = &event
                && is_reference(*link_type)
                && let Some(definition) = events.reference_definitions().get(id)
            {
                let is_image = matches!(tag, Tag::Image { .. });
                let target = if is_image { Target::Image } else { Target::Link };
                self.reference(definition.span.clone(), target);
            }
            self.event(event, span);
            if let Some(link) = self.links.last_mut() {
                link.saw(span);
            }
        }
    }

    fn event(&mut self, event: Event, span: Span) {
        match event {
            Event::Start(tag) => self.start(&tag, span),
            Event::End(tag) => self.end(tag, span),
            Event::Html(_) => {
                if let Some(lines) = &mut self.html_lines {
                    lines.push(span);
                }
            }
            Event::InlineHtml(_) => {
                let html = &self.source[span.range()];
                self.page.feed(html, span.start, Extent::Block);
            }
            Event::Rule => self.page.end_block(),
            // Of code that is HTML inside a line.
            Event::Text(_) if self.page.is_skipping() => self.page.unread.push(span),
            _ if self.code_block || self.page.is_skipping() => {}
            Event::Text(text) => self.text(&text, span),
            Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                self.code.push(span);
                self.page.flow.object(span);
            }
            Event::SoftBreak => {
                self.page.flow.soft_break(&self.source[span.range()], span.start);
            }
            Event::HardBreak => self.page.flow.line_break(span),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn text(&mut self, text: &str, span: Span) {
        // A tab that a list takes only half of leaves spaces that stand nowhere.
        if span.is_empty() || self.html_lines.is_some() {
            return;
        }
        if self.image == Some(false) {
            self.page.flow.end_block();
            self.image = Some(true);
        }
        let source = &self.source[span.range()];
        if source == text {
            self.page.flow.copied(source, span.start);
        } else {
            self.page.flow.replaced(text, span);
        }
    }

    fn start(&mut self, tag: &Tag, span: Span) {
        match tag {
            Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript => {}
            Tag::Link { link_type, .. } => self.links.push(OpenLink::new(*link_type, span)),
            // The text of an image is a paragraph of its own, if it has any.
            Tag::Image { link_type, .. } => {
                self.links.push(OpenLink::new(*link_type, span));
                self.image = Some(false);
            }
            Tag::HtmlBlock => {
                self.page.end_block();
                self.html_lines = Some(Vec::new());
            }
            Tag::CodeBlock(_) => {
                self.code.push(span);
                self.page.end_block();
                self.code_block = true;
            }
            _ => self.page.end_block(),
        }
    }

    fn end(&mut self, tag: TagEnd, span: Span) {
        match tag {
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript => {}
            TagEnd::Link => {
                if let Some(link) = self.links.pop()
                    && link.link_type == LinkType::Inline
                {
                    inline_target(&mut self.page, self.source, &link, span.end, Target::Link);
                }
            }
            TagEnd::Image => {
                if let Some(image) = self.links.pop()
                    && image.link_type == LinkType::Inline
                {
                    inline_target(&mut self.page, self.source, &image, span.end, Target::Image);
                }
                if self.image.take() == Some(true) {
                    self.page.flow.end_block();
                }
            }
            TagEnd::HtmlBlock => self.html_block(),
            TagEnd::CodeBlock => {
                self.page.end_block();
                self.code_block = false;
            }
            TagEnd::TableCell => {
                self.cell_end = span.end;
                self.page.end_block();
            }
            TagEnd::TableRow => {
                self.comments_behind_cells(span);
                self.page.end_block();
            }
            _ => self.page.end_block(),
        }
    }

    /// A row with more cells than the head loses them, and what comments say in them.
    fn comments_behind_cells(&mut self, row: Span) {
        let mut at = self.cell_end.clamp(row.start, row.end);
        let source = self.source;
        while let Some(start) = source[at..row.end].find("<!--").map(|found| at + found)
            && let Some(len) = source[start..row.end].find("-->")
        {
            at = start + len + "-->".len();
            self.page.feed(&source[start..at], start, Extent::Block);
        }
    }

    /// Reads an HTML block. Inside a quote or a list its lines do not touch:
    /// what stands between them is blanked, which in HTML means nothing.
    fn html_block(&mut self) {
        let lines = self.html_lines.take().unwrap_or_default();
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
            return;
        };
        let (start, end) = (first.start, last.end.max(first.start));
        let mut block = Cow::Borrowed(&self.source[start..end]);
        let mut at = start;
        for line in &lines {
            let gap = &self.source[at.min(line.start)..line.start];
            if !gap.trim_ascii().is_empty() {
                let from = line.start - gap.len() - start;
                let blank: String = gap.bytes().map(|_| ' ').collect();
                block.to_mut().replace_range(from..line.start - start, &blank);
            }
            at = line.end;
        }
        self.page.feed(&block, start, Extent::Block);
        self.page.end_block();
    }

    fn reference(&mut self, definition: Range<usize>, target: Target) {
        let start = self.body + definition.start;
        if self.references.insert(start) {
            let end = self.body + definition.end;
            reference_target(&mut self.page, self.source, Span::new(start, end), target);
        }
    }
}

fn is_reference(link_type: LinkType) -> bool {
    matches!(link_type, LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut)
}
