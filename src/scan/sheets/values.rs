//! What numbers in cells mean.

use calamine::{ExcelDateTime, ExcelDateTimeType};

/// What the number format of a cell makes of its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    Number,
    Date,
    Duration,
}

impl Format {
    /// Of the formats that are known by number (ECMA-376 part 1, 18.8.30; the East Asian
    /// ones among them).
    pub fn built_in(id: u32) -> Self {
        match id {
            14..=22 | 27..=36 | 45 | 47 | 50..=58 => Self::Date,
            46 => Self::Duration,
            _ => Self::Number,
        }
    }

    /// Of a format that is spelled out, `dd/mm/yyyy`. Only its first section counts.
    pub fn of_code(code: &str) -> Self {
        let mut chars = code.chars();
        while let Some(char) = chars.next() {
            match char {
                ';' => return Self::Number,
                // The next character is shown, or makes room.
                '\\' | '_' | '*' => _ = chars.next(),
                '"' => _ = chars.by_ref().find(|char| *char == '"'),
                '[' => {
                    let inside: String = chars.by_ref().take_while(|char| *char != ']').collect();
                    let time = |char: char| matches!(char, 'h' | 'H' | 'm' | 'M' | 's' | 'S');
                    if !inside.is_empty() && inside.chars().all(time) {
                        return Self::Duration;
                    }
                }
                'G' | 'g' if chars.as_str().to_lowercase().starts_with("eneral") => {
                    return Self::Number;
                }
                'd' | 'm' | 'y' | 'h' | 's' | 'D' | 'M' | 'Y' | 'H' | 'S' => return Self::Date,
                _ => {}
            }
        }
        Self::Number
    }
}

/// A number as text; `since_1904` says from when the workbook counts its days.
pub(super) fn number(text: &str, format: Format, since_1904: bool) -> String {
    let Ok(value) = text.trim().parse::<f64>() else { return text.to_owned() };
    let kind = match format {
        Format::Duration => ExcelDateTimeType::TimeDelta,
        _ => ExcelDateTimeType::DateTime,
    };
    match format {
        // Identifiers that are written as numbers keep every digit.
        Format::Number if text.trim().bytes().all(|byte| byte.is_ascii_digit()) => {
            text.trim().to_owned()
        }
        // People see 15 digits, and not what floating point adds: 0.30000000000000004.
        Format::Number => {
            let rounded = format!("{value:.14e}").parse::<f64>();
            rounded.unwrap_or(value).to_string()
        }
        Format::Date | Format::Duration => date(&ExcelDateTime::new(value, kind, since_1904)),
    }
}

/// A date, a time or how long something took.
pub(super) fn date(date: &ExcelDateTime) -> String {
    /// 10,000-01-01, the first day that Excel does not know.
    const END: f64 = 2_958_466.0;
    let value = date.as_f64();
    match date.is_duration() {
        false if (0.0..END).contains(&value) => day(date),
        true if (0.0..END).contains(&value) => {
            let seconds = (value * 86_400.0).round();
            let (hours, rest) = ((seconds / 3_600.0).floor(), seconds % 3_600.0);
            format!("{hours}:{:02}:{:02}", (rest / 60.0).floor(), rest % 60.0)
        }
        _ => value.to_string(),
    }
}

fn day(date: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    if date.as_f64() < 1.0 {
        return format!("{hour:02}:{minute:02}:{second:02}");
    }
    if (hour, minute, second) == (0, 0, 0) {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_number_and_code() {
        assert_eq!(Format::built_in(14), Format::Date);
        assert_eq!(Format::built_in(2), Format::Number);
        for code in
            ["dd/mm/yyyy", "[$-809]d mmmm yyyy;@", "\"on\" yyyy-mm-dd", "h:mm AM/PM", "[Red]d"]
        {
            assert_eq!(Format::of_code(code), Format::Date, "{code}");
        }
        for code in
            ["General", "0.00", "\"days\" 0", "#,##0\\d", "[Red]0", "0;dd", "_d0", "", "\"", "\\"]
        {
            assert_eq!(Format::of_code(code), Format::Number, "{code}");
        }
        assert_eq!(Format::of_code("[h]:mm:ss"), Format::Duration);
    }

    #[test]
    fn numbers_are_as_people_see_them() {
        assert_eq!(number("45943.541", Format::Date, false), "2025-10-13T12:59:02");
        assert_eq!(number("45943", Format::Date, false), "2025-10-13");
        assert_eq!(number("44481", Format::Date, true), "2025-10-13");
        assert_eq!(number("0.5", Format::Date, false), "12:00:00");
        assert_eq!(number("1.25", Format::Duration, false), "30:00:00");
        assert_eq!(number("0.30000000000000004", Format::Number, false), "0.3");
        assert_eq!(number("4.477009E11", Format::Number, false), "447700900000");
        assert_eq!(number("4539578763621486", Format::Number, false), "4539578763621486");
        assert_eq!(number("447700900123", Format::Number, false), "447700900123");
        for text in ["-1", "NaN", "1e300"] {
            number(text, Format::Date, false);
            number(text, Format::Duration, false);
        }
        assert_eq!(number("n/a", Format::Date, false), "n/a");
    }
}
