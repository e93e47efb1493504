//! Names that somebody perhaps meant who asked for a table that is not there. A help, and no more: where OpenMetadata
//! does not answer there are none.

use futures::future::join_all;
use strsim::jaro_winkler;
use warren_openmetadata::{Client, Error, SearchIndex, SearchPage, SearchQuery, escape_query, escape_wildcard};

use crate::catalog::Fqn;

/// How alike a name must be.
const NEAR: f64 = 0.8;
const SUGGESTIONS: usize = 5;
/// The most candidates of one search.
const CANDIDATES: u32 = 100;

/// The names in OpenMetadata that are most like `fqn`: among those beside it, and those with its last part anywhere.
pub(super) async fn near(client: &Client, fqn: &Fqn) -> Vec<String> {
    let indexes = [SearchIndex::Tables, SearchIndex::Containers];
    let searches = indexes.map(async |index| {
        let (beside, anywhere) = futures::join!(beside(client, fqn, index), anywhere(client, fqn, index));
        [beside, anywhere]
    });
    let pages = join_all(searches).await.into_iter().flatten().filter_map(Result::ok);
    most_like(fqn, pages.flat_map(|page| page.hits).map(|hit| hit.fully_qualified_name))
}

async fn beside(client: &Client, fqn: &Fqn, index: SearchIndex) -> Result<SearchPage, Error> {
    let parent = fqn.parent().map(|parent| format!("{}.", escape_wildcard(&parent.to_string()))).unwrap_or_default();
    client.search_fqn(&format!("{parent}*"), index, CANDIDATES).await
}

async fn anywhere(client: &Client, fqn: &Fqn, index: SearchIndex) -> Result<SearchPage, Error> {
    client.search(&SearchQuery { text: escape_query(fqn.name()), index, from: 0, size: CANDIDATES }).await
}

/// The most alike of `known`, best first. Case makes no difference here: it is the likeliest mistake.
fn most_like(fqn: &Fqn, known: impl Iterator<Item = String>) -> Vec<String> {
    let wanted = fqn.to_string().to_lowercase();
    let mut near: Vec<(f64, String)> = known
        .map(|other| (jaro_winkler(&wanted, &other.to_lowercase()), other))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    near.dedup_by(|a, b| a.1 == b.1);
    near.into_iter().take(SUGGESTIONS).map(|(_, other)| other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_alike_come_first() {
        let known = ["pg.s.p.orders", "pg.s.p.order_items", "x.y", "pg.s.p.ORDER", "pg.s.p.orders"];
        let near = most_like(&Fqn::parse("pg.s.p.order").unwrap(), known.into_iter().map(str::to_owned));
        assert_eq!(near, ["pg.s.p.ORDER", "pg.s.p.orders", "pg.s.p.order_items"]);
    }
}
