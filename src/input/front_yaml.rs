//! YAML of front matter and data files, by the events of its parser.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks};

use crate::text::Span;

use super::matter::{Matter, Use};
use super::scalar::{self, Style};
use crate::facts::FactValue;

/// How deep collections are read, and how many values aliases may stand for: a few
/// lines of aliases of aliases can stand for billions.
const MAX_DEPTH: usize = 64;
const MAX_ALIASED: usize = 10_000;

/// Reads `text`, and says whether it is front matter: a mapping, or nothing. All of a
/// data file is read.
/// Two thematic breaks with prose between them look the same from outside.
pub(super) fn read(text: &str, matter: &mut Matter) -> bool {
    let places = Places::new(text);
    // A line of front matter has a key and a value.
    let mut nodes = Nodes { all: Vec::with_capacity(32), ..Nodes::default() };
    let mut fault = None;
    for event in Parser::new_from_str(text) {
        match event {
            Ok((Event::StreamStart | Event::DocumentStart(_), _)) => {}
            Ok((Event::DocumentEnd, _)) if matter.is_data() => {}
            Ok((Event::StreamEnd | Event::DocumentEnd, _)) => break,
            Ok((Event::Scalar(..) | Event::SequenceStart(..) | Event::Alias(_), _))
                if nodes.all.is_empty() && !matter.is_data() =>
            {
                return false;
            }
            Ok((event, marks)) => {
                let mut span = places.span(marks);
                if let Event::Scalar(_, style, ..) = event {
                    span.end = quoted_end(text, span, style);
                }
                nodes.add(event, span);
            }
            Err(error) => {
                fault = Some((error.info().to_owned(), places.byte(error.marker().index())));
                break;
            }
        }
    }
    nodes.close();
    let mut reader = Reader {
        nodes: &nodes,
        matter,
        path: Vec::new(),
        listed: false,
        depth: 0,
        aliases: Vec::new(),
        aliased: 0,
        read: BTreeSet::new(),
        too_much: None,
    };
    // A data file may hold several documents.
    let mut root = 0;
    while let Some(node) = nodes.all.get(root) {
        reader.node(root);
        root = node.end;
    }
    let too_much = reader.too_much;
    nodes.note_places(text, matter);
    if let Some((what, at)) = fault {
        matter.fault("YAML", &what, at);
    } else if let Some(at) = too_much {
        matter.fault("YAML", "too deep, or too much in aliases", at);
    }
    true
}

/// The parser counts characters; this is where they stand.
struct Places {
    /// Empty where every character is a byte.
    bytes: Vec<usize>,
    len: usize,
}

impl Places {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).collect()
        };
        Self { bytes, len: text.len() }
    }

    fn byte(&self, char: usize) -> usize {
        let found = if self.bytes.is_empty() { Some(char) } else { self.bytes.get(char).copied() };
        found.unwrap_or(self.len).min(self.len)
    }

    fn span(&self, marks: Marks) -> Span {
        let start = self.byte(marks.start.index());
        Span::new(start, self.byte(marks.end.index()).max(start))
    }
}

/// A string, number or the like.
#[derive(Clone, Debug)]
struct Scalar {
    value: String,
    style: ScalarStyle,
    span: Span,
}

#[derive(Debug)]
enum Kind {
    Scalar(Scalar),
    /// Stands for the node of this anchor.
    Alias(usize),
    Mapping,
    Sequence,
}

/// What the parser found, in its order; what a collection holds stands behind it.
#[derive(Debug)]
struct Node {
    kind: Kind,
    span: Span,
    /// The first node that is no part of it.
    end: usize,
}

#[derive(Debug, Default)]
struct Nodes {
    all: Vec<Node>,
    open: Vec<usize>,
    anchors: BTreeMap<usize, usize>,
}

impl Nodes {
    fn add(&mut self, event: Event, span: Span) {
        let (kind, anchor) = match event {
            Event::Scalar(value, style, anchor, _) => {
                (Kind::Scalar(Scalar { value: value.into_owned(), style, span }), anchor)
            }
            Event::Alias(anchor) => (Kind::Alias(anchor), 0),
            Event::MappingStart(anchor, _) => (Kind::Mapping, anchor),
            Event::SequenceStart(anchor, _) => (Kind::Sequence, anchor),
            Event::MappingEnd | Event::SequenceEnd => {
                if let Some(at) = self.open.pop() {
                    self.all[at].end = self.all.len();
                }
                return;
            }
            _ => return,
        };
        let at = self.all.len();
        if anchor > 0 {
            self.anchors.insert(anchor, at);
        }
        if matches!(kind, Kind::Mapping | Kind::Sequence) {
            self.open.push(at);
        }
        self.all.push(Node { kind, span, end: at + 1 });
    }

