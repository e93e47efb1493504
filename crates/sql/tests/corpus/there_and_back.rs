//! Trino names for all names of a statement, and fully qualified names for those. Also used by the example `recombined`.

use std::collections::HashMap;

use warren_sql::{Mapping, NameRef, TrinoName};

/// Which tables have another name in Trino.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Renames {
    None,
    All,
}

/// A Trino name for every table and schema of a statement, each another one.
pub(crate) struct Names {
    /// By length of the Trino name and lower-cased parts.
    known: HashMap<(usize, Vec<String>), TrinoName>,
    renames: Renames,
}

impl Names {
    pub(crate) fn new(renames: Renames) -> Self {
        Self { known: HashMap::new(), renames }
    }

    /// The Trino name that takes the place of `name`. Its last part is that of the name, unless tables are renamed.
    pub(crate) fn mapping(&mut self, name: &NameRef) -> Mapping {
        let parts: Vec<String> = name.object_parts().iter().map(|part| part.to_lowercase()).collect();
        let number = self.known.len();
        let last = match self.renames {
            Renames::None => parts.last().cloned().unwrap_or_default(),
            Renames::All => format!("t \"{number}"),
        };
        let key = (name.trino_parts(), parts);
        if let Some(trino) = self.known.get(&key) {
            return Mapping::Replace(trino.clone());
        }
        let catalog = format!("c{number}");
        let trino = match name.trino_parts() {
            1 => TrinoName::catalog(catalog),
            2 => TrinoName::schema(catalog, last),
            _ => TrinoName::table(catalog, format!("s.{number}"), last),
        };
        // An identifier may hold a NUL, a Trino name may not.
        let Ok(trino) = trino else { return Mapping::Keep };
        self.known.insert(key, trino.clone());
        Mapping::Replace(trino)
    }

    /// All Trino names that were given.
    pub(crate) fn given(&self) -> impl Iterator<Item = &TrinoName> {
        self.known.values()
    }
}

/// A statement with each of these Trino names as a fully qualified one, as somebody might write it.
pub(crate) fn federated<'t>(physical: &str, names: impl Iterator<Item = &'t TrinoName>) -> String {
    names.fold(physical.to_owned(), |sql, trino| {
        sql.replace(&trino.to_string(), &format!("\"my-svc\" . \"d.b\"/* x */.{trino}"))
    })
}

/// The Trino name for a name that [`federated`] wrote.
pub(crate) fn back(name: &NameRef) -> Mapping {
    let trino = match name.object_parts() {
        [service, database, rest @ ..] if service == "my-svc" && database == "d.b" => match rest {
            [catalog] => TrinoName::catalog(catalog),
            [catalog, schema] => TrinoName::schema(catalog, schema),
            [catalog, schema, table] => TrinoName::table(catalog, schema, table),
            _ => return Mapping::Keep,
        },
        _ => return Mapping::Keep,
    };
    trino.map_or(Mapping::Keep, Mapping::Replace)
}
