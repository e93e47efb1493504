//! Accept: changes that OpenMetadata announces to its webhook.

use warren_openmetadata::{parse_events, verify_signature};

use super::{App, AppError};
use crate::directory::Change;
use crate::problem::{Code, Problem};

impl App {
    /// Stores what a delivery of the webhook announces. What is signed and cannot be read is passed over: it would come
    /// again and again, and OpenMetadata would stop delivering in the end.
    ///
    /// # Errors
    /// When the signature does not belong to the body, no secret is set, or the database is gone.
    pub async fn accept_events(&self, body: &[u8], signature: Option<&str>) -> Result<(), AppError> {
        let (Some(directory), Some(secret)) = (&self.directory, &self.webhook_secret) else {
            return Err(refused("this server takes no events of OpenMetadata"));
        };
        let Some(signature) = signature else { return Err(refused("the body has no signature")) };
        verify_signature(body, signature, secret).map_err(|error| refused(&error.to_string()))?;
        let events = match parse_events(body) {
            Ok(events) => events,
            Err(error) => {
                tracing::warn!(%error, "an event of OpenMetadata cannot be read and is passed over");
                return Ok(());
            }
        };
        metrics::counter!("warren_openmetadata_events_total").increment(events.len() as u64);
        Ok(directory.accept(events.into_iter().filter_map(Change::of).collect()).await?)
    }
}

fn refused(detail: &str) -> AppError {
    metrics::counter!("warren_openmetadata_events_refused_total").increment(1);
    Problem::new(Code::Unauthenticated, detail)
        .with_hint("OpenMetadata's webhook and WARREN_OPENMETADATA_WEBHOOK_SECRET must have the same secret")
        .into()
}
