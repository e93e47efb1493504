//! How long a command of the model queue waits between its tries.

use std::time::Duration;

/// The waits before the tries after the first; the last one stays.
const WAITS: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_hours(1),
];

/// How long a command waits that was tried so often, this try among them.
#[must_use]
pub fn wait_after(attempts: u32) -> Duration {
    let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    WAITS.get(place).or(WAITS.last()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour() {
        let waits: Vec<u64> = (0..=7).map(|attempts| wait_after(attempts).as_secs()).collect();
        assert_eq!(waits, [10, 10, 30, 120, 600, 3600, 3600, 3600]);
    }
}
