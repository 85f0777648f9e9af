//! Words by how they begin: what a text is searched with where a word starts.

use std::ops::Range;

/// Texts as a tree of their beginnings. It is searched from one place on, and building
/// it takes one look at each text.
#[derive(Debug, Default)]
pub struct Tree {
    /// The root comes first; the children of a node stand side by side.
    nodes: Vec<Node>,
    /// By node: the byte with which its label starts; 0 for the root.
    firsts: Vec<u8>,
    labels: Vec<u8>,
    /// The texts, by the nodes at which they end.
    ends: Vec<u32>,
}

/// A beginning that several texts share, or a text.
#[derive(Clone, Debug, Default)]
struct Node {
    /// The bytes that follow those of its parent.
    label: Range<u32>,
    /// The texts that end with it.
    ends: Range<u32>,
    children: Range<u32>,
}

fn slice<'a, T>(all: &'a [T], range: &Range<u32>) -> &'a [T] {
    &all[range.start as usize..range.end as usize]
}

impl Tree {
    /// Builds the tree. `None` where the texts take more bytes than can be counted.
    pub fn new(texts: &[String]) -> Option<Self> {
        let bytes: usize = texts.iter().map(String::len).sum();
        u32::try_from(bytes.checked_add(texts.len())?).ok()?;
        let mut order: Vec<u32> = (0..texts.len() as u32).collect();
        let text = |id: u32| texts[id as usize].as_bytes();
        if !texts.is_sorted() {
            order.sort_by_key(|&id| text(id));
        }
        let mut tree = Self { ends: Vec::with_capacity(texts.len()), ..Self::default() };
        tree.add_nodes(&[0]);
        // Nodes of which only the place is known: the texts below them, and how many bytes
        // stand above them.
        let mut open = vec![(0, 0..order.len(), 0)];
        while let Some((node, range, above)) = open.pop() {
            let (Some(&first), Some(&last)) =
                (order[range.clone()].first(), order[range.clone()].last())
            else {
                continue;
            };
            let (first, last) = (&text(first)[above..], &text(last)[above..]);
            let common = first.iter().zip(last).take_while(|(one, other)| one == other).count();
            let label = tree.labels.len() as u32;
            tree.labels.extend_from_slice(&first[..common]);
            let depth = above + common;
            let below = &order[range.clone()];
            let whole = below.iter().take_while(|&&id| text(id).len() == depth).count();
            let ends = tree.ends.len() as u32;
            tree.ends.extend_from_slice(&below[..whole]);
            let mut bytes = Vec::new();
            let mut from = range.start + whole;
            let child = tree.nodes.len();
            for group in
                below[whole..].chunk_by(|&one, &other| text(one)[depth] == text(other)[depth])
            {
                open.push((child + bytes.len(), from..from + group.len(), depth));
                from += group.len();
                bytes.push(text(group[0])[depth]);
            }
            tree.add_nodes(&bytes);
            tree.nodes[node] = Node {
                label: label..tree.labels.len() as u32,
                ends: ends..tree.ends.len() as u32,
                children: child as u32..tree.nodes.len() as u32,
            };
        }
        tree.labels.shrink_to_fit();
        tree.nodes.shrink_to_fit();
        Some(tree)
    }

    fn add_nodes(&mut self, firsts: &[u8]) {
        self.firsts.extend_from_slice(firsts);
        self.nodes.resize(self.firsts.len(), Node::default());
    }

    /// Shows every text with which these bytes begin, and its length; the shortest first.
    pub fn beginnings(&self, bytes: &[u8], see: &mut impl FnMut(usize, usize)) {
        let mut at = 0;
        let mut node = &self.nodes[0];
        loop {
            let label = slice(&self.labels, &node.label);
            if !bytes[at..].starts_with(label) {
                return;
            }
            at += label.len();
            for &text in slice(&self.ends, &node.ends) {
                see(text as usize, at);
            }
            let Some(next) = bytes.get(at) else { return };
            let firsts = slice(&self.firsts, &node.children);
            let Some(child) = firsts.iter().position(|first| first == next) else { return };
            node = &self.nodes[node.children.start as usize + child];
        }
    }
}