    /// Ends what a fault left open.
    fn close(&mut self) {
        while let Some(at) = self.open.pop() {
            self.all[at].end = self.all.len();
        }
    }

    /// Notes entries and values, for comments. Nothing is said about what aliases repeat.
    fn note_places(&self, text: &str, matter: &mut Matter) {
        for (at, node) in self.all.iter().enumerate() {
            match &node.kind {
                Kind::Scalar(scalar) => {
                    let mut span = scalar.span;
                    if matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded) {
                        span.end = block_end(text, span);
                    }
                    matter.not_comment(span);
                }
                Kind::Alias(_) => {}
                Kind::Mapping => {
                    for pair in self.inside(at).chunks_exact(2) {
                        let start = self.all[pair[0]].span.start;
                        matter.entry(Span::new(start, self.end_of(text, pair[1]).max(start)));
                    }
                }
                Kind::Sequence => {
                    for item in self.inside(at) {
                        let start = self.all[item].span.start;
                        matter.entry(Span::new(start, self.end_of(text, item).max(start)));
                    }
                }
            }
        }
    }

    /// Where the last thing in a node ends.
    fn end_of(&self, text: &str, at: usize) -> usize {
        let last = &self.all[self.all[at].end.saturating_sub(1).max(at)];
        match &last.kind {
            Kind::Scalar(scalar)
                if matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded) =>
            {
                block_end(text, last.span)
            }
            _ => last.span.end,
        }
    }

    /// What stands directly in a collection.
    fn inside(&self, at: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut next = at + 1;
        while next < self.all[at].end {
            found.push(next);
            next = self.all[next].end;
        }
        found
    }

    /// The node an alias stands for.
    fn target(&self, at: usize) -> Option<usize> {
        match self.all[at].kind {
            Kind::Alias(anchor) => self.anchors.get(&anchor).copied(),
            _ => Some(at),
        }
    }

    /// The name a key gives; a key that is itself a collection gives none.
    fn key(&self, at: usize) -> &str {
        match self.target(at).map(|at| &self.all[at].kind) {
            Some(Kind::Scalar(scalar)) => &scalar.value,
            _ => "",
        }
    }

    fn is_merge(&self, key: usize) -> bool {
        matches!(&self.all[key].kind, Kind::Scalar(scalar)
            if scalar.style == ScalarStyle::Plain && scalar.value == "<<")
    }
}

struct Reader<'a, 'm> {
    nodes: &'a Nodes,
    matter: &'a mut Matter<'m>,
    /// The keys that lead here.
    path: Vec<String>,
    /// Whether this is an item of a list.
    listed: bool,
    depth: usize,
    /// The nodes being read for an alias.
    aliases: Vec<usize>,
    /// How many values were read for aliases.
    aliased: usize,
    /// Texts by name and place: what an alias repeats is checked once.
    read: BTreeSet<(String, usize)>,
    /// Where there was too much to read.
    too_much: Option<usize>,
}

