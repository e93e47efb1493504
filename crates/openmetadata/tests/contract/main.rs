//! Every request that the client sends, and every answer of the stand-in, against OpenMetadata's own JSON schemas: 1.4 and
//! 1.13, and for 2.0 those of 1.13.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a file of tests")]
#![expect(clippy::print_stdout, reason = "a skipped test says so")]

mod routes;
mod schemas;

use std::collections::BTreeSet;

use futures::TryStreamExt as _;
use schemas::Schemas;
use serde_json::{Value, json};
use warren_openmetadata::testing::{ADMIN_TOKEN, BOT_TOKEN, Exchange, Hard, StandIn};
use warren_openmetadata::{
    Client, ColumnLineage, EntityKind, Error, Field, Fqn, Get, Include, LineageDetails, LineageNode, LineageSource,
    ListOptions, NewColumn, NewQuery, NewTable, Options, PipelineState, SearchIndex, SearchQuery, StaticToken,
    Subscription,
};

fn fqn(text: &str) -> Fqn {
    Fqn::parse(text).unwrap()
}

fn client(stand_in: &StandIn, token: &str) -> Client {
    Client::new(Options::new(stand_in.base_url()).with_token(StaticToken::new(token.into()))).unwrap()
}

/// What is in the stand-in before the client comes, as OpenMetadata's API would be told.
fn seeds(stand_in: &StandIn) -> Vec<Exchange> {
    let mut made = Vec::new();
    let mut seed = |kind: &str, collection: &str, request: Value| {
        let response = stand_in.put(kind, &request).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let target = format!("/api/v1/{collection}");
        let method = "PUT".to_owned();
        made.push(Exchange { method, target, authorization: None, request, status: 201, response: response.clone() });
        response
    };
    let connection = json!({"config": {"type": "Postgres", "scheme": "postgresql+psycopg2", "username": "ro",
        "authType": {"password": "s3cret"}, "hostPort": "pg:5432", "database": "sales"}});
    let pg = json!({"name": "pg.v1", "serviceType": "Postgres", "connection": connection});
    let pg = seed("databaseService", "services/databaseServices", pg);
    seed("database", "databases", json!({"name": "sales", "service": "\"pg.v1\""}));
    seed("databaseSchema", "databaseSchemas", json!({"name": "public", "database": "\"pg.v1\".sales"}));
    let columns = json!([{"name": "id", "dataType": "BIGINT", "constraint": "PRIMARY_KEY"},
        {"name": "addr", "dataType": "STRUCT", "children": [{"name": "street.1", "dataType": "STRING"}]}]);
    for name in ["orders", "lines", "order items"] {
        let table = json!({"name": name, "databaseSchema": "\"pg.v1\".sales.public", "columns": columns});
        seed("table", "tables", table);
    }
    let s3 = json!({"name": "lake", "serviceType": "S3", "connection": {"config": {"type": "S3", "awsConfig":
        {"awsAccessKeyId": "x", "awsSecretAccessKey": "s3cret", "awsRegion": "eu-west-1"}}}});
    seed("storageService", "services/storageServices", s3);
    let bucket =
        seed("container", "containers", json!({"name": "bucket", "service": "lake", "fullPath": "s3://bucket"}));
    let parent = json!({"id": bucket["id"], "type": "container"});
    let file = json!({"name": "2024.csv", "service": "lake", "parent": parent, "fileFormats": ["csv"],
        "dataModel": {"isPartitioned": false, "columns": [{"name": "a", "dataType": "INT"}]}});
    seed("container", "containers", file);
    let pipeline = json!({"name": "read", "service": {"id": pg["id"], "type": "databaseService"},
        "pipelineType": "metadata", "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
        "airflowConfig": {"scheduleInterval": "0 3 * * *", "startDate": "2026-01-01T00:00:00Z"}});
    seed("ingestionPipeline", "services/ingestionPipelines", pipeline);
    made
}

