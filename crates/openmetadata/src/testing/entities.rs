//! Entities: made, changed, read, deleted, restored.

use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::auth::Caller;
use super::columns::{name_columns, problem};
use super::http::{Reply, Request};
use super::kinds::Kind;
use super::state::{State, Stored};
use crate::fqn::{Fqn, check_entity_name};
use crate::version::Plurality;

/// What an entity lies in: its own references, and the name that its own begins with.
struct Place {
    references: Map<String, Value>,
    name: Option<String>,
}

impl State {
    /// Makes an entity, or changes the one of its name. 201, or 200.
    pub(super) fn put(&mut self, kind: Kind, body: &Value, caller: &str) -> Result<Reply, Reply> {
        let body = body.as_object().ok_or_else(|| Reply::error(400, "request body must not be null"))?;
        self.refuse_unknown_fields(kind, body)?;
        let place = self.place(kind, body)?;
        let name = own_name(kind, body)?;
        let fqn = match &place.name {
            Some(parent) => Fqn::parse(parent).and_then(|parent| parent.child(&name)),
            None => Fqn::from_raw_parts([name.as_str()]),
        };
        let fqn = fqn.map_err(|error| Reply::error(400, &error.to_string()))?;
        let text = fqn.text(self.can().grammar).map_err(|_quote| Reply::error(400, &format!("Invalid name {name}")))?;
        let mut content = place.references;
        content.extend(self.content(kind, body, &fqn)?);
        content.insert("name".to_owned(), json!(name));
        content.insert("fullyQualifiedName".to_owned(), json!(text));
        let known = self.entities.iter().position(|known| known.kind == kind && known.fqn == text);
        let (status, id) = match known {
            Some(index) => (200, self.change(index, content, caller)),
            None => (201, self.make(kind, text, content, caller)),
        };
        let fields: Vec<String> = kind.fields().iter().map(ToString::to_string).collect();
        let entity = self.by_id(kind, id).ok_or_else(|| Reply::error(500, "the entity got lost"))?;
        let mut reply = Reply::json(status, &self.shaped(entity, &fields, true));
        reply.location = Some(self.href(kind, id));
        Ok(reply)
    }

    /// One entity, by id or by name, as `path` says.
    pub(super) fn get(&self, kind: Kind, path: &[&str], request: &Request, caller: &Caller) -> Result<Reply, Reply> {
        let fields = self.asked_fields(kind, request.param("fields"))?;
        let (found, asked) = match path {
            ["name", fqn] => (self.by_name(kind, fqn), *fqn),
            [id] => (id.parse().ok().and_then(|id| self.by_id(kind, id)), *id),
            _ => return Err(Reply::error(404, "HTTP 404 Not Found")),
        };
        let include = request.param("include").unwrap_or("non-deleted");
        let found = found.filter(|entity| is_included(entity, include));
        let missing = || Reply::error(404, &format!("{} instance for {asked} not found", kind.word()));
        Ok(Reply::ok(&self.shaped(found.ok_or_else(missing)?, &fields, caller.is_bot)))
    }

    /// Deletes an entity and, when told so, what lies in it.
    pub(super) fn delete(&mut self, kind: Kind, id: &str, request: &Request, caller: &str) -> Result<Reply, Reply> {
        let missing = || Reply::error(404, &format!("{} instance for {id} not found", kind.word()));
        let root = id.parse().ok().and_then(|id| self.by_id(kind, id)).cloned().ok_or_else(missing)?;
        let is_hard = request.param("hardDelete") == Some("true");
        let below = self.below(&root);
        let is_recursive = request.param("recursive") == Some("true");
        if !below.is_empty() && !is_recursive {
            return Err(Reply::error(400, &format!("{} is not empty", kind.word())));
        }
        let mut gone = vec![root.clone()];
        gone.extend(below);
        let event = if is_hard { "entityDeleted" } else { "entitySoftDeleted" };
        // Since 2.0 the root alone is spoken of.
        let told = if self.version.major >= 2 { 1 } else { gone.len() };
        for entity in gone.iter().take(told) {
            self.log(event, entity, caller, is_recursive && self.version.major >= 2);
        }
        let ids: Vec<Uuid> = gone.iter().map(|entity| entity.id).collect();
        for entity in self.entities.iter_mut().filter(|entity| ids.contains(&entity.id)) {
            entity.json.insert("deleted".to_owned(), json!(true));
        }
        let mut answer = self.by_id(kind, root.id).map(|entity| self.shaped(entity, &[], true)).unwrap_or_default();
        if is_hard {
            self.entities.retain(|entity| !ids.contains(&entity.id));
            self.edges.retain(|edge| !ids.contains(&edge.from) && !ids.contains(&edge.to));
            answer["deleted"] = json!(true);
        }
        Ok(Reply::ok(&answer))
    }

