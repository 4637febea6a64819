//! The week of a closed network in the three substeps of the published code: who is here, what
//! the protocol does, where the price goes. Inside a substep every rule reads what the one
//! before left.

use super::providers::Terms;
use super::state::{ClosedNetwork, ClosedWeek};
use super::{ClosedRules, MOST_QUANTA};
use crate::kernels::math::{exp, ln};
use crate::kernels::random::Stream;
use crate::kernels::reduce;
use crate::market::books::whole;
use crate::scenario::types::ClosedChurn;

/// A part of a Poisson number has at most this mean, so that its chance of none is no rounding.
const POISSON_PART: f64 = 16.0;
/// Tokens neither rise nor fall beyond this multiple of their opening price.
const PRICE_RANGE: f64 = 1e9;
/// The week of chance that belongs to the opening.
const OPENING: u32 = u32::MAX;

/// Room for a week's candidates; no state.
#[derive(Clone, Debug, Default)]
pub struct Comers {
    normals: Vec<f64>,
    uniforms: Vec<f64>,
}

/// Quanta that changed hands in a week, for the books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// New, to providers.
    pub minted: i128,
    /// From the public, for ever.
    pub burnt: i128,
    /// From providers to the public.
    pub sold: i128,
}

impl ClosedNetwork {
    /// The first day.
    pub fn open(rules: &ClosedRules, comers: &mut Comers) -> Self {
        let facts = &rules.facts;
        let quanta_per_token = rules.quanta_per_token();
        let genesis = whole(facts.genesis_tokens * quanta_per_token);
        let mut network = Self {
            quanta_per_token,
            genesis_quanta: genesis,
            public_quanta: genesis,
            token_price_usd: facts.token_price_usd,
            service_price_usd_per_unit: facts.service_price_usd_per_unit,
            paid_usd_per_unit: f64::MAX,
            macro_factor: 1.0,
            ..Self::default()
        };
        let count = facts.opening_providers as usize;
        comers.draw(&rules.chance.attributes, OPENING, count);
        for (normal, uniform) in comers.normals.iter().zip(&comers.uniforms) {
            let units = facts.opening_capacity_factor * rules.units(*normal);
            network.crowd.join(units, rules.unit_cost_usd(*uniform));
        }
        // What opening demand would pay them: all that the first candidates know.
        let capacity = reduce::sum(&network.crowd.units);
        let bought = facts.base_demand_units_per_week * facts.service_price_usd_per_unit
            / facts.token_price_usd;
        network.reward_tokens_per_unit = rules.reward_tokens_per_unit(bought, capacity);
        network
    }

    /// One week.
    pub fn step(&mut self, rules: &ClosedRules, week: u32, comers: &mut Comers) -> Moved {
        self.week = ClosedWeek::default();
        let gone = self.come_and_go(rules, week, comers);
        self.ask(rules, week);
        let mut moved = self.serve(rules, week);
        moved.sold += gone;
        self.week.sold_tokens = self.tokens(moved.sold);
        self.price(rules);
        moved
    }

    /// Substep 1a: who lost money leaves, who would earn joins. Returns what leavers sold.
    fn come_and_go(&mut self, rules: &ClosedRules, week: u32, comers: &mut Comers) -> i128 {
        let mut sold = 0;
        if rules.facts.churn == ClosedChurn::Live {
            (self.week.left, sold) = self.crowd.leave(self.paid_usd_per_unit);
            self.left_count += self.week.left;
            self.public_quanta += sold;
        } else {
            self.week.losing = self.crowd.losing(self.paid_usd_per_unit);
        }
        let pays_usd = self.token_price_usd * self.reward_tokens_per_unit;
        let candidates = poisson(
            &rules.chance.candidates,
            week,
            rules.facts.candidates_per_week,
        );
        comers.draw(&rules.chance.attributes, week, candidates);
        for (normal, uniform) in comers.normals.iter().zip(&comers.uniforms) {
            // His size is on both sides of the question: only who joins needs one.
            let unit_cost_usd = rules.unit_cost_usd(*uniform);
            if pays_usd > unit_cost_usd {
                self.crowd.join(rules.units(*normal), unit_cost_usd);
                self.week.joined += 1;
            }
        }
        sold
    }

    /// Substep 1b: what buyers want, and the macro factor of the week.
    fn ask(&mut self, rules: &ClosedRules, week: u32) {
        let facts = &rules.facts;
        self.week.capacity_units = reduce::sum(&self.crowd.units);
        let pull = -0.5 * facts.demand_elasticity * ln(self.service_price_usd_per_unit);
        let macro_pull = 1.0 + facts.macro_sensitivity * self.macro_factor;
        let noise = rules.noise(0, week);
        self.week.demand_units = facts.base_demand_units_per_week * exp(pull) * noise * macro_pull;
        let (low, high) = (facts.macro_low_factor, facts.macro_high_factor);
        self.macro_factor = low + (high - low) * rules.chance.market.uniform(2, week);
    }

