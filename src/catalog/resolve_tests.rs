//! Names through a mapping file: which rule wins, what stays, what is refused.

use super::{Catalog, Mapping, Purpose, ResolveError};

const FILE: &str = r#"
[[mapping]]
service = "sales_pg"
database = "shop"
catalog = "pg_shop"

[[mapping]]
service = "sales_pg"
database = "*_archive"
catalog = "pg_archive"

[[mapping]]
service = "trino_prod"
identity = true

[[table]]
fqn = 's3_lake.raw."2024.csv"'
trino = "lake.files.y2024"
id = "6f1f3a54-8b7e-4c1b-9a55-2c1f0f4e0a01"
"#;

fn catalog() -> Catalog {
    Catalog::new(Mapping::parse(FILE).unwrap())
}

fn parts(name: &[&str]) -> Vec<String> {
    name.iter().map(|part| (*part).to_owned()).collect()
}

fn check(name: &[&str], expect: Option<&str>) {
    let resolved = catalog().table(&parts(name), Purpose::Use).unwrap();
    assert_eq!(resolved.map(|r| r.trino.to_string()).as_deref(), expect, "{name:?}");
}

#[test]
fn the_first_rule_that_matches_wins() {
    check(&["sales_pg", "shop", "public", "orders"], Some(r#""pg_shop"."public"."orders""#));
    check(&["sales_pg", "eu_archive", "public", "Orders"], Some(r#""pg_archive"."public"."orders""#));
    check(&["trino_prod", "hive", "web", "clicks"], Some(r#""hive"."web"."clicks""#));
    check(&["s3_lake", "raw", "2024.csv"], Some(r#""lake"."files"."y2024""#));
    check(&["S3_Lake", "raw", "2024.CSV"], Some(r#""lake"."files"."y2024""#));
}

#[test]
fn names_of_trino_stay() {
    check(&["orders"], None);
    check(&["web", "clicks"], None);
    check(&["hive", "web", "clicks"], None);
    assert_eq!(catalog().whole_fqn(&parts(&["my", "file"]), Purpose::Use).unwrap(), None);
}

#[test]
fn a_name_that_maps_nowhere_says_what_was_tried() {
    let error = catalog().table(&parts(&["sales_pgg", "shop", "public", "orders"]), Purpose::Use).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no rule maps 'sales_pgg.shop.public.orders' to a Trino catalog; \
         tried the rules for sales_pg.shop, sales_pg.*_archive, trino_prod.*"
    );
    assert_eq!(error.near(), ["sales_pg"]);
    assert!(matches!(
        catalog().table(&parts(&["sales_pg", "shop", "orders"]), Purpose::Use),
        Err(ResolveError::TooShort { service, .. }) if service == "sales_pg"
    ));
    assert!(matches!(
        catalog().table(&parts(&["s3_lake", "raw", "x", "y", "z"]), Purpose::Use),
        Err(ResolveError::NoTableEntry { parts: 5, .. })
    ));
}

#[test]
fn the_way_back_is_told_only_where_it_is_certain() {
    let fqns = |catalog: &Catalog, [name, schema, table]: [&str; 3]| -> Vec<String> {
        catalog.fqns_of(name, schema, table).iter().map(|found| found.fqn.to_string()).collect()
    };
    assert_eq!(fqns(&catalog(), ["hive", "s", "t"]), ["trino_prod.hive.s.t"]);
    let several = ["sales_pg.shop.s.t", "trino_prod.pg_shop.s.t"];
    assert_eq!(fqns(&catalog(), ["pg_shop", "s", "t"]), several, "the identity rule could have made it as well");
    assert_eq!(fqns(&catalog(), ["lake", "files", "y2024"]), [r#"s3_lake.raw."2024.csv""#], "an entry beats the rules");
    let twice = format!("{FILE}[[table]]\nfqn = 's3_lake.raw.copy'\ntrino = 'lake.files.y2024'\n");
    let twice = Catalog::new(Mapping::parse(&twice).unwrap());
    assert_eq!(fqns(&twice, ["lake", "files", "y2024"]), [r#"s3_lake.raw."2024.csv""#, "s3_lake.raw.copy"]);
    assert_eq!(
        catalog().by_id("6F1F3A54-8b7e-4c1b-9a55-2c1f0f4e0a01").unwrap().map(|r| r.fqn.to_string()).as_deref(),
        Some(r#"s3_lake.raw."2024.csv""#)
    );
}
