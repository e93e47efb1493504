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
    let job = stored(&db.store, new_job(number), &[enqueued, claimed, attached]).await;
    let sample = commands(&job).remove(0);
    let of_target = |target: &u32| ModelCommand { model_name_fqn: format!("s.d.s.t{target}"), ..sample.clone() };
    let commands: Vec<ModelCommand> = targets.iter().map(of_target).collect();
    let finished = job.finish(result(), at(4)).unwrap();
    db.store.finish(&finished, &commands).await.unwrap()
}

fn claim(token: u128, seconds: i64, limit: u64) -> CommandClaim {
    let lease = CommandLease { token: Uuid::from_u128(token), until: at(seconds + 30) };
    CommandClaim { limit, commands: Vec::new(), now: at(seconds), lease, max_attempts: 3 }
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
    db.store.ack_command(first[0].id, Uuid::from_u128(13), at(163)).await.unwrap();
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
    assert_eq!(done.state, CommandState::Done { settled: at(102) });
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
