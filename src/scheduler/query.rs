//! `QUERY`: OpenMetadata learns of a query that read its tables, and counts them as used.

use uuid::Uuid;
use warren_openmetadata::{EntityKind, Error as CatalogueError, Fqn, Get, NewQuery};

use super::setback::Setback;
use super::task::Task;
use crate::models::Sink;

impl Task {
    /// Tells the query, then counts each table, once over all tries.
    pub(super) async fn tell_query(&mut self) -> Result<(), Setback> {
        let tables = self.used_tables().await?;
        if tables.is_empty() {
            return Ok(());
        }
        if !self.progress.has_reached(Sink::OpenMetadata) {
            let query = self.new_query(tables.clone())?;
            self.openmetadata().put_query(&query).await?;
            self.progress.deliver(Sink::OpenMetadata);
            self.note().await?;
        }
        for table in tables {
            self.count(table).await?;
        }
        Ok(())
    }

    /// What the query used that is a table now. A file or folder has no queries in OpenMetadata, and what is gone is not
    /// told of.
    async fn used_tables(&self) -> Result<Vec<Uuid>, Setback> {
        let mut tables = Vec::new();
        for id in self.command.payload.used.iter().filter_map(|id| Uuid::parse_str(id).ok()) {
            match self.openmetadata().table(id, &Get::default()).await {
                Ok(table) => tables.push(table.head.id),
                Err(CatalogueError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(tables)
    }

    fn new_query(&self, tables: Vec<Uuid>) -> Result<NewQuery, Setback> {
        let target = self.target()?;
        let service = Fqn::from_raw_parts([target.service()])
            .map_err(|source| Setback::Name { name: target.to_string(), source })?;
        let payload = &self.command.payload;
        let duration = u32::try_from(payload.duration_ms.unwrap_or_default()).unwrap_or(u32::MAX);
        Ok(NewQuery {
            query: payload.query.clone(),
            service,
            query_date: self.created.timestamp_millis(),
            duration: f64::from(duration),
            used_by: vec![payload.owner.clone()],
            query_used_in: tables,
            processed_lineage: true,
        })
    }

    /// Counts a table, noted before it is asked for: a count whose answer is lost is not repeated, because a number that is
    /// one too small does less harm than one that grows with every try.
    async fn count(&mut self, table: Uuid) -> Result<(), Setback> {
        let id = table.to_string();
        if self.progress.counted.contains(&id) {
            return Ok(());
        }
        self.progress.counted.push(id);
        self.note().await?;
        let day = self.created.format("%Y-%m-%d").to_string();
        let counted = self.openmetadata().add_usage(EntityKind::Table, table, &day, 1).await;
        if let Err(error) = &counted
            && !may_have_counted(error)
        {
            self.progress.counted.pop();
        }
        Ok(counted?)
    }
}

/// Whether OpenMetadata may have added the count although this came back.
fn may_have_counted(error: &CatalogueError) -> bool {
    matches!(
        error,
        CatalogueError::Timeout
            | CatalogueError::Broken { .. }
            | CatalogueError::Unavailable { .. }
            | CatalogueError::Malformed { .. }
            | CatalogueError::TooLarge { .. }
            | CatalogueError::Html
            | CatalogueError::Http { .. }
    )
}
