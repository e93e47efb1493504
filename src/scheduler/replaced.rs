//! A view that was replaced: what its text read before and does not read any more is no source of it.

use std::collections::BTreeSet;

use warren_openmetadata::{EntityKind, EntityRef, Fqn, LineageNode, LineageSource};

use super::endpoint::Endpoint;
use super::setback::Setback;
use super::task::Task;
use crate::models::{Command, CommandState};
use crate::store::CommandFilter;

/// How many commands are read at once.
const PAGE: u16 = 500;

impl Task {
    /// Whether the command says all of the lineage that its target has: the text of a view is all that it is made of.
    pub(super) fn says_all(&self) -> bool {
        self.command.payload.statement == "CreateView" && self.command.payload.complete
    }

    /// Takes edges away that an earlier text of the view led to. Only those that Warren told of itself: what others found
    /// out about a view, perhaps under another name of the same table, is theirs.
    pub(super) async fn forget_replaced(&self, view: &Endpoint) -> Result<(), Setback> {
        if !self.says_all() {
            return Ok(());
        }
        let siblings = self.siblings().await?;
        let sources: BTreeSet<String> =
            siblings.iter().filter_map(|own| own.from_fqn.as_deref()).map(str::to_lowercase).collect();
        let others: Vec<(String, LineageNode)> =
            self.view_sources(view).await?.into_iter().filter(|(name, _)| !sources.contains(name)).collect();
        if others.is_empty() {
            return Ok(());
        }
        let told = self.told_before().await?;
        for (_, node) in others.iter().filter(|(name, _)| told.contains(name)) {
            self.openmetadata().delete_lineage(node, &view.by_id()).await?;
        }
        Ok(())
    }

    /// What OpenMetadata says that the text of a view reads, by name in lower case.
    async fn view_sources(&self, view: &Endpoint) -> Result<Vec<(String, LineageNode)>, Setback> {
        let graph = self.openmetadata().lineage(&view.by_id(), 1, 0).await?;
        let is_source = |node: &&EntityRef| {
            graph.upstream_edges.iter().any(|edge| {
                (edge.from_entity, edge.to_entity) == (node.id, view.id())
                    && edge.lineage_details.source == LineageSource::ViewLineage
            })
        };
        Ok(graph.nodes.iter().filter(is_source).filter_map(named).collect())
    }

    /// The sources of this view that earlier commands told of and no later one names, by name in lower case. What a later
    /// text of the view reads again stays: its own command may have been settled by the earlier one.
    async fn told_before(&self) -> Result<BTreeSet<String>, Setback> {
        let filter = CommandFilter {
            model: Some(self.command.model_name_fqn.clone()),
            command: Some(Command::Lineage),
            ..CommandFilter::default()
        };
        let (mut told, mut later, mut after) = (BTreeSet::new(), BTreeSet::new(), None);
        loop {
            let page = self.scheduler.app.store.commands(&filter, after, PAGE).await;
            let page = page.map_err(|error| Setback::Database(error.into()))?;
            for own in page.items {
                let Some(name) = own.command.from_fqn.map(|name| name.to_lowercase()) else { continue };
                let is_of_view = own.command.payload.statement == "CreateView";
                if own.id > self.id {
                    later.insert(name);
                } else if is_of_view && matches!(own.state, CommandState::Done { .. }) {
                    told.insert(name);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        told.retain(|name| !later.contains(name));
        Ok(told)
    }
}

/// A table or container by its name in lower case.
fn named(node: &EntityRef) -> Option<(String, LineageNode)> {
    let kind = [EntityKind::Table, EntityKind::Container].into_iter().find(|kind| kind.as_str() == node.kind)?;
    let name = Fqn::parse(node.fully_qualified_name.as_deref()?).ok()?;
    Some((name.to_string().to_lowercase(), LineageNode::Id { kind, id: node.id }))
}
