//! Mails as their recipients' programs see them: parsed by libraries that carebus does not write with.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use care::time::Timestamp;
use mail_parser::{MessageParser, MimeHeaders, PartType};

/// A mail that was written into a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The file; its stem is the notice.
    pub path: PathBuf,
    /// Which file it is, and when it was last written: another one under the same name differs in both.
    pub stamp: (u64, i64, i64),
    /// The recipient's address.
    pub to: String,
    /// `Message-ID`.
    pub message_id: String,
    /// Subject line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The invitation, if there is one.
    pub invitation: Option<Invitation>,
}

/// An iCalendar part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// What the part's MIME header says.
    pub mime_method: String,
    /// Its text.
    pub ics: String,
}

impl Letter {
    /// The notice it carries.
    #[must_use]
    pub fn notice(&self) -> String {
        self.path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

/// The mails of a folder by file name; none while there is no folder.
#[must_use]
pub fn read(folder: &Path) -> Vec<Letter> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "eml"));
    paths.sort();
    paths.iter().map(|path| letter(path)).collect()
}

fn letter(path: &Path) -> Letter {
    let bytes = std::fs::read(path).expect("a mail");
    let about = std::fs::metadata(path).expect("a mail");
    let message = MessageParser::default()
        .parse(&bytes)
        .unwrap_or_else(|| panic!("{}: no mail", path.display()));
    let to = message.to().and_then(|to| to.first()).and_then(|to| to.address());
    let invitation = message.parts.iter().find_map(|part| {
        let kind = part.content_type()?;
        let is_calendar = kind.ctype() == "text" && kind.subtype() == Some("calendar");
        let PartType::Text(ics) = &part.body else {
            return None;
        };
        let mime_method = kind.attribute("method").unwrap_or_default().to_owned();
        is_calendar.then(|| Invitation {
            mime_method,
            ics: ics.clone().into_owned(),
        })
    });
    Letter {
        path: path.to_owned(),
        stamp: (about.ino(), about.mtime(), about.mtime_nsec()),
        to: to.unwrap_or_default().to_owned(),
        message_id: message.message_id().unwrap_or_default().to_owned(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        invitation,
    }
}

/// An invitation as Python's icalendar reads it, once it has checked it against the RFCs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Itip {
    /// METHOD.
    pub method: String,
    /// UID.
    pub uid: String,
    /// SEQUENCE.
    pub sequence: u64,
    /// DTSTART.
    pub start: Timestamp,
}

/// Lets a stranger read an invitation; `forbidden` must not stand in it.
///
/// # Panics
/// When it breaks a rule of iTIP, or there is no Python with icalendar.
#[must_use]
pub fn itip(invitation: &Invitation, forbidden: &[&str]) -> Itip {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("invitation.ics");
    std::fs::write(&file, &invitation.ics).expect("a file");
    let mut command = Command::new(python());
    command.arg(tool("check_ics.py"));
    for text in forbidden {
        command.args(["--forbid", text]);
    }
    let done = command
        .arg(&file)
        .output()
        .unwrap_or_else(|error| panic!("{error}: {NO_PYTHON}"));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "{complaint}\n{}\n({NO_PYTHON})",
        invitation.ics
    );
    let words: Vec<&str> = said
        .rsplit_once(": ")
        .map(|(_, words)| words.split_whitespace().collect())
        .unwrap_or_default();
    let [method, uid, sequence, start] = words[..] else {
        panic!("check_ics.py said {said:?}")
    };
    Itip {
        method: method.to_owned(),
        uid: uid.to_owned(),
        sequence: sequence.parse().expect("a number"),
        start: super::instant(start),
    }
}

/// What Python's email package sees in a mail with pictures; see tests/tools/check_report.py.
///
/// # Panics
/// When it finds anything wrong, or there is no Python.
#[must_use]
pub fn seen_by_python(mail: &[u8]) -> serde_json::Value {
    let home = tempfile::tempdir().expect("a temporary directory");
    let file = home.path().join("report.eml");
    std::fs::write(&file, mail).expect("a file");
    let done = Command::new(python())
        .arg(tool("check_report.py"))
        .arg(&file)
        .output();
    let done = done.unwrap_or_else(|error| panic!("{error}: {NO_PYTHON}"));
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).expect("JSON")
}

/// What to do when Python is not there.
pub(super) const NO_PYTHON: &str = "this needs Python with icalendar and aiosmtpd: run tests/tools/install.sh tests, \
    or set CAREBUS_TEST_PYTHON to a Python that has them";

/// The Python of the tests; plain `cargo test` installs it the first time.
#[must_use]
pub fn python() -> PathBuf {
    if let Some(named) = std::env::var_os("CAREBUS_TEST_PYTHON") {
        return named.into();
    }
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/venv/bin/python");
    if !python.is_file() {
        // It waits for others that run it, and does nothing if they have done it all. What it could not do shows when
        // Python is started.
        let _ = Command::new(tool("install.sh")).arg("tests").status();
    }
    python
}

/// The Python of the tests with a module that an older installation may lack.
///
/// # Panics
/// When it has none.
#[must_use]
pub fn python_with(module: &str) -> PathBuf {
    let python = python();
    let has = || {
        let mut command = Command::new(&python);
        command
            .args(["-c", &format!("import {module}")])
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !has() {
        let _ = Command::new(tool("install.sh")).arg("tests").status();
        assert!(
            has(),
            "this needs Python with {module}: run tests/tools/install.sh tests"
        );
    }
    python
}

/// A program of the tests.
#[must_use]
pub fn tool(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tools").join(name)
}
