//! What OpenMetadata said of the names of a statement, as values. Asking it, and how long an answer counts, is not here.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Fqn;
use crate::managed_catalogs::Refusal;

/// Something that OpenMetadata is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wanted {
    /// The table or container of this name.
    Name(Fqn),
    /// The table or container with this id.
    Id(String),
    /// The database of this name, which has two parts.
    Database(Fqn),
}

/// A table or container of OpenMetadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: EntityKind,
    /// Its name, in the case that OpenMetadata keeps.
    pub fqn: Fqn,
    /// The version of its content, such as `0.3`.
    pub version: String,
    /// The kind of its service, such as `Postgres`.
    pub service_type: Option<String>,
    /// Whether it was deleted and can be restored.
    pub deleted: bool,
    /// Its columns in order; none where they are not known.
    pub columns: Vec<EntityColumn>,
    /// What is there beside it under the same name with schema and table in lower case.
    #[serde(default)]
    pub twin: Option<Fqn>,
}

/// What an [`Entity`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityKind {
    /// A table or view.
    Table,
    /// A file or folder of a storage service.
    Container,
}

/// A column of an [`Entity`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityColumn {
    /// Its name, as OpenMetadata keeps it.
    pub name: String,
    /// Its type as its source writes it, where it is known.
    pub data_type: Option<String>,
    /// What it is, in Markdown.
    pub description: Option<String>,
}

/// A database of OpenMetadata, as far as it decides which catalog of Trino it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseFacts {
    /// The kind of its service, such as `Postgres`.
    pub service_type: Option<String>,
    /// The custom property `trinoCatalog`, which its stewards set.
    pub trino_catalog: Option<String>,
    /// `host:port` of its service, where that is a Trino.
    pub trino_host: Option<String>,
    /// Its service, where that was asked for: only managed catalogs need it.
    #[serde(default)]
    pub service: Option<ServiceFacts>,
}

/// A service of OpenMetadata, as far as it decides whether its managed catalog is up to date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceFacts {
    /// Its id.
    pub id: uuid::Uuid,
    /// A hash of how it is connected to.
    pub fingerprint: String,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is such a table or container.
    Entity(Arc<Entity>),
    /// There is such a database.
    Database(Arc<DatabaseFacts>),
    /// There is no such thing.
    Missing {
        /// Names that were perhaps meant.
        near: Vec<String>,
    },
    /// Several differ from it only in case.
    Ambiguous {
        /// Their names.
        candidates: Vec<String>,
    },
    /// Warren's bot may not see it.
    Denied,
    /// This server cannot have such a name.
    Unsupported {
        /// Why.
        reason: String,
    },
    /// It did not answer, and nothing is known from before.
    Unavailable {
        /// What went wrong.
        detail: String,
    },
    /// It refuses Warren itself.
    Refused {
        /// What it says.
        detail: String,
    },
}

/// An answer and how much it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The answer.
    pub answer: Answer,
    /// Whether it is from before and could not be asked for again.
    pub stale: bool,
}

/// Everything that is known beside the mapping file, for one statement.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    known: HashMap<Wanted, Known>,
    /// The catalogs that Trino has, in lower case; absent where they were not asked for or are not known.
    pub trino_catalogs: Option<BTreeSet<String>>,
    /// The managed catalog of a database, or why it has none; absent where Warren makes none.
    pub managed: HashMap<Fqn, Result<String, Refusal>>,
}

impl Facts {
    /// Takes an answer in.
    pub fn insert(&mut self, wanted: Wanted, known: Known) {
        self.known.insert(wanted, known);
    }

    /// The answer to a question, if it was asked.
    #[must_use]
    pub fn get(&self, wanted: &Wanted) -> Option<&Known> {
        self.known.get(wanted)
    }

    /// Every database that was found.
    pub fn databases(&self) -> impl Iterator<Item = (&Fqn, &Arc<DatabaseFacts>)> {
        self.known.iter().filter_map(|(wanted, known)| match (wanted, &known.answer) {
            (Wanted::Database(fqn), Answer::Database(facts)) => Some((fqn, facts)),
            _ => None,
        })
    }

    /// Every table and container that was found.
    pub fn entities(&self) -> impl Iterator<Item = &Arc<Entity>> {
        self.known.values().filter_map(|known| match &known.answer {
            Answer::Entity(entity) => Some(entity),
            _ => None,
        })
    }

    /// Whether some database says nothing of its catalog, so that the names of catalogs may tell.
    #[must_use]
    pub fn has_open_database(&self) -> bool {
        self.known.values().any(|known| matches!(&known.answer, Answer::Database(own) if own.trino_catalog.is_none()))
    }
}

/// Whether the databases of a kind of service are worlds of their own, so that a catalog of Trino reaches one of them.
/// Of some kinds OpenMetadata's database is only a label (`default`), and one catalog reaches all of the service. A kind
/// that is not known here counts as the former: a catalog of all of it would take one database for another.
#[must_use]
pub fn has_catalog_per_database(service_type: &str) -> bool {
    const LABELLED: [&str; 17] = [
        "Mysql",
        "MariaDB",
        "SingleStore",
        "Doris",
        "StarRocks",
        "Clickhouse",
        "Oracle",
        "Hive",
        "Impala",
        "Glue",
        "Athena",
        "DeltaLake",
        "Datalake",
        "MongoDB",
        "Cassandra",
        "Druid",
        "PinotDB",
    ];
    !LABELLED.contains(&service_type)
}
