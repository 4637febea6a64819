//! What makers know beforehand: how new products climb, and who inherits the orders of old ones.

use super::super::conditions::Conditions;
use super::super::ids::{ChipId, Id};
use super::chain::{LONGEST_WEEKS, capacity};
use super::model::ChipModel;
use super::state::Chips;

/// Weekly orders that each product may expect from products of its maker whose sale ends before
/// wafers of today are sold: a maker announces last orders and has wafers of the successors ready.
/// Buyers fill power, so orders pass on by kilowatt.
pub(super) fn inherited_per_week(chain: &ChipModel, week: u32, chips: &Chips) -> Vec<f64> {
    let rules = &chain.rules().chain;
    let ahead = f64::from(rules.fab_weeks) + rules.die_bank_weeks;
    // Share of the orders of the weeks ahead that come after the last day of sale.
    let after = |chip: ChipId| {
        let left = chain.products[chip]
            .last_week
            .saturating_sub(i64::from(week));
        (1.0 - left.max(0) as f64 / ahead).clamp(0.0, 1.0)
    };
    let kw = |chip: ChipId| chips.orders_per_week[chip] * chain.products[chip].system_kw;
    let fabbed = |chip: &ChipId| {
        let made = chain.products[*chip].made.as_ref();
        made.is_some_and(|made| made.node.is_some())
    };
    let mut ending = vec![0.0; chain.makers.len()];
    let mut staying = vec![0.0; chain.makers.len()];
    for chip in chain.products.ids().filter(fabbed) {
        let maker = chain.products[chip].maker.index();
        ending[maker] += kw(chip) * after(chip);
        staying[maker] += kw(chip) * (1.0 - after(chip));
    }
    (chain.products.iter())
        .map(|(chip, product)| {
            let maker = product.maker.index();
            if fabbed(&chip) && staying[maker] > 0.0 {
                let share = (1.0 - after(chip)) / staying[maker];
                chips.orders_per_week[chip] * share * ending[maker]
            } else {
                0.0
            }
        })
        .collect()
}

/// Most packages of a new product that its maker can start in a week while it climbs to its share
/// of the line; nothing once it has climbed.
pub(super) fn ramp_ceiling(
    chain: &ChipModel,
    conditions: &Conditions,
    week: u32,
    chips: &Chips,
    chip: ChipId,
) -> Option<f64> {
    let rules = &chain.rules().chain;
    let product = &chain.products[chip];
    let made = product.made.as_ref()?;
    let line = made.packaging.filter(|_| product.release_week > 0)?;
    let since = i64::from(week) - product.release_week - i64::from(rules.fab_weeks);
    let climbed = (since + 1) as f64 / rules.ramp_weeks;
    if climbed >= 1.0 {
        return None;
    }
    let slots = capacity(chain, conditions, week, line, chips.extra_share[line])
        * rules.packaging_yield_share
        * chain.makers[product.maker].packaging_share;
    Some(slots * made.packages_per_wafer * climbed.clamp(0.0, 1.0))
}

/// Weeks until a climbing product's planned starts have served its queue: week by week what the
/// ramp allows of the dies that are in the bank or due from the fab. Beyond the fab's length dies
/// follow the plan, because wafers for today's queue are started now.
pub(super) fn planned_wait_weeks(
    chain: &ChipModel,
    (conditions, week): (&Conditions, u32),
    chips: &Chips,
    (chip, mut open): (ChipId, f64),
) -> Option<f64> {
    let fab = chain.rules().chain.fab_weeks;
    let in_fab = &chips.fab[chip.index() * fab as usize..][..fab as usize];
    let mut ceiling = ramp_ceiling(chain, conditions, week, chips, chip)?;
    let mut dies = chips.bank_chips[chip] as f64;
    for ahead in 1..=LONGEST_WEEKS as u32 {
        let then = week + ahead;
        // Once it has climbed, a product keeps the pace it has reached.
        let able = ramp_ceiling(chain, conditions, then, chips, chip);
        ceiling = able.unwrap_or(ceiling);
        if ahead <= fab {
            dies += in_fab[(then % fab) as usize] as f64;
        }
        let starts = if ahead > fab || dies > ceiling {
            ceiling
        } else {
            dies
        };
        if open <= starts {
            let part = if starts > 0.0 { open / starts } else { 0.0 };
            return Some(f64::from(ahead - 1) + part);
        }
        open -= starts;
        dies = if dies > starts { dies - starts } else { 0.0 };
    }
    Some(LONGEST_WEEKS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::random::Luck;
    use crate::market::{Model, World};

    #[test]
    fn successors_inherit_the_kilowatts_of_what_ends() {
        let sets = ["providers.rows=100".to_owned(), "demand.nodes=2".to_owned()];
        let path = std::path::Path::new("scenarios/baseline.yaml");
        let loaded = crate::scenario::load(path, &sets).expect("the baseline");
        let (seed, draw, luck) = (42, 0, 0);
        let scenario = loaded.scenario(Some(&loaded.policies[0]));
        let model = Model::compile(&scenario, Luck { seed, draw, luck });
        let chips = World::open(&model).chips;
        let chain = &model.chips;
        let id = |name: &str| model.names.chips.id::<ChipId>(name);
        let h100 = id("h100");
        let last = chain.products[h100].last_week as u32;
        let inherited = inherited_per_week(chain, last, &chips);
        let kw = |chip: ChipId| chain.products[chip].system_kw;
        let nvidia = chain.products[h100].maker;
        let own = chain.products.ids();
        let own = own.filter(|chip| chain.products[*chip].maker == nvidia);
        let passed: f64 = own.map(|chip| inherited[chip.index()] * kw(chip)).sum();
        let ended = chips.orders_per_week[h100] * kw(h100);
        assert!(ended > 0.0 && passed >= 0.999 * ended, "{passed} {ended}");
        assert!(inherited[id("gb300").index()] > 0.0);
        let early = inherited_per_week(chain, 0, &chips);
        assert_eq!(early[id("gb300").index()], 0.0, "nothing ends soon");
    }
}
