//! Stable service addresses, load balanced in the kernel with nftables.
//!
//! [`observe`] selects Services and EndpointSlices from a view, [`translate`] makes [`ir::Rules`] of them, [`diff`] finds
//! what changed, [`render`] shows it as `nft` would, [`message`] as the kernel takes it, [`apply`] commits it.

pub mod apply;
pub mod conntrack;
pub mod diff;
pub mod error;
pub mod expression;
pub mod ir;
pub mod message;
pub mod netlink;
pub mod observe;
pub mod render;
pub mod route;
pub mod run;
pub mod translate;
pub mod wire;

pub use error::Error;
pub use render::golden;
pub use run::run;

#[cfg(test)]
mod tests;
