//! The first day: who owns, who is online where, and what joining costs beyond money.
//!
//! Opening devices are facts; pay and costs follow from prices, tariffs and attributes. What is
//! left unexplained is a venue's appeal to owners of a hardware (trust, hassle, taste: what a
//! dollar of its pay is worth to them), fitted here: the weekly kernel itself runs on frozen
//! opening pay until as many devices are online as the facts say. The state at the end is
//! stationary, so the first weeks are without transients. The fit uses opening facts only, never
//! a rule that a policy may change, so that a policy from the first day meets the same appeal.

use super::population::{self, Attributes};
use super::terms::Surroundings;
use super::{Providers, Venue, seats, stocks, venue_index};
use crate::kernels::math;
use crate::kernels::supply::{ABSENT, IDLE, ONLINE, Rows, Seconds, Terms, Totals, sweep};
use crate::market::books::Books;
use crate::market::chips::{CLASSES, Chips};
use crate::market::grid::Grid;
use crate::market::ids::{CellId, HardwareId, OfferId, Table};
use crate::market::model::{Model, WEEK_H};
use crate::market::networks::{self, Networks, Served};
use crate::market::supply::gather_served;
use std::ops::Range;

/// Sweeps that find how venues compare: everyone reviews, nobody is patient.
const FAST_SWEEPS: u32 = 28;
/// Rounds that find how far all venues of a hardware appeal, from settled beliefs.
const CALM_ROUNDS: u32 = 5;
/// Sweeps of a round, in which nobody moves and beliefs settle.
const CALM_SWEEPS: u32 = 6;
/// Sweeps with the true habits, from nobody online to whoever stays.
const TRUE_SWEEPS: u32 = 44;
/// Of these, sweeps between which venues are compared again: where habits leave owners differs
/// from where the keenest go.
const SPLIT_SWEEPS: Range<u32> = 12..36;
/// Sweeps from one comparison to the next.
const SPLIT_EVERY: u32 = 4;
/// Largest logarithm of such a correction.
const SPLIT_MOST: f64 = 0.12;
/// What a correction leaves of the largest next one, so that venues do not flip for ever.
const SHRINK: f64 = 0.8;
/// Share of opening devices that would join today; patience keeps the rest online.
const KEEN_SHARE: f64 = 0.9;
/// Rise of pay beyond the opening from which the keenest owner buys hardware.
const RISE_TO_BUY: f64 = 1.05;

/// One number for each hardware.
type Column = Table<HardwareId, f64>;

impl Providers {
    /// The opening population.
    pub fn open(
        model: &Model,
        (grid, chips): (&Grid, &Chips),
        networks: &mut Networks,
        books: &mut Books,
    ) -> Self {
        let mut providers = blank(model);
        for (cell, place) in model.providers.cells.iter() {
            let kind = &model.providers.hardware[place.hardware];
            let stream = model.luck.stream("provider attributes", &place.name);
            let attributes = providers.attributes(place.rows.clone());
            population::draw(place, kind, &model.providers.behaviour, stream, attributes);
            providers.opening_beliefs(model, cell);
        }
        providers.opening_pay(model, networks);
        let around = Surroundings {
            model,
            grid,
            chips,
            networks,
            week: 0,
        };
        settle_in(&around, &mut providers);
        seats::open_second(&around, &mut providers);
        keep_from_buying(&around, &mut providers);
        gather_served(model, &mut providers);
        appeal_to_newcomers(model, &mut providers);
        providers.opening_sales(model);
        for (id, rules) in model.networks.networks.iter() {
            if rules.sells_compute() {
                let served = &providers.served[venue_index(model, Venue::Network(id))];
                networks::open_terms(rules, &mut networks.networks[id], served);
            }
        }
        providers.opening_seats(model, networks, books);
        providers.stake_second(model, networks, books);
        for place in model.providers.cells.values() {
            let kind = &model.providers.hardware[place.hardware];
            let rows = place.rows.clone();
            let owned: i128 = (rows.clone())
                .filter(|row| providers.mode[*row] & 0x7f >= IDLE)
                .map(|row| i128::from(providers.count[row]))
                .sum();
            let chips = owned * i128::from(kind.chips_per_device);
            books.post(kind.stock_source, kind.stock, chips);
        }
        providers
    }