    pub(super) fn restore(&mut self, kind: Kind, body: &Value, caller: &str) -> Result<Reply, Reply> {
        let id: Uuid = body.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok()).unwrap_or_default();
        let entity = self.entities.iter_mut().find(|entity| entity.kind == kind && entity.id == id);
        let entity = entity.ok_or_else(|| Reply::error(404, "entity not found"))?;
        entity.json.insert("deleted".to_owned(), json!(false));
        let entity = entity.clone();
        self.log("entityRestored", &entity, caller, false);
        Ok(Reply::ok(&self.shaped(&entity, &[], true)))
    }

    /// Changes fields of an entity, as a person does in the console.
    pub(super) fn edit(&mut self, kind: Kind, fqn: &str, fields: &Map<String, Value>) -> Result<(), Reply> {
        self.present(kind, fqn)?;
        if let Some(index) = self.entities.iter().position(|known| known.kind == kind && known.fqn == fqn) {
            self.change(index, fields.clone(), "admin");
        }
        Ok(())
    }

    pub(super) fn href(&self, kind: Kind, id: Uuid) -> String {
        format!("{}/v1/{}/{id}", self.base, kind.collection().join("/"))
    }

    fn below(&self, root: &Stored) -> Vec<Stored> {
        let Ok(root_name) = Fqn::parse(&root.fqn) else { return Vec::new() };
        let is_data = |entity: &&Stored| !matches!(entity.kind, Kind::User | Kind::Bot | Kind::EventSubscription);
        let lies_below = |entity: &&Stored| {
            entity.id != root.id && Fqn::parse(&entity.fqn).is_ok_and(|name| name.starts_with(&root_name))
        };
        self.entities.iter().filter(is_data).filter(lies_below).cloned().collect()
    }

    fn make(&mut self, kind: Kind, fqn: String, mut content: Map<String, Value>, caller: &str) -> Uuid {
        let id = self.new_id();
        content.insert("id".to_owned(), json!(id));
        content.insert("version".to_owned(), json!(0.1));
        content.insert("updatedAt".to_owned(), json!(self.now()));
        content.insert("updatedBy".to_owned(), json!(caller));
        content.insert("href".to_owned(), json!(self.href(kind, id)));
        content.insert("deleted".to_owned(), json!(false));
        let entity = Stored { kind, id, fqn, json: content };
        self.entities.push(entity.clone());
        self.log("entityCreated", &entity, caller, false);
        id
    }

    fn change(&mut self, index: usize, content: Map<String, Value>, caller: &str) -> Uuid {
        let now = self.now();
        let Some(entity) = self.entities.get_mut(index) else { return Uuid::nil() };
        let before = entity.json.clone();
        entity.json.extend(content);
        if entity.json != before {
            let version = before.get("version").and_then(Value::as_f64).unwrap_or(0.1);
            entity.json.insert("version".to_owned(), json!((version * 10.0 + 1.0).round() / 10.0));
            entity.json.insert("updatedAt".to_owned(), json!(now));
            entity.json.insert("updatedBy".to_owned(), json!(caller));
            let entity = entity.clone();
            self.log("entityUpdated", &entity, caller, false);
            return entity.id;
        }
        entity.id
    }

    fn refuse_unknown_fields(&self, kind: Kind, body: &Map<String, Value>) -> Result<(), Reply> {
        let owners = if self.can().owners == Plurality::One { "owner" } else { "owners" };
        let always = ["name", "displayName", "description", "tags", owners];
        let special: &[&str] = match kind {
            Kind::Container => &["service", "parent"],
            Kind::IngestionPipeline => &["service"],
            Kind::Bot => &["botUser"],
            Kind::User => &["roles", "teams", "authenticationMechanism"],
            Kind::EventSubscription => &["resources"],
            _ => &[],
        };
        let is_known = |name: &str| {
            always.contains(&name)
                || kind.kept().contains(&name)
                || special.contains(&name)
                || kind.parent_field() == Some(name)
        };
        match body.iter().find(|(name, value)| !value.is_null() && !is_known(name)) {
            Some((name, _)) => Err(Reply::error(400, &format!("Unrecognized field \"{name}\""))),
            None => Ok(()),
        }
    }

    /// What a new entity lies in; 404 when that is not there.
    fn place(&self, kind: Kind, body: &Map<String, Value>) -> Result<Place, Reply> {
        let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
        let mut references = Map::new();
        let parent = match kind {
            Kind::Database | Kind::Query => self.present(Kind::DatabaseService, text("service"))?,
            Kind::DatabaseSchema => self.present(Kind::Database, text("database"))?,
            Kind::Table => self.present(Kind::DatabaseSchema, text("databaseSchema"))?,
            Kind::Container => match body.get("parent").filter(|parent| !parent.is_null()) {
                Some(parent) => self.referred(parent)?,
                None => self.present(Kind::StorageService, text("service"))?,
            },
            Kind::IngestionPipeline => self.referred(body.get("service").unwrap_or(&Value::Null))?,
            Kind::Bot => {
                let user = self.present(Kind::User, text("botUser"))?;
                references.insert("botUser".to_owned(), user.reference());
                return Ok(Place { references, name: None });
            }
            Kind::DatabaseService | Kind::StorageService | Kind::User | Kind::EventSubscription => {
                return Ok(Place { references, name: None });
            }
        };
        for inherited in ["service", "database", "serviceType"] {
            if let Some(value) = parent.json.get(inherited) {
                references.insert(inherited.to_owned(), value.clone());
            }
        }
        let own = match parent.kind {
            Kind::DatabaseService | Kind::StorageService => "service",
            Kind::Container => "parent",
            other => other.word(),
        };
        references.insert(own.to_owned(), parent.reference());
        if matches!(kind, Kind::Query | Kind::IngestionPipeline) {
            references.remove("serviceType");
        }
        Ok(Place { references, name: Some(parent.fqn.clone()) })
    }

    /// The entity that a reference means.
    pub(super) fn referred(&self, reference: &Value) -> Result<&Stored, Reply> {
        let text = |field: &str| reference.get(field).and_then(Value::as_str).unwrap_or_default();
        let kind = Kind::by_word(text("type"));
        let found = kind.zip(text("id").parse().ok()).and_then(|(kind, id)| self.by_id(kind, id));
        let missing = || Reply::error(404, &format!("{} instance for {} not found", text("type"), text("id")));
        found.filter(|entity| !entity.is_deleted()).ok_or_else(missing)
    }

    /// What is kept of a request.
    fn content(&self, kind: Kind, body: &Map<String, Value>, fqn: &Fqn) -> Result<Map<String, Value>, Reply> {
        let always = ["displayName", "description", "tags", "owners"];
        let is_kept = |name: &str| kind.kept().contains(&name) || always.contains(&name);
        let kept = body.iter().filter(|(name, value)| is_kept(name) && !value.is_null());
        let mut content: Map<String, Value> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        if let Some(owner) = body.get("owner") {
            content.insert("owners".to_owned(), json!([owner]));
        }
        if let Some(columns) = content.get_mut("columns") {
            refuse(problem(columns))?;
            name_columns(columns, fqn);
        }
        if let Some(columns) = content.get_mut("dataModel").and_then(|model| model.get_mut("columns")) {
            refuse(problem(columns))?;
            name_columns(columns, fqn);
        }
        match kind {
            Kind::IngestionPipeline => {
                content.entry("enabled").or_insert(json!(true));
                content.entry("deployed").or_insert(json!(false));
            }
            Kind::Query => {
                let query = body.get("query").and_then(Value::as_str).unwrap_or_default();
                content.insert("checksum".to_owned(), json!(checksum(query)));
            }
            Kind::EventSubscription => self.finish_subscription(&mut content, body)?,
            _ => {}
        }
        Ok(content)
    }
}

fn refuse(problem: Option<String>) -> Result<(), Reply> {
    problem.map_or(Ok(()), |problem| Err(Reply::error(400, &problem)))
}

/// Whether an entity counts, by the parameter `include`.
pub(super) fn is_included(entity: &Stored, include: &str) -> bool {
    match include {
        "all" => true,
        "deleted" => entity.is_deleted(),
        _ => !entity.is_deleted(),
    }
}

fn own_name(kind: Kind, body: &Map<String, Value>) -> Result<String, Reply> {
    let name = body.get("name").and_then(Value::as_str);
    let name = match (name, kind) {
        (Some(name), _) => name.to_owned(),
        (None, Kind::Query) => checksum(body.get("query").and_then(Value::as_str).unwrap_or_default()),
        (None, _) => return Err(Reply::error(400, "[query param name must not be null]")),
    };
    check_entity_name(&name).map_err(|error| Reply::error(400, &format!("[name {error}]")))?;
    Ok(name)
}

/// What a statement is known by.
fn checksum(query: &str) -> String {
    Md5::digest(query.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
