//! An end of lineage as OpenMetadata has it: a table or a container, with the columns in the case that is stored.

use uuid::Uuid;
use warren_openmetadata::{
    Client, Column, EntityHead, EntityKind, Error, Field, Fqn, Get, Include, LineageNode, SearchIndex, decode_reserved,
    escape_wildcard,
};

/// So many hits are enough to see whether there is more than one.
const HITS: u32 = 10;

/// An end of lineage.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Endpoint {
    kind: EntityKind,
    id: Uuid,
    fqn: Fqn,
    columns: Vec<Column>,
    /// `Regular`, `View`, `Iceberg` …, of a table.
    table_type: Option<String>,
}

/// What OpenMetadata says of a name.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// It is there.
    There(Endpoint),
    /// It was deleted and can be restored.
    Deleted,
    /// It is not there.
    Missing,
}

/// Why a column of a statement is none of OpenMetadata's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unmatched {
    /// There is none of this name.
    Unknown,
    /// There are several that differ by case, and none is written so.
    Ambiguous,
}

impl Endpoint {
    /// What a name is: a table, or else a container. Only OpenMetadata can say. Trino does not tell case apart, so where
    /// there is none of the name, the only table that differs by nothing but case is meant.
    pub(super) async fn find(client: &Client, fqn: &Fqn) -> Result<Found, Error> {
        match Self::exactly(client, fqn).await? {
            Found::Missing => Self::but_for_case(client, fqn).await,
            found => Ok(found),
        }
    }

    /// As [`Self::find`], for what a statement made or filled: in a service of Trino its name is in lower case, however
    /// the statement wrote it. A search would find it later.
    pub(super) async fn find_made(client: &Client, fqn: &Fqn) -> Result<Found, Error> {
        match Self::exactly(client, fqn).await? {
            Found::Missing => {}
            found => return Ok(found),
        }
        if let Some(lower) = lower_case(fqn) {
            match Self::exactly(client, &lower).await? {
                Found::Missing => {}
                found => return Ok(found),
            }
        }
        Self::but_for_case(client, fqn).await
    }

    async fn but_for_case(client: &Client, fqn: &Fqn) -> Result<Found, Error> {
        let text = fqn.to_string().to_lowercase();
        let page = match client.search_fqn(&escape_wildcard(&text), SearchIndex::Tables, HITS).await {
            Ok(page) => page,
            Err(error) if error.is_outage() => return Err(error),
            // A search that is refused makes no difference to what there is.
            Err(_refused) => return Ok(Found::Missing),
        };
        let names = page.hits.iter().filter_map(|hit| Fqn::parse(&hit.fully_qualified_name).ok());
        let mut alike: Vec<Fqn> = names.filter(|name| name.to_string().to_lowercase() == text).collect();
        alike.sort_unstable();
        alike.dedup();
        match alike.as_slice() {
            // The search lags behind, so what it finds is asked for.
            [one] => Self::exactly(client, one).await,
            _ => Ok(Found::Missing),
        }
    }

