//! What operators expect an hour to earn, and what a chip is worth to them.
//!
//! Expected rent r of a class: an average of sales ÷ hours open to buyers. A chip's margin per
//! hour m = worth · r − power − upkeep. Present value of a purchase with lead time L:
//! m · 8766 · A(ρ + δ, T) · e^{−(ρ + δ)L}, ρ the cost of capital, δ the expected fall of rents, A
//! the annuity. It is bought where that exceeds cost × β₁/(β₁ − 1) (Dixit and Pindyck).

use super::super::chips::CLASSES;
use super::super::clearing::Seller;
use super::super::ids::{ChipId, Id, OperatorId, RegionId};
use super::super::model::{Model, YEAR_WEEKS};
use super::super::schedule::annuity;
use super::super::week::{Fault, Week};
use super::super::world::World;
use super::state::{Operators, opening_ground};
use crate::kernels::math;

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

/// Called by investment: last week's sales per open hour enter the average.
pub fn expect(week: &Week, world: &mut World) -> Result<(), Fault> {
    let model = week.model;
    let World {
        operators, market, ..
    } = world;
    let mut sales = [0.0; CLASSES];
    for (id, offer) in model.market.offers.iter() {
        if matches!(offer.seller, Seller::Operator(_)) {
            sales[offer.class as usize] += market.sold_h[id] * market.price_usd_per_h[id];
        }
    }
    let mut open = [0.0; CLASSES];
    for (index, hours) in operators.offered_h.iter().enumerate() {
        open[index % CLASSES] += hours;
    }
    let gain = 1.0 / model.operators.rules.expectation_weeks;
    let h100e = &model.operators.h100e_of_class;
    let strength = &model.operators.strength_of_class;
    let (mut total_sales, mut total_h100e, mut total_strength) = (0.0, 0.0, 0.0);
    for class in 0..CLASSES {
        total_sales += sales[class];
        total_h100e += open[class] * h100e[class];
        total_strength += open[class] * strength[class];
    }
    if total_h100e > 0.0 {
        let now = total_sales / total_h100e;
        operators.rent_usd_per_h100e_h += (now - operators.rent_usd_per_h100e_h) * gain;
    }
    for class in 0..CLASSES {
        // A class that is hardly on sale yet is judged by what chips of its strength would earn.
        let known = open[class] * h100e[class] > 0.002 * total_h100e;
        let now = if known {
            sales[class] / open[class]
        } else if total_strength > 0.0 {
            total_sales / total_strength * strength[class]
        } else {
            operators.rent_usd_per_h[class]
        };
        operators.rent_usd_per_h[class] += (now - operators.rent_usd_per_h[class]) * gain;
    }
    operators.value_internal_work(model, week.number);
    Ok(())
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

    /// What a chip earns an hour on the market above power and upkeep, at mean tariffs.
    pub fn margin_usd_per_h(&self, model: &Model, chip: ChipId) -> f64 {
        let class = model.chips.products[chip].class as usize;
        let rent = model.chips.worth_per_chip[chip] * self.rent_usd_per_h[class];
        let (pue, tariff) = self.mean_pue_and_tariff;
        rent - Self::avoidable_usd_per_h(model, chip, pue, tariff)
    }

    /// The same at the opening.
    pub fn opening_margin_usd_per_h(model: &Model, chip: ChipId) -> f64 {
        let class = model.chips.products[chip].class as usize;
        let rent = model.chips.worth_per_chip[chip] * model.operators.opening_rent_usd_per_h[class];
        let (pue, tariff) = opening_ground(model);
        rent - Self::avoidable_usd_per_h(model, chip, pue, tariff)
    }

    /// The same to one operator at one site, its own work included.
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
        let mw = model.chips.products[chip].system_kw * self.pue[region.index()] / 1e3;
        // A hall outlives its first chips: they bear the share of its annuity that they use.
        let hall =
            annuity(firm.rate, rules.chip_life_years) / annuity(firm.rate, rules.site_life_years);
        let cost = price_usd * (1.0 + rules.server_cost_share)
            + mw * rules.site_cost_usd_per_mw * hall.min(1.0);
        value / (cost * firm.hurdle)
    }
}
