//! The columns of the entity tables, each with what it says: one declaration for the tables that
//! runs write, for `wattflop explain` and for docs/results.md. A column's unit ends its name.

/// A table of one row a week and entity.
pub struct Columns {
    /// Name of the table, for example `regions`.
    pub table: &'static str,
    /// Name of the entity's column, for example `region`.
    pub key: &'static str,
    pub names: &'static [&'static str],
    /// By name, in the same order.
    pub meanings: &'static [&'static str],
}

impl Columns {
    /// What a column of this table says.
    pub fn meaning(&self, column: &str) -> Option<&'static str> {
        let at = self.names.iter().position(|name| *name == column)?;
        Some(self.meanings[at])
    }
}

macro_rules! tables {
    ($( $table:ident by $key:ident { $( $name:ident : $meaning:literal ),* $(,)? } )*) => {
        /// Every entity table.
        pub const TABLES: &[Columns] = &[ $( Columns {
            table: stringify!($table),
            key: stringify!($key),
            names: &[ $( stringify!($name) ),* ],
            meanings: &[ $( $meaning ),* ],
        } ),* ];
    };
}

tables! {
    offers by offer {
        capacity_h: "Chip-hours that the offer could sell at most; the tiers of one pool overlap",
        price_usd_per_h: "Price of a chip-hour",
        sold_h: "Chip-hours sold",
        served_h: "Chip-hours sold and done: without what power cuts took",
        curtailed_h: "Chip-hours sold that power cuts took",
        wait_h: "Time until a job of mean length starts",
        utilisation_share: "Hours sold ÷ offered, of the whole pool for operators' tiers",
        ask_p10_usd_per_h: "Ask below which a tenth of the providers' hours lie",
        ask_p50_usd_per_h: "Ask below which half of the providers' hours lie",
        ask_p90_usd_per_h: "Ask below which nine tenths of the providers' hours lie",
    }
    regions by region {
        wholesale_usd_per_mwh: "Wholesale price, mean of the hours weighted by load",
        wholesale_worst_usd_per_mwh: "Wholesale price, mean of the dearest 5 % of hours",
        scarcity_hours: "Hours of the week above 500 USD/MWh",
        data_centre_tariff_usd_per_mwh: "What data centres are billed, charges included",
        residential_tariff_usd_per_mwh: "What homes are billed, charges included",
        residential_bill_usd_per_month: "Power bill of a home of the region's usual use",
        data_centre_mw: "Load of all data centres, mean of the week",
        compute_mwh: "Energy that the modelled compute took, with cooling",
        co2_average_t_per_mwh: "Carbon of a mean MWh served",
        co2_marginal_t_per_mwh: "Carbon of one more MWh",
        co2_t: "Carbon of the modelled compute",
        water_on_site_m3: "Water that cooling of the modelled compute evaporates",
        water_off_site_m3: "Water that power plants evaporate for the modelled compute",
        pue: "Energy of data centres ÷ energy of their computers, this week's weather included",
        curtailed_share: "Share of operators' compute energy that was curtailed",
        unserved_mwh: "Load that no plant could serve",
        reserve_margin_share: "Accredited capacity, imports included, ÷ peak load, less one",
        connection_queue_mw: "Data centres that wait for their connection",
        imports_mwh: "Energy from neighbours, netted, and through corridors",
        exports_mwh: "Energy to neighbours, netted, and through corridors",
        capacity_price_usd_per_mw_day: "Price of capacity in the year's auction",
        load_mw: "All load served, mean of the week",
        load_peak_mw: "Highest hour of all load",
        net_load_peak_mw: "Highest hour of what dispatched plants and neighbours had to serve",
        curtailed_mwh: "Compute energy that was curtailed",
        co2_market_t: "Carbon of the modelled compute less what clean contracts cover",
    }
    corridors by corridor {
        forward_mwh: "Energy carried from the corridor's `from` to its `to`",
        reverse_mwh: "Energy carried the other way",
        full_hours: "Hours of the week in which the corridor was full",
        congestion_rent_usd: "Energy carried × difference of the prices at both ends",
    }
    chips by chip {
        lead_time_weeks: "Weeks from order to delivery for who orders now",
        price_usd: "Maker's price of a new chip",
        backlog_chips: "Ordered and not shipped",
        in_work_chips: "Started as wafers and not shipped",
        delivered_chips: "Delivered to owners this week",
        used_chips: "Second-hand stock of brokers",
        used_price_usd: "Second-hand price",
        owned_chips: "Owned by operators",
        owned_h100e: "Owned by operators, in H100-equivalents",
    }
    operators by operator {
        fleet_h100e: "Owned H100-equivalents, in store or without power included",
        online_h100e: "H100-equivalents that have power and a hall",
        capex_usd: "Capital expenditure of this week: chips, servers, halls and the rest",
        chip_spend_usd: "Spent on chips this week",
        revenue_usd: "Sales of this week",
        cash_usd: "Cash at the end of the week",
        debt_usd: "Debt at the end of the week",
        defaulted: "1 after a default, else 0",
    }
    networks by network {
        token_price_usd: "Price of the token after this week's batch",
        supply_tokens: "All tokens that exist: opening and minted less burnt",
        circulating_tokens: "Tokens that are free to trade",
        minted_tokens: "Minted since the opening",
        burnt_tokens: "Burnt since the opening",
        staked_tokens: "Bonded as collateral",
        treasury_tokens: "Held by the treasury",
        locked_tokens: "Still locked by vesting",
        emission_tokens: "Emitted this week",
        fees_usd: "What accrued to the token or the treasury this week",
        gross_usd: "What buyers paid this week",
        online_devices: "Devices of independent owners that are online",
        sold_device_h: "Device-hours that buyers paid for",
        reward_usd_per_device_h: "Mean reward in tokens of an hour online, at the token's price",
        sold_tokens: "Tokens that providers sold this week",
        participation_share: "Devices online ÷ devices that could ever join",
        cheating_share: "Share of devices online that fake their work",
        subsidy_usd_per_verified_gpu_h: "New tokens for providers ÷ chip-hours sold and not faked",
        pool_usd: "Money in the liquidity pool",
        reemitted_tokens: "The part of the minted that are burnt tokens created again",
        holders_tokens: "Held by holders, free",
        provider_tokens: "Held or bonded by providers",
        unbonding_tokens: "Collateral on its way out",
        waiting_reward_tokens: "Created or left over, not yet credited to providers",
        pool_tokens: "Tokens in the liquidity pool",
        supply_residual_units: "Base units held beyond opening + minted − burnt: zero",
        capacity_units: "What the devices of a service could deliver this week",
        sold_units: "What a service sold this week, in its units",
        price_usd_per_unit: "What a service asks for a unit",
        rival_price_usd_per_unit: "What the central rival asks for a unit",
        net_usd_per_device_week: "What a device of a service earned after its costs",
        treasury_runway_weeks: "Weeks that the treasury lasts at its spending; 10,000 at most",
        velocity_per_year: "What buyers pay in a year ÷ value in circulation",
        slashed_tokens: "Collateral taken this week",
        vault_tokens: "Kept in vaults of fees and of rewards",
        delegated_tokens: "Bonded by holders",
        waiting_tokens: "Rewards earned that are released later",
        vault_halted: "1 while a vault makes no credits, else 0",
        shortfall_tokens: "Created this week because a vault's credits did not suffice",
        unpaid_tokens: "Owed this week and covered by no vault",
        unbacked_tokens: "Created again beyond what burns allow: above 0, a burn backed two mints",
        floor_multiple: "What a floor creates beyond burns ÷ the schedule",
        programme_usd: "What the treasury paid to a guaranteed income this week",
        paid_usd: "What of the gross reached providers in money",
        provider_reward_usd: "All tokens that joined what providers are paid this week, in value",
        trend_followers_share: "Share of speculators who follow the trend",
        self_paid_usd: "Of the gross: what providers paid for their own work",
        self_paid_device_h: "Of the hours sold: those that providers bought from themselves",
        idle_rewarded_device_h: "Hours that were rewarded and that nobody bought",
        second_devices: "Of the devices online: those of other venues that list idle hours here",
    }
    closed_networks by closed_network {
        providers_count: "Providers online",
        joined_count: "Providers who joined this week",
        left_count: "Providers who left this week",
        losing_count: "Providers who lost money last week and stay",
        capacity_units: "Units that they can serve in a week",
        demand_units: "Units that buyers want this week",
        served_units: "Units that buyers paid for: all they want, unless nobody provides",
        service_price_usd_per_unit: "Price of a unit for the next week",
        token_price_usd: "Price of the token after this week's flow",
        supply_tokens: "All tokens that exist: genesis and minted less burnt",
        minted_tokens: "Minted since the opening",
        burnt_tokens: "Burnt since the opening",
        bought_tokens: "Tokens that buyers paid this week",
        sold_tokens: "Tokens that providers sold this week, those who left included",
        reward_tokens_per_unit: "What a unit of capacity earned this week",
        provider_tokens: "Held by providers; negative where they owe more",
        public_tokens: "Held by everyone else",
        flow_share: "Tokens bought less sold ÷ supply; the price moves as if within ±1",
        supply_residual_units: "Quanta held beyond genesis + minted − burnt: zero",
    }
    segments by segment {
        wanted_h100e: "All work wanted at this week's planning price, as H100-equivalents",
        committed_h100e: "Work under contract, as H100-equivalents",
        waiting_h100e: "Work that found no seller and waits, as H100-equivalents",
    }
    postings by posting {
        high_units: "Base units moved this week, in thousands of millions",
        low_units: "The rest: base units = high × 10^9 + low",
    }
    tiers by tier {
        price_usd_per_h100e_h: "Mean price of an H100-equivalent hour, by hours offered",
        offered_h100e: "H100-equivalents offered; operators' tiers share one pool each",
        sold_h100e: "H100-equivalents sold",
        sales_usd: "Sales of this week",
        wait_h: "Mean time until a job starts, by hours sold",
    }
    indices by index {
        price_usd_per_h: "Mean quote for an hour of the class's reference chip, by hours",
        price_usd_per_h100e_h: "The same for each H100-equivalent of that chip",
        p10_usd_per_h: "Quote below which a tenth of the hours lie",
        p50_usd_per_h: "Quote below which half of the hours lie",
        p90_usd_per_h: "Quote below which nine tenths of the hours lie",
        offered_h: "Hours behind the quotes",
    }
    equilibrium by conduct {
        market_usd_per_h100e_h: "List prices that stand, weighted by what the conduct would sell",
        conduct_usd_per_h100e_h: "List prices of the conduct, weighted alike",
        gap_share: "List prices that stand ÷ the conduct's, less one",
        consumer_surplus_usd_per_week: "Buyers' surplus under the conduct",
        profit_usd_per_week: "Sellers' profit under the conduct",
        welfare_usd_per_week: "Surplus and profit less the cost to third parties",
        sold_h100e: "H100-equivalents that lists would sell",
        shadow_usd_per_h100e_h: "Mean scarcity rent of an H100-equivalent hour",
    }
}

