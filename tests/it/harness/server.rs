//! A real server on a free port, and a client that shows status, headers and body of each answer.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use warren::config::{Config, Sources};
use warren::serve::Service;

use super::Stack;
use super::database::OwnDatabase;

/// The longest that a test waits for a job.
const WAIT_MS: u64 = 60_000;

/// A server of this process.
pub struct TestServer {
    service: Service,
    client: Client,
    _folder: TempDir,
    database: Option<OwnDatabase>,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl TestServer {
    /// A server on a stack, as it comes.
    pub async fn start(stack: Stack) -> Self {
        Self::start_with(stack, |_, _| {}).await
    }

    /// A server on a stack, with settings changed. The folder is the server's own.
    pub async fn start_with(stack: Stack, change: impl FnOnce(&Path, &mut BTreeMap<String, String>)) -> Self {
        let folder = TempDir::new().unwrap();
        let database = match stack {
            Stack::Embedded => None,
            Stack::Real => Some(OwnDatabase::create().await),
        };
        let mut settings = stack.settings(folder.path(), database.as_ref().map(|own| own.url.as_str()));
        change(folder.path(), &mut settings);
        let sources = Sources {
            environment: settings.into_iter().collect(),
            working_dir: folder.path().to_owned(),
            ..Sources::default()
        };
        let config = Config::load(&sources).unwrap();
        let service = Service::start(config).await.unwrap();
        let client = Client::builder().timeout(Duration::from_secs(120)).build().unwrap();
        Self { service, client, _folder: folder, database }
    }

    /// The running service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        self.service.url().join(path).unwrap().into()
    }

    /// A request to be sent with [`Self::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer { status, headers, body: answer.bytes().await.unwrap().to_vec() }
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// `POST` of a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Submits a query and waits for its end; the job.
    pub async fn run(&self, query: &str) -> Value {
        let answer = self.post("/api/v1/jobs", &json!({"query": query, "wait_ms": WAIT_MS})).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        answer.json()
    }

    /// The same for a query that must finish.
    pub async fn finished(&self, query: &str) -> Value {
        let job = self.run(query).await;
        assert_eq!(job["status"], "FINISHED", "{query}\n{job:#}");
        assert_eq!(job["progress"]["rows"], job["result"]["rows"], "{query}\n{job:#}");
        job
    }

    /// The whole result of a job in a format.
    pub async fn download(&self, job: &Value, format: &str) -> Answer {
        let id = job["id"].as_str().unwrap();
        let answer = self.get(&format!("/api/v1/jobs/{id}/result/download?format={format}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer
    }

    /// Stops the server and removes what it made.
    pub async fn stop(self) {
        self.service.stop().await;
        if let Some(database) = self.database {
            database.drop().await;
        }
    }
}
