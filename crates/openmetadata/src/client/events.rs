//! Events, asked for and subscribed to.

use reqwest::Method;
use serde::Deserialize;
use uuid::Uuid;

use super::Client;
use super::lineage::json_body;
use crate::error::Error;
use crate::requests::Subscription;
use crate::transport::Call;
use crate::webhook::{ChangeEvent, parse_events};

#[derive(Deserialize)]
struct Made {
    id: Uuid,
}

impl Client {
    /// What happened to entities of these kinds (such as `table`) since a moment, in milliseconds since 1970, in order
    /// of time. The server sends all of it in one answer, so ask for short times.
    ///
    /// # Errors
    /// Any failure of a request.
    pub async fn events(&self, kinds: &[&str], since: i64) -> Result<Vec<ChangeEvent>, Error> {
        let kinds = kinds.join(",");
        let mut call = Call::get(&["events"]);
        for happened in ["entityCreated", "entityUpdated", "entityRestored", "entityDeleted"] {
            call = call.with(happened, &kinds);
        }
        let body = self.send(call.with("timestamp", since.to_string())).await?;
        parse_events(&body).map_err(|source| Error::Malformed { source })
    }

    /// Makes a webhook, or changes the one of that name; the answer is its id. The token must be that of an
    /// administrator: bots may not.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::BadRequest`], or any other failure of a request.
    pub async fn put_subscription(&self, subscription: &Subscription) -> Result<Uuid, Error> {
        let can = self.capabilities().await?;
        let call = Call::new(Method::PUT, &["events", "subscriptions"]);
        let made: Made = self.json(call.with_body(json_body(&subscription.body(&can))?)).await?;
        Ok(made.id)
    }
}
