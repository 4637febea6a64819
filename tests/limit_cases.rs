//! Closed forms that the price model must meet. `docs/limit-cases.md` is written by this test:
//! `WATTFLOP_WRITE_DOCS=1 cargo test --test limit_cases`.

use std::fmt::Write;
use std::path::PathBuf;

use wattflop::kernels::Luck;
use wattflop::kernels::math::{ln, pow};
use wattflop::market::equilibrium::auctions::{
    Bidding, Order, call_market, reverse_auction, uniform_auction,
};
use wattflop::market::equilibrium::capacity_game::CapacityGame;
use wattflop::market::equilibrium::measures::{
    Concentration, subsidy_usd_per_additional_h, welfare_usd,
};
use wattflop::market::equilibrium::queue::{erlang_c, mean_wait_jobs};
use wattflop::market::equilibrium::{Conduct, Demand, Market, Rule, Solution, Stop, solve};

const RULE: Rule = Rule {
    tolerance: 1e-14,
    max_iterations: 10_000,
};

#[derive(Default)]
struct Cases(Vec<(String, f64, f64, f64)>);

impl Cases {
    fn meet(&mut self, name: &str, found: f64, expected: f64, tolerance: f64) {
        let distance = (found - expected).abs();
        assert!(distance <= tolerance, "{name}: {found} against {expected}");
        self.0.push((name.to_owned(), expected, found, tolerance));
    }
}

/// Plain logit with one kind of buyers; every product stands alone.
fn plain(alpha: f64, products: &[(f64, f64, usize)]) -> Market {
    let n = products.len();
    let owners = products.iter().map(|p| p.2 + 1).max().unwrap_or(0);
    Market {
        size_h: 1.0,
        cost_usd_per_h: products.iter().map(|p| p.1).collect(),
        external_usd_per_h: vec![0.0; n],
        capacity_h: vec![f64::INFINITY; n],
        owner: products.iter().map(|p| p.2).collect(),
        nest: (0..n).collect(),
        rho: vec![0.0; n],
        weight: vec![1.0],
        alpha: vec![alpha],
        base: products.iter().map(|p| p.0).collect(),
        profit_weight: (0..owners).map(|f| vec![(f, 1.0)]).collect(),
    }
}

/// Ten products of five owners, as in the reference market m04.
fn ten() -> Market {
    let utility = [3.9, 3.3, 1.2, 3.7, 3.2, 3.5, 1.1, 2.6, 2.7, 0.4];
    let cost = [1.9, 1.7, 1.1, 1.95, 1.75, 1.8, 1.05, 1.45, 1.55, 0.7];
    let owner = [0, 0, 0, 1, 1, 2, 2, 3, 3, 4];
    let rows: Vec<_> = (0..10).map(|j| (utility[j], cost[j], owner[j])).collect();
    plain(-1.1, &rows)
}

fn nash(market: &Market) -> Solution {
    solved(market, Conduct::Nash)
}

fn solved(market: &Market, conduct: Conduct) -> Solution {
    let found = solve(market, conduct, RULE);
    assert_eq!(found.stop, Stop::Converged);
    found
}

fn one_seller(cases: &mut Cases) {
    let truth = [
        (2.0, 1.0, 1.0, 2.567143290409784),
        (3.9, 1.1, 1.9, 3.633901359876761),
        (8.0, 4.0, 1.0, 1.8019850078923307),
        (0.4, 1.1, 0.7, 1.7969668045284688),
    ];
    for (utility, alpha, cost, price) in truth {
        let found = nash(&plain(-alpha, &[(utility, cost, 0)]));
        let name = format!("T1 logit monopoly, δ {utility}, α {alpha}, c {cost}: price");
        cases.meet(&name, found.price_usd_per_h[0], price, 1e-10);
    }
}

fn two_and_many(cases: &mut Cases) {
    let two = plain(-4.0, &[(8.0, 1.0, 0), (8.0, 1.0, 1)]);
    let price = nash(&two).price_usd_per_h[0];
    cases.meet("T2 Calvano duopoly: price", price, 1.4729266600306, 1e-10);
    let cartel = solved(&two, Conduct::Cartel);
    let (p, s) = (cartel.price_usd_per_h[0], cartel.share[0]);
    let closed = 1.0 + 1.0 / (4.0 * (1.0 - 2.0 * s));
    cases.meet("T2 Calvano cartel: p = c + 1/(α(1−2s))", p, closed, 1e-10);
    let many: Vec<_> = (0..100_000).map(|f| (2.0, 1.2, f)).collect();
    let price = nash(&plain(-1.5, &many)).price_usd_per_h[0];
    cases.meet(
        "T3 100,000 sellers: price → c + 1/α, not c",
        price,
        1.8666733332516308,
        1e-8,
    );
}

