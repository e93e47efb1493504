//! A small client of Trino's protocol for these tests: it keeps every page, so that tests can look at them.

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::Value;
use warren_embedded::{Engine, EngineOptions};

/// An engine for one test, and a client of it.
pub(crate) struct Fixture {
    pub(crate) engine: Engine,
    pub(crate) client: Client,
    pub(crate) catalog: Option<&'static str>,
    pub(crate) schema: Option<&'static str>,
}

/// All pages of a query.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) pages: Vec<Value>,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::start_with(EngineOptions { threads: 2, ..EngineOptions::default() }).await
    }

    pub(crate) async fn start_with(options: EngineOptions) -> Self {
        let engine = Engine::start(options).await.expect("the engine starts");
        let client = Client::builder().no_proxy().build().expect("a client");
        Self { engine, client, catalog: Some("tpch"), schema: Some("tiny") }
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        self.engine.url().join(path).expect("a URI").to_string()
    }

    pub(crate) async fn send(&self, method: Method, uri: &str) -> Response {
        self.client.request(method, uri).send().await.expect("an answer")
    }

    pub(crate) async fn get(&self, uri: &str) -> Value {
        let response = self.send(Method::GET, uri).await;
        assert_eq!(response.status(), StatusCode::OK, "{uri}");
        response.json().await.expect("JSON")
    }

    /// Submits a statement; the page of the answer.
    pub(crate) async fn submit(&self, sql: &str) -> Value {
        let mut request =
            self.client.post(self.uri("v1/statement")).header("X-Trino-User", "test").body(sql.to_owned());
        if let Some(catalog) = self.catalog {
            request = request.header("X-Trino-Catalog", catalog);
        }
        if let Some(schema) = self.schema {
            request = request.header("X-Trino-Schema", schema);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.expect("JSON")
    }

    /// Submits a statement and reads all its pages.
    pub(crate) async fn run(&self, sql: &str) -> Answer {
        let mut pages = vec![self.submit(sql).await];
        while let Some(next) = next_uri(&pages[pages.len() - 1]) {
            let page = self.get(&next).await;
            pages.push(page);
        }
        Answer { pages }
    }

    /// The rows of a statement that succeeds.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Value> {
        let answer = self.run(sql).await;
        assert_eq!(answer.error(), None, "{sql}");
        answer.rows()
    }

    /// The rows as one line of JSON.
    pub(crate) async fn text(&self, sql: &str) -> String {
        Value::from(self.rows(sql).await).to_string()
    }
}

pub(crate) fn next_uri(page: &Value) -> Option<String> {
    page["nextUri"].as_str().map(str::to_owned)
}

impl Answer {
    pub(crate) fn last(&self) -> &Value {
        &self.pages[self.pages.len() - 1]
    }

    pub(crate) fn rows(&self) -> Vec<Value> {
        self.pages.iter().filter_map(|page| page["data"].as_array()).flatten().cloned().collect()
    }

    /// The name and place of the error.
    pub(crate) fn error(&self) -> Option<String> {
        let error = self.last().get("error")?;
        let place = match error.get("errorLocation") {
            Some(place) => format!(" {}:{}", place["lineNumber"], place["columnNumber"]),
            None => String::new(),
        };
        Some(format!("{}{place}: {}", error["errorName"].as_str()?, error["message"].as_str()?))
    }

    /// The columns as `name type`.
    pub(crate) fn columns(&self) -> Vec<String> {
        let columns = self.pages.iter().find_map(|page| page["columns"].as_array()).cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        columns.iter().map(|column| format!("{} {}", text(&column["name"]), text(&column["type"]))).collect()
    }
}
