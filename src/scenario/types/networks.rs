//! Decentralised protocols: what they sell, their token and its rules, freely combined by name.

use super::{ChipClass, ServiceKind, ServiceOpening};
use crate::scenario::Date;
use crate::scenario::decode::Series;
use crate::scenario::solve::token::{BondedShare, BondingRounds, CreditVault, UsdFloorCap};
use crate::{choice, record, tagged};
use std::collections::BTreeMap;

choice! {
    /// What a network sells.
    pub enum NetworkKind {
        /// Hours of accelerators.
        GpuPool = "gpu_pool",
        /// Hours of laptops and phones.
        Edge = "edge",
        /// Room for data, against object storage.
        Storage = "storage",
        /// Traffic, against egress.
        Bandwidth = "bandwidth",
        /// Data sets, against licensed data.
        DataMarket = "data_market",
    }
    /// What bounds the extra tokens of a floor in USD.
    pub enum FloorBound {
        /// A multiple of the week's scheduled rewards.
        Schedule = "schedule",
        /// What re-emission leaves of recent burns: no burn backs two mints.
        Burn = "burn",
    }
    /// Which tokens holders divide the value by.
    pub enum CountedSupply {
        /// Those that somebody may trade today.
        Circulating = "circulating",
        /// All that exist or will be created by the schedule; what re-emission creates again is
        /// taken off the burns.
        FullyDiluted = "fully_diluted",
    }
    /// How providers bid for an order.
    pub enum BidRule {
        /// Above their costs by what the number of rivals allows: many idle rivals, bids at cost.
        Strategic = "strategic",
        /// Their costs and a fixed mark-up.
        CostPlus = "cost_plus",
    }
    /// What a reward pays for.
    pub enum RewardBasis {
        /// Being online and reliable.
        Availability = "availability",
        /// Hours that buyers paid for.
        Work = "work",
        /// Being online where few are: a crowded network pays less of its rewards out.
        Coverage = "coverage",
        /// Collateral of those who serve.
        Stake = "stake",
        /// A weighted mix of work, hours, speed and uptime.
        Score = "score",
    }
}

record! {
    /// A protocol: what it sells, its token and its rules.
    pub struct Network {
        /// What it sells.
        pub kind: NetworkKind;
        /// Hardware that may join.
        pub accepts: Vec<String> => reference("providers.hardware").empty();
        /// Its state on the first day.
        pub opening: NetworkOpening;
        /// How new tokens are created; nothing is created when absent.
        pub emission: Option<Emission>;
        /// Who receives new tokens, and what for.
        pub rewards: Rewards;
        /// What happens to the money of buyers.
        pub settlement: Settlement;
        /// Collateral of providers; none when absent.
        pub staking: Option<Staking>;
        /// How buyers and providers meet; a uniform auction when absent.
        pub clearing: Option<VenueRule>;
        /// How work is checked; never when absent.
        pub verification: Option<Verification>;
        /// Tokens that unlock on a schedule.
        pub vesting: BTreeMap<String, VestingBucket> => typed().empty();
        /// The protocol's own purse.
        pub treasury: Treasury;
        /// The constant-product pool in which its token trades, where it is known.
        pub liquidity: Option<Liquidity>;
        /// How its holders value the token, where that differs from the market's habit.
        pub price: Option<TokenPrice>;
    }

    /// A network on the first day.
    pub struct NetworkOpening {
        /// Price of the token.
        pub token_price_usd: f64 => number(1e-9, 1e6);
        /// Tokens in existence, locked ones included.
        pub total_tokens: f64 => number(1.0, 1e12);
        /// Tokens that providers were paid in the week before.
        pub rewards_tokens_per_week: f64 => number(0.0, 1e10);
        /// Devices online, by hardware.
        pub devices: BTreeMap<String, f64> => number(0.0, 1e9).keys("providers.hardware").empty();
        /// Share of device-hours, or of a service's capacity, that was sold.
        pub utilisation_share: f64 => number(0.0, 1.0);
        /// What buyers paid for an hour of the class's reference chip.
        pub price_usd_per_h: BTreeMap<ChipClass, f64> => number(0.0, 1e3).empty();
        /// Devices and price of a network that sells a service other than compute.
        pub service: Option<ServiceOpening>;
    }

