//! The model queue: claims, leases, order, and what becomes of a command.

use std::collections::HashSet;

use tokio::task::JoinSet;
use uuid::Uuid;
use warren::jobs::Job;
use warren::models::{
    Command, CommandLease, CommandProgress, CommandState, ModelCommand, PipelineStart, QueuedCommand, Sink,
};
use warren::store::{CommandClaim, CommandFilter, Nack, Next, Settled, Store};

use super::fixture::Fixture;
use super::samples::{at, attached, claimed, commands, enqueued, new_job, result, stored};

/// A job that finished with these commands, each for a target of its own unless the numbers are the same.
async fn queue(db: &Fixture, number: u128, targets: &[u32]) -> Job {
    let sample = lineage("sales_pg.shop.public.orders", "");
    let of_target = |target: &u32| ModelCommand { model_name_fqn: format!("s.d.s.t{target}"), ..sample.clone() };
    let commands: Vec<ModelCommand> = targets.iter().map(of_target).collect();
    finished_at(db, number, 4, &commands).await
}

/// A job that finished at this moment and asks for these commands.
async fn finished_at(db: &Fixture, number: u128, seconds: i64, commands: &[ModelCommand]) -> Job {
    let job = stored(&db.store, new_job(number), &[enqueued, claimed, attached]).await;
    let own = |command: &ModelCommand| ModelCommand { job_id: job.id, ..command.clone() };
    let commands: Vec<ModelCommand> = commands.iter().map(own).collect();
    let finished = job.finish(result(), at(seconds)).unwrap();
    db.store.finish(&finished, &commands).await.unwrap()
}

fn lineage(source: &str, target: &str) -> ModelCommand {
    let sample = commands(&new_job(0)).remove(0);
    ModelCommand { from_fqn: Some(source.to_owned()), model_name_fqn: target.to_owned(), ..sample }
}

fn ingestion(target: &str) -> ModelCommand {
    ModelCommand { command: Command::Ingestion, from_fqn: None, ..lineage("", target) }
}

/// The commands that are claimed, with their numbers.
async fn claimed_ids(store: &Store, claim: &CommandClaim) -> Vec<i64> {
    store.claim_commands(claim).await.unwrap().into_iter().map(|queued| queued.id).collect()
}

async fn ack(db: &Fixture, id: i64, token: u128, seconds: i64) {
    let settled = db.store.ack_command(id, Uuid::from_u128(token), at(seconds)).await.unwrap();
    assert_eq!(settled, Settled::Yes);
}

async fn read(db: &Fixture, id: i64) -> QueuedCommand {
    db.store.command(id).await.unwrap().unwrap()
}

/// Every command: where it stands and what covers it.
async fn all(db: &Fixture) -> Vec<(&'static str, Option<i64>)> {
    let found = db.store.commands(&CommandFilter::default(), None, 100).await.unwrap().items;
    let covering = |state| match state {
        CommandState::Done { covered_by, .. } => covered_by,
        CommandState::Queued { .. } | CommandState::Running { .. } | CommandState::Dead { .. } => None,
    };
    found.into_iter().map(|own| (own.state.as_str(), covering(own.state))).collect()
}

fn claim(token: u128, seconds: i64, limit: u64) -> CommandClaim {
    let lease = CommandLease { token: Uuid::from_u128(token), until: at(seconds + 30) };
    CommandClaim { limit, max_bytes: 1 << 20, commands: Vec::new(), now: at(seconds), lease, max_attempts: 3 }
}

async fn claimed_targets(store: &Store, claim: &CommandClaim) -> Vec<String> {
    let commands = store.claim_commands(claim).await.unwrap();
    commands.into_iter().map(|queued| queued.command.model_name_fqn).collect()
}

fn nack(command: &QueuedCommand, token: u128, seconds: i64) -> Nack {
    Nack {
        id: command.id,
        token: Uuid::from_u128(token),
        now: at(seconds),
        next: Next::Retry { due: at(seconds + 60), max_attempts: 3 },
        reason: "openmetadata is down".to_owned(),
    }
}

