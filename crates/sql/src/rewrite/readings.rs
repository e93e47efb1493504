//! What the qualifier of a column refers to, by Trino's rules (`Scope`, `Field` and `QualifiedName` of its analyzer),
//! as far as they can be followed without knowing what columns a table has.
//!
//! Trino takes the innermost relation that the qualifier names and that has the column, but it stops on the way outwards
//! where the beginning of the name is itself a column. So each relation that a qualifier could name is a
//! [`Reading`], and nothing may be replaced that leaves the readings with different meanings.

use std::collections::HashMap;

use crate::lexer::{identifier_key, same_identifier};
use crate::names::Role;
use crate::scanner::{Binding, Outline, Scope, ScopeId, TokenId};
use crate::span::Span;

/// Something that may begin with the name of a relation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Qualified {
    pub(super) first: TokenId,
    last: TokenId,
    /// How many of the parts may be the qualifier.
    longest: usize,
    pub(super) scope: ScopeId,
}

/// What a qualifier can refer to: bindings of one scope, by their indices. More than one is ambiguous, but only if the
/// relations share a column, which is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) scope: ScopeId,
    pub(super) bindings: Found,
    /// How many parts the qualifier has.
    pub(super) parts: usize,
}

/// At least one binding. There is seldom another, so that only more than one need memory of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    first: usize,
    others: Vec<usize>,
}

/// So many relations of one SELECT may have the same name, where columns are qualified with it; of more, only one more is
/// kept.
const MAX_SAME: usize = 16;

impl Found {
    fn of(mut bindings: impl Iterator<Item = usize>) -> Option<Self> {
        let first = bindings.next()?;
        Some(Self { first, others: bindings.take(MAX_SAME).collect() })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// Whether there are more than are kept.
    pub(super) const fn are_too_many(&self) -> bool {
        self.others.len() == MAX_SAME
    }
}

impl Qualified {
    /// How many parts it has, with the column.
    pub(super) fn parts(self) -> usize {
        (self.last - self.first) / 2 + 1
    }

    pub(super) fn last_token(self) -> TokenId {
        self.last
    }

    pub(super) fn span(self, outline: &Outline) -> Span {
        outline.tokens[self.first].span().to(outline.tokens[self.last].span())
    }
}

impl Reading {
    /// Whether the other one means the same relations, with a qualifier of whatever length.
    pub(super) fn same_relations(&self, other: &Self) -> bool {
        self.scope == other.scope && self.bindings == other.bindings
    }

    /// The last token of the qualifier of `qualified`.
    pub(super) const fn last(&self, qualified: Qualified) -> TokenId {
        qualified.first + 2 * (self.parts - 1)
    }
}

/// All chains and COPARTITION names, in order of place within each of the two groups.
pub(super) fn qualified(outline: &Outline) -> impl Iterator<Item = Qualified> {
    let chains = outline.chains.iter().map(|chain| {
        let parts = (chain.last - chain.first) / 2 + 1;
        let longest = if chain.star || chain.continued.is_some() { parts } else { parts - 1 };
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

/// Finds readings in one scanned text.
pub(super) struct Resolver<'o> {
    text: &'o str,
    outline: &'o Outline,
    longest_name: usize,
    /// For large scopes, the bindings by what can qualify their columns.
    index: HashMap<ScopeId, HashMap<String, Vec<usize>>>,
}

impl<'o> Resolver<'o> {
    pub(super) fn new(text: &'o str, outline: &'o Outline) -> Self {
        let longest_name = outline.names.iter().map(|site| (site.last - site.first) / 2 + 1).max().unwrap_or(0);
        let mut resolver = Self { text, outline, longest_name, index: HashMap::new() };
        let large = outline.scopes.iter().filter(|(_, scope)| scope.bindings.len() >= INDEXED_FROM);
        resolver.index = large.map(|(id, scope)| (id, resolver.index_of(scope))).collect();
        resolver
    }

    /// Everything that `qualified` can begin with. The longest qualifier comes first, and for it the innermost scope:
    /// that is what it refers to, unless the beginning of the name is a column.
    pub(super) fn readings(&self, qualified: Qualified) -> impl Iterator<Item = Reading> + use<'_, 'o> {
        let reach = self.reach(qualified);
        (1..=qualified.longest.min(self.longest_name)).rev().flat_map(move |parts| {
            let qualifier = Qualifier { first: qualified.first, length: parts };
            self.outline.scopes.outwards(qualified.scope).take(reach).filter_map(move |(id, scope)| {
                Some(Reading { scope: id, bindings: self.matches(id, scope, qualifier)?, parts })
            })
        })
    }

    /// How many scopes are looked at before a lambda's parameter or a pattern's variable takes the name.
    fn reach(&self, qualified: Qualified) -> usize {
        // Hardly any scope has one, so that the key is seldom needed.
        let mut key = None;
        let mut is_shadow = |scope: &Scope| {
            !scope.shadows.is_empty()
                && scope.shadows.contains(key.get_or_insert_with(|| identifier_key(self.token(qualified.first))))
        };
        let scopes = self.outline.scopes.outwards(qualified.scope);
        scopes.take_while(|(_, scope)| !is_shadow(scope)).count()
    }

    fn token(&self, index: TokenId) -> &'o str {
        self.outline.tokens[index].span().of(self.text)
    }

    fn matches(&self, id: ScopeId, scope: &Scope, qualifier: Qualifier) -> Option<Found> {
        match self.index.get(&id) {
            Some(index) => Found::of(index.get(&self.key(qualifier))?.iter().copied()),
            None => {
                let bindings = scope.bindings.iter().enumerate();
                Found::of(bindings.filter(|(_, own)| self.names(**own, qualifier)).map(|(index, _)| index))
            }
        }
    }

    fn index_of(&self, scope: &Scope) -> HashMap<String, Vec<usize>> {
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (position, binding) in scope.bindings.iter().enumerate() {
            match binding {
                Binding::Alias(span) => index.entry(part_key(span.of(self.text))).or_default().push(position),
                Binding::Table(name) => {
                    let site = &self.outline.names[*name];
                    for length in 1..=(site.last - site.first) / 2 + 1 {
                        let key = self.key(Qualifier { first: site.last - 2 * (length - 1), length });
                        index.entry(key).or_default().push(position);
                    }
                }
            }
        }
        index
    }

    /// What two qualifiers that Trino takes for the same have in common.
    fn key(&self, qualifier: Qualifier) -> String {
        let parts = (qualifier.first..=qualifier.last()).step_by(2).map(|token| part_key(self.token(token)));
        parts.collect::<Vec<_>>().join(".")
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

/// The key of an identifier in quotes, so that no point in it can be taken for one between parts.
fn part_key(raw: &str) -> String {
    format!("\"{}\"", identifier_key(raw).replace('"', "\"\""))
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
