//! Many queries on a coordinator that misbehaves at random, by seed: every row arrives once and in order.

use serde_json::json;
use warren_trino::testing::{FakeTrino, Fault, Step};

use super::{numbers, pages, server_on};

const SEEDS: u64 = 60;

/// A small generator (xorshift64*, Vigna 2016): the same seed gives the same course on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }
}

/// Faults that a query must survive: the request did not arrive, or its answer did not.
fn fault(random: &mut Random) -> Fault {
    match random.below(6) {
        0 => Fault::Status(502),
        1 => Fault::Status(503),
        2 => Fault::CutInBody,
        3 => Fault::LostAnswer,
        4 => Fault::Closed,
        _ => Fault::TruncatedJson,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_arrives_once_and_in_order() {
    let fake = FakeTrino::start().await.unwrap();
    fake.on_query(|sql| script(sql.split(' ').nth(1).unwrap().parse().unwrap()).1);
    let server = server_on(&fake).await;
    for seed in 1..=SEEDS {
        let job =
            server.post("/api/v1/jobs", &json!({"query": format!("SELECT {seed}"), "wait_ms": 60_000})).await.json();
        assert_eq!(job["status"], "FINISHED", "seed {seed}: {job:#}");
        assert_eq!(numbers(&server, &job).await, script(seed).0, "seed {seed}");
    }
    server.stop().await;
}

/// The rows of a seed, and the course of its query.
fn script(seed: u64) -> (Vec<i64>, warren_trino::testing::Script) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let count = 1 + random.below(5);
    let rows: Vec<Vec<i64>> = (0..count)
        .map(|page| (0..random.below(4)).map(|row| i64::try_from(page * 100 + row).unwrap()).collect())
        .collect();
    let slices: Vec<&[i64]> = rows.iter().map(Vec::as_slice).collect();
    let mut script = pages(&slices).queued(random.below(3));
    for token in 0..count {
        if random.below(3) == 0 {
            script = script.fault(Step::Executing(token), fault(&mut random), 1);
        }
    }
    (rows.concat(), script)
}
