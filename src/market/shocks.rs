//! Phase 1: events start and end; they bend this week's conditions, never the model.
//!
//! A shock stands on the calendar or is drawn by a hazard. Its chance is keyed by its own name,
//! so that adding one leaves every other untouched, and all policies meet the same events.

use super::conditions::Conditions;
use super::ids::{AreaId, ChipId, Id, NetworkId, OperatorId, RegionId, SegmentId, ShockId, Table};
use super::model::{Compile, Names, WEEK_H, YEAR_WEEKS};
use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::World;
use crate::kernels::math;
use crate::kernels::random::Luck;
use crate::scenario::types::{ControlScope, ExportControl, Scenario, ServiceKind, Shock};

/// One change that a shock makes while it is on.
#[derive(Clone, Debug, PartialEq)]
enum Effect {
    Outage {
        operator: OperatorId,
        areas: Vec<AreaId>,
        share: f64,
    },
    FuelPrice {
        regions: Vec<RegionId>,
        factor: f64,
    },
    Tariff {
        regions: Vec<RegionId>,
        factor: f64,
    },
    Control {
        chips: Vec<ChipId>,
        laws: Vec<u16>,
        sale: bool,
        rental: bool,
        leakage_share: f64,
    },
    Wafers(f64),
    Packaging(f64),
    Memory(f64),
    Drought {
        region: RegionId,
        factor: f64,
    },
    Heat {
        region: RegionId,
        degrees_c: f64,
    },
    Demand {
        segments: Vec<SegmentId>,
        factor: f64,
    },
    Unlock {
        network: NetworkId,
        share: f64,
    },
    Tokens {
        return_share: f64,
    },
    Moratorium {
        region: RegionId,
    },
    Capital(f64),
    RivalPrice {
        service: ServiceKind,
        factor: f64,
    },
}

/// A spell of a shock: first week and length in weeks, the last of which may be partial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spell {
    pub start_week: u32,
    pub weeks: f64,
}

#[derive(Clone, Debug, PartialEq)]
struct Event {
    spells: Vec<Spell>,
    effects: Vec<Effect>,
}

/// Every event of the run, drawn when the scenario is compiled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShockModel {
    events: Table<ShockId, Event>,
}

/// Which shocks began this week, for the table of events.
#[derive(Clone, Debug, Default)]
pub struct ShockNotes {
    pub began: Vec<(ShockId, f64)>,
    /// A review of list prices found no equilibrium; prices were left alone.
    pub unsettled: bool,
}

impl ShockModel {
    pub fn compile(compile: &mut Compile<'_>, luck: Luck) -> Self {
        let scenario = compile.scenario;
        let events = compile.names.shocks.iter().map(|name| {
            let shock = &scenario.shocks[name];
            Event {
                spells: spells(name, shock, scenario, luck),
                effects: effects(shock, compile.names),
            }
        });
        Self {
            events: events.collect(),
        }
    }

    /// The spells of one shock in this run.
    pub fn spells(&self, shock: ShockId) -> &[Spell] {
        &self.events[shock].spells
    }
}

/// Spells on the calendar, or drawn week by week from the shock's own stream.
fn spells(name: &str, shock: &Shock, scenario: &Scenario, luck: Luck) -> Vec<Spell> {
    let horizon = scenario.horizon.weeks;
    let weeks = shock.weeks.unwrap_or(0.0) + shock.days.unwrap_or(0.0) / 7.0;
    let weeks = if weeks > 0.0 {
        weeks
    } else {
        f64::from(horizon)
    };
    if let Some(at) = shock.at {
        let days = i64::from(at.days_since(scenario.horizon.start));
        let start = (days + 6).div_euclid(7);
        return match u32::try_from(start) {
            Ok(start_week) => vec![Spell { start_week, weeks }],
            // Began before the run: what is left of it.
            Err(_) => vec![Spell {
                start_week: 0,
                weeks: weeks + start as f64,
            }],
        };
    }
    let hazard = shock.hazard_per_year.unwrap_or(0.0) / YEAR_WEEKS;
    let share = 1.0 - math::exp(-hazard);
    let stream = luck.stream("shock", name);
    (0..horizon)
        .filter(|&week| stream.uniform(0, week) < share)
        .map(|start_week| Spell { start_week, weeks })
        .collect()
}