fn edits(cases: &mut Cases) {
    let before = nash(&ten());
    let mut merged = ten();
    for owner in &mut merged.owner {
        *owner = if *owner == 2 { 1 } else { *owner };
    }
    let after = nash(&merged);
    let surplus = after.consumer_surplus_usd;
    cases.meet(
        "T5 merger of ten products' owners: surplus",
        surplus,
        1.937669727531876,
        1e-9,
    );
    cases.meet(
        "T5 merger: outside share",
        after.outside_share,
        0.11866668286622861,
        1e-9,
    );
    let mut part = ten();
    part.profit_weight[1].push((2, 0.5));
    let held = nash(&part).price_usd_per_h[3];
    let (low, high) = (before.price_usd_per_h[3], after.price_usd_per_h[3]);
    assert!(
        low < held && held < high,
        "a half holding lies between: {held}"
    );
    let mut dear = ten();
    dear.cost_usd_per_h.iter_mut().for_each(|cost| *cost += 0.1);
    let dearer = nash(&dear);
    assert!(dearer.price_usd_per_h[0] > before.price_usd_per_h[0]);
    let mut out = ten();
    (0..3).for_each(|j| out.capacity_h[j] = 0.0);
    let outage = nash(&out);
    let rest = ten().only(&[3, 4, 5, 6, 7, 8, 9]);
    cases.meet(
        "T5 outage: price of the first that is left, against a market without the others",
        outage.price_usd_per_h[3],
        nash(&rest).price_usd_per_h[0],
        1e-9,
    );
}

/// Capacities, then price and shadow price of every product where the reference solved them to
/// all digits.
fn capacity(cases: &mut Cases) {
    let tight = [
        150.0, 120.0, 90.0, 120.0, 90.0, 100.0, 80.0, 60.0, 70.0, 200.0,
    ];
    let found = full(&[1e9; 10]);
    let name = "T6 capacity 10⁹ each: price of the first product";
    cases.meet(name, found.price_usd_per_h[0], 3.179761208860228, 1e-8);
    let found = full(&tight);
    let price = [
        3.625846779212881,
        3.2832500076803437,
        2.4141438364285106,
        3.6468863713167083,
        3.4538700735456,
        3.630815059311212,
        2.116960586413365,
        3.277020171825749,
        3.227792281073696,
        1.6469137946404167,
    ];
    let shadow = [
        0.4117029427843704,
        0.26910617125183345,
        0.0,
        0.5461383851256846,
        0.553122087354576,
        0.7638544728978466,
        0.0,
        0.7820880924109113,
        0.6328602016588583,
        0.0,
    ];
    for j in 0..10 {
        let name = |part| format!("T6 capacity 60 to 200: {part} of product {j}");
        cases.meet(&name("price"), found.price_usd_per_h[j], price[j], 1e-8);
        let lambda = found.shadow_usd_per_h[j];
        cases.meet(&name("shadow price"), lambda, shadow[j], 1e-8);
    }
    // These two are known to the digits printed.
    let scarce = [80.0, 60.0, 50.0, 70.0, 50.0, 60.0, 40.0, 30.0, 30.0, 150.0];
    let rows: [(&str, [f64; 10], f64, f64); 2] = [
        ("100 each", [100.0; 10], 4.009985, 0.907535),
        ("30 to 150", scarce, 5.077807, 2.055472),
    ];
    for (name, capacity, price, shadow) in rows {
        let found = full(&capacity);
        let of = |part: &str| format!("T6 capacity {name}: {part} of the first product");
        cases.meet(&of("price"), found.price_usd_per_h[0], price, 5e-7);
        cases.meet(&of("shadow price"), found.shadow_usd_per_h[0], shadow, 5e-7);
    }
}

/// Ten products with these capacities before a thousand buyers; complementarity holds.
fn full(capacity: &[f64; 10]) -> Solution {
    let mut market = ten();
    market.size_h = 1000.0;
    market.capacity_h = capacity.to_vec();
    let found = nash(&market);
    for (j, shadow) in found.shadow_usd_per_h.iter().enumerate() {
        let slack = capacity[j] - 1000.0 * found.share[j];
        assert!(*shadow >= 0.0 && slack >= -1e-8 && (shadow * slack).abs() < 1e-8);
    }
    found
}

