//! Stable service addresses, load balanced in the kernel with nftables.