fn effects(shock: &Shock, names: &Names) -> Vec<Effect> {
    let regions = |name: &Option<String>| match name {
        Some(name) => vec![names.regions.id(name)],
        None => (0..names.regions.len()).map(RegionId::new).collect(),
    };
    let mut effects = Vec::new();
    if let Some(outage) = &shock.operator_outage {
        let areas = match &outage.area {
            Some(area) => vec![names.areas.id(area)],
            None => (0..names.areas.len()).map(AreaId::new).collect(),
        };
        let operator = names.operators.id(&outage.operator);
        effects.push(Effect::Outage {
            operator,
            areas,
            share: outage.share,
        });
    }
    if let Some(hike) = &shock.fuel_price {
        effects.push(Effect::FuelPrice {
            regions: regions(&hike.region),
            factor: hike.factor,
        });
    }
    if let Some(hike) = &shock.tariff {
        effects.push(Effect::Tariff {
            regions: regions(&hike.region),
            factor: hike.factor,
        });
    }
    if let Some(control) = &shock.export_control {
        effects.push(export_control(control, names));
    }
    effects.extend(
        shock
            .fab_stop
            .iter()
            .map(|change| Effect::Wafers(change.factor)),
    );
    effects.extend(
        shock
            .packaging_capacity
            .iter()
            .map(|c| Effect::Packaging(c.factor)),
    );
    effects.extend(
        shock
            .memory_capacity
            .iter()
            .map(|change| Effect::Memory(change.factor)),
    );
    effects.extend(
        shock
            .capital_change
            .iter()
            .map(|change| Effect::Capital(change.factor)),
    );
    effects.extend(local_effects(shock, names));
    effects
}

/// What strikes one region, one group of buyers or one network.
fn local_effects(shock: &Shock, names: &Names) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(drought) = &shock.drought {
        let region = names.regions.id(&drought.region);
        effects.push(Effect::Drought {
            region,
            factor: drought.factor,
        });
    }
    if let Some(heat) = &shock.heat_wave {
        let region = names.regions.id(&heat.region);
        effects.push(Effect::Heat {
            region,
            degrees_c: heat.degrees_c,
        });
    }
    if let Some(change) = &shock.demand_change {
        let segments = match &change.segment {
            Some(name) => vec![names.segments.id(name)],
            None => (0..names.segments.len()).map(SegmentId::new).collect(),
        };
        effects.push(Effect::Demand {
            segments,
            factor: change.factor,
        });
    }
    if let Some(unlock) = &shock.token_unlock {
        let network = names.networks.id(&unlock.network);
        effects.push(Effect::Unlock {
            network,
            share: unlock.share,
        });
    }
    if let Some(moved) = &shock.crypto_move {
        effects.push(Effect::Tokens {
            return_share: moved.return_share,
        });
    }
    if let Some(change) = &shock.rival_price {
        effects.push(Effect::RivalPrice {
            service: change.service,
            factor: change.factor,
        });
    }
    if let Some(moratorium) = &shock.connection_moratorium {
        effects.push(Effect::Moratorium {
            region: names.regions.id(&moratorium.region),
        });
    }
    effects
}

fn export_control(control: &ExportControl, names: &Names) -> Effect {
    let laws = control.jurisdictions.iter();
    Effect::Control {
        chips: control
            .chips
            .iter()
            .map(|chip| names.chips.id(chip))
            .collect(),
        laws: laws
            .filter_map(|law| names.jurisdictions.find::<RegionId>(law))
            .map(|l| l.0)
            .collect(),
        sale: control.applies_to.contains(&ControlScope::Sale),
        rental: control.applies_to.contains(&ControlScope::Rental),
        leakage_share: control.leakage_share,
    }
}

/// Share of the week in which a spell is on: 3 days of outage cost 3/7 of a week.
fn on_share(spell: &Spell, week: u32) -> f64 {
    let left = spell.weeks - (f64::from(week) - f64::from(spell.start_week));
    if week < spell.start_week || left <= 0.0 {
        0.0
    } else if left < 1.0 {
        left
    } else {
        1.0
    }
}

