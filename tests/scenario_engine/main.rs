//! The scenario engine on a small schema of its own: messages, layers, policies, hostile files.

mod hostile;
mod layers;
mod messages;
mod policies;
mod printing;
mod toy;