pub(super) async fn commands_are_claimed_in_order_and_once(db: &Fixture) {
    queue(db, 1, &[1, 2, 3]).await;
    let first = db.store.claim_commands(&claim(10, 100, 2)).await.unwrap();
    let lease = CommandLease { token: Uuid::from_u128(10), until: at(130) };
    assert_eq!(
        first.iter().map(|own| own.command.model_name_fqn.as_str()).collect::<Vec<_>>(),
        ["s.d.s.t1", "s.d.s.t2"]
    );
    assert!(first.iter().all(|own| own.state == CommandState::Running { lease } && own.attempts == 1), "{first:?}");
    assert_eq!(claimed_targets(&db.store, &claim(11, 101, 9)).await, ["s.d.s.t3"]);
    assert_eq!(claimed_targets(&db.store, &claim(12, 129, 9)).await, [""; 0]);
    assert_eq!(claimed_targets(&db.store, &claim(13, 130, 9)).await, ["s.d.s.t1", "s.d.s.t2"], "the lease is over");
    let only = CommandClaim { commands: vec![Command::Ingestion], ..claim(14, 500, 9) };
    assert_eq!(claimed_targets(&db.store, &only).await, [""; 0]);
    let several = CommandClaim { commands: vec![Command::Query, Command::Lineage], ..claim(15, 500, 1) };
    assert_eq!(claimed_targets(&db.store, &several).await, ["s.d.s.t1"]);
}

pub(super) async fn commands_of_one_target_follow_one_another(db: &Fixture) {
    queue(db, 1, &[1, 1, 2]).await;
    let first = db.store.claim_commands(&claim(10, 100, 9)).await.unwrap();
    assert_eq!(first.len(), 2, "one of each target");
    assert_eq!(claimed_targets(&db.store, &claim(11, 101, 9)).await, [""; 0]);
    assert_eq!(db.store.nack_command(&nack(&first[0], 10, 102)).await.unwrap(), Settled::Yes);
    assert_eq!(
        claimed_targets(&db.store, &claim(12, 103, 9)).await,
        [""; 0],
        "what waits to be tried again is before it"
    );
    let again = db.store.claim_commands(&claim(13, 162, 9)).await.unwrap();
    assert_eq!((again[0].id, again[0].attempts), (first[0].id, 2));
    assert_eq!(again[0].last_error.as_deref(), Some("openmetadata is down"));
    ack(db, first[0].id, 13, 163).await;
    assert_eq!(read(db, first[0].id).await.last_error, None, "what is done has no error");
    assert_eq!(claimed_targets(&db.store, &claim(14, 164, 9)).await, ["s.d.s.t1"]);
}

pub(super) async fn a_command_is_settled_by_who_holds_it(db: &Fixture) {
    queue(db, 1, &[1]).await;
    let own = db.store.claim_commands(&claim(10, 100, 1)).await.unwrap().remove(0);
    let ack = async |token, seconds| db.store.ack_command(own.id, Uuid::from_u128(token), at(seconds)).await.unwrap();
    assert_eq!(ack(11, 101).await, Settled::LeaseLost);
    assert_eq!(db.store.nack_command(&nack(&own, 11, 101)).await.unwrap(), Settled::LeaseLost);
    assert_eq!(db.store.renew_command(own.id, Uuid::from_u128(10), at(200)).await.unwrap(), Settled::Yes);
    assert_eq!(claimed_targets(&db.store, &claim(12, 150, 9)).await, [""; 0], "it was renewed");
    assert_eq!(db.store.renew_command(own.id, Uuid::from_u128(11), at(300)).await.unwrap(), Settled::LeaseLost);
    assert_eq!(db.store.renew_command(999, Uuid::from_u128(10), at(300)).await.unwrap(), Settled::Unknown);
    assert_eq!(ack(10, 102).await, Settled::Yes);
    assert_eq!(ack(10, 103).await, Settled::Yes, "to say it twice does no harm");
    assert_eq!(ack(11, 103).await, Settled::LeaseLost);
    assert_eq!(db.store.nack_command(&nack(&own, 10, 104)).await.unwrap(), Settled::LeaseLost);
    let done = db.store.command(own.id).await.unwrap().unwrap();
    assert_eq!(done.state, CommandState::Done { settled: at(102), covered_by: None });
    assert_eq!(db.store.ack_command(999, Uuid::nil(), at(1)).await.unwrap(), Settled::Unknown);
    assert_eq!(db.store.nack_command(&Nack { id: 999, ..nack(&own, 1, 1) }).await.unwrap(), Settled::Unknown);
}

