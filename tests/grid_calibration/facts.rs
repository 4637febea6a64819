//! Published figures of real zones, with their sources, and the misses that are known.

use super::Figure::{Co2, Mix, Price, Tail};
use super::{Fact, Figure, Year};

/// Google's region table for 2024.
const GOOGLE: &str = "Google, 2024";
/// Our World in Data, output by fuel and carbon with life cycles.
const OWID: &str = "OWID, 2023";
/// Net public generation of Germany.
const ISE: &str = "Fraunhofer ISE, 2024";
/// Monitoring Analytics, State of the Market; mixes from memory.
const IMM: &str = "IMM, first half of 2025";

type Miss = Option<(f64, f64, &'static str)>;

fn fact(zone: &'static str, figure: Figure, known: (f64, &'static str), miss: Miss) -> Fact {
    let (published, source) = known;
    Fact {
        zone,
        figure,
        published,
        source,
        miss,
    }
}

/// Between which factors of the published figure the model may lie, and why.
fn why(low: f64, high: f64, reason: &'static str) -> Miss {
    Some((low, high, reason))
}

const HALF: Figure = Tail(
    "hours that make half of the cost, share",
    Year::half_of_cost,
);
const PEAK: Figure = Tail("weekdays 8 to 20 ÷ all hours", Year::peak_to_base);
const WORTHLESS: Figure = Tail("hours at 0 or below, share", Year::worthless);

pub fn all() -> Vec<Fact> {
    let mut facts = united_states();
    facts.extend(germany());
    facts.extend(ireland_and_the_north());
    facts.extend(india_and_brazil());
    facts.extend(china_and_the_gulf());
    facts
}

fn united_states() -> Vec<Fact> {
    vec![
        fact("us_virginia", Price, (51.75, IMM), None),
        fact("us_virginia", Co2, (0.323, GOOGLE), None),
        fact("us_virginia", Mix("gas"), (0.43, IMM), None),
        fact("us_virginia", Mix("nuclear"), (0.32, IMM), None),
        fact("us_virginia", Mix("coal"), (0.16, IMM), None),
        fact(
            "us_texas",
            Price,
            (27.33, "E3, ERCOT North, 2024"),
            why(1.0, 1.7, "gas cost 2.2 USD in 2024, 3.9 here"),
        ),
        fact(
            "us_texas",
            HALF,
            (0.14, "Gillett, 1,200 hours of 2024"),
            why(1.5, 3.6, "hourly prices are too flat, see below"),
        ),
        fact("us_texas", Co2, (0.303, GOOGLE), None),
        fact("us_texas", Mix("gas"), (0.44, "ERCOT, 2024"), None),
        fact("us_texas", Mix("wind"), (0.24, "ERCOT, 2024"), None),
        fact("us_texas", Mix("coal"), (0.13, "ERCOT, 2024"), None),
        fact("us_midwest", Co2, (0.413, GOOGLE), None),
        fact("us_midwest", Mix("coal"), (0.30, "MISO, 2024"), None),
        fact("us_midwest", Mix("wind"), (0.16, "MISO, 2024"), None),
        fact("us_midwest", Mix("nuclear"), (0.14, "MISO, 2024"), None),
        fact("us_california", Co2, (0.169, GOOGLE), None),
        fact("us_southeast", Co2, (0.340, GOOGLE), None),
        fact("us_northwest", Co2, (0.079, GOOGLE), None),
        fact(
            "united_states",
            Price,
            (47.0, "EIA, eleven hubs, 2025"),
            why(
                0.7,
                1.0,
                "New York and New England are among the hubs, not among the zones",
            ),
        ),
    ]
}

fn germany() -> Vec<Fact> {
    vec![
        fact("germany", Price, (86.0, "FfE, 79.6 EUR, 2024"), None),
        fact("germany", PEAK, (1.11, "FfE, 2024"), None),
        fact(
            "germany",
            WORTHLESS,
            (0.052, "FfE, 457 hours of 2024"),
            why(
                0.0,
                1.0,
                "stores, neighbours and hydro take what is over; nobody is paid to run",
            ),
        ),
        fact("germany", Co2, (0.276, GOOGLE), None),
        fact("germany", Mix("wind"), (0.33, ISE), None),
        fact("germany", Mix("coal"), (0.23, ISE), None),
        fact(
            "germany",
            Mix("solar"),
            (0.145, ISE),
            why(
                1.0,
                1.8,
                "113 GW of 2025 with their own use, there 2024 without",
            ),
        ),
        fact("germany", Mix("gas"), (0.117, ISE), None),
        fact("germany", Mix("biomass"), (0.087, ISE), None),
        fact("germany", Mix("hydro"), (0.053, ISE), None),
    ]
}

