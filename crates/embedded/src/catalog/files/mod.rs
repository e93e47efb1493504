//! The catalog `files`: a folder. A sub-folder is a schema, the folder itself the schema `default`; a table is a CSV, JSON or
//! Parquet file, named after it with or without the extension. Nothing is written, and nothing outside the folder is read.
//!
//! What a table's columns are is found by reading the file ([`open`]) and remembered until the file changes.

mod csv_types;
mod folder;
mod open;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};

use self::folder::{DataFile, Found};
use crate::failure::{ErrorCode, QueryFailure};

/// The schema of the files that lie in no sub-folder.
const DEFAULT_SCHEMA: &str = "default";

/// The catalog `files`.
#[derive(Debug)]
pub(crate) struct FilesCatalog {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    session: SessionState,
    opened: Mutex<HashMap<PathBuf, Opened>>,
}

/// A file as it was when it was last looked at.
#[derive(Debug, Clone)]
struct Opened {
    version: Version,
    table: Arc<dyn TableProvider>,
}

/// What tells one content of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    length_bytes: u64,
    modified: Option<SystemTime>,
}

impl FilesCatalog {
    /// The catalog over `root`. No file is read yet.
    pub(crate) fn new(root: PathBuf, runtime: Arc<RuntimeEnv>) -> Self {
        let session = SessionStateBuilder::new().with_runtime_env(runtime).build();
        Self { shared: Arc::new(Shared { root, session, opened: Mutex::default() }) }
    }
}

impl CatalogProvider for FilesCatalog {
    fn schema_names(&self) -> Vec<String> {
        let mut names = folder::sub_folders(&self.shared.root);
        names.push(DEFAULT_SCHEMA.to_owned());
        names.sort_unstable();
        names.dedup();
        names
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let exists = self.schema_names().iter().any(|schema| schema == name);
        exists.then(|| {
            Arc::new(FilesSchema { name: name.to_owned(), shared: Arc::clone(&self.shared) }) as Arc<dyn SchemaProvider>
        })
    }
}

#[derive(Debug)]
struct FilesSchema {
    name: String,
    shared: Arc<Shared>,
}

impl FilesSchema {
    fn files(&self) -> Vec<DataFile> {
        let root = &self.shared.root;
        let mut files = folder::data_files_of(root, &self.name);
        if self.name == DEFAULT_SCHEMA {
            files.extend(folder::data_files(root));
        }
        files
    }
}

#[async_trait]
impl SchemaProvider for FilesSchema {
    fn table_names(&self) -> Vec<String> {
        folder::table_names(&self.files())
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let files = self.files();
        match folder::find(&files, name) {
            Found::Nothing => Ok(None),
            Found::One(file) => self.shared.open(file).await.map(Some),
            Found::Several(names) => {
                let message = format!(
                    "Table '{name}' is one of several files: write the whole name, such as \"{}\"",
                    names.join("\" or \"")
                );
                Err(QueryFailure::new(ErrorCode::AmbiguousName, message).into_datafusion())
            }
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        !matches!(folder::find(&self.files(), name), Found::Nothing)
    }
}

impl Shared {
    async fn open(&self, file: &DataFile) -> Result<Arc<dyn TableProvider>> {
        let metadata = tokio::fs::metadata(&file.path).await.map_err(DataFusionError::IoError)?;
        let version = Version { length_bytes: metadata.len(), modified: metadata.modified().ok() };
        let known = self.lock().get(&file.path).filter(|opened| opened.version == version).cloned();
        if let Some(opened) = known {
            return Ok(opened.table);
        }
        let table = open::open(file, &self.session).await?;
        self.lock().insert(file.path.clone(), Opened { version, table: Arc::clone(&table) });
        Ok(table)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
