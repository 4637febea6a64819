//! The file of `solve token`: a network's token alone, and what the market supplied it with.

use std::collections::BTreeMap;

use crate::scenario::Date;
use crate::scenario::decode::{Numbers, Series};
use crate::scenario::load::Finding;
use crate::scenario::problem::Severity;
use crate::scenario::types::{
    BurnAndMint, BuybackAndBurn, ExponentialDecay, FeeShare, FixedSchedule, Halving, Inflation,
    IssuanceHalving,
};
use crate::{choice, record, tagged};

record! {
    /// A token whose supply is replayed.
    pub struct TokenCase {
        /// What is asked.
        pub question: Option<String>;
        /// From when, how long and in which steps.
        pub horizon: TokenHorizon;
        /// The rules of the token and what they were fed with.
        pub network: TokenNetwork;
    }
    /// From when, how long and in which steps.
    pub struct TokenHorizon {
        /// First day.
        pub start: Date;
        /// Steps.
        pub periods: u32 => integer(1, 2_000_000);
        /// Length of a step.
        pub period: TokenPeriod => text().default("day");
    }
    /// The rules of a token and what they were fed with.
    pub struct TokenNetwork {
        /// A protocol whose rules and parameters are taken; blocks below replace its own.
        pub preset: Option<TokenPreset>;
        /// How new tokens are created.
        pub emission: Option<TokenEmission>;
        /// What happens to the money of buyers.
        pub settlement: Option<TokenSettlement>;
        /// Collateral of storage providers.
        pub collateral: Option<StorageCollateral>;
        /// Tokens of insiders that unlock on a schedule.
        pub vesting: BTreeMap<String, TokenVesting> => typed().empty();
        /// What the market would have supplied, by period.
        pub series: BTreeMap<String, Numbers> => number(-1e15, 1e15).empty();
        /// Stocks and states at the start.
        pub opening: BTreeMap<String, f64> => number(-1e15, 1e15).empty();
    }

    /// Tokens of a period, by date; each amount holds until the next.
    pub struct PeriodSchedule {
        /// Tokens of a day, from each date on.
        pub tokens_per_day: Series => number(0.0, 1e12);
        /// First day on which nothing is known any more; the replay refuses to go on.
        pub known_until: Option<Date>;
    }
    /// Minting that follows storage power and its baseline.
    pub struct BaselineMinting {
        /// Whose arithmetic is followed.
        pub reading: BaselineReading => text().default("daily");
    }
    /// Inflation that moves with the share of tokens that is bonded, block by block.
    pub struct BondedShare {
        /// Yearly inflation at the start.
        pub inflation_per_year: f64 => number(0.0, 5.0);
        /// Highest yearly inflation.
        pub highest_per_year: f64 => number(0.0, 5.0);
        /// Lowest yearly inflation.
        pub lowest_per_year: f64 => number(0.0, 5.0);
        /// Largest change of inflation in a year.
        pub change_per_year: f64 => number(0.0, 5.0).default(0.13);
        /// Share of tokens at which inflation stands.
        pub goal_share: f64 => number(0.001, 1.0).default(0.67);
        /// Blocks by which the chain divides a year.
        pub blocks_per_year: u64 => integer(1, 1_000_000_000).default(6_311_520);
        /// Share of new tokens that goes to the treasury.
        pub treasury_share: f64 => number(0.0, 1.0).default(0.0);
    }
    /// Inflation that moves a fixed step each round towards a target of bonded tokens.
    pub struct BondingRounds {
        /// Inflation of a round at the start, in parts of 10^9.
        pub inflation_parts: u64 => integer(0, 1_000_000_000).default(218_500);
        /// Step of a round, in parts of 10^9.
        pub change_parts: u64 => integer(0, 1_000_000_000).default(500);
        /// Target share of bonded tokens, in parts of 10^9.
        pub target_parts: u64 => integer(0, 1_000_000_000).default(500_000_000);
        /// Share of rewards that goes to the treasury while it is below its ceiling.
        pub treasury_share: f64 => number(0.0, 1.0).default(0.1);
        /// Tokens of the treasury above which the share stops.
        pub treasury_ceiling_tokens: f64 => number(0.0, 1e12).default(750_000.0);
        /// Hours of a round.
        pub round_h: f64 => number(0.01, 1_000.0).default(21.0);
    }
    /// Amounts as they are given in the series `minted_tokens`.
    pub struct MintedTable {
        /// Share of each amount that goes to the treasury.
        pub treasury_share: f64 => number(0.0, 1.0).default(0.0);
    }

