//! Columns of words, each distinct word stored once.

use std::collections::BTreeMap;

/// Text stored once per distinct word; rows hold codes in order of first appearance.
#[derive(Clone, Debug, Default)]
pub struct Text {
    codes: Vec<u32>,
    words: Vec<String>,
    code_of: BTreeMap<String, u32>,
}

impl Text {
    pub fn push(&mut self, word: &str) {
        let code = match self.code_of.get(word) {
            Some(code) => *code,
            None => {
                let code = self.words.len() as u32;
                self.words.push(word.to_string());
                self.code_of.insert(word.to_string(), code);
                code
            }
        };
        self.codes.push(code);
    }

    pub fn get(&self, row: usize) -> &str {
        &self.words[self.codes[row] as usize]
    }

    pub fn len(&self) -> usize {
        self.codes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.codes
            .iter()
            .map(|code| self.words[*code as usize].as_str())
    }

    /// Distinct words in order of first appearance.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// One code per row: the position of its word in `words`.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// Rebuilds a column from its dictionary; `None` when a code has no word or a word repeats.
    pub fn from_codes(codes: Vec<u32>, words: Vec<String>) -> Option<Text> {
        let mut code_of = BTreeMap::new();
        for (code, word) in words.iter().enumerate() {
            if code_of.insert(word.clone(), code as u32).is_some() {
                return None;
            }
        }
        let known = words.len();
        codes
            .iter()
            .all(|code| (*code as usize) < known)
            .then_some(Text {
                codes,
                words,
                code_of,
            })
    }

    pub(super) fn constant(word: &str, rows: usize) -> Text {
        let mut text = Text::default();
        if rows > 0 {
            text.push(word);
            text.codes.resize(rows, 0);
        }
        text
    }

    pub(super) fn picked(&self, rows: &[usize]) -> Text {
        let mut text = Text::default();
        let mut new_code: Vec<Option<u32>> = vec![None; self.words.len()];
        for row in rows {
            let old = self.codes[*row] as usize;
            match new_code[old] {
                Some(code) => text.codes.push(code),
                None => {
                    text.push(&self.words[old]);
                    new_code[old] = text.codes.last().copied();
                }
            }
        }
        text
    }

    /// Appends another column; each of its words is looked up once.
    pub(super) fn extend(&mut self, other: &Text) {
        let rows = self.codes.len();
        other.words.iter().for_each(|word| self.push(word));
        let new_code = self.codes.split_off(rows);
        self.codes
            .extend(other.codes.iter().map(|code| new_code[*code as usize]));
    }

    /// The place of each word in alphabetical order, by code.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![0; self.words.len()];
        for (rank, code) in self.code_of.values().enumerate() {
            ranks[*code as usize] = rank as u32;
        }
        ranks
    }
}

/// Equal words in equal order; the dictionary's order does not matter.
impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}
