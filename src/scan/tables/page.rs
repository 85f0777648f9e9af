//! Lines, tables and bars that fit a terminal.

use unicode_normalization::char::is_combining_mark;

use crate::scan::figures::counted;

/// A line shorter than this cannot hold a table.
pub const NARROWEST: usize = 40;
/// Prose wider than this is hard to read.
const PROSE: usize = 100;
/// The widest name in a table and the longest bar.
const NAME: usize = 48;
const BAR: usize = 24;

/// What is written, and how.
pub struct Page {
    /// What is written so far.
    pub out: String,
    width: usize,
    colour: bool,
}

#[derive(Clone, Copy)]
enum Style {
    Bold,
    Bar,
    Alert,
}

impl Page {
    /// An empty page of so many columns, at least [`NARROWEST`].
    pub fn new(width: usize, colour: bool) -> Self {
        Self { out: String::new(), width: width.max(NARROWEST), colour }
    }

    fn styled(&self, text: &str, style: Style) -> String {
        let code = match style {
            Style::Bold => "1",
            Style::Bar => "36",
            Style::Alert => "1;31",
        };
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// A line above a part.
    pub fn heading(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        for line in wrapped(text, 0, self.width.min(PROSE)) {
            self.out.push_str(&self.styled(&line, Style::Bold));
            self.out.push('\n');
        }
    }

    /// Prose that begins at a column and goes on two further in.
    pub fn prose(&mut self, indent: usize, text: &str) {
        for (at, line) in wrapped(text, indent + 2, self.width.min(PROSE)).into_iter().enumerate() {
            let by = if at == 0 || indent == 0 { indent } else { indent + 2 };
            self.out.push_str(&" ".repeat(by));
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    /// Prose that must not be missed.
    pub fn alert(&mut self, text: &str) {
        for line in wrapped(text, 0, self.width.min(PROSE)) {
            self.out.push_str(&self.styled(&line, Style::Alert));
            self.out.push('\n');
        }
    }

    /// A table: names, figures, and a bar for one of the figures. Figures that do not fit
    /// are left out from the right, and the bar before them.
    pub fn table(&mut self, heads: &[&str], rows: &[Row]) {
        let figures = heads.len().saturating_sub(1);
        let of = |row: &Row, at: usize| row.figures.get(at).map_or(0, |figure| columns_of(figure));
        let mut widths: Vec<usize> = (0..figures)
            .map(|at| {
                let head = heads.get(at + 1).map_or(0, |head| columns_of(head));
                rows.iter().map(|row| of(row, at)).max().unwrap_or(0).max(head)
            })
            .collect();
        let wanted = rows.iter().map(|row| columns_of(&row.name)).max().unwrap_or(0);
        let wanted = wanted.max(heads.first().map_or(0, |head| columns_of(head))).min(NAME);
        // Of a name, so much must be seen.
        let least = wanted.min(14);
        let used = |widths: &[usize]| widths.iter().map(|width| width + 2).sum::<usize>();
        while widths.len() > 1 && 2 + least + used(&widths) > self.width {
            widths.pop();
        }
        let room = self.width.saturating_sub(2 + used(&widths));
        let name = wanted.min(room);
        let bar = room.saturating_sub(name + 2).min(BAR);
        let bar = if bar < 4 { 0 } else { bar };
        let most = rows.iter().map(|row| row.value).max().unwrap_or(0);
        let mut line = format!("  {}", padded(heads.first().copied().unwrap_or_default(), name));
        for (width, head) in widths.iter().zip(heads.iter().skip(1)) {
            line.push_str(&format!("  {}", right(head, *width)));
        }
        self.out.push_str(line.trim_end());
        self.out.push('\n');
        for row in rows {
            let mut line = format!("  {}", padded(&row.name, name));
            for (width, figure) in widths.iter().zip(&row.figures) {
                line.push_str(&format!("  {}", right(figure, *width)));
            }
            let long = length(row.value, most, bar);
            if long > 0 {
                line.push_str(&format!("  {}", self.styled(&"█".repeat(long), Style::Bar)));
            }
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    /// How many are not shown, if any.
    pub fn more(&mut self, all: usize, shown: usize, what: &str) {
        if all > shown {
            let more = format!("… and {}", counted((all - shown) as u64, &format!("more {what}")));
            self.prose(2, &more);
        }
    }
}

/// A row of a table.
pub struct Row {
    /// What stands first.
    pub name: String,
    /// What stands behind it, in the order of the headings.
    pub figures: Vec<String>,
    /// What the bar is drawn from.
    pub value: u64,
}

/// The part of a bar; what is there at all can be seen.
fn length(value: u64, most: u64, bar: usize) -> usize {
    if value == 0 || most == 0 || bar == 0 {
        return 0;
    }
    let long = u128::from(value) * bar as u128 / u128::from(most);
    usize::try_from(long).unwrap_or(bar).clamp(1, bar)
}

/// How many columns of a terminal a text takes.
pub fn columns_of(text: &str) -> usize {
    text.chars().map(columns_of_char).sum()
}

fn columns_of_char(c: char) -> usize {
    match c {
        ' '..='~' => 1,
        '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => 0,
        _ if is_combining_mark(c) => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2600}'..='\u{27bf}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f000}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// A text cut in its middle to so many columns: paths and rules differ at their ends.
fn cut(text: &str, width: usize) -> String {
    if columns_of(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let (front, back) = (room / 2, room - room / 2);
    let fit = |chars: &mut dyn Iterator<Item = char>, room: usize| {
        let mut used = 0;
        chars
            .take_while(|&c| {
                used += columns_of_char(c);
                used <= room
            })
            .collect::<Vec<char>>()
    };
    let head = fit(&mut text.chars(), front);
    let tail = fit(&mut text.chars().rev(), back);
    let mut out: String = head.into_iter().collect();
    if width > 0 {
        out.push('…');
    }
    out.extend(tail.into_iter().rev());
    out
}

fn padded(text: &str, width: usize) -> String {
    let cut = cut(text, width);
    let rest = width.saturating_sub(columns_of(&cut));
    format!("{cut}{}", " ".repeat(rest))
}

fn right(text: &str, width: usize) -> String {
    let rest = width.saturating_sub(columns_of(text));
    format!("{}{text}", " ".repeat(rest))
}

/// Lines of at most `width` less the indent, broken at spaces, and in words only where
/// one is longer than a line.
fn wrapped(text: &str, indent: usize, width: usize) -> Vec<String> {
    let room = width.saturating_sub(indent).max(2);
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let len = columns_of(word);
        if used > 0 && used + 1 + len > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            let len = columns_of_char(c);
            if used + len > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += len;
        }
    }
    if used > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_in_the_middle() {
        let check = |text: &str, width, expected: &str| assert_eq!(cut(text, width), expected);
        check("abcdefgh", 8, "abcdefgh");
        check("abcdefgh", 5, "ab…gh");
        check("日本語日本語", 6, "日…語");
        check("abc", 0, "");
    }
}
