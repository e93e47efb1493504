//! What a configuration is built from, as values: tests give their own, `main` gives those of the process.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The variables of the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment of this process. A value that is not UTF-8 is read with replacement characters, so that it is
    /// refused where it matters instead of being overlooked.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// A variable. One that is empty counts as not set, as `docker compose` passes on what is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Every variable that is not empty.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// A setting that was given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The flag as people write it, such as `--listen`.
    pub name: String,
    /// The key of the setting.
    pub key: String,
    /// The value.
    pub value: String,
}

/// Everything that a configuration is built from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The environment.
    pub environment: Environment,
    /// What relative paths are relative to; absolute.
    pub working_dir: PathBuf,
    /// The file that `--config` names.
    pub file: Option<PathBuf>,
    /// Settings of the command line.
    pub flags: Vec<Flag>,
}

impl Sources {
    /// An absolute path.
    pub(super) fn absolute(&self, path: &str) -> PathBuf {
        self.working_dir.join(path.strip_prefix("./").unwrap_or(path))
    }
}
