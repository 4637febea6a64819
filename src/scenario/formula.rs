//! Formulas of designers: numbers, names, + − × ÷, powers and a few functions, read once and
//! evaluated every week.
//!
//! A formula that divides by nothing or leaves the numbers is worth 0, so that a run goes on;
//! what cannot be read is an error of the check, with the place in the text.

use crate::kernels::math;

/// What a formula may name, in the order of [`Values`].
pub const NAMES: [&str; 12] = [
    "week",
    "supply_tokens",
    "circulating_tokens",
    "minted_tokens",
    "burnt_tokens",
    "burnt_tokens_per_week",
    "bonded_share",
    "price_usd",
    "fees_usd_per_week",
    "devices",
    "utilisation_share",
    "treasury_tokens",
];
/// The values of [`NAMES`].
pub type Values = [f64; NAMES.len()];

/// Nesting beyond which a formula is refused.
const DEEPEST: u32 = 64;

/// A formula, read.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    Number(f64),
    Name(usize),
    Negative(Box<Formula>),
    Binary(char, Box<Formula>, Box<Formula>),
    Call(Function, Vec<Formula>),
}

/// A function that formulas may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Min,
    Max,
    Exp,
    Ln,
    Sqrt,
    /// The second value where the first is above 0, otherwise the third.
    If,
}

const FUNCTIONS: [(&str, Function, usize); 6] = [
    ("min", Function::Min, 2),
    ("max", Function::Max, 2),
    ("exp", Function::Exp, 1),
    ("ln", Function::Ln, 1),
    ("sqrt", Function::Sqrt, 1),
    ("if", Function::If, 3),
];

impl Formula {
    /// Reads a formula; the message says where it breaks off.
    pub fn read(text: &str) -> Result<Formula, String> {
        let mut reader = Reader {
            text: text.as_bytes(),
            at: 0,
            depth: 0,
        };
        let formula = reader.sum()?;
        match reader.peek() {
            None => Ok(formula),
            Some(_) => Err(reader.wrong("here the formula should end")),
        }
    }

    /// The formula's value; 0 where it is not a number.
    pub fn value(&self, values: &Values) -> f64 {
        let value = self.raw(values);
        if value.is_finite() { value } else { 0.0 }
    }

