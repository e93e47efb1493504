//! The names in a statement: what each of them is there for, and how the user wrote it.

use crate::fqn::split_fqn;
use crate::span::{Position, Span};

/// What a name is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A table that is read: in FROM, JOIN, `TABLE x`, a table argument.
    Relation,
    /// A table that is written: INSERT, UPDATE, DELETE, MERGE, TRUNCATE.
    Target,
    /// A table or view that is made.
    Create,
    /// A table or view that a statement is about: DROP, ALTER, SHOW, DESCRIBE, ANALYZE, LIKE, COMMENT.
    Object,
    /// A table and one of its columns: `COMMENT ON COLUMN`.
    CommentColumn,
    /// What GRANT, DENY, REVOKE and SHOW GRANTS are about.
    Grant,
    /// What `ALTER … SET AUTHORIZATION` is about.
    Authorization,
    /// A schema.
    Schema,
    /// A table argument that is named again in COPARTITION. It follows its argument and has no mapping of its own.
    Copartition,
    /// A function or procedure, or the schema in `SHOW FUNCTIONS FROM`.
    Routine,
    /// A table function.
    TableFunction,
    /// What `USE` names.
    Session,
    /// A catalog, as in `SHOW SCHEMAS FROM`.
    Catalog,
}

impl Role {
    /// A stable word for the role.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Relation => "rel",
            Self::Target => "target",
            Self::Create => "create",
            Self::Object => "obj",
            Self::CommentColumn => "commentcol",
            Self::Grant => "grant",
            Self::Authorization => "auth",
            Self::Schema => "schema",
            Self::Copartition => "copart",
            Self::Routine => "routine",
            Self::TableFunction => "tablefunc",
            Self::Session => "session",
            Self::Catalog => "catalog",
        }
    }
}

/// What kind of thing a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// A table, view or file.
    Table,
    /// A column; the last part is the column, the parts before it are its table.
    Column,
    /// A schema.
    Schema,
    /// A catalog.
    Catalog,
    /// Something that has no name in OpenMetadata: a function, a procedure, an entity Warren does not know.
    Other,
}

/// A name as it stands in the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRef {
    /// Its place in [`Statement::names`](crate::Statement::names), by which it is told from every other one.
    pub index: usize,
    /// What it is there for.
    pub role: Role,
    /// What it is the name of.
    pub level: Level,
    /// The parts without their quotes, in the case in which they were typed.
    pub parts: Vec<String>,
    /// Where it stands, first part to last, in bytes.
    pub span: Span,
    /// Where it stands, as a person would say it.
    pub position: Position,
    /// Whether it names a query in WITH and no table.
    pub cte: bool,
    /// Whether it stands inside of the literal of EXECUTE IMMEDIATE, whose place is then its place.
    pub nested: bool,
}

/// A column with a qualifier, or a field of a row: a chain of identifiers with points between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRef {
    /// The parts without their quotes, in the case in which they were typed; without the `*` of `t.*`.
    pub parts: Vec<String>,
    /// Where it stands, first part to last, in bytes. Parentheses may stand between the parts, as in `(t).a`.
    pub span: Span,
    /// Where it stands, as a person would say it.
    pub position: Position,
    /// Whether `.*` follows.
    pub star: bool,
}

impl NameRef {
    /// Whether the name may be replaced by a Trino name. [`Statement::convert`](crate::Statement::convert) asks for
    /// the mapping of these and of no others.
    #[must_use]
    pub fn is_mappable(&self) -> bool {
        let follows = self.cte || self.role == Role::Copartition;
        !follows && self.level != Level::Other && !self.object_parts().is_empty()
    }

    /// The parts that name the table, schema or catalog: all of them, but for a column all except the last.
    #[must_use]
    pub fn object_parts(&self) -> &[String] {
        match self.level {
            Level::Column => &self.parts[..self.parts.len().saturating_sub(1)],
            _ => &self.parts,
        }
    }

    /// How many parts a Trino name must have to take the place of this one.
    #[must_use]
    pub const fn trino_parts(&self) -> usize {
        match self.level {
            Level::Catalog => 1,
            Level::Schema => 2,
            Level::Table | Level::Column | Level::Other => 3,
        }
    }

    /// The parts of the fully qualified name that one single delimited identifier holds, as in
    /// `FROM "s3_lake.bucket.""2024.csv"""`. `None` when the name has more parts, holds no point, or is no such name.
    #[must_use]
    pub fn fqn_parts(&self) -> Option<Vec<String>> {
        match self.object_parts() {
            [part] if part.contains('.') => split_fqn(part).ok(),
            _ => None,
        }
    }
}
