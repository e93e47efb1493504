//! Users, bots and tokens.

use serde_json::{Map, Value, json};

use super::http::{Reply, Request};
use super::kinds::Kind;
use super::state::{State, Stored};

/// The token of the user `admin`, who may do everything and sees no passwords.
pub const ADMIN_TOKEN: &str = "stand-in-admin-token";
/// The first token of the user `ingestion-bot`, who sees passwords and may make no subscriptions.
pub const BOT_TOKEN: &str = "stand-in-bot-token";

/// Who asks.
pub(super) struct Caller {
    pub(super) name: String,
    pub(super) is_bot: bool,
    pub(super) is_admin: bool,
}

impl State {
    pub(super) fn make_users(&mut self) {
        for (name, is_bot, token) in [("admin", false, ADMIN_TOKEN), ("ingestion-bot", true, BOT_TOKEN)] {
            let id = self.new_id();
            let updated_at = self.now();
            let json = json!({"id": id, "name": name, "fullyQualifiedName": name, "version": 0.1,
                "email": format!("{name}@example.org"), "isBot": is_bot, "isAdmin": !is_bot, "deleted": false,
                "updatedAt": updated_at, "updatedBy": "system", "roles": [], "teams": []});
            let json: Map<String, Value> = json.as_object().cloned().unwrap_or_default();
            self.entities.push(Stored { kind: Kind::User, id, fqn: name.to_owned(), json });
            self.tokens.insert(token.to_owned(), name.to_owned());
        }
    }

    /// Who a request is from; 401 when its token is nobody's (any more).
    pub(super) fn caller(&self, request: &Request) -> Result<Caller, Reply> {
        let Some(header) = &request.authorization else {
            return Err(Reply::error(401, "Not Authorized! Token not present"));
        };
        let token = header.strip_prefix("Bearer ").unwrap_or_default();
        let user = self.tokens.get(token).and_then(|name| self.by_name(Kind::User, name));
        let Some(user) = user else { return Err(Reply::error(401, &format!("Invalid token {token}"))) };
        let flag = |field: &str| user.json.get(field) == Some(&Value::Bool(true));
        Ok(Caller { name: user.fqn.clone(), is_bot: flag("isBot"), is_admin: flag("isAdmin") })
    }

    /// Gives the bot another token; the one before stops working, as OpenMetadata keeps one for a bot.
    pub(super) fn rotate(&mut self, token: &str) {
        self.tokens.retain(|_, user| user != "ingestion-bot");
        self.tokens.insert(token.to_owned(), "ingestion-bot".to_owned());
    }

    pub(super) fn logged_in_user(&self, caller: &Caller, request: &Request) -> Result<Reply, Reply> {
        let fields = self.asked_fields(Kind::User, request.param("fields"))?;
        let user = self.present(Kind::User, &caller.name)?;
        Ok(Reply::ok(&self.shaped(user, &fields, false)))
    }

    /// Everything is allowed; only to ask for somebody else takes an administrator.
    pub(super) fn permissions(&self, caller: &Caller, resource: &str, request: &Request) -> Result<Reply, Reply> {
        if request.param("user").is_some_and(|user| user != caller.name) && !caller.is_admin {
            let message = format!("Principal: CatalogPrincipal{{name='{}'}} is not admin", caller.name);
            return Err(Reply::error(403, &message));
        }
        let lines: Vec<_> = ["ViewAll", "ViewBasic", "ViewSampleData", "EditAll", "EditLineage"]
            .iter()
            .map(|operation| json!({"operation": operation, "access": "allow"}))
            .collect();
        Ok(Reply::ok(&json!({"resource": resource, "permissions": lines})))
    }
}
