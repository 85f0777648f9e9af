//! Files that are written whole or not at all.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file under construction. It stands beside its place and is renamed when it is
/// finished, so that nobody ever sees half of it. What is there and is no file (a pipe,
/// a device) is written to as it is; a link stays a link, and a file keeps its
/// permissions.
#[derive(Debug)]
pub(super) struct Place {
    out: BufWriter<File>,
    rename: Option<Rename>,
}

#[derive(Debug)]
struct Rename {
    part: PathBuf,
    path: PathBuf,
    permissions: Option<Permissions>,
}

impl Place {
    /// Starts to write.
    pub fn create(path: &Path) -> io::Result<Self> {
        let there = std::fs::metadata(path).ok();
        if there.as_ref().is_some_and(|there| !there.is_file() && !there.is_dir()) {
            let out = BufWriter::new(File::options().write(true).open(path)?);
            return Ok(Self { out, rename: None });
        }
        let path = match there {
            Some(_) => std::fs::canonicalize(path)?,
            None => path.to_owned(),
        };
        if path.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let part = path.with_file_name(name);
        let out = BufWriter::new(File::create(&part)?);
        let permissions = there.map(|there| there.permissions());
        Ok(Self { out, rename: Some(Rename { part, path, permissions }) })
    }

    /// Puts the file into its place.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()?;
        let Some(rename) = self.rename.take() else { return Ok(()) };
        let put = || {
            self.out.get_ref().sync_all()?;
            if let Some(permissions) = &rename.permissions {
                std::fs::set_permissions(&rename.part, permissions.clone())?;
            }
            std::fs::rename(&rename.part, &rename.path)
        };
        let result = put();
        if result.is_err() {
            self.rename = Some(rename);
        }
        result
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(rename) = &self.rename {
            // Best effort: the error that is reported is the one that matters.
            let _ = std::fs::remove_file(&rename.part);
        }
    }
}
