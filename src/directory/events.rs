//! Changes that OpenMetadata announces: they are stored, and every process forgets what they are about. What a webhook
//! missed is asked for.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use warren_openmetadata::ChangeEvent;

use super::Directory;
use super::document::id_key;
use crate::catalog::Fqn;
use crate::store::{StoreError, StoredEvent};

/// How often a process looks for changes that another one heard of.
const LOOK: Duration = Duration::from_secs(1);
/// How far such a question reaches back beyond the last change: events become visible out of order.
const OVERLAP: Duration = Duration::from_secs(60);
/// How long an event is known, so that it is not taken twice.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 3600);
/// How many events are read at once.
const BATCH: u64 = 500;
/// Something was made. Of everything else, what was known may be wrong.
const CREATED: &str = "entityCreated";
/// The kinds of entities whose changes matter to names.
const KINDS: [&str; 6] = ["table", "container", "database", "databaseSchema", "databaseService", "storageService"];

/// A change that OpenMetadata announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// OpenMetadata's id of the event.
    pub id: String,
    /// Such as `entityUpdated`.
    pub event_type: String,
    /// Such as `table`.
    pub entity_type: String,
    /// The id of what changed.
    pub entity_id: String,
    /// The FQN of what changed, where the event says it.
    pub fqn: Option<String>,
    /// When it changed.
    pub happened: DateTime<Utc>,
}

impl Change {
    /// What an event says, as far as it matters to names; `None` for an entity of another kind.
    #[must_use]
    pub fn of(event: ChangeEvent) -> Option<Self> {
        if !KINDS.contains(&event.entity_type.as_str()) {
            return None;
        }
        let event_type = serde_json::to_value(&event.event_type).ok();
        let event_type = event_type.as_ref().and_then(serde_json::Value::as_str).unwrap_or("unknown").to_owned();
        // Older servers say the name only within the entity.
        let named = event.entity.as_ref().and_then(|entity| entity.get("fullyQualifiedName")?.as_str());
        let fqn = event.entity_fully_qualified_name.clone().or_else(|| named.map(str::to_owned));
        Some(Self {
            id: event.id.to_string(),
            event_type,
            entity_type: event.entity_type,
            entity_id: event.entity_id.to_string(),
            fqn,
            happened: DateTime::from_timestamp_millis(event.timestamp).unwrap_or_default(),
        })
    }
}

impl Directory {
    /// Stores changes and forgets what they are about. A change that is known already is passed over. When this
    /// returns, every change is durable.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn accept(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        for change in changes {
            let Change { id, event_type, entity_type, entity_id, fqn, happened } = change;
            let received = self.inner.clock.now();
            let event = StoredEvent { seq: 0, id, event_type, entity_type, entity_id, fqn, happened, received };
            if self.inner.store.accept_event(&event).await? {
                self.forget(&event).await?;
            }
        }
        Ok(())
    }

    /// Forgets what is known of a table or container, so that it is asked for again.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn forget_name(&self, fqn: &Fqn, id: &str) -> Result<(), StoreError> {
        self.inner.cache.forget(Some(fqn), id);
        self.inner.store.forget_answers(Some(&fqn.to_string()), &id_key(id), self.inner.clock.now()).await
    }

    /// Forgets what an event is about: the thing itself, and what lies in it, for a change of a database or service
    /// comes without events for its tables.
    async fn forget(&self, event: &StoredEvent) -> Result<(), StoreError> {
        let fqn = event.fqn.as_deref().and_then(|text| Fqn::parse(text).ok());
        if event.event_type == CREATED {
            // Nothing that is known to be there can have been made by this.
            self.inner.cache.forget_absence(fqn.as_ref());
            return Ok(());
        }
        self.inner.cache.forget(fqn.as_ref(), &event.entity_id);
        let text = fqn.map(|fqn| fqn.to_string());
        self.inner.store.forget_answers(text.as_deref(), &id_key(&event.entity_id), event.received).await
    }
}

/// Why changes that the webhook missed are not known.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// OpenMetadata does not say them.
    #[error(transparent)]
    OpenMetadata(#[from] warren_openmetadata::Error),
    /// The database is not available.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The task that keeps a process up with changes.
#[derive(Debug)]
pub struct KeepUp {
    directory: Directory,
    /// The last change that this process took in; absent before the first look. Nothing is known at the start, so that
    /// earlier changes do not matter.
    seen: Option<i64>,
    repaired: Option<DateTime<Utc>>,
}

impl KeepUp {
    /// A task that has not looked yet.
    #[must_use]
    pub fn new(directory: Directory) -> Self {
        Self { directory, seen: None, repaired: None }
    }

    /// Runs until the process stops.
    pub async fn run(mut self, stopping: CancellationToken) {
        if stopping.run_until_cancelled(self.greet()).await.is_none() {
            return;
        }
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stopping.run_until_cancelled(look.tick()).await.is_some() {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "changes that OpenMetadata announced cannot be read");
            }
            self.repair_if_due().await;
        }
    }

    /// Says at the start whether OpenMetadata can be talked to, and which version it is. One that is away is no reason not
    /// to start.
    async fn greet(&self) {
        match self.directory.client().version().await {
            Ok(version) => tracing::info!(%version, "names are looked up in OpenMetadata"),
            Err(error) => tracing::error!(%error, "OpenMetadata cannot be asked what names mean"),
        }
    }

    /// Takes in what other processes heard of.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn look(&mut self) -> Result<(), StoreError> {
        let store = self.directory.inner.store.clone();
        let mut seen = match self.seen {
            Some(seen) => seen,
            None => store.last_event().await?.map_or(0, |last| last.seq),
        };
        loop {
            self.seen = Some(seen);
            let events = store.events_after(seen, BATCH).await?;
            let Some(last) = events.last() else { return Ok(()) };
            seen = last.seq;
            for event in &events {
                self.directory.forget(event).await?;
            }
        }
    }

    async fn repair_if_due(&mut self) {
        let now = self.directory.inner.clock.now();
        let Some(every) = self.directory.inner.ages.repair else { return };
        if self.repaired.is_some_and(|repaired| super::age(repaired, now) < every) {
            return;
        }
        self.repaired = Some(now);
        if let Err(error) = self.repair().await {
            tracing::warn!(%error, "changes that the webhook missed cannot be asked for");
        }
    }

    /// Asks OpenMetadata for the changes since the last one, and forgets what is too old to matter.
    ///
    /// # Errors
    /// When OpenMetadata or the database does not answer.
    pub async fn repair(&self) -> Result<(), RepairError> {
        let inner = &self.directory.inner;
        let now = inner.clock.now();
        let last = inner.store.last_event().await?;
        let reach = now - inner.ages.fresh;
        let since = last.map_or(reach, |last| last.happened.max(reach)) - OVERLAP;
        let events = inner.client.events(&KINDS, since.timestamp_millis()).await?;
        let changes = events.into_iter().filter_map(Change::of).collect();
        self.directory.accept(changes).await?;
        inner.store.forget_old_events(now - REMEMBERED).await?;
        Ok(inner.store.forget_old_answers(now - inner.ages.stale).await?)
    }
}
