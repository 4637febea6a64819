//! Signs, limits and calibration of the grids of the shipped catalogue.

use super::*;
use crate::kernels::{Level, Luck};
use crate::market::books::Stocks;
use crate::market::ids::OperatorId;
use crate::market::world::{Column, Visitor};
use crate::scenario::load::load_text_as;
use crate::scenario::types::Scenario;

pub(super) fn scenario() -> Scenario {
    let text = "question: What does power cost?\nbase: catalog/2025-11.yaml\n";
    let loaded = load_text_as::<Scenario>("grid", text, &[], |_| Vec::new());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    loaded.scenario(None)
}

pub(super) fn compiled(scenario: &Scenario) -> Model {
    let luck = Luck {
        seed: 42,
        draw: 0,
        luck: 0,
    };
    Model::compile(scenario, luck)
}

pub(super) fn model() -> Model {
    compiled(&scenario())
}

/// Compute that makes every region's data centres as large as published.
pub(super) fn published_load(model: &Model) -> Vec<ComputeLoad> {
    let load = |region: &RegionModel| ComputeLoad {
        operator_it_mw: opening_data_centre_mw(region)
            * (1.0 - region.facts.other_data_centre_share)
            / region.facts.pue,
        value_usd_per_mwh: 1_400.0,
        ..ComputeLoad::default()
    };
    model.grid.regions.values().iter().map(load).collect()
}

/// A run of grids alone.
pub(super) struct Alone {
    pub(super) model: Model,
    pub(super) grid: Grid,
    pub(super) conditions: Conditions,
    pub(super) loads: Vec<ComputeLoad>,
    scratch: GridScratch,
}

impl Alone {
    pub(super) fn open(model: Model) -> Self {
        Self {
            grid: Grid::open(&model, &mut Books::new(&model.accounts)),
            conditions: Conditions::calm(&model),
            loads: published_load(&model),
            scratch: GridScratch::default(),
            model,
        }
    }

    /// Runs weeks and calls `each` after every one.
    pub(super) fn run(&mut self, weeks: std::ops::Range<u32>, mut each: impl FnMut(&Grid)) {
        for number in weeks {
            let week = Week {
                number,
                model: &self.model,
            };
            plants::commission(&week, &mut self.grid);
            let cleared = self
                .grid
                .clear(&week, &self.conditions, &self.loads, &mut self.scratch);
            cleared.unwrap_or_else(|fault| panic!("{fault}"));
            plants::review(&week, &mut self.grid);
            each(&self.grid);
        }
    }

    pub(super) fn id(&self, name: &str) -> RegionId {
        self.model.names.regions.id(name)
    }

    /// Mean over weeks of a number of one region.
    pub(super) fn mean(
        &mut self,
        weeks: u32,
        region: &str,
        number: impl Fn(&RegionState) -> f64,
    ) -> f64 {
        let id = self.id(region);
        let mut sum = 0.0;
        self.run(0..weeks, |grid| sum += number(&grid.regions[id]));
        sum / f64::from(weeks)
    }
}

fn near(what: &str, model: f64, published: f64, tolerance: f64) {
    let distance = (model / published - 1.0).abs();
    assert!(
        distance <= tolerance,
        "{what}: model {model:.4}, published {published}"
    );
}

/// Means of a region's first year.
#[derive(Clone, Default)]
struct FirstYear {
    spent_usd: f64,
    energy_mw: f64,
    co2_t_per_mwh: f64,
    litres_per_kwh: f64,
    output_mwh: Vec<f64>,
}

impl FirstYear {
    fn of(alone: &mut Alone) -> Vec<Self> {
        let mut years = vec![Self::default(); alone.model.names.regions.len()];
        let fleets: Vec<_> = alone
            .model
            .grid
            .regions
            .values()
            .iter()
            .map(|region| region.fleets.clone())
            .collect();
        alone.run(0..52, |grid| {
            for (at, region) in grid.regions.values().iter().enumerate() {
                let year = &mut years[at];
                year.spent_usd += region.wholesale_usd_per_mwh * region.load_mw;
                year.energy_mw += region.load_mw;
                year.co2_t_per_mwh += region.co2_average_t_per_mwh / 52.0;
                year.litres_per_kwh += region.water_on_site_m3_per_mwh_it / 52.0;
                let output = &grid.fleets.output_mwh[fleets[at].clone()];
                year.output_mwh.resize(output.len(), 0.0);
                for (sum, mwh) in year.output_mwh.iter_mut().zip(output) {
                    *sum += mwh;
                }
            }
        });
        years
    }

