//! Why a configuration is refused.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::Origin;

/// A configuration that Warren does not start with. The values of secrets are masked.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or cannot be read.
    #[error("the configuration file {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML. The line itself is not shown, because it may hold a secret.
    #[error("the configuration file {} is not valid TOML{}: {message}", path.display(), shown(*place))]
    Toml {
        /// The file.
        path: PathBuf,
        /// Where, if that is known.
        place: Option<FilePlace>,
        /// Why.
        message: String,
    },
    /// A key of the file or of `--set` that does not exist.
    #[error("there is no setting '{key}' ({origin})")]
    UnknownKey {
        /// The key.
        key: String,
        /// Where it stands.
        origin: Origin,
        /// The key that was perhaps meant.
        nearest: Option<&'static str>,
    },
    /// A variable that does not exist.
    #[error("there is no variable {name}")]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The variable that was perhaps meant.
        nearest: Option<&'static str>,
    },
    /// A value that the setting cannot have.
    #[error("{key} = {value} ({origin}) is not {expected}")]
    Invalid {
        /// The key.
        key: String,
        /// The value, masked where it is a secret.
        value: String,
        /// Where it comes from.
        origin: Origin,
        /// What it should be.
        expected: String,
    },
    /// Everybody in the network could run queries.
    #[error("{listen} can be reached from other machines, and auth.mode = none lets everybody in")]
    OpenBeyondLoopback {
        /// The address.
        listen: SocketAddr,
    },
    /// A lease that ends before it is renewed.
    #[error("worker.lease_ms = {lease_ms} must be at least twice worker.renew_ms = {renew_ms}")]
    LeaseTooShort {
        /// The lease.
        lease_ms: u128,
        /// How often it is renewed.
        renew_ms: u128,
    },
    /// A setting of a catalogue that is not there.
    #[error("{key} is set, but no openmetadata.url")]
    NoOpenMetadata {
        /// The key.
        key: &'static str,
    },
    /// A setting of a receiver of events that is not there.
    #[error("{key} is set, but no openlineage.url")]
    NoOpenLineage {
        /// The key.
        key: &'static str,
    },
    /// Two ways of saying one token.
    #[error("{} and {} exclude each other", keys[0], keys[1])]
    TokenTwice {
        /// Their keys.
        keys: [&'static str; 2],
    },
    /// Two ways of saying which clusters there are.
    #[error("{} has both trino.url and [[cluster]]", path.display())]
    ClustersTwice {
        /// The file.
        path: PathBuf,
    },
    /// A cluster that cannot be.
    #[error("cluster '{cluster}': {fault}")]
    Cluster {
        /// Its name.
        cluster: String,
        /// What is wrong.
        fault: ClusterFault,
    },
}

/// A place in a file, in lines and characters from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

fn shown(place: Option<FilePlace>) -> String {
    place.map(|FilePlace { line, column }| format!(" at line {line}, column {column}")).unwrap_or_default()
}

/// What is wrong with the settings of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClusterFault {
    /// Two clusters have this name.
    #[error("there are two of this name")]
    Duplicate,
    /// The name has characters that it may not have.
    #[error("a name has letters, digits, '-' and '_'")]
    Name,
    /// The URL is none, or not of HTTP.
    #[error("'{0}' is not an http:// or https:// url")]
    Url(String),
    /// A password and a token.
    #[error("a password and a token exclude each other")]
    TwoCredentials,
    /// A password and no user.
    #[error("the password has no user")]
    NoUser,
    /// A user and no password.
    #[error("a user without a password has no effect: queries run as the user who submits them")]
    NoPassword,
    /// Credentials and no URL.
    #[error("there are credentials but no url")]
    NoUrl,
}

impl ConfigError {
    /// What to do next, where that is more than the message says.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { nearest: Some(known), .. } | Self::UnknownVariable { nearest: Some(known), .. } => {
                Some(format!("did you mean {known}?"))
            }
            Self::UnknownKey { .. } | Self::UnknownVariable { .. } => {
                Some("`warren config` lists every setting with its key and its variable".to_owned())
            }
            Self::OpenBeyondLoopback { .. } => Some(
                "leave WARREN_AUTH out or set it to tokens, and make a token with `warren token create`; \
                 or listen on 127.0.0.1"
                    .to_owned(),
            ),
            Self::NoOpenMetadata { .. } => Some("set WARREN_OPENMETADATA_URL too, or leave it out".to_owned()),
            Self::NoOpenLineage { .. } => Some("set WARREN_OPENLINEAGE_URL too, or leave it out".to_owned()),
            Self::ClustersTwice { .. } | Self::TokenTwice { .. } => Some("keep one of them".to_owned()),
            Self::Unreadable { .. }
            | Self::Toml { .. }
            | Self::Invalid { .. }
            | Self::LeaseTooShort { .. }
            | Self::Cluster { .. } => None,
        }
    }
}
