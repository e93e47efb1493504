//! What the demo finds on its disk: a mapping file and a CSV file.

use std::io;
use std::path::Path;

/// The mapping file, within the folder of the demo.
pub(super) const MAPPING: &str = "mapping.toml";

const MAPPING_TEXT: &str = r#"# tpch_demo.tpch.tiny.nation is tpch.tiny.nation on the embedded engine.
[[mapping]]
service = "tpch_demo"
identity = true

# A file that OpenMetadata knows in a storage service is a table of the catalog `files`.
[[table]]
fqn = 'demo_lake.sales."targets.csv"'
trino = "files.sales.targets"
id = "5c9bb1f4-3f0e-4d52-9a57-8a4e0a4a9d21"
"#;

const TARGETS: &str = "\
nation,target,manager
FRANCE,70,
GERMANY,55,\"Weber, 2nd desk\"
JAPAN,50,
BRAZIL,65,
KENYA,45,
\"UNITED STATES\",80,
";

/// Writes them.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    let sales = folder.join("files").join("sales");
    std::fs::create_dir_all(&sales)?;
    std::fs::write(sales.join("targets.csv"), TARGETS)?;
    std::fs::write(folder.join(MAPPING), MAPPING_TEXT)
}

#[cfg(test)]
mod tests {
    use super::MAPPING_TEXT;
    use crate::catalog::Mapping;

    #[test]
    fn the_mapping_file_can_be_read() {
        let mapping = Mapping::parse(MAPPING_TEXT).unwrap();
        assert_eq!((mapping.rules.len(), mapping.tables.len()), (1, 1));
    }
}
