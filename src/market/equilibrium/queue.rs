//! Waiting for one of several servers (E13, M/M/c).

/// Chance that an arrival waits (Erlang C) for `servers` under an offered load in servers; 1
/// where the load is the servers' or more.
pub fn erlang_c(servers: u32, offered: f64) -> f64 {
    let c = f64::from(servers);
    if offered >= c {
        return 1.0;
    }
    let mut blocked = 1.0;
    for k in 1..=servers {
        let load = offered * blocked;
        blocked = load / (f64::from(k) + load);
    }
    blocked / (1.0 - offered / c * (1.0 - blocked))
}

/// Mean wait in units of the mean job; infinite where the load is the servers' or more.
pub fn mean_wait_jobs(servers: u32, offered: f64) -> f64 {
    let idle = f64::from(servers) - offered;
    if idle <= 0.0 {
        return f64::INFINITY;
    }
    erlang_c(servers, offered) / idle
}
