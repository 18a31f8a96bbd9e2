//! Durable transitions a second: in process and over HTTP, with 1 and 64 clients, beside a raw writer of the same rows in
//! the same run. `cargo bench -p paidan-tests`; `PAIDAN_BENCH_CASES` and `PAIDAN_BENCH_ROUNDS` for more.
#![expect(clippy::unwrap_used, clippy::float_arithmetic, reason = "a bench")]

#[path = "transitions/raw.rs"]
mod raw;
#[path = "transitions/town.rs"]
mod town;

use std::sync::Arc;
use std::time::{Duration, Instant};

use town::{Client, Town};

/// What one level gave in one round.
pub struct Measured {
    transitions: usize,
    took: Duration,
    /// Microseconds of each transition, or of each commit of the raw writer.
    each: Vec<u64>,
}

/// The share of sorted values below which so many percent lie.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}

fn from_env(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Cases are opened and withdrawn by so many clients at once: two transitions each.
async fn run<C: Client>(town: &Arc<Town>, cases: usize, clients: usize) -> Measured {
    let began = Instant::now();
    let mut tasks = Vec::new();
    for client in 0..clients {
        let town = Arc::clone(town);
        let share = cases / clients;
        tasks.push(tokio::spawn(async move {
            let mut client = C::new(&town, client).await;
            let mut each = Vec::with_capacity(share * 2);
            for n in 0..share {
                let start = Instant::now();
                let case = client.open(n).await;
                each.push(u64::try_from(start.elapsed().as_micros()).unwrap());
                let start = Instant::now();
                client.withdraw(&case, n).await;
                each.push(u64::try_from(start.elapsed().as_micros()).unwrap());
            }
            each
        }));
    }
    let mut each = Vec::new();
    for task in tasks {
        each.extend(task.await.unwrap());
    }
    Measured { transitions: each.len(), took: began.elapsed(), each }
}

/// The middle of the rounds of one level, as a line.
fn line(name: &str, rounds: &mut [Measured], raw: f64) -> f64 {
    rounds.sort_by_key(|round| round.took.as_nanos() / round.transitions.max(1) as u128);
    let middle = rounds
        .get_mut(0..)
        .and_then(|all| {
            let n = all.len() / 2;
            all.get_mut(n)
        })
        .unwrap();
    middle.each.sort_unstable();
    let rate = middle.transitions as f64 / middle.took.as_secs_f64();
    let (p50, p99) = (percentile(&middle.each, 50), percentile(&middle.each, 99));
    let share = if raw > 0.0 { format!("{:>5.0} %", rate / raw * 100.0) } else { "      -".into() };
    println!("{name:<34} {rate:>9.0} /s   p50 {p50:>7} us   p99 {p99:>7} us   {share}");
    rate
}

fn main() {
    let (cases, rounds) = (from_env("PAIDAN_BENCH_CASES", 1_920), from_env("PAIDAN_BENCH_ROUNDS", 3));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let appends = town::recorded(cases).await;
        let bytes = raw::record_bytes(&appends);
        println!(
            "{cases} cases, {} transitions, {bytes} bytes of record each; {rounds} rounds, the middle one",
            appends.len()
        );
        let mut levels: [Vec<Measured>; 6] = Default::default();
        for _ in 0..rounds {
            let [raw_1, raw_64, in_1, in_64, http_1, http_64] = &mut levels;
            raw_1.push(raw::write(&appends, 1).await);
            raw_64.push(raw::write(&appends, 64).await);
            in_1.push(run::<town::Inside>(&Town::new().await, cases / 4, 1).await);
            in_64.push(run::<town::Inside>(&Town::new().await, cases, 64).await);
            http_1.push(run::<town::Outside>(&Town::new().await, cases / 4, 1).await);
            http_64.push(run::<town::Outside>(&Town::new().await, cases, 64).await);
        }
        let [mut raw_1, mut raw_64, mut in_1, mut in_64, mut http_1, mut http_64] = levels;
        let one = line("raw writer, 1 a commit", &mut raw_1, 0.0);
        let many = line("raw writer, 64 a commit", &mut raw_64, 0.0);
        line("in process, 1 client", &mut in_1, one);
        line("in process, 64 clients", &mut in_64, many);
        line("HTTP, 1 client", &mut http_1, one);
        line("HTTP, 64 clients", &mut http_64, many);
    });
}
