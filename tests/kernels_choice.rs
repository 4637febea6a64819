//! Nested choice against PyBLP's market, the plain formula, limit cases, and every level
//! against the scalar loop bit for bit.
#![allow(clippy::disallowed_methods)] // the standard library is the oracle here

use proptest::prelude::*;
use wattflop::kernels::choice::{Chosen, Menu, Nodes, chances, shares};
use wattflop::kernels::{Level, random::philox};

/// Owned nodes.
#[derive(Clone)]
struct Buyers {
    weight: Vec<f64>,
    slope: Vec<f64>,
    feasible: Vec<u64>,
    outside: Vec<f64>,
    taste: Vec<f64>,
}

impl Buyers {
    fn nodes(&self) -> Nodes<'_> {
        Nodes {
            weight: &self.weight,
            price_coefficient: &self.slope,
            feasible: &self.feasible,
            outside_utility: &self.outside,
            taste: &self.taste,
        }
    }

    fn equal(count: usize, slope: f64) -> Self {
        Buyers {
            weight: vec![1.0 / count as f64; count],
            slope: vec![slope; count],
            feasible: vec![u64::MAX; count],
            outside: vec![0.0; count],
            taste: vec![],
        }
    }
}

/// An owned menu.
struct Offers {
    utility: Vec<f64>,
    price: Vec<f64>,
    nest: Vec<u8>,
    rho: Vec<f64>,
}

impl Offers {
    fn menu(&self) -> Menu<'_> {
        Menu {
            utility: &self.utility,
            price: &self.price,
            nest: &self.nest,
            rho: &self.rho,
        }
    }

    fn shares(&self, level: Level, buyers: &Buyers) -> (Vec<f64>, Chosen) {
        let mut out = vec![f64::NAN; self.utility.len()];
        let chosen = shares(level, &self.menu(), &buyers.nodes(), &mut out);
        (out, chosen)
    }
}

/// Ten offers in four nests, four segments: "m14" of a PyBLP 1.3.0 run (RCNL, ρ = 0.4).
#[test]
fn a_market_solved_by_pyblp_is_met() {
    let offers = Offers {
        utility: vec![
            2.9,
            2.7,
            2.5,
            1.7,
            2.3,
            2.2,
            1.6,
            0.19999999999999996,
            0.10000000000000009,
            -0.6,
        ],
        price: vec![
            2.9260688471848457,
            2.902444492820522,
            2.609221145823112,
            2.1209782750813044,
            2.73639231889035,
            2.7317257860269617,
            2.0746328966342067,
            1.7547985859213506,
            1.6437610395759652,
            1.3843961271590943,
        ],
        nest: vec![0, 0, 0, 0, 1, 1, 1, 2, 2, 3],
        rho: vec![0.4; 4],
    };
    let reliability = [1.0, 1.0, 1.0, 0.8, 1.0, 1.0, 0.8, 0.1, 0.1, 0.3];
    let privacy = [0.8, 0.9, 0.8, 0.5, 0.8, 0.9, 0.5, 0.8, 0.8, 0.1];
    let (b, g) = ([1.5, 0.4, 0.1, 2.4], [0.6, 0.3, 0.0, 0.5]);
    let mut buyers = Buyers::equal(4, 0.0);
    buyers.weight = vec![0.35, 0.15, 0.3, 0.2];
    buyers.slope = vec![-0.7, -1.3, -1.9, -0.8];
    for offer in 0..10 {
        for node in 0..4 {
            buyers
                .taste
                .push(b[node] * reliability[offer] + g[node] * privacy[offer]);
        }
    }
    let truth = [
        0.1508983889426493,
        0.12163233416343727,
        0.12445208191265023,
        0.043163151129926566,
        0.10557021484863546,
        0.09770282703384439,
        0.05477077979694936,
        0.01582789181524588,
        0.01737716271049182,
        0.015697753956875803,
    ];
    let (shares, chosen) = offers.shares(Level::chosen(), &buyers);
    for (share, truth) in shares.iter().zip(truth) {
        assert!((share - truth).abs() < 1e-12, "{share} against {truth}");
    }
    assert!(
        (chosen.outside - 0.2529074136892939).abs() < 1e-12,
        "{}",
        chosen.outside
    );
    assert!(
        (chosen.surplus - 3.28811581107261).abs() < 1e-12,
        "{}",
        chosen.surplus
    );
}

