//! The configuration as a whole: which layer wins, what is refused and how, what is shown.

use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::app::Access;

/// Builds a configuration of a file's text, variables and flags, as if in the folder `/srv`.
fn build(file: &str, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let flag = |(key, value): &(&str, &str)| Flag {
        name: format!("--{key}"),
        key: (*key).to_owned(),
        value: (*value).to_owned(),
    };
    let sources = Sources {
        environment: variables.iter().copied().collect(),
        working_dir: PathBuf::from("/srv"),
        file: None,
        flags: flags.iter().map(flag).collect(),
    };
    Config::build(&sources, &file::parse(PathBuf::from("/srv/warren.toml"), file)?)
}

fn refusal(file: &str, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> String {
    let error = build(file, variables, flags).unwrap_err();
    match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    }
}

#[test]
fn nothing_set_is_the_embedded_product_on_loopback() {
    use secrecy::ExposeSecret;
    let config = build("", &[], &[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database_url.expose_secret(), "sqlite:///srv/warren-data/warren.db?mode=rwc");
    assert_eq!(config.results_url.as_str(), "file:///srv/warren-data/results/");
    assert_eq!(config.files_dir, PathBuf::from("/srv/warren-data/files"));
    assert!(config.clusters.is_empty());
    assert_eq!(config.catalog_file, None);
    assert!(config.roles.has(Role::Api) && config.roles.has(Role::Worker));
    assert_eq!(config.limits, Limits::default(), "the documented defaults are those of the bounds themselves");
    assert_eq!(config.worker.slots, 8);
    assert_eq!(config.worker.lease, Duration::from_secs(30));
    assert_eq!(config.access(), Access::Open { default: Principal::parse("warren").unwrap() });
}

#[test]
fn a_later_layer_wins() {
    const FILE: &str = "[worker]\nslots = 2\n";
    for (file, variables, flags, expect, origin) in [
        ("", vec![], vec![], 8, "default"),
        (FILE, vec![], vec![], 2, "/srv/warren.toml"),
        (FILE, vec![("WARREN_WORKER_SLOTS", "3")], vec![], 3, "WARREN_WORKER_SLOTS"),
        (FILE, vec![("WARREN_WORKER_SLOTS", "")], vec![], 2, "/srv/warren.toml"),
        (FILE, vec![("WARREN_WORKER_SLOTS", "3")], vec![("worker.slots", "4")], 4, "--worker.slots"),
        ("", vec![], vec![("worker.slots", "4")], 4, "--worker.slots"),
    ] {
        let config = build(file, &variables, &flags).unwrap();
        let shown = config.effective().iter().find(|shown| shown.key == "worker.slots").unwrap();
        assert_eq!((config.worker.slots, shown.origin.to_string().as_str()), (expect, origin));
    }
}

#[test]
fn what_is_unknown_is_refused_with_the_nearest() {
    for (file, variables, flags, expect) in [
        (
            "[worker]\nslot = 2",
            vec![],
            vec![],
            "there is no setting 'worker.slot' (/srv/warren.toml); did you mean worker.slots?",
        ),
        (
            "[[cluster]]\nname = 'a'\nurll = 'x'",
            vec![],
            vec![],
            "there is no setting 'cluster.urll' (/srv/warren.toml); did you mean url?",
        ),
        (
            "",
            vec![("WARREN_TRINO_ULR", "x")],
            vec![],
            "there is no variable WARREN_TRINO_ULR; did you mean WARREN_TRINO_URL?",
        ),
        ("", vec![], vec![("listn", "x")], "there is no setting 'listn' (--listn); did you mean listen?"),
        (
            "",
            vec![("WARREN_QQ", "x")],
            vec![],
            "there is no variable WARREN_QQ; `warren config` lists every setting with its key and its variable",
        ),
    ] {
        assert_eq!(refusal(file, &variables, &flags), expect);
    }
}

#[test]
fn variables_of_others_are_left_alone() {
    let others = [
        ("WARREN_SERVER", "x"),
        ("WARREN_API_TOKEN", "x"),
        ("WARREN_TEST_ANYTHING", "x"),
        ("WARREN_SERVICES_DIR", "x"),
        ("WARREN_KEEP_SERVICES", "x"),
        ("PATH", "x"),
    ];
    build("", &others, &[]).unwrap();
}

#[test]
fn a_value_that_makes_no_sense_is_refused_with_its_place() {
    for (file, variables, expect) in [
        (
            "listen = 'here'",
            vec![],
            "listen = here (/srv/warren.toml) is not an address and a port, such as 127.0.0.1:8080",
        ),
        ("listen = 1.5", vec![], "listen = this (/srv/warren.toml) is not a text, a whole number or a truth value"),
        (
            "",
            vec![("WARREN_WORKER_SLOTS", "0")],
            "worker.slots = 0 (WARREN_WORKER_SLOTS) is not a whole number from 1 to 1024",
        ),
        (
            "",
            vec![("WARREN_DATABASE_URL", "mysql://u:geheim@h/d")],
            "mysql://u:***@h/d (WARREN_DATABASE_URL) is not a postgres://",
        ),
        ("", vec![("WARREN_RESULTS_URL", "ftp://h/d")], "results.url = ftp://h/d (WARREN_RESULTS_URL) is not an s3://"),
        ("", vec![("WARREN_ROLE", "console")], "is not all, api, worker or scheduler"),
        ("", vec![("WARREN_AUTH", "yes")], "auth.mode = yes (WARREN_AUTH) is not none or tokens"),
        ("", vec![("WARREN_LOG", "warren=loud")], "log.filter = warren=loud (WARREN_LOG) is not a filter"),
        (
            "",
            vec![("WARREN_WORKER_RENEW_MS", "20000")],
            "worker.lease_ms = 30000 must be at least twice worker.renew_ms = 20000",
        ),
        ("listen = ", vec![], "the configuration file /srv/warren.toml is not valid TOML at line 1, column "),
        ("[database]\nurl = 'postgres://u:geheim@h/d", vec![], "is not valid TOML at line 2, column "),
        ("[[cluster]]\nname = 'a'\npassword = \"geheim\nurl = 'x'", vec![], "is not valid TOML at line 3, column "),
        ("[[cluster]]\nname = 'a'\nurl = 'http://a'\ntoken = geheim", vec![], "is not valid TOML at line 4, column "),
        (
            "[[cluster]]\nname = 'a'\nurl = 'http://a'\npassword = 31415926",
            vec![],
            "is not valid TOML: a password or token is a text, not integer",
        ),
        ("[[cluster]]\nname = 'a'", vec![], "is not valid TOML: missing field `url`"),
        ("", vec![("WARREN_TRINO_PASSWORD", "geheim")], "cluster 'trino': there are credentials but no url"),
        (
            "",
            vec![("WARREN_TRINO_URL", "http://t"), ("WARREN_TRINO_USER", "ana")],
            "a user without a password has no effect: queries run as the user who submits them",
        ),
        (
            "",
            vec![("WARREN_TRINO_URL", "http://t"), ("WARREN_TRINO_PASSWORD", "p"), ("WARREN_TRINO_TOKEN", "t")],
            "a password and a token exclude each other",
        ),
        ("", vec![("WARREN_TRINO_URL", "trino:8080")], "is not an http:// or https:// url"),
    ] {
        let refusal = refusal(file, &variables, &[]);
        assert!(refusal.contains(expect), "{refusal}");
        assert!(!refusal.contains("geheim") && !refusal.contains("31415926"), "{refusal}");
    }
}

#[test]
fn beyond_loopback_nobody_is_let_in_without_a_token() {
    let open = "127.0.0.1:1";
    for (listen, mode, expect) in [
        (open, None, Some(AuthMode::None)),
        ("127.9.9.9:1", None, Some(AuthMode::None)),
        ("[::1]:1", None, Some(AuthMode::None)),
        (open, Some("tokens"), Some(AuthMode::Tokens)),
        ("0.0.0.0:1", None, Some(AuthMode::Tokens)),
        ("[::]:1", None, Some(AuthMode::Tokens)),
        ("10.0.0.1:1", Some("tokens"), Some(AuthMode::Tokens)),
        ("0.0.0.0:1", Some("none"), None),
        ("[::]:1", Some("none"), None),
        ("[::ffff:127.0.0.1]:1", Some("none"), None),
    ] {
        let mode = mode.map(|mode| ("WARREN_AUTH", mode));
        let built = build("", &mode.into_iter().collect::<Vec<_>>(), &[("listen", listen)]);
        match (built, expect) {
            (Ok(config), expect) => assert_eq!(Some(config.auth), expect, "{listen}"),
            (Err(error), None) => assert!(matches!(error, ConfigError::OpenBeyondLoopback { .. }), "{error}"),
            (Err(error), Some(_)) => panic!("{listen}: {error}"),
        }
    }
}

#[test]
fn clusters_come_from_the_file_or_from_one_url() {
    const TWO: &str =
        "[[cluster]]\nname = 'a'\nurl = 'http://a:1'\n[[cluster]]\nname = 'b'\nurl = 'https://b'\ntoken = 'geheim'\n";
    let names = |config: &Config| config.clusters.iter().map(|cluster| cluster.name.clone()).collect::<Vec<_>>();
    let two = build(TWO, &[], &[]).unwrap();
    assert_eq!(names(&two), ["a", "b"]);
    assert!(matches!(two.clusters[1].auth, warren_trino::Auth::Bearer(_)));
    assert!(!format!("{two:?}").contains("geheim"));
    let one = build(TWO, &[("WARREN_TRINO_URL", "http://c")], &[]).unwrap();
    assert_eq!(names(&one), ["trino"], "the environment wins over the file");
    let both = format!("[trino]\nurl = 'http://c'\n{TWO}");
    assert_eq!(refusal(&both, &[], &[]), "/srv/warren.toml has both trino.url and [[cluster]]; keep one of them");
    assert!(refusal(&TWO.replace("'b'", "'a'"), &[], &[]).contains("cluster 'a': there are two of this name"));
    assert!(refusal(&TWO.replace("'b'", "'b c'"), &[], &[]).contains("a name has letters"));
}

#[test]
fn no_secret_is_shown() {
    let secrets = [
        ("WARREN_DATABASE_URL", "postgres://ana:geheim@db/warren"),
        ("WARREN_TRINO_URL", "https://trino"),
        ("WARREN_TRINO_USER", "ana"),
        ("WARREN_TRINO_PASSWORD", "geheim"),
        ("AWS_SECRET_ACCESS_KEY", "geheim"),
        ("AWS_REGION", "eu-central-1"),
    ];
    let config = build("", &secrets, &[]).unwrap();
    assert!(!format!("{config:?}").contains("geheim"));
    let shown: Vec<_> =
        config.effective().iter().map(|s| (s.key.as_str(), s.value.as_deref().unwrap_or("-"))).collect();
    for expect in [
        ("database.url", "postgres://ana:***@db/warren"),
        ("trino.password", "***"),
        ("trino.token", "-"),
        ("AWS_SECRET_ACCESS_KEY", "***"),
        ("AWS_REGION", "eu-central-1"),
    ] {
        assert!(shown.contains(&expect), "{expect:?} in {shown:?}");
    }
    assert_eq!(config.results_options["AWS_SECRET_ACCESS_KEY"], "geheim", "the store itself gets it");
}

#[test]
fn each_name_belongs_to_one_setting() {
    let mut names: Vec<_> = settings().flat_map(|setting| [setting.key, setting.variable]).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// The rows of the table in `docs/settings.md`.
fn documented() -> String {
    let rows = settings().map(|setting| {
        let default = setting.default.map_or_else(|| setting.otherwise.to_owned(), |default| format!("`{default}`"));
        format!("| `{}` | `{}` | {default} | {} |\n", setting.variable, setting.key, setting.meaning)
    });
    rows.collect()
}

#[test]
fn the_documentation_lists_every_setting() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md")).unwrap();
    assert!(page.contains(&documented()), "the table of docs/settings.md should be:\n{}", documented());
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let sources = Sources { working_dir: folder.path().to_owned(), ..Sources::default() };
    assert!(Config::load(&sources).is_ok(), "no file is fine");
    std::fs::write(folder.path().join("warren.toml"), "[worker]\nslots = 5\n").unwrap();
    assert_eq!(Config::load(&sources).unwrap().worker.slots, 5, "warren.toml is found");
    let named = Sources { file: Some("other.toml".into()), ..sources.clone() };
    assert!(matches!(Config::load(&named), Err(ConfigError::Unreadable { .. })));
    let variable = Sources { environment: [("WARREN_CONFIG", "other.toml")].into_iter().collect(), ..sources };
    assert!(matches!(Config::load(&variable), Err(ConfigError::Unreadable { .. })));
    std::fs::write(folder.path().join("other.toml"), "[worker]\nslots = 6\n").unwrap();
    assert_eq!(Config::load(&variable).unwrap().worker.slots, 6);
}

#[test]
fn the_scheduler_has_settings_of_its_own() {
    let config = build("", &[], &[]).unwrap();
    let SchedulerConfig { built_in, slots, lease, poll, publish } = config.scheduler;
    assert_eq!((built_in, slots, publish), (true, 8, Publish::Ingest));
    assert_eq!((lease, poll), (Duration::from_mins(1), Duration::from_secs(10)));
    let direct = build("[openmetadata]\npublish = \"direct\"", &[("WARREN_SCHEDULER_BUILT_IN", "false")], &[]).unwrap();
    assert_eq!((direct.scheduler.publish, direct.scheduler.built_in), (Publish::Direct, false));
    assert!(refusal("", &[("WARREN_OPENMETADATA_PUBLISH", "x")], &[]).contains("is not ingest or direct"));
}

#[test]
fn openlineage_is_a_sink_beside_openmetadata() {
    let url = ("WARREN_OPENLINEAGE_URL", "http://marquez/api/v1/lineage");
    let catalogue = ("WARREN_OPENMETADATA_URL", "http://om/api");
    assert!(refusal("", &[url], &[]).starts_with("openlineage.url is set, but no openmetadata.url"));
    let token = ("WARREN_OPENLINEAGE_TOKEN", "s3cret");
    let idle = refusal("", &[catalogue, token], &[]);
    assert!(idle.starts_with("openlineage.token is set, but no openlineage.url"), "{idle}");
    let config = build("", &[catalogue, url, token], &[]).unwrap();
    let own = config.openlineage.as_ref().unwrap();
    assert_eq!((own.url.as_str(), own.namespace.as_str()), (url.1, "warren"));
    assert!(!format!("{config:?}").contains("s3cret"));
    assert!(refusal("", &[catalogue, ("WARREN_OPENLINEAGE_URL", "marquez")], &[]).contains("is not an http(s)://"));
}

#[test]
fn catalogs_are_made_where_there_is_something_to_make_them_of() {
    const ON: (&str, &str) = ("WARREN_MANAGED_CATALOGS", "dynamic");
    const OPENMETADATA: (&str, &str) = ("WARREN_OPENMETADATA_URL", "http://om:8585/api");
    const TRINO: (&str, &str) = ("WARREN_TRINO_URL", "http://trino:8080");
    const TEMPLATE: &str = "WARREN_MANAGED_CATALOGS_SECRET_TEMPLATE";
    assert_eq!(build("", &[OPENMETADATA, TRINO], &[]).unwrap().managed_catalogs, None);
    let own = build("", &[ON, OPENMETADATA, TRINO], &[]).unwrap().managed_catalogs.unwrap();
    assert_eq!((own.user.as_str(), own.secret_template, own.grace), ("warren", None, Duration::from_secs(600)));
    let none = refusal("", &[ON, TRINO], &[]);
    assert!(none.contains("managed_catalogs.mode is set, but no openmetadata.url"), "{none}");
    let embedded = refusal("", &[ON, OPENMETADATA], &[]);
    assert!(embedded.contains("dynamic where trino.url is set"), "{embedded}");
    let password = refusal("", &[ON, OPENMETADATA, TRINO, (TEMPLATE, "hunter2")], &[]);
    assert!(password.contains("one reference such as") && !password.contains("hunter2"), "{password}");
    let config = build("", &[ON, OPENMETADATA, TRINO, (TEMPLATE, "${ENV:{SERVICE}}")], &[]).unwrap();
    assert!(!format!("{config:?}").contains("${ENV"), "{config:?}");
}
