//! Dates as people and programs write them.

use jiff::civil::Date;

/// Which number of `01/07/2026` is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// 1 July, as in Britain.
    DayFirst,
    /// 7 January, as in the United States.
    MonthFirst,
}

impl Order {
    /// The order of that name, as facts spell it.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "day-first" => Some(Self::DayFirst),
            "month-first" => Some(Self::MonthFirst),
            _ => None,
        }
    }
}

/// A day as it may be meant: the numbers of `1/7/26` can be read in four ways.
#[derive(Clone, Copy, Debug)]
struct Reading {
    day: Date,
    /// Set where the order of the numbers had to be assumed.
    order: Option<Order>,
    /// Whether the year had two digits and its century was assumed.
    short: bool,
}

/// A word of a date.
#[derive(Clone, Copy)]
enum Part {
    /// A number and how many digits it was written with.
    Number(u32, usize),
    Month(u32),
}

/// Reads a date, with or without a time behind it. Where its numbers can be read
/// in two orders, `order` decides; without it such a date is unreadable. A year of
/// two digits lies between 1970 and 2069.
pub fn read(written: &str, order: Option<Order>) -> Option<Date> {
    let of_century =
        |reading: &&Reading| !reading.short || (1970..2070).contains(&reading.day.year());
    let all: Vec<Reading> = candidates(&without_time(written));
    let mut readings = all.iter().filter(of_century);
    let first = readings.next()?;
    match readings.find(|other| other.day != first.day) {
        None => Some(first.day),
        Some(second) => [first, second]
            .into_iter()
            .find(|reading| order.is_some() && reading.order == order)
            .map(|reading| reading.day),
    }
}

/// Every day that `written` can mean, the most usual first.
pub fn readings(written: &str) -> impl Iterator<Item = Date> {
    candidates(&without_time(written)).into_iter().map(|reading| reading.day)
}

/// The day, if it exists in the Gregorian calendar.
pub fn day(year: u32, month: u32, day: u32) -> Option<Date> {
    let (year, month, day) = (year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
    if year == 0 { None } else { Date::new(year, month, day).ok() }
}

/// A timestamp without its time: `2026-03-14T09:30Z`, `14/03/2026 09:30`,
/// `Fri Mar 14 10:00:00 +0000 2026`.
fn without_time(written: &str) -> String {
    let written = written.trim().trim_end_matches('Z');
    // `T` parts day and time in ISO 8601, with and without hyphens.
    let iso = |at: usize| {
        written.split_at_checked(at).filter(|(day, rest)| {
            rest.starts_with('T') && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        })
    };
    if let Some((day, _)) = iso(10).or_else(|| iso(8)) {
        return day.to_owned();
    }
    let is_time = |word: &str| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let clock = |mark: char| {
            word.split_once(mark).is_some_and(|(hours, minutes)| {
                hours.len() <= 2
                    && digits(hours)
                    && minutes.split([mark, '.']).all(|part| digits(part.trim_end_matches('m')))
            })
        };
        let zone = word.strip_prefix(['+', '-']).is_some_and(|rest| {
            rest.len() >= 4 && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
        });
        let named = ["am", "pm", "gmt", "utc", "bst", "est", "z"];
        clock(':')
            || zone
            || named.iter().any(|name| name.eq_ignore_ascii_case(word))
            || (word.len() <= 5 && word.matches('.').count() == 1 && clock('.'))
    };
    let words = written.split([' ', '\u{A0}']).map(|word| word.trim_end_matches(','));
    words.filter(|word| !is_time(word)).collect::<Vec<_>>().join(" ")
}

