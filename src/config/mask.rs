//! What of a value may be shown to people: nothing of a secret, a URL without its password.

use url::Url;

use super::Secrecy;

/// Stands where something is left out.
const MASK: &str = "***";
/// A parameter or variable with one of these in its name holds a secret.
const SECRET_WORDS: [&str; 7] = ["secret", "password", "passwd", "token", "key", "credential", "sas"];

/// What of a value may be shown.
pub(super) fn masked(value: &str, secrecy: Secrecy) -> String {
    match secrecy {
        Secrecy::Public => value.to_owned(),
        Secrecy::Secret => MASK.to_owned(),
        Secrecy::Url => masked_url(value),
    }
}

/// A URL without its password and without parameters that have a secret's name. What is no URL is masked whole.
#[must_use]
pub fn masked_url(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return MASK.to_owned() };
    if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
        return MASK.to_owned();
    }
    if url.query_pairs().any(|(name, _)| names_a_secret(&name)) {
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let shown = pairs.iter().map(|(name, value)| match names_a_secret(name) {
            true => (name.as_str(), MASK),
            false => (name.as_str(), value.as_str()),
        });
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    url.into()
}

/// What of a variable that belongs to the result store may be shown.
pub(super) fn masked_variable<'a>(name: &str, value: &'a str) -> &'a str {
    if names_a_secret(name) { MASK } else { value }
}

fn names_a_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_secrets() {
        for (url, expect) in [
            ("postgres://ana:s3cret@db:5432/warren", "postgres://ana:***@db:5432/warren"),
            ("postgres://db/warren?user=ana&password=s3cret", "postgres://db/warren?user=ana&password=***"),
            ("sqlite:///tmp/warren.db?mode=rwc", "sqlite:///tmp/warren.db?mode=rwc"),
            ("s3://bucket/prefix", "s3://bucket/prefix"),
            ("postgres://ana:s3cret@:bad", "***"),
            ("host=db password=s3cret", "***"),
        ] {
            assert_eq!(masked_url(url), expect);
        }
    }

    #[test]
    fn variables_of_the_store_are_shown_by_their_names() {
        for (name, hidden) in [
            ("AWS_SECRET_ACCESS_KEY", true),
            ("AWS_ACCESS_KEY_ID", true),
            ("AWS_SESSION_TOKEN", true),
            ("AZURE_STORAGE_SAS", true),
            ("AWS_REGION", false),
            ("AWS_ENDPOINT", false),
        ] {
            assert_eq!(masked_variable(name, "value") == MASK, hidden, "{name}");
        }
    }
}
