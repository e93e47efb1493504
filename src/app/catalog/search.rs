//! Look for tables and files by words.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use futures::future::try_join_all;
use warren_openmetadata::{Client, SearchHit, SearchIndex, SearchPage, SearchQuery, escape_query};

use super::label::{document_owners, document_tags, first_paragraph};
use super::refusal::refusal;
use super::{CatalogKind, CatalogSource, PATIENCE, mapped};
use crate::app::{App, AppError};
use crate::catalog::{Answer, Catalog, Entity, EntityKind, Fqn, Known, Wanted};

/// How far into a list people can go. The search engines behind OpenMetadata refuse more than 10,000.
const DEEPEST: u32 = 9_000;

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchCatalog {
    /// Words, all of which count as they stand.
    pub text: String,
    /// Only this kind. Otherwise tables and files, and of the mapping file services too.
    pub kind: Option<CatalogKind>,
    /// The most of a page, up to 100.
    pub limit: u16,
    /// Where the page begins.
    pub from: CatalogCursor,
}

/// How many of each list the pages before had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CatalogCursor {
    passed: [u32; 2],
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogPage {
    /// Who said so.
    pub source: CatalogSource,
    /// What it is, best first.
    pub items: Vec<CatalogItem>,
    /// Where the next page begins.
    pub next: Option<CatalogCursor>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogItem {
    /// The name that queries write.
    pub fqn: String,
    /// What it is.
    pub kind: CatalogKind,
    /// Its own name.
    pub name: String,
    /// The first paragraph of what somebody wrote about it.
    pub description: Option<String>,
    /// What it is in Trino; nothing where no rule maps it.
    pub trino: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who owns it.
    pub owners: Vec<String>,
}

/// A cursor that no page gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is none that a page of the catalogue gave")]
pub struct InvalidCatalogCursor;

impl fmt::Display for CatalogCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.passed;
        write!(f, "{first}-{second}")
    }
}

impl FromStr for CatalogCursor {
    type Err = InvalidCatalogCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, second) = text.split_once('-').ok_or(InvalidCatalogCursor)?;
        let number = |text: &str| text.parse().ok().filter(|passed| *passed <= DEEPEST).ok_or(InvalidCatalogCursor);
        Ok(Self { passed: [number(first)?, number(second)?] })
    }
}

impl App {
    /// A page of what the catalogue has for some words.
    ///
    /// # Errors
    /// When OpenMetadata, where there is one, gives no answer.
    pub async fn search_catalog(&self, request: SearchCatalog) -> Result<CatalogPage, AppError> {
        match &self.openmetadata {
            Some(client) => self.search_openmetadata(&client.with_deadline(PATIENCE), &request).await,
            None => Ok(self.search_mapping(&request)),
        }
    }

    async fn search_openmetadata(&self, client: &Client, request: &SearchCatalog) -> Result<CatalogPage, AppError> {
        let text = escape_query(request.text.trim());
        let searches = kinds(request.kind).iter().zip(request.from.passed).map(|(kind, from)| {
            let query =
                SearchQuery { text: text.clone(), index: index_of(*kind), from, size: u32::from(request.limit) };
            async move { client.search(&query).await.map_err(|error| refusal(error, "what you search for")) }
        });
        let pages: Vec<SearchPage> = try_join_all(searches).await?;
        let totals: Vec<u64> = pages.iter().map(|page| page.total).collect();
        let hits = pages.into_iter().zip(kinds(request.kind));
        let lists = hits.map(|(page, kind)| page.hits.into_iter().map(|hit| (*kind, hit)).collect()).collect();
        let (hits, taken) = in_turn(lists, usize::from(request.limit));
        let catalog = self.catalog_of_hits(&hits).await;
        let mut next = request.from;
        for (passed, taken) in next.passed.iter_mut().zip(taken) {
            *passed += taken;
        }
        let is_more = next.passed.iter().zip(totals).any(|(passed, total)| u64::from(*passed) < total);
        let is_deep = next.passed.iter().any(|passed| *passed > DEEPEST);
        Ok(CatalogPage {
            source: CatalogSource::OpenMetadata,
            items: hits.into_iter().map(|(kind, hit)| item_of_hit(&catalog, kind, hit)).collect(),
            next: (is_more && !is_deep && next != request.from).then_some(next),
        })
    }

    /// The catalog with what it takes to tell what hits are in Trino. That they are there the search has just said, so
    /// that only the databases of tables are asked for, of which there are few.
    async fn catalog_of_hits(&self, hits: &[(CatalogKind, SearchHit)]) -> Catalog {
        let Some(directory) = &self.directory else { return self.catalog.clone() };
        let named =
            hits.iter().filter_map(|(kind, hit)| Some((kind.entity()?, Fqn::parse(&hit.fully_qualified_name).ok()?)));
        let named: Vec<(EntityKind, Fqn)> = named.collect();
        let tables = named.iter().filter(|(kind, _)| *kind == EntityKind::Table);
        let wanted = tables.filter_map(|(_, fqn)| self.catalog.database_wanted(fqn.parts())).collect();
        let mut facts = directory.facts(wanted, &self.catalog).await;
        for (kind, fqn) in named {
            let entity = Entity {
                id: String::new(),
                kind,
                fqn: fqn.clone(),
                version: String::new(),
                service_type: None,
                deleted: false,
                columns: Vec::new(),
                twin: None,
            };
            facts.insert(Wanted::Name(fqn), Known { answer: Answer::Entity(Arc::new(entity)), stale: false });
        }
        self.catalog.with_facts(facts)
    }