    /// Burnt tokens come back up to a cap; optionally a floor and a cap in USD.
    pub struct NetEmission {
        /// Tokens of a day up to which burnt tokens come back.
        pub cap_tokens_per_day: f64 => number(0.0, 1e9).default(1643.83561643);
        /// Floor and cap of providers' pay in USD.
        pub usd_floor_cap: Option<UsdFloorCap>;
    }
    /// Half of what payers paid as a floor, three times as a cap (HIP-149).
    pub struct UsdFloorCap {
        /// What the floor's top-up may be drawn from.
        pub budget: TopUpBudget => text().default("shared");
        /// Share of emission that the mobile network receives; moves with delegation.
        pub mobile_share: f64 => number(0.0, 1.0).default(0.89);
        /// Whether the supplement of HIP-149 is minted.
        pub supplement: bool => flag().default(true);
    }
    /// Tokens buy credits of one USD from a vault, credits are paid out in tokens (AEP-76).
    pub struct CreditVault {
        /// Spread when tokens become credits, in basis points.
        pub mint_spread_bps: u64 => integer(0, 10_000).default(25);
        /// Spread when credits become tokens, in basis points.
        pub settle_spread_bps: u64 => integer(0, 10_000).default(0);
        /// Collateral ratio at and below which epochs grow, in basis points.
        pub warn_bps: u64 => integer(0, 100_000).default(9_500);
        /// Collateral ratio at and below which no credits are made, in basis points.
        pub halt_bps: u64 => integer(0, 100_000).default(9_000);
    }
    /// Providers are paid a target in USD from two vaults (our reconstruction).
    pub struct UsdTarget {
        /// Share of a surplus of fees over the target that burns.
        pub burnt_surplus_share: f64 => number(0.0, 1.0).default(0.5);
    }

    /// Collateral of storage providers, day by day.
    pub struct StorageCollateral {
        /// Share of circulating tokens that the consensus pledge aims at.
        pub lock_target_share: f64 => number(0.0, 1.0).default(0.3);
        /// Days after which modelled pledge is released.
        pub duration_days: u32 => integer(1, 10_000).default(360);
        /// GiB for which the pledge is at most one token.
        pub pledge_cap_gib: f64 => number(0.001, 1e6).default(1.0);
        /// Days from the start whose endings `scheduled_release_tokens` tells in full.
        pub known_days: u32 => integer(0, 100_000).default(0);
    }

    /// Tokens that unlock evenly, in a line or in instalments.
    pub struct TokenVesting {
        /// Tokens in all.
        pub tokens: f64 => number(0.0, 1e12);
        /// First day.
        pub starts: Date;
        /// Days over which they unlock.
        pub days: f64 => number(1.0, 100_000.0);
        /// Equal instalments, the first at once; day by day when absent.
        pub instalments: Option<u32> => integer(1, 10_000);
    }
}

