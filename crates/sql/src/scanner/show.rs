//! The SHOW statements.

use super::{Level, Role, Scan, Scanner};
use crate::keywords::Keyword;
use crate::kind::StatementKind;
use crate::lexer::Symbol;

impl Scanner<'_> {
    pub(super) fn show(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        match self.word(0) {
            Keyword::Create => self.show_create(),
            Keyword::Stats => self.show_stats(),
            Keyword::Tables => self.show_listing(StatementKind::ShowTables, Role::Schema, Level::Schema),
            Keyword::Schemas => self.show_listing(StatementKind::ShowSchemas, Role::Catalog, Level::Catalog),
            Keyword::Functions => self.show_listing(StatementKind::ShowFunctions, Role::Routine, Level::Other),
            Keyword::Catalogs => {
                self.at += 1;
                self.like_clause()?;
                Ok(StatementKind::ShowCatalogs)
            }
            Keyword::Session => {
                self.at += 1;
                self.like_clause()?;
                Ok(StatementKind::ShowSession)
            }
            Keyword::Columns => self.show_columns(),
            Keyword::Branches => self.show_branches(),
            Keyword::Grants => {
                self.at += 1;
                if self.eat(Keyword::On) {
                    self.grant_object()?;
                }
                Ok(StatementKind::ShowGrants)
            }
            Keyword::Role => {
                self.at += 1;
                self.expect(Keyword::Grants, "GRANTS")?;
                self.optional_catalog()?;
                Ok(StatementKind::ShowRoleGrants)
            }
            Keyword::Current | Keyword::Roles => {
                self.eat(Keyword::Current);
                self.expect(Keyword::Roles, "ROLES")?;
                self.optional_catalog()?;
                Ok(StatementKind::ShowRoles)
            }
            _ => Err(self.unsupported()),
        }
    }

    /// `[FROM|IN catalog]`
    fn optional_catalog(&mut self) -> Scan {
        if self.eat_any(&[Keyword::From, Keyword::In]) {
            self.name(Role::Catalog, Level::Catalog)?;
        }
        Ok(())
    }

    /// `SHOW things [FROM|IN name] [LIKE …]`
    fn show_listing(&mut self, kind: StatementKind, role: Role, level: Level) -> Scan<StatementKind> {
        self.at += 1;
        if self.eat_any(&[Keyword::From, Keyword::In]) {
            self.name(role, level)?;
        }
        self.like_clause()?;
        Ok(kind)
    }

    /// `[LIKE 'pattern' [ESCAPE 'character']]`
    fn like_clause(&mut self) -> Scan {
        if self.eat(Keyword::Like) {
            self.string()?;
            if self.eat(Keyword::Escape) {
                self.string()?;
            }
        }
        Ok(())
    }

    fn show_create(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        let (role, level) = match self.word(0) {
            Keyword::Table | Keyword::View => (Role::Object, Level::Table),
            Keyword::Materialized if self.word(1) == Keyword::View => {
                self.at += 1;
                (Role::Object, Level::Table)
            }
            Keyword::Schema => (Role::Schema, Level::Schema),
            Keyword::Function => (Role::Routine, Level::Other),
            _ => return Err(self.unsupported()),
        };
        self.at += 1;
        self.name(role, level)?;
        Ok(StatementKind::ShowCreate)
    }

    fn show_stats(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.expect(Keyword::For, "FOR")?;
        if self.is_symbol(0, Symbol::LeftParen) {
            self.parenthesised_root_query()?;
        } else {
            self.name(Role::Object, Level::Table)?;
        }
        Ok(StatementKind::ShowStats)
    }

    fn show_columns(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        if !self.eat_any(&[Keyword::From, Keyword::In]) {
            return Err(self.expected("FROM or IN"));
        }
        self.name(Role::Object, Level::Table)?;
        self.like_clause()?;
        Ok(StatementKind::ShowColumns)
    }

    fn show_branches(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        if !self.eat_any(&[Keyword::From, Keyword::In]) {
            return Err(self.expected("FROM or IN"));
        }
        self.expect(Keyword::Table, "TABLE")?;
        self.name(Role::Object, Level::Table)?;
        Ok(StatementKind::ShowBranches)
    }
}
