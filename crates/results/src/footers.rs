//! A small cache of Parquet footers, so that paging through a result does not read them again for every page.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use object_store::path::Path;
use parquet::file::metadata::ParquetMetaData;

/// Footers kept at most, of all results together.
const MAX_FOOTERS: usize = 64;
/// Memory of all kept footers at most.
const MAX_FOOTER_BYTES: usize = 8 * 1024 * 1024;

/// Footers by path and digest of their file: a part that was deleted and written anew is another key, or the same file.
#[derive(Debug, Default)]
pub(crate) struct FooterCache {
    // The most recently used one is in front.
    footers: Mutex<VecDeque<(FooterKey, Arc<ParquetMetaData>)>>,
}

/// Which file a footer belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FooterKey {
    pub(crate) path: Path,
    pub(crate) sha256: String,
}

impl FooterCache {
    pub(crate) fn get(&self, key: &FooterKey) -> Option<Arc<ParquetMetaData>> {
        let mut footers = self.footers.lock().unwrap_or_else(PoisonError::into_inner);
        let index = footers.iter().position(|(known, _)| known == key)?;
        let found = footers.remove(index)?;
        let footer = found.1.clone();
        footers.push_front(found);
        Some(footer)
    }

    pub(crate) fn put(&self, key: FooterKey, footer: Arc<ParquetMetaData>) {
        let mut footers = self.footers.lock().unwrap_or_else(PoisonError::into_inner);
        footers.retain(|(known, _)| *known != key);
        footers.push_front((key, footer));
        footers.truncate(MAX_FOOTERS);
        let mut bytes = 0;
        let fitting = footers.iter().take_while(|(_, footer)| {
            bytes += footer.memory_size();
            bytes <= MAX_FOOTER_BYTES
        });
        let fitting = fitting.count();
        footers.truncate(fitting);
    }
}
