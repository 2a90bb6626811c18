//! Files with secrets: where the service manager put them, and who else can read them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::layers::Layers;
use super::places;

/// Reading and writing for everybody.
const OTHERS: u32 = 0o006;

/// The file that a key names; a bare name is looked for among the service manager's credentials first. One that
/// everybody can read is a mistake in production and a warning elsewhere.
pub(super) fn file(layers: &mut Layers, key: &str) -> Option<PathBuf> {
    let path = handed_over(layers, key).or_else(|| layers.existing(key))?;
    let mode = fs::metadata(&path).map_or(0, |found| found.permissions().mode());
    if mode & OTHERS != 0 {
        let open = format!(
            "{} holds a secret and is open to everybody (mode {:04o}): chmod 600",
            path.display(),
            mode & 0o7777
        );
        if layers.flag("production") {
            layers.mistake(key, &open);
        } else {
            layers.warn(key, &open);
        }
    }
    Some(path)
}

/// What systemd's `LoadCredential=` put there under this name.
fn handed_over(layers: &Layers, key: &str) -> Option<PathBuf> {
    let name = layers.text(key)?;
    let bare = Path::new(&name).components().count() == 1 && !name.contains('/');
    let path = places::directory("CREDENTIALS_DIRECTORY")?.join(&name);
    (bare && path.is_file()).then_some(path)
}
