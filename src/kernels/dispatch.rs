//! Which vector instructions to use: chosen once, forced by `WATTFLOP_SIMD` for bug reports.

use std::sync::OnceLock;

/// A level of vector instructions. The level changes the speed, never the result.
#[derive(Clone, Copy, Debug)]
pub enum Level {
    /// The plain loops that define the results.
    Scalar,
    /// Explicit vectors of the given instruction set.
    Vector(fearless_simd::Level),
}

impl Level {
    /// The level of this process: `WATTFLOP_SIMD` (scalar, sse2, sse4.2, avx2, avx512) if this
    /// machine has it, otherwise the best there is.
    pub fn chosen() -> Self {
        static CHOSEN: OnceLock<Level> = OnceLock::new();
        *CHOSEN.get_or_init(|| {
            let wanted = std::env::var("WATTFLOP_SIMD").unwrap_or_default();
            Self::named(&wanted).unwrap_or_else(Self::best)
        })
    }

    /// The best level of this machine.
    pub fn best() -> Self {
        Level::Vector(fearless_simd::Level::new())
    }

    /// A level by name, if this machine has it.
    pub fn named(name: &str) -> Option<Self> {
        Self::available()
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, level)| level)
    }

    /// The name that [`Level::named`] understands, for manifests and benchmarks.
    pub fn name(self) -> &'static str {
        use fearless_simd::Level as Set;
        match self {
            Level::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Level::Vector(Set::Sse2(_)) => "sse2",
            #[cfg(target_arch = "x86_64")]
            Level::Vector(Set::Sse4_2(_)) => "sse4.2",
            #[cfg(target_arch = "x86_64")]
            Level::Vector(Set::Avx2(_)) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Level::Vector(Set::Avx512(_)) => "avx512",
            Level::Vector(_) => "vector",
        }
    }

    /// Every level this machine can run, slowest first.
    pub fn available() -> Vec<(&'static str, Self)> {
        let mut levels = vec![("scalar", Level::Scalar)];
        let best = fearless_simd::Level::new();
        #[cfg(target_arch = "x86_64")]
        {
            use fearless_simd::Level as Set;
            levels.extend(
                best.as_sse2()
                    .map(|set| ("sse2", Level::Vector(Set::Sse2(set)))),
            );
            levels.extend(
                best.as_avx2()
                    .map(|set| ("avx2", Level::Vector(Set::Avx2(set)))),
            );
            levels.extend(
                best.as_avx512()
                    .map(|set| ("avx512", Level::Vector(Set::Avx512(set)))),
            );
        }
        #[cfg(not(target_arch = "x86_64"))]
        levels.push(("vector", Level::Vector(best)));
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_levels() {
        for (name, level) in Level::available() {
            assert_eq!(level.name(), name);
            assert_eq!(Level::named(name).map(Level::name), Some(name));
        }
        assert!(Level::named("").is_none() && Level::named("mmx").is_none());
        assert_eq!(
            Level::available().last().map(|last| last.0),
            Some(Level::best().name())
        );
    }
}