    async fn exactly(client: &Client, fqn: &Fqn) -> Result<Found, Error> {
        let get = |field| Get::fields([field]).include(Include::All);
        match client.table(fqn, &get(Field::Columns)).await {
            Ok(table) => {
                let end = Self::new(EntityKind::Table, fqn, &table.head, table.columns);
                return Ok(found(&table.head, Self { table_type: table.table_type, ..end }));
            }
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        match client.container(fqn, &get(Field::DataModel)).await {
            Ok(container) => {
                let columns = container.data_model.map(|model| model.columns).unwrap_or_default();
                Ok(found(&container.head, Self::new(EntityKind::Container, fqn, &container.head, columns)))
            }
            Err(Error::NotFound { .. }) => Ok(Found::Missing),
            Err(error) => Err(error),
        }
    }

    fn new(kind: EntityKind, fqn: &Fqn, head: &EntityHead, columns: Vec<Column>) -> Self {
        Self { kind, id: head.id, fqn: fqn.clone(), columns, table_type: None }
    }

    /// Its id.
    pub(super) fn id(&self) -> Uuid {
        self.id
    }

    /// Its name, in the case that is stored.
    pub(super) fn fqn(&self) -> &Fqn {
        &self.fqn
    }

    /// What kind of table it is, in OpenMetadata's words.
    pub(super) fn table_type(&self) -> Option<&str> {
        self.table_type.as_deref()
    }

    /// By its id.
    pub(super) fn by_id(&self) -> LineageNode {
        LineageNode::Id { kind: self.kind, id: self.id }
    }

    /// By its name.
    pub(super) fn by_name(&self) -> LineageNode {
        LineageNode::Named { kind: self.kind, fqn: self.fqn.clone() }
    }

    /// The FQN of a column that a statement names. Trino does not tell case apart, OpenMetadata does, so the one that is
    /// written so counts, or else the only one that differs by nothing but case.
    pub(super) fn column(&self, name: &str) -> Result<String, Unmatched> {
        let exact = self.columns.iter().find(|column| decode_reserved(&column.name) == name);
        if let Some(column) = exact {
            return Ok(self.column_fqn(column));
        }
        let folded = name.to_lowercase();
        let mut alike = self.columns.iter().filter(|column| decode_reserved(&column.name).to_lowercase() == folded);
        match (alike.next(), alike.next()) {
            (Some(column), None) => Ok(self.column_fqn(column)),
            (Some(_), Some(_)) => Err(Unmatched::Ambiguous),
            (None, _) => Err(Unmatched::Unknown),
        }
    }

    /// Whether this is the FQN of one of its columns, or of a field of one. One whose columns are not known can have any.
    pub(super) fn has(&self, column: &str) -> bool {
        let by_path = || {
            let name = Fqn::parse(column).ok()?;
            let (first, rest) = name.column_in(&self.fqn)?.split_first()?;
            let first = self.columns.iter().find(|column| column.name == *first)?;
            rest.iter().try_fold(first, |column, part| column.children.iter().find(|child| child.name == *part))
        };
        self.columns.is_empty() || is_stored(&self.columns, column) || by_path().is_some()
    }

    fn column_fqn(&self, column: &Column) -> String {
        let stored = column.fully_qualified_name.clone().filter(|name| !name.is_empty());
        // A name that is too long to be one was not stored either.
        stored.unwrap_or_else(|| self.fqn.child(&column.name).map(|name| name.to_string()).unwrap_or_default())
    }
}

fn found(head: &EntityHead, end: Endpoint) -> Found {
    if head.deleted { Found::Deleted } else { Found::There(end) }
}

/// Whether a column or a field of one has exactly this FQN. They lie in each other as deep as their JSON, which its reader
/// bounds.
fn is_stored(columns: &[Column], fqn: &str) -> bool {
    columns.iter().any(|own| own.fully_qualified_name.as_deref() == Some(fqn) || is_stored(&own.children, fqn))
}

/// The name as Trino keeps it; none where it is written so. The service is OpenMetadata's and stays.
fn lower_case(fqn: &Fqn) -> Option<Fqn> {
    let (service, rest) = fqn.parts().split_first()?;
    let rest = rest.iter().map(|part| part.to_lowercase());
    Fqn::from_raw_parts(std::iter::once(service.clone()).chain(rest)).ok().filter(|lower| lower != fqn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(fqn: Fqn, columns: Vec<Column>) -> Endpoint {
        Endpoint { kind: EntityKind::Table, id: Uuid::nil(), fqn, columns, table_type: None }
    }

    #[test]
    fn a_column_is_there_by_its_name_or_by_its_path() {
        let json = serde_json::json!([
            {"name": "id", "fullyQualifiedName": "s.d.s.t.id"},
            {"name": "odd", "fullyQualifiedName": "s.d.s.t.\"o\"d\"\""},
            {"name": "a.b", "children": [{"name": "x", "children": [{"name": "y"}]}]},
        ]);
        let end = end(Fqn::parse("s.d.s.t").unwrap(), serde_json::from_value(json).unwrap());
        for there in ["s.d.s.t.id", "s.d.s.t.\"id\"", "s.d.s.t.\"o\"d\"\"", "s.d.s.t.\"a.b\"", "s.d.s.t.\"a.b\".x.y"] {
            assert!(end.has(there), "{there}");
        }
        for gone in ["s.d.s.t.ID", "s.d.s.t", "s.d.s.u.id", "s.d.s.t.\"a.b\".y", ""] {
            assert!(!end.has(gone), "{gone}");
        }
    }

    #[test]
    fn trino_keeps_names_in_lower_case() {
        let lower = |text: &str| lower_case(&Fqn::parse(text).unwrap()).map(|fqn| fqn.to_string());
        assert_eq!(lower("Trino.Lake.mart.\"A.B\"").as_deref(), Some("Trino.lake.mart.\"a.b\""));
        assert_eq!(lower("Trino.lake.mart.t"), None);
    }

    #[test]
    fn a_column_is_found_in_the_case_that_is_stored() {
        let column = |name: &str| serde_json::from_value(serde_json::json!({"name": name})).unwrap();
        let columns = ["Id", "total", "Total", "a.b", "x__reserved__quote__"].map(column).to_vec();
        let fqn = Fqn::parse("s.d.s.t").unwrap();
        let end = end(fqn, columns);
        assert_eq!(end.column("id").as_deref(), Ok("s.d.s.t.Id"));
        assert_eq!(end.column("Total").as_deref(), Ok("s.d.s.t.Total"));
        assert_eq!(end.column("TOTAL"), Err(Unmatched::Ambiguous));
        assert_eq!(end.column("A.B").as_deref(), Ok("s.d.s.t.\"a.b\""));
        assert_eq!(end.column("x\"").as_deref(), Ok("s.d.s.t.x__reserved__quote__"));
        assert_eq!(end.column("nothing"), Err(Unmatched::Unknown));
    }
}