/// A market drawn from `seed`: nests of every size, nodes with masks and tastes.
fn drawn(offers: usize, count: usize, seed: u32, scale: f64) -> (Offers, Buyers) {
    let share = |row: usize, at: u32| {
        let [word, _, _, _] = philox([row as u32, at, 0, 0], [seed, 2]);
        f64::from(word) / 4_294_967_296.0
    };
    let mut nest = vec![0_u8; offers];
    for offer in 1..offers {
        nest[offer] = nest[offer - 1] + u8::from(share(offer, 9) < 0.4);
    }
    let market = Offers {
        utility: Vec::from_iter((0..offers).map(|row| scale * (share(row, 1) - 0.5))),
        price: Vec::from_iter((0..offers).map(|row| 4.0 * share(row, 2))),
        rho: Vec::from_iter((0..offers).map(|row| 0.97 * share(row, 3))),
        nest,
    };
    let column = |at: u32| Vec::from_iter((0..count).map(|row| share(row, at)));
    let mask = |row: usize| philox([row as u32, 5, 0, 0], [seed, 3]);
    let tastes = if seed.is_multiple_of(2) {
        offers * count
    } else {
        0
    };
    let buyers = Buyers {
        weight: column(4),
        slope: Vec::from_iter(column(5).iter().map(|x| -0.1 - scale * x)),
        feasible: Vec::from_iter((0..count).map(|row| {
            let [low, high, some, _] = mask(row);
            let bits = u64::from(high) << 32 | u64::from(low);
            if some % 3 == 0 {
                u64::MAX
            } else if some % 17 == 1 {
                0
            } else {
                bits
            }
        })),
        outside: Vec::from_iter(column(6).iter().map(|x| scale * (x - 0.5))),
        taste: Vec::from_iter((0..tastes).map(|row| share(row, 8) - 0.5)),
    };
    (market, buyers)
}

/// E1 to E6 as they are written, without a shift.
fn formula(market: &Offers, buyers: &Buyers) -> (Vec<f64>, Chosen) {
    let offers = market.utility.len();
    let count = buyers.weight.len();
    let mut out = (vec![0.0; offers], Chosen::default());
    for i in 0..count {
        let mut exps = vec![0.0; offers];
        let mut sums = vec![0.0; 256];
        for j in 0..offers {
            let rho = market.rho[market.nest[j] as usize];
            let mut v = market.utility[j] + buyers.slope[i] * market.price[j];
            if !buyers.taste.is_empty() {
                v += buyers.taste[j * count + i];
            }
            if buyers.feasible[i] >> j & 1 == 1 {
                exps[j] = (v / (1.0 - rho)).exp();
                sums[market.nest[j] as usize] += exps[j];
            }
        }
        let mut total = buyers.outside[i].exp();
        let outside = total;
        for (nest, sum) in sums.iter().enumerate().take(offers) {
            total += sum.powf(1.0 - market.rho[nest]);
        }
        for (j, exp) in exps.iter().enumerate() {
            let nest = market.nest[j] as usize;
            if *exp > 0.0 {
                let within = exp / sums[nest];
                let share = within * sums[nest].powf(1.0 - market.rho[nest]) / total;
                out.0[j] += buyers.weight[i] * share;
            }
        }
        out.1.outside += buyers.weight[i] * outside / total;
        out.1.surplus += buyers.weight[i] * total.ln() / buyers.slope[i].abs();
    }
    out
}

