//! The benchmark at its smallest: not how fast it is, but that it counts what it says it counts.

use crate::support::{Desk, program};

/// Two practitioners' patients.
const PATIENTS: u64 = 64;

#[test]
fn the_benchmark_measures_everything_and_says_it_as_json() {
    let desk = Desk::new().with("CAREBUS_NATS_SERVER", &program().display().to_string());
    let done = desk
        .run(&format!(
            "bench --quick --patients {PATIENTS} --facts 640 --out bench.json"
        ))
        .succeeds();
    let report = done.json();
    let file: serde_json::Value = serde_json::from_str(&desk.read("bench.json")).unwrap();
    assert_eq!(file, report, "the file says what stdout says");
    assert_eq!(report["machine"]["profile"], "debug");
    assert!(done.err.contains("debug build"), "{}", done.err);
    assert!(done.err.contains("≥ 0.5"), "the table is on stderr: {}", done.err);
    assert!(report["nats_server"].as_str().unwrap().contains('.'));
    assert_eq!(report["sync_interval"], "always");

    let measured = &report["measurements"];
    let catch_up = &measured["catch_up"];
    // Six facts each, and two calendars.
    assert_eq!(catch_up["facts"], PATIENTS * 6 + 2);
    assert!(catch_up["ratio_to_ordered_consumer"]["reader"]["median"].as_f64() > Some(0.0));

    let rates = measured["live"]["rates"].as_array().unwrap();
    assert_eq!(rates.len(), 3);
    for rate in rates {
        assert_eq!(
            (&rate["answers_missing"], &rate["not_taken"]),
            (&0.into(), &0.into()),
            "{rate}"
        );
        assert!(
            rate["p99_ms"]["median"].as_f64() >= rate["p50_ms"]["median"].as_f64(),
            "{rate}"
        );
    }

    let red_flag = &measured["red_flag"];
    assert_eq!(red_flag["leader_killed"]["flags"], 1);
    assert!(red_flag["healthy"]["mails"].as_u64() >= red_flag["healthy"]["flags"].as_u64());

    let restart = &measured["restart"];
    // Ten each, two of them ours, and two calendars.
    assert_eq!(restart["facts"], PATIENTS * 10 + 2);
    assert_eq!(
        restart["said_after_rebuild"], 0,
        "whatever there was to say is in its log"
    );
    assert_eq!(restart["same_state"], true);

    let size = &measured["memory"]["sizes"][0];
    assert_eq!(
        (&size["patients"], &size["facts"]),
        (&PATIENTS.into(), &(PATIENTS * 7 + 2).into())
    );
    assert!(size["resident_saved"].as_u64() > Some(0));

    for part in ["placing", "importing"] {
        let part = &measured[part];
        let answered = part["ea_booked"].as_u64().unwrap() + part["pt_unprepared"].as_u64().unwrap();
        assert!(
            answered > 0 && answered <= part["pt_sessions"].as_u64().unwrap(),
            "{part}"
        );
    }
    assert_eq!(
        measured["importing"]["facts_imported"],
        2 + PATIENTS * 2 + PATIENTS * 8
    );
}

#[test]
fn a_measurement_that_does_not_exist_is_named_in_the_refusal() {
    Desk::new()
        .run("bench --only nothing")
        .fails(2, &["nothing", "catch-up"]);
}
