//! What OpenMetadata said: answers grow old or are forgotten by what they are about, and events keep their order.

use warren::store::{Answers, StoredAnswer, StoredEvent};

use super::fixture::Fixture;
use super::samples::at;

/// The keys of the answers that are there, each with the second from which on its age counts.
async fn kept(db: &Fixture) -> Vec<(String, i64)> {
    let mut kept = Vec::new();
    for key in ["name:S.d.p.Orders", "name:S.d.p.orders", "name:S.d_.p.t", "name:Sxd.p.t", "id:1"] {
        if let Some(answer) = db.store.kept_answer(key).await.unwrap() {
            kept.push((answer.key, answer.fetched.signed_duration_since(at(0)).num_seconds()));
        }
    }
    kept
}

async fn keep_all(db: &Fixture) {
    let answers = [
        ("name:S.d.p.Orders", "S.d.p.orders"),
        ("name:S.d.p.orders", "S.d.p.orders"),
        ("name:S.d_.p.t", "S.d_.p.t"),
        ("name:Sxd.p.t", "Sxd.p.t"),
        ("id:1", "S.d_.p.t"),
    ];
    for (key, fqn) in answers {
        let (key, fqn, document) = (key.to_owned(), fqn.to_owned(), "{}".to_owned());
        db.store.keep_answer(&StoredAnswer { key, fqn, document, fetched: at(100) }).await.unwrap();
    }
}

fn seconds(expect: &[(&str, i64)]) -> Vec<(String, i64)> {
    expect.iter().map(|(key, second)| ((*key).to_owned(), *second)).collect()
}

pub(super) async fn answers_grow_old_by_what_they_are_about(db: &Fixture) {
    keep_all(db).await;
    let fqns = ["S.d".to_owned()];
    db.store.age_answers(&Answers::About { fqns: &fqns, id_key: "id:1" }, at(40)).await.unwrap();
    db.store.age_answers(&Answers::About { fqns: &fqns, id_key: "id:9" }, at(50)).await.unwrap();
    let (upper, lower) = (("name:S.d.p.Orders", 40), ("name:S.d.p.orders", 40));
    let (longer, other) = (("name:S.d_.p.t", 100), ("name:Sxd.p.t", 100));
    assert_eq!(kept(db).await, seconds(&[upper, lower, longer, other, ("id:1", 40)]), "none is younger than before");
    keep_all(db).await;
    db.store.age_answers(&Answers::All, at(30)).await.unwrap();
    assert!(kept(db).await.iter().all(|(_, second)| *second == 30));
}

pub(super) async fn answers_are_forgotten_by_what_they_are_about(db: &Fixture) {
    keep_all(db).await;
    db.store.forget_answers(&Answers::Called { fqns: &[] }).await.unwrap();
    assert_eq!(kept(db).await.len(), 5);
    db.store.forget_answers(&Answers::Called { fqns: &["s.D.p.ORDERS".to_owned()] }).await.unwrap();
    let rest = [("name:S.d_.p.t", 100), ("name:Sxd.p.t", 100), ("id:1", 100)];
    assert_eq!(kept(db).await, seconds(&rest));
    let fqns = ["S.d_".to_owned(), "S.d".to_owned()];
    db.store.forget_answers(&Answers::About { fqns: &fqns, id_key: "id:9" }).await.unwrap();
    assert_eq!(kept(db).await, seconds(&rest[1..2]), "an underscore stands for itself");
    db.store.forget_answer("name:Sxd.p.t").await.unwrap();
    assert_eq!(kept(db).await, []);
}

fn event(number: i64, formerly: Option<&str>) -> StoredEvent {
    StoredEvent {
        seq: 0,
        id: format!("event {number}"),
        event_type: "entityUpdated".to_owned(),
        entity_type: "database".to_owned(),
        entity_id: "1".to_owned(),
        fqn: Some("S.d".to_owned()),
        formerly: formerly.map(str::to_owned),
        happened: at(number),
        received: at(number),
    }
}

pub(super) async fn events_keep_their_order(db: &Fixture) {
    for number in 1..4 {
        assert!(db.store.accept_event(&event(number, Some("S.c"))).await.unwrap());
        assert!(!db.store.accept_event(&event(number, None)).await.unwrap(), "it is known");
    }
    let events = db.store.events_after(0, 9).await.unwrap();
    assert!(events.is_sorted_by_key(|event| event.seq) && events.len() == 3);
    assert_eq!(events[1], StoredEvent { seq: events[1].seq, ..event(2, Some("S.c")) });
    assert_eq!(db.store.events_after(events[0].seq, 1).await.unwrap(), events[1..2]);
    assert_eq!(db.store.last_event_before(at(3)).await.unwrap(), Some(events[1].seq));
    assert_eq!(db.store.last_event_before(at(1)).await.unwrap(), None);
    db.store.forget_old_events(at(3)).await.unwrap();
    assert_eq!(db.store.events_after(0, 9).await.unwrap(), events[2..]);
}
