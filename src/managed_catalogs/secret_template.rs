//! A reference to a password that Trino itself looks up, so that the password never passes through Warren.

use std::fmt;

use super::name::slug;

/// What stands where the service's name goes, in upper case as variables are written.
const UPPER: &str = "{SERVICE}";
/// The same in lower case.
const LOWER: &str = "{service}";

/// A text such as `${ENV:WARREN_{SERVICE}_PASSWORD}`.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretTemplate {
    text: String,
}

impl SecretTemplate {
    /// A template that is one reference of Trino's and nothing else; `None` for any other text, such as a password.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.strip_prefix("${")?.strip_suffix('}')?;
        let bare = inner.replace(UPPER, "").replace(LOWER, "");
        let (provider, key) = bare.split_once(':')?;
        let is_word = |text: &str, also: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c));
        let is_reference = !provider.is_empty() && is_word(provider, "_-") && is_word(key, "_-./");
        is_reference.then(|| Self { text: text.to_owned() })
    }

    /// The reference for the password of a service.
    #[must_use]
    pub fn of_service(&self, service: &str) -> String {
        let slug = slug(service);
        self.text.replace(UPPER, &slug.to_uppercase()).replace(LOWER, &slug)
    }

    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for SecretTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretTemplate(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_one_reference() {
        let template = SecretTemplate::parse("${ENV:WARREN_{SERVICE}_PASSWORD}").unwrap();
        assert_eq!(template.of_service("pg-prod"), "${ENV:WARREN_PG_PROD_PASSWORD}");
        assert_eq!(SecretTemplate::parse("${file:/run/{service}}").unwrap().of_service("Pg.1"), "${file:/run/pg_1}");
        for other in
            ["hunter2", "${ENV:A}b", "${ENV:A'}", "${A}", "${ENV:{OTHER}}", "${ENV:A}${ENV:B}", "", "${ENV:A\n}"]
        {
            assert_eq!(SecretTemplate::parse(other), None, "{other}");
        }
    }
}
