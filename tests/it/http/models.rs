//! Models: made, listed, replaced and dropped by jobs, and what is used together.

use reqwest::Method;
use serde_json::{Value, json};
use warren_trino::testing::{FakeTrino, Script, ScriptedError};

use super::{assert_problem, counting, gated, server_with};
use crate::harness::{Answer, Stack, TestServer};

const MODEL: &str = "tpch_demo.memory.default.daily";
const QUERY: &str = "SELECT n.name FROM tpch_demo.tpch.tiny.nation n";

async fn make(server: &TestServer, body: Value) -> Answer {
    make_as(server, "sena", body).await
}

async fn make_as(server: &TestServer, user: &str, mut body: Value) -> Answer {
    body["name"] = body.get("name").cloned().unwrap_or_else(|| json!(MODEL));
    body["query"] = body.get("query").cloned().unwrap_or_else(|| json!(QUERY));
    body["wait_ms"] = body.get("wait_ms").cloned().unwrap_or_else(|| json!(30_000));
    server.send(server.request(Method::POST, "/api/v1/models").header("x-warren-user", user).json(&body)).await
}

async fn made(server: &TestServer, body: Value) -> Value {
    let answer = make(server, body).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()
}

async fn get_as(server: &TestServer, user: &str, path: &str) -> Answer {
    server.send(server.request(Method::GET, &format!("/api/v1/{path}")).header("x-warren-user", user)).await
}

async fn drop_as(server: &TestServer, user: &str, model: &Value, wait_ms: u32) -> Answer {
    let path = format!("/api/v1/models/{}?wait_ms={wait_ms}", model["id"].as_str().unwrap());
    server.send(server.request(Method::DELETE, &path).header("x-warren-user", user)).await
}

async fn names(server: &TestServer, query: &str) -> Vec<String> {
    let list = get_as(server, "sena", &format!("models?{query}")).await;
    assert_eq!(list.status.as_u16(), 200, "{}", list.text());
    let name = |model: &Value| model["fully_qualified_name"].as_str().unwrap().to_owned();
    list.json()["items"].as_array().unwrap().iter().map(name).collect()
}

