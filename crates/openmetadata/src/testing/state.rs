//! What the stand-in remembers, and what all of its parts need: time, ids, entities by id and name, their outer shape.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::http::{Exchange, Reply, Request};
use super::kinds::{Kind, ON_REQUEST};
use super::pipelines::Runs;
use super::server::Fault;
use crate::version::{Capabilities, Plurality, ServerVersion};

/// An entity.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) kind: Kind,
    pub(super) id: Uuid,
    pub(super) fqn: String,
    pub(super) json: Map<String, Value>,
}

impl Stored {
    pub(super) fn is_deleted(&self) -> bool {
        self.json.get("deleted") == Some(&Value::Bool(true))
    }

    pub(super) fn name(&self) -> &str {
        self.json.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// A reference to it.
    pub(super) fn reference(&self) -> Value {
        json!({"id": self.id, "type": self.kind.word(), "name": self.name(), "fullyQualifiedName": self.fqn,
            "deleted": self.is_deleted()})
    }

    /// The id in one of its references.
    pub(super) fn refers_to(&self, field: &str) -> Option<Uuid> {
        self.json.get(field)?.get("id")?.as_str()?.parse().ok()
    }
}

/// An edge of lineage.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) from: Uuid,
    pub(super) to: Uuid,
    pub(super) details: Value,
}

pub(super) struct State {
    pub(super) version: ServerVersion,
    pub(super) base: String,
    pub(super) clock: Box<dyn Fn() -> i64 + Send>,
    last_ms: i64,
    ids: u128,
    pub(super) entities: Vec<Stored>,
    pub(super) edges: Vec<Edge>,
    pub(super) runs: BTreeMap<Uuid, Runs>,
    /// By entity and day.
    pub(super) usage: BTreeMap<(Uuid, String), u64>,
    pub(super) events: Vec<Value>,
    /// How many events each subscription was told of.
    pub(super) delivered: BTreeMap<Uuid, usize>,
    /// User names by token.
    pub(super) tokens: BTreeMap<String, String>,
    /// Faults, each with the beginning of the requests (`PUT /api/v1/lineage`) that it is for.
    pub(super) faults: VecDeque<(String, Fault)>,
    pub(super) standing_fault: Option<Fault>,
    pub(super) exchanges: Vec<Exchange>,
}

impl State {
    pub(super) fn new(version: ServerVersion, base: String, clock: Box<dyn Fn() -> i64 + Send>) -> Self {
        let mut state = Self {
            version,
            base,
            clock,
            last_ms: 0,
            ids: 0,
            entities: Vec::new(),
            edges: Vec::new(),
            runs: BTreeMap::new(),
            usage: BTreeMap::new(),
            events: Vec::new(),
            delivered: BTreeMap::new(),
            tokens: BTreeMap::new(),
            faults: VecDeque::new(),
            standing_fault: None,
            exchanges: Vec::new(),
        };
        state.make_users();
        state
    }

    pub(super) fn can(&self) -> Capabilities {
        self.version.capabilities()
    }

    /// The fault that a request meets, if any.
    pub(super) fn next_fault(&mut self, request: &Request) -> Option<Fault> {
        let line = format!("{} {}", request.method, request.target);
        let due = self.faults.iter().position(|(beginning, _)| line.starts_with(beginning));
        due.and_then(|at| self.faults.remove(at)).map(|(_, fault)| fault).or_else(|| self.standing_fault.clone())
    }

    /// The moment, in milliseconds since 1970: later than at every call before.
    pub(super) fn now(&mut self) -> i64 {
        self.last_ms = (self.clock)().max(self.last_ms + 1);
        self.last_ms
    }

    /// A new id; the same at every run of a test.
    pub(super) fn new_id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(0x5741_5252_454e_4000_8000_0000_0000_0000 + self.ids)
    }

    pub(super) fn by_id(&self, kind: Kind, id: Uuid) -> Option<&Stored> {
        self.entities.iter().find(|entity| entity.kind == kind && entity.id == id)
    }

    pub(super) fn by_name(&self, kind: Kind, fqn: &str) -> Option<&Stored> {
        self.entities.iter().find(|entity| entity.kind == kind && entity.fqn == fqn)
    }

    /// An entity by its name, or the 404 for it.
    pub(super) fn present(&self, kind: Kind, fqn: &str) -> Result<&Stored, Reply> {
        let found = self.by_name(kind, fqn).filter(|entity| !entity.is_deleted());
        found.ok_or_else(|| Reply::error(404, &format!("{} instance for {fqn} not found", kind.word())))
    }

    /// An entity in the shape of the version, with what was asked for.
    pub(super) fn shaped(&self, entity: &Stored, fields: &[String], shows_secrets: bool) -> Value {
        let asked = |name: &str| fields.iter().any(|field| field == name || field == "*");
        let mut json = entity.json.clone();
        json.retain(|name, _| !ON_REQUEST.contains(&name.as_str()) || asked(name));
        if matches!(entity.kind, Kind::Query | Kind::EventSubscription) {
            json.remove("deleted");
        }
        if asked("children") && entity.kind == Kind::Container {
            json.insert("children".to_owned(), self.children(entity));
        }
        if asked("pipelineStatuses")
            && entity.kind == Kind::IngestionPipeline
            && let Some(last) = self.runs.get(&entity.id).and_then(Runs::last)
        {
            json.insert("pipelineStatuses".to_owned(), last);
        }
        if asked("usageSummary")
            && let Some(usage) = self.usage_summary(entity.id)
        {
            json.insert("usageSummary".to_owned(), usage);
        }
        let can = self.can();
        for (many, one, plurality) in [("owners", "owner", can.owners), ("domains", "domain", can.domains)] {
            if plurality == Plurality::One
                && let Some(list) = json.remove(many)
                && let Some(first) = list.get(0)
            {
                json.insert(one.to_owned(), first.clone());
            }
        }
        if !shows_secrets && let Some(connection) = json.get_mut("connection") {
            mask(connection);
        }
        Value::Object(json)
    }

    fn children(&self, parent: &Stored) -> Value {
        let children = self.entities.iter().filter(|child| child.refers_to("parent") == Some(parent.id));
        children.filter(|child| !child.is_deleted()).map(Stored::reference).collect()
    }

    /// The fields that a request asks for, in the words of the newest version; 400 for one that there is not.
    pub(super) fn asked_fields(&self, kind: Kind, param: Option<&str>) -> Result<Vec<String>, Reply> {
        let can = self.can();
        let mut fields = Vec::new();
        for field in param.unwrap_or_default().split(',').map(str::trim).filter(|field| !field.is_empty()) {
            let newest = match field {
                "owner" if can.owners == Plurality::One => "owners",
                "owners" if can.owners == Plurality::One => "",
                "domain" if can.domains == Plurality::One => "domains",
                "domains" if can.domains == Plurality::One => "",
                field => field,
            };
            if newest != "*" && !kind.fields().contains(&newest) {
                return Err(Reply::error(400, &format!("Invalid field name {field}")));
            }
            fields.push(newest.to_owned());
        }
        Ok(fields)
    }
}

/// Puts nine stars in the place of every password, as OpenMetadata does for everybody who is no bot.
fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.to_lowercase();
                let is_secret = ["password", "secret", "token", "privatekey"].iter().any(|word| name.contains(word));
                if is_secret && value.is_string() {
                    *value = json!("*********");
                } else {
                    mask(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
