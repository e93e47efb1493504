//! A decorator that remembers small objects which this process has just written: whoever waits for a small result reads
//! its manifest and its part a moment after they were stored, and need not fetch them over the network again.
//!
//! Objects of a result never change once they are written, so what is remembered is never stale. One that another
//! process deletes is remembered until it makes room; nobody asks for it, because its job is gone or its result has
//! expired.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt as _,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// The largest object that is remembered.
const MAX_OBJECT_BYTES: usize = 64 * 1024;
/// All remembered objects together.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A store that remembers small objects which were written through it.
#[derive(Debug)]
pub(crate) struct RecentObjects {
    inner: Arc<dyn ObjectStore>,
    memory: Arc<Memory>,
}

/// The remembered objects, and which of them make room for others.
#[derive(Debug, Default)]
struct Memory {
    objects: InMemory,
    ages: Mutex<Ages>,
}

/// When each remembered object came, and how large it is.
#[derive(Debug, Default)]
struct Ages {
    by_path: HashMap<Path, u64>,
    by_age: BTreeMap<u64, (Path, usize)>,
    bytes: usize,
    next: u64,
}

impl RecentObjects {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self { inner, memory: Arc::default() }
    }
}

impl Memory {
    async fn remember(&self, path: &Path, payload: PutPayload) {
        let bytes = payload.content_length();
        if bytes > MAX_OBJECT_BYTES || self.objects.put(path, payload).await.is_err() {
            return;
        }
        let forgotten = self.ages().add(path, bytes);
        for path in forgotten {
            let _ = self.objects.delete(&path).await;
        }
    }

    async fn forget(&self, path: &Path) {
        self.ages().remove(path);
        let _ = self.objects.delete(path).await;
    }

    fn ages(&self) -> std::sync::MutexGuard<'_, Ages> {
        self.ages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ages {
    /// Adds the youngest object; the oldest ones, for which there is no room any more.
    fn add(&mut self, path: &Path, bytes: usize) -> Vec<Path> {
        self.remove(path);
        self.next += 1;
        self.by_path.insert(path.clone(), self.next);
        self.by_age.insert(self.next, (path.clone(), bytes));
        self.bytes += bytes;
        let mut forgotten = Vec::new();
        while self.bytes > MAX_BYTES
            && let Some((_, (oldest, bytes))) = self.by_age.pop_first()
        {
            self.by_path.remove(&oldest);
            self.bytes -= bytes;
            forgotten.push(oldest);
        }
        forgotten
    }

    fn remove(&mut self, path: &Path) {
        let known = self.by_path.remove(path).and_then(|age| self.by_age.remove(&age));
        self.bytes -= known.map_or(0, |(_, bytes)| bytes);
    }
}

impl fmt::Display for RecentObjects {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RecentObjects({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for RecentObjects {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let stored = self.inner.put_opts(location, payload.clone(), options).await?;
        self.memory.remember(location, payload).await;
        Ok(stored)
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        if let Ok(found) = self.memory.objects.get_opts(location, options.clone()).await {
            return Ok(found);
        }
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        if let Ok(found) = self.memory.objects.get_ranges(location, ranges).await {
            return Ok(found);
        }
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let memory = self.memory.clone();
        let forgotten = locations.then(move |location| {
            let memory = memory.clone();
            async move {
                if let Ok(path) = &location {
                    memory.forget(path).await;
                }
                location
            }
        });
        self.inner.delete_stream(forgotten.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.memory.forget(to).await;
        self.inner.copy_opts(from, to, options).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store whose reads show whether the inner one was asked: the inner one is emptied behind the decorator's back.
    async fn written(paths: &[(&str, usize)]) -> (RecentObjects, Arc<InMemory>) {
        let inner = Arc::new(InMemory::new());
        let recent = RecentObjects::new(inner.clone());
        for (path, bytes) in paths {
            recent.put(&Path::from(*path), vec![7; *bytes].into()).await.unwrap();
            inner.delete(&Path::from(*path)).await.unwrap();
        }
        (recent, inner)
    }

    #[tokio::test]
    async fn a_small_object_is_read_from_memory_whole_and_in_ranges() {
        let (recent, _) = written(&[("a", 10)]).await;
        assert_eq!(recent.get(&Path::from("a")).await.unwrap().bytes().await.unwrap().len(), 10);
        assert_eq!(recent.get_range(&Path::from("a"), 2..5).await.unwrap().len(), 3);
        assert_eq!(recent.head(&Path::from("a")).await.unwrap().size, 10);
    }

    #[tokio::test]
    async fn a_large_one_is_not_and_the_oldest_make_room() {
        let (recent, _) = written(&[("large", MAX_OBJECT_BYTES + 1)]).await;
        assert!(recent.get(&Path::from("large")).await.is_err());
        let names: Vec<String> = (0..=MAX_BYTES / MAX_OBJECT_BYTES).map(|n| format!("n{n}")).collect();
        let objects: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), MAX_OBJECT_BYTES)).collect();
        let (recent, _) = written(&objects).await;
        assert!(recent.get(&Path::from("n0")).await.is_err());
        assert!(recent.get(&Path::from("n1")).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_deleted_is_forgotten() {
        let inner = Arc::new(InMemory::new());
        let recent = RecentObjects::new(inner);
        recent.put(&Path::from("a"), vec![1].into()).await.unwrap();
        recent.delete(&Path::from("a")).await.unwrap();
        assert!(recent.get(&Path::from("a")).await.is_err());
    }
}
