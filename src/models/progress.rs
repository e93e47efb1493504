//! How far a scheduler got with a command: what it must know after a crash, and what people should know afterwards.

use serde::{Deserialize, Serialize};

/// How far a command is. Kept with it until it is settled, over all of its tries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandProgress {
    /// The start of an ingestion that is followed, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<PipelineStart>,
    /// Runs of an ingestion that began until then did not bring the target, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub too_early: Option<i64>,
    /// Who has taken what the command says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivered: Vec<Sink>,
    /// Tables whose use was counted, by id. Each is noted before it is counted, because counting adds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<String>,
    /// What was left out or done otherwise than asked for, in sentences for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// The start of an ingestion pipeline, noted before it is asked for: a start whose outcome is not known is looked for
/// among the pipeline's runs before there is another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineStart {
    /// The pipeline's FQN.
    pub pipeline: String,
    /// When, in milliseconds since 1970 on the clock of Warren.
    pub at: i64,
    /// The id of its run, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The runs that were there before, which are not the one that was started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
}

/// Somebody who is told of lineage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sink {
    /// The catalogue.
    OpenMetadata,
    /// A receiver of OpenLineage's events.
    OpenLineage,
}

impl CommandProgress {
    /// Keeps a warning; one that is known is not kept twice.
    pub fn warn(&mut self, warning: impl Into<String>) {
        let warning = warning.into();
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Notes that a sink has it.
    pub fn deliver(&mut self, sink: Sink) {
        if !self.has_reached(sink) {
            self.delivered.push(sink);
        }
    }

    /// Whether a sink has it.
    #[must_use]
    pub fn has_reached(&self, sink: Sink) -> bool {
        self.delivered.contains(&sink)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_stays_small_and_readable() {
        let mut progress = CommandProgress::default();
        assert_eq!(serde_json::to_string(&progress).unwrap(), "{}");
        progress.warn("a column was left out");
        progress.warn("a column was left out");
        progress.deliver(Sink::OpenMetadata);
        progress.start = Some(PipelineStart { pipeline: "s.p".to_owned(), at: 7, run: None, before: Vec::new() });
        let text = serde_json::to_string(&progress).unwrap();
        assert_eq!(
            text,
            r#"{"start":{"pipeline":"s.p","at":7},"delivered":["openmetadata"],"warnings":["a column was left out"]}"#
        );
        assert_eq!(serde_json::from_str::<CommandProgress>(&text).unwrap(), progress);
    }
}
