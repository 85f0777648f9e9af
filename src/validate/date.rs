//! Calendar dates as people write them.

use crate::dates;

/// A date with its year, in one of the usual orders.
pub(super) fn date(matched: &str) -> bool {
    dates::readings(matched).next().is_some()
}

/// A date someone alive can be born on. No clock is asked: whether it lies in
/// the future is for a rule that knows the day.
pub(super) fn birth(matched: &str) -> bool {
    dates::readings(matched).next().is_some_and(|day| (1900..2100).contains(&day.year()))
}

/// Whether the day exists in the Gregorian calendar.
pub(super) fn is_calendar_day(year: u32, month: u32, day: u32) -> bool {
    dates::day(year, month, day).is_some()
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
