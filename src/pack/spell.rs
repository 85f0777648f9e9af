//! Phrases spelled out: groups become steps or several spellings, text becomes
//! words and marks.

use super::phrase::{Atom, MOST_SPELLINGS, Node};
use crate::text::{Folded, Span, is_word_byte, is_word_char, runs};

/// Turns what stands between two spaces into one step, so that `(is|was|are)` and
/// `mothers?` are not several spellings of the phrase around them, and `(the)?` and
/// `<adj>{0,2}` are steps that may be missing. What can stand only at certain places
/// stays spelled out. `nodes` must stand between spaces themselves.
pub(super) fn gather(nodes: &mut Vec<Node>) {
    let mut gathered = Vec::with_capacity(nodes.len());
    let mut from = 0;
    for at in 0..=nodes.len() {
        if !matches!(nodes.get(at), None | Some(Node::Space)) {
            continue;
        }
        let edges = (from == 0, at == nodes.len());
        match gather_cluster(&nodes[from..at], edges) {
            Some(steps) => gathered.extend(steps),
            None => gathered.extend_from_slice(&nodes[from..at]),
        }
        gathered.extend(nodes.get(at).cloned());
        from = at + 1;
    }
    *nodes = gathered;
}

/// The steps of what stands between two spaces, or `None` to leave it as it is.
/// `edges` says whether it stands first and last.
fn gather_cluster(cluster: &[Node], edges: (bool, bool)) -> Option<Vec<Node>> {
    let (start, cluster) = match cluster {
        [start @ Node::Special(Atom::Start), rest @ ..] => (Some(start.clone()), rest),
        _ => (None, cluster),
    };
    let (end, cluster) = match cluster {
        [rest @ .., end @ Node::Special(Atom::End)] => (Some(end.clone()), rest),
        _ => (None, cluster),
    };
    let mut steps = Vec::new();
    match cluster {
        [Node::Repeat(inner, least, most)] => {
            let step = as_step(std::slice::from_ref(inner), edges)?;
            for _ in 0..*least {
                steps.extend([Node::Special(step.clone()), Node::Space]);
            }
            if most > least {
                let step = Box::new(step);
                steps.push(Node::Special(Atom::UpTo { step, most: most - least }));
            } else {
                steps.pop();
            }
        }
        _ if cluster.iter().any(|node| matches!(node, Node::OneOf(_) | Node::Repeat(..)))
            && !cluster.iter().any(|node| matches!(node, Node::Special(_))) =>
        {
            steps.push(Node::Special(as_step(cluster, edges)?));
        }
        _ => return None,
    }
    Some(start.into_iter().chain(steps).chain(end).collect())
}

/// All spellings of some nodes as one step; `None` where one of them is empty or
/// wrong, which is said where the whole phrase is spelled out.
fn as_step(nodes: &[Node], (first, last): (bool, bool)) -> Option<Atom> {
    fn fits(atom: &Atom, first: bool, last: bool) -> bool {
        match atom {
            Atom::Hit | Atom::NotWord(_) | Atom::NotSlot(_) => false,
            Atom::Start => first,
            Atom::End => last,
            Atom::UpTo { step, .. } => fits(step, first, last),
            Atom::Group(ways) => ways.iter().flatten().all(|atom| fits(atom, first, last)),
            _ => true,
        }
    }
    let mut spellings = vec![Vec::new()];
    if let [Node::OneOf(ways)] = nodes {
        let mut ways = ways.clone();
        ways.iter_mut().for_each(gather);
        expand(&[Node::OneOf(ways)], &mut spellings).ok()?;
    } else {
        expand(nodes, &mut spellings).ok()?;
    }
    let mut ways = spellings.into_iter().map(atoms).collect::<Result<Vec<_>, _>>().ok()?;
    if !ways.iter().all(|way| !way.is_empty() && way.iter().all(|atom| fits(atom, first, last))) {
        return None;
    }
    if let [way] = ways.as_mut_slice()
        && way.len() == 1
    {
        return way.pop();
    }
    let words = |way: &Vec<Atom>| match way.as_slice() {
        [Atom::Word { folded, capitals }] => Some(vec![(folded.clone(), capitals.clone())]),
        [Atom::AnyOf(words)] => Some(words.clone()),
        _ => None,
    };
    Some(match ways.iter().map(words).collect::<Option<Vec<_>>>().map(|words| words.concat()) {
        Some(mut words) => {
            words.sort();
            words.dedup();
            Atom::AnyOf(words)
        }
        None => Atom::Group(ways),
    })
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(String),
    Atom(Atom),
}