    /// Substep 2: buyers pay in tokens of which a part burns, providers share the mint and sell
    /// their costs, the service is priced anew. Where nobody provides, nothing is served and the
    /// price stands at its ceiling.
    fn serve(&mut self, rules: &ClosedRules, week: u32) -> Moved {
        let facts = &rules.facts;
        let capacity = self.week.capacity_units;
        let (floor, ceiling) = (
            facts.service_price_floor_usd_per_unit,
            facts.service_price_ceiling_usd_per_unit,
        );
        if capacity <= 0.0 {
            self.reward_tokens_per_unit = 0.0;
            self.paid_usd_per_unit = 0.0;
            self.service_price_usd_per_unit = ceiling;
            return Moved::default();
        }
        self.week.served_units = self.week.demand_units;
        let bought =
            self.week.demand_units * self.service_price_usd_per_unit / self.token_price_usd;
        self.week.bought_tokens = bought;
        self.reward_tokens_per_unit = rules.reward_tokens_per_unit(bought, capacity);
        self.paid_usd_per_unit = self.reward_tokens_per_unit * self.token_price_usd;
        let (minted, sold) = self.crowd.work(Terms {
            quanta_per_unit: self.reward_tokens_per_unit * self.quanta_per_token,
            quanta_per_usd: self.quanta_per_token / self.token_price_usd,
        });
        self.public_quanta += sold;
        self.minted_quanta += minted;
        let burnt = facts.burnt_share * bought * self.quanta_per_token;
        let burnt = if burnt < MOST_QUANTA {
            burnt
        } else {
            MOST_QUANTA
        };
        let burnt = whole(burnt).min(self.public_quanta.max(0));
        self.public_quanta -= burnt;
        self.burnt_quanta += burnt;
        let tightness = capacity / (facts.base_demand_units_per_week * rules.noise(1, week));
        let wanted = exp(-ln(tightness) / facts.demand_elasticity);
        self.service_price_usd_per_unit = wanted.clamp(floor, ceiling);
        Moved {
            minted,
            burnt,
            sold,
        }
    }

    /// Substep 3: the token's price follows what was bought less what was sold. Nobody can buy or
    /// sell more than all tokens there are: beyond that, which the code did not bound, the price
    /// moves as at the bound, and an alarm says so.
    fn price(&mut self, rules: &ClosedRules) {
        let facts = &rules.facts;
        let supply = self.supply_quanta().max(1);
        let flow = self.week.bought_tokens - self.week.sold_tokens;
        self.week.flow_share = flow / self.tokens(supply);
        let flow_share = self.week.flow_share.clamp(-1.0, 1.0);
        let moved =
            self.token_price_usd * exp(facts.flow_sensitivity * flow_share) * self.macro_factor;
        let opening = facts.token_price_usd;
        self.token_price_usd = moved.clamp(opening / PRICE_RANGE, opening * PRICE_RANGE);
    }
}

impl ClosedRules {
    /// Size of a candidate.
    fn units(&self, normal: f64) -> f64 {
        self.facts.capacity_median_units_per_week * exp(self.facts.capacity_sigma * normal)
    }

    fn unit_cost_usd(&self, uniform: f64) -> f64 {
        let (low, high) = (self.facts.unit_cost_low_usd, self.facts.unit_cost_high_usd);
        low + (high - low) * uniform
    }

    /// As many tokens are minted as are bought, up to the highest mint, and shared by capacity.
    fn reward_tokens_per_unit(&self, bought_tokens: f64, capacity_units: f64) -> f64 {
        let most = self.facts.highest_mint_tokens_per_week;
        let minted = if bought_tokens < most {
            bought_tokens
        } else {
            most
        };
        if capacity_units > 0.0 {
            minted / capacity_units
        } else {
            0.0
        }
    }

    /// A factor evenly around one.
    fn noise(&self, row: u32, week: u32) -> f64 {
        let width = self.facts.demand_noise_share;
        1.0 - width + 2.0 * width * self.chance.market.uniform(row, week)
    }
}

impl Comers {
    /// The attributes of a week's candidates, one row of chance each.
    fn draw(&mut self, stream: &Stream, week: u32, count: usize) {
        self.normals.resize(count, 0.0);
        self.uniforms.resize(count, 0.0);
        stream.normals_and_uniforms(week, &mut self.normals, &mut self.uniforms);
    }
}

/// A Poisson number: of parts with equal means, each by the inverse of its distribution.
fn poisson(stream: &Stream, week: u32, mean: f64) -> usize {
    let parts = (mean / POISSON_PART).ceil();
    let part_mean = mean / parts;
    let none = exp(-part_mean);
    let mut total = 0;
    for part in 0..parts as u32 {
        let uniform = stream.uniform(part, week);
        let (mut count, mut chance, mut below) = (0, none, none);
        while below < uniform && count < 100 {
            count += 1;
            chance *= part_mean / f64::from(count);
            below += chance;
        }
        total += count as usize;
    }
    total
}
