//! Without any accident: save, load, lock, format, setting aside.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use ledger::{Ledger, LedgerError, Opened};
use tempfile::tempdir;

use crate::model::{self, head};

#[test]
fn what_was_saved_is_there_after_opening_again() {
    let temp = tempdir().unwrap();
    let dir = temp.path().join("state/river");
    let (ledger, opened) = Ledger::open(&dir).unwrap();
    assert_eq!(opened, Opened::Fresh);
    assert_eq!(model::check(&ledger), 0);
    model::save(&ledger, 0, 40);
    assert_eq!(model::check(&ledger), 40);
    assert!(ledger.size_on_disk() > 0);
    drop(ledger);

    let (ledger, opened) = Ledger::open(&dir).unwrap();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(model::check(&ledger), 40);
    model::save(&ledger, 40, 60);
    assert_eq!(model::check(&ledger), 60);
}

#[test]
fn a_lightened_checkpoint_is_the_same_and_nobody_comes_in_between() {
    let temp = tempdir().unwrap();
    let dir = temp.path().join("state");
    let (ledger, _) = Ledger::open(&dir).unwrap();
    model::save(&ledger, 0, 40);
    let ledger = ledger.lightened().unwrap();
    assert_eq!(model::check(&ledger), 40);
    assert!(matches!(Ledger::open(&dir), Err(LedgerError::Busy { .. })));
    model::save(&ledger, 40, 60);
    drop(ledger);
    let (ledger, opened) = Ledger::open(&dir).unwrap();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(model::check(&ledger), 60);
}

#[test]
fn an_existing_checkpoint_without_a_save_is_existing_and_empty() {
    let temp = tempdir().unwrap();
    drop(Ledger::open(temp.path()).unwrap());
    let (ledger, opened) = Ledger::open(temp.path()).unwrap();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(ledger.head().unwrap(), None);
}

#[test]
fn of_a_key_given_twice_the_last_one_counts() {
    let temp = tempdir().unwrap();
    let (ledger, _) = Ledger::open(temp.path()).unwrap();
    let put = |key: &[u8], value: &[u8]| (key.to_vec(), Some(value.to_vec()));
    ledger
        .save(
            &[
                put(b"a", b"1"),
                put(b"b", b"1"),
                (b"b".to_vec(), None),
                put(b"a", b"2"),
            ],
            b"",
        )
        .unwrap();
    ledger
        .save(&[(b"never there".to_vec(), None), put(b"", b"")], b"")
        .unwrap();
    drop(ledger);
    let (ledger, opened) = Ledger::open(temp.path()).unwrap();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(ledger.head().unwrap(), Some(vec![]));
    let entries: Vec<_> = ledger.entries().map(Result::unwrap).collect();
    assert_eq!(entries, [(vec![], vec![]), (b"a".to_vec(), b"2".to_vec())]);
    assert_eq!(ledger.get(b"b").unwrap(), None);
}

#[test]
fn only_one_may_have_it_open() {
    let temp = tempdir().unwrap();
    let first = Ledger::open(temp.path()).unwrap();
    let Err(busy) = Ledger::open(temp.path()) else {
        panic!("opened twice")
    };
    assert!(matches!(busy, LedgerError::Busy { .. }), "{busy:?}");
    assert!(
        busy.to_string().ends_with("is in use by another process"),
        "{busy}"
    );
    drop(first);
    assert_eq!(Ledger::open(temp.path()).unwrap().1, Opened::Existing);
}

#[test]
fn a_program_that_knows_only_sleds_lock_is_noticed_too() {
    let temp = tempdir().unwrap();
    drop(Ledger::open(temp.path()).unwrap());
    let other = sled::open(temp.path()).unwrap();
    assert!(matches!(Ledger::open(temp.path()), Err(LedgerError::Busy { .. })));
    drop(other);
}

#[test]
fn a_lock_that_is_given_up_in_a_moment_is_waited_for() {
    let temp = tempdir().unwrap();
    let (ours, _) = Ledger::open(temp.path()).unwrap();
    let closing = closed_in_a_moment(ours);
    assert_eq!(Ledger::open(temp.path()).unwrap().1, Opened::Existing);
    closing.join().unwrap();
    let closing = closed_in_a_moment(sled::open(temp.path()).unwrap());
    assert_eq!(Ledger::open(temp.path()).unwrap().1, Opened::Existing);
    closing.join().unwrap();
}

fn closed_in_a_moment<T: Send + 'static>(open: T) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        drop(open);
    })
}

