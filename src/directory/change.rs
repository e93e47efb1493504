//! What a change of OpenMetadata is about, and which answers it concerns.

use serde_json::Value;
use warren_openmetadata::ChangeEvent;

use crate::catalog::{Answer, Fqn, Wanted};
use crate::store::StoredEvent;

/// Something was made.
const CREATED: &str = "entityCreated";
/// Something is gone for good.
const DELETED: &str = "entityDeleted";
/// The kinds of entities that nothing with a name of its own lies in. A schema has none that is kept.
const LEAVES: [&str; 3] = ["table", "container", "databaseSchema"];

/// What a change means for what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It may be different now; it still counts while nobody answers.
    Outdated,
    /// It is not there any more.
    Gone,
    /// Something of that name is new: what was taken for it is another thing.
    Made,
}

/// What a change is about.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Its name, and the one that it had before. None where the event says no name.
    names: Vec<Fqn>,
    id: String,
    effect: Effect,
    /// Whether it has no name that is known, and other things lie in it: then all can have changed.
    is_everything: bool,
}

impl Subject {
    /// A thing of these names, or with this id.
    pub(super) fn new(names: Vec<Fqn>, id: &str, effect: Effect) -> Self {
        Self { names, id: id.to_owned(), effect, is_everything: false }
    }

    /// What an event is about.
    pub(super) fn of(event: &StoredEvent) -> Self {
        let texts = event.fqn.iter().chain(&event.formerly);
        let names: Vec<Fqn> = texts.filter_map(|text| Fqn::parse(text).ok()).collect();
        let is_leaf = LEAVES.contains(&event.entity_type.as_str());
        let effect = match event.event_type.as_str() {
            CREATED if is_leaf => Effect::Made,
            DELETED => Effect::Gone,
            _ => Effect::Outdated,
        };
        match (names.is_empty() && !is_leaf, effect) {
            (true, _) => Self { is_everything: true, ..Self::new(names, &event.entity_id, Effect::Outdated) },
            (false, effect) => Self::new(names, &event.entity_id, effect),
        }
    }

