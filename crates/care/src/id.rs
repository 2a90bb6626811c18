//! Opaque identifiers: strings that became types at the wire and cannot be wrong inside the program.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a string is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct BadId {
    /// What the identifier must look like.
    pub expected: &'static str,
}

/// `[A-Za-z0-9_-]{1,64}`: one NATS subject token without wildcards.
const TOKEN: &str = "1 to 64 characters of A-Z a-z 0-9 _ -, an opaque id without personal data";
/// `[a-z0-9-]{1,32}`.
const ORG: &str = "1 to 32 characters of a-z 0-9 -";
/// Visible ASCII, so that an id can travel in a NATS header.
const VISIBLE: &str = "1 to 200 visible ASCII characters without spaces";

fn is_token(s: &str) -> bool {
    (1..=64).contains(&s.len())
        && s.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_org(s: &str) -> bool {
    (1..=32).contains(&s.len())
        && s.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_visible(s: &str) -> bool {
    (1..=200).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_graphic())
}

/// Reads an id where it stands. A chart holds some thirty: through a `String`, each would be copied twice.
struct Checked<T>(fn(&str) -> Result<T, BadId>);

impl<T> Visitor<'_> for Checked<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $check:ident, $expected:ident, $pattern:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks and wraps; the error says what was expected.
            ///
            /// # Errors
            /// [`BadId`] when the text does not have the shape of this id.
            pub fn new(text: impl AsRef<str>) -> Result<Self, BadId> {
                let text = text.as_ref();
                if $check(text) { Ok(Self(text.into())) } else { Err(BadId { expected: $expected }) }
            }

            /// The text of the id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(Checked(|text| Self::new(text)))
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    )*};
}

ids! {
    /// An organisation: clinics that share care plans and calendars.
    OrgId: is_org, ORG, "^[a-z0-9-]{1,32}$";
    /// A patient, opaque: never a name, a record number or a date of birth.
    PatientId: is_token, TOKEN, "^[A-Za-z0-9_-]{1,64}$";
    /// Somebody who gives sessions and has a calendar.
    PractitionerId: is_token, TOKEN, "^[A-Za-z0-9_-]{1,64}$";
    /// Somebody who is told things.
    MemberId: is_token, TOKEN, "^[A-Za-z0-9_-]{1,64}$";
    /// A clinic, as it names its feed.
    ClinicId: is_token, TOKEN, "^[A-Za-z0-9_-]{1,64}$";
    /// A care plan; a patient may have several one after another.
    PlanId: is_token, TOKEN, "^[A-Za-z0-9_-]{1,64}$";
    /// An appointment, for its whole life, moves included; unique within a patient.
    SessionId: is_token, TOKEN, "^[A-Za-z0-9_-]{1,64}$";
    /// A submission of one assessment.
    AssessmentId: is_token, TOKEN, "^[A-Za-z0-9_-]{1,64}$";
    /// An alert: rule, patient and the rule's de-duplication key.
    AlertId: is_token, TOKEN, "^[A-Za-z0-9_-]{1,64}$";
    /// A notice: one thing told to one person.
    NoticeId: is_token, TOKEN, "^[A-Za-z0-9_-]{1,64}$";
    /// A rule of the catalogue, kebab-case.
    RuleId: is_token, TOKEN, "^[A-Za-z0-9_-]{1,64}$";
    /// CloudEvents `id`; with the source it is the identity of a fact.
    EventId: is_visible, VISIBLE, "^[!-~]{1,200}$";
    /// CloudEvents `source`.
    Source: is_visible, VISIBLE, "^[!-~]{1,200}$";
}

/// Namespace of every id carebus derives: UUIDv5 of this URL in the URL namespace.
#[must_use]
pub fn derived(parts: &[&str]) -> uuid::Uuid {
    let namespace = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, b"urn:carebus");
    // The unit separator cannot occur in an id, so two lists of parts never run together.
    uuid::Uuid::new_v5(&namespace, parts.join("\u{1f}").as_bytes())
}
