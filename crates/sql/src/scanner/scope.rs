//! What a qualified column can refer to: the relations of each SELECT, one inside of the other, and what hides them.

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
    pub(crate) bindings: Vec<Binding>,
    /// Parameters of a lambda or variables of a row pattern: whatever begins with one of them is no table.
    pub(crate) shadows: Vec<Span>,
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
        self.all.push(Scope { parent: Some(parent), ..Scope::default() });
        ScopeId(self.all.len() - 1)
    }

    pub(crate) fn bind(&mut self, scope: ScopeId, binding: Binding) {
        self.all[scope.0].bindings.push(binding);
    }

    pub(crate) fn shadow(&mut self, scope: ScopeId, name: Span) {
        self.all[scope.0].shadows.push(name);
    }

    pub(crate) fn get(&self, scope: ScopeId) -> &Scope {
        &self.all[scope.0]
    }

    /// The scope and all around it, innermost first.
    pub(crate) fn outwards(&self, from: ScopeId) -> impl Iterator<Item = (ScopeId, &Scope)> {
        std::iter::successors(Some(from), |id| self.all[id.0].parent).map(|id| (id, &self.all[id.0]))
    }
}
