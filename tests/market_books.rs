//! The books and the seal: whoever changes the world without saying so is caught and named.

mod small;

use wattflop::market::world::{Column, Visitor};

/// Names of all columns that hold at least one value, in order, once each.
struct Names(Vec<&'static str>);

impl Visitor for Names {
    fn column(&mut self, name: &'static str, column: Column<'_>) {
        if len(&column) > 0 && !self.0.contains(&name) {
            self.0.push(name);
        }
    }
}

fn len(column: &Column<'_>) -> usize {
    match column {
        Column::F64(values) => values.len(),
        Column::F32(values) => values.len(),
        Column::U64(values) => values.len(),
        Column::U32(values) => values.len(),
        Column::U8(values) => values.len(),
        Column::I64(values) => values.len(),
        Column::I128(values) => values.len(),
    }
}

/// Changes the last value of the first non-empty column of one name.
struct Corrupt {
    name: &'static str,
    done: bool,
}

impl Visitor for Corrupt {
    fn column(&mut self, name: &'static str, column: Column<'_>) {
        if name != self.name || self.done || len(&column) == 0 {
            return;
        }
        self.done = true;
        match column {
            Column::F64(values) => values[values.len() - 1] += 1.0,
            Column::F32(values) => values[values.len() - 1] += 1.0,
            Column::U64(values) => values[values.len() - 1] ^= 1,
            Column::U32(values) => values[values.len() - 1] ^= 1,
            Column::U8(values) => values[values.len() - 1] ^= 1,
            Column::I64(values) => values[values.len() - 1] ^= 1,
            Column::I128(values) => values[values.len() - 1] ^= 1,
        }
    }
}

#[test]
fn corrupting_any_state_column_is_caught_and_named() {
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let mut run = small::run(&scenario, 0, 3);
    let mut names = Names(Vec::new());
    run.world.visit(&mut names);
    assert!(
        names.0.len() > 60,
        "only {} columns are shown",
        names.0.len()
    );
    for name in names.0 {
        let mut world = run.world.clone();
        world.visit(&mut Corrupt { name, done: false });
        std::mem::swap(&mut world, &mut run.world);
        // Columns that are written once are read in sixteen turns, all others every week.
        let week = run.week;
        let fault = (0..16).find_map(|_| run.step().err()).expect(name);
        run.week = week;
        assert_eq!(fault.entity, name, "{fault}");
        assert_eq!(fault.phase, "between weeks");
        std::mem::swap(&mut world, &mut run.world);
        run.scratch.seal.close(&mut run.world);
    }
}

#[test]
fn every_conserved_stock_is_counted_against_its_account() {
    use wattflop::market::reconcile::count;
    use wattflop::market::week::Week;
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let run = small::run(&scenario, 0, 30);
    let mut stocks = wattflop::market::books::Stocks::default();
    let week = Week {
        number: run.week,
        model: &run.model,
    };
    count(&week, &run.world, &mut stocks);
    assert!(
        stocks.len() > 100,
        "only {} stocks are counted",
        stocks.len()
    );
    assert!(run.world.books.reconcile(&stocks).is_ok());
    for (unit, residual) in run.world.books.residuals(&run.model.accounts) {
        assert_eq!(residual, 0, "{unit:?}");
    }
}

#[test]
fn a_stock_that_moves_without_a_posting_stops_the_run_and_names_the_account() {
    use wattflop::market::reconcile::reconcile;
    use wattflop::market::week::Week;
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let mut run = small::run(&scenario, 0, 3);
    for name in [
        "operators.cash_micro_usd",
        "providers.cash_micro_usd",
        "providers.held_quanta",
        "providers.staked_quanta",
        "chips.used_chips",
        "operators.fleet_chips",
    ] {
        let mut world = run.world.clone();
        let mut corrupt = Corrupt { name, done: false };
        world.visit(&mut corrupt);
        assert!(corrupt.done, "no column `{name}`");
        let week = Week {
            number: run.week,
            model: &run.model,
        };
        let fault = reconcile(&week, &mut world, &mut run.scratch).expect_err(name);
        assert_eq!(fault.quantity, "books minus count", "{name}");
    }
}
