//! LIMIT and OFFSET: what the user wrote, what the request says, and what is cut.

use serde_json::{Value, json};

use crate::harness::TestServer;

const KEYS: &str = "SELECT nationkey FROM tpch_demo.tpch.tiny.nation ORDER BY nationkey";

pub async fn limit_and_offset_are_split_off(server: &TestServer) {
    for (tail, offset, limit, first, rows) in [
        (" OFFSET 5 ROWS LIMIT 3 -- the end", json!(5), json!(3), "5", 3),
        (" FETCH FIRST 2 ROWS ONLY", Value::Null, json!(2), "0", 2),
        (" OFFSET 23", json!(23), Value::Null, "23", 2),
        (" LIMIT ALL", Value::Null, Value::Null, "0", 25),
    ] {
        let job = server.finished(&format!("{KEYS}{tail}")).await;
        assert_eq!((&job["offset_"], &job["limit_"]), (&offset, &limit), "{tail}");
        assert!(!job["converted_query"].as_str().unwrap().contains("LIMIT"), "{}", job["converted_query"]);
        assert_eq!(job["result"]["rows"], rows, "{tail}");
        assert_eq!(job["page"]["rows"][0][0], first, "{tail}");
        assert_eq!(job["result"]["truncated"], Value::Null, "the user's own LIMIT cuts nothing off");
    }
}

pub async fn a_result_that_was_cut_says_so(server: &TestServer) {
    let run = async |limit: u64| {
        let body = json!({"query": KEYS, "limit": limit, "wait_ms": 60_000});
        server.post("/api/v1/jobs", &body).await.json()
    };
    let cut = run(10).await;
    assert_eq!(cut["result"]["rows"], 10, "{cut:#}");
    assert_eq!(cut["result"]["truncated"], json!({"by": "limit", "at_rows": 10}));
    let whole = run(25).await;
    assert_eq!(whole["result"]["rows"], 25, "{whole:#}");
    assert_eq!(whole["result"]["truncated"], Value::Null, "exactly as many rows as were asked for are all of them");
}
