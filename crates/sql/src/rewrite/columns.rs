//! Which tables get their old name as an alias, and which qualifiers of columns must change with the tables they name.

use std::cell::LazyCell;
use std::collections::HashSet;

use super::edit_of_words;
use super::readings::{Qualified, Reading, Resolver, qualified};
use crate::error::{Fault, SqlErrorCode};
use crate::lexer::{Symbol, TokenKind, identifier_key, identifier_value, same_value};
use crate::scanner::{Binding, NameId, NameSite, TokenId};
use crate::source_map::Edit;
use crate::span::Span;
use crate::statement::Statement;
use crate::trino_name::TrinoName;

/// Which of the replaced tables keep their last name as an alias. Whatever is qualified with that name alone then means
/// what it meant, whatever columns the tables have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aliases {
    /// Those that have another last name in Trino and whose old one something is qualified with.
    AsNeeded,
    /// All that can have one, so that no new name can be taken for that of another table.
    All,
}

/// What becomes of the columns of replaced tables.
pub(super) struct Columns {
    /// The aliases and the changed qualifiers.
    pub(super) edits: Vec<Edit>,
    /// For each thing that is qualified the reading that was written anew; `None` where nothing changed.
    pub(super) rewritten: Vec<Option<Reading>>,
}

/// Keeps the columns of replaced tables with them.
pub(super) fn columns(
    statement: &Statement<'_>,
    replacements: &[Option<TrinoName>],
    resolver: &Resolver<'_>,
    aliases: Aliases,
) -> Result<Columns, Fault> {
    let aliases = chosen(statement, replacements, aliases);
    let mut edits: Vec<Edit> = statement
        .outline
        .names
        .iter()
        .enumerate()
        .filter_map(|(name, site)| {
            let behind = statement.outline.tokens[site.alias_behind?].span().end;
            let alias = || format!(" AS {}", last_word(statement, site));
            aliases.contains(&name).then(|| edit_of_words(statement.text(), Span::new(behind, behind), alias()))
        })
        .collect();
    let decision = Decision { statement, replacements, aliases };
    let mut rewritten = Vec::with_capacity(statement.outline.chains.len());
    for qualified in qualified(&statement.outline) {
        let reading = decision.change(qualified, resolver)?.map(|(reading, text)| {
            let tokens = &statement.outline.tokens;
            let span = tokens[qualified.first].span().to(tokens[reading.last(qualified)].span());
            edits.push(edit_of_words(statement.text(), span, text));
            reading
        });
        rewritten.push(reading);
    }
    Ok(Columns { edits, rewritten })
}

/// The names of tables that get an alias.
fn chosen(statement: &Statement<'_>, replacements: &[Option<TrinoName>], aliases: Aliases) -> HashSet<NameId> {
    let outline = &statement.outline;
    let word = |token: TokenId| outline.tokens[token].span().of(statement.text());
    let keys = || qualified(outline).map(|qualified| identifier_key(word(qualified.first))).collect();
    // Most tables keep their name, so that this is seldom needed.
    let used: LazyCell<HashSet<String>, _> = LazyCell::new(keys);
    let needs = |site: &NameSite, trino: &TrinoName| {
        let old = word(site.last);
        !same_value(&identifier_value(old), trino.last()) && used.contains(&identifier_key(old))
    };
    // Before a point or a parenthesis an alias would become the beginning of something else. Trino takes no such statement.
    let can_stand = |behind: TokenId| match outline.tokens.get(behind + 1).map(|token| token.kind) {
        Some(TokenKind::Symbol(symbol)) => matches!(symbol, Symbol::Comma | Symbol::RightParen),
        _ => true,
    };
    let gets = |(name, (site, replacement)): (NameId, (&NameSite, &Option<TrinoName>))| {
        let trino = replacement.as_ref().filter(|_| site.alias_behind.is_some_and(can_stand))?;
        (aliases == Aliases::All || needs(site, trino)).then_some(name)
    };
    outline.names.iter().zip(replacements).enumerate().filter_map(gets).collect()
}

/// The last part of a name, as it is written.
fn last_word<'a>(statement: &Statement<'a>, site: &NameSite) -> &'a str {
    statement.outline.tokens[site.last].span().of(statement.text())
}

struct Decision<'s, 'a> {
    statement: &'s Statement<'a>,
    replacements: &'s [Option<TrinoName>],
    /// The names of tables that get an alias.
    aliases: HashSet<NameId>,
}

