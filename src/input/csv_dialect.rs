//! Which delimiter a CSV file uses.

use super::csv_rows::Rows;

/// Rows and bytes that decide which delimiter a file uses.
const SAMPLE_ROWS: usize = 20;
const SAMPLE: usize = 64 * 1024;

/// Where the header starts, and the delimiter: what a `sep=` line says, else
/// what parts the most rows into as many cells as the header.
pub fn dialect(source: &str, tabs: bool) -> (usize, u8) {
    if let Some(found) = separator_line(source) {
        return found;
    }
    let mut end = source.len().min(SAMPLE);
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let candidates = if tabs { b"\t,;|" } else { b",;\t|" };
    let (mut best, mut best_score) = (candidates[0], (0, 0));
    for &delimiter in candidates {
        let score = score(&source[..end], delimiter);
        if score > best_score {
            (best, best_score) = (delimiter, score);
        }
    }
    (0, best)
}

/// Excel's first line `sep=;`, also in quotes.
fn separator_line(source: &str) -> Option<(usize, u8)> {
    let end = memchr::memchr2(b'\n', b'\r', source.as_bytes()).unwrap_or(source.len());
    let line = &source[..end];
    let line = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line);
    let (key, delimiter) = line.split_at_checked(4)?;
    let &[delimiter] = delimiter.as_bytes() else {
        return None;
    };
    let usable = delimiter.is_ascii() && !matches!(delimiter, b'"' | b'\r' | b'\n');
    (key.eq_ignore_ascii_case("sep=") && usable).then_some((end, delimiter))
}

/// How well a delimiter explains the first rows: rows as wide as the header,
/// then its width. Nothing for a delimiter the header does not have.
fn score(sample: &str, delimiter: u8) -> (usize, usize) {
    let mut rows = Rows::new(sample, 0, delimiter);
    let mut cells = Vec::new();
    rows.read(&mut cells);
    let width = cells.len();
    if width < 2 {
        return (0, 0);
    }
    let mut equal = 1;
    for _ in 0..SAMPLE_ROWS {
        if rows.read(&mut cells) {
            equal += usize::from(cells.len() == width);
        }
    }
    (equal, width)
}
