//! Alarms by name: what each tells a designer. Networks raise them week by week; a run notes the
//! first time of each among its events.

use super::closed;
use super::networks;

/// Every alarm: the kind of its event, and what it means.
pub const ALARMS: [(&str, &str); 8] = [
    (networks::alarms::TWO_MINTS, "one burn backs two mints"),
    (
        networks::alarms::UNBOUNDED,
        "a floor mints more than its schedule, bounded by the price alone",
    ),
    (networks::alarms::HALTED, "a vault makes no more credits"),
    (
        networks::alarms::UNPAID,
        "rewards are owed that no vault covers",
    ),
    (
        networks::alarms::INSOLVENT,
        "the token is worth less than a thousandth of its opening price",
    ),
    (
        closed::alarms::NOBODY_LEAVES,
        "providers lose money and stay, and nobody has ever left: the mechanism of leaving never \
         works",
    ),
    (
        closed::alarms::FLOW,
        "more tokens are bought or sold, net, than exist",
    ),
    (closed::alarms::NOBODY_PROVIDES, "no provider is left"),
];

/// What an alarm means; none for events that are no alarms.
pub fn meaning(kind: &str) -> Option<&'static str> {
    let known = ALARMS.iter().find(|(name, _)| *name == kind);
    known.map(|(_, meaning)| *meaning)
}
