//! Places with a grid, tariffs, climate and jurisdiction.
use crate::record;
record! {
    /// A group of regions and buyers between which latency is low.
    pub struct Area {
    }
    /// A way of making electricity.
    pub struct Technology {
    }
    /// A place.
    pub struct Region {
        /// The area it belongs to.
        pub area: String => reference("areas");
        /// Law that holds there.
        pub jurisdiction: String;
    }
    /// How grids, weather and tariffs behave everywhere.
    pub struct GridRules {
    }
}
