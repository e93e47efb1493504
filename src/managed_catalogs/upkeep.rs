//! What is to be done with managed catalogs that nothing needs any more, or needs again. First nothing new uses one; after
//! a grace for what still runs it is dropped. Until then it can come back.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Made, ManagedCatalog, ManagedCatalogState};

/// What is known of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// OpenMetadata has it. One that was deleted softly is still there.
    There,
    /// OpenMetadata says that it has not.
    Gone,
    /// OpenMetadata does not say.
    Unknown,
}

/// What is to be done with a catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Nothing new is to use it.
    Retire,
    /// It serves again: its service is there after all.
    Restore,
    /// It is to be dropped now.
    Drop,
}

/// What is to be done with which of all managed catalogs, at a moment. A catalog whose service was gone is dropped only
/// when OpenMetadata says in that moment that it still is.
#[must_use]
pub fn duties(
    rows: &[ManagedCatalog],
    presence: impl Fn(Uuid) -> Presence,
    now: DateTime<Utc>,
) -> Vec<(&ManagedCatalog, Duty)> {
    let duty = |row: &ManagedCatalog| match row.state {
        ManagedCatalogState::Dropping { due, made } => {
            let presence = presence(row.service_id);
            let is_needless = made != Made::Yes || presence == Presence::Gone || is_replaced(row, rows);
            match presence {
                _ if is_needless => (due <= now).then_some(Duty::Drop),
                Presence::There => Some(Duty::Restore),
                Presence::Gone | Presence::Unknown => None,
            }
        }
        _ if is_superseded(row, rows) || presence(row.service_id) == Presence::Gone => Some(Duty::Retire),
        _ => None,
    };
    rows.iter().filter_map(|row| Some((row, duty(row)?))).collect()
}

/// Whether a newer one serves in its place.
fn is_superseded(row: &ManagedCatalog, rows: &[ManagedCatalog]) -> bool {
    newer(row, rows).any(|newer| newer.state == ManagedCatalogState::Ready)
}

/// Whether Trino has, or had, a newer one, so that this one is not to come back.
fn is_replaced(row: &ManagedCatalog, rows: &[ManagedCatalog]) -> bool {
    newer(row, rows).any(|newer| newer.state.made() != Made::No)
}

fn newer<'a>(row: &'a ManagedCatalog, rows: &'a [ManagedCatalog]) -> impl Iterator<Item = &'a ManagedCatalog> {
    rows.iter().filter(|other| {
        (other.service_id, &other.database) == (row.service_id, &row.database) && other.generation > row.generation
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn row(generation: u32, state: ManagedCatalogState) -> ManagedCatalog {
        ManagedCatalog {
            name: format!("c{generation}"),
            service_id: Uuid::nil(),
            service: "s".to_owned(),
            database: Some("d".to_owned()),
            connector: "postgresql".to_owned(),
            fingerprint: "x".to_owned(),
            generation,
            state,
            version: 1,
            created: at(0),
            updated: at(0),
        }
    }

    fn broken() -> ManagedCatalogState {
        ManagedCatalogState::Broken { error: "E".to_owned(), made: Made::Perhaps }
    }

    fn dropping(made: Made) -> ManagedCatalogState {
        ManagedCatalogState::Dropping { due: at(600), made }
    }

    #[track_caller]
    fn check(rows: &[ManagedCatalog], presence: Presence, now: i64, expect: &[(u32, Duty)]) {
        let duties = duties(rows, |_| presence, at(now));
        assert_eq!(duties.iter().map(|(row, duty)| (row.generation, *duty)).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn one_is_retired_when_its_successor_is_ready() {
        let old = row(1, ManagedCatalogState::Ready);
        let elsewhere = ManagedCatalog { database: None, ..row(1, ManagedCatalogState::Ready) };
        check(&[old.clone(), row(2, broken())], Presence::There, 0, &[]);
        let rows = [old, row(2, broken()), row(3, ManagedCatalogState::Ready), elsewhere];
        check(&rows, Presence::There, 0, &[(1, Duty::Retire), (2, Duty::Retire)]);
        let rows = [row(1, dropping(Made::Yes)), row(2, ManagedCatalogState::Ready)];
        check(&rows, Presence::There, 599, &[]);
        check(&rows, Presence::Unknown, 600, &[(1, Duty::Drop)]);
        let rows = [row(1, dropping(Made::Yes)), row(2, dropping(Made::Yes))];
        check(&rows, Presence::There, 0, &[(2, Duty::Restore)]);
    }

    #[test]
    fn one_whose_service_is_back_serves_again() {
        check(&[row(1, ManagedCatalogState::Ready)], Presence::Unknown, 0, &[]);
        check(&[row(1, ManagedCatalogState::Ready)], Presence::Gone, 0, &[(1, Duty::Retire)]);
        for now in [599, 600, 9_999] {
            check(&[row(1, dropping(Made::Yes))], Presence::There, now, &[(1, Duty::Restore)]);
            check(&[row(1, dropping(Made::Yes))], Presence::Unknown, now, &[]);
        }
        check(&[row(1, dropping(Made::Yes))], Presence::Gone, 599, &[]);
        check(&[row(1, dropping(Made::Yes))], Presence::Gone, 600, &[(1, Duty::Drop)]);
        // Nobody could use one that was never ready.
        check(&[row(1, dropping(Made::Perhaps))], Presence::There, 599, &[]);
        check(&[row(1, dropping(Made::Perhaps))], Presence::There, 600, &[(1, Duty::Drop)]);
    }
}
