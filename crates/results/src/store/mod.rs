//! Where results lie: one folder of an object store, and in it one folder for each result. The store opens, checks,
//! lists and deletes; writing a result is `writer`, reading its rows is `rows`, whole files are `download`.

mod open;

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutPayload};
use url::Url;

use crate::error::{ResultError, StorageFault, StorageOperation};
use crate::footers::FooterCache;
use crate::manifest::{MANIFEST_FILE, Manifest};
use crate::name::ResultName;

/// The object that [`ResultStore::check`] writes and deletes. No result can have its name.
const PROBE_FILE: &str = ".warren-probe";

/// A place for results: a local folder, a bucket, or memory. Cloning it is cheap, and all clones share one cache.
#[derive(Debug, Clone)]
pub struct ResultStore {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    url: Url,
    pub(crate) footers: Arc<FooterCache>,
}

impl ResultStore {
    /// A store over a driver that exists already; `url` is only shown. Tests put a faulty driver here.
    #[must_use]
    pub fn with_driver(objects: Arc<dyn ObjectStore>, prefix: Path, url: Url) -> Self {
        Self { objects, prefix, url, footers: Arc::default() }
    }

    /// The store's URL, without user, password and query.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where the folder of a result is, for people and for programs that read Parquet themselves.
    #[must_use]
    pub fn result_url(&self, name: &ResultName) -> String {
        format!("{}/{name}/", self.url.as_str().trim_end_matches('/'))
    }

    /// Whether the store can be listed. Cheap enough for a readiness probe.
    ///
    /// # Errors
    ///
    /// [`ResultError::Storage`] says whether the bucket is missing, access is denied or the store is not there.
    pub async fn check_readable(&self) -> Result<(), ResultError> {
        let mut objects = self.objects.list(Some(&self.prefix));
        match objects.next().await {
            Some(Err(error)) => Err(ResultError::storage(StorageOperation::List, self.shown(&self.prefix), error)),
            // An empty folder and a missing one look the same to a driver; both can be written to.
            Some(Ok(_)) | None => Ok(()),
        }
    }

    /// Whether the store can be listed, written to and deleted from: writes a small object and deletes it.
    ///
    /// # Errors
    ///
    /// [`ResultError::Storage`] says what cannot be done and why.
    pub async fn check(&self) -> Result<(), ResultError> {
        self.check_readable().await?;
        let path = self.prefix.clone().join(PROBE_FILE);
        let failed = |operation, error| ResultError::storage(operation, self.shown(&path), error);
        let written = self.objects.put(&path, PutPayload::from_static(b"warren")).await;
        // A missing bucket answers a write like a missing object.
        written.map_err(|error| match failed(StorageOperation::Write, error) {
            ResultError::Storage { operation, path, fault: StorageFault::Missing, source } => {
                ResultError::Storage { operation, path, fault: StorageFault::NoBucket, source }
            }
            other => other,
        })?;
        self.objects.delete(&path).await.map_err(|error| failed(StorageOperation::Delete, error))
    }

    /// Reads the manifest of a committed result.
    ///
    /// # Errors
    ///
    /// [`ResultError::NotFound`] if nothing was committed under this name, [`ResultError::Manifest`] if it cannot be
    /// understood, [`ResultError::Storage`] if the store fails.
    pub async fn manifest(&self, name: &ResultName) -> Result<Manifest, ResultError> {
        let path = self.object(name, MANIFEST_FILE);
        let failed = |error| match ResultError::storage(StorageOperation::Read, &path, error) {
            ResultError::Storage { fault: StorageFault::Missing, .. } => ResultError::NotFound { name: name.clone() },
            other => other,
        };
        let answer = self.objects.get(&path).await.map_err(failed)?;
        let bytes = answer.bytes().await.map_err(failed)?;
        serde_json::from_slice(&bytes).map_err(|source| ResultError::Manifest { name: name.clone(), source })
    }

    /// Deletes everything below `name`, which is a result or a folder of several: parts, manifests, and what writers left
    /// there that never committed. Manifests go first, so that nobody finds a result that is half gone. Deleting what is
    /// not there succeeds, also when somebody else deletes it at the same moment.
    ///
    /// # Errors
    ///
    /// [`ResultError::Storage`] if the store fails; the same call finishes the work later.
    pub async fn delete(&self, name: &ResultName) -> Result<(), ResultError> {
        let folder = self.folder(name);
        let listed = self.objects.list(Some(&folder)).map_ok(|object| object.location).try_collect::<Vec<_>>().await;
        let listed = listed.map_err(|error| ResultError::storage(StorageOperation::List, &folder, error))?;
        let (manifests, others): (Vec<_>, Vec<_>) =
            listed.into_iter().partition(|path| path.filename() == Some(MANIFEST_FILE));
        self.delete_objects(&folder, manifests).await?;
        self.delete_objects(&folder, others).await
    }

    /// Deletes objects of a folder; those that are not there count as deleted.
    async fn delete_objects(&self, folder: &Path, paths: Vec<Path>) -> Result<(), ResultError> {
        let mut deleted = self.objects.delete_stream(futures::stream::iter(paths.into_iter().map(Ok)).boxed());
        while let Some(outcome) = deleted.next().await {
            let Err(error) = outcome else { continue };
            match ResultError::storage(StorageOperation::Delete, folder, error) {
                ResultError::Storage { fault: StorageFault::Missing, .. } => {}
                other => return Err(other),
            }
        }
        Ok(())
    }

    /// Deletes one object; one that is not there counts as deleted.
    pub(crate) async fn delete_object(&self, path: &Path) -> Result<(), ResultError> {
        match self.objects.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(ResultError::storage(StorageOperation::Delete, path, error)),
        }
    }

    /// Writes the manifest unless there is one already. Of two writers that commit the same result, one wins; the
    /// same commit twice, as after a lost answer, succeeds.
    pub(crate) async fn commit(&self, manifest: &Manifest) -> Result<(), ResultError> {
        let name = &manifest.name;
        let path = self.object(name, MANIFEST_FILE);
        let json =
            serde_json::to_vec(manifest).map_err(|source| ResultError::Manifest { name: name.clone(), source })?;
        let payload = PutPayload::from(json);
        match self.objects.put_opts(&path, payload.clone(), PutMode::Create.into()).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                let committed = self.manifest(name).await?;
                let same = committed.parts == manifest.parts && committed.columns == manifest.columns;
                if same { Ok(()) } else { Err(ResultError::AlreadyCommitted { name: name.clone() }) }
            }
            // A store without conditional writes leaves the decision who may commit to the caller's lease.
            Err(object_store::Error::NotImplemented { .. } | object_store::Error::NotSupported { .. }) => {
                let written = self.objects.put(&path, payload).await;
                written.map(drop).map_err(|error| ResultError::storage(StorageOperation::Write, &path, error))
            }
            Err(error) => Err(ResultError::storage(StorageOperation::Write, &path, error)),
        }
    }

    pub(crate) fn objects(&self) -> &Arc<dyn ObjectStore> {
        &self.objects
    }

    pub(crate) fn folder(&self, name: &ResultName) -> Path {
        name.as_str().split('/').fold(self.prefix.clone(), Path::join)
    }

    pub(crate) fn object(&self, name: &ResultName, file: &str) -> Path {
        self.folder(name).join(file)
    }

    /// A path for an error. The root of a store has an empty one, which tells nothing.
    fn shown(&self, path: &Path) -> String {
        if path.as_ref().is_empty() { self.url.to_string() } else { path.to_string() }
    }
}