impl Decision<'_, '_> {
    /// What takes the place of the qualifier, and which reading of it that keeps; `None` when it can stay.
    fn change(&self, qualified: Qualified, resolver: &Resolver<'_>) -> Result<Option<(Reading, String)>, Fault> {
        let mut readings = resolver.readings(qualified);
        let Some(first) = readings.next() else { return Ok(None) };
        if self.stays(qualified, &first) {
            return match readings.all(|reading| self.stays(qualified, &reading)) {
                true => Ok(None),
                false => Err(self.ambiguous(qualified)),
            };
        }
        match self.new_qualifier(&first) {
            Some((text, parts))
                if self.is_certain(qualified, &first) && self.stays_called(qualified, &first, parts) =>
            {
                Ok(Some((first, text)))
            }
            _ => Err(self.ambiguous(qualified)),
        }
    }

    /// Whether a method of a column is none of a function: with three parts and less it would be one.
    fn stays_called(&self, qualified: Qualified, reading: &Reading, parts: usize) -> bool {
        const LONGEST_FUNCTION: usize = 3;
        let tokens = &self.statement.outline.tokens;
        let is_behind = |place: usize, symbol| {
            let token = tokens.get(qualified.last_token() + place);
            token.is_some_and(|token| token.kind == TokenKind::Symbol(symbol))
        };
        let is_called = is_behind(1, Symbol::Dot) && is_behind(3, Symbol::LeftParen);
        !is_called || qualified.parts() - reading.parts + parts + 1 > LONGEST_FUNCTION
    }

    fn ambiguous(&self, qualified: Qualified) -> Fault {
        let span = qualified.span(&self.statement.outline);
        let message = format!("{} could be a column of more than one table", span.of(self.statement.text()));
        Fault::new(SqlErrorCode::AmbiguousName, span, message)
    }

    /// Whether the qualifier, unchanged, still names what a reading says.
    fn stays(&self, qualified: Qualified, reading: &Reading) -> bool {
        if reading.bindings.are_too_many() {
            return false;
        }
        let tokens = &self.statement.outline.tokens;
        let value = |token: TokenId| identifier_value(tokens[token].span().of(self.statement.text()));
        self.bindings(reading).all(|binding| match binding {
            None => true,
            Some((name, _)) if self.aliases.contains(&name) => reading.parts == 1,
            Some((_, trino)) => {
                let ends = trino.parts().len().checked_sub(reading.parts).map(|start| &trino.parts()[start..]);
                let tokens = (qualified.first..=reading.last(qualified)).step_by(2);
                ends.is_some_and(|ends| ends.iter().zip(tokens).all(|(end, token)| same_value(end, &value(token))))
            }
        })
    }

    /// Whether the first reading is the one that Trino would take, if any is. Where a relation is passed on the way
    /// outwards, the beginning of the name may be a column of it. But a whole FQN is always a table.
    fn is_certain(&self, qualified: Qualified, reading: &Reading) -> bool {
        const FQN: usize = 4;
        let scopes = &self.statement.outline.scopes;
        let mut inner = scopes.outwards(qualified.scope).take_while(|(id, _)| *id != reading.scope);
        let is_whole = |(name, _): (NameId, &TrinoName)| {
            let site = &self.statement.outline.names[name];
            reading.parts == (site.last - site.first) / 2 + 1 && !self.aliases.contains(&name)
        };
        let is_fqn = || reading.parts >= FQN && self.bindings(reading).flatten().all(is_whole);
        !inner.any(|(_, scope)| scope.has_relations) || is_fqn()
    }

    /// What names the tables of a reading now, if the same does for all of them, and how many parts that has.
    fn new_qualifier(&self, reading: &Reading) -> Option<(String, usize)> {
        if reading.bindings.are_too_many() {
            return None;
        }
        let mut texts = self.bindings(reading).map(|binding| {
            let (name, trino) = binding?;
            let site = &self.statement.outline.names[name];
            let alias = self.aliases.contains(&name).then(|| (last_word(self.statement, site).to_owned(), 1));
            Some(alias.unwrap_or_else(|| (trino.delimited(), trino.parts().len())))
        });
        let first = texts.next()??;
        texts.all(|text| text.as_ref() == Some(&first)).then_some(first)
    }

    /// The relations that a reading means: for each that is replaced the name and what replaces it.
    fn bindings(&self, reading: &Reading) -> impl Iterator<Item = Option<(NameId, &TrinoName)>> {
        let bound = self.statement.outline.scopes.get(reading.scope);
        reading.bindings.iter().map(move |index| match bound.bindings[index] {
            Binding::Table(name) => self.replacements.get(name)?.as_ref().map(|trino| (name, trino)),
            Binding::Alias(_) => None,
        })
    }
}
