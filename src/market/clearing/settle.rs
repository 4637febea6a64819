//! Money and meters: buyers pay sellers; GPU-seconds offered = served + curtailed + unsold.

use super::super::books::{AccountId, Books, Holder, Purpose, Stocks, Unit, micro_usd, whole};
use super::super::chips::CLASSES;
use super::super::grid::LoadKind;
use super::super::ids::{Id, NetworkId, OfferId, OperatorId, Table};
use super::super::model::{Compile, Model};
use super::super::week::{Fault, Week};
use super::super::world::{Column, Visitor, World};
use super::load;
use super::offers::Seller;
use super::state::Market;
use crate::scenario::types::ChipClass;

/// Accounts of the market.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub buyers: AccountId,
    pub operators: Table<OperatorId, AccountId>,
    /// Fees on their way to a network's settlement.
    pub networks: Table<NetworkId, AccountId>,
    /// Fees on their way to the providers of a marketplace.
    pub marketplaces: AccountId,
    compute: Vec<ComputeAccounts>,
}

#[derive(Clone, Copy, Debug)]
struct ComputeAccounts {
    outside: AccountId,
    served: AccountId,
    curtailed: AccountId,
    unsold: AccountId,
}

impl Ledger {
    pub fn open(compile: &mut Compile<'_>) -> Self {
        let accounts = &mut *compile.accounts;
        let buyers = accounts.open(Unit::Usd, Holder::Buyers, Purpose::Cash);
        let operators = (0..compile.names.operators.len())
            .map(|at| accounts.open(Unit::Usd, Holder::Operator(Id::new(at)), Purpose::Cash))
            .collect();
        let networks = (0..compile.names.networks.len())
            .map(|at| accounts.open(Unit::Usd, Holder::Network(Id::new(at)), Purpose::Escrow))
            .collect();
        let marketplaces = accounts.open(Unit::Usd, Holder::Marketplaces, Purpose::Escrow);
        let compute = (ChipClass::ALL.iter())
            .map(|class| {
                let unit = Unit::Compute(*class);
                ComputeAccounts {
                    outside: accounts.open(unit, Holder::Outside, Purpose::Stock),
                    served: accounts.open(unit, Holder::Buyers, Purpose::Served),
                    curtailed: accounts.open(unit, Holder::Buyers, Purpose::Curtailed),
                    unsold: accounts.open(unit, Holder::Buyers, Purpose::Unsold),
                }
            })
            .collect();
        Self {
            buyers,
            operators,
            networks,
            marketplaces,
            compute,
        }
    }
}

/// What has been metered since the opening.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meters {
    /// Paid by buyers, refunds deducted, micro-USD.
    pub paid_micro_usd: i128,
    /// GPU-seconds of the class's reference chip.
    pub served_s: [i128; CLASSES],
    pub curtailed_s: [i128; CLASSES],
    pub unsold_s: [i128; CLASSES],
}

impl Meters {
    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        let paid = std::slice::from_mut(&mut self.paid_micro_usd);
        visitor.column("market.paid_micro_usd", Column::I128(paid));
        visitor.column("market.served_s", Column::I128(&mut self.served_s));
        visitor.column("market.curtailed_s", Column::I128(&mut self.curtailed_s));
        visitor.column("market.unsold_s", Column::I128(&mut self.unsold_s));
    }

    pub fn count(&self, ledger: &Ledger, stocks: &mut Stocks) {
        stocks.count(ledger.buyers, -self.paid_micro_usd);
        for (class, accounts) in ledger.compute.iter().enumerate() {
            stocks.count(accounts.served, self.served_s[class]);
            stocks.count(accounts.curtailed, self.curtailed_s[class]);
            stocks.count(accounts.unsold, self.unsold_s[class]);
        }
    }
}

/// Where a seller's money goes.
fn account(ledger: &Ledger, seller: Seller) -> AccountId {
    match seller {
        Seller::Operator(id) => ledger.operators[id],
        Seller::Network(id) => ledger.networks[id],
        Seller::Marketplace(_) => ledger.marketplaces,
    }
}

