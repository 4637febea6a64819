//! What an outcome is called and in which unit it is shown; both follow from its name, whose
//! end is its unit.

use super::words::{fixed, in_sentence, name, percent, short};

/// How one outcome is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub label: String,
    pub unit: String,
    /// Display value = recorded value × scale.
    pub scale: f64,
    money: bool,
    share: bool,
}

/// Endings of names, longest first where one ends in another: unit, scale.
const ENDINGS: [(&str, &str, f64); 34] = [
    ("_usd_per_h100e_h", "$ per H100e-hour", 1.0),
    ("_usd_per_verified_gpu_h", "$ per verified GPU-hour", 1.0),
    ("_usd_per_device_h", "$ per device-hour", 1.0),
    ("_usd_per_gpu_h", "$ per GPU-hour", 1.0),
    ("_usd_bn_per_year", "$bn a year", 1.0),
    ("_usd_per_h100e", "$ per H100e", 1.0),
    ("_usd_per_month", "$ a month", 1.0),
    ("_usd_per_year", "$ a year", 1.0),
    ("_usd_per_mmbtu", "$ per MMBtu", 1.0),
    ("_usd_per_week", "$ a week", 1.0),
    ("_usd_per_mwh", "$ per MWh", 1.0),
    ("_usd_per_h", "$ an hour", 1.0),
    ("_usd", "$", 1.0),
    ("_h100e_per_week", "H100e a week", 1.0),
    ("_h100e", "H100e", 1.0),
    ("_twh_per_year", "TWh a year", 1.0),
    ("_mt_per_year", "Mt a year", 1.0),
    ("_gl_per_year", "bn litres a year", 1.0),
    ("_t_per_mwh", "t per MWh", 1.0),
    ("_device_h", "device-hours", 1.0),
    ("_devices", "devices", 1.0),
    ("_tokens", "tokens", 1.0),
    ("_weeks", "weeks", 1.0),
    ("_hours", "hours a week", 1.0),
    ("_chips", "chips", 1.0),
    ("_share", "%", 100.0),
    ("_index", "index", 1.0),
    ("_mwh", "MWh a week", 1.0),
    ("_gw", "GW", 1.0),
    ("_mw", "GW", 0.001),
    ("_m3", "m³ a week", 1.0),
    ("_hhi", "Herfindahl index", 1.0),
    ("_t", "t a week", 1.0),
    ("_h", "hours", 1.0),
];

/// Names whose words alone would not say enough.
const LABELS: [(&str, &str); 43] = [
    ("h100_list_usd_per_h", "H100, hyperscalers' list price"),
    ("h100_neocloud_usd_per_h", "H100, neocloud on demand"),
    ("h100_reserved_usd_per_h", "H100, reserved for a year"),
    ("h100_spot_usd_per_h", "H100, spot"),
    ("h100_marketplace_usd_per_h", "H100, marketplaces"),
    ("h100_network_usd_per_h", "H100, decentralised networks"),
    ("h100e_price_usd_per_h", "Price of an H100-equivalent hour"),
    ("sold_h100e", "Compute sold"),
    ("waiting_h100e", "Compute waited for"),
    ("utilisation_share", "Share of capacity sold"),
    ("network_share", "Networks' share of compute sold"),
    ("marketplace_share", "Marketplaces' share of compute sold"),
    ("owner_hhi", "Concentration of ownership"),
    ("top4_share", "Share of the four largest owners"),
    ("residential_bill_usd_per_month", "Household power bill"),
    ("compute_co2_mt_per_year", "CO₂ from compute"),
    ("compute_twh_per_year", "Electricity for compute"),
    (
        "us_data_centre_twh_per_year",
        "Electricity of US data centres",
    ),
    ("subsidy_usd_per_gpu_h", "Subsidy"),
    ("fleet_h100e", "Operators' fleet"),
    ("online_h100e", "Operators' fleet online"),
    ("network_devices", "Devices on networks"),
    ("online_devices", "Devices online"),
    ("providers_count", "Providers"),
    ("left_count", "Providers who leave in a week"),
    ("losing_count", "Providers who stay at a loss"),
    ("service_price_usd_per_unit", "Price of the service"),
    ("network_h100e", "Compute online on networks"),
    ("emission_usd_per_week", "Tokens emitted"),
    ("burnt_usd_per_week", "Tokens burnt"),
    ("token_sales_usd_per_week", "Token sales by providers"),
    ("fees_usd_per_week", "Fees paid to networks"),
    ("consumer_surplus_usd_per_week", "Buyers' surplus"),
    ("operator_revenue_usd_per_week", "Operators' sales"),
    ("operator_profit_usd_per_week", "Operators' profit"),
    ("provider_profit_usd_per_week", "Providers' profit"),
    ("holder_gain_usd_per_week", "Gain in value and cash"),
    (
        "ratepayer_bill_usd_per_week",
        "Power bill of all other load",
    ),
    (
        "external_cost_usd_per_week",
        "Damage of the carbon of compute",
    ),
    ("welfare_usd_per_week", "Welfare"),
    ("wholesale_usd_per_mwh", "Wholesale price of power"),
    ("capex_usd_bn_per_year", "Capital spending"),
    ("shipped_h100e_per_week", "Chips delivered"),
];