/// Phase 1.
pub fn bend(week: &Week, world: &mut World, scratch: &mut Scratch) -> Result<(), Fault> {
    let World { conditions, .. } = world;
    conditions.reset();
    scratch.notes.began.clear();
    for (id, event) in week.model.shocks.events.iter() {
        for spell in &event.spells {
            let share = on_share(spell, week.number);
            if share <= 0.0 {
                continue;
            }
            let first = spell.start_week == week.number;
            if first {
                scratch.notes.began.push((id, spell.weeks * WEEK_H));
            }
            for effect in &event.effects {
                apply(effect, share, first, conditions);
            }
        }
    }
    Ok(())
}

/// A factor that holds for part of the week only.
fn partly(factor: f64, share: f64) -> f64 {
    factor * share + (1.0 - share)
}

fn apply(effect: &Effect, share: f64, first: bool, conditions: &mut Conditions) {
    match effect {
        Effect::Outage {
            operator,
            areas,
            share: down,
        } => {
            if share < conditions.outage_week_share {
                conditions.outage_week_share = share;
            }
            for &area in areas {
                conditions.operator_up_share[*operator][area] *= 1.0 - share * down;
            }
        }
        Effect::FuelPrice { regions, factor } => {
            for &region in regions {
                conditions.fuel_price_factor[region] *= partly(*factor, share);
            }
        }
        Effect::Tariff { regions, factor } => {
            for &region in regions {
                conditions.tariff_factor[region] *= partly(*factor, share);
            }
        }
        Effect::Control {
            chips,
            laws,
            sale,
            rental,
            leakage_share,
        } => {
            let free = partly(*leakage_share, share);
            for (&chip, &law) in chips.iter().flat_map(|c| laws.iter().map(move |l| (c, l))) {
                let law = usize::from(law);
                if *sale {
                    conditions.sale_share[chip][law] *= free;
                }
                if *rental {
                    conditions.rental_share[chip][law] *= free;
                }
            }
        }
        Effect::Wafers(factor) => conditions.wafer_factor *= partly(*factor, share),
        Effect::Packaging(factor) => conditions.packaging_factor *= partly(*factor, share),
        Effect::Memory(factor) => conditions.memory_factor *= partly(*factor, share),
        Effect::Drought { region, factor } => {
            conditions.water_factor[*region] *= partly(*factor, share);
        }
        Effect::Heat { region, degrees_c } => conditions.heat_c[*region] += share * degrees_c,
        Effect::Demand { segments, factor } => {
            let bend = |&segment: &_| conditions.demand_factor[segment] *= partly(*factor, share);
            segments.iter().for_each(bend);
        }
        Effect::Unlock { network, share } if first => {
            conditions.unlock_share[*network] += share;
        }
        Effect::Tokens { return_share } if first => {
            conditions.token_return = (1.0 + conditions.token_return) * (1.0 + return_share) - 1.0;
        }
        Effect::Unlock { .. } | Effect::Tokens { .. } => {}
        Effect::Moratorium { region } => conditions.connection_open[*region] = false,
        Effect::RivalPrice { service, factor } => raise(conditions, *service, *factor, share),
        Effect::Capital(factor) => conditions.capital_factor *= partly(*factor, share),
    }
}

/// The central rival of a service changes his price.
fn raise(conditions: &mut Conditions, service: ServiceKind, factor: f64, share: f64) {
    conditions.rival_price_factor[service as usize] *= partly(factor, share);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_three_day_outage_costs_three_sevenths_of_one_week() {
        let spell = Spell {
            start_week: 5,
            weeks: 3.0 / 7.0,
        };
        assert_eq!(on_share(&spell, 4), 0.0);
        assert_eq!(on_share(&spell, 5), 3.0 / 7.0);
        assert_eq!(on_share(&spell, 6), 0.0);
    }

    #[test]
    fn a_spell_of_a_week_and_a_half_is_half_on_in_its_second_week() {
        let spell = Spell {
            start_week: 0,
            weeks: 1.5,
        };
        assert_eq!(on_share(&spell, 0), 1.0);
        assert_eq!(on_share(&spell, 1), 0.5);
        assert_eq!(on_share(&spell, 2), 0.0);
    }

    #[test]
    fn a_factor_that_is_on_for_no_time_changes_nothing() {
        assert_eq!(partly(0.3, 0.0), 1.0);
        assert_eq!(partly(0.3, 1.0), 0.3);
    }
}
