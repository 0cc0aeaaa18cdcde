//! Tables for the parsers, and conversations through a gate and a real hyper.

mod bodies;
mod conversations;
mod heads;
mod slow;
