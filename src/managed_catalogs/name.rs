//! What a managed catalog is called.

use uuid::Uuid;

/// The most characters of a service or database that a name shows.
const MOST: usize = 40;

/// `om_{service}[_{database}]_{first 8 digits of the service's id}`, and from the second one on `_{generation}`.
#[must_use]
pub fn catalog_name(service: &str, database: Option<&str>, service_id: Uuid, generation: u32) -> String {
    let database = database.map(|database| format!("_{}", slug(database))).unwrap_or_default();
    let id: String = service_id.simple().to_string().chars().take(8).collect();
    let suffix = if generation > 1 { format!("_{generation}") } else { String::new() };
    format!("om_{}{database}_{id}{suffix}", slug(service))
}

/// The beginning of a name, as [`plain`].
fn slug(name: &str) -> String {
    plain(name).chars().take(MOST).collect()
}

/// A name with nothing but lower-case letters of English, digits and underscores.
pub(super) fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' };
    name.to_lowercase().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_where_it_comes_from() {
        let id = Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0);
        assert_eq!(catalog_name("pg prod", Some("Sales"), id, 1), "om_pg_prod_sales_12345678");
        assert_eq!(catalog_name("mysql", None, id, 3), "om_mysql_12345678_3");
        let hostile = catalog_name(&"\"; DROP ".repeat(99), Some("é'"), id, 1);
        assert!(hostile.len() < 120 && hostile.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{hostile}");
    }
}
