//! The rows of `om_entity` and `om_event`.

use entity::{om_entity, om_event};
use sea_orm::ActiveValue::NotSet;
use sea_orm::{QueryResult, Set};

use super::reader::Reader;
use super::storable::Table;
use crate::store::{StoreError, StoredAnswer, StoredEvent};

const OM_ENTITY: Table = Table("om_entity");
const OM_EVENT: Table = Table("om_event");

pub(in crate::store) fn new_answer(answer: &StoredAnswer) -> Result<om_entity::ActiveModel, StoreError> {
    use om_entity::Column;
    let StoredAnswer { key, fqn, document, fetched } = answer;
    Ok(om_entity::ActiveModel {
        key: OM_ENTITY.text(Column::Key, key)?,
        fqn: OM_ENTITY.text(Column::Fqn, fqn)?,
        document: OM_ENTITY.text(Column::Document, document)?,
        fetched: Set(*fetched),
    })
}

pub(in crate::store) fn stored_answer(row: &QueryResult) -> Result<StoredAnswer, StoreError> {
    use om_entity::Column;
    let row = Reader::by::<String>(OM_ENTITY.0, Column::Key, row)?;
    Ok(StoredAnswer {
        key: row.text(Column::Key)?,
        fqn: row.text(Column::Fqn)?,
        document: row.text(Column::Document)?,
        fetched: row.time(Column::Fetched)?,
    })
}

pub(in crate::store) fn new_event(event: &StoredEvent) -> Result<om_event::ActiveModel, StoreError> {
    use om_event::Column;
    let StoredEvent { seq: _, id, event_type, entity_type, entity_id, fqn, formerly, happened, received } = event;
    Ok(om_event::ActiveModel {
        seq: NotSet,
        id: OM_EVENT.text(Column::Id, id)?,
        event_type: OM_EVENT.text(Column::EventType, event_type)?,
        entity_type: OM_EVENT.text(Column::EntityType, entity_type)?,
        entity_id: OM_EVENT.text(Column::EntityId, entity_id)?,
        fqn: OM_EVENT.optional_text(Column::Fqn, fqn.as_deref())?,
        formerly: OM_EVENT.optional_text(Column::Formerly, formerly.as_deref())?,
        happened: Set(*happened),
        received: Set(*received),
    })
}

pub(in crate::store) fn stored_event(row: &QueryResult) -> Result<StoredEvent, StoreError> {
    use om_event::Column;
    let row = Reader::by::<i64>(OM_EVENT.0, Column::Seq, row)?;
    Ok(StoredEvent {
        seq: row.get(Column::Seq)?,
        id: row.text(Column::Id)?,
        event_type: row.text(Column::EventType)?,
        entity_type: row.text(Column::EntityType)?,
        entity_id: row.text(Column::EntityId)?,
        fqn: row.optional_text(Column::Fqn)?,
        formerly: row.optional_text(Column::Formerly)?,
        happened: row.time(Column::Happened)?,
        received: row.time(Column::Received)?,
    })
}
