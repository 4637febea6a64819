//! Firms that own data centres.
use crate::record;
record! {
    /// One firm.
    pub struct Operator {
        /// Law that it answers to.
        pub jurisdiction: String;
    }
    /// How operators decide.
    pub struct InvestmentRules {
    }
}
