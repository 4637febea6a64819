//! What is ordered, in work, on its way, used; what it costs; how long it takes.

use super::super::books::{Books, Stocks, whole};
use super::super::ids::{ChipId, Id, MakerId, OperatorId, RegionId, Table};
use super::super::model::{Model, YEAR_WEEKS};
use super::super::operators::Operators;
use super::super::world::{Column, Visitor};
use super::model::{self, Channel, ChipModel};
use super::{Owner, chain, second_hand};
use crate::kernels::math;

/// Orders of one product, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    pub owner: Vec<u32>,
    /// When it was placed: 0 before the first week, then the week's number plus one.
    pub batch: Vec<u32>,
    pub chips: Vec<i64>,
}

impl Queue {
    pub fn push(&mut self, owner: u32, batch: u32, chips: i64) {
        self.owner.push(owner);
        self.batch.push(batch);
        self.chips.push(chips);
    }
    /// How many orders from `first` on were placed at the same time as it.
    pub fn same_batch(&self, first: usize) -> usize {
        let rest = &self.batch[first..];
        rest.iter().take_while(|batch| **batch == rest[0]).count()
    }
    /// Forgets orders that are filled, keeping the order of the rest.
    pub fn compact(&mut self) {
        let mut kept = 0;
        for index in 0..self.chips.len() {
            if self.chips[index] > 0 {
                self.owner[kept] = self.owner[index];
                self.batch[kept] = self.batch[index];
                self.chips[kept] = self.chips[index];
                kept += 1;
            }
        }
        self.owner.truncate(kept);
        self.batch.truncate(kept);
        self.chips.truncate(kept);
    }
    pub fn total(&self) -> i64 {
        self.chips.iter().sum()
    }
}

/// Chips on their way, in order of arrival (delivery takes the same time for all).
#[derive(Clone, Debug, Default)]
pub struct Parcels {
    pub week: Vec<u32>,
    pub chip: Vec<u32>,
    pub owner: Vec<u32>,
    pub chips: Vec<i64>,
}

impl Parcels {
    pub fn push(&mut self, week: u32, chip: ChipId, owner: u32, chips: i64) {
        self.week.push(week);
        self.chip.push(u32::from(chip.0));
        self.owner.push(owner);
        self.chips.push(chips);
    }
    /// How many parcels at the front have arrived.
    pub fn due(&self, week: u32) -> usize {
        self.week.partition_point(|&at| at <= week)
    }
    pub fn remove_front(&mut self, count: usize) {
        self.week.drain(..count);
        self.chip.drain(..count);
        self.owner.drain(..count);
        self.chips.drain(..count);
    }
}

#[derive(Clone, Debug, Default)]
pub struct Chips {
    /// From an order placed now to its delivery.
    pub lead_time_weeks: Table<ChipId, f64>,
    /// What one costs now: the vendor's price, or the second-hand price of what is made no more.
    pub price_usd: Table<ChipId, f64>,
    /// Ordered and not shipped.
    pub backlog_chips: Table<ChipId, i64>,
    /// Started as wafers and not shipped.
    pub in_work_chips: Table<ChipId, i64>,
    pub shipped_total_chips: Table<ChipId, i64>,
    /// Second-hand stock of brokers.
    pub used_chips: Table<ChipId, i64>,
    pub used_price_usd: Table<ChipId, f64>,
    pub scrapped_total_chips: Table<ChipId, i64>,
    /// Delivered to owners this week.
    pub delivered_chips: Table<ChipId, i64>,
    /// Dies that wait for packaging, as whole packages' worth.
    pub bank_chips: Table<ChipId, i64>,
    /// Tested packages that wait for shipping.
    pub finished_chips: Table<ChipId, i64>,
    /// Wafers in the fab, by product and week of completion (a ring).
    pub fab: Vec<i64>,
    /// Packages in assembly, by product and week of completion (a ring).
    pub packing: Vec<i64>,
    pub queue: Table<ChipId, Queue>,
    pub transit: Parcels,
    /// Averages of shipments and of orders.
    pub output_per_week: Table<ChipId, f64>,
    pub orders_per_week: Table<ChipId, f64>,
    pub ordered_chips: Table<ChipId, i64>,
    /// Capacity beyond the plan, ÷ plan, by line.
    pub extra_share: Vec<f64>,
    /// What makers want of a line ÷ what it can do, averaged.
    pub use_share: Vec<f64>,
    /// Expansions under construction: line, week, share.
    pub growing_line: Vec<u32>,
    pub growing_week: Vec<u32>,
    pub growing_share: Vec<f64>,
    pub memory_price_usd_per_gb: Vec<f64>,
    pub maker_cash_micro_usd: Table<MakerId, i128>,
}