    fn price(&self) -> f64 {
        self.spent_usd / self.energy_mw
    }

    /// Share of output of all technologies whose name begins so; stores make nothing.
    fn share(&self, alone: &Alone, region: RegionId, technology: &str) -> f64 {
        let fleets = &alone.model.grid.fleets[alone.model.grid.regions[region].fleets.clone()];
        let (mut part, mut all) = (0.0, 0.0);
        for (fleet, mwh) in fleets.iter().zip(&self.output_mwh) {
            let name = fleet.name.split('/').nth(1).unwrap_or_default();
            if !matches!(name, "battery" | "pumped") {
                all += mwh;
                part += if name.starts_with(technology) {
                    *mwh
                } else {
                    0.0
                };
            }
        }
        part / all
    }
}

/// First-year means against published figures: the table of docs/grid.md.
#[test]
fn first_year_is_near_published_figures() {
    let mut alone = Alone::open(model());
    let years = FirstYear::of(&mut alone);
    let year = |name: &str| &years[alone.id(name).index()];
    for (name, usd) in [
        ("us_virginia", 51.75),
        ("germany", 86.0),
        ("ireland", 118.0),
        ("nordics", 44.0),
    ] {
        near(name, year(name).price(), usd, 0.15);
    }
    let states = [
        "us_virginia",
        "us_midwest",
        "us_texas",
        "us_southeast",
        "us_california",
    ];
    let spent: f64 = states.iter().map(|name| year(name).spent_usd).sum();
    let energy: f64 = states.iter().map(|name| year(name).energy_mw).sum();
    near("United States hubs", spent / energy, 47.0, 0.15);
    for (name, t) in [
        ("us_virginia", 0.323),
        ("us_midwest", 0.413),
        ("us_texas", 0.303),
        ("us_southeast", 0.340),
        ("us_california", 0.169),
        ("germany", 0.276),
    ] {
        near(name, year(name).co2_t_per_mwh, t, 0.15);
    }
    let litres: f64 = states.iter().map(|name| year(name).litres_per_kwh).sum();
    near(
        "litres on site per kWh of computers",
        litres / 5.0,
        0.36,
        0.25,
    );
    let twh: f64 = (alone.model.grid.regions.values().iter())
        .filter(|region| region.facts.area == "us")
        .map(|region| region.facts.data_centre_twh_per_year)
        .sum();
    near("data centres of the United States", twh, 214.0, 0.01);
}

/// Shares of output within six points of published mixes.
#[test]
fn first_year_mix_is_near_published_mixes() {
    let mut alone = Alone::open(model());
    let years = FirstYear::of(&mut alone);
    for (name, mix) in [
        (
            "us_virginia",
            [("gas", 0.43), ("nuclear", 0.32), ("coal", 0.16)],
        ),
        ("us_texas", [("gas", 0.44), ("wind", 0.24), ("coal", 0.13)]),
        (
            "us_midwest",
            [("coal", 0.30), ("nuclear", 0.14), ("wind", 0.16)],
        ),
        ("germany", [("wind", 0.32), ("gas", 0.13), ("hydro", 0.04)]),
        (
            "india",
            [("coal", 0.75), ("hydro", 0.08), ("nuclear", 0.025)],
        ),
        ("ireland", [("gas", 0.50), ("wind", 0.36), ("hydro", 0.03)]),
    ] {
        let id = alone.id(name);
        for (fuel, share) in mix {
            let model = years[id.index()].share(&alone, id, fuel);
            assert!(
                (model - share).abs() < 0.06,
                "{name} {fuel}: {model:.3}, published {share}"
            );
        }
    }
}

/// Without shocks regulated bills stay within a tenth of their opening for a quarter, and
/// data-centre tariffs with them.
#[test]
fn no_transient_in_the_first_quarter() {
    let mut alone = Alone::open(model());
    let opening: Vec<[f64; 5]> = alone
        .grid
        .regions
        .values()
        .iter()
        .map(|region| region.tariff_usd_per_mwh)
        .collect();
    alone.run(0..13, |grid| {
        for (region, opening) in grid.regions.values().iter().zip(&opening) {
            for (now, then) in region.tariff_usd_per_mwh.iter().zip(opening) {
                assert!((now / then - 1.0).abs() < 0.1, "{now} {then}");
            }
        }
    });
}

