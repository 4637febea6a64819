//! `solve dispatch` against PyPSA and HiGHS, against another solver of linear programs, and
//! against its own promises.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};
use serde_json::Value;
use wattflop::kernels::{Luck, Stream};
use wattflop::market::grid::case::compile;
use wattflop::market::grid::network::{
    Answer, Build, Corridor, Network, Region, Reserve, Store, Unit,
};
use wattflop::market::grid::solution::clear;
use wattflop::scenario::Decode;
use wattflop::scenario::load::load_surveyed_as;
use wattflop::scenario::solve::dispatch::{DispatchCase, Survey};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn network(path: &Path) -> Network {
    let mut survey = Survey::default();
    let loaded = load_surveyed_as::<DispatchCase>(
        path,
        &[],
        |_| Vec::new(),
        &mut |tree, texts, problems| survey.read(path, tree, texts, problems),
    );
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    assert!(loaded.warnings.is_empty(), "{}", path.display());
    compile(&DispatchCase::decode(&loaded.tree), &survey)
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap().iter();
    list.map(|number| number.as_f64().unwrap()).collect()
}

fn near(found: f64, wanted: f64, relative: f64, what: &str) {
    let distance = (found - wanted).abs() / wanted.abs().max(1.0);
    assert!(distance <= relative, "{what}: {found} against {wanted}");
}

/// Every MWh of load is delivered, within every limit.
fn balanced(network: &Network, answer: &Answer, what: &str) {
    for hour in 0..network.hours {
        for (at, region) in network.regions.iter().enumerate() {
            let mut rest = answer.unserved_mw[at][hour] - region.load_mw[hour];
            for (unit, output) in network.units.iter().zip(&answer.output_mw) {
                if unit.region == at {
                    rest += output[hour];
                    assert!(output[hour] >= -1e-6, "{what}");
                }
            }
            for (corridor, flow) in network.corridors.iter().zip(&answer.flow_mw) {
                rest += f64::from(i8::from(corridor.to == at)) * flow[hour];
                rest -= f64::from(i8::from(corridor.from == at)) * flow[hour];
                assert!(flow[hour] <= corridor.forward_mw + 1e-6, "{what}");
                assert!(-flow[hour] <= corridor.reverse_mw + 1e-6, "{what}");
            }
            for (index, store) in network.stores.iter().enumerate() {
                if store.region == at {
                    rest += answer.discharge_mw[index][hour] - answer.charge_mw[index][hour];
                }
            }
            assert!(rest.abs() < 1e-5, "{what} hour {hour}: {rest} MW");
        }
    }
}

#[test]
fn the_reference_grids_are_met() {
    let folder = root().join("tests/truth/grid");
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let expected = expected.as_object().unwrap();
    assert_eq!(expected.len(), 13);
    for (name, truth) in expected {
        let network = network(&folder.join(format!("{name}.yaml")));
        let answer = clear(&network).unwrap();
        assert!(answer.approximate.is_empty(), "{name}: {answer:?}");
        let objective = truth["objective_usd"].as_f64().unwrap();
        near(answer.objective_usd(&network), objective, 1e-9, name);
        balanced(&network, &answer, name);
        let mut open = 0;
        for (region, prices) in truth["regions"]
            .as_array()
            .unwrap()
            .iter()
            .zip(truth["prices"].as_array().unwrap())
        {
            let at = (network.regions.iter()).position(|known| known.name == *region);
            let at = at.unwrap();
            for (hour, price) in numbers(prices).into_iter().enumerate() {
                let low = answer.price_low_usd_per_mwh[at][hour];
                let high = answer.price_high_usd_per_mwh[at][hour];
                let what = format!("{name} {region} {hour}: {price} in {low} to {high}");
                assert!(low - 1e-6 <= price && price <= high + 1e-6, "{what}");
                open += usize::from(high - low > 1e-6);
            }
        }
        // An interval that is always wide would hold any price.
        let count = network.hours * network.regions.len();
        assert!(
            open * 10 < count,
            "{name}: {open} of {count} prices are open"
        );
        if !truth["co2_t"].is_null() {
            let co2 = numbers(&truth["co2_t"]);
            near(answer.co2_t(&network), co2.iter().sum(), 1e-9, name);
            // With a store equal hours can be charged in any order, only their sum is given.
            if network.stores.is_empty() {
                for (hour, co2) in co2.into_iter().enumerate() {
                    let regions = 0..network.regions.len();
                    let found: f64 = regions.map(|at| answer.burden(&network, at, hour).0).sum();
                    near(found, co2, 1e-8, name);
                }
            }
        }
    }
}