impl Measure {
    #[must_use]
    pub fn of(outcome: &str) -> Measure {
        if let Some(measure) = Self::of_entity(outcome) {
            return measure;
        }
        let ending = ENDINGS.iter().find(|(end, ..)| outcome.ends_with(end));
        let (end, unit, scale) = ending.copied().unwrap_or(("", "", 1.0));
        let known = LABELS.iter().find(|(known, _)| *known == outcome);
        let label = match known {
            Some((_, label)) => (*label).to_owned(),
            None => name(outcome.strip_suffix(end).unwrap_or(outcome)),
        };
        let (money, share) = (unit.starts_with('$'), unit == "%");
        Measure {
            label,
            unit: unit.to_owned(),
            scale,
            money,
            share,
        }
    }

    /// `table.entity.column`: the column's words with the entity behind them.
    fn of_entity(outcome: &str) -> Option<Measure> {
        let (table, rest) = outcome.split_once('.')?;
        let (entity, column) = rest.rsplit_once('.')?;
        let measure = Measure::of(column);
        let link = if table == "regions" { "in" } else { "of" };
        let label = format!("{} {link} {}", measure.label, name(entity));
        Some(Measure { label, ..measure })
    }

    /// A recorded value as a reader sees it, unit included where it is short.
    #[must_use]
    pub fn written(&self, recorded: f64) -> String {
        let sign = if recorded < 0.0 { "−" } else { "" };
        if !recorded.is_finite() {
            "n/a".to_owned()
        } else if self.share {
            percent(recorded)
        } else if self.unit == "weeks" && recorded.abs() >= 9.5 {
            fixed(recorded, 0)
        } else if self.money && self.unit.starts_with("$bn") {
            format!("{sign}${}bn", short(recorded.abs()))
        } else if self.money && recorded.abs() >= 0.1 && recorded.abs() < 1000.0 {
            format!("{sign}${}", fixed(recorded.abs(), 2))
        } else if self.money {
            format!("{sign}${}", short(recorded.abs()))
        } else {
            short(recorded * self.scale)
        }
    }

    /// A difference of recorded values, with its sign; shares in percentage points.
    #[must_use]
    pub fn difference(&self, recorded: f64) -> String {
        let sign = if recorded > 0.0 { "+" } else { "" };
        if self.share && recorded.is_finite() {
            return format!("{sign}{} pp", short(recorded * 100.0));
        }
        format!("{sign}{}", self.written(recorded))
    }