fn games(cases: &mut Cases) {
    for (firms, price) in [(1, 6.0), (2, 14.0 / 3.0), (4, 3.6), (8, 26.0 / 9.0)] {
        let game = CapacityGame {
            intercept_usd_per_h: 10.0,
            slope_usd_per_h2: 1.0,
            cost_usd_per_h: 1.0,
            capacity_cost_usd_per_h: 1.0,
        };
        let found = game.price_usd_per_h(&game.capacities_h(firms));
        let name = format!("T7 Kreps–Scheinkman, {firms} firms: price");
        cases.meet(&name, found, price, 1e-9);
    }
    let truth = [
        (0.5, 0.5211359863988521),
        (0.9, 0.12722173434497552),
        (0.99, 0.013273155451867),
    ];
    for (rho, markup) in truth {
        let mut market = plain(-1.5, &[(2.0, 1.2, 0), (2.0, 1.2, 1)]);
        (market.nest, market.rho) = (vec![0, 0], vec![rho]);
        let found = nash(&market).price_usd_per_h[0] - 1.2;
        let name = format!("T8 one nest, ρ {rho}: markup → 0");
        cases.meet(&name, found, markup, 1e-10);
    }
}

fn surplus(cases: &mut Cases) {
    let market = ten();
    let found = nash(&market);
    let mut demand = Demand::new(&market);
    let mut inside = |rise: f64| {
        let price: Vec<f64> = found.price_usd_per_h.iter().map(|p| p + rise).collect();
        demand.evaluate(&price);
        1.0 - demand.outside_share()
    };
    // Simpson's rule over the rise of all prices.
    let (steps, width) = (20_000, 0.002);
    let mut area = inside(0.0) + inside(f64::from(steps) * width);
    for k in 1..steps {
        area += inside(f64::from(k) * width) * if k % 2 == 1 { 4.0 } else { 2.0 };
    }
    area *= width / 3.0;
    let name = "T9 consumer surplus = area under demand";
    cases.meet(name, found.consumer_surplus_usd, area, 1e-10);
    let value = found.consumer_surplus_usd;
    cases.meet(
        "T9 consumer surplus of ten products",
        value,
        2.0493986128059,
        1e-10,
    );
    let best = solved(&market, Conduct::Planner);
    let welfare = welfare_usd(&market, &best);
    cases.meet("T9 welfare at p = c", welfare, 3.1574352563721, 1e-10);
    assert!(welfare > welfare_usd(&market, &found));
}

fn queues(cases: &mut Cases) {
    let rows = [
        (1, 0.5, 0.5, 1.0),
        (2, 1.5, 0.6428571428571429, 1.2857142857142858),
        (10, 8.0, 0.40918015079644354, 0.20459007539822177),
        (100, 90.0, 0.2169404809063664, 0.021694048090636638),
        (100, 98.0, 0.7751005125252235, 0.38755025626261175),
        (1000, 970.0, 0.24282333618041158, 0.00809411120601372),
    ];
    for (servers, load, chance, wait) in rows {
        let name = |part: &str| format!("T10 Erlang C, {servers} servers, load {load}: {part}");
        cases.meet(&name("chance"), erlang_c(servers, load), chance, 1e-12);
        cases.meet(
            &name("wait × μ"),
            mean_wait_jobs(servers, load),
            wait,
            1e-12,
        );
    }
    for (servers, load) in [(2, 1.5), (10, 8.0)] {
        let (mean, error) = simulated_wait_jobs(servers, load);
        let name = format!("T10 {servers} servers, load {load}: wait × μ of simulated jobs");
        let wait = mean_wait_jobs(servers as u32, load);
        cases.meet(&name, mean, wait, 3.0 * error);
    }
}

