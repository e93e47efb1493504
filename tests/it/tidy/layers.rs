//! Who may use whom. A forbidden arrow fails here, not in a review.

use super::source::{read, rust_files};

/// Which of the project's packages each package may depend on. `ARCHITECTURE.md` draws the same picture.
const PACKAGES: [(&str, &str, &[&str]); 8] = [
    ("crates/sql/Cargo.toml", "warren-sql", &[]),
    ("crates/trino/Cargo.toml", "warren-trino", &[]),
    ("crates/results/Cargo.toml", "warren-results", &["warren-trino"]),
    ("crates/embedded/Cargo.toml", "warren-embedded", &["warren-trino"]),
    ("crates/openmetadata/Cargo.toml", "warren-openmetadata", &[]),
    ("entity/Cargo.toml", "entity", &[]),
    ("migration/Cargo.toml", "migration", &[]),
    (
        "Cargo.toml",
        "warren",
        &[
            "warren-sql",
            "warren-trino",
            "warren-results",
            "warren-embedded",
            "warren-openmetadata",
            "entity",
            "migration",
        ],
    ),
];

/// What the files of a folder or a file must not name.
const MODULES: [(&str, &[&str]); 13] = [
    (
        "src/directory",
        &["actix_web", "sea_orm", "entity", "reqwest", "warren_trino", "crate::app", "crate::http", "crate::cli"],
    ),
    (
        "src/jobs",
        &[
            "actix_web",
            "sea_orm",
            "entity",
            "reqwest",
            "warren_trino",
            "warren_results",
            "crate::app",
            "crate::store",
            "crate::http",
            "crate::worker",
        ],
    ),
    (
        "src/models",
        &["actix_web", "sea_orm", "entity", "reqwest", "crate::app", "crate::store", "crate::http", "crate::worker"],
    ),
    (
        "src/managed_catalogs",
        &[
            "actix_web",
            "sea_orm",
            "entity",
            "reqwest",
            "warren_trino",
            "crate::app",
            "crate::store",
            "crate::http",
            "crate::worker",
        ],
    ),
    (
        "src/catalog",
        &["actix_web", "sea_orm", "entity", "reqwest", "crate::app", "crate::store", "crate::http", "crate::worker"],
    ),
    ("src/problem.rs", &["actix_web", "sea_orm", "entity", "reqwest", "crate::app", "crate::store", "crate::http"]),
    ("src/app", &["actix_web", "sea_orm", "entity", "reqwest", "warren_trino", "crate::http", "crate::cli"]),
    ("src/worker", &["actix_web", "sea_orm", "entity", "reqwest", "crate::http", "crate::cli"]),
    (
        "src/store",
        &["actix_web", "reqwest", "warren_trino", "crate::http", "crate::app", "crate::cli", "crate::worker"],
    ),
    ("src/http", &["sea_orm", "entity", "reqwest", "warren_trino", "crate::cli", "crate::worker"]),
    ("src/scheduler", &["actix_web", "sea_orm", "entity", "reqwest", "crate::http", "crate::cli"]),
    (
        "src/openlineage",
        &[
            "actix_web",
            "sea_orm",
            "entity",
            "crate::app",
            "crate::store",
            "crate::http",
            "crate::cli",
            "crate::scheduler",
        ],
    ),
    ("src/config", &["actix_web", "sea_orm", "entity", "reqwest", "crate::http", "crate::store", "crate::cli"]),
];

/// One version of each, or two of them do not fit together.
const ONE_VERSION: [&str; 6] = ["parquet", "object_store", "sqlparser", "reqwest", "rustls", "arrow-ipc"];
const NONE: [&str; 4] = ["openssl", "native-tls", "aws-lc-rs", "aws-lc-sys"];

#[test]
fn packages_depend_downwards_only() {
    for (path, package, allowed) in PACKAGES {
        let manifest: toml::Table = read(path).parse().unwrap();
        let own = manifest["dependencies"].as_table().unwrap();
        let ours: Vec<&str> = PACKAGES.iter().map(|(_, name, _)| *name).collect();
        for name in own.keys().filter(|name| ours.contains(&name.as_str())) {
            assert!(allowed.contains(&name.as_str()), "{package} must not depend on {name}");
        }
    }
}

#[test]
fn modules_use_downwards_only() {
    let mut found = Vec::new();
    for (place, forbidden) in MODULES {
        let files = if place.ends_with(".rs") {
            rust_files("src").into_iter().filter(|file| file.path == place).collect()
        } else {
            rust_files(place)
        };
        assert!(!files.is_empty(), "{place} is not there any more: correct the rule");
        for file in files {
            for (number, line) in file.text.lines().enumerate() {
                let code = line.trim_start();
                if code.starts_with("//") {
                    continue;
                }
                found.extend(
                    forbidden
                        .iter()
                        .filter(|name| names(code, name))
                        .map(|name| format!("{}:{} uses {name}", file.path, number + 1)),
                );
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Whether a line of code uses the path `name`.
fn names(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        let whole = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
        whole && after.starts_with("::")
    })
}

#[test]
fn a_rule_can_fail() {
    assert!(names("use sea_orm::EntityTrait;", "sea_orm"));
    assert!(names("    let x: crate::http::Y = z;", "crate::http"));
    assert!(!names("let entity_name = entity;", "entity"));
    assert!(!names("use my_entity::X;", "entity"));
}

#[test]
fn there_is_one_version_of_what_must_fit_together() {
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let count = |name: &str| packages.iter().filter(|package| package["name"].as_str() == Some(name)).count();
    for name in ONE_VERSION {
        assert_eq!(count(name), 1, "{name}");
    }
    for name in NONE {
        assert_eq!(count(name), 0, "{name}: TLS is rustls with ring, and nothing else");
    }
}
