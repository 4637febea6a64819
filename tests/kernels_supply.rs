//! The supply sweep: the vectors against the oracle bit for bit, conservation of quanta, and
//! the sign of every mechanism.

mod rows;

use proptest::prelude::*;
use rows::{Cell, plain, stream};
use wattflop::kernels::Level;
use wattflop::kernels::supply::{self, ABSENT, IDLE, ORDERED, Rows, Terms, Totals, Venue};

/// All mechanisms at once.
fn rich() -> Terms {
    let venue = Venue {
        open: true,
        pay_usd_per_h: 0.35,
        stake_cost_usd_per_h: 0.01,
        stake_quanta_per_device: 1234.5,
        credit_quanta_per_device: 777.7,
        sell_share: 0.3,
        cheat_saving_usd_per_h: 0.04,
        cheat_penalty_usd_per_h: 0.2,
        detection_probability: 0.2,
        slash_share: 0.3,
        detection_gain: 0.3,
        lent_share: 0.4,
        lent_before: 0.3,
        lists_idle: true,
        busy_kw: 0.2,
    };
    let other = Venue {
        pay_usd_per_h: 0.33,
        credit_quanta_per_device: 0.0,
        ..venue
    };
    let dollars = Venue {
        open: true,
        pay_usd_per_h: 0.31,
        ..Venue::default()
    };
    let closed = Venue {
        open: false,
        ..venue
    };
    Terms {
        opex_usd_per_h: 0.03,
        noise_sigma: 0.3,
        belief_gain: 0.4,
        review_hazard: 0.3,
        join_margin_usd_per_h: 0.05,
        exit_margin_usd_per_h: 0.05,
        switch_margin_usd_per_h: 0.03,
        buy_margin_usd_per_h: 0.1,
        buy_spread: 1.5,
        venues: [venue, other, dollars, closed],
        ..plain()
    }
}

fn assert_same(name: &str, ours: (&Cell, &Totals), oracle: (&Cell, &Totals)) {
    assert_eq!(ours.0, oracle.0, "{name}: columns");
    let (a, b) = (ours.1, oracle.1);
    for v in 0..supply::MAX_VENUES {
        assert_eq!(a.venues[v], b.venues[v], "{name}: venue {v}");
        let bits = |t: &Totals| t.venues[v].power_kw.to_bits();
        assert_eq!(bits(a), bits(b), "{name}: power of venue {v}");
    }
    assert_eq!(a, b, "{name}");
}

/// Every level, several weeks, against the oracle: with one seat and with two.
fn compare(rows: usize, seed: u32, terms: &Terms, weeks: u32) {
    compare_from(&Cell::drawn(rows, seed), terms, weeks);
    compare_from(&Cell::drawn_twice(rows, seed), terms, weeks);
}

fn compare_from(start: &Cell, terms: &Terms, weeks: u32) {
    for (name, level) in Level::available() {
        let (mut ours, mut oracle) = (start.clone(), start.clone());
        for week in 0..weeks {
            let mut truth = Totals::default();
            supply::oracle::sweep(oracle.rows(), terms, (stream(), week), &mut truth);
            let totals = ours.week(level, terms, week);
            assert_same(name, (&ours, &totals), (&oracle, &truth));
        }
    }
}

#[test]
fn every_level_has_the_bits_of_the_oracle() {
    for rows in [32, 64, 96, 256, 288, 1184, 4064, 4096, 4128, 8224, 12_320] {
        compare(rows, rows as u32, &rich(), 12);
        compare(rows, rows as u32, &plain(), 3);
    }
    compare(
        32,
        1,
        &Terms {
            bin_floor_usd_per_h: 0.01,
            ..Terms::default()
        },
        3,
    );
}

/// A long run that misses no drift: an error of one bit in one week grows.
#[test]
fn a_long_run_keeps_the_bits() {
    compare(1216, 99, &rich(), 400);
}