/// Moves one offer's money from buyers to its seller (or back, when negative).
fn pay(
    model: &Model,
    market: &mut Market,
    books: &mut Books,
    offer: OfferId,
    amount: i128,
) -> i128 {
    let ledger = &model.market.ledger;
    let seller = model.market.offers[offer].seller;
    books.post(ledger.buyers, account(ledger, seller), amount);
    market.meters.paid_micro_usd += amount;
    let sales = match seller {
        Seller::Operator(id) => &mut market.operator_sales_micro_usd[id],
        Seller::Network(id) => &mut market.network_sales_micro_usd[id],
        Seller::Marketplace(id) => &mut market.marketplace_sales_micro_usd[id],
    };
    *sales += amount;
    amount
}

/// Posts the week's sales.
pub fn sales(model: &Model, world: &mut World) {
    let World {
        market,
        operators,
        books,
        ..
    } = world;
    market.operator_sales_micro_usd.values_mut().fill(0);
    market.network_sales_micro_usd.values_mut().fill(0);
    market.marketplace_sales_micro_usd.values_mut().fill(0);
    for (id, offer) in model.market.offers.iter() {
        let amount = micro_usd(market.revenue_usd[id]);
        if amount != 0 {
            pay(model, market, books, id, amount);
            if let Seller::Operator(operator) = offer.seller {
                operators.receive_revenue(operator, amount);
            }
        }
    }
    for (index, pool) in model.market.pools.iter().enumerate() {
        let amount = micro_usd(market.break_fees_usd[index]);
        if amount != 0 {
            pay(model, market, books, pool.reserved, amount);
            operators.receive_revenue(pool.operator, amount);
        }
    }
}

/// Called by power: what the grid took back is unsold again, and buyers are refunded.
pub fn refund(week: &Week, world: &mut World) -> Result<(), Fault> {
    let model = week.model;
    let World {
        market,
        operators,
        books,
        grid,
        ..
    } = world;
    let curtailed = |region, theirs: bool| {
        let kind = if theirs {
            LoadKind::Operator
        } else {
            LoadKind::Provider
        };
        grid.regions[region].curtailed_share[kind as usize]
    };
    for (id, offer) in model.market.offers.iter() {
        let sold = market.sold_h[id];
        let share = if sold > 0.0 {
            load::curtailed_share(model, operators, id, &curtailed)
        } else {
            0.0
        };
        market.curtailed_h[id] = sold * share;
        market.served_h[id] = sold - sold * share;
        let back = market.revenue_usd[id] * share;
        let amount = -micro_usd(back);
        if amount != 0 {
            pay(model, market, books, id, amount);
            market.revenue_usd[id] -= back;
            if let Seller::Operator(operator) = offer.seller {
                operators.receive_revenue(operator, amount);
            }
        }
    }
    meter(model, market, books);
    Ok(())
}

/// GPU-seconds of the week by class, in whole seconds.
fn meter(model: &Model, market: &mut Market, books: &mut Books) {
    let mut offered = [0.0; CLASSES];
    for (index, pool) in model.market.pools.iter().enumerate() {
        offered[pool.class as usize] += market.pool_h[index];
    }
    let mut sold = [0_i128; CLASSES];
    let mut curtailed = [0_i128; CLASSES];
    for (id, offer) in model.market.offers.iter() {
        let class = offer.class as usize;
        if offer.pool.is_none() {
            offered[class] += market.capacity_h[id];
        }
        let seconds = whole(market.sold_h[id] * 3_600.0);
        sold[class] += seconds;
        curtailed[class] += whole(market.curtailed_h[id] * 3_600.0).min(seconds);
    }
    for (class, accounts) in model.market.ledger.compute.iter().enumerate() {
        let unsold = (whole(offered[class] * 3_600.0) - sold[class]).max(0);
        let served = sold[class] - curtailed[class];
        for (account, amount, total) in [
            (accounts.served, served, &mut market.meters.served_s[class]),
            (
                accounts.curtailed,
                curtailed[class],
                &mut market.meters.curtailed_s[class],
            ),
            (accounts.unsold, unsold, &mut market.meters.unsold_s[class]),
        ] {
            if amount != 0 {
                books.post(accounts.outside, account, amount);
                *total += amount;
            }
        }
    }
}
