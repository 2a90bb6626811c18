//! The configuration of a process: command line over environment over file over defaults, with every mistake told at once.

mod health;
mod layers;
mod places;
mod secrets;
mod templates;
mod values;

use std::path::PathBuf;
use std::sync::Arc;

use bus::{Auth, Settings};
use care::Policy;
use care::id::OrgId;
use care::phi::Phi;
use mailer::Wording;
use post::{DirectoryCarrier, MemoryCarrier, Post, SmtpCarrier, SmtpSettings, Tls};

use crate::args::Global;
use crate::exit::{Exit, Failure};
pub(crate) use health::Health;
use layers::Layers;
pub(crate) use layers::Shown;

/// The file that is documentation, default and example at once.
pub(crate) const DEFAULT_TOML: &str = include_str!("../../../deploy/carebus.toml");

/// How mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// One `.eml` file per mail.
    Directory,
    /// A mail server.
    Smtp,
    /// Composed and forgotten.
    Memory,
}

/// A mail server, as configured; the password is read when it is needed.
#[derive(Debug, Clone)]
pub(crate) struct Smtp {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Tls,
    pub(crate) user: Option<String>,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) ca_file: Option<PathBuf>,
}

/// Everything a process needs to know, checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Organisations to work for, in the order given.
    pub(crate) orgs: Vec<OrgId>,
    /// The one of them that the command line itself names.
    pub(crate) asked_org: Option<OrgId>,
    pub(crate) name: String,
    pub(crate) state: PathBuf,
    policy: Policy,
    /// The organisation's own words and templates for mail.
    pub(crate) wording: Arc<Wording>,
    pub(crate) nats: Settings,
    /// Monitoring address of the server.
    pub(crate) monitor: Option<String>,
    /// Nothing that is for trying out.
    pub(crate) production: bool,
    pub(crate) transport: Transport,
    pub(crate) mail_directory: PathBuf,
    pub(crate) smtp: Smtp,
    /// What is told to those who run it.
    pub(crate) health: Health,
    pub(crate) log_level: String,
    pub(crate) log_json: bool,
    /// Where spans go beside the log; none: nowhere.
    pub(crate) otlp: Option<String>,
    /// Every key with its value and where that came from.
    pub(crate) shown: Vec<Shown>,
    /// What works and should not be left so.
    pub(crate) warnings: Vec<String>,
}

impl Config {
    /// Reads all layers.
    ///
    /// # Errors
    /// One failure with every mistake.
    pub(crate) fn load(global: &Global) -> Result<Self, Failure> {
        let mut layers = Layers::read(global)?;
        let config = Self::from_layers(global, &mut layers)?;
        let mistakes = layers.into_mistakes();
        if mistakes.is_empty() {
            return Ok(config);
        }
        Err(Failure::new(
            Exit::Config,
            format!("the configuration has {} mistake(s)", mistakes.len()),
        )
        .mistakes(mistakes)
        .help("deploy/carebus.toml lists every key; `carebus config show` says where each value came from"))
    }

    fn from_layers(global: &Global, layers: &mut Layers) -> Result<Self, Failure> {
        let state = layers.path("state").map_or_else(places::state, Ok)?;
        let transport = transport(layers);
        let production = layers.flag("production");
        if production && transport != Transport::Smtp {
            layers.mistake("mail.transport", "production = true asks for \"smtp\"");
        }
        let config = Self {
            orgs: orgs(global, layers),
            asked_org: global.org.first().cloned(),
            name: layers.text("name").unwrap_or_else(places::host_name),
            policy: policy(layers),
            wording: Arc::new(templates::read(layers)),
            nats: nats(layers),
            monitor: layers.text("nats.monitor"),
            production,
            transport,
            mail_directory: layers
                .path("mail.directory")
                .unwrap_or_else(|| state.join("mail")),
            smtp: smtp(layers, transport),
            health: health::read(layers),
            log_level: layers.text("log.level").unwrap_or_else(|| "info".to_owned()),
            log_json: layers
                .choice("log.format", &[("text", false), ("json", true)])
                .unwrap_or(false),
            otlp: health::collector(layers),
            shown: layers.shown(),
            warnings: layers.take_warnings(),
            state,
        };
        Ok(config)
    }

    /// The one organisation a command works for.
    pub(crate) fn org(&self) -> Result<&OrgId, Failure> {
        let which = "name one: --org acme, or CAREBUS_ORG=acme, or org = \"acme\" in the configuration";
        match self.orgs.as_slice() {
            [org] => Ok(org),
            [] => Err(Failure::new(Exit::Usage, "no organisation is named").help(which)),
            _ => Err(Failure::new(Exit::Usage, "this command works for one organisation").help(which)),
        }
    }

    /// The policy, from its file or the default.
    pub(crate) const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The same with another policy.
    pub(crate) fn with_policy(&self, policy: Policy) -> Self {
        Self {
            policy,
            ..self.clone()
        }
    }

    /// The carrier of mail; opens no connection.
    pub(crate) fn post(&self) -> Result<Post, Failure> {
        Ok(match self.transport {
            Transport::Directory => Post::Directory(DirectoryCarrier::new(&self.mail_directory)),
            Transport::Memory => Post::Memory(MemoryCarrier::new()),
            Transport::Smtp => {
                let carrier = SmtpCarrier::new(self.smtp.settings()?);
                Post::Smtp(Box::new(
                    carrier.map_err(|e| Failure::new(Exit::Config, e.to_string()))?,
                ))
            }
        })
    }
}

