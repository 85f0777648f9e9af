//! Tables and lists of posts that wait to be published, as schedulers of social media
//! take and give them.

use crate::dates;
use crate::record::{SCHEDULED, bare_name, same_name};

/// Schedulers, and their columns that hold published text, without letter case, spaces,
/// `_` and `-`. From their own documentation of imports and exports.
#[rustfmt::skip]
pub const SCHEDULERS: &[(&str, &[&str])] = &[
    ("hootsuite", &["message", "text", "note", "linkdescription"]),
    ("buffer", &["text", "posttext", "caption", "firstcomment", "alttext"]),
    ("sprout", &["message", "messagetext", "post", "text", "comment", "note"]),
];

/// More columns of such tables that people read once the post is out.
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "message", "text", "messagetext", "posttext", "postcopy", "postmessage", "copy", "caption",
    "post", "content", "body", "tweet", "tweettext", "description", "firstcomment",
    "followupcomment", "comment", "comments", "alttext", "imagealttext", "imagealt", "altdescription",
    "imagedescription", "videotitle", "pintitle", "linktitle", "linkdescription", "thread",
];

/// Columns of which such a table has one. A table with a `comment` and a time may be one
/// of appointments.
#[rustfmt::skip]
const POSTS: &[&str] = &[
    "message", "text", "messagetext", "posttext", "postcopy", "postmessage", "copy", "caption",
    "post", "content", "tweet", "tweettext",
];

/// Columns that such a table may have beside a text and a time, and others rarely.
#[rustfmt::skip]
const SOCIAL: &[&str] = &[
    "platform", "platforms", "network", "networks", "socialnetwork", "socialnetworks",
    "socialprofile", "socialprofiles", "socialaccount", "postedto", "hashtags", "imageurl", "imageurls", "videourl", "videourls", "gifurl",
    "mediaurl", "mediaurls", "link", "firstcomment", "alttext", "imagealttext", "time24hr",
    "posttype", "utm",
];

/// Names of times that only a post waiting to be published has.
#[rustfmt::skip]
const TIMES: &[&str] = &[
    "scheduledat", "scheduledtime", "scheduleddate", "scheduledfor", "scheduletime",
    "scheduledate", "scheduled", "schedule", "postingtime", "postingdate", "postat",
    "postatspecifictime", "publishat", "publishtime",
];

/// Whether these are the names of a table or list of posts: a text, a time at which it
/// is published, and where the time could be that of anything, something that only posts
/// have.
pub(super) fn is_queue<'n>(names: impl Iterator<Item = &'n str>) -> bool {
    let bare: Vec<String> = names.map(bare_name).collect();
    let has = |known: &[&str]| bare.iter().any(|name| known.contains(&&**name));
    let timed = || bare.iter().any(|name| SCHEDULED.iter().any(|field| same_name(field, name)));
    has(POSTS) && (has(TIMES) || (has(SOCIAL) && timed()))
}

/// Whether a column of such a table is published text.
pub(super) fn is_text(bare: &str) -> bool {
    TEXTS.contains(&bare)
        || SCHEDULERS.iter().any(|(_, columns)| columns.contains(&bare))
        || bare.contains("alttext")
        || bare.contains("firstcomment")
}

/// The columns of a table without a header, as Hootsuite takes it: a time, a message
/// and a link. `None` where the first row is a header.
pub(super) fn names_without_header(first: &[String]) -> Option<Vec<String>> {
    let (time, message) = (first.first()?, first.get(1)?);
    // Letters in front of the message: not two times, as logs have them.
    let is_time = time.contains(':') && dates::readings(time).next().is_some();
    let is_message = message.chars().any(char::is_alphabetic) && !message.starts_with("http");
    if !is_time || !is_message {
        return None;
    }
    let known = ["Date", "Message", "Link"];
    let name = |at: usize| known.get(at).map_or(format!("column {}", at + 1), ToString::to_string);
    Some((0..first.len()).map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_are_told_from_other_tables() {
        for names in [
            "Text,Image URL,Tags,Posting Time",
            "date,time_24hr,message_text,link",
            "Date,Message,Link",
            "Scheduled time,Network,Message",
            "content,image_url,scheduled_time,comments",
            "postAtSpecificTime,content",
            "Post copy,First comment,Publish date",
        ] {
            assert!(is_queue(names.split(',')), "{names}");
        }
        for names in [
            "id,date,notes",
            "date,text",
            "Scheduled time,room",
            "name,network",
            "title,date,body",
            "date,description,channel",
            "scheduled_at,comments,platform",
        ] {
            assert!(!is_queue(names.split(',')), "{names}");
        }
    }

    #[test]
    fn a_first_row_that_is_a_post_is_no_header() {
        let names = |row: &[&str]| {
            names_without_header(&row.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(
            names(&["2026-03-14 09:30", "Hello", "https://x.example", "y"]).unwrap(),
            ["Date", "Message", "Link", "column 4"]
        );
        assert!(names(&["14/03/2026 09:30", "Hello"]).is_some());
        for row in [
            &["date", "message"][..],
            &["2026-03-14", "Hello"],
            &["2026-03-14 09:30", "12.5"],
            &["2026-03-14 09:30"],
            &["09:30", "Hello"],
        ] {
            assert_eq!(names(row), None, "{row:?}");
        }
    }
}
