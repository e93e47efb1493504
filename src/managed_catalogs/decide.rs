//! What follows for a database from the managed catalogs that there are.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{ManagedCatalog, ManagedCatalogState, catalog_name};

/// How long a catalog of before serves on, before one that could not be made in its place is tried again.
const PAUSE: TimeDelta = TimeDelta::seconds(60);
/// How long Trino's list of catalogs may be without one that was just made.
const LIST_LAGS: TimeDelta = TimeDelta::seconds(120);

/// A database that needs a catalog.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// OpenMetadata's id of the service.
    pub service_id: Uuid,
    /// The service.
    pub service: &'a str,
    /// The database, where a catalog reaches one of them.
    pub database: Option<&'a str>,
    /// What the catalog would be made of now, as a hash.
    pub fingerprint: &'a str,
    /// The catalogs that Trino has, in lower case, where that is known.
    pub trino_has: Option<&'a BTreeSet<String>>,
    /// When it was asked for: a failure since then is the answer.
    pub asked: DateTime<Utc>,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The catalog of this name serves.
    Use {
        /// Its name.
        name: String,
    },
    /// One is to be made that nobody has begun.
    Make {
        /// Its name.
        name: String,
        /// The how manieth it is.
        generation: u32,
    },
    /// This one is to be made again, because nobody ended it or Trino lost it.
    MakeAgain(Box<ManagedCatalog>),
    /// Somebody makes it at this moment.
    Wait,
    /// It was tried since the question, and failed so.
    Failed {
        /// The name of Trino's error, or what happened.
        error: String,
    },
}

/// What is to be done for a database, given every managed catalog of its service.
#[must_use]
pub fn decide(rows: &[ManagedCatalog], demand: &Demand<'_>) -> Step {
    let own = || rows.iter().filter(|row| row.database.as_deref() == demand.database && !row.state.is_dropping());
    let there = serving(rows, demand.database);
    let is_served = there.is_some();
    let serving = |otherwise: Step| there.map_or(otherwise, |row| Step::Use { name: row.name.clone() });
    let Some(newest) = own().max_by_key(|row| row.generation) else { return make(rows, demand) };
    let is_same = newest.fingerprint == demand.fingerprint;
    let age = demand.now - newest.updated;
    match &newest.state {
        ManagedCatalogState::Creating { until, .. } if demand.now < *until => serving(Step::Wait),
        ManagedCatalogState::Broken { error, .. } if is_same && newest.updated >= demand.asked => {
            serving(Step::Failed { error: error.clone() })
        }
        ManagedCatalogState::Broken { error, .. } if is_served && age < PAUSE => {
            serving(Step::Failed { error: error.clone() })
        }
        // What lies half made in Trino under this name was made of something else.
        _ if !is_same => make(rows, demand),
        ManagedCatalogState::Ready if !is_lost(newest, age, demand) => Step::Use { name: newest.name.clone() },
        _ => Step::MakeAgain(Box::new(newest.clone())),
    }
}

/// The newest catalog of a database that Trino has, given every managed catalog of its service.
#[must_use]
pub fn serving<'a>(rows: &'a [ManagedCatalog], database: Option<&str>) -> Option<&'a ManagedCatalog> {
    let own = rows.iter().filter(|row| row.database.as_deref() == database);
    own.filter(|row| row.state == ManagedCatalogState::Ready).max_by_key(|row| row.generation)
}

/// Whether Trino, which may keep catalogs in memory only, has lost it.
fn is_lost(row: &ManagedCatalog, age: TimeDelta, demand: &Demand<'_>) -> bool {
    age > LIST_LAGS && demand.trino_has.is_some_and(|names| !names.contains(&row.name))
}

