use super::*;
use crate::kernels::Luck;
use crate::scenario::load::load_text_as;
use crate::scenario::types::Scenario;

fn model() -> Model {
    let luck = Luck {
        seed: 42,
        draw: 0,
        luck: 0,
    };
    let text = "question: What does power cost?\nbase: catalog/2025-11.yaml\n";
    let loaded = load_text_as::<Scenario>("grid", text, &[], |_| Vec::new());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    Model::compile(&loaded.scenario(None), luck)
}

const T: [(&str, f64); 14] = [
    ("us_virginia", 51.75),
    ("us_midwest", 40.0),
    ("us_texas", 35.0),
    ("us_southeast", 39.0),
    ("us_california", 38.0),
    ("us_northwest", 42.0),
    ("ireland", 118.0),
    ("nordics", 44.0),
    ("germany", 86.0),
    ("gulf", 30.0),
    ("india", 50.0),
    ("china_east", 52.0),
    ("china_west", 38.0),
    ("brazil", 42.0),
];

#[test]
fn calibrate() {
    let mut model = model();
    for r in 0..14 {
        model.grid.regions.values_mut()[r].facts.offer_markup_share = 0.1;
    }
    let iters = 25;
    for step in 0..iters {
        let start = std::time::Instant::now();
        let mut grid = Grid::open(&model, &mut Books::new(&model.accounts));
        let open = start.elapsed();
        let conditions = Conditions::calm(&model);
        let mut scratch = GridScratch::default();
        let loads: Vec<ComputeLoad> = model
            .grid
            .regions
            .values()
            .iter()
            .map(|r| {
                let it = opening_data_centre_mw(r) * (1.0 - r.facts.other_data_centre_share)
                    / r.facts.pue;
                ComputeLoad {
                    operator_it_mw: it * 0.5,
                    internal_it_mw: it * 0.5,
                    value_usd_per_mwh: 1400.0,
                    internal_value_usd_per_mwh: 1400.0,
                    ..Default::default()
                }
            })
            .collect();
        let n = 14;
        let (
            mut e,
            mut s,
            mut worst,
            mut sc,
            mut un,
            mut co2,
            mut mco2,
            mut wat,
            mut won,
            mut pue,
            mut cur,
        ) = (
            vec![0.0; n],
            vec![0.0; n],
            vec![0.0f64; n],
            vec![0.0; n],
            vec![0.0; n],
            vec![0.0; n],
            vec![0.0; n],
            vec![0.0; n],
            vec![0.0; n],
            vec![0.0; n],
            vec![0.0; n],
        );
        let mut mix = vec![0.0; model.grid.fleets.len()];
        let start = std::time::Instant::now();
        for number in 0..52 {
            let week = Week {
                number,
                model: &model,
            };
            grid.clear(&week, &conditions, &loads, &mut scratch)
                .unwrap();
            for (r, st) in grid.regions.values().iter().enumerate() {
                e[r] += st.load_mw;
                s[r] += st.load_mw * st.wholesale_usd_per_mwh;
                worst[r] = worst[r].max(st.wholesale_worst_usd_per_mwh);
                sc[r] += st.scarcity_hours;
                un[r] += st.unserved_mwh;
                co2[r] += st.co2_average_t_per_mwh / 52.0;
                mco2[r] += st.co2_marginal_t_per_mwh / 52.0;
                wat[r] += st.water_off_site_m3_per_mwh / 52.0;
                won[r] += st.water_on_site_m3_per_mwh_it / 52.0;
                pue[r] += st.pue / 52.0;
                cur[r] += st.curtailed_share[0] / 52.0;
            }
            for (m, o) in mix.iter_mut().zip(&grid.fleets.output_mwh) {
                *m += o;
            }
        }
        let time = start.elapsed();
        for (name, target) in T {
            let id: RegionId = model.names.regions.id(name);
            let r = id.index();
            let p = s[r] / e[r];
            if step == iters - 1 {
                let st = &grid.regions[id];
                println!(
                    "{name:14} p {p:7.2} target {target:6.2} markup {:.3} open {:.1} worstweek {:.0} scarceh {:.0} unserved {:.0} cur {:.5} co2 {:.3} marg {:.3} off {:.2} on {:.2} pue {:.3} margin {:.3} cap {:.0} load {:.0} dc {:.0}",
                    model.grid.regions[id].facts.offer_markup_share,
                    grid.regions[id].memory.regulated_usd_per_mwh,
                    worst[r],
                    sc[r],
                    un[r],
                    cur[r],
                    co2[r],
                    mco2[r],
                    wat[r],
                    won[r],
                    pue[r],
                    st.reserve_margin_share,
                    st.capacity_price_usd_per_mw_day,
                    e[r] / 52.0,
                    st.data_centre_mw
                );
                let total: f64 = model.grid.regions[id].fleets.clone().map(|a| mix[a]).sum();
                let range = model.grid.regions[id].fleets.clone();
                let line: Vec<String> = range
                    .map(|a| {
                        let f = &model.grid.fleets[a];
                        let rent = grid.fleets.rent_usd_per_mw_year[a] / 1e3;
                        let ann = f
                            .annuity_usd_per_mw_year(
                                0.068,
                                model.grid.regions[id].facts.build_cost_ratio,
                            )
                            .unwrap_or(0.0)
                            / 1e3;
                        format!(
                            "{} {:.1}% cf{:.2} rent{:.0}/{:.0}",
                            f.name.split('/').nth(1).unwrap(),
                            100.0 * mix[a] / total,
                            mix[a] / 52.0 / 168.0 / f.facts.capacity_mw,
                            rent,
                            ann
                        )
                    })
                    .collect();
                println!("     {}", line.join(", "));
                println!(
                    "     wires {:?}",
                    grid.regions[id].memory.wires_usd_per_mwh.map(|x| x.round())
                );
            } else {
                let f = &mut model.grid.regions[id].facts.offer_markup_share;
                *f = ((1.0 + *f) * (target / p).powf(0.7) - 1.0).clamp(-0.6, 3.0);
            }
        }
        if step == iters - 1 {
            println!("open {open:?} 52 weeks {time:?}");
        }
    }
    for (name, _) in T {
        let id: RegionId = model.names.regions.id(name);
        println!(
            "MK {name} {:.3}",
            model.grid.regions[id].facts.offer_markup_share
        );
    }
}