/// What a steward adds in the console.
fn dress(stand_in: &StandIn) {
    let admin = stand_in.entity("user", "admin").unwrap();
    let owner = json!({"id": admin["id"], "type": "user", "name": "admin"});
    let domain = json!({"id": admin["id"], "type": "domain", "name": "Sales", "fullyQualifiedName": "Sales"});
    let tag =
        json!({"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual", "state": "Confirmed"});
    let dressed = json!({"owners": [owner], "domains": [domain], "tags": [tag], "description": "Orders."});
    stand_in.edit("table", "\"pg.v1\".sales.public.orders", &dressed).unwrap();
    stand_in.edit("database", "\"pg.v1\".sales", &json!({"extension": {"trinoCatalog": "pg_sales"}})).unwrap();
    stand_in.script_pipeline("\"pg.v1\".read", warren_openmetadata::testing::PipelineScript::default()).unwrap();
}

async fn read_entities(bot: &Client) {
    let orders = fqn("\"pg.v1\".sales.public.orders");
    let everything = Get::fields([
        Field::Columns,
        Field::Tags,
        Field::Owners,
        Field::Domains,
        Field::Extension,
        Field::SchemaDefinition,
        Field::UsageSummary,
    ]);
    let table = bot.table(&orders, &everything).await.unwrap();
    assert_eq!(table.head.fqn().unwrap(), orders);
    assert_eq!(table.head.owners[0].name.as_deref(), Some("admin"));
    assert_eq!(table.head.domains[0].name.as_deref(), Some("Sales"));
    assert_eq!(table.head.tags[0].tag_fqn, "PII.Sensitive");
    let street = table.columns[1].children[0].fully_qualified_name.as_deref();
    assert_eq!(street, Some(r#""pg.v1".sales.public.orders.addr."street.1""#));
    assert_eq!(bot.table(table.head.id, &Get::default()).await.unwrap().head.name, "orders");
    let gone = fqn("\"pg.v1\".sales.public.gone");
    assert!(matches!(bot.table(&gone, &Get::default().include(Include::All)).await, Err(Error::NotFound { .. })));
    let file = fqn("lake.bucket.\"2024.csv\"");
    let file = bot.container(&file, &Get::fields([Field::DataModel, Field::Tags])).await.unwrap();
    assert_eq!(file.data_model.unwrap().columns[0].name, "a");
    let bucket = bot.container(&fqn("lake.bucket"), &Get::fields([Field::Children])).await.unwrap();
    assert_eq!(bucket.children.len(), 1);
    let database = bot.database(&fqn("\"pg.v1\".sales"), &Get::fields([Field::Extension])).await.unwrap();
    assert_eq!(database.extension.unwrap()["trinoCatalog"], "pg_sales");
    let schema = bot.database_schema(&fqn("\"pg.v1\".sales.public"), &Get::default()).await.unwrap();
    assert_eq!(schema.database.unwrap().name.as_deref(), Some("sales"));
    let service = bot.database_service(&fqn("\"pg.v1\""), &Get::fields([Field::Owners])).await.unwrap();
    assert_eq!(bot.database_service(service.head.id, &Get::default()).await.unwrap().service_type, "Postgres");
    assert!(!service.connection.is_masked());
    assert_eq!(bot.storage_service(&fqn("lake"), &Get::default()).await.unwrap().service_type, "S3");
    let last_run = Get::fields([Field::PipelineStatuses]);
    let pipeline = bot.ingestion_pipeline(&fqn("\"pg.v1\".read"), &last_run).await.unwrap();
    assert_eq!(pipeline.pipeline_type, "metadata");
}

async fn read_lists(bot: &Client) {
    let options = ListOptions { page_size: 2, ..ListOptions::default() };
    let tables: Vec<_> = bot.tables(&fqn("\"pg.v1\".sales.public"), &options).try_collect().await.unwrap();
    assert_eq!(tables.len(), 3);
    let tables: Vec<_> = bot.tables(&fqn("\"pg.v1\".sales"), &options).try_collect().await.unwrap();
    assert_eq!(tables.len(), 3);
    let databases: Vec<_> = bot.databases(&fqn("\"pg.v1\""), &options).try_collect().await.unwrap();
    let schemas: Vec<_> = bot.database_schemas(&fqn("\"pg.v1\".sales"), &options).try_collect().await.unwrap();
    let roots: Vec<_> = bot.root_containers(&fqn("lake"), &options).try_collect().await.unwrap();
    let services: Vec<_> = bot.database_services(&options).try_collect().await.unwrap();
    let storage: Vec<_> = bot.storage_services(&options).try_collect().await.unwrap();
    let all = ListOptions { get: Get::fields([Field::Owners]), ..options };
    let pipelines = bot.ingestion_pipelines(&fqn("\"pg.v1\""), Some("metadata"), &all);
    let pipelines: Vec<_> = pipelines.try_collect().await.unwrap();
    let counts = [databases.len(), schemas.len(), roots.len(), services.len(), storage.len(), pipelines.len()];
    assert_eq!(counts, [1; 6]);
    let found = bot.search_fqn("*.public.order*", SearchIndex::Tables, 10).await.unwrap();
    assert_eq!(found.total, 2);
    let text = warren_openmetadata::escape_query("order items");
    let query = SearchQuery { text, index: SearchIndex::Tables, from: 0, size: 5 };
    assert_eq!(bot.search(&query).await.unwrap().hits[0].name, "order items");
}

fn node(text: &str) -> LineageNode {
    LineageNode::Named { kind: EntityKind::Table, fqn: fqn(text) }
}

async fn write_lineage(bot: &Client) {
    let (from, to) = (node("\"pg.v1\".sales.public.orders"), node("\"pg.v1\".sales.public.order items"));
    assert_eq!(bot.lineage_edge(&from, &to).await.unwrap(), None);
    let line = ColumnLineage {
        from_columns: vec!["\"pg.v1\".sales.public.orders.id".to_owned()],
        to_column: "\"pg.v1\".sales.public.order items.id".to_owned(),
        function: Some("max(id)".to_owned()),
    };
    let details = LineageDetails {
        sql_query: Some("INSERT …".to_owned()),
        columns_lineage: vec![line],
        source: LineageSource::QueryLineage,
        ..LineageDetails::default()
    };
    bot.put_lineage(&from, &to, &details).await.unwrap();
    assert_eq!(bot.lineage_edge(&from, &to).await.unwrap(), Some(details.clone()));
    let graph = bot.lineage(&to, 1, 0).await.unwrap();
    assert_eq!((graph.upstream_edges.len(), graph.downstream_edges.len()), (1, 0));
    let by_id = LineageNode::Id { kind: EntityKind::Table, id: graph.entity.id };
    bot.put_lineage(&from, &by_id, &details).await.unwrap();
    assert_eq!(bot.lineage(&by_id, 1, 1).await.unwrap().nodes.len(), 1);
    bot.delete_lineage(&from, &to).await.unwrap();
    bot.delete_lineage(&from, &to).await.unwrap();
    assert_eq!(bot.lineage_edge(&from, &to).await.unwrap(), None);
}

async fn write_the_rest(bot: &Client, admin: &Client) {
    let array = NewColumn { array_data_type: Some("STRING".to_owned()), ..column("tags", "ARRAY", "array(varchar)") };
    let text = NewColumn { data_length: Some(10), ..column("name", "VARCHAR", "varchar(10)") };
    let children = vec![column("x", "DOUBLE", "double")];
    let row = NewColumn { children, ..column("point", "STRUCT", "row(x double)") };
    let decimal = NewColumn { precision: Some(12), scale: Some(2), ..column("sum", "DECIMAL", "decimal(12,2)") };
    let view = NewTable {
        name: "model".to_owned(),
        database_schema: fqn("\"pg.v1\".sales.public"),
        table_type: "View".to_owned(),
        columns: vec![array, text, row, decimal],
        schema_definition: Some("SELECT 1".to_owned()),
        description: Some("Made by a test.".to_owned()),
    };
    let made = bot.put_table(&view).await.unwrap();
    assert_eq!(made.table_type.as_deref(), Some("View"));
    let query = NewQuery {
        query: "SELECT ?".to_owned(),
        service: fqn("\"pg.v1\""),
        query_date: 1_790_000_000_000,
        duration: 12.5,
        used_by: vec!["ana".to_owned()],
        query_used_in: vec![made.head.id],
        processed_lineage: true,
    };
    let first = bot.put_query(&query).await.unwrap();
    assert_eq!(bot.put_query(&query).await.unwrap().id, first.id);
    bot.add_usage(EntityKind::Table, made.head.id, "2026-11-23", 5).await.unwrap();
    let subscription = Subscription {
        name: "warren-table".to_owned(),
        resource: "table".to_owned(),
        endpoint: "https://warren.example.org/openmetadata/events".parse().unwrap(),
        secret: "s3cret".into(),
        event_types: vec!["entityCreated".to_owned(), "entityUpdated".to_owned()],
        poll_interval: 10,
        batch_size: 100,
    };
    let id = admin.put_subscription(&subscription).await.unwrap();
    assert_eq!(admin.put_subscription(&subscription).await.unwrap(), id);
    assert!(matches!(bot.put_subscription(&subscription).await, Err(Error::Forbidden { .. })));
}

fn column(name: &str, data_type: &str, display: &str) -> NewColumn {
    let (name, data_type, data_type_display) = (name.to_owned(), data_type.to_owned(), display.to_owned());
    NewColumn { name, data_type, data_type_display, ..NewColumn::default() }
}

async fn run_a_pipeline(bot: &Client) {
    let name = fqn("\"pg.v1\".read");
    let pipeline = bot.ingestion_pipeline(&name, &Get::default()).await.unwrap();
    bot.trigger_pipeline(pipeline.head.id).await.unwrap();
    let mut states = Vec::new();
    for _ in 0..3 {
        let runs = bot.pipeline_runs(&name, 0, i64::MAX).await.unwrap();
        states.push((runs[0].state, runs[0].is_over()));
    }
    let expect = [(PipelineState::Queued, false), (PipelineState::Running, false), (PipelineState::Success, true)];
    assert_eq!(states, expect);
}

async fn drive(stand_in: &StandIn) {
    let (bot, admin) = (client(stand_in, BOT_TOKEN), client(stand_in, ADMIN_TOKEN));
    assert!(bot.whoami().await.unwrap().is_bot);
    assert!(bot.jwks().await.unwrap()["keys"].is_array());
    let orders = fqn("\"pg.v1\".sales.public.orders");
    assert!(bot.permissions(EntityKind::Table, &orders, None).await.unwrap().allows("ViewBasic"));
    assert!(matches!(bot.permissions(EntityKind::Table, &orders, Some("ana")).await, Err(Error::Forbidden { .. })));
    let masked = admin.database_service(&fqn("\"pg.v1\""), &Get::default()).await.unwrap();
    assert!(masked.connection.is_masked());
    read_entities(&bot).await;
    read_lists(&bot).await;
    write_lineage(&bot).await;
    write_the_rest(&bot, &admin).await;
    run_a_pipeline(&bot).await;
    stand_in.delete("table", "\"pg.v1\".sales.public.lines", Hard::No).unwrap();
    stand_in.delete("databaseSchema", "\"pg.v1\".sales.public", Hard::Yes).unwrap();
    let kinds = ["table", "databaseSchema", "databaseService", "container"];
    let events = bot.events(&kinds, 0).await.unwrap();
    assert_eq!(events.iter().any(|event| event.recursive), bot.version().await.unwrap().major >= 2);
}

/// Drives the client against a stand-in of a version and holds both to the schemas of a generation.
async fn check(test: &str, version: &str, generation: &str, not_used: &[&str]) {
    let Some(mut schemas) = Schemas::load(test, generation) else { return };
    let stand_in = StandIn::start(version.parse().unwrap()).await.unwrap();
    let mut exchanges = seeds(&stand_in);
    dress(&stand_in);
    drive(&stand_in).await;
    exchanges.extend(stand_in.exchanges());
    let (mut problems, mut seen) = (Vec::new(), BTreeSet::new());
    for exchange in &exchanges {
        let (route, found) = routes::check(&mut schemas, exchange);
        seen.insert(route);
        problems.extend(found);
    }
    for event in stand_in.events() {
        let kind = event["entityType"].as_str().unwrap();
        let entity: Value = serde_json::from_str(event["entity"].as_str().unwrap()).unwrap();
        problems.extend(schemas.problems(schema_of(kind), &entity));
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    let expect: BTreeSet<String> = routes::all().into_iter().filter(|route| !not_used.contains(&&**route)).collect();
    assert_eq!(seen, expect);
    println!("{version}: {} requests and answers hold to the schemas of {generation}", exchanges.len());
}

fn schema_of(kind: &str) -> &'static str {
    match kind {
        "table" => "entity/data/table.json",
        "container" => "entity/data/container.json",
        "database" => "entity/data/database.json",
        "databaseSchema" => "entity/data/databaseSchema.json",
        "databaseService" => "entity/services/databaseService.json",
        "storageService" => "entity/services/storageService.json",
        "ingestionPipeline" => "entity/services/ingestionPipelines/ingestionPipeline.json",
        "query" => "entity/data/query.json",
        other => panic!("an event of {other}"),
    }
}

const BY_NAME: &str = "PUT lineage/table/name/{}/table/name/{}";

#[tokio::test]
async fn requests_and_answers_hold_to_the_schemas_of_1_4() {
    check("requests_and_answers_hold_to_the_schemas_of_1_4", "1.4.0", "1.4.0", &[BY_NAME]).await;
}

#[tokio::test]
async fn requests_and_answers_hold_to_the_schemas_of_1_13() {
    check("requests_and_answers_hold_to_the_schemas_of_1_13", "1.13.6", "1.13", &[BY_NAME]).await;
}

#[tokio::test]
async fn requests_and_answers_of_2_0_hold_to_the_schemas_of_1_13() {
    check("requests_and_answers_of_2_0_hold_to_the_schemas_of_1_13", "2.0.7", "1.13", &[]).await;
}

/// The checks themselves can fail: each generation refuses the other's shapes.
#[test]
fn the_schemas_tell_the_generations_apart() {
    let test = "the_schemas_tell_the_generations_apart";
    let (Some(mut old), Some(mut new)) = (Schemas::load(test, "1.4.0"), Schemas::load(test, "1.13")) else { return };
    let mut verdicts =
        |file: &str, value: Value| (old.problems(file, &value).is_empty(), new.problems(file, &value).is_empty());
    let table =
        |field: &str, value: Value| json!({"name": "t", "columns": [], "databaseSchema": "a.b.c", field: value});
    let owner = json!({"id": "6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01", "type": "user"});
    assert_eq!(verdicts("api/data/createTable.json", table("owner", owner.clone())), (true, false));
    assert_eq!(verdicts("api/data/createTable.json", table("owners", json!([owner]))), (false, true));
    assert_eq!(verdicts("api/data/createTable.json", table("columns", json!([{"name": "a::b"}]))), (false, false));
    let webhook = |auth: Value| {
        let mut config = json!({"endpoint": "https://warren.example.org/"});
        config.as_object_mut().unwrap().extend(auth.as_object().unwrap().clone());
        json!({"name": "w", "alertType": "Notification", "destinations":
            [{"category": "External", "type": "Webhook", "config": config}]})
    };
    let file = "events/api/createEventSubscription.json";
    assert_eq!(verdicts(file, webhook(json!({"secretKey": "x"}))), (true, false));
    assert_eq!(verdicts(file, webhook(json!({"authType": {"type": "bearer", "secretKey": "x"}}))), (false, true));
}
