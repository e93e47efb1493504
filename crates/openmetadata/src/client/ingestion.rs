//! Ingestion pipelines: start one, follow its runs.

use reqwest::Method;
use serde::Deserialize;
use uuid::Uuid;

use super::Client;
use crate::entity::{PipelineRun, or_default};
use crate::error::Error;
use crate::fqn::Fqn;
use crate::transport::Call;

/// What the runner says to a start (`PipelineServiceClientResponse`).
#[derive(Deserialize)]
struct RunnerAnswer {
    #[serde(default = "ok")]
    code: i64,
    #[serde(default, deserialize_with = "or_default")]
    reason: String,
}

/// Servers of 1.1 answered with the pipeline, which has no code.
fn ok() -> i64 {
    200
}

#[derive(Deserialize)]
struct Runs {
    #[serde(default = "Vec::new")]
    data: Vec<PipelineRun>,
}

impl Client {
    /// Starts a pipeline. The runner gives no id of the run: look for it with [`Client::pipeline_runs`]. A start whose
    /// answer got lost is not repeated.
    ///
    /// # Errors
    /// [`Error::PipelineNotReady`] for some seconds after it was deployed; [`Error::TriggerRefused`] when the runner is
    /// off or refuses; [`Error::NotFound`]; else any other failure of a request.
    pub async fn trigger_pipeline(&self, id: Uuid) -> Result<(), Error> {
        let segments = ["services", "ingestionPipelines", "trigger", &id.to_string()];
        match self.json::<RunnerAnswer>(Call::new(Method::POST, &segments).adding()).await {
            Ok(RunnerAnswer { code: 200, reason }) if !reason.contains("Pipeline Client Disabled") => Ok(()),
            Ok(RunnerAnswer { code, reason }) => Err(Error::TriggerRefused { code, reason }),
            Err(Error::BadRequest { message }) if message.contains("Failed to trigger") => {
                Err(Error::PipelineNotReady { message })
            }
            Err(error) => Err(error),
        }
    }

    /// The runs of a pipeline between two moments, in milliseconds since 1970.
    ///
    /// # Errors
    /// [`Error::NotFound`], or any other failure of a request.
    pub async fn pipeline_runs(&self, pipeline: &Fqn, start: i64, end: i64) -> Result<Vec<PipelineRun>, Error> {
        let name = self.text(pipeline).await?;
        let call = Call::get(&["services", "ingestionPipelines", &name, "pipelineStatus"])
            .with("startTs", start.to_string())
            .with("endTs", end.to_string());
        Ok(self.json::<Runs>(call).await?.data)
    }
}
