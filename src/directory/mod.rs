//! The directory: what OpenMetadata says of names, asked as seldom as possible. An answer is looked for in this process,
//! then in the database that all processes share, then at OpenMetadata; of many who ask for the same at once, one goes.
//! What an answer means for a query is the business of `catalog`.

mod ask;
mod cache;
mod change;
mod document;
mod events;
mod trino_catalogs;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt as _};
use warren_openmetadata::{Client, Connection};

use crate::catalog::{Answer, Catalog, Facts, Known, Wanted};
use crate::store::Store;
use crate::time::SharedClock;
use ask::Asked;
use cache::{Cache, Slot};
pub use events::{Change, KeepUp, RepairError};
pub use trino_catalogs::TrinoCatalogs;

/// How many questions of one statement are on their way at once.
const AT_ONCE: usize = 20;
/// How long an answer that something is not there counts.
const MISSING_COUNTS: Duration = Duration::from_secs(30);
/// How long nobody asks again after a question was not answered.
const PAUSE: Duration = Duration::from_secs(1);

/// How long answers count, and how long one waits for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// How long an answer counts without asking again.
    pub fresh: Duration,
    /// How long it counts while OpenMetadata does not answer.
    pub stale: Duration,
    /// How long a question waits.
    pub lookup: Duration,
    /// How often changes are asked for that the webhook did not bring; never where absent.
    pub repair: Option<Duration>,
}

/// Whether it is asked how the services of databases are connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Services {
    /// It is not: nothing depends on it.
    Ignored,
    /// It is, so that a managed catalog follows its service.
    Fingerprinted(Credentials),
}

/// What the hash of a connection, which is kept in the database, says of its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// Nothing: Trino looks them up by itself.
    LeftOut,
    /// Whether they have changed. The token of OpenMetadata is the key, so that nobody can guess them from the hash.
    Keyed,
}

/// What OpenMetadata says of names. Cheap to clone; all clones share what they know.
#[derive(Clone)]
pub struct Directory {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    store: Store,
    clock: SharedClock,
    ages: Ages,
    cache: Cache,
    trino: TrinoCatalogs,
    services: Services,
}

impl Directory {
    /// A directory that knows nothing yet.
    #[must_use]
    pub fn new(
        client: &Client,
        store: Store,
        clock: SharedClock,
        ages: Ages,
        trino: TrinoCatalogs,
        services: Services,
    ) -> Self {
        let client = client.with_deadline(ages.lookup);
        Self { inner: Arc::new(Inner { client, store, clock, ages, cache: Cache::default(), trino, services }) }
    }

    /// What is known of these names. A name that OpenMetadata wrote otherwise leads to its database in a second round.
    pub async fn facts(&self, wanted: Vec<Wanted>, catalog: &Catalog) -> Facts {
        let mut facts = Facts::default();
        self.collect(wanted, &mut facts).await;
        let entities = facts.entities().map(|entity| entity.fqn.clone()).collect::<Vec<_>>();
        let databases = entities.iter().filter_map(|fqn| catalog.database_wanted(fqn.parts()));
        let further: Vec<Wanted> = databases.filter(|wanted| facts.get(wanted).is_none()).collect();
        self.collect(further, &mut facts).await;
        if facts.has_open_database() {
            facts.trino_catalogs = self.inner.trino.names(&*self.inner.clock).await;
        }
        facts
    }