/// The columns of all tables as the table of docs/results.md.
pub fn markdown() -> String {
    let mut text = String::from("| table | column | unit | meaning |\n|---|---|---|---|\n");
    for columns in TABLES {
        for (name, meaning) in columns.names.iter().zip(columns.meanings) {
            let unit = crate::units::unit_of(name).map(|unit| unit.to_string());
            text.push_str(&format!(
                "| `{}` | `{name}` | {} | {meaning} |\n",
                columns.table,
                unit.unwrap_or_default()
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::unit_of;

    /// Names that are no quantities of a unit: ratios and yes or no.
    const UNITLESS: [&str; 4] = ["pue", "defaulted", "vault_halted", "floor_multiple"];

    #[test]
    fn every_column_says_what_it_is() {
        for columns in TABLES {
            assert!(!columns.names.is_empty(), "{}", columns.table);
            assert_eq!(columns.names.len(), columns.meanings.len());
            for (at, name) in columns.names.iter().enumerate() {
                let place = format!("{}.{name}", columns.table);
                let meaning = columns.meaning(name).unwrap_or_default();
                let first = meaning.chars().next().unwrap_or(' ');
                assert!(first.is_uppercase() || first.is_ascii_digit(), "{place}");
                assert!(
                    meaning.split(' ').count() > 2 || !name.contains(meaning),
                    "{place}"
                );
                assert!(
                    !meaning.ends_with('.') && !meaning.contains('\n'),
                    "{place}"
                );
                assert!(!columns.names[..at].contains(name), "{place} stands twice");
                // H100-equivalents are a count that `units` leaves without a sign.
                let counted = name.ends_with("_h100e") || UNITLESS.contains(name);
                let known = unit_of(name).is_some() || counted;
                assert!(known, "{place} has no unit");
            }
        }
    }
}
