//! Statements about the session, transactions, prepared statements, procedures, catalogs, roles and privileges.

use super::ends::Ends;
use super::{Level, Role, Scan, Scanner, Scopes};
use crate::keywords::Keyword;
use crate::kind::StatementKind;
use crate::lexer::{Symbol, TokenKind};

impl Scanner<'_> {
    pub(super) fn use_schema(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.name(Role::Session, Level::Schema)?;
        Ok(StatementKind::Use)
    }

    pub(super) fn set(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        match self.word(0) {
            Keyword::Session => {
                self.at += 1;
                let is_property = self.is_symbol(1, Symbol::Equal) || self.is_symbol(1, Symbol::Dot);
                if self.word(0) == Keyword::Authorization && !is_property {
                    self.at += 1;
                    if self.is_string(0) {
                        self.at += 1;
                    } else {
                        self.identifier("a user")?;
                    }
                    return Ok(StatementKind::SetSessionAuthorization);
                }
                self.path("a session property")?;
                self.expect_symbol(Symbol::Equal, "'='")?;
                self.expression(Scopes::NOTHING, Ends::Closing)?;
                Ok(StatementKind::SetSession)
            }
            Keyword::Role => {
                self.at += 1;
                self.identifier("ALL, NONE or a role")?;
                self.in_catalog()?;
                Ok(StatementKind::SetRole)
            }
            Keyword::Path => {
                self.at += 1;
                loop {
                    self.path("a schema")?;
                    if !self.eat_symbol(Symbol::Comma) {
                        return Ok(StatementKind::SetPath);
                    }
                }
            }
            Keyword::Time if self.word(1) == Keyword::Zone => {
                self.at += 2;
                self.expression(Scopes::NOTHING, Ends::Closing)?;
                Ok(StatementKind::SetTimeZone)
            }
            _ => Err(self.unsupported()),
        }
    }

    pub(super) fn reset(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        if !self.eat(Keyword::Session) {
            return Err(self.unsupported());
        }
        if self.word(0) == Keyword::Authorization && !self.is_symbol(1, Symbol::Dot) {
            self.at += 1;
            return Ok(StatementKind::ResetSessionAuthorization);
        }
        self.path("a session property")?;
        Ok(StatementKind::ResetSession)
    }

    pub(super) fn start_transaction(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.expect(Keyword::Transaction, "TRANSACTION")?;
        if self.at_end() {
            return Ok(StatementKind::StartTransaction);
        }
        loop {
            if self.eat_all(&[Keyword::Isolation, Keyword::Level]) {
                let known = self.eat(Keyword::Serializable)
                    || self.eat_all(&[Keyword::Repeatable, Keyword::Read])
                    || self.eat_all(&[Keyword::Read, Keyword::Committed])
                    || self.eat_all(&[Keyword::Read, Keyword::Uncommitted]);
                if !known {
                    return Err(self.expected("an isolation level"));
                }
            } else if !(self.eat_all(&[Keyword::Read, Keyword::Only]) || self.eat_all(&[Keyword::Read, Keyword::Write]))
            {
                return Err(self.expected("ISOLATION LEVEL, READ ONLY or READ WRITE"));
            }
            if !self.eat_symbol(Symbol::Comma) {
                return Ok(StatementKind::StartTransaction);
            }
        }
    }

    /// COMMIT and ROLLBACK.
    pub(super) fn end_transaction(&mut self, kind: StatementKind) -> Scan<StatementKind> {
        self.at += 1;
        self.eat(Keyword::Work);
        Ok(kind)
    }

    pub(super) fn call(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.name(Role::Routine, Level::Other)?;
        self.group(Scopes::NOTHING)?;
        Ok(StatementKind::Call)
    }

    pub(super) fn execute(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        let kind = if self.word(0) == Keyword::Immediate && self.is_string(1) {
            self.at += 1;
            self.immediate = Some(self.at);
            self.string()?;
            StatementKind::ExecuteImmediate
        } else {
            self.identifier("the name of a prepared statement")?;
            StatementKind::Execute
        };
        if self.eat(Keyword::Using) {
            self.expression(Scopes::NOTHING, Ends::Closing)?;
        }
        Ok(kind)
    }

    pub(super) fn deallocate(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.expect(Keyword::Prepare, "PREPARE")?;
        self.identifier("the name of a prepared statement")?;
        Ok(StatementKind::Deallocate)
    }

    pub(super) fn create_catalog(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.if_exists();
        self.identifier("a catalog name")?;
        self.expect(Keyword::Using, "USING")?;
        self.identifier("a connector name")?;
        if self.eat(Keyword::Comment) {
            self.string()?;
        }
        if self.eat(Keyword::Authorization) {
            self.principal()?;
        }
        self.properties()?;
        Ok(StatementKind::CreateCatalog)
    }

    pub(super) fn drop_catalog(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.if_exists();
        self.identifier("a catalog name")?;
        self.eat_any(&[Keyword::Cascade, Keyword::Restrict]);
        Ok(StatementKind::DropCatalog)
    }

    pub(super) fn create_role(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.identifier("a role")?;
        if self.eat_all(&[Keyword::With, Keyword::Admin]) {
            self.principal()?;
        }
        self.in_catalog()?;
        Ok(StatementKind::CreateRole)
    }

    pub(super) fn drop_role(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.if_exists();
        self.identifier("a role")?;
        self.in_catalog()?;
        Ok(StatementKind::DropRole)
    }

    /// `[IN catalog]`
    fn in_catalog(&mut self) -> Scan {
        if self.eat(Keyword::In) {
            self.identifier("a catalog name")?;
        }
        Ok(())
    }

    /// `[USER|ROLE] name`, `CURRENT_USER` or `CURRENT_ROLE`
    pub(super) fn principal(&mut self) -> Scan {
        if self.eat_any(&[Keyword::CurrentUser, Keyword::CurrentRole]) {
            return Ok(());
        }
        // A user may be called ROLE.
        let is_granted_by = self.word(1) == Keyword::Granted && self.word(2) == Keyword::By;
        if matches!(self.word(0), Keyword::User | Keyword::Role) && self.is_identifier(1) && !is_granted_by {
            self.at += 1;
        }
        self.identifier("a user or role").map(drop)
    }

    pub(super) fn grant(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        if !self.skip_to_privilege_object(Keyword::To)? {
            self.role_grant_rest()?;
            return Ok(StatementKind::GrantRoles);
        }
        self.grant_object()?;
        self.expect(Keyword::To, "TO")?;
        self.principal()?;
        self.eat_all(&[Keyword::With, Keyword::Grant, Keyword::Option]);
        Ok(StatementKind::Grant)
    }

    pub(super) fn deny(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        if !self.skip_to_privilege_object(Keyword::To)? {
            return Err(self.expected("ON"));
        }
        self.grant_object()?;
        self.expect(Keyword::To, "TO")?;
        self.principal()?;
        Ok(StatementKind::Deny)
    }

    pub(super) fn revoke(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        let _option = self.eat_all(&[Keyword::Grant, Keyword::Option, Keyword::For])
            || self.eat_all(&[Keyword::Admin, Keyword::Option, Keyword::For]);
        if !self.skip_to_privilege_object(Keyword::From)? {
            self.role_grant_rest()?;
            return Ok(StatementKind::RevokeRoles);
        }
        self.grant_object()?;
        self.expect(Keyword::From, "FROM")?;
        self.principal()?;
        Ok(StatementKind::Revoke)
    }

    /// Moves over a list of privileges or roles: behind its ON, or, when there is none, behind `preposition`. Gives
    /// whether there was an ON.
    fn skip_to_privilege_object(&mut self, preposition: Keyword) -> Scan<bool> {
        // A role may be called TO, but not where the list has just had a role.
        let mut is_behind_item = false;
        loop {
            let kind = self.kind(0);
            match kind {
                Some(TokenKind::Word(Keyword::On)) => {
                    self.at += 1;
                    return Ok(true);
                }
                Some(TokenKind::Word(word)) if word == preposition && is_behind_item => {
                    self.at += 1;
                    return Ok(false);
                }
                Some(TokenKind::Word(_) | TokenKind::Delimited | TokenKind::Symbol(Symbol::Comma)) => self.at += 1,
                _ => return Err(self.expected("a privilege or a role")),
            }
            is_behind_item = kind != Some(TokenKind::Symbol(Symbol::Comma));
        }
    }

    /// `principal (',' principal)* [WITH ADMIN OPTION] [GRANTED BY principal] [IN catalog]`
    fn role_grant_rest(&mut self) -> Scan {
        loop {
            self.principal()?;
            if !self.eat_symbol(Symbol::Comma) {
                break;
            }
        }
        self.eat_all(&[Keyword::With, Keyword::Admin, Keyword::Option]);
        if self.eat_all(&[Keyword::Granted, Keyword::By]) {
            self.principal()?;
        }
        self.in_catalog()
    }

    /// `[BRANCH branch IN] [kind of entity] name`
    pub(super) fn grant_object(&mut self) -> Scan {
        if self.word(0) == Keyword::Branch && self.is_identifier(1) && self.word(2) == Keyword::In {
            self.at += 3;
        }
        // TO may be the name of the entity, and is where another TO, or FROM, and a user follow.
        let is_preposition = self.word(1) == Keyword::To
            && !self.is_symbol(2, Symbol::Dot)
            && !(matches!(self.word(2), Keyword::To | Keyword::From) && self.is_identifier(3));
        let entity_follows = self.is_identifier(0) && self.is_identifier(1) && !is_preposition;
        let level = match self.word(0) {
            Keyword::Table => Some(Level::Table),
            Keyword::View if entity_follows => Some(Level::Table),
            Keyword::Schema if entity_follows => Some(Level::Schema),
            Keyword::Catalog if entity_follows => Some(Level::Catalog),
            _ if entity_follows => Some(Level::Other),
            _ => None,
        };
        self.at += usize::from(level.is_some());
        self.name(Role::Grant, level.unwrap_or(Level::Table)).map(drop)
    }
}
