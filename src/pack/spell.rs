//! Phrases spelled out: groups become steps or several spellings, text becomes
//! words and marks.

use std::borrow::Cow;

use super::phrase::{Atom, MOST_SPELLINGS, Node, is_plain};
use crate::text::{Folded, Span, is_word_byte, is_word_char, runs};

/// Turns what stands between two spaces into one step, so that `(is|was|are)` and
/// `mothers?` are not several spellings of the phrase around them, and `(the)?` and
/// `<adj>{0,2}` are steps that may be missing. What can stand only at certain places
/// stays spelled out. `nodes` must stand between spaces themselves.
pub(super) fn gather(nodes: &mut Vec<Node<'_>>) {
    if is_straight(nodes) {
        return;
    }
    let mut gathered = Vec::with_capacity(nodes.len());
    let mut from = 0;
    for at in 0..=nodes.len() {
        if !matches!(nodes.get(at), None | Some(Node::Space)) {
            continue;
        }
        let edges = (from == 0, at == nodes.len());
        let steps = if is_straight(&nodes[from..at]) {
            None
        } else {
            gather_cluster(&nodes[from..at], edges)
        };
        match steps {
            Some(steps) => gathered.extend(steps),
            None => gathered.extend(
                nodes[from..at].iter_mut().map(|node| std::mem::replace(node, Node::Space)),
            ),
        }
        gathered.extend((at < nodes.len()).then_some(Node::Space));
        from = at + 1;
    }
    *nodes = gathered;
}

/// Whether nodes have one spelling.
pub(super) fn is_straight(nodes: &[Node<'_>]) -> bool {
    !nodes.iter().any(|node| matches!(node, Node::OneOf(_) | Node::Repeat(..)))
}

/// The steps of what stands between two spaces, or `None` to leave it as it is.
/// `edges` says whether it stands first and last.
fn gather_cluster<'t>(cluster: &[Node<'t>], edges: (bool, bool)) -> Option<Vec<Node<'t>>> {
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
        _ if !is_straight(cluster)
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
fn as_step<'t>(nodes: &[Node<'t>], (first, last): (bool, bool)) -> Option<Atom<'t>> {
    fn fits(atom: &Atom<'_>, first: bool, last: bool) -> bool {
        match atom {
            Atom::Hit | Atom::NotWord(_) | Atom::NotSlot(_) => false,
            Atom::Start => first,
            Atom::End => last,
            Atom::UpTo { step, .. } => fits(step, first, last),
            Atom::Group(ways) => ways.iter().flatten().all(|atom| fits(atom, first, last)),
            _ => true,
        }
    }
    let mut ways = Vec::new();
    if let [Node::OneOf(written)] = nodes {
        for way in written {
            let mut way = way.clone();
            gather(&mut way);
            spell_out(way, &mut ways)?;
        }
    } else {
        spell_out(nodes.to_vec(), &mut ways)?;
    }
    if !ways.iter().all(|way| !way.is_empty() && way.iter().all(|atom| fits(atom, first, last))) {
        return None;
    }
    if let [way] = ways.as_mut_slice()
        && way.len() == 1
    {
        return way.pop();
    }
    Some(one_of(ways))
}

/// Adds the spellings of some nodes; `None` where they are too many, or one is wrong.
fn spell_out<'t>(nodes: Vec<Node<'t>>, ways: &mut Vec<Vec<Atom<'t>>>) -> Option<()> {
    if is_straight(&nodes) {
        ways.push(straight(nodes).ok()?);
    } else {
        let mut spellings = vec![Vec::new()];
        expand(&nodes, &mut spellings).ok()?;
        for spelling in spellings {
            ways.push(atoms(spelling).ok()?);
        }
    }
    (ways.len() <= MOST_SPELLINGS).then_some(())
}

/// One of several phrases as a step: of several words where each is one.
fn one_of(mut ways: Vec<Vec<Atom<'_>>>) -> Atom<'_> {
    let is_word = |way: &Vec<Atom<'_>>| matches!(way[..], [Atom::Word { .. } | Atom::AnyOf(_)]);
    if !ways.iter().all(is_word) {
        return Atom::Group(ways);
    }
    let mut words = Vec::with_capacity(ways.len());
    for atom in ways.iter_mut().flat_map(|way| way.drain(..)) {
        match atom {
            Atom::Word { folded, capitals } => words.push((folded, capitals)),
            Atom::AnyOf(more) => words.extend(more),
            _ => {}
        }
    }
    words.sort();
    words.dedup();
    Atom::AnyOf(words)
}

/// The step for plain words between `|`; `None` where one of them is empty.
pub(super) fn any_of(written: &str) -> Option<Atom<'_>> {
    let ways = || written.split('|');
    let mut single = Vec::with_capacity(written.len() / 8 + 1);
    for way in ways() {
        let mut words = words(way);
        let (first, second) = (words.next()?, words.next());
        if let (Atom::Word { folded, capitals }, None) = (first, second) {
            single.push((folded, capitals));
        } else {
            let ways: Vec<Vec<Atom<'_>>> = ways().map(|way| self::words(way).collect()).collect();
            let fits = ways.len() <= MOST_SPELLINGS && ways.iter().all(|way| !way.is_empty());
            return fits.then_some(Atom::Group(ways));
        }
    }
    if single.len() > MOST_SPELLINGS {
        return None;
    }
    if single.len() == 1 {
        return single.pop().map(|(folded, capitals)| Atom::Word { folded, capitals });
    }
    single.sort();
    single.dedup();
    Some(Atom::AnyOf(single))
}

