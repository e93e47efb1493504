//! `INGESTION`: started once, followed to its end, shared by those who wait for the same.

use std::time::Duration;

use serde_json::json;
use warren::models::CommandState;
use warren_openmetadata::testing::{Fault, PipelineScript};

use super::world::{PIPELINE, SOURCE, TARGET, World, columns, ingestion, lineage};

/// The service of the target with a pipeline that makes it.
fn service(world: &World, script: PipelineScript) {
    world.stand_in.seed_table("trino.lake.mart.other", columns(&["id"])).unwrap();
    world.pipeline(PIPELINE, bringing(script));
}

/// A script whose runs bring the targets.
fn bringing(script: PipelineScript) -> PipelineScript {
    let table = |name| json!({"name": name, "databaseSchema": "trino.lake.mart", "columns": columns(&["id"])});
    PipelineScript { makes_tables: ["totals", "a", "b", "c"].map(table).to_vec(), ..script }
}

fn states(states: &[&'static str]) -> PipelineScript {
    PipelineScript { states: states.to_vec(), ..PipelineScript::default() }
}

pub(super) async fn an_ingestion_brings_the_table_and_its_lineage_follows(world: &World) {
    service(world, PipelineScript::default());
    world.stand_in.seed_table(SOURCE, columns(&["id"])).unwrap();
    world.queue(&[ingestion(TARGET), lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    assert_eq!(world.round().await, 1, "what comes after it waits");
    assert_eq!(world.states().await, ["DONE", "QUEUED"]);
    assert_eq!(world.round().await, 1);
    let lines = json!([{"fromColumns": [format!("{SOURCE}.id")], "toColumn": format!("{TARGET}.id")}]);
    assert_eq!(world.edge(SOURCE, TARGET).unwrap()["columnsLineage"], lines);
    assert_eq!(world.states().await, ["DONE", "DONE"]);
    assert_eq!(world.starts(), 1);
    let looks = world.requests("GET /api/v1/services/ingestionPipelines/trino.read/pipelineStatus").len();
    assert_eq!(looks, 5, "one before the start, one a state, and one more after its end");
}

pub(super) async fn a_service_without_a_pipeline_is_a_dead_letter(world: &World) {
    world.stand_in.seed_table("trino.lake.mart.other", columns(&["id"])).unwrap();
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    let (state, _, error) = world.only().await;
    assert!(matches!(state, CommandState::Dead { .. }), "{state:?}");
    assert!(error.starts_with("the service trino has no ingestion pipeline of the type metadata"), "{error}");

    service(world, PipelineScript::default());
    for field in ["enabled", "deployed"] {
        world.stand_in.edit("ingestionPipeline", PIPELINE, &json!({field: false})).unwrap();
        world.queue(&[ingestion(TARGET)]).await;
        // Two minutes, for it may be paused or not deployed for a moment only.
        for _ in 0..8 {
            world.round().await;
            world.time.pass(Duration::from_secs(15));
        }
        assert_eq!(world.states().await.last(), Some(&"QUEUED"));
        world.round().await;
        let dead = world.commands().await.pop().unwrap();
        assert!(matches!(dead.state, CommandState::Dead { .. }), "{dead:?}");
        assert!(dead.last_error.unwrap().starts_with("no metadata pipeline of the service trino is both enabled"));
        world.stand_in.edit("ingestionPipeline", PIPELINE, &json!({field: true})).unwrap();
    }
    assert_eq!(world.starts(), 0);
}

pub(super) async fn a_service_that_is_read_from_outside_needs_no_pipeline(world: &World) {
    world.stand_in.seed_table(TARGET, columns(&["id"])).unwrap();
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    let (state, warnings, _) = world.only().await;
    assert!(matches!(state, CommandState::Done { .. }), "{state:?}");
    let expect = "trino.lake.mart.totals is in OpenMetadata and was not read again, for the service trino has no";
    assert!(warnings[0].starts_with(expect), "{warnings:?}");
}

pub(super) async fn lineage_starts_the_ingestion_that_its_target_waits_for(world: &World) {
    world.stand_in.seed_table(SOURCE, columns(&["id"])).unwrap();
    world.stand_in.seed_table("trino.lake.mart.other", columns(&["id"])).unwrap();
    world.queue(&[ingestion(TARGET), lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    world.rounds().await;
    assert_eq!(world.states().await, ["DEAD", "QUEUED"], "nothing reads the service");
    let (command, wait) = world.waiting(1).await;
    assert_eq!(wait, Duration::from_secs(10));
    assert!(command.last_error.unwrap().contains("does not know trino.lake.mart.totals yet"));
    service(world, PipelineScript::default());
    world.time.pass(wait);
    world.round().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DEAD", "DONE"], 1));
    assert!(world.edge(SOURCE, TARGET).is_some());
}

pub(super) async fn lineage_of_what_no_run_brings_starts_only_one(world: &World) {
    world.stand_in.seed_table(SOURCE, columns(&["id"])).unwrap();
    world.stand_in.seed_table("trino.lake.mart.other", columns(&["id"])).unwrap();
    world.pipeline(PIPELINE, PipelineScript::default());
    world.queue(&[lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    for _ in 0..4 {
        world.round().await;
        let (command, wait) = world.waiting(0).await;
        assert!(command.last_error.unwrap().contains("does not know trino.lake.mart.totals yet"));
        world.time.pass(wait);
    }
    assert_eq!(world.starts(), 1);
}

pub(super) async fn a_run_that_did_not_bring_the_target_is_not_enough(world: &World) {
    world.stand_in.seed_table("trino.lake.mart.other", columns(&["id"])).unwrap();
    world.pipeline(PIPELINE, PipelineScript::default());
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    let (command, wait) = world.waiting(0).await;
    assert_eq!((command.attempts, wait), (1, Duration::from_secs(10)));
    assert!(command.last_error.unwrap().contains("does not know trino.lake.mart.totals: it was dropped"));
    assert_eq!(command.progress.start, None);
    world.stand_in.script_pipeline(PIPELINE, bringing(PipelineScript::default())).unwrap();
    world.drain().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 2));
}

pub(super) async fn what_no_run_brings_is_a_dead_letter(world: &World) {
    world.stand_in.seed_table("trino.lake.mart.other", columns(&["id"])).unwrap();
    world.pipeline(PIPELINE, PipelineScript::default());
    world.queue(&[ingestion(TARGET)]).await;
    world.drain().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DEAD"], 3));
}

pub(super) async fn a_run_that_never_ends_is_left_behind(world: &World) {
    service(world, states(&["running"]));
    world.queue(&[ingestion(TARGET)]).await;
    for _ in 0..3 {
        world.round().await;
        let (command, wait) = world.waiting(0).await;
        assert_eq!((command.attempts, wait), (0, Duration::from_secs(10)), "{:?}", command.last_error);
        world.time.pass(wait);
    }
    world.time.pass(Duration::from_hours(24));
    world.round().await;
    let (command, wait) = world.waiting(0).await;
    assert_eq!(command.attempts, 1, "it counts");
    assert!(command.last_error.unwrap().contains("trino.read did not end within a day"));
    assert_eq!(command.progress.start, None);
    world.restart();
    world.time.pass(wait);
    world.round().await;
    assert_eq!(world.starts(), 2, "the old run still seems to go on, and nobody follows it again");
}

pub(super) async fn a_pipeline_that_is_not_ready_is_started_later(world: &World) {
    service(world, PipelineScript { not_ready: 2, ..PipelineScript::default() });
    world.queue(&[ingestion(TARGET)]).await;
    for _ in 0..2 {
        world.round().await;
        let (command, wait) = world.waiting(0).await;
        assert_eq!(wait, Duration::from_secs(15));
        assert!(command.last_error.unwrap().contains("cannot be started yet"));
        assert_eq!(command.progress.start, None, "it was not started");
        world.time.pass(wait);
    }
    world.round().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 3));
}

pub(super) async fn a_runner_that_refuses_is_asked_later(world: &World) {
    service(world, PipelineScript { code: 500, ..PipelineScript::default() });
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    let (command, wait) = world.waiting(0).await;
    assert_eq!(wait, Duration::from_secs(10));
    assert!(command.last_error.unwrap().contains("the runner of ingestion pipelines answered 500"));
    world.stand_in.script_pipeline(PIPELINE, bringing(PipelineScript::default())).unwrap();
    world.drain().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 2));
}

pub(super) async fn a_run_that_failed_is_started_again(world: &World) {
    service(world, states(&["running", "success", "failed"]));
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    let (command, wait) = world.waiting(0).await;
    assert_eq!((command.attempts, wait), (1, Duration::from_secs(10)), "success was not its end");
    assert_eq!(command.last_error.unwrap(), "the run of the ingestion pipeline trino.read ended as Failed");
    assert_eq!(command.progress.start, None);
    world.stand_in.script_pipeline(PIPELINE, bringing(PipelineScript::default())).unwrap();
    world.drain().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 2));
}

