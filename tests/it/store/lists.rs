//! Lists, filters, cursors and places in a queue.

use chrono::TimeDelta;
use warren::jobs::{Job, JobId, Status, Submission};
use warren::store::{Cursor, JobFilter, PageRequest, Store};

use super::fixture::Fixture;
use super::samples::*;

/// The pages of a list, each with at most `limit` jobs.
async fn pages(store: &Store, filter: &JobFilter, limit: u16) -> Vec<Vec<JobId>> {
    let mut pages = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = store.jobs(filter, &PageRequest::new(limit, after).unwrap()).await.unwrap();
        pages.push(page.items.iter().map(|job| job.id).collect());
        match page.next {
            // As a client sends it back.
            Some(next) => after = Some(next.to_string().parse().unwrap()),
            None => return pages,
        }
    }
}

async fn all(store: &Store, filter: &JobFilter) -> Vec<JobId> {
    pages(store, filter, PageRequest::MAX).await.concat()
}

pub(super) async fn pages_meet_over_equal_times(db: &Fixture) {
    // Seven jobs at two moments: the id decides among equals.
    for number in [5, 3, 1, 7, 2, 6, 4] {
        let moment = if number > 3 { at(0) } else { at(1) };
        stored(&db.store, new_job_with(number, moment, |_| ()), &[]).await;
    }
    let newest_first = [3, 2, 1, 7, 6, 5, 4].map(id);
    for limit in 1..=8 {
        let pages = pages(&db.store, &JobFilter::default(), limit).await;
        assert_eq!(pages.concat(), newest_first, "pages of {limit}");
        let full = pages.split_last().unwrap().1;
        assert!(full.iter().all(|page| page.len() == usize::from(limit)), "{pages:?}");
        assert!(!pages.last().unwrap().is_empty(), "no page is empty: {pages:?}");
    }
    // A job that arrives between two pages changes nothing behind the cursor.
    let page = |after| PageRequest::new(3, after).unwrap();
    let first = db.store.jobs(&JobFilter::default(), &page(None)).await.unwrap();
    stored(&db.store, new_job_with(9, at(2), |_| ()), &[]).await;
    let second = db.store.jobs(&JobFilter::default(), &page(first.next)).await.unwrap();
    assert_eq!(second.items.iter().map(|job| job.id).collect::<Vec<_>>(), [7, 6, 5].map(id));
    assert_eq!((PageRequest::new(0, None), PageRequest::new(501, None)), (None, None));
}

pub(super) async fn each_filter_picks_its_jobs(db: &Fixture) {
    let job = |number, change: fn(&mut Submission)| new_job_with(number, at(i64::try_from(number).unwrap()), change);
    stored(&db.store, job(1, |s| s.owner = principal("grace")), &[]).await;
    stored(&db.store, job(2, |s| s.queue = "nightly".to_owned()), &[enqueued]).await;
    stored(&db.store, job(3, |s| s.tags = vec!["a".to_owned(), "b".to_owned()]), &[enqueued, claimed]).await;
    stored(&db.store, job(4, |s| s.user_query = "SELECT Name FROM x".to_owned()), &ways()[2].steps).await;
    let check = async |filter: JobFilter, expect: &[u128]| {
        let expect: Vec<JobId> = expect.iter().copied().map(id).collect();
        assert_eq!(all(&db.store, &filter).await, expect, "{filter:?}");
    };
    let any = JobFilter::default;
    check(any(), &[4, 3, 2, 1]).await;
    check(JobFilter { owner: Some(principal("grace")), ..any() }, &[1]).await;
    check(JobFilter { owner: Some(principal("nobody")), ..any() }, &[]).await;
    check(JobFilter { statuses: vec![Status::Failed], ..any() }, &[4]).await;
    check(JobFilter { statuses: vec![Status::Running, Status::Queued], ..any() }, &[3, 2]).await;
    check(JobFilter { queue: Some("nightly".to_owned()), ..any() }, &[2]).await;
    check(JobFilter { model: Some("sales_pg.shop.public.orders".to_owned()), ..any() }, &[3, 2]).await;
    check(JobFilter { model: Some("sales_pg.shop.public".to_owned()), ..any() }, &[]).await;
    check(JobFilter { tag: Some("b".to_owned()), ..any() }, &[3]).await;
    check(JobFilter { tag: Some("with \"quotes\", and a comma".to_owned()), ..any() }, &[4, 2, 1]).await;
    // What stands between two tags in the stored JSON, and a part of a tag.
    check(JobFilter { tag: Some(",".to_owned()), ..any() }, &[]).await;
    check(JobFilter { tag: Some("quotes".to_owned()), ..any() }, &[]).await;
    check(JobFilter { text: Some("select NAME".to_owned()), ..any() }, &[4]).await;
    check(JobFilter { created_after: Some(at(2)), created_before: Some(at(4)), ..any() }, &[3, 2]).await;
    let microsecond = TimeDelta::microseconds(1);
    check(JobFilter { created_after: Some(at(2) + microsecond), ..any() }, &[4, 3]).await;
    check(JobFilter { queue: Some("nightly".to_owned()), statuses: vec![Status::Failed], ..any() }, &[]).await;
}