impl Smtp {
    fn settings(&self) -> Result<SmtpSettings, Failure> {
        let mut settings = SmtpSettings::new(&self.host, self.port, self.tls);
        settings.user.clone_from(&self.user);
        if let Some(path) = &self.password_file {
            let text = std::fs::read_to_string(path).map_err(|e| Failure::file(path, &e))?;
            settings.password = Some(Phi::new(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        settings.ca_file.clone_from(&self.ca_file);
        Ok(settings)
    }
}

/// Reads a policy file.
pub(crate) fn read_policy(path: &std::path::Path) -> Result<Policy, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| Failure::file(path, &e))?;
    Policy::parse_for(&text, &triggers::off_by_default()).map_err(|bad| Failure::policy(path, bad))
}

/// Its mistakes are told with those of the configuration.
fn policy(layers: &mut Layers) -> Policy {
    let Some(path) = layers.existing("policy") else {
        return Policy::default();
    };
    let read = std::fs::read_to_string(&path).map_err(|error| vec![error.to_string()]);
    let known = triggers::off_by_default();
    read.and_then(|text| Policy::parse_for(&text, &known).map_err(|bad| bad.0))
        .unwrap_or_else(|mistakes| {
            for mistake in mistakes {
                layers.mistake("policy", &format!("{}: {mistake}", path.display()));
            }
            Policy::default()
        })
}

/// Those of the command line, else those of the environment or the file.
fn orgs(global: &Global, layers: &mut Layers) -> Vec<OrgId> {
    if !global.org.is_empty() {
        return global.org.clone();
    }
    let text = layers.text("org").unwrap_or_default();
    let mut orgs = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match OrgId::new(name) {
            Ok(org) => orgs.push(org),
            Err(bad) => layers.mistake("org", &bad.to_string()),
        }
    }
    orgs
}

fn transport(layers: &mut Layers) -> Transport {
    let known = [
        ("directory", Transport::Directory),
        ("smtp", Transport::Smtp),
        ("memory", Transport::Memory),
    ];
    layers
        .choice("mail.transport", &known)
        .unwrap_or(Transport::Directory)
}

fn nats(layers: &mut Layers) -> Settings {
    let url = layers.text("nats.url").unwrap_or_default();
    if let Some(wrong) = url.split(',').find_map(places::wrong_address) {
        layers.mistake("nats.url", wrong);
    }
    let mut settings = Settings::new(url, "carebus");
    let ways = [
        secrets::file(layers, "nats.creds").map(Auth::Creds),
        secrets::file(layers, "nats.nkey").map(Auth::NkeySeed),
        secrets::file(layers, "nats.user_password").map(Auth::UserPassword),
    ];
    let mut given = ways.into_iter().flatten();
    settings.auth = given.next().unwrap_or_default();
    if given.next().is_some() {
        layers.mistake("nats", "expected at most one of creds, nkey and user_password");
    }
    settings.inbox_prefix = layers.text("nats.inbox");
    settings.tls_root = layers.existing("nats.tls_root");
    settings.plaintext = layers.flag("nats.plaintext");
    if layers.flag("production") && !places::all_loopback(&settings.url) {
        if settings.plaintext {
            layers.mistake(
                "nats.plaintext",
                "production = true asks for TLS to a server elsewhere",
            );
        }
        if matches!(settings.auth, Auth::None) {
            let ask =
                "production = true asks for one of creds, nkey and user_password for a server elsewhere";
            layers.mistake("nats", ask);
        }
    }
    settings
}

fn smtp(layers: &mut Layers, transport: Transport) -> Smtp {
    let tls = [
        ("starttls", Tls::StartTls),
        ("implicit", Tls::Implicit),
        ("none", Tls::None),
    ];
    let port = layers.number("smtp.port");
    if !port.is_some_and(|p| (1..=65535).contains(&p)) {
        layers.mistake("smtp.port", "expected 1 to 65535");
    }
    let smtp = Smtp {
        host: layers.text("smtp.host").unwrap_or_default(),
        port: port.and_then(|p| u16::try_from(p).ok()).unwrap_or(587),
        tls: layers.choice("smtp.tls", &tls).unwrap_or(Tls::StartTls),
        user: layers.text("smtp.user"),
        password_file: secrets::file(layers, "smtp.password_file"),
        ca_file: layers.existing("smtp.ca_file"),
    };
    if transport == Transport::Smtp {
        if smtp.host.is_empty() {
            layers.mistake(
                "smtp.host",
                "expected a host name, because mail.transport is \"smtp\"",
            );
        } else if smtp.tls == Tls::None && !places::is_loopback(&smtp.host) {
            layers.mistake(
                "smtp.tls",
                "expected \"starttls\" or \"implicit\": only mail for this machine may go in clear",
            );
        }
        if smtp.user.is_some() != smtp.password_file.is_some() {
            layers.mistake("smtp.user", "expected user and password_file together");
        }
        if smtp.tls == Tls::None && smtp.user.is_some() {
            layers.mistake(
                "smtp.user",
                "a password is never sent in clear: choose \"starttls\" or \"implicit\"",
            );
        }
    }
    smtp
}
