//! Protocols by name: their rules with published parameters, and what is not known of them.

use std::collections::BTreeMap;

use super::supply::{Account, Flow};
use crate::scenario::Date;
use crate::scenario::decode::Series;
use crate::scenario::solve::token::{
    BaselineMinting, BaselineReading, BondingRounds, CreditVault, NetEmission, PeriodSchedule,
    StorageCollateral, TokenEmission, TokenNetwork, TokenPeriod, TokenPreset, TokenSettlement,
    TokenVesting, TopUpBudget, UsdFloorCap, UsdTarget,
};
use crate::scenario::types::{
    BurnAndMint, BuybackAndBurn, ExponentialDecay, FeeShare, Halving, IssuanceHalving,
};

/// A protocol with its parameters.
#[derive(Clone, Debug, Default)]
pub struct Preset {
    /// Digits of a base unit after the point.
    pub digits: u32,
    pub emission: Option<TokenEmission>,
    pub settlement: Option<TokenSettlement>,
    pub collateral: Option<StorageCollateral>,
    pub vesting: BTreeMap<String, TokenVesting>,
    /// Hours of the protocol's own round, epoch or block.
    pub own_period_h: Option<f64>,
    /// What its publishers do not state: nothing is guessed.
    pub unknown: Vec<&'static str>,
    /// What is ours: readings, reconstructions, assumptions.
    pub assumed: Vec<&'static str>,
    /// Blocks that the file must give, because the preset has no value for them.
    pub needs: Vec<(&'static str, &'static str)>,
}

fn day(year: i32, month: u32, day: u32) -> Date {
    // Written below, so always a day; the epoch is never used.
    Date::new(year, month, day).unwrap_or_default()
}

fn bucket(tokens: f64, starts: Date, days: f64) -> TokenVesting {
    TokenVesting {
        tokens,
        starts,
        days,
        instalments: None,
    }
}

/// The protocol of that name.
pub fn preset(name: TokenPreset) -> Preset {
    match name {
        TokenPreset::Render => render(),
        TokenPreset::Helium => helium(None),
        TokenPreset::HeliumHip149 => helium(Some(UsdFloorCap {
            budget: TopUpBudget::Shared,
            mobile_share: 0.89,
            supplement: true,
        })),
        TokenPreset::AkashTakeRate => akash_take_rate(),
        TokenPreset::AkashAep76 => akash_vault(),
        TokenPreset::Filecoin => filecoin(BaselineReading::Daily),
        TokenPreset::FilecoinActors => filecoin(BaselineReading::Actors),
        TokenPreset::Livepeer => livepeer(),
        TokenPreset::Bittensor => Preset {
            digits: 9,
            emission: Some(TokenEmission::IssuanceHalving(IssuanceHalving {
                block_s: 12.0,
            })),
            own_period_h: Some(12.0 / 3_600.0),
            assumed: vec!["the halving table is our reading of the code, in whole numbers"],
            ..Preset::default()
        },
        TokenPreset::IonetV1 => ionet_v1(),
        TokenPreset::IonetIde => ionet_ide(),
        TokenPreset::GenericGpuPool => generic(1e8, Some((0.025, 1.0))),
        TokenPreset::GenericEdge => generic(1.04e8, Some((0.1, 0.5))),
        TokenPreset::GenericStorage => generic(6e7, Some((0.05, 0.5))),
        TokenPreset::GenericBandwidth => generic(8e7, None),
        TokenPreset::GenericDataMarket => generic(4e7, Some((0.1, 0.5))),
    }
}

/// M8: the burn does not set the mint. RNP-001: 760,567 a month in the first year.
fn render() -> Preset {
    let schedule = PeriodSchedule {
        tokens_per_day: Series {
            points: vec![(day(2023, 12, 1), 9_126_804.0 / 366.0)],
        },
        known_until: Some(day(2024, 12, 1)),
    };
    Preset {
        digits: 8,
        emission: Some(TokenEmission::Schedule(schedule)),
        settlement: Some(TokenSettlement::BurnAndMint(BurnAndMint {
            burn_share: 0.95,
        })),
        unknown: vec![
            "yearly emission after the first year: the table of RNP-001 stands in a linked \
             spreadsheet and was not recovered; give `network.emission` for later years",
        ],
        assumed: vec!["the first emission year is read as December 2023 to November 2024"],
        ..Preset::default()
    }
}

