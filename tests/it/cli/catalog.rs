//! `catalog`: search, and the page of a table, over a stand-in for OpenMetadata.

use serde_json::{Value, json};
use warren_openmetadata::ServerVersion;
use warren_openmetadata::testing::{BOT_TOKEN, Fault, StandIn};

use super::program::warren;
use crate::harness::{Stack, TestServer};

const MAPPING: &str = "[[mapping]]\nservice = \"sales_pg\"\ncatalog = \"pg_shop\"\n";

async fn catalogue() -> StandIn {
    let catalogue = StandIn::start(ServerVersion::new(2, 0, 7)).await.unwrap();
    let columns = json!([
        {"name": "id", "dataType": "BIGINT", "dataTypeDisplay": "bigint", "constraint": "PRIMARY_KEY"},
        {"name": "e-mail", "dataType": "VARCHAR", "dataLength": 80, "dataTypeDisplay": "varchar(80)", "description": "Where\nto write to.",
            "tags": [{"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}]},
    ]);
    catalogue.seed_table("sales_pg.shop.public.customers", columns).unwrap();
    catalogue.seed_table("crm.main.public.customers", json!([])).unwrap();
    let said = json!({"description": "Who buys.\n\nOne row\u{1b}[31m each.", "owners": [], "tags": []});
    catalogue.edit("table", "sales_pg.shop.public.customers", &said).unwrap();
    catalogue
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catalogue_is_shown_to_people() {
    let catalogue = catalogue().await;
    let server = TestServer::start_with(Stack::Embedded, |folder, settings| {
        std::fs::write(folder.join("mapping.toml"), MAPPING).unwrap();
        let url = catalogue.base_url().to_string();
        for (name, value) in [
            ("WARREN_CATALOG_FILE", "mapping.toml"),
            ("WARREN_TRINO_URL", "http://127.0.0.1:9"),
            ("WARREN_OPENMETADATA_URL", &url),
            ("WARREN_OPENMETADATA_TOKEN", BOT_TOKEN),
        ] {
            settings.insert(name.to_owned(), value.to_owned());
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let url = server.url("");
    let run = async |arguments: &[&str]| warren(folder.path(), arguments, &[("WARREN_SERVER", &url)]).await;

    let found = run(&["catalog", "search", "public", "customers"]).await.expect(0);
    insta::assert_snapshot!(found.out(), @r"
    ╭────────────────────────────────┬───────┬──────────────────────────┬──────┬─────────────╮
    │ fully_qualified_name           ┆ kind  ┆ trino_model_name         ┆ tags ┆ description │
    ╞════════════════════════════════╪═══════╪══════════════════════════╪══════╪═════════════╡
    │ crm.main.public.customers      ┆ table ┆                          ┆      ┆             │
    │ sales_pg.shop.public.customers ┆ table ┆ pg_shop.public.customers ┆      ┆ Who buys.   │
    ╰────────────────────────────────┴───────┴──────────────────────────┴──────┴─────────────╯
    ");
    let shown = run(&["catalog", "show", "sales_pg.shop.public.customers"]).await.expect(0);
    insta::assert_snapshot!(shown.out().replace(id(&catalogue).as_str(), "<id>"), @r#"
    name         sales_pg.shop.public.customers
    kind         table of Postgres
    id           <id>
    version      0.2
    trino        pg_shop.public.customers
    description  Who buys.

                 One row\u{1b}[31m each.
    query        SELECT id, "e-mail" FROM sales_pg.shop.public.customers LIMIT 10
    ╭────────┬─────────────┬─────────────┬───────────────┬────────────────────╮
    │ column ┆ type        ┆ constraint  ┆ tags          ┆ description        │
    ╞════════╪═════════════╪═════════════╪═══════════════╪════════════════════╡
    │ id     ┆ bigint      ┆ PRIMARY_KEY ┆               ┆                    │
    │ e-mail ┆ varchar(80) ┆             ┆ PII.Sensitive ┆ Where to write to. │
    ╰────────┴─────────────┴─────────────┴───────────────┴────────────────────╯
    "#);
    let nothing = run(&["catalog", "search", "nothing like it"]).await.expect(0);
    assert_eq!((nothing.out(), nothing.err.as_str()), ("", "nothing was found\n"));
    let json = run(&["catalog", "show", "crm.main.public.customers", "--format", "json"]).await.expect(0);
    assert_eq!(serde_json::from_slice::<Value>(&json.out).unwrap()["trino_model_name"], json!(null));

    let unknown = run(&["catalog", "show", "sales_pg.shop.public.customer"]).await.expect(2);
    insta::assert_snapshot!(unknown.err, @r"
    error: OpenMetadata has no table and no file 'sales_pg.shop.public.customer' (NOT_FOUND)
      hint: names count with their case; GET /api/v1/catalog/search finds them by words
      perhaps: sales_pg.shop.public.customers
    ");
    let malformed = run(&["catalog", "show", "sales_pg..customers"]).await.expect(2);
    insta::assert_snapshot!(malformed.err, @r"
    error: line 1, column 10: part 2 of the name is empty (INVALID_REQUEST)
      |
    1 | sales_pg..customers
      |          ^^^^^^^^^^
      hint: put a part with a dot or a quote into double quotes, and double the quotes in it
    ");
    let more = run(&["catalog", "search", "customers", "--limit", "1"]).await.expect(0);
    assert_eq!(more.err, "there is more: say more words, or a larger --limit\n");
    catalogue.break_always(Some(Fault::Status(403)));
    run(&["catalog", "search", "customers"]).await.expect(1);
    catalogue.break_always(Some(Fault::Status(503)));
    run(&["catalog", "search", "customers"]).await.expect(3);
    server.stop().await;
}

fn id(catalogue: &StandIn) -> String {
    catalogue.entity("table", "sales_pg.shop.public.customers").unwrap()["id"].as_str().unwrap().to_owned()
}