/// Spells out `nodes` behind every spelling so far.
pub(super) fn expand(nodes: &[Node], spellings: &mut Vec<Vec<Piece>>) -> Result<(), ()> {
    for node in nodes {
        match node {
            Node::Text(text) => push_text(spellings, text),
            Node::Space => push_text(spellings, " "),
            Node::Special(atom) => {
                for spelling in &mut *spellings {
                    spelling.push(Piece::Atom(atom.clone()));
                }
            }
            Node::OneOf(ways) => {
                let before = std::mem::take(spellings);
                for way in ways {
                    let mut branch = before.clone();
                    expand(way, &mut branch)?;
                    spellings.extend(branch);
                    if spellings.len() > MOST_SPELLINGS {
                        return Err(());
                    }
                }
            }
            Node::Repeat(inner, least, most) => {
                let mut branch = spellings.clone();
                let mut all = Vec::new();
                for times in 0..=*most {
                    if times >= *least {
                        all.extend(branch.clone());
                    }
                    if all.len() > MOST_SPELLINGS {
                        return Err(());
                    }
                    if times < *most {
                        if times > 0 {
                            push_text(&mut branch, " ");
                        }
                        expand(std::slice::from_ref(inner), &mut branch)?;
                    }
                }
                *spellings = all;
            }
        }
    }
    Ok(())
}

fn push_text(spellings: &mut [Vec<Piece>], text: &str) {
    for spelling in spellings {
        match spelling.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ => spelling.push(Piece::Text(text.to_owned())),
        }
    }
}

pub(super) fn atoms(pieces: Vec<Piece>) -> Result<Vec<Atom>, &'static str> {
    let mut atoms = Vec::with_capacity(pieces.len() + 2);
    // A check takes no word, so nothing stands in for it.
    let slots: Vec<bool> =
        pieces.iter().map(|piece| matches!(piece, Piece::Atom(atom) if !is_check(atom))).collect();
    let slot = |at: Option<usize>| at.and_then(|at| slots.get(at)).is_some_and(|slot| *slot);
    for (at, piece) in pieces.into_iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                text_atoms(&text, slot(at.checked_sub(1)), slot(Some(at + 1)), &mut atoms)?;
            }
            Piece::Atom(atom) => atoms.push(atom),
        }
    }
    Ok(atoms)
}

/// Folds a stretch of plain text and cuts it into words and marks, exactly as
/// scanned text is cut. Where a slot stands right before or behind (`<T>-born`,
/// `<T>'s`), a letter stands in for it while folding.
pub(super) fn text_atoms(
    text: &str,
    slot_before: bool,
    slot_behind: bool,
    atoms: &mut Vec<Atom>,
) -> Result<(), &'static str> {
    // Most phrases are plain words; those need no folding.
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_alphanumeric())
        && (!slot_before || text.starts_with(' '))
        && (!slot_behind || text.ends_with(' '))
    {
        atoms.extend(text.split(' ').filter(|word| !word.is_empty()).map(|word| {
            Atom::Word {
                folded: word.to_ascii_lowercase(),
                capitals: (0..)
                    .zip(word.bytes())
                    .filter(|(_, byte)| byte.is_ascii_uppercase())
                    .map(|(at, _)| at)
                    .collect(),
            }
        }));
        return Ok(());
    }
    // `'s` by itself is the end of a word, wherever it stands; `'tis` is a word.
    let clitic = text.trim_start().strip_prefix(['\'', '’']).is_some_and(|rest| {
        let end = rest.find(|c: char| !is_word_char(c)).unwrap_or(rest.len());
        let ending = rest[..end].to_lowercase();
        matches!(ending.as_str(), "s" | "re" | "ve" | "ll" | "d" | "m" | "t")
    });
    let text = if clitic { text.trim_start() } else { text };
    let before = clitic || slot_before && text.starts_with(|c: char| !c.is_whitespace());
    let behind = slot_behind && text.ends_with(|c: char| !c.is_whitespace());
    let text = format!("{}{text}{}", if before { "x" } else { "" }, if behind { "x" } else { "" });
    let folded = Folded::new(&text);
    let tokens: Vec<Span> = cut(folded.text()).collect();
    let first = usize::from(before);
    let last = tokens.len() - usize::from(behind);
    let stood_in = |token: Option<&Span>| token.is_some_and(|token| token.len() == 1);
    if last < first || (before && !stood_in(tokens.first())) || (behind && !stood_in(tokens.last()))
    {
        return Err(
            "a slot or `_` stands for whole words: no letters right before or behind it; put the other forms into the list",
        );
    }
    for &token in tokens.get(first..last).unwrap_or_default() {
        let part = &folded.text()[token.range()];
        let first = part.chars().next().unwrap_or(' ');
        if is_word_char(first) || (first == '\'' && part.len() > 1) {
            let capitals = part
                .char_indices()
                .filter(|(at, c)| {
                    let place = token.start + at;
                    let source = folded.map().to_source(Span::new(place, place + c.len_utf8()));
                    text[source.range()].chars().any(char::is_uppercase)
                })
                .filter_map(|(at, _)| u16::try_from(at).ok())
                .collect();
            atoms.push(Atom::Word { folded: part.to_owned(), capitals });
        } else {
            atoms.push(Atom::Mark(first));
        }
    }
    Ok(())
}

