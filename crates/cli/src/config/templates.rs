//! The directory of an organisation's own templates and words for mail, read and checked at start.

use std::path::Path;

use mailer::Wording;
use mailer::wording::{FILES, Files};

use super::layers::Layers;

const KEY: &str = "mail.templates";

/// The wording of the directory that the configuration names; its mistakes are told with all others.
pub(super) fn read(layers: &mut Layers) -> Wording {
    let Some(folder) = layers.path(KEY) else {
        return Wording::default();
    };
    let (files, mut mistakes) = match files(&folder) {
        Ok(found) => found,
        Err(error) => {
            layers.mistake(KEY, &format!("{}: {error}", folder.display()));
            return Wording::default();
        }
    };
    let wording = Wording::read(&files, |id| triggers::rule(id).is_some()).unwrap_or_else(|found| {
        mistakes.extend(found);
        Wording::default()
    });
    for mistake in mistakes {
        layers.mistake(KEY, &format!("{}/{mistake}", folder.display()));
    }
    wording
}

/// What the directory holds, and what is wrong with that. A misspelt file would silently change nothing.
fn files(folder: &Path) -> std::io::Result<(Files, Vec<String>)> {
    let mut files = Files::default();
    let mut mistakes = Vec::new();
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    names.sort();
    for name in names {
        let slot = match name.as_str() {
            "letter.txt" => &mut files.text,
            "letter.mjml" => &mut files.mjml,
            "words.toml" => &mut files.words,
            _ if name.starts_with('.') || name.starts_with("README") => continue,
            other => {
                mistakes.push(format!(
                    "{other}: unknown file, expected one of {}",
                    FILES.join(", ")
                ));
                continue;
            }
        };
        match std::fs::read_to_string(folder.join(&name)) {
            Ok(text) => *slot = Some(text),
            Err(error) => mistakes.push(format!("{name}: {error}")),
        }
    }
    Ok((files, mistakes))
}
