//! API tokens.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use warren::jobs::{Identity, Scope};
use warren::store::{ApiToken, NewToken, StoreError};

use super::fixture::Fixture;
use super::samples::{at, principal};

fn token(number: u128, name: &str, expires: Option<DateTime<Utc>>) -> NewToken {
    NewToken {
        id: Uuid::from_u128(number),
        name: name.to_owned(),
        principal: principal("ada"),
        scope: Scope::Scheduler,
        token_sha256: format!("{number:064x}"),
        created: at(i64::try_from(number).unwrap()),
        expires,
    }
}

fn ada() -> Identity {
    Identity { principal: principal("ada"), scope: Scope::Scheduler }
}

pub(super) async fn a_token_stands_for_its_principal_while_it_works(db: &Fixture) {
    let (lasting, short) = (token(1, "ci", None), token(2, "visit", Some(at(100))));
    assert!(!db.store.has_live_token(at(50)).await.unwrap());
    db.store.insert_token(&lasting).await.unwrap();
    db.store.insert_token(&short).await.unwrap();

    let who = async |token: &NewToken, seconds| db.store.identity_of(&token.token_sha256, at(seconds)).await.unwrap();
    assert_eq!(who(&lasting, 50).await, Some(ada()));
    assert_eq!(who(&short, 99).await, Some(ada()));
    assert_eq!(who(&short, 100).await, None, "it has expired");
    assert_eq!(who(&token(3, "unknown", None), 50).await, None);

    assert!(db.store.has_live_token(at(200)).await.unwrap());
    assert!(db.store.revoke_token("ci", at(150)).await.unwrap());
    assert!(!db.store.revoke_token("ci", at(160)).await.unwrap(), "it is revoked already");
    assert_eq!(who(&lasting, 170).await, None);
    assert!(!db.store.has_live_token(at(200)).await.unwrap());

    let NewToken { id, name, principal, scope, created, expires, .. } = lasting;
    let (revoked, last_used) = (Some(at(150)), Some(at(50)));
    let listed = db.store.tokens().await.unwrap();
    assert_eq!(listed[0], ApiToken { id, name, principal, scope, created, expires, revoked, last_used });
    assert_eq!(listed[1].expires, short.expires);
    assert_eq!(listed.len(), 2);
}

pub(super) async fn a_name_has_one_token_that_works(db: &Fixture) {
    let first = token(1, "ci", None);
    db.store.insert_token(&first).await.unwrap();
    let taken = db.store.insert_token(&token(2, "ci", None)).await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })), "{taken:?}");
    assert!(db.store.revoke_token(&first.id.to_string(), at(9)).await.unwrap(), "its id names it, too");
    db.store.insert_token(&token(2, "ci", None)).await.unwrap();
    assert!(!db.store.revoke_token("nobody", at(9)).await.unwrap());
}

pub(super) async fn the_last_use_is_noted_once_a_minute(db: &Fixture) {
    let token = token(1, "ci", None);
    db.store.insert_token(&token).await.unwrap();
    for (used, noted) in [(10, 10), (69, 10), (70, 70), (71, 70)] {
        db.store.identity_of(&token.token_sha256, at(used)).await.unwrap();
        assert_eq!(db.store.tokens().await.unwrap()[0].last_used, Some(at(noted)), "used at {used}");
    }
}
