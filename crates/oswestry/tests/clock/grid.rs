//! Windows of the grid.

use super::{day, grid};
use oswestry::Grid;

#[test]
fn fourteen_days_give_six_before_and_seven_after() {
    let window = grid().window(2).unwrap();
    assert_eq!(window.due_on, day("2026-06-29"));
    assert_eq!(
        (window.opens_on, window.closes_on),
        (day("2026-06-23"), day("2026-07-06"))
    );
    assert_eq!(
        (window.first_after, window.second_after),
        (day("2026-07-02"), day("2026-07-05"))
    );
}

#[test]
fn a_day_belongs_to_the_due_whose_window_holds_it() {
    let cases = [
        ("2026-05-25", None),
        ("2026-05-26", Some(0)),
        ("2026-06-01", Some(0)),
        ("2026-06-08", Some(0)),
        ("2026-06-09", Some(1)),
        ("2026-06-22", Some(1)),
        ("2026-06-23", Some(2)),
    ];
    for (date, k) in cases {
        assert_eq!(grid().number_on(day(date)), k, "{date}");
    }
}

#[test]
fn other_intervals_keep_their_reminders_inside_the_window() {
    // Interval; before, first, second, after, in days from the due.
    for (every, before, first, second, after) in [
        (1, 0, 0, 0, 0),
        (2, 0, 0, 0, 1),
        (7, 3, 1, 2, 3),
        (10, 4, 3, 4, 5),
        (21, 10, 3, 6, 10),
        (28, 13, 3, 6, 14),
    ] {
        let window = Grid::new(day("2026-06-01"), every).unwrap().window(100).unwrap();
        let from_due = |date: care::time::Date| window.due_on.until(date).unwrap().get_days();
        let seen = [
            window.opens_on,
            window.first_after,
            window.second_after,
            window.closes_on,
        ]
        .map(from_due);
        assert_eq!(seen, [-before, first, second, after], "every {every} days");
    }
}

#[test]
fn an_interval_of_zero_days_is_no_grid() {
    assert_eq!(Grid::new(day("2026-06-01"), 0), None);
}

#[test]
fn the_grid_ends_where_the_calendar_ends() {
    let late = Grid::new(day("9999-12-20"), 14).unwrap();
    assert_eq!(late.window(0).unwrap().closes_on, day("9999-12-27"));
    assert_eq!(late.window(1), None);
    assert_eq!(late.window(u32::MAX), None);
    assert_eq!(
        Grid::new(care::time::Date::MIN, 14).unwrap().window(0),
        None,
        "its window would open before the calendar"
    );
}

#[test]
fn a_clinic_may_remind_after_other_numbers_of_days() {
    let window = |overdue, late| grid().reminding(overdue, late).window(0).unwrap();
    assert_eq!(
        (window(1, 4).first_after, window(1, 4).second_after),
        (day("2026-06-02"), day("2026-06-05"))
    );
    assert_eq!(
        (window(5, 9).first_after, window(5, 9).second_after),
        (day("2026-06-06"), day("2026-06-07"))
    );
}