    /// The kernel's view of a cell.
    pub fn rows(&mut self, model: &Model, cell: CellId) -> (Rows<'_>, &mut Totals) {
        let place = &model.providers.cells[cell];
        let (rows, luck_rows) = (place.rows.clone(), place.luck_rows);
        let view = Rows {
            luck_rows,
            efficiency: &self.efficiency[rows.clone()],
            tariff_ratio: &self.tariff_ratio[rows.clone()],
            opportunity_usd_per_h: &self.opportunity_usd_per_h[rows.clone()],
            reliability: &self.reliability[rows.clone()],
            count: &self.count[rows.clone()],
            mode: &mut self.mode[rows.clone()],
            patience_weeks: &mut self.patience_weeks[rows.clone()],
            seat: &mut self.seat[rows.clone()],
            belief_usd_per_h: &mut self.belief_usd_per_h[rows.clone()],
            detection_belief: &mut self.detection_belief[rows.clone()],
            staked_quanta: &mut self.staked_quanta[rows.clone()],
            held_quanta: &mut self.held_quanta[rows.clone()],
            second: Some(Seconds {
                seat: &mut self.second_seat[rows.clone()],
                staked_quanta: &mut self.second_staked_quanta[rows],
            }),
        };
        (view, &mut self.totals[cell])
    }

    fn attributes(&mut self, rows: Range<usize>) -> Attributes<'_> {
        Attributes {
            efficiency: &mut self.efficiency[rows.clone()],
            tariff_ratio: &mut self.tariff_ratio[rows.clone()],
            opportunity_usd_per_h: &mut self.opportunity_usd_per_h[rows.clone()],
            reliability: &mut self.reliability[rows.clone()],
            count: &mut self.count[rows.clone()],
            mode: &mut self.mode[rows],
        }
    }

    fn opening_beliefs(&mut self, model: &Model, cell: CellId) {
        let prior = model.providers.behaviour.detection_prior_share as f32;
        for row in model.providers.cells[cell].rows.clone() {
            self.detection_belief[row] = prior;
            self.belief_usd_per_h[row] = -self.opportunity_usd_per_h[row];
        }
    }

    /// Pay of the week before: facts about prices, sold shares and token rewards.
    fn opening_pay(&mut self, model: &Model, networks: &mut Networks) {
        for (slot, venue) in venues(model).into_iter().enumerate() {
            let opening = model.providers.opening(model, venue);
            for (id, kind) in model.providers.hardware.iter() {
                let price = opening.price_usd_per_h.get(&kind.class).copied();
                self.price_usd_per_h[slot][id] = price.unwrap_or(0.0) * kind.reference_per_device;
                self.utilisation_share[slot][id] = opening.utilisation_share;
            }
            if let Venue::Network(id) = venue {
                let rules = &model.networks.networks[id];
                if !rules.sells_compute() {
                    continue;
                }
                let network = &mut networks.networks[id];
                let mut expected = Served::nobody(model.names.hardware.len());
                let reliability = model.providers.behaviour.reliability_share;
                for (kind, facts) in model.providers.hardware.iter() {
                    let devices = opening.devices.get(&facts.name).copied().unwrap_or(0.0);
                    expected.devices[kind] = devices;
                    expected.reliable_devices[kind] = devices * reliability;
                }
                networks::write_terms(rules, network, &expected);
            }
        }
    }

    /// Sales of the week before, as the facts state them.
    fn opening_sales(&mut self, model: &Model) {
        for slot in 0..self.served.len() {
            for (kind, _) in model.providers.hardware.iter() {
                let share = self.utilisation_share[slot][kind];
                let price = self.price_usd_per_h[slot][kind];
                let served = &mut self.served[slot];
                served.sold_h[kind] = served.reliable_devices[kind] * WEEK_H * share;
                served.sold_usd[kind] = served.sold_h[kind] * price;
            }
        }
    }

    /// Stakes of those online, and the tokens that a steady seller still holds.
    fn opening_seats(&mut self, model: &Model, networks: &mut Networks, books: &mut Books) {
        for place in model.providers.cells.values() {
            for row in place.rows.clone() {
                let state = self.mode[row] & 0x7f;
                if state < ONLINE || self.count[row] == 0 {
                    continue;
                }
                let seat = state - ONLINE;
                let Some(Venue::Network(id)) = place.venues[usize::from(seat)] else {
                    continue;
                };
                let rules = &model.networks.networks[id];
                let network = &mut networks.networks[id];
                let (terms, kind) = (&network.terms, place.hardware);
                let reliability = f64::from(self.reliability[row]);
                let staked = terms.stake_quanta_per_device[kind].floor();
                let credit = terms.credit_quanta_per_device[kind] * reliability;
                // Held after selling a share s of everything each week: credit (1 − s)/s.
                let sold = if terms.sell_share > 0.02 {
                    terms.sell_share
                } else {
                    0.02
                };
                let held = (credit * (1.0 - sold) / sold).floor();
                let quantum = i128::from(self.count[row]) * rules.quantum_units;
                let wanted = (held + staked) as i128 * quantum;
                if wanted > network.holders_units {
                    continue;
                }
                self.seat[row] = seat;
                self.held_quanta[row] = held;
                self.staked_quanta[row] = staked;
                network.holders_units -= wanted;
                let ledger = &rules.ledger;
                books.post(
                    ledger.holders,
                    ledger.providers_held,
                    held as i128 * quantum,
                );
                books.post(
                    ledger.holders,
                    ledger.providers_staked,
                    staked as i128 * quantum,
                );
            }
        }
    }
}

