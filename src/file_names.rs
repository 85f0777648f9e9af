//! Names of files as text, those included that are no Unicode.
//!
//! Systems other than Windows have names of any bytes. Replaced by one character, such
//! bytes would make two files look the same: what is accepted in one would be accepted in
//! the other, and no address would lead to either.

use std::path::{Path, PathBuf};

/// The length of `<0xE9>`.
const LEN: usize = 6;

/// The name of a file as text: a byte that is no UTF-8 as `<0xE9>`. No two names become
/// the same text: where a name has what looks like that, its `<` is written as `<0x3C>`.
pub fn name_of(path: &Path) -> String {
    let mut out = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find('<') {
            let (before, behind) = rest.split_at(at);
            out.push_str(before);
            out.push_str(if byte_of(behind.as_bytes()).is_some() { "<0x3C>" } else { "<" });
            rest = &behind[1..];
        }
        out.push_str(rest);
        for byte in chunk.invalid() {
            out.push_str(&format!("<0x{byte:02X}>"));
        }
    }
    out
}

/// The bytes of the file that a text of [`name_of`] names.
pub fn bytes_of(name: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        if let Some(byte) = byte_of(rest) {
            out.push(byte);
            rest = rest.get(LEN..).unwrap_or_default();
        } else {
            out.push(first);
            rest = behind;
        }
    }
    out
}

/// The path that a text of [`name_of`] names.
pub fn path_of(name: &str) -> PathBuf {
    let bytes = bytes_of(name);
    #[cfg(unix)]
    let name = {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(bytes)
    };
    #[cfg(not(unix))]
    let name = String::from_utf8_lossy(&bytes).into_owned();
    PathBuf::from(name)
}

/// The byte that is spelled out at the start of a text.
fn byte_of(text: &[u8]) -> Option<u8> {
    let digits = text.strip_prefix(b"<0x")?.get(..2)?;
    let upper = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F'));
    if !upper || text.get(LEN - 1) != Some(&b'>') {
        return None;
    }
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use proptest::prelude::*;

    use super::*;

    fn name(bytes: &[u8]) -> String {
        name_of(Path::new(OsStr::from_bytes(bytes)))
    }

    #[test]
    fn bytes_that_are_no_text_are_spelled_out() {
        assert_eq!(name("a/ä <b>😀.md".as_bytes()), "a/ä <b>😀.md");
        assert_eq!(name(b"caf\xe9.md"), "caf<0xE9>.md");
        assert_eq!(name(b"\xf0\x9f.md"), "<0xF0><0x9F>.md");
        assert_eq!(name(b"<0xE9><0xe9><0xE"), "<0x3C>0xE9><0xe9><0xE");
        assert_eq!(bytes_of("caf<0xE9>.md"), b"caf\xe9.md");
    }

    proptest! {
        #[test]
        fn every_name_is_found_again(bytes in "(<|0x|3C|E9|>|[\\x00-\\xff]){0,12}".prop_map(|text| {
            text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect::<Vec<u8>>()
        })) {
            let written = name(&bytes);
            prop_assert_eq!(bytes_of(&written), bytes.clone());
            let path = path_of(&written);
            prop_assert_eq!(path.as_os_str().as_bytes(), bytes.as_slice());
        }
    }
}
/// The patterns that a glob of somebody's settings stands for: what it names, and all that
/// is in it if that is a folder.
///
/// # Errors
///
/// In plain words, where it is written as globs are elsewhere and would match nothing.
pub fn glob_patterns(written: &str) -> Result<[String; 2], &'static str> {
    if written.starts_with('!') {
        return Err("a glob cannot be turned round with `!`; name what is meant");
    }
    // A character that is meant as such is escaped; a letter needs no escape.
    let mut escaped = written.split('\\').skip(1);
    if escaped.any(|rest| rest.starts_with(char::is_alphanumeric) || rest.starts_with("**")) {
        return Err("folders are parted by `/` in a glob, not by `\\`");
    }
    // As in files of Git, what begins with a slash begins in the folder of the settings.
    let here = written.strip_prefix("./").or_else(|| written.strip_prefix('/'));
    let named = here.filter(|rest| !rest.is_empty()).unwrap_or(written);
    Ok([named.to_owned(), format!("{}/**", named.trim_end_matches('/'))])
}
