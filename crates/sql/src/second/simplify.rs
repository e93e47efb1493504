//! Turns Warren's tokens into sqlparser's and Trino's own constructs into plain ones that read the same tables and
//! columns. What cannot be said in plain SQL is left as it is; sqlparser then does not read the statement.

use std::ops::Range;

use sqlparser::tokenizer::{Token as Plain, TokenWithSpan};

use super::NotParsed;
use super::parentheses::Groups;
use crate::keywords::Keyword;
use crate::kind::StatementKind;
use crate::lexer::{Symbol, TokenKind};
use crate::names::{Level, Role};
use crate::scanner::{NameSite, Outline, TokenId};

/// The tokens of the innermost statement, which is of the kind `kind`, in plain SQL.
pub(super) fn simplify(text: &str, outline: &Outline, kind: StatementKind) -> Result<Vec<TokenWithSpan>, NotParsed> {
    let mut asides = outline.landmarks.asides.clone();
    asides.sort_by_key(|aside| aside.start);
    let groups = Groups::of(&outline.landmarks);
    let out = Vec::with_capacity(outline.tokens.len() + 16);
    let has_patterns = outline.tokens.iter().any(|token| token.kind == TokenKind::Word(Keyword::Pattern));
    let mut simplifier = Simplifier { text, outline, asides, groups, out, has_patterns, patterns: 0 };
    let end = outline.tokens.len();
    match (&outline.landmarks.body, kind) {
        (Some(body), StatementKind::CreateTableAsSelect) => simplifier.create("TABLE", body.clone())?,
        (Some(body), StatementKind::CreateView) => simplifier.create("VIEW", body.clone())?,
        (Some(body), StatementKind::CreateMaterializedView) => {
            simplifier.create("MATERIALIZED VIEW", body.clone())?;
        }
        _ => simplifier.range(outline.landmarks.statement..end)?,
    }
    Ok(simplifier.out)
}

pub(super) struct Simplifier<'s> {
    pub(super) text: &'s str,
    pub(super) outline: &'s Outline,
    /// In order of place.
    asides: Vec<Range<TokenId>>,
    /// What sqlparser needs other parentheses for.
    pub(super) groups: Groups,
    pub(super) out: Vec<TokenWithSpan>,
    /// Whether there is a PATTERN at all, which hardly any statement has.
    pub(super) has_patterns: bool,
    /// How many measures of row patterns are open.
    pub(super) patterns: usize,
}

