//! The figures as a Markdown table.

use std::fmt::Write as _;

use crate::cost::Cost;
use crate::scenario::{Kind, Outcome, Scenario};

/// All rounds of one scenario with one peer.
pub(crate) struct Row {
    pub(crate) peer: &'static str,
    pub(crate) rounds: Vec<Outcome>,
}

/// The table of a scenario. Of costs and times the least of all rounds is shown, of rates the most: what disturbs a
/// measurement only ever makes it worse.
pub(crate) fn table(scenario: &Scenario, rows: &[Row]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "\n### {}\n\n{}\n", scenario.name, told(scenario));
    let idle = scenario.kind == Kind::Idle;
    let head = if idle {
        "| peer | tunnels | bytes a tunnel | CPU ms in 10 s | errors |\n|---|---:|---:|---:|---:|"
    } else {
        "| peer | a second | instructions | of them in user space | CPU µs | p50 µs | p99 µs | errors |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|"
    };
    let _ = writeln!(out, "{head}");
    for row in rows {
        let _ = writeln!(out, "{}", if idle { idle_row(row) } else { busy_row(row) });
    }
    out
}

fn told(scenario: &Scenario) -> String {
    let (conns, tls) = (scenario.conns, if scenario.tls { " through TLS" } else { "" });
    match scenario.kind {
        Kind::Echo(size) => format!(
            "Messages of {size} bytes and back, one at a time in each of {conns} tunnels{tls}; per round trip."
        ),
        Kind::Down => {
            format!("{conns} tunnels{tls} that take all they can get from the backend; per 64 KiB.")
        }
        Kind::Up => format!("{conns} tunnels{tls} that give the backend all it takes; per 64 KiB."),
        Kind::Idle => format!("{conns} tunnels{tls} that do nothing."),
        Kind::Handshake => format!("Connect{tls}, upgrade, close, {conns} at a time; per tunnel."),
        Kind::Get => format!("Requests over {conns} connections{tls} that are kept; per request."),
    }
}

fn idle_row(Row { peer, rounds }: &Row) -> String {
    let bytes = rounds.iter().filter_map(|round| Some(round.cost.memory? / round.operations.max(1))).min();
    let ticks = rounds.iter().map(|round| round.cost.ticks).min().unwrap_or_default();
    let tunnels = rounds.iter().map(|round| round.operations).max().unwrap_or_default();
    let bytes = bytes.map_or_else(dash, number);
    format!("| {peer} | {} | {bytes} | {} | {} |", number(tunnels), ticks * 10, errors(rounds))
}

fn busy_row(Row { peer, rounds }: &Row) -> String {
    let worked: Vec<_> = rounds.iter().filter(|round| round.operations > 0).collect();
    let each = |cost: fn(&Cost) -> Option<u64>| {
        let figures = worked.iter().filter_map(|round| Some(cost(&round.cost)? / round.operations));
        figures.min().map_or_else(dash, number)
    };
    let rate = worked.iter().map(|round| round.operations as f64 / round.seconds).fold(0.0, f64::max);
    let spent = worked.iter().map(|round| round.cost.ticks as f64 * 1e4 / round.operations as f64);
    let spent = spent.fold(f64::INFINITY, f64::min);
    let time = |share: f64| {
        worked.iter().filter_map(|round| quantile(&round.times, share)).min().map_or_else(dash, number)
    };
    format!(
        "| {peer} | {} | {} | {} | {spent:.2} | {} | {} | {} |",
        number(rate as u64),
        each(|cost| cost.instructions.map(|(user, kernel)| user + kernel)),
        each(|cost| cost.instructions.map(|(user, _)| user)),
        time(0.5),
        time(0.99),
        errors(rounds),
    )
}

fn errors(rounds: &[Outcome]) -> u64 {
    rounds.iter().map(|round| round.errors).sum()
}

fn quantile(times: &[u32], share: f64) -> Option<u64> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at).map(|time| u64::from(*time))
}

fn dash() -> String {
    "–".to_owned()
}

/// With commas between thousands.
fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ALL;

    #[test]
    fn the_best_of_the_rounds_is_shown() {
        let round = |operations, ticks| Outcome {
            operations,
            seconds: 2.0,
            times: (1..=100).collect(),
            cost: Cost { ticks, instructions: Some((operations * 3, operations * 4)), memory: None },
            ..Outcome::default()
        };
        let rows = [Row { peer: "a", rounds: vec![round(1000, 10), round(40_000, 100)] }];
        let text = table(&ALL[0], &rows);
        assert!(text.ends_with("| a | 20,000 | 7 | 3 | 25.00 | 51 | 100 | 0 |\n"), "{text}");
    }

    #[test]
    fn numbers_are_read_in_threes() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
    }
}
