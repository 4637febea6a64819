//! Orders against bids (E15) and a call market (E16).

/// Hours wanted or offered at a limit price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Order {
    pub limit_usd_per_h: f64,
    pub hours: f64,
}

/// What a call market came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call {
    pub volume_h: f64,
    /// Σ (bid − ask) over the hours traded.
    pub surplus_usd: f64,
    /// Every price between clears; absent where nothing trades.
    pub price_usd_per_h: Option<(f64, f64)>,
}

/// Trades bids against asks so that the surplus is largest. An order filled in part counts as
/// accepted and as rejected when the interval of prices is found.
pub fn call_market(bids: &[Order], asks: &[Order]) -> Call {
    let (mut bids, mut asks) = (bids.to_vec(), asks.to_vec());
    bids.sort_by(|a, b| b.limit_usd_per_h.total_cmp(&a.limit_usd_per_h));
    asks.sort_by(|a, b| a.limit_usd_per_h.total_cmp(&b.limit_usd_per_h));
    let (mut b, mut a) = (0, 0);
    let (mut bid_left, mut ask_left) = (hours(&bids, 0), hours(&asks, 0));
    let (mut volume_h, mut surplus_usd) = (0.0, 0.0);
    let (mut last_bid, mut last_ask) = (0.0, 0.0);
    while b < bids.len() && a < asks.len() {
        let gain = bids[b].limit_usd_per_h - asks[a].limit_usd_per_h;
        if gain < 0.0 {
            break;
        }
        let traded = if bid_left < ask_left {
            bid_left
        } else {
            ask_left
        };
        if traded > 0.0 {
            (last_bid, last_ask) = (bids[b].limit_usd_per_h, asks[a].limit_usd_per_h);
        }
        volume_h += traded;
        surplus_usd += gain * traded;
        bid_left -= traded;
        ask_left -= traded;
        if bid_left <= 0.0 {
            b += 1;
            bid_left = hours(&bids, b);
        }
        if ask_left <= 0.0 {
            a += 1;
            ask_left = hours(&asks, a);
        }
    }
    let mut low = last_ask;
    if let Some(rejected) = bids.get(b).map(|bid| bid.limit_usd_per_h)
        && rejected > low
    {
        low = rejected;
    }
    let mut high = last_bid;
    if let Some(rejected) = asks.get(a).map(|ask| ask.limit_usd_per_h)
        && rejected < high
    {
        high = rejected;
    }
    Call {
        volume_h,
        surplus_usd,
        price_usd_per_h: (volume_h > 0.0).then_some((low, high)),
    }
}

fn hours(orders: &[Order], at: usize) -> f64 {
    orders.get(at).map_or(0.0, |order| order.hours)
}

/// How providers bid for an order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bidding {
    /// Equilibrium of a first-price auction where each believes the others' costs to be
    /// uniform up to `highest_usd_per_h`: c + (highest − c) ÷ n.
    Strategic { highest_usd_per_h: f64 },
    /// Cost times one plus a margin.
    CostPlus { margin_share: f64 },
}

impl Bidding {
    /// What a provider of this cost bids against `bidders` in all, itself included.
    pub fn bid_usd_per_h(self, cost_usd_per_h: f64, bidders: f64) -> f64 {
        match self {
            Bidding::Strategic { highest_usd_per_h } => {
                cost_usd_per_h + (highest_usd_per_h - cost_usd_per_h) / bidders
            }
            Bidding::CostPlus { margin_share } => cost_usd_per_h * (1.0 + margin_share),
        }
    }
}

/// Who serves an order, and at what price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Award {
    pub bidder: usize,
    pub price_usd_per_h: f64,
}

/// A reverse auction: each bids by its cost, the lowest bid wins (the first of equals) and is
/// paid.
pub fn reverse_auction(cost_usd_per_h: &[f64], bidding: Bidding) -> Option<Award> {
    let bidders = cost_usd_per_h.len() as f64;
    lowest(cost_usd_per_h).map(|bidder| Award {
        bidder,
        price_usd_per_h: bidding.bid_usd_per_h(cost_usd_per_h[bidder], bidders),
    })
}

/// A uniform-price auction of one order: the cheapest serves and is paid the lowest cost that
/// was turned away; `None` without a second bidder.
pub fn uniform_auction(cost_usd_per_h: &[f64]) -> Option<Award> {
    let bidder = lowest(cost_usd_per_h)?;
    let others = cost_usd_per_h.iter().enumerate();
    let turned_away = others.filter(|(i, _)| *i != bidder).map(|(_, cost)| *cost);
    let price = turned_away.reduce(|low, cost| if cost < low { cost } else { low })?;
    Some(Award {
        bidder,
        price_usd_per_h: price,
    })
}

fn lowest(costs: &[f64]) -> Option<usize> {
    (0..costs.len()).reduce(|low, i| if costs[i] < costs[low] { i } else { low })
}