pub(super) async fn commands_of_one_claim_are_settled_at_once(db: &Fixture) {
    queue(db, 1, &[1, 2, 3, 4]).await;
    let own = db.store.claim_commands(&claim(10, 100, 3)).await.unwrap();
    let other = db.store.claim_commands(&claim(11, 100, 1)).await.unwrap();
    let ids: Vec<i64> = own.iter().chain(&other).map(|command| command.id).chain([999]).collect();
    let ack = async |token| db.store.ack_commands(&ids, Uuid::from_u128(token), at(101)).await.unwrap();
    assert_eq!(ack(12).await, [0; 0]);
    assert_eq!(ack(10).await, ids[..3], "not what another claim holds, and not what is not there");
    assert_eq!(ack(10).await, ids[..3], "to say it twice does no harm");
    let left = db.store.command(other[0].id).await.unwrap().unwrap();
    assert_eq!(left.state.as_str(), "RUNNING");
    assert_eq!(db.store.ack_commands(&[], Uuid::nil(), at(102)).await.unwrap(), [0; 0]);
}

pub(super) async fn a_command_that_fails_too_often_is_a_dead_letter(db: &Fixture) {
    queue(db, 1, &[1, 1, 2]).await;
    let mut id = 0;
    for attempt in 1..=3_i64 {
        let own = db.store.claim_commands(&claim(10, attempt * 100, 1)).await.unwrap().remove(0);
        assert_eq!(i64::from(own.attempts), attempt);
        assert_eq!(db.store.nack_command(&nack(&own, 10, attempt * 100 + 1)).await.unwrap(), Settled::Yes);
        id = own.id;
    }
    let dead = db.store.command(id).await.unwrap().unwrap();
    assert_eq!(dead.state, CommandState::Dead { settled: at(301) });
    assert_eq!(dead.last_error.as_deref(), Some("openmetadata is down"));
    let next = claimed_targets(&db.store, &claim(11, 400, 9)).await;
    assert_eq!(next, ["s.d.s.t1", "s.d.s.t2"], "a dead letter holds nothing up");
    assert!(db.store.requeue_command(id).await.unwrap());
    assert!(!db.store.requeue_command(id).await.unwrap(), "it is no dead letter any more");
    let queued = db.store.command(id).await.unwrap().unwrap();
    assert_eq!((queued.state, queued.attempts), (CommandState::Queued { due: None }, 0));
}

pub(super) async fn a_command_may_be_given_up_or_handed_back(db: &Fixture) {
    queue(db, 1, &[1, 2]).await;
    let claimed = db.store.claim_commands(&claim(10, 100, 2)).await.unwrap();
    let [gone, unworked] = claimed.as_slice() else { panic!("{claimed:?}") };
    let say = async |command: &QueuedCommand, next| {
        let nack = Nack { next, ..nack(command, 10, 101) };
        assert_eq!(db.store.nack_command(&nack).await.unwrap(), Settled::Yes);
        db.store.command(command.id).await.unwrap().unwrap()
    };
    let dead = say(gone, Next::GiveUp).await;
    assert_eq!((dead.state, dead.attempts), (CommandState::Dead { settled: at(101) }, 1), "at its first try");
    assert_eq!(db.store.oldest_open_command().await.unwrap(), Some(unworked.created));
    let back = say(unworked, Next::HandBack { due: at(110) }).await;
    assert_eq!((back.state, back.attempts), (CommandState::Queued { due: Some(at(110)) }, 0), "that was no try");
    assert_eq!(claimed_targets(&db.store, &claim(11, 109, 9)).await, [""; 0]);
    let again = db.store.claim_commands(&claim(12, 110, 9)).await.unwrap();
    assert_eq!((again[0].id, again[0].attempts), (unworked.id, 1));
    db.store.ack_command(unworked.id, Uuid::from_u128(12), at(111)).await.unwrap();
    assert_eq!(db.store.oldest_open_command().await.unwrap(), None);
}

