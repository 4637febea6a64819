//! What the networks own, counted for the books, and their columns shown by name.

use super::{Network, Networks};
use crate::market::books::Stocks;
use crate::market::model::Model;
use crate::market::world::{Column, Visitor};
use std::slice::from_mut;

impl Networks {
    /// Counts tokens and money from the state alone.
    pub fn count(&self, model: &Model, stocks: &mut Stocks) {
        for (id, rules) in model.networks.networks.iter() {
            let network = &self.networks[id];
            let ledger = &rules.ledger;
            stocks.count(ledger.minted, -network.minted_units);
            stocks.count(ledger.burnt, network.burnt_units);
            stocks.count(ledger.holders, network.holders_units);
            stocks.count(ledger.rewards, network.rewards_units);
            stocks.count(ledger.locked, network.locked_units.iter().sum());
            stocks.count(ledger.unbonding, network.unbonding_units.iter().sum());
            stocks.count(ledger.treasury, network.treasury_units);
            stocks.count(
                ledger.vault,
                network.vault_units + network.reward_vault_units,
            );
            stocks.count(ledger.waiting, network.waiting_units);
            stocks.count(ledger.delegated, network.delegated_units);
            stocks.count(ledger.pool, network.pool_units);
            stocks.count(ledger.orders, network.orders.net());
            stocks.count(ledger.escrow_usd, network.pending_burn_micro_usd);
            stocks.count(ledger.pool_usd, network.pool_cash_micro_usd);
            stocks.count(ledger.treasury_usd, network.treasury_cash_micro_usd);
        }
        if let Some(rules) = model.networks.networks.values().first() {
            stocks.count(rules.ledger.holders_usd, self.holders_cash_micro_usd);
        }
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        for network in self.networks.values_mut() {
            network.visit(visitor);
        }
        let cash = Column::I128(from_mut(&mut self.holders_cash_micro_usd));
        visitor.column("networks.holders_cash_micro_usd", cash);
    }
}

macro_rules! columns {
    ($visitor:ident, $network:ident, $kind:ident: $($name:literal $($field:ident).+);* $(;)?) => {
        $( $visitor.column(
            concat!("networks.", $name),
            Column::$kind(from_mut(&mut $network.$($field).+)),
        ); )*
    };
}