choice! {
    /// Length of a step.
    pub enum TokenPeriod {
        /// An hour.
        Hour = "hour",
        /// A day.
        Day = "day",
        /// A week.
        Week = "week",
        /// The protocol's own round.
        Round = "round",
        /// The protocol's own epoch.
        Epoch = "epoch",
        /// The protocol's own block.
        Block = "block",
    }
    /// Whose arithmetic the minting of storage follows.
    pub enum BaselineReading {
        /// Day by day in closed form, with the baseline fitted by the peer model mechafil.
        Daily = "daily",
        /// Epoch by epoch in whole numbers, as the protocol's actors.
        Actors = "actors",
    }
    /// What a top-up may be drawn from.
    pub enum TopUpBudget {
        /// What re-emission leaves of the burn: the approved rule.
        Shared = "shared",
        /// The whole burn once more: one burn backs two mints.
        Own = "own",
        /// Nothing bounds it.
        Unbounded = "none",
    }
    /// Protocols whose rules are known.
    pub enum TokenPreset {
        /// Render: fixed emission, work burns.
        Render = "render",
        /// Helium: schedule and net emissions.
        Helium = "helium",
        /// Helium with the floor, cap and supplement of HIP-149.
        HeliumHip149 = "helium_hip149",
        /// Akash: inflation by bonded share, a take rate.
        AkashTakeRate = "akash_take_rate",
        /// Akash with the vault of AEP-76.
        AkashAep76 = "akash_aep76",
        /// Filecoin day by day, in the closed form of mechafil.
        Filecoin = "filecoin",
        /// Filecoin epoch by epoch, as its actors.
        FilecoinActors = "filecoin_actors",
        /// Livepeer: inflation by bonding rate, round by round.
        Livepeer = "livepeer",
        /// Bittensor: halving by issuance.
        Bittensor = "bittensor",
        /// io.net before June 2026: hourly emission.
        IonetV1 = "ionet_v1",
        /// io.net since June 2026: a target in USD; our reconstruction.
        IonetIde = "ionet_ide",
        /// A pool of accelerators; every number assumed.
        GenericGpuPool = "generic_gpu_pool",
        /// Laptops and phones; every number assumed.
        GenericEdge = "generic_edge",
        /// Storage; every number assumed.
        GenericStorage = "generic_storage",
        /// Traffic; every number assumed.
        GenericBandwidth = "generic_bandwidth",
        /// Data sets; every number assumed.
        GenericDataMarket = "generic_data_market",
    }
}

tagged! {
    /// How new tokens are created.
    pub enum TokenEmission {
        /// Tokens of a day, by date.
        Schedule(PeriodSchedule) = "schedule",
        /// Yearly amounts by date.
        FixedSchedule(FixedSchedule) = "fixed_schedule",
        /// An hourly amount that shrinks each hour.
        ExponentialDecay(ExponentialDecay) = "exponential_decay",
        /// A constant amount that halves by time.
        Halving(Halving) = "halving",
        /// A block's amount that halves by issuance.
        IssuanceHalving(IssuanceHalving) = "issuance_halving",
        /// A share of the supply.
        Inflation(Inflation) = "inflation",
        /// Minting that follows storage power and its baseline.
        BaselineMinting(BaselineMinting) = "baseline_minting",
        /// Inflation that follows the bonded share, block by block.
        BondedShare(BondedShare) = "bonded_share",
        /// Inflation that follows the bonding rate, round by round.
        BondingRounds(BondingRounds) = "bonding_rounds",
        /// Amounts as given.
        Table(MintedTable) = "table",
    }
    /// What happens to the money of buyers.
    pub enum TokenSettlement {
        /// Providers are paid in USD, a share goes to the treasury.
        FeeShare(FeeShare) = "fee_share",
        /// Buyers' money burns tokens.
        BurnAndMint(BurnAndMint) = "burn_and_mint",
        /// A share of the money buys tokens back and burns them.
        BuybackAndBurn(BuybackAndBurn) = "buyback_and_burn",
        /// Buyers' money burns tokens, of which a capped part is minted again.
        NetEmission(NetEmission) = "net_emission",
        /// Tokens buy credits from a vault.
        CreditVault(CreditVault) = "credit_vault",
        /// Providers are paid a target in USD from two vaults.
        UsdTarget(UsdTarget) = "usd_target",
    }
}

/// What contradicts itself in the file alone.
pub fn verify(case: &TokenCase) -> Vec<Finding> {
    let mut found = Vec::new();
    let network = &case.network;
    let is_empty = network.preset.is_none()
        && network.emission.is_none()
        && network.settlement.is_none()
        && network.vesting.is_empty();
    if is_empty {
        let message = "a token needs a `preset`, an `emission`, a `settlement` or a `vesting`";
        found.push(error("network", message.to_owned()));
    }
    if let Some(TokenEmission::BondedShare(rule)) = &network.emission
        && rule.lowest_per_year > rule.highest_per_year
    {
        let message = "the lowest inflation is above the highest".to_owned();
        let path = "network.emission.bonded_share.lowest_per_year";
        found.push(error(path, message));
    }
    if let Some(TokenSettlement::CreditVault(rule)) = &network.settlement
        && rule.halt_bps > rule.warn_bps
    {
        let message = "the vault halts before it warns".to_owned();
        found.push(error("network.settlement.credit_vault.halt_bps", message));
    }
    found
}

fn error(path: &str, message: String) -> Finding {
    Finding {
        path: path.to_owned(),
        message,
        severity: Severity::Error,
    }
}
