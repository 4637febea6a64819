//! The generalised price (E1): what an hour costs a buyer beyond its price.

/// Everything about an offer that a buyer pays in another coin than its price.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Friction {
    /// Time until the chips are ready.
    pub lead_time_h: f64,
    /// What an hour of waiting costs the buyer, USD per hour bought.
    pub value_of_time_usd_per_h: f64,
    /// What an hour lost to failure costs, USD per hour.
    pub risk_usd_per_h: f64,
    /// Share of the time that the chips are up.
    pub availability_share: f64,
    /// Egress and migration, spread over the hours; owed by those who come from elsewhere.
    pub switching_usd_per_h: f64,
    /// Whether the buyer is here already.
    pub is_current: bool,
}

impl Friction {
    /// USD per hour on top of the price: v·W + risk·(1 − A) + switching.
    pub fn usd_per_h(&self) -> f64 {
        let switching = if self.is_current {
            0.0
        } else {
            self.switching_usd_per_h
        };
        self.value_of_time_usd_per_h * self.lead_time_h
            + self.risk_usd_per_h * (1.0 - self.availability_share)
            + switching
    }

    /// The same in utility, to be added to a product's base.
    pub fn utility(&self, price_coefficient: f64) -> f64 {
        price_coefficient * self.usd_per_h()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_friction_costs_and_only_newcomers_switch() {
        let mut friction = Friction {
            lead_time_h: 10.0,
            value_of_time_usd_per_h: 0.02,
            risk_usd_per_h: 5.0,
            availability_share: 0.98,
            switching_usd_per_h: 0.3,
            is_current: false,
        };
        assert!((friction.usd_per_h() - 0.6).abs() < 1e-12);
        friction.is_current = true;
        assert!((friction.usd_per_h() - 0.3).abs() < 1e-12);
        assert!(friction.utility(-1.1) < 0.0);
    }
}
