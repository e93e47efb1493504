//! How large things may be, and how a file begins.

use super::source::{FOLDERS, read, rust_files};

const FILE_LINES: usize = 400;
const TEST_FILE_LINES: usize = 800;
const MAIN_LINES: usize = 40;
/// A handler translates and calls one function.
const HANDLER_LINES: usize = 40;

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.starts_with("tests/") || path.ends_with("tests.rs")
}

#[test]
fn no_file_is_longer_than_its_budget() {
    let mut over = Vec::new();
    for file in FOLDERS.iter().flat_map(|folder| rust_files(folder)) {
        let budget = if is_test(&file.path) { TEST_FILE_LINES } else { FILE_LINES };
        let lines = file.text.lines().count();
        if lines > budget {
            over.push(format!("{} has {lines} lines, {budget} are allowed", file.path));
        }
    }
    assert!(over.is_empty(), "{over:#?}");
    assert!(read("src/main.rs").lines().count() <= MAIN_LINES, "src/main.rs only dispatches");
}

#[test]
fn every_file_says_first_what_lives_in_it() {
    let silent: Vec<String> = FOLDERS
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|file| !file.text.starts_with("//! ") && !file.text.starts_with("#!["))
        .map(|file| file.path)
        .collect();
    assert!(silent.is_empty(), "no module doc on the first line: {silent:#?}");
}

#[test]
fn a_lint_is_expected_with_a_reason_or_not_at_all() {
    let mut found = Vec::new();
    for file in FOLDERS.iter().flat_map(|folder| rust_files(folder)) {
        if file.path.starts_with("tests/it/tidy/") {
            continue;
        }
        for (number, line) in file.text.lines().enumerate() {
            let line = line.trim_start();
            if ["#[allow(", "#![allow(", "#[ignore"].iter().any(|start| line.starts_with(start)) {
                found.push(format!("{}:{}: {line}", file.path, number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_handler_fits_on_a_screen() {
    let mut over = Vec::new();
    for file in rust_files("src/http") {
        for (name, lines) in functions(&file.text) {
            if lines > HANDLER_LINES {
                over.push(format!("{}: {name} has {lines} lines, {HANDLER_LINES} are allowed", file.path));
            }
        }
    }
    assert!(over.is_empty(), "{over:#?}");
}

/// Each function with its number of lines, by the indentation that rustfmt gives it.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let words = [
            "pub async fn ",
            "pub(super) async fn ",
            "pub(crate) async fn ",
            "async fn ",
            "pub fn ",
            "pub(super) fn ",
            "fn ",
        ];
        let Some(rest) = words.iter().find_map(|word| code.strip_prefix(word)) else { continue };
        let name = rest.split(['(', '<']).next().unwrap_or_default().to_owned();
        let end = format!("{}}}", " ".repeat(indent));
        if let Some(length) = lines[start..].iter().position(|line| *line == end) {
            found.push((name, length + 1));
        }
    }
    found
}
