//! One policy × draw, compiled: names to ids, units canonical, curves tabulated. It never changes
//! during a run; what the week's events bend stands in [`super::conditions::Conditions`].

use super::books::Accounts;
use super::chips::ChipModel;
use super::clearing::MarketModel;
use super::closed::ClosedModels;
use super::demand::DemandModel;
use super::grid::GridModel;
use super::ids::{AreaId, Id, NameList, RegionId, Table};
use super::networks::NetworkModels;
use super::operators::OperatorModel;
use super::providers::ProviderModel;
use super::services::ServiceModels;
use super::shocks::ShockModel;
use crate::kernels::Level;
use crate::kernels::random::Luck;
use crate::scenario::Date;
use crate::scenario::types::Scenario;

/// Hours in a week.
pub const WEEK_H: f64 = 168.0;
/// Weeks in a year.
pub const YEAR_WEEKS: f64 = 52.178_57;
/// Weeks between two reviews of list prices.
pub const QUARTER_WEEKS: u32 = 13;

/// Everything a week needs to know and may not change.
#[derive(Clone, Debug)]
pub struct Model {
    pub names: Names,
    pub calendar: Calendar,
    pub places: Places,
    pub accounts: Accounts,
    pub level: Level,
    pub luck: Luck,
    pub grid: GridModel,
    pub chips: ChipModel,
    pub operators: OperatorModel,
    pub demand: DemandModel,
    pub market: MarketModel,
    pub providers: ProviderModel,
    pub networks: NetworkModels,
    pub services: ServiceModels,
    pub closed: ClosedModels,
    pub shocks: ShockModel,
}

impl Model {
    /// Compiles a checked scenario; cannot fail because the check has passed.
    pub fn compile(scenario: &Scenario, luck: Luck) -> Self {
        let names = Names::of(scenario);
        let calendar = Calendar {
            start: scenario.horizon.start,
            weeks: scenario.horizon.weeks,
        };
        let places = Places::of(scenario, &names);
        let mut accounts = Accounts::default();
        let mut base = Compile {
            scenario,
            names: &names,
            places: &places,
            accounts: &mut accounts,
        };
        let grid = GridModel::compile(&mut base);
        let chips = ChipModel::compile(&mut base);
        let operators = OperatorModel::compile(&mut base, &chips);
        let networks = NetworkModels::compile(&mut base);
        let providers = ProviderModel::compile(&mut base, &chips, &networks);
        let services = ServiceModels::compile(&mut base, &networks);
        let demand = DemandModel::compile(&mut base);
        let market = MarketModel::compile(&mut base, &chips, &providers);
        let closed = ClosedModels::compile(&mut base, luck);
        let shocks = ShockModel::compile(&mut base, luck);
        let level = Level::chosen();
        Self {
            names,
            calendar,
            places,
            accounts,
            level,
            luck,
            grid,
            chips,
            operators,
            demand,
            market,
            providers,
            networks,
            services,
            closed,
            shocks,
        }
    }
}

/// What a domain sees while it compiles its part.
pub struct Compile<'a> {
    pub scenario: &'a Scenario,
    pub names: &'a Names,
    pub places: &'a Places,
    pub accounts: &'a mut Accounts,
}

/// Names of every collection, in byte order; ids are positions in these lists.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub regions: NameList,
    pub areas: NameList,
    pub jurisdictions: NameList,
    pub chips: NameList,
    pub makers: NameList,
    pub operators: NameList,
    pub networks: NameList,
    pub closed_networks: NameList,
    pub marketplaces: NameList,
    pub hardware: NameList,
    pub segments: NameList,
    pub shocks: NameList,
}

impl Names {
    fn of(scenario: &Scenario) -> Self {
        let jurisdictions: std::collections::BTreeSet<String> = (scenario.regions.values())
            .map(|region| region.jurisdiction.clone())
            .chain(
                scenario
                    .operators
                    .values()
                    .map(|operator| operator.jurisdiction.clone()),
            )
            .collect();
        Self {
            regions: NameList::new(scenario.regions.keys()),
            areas: NameList::new(scenario.areas.keys()),
            jurisdictions: NameList::new(jurisdictions.iter()),
            chips: NameList::new(scenario.chips.products.keys()),
            makers: NameList::new(scenario.chips.makers.keys()),
            operators: NameList::new(scenario.operators.keys()),
            networks: NameList::new(scenario.networks.keys()),
            closed_networks: NameList::new(scenario.closed_networks.keys()),
            marketplaces: NameList::new(scenario.marketplaces.keys()),
            hardware: NameList::new(scenario.providers.hardware.keys()),
            segments: NameList::new(scenario.demand.segments.keys()),
            shocks: NameList::new(scenario.shocks.keys()),
        }
    }
}

/// Where regions stand: area and jurisdiction of each.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub area: Table<RegionId, AreaId>,
    /// Position in `names.jurisdictions`.
    pub jurisdiction: Table<RegionId, u16>,
    pub regions_of_area: Table<AreaId, Vec<RegionId>>,
    /// Regions under the law of the United States, for the national figures.
    pub united_states: Table<RegionId, bool>,
}

impl Places {
    fn of(scenario: &Scenario, names: &Names) -> Self {
        let mut regions_of_area: Table<AreaId, Vec<RegionId>> =
            Table::filled(names.areas.len(), Vec::new());
        let mut area = Table::default();
        let mut jurisdiction = Table::default();
        let mut united_states = Table::default();
        for name in names.regions.iter() {
            let region = &scenario.regions[name];
            let home: AreaId = names.areas.id(&region.area);
            let id: RegionId = area.push(home);
            regions_of_area[home].push(id);
            let law: super::ids::RegionId = names.jurisdictions.id(&region.jurisdiction);
            jurisdiction.push(law.index() as u16);
            united_states.push(region.jurisdiction == "us");
        }
        Self {
            area,
            jurisdiction,
            regions_of_area,
            united_states,
        }
    }
}

/// The run's calendar: week 0 opens on `start`.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    pub start: Date,
    pub weeks: u32,
}

impl Calendar {
    pub fn date(&self, week: u32) -> Date {
        self.start.add_days(week as i32 * 7)
    }
    /// The first week that opens on or after `date`, or `None` before the start.
    pub fn week_of(&self, date: Date) -> Option<u32> {
        let days = date.days_since(self.start);
        u32::try_from((days + 6).div_euclid(7)).ok()
    }
    /// Years since the start at the opening of a week.
    pub fn years(&self, week: u32) -> f64 {
        f64::from(week) / YEAR_WEEKS
    }
}
