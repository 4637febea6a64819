//! Alarms among the events of runs: who raised which, under which policy, in how many runs.

use super::columns::Table;
use crate::market::alarms::meaning;

/// One alarm of one network under one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub policy: String,
    pub kind: String,
    pub entity: String,
    /// Runs in which it was raised.
    pub runs: usize,
    /// First week of the earliest of them.
    pub week: i64,
}

impl Alarm {
    /// What it says, in words.
    pub fn meaning(&self) -> &'static str {
        meaning(&self.kind).unwrap_or_default()
    }
}

/// Every alarm of a table of events, by policy, network and kind.
pub fn alarms(events: &Table) -> Vec<Alarm> {
    let mut found: Vec<Alarm> = Vec::new();
    let columns = (
        events.text("policy"),
        events.text("kind"),
        events.text("entity"),
        events.counts("week"),
    );
    let (Some(policies), Some(kinds), Some(entities), Some(weeks)) = columns else {
        return found;
    };
    for (row, &week) in weeks.iter().enumerate() {
        let (policy, kind, entity) = (policies.get(row), kinds.get(row), entities.get(row));
        if meaning(kind).is_none() {
            continue;
        }
        let same = |known: &&mut Alarm| {
            known.policy == policy && known.kind == kind && known.entity == entity
        };
        match found.iter_mut().find(same) {
            Some(known) => {
                known.runs += 1;
                known.week = known.week.min(week);
            }
            None => found.push(Alarm {
                policy: policy.to_owned(),
                kind: kind.to_owned(),
                entity: entity.to_owned(),
                runs: 1,
                week,
            }),
        }
    }
    found.sort_by(|a, b| {
        let key = |alarm: &Alarm| {
            (
                alarm.policy.clone(),
                alarm.entity.clone(),
                alarm.kind.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_are_counted_and_other_events_are_none() {
        let mut events = Table::new("events");
        for (policy, week, kind, entity) in [
            ("dead", 9_i64, "leaving_never_happens", "toy"),
            ("dead", 7, "leaving_never_happens", "toy"),
            ("dead", 3, "shock", "drought"),
            ("live", 2, "token_insolvent", "toy"),
        ] {
            let row = [
                ("policy", policy.into()),
                ("week", week.into()),
                ("kind", kind.into()),
                ("entity", entity.into()),
            ];
            events.push_row(&row).unwrap();
        }
        let found = alarms(&events);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].runs, found[0].week), (2, 7));
        assert!(found[0].meaning().contains("nobody has ever left"));
    }
}
