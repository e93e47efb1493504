//! The known name that somebody who mistyped one most likely meant.

use strsim::jaro_winkler;

/// How alike two names must be for one to be offered for the other.
const ALIKE: f64 = 0.8;

/// What every variable begins with, and what therefore says nothing about which one was meant.
const PREFIX: &str = "WARREN_";

/// The known name that is most like `name`, if any is like it.
pub(super) fn nearest(name: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let own = |name: &str| name.strip_prefix(PREFIX).unwrap_or(name).to_lowercase();
    let wanted = own(name);
    let scored = known.map(|other| (jaro_winkler(&wanted, &own(other)), other)).filter(|(score, _)| *score >= ALIKE);
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, other)| other)
}