    /// Open marketplace of independent providers, without a token.
    pub struct Marketplace {
        /// Hardware that may join.
        pub accepts: Vec<String> => reference("providers.hardware");
        /// Share of the buyer's price that the marketplace keeps.
        pub take_share: f64 => number(0.0, 0.9);
        /// Devices online on the first day, by hardware.
        pub devices: BTreeMap<String, f64> => number(0.0, 1e9).keys("providers.hardware");
        /// Share of device-hours that were sold.
        pub utilisation_share: f64 => number(0.0, 1.0);
        /// What buyers paid for an hour of the class's reference chip.
        pub price_usd_per_h: BTreeMap<ChipClass, f64> => number(0.0, 1e3);
        /// How buyers and providers meet; a uniform auction when absent.
        pub clearing: Option<VenueRule>;
    }
    /// A rule that needs no numbers.
    pub struct NoNumbers {
    }

    /// Yearly amounts by date; each holds until the next, the last one shrinks on.
    pub struct FixedSchedule {
        /// Tokens a year, from each date on.
        pub tokens_per_year: Series => number(0.0, 1e12);
        /// What a year leaves of the amount, after the last date.
        pub damping_per_year: f64 => number(0.0, 1.0).default(1.0);
    }
    /// An hourly amount that shrinks each hour, up to a total.
    pub struct ExponentialDecay {
        /// Tokens of the first hour.
        pub first_hour_tokens: f64 => number(0.0, 1e9);
        /// Share by which the amount shrinks each hour.
        pub decay_per_hour: f64 => number(0.0, 0.01);
        /// First day.
        pub started: Date => text().default("2025-11-03");
        /// Sum of all hours that is never exceeded.
        pub total_tokens: f64 => number(0.0, 1e12);
    }
    /// A constant amount that halves.
    pub struct Halving {
        /// Tokens of the first year.
        pub first_year_tokens: f64 => number(0.0, 1e12);
        /// Weeks between two halvings.
        pub every_weeks: f64 => number(1.0, 5_200.0);
        /// First day.
        pub started: Date => text().default("2025-11-03");
    }
    /// A block's amount that halves whenever half of what is left has been issued.
    pub struct IssuanceHalving {
        /// Seconds between two blocks.
        pub block_s: f64 => number(0.1, 3_600.0).default(12.0);
    }
    /// A share of the supply.
    pub struct Inflation {
        /// New tokens of a year ÷ tokens in existence.
        pub share_per_year: f64 => number(0.0, 5.0).plausible(0.0, 0.6);
    }

    /// Filecoin's minting: a simple exponential, and a part that waits for storage power.
    pub struct PowerMinting {
        /// Storage power since the launch, each day capped at the baseline, summed.
        pub capped_eib_days: f64 => number(0.0, 1e9);
        /// First day.
        pub launched: Date => text().default("2020-10-15");
    }

    /// Tokens of a week, by date; each amount holds until the next.
    pub struct WeeklyTable {
        /// Tokens of a week, from each date on.
        pub tokens_per_week: Series => number(0.0, 1e12);
    }
    /// Tokens of a week by a formula of the network's own state.
    pub struct FormulaMinting {
        /// The formula: numbers, names, + - * / ^, min, max, exp, ln, sqrt, if.
        pub tokens_per_week: String;
        /// Share of the supply that a week may create at most, whatever the formula says.
        pub highest_share_per_week: f64 => number(0.0, 1.0).default(0.05);
    }