/// M9 and M10.
fn helium(usd_floor_cap: Option<UsdFloorCap>) -> Preset {
    let mut points: Vec<(Date, f64)> = (super::helium::SCHEDULE.iter())
        .map(|(y, m, d, bones)| (day(*y, *m, *d), *bones as f64 / 1e8))
        .collect();
    // Halving every two years from the last published step on.
    let last = super::helium::SCHEDULE[2].3;
    for halving in 1..24 {
        points.push((
            day(2025 + 2 * halving, 8, 1),
            (last >> halving) as f64 / 1e8,
        ));
    }
    let mut assumed = vec!["daily steps after July 2027 follow the halving every two years"];
    if usd_floor_cap.is_some() {
        assumed.push("a mobile share of 0.89 where the series `mobile_share` is not given");
    }
    Preset {
        digits: 8,
        emission: Some(TokenEmission::Schedule(PeriodSchedule {
            tokens_per_day: Series { points },
            known_until: None,
        })),
        settlement: Some(TokenSettlement::NetEmission(NetEmission {
            cap_tokens_per_day: 1643.83561643,
            usd_floor_cap,
        })),
        own_period_h: Some(24.0),
        assumed,
        ..Preset::default()
    }
}

fn akash_take_rate() -> Preset {
    Preset {
        digits: 6,
        settlement: Some(TokenSettlement::FeeShare(FeeShare { take_share: 0.2 })),
        unknown: vec![
            "current inflation of AKT and its bounds",
            "current community tax",
        ],
        needs: vec![(
            "emission",
            "current inflation of AKT is not known: give `network.emission`, for example \
             `bonded_share` with its bounds",
        )],
        ..Preset::default()
    }
}

fn akash_vault() -> Preset {
    Preset {
        digits: 6,
        settlement: Some(TokenSettlement::CreditVault(CreditVault {
            mint_spread_bps: 25,
            settle_spread_bps: 0,
            warn_bps: 9_500,
            halt_bps: 9_000,
        })),
        unknown: vec![
            "current inflation of AKT and community tax: nothing is minted but the vault's \
             shortfall unless `network.emission` is given",
            "the first breaker (0.95 or 0.93) and the outlier rule: AEP-76 contradicts itself",
        ],
        assumed: vec![
            "AKT stays in a vault; a comment in the code speaks of burning it: what circulates is \
             the same, total supply is not",
            "where only `fees_usd` is given, it is deposited and settled in the same period",
        ],
        ..Preset::default()
    }
}

/// M1 to M7.
fn filecoin(reading: BaselineReading) -> Preset {
    let launch = super::storage::launch().unwrap_or_default();
    let buckets = [
        ("saft_6_months", 51_803_587.0, 183.0),
        ("saft_1_year", 31_821_712.0, 365.0),
        ("saft_2_years", 7_223_364.0, 730.0),
        ("saft_3_years", 88_536_841.0, 1_095.0),
        ("saft_6_years", 9_805_053.0, 2_190.0),
        ("protocol_labs", 300e6, 2_190.0),
        ("foundation", 100e6, 2_190.0),
    ];
    let vesting =
        buckets.map(|(name, tokens, days)| (name.to_owned(), bucket(tokens, launch, days)));
    let own = match reading {
        BaselineReading::Daily => vec![
            "the peer model's day: baseline of 2.766 EB at launch, fitted by mechafil, not the \
             2.889 EB of the code; a pledge cap of 1 FIL per GiB, not per 32 GiB",
            "the opening stands at the end of the first day, which copies the second day's reward",
        ],
        BaselineReading::Actors => {
            vec!["epoch 0 and network time 0 are the first period, whatever its date"]
        }
    };
    Preset {
        digits: 18,
        emission: Some(TokenEmission::BaselineMinting(BaselineMinting { reading })),
        collateral: Some(StorageCollateral {
            lock_target_share: 0.3,
            duration_days: 360,
            pledge_cap_gib: 1.0,
            known_days: 0,
        }),
        vesting: vesting.into_iter().collect(),
        own_period_h: Some(1.0 / 120.0),
        unknown: vec![
            "10,632,000 FIL unlocked on the first day are documented but not in the peer's series",
        ],
        assumed: own,
        ..Preset::default()
    }
}

/// M13.
fn livepeer() -> Preset {
    Preset {
        digits: 18,
        emission: Some(TokenEmission::BondingRounds(BondingRounds {
            inflation_parts: 218_500,
            change_parts: 500,
            target_parts: 500_000_000,
            treasury_share: 0.1,
            treasury_ceiling_tokens: 750_000.0,
            round_h: 21.0,
        })),
        own_period_h: Some(21.0),
        assumed: vec!["a round of 5,760 blocks is taken as 21 hours"],
        ..Preset::default()
    }
}