impl Network {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let network = self;
        columns!(visitor, network, F64:
            "token_price_usd" token_price_usd;
            "quantum_tokens" quantum_tokens;
            "crypto_log" crypto_log;
            "capped_eib_days" capped_eib_days;
            "vault_share" vault_share;
            "steps_due" steps_due;
            "self_bought_usd" self_bought_usd;
            "minds.last_return" minds.last_return;
            "minds.trend_forecast" minds.trend_forecast;
            "minds.value_forecast" minds.value_forecast;
            "minds.trend_profit" minds.trend_profit;
            "minds.value_profit" minds.value_profit;
            "minds.trend_share" minds.trend_share;
            "accrual_usd_per_week" accrual_usd_per_week;
            "premium_usd" premium_usd;
            "first_devices" first_devices;
            "trust_share" trust_share;
            "cheating_share" cheating_share;
            "terms.sell_share" terms.sell_share;
            "terms.take_rate_share" terms.take_rate_share;
            "terms.detection_probability" terms.detection_probability;
            "terms.slash_share" terms.slash_share;
            "terms.sellable_share" terms.sellable_share;
            "terms.quality_share" terms.quality_share;
        );
        columns!(visitor, network, I128:
            "holders_units" holders_units;
            "rewards_units" rewards_units;
            "treasury_units" treasury_units;
            "pool_units" pool_units;
            "burnt_units" burnt_units;
            "minted_units" minted_units;
            "reemitted_units" reemitted_units;
            "smoothed_burn_units" smoothed_burn_units;
            "burnt_seen_units" burnt_seen_units;
            "vault_units" vault_units;
            "reward_vault_units" reward_vault_units;
            "outstanding_micro_usd" outstanding_micro_usd;
            "credits_micro" credits_micro;
            "delegated_units" delegated_units;
            "inflation_parts" inflation_parts;
            "waiting_units" waiting_units;
            "release_units_per_week" release_units_per_week;
            "curve_sold_units" curve_sold_units;
            "orders.providers" orders.providers;
            "orders.insiders" orders.insiders;
            "orders.treasury" orders.treasury;
            "orders.needed" orders.needed;
            "pool_cash_micro_usd" pool_cash_micro_usd;
            "treasury_cash_micro_usd" treasury_cash_micro_usd;
            "pending_burn_micro_usd" pending_burn_micro_usd;
        );
        visitor.column(
            "networks.locked_units",
            Column::I128(&mut network.locked_units),
        );
        visitor.column(
            "networks.unbonding_units",
            Column::I128(&mut network.unbonding_units),
        );
        visitor.column(
            "networks.release_ends_units",
            Column::I128(&mut network.release_ends_units),
        );
        network.visit_terms(visitor);
        network.visit_week(visitor);
    }

    fn visit_week(&mut self, visitor: &mut dyn Visitor) {
        let network = self;
        columns!(visitor, network, F64:
            "week.emission_tokens" week.emission_tokens;
            "week.provider_emission_usd" week.provider_emission_usd;
            "week.provider_reward_usd" week.provider_reward_usd;
            "week.burnt_tokens" week.burnt_tokens;
            "week.gross_usd" week.gross_usd;
            "week.paid_usd" week.paid_usd;
            "week.fees_usd" week.fees_usd;
            "week.sold_tokens" week.sold_tokens;
            "week.slashed_tokens" week.slashed_tokens;
            "week.circulating_tokens" week.circulating_tokens;
            "week.staked_tokens" week.staked_tokens;
            "week.value_usd" week.value_usd;
            "week.online_devices" week.online_devices;
            "week.online_gpus" week.online_gpus;
            "week.second_devices" week.second_devices;
            "week.sold_device_h" week.sold_device_h;
            "week.verified_gpu_h" week.verified_gpu_h;
            "week.reward_usd_per_device_h" week.reward_usd_per_device_h;
            "week.participation_share" week.participation_share;
            "week.subsidy_usd_per_verified_gpu_h" week.subsidy_usd_per_verified_gpu_h;
            "week.cheating_share" week.cheating_share;
            "week.shortfall_tokens" week.shortfall_tokens;
            "week.unpaid_tokens" week.unpaid_tokens;
            "week.halted" week.halted;
            "week.self_paid_usd" week.self_paid_usd;
            "week.self_paid_device_h" week.self_paid_device_h;
            "week.idle_rewarded_device_h" week.idle_rewarded_device_h;
            "week.unbacked_tokens" week.unbacked_tokens;
            "week.floor_multiple" week.floor_multiple;
            "week.programme_usd" week.programme_usd;
            "week.delegation_yield_per_year" week.delegation_yield_per_year;
            "week.pool_yield_per_year" week.pool_yield_per_year;
        );
    }

    fn visit_terms(&mut self, visitor: &mut dyn Visitor) {
        let terms = &mut self.terms;
        for (name, column) in [
            (
                "networks.terms.reward_usd_per_device_h",
                &mut terms.reward_usd_per_device_h,
            ),
            (
                "networks.terms.work_reward_usd_per_h",
                &mut terms.work_reward_usd_per_h,
            ),
            (
                "networks.terms.credit_quanta_per_device",
                &mut terms.credit_quanta_per_device,
            ),
            (
                "networks.terms.stake_quanta_per_device",
                &mut terms.stake_quanta_per_device,
            ),
            (
                "networks.terms.stake_cost_usd_per_h",
                &mut terms.stake_cost_usd_per_h,
            ),
            (
                "networks.terms.stake_at_risk_usd_per_h",
                &mut terms.stake_at_risk_usd_per_h,
            ),
        ] {
            visitor.column(name, Column::F64(column.values_mut()));
        }
    }
}