pub(super) async fn progress_is_noted_by_who_holds_the_command(db: &Fixture) {
    queue(db, 1, &[1]).await;
    let own = db.store.claim_commands(&claim(10, 100, 1)).await.unwrap().remove(0);
    assert_eq!(own.progress, CommandProgress::default());
    let start = PipelineStart { pipeline: "s.p".to_owned(), at: 7, run: None, before: vec!["r0".to_owned()] };
    let mut progress = CommandProgress { start: Some(start), ..CommandProgress::default() };
    progress.deliver(Sink::OpenMetadata);
    progress.warn("a column \u{0} was left out");
    let note = async |token| db.store.note_command_progress(own.id, Uuid::from_u128(token), &progress).await.unwrap();
    assert_eq!(note(11).await, Settled::LeaseLost);
    assert_eq!(db.store.command(own.id).await.unwrap().unwrap().progress, CommandProgress::default());
    assert_eq!(note(10).await, Settled::Yes);
    let again = db.store.claim_commands(&claim(11, 130, 1)).await.unwrap().remove(0);
    assert_eq!((again.id, &again.progress), (own.id, &progress), "the next consumer goes on from there");
    assert_eq!(note(10).await, Settled::LeaseLost);
    let nack = Nack { next: Next::GiveUp, ..nack(&own, 11, 131) };
    assert_eq!(db.store.nack_command(&nack).await.unwrap(), Settled::Yes);
    assert!(db.store.requeue_command(own.id).await.unwrap());
    let queued = db.store.command(own.id).await.unwrap().unwrap();
    assert_eq!(queued.progress, CommandProgress::default(), "it waits as if it were new");
}

pub(super) async fn a_command_whose_consumers_go_silent_is_a_dead_letter(db: &Fixture) {
    queue(db, 1, &[1]).await;
    for attempt in 1..=3 {
        assert_eq!(claimed_targets(&db.store, &claim(10, attempt * 100, 1)).await, ["s.d.s.t1"]);
    }
    assert_eq!(claimed_targets(&db.store, &claim(10, 1_000, 1)).await, [""; 0]);
    let dead = CommandFilter { state: Some("DEAD"), ..CommandFilter::default() };
    let page = db.store.commands(&dead, None, 10).await.unwrap();
    assert_eq!(page.items[0].last_error.as_deref(), Some("no consumer that took it said what became of it"));
    let own = &page.items[0];
    let late = async |token| db.store.ack_command(own.id, Uuid::from_u128(token), at(1_001)).await.unwrap();
    assert_eq!(late(11).await, Settled::LeaseLost);
    assert_eq!(late(10).await, Settled::Yes, "it was carried out after all, and nobody else has it");
    assert_eq!(read(db, own.id).await.state, CommandState::Done { settled: at(1_001), covered_by: None });
    assert_eq!(read(db, own.id).await.last_error, None);
}

pub(super) async fn of_one_target_one_command_is_on_its_way(db: &Fixture) {
    queue(db, 1, &[1, 1, 1]).await;
    let first = db.store.claim_commands(&claim(10, 100, 9)).await.unwrap().remove(0);
    let nack = Nack { next: Next::GiveUp, ..nack(&first, 10, 101) };
    assert_eq!(db.store.nack_command(&nack).await.unwrap(), Settled::Yes);
    let second = claimed_ids(&db.store, &claim(11, 102, 9)).await;
    assert_eq!(second, [first.id + 1]);
    assert!(db.store.requeue_command(first.id).await.unwrap());
    assert_eq!(claimed_ids(&db.store, &claim(12, 103, 9)).await, [0; 0], "the second one is on its way");
    assert_eq!(claimed_ids(&db.store, &claim(13, 140, 9)).await, second, "its lease is over, and it goes on first");
    ack(db, second[0], 13, 141).await;
    assert_eq!(claimed_ids(&db.store, &claim(14, 142, 9)).await, [first.id]);
    // Whoever claims at the same moment and sees less of it is stopped by the database.
    let both = format!("UPDATE model_queue SET state = 'RUNNING', lease_token = '{}', due = created", Uuid::nil());
    let refused = db.run(&format!("{both} WHERE id = {}", first.id + 2)).await;
    assert!(refused.unwrap_err().to_lowercase().contains("unique"));
}