    /// Who receives new tokens, and what for.
    pub struct Rewards {
        /// What providers are paid for.
        pub basis: RewardBasis;
        /// Share of new tokens that goes to providers.
        pub provider_share: f64 => number(0.0, 1.0);
        /// Share that goes to the treasury; the rest goes to those who stake and hold.
        pub treasury_share: f64 => number(0.0, 1.0);
        /// A device's weight is its speed to this power: 0 pays all alike, 1, as when absent,
        /// pays by speed.
        pub size_exponent: Option<f64> => number(0.0, 2.0);
        /// Share of a provider's free tokens that he sells each week, where it differs from the
        /// market's habit.
        pub sell_share: Option<f64> => number(0.0, 1.0);
        /// Tops rewards up to an income in USD.
        pub usd_floor: Option<UsdFloor>;
        /// Income in USD above which rewards go to holders instead.
        pub usd_cap: Option<UsdCap>;
        /// What each part of a score weighs, where rewards follow a score.
        pub score: Option<ScoreWeights>;
        /// Devices that cover 63 % of the map, where rewards pay for coverage.
        pub coverage_devices: Option<f64> => number(1.0, 1e10);
        /// Part of the rewards that waits.
        pub locked: Option<LockedRewards>;
        /// An income in USD that the treasury guarantees for a while.
        pub programme: Option<Programme>;
        /// Providers who buy their own work for its reward; nobody does when absent.
        pub self_buying: Option<SelfBuying>;
    }
    /// Providers who buy their own work for its reward.
    pub struct SelfBuying {
        /// Share of self-bought work that is noticed and earns nothing.
        pub noticed_share: f64 => number(0.0, 1.0);
        /// Part of the gap to what would pay that closes in a week.
        pub moved_share_per_week: f64 => number(0.0, 1.0);
    }
    /// Income in USD above which rewards go to holders instead.
    pub struct UsdCap {
        /// For a device of reference speed.
        pub usd_per_gpu_h: f64 => number(0.0, 1e6);
    }
    /// What each part of a score weighs; the weights are scaled to one.
    pub struct ScoreWeights {
        /// Money that buyers paid.
        pub earned: f64 => number(0.0, 1e3);
        /// Hours that buyers paid for.
        pub hours: f64 => number(0.0, 1e3);
        /// Speed of the hardware.
        pub speed: f64 => number(0.0, 1e3);
        /// Devices that are up.
        pub uptime: f64 => number(0.0, 1e3);
    }
    /// Rewards that wait and are then paid out evenly, to those who serve by then.
    pub struct LockedRewards {
        /// Part of the rewards.
        pub share: f64 => number(0.0, 1.0);
        /// Weeks over which they come.
        pub weeks: u32 => integer(1, 520);
    }
    /// The treasury pays what providers lack to a guaranteed income.
    pub struct Programme {
        /// Income that is guaranteed, for a device of reference speed.
        pub usd_per_gpu_h: f64 => number(0.0, 1e3);
        /// First day.
        pub starts: Date => text().default("2025-11-03");
        /// Weeks that it lasts.
        pub weeks: u32 => integer(1, 2_600).default(17);
        /// What it may spend in a week.
        pub budget_usd_per_week: f64 => number(0.0, 1e9);
    }
    /// Extra tokens, so that an hour of the class's reference device earns at least this.
    pub struct UsdFloor {
        /// Income below which rewards are topped up, for a device of reference speed.
        pub usd_per_gpu_h: f64 => number(0.0, 1e3);
        /// Extra tokens are at most this multiple of the week's scheduled provider rewards.
        pub limit_factor: f64 => number(0.0, 1e3).default(3.0);
        /// What bounds the extra tokens.
        pub bound: FloorBound => text().default("schedule");
    }

    /// Providers are paid in USD; the protocol keeps a share.
    pub struct FeeShare {
        /// Share of the buyer's price that goes to the treasury.
        pub take_share: f64 => number(0.0, 0.9);
    }
    /// Buyers' money buys tokens and burns them; providers live on new tokens alone.
    pub struct BurnAndMint {
        /// Share of the buyer's price that burns; the rest goes to the treasury.
        pub burn_share: f64 => number(0.0, 1.0);
    }
    /// Buyers' money burns tokens; burnt tokens are created again up to a cap.
    pub struct BurnAndReemit {
        /// Share of the buyer's price that burns; the rest goes to the treasury.
        pub burn_share: f64 => number(0.0, 1.0);
        /// Tokens of a day up to which burnt tokens are created again, beside the schedule.
        pub cap_tokens_per_day: f64 => number(0.0, 1e9);
        /// Floor and cap of providers' pay in USD, as HIP-149 has them.
        pub usd_floor_cap: Option<UsdFloorCap>;
    }
    /// Buyers' money buys tokens for a vault and becomes credits; credits are paid out in tokens
    /// when the work is done (AEP-76).
    pub struct VaultCredits {
        /// Weeks between the purchase of credits and the work that they pay.
        pub held_weeks: f64 => number(1.0, 52.0).default(4.0);
        /// Tokens in the vault on the first day beyond what backs the credits.
        pub vault_tokens: f64 => number(0.0, 1e12);
        /// Spreads and breakers of the vault.
        pub breakers: CreditVault => typed().empty();
    }
    /// Providers are paid a target in USD out of two vaults; fees buy tokens (our reconstruction).
    pub struct TargetVaults {
        /// What a device of reference speed is to earn.
        pub usd_per_gpu_h: f64 => number(0.0, 1e3);
        /// Tokens of the reward vault on the first day.
        pub reward_vault_tokens: f64 => number(0.0, 1e12);
        /// Share of a surplus of fees over the target that burns.
        pub burnt_surplus_share: f64 => number(0.0, 1.0).default(0.5);
    }
    /// Providers are paid in USD; the protocol's share buys tokens back.
    pub struct BuybackAndBurn {
        /// Share of the buyer's price that the protocol keeps.
        pub take_share: f64 => number(0.0, 0.9);
        /// Share of the kept money that buys tokens and burns them.
        pub buyback_share: f64 => number(0.0, 1.0);
    }

