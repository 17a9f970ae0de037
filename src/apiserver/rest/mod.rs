//! The verbs, one file each, for all kinds: kinds are data ([`crate::api::KINDS`]).
//!
//! Calls are synchronous and touch the disk: async callers use [`Rest::run`]. Whatever reads before it
//! writes does so under one lock.

mod account;
mod blocking;
mod class;
mod create;
mod delete;
mod evict;
mod list;
mod metadata;
mod patch;
mod pod;
mod scale;
mod scratch;
mod selection;
mod server;
mod service;
mod subresource;
mod token;
mod update;
mod watch;

#[cfg(test)]
mod tests;

pub use server::{Config, Guard, Rest};
pub use subresource::Subresource;
pub use token::issuer;
