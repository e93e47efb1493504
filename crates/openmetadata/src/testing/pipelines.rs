//! Ingestion pipelines: deployed, started, and the runs that a test has written for them.

use serde_json::{Value, json};
use uuid::Uuid;

use super::http::{Reply, Request};
use super::kinds::Kind;
use super::state::State;

/// What a pipeline does when it is started.
#[derive(Clone, Debug, PartialEq)]
pub struct PipelineScript {
    /// So many starts are refused with 400 `Failed to trigger` first, as for a while after it was deployed.
    pub not_ready: u32,
    /// The code in the body of a start's 200.
    pub code: i64,
    /// The states of a run; each look at it is one on, and the last one stays.
    pub states: Vec<&'static str>,
    /// Bodies of `PUT /v1/tables`, which are done when a run reaches `success` or `partialSuccess`.
    pub makes_tables: Vec<Value>,
}

impl Default for PipelineScript {
    fn default() -> Self {
        Self { not_ready: 0, code: 200, states: vec!["queued", "running", "success"], makes_tables: Vec::new() }
    }
}

/// The script of a pipeline and its runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    script: PipelineScript,
    runs: Vec<Run>,
}

#[derive(Clone, Debug)]
struct Run {
    id: Uuid,
    started: i64,
    ended: Option<i64>,
    looks: usize,
}

impl Runs {
    pub(super) fn new(script: PipelineScript) -> Self {
        Self { script, runs: Vec::new() }
    }

    fn state_of(&self, run: &Run) -> &'static str {
        let last = self.script.states.len().saturating_sub(1);
        self.script.states.get(run.looks.min(last)).copied().unwrap_or("success")
    }

    fn shaped(&self, run: &Run) -> Value {
        let mut json = json!({"runId": run.id, "pipelineState": self.state_of(run), "startDate": run.started,
            "timestamp": run.started});
        if let Some(ended) = run.ended {
            json["endDate"] = json!(ended);
            json["status"] = json!([{"name": "Source", "records": 8, "errors": 0, "warnings": 0, "filtered": 0}]);
        }
        json
    }

    pub(super) fn last(&self) -> Option<Value> {
        self.runs.last().map(|run| self.shaped(run))
    }
}

impl State {
    pub(super) fn pipeline_route(&mut self, path: &[&str], request: &Request) -> Option<Result<Reply, Reply>> {
        Some(match (request.method.as_str(), path) {
            ("POST", ["deploy", id]) => self.deploy(id),
            ("POST", ["trigger", id]) => self.trigger(id),
            ("GET", [fqn, "pipelineStatus"]) => self.statuses(fqn, request),
            _ => return None,
        })
    }

    fn pipeline(&self, id: &str) -> Result<Uuid, Reply> {
        let found = id.parse().ok().and_then(|id| self.by_id(Kind::IngestionPipeline, id));
        found
            .map(|pipeline| pipeline.id)
            .ok_or_else(|| Reply::error(404, &format!("ingestionPipeline instance for {id} not found")))
    }

    fn deploy(&mut self, id: &str) -> Result<Reply, Reply> {
        let id = self.pipeline(id)?;
        for pipeline in self.entities.iter_mut().filter(|entity| entity.id == id) {
            pipeline.json.insert("deployed".to_owned(), json!(true));
        }
        Ok(self.runner_answer(200, "Workflow deployed"))
    }

    fn trigger(&mut self, id: &str) -> Result<Reply, Reply> {
        let id = self.pipeline(id)?;
        let (run, now) = (self.new_id(), self.now());
        let name = self.by_id(Kind::IngestionPipeline, id).map(|pipeline| pipeline.name().to_owned());
        let is_deployed = self
            .by_id(Kind::IngestionPipeline, id)
            .is_some_and(|pipeline| pipeline.json.get("deployed") == Some(&json!(true)));
        let runs = self.runs.entry(id).or_default();
        if !is_deployed || runs.script.not_ready > 0 {
            runs.script.not_ready = runs.script.not_ready.saturating_sub(1);
            let message = format!(
                "Failed to deploy pipeline [{}] due to [Failed to trigger IngestionPipeline].",
                name.unwrap_or_default()
            );
            return Err(Reply::error(400, &message));
        }
        let code = runs.script.code;
        if code == 200 {
            runs.runs.push(Run { id: run, started: now, ended: None, looks: 0 });
        }
        Ok(self.runner_answer(code, if code == 200 { "Workflow triggered" } else { "The runner cannot be reached" }))
    }

    fn runner_answer(&self, code: i64, reason: &str) -> Reply {
        Reply::ok(&json!({"code": code, "reason": reason, "platform": "Airflow", "version": self.version.to_string()}))
    }

    fn statuses(&mut self, fqn: &str, request: &Request) -> Result<Reply, Reply> {
        let id = self.present(Kind::IngestionPipeline, fqn)?.id;
        let moment = |name: &str| request.param(name).and_then(|moment| moment.parse::<i64>().ok());
        let (Some(start), Some(end)) = (moment("startTs"), moment("endTs")) else {
            return Err(Reply::error(400, "[query param startTs must not be null]"));
        };
        let now = self.now();
        let runs = self.runs.entry(id).or_default();
        let mut data = Vec::new();
        let mut made = Vec::new();
        for index in 0..runs.runs.len() {
            let Some(mut run) = runs.runs.get(index).cloned() else { continue };
            let was_over = run.ended.is_some();
            let is_over = !matches!(runs.state_of(&run), "queued" | "running");
            if is_over && !was_over {
                run.ended = Some(now);
                if matches!(runs.state_of(&run), "success" | "partialSuccess") {
                    made.extend(runs.script.makes_tables.iter().cloned());
                }
            }
            if (start..=end).contains(&run.started) {
                data.push(runs.shaped(&run));
            }
            run.looks += 1;
            if let Some(kept) = runs.runs.get_mut(index) {
                *kept = run;
            }
        }
        for table in made {
            self.put(Kind::Table, &table, "ingestion-bot")?;
        }
        let total = data.len();
        Ok(Reply::ok(&json!({"data": data, "paging": {"total": total}})))
    }
}
