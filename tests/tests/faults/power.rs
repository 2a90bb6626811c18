//! Power cuts: the file system of log and checkpoint ends between two writes, and all is started from what reached it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bus::append::Appended;
use tests::aloud;
use tests::clinic::letters::python;
use tests::clinic::process::NodeProcess;
use tests::clinic::whole::Course;
use tests::clinic::{Clinic, acme};
use tests::nats::{NatsServer, Plan};

use crate::{FIRST, setting};

/// Ends a file system as a power cut does: nothing more reaches the disk, the journal neither. `EXT4_IOC_SHUTDOWN` with
/// `NOLOGFLUSH`, which file system developers test with. Better than a copy of the image, which takes a while: the
/// kernel goes on writing meanwhile, and such a copy is of no instant.
const CUT: &str = "
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))
";

/// A file system of its own, in a file.
struct Disk {
    home: tempfile::TempDir,
}

impl Disk {
    /// Makes one, or says why that cannot be here.
    fn make() -> Result<Self, String> {
        let disk = Self {
            home: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(disk.place()).unwrap();
        let image = disk.image();
        fs::File::create(&image).unwrap().set_len(512 << 20).unwrap();
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image))?;
        disk.mount()?;
        Ok(disk)
    }

    fn image(&self) -> PathBuf {
        self.home.path().join("image")
    }

    /// Where it is mounted.
    fn place(&self) -> PathBuf {
        self.home.path().join("disk")
    }

    fn mount(&self) -> Result<(), String> {
        run(Command::new("mount")
            .args(["-t", "ext4", "-o", "loop"])
            .arg(self.image())
            .arg(self.place()))
    }

    fn unmount(&self) -> Result<(), String> {
        run(Command::new("umount").arg(self.place()))
    }

    fn cut(&self) -> Result<(), String> {
        run(Command::new(python()).args(["-c", CUT]).arg(self.place()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, so that nothing is left behind whoever still holds a file.
        run(Command::new("umount").arg("-l").arg(self.place())).ok();
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().display().to_string();
    let done = command.output().map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    if done.status.success() {
        Ok(())
    } else {
        Err(format!("{program}: {said}"))
    }
}

/// A disk that can be cut off; none where the machine does not let us.
fn disk() -> Option<Disk> {
    let disk = Disk::make().and_then(|disk| {
        // A write that nobody asked to reach the disk must be lost, or this is no power cut and shows nothing.
        fs::write(disk.place().join("lost"), "soon").map_err(|error| error.to_string())?;
        disk.cut()?;
        disk.unmount()?;
        disk.mount()?;
        match fs::read(disk.place().join("lost")) {
            Ok(bytes) if bytes == b"soon" => Err("what was not synced outlives the cut".to_owned()),
            _ => Ok(disk),
        }
    });
    match disk {
        Ok(disk) => Some(disk),
        Err(why) => {
            aloud::skipped(&format!("power cuts need root, ext4 and a loop device ({why})"));
            None
        }
    }
}

fn server_on(store: &Path, sync: Option<&'static str>) -> NatsServer {
    NatsServer::start_as(Plan {
        store: Some(store.to_owned()),
        sync,
        ..Plan::default()
    })
}

/// Log and checkpoint on one disk, and the facts whose arrival the server has acknowledged.
struct Machine {
    disk: Disk,
    clinic: Clinic,
    node: NodeProcess,
    acknowledged: Vec<String>,
}

impl Machine {
    async fn start(disk: Disk, now: &str) -> Self {
        let store = disk.place().join("nats");
        fs::create_dir(&store).unwrap();
        let mut clinic = Clinic::open_on(server_on(&store, Some("always")), now).await;
        clinic.keep_states_in(&disk.place().join("state"));
        // The streams were made long before; the server syncs no directory when it makes one.
        run(&mut Command::new("sync")).unwrap();
        let node = NodeProcess::start(&clinic, FIRST, now);
        Self {
            disk,
            clinic,
            node,
            acknowledged: Vec::new(),
        }
    }

    /// The power goes and comes back; everything that the disk holds is all there is.
    async fn cut(&mut self, now: &str) {
        self.node.pause();
        self.clinic.server.pause();
        self.disk.cut().unwrap();
        self.node.kill9();
        self.clinic.server.kill9();
        self.disk.unmount().unwrap();
        self.disk.mount().unwrap();
        let server = server_on(&self.disk.place().join("nats"), Some("always"));
        self.clinic.go_on_with(server).await;
        let there = bus::streams::check_org(&self.clinic.conn, &acme()).await;
        there.unwrap_or_else(|error| panic!("{error}\n{}", self.clinic.said()));
        let record = self.clinic.record().await;
        for id in &self.acknowledged {
            assert!(
                record.holds(id),
                "{id} was acknowledged and is lost\n{}",
                record.told()
            );
        }
        self.node = NodeProcess::start(&self.clinic, FIRST, now);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_loses_nothing_that_was_acknowledged_and_doubles_nothing() {
    let cuts = setting("CAREBUS_CUTS", 4);
    let course = Course::default();
    let mut done = 0;
    let mut set_aside = 0;
    let mut seed = setting("CAREBUS_SEED", 1);
    while done < cuts {
        let Some(disk) = disk() else { return };
        println!("CAREBUS_SEED={seed}");
        let mut machine = Machine::start(disk, course.begin()).await;
        for (n, stage) in course.stages.iter().enumerate() {
            machine.node.at(stage.now);
            // Somewhere in the middle of the stage, and some milliseconds into the work on it.
            let at =
                1 + usize::try_from(seed.wrapping_mul(7) + 5 * n as u64).unwrap() % (stage.facts.len() - 1);
            for fact in &stage.facts[..at] {
                machine.clinic.publish([fact.clone()]).await;
                machine.acknowledged.push(fact.event().id.to_string());
            }
            tokio::time::sleep(Duration::from_millis(seed * 37 % 300)).await;
            machine.cut(stage.now).await;
            machine.clinic.publish(stage.facts[at..].iter().cloned()).await;
            course.until_said(n, &mut machine.clinic).await;
            seed += 1;
            done += 1;
        }
        machine.node.stop();
        course.assert_kept(&mut machine.clinic, &[FIRST]).await;
        let beside = fs::read_dir(machine.disk.place().join("state")).unwrap();
        set_aside += beside.count() - 1;
        // Before the disk goes.
        machine.clinic.server.kill9();
    }
    aloud::say(&format!(
        "{done} power cuts: 0 acknowledged facts lost, 0 doubled; {set_aside} checkpoints set aside"
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_sync_loses_facts_in_a_power_cut_which_is_why_production_refuses_it() {
    let Some(disk) = disk() else { return };
    let store = disk.place().join("nats");
    fs::create_dir(&store).unwrap();
    let mut clinic = Clinic::open_on(server_on(&store, None), "2026-06-01T14:00:00Z").await;
    run(&mut Command::new("sync")).unwrap();
    let sent = clinic
        .send("care.acme.patient.p-1.assessment.pain", "1", b"{}")
        .await;
    assert!(
        matches!(sent, Ok(Appended::Stored { sequence: 1, .. })),
        "{sent:?}"
    );
    clinic.server.pause();
    disk.cut().unwrap();
    clinic.server.kill9();
    disk.unmount().unwrap();
    disk.mount().unwrap();
    clinic.go_on_with(server_on(&store, None)).await;
    let head = bus::streams::head(&clinic.conn, &acme()).await;
    assert_eq!(head.unwrap().last_sequence, 0, "acknowledged, and gone");
    clinic.server.kill9();
}
