//! One object on its way into the store: a single request when it is small, a multipart upload when it is not.

use std::collections::VecDeque;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload};
use tokio::task::JoinSet;

use crate::error::{ResultError, StorageOperation};

/// Up to this size an object is held back and written by one request; above it, this is the size of each request but
/// the last. S3 allows 10,000 requests for one object, so that the largest object has 80 GB.
pub(super) const REQUEST_BYTES: usize = 8 * 1024 * 1024;
/// Requests under way at once for one object. With the one that is being filled they bound the memory of an upload.
const CONCURRENT_REQUESTS: usize = 3;

/// An object that is being written.
#[derive(Debug)]
pub(super) struct Upload {
    path: Path,
    held: VecDeque<Bytes>,
    held_bytes: usize,
    multipart: Option<Multipart>,
}

#[derive(Debug)]
struct Multipart {
    upload: Box<dyn MultipartUpload>,
    requests: JoinSet<object_store::Result<()>>,
}

impl Upload {
    pub(super) fn new(path: Path) -> Self {
        Self { path, held: VecDeque::new(), held_bytes: 0, multipart: None }
    }

    /// Adds `chunk` to the end of the object, and waits while too many requests are under way. After an error the
    /// upload can only be aborted.
    pub(super) async fn write(&mut self, objects: &dyn ObjectStore, chunk: Bytes) -> Result<(), ResultError> {
        self.held_bytes += chunk.len();
        self.held.push_back(chunk);
        while self.held_bytes > REQUEST_BYTES {
            let request = self.take_held(REQUEST_BYTES);
            let sent = self.send(objects, request).await;
            sent.map_err(|error| ResultError::storage(StorageOperation::Write, &self.path, error))?;
        }
        Ok(())
    }

    /// Makes the object visible, whole. After an error nothing of it is, and nothing of it is left behind.
    pub(super) async fn finish(mut self, objects: &dyn ObjectStore) -> Result<(), ResultError> {
        let written = self.complete(objects).await;
        if let Err(error) = written {
            let error = ResultError::storage(StorageOperation::Write, &self.path, error);
            self.abort().await;
            return Err(error);
        }
        Ok(())
    }

    /// Gives the upload up and frees what the store holds of it.
    pub(super) async fn abort(self) {
        let Some(mut multipart) = self.multipart else { return };
        multipart.requests.shutdown().await;
        // An upload that cannot be aborted costs space until the store's own clean-up; it must not hide the error
        // that led here.
        if let Err(error) = multipart.upload.abort().await {
            tracing::warn!(path = %self.path, %error, "a multipart upload was not aborted, the store keeps its pieces");
        }
    }

    async fn complete(&mut self, objects: &dyn ObjectStore) -> object_store::Result<()> {
        let rest = self.take_held(usize::MAX);
        if self.multipart.is_none() {
            return objects.put(&self.path, rest).await.map(drop);
        }
        self.send(objects, rest).await?;
        let Some(multipart) = &mut self.multipart else { return Ok(()) };
        while let Some(answer) = multipart.requests.join_next().await {
            answer??;
        }
        multipart.upload.complete().await.map(drop)
    }

    async fn send(&mut self, objects: &dyn ObjectStore, request: PutPayload) -> object_store::Result<()> {
        let multipart = match &mut self.multipart {
            Some(multipart) => multipart,
            None => {
                let upload = objects.put_multipart(&self.path).await?;
                self.multipart.insert(Multipart { upload, requests: JoinSet::new() })
            }
        };
        // Answers that are there already are looked at first: a failure should be known as early as it can be.
        while let Some(answer) = multipart.requests.try_join_next() {
            answer??;
        }
        while multipart.requests.len() >= CONCURRENT_REQUESTS {
            if let Some(answer) = multipart.requests.join_next().await {
                answer??;
            }
        }
        multipart.requests.spawn(multipart.upload.put_part(request));
        Ok(())
    }

    /// The first `bytes` of what is held, or all of it if there is less.
    fn take_held(&mut self, bytes: usize) -> PutPayload {
        let mut missing = bytes.min(self.held_bytes);
        self.held_bytes -= missing;
        let mut taken = Vec::new();
        while let Some(mut chunk) = self.held.pop_front() {
            if chunk.len() > missing {
                taken.push(chunk.split_to(missing));
                self.held.push_front(chunk);
                break;
            }
            missing -= chunk.len();
            taken.push(chunk);
        }
        PutPayload::from_iter(taken)
    }
}