fn stream(name: &str) -> Stream {
    let luck = Luck {
        seed: 20_251_103,
        draw: 0,
        luck: 0,
    };
    luck.stream("test", name)
}

/// Whole numbers from low to high.
struct Dice {
    stream: Stream,
    thrown: u64,
}

impl Dice {
    fn whole(&mut self, low: i32, high: i32) -> i32 {
        self.thrown += 1;
        let uniform = self.stream.uniform(0, self.thrown as u32);
        low + (uniform * f64::from(high - low + 1)) as i32
    }

    fn number(&mut self, low: i32, high: i32) -> f64 {
        f64::from(self.whole(low, high))
    }
}

fn unit(region: usize, capacity_mw: f64, cost: f64, hours: usize) -> Unit {
    Unit {
        name: "unit".to_owned(),
        region,
        capacity_mw,
        availability_share: vec![1.0; hours],
        cost_usd_per_mwh: cost,
        co2_t_per_mwh: 0.5,
        water_m3_per_mwh: 1.0,
        build: None,
    }
}

fn random_network(dice: &mut Dice, hours: usize) -> Network {
    let regions = dice.whole(1, 5) as usize;
    let mut network = Network {
        hours,
        hours_weight: 1.0,
        voll_usd_per_mwh: Some(1_000.0),
        ..Network::default()
    };
    for region in 0..regions {
        network.regions.push(Region {
            name: format!("r{region}"),
            load_mw: (0..hours).map(|_| dice.number(0, 20)).collect(),
        });
        for _ in 0..dice.whole(0, 5) {
            let mut new = unit(region, dice.number(0, 12), dice.number(-3, 20) * 5.0, hours);
            for share in &mut new.availability_share {
                *share = dice.number(0, 4) / 4.0;
            }
            network.units.push(new);
        }
    }
    for name in 0..dice.whole(0, 7) {
        let from = dice.whole(0, regions as i32 - 1) as usize;
        let to = dice.whole(0, regions as i32 - 1) as usize;
        if from != to {
            network.corridors.push(Corridor {
                name: format!("l{name}"),
                from,
                to,
                forward_mw: dice.number(0, 8),
                reverse_mw: dice.number(0, 8),
            });
        }
    }
    network
}

/// The same grid as rows of another solver; returns its objective without building.
fn oracle(network: &Network) -> f64 {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut balance: Vec<Vec<(Variable, f64)>> = Vec::new();
    for hour in 0..network.hours {
        let start = balance.len();
        for region in &network.regions {
            let most = region.load_mw[hour];
            let shed = problem.add_var(network.voll_usd_per_mwh.unwrap(), (0.0, most));
            balance.push(vec![(shed, 1.0)]);
        }
        for unit in &network.units {
            let most = unit.capacity_mw * unit.availability_share[hour];
            let output = problem.add_var(unit.cost_usd_per_mwh, (0.0, most));
            balance[start + unit.region].push((output, 1.0));
        }
        for line in &network.corridors {
            let flow = problem.add_var(0.0, (-line.reverse_mw, line.forward_mw));
            balance[start + line.from].push((flow, -1.0));
            balance[start + line.to].push((flow, 1.0));
        }
    }
    let regions = network.regions.len();
    for store in &network.stores {
        let mut levels: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); network.hours];
        for hour in 0..network.hours {
            let charge = problem.add_var(0.0, (0.0, store.power_mw));
            let discharge = problem.add_var(store.cost_usd_per_mwh, (0.0, store.power_mw));
            let level = problem.add_var(0.0, (0.0, store.energy_mwh));
            balance[hour * regions + store.region].extend([(charge, -1.0), (discharge, 1.0)]);
            let out = 1.0 / store.discharge_efficiency;
            levels[hour].extend([
                (charge, store.charge_efficiency),
                (discharge, -out),
                (level, -1.0),
            ]);
            levels[(hour + 1) % network.hours].push((level, 1.0));
        }
        for level in &levels {
            problem.add_constraint(level, ComparisonOp::Eq, 0.0);
        }
    }
    for (index, row) in balance.iter().enumerate() {
        let load = network.regions[index % regions].load_mw[index / regions];
        problem.add_constraint(row, ComparisonOp::Eq, load);
    }
    let solution = problem.solve().unwrap().into_solution().unwrap();
    solution.objective()
}

