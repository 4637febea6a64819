//! Philox against its published answers, and streams against what chance must look like.

use rand::RngExt;
use wattflop::kernels::{Key, Luck, random::philox};

const LUCK: Luck = Luck {
    seed: 42,
    draw: 0,
    luck: 0,
};

#[test]
fn philox_meets_its_known_answers() {
    // Random123, then four rows of (seed, agent, step, replication, stream and block).
    let rows: [([u32; 4], [u32; 2], [u32; 4]); 7] = [
        (
            [0; 4],
            [0; 2],
            [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
        ),
        (
            [u32::MAX; 4],
            [u32::MAX; 2],
            [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
        ),
        (
            [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
            [0xa4093822, 0x299f31d0],
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
        ),
        (
            [0, 0, 0, 1 << 16],
            [42, 0],
            [0x610ce4e4, 0x7fd5c499, 0xd49de68f, 0xf70f1e6e],
        ),
        (
            [7, 3, 1, 1 << 16],
            [42, 0],
            [0xd776d6d0, 0x81f999d5, 0x2a9ede6b, 0xa696f412],
        ),
        (
            [7, 3, 1, 2 << 16 | 1],
            [42, 0],
            [0x444b1eb6, 0x2e4049ae, 0x978791b9, 0xcb22bbbe],
        ),
        (
            [4095, 59, 199, 1 << 16],
            [0x9abcdef0, 0x12345678],
            [0x21aeeacf, 0x41f73198, 0xe5a6317c, 0x67379eb6],
        ),
    ];
    for (counter, key, words) in rows {
        assert_eq!(philox(counter, key), words, "{counter:x?}");
    }
}

#[test]
fn every_part_of_an_address_changes_the_words() {
    let stream = LUCK.stream("outage", "us_east");
    let words = stream.words(5, 9);
    assert_eq!(words, LUCK.stream("outage", "us_east").words(5, 9));
    let others = [
        LUCK.stream("outage", "us_west").words(5, 9),
        LUCK.stream("weather", "us_east").words(5, 9),
        Luck { seed: 43, ..LUCK }
            .stream("outage", "us_east")
            .words(5, 9),
        Luck { draw: 1, ..LUCK }
            .stream("outage", "us_east")
            .words(5, 9),
        Luck { luck: 1, ..LUCK }
            .stream("outage", "us_east")
            .words(5, 9),
        stream.words(6, 9),
        stream.words(5, 10),
    ];
    for other in others {
        assert_ne!(words, other);
    }
    assert_ne!(Key::new(1, "ab", "c"), Key::new(1, "a", "bc"));
    assert_ne!(Key::new(1, "a", "b"), Key::new(1, "b", "a"));
}

#[test]
fn many_numbers_are_the_single_numbers() {
    let stream = LUCK.stream("weather", "nordic");
    for length in [0, 1, 7, 8, 9, 167, 168, 5040] {
        let mut normals = vec![f64::NAN; length];
        stream.normals(11, &mut normals);
        for (row, normal) in normals.iter().enumerate() {
            assert_eq!(normal.to_bits(), stream.normal(row as u32, 11).to_bits());
        }
        let mut uniforms = vec![f64::NAN; length];
        stream.uniforms(12, &mut uniforms);
        for (row, uniform) in uniforms.iter().enumerate() {
            assert_eq!(uniform.to_bits(), stream.uniform(row as u32, 12).to_bits());
        }
    }
}

#[test]
fn pairs_are_the_single_normal_and_the_other_two_words() {
    let stream = LUCK.stream("candidates", "toy");
    for length in [0, 1, 8, 9, 167] {
        let (mut normals, mut uniforms) = (vec![f64::NAN; length], vec![f64::NAN; length]);
        stream.normals_and_uniforms(11, &mut normals, &mut uniforms);
        for (row, (normal, uniform)) in normals.iter().zip(&uniforms).enumerate() {
            assert_eq!(normal.to_bits(), stream.normal(row as u32, 11).to_bits());
            let [_, _, low, high] = stream.words(row as u32, 11);
            let bits = u64::from(high) << 32 | u64::from(low);
            let expected = ((bits >> 12) as f64 + 0.5) / 4_503_599_627_370_496.0;
            assert_eq!(uniform.to_bits(), expected.to_bits());
        }
    }
}

#[test]
fn moments_and_correlations_are_those_of_chance() {
    let rows = 400_000_u32;
    let n = f64::from(rows);
    let (this, other) = (LUCK.stream("a", "x"), LUCK.stream("a", "y"));
    let mut sums = [0.0; 8];
    for row in 0..rows {
        let (z, u) = (this.normal(row, 0), this.uniform(row, 1));
        assert!((0.0..1.0).contains(&u));
        let partners = [
            other.normal(row, 0),
            this.normal(row, 1),
            this.normal(row + 1, 0),
        ];
        let terms = [z, z * z, z * z * z * z, u - 0.5, (u - 0.5) * (u - 0.5)];
        for (sum, term) in sums.iter_mut().zip(terms) {
            *sum += term / n;
        }
        for (sum, partner) in sums[5..].iter_mut().zip(partners) {
            *sum += z * partner / n;
        }
    }
    let expected = [0.0, 1.0, 3.0, 0.0, 1.0 / 12.0, 0.0, 0.0, 0.0];
    let deviations = [1.0, 1.42, 9.8, 0.289, 0.0745, 1.0, 1.0, 1.0];
    for (index, sum) in sums.into_iter().enumerate() {
        let error = (sum - expected[index]) / deviations[index] * n.sqrt();
        assert!(
            error.abs() < 4.0,
            "moment {index}: {sum}, {error} standard errors"
        );
    }
}

#[test]
fn uniforms_fill_the_interval_evenly() {
    let stream = LUCK.stream("b", "z");
    let mut values = Vec::from_iter((0..100_000).map(|row| stream.uniform(row, 3)));
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let mut gap: f64 = 0.0;
    for (rank, value) in values.iter().enumerate() {
        gap = gap.max((value - rank as f64 / n).abs());
    }
    // Kolmogorov–Smirnov: exceeded with probability 1e-4.
    assert!(gap * n.sqrt() < 2.23, "{gap}");
}

#[test]
fn rand_draws_from_a_stream() {
    let stream = LUCK.stream("population", "cell");
    let mut sequence = stream.sequence(0);
    let first: u32 = sequence.random();
    assert_eq!(first, stream.words(0, 0)[0]);
    let mean = (0..20_000).map(|_| sequence.random::<f64>()).sum::<f64>() / 20_000.0;
    assert!((mean - 0.5).abs() < 0.01, "{mean}");
}
