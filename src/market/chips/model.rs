//! The chip chain as compiled: products, makers, lines and the accounts they post to.

use super::super::books::{AccountId, Holder, Purpose, Unit};
use super::super::ids::{AreaId, ChipId, Id, MakerId, OperatorId, RegionId, Table};
use super::super::model::Compile;
use super::super::schedule::Schedule;
use super::{CLASSES, WORKLOADS};
use crate::scenario::types::{
    ChainRules, Chip, ChipClass, ExpansionRules, SaleChannel, SecondHand, VendorPricing, WaferLine,
};

/// To whom a product may be sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    DataCentre,
    Captive(OperatorId),
    Retail,
}

#[derive(Clone, Debug)]
pub struct Product {
    pub maker: MakerId,
    pub class: ChipClass,
    pub bf16_tflops: f64,
    pub memory_gb: f64,
    pub bandwidth_tb_per_s: f64,
    /// IT power for which a system is built, per chip.
    pub system_kw: f64,
    /// Vendor price at the opening or release; 0 when it is only found second-hand.
    pub price_usd: f64,
    /// Weeks from the start of the run between which it can be ordered.
    pub release_week: i64,
    pub last_week: i64,
    pub channel: Channel,
    /// How it is made; absent when it is only found second-hand.
    pub made: Option<Made>,
    /// Share of wanted orders that a jurisdiction lets through: 0 where it is barred.
    pub licensed_share: Vec<f64>,
}

/// How a product is made. Absent links do not bind it.
#[derive(Clone, Debug)]
pub struct Made {
    pub node: Option<usize>,
    pub packaging: Option<usize>,
    pub memory: Option<usize>,
    pub dies_per_wafer: f64,
    pub packages_per_wafer: f64,
    pub opening_chips_per_week: f64,
    pub opening_backlog_weeks: f64,
    /// Weekly ceiling of retail sales to owners who rent out; infinite for other products.
    pub ceiling_chips_per_week: f64,
}

#[derive(Clone, Debug)]
pub struct Maker {
    pub gross_margin_share: f64,
    pub software_share: f64,
    pub packaging_share: f64,
}

/// One line of the chain: planned weekly capacity, wafers or GB.
#[derive(Clone, Debug)]
pub struct Line {
    pub capacity_per_week: Schedule,
    pub expansion_weeks: u32,
}

/// Price of stacked memory.
#[derive(Clone, Copy, Debug)]
pub struct MemoryPrice {
    pub usd_per_gb: f64,
    pub scarcity_response: f64,
}

/// Accounts of one product.
#[derive(Clone, Debug)]
pub struct ChipAccounts {
    pub outside: AccountId,
    pub work: AccountId,
    pub transit: AccountId,
    pub used: AccountId,
    pub scrap: AccountId,
    pub providers: AccountId,
}

#[derive(Clone, Debug, Default)]
pub struct ChipModel {
    pub products: Table<ChipId, Product>,
    /// Reference-chip hours in an hour of a chip: BF16 throughput ÷ the reference's.
    pub reference_per_chip: Table<ChipId, f64>,
    /// The same weighted by throughput, bandwidth, memory and software: what buyers pay for.
    pub worth_per_chip: Table<ChipId, f64>,
    /// H100-equivalents of a reference chip, by class and workload.
    pub h100e: [[f64; WORKLOADS]; CLASSES],
    pub memory_gb_of_class: [f64; CLASSES],
    pub references: [Option<ChipId>; CLASSES],
    pub makers: Table<MakerId, Maker>,
    /// Nodes, then packaging lines, then memory lines.
    pub lines: Vec<Line>,
    /// Lines before this index are nodes; from here to `memory_from` they package.
    pub packaging_from: usize,
    pub memory_from: usize,
    pub memory_price: Vec<MemoryPrice>,
    pub rules: Option<Rules>,
    pub accounts: Table<ChipId, ChipAccounts>,
    pub maker_cash: Table<MakerId, AccountId>,
    pub usd_outside: Option<AccountId>,
    pub providers_cash: Option<AccountId>,
}

#[derive(Clone, Debug)]
pub struct Rules {
    pub chain: ChainRules,
    pub pricing: VendorPricing,
    pub expansion: ExpansionRules,
    pub second_hand: SecondHand,
}