#[test]
fn ordinary_markets_agree_with_the_formula() {
    for seed in 0..20 {
        let (market, buyers) = drawn(1 + seed as usize * 2, 37, seed, 2.0);
        let (truth, chosen) = formula(&market, &buyers);
        for (name, level) in Level::available() {
            let (shares, ours) = market.shares(level, &buyers);
            for (share, truth) in shares.iter().zip(&truth) {
                assert!(
                    (share - truth).abs() < 1e-11,
                    "{name} {seed}: {share} against {truth}"
                );
            }
            assert!((ours.outside - chosen.outside).abs() < 1e-11);
            assert!((ours.surplus - chosen.surplus).abs() < 1e-10);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn every_level_has_the_bits_of_the_scalar_loop(
        offers in 1_usize..=64,
        count in 0_usize..50,
        seed in any::<u32>(),
        scale in prop::sample::select(vec![0.0, 1.0, 30.0, 900.0, 1e5]),
    ) {
        let (market, buyers) = drawn(offers, count, seed, scale);
        let (truth, chosen) = market.shares(Level::Scalar, &buyers);
        let everyone: f64 = buyers.weight.iter().sum();
        let all = truth.iter().sum::<f64>() + chosen.outside;
        prop_assert!((all - everyone).abs() < 1e-9, "{all} of {everyone}");
        let mut single = vec![0.0; offers * count];
        chances(Level::Scalar, &market.menu(), &buyers.nodes(), &mut single);
        for (name, level) in Level::available() {
            let (shares, ours) = market.shares(level, &buyers);
            for (a, b) in shares.iter().zip(&truth) {
                prop_assert_eq!(a.to_bits(), b.to_bits(), "{}: {} {}", name, a, b);
            }
            prop_assert_eq!(ours.outside.to_bits(), chosen.outside.to_bits());
            prop_assert_eq!(ours.surplus.to_bits(), chosen.surplus.to_bits());
            let mut each = vec![0.0; offers * count];
            chances(level, &market.menu(), &buyers.nodes(), &mut each);
            prop_assert!(each.iter().zip(&single).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
}

#[test]
fn two_equal_offers_of_a_tight_nest_count_as_one() {
    let mut market = Offers {
        utility: vec![0.0, 0.0],
        price: vec![1.0, 1.0],
        nest: vec![0, 0],
        rho: vec![0.0],
    };
    let buyers = Buyers::equal(9, -1.0);
    let v = (-1.0_f64).exp();
    let (plain, _) = market.shares(Level::chosen(), &buyers);
    assert!((plain[0] - v / (1.0 + 2.0 * v)).abs() < 1e-15);
    market.rho[0] = 1.0 - 1e-9;
    let (tight, _) = market.shares(Level::chosen(), &buyers);
    assert!(
        (tight[0] - 0.5 * v / (1.0 + v)).abs() < 1e-8,
        "{}",
        tight[0]
    );
}

#[test]
fn what_is_not_feasible_is_not_chosen() {
    let (market, mut buyers) = drawn(12, 20, 4, 2.0);
    buyers.feasible.fill(0b10_0000);
    let (shares, _) = market.shares(Level::chosen(), &buyers);
    for (offer, share) in shares.iter().enumerate() {
        assert_eq!(*share > 0.0, offer == 5, "{offer}");
    }
    buyers.feasible.fill(0);
    let (shares, chosen) = market.shares(Level::chosen(), &buyers);
    assert!(shares.iter().all(|share| *share == 0.0));
    assert!((chosen.outside - buyers.weight.iter().sum::<f64>()).abs() < 1e-14);
}

/// E6: surplus is the integral of demand over a uniform rise of all prices.
#[test]
fn surplus_is_the_area_under_demand() {
    let (mut market, mut buyers) = drawn(10, 16, 3, 2.0);
    buyers.outside.fill(0.0);
    let inside = |market: &Offers| {
        let (shares, chosen) = market.shares(Level::chosen(), &buyers);
        (shares.iter().sum::<f64>(), chosen.surplus)
    };
    let (_, before) = inside(&market);
    let (steps, rise) = (2000, 2.0);
    let mut area = 0.0;
    let mut last = inside(&market).0;
    for _ in 0..steps {
        for price in &mut market.price {
            *price += rise / f64::from(steps);
        }
        let now = inside(&market).0;
        area += 0.5 * (last + now) * rise / f64::from(steps);
        last = now;
    }
    let (_, after) = inside(&market);
    assert!(
        (before - after - area).abs() < 1e-6,
        "{} against {area}",
        before - after
    );
}

#[test]
fn a_dearer_offer_is_chosen_less_and_its_nest_gains_most() {
    let market = |price: f64| Offers {
        utility: vec![1.0; 4],
        price: vec![price, 1.0, 1.0, 1.0],
        nest: vec![0, 0, 1, 1],
        rho: vec![0.5, 0.5],
    };
    let buyers = Buyers::equal(8, -1.5);
    let (cheap, _) = market(1.0).shares(Level::chosen(), &buyers);
    let (dear, _) = market(1.2).shares(Level::chosen(), &buyers);
    assert!(dear[0] < cheap[0]);
    assert!(dear[1] - cheap[1] > dear[2] - cheap[2] && dear[2] > cheap[2]);
}
