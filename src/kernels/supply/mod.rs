//! The supply sweep: one pass over all rows of one cell, once a week.
//!
//! A row is one owner of `count` equal devices; a cell is one hardware class in one place, so
//! whatever the cell shares is a plain number. Up to four venues buy the row's hours.
//! Arithmetic is `f32` unless stated; token quanta are whole numbers in `f64` below 2^53, so
//! that their sums are exact in any order. `state = mode & 0x7f`: 0 absent, 1 ordered,
//! 2 idle owner, 3 + v online in venue v; bit 7 of `mode` = cheating.
//!
//! Whatever a row decides and is paid is told per device: `count` enters the totals alone, as a
//! factor of numbers that are whole in their unit. Who splits a row into two that share its luck
//! ([`Rows::luck_rows`]) therefore finds the same totals, to the last bit.
//!
//! Chance: one Philox block serves rows i and i + 16 of an aligned group of 32, at counter
//! (i, week, draw, luck): words 0, 1 for row i, words 2, 3 for row i + 16. Of the first word
//! A: `z` = standard normal of all 32 bits, `w` = √12 ((A mod 2^16) 2^−16 − ½), uniform of unit
//! variance, independent of z down to its 2^−15 resolution. Of the second word B: `u` = its
//! high half, `u2` = its low half, in [0, 1).
//!
//! For every row, in this order:
//!
//! * **a. credit** (online in v): a cheat is caught if u2 < detection_probability: then
//!   ⌊staked · slash_share⌋ is slashed, nothing is earned, the cheating ends and
//!   belief d += gain (1 − d). Otherwise held += ⌊credit · reliability⌋. An uncaught
//!   cheat learns d += gain (0 − d), an honest row d += gain/8 (detection_probability − d).
//!   A second seat w adds ⌊credit_w · reliability · lent_before_v⌋, sold at once.
//! * **b. sell** (has a seat): sold = ⌊held · sell_share⌋.
//! * **c. margins** cost = power · tariff · (efficiency · tariff_ratio) + opex;
//!   base = cost + opportunity; shock_v = a_v z + b_v w with (a, b) = (1, 0), (0, 1),
//!   (0.6, −0.8), (−0.6, −0.8): unit variance, so that rows differ in which venue suits them;
//!   margin_v = pay_v · reliability · (1 + σ shock_v) − base − stake_cost_v. The best venue is
//!   the open one with the largest margin above −base (running for nothing), ties to the lower;
//!   belief += gain (best margin − belief). A cheat's current margin also has the saving.
//! * **d. patience** online with current margin < 0: patience + 1 (at most 255), otherwise 0.
//! * **e. review** if u < review_hazard. A venue that is not open puts its rows out at once.
//!   - online: patience ≥ limit → idle (all unstaked, what is held stays held); otherwise, if
//!     best − current margin > switch_margin, switch: unstake, sell all, stake in the new one;
//!     otherwise reconsider cheating.
//!     A row that stays takes the second seat w with the largest
//!     lent_share_v (pay_w · reliability · (1 + σ shock_w) − busy_kw_w · tariff · (efficiency ·
//!     tariff_ratio) − factor · opportunity) − stake_cost_w, or none, if that beats what it has
//!     by more than the switch margin. What the seat adds, if anything, counts in the current
//!     margin; whoever leaves or switches gives it up and sells its stake.
//!   - idle: belief > join_margin → join the best venue (a former venue's tokens are sold,
//!     stake is taken from what is held and the rest bought); otherwise
//!     belief < −exit_margin → hardware let go, all tokens sold, absent.
//!   - absent: belief > buy_margin (1 + buy_spread (u2 − ½)) → ordered.
//!   - a row cheats iff saving_v > d (pay_v + penalty_v).
//! * **f. totals** of the new mode. Bins hold Σ reliable devices and Σ cost · reliable devices
//!   by bits of cost (8 bins per octave above the floor, clamped to 64), in whole units of
//!   2^−16 per device, so exact in any order; a second seat moves the share lent_share_v of them
//!   from v to w. Power is summed in 16 lanes (row mod 16), then by the tree, exact where
//!   efficiencies are multiples of 2^−16.
//!
//! Rows with count 0 pad a cell to whole groups of 32 and add nothing to any total.

mod change;
mod columns;
pub mod oracle;
mod prepared;
mod review;
mod second;
mod settle;
mod strip;
mod tally;
mod vector;

