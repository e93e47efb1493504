//! DataFusion's session, set up to answer as Trino does, over the engine's catalogs.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::catalog::{CatalogProvider, CatalogProviderList, MemoryCatalogProviderList};
use datafusion::error::Result;
use datafusion::execution::context::SessionContext;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::registry::FunctionRegistry;
use datafusion::prelude::SessionConfig;

use super::views::Planner;
use crate::catalog::files::FilesCatalog;
use crate::catalog::information_schema::Described;
use crate::catalog::memory::{MemoryCatalog, ViewPlanner};
use crate::catalog::tpch::TpchCatalog;
use crate::catalog::{FILES, MEMORY, TPCH};
use crate::planner::{TrinoOperators, TrinoTypes, aggregates, functions};
use crate::sql::SessionNames;

/// What the queries of an engine share.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Streams that one query may compute at once.
    pub(crate) partitions: usize,
    /// What sorts, joins and aggregations may hold.
    pub(crate) memory_bytes: usize,
    /// What the tables of the catalog `memory` may hold.
    pub(crate) memory_catalog_bytes: usize,
    /// The folder of the catalog `files`.
    pub(crate) files_dir: Option<PathBuf>,
}

/// Runs statements over the engine's catalogs.
#[derive(Debug)]
pub(crate) struct Runner {
    pub(super) planner: Arc<Planner>,
    pub(super) memory: Arc<MemoryCatalog>,
}

impl Runner {
    /// A runner with its catalogs. Nothing is generated or read yet.
    pub(crate) fn new(limits: Limits) -> Result<Self> {
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(limits.memory_bytes)))
            // A file may be replaced between two queries, so nothing is remembered about it.
            .with_object_list_cache_limit(0)
            .with_file_statistics_cache_limit(0)
            .with_metadata_cache_limit(0)
            .build_arc()?;
        let memory = Arc::new(MemoryCatalog::new(limits.memory_catalog_bytes));
        let catalogs = Arc::new(MemoryCatalogProviderList::new());
        let add = |name: &'static str, inner: Arc<dyn CatalogProvider>| {
            catalogs.register_catalog(name.to_owned(), Arc::new(Described { name, inner }));
        };
        add(TPCH, Arc::new(TpchCatalog::new(limits.partitions)));
        add(MEMORY, Arc::clone(&memory) as Arc<dyn CatalogProvider>);
        if let Some(root) = limits.files_dir {
            add(FILES, Arc::new(FilesCatalog::new(root, Arc::clone(&runtime))));
        }
        let mut state = SessionStateBuilder::new()
            .with_config(config(limits.partitions))
            .with_runtime_env(runtime)
            .with_catalog_list(catalogs)
            .with_type_planner(Arc::new(TrinoTypes))
            .with_expr_planners(vec![Arc::new(TrinoOperators)])
            .with_default_features()
            .build();
        for function in functions() {
            state.register_udf(function)?;
        }
        for aggregate in aggregates() {
            state.register_udaf(aggregate)?;
        }
        let planner = Arc::new(Planner { context: SessionContext::new_with_state(state) });
        let for_views: Arc<dyn ViewPlanner> = Arc::clone(&planner) as Arc<dyn ViewPlanner>;
        memory.plan_views_with(Arc::downgrade(&for_views));
        Ok(Self { planner, memory })
    }

    /// The state for one statement.
    pub(super) fn state(&self, session: &SessionNames) -> SessionState {
        self.planner.state(session)
    }
}

fn config(partitions: usize) -> SessionConfig {
    SessionConfig::new()
        .with_target_partitions(partitions)
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(false)
        .set_str("datafusion.sql_parser.default_null_ordering", "nulls_last")
        .set_bool("datafusion.sql_parser.parse_float_as_decimal", true)
        .set_bool("datafusion.sql_parser.collect_spans", true)
}