    pub(super) fn effect(&self) -> Effect {
        self.effect
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn is_everything(&self) -> bool {
        self.is_everything
    }

    /// Its names as texts.
    pub(super) fn texts(&self) -> Vec<String> {
        self.names.iter().map(ToString::to_string).collect()
    }

    /// Whether the answer to a question may be another one now.
    pub(super) fn concerns(&self, wanted: &Wanted, answer: &Answer) -> bool {
        let about = match answer {
            Answer::Entity(entity) => Some(entity),
            _ => None,
        };
        let asked = match wanted {
            Wanted::Name(name) | Wanted::Database(name) => Some(name),
            Wanted::Id(_) => None,
        };
        let is_id = |id: &str| id.eq_ignore_ascii_case(&self.id);
        let is_own_id = matches!(wanted, Wanted::Id(id) if is_id(id)) || about.is_some_and(|own| is_id(&own.id));
        let mut of = asked.into_iter().chain(about.map(|own| &own.fqn));
        match self.effect {
            Effect::Outdated | Effect::Gone => self.is_everything || is_own_id || of.any(|name| self.lies_in(name)),
            Effect::Made => match about {
                Some(own) if is_id(&own.id) => !self.names.is_empty() && !self.names.contains(&own.fqn),
                Some(_) => of.any(|name| self.is_called(name)),
                // Something was not there. Which, an event without a name does not say.
                None if !matches!(answer, Answer::Database(_)) => {
                    self.names.is_empty() || is_own_id || of.any(|name| self.is_called(name))
                }
                None => false,
            },
        }
    }

    fn lies_in(&self, name: &Fqn) -> bool {
        self.names.iter().any(|own| name.starts_with(own))
    }

    fn is_called(&self, name: &Fqn) -> bool {
        self.names.iter().any(|own| is_same_but_for_case(own, name))
    }
}

fn is_same_but_for_case(one: &Fqn, other: &Fqn) -> bool {
    let is_same = |(one, other): (&String, &String)| {
        one.eq_ignore_ascii_case(other) || (!one.is_ascii() && one.to_lowercase() == other.to_lowercase())
    };
    one.parts().len() == other.parts().len() && one.parts().iter().zip(other.parts()).all(is_same)
}

/// The name that something had before an event, where it got another one. What lies in it gets no events.
pub(super) fn former_fqn(event: &ChangeEvent, fqn: Option<&str>) -> Option<String> {
    let within = || event.entity.as_ref().and_then(|entity| entity.get("changeDescription"));
    let changes = event.change_description.as_ref().or_else(within)?.get("fieldsUpdated")?.as_array()?;
    let before = |field: &str| {
        let change = changes.iter().find(|change| change.get("name").and_then(Value::as_str) == Some(field))?;
        change.get("oldValue")?.as_str()
    };
    if let Some(former) = before("fullyQualifiedName") {
        return Some(former.to_owned());
    }
    let (name, now) = (before("name")?, Fqn::parse(fqn?).ok()?);
    let above = now.parts().split_last().map(|(_, above)| above).unwrap_or_default();
    let parts = above.iter().map(String::as_str).chain([name]);
    Fqn::from_raw_parts(parts).ok().map(|former| former.to_string())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    fn event(entity_type: &str, fqn: Option<&str>, change: &Value) -> ChangeEvent {
        let event = json!({"id": uuid::Uuid::nil(), "eventType": "entityUpdated", "entityType": entity_type,
            "entityId": uuid::Uuid::nil(), "entityFullyQualifiedName": fqn, "timestamp": 0, "changeDescription": change});
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn a_rename_says_the_name_before() {
        #[track_caller]
        fn check(fqn: &str, field: &str, before: &str, expect: Option<&str>) {
            let change = json!({"fieldsAdded": [], "fieldsUpdated": [
                {"name": "description", "oldValue": "x"}, {"name": field, "oldValue": before, "newValue": "y"}]});
            let event = event("database", Some(fqn), &change);
            assert_eq!(former_fqn(&event, Some(fqn)).as_deref(), expect);
        }
        check("s.new", "fullyQualifiedName", "s.old", Some("s.old"));
        check("s.new", "name", "old", Some("s.old"));
        check("s.new", "name", "o.ld", Some("s.\"o.ld\""));
        check("new", "name", "old", Some("old"));
        check("s.new", "displayName", "old", None);
        assert_eq!(former_fqn(&event("database", Some("s.d"), &Value::Null), Some("s.d")), None);
    }

    #[test]
    fn an_event_without_a_name_concerns_what_can_lie_in_it() {
        let stored = |entity_type: &str, event_type: &str| StoredEvent {
            seq: 1,
            id: "e".to_owned(),
            event_type: event_type.to_owned(),
            entity_type: entity_type.to_owned(),
            entity_id: "i".to_owned(),
            fqn: None,
            formerly: None,
            happened: DateTime::UNIX_EPOCH,
            received: DateTime::UNIX_EPOCH,
        };
        let database = Wanted::Database(Fqn::parse("s.d").unwrap());
        let facts = serde_json::from_value(json!({"service_type": null, "trino_catalog": null, "trino_host": null}));
        let known = Answer::Database(std::sync::Arc::new(facts.unwrap()));
        for (kind, event, expect) in [
            ("database", "entityDeleted", true),
            ("databaseService", "entityUpdated", true),
            ("table", "entityUpdated", false),
            ("table", "entityCreated", false),
        ] {
            let subject = Subject::of(&stored(kind, event));
            assert_eq!(subject.concerns(&database, &known), expect, "{kind} {event}");
            let missing = Answer::Missing { near: Vec::new() };
            assert_eq!(subject.concerns(&database, &missing), expect || event == "entityCreated", "{kind} {event}");
        }
    }
}