/// A transaction that is slower than the next one: its row has the smaller number and is seen later.
pub(super) async fn a_command_that_is_seen_late_waits_for_the_one_on_its_way(db: &Fixture) {
    queue(db, 1, &[1, 1]).await;
    let id = db.value("SELECT CAST(MIN(id) AS VARCHAR(20)) FROM model_queue").await.unwrap();
    db.run(&format!("UPDATE model_queue SET state = 'DONE', settled = created WHERE id = {id}")).await.unwrap();
    let second = claimed_ids(&db.store, &claim(10, 100, 9)).await;
    db.run(&format!("UPDATE model_queue SET state = 'QUEUED', settled = NULL WHERE id = {id}")).await.unwrap();
    let mut consumers = JoinSet::new();
    for consumer in 0..4_u128 {
        let store = db.store.clone();
        consumers.spawn(async move { claimed_ids(&store, &claim(20 + consumer, 101, 9)).await });
    }
    assert_eq!(consumers.join_all().await.concat(), [0; 0]);
    ack(db, second[0], 10, 102).await;
    assert_eq!(claimed_ids(&db.store, &claim(11, 103, 9)).await, [id.parse::<i64>().unwrap()]);
}

/// Two claims of which neither sees what the other takes. On SQLite there is one writer at a time.
pub(super) async fn claims_at_the_same_moment_take_one_of_a_target(db: &Fixture) {
    if db.is_sqlite() {
        return;
    }
    queue(db, 1, &[1, 1, 2]).await;
    db.run("BEGIN").await.unwrap();
    let token = Uuid::nil();
    let lease = format!("state = 'RUNNING', lease_token = '{token}', due = '2100-01-01 00:00:00+00'");
    db.run(&format!("UPDATE model_queue SET {lease} WHERE id = 2")).await.unwrap();
    let store = db.store.clone();
    let mut claiming = JoinSet::new();
    claiming.spawn(async move { claimed_ids(&store, &claim(10, 100, 9)).await });
    let waiting = "SELECT CAST(COUNT(*) AS VARCHAR(20)) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
    for _ in 0..1_000 {
        if db.value(waiting).await.as_deref() != Some("0") {
            break;
        }
    }
    db.run("COMMIT").await.unwrap();
    let mut claimed = claiming.join_all().await.concat();
    // PostgreSQL says that a statement failed before it lets go of the rows that the statement had locked, so the next try
    // may find them locked, and nothing else.
    for token in 101..201 {
        if !claimed.is_empty() {
            break;
        }
        claimed = claimed_ids(&db.store, &claim(10, token, 9)).await;
    }
    assert_eq!(claimed, [3], "of the first target one is on its way");
}

pub(super) async fn an_ingestion_goes_past_lineage_that_waits(db: &Fixture) {
    let (target, other) = ("s.d.s.t1", "s.d.s.t2");
    let first = [ingestion(target), lineage("a.b.c.d", target), lineage("a.b.c.e", target), lineage("a.b.c.d", other)];
    finished_at(db, 1, 4, &first).await;
    let [brought, tried, behind, of_other] = [1, 2, 3, 4];
    assert_eq!(claimed_ids(&db.store, &claim(10, 100, 9)).await, [brought, of_other]);
    ack(db, brought, 10, 101).await;
    let held = db.store.claim_commands(&claim(11, 102, 9)).await.unwrap().remove(0);
    assert_eq!(held.id, tried);
    let later = lineage("a.b.c.f", target);
    finished_at(db, 2, 103, &[later.clone(), ingestion(target), later, ingestion(target)]).await;
    let next = behind + 3;
    assert_eq!(claimed_ids(&db.store, &claim(12, 104, 9)).await, [0; 0], "one at a time");
    assert_eq!(db.store.nack_command(&nack(&held, 11, 105)).await.unwrap(), Settled::Yes);
    let only = CommandClaim { commands: vec![Command::Lineage], ..claim(13, 106, 9) };
    assert_eq!(claimed_ids(&db.store, &only).await, [0; 0], "lineage does not go past lineage");
    assert_eq!(claimed_ids(&db.store, &claim(13, 106, 9)).await, [next], "past all of it, and one ingestion");
    assert_eq!(claimed_ids(&db.store, &claim(14, 107, 9)).await, [0; 0], "one at a time");
    ack(db, next, 13, 108).await;
    assert_eq!(read(db, tried).await.state, CommandState::Queued { due: Some(at(108)) }, "what it waited for is there");
    assert_eq!(claimed_ids(&db.store, &claim(15, 108, 9)).await, [tried], "and it is tried before the next ingestion");
}

