//! What can go wrong with a stored result, and what the caller may do about it.

use std::fmt;
use std::io;

use crate::decode::DecodeError;
use crate::encode::EncodeError;
use crate::name::ResultName;

/// An operation on results that failed. [`ResultError::is_retryable`] says whether the same call may work later.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultError {
    /// The URL of the store is not one that Warren can open.
    #[error("cannot keep results at {url}: {reason}")]
    Url {
        /// The URL without user, password and query.
        url: String,
        /// What is wrong with it, with the form that would work.
        reason: String,
    },
    /// The store's driver refuses its configuration.
    #[error("the object store refuses its configuration, check its URL and the variables of its kind (AWS_* …)")]
    Configuration {
        /// The driver's reason.
        #[source]
        source: object_store::Error,
    },
    /// The object store did not do what it was asked.
    #[error("cannot {operation} {path}: {fault}")]
    Storage {
        /// What was asked.
        operation: StorageOperation,
        /// The object or folder, relative to the store's bucket or folder.
        path: String,
        /// The kind of failure.
        fault: StorageFault,
        /// The driver's own error.
        #[source]
        source: object_store::Error,
    },
    /// A page from Trino does not hold what its columns promise.
    #[error("trino sent rows that cannot be stored")]
    Decode(#[from] DecodeError),
    /// Arrow or Parquet refuse what the decoder made, or a part cannot be read.
    #[error("cannot {operation} the parquet part {path}")]
    Parquet {
        /// What was tried.
        operation: StorageOperation,
        /// The part.
        path: String,
        /// Parquet's reason.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// The Arrow stream of a download cannot be written.
    #[error("cannot write an arrow stream")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A part does not belong to its manifest.
    #[error("the parts of the result do not belong to its manifest")]
    Encode(#[from] EncodeError),
    /// There is no result of this name: nothing was committed, or it was deleted.
    #[error("there is no result {name}")]
    NotFound {
        /// The name that was asked for.
        name: ResultName,
    },
    /// The manifest cannot be understood.
    #[error("the manifest of result {name} is broken")]
    Manifest {
        /// The result.
        name: ResultName,
        /// What the JSON reader says.
        #[source]
        source: serde_json::Error,
    },
    /// Another writer has committed this result with other parts.
    #[error("result {name} was already committed by another writer")]
    AlreadyCommitted {
        /// The result.
        name: ResultName,
    },
    /// The writer failed before and cannot go on; resume from the last checkpoint with a new one.
    #[error("the writer of result {name} has failed before, resume from its last checkpoint")]
    WriterFailed {
        /// The result.
        name: ResultName,
    },
    /// The parts given to resume from are not ones that a writer of this result can have made.
    #[error("cannot resume result {name}: {reason}")]
    Resume {
        /// The result.
        name: ResultName,
        /// What is wrong with the parts.
        reason: &'static str,
    },
    /// The runtime is shutting down, or the work on a page panicked.
    #[error("the work on a page was not finished")]
    Interrupted {
        /// The runtime's reason.
        #[source]
        source: tokio::task::JoinError,
    },
}

/// What was asked of the object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageOperation {
    /// Read an object or a range of it.
    Read,
    /// Write an object.
    Write,
    /// List a folder.
    List,
    /// Delete an object.
    Delete,
}

impl fmt::Display for StorageOperation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::List => "list",
            Self::Delete => "delete",
        })
    }
}

/// The kinds of failure of an object store that a caller can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StorageFault {
    /// The bucket, container or folder is not there.
    #[error("the bucket or folder does not exist, create it or correct the results URL")]
    NoBucket,
    /// The object is not there.
    #[error("it does not exist")]
    Missing,
    /// The credentials are missing or wrong, or do not allow this.
    #[error("access denied, check the store's credentials and rights")]
    Denied,
    /// The disk or the quota is full.
    #[error("no space left, free some or extend the store")]
    Full,
    /// The store does not know the operation.
    #[error("the store does not support it")]
    Unsupported,
    /// The store cannot be reached or is out of order; later may work.
    #[error("the store is not available, try again later")]
    Unavailable,
}

