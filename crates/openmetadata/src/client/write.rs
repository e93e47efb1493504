//! What Warren makes in OpenMetadata: tables of its models, statements, counts of use.

use reqwest::Method;
use serde::Serialize;
use uuid::Uuid;

use super::Client;
use super::lineage::json_body;
use crate::entity::{EntityHead, EntityKind, Table};
use crate::error::Error;
use crate::requests::{NewQuery, NewTable};
use crate::transport::Call;

#[derive(Serialize)]
struct DailyCount<'a> {
    date: &'a str,
    count: u32,
}

impl Client {
    /// Makes a table or view, or changes the one of that name.
    ///
    /// # Errors
    /// [`Error::NotFound`] when its schema is not there; [`Error::BadRequest`]; [`Error::UnsupportedName`]; else any
    /// other failure of a request.
    pub async fn put_table(&self, table: &NewTable) -> Result<Table, Error> {
        let name = match table.database_schema.child(&table.name) {
            Ok(name) => name,
            Err(source) => return Err(Error::UnsupportedName { source, version: self.version().await? }),
        };
        self.text(&name).await?;
        self.json(Call::new(Method::PUT, EntityKind::Table.collection()).with_body(json_body(table)?)).await
    }

    /// Makes a statement known, or changes the one with the same text.
    ///
    /// # Errors
    /// [`Error::NotFound`] when its service is not there, or any other failure of a request.
    pub async fn put_query(&self, query: &NewQuery) -> Result<EntityHead, Error> {
        self.text(&query.service).await?;
        self.json(Call::new(Method::PUT, EntityKind::Query.collection()).with_body(json_body(query)?)).await
    }

    /// Adds to how often an entity was used on a day, such as `2026-11-23`. It is sent again only when it surely did
    /// not arrive.
    ///
    /// # Errors
    /// [`Error::NotFound`], or any other failure of a request.
    pub async fn add_usage(&self, kind: EntityKind, id: Uuid, date: &str, count: u32) -> Result<(), Error> {
        let segments = ["usage", kind.as_str(), &id.to_string()];
        let call = Call::new(Method::PUT, &segments).adding().with_body(json_body(&DailyCount { date, count })?);
        self.send(call).await.map(|_usage| ())
    }
}
