//! DataFusion's session, set up to answer as Trino does.

use std::sync::Arc;

use datafusion::catalog::{CatalogProviderList, MemoryCatalogProviderList};
use datafusion::error::Result;
use datafusion::execution::context::SessionContext;
use datafusion::execution::disk_manager::DiskManagerBuilder;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::registry::FunctionRegistry;
use datafusion::prelude::SessionConfig;

use crate::catalog::tpch::TpchCatalog;
use crate::planner::{TrinoOperators, TrinoTypes, functions};
use crate::sql::SessionNames;

/// What the queries of an engine share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Streams that one query may compute at once.
    pub(crate) partitions: usize,
    /// What sorts, joins and aggregations may hold.
    pub(crate) memory_bytes: usize,
}

/// Runs statements over the engine's catalogs.
pub(crate) struct Runner {
    context: SessionContext,
}

impl Runner {
    /// A runner with its catalogs. Nothing is generated or read yet.
    pub(crate) fn new(limits: Limits) -> Result<Self> {
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(limits.memory_bytes)))
            .with_disk_manager_builder(DiskManagerBuilder::default())
            // A file may be replaced between two queries, so nothing is remembered about it.
            .with_object_list_cache_limit(0)
            .with_file_statistics_cache_limit(0)
            .with_metadata_cache_limit(0)
            .build_arc()?;
        let catalogs = Arc::new(MemoryCatalogProviderList::new());
        catalogs.register_catalog("tpch".to_owned(), Arc::new(TpchCatalog::new(limits.partitions)));
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
        Ok(Self { context: SessionContext::new_with_state(state) })
    }

    /// The state for one statement: a copy with the session's names and the time at which it starts.
    pub(super) fn state(&self, session: &SessionNames) -> SessionState {
        let mut state = self.context.state();
        let options = state.config_mut().options_mut();
        options.execution.time_zone = Some(session.time_zone.clone());
        if let Some(catalog) = &session.catalog {
            options.catalog.default_catalog.clone_from(catalog);
        }
        if let Some(schema) = &session.schema {
            options.catalog.default_schema.clone_from(schema);
        }
        state
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
