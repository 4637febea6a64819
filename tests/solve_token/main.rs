//! `solve token`: every preset replayed, books that balance, and the flaws of drafts found.

mod chance;
mod figures;
mod files;
mod replay;
