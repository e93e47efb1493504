//! Names that were perhaps meant.

use strsim::jaro_winkler;

/// How alike a name must be to be offered.
const NEAR: f64 = 0.8;
const SUGGESTIONS: usize = 5;

/// The few of the known names that are most like this one, the nearest first.
#[must_use]
pub fn near(name: &str, known: impl IntoIterator<Item = String>) -> Vec<String> {
    let name = name.to_lowercase();
    let mut near: Vec<(f64, String)> = known
        .into_iter()
        .map(|other| (jaro_winkler(&name, &other.to_lowercase()), other))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    near.dedup_by(|a, b| a.1 == b.1);
    near.into_iter().take(SUGGESTIONS).map(|(_, other)| other).collect()
}
