//! The client in process, over HTTP, and what informers promise.

mod informer;
mod memory;
mod remote;
