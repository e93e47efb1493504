//! The catalogue for people: what tables and files there are, what is in one of them, and a query to begin with. It says
//! what OpenMetadata says, or without one what the mapping file knows; it never decides what a name of a query means.

mod label;
mod near;
mod refusal;
mod search;
mod snippet;
mod table;

use std::time::Duration;

pub use search::{CatalogCursor, CatalogItem, CatalogPage, SearchCatalog};
pub use table::{CatalogColumn, CatalogTable};

use crate::catalog::{Catalog, EntityKind, Fqn, Purpose, Resolved};

/// How long somebody who looks around waits for OpenMetadata, with all tries.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogSource {
    /// OpenMetadata.
    OpenMetadata,
    /// The mapping file. It knows names, but not whether there is anything behind them.
    Mapping,
}

impl CatalogSource {
    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenMetadata => "openmetadata",
            Self::Mapping => "mapping",
        }
    }
}

/// What kind of thing is in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogKind {
    /// A table or a view.
    Table,
    /// A folder or file of a storage service.
    Container,
    /// A service: the first part of names.
    Service,
}

impl CatalogKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Table, Self::Container, Self::Service];

    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Container => "container",
            Self::Service => "service",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What a query can name of this kind.
    const fn entity(self) -> Option<EntityKind> {
        match self {
            Self::Table => Some(EntityKind::Table),
            Self::Container => Some(EntityKind::Container),
            Self::Service => None,
        }
    }

    /// What a name of the mapping file most likely is: only its number of parts tells.
    fn guess(fqn: &Fqn) -> Self {
        if fqn.parts().len() == 4 { Self::Table } else { Self::Container }
    }
}

/// What a query that writes this name would read, by what `catalog` knows; nothing where it is mapped to nothing.
fn mapped(catalog: &Catalog, fqn: &Fqn) -> Option<Resolved> {
    let resolved = match fqn.parts().len() {
        4.. => catalog.table(fqn.parts(), Purpose::Use),
        _ => catalog.whole_fqn(fqn.parts(), Purpose::Use),
    };
    resolved.ok().flatten()
}
