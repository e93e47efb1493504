//! `INGESTION`: lets OpenMetadata's own pipeline read the service of what was made, and follows the run to its end.

use futures::TryStreamExt as _;
use warren_openmetadata::{Error as CatalogueError, Fqn, IngestionPipeline, ListOptions, PipelineRun, PipelineState};

use super::setback::Setback;
use super::task::Task;
use crate::config::Publish;
use crate::models::PipelineStart;

/// How far the clocks of Warren and of the runner may be apart, in milliseconds.
const CLOCKS_APART_MS: i64 = 60_000;
/// A run that is not seen so long after its start is none, in milliseconds.
const SEEN_WITHIN_MS: i64 = 120_000;
/// So often a run is looked at in one go. Then the slot is for other commands, and this one comes back.
const LOOKS: u32 = 6;

impl Task {
    /// Runs the ingestion that brings the target, or follows the run that does.
    pub(super) async fn ingest(&mut self) -> Result<(), Setback> {
        let start = match self.progress.start.clone() {
            Some(start) => start,
            None => match self.pipeline().await {
                Err(none @ (Setback::NoPipeline(_) | Setback::IdlePipelines(_)))
                    if self.scheduler.settings.publish == Publish::Direct =>
                {
                    self.publish(&self.target()?).await?;
                    self.progress.warn(format!("Warren wrote the table to OpenMetadata itself, for {none}"));
                    return Ok(());
                }
                pipeline => self.start(&pipeline?).await?,
            },
        };
        self.follow(start).await
    }

    /// The pipeline that reads the metadata of the target's service.
    async fn pipeline(&mut self) -> Result<IngestionPipeline, Setback> {
        let target = self.target()?;
        let service = Fqn::from_raw_parts([target.service()])
            .map_err(|source| Setback::Name { name: target.to_string(), source })?;
        let all = self.openmetadata().ingestion_pipelines(&service, Some("metadata"), &ListOptions::default());
        let all: Vec<IngestionPipeline> = match all.try_collect().await {
            Err(CatalogueError::NotFound { .. }) => Vec::new(),
            all => all?,
        };
        if all.is_empty() {
            return Err(Setback::NoPipeline(service.to_string()));
        }
        let mut ready: Vec<_> = all.into_iter().filter(|own| own.enabled && own.deployed).collect();
        ready.sort_by(|one, other| one.head.fully_qualified_name.cmp(&other.head.fully_qualified_name));
        let count = ready.len();
        let Some(first) = ready.into_iter().next() else { return Err(Setback::IdlePipelines(service.to_string())) };
        if count > 1 {
            let name = &first.head.fully_qualified_name;
            self.progress.warn(format!("the service {service} has {count} metadata pipelines; {name} was run"));
        }
        Ok(first)
    }

    /// Starts a pipeline, unless a run is there that began after the target was made: it reads all of the service.
    async fn start(&mut self, pipeline: &IngestionPipeline) -> Result<PipelineStart, Setback> {
        let name = pipeline.head.fully_qualified_name.clone();
        let fqn = pipeline.head.fqn().map_err(|source| Setback::Name { name: name.clone(), source })?;
        let gate = self.scheduler.starts.of(&name);
        let mut last = gate.lock().await;
        let made = self.created.timestamp_millis();
        if let Some(shared) = last.as_ref().filter(|start| start.at > made) {
            return self.keep(shared.clone()).await;
        }
        let at = self.now_ms();
        let runs = self.runs(&fqn, at).await?;
        let enough = runs.iter().filter(|run| began(run) > made && run.run_id.is_some() && may_end_well(run));
        if let Some(run) = enough.max_by_key(|run| began(run)) {
            let found = PipelineStart { pipeline: name, at, run: run.run_id.clone(), before: Vec::new() };
            return self.keep(found).await;
        }
        let before = runs.into_iter().filter(|run| began(run) >= at - CLOCKS_APART_MS).filter_map(|run| run.run_id);
        let start = PipelineStart { pipeline: name, at, run: None, before: before.collect() };
        // Noted before it is asked for: a start whose answer is lost with this process is looked for, not repeated.
        self.keep(start.clone()).await?;
        match self.openmetadata().trigger_pipeline(pipeline.head.id).await {
            Ok(()) => {
                tracing::debug!(command.id = self.id, pipeline = %fqn, "an ingestion was started");
                *last = Some(start.clone());
                Ok(start)
            }
            Err(error) => {
                if !may_have_arrived(&error) {
                    self.progress.start = None;
                }
                Err(error.into())
            }
        }
    }

