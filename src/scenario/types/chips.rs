//! Chips, their makers and the chain that makes them.

use crate::scenario::{Date, Series};
use crate::{choice, record};
use std::collections::BTreeMap;

choice! {
    /// Generation in which a chip competes; each class has one reference chip.
    pub enum ChipClass {
        /// Phone processors.
        Phone = "phone",
        /// Laptop processors.
        Laptop = "laptop",
        /// Gaming cards.
        Consumer = "consumer",
        /// A100 and peers.
        Ampere = "ampere",
        /// H100 and peers.
        Hopper = "hopper",
        /// B200 and peers.
        Blackwell = "blackwell",
        /// Rubin and peers.
        Rubin = "rubin",
        /// Everything later.
        Next = "next",
    }
    /// To whom a product is sold.
    pub enum SaleChannel {
        /// Any owner of a data centre or rack.
        DataCentre = "data_centre",
        /// Only the firm that had it designed.
        Captive = "captive",
        /// Shops; anyone.
        Retail = "retail",
    }
}

record! {
    /// Chips, their makers and the chain that makes them.
    pub struct ChipChain {
        /// The product that stands for one H100-equivalent.
        pub h100: String => reference("chips.products");
        /// Reference product of each class.
        pub references: BTreeMap<ChipClass, String> => reference("chips.products");
        /// Products by name.
        pub products: BTreeMap<String, Chip>;
        /// Designers by name.
        pub makers: BTreeMap<String, Maker>;
        /// Foundry processes by name.
        pub nodes: BTreeMap<String, WaferLine>;
        /// Advanced packaging lines by name.
        pub packaging: BTreeMap<String, WaferLine>;
        /// Stacked memory by name.
        pub memory: BTreeMap<String, MemoryLine>;
        /// How long the links take and what they lose.
        pub chain: ChainRules;
        /// How makers set prices.
        pub vendor_pricing: VendorPricing;
        /// When makers build more capacity.
        pub expansion: ExpansionRules;
        /// What makes one chip's hour worth more than another's in the same class.
        pub worth: WorthWeights;
        /// How used chips change hands.
        pub second_hand: SecondHand;
    }
    /// One accelerator product.
    pub struct Chip {
        /// Designer.
        pub maker: String => reference("chips.makers");
        /// Generation in which it competes.
        pub class: ChipClass;
        /// To whom it is sold.
        pub channel: SaleChannel => text().default("data_centre");
        /// The firm that had it designed, when it is captive.
        pub owner: Option<String> => reference("operators");
        /// Dense BF16 throughput of one chip.
        pub bf16_tflops: f64 => number(0.01, 1e7).plausible(1.0, 2e5);
        /// Memory of one chip.
        pub memory_gb: f64 => number(0.1, 1e6).plausible(4.0, 4_096.0);
        /// Memory bandwidth of one chip.
        pub bandwidth_tb_per_s: f64 => number(0.001, 1e4).plausible(0.03, 300.0);
        /// Power of one chip with its share of server, at the plug and without cooling.
        pub system_kw: f64 => number(0.0001, 1_000.0).plausible(0.002, 10.0);
        /// First day on which it can be ordered; the first chips ship after fab and packaging.
        pub release: Date;
        /// Last day on which it can be ordered.
        pub last_order: Option<Date>;
        /// Jurisdictions to which it may not be sold, shocks apart.
        pub barred: Vec<String> => text().empty();
        /// Share of wanted orders that a jurisdiction lets through, where that is not all.
        pub licensed_share: BTreeMap<String, f64> => number(0.0, 1.0).empty();
        /// How it is made and sold; absent when it is only found second-hand.
        pub production: Option<Production>;
    }
    /// How a product is made and sold.
    pub struct Production {
        /// Price of one chip at the opening or, if later, at release.
        pub price_usd: f64 => number(1.0, 1e7).plausible(200.0, 200_000.0);
        /// Foundry process.
        pub node: Option<String> => reference("chips.nodes");
        /// Packaging line.
        pub packaging: Option<String> => reference("chips.packaging");
        /// Stacked memory.
        pub memory: Option<String> => reference("chips.memory");
        /// Good packages' worth of compute dies on a wafer.
        pub dies_per_wafer: Option<f64> => number(1.0, 10_000.0).plausible(5.0, 500.0);
        /// Packages on an interposer wafer.
        pub packages_per_wafer: Option<f64> => number(1.0, 10_000.0).plausible(4.0, 200.0);
        /// What is already made; absent for a product that is still to come.
        pub opening: Option<OpeningFlow>;
        /// Largest weekly sale to owners who rent it out, for retail products.
        pub retail_chips_per_week: Option<f64> => number(0.0, 1e9);
    }
    /// What flows at the opening.
    pub struct OpeningFlow {
        /// Shipments.
        pub chips_per_week: f64 => number(0.0, 1e9);
        /// Orders fill the makers' books, more than usual.
        pub sold_out: bool => flag().default(false);
    }
    /// One designer.
    pub struct Maker {
        /// Gross margin on a chip at a normal lead time; shops without one only learn.
        pub gross_margin_share: Option<f64> => number(0.0, 0.95).plausible(0.1, 0.9);
        /// Value of an hour on its chips relative to the same hardware with the leader's software;
        /// 1 when absent.
        pub software_share: Option<f64> => number(0.01, 10.0).plausible(0.3, 1.2);
        /// Share of a packaging line that is reserved for it, before unused shares are passed on.
        pub packaging_share: Option<f64> => number(0.0, 1.0);
    }
    /// Wafers that a link can start for accelerators.
    pub struct WaferLine {
        /// Planned capacity.
        pub wafers_per_month: Series => number(0.0, 1e9);
        /// Planned growth after the last date, where it differs from that of other lines.
        pub growth_per_year: Option<f64> => number(-0.9, 10.0).plausible(-0.1, 1.5);
        /// From the decision to build more to its first wafer, where it differs from that of
        /// foundries.
        pub expansion_weeks: Option<u32> => integer(1, 520);
    }
    /// Stacked memory that makers can buy.
    pub struct MemoryLine {
        /// Planned capacity.
        pub gb_per_week: Series => number(0.0, 1e12);
        /// Planned growth after the last date, where it differs from that of other lines.
        pub growth_per_year: Option<f64> => number(-0.9, 10.0).plausible(-0.1, 1.5);
        /// From the decision to build more to its first stack.
        pub expansion_weeks: u32 => integer(1, 520);
        /// Price at the opening.
        pub price_usd_per_gb: f64 => number(0.01, 1e4).plausible(3.0, 60.0);
    }
    /// How long the links take and what they lose.
    pub struct ChainRules {
        /// From wafer start to dies.
        pub fab_weeks: u32 => integer(1, 60);
        /// From dies to tested packages.
        pub packaging_weeks: u32 => integer(1, 40);
        /// From package to a server in its owner's hall.
        pub delivery_weeks: u32 => integer(1, 40);
        /// From a new product's first packages to its maker's whole share of the line.
        pub ramp_weeks: f64 => number(1.0, 260.0).plausible(4.0, 78.0);
        /// Interposer slots that become a working accelerator: yield, and what other users take.
        pub packaging_yield_share: f64 => number(0.01, 1.0).plausible(0.4, 0.99);
        /// Orders waiting at the opening, in weeks of output.
        pub backlog_weeks: f64 => number(0.0, 200.0);
        /// The same of products that are sold out.
        pub sold_out_backlog_weeks: f64 => number(0.0, 200.0);
        /// Dies that makers keep, in weeks of packaging.
        pub die_bank_weeks: f64 => number(0.0, 60.0).plausible(1.0, 26.0);
        /// Memory of the average that stands for recent output.
        pub output_average_weeks: f64 => number(1.0, 104.0);
    }
    /// How makers set prices: cost ÷ (1 − margin), more when the lead time is long.
    pub struct VendorPricing {
        /// Lead time that makers think normal.
        pub normal_lead_weeks: f64 => number(1.0, 104.0).plausible(4.0, 30.0);
        /// Relative rise of the price when the lead time doubles.
        pub price_response_share: f64 => number(0.0, 5.0).plausible(0.0, 0.5);
        /// Smallest margin at which a maker sells.
        pub margin_floor_share: f64 => number(0.0, 0.9);
        /// Fall of unit cost each year after release.
        pub learning_per_year: f64 => number(0.0, 0.9).plausible(0.0, 0.4);
        /// Share of the gap to the wanted price closed at a quarterly review.
        pub review_step_share: f64 => number(0.0, 1.0);
        /// Relative rise of the price of memory when its use goes from normal to full.
        pub memory_scarcity_response: f64 => number(0.0, 20.0);
    }
    /// When makers build capacity beyond the plan, and when they let it shrink.
    pub struct ExpansionRules {
        /// Planned growth of a line after the last date of its plan.
        pub growth_per_year: f64 => number(-0.9, 10.0).plausible(-0.1, 1.5);
        /// From a foundry's decision to build more to its first wafer.
        pub foundry_weeks: u32 => integer(1, 520);
        /// Use of a line above which more is built.
        pub use_trigger_share: f64 => number(0.0, 2.0).plausible(0.5, 1.0);
        /// Capacity ordered at one quarterly review per unit of use above the trigger.
        pub step_share: f64 => number(0.0, 5.0).plausible(0.0, 1.0);
        /// Use of a line below which plans are cut.
        pub use_idle_share: f64 => number(0.0, 1.0).plausible(0.1, 0.9);
        /// Capacity given up at one quarterly review per unit of use below that.
        pub retreat_share: f64 => number(0.0, 1.0);
    }
    /// Weights of a chip's features in what an hour on it is worth, beside its class's reference.
    pub struct WorthWeights {
        /// Weight of throughput.
        pub throughput: f64 => number(0.0, 1.0);
        /// Weight of memory bandwidth.
        pub bandwidth: f64 => number(0.0, 1.0);
        /// Weight of memory size.
        pub memory: f64 => number(0.0, 1.0);
    }
    /// How used chips change hands: brokers bid the present value of rents less their margin.
    pub struct SecondHand {
        /// Share of the value that brokers and refurbishing keep.
        pub broker_margin_share: f64 => number(0.0, 0.95).plausible(0.05, 0.5);
        /// Rents that buyers count on, at most.
        pub horizon_years: f64 => number(0.1, 20.0).plausible(1.0, 6.0);
        /// Stock, in weeks of all owners' chips of that product, at which the price halves.
        pub stock_share_at_half_price: f64 => number(0.0001, 10.0);
        /// Share of the gap to the bid closed each week.
        pub price_step_share: f64 => number(0.0, 1.0);
        /// Brokers scrap this share of a stock whose price no longer covers its handling.
        pub scrap_share_per_week: f64 => number(0.0, 1.0);
        /// Cost of handling one chip.
        pub handling_usd: f64 => number(0.0, 1e5);
    }
}
