//! Answers of OpenMetadata that are kept for all processes.

use chrono::{DateTime, Utc};
use entity::om_entity::{Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, OnConflict};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryTrait};

use crate::store::{Store, StoreError, rows};

/// An answer and when it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// What was asked.
    pub key: String,
    /// The FQN of what it is about.
    pub fqn: String,
    /// The answer, as JSON.
    pub document: String,
    /// When it was asked for.
    pub fetched: DateTime<Utc>,
}

impl Store {
    /// The answer to a question, if one is kept.
    ///
    /// # Errors
    /// When the database is not available or the row is corrupt.
    pub async fn kept_answer(&self, key: &str) -> Result<Option<StoredAnswer>, StoreError> {
        let select = Entity::find().filter(Column::Key.eq(key)).into_query();
        self.reading("look up an answer of OpenMetadata")
            .one(&select)
            .await?
            .as_ref()
            .map(rows::stored_answer)
            .transpose()
    }

    /// Keeps an answer in the place of an older one.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for a text with the character U+0000; when the database is not available.
    pub async fn keep_answer(&self, answer: &StoredAnswer) -> Result<(), StoreError> {
        let mut newest = OnConflict::column(Column::Key);
        newest.update_columns([Column::Fqn, Column::Document, Column::Fetched]);
        newest.action_and_where(Expr::col((Entity, Column::Fetched)).lte(answer.fetched));
        let insert = Entity::insert(rows::new_answer(answer)?).on_conflict(newest).into_query();
        self.writing("keep an answer of OpenMetadata").execute(&insert).await?;
        Ok(())
    }

    /// Forgets the answers about something and what lies in it, or with this id, that were asked for before a moment.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn forget_answers(
        &self,
        fqn: Option<&str>,
        id_key: &str,
        before: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut meant = Condition::any().add(Column::Key.eq(id_key));
        if let Some(fqn) = fqn {
            meant = meant.add(Column::Fqn.eq(fqn)).add(Column::Fqn.like(LikeExpr::new(below(fqn)).escape('\\')));
        }
        let delete = Entity::delete_many().filter(Column::Fetched.lte(before)).filter(meant).into_query();
        self.writing("forget answers of OpenMetadata").execute(&delete).await?;
        Ok(())
    }

    /// Forgets the answers that are too old to count.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn forget_old_answers(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let delete = Entity::delete_many().filter(Column::Fetched.lt(before)).into_query();
        self.writing("forget old answers of OpenMetadata").execute(&delete).await?;
        Ok(())
    }
}

/// A pattern for names that lie in this one.
fn below(fqn: &str) -> String {
    let mut pattern = String::with_capacity(fqn.len() + 2);
    for character in fqn.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push_str(".%");
    pattern
}