/// M15 and the vesting of M7.
fn ionet_v1() -> Preset {
    let started = day(2024, 6, 11);
    let month = 365.25 / 12.0;
    let instalments = |tokens: f64, count: u32| TokenVesting {
        tokens,
        starts: started.add_days((13.0 * month) as i32),
        days: f64::from(count) * month,
        instalments: Some(count),
    };
    let vesting = [
        ("investors".to_owned(), instalments(0.227 * 5e8, 24)),
        ("team".to_owned(), instalments(0.113 * 5e8, 36)),
    ];
    Preset {
        digits: 8,
        emission: Some(TokenEmission::ExponentialDecay(ExponentialDecay {
            first_hour_tokens: 500e6 * 0.08 / 8_760.0,
            decay_per_hour: 1.388_695_239_597_93e-5,
            started,
            total_tokens: 3e8,
        })),
        settlement: Some(TokenSettlement::BuybackAndBurn(BuybackAndBurn {
            take_share: 0.025,
            buyback_share: 1.0,
        })),
        vesting: vesting.into_iter().collect(),
        own_period_h: Some(1.0),
        assumed: vec![
            "all payments are in USDC: 2 % and 0.25 % on both sides",
            "insiders' shares are of the 500M that exist at the start (secondary source)",
        ],
        ..Preset::default()
    }
}

/// M17.
fn ionet_ide() -> Preset {
    Preset {
        digits: 8,
        settlement: Some(TokenSettlement::UsdTarget(UsdTarget {
            burnt_surplus_share: 0.5,
        })),
        unknown: vec!["the controller's equations: only a description is public"],
        assumed: vec![
            "the whole mechanism is our reconstruction: reward vault first, then fee vault; half \
             of the surplus of fees over the target burns",
        ],
        ..Preset::default()
    }
}

fn generic(first_year_tokens: f64, buyback: Option<(f64, f64)>) -> Preset {
    let settlement = match buyback {
        Some((take_share, buyback_share)) => TokenSettlement::BuybackAndBurn(BuybackAndBurn {
            take_share,
            buyback_share,
        }),
        None => TokenSettlement::BurnAndMint(BurnAndMint { burn_share: 0.95 }),
    };
    Preset {
        digits: 8,
        emission: Some(TokenEmission::Halving(Halving {
            first_year_tokens,
            every_weeks: 208.0,
            started: day(2025, 11, 3),
        })),
        settlement: Some(settlement),
        assumed: vec!["every parameter; no single protocol stands behind the generic networks"],
        ..Preset::default()
    }
}

/// The rules of a file: the preset's, where the file does not give its own. Filecoin is read day
/// by day as its peer model does, in any other period as its actors do.
pub fn resolve(network: &TokenNetwork, period: TokenPeriod) -> Preset {
    let known = network.preset.map(|name| match name {
        TokenPreset::Filecoin if period != TokenPeriod::Day => preset(TokenPreset::FilecoinActors),
        name => preset(name),
    });
    let mut out = known.unwrap_or(Preset {
        digits: 8,
        ..Preset::default()
    });
    if network.emission.is_some() {
        out.emission.clone_from(&network.emission);
        out.needs.retain(|(block, _)| *block != "emission");
        out.unknown
            .retain(|text| !text.contains("network.emission"));
    }
    if network.settlement.is_some() {
        out.settlement.clone_from(&network.settlement);
    }
    if network.collateral.is_some() {
        out.collateral.clone_from(&network.collateral);
    }
    if !network.vesting.is_empty() {
        out.vesting.clone_from(&network.vesting);
    }
    out
}

/// Series of the market that every file may give; a network reads those that it has use for.
pub const MARKET: [&str; 5] = [
    "token_price_usd",
    "capacity",
    "onboarded",
    "fees_usd",
    "bonded_share",
];

/// What is taken where a series is not given.
pub fn instead(name: &str) -> &'static str {
    match name {
        "capacity" => "power keeps up with the baseline",
        "bonded_share" => "it stands at the rule's own goal",
        "token_price_usd" => "whatever needs a price stands still",
        _ => "it is 0",
    }
}

/// A series that a mechanism reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feed {
    pub name: &'static str,
    /// Its absence is said.
    pub is_needed: bool,
    pub range: (f64, f64),
}

const TOKENS: (f64, f64) = (0.0, 1e15);
const USD: (f64, f64) = (0.0, 1e15);
const SHARE: (f64, f64) = (0.0, 1.0);

impl Preset {
    /// Hours of a step.
    pub fn period_h(&self, period: TokenPeriod) -> Option<f64> {
        match period {
            TokenPeriod::Hour => Some(1.0),
            TokenPeriod::Day => Some(24.0),
            TokenPeriod::Week => Some(168.0),
            TokenPeriod::Round | TokenPeriod::Epoch | TokenPeriod::Block => self.own_period_h,
        }
    }

