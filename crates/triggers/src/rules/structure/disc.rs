//! A herniated disc with a weak muscle.

use std::collections::BTreeMap;

use care::fact::ours::{Action, Evidence, Severity};
use care::fact::value::Tri;
use care::role::Role;

use super::{SHARED, clears, exam, goes_on, imaging, place, truth};
use crate::case::{Case, Told};
use crate::finding::Finding;
use crate::rule::{Rule, RuleInfo};
use crate::words::code;

pub(crate) const RULE: Rule = Rule::new(&DISC, deficits);

pub(crate) static DISC: RuleInfo = RuleInfo {
    id: "structural-disc-motor-deficit",
    name: "Disc herniation with motor deficit",
    roles: &[
        Role::Physiatrist,
        Role::Pcp,
        Role::Acupuncturist,
        Role::PhysicalTherapist,
    ],
    effect: "Holds every EA until a physician clears it or the physiatrist lets the course go on. \
             Emergency if strength is 3 or less or getting worse. Asks for an urgent review, not for an \
             operation. What needling alone is expected to do does not apply.",
    dedupe: "one per myotome",
    rearm: "strength falls by a grade or begins to get worse, or another myotome",
    evidence: Evidence::Partly,
    evidence_note: "A 2014 study supports concern at strength 3 or less; a 2012 review calls the evidence \
                    on surgery for weakness controversial.",
    ..SHARED
};

/// The last examination of a myotome.
struct Myotome<'a> {
    told: Told<'a>,
    grade: u8,
    progressive: bool,
    /// Weaker, or newly getting worse, than any finding has said.
    is_news: bool,
    findings: usize,
}

/// Goes through images and examinations as they happened: a deficit is news once a herniated disc is known too.
fn deficits(case: &Case<'_>) -> Vec<Finding> {
    let mut image: Option<Told<'_>> = None;
    let mut myotomes: BTreeMap<String, Myotome<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for told in case.live() {
        match imaging(told).map(|imaging| imaging.disc_herniation) {
            Some(Tri::Yes) => image = image.or(Some(*told)),
            Some(Tri::No) => image = None,
            Some(Tri::Unknown) | None => {}
        }
        examined(&mut myotomes, told);
        let Some(image) = image else { continue };
        for (name, myotome) in myotomes.iter_mut().filter(|(_, m)| m.is_news) {
            myotome.is_news = false;
            myotome.findings += 1;
            found.push(finding(case, name, myotome, &image, told));
        }
    }
    found
}

fn examined<'a>(myotomes: &mut BTreeMap<String, Myotome<'a>>, told: &Told<'a>) {
    let Some(exam) = exam(told) else { return };
    let name = place(&exam.myotome);
    let before = myotomes.get(&name);
    let (grade, progressive) = (exam.mrc_grade, exam.progressive == Tri::Yes);
    let is_worse = before.is_none_or(|b| grade < b.grade || b.is_news || (progressive && !b.progressive));
    let myotome = Myotome {
        told: *told,
        grade,
        progressive,
        is_news: grade < 5 && is_worse,
        findings: before.map_or(0, |b| b.findings),
    };
    myotomes.insert(name, myotome);
}

/// `last`: whichever of the two came later.
fn finding(case: &Case<'_>, name: &str, myotome: &Myotome<'_>, image: &Told<'_>, last: &Told<'_>) -> Finding {
    let severe = case.policy.structure.emergency_mrc_grade;
    let severity = if myotome.grade <= severe || myotome.progressive {
        Severity::Emergency
    } else {
        Severity::Urgent
    };
    let key = format!("{name}/{}", myotome.findings);
    let mut finding = Finding::new(&DISC, key, last.at(), last.stamp())
        .because(myotome.told.stamp())
        .because(image.stamp())
        .severity(severity)
        .value("myotome", name)
        .value("mrc_grade", myotome.grade)
        .value("episode", "structural dominance")
        .threshold("mrc_grade", "< 5")
        .threshold("emergency_mrc_grade", format!("<= {severe}, or progressive"))
        .action(Action::task(Action::HOLD_EA))
        .task("urgent-physiatrist-review")
        .truth(truth(case, last.at(), |told| clears(told) || goes_on(told)));
    if let Some(exam) = exam(&myotome.told) {
        finding = finding.value("progressive", code(exam.progressive));
        if let Some(onset) = exam.onset_at {
            finding = finding.value("onset_at", onset);
        }
    }
    if let Some(level) = imaging(image).and_then(|i| i.level.as_ref()) {
        finding = finding.value("level", level);
    }
    finding
}
