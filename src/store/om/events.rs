//! Changes that OpenMetadata announced. Every process reads them in their order and forgets what they are about.

use chrono::{DateTime, Utc};
use entity::om_event::{Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::store::{Store, StoreError, rows};

/// A change that OpenMetadata announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the order of arrival; 0 before it is stored.
    pub seq: i64,
    /// OpenMetadata's id of it.
    pub id: String,
    /// Such as `entityUpdated`.
    pub event_type: String,
    /// Such as `table`.
    pub entity_type: String,
    /// The id of what changed.
    pub entity_id: String,
    /// The FQN of what changed, where the event has one.
    pub fqn: Option<String>,
    /// The FQN that it had before, where it got another one.
    pub formerly: Option<String>,
    /// When it changed, by OpenMetadata's clock.
    pub happened: DateTime<Utc>,
    /// When it was heard of.
    pub received: DateTime<Utc>,
}

impl Store {
    /// Stores an event; whether it was not there yet.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for a text with the character U+0000; when the database is not available.
    pub async fn accept_event(&self, event: &StoredEvent) -> Result<bool, StoreError> {
        let once = OnConflict::column(Column::Id).do_nothing().to_owned();
        let insert = Entity::insert(rows::new_event(event)?).on_conflict(once).into_query();
        Ok(self.writing("store an event of OpenMetadata").execute(&insert).await? > 0)
    }

    /// The events after a place, in their order.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn events_after(&self, seq: i64, limit: u64) -> Result<Vec<StoredEvent>, StoreError> {
        let select = Entity::find().filter(Column::Seq.gt(seq)).order_by_asc(Column::Seq).limit(limit).into_query();
        self.reading("read events of OpenMetadata").all(&select).await?.iter().map(rows::stored_event).collect()
    }

    /// The place of the last event, in the order of arrival, of those that were heard of before a moment.
    ///
    /// # Errors
    /// When the database is not available or the row is corrupt.
    pub async fn last_event_before(&self, moment: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        let before = Entity::find().filter(Column::Received.lt(moment));
        let select = before.order_by_desc(Column::Seq).limit(1).into_query();
        let found = self.reading("read the last event of OpenMetadata").one(&select).await?;
        Ok(found.as_ref().map(rows::stored_event).transpose()?.map(|event| event.seq))
    }

    /// Forgets events that were heard of before a moment.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn forget_old_events(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let delete = Entity::delete_many().filter(Column::Received.lt(before)).into_query();
        self.writing("forget old events of OpenMetadata").execute(&delete).await?;
        Ok(())
    }
}