/// Dearer gas raises the price where gas sets it; tariffs follow, data centres' first.
#[test]
fn dearer_gas_raises_prices_and_tariffs() {
    let mut calm = Alone::open(model());
    let mut dear = Alone::open(model());
    let id = dear.id("us_texas");
    dear.conditions.fuel_price_factor[id] = 1.5;
    let before = calm.mean(26, "us_texas", |region| region.wholesale_usd_per_mwh);
    let after = dear.mean(26, "us_texas", |region| region.wholesale_usd_per_mwh);
    assert!(after > before * 1.15, "{before} {after}");
    let rise: Vec<f64> = (0..4)
        .map(|class| {
            dear.grid.regions[id].tariff_usd_per_mwh[class]
                - calm.grid.regions[id].tariff_usd_per_mwh[class]
        })
        .collect();
    assert!(rise[0] > rise[3] && rise[3] > 0.0, "{rise:?}");
    // The same luck elsewhere gives the same bits.
    let far = calm.id("germany");
    assert_eq!(calm.grid.regions[far], dear.grid.regions[far]);
}

/// Heat raises load, overhead and on-site water.
#[test]
fn heat_raises_load_overhead_and_water() {
    let numbers: [fn(&RegionState) -> f64; 3] = [
        |region| region.load_mw,
        |region| region.pue,
        |region| region.water_on_site_m3,
    ];
    for number in numbers {
        let mut calm = Alone::open(model());
        let mut hot = Alone::open(model());
        let id = hot.id("gulf");
        hot.conditions.heat_c[id] = 6.0;
        let before = calm.mean(4, "gulf", number);
        let after = hot.mean(4, "gulf", number);
        assert!(after > before, "{before} {after}");
    }
}

/// Drought cuts hydro, raises the price, and makes data centres cool dry.
#[test]
fn drought_cuts_hydro_and_raises_price_and_overhead() {
    let mut calm = Alone::open(model());
    let mut dry = Alone::open(model());
    for region in dry.conditions.water_factor.values_mut() {
        *region = 0.6;
    }
    let fleet = |alone: &Alone| {
        let at = alone
            .model
            .grid
            .fleets
            .iter()
            .position(|fleet| fleet.name == "nordics/hydro");
        alone.grid.fleets.output_mwh[at.expect("nordic hydro")]
    };
    let before = calm.mean(13, "nordics", |region| region.wholesale_usd_per_mwh);
    let after = dry.mean(13, "nordics", |region| region.wholesale_usd_per_mwh);
    assert!(after > before * 1.1, "{before} {after}");
    assert!(fleet(&dry) < fleet(&calm) * 0.7);
    let id = dry.id("us_texas");
    assert!(dry.grid.regions[id].pue > calm.grid.regions[id].pue);
    let water = |alone: &Alone| alone.grid.regions[id].water_on_site_m3_per_mwh_it;
    assert!(water(&dry) < water(&calm));
}

/// More data centres raise the price; where reserves are short they raise it more.
#[test]
fn data_centres_raise_prices_more_when_reserves_are_short() {
    let rise = |shrink: f64| {
        let mean = |more: f64| {
            let mut alone = Alone::open(model());
            let id = alone.id("us_virginia");
            let fleets = alone.model.grid.regions[id].fleets.clone();
            for capacity in &mut alone.grid.fleets.capacity_mw[fleets] {
                *capacity *= shrink;
            }
            alone.loads[id.index()].operator_it_mw += more;
            alone.mean(52, "us_virginia", |region| region.wholesale_usd_per_mwh)
        };
        mean(5_000.0) - mean(0.0)
    };
    let (ample, short) = (rise(1.1), rise(0.88));
    assert!(ample > 0.0 && short > 2.0 * ample, "{ample} {short}");
}

