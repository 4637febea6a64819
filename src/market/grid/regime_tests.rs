//! Regimes and signs of grids: ample against short reserves, who pays, corridors, stores.

use super::grid_tests::{Alone, compiled, model, scenario};
use super::*;
use crate::market::books::Stocks;
use crate::market::ids::OperatorId;
use crate::scenario::types::{CapacityMarket, PowerContracts, StorageRule};

/// A market in which a region's plants are scaled and its data centres grow by some load.
fn retail(shrink: f64, more_mw: f64) -> f64 {
    let mut alone = Alone::open(model());
    let id = alone.id("us_virginia");
    let fleets = alone.model.grid.regions[id].fleets.clone();
    for capacity in &mut alone.grid.fleets.capacity_mw[fleets] {
        *capacity *= shrink;
    }
    alone.run(0..52, |_| {});
    alone.loads[id.index()].operator_it_mw += more_mw;
    let (mut paid, mut sold) = (0.0, 0.0);
    alone.run(52..156, |grid| {
        let region = &grid.regions[id];
        let others_mw = region.load_mw - region.data_centre_mw;
        let [centres, industry, shops, homes, _] = region.tariff_usd_per_mwh;
        paid += centres * region.data_centre_mw + (industry + shops + homes) / 3.0 * others_mw;
        sold += region.load_mw;
    });
    paid / sold
}

/// The same growth of data centres spreads fixed cost where reserves are ample, and lifts energy
/// and capacity where they are short (its own reserve margin is 2 % at the opening).
#[test]
fn load_growth_lowers_the_retail_price_when_reserves_are_ample_and_raises_it_when_short() {
    let change = |shrink: f64| retail(shrink, 3_000.0) / retail(shrink, 0.0) - 1.0;
    let rises: Vec<f64> = [1.3, 1.15, 1.0].into_iter().map(change).collect();
    assert!(rises[0] < -0.001, "{rises:?}");
    assert!(rises[2] > 0.01, "{rises:?}");
    assert!(rises.windows(2).all(|pair| pair[0] < pair[1]), "{rises:?}");
}

/// From a deficit of 1 % on each point of margin lowers the price by less than the one before.
#[test]
fn the_price_of_capacity_is_convex_in_the_margin() {
    let market = CapacityMarket {
        net_cost_of_entry_usd_per_mw_day: 250.0,
        target_margin_share: 0.12,
        floor_usd_per_mw_day: None,
        ceiling_usd_per_mw_day: 1e6,
    };
    let price = |margin| tariffs::capacity_price_usd_per_mw_day(&market, margin);
    let at: Vec<f64> = (0..60)
        .map(|step| price(0.11 + 0.002 * f64::from(step)))
        .collect();
    for three in at.windows(3) {
        assert!(three[0] >= three[1] && three[1] >= three[2], "{three:?}");
        assert!(three[0] - 2.0 * three[1] + three[2] > -1e-9, "{three:?}");
    }
    assert!(at[0] > 1.5 * 250.0 && at[59] == 0.0);
}

/// Fewer plants, dearer capacity at the next review.
#[test]
fn capacity_gets_dearer_where_plants_are_fewer() {
    let price = |shrink: f64| {
        let mut alone = Alone::open(model());
        let id = alone.id("us_midwest");
        let fleets = alone.model.grid.regions[id].fleets.clone();
        for capacity in &mut alone.grid.fleets.capacity_mw[fleets] {
            *capacity *= shrink;
        }
        alone.run(0..52, |_| {});
        alone.grid.regions[id].capacity_price_usd_per_mw_day
    };
    let [ample, even, short] = [1.1, 1.0, 0.93].map(price);
    assert!(ample < even && even < short, "{ample} {even} {short}");
}

