//! A driver that fails as it is told: it stands where a real store would run full, go away or hang.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The disk is full.
    Full,
    /// The connection is lost.
    Reset,
    /// The bucket was deleted, as S3 says it.
    NoBucket,
    /// Conditional writes are not implemented.
    NoConditions,
    /// No answer ever comes.
    Hang,
}

#[derive(Debug)]
pub(crate) struct FaultyDriver {
    inner: Arc<dyn ObjectStore>,
    plan: Arc<Mutex<Option<(Fault, String)>>>,
    writes: Mutex<Vec<String>>,
    aborted: Arc<AtomicUsize>,
}

impl FaultyDriver {
    pub(crate) fn over(inner: impl ObjectStore) -> Self {
        Self { inner: Arc::new(inner), plan: Arc::default(), writes: Mutex::default(), aborted: Arc::default() }
    }

    /// From now on whatever touches an object with `text` in its path fails.
    pub(crate) fn plan(&self, fault: Fault, text: &str) {
        *self.plan.lock().unwrap() = Some((fault, text.to_owned()));
    }

    /// From now on nothing fails.
    pub(crate) fn heal(&self) {
        *self.plan.lock().unwrap() = None;
    }

    /// Objects written by one request each, in order.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.writes.lock().unwrap().clone()
    }

    /// Multipart uploads that were aborted.
    pub(crate) fn aborted(&self) -> usize {
        self.aborted.load(Ordering::SeqCst)
    }

    async fn pass(&self, path: &Path) -> Result<()> {
        fail(&self.plan, path).await
    }
}

async fn fail(plan: &Mutex<Option<(Fault, String)>>, path: &Path) -> Result<()> {
    let planned = plan.lock().unwrap().clone();
    let fault = match planned {
        Some((fault, text)) if path.as_ref().contains(&text) => fault,
        _ => return Ok(()),
    };
    let broken = |kind: io::ErrorKind| Err(Error::Generic { store: "faulty", source: io::Error::from(kind).into() });
    match fault {
        Fault::Full => broken(io::ErrorKind::StorageFull),
        Fault::Reset => broken(io::ErrorKind::ConnectionReset),
        Fault::NoBucket => {
            let body = "<Code>NoSuchBucket</Code>";
            Err(Error::NotFound { path: path.to_string(), source: body.into() })
        }
        Fault::NoConditions => Ok(()),
        Fault::Hang => std::future::pending().await,
    }
}

impl fmt::Display for FaultyDriver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FaultyDriver")
    }
}

#[async_trait]
impl ObjectStore for FaultyDriver {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.pass(location).await?;
        let unconditional = matches!(&*self.plan.lock().unwrap(), Some((Fault::NoConditions, _)));
        if unconditional && options.mode == PutMode::Create {
            return Err(Error::NotImplemented { operation: "put".to_owned(), implementer: "faulty".to_owned() });
        }
        self.writes.lock().unwrap().push(location.to_string());
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(FaultyUpload {
            inner: self.inner.put_multipart_opts(location, options).await?,
            path: location.clone(),
            plan: self.plan.clone(),
            aborted: self.aborted.clone(),
        }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.pass(location).await?;
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let plan = self.plan.clone();
        let passed = locations.then(move |location| {
            let plan = plan.clone();
            async move {
                let location = location?;
                fail(&plan, &location).await?;
                Ok(location)
            }
        });
        self.inner.delete_stream(passed.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let plan = self.plan.clone();
        let path = prefix.cloned().unwrap_or_default();
        let failure = async move { fail(&plan, &path).await.err().map(Err) };
        let failure = failure.into_stream().filter_map(std::future::ready);
        failure.chain(self.inner.list(prefix)).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

#[derive(Debug)]
struct FaultyUpload {
    inner: Box<dyn MultipartUpload>,
    path: Path,
    plan: Arc<Mutex<Option<(Fault, String)>>>,
    aborted: Arc<AtomicUsize>,
}

#[async_trait]
impl MultipartUpload for FaultyUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (plan, path, inner) = (self.plan.clone(), self.path.clone(), self.inner.put_part(data));
        async move {
            fail(&plan, &path).await?;
            inner.await
        }
        .boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        fail(&self.plan, &self.path).await?;
        self.inner.complete().await
    }

    async fn abort(&mut self) -> Result<()> {
        self.aborted.fetch_add(1, Ordering::SeqCst);
        self.inner.abort().await
    }
}
