//! Regions, units, stores and corridors to be cleared over some hours, and what clearing says.

/// A grid and its hours.
#[derive(Clone, Debug, Default)]
pub struct Network {
    pub hours: usize,
    /// Hours of the horizon stand for so many.
    pub hours_weight: f64,
    /// Value of lost load; without it load must be served.
    pub voll_usd_per_mwh: Option<f64>,
    pub regions: Vec<Region>,
    pub units: Vec<Unit>,
    pub stores: Vec<Store>,
    pub corridors: Vec<Corridor>,
    pub reserves: Vec<Reserve>,
}

/// A place with one price.
#[derive(Clone, Debug)]
pub struct Region {
    pub name: String,
    pub load_mw: Vec<f64>,
}

/// Something that delivers power, or a load that leaves at a price.
#[derive(Clone, Debug)]
pub struct Unit {
    pub name: String,
    pub region: usize,
    /// What stands already.
    pub capacity_mw: f64,
    /// Share of the capacity that can run, by hour.
    pub availability_share: Vec<f64>,
    /// Marginal cost with the payment for carbon.
    pub cost_usd_per_mwh: f64,
    pub co2_t_per_mwh: f64,
    pub water_m3_per_mwh: f64,
    pub build: Option<Build>,
}

/// Capacity that may be added.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    pub annual_cost_usd_per_mw: f64,
    pub max_mw: f64,
}

/// A store with losses.
#[derive(Clone, Debug)]
pub struct Store {
    pub name: String,
    pub region: usize,
    pub power_mw: f64,
    pub energy_mwh: f64,
    pub charge_efficiency: f64,
    pub discharge_efficiency: f64,
    /// Paid on what is delivered.
    pub cost_usd_per_mwh: f64,
    /// Level before the first hour; `None`: as after the last one.
    pub initial_mwh: Option<f64>,
}

/// A line that carries what is sent, up to a limit each way.
#[derive(Clone, Debug)]
pub struct Corridor {
    pub name: String,
    pub from: usize,
    pub to: usize,
    pub forward_mw: f64,
    pub reverse_mw: f64,
}

/// A region's demand for capacity that is held back.
#[derive(Clone, Debug)]
pub struct Reserve {
    pub region: usize,
    /// Steps: megawatts and what one held for an hour is worth.
    pub demand: Vec<(f64, f64)>,
    /// Units and the megawatts that each may hold.
    pub offers: Vec<(usize, f64)>,
}

/// One number for each hour.
pub type Course = Vec<f64>;

/// What clearing says, by the positions of the network.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub output_mw: Vec<Course>,
    pub unserved_mw: Vec<Course>,
    /// What one MWh less would save.
    pub price_low_usd_per_mwh: Vec<Course>,
    /// What one more MWh would cost.
    pub price_high_usd_per_mwh: Vec<Course>,
    /// Price of a megawatt held back for an hour.
    pub reserve_price_usd_per_mwh: Vec<Course>,
    /// CO2 of one more MWh.
    pub co2_marginal_t_per_mwh: Vec<Course>,
    /// From → to.
    pub flow_mw: Vec<Course>,
    pub charge_mw: Vec<Course>,
    pub discharge_mw: Vec<Course>,
    pub level_mwh: Vec<Course>,
    pub built_mw: Vec<f64>,
    /// What a megawatt earns above its marginal cost, over what the hours stand for.
    pub rent_usd_per_mw: Vec<f64>,
    /// Value of the reserve held in all hours, unweighted.
    pub reserve_value_usd: f64,
    /// How it was solved.
    pub methods: Vec<&'static str>,
    /// What is not exact.
    pub approximate: Vec<String>,
}

/// Load that nothing can serve, where that is not allowed.
#[derive(Clone, Debug, PartialEq)]
pub struct Shortage {
    pub region: usize,
    /// Hours in which load is left over.
    pub hours: Vec<usize>,
    /// The largest remainder.
    pub most_mw: f64,
}

impl Answer {
    /// An answer of zeros.
    pub fn blank(network: &Network) -> Answer {
        let blank = |count: usize| vec![vec![0.0; network.hours]; count];
        let regions = network.regions.len();
        let (units, stores) = (network.units.len(), network.stores.len());
        Answer {
            output_mw: blank(units),
            unserved_mw: blank(regions),
            price_low_usd_per_mwh: blank(regions),
            price_high_usd_per_mwh: blank(regions),
            reserve_price_usd_per_mwh: blank(regions),
            co2_marginal_t_per_mwh: blank(regions),
            flow_mw: blank(network.corridors.len()),
            charge_mw: blank(stores),
            discharge_mw: blank(stores),
            level_mwh: blank(stores),
            built_mw: vec![0.0; units],
            rent_usd_per_mw: vec![0.0; units],
            ..Answer::default()
        }
    }

    /// Cost of all hours and of what was built, USD: hours_weight × (generation and storage with
    /// carbon + unserved load − value of the reserve held) + annual cost of new capacity.
    pub fn objective_usd(&self, network: &Network) -> f64 {
        let mut hourly = 0.0;
        for (unit, output) in network.units.iter().zip(&self.output_mw) {
            hourly += unit.cost_usd_per_mwh * total(output);
        }
        for (store, sold) in network.stores.iter().zip(&self.discharge_mw) {
            hourly += store.cost_usd_per_mwh * total(sold);
        }
        hourly += network.voll_usd_per_mwh.unwrap_or(0.0) * self.unserved_mwh();
        hourly -= self.reserve_value_usd;
        let mut annual = 0.0;
        for (unit, built) in network.units.iter().zip(&self.built_mw) {
            annual += unit.build.map_or(0.0, |build| build.annual_cost_usd_per_mw) * built;
        }
        network.hours_weight * hourly + annual
    }

    /// Load that nothing serves, in all hours, unweighted.
    pub fn unserved_mwh(&self) -> f64 {
        self.unserved_mw.iter().map(|hours| total(hours)).sum()
    }

    /// CO2 of all hours, unweighted.
    pub fn co2_t(&self, network: &Network) -> f64 {
        let pairs = network.units.iter().zip(&self.output_mw);
        pairs
            .map(|(unit, output)| unit.co2_t_per_mwh * total(output))
            .sum()
    }

    /// A region's CO2 (t) and water (m³) in an hour.
    pub fn burden(&self, network: &Network, region: usize, hour: usize) -> (f64, f64) {
        let (mut co2, mut water) = (0.0, 0.0);
        for (unit, output) in network.units.iter().zip(&self.output_mw) {
            if unit.region == region {
                co2 += unit.co2_t_per_mwh * output[hour];
                water += unit.water_m3_per_mwh * output[hour];
            }
        }
        (co2, water)
    }
}

/// Σ in a fixed order, small parts first among themselves.
pub fn total(hours: &[f64]) -> f64 {
    hours.chunks(24).map(|day| day.iter().sum::<f64>()).sum()
}
