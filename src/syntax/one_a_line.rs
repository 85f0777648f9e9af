//! Files with one phrase or value a line.

use crate::text::Span;

/// What such a file lists, each with its bytes. Blank lines and notes are left
/// out: a line that is `#` or starts with `# `, and what follows two spaces and
/// `#`. A `#` before a letter is a hashtag.
pub fn one_a_line(text: &str) -> impl Iterator<Item = (&str, Span)> {
    let mut next = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = next;
        next += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        // Few lines have a note, and one sign is found sooner than three.
        let content = match memchr::memchr(b'#', content.as_bytes()) {
            None => content,
            Some(_) => content.split_once("  #").map_or(content, |(item, _)| item),
        };
        let item = content.trim();
        let note = item == "#" || item.starts_with("# ");
        let at = start + (content.len() - content.trim_start().len());
        (!item.is_empty() && !note).then(|| (item, Span::new(at, at + item.len())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_blank_lines_are_no_items() {
        let text =
            "# Ministers\n#\n\n  Jane Example  \r\n@JaneExampleMP  # on X\n#OurCampaign\n\tlast";
        let items: Vec<_> = one_a_line(text).collect();
        let words: Vec<_> = items.iter().map(|(item, _)| *item).collect();
        assert_eq!(words, ["Jane Example", "@JaneExampleMP", "#OurCampaign", "last"]);
        for (item, span) in items {
            assert_eq!(&text[span.range()], item);
        }
    }
}
