//! Room for load that may be cut off, from the year's own load-duration curve.
//!
//! With hourly load l and a flat addition d, both ÷ the capacity that serves the peak, the
//! addition loses min(d, max(l + d − 1, 0)) in an hour, a mean of E(1 − d) − E(1), where
//! E(u) = mean of max(l − u, 0). The room is the largest d of which no more than the agreed share
//! is lost. E is kept at fixed levels for each four weeks of the last year.

use super::model::{GridModel, RegionModel};
use super::state::RegionState;
use crate::kernels::reduce;

/// Levels of load at which the curve is kept, ÷ capacity.
const LEVELS: usize = 32;
const LOWEST_LEVEL: f64 = 0.4;
const LEVEL_STEP: f64 = 0.025;
/// Parts of the year that are kept apart, and the weeks of each.
pub const SLOTS: u32 = 13;
pub const SLOT_WEEKS: u32 = 4;

fn level(at: usize) -> f64 {
    LOWEST_LEVEL + LEVEL_STEP * at as f64
}

/// Enters a week's hours into the curve: the `seen`-th week of a slot, counted from 0.
pub fn observe(load_mw: &[f64], capacity_mw: f64, (slot, seen): (u32, u32), curve: &mut Vec<f64>) {
    if capacity_mw <= 0.0 || load_mw.is_empty() {
        return;
    }
    curve.resize(LEVELS * SLOTS as usize, 0.0);
    let from = slot as usize * LEVELS;
    for (at, excess) in curve[from..from + LEVELS].iter_mut().enumerate() {
        let floor_mw = level(at) * capacity_mw;
        let mut sum = 0.0;
        for mw in load_mw {
            let above = mw - floor_mw;
            sum += if above > 0.0 { above } else { 0.0 };
        }
        let mean = sum / load_mw.len() as f64 / capacity_mw;
        *excess += (mean - *excess) / f64::from(seen + 1);
    }
}

/// Largest flat addition, ÷ capacity, that loses no more than `curtailed_share` of its energy.
pub fn room_share(curve: &[f64], curtailed_share: f64) -> f64 {
    if curve.is_empty() {
        return 0.0;
    }
    let excess = |at: usize| {
        let slots: [f64; SLOTS as usize] = std::array::from_fn(|slot| curve[slot * LEVELS + at]);
        reduce::sum(&slots) / f64::from(SLOTS)
    };
    // The level at which load equals capacity.
    let full = ((1.0 - LOWEST_LEVEL) / LEVEL_STEP + 0.5) as usize;
    let mut known = (0.0, 0.0);
    for at in (0..full).rev() {
        let added = 1.0 - level(at);
        // Lost ÷ added grows with what is added, because E is convex.
        let lost_share = (excess(at) - excess(full)) / added;
        if lost_share > curtailed_share {
            let rise = lost_share - known.1;
            let part = (curtailed_share - known.1) / rise;
            return known.0 + (added - known.0) * if part > 0.0 { part } else { 0.0 };
        }
        known = (added, lost_share);
    }
    known.0
}

/// Megawatts of load that may be cut off for which a region has room today, beyond what has been
/// connected so lately that the year does not show it yet.
pub fn room_mw(region: &RegionModel, state: &RegionState) -> f64 {
    let Some(rule) = &region.facts.flexible_connection else {
        return 0.0;
    };
    let memory = &state.memory;
    let share = room_share(&memory.excess_share, rule.curtailed_share);
    let room = share * memory.firm_capacity_mw - memory.flexible_recent_mw;
    if room > 0.0 { room } else { 0.0 }
}

/// Load at the meter of those who accept to be cut off: what was connected, as far as it is used.
pub fn in_use_mw(model: &GridModel, flexible_mw: f64, operators_mw: f64) -> f64 {
    let drawn = flexible_mw * model.power_draw_share;
    if drawn < operators_mw {
        drawn
    } else {
        operators_mw
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the definition: hour by hour, over a year of two kinds of weeks.
    #[test]
    fn the_room_is_what_the_hours_leave() {
        let hours = |scale: f64| -> Vec<f64> {
            let course = |hour: usize| 0.55 + 0.3 * ((hour % 24) as f64 / 23.0);
            (0..168).map(|hour| 1e4 * scale * course(hour)).collect()
        };
        let (usual, hot) = (hours(1.0), hours(1.1));
        let mut curve = Vec::new();
        for slot in 0..SLOTS {
            let load = if slot == 0 { &hot } else { &usual };
            observe(load, 1e4, (slot, 0), &mut curve);
        }
        let lost = |added: f64| {
            let of = |load: &[f64]| {
                let cut = load.iter().map(|mw| (mw + added - 1e4).clamp(0.0, added));
                cut.sum::<f64>() / 168.0
            };
            (of(&hot) + 12.0 * of(&usual)) / 13.0 / added
        };
        for share in [0.002, 0.01, 0.05] {
            let room = room_share(&curve, share) * 1e4;
            assert!(
                (lost(room) - share).abs() < 0.15 * share,
                "{share}: {room} loses {}",
                lost(room)
            );
        }
        assert!(room_share(&curve, 0.0) < room_share(&curve, 0.01));
    }
}
