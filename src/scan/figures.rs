//! Figures and words that the reports of a scan share, so that all of them say the
//! same.

use std::borrow::Cow;

use super::columns::{EMPTY, FOR_RULES, SORTING};
use super::model::{FileSummary, Summary};
use crate::judge::safe;

/// `12,345`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 record`, `12,345 records`.
pub fn counted(value: u64, one: &str) -> String {
    let many = if value == 1 { "" } else { "s" };
    format!("{} {one}{many}", number(value))
}

/// How many of every 1,000; none of nothing.
#[allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
pub fn rate(found: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| found as f64 * 1000.0 / of as f64)
}

/// A rate in words: `25.3`, `less than 0.1`, `–` where there is none.
pub fn rate_words(rate: Option<f64>) -> String {
    match rate {
        None => "–".to_owned(),
        Some(rate) if rate > 0.0 && rate < 0.05 => "less than 0.1".to_owned(),
        Some(rate) => {
            let tenths = format!("{rate:.1}");
            let (whole, tenth) = tenths.split_once('.').unwrap_or((&tenths, "0"));
            match whole.parse() {
                Ok(whole) => format!("{}.{tenth}", number(whole)),
                Err(_) => tenths,
            }
        }
    }
}

/// `1.2 GB`: in powers of 1,000, as file managers do.
#[allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return counted(bytes, "byte");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut units = UNITS.into_iter().peekable();
    let mut unit = units.next().unwrap_or_default();
    while value >= 999.95 && units.peek().is_some() {
        value /= 1000.0;
        unit = units.next().unwrap_or(unit);
    }
    format!("{value:.1} {unit}")
}

/// How many times something was found, listed or not.
pub fn findings(summary: &Summary) -> u64 {
    summary.findings.values().fold(0, |sum, count| sum.saturating_add(*count))
}

/// Records with findings of every 1,000: what the sample says, or worked out from all.
pub fn overall_rate(summary: &Summary) -> Option<f64> {
    match &summary.sample {
        Some(sample) => Some(sample.per_thousand),
        None => rate(summary.records_found, summary.records),
    }
}

/// How many files there are; the sheets of a workbook are one.
pub fn file_count(summary: &Summary) -> u64 {
    let mut paths: Vec<&str> = summary.files.iter().map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    paths.len() as u64
}

/// A file and its sheet.
pub fn file_name(file: &FileSummary) -> String {
    match &file.sheet {
        Some(sheet) => format!("{}, sheet {sheet}", file.path),
        None => file.path.clone(),
    }
}

/// Why a column was read, in words.
pub fn why(reason: &str) -> Cow<'_, str> {
    match reason {
        "asked for" => "you asked for it".into(),
        "by name" => "the name says that there is text".into(),
        EMPTY => "empty in the first rows, so read for what may come later".into(),
        FOR_RULES => "for their values, not as text".into(),
        SORTING => "the name says what rules are about".into(),
        "by content" => "the cells look like written text".into(),
        _ => match reason.strip_prefix("preset ") {
            Some(preset) => format!("the preset {preset} names it").into(),
            None => reason.into(),
        },
    }
}

/// What stands in an empty name: a header cell or an office without text.
pub fn named(name: &str) -> &str {
    if name.trim().is_empty() { "(empty)" } else { name }
}

/// Text that is safe to show, on one line and of at most so many characters.
pub fn short(text: &str, most: usize) -> String {
    // A cell can hold megabytes; what is cut off need not be made safe.
    let mut cut: String = text.chars().take(most.saturating_add(1)).collect();
    let longer = cut.chars().count() > most;
    if longer {
        cut = cut.chars().take(most.saturating_sub(1)).collect();
    }
    let mut out = String::with_capacity(cut.len());
    for c in safe(&cut).chars() {
        out.push(if c.is_whitespace() { ' ' } else { c });
    }
    if longer {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        let texts = [
            (number(0), "0"),
            (number(999), "999"),
            (number(1000), "1,000"),
            (number(u64::MAX), "18,446,744,073,709,551,615"),
            (counted(1, "record"), "1 record"),
            (counted(0, "record"), "0 records"),
            (rate_words(rate(0, 10)), "0.0"),
            (rate_words(rate(1, 0)), "–"),
            (rate_words(rate(1, 100_000)), "less than 0.1"),
            (rate_words(rate(253, 10_000)), "25.3"),
            (rate_words(rate(7, 5)), "1,400.0"),
            (size(1), "1 byte"),
            (size(999), "999 bytes"),
            (size(999_999), "1.0 MB"),
            (size(1_234_000_000), "1.2 GB"),
            (size(u64::MAX), "18446.7 PB"),
        ];
        for (text, expected) in texts {
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn what_is_shown_is_short_safe_and_on_one_line() {
        assert_eq!(short("a\r\nb\tc", 20), "a b c");
        assert_eq!(short("\u{202e}abc", 20), "<U+202E>abc");
        assert_eq!(short("abcdef", 6), "abcdef");
        assert_eq!(short("abcdefg", 6), "abcde…");
        assert_eq!(short("abc", 0), "…");
    }
}
