//! Changes that OpenMetadata announces: they are stored, and every process forgets what they are about. What a webhook
//! missed is asked for.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use warren_openmetadata::ChangeEvent;

use super::Directory;
use super::change::{Effect, Subject, former_fqn};
use super::document::id_key;
use crate::catalog::Fqn;
use crate::store::{Answers, StoreError, StoredEvent};

/// How often a process looks for changes that another one heard of.
const LOOK: Duration = Duration::from_secs(1);
/// For how long what was read is read again: of two events, the one with the later number can be stored first.
const REREAD: Duration = Duration::from_secs(10);
/// How far a question reaches back beyond the one before: OpenMetadata's events become visible out of order. Also how far
/// the first look reaches back: the clocks of processes differ, and names are looked up while this one starts.
const OVERLAP: Duration = Duration::from_secs(60);
/// How often what is too old is purged.
const PURGE: Duration = Duration::from_secs(600);
/// How long an event is known, so that it is not taken twice.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 3600);
/// How many events are read at once.
const BATCH: u64 = 500;
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
    /// The FQN that it had before, where it got another one.
    pub formerly: Option<String>,
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
        let formerly = former_fqn(&event, fqn.as_deref());
        Some(Self {
            id: event.id.to_string(),
            event_type,
            entity_type: event.entity_type,
            entity_id: event.entity_id.to_string(),
            fqn,
            formerly,
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
            let Change { id, event_type, entity_type, entity_id, fqn, formerly, happened } = change;
            let received = self.inner.clock.now();
            let event =
                StoredEvent { seq: 0, id, event_type, entity_type, entity_id, fqn, formerly, happened, received };
            if self.inner.store.accept_event(&event).await? {
                self.announce(&Subject::of(&event)).await?;
            }
        }
        Ok(())
    }

    /// Has a table or container be asked for again.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn forget_name(&self, fqn: &Fqn, id: &str) -> Result<(), StoreError> {
        self.announce(&Subject::new(vec![fqn.clone()], id, Effect::Outdated)).await
    }

    /// Takes a change in: of the thing itself, and of what lies in it, for a change of a database or service comes without
    /// events for its tables. Whatever is in the database was asked for before: an answer that is still on its way is
    /// checked by the process that asked for it.
    async fn announce(&self, subject: &Subject) -> Result<(), StoreError> {
        let super::Inner { cache, store, clock, ages, .. } = &*self.inner;
        let aged = clock.now() - ages.fresh - Duration::from_millis(1);
        cache.announce(subject, aged);
        let (fqns, id_key) = (subject.texts(), id_key(subject.id()));
        let about = Answers::About { fqns: &fqns, id_key: &id_key };
        let answers = if subject.is_everything() { Answers::All } else { about };
        match subject.effect() {
            Effect::Outdated => store.age_answers(&answers, aged).await,
            Effect::Gone => store.forget_answers(&answers).await,
            Effect::Made => store.forget_answers(&Answers::Called { fqns: &fqns }).await,
        }
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
    /// Where reading begins; absent before the first look.
    begin: Option<i64>,
    /// The changes behind that place that were taken in.
    taken: BTreeSet<i64>,
    /// The last change of each look of the last seconds, and when that was.
    looks: VecDeque<(DateTime<Utc>, i64)>,
    /// When OpenMetadata was last asked.
    asked: Option<DateTime<Utc>>,
    /// When OpenMetadata was last asked and did answer.
    repaired: Option<DateTime<Utc>>,
    purged: Option<DateTime<Utc>>,
}

impl KeepUp {
    /// A task that has not looked yet.
    #[must_use]
    pub fn new(directory: Directory) -> Self {
        let (taken, looks) = (BTreeSet::new(), VecDeque::new());
        Self { directory, begin: None, taken, looks, asked: None, repaired: None, purged: None }
    }

    /// Runs until the process stops.
    pub async fn run(mut self, stopping: CancellationToken) {
        self.look_or_warn().await;
        if stopping.run_until_cancelled(self.greet()).await.is_none() {
            return;
        }
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stopping.run_until_cancelled(look.tick()).await.is_some() {
            self.look_or_warn().await;
            self.repair_if_due().await;
            self.purge_if_due().await;
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

    async fn look_or_warn(&mut self) {
        if let Err(error) = self.look().await {
            tracing::warn!(%error, "changes that OpenMetadata announced cannot be read");
        }
    }

    /// Takes in what other processes heard of.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn look(&mut self) -> Result<(), StoreError> {
        let store = self.directory.inner.store.clone();
        let now = self.directory.inner.clock.now();
        let mut place = match self.begin {
            Some(begin) => begin,
            // Nothing is known at the start, so that earlier changes do not matter.
            None => store.last_event_before(now - OVERLAP).await?.unwrap_or(0),
        };
        self.begin = Some(place);
        loop {
            let events = store.events_after(place, BATCH).await?;
            let Some(last) = events.last() else { break };
            place = last.seq;
            for event in events.iter().filter(|event| !self.taken.contains(&event.seq)) {
                self.directory.announce(&Subject::of(event)).await?;
            }
            self.taken.extend(events.iter().map(|event| event.seq));
        }
        self.looks.push_back((now, place));
        while let Some((_, seq)) = self.looks.pop_front_if(|(then, _)| super::age(*then, now) > REREAD) {
            self.begin = Some(seq);
        }
        self.taken.retain(|seq| self.begin.is_some_and(|begin| *seq > begin));
        Ok(())
    }

    async fn repair_if_due(&mut self) {
        let now = self.directory.inner.clock.now();
        let Some(every) = self.directory.inner.ages.repair else { return };
        if self.asked.is_some_and(|asked| super::age(asked, now) < every) {
            return;
        }
        self.asked = Some(now);
        if let Err(error) = self.repair().await {
            tracing::warn!(%error, "changes that the webhook missed cannot be asked for");
        }
    }

    /// Asks OpenMetadata for the changes since it last did answer. What an answer could be wrong by is not older than the
    /// time for which answers count.
    ///
    /// # Errors
    /// When OpenMetadata or the database does not answer.
    pub async fn repair(&mut self) -> Result<(), RepairError> {
        let inner = self.directory.inner.clone();
        let now = inner.clock.now();
        let reach = now - inner.ages.fresh;
        let since = self.repaired.map_or(reach, |repaired| repaired.max(reach)) - OVERLAP;
        let events = inner.client.events(&KINDS, since.timestamp_millis()).await?;
        self.directory.accept(events.into_iter().filter_map(Change::of).collect()).await?;
        self.repaired = Some(now);
        Ok(())
    }

    async fn purge_if_due(&mut self) {
        let now = self.directory.inner.clock.now();
        if self.purged.is_some_and(|purged| super::age(purged, now) < PURGE) {
            return;
        }
        self.purged = Some(now);
        if let Err(error) = self.purge().await {
            tracing::warn!(%error, "what OpenMetadata said long ago cannot be purged");
        }
    }

    /// Forgets the events and answers that are too old to matter.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn purge(&self) -> Result<(), StoreError> {
        let inner = &self.directory.inner;
        let now = inner.clock.now();
        inner.store.forget_old_events(now - REMEMBERED).await?;
        inner.store.forget_old_answers(now - inner.ages.stale).await
    }
}