impl Chips {
    /// Full pipelines: a fab, a bank, assembly lines, queues and trucks that go on as they were.
    pub fn open(model: &Model, books: &mut Books) -> Self {
        let mut chips = Self::empty(&model.chips);
        for chip in model.chips.products.ids() {
            chips.fill_pipeline(model, chip);
            let accounts = &model.chips.accounts[chip];
            let in_work = chips.count_work(&model.chips, chip);
            chips.in_work_chips[chip] = in_work;
            books.post(accounts.outside, accounts.work, i128::from(in_work));
        }
        chips.sort_transit();
        for (&chip, &count) in chips.transit.chip.iter().zip(&chips.transit.chips) {
            let accounts = &model.chips.accounts[ChipId::new(chip as usize)];
            books.post(accounts.outside, accounts.transit, i128::from(count));
        }
        chain::estimate_lead_times(&model.chips, None, &mut chips);
        chips
    }

    /// Second-hand prices of the first day.
    pub fn price_used(&mut self, model: &Model, operators: &Operators) {
        second_hand::open(model, operators, self);
    }

    fn empty(model: &ChipModel) -> Self {
        let products = model.products.len();
        let chain = &model.rules().chain;
        let zero = || Table::filled(products, 0_i64);
        let none = || Table::filled(products, 0.0);
        Self {
            lead_time_weeks: none(),
            price_usd: model
                .products
                .iter()
                .map(|(_, product)| product.price_usd)
                .collect(),
            backlog_chips: zero(),
            in_work_chips: zero(),
            shipped_total_chips: zero(),
            used_chips: zero(),
            used_price_usd: none(),
            scrapped_total_chips: zero(),
            delivered_chips: zero(),
            bank_chips: zero(),
            finished_chips: zero(),
            fab: vec![0; products * chain.fab_weeks as usize],
            packing: vec![0; products * chain.packaging_weeks as usize],
            queue: Table::filled(products, Queue::default()),
            transit: Parcels::default(),
            output_per_week: none(),
            orders_per_week: none(),
            ordered_chips: zero(),
            extra_share: vec![0.0; model.lines.len()],
            use_share: vec![0.8; model.lines.len()],
            growing_line: Vec::new(),
            growing_week: Vec::new(),
            growing_share: Vec::new(),
            memory_price_usd_per_gb: model.memory_price.iter().map(|p| p.usd_per_gb).collect(),
            maker_cash_micro_usd: Table::filled(model.makers.len(), 0),
        }
    }

    fn fill_pipeline(&mut self, model: &Model, chip: ChipId) {
        let rules = model.chips.rules();
        let Some(made) = &model.chips.products[chip].made else {
            return;
        };
        let weekly = made.opening_chips_per_week;
        if weekly <= 0.0 {
            return;
        }
        let (fab_weeks, packaging_weeks) = (
            rules.chain.fab_weeks as usize,
            rules.chain.packaging_weeks as usize,
        );
        let delivery_weeks = rules.chain.delivery_weeks as usize;
        // Output has grown like its packaging line: what arrives later was started larger.
        let growth = line_growth_per_week(&model.chips, made);
        let arriving = |week: usize| weekly * math::exp(growth * week as f64);
        for slot in 0..packaging_weeks {
            let count = whole(arriving(slot + delivery_weeks)) as i64;
            self.packing[chip.index() * packaging_weeks + slot] = count;
        }
        let process_weeks = packaging_weeks + delivery_weeks;
        for slot in 0..fab_weeks {
            let count = whole(arriving(slot + process_weeks)) as i64;
            self.fab[chip.index() * fab_weeks + slot] = count;
        }
        // Packaging binds at the opening: the dies of waiting orders are there.
        let bank_weeks = rules.chain.die_bank_weeks + made.opening_backlog_weeks;
        self.bank_chips[chip] = whole(arriving(process_weeks) * bank_weeks) as i64;
        self.output_per_week[chip] = arriving(delivery_weeks);
        self.orders_per_week[chip] = arriving(process_weeks);
        // The week before the first one had its orders too: the average opens at rest.
        self.ordered_chips[chip] = whole(arriving(process_weeks)) as i64;
        let waiting =
            arriving(process_weeks) * (made.opening_backlog_weeks + packaging_weeks as f64);
        let shares = opening_shares(model, chip);
        for (owner, share) in &shares {
            let ordered = whole(waiting * share) as i64;
            if ordered > 0 {
                self.queue[chip].push(*owner, 0, ordered);
            }
            for week in 0..delivery_weeks {
                let sent = whole(arriving(week) * share) as i64;
                if sent > 0 {
                    self.transit.push(week as u32, chip, *owner, sent);
                }
            }
        }
        self.backlog_chips[chip] = self.queue[chip].total();
    }