/// A Trino that refuses whatever has this word in it.
async fn refusing(word: &'static str, message: &'static str, place: (u32, u32)) -> FakeTrino {
    let fake = FakeTrino::start().await.unwrap();
    fake.on_query(move |sql| {
        if sql.contains(word) {
            Script::new().fails(ScriptedError::user("COLUMN_NOT_FOUND", 47, message, Some(place)))
        } else {
            Script::new().column("n", "bigint").page("[[1]]")
        }
    });
    fake
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_is_made_by_a_job() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let body = json!({
        "query": "-- first\nSELECT n.name FROM nation n LIMIT 5; -- last", "description": "by day", "tags": ["mart"],
        "reference_models": {"nation": "tpch_demo.tpch.tiny.nation"},
    });
    let model = made(&server, body).await;
    let statement = format!(
        "CREATE VIEW \"tpch_demo\".\"memory\".\"default\".\"daily\" AS\n-- first\n{}",
        "SELECT n.name FROM nation n LIMIT 5"
    );
    assert_eq!(model["job"]["user_query"], statement);
    assert_eq!(
        model["job"]["converted_query"],
        "CREATE VIEW \"memory\".\"default\".\"daily\" AS\n-- first\nSELECT n.name FROM \"tpch\".\"tiny\".\"nation\" n LIMIT 5",
        "physical names, and its own limit stays"
    );
    assert_eq!((&model["job"]["tags"], &model["job"]["limit_"]), (&json!(["mart"]), &json!(null)));
    assert_eq!((&model["status"], &model["kind"], &model["owner"]), (&json!("READY"), &json!("view"), &json!("sena")));
    assert_eq!(
        (&model["fully_qualified_name"], &model["trino_model_name"]),
        (&json!(MODEL), &json!("memory.default.daily"))
    );
    assert_eq!(model["description"], "by day");
    assert_eq!(fake.submitted().last().unwrap().sql, model["job"]["converted_query"].as_str().unwrap());

    let queue = get_as(&server, "sena", &format!("model-queue?job={}", model["job_id"].as_str().unwrap())).await.json();
    let commands: Vec<_> = queue["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| (own["command"].as_str().unwrap(), own["from_fqn"].as_str()))
        .collect();
    assert_eq!(commands, [("INGESTION", None), ("LINEAGE", Some("tpch_demo.tpch.tiny.nation"))]);
    assert_eq!(queue["items"][0]["model_name_fqn"], MODEL);

    let one = get_as(&server, "sena", &format!("models/{}", model["id"].as_str().unwrap())).await.json();
    assert_eq!(
        (&one["query"], &one["job_id"]),
        (&json!("-- first\nSELECT n.name FROM nation n LIMIT 5; -- last"), &model["job"]["id"])
    );
    let table = made(&server, json!({"name": "tpch_demo.memory.default.t", "kind": "table"})).await;
    assert!(
        table["job"]["converted_query"]
            .as_str()
            .unwrap()
            .starts_with("CREATE TABLE \"memory\".\"default\".\"t\" AS\nSELECT"),
        "{table:#}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_any_script_are_delimited() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let name = "tpch_demo.memory.\"매출.일별\".\"a\"\"b; drop\"";
    let model = made(&server, json!({ "name": name })).await;
    let kept = "tpch_demo.memory.\"매출.일별\".a__reserved__quote__b; drop";
    assert_eq!((&model["fully_qualified_name"], &model["status"]), (&json!(kept), &json!("READY")));
    let converted = model["job"]["converted_query"].as_str().unwrap();
    assert!(converted.starts_with("CREATE VIEW \"memory\".\"매출.일별\".\"a\"\"b; drop\" AS\nSELECT"), "{converted}");
    let dropped = drop_as(&server, "sena", &model, 30_000).await.json();
    assert_eq!(dropped["converted_query"], "DROP VIEW IF EXISTS \"memory\".\"매출.일별\".\"a\"\"b; drop\"");

    for wrong in ["a.b.c", "a.b.c.x::y", "a.b.c.\"\"", "a.b.c.d\"", "a.b.c.d.e", "a.b.c.\"x\ny\""] {
        assert_problem(
            &make(&server, json!({ "name": wrong })).await,
            422,
            "INVALID_NAME",
            "service.database.schema.name",
        );
    }
    assert_problem(&make(&server, json!({"kind": "matrix"})).await, 400, "INVALID_REQUEST", "/kind");
    assert_problem(&make(&server, json!({"kind": null, "nonsense": 1})).await, 400, "INVALID_REQUEST", "nonsense");
    assert_eq!(names(&server, "").await, [""; 0], "the one that was made is gone, and no other was made");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_cannot_be_a_model_is_refused_where_it_stands() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let check = async |query: &str, status, code: &str, place: Option<(u32, u32, u32, u32)>| {
        let answer = make(&server, json!({ "query": query })).await;
        assert_problem(&answer, status, code, "");
        let position = place.map_or(json!(null), |(line, column, offset, length)| {
            json!({"line": line, "column": column, "offset": offset, "length": length})
        });
        assert_eq!(answer.json()["position"], position, "{query}\n{}", answer.text());
    };
    check("SELECT 1;\nSELECT 2", 422, "MULTIPLE_STATEMENTS", Some((1, 9, 8, 1))).await;
    check("DELETE FROM x", 422, "UNSUPPORTED_STATEMENT", None).await;
    check("-- nothing", 400, "EMPTY_SQL", None).await;
    check("SELECT *\nFROM no.such.s.t", 422, "NO_CATALOG_MAPPING", Some((2, 6, 14, 11))).await;
    check("SELECT '한국', n FROM no.such.s.t", 422, "NO_CATALOG_MAPPING", Some((1, 21, 20, 11))).await;
    let itself = format!("SELECT 1 AS one\nFROM {MODEL}");
    check(&itself, 422, "MODEL_READS_ITSELF", Some((2, 6, 21, 30))).await;
    check("SELECT 1 FROM memory.default.daily", 422, "MODEL_READS_ITSELF", Some((1, 15, 14, 20))).await;
    assert_problem(&make(&server, json!({"name": "nobody.b.c.d"})).await, 422, "NO_CATALOG_MAPPING", "nobody.b.c.d");
    assert_eq!(names(&server, "").await, [""; 0]);
    let jobs = get_as(&server, "sena", "jobs").await.json();
    assert_eq!(jobs["items"], json!([]), "and no job was made of any");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_failed_says_where_in_the_query_and_may_be_sent_again() {
    let fake = refusing("nope", "line 3:8: Column 'nope' cannot be resolved", (3, 8)).await;
    let server = server_with(&fake, &[]).await;
    let query = "-- 한국\nSELECT nope FROM tpch_demo.tpch.tiny.nation";
    let failed = made(&server, json!({ "query": query })).await;
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&json!("FAILED"), &json!("COLUMN_NOT_FOUND")),
        "{failed:#}"
    );
    let position = &failed["error"]["position"];
    assert_eq!((&position["line"], &position["column"], &position["offset"]), (&json!(2), &json!(8), &json!(13)));
    assert!(failed["error"]["detail"].as_str().unwrap().starts_with("line 2:8:"), "{failed:#}");
    assert_eq!(failed["job"]["error"]["position"]["line"], 3, "the job shows the whole statement");
    let queue = get_as(&server, "sena", "model-queue").await.json();
    assert_eq!(queue["items"], json!([]), "nothing follows from it");

    let again = made(&server, json!({})).await;
    assert_eq!((&again["id"], &again["status"], &again["error"]), (&failed["id"], &json!("READY"), &json!(null)));
    assert_eq!(names(&server, "").await, [MODEL]);
    let of_old = format!("/api/v1/jobs/{}", failed["job_id"].as_str().unwrap());
    let delete = server.request(Method::DELETE, &of_old).header("x-warren-user", "sena");
    assert_eq!(server.send(delete).await.status.as_u16(), 204, "the job of an earlier version may go");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_is_replaced_and_dropped_by_its_owner() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let first = made(&server, json!({})).await;
    assert_problem(&make(&server, json!({})).await, 409, "MODEL_EXISTS", "replace");
    assert_problem(&make(&server, json!({"kind": "table", "replace": true})).await, 409, "MODEL_EXISTS", "is a view");
    assert_problem(
        &make(&server, json!({"name": "tpch_demo.memory.default.DAILY"})).await,
        409,
        "MODEL_EXISTS",
        "daily",
    );
    assert_problem(&make_as(&server, "other", json!({})).await, 409, "MODEL_EXISTS", "sena");
    assert_problem(&make_as(&server, "other", json!({"replace": true})).await, 403, "FORBIDDEN", "sena");
    assert_problem(&drop_as(&server, "other", &first, 0).await, 403, "FORBIDDEN", "sena");

    assert_eq!(first["was_made"], true);
    let second = made(&server, json!({"replace": true, "query": "SELECT 2 AS two", "description": "new"})).await;
    assert_eq!(
        (&second["id"], &second["created"], &second["description"]),
        (&first["id"], &first["created"], &json!("new"))
    );
    assert_eq!(
        second["job"]["converted_query"],
        "CREATE OR REPLACE VIEW \"memory\".\"default\".\"daily\" AS\nSELECT 2 AS two"
    );
    assert_eq!(names(&server, "").await, [MODEL]);

    let seen = get_as(&server, "other", &format!("models/{}", first["id"].as_str().unwrap())).await.json();
    assert_eq!((&seen["fully_qualified_name"], &seen["status"]), (&json!(MODEL), &json!("READY")));
    for hidden in ["query", "job_id", "drop_job_id", "error"] {
        assert_eq!(seen[hidden], json!(null), "{hidden}");
    }

    let own_job = format!("/api/v1/jobs/{}", second["job_id"].as_str().unwrap());
    let delete = server.request(Method::DELETE, &own_job).header("x-warren-user", "sena");
    let refused = server.send(delete).await;
    assert_eq!(refused.status.as_u16(), 409, "{}", refused.text());

    let dropped = drop_as(&server, "sena", &second, 30_000).await;
    assert_eq!((dropped.status.as_u16(), &dropped.json()["status"]), (200, &json!("FINISHED")), "{}", dropped.text());
    assert_problem(&drop_as(&server, "sena", &second, 0).await, 404, "NOT_FOUND", "no model");
    assert_problem(&get_as(&server, "sena", "models/nonsense").await, 404, "NOT_FOUND", "no model");
    assert_eq!(names(&server, "").await, [""; 0]);
    let third = made(&server, json!({"kind": "table"})).await;
    assert_ne!(third["id"], first["id"], "the name is free again");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_of_a_model_stays_as_long_as_the_model() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let model = made(&server, json!({})).await;
    let claim = server.post("/api/v1/model-queue/claim", &json!({})).await.json();
    let settle = async |command: &Value| {
        let token = json!({"lease_token": command["lease_token"]});
        server.post(&format!("/api/v1/model-queue/{}/ack", command["id"]), &token).await;
    };
    settle(&claim["items"][0]).await;
    let claim = server.post("/api/v1/model-queue/claim", &json!({})).await.json();
    settle(&claim["items"][0]).await;
    let own_job = format!("/api/v1/jobs/{}", model["job_id"].as_str().unwrap());
    let delete = async || server.send(server.request(Method::DELETE, &own_job).header("x-warren-user", "sena")).await;
    assert_problem(&delete().await, 409, "JOB_OF_MODEL", "drop the model");
    let result = get_as(&server, "sena", &format!("jobs/{}/result", model["job_id"].as_str().unwrap())).await;
    assert_eq!(result.status.as_u16(), 200, "a refusal leaves the result");
    drop_as(&server, "sena", &model, 30_000).await;
    assert_eq!(delete().await.status.as_u16(), 204);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_is_busy_while_a_job_works_on_it() {
    let (fake, gate) = gated().await;
    let server = server_with(&fake, &[]).await;
    let answer = make(&server, json!({"wait_ms": 0})).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.text());
    let model = answer.json();
    assert_eq!(answer.header("location"), model["job"]["links"]["self"].as_str());
    assert!(answer.header("retry-after").is_some());
    assert_eq!(model["status"], "MAKING");
    assert_problem(&make(&server, json!({})).await, 409, "MODEL_EXISTS", "daily");
    assert_problem(
        &make(&server, json!({"replace": true})).await,
        409,
        "MODEL_BUSY",
        model["job_id"].as_str().unwrap(),
    );
    assert_problem(&drop_as(&server, "sena", &model, 0).await, 409, "MODEL_BUSY", "wait");
    let cancel = format!("{}/cancel", model["job"]["links"]["self"].as_str().unwrap());
    server.send(server.request(Method::POST, &cancel).header("x-warren-user", "sena")).await;
    gate.open();
    let job = format!("jobs/{}?wait_ms=30000", model["job_id"].as_str().unwrap());
    assert_eq!(get_as(&server, "sena", &job).await.json()["status"], "CANCELED");
    let canceled = get_as(&server, "sena", &format!("models/{}", model["id"].as_str().unwrap())).await.json();
    assert_eq!((&canceled["status"], &canceled["error"]), (&json!("FAILED"), &json!(null)));
    assert_eq!(made(&server, json!({})).await["status"], "READY");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drop_that_fails_leaves_the_model() {
    let fake = refusing("DROP", "line 1:1: Access Denied", (1, 1)).await;
    let server = server_with(&fake, &[]).await;
    let model = made(&server, json!({})).await;
    let job = drop_as(&server, "sena", &model, 30_000).await.json();
    assert_eq!(job["status"], "FAILED", "{job:#}");
    let left = get_as(&server, "sena", &format!("models/{}", model["id"].as_str().unwrap())).await.json();
    assert_eq!((&left["status"], &left["drop_job_id"]), (&json!("READY"), &job["id"]));
    assert_eq!(made(&server, json!({"replace": true})).await["drop_job_id"], json!(null));
    server.stop().await;
}

/// The statements that Trino was sent with this word in them.
fn sent(fake: &FakeTrino, word: &str) -> Vec<String> {
    fake.submitted().into_iter().map(|own| own.sql).filter(|sql| sql.contains(word)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_warren_did_not_make_is_neither_replaced_nor_dropped() {
    let fake = refusing("CREATE TABLE", "line 1:1: Table 'memory.default.daily' already exists", (1, 1)).await;
    let server = server_with(&fake, &[]).await;
    let table = json!({"kind": "table", "replace": true});
    let failed = made(&server, table.clone()).await;
    assert_eq!((&failed["status"], &failed["was_made"]), (&json!("FAILED"), &json!(false)), "{failed:#}");
    assert_eq!(made(&server, table).await["status"], "FAILED", "it was never made, so that nothing is replaced");
    assert_eq!(sent(&fake, "OR REPLACE"), [""; 0]);
    let gone = drop_as(&server, "sena", &failed, 30_000).await;
    assert_eq!(gone.status.as_u16(), 204, "{}", gone.text());
    assert_eq!(sent(&fake, "DROP"), [""; 0], "what stands there is somebody else's");
    assert_eq!(names(&server, "").await, [""; 0]);
    assert_problem(&drop_as(&server, "sena", &failed, 0).await, 404, "NOT_FOUND", "no model");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replacement_that_failed_leaves_what_can_be_replaced_and_dropped() {
    let fake = refusing("nope", "line 2:8: Column 'nope' cannot be resolved", (2, 8)).await;
    let server = server_with(&fake, &[]).await;
    made(&server, json!({})).await;
    let failed = made(&server, json!({"replace": true, "query": "SELECT nope"})).await;
    assert_eq!((&failed["status"], &failed["was_made"]), (&json!("FAILED"), &json!(true)), "{failed:#}");
    let again = made(&server, json!({"replace": true, "query": "SELECT nope"})).await;
    assert_eq!(sent(&fake, "OR REPLACE").len(), 2);
    let dropped = drop_as(&server, "sena", &again, 30_000).await.json();
    assert_eq!(dropped["converted_query"], "DROP VIEW IF EXISTS \"memory\".\"default\".\"daily\"", "{dropped:#}");
    server.stop().await;
}

/// The same database under two mappings, one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_leads_elsewhere_now_drops_what_was_made() {
    let fake = counting(1).await;
    let mapping = |service: &str, catalog: &str| {
        format!("[[mapping]]\nservice = \"{service}\"\ndatabase = \"*\"\ncatalog = \"{catalog}\"\n")
    };
    let folder = tempfile::tempdir().unwrap();
    let (file, database) = (folder.path().join("mapping.toml"), folder.path().join("warren.db"));
    let settings = [
        ("WARREN_CATALOG_FILE", file.display().to_string()),
        ("WARREN_DATABASE_URL", format!("sqlite:{}?mode=rwc", database.display())),
    ];
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let start = async |text: String| {
        std::fs::write(&file, text).unwrap();
        server_with(&fake, &settings).await
    };
    let server = start(mapping("lake", "old")).await;
    let of = |name: &str| json!({"name": format!("lake.d.mart.{name}"), "query": "SELECT 1 AS one"});
    let (first, second) = (made(&server, of("first")).await, made(&server, of("second")).await);
    assert_eq!(first["trino_model_name"], "old.mart.first");
    server.stop().await;

    let server = start(mapping("lake", "new")).await;
    let mut replacing = of("first");
    replacing["replace"] = json!(true);
    assert_problem(&make(&server, replacing).await, 409, "MODEL_EXISTS", "old.mart.first");
    let dropped = drop_as(&server, "sena", &first, 30_000).await.json();
    assert_eq!(dropped["converted_query"], "DROP VIEW IF EXISTS \"old\".\"mart\".\"first\"", "{dropped:#}");
    server.stop().await;

    let server = start(mapping("another", "old")).await;
    let dropped = drop_as(&server, "sena", &second, 30_000).await.json();
    assert_eq!(dropped["converted_query"], "DROP VIEW IF EXISTS \"old\".\"mart\".\"second\"", "{dropped:#}");
    assert_eq!(names(&server, "").await, [""; 0]);
    server.stop().await;
}

/// Many requests for one name at the same moment make one model, on both databases.
async fn one_model_of_many_requests(stack: Stack) {
    let (fake, gate) = gated().await;
    let url = fake.url().to_string();
    let server = TestServer::start_with(stack, |_, settings| {
        settings.insert("WARREN_TRINO_URL".to_owned(), url);
    })
    .await;
    let requests = (0..8).map(|_| make(&server, json!({"wait_ms": 0})));
    let answers = futures::future::join_all(requests).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(names(&server, "").await, [MODEL]);
    let jobs = get_as(&server, "sena", "jobs").await.json();
    assert_eq!(jobs["items"].as_array().unwrap().len(), 1, "a request that lost made no job");
    gate.open();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_requests_make_one_model_on_sqlite() {
    one_model_of_many_requests(Stack::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_requests_make_one_model_on_postgresql() {
    if let Some(stack) = Stack::real("http::models::two_requests_make_one_model_on_postgresql") {
        one_model_of_many_requests(stack).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn models_are_listed() {
    let fake = counting(1).await;
    let server = server_with(&fake, &[]).await;
    let fqn = |name: &str| format!("tpch_demo.memory.default.{name}");
    for (user, name) in [("sena", "a_1"), ("sena", "ab1"), ("other", "b")] {
        make_as(&server, user, json!({"name": fqn(name)})).await;
    }
    assert_eq!(names(&server, "").await, [fqn("b"), fqn("ab1"), fqn("a_1")], "newest first");
    assert_eq!(names(&server, "owner=other").await, [fqn("b")]);
    assert_eq!(
        names(&server, "q=TPCH_demo.memory.default.a_").await,
        [fqn("a_1")],
        "what LIKE knows is taken literally"
    );
    assert_eq!(names(&server, "q=memory").await, [""; 0], "it is the beginning");
    let first = get_as(&server, "sena", "models?limit=2").await.json();
    let rest = names(&server, &format!("limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_eq!((first["items"].as_array().unwrap().len(), rest), (2, vec![fqn("a_1")]));
    for wrong in ["limit=0", "cursor=x", "nothing=1"] {
        assert_problem(&get_as(&server, "sena", &format!("models?{wrong}")).await, 400, "INVALID_REQUEST", "");
    }
    server.stop().await;
}

async fn run_as(server: &TestServer, user: &str, query: &str) -> Value {
    let body = json!({"query": query, "wait_ms": 30_000});
    server.send(server.request(Method::POST, "/api/v1/jobs").header("x-warren-user", user).json(&body)).await.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_used_together_is_recommended() {
    let fake = refusing("nope", "line 1:1: no", (1, 1)).await;
    let server = server_with(&fake, &[]).await;
    let table = |name: &str| format!("tpch_demo.tpch.tiny.{name}");
    let join = |columns: &str, names: &[&str]| {
        let tables: Vec<String> = names.iter().map(|name| table(name)).collect();
        format!("SELECT {columns} FROM {}", tables.join(", "))
    };
    run_as(&server, "sena", &join("1", &["nation", "region"])).await;
    run_as(&server, "sena", &join("2", &["nation", "region", "region"])).await;
    run_as(&server, "other", &join("3", &["nation", "region", "orders"])).await;
    run_as(&server, "other", &join("4", &["orders", "lineitem"])).await;
    run_as(&server, "sena", &join("nope", &["nation", "customer"])).await;
    run_as(&server, "sena", "SELECT * FROM no.such.s.t").await;
    let recommend =
        async |fqn: &str, rest: &str| get_as(&server, "third", &format!("models/recommend?fqn={fqn}{rest}")).await;
    let found = recommend(&table("nation"), "").await.json();
    let of = |found: &Value| -> Vec<(String, u64, u64)> {
        let text = |own: &Value| own["fully_qualified_name"].as_str().unwrap().to_owned();
        let items = found["items"].as_array().unwrap().iter();
        items.map(|own| (text(own), own["jobs"].as_u64().unwrap(), own["users"].as_u64().unwrap())).collect()
    };
    assert_eq!(of(&found), [(table("region"), 3, 2), (table("orders"), 1, 1)], "{found:#}");
    assert_eq!(
        (&found["items"][0]["trino_model_name"], &found["next_cursor"]),
        (&json!("tpch.tiny.region"), &json!(null))
    );
    assert!(found["items"][0]["last_used"].as_str().unwrap() >= found["items"][1]["last_used"].as_str().unwrap());
    assert_eq!(of(&recommend(&table("nation"), "&limit=1").await.json()), [(table("region"), 3, 2)]);
    let of_orders = recommend(&table("orders"), "").await.json();
    assert_eq!(
        of(&of_orders),
        [(table("lineitem"), 1, 1), (table("nation"), 1, 1), (table("region"), 1, 1)],
        "the last used first"
    );
    assert_eq!(of(&recommend(&table("customer"), "").await.json()), [], "a job that failed does not count");
    assert_problem(&recommend("a..b", "").await, 422, "INVALID_NAME", "service.database");
    assert_problem(&recommend(&table("nation"), "&limit=0").await, 400, "INVALID_REQUEST", "limit");
    assert_problem(&get_as(&server, "third", "models/recommend").await, 400, "INVALID_REQUEST", "fqn");
    server.stop().await;
}
