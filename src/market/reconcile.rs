//! Phase 9: every account against the stock that the world counts itself.

use super::books::Stocks;
use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::World;

/// Counts every stock of the world anew.
pub fn count(week: &Week, world: &World, stocks: &mut Stocks) {
    stocks.clear();
    world.grid.count(week.model, stocks);
    world.chips.count(week.model, stocks);
    world.operators.count(week.model, stocks);
    world.market.count(week.model, stocks);
    world.providers.count(week.model, stocks);
    world.networks.count(week.model, stocks);
    world.services.count(week.model, stocks);
    world.closed.count(week.model, stocks);
}

/// Phase 9: a gap stops the run and names the account.
pub fn reconcile(week: &Week, world: &mut World, scratch: &mut Scratch) -> Result<(), Fault> {
    count(week, world, &mut scratch.stocks);
    if let Err(gaps) = world.books.reconcile(&scratch.stocks) {
        let gap = gaps[0];
        let account = week.model.accounts.account(gap.account);
        let entity = format!("{account:?} ({} gaps)", gaps.len());
        return Err(Fault::new(
            entity,
            "books minus count",
            (gap.balance - gap.counted) as f64,
        ));
    }
    for (unit, residual) in world.books.residuals(&week.model.accounts) {
        if residual != 0 {
            return Err(Fault::new(
                format!("{unit:?}"),
                "residual of the books",
                residual as f64,
            ));
        }
    }
    Ok(())
}
