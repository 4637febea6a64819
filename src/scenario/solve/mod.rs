//! Files that ask one part of the model a question, without the rest of the economy.

pub mod dispatch;
pub mod prices;
pub mod series;
pub mod token;
