//! A reference to a password that Trino itself looks up, so that the password never passes through Warren.

use std::fmt;

use super::name::plain;

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

    /// The reference for the password of a service; `None` where the reference names the service, and the service's name
    /// has characters outside ASCII: names of as many letters would all become the same.
    #[must_use]
    pub fn of_service(&self, service: &str) -> Option<String> {
        let names_service = self.text.contains(UPPER) || self.text.contains(LOWER);
        if names_service && !service.is_ascii() {
            return None;
        }
        let plain = plain(service);
        Some(self.text.replace(UPPER, &plain.to_uppercase()).replace(LOWER, &plain))
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
        let of = |template: &str, service| SecretTemplate::parse(template).unwrap().of_service(service);
        assert_eq!(template.of_service("pg-prod").as_deref(), Some("${ENV:WARREN_PG_PROD_PASSWORD}"));
        assert_eq!(of("${file:/run/{service}}", "Pg.1").as_deref(), Some("${file:/run/pg_1}"));
        for other in
            ["hunter2", "${ENV:A}b", "${ENV:A'}", "${A}", "${ENV:{OTHER}}", "${ENV:A}${ENV:B}", "", "${ENV:A\n}"]
        {
            assert_eq!(SecretTemplate::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_reference_is_that_of_one_service() {
        let of = |template: &str, service: &str| SecretTemplate::parse(template).unwrap().of_service(service);
        let (long, longer) = ("s".repeat(90) + "1", "s".repeat(90) + "2");
        assert_ne!(of("${ENV:{SERVICE}}", &long), of("${ENV:{SERVICE}}", &longer));
        for foreign in ["주문", "고객", "b\u{fc}ro", "\u{212a}"] {
            assert_eq!(of("${ENV:{SERVICE}}", foreign), None, "{foreign}");
            assert_eq!(of("${file:/run/{service}}", foreign), None, "{foreign}");
            assert_eq!(of("${ENV:ONE_FOR_ALL}", foreign).as_deref(), Some("${ENV:ONE_FOR_ALL}"));
        }
    }
}
