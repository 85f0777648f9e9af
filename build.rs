//! Numbers the tables of weights that come with probity, so that nobody waits for it who
//! checks a draft.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

// What the program itself uses, so that both number alike.
#[allow(dead_code, reason = "the program uses all of it")]
#[path = "src/pack/feature.rs"]
mod feature;
#[allow(dead_code, reason = "the program uses all of it")]
#[path = "src/text/number.rs"]
mod number;
#[allow(dead_code, reason = "the program uses all of it")]
#[path = "src/pack/numbers.rs"]
mod numbers;
#[path = "src/syntax/one_a_line.rs"]
mod one_a_line;
#[path = "src/text/stem.rs"]
mod stem;
mod text {
    /// Where a line stands, which nobody asks here.
    pub struct Span;

    impl Span {
        pub fn new(_start: usize, _end: usize) -> Self {
            Self
        }
    }

    pub use super::number::{join, spread, word_number};
    pub use super::stem::stem;
}

use numbers::{Numbers, features};
use one_a_line::one_a_line;

/// How the names of tables end.
const TABLE: &str = "-weights.tsv";

fn main() {
    let from = Path::new("rules/terms");
    let to = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where"));
    let listed = fs::read_dir(from).expect("the terms are beside build.rs");
    let names = listed.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(TABLE)).collect();
    names.sort();
    let mut index = String::from("&[\n");
    for name in names {
        let text = fs::read_to_string(from.join(&name)).expect("tables are text");
        let lines = one_a_line(&text).map(|(line, _)| line);
        let numbered = to.join(&name).with_extension("bin").display().to_string();
        fs::write(&numbered, Numbers::new(features(lines)).write()).expect("cargo's folder");
        let _ = writeln!(index, "(\"terms/{name}\", include_bytes!({numbered:?})),");
    }
    index.push_str("]\n");
    fs::write(to.join("numbered.rs"), index).expect("cargo's folder");
    for read in ["rules/terms", "src/pack", "src/syntax", "src/text"] {
        println!("cargo:rerun-if-changed={read}");
    }
}
