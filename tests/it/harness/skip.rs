//! A test that cannot run says so by name, and fails where nothing may be skipped.

use std::fs::OpenOptions;
use std::io::Write;

use super::stack::variable;

/// Says that a test is skipped, and why. With `CI=true` that is a failure, but for data that is no part of the project
/// and lies beside it in `shared/`.
pub fn skipped(test: &str, absent: &str) {
    let line = format!("skipped: {test}: {absent} is absent");
    let may_be_absent = absent.starts_with("shared/") || variable("CI").as_deref() != Some("true");
    assert!(may_be_absent, "{line}, and with CI=true nothing may be skipped");
    println!("{line}");
    if let Some(path) = variable("WARREN_TEST_SKIPS") {
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        writeln!(file, "{line}").unwrap();
    }
}