pub(super) async fn a_run_that_could_not_read_everything_is_done_with_a_warning(world: &World) {
    service(world, states(&["partialSuccess"]));
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    let (state, warnings, _) = world.only().await;
    assert!(matches!(state, CommandState::Done { .. }), "{state:?}");
    assert_eq!(warnings, ["the run of the ingestion pipeline trino.read could not read everything"]);
}

pub(super) async fn commands_of_one_service_share_a_run(world: &World) {
    service(world, PipelineScript::default());
    let targets = ["trino.lake.mart.a", "trino.lake.mart.b", "trino.lake.mart.c"];
    world.queue(&targets.map(ingestion)).await;
    assert_eq!(world.round().await, 3);
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"; 3], 1));
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    assert_eq!(world.starts(), 2, "a table that came later is in none of the runs before");
}

pub(super) async fn a_run_of_somebody_else_is_enough(world: &World) {
    service(world, PipelineScript::default());
    world.queue(&[ingestion(TARGET)]).await;
    world.time.pass(Duration::from_mins(1));
    start_by_hand(world).await;
    world.round().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 1), "only the one by hand");
}

pub(super) async fn a_run_that_may_be_from_before_is_not_enough(world: &World) {
    service(world, PipelineScript::default());
    world.queue(&[ingestion(TARGET)]).await;
    // Half a minute after the table was made, by a clock that may be a minute ahead.
    world.time.pass(Duration::from_secs(30));
    start_by_hand(world).await;
    world.time.pass(Duration::from_mins(5));
    world.drain().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 2));
}

