//! The tree a scenario file becomes: scalars keep their text, and every key and value keeps the
//! place it was written, through all merging.

/// Index of a text in [`Texts`](crate::scenario::Texts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextId(pub u16);

impl TextId {
    /// Filled in from the schema's defaults.
    pub const DEFAULT: TextId = TextId(u16::MAX);
    /// Set by the program, for example one draw of an uncertain number.
    pub const COMPUTED: TextId = TextId(u16::MAX - 1);
}

/// Where a key or a value stands. Lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub text: TextId,
    pub line: u32,
    pub column: u32,
    /// Characters to underline.
    pub length: u32,
}

impl Place {
    pub const DEFAULT: Place = Place {
        text: TextId::DEFAULT,
        line: 0,
        column: 0,
        length: 0,
    };
    pub const COMPUTED: Place = Place {
        text: TextId::COMPUTED,
        line: 0,
        column: 0,
        length: 0,
    };
}

#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub name: String,
    pub at: Place,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    /// The schema decides whether the text is a number, a date or a name: `no` stays a name.
    Scalar {
        text: String,
        quoted: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub value: Value,
    pub at: Place,
}

/// What a field that is absent decodes from.
pub static ABSENT: Node = Node {
    value: Value::Null,
    at: Place::DEFAULT,
};

impl Node {
    pub fn new(value: Value, at: Place) -> Node {
        Node { value, at }
    }

    pub fn scalar(text: impl Into<String>, at: Place) -> Node {
        Node::new(
            Value::Scalar {
                text: text.into(),
                quoted: false,
            },
            at,
        )
    }

    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// Entries of a map; empty for anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|(key, _)| key.name == name)
            .map(|(_, node)| node)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        match &mut self.value {
            Value::Map(entries) => entries
                .iter_mut()
                .find(|(key, _)| key.name == name)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// The field, or [`ABSENT`].
    pub fn field(&self, name: &str) -> &Node {
        self.get(name).unwrap_or(&ABSENT)
    }

    /// Walks names; `None` where one is missing.
    pub fn find(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    /// A scalar's text. A fact (`{ value: …, source: … }`) answers with its value.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            Value::Map(_) => self.get("value").and_then(Node::text),
            _ => None,
        }
    }
}

/// Reads a decimal number: underscores between digits and exponents are allowed; hexadecimal,
/// infinities and not-a-number are not.
pub fn parse_number(text: &str) -> Option<f64> {
    let plain = strip_underscores(text)?;
    let first = plain.trim_start_matches(['+', '-']).chars().next()?;
    if !(first.is_ascii_digit() || first == '.') {
        return None;
    }
    plain
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
}

/// Reads a whole number exactly; `1e6` and `25.0` are whole too.
pub fn parse_integer(text: &str) -> Option<i128> {
    let plain = strip_underscores(text)?;
    if let Ok(number) = plain.parse::<i128>() {
        return Some(number);
    }
    let number = parse_number(text)?;
    let exact = number.abs() <= 9_007_199_254_740_992.0 && number == number.trunc();
    exact.then_some(number as i128)
}

fn strip_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        let digit = |j: usize| bytes.get(j).is_some_and(u8::is_ascii_digit);
        if *byte == b'_' && !(i > 0 && digit(i - 1) && digit(i + 1)) {
            return None;
        }
    }
    Some(text.replace('_', ""))
}
