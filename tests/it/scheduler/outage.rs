//! OpenMetadata goes away and comes back, the process stops, somebody else is faster: nothing is lost, nothing doubled.

use std::time::Duration;

use serde_json::json;
use warren::models::{CommandState, ModelCommand};
use warren_openmetadata::testing::{BOT_TOKEN, Fault, PipelineScript};

use super::world::{PIPELINE, SOURCE, TARGET, World, columns, ingestion, lineage};

const TARGETS: usize = 20;

fn commands() -> Vec<ModelCommand> {
    let target = |number: usize| format!("trino.lake.mart.t{number}");
    (0..TARGETS).map(|number| lineage(SOURCE, &target(number), &[("id", &["id"])])).collect()
}

fn seed(world: &World) {
    world.stand_in.seed_table(SOURCE, columns(&["id"])).unwrap();
    for command in commands() {
        world.stand_in.seed_table(&command.model_name_fqn, columns(&["id"])).unwrap();
    }
}

pub(super) async fn nothing_is_lost_while_openmetadata_is_down(world: &World) {
    seed(world);
    for (fault, minutes) in [(Fault::Status(503), 10), (Fault::Closed, 60 * 24 * 3)] {
        world.stand_in.break_always(Some(fault));
        world.queue(&commands()).await;
        for _ in 0..10 {
            world.round().await;
            world.time.pass(Duration::from_mins(minutes) / 10);
        }
        let waiting = world.commands().await;
        let waits = waiting.iter().filter(|command| !command.state.is_settled());
        assert!(waits.clone().count() == TARGETS, "{waiting:#?}");
        assert!(waits.clone().all(|command| command.attempts == 0), "an outage is no try");
        world.stand_in.break_always(None);
        world.drain().await;
    }
    assert_eq!(world.states().await, vec!["DONE"; 2 * TARGETS]);
    for command in commands() {
        let edge = world.edge(SOURCE, &command.model_name_fqn).unwrap();
        let line = format!("{}.id", command.model_name_fqn);
        assert_eq!(edge["columnsLineage"][0]["toColumn"], line.as_str());
    }
    let mut written: Vec<_> =
        world.requests("PUT /api/v1/lineage").into_iter().filter(|own| own.status == 200).collect();
    assert_eq!(written.len(), TARGETS, "each edge once");
    written
        .sort_by(|one, other| (&one.target, one.request.to_string()).cmp(&(&other.target, other.request.to_string())));
    written.dedup_by(|one, other| (&one.target, &one.request) == (&other.target, &other.request));
    assert_eq!(written.len(), TARGETS);
}

pub(super) async fn no_outage_starts_a_pipeline_twice(world: &World) {
    world.stand_in.seed_table(SOURCE, columns(&["id"])).unwrap();
    world.stand_in.seed_table("trino.lake.mart.other", columns(&["id"])).unwrap();
    let table = |number| json!({"name": format!("t{number}"), "databaseSchema": "trino.lake.mart", "columns": columns(&["id"])});
    let makes_tables = (0..TARGETS).map(table).collect();
    let states = [["running"; 40].as_slice(), &["success"]].concat();
    world.pipeline(PIPELINE, PipelineScript { makes_tables, states, ..PipelineScript::default() });
    let commands: Vec<ModelCommand> =
        commands().into_iter().flat_map(|lineage| [ingestion(&lineage.model_name_fqn), lineage]).collect();
    // The start arrives and its answer does not; then OpenMetadata is away while the run goes on.
    world.stand_in.break_requests("POST /api/v1/services/ingestionPipelines/trigger", &Fault::CutJson, 1);
    world.queue(&commands).await;
    world.round().await;
    for fault in [Fault::Status(503), Fault::Closed] {
        world.stand_in.break_always(Some(fault));
        for _ in 0..10 {
            world.round().await;
            world.time.pass(Duration::from_mins(1));
        }
        world.stand_in.break_always(None);
        world.round().await;
    }
    world.drain().await;
    assert_eq!(world.states().await, vec!["DONE"; 2 * TARGETS]);
    assert_eq!(world.starts(), 1, "one run brings all of them");
    let written = world.requests("PUT /api/v1/lineage").into_iter().filter(|own| own.status == 200);
    assert_eq!(written.count(), TARGETS, "each edge once");
}

pub(super) async fn a_token_that_is_refused_kills_no_command(world: &World) {
    seed(world);
    world.stand_in.rotate_bot_token("another");
    world.queue(&commands()[..1]).await;
    for _ in 0..30 {
        world.round().await;
        let (command, wait) = world.waiting(0).await;
        assert_eq!((command.attempts, wait), (0, Duration::from_mins(1)));
        assert!(command.last_error.unwrap().contains("does not accept the token"));
        world.time.pass(wait);
    }
    world.stand_in.rotate_bot_token(BOT_TOKEN);
    world.drain().await;
    assert_eq!(world.states().await, ["DONE"]);
}

pub(super) async fn a_stop_hands_back_what_is_carried_out(world: &World) {
    seed(world);
    world.queue(&commands()[..1]).await;
    let scheduler = world.scheduler();
    let claimed = scheduler.claim(1, Duration::ZERO).await.unwrap().remove(0);
    assert!(world.lifecycle.stop(Duration::from_secs(1)).await);
    scheduler.work(claimed).await;
    let (command, wait) = world.waiting(0).await;
    assert_eq!((command.attempts, wait), (0, Duration::ZERO), "another process may go on at once");
    assert_eq!(command.last_error.unwrap(), "the scheduler that had it was stopped");
}

pub(super) async fn a_lost_lease_says_nothing(world: &World) {
    world.stand_in.seed_table(SOURCE, columns(&["id"])).unwrap();
    world.queue(&[lineage(SOURCE, TARGET, &[])]).await;
    let scheduler = world.scheduler();
    let late = scheduler.claim(1, Duration::ZERO).await.unwrap().remove(0);
    world.time.pass(Duration::from_hours(2));
    let held = scheduler.claim(1, Duration::ZERO).await.unwrap().remove(0);
    scheduler.work(late).await;
    let command = world.commands().await.remove(0);
    assert_eq!((command.state, command.last_error), (held.state, None), "it is another's");
    assert!(matches!(held.state, CommandState::Running { .. }));
}
