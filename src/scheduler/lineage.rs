//! `LINEAGE`: an edge between two entities of OpenMetadata, column by column, beside what others say of it.

use warren_openmetadata::{
    ColumnLineage, Error as CatalogueError, Fqn, LineageDetails, LineageNode, LineageSource, merge_details,
};

use super::endpoint::{Endpoint, Found, Unmatched};
use super::setback::Setback;
use super::task::Task;
use crate::config::Publish;
use crate::models::{ColumnEdge, CommandState, Sink};
use crate::store::CommandFilter;

impl Task {
    /// Tells every sink that was not told yet. One that does not take it does not keep the others from it.
    pub(super) async fn tell_lineage(&mut self) -> Result<(), Setback> {
        let (from, to) = (self.source()?, self.target()?);
        if from == to {
            // Neither sink has a word for a table that is made of itself.
            return Ok(());
        }
        let told = self.tell_openmetadata(&from, &to).await;
        let told_others = self.tell_openlineage().await;
        told.and(told_others)
    }

    async fn tell_openmetadata(&mut self, from: &Fqn, to: &Fqn) -> Result<(), Setback> {
        if self.progress.has_reached(Sink::OpenMetadata) {
            return Ok(());
        }
        let from = self.source_entity(from).await?;
        let to = self.target_entity(to).await?;
        let ours = self.details(&from, &to);
        let existing = self.openmetadata().lineage_edge(&from.by_id(), &to.by_id()).await?.unwrap_or_default();
        let merged = merge_details(&existing, &ours);
        // What a second delivery would write is there already.
        if merged != existing {
            self.put(&from, &to, &existing, merged).await?;
        }
        self.progress.deliver(Sink::OpenMetadata);
        self.note().await
    }

    async fn source_entity(&self, fqn: &Fqn) -> Result<Endpoint, Setback> {
        match Endpoint::find(self.openmetadata(), fqn).await? {
            Found::There(end) => Ok(end),
            Found::Deleted => Err(Setback::Deleted(fqn.to_string())),
            Found::Missing if self.is_awaited(fqn).await? => Err(Setback::SourceWaits(fqn.to_string())),
            Found::Missing => Err(Setback::SourceGone(fqn.to_string())),
        }
    }

    /// Whether a command waits that will make an entity known.
    async fn is_awaited(&self, fqn: &Fqn) -> Result<bool, Setback> {
        let settled = [CommandState::WORDS[2], CommandState::WORDS[3]];
        for state in CommandState::WORDS.into_iter().filter(|word| !settled.contains(word)) {
            let filter = CommandFilter { model: Some(fqn.to_string()), state: Some(state), ..CommandFilter::default() };
            let page = self.scheduler.app.store.commands(&filter, None, 1).await;
            if !page.map_err(|error| Setback::Database(error.into()))?.items.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn target_entity(&self, fqn: &Fqn) -> Result<Endpoint, Setback> {
        match Endpoint::find(self.openmetadata(), fqn).await? {
            Found::There(end) => Ok(end),
            Found::Deleted => Err(Setback::Deleted(fqn.to_string())),
            Found::Missing if self.scheduler.settings.publish == Publish::Direct => {
                self.publish(fqn).await?;
                match Endpoint::find(self.openmetadata(), fqn).await? {
                    Found::There(end) => Ok(end),
                    Found::Deleted | Found::Missing => Err(Setback::TargetMissing(fqn.to_string())),
                }
            }
            Found::Missing => Err(Setback::TargetMissing(fqn.to_string())),
        }
    }

    /// What this command says of the edge. A column that OpenMetadata does not have is left out, with a warning.
    fn details(&mut self, from: &Endpoint, to: &Endpoint) -> LineageDetails {
        let mut warnings = Vec::new();
        let lines = self.command.payload.columns.iter().filter_map(|edge| line(edge, from, to, &mut warnings));
        let columns_lineage = lines.collect();
        warnings.into_iter().for_each(|warning| self.progress.warn(warning));
        let source = match self.command.payload.statement.as_str() {
            "CreateView" | "CreateMaterializedView" => LineageSource::ViewLineage,
            _ => LineageSource::QueryLineage,
        };
        LineageDetails {
            sql_query: Some(self.command.payload.query.clone()),
            columns_lineage,
            source,
            ..LineageDetails::default()
        }
    }

    /// Writes the edge. A server that refuses columns gets it without ours, and then without any.
    async fn put(
        &mut self,
        from: &Endpoint,
        to: &Endpoint,
        existing: &LineageDetails,
        merged: LineageDetails,
    ) -> Result<(), Setback> {
        let client = self.openmetadata().clone();
        let ends: (LineageNode, LineageNode) = if client.capabilities().await?.lineage_by_name {
            (from.by_name(), to.by_name())
        } else {
            (from.by_id(), to.by_id())
        };
        let refusal = match client.put_lineage(&ends.0, &ends.1, &merged).await {
            Err(CatalogueError::UnknownColumns { message }) => message,
            outcome => return Ok(outcome?),
        };
        self.progress.warn(format!("OpenMetadata refused the lineage of the columns, so it is not there: {refusal}"));
        let others = LineageDetails { columns_lineage: existing.columns_lineage.clone(), ..merged.clone() };
        match client.put_lineage(&ends.0, &ends.1, &others).await {
            Err(CatalogueError::UnknownColumns { .. }) => {
                let none = LineageDetails { columns_lineage: Vec::new(), ..merged };
                Ok(client.put_lineage(&ends.0, &ends.1, &none).await?)
            }
            outcome => Ok(outcome?),
        }
    }
}

/// What one column of the target takes from the source; `None` where nothing is left of it.
fn line(edge: &ColumnEdge, from: &Endpoint, to: &Endpoint, warnings: &mut Vec<String>) -> Option<ColumnLineage> {
    let mut known = |end: &Endpoint, side: &str, name: &str| match end.column(name) {
        Ok(fqn) => Some(fqn),
        Err(Unmatched::Unknown) => {
            warnings.push(format!("OpenMetadata has no column '{name}' of the {side}, so it is left out"));
            None
        }
        Err(Unmatched::Ambiguous) => {
            warnings.push(format!("several columns of the {side} are called '{name}' but for case; it is left out"));
            None
        }
    };
    let to_column = known(to, "target", &edge.column)?;
    let from_columns: Vec<String> =
        edge.from.iter().filter_map(|origin| known(from, "source", &origin.column)).collect();
    (!from_columns.is_empty()).then_some(ColumnLineage { from_columns, to_column, function: None })
}
