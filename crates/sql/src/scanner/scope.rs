//! What a qualified column can refer to: the relations of each SELECT, one inside of the other, and what hides them.

use std::collections::HashSet;

use crate::span::Span;

/// Index of a token.
pub(crate) type TokenId = usize;
/// Index of a [`NameSite`](super::NameSite).
pub(crate) type NameId = usize;

/// Index of a [`Scope`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ScopeId(usize);

/// Something that a qualifier can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binding {
    /// An alias, which hides the name that it stands for.
    Alias(Span),
    /// A table without an alias: every suffix of its name is a qualifier.
    Table(NameId),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    pub(crate) parent: Option<ScopeId>,
    /// How many scopes are around it.
    depth: usize,
    pub(crate) bindings: Vec<Binding>,
    /// Whether there are relations, so that a name may be one of their columns; not each of them can be named.
    pub(crate) has_relations: bool,
    /// The keys of a lambda's parameters or of a row pattern's variables: whatever begins with one of them is no table.
    pub(crate) shadows: HashSet<String>,
}

/// All scopes of a statement. The first one has neither parent nor bindings.
#[derive(Debug, Clone)]
pub(crate) struct Scopes {
    all: Vec<Scope>,
}

impl Scopes {
    /// The scope in which nothing can be named.
    pub(crate) const NOTHING: ScopeId = ScopeId(0);

    pub(crate) fn new() -> Self {
        Self { all: vec![Scope::default()] }
    }

    pub(crate) fn open(&mut self, parent: ScopeId) -> ScopeId {
        self.all.push(Scope { parent: Some(parent), depth: self.depth(parent) + 1, ..Scope::default() });
        ScopeId(self.all.len() - 1)
    }

    pub(crate) fn depth(&self, scope: ScopeId) -> usize {
        self.all[scope.0].depth
    }

    /// A relation, and what it can be named by.
    pub(crate) fn bind(&mut self, scope: ScopeId, binding: Option<Binding>) {
        let scope = &mut self.all[scope.0];
        scope.has_relations = true;
        scope.bindings.extend(binding);
    }

    /// Hides what begins with the identifier that has this key.
    pub(crate) fn shadow(&mut self, scope: ScopeId, key: String) {
        self.all[scope.0].shadows.insert(key);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ScopeId, &Scope)> {
        self.all.iter().enumerate().map(|(index, scope)| (ScopeId(index), scope))
    }

    pub(crate) fn get(&self, scope: ScopeId) -> &Scope {
        &self.all[scope.0]
    }

    /// The scope and all around it, innermost first.
    pub(crate) fn outwards(&self, from: ScopeId) -> impl Iterator<Item = (ScopeId, &Scope)> {
        std::iter::successors(Some(from), |id| self.all[id.0].parent).map(|id| (id, &self.all[id.0]))
    }
}