impl<'a> Reader<'a, '_> {
    fn node(&mut self, at: usize) {
        let nodes: &'a Nodes = self.nodes;
        let node = &nodes.all[at];
        self.aliased += usize::from(!self.aliases.is_empty());
        if self.depth >= MAX_DEPTH || self.aliased > MAX_ALIASED {
            self.too_much.get_or_insert(node.span.start);
            return;
        }
        self.depth += 1;
        match &node.kind {
            Kind::Scalar(scalar) => self.scalar(scalar),
            // An alias within what it stands for has no value.
            Kind::Alias(_) => match nodes.target(at).filter(|target| self.may_enter(*target, at)) {
                Some(target) => {
                    self.aliases.push(target);
                    self.node(target);
                    self.aliases.pop();
                }
                None => self.matter.value(&self.path, "", node.span),
            },
            Kind::Mapping => self.mapping(at),
            Kind::Sequence => self.sequence(at),
        }
        self.depth -= 1;
    }

    fn may_enter(&self, target: usize, alias: usize) -> bool {
        let around = target <= alias && alias < self.nodes.all[target].end;
        !around && !self.aliases.contains(&target)
    }

    fn mapping(&mut self, at: usize) {
        let nodes: &'a Nodes = self.nodes;
        let inside = nodes.inside(at);
        if inside.is_empty() && !self.path.is_empty() {
            self.matter.value(&self.path, "", nodes.all[at].span);
        }
        let mut known = BTreeSet::new();
        self.entries(at, &mut known, false);
    }

    /// Reads the pairs of a mapping, then those of the mappings it merges, of which its
    /// own keys count first.
    fn entries(&mut self, at: usize, known: &mut BTreeSet<&'a str>, merged: bool) {
        let nodes: &'a Nodes = self.nodes;
        let mut merges = Vec::new();
        for pair in nodes.inside(at).chunks_exact(2) {
            let (key, value) = (pair[0], pair[1]);
            if nodes.is_merge(key) {
                merges.push(value);
                continue;
            }
            let name = nodes.key(key);
            let is_new = name.is_empty() || known.insert(name);
            if !is_new && merged {
                continue;
            }
            self.path.push(name.to_owned());
            let around = std::mem::take(&mut self.listed);
            if !is_new {
                self.matter.repeated(name, nodes.all[key].span);
            }
            self.matter.begin_key(is_new);
            if name.is_empty() && !matches!(nodes.all[key].kind, Kind::Scalar(_)) {
                self.node(key);
            }
            self.node(value);
            self.matter.end_key(is_new);
            self.listed = around;
            self.path.pop();
        }
        for value in merges {
            self.merge(value, known);
        }
    }

    fn merge(&mut self, at: usize, known: &mut BTreeSet<&'a str>) {
        let nodes: &'a Nodes = self.nodes;
        let is_alias = matches!(nodes.all[at].kind, Kind::Alias(_));
        let Some(target) = nodes.target(at).filter(|&to| !is_alias || self.may_enter(to, at))
        else {
            return;
        };
        if self.depth >= MAX_DEPTH || self.aliased > MAX_ALIASED {
            self.too_much.get_or_insert(nodes.all[at].span.start);
            return;
        }
        self.depth += 1;
        self.aliases.push(target);
        match nodes.all[target].kind {
            Kind::Mapping => self.entries(target, known, true),
            Kind::Sequence => nodes.inside(target).into_iter().for_each(|at| self.merge(at, known)),
            _ => {}
        }
        self.aliases.pop();
        self.depth -= 1;
    }

    fn sequence(&mut self, at: usize) {
        let nodes: &'a Nodes = self.nodes;
        let items = nodes.inside(at);
        self.matter.list(&self.path, items.len(), nodes.all[at].span);
        let around = std::mem::replace(&mut self.listed, true);
        for (index, item) in items.into_iter().enumerate() {
            let target = nodes.target(item).map(|at| &nodes.all[at].kind);
            let is_mapping = matches!(target, Some(Kind::Mapping));
            let at = nodes.all[item].span.start;
            self.matter.begin_item(&self.path, index, is_mapping, at);
            self.node(item);
            self.matter.end_item();
        }
        self.listed = around;
    }

    fn scalar(&mut self, scalar: &Scalar) {
        let (raw, at) = self.raw(scalar);
        let span = Span::new(at, at + raw.trim_end().len());
        // `key:` and `key: ~` say nothing.
        let null = scalar.style == ScalarStyle::Plain
            && matches!(scalar.value.as_str(), "" | "~" | "null" | "Null" | "NULL");
        let inner = within_quotes(self.matter.raw(span), span);
        self.matter.value(&self.path, if null { "" } else { &scalar.value }, inner);
        match self.matter.use_of(&self.path) {
            Use::Text(_) if null => {}
            Use::Text(name) => {
                let (raw, at) = self.raw(scalar);
                let at = self.matter.shift(Span::new(at, at)).start;
                let built = scalar::map(&scalar.value, raw, at, style_of(scalar.style));
                // Under another key of front matter it may mean another field.
                let key = if self.matter.is_data() { String::new() } else { name.clone() };
                if self.read.insert((key, at)) {
                    self.matter.field(name, built);
                }
            }
            Use::Fact(name) => {
                let value = if self.listed {
                    FactValue::list(vec![scalar.value.clone()])
                } else {
                    fact(scalar.clone())
                };
                self.matter.fact(&name, value, span);
            }
            Use::Nothing => {}
        }
    }

    /// The scalar as written, without the tag and anchor before it.
    fn raw(&self, scalar: &Scalar) -> (&str, usize) {
        let all = self.matter.raw(scalar.span);
        // Of a block the span starts with its words, which may look like an anchor; with
        // a tag or anchor it starts there, behind the key.
        let mut raw = all;
        let is_block = matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded);
        if is_block {
            let before = self.matter.raw(Span::new(0, scalar.span.start));
            let line = &before[before.rfind(['\n', '\r']).map_or(0, |end| end + 1)..];
            if !line.trim_matches(['\u{feff}', ' ', '\t']).is_empty() {
                let header = raw.find(['\n', '\r']).unwrap_or(raw.len());
                raw = raw[header..].strip_prefix("\r\n").unwrap_or_else(|| {
                    raw[header..].strip_prefix(['\n', '\r']).unwrap_or_default()
                });
            }
        }
        while !is_block && raw.starts_with(['&', '!']) {
            let end = raw.find(char::is_whitespace).unwrap_or(raw.len());
            raw = raw[end..].trim_start();
        }
        (raw, scalar.span.end - raw.len())
    }
}