    /// The series that its mechanisms read.
    pub fn feeds(&self) -> Vec<Feed> {
        let mut out = Vec::new();
        let mut add = |is_needed: bool, range: (f64, f64), names: &[&'static str]| {
            for name in names {
                out.push(Feed {
                    name,
                    is_needed,
                    range,
                });
            }
        };
        match &self.emission {
            Some(TokenEmission::BaselineMinting(_)) => {
                add(true, (0.0, 1e9), &["capacity"]);
                add(
                    false,
                    (0.0, 1e9),
                    &["quality_capacity", "onboarded", "renewed"],
                );
                add(false, SHARE, &["renewal_share"]);
                add(false, TOKENS, &["scheduled_release_tokens"]);
            }
            Some(TokenEmission::BondedShare(_)) => add(true, SHARE, &["bonded_share"]),
            Some(TokenEmission::BondingRounds(_)) => {
                add(true, SHARE, &["bonded_share"]);
                add(false, SHARE, &["claimed_share"]);
            }
            Some(TokenEmission::Table(_)) => add(true, TOKENS, &["minted_tokens"]),
            _ => {}
        }
        let price: &[&'static str] = &["token_price_usd"];
        match &self.settlement {
            Some(TokenSettlement::NetEmission(rule)) => {
                add(rule.usd_floor_cap.is_some(), USD, price);
                add(false, USD, &["fees_usd", "paid_usd", "cap_price_usd"]);
                add(false, SHARE, &["mobile_share"]);
            }
            Some(TokenSettlement::CreditVault(_)) => {
                add(true, USD, price);
                add(false, USD, &["fees_usd", "deposited_usd", "settled_usd"]);
            }
            Some(TokenSettlement::UsdTarget(_)) => {
                add(true, USD, price);
                add(true, USD, &["target_usd", "fees_usd"]);
            }
            _ => {
                add(false, USD, price);
                add(false, USD, &["fees_usd"]);
            }
        }
        add(false, TOKENS, &["burnt_tokens", "slashed_tokens"]);
        out
    }

    /// Stocks and states that an opening may give.
    pub fn openings(&self) -> Vec<&'static str> {
        let mut out: Vec<&'static str> = self.accounts().iter().map(|a| a.column()).collect();
        out.push("locked_tokens");
        if let Some(TokenEmission::BaselineMinting(_)) = &self.emission {
            out.extend(["baseline_eib", "cumulative_capped_eib_days"]);
            out.extend(["vested_tokens", "minted_tokens", "burnt_tokens"]);
        }
        match &self.settlement {
            Some(TokenSettlement::NetEmission(_)) => out.push("smoothed_burn_tokens"),
            Some(TokenSettlement::CreditVault(_)) => {
                out.extend(["remint_credit_tokens", "outstanding_credits_usd"]);
            }
            _ => {}
        }
        out
    }

    /// Accounts that its mechanisms use; the first four are always shown.
    pub fn accounts(&self) -> Vec<Account> {
        let mut out = vec![
            Account::Circulating,
            Account::LockedRewards,
            Account::Pledge,
        ];
        out.extend([Account::Vault, Account::Treasury]);
        if !self.vesting.is_empty() {
            out.push(Account::Unvested);
        }
        if matches!(self.settlement, Some(TokenSettlement::UsdTarget(_))) {
            out.extend([Account::RewardVault, Account::FeeVault]);
        }
        out
    }

    /// Flows that its mechanisms may have; the first five are always shown.
    pub fn flows(&self) -> Vec<Flow> {
        let mut out = vec![
            Flow::Minted,
            Flow::Vested,
            Flow::Burnt,
            Flow::Released,
            Flow::Slashed,
        ];
        if matches!(self.emission, Some(TokenEmission::BaselineMinting(_))) {
            out.extend([Flow::Locked, Flow::Pledged, Flow::Corrected]);
        }
        match &self.settlement {
            Some(TokenSettlement::NetEmission(rule)) => {
                out.push(Flow::Reemitted);
                if rule.usd_floor_cap.is_some() {
                    out.extend([Flow::ToppedUp, Flow::Supplement]);
                }
            }
            Some(TokenSettlement::CreditVault(_)) => {
                out.extend([Flow::Deposited, Flow::Settled, Flow::Shortfall]);
            }
            Some(TokenSettlement::UsdTarget(_)) => out.extend([Flow::Paid, Flow::BoughtBack]),
            _ => {}
        }
        out
    }
}
