//! The token's own market: one batch a week at one price.
//!
//! Sellers bring tokens whatever the price (providers, insiders, treasury). Burns and buybacks
//! bring money whatever the price. Holders trade against their valuation V, but only outside a
//! band around it: response × holdings × ln(V(1−b)/p) below, ln(p/(V(1+b))) above. The
//! constant-product pool trades along its curve (M20): for N tokens in it pays
//! Y·N(1−f)/(X + N(1−f)), so the batch price p is the mean price of its trade,
//! N(p) = Y/p − X/(1−f). Excess supply rises with p; bisection finds its root.

use crate::kernels::math;

/// Price moves within a week by at most this factor, up or down.
pub const WEEKLY_LIMIT_FACTOR: f64 = 20.0;
const STEPS: usize = 64;

/// The pool's reserves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pool {
    pub tokens: f64,
    pub usd: f64,
    pub fee_share: f64,
    /// A backed curve instead of a constant product.
    pub curve: Option<Curve>,
}

/// A backed bonding curve (M21): the reserve of S tokens sold is worth dR = R((S+dS)/S)^(1+k) − R.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    pub exponent: f64,
    /// Tokens that the curve has sold.
    pub sold_tokens: f64,
}

impl Curve {
    /// Price of the next token, where `usd` is the reserve.
    pub fn marginal_usd(&self, usd: f64) -> f64 {
        (1.0 + self.exponent) * usd / self.sold_tokens
    }

    /// Mean price when `tokens` flow back in (negative: out).
    fn mean_usd(&self, usd: f64, tokens: f64) -> f64 {
        let left = 1.0 - tokens / self.sold_tokens;
        let kept = math::pow(if left > 0.0 { left } else { 0.0 }, 1.0 + self.exponent);
        usd * (1.0 - kept) / tokens
    }

    /// Tokens that flow in when the mean price of the trade is `price`; it falls as they do.
    fn inflow_tokens(&self, pool: &Pool, price: f64) -> f64 {
        let kept = 1.0 - pool.fee_share;
        let middle = self.marginal_usd(pool.usd);
        let (mut low, mut high, wanted) = if price < middle * kept {
            (0.0, self.sold_tokens, price / kept)
        } else if price > middle / kept {
            (-pool.tokens, 0.0, price * kept)
        } else {
            return 0.0;
        };
        for _ in 0..STEPS {
            let guess = 0.5 * (low + high);
            if self.mean_usd(pool.usd, guess) > wanted {
                low = guess;
            } else {
                high = guess;
            }
        }
        0.5 * (low + high)
    }
}

impl Pool {
    /// Tokens that flow in (negative: out) when the mean price of the trade is `price`.
    pub fn inflow_tokens(&self, price: f64) -> f64 {
        let kept = 1.0 - self.fee_share;
        if self.tokens <= 0.0 || self.usd <= 0.0 {
            return 0.0;
        }
        if let Some(curve) = &self.curve {
            return curve.inflow_tokens(self, price);
        }
        let middle = self.usd / self.tokens;
        if price < middle * kept {
            self.usd / price - self.tokens / kept
        } else if price > middle / kept {
            self.usd / (kept * price) - self.tokens
        } else {
            0.0
        }
    }
}

/// Those who hold tokens for their value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Holders {
    pub tokens: f64,
    /// What a token is worth to them.
    pub value_usd: f64,
    pub band_share: f64,
    pub response: f64,
    pub speculation: Speculation,
}

/// Holders who bet on next week, see `speculation`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Speculation {
    /// Share of holders' tokens that they trade.
    pub holdings_share: f64,
    /// Share of those traded per unit of expected return.
    pub response: f64,
    /// Share of them that follows the trend.
    pub trend_share: f64,
    pub trend_return: f64,
}

