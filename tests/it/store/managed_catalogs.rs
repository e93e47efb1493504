//! Managed catalogs: each state comes back, and no two processes change one at once.

use chrono::TimeDelta;
use uuid::Uuid;
use warren::managed_catalogs::{Made, ManagedCatalog, ManagedCatalogState};

use super::fixture::Fixture;
use super::samples::at;

fn catalog(number: u128, database: Option<&str>) -> ManagedCatalog {
    ManagedCatalog {
        name: format!("om_shop_{number}"),
        service_id: Uuid::from_u128(number),
        service: "shop".to_owned(),
        database: database.map(str::to_owned),
        connector: "postgresql".to_owned(),
        fingerprint: "ab".to_owned(),
        generation: 1,
        state: ManagedCatalogState::Creating { until: at(60), made: Made::No },
        version: 1,
        created: at(0),
        updated: at(0),
    }
}

pub(super) async fn every_state_of_a_managed_catalog_comes_back(db: &Fixture) {
    let mut row = catalog(1, Some("crm"));
    assert!(db.store.begin_managed_catalog(&row).await.unwrap());
    assert!(db.store.begin_managed_catalog(&catalog(2, None)).await.unwrap());
    let states = [
        ManagedCatalogState::Broken { error: "PERMISSION_DENIED".to_owned(), made: Made::No },
        ManagedCatalogState::Creating { until: at(90), made: Made::Perhaps },
        ManagedCatalogState::Ready,
        ManagedCatalogState::Dropping { due: at(600), made: Made::Yes },
    ];
    for (state, second) in states.into_iter().zip(1..) {
        row = db.store.move_managed_catalog(&row, state, at(second)).await.unwrap().unwrap();
        assert_eq!(db.store.managed_catalogs_of(row.service_id).await.unwrap(), [row.clone()]);
    }
    assert_eq!(db.store.managed_catalogs().await.unwrap(), [row.clone(), catalog(2, None)]);
    assert!(db.store.forget_managed_catalog(&row).await.unwrap());
    assert_eq!(db.store.managed_catalogs().await.unwrap(), [catalog(2, None)]);
}

pub(super) async fn a_managed_catalog_is_changed_as_it_was_read_or_not_at_all(db: &Fixture) {
    let row = catalog(1, None);
    assert!(db.store.begin_managed_catalog(&row).await.unwrap());
    let other = ManagedCatalog { service_id: Uuid::from_u128(7), created: at(1), ..row.clone() };
    assert!(!db.store.begin_managed_catalog(&other).await.unwrap(), "the name is taken");
    let until = |seconds| ManagedCatalogState::Creating { until: at(0) + TimeDelta::seconds(seconds), made: Made::No };
    let another = db.another_store().await;
    let (one, two) = futures::join!(
        db.store.move_managed_catalog(&row, until(1), at(1)),
        another.move_managed_catalog(&row, until(2), at(1))
    );
    assert!(one.unwrap().is_some() != two.unwrap().is_some(), "one of them was first");
    assert!(!db.store.forget_managed_catalog(&row).await.unwrap());
    for broken in [
        "state = 'READY'",
        "state = 'READY', due = NULL",
        "made = 'MAYBE'",
        "due = NULL",
        "state = 'GONE'",
        "last_error = 'x'",
        "generation = 0",
    ] {
        let refused = db.run(&format!("UPDATE managed_catalog SET {broken}")).await;
        assert!(refused.is_err(), "{broken}");
    }
}
