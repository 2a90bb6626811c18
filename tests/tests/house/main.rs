//! Tidiness as a test: who may know whom, what a decision may not touch, what is called what.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod claims;
mod promises;
mod repository;

use repository::{all_files, dependencies, files_below, manifests, read, root, says, tables_of_dependencies};
use toml::Table;

/// Every room and the rooms it may know: care ← workers ← engine ← node ← cli, and the doors beside.
///
/// Workers never know each other: what one needs of another is a fact in the chart.
const MAY_KNOW: [(&str, &[&str]); 15] = [
    ("care", &[]),
    ("scheduler", &["care"]),
    ("oswestry", &["care"]),
    ("triggers", &["care"]),
    ("mailer", &["care"]),
    ("outcomes", &["care"]),
    ("engine", &["care", "scheduler", "oswestry", "triggers", "mailer"]),
    ("ledger", &[]),
    ("post", &["care", "mailer"]),
    ("bus", &["care", "engine"]),
    ("node", &["care", "mailer", "engine", "ledger", "post", "bus"]),
    ("health", &["care", "engine", "node"]),
    ("portal", &["care", "mailer", "engine", "bus"]),
    ("cli", EVERYTHING),
    ("tests", EVERYTHING),
];
const EVERYTHING: &[&str] = &[
    "care",
    "scheduler",
    "oswestry",
    "triggers",
    "mailer",
    "outcomes",
    "engine",
    "ledger",
    "post",
    "bus",
    "node",
    "health",
    "portal",
    "cli",
];

/// Where decisions are made: no clock, disk, network or runtime.
const DECIDING: [&str; 7] = [
    "care",
    "scheduler",
    "oswestry",
    "triggers",
    "mailer",
    "outcomes",
    "engine",
];

/// An outside library and the one room that may use it; deny.toml says the same of the whole tree.
const DOORS: [(&str, &str); 7] = [
    ("async-nats", "bus"),
    ("sled", "ledger"),
    ("lettre", "post"),
    ("axum", "health"),
    ("hyper-util", "health"),
    ("prometheus-client", "health"),
    ("sd-notify", "health"),
];

#[test]
fn every_room_knows_only_the_rooms_below_it() {
    let manifests = manifests();
    for (room, manifest) in &manifests {
        let known = MAY_KNOW.iter().find(|(name, _)| name == room);
        let (_, may) = known.unwrap_or_else(|| panic!("{room} is new: say in MAY_KNOW whom it may know"));
        for other in dependencies(manifest).filter(|other| manifests.contains_key(*other)) {
            assert!(may.contains(&other), "{room} depends on {other}");
        }
    }
}

#[test]
fn every_outside_system_has_one_door() {
    for (room, manifest) in manifests() {
        for (library, door) in DOORS {
            let uses = dependencies(&manifest).any(|other| other == library);
            assert!(
                room == door || !uses,
                "{room} depends on {library}, which belongs behind {door}"
            );
        }
    }
}

#[test]
fn nothing_that_decides_touches_a_clock_a_disk_a_network_or_a_runtime() {
    const NOT_HERE: [&str; 12] = [
        "std::net",
        "std::fs",
        "std::thread",
        "fs::",
        "net::",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "async fn",
        "async move",
        "tokio",
    ];
    let manifests = manifests();
    for room in DECIDING {
        for other in manifests.get(room).into_iter().flat_map(dependencies) {
            assert!(!other.starts_with("tokio"), "{room} depends on {other}");
        }
        for file in files_below(&root().join("crates").join(room).join("src"), &["rs"]) {
            for (number, line) in read(&file).lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let word = NOT_HERE.iter().find(|word| says(code, word));
                assert_eq!(word, None, "{}:{}: this room decides", file.display(), number + 1);
            }
        }
    }
}

#[test]
fn every_rust_file_opens_with_a_sentence_about_itself() {
    for file in all_files(&["rs"]) {
        let text = read(&file);
        let opening: String = text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        assert!(
            opening.contains('.'),
            "{} does not open with a `//!` sentence",
            file.display()
        );
    }
}

