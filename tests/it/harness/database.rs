//! A database of its own for each server on PostgreSQL, dropped at the end.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

use super::stack::{unique, variable};

/// A database that exists for one test.
pub struct OwnDatabase {
    admin: DatabaseConnection,
    name: String,
    /// Where it is.
    pub url: String,
}

impl OwnDatabase {
    pub async fn create() -> Self {
        let base = variable("WARREN_TEST_DATABASE_URL").unwrap();
        let admin = Database::connect(&base).await.unwrap();
        let name = format!("warren_{}", unique());
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        let mut url = url::Url::parse(&base).unwrap();
        url.set_path(&name);
        Self { admin, name, url: url.into() }
    }

    pub async fn drop(self) {
        self.admin.execute_unprepared(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await.unwrap();
    }
}