pub(super) async fn a_claim_is_bounded_by_bytes(db: &Fixture) {
    queue(db, 1, &[1, 2, 3]).await;
    let size = db.value("SELECT CAST(MAX(OCTET_LENGTH(payload)) AS VARCHAR(20)) FROM model_queue").await.unwrap();
    let size: u64 = size.parse().unwrap();
    let up_to = |token, max_bytes| CommandClaim { max_bytes, ..claim(token, 100, 9) };
    assert_eq!(claimed_ids(&db.store, &up_to(10, 1)).await, [1], "the first one in any case");
    assert_eq!(claimed_ids(&db.store, &up_to(11, size + 1)).await, [2, 3]);
}

pub(super) async fn a_command_that_says_the_same_is_covered(db: &Fixture) {
    let own = [ingestion("s.d.s.t"), lineage("a.b.c.d", "s.d.s.t")];
    finished_at(db, 1, 10, &own).await;
    finished_at(db, 2, 20, &own).await;
    let waiting = [("QUEUED", None), ("QUEUED", None), ("DONE", Some(1)), ("DONE", Some(2))];
    assert_eq!(all(db).await, waiting, "each job has its own rows");
    assert_eq!(read(db, 3).await.state, CommandState::Done { settled: at(20), covered_by: Some(1) });
    let (covering, lineage_of_it) = (read(db, 1).await, read(db, 2).await);
    assert_eq!((covering.created, covering.made), (at(10), at(20)), "it has to see what was made last");
    assert_eq!((lineage_of_it.created, lineage_of_it.made), (at(10), at(10)));

    let mut other = lineage("a.b.c.d", "s.d.s.t");
    other.payload.query.push_str(" -- another");
    finished_at(db, 3, 30, &[other]).await;
    assert_eq!(all(db).await[4], ("QUEUED", None), "it says something else");
    finished_at(db, 4, 40, &own).await;
    assert_eq!(all(db).await[5..], [("DONE", Some(1)), ("QUEUED", None)], "it goes back to what was said before that");

    let held = db.store.claim_commands(&claim(10, 100, 9)).await.unwrap();
    assert_eq!(held.iter().map(|own| (own.id, own.made)).collect::<Vec<_>>(), [(1, at(40))]);
    finished_at(db, 5, 110, &own).await;
    assert_eq!(all(db).await[7..], [("QUEUED", None), ("DONE", Some(7))], "one that has begun has seen too little");
    assert_eq!(db.store.nack_command(&nack(&held[0], 10, 120)).await.unwrap(), Settled::Yes);
    finished_at(db, 6, 130, &[ingestion("s.d.s.t")]).await;
    assert_eq!(all(db).await[9], ("DONE", Some(8)));
    let again = db.store.claim_commands(&claim(11, 200, 1)).await.unwrap();
    assert_eq!(again[0].id, 1);
    ack(db, 1, 11, 201).await;
    let by_sql = db.value("SELECT CAST(covered_by AS VARCHAR(20)) FROM model_queue ORDER BY id DESC LIMIT 1").await;
    assert_eq!(by_sql.as_deref(), Some("8"));
    assert!(db.run("UPDATE model_queue SET covered_by = 1 WHERE state = 'QUEUED'").await.is_err());
}

