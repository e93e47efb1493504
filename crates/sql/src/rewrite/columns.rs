//! What the qualifier of a column refers to, by Trino's rules (`Scope`, `Field` and `QualifiedName` of its analyzer),
//! and which qualifiers must change with the tables they name.

use std::collections::HashMap;

use super::{Qualifiers, name_edit};
use crate::error::{Fault, SqlErrorCode};
use crate::lexer::{identifier_key, identifier_value, same_identifier, same_value};
use crate::names::Role;
use crate::scanner::{Binding, NameId, Outline, Scope, ScopeId, TokenId};
use crate::source_map::Edit;
use crate::span::Span;
use crate::statement::Statement;
use crate::trino_name::TrinoName;

/// Something that may begin with the name of a relation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Qualified {
    first: TokenId,
    last: TokenId,
    /// How many of the parts may be the qualifier.
    longest: usize,
    scope: ScopeId,
}

/// What a qualifier refers to: bindings of one scope, by their indices. More than one is ambiguous, but only if the
/// relations share a column, which is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Referent {
    scope: ScopeId,
    bindings: Found,
    /// How many parts the qualifier has.
    parts: usize,
}

/// At least one binding. There is seldom another, so that only more than one need memory of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    first: usize,
    others: Vec<usize>,
}

impl Found {
    fn of(mut bindings: impl Iterator<Item = usize>) -> Option<Self> {
        let first = bindings.next()?;
        Some(Self { first, others: bindings.collect() })
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

impl Qualified {
    pub(super) fn span(self, outline: &Outline) -> Span {
        outline.tokens[self.first].span.to(outline.tokens[self.last].span)
    }
}

impl Referent {
    /// Whether the other one means the same relations, with a qualifier of whatever length.
    pub(super) fn same_relations(&self, other: &Self) -> bool {
        self.scope == other.scope && self.bindings == other.bindings
    }
}

/// All chains and COPARTITION names, in order of place within each of the two groups.
pub(super) fn qualified(outline: &Outline) -> impl Iterator<Item = Qualified> {
    let chains = outline.chains.iter().map(|chain| {
        let parts = (chain.last - chain.first) / 2 + 1;
        let longest = if chain.star { parts } else { parts - 1 };
        Qualified { first: chain.first, last: chain.last, longest, scope: chain.scope }
    });
    let copartitions = outline.names.iter().filter(|site| site.role == Role::Copartition).map(|site| Qualified {
        first: site.first,
        last: site.last,
        longest: (site.last - site.first) / 2 + 1,
        scope: site.scope,
    });
    chains.chain(copartitions)
}

/// From more bindings than this on, a scope is looked up through an index.
const INDEXED_FROM: usize = 16;

/// Finds referents in one scanned text.
pub(super) struct Resolver<'o> {
    text: &'o str,
    outline: &'o Outline,
    longest_name: usize,
    /// For large scopes, the bindings by the key of their last part.
    index: HashMap<ScopeId, HashMap<String, Vec<usize>>>,
}

impl<'o> Resolver<'o> {
    pub(super) fn new(text: &'o str, outline: &'o Outline) -> Self {
        let longest_name = outline.names.iter().map(|site| (site.last - site.first) / 2 + 1).max().unwrap_or(0);
        Self { text, outline, longest_name, index: HashMap::new() }
    }

    /// What `qualified` begins with. The longest qualifier counts, and for it the innermost scope.
    pub(super) fn referent(&mut self, qualified: Qualified) -> Option<Referent> {
        for length in (1..=qualified.longest.min(self.longest_name)).rev() {
            let qualifier = Qualifier { first: qualified.first, length };
            for (id, scope) in self.outline.scopes.outwards(qualified.scope) {
                if self.is_shadowed(scope, qualified.first) {
                    break;
                }
                if let Some(bindings) = self.matches(id, scope, qualifier) {
                    return Some(Referent { scope: id, bindings, parts: length });
                }
            }
        }
        None
    }

    fn token(&self, index: TokenId) -> &'o str {
        self.outline.tokens[index].span.of(self.text)
    }

    /// Whether a lambda's parameter or a pattern's variable in `scope` takes what begins with the token `first`.
    fn is_shadowed(&self, scope: &Scope, first: TokenId) -> bool {
        scope.shadows.iter().any(|span| same_identifier(span.of(self.text), self.token(first)))
    }

    fn matches(&mut self, id: ScopeId, scope: &Scope, qualifier: Qualifier) -> Option<Found> {
        if scope.bindings.len() < INDEXED_FROM {
            let bindings = scope.bindings.iter().enumerate();
            return Found::of(bindings.filter(|(_, own)| self.names(**own, qualifier)).map(|(index, _)| index));
        }
        if !self.index.contains_key(&id) {
            let index = self.index_of(scope);
            self.index.insert(id, index);
        }
        let last = identifier_key(self.token(qualifier.last()));
        let candidates = self.index.get(&id).and_then(|index| index.get(&last)).into_iter().flatten().copied();
        Found::of(candidates.filter(|index| self.names(scope.bindings[*index], qualifier)))
    }

