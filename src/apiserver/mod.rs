//! The Kubernetes REST API over the store: one file a verb, for all kinds, and HTTP around it.

pub mod access;
mod error;
pub mod http;
mod options;
pub mod rest;
mod streams;

pub use error::Error;
pub use options::{DeleteOptions, List, ListOptions, Moment, Page, PageOptions, Patch, WatchEvent};
pub use rest::{Config, Rest};
pub use streams::{ExecQuery, Flow, Forecaster, Input, Later, LogQuery, Output, PodStreams, Session};