impl Speculation {
    /// Share of all holdings bought at a price.
    fn share(&self, value_usd: f64, price: f64) -> f64 {
        if self.holdings_share <= 0.0 {
            return 0.0;
        }
        let value = (1.0 - self.trend_share) * math::ln(value_usd / price);
        let bet = self.trend_share * self.trend_return + value;
        self.holdings_share * self.response * bet
    }
}

impl Holders {
    /// Tokens they buy (negative: sell) at `price`; they never sell more than half a week.
    pub fn demand_tokens(&self, price: f64) -> f64 {
        let low = self.value_usd * (1.0 - self.band_share);
        let high = self.value_usd * (1.0 + self.band_share);
        let gap = if price < low {
            math::ln(low / price)
        } else if price > high {
            -math::ln(price / high)
        } else {
            0.0
        };
        let share = self.response * gap + self.speculation.share(self.value_usd, price);
        let share = if share > -0.5 { share } else { -0.5 };
        self.tokens * share
    }
}

/// Everybody's orders of one week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batch {
    /// Tokens offered at any price.
    pub sold_tokens: f64,
    /// Tokens needed at any price (collateral).
    pub needed_tokens: f64,
    /// Money that buys at any price (burns, buybacks).
    pub budget_usd: f64,
    pub pool: Pool,
    pub holders: Holders,
}

impl Batch {
    fn excess_supply_tokens(&self, price: f64) -> f64 {
        self.sold_tokens
            - self.needed_tokens
            - self.budget_usd / price
            - self.pool.inflow_tokens(price)
            - self.holders.demand_tokens(price)
    }

    /// The price of the batch, within [`WEEKLY_LIMIT_FACTOR`] of the last one.
    pub fn price_usd(&self, last_usd: f64) -> f64 {
        let mut low = last_usd / WEEKLY_LIMIT_FACTOR;
        let mut high = last_usd * WEEKLY_LIMIT_FACTOR;
        let at_last = self.excess_supply_tokens(last_usd);
        // Nobody wants to trade: the price stands.
        if at_last == 0.0 {
            return last_usd;
        }
        if at_last > 0.0 {
            high = last_usd;
        } else {
            low = last_usd;
        }
        for _ in 0..STEPS {
            let middle = (low * high).sqrt();
            if self.excess_supply_tokens(middle) > 0.0 {
                high = middle;
            } else {
                low = middle;
            }
        }
        (low * high).sqrt()
    }
}

/// What holders believe a token is worth: discounted fees and burns plus a premium that fades,
/// bent by the factor that is common to all tokens, per token in circulation.
pub fn value_usd(fees_usd_per_year: f64, discount: f64, premium_usd: f64, factor: f64) -> f64 {
    (fees_usd_per_year / discount + premium_usd) * factor
}

