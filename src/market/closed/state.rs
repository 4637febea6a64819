//! What a closed network is between two weeks, and its columns shown by name.

use std::slice::from_mut;

use super::providers::Crowd;
use crate::market::ids::{ClosedNetworkId, Table};
use crate::market::world::{Column, Visitor};

/// One closed network. Tokens in whole quanta.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClosedNetwork {
    pub crowd: Crowd,
    pub quanta_per_token: f64,
    pub genesis_quanta: i128,
    /// Since the opening.
    pub minted_quanta: i128,
    pub burnt_quanta: i128,
    /// What everyone but providers holds.
    pub public_quanta: i128,
    pub token_price_usd: f64,
    pub service_price_usd_per_unit: f64,
    /// What a unit of capacity earned last week.
    pub reward_tokens_per_unit: f64,
    /// The same at the price of that week; without bound before anyone has been paid.
    pub paid_usd_per_unit: f64,
    pub macro_factor: f64,
    /// Providers who have left since the opening.
    pub left_count: u64,
    pub week: ClosedWeek,
}

/// What one week was, for the record.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClosedWeek {
    pub joined: u64,
    pub left: u64,
    /// Who lost money last week and stays.
    pub losing: u64,
    pub capacity_units: f64,
    pub demand_units: f64,
    pub served_units: f64,
    /// What buyers paid.
    pub bought_tokens: f64,
    /// What providers sold, those who left included.
    pub sold_tokens: f64,
    /// Tokens bought less sold ÷ supply.
    pub flow_share: f64,
}

impl ClosedNetwork {
    /// Tokens of an amount of quanta.
    pub fn tokens(&self, quanta: i128) -> f64 {
        quanta as f64 / self.quanta_per_token
    }
    /// Genesis and minted less burnt.
    pub fn supply_quanta(&self) -> i128 {
        self.genesis_quanta + self.minted_quanta - self.burnt_quanta
    }
    /// What is held beyond the supply: zero.
    pub fn residual_quanta(&self) -> i128 {
        self.crowd.held_quanta() + self.public_quanta - self.supply_quanta()
    }
}

/// All closed networks.
#[derive(Clone, Debug, Default)]
pub struct ClosedNetworks {
    pub networks: Table<ClosedNetworkId, ClosedNetwork>,
}

impl ClosedNetworks {
    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        for network in self.networks.values_mut() {
            network.visit(visitor);
        }
    }
}

macro_rules! columns {
    ($visitor:ident, $network:ident, $kind:ident: $($name:literal $($field:ident).+);* $(;)?) => {
        $( $visitor.column(
            concat!("closed.", $name),
            Column::$kind(from_mut(&mut $network.$($field).+)),
        ); )*
    };
}

impl ClosedNetwork {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let network = self;
        network.crowd.visit(visitor);
        columns!(visitor, network, F64:
            "quanta_per_token" quanta_per_token;
            "token_price_usd" token_price_usd;
            "service_price_usd_per_unit" service_price_usd_per_unit;
            "reward_tokens_per_unit" reward_tokens_per_unit;
            "paid_usd_per_unit" paid_usd_per_unit;
            "macro_factor" macro_factor;
            "week.capacity_units" week.capacity_units;
            "week.demand_units" week.demand_units;
            "week.served_units" week.served_units;
            "week.bought_tokens" week.bought_tokens;
            "week.sold_tokens" week.sold_tokens;
            "week.flow_share" week.flow_share;
        );
        columns!(visitor, network, I128:
            "genesis_quanta" genesis_quanta;
            "minted_quanta" minted_quanta;
            "burnt_quanta" burnt_quanta;
            "public_quanta" public_quanta;
        );
        columns!(visitor, network, U64:
            "left_count" left_count;
            "week.joined" week.joined;
            "week.left" week.left;
            "week.losing" week.losing;
        );
    }
}
