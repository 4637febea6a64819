//! Exact clearing of one hour in a cluster of regions with limited corridors.
//!
//! Every region fills its own blocks in order of cost. Then, while some region i can deliver one
//! more MWh for less (up_i) than some region j saves with one less (down_j) and corridors from i
//! to j have room, the pair with the largest gain trades, as far as its blocks and corridors go.
//! Without such a pair no cycle of the remaining network has negative cost: the optimum. Prices
//! are intervals: high_j = min up_i over i that reach j, low_j = max down_i over i that j reaches.

/// Regions, at most: reach is one word.
pub const MAX_REGIONS: usize = 64;
/// Less than this is nothing, MW.
pub const EPS_MW: f64 = 1e-7;
/// Smaller gains are none, USD per MWh.
const EPS_USD: f64 = 1e-9;
const MAX_TRADES: usize = 100_000;

/// A corridor by the positions of its regions.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub from: usize,
    pub to: usize,
    pub forward_mw: f64,
    pub reverse_mw: f64,
}

/// One hour of a cluster: blocks in order of cost, region by region. The last block of every
/// region must be able to serve all of its load (load that is shed).
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// First block of each region, and the end.
    pub starts: Vec<usize>,
    pub cost_usd_per_mwh: Vec<f64>,
    pub lines: Vec<Line>,
    /// Capacity of every block in this hour.
    pub capacity_mw: Vec<f64>,
    pub load_mw: Vec<f64>,
    /// From → to, after [`clear`](Self::clear).
    pub flow_mw: Vec<f64>,
    /// The block in which each region stands, and its output.
    active: Vec<usize>,
    filled_mw: Vec<f64>,
    up: Vec<Step>,
    down: Vec<Step>,
    near: Vec<u64>,
    reach: Vec<u64>,
    came: Vec<(usize, usize)>,
    queue: Vec<usize>,
}

/// The next MWh of a region, upwards or downwards.
#[derive(Clone, Copy, Debug)]
struct Step {
    cost: f64,
    block: usize,
    room_mw: f64,
}

/// What one more MWh costs and one less saves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    pub low_usd_per_mwh: f64,
    pub high_usd_per_mwh: f64,
    /// The block that one more MWh comes from; `None` where there is none.
    pub setter: Option<usize>,
}

/// Trades did not end: a fault of the data (not a number) or of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endless;

impl Exchange {
    /// A cluster: the first block of each region and the end, costs of the blocks, corridors.
    pub fn new(starts: Vec<usize>, cost_usd_per_mwh: Vec<f64>, lines: Vec<Line>) -> Exchange {
        Exchange {
            load_mw: vec![0.0; starts.len().saturating_sub(1)],
            capacity_mw: vec![0.0; cost_usd_per_mwh.len()],
            starts,
            cost_usd_per_mwh,
            lines,
            ..Exchange::default()
        }
    }

    fn regions(&self) -> usize {
        self.load_mw.len()
    }

    /// Clears the hour that `capacity_mw` and `load_mw` describe.
    pub fn clear(&mut self) -> Result<(), Endless> {
        self.fill();
        for _ in 0..MAX_TRADES {
            let Some((from, to)) = self.best_pair() else {
                return Ok(());
            };
            self.trade(from, to);
        }
        Err(Endless)
    }

    /// Autarky: every region serves itself.
    fn fill(&mut self) {
        let count = self.regions();
        self.flow_mw.clear();
        self.flow_mw.resize(self.lines.len(), 0.0);
        self.active.resize(count, 0);
        self.filled_mw.resize(count, 0.0);
        let none = Step {
            cost: 0.0,
            block: 0,
            room_mw: 0.0,
        };
        self.up.resize(count, none);
        self.down.resize(count, none);
        self.came.resize(count, (0, 0));
        for region in 0..count {
            let mut left = self.load_mw[region];
            let mut block = self.starts[region];
            let last = self.starts[region + 1] - 1;
            while block < last && left > self.capacity_mw[block] {
                left -= self.capacity_mw[block];
                block += 1;
            }
            self.active[region] = block;
            self.filled_mw[region] = left;
            self.look(region);
        }
        self.link();
    }

