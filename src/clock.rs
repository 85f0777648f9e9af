//! The day it is. Only here the clock is read; everything else is told a day.

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

/// The day it is here, by the clock and the time zone of this machine.
pub fn today() -> Date {
    Zoned::now().date()
}

/// The time it is, to the second.
pub fn this_second() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
