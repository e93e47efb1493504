//! Whether the parts that Warren needs answer.

use super::App;

/// The health of every part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Each part with what is wrong with it.
    pub parts: Vec<Part>,
}

/// The health of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `database`, `results` or `trino:<cluster>`.
    pub name: String,
    /// What is wrong; nothing where absent. It holds no secret.
    pub fault: Option<String>,
}

impl Health {
    /// Whether jobs can be taken: the database answers. A Trino or a bucket that is down delays jobs, it loses none, so
    /// taking this server out of the load balancer for it would only make things worse.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.parts.iter().all(|part| part.name != "database" || part.fault.is_none())
    }
}

impl App {
    /// Asks every part.
    pub async fn health(&self) -> Health {
        let database = async { self.store.check().await.err().map(|error| chain(&error)) };
        let results = async { self.results.check().await.err().map(|error| chain(&error)) };
        let (database, results, clusters) = tokio::join!(database, results, self.clusters.faults());
        let mut parts = vec![
            Part { name: "database".to_owned(), fault: database },
            Part { name: "results".to_owned(), fault: results },
        ];
        parts.extend(clusters.into_iter().map(|(name, fault)| Part { name: format!("trino:{name}"), fault }));
        Health { parts }
    }
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
