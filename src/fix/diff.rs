//! What fixes change, as a unified diff. Fixes stay on their lines, so the lines of
//! both texts stand side by side and nothing has to be aligned.

use std::ops::Range;

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// The changes from one text to another as a unified diff; empty where there are none.
/// `path` and the texts must be safe to show.
pub fn unified(path: &str, old: &str, new: &str) -> String {
    let before: Vec<&str> = old.split_inclusive('\n').collect();
    let after: Vec<&str> = new.split_inclusive('\n').collect();
    let blocks = blocks(&before, &after);
    if blocks.is_empty() {
        return String::new();
    }
    let mut out = format!("--- {path}\n+++ {path}\n");
    let mut at = 0;
    while let Some(first) = blocks.get(at) {
        // Changes with little between them share a hunk.
        let near = |pair: &&[Block]| pair[1].old.start - pair[0].old.end <= 2 * CONTEXT;
        let more = blocks[at..].windows(2).take_while(near).count();
        let hunk = &blocks[at..=at + more];
        let last = &hunk[more];
        let lead = first.old.start.min(CONTEXT);
        let tail = (before.len() - last.old.end).min(CONTEXT);
        let header = |range: Range<usize>| match range.len() {
            0 => format!("{},0", range.start),
            1 => format!("{}", range.start + 1),
            len => format!("{},{len}", range.start + 1),
        };
        out.push_str(&format!(
            "@@ -{} +{} @@\n",
            header(first.old.start - lead..last.old.end + tail),
            header(first.new.start - lead..last.new.end + tail),
        ));
        let mut from = first.old.start - lead;
        for block in hunk {
            push(&mut out, ' ', &before[from..block.old.start]);
            push(&mut out, '-', &before[block.old.clone()]);
            push(&mut out, '+', &after[block.new.clone()]);
            from = block.old.end;
        }
        push(&mut out, ' ', &before[from..from + tail]);
        at += more + 1;
    }
    out
}

/// Lines that stand in place of others.
struct Block {
    old: Range<usize>,
    new: Range<usize>,
}

fn blocks(before: &[&str], after: &[&str]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    if before.len() != after.len() {
        // No fix of ours does that; what differs is still shown rightly.
        let start = before.iter().zip(after).take_while(|(old, new)| old == new).count();
        let rest = (&before[start..], &after[start..]);
        let pairs = rest.0.iter().rev().zip(rest.1.iter().rev());
        let end = pairs.take_while(|(old, new)| old == new).count();
        return vec![Block { old: start..before.len() - end, new: start..after.len() - end }];
    }
    for at in (0..before.len()).filter(|&at| before[at] != after[at]) {
        match blocks.last_mut() {
            Some(last) if last.old.end == at => {
                last.old.end = at + 1;
                last.new.end = at + 1;
            }
            _ => blocks.push(Block { old: at..at + 1, new: at..at + 1 }),
        }
    }
    blocks
}

fn push(out: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_with_the_lines_around_them() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16";
        let new = old.replace("\n2\n", "\ntwo\n").replace("\n7\n8\n", "\nVII\nVIII\n");
        let new = new.replace("\n16", "\nXVI");
        assert_eq!(
            unified("a.txt", old, &new),
            "--- a.txt\n+++ a.txt\n\
             @@ -1,11 +1,11 @@\n 1\n-2\n+two\n 3\n 4\n 5\n 6\n-7\n-8\n+VII\n+VIII\n 9\n 10\n 11\n\
             @@ -13,4 +13,4 @@\n 13\n 14\n 15\n-16\n\\ No newline at end of file\n\
             +XVI\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("a", "x\n", "y\n"), "--- a\n+++ a\n@@ -1 +1 @@\n-x\n+y\n");
        assert_eq!(unified("a", old, old), "");
        assert_eq!(unified("a", "", ""), "");
    }

    #[test]
    fn lines_that_are_gone_are_shown_too() {
        assert_eq!(
            unified("a", "1\n2\n3\n", "1\n3\n"),
            "--- a\n+++ a\n@@ -1,3 +1,2 @@\n 1\n-2\n 3\n"
        );
        assert_eq!(unified("a", "1\n", ""), "--- a\n+++ a\n@@ -1 +0,0 @@\n-1\n");
    }
}
