//! The care plan: who the team is, what EA and Oswestry settings the patient has, and the plan's status.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bound::{Any, Bound, CalendarDay, Code, Email, Int, List, Name, Number, Object, Opt, Revision};
use super::value::{ClockTime, PointCode, Tri, ZoneName};
use crate::id::{ClinicId, MemberId, PlanId, PractitionerId};
use crate::phi::Phi;
use crate::role::Role;
use crate::time::Date;

/// `plan.activated` and `plan.revised`: a whole snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The plan.
    pub plan_id: PlanId,
    /// Revision of the plan as a whole, its status included.
    #[serde(default, with = "Opt::<Revision>")]
    pub revision: Option<u64>,
    /// IANA zone in which the patient's days begin and end.
    pub timezone: ZoneName,
    /// First day.
    #[serde(with = "CalendarDay")]
    pub started_on: Date,
    /// What rules need to know of the patient.
    #[serde(default, with = "Object::<PatientFacts>")]
    pub patient: PatientFacts,
    /// The people.
    #[serde(with = "List::<Object<Member>, 200>")]
    pub team: Vec<Member>,
    /// EA settings.
    #[serde(default, with = "Object::<EaSettings>")]
    pub ea: EaSettings,
    /// Oswestry settings; without them there is no two-week clock.
    pub oswestry: Option<OswestrySettings>,
}

/// Coded facts about the patient that rules read; no identity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PatientFacts {
    /// Year of birth.
    #[serde(default, with = "Opt::<Int<1900, 2199>>")]
    pub birth_year: Option<i16>,
    /// Body mass index, kg/m².
    #[serde(default, with = "Opt::<Number<1, 200>>")]
    pub bmi: Option<f64>,
    /// Known osteoporosis.
    #[serde(default)]
    pub osteoporosis: Tri,
    /// Prolonged steroid use.
    #[serde(default)]
    pub prolonged_steroids: Tri,
    /// Who pays, a code.
    #[serde(default, with = "Opt::<Code>")]
    pub payer: Option<String>,
    /// When the back pain began.
    #[serde(default, with = "Opt::<CalendarDay>")]
    pub onset_on: Option<Date>,
}

/// A person of the team, in one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// The role.
    pub role: Role,
    /// The person, opaque.
    pub member_id: MemberId,
    /// Name as shown in a letter's address.
    #[serde(default, with = "Opt::<Name>")]
    pub name: Option<Phi<String>>,
    /// Address for mail.
    #[serde(default, with = "Opt::<Email>")]
    pub email: Option<Phi<String>>,
    /// How this person's own records name the patient.
    #[serde(default, with = "Opt::<Name>")]
    pub patient_ref: Option<Phi<String>>,
    /// Zone of the person; the plan's zone if absent.
    pub timezone: Option<ZoneName>,
    /// When routine mail waits.
    #[serde(default, with = "Opt::<Object<QuietHours>>")]
    pub quiet_hours: Option<QuietHours>,
    /// What may be shared with this person; absent: policy decides; empty: refused.
    #[serde(default, with = "Opt::<List<Code, 200>>")]
    pub consent: Option<Vec<String>>,
    /// The calendar this person works by, for acupuncturists.
    pub practitioner: Option<PractitionerId>,
    /// The clinic whose feed concerns this person, for physical therapists.
    pub clinic: Option<ClinicId>,
}

/// Local times between which routine mail waits; may wrap midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuietHours {
    /// Quiet from.
    pub from: ClockTime,
    /// Quiet until.
    pub to: ClockTime,
}

/// EA settings of a plan; what is absent comes from the policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EaSettings {
    /// Length of a session, minutes.
    #[serde(default, with = "Opt::<Int<5, 480>>")]
    pub duration_min: Option<u16>,
    /// Planned points; absent or empty: unknown, which overlaps every zone.
    #[serde(default, with = "List::<Any<PointCode>, 200>")]
    pub points: Vec<PointCode>,
    /// Planned frequency, Hz.
    #[serde(default, with = "Opt::<Number<0, 10_000>>")]
    pub frequency_hz: Option<f64>,
    /// Hours before PT.
    #[serde(default, with = "Opt::<Int<1, 672>>")]
    pub lead_hours: Option<u16>,
}

/// The plan's Oswestry clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OswestrySettings {
    /// Due number 0.
    #[serde(with = "CalendarDay")]
    pub baseline_on: Date,
    /// Days between dues; the policy's interval if absent.
    #[serde(default, with = "Opt::<Int<2, 366>>")]
    pub every_days: Option<u16>,
}

/// Why a plan or its pause ended or began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanReason {
    /// The goals were reached.
    Recovered,
    /// The patient decided.
    PatientChoice,
    /// A red flag.
    RedFlag,
    /// A contraindication.
    Contraindication,
    /// Admission to hospital: Oswestry reminders pause.
    Admission,
    /// Moved away.
    Moved,
    /// Anything else.
    Other,
}

/// `plan.held`, `plan.resumed`, `plan.completed`, `plan.revoked`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanMark {
    /// The plan.
    pub plan_id: PlanId,
    /// Revision of the plan as a whole.
    #[serde(default, with = "Opt::<Revision>")]
    pub revision: Option<u64>,
    /// Why.
    pub reason: Option<PlanReason>,
    /// Last day of the hold, if known.
    #[serde(default, with = "Opt::<CalendarDay>")]
    pub until: Option<Date>,
}