    /// Collateral of providers.
    pub struct Staking {
        /// Value that a device of reference speed must lock when it joins, unless it pledges.
        pub stake_usd_per_gpu: f64 => number(0.0, 1e6);
        /// Share of the stake that a caught cheat loses.
        pub slash_share: f64 => number(0.0, 1.0);
        /// Weeks until withdrawn collateral is free.
        pub unbonding_weeks: u32 => integer(0, 520).default(3);
        /// Chance that an honest provider is slashed by mistake in a week.
        pub mistaken_share_per_week: f64 => number(0.0, 1.0).default(0.0);
        /// Holders who bond tokens for a part of the emission.
        pub delegation: Option<Delegation>;
        /// Collateral in tokens that follows rewards and supply, in place of a value in USD (M4).
        pub pledge: Option<Pledge>;
    }
    /// What a device locks when it joins, as Filecoin's initial pledge.
    pub struct Pledge {
        /// Days of its expected reward.
        pub reward_days: f64 => number(0.0, 3_650.0);
        /// Share of the free supply that all devices together would lock.
        pub locked_supply_share: f64 => number(0.0, 1.0);
    }
    /// Holders bond tokens while that yields more than they ask.
    pub struct Delegation {
        /// Share of holders' tokens that is bonded on the first day.
        pub bonded_share: f64 => number(0.001, 0.999);
        /// Log-odds by which the share rises for each unit of yearly yield beyond what is asked.
        pub yield_response: f64 => number(0.0, 100.0);
        /// Part of the gap that closes in a week.
        pub moved_share_per_week: f64 => number(0.0, 1.0);
    }

    /// Some jobs run several times and are compared.
    pub struct Redundancy {
        /// Copies of a checked job.
        pub copies: u32 => integer(1, 100);
        /// Share of jobs that are checked.
        pub check_share: f64 => number(0.0, 1.0);
    }

    /// Some of a provider's jobs are drawn and checked.
    pub struct Sampling {
        /// Jobs of a provider in a week.
        pub jobs: u32 => integer(1, 100_000);
        /// Jobs of it that are checked.
        pub checked: u32 => integer(0, 100_000);
        /// Share of jobs that a cheat fakes.
        pub faked_share: f64 => number(0.0, 1.0);
    }
    /// Results stand unless somebody re-executes and disputes them.
    pub struct Optimistic {
        /// Share of results that somebody re-executes.
        pub watched_share: f64 => number(0.0, 1.0);
        /// Share of disputes that reach a verdict.
        pub upheld_share: f64 => number(0.0, 1.0).default(1.0);
    }
    /// Hardware attests what it ran.
    pub struct TrustedHardware {
        /// Time lost to it, beyond the work.
        pub overhead_share: f64 => number(0.0, 100.0);
        /// Share of devices whose attestation is broken.
        pub breached_share: f64 => number(0.0, 1.0);
    }
    /// Every result carries a proof.
    pub struct ZeroKnowledge {
        /// Time of a proof ÷ time of the work.
        pub overhead_factor: f64 => number(0.0, 1e7);
    }

