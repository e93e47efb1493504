//! What a managed catalog is made of: Trino's connector and its properties, from the connection of a service. Whatever
//! comes from OpenMetadata is written by people who need not be the operators of Trino, so only what is known to be
//! harmless gets into an address.

use std::fmt::Write as _;

use secrecy::{ExposeSecret as _, SecretString};
use warren_openmetadata::{Connection, Credential};

use super::{Refusal, SecretTemplate, ValueFault};

/// A database of OpenMetadata, or a whole service, that a catalog is to reach.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The service.
    pub service: &'a str,
    /// Its kind, such as `Postgres`.
    pub service_type: &'a str,
    /// The database, where a catalog reaches one of them.
    pub database: Option<&'a str>,
    /// How the service is connected to.
    pub connection: &'a Connection,
}

/// A connector of Trino and its properties.
#[derive(Clone, Debug)]
pub struct Definition {
    connector: &'static str,
    url: String,
    user: String,
    password: SecretString,
}

impl Definition {
    /// The catalog for a source. With a template the password of the source is neither needed nor looked at.
    ///
    /// # Errors
    /// When the kind of service has no connector here, or the connection holds too little, or what must not be.
    pub fn of(source: &Source<'_>, template: Option<&SecretTemplate>) -> Result<Self, Refusal> {
        let (connector, url) = address(source)?;
        let user = field(source.connection, "username", "/username")?;
        let password = match template {
            Some(template) => template.of_service(source.service).ok_or(Refusal::Unnameable)?.into(),
            None => password(source.connection)?,
        };
        Ok(Self { connector, url, user, password })
    }

    /// Trino's name of the connector.
    #[must_use]
    pub fn connector(&self) -> &'static str {
        self.connector
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn password(&self) -> &SecretString {
        &self.password
    }
}

/// The connector and the address of JDBC.
fn address(source: &Source<'_>) -> Result<(&'static str, String), Refusal> {
    let connection = source.connection;
    let host = || host_port(connection);
    Ok(match source.service_type {
        "Postgres" | "Timescale" => {
            let database = percent_encoded(database(source)?);
            ("postgresql", format!("jdbc:postgresql://{}/{database}{}", host()?, ssl_mode(connection)?))
        }
        "Redshift" => ("redshift", format!("jdbc:redshift://{}/{}", host()?, plain("database", database(source)?)?)),
        "Mysql" => ("mysql", format!("jdbc:mysql://{}", host()?)),
        "MariaDB" => ("mariadb", format!("jdbc:mariadb://{}", host()?)),
        "Mssql" => {
            let database = plain("database", database(source)?)?;
            let mut url = format!("jdbc:sqlserver://{};databaseName={database}", host()?);
            for (name, pointer) in [("encrypt", "/encrypt"), ("trustServerCertificate", "/trustServerCertificate")] {
                if let Some(is_on) = connection.flag(pointer) {
                    // Writing to a text cannot fail.
                    let _ = write!(url, ";{name}={is_on}");
                }
            }
            ("sqlserver", url)
        }
        "Clickhouse" => ("clickhouse", clickhouse(connection)?),
        "Oracle" => {
            let name = field(connection, "oracleServiceName", "/oracleConnectionType/oracleServiceName")?;
            ("oracle", format!("jdbc:oracle:thin:@//{}/{}", host()?, plain("oracleServiceName", &name)?))
        }
        other => return Err(Refusal::ServiceType { service_type: other.to_owned() }),
    })
}

fn clickhouse(connection: &Connection) -> Result<String, Refusal> {
    // Trino's driver speaks HTTP only.
    if connection.text("/scheme").is_some_and(|scheme| scheme.contains("native")) {
        return Err(Refusal::Value { field: "scheme", fault: ValueFault::Protocol });
    }
    let is_tls = ["/https", "/secure"].iter().any(|pointer| connection.flag(pointer) == Some(true));
    Ok(format!("jdbc:clickhouse://{}/{}", host_port(connection)?, if is_tls { "?ssl=true" } else { "" }))
}

/// The password, unless any credential is masked: then the token is not that of a bot, and none can be trusted.
fn password(connection: &Connection) -> Result<SecretString, Refusal> {
    if connection.is_masked() {
        return Err(Refusal::Masked);
    }
    for pointer in ["/authType/password", "/password"] {
        match connection.credential(pointer) {
            Credential::Missing => {}
            Credential::Masked => return Err(Refusal::Masked),
            Credential::Reference(_) => return Err(Refusal::ElsewhereKept),
            Credential::Clear(password) => {
                harmless("password", password.expose_secret())?;
                return Ok(password);
            }
        }
    }
    Err(Refusal::NoPassword)
}

fn field(connection: &Connection, name: &'static str, pointer: &str) -> Result<String, Refusal> {
    let text = connection.text(pointer).filter(|text| !text.is_empty()).ok_or(Refusal::Missing { field: name })?;
    harmless(name, &text)?;
    Ok(text)
}

fn database<'a>(source: &Source<'a>) -> Result<&'a str, Refusal> {
    let database = source.database.filter(|name| !name.is_empty()).ok_or(Refusal::Missing { field: "database" })?;
    harmless("database", database)?;
    Ok(database)
}

/// Refuses what would end a line of a file of properties, and what Trino would replace.
fn harmless(field: &'static str, text: &str) -> Result<(), Refusal> {
    let fault = if text.chars().any(char::is_control) {
        ValueFault::ControlCharacter
    } else if text.contains("${") {
        ValueFault::TrinoReference
    } else {
        return Ok(());
    };
    Err(Refusal::Value { field, fault })
}

/// `host` or `host:port`. Everything else could carry options of a driver, some of which run code.
fn host_port(connection: &Connection) -> Result<String, Refusal> {
    let text = field(connection, "hostPort", "/hostPort")?;
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text.as_str(), None),
    };
    let is_name = |host: &str| {
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    let is_ipv6 = |host: &str| host.parse::<std::net::Ipv6Addr>().is_ok();
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = bracketed.map_or_else(|| is_name(host), is_ipv6);
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    if is_host && is_port { Ok(text) } else { Err(Refusal::Value { field: "hostPort", fault: ValueFault::Address }) }
}

/// A name with nothing that has a meaning in an address.
fn plain<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Refusal> {
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | '#' | ' '));
    if is_plain { Ok(text) } else { Err(Refusal::Value { field, fault: ValueFault::Characters }) }
}

fn ssl_mode(connection: &Connection) -> Result<String, Refusal> {
    const KNOWN: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
    match connection.text("/sslMode") {
        None => Ok(String::new()),
        Some(mode) if KNOWN.contains(&mode.as_str()) => Ok(format!("?sslmode={mode}")),
        Some(_) => Err(Refusal::Value { field: "sslMode", fault: ValueFault::Characters }),
    }
}

/// Every byte that is not unreserved (RFC 3986, 2.3) as `%XX`, which PostgreSQL's driver undoes.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