/// Every venue, networks first.
pub fn venues(model: &Model) -> Vec<Venue> {
    let networks = model.networks.networks.ids().map(Venue::Network);
    let markets = model.providers.marketplaces.ids().map(Venue::Marketplace);
    networks.chain(markets).collect()
}

fn blank(model: &Model) -> Providers {
    let rows = model.providers.rows();
    let kinds = model.names.hardware.len();
    let all = venues(model).len();
    let column = || vec![0.0_f32; rows];
    let table = || vec![Column::filled(kinds, 0.0); all];
    Providers {
        efficiency: column(),
        tariff_ratio: column(),
        opportunity_usd_per_h: column(),
        reliability: column(),
        count: vec![0; rows],
        mode: vec![ABSENT; rows],
        patience_weeks: vec![0; rows],
        seat: vec![255; rows],
        belief_usd_per_h: column(),
        detection_belief: column(),
        staked_quanta: vec![0.0; rows],
        held_quanta: vec![0.0; rows],
        second_seat: vec![255; rows],
        second_staked_quanta: vec![0.0; rows],
        // Nobody has a second seat before owners have settled.
        second_cost_factor: Table::filled(kinds, seats::NEVER),
        lent_share: Table::filled(model.providers.cells.len(), [0.0; 4]),
        totals: Table::filled(model.providers.cells.len(), Totals::default()),
        spare_chips: stocks::zero_chips(model),
        unfilled_chips: stocks::zero_chips(model),
        appeal_share: vec![Table::filled(kinds, 1.0); all],
        entry_factor: Table::filled(kinds, 1.0),
        class_price_usd_per_h: [0.0; CLASSES],
        first_price_usd_per_h: [0.0; CLASSES],
        opportunity_factor: [1.0; CLASSES],
        served: vec![Served::nobody(kinds); all],
        utilisation_share: table(),
        price_usd_per_h: table(),
        offers: offers(model),
        offered_h: Table::filled(model.providers.cells.len(), [0.0; 4]),
        cash_micro_usd: 0,
        bills_usd: 0.0,
        hardware_spend_usd: 0.0,
    }
}

/// The offer behind each venue of each cell.
fn offers(model: &Model) -> Table<CellId, [Option<OfferId>; 4]> {
    use crate::market::clearing::Seller;
    let of = |venue: Venue, class, area| {
        let seller = match venue {
            Venue::Network(id) => Seller::Network(id),
            Venue::Marketplace(id) => Seller::Marketplace(id),
        };
        let mut all = model.market.offers.iter();
        all.find(|(_, offer)| offer.seller == seller && offer.class == class && offer.area == area)
            .map(|(id, _)| id)
    };
    let cells = model.providers.cells.values().iter();
    cells
        .map(|place| {
            let class = model.providers.hardware[place.hardware].class;
            let area = model.places.area[place.region];
            place
                .venues
                .map(|venue| venue.and_then(|venue| of(venue, class, area)))
        })
        .collect()
}