    /// A region's next steps upwards and downwards.
    fn look(&mut self, region: usize) {
        let (first, end) = (self.starts[region], self.starts[region + 1]);
        let (at, filled) = (self.active[region], self.filled_mw[region]);
        let mut up = Step {
            cost: f64::INFINITY,
            block: at,
            room_mw: 0.0,
        };
        let mut down = Step {
            cost: f64::NEG_INFINITY,
            ..up
        };
        let room = self.capacity_mw[at] - filled;
        if room > EPS_MW {
            up = self.step(at, room);
        } else if let Some(next) = (at + 1..end).find(|next| self.capacity_mw[*next] > EPS_MW) {
            up = self.step(next, self.capacity_mw[next]);
        }
        if filled > EPS_MW {
            down = self.step(at, filled);
        } else {
            let mut before = (first..at).rev();
            if let Some(last) = before.find(|last| self.capacity_mw[*last] > EPS_MW) {
                down = self.step(last, self.capacity_mw[last]);
            }
        }
        (self.up[region], self.down[region]) = (up, down);
    }

    fn step(&self, block: usize, room_mw: f64) -> Step {
        Step {
            cost: self.cost_usd_per_mwh[block],
            block,
            room_mw,
        }
    }

    /// Who can still send to whom, directly and at all.
    fn link(&mut self) {
        let count = self.regions();
        self.near.clear();
        self.near.extend((0..count).map(|region| 1u64 << region));
        for (line, flow) in self.lines.iter().zip(&self.flow_mw) {
            if line.forward_mw - flow > EPS_MW {
                self.near[line.from] |= 1 << line.to;
            }
            if line.reverse_mw + flow > EPS_MW {
                self.near[line.to] |= 1 << line.from;
            }
        }
        self.reach.clear();
        self.reach.extend_from_slice(&self.near);
        // Warshall on words: whoever reaches `via` reaches all that `via` reaches.
        for via in 0..count {
            let beyond = self.reach[via];
            for region in 0..count {
                if self.reach[region] >> via & 1 == 1 {
                    self.reach[region] |= beyond;
                }
            }
        }
    }

    /// Who delivers more and who less, with the largest gain.
    fn best_pair(&self) -> Option<(usize, usize)> {
        let mut best = EPS_USD;
        let mut pair = None;
        for from in 0..self.regions() {
            let cost = self.up[from].cost;
            let mut targets = self.reach[from];
            while targets != 0 {
                let to = targets.trailing_zeros() as usize;
                targets &= targets - 1;
                let gain = self.down[to].cost - cost;
                if gain > best {
                    best = gain;
                    pair = Some((from, to));
                }
            }
        }
        // A region does not trade with itself: its own steps have no gain.
        pair
    }

    fn trade(&mut self, from: usize, to: usize) {
        let mut amount = self.up[from].room_mw;
        if self.down[to].room_mw < amount {
            amount = self.down[to].room_mw;
        }
        self.route(from, to);
        let mut at = to;
        while at != from {
            let (line, before) = self.came[at];
            let room = self.room(line, before);
            if room < amount {
                amount = room;
            }
            at = before;
        }
        let mut has_changed = false;
        at = to;
        while at != from {
            let (line, before) = self.came[at];
            let was_open = self.room(line, at) > EPS_MW;
            let sign = if self.lines[line].from == before {
                1.0
            } else {
                -1.0
            };
            self.flow_mw[line] += sign * amount;
            has_changed |= !was_open || self.room(line, before) <= EPS_MW;
            at = before;
        }
        if has_changed {
            self.link();
        }
        let up = self.up[from].block;
        if up == self.active[from] {
            self.filled_mw[from] += amount;
        } else {
            (self.active[from], self.filled_mw[from]) = (up, amount);
        }
        let down = self.down[to].block;
        if down == self.active[to] {
            self.filled_mw[to] -= amount;
        } else {
            self.active[to] = down;
            self.filled_mw[to] = self.capacity_mw[down] - amount;
        }
        self.look(from);
        self.look(to);
    }

    /// What a line can still carry away from a region.
    fn room(&self, line: usize, region: usize) -> f64 {
        let (flow, line) = (self.flow_mw[line], &self.lines[line]);
        if line.from == region {
            line.forward_mw - flow
        } else {
            line.reverse_mw + flow
        }
    }

