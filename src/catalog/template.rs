//! Templates of the mapping file: a text in which `{word}` stands for a part of the name that is mapped.

/// A text with places for parts of a name. Only words that the rule knows are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(&'static str),
}

impl Template {
    /// Reads a template whose places may have these words; `Err` is the place that may not be there.
    pub(super) fn parse(text: &str, words: &[&'static str]) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((word, behind)) = after.split_once('}') else { return Err(format!("{{{after}")) };
            let known = words.iter().copied().find(|known| *known == word);
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Place(known.ok_or_else(|| format!("{{{word}}}"))?));
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        Ok(Self(pieces))
    }

    /// The text, where it has no places.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with the values in their places.
    pub(super) fn render(&self, values: &[(&str, &str)]) -> String {
        let value = |word: &str| values.iter().find(|(known, _)| *known == word).map_or("", |(_, value)| *value);
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Place(word) => value(word),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_unknown_ones_are_refused() {
        fn check(text: &str, expect: Result<&str, &str>) {
            let rendered = Template::parse(text, &["service", "path"])
                .map(|template| template.render(&[("service", "s3"), ("path", "a/{service}.csv")]));
            assert_eq!(rendered.as_deref().map_err(String::as_str), expect, "{text}");
        }
        check("{service}", Ok("s3"));
        check("om_{service}_{path}!", Ok("om_s3_a/{service}.csv!"));
        check("plain", Ok("plain"));
        check("{name}", Err("{name}"));
        check("a{service", Err("{service"));
        assert_eq!(Template::parse("plain", &[]).unwrap().literal(), Some("plain"));
    }
}
