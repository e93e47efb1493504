//! `LINEAGE`: what stands at OpenMetadata afterwards, and what becomes of commands that cannot be carried out.

use std::time::Duration;

use serde_json::json;
use warren::models::{CommandState, ModelCommand};
use warren_openmetadata::testing::{Fault, Hard};
use warren_openmetadata::{LineageSource, ServerVersion};

use super::world::{SOURCE, TARGET, World, columns, ingestion, lineage, of_view};

fn of_two() -> ModelCommand {
    lineage(SOURCE, TARGET, &[("id", &["id"]), ("total", &["price", "qty"])])
}

fn seed(world: &World) {
    world.stand_in.seed_table(SOURCE, columns(&["Id", "price", "qty"])).unwrap();
    world.stand_in.seed_table(TARGET, columns(&["id", "Total"])).unwrap();
}

pub(super) async fn columns_are_told_in_the_case_that_is_stored(world: &World) {
    seed(world);
    world.queue(&[of_two()]).await;
    assert_eq!(world.round().await, 1);
    let expect = json!({
        "source": "QueryLineage",
        "sqlQuery": "CREATE TABLE …",
        "columnsLineage": [
            {"fromColumns": [format!("{SOURCE}.Id")], "toColumn": format!("{TARGET}.id")},
            {"fromColumns": [format!("{SOURCE}.price"), format!("{SOURCE}.qty")], "toColumn": format!("{TARGET}.Total")},
        ],
    });
    assert_eq!(world.edge(SOURCE, TARGET), Some(expect));
    let (state, warnings, error) = world.only().await;
    assert!(matches!(state, CommandState::Done { .. }), "{state:?} {error}");
    assert_eq!(warnings, [""; 0]);
    let by_name = world.requests(&format!("PUT /api/v1/lineage/table/name/{SOURCE}/table/name/{TARGET}")).len();
    assert_eq!(by_name, usize::from(world.version >= ServerVersion::new(2, 0, 0)), "by names where there is a way");
}