    /// Buyers look at what they received.
    pub struct Inspection {
        /// Chance that a week of faked work is noticed.
        pub inspected_share: f64 => number(0.0, 1.0);
    }

    /// Tokens of insiders that unlock evenly.
    pub struct VestingBucket {
        /// Tokens still locked on the first day.
        pub tokens: f64 => number(0.0, 1e12);
        /// First day on which some unlock.
        pub starts: Date;
        /// Weeks over which they unlock.
        pub weeks: f64 => number(1.0, 5_200.0);
        /// Part of them that unlocks at once on the first day.
        pub cliff_share: f64 => number(0.0, 1.0).default(0.0);
        /// Weeks from one instalment to the next.
        pub instalment_weeks: u32 => integer(1, 520).default(1);
    }

    /// The protocol's own purse.
    pub struct Treasury {
        /// Tokens it holds on the first day.
        pub tokens: f64 => number(0.0, 1e12);
        /// What it spends, where it differs from the market's habit; tokens are sold when its cash
        /// does not suffice.
        pub spend_usd_per_year: Option<f64> => number(0.0, 1e10);
        /// Tokens that it gives to providers.
        pub grants_tokens_per_year: f64 => number(0.0, 1e12).default(0.0);
    }

    /// The constant-product pool in which the token trades.
    pub struct Liquidity {
        /// USD side of the pool on the first day; the token side is worth as much.
        pub pool_usd: f64 => number(0.0, 1e10);
        /// Share of each trade that stays in the pool.
        pub fee_share: f64 => number(0.0, 0.2).default(0.003);
        /// The pool is a backed curve: its price rises with tokens sold to this power.
        pub curve_exponent: Option<f64> => number(0.0, 8.0);
        /// Owners of the pool come and go with its yield; a fixed pool when absent.
        pub providers: Option<LiquidityProviders>;
    }
    /// Owners of a pool come while its fees yield more than they ask.
    pub struct LiquidityProviders {
        /// Yearly yield that they ask.
        pub required_yield_per_year: f64 => number(0.0, 100.0);
        /// Part of the pool that comes or goes in a week for each unit of yearly yield beyond it.
        pub response_per_week: f64 => number(0.0, 10.0);
    }

    /// Habits of those who hold and trade tokens, wherever a network does not say otherwise.
    pub struct TokenMarket {
        /// How holders value tokens.
        pub price: TokenPrice;
        /// Share of a provider's free tokens that he sells each week.
        pub sell_share: f64 => number(0.0, 1.0);
        /// USD side of a token's pool on the first day ÷ value of all tokens in existence.
        pub pool_share: f64 => number(0.0, 1.0).plausible(0.0005, 0.1);
        /// Share of each trade that stays in the pool.
        pub pool_fee_share: f64 => number(0.0, 0.2);
        /// What a treasury spends in a year ÷ what it is worth on the first day.
        pub treasury_spend_share_per_year: f64 => number(0.0, 10.0).plausible(0.0, 1.0);
    }

    /// How holders value the token.
    pub struct TokenPrice {
        /// Return that holders ask of discounted fees and burns.
        pub discount_rate_per_year: f64 => number(0.001, 10.0);
        /// What a year leaves of the value beyond discounted fees.
        pub premium_kept_per_year: f64 => number(0.0, 2.0);
        /// Holders trade only when price and value differ by more than this.
        pub band_share: f64 => number(0.0, 0.99);
        /// Share of holdings traded in a week per unit of logarithmic mispricing.
        pub holder_response_per_week: f64 => number(0.0, 10.0);
        /// Weekly noise of the factor that is common to all tokens.
        pub crypto_sigma_per_week: f64 => number(0.0, 2.0);
        /// What a week leaves of the common factor's deviation.
        pub crypto_kept_per_week: f64 => number(0.0, 1.0);
        /// Which tokens they divide the value by.
        pub counted_supply: CountedSupply => text().default("circulating");
        /// The value beyond fees follows devices online ÷ devices of the first day to this power;
        /// it does not follow them when absent.
        pub network_effect_exponent: Option<f64> => number(0.0, 10.0).plausible(0.0, 2.0);
        /// Share of unlocked insider tokens that is sold at once.
        pub unlock_sell_share: f64 => number(0.0, 1.0).default(0.5);
        /// Holders who bet on next week's price, following value or trend by what paid.
        pub speculators: Option<Speculators>;
    }
    /// Two beliefs about next week, between which speculators choose by past profit
    /// (Brock and Hommes).
    pub struct Speculators {
        /// Share of holders' tokens that they trade.
        pub holdings_share: f64 => number(0.0, 1.0);
        /// Part of last week's return that followers of the trend expect again.
        pub trend_gain: f64 => number(0.0, 5.0);
        /// How keenly they choose what paid.
        pub choice_intensity: f64 => number(0.0, 1e6);
        /// What a week leaves of remembered profit.
        pub memory_kept_per_week: f64 => number(0.0, 0.999);
        /// Share of their tokens traded per unit of expected return.
        pub response_per_week: f64 => number(0.0, 10.0);
    }
}

