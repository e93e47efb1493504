//! Direct publishing: a table or view that a job made is written to OpenMetadata by Warren, with the columns that Trino
//! has. Its schema must be there.

use warren_openmetadata::{Fqn, NewTable};
use warren_sql::{Statement, TrinoName};
use warren_trino::{Client, Column, Session};

use super::columns::new_columns;
use super::endpoint::Endpoint;
use super::setback::{ColumnsError, Setback};
use super::task::Task;
use crate::jobs::Job;

/// Service, database, schema, table.
const TABLE_PARTS: usize = 4;

impl Task {
    /// Writes the target to OpenMetadata, or changes what is `known` of it there to what Trino has now.
    pub(super) async fn publish(&self, target: &Fqn, known: Option<&Endpoint>) -> Result<(), Setback> {
        let target = known.map_or(target, Endpoint::fqn);
        let unpublishable = || Setback::Unpublishable(target.to_string());
        let schema = target.parent().filter(|_| target.parts().len() == TABLE_PARTS).ok_or_else(unpublishable)?;
        let job = self.scheduler.app.store.job(self.command.job_id).await;
        let job = job.map_err(|error| Setback::Database(error.into()))?.ok_or_else(unpublishable)?;
        let sql = job.plan().map(|plan| plan.trino_query.as_str()).unwrap_or_default();
        let statement = warren_sql::analyse(sql).ok().ok_or_else(unpublishable)?;
        let name = trino_name(&job, &statement).ok_or_else(unpublishable)?;
        let clusters = &self.scheduler.app.clusters;
        let ran_at = job.run().and_then(|run| run.remote.as_ref()).and_then(|remote| clusters.named(&remote.cluster));
        let client = &ran_at.unwrap_or_else(|| clusters.choose()).client;
        let columns = columns(client, &name, &self.command.payload.owner).await.map_err(Setback::Columns)?;
        let text = || statement.defining_query().map(str::to_owned);
        let (table_type, schema_definition) = match self.command.payload.statement.as_str() {
            "CreateView" => ("View", text()),
            "CreateMaterializedView" => ("MaterializedView", text()),
            _ => (known.and_then(Endpoint::table_type).filter(|own| !own.ends_with("View")).unwrap_or("Regular"), None),
        };
        let table = NewTable {
            name: target.name().to_owned(),
            database_schema: schema,
            table_type: table_type.to_owned(),
            columns: new_columns(&columns),
            schema_definition,
            description: None,
        };
        self.openmetadata().put_table(&table).await?;
        Ok(())
    }
}

/// What the target is called in Trino, by the statement that ran there. A name that Warren did not change may be shorter:
/// the rest of it is the session's.
fn trino_name(job: &Job, statement: &Statement<'_>) -> Option<TrinoName> {
    let session = (job.submission.catalog.as_deref(), job.submission.schema.as_deref());
    let (catalog, schema, table) = match statement.write_target()?.object_parts() {
        [catalog, schema, table] => (catalog.as_str(), schema.as_str(), table),
        [schema, table] => (session.0?, schema.as_str(), table),
        [table] => (session.0?, session.1?, table),
        _ => return None,
    };
    TrinoName::table(catalog, schema, table).ok()
}

/// The columns of a table or view, as the user who made it sees them. No row is read.
async fn columns(client: &Client, name: &TrinoName, user: &str) -> Result<Vec<Column>, ColumnsError> {
    let mut page = client.submit(&format!("SELECT * FROM {name} LIMIT 0"), &Session::new(user)).await?;
    let mut columns = None;
    loop {
        if let Some(error) = page.error {
            return Err(error.into());
        }
        columns = page.columns.or(columns);
        match page.next {
            Some(next) => page = client.advance(&next).await?,
            None => return columns.map(|columns| columns.to_vec()).ok_or(ColumnsError::None),
        }
    }
}
