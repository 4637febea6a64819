//! The state of one run. Phases read it whole and change their own part.

use super::books::Books;
use super::chips::Chips;
use super::clearing::Market;
use super::closed::ClosedNetworks;
use super::conditions::Conditions;
use super::demand::Demand;
use super::grid::Grid;
use super::ids::OfferId;
use super::model::Model;
use super::networks::Networks;
use super::operators::{Operators, stand_in_queue};
use super::providers::Providers;
use super::services::{self, Services};

#[derive(Clone, Debug)]
pub struct World {
    /// The model bent by this week's events; rebuilt weekly, edited nowhere else.
    pub conditions: Conditions,
    pub grid: Grid,
    pub chips: Chips,
    pub operators: Operators,
    pub demand: Demand,
    pub market: Market,
    pub providers: Providers,
    pub networks: Networks,
    pub services: Services,
    pub closed: ClosedNetworks,
    pub books: Books,
}

impl World {
    /// The opening state: fleets, pipelines, contracts and prices of the calendar's first day.
    pub fn open(model: &Model) -> Self {
        let mut books = Books::new(&model.accounts);
        let conditions = Conditions::calm(model);
        let mut grid = Grid::open(model, &mut books);
        let mut chips = Chips::open(model, &mut books);
        let operators = Operators::open(model, &chips, &mut books);
        stand_in_queue(&operators, &mut grid);
        chips.price_used(model, &operators);
        let mut networks = Networks::open(model, &mut books);
        let mut providers = Providers::open(model, (&grid, &chips), &mut networks, &mut books);
        let mut services = Services::open(model, &grid, &mut networks);
        services::open_tokens(model, &mut services, &mut networks, &mut books);
        let closed = ClosedNetworks::open(model, &mut books);
        let demand = Demand::open(model);
        let market = Market::open(model, &operators, (&mut providers, &networks), &demand);
        Self {
            conditions,
            grid,
            chips,
            operators,
            demand,
            market,
            providers,
            networks,
            services,
            closed,
            books,
        }
    }

    /// Shows every state column to `visitor`, each under its own name.
    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.conditions.visit(visitor);
        self.grid.visit(visitor);
        self.chips.visit(visitor);
        self.operators.visit(visitor);
        self.demand.visit(visitor);
        self.market.visit(visitor);
        self.providers.visit(visitor);
        self.networks.visit(visitor);
        self.services.visit(visitor);
        self.closed.visit(visitor);
        self.books.visit(visitor);
    }
}

/// One state column, whatever its type.
pub enum Column<'a> {
    F64(&'a mut [f64]),
    F32(&'a mut [f32]),
    U64(&'a mut [u64]),
    U32(&'a mut [u32]),
    U8(&'a mut [u8]),
    I64(&'a mut [i64]),
    I128(&'a mut [i128]),
    Flag(&'a mut [bool]),
    Offer(&'a mut [Option<OfferId>]),
}

/// Reads or edits state columns by name: the seal, the finite check, the corruption test.
pub trait Visitor {
    fn column(&mut self, name: &'static str, column: Column<'_>);
    /// Columns of one number each. Thousands of them make up the totals of cells; together
    /// they cost the seal a fifth of what they cost one by one.
    fn numbers(&mut self, numbers: &mut [(&'static str, &mut f64)]) {
        for (name, number) in numbers {
            self.column(name, Column::F64(std::slice::from_mut(*number)));
        }
    }
    /// A column that is written once, when the world opens.
    fn constant(&mut self, name: &'static str, column: Column<'_>) {
        self.column(name, column);
    }
}
