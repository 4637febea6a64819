//! Chips, their makers and the chain that makes them.
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
}
record! {
    /// Chips, their makers and the chain that makes them.
    pub struct ChipChain {
        /// Products by name.
        pub products: BTreeMap<String, Chip>;
        /// Designers by name.
        pub makers: BTreeMap<String, Maker>;
    }
    /// One accelerator product.
    pub struct Chip {
        /// Generation in which it competes.
        pub class: ChipClass;
    }
    /// One designer.
    pub struct Maker {
    }
}
