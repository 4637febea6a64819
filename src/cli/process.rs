//! What the system says about this process: its time on a processor and its memory.

/// Seconds that this thread has spent on a processor; only Linux says so in a file.
pub fn processor_s() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let spent_ns: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(spent_ns * 1e-9)
}

/// The most memory that the process has held, in megabytes.
pub fn most_memory_mb() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024.0 * 1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_time_and_memory_where_the_system_tells() {
        let Some(before) = processor_s() else { return };
        let mut words = vec![1_u64; 4_000_000];
        for pass in 0..40 {
            for word in &mut words {
                *word = word.rotate_left(7) ^ pass;
            }
        }
        assert!(words.iter().any(|word| *word != 1));
        let spent = processor_s().unwrap_or(0.0) - before;
        assert!(spent > 1e-4, "{spent}");
        assert!(most_memory_mb().is_some_and(|mb| mb > 32.0));
    }
}
