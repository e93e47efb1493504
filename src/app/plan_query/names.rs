//! What one name of a statement is, by what the statement does with it.

use warren_sql::{Level, NameRef, Role, Statement, StatementKind, TrinoName, join_fqn};

use crate::catalog::{Catalog, Fqn, Purpose, ResolveError, Resolved};
use crate::jobs::Submission;
use crate::problem::{Code, Problem};

/// What names are resolved with.
pub(super) struct Names<'a> {
    pub(super) statement: &'a Statement<'a>,
    pub(super) submission: &'a Submission,
    pub(super) catalog: &'a Catalog,
}

/// What a statement needs of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// It is read, so that OpenMetadata must know it where it is asked.
    Known,
    /// It is changed. It may be so new that OpenMetadata has not seen it, and Trino says whether it is there.
    There,
    /// It is made, so that nobody need know it.
    Made,
}

impl Names<'_> {
    /// What a table name is in the words of OpenMetadata; `None` where it has none of them.
    pub(super) fn table(&self, name: &NameRef) -> Result<Option<Resolved>, Problem> {
        self.with_hidden(name, |name| self.named(name))
    }

    /// The FQN of a name that was written in Trino's words, so that its lineage is not lost.
    pub(super) fn native(&self, name: &NameRef) -> Result<Option<Resolved>, Problem> {
        self.with_hidden(name, |name| {
            let mut fqns = self.fqns(name);
            Ok(fqns.pop().filter(|_| fqns.is_empty()))
        })
    }

    /// Why there is no lineage of a table that was written in Trino's words; `None` where there would be none anyway.
    pub(super) fn without_lineage(&self, name: &NameRef) -> Option<String> {
        self.statement.write_target()?;
        let written = name.parts.join(".");
        let fqns: Vec<String> = self.fqns(name).iter().map(|found| format!("'{}'", found.fqn)).collect();
        if !fqns.is_empty() {
            let fqns = fqns.join(" or ");
            return Some(format!("'{written}' can be {fqns} in OpenMetadata, so no lineage is recorded for it"));
        }
        is_target(name)
            .then(|| format!("'{written}' has no name in OpenMetadata that is known, so no lineage is recorded for it"))
    }

    /// The schema in Trino; `None` where it is written in Trino's words.
    pub(super) fn schema(&self, name: &NameRef) -> Result<Option<TrinoName>, Problem> {
        let held = name.fqn_parts();
        let found = self.catalog.schema(held.as_deref().unwrap_or(&name.parts));
        let Some((catalog, schema)) = self.ordinary_or(found, name, held.as_deref())? else { return Ok(None) };
        TrinoName::schema(catalog, schema).map(Some).map_err(|error| invalid(name, &error))
    }

    /// The catalog in Trino; `None` where it is written in Trino's words.
    pub(super) fn catalog(&self, name: &NameRef) -> Result<Option<TrinoName>, Problem> {
        let held = name.fqn_parts();
        let found = self.catalog.database(held.as_deref().unwrap_or(&name.parts));
        let Some(catalog) = self.ordinary_or(found, name, held.as_deref())? else { return Ok(None) };
        TrinoName::catalog(catalog).map(Some).map_err(|error| invalid(name, &error))
    }

    /// What was found for a name. One delimited identifier that holds points, but not the name of a service in front of
    /// the first, is an ordinary name where it leads nowhere.
    fn ordinary_or<T>(
        &self,
        found: Result<Option<T>, ResolveError>,
        name: &NameRef,
        held: Option<&[String]>,
    ) -> Result<Option<T>, Problem> {
        match (found, held) {
            (Err(ResolveError::NoCatalogMapping { .. } | ResolveError::UnknownTable { .. }), Some([first, ..]))
                if !self.is_service(first) =>
            {
                Ok(None)
            }
            (found, _) => found.map_err(|error| unresolved(name, &error)),
        }
    }

    /// Whether the mapping file has rules or tables for a service of this name.
    fn is_service(&self, name: &str) -> bool {
        let mapping = self.catalog.mapping();
        mapping.rules.iter().any(|rule| rule.literal_service() == Some(name))
            || mapping.tables.iter().any(|entry| entry.fqn.service() == name)
    }

    /// What `look` makes of a name. What it reads as a hidden table of a connector, such as `orders$snapshots`, is what
    /// `look` makes of the name in front of the suffix, unless there is a table of the whole name.
    fn with_hidden(
        &self,
        name: &NameRef,
        look: impl Fn(&NameRef) -> Result<Option<Resolved>, Problem>,
    ) -> Result<Option<Resolved>, Problem> {
        let whole = look(name);
        let Some((table, suffix)) = without_suffix(name).filter(|_| self.need(name) == Need::Known) else {
            return whole;
        };
        if let Ok(Some(found)) = &whole
            && self.is_known(name, found)
        {
            return whole;
        }
        let found = look(&table)?;
        // The columns of a hidden table are others.
        Ok(found.map(|found| Resolved { trino: found.trino.with_suffix(&suffix), entity: None, ..found }))
    }

    /// Whether OpenMetadata, the mapping file or the request has exactly this name.
    fn is_known(&self, name: &NameRef, found: &Resolved) -> bool {
        found.entity.is_some()
            || self.catalog.mapping().tables.iter().any(|entry| entry.fqn == found.fqn)
            || self.meant_by_request(name).is_some()
    }

    /// What the request binds a short name to.
    fn meant_by_request(&self, name: &NameRef) -> Option<&str> {
        let [single] = name.object_parts() else { return None };
        self.submission.reference_models.get(&single.to_lowercase()).map(String::as_str)
    }

    /// What a name is: a reference model's short name, an FQN, or a whole FQN within one delimited identifier.
    fn named(&self, name: &NameRef) -> Result<Option<Resolved>, Problem> {
        if let Some(meant) = self.meant_by_request(name) {
            return self.reference_model(name, meant).map(Some);
        }
        match name.fqn_parts() {
            Some(parts) => self.asked(name, |purpose| self.catalog.delimited(&parts, purpose)),
            None => self.asked(name, |purpose| self.catalog.table(name.object_parts(), purpose)),
        }
    }

    fn reference_model(&self, name: &NameRef, meant: &str) -> Result<Resolved, Problem> {
        if let Some(resolved) = self.catalog.by_id(meant).map_err(|error| unresolved(name, &error))? {
            return Ok(resolved);
        }
        let nothing = |why: String| {
            let detail = format!("the reference model '{}' is bound to '{meant}': {why}", name.parts.join("."));
            Problem::new(Code::UnknownReferenceModel, detail)
                .with_hint("bind it to an FQN, or to the id of a table in OpenMetadata or in the mapping file")
                .at(name.position.into())
        };
        let fqn = Fqn::parse(meant).map_err(|error| nothing(error.to_string()))?;
        let found = self.asked(name, |purpose| match fqn.parts().len() {
            4.. => self.catalog.table(fqn.parts(), purpose),
            _ => self.catalog.whole_fqn(fqn.parts(), purpose),
        });
        found?.ok_or_else(|| nothing("no table or file has that name".to_owned()))
    }

    /// What `look` finds for the need that the statement has of a table.
    fn asked(
        &self,
        name: &NameRef,
        look: impl Fn(Purpose) -> Result<Option<Resolved>, ResolveError>,
    ) -> Result<Option<Resolved>, Problem> {
        let need = self.need(name);
        let problem = |error| unresolved(name, &error);
        match look(if need == Need::Made { Purpose::Create } else { Purpose::Use }) {
            Err(ResolveError::UnknownTable { fqn, near }) if need == Need::There => {
                let meant = near.first().map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
                let warning = format!("NOT_IN_OPENMETADATA: OpenMetadata does not know '{fqn}' (yet){meant}");
                let found = look(Purpose::Create).map_err(problem)?;
                Ok(found.map(|found| Resolved { warnings: [found.warnings, vec![warning]].concat(), ..found }))
            }
            found => found.map_err(problem),
        }
    }

    fn need(&self, name: &NameRef) -> Need {
        let kind = self.statement.kind_around(name);
        let is_last = self.statement.names().last().is_some_and(|last| last.index == name.index);
        match name.role {
            Role::Create => Need::Made,
            Role::Object if is_last && is_rename(kind) => Need::Made,
            Role::Target => Need::There,
            // The object of CREATE TABLE is in its LIKE.
            Role::Object | Role::CommentColumn | Role::Grant
                if !kind.is_read_only() && kind != StatementKind::CreateTable =>
            {
                Need::There
            }
            _ => Need::Known,
        }
    }

    /// What a name that was written in Trino's words can be in those of OpenMetadata.
    fn fqns(&self, name: &NameRef) -> Vec<Resolved> {
        let Some([catalog, schema, table]) = self.in_trino(name) else { return Vec::new() };
        self.catalog.fqns_of(&catalog, &schema, &table)
    }

    /// Catalog, schema and table that Trino takes a name for.
    fn in_trino(&self, name: &NameRef) -> Option<[String; 3]> {
        let parts: Vec<&str> = name.object_parts().iter().map(String::as_str).collect();
        let session = (self.submission.catalog.as_deref(), self.submission.schema.as_deref());
        let name = match parts.as_slice() {
            [table] => [session.0?, session.1?, *table],
            [schema, table] => [session.0?, *schema, *table],
            [catalog, schema, table] => [*catalog, *schema, *table],
            _ => return None,
        };
        Some(name.map(str::to_lowercase))
    }
}

