//! Models: stored with the jobs that make and drop them, and gone with the end of a drop.

use uuid::Uuid;
use warren::jobs::{Job, JobId, Plan, Transition};
use warren::models::{Model, ModelId, ModelKind, ModelState};
use warren::store::{ModelFilter, ModelWrite, StoreError};

use super::fixture::Fixture;
use super::samples::*;

fn model_of(number: u128, name: &str, job: &Job) -> Model {
    Model {
        id: ModelId(Uuid::from_u128(number)),
        fully_qualified_name: format!("sales_pg.shop.public.{name}"),
        trino_model_name: format!("pg_shop.public.{name}"),
        kind: ModelKind::View,
        owner: job.submission.owner.clone(),
        query: "SELECT '한국'\n".to_owned(),
        description: Some("by \"day\"".to_owned()),
        job_id: job.id,
        drop_job_id: None,
        made_before: false,
        created: at(0),
        updated: at(0),
        state: ModelState::Making,
    }
}

async fn made(db: &Fixture, number: u128, name: &str) -> Model {
    let job = new_job(number);
    let model = model_of(number, name, &job);
    assert!(db.store.insert_model_job(&job, ModelWrite::Make(&model)).await.unwrap());
    model
}

async fn read_model(db: &Fixture, model: &Model) -> Option<Model> {
    db.store.model(model.id).await.unwrap()
}

async fn walk(db: &Fixture, id: JobId, steps: &[fn(Job) -> Transition]) -> Job {
    let mut job = db.store.job(id).await.unwrap().unwrap();
    for step in steps {
        let transition = step(job);
        db.store.save(&transition).await.unwrap();
        job = transition.job;
    }
    job
}

/// The plan of a drop.
fn dropping(job: Job) -> Transition {
    job.enqueue(Plan { statement: "DropView".to_owned(), models: Vec::new(), ..plan() }, at(1)).unwrap()
}

fn finish(job: Job) -> Transition {
    job.finish(result(), at(4)).unwrap()
}

pub(super) async fn a_model_is_stored_with_its_job_or_not_at_all(db: &Fixture) {
    let model = made(db, 1, "daily").await;
    assert_eq!(read_model(db, &model).await, Some(model.clone()));
    let same_name = model_of(2, "daily", &new_job(2));
    let same_table = Model { fully_qualified_name: "sales_pg.shop.public.Daily".to_owned(), ..same_name.clone() };
    for twin in [&same_name, &same_table] {
        assert!(!db.store.insert_model_job(&new_job(2), ModelWrite::Make(twin)).await.unwrap());
    }
    assert_eq!((db.count("job").await, db.count("model").await), (1, 1), "a job without its model is not there");

    let remade = Model { query: "SELECT 2".to_owned(), job_id: id(3), updated: at(9), ..model.clone() };
    let write = ModelWrite::Remake { model: &remade, was: &model };
    assert!(db.store.insert_model_job(&new_job(3), write).await.unwrap());
    assert_eq!(read_model(db, &model).await, Some(remade.clone()));
    let late = Model { job_id: id(4), ..remade.clone() };
    let write = ModelWrite::Remake { model: &late, was: &model };
    assert!(!db.store.insert_model_job(&new_job(4), write).await.unwrap(), "it is not what was read any more");
    assert!(!db.store.insert_model_job(&new_job(4), ModelWrite::Drop { was: &model }).await.unwrap());
    assert!(db.store.insert_model_job(&new_job(4), ModelWrite::Drop { was: &remade }).await.unwrap());
    assert!(!db.store.insert_model_job(&new_job(5), ModelWrite::Drop { was: &remade }).await.unwrap());
    assert_eq!(read_model(db, &model).await.unwrap().state, ModelState::Dropping);
    assert_eq!(db.count("job").await, 3);
}

pub(super) async fn what_a_model_is_comes_from_its_jobs(db: &Fixture) {
    let (ready, failed) = (made(db, 1, "ready").await, made(db, 2, "failed").await);
    walk(db, id(1), &ways()[0].steps).await;
    walk(db, id(2), &ways()[5].steps).await;
    let state = async |model: &Model| read_model(db, model).await.unwrap().state;
    assert_eq!(state(&ready).await, ModelState::Ready);
    assert_eq!(state(&failed).await, ModelState::Failed { error: Some(Box::new(problem())) });

    assert!(db.store.insert_model_job(&new_job(3), ModelWrite::Drop { was: &ready }).await.unwrap());
    walk(db, id(3), &[dropping, claimed, attached]).await;
    assert_eq!(state(&ready).await, ModelState::Dropping);
    let job = walk(db, id(3), &[|job| job.fail(problem(), at(4)).unwrap()]).await;
    assert_eq!(state(&ready).await, ModelState::Ready, "a drop that fails leaves it");
    db.store.delete_job(&read(&db.store, &job).await).await.unwrap();
    let left = read_model(db, &ready).await.unwrap();
    assert_eq!((left.drop_job_id, &left.state), (None, &ModelState::Ready));

    assert!(db.store.insert_model_job(&new_job(4), ModelWrite::Drop { was: &left }).await.unwrap());
    walk(db, id(4), &[dropping, claimed, attached, finish]).await;
    assert_eq!(read_model(db, &ready).await, None, "it goes with the end of the drop");
    assert!(read_model(db, &failed).await.is_some(), "and no other does");
}

