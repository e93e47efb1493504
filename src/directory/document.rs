//! Answers as the database keeps them, for all processes.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Directory;
use super::cache::Slot;
use crate::catalog::{Answer, DatabaseFacts, Entity, Wanted};
use crate::store::StoredAnswer;

/// What is kept: only answers that say what something is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Document {
    Entity(Arc<Entity>),
    Database(Arc<DatabaseFacts>),
}

impl Directory {
    /// What the database knows. Without a database there is an answer all the same, from OpenMetadata itself.
    pub(super) async fn kept(&self, wanted: &Wanted) -> Option<Slot> {
        let found = self.inner.store.kept_answer(&key(wanted)).await;
        let stored = found.inspect_err(|error| tracing::warn!(%error, "kept answers cannot be read")).ok()??;
        // A document of another version of Warren is as good as none.
        let answer = match serde_json::from_str(&stored.document).ok()? {
            Document::Entity(entity) => Answer::Entity(entity),
            Document::Database(facts) => Answer::Database(facts),
        };
        Some(Slot { answer, fetched: stored.fetched, unanswered: None })
    }

    pub(super) async fn keep(&self, wanted: &Wanted, answer: &Answer, fetched: DateTime<Utc>) {
        let (fqn, document) = match (wanted, answer) {
            (_, Answer::Entity(entity)) => (entity.fqn.to_string(), Document::Entity(entity.clone())),
            (Wanted::Database(fqn), Answer::Database(facts)) => (fqn.to_string(), Document::Database(facts.clone())),
            _ => return,
        };
        let Ok(document) = serde_json::to_string(&document) else { return };
        let stored = StoredAnswer { key: key(wanted), fqn, document, fetched };
        if let Err(error) = self.inner.store.keep_answer(&stored).await {
            tracing::warn!(%error, "an answer of OpenMetadata cannot be kept");
        }
    }
}

/// What was asked, as the database has it.
pub(super) fn key(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Name(fqn) => format!("name:{fqn}"),
        Wanted::Id(id) => id_key(id),
        Wanted::Database(fqn) => format!("database:{fqn}"),
    }
}

pub(super) fn id_key(id: &str) -> String {
    format!("id:{}", id.to_lowercase())
}