/// Miners leave first, providers next, operators only in scarcity, homes last.
#[test]
fn curtailment_follows_worth() {
    let mut alone = Alone::open(model());
    let id = alone.id("us_texas");
    alone.loads[id.index()] = ComputeLoad {
        operator_it_mw: 2_000.0,
        internal_it_mw: 500.0,
        provider_mw: 300.0,
        miner_mw: 1_500.0,
        value_usd_per_mwh: 1_400.0,
        internal_value_usd_per_mwh: 2_000.0,
        provider_value_usd_per_mwh: 250.0,
        miner_value_usd_per_mwh: 40.0,
    };
    let fleets = alone.model.grid.regions[id].fleets.clone();
    let mut last = [0.0; 4];
    for shrink in [1.0, 0.9, 0.75, 0.6, 0.4] {
        let mut tight = Alone::open(model());
        tight.loads.clone_from(&alone.loads);
        for capacity in &mut tight.grid.fleets.capacity_mw[fleets.clone()] {
            *capacity *= shrink;
        }
        tight.run(35..37, |_| {});
        let state = &tight.grid.regions[id];
        let [operators, providers, miners] = state.curtailed_share;
        let own = state.internal_curtailed_share;
        assert!(miners >= providers && providers >= operators && operators >= own);
        if state.unserved_mwh > 0.0 {
            assert!(operators > 0.0);
        }
        let now = [operators, providers, miners, state.unserved_mwh];
        assert!(
            now.iter().zip(&last).all(|(now, last)| now >= last),
            "{now:?} {last:?}"
        );
        last = now;
    }
    assert!(
        last[3] > 0.0 && last[0] > 0.1,
        "the last case sheds homes: {last:?}"
    );
}

#[test]
fn a_request_waits_for_its_delay_and_for_a_moratorium() {
    let mut alone = Alone::open(model());
    let id = alone.id("us_texas");
    let operator = OperatorId::new(0);
    let start = Week {
        number: 3,
        model: &alone.model,
    };
    let ask = Ask {
        way: Way::Queue,
        mw: 120.0,
        wait_weeks: 0,
    };
    alone.grid.request(&start, (id, operator), &ask);
    assert_eq!(alone.grid.queued_mw(id, operator), 120.0);
    let due = alone.grid.requests.due_week[0];
    assert!((20..400).contains(&due), "{due}");
    let connect = |alone: &mut Alone, number: u32| {
        let mut got = 0.0;
        let week = Week {
            number,
            model: &alone.model,
        };
        alone
            .grid
            .connect(&week, &alone.conditions.connection_open, |_, region, mw| {
                assert_eq!(region, id);
                got += mw;
            });
        got
    };
    assert_eq!(connect(&mut alone, due - 1), 0.0);
    alone.conditions.connection_open[id] = false;
    assert_eq!(connect(&mut alone, due), 0.0);
    assert_eq!(alone.grid.regions[id].connection_queue_mw, 120.0);
    alone.conditions.connection_open[id] = true;
    assert_eq!(connect(&mut alone, due + 1), 120.0);
    assert_eq!(alone.grid.regions[id].connection_queue_mw, 0.0);
    assert!(alone.grid.requests.mw.is_empty());
}

/// What is connected in a year stays near the limit whatever is asked.
#[test]
fn connections_respect_the_yearly_limit() {
    let mut alone = Alone::open(model());
    let id = alone.id("ireland");
    for _ in 0..500 {
        alone.grid.request_due(id, OperatorId::new(1), 10.0, 0);
    }
    let mut got = 0.0;
    for number in 0..104 {
        let week = Week {
            number,
            model: &alone.model,
        };
        let open = &alone.conditions.connection_open;
        alone.grid.connect(&week, open, |_, _, mw| got += mw);
    }
    let limit = alone.model.grid.regions[id]
        .facts
        .connection_limit_mw_per_year;
    assert!((got - 2.0 * limit).abs() < 0.3 * limit, "{got} {limit}");
    assert!((alone.grid.regions[id].connection_queue_mw - (5_000.0 - got)).abs() < 1e-6);
}

