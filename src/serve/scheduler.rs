//! The built-in scheduler, built from the configuration and started.

use std::sync::Arc;

use super::StartError;
use crate::app::App;
use crate::config::{Config, OpenLineageConfig, Role};
use crate::lifecycle::Lifecycle;
use crate::openlineage::{OpenLineage, OpenLineageOptions};
use crate::scheduler::{Scheduler, SchedulerParts, SchedulerSettings};

/// Starts the scheduler where this process is to work off the model queue and there is an OpenMetadata to tell.
pub(super) fn start_scheduler(config: &Config, app: &App, lifecycle: &Lifecycle) -> Result<(), StartError> {
    let Some(openmetadata) = app.openmetadata.clone() else { return Ok(()) };
    if !config.roles.has(Role::Scheduler) || !config.scheduler.built_in {
        return Ok(());
    }
    let openlineage = config.openlineage.clone().map(|own| {
        let OpenLineageConfig { url, token, namespace } = own;
        OpenLineage::new(OpenLineageOptions { url, token, namespace })
    });
    let scheduler = Arc::new(Scheduler::new(SchedulerParts {
        app: app.clone(),
        openmetadata,
        openlineage: openlineage.transpose()?,
        settings: SchedulerSettings::from(&config.scheduler),
        sleeper: Arc::new(warren_openmetadata::TokioSleeper),
        lifecycle: lifecycle.clone(),
    }));
    lifecycle.spawn("scheduler", scheduler.run());
    Ok(())
}
