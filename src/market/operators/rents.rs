//! What operators expect an hour to earn, and what a chip is worth to them.
//!
//! Expected rent r of a class: an average of sales ÷ hours open to buyers. A chip's margin per
//! hour m = worth · r − power − upkeep. Present value of a purchase with lead time L:
//! m · 8766 · A(ρ + δ, T) · e^{−(ρ + δ)L}, ρ the cost of capital, δ the expected fall of rents, A
//! the annuity. It is bought where that exceeds cost × β₁/(β₁ − 1) (Dixit and Pindyck).

use super::super::chips::CLASSES;
use super::super::clearing::{Pool, Seller, opening};
use super::super::ids::{ChipId, Id, OperatorId, RegionId};
use super::super::model::{Model, YEAR_WEEKS};
use super::super::schedule::annuity;
use super::super::week::{Fault, Week};
use super::super::world::World;
use super::state::Operators;
use crate::kernels::math;
use crate::scenario::types::Tier;

/// Hours of a year.
const YEAR_H: f64 = 8_766.0;

/// Value that waiting adds: β₁/(β₁ − 1) with β₁ = ½ − (r−δ)/σ² + √(((r−δ)/σ² − ½)² + 2r/σ²).
pub fn hurdle(rate: f64, payout: f64, volatility: f64) -> f64 {
    let variance = volatility * volatility;
    if variance < 1e-12 {
        // Without uncertainty one waits only while value grows faster than it pays.
        return if payout > 0.0 && rate > payout {
            rate / payout
        } else {
            1.0
        };
    }
    let drift = (rate - payout) / variance;
    let root = ((drift - 0.5) * (drift - 0.5) + 2.0 * rate / variance).sqrt();
    let beta = 0.5 - drift + root;
    beta / (beta - 1.0)
}

/// Sales, sold hours and contract prices of one week, by class.
#[derive(Clone, Copy, Debug, Default)]
struct Trade {
    sales_usd: [f64; CLASSES],
    sold_h: [f64; CLASSES],
    /// Hours open to buyers.
    open_h: [f64; CLASSES],
    /// Contract price × hours that could be let.
    lease_usd: [f64; CLASSES],
    leasable_h: [f64; CLASSES],
}

/// Called by investment: last week's sales per open hour enter the averages.
pub fn expect(week: &Week, world: &mut World) -> Result<(), Fault> {
    let model = week.model;
    let World {
        operators, market, ..
    } = world;
    let mut trade = Trade::default();
    for (id, offer) in model.market.offers.iter() {
        if matches!(offer.seller, Seller::Operator(_)) {
            let (class, price) = (offer.class as usize, market.price_usd_per_h[id]);
            trade.sales_usd[class] += market.sold_h[id] * price;
            trade.sold_h[class] += market.sold_h[id];
            if offer.tier == Tier::Reserved {
                trade.lease_usd[class] += market.standing_h[id] * price;
                trade.leasable_h[class] += market.standing_h[id];
            }
        }
    }
    for (index, hours) in operators.offered_h.iter().enumerate() {
        trade.open_h[index % CLASSES] += hours;
    }
    operators.learn_rents(model, &trade, 1.0 / model.operators.rules.expectation_weeks);
    operators.value_internal_work(model, week.number);
    Ok(())
}

impl Operators {
    /// Rents of the opening: those of the sales that the market opens with, so that the averages
    /// open at rest.
    pub(super) fn open_rents(&mut self, model: &Model) {
        let mut trade = Trade::default();
        let pools = &model.market.pools;
        let h100e_h = |pool: &Pool| {
            let hours = self.offered(pool.operator, pool.area, pool.class);
            hours * model.market.h100e(pool.reserved)
        };
        let share = opening::contracted_share(model, pools.iter().map(h100e_h).sum());
        for pool in pools {
            let hours = self.offered(pool.operator, pool.area, pool.class);
            let class = pool.class as usize;
            for offer in [pool.on_demand, pool.reserved, pool.spot] {
                let record = &model.market.offers[offer];
                let price = opening::operator_price_usd_per_h(model, record).unwrap_or(0.0);
                let sold = match record.tier {
                    Tier::Reserved => share,
                    tier => model.market.tiers[tier as usize]
                        .opening_sold_share
                        .unwrap_or(0.0),
                };
                trade.sales_usd[class] += hours * sold * price;
                trade.sold_h[class] += hours * sold;
                if record.tier == Tier::Reserved {
                    trade.lease_usd[class] += hours * price;
                    trade.leasable_h[class] += hours;
                }
            }
            trade.open_h[class] += hours;
        }
        self.learn_rents(model, &trade, 1.0);
    }

