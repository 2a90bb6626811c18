//! The repository as the tidiness tests read it: manifests, files, words.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use toml::Table;

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The manifest of every room, by the name of its folder, which is its name.
pub(crate) fn manifests() -> BTreeMap<String, Table> {
    let rooms = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found = BTreeMap::new();
    for folder in rooms.chain([root().join("tests")]) {
        let manifest = folder.join("Cargo.toml");
        if !manifest.exists() {
            continue;
        }
        let table: Table = read(&manifest).parse().unwrap();
        let room = folder.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            table["package"]["name"].as_str(),
            Some(room.as_str()),
            "a folder is named after its crate"
        );
        found.insert(room, table);
    }
    assert!(found.len() > 1, "the rooms were not found");
    found
}

/// The names of all dependencies of any kind.
pub(crate) fn dependencies(manifest: &Table) -> impl Iterator<Item = &str> {
    tables_of_dependencies(manifest)
        .flatten()
        .map(|(name, dependency)| {
            dependency
                .get("package")
                .and_then(toml::Value::as_str)
                .unwrap_or(name.as_str())
        })
}

/// The tables themselves, those of `[target.…]` included.
pub(crate) fn tables_of_dependencies(manifest: &Table) -> impl Iterator<Item = &Table> {
    let targets = manifest
        .get("target")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(Table::values);
    let places = targets.filter_map(toml::Value::as_table).chain([manifest]);
    places.flat_map(|place| {
        let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
        kinds.into_iter().filter_map(|kind| place.get(kind)?.as_table())
    })
}

/// Does `code` hold `word` with no letter stuck to it on either side?
pub(crate) fn says(code: &str, word: &str) -> bool {
    let sticks = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(word).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + word.len()..]);
        !before.ends_with(sticks) && (word.ends_with(':') || !after.starts_with(sticks))
    })
}

/// Every file of these kinds that belongs to the repository.
pub(crate) fn all_files(ends: &[&str]) -> Vec<PathBuf> {
    let found = files_below(root(), ends);
    assert!(!found.is_empty(), "no files of kind {ends:?}");
    found
}

/// Every file of these kinds below `folder`, in a fixed order.
pub(crate) fn files_below(folder: &Path, ends: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            // Built, fetched or hidden; `.ci` and `.github` are ours.
            let is_ours = !name.starts_with('.') || [".ci", ".github"].contains(&name);
            if is_ours && !["target", "node_modules", "demo-out"].contains(&name) {
                found.extend(files_below(&path, ends));
            }
        } else if path
            .extension()
            .is_some_and(|end| ends.iter().any(|wanted| end == *wanted))
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The text of a file, whatever its bytes.
pub(crate) fn read(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()
}

#[test]
fn words_are_found_whole() {
    assert!(says("use std::fs;", "std::fs") && says("fs::read(x)", "fs::") && says("a tokio::task", "tokio"));
    assert!(
        !says("prefs::read(x)", "fs::") && !says("std::fsx", "std::fs") && !says("SystemTimes", "SystemTime")
    );
}