    fn index_of(&self, scope: &Scope) -> HashMap<String, Vec<usize>> {
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (position, binding) in scope.bindings.iter().enumerate() {
            let word = match binding {
                Binding::Alias(span) => span.of(self.text),
                Binding::Table(name) => self.token(self.outline.names[*name].last),
            };
            index.entry(identifier_key(word)).or_default().push(position);
        }
        index
    }

    /// Whether `qualifier` names what is bound: an alias alone, a table by any suffix of its name.
    fn names(&self, binding: Binding, qualifier: Qualifier) -> bool {
        match binding {
            Binding::Alias(span) => {
                qualifier.length == 1 && same_identifier(span.of(self.text), self.token(qualifier.first))
            }
            Binding::Table(name) => {
                let site = &self.outline.names[name];
                let same = |part: usize| {
                    let back = 2 * part;
                    same_identifier(self.token(site.last - back), self.token(qualifier.last() - back))
                };
                qualifier.length <= (site.last - site.first) / 2 + 1 && (0..qualifier.length).all(same)
            }
        }
    }
}

/// The first parts of something qualified.
#[derive(Debug, Clone, Copy)]
struct Qualifier {
    first: TokenId,
    length: usize,
}

impl Qualifier {
    const fn last(self) -> TokenId {
        self.first + 2 * (self.length - 1)
    }
}

/// Everything qualified in a statement, with what it refers to.
pub(super) fn referents(statement: &Statement<'_>) -> Vec<(Qualified, Option<Referent>)> {
    let mut resolver = Resolver::new(statement.text(), &statement.outline);
    qualified(&statement.outline).map(|qualified| (qualified, resolver.referent(qualified))).collect()
}

/// The edits that keep the columns of replaced tables with them.
pub(super) fn edits(
    statement: &Statement<'_>,
    replacements: &[Option<TrinoName>],
    referents: &[(Qualified, Option<Referent>)],
    qualifiers: Qualifiers,
) -> Result<Vec<Edit>, Fault> {
    let decision = Decision { statement, replacements, qualifiers };
    let mut edits = Vec::new();
    for (qualified, referent) in referents {
        let Some(referent) = referent else { continue };
        let Some(trino) = decision.new_qualifier(*qualified, referent)? else { continue };
        let last = Qualifier { first: qualified.first, length: referent.parts }.last();
        let span = statement.outline.tokens[qualified.first].span.to(statement.outline.tokens[last].span);
        edits.push(name_edit(statement.text(), span, trino));
    }
    Ok(edits)
}

struct Decision<'s, 'a> {
    statement: &'s Statement<'a>,
    replacements: &'s [Option<TrinoName>],
    qualifiers: Qualifiers,
}

impl<'s> Decision<'s, '_> {
    /// What takes the place of the qualifier, if anything does.
    fn new_qualifier(&self, qualified: Qualified, referent: &Referent) -> Result<Option<&'s TrinoName>, Fault> {
        let Some((_, first)) = self.bindings(referent).flatten().next() else { return Ok(None) };
        // `t.c` still names `catalog.schema.t`.
        let mut replaced = self.bindings(referent).flatten();
        let stays = referent.parts == 1 && replaced.all(|(name, trino)| self.keeps_last_part(name, trino));
        if stays && self.qualifiers == Qualifiers::AsNeeded {
            return Ok(None);
        }
        if self.bindings(referent).all(|binding| binding.is_some_and(|(_, trino)| trino == first)) {
            return Ok(Some(first));
        }
        if stays {
            return Ok(None);
        }
        let span = qualified.span(&self.statement.outline);
        let message = format!("{} could be a column of more than one table", span.of(self.statement.text()));
        Err(Fault::new(SqlErrorCode::AmbiguousName, span, message))
    }

    /// The relations that a referent means: for each that is replaced the name and what replaces it.
    fn bindings<'r>(
        &self,
        referent: &'r Referent,
    ) -> impl Iterator<Item = Option<(NameId, &'s TrinoName)>> + use<'r, 's, '_> {
        let bound = self.statement.outline.scopes.get(referent.scope);
        let replacements = self.replacements;
        referent.bindings.iter().map(move |index| match bound.bindings[index] {
            Binding::Table(name) => replacements.get(name).and_then(Option::as_ref).map(|trino| (name, trino)),
            Binding::Alias(_) => None,
        })
    }

    fn keeps_last_part(&self, name: NameId, trino: &TrinoName) -> bool {
        let token = &self.statement.outline.tokens[self.statement.outline.names[name].last];
        same_value(&identifier_value(token.span.of(self.statement.text())), trino.last())
    }
}
