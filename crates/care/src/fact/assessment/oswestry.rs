//! `assessment.oswestry`: ten section scores, or a ready percent, or a raw sum with its maximum.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::bound::{Bound, Code, Opt, Text};
use crate::measure::odi;

/// `assessment.oswestry`: ten section scores, or a ready percent, or a raw sum with its maximum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "OswestryWire", into = "OswestryWire")]
#[schemars(with = "OswestryWire")]
pub struct Oswestry {
    /// Version of the instrument; scores of different versions are never compared.
    pub instrument_version: String,
    /// What was submitted.
    pub given: odi::Given,
}

/// The wire form: exactly one of `items`, `percent` with `unit`, `raw` with `max`.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("oneOf" = [
    { "required": ["items"], "properties": { "percent": false, "raw": false, "max": false } },
    { "required": ["percent", "unit"], "properties": { "unit": { "const": "%" }, "items": false, "raw": false, "max": false } },
    { "required": ["raw", "max"], "properties": { "items": false, "percent": false } },
]))]
struct OswestryWire {
    #[serde(with = "Text::<1, 32>")]
    instrument_version: String,
    items: Option<odi::Items>,
    percent: Option<odi::Percent>,
    #[serde(default, with = "Opt::<Code>")]
    unit: Option<String>,
    raw: Option<u16>,
    max: Option<u16>,
}

impl TryFrom<OswestryWire> for Oswestry {
    type Error = String;
    fn try_from(w: OswestryWire) -> Result<Self, String> {
        let given = odi::Given::from_fields(w.items, w.percent, w.unit.as_deref(), w.raw, w.max)
            .map_err(|e| format!("expected a complete result: {e}"))?;
        Ok(Self {
            instrument_version: w.instrument_version,
            given,
        })
    }
}

impl From<Oswestry> for OswestryWire {
    fn from(o: Oswestry) -> Self {
        let mut wire = Self {
            instrument_version: o.instrument_version,
            ..Self::default()
        };
        match o.given {
            odi::Given::Items(items) => wire.items = Some(items),
            odi::Given::Percent(percent) => {
                wire.percent = Some(percent);
                wire.unit = Some("%".to_owned());
            }
            odi::Given::Raw(raw) => {
                wire.raw = Some(raw.points());
                wire.max = Some(raw.max());
            }
        }
        wire
    }
}