    fn search_mapping(&self, request: &SearchCatalog) -> CatalogPage {
        let words: Vec<String> = request.text.split_whitespace().map(str::to_lowercase).collect();
        let has_words = |item: &CatalogItem| {
            let texts = [Some(&item.fqn), item.trino.as_ref()].map(|text| text.map(|text| text.to_lowercase()));
            words.iter().all(|word| texts.iter().flatten().any(|text| text.contains(word.as_str())))
        };
        let is_wanted = |item: &CatalogItem| request.kind.is_none_or(|kind| item.kind == kind) && has_words(item);
        let found: Vec<CatalogItem> = self.items_of_mapping().into_iter().filter(is_wanted).collect();
        let [passed, _] = request.from.passed;
        let next = passed.saturating_add(u32::from(request.limit));
        let is_more = found.len() > next as usize && next <= DEEPEST;
        let page = found.into_iter().skip(passed as usize).take(usize::from(request.limit));
        CatalogPage {
            source: CatalogSource::Mapping,
            items: page.collect(),
            next: is_more.then_some(CatalogCursor { passed: [next, 0] }),
        }
    }

    /// Everything that the mapping file names: its tables, then the services that its rules are for.
    fn items_of_mapping(&self) -> Vec<CatalogItem> {
        let mapping = self.catalog.mapping();
        let item = |fqn: &Fqn, kind, trino| CatalogItem {
            fqn: fqn.to_string(),
            kind,
            name: fqn.name().to_owned(),
            description: None,
            trino,
            tags: Vec::new(),
            owners: Vec::new(),
        };
        let tables = mapping.tables.iter();
        let mut items: Vec<CatalogItem> =
            tables.map(|entry| item(&entry.fqn, CatalogKind::guess(&entry.fqn), Some(entry.trino.dotted()))).collect();
        for service in mapping.rules.iter().filter_map(|rule| Fqn::from_raw_parts([rule.literal_service()?]).ok()) {
            let own = item(&service, CatalogKind::Service, None);
            if !items.contains(&own) {
                items.push(own);
            }
        }
        items
    }
}

fn item_of_hit(catalog: &Catalog, kind: CatalogKind, hit: SearchHit) -> CatalogItem {
    let mapped = Fqn::parse(&hit.fully_qualified_name).ok().and_then(|fqn| mapped(catalog, &fqn));
    CatalogItem {
        kind,
        description: hit.description.as_deref().and_then(first_paragraph),
        trino: mapped.map(|resolved| resolved.trino.dotted()),
        tags: document_tags(&hit.source),
        owners: document_owners(&hit.source),
        fqn: hit.fully_qualified_name,
        name: hit.name,
    }
}

/// What is looked through, and in which order. There is a place in the cursor for each.
fn kinds(wanted: Option<CatalogKind>) -> &'static [CatalogKind] {
    match wanted {
        None => &[CatalogKind::Table, CatalogKind::Container],
        Some(CatalogKind::Table) => &[CatalogKind::Table],
        Some(CatalogKind::Container) => &[CatalogKind::Container],
        Some(CatalogKind::Service) => &[CatalogKind::Service],
    }
}

fn index_of(kind: CatalogKind) -> SearchIndex {
    match kind {
        CatalogKind::Table => SearchIndex::Tables,
        CatalogKind::Container => SearchIndex::Containers,
        CatalogKind::Service => SearchIndex::DatabaseServices,
    }
}

/// One of each list in turn, until there are `limit`, and how many of each that were. The scores of two indexes cannot be
/// compared, and no kind should hide the other.
fn in_turn<T>(lists: Vec<Vec<T>>, limit: usize) -> (Vec<T>, Vec<u32>) {
    let mut taken = vec![0; lists.len()];
    let mut merged = Vec::new();
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    loop {
        let before = merged.len();
        for (list, taken) in lists.iter_mut().zip(&mut taken) {
            if merged.len() < limit
                && let Some(item) = list.next()
            {
                merged.push(item);
                *taken += 1;
            }
        }
        if merged.len() == before {
            return (merged, taken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_take_turns() {
        let check = |lists: [&[u8]; 2], limit, expect: &[u8], taken: [u32; 2]| {
            let lists = lists.map(<[u8]>::to_vec).to_vec();
            assert_eq!(in_turn(lists, limit), (expect.to_vec(), taken.to_vec()));
        };
        check([&[1, 2, 3], &[4, 5, 6]], 3, &[1, 4, 2], [2, 1]);
        check([&[1], &[4, 5, 6]], 9, &[1, 4, 5, 6], [1, 3]);
        check([&[], &[]], 9, &[], [0, 0]);
        check([&[1], &[2]], 0, &[], [0, 0]);
    }

    #[test]
    fn a_cursor_is_what_a_page_gave() {
        let cursor = CatalogCursor { passed: [20, 3] };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for wrong in ["", "20", "20-", "-3", "a-b", "20-3-1", "9001-0", "99999999999-0", "+1-0x"] {
            assert_eq!(wrong.parse::<CatalogCursor>(), Err(InvalidCatalogCursor), "{wrong}");
        }
    }
}
