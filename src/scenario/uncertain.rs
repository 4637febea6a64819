//! Numbers that are drawn once per draw: one uniform variate becomes one value by the
//! distribution's own quantile function, so that luck can be shared between policies.

use super::schema::Rule;
use super::types::Distribution;
use crate::kernels::math::{exp, norm_inv};

impl Distribution {
    /// What makes the parameters impossible.
    pub fn contradiction(&self) -> Option<&'static str> {
        match self {
            Distribution::Uniform(d) => (d.low >= d.high).then_some("`low` must be below `high`"),
            Distribution::Triangular(d) => {
                let ordered = d.low <= d.mode && d.mode <= d.high && d.low < d.high;
                (!ordered).then_some("`low`, `mode` and `high` must rise")
            }
            Distribution::LogNormal(d) => {
                (d.median <= 0.0).then_some("`median` must be above zero")
            }
            Distribution::Normal(_) => None,
        }
    }

    /// Smallest and largest value that can be drawn, where there are such.
    pub fn support(&self) -> Option<(f64, f64)> {
        match self {
            Distribution::Uniform(d) => Some((d.low, d.high)),
            Distribution::Triangular(d) => Some((d.low, d.high)),
            _ => None,
        }
    }

    /// The value below which a share `u` (strictly between 0 and 1) of all draws lies.
    pub fn quantile(&self, u: f64) -> f64 {
        match self {
            Distribution::Uniform(d) => d.low + (d.high - d.low) * u,
            Distribution::Triangular(d) => {
                let width = d.high - d.low;
                if u * width < d.mode - d.low {
                    d.low + (u * width * (d.mode - d.low)).sqrt()
                } else {
                    d.high - ((1.0 - u) * width * (d.high - d.mode)).sqrt()
                }
            }
            Distribution::LogNormal(d) => d.median * exp(d.sigma * norm_inv(u)),
            Distribution::Normal(d) => d.mean + d.sd * norm_inv(u),
        }
    }

    /// [`quantile`](Self::quantile), kept inside the field's hard range and whole where it must.
    pub fn draw(&self, u: f64, rule: &Rule) -> f64 {
        // A variate of exactly zero has no normal quantile.
        let smallest = 1.0 / 9_007_199_254_740_992.0;
        let u = u.clamp(smallest, 1.0 - smallest);
        let value = self.quantile(u);
        match (rule.range, rule.whole_range) {
            (Some((low, high)), _) => value.clamp(low, high),
            (None, Some((low, high))) => value.round().clamp(low as f64, high as f64),
            (None, None) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::types::{LogNormal, Normal, Triangular, Uniform};

    fn near(found: f64, wanted: f64) {
        assert!(
            (found - wanted).abs() < 1e-9 * wanted.abs().max(1.0),
            "{found} {wanted}"
        );
    }

    #[test]
    fn quantiles_by_hand() {
        let uniform = Distribution::Uniform(Uniform {
            low: 2.0,
            high: 6.0,
        });
        near(uniform.quantile(0.25), 3.0);
        let triangular = Distribution::Triangular(Triangular {
            low: 0.0,
            mode: 1.0,
            high: 4.0,
        });
        // The area left of the mode is (1−0)/(4−0) = 1/4.
        near(triangular.quantile(0.25), 1.0);
        near(triangular.quantile(0.0625), 0.5);
        near(triangular.quantile(1.0 - 0.1875), 4.0 - 1.5);
        let lognormal = Distribution::LogNormal(LogNormal {
            median: 3.0,
            sigma: 0.5,
        });
        near(lognormal.quantile(0.5), 3.0);
        near(
            lognormal.quantile(0.841_344_746_068_543),
            3.0 * 1.648_721_270_700_128,
        );
        let normal = Distribution::Normal(Normal { mean: 1.0, sd: 2.0 });
        near(normal.quantile(0.975), 1.0 + 2.0 * 1.959_963_984_540_054);
    }

    #[test]
    fn draws_stay_inside_the_hard_range() {
        let normal = Distribution::Normal(Normal {
            mean: 0.5,
            sd: 100.0,
        });
        let rule = Rule {
            range: Some((0.0, 1.0)),
            ..Rule::NONE
        };
        assert_eq!(normal.draw(0.0, &rule), 0.0);
        assert_eq!(normal.draw(1.0, &rule), 1.0);
        let rule = Rule {
            whole_range: Some((1, 50)),
            ..Rule::NONE
        };
        assert_eq!(normal.draw(0.51, &rule), 3.0);
    }
}
