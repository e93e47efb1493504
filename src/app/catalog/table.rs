//! The page of one table or file.

use warren_openmetadata::{Client, Column, Container, EntityHead, Error, Field, Get, Include, Table};

use super::label::{owners, tags};
use super::near::near;
use super::refusal::refusal;
use super::snippet::snippet;
use super::{CatalogKind, CatalogSource, PATIENCE};
use crate::app::{App, AppError};
use crate::catalog::{Fqn, Purpose, Resolved};
use crate::problem::{Code, Problem};

/// Everything that there is to say about one table or file.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogTable {
    /// Who said so.
    pub source: CatalogSource,
    /// The name that queries write.
    pub fqn: String,
    /// What it is.
    pub kind: CatalogKind,
    /// Its own name.
    pub name: String,
    /// OpenMetadata's id.
    pub id: Option<String>,
    /// The version of what OpenMetadata says.
    pub version: Option<f64>,
    /// Whether it was deleted in OpenMetadata and can be restored there.
    pub deleted: bool,
    /// The kind of its service, such as `Postgres`.
    pub service_type: Option<String>,
    /// What somebody wrote about it, in Markdown.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who owns it.
    pub owners: Vec<String>,
    /// Its columns in order; empty where they are not known.
    pub columns: Vec<CatalogColumn>,
    /// What it is in Trino; nothing where no rule maps it.
    pub trino: Option<String>,
    /// A query to begin with; nothing where none could run.
    pub snippet: Option<String>,
}

/// A column of a table or file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogColumn {
    /// Its name.
    pub name: String,
    /// Its type, as its source writes it.
    pub r#type: String,
    /// What somebody wrote about it, in Markdown.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// `PRIMARY_KEY`, `NOT_NULL` …
    pub constraint: Option<String>,
}

impl App {
    /// The page of a table or file, also of one that was deleted in OpenMetadata and can be restored there.
    ///
    /// # Errors
    /// When nobody knows the name, with names that are near; when OpenMetadata, where there is one, gives no answer.
    pub async fn catalog_table(&self, fqn: &Fqn) -> Result<CatalogTable, AppError> {
        let Some(client) = &self.openmetadata else { return self.table_of_mapping(fqn) };
        let client = client.with_deadline(PATIENCE);
        let asked = match find(&client, fqn).await {
            Ok(found) => found,
            Err(error) => return Err(refusal(error, &format!("'{fqn}'"))),
        };
        if let Some(found) = asked {
            let resolved = self.resolve_fqn(fqn).await.ok().flatten();
            return Ok(self.table_of_openmetadata(fqn, found, resolved));
        }
        // What the mapping file has by its own name OpenMetadata need not know.
        let entry = self.catalog.mapping().tables.iter().find(|entry| entry.fqn == *fqn);
        match entry {
            Some(entry) => Ok(self.table_of_name(entry.clone().into())),
            None => Err(unknown(format!("OpenMetadata has no table and no file '{fqn}'"), near(&client, fqn).await)),
        }
    }

    fn table_of_openmetadata(&self, fqn: &Fqn, found: Found, resolved: Option<Resolved>) -> CatalogTable {
        let Found { head, kind, service_type, columns } = found;
        let columns: Vec<CatalogColumn> = columns.into_iter().map(CatalogColumn::from).collect();
        let trino = resolved.map(|resolved| resolved.trino.dotted());
        let runs = trino.is_some() && !head.deleted;
        CatalogTable {
            source: CatalogSource::OpenMetadata,
            fqn: fqn.to_string(),
            kind,
            id: Some(head.id.to_string()),
            version: Some(head.version),
            deleted: head.deleted,
            service_type,
            tags: tags(&head.tags),
            owners: owners(&head.owners),
            description: head.description.filter(|text| !text.is_empty()),
            name: head.name,
            snippet: if runs { snippet(&self.catalog, fqn, &columns) } else { None },
            columns,
            trino,
        }
    }

    fn table_of_mapping(&self, fqn: &Fqn) -> Result<CatalogTable, AppError> {
        match self.catalog.table(fqn.parts(), Purpose::Use) {
            Ok(Some(resolved)) => Ok(self.table_of_name(resolved)),
            Ok(None) => Err(unknown(format!("the mapping file has no '{fqn}'"), Vec::new())),
            Err(error) => Err(unknown(error.to_string(), error.near().to_vec())),
        }
    }

    /// The page of a name that only the mapping file knows.
    fn table_of_name(&self, resolved: Resolved) -> CatalogTable {
        CatalogTable {
            source: CatalogSource::Mapping,
            fqn: resolved.fqn.to_string(),
            kind: CatalogKind::guess(&resolved.fqn),
            name: resolved.fqn.name().to_owned(),
            id: resolved.id,
            version: None,
            deleted: false,
            service_type: None,
            description: None,
            tags: Vec::new(),
            owners: Vec::new(),
            columns: Vec::new(),
            trino: Some(resolved.trino.dotted()),
            snippet: snippet(&self.catalog, &resolved.fqn, &[]),
        }
    }
}

/// What OpenMetadata has under a name.
struct Found {
    head: EntityHead,
    kind: CatalogKind,
    service_type: Option<String>,
    columns: Vec<Column>,
}

/// The table or file of a name; `None` when OpenMetadata has neither.
async fn find(client: &Client, fqn: &Fqn) -> Result<Option<Found>, Error> {
    let with = |columns| Get::fields([columns, Field::Tags, Field::Owners]).include(Include::All);
    // A table has four parts, while a file may have as many as its path has folders.
    if fqn.parts().len() == 4 {
        match client.table(fqn, &with(Field::Columns)).await {
            Ok(table) => return Ok(Some(table.into())),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    match client.container(fqn, &with(Field::DataModel)).await {
        Ok(container) => Ok(Some(container.into())),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl From<Table> for Found {
    fn from(table: Table) -> Self {
        let Table { head, columns, service_type, .. } = table;
        Self { head, kind: CatalogKind::Table, service_type, columns }
    }
}

impl From<Container> for Found {
    fn from(container: Container) -> Self {
        let Container { head, data_model, service_type, .. } = container;
        let columns = data_model.map(|model| model.columns).unwrap_or_default();
        Self { head, kind: CatalogKind::Container, service_type, columns }
    }
}

impl From<Column> for CatalogColumn {
    fn from(column: Column) -> Self {
        let Column { name, data_type, data_type_display, description, constraint, tags: labels, .. } = column;
        Self {
            name,
            r#type: data_type_display.filter(|text| !text.is_empty()).unwrap_or(data_type),
            description: description.filter(|text| !text.is_empty()),
            tags: tags(&labels),
            constraint: constraint.filter(|word| word != "NULL"),
        }
    }
}

fn unknown(detail: String, near: Vec<String>) -> AppError {
    Problem::new(Code::NotFound, detail)
        .with_hint("names count with their case; GET /api/v1/catalog/search finds them by words")
        .with_suggestions(near)
        .into()
}