tagged! {
    /// How the hours of independent providers find their price.
    pub enum VenueRule {
        /// Each order goes to the lowest bids, which are paid as bid.
        ReverseAuction(BidRule) = "reverse_auction",
        /// Providers post their asks and wait; buyers take what they find.
        Posted(NoNumbers) = "posted",
        /// Everybody is paid the ask of the last who is needed; sold out, what buyers give.
        UniformAuction(NoNumbers) = "uniform_auction",
    }
    /// How new tokens are created.
    pub enum Emission {
        /// Yearly amounts by date.
        FixedSchedule(FixedSchedule) = "fixed_schedule",
        /// An hourly amount that shrinks each hour.
        ExponentialDecay(ExponentialDecay) = "exponential_decay",
        /// A constant amount that halves.
        Halving(Halving) = "halving",
        /// A block's amount that halves by issuance, up to 21 million tokens.
        IssuanceHalving(IssuanceHalving) = "issuance_halving",
        /// A share of the supply.
        Inflation(Inflation) = "inflation",
        /// Two exponentials, one of which waits for storage power to keep up with a baseline.
        BaselineMinting(PowerMinting) = "baseline_minting",
        /// Inflation that follows the bonded share, block by block.
        BondedShare(BondedShare) = "bonded_share",
        /// Inflation that follows the bonding rate, round by round.
        BondingRounds(BondingRounds) = "bonding_rounds",
        /// Amounts as given.
        Table(WeeklyTable) = "table",
        /// A formula of the network's own state.
        Expression(FormulaMinting) = "expression",
    }
    /// What happens to the money of buyers.
    pub enum Settlement {
        /// Providers are paid in USD, a share goes to the treasury.
        FeeShare(FeeShare) = "fee_share",
        /// Buyers' money burns tokens, providers are paid in new tokens.
        BurnAndMint(BurnAndMint) = "burn_and_mint",
        /// Buyers' money burns tokens, burnt tokens come back up to a cap.
        NetEmission(BurnAndReemit) = "net_emission",
        /// Providers are paid in USD, a share buys tokens back and burns them.
        BuybackAndBurn(BuybackAndBurn) = "buyback_and_burn",
        /// Buyers' money becomes credits backed by a vault of tokens.
        CreditVault(VaultCredits) = "credit_vault",
        /// Providers are paid a target in USD from two vaults.
        UsdTarget(TargetVaults) = "usd_target",
    }
    /// How work is checked.
    pub enum Verification {
        /// Some jobs run several times and are compared.
        Redundancy(Redundancy) = "redundancy",
        /// Buyers look at what they received.
        Inspection(Inspection) = "inspection",
        /// Some of a provider's jobs are drawn and checked.
        Sampling(Sampling) = "sampling",
        /// Results stand unless disputed.
        Optimistic(Optimistic) = "optimistic",
        /// Hardware attests what it ran.
        TrustedHardware(TrustedHardware) = "tee",
        /// Every result carries a proof.
        ZeroKnowledge(ZeroKnowledge) = "zk",
    }
}

impl NetworkKind {
    /// The service that is sold; none where it is compute.
    pub fn service(self) -> Option<ServiceKind> {
        match self {
            NetworkKind::GpuPool | NetworkKind::Edge => None,
            NetworkKind::Storage => Some(ServiceKind::Storage),
            NetworkKind::Bandwidth => Some(ServiceKind::Bandwidth),
            NetworkKind::DataMarket => Some(ServiceKind::Data),
        }
    }
}
