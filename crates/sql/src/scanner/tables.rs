//! CREATE, DROP and ALTER.

use super::ends::Ends;
use super::{Binding, Level, NameId, Place, Role, Scan, Scanner, Scopes};
use crate::keywords::Keyword;
use crate::kind::StatementKind;
use crate::lexer::Symbol;

impl Scanner<'_> {
    pub(super) fn create(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.eat_all(&[Keyword::Or, Keyword::Replace]);
        match self.word(0) {
            Keyword::Table => self.create_table(),
            Keyword::View => self.create_view(StatementKind::CreateView),
            Keyword::Materialized => {
                self.at += 1;
                self.create_view(StatementKind::CreateMaterializedView)
            }
            Keyword::Schema => self.create_schema(),
            Keyword::Branch => self.create_branch(),
            Keyword::Function => {
                self.function(Ends::ControlStatement)?;
                Ok(StatementKind::CreateFunction)
            }
            Keyword::Catalog => self.create_catalog(),
            Keyword::Role => self.create_role(),
            _ => Err(self.unsupported()),
        }
    }

    fn create_table(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.if_exists();
        self.name(Role::Create, Level::Table)?;
        if self.is_symbol(0, Symbol::LeftParen) {
            self.table_elements()?;
        }
        loop {
            if self.eat(Keyword::Comment) {
                self.string()?;
            } else if self.word(0) == Keyword::With && self.is_symbol(1, Symbol::LeftParen) {
                self.properties()?;
            } else {
                break;
            }
        }
        if !self.eat(Keyword::As) {
            return Ok(StatementKind::CreateTable);
        }
        let start = self.at;
        let prefixed = matches!(self.word(2), Keyword::Session | Keyword::Function) && self.is_identifier(3);
        if self.is_symbol(0, Symbol::LeftParen) && self.word(1) == Keyword::With && prefixed {
            self.parenthesised_root_query()?;
        } else {
            self.root_query(Place::Inner)?;
        }
        self.landmarks.body = Some(start..self.at);
        if self.with_data_starts() {
            self.at += if self.word(1) == Keyword::No { 3 } else { 2 };
        }
        Ok(StatementKind::CreateTableAsSelect)
    }

    /// `'(' (column … | LIKE table …) ',' … ')'`
    fn table_elements(&mut self) -> Scan {
        self.expect_symbol(Symbol::LeftParen, "'('")?;
        loop {
            if self.eat(Keyword::Like) {
                self.name(Role::Object, Level::Table)?;
                if self.eat_any(&[Keyword::Including, Keyword::Excluding]) {
                    self.expect(Keyword::Properties, "PROPERTIES")?;
                }
            } else {
                self.column_definition()?;
            }
            if !self.eat_symbol(Symbol::Comma) {
                return self.expect_symbol(Symbol::RightParen, "',' or ')'");
            }
        }
    }

    /// A column's name and whatever says what it is.
    fn column_definition(&mut self) -> Scan {
        self.path("a column name")?;
        self.expression(Scopes::NOTHING, Ends::Comma)
    }

    fn create_view(&mut self, kind: StatementKind) -> Scan<StatementKind> {
        self.expect(Keyword::View, "VIEW")?;
        self.if_exists();
        self.name(Role::Create, Level::Table)?;
        loop {
            match self.word(0) {
                Keyword::Comment => {
                    self.at += 1;
                    self.string()?;
                }
                Keyword::Security => {
                    self.at += 1;
                    self.identifier("DEFINER or INVOKER")?;
                }
                Keyword::Grace => {
                    self.at += 1;
                    self.expect(Keyword::Period, "PERIOD")?;
                    self.interval()?;
                }
                Keyword::When => {
                    self.at += 1;
                    self.expect(Keyword::Stale, "STALE")?;
                    self.identifier("INLINE or FAIL")?;
                }
                Keyword::With if self.is_symbol(1, Symbol::LeftParen) => self.properties()?,
                _ => break,
            }
        }
        self.expect(Keyword::As, "AS")?;
        let start = self.at;
        self.root_query(Place::Inner)?;
        self.landmarks.body = Some(start..self.at);
        Ok(kind)
    }

    fn create_schema(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.if_exists();
        self.name(Role::Schema, Level::Schema)?;
        if self.eat(Keyword::Authorization) {
            self.principal()?;
        }
        self.properties()?;
        Ok(StatementKind::CreateSchema)
    }

    fn create_branch(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.if_exists();
        self.identifier("a branch name")?;
        self.properties()?;
        self.in_table()?;
        if self.eat(Keyword::From) {
            self.identifier("a branch name")?;
        }
        Ok(StatementKind::CreateBranch)
    }

    /// `IN TABLE name`
    fn in_table(&mut self) -> Scan<NameId> {
        self.expect(Keyword::In, "IN TABLE")?;
        self.expect(Keyword::Table, "TABLE")?;
        self.name(Role::Object, Level::Table)
    }

    pub(super) fn drop(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        let (kind, role, level) = match self.word(0) {
            Keyword::Table => (StatementKind::DropTable, Role::Object, Level::Table),
            Keyword::View => (StatementKind::DropView, Role::Object, Level::Table),
            Keyword::Materialized => {
                self.at += 1;
                (StatementKind::DropMaterializedView, Role::Object, Level::Table)
            }
            Keyword::Schema => (StatementKind::DropSchema, Role::Schema, Level::Schema),
            Keyword::Branch => return self.drop_branch(),
            Keyword::Function => return self.drop_function(),
            Keyword::Catalog => return self.drop_catalog(),
            Keyword::Role => return self.drop_role(),
            _ => return Err(self.unsupported()),
        };
        if kind == StatementKind::DropMaterializedView && self.word(0) != Keyword::View {
            return Err(self.expected("VIEW"));
        }
        self.at += 1;
        self.if_exists();
        self.name(role, level)?;
        if level == Level::Schema {
            self.eat_any(&[Keyword::Cascade, Keyword::Restrict]);
        }
        Ok(kind)
    }

    fn drop_branch(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.if_exists();
        self.identifier("a branch name")?;
        self.in_table()?;
        Ok(StatementKind::DropBranch)
    }

    fn drop_function(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.if_exists();
        self.function_declaration()?;
        Ok(StatementKind::DropFunction)
    }

    pub(super) fn alter(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        match self.word(0) {
            Keyword::Table => {
                self.at += 1;
                self.if_exists();
                let table = self.name(Role::Object, Level::Table)?;
                self.alter_table(table)
            }
            Keyword::View => {
                self.at += 1;
                let view = self.name(Role::Object, Level::Table)?;
                self.alter_view(view)
            }
            Keyword::Materialized => {
                self.at += 1;
                self.expect(Keyword::View, "VIEW")?;
                self.if_exists();
                let view = self.name(Role::Object, Level::Table)?;
                self.alter_materialized_view(view)
            }
            Keyword::Schema => {
                self.at += 1;
                let schema = self.name(Role::Schema, Level::Schema)?;
                if self.word(0) == Keyword::Set {
                    return self.set_authorization(schema);
                }
                self.rename_to()?;
                self.identifier("a schema name")?;
                Ok(StatementKind::RenameSchema)
            }
            Keyword::Branch => self.fast_forward_branch(),
            _ if self.is_identifier(0) => {
                // Any other kind of thing can only get another owner.
                self.at += 1;
                let object = self.name(Role::Authorization, Level::Other)?;
                self.set_authorization(object)
            }
            _ => Err(self.unsupported()),
        }
    }

    fn fast_forward_branch(&mut self) -> Scan<StatementKind> {
        self.at += 1;
        self.identifier("a branch name")?;
        self.in_table()?;
        if !self.eat_all(&[Keyword::Fast, Keyword::Forward, Keyword::To]) {
            return Err(self.expected("FAST FORWARD TO"));
        }
        self.identifier("a branch name")?;
        Ok(StatementKind::FastForwardBranch)
    }

    fn alter_table(&mut self, table: NameId) -> Scan<StatementKind> {
        match (self.word(0), self.word(1)) {
            (Keyword::Rename, Keyword::Column) => {
                self.at += 2;
                self.if_exists();
                self.path("a column name")?;
                self.expect(Keyword::To, "TO")?;
                self.identifier("a column name")?;
                Ok(StatementKind::RenameColumn)
            }
            (Keyword::Rename, _) => self.rename_object(StatementKind::RenameTable),
            (Keyword::Add, Keyword::Column) => {
                self.at += 2;
                self.if_exists();
                self.path("a column name")?;
                self.expression(Scopes::NOTHING, Ends::Closing)?;
                Ok(StatementKind::AddColumn)
            }
            (Keyword::Drop, Keyword::Column) => {
                self.at += 2;
                self.if_exists();
                self.path("a column name")?;
                Ok(StatementKind::DropColumn)
            }
            (Keyword::Alter, Keyword::Column) => self.alter_column(),
            (Keyword::Set, Keyword::Properties) => self.set_properties(),
            (Keyword::Set, Keyword::Authorization) => self.set_authorization(table),
            (Keyword::Execute, _) => self.table_execute(table),
            _ => Err(self.unsupported()),
        }
    }

    fn alter_column(&mut self) -> Scan<StatementKind> {
        self.at += 2;
        self.path("a column name")?;
        if self.eat_all(&[Keyword::Set, Keyword::Data, Keyword::Type]) {
            self.data_type()?;
            return Ok(StatementKind::SetColumnType);
        }
        if self.eat_all(&[Keyword::Set, Keyword::Default]) {
            self.expression(Scopes::NOTHING, Ends::Closing)?;
            return Ok(StatementKind::SetDefaultValue);
        }
        if self.eat_all(&[Keyword::Drop, Keyword::Default]) {
            return Ok(StatementKind::DropDefaultValue);
        }
        if self.eat_all(&[Keyword::Drop, Keyword::Not, Keyword::Null]) {
            return Ok(StatementKind::DropNotNullConstraint);
        }
        Err(self.unsupported())
    }

    /// `EXECUTE procedure ['(' arguments ')'] [WHERE condition]`
    fn table_execute(&mut self, table: NameId) -> Scan<StatementKind> {
        self.at += 1;
        let scope = self.scopes.open(Scopes::NOTHING);
        self.scopes.bind(scope, Some(Binding::Table(table)));
        self.identifier("a procedure")?;
        if self.is_symbol(0, Symbol::LeftParen) {
            self.group(Scopes::NOTHING)?;
        }
        self.where_clause(scope)?;
        Ok(StatementKind::TableExecute)
    }

    fn alter_view(&mut self, view: NameId) -> Scan<StatementKind> {
        match self.word(0) {
            Keyword::Rename => self.rename_object(StatementKind::RenameView),
            Keyword::Set => self.set_authorization(view),
            Keyword::Refresh => {
                self.at += 1;
                Ok(StatementKind::RefreshView)
            }
            _ => Err(self.unsupported()),
        }
    }

    fn alter_materialized_view(&mut self, view: NameId) -> Scan<StatementKind> {
        match (self.word(0), self.word(1)) {
            (Keyword::Rename, _) => self.rename_object(StatementKind::RenameMaterializedView),
            (Keyword::Set, Keyword::Properties) => self.set_properties(),
            (Keyword::Set, _) => self.set_authorization(view),
            _ => Err(self.unsupported()),
        }
    }

    fn rename_to(&mut self) -> Scan {
        if self.eat_all(&[Keyword::Rename, Keyword::To]) { Ok(()) } else { Err(self.unsupported()) }
    }

    fn rename_object(&mut self, kind: StatementKind) -> Scan<StatementKind> {
        self.rename_to()?;
        self.name(Role::Object, Level::Table)?;
        Ok(kind)
    }

    fn set_properties(&mut self) -> Scan<StatementKind> {
        self.at += 2;
        self.expression(Scopes::NOTHING, Ends::Closing)?;
        Ok(StatementKind::SetProperties)
    }

    /// `SET AUTHORIZATION principal` behind the name of what gets another owner.
    fn set_authorization(&mut self, object: NameId) -> Scan<StatementKind> {
        if !self.eat_all(&[Keyword::Set, Keyword::Authorization]) {
            return Err(self.unsupported());
        }
        self.names[object].role = Role::Authorization;
        self.principal()?;
        Ok(StatementKind::SetAuthorization)
    }
}