pub(super) async fn a_run_from_before_is_not_enough(world: &World) {
    service(world, PipelineScript::default());
    start_by_hand(world).await;
    world.time.pass(Duration::from_secs(5));
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 2));
}

pub(super) async fn a_run_from_before_a_covered_command_is_not_enough(world: &World) {
    service(world, PipelineScript::default());
    world.queue(&[ingestion(TARGET)]).await;
    start_by_hand(world).await;
    world.time.pass(Duration::from_secs(5));
    world.queue(&[ingestion(TARGET)]).await;
    assert_eq!(world.states().await, ["QUEUED", "DONE"], "the first one does it for both");
    world.round().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"; 2], 2), "the run by hand saw the first only");
}

/// Somebody starts the pipeline in OpenMetadata's console.
async fn start_by_hand(world: &World) {
    let client = world.app.openmetadata.clone().unwrap();
    let fqn = PIPELINE.parse().unwrap();
    let pipeline = client.ingestion_pipeline(&fqn, &warren_openmetadata::Get::default()).await.unwrap();
    client.trigger_pipeline(pipeline.head.id).await.unwrap();
}

pub(super) async fn a_run_is_followed_after_a_restart_and_not_started_twice(world: &World) {
    let long = [["running"; 13].as_slice(), &["success"]].concat();
    service(world, states(&long));
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    let (command, wait) = world.waiting(0).await;
    assert_eq!((command.attempts, wait), (0, Duration::from_secs(10)), "to follow a run is no try");
    assert!(command.progress.start.as_ref().unwrap().run.is_some());
    world.restart();
    world.drain().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 1));
    assert!(world.stand_in.entity("table", TARGET).is_some());
}

pub(super) async fn a_start_is_noted_before_it_is_asked_for(world: &World) {
    service(world, PipelineScript::default());
    let never = Fault::Slow(Duration::from_hours(1));
    world.stand_in.break_requests("POST /api/v1/services/ingestionPipelines/trigger", &never, 1);
    world.queue(&[ingestion(TARGET)]).await;
    let scheduler = world.scheduler();
    let claimed = scheduler.claim(1, Duration::ZERO).await.unwrap().remove(0);
    let asked = async {
        while world.stand_in.faults_left() > 0 {
            tokio::task::yield_now().await;
        }
    };
    // The process dies while it waits for the answer.
    tokio::select! {
        () = scheduler.work(claimed) => panic!("the answer never comes"),
        () = asked => {}
    }
    assert!(world.commands().await[0].progress.start.is_some());
    world.restart();
    assert_eq!(world.round().await, 0, "its lease holds");
    world.time.pass(Duration::from_hours(1));
    world.drain().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 1));
    assert_eq!(world.commands().await[0].attempts, 3, "the first, the one that missed the run, and the last");
}

pub(super) async fn a_start_whose_answer_was_lost_is_not_repeated(world: &World) {
    service(world, PipelineScript::default());
    world.stand_in.break_requests("POST /api/v1/services/ingestionPipelines/trigger", &Fault::CutJson, 1);
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    assert!(world.waiting(0).await.0.progress.start.is_some(), "nobody knows whether it was started");
    world.restart();
    world.drain().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 1));
}

pub(super) async fn a_start_that_led_to_nothing_is_repeated(world: &World) {
    service(world, PipelineScript::default());
    world.stand_in.break_requests("POST /api/v1/services/ingestionPipelines/trigger", &Fault::Closed, 1);
    world.queue(&[ingestion(TARGET)]).await;
    world.round().await;
    let (command, wait) = world.waiting(0).await;
    assert!(command.progress.start.is_some(), "nobody knows whether it was started");
    world.time.pass(wait);
    world.round().await;
    assert_eq!(world.starts(), 0, "the run might still be seen");
    world.time.pass(Duration::from_mins(2));
    world.rounds().await;
    let (command, _) = world.waiting(0).await;
    assert_eq!(command.progress.start, None);
    assert!(command.last_error.unwrap().contains("no run of the ingestion pipeline trino.read was seen"));
    world.drain().await;
    assert_eq!((world.states().await, world.starts()), (vec!["DONE"], 1));
}