pub(super) async fn text_is_taken_literally(db: &Fixture) {
    for (number, query) in [(1, "100% _done_ !"), (2, "100 of done"), (3, "it's \\ here")] {
        let job = new_job_with(number, at(0), |submission| submission.user_query = query.to_owned());
        stored(&db.store, job, &[]).await;
    }
    for (text, expect) in [("%", 1), ("_d", 1), ("e_ !", 1), ("!", 1), ("'", 3), ("\\", 3)] {
        let filter = JobFilter { text: Some(text.to_owned()), ..JobFilter::default() };
        assert_eq!(all(&db.store, &filter).await, [id(expect)], "{text}");
    }
}

/// SQLite keeps times as text with a fraction of as many digits as it needs; the order must be that of time.
pub(super) async fn jobs_sort_by_time_to_the_microsecond(db: &Fixture) {
    let second = at(0) - TimeDelta::microseconds(678_901);
    let fractions = [0, 1, 10, 999, 1_000, 1_001, 100_000, 123_000, 123_001, 500_000, 999_000, 999_999, 1_000_000];
    for (number, fraction) in (1..).zip(fractions) {
        let job = new_job_with(number, second + TimeDelta::microseconds(fraction), |_| ());
        stored(&db.store, job, &[enqueued]).await;
    }
    let newest_first: Vec<JobId> = (1..=13).rev().map(id).collect();
    for limit in [1, 13] {
        assert_eq!(pages(&db.store, &JobFilter::default(), limit).await.concat(), newest_first);
    }
    let claimed = db.store.claim(&claim_at(60, 13, &Counting::default())).await.unwrap();
    assert_eq!(claimed.iter().rev().map(|job| job.id).collect::<Vec<_>>(), newest_first);
}

pub(super) async fn a_list_carries_the_models_of_each_job(db: &Fixture) {
    let with = stored(&db.store, new_job_with(2, at(2), |_| ()), &[enqueued]).await;
    let without = stored(&db.store, new_job_with(1, at(1), |_| ()), &[]).await;
    let ended = stored(&db.store, new_job_with(3, at(0), |_| ()), &ways()[0].steps).await;
    let page = db.store.jobs(&JobFilter::default(), &PageRequest::new(9, None).unwrap()).await.unwrap();
    assert_eq!(page.items, [with.clone(), without, ended]);
    assert_eq!(db.store.fusion_models(with.id).await.unwrap(), plan().models);
}

pub(super) async fn left_over_jobs_are_found(db: &Fixture) {
    for number in [3, 1, 2] {
        stored(&db.store, new_job_with(number, at(i64::try_from(number).unwrap()), |_| ()), &[]).await;
    }
    stored(&db.store, new_job_with(4, at(0), |_| ()), &[enqueued]).await;
    let ids = |jobs: Vec<Job>| jobs.into_iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(ids(db.store.unprepared_jobs(at(3), 9).await.unwrap()), [1, 2].map(id));
    assert_eq!(ids(db.store.unprepared_jobs(at(9), 1).await.unwrap()), [id(1)]);
}

pub(super) async fn a_place_in_the_queue_counts_those_ahead(db: &Fixture) {
    let mut jobs = Vec::new();
    for (number, queue, priority, arrived) in
        [(1, "default", 0, 1), (2, "default", 0, 1), (3, "default", 5, 9), (4, "other", 9, 0), (5, "default", 0, 0)]
    {
        let job = new_job_with(number, at(arrived), |submission| {
            submission.queue = queue.to_owned();
            submission.priority = priority;
        });
        jobs.push(stored(&db.store, job, &[enqueued]).await);
    }
    let mut places = Vec::new();
    for job in &jobs {
        places.push(db.store.queue_position(job).await.unwrap());
    }
    assert_eq!(places, [Some(3), Some(4), Some(1), Some(1), Some(2)]);
    let running = stored(&db.store, new_job(6), &[enqueued, claimed]).await;
    assert_eq!(db.store.queue_position(&running).await.unwrap(), None);
}
