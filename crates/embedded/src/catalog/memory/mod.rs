//! The catalog `memory`: schemas, tables and views that live as long as the engine. Statements change it through
//! [`MemoryCatalog`]; DataFusion reads it through the provider traits.

mod table;
mod view;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, TableProvider};
use datafusion::error::Result;

pub(crate) use table::{Appending, MemoryTable};
pub(crate) use view::{View, ViewColumn, ViewPlanner};

use crate::failure::{ErrorCode, QueryFailure};

/// The schema that is always there.
const DEFAULT_SCHEMA: &str = "default";

/// The catalog `memory`.
#[derive(Debug)]
pub(crate) struct MemoryCatalog {
    schemas: RwLock<BTreeMap<String, Arc<MemorySchema>>>,
    budget: Arc<Budget>,
    planner: Arc<OnceLock<Weak<dyn ViewPlanner>>>,
}

/// What all tables together hold and may hold.
#[derive(Debug)]
pub(crate) struct Budget {
    used_bytes: AtomicUsize,
    limit_bytes: usize,
}

impl Budget {
    /// Takes bytes, or says that they are too many.
    fn take(&self, bytes: usize) -> std::result::Result<(), QueryFailure> {
        let before = self.used_bytes.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) <= self.limit_bytes {
            return Ok(());
        }
        self.give_back(bytes);
        let message = format!(
            "the catalog memory is full: its tables may hold {} bytes together; drop some or raise the limit",
            self.limit_bytes
        );
        Err(QueryFailure::new(ErrorCode::ExceededLocalMemoryLimit, message))
    }

    fn give_back(&self, bytes: usize) {
        self.used_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A table or a view.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Table(Arc<MemoryTable>),
    View(Arc<View>),
}

/// A schema of the catalog `memory`.
#[derive(Debug)]
pub(crate) struct MemorySchema {
    entries: RwLock<BTreeMap<String, Entry>>,
    planner: Arc<OnceLock<Weak<dyn ViewPlanner>>>,
}

/// A name that is taken already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken;

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryCatalog {
    /// A catalog with the schema `default`, whose tables may hold this many bytes together.
    pub(crate) fn new(limit_bytes: usize) -> Self {
        let planner = Arc::new(OnceLock::new());
        let default = Arc::new(MemorySchema { entries: RwLock::default(), planner: Arc::clone(&planner) });
        Self {
            schemas: RwLock::new(BTreeMap::from([(DEFAULT_SCHEMA.to_owned(), default)])),
            budget: Arc::new(Budget { used_bytes: AtomicUsize::new(0), limit_bytes }),
            planner,
        }
    }

    /// Tells the catalog who plans its views. Only the first call counts.
    pub(crate) fn plan_views_with(&self, planner: Weak<dyn ViewPlanner>) {
        self.planner.set(planner).ok();
    }

    pub(crate) fn budget(&self) -> Arc<Budget> {
        Arc::clone(&self.budget)
    }

    pub(crate) fn memory_schema(&self, name: &str) -> Option<Arc<MemorySchema>> {
        read(&self.schemas).get(name).cloned()
    }

    pub(crate) fn create_schema(&self, name: &str) -> std::result::Result<(), Taken> {
        let mut schemas = write(&self.schemas);
        if schemas.contains_key(name) || name == super::information_schema::NAME {
            return Err(Taken);
        }
        let schema = MemorySchema { entries: RwLock::default(), planner: Arc::clone(&self.planner) };
        schemas.insert(name.to_owned(), Arc::new(schema));
        Ok(())
    }

    /// Drops a schema if nothing is in it; whether it was dropped.
    pub(crate) fn drop_empty_schema(&self, name: &str) -> bool {
        let mut schemas = write(&self.schemas);
        let empty = schemas.get(name).is_some_and(|schema| read(&schema.entries).is_empty());
        if empty {
            schemas.remove(name);
        }
        empty
    }
}

impl MemorySchema {
    pub(crate) fn entry(&self, name: &str) -> Option<Entry> {
        read(&self.entries).get(name).cloned()
    }

    /// Adds a table or view under a name that nothing has.
    pub(crate) fn create(&self, name: &str, entry: Entry) -> std::result::Result<(), Taken> {
        let mut entries = write(&self.entries);
        if entries.contains_key(name) {
            return Err(Taken);
        }
        entries.insert(name.to_owned(), entry);
        Ok(())
    }

    /// Puts a view in the place of another, or adds it. A table is not replaced.
    pub(crate) fn replace_view(&self, name: &str, view: Arc<View>) -> std::result::Result<(), Taken> {
        let mut entries = write(&self.entries);
        if matches!(entries.get(name), Some(Entry::Table(_))) {
            return Err(Taken);
        }
        entries.insert(name.to_owned(), Entry::View(view));
        Ok(())
    }

    pub(crate) fn remove(&self, name: &str) {
        write(&self.entries).remove(name);
    }
}

impl CatalogProvider for MemoryCatalog {
    fn schema_names(&self) -> Vec<String> {
        read(&self.schemas).keys().cloned().collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        self.memory_schema(name).map(|schema| schema as Arc<dyn SchemaProvider>)
    }
}

#[async_trait]
impl SchemaProvider for MemorySchema {
    fn table_names(&self) -> Vec<String> {
        read(&self.entries).keys().cloned().collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        match self.entry(name) {
            None => Ok(None),
            Some(Entry::Table(table)) => Ok(Some(table)),
            Some(Entry::View(view)) => {
                let planner = self.planner.get().and_then(Weak::upgrade);
                match planner {
                    Some(planner) => Ok(Some(view.provider(planner.as_ref()).await?)),
                    None => Ok(None),
                }
            }
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        read(&self.entries).contains_key(name)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, RecordBatch};
    use arrow::datatypes::{DataType, Field, Schema};

    use super::{Entry, MemoryCatalog, MemoryTable, Taken};

    #[test]
    fn schemas_and_tables_come_and_go() {
        let catalog = MemoryCatalog::new(1000);
        assert_eq!(catalog.create_schema("default"), Err(Taken));
        assert_eq!(catalog.create_schema("s"), Ok(()));
        let schema = catalog.memory_schema("s").expect("the schema");
        let table = Arc::new(MemoryTable::new(Arc::new(Schema::empty()), catalog.budget()));
        assert_eq!(schema.create("t", Entry::Table(Arc::clone(&table))), Ok(()));
        assert_eq!(schema.create("t", Entry::Table(table)), Err(Taken));
        assert!(!catalog.drop_empty_schema("s"));
        schema.remove("t");
        assert!(catalog.drop_empty_schema("s"));
    }

    #[test]
    fn tables_share_a_budget_and_give_it_back() {
        let catalog = MemoryCatalog::new(1000);
        let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, true)]));
        let rows = |count: i64| {
            RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(Int64Array::from_iter_values(0..count))])
                .expect("rows")
        };
        let table = || Arc::new(MemoryTable::new(Arc::clone(&schema), catalog.budget()));
        let (first, second) = (table(), table());
        let mut appending = first.append();
        assert_eq!(appending.push(rows(50)), Ok(()));
        assert_eq!(appending.commit(), 50);
        assert!(second.append().push(rows(100)).is_err());
        drop(first);
        let mut dropped = second.append();
        assert_eq!(dropped.push(rows(100)), Ok(()));
        drop(dropped);
        assert_eq!(second.append().push(rows(100)), Ok(()));
    }
}