/// Mean wait and its standard error from independent stretches of jobs that come and are served
/// one by one, in the order of arrival.
fn simulated_wait_jobs(servers: usize, load: f64) -> (f64, f64) {
    let (seed, draw, luck) = (3, 0, 0);
    let chance = Luck { seed, draw, luck }.stream("test", "queue");
    let (stretches, warm, jobs) = (200_u32, 2_000_u32, 10_000_u32);
    let (mut sum, mut squares) = (0.0, 0.0);
    for stretch in 0..stretches {
        let mut free_at = vec![0.0_f64; servers];
        let (mut now, mut waited) = (0.0, 0.0);
        for job in 0..warm + jobs {
            now -= ln(1.0 - chance.uniform(2 * job, stretch)) / load;
            let first = (0..servers).reduce(|a, b| if free_at[b] < free_at[a] { b } else { a });
            let first = first.unwrap();
            let start = if free_at[first] > now {
                free_at[first]
            } else {
                now
            };
            free_at[first] = start - ln(1.0 - chance.uniform(2 * job + 1, stretch));
            waited += if job >= warm { start - now } else { 0.0 };
        }
        let mean = waited / f64::from(jobs);
        sum += mean;
        squares += mean * mean;
    }
    let count = f64::from(stretches);
    let mean = sum / count;
    (mean, ((squares / count - mean * mean) / count).sqrt())
}

fn auctions(cases: &mut Cases) {
    let (seed, draw, luck) = (11, 0, 0);
    let chance = Luck { seed, draw, luck }.stream("test", "bids");
    for n in [2_u32, 3, 5, 10] {
        let rounds = 20_000;
        let (mut sums, mut squares) = ([0.0; 2], [0.0; 2]);
        for round in 0..rounds {
            let cost: Vec<f64> = (0..n).map(|i| chance.uniform(round * 16 + i, n)).collect();
            let first = Bidding::Strategic {
                highest_usd_per_h: 1.0,
            };
            let paid = [reverse_auction(&cost, first), uniform_auction(&cost)];
            for (at, award) in paid.into_iter().enumerate() {
                let price = award.unwrap().price_usd_per_h;
                sums[at] += price;
                squares[at] += price * price;
            }
        }
        let count = f64::from(rounds);
        for (at, kind) in ["reverse", "uniform"].iter().enumerate() {
            let mean = sums[at] / count;
            let error = ((squares[at] / count - mean * mean) / count).sqrt();
            let name = format!("T12 {kind} auction, {n} bidders: mean payment");
            cases.meet(&name, mean, 2.0 / (f64::from(n) + 1.0), 3.0 * error);
        }
    }
    let orders = |limits: &[f64], hours: &[f64]| -> Vec<Order> {
        let pairs = limits.iter().zip(hours);
        let order = |(limit, hours): (&f64, &f64)| Order {
            limit_usd_per_h: *limit,
            hours: *hours,
        };
        pairs.map(order).collect()
    };
    let bids = orders(
        &[
            3.997, 3.328, 3.318, 2.783, 2.304, 1.93, 1.842, 1.5, 1.321, 0.689, 0.671, 0.658,
        ],
        &[3.0, 6.0, 1.0, 7.0, 3.0, 2.0, 5.0, 8.0, 8.0, 7.0, 3.0, 1.0],
    );
    let asks = orders(
        &[
            0.495, 0.505, 1.169, 1.556, 1.692, 1.878, 2.078, 2.465, 3.002, 3.115, 3.173, 3.417,
        ],
        &[7.0, 6.0, 7.0, 1.0, 1.0, 5.0, 3.0, 4.0, 8.0, 2.0, 5.0, 3.0],
    );
    let call = call_market(&bids, &asks);
    let (low, high) = call.price_usd_per_h.unwrap();
    cases.meet("T13 call market: volume", call.volume_h, 22.0, 0.0);
    cases.meet("T13 call market: surplus", call.surplus_usd, 47.604, 1e-12);
    cases.meet("T13 call market: lowest price", low, 1.842, 0.0);
    cases.meet("T13 call market: highest price", high, 1.878, 0.0);
}

