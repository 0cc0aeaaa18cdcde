//! What each Apache module does about a request. Phases call modules, modules never call each other.

pub(crate) mod access_compat;
pub(crate) mod alias;
pub(crate) mod allowmethods;
pub(crate) mod auth_basic;
pub(crate) mod authn_anon;
pub(crate) mod authn_core;
pub(crate) mod authn_file;
pub(crate) mod authz_core;
pub(crate) mod authz_groupfile;
pub(crate) mod authz_host;
pub(crate) mod authz_user;
pub(crate) mod core;
pub(crate) mod env;
pub(crate) mod error_document;
pub(crate) mod headers;
pub(crate) mod http;
pub mod log_config;
pub(crate) mod pages;
pub(crate) mod proxy;
pub(crate) mod proxy_answer;
pub(crate) mod proxy_http;
pub(crate) mod proxy_servlet;
pub(crate) mod proxy_wstunnel;
pub(crate) mod rewrite;
pub(crate) mod setenvif;
pub(crate) mod ssl;