/// The next name that no other one has: names of databases that differ in case only lead to the same one.
fn make(rows: &[ManagedCatalog], demand: &Demand<'_>) -> Step {
    let own = rows.iter().filter(|row| row.database.as_deref() == demand.database);
    let mut generation = own.map(|row| row.generation).max().unwrap_or(0) + 1;
    loop {
        let name = catalog_name(demand.service, demand.database, demand.service_id, generation);
        if rows.iter().all(|row| row.name != name) {
            return Step::Make { name, generation };
        }
        generation += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;
    use crate::managed_catalogs::Made;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn row(generation: u32, fingerprint: &str, state: ManagedCatalogState) -> ManagedCatalog {
        ManagedCatalog {
            name: catalog_name("s", Some("d"), Uuid::nil(), generation),
            service_id: Uuid::nil(),
            service: "s".to_owned(),
            database: Some("d".to_owned()),
            connector: "postgresql".to_owned(),
            fingerprint: fingerprint.to_owned(),
            generation,
            state,
            version: 1,
            created: at(0),
            updated: at(0),
        }
    }

    fn decided(rows: &[ManagedCatalog], asked: i64, now: i64, trino_has: Option<&[&str]>) -> Step {
        let names: Option<BTreeSet<String>> =
            trino_has.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let (asked, now) = (at(asked), at(now));
        let demand = Demand {
            service_id: Uuid::nil(),
            service: "s",
            database: Some("d"),
            fingerprint: "x",
            trino_has: names.as_ref(),
            asked,
            now,
        };
        decide(rows, &demand)
    }

    const FIRST: &str = "om_s_d_00000000";

    fn uses(generation: u32) -> Step {
        Step::Use { name: catalog_name("s", Some("d"), Uuid::nil(), generation) }
    }

    fn makes(generation: u32) -> Step {
        Step::Make { name: catalog_name("s", Some("d"), Uuid::nil(), generation), generation }
    }

    #[test]
    fn one_that_is_up_to_date_serves_until_trino_loses_it() {
        let ready = row(1, "x", ManagedCatalogState::Ready);
        assert_eq!(decided(&[], 0, 0, None), makes(1));
        assert_eq!(decided(from_ref(&ready), 0, 999, None), uses(1));
        assert_eq!(decided(from_ref(&ready), 0, 999, Some(&[FIRST])), uses(1));
        assert_eq!(decided(from_ref(&ready), 0, 119, Some(&[])), uses(1), "the list lags behind");
        assert_eq!(decided(from_ref(&ready), 0, 999, Some(&[])), Step::MakeAgain(Box::new(ready)));
    }

    #[test]
    fn one_of_another_connection_gets_a_successor() {
        let old = row(1, "w", ManagedCatalogState::Ready);
        let creating = row(2, "x", ManagedCatalogState::Creating { until: at(60), made: Made::No });
        let broken = row(2, "x", ManagedCatalogState::Broken { error: "E".to_owned(), made: Made::No });
        assert_eq!(decided(from_ref(&old), 0, 0, None), makes(2));
        assert_eq!(decided(&[old.clone(), creating.clone()], 0, 59, None), uses(1), "the old one serves meanwhile");
        assert_eq!(decided(&[old.clone(), creating.clone()], 0, 60, None), Step::MakeAgain(Box::new(creating)));
        assert_eq!(decided(&[old.clone(), broken.clone()], 9, 59, None), uses(1));
        assert_eq!(decided(&[old, broken.clone()], 9, 60, None), Step::MakeAgain(Box::new(broken)));
        let dropping = row(4, "x", ManagedCatalogState::Dropping { due: at(1), made: Made::Yes });
        assert_eq!(decided(&[dropping], 0, 0, None), makes(5), "a name is never used twice");
    }

    #[test]
    fn one_that_nobody_ended_is_taken_over() {
        let creating =
            |fingerprint| row(1, fingerprint, ManagedCatalogState::Creating { until: at(60), made: Made::No });
        let broken = row(1, "x", ManagedCatalogState::Broken { error: "E".to_owned(), made: Made::No });
        assert_eq!(decided(&[creating("x")], 0, 59, None), Step::Wait);
        assert_eq!(decided(&[creating("x")], 0, 60, None), Step::MakeAgain(Box::new(creating("x"))));
        assert_eq!(decided(&[creating("w")], 0, 60, None), makes(2), "what Trino has of it is of another connection");
        assert_eq!(decided(from_ref(&broken), 0, 0, None), Step::Failed { error: "E".to_owned() });
        assert_eq!(decided(from_ref(&broken), 1, 1, None), Step::MakeAgain(Box::new(broken)));
    }

    #[test]
    fn databases_that_differ_in_case_only_share_no_catalog() {
        let other = ManagedCatalog { database: Some("D".to_owned()), ..row(1, "x", ManagedCatalogState::Ready) };
        assert_eq!(decided(&[other], 0, 0, None), makes(2));
    }
}
