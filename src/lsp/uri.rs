//! Files as editors name them.

use std::path::{Path, PathBuf};

/// The file that an address names; `None` for addresses of other things.
pub(super) fn to_path(uri: &str) -> Option<PathBuf> {
    let bytes = path_bytes(uri, cfg!(windows))?;
    #[cfg(unix)]
    let path = {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(bytes)
    };
    #[cfg(not(unix))]
    let path = String::from_utf8_lossy(&bytes).into_owned();
    Some(PathBuf::from(path))
}

/// The name of a text that is no file yet, as an editor shows it: `Untitled-1`.
pub(super) fn untitled(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("untitled:")?;
    let bytes = decoded(rest.split(['?', '#']).next().unwrap_or(rest));
    let text = String::from_utf8_lossy(&bytes);
    let name = text.rsplit(['/', '\\', ':']).next().filter(|name| !name.is_empty());
    let name = name.filter(|name| !matches!(*name, "." | "..") && !name.contains('\0'));
    Some(name.unwrap_or("untitled").to_owned())
}

/// The address of a file.
pub(super) fn from_path(path: &Path) -> String {
    #[cfg(unix)]
    let bytes = {
        use std::os::unix::ffi::OsStrExt;
        path.as_os_str().as_bytes().to_vec()
    };
    #[cfg(not(unix))]
    let bytes = path.to_string_lossy().into_owned().into_bytes();
    address(&bytes, cfg!(windows))
}

fn address(path: &[u8], windows: bool) -> String {
    let mut path = path.to_vec();
    let mut out = String::from("file://");
    if windows {
        // `\\?\C:\x` is C:\x, said at length.
        if path.starts_with(br"\\?\") {
            path.drain(..4);
        }
        for byte in &mut path {
            if *byte == b'\\' {
                *byte = b'/';
            }
        }
        if path.starts_with(b"//") {
            path.drain(..2);
        } else {
            out.push('/');
        }
    }
    let drive = windows && path.get(1) == Some(&b':');
    for (at, &byte) in path.iter().enumerate() {
        let plain =
            byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~');
        if plain || drive && at == 1 {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The bytes of the path an address names. Editors on Windows write `file:///c%3A/x`,
/// `file:///C:/x` and `file://server/share/x`.
fn path_bytes(uri: &str, windows: bool) -> Option<Vec<u8>> {
    let scheme = uri.get(..7).filter(|start| start.eq_ignore_ascii_case("file://"))?;
    let rest = uri.get(scheme.len()..)?;
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (host, path) = rest.split_at(rest.find('/')?);
    let mut path = decoded(path);
    if path.contains(&0) {
        return None;
    }
    let local = host.is_empty() || host.eq_ignore_ascii_case("localhost");
    if !windows {
        return local.then_some(path);
    }
    if local {
        let drive =
            matches!(path.as_slice(), [b'/', letter, b':', ..] if letter.is_ascii_alphabetic());
        if drive {
            path.remove(0);
            // One file has one name, however the letter is written.
            if let Some(letter) = path.first_mut() {
                letter.make_ascii_uppercase();
            }
        }
    } else {
        let mut share = b"//".to_vec();
        share.extend(decoded(host));
        share.append(&mut path);
        path = share;
    }
    for byte in &mut path {
        if *byte == b'/' {
            *byte = b'\\';
        }
    }
    Some(path)
}

/// The bytes behind `%20` and the like; what is no escape is taken as it stands.
fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) if byte == b'%' => {
                out.push(value);
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(byte);
                rest = behind;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_files_are_paths() {
        for (uri, path) in [
            ("file:///a/b%20c/d.md", Some("/a/b c/d.md")),
            ("file:///a/%C3%A9%F0%9F%98%80.md", Some("/a/é😀.md")),
            ("FILE://localhost/a%2Fb", Some("/a/b")),
            ("file:///a%2", Some("/a%2")),
            ("file:///a%zz+b", Some("/a%zz+b")),
            ("file:///a%25%32%30", Some("/a%20")),
            ("file:///a?query#part", Some("/a")),
            ("file://server/share", None),
            ("file:///a%00b", None),
            ("untitled:x", None),
            ("file:", None),
            ("é", None),
        ] {
            let found = path_bytes(uri, false).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(found.as_deref(), path, "{uri}");
        }
        for (uri, path) in [
            ("file:///c%3A/Users%20x/d.md", r"C:\Users x\d.md"),
            ("file:///C:/d.md", r"C:\d.md"),
            ("file://server/share/d.md", r"\\server\share\d.md"),
        ] {
            let found = path_bytes(uri, true).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(found.as_deref(), Some(path), "{uri}");
        }
    }

    #[test]
    fn paths_are_addresses() {
        assert_eq!(address("/a b/é#?.md".as_bytes(), false), "file:///a%20b/%C3%A9%23%3F.md");
        assert_eq!(address(br"C:\a b\c.md", true), "file:///C:/a%20b/c.md");
        assert_eq!(address(br"\\?\C:\a", true), "file:///C:/a");
        assert_eq!(address(br"\\server\share\a", true), "file://server/share/a");
    }

    #[test]
    fn texts_without_a_file_have_names() {
        let check = |uri: &str, name: Option<&str>| assert_eq!(untitled(uri).as_deref(), name);
        check("untitled:Untitled-1", Some("Untitled-1"));
        check("untitled:/home%20x/new.md", Some("new.md"));
        check("untitled:..", Some("untitled"));
        check("untitled:", Some("untitled"));
        check("git:/a.md", None);
    }

    proptest! {
        #[test]
        fn paths_survive_the_way_there_and_back(path in "/[a-zé😀 %#?&+;\\\\:]{0,20}") {
            let there = address(path.as_bytes(), false);
            prop_assert!(there.is_ascii());
            prop_assert_eq!(path_bytes(&there, false), Some(path.into_bytes()));
        }

        #[test]
        fn any_text_is_taken(uri in "(file://)?[/%a-f0-9é:?]{0,20}") {
            for windows in [false, true] {
                let _ = path_bytes(&uri, windows);
            }
            let _ = untitled(&uri);
        }
    }
}