impl ChipModel {
    pub fn compile(compile: &mut Compile<'_>) -> Self {
        let chips = &compile.scenario.chips;
        let mut model = Self {
            rules: Some(Rules {
                chain: chips.chain.clone(),
                pricing: chips.vendor_pricing.clone(),
                expansion: chips.expansion.clone(),
                second_hand: chips.second_hand.clone(),
            }),
            ..Self::default()
        };
        model.compile_lines(compile);
        for name in compile.names.makers.iter() {
            let maker = &chips.makers[name];
            let id = model.makers.push(Maker {
                gross_margin_share: maker.gross_margin_share.unwrap_or(0.5),
                software_share: maker.software_share.unwrap_or(1.0),
                packaging_share: maker.packaging_share.unwrap_or(0.0),
            });
            let cash = compile
                .accounts
                .open(Unit::Usd, Holder::Maker(id), Purpose::Cash);
            model.maker_cash.push(cash);
        }
        for name in compile.names.chips.iter() {
            let product = product(compile, &chips.products[name], &model);
            let id = model.products.push(product);
            model.accounts.push(open_accounts(compile, id));
        }
        let accounts = &mut compile.accounts;
        model.usd_outside = Some(accounts.open(Unit::Usd, Holder::Outside, Purpose::Cash));
        model.providers_cash = Some(accounts.open(Unit::Usd, Holder::Providers, Purpose::Cash));
        model.compile_classes(compile);
        model
    }

    fn compile_lines(&mut self, compile: &Compile<'_>) {
        let chips = &compile.scenario.chips;
        let horizon = &compile.scenario.horizon;
        let months_per_week = 12.0 / super::super::model::YEAR_WEEKS;
        let rules = &chips.expansion;
        let wafers = |line: &WaferLine| {
            let mut series = line.wafers_per_month.clone();
            for point in &mut series.points {
                point.1 *= months_per_week;
            }
            Line {
                capacity_per_week: Schedule::new(
                    &series,
                    horizon.start,
                    horizon.weeks,
                    line.growth_per_year.unwrap_or(rules.growth_per_year),
                ),
                expansion_weeks: line.expansion_weeks.unwrap_or(rules.foundry_weeks),
            }
        };
        self.lines.extend(chips.nodes.values().map(wafers));
        self.packaging_from = self.lines.len();
        self.lines.extend(chips.packaging.values().map(wafers));
        self.memory_from = self.lines.len();
        for line in chips.memory.values() {
            self.lines.push(Line {
                capacity_per_week: Schedule::new(
                    &line.gb_per_week,
                    horizon.start,
                    horizon.weeks,
                    line.growth_per_year.unwrap_or(rules.growth_per_year),
                ),
                expansion_weeks: line.expansion_weeks,
            });
            self.memory_price.push(MemoryPrice {
                usd_per_gb: line.price_usd_per_gb,
                scarcity_response: chips.vendor_pricing.memory_scarcity_response,
            });
        }
    }

    /// References of classes, and what every chip counts beside its own.
    fn compile_classes(&mut self, compile: &Compile<'_>) {
        let chips = &compile.scenario.chips;
        let h100 = &chips.products[&chips.h100];
        for (class, name) in &chips.references {
            let index = *class as usize;
            let chip = &chips.products[name];
            self.references[index] = Some(compile.names.chips.id(name));
            self.memory_gb_of_class[index] = chip.memory_gb;
            let arithmetic = chip.bf16_tflops / h100.bf16_tflops;
            let bandwidth = chip.bandwidth_tb_per_s / h100.bandwidth_tb_per_s;
            self.h100e[index] = [arithmetic, bandwidth, arithmetic];
        }
        let weights = &chips.worth;
        let total = weights.throughput + weights.bandwidth + weights.memory;
        for (_, product) in self.products.iter() {
            let reference = self.references[product.class as usize].map(|id| &self.products[id]);
            let reference = reference.unwrap_or(product);
            let arithmetic = product.bf16_tflops / reference.bf16_tflops;
            let features = weights.throughput * arithmetic
                + weights.bandwidth * product.bandwidth_tb_per_s / reference.bandwidth_tb_per_s
                + weights.memory * product.memory_gb / reference.memory_gb;
            let software = self.makers[product.maker].software_share;
            let features = if total > 0.0 {
                features / total
            } else {
                arithmetic
            };
            self.reference_per_chip.push(arithmetic);
            self.worth_per_chip.push(features * software);
        }
    }

    /// Rules of the chain; a compiled model has them.
    pub fn rules(&self) -> &Rules {
        self.rules
            .as_ref()
            .expect("compiled with the scenario's rules")
    }

    /// Whether a product can be ordered in a week.
    pub fn on_sale(&self, chip: ChipId, week: u32) -> bool {
        let product = &self.products[chip];
        let week = i64::from(week);
        product.made.is_some() && product.release_week <= week && week <= product.last_week
    }

    /// Weeks from a package start to the owner's hall.
    pub fn process_weeks(&self, chip: ChipId) -> f64 {
        let chain = &self.rules().chain;
        let packaged = self.products[chip]
            .made
            .as_ref()
            .is_some_and(|made| made.node.is_some());
        let packaging = if packaged {
            f64::from(chain.packaging_weeks)
        } else {
            0.0
        };
        packaging + f64::from(chain.delivery_weeks)
    }
}