fn ireland_and_the_north() -> Vec<Fact> {
    vec![
        fact("ireland", Price, (118.0, "FfE, 109 EUR, 2024"), None),
        fact(
            "ireland",
            Co2,
            (0.291, OWID),
            why(
                0.5,
                1.0,
                "the last coal plant closed in 2025; life cycles counted there",
            ),
        ),
        fact("ireland", Mix("gas"), (0.50, OWID), None),
        fact("ireland", Mix("wind"), (0.36, OWID), None),
        fact("ireland", Mix("hydro"), (0.03, OWID), None),
        fact("nordics", Price, (44.0, "FfE, 36 to 50 EUR, 2024"), None),
        fact(
            "nordics",
            WORTHLESS,
            (0.11, "ENTSO-E, Finland to September 2024"),
            why(
                0.0,
                1.0,
                "water stores what is over: one zone without its northern lines",
            ),
        ),
        fact(
            "nordics",
            Co2,
            (0.039, "Google, Finland, 2024"),
            why(0.0, 1.0, "peat, waste and life cycles are not counted here"),
        ),
        fact("nordics", Mix("hydro"), (0.43, OWID), None),
        fact("nordics", Mix("nuclear"), (0.28, OWID), None),
        fact(
            "nordics",
            Mix("wind"),
            (0.18, OWID),
            why(0.9, 1.6, "turbines built since 2023, in Finland above all"),
        ),
    ]
}

fn india_and_brazil() -> Vec<Fact> {
    vec![
        fact(
            "india",
            Co2,
            (0.713, OWID),
            why(0.6, 1.0, "sun built since 2023; life cycles counted there"),
        ),
        fact("india", Mix("coal"), (0.752, OWID), None),
        fact("india", Mix("hydro"), (0.076, OWID), None),
        fact(
            "india",
            Mix("solar"),
            (0.058, OWID),
            why(1.2, 2.4, "127 GW stand in 2025, about 73 in 2023"),
        ),
        fact(
            "brazil",
            Co2,
            (0.067, "Google, Sao Paulo, 2024"),
            why(
                0.1,
                1.0,
                "a dry year there, a mean one here; cane burns nothing here",
            ),
        ),
        fact("brazil", Mix("hydro"), (0.605, OWID), None),
        fact(
            "brazil",
            Mix("wind"),
            (0.134, OWID),
            why(1.0, 1.5, "turbines built since 2023"),
        ),
        fact(
            "brazil",
            Mix("solar"),
            (0.073, OWID),
            why(1.3, 2.3, "panels on roofs and those built since 2023"),
        ),
    ]
}

fn china_and_the_gulf() -> Vec<Fact> {
    vec![
        fact(
            "china",
            Co2,
            (0.582, OWID),
            why(
                0.5,
                1.0,
                "sun and wind built since 2023; life cycles counted there",
            ),
        ),
        fact(
            "china",
            Mix("coal"),
            (0.607, OWID),
            why(0.7, 1.0, "sun and wind built since 2023"),
        ),
        fact("china", Mix("hydro"), (0.132, OWID), None),
        fact("china", Mix("nuclear"), (0.046, OWID), None),
        fact(
            "china",
            Mix("wind"),
            (0.094, OWID),
            why(1.0, 1.8, "turbines built since 2023"),
        ),
        fact(
            "china",
            Mix("solar"),
            (0.062, OWID),
            why(1.5, 3.0, "1,130 GW stand in 2025, about 610 in 2023"),
        ),
        fact(
            "gulf",
            Co2,
            (0.561, "OWID, Emirates, 2022"),
            why(0.2, 1.0, "two reactors and 5 GW of sun came after 2022"),
        ),
    ]
}
