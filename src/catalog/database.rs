//! Resolution of the name of a database: the catalog of Trino that it is.

use super::mapping::RuleTarget;
use super::{Catalog, EntityKind, Fqn, ResolveError, Wanted};

impl Catalog {
    /// What must be asked so that the name of a database can be resolved.
    #[must_use]
    pub fn catalog_wanted(&self, parts: &[String]) -> Option<Wanted> {
        let [service, database] = parts else { return None };
        let is_open =
            self.rule(parts, Some(EntityKind::Table)).is_none() && !self.installation.trino_services.contains(service);
        is_open.then(|| Fqn::from_raw_parts([service, database]).ok().map(Wanted::Database)).flatten()
    }

    /// The catalog of a database. `None`: the name is Trino's own.
    ///
    /// # Errors
    /// When it is a name of two parts that are mapped to nothing, or to another catalog for each schema.
    pub fn database(&self, parts: &[String]) -> Result<Option<String>, ResolveError> {
        let [service, database] = parts else { return Ok(None) };
        let name = Fqn::from_raw_parts(parts)
            .map_err(|error| ResolveError::Unsupported { fqn: parts.join("."), reason: error.to_string() })?;
        let rule = self.rule(parts, Some(EntityKind::Table));
        match rule.map(|rule| &rule.target) {
            Some(RuleTarget::Table { catalog, .. }) => {
                let rendered = |own: &str| {
                    let (service, database) = (service.as_str(), database.as_str());
                    catalog.render(&[("service", service), ("database", database), ("schema", own), ("table", own)])
                };
                let number = rule.map_or(0, |rule| rule.number);
                let tried = format!("[[mapping]] number {number}, which has no one catalog for all of its schemas");
                let is_one = rendered("a") == rendered("b");
                is_one.then(|| Some(rendered(""))).ok_or_else(|| self.unmapped(service, &name, tried))
            }
            Some(RuleTarget::Identity) => Ok(Some(database.to_lowercase())),
            Some(RuleTarget::Container { .. }) | None => Ok(Some(self.leads(service, database, &name)?.catalog)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Mapping;

    #[test]
    fn a_database_is_the_catalog_of_its_schemas() {
        let rules = r#"
            [[mapping]]
            service = "sales_pg"
            database = "shop"
            catalog = "pg_{database}"

            [[mapping]]
            service = "trino_prod"
            identity = true

            [[mapping]]
            service = "many"
            catalog = "c_{schema}"
        "#;
        let catalog = Catalog::new(Mapping::parse(rules).unwrap());
        let database = |name: &str| {
            let parts: Vec<String> = name.split('.').map(str::to_owned).collect();
            catalog.database(&parts).map_err(|error| error.to_string())
        };
        assert_eq!(database("sales_pg.shop"), Ok(Some("pg_shop".to_owned())));
        assert_eq!(database("trino_prod.Hive"), Ok(Some("hive".to_owned())));
        assert_eq!(database("hive"), Ok(None));
        assert_eq!(database("a.b.c"), Ok(None));
        assert!(database("many.shop").unwrap_err().contains("no one catalog for all of its schemas"));
        assert!(database("sales_pg.crm").unwrap_err().contains("no rule maps 'sales_pg.crm'"));
    }
}
