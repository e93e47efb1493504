//! The kinds of statements that Warren knows: an allow-list. Which words make which kind is in the scanner.

/// Declares [`StatementKind`] with the name of Trino's AST class for each kind.
macro_rules! statement_kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What a statement does, one variant per class of `io.trino.sql.tree` that a statement can be.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum StatementKind { $($(#[$doc])* $name,)* }

        impl StatementKind {
            /// The name of the class in Trino's syntax tree, such as `CreateTableAsSelect`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

statement_kinds! {
    /// `SELECT`, `VALUES`, `TABLE`, with or without `WITH`.
    Query = "Query",
    /// `INSERT INTO`
    Insert = "Insert",
    /// `DELETE FROM`
    Delete = "Delete",
    /// `UPDATE`
    Update = "Update",
    /// `MERGE INTO`
    Merge = "Merge",
    /// `TRUNCATE TABLE`
    TruncateTable = "TruncateTable",
    /// `CREATE TABLE … AS`
    CreateTableAsSelect = "CreateTableAsSelect",
    /// `CREATE TABLE (…)`
    CreateTable = "CreateTable",
    /// `CREATE VIEW`
    CreateView = "CreateView",
    /// `CREATE MATERIALIZED VIEW`
    CreateMaterializedView = "CreateMaterializedView",
    /// `CREATE SCHEMA`
    CreateSchema = "CreateSchema",
    /// `CREATE CATALOG`
    CreateCatalog = "CreateCatalog",
    /// `CREATE FUNCTION`
    CreateFunction = "CreateFunction",
    /// `CREATE ROLE`
    CreateRole = "CreateRole",
    /// `CREATE BRANCH`
    CreateBranch = "CreateBranch",
    /// `DROP TABLE`
    DropTable = "DropTable",
    /// `DROP VIEW`
    DropView = "DropView",
    /// `DROP MATERIALIZED VIEW`
    DropMaterializedView = "DropMaterializedView",
    /// `DROP SCHEMA`
    DropSchema = "DropSchema",
    /// `DROP CATALOG`
    DropCatalog = "DropCatalog",
    /// `DROP FUNCTION`
    DropFunction = "DropFunction",
    /// `DROP ROLE`
    DropRole = "DropRole",
    /// `DROP BRANCH`
    DropBranch = "DropBranch",
    /// `ALTER TABLE … RENAME TO`
    RenameTable = "RenameTable",
    /// `ALTER VIEW … RENAME TO`
    RenameView = "RenameView",
    /// `ALTER MATERIALIZED VIEW … RENAME TO`
    RenameMaterializedView = "RenameMaterializedView",
    /// `ALTER SCHEMA … RENAME TO`
    RenameSchema = "RenameSchema",
    /// `ALTER TABLE … RENAME COLUMN`
    RenameColumn = "RenameColumn",
    /// `ALTER TABLE … ADD COLUMN`
    AddColumn = "AddColumn",
    /// `ALTER TABLE … DROP COLUMN`
    DropColumn = "DropColumn",
    /// `ALTER TABLE … ALTER COLUMN … SET DATA TYPE`
    SetColumnType = "SetColumnType",
    /// `ALTER TABLE … ALTER COLUMN … SET DEFAULT`
    SetDefaultValue = "SetDefaultValue",
    /// `ALTER TABLE … ALTER COLUMN … DROP DEFAULT`
    DropDefaultValue = "DropDefaultValue",
    /// `ALTER TABLE … ALTER COLUMN … DROP NOT NULL`
    DropNotNullConstraint = "DropNotNullConstraint",
    /// `ALTER … SET PROPERTIES`
    SetProperties = "SetProperties",
    /// `ALTER … SET AUTHORIZATION`
    SetAuthorization = "SetAuthorizationStatement",
    /// `ALTER TABLE … EXECUTE`
    TableExecute = "TableExecute",
    /// `ALTER VIEW … REFRESH`
    RefreshView = "RefreshView",
    /// `ALTER BRANCH … FAST FORWARD TO`
    FastForwardBranch = "FastForwardBranch",
    /// `REFRESH MATERIALIZED VIEW`
    RefreshMaterializedView = "RefreshMaterializedView",
    /// `COMMENT ON`
    Comment = "Comment",
    /// `ANALYZE`
    Analyze = "Analyze",
    /// `CALL`
    Call = "Call",
    /// `GRANT … ON`
    Grant = "Grant",
    /// `DENY … ON`
    Deny = "Deny",
    /// `REVOKE … ON`
    Revoke = "Revoke",
    /// `GRANT role TO`
    GrantRoles = "GrantRoles",
    /// `REVOKE role FROM`
    RevokeRoles = "RevokeRoles",
    /// `EXPLAIN`
    Explain = "Explain",
    /// `EXPLAIN ANALYZE`, which runs what it explains.
    ExplainAnalyze = "ExplainAnalyze",
    /// `SHOW TABLES`
    ShowTables = "ShowTables",
    /// `SHOW SCHEMAS`
    ShowSchemas = "ShowSchemas",
    /// `SHOW CATALOGS`
    ShowCatalogs = "ShowCatalogs",
    /// `SHOW COLUMNS`, `DESCRIBE`
    ShowColumns = "ShowColumns",
    /// `SHOW CREATE`
    ShowCreate = "ShowCreate",
    /// `SHOW STATS FOR`
    ShowStats = "ShowStats",
    /// `SHOW FUNCTIONS`
    ShowFunctions = "ShowFunctions",
    /// `SHOW SESSION`
    ShowSession = "ShowSession",
    /// `SHOW ROLES`
    ShowRoles = "ShowRoles",
    /// `SHOW ROLE GRANTS`
    ShowRoleGrants = "ShowRoleGrants",
    /// `SHOW GRANTS`
    ShowGrants = "ShowGrants",
    /// `SHOW BRANCHES`
    ShowBranches = "ShowBranches",
    /// `DESCRIBE INPUT`
    DescribeInput = "DescribeInput",
    /// `DESCRIBE OUTPUT`
    DescribeOutput = "DescribeOutput",
    /// `USE`
    Use = "Use",
    /// `SET SESSION`
    SetSession = "SetSession",
    /// `RESET SESSION`
    ResetSession = "ResetSession",
    /// `SET SESSION AUTHORIZATION`
    SetSessionAuthorization = "SetSessionAuthorization",
    /// `RESET SESSION AUTHORIZATION`
    ResetSessionAuthorization = "ResetSessionAuthorization",
    /// `SET ROLE`
    SetRole = "SetRole",
    /// `SET PATH`
    SetPath = "SetPath",
    /// `SET TIME ZONE`
    SetTimeZone = "SetTimeZone",
    /// `START TRANSACTION`
    StartTransaction = "StartTransaction",
    /// `COMMIT`
    Commit = "Commit",
    /// `ROLLBACK`
    Rollback = "Rollback",
    /// `PREPARE`
    Prepare = "Prepare",
    /// `EXECUTE`
    Execute = "Execute",
    /// `EXECUTE IMMEDIATE`
    ExecuteImmediate = "ExecuteImmediate",
    /// `DEALLOCATE PREPARE`
    Deallocate = "Deallocate",
}

impl StatementKind {
    /// Whether running the statement twice is the same as running it once, because it changes nothing: neither data
    /// nor metadata nor the session. What an [`ExplainAnalyze`](Self::ExplainAnalyze) runs is not seen here; ask
    /// [`Statement::is_read_only`](crate::Statement::is_read_only).
    #[must_use]
    pub const fn is_read_only(self) -> bool {
        matches!(
            self,
            Self::Query
                | Self::Explain
                | Self::ShowTables
                | Self::ShowSchemas
                | Self::ShowCatalogs
                | Self::ShowColumns
                | Self::ShowCreate
                | Self::ShowStats
                | Self::ShowFunctions
                | Self::ShowSession
                | Self::ShowRoles
                | Self::ShowRoleGrants
                | Self::ShowGrants
                | Self::ShowBranches
                | Self::DescribeInput
                | Self::DescribeOutput
        )
    }
}
