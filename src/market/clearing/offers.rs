//! What could ever be sold: every seller × class × tier × area, fixed for the run.
//!
//! An operator's chips of one class in one area are a pool that three tiers share: contracts
//! first, then hours at list price, then spot. Independent providers of one class in one area
//! are one offer of their marketplace or network with a supply curve behind it: a million nodes
//! are never a million alternatives.

use super::super::chips::{CLASSES, ChipModel, WORKLOADS};
use super::super::ids::{AreaId, ChipId, Id, MarketplaceId, NetworkId, OfferId, OperatorId, Table};
use super::super::model::{Compile, Names};
use super::super::providers::{ProviderModel, Venue};
use super::oracle::Asked;
use super::settle::Ledger;
use super::{opening, venues};
use crate::scenario::types::{ChipClass, ListPrices, OperatorKind, PricingRules, Scenario, Tier};
use crate::scenario::types::{Marketplace, Privacy, TierRules};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seller {
    Operator(OperatorId),
    Marketplace(MarketplaceId),
    Network(NetworkId),
}

/// Something that could be bought; its capacity may be 0.
#[derive(Clone, Debug)]
pub struct Offer {
    pub seller: Seller,
    pub class: ChipClass,
    pub tier: Tier,
    pub area: AreaId,
    /// `seller/class/tier/area`; ids follow the order of these names.
    pub name: String,
    /// H100-equivalents of the class's reference chip, by workload.
    pub h100e: [f64; WORKLOADS],
    /// Privacy that the seller can promise.
    pub privacy: Privacy,
    /// The law that the seller answers to; independent providers answer to none that could be
    /// attested. Position in the names of jurisdictions.
    pub jurisdiction: Option<u16>,
    /// The pool behind an operator's offer.
    pub pool: Option<usize>,
    /// Position of the seller among operators, marketplaces and networks, in this order.
    pub seller_place: usize,
}

/// One operator's chips of one class in one area.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    pub operator: OperatorId,
    pub class: ChipClass,
    pub area: AreaId,
    pub on_demand: OfferId,
    pub reserved: OfferId,
    pub spot: OfferId,
}

/// The market's fixed part.
#[derive(Clone, Debug)]
pub struct MarketModel {
    pub offers: Table<OfferId, Offer>,
    pub pools: Vec<Pool>,
    /// Offers of independent providers.
    pub provider_offers: Vec<OfferId>,
    pub rules: PricingRules,
    pub kind: Table<OperatorId, OperatorKind>,
    /// What operators ask for an H100 hour at the opening.
    pub list_prices: Table<OperatorId, Option<ListPrices>>,
    /// What buyers pay on venues at the opening, by class; 0 where not known.
    pub marketplace_prices: Table<MarketplaceId, [f64; CLASSES]>,
    pub network_prices: Table<NetworkId, [f64; CLASSES]>,
    /// Share of device-hours that venues sell at the opening.
    pub marketplace_utilisation: Table<MarketplaceId, f64>,
    pub network_utilisation: Table<NetworkId, f64>,
    /// How venues clear.
    pub marketplace_rules: Table<MarketplaceId, venues::Venue>,
    pub network_rules: Table<NetworkId, venues::Venue>,
    /// What the report asks of the lists.
    pub asked: Asked,
    /// By tier.
    pub tiers: Vec<TierRules>,
    /// H100-equivalents of a class's reference chip, mean of the workloads.
    pub h100e_mean: [f64; CLASSES],
    pub memory_gb: [f64; CLASSES],
    /// The product that a class is measured by.
    pub reference_chip: [Option<ChipId>; CLASSES],
    pub ledger: Ledger,
    index: BTreeMap<(Seller, ChipClass, Tier, AreaId), OfferId>,
}

/// Chips that stand in data centres.
const RACKED: [ChipClass; 5] = [
    ChipClass::Ampere,
    ChipClass::Hopper,
    ChipClass::Blackwell,
    ChipClass::Rubin,
    ChipClass::Next,
];

