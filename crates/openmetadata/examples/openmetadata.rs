//! The stand-in by hand: listens until it is ended, with a table or two to look at.
//!
//! `cargo run -p warren-openmetadata --features testing --example openmetadata -- 8585 1.13.6`
#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::json;
use warren_openmetadata::ServerVersion;
use warren_openmetadata::testing::{ADMIN_TOKEN, BOT_TOKEN, StandIn};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().as_deref().unwrap_or("8585").parse()?;
    let version: ServerVersion = arguments.next().as_deref().unwrap_or("2.0.7").parse()?;
    let stand_in = StandIn::start_at(version, SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let columns = json!([{"name": "orderkey", "dataType": "BIGINT"}, {"name": "totalprice", "dataType": "DOUBLE"}]);
    stand_in.seed_table("tpch_demo.tpch.tiny.orders", columns)?;
    println!("OpenMetadata {version} (stand-in) at {}", stand_in.base_url());
    println!("tokens: {BOT_TOKEN} (bot), {ADMIN_TOKEN} (administrator)");
    std::future::pending::<()>().await;
    Ok(())
}