/// One number for 1,000 weeks of 10,240 rows: it may change only together with
/// `KERNEL_VERSION`. Fused operations would show here and nowhere in a short run.
#[test]
fn a_thousand_weeks_have_the_known_hash() {
    for (name, level) in Level::available() {
        let mut cell = Cell::drawn(10_240, 5);
        let mut power = 0.0;
        for week in 0..1000 {
            // Owners come and go: hardware is delivered to those who wait.
            for mode in cell.mode.iter_mut().filter(|mode| **mode == ORDERED) {
                *mode = IDLE;
            }
            power += cell.week(level, &rich(), week).venues[0].power_kw;
        }
        let mut hash = blake3::Hasher::new();
        hash.update(&cell.mode)
            .update(&cell.seat)
            .update(&cell.patience);
        for (belief, detection) in cell.belief.iter().zip(&cell.detection) {
            hash.update(&belief.to_le_bytes())
                .update(&detection.to_le_bytes());
        }
        for (staked, held) in cell.staked.iter().zip(&cell.held) {
            hash.update(&staked.to_le_bytes())
                .update(&held.to_le_bytes());
        }
        hash.update(&power.to_le_bytes());
        let text = hash.finalize().to_hex();
        assert_eq!(&text[..16], "89bbc5bd92aecf93", "{name}");
    }
}

fn a_venue() -> impl Strategy<Value = Venue> {
    let money = (-0.5..2.0_f32, 0.0..0.5_f32, 0.0..0.5_f32, 0.0..3.0_f32);
    let tokens = (0.0..1e6_f64, 0.0..1e6_f64, 0.0..=1.0_f64, 0.0..=1.0_f64);
    let checks = (0.0..=1.0_f32, 0.0..=1.0_f32, 0_u8..64);
    let lent = (0.0..=1.0_f32, 0.0..=1.0_f32, 0.0..3.0_f32);
    (money, tokens, checks, lent).prop_map(|(money, tokens, checks, lent)| {
        // Bits switch mechanisms off, so that the short cuts are met as well.
        let on = |bit: u8| checks.2 >> bit & 1 == 1;
        Venue {
            open: on(0),
            pay_usd_per_h: money.0,
            stake_cost_usd_per_h: money.1,
            stake_quanta_per_device: tokens.0,
            credit_quanta_per_device: if on(1) { tokens.1 } else { 0.0 },
            sell_share: if on(1) { tokens.2 } else { 0.0 },
            cheat_saving_usd_per_h: if on(2) { money.2 } else { 0.0 },
            cheat_penalty_usd_per_h: money.3,
            detection_probability: if on(3) { checks.0 } else { 0.0 },
            slash_share: tokens.3,
            detection_gain: if on(3) { checks.1 } else { 0.0 },
            lent_share: if on(4) { lent.0 } else { 0.0 },
            lent_before: if on(4) { lent.1 } else { 0.0 },
            lists_idle: on(5),
            busy_kw: lent.2,
        }
    })
}

