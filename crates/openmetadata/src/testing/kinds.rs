//! The kinds of entities that the stand-in keeps: where they are found, what they lie in, what they may hold.

/// A kind of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    DatabaseService,
    StorageService,
    Database,
    DatabaseSchema,
    Table,
    Container,
    IngestionPipeline,
    Query,
    User,
    Bot,
    EventSubscription,
}

use Kind::{
    Bot, Container, Database, DatabaseSchema, DatabaseService, EventSubscription, IngestionPipeline, Query,
    StorageService, Table, User,
};

impl Kind {
    const ALL: [Self; 11] = [
        DatabaseService,
        StorageService,
        Database,
        DatabaseSchema,
        Table,
        Container,
        IngestionPipeline,
        Query,
        User,
        Bot,
        EventSubscription,
    ];

    /// OpenMetadata's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            DatabaseService => "databaseService",
            StorageService => "storageService",
            Database => "database",
            DatabaseSchema => "databaseSchema",
            Table => "table",
            Container => "container",
            IngestionPipeline => "ingestionPipeline",
            Query => "query",
            User => "user",
            Bot => "bot",
            EventSubscription => "eventsubscription",
        }
    }

    pub(super) fn by_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The path of its collection.
    pub(super) fn collection(self) -> &'static [&'static str] {
        match self {
            DatabaseService => &["services", "databaseServices"],
            StorageService => &["services", "storageServices"],
            Database => &["databases"],
            DatabaseSchema => &["databaseSchemas"],
            Table => &["tables"],
            Container => &["containers"],
            IngestionPipeline => &["services", "ingestionPipelines"],
            Query => &["queries"],
            User => &["users"],
            Bot => &["bots"],
            EventSubscription => &["events", "subscriptions"],
        }
    }

    /// The kind that a path asks for, and what is left of the path.
    pub(super) fn by_path<'a>(segments: &'a [&'a str]) -> Option<(Self, &'a [&'a str])> {
        Self::ALL.into_iter().find_map(|kind| Some((kind, segments.strip_prefix(kind.collection())?)))
    }

    /// The field of a request to make one that names what it lies in.
    pub(super) fn parent_field(self) -> Option<&'static str> {
        match self {
            Database | Query => Some("service"),
            DatabaseSchema => Some("database"),
            Table => Some("databaseSchema"),
            DatabaseService | StorageService | Container | IngestionPipeline | User | Bot | EventSubscription => None,
        }
    }

    /// The fields of a request to make one that are kept as they are; `owner(s)` and names of parents are not in it.
    pub(super) fn kept(self) -> &'static [&'static str] {
        match self {
            DatabaseService | StorageService => &["serviceType", "connection"],
            Database => &["default", "retentionPeriod", "extension", "sourceUrl", "lifeCycle", "sourceHash"],
            DatabaseSchema => &["retentionPeriod", "extension", "sourceUrl", "lifeCycle", "sourceHash"],
            Table => &[
                "tableType",
                "columns",
                "tableConstraints",
                "tablePartition",
                "schemaDefinition",
                "extension",
                "sourceUrl",
                "fileFormat",
                "lifeCycle",
                "sourceHash",
            ],
            Container => {
                &["dataModel", "prefix", "numberOfObjects", "size", "fileFormats", "extension", "sourceUrl", "fullPath"]
            }
            IngestionPipeline => &["pipelineType", "sourceConfig", "airflowConfig", "loggerLevel", "provider"],
            Query => &["query", "query_type", "duration", "usedBy", "queryDate", "queryUsedIn", "processedLineage"],
            User => &["email", "isBot", "isAdmin", "timezone", "profile"],
            Bot => &["provider"],
            EventSubscription => &[
                "alertType",
                "trigger",
                "destinations",
                "enabled",
                "batchSize",
                "retries",
                "pollInterval",
                "provider",
                "input",
            ],
        }
    }

    /// What may be asked for in `fields`, in the words of 1.9 and later.
    pub(super) fn fields(self) -> &'static [&'static str] {
        match self {
            DatabaseService | StorageService => &["owners", "tags", "domains", "pipelines"],
            Database => &["owners", "tags", "domains", "extension", "databaseSchemas", "usageSummary", "location"],
            DatabaseSchema => &["owners", "tags", "domains", "extension", "tables", "usageSummary"],
            Table => &[
                "columns",
                "owners",
                "tags",
                "domains",
                "extension",
                "schemaDefinition",
                "tableConstraints",
                "usageSummary",
                "lifeCycle",
                "followers",
                "joins",
                "dataModel",
                "testSuite",
            ],
            Container => &["owners", "tags", "domains", "extension", "dataModel", "children", "parent", "followers"],
            IngestionPipeline => &["owners", "pipelineStatuses"],
            Query => &["owners", "tags", "users", "queryUsedIn", "followers"],
            User => &["roles", "teams", "profile", "domains", "owns", "follows"],
            Bot => &["botUser"],
            EventSubscription => &["owners", "filteringRules"],
        }
    }
}

/// What comes only when asked for.
pub(super) const ON_REQUEST: [&str; 11] = [
    "owners",
    "tags",
    "domains",
    "extension",
    "schemaDefinition",
    "dataModel",
    "children",
    "usageSummary",
    "pipelineStatuses",
    "roles",
    "teams",
];
