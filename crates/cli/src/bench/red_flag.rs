//! (c) From a red flag to the mail server's 250, through two real processes of ours; and when the leader is killed.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use bus::append::{Append, Appended, append};
use care::time::{Timestamp, hours};
use node::Clock;
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

use super::figure::{Found, Line, percentile};
use super::ground::Ground;
use super::sink::Sink;
use super::{Scale, facts};
use crate::exit::{Exit, Failure};

/// How long a first mail may take before the measurement gives up.
const PATIENCE: Duration = Duration::from_secs(60);
/// After so long without another mail everybody was told.
const SILENCE: Duration = Duration::from_millis(300);

/// Milliseconds from publishing a red flag to a 250, sorted.
#[derive(Default)]
struct Told {
    first: Vec<f64>,
    everybody: Vec<f64>,
    mails: usize,
}

pub(crate) async fn measure(scale: &Scale) -> Result<Found, Failure> {
    let ground = Ground::prepare(&scale.program, "red-flag").await?;
    let mut sink = Sink::open()
        .await
        .map_err(|e| Failure::new(Exit::Other, e.to_string()))?;
    let (flags, kills) = (scale.pick(200, 3), scale.pick(5, 1));
    let now = Clock::real().now();
    for patient in 0..flags + kills {
        ground.fill([plan(patient, now)?]).await?;
    }
    let crew = Crew::new(&ground, sink.port)?;
    let mut leader = crew.start("node-1").await?;
    let mut standby = crew.start("node-2").await?;
    quiet(&ground).await?;

    scale.say(&format!("red flag: {flags} of them, nobody is killed"));
    let mut healthy = Told::default();
    for patient in 0..flags {
        flag(&ground, &mut sink, patient, &mut healthy).await?;
    }
    let mut killed = Told::default();
    for kill in 0..kills {
        scale.say(&format!(
            "red flag: the leader is killed, {} of {kills}",
            kill + 1
        ));
        leader
            .kill()
            .await
            .map_err(|e| Failure::new(Exit::Other, e.to_string()))?;
        flag(&ground, &mut sink, flags + kill, &mut killed).await?;
        leader = std::mem::replace(&mut standby, crew.start(&format!("node-{}", kill + 3)).await?);
        quiet(&ground).await?;
    }
    Ok(report(healthy, killed))
}

fn report(mut healthy: Told, mut killed: Told) -> Found {
    let of = |told: &mut Told| {
        told.first.sort_by(f64::total_cmp);
        told.everybody.sort_by(f64::total_cmp);
        let quantiles = |ms: &[f64]| json!({ "p50_ms": percentile(ms, 0.5), "p99_ms": percentile(ms, 0.99), "max_ms": percentile(ms, 1.0) });
        json!({ "flags": told.first.len(), "mails": told.mails, "first_mail": quantiles(&told.first), "everybody_told": quantiles(&told.everybody) })
    };
    let json = json!({ "processes": 2, "healthy": of(&mut healthy), "leader_killed": of(&mut killed) });
    let three = |ms: &[f64], digits: usize| {
        let at = |share| percentile(ms, share);
        format!(
            "{:.digits$} / {:.digits$} / {:.digits$}",
            at(0.5),
            at(0.99),
            at(1.0)
        )
    };
    let lines = vec![
        Line::new(
            format!(
                "{} red flags → 250 for the first mail: p50 / p99 / max, ms",
                healthy.first.len()
            ),
            three(&healthy.first, 1),
            "p99 ≤ 100",
        ),
        Line::new(
            format!(
                "… → 250 for the last of {} mails: p50 / p99 / max, ms",
                healthy.mails
            ),
            three(&healthy.everybody, 1),
            "",
        ),
        Line::new(
            format!(
                "leader killed right before, {} times → 250: p50 / p99 / max, ms",
                killed.first.len()
            ),
            three(&killed.first, 0),
            "≤ 10 000",
        ),
    ];
    Found { json, lines }
}

/// Publishes one and waits for the mails.
async fn flag(ground: &Ground, sink: &mut Sink, patient: usize, told: &mut Told) -> Result<(), Failure> {
    while sink.taken.try_recv().is_ok() {}
    let message = Append::fact(&red_flag(patient, Clock::real().now())?, None);
    let began = Instant::now();
    if !matches!(append(&ground.conn, message).await?, Appended::Stored { .. }) {
        return Err(Failure::new(
            Exit::TryAgain,
            "the benchmark's server did not take a red flag",
        ));
    }
    let Ok(Some(first)) = timeout(PATIENCE, sink.taken.recv()).await else {
        return Err(Failure::new(
            Exit::TryAgain,
            "a red flag led to no mail within a minute",
        ));
    };
    let mut last = first.at;
    told.mails += 1;
    while let Ok(Some(next)) = timeout(SILENCE, sink.taken.recv()).await {
        last = next.at;
        told.mails += 1;
    }
    told.first
        .push(first.at.duration_since(began).as_secs_f64() * 1e3);
    told.everybody
        .push(last.duration_since(began).as_secs_f64() * 1e3);
    Ok(())
}

