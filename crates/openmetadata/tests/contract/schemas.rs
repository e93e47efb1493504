//! OpenMetadata's own JSON schemas, which are no part of the project: where they are absent a test says so and is skipped.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::{Value, json};

/// The schemas of one generation.
pub(crate) struct Schemas {
    files: Arc<HashMap<String, Value>>,
    compiled: HashMap<String, Validator>,
}

/// Finds a file by the address that a `$ref`, taken relative to its own file, comes to.
struct FromArchive(Arc<HashMap<String, Value>>);

impl Retrieve for FromArchive {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let path = uri.path().as_str().trim_start_matches('/');
        Ok(self.0.get(path).ok_or_else(|| format!("no schema {path}"))?.clone())
    }
}

/// The archive of a generation; `None`, with a line in the list of skips, where it is absent.
fn archive(test: &str, generation: &str) -> Option<Vec<u8>> {
    let file = format!("openmetadata/schemas-{generation}.tar.gz");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(&file);
    if path.exists() {
        return Some(std::fs::read(path).unwrap());
    }
    let line = format!("skipped: {test}: shared/{file} is absent");
    println!("{line}");
    if let Some(skips) = std::env::var_os("WARREN_TEST_SKIPS") {
        let mut skips = std::fs::OpenOptions::new().create(true).append(true).open(skips).unwrap();
        writeln!(skips, "{line}").unwrap();
    }
    None
}

impl Schemas {
    pub(crate) fn load(test: &str, generation: &str) -> Option<Self> {
        let archive = archive(test, generation)?;
        let mut files = HashMap::new();
        for entry in tar::Archive::new(flate2::read::GzDecoder::new(archive.as_slice())).entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().to_string_lossy().into_owned();
            let short = path.trim_start_matches("json/schema/").trim_start_matches("schemas/").to_owned();
            let mut text = String::new();
            if !short.ends_with(".json") || entry.read_to_string(&mut text).is_err() {
                continue;
            }
            let Ok(mut schema) = serde_json::from_str::<Value>(&text) else { continue };
            repair(&short, &mut schema);
            files.insert(short, schema);
        }
        assert!(files.len() > 400, "{} schemas", files.len());
        Some(Self { files: Arc::new(files), compiled: HashMap::new() })
    }

    /// What is wrong with a value, by the schema in a file, or in a part of one (`file#/pointer`).
    pub(crate) fn problems(&mut self, file: &str, value: &Value) -> Vec<String> {
        let files = self.files.clone();
        let validator = self.compiled.entry(file.to_owned()).or_insert_with(|| {
            let schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": format!("om:/{file}")});
            let options = jsonschema::options().with_retriever(FromArchive(files.clone()));
            let options = options.should_validate_formats(true);
            options.build(&schema).unwrap_or_else(|error| panic!("{file}: {error}"))
        });
        let problem = |error: jsonschema::ValidationError<'_>| format!("{file} at {}: {error}", error.instance_path());
        validator.iter_errors(value).map(problem).collect()
    }
}

/// Some `$id`s are wrong, so files are known by their paths. And `destination.config` of 1.13 takes any object beside the
/// webhook's, which makes `oneOf` refuse every right one; without that branch it is what the server's own code wants.
fn repair(file: &str, schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else { return };
    fields.remove("$id");
    if file == "events/eventSubscription.json" {
        let config = schema.pointer_mut("/definitions/destination/properties/config/oneOf").unwrap();
        config.as_array_mut().unwrap().retain(|branch| branch["$ref"] != "../type/basic.json#/definitions/map");
    }
}