/// Words of ASCII letters and digits between spaces, folded.
pub(super) fn words(text: &str) -> impl Iterator<Item = Atom<'_>> {
    text.split(' ').filter(|word| !word.is_empty()).map(|word| {
        if !word.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Atom::Word { folded: Cow::Borrowed(word), capitals: Vec::new() };
        }
        let capital = |(_, byte): &(u16, u8)| byte.is_ascii_uppercase();
        Atom::Word {
            folded: Cow::Owned(word.to_ascii_lowercase()),
            capitals: (0..).zip(word.bytes()).filter(capital).map(|(at, _)| at).collect(),
        }
    })
}

/// The steps of nodes that have one spelling.
pub(super) fn straight(mut nodes: Vec<Node<'_>>) -> Result<Vec<Atom<'_>>, &'static str> {
    let mut steps = Vec::with_capacity(nodes.len());
    let mut at = 0;
    // Whether what stands before is a word in the place of others.
    let mut slot = false;
    while at < nodes.len() {
        if let Node::Special(step) = &mut nodes[at] {
            slot = !is_check(step);
            steps.push(std::mem::replace(step, Atom::Hit));
            at += 1;
            continue;
        }
        let is_text = |node: &Node<'_>| !matches!(node, Node::Special(_));
        let len = nodes[at..].iter().take_while(|node| is_text(node)).count();
        let (run, rest) = nodes[at..].split_at(len);
        let slot_behind = matches!(rest.first(), Some(Node::Special(step)) if !is_check(step));
        run_atoms(run, slot, slot_behind, &mut steps)?;
        slot = false;
        at += len;
    }
    Ok(steps)
}

/// The steps of a run of text and spaces.
fn run_atoms<'t>(
    run: &[Node<'t>],
    slot_before: bool,
    slot_behind: bool,
    steps: &mut Vec<Atom<'t>>,
) -> Result<(), &'static str> {
    let plain = |node: &Node<'_>| match node {
        Node::Text(text) => is_plain(text.as_bytes()),
        _ => true,
    };
    let is_text = |node: Option<&Node<'_>>| matches!(node, Some(Node::Text(_)));
    let parted = !run.windows(2).any(|two| is_text(two.first()) && is_text(two.last()));
    let (before, behind) =
        (slot_before && is_text(run.first()), slot_behind && is_text(run.last()));
    let texts = run.iter().map(|node| match node {
        Node::Text(text) => *text,
        _ => " ",
    });
    if parted && !before && !behind && run.iter().all(plain) {
        steps.extend(texts.flat_map(words));
        return Ok(());
    }
    text_atoms(&texts.collect::<String>(), slot_before, slot_behind, steps)
}

#[derive(Clone, Debug)]
pub(super) enum Piece<'t> {
    Text(String),
    Atom(Atom<'t>),
}

/// Spells out `nodes` behind every spelling so far.
pub(super) fn expand<'t>(
    nodes: &[Node<'t>],
    spellings: &mut Vec<Vec<Piece<'t>>>,
) -> Result<(), ()> {
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

fn push_text(spellings: &mut [Vec<Piece<'_>>], text: &str) {
    for spelling in spellings {
        match spelling.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ => spelling.push(Piece::Text(text.to_owned())),
        }
    }
}

pub(super) fn atoms(pieces: Vec<Piece<'_>>) -> Result<Vec<Atom<'_>>, &'static str> {
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
fn text_atoms(
    text: &str,
    slot_before: bool,
    slot_behind: bool,
    atoms: &mut Vec<Atom<'_>>,
) -> Result<(), &'static str> {
    if is_plain(text.as_bytes())
        && (!slot_before || text.starts_with(' '))
        && (!slot_behind || text.ends_with(' '))
    {
        atoms.extend(words(text).map(|word| match word {
            Atom::Word { folded, capitals } => {
                Atom::Word { folded: Cow::Owned(folded.into_owned()), capitals }
            }
            _ => Atom::Hit,
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
            atoms.push(Atom::Word { folded: Cow::Owned(part.to_owned()), capitals });
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
fn is_check(atom: &Atom<'_>) -> bool {
    matches!(atom, Atom::Start | Atom::End | Atom::NotWord(_) | Atom::NotSlot(_))
}

pub(super) fn check_order(atoms: &[Atom<'_>]) -> Result<(), &'static str> {
    // What may be missing does not stand between a word and an edge.
    let mut needed = atoms.iter().filter(|atom| !matches!(atom, Atom::UpTo { .. }));
    if needed.clone().all(is_check) {
        return Err("this phrase has no words");
    }
    let is_gap = |atom: Option<&Atom<'_>>| matches!(atom, Some(Atom::Gap { .. }));
    if is_gap(needed.clone().next()) || is_gap(needed.next_back()) {
        return Err("`_` stands between words, not at an end of a phrase");
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
