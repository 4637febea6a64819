//! The value hash: blake3 over our own columns, so that equal results are equal text.
//!
//! Everything is length-prefixed: table name, row count, then per column its name, its type
//! and its little-endian values, with rows in ascending order of `luck`, `week` and the key
//! columns (all text columns except `date`). `policy` and `draw` label a hash and are left
//! out of it, so a policy that changes nothing has the hash of its reference. Parquet bytes
//! are not promised; these are.

use super::columns::{Data, Table};

/// One hash over several tables, taken in order of their names.
pub fn value_hash(tables: &[&Table]) -> blake3::Hash {
    let mut ordered: Vec<&&Table> = tables.iter().collect();
    ordered.sort_by(|left, right| left.name.cmp(&right.name));
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"wattflop values 1");
    for table in ordered {
        feed(&mut hasher, table);
    }
    hasher.finalize()
}

/// The rows of a table in the order that the hash takes them.
pub fn canonical(table: &Table) -> Table {
    let mut keys = vec!["policy", "draw", "luck", "week"];
    for column in table.columns() {
        let name = column.name.as_str();
        if matches!(column.data, Data::Text(_)) && name != "date" && name != "policy" {
            keys.push(name);
        }
    }
    table.sorted_by(&keys)
}

fn feed(hasher: &mut blake3::Hasher, table: &Table) {
    let table = canonical(table);
    text(hasher, &table.name);
    count(hasher, table.rows());
    for column in table.columns() {
        if column.name == "policy" || column.name == "draw" {
            continue;
        }
        text(hasher, &column.name);
        text(hasher, column.data.type_name());
        match &column.data {
            Data::F64(values) => {
                let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
                hasher.update(&bytes);
            }
            Data::I64(values) => {
                let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
                hasher.update(&bytes);
            }
            Data::Text(words) => {
                let mut bytes = Vec::new();
                for word in words.iter() {
                    bytes.extend_from_slice(&(word.len() as u64).to_le_bytes());
                    bytes.extend_from_slice(word.as_bytes());
                }
                hasher.update(&bytes);
            }
        }
    }
}

fn text(hasher: &mut blake3::Hasher, words: &str) {
    count(hasher, words.len());
    hasher.update(words.as_bytes());
}

fn count(hasher: &mut blake3::Hasher, number: usize) {
    hasher.update(&(number as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(i64, &str, f64)]) -> Table {
        let mut table = Table::new("offers");
        for (week, offer, price) in rows {
            let row = [
                ("week", (*week).into()),
                ("offer", (*offer).into()),
                ("price_usd_per_h", (*price).into()),
            ];
            table.push_row(&row).unwrap();
        }
        table
    }

    #[test]
    fn order_of_rows_tables_and_words_does_not_matter() {
        let one = table(&[(0, "a", 1.0), (0, "b", 2.0), (1, "a", 3.0)]);
        let two = table(&[(1, "a", 3.0), (0, "b", 2.0), (0, "a", 1.0)]);
        assert_eq!(value_hash(&[&one]), value_hash(&[&two]));
        let mut weekly = one.clone();
        weekly.name = "weekly".to_string();
        assert_eq!(value_hash(&[&one, &weekly]), value_hash(&[&weekly, &two]));
    }

    #[test]
    fn every_value_name_and_type_counts() {
        let base = table(&[(0, "a", 1.0), (1, "ab", 2.0)]);
        let hash = value_hash(&[&base]);
        let next_up = f64::from_bits(1.0_f64.to_bits() + 1);
        assert_ne!(
            hash,
            value_hash(&[&table(&[(0, "a", next_up), (1, "ab", 2.0)])])
        );
        assert_ne!(
            hash,
            value_hash(&[&table(&[(0, "aa", 1.0), (1, "b", 2.0)])])
        );
        assert_ne!(
            hash,
            value_hash(&[&table(&[(0, "a", 1.0), (2, "ab", 2.0)])])
        );
        let mut renamed = base.clone();
        renamed.name = "regions".to_string();
        assert_ne!(hash, value_hash(&[&renamed]));
        let zero = value_hash(&[&table(&[(0, "a", 0.0)])]);
        assert_ne!(zero, value_hash(&[&table(&[(0, "a", -0.0)])]));
    }

    #[test]
    fn policy_and_draw_are_labels_and_luck_is_not() {
        let base = table(&[(0, "a", 1.0)]);
        let hash = |policy, draw, luck| value_hash(&[&base.stamped(policy, draw, luck).unwrap()]);
        assert_eq!(hash("none", 0, 0), hash("floor", 7, 0));
        assert_ne!(hash("none", 0, 0), hash("none", 0, 1));
    }
}
