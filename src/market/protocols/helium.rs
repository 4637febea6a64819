//! Helium: schedule, net emissions (M9) and the floor and cap of HIP-149 (M10), in bones
//! (10^−8 HNT). An epoch is a day.
//!
//! Sources: helium/helium-program-library, `packages/helium-admin-cli/emissions/hnt.json`,
//! `programs/helium-sub-daos/src/{backstop,supplement}.rs` and `calculate_utility_score_v0.rs`.

/// bones of one HNT.
pub const BONES_PER_HNT: u64 = 100_000_000;
/// Re-emission of burnt HNT above which a burn is for good, bones an epoch.
pub const NET_EMISSIONS_CAP: u64 = 164_383_561_643;
/// Share of the mobile emission that deployers of data receive, percent.
const DATA_BUCKET_PERCENT: u128 = 70;
/// Data credits of one USD.
pub const CREDITS_PER_USD: f64 = 100_000.0;
/// 10^(8 digits of HNT + 8 digits of the price − 5 of a data credit).
const CREDIT_SCALE: u128 = 100_000_000_000;
const SMOOTHING: u64 = 7;
/// Unix days of the schedule's steps (2023-08-01 in force before), each with bones an epoch.
pub const SCHEDULE: [(i32, u32, u32, u64); 3] = [
    (2023, 8, 3, 4_098_360_655_738),
    (2024, 8, 1, 4_109_589_041_096),
    (2025, 8, 1, 2_054_794_520_548),
];
/// The supplement of HIP-149: bones an epoch and network, of two networks, while it is flat.
const SUPPLEMENT_PER_NETWORK: u64 = 98_000 * BONES_PER_HNT;
pub const SUPPLEMENT_FLAT_EPOCHS: u64 = 360;
pub const SUPPLEMENT_TAPER_EPOCHS: u64 = 720;

/// bones of an epoch by the schedule, `years` full years after 2025-08-01: halving every two.
pub fn scheduled_after_2025(years: u32) -> u64 {
    let halvings = years / 2;
    if halvings > 63 {
        0
    } else {
        SCHEDULE[2].3 >> halvings
    }
}

/// The filter of burns, called a seven-epoch average in the documents: ⌊6S/7⌋ + ⌊burn/7⌋. A
/// state of 0 starts at 300 bones, as in the code.
pub fn smoothed_burn(previous: u64, burn: u64) -> u64 {
    let previous = if previous == 0 { 300 } else { previous };
    let kept = u128::from(SMOOTHING - 1) * u128::from(previous) / u128::from(SMOOTHING);
    let kept = u64::try_from(kept).unwrap_or(u64::MAX);
    kept.saturating_add(burn / SMOOTHING)
}

/// HNT burnt in an epoch: what is missing from the recorded supply and was not withheld.
pub fn burn_seen(recorded: u64, supply: u64, not_emitted: u64) -> u64 {
    recorded.saturating_sub(supply).saturating_sub(not_emitted)
}

/// Re-emission of burnt HNT, bones: min(S, cap).
pub fn net_emission(smoothed: u64, cap: u64) -> u64 {
    if smoothed < cap { smoothed } else { cap }
}

/// What a top-up may be drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// The burn that re-emission leaves over: HIP-149 as approved.
    Shared,
    /// The whole burn once more: the flaw of PR 1228.
    Own,
    /// No bound: the draft of PR 1210.
    None,
}

/// What HIP-149 reads in one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// bones by the schedule.
    pub emission: u64,
    /// Smoothed burn, bones.
    pub smoothed: u64,
    /// Cap of the re-emission, bones.
    pub cap: u64,
    /// Data credits that carriers paid with (10^−5 USD).
    pub credits_burnt: u64,
    /// Share of the mobile network, over 2^32 − 1.
    pub mobile_share: u32,
    /// Lower price for the floor, 10^−8 USD; 0 where the oracle has none that can be trusted.
    pub floor_price: u64,
    /// Mean price for the cap, 10^−8 USD.
    pub cap_price: u64,
}

