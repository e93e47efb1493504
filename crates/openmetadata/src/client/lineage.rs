//! Edges of lineage.

use reqwest::Method;
use uuid::Uuid;

use super::{Client, Get, Key};
use crate::entity::{EntityHead, EntityKind};
use crate::error::Error;
use crate::fqn::Fqn;
use crate::lineage::{AddLineage, EdgeAnswer, LineageDetails, LineageGraph, LineageNode};
use crate::transport::Call;

impl Client {
    /// What the edge between two entities says; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a node is named and not there; else any other failure of a request.
    pub async fn lineage_edge(&self, from: &LineageNode, to: &LineageNode) -> Result<Option<LineageDetails>, Error> {
        let (_, from) = self.node_id(from).await?;
        let (_, to) = self.node_id(to).await?;
        let (from, to) = (from.to_string(), to.to_string());
        match self.json::<EdgeAnswer>(Call::get(&["lineage", "getLineageEdge", &from, &to])).await {
            Ok(answer) => Ok(Some(answer.edge)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the edge between two entities, or replaces all that it says; see [`crate::merge_details`]. By names where
    /// both have one and the server takes them (since 2.0), else by ids.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of the entities is not there; [`Error::UnknownColumns`] when the request was refused
    /// and had columns; else any other failure of a request. Newer servers drop unknown columns
    /// without a word.
    pub async fn put_lineage(
        &self,
        from: &LineageNode,
        to: &LineageNode,
        details: &LineageDetails,
    ) -> Result<(), Error> {
        let outcome = match self.put_by_name(from, to, details).await {
            Some(outcome) => outcome,
            None => self.put_by_id(from, to, details).await,
        };
        match outcome {
            Err(Error::BadRequest { message }) if !details.columns_lineage.is_empty() => {
                Err(Error::UnknownColumns { message })
            }
            outcome => outcome,
        }
    }

    /// Takes the edge between two entities away. One that is not there counts as taken away.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a node is named and not there; else any other failure of a request.
    pub async fn delete_lineage(&self, from: &LineageNode, to: &LineageNode) -> Result<(), Error> {
        let (from_kind, from) = self.node_id(from).await?;
        let (to_kind, to) = self.node_id(to).await?;
        let (from, to) = (from.to_string(), to.to_string());
        let call = Call::new(Method::DELETE, &["lineage", from_kind.as_str(), &from, to_kind.as_str(), &to]);
        match self.send(call).await {
            Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What lies around an entity, so many steps up and down (0 to 3).
    ///
    /// # Errors
    /// [`Error::NotFound`], or any other failure of a request.
    pub async fn lineage(&self, node: &LineageNode, upstream: u8, downstream: u8) -> Result<LineageGraph, Error> {
        let call = match node {
            LineageNode::Id { kind, id } => Call::get(&["lineage", kind.as_str(), &id.to_string()]),
            LineageNode::Named { kind, fqn } => Call::get(&["lineage", kind.as_str(), "name", &self.text(fqn).await?]),
        };
        let call = call.with("upstreamDepth", upstream.to_string()).with("downstreamDepth", downstream.to_string());
        self.json(call).await
    }

    /// By names; `None` when that is no way for this server or these nodes.
    async fn put_by_name(
        &self,
        from: &LineageNode,
        to: &LineageNode,
        details: &LineageDetails,
    ) -> Option<Result<(), Error>> {
        let (LineageNode::Named { kind: from_kind, fqn: from }, LineageNode::Named { kind: to_kind, fqn: to }) =
            (from, to)
        else {
            return None;
        };
        let by_name = async {
            if !self.capabilities().await?.lineage_by_name {
                return Ok(false);
            }
            let (from, to) = (self.text(from).await?, self.text(to).await?);
            let segments = ["lineage", from_kind.as_str(), "name", &from, to_kind.as_str(), "name", &to];
            self.send(Call::new(Method::PUT, &segments).with_body(json_body(details)?)).await?;
            Ok(true)
        };
        match by_name.await {
            Ok(true) => Some(Ok(())),
            // 404 also when the server has no such route; then the ids tell whether the entities are there.
            Ok(false) | Err(Error::NotFound { .. } | Error::Http { status: 405, .. }) => None,
            Err(error) => Some(Err(error)),
        }
    }

    async fn put_by_id(&self, from: &LineageNode, to: &LineageNode, details: &LineageDetails) -> Result<(), Error> {
        let (from, to) = (self.node_id(from).await?, self.node_id(to).await?);
        let body = json_body(&AddLineage::new(from, to, details))?;
        self.send(Call::new(Method::PUT, &["lineage"]).with_body(body)).await.map(|_empty| ())
    }

    async fn node_id(&self, node: &LineageNode) -> Result<(EntityKind, Uuid), Error> {
        match node {
            LineageNode::Id { kind, id } => Ok((*kind, *id)),
            LineageNode::Named { kind, fqn } => Ok((*kind, self.id_of(*kind, fqn).await?)),
        }
    }

    async fn id_of(&self, kind: EntityKind, fqn: &Fqn) -> Result<Uuid, Error> {
        let head: EntityHead = self.entity(kind, Key::Fqn(fqn), &Get::default()).await?;
        Ok(head.id)
    }
}

pub(super) fn json_body<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|source| Error::Malformed { source })
}
