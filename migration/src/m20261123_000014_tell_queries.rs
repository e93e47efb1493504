//! The command `QUERY` in the table `model_queue`. The CHECK that names the commands is widened; PostgreSQL changes it in
//! its place, SQLite makes the table anew, with the same rows, numbers, rules and indexes.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

const WITHOUT: &str = "command IN ('LINEAGE', 'INGESTION')";
const WITH: &str = "command IN ('LINEAGE', 'INGESTION', 'QUERY')";

/// What SQLite makes the table and its indexes of, in the order in which they were made.
const MADE_OF: &str = "SELECT type, sql FROM sqlite_master \
    WHERE tbl_name = 'model_queue' AND type IN ('table', 'index') AND sql IS NOT NULL ORDER BY rowid";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace_check(manager, WITHOUT, WITH).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Nobody before this step knows the command, and nothing is wrong when it is not carried out.
        manager.get_connection().execute_unprepared("DELETE FROM model_queue WHERE command = 'QUERY'").await?;
        replace_check(manager, WITH, WITHOUT).await
    }
}

async fn replace_check(manager: &SchemaManager<'_>, old: &str, new: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Sqlite {
        return make_anew(manager, old, new).await;
    }
    let sql = format!(
        "ALTER TABLE model_queue DROP CONSTRAINT model_queue_command_is_known, \
         ADD CONSTRAINT model_queue_command_is_known CHECK ({new})"
    );
    manager.get_connection().execute_unprepared(&sql).await.map(|_done| ())
}

/// SQLite cannot change a CHECK (`lang_altertable.html`, 7). The new table is made of the very text of the old one, so that
/// it differs in nothing else. The step is part of a transaction, like all steps.
async fn make_anew(manager: &SchemaManager<'_>, old: &str, new: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let (mut table, mut indexes) = (None, Vec::new());
    for row in connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, MADE_OF)).await? {
        let (kind, sql): (String, String) = (row.try_get("", "type")?, row.try_get("", "sql")?);
        match kind.as_str() {
            "table" => table = Some(sql),
            _ => indexes.push(sql),
        }
    }
    let unknown = || DbErr::Migration("the table model_queue is not as the steps before have made it".to_owned());
    let table = table.filter(|sql| sql.contains(old)).ok_or_else(unknown)?;
    let (_, definition) = table.split_once('(').ok_or_else(unknown)?;
    let definition = definition.replace(old, new);
    let mut statements = vec![
        format!("CREATE TABLE model_queue_anew ({definition}"),
        "INSERT INTO model_queue_anew SELECT * FROM model_queue".to_owned(),
        // A number is never given twice, also when the rows that had the last ones are deleted.
        "DELETE FROM sqlite_sequence WHERE name = 'model_queue_anew'".to_owned(),
        "INSERT INTO sqlite_sequence (name, seq) \
         SELECT 'model_queue_anew', seq FROM sqlite_sequence WHERE name = 'model_queue'"
            .to_owned(),
        "DROP TABLE model_queue".to_owned(),
        "ALTER TABLE model_queue_anew RENAME TO model_queue".to_owned(),
    ];
    statements.append(&mut indexes);
    for statement in statements {
        connection.execute_unprepared(&statement).await?;
    }
    Ok(())
}
