//! What a reader sees: charts as SVG and PNG, and one offline page that holds them.

pub mod palette;
pub mod words;

#[cfg(feature = "charts")]
pub mod bars;
#[cfg(feature = "charts")]
pub mod chart;
#[cfg(feature = "charts")]
pub mod dots;
#[cfg(feature = "charts")]
pub mod labels;
#[cfg(feature = "charts")]
pub mod lettering;
#[cfg(feature = "charts")]
pub mod marks;
#[cfg(feature = "charts")]
pub mod paint;
#[cfg(feature = "charts")]
pub mod panels;
#[cfg(feature = "charts")]
pub mod scale;
#[cfg(feature = "charts")]
pub mod scene;