    /// Moves the averages by a share of the way to one week's trade. A class that is hardly on
    /// sale yet is judged by what chips of its strength would earn.
    fn learn_rents(&mut self, model: &Model, trade: &Trade, gain: f64) {
        let h100e = &model.operators.h100e_of_class;
        let strength = &model.operators.strength_of_class;
        let sum = |weight: &[f64; CLASSES], values: &[f64; CLASSES]| -> f64 {
            weight.iter().zip(values).map(|(a, b)| a * b).sum()
        };
        let all = sum(&trade.open_h, h100e);
        let strong = sum(&trade.open_h, strength);
        if all <= 0.0 || strong <= 0.0 {
            return;
        }
        let sales: f64 = trade.sales_usd.iter().sum();
        let mut leases = [0.0; CLASSES];
        for class in 0..CLASSES {
            if trade.leasable_h[class] > 0.0 && trade.open_h[class] > 0.0 {
                leases[class] =
                    trade.lease_usd[class] / trade.leasable_h[class] * trade.sold_h[class];
            }
        }
        let leased: f64 = leases.iter().sum();
        self.rent_usd_per_h100e_h += (sales / all - self.rent_usd_per_h100e_h) * gain;
        for class in 0..CLASSES {
            let hours = trade.open_h[class];
            let known = hours * h100e[class] > 0.002 * all;
            let (rent, lease) = if known {
                (trade.sales_usd[class] / hours, leases[class] / hours)
            } else {
                (
                    sales / strong * strength[class],
                    leased / strong * strength[class],
                )
            };
            self.rent_usd_per_h[class] += (rent - self.rent_usd_per_h[class]) * gain;
            self.lease_usd_per_h[class] += (lease - self.lease_usd_per_h[class]) * gain;
        }
    }
}

impl Operators {
    /// An hour of own work is worth less the more of it is done: v = v₀ (H ÷ H₀e^{gt})^{−1/ε}.
    fn value_internal_work(&mut self, model: &Model, week: u32) {
        let rules = &model.operators.rules;
        let hours = self.internal_h100e_h(model);
        let years = f64::from(week) / YEAR_WEEKS;
        let grown = math::pow(1.0 + rules.internal_growth_per_year, years);
        let usual = self.opening_internal_h100e_h * grown;
        self.internal_value_usd_per_h = if hours > 0.0 && usual > 0.0 {
            let plenty = math::ln(hours / usual) / rules.internal_elasticity;
            rules.internal_value_usd_per_h * math::exp(-plenty.clamp(-2.0, 8.0))
        } else {
            rules.internal_value_usd_per_h
        };
    }

    /// H100-equivalent hours of own work this week, all operators.
    pub fn internal_h100e_h(&self, model: &Model) -> f64 {
        let h100e = &model.operators.h100e_of_class;
        let each = self.internal_h.iter().enumerate();
        each.map(|(index, hours)| hours * h100e[index % CLASSES])
            .sum()
    }

    /// Power and upkeep of one chip, USD per hour, at a tariff.
    pub fn avoidable_usd_per_h(model: &Model, chip: ChipId, pue: f64, usd_per_mwh: f64) -> f64 {
        let rules = &model.operators.rules;
        let kw = model.chips.products[chip].system_kw;
        let power = kw * rules.power_draw_share * pue * usd_per_mwh / 1e3;
        power + kw * rules.opex_usd_per_kw_year / YEAR_H
    }

    /// What a chip let on contract earns an hour above power and upkeep, at mean tariffs: all that
    /// a later owner without a name can count on.
    pub fn margin_usd_per_h(&self, model: &Model, chip: ChipId) -> f64 {
        let class = model.chips.products[chip].class as usize;
        let lease = model.chips.worth_per_chip[chip] * self.lease_usd_per_h[class];
        let (pue, tariff) = self.mean_pue_and_tariff;
        lease - Self::avoidable_usd_per_h(model, chip, pue, tariff)
    }

    /// The margin of one operator at one site, its own work included.
    pub fn own_margin_usd_per_h(
        &self,
        model: &Model,
        (operator, region): (OperatorId, RegionId),
        chip: ChipId,
    ) -> f64 {
        let firm = &model.operators.firms[operator];
        let class = model.chips.products[chip].class as usize;
        let worth = model.chips.worth_per_chip[chip];
        let own = self.internal_value_usd_per_h * model.operators.h100e_of_class[class];
        let outside = self.rent_usd_per_h[class];
        let rent = firm.internal_share * own + (1.0 - firm.internal_share) * outside;
        let (pue, tariff) = (
            self.pue[region.index()],
            self.tariff_usd_per_mwh[region.index()],
        );
        worth * rent - Self::avoidable_usd_per_h(model, chip, pue, tariff)
    }

    /// Present value of buying a chip for a site ÷ what it must at least be: above 1, buy.
    pub fn return_on_chip(
        &self,
        model: &Model,
        (operator, region): (OperatorId, RegionId),
        chip: ChipId,
        (price_usd, lead_weeks): (f64, f64),
    ) -> f64 {
        let rules = &model.operators.rules;
        let firm = &model.operators.firms[operator];
        let margin = self.own_margin_usd_per_h(model, (operator, region), chip);
        if margin <= 0.0 {
            return 0.0;
        }
        let rate = firm.rate + model.operators.decline_rate;
        let wait = math::exp(-rate * lead_weeks / YEAR_WEEKS);
        let value = margin * YEAR_H * annuity(rate, rules.chip_life_years) * wait;
        let mw = model.chips.products[chip].system_kw * model.operators.ground[region].pue / 1e3;
        // A hall outlives its first chips: they bear the share of its annuity that they use.
        let hall =
            annuity(firm.rate, rules.chip_life_years) / annuity(firm.rate, rules.site_life_years);
        let cost = price_usd * (1.0 + rules.server_cost_share)
            + mw * rules.site_cost_usd_per_mw * hall.min(1.0);
        value / (cost * firm.hurdle)
    }
}
