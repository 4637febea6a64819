//! Independent owners of hardware.
use crate::record;
use std::collections::BTreeMap;
record! {
    /// Independent owners of hardware.
    pub struct ProviderSide {
        /// Kinds of hardware.
        pub hardware: BTreeMap<String, Hardware>;
    }
    /// One kind of hardware.
    pub struct Hardware {
    }
    /// An open marketplace without a token.
    pub struct Marketplace {
    }
}
