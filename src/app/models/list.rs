//! Look at models. They are for everybody to see: what a query may name is no secret of whoever made it.

use super::model_not_found;
use crate::app::{App, AppError};
use crate::models::{Model, ModelId};
use crate::store::{ModelFilter, ModelPage};

/// Which models, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListModels {
    /// Whose, and with which names.
    pub filter: ModelFilter,
    /// After this model.
    pub after: Option<ModelId>,
    /// The most of a page.
    pub limit: u16,
}

impl App {
    /// A page of models, newest first.
    ///
    /// # Errors
    /// When the database is gone.
    pub async fn find_models(&self, request: ListModels) -> Result<ModelPage, AppError> {
        let ListModels { filter, after, limit } = request;
        Ok(self.store.models(&filter, after, limit).await?)
    }

    /// One model.
    ///
    /// # Errors
    /// When there is no such model, or the database is gone.
    pub async fn get_model(&self, id: ModelId) -> Result<Model, AppError> {
        self.store.model(id).await?.ok_or_else(|| model_not_found(id))
    }
}
