//! A market at one moment: products, their owners, nests, capacities, and buyers in segments.

/// How sellers behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
    /// Every owner sets its own prices, given the others' (Bertrand–Nash).
    Nash,
    /// All owners set prices as one.
    Cartel,
    /// p = c + λ.
    Competitive,
    /// p = c + external cost + λ: consumer surplus + profit − external cost is largest.
    Planner,
}

/// Products j, segments i, nests h and owners by number. All vectors over products have one
/// length; `base` is product-major: `base[j * segments + i]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Market {
    /// Hours demanded if everyone bought.
    pub size_h: f64,
    /// Marginal cost, USD per hour.
    pub cost_usd_per_h: Vec<f64>,
    /// Cost to third parties, USD per hour.
    pub external_usd_per_h: Vec<f64>,
    /// Hours that can be sold; infinite where nothing binds.
    pub capacity_h: Vec<f64>,
    /// Owner of each product.
    pub owner: Vec<usize>,
    /// Nest of each product; one without a nest stands alone in its own.
    pub nest: Vec<usize>,
    /// ρ of each nest, in 0..1 without 1.
    pub rho: Vec<f64>,
    /// Weight of each segment; they sum to 1.
    pub weight: Vec<f64>,
    /// Utility per USD per hour of each segment, negative.
    pub alpha: Vec<f64>,
    /// Utility of a product to a segment at price 0.
    pub base: Vec<f64>,
    /// For owner f, the owners g whose profit it counts (itself with 1), and the weights.
    pub profit_weight: Vec<Vec<(usize, f64)>>,
}

/// Row j: the products k whose profit counts when the price of j is set, and H_jk.
pub type Stakes = Vec<Vec<(usize, f64)>>;

impl Market {
    pub fn products(&self) -> usize {
        self.cost_usd_per_h.len()
    }

    pub fn segments(&self) -> usize {
        self.weight.len()
    }

    /// The entries of H that are not zero (E7). Price takers have none.
    pub fn stakes(&self, conduct: Conduct) -> Stakes {
        let products = 0..self.products();
        match conduct {
            Conduct::Competitive | Conduct::Planner => products.map(|_| Vec::new()).collect(),
            Conduct::Cartel => {
                let all: Vec<(usize, f64)> = products.clone().map(|k| (k, 1.0)).collect();
                products.map(|_| all.clone()).collect()
            }
            Conduct::Nash => {
                let mut owned = vec![Vec::new(); self.profit_weight.len()];
                for (k, owner) in self.owner.iter().enumerate() {
                    owned[*owner].push(k);
                }
                let row = |weights: &Vec<(usize, f64)>| {
                    let counted = weights.iter().filter(|(_, weight)| *weight != 0.0);
                    let entries = |(g, weight): &(usize, f64)| {
                        let weight = *weight;
                        owned[*g].iter().map(move |k| (*k, weight))
                    };
                    let mut row: Vec<(usize, f64)> = counted.flat_map(entries).collect();
                    row.sort_by_key(|(k, _)| *k);
                    row
                };
                products
                    .map(|j| row(&self.profit_weight[self.owner[j]]))
                    .collect()
            }
        }
    }

    /// The cost that the conduct prices on: the seller's, or society's.
    pub fn priced_cost(&self, conduct: Conduct) -> Vec<f64> {
        let outer = self.external_usd_per_h.iter();
        let both = self.cost_usd_per_h.iter().zip(outer);
        let own = |(cost, external): (&f64, &f64)| match conduct {
            Conduct::Planner => cost + external,
            _ => *cost,
        };
        both.map(own).collect()
    }

    /// The market of the listed products alone.
    pub fn only(&self, kept: &[usize]) -> Market {
        let n = self.segments();
        let pick = |values: &[f64]| kept.iter().map(|j| values[*j]).collect();
        let index = |values: &[usize]| kept.iter().map(|j| values[*j]).collect();
        let base = kept.iter().flat_map(|j| &self.base[j * n..(j + 1) * n]);
        Market {
            size_h: self.size_h,
            cost_usd_per_h: pick(&self.cost_usd_per_h),
            external_usd_per_h: pick(&self.external_usd_per_h),
            capacity_h: pick(&self.capacity_h),
            owner: index(&self.owner),
            nest: index(&self.nest),
            rho: self.rho.clone(),
            weight: self.weight.clone(),
            alpha: self.alpha.clone(),
            base: base.copied().collect(),
            profit_weight: self.profit_weight.clone(),
        }
    }
}