use super::{Level, Stream};
use fearless_simd::dispatch;
pub use second::{Seconds, listing_gain};

/// 1.5 · 2^52: adding it rounds to a whole number, which then stands in the low bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// The nearest whole number, |x| < 2^51.
fn whole(x: f64) -> f64 {
    (x + WHOLE) - WHOLE
}

/// Venues a cell can serve.
pub const MAX_VENUES: usize = 4;
/// Cost steps of a venue's supply curve.
pub const BINS: usize = 64;
/// Cells are padded to whole groups of this many rows.
pub const GROUP: usize = 32;
/// Largest `count` of one row: the device sums of 4,096 rows fit 32 bits.
pub const MAX_COUNT: u32 = 1 << 20;

/// `mode` of an owner who has no hardware.
pub const ABSENT: u8 = 0;
/// `mode` of an owner who waits for ordered hardware.
pub const ORDERED: u8 = 1;
/// `mode` of an owner whose hardware is not online.
pub const IDLE: u8 = 2;
/// `mode` of an owner online in venue 0; venue v is this plus v.
pub const ONLINE: u8 = 3;
/// The bit of `mode` that marks a cheat.
pub const CHEATING: u8 = 0x80;
/// `seat` of an owner without tokens.
pub const NO_SEAT: u8 = 255;

/// The rows of one cell: equal lengths, a multiple of 32.
pub struct Rows<'a> {
    /// Row i has the luck of row i mod this, a multiple of 32; the length, unless rows are split.
    pub luck_rows: usize,
    pub efficiency: &'a [f32],
    pub tariff_ratio: &'a [f32],
    pub opportunity_usd_per_h: &'a [f32],
    pub reliability: &'a [f32],
    /// Devices, at most [`MAX_COUNT`]; 0 is padding.
    pub count: &'a [u32],
    pub mode: &'a mut [u8],
    pub patience_weeks: &'a mut [u8],
    /// Venue whose tokens are held or staked, or [`NO_SEAT`].
    pub seat: &'a mut [u8],
    pub belief_usd_per_h: &'a mut [f32],
    pub detection_belief: &'a mut [f32],
    /// Of each device.
    pub staked_quanta: &'a mut [f64],
    /// Of each device.
    pub held_quanta: &'a mut [f64],
    /// Where owners may sit in two venues.
    pub second: Option<Seconds<'a>>,
}

impl Rows<'_> {
    /// Rows that every column has, in whole groups.
    fn len(&self) -> usize {
        let lengths = [
            self.efficiency.len(),
            self.tariff_ratio.len(),
            self.opportunity_usd_per_h.len(),
            self.reliability.len(),
            self.count.len(),
            self.mode.len(),
            self.patience_weeks.len(),
            self.seat.len(),
            self.belief_usd_per_h.len(),
            self.detection_belief.len(),
            self.staked_quanta.len(),
            self.held_quanta.len(),
        ];
        let mut shortest = lengths.into_iter().min().unwrap_or(0);
        debug_assert!(lengths.iter().all(|length| *length == shortest));
        if let Some(second) = &self.second {
            let both = second.seat.len().min(second.staked_quanta.len());
            debug_assert!(both == shortest);
            shortest = shortest.min(both);
        }
        debug_assert!(shortest.is_multiple_of(GROUP));
        shortest / GROUP * GROUP
    }

    /// Rows of luck, if they divide the rows; else all are.
    fn own(&self) -> usize {
        let (own, length) = (self.luck_rows / GROUP * GROUP, self.len());
        if own > 0 && length.is_multiple_of(own) {
            own
        } else {
            length
        }
    }
}

/// What one venue pays and demands this week.
#[derive(Clone, Copy, Debug, Default)]
pub struct Venue {
    pub open: bool,
    /// Expected gross pay per reliable device-hour.
    pub pay_usd_per_h: f32,
    pub stake_cost_usd_per_h: f32,
    pub stake_quanta_per_device: f64,
    /// Per reliable device, for last week's service.
    pub credit_quanta_per_device: f64,
    pub sell_share: f64,
    pub cheat_saving_usd_per_h: f32,
    /// What a caught cheat loses besides his pay.
    pub cheat_penalty_usd_per_h: f32,
    pub detection_probability: f32,
    pub slash_share: f64,
    pub detection_gain: f32,
    /// Of the hours of a row online here, the share that it may list in a second venue: this
    /// week, and when the service now credited was rendered.
    pub lent_share: f32,
    pub lent_before: f32,
    /// Takes hours that rows of other venues leave idle.
    pub lists_idle: bool,
    /// What a listed hour draws on average because some are sold.
    pub busy_kw: f32,
}

