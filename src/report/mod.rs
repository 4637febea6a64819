//! What a reader sees: charts as SVG and PNG, and one offline page that holds them.

pub mod palette;
pub mod words;
pub mod measures;
pub mod evidence;
pub mod style;
pub mod html;
pub mod dossier;

#[cfg(feature = "charts")]
pub mod bars;
#[cfg(feature = "charts")]
pub mod chart;
#[cfg(feature = "charts")]
pub mod dots;
#[cfg(feature = "charts")]
pub mod flows;
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
#[cfg(feature = "charts")]
pub mod charts;
#[cfg(feature = "charts")]
mod concentration;
#[cfg(feature = "charts")]
mod hardware;
#[cfg(feature = "charts")]
mod money;
#[cfg(feature = "charts")]
mod networks;
#[cfg(feature = "charts")]
pub mod policies;
#[cfg(feature = "charts")]
mod power;
#[cfg(feature = "charts")]
mod prices;
#[cfg(feature = "charts")]
mod year;
#[cfg(feature = "charts")]
mod drivers;
#[cfg(feature = "charts")]
mod winners;
#[cfg(feature = "charts")]
mod changed;
#[cfg(feature = "charts")]
pub mod story;
#[cfg(feature = "charts")]
pub mod answer;
