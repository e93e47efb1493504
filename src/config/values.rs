//! The layers on top of each other: for each setting the text that counts, and where it came from.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::clusters::URL;
use super::file::File;
use super::mask::{masked, masked_url, masked_variable};
use super::nearest::nearest;
use super::{ClusterConfig, ConfigError, Setting, Sources, settings};

/// Variables that begin with `WARREN_` and belong to the command line, the scripts or the tests.
const OTHER_VARIABLES: [&str; 4] = ["WARREN_SERVER", "WARREN_API_TOKEN", super::file::VARIABLE, "WARREN_KEEP_SERVICES"];
const TEST_VARIABLES: &str = "WARREN_TEST_";
const SERVICES_VARIABLES: &str = "WARREN_SERVICES_";

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A setting as it counts, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The key in the file, or the name of a variable that belongs to the result store.
    pub key: String,
    /// The value, masked where it is a secret; absent where nothing is set.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: Origin,
}

/// The text of a setting and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// The texts of all settings.
#[derive(Debug)]
pub(super) struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// Puts the flags on the environment on the file on the defaults.
    pub(super) fn layered(sources: &Sources, file: &File) -> Result<Self, ConfigError> {
        let mut values = Self(BTreeMap::new());
        for setting in settings() {
            if let Some(text) = setting.default {
                values.set(setting, text, Origin::Default);
            }
        }
        for (key, text) in &file.values {
            let origin = Origin::File(file.path.clone());
            let setting = known(key, &origin)?;
            values.set(setting, text, origin);
        }
        for (name, text) in sources.environment.iter().filter(|(name, _)| name.starts_with("WARREN_")) {
            match settings().find(|setting| setting.variable == name) {
                Some(setting) => values.set(setting, text, Origin::Variable(name.to_owned())),
                None if OTHER_VARIABLES.contains(&name) || is_of_the_scripts(name) => {}
                None => {
                    let nearest = nearest(name, settings().map(|setting| setting.variable).chain(OTHER_VARIABLES));
                    return Err(ConfigError::UnknownVariable { name: name.to_owned(), nearest });
                }
            }
        }
        for flag in &sources.flags {
            let origin = Origin::Flag(flag.name.clone());
            let setting = known(&flag.key, &origin)?;
            values.set(setting, &flag.value, origin);
        }
        Ok(values)
    }

    fn set(&mut self, setting: &Setting, text: &str, origin: Origin) {
        self.0.insert(setting.key, Value { text: text.trim().to_owned(), origin });
    }

    /// Gives a setting that nobody set the default that follows from others.
    pub(super) fn derive(&mut self, setting: &Setting, text: String) {
        self.0.entry(setting.key).or_insert(Value { text, origin: Origin::Default });
    }

    pub(super) fn get(&self, setting: &Setting) -> Option<&Value> {
        self.0.get(setting.key)
    }

    pub(super) fn text(&self, setting: &Setting) -> Option<&str> {
        self.get(setting).map(|value| value.text.as_str())
    }

    /// What `read` makes of a setting that has a default.
    pub(super) fn read<T>(
        &self,
        setting: &Setting,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let value = self.get(setting);
        let found = value.and_then(|value| read(&value.text));
        found.ok_or_else(|| ConfigError::Invalid {
            key: setting.key.to_owned(),
            value: value.map_or_else(|| "''".to_owned(), |value| masked(&value.text, setting.secrecy)),
            origin: value.map_or(Origin::Default, |value| value.origin.clone()),
            expected: expected.to_owned(),
        })
    }

    /// A whole number within a range.
    pub(super) fn number<N>(&self, setting: &Setting, range: RangeInclusive<N>) -> Result<N, ConfigError>
    where
        N: std::str::FromStr + PartialOrd + fmt::Display,
    {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        let read = |text: &str| text.replace('_', "").parse().ok().filter(|number| range.contains(number));
        self.read(setting, &expected, read)
    }

    /// A time in milliseconds within a range.
    pub(super) fn millis(&self, setting: &Setting, range: RangeInclusive<u64>) -> Result<Duration, ConfigError> {
        self.number(setting, range).map(Duration::from_millis)
    }

    /// Everything as it counts, without secrets.
    pub(super) fn effective(
        &self,
        clusters: &[ClusterConfig],
        results_options: &BTreeMap<String, String>,
    ) -> Vec<Effective> {
        let own = settings().map(|setting| {
            let value = self.get(setting);
            Effective {
                key: setting.key.to_owned(),
                value: value.map(|value| masked(&value.text, setting.secrecy)),
                origin: value.map_or(Origin::Default, |value| value.origin.clone()),
            }
        });
        let named = if self.get(&URL).is_some() { &[] } else { clusters };
        let clusters = named.iter().map(|cluster| Effective {
            key: format!("cluster.{}", cluster.name),
            value: Some(masked_url(cluster.url.as_str())),
            origin: cluster.origin.clone(),
        });
        let options = results_options.iter().map(|(name, value)| Effective {
            key: name.clone(),
            value: Some(masked_variable(name, value).to_owned()),
            origin: Origin::Variable(name.clone()),
        });
        own.chain(clusters).chain(options).collect()
    }
}

/// Whether the variable is for the scripts and tests of the project.
fn is_of_the_scripts(name: &str) -> bool {
    name.starts_with(TEST_VARIABLES) || name.starts_with(SERVICES_VARIABLES)
}

fn known(key: &str, origin: &Origin) -> Result<&'static Setting, ConfigError> {
    settings().find(|setting| setting.key == key).ok_or_else(|| ConfigError::UnknownKey {
        key: key.to_owned(),
        origin: origin.clone(),
        nearest: nearest(key, settings().map(|setting| setting.key)),
    })
}
