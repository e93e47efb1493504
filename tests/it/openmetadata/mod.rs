//! Names through OpenMetadata: a stand-in of each schema generation behind a server of this process.

mod changes;
mod columns;
mod failures;
mod lookups;
mod managed_catalogs;
mod names;
mod resolution;

use serde_json::{Value, json};
use warren_openmetadata::ServerVersion;
use warren_openmetadata::testing::{BOT_TOKEN, StandIn};
use warren_trino::testing::FakeTrino;

use crate::harness::{Answer, Stack, TestServer};

/// The oldest and the newest server, and one on each side of the change of the grammar.
const VERSIONS: [ServerVersion; 4] = [
    ServerVersion::new(1, 4, 0),
    ServerVersion::new(1, 13, 0),
    ServerVersion::new(1, 13, 6),
    ServerVersion::new(2, 0, 7),
];

const MAPPING: &str = r#"
[[mapping]]
service = "pg_prod"
database = "sales"
catalog = "pg_sales"

[[mapping]]
service = "s3_lake"
kind = "container"
catalog = "lake"
schema = "{bucket}"
table = "{path}"
case = "preserve"
"#;

/// A server, its OpenMetadata and its Trino.
pub struct Bench {
    pub server: TestServer,
    pub catalogue: StandIn,
    pub trino: FakeTrino,
}

impl Bench {
    /// With the mapping of these tests and the newest OpenMetadata.
    pub async fn start() -> Self {
        Self::with(ServerVersion::new(2, 0, 7), &[]).await
    }

    pub async fn with(version: ServerVersion, change: &[(&str, &str)]) -> Self {
        let catalogue = StandIn::start(version).await.unwrap();
        let trino = FakeTrino::start().await.unwrap();
        let (url, trino_url) = (catalogue.base_url().to_string(), trino.url().to_string());
        let server = TestServer::start_with(Stack::Embedded, |folder, settings| {
            let file = folder.join("mapping.toml");
            std::fs::write(&file, MAPPING).unwrap();
            let own = [
                ("WARREN_TRINO_URL", trino_url.as_str()),
                ("WARREN_OPENMETADATA_URL", &url),
                ("WARREN_OPENMETADATA_TOKEN", BOT_TOKEN),
                ("WARREN_OPENMETADATA_TRINO_SERVICES", "trino_prod"),
                ("WARREN_OPENMETADATA_REPAIR_MS", "0"),
                ("WARREN_CATALOG_FILE", file.to_str().unwrap()),
                ("WARREN_LOG", "error"),
            ];
            let set = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            settings.extend(own.iter().chain(change).map(set));
        })
        .await;
        Self { server, catalogue, trino }
    }

    /// Makes a table of OpenMetadata; its id.
    pub fn table(&self, fqn: &str) -> String {
        let columns = json!([{"name": "id", "dataType": "BIGINT"}, {"name": "total", "dataType": "DOUBLE"}]);
        let table = self.catalogue.seed_table(fqn, columns).unwrap();
        table["id"].as_str().unwrap().to_owned()
    }

    pub async fn convert(&self, query: &str) -> Answer {
        self.server.post("/api/v1/sql/convert", &json!({"query": query})).await
    }

    /// What a query that can run is converted to.
    pub async fn converted(&self, query: &str) -> Value {
        let answer = self.convert(query).await;
        assert_eq!(answer.status.as_u16(), 200, "{query}\n{}", answer.text());
        answer.json()
    }

    /// The problem of a query that is refused.
    pub async fn refused(&self, query: &str, status: u16, code: &str) -> Value {
        let answer = self.convert(query).await;
        assert_eq!(answer.status.as_u16(), status, "{query}\n{}", answer.text());
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{problem:#}");
        problem
    }

    /// How many requests OpenMetadata had whose target has this in it.
    pub fn requests(&self, part: &str) -> usize {
        self.catalogue.exchanges().iter().filter(|exchange| exchange.target.contains(part)).count()
    }

    pub async fn stop(self) {
        self.server.stop().await;
    }
}

fn warnings(converted: &Value) -> String {
    converted["warnings"].to_string()
}