#[test]
fn two_thousand_random_networks_equal_a_linear_program() {
    let mut dice = Dice {
        stream: stream("networks"),
        thrown: 0,
    };
    let (mut traded, mut short, mut negative) = (0, 0, 0);
    for case in 0..2_000 {
        let what = format!("network {case}");
        let network = random_network(&mut dice, 1);
        let answer = clear(&network).unwrap();
        assert!(answer.approximate.is_empty(), "{what}");
        balanced(&network, &answer, &what);
        let objective = oracle(&network);
        near(answer.objective_usd(&network), objective, 1e-9, &what);
        // Loads and capacities are quarters: within 0.01 MW no block and no line ends.
        let step = 0.01;
        let region = dice.whole(0, network.regions.len() as i32 - 1) as usize;
        let mut moved = network.clone();
        moved.regions[region].load_mw[0] += step;
        let high = (oracle(&moved) - objective) / step;
        near(answer.price_high_usd_per_mwh[region][0], high, 1e-6, &what);
        if network.regions[region].load_mw[0] > 0.0 {
            moved.regions[region].load_mw[0] -= 2.0 * step;
            let low = (objective - oracle(&moved)) / step;
            near(answer.price_low_usd_per_mwh[region][0], low, 1e-6, &what);
        }
        traded += usize::from(answer.flow_mw.iter().any(|flow| flow[0] != 0.0));
        short += usize::from(answer.unserved_mwh() > 0.0);
        negative += usize::from(answer.price_high_usd_per_mwh[region][0] < 0.0);
    }
    // The sample must contain what it is for.
    assert!(
        traded > 500 && short > 300 && negative > 40,
        "{traded} {short} {negative}"
    );
}

#[test]
fn random_stores_equal_a_linear_program() {
    let mut dice = Dice {
        stream: stream("stores"),
        thrown: 0,
    };
    for case in 0..150 {
        let what = format!("stores {case}");
        let mut network = random_network(&mut dice, 6);
        for region in 0..network.regions.len() {
            network.stores.push(Store {
                name: "store".to_owned(),
                region,
                power_mw: dice.number(0, 6),
                energy_mwh: dice.number(0, 15),
                charge_efficiency: dice.number(16, 20) / 20.0,
                discharge_efficiency: dice.number(16, 20) / 20.0,
                cost_usd_per_mwh: dice.number(0, 2),
                initial_mwh: None,
            });
        }
        let answer = clear(&network).unwrap();
        assert!(answer.approximate.is_empty(), "{what}");
        balanced(&network, &answer, &what);
        near(
            answer.objective_usd(&network),
            oracle(&network),
            1e-9,
            &what,
        );
    }
}

/// A year of hours with a store and free entry, by whole numbers only.
fn year() -> Network {
    let mut state: u64 = 12_345;
    let mut next = move || {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        ((state >> 8) % 1_000) as f64 / 1_000.0
    };
    let hours = 8_760;
    let (mut load, mut wind, mut sun) = (Vec::new(), Vec::new(), Vec::new());
    let mut air = 0.4;
    for hour in 0..hours {
        let clock = (hour % 24) as f64;
        let is_late = f64::from(u8::from(clock >= 3.0));
        let evening = is_late * (12.0 - (clock - 15.0).abs());
        load.push(9_000.0 + 150.0 * evening + 2_000.0 * next());
        air = 0.9 * air + 0.1 * next();
        wind.push(air);
        let height = (36.0 - (clock - 12.0) * (clock - 12.0)) / 40.0;
        let is_day = clock > 6.0 && clock < 18.0;
        sun.push(if is_day {
            height * (0.5 + 0.5 * next())
        } else {
            0.0
        });
    }
    let entrant = |cost: f64, annual: f64, max_mw: f64, share: Option<Vec<f64>>| {
        let mut new = unit(0, 0.0, cost, hours);
        new.availability_share = share.unwrap_or(new.availability_share);
        new.build = Some(Build {
            annual_cost_usd_per_mw: annual,
            max_mw,
        });
        new
    };
    Network {
        hours,
        hours_weight: 1.0,
        voll_usd_per_mwh: Some(5_000.0),
        regions: vec![Region {
            name: "A".to_owned(),
            load_mw: load,
        }],
        units: vec![
            unit(0, 4_000.0, 9.3, hours),
            entrant(31.7, 110_000.0, 1e9, None),
            entrant(58.9, 60_000.0, 1e9, None),
            entrant(0.0, 130_000.0, 6_000.0, Some(wind)),
            entrant(0.5, 70_000.0, 1e9, Some(sun)),
        ],
        stores: vec![Store {
            name: "store".to_owned(),
            region: 0,
            power_mw: 1_000.0,
            energy_mwh: 4_000.0,
            charge_efficiency: 0.95,
            discharge_efficiency: 0.95,
            cost_usd_per_mwh: 0.2,
            initial_mwh: None,
        }],
        ..Network::default()
    }
}

