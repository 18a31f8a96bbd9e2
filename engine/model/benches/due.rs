//! Due moments a second, by the length of the budget: `cargo bench -p paidan-model`. `PAIDAN_BENCH_DUES` for more of each.
#![expect(clippy::unwrap_used, reason = "a bench")]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a bench measures time and reads a setting"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use paidan_model::calendar::{Calendar, Day, Parts, Roll, Window};
use paidan_model::moment::{Date, Moment, Zone};
use paidan_model::span::Span;

fn office() -> Calendar {
    let day = |text: &str| Day(Date::parse_from_str(text, "%Y-%m-%d").unwrap());
    let windows = vec![Window { open: 510, close: 720 }, Window { open: 840, close: 1050 }];
    let off = [("2026-01-01", 3), ("2026-02-15", 9), ("2026-05-01", 5), ("2026-10-01", 7)];
    let parts = Parts {
        week: (0..5).map(|day| (day, windows.clone())).collect::<BTreeMap<_, _>>(),
        off: off.iter().flat_map(|(first, n)| day(first).0.iter_days().take(*n).map(Day)).collect(),
        work: ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09"].map(day).into(),
        ..Parts::default()
    };
    Calendar::build(parts).unwrap()
}

fn main() {
    let wanted = std::env::var("PAIDAN_BENCH_DUES").ok().and_then(|text| text.parse().ok());
    let dues: u32 = wanted.unwrap_or(200_000);
    let calendar = office();
    let hours = |hours: u64| Span::Business { seconds: hours * 3600 };
    let budgets = [
        ("1 business hour", hours(1)),
        ("35 business hours (5 days)", hours(35)),
        ("1260 business hours (180 days)", hours(1260)),
        ("1 business day", Span::BusinessDays { days: 1 }),
        ("5 business days", Span::BusinessDays { days: 5 }),
        ("180 business days", Span::BusinessDays { days: 180 }),
        ("180 calendar days", Span::CalendarDays { days: 180 }),
    ];
    let start = Moment::parse_local("2026-01-05 09:00", &Zone::SHANGHAI).unwrap();
    for (name, span) in budgets {
        let began = Instant::now();
        for n in 0..dues {
            let from = start.plus_seconds(i64::from(n) * 97 % 31_536_000);
            black_box(calendar.due(black_box(from), &span, Roll::Forward));
        }
        let a_second = u128::from(dues) * 1_000_000_000 / began.elapsed().as_nanos().max(1);
        println!("{name:<32} {a_second:>12} due moments a second");
    }
}