fn some_terms() -> impl Strategy<Value = Terms> {
    let cost = (
        0.0..5.0_f32,
        -0.3..1.0_f32,
        0.0..1.0_f32,
        0.0..2.0_f32,
        0.0..=1.0_f32,
    );
    let margins = (
        0.0..=1.0_f32,
        -1.0..1.0_f32,
        -1.0..1.0_f32,
        0_u8..6,
        -0.1..0.5_f32,
    );
    let buying = (
        prop::bool::ANY,
        -1.0..1.0_f32,
        0.0..4.0_f32,
        1e-4..1.0_f32,
        -0.2..0.5_f32,
    );
    (cost, margins, buying, prop::array::uniform4(a_venue())).prop_map(
        |(cost, margins, buying, venues)| Terms {
            power_kw: cost.0,
            tariff_usd_per_kwh: cost.1,
            opex_usd_per_h: cost.2,
            noise_sigma: cost.3,
            belief_gain: cost.4,
            review_hazard: margins.0,
            join_margin_usd_per_h: margins.1,
            exit_margin_usd_per_h: margins.2,
            patience_limit_weeks: margins.3,
            switch_margin_usd_per_h: margins.4,
            buy_margin_usd_per_h: if buying.0 { buying.1 } else { f32::INFINITY },
            buy_spread: buying.2,
            bin_floor_usd_per_h: buying.3,
            second_cost_factor: buying.4,
            venues,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn any_terms_have_the_bits_of_the_oracle(
        terms in some_terms(),
        groups in 1_usize..20,
        seed in any::<u32>(),
    ) {
        compare(groups * 32, seed, &terms, 3);
    }

    /// What was there, was credited or was bought is staked, held, sold or slashed.
    #[test]
    fn quanta_are_conserved(terms in some_terms(), seed in any::<u32>()) {
        let mut cell = Cell::drawn_twice(320, seed);
        for week in 0..6 {
            let before = cell.quanta();
            let totals = cell.week(Level::chosen(), &terms, week);
            let mut flow = 0.0;
            for venue in totals.venues {
                flow += venue.credited_quanta + venue.bought_quanta;
                flow -= venue.sold_quanta + venue.slashed_quanta;
            }
            prop_assert_eq!(cell.quanta(), before + flow);
            for (held, staked) in cell.held.iter().zip(&cell.staked) {
                prop_assert!(*held >= 0.0 && held.floor() == *held);
                prop_assert!(*staked >= 0.0 && staked.floor() == *staked);
            }
        }
    }

    /// Every device is in exactly one total; bins hold the reliable devices, and what a second
    /// seat lists is lent by the first: no hour is on offer twice.
    #[test]
    fn devices_are_conserved(terms in some_terms(), seed in any::<u32>()) {
        let mut cell = Cell::drawn_twice(4128, seed);
        let all: f64 = cell.count.iter().map(|count| f64::from(*count)).sum();
        let totals = cell.week(Level::chosen(), &terms, 0);
        let mut sum = totals.absent_devices + totals.ordered_devices + totals.idle_devices;
        for venue in totals.venues {
            sum += venue.devices;
            prop_assert_eq!(venue.bin_devices.iter().sum::<f64>(), venue.reliable_devices);
            let own = venue.reliable_devices + venue.lent_devices - venue.listed_devices;
            prop_assert!(own >= 0.0 && own <= venue.devices);
            prop_assert!(venue.listed_devices <= venue.second_devices);
            prop_assert!(venue.bin_devices.iter().all(|devices| *devices >= 0.0));
        }
        let sum_of = |of: fn(&supply::VenueTotals) -> f64| -> f64 {
            totals.venues.iter().map(of).sum()
        };
        prop_assert_eq!(sum_of(|v| v.lent_devices), sum_of(|v| v.listed_devices));
        prop_assert!(sum_of(|v| v.reliable_devices) <= sum_of(|v| v.devices));
        prop_assert_eq!(sum, all);
    }
}

#[test]
fn owners_join_what_pays_and_stay_out_of_what_does_not() {
    let mut cell = Cell::idle(64);
    let totals = cell.week(Level::chosen(), &plain(), 0);
    assert_eq!(totals.venues[0].joins, 64.0);
    assert_eq!(totals.venues[0].devices, 64.0);
    assert_eq!(totals.venues[0].power_kw, 32.0);
    let mut terms = plain();
    terms.venues[0].pay_usd_per_h = 0.05;
    let totals = Cell::idle(64).week(Level::chosen(), &terms, 0);
    assert_eq!((totals.idle_devices, totals.venues[0].joins), (64.0, 0.0));
}

#[test]
fn losses_are_borne_as_long_as_patience_lasts() {
    let mut terms = plain();
    let mut cell = Cell::idle(32);
    cell.week(Level::chosen(), &terms, 0);
    terms.venues[0].pay_usd_per_h = 0.0;
    for week in 1..3 {
        assert_eq!(
            cell.week(Level::chosen(), &terms, week).venues[0].devices,
            32.0,
            "{week}"
        );
    }
    let totals = cell.week(Level::chosen(), &terms, 3);
    assert_eq!((totals.venues[0].leaves, totals.idle_devices), (32.0, 32.0));
}

#[test]
fn a_closed_venue_puts_its_rows_out_and_returns_the_stake() {
    let mut terms = plain();
    terms.venues[0].stake_quanta_per_device = 10.0;
    let mut cell = Cell::idle(32);
    let totals = cell.week(Level::chosen(), &terms, 0);
    assert_eq!(
        (
            totals.venues[0].staked_in_quanta,
            totals.venues[0].bought_quanta
        ),
        (320.0, 320.0)
    );
    terms.venues[0].open = false;
    terms.review_hazard = 0.0;
    let totals = cell.week(Level::chosen(), &terms, 1);
    assert_eq!(totals.idle_devices, 32.0);
    assert_eq!(totals.venues[0].unstaked_quanta, 320.0);
    assert_eq!(cell.held.iter().sum::<f64>(), 320.0);
    // Coming back, the stake is taken from what is held: nothing is bought.
    terms.venues[0].open = true;
    terms.review_hazard = 1.0;
    let totals = cell.week(Level::chosen(), &terms, 2);
    assert_eq!(
        (
            totals.venues[0].staked_in_quanta,
            totals.venues[0].bought_quanta
        ),
        (320.0, 0.0)
    );
}

#[test]
fn owners_switch_to_the_better_venue_and_sell_the_old_token() {
    let mut terms = plain();
    terms.venues[0].credit_quanta_per_device = 100.0;
    let mut cell = Cell::idle(32);
    cell.week(Level::chosen(), &terms, 0);
    terms.venues[1] = Venue {
        open: true,
        pay_usd_per_h: 0.5,
        ..Venue::default()
    };
    terms.switch_margin_usd_per_h = 0.3;
    let totals = cell.week(Level::chosen(), &terms, 1);
    assert_eq!(
        totals.venues[0].devices, 32.0,
        "the gain does not cover the margin"
    );
    assert_eq!(totals.venues[0].credited_quanta, 3200.0);
    terms.switch_margin_usd_per_h = 0.1;
    let totals = cell.week(Level::chosen(), &terms, 2);
    assert_eq!(
        (totals.venues[0].leaves, totals.venues[1].joins),
        (32.0, 32.0)
    );
    assert_eq!(totals.venues[0].sold_quanta, 6400.0);
    assert!(cell.seat.iter().all(|seat| *seat == 1));
}

#[test]
fn hardware_is_bought_when_it_pays_and_let_go_when_it_does_not() {
    let mut terms = plain();
    terms.buy_margin_usd_per_h = 0.15;
    let mut cell = Cell::idle(32);
    cell.mode.fill(ABSENT);
    let totals = cell.week(Level::chosen(), &terms, 0);
    assert_eq!((totals.ordered_now, totals.ordered_devices), (32.0, 32.0));
    // Those who wait neither review nor earn.
    let totals = cell.week(Level::chosen(), &terms, 1);
    assert_eq!((totals.ordered_now, totals.ordered_devices), (0.0, 32.0));
    terms.venues[0].pay_usd_per_h = 0.0;
    terms.exit_margin_usd_per_h = 0.05;
    let mut cell = Cell::idle(32);
    let totals = cell.week(Level::chosen(), &terms, 0);
    assert_eq!(
        (totals.sold_off_devices, totals.absent_devices),
        (32.0, 32.0)
    );
}

#[test]
fn cheating_pays_only_while_detection_is_doubted() {
    let mut terms = plain();
    terms.venues[0].cheat_saving_usd_per_h = 0.05;
    terms.venues[0].cheat_penalty_usd_per_h = 0.7;
    terms.venues[0].stake_quanta_per_device = 100.0;
    terms.venues[0].slash_share = 0.25;
    terms.venues[0].detection_gain = 0.5;
    let mut cell = Cell::idle(64);
    cell.detection[..32].fill(0.04);
    cell.detection[32..].fill(0.06);
    let totals = cell.week(Level::chosen(), &terms, 0);
    assert_eq!(totals.venues[0].cheating_devices, 32.0);
    // All are checked: a quarter of the stake is lost, and nobody dares again.
    terms.venues[0].detection_probability = 1.0;
    let totals = cell.week(Level::chosen(), &terms, 1);
    assert_eq!(totals.venues[0].slashed_quanta, 800.0);
    assert_eq!(totals.venues[0].caught_devices, 32.0);
    assert_eq!(totals.venues[0].cheating_devices, 0.0);
    assert!(
        cell.detection[..32]
            .iter()
            .all(|belief| *belief == 0.04 + 0.5 * (1.0 - 0.04))
    );
}

#[test]
fn bins_sort_devices_by_cost() {
    let mut cell = Cell::idle(64);
    cell.tariff_ratio[..32].fill(2.0);
    let mut terms = plain();
    terms.venues[0].pay_usd_per_h = 1.0;
    let totals = cell.week(Level::chosen(), &terms, 0);
    let filled = Vec::from_iter((0..64).filter(|bin| totals.venues[0].bin_devices[*bin] > 0.0));
    assert_eq!(filled.len(), 2);
    // 0.1 and 0.2 USD/h: one octave is eight bins.
    assert_eq!(filled[1] - filled[0], 8);
    for (bin, cost) in filled.into_iter().zip([0.1, 0.2]) {
        let mean = totals.venues[0].bin_cost_usd_per_h[bin] / totals.venues[0].bin_devices[bin];
        assert!((mean - cost).abs() < 1e-4, "{mean}");
    }
}

#[test]
fn review_comes_as_often_as_its_hazard() {
    let mut terms = plain();
    terms.review_hazard = 0.2;
    let totals = Cell::idle(65_536).week(Level::chosen(), &terms, 5);
    let share = totals.venues[0].joins / 65_536.0;
    assert!(
        (share - 0.2).abs() < 4.0 * (0.16_f64 / 65_536.0).sqrt(),
        "{share}"
    );
}

/// Every row becomes two that share its devices, one of which may be left with none.
#[test]
fn two_rows_of_one_luck_are_one_row() {
    let mut whole = Cell::drawn_twice(1184, 11);
    let halve = |cell: &Cell| {
        let mut both = cell.clone();
        both.count = (cell.count.iter().map(|count| count.div_ceil(2)))
            .chain(cell.count.iter().map(|count| count / 2))
            .collect();
        both.efficiency.extend(&cell.efficiency);
        both.tariff_ratio.extend(&cell.tariff_ratio);
        both.opportunity.extend(&cell.opportunity);
        both.reliability.extend(&cell.reliability);
        both.mode.extend(&cell.mode);
        both.patience.extend(&cell.patience);
        both.seat.extend(&cell.seat);
        both.belief.extend(&cell.belief);
        both.detection.extend(&cell.detection);
        both.staked.extend(&cell.staked);
        both.held.extend(&cell.held);
        both.second.extend(&cell.second);
        both.second_staked.extend(&cell.second_staked);
        both
    };
    for efficiency in &mut whole.efficiency {
        *efficiency = (*efficiency * 65_536.0).round() / 65_536.0;
    }
    for (name, level) in Level::available() {
        let mut one = whole.clone();
        let mut two = halve(&whole);
        for week in 0..60 {
            let totals = one.week(level, &rich(), week);
            let mut both = Totals::default();
            let rows = Rows {
                luck_rows: 1184,
                ..two.rows()
            };
            supply::sweep(level, rows, &rich(), (stream(), week), &mut both);
            assert_eq!(totals, both, "{name}, week {week}");
        }
        assert_eq!(one.held, two.held[..1184], "{name}");
        assert_eq!(one.mode, two.mode[1184..], "{name}");
        assert_eq!(one.second_staked, two.second_staked[1184..], "{name}");
    }
}
