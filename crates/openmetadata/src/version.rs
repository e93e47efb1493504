//! A server's version, and what follows from it. Every difference between versions that Warren cares about is in
//! [`Capabilities`]; nothing else compares versions.

use std::fmt;
use std::str::FromStr;

use crate::fqn::Grammar;

/// The first three numbers of a server's version: `1.13.6` of `1.13.6.3` and of `1.13.6-SNAPSHOT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerVersion {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number; 0 when there is none.
    pub patch: u16,
}

/// A text that is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no version of OpenMetadata; one looks like 1.13.6")]
pub struct VersionError {
    /// The text.
    pub text: String,
}

/// Whether an entity has one of something, or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plurality {
    /// A single reference: `owner`, `domain`.
    One,
    /// A list: `owners`, `domains`.
    Many,
}

/// Where a subscription's secret stands in the configuration of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookAuth {
    /// `secretKey`, up to 1.12.
    SecretKey,
    /// `authType{type, secretKey}`, since 1.13.
    AuthType,
}

/// What a server of some version can do, and how it spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// How names are quoted.
    pub grammar: Grammar,
    /// `owner` up to 1.4, `owners` since 1.5.
    pub owners: Plurality,
    /// `domain` up to 1.8, `domains` since 1.9.
    pub domains: Plurality,
    /// The shape of a webhook's secret.
    pub webhook_auth: WebhookAuth,
    /// Whether an edge of lineage can be written between two names, without ids; since 2.0.
    pub lineage_by_name: bool,
    /// Whether a webhook takes headers and a method of its own; since 1.8.
    pub webhook_headers: bool,
}

impl ServerVersion {
    /// A version by its numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// Whether this crate was written for the version: 1.4 to 2.0.
    #[must_use]
    pub fn is_known(self) -> bool {
        (Self::new(1, 4, 0)..Self::new(2, 1, 0)).contains(&self)
    }

    /// What the version can do.
    #[must_use]
    pub fn capabilities(self) -> Capabilities {
        let since = |major, minor, patch| self >= Self::new(major, minor, patch);
        let plural_since = |minor| if since(1, minor, 0) { Plurality::Many } else { Plurality::One };
        Capabilities {
            grammar: if since(1, 13, 1) { Grammar::B } else { Grammar::A },
            owners: plural_since(5),
            domains: plural_since(9),
            webhook_auth: if since(1, 13, 0) { WebhookAuth::AuthType } else { WebhookAuth::SecretKey },
            lineage_by_name: since(2, 0, 0),
            webhook_headers: since(1, 8, 0),
        }
    }
}

impl FromStr for ServerVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.trim().split(['-', '+']).next().unwrap_or_default();
        let mut numbers = numbers.split('.').map(|number| number.parse::<u16>().ok());
        match (numbers.next().flatten(), numbers.next().flatten(), numbers.next()) {
            (Some(major), Some(minor), None) => Ok(Self::new(major, minor, 0)),
            (Some(major), Some(minor), Some(Some(patch))) => Ok(Self::new(major, minor, patch)),
            _ => Err(VersionError { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        fn check(text: &str, expect: Option<(u16, u16, u16)>) {
            let found = text.parse::<ServerVersion>().ok().map(|found| (found.major, found.minor, found.patch));
            assert_eq!(found, expect, "{text}");
        }
        check("1.4.0", Some((1, 4, 0)));
        check("1.13.6.3", Some((1, 13, 6)));
        check("2.0.0-SNAPSHOT", Some((2, 0, 0)));
        check("2.1", Some((2, 1, 0)));
        for wrong in ["", "2", "two.zero", "1.x.3", "1.2.x", "99999.1.1"] {
            check(wrong, None);
        }
    }

    #[test]
    fn each_change_comes_with_its_version() {
        fn at(text: &str) -> Capabilities {
            text.parse::<ServerVersion>().unwrap().capabilities()
        }
        fn check<T: PartialEq + fmt::Debug>(before: &str, since: &str, read: fn(Capabilities) -> T, values: &(T, T)) {
            assert_eq!(&(read(at(before)), read(at(since))), values, "{before} {since}");
        }
        check("1.4.9", "1.5.0", |can| can.owners, &(Plurality::One, Plurality::Many));
        check("1.8.9", "1.9.0", |can| can.domains, &(Plurality::One, Plurality::Many));
        check("1.13.0", "1.13.1", |can| can.grammar, &(Grammar::A, Grammar::B));
        check("1.12.14", "1.13.0", |can| can.webhook_auth, &(WebhookAuth::SecretKey, WebhookAuth::AuthType));
        check("1.13.6", "2.0.0", |can| can.lineage_by_name, &(false, true));
        check("1.7.9", "1.8.0", |can| can.webhook_headers, &(false, true));
    }

    #[test]
    fn only_the_versions_between_are_known() {
        for (text, expect) in [("1.3.9", false), ("1.4.0", true), ("2.0.99", true), ("2.1.0", false)] {
            assert_eq!(text.parse::<ServerVersion>().unwrap().is_known(), expect, "{text}");
        }
    }
}
