//! `LINEAGE` for receivers of OpenLineage's events: one event a command, and each of them says all of the job, so that it
//! does not matter whether a receiver adds up the events of a run or keeps the last one.

use std::collections::{BTreeMap, BTreeSet};

use warren_openmetadata::Fqn;

use super::setback::{OUTAGE, Setback};
use super::task::Task;
use crate::models::{Command, ModelCommand, Sink};
use crate::openlineage::{ColumnInputs, Dataset, FieldInput, Output, RunEvent};

impl Task {
    /// Tells the receiver, if there is one that was not told yet.
    pub(super) async fn tell_openlineage(&mut self) -> Result<(), Setback> {
        let Some(receiver) = self.scheduler.openlineage.clone() else { return Ok(()) };
        if self.progress.has_reached(Sink::OpenLineage) {
            return Ok(());
        }
        let scheduler = &self.scheduler;
        if let Some(retry_in) = scheduler.receiver_away.left(scheduler.sleeper.now()) {
            return Err(Setback::ReceiverAway { retry_in });
        }
        let event = self.event().await?;
        if let Err(error) = receiver.emit(&event).await {
            if error.concerns_every_event() {
                scheduler.receiver_away.until(scheduler.sleeper.now() + OUTAGE);
            }
            return Err(error.into());
        }
        scheduler.receiver_away.end();
        self.progress.deliver(Sink::OpenLineage);
        self.note().await
    }

    /// What its job says of the lineage of the target, in all of its commands.
    pub(super) async fn siblings(&self) -> Result<Vec<ModelCommand>, Setback> {
        let all = self.scheduler.app.store.model_commands(self.command.job_id).await;
        let all = all.map_err(|error| Setback::Database(error.into()))?;
        let is_sibling =
            |own: &ModelCommand| own.command == Command::Lineage && own.model_name_fqn == self.command.model_name_fqn;
        Ok(all.into_iter().map(|own| own.command).filter(is_sibling).collect())
    }

    async fn event(&self) -> Result<RunEvent, Setback> {
        let siblings = self.siblings().await?;
        let output = Output { dataset: dataset(&self.target()?), columns: columns(&siblings) };
        let inputs: BTreeSet<Dataset> = siblings.iter().filter_map(source).collect();
        Ok(RunEvent {
            time: self.created,
            run: self.command.job_id.0,
            // What a statement makes is the thing that runs again and again; a job of Warren is one run of it.
            job: self.command.model_name_fqn.clone(),
            sql: self.command.payload.query.clone(),
            inputs: inputs.into_iter().collect(),
            output,
        })
    }
}

/// What each column of the target takes from all sources together, in the order of the first that speaks of it.
fn columns(siblings: &[ModelCommand]) -> Vec<ColumnInputs> {
    let mut columns: Vec<ColumnInputs> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for command in siblings {
        let Some(dataset) = source(command) else { continue };
        for edge in &command.payload.columns {
            let inputs = edge.from.iter().map(|own| FieldInput {
                dataset: dataset.clone(),
                field: own.column.clone(),
                usage: own.usage,
            });
            let place = *places.entry(&edge.column).or_insert(columns.len());
            match columns.get_mut(place) {
                Some(known) => known.inputs.extend(inputs),
                None => columns.push(ColumnInputs { column: edge.column.clone(), inputs: inputs.collect() }),
            }
        }
    }
    columns
}

fn source(command: &ModelCommand) -> Option<Dataset> {
    Fqn::parse(command.from_fqn.as_deref()?).ok().map(|fqn| dataset(&fqn))
}

/// A table or file: its service, and the rest of its name.
fn dataset(fqn: &Fqn) -> Dataset {
    let rest = fqn.parts().iter().skip(1).map(String::as_str);
    let name = Fqn::from_raw_parts(rest).map(|rest| rest.to_string()).unwrap_or_default();
    Dataset { namespace: fqn.service().to_owned(), name }
}