    async fn collect(&self, mut wanted: Vec<Wanted>, facts: &mut Facts) {
        wanted.sort_unstable();
        wanted.dedup();
        let known = stream::iter(wanted).map(|wanted| async {
            let known = self.known(&wanted).await;
            (wanted, known)
        });
        for (wanted, known) in known.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
            facts.insert(wanted, known);
        }
    }

    /// What is known of one name.
    pub async fn known(&self, wanted: &Wanted) -> Known {
        if let Some(known) = self.at_hand(wanted) {
            return known;
        }
        // Of all who want to know this, one goes on; the others find its answer afterwards.
        let standing = self.inner.cache.stand_at(wanted);
        let mut turn = standing.gate.turn.lock().await;
        if let Some(known) = self.at_hand(wanted).or_else(|| standing.shared(turn.as_ref())) {
            return known;
        }
        let generation = self.inner.cache.generation();
        let known = self.find_out(wanted, generation).await;
        *turn = Some(standing.found(&known, generation));
        known
    }

    /// What this process knows, if it counts without asking.
    fn at_hand(&self, wanted: &Wanted) -> Option<Known> {
        let Inner { cache, clock, ages, .. } = &*self.inner;
        let slot = cache.get(wanted)?;
        let now = clock.now();
        if age(slot.fetched, now) <= counts_for(&slot.answer, ages) {
            return Some(Known { answer: slot.answer, stale: false });
        }
        // A moment ago there was no answer, so that asking now would only be slow.
        let is_pause = slot.unanswered.is_some_and(|since| age(since, now) <= PAUSE);
        let still_counts = age(slot.fetched, now) <= ages.stale && is_lasting(&slot.answer);
        (is_pause && still_counts).then_some(Known { answer: slot.answer, stale: true })
    }

    async fn find_out(&self, wanted: &Wanted, generation: u64) -> Known {
        let Inner { cache, clock, ages, .. } = &*self.inner;
        let kept = match cache.get(wanted) {
            Some(slot) if is_lasting(&slot.answer) => Some(slot),
            _ => None,
        };
        let kept = self.kept(wanted).await.or(kept);
        let now = clock.now();
        if let Some(slot) = kept.as_ref().filter(|slot| age(slot.fetched, now) <= ages.fresh)
            && cache.put_unless_changed(wanted, slot.clone(), generation)
        {
            return Known { answer: slot.answer.clone(), stale: false };
        }
        match self.ask(wanted).await {
            Asked::Answered(answer) => {
                self.take_in(wanted, &answer, kept.as_ref(), now, generation).await;
                Known { answer, stale: false }
            }
            Asked::Unanswered(answer) => {
                let unanswered = Some(clock.now());
                let usable = kept.filter(|slot| age(slot.fetched, now) <= ages.stale);
                metrics::counter!("warren_openmetadata_unanswered_total").increment(1);
                let (slot, stale) = match usable {
                    Some(slot) => (Slot { unanswered, ..slot }, true),
                    None => (Slot { answer, fetched: clock.now(), unanswered }, false),
                };
                cache.put(wanted, slot.clone());
                Known { answer: slot.answer, stale }
            }
        }
    }

    /// Keeps an answer that was asked for at a moment, and what it says of an older one. What was announced since that
    /// generation may be news to it: then it serves this statement only.
    async fn take_in(
        &self,
        wanted: &Wanted,
        answer: &Answer,
        older: Option<&Slot>,
        asked: DateTime<Utc>,
        generation: u64,
    ) {
        let cache = &self.inner.cache;
        let slot = Slot { answer: answer.clone(), fetched: asked, unanswered: None };
        let is_current = cache.put_unless_changed(wanted, slot, generation);
        if is_lasting(answer) {
            if is_current {
                self.keep(wanted, answer, asked).await;
            }
            // What was announced while it was written found the older row.
            if is_current && cache.has_changed(wanted, answer, generation) {
                self.unkeep(wanted).await;
            }
        } else if older.is_some() {
            // It is gone, or hidden: the older answer must not come back when OpenMetadata is down.
            self.unkeep(wanted).await;
        }
    }

    async fn unkeep(&self, wanted: &Wanted) {
        if let Err(error) = self.inner.store.forget_answer(&document::key(wanted)).await {
            tracing::warn!(%error, "an answer of OpenMetadata cannot be forgotten");
        }
    }

    /// How a service is connected to, as a hash that changes when that does.
    ///
    /// # Errors
    /// When there is no token to make it with.
    pub async fn fingerprint(&self, connection: &Connection) -> Result<String, warren_openmetadata::Error> {
        match self.inner.services {
            Services::Fingerprinted(Credentials::Keyed) => self.inner.client.keyed_fingerprint(connection).await,
            Services::Fingerprinted(Credentials::LeftOut) | Services::Ignored => Ok(connection.fingerprint()),
        }
    }

    /// The client, for questions that are not about names.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }
}

/// How long an answer counts without asking again.
fn counts_for(answer: &Answer, ages: &Ages) -> Duration {
    match answer {
        Answer::Entity(_) | Answer::Database(_) => ages.fresh,
        Answer::Missing { .. } | Answer::Ambiguous { .. } | Answer::Denied | Answer::Unsupported { .. } => {
            MISSING_COUNTS.min(ages.fresh)
        }
        Answer::Unavailable { .. } | Answer::Refused { .. } => PAUSE,
    }
}

/// Whether an answer says what something is, so that it may count for longer than it should.
fn is_lasting(answer: &Answer) -> bool {
    matches!(answer, Answer::Entity(_) | Answer::Database(_))
}

fn age(then: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (now - then).to_std().unwrap_or_default()
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("ages", &self.inner.ages).finish_non_exhaustive()
    }
}
