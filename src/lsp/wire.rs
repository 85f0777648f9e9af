//! Messages in and out. The transport of `lsp_server` ends at the first message that is
//! no JSON and reserves as much memory as a header asks for; this one answers and reads
//! on.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::Sender;

use lsp_server::{ErrorCode, Message, RequestId};
use serde_json::{Value, json};

use super::server::Event;

/// No line of a header is longer than this.
const LONGEST_HEADER: u64 = 4 * 1024;

/// No message is longer than this; a text of 50 MB fits several times.
const LONGEST_MESSAGE: u64 = 512 * 1024 * 1024;

/// What was read.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message.
    Message(Message),
    /// An answer to a request of ours; none of them tells anything we must know.
    Response,
    /// Something that is none, to be answered with an error.
    Malformed {
        /// The request it seems to be.
        id: Option<RequestId>,
        code: ErrorCode,
        message: String,
    },
}

/// Reads messages on a thread of its own until there are no more.
pub(super) fn read_aside(mut input: Box<dyn BufRead + Send>, events: Sender<Event>) {
    std::thread::spawn(move || {
        while let Ok(Some(incoming)) = read(&mut *input) {
            if events.send(Event::Incoming(incoming)).is_err() {
                return;
            }
        }
        let _ = events.send(Event::End);
    });
}

/// Reads the next message; `None` at the end.
fn read(input: &mut dyn BufRead) -> io::Result<Option<Incoming>> {
    let mut length: Option<u64> = None;
    let mut odd = false;
    loop {
        let mut line = Vec::new();
        if input.take(LONGEST_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            // Blank lines between messages do no harm.
            if length.is_some() || odd {
                break;
            }
            continue;
        }
        match line.split_once(':') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
                odd |= length.is_none();
            }
            Some((name, _)) if name.trim().eq_ignore_ascii_case("content-type") => {}
            _ => odd = true,
        }
    }
    let Some(length) = length else {
        return Ok(Some(malformed(None, ErrorCode::ParseError, "the header has no length")));
    };
    if length > LONGEST_MESSAGE {
        io::copy(&mut input.take(length), &mut io::sink())?;
        return Ok(Some(malformed(None, ErrorCode::InvalidRequest, "the message is too long")));
    }
    let mut body = Vec::new();
    if (input.take(length).read_to_end(&mut body)? as u64) < length {
        return Ok(None);
    }
    Ok(Some(parse(&body)))
}

fn parse(body: &[u8]) -> Incoming {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => {
            let message = format!("the message is not JSON: {error}");
            return malformed(None, ErrorCode::ParseError, &message);
        }
    };
    let id = value.get("id").and_then(|id| serde_json::from_value(id.clone()).ok());
    let has = |key: &str| value.get(key).is_some();
    // However it is spelled: an answer to an answer would never end.
    if !has("method") && (has("result") || has("error")) {
        return Incoming::Response;
    }
    // A request whose id cannot be read must not pass for a notification.
    let well_formed = value.get("id").is_none_or(|_| id.is_some());
    match serde_json::from_value(value) {
        Ok(message) if well_formed => Incoming::Message(message),
        _ => malformed(id, ErrorCode::InvalidRequest, "this is no message of the protocol"),
    }
}

fn malformed(id: Option<RequestId>, code: ErrorCode, message: &str) -> Incoming {
    Incoming::Malformed { id, code, message: message.to_owned() }
}

/// Writes an answer to something that was no message.
pub(super) fn write_error(
    out: &mut dyn Write,
    id: Option<&RequestId>,
    code: ErrorCode,
    message: &str,
) -> io::Result<()> {
    let error = json!({ "code": code as i32, "message": message });
    let body = json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string();
    write!(out, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_all(bytes: &[u8]) -> Vec<Incoming> {
        let mut input = bytes;
        std::iter::from_fn(|| read(&mut input).unwrap()).collect()
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn messages_are_read_after_what_is_none() {
        let good = framed(r#"{"jsonrpc":"2.0","id":1,"method":"shutdown"}"#);
        for (bad, code, id) in [
            (framed("{"), -32700, None),
            (framed("\"é\u{7}"), -32700, None),
            (framed("[]"), -32600, None),
            (framed(r#"{"id":7}"#), -32600, Some(7)),
            (framed(r#"{"id":9999999999,"method":"x"}"#), -32600, None),
            (framed(r#"{"id":null,"method":"x"}"#), -32600, None),
            ("X-Odd: 1\r\n\r\n".to_owned(), -32700, None),
            ("Content-Length: many\r\n\r\n".to_owned(), -32700, None),
            ("no header at all\n\n".to_owned(), -32700, None),
        ] {
            let read = read_all(format!("{bad}{good}").as_bytes());
            let [Incoming::Malformed { id: found, code: found_code, .. }, Incoming::Message(_)] =
                read.as_slice()
            else {
                panic!("{bad:?}: {read:?}");
            };
            assert_eq!((*found_code as i32, found.clone()), (code, id.map(RequestId::from)));
        }
    }

    #[test]
    fn a_length_that_is_never_reached_ends_the_input() {
        assert!(read_all(b"Content-Length: 99999999999999\r\n\r\n{}").len() <= 1);
        assert!(read_all(b"Content-Length: 500000000\r\n\r\n{}").is_empty());
        let answer = framed(r#"{"id":null,"error":{"code":1,"message":""}}"#);
        assert!(matches!(read_all(answer.as_bytes()).as_slice(), [Incoming::Response]));
        let odd = "content-length:2\ncontent-type: x\n\n{}";
        assert_eq!(read_all(odd.as_bytes()).len(), 1);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            read_all(&bytes);
        }
    }
}
