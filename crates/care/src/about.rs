//! What a fact is about, and the NATS subject that carries it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fact::Kind;
use crate::id::{BadId, MemberId, OrgId, PatientId, PractitionerId};

/// The patient, practitioner or member a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum About {
    /// A patient.
    Patient(PatientId),
    /// A practitioner.
    Practitioner(PractitionerId),
    /// Somebody who is told things.
    Member(MemberId),
}

impl About {
    /// # Errors
    /// [`BadId`] when the id is not an opaque token.
    pub fn new(kind: Kind, id: &str) -> Result<Self, BadId> {
        Ok(match kind {
            Kind::Patient => Self::Patient(PatientId::new(id)?),
            Kind::Practitioner => Self::Practitioner(PractitionerId::new(id)?),
            Kind::Member => Self::Member(MemberId::new(id)?),
        })
    }

    /// Which kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Patient(_) => Kind::Patient,
            Self::Practitioner(_) => Kind::Practitioner,
            Self::Member(_) => Kind::Member,
        }
    }

    /// The id alone.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Patient(id) => id.as_str(),
            Self::Practitioner(id) => id.as_str(),
            Self::Member(id) => id.as_str(),
        }
    }

    /// Whom a message of the log is about, whatever follows the id: what [`About::filter`] takes in. A message that is
    /// no fact is about somebody too, and the server counts it for them.
    #[must_use]
    pub fn of_subject(subject: &str) -> Option<Self> {
        let mut tokens = subject.split('.').skip(2);
        let (kind, id) = (tokens.next()?, tokens.next()?);
        tokens.next()?;
        parse_about(kind, id).ok()
    }

    /// Everything the log says about it: `care.<org>.<kind>.<id>.>`.
    #[must_use]
    pub fn filter(&self, org: &OrgId) -> String {
        format!("care.{org}.{}.{}.>", self.kind().code(), self.id())
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind().code(), self.id())
    }
}

/// A NATS subject of the log, taken apart: `care.<org>.<kind>.<id>.<noun>.<verb>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The organisation.
    pub org: OrgId,
    /// Whom it is about.
    pub about: About,
    /// `noun.verb`.
    pub name: String,
}

impl Subject {
    /// # Errors
    /// Says what was expected.
    pub fn parse(subject: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected care.<org>.<patient|practitioner|member>.<id>.<noun>.<verb>";
        let tokens: Vec<&str> = subject.split('.').collect();
        let [prefix, org, kind, id, noun, verb] = tokens[..] else {
            return Err(EXPECTED.to_owned());
        };
        if prefix != "care" {
            return Err(EXPECTED.to_owned());
        }
        let org = OrgId::new(org).map_err(|e| format!("org: {e}"))?;
        let about = parse_about(kind, id)?;
        Ok(Self {
            org,
            about,
            name: format!("{noun}.{verb}"),
        })
    }

    /// From the `subject` attribute of an event in a file (`acme/patient/p-7f3a`) and its type.
    ///
    /// # Errors
    /// Says what was expected.
    pub fn from_attribute(attribute: &str, name: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected <org>/<patient|practitioner|member>/<id>";
        let tokens: Vec<&str> = attribute.split('/').collect();
        let [org, kind, id] = tokens[..] else {
            return Err(EXPECTED.to_owned());
        };
        let org = OrgId::new(org).map_err(|e| format!("org: {e}"))?;
        Ok(Self {
            org,
            about: parse_about(kind, id)?,
            name: name.to_owned(),
        })
    }

    /// The CloudEvents `subject` attribute.
    #[must_use]
    pub fn attribute(&self) -> String {
        format!("{}/{}", self.org, self.about)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "care.{}.{}.{}.{}",
            self.org,
            self.about.kind().code(),
            self.about.id(),
            self.name
        )
    }
}

fn parse_about(kind: &str, id: &str) -> Result<About, String> {
    let kind = match kind {
        "patient" => Kind::Patient,
        "practitioner" => Kind::Practitioner,
        "member" => Kind::Member,
        _ => return Err("kind: expected patient, practitioner or member".to_owned()),
    };
    About::new(kind, id).map_err(|e| format!("id: {e}"))
}