/// Rents above the annuity bring plants after their lead time, not before; low rents retire.
#[test]
fn plants_enter_on_rents_and_leave_without() {
    let added = |rent: f64, weeks: u32| {
        let mut alone = Alone::open(model());
        let fleets = &alone.model.grid.fleets;
        let at = fleets
            .iter()
            .position(|fleet| fleet.name == "us_southeast/gas_cc");
        let at = at.expect("a fleet of the south-east");
        let before = alone.grid.fleets.capacity_mw[at];
        let id = alone.id("us_southeast");
        alone.grid.regions[id].reserve_margin_share = 0.5;
        alone.grid.fleets.rent_usd_per_mw_year[at] = rent;
        let review = Week {
            number: 51,
            model: &alone.model,
        };
        plants::review(&review, &mut alone.grid);
        for number in 52..52 + weeks {
            // Long after the opening, so that only this order arrives.
            let week = Week {
                number,
                model: &alone.model,
            };
            plants::commission(&week, &mut alone.grid);
        }
        alone.grid.fleets.capacity_mw[at] - before
    };
    let opening = added(190e3, 250) - added(190e3, 0);
    assert!(added(400e3, 340) > opening + 100.0);
    assert!(
        (added(400e3, 200) - added(190e3, 200)).abs() < 60.0,
        "before the lead time"
    );
    assert!(added(0.0, 0) < -100.0, "{}", added(0.0, 0));
    assert!(added(190e3, 0).abs() < 1.0);
}

/// Every vector width gives the same bits.
#[test]
fn levels_agree() {
    let run = |level| {
        let mut model = model();
        model.level = level;
        let mut alone = Alone::open(model);
        alone.run(0..3, |_| {});
        alone.grid.regions
    };
    let plain = run(Level::Scalar);
    for (name, level) in Level::available() {
        assert_eq!(run(level), plain, "{name}");
    }
}

/// No plants, no load, no neighbours: numbers stay finite.
#[test]
fn an_empty_region_is_finite() {
    struct Finite;
    impl Visitor for Finite {
        fn column(&mut self, name: &'static str, column: Column<'_>) {
            if let Column::F64(values) = column {
                assert!(values.iter().all(|value| value.is_finite()), "{name}");
            }
        }
    }
    let mut model = model();
    let ids: Vec<RegionId> = model.grid.regions.ids().collect();
    for id in ids {
        let region = &mut model.grid.regions[id];
        region.facts.load_twh_per_year = 0.0;
        region.facts.data_centre_twh_per_year = 0.0;
        region.facts.trade = None;
        for at in region.fleets.clone() {
            model.grid.fleets[at].facts.capacity_mw = 0.0;
        }
    }
    let mut alone = Alone::open(model);
    alone.run(0..110, |_| {});
    alone.grid.visit(&mut Finite);
}

/// Meters and books move together; tampering with a meter shows.
#[test]
fn meters_match_the_books() {
    let mut alone = Alone::open(model());
    let mut books = Books::new(&alone.model.accounts);
    alone.run(0..2, |_| {});
    for (id, region) in alone.model.grid.regions.iter() {
        meter(region, &mut alone.grid.regions[id], &mut books);
    }
    let mut stocks = Stocks::default();
    alone.grid.count(&alone.model, &mut stocks);
    assert!(books.reconcile(&stocks).is_ok());
    let id = alone.id("india");
    assert!(alone.grid.regions[id].energy_wh > 0 && alone.grid.regions[id].water_ml > 0);
    alone.grid.regions[id].energy_wh += 1;
    stocks.clear();
    alone.grid.count(&alone.model, &mut stocks);
    assert_eq!(books.reconcile(&stocks).map_err(|gaps| gaps.len()), Err(1));
}

/// Where reserves are short fewer data centres are connected, but never none.
#[test]
fn short_reserves_slow_connections() {
    let connected = |margin: f64| {
        let mut alone = Alone::open(model());
        let id = alone.id("us_texas");
        for _ in 0..1_000 {
            alone.grid.request_due(id, OperatorId::new(1), 10.0, 0);
        }
        let mut got = 0.0;
        for number in 0..52 {
            alone.grid.regions[id].reserve_margin_share = margin;
            let week = Week {
                number,
                model: &alone.model,
            };
            let open = &alone.conditions.connection_open;
            alone.grid.connect(&week, open, |_, _, mw| got += mw);
        }
        got
    };
    let (ample, even, short) = (connected(0.3), connected(0.0), connected(-0.3));
    assert!(
        ample > 1.8 * even && even > 4.0 * short && short > 0.0,
        "{ample} {even} {short}"
    );
}
