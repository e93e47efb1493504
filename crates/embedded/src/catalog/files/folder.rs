//! What lies in the folder: which files are tables, and what they are called.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Json,
    Parquet,
}

/// A file that is a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DataFile {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    /// The file's name in lower case, with its extension.
    name: String,
    /// The same without the extension.
    stem: String,
}

/// What a table name stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    Nothing,
    One(&'a DataFile),
    /// Files of the same name but for the extension.
    Several(Vec<String>),
}

/// The sub-folders, in lower case. Hidden ones are none.
pub(super) fn sub_folders(root: &Path) -> Vec<String> {
    let names = entries(root).into_iter().filter(|(_, path)| path.is_dir());
    names.map(|(name, _)| name.to_lowercase()).filter(|name| name != crate::catalog::information_schema::NAME).collect()
}

/// The tables in a folder.
pub(super) fn data_files(folder: &Path) -> Vec<DataFile> {
    entries(folder)
        .into_iter()
        .filter(|(_, path)| path.is_file())
        .filter_map(|(name, path)| data_file(&name, path))
        .collect()
}

/// The tables in the sub-folders of this name; there are several if they differ in case.
pub(super) fn data_files_of(root: &Path, sub_folder: &str) -> Vec<DataFile> {
    let folders = entries(root).into_iter().filter(|(name, path)| name.to_lowercase() == sub_folder && path.is_dir());
    folders.flat_map(|(_, path)| data_files(&path)).collect()
}

/// A folder that cannot be read has nothing in it: it may have gone since the engine started.
fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let mut found: Vec<(String, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().into_string().ok().map(|name| (name, entry.path())))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    found.sort_unstable();
    found
}

fn data_file(name: &str, path: PathBuf) -> Option<DataFile> {
    let name = name.to_lowercase();
    let (stem, extension) = name.rsplit_once('.')?;
    let format = match extension {
        "csv" => Format::Csv,
        "json" | "ndjson" | "jsonl" => Format::Json,
        "parquet" => Format::Parquet,
        _ => return None,
    };
    Some(DataFile { path, format, stem: stem.to_owned(), name: name.clone() })
}

/// The names to list: without the extension where that is enough.
pub(super) fn table_names(files: &[DataFile]) -> Vec<String> {
    let mut of_stem: HashMap<&str, usize> = HashMap::new();
    for file in files {
        *of_stem.entry(&file.stem).or_default() += 1;
    }
    let mut names: Vec<String> = files
        .iter()
        .map(|file| if of_stem[file.stem.as_str()] == 1 { file.stem.clone() } else { file.name.clone() })
        .collect();
    names.sort_unstable();
    names
}

/// The file that a table name stands for.
pub(super) fn find<'a>(files: &'a [DataFile], name: &str) -> Found<'a> {
    let exact: Vec<&DataFile> = files.iter().filter(|file| file.name == name).collect();
    let matching = if exact.is_empty() { files.iter().filter(|file| file.stem == name).collect() } else { exact };
    match matching.as_slice() {
        [] => Found::Nothing,
        [one] => Found::One(one),
        several => Found::Several(several.iter().map(|file| file.name.clone()).collect()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{DataFile, Found, data_file, find, table_names};

    fn files(names: &[&str]) -> Vec<DataFile> {
        names.iter().filter_map(|name| data_file(name, PathBuf::from(name))).collect()
    }

    #[test]
    fn tables_are_named_after_files() {
        let files = files(&["Users.CSV", "orders.json", "orders.parquet", "2024.01.csv", "notes.txt"]);
        assert_eq!(table_names(&files), ["2024.01", "orders.json", "orders.parquet", "users"]);
        assert!(matches!(find(&files, "users"), Found::One(file) if file.name == "users.csv"));
        assert!(matches!(find(&files, "users.csv"), Found::One(_)));
        assert!(matches!(find(&files, "2024.01"), Found::One(_)));
        assert_eq!(find(&files, "orders"), Found::Several(vec!["orders.json".to_owned(), "orders.parquet".to_owned()]));
        assert_eq!(find(&files, "notes"), Found::Nothing);
    }
}