#[test]
fn a_year_with_entry_and_a_store_equals_highs() {
    let network = year();
    let answer = clear(&network).unwrap();
    // HiGHS 1.15.1 needs 10.9 s for it.
    near(
        answer.objective_usd(&network),
        2_697_236_813.275794,
        1e-9,
        "year",
    );
    balanced(&network, &answer, "year");
    for (at, unit) in network.units.iter().enumerate() {
        if let (Some(build), true) = (unit.build, answer.built_mw[at] > 1.0) {
            // Free entry leaves no profit; at its limit it may.
            let rent = answer.rent_usd_per_mw[at];
            if answer.built_mw[at] < build.max_mw {
                near(rent, build.annual_cost_usd_per_mw, 1e-9, "rent");
            } else {
                assert!(rent >= build.annual_cost_usd_per_mw);
            }
        }
    }
}

#[test]
fn reserve_takes_capacity_from_energy() {
    let mut network = Network {
        hours: 1,
        hours_weight: 1.0,
        voll_usd_per_mwh: Some(5_000.0),
        regions: vec![Region {
            name: "A".to_owned(),
            load_mw: vec![90.0],
        }],
        units: vec![unit(0, 100.0, 20.0, 1), unit(0, 100.0, 50.0, 1)],
        ..Network::default()
    };
    let alone = clear(&network).unwrap();
    assert_eq!(alone.price_high_usd_per_mwh[0][0], 20.0);
    network.reserves.push(Reserve {
        region: 0,
        demand: vec![(30.0, 700.0), (10.0, 5.0)],
        offers: vec![(0, 40.0)],
    });
    let held = clear(&network).unwrap();
    // Thirty megawatts of the cheap unit stand still; its loss of 30 USD is the price of reserve.
    near(held.output_mw[0][0], 70.0, 1e-9, "cheap");
    near(held.output_mw[1][0], 20.0, 1e-9, "dear");
    near(held.price_high_usd_per_mwh[0][0], 50.0, 1e-9, "energy");
    near(held.reserve_price_usd_per_mwh[0][0], 30.0, 1e-9, "reserve");
    let objective = 70.0 * 20.0 + 20.0 * 50.0 - 30.0 * 700.0;
    near(held.objective_usd(&network), objective, 1e-9, "objective");
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wattflop"))
        .args(["solve", "dispatch"])
        .args(arguments)
        .output()
        .unwrap()
}

