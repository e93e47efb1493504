//! An end of lineage as OpenMetadata has it: a table or a container, with the columns in the case that is stored.

use uuid::Uuid;
use warren_openmetadata::{
    Client, Column, EntityHead, EntityKind, Error, Field, Fqn, Get, Include, LineageNode, decode_reserved,
};

/// An end of lineage.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Endpoint {
    kind: EntityKind,
    id: Uuid,
    fqn: Fqn,
    columns: Vec<Column>,
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
    /// What a name is: a table, or else a container. Only OpenMetadata can say.
    pub(super) async fn find(client: &Client, fqn: &Fqn) -> Result<Found, Error> {
        let get = |field| Get::fields([field]).include(Include::All);
        match client.table(fqn, &get(Field::Columns)).await {
            Ok(table) => return Ok(found(EntityKind::Table, fqn, &table.head, table.columns)),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        match client.container(fqn, &get(Field::DataModel)).await {
            Ok(container) => {
                let columns = container.data_model.map(|model| model.columns).unwrap_or_default();
                Ok(found(EntityKind::Container, fqn, &container.head, columns))
            }
            Err(Error::NotFound { .. }) => Ok(Found::Missing),
            Err(error) => Err(error),
        }
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

    fn column_fqn(&self, column: &Column) -> String {
        let stored = column.fully_qualified_name.clone().filter(|name| !name.is_empty());
        // A name that is too long to be one was not stored either.
        stored.unwrap_or_else(|| self.fqn.child(&column.name).map(|name| name.to_string()).unwrap_or_default())
    }
}

fn found(kind: EntityKind, fqn: &Fqn, head: &EntityHead, columns: Vec<Column>) -> Found {
    if head.deleted {
        return Found::Deleted;
    }
    Found::There(Endpoint { kind, id: head.id, fqn: fqn.clone(), columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_in_the_case_that_is_stored() {
        let column = |name: &str| serde_json::from_value(serde_json::json!({"name": name})).unwrap();
        let columns = ["Id", "total", "Total", "a.b", "x__reserved__quote__"].map(column).to_vec();
        let fqn = Fqn::parse("s.d.s.t").unwrap();
        let end = Endpoint { kind: EntityKind::Table, id: Uuid::nil(), fqn, columns };
        assert_eq!(end.column("id").as_deref(), Ok("s.d.s.t.Id"));
        assert_eq!(end.column("Total").as_deref(), Ok("s.d.s.t.Total"));
        assert_eq!(end.column("TOTAL"), Err(Unmatched::Ambiguous));
        assert_eq!(end.column("A.B").as_deref(), Ok("s.d.s.t.\"a.b\""));
        assert_eq!(end.column("x\"").as_deref(), Ok("s.d.s.t.x__reserved__quote__"));
        assert_eq!(end.column("nothing"), Err(Unmatched::Unknown));
    }
}