pub(super) async fn a_command_that_was_handed_back_covers_what_it_has_not_begun(db: &Fixture) {
    let own = [ingestion("s.d.s.t")];
    finished_at(db, 1, 10, &own).await;
    let hand_back = async |token| {
        let nack = Nack { next: Next::HandBack { due: at(100) }, ..nack(&read(db, 1).await, token, 100) };
        assert_eq!(db.store.nack_command(&nack).await.unwrap(), Settled::Yes);
    };
    db.store.claim_commands(&claim(10, 100, 1)).await.unwrap();
    hand_back(10).await;
    finished_at(db, 2, 110, &own).await;
    assert_eq!(all(db).await, [("QUEUED", None), ("DONE", Some(1))], "nobody tried it");
    db.store.claim_commands(&claim(11, 120, 1)).await.unwrap();
    let start = PipelineStart { pipeline: "s.p".to_owned(), at: 7, run: None, before: Vec::new() };
    let progress = CommandProgress { start: Some(start), ..CommandProgress::default() };
    db.store.note_command_progress(1, Uuid::from_u128(11), &progress).await.unwrap();
    hand_back(11).await;
    finished_at(db, 3, 130, &own).await;
    assert_eq!(all(db).await[2], ("QUEUED", None), "the run that it follows began too early");
}

pub(super) async fn jobs_that_end_at_once_leave_no_command_undone(db: &Fixture) {
    let own = [ingestion("s.d.s.t"), lineage("a.b.c.d", "s.d.s.t")];
    let mut jobs = Vec::new();
    for number in 1..=12 {
        jobs.push(stored(&db.store, new_job(number), &[enqueued, claimed, attached]).await);
    }
    let mut ends = JoinSet::new();
    for job in jobs {
        let (store, own) = (db.store.clone(), own.clone().map(|own| ModelCommand { job_id: job.id, ..own }));
        ends.spawn(async move {
            store.finish(&job.finish(result(), at(4)).unwrap(), &own).await.unwrap();
            store.claim_commands(&claim(10, 100, 1)).await.unwrap()
        });
    }
    ends.join_all().await;
    let found = db.store.commands(&CommandFilter::default(), None, 100).await.unwrap().items;
    assert_eq!(found.len(), 24);
    for covered in &found {
        let CommandState::Done { covered_by: Some(id), .. } = covered.state else { continue };
        let covering = found.iter().find(|own| own.id == id).unwrap();
        assert_eq!(covering.command.dedupe_key(), covered.command.dedupe_key());
        assert!(covering.made >= covered.created && !matches!(covering.state, CommandState::Done { .. }));
    }
    assert_eq!(found.iter().filter(|own| own.state.as_str() == "RUNNING").count(), 1, "of one target");
}

pub(super) async fn no_two_consumers_get_the_same_command(db: &Fixture) {
    let targets: Vec<u32> = (0..60).collect();
    queue(db, 1, &targets).await;
    let mut consumers = JoinSet::new();
    for consumer in 0..6_u128 {
        let store = db.store.clone();
        consumers.spawn(async move {
            let mut own = Vec::new();
            loop {
                let claimed = store.claim_commands(&claim(consumer, 100, 4)).await.unwrap();
                if claimed.is_empty() {
                    return own;
                }
                own.extend(claimed.into_iter().map(|command| command.id));
            }
        });
    }
    let all = consumers.join_all().await.concat();
    assert_eq!(all.len(), 60);
    assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 60);
}

pub(super) async fn the_queue_is_listed_by_pages(db: &Fixture) {
    let first = queue(db, 1, &[1, 2, 3]).await;
    queue(db, 2, &[4]).await;
    let all = CommandFilter::default();
    let page = db.store.commands(&all, None, 3).await.unwrap();
    assert_eq!((page.items.len(), page.next), (3, Some(page.items[2].id)));
    let rest = db.store.commands(&all, page.next, 3).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None));
    let count = async |filter: CommandFilter| db.store.commands(&filter, None, 9).await.unwrap().items.len();
    assert_eq!(count(CommandFilter { job: Some(first.id), ..all.clone() }).await, 3);
    assert_eq!(count(CommandFilter { model: Some("s.d.s.t4".to_owned()), ..all.clone() }).await, 1);
    assert_eq!(count(CommandFilter { owner: Some(first.submission.owner.clone()), ..all.clone() }).await, 4);
    assert_eq!(count(CommandFilter { owner: Some(super::samples::principal("nobody")), ..all.clone() }).await, 0);
    assert_eq!(count(CommandFilter { command: Some(Command::Ingestion), ..all.clone() }).await, 0);
    assert_eq!(count(CommandFilter { state: Some("QUEUED"), ..all }).await, 4);
}