/// Whether the statement writes or makes what has the name.
pub(super) fn is_target(name: &NameRef) -> bool {
    matches!(name.role, Role::Target | Role::Create)
}

/// The name in front of the suffix of a hidden table of a connector, and the suffix from its `$` on. The suffixes of all
/// connectors are words, such as in `orders$snapshots`.
pub(in crate::app) fn without_suffix(name: &NameRef) -> Option<(NameRef, String)> {
    if name.level != Level::Table {
        return None;
    }
    let held = name.fqn_parts();
    let (last, before) = held.as_deref().unwrap_or(&name.parts).split_last()?;
    let (table, suffix) = last.rsplit_once('$')?;
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
    if table.is_empty() || !is_word(suffix) {
        return None;
    }
    let parts: Vec<String> = before.iter().cloned().chain([table.to_owned()]).collect();
    let parts = if held.is_some() { vec![join_fqn(&parts)] } else { parts };
    Some((NameRef { parts, ..name.clone() }, format!("${suffix}")))
}

fn is_rename(kind: StatementKind) -> bool {
    use StatementKind::{RenameMaterializedView, RenameTable, RenameView};

    matches!(kind, RenameTable | RenameView | RenameMaterializedView)
}

fn invalid(name: &NameRef, error: &warren_sql::InvalidTrinoName) -> Problem {
    Problem::new(Code::InvalidName, error.to_string()).at(name.position.into())
}

fn unresolved(name: &NameRef, error: &ResolveError) -> Problem {
    Problem::from(error).at(name.position.into())
}
