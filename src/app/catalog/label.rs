//! What entities of OpenMetadata are labelled with, in words for people: tags, owners, descriptions in short. Search
//! gives documents of an index, everything else gives entities; both come to the same words.

use serde_json::Value;
use warren_openmetadata::{EntityRef, TagLabel};

/// The most characters of a description in a list.
const DESCRIPTION_CHARS: usize = 300;

/// The names of tags that somebody stands behind; what OpenMetadata only suggests is none yet.
pub(super) fn tags(labels: &[TagLabel]) -> Vec<String> {
    labels.iter().filter(|label| label.state != "Suggested").map(|label| label.tag_fqn.clone()).collect()
}

/// What owners are called.
pub(super) fn owners(references: &[EntityRef]) -> Vec<String> {
    references.iter().filter_map(|owner| owner.display_name.clone().or_else(|| owner.name.clone())).collect()
}

/// The same as [`tags`] from a document of the search index.
pub(super) fn document_tags(document: &Value) -> Vec<String> {
    let labels = document.get("tags").and_then(Value::as_array).into_iter().flatten();
    let labels = labels.filter(|label| label.get("state").and_then(Value::as_str) != Some("Suggested"));
    labels.filter_map(|label| text(label, "tagFQN")).collect()
}

/// The same as [`owners`] from a document of the search index: a list, or one as before 1.6.
pub(super) fn document_owners(document: &Value) -> Vec<String> {
    let many = document.get("owners").and_then(Value::as_array).into_iter().flatten();
    let references = many.chain(document.get("owner"));
    references.filter_map(|owner| text(owner, "displayName").or_else(|| text(owner, "name"))).collect()
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The first paragraph of a description, on one line and not too long; nothing where there is none.
pub(super) fn first_paragraph(description: &str) -> Option<String> {
    let paragraph = description.trim_start().lines().take_while(|line| !line.trim().is_empty());
    let words: Vec<&str> = paragraph.flat_map(str::split_whitespace).collect();
    let line = words.join(" ");
    match line.char_indices().nth(DESCRIPTION_CHARS) {
        _ if line.is_empty() => None,
        Some((end, _)) => Some(format!("{}…", &line[..end])),
        None => Some(line),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_description_in_short_is_its_first_paragraph() {
        fn check(description: &str, expect: Option<&str>) {
            assert_eq!(first_paragraph(description).as_deref(), expect, "{description:?}");
        }
        check("", None);
        check(" \n\n", None);
        check("One\nparagraph.\n\nAnother.", Some("One paragraph."));
        check("\n\n  One.\n \t\nAnother.", Some("One."));
        check(&"한".repeat(300), Some(&"한".repeat(300)));
        check(&"한".repeat(301), Some(&format!("{}…", "한".repeat(300))));
    }

    #[test]
    fn documents_of_all_versions_are_read() {
        let old = json!({"owner": {"name": "ann", "displayName": "Ann"}, "tags": null});
        assert_eq!((document_owners(&old), document_tags(&old)), (vec!["Ann".to_owned()], vec![]));
        let new = json!({"owners": [{"name": "ann", "displayName": ""}, {"name": "data"}, {}],
            "tags": [{"tagFQN": "PII.Sensitive", "state": "Confirmed"}, {"tagFQN": "Tier.Tier1"},
                {"tagFQN": "PII.None", "state": "Suggested"}]});
        assert_eq!(document_owners(&new), ["ann", "data"]);
        assert_eq!(document_tags(&new), ["PII.Sensitive", "Tier.Tier1"]);
        assert_eq!((document_owners(&json!({})), document_tags(&json!("x"))), (vec![], vec![]));
    }
}
