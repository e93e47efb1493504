//! Events, asked for and subscribed to.

use reqwest::Method;
use serde::Deserialize;
use uuid::Uuid;

use super::Client;
use super::lineage::json_body;
use crate::entity::or_default;
use crate::error::Error;
use crate::requests::Subscription;
use crate::transport::Call;
use crate::webhook::{ChangeEvent, parse_events};

#[derive(Deserialize)]
struct Made {
    id: Uuid,
}

/// How many events are asked for at once; a server that does not know of pages says all.
const PAGE: &str = "1000";

/// What an answer says of the one after it; only newer servers say it.
#[derive(Deserialize)]
struct Paged {
    #[serde(default, deserialize_with = "or_default")]
    paging: Paging,
}

#[derive(Default, Deserialize)]
struct Paging {
    after: Option<String>,
}

impl Client {
    /// What happened to entities of these kinds (such as `table`) since a moment, in milliseconds since 1970, in order
    /// of time. A server that says all of it in one answer has no limit, so ask for short times.
    ///
    /// # Errors
    /// Any failure of a request; [`Error::CursorStuck`] when a page names itself as the next one.
    pub async fn events(&self, kinds: &[&str], since: i64) -> Result<Vec<ChangeEvent>, Error> {
        let kinds = kinds.join(",");
        let mut call = Call::get(&["events"]);
        for happened in ["entityCreated", "entityUpdated", "entityRestored", "entityDeleted"] {
            call = call.with(happened, &kinds);
        }
        let call = call.with("timestamp", since.to_string()).with("limit", PAGE);
        let (mut events, mut place) = (Vec::new(), None::<String>);
        loop {
            let page = match &place {
                Some(cursor) => call.clone().with("after", cursor),
                None => call.clone(),
            };
            let body = self.send(page).await?;
            let malformed = |source| Error::Malformed { source };
            events.extend(parse_events(&body).map_err(malformed)?);
            let next = serde_json::from_slice::<Paged>(&body).map_err(malformed)?.paging.after;
            match next.filter(|cursor| !cursor.is_empty()) {
                Some(cursor) if place.as_ref() == Some(&cursor) => return Err(Error::CursorStuck),
                Some(cursor) => place = Some(cursor),
                None => return Ok(events),
            }
        }
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
