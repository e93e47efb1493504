//! Names that somebody perhaps meant who asked for a table that is not there. A help, and no more: where OpenMetadata
//! does not answer there are none.

use futures::future::join_all;
use warren_openmetadata::{Client, Error, SearchIndex, SearchPage, SearchQuery, escape_query, escape_wildcard};

use crate::catalog::{self, Fqn};

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
    catalog::near(&fqn.to_string(), pages.flat_map(|page| page.hits).map(|hit| hit.fully_qualified_name))
}

async fn beside(client: &Client, fqn: &Fqn, index: SearchIndex) -> Result<SearchPage, Error> {
    let parent = fqn.parent().map(|parent| format!("{}.", escape_wildcard(&parent.to_string()))).unwrap_or_default();
    client.search_fqn(&format!("{parent}*"), index, CANDIDATES).await
}

async fn anywhere(client: &Client, fqn: &Fqn, index: SearchIndex) -> Result<SearchPage, Error> {
    client.search(&SearchQuery { text: escape_query(fqn.name()), index, from: 0, size: CANDIDATES }).await
}
