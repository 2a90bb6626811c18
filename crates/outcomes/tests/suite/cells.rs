//! Small cells: hidden, and not to be computed from what is shown.

use outcomes::cells::Tally;

/// Counts of parts side by side under their total, asked for in this order: the total first.
fn parts(sizes: &[u64]) -> (Option<u64>, Vec<Option<u64>>) {
    parts_with(sizes, 5)
}

fn parts_with(sizes: &[u64], min_cell: u64) -> (Option<u64>, Vec<Option<u64>>) {
    let things: Vec<usize> = (0..sizes.len())
        .flat_map(|part| std::iter::repeat_n(part, sizes[part] as usize))
        .collect();
    let mut tally = Tally::new(&things, min_cell);
    let all = tally.add(|_| true);
    let keys: Vec<_> = (0..sizes.len())
        .map(|part| tally.add(|thing| *thing == part))
        .collect();
    tally.side_by_side(keys.iter().copied());
    let counts = tally.settle();
    (
        counts.of(all).shown(),
        keys.into_iter().map(|key| counts.of(key).shown()).collect(),
    )
}

#[test]
fn counts_from_one_to_four_are_hidden_and_zero_and_five_are_not() {
    for (size, shown) in [(0, true), (1, false), (4, false), (5, true)] {
        let (all, _) = parts(&[size]);
        assert_eq!(all.is_some(), shown, "{size}");
    }
}

#[test]
fn one_small_part_takes_another_with_it() {
    assert_eq!(parts(&[3, 20, 30]), (Some(53), vec![None, Some(20), None]));
    assert_eq!(parts(&[20, 3, 30]), (Some(53), vec![Some(20), None, None]));
}

#[test]
fn two_small_parts_that_are_small_together_take_another_with_them() {
    // 52 − 20 − 30 = 2 would say that both are 1.
    assert_eq!(
        parts(&[1, 1, 20, 30]),
        (Some(52), vec![None, None, Some(20), None])
    );
    // 6 for two of them says little: 2 and 4, 3 and 3, 4 and 2.
    assert_eq!(parts(&[3, 3, 20]), (Some(26), vec![None, None, Some(20)]));
}

#[test]
fn a_part_that_is_empty_protects_nobody() {
    assert_eq!(parts(&[3, 0, 20]), (Some(23), vec![None, Some(0), None]));
}

#[test]
fn a_limit_of_one_hides_nothing() {
    assert_eq!(
        parts_with(&[1, 2, 3], 1),
        (Some(6), vec![Some(1), Some(2), Some(3)])
    );
}

#[test]
fn what_is_left_of_a_whole_is_guarded_though_no_page_shows_it() {
    let people: Vec<u64> = (0..100).collect();
    let mut tally = Tally::new(&people, 5);
    let all = tally.add(|_| true);
    let responders = tally.add(|person| *person < 98);
    tally.guard(|person| *person >= 98);
    let counts = tally.settle();
    assert_eq!(counts.of(all).shown(), Some(100));
    assert_eq!(counts.of(responders).shown(), None);
}

#[test]
fn sums_over_a_detour_are_seen_too() {
    // a + b, b + c and a + c give a, b and c although none is a part of another.
    let things: Vec<u64> = (0..40).collect();
    let (a, b) = (|t: &u64| *t < 3, |t: &u64| (3..20).contains(t));
    let c = |t: &u64| *t >= 20;
    let mut tally = Tally::new(&things, 5);
    let pairs = [
        tally.add(|t| a(t) || b(t)),
        tally.add(|t| b(t) || c(t)),
        tally.add(|t| a(t) || c(t)),
    ];
    tally.guard(a);
    let counts = tally.settle();
    assert_eq!(
        pairs.map(|key| counts.of(key).shown()),
        [Some(20), Some(37), None]
    );
}