fn concentration_and_subsidy(cases: &mut Cases) {
    let held = [31.0, 24.0, 11.0, 4.0, 3.0, 3.0, 2.0, 2.0, 20.0];
    let found = Concentration::of(&held);
    cases.meet("T29 HHI", found.hhi, 2100.0, 1e-12 * 2100.0);
    cases.meet("T29 four largest", found.four_largest_share, 0.86, 1e-12);
    cases.meet("T29 Gini", found.gini, 0.4977777777777778, 1e-12);
    cases.meet("T29 Nakamoto, one half", found.nakamoto as f64, 2.0, 0.0);
    cases.meet("T29 Shannon", found.shannon, 1.7658918996082902, 1e-12);
    for (supply, demand, printed) in [
        (0.5, 1.0, 6.2),
        (2.0, 1.0, 3.2),
        (4.0, 1.5, 2.033333333333333),
    ] {
        let formula = subsidy_usd_per_additional_h(2.0, 0.2, supply, demand);
        let name = format!("T30 subsidy, elasticities {supply} and {demand}: formula");
        cases.meet(&name, formula, printed, 1e-12);
        // A market with these elasticities: sellers get p + s, buyers pay p; both 2 at first.
        let small = 1e-3;
        let (mut low, mut high) = (2.0 - small, 2.0);
        for _ in 0..100 {
            let p = (low + high) / 2.0;
            let excess = supply * ln((p + small) / 2.0) + demand * ln(p / 2.0);
            (low, high) = if excess > 0.0 { (low, p) } else { (p, high) };
        }
        let hours = pow(low / 2.0, -demand);
        let measured = small * hours / (hours - 1.0);
        let formula = subsidy_usd_per_additional_h(2.0, small, supply, demand);
        let name = format!("T30 subsidy, elasticities {supply} and {demand}: market ÷ formula");
        cases.meet(&name, measured / formula, 1.0, 0.02);
    }
}

fn neutrality(cases: &mut Cases) {
    let before = nash(&ten());
    let mut scaled = ten();
    scaled.alpha[0] /= 1000.0;
    scaled
        .cost_usd_per_h
        .iter_mut()
        .for_each(|cost| *cost *= 1000.0);
    let after = nash(&scaled);
    let ratio = after.price_usd_per_h[0] / before.price_usd_per_h[0] / 1000.0;
    cases.meet(
        "T31 all money × 1,000: price ÷ 1,000 prices",
        ratio,
        1.0,
        1e-12,
    );
    cases.meet(
        "T31 all money × 1,000: share",
        after.share[0],
        before.share[0],
        1e-12,
    );
    let order: Vec<usize> = (0..10).rev().collect();
    let turned = nash(&ten().only(&order));
    let last = turned.price_usd_per_h[9];
    cases.meet(
        "T31 products in reverse order: price",
        last,
        before.price_usd_per_h[0],
        1e-12,
    );
    // Two halves of a product in a nest of their own, with what variety adds taken off.
    let mut split = ten();
    let rho = 0.99;
    split.base[9] -= (1.0 - rho) * ln(2.0);
    split.base.push(split.base[9]);
    split.cost_usd_per_h.push(split.cost_usd_per_h[9]);
    split.external_usd_per_h.push(0.0);
    split.capacity_h.push(f64::INFINITY);
    split.owner.push(split.owner[9]);
    split.nest.push(split.nest[9]);
    split.rho[9] = rho;
    let halves = nash(&split);
    let both = halves.share[9] + halves.share[10];
    cases.meet(
        "T31 a product in two halves: share of both",
        both,
        before.share[9],
        1e-12,
    );
    let other = halves.price_usd_per_h[0];
    cases.meet(
        "T31 a product in two halves: another's price",
        other,
        before.price_usd_per_h[0],
        1e-12,
    );
}

#[test]
fn limit_cases_are_met_and_written_down() {
    let mut cases = Cases::default();
    one_seller(&mut cases);
    two_and_many(&mut cases);
    edits(&mut cases);
    capacity(&mut cases);
    games(&mut cases);
    surplus(&mut cases);
    queues(&mut cases);
    auctions(&mut cases);
    concentration_and_subsidy(&mut cases);
    neutrality(&mut cases);
    let mut text = String::from(
        "# Limit cases of the price model\n\nWritten by `tests/limit_cases.rs`, which fails where a \
         number leaves its tolerance. T4, the 26 markets solved by PyBLP, is \
         `tests/solve_prices.rs`.\n\n| Case | Expected | Found | Tolerance |\n|---|---|---|---|\n",
    );
    for (name, expected, found, tolerance) in &cases.0 {
        let _ = writeln!(
            text,
            "| {name} | {expected:.10} | {found:.10} | {tolerance:.1e} |"
        );
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/limit-cases.md");
    // The second table belongs to `tests/theory_networks.rs`.
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    let (written, agents) = page.split_at(page.find("\n## ").unwrap_or(page.len()));
    if std::env::var_os("WATTFLOP_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{text}{agents}")).unwrap();
        return;
    }
    assert!(
        written == text,
        "docs/limit-cases.md is not what the test finds; write it again"
    );
}
