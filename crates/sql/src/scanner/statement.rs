//! Which statement begins here, and the statements that hold another one: EXPLAIN, PREPARE, DESCRIBE OUTPUT.

use super::{Kinds, Level, Place, Role, Scan, Scanner};
use crate::keywords::Keyword;
use crate::kind::StatementKind;
use crate::lexer::Symbol;

impl Scanner<'_> {
    /// One statement of any kind. Kinds that are not listed here are refused.
    pub(super) fn statement(&mut self, place: Place) -> Scan<Kinds> {
        self.landmarks.statement = self.at;
        let kind = match self.word(0) {
            Keyword::Select | Keyword::Values | Keyword::Table | Keyword::With => self.query_statement(place)?,
            _ if self.is_symbol(0, Symbol::LeftParen) => self.query_statement(place)?,
            Keyword::Explain => return self.explain(),
            Keyword::Prepare => return self.prepare(),
            Keyword::Insert => self.insert()?,
            Keyword::Delete => self.delete()?,
            Keyword::Update => self.update()?,
            Keyword::Merge => self.merge()?,
            Keyword::Truncate => self.truncate()?,
            Keyword::Analyze => self.analyze()?,
            Keyword::Refresh => self.refresh()?,
            Keyword::Comment => self.comment()?,
            Keyword::Create => self.create()?,
            Keyword::Drop => self.drop()?,
            Keyword::Alter => self.alter()?,
            Keyword::Show => self.show()?,
            Keyword::Describe | Keyword::Desc => self.describe()?,
            Keyword::Use => self.use_schema()?,
            Keyword::Set => self.set()?,
            Keyword::Reset => self.reset()?,
            Keyword::Start => self.start_transaction()?,
            Keyword::Commit => self.end_transaction(StatementKind::Commit)?,
            Keyword::Rollback => self.end_transaction(StatementKind::Rollback)?,
            Keyword::Call => self.call()?,
            Keyword::Execute => self.execute()?,
            Keyword::Deallocate => self.deallocate()?,
            Keyword::Grant => self.grant()?,
            Keyword::Deny => self.deny()?,
            Keyword::Revoke => self.revoke()?,
            _ if self.at_end() => return Err(self.expected("a statement")),
            _ if self.is_symbol(0, Symbol::Semicolon) => return Err(self.expected("a statement")),
            _ => return Err(self.unsupported()),
        };
        Ok(kind.into())
    }

    fn query_statement(&mut self, place: Place) -> Scan<StatementKind> {
        self.root_query(place)?;
        Ok(StatementKind::Query)
    }

    fn explain(&mut self) -> Scan<Kinds> {
        self.at += 1;
        let mut kind = StatementKind::Explain;
        if self.word(0) == Keyword::Analyze && !self.explains_an_analyze() {
            self.at += 1;
            kind = StatementKind::ExplainAnalyze;
            if self.word(0) == Keyword::Verbose {
                self.at += 1;
            }
        } else if self.is_symbol(0, Symbol::LeftParen) && matches!(self.word(1), Keyword::Type | Keyword::Format) {
            self.group(super::Scopes::NOTHING)?;
        }
        let inner = self.nested(|scanner| scanner.statement(Place::Inner))?;
        Ok(Kinds { kind, inner: Some(inner.kind) })
    }

    /// `EXPLAIN ANALYZE t` explains the statement `ANALYZE t`, unlike `EXPLAIN ANALYZE SELECT …`: ANALYZE is followed
    /// by a name and then by properties or the end.
    fn explains_an_analyze(&self) -> bool {
        let mut ahead = 1;
        if !self.is_identifier(ahead) {
            return false;
        }
        while self.is_symbol(ahead + 1, Symbol::Dot) && self.is_identifier(ahead + 2) {
            ahead += 2;
        }
        let ends = self.kind(ahead + 1).is_none();
        ends || (self.word(ahead + 1) == Keyword::With && self.is_symbol(ahead + 2, Symbol::LeftParen))
    }

    fn prepare(&mut self) -> Scan<Kinds> {
        self.at += 1;
        self.identifier("the name of a prepared statement")?;
        self.expect(Keyword::From, "FROM")?;
        let inner = self.nested(|scanner| scanner.statement(Place::Inner))?;
        Ok(Kinds { kind: StatementKind::Prepare, inner: Some(inner.kind) })
    }

    fn describe(&mut self) -> Scan<StatementKind> {
        let short = self.word(0) == Keyword::Desc;
        self.at += 1;
        match self.word(0) {
            Keyword::Input if !short && self.is_identifier(1) => {
                self.at += 2;
                Ok(StatementKind::DescribeInput)
            }
            Keyword::Output if !short && self.is_identifier(1) => {
                self.at += 2;
                Ok(StatementKind::DescribeOutput)
            }
            Keyword::Output if !short && self.is_symbol(1, Symbol::LeftParen) => {
                self.at += 1;
                self.parenthesised_root_query()?;
                Ok(StatementKind::DescribeOutput)
            }
            _ => {
                self.name(Role::Object, Level::Table)?;
                Ok(StatementKind::ShowColumns)
            }
        }
    }

    /// `'(' root query ')'`
    pub(super) fn parenthesised_root_query(&mut self) -> Scan {
        self.expect_symbol(Symbol::LeftParen, "'('")?;
        self.root_query(Place::Inner)?;
        self.expect_symbol(Symbol::RightParen, "')'")
    }
}
