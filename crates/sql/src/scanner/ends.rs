//! Where an expression ends. The words that begin a clause are reserved, but for a few: those begin a clause only where
//! an operand has just ended and what must follow them does follow, as ANTLR's look-ahead decides it.

use super::Scanner;
use crate::keywords::Keyword;
use crate::lexer::Symbol;

/// What ends an expression outside of all brackets, besides a closing bracket and the end of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// Nothing else.
    Closing,
    /// A comma.
    Comma,
    /// FROM, or what ends a [`Clause`](Self::Clause).
    SelectList,
    /// The next clause of a query.
    Clause,
    /// The next join, or what ends a clause.
    JoinCondition,
    /// The next argument of a table function, or COPARTITION.
    TableArgument,
    /// The next WHEN of a MERGE.
    MergeAction,
    /// THEN
    Then,
    /// The MATCH of a NEAREST.
    NearestMatch,
    /// The query that an inline function or a session property stands before, or a comma.
    RootQuery,
    /// The next word of a control statement, or its semicolon.
    ControlStatement,
    /// Whatever follows the first operand.
    Operand,
}

impl Ends {
    /// Whether only a complete expression can stand before the end. Behind `VALUES` or `a +` the OFFSET of a window that
    /// is put in would be the operand that is missing.
    pub(super) const fn follow_an_operand(self) -> bool {
        // Brackets may be empty, and so may be what follows a table that is an argument.
        !matches!(self, Self::Closing | Self::Comma | Self::TableArgument)
    }
}

impl Scanner<'_> {
    /// The FROM of `IS [NOT] DISTINCT FROM`.
    pub(super) fn is_distinct_from(&self) -> bool {
        let before = match self.word_before(2) {
            Keyword::Not => self.word_before(3),
            word => word,
        };
        self.word_before(1) == Keyword::Distinct && before == Keyword::Is
    }

    /// Whether the expression ends before the token that stands here.
    pub(super) fn ends_here(&self, ends: Ends, after_operand: bool) -> bool {
        let word = self.word(0);
        let comma = self.is_symbol(0, Symbol::Comma);
        match ends {
            Ends::Closing => false,
            Ends::Comma => comma,
            Ends::SelectList => {
                (word == Keyword::From && !self.is_distinct_from()) || self.clause_starts(after_operand)
            }
            Ends::Clause => self.clause_starts(after_operand),
            Ends::JoinCondition => {
                comma
                    || self.join_starts()
                    || matches!(word, Keyword::On | Keyword::Using)
                    || (word == Keyword::When && self.merge_case_starts())
                    || (self.nearest_depth > 0 && after_operand && word == Keyword::Match)
                    || self.clause_starts(after_operand)
            }
            Ends::TableArgument => comma || (after_operand && self.copartition_starts()),
            Ends::MergeAction => word == Keyword::When,
            Ends::Then => word == Keyword::Then,
            Ends::NearestMatch => after_operand && word == Keyword::Match,
            Ends::RootQuery => comma || (after_operand && self.query_or_parenthesised_query_starts()),
            Ends::ControlStatement => {
                self.is_symbol(0, Symbol::Semicolon)
                    || matches!(word, Keyword::Then | Keyword::When | Keyword::Else | Keyword::End)
                    || (after_operand && word == Keyword::Do)
            }
            Ends::Operand => after_operand,
        }
    }

    /// Whether a clause of a query begins here. LIMIT and its like are no reserved words: they begin a clause only
    /// where an operand has ended and what must follow them does follow.
    fn clause_starts(&self, after_operand: bool) -> bool {
        match self.word(0) {
            Keyword::Where | Keyword::Having => true,
            Keyword::Group | Keyword::Order => self.word(1) == Keyword::By,
            Keyword::With => self.with_data_starts(),
            word if word.is_set_operator() => true,
            _ => after_operand && self.soft_clause_starts(),
        }
    }

    /// Whether LIMIT, OFFSET, FETCH, WINDOW or TABLESAMPLE begins a clause here and is no identifier.
    pub(super) fn soft_clause_starts(&self) -> bool {
        match self.word(0) {
            Keyword::Limit => self.is_count(1) || self.word(1) == Keyword::All,
            Keyword::Offset => self.is_count(1),
            Keyword::Fetch => {
                matches!(self.word(1), Keyword::First | Keyword::Next)
                    && (self.is_count(2) || matches!(self.word(2), Keyword::Row | Keyword::Rows))
            }
            Keyword::Window => self.is_identifier(1) && self.word(2) == Keyword::As,
            Keyword::Tablesample => matches!(self.word(1), Keyword::Bernoulli | Keyword::System),
            _ => false,
        }
    }

    /// `WITH DATA` or `WITH NO DATA` behind the query of a CREATE TABLE.
    pub(super) fn with_data_starts(&self) -> bool {
        self.word(0) == Keyword::With
            && (self.word(1) == Keyword::Data || (self.word(1) == Keyword::No && self.word(2) == Keyword::Data))
    }

    fn merge_case_starts(&self) -> bool {
        self.word(1) == Keyword::Matched || (self.word(1) == Keyword::Not && self.word(2) == Keyword::Matched)
    }
}