impl Simplifier<'_> {
    /// `CREATE what name AS query`: properties, comments and column lists name no tables.
    fn create(&mut self, what: &str, body: Range<TokenId>) -> Result<(), NotParsed> {
        self.put_word("CREATE");
        what.split(' ').for_each(|word| self.put_word(word));
        let site = self.outline.names.iter().find(|site| site.role == Role::Create);
        let site = site.ok_or_else(|| NotParsed::Construct("no name".to_owned()))?;
        self.range(site.first..site.last + 1)?;
        self.leave_out(site.last + 1..body.start)?;
        self.put_word("AS");
        self.range(body)
    }

    /// Simplifies the tokens of a range.
    pub(super) fn range(&mut self, range: Range<TokenId>) -> Result<(), NotParsed> {
        let mut at = range.start;
        while at < range.end {
            self.nested_joins(at);
            at = self.step(at, range.end)?;
        }
        Ok(())
    }

    /// Simplifies what begins at `at` and gives where it ends.
    fn step(&mut self, at: TokenId, end: TokenId) -> Result<TokenId, NotParsed> {
        if let Ok(aside) = self.asides.binary_search_by_key(&at, |aside| aside.start) {
            return self.leave_out(self.asides[aside].clone());
        }
        if let Some(next) = self.row_pattern(at)? {
            return Ok(next);
        }
        if self.site(at).is_some() || self.is_symbol(at, Symbol::LeftParen) {
            return self.step_relation(at);
        }
        if self.kind(at) == Some(TokenKind::String) && self.is_typed_literal(at) {
            self.out.pop();
        }
        // A part of a name is no keyword.
        if self.is_symbol_before(at, Symbol::Dot) {
            return self.step_symbol(at);
        }
        self.step_word(at, end)
    }

    /// A word that begins a construct of Trino, or anything else.
    fn step_word(&mut self, at: TokenId, end: TokenId) -> Result<TokenId, NotParsed> {
        match self.word(at) {
            Keyword::Values => self.values(at, end),
            Keyword::Table if self.is_symbol(at + 1, Symbol::LeftParen) => self.table_function(at),
            Keyword::Table if self.starts_table_query(at) => {
                self.select_all_from();
                Ok(at + 1)
            }
            Keyword::Corresponding if self.is_behind_set_operator(at) => {
                let is_by = self.word(at + 1) == Keyword::By;
                self.leave_out(at..if is_by { self.group_end(at + 2) } else { at + 1 })
            }
            Keyword::Group if self.word(at + 1) == Keyword::By => self.group_by(at),
            // sqlparser takes an OFFSET behind it for a part of it.
            Keyword::Tablesample
                if matches!(self.word(at + 1), Keyword::Bernoulli | Keyword::System)
                    && self.is_symbol(at + 2, Symbol::LeftParen) =>
            {
                self.leave_out(at..self.group_end(at + 2))
            }
            Keyword::Uescape => self.leave_out(at..at + 2),
            Keyword::At if self.word(at + 1) == Keyword::Local => self.leave_out(at..at + 2),
            Keyword::Between
                if matches!(self.token_text(at + 1).to_uppercase().as_str(), "SYMMETRIC" | "ASYMMETRIC") =>
            {
                self.put_token(at)?;
                Ok(at + 2)
            }
            Keyword::Interval if self.interval_value(at).is_some() => self.interval(at),
            Keyword::Cast | Keyword::TryCast if self.is_symbol(at + 1, Symbol::LeftParen) => self.cast(at),
            Keyword::Extract | Keyword::Trim | Keyword::Substring | Keyword::Overlay | Keyword::Normalize
                if self.is_symbol(at + 1, Symbol::LeftParen) =>
            {
                self.function_with_words(at)
            }
            Keyword::Match => self.match_predicate(at),
            Keyword::On
                if self.is_text(at + 1, "OVERFLOW")
                    && matches!(self.word(at + 2), Keyword::Truncate | Keyword::Error) =>
            {
                self.on_overflow(at)
            }
            _ if self.is_text(at, "POSITION") && self.is_symbol(at + 1, Symbol::LeftParen) => {
                self.function_with_words(at)
            }
            Keyword::JsonExists
            | Keyword::JsonValue
            | Keyword::JsonQuery
            | Keyword::JsonObject
            | Keyword::JsonArray => self.json_function(at),
            Keyword::JsonTable => self.json_table(at),
            Keyword::Limit if self.word(at + 1) == Keyword::All && self.starts_tail(at) => {
                // sqlparser's tree would not show it.
                self.put_token(at)?;
                self.put(Plain::Number("1".to_owned(), false));
                Ok(at + 2)
            }
            Keyword::Auto => {
                self.put(Plain::Number("1".to_owned(), false));
                Ok(at + 1)
            }
            word if is_session_value(word) => {
                self.put(Plain::SingleQuotedString(String::new()));
                // `CURRENT_TIMESTAMP(3)`
                Ok(if self.is_symbol(at + 1, Symbol::LeftParen) { self.group_end(at + 1) } else { at + 1 })
            }
            _ => self.step_symbol(at),
        }
    }

    /// Whether `UNION`, `INTERSECT` or `EXCEPT` stands right before `at`, with ALL or DISTINCT or without.
    pub(super) fn is_behind_set_operator(&self, at: TokenId) -> bool {
        let before = |back: usize| at.checked_sub(back).map_or(Keyword::Plain, |before| self.word(before));
        let is_quantified = matches!(before(1), Keyword::All | Keyword::Distinct);
        before(if is_quantified { 2 } else { 1 }).is_set_operator()
    }

    /// A name of a table, or the bracket that a relation begins with.
    pub(super) fn step_relation(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        match self.site(at) {
            // A name may be any word that is not reserved, also one that means something elsewhere.
            Some(site) => {
                (site.first..=site.last).try_for_each(|token| self.put_name_token(token))?;
                Ok(site.last + 1)
            }
            None if self.is_aliased_relation(at) => self.aliased_relation(at),
            None if self.is_query_for_a_value(at) => self.query_for_a_value(at),
            None => self.step_symbol(at),
        }
    }

    pub(super) fn step_symbol(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        // `type::method(…)`: the type is no column.
        if self.is_symbol(at, Symbol::DoubleColon) {
            self.out.pop();
            return Ok(at + 1);
        }
        let starred = self.is_symbol(at, Symbol::Star) && self.is_symbol_before(at, Symbol::Dot);
        self.put_token(at)?;
        if starred && self.word(at + 1) == Keyword::As && self.is_symbol(at + 2, Symbol::LeftParen) {
            return self.leave_out(at + 1..self.group_end(at + 2));
        }
        Ok(at + 1)
    }

    /// The name of a table that begins at a token.
    pub(super) fn site(&self, at: TokenId) -> Option<NameSite> {
        let index = self.outline.names.binary_search_by_key(&at, |site| site.first).ok()?;
        Some(self.outline.names[index]).filter(|site| site.level == Level::Table)
    }

    /// Leaves tokens out, unless one of them is a table.
    pub(super) fn leave_out(&self, range: Range<TokenId>) -> Result<TokenId, NotParsed> {
        let names = &self.outline.names[self.outline.names.partition_point(|site| site.first < range.start)..];
        let mut inside = names.iter().take_while(|site| site.first < range.end);
        if inside.any(|site| site.role == Role::Relation) {
            return Err(NotParsed::Construct("a table in a clause that is not read".to_owned()));
        }
        Ok(range.end)
    }

    /// A string behind a word that is its type. `AT TIME ZONE 'x'` has none.
    fn is_typed_literal(&self, at: TokenId) -> bool {
        let Some(before) = at.checked_sub(1) else { return false };
        let is_type = match self.kind(before) {
            Some(TokenKind::Delimited) => true,
            Some(TokenKind::Word(word)) => !word.is_reserved() && word != Keyword::Zone,
            _ => false,
        };
        is_type && self.out.last().is_some_and(|last| matches!(last.token, Plain::Word(_)))
    }

    /// `TABLE name` as a query. In a MERGE or CREATE no TABLE reaches this.
    fn starts_table_query(&self, at: TokenId) -> bool {
        !self.is_symbol(at + 1, Symbol::LeftParen) && self.site(at + 1).is_some()
    }
}

/// Values of the session, such as `CURRENT_USER`, which are no columns.
const fn is_session_value(word: Keyword) -> bool {
    word.is_value() && !matches!(word, Keyword::Auto | Keyword::Null | Keyword::True | Keyword::False)
}