fn candidates(written: &str) -> Vec<Reading> {
    let mut parts = [Part::Number(0, 0); 3];
    let mut count = 0;
    let words = written.split([' ', ',', '/', '-', '.', '\'', '’', '\u{A0}', '\n']);
    for word in words.filter(|word| !word.is_empty() && !is_filler(word)) {
        let (Some(place), Some(part)) = (parts.get_mut(count), part(word)) else {
            return Vec::new();
        };
        *place = part;
        count += 1;
    }
    let mut found = Vec::new();
    let mut add = |year: u32, width: usize, month: u32, number: u32, order: Option<Order>| {
        let centuries: &[u32] = if width == 2 { &[1900, 2000] } else { &[0] };
        let days = centuries.iter().filter_map(|century| day(century + year, month, number));
        found.extend(days.map(|day| Reading { day, order, short: width == 2 }));
    };
    let [one, two, three] = parts;
    match (one, two, three, count) {
        // 14 March 1988.
        (Part::Number(day, 1 | 2), Part::Month(month), Part::Number(year, width @ (2 | 4)), 3)
        // March 14, 1988.
        | (Part::Month(month), Part::Number(day, 1 | 2), Part::Number(year, width @ (2 | 4)), 3)
        // 1988-03-14, 1988 March 14.
        | (
            Part::Number(year, width @ 4),
            Part::Number(month, 1 | 2) | Part::Month(month),
            Part::Number(day, 1 | 2),
            3,
        ) => add(year, width, month, day, None),
        // 14/3/88 and 3/14/88.
        (Part::Number(one, 1 | 2), Part::Number(two, 1 | 2), Part::Number(year, width @ (2 | 4)), 3) => {
            add(year, width, two, one, Some(Order::DayFirst));
            add(year, width, one, two, Some(Order::MonthFirst));
        }
        // 19880314 and 14031988.
        (Part::Number(all, 8), _, _, 1) => {
            let usual = |year: &u32| (1800..2200).contains(year);
            if usual(&(all / 10_000)) && day(all / 10_000, all / 100 % 100, all % 100).is_some() {
                add(all / 10_000, 4, all / 100 % 100, all % 100, None);
            } else if usual(&(all % 10_000)) {
                add(all % 10_000, 4, all / 10_000 % 100, all / 1_000_000, None);
            }
        }
        _ => {}
    }
    found
}

fn part(word: &str) -> Option<Part> {
    let figures = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = word.split_at(figures);
    if figures == 0 {
        return month(word).map(Part::Month);
    }
    let ordinal =
        ["", "st", "nd", "rd", "th"].iter().any(|ending| rest.eq_ignore_ascii_case(ending));
    let number = number.parse().ok().filter(|_| ordinal && figures <= 8)?;
    Some(Part::Number(number, figures))
}

/// 1 to 12, from the name or three or four letters of it.
fn month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let lower = word.to_ascii_lowercase();
    let short = matches!(lower.len(), 3 | 4);
    let place =
        MONTHS.iter().position(|name| *name == lower || (short && name.starts_with(&lower)))?;
    u32::try_from(place + 1).ok()
}

/// Words that stand in dates and say nothing: `the 14th of March`, `Monday`.
fn is_filler(word: &str) -> bool {
    const FILLERS: [&str; 20] = [
        "tues",
        "weds",
        "thur",
        "thurs",
        "of",
        "the",
        "mon",
        "monday",
        "tue",
        "tuesday",
        "wed",
        "wednesday",
        "thu",
        "thursday",
        "fri",
        "friday",
        "sat",
        "saturday",
        "sun",
        "sunday",
    ];
    FILLERS.iter().any(|filler| filler.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_order_that_is_known() {
        use Order::{DayFirst, MonthFirst};
        let cases = [
            ("2026-02-01", None, Some("2026-02-01")),
            ("2026-02-01T23:59:59Z", None, Some("2026-02-01")),
            ("01/07/2026", Some(DayFirst), Some("2026-07-01")),
            ("01/07/2026", Some(MonthFirst), Some("2026-01-07")),
            ("01/07/2026", None, None),
            ("07/07/2026", None, Some("2026-07-07")),
            ("25/12/2025 14:05", Some(MonthFirst), Some("2025-12-25")),
            ("12/25/2025, 2:05 PM", None, Some("2025-12-25")),
            ("1/7/26", Some(DayFirst), Some("2026-07-01")),
            ("14 Mar 99", None, Some("1999-03-14")),
            ("March 14, 2026", None, Some("2026-03-14")),
            ("20260314", None, Some("2026-03-14")),
            ("20101212", None, Some("2010-12-12")),
            ("14031988", None, Some("1988-03-14")),
            ("20101112T100000Z", None, Some("2010-11-12")),
            ("2010-11-12Z", None, Some("2010-11-12")),
            ("Fri Nov 12 10:00:00 +0000 2010", None, Some("2010-11-12")),
            ("12/11/2010 10.00", Some(DayFirst), Some("2010-11-12")),
            ("Tues 9 Nov 2010", None, Some("2010-11-09")),
            ("Thurs 11 November 2010 at noon", None, None),
            ("9999-12-31", None, Some("9999-12-31")),
            ("0000-01-01", None, None),
            ("29/02/2025", Some(DayFirst), None),
            ("31/02/2026", Some(DayFirst), None),
            ("soon", None, None),
            ("", None, None),
            ("3 days ago", None, None),
        ];
        for (written, order, expected) in cases {
            let found = read(written, order).map(|day| day.to_string());
            assert_eq!(found.as_deref(), expected, "{written:?} {order:?}");
        }
    }
}
