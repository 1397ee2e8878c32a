use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::time::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn row(day: &str, model: &str, agent: &str, micros: i64) -> CostRow {
    CostRow {
        day: day.parse().unwrap(),
        provider: "openai".to_owned(),
        model: model.to_owned(),
        purpose: "agent".to_owned(),
        agent_id: Some(agent.to_owned()),
        workflow_id: Some("default".to_owned()),
        task_type: None,
        cost_micros: micros,
        input: 100,
        output: 10,
        cache_read: 0,
        cache_write: 0,
        reasoning: 0,
        calls: 1,
        unpriced: i64::from(micros == 0),
    }
}

#[test]
fn a_day_belongs_to_the_spans_that_the_calendar_says() {
    // Window of 3 days, seen on the second of March: today, week, month, window, window before.
    let table = [
        ("2026-03-02", [true, true, true, true, false]),
        ("2026-03-01", [false, true, true, true, false]),
        ("2026-02-28", [false, true, false, true, false]),
        ("2026-02-27", [false, true, false, false, true]),
        ("2026-02-25", [false, true, false, false, true]),
        ("2026-02-24", [false, true, false, false, false]),
        ("2026-02-23", [false, false, false, false, false]),
        ("2026-03-03", [false, false, false, false, false]),
    ];
    let window = Window::ending(at("2026-03-02T00:00:00Z"), 3);
    for (day, wanted) in table {
        let found = summarise(&[row(day, "m", "a", 1_000_000)], &window, 0);
        let sums = [found.today, found.week, found.month, found.total, found.previous.total];
        assert_eq!(sums.map(|usd| usd > 0.0), wanted, "{day}");
    }
    assert_eq!(window.first_needed(), at("2026-02-24T00:00:00Z"));
}

#[test]
fn the_last_microsecond_of_a_day_is_still_that_day() {
    let late = Window::ending(at("2026-02-28T23:59:59.999999Z"), 1);
    let next = Window::ending(at("2026-03-01T00:00:00Z"), 1);
    assert_eq!((late.today().to_string(), next.today().to_string()), ("2026-02-28".into(), "2026-03-01".into()));
    assert_eq!((late.days_left_in_month(), next.days_left_in_month()), (0, 30));
}

#[test]
fn every_day_of_the_window_is_there_in_order_with_its_zeros() {
    let window = Window::ending(at("2026-03-02T12:00:00Z"), 4);
    let found = summarise(&[row("2026-03-01", "m", "a", 250_000)], &window, 0);
    let daily = json!({"2026-02-27": 0.0, "2026-02-28": 0.0, "2026-03-01": 0.25, "2026-03-02": 0.0});
    assert_eq!(json!(found.daily), daily);
    let days: Vec<_> = found.daily.iter().map(|(day, _)| day.to_owned()).collect();
    assert!(days.is_sorted());
    assert_eq!(found.daily_by_model["2026-03-01"], json!({"m": 0.25}));
}

#[test]
fn the_agent_is_the_recorded_one_and_calls_outside_workflows_have_their_names() {
    let mut holly = row("2026-03-02", "m", "x", 1);
    holly.purpose = "holly".to_owned();
    let mut job = row("2026-03-02", "m", "x", 1);
    (job.purpose, job.agent_id) = ("job".to_owned(), None);
    assert_eq!((holly.agent(), job.agent(), row("2026-03-02", "m", "sage", 1).agent()), ("holly", "job", "sage"));
}

#[test]
fn only_hollys_own_thinking_counts_against_her_budget() {
    let mut holly = row("2026-03-02", "m", "x", 3_000_000);
    holly.purpose = "holly".to_owned();
    let rows = [
        holly.clone(),
        row("2026-03-02", "m", "sage", 9_000_000),
        CostRow { day: "2026-03-01".parse().unwrap(), ..holly },
    ];
    let found = summarise(&rows, &Window::ending(at("2026-03-02T12:00:00Z"), 30), 2_500_000);
    assert_eq!(json!(found.budget), json!({"daily_usd": 2.5, "spent_usd": 3.0, "remaining_usd": 0.0}));
}

#[test]
fn the_forecast_adds_days_like_the_last_seven_to_the_month_so_far() {
    let window = Window::ending(at("2026-03-28T12:00:00Z"), 30);
    let rows = [row("2026-03-27", "m", "a", 7_000_000), row("2026-03-02", "m", "a", 1_000_000)];
    assert!((summarise(&rows, &window, 0).forecast_month - 11.0).abs() < 1e-9, "8 so far, and 3 days of 1");
}

#[test]
fn parts_are_listed_dearest_first_and_unpriced_ones_with_zero() {
    let window = Window::ending(at("2026-03-02T12:00:00Z"), 30);
    let rows =
        [row("2026-03-02", "b", "a", 5), row("2026-03-02", "free", "a", 0), row("2026-03-02", "c", "a", 900_000)];
    let found = summarise(&rows, &window, 0);
    let names: Vec<_> = found.by_model.iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!((names, found.unpriced_calls, found.calls), (vec!["c".into(), "b".into(), "free".into()], 1, 3));
}

fn rows() -> impl Strategy<Value = Vec<CostRow>> {
    let one = (0_i64..120, 0_usize..4, 0_usize..3, 0_i64..5_000_000).prop_map(|(back, model, agent, micros)| {
        let day =
            Utc.with_ymd_and_hms(2026, 3, 31, 0, 0, 0).unwrap().date_naive() - chrono::Days::new(back.unsigned_abs());
        row(&day.to_string(), ["a", "b", "c", "d"][model], ["x", "y", "z"][agent], micros)
    });
    prop::collection::vec(one, 0..200)
}

proptest! {
    #[test]
    fn the_days_the_models_and_the_agents_each_add_up_to_the_total(rows in rows(), days in 1_u64..=90) {
        let found = summarise(&rows, &Window::ending(at("2026-03-31T12:00:00Z"), days), 0);
        for parts in [&found.daily, &found.by_model, &found.by_agent, &found.by_provider, &found.by_workflow, &found.by_task_type] {
            let sum: f64 = parts.iter().map(|(_, usd)| usd).sum();
            prop_assert!((sum - found.total).abs() < 1e-4, "{sum} is not {}", found.total);
            prop_assert!(parts.iter().all(|(_, usd)| usd >= 0.0));
        }
    }

    #[test]
    fn today_week_and_month_do_not_depend_on_the_window(rows in rows(), days in 1_u64..=90) {
        let now = at("2026-03-31T12:00:00Z");
        let (one, other) = (summarise(&rows, &Window::ending(now, days), 0), summarise(&rows, &Window::ending(now, 90), 0));
        prop_assert_eq!((one.today, one.week, one.month, one.forecast_month), (other.today, other.week, other.month, other.forecast_month));
    }

    #[test]
    fn a_part_is_shown_within_a_unit_of_what_it_is(parts in prop::collection::vec(0_i64..10_000_000, 1..50)) {
        let shares = Shares::of(parts.iter().enumerate().map(|(index, micros)| (index.to_string(), *micros)));
        for ((_, usd), micros) in shares.iter().zip(&parts) {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let exact = *micros as f64 / 1_000_000.0;
            prop_assert!((usd - exact).abs() < 1e-4 + 1e-9);
        }
    }
}