/// Waits until nothing has been added to the log for a second.
async fn quiet(ground: &Ground) -> Result<(), Failure> {
    let mut head = ground.head().await?;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = ground.head().await?;
        if now == head {
            return Ok(());
        }
        head = now;
    }
}

/// How our processes are started.
struct Crew {
    program: PathBuf,
    folder: PathBuf,
    url: String,
    port: u16,
}

impl Crew {
    fn new(ground: &Ground, port: u16) -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(|e| Failure::new(Exit::Other, e.to_string()))?;
        let folder = ground.folder("crew");
        let crew = Self {
            program,
            folder,
            url: ground.url().to_owned(),
            port,
        };
        std::fs::create_dir_all(&crew.folder).map_err(|e| Failure::file(&crew.folder, &e))?;
        // Nothing of the user's own configuration: an empty one, and a policy that says who writes.
        let policy = "[mail]\nfrom = \"carebus@carehub.example\"\ndomain = \"carehub.example\"\non_call = \"oncall@carehub.example\"\n";
        for (name, text) in [("carebus.toml", ""), ("policy.toml", policy)] {
            let file = crew.folder.join(name);
            std::fs::write(&file, text).map_err(|e| Failure::file(&file, &e))?;
        }
        Ok(crew)
    }

    /// Starts `carebus up` and waits until it says that it is ready.
    async fn start(&self, name: &str) -> Result<Child, Failure> {
        let log = self.folder.join(format!("{name}.log"));
        let stderr = File::create(&log).map_err(|e| Failure::file(&log, &e))?;
        let mut child = Command::new(&self.program)
            .args(["up", "--org", facts::ORG, "--nats", &self.url, "--config"])
            .arg(self.folder.join("carebus.toml"))
            .env_clear()
            .envs([
                ("CAREBUS_NAME", name),
                // Both listen nowhere: the port is one.
                ("CAREBUS_HEALTH__LISTEN", ""),
                ("CAREBUS_MAIL__TRANSPORT", "smtp"),
                ("CAREBUS_SMTP__HOST", "127.0.0.1"),
                ("CAREBUS_SMTP__PORT", &self.port.to_string()),
                ("CAREBUS_SMTP__TLS", "none"),
            ])
            .env("CAREBUS_STATE", self.folder.join("state"))
            .env("CAREBUS_POLICY", self.folder.join("policy.toml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| Failure::file(&self.program, &e))?;
        let began = Instant::now();
        loop {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            if said.contains("ready:") {
                return Ok(child);
            }
            if began.elapsed() > PATIENCE || child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return Err(Failure::new(
                    Exit::Other,
                    format!("`carebus up` did not get ready: {said}"),
                ));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A plan of yesterday with a team of five.
fn plan(patient: usize, now: Timestamp) -> Result<care::Event, Failure> {
    let yesterday = now.saturating_sub(hours(24)).unwrap_or(now);
    let date: String = yesterday.to_string().chars().take(10).collect();
    let member = |role: &str| json!({ "role": role, "member_id": format!("m-{role}"), "email": format!("{role}@team.example"), "consent": ["clinical"] });
    let mut team: Vec<Value> = [
        "pcp",
        "physiatrist",
        "acupuncturist",
        "physical_therapist",
        "care_coordinator",
    ]
    .map(member)
    .into();
    team[2]["practitioner"] = json!("acu-1");
    team[3]["clinic"] = json!(facts::CLINIC);
    let data = json!({
        "plan_id": format!("cp-{patient}"), "revision": 1, "timezone": "America/Toronto", "started_on": date, "patient": {},
        "team": team, "ea": { "duration_min": 45, "points": ["BL23"] }, "oswestry": { "baseline_on": date },
    });
    facts::event(
        &format!("patient/f-{patient}"),
        "plan.activated",
        &format!("f-{patient}.plan"),
        &yesterday.to_string(),
        "carehub",
        &data,
    )
}

fn red_flag(patient: usize, now: Timestamp) -> Result<care::Event, Failure> {
    let (id, at) = (format!("f-{patient}-flag"), now.to_string());
    let data = facts::assessment(&id, &at, &json!({ "items": ["bladder_change"], "onset_at": at }));
    facts::event(
        &format!("patient/f-{patient}"),
        "assessment.red_flag",
        &id,
        &at,
        "app",
        &data,
    )
}
