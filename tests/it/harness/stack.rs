//! The two stacks that every end-to-end test runs on.

use std::collections::BTreeMap;

/// The parts behind a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    /// SQLite, a local folder and the embedded engine.
    Embedded,
    /// PostgreSQL, MinIO and Trino.
    Real,
}

/// The variables that `scripts/services env` prints for the real parts.
const REAL: [&str; 6] = [
    "WARREN_TEST_DATABASE_URL",
    "WARREN_TEST_TRINO_URL",
    "WARREN_TEST_RESULTS_URL",
    "AWS_ENDPOINT",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
];

impl Stack {
    /// The real parts, if they are all there. Otherwise the test is skipped by name.
    pub fn real(test: &str) -> Option<Self> {
        match REAL.into_iter().find(|name| variable(name).is_none()) {
            None => Some(Self::Real),
            Some(absent) => {
                super::skipped(test, absent);
                None
            }
        }
    }

    /// The settings of a server on this stack that lives in `folder` and whose database is `database`.
    pub fn settings(self, folder: &std::path::Path, database: Option<&str>) -> BTreeMap<String, String> {
        let mut settings: BTreeMap<String, String> = [
            ("WARREN_LISTEN", "127.0.0.1:0".to_owned()),
            ("WARREN_DATA_DIR", folder.display().to_string()),
            ("WARREN_LOG", variable("WARREN_LOG").unwrap_or_else(|| "warn".to_owned())),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        if self == Self::Real {
            let own = |name: &str| variable(name).unwrap_or_default();
            let results = format!("{}/{}", own("WARREN_TEST_RESULTS_URL").trim_end_matches('/'), unique());
            settings.insert("WARREN_DATABASE_URL".to_owned(), database.unwrap_or_default().to_owned());
            settings.insert("WARREN_TRINO_URL".to_owned(), own("WARREN_TEST_TRINO_URL"));
            settings.insert("WARREN_RESULTS_URL".to_owned(), results);
            settings.extend(std::env::vars().filter(|(name, _)| name.starts_with("AWS_")));
        }
        settings
    }
}

/// A variable of the environment that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the tests are told by the environment where the real parts are")]
    let value = std::env::var(name).ok()?;
    (!value.is_empty()).then_some(value)
}

/// A name that no other test has.
pub fn unique() -> String {
    use warren::time::{Ids, System};
    System.random().simple().to_string()
}
