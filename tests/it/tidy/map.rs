//! `ARCHITECTURE.md` is true: what it names exists, and what exists it names.

use std::collections::BTreeSet;
use std::fs;

use super::source::{read, root};

/// The paths that a page names: in backticks, with a slash or a known ending.
fn named_paths(page: &str) -> BTreeSet<String> {
    page.split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| !code.contains([' ', '*', '{', '<', ':', '(']) && !code.starts_with('/'))
        .filter(|code| {
            let file = [".rs", ".md", ".toml"].iter().any(|end| code.ends_with(end));
            file || code.contains('/') || ["entity", "migration"].contains(code)
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_path_that_the_pages_name_exists() {
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        for path in named_paths(&read(page)) {
            assert!(root().join(&path).exists(), "{page} names {path}, which does not exist");
        }
    }
}

#[test]
fn every_package_and_every_room_is_on_the_map() {
    let named = named_paths(&read("ARCHITECTURE.md"));
    let mut rooms: Vec<String> = ["entity", "migration"].map(str::to_owned).to_vec();
    for folder in ["crates", "src"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            if name != "lib.rs" {
                rooms.push(format!("{folder}/{name}"));
            }
        }
    }
    let missing: Vec<_> =
        rooms.into_iter().filter(|room| !named.contains(room) && !named.contains(&format!("{room}/"))).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:#?}");
}