#[test]
fn another_format_is_set_aside() {
    let temp = tempdir().unwrap();
    let dir = temp.path().join("state");
    let other = sled::open(&dir).unwrap();
    other.insert(b"f", b"of another time").unwrap();
    drop(other);
    let (ledger, opened) = Ledger::open(&dir).unwrap();
    assert!(matches!(opened, Opened::SetAside { .. }), "{opened:?}");
    assert_eq!(model::check(&ledger), 0);
    assert!(temp.path().join("state.set-aside-1/db").exists());
}

#[test]
fn setting_aside_keeps_everything_and_counts_up() {
    let temp = tempdir().unwrap();
    let dir = temp.path().join("state");
    let (mut ledger, _) = Ledger::open(&dir).unwrap();
    for n in 1..=2 {
        model::save(&ledger, 0, 10);
        let to;
        (ledger, to) = ledger.set_aside("the log was created anew").unwrap();
        assert_eq!(to, temp.path().join(format!("state.set-aside-{n}")));
        assert_eq!(
            fs::read_to_string(to.join("set-aside.txt")).unwrap(),
            "the log was created anew\n"
        );
        assert_eq!(model::check(&ledger), 0);
        // It is a whole checkpoint still, for whoever wants to look.
        let (aside, opened) = Ledger::open(&to).unwrap();
        assert_eq!(opened, Opened::Existing);
        assert_eq!(model::check(&aside), 10);
    }
    ledger.save::<Vec<u8>>(&[], &head(0)).unwrap();
}

#[test]
fn a_directory_that_must_not_be_created_is_an_error_and_no_damage() {
    let temp = tempdir().unwrap();
    let file = temp.path().join("file");
    fs::write(&file, "not ours").unwrap();
    assert!(matches!(
        Ledger::open(&file.join("state")),
        Err(LedgerError::Io { .. } | LedgerError::Damaged { .. })
    ));
    assert_eq!(fs::read_to_string(&file).unwrap(), "not ours");
    // In the very place of the checkpoint it is moved, whole.
    let (_ledger, opened) = Ledger::open(&file).unwrap();
    let Opened::SetAside { to, .. } = opened else {
        panic!("{opened:?}")
    };
    assert_eq!(fs::read_to_string(to).unwrap(), "not ours");
}

#[test]
fn what_was_removed_is_in_no_file_after_a_rewriting() {
    const CANARY: &[u8] = b"Zebulon Quagmire of Nowhere";
    let temp = tempdir().unwrap();
    let dir = temp.path().join("river");
    let (ledger, _) = Ledger::open(&dir).unwrap();
    model::save(&ledger, 0, 40);
    let put = |value: Option<&[u8]>| [(b"zebulon".to_vec(), value.map(<[u8]>::to_vec))];
    ledger.save(&put(Some(CANARY)), &head(40)).unwrap();
    let (ledger, aside) = ledger.set_aside("a test").unwrap();
    model::save(&ledger, 0, 40);
    ledger.save(&put(Some(CANARY)), &head(40)).unwrap();
    ledger.save(&put(None), &head(40)).unwrap();
    assert!(
        holds(temp.path(), CANARY),
        "removing alone leaves it in the files"
    );

    let ledger = ledger.rewrite().unwrap();
    assert_eq!(model::check(&ledger), 40);
    assert!(!aside.exists());
    model::save(&ledger, 40, 60);
    drop(ledger);
    let (ledger, opened) = Ledger::open(&dir).unwrap();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(model::check(&ledger), 60);
    assert!(!holds(temp.path(), CANARY));
    assert_eq!(
        fs::read_dir(temp.path()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
}

#[test]
fn what_a_rewriting_that_was_cut_off_left_is_tidied_away() {
    let temp = tempdir().unwrap();
    let dir = temp.path().join("river");
    let (ledger, _) = Ledger::open(&dir).unwrap();
    model::save(&ledger, 0, 40);
    drop(ledger);
    for left in ["river.rewritten", "river.old"] {
        fs::create_dir(temp.path().join(left)).unwrap();
        fs::write(temp.path().join(left).join("db"), b"half").unwrap();
    }
    let (ledger, _) = Ledger::open(&dir).unwrap();
    assert_eq!(model::check(&ledger), 40);
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1);
}

fn holds(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().map(Result::unwrap).any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        let text = fs::read(path).unwrap_or_default();
        text.windows(bytes.len()).any(|window| window == bytes)
    })
}
