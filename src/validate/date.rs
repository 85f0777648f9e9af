//! Calendar dates as people write them.

/// A date with its year, in one of the usual orders.
pub(super) fn date(matched: &str) -> bool {
    read(matched).is_some()
}

/// A date someone alive can be born on. No clock is asked: whether it lies in
/// the future is for a rule that knows the day.
pub(super) fn birth(matched: &str) -> bool {
    read(matched).is_some_and(|year| (1900..2100).contains(&year))
}

/// Whether the day exists in the Gregorian calendar.
pub(super) fn is_calendar_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// A word of a date.
#[derive(Clone, Copy)]
enum Part {
    /// A number and how many digits it was written with.
    Number(u32, usize),
    Month(u32),
}

/// The year of the date in `matched`, two-digit years taken as 1900 and later;
/// `None` if there is no such day.
fn read(matched: &str) -> Option<u32> {
    // The time of a timestamp says nothing about the day.
    let matched = match matched.split_at_checked(10) {
        Some((day, rest)) if rest.starts_with('T') && day.is_ascii() => day,
        _ => matched,
    };
    let mut parts = [Part::Number(0, 0); 3];
    let mut count = 0;
    let words = matched.split([' ', ',', '/', '-', '.', '\'', '’', '\u{A0}', '\n']);
    for word in words.filter(|word| !word.is_empty() && !is_filler(word)) {
        *parts.get_mut(count)? = part(word)?;
        count += 1;
    }
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
        ) => real(year, width, month, day),
        // 14/3/88 and 3/14/88.
        (Part::Number(one, 1 | 2), Part::Number(two, 1 | 2), Part::Number(year, width @ (2 | 4)), 3) => {
            real(year, width, two, one).or_else(|| real(year, width, one, two))
        }
        // 19880314 and 14031988.
        (Part::Number(all, 8), _, _, 1) => real(all / 10_000, 4, all / 100 % 100, all % 100)
            .filter(|year| (1800..2200).contains(year))
            .or_else(|| real(all % 10_000, 4, all / 10_000 % 100, all / 1_000_000)),
        _ => None,
    }
}

/// The year, if the day exists in it; a year of two digits may be of either
/// century.
fn real(year: u32, width: usize, month: u32, day: u32) -> Option<u32> {
    let centuries: &[u32] = if width == 2 { &[1900, 2000] } else { &[0] };
    let full = centuries.iter().map(|century| century + year);
    full.filter(|&year| year > 0).find(|&year| is_calendar_day(year, month, day))
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
    const FILLERS: [&str; 16] = [
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
    use crate::validate::tests::check;

    #[test]
    fn dates() {
        check(
            "date",
            &[
                "4/3/1976",
                "3/3/75",
                "14 March 1988",
                "the 14th of March, 1988",
                "March 14, 1988",
                "14-Mar-88",
                "1988-03-14",
                "1988-03-14T09:30:00Z",
                "19880314",
                "14031988",
                "12/25/1999",
                "25.12.1999",
                "Monday 14 Mar '88",
                "29/02/2000",
                "29/2/00",
                "1 Sept 2001",
                "1066-10-14",
            ],
            &[
                "31/02/1976",
                "29/02/1900",
                "13/13/1999",
                "0/1/1999",
                "14 March",
                "30 February 1988",
                "March 1988",
                "2000-13-01",
                "1976/3",
                "14 Marchy 1988",
                "1/2/3/2004",
                "14xx March 1988",
                "32 May 2001",
            ],
        );
        check(
            "dob-date",
            &["4/3/1976", "14 March 2021", "3/3/75"],
            &["1066-10-14", "14/10/1899", "1/1/2100"],
        );
    }
}
