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
        match (told, self.tell_openlineage().await) {
            (Err(one), Err(other)) => Err(one.or(other, self.attempts)),
            (told, told_others) => told.and(told_others),
        }
    }

    async fn tell_openmetadata(&mut self, from: &Fqn, to: &Fqn) -> Result<(), Setback> {
        if self.progress.has_reached(Sink::OpenMetadata) {
            return Ok(());
        }
        let from = self.source_entity(from).await?;
        let to = self.target_entity(to).await?;
        let ours = self.details(&from, &to);
        let existing = self.openmetadata().lineage_edge(&from.by_id(), &to.by_id()).await?;
        let theirs = existing.as_ref().map(|existing| self.still_true(existing, &from, &to));
        let merged = theirs.as_ref().map_or_else(|| ours.clone(), |theirs| merge_details(theirs, &ours));
        // What a second delivery would write is there already.
        if existing.as_ref() != Some(&merged) {
            self.put(&from, &to, theirs.unwrap_or_default(), merged).await?;
        }
        self.progress.deliver(Sink::OpenMetadata);
        self.note().await
    }

    async fn source_entity(&self, fqn: &Fqn) -> Result<Endpoint, Setback> {
        match Endpoint::find(self.openmetadata(), fqn).await? {
            Found::There(end) => Ok(end),
            Found::Deleted => Err(Setback::Deleted(fqn.to_string())),
            Found::Missing if self.is_awaited(fqn).await? => Err(Setback::SourceWaits(fqn.to_string())),
            Found::Missing => Err(Setback::SourceMissing(fqn.to_string())),
        }
    }

    /// Whether a command waits that will make an entity known.
    async fn is_awaited(&self, fqn: &Fqn) -> Result<bool, Setback> {
        // One that is handed back between the first two looks is seen by the third.
        let [queued, running, ..] = CommandState::WORDS;
        for state in [queued, running, queued] {
            let filter = CommandFilter { model: Some(fqn.to_string()), state: Some(state), ..CommandFilter::default() };
            let page = self.scheduler.app.store.commands(&filter, None, 1).await;
            if !page.map_err(|error| Setback::Database(error.into()))?.items.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What was made, as OpenMetadata has it; none where it does not know it.
    pub(super) async fn made(&self, fqn: &Fqn) -> Result<Option<Endpoint>, Setback> {
        match Endpoint::find_made(self.openmetadata(), fqn).await? {
            Found::There(end) => Ok(Some(end)),
            Found::Deleted => Err(Setback::Deleted(fqn.to_string())),
            Found::Missing => Ok(None),
        }
    }

    /// The target. One that is not there is brought: nobody knows whether its own ingestion ever ends well.
    async fn target_entity(&mut self, fqn: &Fqn) -> Result<Endpoint, Setback> {
        if let Some(end) = self.made(fqn).await? {
            return Ok(end);
        }
        match self.scheduler.settings.publish {
            Publish::Direct => self.publish(fqn, None).await?,
            Publish::Ingest => match self.read_service().await {
                // A run that ended well and did not bring it is not repeated from here, only looked at again.
                Ok(_) | Err(Setback::NoPipeline(_) | Setback::IdlePipelines(_)) => {}
                Err(setback) => return Err(setback),
            },
        }
        self.made(fqn).await?.ok_or_else(|| Setback::TargetMissing(fqn.to_string()))
    }

    /// What an edge said that holds still: without columns that are not there any more, for old servers refuse the edge
    /// for one of them. Of a view whose text says it all anew, no line holds that an earlier text led to.
    fn still_true(&self, existing: &LineageDetails, from: &Endpoint, to: &Endpoint) -> LineageDetails {
        let columns_lineage = if self.says_all() && existing.source == LineageSource::ViewLineage {
            Vec::new()
        } else {
            existing.columns_lineage.iter().filter_map(|line| still_there(line, from, to)).collect()
        };
        LineageDetails { columns_lineage, ..existing.clone() }
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

    /// Writes the edge. A server that refuses columns gets it without ours; where it refuses theirs too, the edge stays as
    /// it is.
    async fn put(
        &mut self,
        from: &Endpoint,
        to: &Endpoint,
        theirs: LineageDetails,
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
        let without_ours = LineageDetails { columns_lineage: theirs.columns_lineage, ..merged };
        match client.put_lineage(&ends.0, &ends.1, &without_ours).await {
            // An edge with columns is there, and they are worth more than the text of a newer statement.
            Err(CatalogueError::UnknownColumns { .. }) => Ok(()),
            outcome => Ok(outcome?),
        }
    }
}

/// What is left of a line of an edge that exists; `None` where nothing is.
fn still_there(line: &ColumnLineage, from: &Endpoint, to: &Endpoint) -> Option<ColumnLineage> {
    let from_columns: Vec<String> = line.from_columns.iter().filter(|column| from.has(column)).cloned().collect();
    let is_left = to.has(&line.to_column) && (line.from_columns.is_empty() || !from_columns.is_empty());
    is_left.then(|| ColumnLineage { from_columns, ..line.clone() })
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