/// Terms on which nothing is paid, staked, bought or sold: only who is online where moves.
pub(super) fn frozen(around: &Surroundings, providers: &Providers, cell: CellId) -> Terms {
    let mut terms = around.terms(providers, cell);
    terms.buy_margin_usd_per_h = f32::INFINITY;
    for venue in &mut terms.venues {
        venue.stake_quanta_per_device = 0.0;
        venue.credit_quanta_per_device = 0.0;
        venue.sell_share = 0.0;
        venue.detection_probability = 0.0;
        venue.detection_gain = 0.0;
    }
    terms
}

/// Runs the kernel on opening pay until opening devices are online, then lets it rest.
fn settle_in(around: &Surroundings, providers: &mut Providers) {
    let model = around.model;
    let targets = targets(model);
    let calm = CALM_ROUNDS * CALM_SWEEPS;
    // Weeks before the first: their luck is never met again.
    let before = u32::MAX - (FAST_SWEEPS + calm + TRUE_SWEEPS);
    for round in 0..FAST_SWEEPS / 2 {
        let weeks = before + 2 * round..before + 2 * round + 2;
        sweep_all(around, providers, weeks, |terms| {
            terms.review_hazard = 1.0;
            terms.patience_limit_weeks = 1;
            terms.belief_gain = 1.0;
        });
        gather_served(model, providers);
        let most = 0.47 * math::powi(SHRINK, round as i32);
        compare_venues(model, providers, (&targets, most), false);
    }
    everyone_home(providers);
    for round in 0..CALM_ROUNDS {
        let first = before + FAST_SWEEPS + round * CALM_SWEEPS;
        sweep_all(around, providers, first..first + CALM_SWEEPS, |terms| {
            terms.review_hazard = 0.0;
        });
        level_appeal(around, providers, &targets);
    }
    let first = before + FAST_SWEEPS + calm;
    let mut from = first;
    for step in SPLIT_SWEEPS.step_by(SPLIT_EVERY as usize) {
        sweep_all(around, providers, from..first + step + 1, |_| {});
        from = first + step + 1;
        gather_served(model, providers);
        compare_venues(model, providers, (&targets, SPLIT_MOST), true);
    }
    sweep_all(around, providers, from..first + TRUE_SWEEPS, |_| {});
    for row in 0..providers.seat.len() {
        providers.seat[row] = 255;
        providers.held_quanta[row] = 0.0;
        providers.staked_quanta[row] = 0.0;
    }
}

fn everyone_home(providers: &mut Providers) {
    for mode in &mut providers.mode {
        *mode = if *mode & 0x7f >= ONLINE { IDLE } else { *mode };
    }
}

/// Sweeps of everyone on frozen terms, bent by `bend`. A cell's terms hang on no other cell until
/// venues are compared: one cell after the other makes all its weeks, while its rows are at hand.
pub(super) fn sweep_all(
    around: &Surroundings,
    providers: &mut Providers,
    weeks: Range<u32>,
    bend: impl Fn(&mut Terms),
) {
    let model = around.model;
    for (cell, place) in model.providers.cells.iter() {
        let stream = model.luck.stream("provider", &place.name);
        for week in weeks.clone() {
            let mut terms = frozen(around, providers, cell);
            bend(&mut terms);
            let (rows, totals) = providers.rows(model, cell);
            sweep(model.level, rows, &terms, (stream, week), totals);
        }
    }
}

/// Moves the appeal of all venues of a hardware until as many owners would join as opening
/// devices ask for.
fn level_appeal(around: &Surroundings, providers: &mut Providers, targets: &[Column]) {
    let model = around.model;
    let mut keen = Column::filled(model.names.hardware.len(), 0.0);
    for (cell, place) in model.providers.cells.iter() {
        let threshold = frozen(around, providers, cell).join_margin_usd_per_h;
        for row in place.rows.clone() {
            if providers.mode[row] == IDLE && providers.belief_usd_per_h[row] > threshold {
                keen[place.hardware] += f64::from(providers.count[row]);
            }
        }
    }
    for (kind, keen) in keen.iter() {
        let target: f64 = targets.iter().map(|target| target[kind]).sum();
        let ratio = (keen + 1.0) / (KEEN_SHARE * target + 1.0);
        let factor = math::exp(-0.3 * math::ln(ratio)).clamp(0.625, 1.6);
        for appeal in &mut providers.appeal_share {
            appeal[kind] *= factor;
        }
    }
}