/// What HIP-149 does in one epoch, bones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backstop {
    pub re_emitted: u64,
    pub top_up: u64,
    /// Most that deployers receive; 0 is no cap.
    pub deployer_cap: u64,
    /// Deployers' part of schedule and re-emission.
    pub deployer_base: u64,
}

fn bones(credits: u128, price: u64) -> u64 {
    let bones = credits
        .saturating_mul(CREDIT_SCALE)
        .checked_div(u128::from(price));
    bones.map_or(0, |bones| u64::try_from(bones).unwrap_or(u64::MAX))
}

/// Floor (half of what carriers paid) and cap (three times) of deployers' pay.
pub fn backstop(epoch: &Epoch, budget: Budget) -> Backstop {
    let re_emitted = net_emission(epoch.smoothed, epoch.cap);
    let base = epoch.emission.saturating_add(re_emitted);
    let share = u128::from(epoch.mobile_share);
    let deployer_base =
        u128::from(base).saturating_mul(share) / u128::from(u32::MAX) * DATA_BUCKET_PERCENT / 100;
    let mut out = Backstop {
        re_emitted,
        deployer_base: u64::try_from(deployer_base).unwrap_or(u64::MAX),
        ..Backstop::default()
    };
    if epoch.floor_price == 0 || epoch.cap_price == 0 {
        return out;
    }
    let paid = u128::from(epoch.credits_burnt);
    out.deployer_cap = bones(paid.saturating_mul(3), epoch.cap_price);
    if share == 0 {
        return out;
    }
    let target = bones(u128::from(epoch.credits_burnt / 2), epoch.floor_price);
    let short = u128::from(target).saturating_sub(deployer_base);
    let demand = short
        .saturating_mul(u128::from(u32::MAX))
        .saturating_mul(100);
    // A demand beyond 64 bits is a price that cannot be trusted: no top-up.
    let demand = u64::try_from(demand / (share * DATA_BUCKET_PERCENT)).unwrap_or(0);
    let bound = match budget {
        Budget::Shared => epoch.smoothed.saturating_sub(epoch.cap),
        Budget::Own => epoch.smoothed,
        Budget::None => u64::MAX,
    };
    out.top_up = if demand < bound { demand } else { bound };
    out
}

/// Pay above the cap, which goes to stakers: bones of `pool` beyond the cap.
pub fn overflow(pool: u64, deployer_cap: u64) -> u64 {
    if deployer_cap == 0 {
        0
    } else {
        pool.saturating_sub(deployer_cap)
    }
}

/// bones of the supplement in epoch `epoch` after its start, both networks together.
pub fn supplement(epoch: u64) -> u64 {
    let end = SUPPLEMENT_FLAT_EPOCHS + SUPPLEMENT_TAPER_EPOCHS;
    // The first crank comes half a day after the start: half an epoch of the taper is gone.
    let halves_left = (2 * end).saturating_sub(2 * epoch + 1);
    let flat = u128::from(SUPPLEMENT_PER_NETWORK);
    let one = if epoch < SUPPLEMENT_FLAT_EPOCHS {
        flat
    } else {
        flat * u128::from(halves_left) / u128::from(2 * SUPPLEMENT_TAPER_EPOCHS)
    };
    2 * u64::try_from(one).unwrap_or(0)
}

/// Price at which the floor begins to bind, USD: below it half of what carriers pay is worth
/// more HNT than deployers' base.
pub fn floor_price_usd(paid_usd: f64, deployer_base_hnt: f64) -> f64 {
    0.5 * paid_usd / deployer_base_hnt
}

/// Price above which the cap binds, USD.
pub fn cap_price_usd(paid_usd: f64, deployer_base_hnt: f64) -> f64 {
    3.0 * paid_usd / deployer_base_hnt
}