impl MarketModel {
    pub fn compile(
        compile: &mut Compile<'_>,
        chips: &ChipModel,
        providers: &ProviderModel,
    ) -> Self {
        let mut listed = operators_offers(compile, chips);
        listed.extend(providers_offers(compile, chips, providers));
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        listed.dedup_by(|a, b| a.name == b.name);
        let mut offers: Table<OfferId, Offer> = Table::from_vec(listed);
        let index: BTreeMap<_, _> = (offers.iter())
            .map(|(id, offer)| ((offer.seller, offer.class, offer.tier, offer.area), id))
            .collect();
        let pools = pools(&mut offers, &index);
        let provider_offers = offers
            .iter()
            .filter(|(_, offer)| offer.pool.is_none())
            .map(|(id, _)| id)
            .collect();
        let rules = compile.scenario.pricing.clone();
        let tiers = Tier::ALL
            .iter()
            .map(|tier| tier_rules(&rules, *tier))
            .collect();
        let operators = &compile.scenario.operators;
        let named = || compile.names.operators.iter().map(|name| &operators[name]);
        let kind = named().map(|operator| operator.kind).collect();
        let list_prices = named().map(|operator| operator.prices.clone()).collect();
        let markets = &compile.scenario.marketplaces;
        let markets = || compile.names.marketplaces.iter().map(|name| &markets[name]);
        let all = &compile.scenario.networks;
        let networks = || compile.names.networks.iter().map(|name| &all[name].opening);
        let rules_of = |name: &str| venues::Venue::of(all[name].clearing.as_ref());
        let network_rules = compile.names.networks.iter().map(rules_of).collect();
        let rules_of = |at: &Marketplace| venues::Venue::of(at.clearing.as_ref());
        let marketplace_rules = markets().map(rules_of).collect();
        let marketplace_prices = markets()
            .map(|at| opening::by_class(&at.price_usd_per_h))
            .collect();
        let network_prices = networks()
            .map(|at| opening::by_class(&at.price_usd_per_h))
            .collect();
        let marketplace_utilisation = markets().map(|at| at.utilisation_share).collect();
        let network_utilisation = networks().map(|at| at.utilisation_share).collect();
        let mean = |of: [f64; WORKLOADS]| of.iter().sum::<f64>() / WORKLOADS as f64;
        let h100e_mean = chips.h100e.map(mean);
        Self {
            offers,
            pools,
            provider_offers,
            rules,
            kind,
            list_prices,
            marketplace_prices,
            network_prices,
            marketplace_utilisation,
            network_utilisation,
            marketplace_rules,
            network_rules,
            asked: Asked::new(compile.scenario),
            tiers,
            h100e_mean,
            memory_gb: chips.memory_gb_of_class,
            reference_chip: chips.references,
            ledger: Ledger::open(compile),
            index,
        }
    }

    /// The offer of independent providers of one class in one area on one venue.
    pub fn provider_offer(&self, venue: Venue, class: ChipClass, area: AreaId) -> Option<OfferId> {
        let (seller, tier) = venue_seller(venue);
        self.find(seller, class, tier, area)
    }

    pub fn find(
        &self,
        seller: Seller,
        class: ChipClass,
        tier: Tier,
        area: AreaId,
    ) -> Option<OfferId> {
        self.index.get(&(seller, class, tier, area)).copied()
    }

    /// Mean H100-equivalents of an offer's reference chip.
    pub fn h100e(&self, offer: OfferId) -> f64 {
        self.h100e_mean[self.offers[offer].class as usize]
    }
}

/// The rules of a tier; a scenario that does not name it gets a tier that promises nothing.
fn tier_rules(rules: &PricingRules, tier: Tier) -> TierRules {
    rules.tiers.get(&tier).cloned().unwrap_or(TierRules {
        privacy: Privacy::None,
        largest_job_chips: 1.0,
        availability_share: 1.0,
        opening_sold_share: None,
    })
}

fn venue_seller(venue: Venue) -> (Seller, Tier) {
    match venue {
        Venue::Network(network) => (Seller::Network(network), Tier::Network),
        Venue::Marketplace(marketplace) => (Seller::Marketplace(marketplace), Tier::Marketplace),
    }
}