/// How far above the return asked the keenest absent owner already expects to earn: whatever
/// has kept him from buying so far keeps him until pay rises.
fn keep_from_buying(around: &Surroundings, providers: &mut Providers) {
    let model = around.model;
    for cell in model.providers.cells.ids() {
        let place = &model.providers.cells[cell];
        let terms = around.terms(providers, cell);
        let lowest = terms.buy_margin_usd_per_h * (1.0 - 0.5 * terms.buy_spread);
        let mut keenest = 0.0_f32;
        for row in place.rows.clone() {
            let belief = providers.belief_usd_per_h[row];
            if providers.mode[row] == ABSENT && providers.count[row] > 0 && belief > keenest {
                keenest = belief;
            }
        }
        let factor = RISE_TO_BUY * f64::from(keenest) / f64::from(lowest);
        if factor.is_finite() && factor > providers.entry_factor[place.hardware] {
            providers.entry_factor[place.hardware] = factor;
        }
    }
}

/// Opening devices by venue and hardware, as far as owners reach.
fn targets(model: &Model) -> Vec<Column> {
    let mut reach = Column::filled(model.names.hardware.len(), 0.0);
    for place in model.providers.cells.values() {
        reach[place.hardware] += place.devices as f64;
    }
    let all = venues(model);
    let mut asked = Column::filled(model.names.hardware.len(), 0.0);
    let mut targets = Vec::new();
    for venue in &all {
        let opening = model.providers.opening(model, *venue);
        let column: Column = (model.providers.hardware.values().iter())
            .map(|kind| opening.devices.get(&kind.name).copied().unwrap_or(0.0))
            .collect();
        for (id, devices) in column.iter() {
            asked[id] += devices;
        }
        targets.push(column);
    }
    // Facts that ask for more than nine in ten owners are scaled down.
    for target in &mut targets {
        for (id, devices) in target.iter_mut() {
            let most = 0.9 * reach[id] * model.providers.hardware[id].owned_share;
            if asked[id] > most {
                *devices *= most / asked[id];
            }
        }
    }
    targets
}

/// Moves each venue's appeal towards the one at which its opening devices are online; when
/// `relative`, without moving the hardware's appeal as a whole. `most` bounds the logarithm.
fn compare_venues(
    model: &Model,
    providers: &mut Providers,
    (targets, most): (&[Column], f64),
    relative: bool,
) {
    for (kind, _) in model.providers.hardware.iter() {
        // A venue that nobody serves today repels until its pay rises.
        let push = |providers: &Providers, slot: usize| {
            let target = targets[slot][kind];
            let devices = providers.served[slot].devices[kind];
            (-0.2 * math::ln((devices + 1.0) / (target + 1.0))).clamp(-most, most)
        };
        let (mut sum, mut weight) = (0.0, 0.0);
        for (slot, target) in targets.iter().enumerate() {
            sum += target[kind] * push(providers, slot);
            weight += target[kind];
        }
        let mean = if relative && weight > 0.0 {
            sum / weight
        } else {
            0.0
        };
        for slot in 0..targets.len() {
            let factor = math::exp(push(providers, slot) - mean);
            providers.appeal_share[slot][kind] *= factor;
        }
    }
}

/// Hardware that nobody owns yet will find venues as appealing as its class (or other racks)
/// does today.
fn appeal_to_newcomers(model: &Model, providers: &mut Providers) {
    for slot in 0..providers.served.len() {
        for (kind, facts) in model.providers.hardware.iter() {
            if facts.owned_share > 0.0 {
                continue;
            }
            let (mut sum, mut weight) = (0.0, 0.0);
            for (other, like) in model.providers.hardware.iter() {
                let same = like.class == facts.class || !facts.own_use && !like.own_use;
                if same && like.owned_share > 0.0 {
                    let devices = providers.served[slot].devices[other];
                    sum += devices * providers.appeal_share[slot][other];
                    weight += devices;
                }
            }
            if weight > 0.0 {
                providers.appeal_share[slot][kind] = sum / weight;
            }
        }
    }
}
