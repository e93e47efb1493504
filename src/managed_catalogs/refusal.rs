//! Why a database gets no managed catalog. No text of a refusal holds a value of a connection.

/// Why a database gets no managed catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Warren knows no connector for services of that kind.
    #[error("Warren makes no catalogs for services of the type {service_type}")]
    ServiceType {
        /// The kind.
        service_type: String,
    },
    /// OpenMetadata shows nine stars in the place of the password.
    #[error(
        "OpenMetadata masks the credentials of the service: Warren needs a bot token, or the setting \
         managed_catalogs.secret_template"
    )]
    Masked,
    /// The password lies where Warren cannot read it.
    #[error(
        "the password of the service is in a secrets manager that Warren cannot read; set managed_catalogs.secret_template"
    )]
    ElsewhereKept,
    /// The service is connected to in another way than with a password.
    #[error("the service is not connected to with a password; set managed_catalogs.secret_template")]
    NoPassword,
    /// The reference to the password cannot name the service.
    #[error(
        "the name of the service has characters outside ASCII, which the reference to its password cannot hold; rename \
         the service, or make the catalog in Trino"
    )]
    Unnameable,
    /// A field that the catalog needs is not there.
    #[error("the connection of the service has no {field}")]
    Missing {
        /// The field of OpenMetadata.
        field: &'static str,
    },
    /// A field holds what must not get into a catalog.
    #[error("the {field} of the service {fault}")]
    Value {
        /// The field of OpenMetadata.
        field: &'static str,
        /// What is wrong with it.
        fault: ValueFault,
    },
    /// The catalog is somebody else's.
    #[error("Trino has a catalog '{name}' that Warren did not make; drop it, or name it in the property trinoCatalog")]
    Taken {
        /// Its name.
        name: String,
    },
    /// OpenMetadata does not say how the service is connected to, and will not.
    #[error("OpenMetadata does not show the service to Warren")]
    Hidden,
    /// Another process makes it at this moment.
    #[error("its catalog is being made in Trino")]
    Busy,
    /// Trino did not make it.
    #[error("Trino did not make its catalog: {reason}")]
    Failed {
        /// The name of Trino's error, or what happened.
        reason: String,
    },
    /// It is not known which catalogs there are.
    #[error("Trino does not say which catalogs it has")]
    TrinoSilent,
    /// OpenMetadata does not answer.
    #[error("OpenMetadata does not say how the service is connected to")]
    ServiceUnknown,
    /// The metadata database does not answer.
    #[error("the metadata database does not say which catalogs Warren has made")]
    Unrecorded,
}

impl Refusal {
    /// Whether the same may work in a moment.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Busy | Self::Failed { .. } | Self::TrinoSilent | Self::ServiceUnknown | Self::Unrecorded => true,
            Self::ServiceType { .. }
            | Self::Masked
            | Self::ElsewhereKept
            | Self::NoPassword
            | Self::Unnameable
            | Self::Missing { .. }
            | Self::Value { .. }
            | Self::Taken { .. }
            | Self::Hidden => false,
        }
    }
}

/// What is wrong with a value of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueFault {
    /// A line break, U+0000 or the like.
    #[error("holds a control character")]
    ControlCharacter,
    /// Trino would put a secret of its own in its place.
    #[error("holds '${{', which Trino would replace by a secret of its own")]
    TrinoReference,
    /// Not `host` or `host:port`.
    #[error("is not one host with a port")]
    Address,
    /// Characters that have a meaning in an address of JDBC.
    #[error("holds characters that the address of a database must not have")]
    Characters,
    /// A protocol that Trino's connector does not speak.
    #[error("is a protocol that Trino does not speak")]
    Protocol,
}
