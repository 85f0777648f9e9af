//! Packs and lists that somebody should have reviewed by now.

use std::sync::Arc;

use jiff::civil::Date;

use super::Output;
use crate::finding::Notice;
use crate::judge::safe;
use crate::pack::{Pack, PackSet};

/// A notice for every pack in use that is due on this day.
pub(super) fn overdue(set: &PackSet, today: Date) -> Vec<Notice> {
    let notice = |pack: &Arc<Pack>| {
        let mut message = pack.overdue(today)?;
        if pack.shipped {
            message.push_str("; look for a newer version of probity");
        }
        // The file of a shipped pack is inside the program.
        let path = if pack.shipped { pack.id.clone() } else { pack.file.name.clone() };
        Some(Notice { path, line: None, message, unchecked: false })
    };
    set.packs().iter().filter_map(notice).collect()
}

/// Says the same where there is no report.
pub(super) fn say_overdue(set: &PackSet, today: Date, output: &Output) {
    for notice in overdue(set, today) {
        let line = format!("note: {}: {}", notice.path, notice.message);
        output.say(&format!("{}\n", safe(&line)));
    }
}
