//! What can be computed once per cell and week, so that the rows need not.

use super::{BINS, MAX_VENUES, Terms};

/// Shares of the two shocks in each venue's noise: unit variance each.
const SHOCKS: [(f32, f32); MAX_VENUES] = [(1.0, 0.0), (0.0, 1.0), (0.6, -0.8), (-0.6, -0.8)];

/// Cell-wide numbers in the form the rows use; the oracle and the vectors share them.
pub(super) struct Prepared {
    /// USD/h at efficiency and tariff ratio 1.
    pub energy_usd_per_h: f32,
    /// σ a_v and σ b_v.
    pub shock: [(f32, f32); MAX_VENUES],
    /// Compared with the high half of a word as a number.
    pub review_threshold: f32,
    /// Compared with the low half of a word as a number.
    pub detection_threshold: [f32; MAX_VENUES],
    /// Cheating pays if the saving exceeds this times the detection belief.
    pub risk_usd_per_h: [f32; MAX_VENUES],
    pub switch_margin_usd_per_h: f32,
    pub bin_floor_usd_per_h: f32,
    pub bin_base: u32,
    /// The venue credits or sells tokens.
    pub token_venue: [bool; MAX_VENUES],
    /// Any venue credits or sells tokens.
    pub tokens: bool,
    /// Any venue detects cheats.
    pub checks: bool,
    /// Owners may sit in two venues.
    pub seconds: bool,
    /// Cheating saves something somewhere.
    pub cheats: bool,
}

impl Prepared {
    pub fn new(terms: &Terms, seconds: bool) -> Self {
        let mut prepared = Prepared {
            energy_usd_per_h: terms.power_kw * terms.tariff_usd_per_kwh,
            shock: SHOCKS,
            review_threshold: terms.review_hazard * 65_536.0,
            detection_threshold: [0.0; MAX_VENUES],
            risk_usd_per_h: [0.0; MAX_VENUES],
            switch_margin_usd_per_h: 0.0,
            bin_floor_usd_per_h: terms.bin_floor_usd_per_h,
            bin_base: terms.bin_floor_usd_per_h.to_bits() >> 20,
            token_venue: [false; MAX_VENUES],
            tokens: false,
            checks: false,
            seconds,
            cheats: false,
        };
        if terms.switch_margin_usd_per_h > 0.0 {
            prepared.switch_margin_usd_per_h = terms.switch_margin_usd_per_h;
        }
        for (v, venue) in terms.venues.iter().enumerate() {
            let (a, b) = SHOCKS[v];
            prepared.shock[v] = (terms.noise_sigma * a, terms.noise_sigma * b);
            prepared.detection_threshold[v] = venue.detection_probability * 65_536.0;
            let risk = venue.pay_usd_per_h + venue.cheat_penalty_usd_per_h;
            prepared.risk_usd_per_h[v] = if risk > 0.0 { risk } else { 0.0 };
            let tokens = venue.credit_quanta_per_device > 0.0 || venue.sell_share > 0.0;
            prepared.token_venue[v] = tokens;
            prepared.tokens |= tokens;
            prepared.checks |= venue.detection_probability > 0.0 || venue.detection_gain > 0.0;
            prepared.cheats |= venue.cheat_saving_usd_per_h > 0.0;
        }
        prepared
    }

    /// The cost step of a cost.
    pub fn bin(&self, cost_usd_per_h: f32) -> usize {
        let floor = self.bin_floor_usd_per_h;
        let above = if cost_usd_per_h < floor {
            floor
        } else {
            cost_usd_per_h
        };
        let bin = (above.to_bits() >> 20).wrapping_sub(self.bin_base) as usize;
        if bin < BINS { bin } else { BINS - 1 }
    }
}
