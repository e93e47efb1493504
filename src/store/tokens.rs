//! API tokens. Only the hash of a token comes here; making and checking one is the business of `app`.

use chrono::{DateTime, TimeDelta, Utc};
use entity::api_token::{ActiveModel, Column, Entity};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set, SqlErr};
use uuid::Uuid;

use super::{Store, StoreError, rows};
use crate::jobs::{Identity, Principal, Scope};

/// How exactly the last use of a token is known. A write for each request would cost more than the request.
const LAST_USED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A token to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// Its id.
    pub id: Uuid,
    /// A name for people. Only one token of a name works at a time.
    pub name: String,
    /// Whom it stands for.
    pub principal: Principal,
    /// What it may do.
    pub scope: Scope,
    /// SHA-256 of the token, in hexadecimal.
    pub token_sha256: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it stops working; never where absent.
    pub expires: Option<DateTime<Utc>>,
}

/// A token as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: Uuid,
    /// A name for people.
    pub name: String,
    /// Whom it stands for.
    pub principal: Principal,
    /// What it may do.
    pub scope: Scope,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it stops working; never where absent.
    pub expires: Option<DateTime<Utc>>,
    /// When somebody took it back.
    pub revoked: Option<DateTime<Utc>>,
    /// When it was last shown, to the minute.
    pub last_used: Option<DateTime<Utc>>,
}

impl Store {
    /// Stores a token.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another token of that name works; when the database is not available.
    pub async fn insert_token(&self, token: &NewToken) -> Result<(), StoreError> {
        let statements = self.writing("store an API token");
        let insert = Entity::insert(rows::new_token(token)?).into_query();
        match statements.try_execute(&insert).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Err(StoreError::Conflict { what: "name of the token" })
            }
            Err(error) => Err(statements.error(&error)),
        }
    }

    /// Whom a token stands for and what it may do, if it works now. Its last use is noted, once a minute.
    ///
    /// # Errors
    /// When the database is not available or the row is corrupt.
    pub async fn identity_of(&self, token_sha256: &str, now: DateTime<Utc>) -> Result<Option<Identity>, StoreError> {
        let select = Entity::find().filter(Column::TokenSha256.eq(token_sha256)).filter(works_at(now)).into_query();
        let Some(row) = self.reading("look up an API token").one(&select).await? else { return Ok(None) };
        let token = rows::api_token(&row)?;
        if token.last_used.is_none_or(|last_used| last_used <= now - LAST_USED_EVERY) {
            let used = ActiveModel { last_used: Set(Some(now)), ..ActiveModel::default() };
            let update = Entity::update_many().set(used).filter(Column::Id.eq(token.id)).into_query();
            self.writing("note the use of an API token").execute(&update).await?;
        }
        Ok(Some(Identity { principal: token.principal, scope: token.scope }))
    }

    /// Whether any token works now.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn has_live_token(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let select = Entity::find().select_only().column(Column::Id).filter(works_at(now)).limit(1).into_query();
        Ok(self.reading("look for an API token").one(&select).await?.is_some())
    }

    /// Every token, oldest first, with those that do not work any more.
    ///
    /// # Errors
    /// When the database is not available or a row is corrupt.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let select = Entity::find().order_by_asc(Column::Created).order_by_asc(Column::Id).into_query();
        self.reading("list API tokens").all(&select).await?.iter().map(rows::api_token).collect()
    }

    /// Takes the token of that id or name back; whether there was one to take.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn revoke_token(&self, id_or_name: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let meant = Condition::any()
            .add(Column::Name.eq(id_or_name))
            .add_option(Uuid::parse_str(id_or_name).ok().map(|id| Column::Id.eq(id)));
        let revoked = ActiveModel { revoked: Set(Some(now)), ..ActiveModel::default() };
        let update = Entity::update_many().set(revoked).filter(Column::Revoked.is_null()).filter(meant).into_query();
        Ok(self.writing("revoke an API token").execute(&update).await? > 0)
    }
}

fn works_at(now: DateTime<Utc>) -> Condition {
    let not_expired = Condition::any().add(Column::Expires.is_null()).add(Column::Expires.gt(now));
    Condition::all().add(Column::Revoked.is_null()).add(not_expired)
}