pub(super) async fn a_model_that_was_made_stays_one(db: &Fixture) {
    let model = made(db, 1, "daily").await;
    walk(db, id(1), &ways()[5].steps).await;
    let never = read_model(db, &model).await.unwrap();
    assert!(!never.was_made());
    let remade = |number, was: &Model| Model { job_id: id(number), made_before: was.was_made(), ..was.clone() };
    let again = async |number, was: &Model| {
        let model = remade(number, was);
        let write = ModelWrite::Remake { model: &model, was };
        assert!(db.store.insert_model_job(&new_job(number), write).await.unwrap());
        model
    };
    let busy = again(2, &never).await;
    assert!(!db.store.forget_model(&never).await.unwrap(), "it is not what was read any more");
    walk(db, id(2), &ways()[0].steps).await;
    let ready = read_model(db, &busy).await.unwrap();
    assert!(ready.was_made() && !ready.made_before);
    again(3, &ready).await;
    walk(db, id(3), &ways()[5].steps).await;
    let failed = read_model(db, &ready).await.unwrap();
    assert!(failed.was_made(), "what was to be replaced is still in Trino");
    assert!(db.store.forget_model(&failed).await.unwrap());
    assert_eq!(read_model(db, &failed).await, None);
}

pub(super) async fn a_job_of_a_model_cannot_be_deleted(db: &Fixture) {
    let model = made(db, 1, "daily").await;
    let job = walk(db, id(1), &ways()[0].steps).await;
    let refused = db.store.delete_job(&read(&db.store, &job).await).await;
    assert!(matches!(refused, Err(StoreError::JobOfModel { .. })), "{refused:?}");
    assert!(db.store.is_job_of_model(id(1)).await.unwrap());
    assert!(db.run(&format!("DELETE FROM job WHERE id = '{}'", id(1))).await.is_err(), "the database says the same");
    let remade = Model { job_id: id(2), ..model.clone() };
    let write = ModelWrite::Remake { model: &remade, was: &model };
    assert!(db.store.insert_model_job(&new_job(2), write).await.unwrap());
    db.store.delete_job(&read(&db.store, &job).await).await.unwrap();
    assert!(db.run("UPDATE model SET kind = 'matrix'").await.is_err());
}

pub(super) async fn models_are_listed_by_pages(db: &Fixture) {
    for (number, name) in [(1, "a_1"), (2, "ab1"), (3, "b%")] {
        made(db, number, name).await;
    }
    let filter = |prefix: &str| ModelFilter { prefix: Some(prefix.to_owned()), ..ModelFilter::default() };
    let list = async |filter: &ModelFilter, after, limit| {
        let page = db.store.models(filter, after, limit).await.unwrap();
        let names = page.items.into_iter().map(|model| model.trino_model_name.replace("pg_shop.public.", ""));
        (names.collect::<Vec<_>>(), page.next)
    };
    let all = ModelFilter::default();
    let (names, next) = list(&all, None, 2).await;
    assert_eq!(names, ["b%", "ab1"]);
    assert_eq!(list(&all, next, 2).await, (vec!["a_1".to_owned()], None));
    assert_eq!(list(&filter("SALES_pg.shop.public.a_"), None, 9).await.0, ["a_1"]);
    assert_eq!(list(&filter("sales_pg.shop.public.b%"), None, 9).await.0, ["b%"]);
    let other = ModelFilter { owner: Some(principal("other")), ..ModelFilter::default() };
    assert_eq!(list(&other, None, 9).await.0, [""; 0]);
}

pub(super) async fn what_is_used_together_is_counted(db: &Fixture) {
    let with = |names: &[&str], job: Job| {
        let models = names.iter().map(|name| model(name, false)).collect();
        job.enqueue(Plan { models, ..plan() }, at(1)).unwrap()
    };
    let job = async |number, owner: &str, end: i64, names: &[&str], ending: fn(Job, i64) -> Transition| {
        let job = new_job_with(number, at(0), |submission| submission.owner = principal(owner));
        db.store.insert_job(&job, None).await.unwrap();
        let queued = with(names, job);
        db.store.save(&queued).await.unwrap();
        let running = claimed(queued.job);
        db.store.save(&running).await.unwrap();
        db.store.save(&ending(running.job, end)).await.unwrap();
    };
    let ends: fn(Job, i64) -> Transition = |job, end| job.finish(result(), at(end)).unwrap();
    let fails: fn(Job, i64) -> Transition = |job, end| job.fail(problem(), at(end)).unwrap();
    job(1, "ada", 10, &["a", "b", "b"], ends).await;
    job(2, "ada", 20, &["a", "c"], ends).await;
    job(3, "sena", 30, &["b", "a", "a"], ends).await;
    job(4, "sena", 40, &["a", "d"], fails).await;
    job(5, "sena", 50, &["b", "d"], ends).await;
    let found = async |name, jobs, limit| {
        let found = db.store.companions(name, jobs, limit).await.unwrap();
        let own =
            |one: &warren::models::Companion| (one.fully_qualified_name.clone(), one.jobs, one.users, one.last_used);
        found.iter().map(own).collect::<Vec<_>>()
    };
    let (b, c) = (("b".to_owned(), 2, 2, at(30)), ("c".to_owned(), 1, 1, at(20)));
    assert_eq!(found("a", 100, 10).await, [b.clone(), c.clone()]);
    assert_eq!(found("a", 100, 1).await, [b]);
    assert_eq!(found("a", 3, 10).await, [("b".to_owned(), 1, 1, at(30)), c], "only the last jobs count");
    assert_eq!(found("nobody", 100, 10).await, []);
}
