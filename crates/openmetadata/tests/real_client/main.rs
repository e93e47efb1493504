//! OpenMetadata's own Python client against the stand-in. The program that drives it is no part of the project, and the
//! client is fetched from its registry: where one of them cannot be had the test says so and is skipped.
#![expect(clippy::unwrap_used, reason = "a file of tests")]
#![expect(clippy::print_stdout, reason = "a skipped test says so")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;
use warren_openmetadata::ServerVersion;
use warren_openmetadata::testing::{BOT_TOKEN, StandIn};

fn skip(test: &str, reason: &str) {
    let line = format!("skipped: {test}: {reason}");
    println!("{line}");
    if let Some(skips) = std::env::var_os("WARREN_TEST_SKIPS") {
        let mut skips = std::fs::OpenOptions::new().create(true).append(true).open(skips).unwrap();
        writeln!(skips, "{line}").unwrap();
    }
}

/// The folder that the client is in; `None` when it cannot be fetched.
async fn python_client() -> Option<String> {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/real_client/python_client.sh");
    let output = Command::new("bash").arg(script).stderr(Stdio::inherit()).output().await.ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn the_real_python_client_gets_along_with_the_stand_in() {
    let test = "the_real_python_client_gets_along_with_the_stand_in";
    let file = "openmetadata/drive_real_client.py";
    let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(file);
    if !program.exists() {
        return skip(test, &format!("shared/{file} is absent"));
    }
    let Some(packages) = python_client().await else {
        return skip(test, "the Python package openmetadata-ingestion 1.5.15.2 cannot be installed");
    };
    // The client refuses servers of another minor version than its own.
    let stand_in = StandIn::start(ServerVersion::new(1, 5, 15)).await.unwrap();
    let mut python = Command::new("python3");
    python.args(["-W", "ignore"]).arg(program).arg(stand_in.base_url().as_str()).arg(BOT_TOKEN);
    let output = python.env("PYTHONPATH", packages).env("PYTHONDONTWRITEBYTECODE", "1").output().await.unwrap();
    let (said, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed, 0 failed"), "{said}\n{failed}");
    let edge = stand_in.edge("svc.db.sch.t1", "svc.db.sch.t2").unwrap();
    assert_eq!(edge["columnsLineage"][0]["toColumn"], "svc.db.sch.t2.id");
    let requests = stand_in.exchanges();
    assert!(requests.len() >= 11, "{} requests", requests.len());
    assert!(requests.iter().all(|request| request.status < 400 || request.target.ends_with(".nope")));
}
