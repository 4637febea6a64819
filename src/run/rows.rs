//! The market's frames of numbers become result tables with names and dates.

use crate::market::clearing::Seller;
use crate::market::ids::{ChipId, Id, OfferId};
use crate::market::record::{Event, Frame};
use crate::market::{Model, tables};
use crate::results::columns::{Data, Misfit, Table, Text};

/// A frame as a table: `week`, `date`, the entity's key columns, then the values.
pub fn table_of(frame: &Frame, model: &Model) -> Result<Table, Misfit> {
    let mut table = dated(frame.name, frame.weeks.iter().copied(), model)?;
    let known = frame.entities.iter().max().map_or(0, |last| last + 1);
    if !frame.key.is_empty() {
        let name = |entity| tables::entity_name(model, frame.name, entity as usize);
        table.push_column(frame.key, coded(&frame.entities, (0..known).map(name)))?;
    }
    if frame.name == "offers" {
        for (place, column) in ["seller", "class", "tier", "area"].into_iter().enumerate() {
            let words = (0..known).map(|entity| offer(entity, model)[place].to_string());
            table.push_column(column, coded(&frame.entities, words))?;
        }
    }
    if frame.name == "chips" {
        for (place, column) in ["class", "maker"].into_iter().enumerate() {
            let words = (0..known).map(|entity| chip(entity, model)[place].to_string());
            table.push_column(column, coded(&frame.entities, words))?;
        }
    }
    let width = frame.columns.len();
    for (place, name) in frame.columns.iter().enumerate() {
        let values = frame
            .values
            .iter()
            .skip(place)
            .step_by(width)
            .copied()
            .collect();
        table.push_column(name, Data::F64(values))?;
    }
    Ok(table)
}

/// Events as a table; without events it has columns all the same.
pub fn events_of(events: &[Event], model: &Model) -> Result<Table, Misfit> {
    let mut table = dated("events", events.iter().map(|event| event.week), model)?;
    table.push_column(
        "kind",
        Data::Text(text(events.iter().map(|event| event.kind))),
    )?;
    let entities = events.iter().map(|event| event.entity.as_str());
    table.push_column("entity", Data::Text(text(entities)))?;
    table.push_column(
        "value",
        Data::F64(events.iter().map(|event| event.value).collect()),
    )?;
    Ok(table)
}

fn dated(
    name: &str,
    weeks: impl Iterator<Item = u32> + Clone,
    model: &Model,
) -> Result<Table, Misfit> {
    let mut table = Table::new(name);
    table.push_column("week", Data::I64(weeks.clone().map(i64::from).collect()))?;
    let dates = weeks.clone().max().map_or(0, |last| last + 1);
    let rows: Vec<u32> = weeks.collect();
    let date = |week| model.calendar.date(week).to_string();
    table.push_column("date", coded(&rows, (0..dates).map(date)))?;
    Ok(table)
}

/// A text column from positions in a list of words, some of which may be equal.
fn coded(rows: &[u32], words: impl Iterator<Item = String>) -> Data {
    let mut list = Text::default();
    words.for_each(|word| list.push(&word));
    let codes = rows.iter().map(|row| list.codes()[*row as usize]).collect();
    let text = Text::from_codes(codes, list.words().to_vec());
    Data::Text(text.unwrap_or_default())
}

fn text<'a>(words: impl Iterator<Item = &'a str>) -> Text {
    let mut text = Text::default();
    words.for_each(|word| text.push(word));
    text
}

/// Class and maker of a chip.
fn chip(entity: u32, model: &Model) -> [&str; 2] {
    let product = &model.chips.products[ChipId::new(entity as usize)];
    [product.class.name(), model.names.makers.name(product.maker)]
}

/// Seller, class, tier and area of an offer.
fn offer(entity: u32, model: &Model) -> [&str; 4] {
    let offer = &model.market.offers[OfferId::new(entity as usize)];
    let seller = match offer.seller {
        Seller::Operator(id) => model.names.operators.name(id),
        Seller::Marketplace(id) => model.names.marketplaces.name(id),
        Seller::Network(id) => model.names.networks.name(id),
    };
    let area = model.names.areas.name(offer.area);
    [seller, offer.class.name(), offer.tier.name(), area]
}