fn open_accounts(compile: &mut Compile<'_>, chip: ChipId) -> ChipAccounts {
    let maker: MakerId = {
        let name = compile.names.chips.name(chip);
        compile
            .names
            .makers
            .id(&compile.scenario.chips.products[name].maker)
    };
    let unit = Unit::Chip(chip);
    let mut open = |holder, purpose| compile.accounts.open(unit, holder, purpose);
    ChipAccounts {
        outside: open(Holder::Outside, Purpose::Stock),
        work: open(Holder::Maker(maker), Purpose::Work),
        transit: open(Holder::Maker(maker), Purpose::Transit),
        used: open(Holder::Marketplaces, Purpose::Used),
        scrap: open(Holder::Outside, Purpose::Scrap),
        providers: open(Holder::Providers, Purpose::Stock),
    }
}

fn product(compile: &Compile<'_>, chip: &Chip, model: &ChipModel) -> Product {
    let names = compile.names;
    let start = compile.scenario.horizon.start;
    let laws = names.jurisdictions.len();
    let mut licensed_share = vec![1.0; laws];
    for (law, share) in &chip.licensed_share {
        if let Some(id) = names.jurisdictions.find::<AreaId>(law) {
            licensed_share[id.index()] = *share;
        }
    }
    for law in &chip.barred {
        if let Some(id) = names.jurisdictions.find::<AreaId>(law) {
            licensed_share[id.index()] = 0.0;
        }
    }
    let owner = chip.owner.as_ref().map(|name| names.operators.id(name));
    let channel = match (chip.channel, owner) {
        (SaleChannel::Captive, Some(owner)) => Channel::Captive(owner),
        (SaleChannel::Retail, _) => Channel::Retail,
        _ => Channel::DataCentre,
    };
    Product {
        maker: names.makers.id(&chip.maker),
        class: chip.class,
        bf16_tflops: chip.bf16_tflops,
        memory_gb: chip.memory_gb,
        bandwidth_tb_per_s: chip.bandwidth_tb_per_s,
        system_kw: chip.system_kw,
        price_usd: chip.production.as_ref().map_or(0.0, |made| made.price_usd),
        release_week: i64::from(chip.release.weeks_since(start)),
        last_week: chip
            .last_order
            .map_or(i64::MAX, |date| i64::from(date.weeks_since(start))),
        channel,
        made: made(compile, chip, model),
        licensed_share,
    }
}

fn made(compile: &Compile<'_>, chip: &Chip, model: &ChipModel) -> Option<Made> {
    let chips = &compile.scenario.chips;
    let production = chip.production.as_ref()?;
    let opening = production.opening.as_ref();
    let place = |name: &Option<String>, from: usize, mut names: Vec<&String>| {
        names.sort();
        let name = name.as_ref()?;
        names
            .iter()
            .position(|other| *other == name)
            .map(|index| from + index)
    };
    let packaging = place(
        &production.packaging,
        model.packaging_from,
        chips.packaging.keys().collect(),
    );
    let memory = place(
        &production.memory,
        model.memory_from,
        chips.memory.keys().collect(),
    );
    Some(Made {
        node: place(&production.node, 0, chips.nodes.keys().collect()),
        packaging,
        memory,
        dies_per_wafer: production.dies_per_wafer.unwrap_or(1.0),
        packages_per_wafer: production.packages_per_wafer.unwrap_or(1.0),
        opening_chips_per_week: opening.map_or(0.0, |flow| flow.chips_per_week),
        opening_backlog_weeks: opening.map_or(0.0, |flow| {
            if flow.sold_out {
                chips.chain.sold_out_backlog_weeks
            } else {
                chips.chain.backlog_weeks
            }
        }),
        ceiling_chips_per_week: production.retail_chips_per_week.unwrap_or(f64::INFINITY),
    })
}

/// A region and a firm's home stand under laws; the stricter one decides.
pub fn let_through(shares: &[f64], home: usize, place: usize) -> f64 {
    let (home, place) = (shares[home], shares[place]);
    if home < place { home } else { place }
}

/// Packs an owner into one number for flat columns.
pub fn pack(owner: super::Owner) -> u32 {
    match owner {
        super::Owner::Operator(operator, region) => {
            u32::from(operator.0) << 12 | u32::from(region.0)
        }
        super::Owner::Cell(cell) => 1 << 31 | u32::from(cell.0),
    }
}

/// The owner behind a packed number.
pub fn unpack(packed: u32) -> super::Owner {
    if packed >> 31 == 1 {
        super::Owner::Cell(super::super::ids::CellId((packed & 0xffff) as u16))
    } else {
        let region = RegionId((packed & 0xfff) as u16);
        super::Owner::Operator(OperatorId((packed >> 12) as u16), region)
    }
}
