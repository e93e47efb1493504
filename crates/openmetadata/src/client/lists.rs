//! Lists, page after page.

use futures::stream::{self, Stream, TryStreamExt as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Client, Get};
use crate::entity::{Container, Database, DatabaseSchema, EntityKind, IngestionPipeline, Service, Table, or_default};
use crate::error::Error;
use crate::fqn::Fqn;
use crate::transport::Call;

/// How a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOptions {
    /// How much of each entity.
    pub get: Get,
    /// How many entities one request asks for. Default 100; the server takes up to 1,000.
    pub page_size: u32,
}

impl Default for ListOptions {
    fn default() -> Self {
        Self { get: Get::default(), page_size: 100 }
    }
}

#[derive(Deserialize)]
struct Page<T> {
    #[serde(default = "Vec::new")]
    data: Vec<T>,
    #[serde(default, deserialize_with = "or_default")]
    paging: Paging,
}

#[derive(Default, Deserialize)]
struct Paging {
    after: Option<String>,
}

/// Where a list stands.
enum Place {
    Start,
    After(String),
    End,
}

impl Client {
    /// All services of databases.
    pub fn database_services(&self, options: &ListOptions) -> impl Stream<Item = Result<Service, Error>> + use<> {
        self.list(EntityKind::DatabaseService, options, Vec::new())
    }

    /// All services of containers.
    pub fn storage_services(&self, options: &ListOptions) -> impl Stream<Item = Result<Service, Error>> + use<> {
        self.list(EntityKind::StorageService, options, Vec::new())
    }

    /// The databases of a service.
    pub fn databases(
        &self,
        service: &Fqn,
        options: &ListOptions,
    ) -> impl Stream<Item = Result<Database, Error>> + use<> {
        self.list(EntityKind::Database, options, vec![("service", Filter::Name(service.clone()))])
    }

    /// The schemas of a database.
    pub fn database_schemas(
        &self,
        database: &Fqn,
        options: &ListOptions,
    ) -> impl Stream<Item = Result<DatabaseSchema, Error>> + use<> {
        self.list(EntityKind::DatabaseSchema, options, vec![("database", Filter::Name(database.clone()))])
    }

    /// The tables of a database (a name of two parts) or of a schema (of three). There is no list by service.
    pub fn tables(&self, parent: &Fqn, options: &ListOptions) -> impl Stream<Item = Result<Table, Error>> + use<> {
        let filter = if parent.parts().len() > 2 { "databaseSchema" } else { "database" };
        self.list(EntityKind::Table, options, vec![(filter, Filter::Name(parent.clone()))])
    }

    /// The outermost containers of a service; the ones in them are their [`super::Field::Children`].
    pub fn root_containers(
        &self,
        service: &Fqn,
        options: &ListOptions,
    ) -> impl Stream<Item = Result<Container, Error>> + use<> {
        let filters = vec![("service", Filter::Name(service.clone())), ("root", Filter::Word("true"))];
        self.list(EntityKind::Container, options, filters)
    }

    /// The ingestion pipelines of a database service, of one type such as `metadata` or of all.
    pub fn ingestion_pipelines(
        &self,
        service: &Fqn,
        pipeline_type: Option<&'static str>,
        options: &ListOptions,
    ) -> impl Stream<Item = Result<IngestionPipeline, Error>> + use<> {
        let mut filters = vec![("service", Filter::Name(service.clone()))];
        filters.extend(pipeline_type.map(|kind| ("pipelineType", Filter::Word(kind))));
        self.list(EntityKind::IngestionPipeline, options, filters)
    }

    fn list<T: DeserializeOwned>(
        &self,
        kind: EntityKind,
        options: &ListOptions,
        filters: Vec<(&'static str, Filter)>,
    ) -> impl Stream<Item = Result<T, Error>> + use<T> {
        let walk = Walk { client: self.clone(), kind, options: options.clone(), filters };
        let pages = stream::try_unfold((walk, Place::Start), |(walk, place)| async move {
            let Some((page, next)) = walk.page(place).await? else { return Ok(None) };
            Ok::<_, Error>(Some((stream::iter(page.into_iter().map(Ok)), (walk, next))))
        });
        pages.try_flatten()
    }
}

/// What narrows a list down.
enum Filter {
    Name(Fqn),
    Word(&'static str),
}

/// A walk over a list.
struct Walk {
    client: Client,
    kind: EntityKind,
    options: ListOptions,
    filters: Vec<(&'static str, Filter)>,
}

impl Walk {
    /// The page at a place, and the place after it.
    async fn page<T: DeserializeOwned>(&self, place: Place) -> Result<Option<(Vec<T>, Place)>, Error> {
        let mut call = Call::get(self.kind.collection()).with("limit", self.options.page_size.to_string());
        for (name, filter) in &self.filters {
            call = match filter {
                Filter::Name(fqn) => call.with(name, self.client.text(fqn).await?),
                Filter::Word(word) => call.with(name, word),
            };
        }
        let asked = match place {
            Place::Start => None,
            Place::After(cursor) => Some(cursor),
            Place::End => return Ok(None),
        };
        if let Some(cursor) = &asked {
            call = call.with("after", cursor);
        }
        let page: Page<T> = self.client.json(self.client.with_get(call, &self.options.get).await?).await?;
        let next = match page.paging.after.filter(|cursor| !cursor.is_empty()) {
            Some(cursor) if asked.as_ref() == Some(&cursor) => return Err(Error::CursorStuck),
            Some(cursor) => Place::After(cursor),
            None => Place::End,
        };
        Ok(Some((page.data, next)))
    }
}
