//! What a statement gives or writes, column by column: the result of a query, the columns of INSERT, CREATE TABLE AS,
//! CREATE VIEW, UPDATE and MERGE.

use std::rc::Rc;

use sqlparser::ast::{
    Assignment, AssignmentTarget, Insert, Merge, MergeAction, MergeInsertExpr, MergeInsertKind, Statement as Tree,
    Update,
};

use super::query::nowhere;
use super::relation::{Content, Field, renamed};
use super::scope::{Scope, ScopeKind};
use super::shape::same_name;
use super::tracer::{Place, Tracer, With, ident_name, last_part, typed};
use super::value::{Value, either};
use crate::names::Role;

impl Tracer<'_> {
    /// The columns that the statement of a tree gives or writes.
    pub(super) fn statement_fields(&mut self, tree: &Tree) -> Vec<Field> {
        match tree {
            Tree::Query(query) => anonymous_named(self.whole_query(query)),
            Tree::CreateTable(table) => match &table.query {
                Some(query) => {
                    let fields = self.whole_query(query);
                    renamed(fields, &self.created_names())
                }
                None => Vec::new(),
            },
            Tree::CreateView(view) => {
                let fields = self.whole_query(&view.query);
                renamed(fields, &self.created_names())
            }
            Tree::Insert(insert) => self.insert(insert),
            Tree::Update(update) => self.update(update),
            Tree::Merge(merge) => self.merge(merge),
            Tree::Delete(_) => Vec::new(),
            _ => vec![Field::unknown()],
        }
    }

    /// The names in `CREATE TABLE t (a, b) AS`, which sqlparser is not shown.
    fn created_names(&self) -> Vec<Rc<str>> {
        let site = self.statement.outline.names.iter().find(|site| site.role == Role::Create);
        let list = site.map_or_else(Vec::new, |site| self.name_list(site.last + 1));
        list.into_iter().map(typed).collect()
    }

    /// The columns of the target, as the catalog names them; `None` when it does not know them.
    fn target_names(&self) -> Option<Vec<Rc<str>>> {
        let target = self.statement.own_names().iter().find(|name| name.role == Role::Target)?;
        let columns = self.catalog.columns(target)?;
        Some(columns.into_iter().map(|column| column.name.into()).collect())
    }

    fn insert(&mut self, insert: &Insert) -> Vec<Field> {
        let Some(source) = &insert.source else { return vec![Field::unknown()] };
        let fields = self.whole_query(source);
        let known = self.target_names();
        if insert.columns.is_empty() {
            return match known {
                Some(names) => renamed(fields, &names),
                None => fields.into_iter().map(unnamed).collect(),
            };
        }
        let listed = insert.columns.iter().filter_map(last_part).map(ident_name);
        let names: Vec<Rc<str>> = listed.map(|name| as_known(&name, known.as_deref())).collect();
        renamed(fields, &names)
    }

    fn update(&mut self, update: &Update) -> Vec<Field> {
        let table = self.factor(&update.table.relation, Place { with: &With::default(), scope: nowhere() });
        let scope = Scope { fields: &table, windows: &[], outer: None, kind: ScopeKind::Query };
        let place = Place { with: &With::default(), scope: &scope };
        let mut written = Written::default();
        for assignment in &update.assignments {
            self.assign(assignment, place, &mut written);
        }
        let known = self.target_names();
        written.fields(known.as_deref())
    }

    fn assign(&mut self, assignment: &Assignment, place: Place<'_>, written: &mut Written) {
        let name = match &assignment.target {
            AssignmentTarget::ColumnName(name) => last_part(name).map(ident_name),
            AssignmentTarget::Tuple(_) => None,
        };
        match name {
            Some(name) => {
                let value = self.value(&assignment.value, place);
                written.add(name, value);
            }
            None => written.unclear = true,
        }
    }

    /// The columns that are updated, then those that are only inserted.
    fn merge(&mut self, merge: &Merge) -> Vec<Field> {
        let outside = Place { with: &With::default(), scope: nowhere() };
        let mut both = self.factor(&merge.table, outside);
        both.extend(self.factor(&merge.source, outside));
        let scope = Scope { fields: &both, windows: &[], outer: None, kind: ScopeKind::Query };
        let place = Place { with: &With::default(), scope: &scope };
        let known = self.target_names();
        let (mut updated, mut inserted) = (Written::default(), Written::default());
        for clause in &merge.clauses {
            match &clause.action {
                MergeAction::Update(update) => {
                    for assignment in &update.assignments {
                        self.assign(assignment, place, &mut updated);
                    }
                }
                MergeAction::Insert(insert) => self.merge_insert(insert, known.as_deref(), place, &mut inserted),
                MergeAction::Delete { .. } => {}
            }
        }
        let mut rest = Written { columns: Vec::new(), unclear: inserted.unclear };
        for (name, value) in inserted.columns {
            let target = if updated.has(&name) { &mut updated } else { &mut rest };
            target.add(name, value);
        }
        let mut fields = updated.fields(known.as_deref());
        fields.extend(rest.fields(known.as_deref()));
        fields
    }

    fn merge_insert(
        &mut self,
        insert: &MergeInsertExpr,
        known: Option<&[Rc<str>]>,
        place: Place<'_>,
        inserted: &mut Written,
    ) {
        let listed: Vec<Rc<str>> = insert.columns.iter().filter_map(last_part).map(ident_name).collect();
        let names = match (listed.is_empty(), known) {
            (false, _) => listed,
            (true, Some(known)) => known.to_vec(),
            (true, None) => Vec::new(),
        };
        let MergeInsertKind::Values(values) = &insert.kind else {
            inserted.unclear = true;
            return;
        };
        for row in &values.rows {
            inserted.unclear |= row.content.len() != names.len();
            for (name, expr) in names.iter().zip(&row.content) {
                let value = self.value(expr, place);
                inserted.add(Rc::clone(name), value);
            }
        }
    }
}

