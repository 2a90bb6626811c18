//! The directory of `carebus up` damaged, emptied, of another format, on a full disk: it starts, and says nothing again.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use care::time::hours;
use ledger::Ledger;
use node::Clock;
use tests::aloud;
use tests::clinic::Clinic;
use tests::clinic::course::{patient, pt};
use tests::clinic::facts::{booked, calendar_of_every_day, plan};
use tests::clinic::process::NodeProcess;
use tests::clinic::whole::assert_every_letter_is_a_sent_notice;
use tests::damage::copy;

use crate::{FIRST, says, until_said_again};

/// A patient whose PT session is in ten days.
async fn come(clinic: &mut Clinic, n: usize) {
    let now = Clock::real().now();
    let day = now.saturating_add(hours(240)).unwrap().to_string()[..10].to_owned();
    let (at, start) = (now.to_string(), format!("{day}T{}:00:00Z", 15 + n / 4));
    let practitioner = format!("acu-{}", n % 4 + 1);
    clinic
        .publish([
            calendar_of_every_day(&practitioner, &at),
            plan(&patient(n), &practitioner, &at),
            booked(&patient(n), &pt(n, 0), &start, &at),
        ])
        .await;
}

/// Waits until every patient so far has an EA, and every claim its end.
async fn until_served(clinic: &mut Clinic, patients: usize) {
    clinic
        .until_logged("an EA for everybody, and every mail sent", |record| {
            let booked = record.preparations();
            let served = booked.len() == patients && booked.values().all(|count| *count == 1);
            let (claims, sent) = (record.notices("attempted").len(), record.notices("sent").len());
            (served && sent >= patients && claims == sent + record.notices("deferred").len()).then_some(())
        })
        .await;
}

/// Starts `carebus up` and waits until it has read the log.
async fn up(clinic: &Clinic) -> NodeProcess {
    let before = says(clinic, "ready: org acme");
    let process = NodeProcess::start_command(clinic, FIRST);
    until_said_again(clinic, "ready: org acme", before).await;
    process
}

