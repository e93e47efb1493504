//! Sections `database`, `results`, `catalog` and `files`: where things lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use secrecy::SecretString;
use url::Url;

use super::values::Values;
use super::{ConfigError, Environment, Secrecy, Setting, Sources};

const DATA_DIR: Setting =
    Setting::new("data_dir", "WARREN_DATA_DIR", "home of what is embedded: database, results, files")
        .default("./warren-data");
const DATABASE_URL: Setting = Setting::new(
    "database.url",
    "WARREN_DATABASE_URL",
    "the metadata database: `postgres://user:password@host/database` or `sqlite:///path/file.db`",
)
.otherwise("a SQLite file in the data folder")
.secrecy(Secrecy::Url);
const RESULTS_URL: Setting = Setting::new(
    "results.url",
    "WARREN_RESULTS_URL",
    "where results are stored: `s3://bucket/prefix`, `gs://`, `az://` or `file:///folder`; credentials and endpoint by \
     the store's own variables (`AWS_*`, `GOOGLE_*`, `AZURE_*`)",
)
.otherwise("a folder in the data folder")
.secrecy(Secrecy::Url);
const FILES_DIR: Setting = Setting::new(
    "files_dir",
    "WARREN_FILES_DIR",
    "the folder behind the catalog `files` of the embedded engine: a folder in it is a schema, a file a table",
)
.otherwise("`files` in the data folder");
const CATALOG_FILE: Setting =
    Setting::new("catalog.file", "WARREN_CATALOG_FILE", "the mapping file").otherwise("the built-in demo mapping");

pub(super) const SETTINGS: &[&Setting] = &[&DATA_DIR, &DATABASE_URL, &RESULTS_URL, &FILES_DIR, &CATALOG_FILE];

/// What the names of the result store's own variables begin with.
const STORE_PREFIXES: [&str; 3] = ["AWS_", "GOOGLE_", "AZURE_"];
const DATABASE_SCHEMES: [&str; 3] = ["sqlite", "postgres", "postgresql"];
const RESULT_SCHEMES: [&str; 8] = ["file", "s3", "s3a", "gs", "az", "azure", "abfs", "abfss"];
/// What would end the path of a URL too early.
const PATH: &AsciiSet = &CONTROLS.add(b'?').add(b'#').add(b'%').add(b' ');

pub(super) fn data_dir(values: &Values, sources: &Sources) -> PathBuf {
    sources.absolute(values.text(&DATA_DIR).unwrap_or_default())
}

/// The defaults that lie in the data folder.
pub(super) fn derive(values: &mut Values, data_dir: &Path) -> Result<(), ConfigError> {
    let database = data_dir.join("warren.db").to_string_lossy().replace('\\', "/");
    values.derive(&DATABASE_URL, format!("sqlite://{}?mode=rwc", utf8_percent_encode(&database, PATH)));
    let folder = Url::from_directory_path(data_dir.join("results")).ok();
    let folder = folder.ok_or(()).or_else(|()| values.read(&DATA_DIR, "a folder with an absolute path", |_| None))?;
    values.derive(&RESULTS_URL, folder.into());
    values.derive(&FILES_DIR, data_dir.join("files").to_string_lossy().into_owned());
    Ok(())
}

pub(super) fn database_url(values: &Values) -> Result<SecretString, ConfigError> {
    values.read(&DATABASE_URL, "a postgres:// or sqlite:// url", |text| {
        let scheme = Url::parse(text).ok()?.scheme().to_owned();
        DATABASE_SCHEMES.contains(&scheme.as_str()).then(|| text.to_owned().into())
    })
}

pub(super) fn results_url(values: &Values) -> Result<Url, ConfigError> {
    values.read(&RESULTS_URL, "an s3://, gs://, az:// or file:/// url", |text| {
        Url::parse(text).ok().filter(|url| RESULT_SCHEMES.contains(&url.scheme()))
    })
}

pub(super) fn files_dir(values: &Values, sources: &Sources, data_dir: &Path) -> PathBuf {
    values.text(&FILES_DIR).map_or_else(|| data_dir.join("files"), |text| sources.absolute(text))
}

pub(super) fn catalog_file(values: &Values, sources: &Sources) -> Option<PathBuf> {
    values.text(&CATALOG_FILE).map(|text| sources.absolute(text))
}

pub(super) fn results_options(environment: &Environment) -> BTreeMap<String, String> {
    let of_store = |name: &str| STORE_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let own = environment.iter().filter(|(name, _)| of_store(name));
    own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