    /// The label as the subject or object of a sentence.
    #[must_use]
    pub fn subject(&self) -> String {
        const BARE: [&str; 11] = [
            "Devices",
            "Tokens",
            "Chips",
            "Fees",
            "Buyers",
            "H100",
            "Networks",
            "Marketplaces",
            "Operators",
            "Providers",
            "CO₂",
        ];
        let plural = self.label.ends_with('s') && !self.label.contains(' ');
        if plural || BARE.iter().any(|start| self.label.starts_with(start)) {
            return in_sentence(&self.label);
        }
        format!("the {}", in_sentence(&self.label))
    }

    /// Label with the unit, as in the subtitle of a chart.
    #[must_use]
    pub fn titled(&self) -> String {
        if self.unit.is_empty() {
            self.label.clone()
        } else {
            format!("{}, {}", self.label, self.unit)
        }
    }
}

/// “falls by 43%”, “doubles”, “hardly changes”: a path from `first` to `last` in words.
#[must_use]
pub fn change(first: f64, last: f64) -> String {
    if first <= 0.0 || !first.is_finite() || !last.is_finite() {
        return match last {
            l if l > first => "rises".to_owned(),
            l if l < first => "falls".to_owned(),
            _ => "does not change".to_owned(),
        };
    }
    let ratio = last / first;
    match ratio {
        r if r >= 9.5 => format!("grows {}-fold", fixed(r, 0)),
        r if (2.85..3.15).contains(&r) => "triples".to_owned(),
        r if r >= 2.15 => format!("grows {}-fold", fixed(r, 1)),
        r if r >= 1.9 => "doubles".to_owned(),
        r if r > 1.03 => format!("rises by {}", percent(r - 1.0)),
        r if r >= 0.97 => "hardly changes".to_owned(),
        r if (0.48..0.52).contains(&r) => "halves".to_owned(),
        r => format!("falls by {}", percent(1.0 - r)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_follow_from_names() {
        assert_eq!(Measure::of("h100_spot_usd_per_h").unit, "$ an hour");
        assert_eq!(Measure::of("capex_usd_bn_per_year").unit, "$bn a year");
        assert_eq!(Measure::of("network_share").unit, "%");
        assert_eq!(Measure::of("chip_lead_time_weeks").label, "Chip lead time");
        assert_eq!(
            Measure::of("chip_lead_time_weeks").subject(),
            "the chip lead time"
        );
        assert_eq!(Measure::of("h100_spot_usd_per_h").subject(), "H100, spot");
        let devices = Measure::of("networks.open_gpu.online_devices");
        assert_eq!(devices.subject(), "devices online of Open GPU");
        assert_eq!(devices.unit, "devices");
        assert_eq!(
            Measure::of("h100e_price_usd_per_h100e_h").unit,
            "$ per H100e-hour"
        );
        for (index, (end, ..)) in ENDINGS.iter().enumerate() {
            let hidden = ENDINGS[..index]
                .iter()
                .any(|(earlier, ..)| end.ends_with(earlier));
            assert!(!hidden, "{end} can never be reached");
        }
    }

    #[test]
    fn values_are_written_with_their_unit() {
        assert_eq!(Measure::of("h100_spot_usd_per_h").written(2.146), "$2.15");
        assert_eq!(Measure::of("network_share").written(0.0345), "3.5%");
        assert_eq!(
            Measure::of("capex_usd_bn_per_year").written(652.3),
            "$652bn"
        );
        assert_eq!(Measure::of("chip_lead_time_weeks").written(36.2), "36");
        assert_eq!(Measure::of("network_share").difference(0.0021), "+0.21 pp");
        assert_eq!(
            Measure::of("fees_usd_per_week").written(-1_234_567.0),
            "−$1.23m"
        );
    }

    #[test]
    fn changes_in_words() {
        assert_eq!(change(2.0, 1.14), "falls by 43%");
        assert_eq!(change(2.0, 1.0), "halves");
        assert_eq!(change(1.0, 2.0), "doubles");
        assert_eq!(change(1.0, 12.2), "grows 12-fold");
        assert_eq!(change(1.0, 1.01), "hardly changes");
        assert_eq!(change(0.0, 1.0), "rises");
    }
}