    async fn keep(&mut self, start: PipelineStart) -> Result<PipelineStart, Setback> {
        self.progress.start = Some(start.clone());
        self.note().await?;
        Ok(start)
    }

    /// Looks at the run until it is over. A run was seen to go from success to failure at its end, so the end is looked at
    /// twice.
    async fn follow(&mut self, mut start: PipelineStart) -> Result<(), Setback> {
        let fqn =
            Fqn::parse(&start.pipeline).map_err(|source| Setback::Name { name: start.pipeline.clone(), source })?;
        let poll = self.scheduler.settings.poll;
        let mut was_over = false;
        for _ in 0..LOOKS {
            let now = self.now_ms();
            let runs = match self.runs(&fqn, now).await {
                Err(Setback::OpenMetadata(CatalogueError::NotFound { .. })) => {
                    return Err(self.leave(&start, Setback::PipelineGone(start.pipeline.clone())).await);
                }
                runs => runs?,
            };
            match run_of(&start, &runs) {
                Some(run) if run.is_over() && was_over => return self.end(&start, run).await,
                Some(run) => {
                    was_over = run.is_over();
                    if start.run.is_none() && run.run_id.is_some() {
                        start.run = run.run_id.clone();
                        self.keep(start.clone()).await?;
                    }
                }
                None if now - start.at > SEEN_WITHIN_MS => {
                    return Err(self.leave(&start, Setback::RunLost(start.pipeline.clone())).await);
                }
                None => was_over = false,
            }
            self.scheduler.sleeper.sleep(poll).await;
        }
        Err(Setback::RunGoesOn { pipeline: start.pipeline, look_again: poll })
    }

    async fn end(&mut self, start: &PipelineStart, run: &PipelineRun) -> Result<(), Setback> {
        match run.state {
            PipelineState::Success => Ok(()),
            PipelineState::PartialSuccess => {
                let name = &start.pipeline;
                self.progress.warn(format!("the run of the ingestion pipeline {name} could not read everything"));
                Ok(())
            }
            state => {
                let failed = Setback::RunFailed { pipeline: start.pipeline.clone(), state };
                Err(self.leave(start, failed).await)
            }
        }
    }

    /// The next try begins with another start.
    async fn leave(&mut self, start: &PipelineStart, setback: Setback) -> Setback {
        self.progress.start = None;
        self.scheduler.starts.forget(start).await;
        setback
    }

    /// The runs that can be of interest: those since the target was made.
    async fn runs(&self, pipeline: &Fqn, now: i64) -> Result<Vec<PipelineRun>, Setback> {
        let since = self.created.timestamp_millis() - CLOCKS_APART_MS;
        Ok(self.openmetadata().pipeline_runs(pipeline, since, now + CLOCKS_APART_MS).await?)
    }
}

/// The run that a start led to, if it can be seen.
fn run_of<'a>(start: &PipelineStart, runs: &'a [PipelineRun]) -> Option<&'a PipelineRun> {
    if start.run.is_some() {
        return runs.iter().find(|run| run.run_id == start.run);
    }
    let is_new = |run: &&PipelineRun| match &run.run_id {
        Some(id) => began(run) >= start.at - CLOCKS_APART_MS && !start.before.contains(id),
        None => began(run) >= start.at,
    };
    runs.iter().filter(is_new).min_by_key(|run| began(run))
}

fn began(run: &PipelineRun) -> i64 {
    run.start_date.or(run.timestamp).unwrap_or_default()
}

fn may_end_well(run: &PipelineRun) -> bool {
    !matches!(run.state, PipelineState::Failed | PipelineState::Stopped)
}

/// Whether a start may have been taken although this came back.
fn may_have_arrived(error: &CatalogueError) -> bool {
    match error {
        CatalogueError::Connect { .. } => false,
        CatalogueError::Malformed { .. } | CatalogueError::TooLarge { .. } | CatalogueError::Html => true,
        error => error.is_outage(),
    }
}
