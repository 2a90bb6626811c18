//! Sentences about the plan: it begins, changes, pauses, goes on, ends.

use care::time::Date;
use serde_json::{Value, json};

use super::{Act, Answer, Scene, Spoken};
use crate::vignette::clinic::{TEAM, person};
use crate::vignette::moment::Place;

pub(super) const KNOWN: &[&str] = &[
    "Plan cp-1 for p-1 from 06-01: EA with acu-1, PT at eastside-pt, Oswestry from 06-01, points BL23 BL25 GB34 ST36, \
     lead 48 h, EA of 45 min, zone America/Toronto, without physiatrist, pcp without address, pcp refuses mail, payer medicare, onset 2025-12-01, bmi 18.4",
    "plan revised: EA with acu-2, with physiatrist",
    "plan held (admission, until 06-20)",
    "plan resumed",
    "plan completed (recovered)",
    "plan revoked (patient choice)",
];

/// The first day of a plan, read off the sentence that begins it.
pub(in crate::vignette) fn began_on(text: &str, place: &Place) -> Option<Date> {
    let (head, _) = text.strip_prefix("Plan ")?.split_once(':')?;
    place.day(head.split_once(" from ")?.1).ok()
}

pub(super) fn read(spoken: &Spoken<'_>, scene: &Scene<'_>) -> Answer {
    if let Some(text) = spoken.body.strip_prefix("Plan ") {
        return Some(begins(text, spoken, scene));
    }
    let rest = spoken.body.strip_prefix("plan ")?;
    if let Some(clauses) = rest.strip_prefix("revised: ") {
        return Some(revised(clauses, spoken, scene));
    }
    let name = match rest {
        "held" => "plan.held",
        "resumed" => "plan.resumed",
        "completed" => "plan.completed",
        "revoked" => "plan.revoked",
        _ => return None,
    };
    Some(marked(name, spoken, scene))
}

fn begins(text: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let expected = || format!("expected `{}`", KNOWN[0]);
    let (head, clauses) = text.split_once(": ").ok_or_else(expected)?;
    let (id, rest) = head.split_once(" for ").ok_or_else(expected)?;
    let (patient, from) = rest.split_once(" from ").ok_or_else(expected)?;
    let began = scene.place.day(from)?;
    let mut plan = json!({
        "plan_id": id, "revision": revision(scene, patient, id, spoken), "timezone": scene.place.zone_name,
        "started_on": began.to_string(),
        "team": TEAM.iter().map(|p| json!({ "role": p.role, "member_id": p.id, "email": p.email })).collect::<Vec<_>>(),
        "ea": {}, "patient": { "osteoporosis": "no", "prolonged_steroids": "no" },
    });
    for clause in clauses.split(", ") {
        apply(&mut plan, clause, scene)?;
    }
    let mut act = scene.publish("plan.activated", "plans", plan);
    if let Act::Publish(published) = &mut act {
        published.about = format!("patient/{patient}");
    }
    Ok(vec![act])
}

fn revised(clauses: &str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let mut plan = scene.plan()?.clone();
    let id = plan_id(&plan);
    plan["revision"] = revision(scene, &scene.patient, &id, spoken).into();
    for clause in clauses.split(", ") {
        apply(&mut plan, clause, scene)?;
    }
    Ok(vec![scene.publish("plan.revised", "plans", plan)])
}

fn marked(name: &'static str, spoken: &Spoken<'_>, scene: &Scene<'_>) -> Result<Vec<Act>, String> {
    let id = plan_id(scene.plan()?);
    let mut data = json!({ "plan_id": id, "revision": revision(scene, &scene.patient, &id, spoken) });
    if let Some(day) = spoken.note_after("until") {
        data["until"] = scene.place.day(day)?.to_string().into();
    }
    if let Some(reason) = spoken.note(Some) {
        data["reason"] = reason.replace(' ', "_").into();
    }
    Ok(vec![scene.publish(name, "plans", data)])
}

fn plan_id(plan: &Value) -> String {
    plan["plan_id"].as_str().unwrap_or_default().to_owned()
}

fn revision(scene: &Scene<'_>, patient: &str, plan: &str, spoken: &Spoken<'_>) -> u64 {
    let next = || scene.world.told_revision(&format!("patient/{patient}"), plan) + 1;
    spoken
        .note_after("revision")
        .and_then(|n| n.parse().ok())
        .unwrap_or_else(next)
}