impl ResultError {
    /// Whether the same operation may work later without anybody changing something.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Storage { fault, .. } => *fault == StorageFault::Unavailable,
            Self::Parquet { source, .. } => {
                external_store_error(source).is_some_and(|error| fault_of(error) == StorageFault::Unavailable)
            }
            Self::Interrupted { .. } => true,
            _ => false,
        }
    }

    /// The kind of the store's failure, if it was the store that failed.
    #[must_use]
    pub fn storage_fault(&self) -> Option<StorageFault> {
        match self {
            Self::Storage { fault, .. } => Some(*fault),
            _ => None,
        }
    }

    pub(crate) fn storage(operation: StorageOperation, path: impl fmt::Display, source: object_store::Error) -> Self {
        Self::Storage { operation, path: path.to_string(), fault: fault_of(&source), source }
    }

    /// An error of the Parquet reader or writer. A failure of the store in its middle keeps its kind.
    pub(crate) fn parquet(
        operation: StorageOperation,
        path: impl fmt::Display,
        source: parquet::errors::ParquetError,
    ) -> Self {
        match source {
            parquet::errors::ParquetError::External(inner) => match inner.downcast::<object_store::Error>() {
                Ok(error) => Self::storage(operation, path, *error),
                Err(inner) => {
                    let source = parquet::errors::ParquetError::External(inner);
                    Self::Parquet { operation, path: path.to_string(), source }
                }
            },
            source => Self::Parquet { operation, path: path.to_string(), source },
        }
    }
}

fn external_store_error(error: &parquet::errors::ParquetError) -> Option<&object_store::Error> {
    sources(error).find_map(|error| error.downcast_ref())
}

/// The kind of a driver's error. The cloud drivers keep status and body of an answer to themselves, so that the text of
/// the answer decides: the codes below are the ones that S3, MinIO, Google and Azure document for their error bodies.
fn fault_of(error: &object_store::Error) -> StorageFault {
    use object_store::Error;
    if let Some(fault) = io_fault(error) {
        return fault;
    }
    let text = chain_text(error);
    let says = |codes: &[&str]| codes.iter().any(|code| text.contains(code));
    if says(&["NoSuchBucket", "The specified bucket does not exist", "ContainerNotFound", "ContainerBeingDeleted"]) {
        return StorageFault::NoBucket;
    }
    if says(&["XMinioStorageFull", "507 Insufficient Storage", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded"]) {
        return StorageFault::Full;
    }
    if says(&["AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "403 Forbidden", "401 Unauthorized"]) {
        return StorageFault::Denied;
    }
    match error {
        Error::NotFound { .. } => StorageFault::Missing,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => StorageFault::Denied,
        Error::NotSupported { .. } | Error::NotImplemented { .. } => StorageFault::Unsupported,
        _ => StorageFault::Unavailable,
    }
}

fn io_fault(error: &object_store::Error) -> Option<StorageFault> {
    let chain = sources(error);
    let io = chain.filter_map(|error| error.downcast_ref::<io::Error>()).next()?;
    match io.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Some(StorageFault::Full)
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(StorageFault::Denied),
        _ => None,
    }
}

/// The errors behind `error`, the nearest one first.
fn sources<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |error: &&'a (dyn std::error::Error + 'static)| error.source())
}

fn chain_text(error: &object_store::Error) -> String {
    let mut text = error.to_string();
    for source in sources(error) {
        text.push('\n');
        text.push_str(&source.to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> object_store::Error {
        object_store::Error::Generic { store: "test", source: source.into() }
    }

    #[test]
    fn failures_are_told_apart() {
        let check = |error: object_store::Error, expect: StorageFault| {
            let error = ResultError::storage(StorageOperation::Write, "a/b", error);
            assert_eq!(error.storage_fault(), Some(expect), "{error:?}");
            assert_eq!(error.is_retryable(), expect == StorageFault::Unavailable);
        };
        check(generic(io::Error::from(io::ErrorKind::StorageFull)), StorageFault::Full);
        check(generic(io::Error::from(io::ErrorKind::PermissionDenied)), StorageFault::Denied);
        check(generic("status 507: <Code>XMinioStorageFull</Code>"), StorageFault::Full);
        check(generic("connection refused"), StorageFault::Unavailable);
        let missing = |body: &str| object_store::Error::NotFound { path: "a".into(), source: body.into() };
        check(missing("<Code>NoSuchBucket</Code>"), StorageFault::NoBucket);
        check(missing("<Code>NoSuchKey</Code>"), StorageFault::Missing);
        let denied = object_store::Error::PermissionDenied { path: "a".into(), source: "no".into() };
        check(denied, StorageFault::Denied);
    }

    #[test]
    fn a_store_failure_inside_parquet_keeps_its_kind() {
        let inner = generic("connection reset");
        let error = parquet::errors::ParquetError::External(Box::new(inner));
        let error = ResultError::parquet(StorageOperation::Read, "a", error);
        assert_eq!(error.storage_fault(), Some(StorageFault::Unavailable));
    }
}