/// Where a block scalar really ends: the parser counts the comments behind it in, which
/// are indented less than its first line.
fn block_end(text: &str, span: Span) -> usize {
    let Some(written) = text.get(span.range()) else { return span.end };
    let line_start = text[..span.start].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let (mut end, mut at, mut indent) = (span.start, line_start, None);
    for line in text[line_start..span.start + written.len()].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim_start_matches(' ');
        let blank = bare.trim().is_empty();
        // The line of the key, with the `|`, is none of the text.
        let header = start <= span.start && !text[start..span.start].trim().is_empty();
        if blank || header {
            end = if header { at } else { end };
            continue;
        }
        let spaces = line.len() - bare.len();
        if spaces < *indent.get_or_insert(spaces) {
            break;
        }
        end = at;
    }
    end.min(span.end).max(span.start)
}

/// Where a scalar in quotes really ends: the parser counts the white space and the
/// comment behind it in.
fn quoted_end(text: &str, span: Span, style: ScalarStyle) -> usize {
    let quote = match style {
        ScalarStyle::SingleQuoted => b'\'',
        ScalarStyle::DoubleQuoted => b'"',
        _ => return span.end,
    };
    let bytes = &text.as_bytes()[..span.end];
    let mut at = span.start;
    // A tag or an anchor stands before it.
    while matches!(bytes.get(at), Some(b'&' | b'!')) {
        at += bytes[at..].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }
    if bytes.get(at) != Some(&quote) {
        return span.end;
    }
    at += 1;
    while let Some(&byte) = bytes.get(at) {
        let doubled = quote == b'\'' && bytes.get(at + 1) == Some(&quote);
        match byte {
            b'\\' if quote == b'"' => at += 1,
            _ if byte == quote && doubled => at += 1,
            _ if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    span.end
}

/// The place of a scalar without the quotes around it.
fn within_quotes(raw: &str, span: Span) -> Span {
    let quoted = raw.len() >= 2
        && ['"', '\''].iter().any(|&quote| raw.starts_with(quote) && raw.ends_with(quote));
    if quoted { Span::new(span.start + 1, span.end - 1) } else { span }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::YamlSingle,
        ScalarStyle::DoubleQuoted => Style::YamlDouble,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

/// The value of a fact. `yes` is text, as in YAML 1.2.
fn fact(scalar: Scalar) -> FactValue {
    let Scalar { value, style, .. } = scalar;
    if style != ScalarStyle::Plain {
        return FactValue::Text(value);
    }
    match value.as_str() {
        "true" | "True" | "TRUE" => FactValue::Bool(true),
        "false" | "False" | "FALSE" => FactValue::Bool(false),
        _ => value.parse().map_or_else(|_| FactValue::Text(value), FactValue::Integer),
    }
}
