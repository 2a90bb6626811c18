//! Vignettes: stories a clinician can read and sign, played through the whole engine on a virtual clock.
//!
//! A file says where and with whom it plays, then what happened when, and under each line what carebus did until the
//! next one. Lines of one instant with no arrow between them arrive together. `UPDATE_EXPECT=1` rewrites the arrows
//! for review, never what happened.

mod arrows;
mod clinic;
mod marker;
mod moment;
mod page;
mod post;
mod record;
mod sentence;
mod setting;
mod world;

use std::path::{Path, PathBuf};

use care::time::Timestamp;
use care::{Event, Policy};

pub use marker::{Aspect, Marker};
use page::Page;
use setting::Setting;
use world::World;

/// Plays every file of a folder; answers with what is not as written, each with its file and line.
///
/// # Errors
/// The folder cannot be read, or holds no vignette.
pub fn check_room(folder: &Path) -> Result<Vec<String>, String> {
    let update = std::env::var_os("UPDATE_EXPECT").is_some_and(|v| v == "1");
    Ok(files_of(folder)?
        .iter()
        .flat_map(|file| check_file(file, update))
        .collect())
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "txt"));
    files.sort();
    if files.is_empty() {
        return Err(format!("{}: no vignettes", folder.display()));
    }
    Ok(files)
}

fn check_file(file: &Path, update: bool) -> Vec<String> {
    let name = short(file);
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) => return vec![format!("{name}: {e}")],
    };
    match play(&text) {
        Err(mistake) => vec![format!("{name}:{mistake}")],
        Ok((page, got, _)) if update => {
            let new = page.with_arrows(&got);
            let written = if new == text {
                Ok(())
            } else {
                std::fs::write(file, new)
            };
            written
                .err()
                .map(|e| format!("{name}: {e}"))
                .into_iter()
                .collect()
        }
        Ok((page, got, _)) => {
            let steps = page.steps.iter().zip(&got);
            let differences = steps.filter_map(|(step, got)| arrows::difference(step, got.as_deref()));
            differences
                .map(|difference| format!("{name}:{difference}"))
                .collect()
        }
    }
}

/// The markers of every file of a folder.
///
/// # Errors
/// Something that cannot be read.
pub fn markers(folder: &Path) -> Result<Vec<Marker>, String> {
    let mut all = Vec::new();
    for file in files_of(folder)? {
        let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        all.extend(marker::read(&short(&file), &Page::read(&text)?)?);
    }
    Ok(all)
}

/// What was played: the log a story leaves, and when it ends.
#[derive(Debug)]
pub struct Played {
    /// File.
    pub name: String,
    /// Every fact, in the order of the log.
    pub log: Vec<Event>,
    /// By which carebus decided.
    pub policy: Policy,
    /// When the story ends.
    pub end: Timestamp,
}

/// Plays every file of a folder.
///
/// # Errors
/// Something that cannot be played.
pub fn played(folder: &Path) -> Result<Vec<Played>, String> {
    let one = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let name = short(&file);
        let (_, _, world) = play(&text).map_err(|e| format!("{name}:{e}"))?;
        let (log, policy, end) = world.log();
        Ok(Played {
            name,
            log,
            policy,
            end,
        })
    };
    files_of(folder)?.into_iter().map(one).collect()
}

/// From the repository on, so that the name is the same on every machine.
fn short(file: &Path) -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    file.strip_prefix(here.parent().unwrap_or(here))
        .unwrap_or(file)
        .display()
        .to_string()
}

/// What carebus did after a step: its arrows, if there can be any.
type Followed = Option<Vec<String>>;

/// The page, and what carebus did after each of its steps; none where a step arrives together with the next, or where
/// carebus was down; and the world at its end.
fn play(text: &str) -> Result<(Page, Vec<Followed>, World), String> {
    let page = Page::read(text)?;
    let mut world = World::new(Setting::read(&page)?);
    let mut got = Vec::new();
    let mut arrived: Option<usize> = None;
    for (i, step) in page.steps.iter().enumerate() {
        let fails = |e: String| format!("{}: {e}", step.number);
        let moment = world.moment_of(&page, step).map_err(fails)?;
        if let Some(before) = arrived.and_then(|before| page.steps.get(before)) {
            if before.expected.is_none() && before.is_dated() && moment == world.now() {
                got.push(None);
            } else {
                got.push(
                    world
                        .let_run(moment)
                        .map_err(|e| format!("{}: {e}", before.number))?,
                );
            }
        }
        world.begin(moment).map_err(fails)?;
        for sentence in &step.sentences {
            world
                .hear(sentence)
                .map_err(|e| format!("{}: {e}", sentence.number))?;
        }
        arrived = Some(i);
    }
    let now = world.now();
    let last = page.steps.last().map_or(0, |step| step.number);
    got.push(world.let_run(now).map_err(|e| format!("{last}: {e}"))?);
    Ok((page, got, world))
}
