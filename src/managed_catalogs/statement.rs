//! The two statements of a managed catalog. The one that makes it holds a password, so it is a secret as a whole.

use secrecy::{ExposeSecret as _, SecretString};

use super::{Definition, Made};

/// The statement that makes a catalog. One that Warren has not made must not be there: Trino refuses the statement then.
#[must_use]
pub fn create_statement(name: &str, definition: &Definition, made: Made) -> SecretString {
    let properties = [
        ("connection-url", definition.url()),
        ("connection-user", definition.user()),
        ("connection-password", definition.password().expose_secret()),
    ];
    let properties = properties.map(|(key, value)| format!("{} = {}", delimited(key), literal(value))).join(", ");
    let connector = definition.connector();
    let condition = match made {
        Made::No => "",
        Made::Perhaps | Made::Yes => "IF NOT EXISTS ",
    };
    format!("CREATE CATALOG {condition}{} USING {connector} WITH ({properties})", delimited(name)).into()
}

/// The statement that drops a catalog.
#[must_use]
pub fn drop_statement(name: &str) -> SecretString {
    format!("DROP CATALOG IF EXISTS {}", delimited(name)).into()
}

fn delimited(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use warren_openmetadata::Connection;

    use super::*;
    use crate::managed_catalogs::{Refusal, SecretTemplate, Source, ValueFault};

    fn define(kind: &str, database: Option<&str>, config: &Value) -> Result<Definition, Refusal> {
        let connection: Connection = serde_json::from_value(json!({ "config": config })).unwrap();
        Definition::of(&Source { service: "s", service_type: kind, database, connection: &connection }, None)
    }

    #[track_caller]
    fn check(kind: &str, database: Option<&str>, config: &Value, expect: &str) {
        let definition = define(kind, database, config).unwrap();
        assert!(!format!("{definition:?}").contains("p'w"));
        let statement = create_statement("c", &definition, Made::No);
        let rest = "\"connection-user\" = 'u', \"connection-password\" = 'p''w\";--')";
        let (connector, url) = expect.split_once(' ').unwrap();
        assert_eq!(
            statement.expose_secret(),
            format!("CREATE CATALOG \"c\" USING {connector} WITH (\"connection-url\" = '{url}', {rest}")
        );
    }

    #[test]
    fn each_connector_has_its_address() {
        let flat = json!({"username": "u", "password": "p'w\";--", "hostPort": "h:1"});
        let nested = json!({"username": "u", "authType": {"password": "p'w\";--"}, "hostPort": "h:1"});
        let with = |extra: &Value| {
            let mut config = flat.clone();
            config.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            config
        };
        check("Postgres", Some("a'b/?é"), &nested, "postgresql jdbc:postgresql://h:1/a%27b%2F%3F%C3%A9");
        let tls = with(&json!({"sslMode": "verify-full", "hostPort": "[::1]:5432"}));
        check("Postgres", Some("d"), &tls, "postgresql jdbc:postgresql://[::1]:5432/d?sslmode=verify-full");
        check("Redshift", Some("d"), &nested, "redshift jdbc:redshift://h:1/d");
        check("Mysql", None, &nested, "mysql jdbc:mysql://h:1");
        check("MariaDB", None, &flat, "mariadb jdbc:mariadb://h:1");
        let strict = with(&json!({"encrypt": true, "trustServerCertificate": false}));
        let url = "sqlserver jdbc:sqlserver://h:1;databaseName=My Db;encrypt=true;trustServerCertificate=false";
        check("Mssql", Some("My Db"), &strict, url);
        check("Clickhouse", None, &flat, "clickhouse jdbc:clickhouse://h:1/");
        check("Clickhouse", None, &with(&json!({"secure": true})), "clickhouse jdbc:clickhouse://h:1/?ssl=true");
        let oracle = with(&json!({"oracleConnectionType": {"oracleServiceName": "ORCL.x"}}));
        check("Oracle", None, &oracle, "oracle jdbc:oracle:thin:@//h:1/ORCL.x");
    }

    #[test]
    fn what_could_do_harm_is_refused() {
        let hostile = [
            ("hostPort", "h:1/x?socketFactory=y", ValueFault::Address),
            ("hostPort", "h:1,g:2", ValueFault::Address),
            ("hostPort", "h:1;x=y", ValueFault::Address),
            ("hostPort", "a@b", ValueFault::Address),
            ("hostPort", "h:99999", ValueFault::Address),
            ("username", "a\nb", ValueFault::ControlCharacter),
            ("username", "a\0", ValueFault::ControlCharacter),
            ("username", "${ENV:HOME}", ValueFault::TrinoReference),
            ("password", "${ENV:HOME}", ValueFault::TrinoReference),
            ("password", "a\r", ValueFault::ControlCharacter),
            ("sslMode", "require&socketFactory=y", ValueFault::Characters),
        ];
        for (field, value, fault) in hostile {
            let mut config = json!({"username": "u", "password": "p", "hostPort": "h:1"});
            config[field] = json!(value);
            assert_eq!(
                define("Postgres", Some("d"), &config).unwrap_err(),
                Refusal::Value { field, fault },
                "{value:?}"
            );
        }
        let config = json!({"username": "u", "password": "p", "hostPort": "h:1"});
        for (kind, database) in [("Mssql", "d;encrypt=false"), ("Redshift", "d?x=y"), ("Mssql", "d}")] {
            let fault = ValueFault::Characters;
            let expect = Refusal::Value { field: "database", fault };
            assert_eq!(define(kind, Some(database), &config).unwrap_err(), expect, "{database}");
        }
        let fault = ValueFault::TrinoReference;
        let expect = Refusal::Value { field: "database", fault };
        assert_eq!(define("Postgres", Some("${ENV:HOME}"), &config).unwrap_err(), expect);
    }

    #[test]
    fn a_password_is_clear_or_there_is_none() {
        let config = |password: Value| json!({"username": "u", "hostPort": "h:1", "authType": password});
        let refused = |password: Value| define("Mysql", None, &config(password)).unwrap_err();
        assert_eq!(refused(json!({"password": "*********"})), Refusal::Masked);
        assert_eq!(refused(json!({"password": "x", "other": "*********"})), Refusal::Masked);
        assert_eq!(refused(json!({"password": "secret:/a/b"})), Refusal::ElsewhereKept);
        assert_eq!(refused(json!({"awsConfig": {}})), Refusal::NoPassword);
        let service_type = "Snowflake".to_owned();
        assert_eq!(define("Snowflake", None, &json!({})).unwrap_err(), Refusal::ServiceType { service_type });

        let masked = json!({ "config": config(json!({"password": "*********"})) });
        let connection: Connection = serde_json::from_value(masked).unwrap();
        let source = Source { service: "my.Shop", service_type: "Mysql", database: None, connection: &connection };
        let template = SecretTemplate::parse("${ENV:{SERVICE}_PW}").unwrap();
        let definition = Definition::of(&source, Some(&template)).unwrap();
        let statement = create_statement("a\"b", &definition, Made::Perhaps);
        assert!(statement.expose_secret().contains("'${ENV:MY_SHOP_PW}'"), "{}", statement.expose_secret());
        assert!(statement.expose_secret().contains("IF NOT EXISTS \"a\"\"b\" USING"));
    }
}