/// One thing done to the directory.
type Damage = (&'static str, fn(&Path, &Path));

const DAMAGES: [Damage; 8] = [
    ("deleted", |dir, _| fs::remove_dir_all(dir).unwrap()),
    ("a bit flipped", |dir, _| {
        let mut bytes = fs::read(dir.join("db")).unwrap();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        bytes[used / 2] ^= 0x10;
        fs::write(dir.join("db"), bytes).unwrap();
    }),
    ("truncated", |dir, _| {
        let file = OpenOptions::new().write(true).open(dir.join("db")).unwrap();
        file.set_len(5_000).unwrap();
    }),
    ("zero-length", |dir, _| {
        fs::write(dir.join("db"), "").unwrap();
    }),
    ("a leftover .generating", |dir, _| {
        fs::write(dir.join("snap.00000000FFFFFFFF.generating"), [7; 100]).unwrap();
    }),
    ("an older copy", |dir, older| copy(older, dir)),
    ("of an older format", |dir, _| older_format(dir)),
    ("a file in its place", |dir, _| {
        fs::remove_dir_all(dir).unwrap();
        fs::write(dir, "what is this").unwrap();
    }),
];

/// Makes every entry one of the format before, as the binary of an earlier version left it.
fn older_format(dir: &Path) {
    let (ledger, _) = Ledger::open(dir).unwrap();
    let head = ledger.head().unwrap().unwrap();
    let entries: Vec<_> = ledger.entries().map(Result::unwrap).collect();
    assert!(!entries.is_empty());
    let older = entries.into_iter().map(|(key, mut value)| {
        value[0] -= 1;
        (key, Some(value))
    });
    ledger.save(&older.collect::<Vec<_>>(), &head).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn carebus_up_starts_on_whatever_is_left_of_its_directory_and_says_nothing_again() {
    let mut clinic = Clinic::open(&Clock::real().now().to_string()).await;
    let node = up(&clinic).await;
    come(&mut clinic, 0).await;
    until_served(&mut clinic, 1).await;
    node.stop();
    let (dir, older) = (
        clinic.state(FIRST).join("acme").join(FIRST),
        clinic.state("older"),
    );
    copy(&dir, &older);

    for (n, (what, damage)) in DAMAGES.iter().enumerate() {
        damage(&dir, &older);
        // It starts at once, and it works.
        let before = beside(&dir);
        let mut node = up(&clinic).await;
        println!("{what}: {} set aside", beside(&dir) - before);
        come(&mut clinic, n + 1).await;
        until_served(&mut clinic, n + 2).await;
        assert!(!node.has_ended(), "{what}\n{}", clinic.said());
        node.stop();
        let record = clinic.record().await;
        record.assert_nothing_doubled();
        let expected = record.folded().state_hash();
        // What it left behind is the state of the log.
        clinic.clock.set(Clock::real().now());
        copy(&dir, &clinic.state("opened"));
        let opened = clinic.node("opened").await;
        assert_eq!(opened.engine().state_hash(), expected, "{what}");
    }
    assert_every_letter_is_a_sent_notice(&mut clinic, &[FIRST]).await;
    let aside = beside(&dir);
    // Emptied, of another format, and a file in its place; what else sled brings up whole is whole.
    assert!(aside >= 3, "{aside} are kept for whoever wants to know");
}

/// How many lie beside the directory, set aside.
fn beside(dir: &Path) -> usize {
    let names = fs::read_dir(dir.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.display().to_string().contains(".set-aside-"))
        .count()
}

/// A small disk of memory, or why there can be none.
fn small_disk(at: &Path) -> Result<Mounted, String> {
    fs::create_dir_all(at).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(at);
    let done = mount.output().map_err(|error| format!("mount: {error}"))?;
    if done.status.success() {
        Ok(Mounted(at.to_owned()))
    } else {
        Err(String::from_utf8_lossy(&done.stderr).trim().to_owned())
    }
}

fn remount(at: &Path, how: &str) {
    let mut mount = Command::new("mount");
    let done = mount.args(["-o", &format!("remount,{how}")]).arg(at).status();
    assert!(done.unwrap().success());
}

struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

/// Writes until not a byte more can be written.
fn fill(disk: &Path) -> PathBuf {
    let full = disk.join("full");
    let mut file = OpenOptions::new().create(true).append(true).open(&full).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    for size in [65_536, 4_096, 1] {
        while file.write_all(&vec![1; size]).is_ok() {}
    }
    full
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_work_goes_on_without_a_checkpoint_and_so_does_the_next_start() {
    let mut clinic = Clinic::open(&Clock::real().now().to_string()).await;
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join("small");
    let _disk = match small_disk(&place) {
        Ok(disk) => disk,
        Err(why) => return aloud::skipped(&format!("a full disk needs root and a tmpfs ({why})")),
    };
    clinic.keep_states_in(&place);
    let mut node = up(&clinic).await;
    come(&mut clinic, 0).await;
    until_served(&mut clinic, 1).await;

    // Full while it works; sled has some room of its own left.
    let full = fill(&place);
    let mut n = 0;
    while says(&clinic, "checkpoint.failed") == 0 {
        n += 1;
        assert!(n < 12, "the disk is never full\n{}", clinic.said());
        come(&mut clinic, n).await;
        until_served(&mut clinic, n + 1).await;
        // It is written every second.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        fill(&place);
    }
    assert!(!node.has_ended(), "{}", clinic.said());
    node.kill9();

    // And full when it starts: with what was there, and with nothing.
    for _ in 0..2 {
        n += 1;
        let mut node = up(&clinic).await;
        come(&mut clinic, n).await;
        until_served(&mut clinic, n + 1).await;
        assert!(!node.has_ended(), "{}", clinic.said());
        node.kill9();
        fs::remove_dir_all(clinic.state(FIRST)).unwrap();
        fill(&place);
    }

    assert!(says(&clinic, "checkpoint.failed") >= 3, "{}", clinic.said());

    // Room, but a disk that takes nothing: as systems leave it after an error.
    fs::remove_file(full).unwrap();
    remount(&place, "ro");
    let mut node = up(&clinic).await;
    assert!(!node.has_ended(), "{}", clinic.said());
    node.kill9();
    remount(&place, "rw");

    // All well again.
    let node = up(&clinic).await;
    come(&mut clinic, n + 1).await;
    until_served(&mut clinic, n + 2).await;
    node.stop();
    let record = clinic.record().await;
    record.assert_nothing_doubled();
    let expected = record.folded().state_hash();
    let (ledger, _) = Ledger::open(&clinic.state(FIRST).join("acme").join(FIRST)).unwrap();
    assert!(ledger.head().unwrap().is_some(), "it keeps a checkpoint again");
    drop(ledger);
    assert_eq!(clinic.node("another").await.engine().state_hash(), expected);
}