fn scratch(name: &str) -> PathBuf {
    let folder = format!("wattflop-dispatch-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let split = |line: &str| line.split(',').map(str::to_owned).collect();
    text.lines().map(split).collect()
}

#[test]
fn the_command_writes_what_the_library_finds() {
    let file = root().join("tests/truth/grid/s8_all_together.yaml");
    let network = network(&file);
    let answer = clear(&network).unwrap();
    let folder = scratch("tables");
    let output = run(&[file.to_str().unwrap(), "--out", folder.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(shown["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(shown["hours"], 72);
    assert_eq!(shown["approximate"], Value::Array(Vec::new()));
    near(
        shown["objective_usd"].as_f64().unwrap(),
        answer.objective_usd(&network),
        1e-15,
        "sum",
    );
    let prices = rows(&folder.join("prices.csv"));
    assert_eq!(prices.len(), 1 + 72 * 3);
    for row in &prices[1..] {
        let (hour, region) = (row[0].parse::<usize>().unwrap(), &row[1]);
        let at = network
            .regions
            .iter()
            .position(|known| known.name == *region)
            .unwrap();
        // The same bits, and −0 as 0.
        let bits = |text: &str| text.parse::<f64>().unwrap().to_bits();
        let wanted = |value: f64| (value + 0.0).to_bits();
        assert_eq!(
            bits(&row[2]),
            wanted(answer.price_low_usd_per_mwh[at][hour])
        );
        assert_eq!(
            bits(&row[3]),
            wanted(answer.price_high_usd_per_mwh[at][hour])
        );
        assert_eq!(
            bits(&row[4]),
            wanted(answer.reserve_price_usd_per_mwh[at][hour])
        );
    }
    let count = |name: &str| rows(&folder.join(name)).len() - 1;
    assert_eq!(count("dispatch.csv"), 72 * (network.units.len() + 3));
    assert_eq!(count("flows.csv"), 72 * 3);
    assert_eq!(count("storage.csv"), 72 * 3);
    assert_eq!(count("emissions.csv"), 72 * 3);
    assert_eq!(count("build.csv"), 12);
}

#[test]
fn every_mistake_is_shown_at_once_with_its_place() {
    let folder = scratch("bad");
    std::fs::write(folder.join("l.csv"), "hour,A\n0,1\n1,x\n").unwrap();
    let week: Vec<String> = (0..168).map(|hour| hour.to_string()).collect();
    let text = format!(
        "grid:\n  regions:\n    A:\n      load_mw: [{}]\n      generators:\n        \
         a: {{ capacity_mw: -5, marginal_cost_usd_per_mwh: 1 }}\n    B: {{ load_mw: [{}] }}\n    \
         C:\n      load_mw: {{ csv: l.csv, column: A }}\n      generators: {{ c: {{ \
         capacity_mw: 1, marginal_cost_usd_per_mwh: 1, avilability: 1 }} }}\n      storage: {{ \
         s: {{ power_mw: 1, energy_mwh: 1, charge_efficiency: 1.05 }} }}\n  corridors: {{ x: {{ \
         from: A, to: Z, capacity_mw: 1 }} }}\n",
        week.join(", "),
        week[1..].join(", "),
    );
    let file = folder.join("bad.yaml");
    std::fs::write(&file, text).unwrap();
    let output = run(&[file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    for (words, place) in [
        ("capacity_mw: -5", "bad.yaml:6:"),
        ("167 hours", "bad.yaml:7:"),
        ("no generator", "bad.yaml:7:5"),
        ("`x` in `A` is not a number", "l.csv:3:3"),
        ("avilability", "bad.yaml:10:"),
        ("charge_efficiency: 1.05", "bad.yaml:11:"),
        ("`Z` is not one of `grid.regions`", "bad.yaml:12:"),
    ] {
        assert!(text.contains(words), "{words}\n{text}");
        assert!(text.contains(place), "{place}\n{text}");
    }
}

#[test]
fn load_without_supply_is_shed_or_refused_never_a_panic() {
    let folder = scratch("short");
    let grid = |voll: &str, extra: &str| {
        format!(
            "grid:\n  {voll}\n  regions:\n    A:\n      load_mw: [90, 120]\n      generators: {{ \
             g: {{ capacity_mw: 100, marginal_cost_usd_per_mwh: 20 }} }}\n{extra}"
        )
    };
    let store = "      storage: { s: { power_mw: 5, energy_mwh: 5 } }\n";
    for (name, extra) in [("lone", ""), ("store", store)] {
        let file = folder.join(format!("{name}.yaml"));
        let out = folder.join(format!("out_{name}"));
        std::fs::write(&file, grid("voll_usd_per_mwh: 3000", extra)).unwrap();
        let output = run(&[file.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
        let unserved = if extra.is_empty() { 20.0 } else { 15.0 };
        near(
            shown["unserved_mwh"].as_f64().unwrap(),
            unserved,
            1e-9,
            name,
        );
        std::fs::write(&file, grid("carbon_price_usd_per_t: 0", extra)).unwrap();
        let output = run(&[file.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            text.contains("region `A` cannot be served in hours 1"),
            "{text}"
        );
        assert!(text.contains("voll_usd_per_mwh"), "{text}");
    }
}

#[test]
fn shipped_questions_are_answered_and_documented() {
    let page = std::fs::read_to_string(root().join("docs/solve.md")).unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("scenarios/solve")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("dispatch_") && name.ends_with(".yaml") {
            count += 1;
            assert!(page.contains(&name), "docs/solve.md does not show {name}");
            let network = network(&path);
            let answer = clear(&network).unwrap();
            assert!(answer.approximate.is_empty(), "{name}");
            balanced(&network, &answer, &name);
        }
    }
    assert!(count >= 6, "an example per feature");
}
