//! Answers of OpenMetadata that are kept for all processes.

use chrono::{DateTime, Utc};
use entity::om_entity::{Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, OnConflict};
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
    /// From when on its age counts: when it was asked for, or earlier where it must be asked for again.
    pub fetched: DateTime<Utc>,
}

/// Some of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers<'a> {
    /// All of them.
    All,
    /// Those about what has one of these names, what lies in it, and what has this id.
    About {
        /// The names, as OpenMetadata writes them.
        fqns: &'a [String],
        /// The question for the id.
        id_key: &'a str,
    },
    /// Those about what has one of these names, whatever the case of English letters.
    Called {
        /// The names.
        fqns: &'a [String],
    },
}

impl Answers<'_> {
    fn condition(&self) -> Condition {
        match self {
            Self::All => Condition::all(),
            Self::About { fqns, id_key } => {
                fqns.iter().fold(Condition::any().add(Column::Key.eq(*id_key)), |meant, fqn| {
                    let below = LikeExpr::new(below(fqn)).escape('\\');
                    meant.add(Column::Fqn.eq(fqn.as_str())).add(Column::Fqn.like(below))
                })
            }
            Self::Called { fqns } => {
                let folded = || Expr::expr(Func::lower(Expr::col(Column::Fqn)));
                let none = Condition::any().add(Expr::val(1).eq(0));
                fqns.iter().fold(none, |meant, fqn| meant.add(folded().eq(Func::lower(Expr::val(fqn.as_str())))))
            }
        }
    }
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

    /// Makes answers so old that they must be asked for again, where they are not that old already.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn age_answers(&self, answers: &Answers<'_>, aged: DateTime<Utc>) -> Result<(), StoreError> {
        let older = Entity::update_many().col_expr(Column::Fetched, Expr::value(aged));
        let update = older.filter(Column::Fetched.gt(aged)).filter(answers.condition()).into_query();
        self.writing("have answers of OpenMetadata be asked for again").execute(&update).await?;
        Ok(())
    }

    /// Forgets answers.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn forget_answers(&self, answers: &Answers<'_>) -> Result<(), StoreError> {
        let delete = Entity::delete_many().filter(answers.condition()).into_query();
        self.writing("forget answers of OpenMetadata").execute(&delete).await?;
        Ok(())
    }

    /// Forgets the answer to a question.
    ///
    /// # Errors
    /// When the database is not available.
    pub async fn forget_answer(&self, key: &str) -> Result<(), StoreError> {
        let delete = Entity::delete_many().filter(Column::Key.eq(key)).into_query();
        self.writing("forget an answer of OpenMetadata").execute(&delete).await?;
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
