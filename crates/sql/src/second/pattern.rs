//! Row patterns: MATCH_RECOGNIZE, and the windows that have one.

use std::ops::Range;

use sqlparser::tokenizer::Token as Plain;

use super::NotParsed;
use super::simplify::Simplifier;
use crate::keywords::Keyword;
use crate::lexer::{Symbol, TokenKind};
use crate::names::Role;
use crate::scanner::TokenId;

impl Simplifier<'_> {
    /// Simplifies what belongs to a row pattern and begins at `at`, and gives where it ends.
    pub(super) fn row_pattern(&mut self, at: TokenId) -> Result<Option<TokenId>, NotParsed> {
        if self.is_window_measure(at) && self.site(at).is_none() {
            return self.window_measure(at).map(Some);
        }
        if !self.has_patterns {
            return Ok(None);
        }
        Ok(Some(match self.matched_relation(at) {
            Some(recognize) => self.relation_with_pattern(at, recognize)?,
            None if self.site(at).is_some() => return Ok(None),
            None if self.starts_match_recognize(at) => self.match_recognize(at)?,
            None if self.is_processing_mode(at) => at + 1,
            None if self.starts_pattern_window(at) => self.pattern_window(at)?,
            None => return Ok(None),
        }))
    }

    /// `t MATCH_RECOGNIZE (PARTITION BY a ORDER BY b MEASURES c AS d …)` as
    /// `t CROSS JOIN UNNEST(one_row(partition_by(a), order_by(b), measure(c)))`, because sqlparser takes it behind tables
    /// only. `one_row`, or else `all_rows`, stands in the place of MATCH_RECOGNIZE, `measure` in that of the name `d`.
    fn match_recognize(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let end = self.group_end(at + 1) - 1;
        let mut rest = at + 2;
        let mut columns = Vec::new();
        while rest < end {
            let (function, start) = match self.word(rest) {
                Keyword::Order => ("order_by", rest + 2),
                _ if self.is_text(rest, "PARTITION") => ("partition_by", rest + 2),
                _ if self.is_text(rest, "MEASURES") => ("measure", rest + 1),
                _ => break,
            };
            rest = self.clause_end(start + 1, end);
            columns.extend(self.split_at_commas(start..rest).into_iter().map(|column| (function, column)));
        }
        self.leave_out(rest..end)?;
        let all_rows = (rest..end).any(|at| self.is_text(at, "ALL") && self.is_text(at + 1, "ROWS"));
        ["CROSS", "JOIN", "UNNEST"].into_iter().for_each(|word| self.put_word(word));
        self.put(Plain::LParen);
        self.put_identifier_at(at, if all_rows { "all_rows" } else { "one_row" });
        self.put(Plain::LParen);
        for (index, (function, column)) in columns.into_iter().enumerate() {
            if index > 0 {
                self.put(Plain::Comma);
            }
            self.pattern_column(function, column)?;
        }
        self.put(Plain::RParen);
        self.put(Plain::RParen);
        Ok(end + 1)
    }

    /// `MATCH_RECOGNIZE (`, unless it is an alias with a list of columns.
    fn starts_match_recognize(&self, at: TokenId) -> bool {
        if self.word(at) != Keyword::MatchRecognize || !self.is_symbol(at + 1, Symbol::LeftParen) {
            return false;
        }
        let is_name = |piece: Range<TokenId>| {
            piece.len() == 1 && matches!(self.kind(piece.start), Some(TokenKind::Word(_) | TokenKind::Delimited))
        };
        !self.split_at_commas(at + 2..self.group_end(at + 1) - 1).into_iter().all(is_name)
    }

    /// Where the relation ends that begins at `at`, if MATCH_RECOGNIZE follows it.
    fn matched_relation(&self, at: TokenId) -> Option<TokenId> {
        let end = match self.site(at) {
            Some(site) if site.role == Role::Relation => site.last + 1,
            None if self.is_symbol(at, Symbol::LeftParen) && self.stands_in_from(at) => self.group_end(at),
            _ => return None,
        };
        let end = self.relation_alias_end(end);
        self.starts_match_recognize(end).then_some(end)
    }

    fn stands_in_from(&self, at: TokenId) -> bool {
        let before = at.checked_sub(1);
        let word = before.map_or(Keyword::Plain, |before| self.word(before));
        matches!(word, Keyword::From | Keyword::Join)
            || self.is_symbol_before(at, Symbol::Comma)
            || self.is_symbol_before(at, Symbol::LeftParen)
    }

    /// Where `[AS] alias [(columns)]` ends that may begin at `at`.
    pub(super) fn relation_alias_end(&self, at: TokenId) -> TokenId {
        let name = at + usize::from(self.word(at) == Keyword::As);
        let suffix = match self.word(name) {
            Keyword::MatchRecognize => self.starts_match_recognize(name),
            Keyword::Tablesample => true,
            Keyword::Window => self.word(name + 2) == Keyword::As,
            word => word.is_reserved() || self.starts_tail(name),
        };
        if !matches!(self.kind(name), Some(TokenKind::Word(_) | TokenKind::Delimited)) || name == at && suffix {
            return at;
        }
        if self.is_symbol(name + 1, Symbol::LeftParen) { self.group_end(name + 1) } else { name + 1 }
    }

    /// A relation with MATCH_RECOGNIZE, which reaches to `recognize`, in parentheses of its own: the join that it becomes
    /// must not mix with those around it.
    fn relation_with_pattern(&mut self, at: TokenId, recognize: TokenId) -> Result<TokenId, NotParsed> {
        let end = self.relation_alias_end(self.group_end(recognize + 1));
        self.put(Plain::LParen);
        let next = self.step_relation(at)?;
        self.range(next..end)?;
        self.put(Plain::RParen);
        Ok(end)
    }

    fn pattern_column(&mut self, function: &str, column: Range<TokenId>) -> Result<(), NotParsed> {
        let value = match function {
            "measure" => column.start..column.end.saturating_sub(2),
            _ => {
                let direction = |at: &TokenId| ["ASC", "DESC", "NULLS"].iter().any(|word| self.is_text(*at, word));
                column.start..(column.start + 1..column.end).find(direction).unwrap_or(column.end)
            }
        };
        self.pattern_value(function, column.end.saturating_sub(1), value)
    }

    /// `function(value)`, the function in the place of the name at `name`.
    fn pattern_value(&mut self, function: &str, name: TokenId, value: Range<TokenId>) -> Result<(), NotParsed> {
        self.put_identifier_at(name, function);
        self.put(Plain::LParen);
        self.patterns += 1;
        self.range(value)?;
        self.patterns -= 1;
        self.put(Plain::RParen);
        Ok(())
    }

    /// Where a clause of a row pattern ends that goes on at `at`.
    fn clause_end(&self, mut at: TokenId, end: TokenId) -> TokenId {
        while at < end && !self.starts_pattern_clause(at) {
            at = if self.opens_group(at) { self.group_end(at) } else { at + 1 };
        }
        at.min(end)
    }

    fn starts_pattern_clause(&self, at: TokenId) -> bool {
        let text = self.token_text(at).to_ascii_uppercase();
        let follows = |word: &str| self.is_text(at + 1, word);
        match text.as_str() {
            "ORDER" => true,
            "MEASURES" => self.ends_operand(at),
            "ONE" => follows("ROW"),
            "ALL" => follows("ROWS"),
            "AFTER" => follows("MATCH"),
            "INITIAL" | "SEEK" => follows("PATTERN"),
            "PATTERN" => self.is_symbol(at + 1, Symbol::LeftParen),
            "ROWS" | "RANGE" | "GROUPS" => !self.is_symbol_before(at, Symbol::Dot),
            _ => false,
        }
    }

    /// Whether something ends right before `at` that can be ordered or partitioned by, or a bracket opens there, so that
    /// what follows is no column.
    fn ends_operand(&self, at: TokenId) -> bool {
        match at.checked_sub(1).and_then(|before| self.kind(before)) {
            Some(TokenKind::Word(word)) => !word.is_reserved() || word.is_value() || word == Keyword::End,
            Some(TokenKind::Symbol(symbol)) => {
                matches!(symbol, Symbol::LeftParen | Symbol::RightParen | Symbol::RightBracket)
            }
            before => before.is_some(),
        }
    }

    /// RUNNING or FINAL before a function in a measure says of which rows; sqlparser does not know it.
    fn is_processing_mode(&self, at: TokenId) -> bool {
        self.patterns > 0
            && (self.is_text(at, "RUNNING") || self.is_text(at, "FINAL"))
            && matches!(self.kind(at + 1), Some(TokenKind::Word(_) | TokenKind::Delimited))
            && self.is_symbol(at + 2, Symbol::LeftParen)
    }

    /// Whether a window with a row pattern begins at a bracket.
    fn starts_pattern_window(&self, at: TokenId) -> bool {
        let before = at.checked_sub(1).map_or(Keyword::Plain, |before| self.word(before));
        let query = matches!(
            self.word(at + 1),
            Keyword::Select | Keyword::With | Keyword::Table | Keyword::Values | Keyword::From
        );
        if !self.is_symbol(at, Symbol::LeftParen) || !matches!(before, Keyword::Over | Keyword::As) || query {
            return false;
        }
        let end = self.group_end(at) - 1;
        let mut inside = at + 1;
        while inside < end {
            if self.is_text(inside, "PATTERN") && self.is_symbol(inside + 1, Symbol::LeftParen) {
                return true;
            }
            inside = if self.opens_group(inside) { self.group_end(inside) } else { inside + 1 };
        }
        false
    }

    /// `(PARTITION BY a ORDER BY b MEASURES c AS d ROWS … PATTERN … DEFINE e AS f)` as
    /// `(PARTITION BY a, row_pattern(c), row_pattern(f) ORDER BY b ROWS …)`. `row_pattern` stands in the places of the
    /// names `d` and `e`.
    fn pattern_window(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        let end = self.group_end(at) - 1;
        self.put_token(at)?;
        let (mut clause, mut is_partitioned) = (at + 1, false);
        let (mut behind, mut values) = (Vec::new(), Vec::new());
        while clause < end {
            let next = self.clause_end(clause + 1, end);
            if self.is_text(clause, "PARTITION") {
                self.range(clause..next)?;
                is_partitioned = true;
            } else if ["ORDER", "ROWS", "RANGE", "GROUPS"].iter().any(|word| self.is_text(clause, word)) {
                behind.push(clause..next);
            } else if clause == at + 1 && !self.starts_pattern_clause(clause) {
                // A window may begin with the name of another one.
                self.range(clause..next)?;
            } else if self.is_text(clause, "MEASURES") {
                let measures = self.split_at_commas(clause + 1..next).into_iter();
                values.extend(measures.map(|piece| (piece.end - 1, piece.start..piece.end.saturating_sub(2))));
            } else {
                let define = self.define_clause(clause..next);
                self.leave_out(clause..define.start)?;
                let definitions = self.split_at_commas(define).into_iter();
                values.extend(definitions.map(|piece| (piece.start, (piece.start + 2).min(piece.end)..piece.end)));
            }
            clause = next;
        }
        for (index, (name, value)) in values.into_iter().enumerate() {
            if index > 0 || is_partitioned {
                self.put(Plain::Comma);
            } else {
                self.put_word("PARTITION");
                self.put_word("BY");
            }
            self.pattern_value("row_pattern", name, value)?;
        }
        behind.into_iter().try_for_each(|clause| self.range(clause))?;
        self.put_token(end)?;
        Ok(end + 1)
    }

    /// What is behind DEFINE in a clause that begins with PATTERN, or with what stands before it; empty without DEFINE.
    fn define_clause(&self, clause: Range<TokenId>) -> Range<TokenId> {
        let mut at = clause.start;
        while at < clause.end {
            if self.is_text(at, "DEFINE") && self.is_symbol_before(at, Symbol::RightParen) {
                return at + 1..clause.end;
            }
            at = if self.opens_group(at) { self.group_end(at) } else { at + 1 };
        }
        clause.end..clause.end
    }

    /// Whether a measure of a window stands here: `name OVER window`.
    fn is_window_measure(&self, at: TokenId) -> bool {
        let is_name = |at: TokenId| self.kind(at).is_some_and(TokenKind::is_identifier);
        // `IGNORE NULLS OVER`
        self.word(at + 1) == Keyword::Over
            && is_name(at)
            && !self.is_text(at, "NULLS")
            && (self.is_symbol(at + 2, Symbol::LeftParen) || is_name(at + 2))
            && !self.is_symbol_before(at, Symbol::Dot)
    }

    /// `name OVER window` as `name() OVER window`.
    fn window_measure(&mut self, at: TokenId) -> Result<TokenId, NotParsed> {
        self.put_name_token(at)?;
        self.put(Plain::LParen);
        self.put(Plain::RParen);
        Ok(at + 1)
    }
}