#[test]
fn no_crate_and_no_module_is_a_drawer_for_odds_and_ends() {
    const DRAWERS: [&str; 9] = [
        "common", "utils", "util", "core", "helpers", "helper", "misc", "shared", "types",
    ];
    for (room, _) in manifests() {
        assert!(!DRAWERS.contains(&room.as_str()), "crate {room}");
    }
    for file in all_files(&["rs"]) {
        let inside = file.strip_prefix(root()).unwrap().with_extension("");
        for part in inside.iter().filter_map(|part| part.to_str()) {
            assert!(
                !DRAWERS.contains(&part),
                "{}: name it after what it holds",
                file.display()
            );
            assert_ne!(
                part,
                "mod",
                "{}: a module is a file of its own name",
                file.display()
            );
        }
        for line in read(&file).lines() {
            let module = line.trim().trim_start_matches("pub ").strip_prefix("mod ");
            let name = module.map(|rest| rest.trim_end_matches([';', '{', '}', ' ']));
            assert!(
                !name.is_some_and(|name| DRAWERS.contains(&name)),
                "{}: {line}",
                file.display()
            );
        }
    }
}

#[test]
fn nobody_calls_the_care_plan_a_protocol_of_the_world_health_organization() {
    // Put together here, so that this file does not say it either.
    let phrase = ["who", "protocol"].join(" ");
    for file in all_files(&[
        "rs", "md", "toml", "html", "txt", "mjml", "json", "yml", "yaml", "sh",
    ]) {
        let is_test =
            file.extension().is_some_and(|end| end == "rs") && file.iter().any(|part| part == "tests");
        assert!(
            is_test || !read(&file).to_lowercase().contains(&phrase),
            "{}",
            file.display()
        );
    }
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let paths = [["/work", "main"].join("/"), ["..", "shared"].join("/")];
    for file in all_files(&[
        "rs", "md", "toml", "html", "txt", "json", "yml", "yaml", "sh", "py",
    ]) {
        let text = read(&file);
        for path in &paths {
            assert!(
                !text.contains(path.as_str()),
                "{} mentions {path}",
                file.display()
            );
        }
    }
}

#[test]
fn no_field_of_the_log_has_a_name_that_the_log_leaves_out() {
    // tracing-subscriber takes fields of this prefix for what the log crate says of itself, and drops them silently.
    let prefix = ["log", "."].concat();
    for file in all_files(&["rs"]) {
        for (number, line) in read(&file).lines().enumerate() {
            let field = line
                .trim_start()
                .trim_start_matches("tracing::")
                .split_once(&prefix);
            let is_field = field.is_some_and(|(before, after)| {
                let name = after.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '_');
                (before.is_empty() || before.ends_with(['(', ' ', '%', '?'])) && name.starts_with(" = ")
            });
            assert!(!is_field, "{}:{}: {line}", file.display(), number + 1);
        }
    }
}

#[test]
fn every_crate_takes_its_lints_and_versions_from_the_workspace() {
    for (room, manifest) in manifests() {
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(
            lints.and_then(toml::Value::as_bool),
            Some(true),
            "{room}: [lints] workspace = true"
        );
        for (name, dependency) in tables_of_dependencies(&manifest).flatten() {
            let inherited = dependency.get("workspace").and_then(toml::Value::as_bool);
            assert_eq!(inherited, Some(true), "{room}: {name} has a version of its own");
        }
    }
}

#[test]
fn a_panic_unwinds_in_every_profile() {
    // The ledger turns sled's panics into errors, and one patient's must not end all others'.
    let manifest: Table = read(&root().join("Cargo.toml")).parse().unwrap();
    for (name, profile) in manifest
        .get("profile")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flatten()
    {
        assert_ne!(
            profile.get("panic").and_then(toml::Value::as_str),
            Some("abort"),
            "[profile.{name}]"
        );
    }
}