/// Columns that are written, each perhaps several times.
#[derive(Default)]
struct Written {
    columns: Vec<(Rc<str>, Value)>,
    /// Whether something else is written too.
    unclear: bool,
}

impl Written {
    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|(known, _)| same_name(known, name))
    }

    fn add(&mut self, name: Rc<str>, value: Value) {
        match self.columns.iter_mut().find(|(known, _)| same_name(known, &name)) {
            Some((_, known)) => *known = either(known, &value),
            None => self.columns.push((name, value)),
        }
    }

    /// The columns in the order of the table, as far as that is known.
    fn fields(self, known: Option<&[Rc<str>]>) -> Vec<Field> {
        let mut columns = self.columns;
        if let Some(known) = known {
            columns.sort_by_key(|(name, _)| known.iter().position(|known| same_name(known, name)));
        }
        let field = |(name, value): (Rc<str>, Value)| Field::column(Some(as_known(&name, known)), value);
        let mut fields: Vec<Field> = columns.into_iter().map(field).collect();
        if self.unclear {
            fields.push(Field::unknown());
        }
        fields
    }
}

/// The name as the catalog writes it.
fn as_known(name: &Rc<str>, known: Option<&[Rc<str>]>) -> Rc<str> {
    let same = known.into_iter().flatten().find(|known| same_name(known, name));
    Rc::clone(same.unwrap_or(name))
}

fn unnamed(field: Field) -> Field {
    match field.content {
        Content::Column { value, .. } => Field::column(None, value),
        gap @ Content::Gap { .. } => Field { qualifier: None, content: gap },
    }
}

/// Trino calls the columns of a result that have no name `_col0`, `_col1` and so on, by their places.
fn anonymous_named(fields: Vec<Field>) -> Vec<Field> {
    let known = fields.iter().position(Field::is_gap).unwrap_or(fields.len());
    let named = |(place, field): (usize, Field)| match field.content {
        Content::Column { name: None, value } if place < known => {
            Field::column(Some(format!("_col{place}").into()), value)
        }
        content => Field { qualifier: None, content },
    };
    fields.into_iter().enumerate().map(named).collect()
}