/// The valuation at which a steady net flow of sales leaves the price where it is: opening
/// prices are taken to clear opening flows.
pub fn value_that_clears(price_usd: f64, net_sold_tokens: f64, holders: &Holders) -> f64 {
    let depth = holders.response * holders.tokens;
    if depth <= 0.0 {
        return price_usd;
    }
    let push = math::exp(net_sold_tokens / depth);
    if net_sold_tokens > 0.0 {
        price_usd * push / (1.0 - holders.band_share)
    } else if net_sold_tokens < 0.0 {
        price_usd * push / (1.0 + holders.band_share)
    } else {
        price_usd
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> Batch {
        Batch {
            sold_tokens: 0.0,
            needed_tokens: 0.0,
            budget_usd: 0.0,
            pool: Pool {
                tokens: 1e6,
                usd: 5e6,
                fee_share: 0.003,
                curve: None,
            },
            holders: Holders {
                tokens: 1e7,
                value_usd: 5.0,
                band_share: 0.1,
                response: 0.05,
                speculation: Speculation::default(),
            },
        }
    }

    /// T23 of the theory cases: x = 10^6, y = 5·10^6, dx = 10^4, f = 0.003.
    #[test]
    fn the_pool_pays_what_the_constant_product_pays() {
        let pool = batch().pool;
        let paid = 49_357.901_719_853;
        let inflow = pool.inflow_tokens(paid / 1e4);
        assert!((inflow - 1e4).abs() < 1e-5, "{inflow}");
        // The other way round: the product never falls.
        let price = 5.2;
        let out = pool.inflow_tokens(price);
        assert!(out < 0.0);
        let product = (pool.tokens + out) * (pool.usd - out * price);
        assert!(product >= pool.tokens * pool.usd);
    }

    /// M21: the curve pays what its reserve loses, and selling all returns the whole reserve.
    #[test]
    fn a_backed_curve_pays_what_its_reserve_says() {
        let curve = Curve {
            exponent: 1.0,
            sold_tokens: 1e6,
        };
        let pool = Pool {
            tokens: 1e6,
            usd: 5e5,
            fee_share: 0.0,
            curve: Some(curve),
        };
        assert!((curve.marginal_usd(pool.usd) - 1.0).abs() < 1e-12);
        // Half of the tokens return R(1 − 1/4): a mean price of 0.75.
        assert!((pool.inflow_tokens(0.75) - 5e5).abs() < 1e-3);
        assert!((curve.mean_usd(pool.usd, 1e6) * 1e6 - pool.usd).abs() < 1e-6);
        let out = pool.inflow_tokens(1.25);
        assert!((out + 5e5).abs() < 1e-3, "{out}");
    }

    #[test]
    fn speculators_buy_what_they_expect_to_rise() {
        let bet = |trend_share, trend_return| {
            let mut batch = batch();
            batch.holders.speculation = Speculation {
                holdings_share: 0.2,
                response: 1.0,
                trend_share,
                trend_return,
            };
            batch.price_usd(5.0)
        };
        assert_eq!(bet(1.0, 0.0), 5.0);
        assert!(bet(1.0, 0.1) > 5.0 && bet(1.0, -0.1) < 5.0);
        assert!(bet(0.5, 0.1) < bet(1.0, 0.1));
    }

    #[test]
    fn prices_clear_and_move_the_right_way() {
        let calm = batch().price_usd(5.0);
        assert_eq!(calm, 5.0);
        let sold = Batch {
            sold_tokens: 2e5,
            ..batch()
        };
        let burnt = Batch {
            budget_usd: 1e6,
            ..batch()
        };
        let staked = Batch {
            needed_tokens: 1e5,
            ..batch()
        };
        let (down, up) = (sold.price_usd(5.0), burnt.price_usd(5.0));
        assert!(down < 5.0 && up > 5.0 && staked.price_usd(5.0) > 5.0);
        assert!(sold.excess_supply_tokens(down).abs() < 1e-3);
        assert!(burnt.excess_supply_tokens(up).abs() < 1e-3);
        let more = Batch {
            sold_tokens: 4e5,
            ..batch()
        };
        assert!(more.price_usd(5.0) < down);
    }

    #[test]
    fn nobody_to_trade_with_gives_a_bounded_price() {
        let mut lonely = batch();
        lonely.pool = Pool {
            tokens: 0.0,
            usd: 0.0,
            fee_share: 0.003,
            curve: None,
        };
        lonely.holders.tokens = 0.0;
        lonely.sold_tokens = 1.0;
        let price = lonely.price_usd(5.0);
        assert!(price > 0.0 && price < 5.0 && price.is_finite());
        lonely.sold_tokens = 0.0;
        lonely.budget_usd = 1.0;
        assert!(lonely.price_usd(5.0) <= 100.0001);
    }

    #[test]
    fn the_opening_valuation_keeps_the_opening_price() {
        for flow in [3e4, -2e4] {
            let mut steady = batch();
            steady.holders.value_usd = value_that_clears(5.0, flow, &steady.holders);
            if flow > 0.0 {
                steady.sold_tokens = flow;
            } else {
                steady.needed_tokens = -flow;
            }
            let price = steady.price_usd(5.0);
            assert!((price - 5.0).abs() < 1e-9, "{flow}: {price}");
        }
    }
}