    /// A shortest way with room: from each region on it, the line and the region before.
    fn route(&mut self, from: usize, to: usize) {
        let mut seen = 1u64 << from;
        self.queue.clear();
        self.queue.push(from);
        let mut head = 0;
        while seen >> to & 1 == 0 && head < self.queue.len() {
            let at = self.queue[head];
            head += 1;
            for (index, line) in self.lines.iter().enumerate() {
                let next = if line.from == at {
                    line.to
                } else if line.to == at {
                    line.from
                } else {
                    continue;
                };
                if seen >> next & 1 == 0 && self.room(index, at) > EPS_MW {
                    seen |= 1 << next;
                    self.came[next] = (index, at);
                    self.queue.push(next);
                }
            }
        }
    }

    /// Output of a block of a region in the cleared hour.
    pub fn output_mw(&self, region: usize, block: usize) -> f64 {
        let at = self.active[region];
        if block < at {
            self.capacity_mw[block]
        } else if block == at {
            self.filled_mw[region]
        } else {
            0.0
        }
    }

    /// The interval of a region's price in the cleared hour.
    pub fn margin(&self, region: usize) -> Margin {
        let mut margin = Margin {
            low_usd_per_mwh: f64::NEG_INFINITY,
            high_usd_per_mwh: f64::INFINITY,
            setter: None,
        };
        for other in 0..self.regions() {
            let up = self.up[other];
            if self.reach[other] >> region & 1 == 1 && up.cost < margin.high_usd_per_mwh {
                margin.high_usd_per_mwh = up.cost;
                margin.setter = Some(up.block);
            }
            let down = self.down[other].cost;
            if self.reach[region] >> other & 1 == 1 && down > margin.low_usd_per_mwh {
                margin.low_usd_per_mwh = down;
            }
        }
        margin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two regions: bids of −3 and 20 in the first, 50 in the second, shedding at 1,000.
    fn pair(load: [f64; 2], capacity: [f64; 3], limit: f64) -> Exchange {
        let line = Line {
            from: 0,
            to: 1,
            forward_mw: limit,
            reverse_mw: 0.0,
        };
        let costs = vec![-3.0, 20.0, 1_000.0, 50.0, 1_000.0];
        let mut exchange = Exchange::new(vec![0, 3, 5], costs, vec![line]);
        let [wind, gas, far] = capacity;
        exchange.capacity_mw = vec![wind, gas, f64::INFINITY, far, f64::INFINITY];
        exchange.load_mw = load.to_vec();
        exchange.clear().expect("trades end");
        exchange
    }

    fn ends(exchange: &Exchange, region: usize) -> (f64, f64) {
        let margin = exchange.margin(region);
        (margin.low_usd_per_mwh, margin.high_usd_per_mwh)
    }

    #[test]
    fn a_full_line_parts_prices_and_wind_is_curtailed_below_zero() {
        let exchange = pair([10.0, 40.0], [30.0, 0.0, 100.0], 15.0);
        assert_eq!(exchange.flow_mw, [15.0]);
        assert_eq!(ends(&exchange, 0), (-3.0, -3.0));
        assert_eq!(ends(&exchange, 1), (50.0, 50.0));
    }

    #[test]
    fn on_the_edge_of_a_block_the_price_is_an_interval() {
        let exchange = pair([10.0, 20.0], [30.0, 40.0, 100.0], 50.0);
        assert_eq!(exchange.flow_mw, [20.0]);
        assert_eq!(ends(&exchange, 0), (-3.0, 20.0));
        assert_eq!(ends(&exchange, 1), (-3.0, 20.0));
    }

    #[test]
    fn empty_blocks_and_closed_lines_count_for_nothing() {
        let exchange = pair([10.0, 20.0], [30.0, 40.0, 0.0], 0.0);
        assert_eq!(exchange.flow_mw, [0.0]);
        assert_eq!(ends(&exchange, 0), (-3.0, -3.0));
        // Nothing runs in the second region: all its load is shed.
        assert_eq!(exchange.output_mw(1, 4), 20.0);
        assert_eq!(ends(&exchange, 1), (1_000.0, 1_000.0));
    }
}