/// What all rows of a cell share this week.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// One device at the meter, PUE included.
    pub power_kw: f32,
    pub tariff_usd_per_kwh: f32,
    pub opex_usd_per_h: f32,
    pub noise_sigma: f32,
    pub belief_gain: f32,
    /// Chance that a row reconsiders this week.
    pub review_hazard: f32,
    pub join_margin_usd_per_h: f32,
    /// Salvage per hour: hardware is let go when belief falls below its negative.
    pub exit_margin_usd_per_h: f32,
    pub patience_limit_weeks: u8,
    /// Negative values count as 0.
    pub switch_margin_usd_per_h: f32,
    /// What listed hours cost their owner, in units of his opportunity cost.
    pub second_cost_factor: f32,
    /// Belief needed to order hardware; infinite = not for sale.
    pub buy_margin_usd_per_h: f32,
    /// Width of the buy threshold over rows, as a share of it.
    pub buy_spread: f32,
    /// Lower edge of the lowest cost bin; must be positive.
    pub bin_floor_usd_per_h: f32,
    pub venues: [Venue; MAX_VENUES],
}

/// What the rows of a cell do for one venue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VenueTotals {
    pub devices: f64,
    /// Reliable devices whose hours are on offer here: the bins' sum.
    pub reliable_devices: f64,
    /// Reliable devices online here whose hours their owners list elsewhere.
    pub lent_devices: f64,
    /// The part of the reliable devices that is lent by rows of other venues, and whole devices
    /// of those rows.
    pub listed_devices: f64,
    pub second_devices: f64,
    /// Σ count · efficiency · power.
    pub power_kw: f64,
    pub cheating_devices: f64,
    pub credited_quanta: f64,
    pub sold_quanta: f64,
    /// All that was put at stake; `bought_quanta` of it was not held before.
    pub staked_in_quanta: f64,
    pub bought_quanta: f64,
    /// From stake back to the owner's hands.
    pub unstaked_quanta: f64,
    pub slashed_quanta: f64,
    /// Devices.
    pub joins: f64,
    /// Devices.
    pub leaves: f64,
    /// Devices whose owner was caught cheating.
    pub caught_devices: f64,
    /// Reliable devices by cost.
    pub bin_devices: [f64; BINS],
    /// Σ cost · reliable devices by cost.
    pub bin_cost_usd_per_h: [f64; BINS],
}

impl Default for VenueTotals {
    fn default() -> Self {
        VenueTotals {
            devices: 0.0,
            reliable_devices: 0.0,
            lent_devices: 0.0,
            listed_devices: 0.0,
            second_devices: 0.0,
            power_kw: 0.0,
            cheating_devices: 0.0,
            credited_quanta: 0.0,
            sold_quanta: 0.0,
            staked_in_quanta: 0.0,
            bought_quanta: 0.0,
            unstaked_quanta: 0.0,
            slashed_quanta: 0.0,
            joins: 0.0,
            leaves: 0.0,
            caught_devices: 0.0,
            bin_devices: [0.0; BINS],
            bin_cost_usd_per_h: [0.0; BINS],
        }
    }
}

/// What the rows of a cell do. Devices unless named otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    pub venues: [VenueTotals; MAX_VENUES],
    pub absent_devices: f64,
    pub ordered_devices: f64,
    pub idle_devices: f64,
    pub ordered_now: f64,
    /// Hardware let go this week.
    pub sold_off_devices: f64,
}

/// One week of one cell; overwrites `totals`. Equal bits at every level.
pub fn sweep(
    level: Level,
    rows: Rows,
    terms: &Terms,
    (stream, week): (Stream, u32),
    totals: &mut Totals,
) {
    match level {
        Level::Scalar => oracle::sweep(rows, terms, (stream, week), totals),
        Level::Vector(set) => {
            *totals = Totals::default();
            dispatch!(set, simd => vector::sweep(simd, rows, terms, (stream, week), totals));
        }
    }
}
