//! From the URL of a store to its driver.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, RetryConfig};
use url::Url;

use super::ResultStore;
use crate::error::{ResultError, StorageOperation};
use crate::recent::RecentObjects;

/// How often a cloud driver tries a request again before it reports the store as not available.
const MAX_RETRIES: usize = 5;
/// How long it tries at most. A job can resume later; a caller that waits for minutes cannot be told anything.
const RETRY_TIMEOUT: Duration = Duration::from_secs(30);

impl ResultStore {
    /// Opens the store at `url`: `file:///folder`, `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix`
    /// or `memory:///`. A local folder is made if it is not there. Nothing is sent to a remote store yet; ask
    /// [`ResultStore::check`].
    ///
    /// `options` are the settings of the driver under the names of their variables in any case, such as
    /// `AWS_ACCESS_KEY_ID`, `aws_endpoint` or `google_service_account`. Keys that the driver does not know are ignored,
    /// because a whole environment may be given. A plain `http://` endpoint is taken as permission to use it.
    ///
    /// # Errors
    ///
    /// [`ResultError::Url`] if the URL has another form, [`ResultError::Configuration`] if the driver refuses its
    /// settings, [`ResultError::Storage`] if a local folder cannot be made.
    pub fn open(url: &Url, options: &BTreeMap<String, String>) -> Result<Self, ResultError> {
        let (objects, prefix) = match url.scheme() {
            "file" => (local(url)?, Path::default()),
            "memory" => (Arc::new(InMemory::new()) as Arc<dyn ObjectStore>, prefix(url)?),
            "s3" | "s3a" => (remote(s3(url, options)?), prefix(url)?),
            "gs" => (remote(google(url, options)?), prefix(url)?),
            "az" | "azure" => (remote(azure(url, options)?), prefix(url)?),
            _ => return Err(refused(url, "the scheme must be file, s3, gs, az or memory")),
        };
        Ok(Self::with_driver(objects, prefix, shown(url)))
    }
}

/// A store that is a network away: what was just written is read back from memory.
fn remote(objects: Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore> {
    Arc::new(RecentObjects::new(objects))
}

fn local(url: &Url) -> Result<Arc<dyn ObjectStore>, ResultError> {
    let folder = url.to_file_path().map_err(|()| refused(url, "use file:///absolute/path"))?;
    let failed = |source| ResultError::storage(StorageOperation::Write, folder.display(), source);
    std::fs::create_dir_all(&folder)
        .map_err(|source| failed(object_store::Error::Generic { store: "LocalFileSystem", source: source.into() }))?;
    let driver = LocalFileSystem::new_with_prefix(&folder).map_err(failed)?;
    Ok(Arc::new(driver.with_automatic_cleanup(true)))
}

fn s3(url: &Url, options: &BTreeMap<String, String>) -> Result<Arc<dyn ObjectStore>, ResultError> {
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket(url)?).with_retry(retry());
    for (key, value) in options {
        if let Ok(key) = key.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint);
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        builder = builder.with_allow_http(true);
    }
    built(builder.build())
}

fn google(url: &Url, options: &BTreeMap<String, String>) -> Result<Arc<dyn ObjectStore>, ResultError> {
    let mut builder = GoogleCloudStorageBuilder::new().with_bucket_name(bucket(url)?).with_retry(retry());
    for (key, value) in options {
        if let Ok(key) = key.to_ascii_lowercase().parse::<GoogleConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    built(builder.build())
}

fn azure(url: &Url, options: &BTreeMap<String, String>) -> Result<Arc<dyn ObjectStore>, ResultError> {
    let mut builder = MicrosoftAzureBuilder::new().with_container_name(bucket(url)?).with_retry(retry());
    for (key, value) in options {
        if let Ok(key) = key.to_ascii_lowercase().parse::<AzureConfigKey>() {
            builder = builder.with_config(key, value);
        }
    }
    built(builder.build())
}

fn built<D: ObjectStore>(driver: object_store::Result<D>) -> Result<Arc<dyn ObjectStore>, ResultError> {
    match driver {
        Ok(driver) => Ok(Arc::new(driver)),
        Err(source) => Err(ResultError::Configuration { source }),
    }
}

fn retry() -> RetryConfig {
    RetryConfig { max_retries: MAX_RETRIES, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() }
}

fn bucket(url: &Url) -> Result<&str, ResultError> {
    match url.host_str() {
        Some(bucket) if !bucket.is_empty() => Ok(bucket),
        _ => Err(refused(url, "the bucket is missing, as in s3://bucket/prefix")),
    }
}

fn prefix(url: &Url) -> Result<Path, ResultError> {
    Path::from_url_path(url.path()).map_err(|_illegal| refused(url, "its path is not one of an object store"))
}

fn refused(url: &Url, reason: &str) -> ResultError {
    ResultError::Url { url: shown(url).to_string(), reason: reason.to_owned() }
}

/// The URL without what may be a secret. Where a part cannot be removed, the URL has none of it.
fn shown(url: &Url) -> Url {
    let mut shown = url.clone();
    let _no_user_to_remove = shown.set_username("");
    let _no_password_to_remove = shown.set_password(None);
    shown.set_query(None);
    shown.set_fragment(None);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(url: &str) -> Result<ResultStore, ResultError> {
        ResultStore::open(&url.parse().unwrap(), &BTreeMap::new())
    }

    #[test]
    fn urls_that_cannot_hold_results_are_refused_without_their_secrets() {
        for (url, hint) in [
            ("ftp://ann:s3cret@host/x", "file, s3, gs"),
            ("s3:///prefix", "bucket"),
            ("file://host/x", "file:///absolute"),
        ] {
            let text = open(url).unwrap_err().to_string();
            assert!(text.contains(hint), "{text}");
            assert!(!text.contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn results_have_a_url() {
        let store = open("memory:///a/b/").unwrap();
        let name = "2026/x".parse().unwrap();
        assert_eq!(store.result_url(&name), "memory:///a/b/2026/x/");
        assert_eq!(store.folder(&name).as_ref(), "a/b/2026/x");
    }
}