/// Tariffs of data centres and of homes after two years in which data centres grew.
fn wires_paid(socialised_share: f64) -> (f64, f64, f64) {
    let mut model = model();
    model.grid.rules.tariffs.socialised_share = socialised_share;
    let mut alone = Alone::open(model);
    let id = alone.id("us_texas");
    alone.loads[id.index()].operator_it_mw += 4_000.0;
    alone.run(0..26, |_| {});
    let region = &alone.grid.regions[id];
    let [centres, _, _, homes, _] = region.tariff_usd_per_mwh;
    (centres, homes, region.residential_bill_usd_per_month)
}

#[test]
fn whoever_bears_the_wires_pays_for_them() {
    let (own, shared) = (wires_paid(0.0), wires_paid(1.0));
    assert!(own.0 > shared.0 + 0.5, "data centres {own:?} {shared:?}");
    assert!(
        own.1 < shared.1 && own.2 < shared.2,
        "homes {own:?} {shared:?}"
    );
}

/// A data centre that runs below its peak pays the demand charge of its peak on fewer MWh.
#[test]
fn idle_data_centres_pay_more_for_a_mwh() {
    let tariff = |idle: bool| {
        let mut alone = Alone::open(model());
        let id = alone.id("us_texas");
        alone.run(0..4, |_| {});
        if idle {
            alone.loads[id.index()].operator_it_mw *= 0.5;
        }
        alone.run(4..8, |_| {});
        alone.grid.regions[id].tariff_usd_per_mwh[0]
    };
    assert!(tariff(true) > tariff(false) + 1.0);
}

/// A drought in the North-West reaches California through the intertie, and only through it.
#[test]
fn corridors_carry_a_drought_to_the_neighbours() {
    let price = |corridors: bool, water: f64| {
        let mut scenario = scenario();
        if !corridors {
            scenario.corridors.clear();
        }
        let mut alone = Alone::open(compiled(&scenario));
        let id = alone.id("us_northwest");
        alone.conditions.water_factor[id] = water;
        alone.mean(26, "us_california", |region| region.wholesale_usd_per_mwh)
    };
    assert!(price(true, 0.5) > price(true, 1.0) + 0.3);
    assert_eq!(price(false, 0.5), price(false, 1.0));
}

/// What one region sends another receives; rents are never negative; meters and books agree.
#[test]
fn what_corridors_carry_is_conserved() {
    let mut alone = Alone::open(model());
    let mut books = Books::new(&alone.model.accounts);
    let (mut rent, mut carried) = (0.0, 0.0);
    for number in 0..20 {
        alone.run(number..number + 1, |_| {});
        meter_corridors(&alone.model.grid, &mut alone.grid, &mut books);
        let columns = &alone.grid.corridors;
        for at in 0..alone.model.grid.corridors.len() {
            assert!(columns.rent_usd[at] > -1e-3, "{number}: {columns:?}");
            rent += columns.rent_usd[at];
            carried += columns.forward_mwh[at] + columns.reverse_mwh[at];
        }
    }
    let sum: i128 = alone
        .grid
        .regions
        .values()
        .iter()
        .map(|region| region.import_wh)
        .sum();
    assert_eq!(sum, 0);
    assert!(rent > 1e6 && carried > 1e6, "{rent} {carried}");
    let mut stocks = Stocks::default();
    alone.grid.count(&alone.model, &mut stocks);
    let traded = |id: RegionId| alone.model.grid.regions[id].accounts.energy_traded;
    for (id, region) in alone.grid.regions.iter() {
        assert_eq!(books.balance(traded(id)), region.import_wh);
    }
}

/// A wider corridor brings prices together.
#[test]
fn wider_corridors_bring_prices_together() {
    let distance = |factor: f64| {
        let mut scenario = scenario();
        if let Some(line) = scenario.corridors.get_mut("lake_seam") {
            line.capacity_mw *= factor;
        }
        let mut alone = Alone::open(compiled(&scenario));
        let west = alone.mean(13, "us_midwest", |region| region.wholesale_usd_per_mwh);
        let mut again = Alone::open(compiled(&scenario));
        again.mean(13, "us_virginia", |region| region.wholesale_usd_per_mwh) - west
    };
    let [none, some, wide] = [0.0, 1.0, 4.0].map(distance);
    assert!(
        none > some && some > wide && wide > -0.5,
        "{none} {some} {wide}"
    );
}

