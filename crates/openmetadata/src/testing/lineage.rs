//! Edges of lineage: by ids, and since 2.0 by names.

use serde_json::{Value, json};
use uuid::Uuid;

use super::columns::has_column;
use super::http::{Reply, Request};
use super::kinds::Kind;
use super::state::{Edge, State, Stored};
use crate::version::ServerVersion;

impl State {
    pub(super) fn lineage_route(&mut self, path: &[&str], request: &Request, user: &str) -> Result<Reply, Reply> {
        let by_name = self.can().lineage_by_name;
        match (request.method.as_str(), path) {
            ("PUT", []) => self.put_edge(&request.json()?, user),
            ("GET", ["getLineageEdge", from, to]) => self.edge(parsed(from)?, parsed(to)?),
            ("PUT", [from_kind, "name", from, to_kind, "name", to]) if by_name => {
                let (from, to) = (self.named(from_kind, from)?, self.named(to_kind, to)?);
                self.keep_edge(&from, &to, request.json()?, user)
            }
            ("DELETE", [_, from, _, to]) => {
                let (from, to) = (parsed(from)?, parsed(to)?);
                self.edge(from, to)?;
                self.edges.retain(|edge| (edge.from, edge.to) != (from, to));
                Ok(Reply::empty(200))
            }
            ("GET", [kind, "name", fqn]) => {
                let entity = self.named(kind, fqn)?;
                Ok(self.graph(&entity, request))
            }
            ("GET", [kind, id]) => {
                let entity = self.referred(&json!({"type": kind, "id": id}))?.clone();
                Ok(self.graph(&entity, request))
            }
            _ => Err(Reply::error(404, "HTTP 404 Not Found")),
        }
    }

    fn put_edge(&mut self, body: &Value, user: &str) -> Result<Reply, Reply> {
        let edge = body.get("edge").ok_or_else(|| Reply::error(400, "[edge must not be null]"))?;
        let from = self.referred(edge.get("fromEntity").unwrap_or(&Value::Null))?.clone();
        let to = self.referred(edge.get("toEntity").unwrap_or(&Value::Null))?.clone();
        self.keep_edge(&from, &to, edge.get("lineageDetails").cloned().unwrap_or_else(|| json!({})), user)
    }

    /// Replaces all of an edge. A column that is not there is refused by old servers and dropped by newer ones; which
    /// release changed that is not known, 1.8 is the stand-in's own choice.
    fn keep_edge(&mut self, from: &Stored, to: &Stored, mut details: Value, user: &str) -> Result<Reply, Reply> {
        if let Some(pipeline) = details.get("pipeline").filter(|pipeline| !pipeline.is_null()) {
            self.referred(pipeline)?;
        }
        let drops = self.version >= ServerVersion::new(1, 8, 0);
        if let Some(lines) = details.get_mut("columnsLineage").and_then(Value::as_array_mut) {
            let unknown = lines.iter().find_map(|line| unknown_column(line, from, to));
            match unknown {
                Some(column) if !drops => {
                    return Err(Reply::error(400, &format!("Invalid column name {column}")));
                }
                _ => lines.retain(|line| unknown_column(line, from, to).is_none()),
            }
        }
        if details.get("source").is_none() {
            details["source"] = json!("Manual");
        }
        if drops {
            let now = self.now();
            details["updatedAt"] = json!(now);
            details["updatedBy"] = json!(user);
        }
        self.edges.retain(|edge| (edge.from, edge.to) != (from.id, to.id));
        self.edges.push(Edge { from: from.id, to: to.id, details });
        Ok(Reply::empty(200))
    }

    fn edge(&self, from: Uuid, to: Uuid) -> Result<Reply, Reply> {
        let edge = self.edges.iter().find(|edge| (edge.from, edge.to) == (from, to));
        let missing = || Reply::error(404, &format!("Lineage edge not found between {from} and {to}"));
        edge.map(|edge| Reply::ok(&json!({"edge": edge.details}))).ok_or_else(missing)
    }

    fn named(&self, kind: &str, fqn: &str) -> Result<Stored, Reply> {
        let kind = Kind::by_word(kind).ok_or_else(|| Reply::error(404, &format!("Entity type {kind} not found")))?;
        self.present(kind, fqn).cloned()
    }

    /// The neighbours of an entity, as many steps away as asked for.
    fn graph(&self, entity: &Stored, request: &Request) -> Reply {
        let depth = |name: &str| request.param(name).and_then(|depth| depth.parse().ok()).unwrap_or(1).min(3);
        let (upstream, mut near) = self.walk(entity.id, depth("upstreamDepth"), |edge| (edge.to, edge.from));
        let (downstream, others) = self.walk(entity.id, depth("downstreamDepth"), |edge| (edge.from, edge.to));
        near.extend(others);
        let is_near = |other: &&Stored| other.id != entity.id && near.contains(&other.id);
        let nodes: Vec<_> = self.entities.iter().filter(is_near).map(Stored::reference).collect();
        Reply::ok(&json!({"entity": entity.reference(), "nodes": nodes, "upstreamEdges": upstream,
            "downstreamEdges": downstream}))
    }

    fn walk(&self, start: Uuid, depth: u8, ends: impl Fn(&Edge) -> (Uuid, Uuid)) -> (Vec<Value>, Vec<Uuid>) {
        let (mut found, mut seen, mut here) = (Vec::new(), vec![start], vec![start]);
        for _ in 0..depth {
            let mut next = Vec::new();
            for edge in self.edges.iter().filter(|edge| here.contains(&ends(edge).0)) {
                let details = &edge.details;
                found.push(json!({"fromEntity": edge.from, "toEntity": edge.to, "lineageDetails": details}));
                let far = ends(edge).1;
                if !seen.contains(&far) {
                    seen.push(far);
                    next.push(far);
                }
            }
            here = next;
        }
        (found, seen)
    }
}

fn parsed(id: &str) -> Result<Uuid, Reply> {
    id.parse().map_err(|_no_id| Reply::error(404, "HTTP 404 Not Found"))
}

/// The first column of a line that neither end has.
fn unknown_column(line: &Value, from: &Stored, to: &Stored) -> Option<String> {
    let sources = line.get("fromColumns").and_then(Value::as_array).into_iter().flatten();
    let unknown = sources.filter_map(Value::as_str).find(|column| !owns(from, column));
    let target = line.get("toColumn").and_then(Value::as_str).unwrap_or_default();
    unknown.or_else(|| (!owns(to, target)).then_some(target)).map(str::to_owned)
}

fn owns(entity: &Stored, column: &str) -> bool {
    let columns = match entity.kind {
        Kind::Container => entity.json.get("dataModel").and_then(|model| model.get("columns")),
        _ => entity.json.get("columns"),
    };
    columns.is_some_and(|columns| has_column(columns, column))
}
