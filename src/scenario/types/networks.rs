//! Decentralised protocols with a token.
use crate::record;
record! {
    /// A protocol.
    pub struct Network {
    }
}