/// Exact storage: every level of instructions gives the same week, and the dearest hours cost
/// no more than with the threshold rule.
#[test]
fn exact_storage_runs_in_the_week() {
    let run = |rule: StorageRule, level| {
        let mut model = model();
        model.grid.rules.storage = rule;
        model.level = level;
        let mut alone = Alone::open(model);
        alone.run(0..6, |_| {});
        alone.grid.regions
    };
    let best = crate::kernels::Level::best();
    let exact = run(StorageRule::Exact, best);
    assert_eq!(
        exact,
        run(StorageRule::Exact, crate::kernels::Level::Scalar)
    );
    let fast = run(StorageRule::Threshold, best);
    assert_ne!(exact, fast);
    for (a, b) in exact.values().iter().zip(fast.values()) {
        let (a, b) = (a.wholesale_usd_per_mwh, b.wholesale_usd_per_mwh);
        assert!((a / b - 1.0).abs() < 0.1, "{a} {b}");
    }
}

/// Contracts for difference shield data centres from dear power, at the price of not gaining
/// from cheap power; what they cover is clean in the market-based account.
#[test]
fn contracts_pay_the_strike_whatever_the_market_pays() {
    let rise = |load_share: f64| {
        let mut scenario = scenario();
        let contracts = PowerContracts {
            load_share,
            strike_usd_per_mwh: 49.0,
        };
        if let Some(region) = scenario.regions.get_mut("us_texas") {
            region.tariffs.contracts = Some(contracts);
            region.own_power = None;
        }
        let run = |fuel: f64| {
            let mut alone = Alone::open(compiled(&scenario));
            let id = alone.id("us_texas");
            alone.conditions.fuel_price_factor[id] = fuel;
            alone.run(0..20, |_| {});
            let region = &alone.grid.regions[id];
            let covered = 1.0 - region.co2_market_t / region.co2_t;
            assert!((covered - load_share).abs() < 1e-9);
            region.tariff_usd_per_mwh[0]
        };
        run(1.6) - run(1.0)
    };
    let [none, half, all] = [0.0, 0.5, 1.0].map(rise);
    assert!(none > 1.0 && (half / none - 0.5).abs() < 0.01 && all.abs() < 1e-6);
}

/// A permit for water: less at the towers, more power for cooling.
#[test]
fn permits_for_water_cost_power() {
    let run = |limit: Option<f64>| {
        let mut scenario = scenario();
        if let Some(region) = scenario.regions.get_mut("gulf") {
            region.withdrawal_limit_l_per_kwh = limit;
        }
        let mut alone = Alone::open(compiled(&scenario));
        let id = alone.id("gulf");
        alone.run(30..34, |_| {});
        let region = &alone.grid.regions[id];
        (region.water_on_site_m3_per_mwh_it, region.pue)
    };
    let (free, tight) = (run(None), run(Some(0.05)));
    assert!(tight.0 < 0.051 && free.0 > 0.06, "{free:?} {tight:?}");
    assert!(tight.1 > free.1, "{free:?} {tight:?}");
}

/// Where part of the queue gives up, less waits.
#[test]
fn waiting_load_gives_up() {
    let left = |share: Option<f64>| {
        let mut scenario = scenario();
        if let Some(region) = scenario.regions.get_mut("us_virginia") {
            region.queue_withdrawal_share_per_year = share;
        }
        let mut alone = Alone::open(compiled(&scenario));
        let id = alone.id("us_virginia");
        alone.grid.request_due(id, OperatorId::new(0), 100.0, 500);
        for number in 0..52 {
            let week = Week {
                number,
                model: &alone.model,
            };
            let open = &alone.conditions.connection_open;
            alone.grid.connect(&week, open, |_, _, _| {});
        }
        alone.grid.regions[id].connection_queue_mw
    };
    assert_eq!(left(None), 100.0);
    let half = left(Some(0.5));
    assert!((half - 100.0 * 0.606).abs() < 1.0, "{half}");
}
