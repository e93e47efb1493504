//! What sqlparser's syntax tree says about a statement: its kind, its tables with the scopes of WITH, its window.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;

use sqlparser::ast::{CreateView, LimitClause, ObjectName, Query, Statement as Tree, Visit, Visitor};

use super::tokens::token_of;
use crate::kind::StatementKind;
use crate::scanner::TokenId;

/// What the tree says.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) kind: Option<StatementKind>,
    /// The tables, by their first token, and whether they are queries in WITH.
    pub(super) tables: BTreeMap<TokenId, bool>,
    /// Whether the outermost query has OFFSET, LIMIT and FETCH.
    pub(super) window: [bool; 3],
}

impl Reading {
    pub(super) fn of(tree: &Tree) -> Self {
        let mut finder = Finder::default();
        if let Tree::CreateView(view) = tree {
            // The visitor does not take the name of a view for a relation.
            finder.note(&view.name);
        }
        // The visitor never breaks off.
        let _ = tree.visit(&mut finder);
        let window = match tree {
            Tree::Query(query) => window(query),
            _ => [false; 3],
        };
        Self { kind: kind(tree), tables: finder.tables, window }
    }
}

fn kind(tree: &Tree) -> Option<StatementKind> {
    Some(match tree {
        Tree::Query(_) => StatementKind::Query,
        Tree::Insert(_) => StatementKind::Insert,
        Tree::Delete(_) => StatementKind::Delete,
        Tree::Update(_) => StatementKind::Update,
        Tree::Merge(_) => StatementKind::Merge,
        Tree::CreateTable(table) if table.query.is_some() => StatementKind::CreateTableAsSelect,
        Tree::CreateView(CreateView { materialized: true, .. }) => StatementKind::CreateMaterializedView,
        Tree::CreateView(_) => StatementKind::CreateView,
        _ => return None,
    })
}

fn window(query: &Query) -> [bool; 3] {
    let (offset, limit) = match &query.limit_clause {
        None => (false, false),
        Some(LimitClause::LimitOffset { limit, offset, .. }) => (offset.is_some(), limit.is_some()),
        Some(LimitClause::OffsetCommaLimit { .. }) => (true, true),
    };
    [offset, limit, query.fetch.is_some()]
}

/// Collects tables. A name of one part is a query in WITH when one of that name is visible at its place.
#[derive(Default)]
struct Finder {
    /// The names that WITH makes visible, one set per query around the place.
    frames: Vec<HashSet<String>>,
    /// For the query of a WITH item: the names of its own WITH clause that it sees.
    items: HashMap<*const Query, HashSet<String>>,
    /// The frames that were narrowed for the item that is being visited.
    narrowed: Vec<(*const Query, HashSet<String>)>,
    tables: BTreeMap<TokenId, bool>,
}

impl Finder {
    fn note(&mut self, name: &ObjectName) {
        let Some(first) = name.0.first().and_then(|part| part.as_ident()) else { return };
        let key = first.value.to_lowercase();
        let cte = name.0.len() == 1 && self.frames.iter().any(|frame| frame.contains(&key));
        if let Some(token) = token_of(first.span) {
            self.tables.insert(token, cte);
        }
    }
}

impl Visitor for Finder {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let identity: *const Query = query;
        if let Some(visible) = self.items.remove(&identity)
            && let Some(frame) = self.frames.last_mut()
        {
            self.narrowed.push((identity, std::mem::replace(frame, visible)));
        }
        let mut frame = HashSet::new();
        for item in query.with.iter().flat_map(|with| &with.cte_tables) {
            let name = item.alias.name.value.to_lowercase();
            let mut visible = frame.clone();
            if query.with.as_ref().is_some_and(|with| with.recursive) {
                visible.insert(name.clone());
            }
            self.items.insert(&raw const *item.query, visible);
            frame.insert(name);
        }
        self.frames.push(frame);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.frames.pop();
        let identity: *const Query = query;
        if let Some((_, whole)) = self.narrowed.pop_if(|(narrowed, _)| *narrowed == identity)
            && let Some(frame) = self.frames.last_mut()
        {
            *frame = whole;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<()> {
        self.note(name);
        ControlFlow::Continue(())
    }
}
