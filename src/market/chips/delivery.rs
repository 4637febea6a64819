//! Trucks arrive: chips and money change hands.

use super::super::books::micro_usd;
use super::super::ids::{CellId, ChipId, Id};
use super::super::week::{Fault, Week};
use super::super::world::World;
use super::model::unpack;
use super::{Owner, chain, pricing};

/// Called by arrivals: deliveries of the week, then the chain moves on.
pub fn arrive(week: &Week, world: &mut World) -> Result<(), Fault> {
    world.chips.delivered_chips.values_mut().fill(0);
    world.operators.begin_week();
    let due = world.chips.transit.due(week.number);
    for index in 0..due {
        let parcels = &world.chips.transit;
        let chip = ChipId::new(parcels.chip[index] as usize);
        let (owner, count) = (unpack(parcels.owner[index]), parcels.chips[index]);
        world.chips.delivered_chips[chip] += count;
        let paid = match owner {
            Owner::Operator(operator, region) if !world.operators.defaulted[operator] => {
                let World {
                    operators,
                    chips,
                    books,
                    ..
                } = world;
                let price = chips.price_usd[chip];
                operators.receive(week.model, (operator, region, chip), (count, price), books)
            }
            // The buyer is gone: brokers take the chips off the maker's hands.
            Owner::Operator(..) => {
                world.chips.sell_used(chip, count);
                let accounts = &week.model.chips.accounts[chip];
                world
                    .books
                    .post(accounts.transit, accounts.used, i128::from(count));
                0
            }
            Owner::Cell(cell) => hand_over(week, world, (chip, cell), count),
        };
        let maker = week.model.chips.products[chip].maker;
        let cost = pricing::unit_cost_usd(&week.model.chips, chip, week.number, &world.chips);
        let spent = micro_usd(cost * count as f64);
        world.chips.maker_cash_micro_usd[maker] += paid - spent;
        if let Some(outside) = week.model.chips.usd_outside {
            world
                .books
                .post(week.model.chips.maker_cash[maker], outside, spent);
        }
    }
    world.chips.transit.remove_front(due);
    let World {
        chips,
        conditions,
        books,
        ..
    } = world;
    chain::run(week.model, conditions, week.number, chips, books);
    Ok(())
}

/// Hands chips to independent providers; what finds no taker goes to the brokers.
fn hand_over(week: &Week, world: &mut World, (chip, cell): (ChipId, CellId), count: i64) -> i128 {
    let model = &week.model.chips;
    let accounts = &model.accounts[chip];
    let taken = world
        .providers
        .receive(week.model, cell, count)
        .clamp(0, count);
    world
        .books
        .post(accounts.transit, accounts.providers, i128::from(taken));
    world
        .books
        .post(accounts.transit, accounts.used, i128::from(count - taken));
    world.chips.sell_used(chip, count - taken);
    let paid = micro_usd(world.chips.price_usd[chip] * taken as f64);
    if let Some(cash) = model.providers_cash {
        world.providers.cash_micro_usd -= paid;
        world
            .books
            .post(cash, model.maker_cash[model.products[chip].maker], paid);
    }
    paid
}
