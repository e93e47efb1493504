//! A small client of Warren's own API, as the command line needs it. It reads what it needs of an answer and leaves the
//! rest alone, so that it goes with older and newer servers.

mod error;
mod wire;

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use reqwest::header::{ACCEPT, IF_NONE_MATCH};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::{Host, Url};

pub(super) use error::{ClientError, Fault};
pub(super) use wire::{
    CatalogColumn, CatalogItem, CatalogTable, CompanionEntry, Conversion, ConvertRequest, Job, MadeModel,
    MakeModelRequest, Manifest, Model, ModelEntry, Models, Page, QueuedCommand, SubmitRequest,
};

const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";
const CONNECT: Duration = Duration::from_secs(10);
/// The longest silence while an answer is awaited or read. Waiting requests are shorter.
const SILENCE: Duration = Duration::from_secs(60);

/// A client of one server.
#[derive(Clone, Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    server: Url,
    token: Option<SecretString>,
}

impl Client {
    /// A client of `server`, or of the one on this machine.
    pub(super) fn new(server: Option<&str>, token: Option<&str>) -> Result<Self, ClientError> {
        let text = server.unwrap_or(DEFAULT_SERVER);
        let invalid = || ClientError { server: text.to_owned(), fault: Fault::Address };
        let mut server =
            Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https")).ok_or_else(invalid)?;
        if !server.path().ends_with('/') {
            server.set_path(&format!("{}/", server.path()));
        }
        let mut builder = reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE);
        if is_loopback(&server) {
            // A proxy is on the way to other machines, never to this one.
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|source| ClientError { server: text.to_owned(), fault: Fault::Setup { source } })?;
        Ok(Self { http, server, token: token.map(SecretString::from) })
    }

    /// Makes a job of a query.
    pub(super) async fn submit(&self, request: &SubmitRequest) -> Result<Job, ClientError> {
        self.read(self.request(Method::POST, "jobs").json(request)).await
    }

    /// A job, at its end or after `wait`, whichever comes first.
    pub(super) async fn job(&self, id: &str, wait: Duration) -> Result<Job, ClientError> {
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.read(self.request(Method::GET, &job_path(id, "")).query(&[("wait_ms", wait_ms)])).await
    }

    /// A job once it is not the given version any more; `None` when it still is after `wait`.
    pub(super) async fn changed_job(&self, job: &Job, wait: Duration) -> Result<Option<Job>, ClientError> {
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let request = self.request(Method::GET, &job_path(&job.id, "")).query(&[("wait_ms", wait_ms)]);
        let answer = self.send(request.header(IF_NONE_MATCH, format!("\"{}\"", job.version))).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        self.body(answer).await.map(Some)
    }

    /// A job as the server shows it.
    pub(super) async fn job_json(&self, id: &str) -> Result<Value, ClientError> {
        self.read(self.request(Method::GET, &job_path(id, ""))).await
    }

    /// A page of the caller's jobs as the server shows them.
    pub(super) async fn jobs_json(&self, filter: &[(&str, String)]) -> Result<Value, ClientError> {
        self.read(self.request(Method::GET, "jobs").query(filter)).await
    }

    /// A page of the model queue as the server shows it.
    pub(super) async fn model_queue_json(&self, filter: &[(&str, String)]) -> Result<Value, ClientError> {
        self.read(self.request(Method::GET, "model-queue").query(filter)).await
    }

    /// A page of what the catalogue has for some words, as the server shows it.
    pub(super) async fn search_catalog_json(&self, filter: &[(&str, String)]) -> Result<Value, ClientError> {
        self.read(self.request(Method::GET, "catalog/search").query(filter)).await
    }

    /// A table or file as the server shows it.
    pub(super) async fn catalog_table_json(&self, fqn: &str) -> Result<Value, ClientError> {
        self.read(self.request(Method::GET, &format!("catalog/tables/{}", segment(fqn)))).await
    }

    /// Puts a dead letter back into the model queue.
    pub(super) async fn requeue_command(&self, id: i64) -> Result<QueuedCommand, ClientError> {
        self.read(self.request(Method::POST, &format!("model-queue/{id}/requeue"))).await
    }

    /// A page of the models of everybody as the server shows them.
    pub(super) async fn data_models_json(&self, filter: &[(&str, String)]) -> Result<Value, ClientError> {
        self.read(self.request(Method::GET, "models").query(filter)).await
    }

    /// A model.
    pub(super) async fn data_model(&self, id: &str) -> Result<ModelEntry, ClientError> {
        self.read(self.request(Method::GET, &path_of("models", id, ""))).await
    }

    /// Makes a model of a query.
    pub(super) async fn make_model(&self, request: &MakeModelRequest) -> Result<MadeModel, ClientError> {
        self.read(self.request(Method::POST, "models").json(request)).await
    }

    /// Drops a model; the job that does, or none where the model was never made.
    pub(super) async fn drop_model(&self, id: &str) -> Result<Option<Job>, ClientError> {
        let answer = self.send(self.request(Method::DELETE, &path_of("models", id, ""))).await?;
        if answer.status() == StatusCode::NO_CONTENT { Ok(None) } else { self.body(answer).await.map(Some) }
    }

    /// What jobs used together with a name, as the server shows it.
    pub(super) async fn companions_json(&self, fqn: &str, limit: u16) -> Result<Value, ClientError> {
        let request = self.request(Method::GET, "models/recommend");
        self.read(request.query(&[("fqn", fqn)]).query(&[("limit", limit)])).await
    }

    /// Asks for a job to be stopped.
    pub(super) async fn cancel(&self, id: &str) -> Result<Job, ClientError> {
        self.read(self.request(Method::POST, &job_path(id, "/cancel"))).await
    }

    /// What the names of a job's query meant.
    pub(super) async fn models(&self, id: &str) -> Result<Vec<Model>, ClientError> {
        let models: Models = self.read(self.request(Method::GET, &job_path(id, "/models"))).await?;
        Ok(models.items)
    }

    /// What a result consists of.
    pub(super) async fn manifest(&self, id: &str) -> Result<Manifest, ClientError> {
        self.read(self.request(Method::GET, &job_path(id, "/result"))).await
    }

    /// A page of rows from `offset` on, as many as the server likes to give at once.
    pub(super) async fn rows(&self, id: &str, offset: u64) -> Result<Page, ClientError> {
        let request = self.request(Method::GET, &job_path(id, "/result/rows")).query(&[("offset", offset)]);
        self.read(request.header(ACCEPT, "application/json")).await
    }

    /// The bytes of a whole result in a format.
    pub(super) async fn download(
        &self,
        id: &str,
        format: &str,
    ) -> Result<impl Stream<Item = Result<Bytes, ClientError>> + Unpin + use<>, ClientError> {
        let request = self.request(Method::GET, &job_path(id, "/result/download")).query(&[("format", format)]);
        let answer = self.send(request).await?;
        let server = self.server.to_string();
        let broken = move |cause| ClientError { server: server.clone(), fault: Fault::Broken { cause } };
        Ok(answer.bytes_stream().map_err(broken).boxed())
    }

    /// What would run for a query, as the server shows it.
    pub(super) async fn convert_json(&self, request: &ConvertRequest) -> Result<Value, ClientError> {
        self.read(self.request(Method::POST, "sql/convert").json(request)).await
    }

    /// Reads an answer that was asked for as JSON.
    pub(super) fn typed<T: DeserializeOwned>(&self, answer: Value) -> Result<T, ClientError> {
        serde_json::from_value(answer).map_err(|source| self.fault(Fault::Unreadable { source: Some(source) }))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        // A path of plain segments always joins a base that ends in a slash.
        let url = self.server.join(&format!("api/v1/{path}")).unwrap_or_else(|_| self.server.clone());
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        }
    }

    async fn read<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let answer = self.send(request).await?;
        self.body(answer).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let answer = request.send().await.map_err(|cause| self.fault(Fault::Unreachable { cause }))?;
        let status = answer.status();
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            return Ok(answer);
        }
        let body = answer.bytes().await.unwrap_or_default();
        Err(self.fault(match serde_json::from_slice(&body) {
            Ok(problem) => Fault::Refused { problem: Box::new(problem) },
            Err(_) => Fault::NotWarren { status: status.as_u16() },
        }))
    }

    async fn body<T: DeserializeOwned>(&self, answer: Response) -> Result<T, ClientError> {
        let body = answer.bytes().await.map_err(|cause| self.fault(Fault::Broken { cause }))?;
        serde_json::from_slice(&body).map_err(|source| self.fault(Fault::Unreadable { source: Some(source) }))
    }

    fn fault(&self, fault: Fault) -> ClientError {
        ClientError { server: self.server.as_str().trim_end_matches('/').to_owned(), fault }
    }
}

/// The path of a job.
fn job_path(id: &str, rest: &str) -> String {
    path_of("jobs", id, rest)
}

/// The path of something with an id. An id that somebody typed is kept within its segment.
fn path_of(what: &str, id: &str, rest: &str) -> String {
    format!("{what}/{}{rest}", segment(id))
}

/// What somebody typed, kept within one segment of a path.
fn segment(text: &str) -> impl std::fmt::Display + '_ {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}

fn is_loopback(server: &Url) -> bool {
    match server.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
