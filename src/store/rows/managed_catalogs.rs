//! The rows of `managed_catalog`.

use chrono::{DateTime, Utc};
use entity::managed_catalog::{ActiveModel, Column};
use sea_orm::{QueryResult, Set};

use super::reader::Reader;
use super::storable::Table;
use crate::managed_catalogs::{Made, ManagedCatalog, ManagedCatalogState};
use crate::store::StoreError;

const MANAGED_CATALOG: Table = Table("managed_catalog");

pub(in crate::store) fn new_managed_catalog(catalog: &ManagedCatalog) -> Result<ActiveModel, StoreError> {
    let ManagedCatalog { name, service_id, service, database, connector, fingerprint, .. } = catalog;
    Ok(ActiveModel {
        name: MANAGED_CATALOG.text(Column::Name, name)?,
        service_id: Set(*service_id),
        service: MANAGED_CATALOG.text(Column::Service, service)?,
        database: MANAGED_CATALOG.optional_text(Column::Database, database.as_deref())?,
        connector: MANAGED_CATALOG.text(Column::Connector, connector)?,
        fingerprint: MANAGED_CATALOG.text(Column::Fingerprint, fingerprint)?,
        generation: Set(small(catalog.generation)),
        created: Set(catalog.created),
        ..moved_managed_catalog(catalog)?
    })
}

/// What a change of the state changes.
pub(in crate::store) fn moved_managed_catalog(catalog: &ManagedCatalog) -> Result<ActiveModel, StoreError> {
    let (word, due, error) = match &catalog.state {
        ManagedCatalogState::Creating { until, .. } => ("CREATING", Some(*until), None),
        ManagedCatalogState::Ready => ("READY", None, None),
        ManagedCatalogState::Broken { error, .. } => ("BROKEN", None, Some(error.as_str())),
        ManagedCatalogState::Dropping { due, .. } => ("DROPPING", Some(*due), None),
    };
    let made = match catalog.state.made() {
        Made::No => "NO",
        Made::Perhaps => "PERHAPS",
        Made::Yes => "YES",
    };
    Ok(ActiveModel {
        state: Set(word.to_owned()),
        due: Set(due),
        made: Set(made.to_owned()),
        last_error: MANAGED_CATALOG.optional_text(Column::LastError, error)?,
        version: Set(small(catalog.version)),
        updated: Set(catalog.updated),
        ..ActiveModel::default()
    })
}

pub(in crate::store) fn managed_catalog(row: &QueryResult) -> Result<ManagedCatalog, StoreError> {
    let row = Reader::by::<String>(MANAGED_CATALOG.0, Column::Name, row)?;
    Ok(ManagedCatalog {
        name: row.text(Column::Name)?,
        service_id: row.uuid(Column::ServiceId)?,
        service: row.text(Column::Service)?,
        database: row.optional_text(Column::Database)?,
        connector: row.text(Column::Connector)?,
        fingerprint: row.text(Column::Fingerprint)?,
        generation: number(&row, Column::Generation)?,
        state: state(&row)?,
        version: number(&row, Column::Version)?,
        created: row.time(Column::Created)?,
        updated: row.time(Column::Updated)?,
    })
}

fn state(row: &Reader<'_>) -> Result<ManagedCatalogState, StoreError> {
    let due: Option<DateTime<Utc>> = row.optional_time(Column::Due)?;
    let error = row.optional_text(Column::LastError)?;
    let made = match row.text(Column::Made)?.as_str() {
        "NO" => Made::No,
        "PERHAPS" => Made::Perhaps,
        "YES" => Made::Yes,
        _ => return Err(row.corrupt(Column::Made)),
    };
    Ok(match row.text(Column::State)?.as_str() {
        "CREATING" => ManagedCatalogState::Creating { until: row.present(Column::Due, due)?, made },
        "READY" => ManagedCatalogState::Ready,
        "BROKEN" => ManagedCatalogState::Broken { error: row.present(Column::LastError, error)?, made },
        "DROPPING" => ManagedCatalogState::Dropping { due: row.present(Column::Due, due)?, made },
        _ => return Err(row.corrupt(Column::State)),
    })
}

/// A number as the table keeps it. Counting to two thousand million would take longer than any catalog lives.
pub(in crate::store) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn number(row: &Reader<'_>, column: Column) -> Result<u32, StoreError> {
    let number: i32 = row.get(column)?;
    u32::try_from(number).map_err(|_negative| row.corrupt(column))
}
