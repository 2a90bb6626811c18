//! What stands above the story: zone, year, policy, and what carebus does that is shown.

use care::Policy;
use care::fact::value::ZoneName;

use super::moment::Place;
use super::page::Page;

/// What is shown of all that carebus does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// `session.*`, without the unprepared.
    Sessions,
    /// `session.unprepared`.
    Unprepared,
    /// `oswestry.*`.
    Oswestry,
    /// `alert.*`.
    Alerts,
    /// `report.*`.
    Reports,
    /// `notice.*`: every try and how it ended.
    Notices,
    /// Mails that were taken, by their subject.
    Mail,
}

impl Shown {
    const ALL: [(&'static str, Self); 7] = [
        ("sessions", Self::Sessions),
        ("unprepared", Self::Unprepared),
        ("oswestry", Self::Oswestry),
        ("alerts", Self::Alerts),
        ("reports", Self::Reports),
        ("notices", Self::Notices),
        ("mail", Self::Mail),
    ];

    /// Under which heading a fact falls, by its name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name.split_once('.')?.0 {
            _ if name == "session.unprepared" => Self::Unprepared,
            "session" => Self::Sessions,
            "oswestry" => Self::Oswestry,
            "alert" => Self::Alerts,
            "report" => Self::Reports,
            "notice" => Self::Notices,
            _ => return None,
        })
    }
}

/// The setting of a page.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) place: Place,
    pub(super) policy: Policy,
    pub(super) shown: Vec<Shown>,
}

impl Setting {
    /// Reads the settings of a page; what they leave out is the default.
    ///
    /// # Errors
    /// `<line>: what was expected`.
    pub(super) fn read(page: &Page) -> Result<Self, String> {
        let mut zone = ZoneName::new("America/Toronto")?;
        let mut year = 2026;
        let mut shown = vec![Shown::Sessions, Shown::Unprepared, Shown::Oswestry, Shown::Alerts];
        let mut policy = String::new();
        for setting in &page.settings {
            let fails = |e: String| format!("{}: {e}", setting.number);
            let (word, value) = setting.text.split_once(' ').unwrap_or((&setting.text, ""));
            match word {
                "Zone" => zone = ZoneName::new(value.trim()).map_err(fails)?,
                "Year" => {
                    year = value
                        .trim()
                        .parse()
                        .map_err(|_| fails("expected a year".to_owned()))?
                }
                "Show" => {
                    shown = value
                        .split(',')
                        .map(shown_as)
                        .collect::<Result<_, _>>()
                        .map_err(fails)?
                }
                _ => {
                    policy.push_str(value);
                    policy.push('\n');
                    Policy::parse_for(value, &triggers::off_by_default())
                        .map_err(|e| fails(e.to_string()))?;
                }
            }
        }
        let policy = Policy::parse(&policy).map_err(|e| format!("1: {e}"))?;
        let place = Place {
            zone: zone.zone(),
            zone_name: zone.as_str().to_owned(),
            year,
        };
        Ok(Self { place, policy, shown })
    }
}

fn shown_as(word: &str) -> Result<Shown, String> {
    let known = Shown::ALL.iter().find(|(name, _)| *name == word.trim());
    let names: Vec<&str> = Shown::ALL.iter().map(|(name, _)| *name).collect();
    known
        .map(|(_, shown)| *shown)
        .ok_or_else(|| format!("expected one of {}", names.join(", ")))
}