    /// Parcels in order of arrival; equal weeks keep the order of products and owners.
    fn sort_transit(&mut self) {
        let parcels = std::mem::take(&mut self.transit);
        let mut order: Vec<usize> = (0..parcels.week.len()).collect();
        order.sort_by_key(|&index| (parcels.week[index], index));
        for index in order {
            let chip = ChipId::new(parcels.chip[index] as usize);
            let (week, owner) = (parcels.week[index], parcels.owner[index]);
            self.transit.push(week, chip, owner, parcels.chips[index]);
        }
    }

    /// Everything of a product that is started and not shipped.
    pub fn count_work(&self, model: &ChipModel, chip: ChipId) -> i64 {
        let chain = &model.rules().chain;
        let (fab, packing) = (chain.fab_weeks as usize, chain.packaging_weeks as usize);
        let started: i64 = self.fab[chip.index() * fab..][..fab].iter().sum();
        let packed: i64 = self.packing[chip.index() * packing..][..packing]
            .iter()
            .sum();
        started + packed + self.bank_chips[chip] + self.finished_chips[chip]
    }

    /// Adds an order; it is paid when it is delivered.
    pub fn order(&mut self, week: u32, chip: ChipId, owner: Owner, chips: i64) {
        if chips > 0 {
            self.queue[chip].push(model::pack(owner), week + 1, chips);
            self.backlog_chips[chip] += chips;
            self.ordered_chips[chip] += chips;
        }
    }

    /// Takes back every order of an operator that no truck has left for.
    pub fn cancel(&mut self, operator: OperatorId) {
        for (queue, backlog) in self
            .queue
            .values_mut()
            .iter_mut()
            .zip(self.backlog_chips.values_mut())
        {
            for (owner, chips) in queue.owner.iter().zip(&mut queue.chips) {
                if matches!(model::unpack(*owner), Owner::Operator(o, _) if o == operator) {
                    *backlog -= *chips;
                    *chips = 0;
                }
            }
            queue.compact();
        }
    }

    /// Calls `each(chip, operator, region, chips)` for what operators ordered or have on its way.
    pub fn each_outstanding(&self, mut each: impl FnMut(ChipId, OperatorId, RegionId, i64)) {
        let mut call = |chip, packed, chips| {
            if let Owner::Operator(operator, region) = model::unpack(packed) {
                each(chip, operator, region, chips);
            }
        };
        for (chip, queue) in self.queue.iter() {
            for (&owner, &chips) in queue.owner.iter().zip(&queue.chips) {
                call(chip, owner, chips);
            }
        }
        let parcels = &self.transit;
        for index in 0..parcels.chips.len() {
            let chip = ChipId::new(parcels.chip[index] as usize);
            call(chip, parcels.owner[index], parcels.chips[index]);
        }
    }

    /// Puts chips into the brokers' stock; the caller posts chips and money.
    pub fn sell_used(&mut self, chip: ChipId, chips: i64) {
        self.used_chips[chip] += chips;
    }

    /// Takes at most `chips` from the brokers' stock; the caller posts chips and money.
    pub fn buy_used(&mut self, chip: ChipId, chips: i64) -> i64 {
        let taken = chips.clamp(0, self.used_chips[chip]);
        self.used_chips[chip] -= taken;
        taken
    }

