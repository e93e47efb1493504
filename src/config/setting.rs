//! One setting: its names in the file and the environment, its default, and what it means.

/// One setting. The file, the environment, `warren config` and the documentation all go by this value.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key in the file, with its section: `worker.slots`.
    pub key: &'static str,
    /// The variable of the environment.
    pub variable: &'static str,
    /// The default as it would be written; absent where it depends on others or where there is none.
    pub default: Option<&'static str>,
    /// What counts without a default, in words.
    pub otherwise: &'static str,
    /// What of it may be shown.
    pub secrecy: Secrecy,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

/// What of a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// All of it.
    Public,
    /// All but the password and parameters with a secret's name.
    Url,
    /// Nothing.
    Secret,
}

impl Setting {
    pub(super) const fn new(key: &'static str, variable: &'static str, meaning: &'static str) -> Self {
        Self { key, variable, default: None, otherwise: "none", secrecy: Secrecy::Public, meaning }
    }

    pub(super) const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    pub(super) const fn otherwise(self, otherwise: &'static str) -> Self {
        Self { otherwise, ..self }
    }

    pub(super) const fn secrecy(self, secrecy: Secrecy) -> Self {
        Self { secrecy, ..self }
    }
}
