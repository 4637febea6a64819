//! Names become small numbers once, when the scenario is compiled; a column knows its own key.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A key of a [`Table`]: a position in the order of names.
pub trait Id: Copy + Eq + Ord + std::fmt::Debug {
    fn new(index: usize) -> Self;
    fn index(self) -> usize;
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
        pub struct $name(pub u16);
        impl Id for $name {
            fn new(index: usize) -> Self {
                Self(u16::try_from(index).expect("fewer than 65,536 entries of one kind"))
            }
            fn index(self) -> usize {
                usize::from(self.0)
            }
        }
    )*};
}

id! {
    /// A place with a grid, tariffs, climate and jurisdiction.
    RegionId,
    /// A group of regions and buyers between which latency is low.
    AreaId,
    /// An accelerator product.
    ChipId,
    /// A chip designer.
    MakerId,
    /// A firm that owns data centres.
    OperatorId,
    /// A decentralised protocol.
    NetworkId,
    /// A network outside the market.
    ClosedNetworkId,
    /// An open marketplace of independent providers without a token.
    MarketplaceId,
    /// A kind of hardware that independent providers own.
    HardwareId,
    /// Owners of one hardware in one region.
    CellId,
    /// A population of buyers.
    SegmentId,
    /// One segment's buyers in one area.
    PopulationId,
    /// Seller × chip class × tier × area.
    OfferId,
    /// A named event of the scenario.
    ShockId,
}

/// A column keyed by its own id: a `RegionId` cannot index chips.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<I, T> {
    rows: Vec<T>,
    id: PhantomData<I>,
}

impl<I: Id, T> Table<I, T> {
    pub fn from_vec(rows: Vec<T>) -> Self {
        Self {
            rows,
            id: PhantomData,
        }
    }
    /// A column of `len` equal values.
    pub fn filled(len: usize, value: T) -> Self
    where
        T: Clone,
    {
        Self::from_vec(vec![value; len])
    }
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
    pub fn ids(&self) -> impl Iterator<Item = I> + use<I, T> {
        (0..self.rows.len()).map(I::new)
    }
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.rows
            .iter()
            .enumerate()
            .map(|(index, row)| (I::new(index), row))
    }
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (I, &mut T)> {
        self.rows
            .iter_mut()
            .enumerate()
            .map(|(index, row)| (I::new(index), row))
    }
    pub fn values(&self) -> &[T] {
        &self.rows
    }
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.rows
    }
    pub fn push(&mut self, row: T) -> I {
        self.rows.push(row);
        I::new(self.rows.len() - 1)
    }
}

impl<I: Id, T> FromIterator<T> for Table<I, T> {
    fn from_iter<K: IntoIterator<Item = T>>(rows: K) -> Self {
        Self::from_vec(rows.into_iter().collect())
    }
}

impl<I: Id, T> Default for Table<I, T> {
    fn default() -> Self {
        Self::from_vec(Vec::new())
    }
}

impl<I: Id, T> Index<I> for Table<I, T> {
    type Output = T;
    fn index(&self, id: I) -> &T {
        &self.rows[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for Table<I, T> {
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.rows[id.index()]
    }
}

/// The names behind the ids of one collection, in byte order.
#[derive(Clone, Debug, Default)]
pub struct NameList {
    names: Vec<String>,
}

impl NameList {
    pub fn new<'a>(names: impl Iterator<Item = &'a String>) -> Self {
        let mut names: Vec<String> = names.cloned().collect();
        names.sort();
        Self { names }
    }
    pub fn len(&self) -> usize {
        self.names.len()
    }
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
    pub fn find<I: Id>(&self, name: &str) -> Option<I> {
        self.names
            .binary_search_by(|probe| probe.as_str().cmp(name))
            .ok()
            .map(I::new)
    }
    /// The id of a name that the check has already found to exist.
    pub fn id<I: Id>(&self, name: &str) -> I {
        self.find(name)
            .unwrap_or_else(|| panic!("`{name}` was not found after the check"))
    }
    pub fn name<I: Id>(&self, id: I) -> &str {
        &self.names[id.index()]
    }
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}
