//! What the qualifier of a column refers to, by Trino's rules (`Scope`, `Field` and `QualifiedName` of its analyzer),
//! and which qualifiers must change with the tables they name.

use std::collections::HashMap;

use super::Qualifiers;
use crate::error::{Fault, SqlErrorCode};
use crate::lexer::{Token, identifier_key, identifier_value, same_identifier};
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
    bindings: Vec<usize>,
    /// How many parts the qualifier has.
    parts: usize,
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

    pub(super) fn span(&self, qualified: Qualified) -> Span {
        self.outline.tokens[qualified.first].span.to(self.outline.tokens[qualified.last].span)
    }

    /// What `qualified` begins with. The longest qualifier counts, and for it the innermost scope.
    pub(super) fn referent(&mut self, qualified: Qualified) -> Option<Referent> {
        let tokens = &self.outline.tokens[qualified.first..=qualified.last];
        let parts: Vec<&Token> = tokens.iter().step_by(2).take(self.longest_name.max(1)).collect();
        let scopes = self.unshadowed_scopes(qualified.scope, parts[0]);
        for length in (1..=qualified.longest.min(parts.len())).rev() {
            for (id, scope) in &scopes {
                let bindings = self.matches(*id, scope, &parts[..length]);
                if !bindings.is_empty() {
                    return Some(Referent { scope: *id, bindings, parts: length });
                }
            }
        }
        None
    }

    /// The scopes from the inside out, up to one where a lambda's parameter or a pattern's variable takes `first`.
    fn unshadowed_scopes(&self, from: ScopeId, first: &Token) -> Vec<(ScopeId, &'o Scope)> {
        let shadows = |scope: &Scope| {
            scope.bindings.iter().any(|binding| match binding {
                Binding::Shadow(span) => same_identifier(span.of(self.text), first.span.of(self.text)),
                Binding::Alias(_) | Binding::Table(_) => false,
            })
        };
        self.outline.scopes.outwards(from).take_while(|(_, scope)| !shadows(scope)).collect()
    }

    fn matches(&mut self, id: ScopeId, scope: &Scope, qualifier: &[&Token]) -> Vec<usize> {
        let Some(last) = qualifier.last() else { return Vec::new() };
        if scope.bindings.len() < INDEXED_FROM {
            return (0..scope.bindings.len()).filter(|index| self.names(scope.bindings[*index], qualifier)).collect();
        }
        if !self.index.contains_key(&id) {
            let index = self.index_of(scope);
            self.index.insert(id, index);
        }
        let candidates = self.index.get(&id).and_then(|index| index.get(&identifier_key(last.span.of(self.text))));
        let candidates = candidates.into_iter().flatten().copied();
        candidates.filter(|index| self.names(scope.bindings[*index], qualifier)).collect()
    }

    fn index_of(&self, scope: &Scope) -> HashMap<String, Vec<usize>> {
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (position, binding) in scope.bindings.iter().enumerate() {
            let span = match binding {
                Binding::Alias(span) | Binding::Shadow(span) => *span,
                Binding::Table(name) => self.outline.tokens[self.outline.names[*name].last].span,
            };
            index.entry(identifier_key(span.of(self.text))).or_default().push(position);
        }
        index
    }

    /// Whether `qualifier` names what is bound: an alias alone, a table by any suffix of its name.
    fn names(&self, binding: Binding, qualifier: &[&Token]) -> bool {
        match binding {
            Binding::Shadow(_) => false,
            Binding::Alias(span) => {
                matches!(qualifier, [only] if same_identifier(span.of(self.text), only.span.of(self.text)))
            }
            Binding::Table(name) => {
                let site = &self.outline.names[name];
                let parts = self.outline.tokens[site.first..=site.last].iter().step_by(2).rev();
                let length = (site.last - site.first) / 2 + 1;
                let same =
                    |(part, word): (&Token, &&Token)| same_identifier(part.span.of(self.text), word.span.of(self.text));
                length >= qualifier.len() && parts.zip(qualifier.iter().rev()).all(same)
            }
        }
    }
}

/// The edits that keep the columns of replaced tables with them.
pub(super) fn edits(
    statement: &Statement<'_>,
    replacements: &[Option<TrinoName>],
    qualifiers: Qualifiers,
) -> Result<Vec<Edit>, Fault> {
    let outline = &statement.outline;
    let mut resolver = Resolver::new(statement.text(), outline);
    let mut edits = Vec::new();
    for qualified in qualified(outline) {
        let Some(referent) = resolver.referent(qualified) else { continue };
        let decision = Decision { statement, replacements, qualifiers };
        let Some(trino) = decision.new_qualifier(qualified, &referent)? else { continue };
        let last = qualified.first + 2 * (referent.parts - 1);
        let span = outline.tokens[qualified.first].span.to(outline.tokens[last].span);
        edits.push(Edit { span, text: trino.to_string() });
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
        let bindings = self.bindings(referent);
        let replaced: Vec<(NameId, &TrinoName)> = bindings.iter().flatten().copied().collect();
        let Some((_, first)) = replaced.first() else { return Ok(None) };
        // `t.c` still names `catalog.schema.t`.
        let stays = referent.parts == 1 && replaced.iter().all(|(name, trino)| self.keeps_last_part(*name, trino));
        if stays && self.qualifiers == Qualifiers::AsNeeded {
            return Ok(None);
        }
        if replaced.len() == bindings.len() && replaced.iter().all(|(_, trino)| trino == first) {
            return Ok(Some(first));
        }
        if stays {
            return Ok(None);
        }
        let tokens = &self.statement.outline.tokens;
        let span = tokens[qualified.first].span.to(tokens[qualified.last].span);
        let message = format!("{} could be a column of more than one table", span.of(self.statement.text()));
        Err(Fault::new(SqlErrorCode::AmbiguousName, span, message))
    }

    /// The relations that a referent means: for each that is replaced the name and what replaces it.
    fn bindings(&self, referent: &Referent) -> Vec<Option<(NameId, &'s TrinoName)>> {
        let scopes = &self.statement.outline.scopes;
        let bound = scopes.get(referent.scope);
        let replaced = |index: &usize| match bound.bindings[*index] {
            Binding::Table(name) => self.replacements.get(name).and_then(Option::as_ref).map(|trino| (name, trino)),
            Binding::Alias(_) | Binding::Shadow(_) => None,
        };
        referent.bindings.iter().map(replaced).collect()
    }

    fn keeps_last_part(&self, name: NameId, trino: &TrinoName) -> bool {
        let token = &self.statement.outline.tokens[self.statement.outline.names[name].last];
        identifier_value(token.span.of(self.statement.text())).to_lowercase() == trino.last().to_lowercase()
    }
}
