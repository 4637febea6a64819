//! Firms that own data centres, and how they decide.

use crate::scenario::Series;
use crate::{choice, record};
use std::collections::BTreeMap;

choice! {
    /// What kind of firm an operator is.
    pub enum OperatorKind {
        /// Sells a whole cloud at list prices and works for itself.
        Hyperscaler = "hyperscaler",
        /// Rents accelerators and little else.
        Neocloud = "neocloud",
        /// Trains its own models; sells no hours.
        Laboratory = "laboratory",
        /// Mines coins and has begun to host accelerators.
        Miner = "miner",
        /// Backed by a state.
        Sovereign = "sovereign",
    }
}

record! {
    /// One firm.
    pub struct Operator {
        /// What kind of firm it is.
        pub kind: OperatorKind;
        /// Law that it answers to.
        pub jurisdiction: String;
        /// How many equal firms it stands for, in measures of concentration; one when absent.
        pub firms: Option<f64> => number(1.0, 1e5);
        /// Chips that it owns at the opening, by product.
        pub fleet: BTreeMap<String, f64> => number(0.0, 1e9).keys("chips.products").empty();
        /// Regions of its sites; the fleet is spread as regions' accelerator load is.
        pub sites: Vec<String> => reference("regions");
        /// Capital expenditure: what it spent and what it announced.
        pub capex_usd_bn_per_year: Series => number(0.0, 1e5);
        /// Share of capital expenditure that buys accelerators and their halls.
        pub ai_share: f64 => number(0.0, 1.0);
        /// Share of its online hours that its own products usually use; all when absent.
        pub internal_share: Option<f64> => number(0.0, 1.0);
        /// What it asks for an H100 hour at the opening; absent when it sells none.
        pub prices: Option<ListPrices>;
        /// Power that it uses for mining.
        pub mining_mw: Option<f64> => number(0.0, 1e5);
        /// What mining earns on a MWh.
        pub mining_value_usd_per_mwh: Option<f64> => number(0.0, 10_000.0);
        /// Cash at the opening.
        pub cash_usd_bn: f64 => number(0.0, 1e5);
        /// Debt at the opening.
        pub debt_usd_bn: f64 => number(0.0, 1e5);
        /// Operating cash flow of everything that is not the sale of accelerator hours.
        pub cash_flow_usd_bn_per_year: f64 => number(-1e5, 1e5);
    }
    /// What an operator asks for an hour on one H100 at the opening.
    pub struct ListPrices {
        /// By the hour.
        pub on_demand_usd_per_h: f64 => number(0.01, 1_000.0).plausible(0.5, 20.0);
        /// Under a contract of a year.
        pub reserved_usd_per_h: f64 => number(0.01, 1_000.0).plausible(0.5, 15.0);
        /// Interruptible.
        pub spot_usd_per_h: f64 => number(0.01, 1_000.0).plausible(0.3, 10.0);
    }
    /// How operators decide.
    pub struct InvestmentRules {
        /// Fall of the rent of a given chip that operators expect each year.
        pub rent_decline_per_year: f64 => number(0.0, 0.95).plausible(0.0, 0.7);
        /// Uncertainty of rents, standard deviation of a year's log change (option value).
        pub rent_volatility: f64 => number(0.0, 3.0).plausible(0.05, 0.8);
        /// Years over which a chip is expected to earn.
        pub chip_life_years: f64 => number(0.5, 20.0).plausible(2.0, 8.0);
        /// Years over which a site is expected to earn.
        pub site_life_years: f64 => number(1.0, 60.0).plausible(10.0, 40.0);
        /// Server, network and storage for each dollar of chip.
        pub server_cost_share: f64 => number(0.0, 5.0).plausible(0.1, 1.0);
        /// Construction of one MW of data centre.
        pub site_cost_usd_per_mw: f64 => number(1e5, 1e9).plausible(5e6, 4e7);
        /// From the decision to a hall that can take servers.
        pub site_weeks: u32 => integer(1, 400);
        /// Staff, repair and network for a kW of IT, power apart.
        pub opex_usd_per_kw_year: f64 => number(0.0, 1e5).plausible(50.0, 3_000.0);
        /// Memory of the average that stands for expected rents.
        pub expectation_weeks: f64 => number(1.0, 520.0).plausible(4.0, 104.0);
        /// Share of announced spending that does not follow rents.
        pub commitment_share: f64 => number(0.0, 1.0);
        /// Yearly growth of spending when the return is twice the hurdle.
        pub response_per_year: f64 => number(0.0, 10.0).plausible(0.0, 2.0);
        /// Smallest and largest spending ÷ plan that returns can bring about.
        pub response_floor: f64 => number(0.0, 1.0);
        /// Largest spending ÷ plan.
        pub response_cap: f64 => number(1.0, 1_000.0);
        /// How sharply orders go to the product with the best return.
        pub product_sharpness: f64 => number(0.0, 50.0).plausible(1.0, 12.0);
        /// How strongly new sites avoid dear power.
        pub tariff_sharpness: f64 => number(0.0, 50.0).plausible(0.0, 6.0);
        /// How strongly new sites avoid long queues.
        pub queue_sharpness: f64 => number(0.0, 50.0).plausible(0.0, 6.0);
        /// Chips that operators hold or order beyond the power that they expect, ÷ that power.
        pub overorder_share: f64 => number(0.0, 5.0).plausible(0.0, 0.5);
        /// Chips that fail for good each year.
        pub failure_share_per_year: f64 => number(0.0, 1.0).plausible(0.0, 0.15);
        /// Share of a product that can be retired at one quarterly review.
        pub retire_step_share: f64 => number(0.0, 1.0);
        /// Share of internal work that is given up when outside rents are twice its value.
        pub release_share: f64 => number(0.0, 1.0);
        /// Weeks of planned spending that firms keep in cash.
        pub cash_buffer_weeks: f64 => number(0.0, 260.0).plausible(2.0, 52.0);
        /// Interest above the cost of capital's base on debt.
        pub interest_share_per_year: f64 => number(0.0, 1.0).plausible(0.01, 0.2);
        /// Share of a failed firm's value that buyers of its sites pay.
        pub fire_sale_share: f64 => number(0.0, 1.0);
        /// Mean power draw ÷ the power for which a system is built.
        pub power_draw_share: f64 => number(0.05, 1.0).plausible(0.4, 0.95);
        /// Power and shells at the opening beyond what the fleet needs, ÷ that need.
        pub power_margin_share: f64 => number(0.0, 10.0).plausible(0.0, 0.5);
        /// Value of an H100-equivalent hour to operators' own products.
        pub internal_value_usd_per_h: f64 => number(0.0, 1_000.0).plausible(0.3, 30.0);
        /// Growth of what operators' own products could use at that value.
        pub internal_growth_per_year: f64 => number(-0.9, 10.0).plausible(-0.2, 2.0);
        /// Relative rise of their own use when an hour's value falls by 1 %.
        pub internal_elasticity: f64 => number(0.1, 10.0).plausible(0.8, 2.5);
        /// Growth of cash flow from everything else, and of spending after what was announced.
        pub cash_flow_growth_per_year: f64 => number(-1.0, 5.0).plausible(-0.2, 0.6);
        /// Most debt that lenders give, in years of cash flow with sales.
        pub debt_limit_years: f64 => number(0.0, 50.0).plausible(0.0, 12.0);
        /// Real cost of capital by kind of firm.
        pub cost_of_capital_share: BTreeMap<OperatorKind, f64> => number(0.001, 1.0);
    }
}