pub(super) async fn what_others_say_of_an_edge_stays(world: &World) {
    seed(world);
    world.queue(&[lineage(SOURCE, TARGET, &[("total", &["price"])])]).await;
    world.rounds().await;
    world.queue(&[lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    world.rounds().await;
    let lines = json!([
        {"fromColumns": [format!("{SOURCE}.price")], "toColumn": format!("{TARGET}.Total")},
        {"fromColumns": [format!("{SOURCE}.Id")], "toColumn": format!("{TARGET}.id")},
    ]);
    assert_eq!(world.edge(SOURCE, TARGET).unwrap()["columnsLineage"], lines);
}

pub(super) async fn columns_that_openmetadata_does_not_have_are_left_out(world: &World) {
    world.stand_in.seed_table(SOURCE, columns(&["id", "x", "X"])).unwrap();
    world.stand_in.seed_table(TARGET, columns(&["id", "y"])).unwrap();
    let of: &[(&str, &[&str])] = &[("id", &["id", "new"]), ("newer", &["id"]), ("y", &["new"]), ("Y", &["x"])];
    world.queue(&[lineage(SOURCE, TARGET, of), lineage(SOURCE, TARGET, &[("id", &["x"])])]).await;
    world.round().await;
    let lines = json!([
        {"fromColumns": [format!("{SOURCE}.id")], "toColumn": format!("{TARGET}.id")},
        {"fromColumns": [format!("{SOURCE}.x")], "toColumn": format!("{TARGET}.y")},
    ]);
    assert_eq!(world.edge(SOURCE, TARGET).unwrap()["columnsLineage"], lines);
    let done = world.commands().await.remove(0);
    assert!(matches!(done.state, CommandState::Done { .. }), "{done:?}");
    let warnings = [
        "OpenMetadata has no column 'new' of the source, so it is left out",
        "OpenMetadata has no column 'newer' of the target, so it is left out",
    ];
    assert_eq!(done.progress.warnings, warnings);
}

pub(super) async fn an_edge_comes_without_columns_that_are_refused(world: &World) {
    seed(world);
    world.stand_in.break_requests("PUT /api/v1/lineage", &Fault::Status(400), 1);
    world.queue(&[of_two()]).await;
    world.round().await;
    let edge = world.edge(SOURCE, TARGET).unwrap();
    assert_eq!((&edge["columnsLineage"], &edge["source"]), (&json!(null), &json!("QueryLineage")));
    let (state, warnings, _) = world.only().await;
    assert!(matches!(state, CommandState::Done { .. }), "{state:?}");
    assert!(warnings[0].starts_with("OpenMetadata refused the lineage of the columns"), "{warnings:?}");
}

/// Lines of the edge, as source and target columns without the names of their tables.
fn lines(world: &World, from: &str, to: &str) -> Vec<(String, String)> {
    let edge = world.edge(from, to).unwrap_or_else(|| panic!("no edge from {from} to {to}"));
    let name = |column: &serde_json::Value, table: &str| {
        column.as_str().unwrap().strip_prefix(&format!("{table}.")).unwrap().to_owned()
    };
    let all = edge["columnsLineage"].as_array().cloned().unwrap_or_default();
    all.iter().map(|line| (name(&line["fromColumns"][0], from), name(&line["toColumn"], to))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
}

pub(super) async fn columns_that_are_gone_do_not_cost_others_theirs(world: &World) {
    world.stand_in.seed_table(SOURCE, columns(&["id", "price", "old"])).unwrap();
    world.stand_in.seed_table(TARGET, columns(&["id", "total", "memo"])).unwrap();
    let theirs = [("total", "price"), ("memo", "old")];
    world.put_edge(SOURCE, TARGET, LineageSource::QueryLineage, &theirs).await;
    world.stand_in.seed_table(SOURCE, columns(&["id", "price"])).unwrap();
    world.queue(&[lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    world.round().await;
    assert_eq!(lines(world, SOURCE, TARGET), pairs(&[("price", "total"), ("id", "id")]));
    let (state, warnings, _) = world.only().await;
    assert!(matches!(state, CommandState::Done { .. }), "{state:?}");
    assert_eq!(warnings, [""; 0]);
}

pub(super) async fn columns_of_others_outlast_a_server_that_refuses_them(world: &World) {
    seed(world);
    world.put_edge(SOURCE, TARGET, LineageSource::QueryLineage, &[("Total", "price")]).await;
    for refusals in [1, 2] {
        world.stand_in.break_requests("PUT /api/v1/lineage", &Fault::Status(400), refusals);
        world.queue(&[of_two()]).await;
        world.round().await;
        assert_eq!(lines(world, SOURCE, TARGET), pairs(&[("price", "Total")]), "{refusals}");
        let done = world.commands().await.pop().unwrap();
        assert!(matches!(done.state, CommandState::Done { .. }), "{done:?}");
        assert!(done.progress.warnings[0].starts_with("OpenMetadata refused the lineage of the columns"), "{done:?}");
    }
}

pub(super) async fn an_edge_that_a_person_drew_stays_theirs(world: &World) {
    seed(world);
    world.put_edge(SOURCE, TARGET, LineageSource::Manual, &[("Total", "qty")]).await;
    world.queue(&[lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    world.round().await;
    let edge = world.edge(SOURCE, TARGET).unwrap();
    assert_eq!((&edge["source"], &edge["sqlQuery"]), (&json!("Manual"), &json!("theirs")));
    assert_eq!(lines(world, SOURCE, TARGET), pairs(&[("qty", "Total"), ("Id", "id")]));
}

pub(super) async fn names_that_differ_by_case_only_are_found(world: &World) {
    seed(world);
    world.queue(&[lineage("pg.sales.public.ORDERS", "trino.Lake.mart.Totals", &[("id", &["id"])])]).await;
    world.round().await;
    assert_eq!(lines(world, SOURCE, TARGET), pairs(&[("Id", "id")]));
    let searches = world.requests("GET /api/v1/search").len();
    assert_eq!(searches, 1, "the target is asked for in lower case");
    world.stand_in.seed_table("pg.sales.public.oRDERS", columns(&["id"])).unwrap();
    world.queue(&[lineage("pg.sales.public.ORDERS", TARGET, &[("id", &["id"])])]).await;
    world.round().await;
    let (command, _) = world.waiting(1).await;
    assert!(command.last_error.unwrap().contains("has no source pg.sales.public.ORDERS"), "nobody knows which");
}

pub(super) async fn a_view_that_is_replaced_forgets_what_it_read(world: &World) {
    let (second, of_others, of_tables) = ("pg.sales.public.b", "pg.sales.public.c", "pg.sales.public.d");
    seed(world);
    for table in [second, of_others, of_tables] {
        world.stand_in.seed_table(table, columns(&["id"])).unwrap();
    }
    world.put_edge(of_others, TARGET, LineageSource::ViewLineage, &[("id", "id")]).await;
    world.put_edge(of_tables, TARGET, LineageSource::QueryLineage, &[("id", "id")]).await;
    let first = lineage(SOURCE, TARGET, &[("id", &["id"]), ("total", &["price"])]);
    let other = lineage(second, TARGET, &[("id", &["id"])]);
    world.queue(&[ingestion(TARGET), first, other].map(of_view)).await;
    world.drain().await;
    assert_eq!(lines(world, SOURCE, TARGET), pairs(&[("Id", "id"), ("price", "Total")]));
    assert_eq!(lines(world, second, TARGET), pairs(&[("id", "id")]));

    world.queue(&[ingestion(TARGET), lineage(SOURCE, TARGET, &[("total", &["qty"])])].map(of_view)).await;
    world.drain().await;
    assert_eq!(lines(world, SOURCE, TARGET), pairs(&[("qty", "Total")]));
    assert_eq!(world.edge(second, TARGET), None, "the view does not read it any more");
    assert!(world.edge(of_others, TARGET).is_some(), "Warren never told of it");
    assert!(world.edge(of_tables, TARGET).is_some(), "no text of a view led to it");
    assert!(world.states().await.iter().all(|state| *state == "DONE"));
}

pub(super) async fn a_view_that_is_replaced_twice_keeps_what_it_reads_again(world: &World) {
    let second = "pg.sales.public.b";
    seed(world);
    world.stand_in.seed_table(second, columns(&["id"])).unwrap();
    let of_both = || {
        let first = lineage(SOURCE, TARGET, &[("id", &["id"])]);
        [ingestion(TARGET), first, lineage(second, TARGET, &[("id", &["id"])])].map(of_view)
    };
    let mut of_one = [ingestion(TARGET), lineage(SOURCE, TARGET, &[("total", &["price"])])].map(of_view);
    for command in &mut of_one {
        command.payload.query = "CREATE VIEW of one".to_owned();
    }
    // All three wait when the first is carried out.
    world.queue(&of_both()).await;
    world.queue(&of_one).await;
    world.queue(&of_both()).await;
    world.drain().await;
    assert!(world.edge(second, TARGET).is_some(), "the last text reads it");
    assert_eq!(lines(world, SOURCE, TARGET), pairs(&[("Id", "id")]));
}

pub(super) async fn lineage_waits_for_its_target(world: &World) {
    world.stand_in.seed_table(SOURCE, columns(&["id"])).unwrap();
    world.queue(&[lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    for wait in [10, 30, 120, 600, 3600, 3600] {
        assert_eq!(world.round().await, 1);
        let (command, waits) = world.waiting(0).await;
        assert_eq!(waits, Duration::from_secs(wait), "{:?}", command.last_error);
        assert!(command.last_error.unwrap().contains("does not know trino.lake.mart.totals yet"));
        assert_eq!(world.round().await, 0);
        world.time.pass(waits);
    }
    world.stand_in.seed_table(TARGET, columns(&["id"])).unwrap();
    assert_eq!(world.round().await, 1);
    assert!(world.edge(SOURCE, TARGET).is_some());
    assert_eq!(world.states().await, ["DONE"]);
}

pub(super) async fn a_command_naming_an_entity_that_is_gone_dies_after_a_while(world: &World) {
    world.stand_in.seed_table(TARGET, columns(&["id"])).unwrap();
    world.queue(&[of_two()]).await;
    for wait in [10, 30, 120, 600, 3600] {
        world.round().await;
        assert_eq!(world.waiting(0).await.1, Duration::from_secs(wait));
        world.time.pass(Duration::from_secs(wait));
    }
    world.round().await;
    let (state, _, error) = world.only().await;
    assert!(matches!(state, CommandState::Dead { .. }), "{state:?}");
    assert_eq!(error, "OpenMetadata has no source pg.sales.public.Orders; it is gone, or was not ingested yet");
    world.queue(&[lineage("a..b", TARGET, &[])]).await;
    world.round().await;
    let dead = world.commands().await.remove(1);
    assert!(matches!(dead.state, CommandState::Dead { .. }), "{dead:?}");
    assert_eq!(dead.last_error.unwrap(), "'a..b' is no name that OpenMetadata can have: part 2 of the name is empty");
}

pub(super) async fn a_source_that_is_ingested_later_is_waited_for(world: &World) {
    world.stand_in.seed_table(TARGET, columns(&["id"])).unwrap();
    world.queue(&[lineage("pg.sales.public.a", TARGET, &[]), ingestion("pg.sales.public.a")]).await;
    let scheduler = world.scheduler();
    let claimed = scheduler.claim(1, Duration::ZERO).await.unwrap().remove(0);
    scheduler.work(claimed).await;
    let (command, waits) = world.waiting(0).await;
    assert_eq!(waits, Duration::from_secs(10));
    assert!(command.last_error.unwrap().contains("its own ingestion waits in the model queue"));
}

pub(super) async fn a_source_that_comes_a_little_later_is_waited_for(world: &World) {
    world.stand_in.seed_table(TARGET, columns(&["id"])).unwrap();
    world.queue(&[lineage(SOURCE, TARGET, &[("id", &["id"])])]).await;
    world.round().await;
    assert_eq!(world.states().await, ["QUEUED"]);
    world.stand_in.seed_table(SOURCE, columns(&["id"])).unwrap();
    world.drain().await;
    assert!(world.edge(SOURCE, TARGET).is_some());
}

pub(super) async fn a_deleted_end_is_waited_for(world: &World) {
    seed(world);
    for end in [SOURCE, TARGET] {
        world.stand_in.delete("table", end, Hard::No).unwrap();
        world.queue(&[of_two()]).await;
        world.round().await;
        let last = world.commands().await.pop().unwrap();
        assert!(matches!(last.state, CommandState::Queued { .. }), "{last:?}");
        assert_eq!(last.last_error.unwrap(), format!("{end} is deleted in OpenMetadata; it can be restored there"));
        world.restore(end).await;
        world.drain().await;
    }
    assert!(world.edge(SOURCE, TARGET).is_some());
}

pub(super) async fn a_view_and_a_container_have_lineage_too(world: &World) {
    world.stand_in.seed_table(TARGET, columns(&["id"])).unwrap();
    world.stand_in.put("storageService", &json!({"name": "lake", "serviceType": "S3"})).unwrap();
    let model = json!({"isPartitioned": false, "columns": columns(&["ID"])});
    world.stand_in.put("container", &json!({"name": "raw.csv", "service": "lake", "dataModel": model})).unwrap();
    let mut view = lineage("lake.\"raw.csv\"", TARGET, &[("id", &["id"])]);
    view.payload.statement = "CreateView".to_owned();
    world.queue(&[view]).await;
    world.round().await;
    let edge = world.edge("lake.\"raw.csv\"", TARGET);
    let edge = edge.unwrap_or_else(|| panic!("no edge"));
    assert_eq!(edge["source"], "ViewLineage");
    assert_eq!(edge["columnsLineage"][0]["fromColumns"], json!(["lake.\"raw.csv\".ID"]));
}

pub(super) async fn a_table_that_is_made_of_itself_has_none(world: &World) {
    seed(world);
    world.queue(&[lineage(TARGET, TARGET, &[("id", &["id"])])]).await;
    world.round().await;
    assert_eq!(world.states().await, ["DONE"]);
    assert_eq!(world.requests("").len(), 0);
}

pub(super) async fn a_second_delivery_changes_nothing(world: &World) {
    seed(world);
    world.queue(&[of_two()]).await;
    world.rounds().await;
    let once = world.stand_in.edge(SOURCE, TARGET);
    world.queue(&[of_two()]).await;
    world.rounds().await;
    assert_eq!(world.stand_in.edge(SOURCE, TARGET), once, "not even when it was written");
    assert_eq!(world.requests("PUT /api/v1/lineage").len(), 1);
    assert_eq!(world.states().await, ["DONE", "DONE"]);
}
