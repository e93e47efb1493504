//! The words that OpenMetadata's ingestion writes in the place of characters that its names cannot hold.

/// What stands for what. The first three since before 1.8, the others since 1.13.0.
const WORDS: [(&str, &str); 6] = [
    ("__reserved__colon__", "::"),
    ("__reserved__arrow__", ">"),
    ("__reserved__quote__", "\""),
    ("__reserved__newline__", "\n"),
    ("__reserved__carriage_return__", "\r"),
    ("__reserved__tab__", "\t"),
];

/// The name at the source of a name that OpenMetadata keeps: `a__reserved__quote__b` is `a"b`.
#[must_use]
pub fn decode_reserved(name: &str) -> String {
    let mut decoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find("__reserved__") {
        let (before, tail) = rest.split_at(at);
        decoded.push_str(before);
        let word = WORDS.iter().find_map(|(word, text)| Some((tail.strip_prefix(word)?, *text)));
        let (after, text) = word.unwrap_or_else(|| {
            let (underscore, after) = tail.split_at(1);
            (after, underscore)
        });
        decoded.push_str(text);
        rest = after;
    }
    decoded.push_str(rest);
    decoded
}

/// The name that OpenMetadata's ingestion keeps for a name at the source; the way back is [`decode_reserved`].
#[must_use]
pub fn encode_reserved(name: &str) -> String {
    WORDS.iter().fold(name.to_owned(), |name, (word, text)| name.replace(text, word))
}
