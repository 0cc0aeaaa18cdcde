//! What has gone wrong in proxies of this kind, one test for each; docs/security.md is the table.

mod answers;
mod hosts;
mod mapping;
mod requests;
