//! `INGESTION`: lets OpenMetadata's own pipeline read the service of what was made, and follows the run to its end.

use futures::TryStreamExt as _;
use warren_openmetadata::{Error as CatalogueError, Fqn, IngestionPipeline, ListOptions, PipelineRun, PipelineState};

use super::endpoint::{Endpoint, Found};
use super::setback::Setback;
use super::task::Task;
use crate::config::Publish;
use crate::models::PipelineStart;

/// How far the clocks of Warren and of the runner may be apart, in milliseconds.
const CLOCKS_APART_MS: i64 = 60_000;
/// A run that is not seen so long after its start is none, in milliseconds.
const SEEN_WITHIN_MS: i64 = 120_000;
/// A run that did not end within a day of its start is left behind, in milliseconds: a runner that is killed says nothing,
/// and OpenMetadata keeps the state that it heard last.
const ENDS_WITHIN_MS: i64 = 86_400_000;
/// So often a run is looked at in one go. Then the slot is for other commands, and this one comes back.
const LOOKS: u32 = 6;

impl Task {
    /// Runs the ingestion that brings the target, or follows the run that does, until the target is there.
    pub(super) async fn ingest(&mut self) -> Result<(), Setback> {
        let target = self.target()?;
        let made = match self.read_service().await {
            Ok(began) => match Endpoint::find_made(self.openmetadata(), &target).await? {
                Found::There(made) => made,
                Found::Deleted | Found::Missing => return Err(self.ran_in_vain(began, &target)),
            },
            Err(none @ (Setback::NoPipeline(_) | Setback::IdlePipelines(_))) => self.do_without(&target, none).await?,
            Err(setback) => return Err(setback),
        };
        self.forget_replaced(&made).await
    }

    /// Lets a pipeline read the service of the target, or follows a run that does, to its end; when that run began.
    pub(super) async fn read_service(&mut self) -> Result<i64, Setback> {
        let start = match self.progress.start.clone() {
            Some(start) => start,
            None => {
                let pipeline = self.pipeline().await?;
                self.start(&pipeline).await?
            }
        };
        self.follow(start).await
    }

    /// Nothing reads the service: the target is written by Warren where that is wanted, or somebody else brought it.
    async fn do_without(&mut self, target: &Fqn, none: Setback) -> Result<Endpoint, Setback> {
        let known = match Endpoint::find_made(self.openmetadata(), target).await? {
            Found::There(known) => Some(known),
            Found::Deleted | Found::Missing => None,
        };
        // A statement that only fills a table does not change what is known of it.
        let is_to_write = known.is_none() || self.command.payload.statement.starts_with("Create");
        if self.scheduler.settings.publish == Publish::Direct && is_to_write {
            self.publish(target, known.as_ref()).await?;
            self.progress.warn(format!("Warren wrote the table to OpenMetadata itself, for {none}"));
            return self.made(target).await?.ok_or_else(|| Setback::TargetMissing(target.to_string()));
        }
        let Some(known) = known else { return Err(none) };
        self.progress.warn(format!("{target} is in OpenMetadata and was not read again, for {none}"));
        Ok(known)
    }

    /// A run ended well, and the target is not there. Perhaps the run began before the target was made, and was taken for
    /// a later one; so the next try needs a run that begins after it.
    fn ran_in_vain(&mut self, began: i64, target: &Fqn) -> Setback {
        let start = self.progress.start.take();
        self.progress.too_early = Some(start.map_or(began, |start| start.at.max(began)));
        Setback::NotBrought(target.to_string())
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
        let since = self.created.timestamp_millis().max(self.progress.too_early.unwrap_or_default());
        if let Some(shared) = last.as_ref().filter(|start| start.at > since) {
            return self.keep(shared.clone()).await;
        }
        let at = self.now_ms();
        let runs = self.runs(&fqn, at).await?;
        if let Some(run) = runs.iter().filter(|run| self.is_enough(run, at)).max_by_key(|run| began(run)) {
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
                if may_have_arrived(&error) {
                    // Whoever else waits for the service looks for this run as well.
                    *last = Some(start);
                } else {
                    self.progress.start = None;
                }
                Err(error.into())
            }
        }
    }

    /// Whether a run that somebody started reads what was made. It counts only where it surely began after that, however
    /// far the clocks are apart.
    fn is_enough(&self, run: &PipelineRun, now: i64) -> bool {
        let made = self.created.timestamp_millis() + CLOCKS_APART_MS;
        let since = made.max(self.progress.too_early.unwrap_or_default());
        let may_end = run.is_over() || now - began(run) <= ENDS_WITHIN_MS;
        began(run) > since && run.run_id.is_some() && may_end && may_end_well(run)
    }

    async fn keep(&mut self, start: PipelineStart) -> Result<PipelineStart, Setback> {
        self.progress.start = Some(start.clone());
        self.note().await?;
        Ok(start)
    }

    /// Looks at the run until it is over; when it began. A run was seen to go from success to failure at its end, so the
    /// end is looked at twice.
    async fn follow(&mut self, mut start: PipelineStart) -> Result<i64, Setback> {
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
                // Perhaps only the moment of its end is missing.
                Some(run) if !run.is_over() && now - start.at > ENDS_WITHIN_MS => return self.end(&start, run).await,
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

    async fn end(&mut self, start: &PipelineStart, run: &PipelineRun) -> Result<i64, Setback> {
        match run.state {
            PipelineState::Success => Ok(began(run)),
            PipelineState::PartialSuccess => {
                let name = &start.pipeline;
                self.progress.warn(format!("the run of the ingestion pipeline {name} could not read everything"));
                Ok(began(run))
            }
            PipelineState::Queued | PipelineState::Running | PipelineState::Unknown => {
                Err(self.leave(start, Setback::RunHangs(start.pipeline.clone())).await)
            }
            state @ (PipelineState::Failed | PipelineState::Stopped) => {
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
