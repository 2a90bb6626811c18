//! Damage to the files of a checkpoint, as disks, careless restores and unfinished writes leave it.

use std::fs;
use std::path::{Path, PathBuf};

/// The same sequence for the same seed (splitmix64).
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// The next number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap_or_default()
    }
}

/// Does one thing to the files in `dir`, and says what; `older` is the same checkpoint at an earlier time.
///
/// # Panics
/// When a file cannot be written.
pub fn damage(dir: &Path, older: &Path, dice: &mut Dice) -> String {
    let files = files(dir);
    let db = dir.join("db");
    // Half of all in the file that holds nearly everything.
    let file = if dice.roll(2) == 0 {
        db
    } else {
        files[dice.roll(files.len())].clone()
    };
    let name = file.strip_prefix(dir).unwrap_or(&file).display().to_string();
    let mut bytes = fs::read(&file).expect("a file");
    let size = bytes.len();
    // Most of sled's file is preallocated: damage belongs where something is.
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |at| at + 1);
    let what = match dice.roll(8) {
        kind @ (0 | 1) => {
            let bits = if kind == 0 { 1 } else { 2 + dice.roll(40) };
            for _ in 0..bits.min(size) {
                bytes[dice.roll(used.min(size))] ^= 1 << dice.roll(8);
            }
            format!("{bits} bits flipped")
        }
        2 => {
            bytes.truncate(dice.roll(used));
            format!("cut to {} of {size}", bytes.len())
        }
        3 => {
            bytes.clear();
            "emptied".to_owned()
        }
        4 => {
            let (at, end) = block(used.min(size), dice);
            bytes[at..end].fill(0);
            format!("zeros at {at}")
        }
        5 => {
            let ((at, end), (from, _)) = (block(used.min(size), dice), block(used.min(size), dice));
            let length = (end - at).min(size - from);
            bytes.copy_within(from..from + length, at);
            format!("{from} copied to {at}")
        }
        6 => {
            let end = dice.roll(size + 1);
            let unfinished = dir.join("snap.00000000FFFFFFFF.generating");
            fs::write(unfinished, &bytes[..end]).expect("a file");
            format!("{end} bytes of it as an unfinished snapshot")
        }
        _ => {
            // One file of another time.
            bytes = fs::read(older.join(&name)).unwrap_or_default();
            "put back from an older copy".to_owned()
        }
    };
    fs::write(&file, bytes).expect("a file");
    format!("{name}: {what}")
}

/// A block of the size disks write at once.
fn block(size: usize, dice: &mut Dice) -> (usize, usize) {
    const BLOCK: usize = 4096;
    let at = dice.roll(size.div_ceil(BLOCK).max(1)) * BLOCK;
    (at.min(size), (at + BLOCK).min(size))
}

/// All files below `dir` but the lock, in a fixed order.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("a folder").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.file_name().is_some_and(|name| name != "lock") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Copies a directory over another, which is removed first.
///
/// # Panics
/// When that cannot be.
pub fn copy(from: &Path, to: &Path) {
    fs::remove_dir_all(to).ok();
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("a folder");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file");
        }
    }
}