/// A seller's name.
pub fn seller_name(names: &Names, seller: Seller) -> &str {
    match seller {
        Seller::Operator(id) => names.operators.name(id),
        Seller::Marketplace(id) => names.marketplaces.name(id),
        Seller::Network(id) => names.networks.name(id),
    }
}

/// An offer with what follows from its four coordinates.
fn offer(
    compile: &Compile<'_>,
    chips: &ChipModel,
    (seller, class, tier, area): (Seller, ChipClass, Tier, AreaId),
) -> Offer {
    let names = compile.names;
    let mut privacy = tier_rules(&compile.scenario.pricing, tier).privacy;
    // Attested execution came with Hopper; older and consumer chips can only promise.
    if privacy >= Privacy::Tee && class < ChipClass::Hopper {
        privacy = Privacy::Contractual;
    }
    let jurisdiction = match seller {
        Seller::Operator(id) => {
            let record = &compile.scenario.operators[names.operators.name(id)];
            let law: AreaId = names.jurisdictions.id(&record.jurisdiction);
            Some(law.0)
        }
        Seller::Marketplace(_) | Seller::Network(_) => None,
    };
    let name = format!(
        "{}/{}/{}/{}",
        seller_name(names, seller),
        class.name(),
        tier.name(),
        names.areas.name(area)
    );
    let h100e = chips.h100e[class as usize];
    Offer {
        seller,
        class,
        tier,
        area,
        name,
        h100e,
        privacy,
        jurisdiction,
        pool: None,
        seller_place: match seller {
            Seller::Operator(id) => id.index(),
            Seller::Marketplace(id) => names.operators.len() + id.index(),
            Seller::Network(id) => names.operators.len() + names.marketplaces.len() + id.index(),
        },
    }
}

/// Three tiers for each class in each area where an operator that sells has a site.
fn operators_offers(compile: &Compile<'_>, chips: &ChipModel) -> Vec<Offer> {
    let names = compile.names;
    let scenario: &Scenario = compile.scenario;
    let mut offers = Vec::new();
    for (position, name) in names.operators.iter().enumerate() {
        let record = &scenario.operators[name];
        if record.prices.is_none() {
            continue;
        }
        let seller = Seller::Operator(OperatorId::new(position));
        let mut areas: Vec<AreaId> = (record.sites.iter())
            .map(|region| compile.places.area[names.regions.id(region)])
            .collect();
        areas.sort();
        areas.dedup();
        for area in areas {
            for class in RACKED {
                for tier in [Tier::OnDemand, Tier::Reserved, Tier::Spot] {
                    offers.push(offer(compile, chips, (seller, class, tier, area)));
                }
            }
        }
    }
    offers
}

/// One offer for each venue, class and area in which a cell of providers could join.
fn providers_offers(
    compile: &Compile<'_>,
    chips: &ChipModel,
    providers: &ProviderModel,
) -> Vec<Offer> {
    let mut keys = Vec::new();
    for (_, cell) in providers.cells.iter() {
        let class = providers.hardware[cell.hardware].class;
        let area = compile.places.area[cell.region];
        for venue in cell.venues.iter().flatten() {
            let (seller, tier) = venue_seller(*venue);
            keys.push((seller, class, tier, area));
        }
    }
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .map(|key| offer(compile, chips, key))
        .collect()
}

/// Pools, in order of their first offer's name; each offer learns its pool.
fn pools(
    offers: &mut Table<OfferId, Offer>,
    index: &BTreeMap<(Seller, ChipClass, Tier, AreaId), OfferId>,
) -> Vec<Pool> {
    let mut pools = Vec::new();
    for id in offers.ids() {
        let Offer {
            seller,
            class,
            tier,
            area,
            ..
        } = offers[id];
        let (Seller::Operator(operator), Tier::OnDemand) = (seller, tier) else {
            continue;
        };
        let [on_demand, reserved, spot] = [Tier::OnDemand, Tier::Reserved, Tier::Spot]
            .map(|tier| index[&(seller, class, tier, area)]);
        for member in [on_demand, reserved, spot] {
            offers[member].pool = Some(pools.len());
        }
        pools.push(Pool {
            operator,
            class,
            area,
            on_demand,
            reserved,
            spot,
        });
    }
    pools
}