/// The words and marks of folded text: a run of word characters, the letters
/// behind an apostrophe with it, or one other sign. Spaces are left out.
pub fn cut(folded: &str) -> impl Iterator<Item = Span> + '_ {
    let bytes = folded.as_bytes();
    let end = Span::new(bytes.len(), bytes.len());
    let mut runs = runs(bytes, 0, is_word_byte);
    let mut run = runs.next().unwrap_or(end);
    let mut at = 0;
    std::iter::from_fn(move || {
        while matches!(bytes.get(at), Some(b' ' | b'\n')) {
            at += 1;
        }
        let start = at;
        let first = *bytes.get(at)?;
        if at < run.start {
            // A sign, unless a word starts with it.
            let c =
                if first.is_ascii() { char::from(first) } else { folded[at..].chars().next()? };
            at += c.len_utf8();
            let behind_word = || folded[..start].chars().next_back().is_some_and(is_word_char);
            let is_word = !c.is_ascii() && is_word_char(c);
            if !(is_word || c == '\'' && behind_word()) {
                return Some(Span::new(start, at));
            }
        }
        if at == run.start {
            at = run.end;
        }
        if bytes.get(at).is_some_and(|byte| !byte.is_ascii()) {
            let rest = &folded[at..];
            at += rest.find(|c: char| !is_word_char(c)).unwrap_or(rest.len());
        }
        while run.start < at {
            run = runs.next().unwrap_or(end);
        }
        Some(Span::new(start, at))
    })
}

/// Whether a step looks without taking a word.
fn is_check(atom: &Atom) -> bool {
    matches!(atom, Atom::Start | Atom::End | Atom::NotWord(_) | Atom::NotSlot(_))
}

pub(super) fn check_order(atoms: &[Atom]) -> Result<(), &'static str> {
    // What may be missing does not stand between a word and an edge.
    let needed: Vec<&Atom> =
        atoms.iter().filter(|atom| !matches!(atom, Atom::UpTo { .. })).collect();
    if matches!(needed.first(), Some(Atom::Gap { .. }))
        || matches!(needed.last(), Some(Atom::Gap { .. }))
    {
        return Err("`_` stands between words, not at an end of a phrase");
    }
    if needed.iter().all(|atom| is_check(atom)) {
        return Err("this phrase has no words");
    }
    let last = atoms.len().saturating_sub(1);
    if atoms.iter().filter(|atom| matches!(atom, Atom::Hit)).count() > 1 {
        return Err("<T> can stand in a phrase once");
    }
    for (at, atom) in atoms.iter().enumerate() {
        match atom {
            Atom::Start if at != 0 => {
                return Err("`^` stands at the front of a phrase; write `\\^` for the sign itself");
            }
            Atom::End if at != last => return Err("`$` stands at the end of a phrase"),
            Atom::NotWord(_) | Atom::NotSlot(_)
                if !atoms[..at].iter().all(is_check) && !atoms[at..].iter().all(is_check) =>
            {
                return Err(
                    "`!` stands at the front or the end of a phrase; write `\\!` for the sign itself",
                );
            }
            _ => {}
        }
    }
    Ok(())
}
