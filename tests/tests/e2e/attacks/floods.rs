//! More of something than anyone needs.
