//! What each name of a statement is, and what the plan says of it.

use std::collections::HashMap;
use std::sync::Arc;

use warren_sql::{Column, Columns, Level, Mapping, NameRef, Statement, TrinoName};

use super::names::{Names, is_target};
use crate::app::trace_lineage::Described;
use crate::catalog::{Entity, EntityColumn, Resolved};
use crate::jobs::FusionModel;
use crate::problem::Problem;

/// What each name of a statement is.
pub(super) struct Resolution {
    /// The Trino names, by the places of the names among those of the statement.
    trino: HashMap<usize, TrinoName>,
    pub(super) models: Vec<FusionModel>,
    pub(super) columns: KnownColumns,
    pub(super) warnings: Vec<String>,
}

/// The columns of the tables that OpenMetadata knows, by the places of their names among those of the statement.
#[derive(Default)]
pub(super) struct KnownColumns(HashMap<usize, Arc<Entity>>);

impl Columns for KnownColumns {
    fn columns(&self, table: &NameRef) -> Option<Vec<Column>> {
        let entity = self.0.get(&table.index).filter(|entity| !entity.columns.is_empty())?;
        let column = |own: &EntityColumn| Column {
            data_type: own.data_type.clone(),
            ..Column::named(warren_openmetadata::decode_reserved(&own.name))
        };
        Some(entity.columns.iter().map(column).collect())
    }
}

impl Described for KnownColumns {
    fn description(&self, table: &NameRef, column: &str) -> Option<&str> {
        let columns = &self.0.get(&table.index)?.columns;
        let named = |own: &&EntityColumn| warren_openmetadata::decode_reserved(&own.name) == column;
        // Trino knows names in lower case only, so that one which differs by nothing else is meant where it is alone.
        let alike = |own: &&EntityColumn| {
            warren_openmetadata::decode_reserved(&own.name).to_lowercase() == column.to_lowercase()
        };
        let found = columns.iter().find(named).or_else(|| {
            let mut alike = columns.iter().filter(alike);
            alike.next().filter(|_| alike.next().is_none())
        });
        found?.description.as_deref()
    }
}

impl Resolution {
    pub(super) fn of(statement: &Statement<'_>, names: &Names<'_>) -> Result<Self, Problem> {
        let mut resolution =
            Self { trino: HashMap::new(), models: Vec::new(), columns: KnownColumns::default(), warnings: Vec::new() };
        for name in statement.names().iter().filter(|name| name.is_mappable()) {
            match name.level {
                Level::Table | Level::Column => resolution.add_table(name, names)?,
                Level::Schema => resolution.replace(name, names.schema(name)?),
                Level::Catalog => resolution.replace(name, names.catalog(name)?),
                Level::Other => {}
            }
        }
        Ok(resolution)
    }

    pub(super) fn mapping(&self, name: &NameRef) -> Mapping {
        self.trino.get(&name.index).cloned().map_or(Mapping::Keep, Mapping::Replace)
    }

    fn replace(&mut self, name: &NameRef, trino: Option<TrinoName>) {
        self.trino.extend(trino.map(|trino| (name.index, trino)));
    }

    fn add_table(&mut self, name: &NameRef, names: &Names<'_>) -> Result<(), Problem> {
        if let Some(resolved) = names.table(name)? {
            self.replace(name, Some(resolved.trino.clone()));
            self.record(name, &resolved);
        } else if let Some(native) = names.native(name)? {
            self.record(name, &native);
        } else {
            self.warnings.extend(names.without_lineage(name));
        }
        Ok(())
    }

    fn record(&mut self, name: &NameRef, resolved: &Resolved) {
        for warning in &resolved.warnings {
            if !self.warnings.contains(warning) {
                self.warnings.push(warning.clone());
            }
        }
        if let Some(entity) = &resolved.entity {
            self.columns.0.insert(name.index, entity.clone());
        }
        self.models.push(FusionModel {
            model_id_of_om: resolved.id.clone(),
            model_version_of_om: resolved.entity.as_ref().map(|entity| entity.version.clone()),
            fully_qualified_name: resolved.fqn.to_string(),
            trino_model_name: resolved.trino.dotted(),
            start: name.position.offset,
            end: name.position.offset + name.position.length,
            target: is_target(name),
        });
    }
}