    fn raw(&self, values: &Values) -> f64 {
        match self {
            Formula::Number(number) => *number,
            Formula::Name(slot) => values[*slot],
            Formula::Negative(inner) => -inner.raw(values),
            Formula::Binary(sign, left, right) => {
                let (left, right) = (left.raw(values), right.raw(values));
                match sign {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    '/' => left / right,
                    _ => math::pow(left, right),
                }
            }
            Formula::Call(function, inputs) => {
                let input = |slot: usize| inputs.get(slot).map_or(0.0, |input| input.raw(values));
                let (first, second) = (input(0), input(1));
                match function {
                    Function::Min => {
                        if first < second {
                            first
                        } else {
                            second
                        }
                    }
                    Function::Max => {
                        if first > second {
                            first
                        } else {
                            second
                        }
                    }
                    Function::Exp => math::exp(first),
                    Function::Ln => math::ln(first),
                    Function::Sqrt => first.sqrt(),
                    Function::If => {
                        if first > 0.0 {
                            second
                        } else {
                            input(2)
                        }
                    }
                }
            }
        }
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
}

impl Reader<'_> {
    fn wrong(&self, message: &str) -> String {
        format!("{message} (character {})", self.at + 1)
    }

    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let is_next = self.peek() == Some(wanted);
        self.at += usize::from(is_next);
        is_next
    }

    fn sum(&mut self) -> Result<Formula, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("the formula is nested too deeply"));
        }
        let mut left = self.product()?;
        while let Some(sign @ (b'+' | b'-')) = self.peek() {
            self.at += 1;
            let right = self.product()?;
            left = Formula::Binary(char::from(sign), Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Result<Formula, String> {
        let mut left = self.power()?;
        while let Some(sign @ (b'*' | b'/')) = self.peek() {
            self.at += 1;
            let right = self.power()?;
            left = Formula::Binary(char::from(sign), Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn power(&mut self) -> Result<Formula, String> {
        if self.take(b'-') {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(self.wrong("the formula is nested too deeply"));
            }
            let inner = self.power()?;
            self.depth -= 1;
            return Ok(Formula::Negative(Box::new(inner)));
        }
        let base = self.atom()?;
        if self.take(b'^') {
            let exponent = self.power()?;
            return Ok(Formula::Binary('^', Box::new(base), Box::new(exponent)));
        }
        Ok(base)
    }

    fn atom(&mut self) -> Result<Formula, String> {
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                let inner = self.sum()?;
                if self.take(b')') {
                    Ok(inner)
                } else {
                    Err(self.wrong("a `)` is missing"))
                }
            }
            Some(first) if first.is_ascii_digit() || first == b'.' => self.number(),
            Some(first) if first.is_ascii_alphabetic() => self.name(),
            Some(_) => Err(self.wrong("a number, a name or `(` should stand here")),
            None => Err(self.wrong("the formula breaks off")),
        }
    }

    fn number(&mut self) -> Result<Formula, String> {
        let start = self.at;
        let mut last = b' ';
        while let Some(&byte) = self.text.get(self.at) {
            let signed = matches!(byte, b'+' | b'-') && matches!(last, b'e' | b'E');
            if !(byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'e' | b'E') || signed) {
                break;
            }
            (last, self.at) = (byte, self.at + 1);
        }
        let text: String = (self.text[start..self.at].iter())
            .filter(|byte| **byte != b'_')
            .map(|byte| char::from(*byte))
            .collect();
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Formula::Number(number)),
            _ => Err(self.wrong(&format!("`{text}` is no number"))),
        }
    }

    fn name(&mut self) -> Result<Formula, String> {
        let start = self.at;
        while (self.text.get(self.at)).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            self.at += 1;
        }
        let name: String = (self.text[start..self.at].iter())
            .map(|byte| char::from(*byte))
            .collect();
        if let Some((_, function, inputs)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) {
            return self.call(&name, *function, *inputs);
        }
        if let Some(slot) = NAMES.iter().position(|known| *known == name) {
            return Ok(Formula::Name(slot));
        }
        let names = NAMES.join(", ");
        Err(self.wrong(&format!("`{name}` is not known; there are {names}")))
    }

    fn call(&mut self, name: &str, function: Function, inputs: usize) -> Result<Formula, String> {
        if !self.take(b'(') {
            return Err(self.wrong(&format!("`{name}` needs its values in brackets")));
        }
        let mut values = vec![self.sum()?];
        while self.take(b',') {
            values.push(self.sum()?);
        }
        if !self.take(b')') {
            return Err(self.wrong("a `)` is missing"));
        }
        if values.len() != inputs {
            let message = format!("`{name}` takes {inputs} values, not {}", values.len());
            return Err(self.wrong(&message));
        }
        Ok(Formula::Call(function, values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> f64 {
        let mut values: Values = [0.0; NAMES.len()];
        values[0] = 10.0;
        values[7] = 0.5;
        Formula::read(text).unwrap().value(&values)
    }

    #[test]
    fn formulas_follow_the_rules_of_arithmetic() {
        assert_eq!(value("1 + 2*3 - 4/2"), 5.0);
        assert_eq!(value("-(1+2)*2"), -6.0);
        assert_eq!(value("2^3^2"), 512.0);
        assert_eq!(value("min(3, week) + max(price_usd, 2)"), 5.0);
        assert_eq!(value("if(week - 9, 1e3, 2)"), 1000.0);
        assert_eq!(value("sqrt(16) + exp(0) + ln(1)"), 5.0);
        assert_eq!(value("1_000 * 1.5e-3"), 1.5);
    }

    #[test]
    fn what_is_no_number_is_nothing() {
        assert_eq!(value("1/0"), 0.0);
        assert_eq!(value("ln(-1)"), 0.0);
        assert_eq!(value("1e300 * 1e300"), 0.0);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        for (text, part) in [
            ("1 +", "breaks off"),
            ("2 x", "should end"),
            ("wek * 2", "`wek` is not known"),
            ("min(1)", "takes 2"),
            ("(1", "`)` is missing"),
            ("1..2", "no number"),
            ("", "breaks off"),
        ] {
            let message = Formula::read(text).unwrap_err();
            assert!(
                message.contains(part) && message.contains("character"),
                "{message}"
            );
        }
        assert!(Formula::read(&"(".repeat(10_000)).is_err());
        assert!(Formula::read(&"-".repeat(10_000)).is_err());
    }
}