    pub fn count(&self, model: &Model, stocks: &mut Stocks) {
        let mut sent = vec![0_i64; model.chips.products.len()];
        for (&chip, &chips) in self.transit.chip.iter().zip(&self.transit.chips) {
            sent[chip as usize] += chips;
        }
        for (chip, accounts) in model.chips.accounts.iter() {
            stocks.count(
                accounts.work,
                i128::from(self.count_work(&model.chips, chip)),
            );
            stocks.count(accounts.transit, i128::from(sent[chip.index()]));
            stocks.count(accounts.used, i128::from(self.used_chips[chip]));
            stocks.count(accounts.scrap, i128::from(self.scrapped_total_chips[chip]));
        }
        for (maker, account) in model.chips.maker_cash.iter() {
            stocks.count(*account, self.maker_cash_micro_usd[maker]);
        }
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        let mut table = |name, column: &mut Table<ChipId, f64>| {
            visitor.column(name, Column::F64(column.values_mut()));
        };
        table("chips.lead_time_weeks", &mut self.lead_time_weeks);
        table("chips.price_usd", &mut self.price_usd);
        table("chips.used_price_usd", &mut self.used_price_usd);
        table("chips.output_per_week", &mut self.output_per_week);
        table("chips.orders_per_week", &mut self.orders_per_week);
        let mut table = |name, column: &mut Table<ChipId, i64>| {
            visitor.column(name, Column::I64(column.values_mut()));
        };
        table("chips.backlog_chips", &mut self.backlog_chips);
        table("chips.in_work_chips", &mut self.in_work_chips);
        table("chips.shipped_total_chips", &mut self.shipped_total_chips);
        table("chips.used_chips", &mut self.used_chips);
        table("chips.scrapped_total_chips", &mut self.scrapped_total_chips);
        table("chips.delivered_chips", &mut self.delivered_chips);
        table("chips.bank_chips", &mut self.bank_chips);
        table("chips.finished_chips", &mut self.finished_chips);
        table("chips.ordered_chips", &mut self.ordered_chips);
        visitor.column("chips.fab", Column::I64(&mut self.fab));
        visitor.column("chips.packing", Column::I64(&mut self.packing));
        for queue in self.queue.values_mut() {
            visitor.column("chips.queue_owner", Column::U32(&mut queue.owner));
            visitor.column("chips.queue_batch", Column::U32(&mut queue.batch));
            visitor.column("chips.queue_chips", Column::I64(&mut queue.chips));
        }
        let parcels = &mut self.transit;
        visitor.column("chips.transit_week", Column::U32(&mut parcels.week));
        visitor.column("chips.transit_chip", Column::U32(&mut parcels.chip));
        visitor.column("chips.transit_owner", Column::U32(&mut parcels.owner));
        visitor.column("chips.transit_chips", Column::I64(&mut parcels.chips));
        visitor.column("chips.extra_share", Column::F64(&mut self.extra_share));
        visitor.column("chips.use_share", Column::F64(&mut self.use_share));
        visitor.column("chips.growing_line", Column::U32(&mut self.growing_line));
        visitor.column("chips.growing_week", Column::U32(&mut self.growing_week));
        visitor.column("chips.growing_share", Column::F64(&mut self.growing_share));
        let price = &mut self.memory_price_usd_per_gb;
        visitor.column("chips.memory_price_usd_per_gb", Column::F64(price));
        let cash = self.maker_cash_micro_usd.values_mut();
        visitor.column("chips.maker_cash_micro_usd", Column::I128(cash));
    }
}

/// Growth of a product's packaging line over the first year, a week.
fn line_growth_per_week(chain: &ChipModel, made: &model::Made) -> f64 {
    let Some(line) = made.packaging else {
        return 0.0;
    };
    let capacity = &chain.lines[line].capacity_per_week;
    let (now, later) = (capacity.at(0), capacity.at(YEAR_WEEKS as u32));
    if now > 0.0 && later > 0.0 {
        math::ln(later / now) / YEAR_WEEKS
    } else {
        0.0
    }
}

/// Who the opening orders belong to: fleets of the product, then of its class, by region.
fn opening_shares(model: &Model, chip: ChipId) -> Vec<(u32, f64)> {
    let product = &model.chips.products[chip];
    let operators = &model.operators;
    let may = |operator: OperatorId| match product.channel {
        Channel::Captive(owner) => owner == operator,
        _ => product.licensed_share[operators.firms[operator].law] > 0.0,
    };
    let weight = |operator: OperatorId, own: bool| -> f64 {
        let fleet = &operators.firms[operator].fleet;
        let counted = model.chips.products.iter().filter(|(other, record)| {
            if own {
                *other == chip
            } else {
                record.class == product.class
            }
        });
        counted.map(|(other, _)| fleet[other]).sum()
    };
    let mut shares = Vec::new();
    for own in [true, false] {
        let buyers: Vec<OperatorId> = model.operators.firms.ids().filter(|&o| may(o)).collect();
        let total: f64 = buyers.iter().map(|&operator| weight(operator, own)).sum();
        if total <= 0.0 {
            continue;
        }
        for &operator in &buyers {
            let share = weight(operator, own) / total;
            for (region, site) in operators.firms[operator].site_share.iter() {
                if share * site > 0.0 {
                    shares.push((model::pack(Owner::Operator(operator, region)), share * site));
                }
            }
        }
        break;
    }
    shares
}
