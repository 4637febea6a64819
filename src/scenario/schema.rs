//! What a scenario may contain. Types declare themselves once (see [`record!`](crate::record));
//! check, `explain`, the JSON schema and the audit all read the same declaration.

/// The form of a value, known from the Rust type that receives it.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Number,
    Integer,
    Text,
    Flag,
    Date,
    /// Map of dates to numbers.
    Series,
    /// One number for every hour or period, a list of numbers, or a column of a CSV file.
    Numbers,
    /// A map of dotted paths to new values.
    Patch,
    Choice(&'static Choice),
    Tagged(&'static Tagged),
    Record(&'static Record),
    List(&'static Shape),
    Map(Names, &'static Shape),
    Optional(&'static Shape),
}

/// What the keys of a map may be.
#[derive(Clone, Copy, Debug)]
pub enum Names {
    /// Any name; the entry exists because it is named.
    Free,
    Choice(&'static Choice),
    Date,
    /// A dotted path into the tree.
    Path,
}

#[derive(Debug)]
pub struct Record {
    pub name: &'static str,
    pub doc: &'static str,
    pub fields: &'static [Field],
}

#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub doc: &'static str,
    pub shape: Shape,
    pub rule: Rule,
}

#[derive(Debug)]
pub struct Choice {
    pub name: &'static str,
    pub doc: &'static str,
    pub options: &'static [(&'static str, &'static str)],
}

#[derive(Debug)]
pub struct Tagged {
    pub name: &'static str,
    pub doc: &'static str,
    pub variants: &'static [Field],
}

impl Shape {
    /// The shape without `Option`.
    pub fn inner(self) -> Shape {
        match self {
            Shape::Optional(inner) => inner.inner(),
            shape => shape,
        }
    }
}

impl Record {
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Tagged {
    pub fn variant(&self, name: &str) -> Option<&'static Field> {
        self.variants.iter().find(|field| field.name == name)
    }
}

/// What a field adds to the shape of its type. It holds for the leaves of lists and maps too.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Hard range, inclusive.
    pub range: Option<(f64, f64)>,
    /// Hard range of whole numbers, inclusive.
    pub whole_range: Option<(i128, i128)>,
    /// Outside it the user is warned.
    pub plausible: Option<(f64, f64)>,
    pub default: Default,
    /// A text must name an entry of the collection at this path.
    pub reference: Option<&'static str>,
    /// The keys of this map must name entries of the collection at this path.
    pub keys: Option<&'static str>,
}

/// What stands in for an absent field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// Nothing: the field is required (unless its type is an `Option`).
    Required,
    Number(f64),
    Integer(i128),
    Text(&'static str),
    Flag(bool),
    /// An empty map or list, or a record made of its own defaults.
    Empty,
}

impl Rule {
    pub const NONE: Rule = Rule {
        range: None,
        whole_range: None,
        plausible: None,
        default: Default::Required,
        reference: None,
        keys: None,
    };

    pub const fn rule(self) -> Rule {
        self
    }
}

impl Field {
    pub fn is_optional(&self) -> bool {
        matches!(self.shape, Shape::Optional(_))
    }

    pub fn is_required(&self) -> bool {
        self.rule.default == Default::Required && !self.is_optional()
    }
}

macro_rules! builder {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(Rule);

        impl $name {
            pub const fn rule(self) -> Rule {
                self.0
            }

            /// The keys of the map must name entries of the collection at `path`.
            pub const fn keys(mut self, path: &'static str) -> Self {
                self.0.keys = Some(path);
                self
            }

            /// An absent map or list is empty; an absent record is made of its own defaults.
            pub const fn empty(mut self) -> Self {
                self.0.default = Default::Empty;
                self
            }
        }
    };
}

builder!(
    /// Rule of a real number.
    NumberRule
);
builder!(
    /// Rule of a whole number.
    IntegerRule
);
builder!(
    /// Rule of a text, a choice or a date.
    TextRule
);
builder!(
    /// Rule of yes or no.
    FlagRule
);

/// A real number in `low..=high`, in the unit that ends its name.
pub const fn number(low: f64, high: f64) -> NumberRule {
    NumberRule(Rule {
        range: Some((low, high)),
        ..Rule::NONE
    })
}

/// A whole number in `low..=high`.
pub const fn integer(low: i128, high: i128) -> IntegerRule {
    IntegerRule(Rule {
        whole_range: Some((low, high)),
        ..Rule::NONE
    })
}

/// Any text; also gives a choice or a date its default.
pub const fn text() -> TextRule {
    TextRule(Rule::NONE)
}

/// The name of an entry of the collection at `path`, for example `chips.makers`.
pub const fn reference(path: &'static str) -> TextRule {
    TextRule(Rule {
        reference: Some(path),
        ..Rule::NONE
    })
}

/// `true` or `false`.
pub const fn flag() -> FlagRule {
    FlagRule(Rule::NONE)
}

/// Adds to a record, map or list what its type cannot say: `typed().empty()`.
pub const fn typed() -> TextRule {
    TextRule(Rule::NONE)
}

impl NumberRule {
    pub const fn plausible(mut self, low: f64, high: f64) -> Self {
        self.0.plausible = Some((low, high));
        self
    }

    pub const fn default(mut self, value: f64) -> Self {
        self.0.default = Default::Number(value);
        self
    }
}

impl IntegerRule {
    pub const fn plausible(mut self, low: f64, high: f64) -> Self {
        self.0.plausible = Some((low, high));
        self
    }

    pub const fn default(mut self, value: i128) -> Self {
        self.0.default = Default::Integer(value);
        self
    }
}

impl TextRule {
    pub const fn default(mut self, value: &'static str) -> Self {
        self.0.default = Default::Text(value);
        self
    }
}

impl FlagRule {
    pub const fn default(mut self, value: bool) -> Self {
        self.0.default = Default::Flag(value);
        self
    }
}
