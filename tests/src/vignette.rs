//! Vignettes: stories a clinician can read and sign, played through the whole engine on a virtual clock.
//!
//! A file says where and with whom it plays, then what happened when, and under each line what carebus did until the
//! next one. Lines at one instant with no arrow between them arrive together. `UPDATE_EXPECT=1` rewrites the arrows
//! for review, never what happened.

mod arrows;
mod moment;
mod page;
mod post;
mod sentence;
mod setting;
mod world;

use std::path::{Path, PathBuf};

use page::{Page, Step};
use setting::Setting;
use world::World;

/// Plays every file of a folder; answers with what is not as written, each with its file and line.
///
/// # Errors
/// The folder cannot be read, or holds no vignette.
pub fn check_room(folder: &Path) -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "txt"));
    files.sort();
    if files.is_empty() {
        return Err(format!("{}: no vignettes", folder.display()));
    }
    let update = std::env::var_os("UPDATE_EXPECT").is_some_and(|v| v == "1");
    Ok(files.iter().flat_map(|file| check_file(file, update)).collect())
}

fn check_file(file: &Path, update: bool) -> Vec<String> {
    let name = short(file);
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) => return vec![format!("{name}: {e}")],
    };
    match told(&text) {
        Err(mistake) => vec![format!("{name}:{mistake}")],
        Ok((page, got)) if update => {
            let new = page.with_arrows(&got);
            let written = if new == text { Ok(()) } else { std::fs::write(file, new) };
            written.err().map(|e| format!("{name}: {e}")).into_iter().collect()
        }
        Ok((page, got)) => page
            .steps()
            .zip(&got)
            .filter_map(|(step, got)| Some(format!("{name}:{}", arrows::difference(step, got.as_ref()?)?)))
            .collect(),
    }
}

/// From `tests/` on, so that the name is the same on every machine.
fn short(file: &Path) -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    file.strip_prefix(here.parent().unwrap_or(here)).unwrap_or(file).display().to_string()
}

/// The page, and what carebus did after each of its steps; none where a step arrives together with the next.
fn told(text: &str) -> Result<(Page, Vec<Option<Vec<String>>>), String> {
    let page = Page::read(text)?;
    let setting = Setting::read(&page)?;
    let mut world = World::new(setting);
    let mut got = Vec::new();
    let mut from = page.opening();
    world.open(&page).map_err(|e| format!("{}: {e}", from.number))?;
    for (i, step) in page.lines().iter().enumerate() {
        let fails = |e: String| format!("{}: {e}", step.number);
        let moment = world.place().moment(&step.when).map_err(fails)?;
        if !world.joins(moment, from) {
            world.advance(moment).map_err(|e| format!("{}: {e}", from.number))?;
            got.push(Some(world.done_since(from_moment(&page, &world, i)?)));
        } else {
            got.push(None);
        }
        world.read(step, moment).map_err(fails)?;
        from = step;
    }
    world.settle().map_err(|e| format!("{}: {e}", from.number))?;
    got.push(Some(world.done_since(from_moment(&page, &world, page.lines().len())?)));
    Ok((page, got))
}