fn apply(plan: &mut Value, clause: &str, scene: &Scene<'_>) -> Result<(), String> {
    let clause = clause.trim();
    let unknown = || format!("`{clause}`: expected clauses such as in `{}`", KNOWN[0]);
    if let Some((word, rest)) = clause.split_once(' ') {
        match word {
            "points" => {
                plan["ea"]["points"] = rest.split(' ').collect();
                return Ok(());
            }
            "lead" => {
                return number(rest, "h")
                    .map(|n| plan["ea"]["lead_hours"] = n)
                    .ok_or_else(unknown);
            }
            "bmi" => {
                plan["patient"]["bmi"] = rest.parse::<f64>().map_err(|_| unknown())?.into();
                return Ok(());
            }
            "zone" => {
                plan["timezone"] = rest.into();
                return Ok(());
            }
            "payer" => {
                plan["patient"]["payer"] = rest.into();
                return Ok(());
            }
            "onset" => {
                plan["patient"]["onset_on"] = scene.place.day(rest)?.to_string().into();
                return Ok(());
            }
            "Oswestry" => return oswestry(plan, rest, scene),
            _ => {}
        }
    }
    if let Some(length) = clause.strip_prefix("EA of ") {
        return number(length, "min")
            .map(|n| plan["ea"]["duration_min"] = n)
            .ok_or_else(unknown);
    }
    if let Some(id) = clause.strip_prefix("EA with ") {
        return works_by(plan, id).ok_or_else(unknown);
    }
    if let Some(id) = clause.strip_prefix("PT at ") {
        return on_member(plan, "physical therapist", |member| member["clinic"] = id.into());
    }
    if let Some(who) = clause.strip_suffix(" without address") {
        return on_member(plan, who, |member| member["email"] = Value::Null);
    }
    if let Some(who) = clause.strip_suffix(" refuses mail") {
        return on_member(plan, who, |member| member["consent"] = json!([]));
    }
    if let Some(who) = clause.strip_prefix("without ") {
        let role = person(who).ok_or_else(unknown)?.role;
        plan["team"]
            .as_array_mut()
            .ok_or_else(unknown)?
            .retain(|member| member["role"] != role);
        return Ok(());
    }
    let who = clause
        .strip_prefix("with ")
        .and_then(person)
        .ok_or_else(unknown)?;
    let member = json!({ "role": who.role, "member_id": who.id, "email": who.email });
    plan["team"].as_array_mut().ok_or_else(unknown)?.push(member);
    Ok(())
}

/// `from 06-01`, `from 06-01 every 7 days`, `no more`.
fn oswestry(plan: &mut Value, text: &str, scene: &Scene<'_>) -> Result<(), String> {
    let expected = || "expected `Oswestry from 06-01 every 14 days`".to_owned();
    let text = text.strip_prefix("from ").ok_or_else(expected)?;
    let (from, every) = text.split_once(" every ").unwrap_or((text, ""));
    plan["oswestry"] = json!({ "baseline_on": scene.place.day(from)?.to_string() });
    if !every.is_empty() {
        plan["oswestry"]["every_days"] = number(every, "days").ok_or_else(expected)?;
    }
    Ok(())
}

/// The acupuncturist the plan named last works by this calendar, and nobody else by it or another.
fn works_by(plan: &mut Value, id: &str) -> Option<()> {
    let team = plan["team"].as_array_mut()?;
    let (last, others) = {
        let mut named: Vec<&mut Value> = team.iter_mut().filter(|m| m["role"] == "acupuncturist").collect();
        (named.pop()?, named)
    };
    others
        .into_iter()
        .for_each(|member| member["practitioner"] = Value::Null);
    last["practitioner"] = id.into();
    Some(())
}

fn number(text: &str, unit: &str) -> Option<Value> {
    text.strip_suffix(unit)?
        .trim()
        .parse::<u16>()
        .ok()
        .map(Value::from)
}

fn on_member(plan: &mut Value, called: &str, change: impl FnOnce(&mut Value)) -> Result<(), String> {
    let role = person(called)
        .ok_or_else(|| format!("`{called}` is nobody of the team"))?
        .role;
    let team = plan["team"].as_array_mut().into_iter().flatten();
    let member = { team }.find(|member| member["role"] == role);
    change(member.ok_or_else(|| format!("the plan has no {called}"))?);
    Ok(())
}
